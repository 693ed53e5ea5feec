"""Caught by: test_ch14_my_method_finds_what_was_planted.

The right values, in the shape of vectors.
"""

import tinynet as tn


def my_method(net, x, target):
    return tn.prediction_gradient(net, x, target, "logit", layers=["input"])["input"].reshape(len(x), -1)
