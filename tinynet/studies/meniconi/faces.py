"""The faces that networks are trained on, their labels, and the networks: photographs, or drawn people instead."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tinynet import datasets, models
from tinynet.datasets import Dataset
from tinynet.layers import Layer
from tinynet.types import Array

DRAWN_FACES = "crowd:100"
TRAINED = 0.8  # of the images; the last ones are tested on, so a drawn person's pictures stay together
HALF = ([[8], [16], [32, 32]], (64,))  # half as wide as the small VGG


@dataclass(frozen=True)
class Kind:
    """What is asked of one kind of faces.

    Attributes
    ----------
    labels : tuple of str
        Attributes: the first is told by the mouth, the second more by the eyes, and the third is as hard as neither:
        the control for mere difficulty.
    others : tuple of str
        Attributes that the common start is trained on.
    images : int
        How many are used, at most.
    shrink : int
        By which networks of which many are trained see the images smaller.
    """

    labels: tuple[str, str, str]
    others: tuple[str, ...]
    images: int
    shrink: int


PHOTOGRAPHS = Kind(
    ("Smiling", "Male", "Attractive"), ("Bangs", "Big_Nose", "Black_Hair", "Eyeglasses", "Wavy_Hair"), 5000, 2
)
DRAWN = Kind(("smile", "glasses", "long hair"), ("beard", "open mouth"), 2000, 1)
MIDDLE = (slice(14, 54), slice(10, 50))  # rows and columns of a drawn face without its surroundings


def kind(data: Dataset) -> Kind:
    """Return what is asked of these images.

    Parameters
    ----------
    data : Dataset
        Photographs with their attributes, or any other, in whose place faces are drawn.
    """
    known = {*data.attributes, data.classes[-1]}
    return PHOTOGRAPHS if known.issuperset((*PHOTOGRAPHS.labels, *PHOTOGRAPHS.others)) else DRAWN


def faces(data: Dataset) -> Dataset:
    """Return the images given if they are faces with the labels that are needed, drawn ones otherwise.

    Parameters
    ----------
    data : Dataset
    """
    if kind(data) is PHOTOGRAPHS:
        few = data if len(data) <= PHOTOGRAPHS.images else data.take(np.arange(PHOTOGRAPHS.images))
        own = few.classes[-1]
        return few if own in few.attributes else _with_label(few, own)
    return data if data.name == "crowd" else _drawn()


@lru_cache(maxsize=1)
def _drawn() -> Dataset:
    return datasets.load(DRAWN_FACES)


def _with_label(data: Dataset, name: str) -> Dataset:
    """Return images whose label is among their attributes, too."""
    return Dataset(
        data.name,
        data.x,
        data.labels,
        data.classes,
        {**data.attributes, name: data.labels == 1},
        data.masks,
        licence=data.licence,
        citation=data.citation,
        description=data.description,
    )


def seen(data: Dataset, shrink: int = 1) -> Array:
    """Return the images as networks see them.

    Parameters
    ----------
    data : Dataset
        As `faces` returns it.
    shrink : int
        Each pixel is the mean of as many rows and columns.
    """
    x = data.x if kind(data) is PHOTOGRAPHS else data.x[:, :, MIDDLE[0], MIDDLE[1]]
    count, channels, height, width = x.shape
    if height % shrink or width % shrink:
        raise ValueError(f"study meniconi: images of {height} x {width} cannot be shrunk by {shrink}")
    if shrink == 1:
        return x
    parts = x.reshape(count, channels, height // shrink, shrink, width // shrink, shrink)
    return np.asarray(parts.mean(axis=(3, 5)), np.float32)


def layers(data: Dataset, shrink: int) -> list[Layer]:
    """Return new layers: the small VGG for photographs at their size, otherwise one half as wide; one sigmoid output.

    Parameters
    ----------
    data : Dataset
    shrink : int
    """
    small = kind(data) is PHOTOGRAPHS and shrink == 1
    return models.named("vgg_small").layers(1) if small else models.vgg_layers(*HALF, classes=1)
