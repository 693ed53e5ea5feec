"""Caught by: test_ch13_kinks_by_hand, test_ch13_kinks_between_the_ends, test_ch13_kinks_from_any_baseline.

Net inputs without the bias.
"""

import numpy as np


def kinks(W, b, x, baseline):
    start, end = W @ baseline, W @ x
    switches = start * end < 0
    return np.sort(start[switches] / (start[switches] - end[switches]))
