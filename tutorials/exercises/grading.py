"""Grades, each in a process of its own, so that nothing that is handed in stops the grading.

What happens in that process is written down line by line in a journal: which test begins, and how it ended. If the
process crashes, hangs or ends before its time, the journal says where; the exercise gets a row that tells what
happened, and a new process goes on with the next one. `grade_class` grades a class, `check` one exercise in a notebook.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

EXERCISES = Path(__file__).resolve().parent
SOLUTIONS = EXERCISES.parent / "solutions"
EXERCISE = re.compile(r'"""Exercise (?P<number>\d+\.\d+): (?P<title>.+?)\.?(?:""")?$')
GRADES = re.compile(r'^@pytest\.mark\.exercise\("(\d+\.\d+)"\)$', re.MULTILINE)
FOR_AUTHORS = "\n\n# For authors alone: "
WHOLE_CHAPTERS = re.compile(r"(ch\d\d( or )?)*")
SOLVED, WRONG, NOT_ATTEMPTED = "solved", "wrong", "not attempted"
WORST = (WRONG, NOT_ATTEMPTED, SOLVED)
SECONDS = 10.0  # of the processor, for a test, as for a check in a notebook; the slowest takes a tenth of it
START = 60.0  # of the processor, until the first test begins
PATIENCE = 5.0  # how many times as long it may take by the clock, on a machine that is busy otherwise
LINES_OF_A_CHECK = 12
MEMORY = 8 << 30  # bytes, for a student's process
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class GradingError(Exception):
    """A class cannot be graded; the message says why."""


class Outcome(NamedTuple):
    """How one case of a test ended."""

    exercise: str
    test: str
    grade: str
    words: str


def exercises_in(text: str) -> dict[str, str]:
    """Return the title of each exercise, by number, in the text of solutions or of stubs."""
    found = filter(None, (EXERCISE.search(line.strip()) for line in text.splitlines()))
    return {match["number"]: match["title"] for match in found}


def titles() -> dict[str, str]:
    """Return the titles of all exercises, by number: from the solutions, or from the stubs if these stand alone."""
    found: dict[str, str] = {}
    for path in sorted(SOLUTIONS.glob("ch*.py")) or sorted(EXERCISES.glob("ch*.py")):
        found |= exercises_in(path.read_text(encoding="utf-8", errors="replace"))
    return found


class Journal:
    """What happened in the processes that graded one student, a line an event.

    Parameters
    ----------
    path : Path
        Of a file; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.events: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def write(self, **event: Any) -> None:
        """Add an event, at once and whole, so that it is there whatever happens next."""
        line = (json.dumps(event) + "\n").encode()
        place = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(place, line)
        os.close(place)
        self.events.append(event)

    @property
    def is_complete(self) -> bool:
        """Whether a process came to its end."""
        return any("end" in event for event in self.events)

    @property
    def begun(self) -> dict[str, Any] | None:
        """The case that a process was in when it ended, if it was in one."""
        last = self.events[-1] if self.events else {}
        return last if "begin" in last else None

    @property
    def outcomes(self) -> list[Outcome]:
        """How each case ended, those that were given up on too."""
        return [Outcome(*event["outcome"]) for event in self.events if "outcome" in event]

    def has(self, case: str, exercise: str, chapter: str) -> bool:
        """Return whether a case was run, or its exercise or chapter was given up."""
        return any(
            event.get("ran") == case or event.get("given_up") in (exercise, chapter)
            for event in self.events
        )  # fmt: skip


def rows_of(outcomes: Iterable[Outcome], titles: dict[str, str]) -> list[dict[str, Any]]:
    """Return one row for each exercise: wrong if one of its tests is, else not attempted if one is not.

    A test with several cases is as good as its worst, and speaks once.
    """
    outcomes, rows = list(outcomes), []
    for number in sorted({each.exercise for each in outcomes}, key=lambda number: tuple(map(int, number.split(".")))):
        worst: dict[str, Outcome] = {}
        for each in outcomes:
            known = worst.get(each.test)
            if each.exercise == number and (known is None or WORST.index(each.grade) < WORST.index(known.grade)):
                worst[each.test] = each
        rows.append(
            {
                "exercise": number,
                "title": titles.get(number, ""),
                "outcome": min((each.grade for each in worst.values()), key=WORST.index),
                "words": "\n".join(dict.fromkeys(each.words for each in worst.values() if each.grade == WRONG)),
                "tests": {name: each.grade for name, each in worst.items()},
            }
        )
    return rows


# ------------------------------------------------------------------------------------------------------ one student


def grade(
    submission: Path, only: str = "", seconds: float = SECONDS, *, exercise: str = "", tests: Path | None = None
) -> list[dict[str, Any]]:
    """Grade one student's folder; return a row for each exercise.

    Parameters
    ----------
    submission : Path
    only : str
        What pytest's ``-k`` takes, such as "ch03".
    seconds : float
        What a test may take.
    exercise : str
        One exercise alone, such as "3.2".
    tests : Path, optional
        Of a folder with further graders, ``test_ch01_more.py`` and the like.
    """
    idle: list[Outcome] = []
    files = graders(only, tests)
    if not exercise and WHOLE_CHAPTERS.fullmatch(only):  # no process for chapters that nobody has worked on
        for path in [path for path in files if not is_worked_on(submission / f"{path.name[5:9]}.py")]:
            files.remove(path)
            numbers = GRADES.findall(path.read_text(encoding="utf-8"))
            idle += [Outcome(number, path.stem, NOT_ATTEMPTED, "") for number in numbers]
    if not files:
        return rows_of(idle, titles())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        while not (journal := Journal(path)).is_complete:
            before = len(journal.events)
            ended, said = _run(submission, path, files, only, seconds, exercise)
            journal = Journal(path)
            if journal.is_complete:
                break
            if (begun := journal.begun) is None:
                if len(journal.events) == before:
                    raise GradingError(f"{submission}: the grader does not run: {ended}\n{said}")
                continue
            where = f"{begun['importing']}, when it is imported, " if begun.get("importing") else ""
            words = f"{where or 'it '}{ended}"
            for number in begun["exercises"]:
                journal.write(outcome=Outcome(number, begun["test"], WRONG, words))
            journal.write(given_up=begun["chapter"] if begun.get("importing") else begun["exercises"][0])
        return rows_of([*idle, *journal.outcomes], titles())


def sha256(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def signed(name: str, stub: str) -> str:
    """Return the text of a stub with a last line from which `is_worked_on` knows whether it was changed."""
    made = f"course.py made this from solutions/{name}, and sees by {sha256(stub)[:16]} whether it was changed."
    return f"{stub}{FOR_AUTHORS}{made}\n"


def is_worked_on(path: Path) -> bool:
    """Return whether there is a file into which somebody has written since its stub was made."""
    if not path.exists():
        return False
    stub = path.read_text(encoding="utf-8", errors="replace")
    return stub != signed(path.name, stub.partition(FOR_AUTHORS)[0])


def graders(only: str = "", tests: Path | None = None) -> list[Path]:
    """Return the files that grade the chapters named in `only`, or all: ours, and those of a teacher's folder."""
    chapters = re.findall(r"\bch\d\d\b", only)
    found = [path for folder in (EXERCISES, tests) if folder for path in sorted(folder.glob("test_ch[0-9][0-9]*.py"))]
    names = [path.name for path in found]
    if tests is not None and len(names) == len(list(EXERCISES.glob("test_ch*.py"))):
        raise GradingError(f"{tests} holds no graders, expected files such as test_ch01_more.py")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise GradingError(
            f"{tests}: {twice} has the name of one of ours, expected another, such as {twice[:-3]}_more.py"
        )
    return [path for path in found if not chapters or path.name[5:9] in chapters]


def _run(
    submission: Path, journal: Path, files: list[Path], only: str, seconds: float, exercise: str
) -> tuple[str, str]:
    """Let a process grade on from where the journal is; return how it ended, in words, and what it said."""
    command = [sys.executable, "-m", "pytest", *map(str, files), "-q", "-p", "no:cacheprovider"]
    command += [
        "-o",
        "addopts=",
        "--tb=no",
    ]  # no doctests of graders, no tracebacks that nobody reads: a third of the time
    # What is in conftest.py serves a teacher's graders too, and that wherever they lie: it is loaded by its name.
    command += ["--noconftest", "-p", "conftest", f"--journal={journal}", f"--exercise={exercise}"]
    places = [str(EXERCISES), *map(os.path.abspath, filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))]
    environment = {**os.environ, **ONE_THREAD, "TINYNET_EXERCISES": str(submission.resolve()), "MPLBACKEND": "agg"}
    environment |= {"PYTHONPATH": os.pathsep.join(places), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [*command, *(["-k", only] if only else [])],
            cwd=EXERCISES,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_with_less_memory if os.name == "posix" else None,
        )
        size, clock, used, late, most = _size(journal), time.monotonic(), 0.0, False, max(seconds, START)
        try:
            while process.poll() is None and not late:
                time.sleep(0.05)
                if (now := _size(journal)) != size:
                    size, clock, used, most = now, time.monotonic(), _processor_seconds(process.pid), seconds
                waited = time.monotonic() - clock
                late = waited > PATIENCE * most or min(waited, _processor_seconds(process.pid) - used) > most
        finally:  # whoever interrupts a check leaves no process behind
            _end(process)
        output.seek(0)
        said = output.read()[-4000:].decode(errors="replace")
    if late:
        return f"took longer than {seconds:g} s", said
    if process.returncode < 0:
        return f"crashed: {signal.strsignal(-process.returncode) or -process.returncode}", said
    return f"ended the program, with exit status {process.returncode}", said


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _processor_seconds(process: int) -> float:
    """Return how long a process has kept a processor busy; infinity where that is not told."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return math.inf
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started."""
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    else:
        process.kill()
    process.wait()


def _with_less_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# ----------------------------------------------------------------------------------------------- one exercise, at once


def check(exercise: str) -> None:
    """Print whether an exercise is solved, what is wrong, or what is not written yet; raise nothing.

    Parameters
    ----------
    exercise : str
        Its number, such as "1.2". The student's file is read anew each time: that in this folder, or in the folder that
        `TINYNET_EXERCISES` names.
    """
    try:
        print(_verdict(str(exercise), Path(os.environ.get("TINYNET_EXERCISES", EXERCISES)).expanduser().resolve()))
    except (Exception, SystemExit) as error:  # in a notebook a line helps more than a traceback of ours
        print(f"{exercise} was not checked: {(str(error).splitlines() or [type(error).__name__])[-1]}")


def _verdict(exercise: str, work: Path) -> str:
    chapter = f"ch{exercise.partition('.')[0]:>02}"
    graders, path = EXERCISES / f"test_{chapter}.py", work / f"{chapter}.py"
    place = f"{work.name}/{path.name}"
    numbers = GRADES.findall(graders.read_text(encoding="utf-8")) if graders.exists() else []
    if exercise not in numbers:
        there = f"chapter {chapter[2:].lstrip('0')} has {numbers[0]} to {numbers[-1]}" if numbers else "1.2 is one"
        return f"there is no exercise {exercise}: {there}"
    if not path.exists():
        return f"{exercise} is not attempted yet: there is no {place}"
    try:
        missing = unwritten(path.read_bytes(), exercise)
    except SyntaxError as error:
        return f"{exercise} was not checked: {place}, line {error.lineno}: {error.msg}"
    if missing:
        return f"{exercise} is not attempted yet: write {' and '.join(missing)} in {place}"
    [row] = grade(work, chapter, SECONDS, exercise=exercise)
    if row["outcome"] == NOT_ATTEMPTED:
        return f"{exercise} is not finished: something in {place} is missing, or raises NotImplementedError still"
    if row["outcome"] == SOLVED:
        return f"{exercise} solved"
    words = row["words"].splitlines()
    if len(words) > LINES_OF_A_CHECK:
        words = [*words[:LINES_OF_A_CHECK], "..."]
    return f"{exercise} is wrong: {words[0]}" if len(words) == 1 else "\n  ".join([f"{exercise} is wrong:", *words])


def unwritten(source: bytes, exercise: str) -> list[str]:
    """Return the functions of an exercise that still begin by raising NotImplementedError, such as "Softplus.forward".

    Raises
    ------
    SyntaxError
        If the source is no Python.
    """
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
    for outer in tree.body:
        for inner in outer.body if isinstance(outer, ast.ClassDef) else [outer]:
            if isinstance(inner, ast.FunctionDef):
                begin = inner.body[min(ast.get_docstring(inner) is not None, len(inner.body) - 1)]
                if isinstance(begin, ast.Raise) and f"Exercise {exercise}:" in ast.unparse(begin):
                    found.append(inner.name if inner is outer else f"{outer.name}.{inner.name}")
    return found


# ------------------------------------------------------------------------------------------- what should be looked at


def suspicions(submission: Path) -> list[str]:
    """Return what a teacher should look at in a student's files, one sentence each.

    An exercise asks for something that the library has, or that stands in the solutions: whoever imports it has not
    written it. What our own solution of a chapter takes from the library is allowed there.
    """
    found = []
    for path in sorted(submission.glob("ch*.py")):
        try:
            used = _used(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError):  # the grader says so
            continue
        model = SOLUTIONS / path.name
        allowed = _used(model.read_text(encoding="utf-8")) if model.exists() else frozenset()
        for name in sorted(used):
            parts = name.split(".")
            if {"solutions", "course", "grading"} & set(parts):
                found.append(f"{path.name} imports {name}")
            elif parts[0] == "tinynet" and len(parts) > 1 and name not in allowed:
                found.append(f"{path.name} uses {name}, which our solution does not")
    return found


@cache
def _used(source: str) -> frozenset[str]:
    """Return what a program imports, and what it takes from the library, by full names."""
    tree, names, used = ast.parse(source), {}, set()
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
        chain: list[str] = []
        while isinstance(node, ast.Attribute):
            chain.insert(0, node.attr)
            node = node.value
        if chain and isinstance(node, ast.Name) and node.id in names:
            used.add(".".join([names[node.id], *chain]))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "solutions/" in node.value:
            used.add(node.value)
    return frozenset(used)


# ------------------------------------------------------------------------------------------------------------ a class


def grade_class(
    folder: Path,
    out: Path,
    *,
    only: str = "",
    seconds: float = SECONDS,
    at_once: int = 0,
    tests: Path | None = None,
) -> None:
    """Grade each folder in `folder`, print a line for each, and write the tables.

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
    at_once : int
        Students at a time; as many as there are processors, if 0.
    """
    students = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not students:
        raise GradingError(f"{folder} holds no folders, expected one for each student")
    rows: dict[str, list[dict[str, Any]]] = {}
    flags = {student.name: suspicions(student) for student in students}
    with ThreadPoolExecutor(at_once or os.cpu_count() or 1) as pool:
        for student, found in zip(
            students, pool.map(partial(grade, only=only, seconds=seconds, tests=tests), students), strict=True
        ):
            rows[student.name] = found
            outcomes = [row["outcome"] for row in found]
            counts = ", ".join(f"{outcomes.count(kind)} {kind}" for kind in (SOLVED, WRONG, NOT_ATTEMPTED))
            print(
                f"{student.name}: {counts}", *(f"  look: {flag}" for flag in flags[student.name]), sep="\n", flush=True
            )
    points, results = out.with_name(f"{out.stem}-points.csv"), out.with_name(f"{out.stem}-json")
    _write_reasons(out, rows)
    _write_points(points, rows, flags)
    results.mkdir(exist_ok=True)
    for name, found in rows.items():
        (results / f"{name}.json").write_text(json.dumps(_as_result(found, flags[name]), indent=1), encoding="utf-8")
    print(f"written to {out}, {points} and {results}")


def _write_reasons(out: Path, rows: dict[str, list[dict[str, Any]]]) -> None:
    with out.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ["student", "exercise", "title", "outcome", "words"], extrasaction="ignore")
        table.writeheader()
        for name, found in rows.items():
            table.writerows({"student": name, **row} for row in found)


def _write_points(out: Path, rows: dict[str, list[dict[str, Any]]], flags: dict[str, list[str]]) -> None:
    """Write a row for each student: a point for each exercise that is solved, their sum, and what to look at."""
    exercises = list(dict.fromkeys(row["exercise"] for found in rows.values() for row in found))
    with out.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["student", *exercises, "points", "look at"])
        for name, found in rows.items():
            by_number = {row["exercise"]: int(row["outcome"] == SOLVED) for row in found}
            points = [by_number.get(number, 0) for number in exercises]
            table.writerow([name, *points, sum(points), "; ".join(flags[name])])


def _as_result(rows: list[dict[str, Any]], flags: list[str]) -> dict[str, Any]:
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
