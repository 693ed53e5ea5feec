"""Do the features of output units look like their classes, or like each other? Cosines, and their means."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.explain.units.profiles import cosines
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
    images, classes = np.asarray(x), np.asarray(labels)
    if classes.shape != images.shape[:1] or not len(classes):
        raise ValueError(f"got {len(images)} images and labels of shape {classes.shape}, expected one label an image")
    numbers = np.bincount(classes)
    if not numbers.all():
        raise ValueError(f"class {int(np.argmin(numbers))} has no images, so they have no mean")
    means = np.stack([images[classes == label].mean(axis=0, dtype=np.float64) for label in range(len(numbers))])
    return means - images.mean(axis=0, dtype=np.float64)


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
    seen, classes = np.asarray(features, np.float64), np.asarray(directions, np.float64)
    if seen.shape != classes.shape or seen.ndim < 2:
        raise ValueError(f"got features of shape {seen.shape} and classes of shape {classes.shape}, expected as many")
    table = cosines(np.concatenate([seen, classes]).reshape(2 * len(seen), -1))
    return FeatureMatch(table[: len(seen), len(seen) :], table[: len(seen), : len(seen)])
