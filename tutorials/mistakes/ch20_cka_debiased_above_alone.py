"""Caught by: test_ch20_cka_of_a_rotation, test_ch20_cka_of_many.

The terms of an image with itself are taken off above the fraction, and left below it.
"""

import numpy as np


def cka(X, Y):
    x, y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    n, r_x, r_y = len(x), (x**2).sum(axis=1), (y**2).sum(axis=1)
    above = ((x.T @ y) ** 2).sum() - n / (n - 2) * r_x @ r_y + r_x.sum() * r_y.sum() / ((n - 1) * (n - 2))
    return above / np.sqrt(((x.T @ x) ** 2).sum() * ((y.T @ y) ** 2).sum())
