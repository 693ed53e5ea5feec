"""Caught by: test_ch14_alike_leaves_out_what_is_no_answer.

A map that is the same everywhere counts as 0, as if it had been compared.
"""

import numpy as np

from tinynet import explain


def alike(one, other):
    return np.mean(np.nan_to_num(explain.rank_correlations(one, other)))
