"""Caught by: test_ch20_cka_of_nothing_is_about_zero, test_ch20_cka_of_many.

Each image is alike to itself, and nothing takes that away.
"""

import numpy as np


def cka(X, Y):
    x, y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    return ((x.T @ y) ** 2).sum() / np.sqrt(((x.T @ x) ** 2).sum() * ((y.T @ y) ** 2).sum())
