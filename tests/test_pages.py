"""What pages share: words explained where they stand, the first screen, and files that travel with the package."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.contour import ContourSet
from PIL import Image

from tests.test_report import Page as Parsed
from tinynet import plots
from tinynet.explain.units.characteristic import Feature
from tinynet.pages import live
from tinynet.pages.page import Page, render
from tinynet.pages.pieces import pieces
from tinynet.pages.section import Section
from tinynet.pages.terms import explained
from tinynet.training import History

HOUSE = Path(__file__).parent.parent


def page(**parts):
    around = {"title": "A page", "lede": "About a logit.", "short": ["Found."], "facts": {}, "command": "python"}
    return Page(**{**around, "layers": "", "files": {}, "sources": [], "footer": "", **parts})


# ------------------------------------------------------------------------------------------------------------ the words


def test_words_are_explained_as_the_glossary_does():
    rows = (HOUSE / "tutorials" / "glossary.md").read_text(encoding="utf-8").splitlines()
    stale = [row for row in live.text_of("terms.md").splitlines() if row not in rows]
    assert stale == [], "copy these rows anew from tutorials/glossary.md to tinynet/pages/terms.md"


def test_the_first_use_of_a_word_is_explained_and_no_part_of_another():
    text = Parsed(explained("Filters and logits; a filter, a kernel. Filtering is no logit-like thing, a Saliency is."))
    notes = [attributes for tag, attributes in text.tags if attributes.get("class") == "note"]
    assert len(notes) == 3 and text.faults == []
    assert text.text.count("filter: the small array of weights") == text.text.count("logit: the net input") == 1


@given(
    st.lists(
        st.text(st.characters() | st.sampled_from("<>&'\" "), max_size=9) | st.sampled_from(["logit", " filters "])
    )
)
def test_whatever_is_explained_is_escaped(parts):
    tags = Parsed(explained("".join(parts))).tags
    assert {tag for tag, _ in tags} <= {"span"}


# ----------------------------------------------------------------------------------------------------- the first screen


def test_the_first_screen_tells_what_was_found_and_whether_to_trust_it():
    section = Section("one", "One", None, "", "Read a saliency map.", group="Evidence")
    text = render(page(finding="A sentence.", trust={"Tested?": "Yes.", "Chance?": "Less."}), [section], {})
    shown = Parsed(text)
    assert shown.faults == []
    order = ["A sentence.", "Can this be trusted?", "Tested?", "Yes.", "Evidence", "<h2>In short", "Found.", "Read a"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "<script" not in text and 'id="live"' not in text


@given(st.lists(st.lists(st.booleans(), min_size=49, max_size=49), min_size=1, max_size=8), st.integers(0, 4))
def test_below_each_face_stands_whether_its_box_touches_what_was_planted(masks, at):
    planted = np.array(masks).reshape(-1, 7, 7)
    feature = Feature("tanh1", 0, (0, 0), 1.0, (slice(at, at + 3), slice(2, 5)))
    names = [f"n{n}" for n in range(len(planted))]
    figure = plots.feature_boxes(np.zeros((len(planted), 1, 7, 7)), [feature] * len(planted), names, planted)
    told = [text.get_text() for text in figure.texts if not text.get_text().startswith("n")]
    hit = [any(mask[y][x] for y in range(at, at + 3) for x in range(2, 5)) for mask in planted.tolist()]
    assert told == ["✓ hit" if each else "✗ miss" for each in hit[: plots.MOST_AT_A_GLANCE]]


def test_the_outline_of_what_was_planted_lies_outside_of_it():
    mask = np.zeros((1, 7, 7), bool)
    mask[0, 3, 3] = True
    feature = Feature("tanh1", 0, (0, 0), 1.0, (slice(0, 2), slice(0, 2)))
    axes = plots.feature_boxes(np.zeros((1, 1, 7, 7)), [feature], ["a"], mask).axes[0]
    (outline,) = (each for each in axes.collections if isinstance(each, ContourSet))
    points = np.concatenate([path.vertices for path in outline.get_paths()])
    assert np.abs(points - 3).max(axis=1).min() >= 1  # the pixel itself reaches half a pixel from its middle


def test_the_picture_of_the_first_screen_links_to_all_of_it():
    figure = plots.image_grid(np.zeros((1, 1, 2, 2)), ["a"])
    first, whole = (Section(name, name.title(), figure, "a figure", "Read it.") for name in ("first", "whole"))
    text = render(page(picture=first, whole=whole), [whole], {"first": b"png", "whole": b"png"})
    assert text.index('<a href="#whole">Whole</a>.</figcaption>') < text.index("<nav")


def test_a_page_without_a_finding_begins_with_what_it_is_about():
    text = render(page(), [], {})
    assert text.index("Found.") < text.index("<nav")
    assert "Can this be trusted?" not in text


def test_why_a_network_is_not_there_is_said():
    assert '<p class="notice">It is too large.</p>' in render(page(notice="It is too large."), [], {})


# ---------------------------------------------------------------------------------------------------------- the figures


@pytest.mark.parametrize(("count", "columns"), [(1, 3), (2, 2), (5, 3), (4, 1)])
def test_the_pieces_of_a_figure_are_the_figure(count, columns):
    rng = np.random.default_rng(0)
    figure = plots.image_grid(rng.random((count, 1, 4, 4)), [str(n) for n in range(count)], "title", columns=columns)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=50)
    found = pieces(figure, stream.getvalue())
    if min(count, columns) == 1:
        assert [part.picture for part in found] == [stream.getvalue()]
        return
    assert [part.is_head for part in found] == [True, *[False] * count]
    ink = sum(np.sum(255.0 - np.asarray(Image.open(io.BytesIO(part.picture)).convert("L"))) for part in found)
    assert ink == pytest.approx(np.sum(255.0 - np.asarray(Image.open(stream).convert("L"))), rel=0.01)


@pytest.mark.parametrize("validated", [False, True])
def test_curves_side_by_side_can_be_cut_between_them(validated):
    more = [0.5, 0.4] if validated else []
    figure = plots.history(History([1.0, 0.5], [0.1, 0.9], more, more))
    head, *parts = figure.panels
    across, up = figure.get_size_inches()
    to_inches = figure.dpi_scale_trans.inverted()
    for axes, (left, bottom, right, top) in zip(figure.axes, parts, strict=True):
        box = axes.get_tightbbox().transformed(to_inches)
        assert left <= box.x0 and box.x1 <= right and bottom <= box.y0 and box.y1 <= top
        assert axes.get_legend() is not None
    assert head == (0.0, parts[0][3], across, up) and [part[0] for part in parts] == [0.0, parts[0][2]]


def test_a_narrow_screen_can_have_the_table_in_place_of_the_figure():
    figure, table = plots.image_grid(np.zeros((1, 1, 2, 2)), ["a"]), (("class", "first"), ("a", "1"))
    for narrow in (False, True):
        section = Section("one", "One", figure, "a figure", "Read it.", table=table, narrow_table=narrow)
        text = render(page(), [section], {"one": b"png"})
        assert Parsed(text).faults == []
        assert text.count("<table><thead>") == 1 + narrow and ('class="in-place"' in text) == narrow


# ---------------------------------------------------------------------------------------------------------- the package


@pytest.mark.slow
def test_a_wheel_holds_what_pages_are_made_of(tmp_path):
    pytest.importorskip("setuptools", reason="setuptools is not installed")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(HOUSE / name, tmp_path)
    shutil.copytree(HOUSE / "tinynet", tmp_path / "tinynet", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "."]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    beside = {path.name for path in (HOUSE / "tinynet" / "pages").iterdir() if path.suffix not in (".py", "")}
    assert {*live.SCRIPTS, "live.html", "live.css", "page.css", "terms.md"} == beside
    assert {f"tinynet/pages/{name}" for name in beside} <= held
