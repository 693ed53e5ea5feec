"""Caught by: test_ch20_cka_of_nothing_is_about_zero, test_ch20_cka_of_many.

The constant that makes the estimate of nothing 0 on the mean is left out.
"""

import numpy as np


def cka(X, Y):
    def h(x, y):
        n, r_x, r_y = len(x), (x**2).sum(axis=1), (y**2).sum(axis=1)
        return ((x.T @ y) ** 2).sum() - n / (n - 2) * r_x @ r_y

    x, y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    return h(x, y) / np.sqrt(abs(h(x, x) * h(y, y)))
