"""Caught by: test_ch14_my_method_finds_what_was_planted, test_ch14_my_method_depends_on_the_weights.

An edge detector: it draws the object, and never looks at the network.
"""

from tinynet import explain


def my_method(net, x, target):
    return explain.edge_map(x)[:, None]
