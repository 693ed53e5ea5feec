"""Caught by: test_ch11_gradients_image_by_image, test_ch11_gradients_are_means.

The mean over the images is taken before the targets go down.
"""

from scipy.special import expit


def weight_gradients(weights, x, wanted, tau):
    outputs = [x]
    for W in weights:
        outputs.append(expit(outputs[-1] @ W.T))
    gradients, t = [], wanted
    for W, below, y in zip(weights[::-1], outputs[-2::-1], outputs[:0:-1], strict=True):
        error = (y - t) * y * (1 - y) / len(x)
        gradients.insert(0, error.T @ below)
        t = -tau * error @ W
    return gradients
