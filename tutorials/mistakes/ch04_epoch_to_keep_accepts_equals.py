"""Caught by: test_ch04_epoch_to_keep_takes_the_first_of_equals.

An equal loss counts as better, so a plateau is never left.
"""


def epoch_to_keep(validation_losses, patience):
    best = 0
    for epoch, loss in enumerate(validation_losses):
        if loss <= validation_losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best
