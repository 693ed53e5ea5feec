"""Caught by: test_ch09_smallest_step_by_hand.

The size from which on all steps fool: whoever is read correctly again seems to stand firm for longer.
"""

import numpy as np


def smallest_step(fooled, steps):
    always = np.logical_and.accumulate(fooled[::-1], axis=0)[::-1]
    return np.where(always, np.asarray(steps)[:, None], np.inf).min(axis=0)
