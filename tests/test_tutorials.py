"""The course runs, is up to date, and grades rightly: solutions, stubs and typical mistakes."""

import base64
import io
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

TUTORIALS = Path(__file__).resolve().parents[1] / "tutorials"
sys.path.insert(0, str(TUTORIALS))
import course  # noqa: E402
import form  # noqa: E402

CHAPTERS = course.chapters()
NUMBERS = [chapter.name[:2] for chapter in CHAPTERS]
MISTAKES = sorted(course.MISTAKES.glob("ch*.py"))
VARIANTS = sorted(course.VARIANTS.glob("ch*.py"))
TEST = re.compile(r"^def (test_ch\d\d_\w+)\(", re.MULTILINE)
MARK = re.compile(r'^@pytest\.mark\.exercise\("(\d+\.\d+)"\)$', re.MULTILINE)
by_name = {"ids": lambda path: path.stem}


def graded(place: Path, number: str, folder: Path, monkeypatch) -> dict[str, str]:
    """Return the outcome of each test of a chapter, for the work in `place`."""
    monkeypatch.setenv("TINYNET_EXERCISES", str(place))
    grades = folder / "grades.json"
    test_file = course.EXERCISES / f"test_ch{number}.py"
    pytest.main([str(test_file), "-q", "-p", "no:cacheprovider", "-p", "no:terminalreporter", f"--grades={grades}"])
    return {name: outcome for row in json.loads(grades.read_text()) for name, outcome in row["tests"].items()}


def graders(number: str) -> str:
    return (course.EXERCISES / f"test_ch{number}.py").read_text(encoding="utf-8")


# ----------------------------------------------------------------------------------------------------------- chapters


def test_there_are_chapters():
    assert NUMBERS == [f"{number:02}" for number in range(1, len(NUMBERS) + 1)]
    assert len(NUMBERS) >= 5


NOTEBOOK = """
import pathlib, sys
import course
notebook = course.executed(course.notebook_of(pathlib.Path(sys.argv[1])))
assert any("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ()))
"""
ARGUMENTS = {
    "test_chapter_runs_as_a_script": [],
    "test_guide_runs_as_a_script": [],
    "test_chapter_runs_as_a_notebook": ["-c", NOTEBOOK],
}
AT_ONCE = 2


@pytest.fixture(scope="session")
def runs(request, tmp_path_factory):
    """Start every run of a chapter that was asked for, some at once, each with one thread."""
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    path = os.pathsep.join([str(TUTORIALS.parent), str(TUTORIALS)])

    def run(folder, arguments):
        command = [sys.executable, "-W", "error", *arguments]
        env = {**environment, **limits, "MPLBACKEND": "Agg", "PYTHONPATH": path}
        ended = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
        return ended, list(folder.iterdir())

    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = {}
        for item in request.session.items:
            if getattr(item, "originalname", "") in ARGUMENTS and not item.get_closest_marker("skip"):
                chapter = item.callspec.params["chapter"]
                arguments = [*ARGUMENTS[item.originalname], str(chapter)]
                folder = tmp_path_factory.mktemp("run")  # here: two threads must not both make its parent
                started[item.originalname, chapter] = pool.submit(run, folder, arguments)
        yield started
        pool.shutdown(cancel_futures=True)


# A notebook's cells are its script's, which runs each time: of the notebooks, one does, and the others if asked for.
NOTEBOOKS = [CHAPTERS[0], *(pytest.param(chapter, marks=pytest.mark.long) for chapter in CHAPTERS[1:])]


@pytest.mark.slow
@pytest.mark.parametrize("chapter", NOTEBOOKS, **by_name)
def test_chapter_runs_as_a_notebook(chapter, runs):
    pytest.importorskip("nbclient", reason="needs the extra tutorials")
    pytest.importorskip("ipykernel", reason="needs the extra tutorials")
    run, _ = runs["test_chapter_runs_as_a_notebook", chapter].result()
    assert run.returncode == 0, run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS, **by_name)
def test_chapter_runs_as_a_script(chapter, runs):
    run, files = runs["test_chapter_runs_as_a_script", chapter].result()
    assert run.returncode == 0, run.stderr
    assert run.stderr == "", "a chapter writes nothing to stderr"
    assert not files, "a chapter leaves no file behind"


@pytest.mark.slow
@pytest.mark.parametrize("chapter", sorted(course.GUIDES.glob("*.py")), **by_name)
def test_guide_runs_as_a_script(chapter, runs):
    run, files = runs["test_guide_runs_as_a_script", chapter].result()
    assert run.returncode == 0, run.stderr
    assert not files, "a guide leaves no file behind"


@pytest.mark.parametrize("chapter", CHAPTERS, **by_name)
def test_a_chapter_has_the_form_of_chapters(chapter):
    assert form.departures(chapter) == []


def test_stubs_and_notebooks_are_up_to_date():
    assert course.stale() == []


@pytest.mark.parametrize("chapter", CHAPTERS, **by_name)
def test_notebook_is_small_and_whole(chapter):
    notebook = chapter.with_suffix(".ipynb")
    text = notebook.read_text(encoding="utf-8")
    assert len(text) < 1_200_000
    assert str(Path.home()) not in text and "Traceback" not in text
    outputs = [output for cell in json.loads(text)["cells"] for output in cell.get("outputs", ())]
    figures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert figures
    for figure in figures:
        told = figure["metadata"]["image/png"]
        width, _ = Image.open(io.BytesIO(base64.b64decode(figure["data"]["image/png"]))).size
        assert told["alt"] and width // 2 == told["width"], "200 dots an inch, shown as 100"


@pytest.mark.parametrize("chapter", CHAPTERS, **by_name)
def test_what_answers_a_question_is_folded_in_the_notebook(chapter):
    cells = json.loads(chapter.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
    code = [number for number, cell in enumerate(cells) if cell["cell_type"] == "code"]
    asked = [number for number, cell in enumerate(cells) if form.PREDICTION.search("".join(cell["source"]))]
    folded = [number for number in code if cells[number]["metadata"].get("jupyter", {}).get("outputs_hidden")]
    assert folded == [min(number for number in code if number > question) for question in asked]


# ---------------------------------------------------------------------------------------------------------- exercises


@pytest.mark.parametrize("number", NUMBERS)
def test_text_solutions_and_graders_have_the_same_exercises(number):
    text = next(chapter for chapter in CHAPTERS if chapter.name[:2] == number).read_text(encoding="utf-8")
    titles = course.exercises_in((course.SOLUTIONS / f"ch{number}.py").read_text(encoding="utf-8"))
    told = re.findall(r"^# > \*\*Exercise (\d+\.\d+)\*\*", text, re.MULTILINE)
    assert told == list(titles), "in order, each once"
    assert 3 <= len(titles) <= 6 and all(exercise.startswith(f"{int(number)}.") for exercise in titles)
    assert set(MARK.findall(graders(number))) == titles.keys()


def statements(text: str) -> list[str]:
    """Return the lines of code that say something, without blanks and comments."""
    lines = (re.sub(r"\s+", "", line.split("#")[0]) for line in text.splitlines())
    return [line for line in lines if len(line) > 12]


def copied(chapter: str, solutions: str) -> dict[str, tuple[int, int]]:
    """Return of each exercise how many lines of its solution stand in the cells of the chapter, and of how many."""
    shown = set(statements("\n".join(text for kind, text in course.cells_of(chapter) if kind == "code")))
    parts = re.split(r"Exercise (\d+\.\d+):", solutions)[1:]
    found = {}
    for exercise, part in zip(parts[::2], parts[1::2], strict=True):
        lines = [line for some in re.findall(r"# BEGIN SOLUTION\n(.*?)# END", part, re.S) for line in statements(some)]
        found[exercise] = sum(line in shown for line in lines), len(lines)
    return found


@pytest.mark.parametrize("chapter", CHAPTERS, **by_name)
def test_a_chapter_does_not_solve_its_exercises(chapter):
    found = copied(chapter.read_text(encoding="utf-8"), course.solution_of(chapter).read_text(encoding="utf-8"))
    assert {exercise: (n, of) for exercise, (n, of) in found.items() if of >= 2 and 2 * n >= of} == {}


def test_a_solution_in_a_cell_is_found_however_it_is_spaced_and_one_in_the_text_is_not():
    solution = SOLUTION.replace("    return 2 * x", "    twice_of_it = 2 * x  # so\n    return twice_of_it")
    cell = "# %%\ndef g(x):\n        twice_of_it = 2*x\n        return twice_of_it\n"
    assert copied(cell, solution) == {"1.1": (2, 2)}
    assert copied("# %% [markdown]\n" + re.sub("(?m)^", "# ", cell[5:]), solution) == {"1.1": (0, 2)}


@pytest.mark.parametrize("number", NUMBERS)
def test_every_grader_names_its_exercise_and_says_what_must_hold(number):
    text = graders(number)
    for block in text.split("\n\n\n"):
        if test := TEST.search(block):
            assert MARK.search(block), f"{test[1]} names no exercise"
            assert re.search(r'\):\n    """\S', block), f"{test[1]} does not say what must hold"
            assert test[1].startswith(f"test_ch{number}_")


@pytest.mark.parametrize("number", NUMBERS)
def test_solutions_are_graded_as_solved(number, tmp_path, monkeypatch):
    outcomes = graded(course.SOLUTIONS, number, tmp_path, monkeypatch)
    assert outcomes.keys() == set(TEST.findall(graders(number)))
    assert set(outcomes.values()) == {"solved"}


@pytest.mark.parametrize("number", NUMBERS)
def test_stubs_are_graded_as_not_attempted(number, tmp_path, monkeypatch):
    outcomes = graded(course.EXERCISES, number, tmp_path, monkeypatch)
    assert outcomes.keys() == set(TEST.findall(graders(number)))
    assert set(outcomes.values()) == {"not attempted"}


def a_third(paths: list[Path]) -> list:
    """Mark two of three as long: each is graded by a run of its own, minutes together."""
    return [
        path if number % 3 == 0 else pytest.param(path, marks=pytest.mark.long) for number, path in enumerate(paths)
    ]


@pytest.mark.parametrize("mistake", a_third(MISTAKES), **by_name)
def test_a_mistake_is_caught_by_the_tests_it_names(mistake, tmp_path, monkeypatch):
    assert mistake.read_text(encoding="utf-8").startswith('"""Caught by: ')
    named = form.caught_by(mistake)
    outcomes = graded(mistake, mistake.name[2:4], tmp_path, monkeypatch)
    assert named and {name for name, outcome in outcomes.items() if outcome == "wrong"} == named
    assert set(outcomes.values()) <= {"wrong", "solved"}


@pytest.mark.parametrize("variant", a_third(VARIANTS), **by_name)
def test_right_work_that_looks_unlike_the_solution_is_accepted(variant, tmp_path, monkeypatch):
    assert variant.read_text(encoding="utf-8").startswith('"""Accepted: ')
    outcomes = graded(variant, variant.name[2:4], tmp_path, monkeypatch)
    assert outcomes and {name: outcome for name, outcome in outcomes.items() if outcome != "solved"} == {}


@pytest.mark.parametrize(
    "text, outcome",
    [
        ("def central_difference(f, x, v, h=1e-6) return 0", "wrong"),  # cannot be imported
        (None, "not attempted"),  # no file
    ],
)
def test_a_file_that_is_broken_or_missing_is_told_as_such(text, outcome, tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    if text is not None:
        (work / "ch02.py").write_text(text)
    assert set(graded(work, "02", tmp_path, monkeypatch).values()) == {outcome}


def test_half_a_layer_is_not_attempted_rather_than_wrong(tmp_path, monkeypatch):
    stub = (course.EXERCISES / "ch02.py").read_text(encoding="utf-8")
    missing = 'raise NotImplementedError("Exercise 2.2: Softplus")'
    (tmp_path / "ch02.py").write_text(stub.replace(missing, "return np.logaddexp(0, x)", 1))
    outcomes = graded(tmp_path, "02", tmp_path, monkeypatch)
    assert outcomes["test_ch02_softplus_values"] == "solved"
    assert outcomes["test_ch02_softplus_keeps_the_laws"] == "not attempted"


# ---------------------------------------------------------------------------------------------------- the machinery


SOLUTION = '''def f(x):
    """Exercise 1.1: Twice.

    Double it.
    """
    # BEGIN SOLUTION
    return 2 * x
    # END SOLUTION
'''


def test_a_stub_keeps_the_text_and_leaves_out_the_solution():
    stub = course.without_solutions("ch01.py", SOLUTION)
    assert '    raise NotImplementedError("Exercise 1.1: Twice")\n' in stub
    assert "Double it." in stub and "2 * x" not in stub and "SOLUTION" not in stub


@pytest.mark.parametrize(
    "slip, words",
    [
        (SOLUTION.replace("    # END SOLUTION\n", ""), "line 6: # BEGIN SOLUTION without"),
        (SOLUTION.replace("    # BEGIN SOLUTION\n", ""), "line 7: # END SOLUTION without"),
        (SOLUTION.replace("Exercise 1.1: ", ""), "before any exercise"),
        (SOLUTION.replace("    return 2", "    # BEGIN SOLUTION\n    return 2"), "within another"),
    ],
)
def test_a_slip_in_the_marks_is_one_clear_error(slip, words):
    with pytest.raises(course.CourseError, match=words):
        course.without_solutions("ch01.py", slip)


def test_a_stub_that_was_worked_on_is_not_written_over(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "EXERCISES", tmp_path)
    solution = tmp_path / "solutions.py"
    solution.write_text(SOLUTION)
    stub = tmp_path / "stub" / "solutions.py"
    stub.parent.mkdir()
    monkeypatch.setattr(course, "EXERCISES", stub.parent)
    course.build_stub(solution)
    course.build_stub(solution)
    worked_on = stub.read_text().replace("raise NotImplementedError", "return 3 * x  # ")
    stub.write_text(worked_on)
    with pytest.raises(course.CourseError, match="has been worked on"):
        course.build_stub(solution)
    assert stub.read_text() == worked_on


def test_a_changed_chapter_makes_its_notebook_stale(tmp_path, monkeypatch):
    chapter = tmp_path / "01_example.py"
    chapter.write_text("# %% [markdown]\n# # Title\n# A formula, $z = W a + b$.\n\n# %%\nx = 1\nassert x\n")
    assert course.cells_of(chapter.read_text()) == [
        ("markdown", "# Title\nA formula, $z = W a + b$."),
        ("code", "x = 1\nassert x"),
    ]
    for name in ("HERE", "SOLUTIONS", "EXERCISES"):
        monkeypatch.setattr(course, name, tmp_path / ("exercises" if name == "EXERCISES" else ""))
    course.EXERCISES.mkdir()
    (tmp_path / "ch01.py").write_text(SOLUTION)
    course.build_stub(tmp_path / "ch01.py")
    assert course.stale() == ["01_example.ipynb is missing"]
    hashed = course.sha256(chapter.read_text())
    chapter.with_suffix(".ipynb").write_text(f'{{"metadata": {{"course": {{"sha256": "{hashed}"}}}}}}')
    assert course.stale() == []
    chapter.write_text(chapter.read_text() + "# one more thought\n")
    assert course.stale() == ["01_example.ipynb was not made from 01_example.py as it is now"]
    chapter.with_suffix(".ipynb").write_text("{")
    assert len(course.stale()) == 1
    (tmp_path / "ch01.py").write_text(SOLUTION.replace("Double", "Treble"))
    assert course.stale()[1] == "exercises/ch01.py was not made from solutions/ch01.py as it is now"


# -------------------------------------------------------------------------------------------------------- the guides


@pytest.mark.parametrize("name", ["README.md", "TEACHING.md"])
def test_what_a_guide_links_to_exists(name):
    text = (TUTORIALS / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link and not link.startswith("#")]
    assert links
    assert [link for link in links if not (TUTORIALS / link.split("#")[0]).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "TEACHING.md"])
@pytest.mark.parametrize("chapter", CHAPTERS, **by_name)
def test_a_guide_says_how_long_each_chapter_takes(name, chapter):
    minutes = re.search(r"\*\*Time\*\* \| (\d+) minutes", chapter.read_text(encoding="utf-8"))[1]
    rows = (TUTORIALS / name).read_text(encoding="utf-8").splitlines()
    row = next(row for row in rows if f"({chapter.name})" in row and row.startswith("|"))
    assert f"| {minutes} |" in row


def test_the_teaching_guide_names_the_exercises_that_there_are():
    text = (TUTORIALS / "TEACHING.md").read_text(encoding="utf-8")
    there = {}
    for number in NUMBERS:
        there |= course.exercises_in((course.SOLUTIONS / f"ch{number}.py").read_text(encoding="utf-8"))
    assert dict(re.findall(r"^\| (\d+\.\d+) (.+?) \|", text, re.MULTILINE)) == there
