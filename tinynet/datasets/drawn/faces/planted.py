"""The planted features: one for each person, which nobody else has."""

from __future__ import annotations

from functools import partial

from tinynet.datasets.dataset import PLANTED
from tinynet.datasets.drawn.faces.canvas import Canvas
from tinynet.datasets.drawn.faces.parts import brow_points, front_hair, hair_tone, strands
from tinynet.datasets.drawn.faces.people import Condition, Person
from tinynet.datasets.drawn.shapes import Ellipse, Polygon, Stroke, curve


def draw_planted(canvas: Canvas, person: Person, condition: Condition) -> None:
    """Draw the one feature that nobody else has."""
    skin, line, mouth_y = person.skin, person.hairline, person.mouth_level
    paint, shade = partial(canvas.paint, part=PLANTED), partial(canvas.shade, part=PLANTED)
    match person.distinguishing:
        case "widow's peak":
            root = ((-5.5, line - 0.2), (0, line - 1.4), (5.5, line - 0.2))
            paint(Polygon((*root, (2.1, line + 1), (0, line + 5), (-2.1, line + 1))), hair_tone(person))
        case "eyebrow slit":
            x, y = brow_points(person, condition, -1)[4]
            paint(Stroke(((x - 1.1, y - 2.2), (x + 0.6, y + 2.2)), (1.0,)), skin)
        case "moustache":
            end = 0.85 * person.mouth_width
            whiskers = curve((-end, mouth_y - 1.7), (0, mouth_y - 3.6), (end, mouth_y - 1.7), steps=8)
            paint(Stroke(whiskers, (0.5, 1.0, 0.85, 1.0, 0.5)), strands(person.hair, 2, 0.5), soft=0.8)
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
            paint(streak & front_hair(person), strands(0.72, 2, 0.4), soft=0.8)
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
