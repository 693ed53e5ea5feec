"""A claim of a document beside our measurement: the table that every study prints and the file that it writes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import wrap

from tinynet.files import written_whole


@dataclass(frozen=True)
class Claim:
    """One row of a study.

    Attributes
    ----------
    id : str
        Such as "LO-1".
    claim : str
        What the document says.
    documented, measured : str
        Its number and ours, ours with its spread over seeds.
    holds : bool or None
        Whether it holds for us; None where that is not a yes-or-no matter.
    n_seeds : int
        How many runs the measurement rests on.
    data : str
        The data set.
    """

    id: str
    claim: str
    documented: str
    measured: str
    holds: bool | None
    n_seeds: int
    data: str


def table(claims: Sequence[Claim], width: int = 100) -> str:
    """Return the claims as text to print.

    Parameters
    ----------
    claims : sequence of Claim
    width : int
        Of a line, in characters.
    """
    verdicts = {True: "holds", False: "does not hold", None: "reported"}
    lines = []
    for claim in claims:
        lines.append(f"{claim.id}  {verdicts[claim.holds]}  ({claim.n_seeds} seeds, {claim.data})")
        for what, text in (("claim", claim.claim), ("document", claim.documented), ("measured", claim.measured)):
            indent = " " * 12
            lines += wrap(text, width, initial_indent=f"  {what:<10}", subsequent_indent=indent)
    return "\n".join(lines)


def save(claims: Sequence[Claim], folder: str | os.PathLike[str]) -> Path:
    """Write the claims to ``claims.json`` in a folder, and return its path.

    Parameters
    ----------
    claims : sequence of Claim
    folder : path
    """
    path = Path(folder) / "claims.json"
    with written_whole(path) as temporary:
        text = json.dumps([asdict(claim) for claim in claims], indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return path
