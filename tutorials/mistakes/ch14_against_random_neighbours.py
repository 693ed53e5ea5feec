"""Caught by: test_ch14_against_random_of_sizes.

The control of each random network and the next, not of all pairs.
"""

from itertools import pairwise

import numpy as np

from tinynet import explain


def against_random(method, net, drawn, x, target):
    maps = [np.abs(np.asarray(method(which, x, target))) for which in (net, *drawn)]
    value = np.mean([explain.rank_correlations(maps[0], other) for other in maps[1:]])
    control = np.mean([explain.rank_correlations(*pair) for pair in pairwise(maps[1:])])
    return value, control
