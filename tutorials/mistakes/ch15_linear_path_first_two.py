"""Caught by: test_ch15_linear_path.

The first two layers, and no more.
"""


def linear_path(matrices, size):
    product = matrices[0] if len(matrices) == 1 else matrices[1] @ matrices[0]
    return product.reshape(-1, *size)
