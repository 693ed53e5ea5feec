"""What the graders share: whose work is graded, and a summary of it in words.

`TINYNET_EXERCISES` names the folder that is graded: this one if it is not set, or a student's. It may also name one
file, such as ``../mistakes/ch01_sigmoid_sign.py``: what it defines is graded, and solutions stand in for the rest.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import course

collect_ignore_glob = ["ch[0-9][0-9].py"]
SOLVED, WRONG, NOT_ATTEMPTED = "solved", "wrong", "not attempted"
WORST = (WRONG, NOT_ATTEMPTED, SOLVED)
SHOWN_LINES = 12


# ------------------------------------------------------------------------------------------------------- whose work


def pytest_addoption(parser):
    parser.addoption("--grades", metavar="FILE", help="write the outcome of each exercise to FILE, as JSON")


def pytest_configure(config):
    config.addinivalue_line("markers", "exercise(number): the exercise that a test grades, such as '1.2'")
    config.stash[TESTS] = []
    if not graded().exists():
        raise pytest.UsageError(f"TINYNET_EXERCISES names {graded()}, which does not exist")


def graded() -> Path:
    """Return the folder or the file whose work is graded."""
    return Path(os.environ.get("TINYNET_EXERCISES", HERE)).expanduser().resolve()


@pytest.fixture
def student(request):
    """What the student wrote for the chapter of the test: the functions of ``chNN.py``."""
    chapter = request.path.stem.removeprefix("test_")
    place = graded()
    if place.is_dir():
        return load(place / f"{chapter}.py")
    solutions = vars(load(course.SOLUTIONS / f"{chapter}.py"))
    return SimpleNamespace(**{**solutions, **vars(load(place))})


def load(path: Path) -> ModuleType:
    """Import a file by its path."""
    if not path.exists():
        raise NotImplementedError(f"Exercises: there is no {path}")
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        pytest.fail(f"{path.name} cannot be imported: {type(error).__name__}: {error}", pytrace=False)
    return module


# ---------------------------------------------------------------------------------------------------- what they need


@pytest.fixture
def rng():
    """Return a generator of random numbers, the same in every run."""
    return np.random.default_rng(0)


@pytest.fixture
def assert_layer(rng):
    """Return a function that raises, with the broken laws in words, if a layer is wrong."""
    from tinynet import testing

    def check(layer, input_shape):
        run_once(layer, rng.standard_normal((2, *input_shape)), rng)
        testing.assert_layer(layer, input_shape)

    return check


def run_once(layer, x, rng):
    """Run all passes of a layer, so that an exercise that is not attempted says so itself."""
    if hasattr(layer, "build") and not layer.params:
        layer.build(x.shape[1:], rng, np.float64)
    y = layer.forward(x)
    layer.backward(y, x, y)
    layer.grads(y, x, y)


# ----------------------------------------------------------------------------------------------------------- grades

TESTS = pytest.StashKey[list]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    marker = item.get_closest_marker("exercise")
    if marker is None or (call.excinfo is None and call.when != "call"):
        return
    report.exercise = marker.args[0]
    report.grade, words = SOLVED, ""
    if call.excinfo is not None:
        error = call.excinfo.value
        missing = isinstance(error, NotImplementedError) and str(error).startswith("Exercise")
        report.grade = NOT_ATTEMPTED if missing else WRONG
        words = str(error) if missing else wrong_in_words(item, call.excinfo)
        report.longrepr = words
    item.config.stash[TESTS].append((report.exercise, item.originalname, report.grade, words))


def pytest_report_teststatus(report):
    letters = {SOLVED: ".", WRONG: "W", NOT_ATTEMPTED: "-"}
    if hasattr(report, "grade"):
        return report.grade, letters[report.grade], report.grade.upper()
    return None


def wrong_in_words(item, excinfo) -> str:
    """Return what must hold, and what was seen instead."""
    if isinstance(excinfo.value, pytest.fail.Exception):
        return str(excinfo.value)
    law = " ".join((item.function.__doc__ or item.name).split())
    seen = excinfo.exconly(tryshort=True).removeprefix("AssertionError: ").strip().splitlines()
    # Behind a message in words, pytest repeats the assertion in symbols.
    symbols = [number for number, line in enumerate(seen) if number and line.startswith("assert ")]
    kept = [line for line in seen[: symbols[0] if symbols else None] if line.strip()]
    seen = [line for line in kept if not line.lstrip().startswith(("ok ", "n/a "))]  # the laws that hold
    if len(seen) > SHOWN_LINES:
        seen = [*seen[:SHOWN_LINES], "..."]
    return "\n  ".join([f"must hold: {law}\nseen: {seen[0] if seen else excinfo.typename}", *seen[1:]])


def grades(tests) -> list[dict]:
    """Return one row for each exercise: wrong if one of its tests is, else not attempted if one is not.

    A test with several cases is as good as its worst, and speaks once.
    """
    titles = {}
    for solution in sorted(course.SOLUTIONS.glob("ch*.py")):
        titles |= course.exercises_in(solution.read_text(encoding="utf-8"))
    rows = []
    for number in sorted({test[0] for test in tests}, key=lambda number: tuple(map(int, number.split(".")))):
        worst: dict[str, tuple[str, str]] = {}
        for exercise, name, grade, words in tests:
            if exercise == number and (name not in worst or WORST.index(grade) < WORST.index(worst[name][0])):
                worst[name] = grade, words
        outcome = min((grade for grade, _ in worst.values()), key=WORST.index)
        words = "\n".join(dict.fromkeys(words for grade, words in worst.values() if grade == WRONG))
        of_tests = {name: grade for name, (grade, _) in worst.items()}
        title = titles.get(number, "")
        rows.append({"exercise": number, "title": title, "outcome": outcome, "words": words, "tests": of_tests})
    return rows


def pytest_terminal_summary(terminalreporter, config):
    rows = grades(config.stash[TESTS])
    if not rows:
        return
    colours = {SOLVED: "green", WRONG: "red", NOT_ATTEMPTED: "yellow"}
    terminalreporter.section("exercises")
    for row in rows:
        name = f"Exercise {row['exercise']}: {row['title']} "
        terminalreporter.write_line(f"{name:.<70} {row['outcome']}", **{colours[row["outcome"]]: True})
        for line in row["words"].splitlines():
            terminalreporter.write_line(f"    {line}")
    outcomes = [row["outcome"] for row in rows]
    terminalreporter.write_line(", ".join(f"{outcomes.count(kind)} {kind}" for kind in colours))


def pytest_sessionfinish(session):
    if file := session.config.getoption("--grades"):
        Path(file).write_text(json.dumps(grades(session.config.stash[TESTS]), indent=1), encoding="utf-8")
