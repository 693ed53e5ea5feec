"""Caught by: test_ch05_rank_filters_keeps_the_order_of_many_equals.

NumPy's argsort keeps the order of equals only if it is told to, kind="stable"; in short lists it happens to.
"""

import numpy as np


def rank_filters(scores):
    filters = [(name, index) for name, of_layer in scores.items() for index in range(len(of_layer))]
    return [filters[place] for place in np.argsort(-np.concatenate(list(scores.values())))]
