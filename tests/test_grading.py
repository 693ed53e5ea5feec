"""Whatever is handed in, a class is graded rightly, and so is one exercise from a notebook."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

TUTORIALS = Path(__file__).resolve().parents[1] / "tutorials"
sys.path[:0] = [str(TUTORIALS), str(TUTORIALS / "exercises")]
import classroom  # noqa: E402
import course  # noqa: E402
import grading  # noqa: E402

from tests import made_up_class  # noqa: E402
from tests.made_up_class import CLASS, FIRST, SECOND, SOLVED, STUB, WILD  # noqa: E402

# -------------------------------------------------------------------------------------------------------- a class


def graded_class(students, folder, **options):
    for name, (text, *_) in students.items():
        (folder / "class" / name).mkdir(parents=True)
        (folder / "class" / name / "ch01.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    assert course.main(["grade", str(folder / "class"), "--out", str(folder / "g.csv"), "--only", "ch01", *words]) == 0
    with (folder / "g.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name, (_, solved, wrong, said) in students.items():
        mine = [row for row in rows if row["student"] == name]
        outcomes = [row["outcome"] for row in mine]
        assert len(mine) == 6, name
        assert (outcomes.count("solved"), outcomes.count("wrong")) == (solved, wrong), (name, mine)
        assert all(said in row["words"] for row in mine if row["outcome"] == "wrong"), (name, mine)
    return rows


def test_a_class_is_graded_whatever_is_handed_in(tmp_path, capsys):
    graded_class(CLASS, tmp_path)
    told = capsys.readouterr().out
    assert "solved: 6 solved, 0 wrong, 0 not attempted" in told
    assert "cheat: 0 solved, 6 wrong, 0 not attempted\n  look: ch01.py imports solutions.ch01" in told
    points = (tmp_path / "g-points.csv").read_text(encoding="utf-8").splitlines()
    assert points[0] == "student,1.1,1.2,1.3,1.4,1.5,1.6,points,look at"
    assert 'crash,0,0,0,0,0,0,0,"ch01.py uses ctypes.string_at, which our solution does not"' in points
    assert 'solved,1,1,1,1,1,1,6,"ch01.py is our solution, comments apart"' in points
    result = json.loads((tmp_path / "g-json" / "crash.json").read_text(encoding="utf-8"))
    assert result["score"] == 0 and sum(test["max_score"] for test in result["tests"]) == 6
    assert [test["output"] for test in result["tests"]].count("it crashed: Segmentation fault") == 1


def test_what_nobody_has_worked_on_is_not_attempted_without_a_process(tmp_path, monkeypatch):
    monkeypatch.setattr(grading.subprocess, "Popen", None)
    shutil.copy(course.EXERCISES / "ch01.py", tmp_path)  # chapter 2 is not handed in
    rows = grading.grade(tmp_path, "ch01 or ch02")
    assert [row["exercise"] for row in rows] == [f"{chapter}.{k}" for chapter in (1, 2) for k in range(1, 7)]
    assert {row["outcome"] for row in rows} == {"not attempted"} and all(row["title"] for row in rows)
    assert len(grading.grade(tmp_path)) == len(grading.titles())
    (tmp_path / "ch01.py").write_text(STUB + "\n")
    with pytest.raises(TypeError):  # now somebody has to look
        grading.grade(tmp_path, "ch01")


MORE = '''"""Further graders of a teacher's own."""

import pytest


@pytest.mark.exercise("1.2")
def test_ch01_net_input_of_integers(student):
    """Integers are weights too."""
    assert student.net_input([[2]], [3], [1]) == 7, "2 * 3 + 1"
'''


def test_a_teachers_own_graders_grade_beside_ours(tmp_path, capsys, monkeypatch):
    (tmp_path / "more").mkdir()
    (tmp_path / "class" / "ann").mkdir(parents=True)
    (tmp_path / "class" / "ann" / "ch01.py").write_text(STUB.replace(SECOND, "return a @ W.T + b"))
    command = ["grade", str(tmp_path / "class"), "--out", str(tmp_path / "g.csv"), "--only", "ch01"]
    command += ["--tests", str(tmp_path / "more")]
    assert course.main(command) == 2
    assert "holds no graders, expected files such as test_ch01_more.py" in capsys.readouterr().err
    (tmp_path / "more" / "test_ch01.py").write_text(MORE)
    assert course.main(command) == 2
    assert "has the name of one of ours" in capsys.readouterr().err
    more = (tmp_path / "more" / "test_ch01.py").rename(tmp_path / "more" / "test_ch01_more.py")
    for slip, words in (
        ("def f(:", "is no Python: "),
        (MORE.replace("mark.exercise", "mark.exercises"), "grades nothing"),
    ):
        more.write_text(slip)
        assert course.main(command) == 2 and f"{more} {words}" in capsys.readouterr().err
    more.write_text(MORE.replace("import pytest", "import pytest, nothing_of_that_name"))
    assert course.main(command) == 2 and "the grader does not run" in capsys.readouterr().err
    more.write_text(MORE)
    monkeypatch.chdir(tmp_path)
    assert course.main([*command[:-1], "more"]) == 0
    rows = list(csv.DictReader((tmp_path / "g.csv").read_text(encoding="utf-8").splitlines()))
    [row] = [row for row in rows if row["outcome"] != "not attempted"]
    assert row["exercise"] == "1.2" and row["outcome"] == "wrong" and "must hold: Integers are weights" in row["words"]
    assert len(rows) == 6


@pytest.mark.long
def test_thirty_students_are_graded_with_every_row_right(tmp_path):
    many = {f"{kind} {number}": student for number in range(2) for kind, student in {**CLASS, **WILD}.items()}
    assert len(many) >= 30
    graded_class(many, tmp_path, seconds=3)


@pytest.mark.long
def test_a_hundred_students_who_hand_in_all_chapters_are_graded_with_every_row_right(tmp_path, capsys):
    status = made_up_class.main(["100", "--folder", str(tmp_path)])
    assert status == 0, capsys.readouterr().out


def test_chapters_are_graded_that_somebody_has_worked_on_and_all_if_asked(tmp_path, capsys):
    for name, text in {"ann": SOLVED, "bob": STUB}.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "ch01.py").write_text(text)
        shutil.copy(course.EXERCISES / "ch02.py", tmp_path / "class" / name)
    command = ["grade", str(tmp_path / "class"), "--out", str(tmp_path / "g.csv")]
    for more, counted in (([], 6), (["--all"], len(grading.titles()))):
        assert course.main([*command, *more]) == 0
        told = capsys.readouterr().out
        assert ("graded: ch01, which somebody has worked on; --all grades every chapter" in told) == (not more)
        assert f"ann: 6 solved, 0 wrong, {counted - 6} not attempted" in told
        assert f"bob: 0 solved, 0 wrong, {counted} not attempted" in told


MESSAGES = {
    "ch03_correlate_convolves": ("3.1", "seen: z is that of the filter turned round by 180 degrees: entry["),
    "ch03_filter_adjoint_mean": ("3.5", "everywhere 1/20 of what it should be: a mean in place of a sum"),
    "ch04_epoch_to_keep_accepts_equals": ("4.6", "seen: 4, should be 1\n1"),
    "ch13_kinks_at_the_ends": ("13.2", "seen: it has shape (3,), should be (1,): it is "),
}


@pytest.mark.parametrize("mistake", MESSAGES)
def test_a_terminal_tells_where_and_why_and_counts_exercises_once(mistake, tmp_path):
    exercise, words = MESSAGES[mistake]
    graders = course.EXERCISES / f"test_{mistake[:4]}.py"
    command = [sys.executable, "-m", "pytest", graders, "-q", "-p", "no:cacheprovider", f"--exercise={exercise}"]
    where = {"TINYNET_EXERCISES": str(TUTORIALS / "mistakes" / f"{mistake}.py"), "PYTHONPATH": str(TUTORIALS.parent)}
    run = subprocess.run(command, env={**os.environ, **where}, cwd=tmp_path, capture_output=True, text=True)
    assert words in run.stdout, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1].startswith("1 wrong in ") and run.stdout.count("1 wrong") == 1


def test_a_class_is_made_up_of_all_sorts(tmp_path):
    made = made_up_class.hand_in(8, tmp_path)
    outcomes = {grade for student in made.values() for handed in student.values() for grade in handed.grades.values()}
    assert outcomes == set(grading.WORST) and len(list(tmp_path.glob("*/ch01.py"))) == 8


# --------------------------------------------------------------------------------------------- one exercise, at once


@pytest.fixture
def said(tmp_path, monkeypatch, capfd):
    """Return a function that hands in a file for chapter 1 and returns what `check` prints about exercise 1.2."""
    monkeypatch.setenv("TINYNET_EXERCISES", str(tmp_path))

    def check(text, exercise="1.2"):
        (tmp_path / "ch01.py").write_bytes(text if isinstance(text, bytes) else text.encode())
        grading.check(exercise)
        out, err = capfd.readouterr()
        assert err == ""
        return out.replace(tmp_path.name, "exercises").rstrip()

    return check


def test_a_check_of_what_is_not_written_starts_nothing(said, monkeypatch):
    monkeypatch.setattr(grading, "grade", None)
    assert said(STUB) == "1.2 is not attempted yet: write net_input in exercises/ch01.py"
    assert said(STUB.replace(FIRST, "return 1")) == said(STUB)
    assert said(STUB + "def f(:") == "1.2 was not checked: exercises/ch01.py, line 69: invalid syntax"
    assert said("", "1.7") == "there is no exercise 1.7: chapter 1 has 1.1 to 1.6"
    assert said("", "1") == "there is no exercise 1: chapter 1 has 1.1 to 1.6"
    assert said("", "one") == "there is no exercise one: 1.2 is one"
    assert "1.2 was not checked: " in said(b"x = '\xff'")
    assert "1.2 was not checked: " in said(STUB.replace(SECOND, "return 1")), "grade is None: not even then a traceback"
    stub = (course.EXERCISES / "ch02.py").read_bytes()
    assert grading.unwritten(stub, "2.2") == ["Softplus.forward", "Softplus.backward"]
    assert grading.unwritten(stub.replace(b'raise NotImplementedError("Exercise 2.2', b'return x  # "', 1), "2.2") == [
        "Softplus.backward"
    ]


@pytest.mark.parametrize("outcome", grading.WORST)
def test_a_check_says_little(outcome, said, monkeypatch):
    words = {"wrong": "must hold: it\nseen: 1", "solved": "", "not attempted": ""}[outcome]
    monkeypatch.setattr(grading, "grade", lambda *_, **__: [{"outcome": outcome, "words": words}])
    wanted = {"wrong": "1.2 is wrong:\n  must hold: it\n  seen: 1", "solved": "1.2 solved"}
    assert said(SOLVED).startswith(wanted.get(outcome, "1.2 is not finished: "))
    monkeypatch.setattr(grading, "grade", lambda *_, **__: [{"outcome": "wrong", "words": "line\n" * 90}])
    assert len(said(SOLVED).splitlines()) == 2 + grading.LINES_OF_A_CHECK


def test_what_a_students_code_raises_is_told_with_its_line_and_with_shapes_that_do_not_fit(said):
    assert (
        "seen: shapes that do not fit in line 26, return W @ a + b: W has (3, 3), a has (4, 3), b has (3,)\n    Value"
        in said(STUB.replace(SECOND, "return W @ a + b"))
    )
    told = said(STUB.replace(SECOND, "return (a @ W.T)[..., :1] + c"))
    assert told.endswith("seen: NameError: name 'c' is not defined\n    in line 26, return (a @ W.T)[..., :1] + c")
    assert "a function without a line `return` returns None" in said(STUB.replace(SECOND, "z = a @ W.T + b"))
    assert "seen: entry[0] is 320.5, should be 321.5; 2 of 2 entries compared are wrong" in said(
        STUB.replace(SECOND, "return a @ W.T - b")
    )
    assert "shape (1,), should be (2,)" in said(STUB.replace(SECOND, "return (a @ W.T + b)[..., :1]"))


def test_what_a_function_is_given_stays_as_it_is(said):
    told = said(STUB.replace(SECOND, "a *= 2; return a @ W.T + b"))
    assert "seen: net_input changes what it is given: a" in told
    assert "in_place" not in told and "in line" not in told


CHAPTER_WITH_CHECKS = """
from pathlib import Path
from exercises.grading import check
check("1.2")
path = Path(__file__).parent / "exercises" / "ch01.py"
unwritten, stub = 'raise NotImplementedError("Exercise 1.2', path.read_text()
for line in ("return a @ W.T + b", "return (a @ W.T) * b", "import os; os._exit(3)"):
    path.write_text(stub.replace(unwritten, line + '# "'))
    check("1.2")
"""


def test_a_chapter_checks_exercises_wherever_it_lies_and_reads_them_anew(tmp_path):
    (tmp_path / "99_chapter.py").write_text(CHAPTER_WITH_CHECKS)
    shutil.copytree(course.EXERCISES, tmp_path / "exercises", ignore=shutil.ignore_patterns("__pycache__"))
    # Nothing but the folder `exercises` beside it, run from another folder with a path that is relative to that.
    paths = {**os.environ, "PYTHONPATH": "."}
    run = subprocess.run(
        [sys.executable, tmp_path / "99_chapter.py"], cwd=TUTORIALS.parent, env=paths, capture_output=True, text=True
    )
    assert run.stderr == ""
    assert run.stdout.startswith(
        "1.2 is not attempted yet: write net_input in exercises/ch01.py\n1.2 solved\n1.2 is wrong:\n"
        "  must hold: z_i = sum_j W_ij a_j + b_i.\n  seen: entry["
    )
    assert run.stdout.endswith("1.2 is wrong: it ended the program, with exit status 3\n")


def test_exercises_work_without_the_rest_of_the_course(tmp_path):
    shutil.copytree(course.EXERCISES, tmp_path / "exercises", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pytest", "exercises", "-q", "-k", "ch01", "-p", "no:cacheprovider"]
    paths = {**os.environ, "PYTHONPATH": str(TUTORIALS.parent)}
    run = subprocess.run(command, cwd=tmp_path, env=paths, capture_output=True, text=True)
    assert "Exercise 1.1: A sigmoid that never overflows" in run.stdout, run.stdout + run.stderr
    assert "6 not attempted in " in run.stdout.splitlines()[-1] and run.stdout.count("6 not attempted") == 1


def outcomes_of(draw):
    kinds = st.sampled_from([grading.SOLVED, grading.WRONG, grading.NOT_ATTEMPTED])
    one = st.builds(
        grading.Outcome, st.sampled_from(["1.2", "1.10", "2.1"]), st.sampled_from("abc"), kinds, st.just("w")
    )
    return draw(st.lists(one, max_size=8))


@given(st.data())
def test_an_exercise_is_as_good_as_its_worst_test(data):
    outcomes = outcomes_of(data.draw)
    rows = grading.rows_of(outcomes, {"1.2": "Title"})
    assert [row["exercise"] for row in rows] == [
        n for n in ("1.2", "1.10", "2.1") if n in {o.exercise for o in outcomes}
    ]
    for row in rows:
        seen = {outcome.grade for outcome in outcomes if outcome.exercise == row["exercise"]}
        assert row["outcome"] == next(kind for kind in grading.WORST if kind in seen)
        assert bool(row["words"]) == (grading.WRONG in seen)


@pytest.mark.parametrize(
    "text, found",
    [
        ("import numpy as np\nfrom scipy.special import expit\nimport tinynet as tn\ngetattr(np, 'pi')", []),
        ("import tinynet as tn\nx = tn.explain.attribution.lrp", ["tinynet.explain.attribution.lrp"]),
        ("from tinynet.explain import rank_units as r", ["tinynet.explain.rank_units"]),
        ("\ufeffimport tinynet.explain", ["tinynet.explain"]),
        ("# -*- coding: latin-1 -*-\nNAME = '\xfc'\nimport tinynet.explain", ["tinynet.explain"]),
        ("import tinynet as tn\nx = getattr(tn, 'expl' + 'ain')", ["tinynet.*"]),
        ("x = __import__('tiny' + 'net')", ["__import__"]),
        ("from importlib import import_module as get\nget('tinynet')", ["importlib.import_module"]),
        ("import sys\nsys.path.append('../solutions/')\nfrom ch01 import *", ["imports ../solutions/"]),
        ("import solutions.ch01", ["solutions.ch01"]),
        ("exec(open('../solutions/ch01.py').read())", ["imports ../solutions/ch01.py", "uses exec", "uses open"]),
        ("import sys\nsys.modules['grading'].Journal", ["sys.modules"]),
        ("class Equal:\n    def __eq__(self, other): return True", ["__eq__"]),
        (SOLVED.replace("# BEGIN SOLUTION", ""), ["ch01.py is our solution"]),
        ("import os\nos" + ".a" * 3000, []),
        ("x = " + "-" * 100_000 + "1", []),
        ("def f(:", []),
    ],
)
def test_what_was_not_written_by_the_student_is_told(text, found, tmp_path):
    (tmp_path / "ch01.py").write_text(text, encoding="latin-1" if "latin-1" in text else "utf-8")
    told = " ".join(classroom.suspicions(tmp_path))
    assert all(name in told for name in found) and bool(told) == bool(found), told


@pytest.mark.parametrize(
    "name", ["ch1.py", "CH02.PY", "ch01 (1).py", "ch01.py.txt", "work.zip", "mine/ch01.py", "a.txt"]
)
def test_files_that_no_grader_reads_are_told(name, tmp_path):
    for other in (name, ".git/HEAD", "__MACOSX/ch01.py", "conftest.py", "test_ch01.py"):
        (tmp_path / other).parent.mkdir(exist_ok=True)
        (tmp_path / other).touch()
    [told] = classroom.suspicions(tmp_path)
    assert told.startswith(f"not graded: {name}; expected ch01.py, ch02.py, ...")
    (tmp_path / "ch01.py").write_text("x = 1")
    assert bool(classroom.suspicions(tmp_path)) == (name != "a.txt"), "that may be notes, beside work that is read"


def test_a_chapter_that_is_no_script_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(grading.subprocess, "Popen", None)
    (tmp_path / "ch01.py").mkdir()
    (tmp_path / "ch02.py").write_bytes(b"#" * (grading.LARGEST + 1))
    (tmp_path / "ch03.py").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "ch04.py")
    assert {row["outcome"] for row in grading.grade(tmp_path)} == {"not attempted"}
    [told] = classroom.suspicions(tmp_path)
    assert told.startswith("not graded: ch01.py, ch02.py, ch03.py and 1 more; expected")


def test_a_class_that_is_not_there_is_one_clear_error(tmp_path, capsys):
    assert course.main(["grade", str(tmp_path / "nobody")]) == 2
    assert "holds no folders" in capsys.readouterr().err
    for name in ("__MACOSX", ".git", "grades-json"):
        (tmp_path / "class" / name).mkdir(parents=True)
    assert course.main(["grade", str(tmp_path / "class"), "--out", str(tmp_path / "class" / "grades.csv")]) == 2
    assert "holds no folders" in capsys.readouterr().err
    (tmp_path / "class" / "ann").mkdir()
    for only in ("ch99", "3.2"):
        assert course.main(["grade", str(tmp_path / "class"), "--only", only, "--out", str(tmp_path / "g.csv")]) == 2
        assert f"nothing is graded by --only {only}: expected a chapter such as ch03" in capsys.readouterr().err
    assert not list(tmp_path.glob("g*"))


def test_what_happens_to_one_student_costs_no_other_a_row(tmp_path, capsys, monkeypatch):
    names = ['a, "b"', "c\nd", os.fsdecode(b"M\xfcller"), "\u674e", "unlucky", "\u9f8d"]
    for name in names:
        (tmp_path / "class" / name).mkdir(parents=True)
    (tmp_path / "class" / "ann.zip").touch()

    def made_up(student, **_):
        if student.name == "unlucky":
            raise grading.GradingError("the grader\ndoes not run")
        if student.name == "\u9f8d":
            raise KeyboardInterrupt
        return [{"exercise": "1.1", "title": "", "outcome": "wrong", "words": '\ud800\n\x00, "', "tests": {}}]

    monkeypatch.setattr(classroom, "grade", made_up)
    out = tmp_path / "a" / "new" / "g.csv"
    assert course.main(["grade", str(tmp_path / "class"), "--out", str(out), "--at-once", "1"]) == 130
    told = capsys.readouterr().out
    assert "not graded: ann.zip" in told and "unlucky: not graded\n  look: not graded: the grader does not run" in told
    assert "5 of 6 students written" in told, "those before the interruption are kept"
    written = [name.encode("utf-8", "backslashreplace").decode() for name in sorted(names)[:-1]]
    tables = [
        path.read_text(encoding="utf-8").splitlines(keepends=True) for path in (out.with_name("g-points.csv"), out)
    ]
    wide, long = list(csv.reader(tables[0])), list(csv.DictReader(tables[1]))
    assert [row[0] for row in wide] == ["student", *written] and {len(row) for row in wide} == {4}
    assert [row["student"] for row in long] == [name for name in written if name != "unlucky"]
    assert {row["words"] for row in long} == {'\\ud800\n\x00, "'}
    results = [json.loads(path.read_text(encoding="utf-8")) for path in out.with_name("g-json").iterdir()]
    assert sorted(len(result["tests"]) for result in results) == [0, 1, 1, 1, 1]
