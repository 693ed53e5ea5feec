"""Caught by: test_ch13_kinks_between_the_ends.

A net input that is 0 at the baseline has a kink at 0.
"""

import numpy as np


def kinks(W, b, x, baseline):
    start, end = W @ baseline + b, W @ x + b
    switches = np.sign(start) != np.sign(end)
    return np.sort(start[switches] / (start[switches] - end[switches]))
