"""Caught by: test_ch09_small_steps_stay_pixels, test_ch09_small_steps_pull_back_each_time.

Within eps, but blacker than black and whiter than white.
"""

import numpy as np

import tinynet as tn


def small_steps(net, x, targets, eps, rate, count):
    moved = x
    for _ in range(count):
        gradient = tn.prediction_gradient(net, moved, targets, of="log_probability", layers=["input"])["input"]
        moved = np.clip(moved + rate * np.sign(gradient), x - eps, x + eps)
    return moved
