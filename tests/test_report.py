"""The report: its files agree with each other and with the network, and it is written whole or not at all."""

from __future__ import annotations

import base64
import csv
import json
import os
import signal
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.killed_explain import killed
from tinynet import files, plots
from tinynet.datasets import Dataset
from tinynet.pages import page
from tinynet.report import Settings, explain_network, findings, folder, hits, prepare_folder, samples, writer
from tinynet.report.progress import Progress
from tinynet.report.sections import words
from tinynet.report.sections.images import verdict

WHOLE = {"report.html", "net.npz", "gradients.npz", "ranking.csv", "summary.json", "figures"}
ODD_NAMES = ("<b>bold</b>", '"><script>alert(1)</script>', "&amp; $x$", "日本 \udcff", "a\u202eb")
VOID = {"meta", "img", "br", "hr", "link", "input"}


def images(names=("Ada", "Ben", "Cleo"), per_class=6, shape=(1, 12, 12), planted=False):
    """Return a set whose classes differ by a bright square, each at a place of its own."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(names)), per_class)
    x = 0.2 * rng.random((len(labels), *shape), dtype=np.float32)
    mask = np.zeros((len(labels), *shape[1:]), bool)
    for image, label in enumerate(labels):
        top, left = divmod(int(label), 2)
        mask[image, 1 + 5 * top : 4 + 5 * top, 2 + 5 * left : 5 + 5 * left] = True
    x += 0.7 * mask[:, None]
    masks = {"distinguishing": mask} if planted else {}
    return Dataset(
        "squares", x, labels, tuple(names), masks=masks, licence="MIT", citation="A. Author & B. Author 2001"
    )


def trained(data, *layers, epochs=3):
    train, _ = data.split(rng=0)
    net = tn.Network([*layers, tn.Dense(len(data.classes)), tn.Softmax()], data.input_shape, rng=0)
    loss, optimizer = tn.CrossEntropy(), tn.SGD(0.1)
    history = tn.fit(
        net, train.x, train.labels, loss=loss, optimizer=optimizer, epochs=epochs, batch_size=4, progress=False
    )
    return net, history


def convolutional():
    return tn.Conv2D(3, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Conv2D(2, 2), tn.Tanh(), tn.Flatten()


def explain(data, net, out, of="logit", history=None, **options):
    train, test = data.split(rng=0)
    settings = Settings(
        command="python -m tinynet explain --data 'a <b>'",
        model="thesis",
        seeds={"split": 0},
        training={"epochs": 3, "optimizer": "SGD(0.1)"},
        training_seconds=1.5,
    )
    return explain_network(
        net, data, train=train, test=test, out=out, of=of, settings=settings, history=history, progress=False, **options
    )


class Report:
    """A report with what it was made from."""

    def __init__(self, data, net, history, of, out):
        self.data, self.net, self.of, self.out = data, net, of, out
        self.summary = explain(data, net, out, of, history)
        self.values = json.loads((out / "summary.json").read_text())
        self.page = Page((out / "report.html").read_text(encoding="utf-8"))


class Page(HTMLParser):
    """A page, checked for every tag to be closed, in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.words, self.faults = [], [], [], []
        self.feed(text)
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag}")

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(self.words)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module", params=["filters", "odd names and no filters"])
def report(request, tmp_path_factory):
    """A report of filters and of a known truth, and one of hidden units under names that try to break the page."""
    out = tmp_path_factory.mktemp("reports") / "deep" / "report"
    if request.param == "filters":
        data = images(planted=True)
        return Report(data, *trained(data, *convolutional()), "logit", out)
    data = images(ODD_NAMES, shape=(3, 11, 11))
    return Report(data, *trained(data, tn.Flatten(), tn.Dense(7), tn.Tanh()), "probability", out)


# ---------------------------------------------------------------------------------------------------------- the files


def test_a_report_is_whole(report):
    assert {path.name for path in report.out.iterdir()} == WHOLE
    found = {path.relative_to(report.out).as_posix() for path in report.out.rglob("*") if path.is_file()}
    assert set(report.values["files"]) == found
    assert {path.name for path in report.out.parent.iterdir()} == {"report"}


def test_gradients_are_those_of_the_saved_network(report):
    net = tn.Network.load(report.out / "net.npz")
    description, arrays = files.load_arrays(report.out / "gradients.npz", "tinynet gradients")
    assert description["of"] == report.of
    gradients = tn.class_gradient(net, report.data.x, report.data.labels, report.of)
    support = tn.explain.class_gradient_times_activation(net, report.data.x, report.data.labels, report.of)
    for name in arrays:
        kind, layer = name.split("/")
        expected = np.asarray(gradients[layer] if kind != "support" else support[layer])
        if kind == "convolutional":
            expected = np.sqrt(np.square(expected).reshape(*expected.shape[:2], -1).sum(axis=-1))
        np.testing.assert_allclose(arrays[name], expected, rtol=1e-5, atol=1e-7)
    assert {name for name in arrays if name.startswith("class/")} >= {"class/input", "class/tanh1"}


def test_the_ranking_is_that_of_the_gradients(report):
    _, arrays = files.load_arrays(report.out / "gradients.npz", "tinynet gradients")
    scores = {name.split("/")[1]: array for name, array in arrays.items() if name.startswith("convolutional/")}
    with (report.out / "ranking.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    per_class = sum(array.shape[1] for array in scores.values())
    assert len(rows) == per_class * (len(report.data.classes) + 1)
    overall = {name: array.mean(axis=0) for name, array in scores.items()}
    support = {name.split("/")[1]: array for name, array in arrays.items() if name.startswith("support/")}
    particular = tn.explain.particular_scores(support)
    wanted = [{name: array[label] for name, array in scores.items()} for label in range(len(report.data.classes))]
    names = [plots.visible(name) for name in report.data.classes]
    for index, (name, mine) in enumerate(zip([*names, writer.OVERALL], [*wanted, overall], strict=True)):
        block = rows[index * per_class : (index + 1) * per_class]
        assert {row["class"] for row in block} == {name}
        assert [int(row["rank"]) for row in block] == list(range(1, per_class + 1))
        units = [tn.explain.Unit(row["layer"], int(row["unit"])) for row in block]
        assert units == tn.rank_units(mine)
        for unit, row in zip(units, block, strict=True):
            assert float(row["strength"]) == pytest.approx(float(mine[unit.layer][unit.unit]), rel=1e-6)
            assert float(row["support"]) == pytest.approx(index_of(support, index, unit), rel=1e-5, abs=1e-9)
            assert float(row["particular"]) == pytest.approx(index_of(particular, index, unit), rel=1e-5, abs=1e-6)


def index_of(scores, label, unit):
    """Return the score of a unit for a class or, past the last of them, the mean over all."""
    values = scores[unit.layer][:, unit.unit]
    return float(values[label] if label < len(values) else values.mean())


def test_the_summary_says_what_was_measured(report):
    values, data = report.values, report.data
    train, test = data.split(rng=0)
    net = tn.Network.load(report.out / "net.npz")
    assert values["test_error"] == pytest.approx(1 - tn.accuracy(net, test.x, test.labels))
    assert values["train_error"] == pytest.approx(1 - tn.accuracy(net, train.x, train.labels))
    assert values["test_errors"] == np.sum(net(test.x).argmax(axis=1) != test.labels)
    assert (values["n_train"], values["n_test"]) == (len(train), len(test))
    assert values["of"] == report.of
    assert values["data"]["classes"] == list(data.classes)
    assert values["seeds"] == {"split": 0, "knock-outs": 0}
    assert values["training"] == {"epochs": 3, "optimizer": "SGD(0.1)"}
    assert values["versions"]["numpy"] == np.__version__ and values["versions"]["tinynet"] == tn.__version__
    assert values["seconds"]["training"] == 1.5 and min(values["seconds"].values()) >= 0
    assert values == report.summary.values


def test_the_curves_are_those_of_the_rankings(report):
    net, data, found = report.net, report.data, report.values["knockouts"]
    names = tn.filter_outputs(net) or ["tanh1"]
    gradients = tn.class_gradient(net, data.x, data.labels, report.of)
    strength = {n: np.linalg.norm(gradients[n].reshape(*gradients[n].shape[:2], -1), axis=-1) for n in names}
    support = tn.explain.class_gradient_times_activation(net, data.x, data.labels, report.of)
    _, test = data.split(rng=0)
    for order, scores, strongest_first in (
        ("strongest first", strength, True),
        ("weakest first", strength, False),
        ("most supporting first", support, True),
        ("least supporting first", support, False),
    ):
        curves = [
            tn.knockout_curve(
                net,
                test.x,
                test.labels,
                tn.rank_units(
                    {name: values[label] for name, values in scores.items()}, strongest_first=strongest_first
                ),
            )
            for label in np.unique(test.labels)
        ]
        class_error = np.mean(
            [curve.class_error[:, label] for label, curve in zip(np.unique(test.labels), curves, strict=True)], axis=0
        )
        np.testing.assert_allclose(found[order]["class_error"], class_error)
        np.testing.assert_allclose(found[order]["error"], np.mean([curve.error for curve in curves], axis=0))
    assert found["counts"] == list(range(sum(values.shape[1] for values in strength.values()) + 1))


@given(st.text(st.characters() | st.sampled_from("=+-@\t\r\u202e"), max_size=8))
def test_a_name_is_no_formula_in_a_spreadsheet_and_hides_nothing(name):
    cell = writer._cell(name)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.removeprefix("'") == plots.visible(name).removeprefix("'") and plots.visible(cell) == cell


def test_five_lines_sum_it_up(report):
    lines = report.summary.lines()
    assert len(lines) == 5 and lines[-1].endswith(str(report.out / "report.html"))
    assert f"{report.values['test_errors']} of {report.values['n_test']} test images" in lines[1]
    assert all("\n" not in line for line in lines)


# ----------------------------------------------------------------------------------------------------------- the page


def test_the_page_is_well_formed_and_stands_alone(report):
    page = report.page
    assert page.faults == []
    assert not page.all("link") and not any("src" in script for script in page.all("script"))
    text = (report.out / "report.html").read_text(encoding="utf-8")
    assert "http://" not in text and "https://" not in text and "url(" not in text
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    links = [attributes["href"] for attributes in page.all("a")]
    assert links and {link.removeprefix("#") for link in links} <= ids
    assert {attributes["id"] for attributes in page.all("section")} == {link.removeprefix("#") for link in links}


def test_every_text_of_the_page_is_escaped():
    hostile = iter(f'<i id="{n}">&amp;{n}</i>' for n in range(100))
    parts = {field.name: next(hostile) for field in fields(page.Section) if field.type == "str"}
    table = ((next(hostile), next(hostile)), (next(hostile), next(hostile)))
    figure = plots.image_grid(np.zeros((1, 1, 2, 2)), ["a"])
    section = page.Section(**parts, figure=figure, found=(next(hostile),), table=table)
    around = {field.name: next(hostile) for field in fields(page.Page) if field.type == "str"}
    lists = {name: [next(hostile)] for name in ("short", "sources")}
    tables = {name: {next(hostile): next(hostile)} for name in ("facts", "files", "trust")}
    whole = page.Page(**around, **lists, **tables, picture=section)
    text = page.render(whole, [section], {section.name: b"png"})
    found = Page(text)
    assert found.faults == [] and not found.all("i")
    shown = found.text + " ".join(str(value) for _, attributes in found.tags for value in attributes.values())
    for n in range(int(next(hostile).split('"')[1])):
        assert f'<i id="{n}">&amp;{n}</i>' in shown


def test_the_page_holds_every_figure_with_words_for_it(report):
    shown, drawn = report.page.all("img"), sorted((report.out / "figures").iterdir())
    assert all(image["src"].startswith("data:image/png;base64,") for image in shown)
    whole = {base64.b64decode(image["src"].partition(",")[2]) for image in shown}
    assert len([path for path in drawn if path.read_bytes() in whole]) > 2  # the others are cut into their panels
    described = [image["alt"] for image in shown if image["alt"]]
    assert len(described) == len(drawn) > 8 and min(map(len, described)) > 30
    assert report.page.text.count("How to read this") == len(drawn) - 1  # the first screen's stands beside words


def test_the_page_tells_names_as_they_are_and_how_to_make_it_again(report):
    text = " ".join(report.page.text.split())
    for name in report.data.classes:
        assert plots.visible(name) in text
    assert "python -m tinynet explain --data 'a <b>'" in text
    assert "A. Author & B. Author 2001" in text
    assert f"of the {report.of}" in text
    assert f"({100 * report.values['test_error']:.1f} %)" in text


def test_what_is_known_of_the_truth_is_told(report):
    known = "distinguishing" in report.data.masks
    assert (report.values["hits"] is not None) == known
    assert ("touches the planted feature for" in report.page.text) == known


# ---------------------------------------------------------------------------------------------------------- the folder


@pytest.fixture(scope="module")
def squares():
    data = images()
    return data, trained(data, *convolutional())[0]


def contents(place):
    return {str(path): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def broken(*_, **__):
    raise RuntimeError("in the middle")


@pytest.mark.parametrize("where", ["tinynet.report.sections.features", "tinynet.report.writer.render", "os.replace"])
def test_a_failure_leaves_nothing_behind(squares, tmp_path, monkeypatch, where):
    data, net = squares
    monkeypatch.setattr(where, broken)
    with pytest.raises(RuntimeError, match="in the middle"):
        explain(data, net, tmp_path / "a" / "report")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_an_earlier_report_as_it_was(squares, tmp_path, monkeypatch):
    data, net = squares
    explain(data, net, tmp_path)
    before = contents(tmp_path)
    monkeypatch.setattr(writer, "render", broken)
    with pytest.raises(RuntimeError):
        explain(data, net, tmp_path, of="margin")
    assert contents(tmp_path) == before


@pytest.mark.long
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_report_that_is_killed_at_any_moment_is_there_as_a_whole_or_not_at_all():
    assert not [what for _, what in killed(moments=8, seed=1) if what]


def test_a_report_replaces_an_earlier_one_and_nothing_else(squares, tmp_path):
    data, net = squares
    explain(data, net, tmp_path, history=tn.History([1.0], [0.5]))
    assert (tmp_path / "figures/training.png").exists()
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "figures/mine.png").write_text("mine")
    values = explain(data, net, tmp_path, of="margin").values
    assert json.loads((tmp_path / "summary.json").read_text())["of"] == "margin"
    assert not (tmp_path / "figures/training.png").exists()
    assert set(contents(tmp_path)) == {str(tmp_path / n) for n in [*values["files"], "notes.txt", "figures/mine.png"]}


def test_preparing_leaves_no_trace(tmp_path):
    for place in (tmp_path, tmp_path / "new", tmp_path / "deep" / "er"):
        assert prepare_folder(place) == Path(place)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_other_files_is_refused(squares, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match="choose a new or an empty folder"):
        prepare_folder(tmp_path)
    with pytest.raises(ValueError, match="choose a new or an empty folder"):
        explain(*squares, tmp_path)
    (tmp_path / "summary.json").write_text('{"format": "something else", "files": []}')
    with pytest.raises(ValueError, match="choose a new or an empty folder"):
        prepare_folder(tmp_path)


def test_only_files_within_the_folder_count_as_a_reports(tmp_path):
    out = tmp_path / "report"
    out.mkdir()
    (tmp_path / "mine").write_text("mine")
    summary = {"format": folder.FORMAT, "files": ["../mine", "summary.json"]}
    (out / "summary.json").write_text(json.dumps(summary))
    with folder.workshop(out) as bench:
        (bench / "summary.json").write_text("{}")
    assert (tmp_path / "mine").exists()


@pytest.mark.parametrize("place", ["file", "file/below", "file/far/below"])
def test_a_file_in_the_way_is_an_error(tmp_path, place):
    (tmp_path / "file").write_text("mine")
    with pytest.raises((ValueError, OSError), match="file"):
        prepare_folder(tmp_path / place)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a file system that nobody can write to")
def test_a_place_that_nobody_can_write_to_is_an_error():
    with pytest.raises(OSError, match="/proc/report: cannot write there"):
        prepare_folder("/proc/report")


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", lambda: 0)() == 0, reason="needs rights to be refused")
def test_a_read_only_folder_is_an_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="cannot write there"):
        prepare_folder(tmp_path / "report")


# ------------------------------------------------------------------------------------------------------- the findings


def test_networks_and_data_must_fit_before_anything_is_written(squares, tmp_path):
    data, net = squares
    other = images(("Ada", "Ben"))
    with pytest.raises(ValueError, match="2 classes of squares"):
        explain(other, net, tmp_path / "report")
    with pytest.raises(ValueError, match=r"takes images of shape \(1, 12, 12\), squares has \(1, 9, 9\)"):
        explain(images(shape=(1, 9, 9)), net, tmp_path / "report")
    with pytest.raises(ValueError, match="neither filters nor hidden units"):
        flat = tn.Network([tn.Flatten(), tn.Dense(3), tn.Softmax()], data.input_shape)
        explain(data, flat, tmp_path / "report")
    assert list(tmp_path.iterdir()) == []


@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_chance_is_the_share_of_all_boxes_that_touch(seed, classes):
    rng = np.random.default_rng(seed)
    padding, stride = int(rng.integers(0, 3)), int(rng.integers(1, 3))
    net = tn.Network([tn.Conv2D(2, 3, padding=padding, stride=stride), tn.Tanh(), tn.Flatten(), tn.Dense(2)], (1, 9, 7))
    mask = rng.random((9, 7)) < 0.1
    field = net.receptive_field("tanh1")
    _, height, width = net.shapes["tanh1"]
    boxes = [field.box(row, column) for row in range(height) for column in range(width)]
    assert hits.chance(net, "tanh1", mask) == pytest.approx(np.mean([mask[box].any() for box in boxes]))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200), st.integers(4, 60), st.integers(0, 99))
def test_a_sample_holds_the_same_share_of_each_class(labels, most, seed):
    labels = np.array(labels)
    sample = samples.stratified_sample(labels, most, np.random.default_rng(seed))
    assert (np.diff(sample) > 0).all()
    if len(labels) <= most:
        assert len(sample) == len(labels)
    for label in np.unique(labels):
        members, taken = np.sum(labels == label), np.sum(labels[sample] == label)
        assert taken >= min(members, 2)
        assert taken <= max(round(members * min(most / len(labels), 1)), 2)


def test_the_typical_image_is_nearest_to_the_mean_of_its_class():
    data = images(per_class=7)
    for label, chosen in enumerate(samples.typical_images(data.x, data.labels, 3)):
        members = data.x[data.labels == label]
        away = [np.sum((image - members.mean(axis=0)) ** 2) for image in members]
        np.testing.assert_array_equal(data.x[chosen], members[int(np.argmin(away))])


@pytest.mark.parametrize("part", [1, 4, 100])
def test_class_gradients_part_by_part_are_those_of_the_whole(squares, monkeypatch, part):
    data, net = squares
    data = data.take(np.arange(len(data) - 2))
    monkeypatch.setattr(samples, "PART", part)
    bar = Progress(0, show=False)
    monkeypatch.setattr(bar, "step", lambda: seen.append(None))
    seen, layers = [], ["input", "tanh2"]
    found = findings._class_means(data, lambda x, y: tn.class_gradient(net, x, y, "margin", layers=layers), bar)
    assert len(seen) == len(samples.parts(data.labels)) == {1: 4, 4: 4, 100: 1}[part]
    expected = tn.class_gradient(net, data.x, data.labels, "margin", layers=layers)
    assert list(found) == list(expected)
    for name, gradient in found.items():
        np.testing.assert_allclose(gradient, expected[name], rtol=1e-4, atol=1e-6)


def test_the_progress_bar_counts_every_step(squares, tmp_path, monkeypatch):
    data, net = squares
    bars = []

    class Recorded(Progress):
        def __init__(self, total, *, show):
            super().__init__(total, show=show)
            self.total, self.done = total, 0
            bars.append(self)

        def step(self):
            self.done += 1

    monkeypatch.setattr(writer, "Progress", Recorded)
    explain(data, net, tmp_path, history=tn.History([1.0], [0.5]))
    assert [bar.done for bar in bars] == [bar.total for bar in bars]


def test_large_sets_are_sampled_and_the_page_says_so(squares, tmp_path, monkeypatch):
    data, net = squares
    monkeypatch.setattr(findings, "SAMPLE", 4)
    monkeypatch.setattr(findings, "CLASSES", 2)
    summary = explain(data, net, tmp_path)
    assert summary.values["knockouts"]["images"] == 4 and summary.values["knockouts"]["classes"] == 2
    text = Page((tmp_path / "report.html").read_text()).text
    assert "Measured on 4 test images" in text and "Measured for 2 of 3 classes" in text


def test_gradients_that_have_vanished_are_told(tmp_path):
    data = images()
    sure, _ = trained(data, *convolutional())
    sure["dense1"].params["b"][:] = [1000, 0, 0]
    explain(data, sure, tmp_path, of="probability")
    assert "are 0: where a probability has reached 1" in Page((tmp_path / "report.html").read_text()).text


@pytest.mark.parametrize(
    ("names", "text"),
    [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), ([], "")],
)
def test_lists_read_well(names, text):
    assert words.listed(names) == text


def test_long_lists_say_how_many_are_left_out():
    assert words.listed([str(n) for n in range(1006)]) == "0, 1, 2, 3, 4, 5 and 1,000 more"


# ------------------------------------------------------------------------------------------------------ true sentences


def found(confusion, **changed):
    """Return findings of which the test images are predicted as a table says."""
    blank = dict.fromkeys((field.name for field in fields(findings.Findings)), None)
    return findings.Findings(**{**blank, "confusion": np.array(confusion), "train_error": 0.0, **changed})


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3).filter(np.any))
def test_a_network_that_has_learned_little_is_said_first_beside_guessing(table):
    counts = np.array(table)
    run = found(table)
    right, most = int(np.trace(counts)), max(sum(row) for row in table)
    assert run.test_error == pytest.approx(1 - right / counts.sum())
    assert run.guessing_error == pytest.approx(1 - most / counts.sum())
    little = 2 * run.test_error > run.guessing_error
    words = verdict(run)
    assert words[0].startswith("This network has learned little") == little == run.learned_little
    assert f"{100 * run.guessing_error:.1f} %" in words[-1] and f"{100 * run.test_error:.1f} %" in words[-1]


def test_the_page_and_the_summary_say_first_that_a_network_has_learned_little(squares, tmp_path):
    data, net = squares
    untrained = tn.Network(net.layers, data.input_shape, rng=3)
    untrained["dense1"].params["b"][:] = [9, 0, 0]
    summary = explain(data, untrained, tmp_path)
    assert summary.values["learned_little"] and "learned little" in summary.lines()[1]
    text = " ".join(Page((tmp_path / "report.html").read_text()).text.split())
    assert text.index("learned little") < text.index("Which ranking for which question?") < text.rindex("The images")


def test_errors_are_told_from_what_to_what(report):
    curves, at = report.values["knockouts"], report.values["knockouts"]["at"]
    text = " ".join(report.page.text.split())
    for order in ("most supporting", "strongest"):
        errors = curves[f"{order} first"]["class_error"]
        before, after = (f"{100 * share:.1f} %" for share in (errors[0], errors[at["index"]]))
        assert f"{order} {report.values['network']['noun']}" in text
        assert f"goes from {before} to {after}" in text
    assert "loses" not in text and "loses" not in " ".join(report.summary.lines())


def test_classes_without_a_test_image_are_named(squares, tmp_path):
    data, net = squares
    is_test = np.zeros(len(data), bool)
    is_test[:8] = True
    train, test = data.take(~is_test), data.take(is_test)
    settings = Settings(command="", model="thesis")
    values = explain_network(net, data, train=train, test=test, out=tmp_path, settings=settings, progress=False).values
    text = " ".join(Page((tmp_path / "report.html").read_text()).text.split())
    assert values["knockouts"]["classes"] == 2 and "Measured for 2 of 3 classes" in text
    assert "There is no test image of Cleo" in text


def test_a_network_with_a_single_output_is_explained_as_its_two_classes(tmp_path):
    data = images(("no", "yes"), per_class=8)
    net = tn.Network([*convolutional(), tn.Dense(1), tn.Sigmoid()], data.input_shape, rng=0)
    values = explain(data, net, tmp_path).values
    _, test = data.split(rng=0)
    assert values["test_errors"] == np.sum((net(test.x)[:, 0] > 0.5) != test.labels)
    _, arrays = files.load_arrays(tmp_path / "gradients.npz", "tinynet gradients")
    for name, array in arrays.items():
        assert len(array) == 2, name
    by_class = tn.class_gradient(net, data.x, data.labels, layers=["tanh1"])["tanh1"]
    np.testing.assert_allclose(arrays["class/tanh1"], by_class, rtol=1e-5)


def test_particular_is_what_the_others_lack_whatever_the_level_of_layers_and_units():
    own = np.eye(3)
    scores = {"tanh1": 1e6 + 1e3 * own, "tanh2": np.array([[5.0], [5.0], [5.0]])}
    seen = tn.explain.particular_scores(scores)
    assert seen["tanh1"].argmax(axis=1).tolist() == [0, 1, 2] and not seen["tanh2"].any()
    assert all(findings.ranking(scores, label)[0][0] != ("tanh2", 0) for label in range(3))
