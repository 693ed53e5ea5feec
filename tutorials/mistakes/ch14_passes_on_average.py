"""Caught by: test_ch14_passes_in_every_network, test_ch14_passes_needs_more, test_ch14_passes_network_by_network.

Means over the networks: one lucky network makes up for another.
"""

import numpy as np


def passes(scores, edges, random):
    return scores.mean(axis=1) > 2 * np.maximum(edges.mean(), random.mean(axis=1))
