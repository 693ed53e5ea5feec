"""Caught by: test_ch14_alike_with_ties, test_ch14_alike_leaves_out_what_is_no_answer.

argsort says which value has a rank, not which rank a value has, and orders equals by their place.
"""

import numpy as np


def alike(one, other):
    ranks = [np.argsort(np.reshape(maps, (len(maps), -1)), axis=1) for maps in (one, other)]
    return np.mean([np.corrcoef(*pair)[0, 1] for pair in zip(*ranks, strict=True)])
