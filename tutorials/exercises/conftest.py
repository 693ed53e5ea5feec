"""What the graders share: whose work is graded, and a summary of it in words.

`TINYNET_EXERCISES` names the folder that is graded: this one if it is not set, or a student's. It may also name one
file, such as ``../mistakes/ch01_sigmoid_sign.py``: what it defines is graded, and solutions stand in for the rest.
"""

from __future__ import annotations

import builtins
import importlib.util
import json
import linecache
import re
import sys
from collections.abc import Callable
from functools import wraps
from inspect import isfunction, signature
from pathlib import Path
from traceback import walk_tb
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from grading import NOT_ATTEMPTED, SOLUTIONS, SOLVED, WRONG, Journal, Outcome, graded, rows_of, titles

from tinynet.testing import diagnosis

collect_ignore_glob = ["ch[0-9][0-9].py"]
ENDS = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)  # of a whole session
SHOWN_LINES = 12
NAMED = 3  # names in a sentence
SHOWN_LETTERS = 80  # of a line of code
SHOWN_OF_A_LINE = 400  # letters
CHAPTER = re.compile(r"ch\d\d")
BEHIND_ASSERTIONS = sys.modules[np.testing.assert_allclose.__globals__["__name__"]]
GRADE_WITH = (builtins, pytest, np, np.linalg, np.random, np.testing, BEHIND_ASSERTIONS)
MISFIT = re.compile(r"matmul|broadcast|not aligned|dimension")  # what NumPy says of shapes
EXPANDED = re.compile(r"\s*\+\s+(where|and) ")  # how pytest says what a name in an assertion stands for
COMPARING = ("assert_allclose", "assert_array_equal")  # NumPy's: what is, what should be, ...
IN_WORDS = {  # what pytest says
    r"np\.(?:float|int|bool)\w*\(([^()]*)\)": r"\1",
    r"np\.(True|False)_": r"\1",
    r"^assert (False|\(not True\))$": "it does not hold",
    r"^assert (.+) == (.+)$": r"\1, should be \2",
    r"^ *At index (\d+) diff: (.+) != (.+)$": r"entry \1 is \2, should be \3",
    r"^ *Left contains (\w+) more items?, first extra item: ": r"\1 too many, the first of them ",
    r"^ *Right contains (\w+) more items?, first extra item: ": r"\1 missing, the first of them ",
    r"^ *(Use -v to get more diff|Full diff:)$": "",
    r"OSError: pytest: reading from stdin.*": "nobody answers input() here",
}


# ------------------------------------------------------------------------------------------------------- whose work


def pytest_addoption(parser):
    parser.addoption("--grades", metavar="FILE", help="write the outcome of each exercise to FILE, as JSON")
    parser.addoption("--exercise", metavar="N.M", default="", help="grade this exercise alone, such as 1.2")
    parser.addoption("--journal", metavar="FILE", help="write down what happens, and go on from what is written there")


def pytest_configure(config):
    config.addinivalue_line("markers", "exercise(number): the exercise that a test grades, such as '1.2'")
    config.addinivalue_line("markers", "in_place: the exercise asks for a change of what the function is given")
    config.stash[TESTS] = []
    file = config.getoption("--journal")
    config.stash[JOURNAL] = Journal(Path(file)) if file else None
    if not graded().exists():
        raise pytest.UsageError(f"TINYNET_EXERCISES names {graded()}, which does not exist")
    sys.meta_path.insert(0, OwnChapters)
    further = str(OwnChapters.folder())  # for a student's further files, behind all that the graders use
    sys.path.append(further)
    config.add_cleanup(lambda: (sys.meta_path.remove(OwnChapters), sys.path.remove(further)))


class OwnChapters:
    """Finds ``ch01`` for a file that imports it: what the same student wrote, and no stub that lies elsewhere."""

    @staticmethod
    def folder() -> Path:
        """Return the folder that holds all chapters of whom is graded."""
        return graded() if graded().is_dir() else SOLUTIONS

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        """Return the spec of a student's chapter; None for whatever else is imported."""
        file = cls.folder() / f"{name}.py"
        return importlib.util.spec_from_file_location(name, file) if CHAPTER.fullmatch(name) and file.exists() else None


@pytest.fixture
def student(request):
    """What the student wrote for the chapter of the test: the functions of ``chNN.py``."""
    chapter = chapter_of(request.node)
    place = graded()
    before = {module: dict(vars(module)) for module in (*GRADE_WITH, request.module)}
    try:
        if place.is_dir():
            work = vars(imported(place / f"{chapter}.py", request.config.stash[JOURNAL], request.node))
        else:
            work = {**vars(load(SOLUTIONS / f"{chapter}.py")), **vars(load(place))}
    finally:
        put_back(before, f"{chapter}.py")
    if not request.node.get_closest_marker("in_place"):
        work = {name: leaving_alone(value) if isfunction(value) else value for name, value in work.items()}
    yield SimpleNamespace(**work)
    put_back(before, f"{chapter}.py")


def imported(path: Path, journal: Journal | None, item: pytest.Item) -> ModuleType:
    """Import a student's file, and let the journal know while it is being imported."""
    if journal is None:
        return load(path)
    exercises = item.config.stash[OF_CHAPTER][chapter_of(item)]
    journal.write(**{**begin(item), "importing": path.name, "exercises": list(exercises)})
    module = load(path)
    journal.write(**begin(item))
    return module


def load(path: Path) -> ModuleType:
    """Import a file by its path."""
    if not path.exists():
        raise NotImplementedError(f"Exercises: there is no {path}")
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses and pickle look
    failure = ""
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        failure = f"{path.name} cannot be imported: {type(error).__name__}: {short(words_of(error))}"
    if failure:
        pytest.fail(failure, pytrace=False)
    return module


def leaving_alone(function: Callable) -> Callable:
    """Return a function that raises if it changes an array, or a list, that it is given."""

    @wraps(function)
    def called(*arguments, **named):
        given = {**dict(zip(signature(function).parameters, arguments, strict=False)), **named}
        before = {name: contents(value) for name, value in given.items()}
        found = function(*arguments, **named)
        if changed := [name for name, value in given.items() if contents(value) != before[name]]:
            raise AssertionError(f"{function.__name__} changes what it is given: {' and '.join(changed)}")
        return found

    return called


def contents(value) -> object:
    """Return what an array holds, or a list or a dictionary of arrays; of anything else, which object it is."""
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return value.shape, value.tobytes()
    if isinstance(value, list | tuple):
        return [contents(each) for each in value]
    if isinstance(value, dict):
        return {key: contents(each) for key, each in value.items()}
    return id(value)


def put_back(before: dict[ModuleType, dict], file: str) -> None:
    """Put back what a student's file has changed in modules since then, and fail if there was something."""
    changed = [
        (module, name, value)
        for module, names in before.items()
        for name, value in names.items()
        if vars(module).get(name) is not value
    ]
    for module, name, value in changed:
        setattr(module, name, value)
    if changed:
        names = " and ".join(f"{module.__name__}.{name}" for module, name, _ in changed[:NAMED])
        pytest.fail(f"{file} changes {names}, with which it is graded", pytrace=False)


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


@pytest.fixture(autouse=True)
def few_numbers():
    """Let an array that a message shows be short."""
    with np.printoptions(threshold=8, edgeitems=3, precision=6):
        yield


# ----------------------------------------------------------------------------------------------------------- grades

TESTS = pytest.StashKey[list]()
JOURNAL = pytest.StashKey[Journal | None]()
OF_CHAPTER = pytest.StashKey[dict[str, dict[str | None, None]]]()


def exercise_of(item: pytest.Item) -> str | None:
    """Return the number of the exercise that a test grades."""
    marker = item.get_closest_marker("exercise")
    return None if marker is None else marker.args[0]


def chapter_of(item: pytest.Item) -> str:
    """Return the chapter that a test grades: ``ch01`` for those in ``test_ch01.py`` and in ``test_ch01_more.py``."""
    return re.match(r"test_(ch\d\d)", item.path.stem)[1]


def words_of(error: BaseException) -> str:
    """Return what an error says, whatever it does when it is asked."""
    try:
        return str(error)
    except BaseException:
        return "it cannot be shown"


def short(line: str) -> str:
    """Return a line, cut off where nobody reads on."""
    return line if len(line) <= SHOWN_OF_A_LINE else f"{line[:SHOWN_OF_A_LINE]} ..."


def begin(item: pytest.Item) -> dict:
    """Return what the journal holds while a case runs."""
    exercises = [exercise_of(item)]
    return {"begin": item.nodeid, "test": item.originalname, "exercises": exercises, "chapter": chapter_of(item)}


def pytest_collection_modifyitems(config, items):
    """Leave out what was not asked for, and what the journal says has been run, or cannot be; let warnings pass.

    A warning about a value that is right is no mistake, and the same work gets the same grade wherever it is graded.
    """
    if wanted := config.getoption("--exercise"):
        items[:] = [item for item in items if exercise_of(item) == wanted]
    if journal := config.stash[JOURNAL]:
        items[:] = [item for item in items if not journal.has(item.nodeid, exercise_of(item), chapter_of(item))]
    of_chapter = config.stash[OF_CHAPTER] = {}  # the exercises of each chapter that are graded in this run
    for item in filter(exercise_of, items):
        of_chapter.setdefault(chapter_of(item), {})[exercise_of(item)] = None
        item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    if (journal := item.config.stash[JOURNAL]) and exercise_of(item):
        journal.write(**begin(item))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    exercise = exercise_of(item)
    if exercise is None or (call.excinfo is None and call.when != "call"):
        return
    report.grade, words = SOLVED, ""
    if call.excinfo is not None:
        missing = not_written(item, call.excinfo.value)
        report.grade = NOT_ATTEMPTED if missing else WRONG
        words = missing or wrong_in_words(item, call.excinfo)
        report.longrepr = words
    outcome = Outcome(exercise, item.originalname, report.grade, words)
    item.config.stash[TESTS].append(outcome)
    if journal := item.config.stash[JOURNAL]:
        journal.write(ran=item.nodeid, outcome=outcome)


def not_written(item, error) -> str:
    """Return in words what the student has not written, if that is why a test fails; else nothing."""
    if isinstance(error, NotImplementedError) and words_of(error).startswith("Exercise"):
        return str(error)
    if isinstance(error, AttributeError) and error.obj is getattr(item, "funcargs", {}).get("student"):
        return f"there is no {error.name}"
    return ""


def pytest_report_teststatus(report):
    letters = {SOLVED: ".", WRONG: "W", NOT_ATTEMPTED: "-"}
    if hasattr(report, "grade"):
        return report.grade, letters[report.grade], report.grade.upper()
    return None


def wrong_in_words(item, excinfo) -> str:
    """Return what must hold, and what was seen instead."""
    if isinstance(excinfo.value, pytest.fail.Exception):
        return short(str(excinfo.value))
    law = " ".join((item.function.__doc__ or item.name).split())
    seen = compared_in_words(excinfo) or said_in_words(excinfo)
    if "NoneType" in words_of(excinfo.value):
        seen.append("(a function without a line `return` returns None)")
    seen = in_students_code(item, excinfo, seen or [excinfo.typename])
    return "\n  ".join([f"must hold: {law}\nseen: {seen[0]}", *seen[1:]])


def compared_in_words(excinfo) -> list[str]:
    """Return in a line or two how two arrays of numbers differ, if it was NumPy that compared them; else nothing."""
    frames = [frame for frame, _ in walk_tb(excinfo.tb) if frame.f_globals is vars(BEHIND_ASSERTIONS)]
    places = [frame for frame in frames if frame.f_code.co_name in COMPARING]
    if not places or not isinstance(excinfo.value, AssertionError):
        return []
    names, values = places[0].f_code.co_varnames, places[0].f_locals
    try:
        got, wanted = (np.asarray(values[name]) for name in names[:2])  # they have other names in other versions
    except Exception:  # it is a student's object
        return []
    if not {got.dtype.kind, wanted.dtype.kind} <= set("biuf"):
        return []
    size = np.abs(np.where(np.isfinite(wanted), wanted, 0), dtype=np.float64)
    tolerance = values.get("atol", 0) + values.get("rtol", 0) * size
    return [short(line) for line in diagnosis.in_words(str(values["err_msg"]), got, wanted, tolerance)]


def said_in_words(excinfo) -> list[str]:
    """Return the lines of a message that say something."""
    said = excinfo.exconly(tryshort=True).removeprefix("AssertionError: ").strip()
    seen = said.splitlines()
    # Behind a message in words, pytest repeats the assertion in symbols.
    symbols = [number for number, line in enumerate(seen) if number and line.startswith("assert ")]
    seen = [line for line in seen[: symbols[0] if symbols else None] if not EXPANDED.match(line)]
    for pattern, words in IN_WORDS.items():
        seen = [re.sub(pattern, words, line) for line in seen]
    kept = [short(line) for line in seen if line.strip()]
    seen = [line for line in kept if not line.lstrip().startswith(("ok ", "n/a "))]  # the laws that hold
    return [*seen[:SHOWN_LINES], "..."] if len(seen) > SHOWN_LINES else seen


def in_students_code(item, excinfo, seen: list[str]) -> list[str]:
    """Return what was seen with the line of the student's code that raised, if one did, and the shapes that misfit."""
    file = getattr(getattr(item, "funcargs", {}).get("student"), "__file__", None)
    places = [place for place in walk_tb(excinfo.tb) if place[0].f_code.co_filename == file]
    if not places:
        return seen if isinstance(excinfo.value, AssertionError) else [*seen, "(when the grader used what you return)"]
    frame, number = places[-1]
    code = linecache.getline(file, number).strip()
    line = f"in line {number}, {code if len(code) <= SHOWN_LETTERS else code[:SHOWN_LETTERS] + ' ...'}"
    if not MISFIT.search(words_of(excinfo.value)):
        return [*seen, line]
    arrays = {name: value for name, value in frame.f_locals.items() if isinstance(value, np.ndarray)}
    shapes = [f"{name} has {value.shape}" for name, value in arrays.items() if re.search(rf"\b{name}\b", code)]
    return [f"shapes that do not fit {line}" + (": " if shapes else "") + ", ".join(shapes), *seen]


def grades(config) -> list[dict]:
    """Return one row for each exercise that was graded in this run."""
    return rows_of(config.stash[TESTS], titles())


def pytest_terminal_summary(terminalreporter, config):
    rows = grades(config)
    if not rows:
        return
    colours = {SOLVED: "green", WRONG: "red", NOT_ATTEMPTED: "yellow"}
    terminalreporter.section("exercises")
    for row in rows:
        name = f"Exercise {row['exercise']}: {row['title']} "
        terminalreporter.write_line(f"{name:.<70} {row['outcome']}", **{colours[row["outcome"]]: True})
        for line in row["words"].splitlines():
            terminalreporter.write_line(f"    {line}")
    for kind in colours:  # so that pytest's last line counts exercises, not the cases of their tests
        terminalreporter.stats[kind] = [SimpleNamespace(**row) for row in rows if row["outcome"] == kind]


def pytest_sessionfinish(session, exitstatus):
    if file := session.config.getoption("--grades"):
        Path(file).write_text(json.dumps(grades(session.config), indent=1), encoding="utf-8")
    journal = session.config.stash[JOURNAL]
    if journal is None or exitstatus not in ENDS:
        return
    left = [item for item in filter(exercise_of, session.items) if not journal.has(item.nodeid, "", "")]
    if not left:  # a student's file may end the session before its time, with whatever exit status
        journal.write(end=True)
