"""Caught by: test_ch13_kinks_by_hand, test_ch13_kinks_between_the_ends, test_ch13_kinks_from_any_baseline.

Places counted from the input.
"""

import numpy as np


def kinks(W, b, x, baseline):
    start, end = W @ x + b, W @ baseline + b
    switches = start * end < 0
    return np.sort(start[switches] / (start[switches] - end[switches]))
