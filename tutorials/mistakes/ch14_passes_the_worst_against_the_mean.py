"""Caught by: test_ch14_passes_network_by_network.

The lowest score is compared with what random weights give on average, not with what they give in that network.
"""


def passes(scores, edges, random):
    return (scores > 2 * edges).all(axis=1) & (scores.min(axis=1) > 2 * random.mean(axis=1))
