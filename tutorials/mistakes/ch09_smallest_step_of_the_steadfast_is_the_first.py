"""Caught by: test_ch09_smallest_step_of_the_steadfast.

argmax of nothing but False is 0: who is never fooled seems to fall at the first step.
"""

import numpy as np


def smallest_step(fooled, steps):
    return np.asarray(steps)[fooled.argmax(axis=0)]
