"""Caught by: test_ch15_path_of_an_image, test_ch15_path_is_the_gradient, test_ch15_path_of_units_at_zero.

All units pass: the linear path, whatever the image.
"""

import numpy as np


def path_of(matrices, x):
    product = np.eye(x.size)
    for matrix in matrices:
        product = matrix @ product
    return product.reshape(-1, *x.shape)
