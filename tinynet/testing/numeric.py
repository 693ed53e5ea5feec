"""Derivatives by differences, with a nose for kinks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinynet.types import Array

STEPS = 10.0 ** -np.arange(1, 10)
ROUNDINGS = 20  # how many rounding errors a value may have gathered
SETTLED, SOUND = 1e-7, 1e-4


@dataclass(frozen=True)
class Slope:
    """How fast each output changes along a direction.

    Parameters
    ----------
    values : ndarray
        The derivative of each output, by central differences.
    error : ndarray
        How far each of them may be off, by rounding and by the length of the step.
    bend : ndarray
        How much the slopes ahead and behind differ, at the smallest step taken.
    smooth : ndarray of bool
        Which outputs have a derivative: no kink, no jump, and a finite value.
    """

    values: Array
    error: Array
    bend: Array
    smooth: Array

    @property
    def kinked(self) -> bool:
        """Whether some output has a kink."""
        return not bool(self.smooth.all())


@np.errstate(all="ignore")
def slope(function: Callable[[float], Array], size: float = 1.0) -> Slope:
    """Return the derivative at 0 of a function of one number.

    Parameters
    ----------
    function : callable
        Takes a number, returns an ndarray.
    size : float
        Of the numbers that the steps are added to; above one, the steps grow with it.

    Returns
    -------
    Slope

    Notes
    -----
    The step is refined until two successive answers agree, output by output, so that a steep function is measured as
    well as a flat one (Ridders 1982). The central difference c(h) = (f(h) - f(-h)) / 2h is off by h^2 f'''/6 where f is
    smooth, and c(h) and c(h/10) together by far less (Richardson's extrapolation); by how much they differ bounds the
    error. The second difference d(h) = |f(h) - 2 f(0) + f(-h)| / h is h |f''| where f is smooth and falls with h; at a
    kink it stays as large as it was, and at a jump it grows.
    """
    middle = function(0.0)
    epsilon = _epsilon(middle)
    values, bend = np.zeros(middle.shape), np.full(middle.shape, np.inf)
    error, allowed = bend, np.zeros(middle.shape)
    coarse: tuple[Array, Array] | None = None
    steepest = 0.0
    for step in max(1.0, size) * STEPS[epsilon < 1e-12 :]:
        ahead, behind = function(step), function(-step)
        central, bend = (ahead - behind) / (2 * step), np.abs(ahead - 2 * middle + behind) / step
        steepest = max(steepest, largest(central[np.isfinite(central)]))
        noise = ROUNDINGS * epsilon * (largest(middle) + size * steepest) / step
        if coarse is not None:
            smooth = (bend <= SETTLED * steepest + 4 * noise) | (bend <= 0.3 * coarse[1])
            off = np.where(smooth & np.isfinite(central), np.abs(central - coarse[0]) + noise, np.inf)
            # Longer steps may agree by chance, over several periods or bends: what a shorter one belies is dropped.
            missed = (np.abs(central) > 1.5 * np.abs(values) + 4 * noise) | (
                np.abs(central - values) > 10 * (error + off)
            )
            better = (off < error) | (missed & (off < np.inf))
            values = np.where(better, (100 * central - coarse[0]) / 99, values)
            error, allowed = np.where(better, off, error), np.where(better, 4 * noise, allowed)
            if np.all(error <= SETTLED * steepest + allowed):
                break
        coarse = central, bend
    smooth = (error <= SOUND * steepest + allowed) & np.isfinite(middle)
    return Slope(values, error, bend, smooth)


def directional(function: Callable[[Array], Array], x: Array, direction: Array) -> Slope:
    """Return the derivative of a function of an array along a direction.

    Parameters
    ----------
    function : callable
        Takes and returns an ndarray.
    x, direction : ndarray
        Where, and which way.
    """
    return slope(lambda step: function(x + step * direction), largest(x))


def jacobian(function: Callable[[Array], Array], x: Array, entries: Array) -> tuple[Array, Array]:
    """Return the derivative of all outputs along some entries of x, one at a time.

    Parameters
    ----------
    function : callable
        Takes and returns an ndarray.
    x : ndarray
        Where.
    entries : ndarray of int
        Flat indices into x.

    Returns
    -------
    columns : ndarray of shape (outputs, entries)
        The Jacobian's columns.
    smooth : ndarray of bool of shape (entries,)
        Where there is no kink.
    """
    columns, smooth = [], []
    for entry in entries:
        along = np.zeros(x.size)
        along[entry] = 1
        found = directional(function, x, along.reshape(x.shape))
        columns.append(found.values.ravel())
        smooth.append(not found.kinked)
    return np.stack(columns, axis=1), np.array(smooth)


def unit(direction: Array) -> Array:
    """Return the direction with length one.

    Parameters
    ----------
    direction : ndarray
        Not all zero.
    """
    length: float = np.sqrt(np.vdot(direction, direction))
    return direction / length


def largest(array: Array) -> float:
    """Return the largest absolute value, 0 of an empty array."""
    return float(np.abs(array).max(initial=0))


def rounding(*arrays: Array) -> float:
    """Return how far two ways of computing the same sums may differ, relative to their size.

    Parameters
    ----------
    *arrays : ndarray
        The results; the coarsest type among them decides.
    """
    return max(1e-9, 100 * max(_epsilon(array) for array in arrays))


def unavoidable(array: Array) -> float:
    """Return how far rounding may put off a sum, relative to the size of what is summed.

    Parameters
    ----------
    array : ndarray
        The sum; its type decides.
    """
    return 50 * ROUNDINGS * _epsilon(array)


def _epsilon(array: Array) -> float:
    return float(np.finfo(array.dtype).eps) if array.dtype.kind == "f" else float(np.finfo(np.float64).eps)
