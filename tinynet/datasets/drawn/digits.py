"""Digits that look handwritten: strokes of a pen, drawn by code, in as many hands as images are asked for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import ndtr

from tinynet.arguments import whole_number
from tinynet.datasets.dataset import MOST_IMAGES, Dataset, data_errors, grey_levels

Array = NDArray[np.float64]
Stroke = tuple[tuple[float, float], ...]
Form = tuple[Stroke, ...]

USAGE = "digits[:COUNT]"
DESCRIPTION = "Handwritten-looking digits, 28 x 28, drawn by code: COUNT of them, by default 2,000"
LICENCE = "MIT"
CITATION = ""

SIZE = 28
LINE_BOX = 17.5  # pixels along the longer side of a digit's line: with the pen's width about 20, as in MNIST
MARGIN = 3.0  # pixels that the line keeps free along the edge
BEND = 0.045  # typical shift of a knot, in parts of the digit's height
EXTREME = 2.1  # standard deviations: nobody writes more oddly
MOST_STROKES = 2
SEGMENTS = 30  # straight pieces of a digit's line
FINE = 240  # points along a stroke, of which an image takes a few
KNOTS = 4  # along each side of the grid that bends the paper
CHUNK = 32  # images drawn at once: their arrays stay in the cache

FORMS: dict[str, tuple[Form, ...]] = {
    "0": (
        (((0.62, 0.04), (0.4, 0.02), (0.16, 0.22), (0.08, 0.55), (0.2, 0.88), (0.47, 0.99), (0.76, 0.87), (0.91, 0.5),
          (0.8, 0.14), (0.55, 0.03), (0.42, 0.05)),),
        (((0.5, 0.0), (0.27, 0.13), (0.15, 0.5), (0.26, 0.88), (0.5, 1.0), (0.72, 0.86), (0.83, 0.48), (0.7, 0.1),
          (0.5, 0.0), (0.38, 0.05)),),
        (((0.75, 0.1), (0.5, 0.0), (0.2, 0.2), (0.08, 0.6), (0.25, 0.93), (0.52, 0.98), (0.82, 0.75), (0.93, 0.38),
          (0.78, 0.08), (0.52, 0.09), (0.38, 0.22)),),
    ),
    "1": (
        (((0.5, 0.0), (0.5, 0.5), (0.5, 1.0)),),
        (((0.3, 0.24), (0.45, 0.12), (0.55, 0.0), (0.55, 0.0), (0.55, 0.5), (0.54, 1.0)),),
        (((0.28, 0.25), (0.44, 0.13), (0.54, 0.0), (0.54, 0.0), (0.53, 0.5), (0.52, 0.98)),
         ((0.22, 0.99), (0.52, 0.98), (0.82, 0.97))),
    ),
    "2": (
        (((0.14, 0.26), (0.28, 0.06), (0.55, 0.0), (0.8, 0.14), (0.8, 0.38), (0.58, 0.66), (0.34, 0.86), (0.12, 1.0),
          (0.12, 1.0), (0.5, 0.98), (0.92, 0.97)),),
        (((0.16, 0.2), (0.34, 0.03), (0.62, 0.03), (0.8, 0.22), (0.72, 0.48), (0.5, 0.76), (0.24, 0.96), (0.1, 0.9),
          (0.18, 0.76), (0.4, 0.82), (0.64, 0.96), (0.94, 0.92)),),
        (((0.1, 0.3), (0.25, 0.08), (0.5, 0.02), (0.72, 0.18), (0.66, 0.46), (0.42, 0.74), (0.14, 0.94), (0.14, 0.94),
          (0.38, 0.88), (0.62, 0.94), (0.92, 1.0)),),
    ),
    "3": (
        (((0.16, 0.12), (0.42, 0.0), (0.72, 0.06), (0.8, 0.24), (0.62, 0.42), (0.4, 0.48), (0.4, 0.48), (0.68, 0.52),
          (0.86, 0.7), (0.74, 0.92), (0.42, 1.0), (0.1, 0.9)),),
        (((0.14, 0.03), (0.46, 0.04), (0.8, 0.02), (0.8, 0.02), (0.6, 0.22), (0.42, 0.4), (0.42, 0.4), (0.7, 0.44),
          (0.86, 0.66), (0.74, 0.92), (0.42, 1.0), (0.1, 0.9)),),
        (((0.2, 0.14), (0.42, 0.02), (0.7, 0.06), (0.76, 0.26), (0.56, 0.44), (0.36, 0.46), (0.42, 0.4), (0.6, 0.47),
          (0.84, 0.66), (0.72, 0.92), (0.42, 0.99), (0.14, 0.84)),),
    ),
    "4": (
        (((0.2, 0.04), (0.14, 0.3), (0.1, 0.56), (0.1, 0.56), (0.46, 0.57), (0.9, 0.54)),
         ((0.74, 0.08), (0.7, 0.5), (0.66, 1.0))),
        (((0.66, 0.0), (0.36, 0.34), (0.08, 0.64), (0.08, 0.64), (0.5, 0.65), (0.95, 0.63)),
         ((0.67, 0.0), (0.66, 0.5), (0.65, 1.0))),
        (((0.18, 0.02), (0.12, 0.28), (0.2, 0.48), (0.46, 0.5), (0.72, 0.4)),
         ((0.82, 0.04), (0.72, 0.42), (0.62, 1.0))),
        (((0.24, 0.06), (0.16, 0.34), (0.2, 0.5), (0.5, 0.5), (0.88, 0.36), (0.88, 0.36), (0.9, 0.3), (0.82, 0.1),
          (0.82, 0.1), (0.7, 0.5), (0.62, 1.0)),),
    ),
    "5": (
        (((0.22, 0.04), (0.2, 0.22), (0.16, 0.42), (0.16, 0.42), (0.46, 0.35), (0.76, 0.46), (0.84, 0.7), (0.66, 0.93),
          (0.38, 1.0), (0.1, 0.9)),
         ((0.22, 0.04), (0.5, 0.04), (0.86, 0.02))),
        (((0.86, 0.02), (0.56, 0.04), (0.28, 0.06), (0.28, 0.06), (0.24, 0.25), (0.18, 0.44), (0.18, 0.44),
          (0.48, 0.4), (0.76, 0.52), (0.78, 0.78), (0.52, 0.97), (0.12, 0.92)),),
        (((0.9, 0.06), (0.56, 0.0), (0.32, 0.12), (0.28, 0.34), (0.5, 0.48), (0.7, 0.64), (0.68, 0.86), (0.44, 0.99),
          (0.14, 0.92)),),
    ),
    "6": (
        (((0.7, 0.02), (0.42, 0.14), (0.2, 0.42), (0.14, 0.72), (0.3, 0.96), (0.58, 0.98), (0.8, 0.8), (0.74, 0.58),
          (0.48, 0.52), (0.24, 0.66), (0.16, 0.8)),),
        (((0.46, 0.0), (0.28, 0.28), (0.16, 0.64), (0.24, 0.92), (0.5, 1.0), (0.74, 0.86), (0.72, 0.66), (0.5, 0.58),
          (0.3, 0.68), (0.2, 0.82)),),
        (((0.84, 0.06), (0.54, 0.08), (0.26, 0.32), (0.14, 0.66), (0.28, 0.94), (0.56, 0.99), (0.8, 0.84),
          (0.76, 0.6), (0.52, 0.52), (0.34, 0.62), (0.32, 0.78)),),
    ),
    "7": (
        (((0.1, 0.06), (0.46, 0.05), (0.86, 0.03), (0.86, 0.03), (0.66, 0.4), (0.44, 1.0)),),
        (((0.12, 0.06), (0.46, 0.05), (0.86, 0.03), (0.86, 0.03), (0.64, 0.42), (0.44, 1.0)),
         ((0.3, 0.52), (0.55, 0.5), (0.84, 0.47))),
        (((0.1, 0.22), (0.14, 0.06), (0.14, 0.06), (0.46, 0.09), (0.84, 0.04), (0.84, 0.04), (0.7, 0.3), (0.58, 0.62),
          (0.54, 1.0)),),
        (((0.08, 0.14), (0.28, 0.03), (0.58, 0.06), (0.84, 0.04), (0.8, 0.2), (0.6, 0.52), (0.4, 1.0)),),
    ),
    "8": (
        (((0.78, 0.16), (0.54, 0.0), (0.26, 0.12), (0.28, 0.36), (0.54, 0.52), (0.76, 0.7), (0.7, 0.93), (0.44, 1.0),
          (0.2, 0.88), (0.26, 0.66), (0.52, 0.48), (0.74, 0.32), (0.76, 0.12), (0.6, 0.02)),),
        (((0.5, 0.46), (0.26, 0.32), (0.3, 0.08), (0.54, 0.0), (0.76, 0.12), (0.72, 0.36), (0.48, 0.47), (0.22, 0.64),
          (0.22, 0.9), (0.5, 1.0), (0.78, 0.9), (0.78, 0.64), (0.52, 0.47), (0.42, 0.42)),),
        (((0.86, 0.04), (0.5, 0.04), (0.28, 0.18), (0.4, 0.4), (0.62, 0.56), (0.7, 0.8), (0.5, 0.98), (0.28, 0.88),
          (0.32, 0.66), (0.6, 0.42), (0.9, 0.1)),),
    ),
    "9": (
        (((0.76, 0.16), (0.52, 0.02), (0.24, 0.16), (0.2, 0.4), (0.42, 0.52), (0.66, 0.4), (0.78, 0.14), (0.78, 0.14),
          (0.74, 0.55), (0.68, 1.0)),),
        (((0.78, 0.2), (0.58, 0.02), (0.3, 0.12), (0.2, 0.36), (0.4, 0.5), (0.66, 0.4), (0.79, 0.18), (0.8, 0.5),
          (0.68, 0.85), (0.44, 1.0), (0.2, 0.92)),),
        (((0.66, 0.06), (0.36, 0.06), (0.2, 0.28), (0.34, 0.46), (0.62, 0.4), (0.76, 0.12), (0.7, 0.46), (0.56, 0.76),
          (0.42, 1.0)),),
        (((0.82, 0.06), (0.5, 0.0), (0.24, 0.16), (0.22, 0.4), (0.46, 0.48), (0.7, 0.32), (0.8, 0.08), (0.8, 0.08),
          (0.72, 0.5), (0.7, 1.0)),),
    ),
}  # fmt: skip
"""The ways to write each digit: strokes of points (x, y), y downwards; a point that stands twice is a corner."""


@dataclass(frozen=True)
class Hands:
    """How each of N digits is written: standard normal numbers, but for `form`.

    Parameters
    ----------
    form : ndarray of shape (N,)
        Which of the ways to write the digit, 0 to 1.
    bend : ndarray of shape (N, KNOTS**2, 2)
        Shift of each knot of a grid on the paper.
    shape : ndarray of shape (N, 5)
        Slant, turn, width, size, and how carelessly the digit is bent.
    place : ndarray of shape (N, 2)
        Where the digit stands, to the right and down.
    pen : ndarray of shape (N, 4)
        Width of the line, strength and phase of the change in pressure, softness of the edge.
    ends : ndarray of shape (N, 2, 4)
        Of each stroke: how much is missing at its start and its end, and its shift to the right and down.
    """

    form: Array
    bend: Array
    shape: Array
    place: Array
    pen: Array
    ends: Array

    @classmethod
    def draw(cls, n: int, rng: np.random.Generator) -> Hands:
        """Draw `n` hands, one after the other, so that a smaller number gives the first of a larger one.

        Parameters
        ----------
        n : int
            How many.
        rng : numpy.random.Generator
            Where they are drawn from.
        """
        counts = [1, KNOTS**2 * 2, 5, 2, 4, MOST_STROKES * 4]
        traits = np.clip(rng.standard_normal((n, sum(counts))), -EXTREME, EXTREME)
        form, bend, shape, place, pen, ends = np.split(traits, np.cumsum(counts)[:-1], axis=1)
        return cls(ndtr(form[:, 0]), bend.reshape(n, KNOTS**2, 2), shape, place, pen, ends.reshape(n, MOST_STROKES, 4))

    def take(self, rows: NDArray[np.int64]) -> Hands:
        """Return some of the hands.

        Parameters
        ----------
        rows : ndarray of int
            Which.
        """
        return Hands(*(getattr(self, field.name)[rows] for field in fields(self)))


def load(n: int = 2000, seed: int = 0) -> Dataset:
    """Draw digits.

    Parameters
    ----------
    n : int
        How many; every ten in a row are the ten digits in some order.
    seed : int
        Of the hands that write them; a smaller set is the beginning of a larger one of the same seed.

    Returns
    -------
    Dataset
        Images of shape (n, 1, 28, 28), white on black, in steps of 1/255: the same on every machine.

    Raises
    ------
    DataError
        If `n` or `seed` is no such number.

    Notes
    -----
    A digit is a line through a few points, in one of several forms. Each image bends the paper under it (smooth random
    shifts), shortens and shifts its strokes, slants, turns and stretches it, fits it into a box of about 20 pixels
    around its centre of mass, as MNIST does, and draws it with a pen whose width changes with the pressure.
    """
    with data_errors("digits"):
        n, seed = whole_number("n", n, 1, MOST_IMAGES), whole_number("seed", seed, 0)
    order, hand = (np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence(seed).spawn(2))
    labels = order.random((-(-n // 10), 10)).argsort(axis=1).ravel()[:n]
    hands = Hands.draw(n, hand)
    levels = np.empty((n, 1, SIZE, SIZE), np.uint8)
    for digit, forms in enumerate(FORMS.values()):
        form_of_image = (hands.form * len(forms)).astype(np.int64)
        for number, form in enumerate(forms):
            rows = np.flatnonzero((labels == digit) & (form_of_image == number))
            for chunk in np.split(rows, range(CHUNK, len(rows), CHUNK)):
                levels[chunk, 0] = _write(form, hands.take(chunk))
    return Dataset(
        name="digits",
        x=grey_levels(levels),
        labels=labels,
        classes=tuple("0123456789"),
        licence=LICENCE,
        citation=CITATION,
        description=DESCRIPTION,
    )


def _write(form: Form, hands: Hands) -> NDArray[np.uint8]:
    """Draw one form of a digit in several hands: bytes of shape (N, 28, 28)."""
    strokes = _placed(_bent(form, hands), hands)
    column = np.arange(SIZE, dtype=np.float64)
    row = column[:, None]
    radius = np.maximum(1.25 + 0.3 * hands.pen[:, 0], 0.75)
    softness = 1.0 + 0.2 * hands.pen[:, 3, None, None]
    swing = 0.18 * hands.pen[:, 1:2]
    inside = np.full((len(radius), SIZE, SIZE), -np.inf)
    for points in strokes:
        along = np.linspace(0, 1, points.shape[1])
        pressure = 1 + swing * np.sin(2 * np.pi * along + 2 * hands.pen[:, 2:3])
        widths = radius[:, None] * pressure
        for k in range(points.shape[1] - 1):
            np.maximum(inside, _inside(points[:, k], points[:, k + 1], widths[:, k], row, column), out=inside)
    ink = np.clip(0.5 + inside / softness, 0, 1)
    return np.rint(255 * ink).astype(np.uint8)


def _inside(start: Array, end: Array, radius: Array, row: Array, column: Array) -> Array:
    """Return how far each pixel lies inside the piece of a line, in pixels: its radius less the distance to it."""
    (x, y), (along_x, along_y) = start.T[..., None, None], (end - start).T[..., None, None]
    across, down = column - x, row - y
    squared = np.maximum(along_x**2 + along_y**2, 1e-12)
    nearest = np.clip(across * (along_x / squared) + down * (along_y / squared), 0, 1)
    distance = np.sqrt((across - nearest * along_x) ** 2 + (down - nearest * along_y) ** 2)
    return radius[:, None, None] - distance


def _bent(form: Form, hands: Hands) -> list[Array]:
    """Return the strokes of a form as each hand begins them: shortened, shifted and bent, still in the unit square."""
    bend = BEND * np.exp(0.5 * hands.shape[:, 4])[:, None, None] * hands.bend
    lines = [_line(stroke) for stroke in form]
    lengths = [np.hypot(*np.diff(line, axis=0).T).sum() for line in lines]
    strokes = []
    for number, (line, length) in enumerate(zip(lines, lengths, strict=True)):
        missing = np.maximum(0.03 + 0.05 * hands.ends[:, number, :2], 0)
        steps = np.linspace(0, 1, max(3, round(SEGMENTS * length / sum(lengths))) + 1)
        position = missing[:, :1] + steps * (1 - missing.sum(axis=1))[:, None]
        points = line[np.rint(position * (len(line) - 1)).astype(np.int64)]
        shift = 0.03 * hands.ends[:, number, None, 2:]
        strokes.append(points + shift + np.einsum("npk,nkd->npd", _near_knots(points), bend))
    return strokes


def _near_knots(points: Array) -> Array:
    """Return how much each knot's shift moves each point: a bump around the knot."""
    knots = np.stack(np.meshgrid(*2 * [np.linspace(0, 1, KNOTS)], indexing="ij"), axis=-1).reshape(-1, 2)
    squared = ((points[..., None, :] - knots) ** 2).sum(axis=-1)
    return np.exp(-squared * KNOTS**2 / 4)


def _placed(strokes: list[Array], hands: Hands) -> list[Array]:
    """Return the strokes slanted, turned, fitted into the box and centred, in pixels."""
    slant, turn, width, size = hands.shape[:, :4].T
    habit = 0.14 + 0.24 * slant, 0.12 * turn, 0.78 * np.exp(0.16 * width)
    turned = [_turned(points - 0.5, *habit) for points in strokes]
    everything = np.concatenate(turned, axis=1)
    low, high = everything.min(axis=1), everything.max(axis=1)
    scale = (LINE_BOX * np.exp(0.06 * size) / (high - low).max(axis=1))[:, None]
    shift = (SIZE - 1) / 2 + 0.5 * hands.place - scale * everything.mean(axis=1)
    shift = np.clip(shift, MARGIN - scale * low, SIZE - 1 - MARGIN - scale * high)
    return [points * scale[:, None] + shift[:, None] for points in turned]


def _turned(points: Array, slant: Array, turn: Array, width: Array) -> Array:
    """Return points made narrower or wider, slanted to the right, and turned by an angle in radians."""
    x, y = np.moveaxis(points, -1, 0)
    x = width[:, None] * x - slant[:, None] * y
    cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
    return np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=-1)


@cache
def _line(stroke: Stroke) -> Array:
    """Return FINE points, equally far apart, along the smooth line through the points of a stroke."""
    corners = [k for k in range(1, len(stroke)) if stroke[k] == stroke[k - 1]]
    pieces = [stroke[start:stop] for start, stop in pairwise([0, *corners, len(stroke)])]
    line = np.concatenate([_smooth(np.array(piece)) for piece in pieces])
    walked = np.concatenate([[0], np.hypot(*np.diff(line, axis=0).T).cumsum()])
    even = np.linspace(0, walked[-1], FINE)
    return np.stack([np.interp(even, walked, line[:, axis]) for axis in (0, 1)], axis=-1)


def _smooth(points: Array) -> Array:
    """Return a curve through points, which passes them at the pace of the square roots of their distances."""
    if len(points) == 2:
        return np.linspace(points[0], points[1], FINE)
    pace = np.concatenate([[0], np.sqrt(np.hypot(*np.diff(points, axis=0).T)).cumsum()])
    return np.asarray(CubicSpline(pace, points, bc_type="natural")(np.linspace(0, pace[-1], FINE)))
