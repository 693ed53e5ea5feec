"""Caught by: test_ch11_gradients_of_the_top, test_ch11_gradients_image_by_image.

Divides by the number of all outputs, not of the images.
"""

from scipy.special import expit


def weight_gradients(weights, x, wanted, tau):
    outputs = [x]
    for W in weights:
        outputs.append(expit(outputs[-1] @ W.T))
    gradients, t = [], wanted
    for W, below, y in zip(weights[::-1], outputs[-2::-1], outputs[:0:-1], strict=True):
        error = (y - t) * y * (1 - y)
        gradients.insert(0, error.T @ below / y.size)
        t = -tau * error @ W
    return gradients
