"""Caught by: test_ch09_small_steps_stay_near, test_ch09_small_steps_pull_back_each_time.

Pulled back to where the image was a step ago, not where it was at first.
"""

import numpy as np

import tinynet as tn


def small_steps(net, x, targets, eps, rate, count):
    for _ in range(count):
        gradient = tn.prediction_gradient(net, x, targets, of="log_probability", layers=["input"])["input"]
        x = np.clip(x + np.clip(rate * np.sign(gradient), -eps, eps), 0, 1)
    return x
