"""Whole pictures with their masks, and the set of all people in all conditions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinynet.arguments import boolean, whole_number
from tinynet.datasets.dataset import PLANTED, Dataset, grey_levels
from tinynet.datasets.drawn.faces.canvas import PARTS, SIZE, Canvas, Pose, to_pixels
from tinynet.datasets.drawn.faces.light import LIGHTS, light_on, lit_wall, relief
from tinynet.datasets.drawn.faces.parts import draw_glasses, draw_person, head_shape
from tinynet.datasets.drawn.faces.people import CONDITIONS, PEOPLE, Condition, Person
from tinynet.datasets.drawn.faces.planted import draw_planted
from tinynet.datasets.drawn.shapes import Array

USAGE = "faces"
DESCRIPTION = "Faces, 60 x 60, drawn by code: 15 people x 11 conditions, every person with one planted feature"
LICENCE = "MIT"
CITATION = ""

STRAIGHT = Pose()


@dataclass(frozen=True, eq=False)
class Moment:
    """What differs from one picture of a person to the next: pose, exposure, the wall's brightness, noise."""

    pose: Pose = STRAIGHT
    exposure: float = 1.0
    wall: float = 0.85
    noise: Array | float = 0.0

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Moment:
        """Draw a moment, from uniform numbers alone: their stream is the same in every NumPy."""
        dx, dy, turn, scale, exposure, wall = 2 * rng.random(6) - 1
        pose = Pose(0.5 * dx, 0.5 * dy, 0.025 * turn, 1 + 0.015 * scale)
        noise = 0.02 * (rng.random((3, SIZE, SIZE)).sum(axis=0) - 1.5)
        return cls(pose, 1 + 0.05 * exposure, 0.85 + 0.03 * wall, noise)


def draw(
    person: Person, condition: Condition, moment: Moment | None = None, *, planted: bool = True
) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.bool_]]]:
    """Draw one picture, with a mask for every part.

    Parameters
    ----------
    person : Person
        Who, such as one of `PEOPLE`.
    condition : Condition
        How, such as one of `CONDITIONS`.
    moment : Moment, optional
        Pose, exposure and noise; by default straight and without noise.
    planted : bool
        Whether to draw the feature that distinguishes the person.

    Returns
    -------
    levels : ndarray of shape (60, 60)
        Grey levels, 0 to 255.
    masks : dict of str to ndarray of shape (60, 60)
        For each of `PARTS`, the pixels of which it fills a quarter or more; ``"hairline"``, where hair meets skin;
        ``"outline"``, the edge of the head, covered or not; ``"distinguishing"``, the planted feature. The feature
        takes no pixel from the part that it lies on.

    Notes
    -----
    A picture is tone times light in front of a wall, as a camera sees it. The tones are drawn finely and averaged over
    each pixel; the light is smooth and computed once a pixel.
    """
    moment = moment or Moment()
    canvas = _drawn_figure(person, condition, moment.pose, planted)
    x, y = moment.pose.face_grid(SIZE)
    light = LIGHTS[condition.light]
    lit = to_pixels(canvas.tone * canvas.figure) * light_on(relief(person, condition, x, y), light)
    grey = lit + (1 - to_pixels(canvas.figure)) * lit_wall(person, light, x, y, moment.wall)
    levels = np.clip(grey * moment.exposure + moment.noise, 0, 1) * 255
    masks = {part: to_pixels(canvas.part == index) >= 0.25 for index, part in enumerate(PARTS)}
    masks["hairline"] = ndimage.binary_dilation(masks["hair"]) & ndimage.binary_dilation(masks["skin"])
    masks["outline"] = np.abs(head_shape(person).distance(x, y)) < 0.75
    masks[PLANTED] = to_pixels(canvas.planted) >= 0.25
    return np.floor(levels + 0.5).astype(np.uint8), masks


def _drawn_figure(person: Person, condition: Condition, pose: Pose, planted: bool) -> Canvas:
    """Draw a person from the back to the front."""
    canvas = Canvas(pose)
    draw_person(canvas, person, condition)
    if planted:
        draw_planted(canvas, person, condition)
    if condition.shows_glasses(person):
        draw_glasses(canvas, person)
    return canvas


def load(seed: int = 0, *, planted: bool = True) -> Dataset:
    """Draw the whole set: every person in every condition.

    Parameters
    ----------
    seed : int
        Of the poses, exposures and noise; the same seed gives the same images on every machine.
    planted : bool
        Whether to draw the planted features. Without them everything else is as with them, so the difference of the
        two sets shows what each feature does to the pixels.

    Returns
    -------
    Dataset
        165 images of shape (1, 60, 60) with their labels, the people; attributes, among them the condition and
        ``"distinguishing"``, the kind of the planted feature; and masks, as in :func:`draw`. All arrays are read-only.

    Examples
    --------
    >>> from tinynet.datasets import faces
    >>> people = faces.load()
    >>> people.x.shape, people.classes[:3]
    ((165, 1, 60, 60), ('Ada', 'Ben', 'Cleo'))
    """
    levels, masks = _pictures(whole_number("seed", seed, 0), boolean("planted", planted))
    labels = np.repeat(np.arange(len(PEOPLE)), len(CONDITIONS))
    x = grey_levels(levels)
    return Dataset(
        name=USAGE,
        x=_read_only(x),
        labels=_read_only(labels),
        classes=tuple(person.name for person in PEOPLE),
        attributes={name: _read_only(values) for name, values in _attributes().items()},
        masks=masks,
        licence=LICENCE,
        citation=CITATION,
        description=DESCRIPTION,
    )


@lru_cache(maxsize=2)
def _pictures(seed: int, planted: bool) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.bool_]]]:
    """Return grey levels of shape (165, 1, 60, 60) and the masks, kept because drawing takes seconds."""
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = [
        draw(person, condition, Moment.drawn(rng), planted=planted) for person, condition in product(PEOPLE, CONDITIONS)
    ]
    levels = np.stack([picture[None] for picture, _ in drawn])
    return _read_only(levels), {name: _read_only(np.stack([masks[name] for _, masks in drawn])) for name in drawn[0][1]}


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def _attributes() -> dict[str, NDArray[Any]]:
    """Return what is known of each picture from the tables."""
    pictures = list(product(PEOPLE, CONDITIONS))
    return {
        "condition": np.array([condition.name for _, condition in pictures]),
        "light": np.array([condition.light for _, condition in pictures]),
        PLANTED: np.array([person.distinguishing for person, _ in pictures]),
        "family": np.array([person.family for person, _ in pictures]),
        "smile": np.array([condition.smile > 0 for _, condition in pictures]),
        "open mouth": np.array([condition.gape > 0 for _, condition in pictures]),
        "closed eye": np.array([0 in condition.lids for _, condition in pictures]),
        "glasses": np.array([condition.shows_glasses(person) for person, condition in pictures]),
        "beard": np.array([person.beard for person, _ in pictures]),
        "bald": np.array([person.hair_style == "bald" for person, _ in pictures]),
        "long hair": np.array([person.hair_style in ("long", "bob") for person, _ in pictures]),
    }
