"""Caught by: test_ch14_alike_leaves_out_what_is_no_answer.

One correlation over the values of all images.
"""

import numpy as np
from scipy import stats


def alike(one, other):
    return stats.spearmanr(np.ravel(one), np.ravel(other)).statistic
