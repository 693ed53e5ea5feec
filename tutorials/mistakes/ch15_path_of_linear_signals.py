"""Caught by: test_ch15_path_of_an_image, test_ch15_path_is_the_gradient.

Which units are on is found without the ReLUs below them.
"""


def path_of(matrices, x):
    product, signal = matrices[0], matrices[0] @ x.ravel()
    for matrix in matrices[1:]:
        product = matrix @ ((signal > 0)[:, None] * product)
        signal = matrix @ signal
    return product.reshape(-1, *x.shape)
