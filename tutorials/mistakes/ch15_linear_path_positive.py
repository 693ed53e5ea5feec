"""Caught by: test_ch15_linear_path.

ReLUs on the weights: no ReLU ever sees those.
"""

import numpy as np


def linear_path(matrices, size):
    product = matrices[0]
    for matrix in matrices[1:]:
        product = matrix @ np.maximum(product, 0)
    return product.reshape(-1, *size)
