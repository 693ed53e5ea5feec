"""Caught by: test_ch20_cka_of_nothing_is_about_zero, test_ch20_cka_of_many.

An estimate of zero is cut off at zero, so that its mean is not zero.
"""

import numpy as np


def cka(X, Y):
    def h(x, y):
        n, r_x, r_y = len(x), (x**2).sum(axis=1), (y**2).sum(axis=1)
        return ((x.T @ y) ** 2).sum() - n / (n - 2) * r_x @ r_y + r_x.sum() * r_y.sum() / ((n - 1) * (n - 2))

    x, y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    return max(h(x, y), 0) / np.sqrt(h(x, x) * h(y, y))
