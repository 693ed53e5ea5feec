"""A part of a page: a figure, how to read it, and what it shows in this run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes
    ----------
    name : str
        Of the figure's file, without its ending, and of the place on the page.
    title : str
    figure : Figure or None
    alt : str
        What the figure shows, for readers who do not see it.
    reading : str
        How to read the figure.
    found : tuple of str
        What it shows in this run, in sentences.
    table : tuple of rows
        The figure's numbers; the first row holds the headings.
    group : str
        What it is listed under in the contents.
    narrow_table : bool
        Whether a narrow screen shows the table in place of a figure that it would make too small to read.
    """

    name: str
    title: str
    figure: Figure | None
    alt: str
    reading: str
    found: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    group: str = "The evidence"
    narrow_table: bool = False
