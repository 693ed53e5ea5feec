"""Words that a page explains on the spot: the rows of the glossary that pages need, which travel with the package."""

from __future__ import annotations

import html
import re
from functools import cache
from importlib.resources import files

from tinynet.plots import visible


def as_html(text: str) -> str:
    """Return a text as HTML, with signs for what cannot be seen; no line breaks between a number and its percent sign.

    Examples
    --------
    >>> as_html("<b> loses 5 %")
    '&lt;b&gt; loses 5&nbsp;%'
    """
    return html.escape(visible(text)).replace(" %", "&nbsp;%")


def explained(text: str) -> str:
    """Return a text as HTML in which the first use of each term opens what it means.

    Parameters
    ----------
    text : str
        Any text; it is escaped.

    Examples
    --------
    >>> explained("nothing to <explain>")
    'nothing to &lt;explain&gt;'
    """
    meanings, pattern = _terms()
    told: set[str] = set()

    def with_meaning(found: re.Match[str]) -> str:
        word = found.group(1).casefold()
        term, meaning = meanings.get(word) or meanings[word.removesuffix("s")]
        if term in told:
            return found.group()
        told.add(term)
        note = f"{as_html(term)}: {as_html(meaning)}"
        return f'<span class="term" tabindex="0">{found.group(1)}<span class="note" role="tooltip">{note}</span></span>'

    return pattern.sub(with_meaning, as_html(text))


@cache
def _terms() -> tuple[dict[str, tuple[str, str]], re.Pattern[str]]:
    """Return what each word means, and what finds the words in a text."""
    rows = [line.split("|")[1:4] for line in (files("tinynet.pages") / "terms.md").read_text("utf-8").splitlines()[2:]]
    meanings = {}
    for term, others, meaning in ([cell.strip() for cell in row] for row in rows):
        for word in [term, *filter(None, others.split(", "))]:
            meanings[word.casefold()] = (term, meaning)
    words = "|".join(sorted(map(re.escape, meanings), key=len, reverse=True))
    return meanings, re.compile(rf"(?<![\w-])({words}|(?:{words})s)(?![\w-])", re.IGNORECASE)
