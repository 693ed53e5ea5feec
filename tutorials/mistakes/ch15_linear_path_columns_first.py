"""Caught by: test_ch15_linear_path.

Pixels column by column.
"""


def linear_path(matrices, size):
    product = matrices[0]
    for matrix in matrices[1:]:
        product = matrix @ product
    return product.reshape(-1, *size[::-1]).transpose(0, 2, 1)
