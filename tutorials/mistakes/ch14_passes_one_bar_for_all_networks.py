"""Caught by: test_ch14_passes_needs_more, test_ch14_passes_network_by_network.

The highest bar of all networks in every network.
"""

import numpy as np


def passes(scores, edges, random):
    return (scores > 2 * np.maximum(edges, random).max(axis=1, keepdims=True)).all(axis=1)
