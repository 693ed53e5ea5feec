"""Caught by: test_ch02_difference_is_exact_for_a_parabola, test_ch02_difference_of_an_array,
test_ch02_difference_leaves_x_alone.

Moves x in place and nearly back: rounding remains.
"""


def central_difference(f, x, v, h=1e-6):
    x += h * v
    ahead = f(x)
    x -= 2 * h * v
    behind = f(x)
    x += h * v
    return (ahead - behind) / (2 * h)
