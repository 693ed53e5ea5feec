"""Caught by: test_ch14_my_method_finds_what_was_planted.

The class that the network predicts, whatever was asked.
"""

from tinynet import explain


def my_method(net, x, target):
    return explain.smooth_gradient(net, x, net(x).argmax(axis=1), kind="square")
