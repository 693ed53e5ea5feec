"""Caught by: test_ch02_difference_is_exact_for_a_parabola, test_ch02_difference_of_an_array, test_ch02_step_is_h.

The points ahead and behind lie 2 h apart.
"""


def central_difference(f, x, v, h=1e-6):
    return (f(x + h * v) - f(x - h * v)) / h
