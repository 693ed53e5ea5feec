"""Where a network of ReLUs and maxima bends along a straight path, and its mean gradient on the way."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tinynet.explain.attribution.affine import AFFINE, Sums
from tinynet.explain.attribution.question import Function
from tinynet.layers import MaxPool2D, ReLU
from tinynet.network import Network, Trace
from tinynet.types import Array

PIECEWISE_LINEAR = (*AFFINE, MaxPool2D, ReLU)
ROUNDS = 100  # of cutting; each layer that bends takes one, and a maximum one more for each further winner in between


def check_piecewise_linear(net: Network, of: str) -> None:
    """Raise a ValueError if a prediction is not piecewise linear.

    Parameters
    ----------
    net : Network
    of : str
        Which prediction.
    """
    if of not in ("logit", "margin"):
        raise ValueError(f'steps is "exact", but the {of} is no piecewise linear function; give a number of steps')
    for layer in net.layers[: net.names.index(net.logits)]:
        if type(layer) not in PIECEWISE_LINEAR:
            raise ValueError(
                f'steps is "exact", but {layer.name} is a {type(layer).__name__}, which is not piecewise linear; '
                f"give a number of steps"
            )


def exact_mean(function: Function, start: Array, end: Array, classes: Array) -> Array:
    """Return the mean gradient of each image over its path, from parts on each of which it is constant.

    Parameters
    ----------
    function : Function
        Piecewise linear.
    start, end : ndarray of shape (n, *input_shape)
    classes : ndarray of int
        Those asked about.

    Returns
    -------
    ndarray of shape (..., n, *input_shape)

    Notes
    -----
    Up to the first layer that bends, the network is affine on a part of the path. So a net input of one sign at both
    ends has it all along; one of two signs crosses zero where the line through both values does, and there the part is
    cut. So it is with maxima, where the winners of the two ends change places. On the new parts that layer is affine,
    and the next one comes up. A part on which nothing bends has one gradient, taken at its middle. Comparing the
    gradients of both ends would not do: what bends away and back again in between leaves no trace there.
    """
    axis = int(function.per_class)  # of the images
    means = np.zeros((*classes.shape[:axis], *end.shape), end.dtype)
    for index, mean in enumerate(np.moveaxis(means, axis, 0)):
        one = slice(index, index + 1)
        mean[...] = _mean_along(function, Sums(start[one], end[one] - start[one]), classes if axis else classes[one])
    return means


def _mean_along(function: Function, path: Sums, asked: Array) -> Array:
    """Return the mean gradient (..., *input_shape) over one path."""
    parts, total, axis = np.array([[0.0, 1.0]]), np.zeros(()), int(function.per_class)
    for cutting in range(ROUNDS + 1):
        cut: list[tuple[float, float]] = []
        for some in function.several(len(parts), 2):
            straight = []
            trace = function.net.trace(path(parts[some].reshape(-1, 1))[0])
            for (begin, end), shares in zip(parts[some].tolist(), _first_bends(function, trace, asked), strict=True):
                places = np.unique([begin, *(begin + shares * (end - begin)), end]).tolist()
                if len(shares) and cutting < ROUNDS:
                    cut += pairwise(places)
                else:
                    straight.append((begin, end))
            if straight:
                ends = np.array(straight)
                slopes = function.gradients_at(path(ends.mean(axis=1, keepdims=True)), asked)
                total = total + np.tensordot(np.diff(ends)[:, 0], slopes, (0, axis + 1))
        if not cut:
            break
        parts = np.array(cut)
    return total.squeeze(axis)


def _first_bends(function: Function, trace: Trace, asked: Array) -> list[Array]:
    """Return where parts of a path bend in the first layer that does, as shares of each; the ends come in pairs."""
    net, found = function.net, [np.empty(0)] * (len(trace.input) // 2)
    bends = []
    for layer, before in zip(net.layers[: net.names.index(net.logits)], net.names, strict=False):
        values = trace[before]
        if isinstance(layer, ReLU):
            bends.append(_crossings(*_ends(values)))
        elif isinstance(layer, MaxPool2D):
            bends.append(_changes_of_winner(_windows(layer, values)))
    if function.prediction.of == "margin" and net.output_shape != (1,):
        z = trace[net.logits]
        others = [np.where(np.arange(z.shape[1]) == label, -np.inf, z) for label in np.ravel(asked)]
        bends.append(_changes_of_winner(np.stack(others, axis=1)))
    for shares in reversed(bends):
        found = [
            row[~np.isnan(row)] if not np.isnan(row).all() else old for row, old in zip(shares, found, strict=True)
        ]
    return found


def _ends(values: Array) -> tuple[Array, Array]:
    """Return the values at the beginning and at the end of each part, (parts, values)."""
    flat = values.reshape(len(values), -1)
    return flat[::2], flat[1::2]


def _crossings(low: Array, high: Array) -> Array:
    """Return where the lines between values at the ends of parts cross zero, as shares; NaN where they do not."""
    size = np.maximum(np.abs(low), np.abs(high))
    rounding = 64 * np.finfo(low.dtype).eps * size.max(axis=1, keepdims=True, initial=0)
    crossing = (np.sign(low) * np.sign(high) < 0) & (np.minimum(np.abs(low), np.abs(high)) > rounding)
    return np.divide(low, low - high, out=np.full(low.shape, np.nan), where=crossing)


def _changes_of_winner(values: Array) -> Array:
    """Return where the winner at one end of a part and that at the other are equal, for values (2 parts, maxima, k)."""
    values = values.reshape(len(values), -1, values.shape[-1])
    low, high = values[::2], values[1::2]
    winners = [side.argmax(axis=-1)[..., None] for side in (low, high)]
    leads = [np.subtract(*(np.take_along_axis(side, winner, -1)[..., 0] for winner in winners)) for side in (low, high)]
    return _crossings(*leads)


def _windows(layer: MaxPool2D, x: Array) -> Array:
    """Return the values in each window of a pool, (N, channels, rows, columns, values)."""
    size, stride = layer.size, layer.stride
    places = layer.output_shape(x.shape[1:])[1:]
    pads = layer.window.pads(*x.shape[2:])
    over = [
        max((n - 1) * s + k - length - before, 0)
        for n, s, k, length, (before, _) in zip(places, stride, size, x.shape[2:], pads, strict=True)
    ]
    padded = np.pad(
        x,
        [(0, 0), (0, 0), *((before, more) for (before, _), more in zip(pads, over, strict=True))],
        constant_values=-np.inf,
    )
    seen = sliding_window_view(padded, size, (2, 3))[:, :, :: stride[0], :: stride[1]][:, :, : places[0], : places[1]]
    return seen.reshape(*seen.shape[:4], -1)
