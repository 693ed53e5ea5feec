"""The form of chapters is seen where it is kept and where it is not, and a new chapter begins with it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).resolve().parents[1] / "tutorials"
sys.path.insert(0, str(TUTORIALS))
import course  # noqa: E402
import form  # noqa: E402
import new_chapter  # noqa: E402

WANTING = " solutions of exercise "  # a new chapter has fewer other right and wrong solutions: they are its author's


@pytest.fixture
def folder(tmp_path):
    for name in ("exercises", "solutions", "mistakes"):
        (tmp_path / name).mkdir()
    new_chapter.write(tmp_path, 21)
    return tmp_path


def departures(chapter):
    return [what for what in form.departures(chapter) if WANTING not in what]


def test_a_new_chapter_is_in_form_but_for_what_its_author_adds(folder):
    found = form.departures(folder / "21_a_title.py")
    assert [what.partition(" has ")[2] for what in found] == [
        f"{count} solutions of exercise 21.{k}, expected 3" for k in (1, 2, 3) for count in ("0 other right", "1 wrong")
    ]
    (folder / "variants").mkdir()
    for number in range(3):
        shutil.copy(folder / "solutions" / "ch21.py", folder / "variants" / f"ch21_{number}.py")
        for function in new_chapter.EXERCISES:
            mistake = folder / "mistakes" / f"ch21_{function}.py"
            shutil.copy(mistake, mistake.with_name(f"ch21_{function}_{number}.py"))
    assert form.departures(folder / "21_a_title.py") == []


@pytest.mark.parametrize(
    "old, new, what",
    [
        ("| **Where you are** |", "| **Here** |", "has no row **Where you are**"),
        ("| **Time** |", "| **Hours** |", "has no row **Time**"),
        ("**Before you run the next cell.**", "Before.", "asks for 2 predictions"),
        ("helps</summary>The answer, which is what the cell shows.</details>", "helps", "without a folded answer"),
        ("# - ...\n# - ...\n", "# - ...\n", "has 4 items under 'In five lines'"),
        ("The derivation.", "The derivation, as in 1.3.", "says 'in 1.3', expected section or exercise"),
        ("## In five lines", "## Summary", "has 0 items under 'In five lines'"),
        ("## Further reading", "## Reading", "ends in the sections"),
        ("(★☆☆, 5 minutes)", "(5 minutes)", "gives exercise 21.1 no stars and minutes"),
        ("★☆☆", "☆☆☆", "gives exercise 21.1 no stars and minutes"),
        ("<summary>Hint 2</summary>", "<summary>Hint</summary>", "exercise 21.1 no box of its own with exactly three"),
        ("# > <details><summary>Hint 3</summary>Nearly the line, in words.</details>\n", "", "exactly three hints"),
        ('check("21.1")', 'check("21.2")', 'has no cell check("21.1") behind exercise 21.1'),
        ('check("21.1")', 'x = 2\ncheck("21.1")', 'has no cell check("21.1")'),
        ("from exercises.grading import check\n", "", "does not import check"),
        ("assert ", "print", "does not end in assertions"),
    ],
)
def test_a_departure_from_the_form_is_told(old, new, what, folder):
    chapter = folder / "21_a_title.py"
    text = chapter.read_text(encoding="utf-8")
    assert old in text and departures(chapter) == []
    chapter.write_text(text.replace(old, new) if old == "assert " else text.replace(old, new, 1), encoding="utf-8")
    assert any(what in told for told in departures(chapter)), departures(chapter)


def test_a_chapter_that_is_there_is_not_written_over(folder):
    before = {path: path.read_bytes() for path in folder.rglob("*.py")}
    with pytest.raises(FileExistsError, match="there is a chapter 21 already"):
        new_chapter.write(folder, 21, "Another title")
    assert {path: path.read_bytes() for path in folder.rglob("*.py")} == before


@pytest.mark.slow
def test_a_new_chapter_runs_and_is_graded(folder, monkeypatch):
    for name in ("grading.py", "conftest.py"):
        shutil.copy(TUTORIALS / "exercises" / name, folder / "exercises")
    monkeypatch.setattr(course, "EXERCISES", folder / "exercises")
    course.build_stub(folder / "solutions" / "ch21.py")

    def run(*words, **environment):
        paths = {**os.environ, "PYTHONPATH": str(TUTORIALS.parent), "MPLBACKEND": "agg", **environment}
        return subprocess.run([sys.executable, *words], cwd=folder, env=paths, capture_output=True, text=True)

    chapter = run("-W", "error", "21_a_title.py")
    assert chapter.returncode == 0 and chapter.stderr == "", chapter.stderr
    assert re.findall(r"^(\S+) is not attempted yet: write", chapter.stdout, re.MULTILINE) == ["21.1", "21.2", "21.3"]
    grade = ("-m", "pytest", "exercises", "-q", "-p", "no:cacheprovider")
    assert "3 solved in " in run(*grade, TINYNET_EXERCISES="solutions").stdout
    assert "2 solved, 1 wrong in " in run(*grade, TINYNET_EXERCISES="mistakes/ch21_halved.py").stdout
