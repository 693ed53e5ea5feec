"""Caught by: test_ch20_cka_of_a_rotation, test_ch20_cka_of_nothing_is_about_zero, test_ch20_cka_of_many.

One mean for all columns, so that features of different means stay as they are.
"""

import numpy as np


def cka(X, Y):
    def h(x, y):
        n, r_x, r_y = len(x), (x**2).sum(axis=1), (y**2).sum(axis=1)
        return ((x.T @ y) ** 2).sum() - n / (n - 2) * r_x @ r_y + r_x.sum() * r_y.sum() / ((n - 1) * (n - 2))

    x, y = X - X.mean(), Y - Y.mean()
    return h(x, y) / np.sqrt(h(x, x) * h(y, y))
