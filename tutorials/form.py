"""The form that every chapter has, so that readers find their way and teachers know what they hand out.

`departures` says where a chapter has it not yet; ``course.py check`` prints that.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from tinynet.course import cells_of

ROWS = ("Where you are", "You will do", "You will learn", "You need", "Time")
PREDICTION = re.compile(r"\*\*Before you run the next cell\.\*\*")
FOLDED = re.compile(r"<details>\s*<summary>(?P<title>.+?)</summary>(?P<text>.+?)</details>", re.DOTALL)
BOX = re.compile(r"\*\*Exercise (?P<number>\d+\.\d+)\*\*(?P<rating> \((?:★☆☆|★★☆|★★★), \d+ minutes\))?")
ITEM = re.compile(r"^(?:-|\d\.) ", re.MULTILINE)
GRADES = re.compile(r'^@pytest\.mark\.exercise\("(\d+\.\d+)"\)$(?:.|\n(?!\n))*?\ndef (test_\w+)', re.MULTILINE)
BARE = re.compile(r"\b(?:in|see|repeat) [1-9]\d?\.\d\b(?! (?:s|%|seconds)\b)", re.IGNORECASE)  # a section? an exercise?
PREDICTIONS, LINES, OTHERS = (3, 5), 5, 3
HINTS = ["Hint 1", "Hint 2", "Hint 3"]


def caught_by(mistake: Path) -> set[str]:
    """Return the tests that the first paragraph of a mistake names."""
    return set(re.findall(r"test_\w+", _read(mistake).partition("\n\n")[0]))


def departures(chapter: Path) -> list[str]:
    """Return where a chapter departs from the form, one sentence each."""
    cells = cells_of(chapter.read_text(encoding="utf-8"))
    return [f"{chapter.name} {what}" for what in (*_text(cells), *_boxes(cells), *_others(chapter))]


def _text(cells: list[tuple[str, str]]) -> list[str]:
    text = "\n\n".join(text for kind, text in cells if kind == "markdown")
    code = [text for kind, text in cells if kind == "code"]
    found = [f"has no row **{row}** in its first table" for row in ROWS if f"| **{row}** |" not in cells[0][1]]
    least, most = PREDICTIONS
    asked = [block for block in text.split("\n\n") if PREDICTION.search(block)]
    if not least <= len(asked) <= most:
        found.append(f"asks for {len(asked)} predictions, expected {least} to {most}")
    found += ["asks for a prediction without a folded answer" for block in asked if not FOLDED.search(block)]
    found += [f"says {bare!r}, expected section or exercise before the number" for bare in BARE.findall(text)]
    recap = re.search(r"^## In five lines\n(?P<list>.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    lines = len(ITEM.findall(recap["list"])) if recap else 0
    if lines != LINES:
        found.append(f"has {lines} items under 'In five lines', expected {LINES}")
    headings = re.findall(r"^## (In five lines|On your own|Further reading)$", text, re.MULTILINE)
    if headings != ["In five lines", "On your own", "Further reading"]:
        found.append(f"ends in the sections {headings}, expected In five lines, On your own, Further reading")
    if "from exercises.grading import check" not in code[0]:
        found.append("does not import check in its first cell of code")
    if "assert " not in code[-1]:
        found.append("does not end in assertions")
    return found


def _boxes(cells: list[tuple[str, str]]) -> list[str]:
    found = []
    for (kind, text), (_, after) in zip(cells, [*cells[1:], ("", "")], strict=True):
        boxes = list(BOX.finditer(text)) if kind == "markdown" else []
        for box in boxes:
            number = box["number"]
            if not box["rating"]:
                found.append(f"gives exercise {number} no stars and minutes, such as (★★☆, 10 minutes)")
            if [hint["title"] for hint in FOLDED.finditer(text)] != HINTS or len(boxes) > 1:
                found.append(f"gives exercise {number} no box of its own with exactly three hints")
            if after.strip() != f'check("{number}")':
                found.append(f'has no cell check("{number}") behind exercise {number}')
    return found


def _others(chapter: Path) -> list[str]:
    """Return what is missing of other right and other wrong solutions."""
    here, name = chapter.parent, f"ch{chapter.name[:2]}"
    solutions = ast.parse((here / "solutions" / f"{name}.py").read_text(encoding="utf-8"))
    exercises = {
        node.name: re.match(r"Exercise (\d+\.\d+)", ast.get_docstring(node) or "")
        for node in solutions.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    number_of = {function: match[1] for function, match in exercises.items() if match}
    graded = {test: number for number, test in GRADES.findall(_read(here / "exercises" / f"test_{name}.py"))}
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for variant in here.glob(f"variants/{name}_*.py"):
        right.update({number_of[function] for function in _defined(variant) & number_of.keys()})
    for mistake in here.glob(f"mistakes/{name}_*.py"):
        wrong.update({graded[test] for test in caught_by(mistake)})
    return [
        f"has {counted[number]} {kind} solutions of exercise {number}, expected {OTHERS}"
        for number in number_of.values()
        for kind, counted in (("other right", right), ("wrong", wrong))
        if counted[number] < OTHERS
    ]


def _defined(path: Path) -> set[str]:
    """Return the names that a file defines at its top."""
    names = set()
    for node in ast.parse(_read(path)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
