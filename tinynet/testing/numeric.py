"""Derivatives by differences, with a nose for kinks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinynet.types import Array

FINE_STEP, COARSE_STEP = 1e-5, 5e-3
RELATIVE = 1e-7


@dataclass(frozen=True)
class Slope:
    """How fast each output changes along a direction.

    Parameters
    ----------
    values : ndarray
        The derivative of each output, by central differences.
    noise : float
        How far rounding alone may put each of them off.
    smooth : ndarray of bool
        Which outputs have no kink, no jump and a finite value within the step.
    """

    values: Array
    noise: float
    smooth: Array

    @property
    def kinked(self) -> bool:
        """Whether some output has a kink."""
        return not bool(self.smooth.all())


@np.errstate(all="ignore")
def slope(function: Callable[[float], Array]) -> Slope:
    """Return the derivative at 0 of a function of one number.

    Parameters
    ----------
    function : callable
        Takes a number, returns an ndarray.

    Returns
    -------
    Slope

    Notes
    -----
    The central difference c(h) = (f(h) - f(-h)) / 2h is right up to h^2 f'''/6, so halving h leaves it nearly as it is,
    unless there is a kink between 0 and h. The second difference d(h) = |f(h) - 2 f(0) + f(-h)| / h is h |f''| where f
    is smooth and halves with h; right on a kink it stays as large as it was.
    """
    middle = function(0.0)
    epsilon = _epsilon(middle)
    step = FINE_STEP if epsilon < 1e-12 else COARSE_STEP
    ahead, behind = function(step), function(-step)
    ahead_near, behind_near = function(step / 2), function(-step / 2)
    central, central_near = (ahead - behind) / (2 * step), (ahead_near - behind_near) / step
    bend = np.abs(ahead - 2 * middle + behind) / step
    bend_near = np.abs(ahead_near - 2 * middle + behind_near) / (step / 2)
    noise = 50 * epsilon * largest(middle) / step
    limit = RELATIVE * largest(central_near) + noise
    smooth = (np.abs(central - central_near) <= limit) & ((bend <= limit) | (bend_near <= 0.75 * bend))
    return Slope(central_near, noise, smooth & np.isfinite(middle))


def directional(function: Callable[[Array], Array], x: Array, direction: Array) -> Slope:
    """Return the derivative of a function of an array along a direction.

    Parameters
    ----------
    function : callable
        Takes and returns an ndarray.
    x, direction : ndarray
        Where, and which way.
    """
    return slope(lambda step: function(x + step * direction))


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
    """Return the largest absolute value, 0 of an empty array.

    Parameters
    ----------
    array : ndarray
    """
    return float(np.abs(array).max(initial=0))


def rounding(*arrays: Array) -> float:
    """Return how far two ways of computing the same sums may differ, relative to their size.

    Parameters
    ----------
    *arrays : ndarray
        The results; the coarsest type among them decides.
    """
    return max(1e-9, 100 * max(_epsilon(array) for array in arrays))


def _epsilon(array: Array) -> float:
    return float(np.finfo(array.dtype).eps) if array.dtype.kind == "f" else float(np.finfo(np.float64).eps)
