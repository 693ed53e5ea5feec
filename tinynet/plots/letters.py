"""Which font draws which letter: names of classes are written in any of the world's scripts."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.text import Text
from matplotlib.textpath import TextPath

FONT = "DejaVu Sans"  # comes with matplotlib
NO_LETTERS = ("Last Resort", "STIXNonUnicode")  # fonts that draw a letter's number or something else in its place


class LetteredFigure(Figure):
    """A figure whose texts take the letters that their font lacks from other fonts that are installed.

    Attributes
    ----------
    panels : sequence of (left, bottom, right, top)
        Where it can be cut, in inches from its lower left corner: nowhere, if there are none.
    """

    panels: Sequence[tuple[float, float, float, float]] = ()

    def draw(self, renderer: RendererBase) -> None:
        """Draw the figure."""
        for text in _texts(self):
            if len(names := families(text.get_text())) > 1:
                text.set_fontfamily(names)
        super().draw(renderer)

    def _repr_png_(self) -> bytes:
        """Return what a notebook shows, whether or not it has heard of matplotlib."""
        stream = io.BytesIO()
        self.savefig(stream, format="png")
        return stream.getvalue()


def _texts(artist: Artist) -> Iterator[Text]:
    """Yield the texts of a figure, but for the ticks of axes without frame: they are made when they are asked for."""
    if isinstance(artist, Text):
        yield artist
    without_frame = isinstance(artist, Axes) and not artist.axison
    for part in artist.get_children():
        if not (without_frame and isinstance(part, Axis)):
            yield from _texts(part)


def families(text: str) -> list[str]:
    """Return the names of the fonts that together draw a text, as matplotlib takes them.

    Parameters
    ----------
    text : str
    """
    return list(dict.fromkeys([FONT, *(name for name in map(family, text) if name)]))


@lru_cache(maxsize=4096)
def family(letter: str) -> str | None:
    """Return the name of a font that draws a letter, or None if no installed one does.

    Parameters
    ----------
    letter : str
    """
    if ord(letter) in _letters(findfont(FONT)):
        return FONT
    fonts = (font for font in fontManager.ttflist if font.style == "normal" and not font.name.startswith(NO_LETTERS))
    return next((font.name for font in fonts if ord(letter) in _letters(font.fname)), None)


def width(text: str, size: float, weight: str) -> float:
    """Return the room that a text takes, in inches.

    Parameters
    ----------
    text : str
    size : float
        Of the letters, in points.
    weight : str
        Of the letters.
    """
    path = TextPath((0, 0), text, size=size, prop=FontProperties(family=families(text), weight=weight))
    return float(path.vertices[:, 0].max(initial=0)) / 72  # of the control points: at least as far as the curves go


def missing(texts: Iterable[str]) -> str:
    """Return the letters that no installed font draws, each once.

    Parameters
    ----------
    texts : iterable of str
    """
    return "".join(dict.fromkeys(letter for text in texts for letter in " ".join(text.split()) if not family(letter)))


@cache
def _letters(path: str) -> frozenset[int]:
    return frozenset(get_font(path).get_charmap())
