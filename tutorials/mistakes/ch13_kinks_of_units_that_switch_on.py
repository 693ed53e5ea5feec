"""Caught by: test_ch13_kinks_by_hand, test_ch13_kinks_from_any_baseline.

Units that switch on; those that switch off have a kink, too.
"""

import numpy as np


def kinks(W, b, x, baseline):
    start, end = W @ baseline + b, W @ x + b
    switches = (start < 0) & (end > 0)
    return np.sort(start[switches] / (start[switches] - end[switches]))
