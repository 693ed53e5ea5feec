"""Caught by: test_ch10_weakest_by_hand.

One list for everybody, by the mean over the classes.
"""

import numpy as np


def weakest(scores, count):
    marked = np.zeros(scores.shape, bool)
    marked[:, np.argsort(scores.mean(axis=0), kind="stable")[:count]] = True
    return marked
