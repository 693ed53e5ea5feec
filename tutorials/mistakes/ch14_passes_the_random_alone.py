"""Caught by: test_ch14_passes_in_every_network, test_ch14_passes_needs_more, test_ch14_passes_network_by_network.

Only the method's own answer on random weights is the bar.
"""


def passes(scores, edges, random):
    return (scores > 2 * random).all(axis=1)
