"""The letters E, F and L in noise: three classes that two features tell apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinynet.arguments import finite_number, whole_number
from tinynet.datasets.dataset import MOST_IMAGES, Dataset, data_errors

USAGE = "letters[:COUNT]"
DESCRIPTION = "The letters E, F and L in noise, 28 x 28, drawn by code: COUNT of each, by default 2,000"
LICENCE = "MIT"
CITATION = "after Gulati, Lyrio, Pommer, Saboya 2017, section 1"

SIZE = 28
NOISE = 0.2

STROKES = {
    "stem": (slice(4, 24), slice(7, 11)),
    "top leg": (slice(4, 8), slice(11, 21)),
    "middle leg": (slice(12, 16), slice(11, 21)),
    "bottom leg": (slice(20, 24), slice(11, 21)),
}
"""Rows and columns of each stroke."""

LETTERS = {
    "E": ("stem", "top leg", "middle leg", "bottom leg"),
    "F": ("stem", "top leg", "middle leg"),
    "L": ("stem", "bottom leg"),
}
"""The strokes of each letter."""

CLASSES = tuple(LETTERS)

REGIONS = {**{stroke: (stroke,) for stroke in STROKES}, "upper legs": ("top leg", "middle leg")}
"""The strokes of each named region."""


def load(n_per_class: int = 2000, seed: int = 0, noise: float = NOISE) -> Dataset:
    """Draw the letters.

    Parameters
    ----------
    n_per_class : int
        How many of each letter.
    seed : int
        Of the noise.
    noise : float
        Its standard deviation.

    Returns
    -------
    Dataset
        3 `n_per_class` images of shape (1, 28, 28), in the order E, F, L, E, F, L, ...; a smaller set is the beginning
        of a larger one. The masks say where a letter has its "stem", "top leg", "middle leg", "bottom leg" and "upper
        legs" (top and middle); they are empty for a letter that lacks the part.

    Raises
    ------
    DataError
        If `n_per_class`, `seed` or `noise` is no such number.

    Notes
    -----
    Strokes have the value 1. The noise has mean 0, and its negative values are set to 0, so that strokes are 1 or
    brighter and the ground is 0 or brighter. The document's N(0, 0.2) is read as a standard deviation of 0.2; if it
    means a variance, `noise` is the root of it. It is rounded to steps of 1/255, which makes the
    images the same on every machine.

    References
    ----------
    Gulati et al. 2017, section 1; the document gives neither the size nor the shape of its letters.
    """
    with data_errors("letters"):
        n_per_class, seed = whole_number("n_per_class", n_per_class, 1, MOST_IMAGES), whole_number("seed", seed, 0)
        deviation = finite_number("noise", noise, least=0)
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = deviation * rng.standard_normal((n_per_class * len(CLASSES), 1, SIZE, SIZE))
    letters = np.stack([_region(LETTERS[letter]) for letter in CLASSES])
    levels = 255 * letters[:, None]
    labels = np.tile(np.arange(len(CLASSES)), n_per_class)
    return Dataset(
        name="letters",
        x=np.divide(levels[labels] + np.rint(255 * np.maximum(drawn, 0)), 255).astype(np.float32),
        labels=labels,
        classes=CLASSES,
        masks={name: (letters & _region(strokes))[labels] for name, strokes in REGIONS.items()},
        licence=LICENCE,
        citation=CITATION,
        description=DESCRIPTION,
    )


def _region(strokes: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return the pixels of some strokes."""
    region = np.zeros((SIZE, SIZE), np.bool_)
    for stroke in strokes:
        region[STROKES[stroke]] = True
    return region
