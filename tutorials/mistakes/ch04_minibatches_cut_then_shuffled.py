"""Caught by: test_ch04_minibatches_come_in_any_order.

Shuffles within each mini-batch: the same images meet again and again.
"""

import numpy as np


def minibatches(count, size, rng):
    return [rng.permutation(np.arange(begin, min(begin + size, count))) for begin in range(0, count, size)]
