"""Caught by: test_ch09_small_steps_one_is_a_sign_step, test_ch09_small_steps_look_again,
test_ch09_small_steps_stay_near, test_ch09_small_steps_pull_back_each_time, test_ch09_small_steps_stay_pixels.

The images that were passed in are moved themselves, and with them the ball around them.
"""

import numpy as np

import tinynet as tn


def small_steps(net, x, targets, eps, rate, count):
    low, high = np.maximum(x - eps, 0), np.minimum(x + eps, 1)
    for _ in range(count):
        gradient = tn.prediction_gradient(net, x, targets, of="log_probability", layers=["input"])["input"]
        x += rate * np.sign(gradient)
        np.clip(x, low, high, out=x)
    return x
