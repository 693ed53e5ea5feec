"""Light: a face as a relief, lit from one side or all around, in front of a wall."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from tinynet.datasets.drawn.faces.parts import front_hair, head_shape
from tinynet.datasets.drawn.faces.people import Condition, Person
from tinynet.datasets.drawn.shapes import Array, Ellipse, Shape, Union


def _bump(x: Array, y: Array, cx: float, cy: float, rx: float, ry: float, height: float) -> Array:
    """Return a smooth hill, or a hollow if `height` is negative."""
    rest = np.maximum(1 - ((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2, 0)
    return np.asarray(height * rest * rest)


def _dome(shape: Shape, x: Array, y: Array, radius: float) -> Array:
    """Return the height of a shape blown up like a cushion, rounded off over `radius` from its edge."""
    rim = np.clip(radius + shape.distance(x, y), 0, radius)
    return np.sqrt(radius * radius - rim * rim)


def relief(person: Person, condition: Condition, x: Array, y: Array) -> Array:
    """Return how far each point stands out towards the camera, in pixels.

    Parameters
    ----------
    person : Person
        Whose face it is.
    condition : Condition
        How it looks: a smile raises the cheeks.
    x, y : ndarray of shape (H, W)
        The points, in the face's coordinates.

    Returns
    -------
    ndarray of shape (H, W)
    """
    head: Shape = head_shape(person)
    height = _dome(head, x, y, 13.0)
    hair = front_hair(person)
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


def light_on(height: Array, light: Light) -> Array:
    """Return the brightness of each pixel of a relief: what light is everywhere, and the beam where it arrives.

    Parameters
    ----------
    height : ndarray of shape (H, W)
        How far each pixel stands out, in pixels.
    light : Light
        Where it comes from, and how much.

    Returns
    -------
    ndarray of shape (H, W)

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


def lit_wall(person: Person, light: Light, x: Array, y: Array, brightness: float) -> Array:
    """Return the wall behind: brighter towards the light, with the head's shadow on the far side.

    Parameters
    ----------
    person : Person
        Whose shadow it is.
    light : Light
        Where it comes from.
    x, y : ndarray of shape (H, W)
        The points, in the face's coordinates.
    brightness : float
        Of the wall by itself.
    """
    wall = brightness + light.wall - 0.002 * y
    away = -np.sign(light.direction[0])
    if away:
        shadow = Union(Ellipse(away * 11, -3, person.face_width + 3, 23), Ellipse(away * 12, 34, 26, 18), blend=6)
        wall -= 0.006 * away * x
        wall *= 1 - 0.55 * np.clip(0.5 - shadow.distance(x, y) / 4, 0, 1)
    return np.asarray(wall)
