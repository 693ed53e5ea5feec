"""Caught by: test_ch11_target_below_steps_down_the_error.

The step is divided by the number of images, as if it were a gradient of weights.
"""

from scipy.special import expit


def target_below(W, x, t, tau, start):
    y = expit(x @ W.T)
    step = tau * ((y - t) * y * (1 - y)) @ W / len(x)
    return -step if start == "zero" else x - step
