"""The live figures of the course: NumPy computes what they show, keys work, everybody can use them."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import tinynet as tn
from tests.test_page_browser import DESK, PHONE, assert_everybody_can_use, opened, slide
from tests.test_page_browser import browser as browser  # a fixture
from tests.test_page_engine import assert_near
from tinynet import datasets, explain, models

COURSE = Path(__file__).parents[1] / "tutorials"
sys.path.insert(0, str(COURSE))

from web.live import figures  # noqa: E402

AROUND = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>Figures</title></head><body><main><h1>Figures</h1>'
    "<h2>All</h2>{}</main></body></html>"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Return the address of a page that holds all live figures."""
    folder = tmp_path_factory.mktemp("figures")
    (folder / "kept").mkdir()
    seen, _ = datasets.load("faces").split(rng=0)
    net, adam = models.build("thesis", seen.input_shape, 15, rng=0), tn.Adam(0.003)
    tn.fit(net, seen.x, seen.labels, loss=tn.CrossEntropy(), optimizer=adam, epochs=2, batch_size=10, progress=False)
    net.save(folder / "kept" / "towards.npz")  # trained for less long than the site's
    figures.write(folder / "made", folder / "kept")
    texts = [(folder / "made" / f"{name}.html").read_text(encoding="utf-8") for name in figures.FIGURES]
    (folder / "page.html").write_text(AROUND.format("\n".join(texts)), encoding="utf-8")
    return folder / "page.html"


def numbers(opened_page, name):
    return opened_page.evaluate(f"document.getElementById('alive-{name}').numbers()")


def said(opened_page, name):
    return opened_page.locator(f"#alive-{name} .said").text_content()


# ------------------------------------------------------------------------------------------------------------ places


def notebook(*cells):
    return json.dumps({"cells": [{"cell_type": kind, "source": text} for kind, text in cells]})


@pytest.fixture
def one_figure(monkeypatch):
    monkeypatch.setattr(figures, "FIGURES", {"it": figures.Figure("chapter", "1 First", dict)})


@pytest.mark.parametrize("rest", [[("markdown", "## 2 Second")], [("code", "## x"), ("markdown", "a\n## 2 Second\nb")]])
def test_a_figure_stands_at_the_end_of_its_section(one_figure, rest):
    text = figures.placed("chapter", notebook(("markdown", "# T\n## 1 First\ntext"), *rest), "made")
    *before, last = ["".join(cell["source"]) for cell in json.loads(text)["cells"]]
    wanted = "```{raw} html\n:file: made/it.html\n```\n\n## 2 Second"
    assert wanted in last and last.replace(wanted, "## 2 Second") == rest[-1][1]
    assert before == ["# T\n## 1 First\ntext", *(text for _, text in rest[:-1])]


@pytest.mark.parametrize("text", ["## 1 Another\n## 2 Second", "## 1 First\nwith no section behind"])
def test_a_section_that_is_not_there_is_named(one_figure, text):
    with pytest.raises(ValueError, match="chapter: no end of a section 1 First"):
        figures.placed("chapter", notebook(("markdown", text)), "made")


def test_other_pages_stay_as_they_are(one_figure):
    assert figures.placed("index", "# No notebook", "made") == "# No notebook"


def test_each_figure_has_its_place_in_a_chapter():
    for name, figure in figures.FIGURES.items():
        text = (COURSE / f"{figure.chapter}.ipynb").read_text(encoding="utf-8")
        assert f":file: made/{name}.html" in figures.placed(figure.chapter, text, "made")


# ------------------------------------------------------------------------------------------------- chapter 3: window


def test_the_window_computes_what_numpy_computes(browser, page):
    data = figures.window(page.parent)
    face = datasets.load("faces")
    face = face.x[face.classes.index("Ben") * 11].astype(np.float64)
    layer = tn.Conv2D(1, 3, bias=False)
    with opened(browser, page) as shown:
        for at, kernel in enumerate(data["kernels"]):
            shown.locator("#alive-window .kernel").select_option(str(at))
            weights = np.reshape(kernel["weights"], (3, 3)).astype(float)
            layer.params["W"] = weights[None, None]
            wanted, got = layer.forward(face[None])[0, 0], numbers(shown, "window")
            assert_near(got["map"], wanted)
            assert_near(got["patch"], face[0, 30:33, 11:14])
            assert f"{wanted[30, 11]:.2f}".replace("-", "\u2212") in said(shown, "window")
            if kernel["name"] == "Sobel x":  # the question that is asked first
                half = wanted.shape[1] / 2
                assert np.argmin(wanted) % wanted.shape[1] < half < np.argmax(wanted) % wanted.shape[1]
        shown.locator("#alive-window .nine input").nth(4).fill("2.5")
        assert shown.locator("#alive-window .kernel").input_value() == "-1"
        weights[1, 1] = 2.5
        layer.params["W"] = weights[None, None]
        assert_near(numbers(shown, "window")["map"], layer.forward(face[None]))


def test_the_window_goes_by_keys_and_by_pointer_and_the_map_grows(browser, page):
    with opened(browser, page) as shown:
        canvas = shown.locator("#alive-window .face")
        canvas.focus()
        for key, place in (("ArrowRight", (30, 12)), ("ArrowUp", (29, 12)), ("Shift+ArrowDown", (39, 12))):
            shown.keyboard.press(key)
            got = numbers(shown, "window")
            assert (got["row"], got["column"]) == place
        assert sum(got["met"]) == 12  # (30, 11), (30, 12), and rows 29 to 39 of column 12, of which one is met twice
        box = canvas.bounding_box()
        shown.mouse.move(box["x"] + 1, box["y"] + 1)
        shown.mouse.down()
        shown.mouse.move(box["x"] + box["width"] - 1, box["y"] + 1)
        shown.mouse.up()
        got = numbers(shown, "window")
        assert (got["row"], got["column"]) == (0, 57) and sum(got["met"][:58]) == 58
        for _ in range(2):  # impatience does not move the place to which the window comes back
            shown.locator("#alive-window .all").click()
        shown.wait_for_function("document.getElementById('alive-window').numbers().met.every(Boolean)")
        got = numbers(shown, "window")
        assert (got["row"], got["column"]) == (0, 57)
        shown.locator("#alive-window .clear").click()
        assert sum(numbers(shown, "window")["met"]) == 1


# -------------------------------------------------------------------------------------------------- chapter 2: sweep


def network_of(description, input_shape):
    """Return the network of a figure, from what its page holds."""
    net = tn.Network(
        [getattr(tn, layer["kind"])(layer["to"][0]) if "W" in layer else getattr(tn, layer["kind"])()
         for layer in description],
        input_shape, dtype=np.float64,
    )  # fmt: skip
    for layer, described in zip(net.layers, description, strict=True):
        for name, array in layer.params.items():
            array[...] = np.frombuffer(base64.b64decode(described[name]), "<f4").reshape(array.shape)
    return net


def test_the_sweep_computes_what_numpy_computes(browser, page):
    data = figures.sweep(page.parent)
    net = network_of(data["layers"], (3,))
    with opened(browser, page) as shown:
        part = shown.locator("#alive-sweep")
        for value in (data["x"][0], 1.7):
            slide(shown, "#alive-sweep .inputs input >> nth=0", value)
            x = np.array([[value, *data["x"][1:]]])
            for truth in (0, 1):
                part.locator(".truth").select_option(str(truth))
                trace, got = net.trace(x), numbers(shown, "sweep")
                deltas = net.backward(trace, trace.output - np.eye(2)[[truth]], at="dense2")
                for name, output, delta in zip(net.names[:4], got["trace"], got["deltas"], strict=False):
                    assert_near(output, trace[name])
                    assert_near(delta, deltas[name])
                assert_near(got["trace"][4], trace.output)
                assert_near(got["differences"], deltas["input"])
                assert got["loss"] == pytest.approx(-np.log(trace.output[0, truth]), rel=1e-4)


def test_the_sweep_goes_forward_and_back_by_keys(browser, page):
    with opened(browser, page) as shown:
        part, pills = shown.locator("#alive-sweep"), shown.locator("#alive-sweep .delta:visible")
        part.locator(".step").focus()
        met = []
        for _ in range(8):
            shown.keyboard.press("ArrowRight")
            met.append((part.locator(".node:not(.waits)").count(), pills.count()))
        assert met == [(6, 0), (9, 0), (11, 0), (13, 0), (13, 2), (13, 5), (13, 8), (13, 11)]
        delta = f"{numbers(shown, 'sweep')['deltas'][0][1]:.2f}".replace("-", "\u2212")
        assert delta in said(shown, "sweep") and delta in part.locator(".check").text_content()
        part.locator(".back").click()
        assert pills.count() == 8


# -------------------------------------------------------------------------------------------------- chapter 4: rates


def begun(data, gain):
    """Return the network of the figure, its weights of variance gain / fan-in, and its pictures."""
    net = network_of(data["layers"], (49,))
    for layer in net.layers[::2]:
        layer.params["W"] *= np.sqrt(gain / layer.params["W"].shape[1])
    levels = np.frombuffer(base64.b64decode(data["levels"]), np.uint8).reshape(-1, 49).astype(float)
    return net, (levels - levels.mean()) / levels.std()


def losses(data, gain, rate):
    """Return the loss of each epoch, each mini-batch's before its step."""
    (net, x), labels, loss, batch = begun(data, gain), np.array(data["labels"]), tn.CrossEntropy(), data["batch"]
    found = []
    for _ in range(data["epochs"]):
        found.append(0.0)
        for first in range(0, len(x), batch):
            trace, targets = net.trace(x[first : first + batch]), np.eye(10)[labels[first : first + batch]]
            found[-1] += float(loss.value(net, trace, targets)) * batch / len(x)
            deltas = net.backward(trace, loss.seed(net, trace, targets), at=loss.at(net))
            for name, grads in net.grads(trace, deltas).items():
                for key, grad in grads.items():
                    net[name].params[key] -= rate * grad
    return found


def test_the_rates_train_as_numpy_does(browser, page):
    data = figures.rates(page.parent)
    with opened(browser, page) as shown:
        for gain, rate in ((1, 0.1), (0.3, 0.03), (3, 0.01)):
            slide(shown, "#alive-rates .gain", data["gains"].index(gain))
            slide(shown, "#alive-rates .rate", data["rates"].index(rate))
            shown.wait_for_function("document.getElementById('alive-rates').getAttribute('aria-busy') == 'false'")
            got, (net, x) = numbers(shown, "rates"), begun(data, gain)
            assert_near(got["losses"], losses(data, gain, rate))
            assert f"loss is {got['losses'][-1]:#.3g}, " in said(shown, "rates")
            trace = net.trace(x)
            deltas = net.backward(trace, trace.output - np.eye(10)[data["labels"]], at=net.logits)
            hidden = net.names[2:-2:2]
            assert_near(got["sizes"]["forward"], [trace[name].std() for name in hidden])
            assert_near(got["sizes"]["behind"], [deltas[name].std() for name in hidden])
        shown.locator("#alive-rates .rate").focus()
        shown.keyboard.press("ArrowRight")
        assert "Gain 3, rate 0.03: " in said(shown, "rates")


def test_what_the_rates_are_said_to_do_is_so():
    data = figures.rates(COURSE)
    guess = np.log(10)
    assert losses(data, 1, 0.1)[-1] < 0.3
    found = [losses(data, 0.03, rate)[-1] for rate in data["rates"][4:]]  # smaller ones do less still
    assert min(found) > 0.99 * guess and found[-1] > 10 * guess


# ------------------------------------------------------------------------------------------------ chapter 9: towards


def small_steps(net, x, target, length):
    """Return images after the eight small steps of section 9.7."""
    moved = x
    for _ in range(8):
        far = moved + length / 4 * explain.adversarial_directions(net, moved, target, "log_probability") - x
        moved = np.clip(x + far * min(1, length / np.sqrt(np.square(far).sum())), 0, 1)
    return moved


def stepped(net, data, x, target, length):
    """Return the image that each way leads to."""
    signs = np.unpackbits(np.frombuffer(base64.b64decode(data["signs"]), np.uint8))[: x.size].reshape(x.shape) * 2.0 - 1
    ahead = explain.adversarial_directions(net, x, target, "log_probability")
    return {
        "once": np.clip(x + length * ahead, 0, 1),
        "random": np.clip(x + length / np.sqrt(x.size) * signs, 0, 1),
        "small": small_steps(net, x, target, length) if length else x,
    }


def site_network(kept):
    """Return the network of the figure in double precision, what its page holds, and its faces."""
    data, single = figures.towards(kept), tn.Network.load(kept / "towards.npz")
    net = models.build("thesis", (1, 60, 60), 15, dtype=np.float64)
    for name, array in net.parameters().items():
        array[...] = single.parameters()[name]
    levels = np.frombuffer(base64.b64decode(data["levels"]), np.uint8).reshape(-1, 1, 1, 60, 60)
    return net, data, levels / 255


def test_the_steps_lead_where_numpy_leads(browser, page):
    net, data, faces = site_network(page.parent / "kept")
    last = len(faces) - 1
    assert (net(faces[:, 0]).argmax(axis=1) == data["owners"]).all()
    with opened(browser, page) as shown:
        part = shown.locator("#alive-towards")
        for face, target, length in ((0, 3, 1.5), (last, 7, 4), (last, 7, 0)):
            part.locator(".owner").select_option(str(face))
            part.locator(".target").select_option(str(target))
            slide(shown, "#alive-towards .length", length)
            for way, wanted in stepped(net, data, faces[face], target, length).items():
                part.locator(".way").select_option(way)
                got = numbers(shown, "towards")
                assert_near(got["moved"], wanted)
                assert_near(got["after"], net(wanted))
                who = data["names"][int(net(wanted).argmax())]
                assert f"the network reads {who} " in said(shown, "towards")
        part.locator(".length").focus()
        shown.keyboard.press("ArrowRight")
        assert said(shown, "towards").startswith("At the length 0.1, a pixel changes by 0.4 of 255 grey levels: ")
        part.locator(".target").select_option(str(data["owners"][last]))  # nobody steps towards himself
        assert numbers(shown, "towards")["target"] != data["owners"][last]


@pytest.mark.long
def test_what_the_steps_are_said_to_do_is_so(tmp_path):
    net, data, faces = site_network(tmp_path)
    hits = {"once": [], "small": [], "random": []}
    for face, owner in zip(faces, data["owners"], strict=True):
        for target in set(range(15)) - {owner}:
            for way, moved in stepped(net, data, face, target, 4.0).items():
                hits[way].append(net(moved).argmax() == target)
    shares = {way: np.mean(found) for way, found in hits.items()}
    assert shares["once"] < 0.4 and shares["small"] > 0.9 and shares["random"] < 0.02, shares


# ------------------------------------------------------------------------------------------------------- everybody


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_everybody_can_use_the_figures(browser, page, viewport, colours):
    with opened(browser, page, viewport, colours) as shown:
        assert_everybody_can_use(shown, viewport)


def test_without_scripts_there_are_words(browser, page):
    context = browser.new_context(java_script_enabled=False)
    shown = context.new_page()
    shown.goto(page.as_uri())
    for name in figures.FIGURES:
        assert "needs scripts" in shown.locator(f"#alive-{name} noscript").text_content()
        assert not shown.locator(f"#alive-{name} .stage").is_visible()
    context.close()
