"""What goes into a pass, up or down: arrays of the right shape and type that hold numbers and never change."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from tinynet import kernels
from tinynet.arguments import check_finite, real_array, wrong
from tinynet.network.trace import LayerArrays, Trace, may_change, read_only
from tinynet.types import Array, Shape


def checked_axes(x: ArrayLike, shape: Shape, what: str = "input") -> tuple[Array, Shape]:
    """Return inputs as an array, and its batch axes.

    Parameters
    ----------
    x : array_like of shape (..., *shape)
    shape : tuple of int
        Of one input.
    what : str
        What the user calls them.

    Raises
    ------
    ValueError
        If they have another shape, or are no real numbers.
    """
    inputs = real_array(what, x)
    batch = inputs.shape[: max(inputs.ndim - len(shape), 0)]
    if inputs.shape != batch + shape:
        raise _misfit(what, inputs.shape, "...", shape)
    return inputs, batch


def checked_batch(x: ArrayLike, shape: Shape, dtype: np.dtype[np.floating]) -> Array:
    """Return inputs as an array with exactly one batch axis, of finite numbers that a type can hold.

    Parameters
    ----------
    x : array_like of shape (N, *shape)
    shape : tuple of int
        Of one input.
    dtype : dtype

    Raises
    ------
    ValueError
        If they are anything else.
    """
    inputs = real_array("input", x)
    if inputs.shape[1:] != shape or not inputs.ndim:
        raise _misfit("input", inputs.shape, "N", shape)
    check_finite("input", inputs, dtype)
    return inputs


def as_input(x: Array, shape: Shape, dtype: np.dtype[np.floating], *, batch_innermost: bool) -> Array:
    """Bring inputs to a type and an order in memory; copied if somebody else could still change them.

    Parameters
    ----------
    x : ndarray of shape (..., *shape)
    shape : tuple of int
        Of one input.
    dtype : dtype
    batch_innermost : bool
        Whether to bring them to memory with long contiguous runs, as layers with windows want it.

    Returns
    -------
    ndarray of the shape of `x`, read-only
    """
    check_finite("input", x, dtype)
    flat = x.reshape(-1, *shape).astype(dtype, copy=False)
    if batch_innermost:
        flat = kernels.batch_innermost(flat)
    if np.may_share_memory(flat, x) and may_change(x):
        flat = flat.copy(order="K")
    return read_only(flat.reshape(x.shape))


def check_trace(trace: Trace, names: list[str], deltas: object = None) -> None:
    """Raise if a trace, or what was carried back for it, is not one of a network.

    Parameters
    ----------
    trace : Trace
    names : list of str
        Of the network's outputs.
    deltas : LayerArrays, optional

    Raises
    ------
    ValueError
        If it is something else, or has other layers.
    """
    if not isinstance(trace, Trace) or list(trace) != names:
        raise wrong("trace", trace, "what trace(x) of the same network returned")
    if deltas is not None and not isinstance(deltas, LayerArrays):
        raise wrong("deltas", deltas, "what backward(trace, seed) of the same network returned")


def as_signal(name: str, signal: ArrayLike, trace: Trace, names: list[str]) -> Array:
    """Return what is carried back from an output: of its shape and type, but for further leading axes.

    Parameters
    ----------
    name : str
        Of the output.
    signal : array_like
        Broadcast against the output; copied.
    trace : Trace
        The forward pass.
    names : list of str
        Of the network's outputs.

    Raises
    ------
    ValueError
        If it does not fit, or holds NaN where all outputs are finite.

    Notes
    -----
    NaN that stems from the forward pass is passed on: that is how training sees that it has diverged.
    """
    check_trace(trace, names)
    output = trace[name]
    array = np.array(real_array(f"{name}: seed or target", signal), output.dtype)
    if np.isnan(array).any() and np.isfinite(output).all():
        raise ValueError(f"{name}: the seed or target holds NaN, expected numbers")
    return read_only(array if array.shape == output.shape else _broadcast(array, output.shape, name))


def _broadcast(array: Array, shape: Shape, name: str) -> Array:
    """Return a seed or target spread over an output of some shape, with its own further leading axes."""
    try:
        whole = np.broadcast_shapes(array.shape, shape)
    except ValueError:
        whole = ()
    if whole[len(whole) - len(shape) :] != shape:
        raise ValueError(f"{name}: got a seed or target of shape {array.shape}, expected (..., {_listed(shape)})")
    return np.broadcast_to(array, whole)


def _misfit(what: str, given: Shape, batch: str, shape: Shape) -> ValueError:
    """Return the error for inputs of another shape, with the mend where it is their axes alone."""
    message = f"{what}: got an array of shape {given}, expected ({batch}, {_listed(shape)})"
    if len(shape) == 3 and given[-3:] == (*shape[1:], shape[0]):
        return ValueError(f"{message}; channels come first: np.moveaxis(x, -1, -3)")
    if math.prod(given[1:]) == math.prod(shape):
        return ValueError(f"{message}; x.reshape(-1, {_listed(shape)}) has it")
    return ValueError(message)


def _listed(shape: Shape) -> str:
    return ", ".join(map(str, shape))


def check_parameters(parameters: Mapping[str, Array]) -> None:
    """Raise if weights hold NaN or infinity, as those of a training that diverged do: nothing is seen through them.

    Parameters
    ----------
    parameters : mapping of str to ndarray
        By full names, as `net.parameters()` returns them.

    Raises
    ------
    ValueError
        Naming the first such value.
    """
    for name, values in parameters.items():
        check_finite(name, values)
