"""A class is graded: who hands in what, what a teacher should look at, and the tables.

What one student gets is worked out in `exercises/grading.py`. Here nothing that is in one student's folder, and nothing
that happens while it is graded, costs another one a row: the tables are written anew after each student.
"""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from grading import (
    GRADES,
    LARGEST,
    NOT_ATTEMPTED,
    SECONDS,
    SOLUTIONS,
    SOLVED,
    WHOLE_CHAPTERS,
    WRONG,
    GradingError,
    grade,
    graders,
    is_read,
    is_worked_on,
)

SCRIPT = re.compile(r"ch\d\d\.py")
LIKE_A_SCRIPT = re.compile(r"ch[ _-]?\d.*|.*\.(zip|tar|t?gz|7z|rar)", re.IGNORECASE)
OF_THE_GRADER = re.compile(r"conftest\.py|grading\.py|test_ch\d\d\w*\.py")
NAMED = 3  # files in a sentence
LINKS = 20  # of a.b.c, as long as names of modules get
WAYS_ROUND = frozenset(  # how a name can be had, or a comparison be won, without writing it down
    "__import__ compile eval exec open ctypes gc importlib inspect pytest runpy subprocess sys.modules sys._getframe "
    "__array__ __array_function__ __array_ufunc__ __class__ __eq__ __getattr__".split()
)
Rows = list[dict[str, Any]]


# ------------------------------------------------------------------------------------------------ what to look at


def suspicions(submission: Path) -> list[str]:
    """Return what a teacher should look at in a student's folder, one sentence each.

    Files that no grader reads, because of their name or place, may be all that somebody has done. An exercise asks for
    something that the library has, or that stands in the solutions: whoever imports it has not written it. What our own
    solution of a chapter takes from the library is allowed there.
    """
    found = _not_read(submission)
    for path in sorted(filter(is_read, submission.glob("ch*.py"))):
        model = SOLUTIONS / path.name
        mine = _read(model.read_bytes()) if model.exists() else None
        if (theirs := _read(path.read_bytes())) is None:  # the grader says so
            continue
        if mine and theirs.program == mine.program:
            found.append(f"{path.name} is our solution, comments apart")
        foreign = sorted(theirs.used - (mine.used if mine else frozenset()))
        for name in foreign:
            if any(longer.startswith(f"{name}.") for longer in foreign):  # a part of a name that is told whole
                continue
            parts = name.split(".")
            if {"solutions", "course", "grading"} & set(parts) or "solutions/" in name:
                found.append(f"{path.name} imports {name}")
            elif (parts[0] == "tinynet" and len(parts) > 1) or WAYS_ROUND & {name, parts[0], ".".join(parts[:2])}:
                found.append(f"{path.name} uses {name}, which our solution does not")
    return found


def _not_read(submission: Path) -> list[str]:
    """Return in a sentence which files hold work, by their names or for want of others, that no grader reads."""
    files = sorted(path for path in submission.rglob("*") if not path.is_dir() or SCRIPT.fullmatch(path.name))
    handed_in = [path for path in files if not _is_hidden(path, submission) and not OF_THE_GRADER.fullmatch(path.name)]
    read = [path for path in handed_in if path.parent == submission and SCRIPT.fullmatch(path.name) and is_read(path)]
    left = [path for path in handed_in if path not in read and (not read or LIKE_A_SCRIPT.fullmatch(path.name))]
    if not left:
        return []
    names = [path.relative_to(submission).as_posix() for path in left]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    wanted = f"expected ch01.py, ch02.py, ..., scripts of up to {LARGEST >> 20} MB in the folder itself"
    return [f"not graded: {', '.join(names[:NAMED])}{more}; {wanted}"]


def _is_hidden(path: Path, folder: Path) -> bool:
    """Return whether a path has a part that systems make by themselves: ``.git``, ``__MACOSX``, ``__pycache__``."""
    return any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)


class _Script(NamedTuple):
    """What a script is, comments and spaces apart, and what it uses that it did not write, by full names."""

    program: str
    used: frozenset[str]


@cache
def _read(source: bytes) -> _Script | None:
    """Read a script, in whatever encoding it says that it has; None if it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        program = ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names: dict[str, str] = {}
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
                used.add(alias.name)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                full = f"{node.module or ''}.{alias.name}".lstrip(".")
                names[alias.asname or alias.name] = full
                used.add(full)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            used.add(node.name)
        elif isinstance(node, ast.Name):
            used.add(names.get(node.id, node.id))
        elif isinstance(node, ast.Attribute):
            used.add(_full_name(node, names))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "vars"):
            used.update(f"{_full_name(argument, names)}.*" for argument in node.args[:1])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "solutions/" in node.value:
            used.add(node.value)
    return _Script(program, frozenset(used - {""}))


def _full_name(node: ast.expr, names: dict[str, str]) -> str:
    """Return ``numpy.linalg.norm`` for ``np.linalg.norm``; nothing for what does not begin with an import."""
    chain: list[str] = []
    while isinstance(node, ast.Attribute) and len(chain) < LINKS:
        chain.insert(0, node.attr)
        node = node.value
    return ".".join([names[node.id], *chain]) if isinstance(node, ast.Name) and node.id in names else ""


# ---------------------------------------------------------------------------------------------------------- a class


def grade_class(
    folder: Path,
    out: Path,
    *,
    only: str = "",
    every: bool = False,
    seconds: float = SECONDS,
    at_once: int = 0,
    tests: Path | None = None,
) -> int:
    """Grade each folder in `folder`, print a line for each, and write the tables; return how many were not graded.

    Parameters
    ----------
    folder : Path
        Holds one folder for each student.
    out : Path
        The long table: a row for each student and exercise, with the reason. Beside it, ``NAME-points.csv`` has a row
        for each student, and the folder ``NAME-json`` a file for each in the form that autograders of class platforms
        read.
    only, seconds, tests
        See `grade`.
    every : bool
        Grade all chapters; without it, and without `only`, those that somebody has worked on.
    at_once : int
        Students at a time; as many as there are processors, if 0.

    Raises
    ------
    GradingError
        If there are no students, or no graders; nothing is written then.
    """
    tables = Tables(out)
    inside = sorted(path for path in folder.iterdir() if path != tables.results) if folder.is_dir() else []
    students = [path for path in inside if path.is_dir() and not _is_hidden(path, folder)]
    if not students:
        raise GradingError(f"{folder} holds no folders, expected one for each student")
    if not only and not every and (only := " or ".join(worked_on(students))):
        _say(f"graded: {only}, which somebody has worked on; --all grades every chapter")
    _ask_graders(only, tests)
    tables.write()  # where they cannot be written, that is said now
    ours = (tables.reasons, tables.points)
    if others := [path.name for path in inside if not path.is_dir() and path not in ours]:
        _say(f"no folders, so not graded: {', '.join(others)}")
    failed = 0
    pool = ThreadPoolExecutor(at_once or os.cpu_count() or 1)
    try:
        begun = pool.map(partial(_graded, only=only, seconds=seconds, tests=tests), students)
        for student, (found, flags, failure) in zip(students, begun, strict=True):
            failed += bool(failure)
            tables.add(student.name, found, [*([f"not graded: {failure}"] if failure else []), *flags])
            outcomes = [row["outcome"] for row in found]
            counts = ", ".join(f"{outcomes.count(kind)} {kind}" for kind in (SOLVED, WRONG, NOT_ATTEMPTED))
            _say(f"{student.name}: {'not graded' if failure else counts}")
            for flag in tables.flags[student.name]:
                _say(f"  look: {flag}")
    finally:
        pool.shutdown(cancel_futures=True)  # those that have begun come to their end
        _say(f"{len(tables.rows)} of {len(students)} students written to {out}, {tables.points} and {tables.results}")
    return failed


def worked_on(students: list[Path]) -> list[str]:
    """Return the chapters that some student has worked on and that have a grader, such as "ch01"."""
    chapters = dict.fromkeys(path.name[5:9] for path in graders())
    return [name for name in chapters if any(is_worked_on(student / f"{name}.py") for student in students)]


def _ask_graders(only: str, tests: Path | None) -> None:
    """Raise what is wrong with the graders before anybody is graded: that there are none, or that they do not run."""
    wanted = "expected a chapter such as ch03, or a part of a grader's name"
    if not graders(only, tests):
        raise GradingError(f"nothing is graded by --only {only}: {wanted}")
    if WHOLE_CHAPTERS.fullmatch(only) and tests is None:
        return
    for path in sorted(tests.glob("test_ch*.py")) if tests else ():
        try:
            compile(path.read_bytes(), path, "exec")
        except (SyntaxError, ValueError) as error:
            raise GradingError(f"{path} is no Python: {error}") from None
        if not GRADES.search(path.read_text(encoding="utf-8")):
            raise GradingError(f'{path} grades nothing, expected tests marked as @pytest.mark.exercise("1.2")')
    with tempfile.TemporaryDirectory() as nobody:  # (in brackets it is run, though nobody has handed in a chapter)
        if not grade(Path(nobody), f"({only or 'ch'})", tests=tests):
            raise GradingError(f"nothing is graded by --only {only}: {wanted}")


def _graded(student: Path, **how: Any) -> tuple[Rows, list[str], str]:
    """Grade a student; return the rows, what to look at, and why there are no rows if there are none."""
    try:
        return grade(student, **how), suspicions(student), ""
    except Exception as error:  # whatever it is, the class is graded on
        return [], [], " ".join((str(error) or type(error).__name__).split())


def _say(line: str) -> None:
    """Print a line, also where a name has letters that cannot be printed."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)


class Tables:
    """The three forms in which a class's grades are written.

    Parameters
    ----------
    out : Path
        Of the long table; the others lie beside it.
    """

    def __init__(self, out: Path) -> None:
        self.reasons, self.points = out, out.with_name(f"{out.stem}-points.csv")
        self.results = out.with_name(f"{out.stem}-json")
        self.rows: dict[str, Rows] = {}
        self.flags: dict[str, list[str]] = {}

    def add(self, student: str, rows: Rows, flags: list[str]) -> None:
        """Write what a student gets."""
        self.rows[student], self.flags[student] = rows, flags
        self.write()
        result = json.dumps(_as_result(rows, flags), indent=1)
        (self.results / f"{student}.json").write_text(result, encoding="utf-8")

    def write(self) -> None:
        """Write the tables as far as they are known."""
        self.results.mkdir(parents=True, exist_ok=True)
        written = {"newline": "", "encoding": "utf-8", "errors": "backslashreplace"}
        with self.reasons.open("w", **written) as file:
            long = csv.DictWriter(file, ["student", "exercise", "title", "outcome", "words"], extrasaction="ignore")
            long.writeheader()
            for name, found in self.rows.items():
                long.writerows({"student": name, **row} for row in found)
        exercises = list(dict.fromkeys(row["exercise"] for found in self.rows.values() for row in found))
        with self.points.open("w", **written) as file:  # a point for each exercise that is solved, and their sum
            wide = csv.writer(file)
            wide.writerow(["student", *exercises, "points", "look at"])
            for name, found in self.rows.items():
                by_number = {row["exercise"]: int(row["outcome"] == SOLVED) for row in found}
                points = [by_number.get(number, 0) for number in exercises]
                wide.writerow([name, *points, sum(points), "; ".join(self.flags[name])])


def _as_result(rows: Rows, flags: list[str]) -> dict[str, Any]:
    """Return the grades of a student in the form of Gradescope's ``results.json``."""
    tests = [
        {
            "number": row["exercise"],
            "name": row["title"] or row["exercise"],
            "score": int(row["outcome"] == SOLVED),
            "max_score": 1,
            "status": "passed" if row["outcome"] == SOLVED else "failed",
            "output": row["words"] or row["outcome"],
        }
        for row in rows
    ]
    return {"score": sum(test["score"] for test in tests), "tests": tests, "extra_data": {"look at": flags}}
