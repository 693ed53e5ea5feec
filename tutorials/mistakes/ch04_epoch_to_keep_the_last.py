"""Caught by: test_ch04_epoch_to_keep_is_the_best_before_the_stop, test_ch04_epoch_to_keep_takes_the_first_of_equals.

The epoch of the stop instead of the best one before it.
"""


def epoch_to_keep(validation_losses, patience):
    best = 0
    for epoch, loss in enumerate(validation_losses):
        if loss < validation_losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return epoch
