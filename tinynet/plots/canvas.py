"""What figures are drawn on: sheets of panels, laid out in inches so that nothing overlaps."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from tinynet.arguments import whole_number
from tinynet.plots.pictures import as_drawn, aspect
from tinynet.plots.words import short
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tinynet.plots.letters import LetteredFigure


WIDTH = 9.0  # inches, of a figure
SHOWN = 15  # classes that a figure with one panel a class shows at most
MAPS_A_LINE, MOST_MAPS = 10, 40
MARGIN = 0.12
TITLE = 0.34


class Panel:
    """A part of a sheet, in which things are placed in inches from its lower left corner.

    Parameters
    ----------
    figure : Figure
    left, bottom, width, height : float
        In inches.
    """

    def __init__(self, figure: Figure, left: float, bottom: float, width: float, height: float) -> None:
        self.figure = figure
        self.left, self.bottom, self.width, self.height = left, bottom, width, height

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Return new axes without frame.

        Parameters
        ----------
        left, bottom, width, height : float
            In inches, within the panel.
        """
        across, up = self.figure.get_size_inches()
        place = ((self.left + left) / across, (self.bottom + bottom) / up, width / across, height / up)
        axes = self.figure.add_axes(place)
        axes.set_axis_off()
        return axes

    def image(self, picture: Array, left: float, bottom: float, width: float) -> Axes:
        """Draw a grey or RGB image, and return its axes.

        Parameters
        ----------
        picture : ndarray of shape (C, H, W)
        left, bottom, width : float
            In inches; the height follows from the image.
        """
        return self.pixels(as_drawn(picture), left, bottom, width, width * aspect(picture))

    def pixels(
        self,
        picture: Array,
        left: float,
        bottom: float,
        width: float,
        height: float,
        limits: tuple[float, float] = (0.0, 1.0),
        colours: str = "gray",
    ) -> Axes:
        """Draw an array as large as fits, and return its axes.

        Parameters
        ----------
        picture : ndarray of shape (H, W) or (H, W, 3)
        left, bottom, width, height : float
            Where, in inches.
        limits : pair of float
            The values that are black and white, or the ends of other colours.
        colours : str
            The name of a colour map.
        """
        axes = self.axes(left, bottom, width, height)
        axes.imshow(picture, cmap=colours, vmin=limits[0], vmax=limits[1], interpolation="nearest")
        return axes

    def text(
        self,
        text: str,
        left: float,
        bottom: float,
        width: float,
        size: float = 9,
        weight: str = "normal",
        align: str = "left",
        color: str = "black",
    ) -> None:
        """Write a text, shortened to the room that it has.

        Parameters
        ----------
        text : str
        left, bottom : float
            Where it begins (or ends, if aligned to the right), in inches.
        width : float
            The room, in inches.
        size, weight, align, color
            As matplotlib takes them.
        """
        across, up = self.figure.get_size_inches()
        words = short(text, width, size, weight)
        place = ((self.left + left) / across, (self.bottom + bottom + 0.04) / up)
        self.figure.text(*place, words, fontsize=size, fontweight=weight, ha=align, va="baseline", color=color)


class Sheet:
    """A figure of equal panels under a title, laid out in inches so that nothing overlaps.

    Parameters
    ----------
    count, columns : int
        Panels, and how many of them beside each other.
    size : pair of float
        Width and height of a panel.
    title : str
        Of the figure.
    gap : float
        Between rows.
    header : float
        Height of a strip between title and panels.
    width : float
        Of the figure.
    """

    def __init__(
        self,
        count: int,
        columns: int,
        size: tuple[float, float],
        title: str,
        gap: float = MARGIN,
        header: float = 0.0,
        width: float = WIDTH,
    ) -> None:
        from tinynet.plots.letters import LetteredFigure

        self.count, self.columns, self.size, self.gap, self.width = count, columns, size, gap, width
        self.rows = max(ceil(count / columns), 1)
        body = self.rows * (size[1] + gap) - gap
        head = (TITLE if title else 0.0) + header
        self.figure = LetteredFigure(figsize=(width, body + head + 2 * MARGIN))
        self.top = MARGIN + body
        if min(count, columns) > 1:
            self.figure.panels = self._cuts()
        self.header = Panel(self.figure, MARGIN, self.top, width - 2 * MARGIN, header)
        if title:
            Panel(self.figure, MARGIN, self.top + header, width - 2 * MARGIN, TITLE).text(
                title, (width - 2 * MARGIN) / 2, 0.1, width - 2 * MARGIN, size=11, align="center"
            )

    def _cuts(self) -> list[tuple[float, float, float, float]]:
        """Return where the figure can be cut: below its head, and half-way between panels."""
        edge, across = MARGIN / 2, (self.width - MARGIN) / self.columns
        head = (0.0, self.top + edge, self.width, float(self.figure.get_size_inches()[1]))
        panels = [
            (edge + column * across, bottom - edge, edge + (column + 1) * across, bottom + self.size[1] + edge)
            for column, bottom in map(self._place, range(self.count))
        ]
        return [head, *panels] if head[3] - head[1] > MARGIN else panels

    def _place(self, index: int) -> tuple[int, float]:
        """Return the column of a panel, and where its lower edge is."""
        row, column = divmod(index, self.columns)
        return column, self.top - (row + 1) * self.size[1] - row * self.gap

    def panels(self) -> Iterator[Panel]:
        """Yield the panels, row by row from the top left."""
        for index in range(self.count):
            column, bottom = self._place(index)
            left = MARGIN + column * (self.width - MARGIN) / self.columns
            yield Panel(self.figure, left, bottom, *self.size)


def panel_width(columns: int) -> float:
    """Return how wide panels are, in inches, if so many stand beside each other.

    Parameters
    ----------
    columns : int
        From 1 to 50.
    """
    return (WIDTH - MARGIN) / whole_number("columns", columns, 1, 50) - MARGIN


def new_figure(height: float, width: float = WIDTH) -> LetteredFigure:
    """Return an empty figure whose texts make room for themselves.

    Parameters
    ----------
    height, width : float
        In inches.
    """
    from tinynet.plots.letters import LetteredFigure

    return LetteredFigure(figsize=(width, height), layout="constrained")


def cut_between(figure: LetteredFigure) -> None:
    """Let a figure of axes side by side be cut: below its title, and half-way between its axes.

    Parameters
    ----------
    figure : LetteredFigure
        One whose axes stand in one row, with all that belongs to them.
    """
    figure.draw_without_rendering()
    to_inches = figure.dpi_scale_trans.inverted()
    tight = [axes.get_tightbbox() for axes in figure.axes]
    boxes = [box.transformed(to_inches) for box in tight if box is not None]
    across, up = figure.get_size_inches()
    top = float(max(box.y1 for box in boxes)) + 0.02
    between = [float(left.x1 + right.x0) / 2 for left, right in pairwise(boxes)]
    figure.panels = [
        (0.0, top, float(across), float(up)),
        *((left, 0.0, right, top) for left, right in pairwise([0.0, *between, float(across)])),
    ]


def plain_axes(axes: Axes) -> None:
    """Take away what axes do not need, and add a faint grid.

    Parameters
    ----------
    axes : Axes
    """
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)


def with_rest(title: str, count: int, shown: int = SHOWN) -> str:
    """Return a title that says how many are left out where a figure cannot show all.

    Parameters
    ----------
    title : str
    count, shown : int
        How many there are, and how many can be shown.
    """
    return title if count <= shown else f"{title} (the first {shown} of {count})"
