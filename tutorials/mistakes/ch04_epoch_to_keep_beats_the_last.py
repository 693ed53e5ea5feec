"""Caught by: test_ch04_epoch_to_keep_is_the_best_before_the_stop.

Patience starts anew whenever a loss beats the one before, not the best one.
"""

import numpy as np


def epoch_to_keep(validation_losses, patience):
    failures = 0
    for epoch in range(1, len(validation_losses)):
        failures = 0 if validation_losses[epoch] < validation_losses[epoch - 1] else failures + 1
        if failures == patience:
            return int(np.argmin(validation_losses[: epoch + 1]))
    return int(np.argmin(validation_losses))
