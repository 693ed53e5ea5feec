"""Caught by: test_ch15_path_of_units_at_zero.

A ReLU at 0 counts as on: it passes nothing now, but its weights are in the picture.
"""

import numpy as np


def path_of(matrices, x):
    product, signal = matrices[0], matrices[0] @ x.ravel()
    for matrix in matrices[1:]:
        product = matrix @ ((signal >= 0)[:, None] * product)
        signal = matrix @ np.maximum(signal, 0)
    return product.reshape(-1, *x.shape)
