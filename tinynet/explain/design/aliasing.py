"""Do the filters of the first layer step over what they see? Its share is read off the spectrum of their responses."""

from __future__ import annotations

import numpy as np

from tinynet.layers import Conv2D
from tinynet.network import Network
from tinynet.types import Array

ALIASED = 0.25  # share of a response's power that the stride folds onto lower frequencies
MOST_IMAGES = 64  # whose responses are looked at


def folded_power(net: Network, x: Array) -> Array | None:
    """Return how much of each first filter's response lies above what its stride can show.

    Parameters
    ----------
    net : Network
    x : ndarray of shape (N, *input_shape)
        Images, of which the first 64 are used.

    Returns
    -------
    ndarray of shape (filters,), or None
        Shares, from 0 to 1; None where the first layer is no convolution, steps over no pixel, or has no two places.

    Notes
    -----
    Sampled at every s-th place, frequencies above 1 / (2 s) come back as lower ones that are not in the image: aliasing
    (Shannon 1949). So the same filters are slid with stride 1, and the power of their responses above that frequency,
    down or across, is divided by all of it. A Hann window keeps the image's border from counting as a sharp edge.

    References
    ----------
    Zeiler and Fergus 2014, section 4.1, who saw it in filters of stride 4; Zhang 2019.
    """
    layer = net.layers[0]
    if not isinstance(layer, Conv2D) or layer.stride == (1, 1):
        return None
    slow = Conv2D(**{**layer.settings(), "stride": 1}).with_params(layer.params)
    responses = slow.forward(x[:MOST_IMAGES].astype(net.dtype)).astype(np.float64)
    height, width = responses.shape[-2:]
    if height < 2 * layer.stride[0] or width < 2 * layer.stride[1]:
        return None
    responses = responses - responses.mean(axis=(-2, -1), keepdims=True)
    window = np.outer(*(np.sin(np.pi * (np.arange(side) + 0.5) / side) ** 2 for side in (height, width)))
    power = (np.abs(np.fft.fft2(responses * window)) ** 2).sum(axis=0)
    down, across = (np.abs(np.fft.fftfreq(side)) for side in (height, width))
    above = (down[:, None] > 0.5 / layer.stride[0]) | (across > 0.5 / layer.stride[1])
    total = power.sum(axis=(-2, -1))
    return np.divide((power * above).sum(axis=(-2, -1)), total, out=np.zeros_like(total), where=total > 0)
