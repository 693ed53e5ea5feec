"""Caught by: test_ch14_against_random_of_sizes.

One random network for the value.
"""

from itertools import combinations

import numpy as np

from tinynet import explain


def against_random(method, net, drawn, x, target):
    maps = [np.abs(np.asarray(method(which, x, target))) for which in (net, *drawn)]
    value = np.mean(explain.rank_correlations(maps[0], maps[1]))
    control = np.mean([explain.rank_correlations(*pair) for pair in combinations(maps[1:], 2)])
    return value, control
