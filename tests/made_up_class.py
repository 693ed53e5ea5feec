"""Grade a class of made-up students, and compare every row with what they handed in.

    python -m tests.made_up_class 100

Some have solved all chapters, some a few, in our way or in another (`tutorials/variants`), or the first exercises of
each; some hand in the stubs, or typical mistakes (`tutorials/mistakes`). And some hand in what should stop the grading.
"""

from __future__ import annotations

import argparse
import ast
import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

TUTORIALS = Path(__file__).resolve().parents[1] / "tutorials"
sys.path.insert(0, str(TUTORIALS))
import course  # noqa: E402
import form  # noqa: E402
from grading import EXERCISES, NOT_ATTEMPTED, SOLUTIONS, exercises_in  # noqa: E402

CHAPTERS = [path.stem for path in sorted(SOLUTIONS.glob("ch*.py"))]
Student = dict[str, "HandedIn"]


class HandedIn:
    """What a student hands in for a chapter, and how each exercise is to be graded."""

    def __init__(self, chapter: str, text: str | bytes, outcome: str = "solved", **others: list[str]) -> None:
        self.content = text if isinstance(text, bytes) else text.encode()
        numbers = exercises_in((SOLUTIONS / f"{chapter}.py").read_text(encoding="utf-8"))
        self.grades = dict.fromkeys(numbers, outcome)
        for other, which in others.items():
            self.grades |= dict.fromkeys(which, other.replace("_", " "))


# ---------------------------------------------------------------------------------------------------- one chapter each


def text_of(folder: Path, chapter: str) -> str:
    """Return what stands in a file, such as the solutions of chapter "ch01"."""
    return (folder / f"{chapter}.py").read_text(encoding="utf-8")


def solved(chapter: str, _: int) -> HandedIn:
    """Hand in our solutions."""
    return HandedIn(chapter, text_of(SOLUTIONS, chapter))


def untouched(chapter: str, _: int) -> HandedIn:
    """Hand in the stub."""
    return HandedIn(chapter, text_of(EXERCISES, chapter), NOT_ATTEMPTED)


def in_another_way(chapter: str, number: int) -> HandedIn:
    """Hand in other right work; where it is not the whole chapter, our solutions stand in front of it."""
    found = sorted(course.VARIANTS.glob(f"{chapter}_*.py"))
    return HandedIn(chapter, together(text_of(SOLUTIONS, chapter), found[number % len(found)]))


def begun(chapter: str, number: int) -> HandedIn:
    """Hand in the first exercises; the others are as they were in the stub."""
    text = text_of(SOLUTIONS, chapter)
    exercises = list(exercises_in(text))
    kept = number % len(exercises)
    if not kept:
        return untouched(chapter, number)
    place = text.index(f'"""Exercise {exercises[kept]}:')
    cut = course.without_solutions(chapter, text[place:])
    return HandedIn(chapter, text[:place] + cut, not_attempted=exercises[kept:])


def mistaken(chapter: str, number: int) -> HandedIn:
    """Hand in our solutions with a typical mistake."""
    text = text_of(SOLUTIONS, chapter)
    found = [path for path in sorted(course.MISTAKES.glob(f"{chapter}_*.py")) if stands_alone(path, text)]
    mistake = found[number % len(found)]
    grades = form.GRADES.findall(text_of(EXERCISES, f"test_{chapter}"))
    wrong = {exercise for exercise, test in grades if test in form.caught_by(mistake)}
    return HandedIn(chapter, together(text, mistake), wrong=sorted(wrong))


def together(text: str, path: Path) -> str:
    """Return solutions, and behind them other work on the same exercises, which counts."""
    return text + "\n\n" + path.read_text(encoding="utf-8").replace("from __future__ import annotations\n", "")


def stands_alone(mistake: Path, solutions: str) -> bool:
    """Return whether no other exercise uses what a mistake defines: then it spoils its own alone."""
    defined = {node.name for node in ast.parse(mistake.read_text("utf-8")).body if hasattr(node, "name")}
    others = [node for node in ast.parse(solutions).body if getattr(node, "name", None) not in defined]
    used = {node.id for other in others for node in ast.walk(other) if isinstance(node, ast.Name)}
    return not defined & used


# ------------------------------------------------------------------------------------------- what should stop a grader


FIRST, SECOND = ('raise NotImplementedError("Exercise 1.1: A sigmoid that never overflows")',
                 'raise NotImplementedError("Exercise 1.2: The net input of a layer")')  # fmt: skip
STUB, SOLVED = text_of(EXERCISES, "ch01"), text_of(SOLUTIONS, "ch01")
CLASS = {  # what is handed in, how many exercises of six are solved and wrong, and what is said of the wrong ones
    "solved": (SOLVED, 6, 0, ""),
    "stub": (STUB, 0, 0, ""),
    "empty": ("", 0, 0, ""),
    "crash": (STUB.replace(SECOND, "import ctypes; ctypes.string_at(0)"), 0, 1, "it crashed: Segmentation fault"),
    "exit": (STUB.replace(SECOND, "import os; os._exit(3)"), 0, 1, "it ended the program, with exit status 3"),
    "cheat": ("from solutions.ch01 import *", 0, 6, "ch01.py cannot be imported"),
}
WILD = {
    "foreign": ('NAME = "M\xfcller"\n'.encode("latin-1") + SOLVED.encode(), 0, 6, "ch01.py cannot be imported"),
    "nonsense": (b"\x00\xff\xfe", 0, 6, "ch01.py cannot be imported"),
    "leaves": ("import sys; sys.exit()", 0, 6, "ch01.py cannot be imported: SystemExit"),
    "ends": ("import os; os._exit(0)", 0, 6, "ch01.py, when it is imported, ended the program, with exit status 0"),
    "loop": (STUB.replace(FIRST, "while True: pass"), 0, 1, "it took longer than 3 s"),
    "loops at once": ("while True: pass", 0, 6, "ch01.py, when it is imported, took longer than 3 s"),
    "sleeper": (STUB.replace(SECOND, "import time; time.sleep(1e6)"), 0, 1, "it took longer than 3 s"),
    "memory": (STUB.replace(SECOND, "return np.ones(2**36)"), 0, 1, "Unable to allocate"),
    "interrupt": (STUB.replace(SECOND, "raise KeyboardInterrupt"), 0, 1, "it "),
    "ends the session": (STUB.replace(SECOND, "import pytest; pytest.exit('', 0)"), 0, 1, "it ended the program, with"),
    "skips": (STUB.replace(SECOND, "import pytest; pytest.skip()"), 0, 1, "Skipped"),
    "changes the grader": (
        "import numpy as np\nnp.testing.assert_allclose = lambda *_, **__: None\n" + STUB.replace(FIRST, "return 1"),
        0,
        6,
        "ch01.py changes numpy.testing.assert_allclose",
    ),
    "cannot be shown": (STUB.replace(SECOND, "raise type('', (Exception,), {'__str__': None})"), 0, 1, "must hold"),
    "no letters": (STUB.replace(SECOND, "raise ValueError(chr(0xD800) + chr(0))"), 0, 1, "must hold"),
    "deletes itself": (
        STUB.replace(SECOND, "import os; os.unlink(__file__); os._exit(1)"),
        0,
        1,
        "it ended the program",
    ),
    "a thread without end": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1e6,)).start()\n" + SOLVED,
        6,
        0,
        "",
    ),
    "a dataclass": (
        SOLVED.replace("import numpy", "from __future__ import annotations\nimport numpy", 1)
        + "\nimport dataclasses\n@dataclasses.dataclass\nclass Point:\n    x: float\n",
        6,
        0,
        "",
    ),
    "children": (STUB.replace(SECOND, "import os; os.fork(); os._exit(1)"), 0, 1, "it ended the program"),
}


def of_the_wild(text: str | bytes, solved: int, wrong: int, _: str) -> HandedIn:
    """Hand in something of those tables."""
    if wrong == 1:
        return HandedIn("ch01", text, NOT_ATTEMPTED, wrong=["1.1" if FIRST not in text else "1.2"])
    return HandedIn("ch01", text, "wrong" if wrong else "solved" if solved else NOT_ATTEMPTED)


# --------------------------------------------------------------------------------------------------------- the class


def students() -> Iterator[tuple[str, Student]]:
    """Give students for ever: of each eight, two have solved all, one nothing, and one tries to stop the grader."""
    wild = cycle({**CLASS, **WILD}.items())
    for number in range(sys.maxsize):
        some = CHAPTERS[number % 3 :: 3]
        kind, first = next(wild)
        yield "all solved", {chapter: solved(chapter, number) for chapter in CHAPTERS}
        yield "in another way", {chapter: in_another_way(chapter, number) for chapter in CHAPTERS}
        yield "half of the chapters", {chapter: solved(chapter, number) for chapter in CHAPTERS[::2]}
        yield "begun", {chapter: begun(chapter, number + place) for place, chapter in enumerate(CHAPTERS)}
        yield "untouched", {chapter: untouched(chapter, number) for chapter in CHAPTERS}
        yield "mistakes", {chapter: mistaken(chapter, number) for chapter in CHAPTERS}
        yield (
            "a mistake here and there",
            {chapter: (mistaken if chapter in some else solved)(chapter, 7 * number + 3) for chapter in CHAPTERS},
        )
        yield kind, {**{chapter: solved(chapter, number) for chapter in CHAPTERS[1:]}, "ch01": of_the_wild(*first)}


def hand_in(count: int, folder: Path) -> dict[str, Student]:
    """Write the folders of so many students; return what each has handed in."""
    made = {f"{number:03} {kind}": student for number, (kind, student) in enumerate(islice(students(), count))}
    for name, student in made.items():
        (folder / name).mkdir(parents=True)
        for chapter, handed in student.items():
            (folder / name / f"{chapter}.py").write_bytes(handed.content)
    return made


def misjudged(made: dict[str, Student], grades: Path) -> list[str]:
    """Return which rows of a table of grades are not what the students deserve, one sentence each."""
    with grades.open(newline="", encoding="utf-8") as file:
        found = {(row["student"], row["exercise"]): row for row in csv.DictReader(file)}
    idle = dict.fromkeys(exercises_in("\n".join(text_of(SOLUTIONS, chapter) for chapter in CHAPTERS)), NOT_ATTEMPTED)
    told = []
    for name, student in made.items():
        wanted = idle | {number: grade for handed in student.values() for number, grade in handed.grades.items()}
        for number, grade in wanted.items():
            row = found.pop((name, number), {"outcome": "missing", "words": ""})
            if row["outcome"] != grade:
                told.append(f"{name}: {number} is {row['outcome']}, should be {grade}: {row['words'][:200]!r}")
    return told + [f"{name}: a row for {number} too many" for name, number in found]


def main(arguments: list[str] | None = None) -> int:
    """Make a class, grade it, and say which rows are wrong and what it took."""
    import resource  # which Windows lacks

    parser = argparse.ArgumentParser(prog="python -m tests.made_up_class", description=main.__doc__)
    parser.add_argument("students", type=int, nargs="?", default=100)
    parser.add_argument("--folder", type=Path, help="where they hand in; it is kept (default: a temporary one)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = given.folder or Path(place)
        made = hand_in(given.students, folder / "class")
        begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        course.main(["grade", str(folder / "class"), "--out", str(folder / "grades.csv")])
        after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begin
        told = misjudged(made, folder / "grades.csv")
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print("\n".join(told) or f"all rows of {len(made)} students are right")
    print(f"{seconds:.0f} s by the clock, {work:.0f} s of processors: {work / len(made):.1f} s a student")
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main())
