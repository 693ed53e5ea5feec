"""Words and numbers in figures, shortened to the room that they have."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from functools import lru_cache

from tinynet.signatures import checked

TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # the direction of what follows
PREDICTIONS = {
    "logit": "logit",
    "probability": "probability",
    "log_probability": "log-probability",
    "margin": "margin over the strongest other class",
}


@checked
def visible(text: str) -> str:
    r"""Return a text with letters that nobody sees, or that turn the direction of others, written as their numbers.

    Parameters
    ----------
    text : str
        Such as the name of a class, which anyone may have chosen.

    Examples
    --------
    >>> print(visible("a\u202eb"))
    a\u202eb
    """
    return "".join(letter if _is_harmless(letter) else _escaped(letter) for letter in text)


def _is_harmless(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp") and letter not in TURNING


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


@checked
def number(value: float) -> str:
    """Return a number to three digits, or to two where it is small or large.

    Parameters
    ----------
    value : float
    """
    if value and not 1e-3 <= abs(value) < 999.5:  # which three digits would write as 1.00e+03
        digits, exponent = f"{value:.1e}".split("e")
        return f"{digits}e{int(exponent)}"
    return f"{value:#.{3 if abs(value) >= 1e-2 else 2}g}".removesuffix(".") if value else "0"


@checked
@lru_cache(maxsize=4096)
def short(text: str, width: float, size: float = 9, weight: str = "normal") -> str:
    """Return a text as matplotlib can draw it within some room: shortened, letters that no font has by their numbers.

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
    drawable = _drawable(text)
    if text_width(drawable, size, weight) <= width:
        return _literal(drawable)
    cuts = range(1, len(drawable) + 1)
    end = bisect_left(cuts, True, key=lambda end: text_width(drawable[:end].rstrip() + "…", size, weight) > width)
    return _literal(drawable[:end].rstrip() + "…")


def in_lines(text: str, width: float, size: float = 9, weight: str = "normal") -> list[str]:
    """Return a text in as few lines as there is room for, broken between words.

    Parameters
    ----------
    text : str
    width : float
        The room, in inches. A word that is wider has a line of its own.
    size : float
        Of the letters, in points.
    weight : str
        Of the letters.
    """
    lines: list[str] = []
    for word in _drawable(text).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _drawable(text: str) -> str:
    from tinynet.plots.letters import family

    seen = visible(" ".join(text.split()))
    return "".join(letter if family(letter) else _escaped(letter) for letter in seen)


def _literal(text: str) -> str:
    """Return the text so that dollar signs do not start a formula."""
    return text.replace("$", r"\$")


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
    from tinynet.plots.letters import width

    return width(_literal(text), size, weight) if text.strip() else 0.0


@checked
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


@checked
def gradient_of(of: str) -> str:
    """Return what the gradients of a kind are gradients of, in words.

    Parameters
    ----------
    of : {"logit", "probability", "log_probability", "margin"}
    """
    return PREDICTIONS.get(of, of)
