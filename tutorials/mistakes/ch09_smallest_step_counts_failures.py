"""Caught by: test_ch09_smallest_step_by_hand.

Takes for granted that whoever is fooled by a step is fooled by every larger one.
"""

import numpy as np


def smallest_step(fooled, steps):
    return np.append(steps, np.inf)[(~fooled).sum(axis=0)]
