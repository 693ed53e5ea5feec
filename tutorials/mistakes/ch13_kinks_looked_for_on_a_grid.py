"""Caught by: test_ch13_kinks_by_hand, test_ch13_kinks_between_the_ends, test_ch13_kinks_from_any_baseline.

The nearest of a thousand places.
"""

import numpy as np


def kinks(W, b, x, baseline):
    way = np.linspace(0, 1, 1001)
    on = (way[:, None] * (W @ (x - baseline)) + W @ baseline + b) > 0
    return way[np.flatnonzero((on[1:] != on[:-1]).any(axis=1))]
