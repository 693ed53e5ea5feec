"""Shapes with soft edges, to draw with: each knows how far a point is from its edge."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bounds = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """A region of the plane, known by its signed distance: negative inside, about one a pixel."""

    def distance(self, x: Array, y: Array) -> Array:
        """Return the signed distance of points to the shape's edge.

        Parameters
        ----------
        x, y : ndarray
            The points, in pixels.

        Returns
        -------
        ndarray
            Of the same shape, in pixels; exact at the edge and right to first order near it.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define distance(x, y)")

    @property
    def bounds(self) -> Bounds:
        """A box (left, top, right, bottom) around the shape."""
        raise NotImplementedError(f"{type(self).__name__} does not define bounds")

    def __or__(self, other: Shape) -> Shape:
        return Union(self, other)

    def __and__(self, other: Shape) -> Shape:
        return Intersection(self, other)

    def __sub__(self, other: Shape) -> Shape:
        return Difference(self, other)


@dataclass(frozen=True)
class Ellipse(Shape):
    """An ellipse with half-axes `rx`, `ry` around (`cx`, `cy`), turned by `angle` radians."""

    cx: float
    cy: float
    rx: float
    ry: float
    angle: float = 0.0

    def distance(self, x: Array, y: Array) -> Array:
        """Return the distance to first order: the implicit function divided by its gradient's length."""
        u, v = x - self.cx, y - self.cy
        if self.angle:
            cos, sin = math.cos(self.angle), math.sin(self.angle)
            u, v = u * cos + v * sin, v * cos - u * sin
        u, v = u * u / self.rx**2, v * v / self.ry**2
        tiny = 1e-18  # for the centre, where both are zero
        radius = np.sqrt(u + v + tiny)
        return radius * (radius - 1) / np.sqrt(u / self.rx**2 + v / self.ry**2 + tiny / (self.rx * self.ry))

    @property
    def bounds(self) -> Bounds:
        """A box around the ellipse, generous if it is turned."""
        rx, ry = (self.rx, self.ry) if self.angle == 0 else (max(self.rx, self.ry),) * 2
        return self.cx - rx, self.cy - ry, self.cx + rx, self.cy + ry


@dataclass(frozen=True)
class Lens(Shape):
    """The region between two parabolas that meet in two corners: an eye, a lip, an open mouth.

    It is `half_width` to each side of (`cx`, `cy`), reaches `up` above its chord and `down` below it, the chord sags
    by `sag` in the middle and is turned by `angle`.
    """

    cx: float
    cy: float
    half_width: float
    up: float
    down: float
    sag: float = 0.0
    angle: float = 0.0

    def distance(self, x: Array, y: Array) -> Array:
        """Return the vertical distance, shortened where the parabola is steep."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        t = ((x - self.cx) * cos + (y - self.cy) * sin) / self.half_width
        v = (y - self.cy) * cos - (x - self.cx) * sin
        arch = 1 - t * t
        below, above = self.sag + self.down, self.sag - self.up
        slope = 2 * np.abs(t) / self.half_width
        lower = (v - below * arch) / np.sqrt(1 + (slope * below) ** 2)
        upper = (above * arch - v) / np.sqrt(1 + (slope * above) ** 2)
        return np.maximum(lower, upper)

    @property
    def bounds(self) -> Bounds:
        """A box around the lens."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        heights = min(0.0, self.sag - self.up), max(0.0, self.sag + self.down)
        corners = [(t, v) for t in (-self.half_width, self.half_width) for v in heights]
        xs = [self.cx + t * cos - v * sin for t, v in corners]
        ys = [self.cy + t * sin + v * cos for t, v in corners]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True)
class Stroke(Shape):
    """A pen line through `points`, its half-width going through `widths` on the way."""

    points: tuple[Point, ...]
    widths: tuple[float, ...] = (0.5,)

    def distance(self, x: Array, y: Array) -> Array:
        """Return the smallest distance to any segment, less the pen's half-width there."""
        stops = np.linspace(0, 1, len(self.widths))
        pen = np.interp(np.linspace(0, 1, len(self.points)), stops, self.widths)
        nearest = np.full(x.shape, np.inf)
        for (x0, y0), (x1, y1), w0, w1 in zip(self.points, self.points[1:], pen, pen[1:], strict=False):
            dx, dy = x1 - x0, y1 - y0
            along = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
            gap = np.sqrt((x - x0 - along * dx) ** 2 + (y - y0 - along * dy) ** 2)
            np.minimum(nearest, gap - (w0 + along * (w1 - w0)), out=nearest)
        return nearest

    @property
    def bounds(self) -> Bounds:
        """A box around the line and its width."""
        xs, ys = zip(*self.points, strict=True)
        pen = max(self.widths)
        return min(xs) - pen, min(ys) - pen, max(xs) + pen, max(ys) + pen


@dataclass(frozen=True)
class Polygon(Shape):
    """A closed polygon through `points`, its corners rounded off by `rounding`."""

    points: tuple[Point, ...]
    rounding: float = 0.0

    def distance(self, x: Array, y: Array) -> Array:
        """Return the distance to the nearest side, negative where a ray crosses the outline an odd number of times."""
        nearest = Stroke((*self.points, self.points[0]), (0.0,)).distance(x, y)
        inside = np.zeros(x.shape, bool)
        for (x0, y0), (x1, y1) in zip(self.points, (*self.points[1:], self.points[0]), strict=True):
            if y0 != y1:
                inside ^= ((y0 <= y) != (y1 <= y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
        return np.where(inside, -nearest, nearest) - self.rounding

    @property
    def bounds(self) -> Bounds:
        """A box around the polygon."""
        return Stroke(self.points, (self.rounding,)).bounds


@dataclass(frozen=True)
class Union(Shape):
    """What lies in either shape; `blend` rounds the seam between them."""

    first: Shape
    second: Shape
    blend: float = 0.0

    def distance(self, x: Array, y: Array) -> Array:
        """Return the smaller distance, lowered near the seam by a polynomial smooth minimum."""
        a, b = self.first.distance(x, y), self.second.distance(x, y)
        if self.blend == 0:
            return np.minimum(a, b)
        near = np.maximum(self.blend - np.abs(a - b), 0) / self.blend
        return np.minimum(a, b) - near * near * self.blend / 4

    @property
    def bounds(self) -> Bounds:
        """A box around both."""
        a, b = self.first.bounds, self.second.bounds
        return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


@dataclass(frozen=True)
class Intersection(Shape):
    """What lies in both shapes."""

    first: Shape
    second: Shape

    def distance(self, x: Array, y: Array) -> Array:
        """Return the larger distance."""
        return np.maximum(self.first.distance(x, y), self.second.distance(x, y))

    @property
    def bounds(self) -> Bounds:
        """The box that both boxes share."""
        a, b = self.first.bounds, self.second.bounds
        return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


@dataclass(frozen=True)
class Difference(Shape):
    """What lies in the first shape but not in the second."""

    first: Shape
    second: Shape

    def distance(self, x: Array, y: Array) -> Array:
        """Return the distance to the first shape's edge or the bite that the second takes."""
        return np.maximum(self.first.distance(x, y), -self.second.distance(x, y))

    @property
    def bounds(self) -> Bounds:
        """The first shape's box."""
        return self.first.bounds


def curve(start: Point, bend: Point, end: Point, steps: int = 6) -> tuple[Point, ...]:
    """Return points on the quadratic Bezier curve from `start` to `end` that leans towards `bend`.

    Parameters
    ----------
    start, bend, end : pair of float
        Places (x, y), in pixels.
    steps : int
        Number of pieces between the points.
    """
    return tuple(
        (
            (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * bend[0] + t * t * end[0],
            (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * bend[1] + t * t * end[1],
        )
        for t in (step / steps for step in range(steps + 1))
    )
