"""Caught by: test_ch02_difference_is_exact_for_a_parabola, test_ch02_difference_of_an_array.

Ahead minus here, in the place of ahead minus behind: an error of the order of h.
"""


def central_difference(f, x, v, h=1e-6):
    return (f(x + h * v) - f(x)) / h
