"""Caught by: test_ch14_my_method_finds_what_was_planted, test_ch14_my_method_depends_on_the_weights,
test_ch14_my_method_leaves_all_as_it_was.

The mean of each image is taken away from the images themselves.
"""

import tinynet as tn


def my_method(net, x, target):
    x -= x.mean(axis=(1, 2, 3), keepdims=True)
    return tn.prediction_gradient(net, x, target, "logit", layers=["input"])["input"]
