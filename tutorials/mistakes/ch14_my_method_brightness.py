"""Caught by: test_ch14_my_method_finds_what_was_planted, test_ch14_my_method_depends_on_the_weights.

The image: where it is bright.
"""


def my_method(net, x, target):
    return x
