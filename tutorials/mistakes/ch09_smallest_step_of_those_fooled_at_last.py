"""Caught by: test_ch09_smallest_step_by_hand.

Whoever is read correctly after the largest step counts as never fooled.
"""

import numpy as np


def smallest_step(fooled, steps):
    return np.where(fooled[-1], np.asarray(steps, float)[fooled.argmax(axis=0)], np.inf)
