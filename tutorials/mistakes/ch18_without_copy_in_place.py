"""Caught by: test_ch18_folded_layer_computes_the_same.

The weights of the network that was looked at are changed.
"""

import numpy as np


def without_copy(w, b, copy, kept, slope, shift):
    w[:, kept] += slope * w[:, copy]
    return np.delete(w, copy, axis=1), b + shift * w[:, copy]
