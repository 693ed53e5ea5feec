"""A patch of an image changes few outputs of the first layers, those that see it: only they are computed anew."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tinynet.explain.attribution.question import Question
from tinynet.layers import AvgPool2D, Conv2D, Layer, MaxPool2D
from tinynet.layers.activation import Activation
from tinynet.network import chunks, part_size, read_only
from tinynet.network.network import PART_BYTES
from tinynet.types import Array, Shape

Corners = NDArray[np.int64]  # of shape (S, axes): where blocks of values begin, one a row
WINDOWED = (AvgPool2D, Conv2D, MaxPool2D)
MOST = 0.5  # of a layer's outputs, beyond which it is less work to compute them all


class Nearby:
    """What the first layers of a network put out when a patch of an input is covered.

    Parameters
    ----------
    question : Question
    size : tuple of int
        Of the patches, along each axis of an input.

    Attributes
    ----------
    behind : Function
        The prediction as a function of what these layers put out; the question itself if there are none.

    Notes
    -----
    Windows of length k, s apart, see a run of h rows from at most (h + k - 2) // s + 1 places. Layers are among the
    first as long as they work value by value, or by windows that are not padded and leave no row over, and as long as
    at most half of their outputs change.
    """

    def __init__(self, question: Question, size: Shape) -> None:
        net, batch_size, largest = question.net, question.batch_size, 1
        self._size, self._steps = size, list[_Step]()
        for layer, before in zip(net.layers[: net.names.index(net.logits) - 1], net.names, strict=False):
            step = _step(layer, net.shapes[before], net.shapes[layer.name], size)
            if step is None or math.prod(step.changed) > MOST * math.prod(net.shapes[layer.name]):
                break
            self._steps.append(step)
            size, largest = step.changed, max(largest, math.prod(step.seen))
        self.behind = question.behind(len(self._steps))
        cached = max(min(part_size(self.behind.net), PART_BYTES // (largest * net.dtype.itemsize)), 1)
        self._at_a_time = cached if batch_size is None else batch_size

    def covered(self, x: Array, cover: Array, corners: Corners) -> Iterator[tuple[slice, Array]]:
        """Yield what the layers put out with each patch covered, some patches at a time.

        Parameters
        ----------
        x, cover : ndarray of shape input_shape
            An input, and what covers it.
        corners : ndarray of int of shape (S, axes)
            Where each patch begins.

        Yields
        ------
        slice, ndarray of shape (1, patches in the slice, *output_shape)
        """
        outputs = [x]
        for step in self._steps:
            outputs.append(step.layer.forward(read_only(outputs[-1][None]))[0])
        for some in chunks(len(corners), self._at_a_time):
            begin = corners[some]
            new = sliding_window_view(cover, self._size)[tuple(begin.T)]
            for step, whole in zip(self._steps, outputs, strict=False):
                first = step.first_to_change(begin)
                new = step.layer.forward(read_only(_around(whole, first * step.stride, step.seen, begin, new)))
                begin = first
            whole = outputs[-1]
            yield some, _around(whole, np.zeros_like(begin), whole.shape, begin, new)[None]


class _Step(NamedTuple):
    """A layer for a block of its inputs: windows of some size and stride, of which `changed` see what is new."""

    layer: Layer
    size: NDArray[np.int64]
    stride: NDArray[np.int64]
    seen: Shape
    changed: Shape
    outputs: Shape

    def first_to_change(self, begin: Corners) -> Corners:
        """Return where the outputs begin that see a block, given where it begins."""
        first = -((self.size - 1 - begin) // self.stride)  # rounded up
        return np.clip(first, 0, np.array(self.outputs) - self.changed)


def _step(layer: Layer, inputs: Shape, outputs: Shape, new: Shape) -> _Step | None:
    """Return how a layer is run for a block of new inputs, or nothing if it has to be run as a whole."""
    ones = (1,) * len(inputs)
    if isinstance(layer, Activation):
        return _Step(layer, np.array(ones), np.array(ones), new, new, outputs)
    if not isinstance(layer, WINDOWED) or type(layer) not in WINDOWED:  # a kind of one might do something else
        return None
    size, stride = (1, *layer.size), (1, *layer.stride)
    places = [min((h + k - 2) // s + 1, n) for h, k, s, n in zip(new, size, stride, outputs, strict=True)]
    changed = (outputs[0], *places[1:])
    seen = (inputs[0], *[(n - 1) * s + k for n, k, s in zip(changed[1:], layer.size, layer.stride, strict=True)])
    extent = [(n - 1) * s + k for n, k, s in zip(outputs[1:], layer.size, layer.stride, strict=True)]
    padded = np.any(layer.window.pads(*inputs[1:]))
    if padded or extent != list(inputs[1:]) or any(s > k for k, s in zip(layer.size, layer.stride, strict=True)):
        return None
    return _Step(layer, np.array(size), np.array(stride), seen, changed, outputs)


def _around(whole: Array, at: Corners, extent: Shape, begin: Corners, new: Array) -> Array:
    """Return blocks (S, *extent) of an array, each with a block of new values in it."""
    found = sliding_window_view(whole, extent)[tuple(at.T)]
    inside = sliding_window_view(found, new.shape[1:], tuple(range(1, found.ndim)), writeable=True)
    inside[(np.arange(len(at)), *(begin - at).T)] = new
    return found
