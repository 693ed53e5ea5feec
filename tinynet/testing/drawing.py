"""Inputs to test a layer on: of several magnitudes, or positive ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinynet.types import Array, Shape

SCALES = (1.0, 0.3, 3.0, 30.0, None, 1e-3, 1e3)  # of the inputs in turn; None: each number has its own
Draw = Callable[[np.random.Generator, Shape, int], Array]


def ordinary(rng: np.random.Generator, shape: Shape, attempt: int) -> Array:
    """Draw numbers of several magnitudes: normal ones of one scale, or each of a scale of its own, in turn.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where they are drawn from.
    shape : tuple of int
        How many.
    attempt : int
        Number of the draw.
    """
    scale = SCALES[attempt % len(SCALES)]
    return rng.standard_normal(shape) * (scale if scale else 10 ** rng.uniform(-3, 3, shape))


def positive(rng: np.random.Generator, shape: Shape, attempt: int) -> Array:
    """Draw positive numbers, for a logarithm or a root.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where they are drawn from.
    shape : tuple of int
        How many.
    attempt : int
        Number of the draw.
    """
    return rng.uniform(0.2, 2.0 + attempt % 3, shape)


def swept(x: Array, rng: np.random.Generator) -> Array:
    """Return inputs of the same signs, whose sizes are spread evenly over four orders of magnitude.

    Parameters
    ----------
    x : ndarray
        Inputs.
    rng : numpy.random.Generator
        Which place gets which size.
    """
    exponents = (np.arange(x.size) + rng.random()) / x.size
    return np.copysign(10 ** (4 * rng.permutation(exponents) - 2).reshape(x.shape), x)
