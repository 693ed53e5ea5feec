"""What a notebook shows: well-formed, escaped, the numbers that are there, and nothing of matplotlib for a table."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, small_classifier
from tinynet import explain, notebook, plots
from tinynet.datasets import Dataset

ODD = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("<>&\"'"), max_size=8)
numbers = st.lists(st.floats(-5, 1e30) | st.sampled_from([np.nan, np.inf]), max_size=6)


def parsed(html):
    """Return the pieces of some HTML, having checked that each is well-formed."""
    return ElementTree.fromstring(f"<div>{html}</div>")


def words(element):
    return "".join(element.itertext())


@given(ODD, st.lists(st.tuples(ODD, ODD | st.integers()), max_size=3))
def test_a_table_holds_what_it_is_given_whatever_it_looks_like(title, rows):
    (found,) = parsed(notebook.table(title, ["<a>", "b"], rows))
    assert [words(cell) for cell in found.iter("td")] == [str(cell) for row in rows for cell in row]
    assert words(found.find("caption")) == title and words(found.find("tr/th")) == "<a>"


@given(ODD, st.dictionaries(ODD, numbers, max_size=3))
def test_curves_are_within_their_frame_and_gaps_stay_gaps(title, lines):
    (found,) = parsed(notebook.curves(title, lines))
    _, *paths = found.iter("{http://www.w3.org/2000/svg}path")
    assert len(paths) == len(lines)
    for path, (name, values) in zip(paths, lines.items(), strict=True):
        points = re.findall(r"[ML](\S+) ([^MLh]+)", path.get("d"))
        assert words(path) == name and len(points) == np.isfinite(values).sum()
        for across, height in points:
            assert 0 <= float(across) <= notebook.WIDTH and float(height) >= -0.1
        ways = "".join("x" if np.isfinite(value) else " " for value in values)
        assert path.get("d").count("M") == len(ways.split())


@given(cases())
def test_a_network_and_a_trace_show_a_row_for_each_output(case):
    net = case.net
    rows = list(parsed(net._repr_html_()).iter("tr"))
    assert [words(row[0]) for row in rows] == ["layer", *net.names, "total"]
    assert words(rows[-1][3]) == f"{net.parameter_count:,}"
    trace = net.trace(case.x)
    _, *rows = parsed(trace._repr_html_()).iter("tr")
    assert [words(row[0]) for row in rows] == net.names
    for row, array in zip(rows, trace.values(), strict=True):
        assert words(row[1]) == " x ".join(map(str, array.shape))
        if array.size:
            assert words(row[2]) == f"{array.min():.3g}" and words(row[4]) == f"{array.max():.3g}"
    assert net.summary()._repr_html_() == f"<pre>{net.summary()}</pre>" and net.summary().startswith("layer")


def test_a_history_shows_its_last_numbers_and_its_curves():
    run = tn.History([0.7, 0.5], [np.nan, 0.5], [0.6, 0.4], [0.5, 0.6])
    shown = parsed(run._repr_html_())
    assert [[words(cell) for cell in row] for row in shown.iter("tr")][1:] == [
        ["loss", "0.5"],
        ["accuracy", "0.5"],
        ["validation loss", "0.4"],
        ["validation accuracy", "0.6"],
    ]
    assert [child.tag.rpartition("}")[2] for child in shown] == ["table", "svg", "svg"]
    parsed(tn.History()._repr_html_())


def test_a_data_set_shows_its_classes_and_how_many_it_leaves_out():
    data = Dataset("<odd>", np.zeros((30, 1, 2, 2)), np.arange(30) % 25, tuple(f"<{n}>" for n in range(25)))
    shown = parsed(data._repr_html_())
    assert words(shown.find("table/caption")) == "'<odd>': 30 images of 1 x 2 x 2, 25 classes"
    rows = [[words(cell) for cell in row] for row in shown.iter("tr")]
    assert rows[1] == ["<0>", "2"] and rows[-1] == ["and 5 more", "5"] and len(rows) == 22


def test_reports_are_shown_as_they_are_printed():
    net, x = small_classifier(), np.random.default_rng(0).random((6, 1, 8, 8))
    report = tn.testing.check_layer(tn.Tanh(), (3,), rng=0)
    found = explain.inspect_network(net, x, np.arange(6) % 3)
    summed = explain.integrated_gradients(net, x, 0)
    for thing in (report, found, summed):
        assert words(parsed(thing._repr_html_())) == str(thing)


def test_a_figure_shows_itself_once():
    """It is none of pyplot's, which would draw all of its own at the end of a cell again."""
    import matplotlib.pyplot as plt

    figure = plots.history(tn.History([0.7, 0.5], [0.4, 0.5]))
    assert plt.get_fignums() == [] and figure._repr_png_().startswith(b"\x89PNG")


def test_tables_need_no_matplotlib():
    program = """
import sys, numpy as np, tinynet as tn
net = tn.Network([tn.Dense(2), tn.Softmax()], (3,))
how = {"loss": tn.CrossEntropy(), "optimizer": tn.SGD(1), "epochs": 2, "batch_size": 2, "progress": False}
run = tn.fit(net, np.ones((4, 3)), [0, 1, 0, 1], **how)
shown = [net, net.summary(), net.trace(np.ones(3)), run, tn.testing.check_layer(tn.Tanh(), (3,), rng=0)]
assert all(thing._repr_html_() for thing in shown)
assert not {"matplotlib", "PIL"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], cwd=Path(tn.__file__).parents[1], check=True)


RESULTS = [
    kind
    for name in sorted({*explain.__all__} - {"Recipe"})  # which is written, not read
    if dataclasses.is_dataclass(kind := getattr(explain, name))
    and any("Array" in str(each.type) for each in dataclasses.fields(kind))
]


@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("length", [0, 12, 13, 900])
def test_a_console_shows_what_explains_in_a_line_however_much_it_is(kind, length):
    found = object.__new__(kind)
    names = [each.name for each in dataclasses.fields(kind)]
    vars(found).update(dict.fromkeys(names, np.full(length, 1 / 3)))
    assert repr(found).startswith(f"{kind.__name__}: {names[0]} ") and "\n" not in repr(found)
    fits = length <= notebook.NUMBERS
    assert repr(found).count("0.333") == (length * len(names) if fits else 0)
    assert repr(found).count(f"of shape ({length},)") == (0 if fits else len(names))
