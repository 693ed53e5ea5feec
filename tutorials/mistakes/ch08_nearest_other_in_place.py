"""Caught by: test_ch08_nearest_other_is_not_oneself, test_ch08_nearest_other_below_zero.

The logits that were given are changed, and the next question gets a wrong answer.
"""

import numpy as np


def nearest_other(logits, label):
    logits[label] = -np.inf
    return logits.argmax()
