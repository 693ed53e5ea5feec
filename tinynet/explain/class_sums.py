"""Sums over the images of each class, to which one part of the images is added at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from tinynet import kernels
from tinynet.classes import check_labels, class_count
from tinynet.kernels import memory
from tinynet.network import Network
from tinynet.types import Array


def class_weights(net: Network, labels: ArrayLike, images: int) -> Array:
    """Return an array of shape (K, N) that turns values of images into means of classes.

    Parameters
    ----------
    net : Network
        A classifier of K classes.
    labels : array_like of shape (N,)
        The classes of the images; each class needs one.
    images : int
        Number N of images.

    Raises
    ------
    ValueError
        If a label is no class of the network, there are not as many as images, or a class has none.
    """
    classes = class_count(net)
    wanted = check_labels(labels, classes, images)
    counts = np.bincount(wanted, minlength=classes)
    if not counts.all():
        raise ValueError(f"class {int(np.argmin(counts))} has no images, so it has no mean")
    return np.asarray((np.eye(classes) / counts)[:, wanted], net.dtype)


class ClassSums:
    """Weighted sums of arrays over images, one for each class, to which one part of the images is added at a time.

    Parameters
    ----------
    classes : int
        Number K of classes.
    dtype : dtype
        Of the sums.
    """

    def __init__(self, classes: int, dtype: DTypeLike) -> None:
        self.classes, self.dtype = classes, np.dtype(dtype)
        self._sums: dict[str, Array] = {}  # (units in the order of memory, K)

    @kernels.underflow_is_meant
    def add(self, weights: Array, arrays: Mapping[str, Array]) -> None:
        """Add the arrays of some images.

        Parameters
        ----------
        weights : ndarray of shape (K, N)
            How much each image counts for each class; one-hot columns sum the images of each class.
        arrays : mapping of str to ndarray of shape (N, *unit shape)
            One array an image, by any name.

        Notes
        -----
        sums += arrays times weights is a product of matrices for each line of the images: small enough for BLAS to do
        it at once. Classes before the first and behind the last that has a weight are left out, if those are many.
        """
        present = np.flatnonzero(weights.any(axis=1))
        first, last = (present[0], present[-1] + 1) if len(present) else (0, 0)
        some = slice(None) if 2 * (last - first) > self.classes else slice(first, last)
        factor = np.ascontiguousarray(weights[some].T, self.dtype)  # BLAS is slower on a transposed one
        for name, values in arrays.items():
            ordered = kernels.in_memory_order(values).astype(self.dtype, copy=False)
            added = memory.empty((*ordered.shape[:-1], factor.shape[1]), self.dtype)
            combine = np.multiply if len(values) == 1 else np.matmul
            combine(ordered, factor, out=added)
            if name in self._sums:
                self._sums[name][..., some] += added
            elif some == slice(None):
                self._sums[name] = added
            else:
                self._sums[name] = self._zeros(ordered.shape)
                self._sums[name][..., some] = added

    def _zeros(self, ordered: tuple[int, ...]) -> Array:
        """Return sums of zero: a single image adds to one class alone, whose sums should then lie together."""
        *units, count = ordered
        if count == 1:
            return np.moveaxis(np.zeros((self.classes, *units), self.dtype), 0, -1)
        return np.zeros((*units, self.classes), self.dtype)

    @kernels.underflow_is_meant
    def merge(self, other: ClassSums) -> None:
        """Add the sums over other images.

        Parameters
        ----------
        other : ClassSums
            Of the same names.
        """
        for name, sums in self._sums.items():
            sums += other._sums[name]

    @kernels.underflow_is_meant
    def divide(self, counts: Array) -> None:
        """Divide the sums of each class by a number.

        Parameters
        ----------
        counts : ndarray of shape (K,)
            One number a class, such as how many images it has.
        """
        for sums in self._sums.values():
            divisor = np.empty_like(sums[:1])  # a line of divisors: long runs, where K numbers would be short ones
            divisor[...] = counts
            sums /= divisor

    def totals(self) -> dict[str, Array]:
        """Return the sums, of shape (K, *unit shape), by name."""
        return {name: kernels.out_of_memory_order(sums) for name, sums in self._sums.items()}
