"""The least that changes the output of a linear layer by what is wanted, found from its two passes alone."""

from __future__ import annotations

import math

import numpy as np

from tinynet.layers.base import Layer
from tinynet.types import Array


def least_change(layer: Layer, change: Array, x: Array, damping: float = 0.0) -> Array:
    """Return the smallest change of the input that changes the output by `change`, or as nearly so as it gets.

    Parameters
    ----------
    layer : Layer
        Of images, linear but for a constant such as a bias.
    change : ndarray of shape (..., *output_shape)
        Wanted at the output; it may have further leading axes in front of those of `x`.
    x : ndarray of shape (..., channels, height, width)
        The input; only its shape matters.
    damping : float
        How much longer changes are shunned: that of the smallest |J d - change|^2 + damping^2 |d|^2 is returned.

    Returns
    -------
    ndarray of shape (..., channels, height, width)
        With the leading axes of `change`.

    Notes
    -----
    J d is `forward(d)` without the constant and J^T e is `backward(e)`. LSQR needs no more than these products: it is
    conjugate gradients on J^T J d = J^T change and, started at zero, stays in the range of J^T, so that of all
    solutions it finds the shortest. All images are solved for at once, until the error of the system or that of its
    normal equations, relative to the norms of J and of `change`, is the type's rounding. Stopping earlier would do for
    the output, not for the input: its error is larger by up to the condition number of J, often 10^6 for narrow
    filters with a border, and by its square if `change` is out of reach. Without rounding, one step for each value of
    an image would be enough; conditions up to 10^10 were seen to take up to 12, and after 20 what there is has to do.

    References
    ----------
    Paige and Saunders 1982, section 5.
    """
    from scipy.sparse.linalg import LinearOperator, lsqr

    nothing = np.zeros_like(x)
    constant = layer.forward(nothing)
    shape = change.shape[: change.ndim - constant.ndim] + x.shape
    if not math.prod(shape) or not change.size:
        return np.zeros(shape, x.dtype)

    def forth(d: Array) -> Array:
        return (layer.forward(d.reshape(shape)) - constant).ravel()

    def back(e: Array) -> Array:
        return layer.backward(e.reshape(change.shape), nothing, constant).ravel()

    system = LinearOperator((change.size, math.prod(shape)), matvec=forth, rmatvec=back, dtype=x.dtype)
    within = float(np.finfo(x.dtype).eps)
    steps = 20 * math.prod(x.shape[-3:])
    solution = lsqr(system, change.ravel(), damp=damping, atol=within, btol=within, conlim=0, iter_lim=steps)
    return np.asarray(solution[0], x.dtype).reshape(shape)
