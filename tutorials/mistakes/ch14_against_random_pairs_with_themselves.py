"""Caught by: test_ch14_against_random_of_sizes.

Each random network is paired with itself as well, which is alike by 1: the control is too high.
"""

import numpy as np

from tinynet import explain


def against_random(method, net, drawn, x, target):
    own, *random = (np.abs(np.asarray(method(which, x, target))) for which in (net, *drawn))
    value = np.mean([explain.rank_correlations(own, maps) for maps in random])
    return value, np.mean([explain.rank_correlations(one, other) for one in random for other in random])
