"""Faces drawn by code: 15 people in the 11 conditions of the Yale faces, with a mask for every part.

A person is a table of measures, a condition a table of expressions and lights, and both are drawn here with a few
soft-edged shapes. The people come in five families of three look-alikes, who share nearly everything but the one
feature that is planted in each (a mole, a widow's peak, a cleft chin ...). So it is known which pixels tell a person
from the others, and an explanation can be judged by whether it points there.

The file goes from the small to the large: the canvas, people and conditions, the parts of a face, the planted
features, the light, the whole set. All lengths are in pixels of the finished picture. A face has its origin on the
bridge of the nose, x to the right and y downwards.

References
----------
Belhumeur, Hespanha and Kriegman 1997, for the conditions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial, reduce
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinynet.datasets.dataset import Dataset, grey_levels
from tinynet.datasets.drawn.drawing import Array, Bounds, Ellipse, Lens, Point, Polygon, Shape, Stroke, Union, curve

Window = tuple[slice, slice]
Tone = float | Callable[[Array, Array], Array]

SIZE = 60
FINE = 4  # sub-pixels along a pixel's side
PARTS = ("background", "clothes", "neck", "ears", "skin", "hair", "brows", "eyes", "nose", "mouth", "beard", "glasses")
PLANTED = "distinguishing"

USAGE = "faces"
DESCRIPTION = "Faces, 60 x 60, drawn by code: 15 people x 11 conditions, every person with one planted feature"
LICENCE = "MIT"
CITATION = ""


# ---------------------------------------------------------------------------------------------------------- canvas


@dataclass(frozen=True)
class Pose:
    """Where a face stands in its picture: shifted by (`dx`, `dy`), turned by `angle`, enlarged by `scale`."""

    dx: float = 0.0
    dy: float = 0.0
    angle: float = 0.0
    scale: float = 1.0

    def face_grid(self, cells: int) -> tuple[Array, Array]:
        """Return the face's coordinates at the centres of `cells` x `cells` equal cells of the picture."""
        centre = (np.arange(cells) + 0.5) * (SIZE / cells) - SIZE / 2
        u, v = (centre[None, :] - self.dx) / self.scale, (centre[:, None] - self.dy) / self.scale
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return u * cos + v * sin, v * cos - u * sin

    def window(self, bounds: Bounds, margin: float) -> Window:
        """Return the rows and columns of the fine grid around a box in the face's coordinates."""
        left, top, right, bottom = bounds
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        corners = [(x, y) for x in (left - margin, right + margin) for y in (top - margin, bottom + margin)]
        columns = [(x * cos - y * sin) * self.scale + self.dx for x, y in corners]
        rows = [(x * sin + y * cos) * self.scale + self.dy for x, y in corners]
        return _span(rows), _span(columns)


def _span(positions: list[float]) -> slice:
    first, last = (int((value + SIZE / 2) * FINE) for value in (min(positions), max(positions)))
    return slice(max(first, 0), max(last + 2, 0))


class Canvas:
    """A fine picture under work: each sub-pixel's tone, whether it is figure or ground, and the part on top of it.

    Parameters
    ----------
    pose : Pose
        Where the face stands.
    """

    def __init__(self, pose: Pose) -> None:
        cells = SIZE * FINE
        self.pose = pose
        self.x, self.y = pose.face_grid(cells)
        self.tone = np.zeros((cells, cells))
        self.figure = np.zeros((cells, cells))
        self.part = np.zeros((cells, cells), np.int8)
        self.planted = np.zeros((cells, cells))

    def paint(self, shape: Shape, tone: Tone, part: str = "", soft: float = 0.5, opacity: float = 1.0) -> None:
        """Lay a tone over a shape, whose edge fades over `soft` pixels, and say which part it belongs to."""
        window, cover = self._cover(shape, soft)
        layer = tone(self.x[window], self.y[window]) if callable(tone) else tone
        self.tone[window] += opacity * cover * (layer - self.tone[window])
        self.figure[window] = np.maximum(self.figure[window], cover)
        self._claim(window, cover, part)

    def shade(self, shape: Shape, factor: float, part: str = "", soft: float = 0.5) -> None:
        """Multiply the tone in a shape: below 1 a fold or a shadow, above 1 a gleam."""
        window, cover = self._cover(shape, soft)
        self.tone[window] *= 1 + (factor - 1) * cover
        self._claim(window, cover, part)

    def _claim(self, window: Window, cover: Array, part: str) -> None:
        if part == PLANTED:
            self.planted[window] = np.maximum(self.planted[window], cover)
        elif part:
            self.part[window][cover >= 0.5] = PARTS.index(part)

    def _cover(self, shape: Shape, soft: float) -> tuple[Window, Array]:
        window = self.pose.window(shape.bounds, soft)
        return window, np.clip(0.5 - shape.distance(self.x[window], self.y[window]) / soft, 0, 1)


def _to_pixels(fine: NDArray[Any]) -> Array:
    """Return the mean of each pixel's sub-pixels."""
    total = np.zeros((SIZE, SIZE))
    for row, column in product(range(FINE), repeat=2):
        total += fine[row::FINE, column::FINE]
    return total / FINE**2


# ------------------------------------------------------------------------------------------- people and conditions


@dataclass(frozen=True)
class Person:
    """One identity, as a table of measures.

    Parameters
    ----------
    name, distinguishing, family : str
        Its name, the kind of its planted feature, and the name of the first of its look-alikes.
    skin, hair, iris, clothes : float
        Tones, 0 (black) to 1 (white); `lip_tone` is relative to the skin.
    hair_style : {"short", "curly", "long", "bob", "bald"}
        How the hair is worn.
    hairline, brow_level, eye_level, nose_tip, mouth_level, chin : float
        Heights, in pixels below the face's origin.
    face_width, jaw_width, chin_width, nose_width, mouth_width, eye_width, eye_gap : float
        Half-widths, and half the distance between the eyes, in pixels.
    eye_height, brow_weight, brow_arch, lips, ear_size, eye_tilt : float
        Further measures, in pixels; the size of the ears is relative, the tilt of the eyes a slope, upwards outside.
    beard, wears_glasses, round_glasses : bool
        A full beard; glasses unless a condition says otherwise, and the shape of the glass.
    age : float
        Depth of the lines of age, 0 to 1.
    """

    name: str
    distinguishing: str
    family: str = "Ben"
    skin: float = 0.72
    hair: float = 0.16
    hair_style: str = "short"
    hairline: float = -14.5
    face_width: float = 14.5
    jaw_width: float = 11.5
    chin_width: float = 5.5
    chin: float = 20.0
    ear_size: float = 1.0
    eye_level: float = -3.0
    eye_gap: float = 6.6
    eye_width: float = 3.6
    eye_height: float = 1.9
    eye_tilt: float = 0.05
    iris: float = 0.28
    brow_level: float = -7.2
    brow_weight: float = 0.8
    brow_arch: float = 1.3
    nose_tip: float = 5.2
    nose_width: float = 3.2
    mouth_level: float = 11.2
    mouth_width: float = 5.4
    lips: float = 1.5
    lip_tone: float = 0.72
    beard: bool = False
    age: float = 0.0
    wears_glasses: bool = False
    round_glasses: bool = True
    clothes: float = 0.35


_BEN = Person("Ben", "widow's peak")
_ADA = Person(
    "Ada", "bindi", "Ada", skin=0.66, hair=0.1, hair_style="long", face_width=13.6, jaw_width=10.0, chin_width=4.2,
    chin=19.2, hairline=-15.0, eye_width=3.9, eye_height=2.2, eye_tilt=0.1, brow_weight=0.55, brow_arch=1.9,
    nose_width=2.7, nose_tip=4.8, mouth_width=4.9, lips=1.9, lip_tone=0.58, clothes=0.55, ear_size=0.8,
)  # fmt: skip
_GUS = Person(
    "Gus", "forehead wrinkles", "Gus", skin=0.78, hair=0.42, hair_style="bald", face_width=14.8, jaw_width=12.6,
    chin_width=6.5, chin=20.6, ear_size=1.2, eye_height=1.6, eye_tilt=-0.06, brow_weight=0.95, brow_arch=0.8,
    nose_width=3.8, nose_tip=6.0, mouth_level=11.8, lips=1.1, beard=True, age=1.0, clothes=0.2,
)  # fmt: skip
_ELI = Person(
    "Eli", "cleft chin", "Eli", skin=0.5, hair=0.07, hair_style="curly", face_width=14.0, jaw_width=11.8, chin=20.2,
    eye_height=2.1, iris=0.14, brow_weight=0.8, brow_arch=1.0, nose_width=4.2, nose_tip=5.4, mouth_width=6.0, lips=2.3,
    lip_tone=0.8, clothes=0.75,
)  # fmt: skip
_FAY = Person(
    "Fay", "freckles", "Fay", skin=0.84, hair=0.5, hair_style="bob", hairline=-10.0, face_width=14.4, jaw_width=10.8,
    chin_width=4.4, chin=18.6, eye_gap=6.9, eye_width=3.8, eye_height=2.3, eye_tilt=0.02, iris=0.42, brow_weight=0.5,
    brow_arch=1.4, nose_width=2.6, nose_tip=4.4, mouth_level=10.4, mouth_width=4.6, lips=1.6, lip_tone=0.68,
    clothes=0.45, ear_size=0.8,
)  # fmt: skip

PEOPLE = (
    _ADA,
    _BEN,
    replace(_ADA, name="Cleo", distinguishing="hair parting", face_width=14.2, chin=19.8, eye_gap=7.0, brow_arch=1.5),
    replace(_BEN, name="Dev", distinguishing="eyebrow slit", nose_width=3.6, jaw_width=12.2, hairline=-15.5),
    _ELI,
    _FAY,
    _GUS,
    replace(
        _FAY, name="Hana", distinguishing="mole", wears_glasses=True, face_width=14.0, eye_tilt=0.1, hairline=-10.6
    ),
    replace(_BEN, name="Ivo", distinguishing="moustache", skin=0.76, chin=19.2, brow_level=-6.8),
    replace(_ELI, name="Jude", distinguishing="grey streak", skin=0.54, nose_width=3.8, chin=19.6),
    replace(
        _ELI,
        name="Kai",
        distinguishing="earring",
        mouth_width=5.5,
        jaw_width=11.0,
        skin=0.46,
        hairline=-13.4,
    ),
    replace(_FAY, name="Lea", distinguishing="dimples", wears_glasses=True, chin=19.4, hair=0.44, mouth_width=5.0),
    replace(_GUS, name="Max", distinguishing="birthmark", wears_glasses=True, round_glasses=False, nose_width=3.4),
    replace(_ADA, name="Nia", distinguishing="nose stud", lips=2.3, nose_tip=5.3, skin=0.62, hairline=-14.2),
    replace(_GUS, name="Otto", distinguishing="scar", wears_glasses=True, round_glasses=False, chin=19.8, age=0.6),
)


@dataclass(frozen=True)
class Condition:
    """One way of being pictured.

    Parameters
    ----------
    name : str
        What the Yale faces call it.
    light : str
        One of `LIGHTS`.
    glasses : bool or None
        Whether glasses are worn; None: as the person is used to.
    brow_raise, brow_worry : float
        How far the brows are lifted, and how far their inner ends are drawn up, in pixels.
    lids : tuple of float
        Upper lid of the left and the right eye in the picture: 0 is shut, 1 open, more is wide.
    smile : float
        From -1 (sad) to 1 (happy).
    mouth : {"closed", "teeth", "round"}
        What shows between the lips.
    gape, mouth_stretch : float
        How far the mouth is open, in pixels, and how wide it is, relative to the person's.
    """

    name: str
    light: str = "ambient"
    glasses: bool | None = None
    brow_raise: float = 0.0
    brow_worry: float = 0.0
    lids: tuple[float, float] = (1.0, 1.0)
    smile: float = 0.0
    mouth: str = "closed"
    gape: float = 0.0
    mouth_stretch: float = 1.0


CONDITIONS = (
    Condition("center-light", light="centre"),
    Condition("glasses", glasses=True),
    Condition("happy", smile=1.0, mouth="teeth", gape=2.0, mouth_stretch=1.32, lids=(0.72, 0.72), brow_raise=0.4),
    Condition("left-light", light="left"),
    Condition("no glasses", glasses=False),
    Condition("normal"),
    Condition("right-light", light="right"),
    Condition("sad", smile=-0.85, mouth_stretch=0.92, brow_worry=1.5, lids=(0.72, 0.72)),
    Condition("sleepy", lids=(0.0, 0.0), brow_raise=0.3, mouth_stretch=0.95),
    Condition("surprised", lids=(1.45, 1.45), brow_raise=2.3, mouth="round", gape=3.0, mouth_stretch=0.66),
    Condition("wink", lids=(1.0, 0.0), smile=0.55, mouth_stretch=1.1, brow_raise=-0.3),
)


# ------------------------------------------------------------------------------------------------ parts of a face


def _head(person: Person) -> Shape:
    """Return the outline of skull, jaw and chin."""
    skull = Ellipse(0, -6, person.face_width, 16.5)
    jaw = Ellipse(0, 6, person.jaw_width, person.chin - 7.5)
    chin = Ellipse(0, person.chin - 4, person.chin_width, 4)
    return Union(Union(skull, jaw, blend=4), chin, blend=4)


def _strands(tone: float, across: float, along: float) -> Tone:
    """Return a tone that varies in fine wisps, like combed hair."""

    def wisps(x: Array, y: Array) -> Array:
        wave = np.sin(across * x + 0.9 * np.sin(along * y)) + 0.6 * np.sin(2.3 * across * x + along * y + 1)
        return np.asarray(tone * (1 + 0.09 * wave) + 0.015 * wave)

    return wisps


def _curls(tone: float) -> Tone:
    """Return a tone that varies in small curls."""

    def dots(x: Array, y: Array) -> Array:
        return np.asarray(tone + 0.05 * np.sin(2.1 * x + 0.8 * np.sin(1.7 * y)) * np.sin(2.3 * y + np.sin(1.3 * x)))

    return dots


def _front_hair(person: Person) -> Shape:
    """Return the hair in front of the head, cut out around the face."""
    width, line = person.face_width, person.hairline
    match person.hair_style:
        case "bald":
            ring = Ellipse(0, -5, width + 1.5, 14) - Ellipse(0, -6, width - 1.6, 40)
            return ring & Ellipse(0, -5.5, 40, 7.5)
        case "short":
            quiff = Ellipse(2.5, -21, 9.5, 5.6, 0.12)
            crown = Union(Ellipse(0, -8.6, width + 1.5, 16.6), quiff, blend=3) & Ellipse(0, -24, 40, 23.5)
            return crown - Union(Ellipse(0, 8, width - 1.6, 8 - line), Ellipse(0, line + 9, width - 3.6, 9), blend=2)
        case "curly":
            tufts = [
                Ellipse(-(width + 3.2) * math.cos(turn), -8.5 - 16.6 * math.sin(turn), size, size)
                for turn, size in zip(np.linspace(-0.35, math.pi + 0.35, 13), (2.8, 3.3) * 7, strict=False)
            ]
            ball: Shape = Ellipse(0, -8.6, width + 3.8, 17.5)
            crown = reduce(Union, tufts, ball) & Ellipse(0, -26, 40, 27)
            return crown - Ellipse(0, 8, width - 1.2, 8 - line)
        case "long":
            crown = Ellipse(0, -7.5, width + 2.2, 18.4) & Ellipse(0, -22, 40, 27)
            return crown - Ellipse(0, 8, width - 1.5, 8 - line)
        case "bob":
            crown = Ellipse(0, -6.5, width + 2.6, 18.2) & Ellipse(0, -24, 40, 36)
            below_fringe = Ellipse(0, 9, width - 1.4, 24) - Ellipse(0, line - 16, 30, 16)
            return crown - below_fringe
        case unknown:
            raise ValueError(f"{person.name}: {unknown!r} is not a hair style that can be drawn")


def _back_hair(person: Person) -> Shape | None:
    """Return the hair behind head and neck, if the style has any."""
    width = person.face_width
    if person.hair_style == "long":
        return Union(Ellipse(0, -4, width + 3, 21), Polygon(((-12, -6), (12, -6), (15, 27), (-15, 27)), 3), blend=8)
    if person.hair_style == "bob":
        return Union(Ellipse(0, -5, width + 3.2, 19), Ellipse(0, 5, width + 3.6, 11), blend=4)
    return None


def _hair_tone(person: Person) -> Tone:
    return _curls(person.hair) if person.hair_style == "curly" else _strands(person.hair, 1.5, 0.35)


def _draw_behind(canvas: Canvas, person: Person) -> None:
    """Draw what the head covers: hair at the back, shoulders and neck."""
    back = _back_hair(person)
    if back is not None:
        canvas.paint(back, _strands(person.hair * 0.8, 1.5, 0.2), "hair")
    canvas.paint(Ellipse(0, 40, 27, 16), person.clothes, "clothes")
    neck = Union(Polygon(((-7, 10), (7, 10), (7.5, 27), (-7.5, 27)), 0.5), Ellipse(0, 27, 10, 3.2), blend=3)
    canvas.paint(neck, person.skin * 0.92, "neck")
    canvas.shade(Ellipse(0, person.chin + 0.5, 9, 5) & neck, 0.62, soft=4)


def _draw_skin(canvas: Canvas, person: Person) -> None:
    """Draw the bare head, with its cheeks and the lines of age."""
    canvas.paint(_head(person), person.skin, "skin")
    for side in (-1, 1):
        canvas.shade(Ellipse(side * 8, 6, 4.5, 3.5), 0.95, soft=4)
        canvas.shade(Ellipse(side * person.eye_gap, person.eye_level - 0.6, 4.8, 3.4), 0.86, soft=3.5)
        if person.age:
            nose, mouth, eye = person.nose_width + 0.8, person.mouth_width + 1.8, person.eye_gap
            tip, below_eye = person.nose_tip, person.eye_level + 2.3
            fold = curve((side * nose, tip - 1), (side * mouth, tip + 1), (side * mouth, person.mouth_level))
            canvas.shade(Stroke(fold, (0.25, 0.5, 0.2)), 1 - 0.32 * person.age, soft=1)
            bag = curve((side * (eye - 3), below_eye), (side * eye, below_eye + 1.7), (side * (eye + 3), below_eye))
            canvas.shade(Stroke(bag, (0.2, 0.4, 0.2)), 1 - 0.22 * person.age, soft=0.9)


def _draw_eye(canvas: Canvas, person: Person, side: int, lid: float) -> None:
    """Draw one eye, its upper lid from 0 (shut) over 1 (open) to 1.5 (wide)."""
    x, y, width, height = side * person.eye_gap, person.eye_level, person.eye_width, person.eye_height
    slant = -side * person.eye_tilt
    left, right = (x - width, y - width * slant), (x + width, y + width * slant)
    arch, dip = -2 * height * lid, 1.5 * height * min(1, 0.2 + lid)
    if lid == 0:
        arch = 1.8
    else:
        _draw_eyeball(canvas, person, Lens(x, y, width, -arch / 2, dip / 2, 0, slant))
        canvas.shade(Stroke(curve(left, (x, y + dip), right), (0.15, 0.25, 0.15)), 0.72, soft=0.7)
    canvas.paint(Stroke(curve(left, (x, y + arch), right), (0.2, 0.45, 0.3)), 0.1, "eyes", opacity=0.9)
    fold = curve((left[0], left[1] - 1.2), (x, y - 2 * height * max(lid, 0.75) - 1.6), (right[0], right[1] - 1.2))
    canvas.shade(Stroke(fold, (0.2, 0.3, 0.2)), 0.72, soft=0.8)


def _draw_eyeball(canvas: Canvas, person: Person, opening: Lens) -> None:
    """Draw the white, the iris, the pupil, the lid's shadow and the gleam, as far as the lids leave them free."""
    x, y, iris = opening.cx, opening.cy - 0.1, 1.16 * math.sqrt(person.eye_height)
    canvas.paint(opening, 0.93, "eyes")
    canvas.paint(opening & Ellipse(x, y, iris, iris), person.iris, "eyes")
    canvas.paint(opening & Ellipse(x, y, iris / 2, iris / 2), 0.04, "eyes")
    canvas.shade(opening & Ellipse(x, y - opening.up - 0.4, opening.half_width, 1.3), 0.72, soft=1)
    canvas.paint(opening & Ellipse(x - 0.5, y - 0.55, 0.45, 0.45), 1.0, "eyes", soft=0.3)


def _brow_points(person: Person, condition: Condition, side: int) -> tuple[Point, ...]:
    """Return the line of one brow, from the nose outwards."""
    lid = condition.lids[0 if side < 0 else 1]
    level = person.brow_level - condition.brow_raise + (0.6 if lid == 0 and condition.smile > 0 else 0)
    inner = level + 0.6 - condition.brow_worry
    outer = level + 0.9 + 0.6 * condition.brow_worry
    gap, peak = person.eye_gap, level - 1.2 * person.brow_arch
    return curve((side * (gap - 3.8), inner), (side * (gap + 0.8), peak), (side * (gap + 4.4), outer), steps=8)


def _draw_brow(canvas: Canvas, person: Person, condition: Condition, side: int) -> None:
    """Draw one brow, thinner outwards."""
    weight = person.brow_weight
    points = _brow_points(person, condition, side)
    canvas.paint(Stroke(points, (weight, weight * 1.1, weight * 0.45)), person.hair * 0.8, "brows", soft=0.9)


def _draw_nose(canvas: Canvas, person: Person) -> None:
    """Draw wings and nostrils; the light on the relief does the rest."""
    tip, width = person.nose_tip, person.nose_width
    bridge = person.eye_level - 1
    outline = Polygon(((-1.3, bridge), (1.3, bridge), (width, tip - 0.6), (width * 0.5, tip + 1.4),
                       (-width * 0.5, tip + 1.4), (-width, tip - 0.6)), 0.3)  # fmt: skip
    canvas.shade(outline, 1.03, "nose", soft=1.5)
    for side in (-1, 1):
        wing = curve((side * (width - 0.5), tip - 2.2), (side * (width + 0.9), tip), (side * (width - 0.9), tip + 1))
        canvas.shade(Stroke(wing, (0.2, 0.35, 0.3)), 0.66, soft=0.8)
        canvas.shade(Ellipse(side * width * 0.48, tip + 0.75, width * 0.24, 0.5, side * 0.3), 0.35, soft=0.6)
        flank = curve((side * 2.6, bridge), (side * 1.6, 0), (side * width * 0.8, tip - 2))
        canvas.shade(Stroke(flank, (0.6, 0.3, 0.5)), 0.9, soft=1.6)
    canvas.shade(Ellipse(0, tip + 1.8, width * 0.8, 0.7), 0.84, soft=1.2)
    canvas.shade(Ellipse(0, tip - 1, 0.9, 0.8), 1.1, soft=1.2)


def _draw_mouth(canvas: Canvas, person: Person, condition: Condition) -> None:
    """Draw lips, and what shows between them: a line, teeth, or the open mouth."""
    width, sag = person.mouth_width * condition.mouth_stretch, 1.9 * condition.smile
    lips, gap, red = person.lips, condition.gape, person.skin * person.lip_tone
    y = person.mouth_level - 0.55 * sag
    if condition.mouth == "round":
        canvas.paint(Ellipse(0, y + 0.4 * gap, width, gap + 0.9 * lips), red, "mouth", soft=0.8)
        canvas.paint(Ellipse(0, y + 0.4 * gap, width - 1, gap), 0.07, "mouth", soft=0.8)
        canvas.paint(Ellipse(0, y + gap, width * 0.5, 0.28 * gap), red * 0.7, "mouth", soft=1)
    else:
        canvas.paint(Lens(0, y, width, 0.2 * gap + 1.15 * lips, gap + 1.3 * lips, sag), red, "mouth", soft=0.8)
        canvas.shade(Lens(0, y, width, -gap - 0.25 * lips, gap + lips, sag), 1.16, soft=0.8)
        if gap:
            canvas.paint(Lens(0, y, width * 0.93, 0.2 * gap, gap, sag), 0.1, "mouth", soft=0.6)
            canvas.paint(Lens(0, y, width * 0.88, 0.15 * gap, 0.7 * gap, sag), 0.95, "mouth", soft=0.5)
        else:
            line = curve((-width, y), (0, y + 2 * sag), (width, y), steps=8)
            canvas.paint(Stroke(line, (0.25, 0.42, 0.25)), 0.14, "mouth", soft=0.7, opacity=0.85)
    canvas.shade(Ellipse(0, y + sag + gap + 1.3 * lips + 1.1, width * 0.5, 0.6), 0.86, soft=1.6)
    if condition.smile > 0:
        for side in (-1, 1):
            corner = side * (width + 0.9)
            fold = curve((side * (person.nose_width + 1.2), person.nose_tip), (corner + side * 1.3, y - 3), (corner, y))
            canvas.shade(Stroke(fold, (0.2, 0.4, 0.2)), 1 - 0.22 * condition.smile, soft=1)


def _draw_beard(canvas: Canvas, person: Person) -> None:
    """Draw a full beard around the mouth."""
    low = _head(person) & Ellipse(0, 24, 30, 19.5)
    lip = Lens(0, person.mouth_level - 0.3, person.mouth_width + 0.6, 1.5, 2.2)
    cheeks = Ellipse(0, person.nose_tip - 2.0, person.jaw_width - 1.2, 7.4)
    moustache = Lens(0, person.mouth_level - 1.6, person.mouth_width + 2.2, 1.6, 0.4, -0.6)
    region = (low - cheeks | moustache) - lip
    canvas.paint(region, _strands(person.hair * 0.75, 2.1, 0.5), "beard", soft=1.3, opacity=0.9)


def _draw_hair(canvas: Canvas, person: Person) -> None:
    """Draw the hair around the face, with a sheen on the crown."""
    hair = _front_hair(person)
    canvas.paint(hair, _hair_tone(person), "hair", soft=0.8)
    if person.hair_style in ("short", "long", "bob"):
        arc = curve((-person.face_width + 2, -13), (-2, -27), (person.face_width - 2, -13))
        canvas.shade(Stroke(arc, (0.2, 1.2, 0.2)) & hair, 1.1 + 0.12 / person.hair, soft=3)


def _draw_ears(canvas: Canvas, person: Person) -> None:
    """Draw the ears, unless hair covers them."""
    if person.hair_style in ("long", "bob"):
        return
    head, size = _head(person), person.ear_size
    for side in (-1, 1):
        x = side * (person.face_width + 0.4)
        canvas.paint(Ellipse(x, 0.3, 2.4 * size, 4.2 * size, side * 0.18) - head, person.skin * 0.9, "ears")
        fold = curve((x + side * 1.0, -2.2), (x + side * 1.7, 0.7), (x + side * 0.3, 2.6))
        canvas.shade(Stroke(fold, (0.4,)) - head, 0.68, soft=0.9)


def _draw_glasses(canvas: Canvas, person: Person) -> None:
    """Draw rims, bridge and temples, with a faint gleam in the glass."""
    y, gap = person.eye_level + 0.4, person.eye_gap
    for side in (-1, 1):
        x = side * (gap + 0.1)
        outer: Shape = Ellipse(x, y, 5.3, 4.9)
        inner: Shape = Ellipse(x, y, 4.4, 4.0)
        if not person.round_glasses:
            corners = ((x - 4.2, y - 2.6), (x + 4.2, y - 2.6), (x + 3.8, y + 2.8), (x - 3.8, y + 2.8))
            outer, inner = Polygon(corners, 1.2), Polygon(corners, 0.35)
        canvas.shade(inner, 1.04)
        glint = Stroke(((x - 2.6, y - 0.4), (x - 0.6, y - 2.6)), (0.5,))
        canvas.paint(glint, 1.0, "glasses", soft=0.9, opacity=0.4)
        canvas.paint(outer - inner, 0.08, "glasses")
        temple = ((side * (gap + 5), y - 1), (side * (person.face_width + 0.6), y - 1.4))
        canvas.paint(Stroke(temple, (0.45,)), 0.12, "glasses")
    bridge = curve((-gap + 4.8, y - 0.6), (0, y - 2.2), (gap - 4.8, y - 0.6))
    canvas.paint(Stroke(bridge, (0.45,)), 0.08, "glasses")


# ---------------------------------------------------------------------------------------------- planted features


def _draw_planted(canvas: Canvas, person: Person, condition: Condition) -> None:
    """Draw the one feature that nobody else has."""
    skin, line, mouth_y = person.skin, person.hairline, person.mouth_level
    paint, shade = partial(canvas.paint, part=PLANTED), partial(canvas.shade, part=PLANTED)
    match person.distinguishing:
        case "widow's peak":
            root = ((-5.5, line - 0.2), (0, line - 1.4), (5.5, line - 0.2))
            paint(Polygon((*root, (2.1, line + 1), (0, line + 5), (-2.1, line + 1))), _hair_tone(person))
        case "eyebrow slit":
            x, y = _brow_points(person, condition, -1)[4]
            paint(Stroke(((x - 1.1, y - 2.2), (x + 0.6, y + 2.2)), (1.0,)), skin)
        case "moustache":
            end = 0.85 * person.mouth_width
            whiskers = curve((-end, mouth_y - 1.7), (0, mouth_y - 3.6), (end, mouth_y - 1.7), steps=8)
            paint(Stroke(whiskers, (0.5, 1.0, 0.85, 1.0, 0.5)), _strands(person.hair, 2, 0.5), soft=0.8)
        case "bindi":
            paint(Ellipse(0, person.brow_level - 1.3, 1.5, 1.5), 0.1)
        case "hair parting":
            paint(Stroke(curve((-3.5, line + 0.3), (-3, line - 5), (-4.5, line - 9)), (1.3, 1.0, 0.5)), skin)
        case "nose stud":
            x, y = 0.1 - person.nose_width, person.nose_tip - 0.6
            paint(Ellipse(x, y, 1.5, 1.5), 0.1)
            paint(Ellipse(x, y - 0.1, 0.95, 0.95), 1.4)
        case "forehead wrinkles":
            for y in (-15.2, -12.6):
                shade(Stroke(curve((-7, y + 0.6), (0, y - 0.8), (7, y + 0.6)), (0.45, 0.65, 0.45)), 0.5, soft=0.8)
        case "birthmark":
            paint(Ellipse(6.4, -14.6, 2.3, 1.7, 0.5) | Ellipse(7.7, -12.7, 1.3, 1.5), skin * 0.5, soft=0.8)
        case "scar":
            paint(Stroke(((-7.8, 0.8), (-10.2, 7.2)), (0.5, 0.85, 0.5)), skin * 0.42, soft=0.7)
            for x, y in ((-8.6, 2.9), (-9.4, 5.0)):
                paint(Stroke(((x - 1.5, y - 0.6), (x + 1.5, y + 0.6)), (0.4,)), skin * 0.45, soft=0.6)
        case "cleft chin":
            y = person.chin - 3.2
            shade(Stroke(((0, y - 1.4), (0, y + 1.8)), (0.7, 1.15, 0.6)), 0.3, soft=0.8)
        case "grey streak":
            streak = Stroke(curve((-6.5, line + 1), (-8, line - 6), (-4.5, line - 10.5)), (1.3, 1.4, 0.8))
            paint(streak & _front_hair(person), _strands(0.72, 2, 0.4), soft=0.8)
        case "earring":
            x = person.face_width + 1.0
            paint(Ellipse(x, 6.6, 2.2, 2.6) - Ellipse(x, 6.4, 1.0, 1.4), 0.05)
        case "freckles":
            spots = ((3.4, 2.1), (5.3, 3.4), (7.1, 2.1), (8.9, 3.5), (4.2, 5.2), (7.4, 5.2))
            for side in (-1, 1):
                for x, y in spots:
                    paint(Ellipse(side * x, y + 0.25 * side, 0.72, 0.72), skin * 0.5)
        case "mole":
            paint(Ellipse(6.6, mouth_y - 2.6, 1.6, 1.6), 0.1)
        case "dimples":
            for side in (-1, 1):
                x = side * (person.mouth_width + 2.2)
                dent = curve((x, mouth_y - 2.4), (x + side, mouth_y), (x, mouth_y + 2))
                shade(Stroke(dent, (0.4, 0.95, 0.4)), 0.38, soft=0.8)
        case unknown:
            raise ValueError(f"{person.name}: {unknown!r} is not a feature that can be drawn")


# ----------------------------------------------------------------------------------------------------------- light


def _bump(x: Array, y: Array, cx: float, cy: float, rx: float, ry: float, height: float) -> Array:
    """Return a smooth hill, or a hollow if `height` is negative."""
    rest = np.maximum(1 - ((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2, 0)
    return np.asarray(height * rest * rest)


def _dome(shape: Shape, x: Array, y: Array, radius: float) -> Array:
    """Return the height of a shape blown up like a cushion, rounded off over `radius` from its edge."""
    rim = np.clip(radius + shape.distance(x, y), 0, radius)
    return np.sqrt(radius * radius - rim * rim)


def _relief(person: Person, condition: Condition, x: Array, y: Array) -> Array:
    """Return how far each point stands out towards the camera."""
    head: Shape = _head(person)
    height = _dome(head, x, y, 13.0)
    hair = _front_hair(person)
    height = np.maximum(height, 1.12 * _dome(head | hair, x, y, 13.0) * (hair.distance(x, y) < 0))
    height = np.maximum(height, 0.75 * _dome(Ellipse(0, 18, 8, 16), x, y, 8) - 3)
    height = np.maximum(height, 0.4 * _dome(Ellipse(0, 40, 27, 16), x, y, 12) - 3)
    tip, eye = person.nose_tip, person.eye_level
    height += _bump(x, y, 0, tip - 4, 3.0, 8.5, 2.4) + _bump(x, y, 0, tip - 0.8, person.nose_width + 0.8, 3.0, 2.4)
    for side in (-1, 1):
        height += _bump(x, y, side * person.eye_gap, eye, 5.2, 4.2, -1.7)
        height += _bump(x, y, side * person.eye_gap, person.brow_level, 6.0, 3.0, 0.7)
        height += _bump(x, y, side * 8.2, 4.5 - 0.8 * condition.smile, 5.5, 4.5, 1.2 + 0.6 * max(condition.smile, 0))
    height += _bump(x, y, 0, person.mouth_level, person.mouth_width + 1.5, 4.0, 1.2)
    height += _bump(x, y, 0, person.chin - 3.5, 5.5, 3.6, 1.3)
    return ndimage.gaussian_filter(height, 0.7)


@dataclass(frozen=True)
class Light:
    """Where light comes from (right, down, towards the camera), and how much falls on the face and on the wall.

    A `focus` above 1 lets it fall off sooner where the face turns away.
    """

    direction: tuple[float, float, float]
    everywhere: float
    beam: float
    wall: float = 0.0
    focus: float = 1.0


LIGHTS = {
    "ambient": Light((0.0, -0.45, 0.9), 0.52, 0.55),
    "centre": Light((0.0, -0.1, 1.0), 0.12, 0.98, wall=0.06, focus=1.6),
    "left": Light((-0.78, -0.25, 0.57), 0.3, 0.82, wall=-0.12),
    "right": Light((0.78, -0.25, 0.57), 0.3, 0.82, wall=-0.12),
}


def _light_on(height: Array, light: Light) -> Array:
    """Return the brightness of each pixel of a relief: what light is everywhere, and the beam where it arrives.

    Notes
    -----
    The beam's share is the cosine between its direction and the surface's normal (Lambert's law); the normal of a
    relief h is (-dh/dx, -dh/dy, 1) over its length.
    """
    right, down, forward = np.array(light.direction) / math.sqrt(sum(part * part for part in light.direction))
    slope_y, slope_x = np.gradient(height)
    cosine = (forward - right * slope_x - down * slope_y) / np.sqrt(1 + slope_x**2 + slope_y**2)
    shadow = _cast_shadow(height, int(np.sign(right)), forward / abs(right)) if right else 0.0
    return np.asarray(light.everywhere + light.beam * np.maximum(cosine, 0) ** light.focus * (1 - shadow))


def _cast_shadow(height: Array, side: int, rise: float) -> Array:
    """Return how much each pixel is shadowed by higher ones to one side, towards a light that rises so steeply."""
    above = np.zeros_like(height)
    for reach in range(1, 9):
        blocker = np.roll(height, -side * reach, axis=1)
        np.maximum(above, blocker - height - rise * reach, out=above)
    return np.asarray(0.8 * ndimage.gaussian_filter(np.minimum(above, 1), 0.6))


def _wall(person: Person, light: Light, x: Array, y: Array, brightness: float) -> Array:
    """Return the wall behind: brighter towards the light, with the head's shadow on the far side."""
    wall = brightness + light.wall - 0.002 * y
    away = -np.sign(light.direction[0])
    if away:
        shadow = Union(Ellipse(away * 11, -3, person.face_width + 3, 23), Ellipse(away * 12, 34, 26, 18), blend=6)
        wall -= 0.006 * away * x
        wall *= 1 - 0.55 * np.clip(0.5 - shadow.distance(x, y) / 4, 0, 1)
    return np.asarray(wall)


# ------------------------------------------------------------------------------------------------------- the set


@dataclass(frozen=True, eq=False)
class Moment:
    """What differs from one picture of a person to the next: pose, exposure, the wall's brightness, noise."""

    pose: Pose = Pose()
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
    person: Person, condition: Condition, moment: Moment | None = None, planted: bool = True
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
    lit = _to_pixels(canvas.tone * canvas.figure) * _light_on(_relief(person, condition, x, y), light)
    grey = lit + (1 - _to_pixels(canvas.figure)) * _wall(person, light, x, y, moment.wall)
    levels = np.clip(grey * moment.exposure + moment.noise, 0, 1) * 255
    masks = {part: _to_pixels(canvas.part == index) >= 0.25 for index, part in enumerate(PARTS)}
    masks["hairline"] = ndimage.binary_dilation(masks["hair"]) & ndimage.binary_dilation(masks["skin"])
    masks["outline"] = np.abs(_head(person).distance(x, y)) < 0.75
    masks[PLANTED] = _to_pixels(canvas.planted) >= 0.25
    return np.floor(levels + 0.5).astype(np.uint8), masks


def _drawn_figure(person: Person, condition: Condition, pose: Pose, planted: bool) -> Canvas:
    """Draw a person from the back to the front."""
    canvas = Canvas(pose)
    _draw_behind(canvas, person)
    _draw_skin(canvas, person)
    for side, lid in zip((-1, 1), condition.lids, strict=True):
        _draw_eye(canvas, person, side, lid)
    _draw_nose(canvas, person)
    if person.beard:
        _draw_beard(canvas, person)
    _draw_mouth(canvas, person, condition)
    _draw_hair(canvas, person)
    _draw_ears(canvas, person)
    for side in (-1, 1):
        _draw_brow(canvas, person, condition, side)
    if planted:
        _draw_planted(canvas, person, condition)
    if _with_glasses(person, condition):
        _draw_glasses(canvas, person)
    return canvas


def _with_glasses(person: Person, condition: Condition) -> bool:
    return person.wears_glasses if condition.glasses is None else condition.glasses


def load(seed: int = 0, planted: bool = True) -> Dataset:
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
    levels, masks = _pictures(seed, planted)
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
    drawn = [draw(person, condition, Moment.drawn(rng), planted) for person, condition in product(PEOPLE, CONDITIONS)]
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
        "glasses": np.array([_with_glasses(person, condition) for person, condition in pictures]),
        "beard": np.array([person.beard for person, _ in pictures]),
        "bald": np.array([person.hair_style == "bald" for person, _ in pictures]),
        "long hair": np.array([person.hair_style in ("long", "bob") for person, _ in pictures]),
    }
