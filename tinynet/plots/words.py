"""Words and numbers in figures, shortened to the room that they have."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


FONT = "DejaVu Sans"
PREDICTIONS = {
    "logit": "logit",
    "probability": "probability",
    "log_probability": "log-probability",
    "margin": "margin over the strongest other class",
}


def number(value: float) -> str:
    """Return a number to three digits, or to two where it is very small or large.

    Parameters
    ----------
    value : float
    """
    if value and not 1e-2 <= abs(value) < 1e3:
        digits, exponent = f"{value:.1e}".split("e")
        return f"{digits}e{int(exponent)}"
    return f"{value:#.3g}".removesuffix(".") if value else "0"


@lru_cache(maxsize=4096)
def short(text: str, width: float, size: float = 9, weight: str = "normal") -> str:
    """Return a text as matplotlib can draw it within some room: shortened, and without what it has no picture of.

    Parameters
    ----------
    text : str
        Such as the name of a class.
    width : float
        The room, in inches.
    size : float
        Of the letters, in points.
    weight : str
        Of the letters.
    """
    known = _known_letters()
    drawable = "".join(letter if ord(letter) in known else "?" for letter in " ".join(text.split()))
    if text_width(drawable, size, weight) <= width:
        return _literal(drawable)
    cuts = range(1, len(drawable) + 1)
    end = bisect_left(cuts, True, key=lambda end: text_width(drawable[:end].rstrip() + "…", size, weight) > width)
    return _literal(drawable[:end].rstrip() + "…")


def _literal(text: str) -> str:
    """Return the text so that dollar signs do not start a formula."""
    return text.replace("$", r"\$")


@lru_cache(maxsize=1)
def _known_letters() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(FONT)).get_charmap())


def text_width(text: str, size: float, weight: str) -> float:
    """Return the room that a text takes, in inches.

    Parameters
    ----------
    text : str
    size : float
        Of the letters, in points.
    weight : str
        Of the letters.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    path = TextPath((0, 0), _literal(text), size=size, prop=FontProperties(family=FONT, weight=weight))
    return float(path.get_extents().x1) / 72


def count_of(how_many: int, what: str) -> str:
    """Return a number of things in words, such as "1 class" and "1,000 classes".

    Parameters
    ----------
    how_many : int
    what : str
        One of them.
    """
    plural = what + ("es" if what.endswith("s") else "s")
    return f"{how_many:,} {what if how_many == 1 else plural}"


def gradient_of(of: str) -> str:
    """Return what the gradients of a kind are gradients of, in words.

    Parameters
    ----------
    of : {"logit", "probability", "log_probability", "margin"}
    """
    return PREDICTIONS.get(of, of)
