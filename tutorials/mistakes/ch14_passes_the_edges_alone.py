"""Caught by: test_ch14_passes_in_every_network, test_ch14_passes_network_by_network.

The method's own answer on random weights is forgotten.
"""


def passes(scores, edges, random):
    return (scores > 2 * edges).all(axis=1)
