"""Caught by: test_ch09_expected_step_on_flat_ground.

A small number below the line keeps NumPy from warning, and foretells a step where there is none.
"""


def expected_step(margins, gradients):
    return margins / (abs(gradients).sum(axis=(1, 2, 3)) + 1e-12)
