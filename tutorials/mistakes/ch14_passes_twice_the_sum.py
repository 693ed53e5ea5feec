"""Caught by: test_ch14_passes_in_every_network, test_ch14_passes_network_by_network.

Twice both controls together.
"""


def passes(scores, edges, random):
    return (scores > 2 * (edges + random)).all(axis=1)
