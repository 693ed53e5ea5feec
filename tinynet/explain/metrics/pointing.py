"""Does an explanation point at what it should? Hits of its highest place on a known region, beside simple controls."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import finite_array, one_of, real_array, truth_array, whole_number
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.types import Array


@checked
def pointing_game(maps: ArrayLike, masks: ArrayLike) -> NDArray[np.float64]:
    """Return whether the highest place of each map lies in its mask.

    Parameters
    ----------
    maps : array_like of shape (N, h, w)
        How much each place matters.
    masks : array_like of shape (N, h, w)
        Where it should be (bool).

    Returns
    -------
    ndarray of shape (N,)
        1 or 0; of several equally high places the share that lies in the mask, so that a map that is the same
        everywhere hits as often as chance does.

    Raises
    ------
    ValueError
        If the shapes differ or a map holds NaN.

    References
    ----------
    Zhang et al. 2018, section 4.2 (the pointing game).
    """
    heights = real_array("maps", maps, ("N", "h", "w"))
    inside = truth_array("masks", masks, heights.shape)
    if np.isnan(heights).any():
        raise ValueError("a map holds NaN, so it has no highest place")
    flat = heights.reshape(len(heights), -1)
    highest = flat == flat.max(axis=1, keepdims=True)
    return np.asarray((highest & inside.reshape(flat.shape)).sum(axis=1) / highest.sum(axis=1))


@checked
def receptive_field_centres(net: Network, layer: str, pixels: ArrayLike) -> Array:
    """Return what is known of the pixel in the middle of each place's receptive field.

    Parameters
    ----------
    net : Network
        A network with feature maps.
    layer : str
        Name of an output that is a stack of feature maps, or "input".
    pixels : array_like of shape (..., H, W)
        Anything that is known of each pixel, such as a mask.

    Returns
    -------
    ndarray of shape (..., h, w)
        For each place of the layer's maps; those that see padding alone take the first row or column.

    Raises
    ------
    ValueError
        If `pixels` are not of the size of the images.
    """
    values = real_array("pixels", pixels, ("...", *net.input_shape[1:]))
    rows, columns = (np.maximum(middles, 0) for middles in _middles(net, layer))
    return values[..., rows, :][..., columns]


@checked
def at_pixels(net: Network, layer: str, maps: ArrayLike) -> Array:
    """Return maps of a layer at the size of the images: each pixel has the value of the place whose middle is nearest.

    Parameters
    ----------
    net : Network
        A network with feature maps.
    layer : str
        Name of an output that is a stack of feature maps, or "input".
    maps : array_like of shape (..., h, w)
        A number for each place of the layer's maps.

    Returns
    -------
    ndarray of shape (..., H, W)

    See Also
    --------
    receptive_field_centres : the way back.
    """
    values = real_array("maps", maps, ("...", *net.shapes[one_of("layer", layer, net.names)][1:]))
    nearest = []
    for middles, length in zip(_middles(net, layer), net.input_shape[1:], strict=True):
        away = np.abs(np.arange(length)[:, None] - middles)
        nearest.append(np.where(middles < 0, 2 * length, away).argmin(axis=1))
    return values[..., nearest[0], :][..., nearest[1]]


@checked
def dilated(masks: ArrayLike, reach: int) -> NDArray[np.bool_]:
    """Return masks with all pixels that lie at most some number of rows and columns away.

    Parameters
    ----------
    masks : array_like of shape (..., H, W)
        Which pixels are to be grown (bool).
    reach : int
        How many pixels.
    """
    from scipy import ndimage

    inside, reach = truth_array("masks", masks, ("...", "H", "W")), whole_number("reach", reach, 0, 10**6)
    size = (*[1] * (inside.ndim - 2), 2 * reach + 1, 2 * reach + 1)
    return np.asarray(ndimage.maximum_filter(inside, size=size, mode="constant", cval=False))


@checked
def edge_map(images: ArrayLike) -> NDArray[np.float64]:
    """Return how steep the brightness is at each pixel: a control that knows nothing of any network.

    Parameters
    ----------
    images : array_like of shape (N, C, H, W)
        Images.

    Returns
    -------
    ndarray of shape (N, H, W)
        Length of the gradient by Sobel's filters, of the mean over the channels.
    """
    from scipy import ndimage

    grey = finite_array("images", images, np.float64, ("N", "C", "H", "W")).mean(axis=1)

    def slope(along: int, across: int) -> NDArray[np.float64]:
        # Not ndimage.sobel: it smooths along every other axis, and each image would get the edges of its neighbours.
        return ndimage.correlate1d(ndimage.correlate1d(grey, [-1, 0, 1], along), [1, 2, 1], across)

    return np.hypot(slope(-1, -2), slope(-2, -1))


@checked
def centre_map(height: int, width: int) -> NDArray[np.float64]:
    """Return a map that is highest in the middle: a control that knows that pictures are taken of what they show.

    Parameters
    ----------
    height, width : int
        Of the map.
    """
    height, width = whole_number("height", height, 1, 10**6), whole_number("width", width, 1, 10**6)
    rows = np.arange(height) - (height - 1) / 2
    columns = np.arange(width) - (width - 1) / 2
    return -np.hypot(rows[:, None], columns[None, :])


def _middles(net: Network, layer: str) -> list[NDArray[np.int64]]:
    """Return, for rows and columns, the pixel in the middle of what each place sees; -1 where that is padding alone."""
    field, middles = net.receptive_field(layer), []
    for axis, count in enumerate(net.shapes[layer][1:]):
        seen = [field.box(place * (axis == 0), place * (axis == 1))[axis] for place in range(count)]
        middles.append(np.array([(each.start + each.stop - 1) // 2 for each in seen]))
    return middles
