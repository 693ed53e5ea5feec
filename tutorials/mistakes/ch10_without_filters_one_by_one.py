"""Caught by: test_ch10_without_filters_is_knocking_out.

One after the other: after the first is gone, the others have other numbers.
"""

import numpy as np


def without_filters(W, b, W_next, removed):
    for k in removed:
        W, b, W_next = np.delete(W, k, axis=0), np.delete(b, k), np.delete(W_next, k, axis=1)
    return W, b, W_next
