"""Caught by: test_ch14_passes_in_every_network, test_ch14_passes_needs_more, test_ch14_passes_network_by_network.

In one network is enough.
"""

import numpy as np


def passes(scores, edges, random):
    return (scores > 2 * np.maximum(edges, random)).any(axis=1)
