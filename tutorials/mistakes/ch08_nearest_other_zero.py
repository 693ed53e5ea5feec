"""Caught by: test_ch08_nearest_other_below_zero.

One's own logit is set to 0, which is the highest if all are below it.
"""

import numpy as np


def nearest_other(logits, label):
    rest = np.array(logits)
    rest[label] = 0
    return rest.argmax()
