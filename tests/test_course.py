"""The course is laid out whole or not at all, from a clone and from a wheel, and a clone does not hide the package."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinynet import cli, course

HOUSE = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((HOUSE / "tutorials").glob("[0-9][0-9]_*.py"))
MARK = re.compile("^[# %]*%%", re.MULTILINE)  # begins a cell, in text as well
TEXT = st.text("ab #%\n", max_size=20).map(lambda text: MARK.sub("", f"x{text}y"))


@given(st.lists(st.tuples(st.sampled_from(["markdown", "code"]), TEXT), max_size=4))
def test_cells_come_back_from_a_script(cells):
    script = ""
    for kind, text in cells:
        lines = [f"# {line}" if kind == "markdown" else line for line in text.split("\n")]
        script += "\n".join(["# %% [markdown]" if kind == "markdown" else "# %%", *lines, ""])
    assert course.cells_of(script) == cells
    notebook = course.notebook_of(script)
    assert [(cell["cell_type"], cell["source"]) for cell in notebook["cells"]] == cells


def test_a_script_that_begins_before_its_first_cell_is_refused():
    with pytest.raises(ValueError, match="'x = 1' stands before the first '# %%'"):
        course.cells_of("\nx = 1\n# %%\n")


@pytest.mark.parametrize(
    ("marked", "html"),
    [
        ("`a < b` and `x & y`", "<code>a &lt; b</code> and <code>x &amp; y</code>"),
        ("*all* of *these two*, 3 * 4 * 5", "<em>all</em> of <em>these two</em>, 3 * 4 * 5"),
        ("$a * b$ and $c*d*e$, 2**M", "$a * b$ and $c*d*e$, 2**M"),
        ("`a*b*c`", "<code>a*b*c</code>"),
    ],
)
def test_what_is_folded_is_html_throughout(marked, html):
    around = "> `x` <details><summary>*?*</summary>{}</details> *y*"
    assert course.with_folded_marks(around.format(marked)) == around.format(html).replace("*?*", "<em>?</em>")
    assert course.with_folded_marks(marked) == marked, "Markdown reads the rest itself"


def test_a_chapter_is_a_valid_notebook():
    nbformat = pytest.importorskip("nbformat", reason="needs the extra tutorials")
    nbformat.validate(course.notebook_of(CHAPTERS[0].read_text(encoding="utf-8")))


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_course_is_laid_out_once(tmp_path, capsys):
    folder = tmp_path / "mine"
    assert cli.main(["course", str(folder)]) == 0
    assert f"begin with {folder / '01_neurons.ipynb'}" in capsys.readouterr().out
    laid = files_of(folder)
    for chapter in CHAPTERS:
        assert laid[chapter.name] == chapter.read_bytes()
        cells = json.loads(laid[chapter.with_suffix(".ipynb").name])["cells"]
        texts = [text for _, text in course.cells_of(chapter.read_text("utf-8"))]
        assert [cell["source"] for cell in cells] == [course.with_folded_marks(text) for text in texts]
        assert not any(cell.get("outputs") for cell in cells)
        assert {f"exercises/ch{chapter.name[:2]}.py", f"exercises/test_ch{chapter.name[:2]}.py"} <= laid.keys()
    assert {"exercises/grading.py", "exercises/conftest.py"} <= laid.keys()
    (folder / "exercises" / "ch01.py").write_text("my work")
    laid = files_of(folder)
    assert cli.main(["course", str(folder)]) == 2
    error = capsys.readouterr().err
    assert "01_neurons.py is there already" in error and error.count("\n") == 1
    assert files_of(folder) == laid


def test_a_student_gets_no_answers_and_a_teacher_gets_all(tmp_path):
    assert (
        cli.main(["course", str(tmp_path / "student")]) == cli.main(["course", str(tmp_path / "me"), "--teacher"]) == 0
    )
    student, teacher = files_of(tmp_path / "student"), files_of(tmp_path / "me")
    assert {Path(name).parent.as_posix() for name in student} == {".", "exercises"}
    assert {name for name in student if "/" not in name and not name[:2].isdecimal()} == {
        "README.md", "glossary.md", "cheatsheet.md"
    }  # fmt: skip
    assert student.items() < teacher.items()
    assert {"TEACHING.md", "course.py", "form.py", "solutions/ch01.py", "web/static/slides.css"} <= teacher.keys()
    for page in ("README.md", "glossary.md", "cheatsheet.md"):
        links = re.findall(r"\]\((?!http)([^)#]+)", student[page].decode())
        assert [link for link in links if link not in student] == [], page


def test_the_command_that_a_stub_names_works_in_a_folder_that_was_laid_out(tmp_path):
    course.lay_out(tmp_path)
    for stub in (tmp_path / "exercises").glob("ch*.py"):
        [file] = re.findall(r"``python -m pytest (\S+)``", stub.read_text(encoding="utf-8"))
        assert (tmp_path / file).name == f"test_{stub.name}" and (tmp_path / file).exists()
    assert "`python -m pytest exercises/test_ch01.py`" in (tmp_path / "01_neurons.py").read_text(encoding="utf-8")
    words = ["exercises/test_ch01.py", "--collect-only", "-q", "-p", "no:cacheprovider"]
    paths = {**os.environ, "PYTHONPATH": str(HOUSE)}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=tmp_path, env=paths, capture_output=True, text=True
    )
    assert run.returncode == 0 and "test_ch01_parity_shapes" in run.stdout, run.stdout + run.stderr


def test_one_file_in_the_way_stops_all(tmp_path):
    (tmp_path / "20_two_networks_one_face.ipynb").touch()
    with pytest.raises(ValueError, match=r"one_face[.]ipynb is there already"):
        course.lay_out(tmp_path)
    assert len(files_of(tmp_path)) == 1


@pytest.mark.parametrize("what", [KeyboardInterrupt, OSError(errno.ENOSPC, "No space left on device")])
def test_a_course_that_is_not_laid_out_to_the_end_is_not_there(tmp_path, monkeypatch, what):
    left = iter(range(9))

    def copied(source, target):
        if next(left, None) is None:
            raise what
        Path(target).write_bytes(Path(source).read_bytes())

    with monkeypatch.context() as patch, pytest.raises(type(what) if isinstance(what, OSError) else what):
        patch.setattr(shutil, "copyfile", copied)
        course.lay_out(tmp_path)
    assert files_of(tmp_path) == {}
    assert course.lay_out(tmp_path)


def test_an_installation_without_a_course_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "PLACES", (tmp_path / "nowhere",))
    with pytest.raises(ValueError, match="holds no course"):
        course.lay_out(tmp_path)


# ------------------------------------------------------------------------------------------------------ installations


@pytest.mark.slow
@pytest.mark.long
def test_a_wheel_lays_the_course_out_checks_its_exercises_and_writes_the_live_page(tmp_path):
    pytest.importorskip("setuptools", reason="setuptools is not installed")
    for name in ("setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE"):
        (tmp_path / "house").mkdir(exist_ok=True)
        shutil.copy(HOUSE / name, tmp_path / "house")
    for name in ("tinynet", "tutorials"):
        shutil.copytree(HOUSE / name, tmp_path / "house" / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(tmp_path), "./house"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}

    def run(*words):
        ended = subprocess.run([sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert ended.returncode == 0 and ended.stderr == "", ended.stderr
        return ended.stdout

    run("-m", "tinynet", "course", "from_wheel", "--teacher")
    course.lay_out(tmp_path / "from_clone", teacher=True)
    assert files_of(tmp_path / "from_wheel") == files_of(tmp_path / "from_clone")
    shutil.copy(tmp_path / "from_wheel" / "solutions" / "ch01.py", tmp_path / "from_wheel" / "exercises")
    look = "import sys; sys.path.insert(0, 'from_wheel'); from exercises.grading import check; check('1.2')"
    assert run("-c", look) == "1.2 solved\n"
    assert "grade a class" in run("from_wheel/course.py", "--help")
    run("-m", "tinynet", "explain", "--data", "digits:40", "--epochs", "1", "--out", "report")
    assert "window.tinynet" in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")


def test_a_clone_does_not_hide_the_package_that_was_installed_from_it(tmp_path):
    pytest.importorskip("setuptools", "70.1", reason="needs a newer setuptools: pip install -e '.[test]'")
    clone, site = tmp_path / "tinynet", tmp_path / "site"
    (clone / "tinynet").mkdir(parents=True)
    (clone / "tinynet" / "__init__.py").write_text('__version__ = "of the clone"\n')
    for name in ("setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(HOUSE / name, clone)
    build = f"from setuptools import build_meta; build_meta.build_editable({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=clone, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(site)
    look = f"import site; site.addsitedir({str(site)!r}); import tinynet; print(tinynet.__version__)"
    ended = subprocess.run(
        [sys.executable, "-S", "-c", look], cwd=tmp_path, capture_output=True, text=True, env={"PATH": os.defpath}
    )
    assert ended.stdout == "of the clone\n", ended.stderr
