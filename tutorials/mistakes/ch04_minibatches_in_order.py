"""Caught by: test_ch04_minibatches_are_random, test_ch04_minibatches_come_in_any_order.

Not shuffled: the faces come person after person.
"""

import numpy as np


def minibatches(count, size, rng):
    return [np.arange(begin, min(begin + size, count)) for begin in range(0, count, size)]
