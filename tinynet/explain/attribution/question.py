"""What an attribution method asks of a network: a prediction's value and gradient, at any points, a part at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tinynet import kernels
from tinynet.arguments import whole_number
from tinynet.explain.prediction import Prediction
from tinynet.kernels.parallel import in_parallel
from tinynet.network import Network, Trace, chunks, own_threads, part_size, read_only
from tinynet.types import Array


class Function:
    """The prediction as a function of what a network gets, at any points: its values and gradients.

    Parameters
    ----------
    prediction : Prediction
        Of a network, `net`.
    per_class : bool
        Whether all classes are asked about, so that classes come first in every answer.
    batch_size : int, optional
        Points worked through at a time; as many as the cache holds if not given.
    """

    def __init__(self, prediction: Prediction, *, per_class: bool, batch_size: int | None) -> None:
        self.net, self.prediction = prediction.net, prediction
        self.per_class = per_class
        self.batch_size = None if batch_size is None else whole_number("batch_size", batch_size)

    def behind(self, count: int) -> Function:
        """Return the prediction as a function of what the first `count` layers put out.

        Parameters
        ----------
        count : int
        """
        if not count:
            return self
        rest = Network(self.net.layers[count:], self.net.shapes[self.net.names[count]], dtype=self.net.dtype)
        asked = Prediction(rest, self.prediction.of)
        return Function(asked, per_class=self.per_class, batch_size=self.batch_size)

    def gradient(self, points: Array, classes: Array) -> Array:
        """Return the gradient of the prediction at each of some points, (..., n, *shape).

        Parameters
        ----------
        points : ndarray of shape (n, *shape)
        classes : ndarray of int
            Those asked about, as `Question.classes` returns them.
        """
        return self.prediction.gradients(self.net.trace(read_only(points)), classes, ["input"])["input"]

    def value(self, points: Array, classes: Array) -> Array:
        """Return the prediction at each of some points, (..., n).

        Parameters
        ----------
        points : ndarray of shape (n, *shape)
        classes : ndarray of int
            Those asked about, as `Question.classes` returns them.
        """
        return self.prediction.value(self.net.trace(read_only(points)), classes)

    def gradients_at(self, points: Array, classes: Array) -> Array:
        """Return the gradients at several points of each image: (n, P, *shape) to (..., n, P, *shape).

        Parameters
        ----------
        points : ndarray of shape (n, P, *shape)
        classes : ndarray of int
            Of each image, as `Question.classes` returns them.
        """
        found = self.gradient(*self._flat(points, classes))
        return found.reshape(*found.shape[: int(self.per_class)], *points.shape)

    def values_at(self, points: Array, classes: Array) -> Array:
        """Return the predictions at several points of each image: (n, P, *shape) to (..., n, P).

        Parameters
        ----------
        points : ndarray of shape (n, P, *shape)
        classes : ndarray of int
            Of each image, as `Question.classes` returns them.
        """
        found = self.value(*self._flat(points, classes))
        return found.reshape(*found.shape[: int(self.per_class)], *points.shape[:2])

    def several(self, count: int, images: int) -> Iterator[slice]:
        """Return slices of `count` points of each of some images, as many at a time as are worked through.

        Parameters
        ----------
        count : int
            Points of each image.
        images : int
        """
        return chunks(count, max(self._at_a_time() // max(images, 1), 1))

    def _flat(self, points: Array, classes: Array) -> tuple[Array, Array]:
        flat = points.reshape(-1, *points.shape[2:])
        return flat, classes if self.per_class else np.repeat(classes, points.shape[1], axis=0)

    def _at_a_time(self) -> int:
        return part_size(self.net) if self.batch_size is None else self.batch_size


class Question(Function):
    """One prediction of each of some images, and the network as a function of the images or of a layer's outputs.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int, array_like of shape (N,) or "all"
        The class asked about.
    of : str
        Which prediction.
    layer : str
        Whose outputs take the place of the images.
    batch_size : int, optional
        Points worked through at a time; as many as the cache holds if not given.

    Attributes
    ----------
    net : Network
        The network, or the part of it behind `layer`.
    x : ndarray of shape (N, *shape)
        The images, or the layer's outputs for them.
    """

    def __init__(
        self,
        net: Network,
        x: ArrayLike,
        target: int | str | ArrayLike,
        of: str,
        *,
        layer: str = "input",
        batch_size: int | None = None,
    ) -> None:
        images = net.as_batch(x)
        asked = net if layer == "input" else _behind(net, layer)
        super().__init__(Prediction(asked, of), per_class=isinstance(target, str), batch_size=batch_size)
        self._classes = self.prediction.classes_of(target, len(images))
        if layer == "input":
            self.x = images.astype(net.dtype, copy=False)
        else:
            found = [net.trace(images[rows])[layer] for rows in parts(net, len(images), batch_size)]
            self.x = np.concatenate(found)

    def classes(self, rows: slice) -> Array:
        """Return the classes asked about of some images: (n,), or (K, 1) for all classes.

        Parameters
        ----------
        rows : slice
            Of the images.
        """
        return self._classes if self.per_class else self._classes[rows]

    def trace(self, rows: slice) -> Trace:
        """Return the forward pass of some images.

        Parameters
        ----------
        rows : slice
            Of the images.
        """
        return self.net.trace(read_only(self.x[rows]))

    def at_logits(self, trace: Trace, classes: Array) -> Array:
        """Return the gradient of the prediction with respect to the logits, (..., n, outputs).

        Parameters
        ----------
        trace : Trace
            Of n images.
        classes : ndarray of int
            As `classes` returns them.
        """
        seed = self.prediction.seed(trace, classes)
        return np.broadcast_to(seed, np.broadcast_shapes(seed.shape, trace[self.net.logits].shape))

    @kernels.underflow_is_meant
    def collected(self, work: Callable[[slice], tuple[Any, ...]], points: int = 1) -> tuple[Any, ...]:
        """Return what `work` returns for the images, a part at a time, put together.

        Parameters
        ----------
        work : callable
            From a slice of the images to arrays (..., n, ...), or to dictionaries of such.
        points : int
            How many points of each image it works through at once.
        """
        size = max(self._at_a_time() // points, 1)
        rows = list(chunks(len(self.x), size)) or [slice(0, 0)]
        with own_threads(self.net):
            done = list(in_parallel(work, rows))
        return tuple(self._together(pieces) for pieces in zip(*done, strict=True))

    def sums(self, values: Array) -> Array:
        """Return the sum of the values of each image.

        Parameters
        ----------
        values : ndarray of shape (..., n, *shape of an input)
        """
        lead = values.ndim - (self.x.ndim - 1)
        return np.asarray(values.sum(axis=tuple(range(lead, values.ndim)), dtype=np.float64))

    def _together(self, pieces: tuple[Any, ...]) -> Any:
        if isinstance(pieces[0], dict):
            return {name: self._together(tuple(piece[name] for piece in pieces)) for name in pieces[0]}
        return np.concatenate(pieces, axis=int(self.per_class))


def parts(net: Network, count: int, batch_size: int | None) -> list[slice]:
    """Return slices of some images, as many at a time as the cache holds or as asked for; one empty slice of none.

    Parameters
    ----------
    net : Network
    count : int
        Number of images.
    batch_size : int, optional
    """
    return list(chunks(count, part_size(net) if batch_size is None else batch_size)) or [slice(0, 0)]


def _behind(net: Network, layer: str) -> Network:
    """Return the part of a network behind one of its outputs, as a network of its own with the same parameters."""
    position = net.names.index(layer) if layer in net.names else net.names.index("input")
    if position == 0:
        net[layer]  # raises, with the nearest names
    if position >= net.names.index(net.logits):
        below = net.names[: net.names.index(net.logits)]
        raise ValueError(f"layer is {layer!r}, expected one in front of the logits: {', '.join(below)}")
    return Network(net.layers[position:], net.shapes[layer], dtype=net.dtype)
