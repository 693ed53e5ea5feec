"""Grades, each in a process of its own, so that nothing that is handed in stops the grading.

What happens in that process is written down line by line in a journal: which test begins, and how it ended. If the
process crashes, hangs or ends before its time, the journal says where; the exercise gets a row that tells what
happened, and a new process goes on with the next one. What is graded is a copy, so that whatever it does to its files,
what was handed in stays as it was. `grade` grades a student, `check` one exercise in a notebook.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable
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
WRITTEN = 1 << 28  # bytes, for a file that it writes, what it prints among them
LARGEST = 1 << 20  # bytes, of a script that is read; ours have up to 5 kB
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class GradingError(Exception):
    """A class cannot be graded; the message says why."""


class Outcome(NamedTuple):
    """How one case of a test ended."""

    exercise: str
    test: str
    grade: str
    words: str


def graded() -> Path:
    """Return the folder or the file whose work is graded: these stubs, or what `TINYNET_EXERCISES` names."""
    return Path(os.environ.get("TINYNET_EXERCISES", EXERCISES)).expanduser().resolve()


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
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        # A last line without an end is being written, or was when the process ended.
        self.events: list[dict[str, Any]] = [json.loads(line) for line in text.split("\n")[:-1]]

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
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "journal"
        while not (journal := Journal(path)).is_complete:
            before = len(journal.events)
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
                work = _copied(submission, Path(place) / "work")
                ended, said = _run(work, path, files, only, seconds, exercise)
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


def _copied(submission: Path, work: Path) -> Path:
    """Copy a student's scripts, and nothing that may be large or is no file, into a folder; return it."""
    work.mkdir()
    for path in filter(is_read, submission.glob("*.py")):
        shutil.copyfile(path, work / path.name)
    return work


def is_read(path: Path) -> bool:
    """Return whether there is a file that is no larger than a script."""
    return path.is_file() and path.stat().st_size <= LARGEST


def sha256(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def signed(name: str, stub: str) -> str:
    """Return the text of a stub with a last line from which `is_worked_on` knows whether it was changed."""
    made = f"course.py made this from solutions/{name}, and sees by {sha256(stub)[:16]} whether it was changed."
    return f"{stub}{FOR_AUTHORS}{made}\n"


def is_worked_on(path: Path) -> bool:
    """Return whether there is a file into which somebody has written since its stub was made."""
    if not is_read(path):
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
    """Let a process grade on from where the journal is; return how it ended, in words, and what it said.

    It runs in a folder of its own beside the work, where a file that it writes, or that has the name of a module, is in
    nobody's way.
    """
    command = [sys.executable, "-m", "pytest", *map(os.path.abspath, files), "-q", "-p", "no:cacheprovider"]
    command += [
        "-o",
        "addopts=",
        "--tb=no",
    ]  # no doctests of graders, no tracebacks that nobody reads: a third of the time
    # What is in conftest.py serves a teacher's graders too, and that wherever they lie: it is loaded by its name.
    command += ["--noconftest", "-p", "conftest", f"--journal={journal}", f"--exercise={exercise}"]
    places = [str(EXERCISES), *map(os.path.abspath, filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))]
    set_by_teacher = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    environment = {**set_by_teacher, **ONE_THREAD, "TINYNET_EXERCISES": str(submission.resolve()), "MPLBACKEND": "agg"}
    environment |= {"PYTHONPATH": os.pathsep.join(places), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryDirectory(dir=submission.parent) as own:
        process = subprocess.Popen(
            [*command, *(["-k", only] if only else [])],
            cwd=own,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_within_limits if os.name == "posix" else None,
        )
        size, clock, used, late, most = _size(journal), time.monotonic(), 0.0, False, max(seconds, START)
        try:
            while process.poll() is None and not late:
                time.sleep(0.05)
                if (now := _size(journal)) != size:
                    if Journal(journal).is_complete:
                        break  # a thread that never ends would keep it
                    size, clock, used, most = now, time.monotonic(), _processor_seconds(process.pid), seconds
                waited = time.monotonic() - clock
                late = waited > PATIENCE * most or min(waited, _processor_seconds(process.pid) - used) > most
        finally:  # whoever interrupts a check leaves no process behind
            _end(process)
        output.seek(max(0, output.seek(0, os.SEEK_END) - 4000))
        said = output.read().decode(errors="replace")
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


def _within_limits() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
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
        print(_verdict(str(exercise).strip(), graded()))
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
        where = f"{place}, line {error.lineno}" if error.lineno else place
        return f"{exercise} was not checked: {where}: {error.msg}"
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
