"""What a notebook shows of the things that users hold: small tables, curves and texts in HTML, without matplotlib."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from html import escape

import numpy as np

WIDTH, HEIGHT, BELOW = 320, 120, 14  # of curves, in pixels, and the room for the numbers of epochs
NUMBERS = 12  # of an array that a console shows
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#555555")  # the figures' blue and vermillion first


class ShownAsText:
    """Something whose text a notebook shows as it is printed."""

    def _repr_html_(self) -> str:
        return preformatted(str(self))


class ShownInBrief:
    """A dataclass of which a console shows the numbers that fit into a line, and of longer arrays the shape."""

    def __repr__(self) -> str:
        parts = ", ".join(f"{each.name} {in_brief(getattr(self, each.name))}" for each in fields(self))  # type: ignore[arg-type]
        return f"{type(self).__name__}: {parts}"


def in_brief(value: object) -> str:
    """Return a value as a part of a line: a short array rounded, of a longer one the shape.

    Parameters
    ----------
    value : object

    Examples
    --------
    >>> in_brief(np.array([0.5, 1 / 3])), in_brief(np.zeros((60, 28, 28))), in_brief({"tanh1": np.zeros(99)})
    ('[0.5 0.333]', 'of shape (60, 28, 28)', "{'tanh1': of shape (99,)}")
    """
    if isinstance(value, np.ndarray):
        shown = value.ndim < 2 and value.size <= NUMBERS
        return np.array2string(value, precision=3, max_line_width=10**6) if shown else f"of shape {value.shape}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {in_brief(each)}' for key, each in value.items())}}}"
    return reprlib.repr(value)


class Text(str):
    """A text that a notebook shows as it is printed, rather than in quotes on one line."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return preformatted(self)


def preformatted(text: str) -> str:
    """Return a text as HTML, its lines and columns kept.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> preformatted("a < b")
    '<pre>a &lt; b</pre>'
    """
    return f"<pre>{escape(text)}</pre>"


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as HTML; what is in it is text, whatever it looks like.

    Parameters
    ----------
    title : str
        Stands above it.
    head : sequence of str
        Names of the columns.
    rows : iterable of sequence
        What stands in each column.

    Examples
    --------
    >>> table("sizes", ["layer"], [["conv1"]])
    '<table><caption style="white-space:nowrap">sizes</caption><tr><th>layer</th></tr><tr><td>conv1</td></tr></table>'
    """
    lines = [_row("th", head), *(_row("td", row) for row in rows)]
    return f'<table><caption style="white-space:nowrap">{escape(title)}</caption>{"".join(lines)}</table>'


def _row(kind: str, cells: Sequence[object]) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(str(cell))}</{kind}>' for cell in cells)}</tr>"


def curves(title: str, lines: Mapping[str, Sequence[float]]) -> str:
    """Return curves over the epochs as an SVG image, from 0 to the largest value; gaps where there is no number.

    Parameters
    ----------
    title : str
        What is drawn.
    lines : mapping of str to sequence of float
        Values by epoch, by name.
    """
    known = np.concatenate([np.asarray(list(values), float) for values in lines.values()] or [np.zeros(0)])
    most = float(known[np.isfinite(known)].max(initial=0)) or 1.0
    steps = max(map(len, lines.values()), default=0)
    parts = [f'<path d="M0 {HEIGHT}H{WIDTH}M0 0V{HEIGHT}" stroke="#999"/>']
    for (name, values), colour in zip(lines.items(), COLOURS, strict=False):
        path = _path([value / most for value in values])
        parts.append(f'<path d="{path}" stroke="{colour}"><title>{escape(name)}</title></path>')
    words = " ".join(
        f'<tspan fill="{colour}">{escape(name)}</tspan>' for name, colour in zip(lines, COLOURS, strict=False)
    )
    below = f"{escape(title)}, 0 to {most:.3g}, by epoch, 1 to {steps}: {words}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + 4}" height="{HEIGHT + 2 * BELOW}" role="img" '
        f'aria-label="{escape(title)} by epoch" font-family="sans-serif" font-size="10">'
        f'<g transform="translate(2 2)" fill="none" stroke-width="1.5">{"".join(parts)}</g>'
        f'<text x="2" y="{HEIGHT + BELOW + 2}">{below}</text></svg>'
    )


def _path(heights: Sequence[float]) -> str:
    """Return the commands of a line through heights from 0 to 1, broken off where one is no number."""
    across = WIDTH / max(len(heights) - 1, 1)
    words, pen = [], "M"
    for at, height in enumerate(heights):
        if not np.isfinite(height):
            pen = "M"
            continue
        words.append(f"{pen}{at * across:.1f} {HEIGHT * (1 - height):.1f}")
        pen = "L"
    return "".join(words) + ("h0.1" if len(words) == 1 else "")
