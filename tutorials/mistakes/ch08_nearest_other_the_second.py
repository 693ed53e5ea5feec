"""Caught by: test_ch08_nearest_other_is_not_oneself.

The second highest: right as long as the image is recognised.
"""

import numpy as np


def nearest_other(logits, label):
    return np.argsort(logits)[-2]
