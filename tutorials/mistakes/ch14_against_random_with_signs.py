"""Caught by: test_ch14_against_random_of_sizes.

The signed values: random weights have random signs, so everything looks as if it had passed.
"""

from itertools import combinations

import numpy as np

from tinynet import explain


def against_random(method, net, drawn, x, target):
    own, *random = (np.asarray(method(which, x, target)) for which in (net, *drawn))
    value = np.mean([explain.rank_correlations(own, maps) for maps in random])
    return value, np.mean([explain.rank_correlations(*pair) for pair in combinations(random, 2)])
