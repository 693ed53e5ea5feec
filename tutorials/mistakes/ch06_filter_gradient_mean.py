"""Caught by: test_ch06_filter_gradient_law.

The mean over the images instead of the sum: the 1 / N belongs to the loss.
"""


def filter_gradient(dz, G, kh):
    _, kw, channels, _, count = G.shape
    filters = dz.shape[1]
    products = [
        deltas.reshape(filters, -1) @ G[i : i + kh].reshape(kh * kw * channels, -1).T for i, deltas in enumerate(dz)
    ]
    return sum(products).reshape(filters, kh, kw, channels).transpose(0, 3, 1, 2) / count
