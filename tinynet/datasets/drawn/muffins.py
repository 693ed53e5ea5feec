"""Dog, muffin or fried chicken: pictures in colour in which two classes differ only in how their spots are arranged."""

from __future__ import annotations

from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinynet.arguments import whole_number
from tinynet.datasets.dataset import MOST_IMAGES, PLANTED, Dataset, data_errors, grey_levels

Array = NDArray[np.float64]

USAGE = "muffins[:COUNT]"
DESCRIPTION = "Dogs, muffins and fried chicken, 32 x 32, in colour, drawn by code: COUNT of each, by default 300"
LICENCE = "MIT"
CITATION = "after Gulati, Lyrio, Pommer, Saboya 2017, section 3"

CLASSES = ("dog", "muffin", "chicken")
SIZE = 32
REACH = 7.0  # pixels from the middle of the body to the middle of a spot, at most
APART = 6.0  # pixels between the middles of two spots, at least
FACE = np.array([-4.4 - 2.4j, 4.4 - 2.4j, 4.8j])  # two eyes and a nose below: across and, imaginary, down
TILT = 0.35  # radians that a dog leans its head to either side, at most
LIKE_A_FACE = 0.35  # distance from a face, in parts of its size, below which spots are none of a muffin's
ORDERS = np.array(list(permutations(range(3))))
CRUMBS = 14
TRIES = 200


class Body(NamedTuple):
    """What the dog, the muffin and the chicken of one number share: all but their spots or crumbs."""

    x: Array
    y: Array
    inside: Array
    colours: Array
    spots: Array
    dark: Array


def load(n_per_class: int = 300, seed: int = 0) -> Dataset:
    """Draw the pictures.

    Parameters
    ----------
    n_per_class : int
        How many of each class.
    seed : int
        Of all that is drawn.

    Returns
    -------
    Dataset
        3 `n_per_class` images of shape (3, 32, 32), in the order dog, muffin, chicken, dog, ...; a smaller set is the
        beginning of a larger one. Attribute "body" is the number of the body that the three in a row share: split
        with ``groups="body"`` to keep them together. The masks say where the "spots" of dogs and muffins and the
        "crumbs" of chicken are; "distinguishing" is either.

    Raises
    ------
    DataError
        If `n_per_class` or `seed` is no such number.

    Notes
    -----
    A dog and the muffin of its number are the same picture but for the places of three dark, round spots: two eyes and
    a nose, or three raisins anywhere that is not like a face. Each spot by itself says "no chicken" and nothing else,
    so whoever tells dogs from muffins has compared their places. Spots are far enough from each other and from the
    edge for a window of 5 x 5 pixels to see one at a time. Chicken has the same body with crumbs, light and dark.

    References
    ----------
    Gulati et al. 2017, section 3, whose photographs of the three are found look-alikes.
    """
    with data_errors("muffins"):
        n_per_class, seed = whole_number("n_per_class", n_per_class, 1, MOST_IMAGES), whole_number("seed", seed, 0)
    pixels = np.empty((n_per_class, len(CLASSES), 3, SIZE, SIZE), np.uint8)
    spots, crumbs = (np.zeros((n_per_class, len(CLASSES), SIZE, SIZE), bool) for _ in range(2))
    for number in range(n_per_class):
        rng = np.random.Generator(np.random.PCG64([seed, number]))
        body = _body(rng)
        for label, places in enumerate((_face(rng), _scattered(rng))):
            pixels[number, label], spots[number, label] = _spotted(body, places)
        pixels[number, 2], crumbs[number, 2] = _crumbed(body, rng)
    masks = {name: mask.reshape(-1, SIZE, SIZE) for name, mask in (("spots", spots), ("crumbs", crumbs))}
    return Dataset(
        name="muffins",
        x=grey_levels(pixels.reshape(-1, 3, SIZE, SIZE)),
        labels=np.tile(np.arange(len(CLASSES)), n_per_class),
        classes=CLASSES,
        attributes={"body": np.repeat(np.arange(n_per_class), len(CLASSES))},
        masks={**masks, PLANTED: masks["spots"] | masks["crumbs"]},
        licence=LICENCE,
        citation=CITATION,
        description=DESCRIPTION,
    )


def face_distance(places: NDArray[np.complex128]) -> Array:
    """Return how far three places are from two eyes and a nose below: 0 for a face, in parts of their own spread.

    Parameters
    ----------
    places : ndarray of shape (..., 3)
        Across and, imaginary, down.

    Returns
    -------
    ndarray of shape (...)

    Notes
    -----
    Of all faces, moved, enlarged and tilted by at most `TILT`, the nearest: with both sets of points centred, the best
    factor is <face, places> / <face, face>, its angle held within the tilt. Which spot is which does not matter.
    """
    face, moved = FACE - FACE.mean(), places - places.mean(axis=-1, keepdims=True)
    ordered = moved[..., ORDERS]
    turned = np.exp(1j * np.clip(np.angle(ordered @ face.conj()), -TILT, TILT))[..., None] * face
    size = np.maximum((turned.conj() * ordered).sum(axis=-1).real, 0) / np.vdot(face, face).real
    distances = np.linalg.norm(ordered - size[..., None] * turned, axis=-1) / np.linalg.norm(ordered, axis=-1)
    return np.asarray(distances.min(axis=-1))


def _body(rng: np.random.Generator) -> Body:
    """Draw a round body of a warm colour on a ground, with light from one side and a coarse grain."""
    cells = np.arange(SIZE) + 0.5 - SIZE / 2
    x, y = np.meshgrid(cells - rng.uniform(-1.2, 1.2), cells - rng.uniform(-1.2, 1.2))
    angle, radius = np.arctan2(y, x), np.hypot(x, y)
    edge = rng.uniform(11.6, 13.2)
    for waves in (2, 3, 5):
        edge = edge + rng.uniform(0, 0.8 / waves) * np.cos(waves * angle + rng.uniform(0, 2 * np.pi))
    inside = np.clip((edge - radius) / 1.2 + 0.5, 0, 1)
    ground = rng.uniform(0.25, 0.85) + rng.uniform(-0.12, 0.12, 3)
    warm = np.array([0.78, 0.56, 0.34]) * rng.uniform(0.85, 1.2) + rng.uniform(-0.05, 0.05, 3)
    grain = np.kron(rng.standard_normal((SIZE // 2, SIZE // 2)), np.ones((2, 2)))
    toward = rng.uniform(0, 2 * np.pi)
    light = 1 + 0.012 * (x * np.cos(toward) + y * np.sin(toward)) + 0.035 * grain
    colours = ground[:, None, None] * (1 - inside) + warm[:, None, None] * light * inside
    return Body(x, y, inside, colours, rng.uniform(1.5, 2.1, 3), rng.uniform(0.08, 0.24, 3))


def _face(rng: np.random.Generator) -> NDArray[np.complex128]:
    """Return two eyes and a nose below, as a dog holds its head."""
    while True:
        turned = rng.uniform(0.85, 1.15) * np.exp(1j * rng.uniform(-TILT, TILT)) * FACE
        places = turned + complex(*rng.uniform(-1.8, 1.8, 2))
        if abs(places).max() <= REACH:
            return places


def _scattered(rng: np.random.Generator) -> NDArray[np.complex128]:
    """Return three raisins apart from each other, anywhere but in a face: the first of many that are."""
    while True:
        places = rng.uniform(-REACH, REACH, (TRIES, 3)) + 1j * rng.uniform(-REACH, REACH, (TRIES, 3))
        apart = abs(places - places[:, [1, 2, 0]]).min(axis=1) >= APART
        good = apart & (abs(places).max(axis=1) <= REACH) & (face_distance(places) >= LIKE_A_FACE)
        if good.any():
            return np.asarray(places[good.argmax()])


def _spotted(body: Body, places: NDArray[np.complex128]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    cover = np.zeros_like(body.inside)
    tone = np.zeros_like(body.inside)
    for place, radius, dark in zip(places, body.spots, body.dark, strict=True):
        spot = np.clip(radius - np.hypot(body.x - place.real, body.y - place.imag) + 0.5, 0, 1)
        cover, tone = np.maximum(cover, spot), np.where(spot > 0, dark, tone)
    return _to_bytes(body.colours * (1 - cover) + tone * cover), cover >= 0.25


def _crumbed(body: Body, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    far, toward, turn = 10 * np.sqrt(rng.random(CRUMBS)), *rng.uniform(0, 2 * np.pi, (2, CRUMBS))
    long, thin, tone = rng.uniform(2.0, 3.4, CRUMBS), rng.uniform(0.5, 0.9, CRUMBS), rng.choice([-0.3, 0.28], CRUMBS)
    offset = body.x + 1j * body.y - (far * np.exp(1j * toward))[:, None, None]
    turned = offset * np.exp(-1j * turn)[:, None, None]
    distance = np.hypot(turned.real / long[:, None, None], turned.imag / thin[:, None, None])
    crumbs = np.clip(1.4 - distance, 0, 1) * body.inside
    colours = body.colours * (1 + tone[:, None, None] * crumbs).prod(axis=0)
    return _to_bytes(colours), crumbs.max(axis=0) >= 0.25


def _to_bytes(colours: Array) -> NDArray[np.uint8]:
    return np.rint(255 * np.clip(colours, 0, 1)).astype(np.uint8)
