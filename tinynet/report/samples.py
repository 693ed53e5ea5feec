"""Images that a report looks at: typical ones, a fair sample, and parts with images of every class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinynet.types import Array

PART = 2000  # images, about, between two steps of the progress bar


def typical_images(x: Array, labels: Array, classes: int) -> NDArray[np.int64]:
    """Return the image of each class that is nearest to the mean of its class.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
        Images.
    labels : ndarray of shape (N,)
        Their classes; each class needs an image.
    classes : int
        Number of classes.
    """
    chosen = []
    for label in range(classes):
        members = np.flatnonzero(labels == label)
        if not len(members):
            raise ValueError(f"class {label} has no image")
        away = np.square(x[members] - x[members].mean(axis=0)).sum(axis=(1, 2, 3))
        chosen.append(members[away.argmin()])
    return np.array(chosen)


def stratified_sample(labels: Array, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the indices of all images or, of many, of as large a share of each class, at least two of each.

    Parameters
    ----------
    labels : ndarray of shape (N,)
        The classes of the images.
    most : int
        About how many to return at most.
    rng : numpy.random.Generator
    """
    if len(labels) <= most:
        return np.arange(len(labels))
    chosen = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        wanted = max(round(most * len(members) / len(labels)), 2)
        chosen.append(rng.permutation(members)[:wanted])
    return np.sort(np.concatenate(chosen))


def parts(labels: Array) -> list[NDArray[np.int64]]:
    """Return the indices of the images in parts of about equal size, each with images of all classes.

    Parameters
    ----------
    labels : ndarray of shape (N,)
    """
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    count = max(min(len(labels) // PART, *map(len, members)), 1)
    split = [np.array_split(rows, count) for rows in members]
    return [np.sort(np.concatenate(rows)) for rows in zip(*split, strict=True)]
