"""The course, laid out in a folder: chapters as scripts and as notebooks, exercises and what grades them.

A chapter is a script in percent format: ``# %% [markdown]`` begins a cell of text, ``# %%`` a cell of code.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from tinynet.files import workshop
from tinynet.interruption import held_back

PACKAGE = Path(__file__).resolve().parent
PLACES = (PACKAGE / "tutorials", PACKAGE.parent / "tutorials")  # in a package that was built; beside one that was not
PARTS = ("[0-9][0-9]_*.py", "README.md", "glossary.md", "cheatsheet.md", "exercises/*.py")
PARTS_FOR_TEACHERS = (
    "[a-z]*.py",
    "TEACHING.md",
    "solutions/*.py",
    "mistakes/*.py",
    "variants/*.py",
    "web/static/slides.*",
)
CELL = re.compile(r"^# %%(?P<markdown> \[markdown\])?.*$")
FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
MARKED = re.compile(r"`(?P<code>[^`]+)`|\$[^$]+\$|(?<!\w)\*(?P<stressed>[^\s*](?:[^*]*[^\s*])?)\*(?!\w)")


def cells_of(script: str) -> list[tuple[str, str]]:
    """Return the cells of a script in percent format.

    Parameters
    ----------
    script : str
        Its text.

    Returns
    -------
    list of (str, str)
        "markdown" or "code", and the text; empty cells are left out.

    Raises
    ------
    ValueError
        If there is code before the first cell.
    """
    cells: list[tuple[str, list[str]]] = []
    for line in script.splitlines():
        if head := CELL.match(line):
            cells.append(("markdown" if head["markdown"] else "code", []))
        elif cells:
            kind, lines = cells[-1]
            lines.append(re.sub(r"^# ?", "", line) if kind == "markdown" else line)
        elif line.strip():
            raise ValueError(f"{line!r} stands before the first '# %%'")
    texts = [(kind, "\n".join(lines).strip("\n")) for kind, lines in cells]
    return [(kind, text) for kind, text in texts if text.strip()]


def with_folded_marks(text: str) -> str:
    """Return Markdown whose folded answers have their code and emphasis as HTML, which is all that is read in there.

    Parameters
    ----------
    text : str
        Formulas between dollars stay as they are.
    """

    def as_html(found: re.Match[str]) -> str:
        if found["code"]:
            return f"<code>{found['code'].replace('&', '&amp;').replace('<', '&lt;')}</code>"
        return f"<em>{found['stressed']}</em>" if found["stressed"] else found[0]

    return FOLDED.sub(lambda folded: MARKED.sub(as_html, folded[0]), text)


def notebook_of(script: str) -> dict[str, Any]:
    """Return the notebook of a script in percent format, not executed, as what its file holds (nbformat 4.5).

    Parameters
    ----------
    script : str
        Its text.
    """
    cells: list[dict[str, Any]] = []
    for number, (kind, text) in enumerate(cells_of(script), start=1):
        ran: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
        shown = with_folded_marks(text) if kind == "markdown" else text
        cells.append({"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": shown, **ran})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def lay_out(folder: str | os.PathLike[str], *, teacher: bool = False) -> list[Path]:
    """Lay the course out in a folder; what is there already is left alone.

    Parameters
    ----------
    folder : path
        It is made if need be.
    teacher : bool
        Lay out what a teacher needs, too: solutions, typical mistakes and other right work, ``TEACHING.md``, and the
        program that grades a class, writes slides and begins a chapter.

    Returns
    -------
    list of Path
        The scripts of the chapters. A notebook without outputs lies beside each, and what the exercises need in the
        folder ``exercises``.

    Raises
    ------
    ValueError
        If a file of the course is there already; nothing is written then.
    OSError
        If the folder cannot be written to, or its disk is full: the same.
    """
    source = next((place for place in PLACES if place.is_dir()), None)
    if source is None:
        raise ValueError("course: this installation holds no course, expected one from a wheel or a clone")
    folder = Path(folder)
    patterns = PARTS + PARTS_FOR_TEACHERS if teacher else PARTS
    parts = [path.relative_to(source) for pattern in patterns for path in sorted(source.glob(pattern))]
    chapters = [part for part in parts if part.name[:2].isdecimal()]  # 01_neurons.py
    notebooks = [part.with_suffix(".ipynb") for part in chapters]
    if there := next((part for part in (*parts, *notebooks) if (folder / part).exists()), None):
        raise ValueError(f"course: {folder / there} is there already, expected a folder without it; nothing is written")
    folder.mkdir(parents=True, exist_ok=True)
    with workshop(folder) as bench:
        for part in parts:
            (bench / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / part, bench / part)
        for chapter, notebook in zip(chapters, notebooks, strict=True):
            written = notebook_of((source / chapter).read_text(encoding="utf-8"))
            (bench / notebook).write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        with held_back():
            for part in (*parts, *notebooks):
                (folder / part).parent.mkdir(parents=True, exist_ok=True)
                os.replace(bench / part, folder / part)
    return [folder / chapter for chapter in chapters]
