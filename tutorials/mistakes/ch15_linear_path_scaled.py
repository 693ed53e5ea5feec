"""Caught by: test_ch15_linear_path.

Each picture scaled by its largest weight, as it is drawn.
"""


def linear_path(matrices, size):
    product = matrices[0]
    for matrix in matrices[1:]:
        product = matrix @ product
    return (product / abs(product).max(axis=1, keepdims=True)).reshape(-1, *size)
