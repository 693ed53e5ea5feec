"""Caught by: test_ch04_momentum_step_by_hand.

A new array under the old name: the layer's weights never move.
"""


def momentum_step(weights, gradient, velocity, rate, momentum):
    velocity = momentum * velocity + gradient
    weights = weights - rate * velocity
