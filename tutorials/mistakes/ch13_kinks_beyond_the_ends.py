"""Caught by: test_ch13_kinks_by_hand, test_ch13_kinks_between_the_ends, test_ch13_kinks_from_any_baseline.

Units that would switch in front of the baseline or behind the image are counted as well.
"""

import numpy as np


def kinks(W, b, x, baseline):
    start, end = W @ baseline + b, W @ x + b
    moving = start != end
    return np.sort(start[moving] / (start[moving] - end[moving]))
