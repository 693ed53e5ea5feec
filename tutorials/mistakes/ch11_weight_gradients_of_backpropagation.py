"""Caught by: test_ch11_gradients_image_by_image.

Carries the residual down instead of a target: the outputs of hidden units are left out, as if from the activation.
"""

from scipy.special import expit


def weight_gradients(weights, x, wanted, tau):
    outputs = [x]
    for W in weights:
        outputs.append(expit(outputs[-1] @ W.T))
    gradients, residual = [], outputs[-1] - wanted
    for W, below, y in zip(weights[::-1], outputs[-2::-1], outputs[:0:-1], strict=True):
        error = residual * y * (1 - y)
        gradients.insert(0, error.T @ below / len(x))
        residual = tau * error @ W
    return gradients
