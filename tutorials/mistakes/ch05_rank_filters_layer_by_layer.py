"""Caught by: test_ch05_rank_filters_across_layers.

Each layer is sorted by itself.
"""

import numpy as np


def rank_filters(scores):
    return [
        (name, int(index))
        for name, of_layer in scores.items()
        for index in np.argsort(-np.asarray(of_layer), kind="stable")
    ]
