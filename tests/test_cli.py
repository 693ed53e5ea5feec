"""The command line as its users meet it: what it writes, what it prints, and one clear error for each bad input."""

import argparse
import dataclasses
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import tinynet as tn
from tinynet import datasets, models, parsing
from tinynet.cli import main
from tinynet.datasets.read import npz
from tinynet.report import Summary

MY_LAYERS = """
import numpy as np
import tinynet as tn
from scipy.special import expit

class Softplus(tn.Layer):
    def forward(self, x):
        return np.logaddexp(0, x)

    def backward(self, dy, x, y):
        return dy * expit(x)

class Doubled(Softplus):
    def backward(self, dy, x, y):
        return 2 * dy * expit(x)
"""


def contents(folder):
    """Return every file below a folder with its bytes."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    """Two classes of 12x12 pictures that any network can tell apart, as a folder of pictures."""
    folder = tmp_path_factory.mktemp("shapes")
    rng = np.random.default_rng(0)
    for name, rows in (("bars", slice(None)), ("halves", slice(0, 6))):
        (folder / name).mkdir()
        for index in range(8):
            picture = rng.integers(0, 80, (12, 12), np.uint8)
            picture[rows, 3:6] += 150
            Image.fromarray(picture).save(folder / name / f"{index}.png")
    return folder


@pytest.mark.parametrize(
    ("parse", "texts", "meant"),
    [
        (parsing.shape, ["3,8,8", "3x8x8", "3 x 8 x 8", "3, 8, 8"], (3, 8, 8)),
        (parsing.shape, ["10"], (10,)),
        (parsing.size, ["48x64", "48,64", "48 x 64"], (48, 64)),
        (parsing.size, ["64"], (64, 64)),
        (parsing.shapes, ["w=6x4,b=4", "w=6,4,b=4", "w = 6 x 4, b = 4"], {"w": (6, 4), "b": (4,)}),
    ],
)
def test_shapes_are_written_in_either_way(parse, texts, meant):
    assert [parse(text) for text in texts] == [meant] * len(texts)
    for text in ("", "3,,8", "3xx8", "0x4", "3*8", "a=", "w=6x"):
        with pytest.raises(argparse.ArgumentTypeError):
            parse(text)


def run_until_closed(*words):
    """Return the exit code and the errors of a command whose output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "tinynet", *words], stdout=closed, stderr=subprocess.PIPE, text=True
        )
    return done.returncode, done.stderr


@pytest.mark.parametrize("words", [["data", "list"], ["--help"], ["check", "--help"], []])
def test_a_closed_pipe_is_no_error(words):
    assert run_until_closed(*words) == (0, "")


def test_a_closed_pipe_hides_no_wrong_layer(tmp_path):
    (tmp_path / "mine.py").write_text(MY_LAYERS)
    for layer, code in (("Softplus", 0), ("Doubled", 1)):
        assert run_until_closed("check", f"{tmp_path / 'mine.py'}:{layer}", "--input-shape", "4") == (code, "")


def test_without_a_command_there_is_help_and_each_command_shows_examples(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["data"])
    assert "python -m tinynet data get" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="0"):
        main([])
    commands = ["explain", "inspect", "data", "check", "study", "claims"]
    printed = capsys.readouterr().out
    assert all(f"    {command} " in printed for command in commands)
    for command in [*commands, "data list", "data show"]:
        with pytest.raises(SystemExit, match="0"):
            main([*command.split(), "--help"])
        assert f"python -m tinynet {command}" in capsys.readouterr().out.partition("examples:")[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("explian", "COMMAND is 'explian', expected explain, inspect, .*; did you mean explain\\?"),
        ("data lst", "COMMAND is 'lst', expected .*list.*; did you mean list\\?"),
        ("study loo", "name is 'loo', expected .*; did you mean lo\\?"),
        ("explain --model thesi", "--model is 'thesi', .*; did you mean thesis\\?"),
        ("explain --modle thesis", "unrecognized arguments: --modle thesis; did you mean --model\\?"),
        ("explain --epoch=x --xyz", "argument --epochs: 'x' is not"),  # what is an abbreviation is understood
        ("inspect net.npz --out .", "argument --out: '.' is a folder, expected a file"),
        ("explain --seed -1", "argument --seed: '-1' is not a whole number of at least 0"),
        ("check a.py:L --input-shape 3 --batch-axis x", "argument --batch-axis: 'x' is no axis such as 0 or -1"),
        ("check a.py", r"argument FILE:LAYER: 'a.py' names no layer, .*my_layers.py:Softplus --input-shape 3,8,8"),
        ("study lo --quik", "unrecognized arguments: --quik; did you mean --quick\\?"),
        ("inspect net.npz --xyz", "unrecognized arguments: --xyz$"),
    ],
)
def test_of_a_word_that_nobody_knows_the_nearest_or_what_was_wanted_is_named(words, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(words.split())
    assert re.search(f"error: {message}", capsys.readouterr().err)


def test_of_a_data_set_that_nobody_knows_the_nearest_is_named(capsys):
    assert main("data show mnits:there".split()) == 2
    assert capsys.readouterr().err == "tinynet: error: no data set 'mnits'; did you mean mnist?\n"


@pytest.mark.parametrize("console", ["ascii", "cp1252", "utf-8"])
def test_a_console_that_cannot_print_a_name_shows_its_letters_numbers(tmp_path, console):
    out = tmp_path / "\u65e5\u672c.png"
    command = [sys.executable, "-m", "tinynet", "data", "show", "letters:3", "--out", str(out)]
    environment = {**os.environ, "PYTHONIOENCODING": console}
    run = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert out.exists() and run.stderr == b""
    assert run.stdout.decode(console).strip().endswith("日本.png" if console == "utf-8" else r"\u65e5\u672c.png")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_no_console_is_no_error(tmp_path, monkeypatch, stream):
    for name in ("a", "b"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        Image.new("L", (12, 12)).save(tmp_path / "pictures" / name / "1.png")
    monkeypatch.setattr(sys, stream, None)
    assert main(["data", "show", f"folder:{tmp_path / 'pictures'}", "--out", str(tmp_path / "shown.png")]) == 0


@pytest.fixture
def arrays(tmp_path):
    """Write arrays to an .npz file and return how --data names it."""

    def write(**changed):
        values = {"x": np.random.default_rng(0).random((12, 14, 14)), "labels": np.arange(12) % 3, **changed}
        np.savez(tmp_path / "data.npz", **values)
        return f"npz:{tmp_path / 'data.npz'}"

    return write


def error_of(capsys, *arguments):
    """Run a command that must fail, and return its message, which is one line and no traceback."""
    assert main([str(argument) for argument in arguments]) == 2
    message = capsys.readouterr().err
    assert message.startswith("tinynet: error: ") and message.count("\n") == 1
    return message


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report of digits, written once."""
    out = tmp_path_factory.mktemp("reports") / "report"
    assert main(["explain", "--data", "digits:60", "--epochs", "1", "--seed", "3", "--out", str(out)]) == 0
    return out


@pytest.fixture
def no_report(monkeypatch):
    """Let explain save the network and do without the page."""

    def saved(net, data, *, out, **settings):
        net.save(out / "net.npz")
        return Summary(out, {})

    monkeypatch.setattr("tinynet.report.explain_network", saved)
    monkeypatch.setattr(Summary, "lines", lambda summary: [])


def test_explain_writes_a_whole_report(report):
    names = {path.name for path in report.iterdir()}
    assert names == {"report.html", "figures", "net.npz", "gradients.npz", "ranking.csv", "summary.json"}
    summary = json.loads((report / "summary.json").read_text())
    _, test = datasets.load("digits:60").split(rng=3, by_class=True)
    net = tn.Network.load(report / "net.npz")
    assert summary["test_error"] == pytest.approx(1 - tn.accuracy(net, test.x, test.labels))


def test_explain_takes_a_network_saved_before_and_prints_five_lines(report, tmp_path, capsys):
    words = ["explain", "--data", "digits:60", "--seed", "3", "--net", str(report / "net.npz")]
    assert main([*words, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 5 and printed[-1].endswith(str(tmp_path / "report.html"))
    for name in ("net.npz", "ranking.csv"):
        assert (tmp_path / name).read_bytes() == (report / name).read_bytes()


@pytest.mark.usefixtures("no_report")
def test_the_same_seed_gives_the_same_network(tmp_path):
    for name in ("one", "two"):
        main(["explain", "--data", "letters:20", "--epochs", "2", "--seed", "1", "--out", str(tmp_path / name)])
    assert (tmp_path / "one/net.npz").read_bytes() == (tmp_path / "two/net.npz").read_bytes()


@pytest.mark.usefixtures("no_report")
def test_explain_takes_a_folder_of_pictures(shapes, tmp_path):
    assert main(["explain", "--data", f"folder:{shapes}", "--epochs", "2", "--out", str(tmp_path / "report")]) == 0
    assert tn.Network.load(tmp_path / "report/net.npz").output_shape == (2,)


@pytest.mark.usefixtures("no_report")
def test_training_that_was_interrupted_goes_on(tmp_path, monkeypatch, capsys):
    words = ["explain", "--data", "digits:60", "--epochs", "3", "--out"]
    main([*words, str(tmp_path / "whole")])
    fit = tn.fit

    def interrupted(*args, **settings):
        fit(*args, **{**settings, "epochs": 2})
        raise KeyboardInterrupt

    monkeypatch.setattr(models, "fit", interrupted)
    assert main([*words, str(tmp_path / "broken")]) == 130
    assert "--resume" in capsys.readouterr().err
    monkeypatch.setattr(models, "fit", fit)
    assert main([*words, str(tmp_path / "broken"), "--resume", "--seed", "1"]) == 2
    assert "its seed (rng) is 0, this one's is 1" in capsys.readouterr().err
    assert main([*words, str(tmp_path / "broken"), "--resume"]) == 0
    assert (tmp_path / "whole/net.npz").read_bytes() == (tmp_path / "broken/net.npz").read_bytes()


def test_explaining_that_was_interrupted_goes_on_with_what_was_trained(tmp_path, monkeypatch, capsys):
    def interrupted(*args, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("tinynet.report.explain_network", interrupted)
    assert main(["explain", "--data", "digits:60", "--epochs", "1", "--out", str(tmp_path / "out")]) == 130
    told = "\nwhat was trained is kept; the same command with --resume goes on\n\ntinynet: interrupted\n"
    assert capsys.readouterr().err == told
    (tmp_path / "out").joinpath(".checkpoint.npz").unlink()
    small = tn.Network([tn.Flatten(), tn.Dense(10), tn.Softmax()], (1, 28, 28), rng=0)
    small.save(tmp_path / "net.npz")
    words = ["explain", "--data", "digits:60", "--net", str(tmp_path / "net.npz"), "--out", str(tmp_path / "out")]
    assert main(words) == 130 and capsys.readouterr().err == "\ntinynet: interrupted\n"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"labels": np.array([0, 1, 2, -4] * 3)}, "-4"),
        ({"labels": np.array([0, 1, 2, 7] * 3), "classes": np.array(["a", "b", "c"])}, "7"),
        ({"x": np.full((12, 14, 14), np.nan)}, "nan"),
        ({"labels": np.zeros(12, int)}, "class"),
        ({"x": np.zeros((0, 14, 14)), "labels": np.zeros(0, int)}, "image"),
        ({"x": np.array([None] * 12)}, "data.npz"),
    ],
)
def test_bad_arrays_are_one_clear_error(arrays, tmp_path, capsys, changed, says):
    data = arrays(**changed)
    before = contents(tmp_path)
    assert says in error_of(capsys, "explain", "--data", data, "--out", tmp_path / "report").lower()
    assert contents(tmp_path) == before and not (tmp_path / "report").exists()


def test_a_text_file_renamed_to_jpg_is_named(shapes, tmp_path, capsys):
    folder = tmp_path / "pictures"
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        Image.new("L", (12, 12)).save(folder / name / "good.png")
    (folder / "b" / "notes.jpg").write_text("not a picture")
    assert "notes.jpg" in error_of(capsys, "explain", "--data", f"folder:{folder}", "--out", tmp_path / "report")
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("kept", [0, 10, 500, -1])
def test_a_truncated_network_is_one_clear_error(arrays, tmp_path, capsys, kept):
    net = tn.Network([tn.Flatten(), tn.Dense(3), tn.Softmax()], (1, 14, 14))
    net.save(tmp_path / "net.npz")
    whole = (tmp_path / "net.npz").read_bytes()
    (tmp_path / "net.npz").write_bytes(whole[:kept])
    message = error_of(capsys, "explain", "--data", arrays(), "--net", tmp_path / "net.npz", "--out", tmp_path / "r")
    assert "net.npz" in message and not (tmp_path / "r").exists()


def test_a_network_for_other_images_is_one_clear_error(arrays, tmp_path, capsys):
    tn.Network([tn.Flatten(), tn.Dense(3), tn.Softmax()], (1, 9, 9)).save(tmp_path / "net.npz")
    message = error_of(capsys, "explain", "--data", arrays(), "--net", tmp_path / "net.npz", "--out", tmp_path / "r")
    assert "(1, 9, 9)" in message and "(1, 14, 14)" in message


@pytest.mark.parametrize("option", [("--model", "letters"), ("--epochs", "2"), ("--resume",)])
def test_a_network_that_is_given_is_not_trained_and_no_file_is_no_network(arrays, tmp_path, capsys, option):
    words = ["explain", "--data", arrays(), "--out", tmp_path / "r", "--net"]
    assert option[0] in error_of(capsys, *words, tmp_path / "net.npz", *option)
    assert "expected the path of a file" in error_of(capsys, *words, "")
    assert not (tmp_path / "r").exists()


def test_a_place_that_cannot_be_written_to_fails_before_training(arrays, tmp_path, capsys, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(models, "fit", lambda *args, **settings: pytest.fail("trained before looking"))
    assert "file" in error_of(capsys, "explain", "--data", arrays(), "--out", tmp_path / "file" / "report")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.tex").write_text("dear to someone")
    assert "foreign" in error_of(capsys, "explain", "--data", arrays(), "--out", foreign)
    assert contents(foreign) == {foreign / "thesis.tex": b"dear to someone"}


@pytest.mark.parametrize("data", ["fases", "yale:", "mnist:/nowhere", "npz:nothing.npz", "digits:many"])
def test_data_that_is_not_there_is_one_clear_error(capsys, data, tmp_path):
    error_of(capsys, "explain", "--data", data, "--out", tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_check_tells_a_right_layer_from_a_wrong_one(tmp_path, capsys):
    layers = tmp_path / "my_layers.py"
    layers.write_text(MY_LAYERS)
    assert main(["check", f"{layers}:Softplus", "--input-shape", "3,8,8"]) == 0
    assert main(["check", f"{layers}:Doubled", "--input-shape", "3,8,8"]) == 1
    assert "2" in capsys.readouterr().out
    assert "Softplus" in error_of(capsys, "check", f"{layers}:Sofplus", "--input-shape", "3")
    layers.write_text("import nothing_of_this_name")
    assert "nothing_of_this_name" in error_of(capsys, "check", f"{layers}:Softplus", "--input-shape", "3")


def test_data_list_names_every_source_and_its_licence(capsys):
    assert main(["data", "list"]) == 0
    printed = capsys.readouterr().out
    for source in datasets.catalogue():
        assert source.usage in printed and source.licence in printed


def test_data_show_draws_a_picture(tmp_path):
    assert main(["data", "show", "letters:5", "--out", str(tmp_path / "letters.png")]) == 0
    with Image.open(tmp_path / "letters.png") as picture:
        assert picture.size[0] > 100


def test_study_prints_and_writes_its_claims(tmp_path, capsys):
    faces = datasets.load("faces")
    data = dataclasses.replace(faces.take(faces.labels < 3), classes=faces.classes[:3])
    npz.save(data, tmp_path / "few.npz")
    words = ["study", "lo", "--data", f"npz:{tmp_path / 'few.npz'}", "--seeds", "2", "--epochs", "1"]
    words += ["--workers", "1"]
    assert main([*words, "--out", str(tmp_path / "studies")]) == 0
    (written,) = (tmp_path / "studies").rglob("claims.json")
    claims = json.loads(written.read_text())
    assert {"id", "claim", "documented", "measured", "holds", "n_seeds", "data"} <= set(claims[0])
    assert claims[0]["id"] in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [[], ["explain"], ["data"], ["data", "list"], ["data", "show"], ["check"], ["study"], ["claims"]]
)
def test_every_command_has_help(words, capsys):
    with pytest.raises(SystemExit) as exit_:
        main([*words, "--help"])
    assert exit_.value.code == 0
    printed = capsys.readouterr().out
    assert "python -m tinynet" in printed and (not words or "examples:" in printed)


def test_importing_tinynet_imports_no_more_than_it_needs():
    names = ("matplotlib", "PIL", "hypothesis", "tqdm", "scipy")
    code = f"import sys, tinynet; print([m for m in {names} if m in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
