"""A finished study as files: its claims, its figures, and the page that shows both."""

from __future__ import annotations

import io
import platform
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import tinynet
from tinynet.files import written_whole
from tinynet.pages.page import Page, render
from tinynet.pages.section import Section
from tinynet.plots import count_of
from tinynet.studies.engine.claims import VERDICTS, Claim, save

DPI = 130
PAGE = "study.html"
KICKER = "tinynet study"
FOOTER = f"Written by tinynet {tinynet.__version__}. This page needs no network and no other file."
FILES = {"claims.json": "the table of claims", "figures/": "the figures, one PNG file each"}


def write(folder: Path, page: Page, claims: Sequence[Claim], sections: Sequence[Section]) -> None:
    """Write ``claims.json``, the figures and the page to a folder.

    Parameters
    ----------
    folder : Path
    page : Page
    claims : sequence of Claim
    sections : sequence of Section
        What the page shows below the claims.
    """
    pictures = _drawn(sections, folder / "figures")
    save(claims, folder)
    with written_whole(folder / PAGE) as temporary:
        text = render(page, [_table(claims), *sections], pictures)
        temporary.write_bytes(text.encode("utf-8", errors="replace"))


def in_order(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims by their numbers, variants behind what they vary."""
    return sorted(claims, key=_order)


def in_short(claims: Sequence[Claim], seeds: int) -> list[str]:
    """Return what was found in a few sentences: how many claims hold, and which do not; the table says what was seen.

    Parameters
    ----------
    claims : sequence of Claim
    seeds : int
        Networks of a kind that they were measured on.
    """
    verdicts = [claim.holds for claim in claims]
    fallen = [claim for claim in claims if claim.holds is False]
    return [
        f"{verdicts.count(True)} of {len(claims)} claims hold, {len(fallen)} do not, {verdicts.count(None)} are no "
        f"matter of yes or no; measured with {count_of(seeds, 'seed')}.",
        *(f"{claim.id} does not hold: {claim.claim}." for claim in fallen),
    ]


def versions() -> str:
    """Return which versions were at work."""
    return f"python {platform.python_version()}, numpy {np.__version__}, tinynet {tinynet.__version__}"


def _order(claim: Claim) -> tuple[int, int]:
    number = claim.id.partition("-")[2].partition(",")[0]
    return int(number), len(claim.id)


def _drawn(sections: Sequence[Section], folder: Path) -> dict[str, bytes]:
    """Return the figures as PNG files, and write them to a folder."""
    pictures = {}
    for section in sections:
        if section.figure is not None:
            stream = io.BytesIO()
            section.figure.savefig(stream, format="png", dpi=DPI)
            pictures[section.name] = stream.getvalue()
            with written_whole(folder / f"{section.name}.png") as temporary:
                temporary.write_bytes(stream.getvalue())
    return pictures


def _table(claims: Sequence[Claim]) -> Section:
    head = ("id", "verdict", "claim", "document", "measured", "control", "settings")
    rows = [(c.id, VERDICTS[c.holds], c.claim, c.documented, c.measured, c.control, c.settings) for c in claims]
    return Section(
        "claims",
        "The claims",
        None,
        "",
        "Each claim of the document beside our measurement: the median over the networks and, in brackets, the range. "
        "A claim that does not hold here is a finding, as one that does; reported is what is not a matter of yes or "
        "no.",
        (),
        (head, *rows),
    )
