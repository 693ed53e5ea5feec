"""Slides fill a session to the minute, show what the chapter shows, and need nothing but themselves."""

import base64
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

TUTORIALS = Path(__file__).resolve().parents[1] / "tutorials"
sys.path.insert(0, str(TUTORIALS))
import course  # noqa: E402
import slides  # noqa: E402


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=30), st.integers(0, 200))
def test_minutes_add_up_and_a_longer_slide_gets_no_less(weights, more):
    minutes = slides.minutes_of(weights, len(weights) + more)
    assert sum(minutes) == len(weights) + more and min(minutes) >= 1
    for weight, takes in zip(weights, minutes, strict=True):
        fair = 1 + weight / sum(weights) * more
        assert abs(takes - fair) < 1 + 1e-9, "whole minutes next to the fair share"


def test_too_many_slides_are_one_clear_error():
    with pytest.raises(ValueError, match="3 slides do not fit into 2 minutes"):
        slides.minutes_of([1, 1, 1], 2)


@pytest.fixture(scope="module")
def first():
    pytest.importorskip("latex2mathml", reason="needs the extra tutorials")
    notebook = json.loads((TUTORIALS / "01_neurons.ipynb").read_text(encoding="utf-8"))
    return notebook, slides.page(notebook, TUTORIALS)


def test_a_session_on_chapter_1_is_whole(first):
    notebook, page = first
    assert sum(map(int, re.findall(r'data-minutes="(\d+)"', page))) == 90
    figures = [data for cell in notebook["cells"] for output in cell.get("outputs", ()) if (data := output.get("data"))]
    assert page.count("<img ") == len(figures) == len(re.findall(r'<img alt="[^"]+"', page))
    assert re.findall(r"<h2>Exercise (.+?)</h2>", page) == [f"1.{k}" for k in range(1, 7)]
    assert re.findall(r"<h2>Which line is wrong\? \((.+?)\)</h2>", page) == [f"1.{k}" for k in range(1, 7)]
    assert page.count("<h2>Before you see it</h2>") == sum(
        "".join(c["source"]).count("Before you") for c in notebook["cells"]
    )
    assert "<h2>In five lines</h2>" in page and "On your own" not in page


def test_slides_fetch_nothing_and_leave_no_formula_as_text(first):
    _, page = first
    assert not re.search(r"<link|@import|url\(|(?:src|href)=\"(?!data:)", page)
    bare = re.sub(r"<pre.*?</pre>|<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    assert "$" not in bare and "<math" in bare


def test_a_mistake_is_asked_with_its_answer_folded(first):
    _, page = first
    asked = re.search(r"Which line is wrong\? \(1\.2\)</h2>.*?</section>", page, re.DOTALL)[0]
    shown, answer = asked.split("<details>")
    assert "def net_input(W, a, b):" in shown and "class=right" not in shown
    assert "class=right>-     return a @ W.T + b</span>" in answer


def test_captions_are_titles_or_the_section():
    assert slides.caption('fig.suptitle("A title of $x$")\nax.set(title="one")', "section") == "A title of x"
    assert slides.caption('ax.set(title="one")', "section") == "one"
    assert slides.caption('fig.suptitle(f"{count} faces")', "section") == "section"


def png(pixels, **how):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **how)
    return base64.b64encode(file.getvalue()).decode()


def pixels_of(picture):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB"))


def test_figures_of_notebooks_have_alternative_texts_and_their_size_on_the_page():
    def figure(code):
        told = {"image/png": {"width": 7, "height": 5}}
        outputs = [
            {"data": {"image/png": png(np.zeros((10, 14), np.uint8))}, "metadata": told},
            {"text": "printed"},
        ]
        return {"cell_type": "code", "source": code, "outputs": outputs}

    heading = {"cell_type": "markdown", "source": "Text\n# 1 Title\n## 1.1 Section"}
    notebook = course.described({"cells": [heading, figure("plt.show()"), figure('ax.set(title="Faces")')]})
    told = [cell["outputs"][0]["metadata"]["image/png"] for cell in notebook["cells"][1:]]
    assert told == [{"alt": "1.1 Section", "width": 7}, {"alt": "Faces", "width": 7}]


@given(st.integers(1, 256), st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_palette_changes_no_pixel_of_a_figure_of_256_colours(colours, height, width, seed):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (colours, 3), np.uint8)[rng.integers(0, colours, (height, width))]
    picture = course.with_palette(png(pixels, dpi=(200, 200)))
    assert np.array_equal(pixels_of(picture), pixels)
    image = Image.open(io.BytesIO(base64.b64decode(picture)))
    assert image.mode == "P" and round(image.info["dpi"][0]) == 200


def test_slides_are_written_by_the_command(first, tmp_path, capsys, monkeypatch):
    out = tmp_path / "s.html"
    assert course.main(["slides", "01", "--out", str(out), "--minutes", "100"]) == 0
    assert sum(map(int, re.findall(r'data-minutes="(\d+)"', out.read_text(encoding="utf-8")))) == 100
    assert "no figures" not in capsys.readouterr().out
    monkeypatch.setattr(slides, "page", lambda *_: "")
    monkeypatch.chdir(tmp_path)
    assert course.main(["slides", "1"]) == 0 and (tmp_path / "slides-01.html").exists()
    assert "no figures: 01_neurons.ipynb was not run; course.py build 01 does that" in capsys.readouterr().out
    monkeypatch.undo()
    assert course.main(["slides", "01", "--minutes", "3"]) == 2
    assert "slides do not fit into 3 minutes" in capsys.readouterr().err
