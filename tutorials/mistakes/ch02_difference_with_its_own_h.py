"""Caught by: test_ch02_step_is_h.

The step that was asked for is not the one that is taken.
"""


def central_difference(f, x, v, h=1e-6):
    h = 1e-4
    return (f(x + h * v) - f(x - h * v)) / (2 * h)
