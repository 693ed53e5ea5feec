"""Caught by: test_ch20_q_by_hand, test_ch20_q_of_equals, test_ch20_q_of_many.

p S / k, which may fall where p rises.
"""

import numpy as np


def q_values(p):
    ranks = np.argsort(np.argsort(p)) + 1
    return p * len(p) / ranks
