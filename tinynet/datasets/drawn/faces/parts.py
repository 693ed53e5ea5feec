"""The parts of a face: head, hair, eyes, brows, nose, mouth, beard, ears and glasses, each drawn on a canvas."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np

from tinynet.datasets.drawn.faces.canvas import Canvas, Tone
from tinynet.datasets.drawn.faces.people import Condition, Person
from tinynet.datasets.drawn.shapes import Array, Ellipse, Lens, Point, Polygon, Shape, Stroke, Union, curve


def head_shape(person: Person) -> Shape:
    """Return the outline of skull, jaw and chin."""
    skull = Ellipse(0, -6, person.face_width, 16.5)
    jaw = Ellipse(0, 6, person.jaw_width, person.chin - 7.5)
    chin = Ellipse(0, person.chin - 4, person.chin_width, 4)
    return Union(Union(skull, jaw, blend=4), chin, blend=4)


def strands(tone: float, across: float, along: float) -> Tone:
    """Return a tone that varies in fine wisps, like combed hair.

    Parameters
    ----------
    tone : float
        What it varies about.
    across, along : float
        How fast it varies to the right and down, in radians a pixel.
    """

    def wisps(x: Array, y: Array) -> Array:
        wave = np.sin(across * x + 0.9 * np.sin(along * y)) + 0.6 * np.sin(2.3 * across * x + along * y + 1)
        return np.asarray(tone * (1 + 0.09 * wave) + 0.015 * wave)

    return wisps


def _curls(tone: float) -> Tone:
    """Return a tone that varies in small curls."""

    def dots(x: Array, y: Array) -> Array:
        return np.asarray(tone + 0.05 * np.sin(2.1 * x + 0.8 * np.sin(1.7 * y)) * np.sin(2.3 * y + np.sin(1.3 * x)))

    return dots


def front_hair(person: Person) -> Shape:
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


def hair_tone(person: Person) -> Tone:
    """Return the tone of a person's hair: curls or strands."""
    return _curls(person.hair) if person.hair_style == "curly" else strands(person.hair, 1.5, 0.35)


def _draw_behind(canvas: Canvas, person: Person) -> None:
    """Draw what the head covers: hair at the back, shoulders and neck."""
    back = _back_hair(person)
    if back is not None:
        canvas.paint(back, strands(person.hair * 0.8, 1.5, 0.2), "hair")
    canvas.paint(Ellipse(0, 40, 27, 16), person.clothes, "clothes")
    neck = Union(Polygon(((-7, 10), (7, 10), (7.5, 27), (-7.5, 27)), 0.5), Ellipse(0, 27, 10, 3.2), blend=3)
    canvas.paint(neck, person.skin * 0.92, "neck")
    canvas.shade(Ellipse(0, person.chin + 0.5, 9, 5) & neck, 0.62, soft=4)


def _draw_skin(canvas: Canvas, person: Person) -> None:
    """Draw the bare head, with its cheeks and the lines of age."""
    canvas.paint(head_shape(person), person.skin, "skin")
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


def brow_points(person: Person, condition: Condition, side: int) -> tuple[Point, ...]:
    """Return the line of one brow, from the nose outwards.

    Parameters
    ----------
    person, condition : Person, Condition
        Whose brow it is, and what the face does with it.
    side : int
        -1 for the brow on the left of the picture, 1 for the other.
    """
    lid = condition.lids[0 if side < 0 else 1]
    level = person.brow_level - condition.brow_raise + (0.6 if lid == 0 and condition.smile > 0 else 0)
    inner = level + 0.6 - condition.brow_worry
    outer = level + 0.9 + 0.6 * condition.brow_worry
    gap, peak = person.eye_gap, level - 1.2 * person.brow_arch
    return curve((side * (gap - 3.8), inner), (side * (gap + 0.8), peak), (side * (gap + 4.4), outer), steps=8)


def _draw_brow(canvas: Canvas, person: Person, condition: Condition, side: int) -> None:
    """Draw one brow, thinner outwards."""
    weight = person.brow_weight
    points = brow_points(person, condition, side)
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
    low = head_shape(person) & Ellipse(0, 24, 30, 19.5)
    lip = Lens(0, person.mouth_level - 0.3, person.mouth_width + 0.6, 1.5, 2.2)
    cheeks = Ellipse(0, person.nose_tip - 2.0, person.jaw_width - 1.2, 7.4)
    moustache = Lens(0, person.mouth_level - 1.6, person.mouth_width + 2.2, 1.6, 0.4, -0.6)
    region = (low - cheeks | moustache) - lip
    canvas.paint(region, strands(person.hair * 0.75, 2.1, 0.5), "beard", soft=1.3, opacity=0.9)


def _draw_hair(canvas: Canvas, person: Person) -> None:
    """Draw the hair around the face, with a sheen on the crown."""
    hair = front_hair(person)
    canvas.paint(hair, hair_tone(person), "hair", soft=0.8)
    if person.hair_style in ("short", "long", "bob"):
        arc = curve((-person.face_width + 2, -13), (-2, -27), (person.face_width - 2, -13))
        canvas.shade(Stroke(arc, (0.2, 1.2, 0.2)) & hair, 1.1 + 0.12 / person.hair, soft=3)


def _draw_ears(canvas: Canvas, person: Person) -> None:
    """Draw the ears, unless hair covers them."""
    if person.hair_style in ("long", "bob"):
        return
    head, size = head_shape(person), person.ear_size
    for side in (-1, 1):
        x = side * (person.face_width + 0.4)
        canvas.paint(Ellipse(x, 0.3, 2.4 * size, 4.2 * size, side * 0.18) - head, person.skin * 0.9, "ears")
        fold = curve((x + side * 1.0, -2.2), (x + side * 1.7, 0.7), (x + side * 0.3, 2.6))
        canvas.shade(Stroke(fold, (0.4,)) - head, 0.68, soft=0.9)


def draw_glasses(canvas: Canvas, person: Person) -> None:
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


def draw_person(canvas: Canvas, person: Person, condition: Condition) -> None:
    """Draw a person from the back to the front, without glasses."""
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
