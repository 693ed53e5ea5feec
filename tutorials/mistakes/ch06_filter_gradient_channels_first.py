"""Caught by: test_ch06_filter_gradient_law.

The lines of a patch read in the order (c, p, q), that of the filters' own axes: G has the channel last.
"""


def filter_gradient(dz, G, kh):
    _, kw, channels, _, _ = G.shape
    filters = dz.shape[1]
    products = [
        deltas.reshape(filters, -1) @ G[i : i + kh].reshape(kh * kw * channels, -1).T for i, deltas in enumerate(dz)
    ]
    return sum(products).reshape(filters, channels, kh, kw)
