"""Do the features of output units look like their classes, or like each other? Cosines, and their means."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import finite_array, whole_array
from tinynet.explain.units.profiles import cosines
from tinynet.signatures import checked
from tinynet.types import Array


class FeatureMatch(NamedTuple):
    """How well features match the classes, and how alike they are.

    Attributes
    ----------
    to_classes : ndarray of shape (K, K)
        Cosine of each feature, one a row, with the direction of each class.
    to_each_other : ndarray of shape (K, K)
        Cosine of each feature with each other.
    """

    to_classes: NDArray[np.float64]
    to_each_other: NDArray[np.float64]

    @property
    def match(self) -> float:
        """Mean cosine of a feature with its own class."""
        return float(np.mean(np.diagonal(self.to_classes)))

    @property
    def hits(self) -> int:
        """How many features match their own class best."""
        return int(np.count_nonzero(self.to_classes.argmax(axis=1) == np.arange(len(self.to_classes))))

    @property
    def overlap(self) -> float:
        """Mean size of the cosine of two features; NaN if there is only one."""
        others = ~np.eye(len(self.to_each_other), dtype=bool)
        return float(np.abs(self.to_each_other[others]).mean()) if others.any() else float("nan")


@checked
def class_directions(x: ArrayLike, labels: ArrayLike) -> Array:
    """Return the mean image of each class, less the mean of all images: what tells the class from the others.

    Parameters
    ----------
    x : array_like of shape (N, *input_shape)
        Images.
    labels : array_like of shape (N,)
        Their classes, numbered from 0; each needs an image.

    Returns
    -------
    ndarray of shape (K, *input_shape)

    Raises
    ------
    ValueError
        If a class has no images, or there are not as many labels as images.
    """
    images = finite_array("x", x)
    classes = whole_array("labels", labels, 0)
    if classes.shape != images.shape[:1] or not len(classes):
        raise ValueError(f"got images of shape {images.shape} and labels of shape {classes.shape}, expected as many")
    present = np.unique(classes)
    if present[-1] >= len(present):
        raise ValueError(f"class {np.flatnonzero(present != np.arange(len(present)))[0]} has no images, so no mean")
    means = np.stack([images[classes == label].mean(axis=0, dtype=np.float64) for label in present])
    return means - images.mean(axis=0, dtype=np.float64)


@checked
def feature_match(features: ArrayLike, directions: ArrayLike) -> FeatureMatch:
    """Compare the features of K output units with the K classes and with each other.

    Parameters
    ----------
    features : array_like of shape (K, *input_shape)
        One an output unit in order, such as :func:`tinynet.extract_feature` returns.
    directions : array_like of shape (K, *input_shape)
        Of the classes, as :func:`class_directions` returns them.

    Returns
    -------
    FeatureMatch
        A feature of zeros has the cosine 0 with everything.

    Raises
    ------
    ValueError
        If there are not as many features as classes, or they have another shape.

    References
    ----------
    de Souza Farias and Maziero, section 2 and figures 1 and 2.
    """
    seen = finite_array("features", features, np.float64)
    classes = finite_array("directions", directions, np.float64)
    if seen.shape != classes.shape or seen.ndim < 2:
        raise ValueError(
            f"got features of shape {seen.shape} and directions of shape {classes.shape}, expected as many"
        )
    table = cosines(np.concatenate([seen, classes]).reshape(2 * len(seen), -1))
    return FeatureMatch(table[: len(seen), len(seen) :], table[: len(seen), : len(seen)])
