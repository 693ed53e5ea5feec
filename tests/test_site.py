"""The web site: its gallery holds every figure, formulas and signs are shown as written, no link leads nowhere."""

from __future__ import annotations

import base64
import io
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from PIL import Image

from tests.test_page_browser import browser as browser  # a fixture

COURSE = Path(__file__).parents[1] / "tutorials"
sys.path.insert(0, str(COURSE))

import course  # noqa: E402
from web import build  # noqa: E402

PAGES = (
    "index.html",
    "01_neurons.html",
    "03_convolution.html",
    "05_prediction_gradients.html",
    "glossary.html",
    "search.html",
    "web/generated/gallery/index.html",
    "web/reference/units.html",
)


def png(width, height):
    stream = io.BytesIO()
    Image.fromarray(np.arange(width * height, dtype=np.uint8).reshape(height, width)).save(stream, "png")
    return stream.getvalue()


def cell(kind, text, *pictures):
    outputs = [{"data": {"image/png": base64.b64encode(picture).decode()}} for picture in pictures]
    return {"cell_type": kind, "source": [text], "outputs": [{"text": "printed"}, *outputs]}


def test_every_figure_is_found_under_its_heading_with_its_lines():
    one, two, three = png(3, 2), png(4, 2), png(5, 2)
    notebook = {
        "cells": [
            cell("markdown", "# Chapter"),
            cell("code", "draw()", one, two),
            cell("markdown", "text\n\n## First\n\ntext\n\n### Second\n"),
            cell("code", "print()"),
            cell("code", "draw_more()", three),
        ]
    }
    notebook["cells"][-1]["outputs"][-1]["metadata"] = {"image/png": {"alt": "Three"}}
    assert build.figures_of(notebook) == [
        ("Chapter", "draw()", one, "Chapter"),
        ("Chapter", "draw()", two, "Chapter"),
        ("Second", "draw_more()", three, "Three"),
    ]


@pytest.mark.parametrize("size", [(1, 1), (5, 900), (900, 5), (1200, 800)])
def test_a_thumbnail_is_small_and_keeps_its_shape(size):
    small = Image.open(io.BytesIO(build.thumbnail(png(*size))))
    assert max(small.size) <= build.THUMBNAIL and (max(size) > build.THUMBNAIL or small.size == size)


def test_the_gallery_shows_as_many_figures_as_the_chapters(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "MADE", tmp_path)
    notebooks = [chapter.with_suffix(".ipynb") for chapter in course.chapters(["01", "02"])]
    build.gallery(notebooks)
    pictures = sum(text.read_text(encoding="utf-8").count('"image/png": "') for text in notebooks)
    index = (tmp_path / "gallery" / "index.md").read_text(encoding="utf-8")
    assert index.count("-small.png") == pictures == len(list((tmp_path / "gallery").glob("*-small.png"))) > 0
    page = (tmp_path / "gallery" / "01.md").read_text(encoding="utf-8")
    assert page.count("```python") == page.count("![Figure") and "01_neurons.ipynb" in page


def test_a_guide_becomes_text_and_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "MADE", tmp_path / "made")
    (tmp_path / "own.py").write_text("# %% [markdown]\n# # Title\n#\n# Text.\n\n# %%\nx = 1\n", encoding="utf-8")
    assert build.guides([tmp_path / "own.py"], course.cells_of) == ["own"]
    page = (tmp_path / "made" / "guides" / "own.md").read_text(encoding="utf-8")
    assert page == "# Title\n\nText.\n\n```python\nx = 1\n```\n"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("x : array of shape (..., *input_shape)", r"x : array of shape (..., \*input_shape)"),
        ("**settings", r"\**settings"),
        ("|w|^2 / 2 of ``|x|``", r"\|w\|^2 / 2 of ``|x|``"),
        ("a *word* stays", "a *word* stays"),
        ("2 * 3", "2 * 3"),
        (">>> f(*x) | y", ">>> f(*x) | y"),
    ],
)
def test_signs_of_mathematics_stand_as_written(line, shown):
    pytest.importorskip("sphinx", reason="sphinx is not installed: pip install -e '.[docs]'")
    from web import conf

    lines = [line]
    conf.as_written(None, "function", "f", None, None, lines)
    assert lines == [shown]


class Links(HTMLParser):
    """Collects what a page leads to and shows, and the places that it has."""

    def __init__(self, path):
        super().__init__()
        self.to, self.places = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src") and value and not urlsplit(value).scheme:
                self.to.append(value)
            if name in ("id", "name") and value:
                self.places.add(value)


def nowhere(folder):
    """Return the links of a site's pages that lead nowhere, each with its page."""
    pages = {path: Links(path) for path in folder.rglob("*.html") if "live" not in path.relative_to(folder).parts}
    broken = []
    for path, links in pages.items():
        for link in set(links.to):
            parts = urlsplit(link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists() or (parts.fragment and target in pages and unquote(parts.fragment) not in
                                       pages[target].places and parts.fragment != "live"):  # fmt: skip
                broken.append((path.relative_to(folder).as_posix(), link))
    return sorted(broken)


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "a.html").write_text('<a href="b.html#there">x</a><img src="c.png"><a href="https://x.y">z</a>')
    (tmp_path / "b.html").write_text('<h1 id="here">x</h1><a href="a.html">x</a><a href="#here">y</a>')
    assert nowhere(tmp_path) == [("a.html", "b.html#there"), ("a.html", "c.png")]


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.* Check CHANGES for Sphinx API modifications")  # what myst-parser uses, not we
def test_the_site_builds_without_a_warning_and_everybody_can_use_it(tmp_path, browser):
    pytest.importorskip("myst_nb", reason="the site's tools are not installed: pip install -e '.[docs]'")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    for name in build.LIVE:
        (tmp_path / "live" / name).mkdir(parents=True)
        (tmp_path / "live" / name / "report.html").write_text(f"<title>{name}</title><h1>{name}</h1>")
    assert course.main(["site", "--out", str(tmp_path / "site")]) == 0
    assert not nowhere(tmp_path / "site")
    pages = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "site").glob("*.html"))
    told = re.findall(r'<img alt="([^"]*)"', pages)
    assert len(told) > 100 and not [alt for alt in told if not alt or alt.endswith((".png", ".svg"))]
    for name, figure in build.figures.FIGURES.items():
        assert f'id="alive-{name}"' in (tmp_path / "site" / f"{figure.chapter}.html").read_text(encoding="utf-8")
    for name in PAGES:
        for width in (1280, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.goto((tmp_path / "site" / name).as_uri())
            assert page.evaluate("document.scrollingElement.scrollWidth") <= width
            found = axe.Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            page.close()
