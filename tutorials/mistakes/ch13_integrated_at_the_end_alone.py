"""Caught by: test_ch13_integrated_of_a_square, test_ch13_integrated_of_a_network.

Gradient times difference: the slope at the input, and nothing of the way.
"""


def integrated_gradients(gradient, x, baseline, steps):
    return (x - baseline) * gradient(x)
