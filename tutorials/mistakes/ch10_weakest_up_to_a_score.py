"""Caught by: test_ch10_weakest_among_equals.

Everything up to the score of the last on the list, equals and all: too many.
"""

import numpy as np


def weakest(scores, count):
    return scores <= np.sort(scores, axis=1)[:, [count - 1]]
