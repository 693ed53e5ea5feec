"""Caught by: test_ch20_q_by_hand, test_ch20_q_of_equals, test_ch20_q_of_many.

Every p-value times S: Bonferroni's correction, for a false alarm anywhere.
"""

import numpy as np


def q_values(p):
    return np.minimum(p * len(p), 1)
