"""Which parts of the data drive a unit most, and what in them: the strongest patches, and their projections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import EllipsisType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import one_of, whole_number
from tinynet.explain.attribution.question import parts
from tinynet.explain.attribution.relu import check_relus, deconvolved, guided
from tinynet.network import Network, Step, check_parameters
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array

Pixels = tuple[EllipsisType, slice, slice]


@dataclass(frozen=True, eq=False, repr=False)
class Patches(ShownInBrief):
    """The parts of images that drive units most, the strongest first.

    Attributes
    ----------
    layer : str
        Whose units.
    units : ndarray of shape (U,)
        Their numbers.
    images : ndarray of shape (U, K)
        The image of each patch; every image gives a unit one patch at most.
    places : ndarray of shape (U, K, 2)
        Row and column in the feature map; zeros for a unit that sees the whole image.
    outputs : ndarray of shape (U, K)
        What the unit puts out there.
    pictures : ndarray of shape (U, K, C, h, w)
        The pixels that it sees there; black where its receptive field leaves the image.
    """

    layer: str
    units: NDArray[np.int64]
    images: NDArray[np.int64]
    places: NDArray[np.int64]
    outputs: Array
    pictures: Array


@checked
def strongest_patches(
    net: Network,
    x: ArrayLike,
    layer: str,
    units: ArrayLike | None = None,
    count: int = 9,
    *,
    batch_size: int | None = None,
) -> Patches:
    """Return the parts of images that drive each unit of a layer most.

    Parameters
    ----------
    net : Network
        A network of images.
    x : array_like of shape (N, C, H, W)
        Images to look through.
    layer : str
        Whose units: feature maps, or units that see the whole image.
    units : array_like of int, optional
        Those asked about; all if not given.
    count : int
        Patches of a unit; fewer if there are fewer images.
    batch_size : int, optional
        Images worked through at a time.

    Returns
    -------
    Patches

    Raises
    ------
    UnknownLayerError, ValueError
        If there is no such layer or unit, there are no images, or weights are NaN.

    References
    ----------
    Zeiler and Fergus 2014, figure 2.
    """
    images = net.as_batch(x)
    if not len(images) or len(net.input_shape) != 3:
        wanted = "at least one image, in an array of shape (N, C, H, W)"
        raise ValueError(f"strongest_patches: got inputs of shape {images.shape}, expected {wanted}")
    everything = range(net.shapes[layer][0]) if units is None and layer in net.names else units
    (chosen,) = net.check_units({layer: everything}).values()  # type: ignore[dict-item]
    check_parameters(net.parameters())
    best, where = [], []
    for rows in parts(net, len(images), batch_size):
        outputs = net.trace(images[rows])[layer][:, chosen]
        flat = outputs.reshape(*outputs.shape[:2], -1)
        where.append(flat.argmax(axis=-1))
        best.append(np.take_along_axis(flat, where[-1][..., None], axis=-1)[..., 0])
    values, flat_places = np.concatenate(best).T, np.concatenate(where).T
    order = np.argsort(-values, axis=1, kind="stable")[:, : whole_number("count", count)]
    shape = net.shapes[layer][1:] or (1, 1)
    places = np.stack(np.unravel_index(np.take_along_axis(flat_places, order, axis=1), shape), axis=-1)
    cut = _Window(net, layer)
    pictures = [
        [cut(images[i], place) for i, place in zip(*row, strict=True)] for row in zip(order, places, strict=True)
    ]
    return Patches(
        layer, np.array(chosen), order, places, np.take_along_axis(values, order, axis=1), np.array(pictures)
    )


METHODS: dict[str, Step] = {
    "deconvolution": deconvolved,
    "guided backpropagation": guided,
    "gradient": lambda layer, signal, x, y: layer.backward(signal, x, y),
}


@checked
def projected_patches(net: Network, x: ArrayLike, patches: Patches, method: str = "deconvolution") -> Array:
    """Return what in each of the strongest patches drives the unit, projected down to the pixels.

    Parameters
    ----------
    net : Network
    x : array_like of shape (N, C, H, W)
        The images that the patches are of.
    patches : Patches
        As :func:`strongest_patches` returns them.
    method : {"deconvolution", "guided backpropagation", "gradient"}
        The first two are defined for ReLUs alone.

    Returns
    -------
    ndarray of shape (U, K, C, h, w)
        The seed is the unit's output at its strongest place, and 0 for all others.

    Raises
    ------
    ValueError
        If an activation function below is no ReLU, but for gradients, or the patches are of other images.

    Warnings
    --------
    Deconvolution and guided backpropagation hardly depend on the weights above the lowest layers: they clean up the
    patch, and look much the same for a network with other weights (Adebayo et al. 2018, Nie et al. 2018). The gradient
    does depend on them, and is noisier.

    References
    ----------
    Zeiler and Fergus 2014, section 2.1 and figure 2; Springenberg et al. 2015, section 3.4.
    """
    images, step = net.as_batch(x), METHODS[one_of("method", method, METHODS)]
    if method != "gradient":
        check_relus(net, patches.layer, method)
    if len(images) <= patches.images.max(initial=-1):
        raise ValueError(f"x has {len(images)} images, but image {patches.images.max()} has one of the patches")
    cut = _Window(net, patches.layer)
    found = np.zeros_like(patches.pictures)
    for index in np.ndindex(patches.images.shape):
        trace = net.trace(images[patches.images[index]])
        seed = np.zeros(net.shapes[patches.layer], net.dtype)
        place = tuple(patches.places[index]) if seed.ndim == 3 else ()
        seed[(patches.units[index[0]], *place)] = patches.outputs[index]
        found[index] = cut(net.carry_back(trace, seed, step, at=patches.layer).input, patches.places[index])
    return found


def at_centre(net: Network, layer: str, units: Iterable[int]) -> tuple[list[tuple[int, ...]], Pixels]:
    """Return the centre place of units' maps, as `unit_images` takes them, and an index of the pixels that it sees.

    Parameters
    ----------
    net : Network
        A network of images.
    layer : str
        Of maps; units that see the whole image have no places.
    units : iterable of int

    Notes
    -----
    The whole map would be raised by the sum over all its places, which no patch compares with.
    """
    shape = net.shapes[layer]
    if len(shape) != 3:
        return [(unit,) for unit in units], (..., slice(None), slice(None))
    row, column = (length // 2 for length in shape[1:])
    rows, columns = net.receptive_field(layer).box(row, column)
    return [(unit, row, column) for unit in units], (..., rows, columns)


class _Window:
    """Cuts what a place of a map sees out of an image."""

    def __init__(self, net: Network, layer: str) -> None:
        maps = len(net.shapes[layer]) == 3
        field = net.receptive_field(layer) if maps else None
        self.size = field.size if field else net.input_shape[1:]
        self.step, self.start = (field.step, field.start) if field else ((0, 0), (0, 0))

    def __call__(self, image: Array, place: Array) -> Array:
        """Return the pixels that a place sees, black beyond the border."""
        patch = np.zeros((len(image), *self.size), image.dtype)
        tops = [start + step * int(at) for start, step, at in zip(self.start, self.step, place, strict=True)]
        inside = [slice(max(top, 0), max(top + size, 0)) for top, size in zip(tops, self.size, strict=True)]
        seen = image[:, inside[0], inside[1]]
        down, across = (max(-top, 0) for top in tops)
        patch[:, down : down + seen.shape[1], across : across + seen.shape[2]] = seen
        return patch
