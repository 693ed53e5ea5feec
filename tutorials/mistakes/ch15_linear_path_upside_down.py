"""Caught by: test_ch15_linear_path.

The product the other way round: it fits for square matrices alone.
"""


def linear_path(matrices, size):
    product = matrices[0]
    for matrix in matrices[1:]:
        product = product.T @ matrix.T
    return product.reshape(-1, *size)
