"""Where the mouth and the eyes of each face are, and what faces look like without them."""

from __future__ import annotations

import numpy as np

from tinynet.datasets import Dataset, celeba
from tinynet.studies.meniconi.faces import MIDDLE, PHOTOGRAPHS, kind
from tinynet.types import Array

PLACES = ("mouth", "eyes")
ROOM = {"mouth": 2, "eyes": 3}  # pixels around what is drawn: glasses reach further than eyes


def places(ours: Dataset) -> dict[str, Array]:
    """Return a box around the mouth and one around both eyes of each face, as networks see it at full size.

    Parameters
    ----------
    ours : Dataset
        As `faces.faces` returns it.

    Returns
    -------
    dict of str to ndarray of shape (N, H, W)
        Of photographs from their landmarks, if they are known, else where aligned faces have both; of drawn faces each
        is as large as what is drawn, and a little more.
    """
    if kind(ours) is PHOTOGRAPHS:
        boxes = celeba.boxes(ours)
        return {name: boxes[name] for name in PLACES}
    return {name: _boxes(ours.masks[name], ROOM[name])[:, MIDDLE[0], MIDDLE[1]] for name in PLACES}


def _boxes(masks: Array, room: int) -> Array:
    """Return the box around each mask, with some room."""
    found = np.zeros_like(masks)
    for box, mask in zip(found, masks, strict=True):
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if len(rows):
            box[
                max(rows[0] - room, 0) : rows[-1] + room + 1,
                max(columns[0] - room, 0) : columns[-1] + room + 1,
            ] = True
    return found


def without(x: Array, boxes: Array, mean: Array) -> Array:
    """Return images with the mean image in their boxes.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
    boxes : ndarray of shape (N, H, W)
    mean : ndarray of shape (C, H, W)
    """
    return np.where(boxes[:, None], mean, x).astype(x.dtype)
