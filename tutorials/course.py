"""The machinery of the course: stubs from solutions, notebooks from chapters, grades for a class.

    python tutorials/course.py build          write the stubs of all exercises and execute all notebooks
    python tutorials/course.py build 03       those of chapter 3 alone
    python tutorials/course.py check          are stubs and notebooks up to date, and chapters in form?
    python tutorials/course.py new 21         begin a chapter: text, solutions, graders, mistakes, all in form
    python tutorials/course.py grade DIR      grade each folder in DIR, one a student, and write grades.csv
    python tutorials/course.py slides 01      write the slides of a first session, slides-01.html
    python tutorials/course.py site           build the web site into build/site

A chapter, such as ``01_neurons.py``, is a script in percent format: ``# %% [markdown]`` begins a cell of text, ``# %%``
a cell of code. It opens with a table, asks before it shows, gives each exercise a box with three hints and behind it a
cell ``check("1.2")``, and ends in "In five lines", "On your own", "Further reading" and a cell of assertions; `form.py`
says it exactly. It draws with pyplot, calls ``plt.show()`` after each figure, and writes nothing to stderr. Its
notebook is made from it and carries the SHA-256 of the script that it was made from.

The exercises have one source, ``solutions/ch01.py``. The docstring of each function or class begins with
``Exercise 1.2: Title`` and says what to do; what lies between ``# BEGIN SOLUTION`` and ``# END SOLUTION`` is left out
of the stub, ``exercises/ch01.py``. A test in ``exercises/test_ch01.py`` says by ``@pytest.mark.exercise("1.2")`` what
it grades and in its docstring, in words, what must hold. Building needs ``pip install -e ".[tutorials]"``.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "exercises")]

import form
import new_chapter
import slides
from classroom import grade_class
from elsewhere import public_address, with_first_cells
from grading import (
    EXERCISE,
    EXERCISES,
    ONE_THREAD,
    SOLUTIONS,
    GradingError,
    exercises_in,
    is_worked_on,
    sha256,
    signed,
)
from grading import SECONDS as SECONDS_A_TEST

from tinynet.course import cells_of
from tinynet.course import notebook_of as notebook_of_script

MISTAKES, VARIANTS = HERE / "mistakes", HERE / "variants"
GUIDES = HERE / "guides"
BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
SECONDS = 600


class CourseError(ValueError):
    """Something in the course is not as it should be; the message says what and where."""


def chapters(numbers: list[str] | None = None) -> list[Path]:
    """Return the scripts of the chapters, in order; all of them, or those of some numbers such as "03", or "3"."""
    numbers = [number.zfill(2) for number in numbers or ()]
    every = {path.name[:2]: path for path in sorted(HERE.glob("[0-9][0-9]_*.py"))}
    if unknown := sorted(set(numbers) - every.keys()):
        raise CourseError(f"no chapter {', '.join(unknown)}; there are {', '.join(every)}")
    return [path for number, path in every.items() if not numbers or number in numbers]


# ---------------------------------------------------------------------------------------------------------- exercises


def solution_of(chapter: Path) -> Path:
    """Return the path of a chapter's solutions."""
    return SOLUTIONS / f"ch{chapter.name[:2]}.py"


def without_solutions(name: str, solutions: str) -> str:
    """Return the text of solutions with a ``raise NotImplementedError`` in the place of each marked one."""
    kept, exercise, begin = [], None, None
    for number, line in enumerate(solutions.splitlines(), start=1):
        mark, where = line.strip(), f"{name}, line {number}"
        exercise = EXERCISE.search(mark) or exercise
        if mark == BEGIN:
            if begin is not None or exercise is None:
                raise CourseError(f"{where}: {BEGIN} " + ("within another" if exercise else "before any exercise"))
            begin = where
            indent = line[: len(line) - len(line.lstrip())]
            message = f"Exercise {exercise['number']}: {exercise['title']}"
            kept.append(f"{indent}raise NotImplementedError({json.dumps(message, ensure_ascii=False)})")
        elif mark == END:
            if begin is None:
                raise CourseError(f"{where}: {END} without {BEGIN}")
            begin = None
        elif begin is None:
            kept.append(line)
    if begin is not None:
        raise CourseError(f"{begin}: {BEGIN} without {END}")
    return "\n".join(kept) + "\n"


def stub_of(solution: Path) -> str:
    """Return the text of the stub that belongs to a file of solutions."""
    body = without_solutions(solution.name, solution.read_text(encoding="utf-8"))
    return signed(solution.name, body)


def build_stub(solution: Path) -> None:
    """Write the stub that belongs to a file of solutions, unless somebody has worked on the one that is there."""
    stub, text = EXERCISES / solution.name, stub_of(solution)
    if is_worked_on(stub):
        raise CourseError(f"{stub} has been worked on; move it away before a new one is made")
    stub.write_text(text, encoding="utf-8")
    print(f"{stub.name}: {len(exercises_in(text))} exercises")


# ---------------------------------------------------------------------------------------------------------- notebooks


def notebook_of(chapter: Path) -> Any:
    """Return the notebook of a chapter, not executed."""
    from nbformat import from_dict

    script = chapter.read_text(encoding="utf-8")
    notebook = notebook_of_script(script)
    notebook = with_first_cells(notebook, chapter.with_suffix(".ipynb").name, public_address())
    notebook["metadata"]["course"] = {"source": chapter.name, "sha256": sha256(script)}
    return from_dict(notebook)


def executed(notebook: Any) -> Any:
    """Execute a notebook and return it; a cell that raises, or writes to stderr, is an error."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    name = notebook.metadata["course"]["source"]
    resources = {"metadata": {"path": str(HERE)}}
    how = ["--log-level=ERROR", "--InlineBackend.figure_format=retina"]  # 200 dots an inch
    limits = {"timeout": SECONDS, "startup_timeout": SECONDS}  # a busy machine is slow to start a kernel, too
    client = NotebookClient(notebook, record_timing=False, resources=resources, extra_arguments=how, **limits)
    try:
        # The kernel draws its figures into the notebook, whatever backend this shell has chosen.
        inline = "module://matplotlib_inline.backend_inline"
        client.execute(env={**os.environ, **ONE_THREAD, "MPLBACKEND": inline, "PYTHONPATH": str(HERE.parent)})
    except CellExecutionError as error:
        raise CourseError(f"{name} does not run as a notebook: {error}") from error
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                raise CourseError(f"{name}: {cell.id} writes to stderr: {output['text'][:400]}")
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def described(notebook: Any) -> Any:
    """Give each figure of a notebook an alternative text, its title or the heading of its section, and a palette."""
    section = ""
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            section = [section, *slides.HEADING.findall(text)][-1]
        for output in cell.get("outputs", ()):
            if picture := output.get("data", {}).get("image/png"):
                output["data"]["image/png"] = with_palette(picture)
                told = output["metadata"].get("image/png", {})
                output["metadata"]["image/png"] = {
                    "alt": slides.caption(text, section),
                    **{name: pixels for name, pixels in told.items() if name == "width"},  # the height follows
                }
    return notebook


def with_palette(picture: str) -> str:
    """Return a PNG file in base64 with 256 colours, half as large; no channel of a pixel moves by more than a few."""
    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(picture)))
    few = image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    file = io.BytesIO()
    few.save(file, "PNG", optimize=True, dpi=image.info.get("dpi"))
    return base64.b64encode(file.getvalue()).decode()


def covered(notebook: Any) -> Any:
    """Fold the outputs that answer a question until the reader asks for them, and return the notebook."""
    asked = False
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            asked = asked or bool(form.PREDICTION.search("".join(cell["source"])))
        elif asked:
            cell["metadata"].update(tags=["hide-output"], jupyter={"outputs_hidden": True})  # for the site, for Jupyter
            asked = False
    return notebook


def build_notebook(chapter: Path) -> None:
    """Execute a chapter and write its notebook beside it."""
    import nbformat

    begin = time.perf_counter()
    notebook = covered(described(executed(notebook_of(chapter))))
    path = chapter.with_suffix(".ipynb")
    nbformat.write(notebook, path)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    figures = sum("image/png" in output.get("data", {}) for output in outputs)
    seconds = time.perf_counter() - begin
    print(f"{path.name}: {figures} figures, {path.stat().st_size / 1e6:.2f} MB, {seconds:.0f} s")


# -------------------------------------------------------------------------------------------------------------- check


def stale() -> list[str]:
    """Return what is out of date, one sentence each."""
    found = []
    for chapter in chapters():
        notebook = chapter.with_suffix(".ipynb")
        wanted = sha256(chapter.read_text(encoding="utf-8"))
        if not notebook.exists():
            found.append(f"{notebook.name} is missing")
        elif _source_of(notebook) != wanted:
            found.append(f"{notebook.name} was not made from {chapter.name} as it is now")
        solution = solution_of(chapter)
        if not solution.exists():
            found.append(f"solutions/{solution.name} is missing")
            continue
        stub = EXERCISES / solution.name
        if not stub.exists() or stub.read_text(encoding="utf-8") != stub_of(solution):
            found.append(f"exercises/{stub.name} was not made from solutions/{solution.name} as it is now")
    return found


def _source_of(notebook: Path) -> str | None:
    try:
        return json.loads(notebook.read_text(encoding="utf-8"))["metadata"]["course"]["sha256"]
    except (ValueError, KeyError, TypeError):
        return None


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Build, check and grade the course.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="write stubs and execute notebooks")
    build.add_argument("chapters", nargs="*", metavar="NN", help="numbers of chapters, such as 03; all if left out")
    build.add_argument("--stubs", action="store_true", help="write the stubs alone")
    commands.add_parser("check", help="say which stubs and notebooks are out of date, and which chapters not in form")
    new = commands.add_parser("new", help="begin a chapter")
    new.add_argument("number", type=int, choices=range(1, 100), metavar="NN")
    new.add_argument("title", nargs="?", default=new_chapter.TITLE)
    grading = commands.add_parser("grade", help="grade a class")
    grading.add_argument("folder", type=Path, help="holds one folder for each student, with ch01.py, ch02.py, ...")
    grading.add_argument(
        "--out", type=Path, default=Path("grades.csv"), help="where the tables go (default: %(default)s)"
    )
    which = grading.add_mutually_exclusive_group()
    which.add_argument("--only", default="", metavar="chNN", help="one chapter, or one exercise's tests")
    which.add_argument(
        "--all", action="store_true", help="every chapter (default: those that somebody in the class has worked on)"
    )
    grading.add_argument("--seconds", type=float, default=SECONDS_A_TEST, help="for a test (default: %(default)s)")
    grading.add_argument(
        "--tests", type=Path, metavar="DIR", help="a folder of graders of your own, test_ch01_more.py and the like"
    )
    grading.add_argument(
        "--at-once", type=int, default=0, metavar="N", help="students at a time (default: one a processor)"
    )
    slide = commands.add_parser("slides", help="write the slides of a session; needs pip install -e '.[tutorials]'")
    slide.add_argument("chapter", metavar="NN")
    slide.add_argument("--minutes", type=int, default=90, help="of the session (default: %(default)s)")
    slide.add_argument("--out", type=Path, help="a file (default: slides-NN.html)")
    site = commands.add_parser("site", help="build the web site; needs pip install -e '.[docs]'")
    site.add_argument("--out", type=Path, default=HERE.parent / "build" / "site", help="where it goes")
    given = parser.parse_args(arguments)
    try:
        if given.command == "build":
            for chapter in chapters(given.chapters):
                build_stub(solution_of(chapter))
                if not given.stubs:
                    build_notebook(chapter)
        elif given.command == "grade":
            how = {"only": given.only, "seconds": given.seconds, "at_once": given.at_once, "tests": given.tests}
            return int(grade_class(given.folder, given.out, every=given.all, **how) > 0)
        elif given.command == "slides":
            [chapter] = chapters([given.chapter])
            out = given.out or Path(f"slides-{chapter.name[:2]}.html")
            figures = slides.write(chapter, out, given.minutes)
            print(f"{out}: {given.minutes} minutes; arrow keys turn slides, n shows the notes, p prints")
            if not figures:
                print(f"no figures: {chapter.stem}.ipynb was not run; course.py build {chapter.name[:2]} does that")
        elif given.command == "site":
            from web.build import build as build_site

            notebooks = [chapter.with_suffix(".ipynb") for chapter in chapters()]
            return build_site(given.out, notebooks, sorted(GUIDES.glob("*.py")), cells_of)
        elif given.command == "new":
            for path in new_chapter.write(HERE, given.number, given.title):
                print(path)
            build_stub(SOLUTIONS / f"ch{given.number:02}.py")
            print(f"next: course.py build {given.number:02}, and a row in README.md and in TEACHING.md")
        else:
            problems = [*stale(), *(what for chapter in chapters() for what in form.departures(chapter))]
            print("\n".join(problems) or "all stubs and notebooks are up to date, all chapters in form")
            return int(bool(problems))
    except (ValueError, GradingError, OSError) as error:
        print(f"course.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("course.py: interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
