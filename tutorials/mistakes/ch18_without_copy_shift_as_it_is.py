"""Caught by: test_ch18_folded_layer_computes_the_same.

The shift is added to every bias, whatever the weights of the copy.
"""

import numpy as np


def without_copy(w, b, copy, kept, slope, shift):
    folded = w.copy()
    folded[:, kept] += slope * w[:, copy]
    return np.delete(folded, copy, axis=1), b + shift
