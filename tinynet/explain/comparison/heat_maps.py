"""What does each layer look at? One map a layer at the size of the image, raw or by what a prediction owes to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import one_of, real_array, wrong
from tinynet.explain.metrics.pointing import at_pixels
from tinynet.explain.units.outputs import filter_outputs
from tinynet.network import Network, checked_network, chunks
from tinynet.signatures import checked
from tinynet.types import Array


@checked
def heat_maps(
    net: Network,
    x: ArrayLike,
    target: int | ArrayLike | None = None,
    *,
    method: Callable[..., ArrayLike] | None = None,
    layers: Sequence[str] | None = None,
    batch_size: int = 256,
) -> dict[str, Array]:
    """Return where each layer is active, or where it matters for a class: a map a layer and image, of the image's size.

    Parameters
    ----------
    net : Network
        A network with feature maps.
    x : array_like of shape (N, *input_shape)
        Images. The mean of the result over aligned faces is the heat map of all of them.
    target : int or array_like of shape (N,), optional
        The class asked about, for `method`.
    method : callable, optional
        ``method(net, x, target, layer=name)`` returns a number for each output of a layer, or for each place, as the
        methods of attribution do, such as :func:`tinynet.explain.absolute_gradient`. Without it the map is what the
        filters put out.
    layers : sequence of str, optional
        Layers with maps; the activations of all convolutions if not given. "input" may be among them.
    batch_size : int
        Images worked through at a time.

    Returns
    -------
    dict of str to ndarray of shape (N, H, W)
        What the outputs put out, or what they are worth, on the mean over the channels, at the pixel in the middle of
        what each place sees.

    Raises
    ------
    ValueError
        If a layer has no maps, or `method` and `target` do not come together.

    Notes
    -----
    A raw map says where a layer is active, whatever the prediction makes of that: filters that answer to edges light up
    wherever there are edges, and what they put out may not be asked for by the class at all. Compare both.

    References
    ----------
    Meniconi et al., figures 3.1 and 3.2, for raw maps.
    """
    images = checked_network(net).as_batch(x)
    names = filter_outputs(net) if layers is None else [one_of("layers", name, net.names) for name in layers]
    for name in names:
        if len(net.shapes[name]) != 3:
            raise ValueError(f"layers: {name} has outputs of the shape {net.shapes[name]}, expected maps: (C, H, W)")
    if (method is None) != (target is None):
        raise wrong("target", target, "a class where there is a method, and none without")
    found = {name: np.empty((len(images), *net.input_shape[1:]), net.dtype) for name in names}
    for rows in chunks(len(images), batch_size):
        trace = net.trace(images[rows]) if method is None else {}
        classes = target if target is None or np.ndim(target) == 0 else np.asarray(target)[rows]
        for name in names:
            values = trace[name] if method is None else method(net, images[rows], classes, layer=name)
            places = _of_places(name, values, (len(images[rows]), *net.shapes[name]))
            found[name][rows] = at_pixels(net, name, places)
    return found


def _of_places(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return one number a place: the mean over the channels, unless there is one already."""
    array = real_array(f"what the method returned for {name}", values)
    if array.shape not in (shape, (shape[0], *shape[2:])):
        raise ValueError(f"the method returned the shape {array.shape} for {name}, expected {shape}")
    return np.asarray(array.mean(axis=1) if array.shape == shape else array)
