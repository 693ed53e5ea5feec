"""Caught by: test_ch04_momentum_step_by_hand.

The weights move before the velocity has met the gradient.
"""


def momentum_step(weights, gradient, velocity, rate, momentum):
    weights -= rate * velocity
    velocity *= momentum
    velocity += gradient
