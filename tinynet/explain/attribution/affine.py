"""The affine layers that a network begins with: straight paths, and sums of parts, go through them once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinynet.explain.attribution.question import Question
from tinynet.kernels import in_memory_order, out_of_memory_order
from tinynet.layers import AvgPool2D, Conv2D, Dense, Dropout, Flatten, KnockOut
from tinynet.network import Network, Trace, read_only
from tinynet.types import Array

AFFINE = (AvgPool2D, Conv2D, Dense, Dropout, Flatten, KnockOut)


class Front:
    """The affine layers that a network begins with, and the prediction as a function of what they put out.

    Parameters
    ----------
    question : Question

    Attributes
    ----------
    behind : Function
        The prediction as a function of these layers' output, or the question itself if there are none.

    Notes
    -----
    An affine map A takes x' + a (x - x') to A(x') + a (A(x) - A(x')), and x' with some parts of x in it to A(x') plus
    what each part changes. On the way down, sum_p A^T g_p = A^T sum_p g_p. So points on a path, or with parts of an
    image in them, are made behind these layers, at the price of a sum, and the mean gradient alone goes down.
    """

    def __init__(self, question: Question) -> None:
        net, count = question.net, 0
        while count + 1 < net.names.index(net.logits) and type(net.layers[count]) in AFFINE:
            count += 1
        self._net = Network(net.layers[:count], net.input_shape, dtype=net.dtype) if count else None
        self.behind = question.behind(count)

    def trace(self, x: Array) -> Trace:
        """Return the forward pass of these layers.

        Parameters
        ----------
        x : ndarray of shape (n, *input_shape)
        """
        return Trace({"input": read_only(x)}) if self._net is None else self._net.trace(read_only(x))

    def backward(self, trace: Trace, slopes: Array) -> Array:
        """Return gradients at the input, (..., n, *input_shape), given those at the output.

        Parameters
        ----------
        trace : Trace
        slopes : ndarray of shape (..., n, *output shape of these layers)
        """
        return slopes if self._net is None else self._net.backward(trace, slopes).input

    def parts(self, x: Array, start: Array, member: NDArray[np.int64], count: int) -> list[Array]:
        """Return what these layers put out for a start, and what each part of the images adds to that.

        Parameters
        ----------
        x, start : ndarray of shape (n, *input_shape)
        member : ndarray of int of shape input_shape
            The part that each value belongs to.
        count : int
            Number of parts.

        Returns
        -------
        list of 1 + count ndarrays of shape (n, *output_shape)
        """
        here = self.trace(start).output
        return [here, *(self.trace(np.where(member == part, x, start)).output - here for part in range(count))]


class Sums:
    """A start and what may be added to it, some or all and any share of each.

    Parameters
    ----------
    start, *added : ndarray of shape (n, *shape)
    """

    def __init__(self, start: Array, *added: Array) -> None:
        self._terms = np.stack([in_memory_order(term) for term in (start, *added)])

    def __call__(self, shares: Array) -> Array:
        """Return the start and shares of what is added to it.

        Parameters
        ----------
        shares : ndarray of shape (S, terms added)

        Returns
        -------
        ndarray of shape (n, S, *shape)
            Read-only all through, so that a trace need not copy it.
        """
        terms, weights = self._terms, np.pad(shares.astype(self._terms.dtype), ((0, 0), (1, 0)), constant_values=1)
        sums = terms.reshape(len(terms), -1).T @ weights.T
        sums.flags.writeable = False
        points = out_of_memory_order(sums.reshape(*terms.shape[1:-1], -1))
        return points.reshape(terms.shape[-1], len(shares), *points.shape[1:])
