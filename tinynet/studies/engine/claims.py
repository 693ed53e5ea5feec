"""A claim of a document beside our measurement: the table that every study prints and the file that it writes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import wrap

from tinynet.arguments import instance, whole_number, wrong
from tinynet.files import written_whole
from tinynet.plots import count_of
from tinynet.signatures import checked

VERDICTS = {True: "holds", False: "does not hold", None: "reported"}


@checked
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
    control : str
        What chance, an untrained network or another control gives for the same.
    settings : str
        What was chosen, and on which images; nothing is chosen on those that the claim is judged on.
    code : str
        The file that measures it, from the project's folder on; filled in by the study.
    """

    id: str
    claim: str
    documented: str
    measured: str
    holds: bool | None
    n_seeds: int
    data: str
    control: str = ""
    settings: str = ""
    code: str = ""

    def __post_init__(self) -> None:
        """Refuse what no table can show."""
        if not re.match(r"[A-Z]+-\d+(,|$)", self.id):
            raise wrong("id", self.id, "one such as LO-1")
        whole_number("n_seeds", self.n_seeds)

    @property
    def headline(self) -> str:
        """What was measured, up to the first semicolon or full stop that is not in brackets."""
        for end in re.finditer(r"; |\. ", self.measured):
            before = self.measured[: end.start()]
            if before.count("(") == before.count(")"):
                return before
        return self.measured

    @property
    def beside(self) -> dict[str, str]:
        """What stands beside the measurement, by what it is: the control and the settings, if there are any."""
        return {name: text for name, text in (("control", self.control), ("settings", self.settings)) if text}


@checked
def table(claims: Sequence[Claim], width: int = 100) -> str:
    """Return the claims as text to print.

    Parameters
    ----------
    claims : sequence of Claim
    width : int
        Of a line, in characters.
    """
    lines = []
    for claim in claims:
        lines.append(f"{claim.id}  {VERDICTS[claim.holds]}  ({claim.n_seeds} seeds, {claim.data})")
        told = {"claim": claim.claim, "document": claim.documented, "measured": claim.measured, **claim.beside}
        for what, text in told.items():
            indent = " " * 12
            lines += wrap(text, width, initial_indent=f"  {what:<10}", subsequent_indent=indent)
    return "\n".join(lines)


@checked
def save(claims: Sequence[Claim], folder: str | os.PathLike[str]) -> Path:
    """Write the claims to ``claims.json`` in a folder, and return its path."""
    path = Path(folder) / "claims.json"
    with written_whole(path) as temporary:
        text = json.dumps([asdict(claim) for claim in claims], indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return path


@checked
def load(path: str | os.PathLike[str]) -> list[Claim]:
    """Read the claims that `save` wrote.

    Parameters
    ----------
    path : path
        Of a ``claims.json``.

    Raises
    ------
    ValueError
        If the file does not hold claims.
    """
    try:
        return [Claim(**entry) for entry in json.loads(Path(path).read_text(encoding="utf-8"))]
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"{path}: holds no claims of a study ({error})") from error


def _told(studies: Sequence[Sequence[Claim]]) -> list[list[Claim]]:
    """Return the claims of several studies, having checked that they are some."""
    if not isinstance(studies, Sequence) or not all(isinstance(claims, Sequence) for claims in studies):
        raise wrong("studies", studies, "a list of lists of claims")
    return [
        [instance(f"a claim of studies[{n}]", claim, Claim) for claim in claims] for n, claims in enumerate(studies)
    ]


def summary(studies: Sequence[Sequence[Claim]]) -> str:
    """Return the claims of one document, measured on several data sets, as a short table in Markdown.

    Parameters
    ----------
    studies : sequence of sequence of Claim
        The claims as measured on each data set.

    Returns
    -------
    str
        One row for each claim, one column for each data set: the verdict, of the measurement what stands before its
        first semicolon or full stop, and the control; the last column says where settings come from and links to the
        program, as seen from a folder beside the package's. If a study has claims of several data sets, one row for
        each claim and data set.
    """
    measured = [claims for claims in _told(studies) if claims]
    mixed = any(len({claim.data for claim in claims}) > 1 for claims in measured)
    rows = _by_images(measured) if mixed else _by_study(measured)
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def _by_study(studies: Sequence[Sequence[Claim]]) -> list[list[str]]:
    names = [f"{claims[0].data}, {claims[0].n_seeds} networks" for claims in studies]
    rows = [["", "claim", "document", *names, "settings and program"]]
    by_id = [{claim.id: claim for claim in claims} for claims in studies]
    everything = {id: claim for claims in reversed(by_id) for id, claim in claims.items()}
    order = list(dict.fromkeys(id for claims in by_id for id in claims))
    for id in order:
        cells = [_cell(claims.get(id)) for claims in by_id]
        claim = everything[id]
        rows.append([id, claim.claim, claim.documented, *cells, _origin(claim)])
    return rows


def _by_images(studies: Sequence[Sequence[Claim]]) -> list[list[str]]:
    rows = [["", "claim", "document", "images", "measured", "settings and program"]]
    everything = [claim for claims in studies for claim in claims]
    for id in dict.fromkeys(claim.id for claim in everything):
        of_id = {claim.data: claim for claim in reversed(everything) if claim.id == id}  # the first study's word counts
        for data in dict.fromkeys(claim.data for claim in everything if claim.id == id):
            claim = of_id[data]
            images = f"{data}, {count_of(claim.n_seeds, 'network')}"
            rows.append([id, claim.claim, claim.documented, images, _cell(claim), _origin(claim)])
    return rows


def document(studies: Sequence[Sequence[Claim]]) -> str:
    """Return what the ids of claims begin with, such as "LO".

    Parameters
    ----------
    studies : sequence of sequence of Claim
        The claims as measured on each data set.

    Raises
    ------
    ValueError
        If they are of several documents, or there are none.
    """
    names = sorted({claim.id.partition("-")[0] for claims in _told(studies) for claim in claims})
    if len(names) != 1:
        raise ValueError(f"a table has the claims of one document, got those of {' and '.join(names) or 'none'}")
    return names[0]


def _cell(claim: Claim | None) -> str:
    if claim is None:
        return ""
    control = f"<br>*control:* {claim.control}" if claim.control else ""
    return f"**{VERDICTS[claim.holds]}**: {claim.headline}{control}"


def _origin(claim: Claim) -> str:
    link = f"[{Path(claim.code).name}](../{claim.code})" if claim.code else ""
    return "; ".join(filter(None, (claim.settings, link)))
