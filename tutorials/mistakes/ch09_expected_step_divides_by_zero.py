"""Caught by: test_ch09_expected_step_on_flat_ground.

Divided by 0 where the gradient is 0.
"""


def expected_step(margins, gradients):
    return margins / abs(gradients).sum(axis=(1, 2, 3))
