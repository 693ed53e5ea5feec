"""Caught by: test_ch18_folded_layer_computes_the_same.

The slope goes into the weights, but the shift into nothing.
"""

import numpy as np


def without_copy(w, b, copy, kept, slope, shift):
    folded = w.copy()
    folded[:, kept] += slope * w[:, copy]
    return np.delete(folded, copy, axis=1), b.copy()
