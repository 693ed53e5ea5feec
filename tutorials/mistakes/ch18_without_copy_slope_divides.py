"""Caught by: test_ch18_folded_layer_computes_the_same.

The weights of the copy are divided by the slope.
"""

import numpy as np


def without_copy(w, b, copy, kept, slope, shift):
    folded = w.copy()
    folded[:, kept] += w[:, copy] / slope
    return np.delete(folded, copy, axis=1), b + shift * w[:, copy]
