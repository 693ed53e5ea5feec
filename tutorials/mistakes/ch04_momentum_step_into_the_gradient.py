"""Caught by: test_ch04_momentum_step_by_hand, test_ch04_momentum_step_leaves_the_gradient_alone.

The velocity is added up in the gradient, and then forgotten.
"""


def momentum_step(weights, gradient, velocity, rate, momentum):
    gradient += momentum * velocity
    weights -= rate * gradient
