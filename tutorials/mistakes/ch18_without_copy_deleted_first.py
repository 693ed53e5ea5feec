"""Caught by: test_ch18_folded_layer_computes_the_same.

The copy is taken out first, and the kept one then has another number.
"""

import numpy as np


def without_copy(w, b, copy, kept, slope, shift):
    smaller = np.delete(w, copy, axis=1)
    smaller[:, min(kept, smaller.shape[1] - 1)] += slope * w[:, copy]
    return smaller, b + shift * w[:, copy]
