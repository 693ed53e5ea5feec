"""Caught by: test_ch09_small_steps_look_again, test_ch09_small_steps_pull_back_each_time.

The gradient is taken once, where the image was: many small steps make one large one.
"""

import numpy as np

import tinynet as tn


def small_steps(net, x, targets, eps, rate, count):
    gradient = tn.prediction_gradient(net, x, targets, of="log_probability", layers=["input"])["input"]
    moved = x
    for _ in range(count):
        moved = np.clip(moved + rate * np.sign(gradient), np.maximum(x - eps, 0), np.minimum(x + eps, 1))
    return moved
