"""The live page in a real browser: it computes what NumPy computes, and does what a person asks of it."""

from __future__ import annotations

import io
import json
import queue
import shutil
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

import tinynet as tn
from tests.test_page_engine import Square, assert_near
from tests.test_report import explain
from tinynet import datasets
from tinynet.explain.units.outputs import ranked_outputs
from tinynet.pages.live import Live, why_not
from tinynet.pages.page import Page, render

NAMES = ("chromium", "chromium-browser", "google-chrome")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def conv(classes, last=tn.Softmax):
    return [
        tn.Conv2D(3, 5),
        tn.Tanh(),
        tn.MaxPool2D(2),
        tn.Conv2D(4, 3),
        tn.ReLU(),
        tn.Flatten(),
        tn.Dense(classes),
        last(),
    ]


def trained(data, layers, loss, epochs=2):
    net = tn.Network(layers, data.input_shape, rng=0)
    y = data.labels
    return (
        tn.fit(net, data.x, y, loss=loss, optimizer=tn.Adam(0.003), epochs=epochs, batch_size=10, progress=False)
        and net
    )


def page_of(net, data):
    """Return a page that holds a network, and nothing else."""
    scores = {
        name: np.random.default_rng(0).normal(size=(len(data.classes), net.shapes[name][0]))
        for name in ranked_outputs(net)
    }
    live = Live(
        net, data.classes, list(scores), "filter", {("strongest", "weakest"): scores}, data.x[:12], data.labels[:12],
        fair=np.arange(12) < 10,
    )  # fmt: skip
    page = Page("A page", "A network.", [], {}, "python", net.summary(), {}, [], "", live=live)
    return render(page, [], {})


def digits(count=60):
    return datasets.load(f"digits:{count}")


def two(data):
    """Return the images of the first two classes."""
    chosen = np.flatnonzero(data.labels < 2)
    return datasets.Dataset("two", data.x[chosen], data.labels[chosen], data.classes[:2])


def coloured(data):
    tint = np.random.default_rng(0).random((len(data), 3, 1, 1), dtype=np.float32)
    names = ("<b>zero</b>", "one" * 60, *data.classes[2:])
    return datasets.Dataset("coloured", data.x * tint, data.labels, names)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the addresses of four pages by name, each with its network and images."""
    folder, found = tmp_path_factory.mktemp("pages"), {}
    faces = datasets.load("faces")
    some = faces.take(np.flatnonzero(faces.labels < 4))
    some = datasets.Dataset("faces", some.x, some.labels, faces.classes[:4], masks=some.masks)
    net = trained(some, conv(4), tn.CrossEntropy())
    explain(some, net, folder / "faces")
    found["faces"] = (folder / "faces" / "report.html", net, some)
    for name, data, layers, loss in (
        ("sigmoid", digits(), conv(10, tn.Sigmoid), tn.BinaryCrossEntropy()),
        ("one output", two(digits(120)), conv(1, tn.Sigmoid), tn.BinaryCrossEntropy()),
        ("colour", coloured(digits()), conv(10), tn.CrossEntropy()),
    ):
        net = trained(data, layers, loss)
        (folder / f"{name}.html").write_text(page_of(net, data), encoding="utf-8")
        found[name] = (folder / f"{name}.html", net, data)
    return found


@pytest.fixture(scope="module")
def browser():
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        pytest.skip("chromium is not installed")
    with driver.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@contextmanager
def opened(browser, path, viewport=DESK, colours="light", address=""):
    """Open a page; nothing may be fetched, and nothing may go wrong."""
    context = browser.new_context(viewport=viewport, color_scheme=colours)
    page, faults, fetched = context.new_page(), [], []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(path.as_uri() + address)
    yield page
    context.close()
    assert faults == []
    assert {urlsplit(url).scheme for url in fetched} <= {"file", "data", "blob"}
    assert [url for url in fetched if url.startswith("file")] == [path.as_uri()]


def assert_everybody_can_use(page, viewport):
    """Nothing is wider than the screen, and axe finds nothing."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= viewport["width"], f"the page is {width} wide"
    page.evaluate((files(axe) / "axe.min.js").read_text(encoding="utf-8"))
    violations = page.evaluate("axe.run()")["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in violations] == []


KINDS = ["faces", "sigmoid", "one output", "colour"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_computes_what_numpy_computes(browser, pages, kind):
    path, net, data = pages[kind]
    x, last = data.x[:1], len(data.classes) - 1
    units = [("tanh1", 1), ("relu1", 0), ("relu1", 3)]
    without = net.knocked_out({"tanh1": [1], "relu1": [0, 3]})
    with opened(browser, path) as page:
        for asked in (net, without, net):
            page.evaluate(
                "units => tinynet.knockOut(units)", [list(unit) for unit in units] if asked is without else []
            )
            assert_near(page.evaluate("x => tinynet.predict(x)", x.ravel().tolist()), asked(x))
            for label in (0, last):
                got = page.evaluate("([x, c]) => tinynet.gradient(x, c)", [x.ravel().tolist(), label])
                assert_near(got, tn.prediction_gradient(asked, x, label, layers=["input"])["input"])


PICTURE = "new Float32Array(784)"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("predict()", "a picture is no array, expected 784 numbers in (channel, row, column) order"),
        ("predict('0'.repeat(784))", "a picture is no array"),
        ("predict({length: 784})", "a picture is no array"),
        ("predict([1])", "a picture has 1 values, expected 784"),
        (f"predict([{PICTURE}])", "a picture has 1 values"),
        (f"predict({PICTURE}.fill(NaN, 5))", "value 5 of a picture is NaN"),
        ("predict(Array(784))", "value 0 of a picture is undefined"),
        ("predict(Array(784).fill('1'))", "value 0 of a picture is 1, expected 784 numbers"),
        ("gradient(Array(784).fill(-Infinity), 0)", "value 0 of a picture is -Infinity"),
        *[(f"gradient({PICTURE}, {label})", "there is no class ") for label in ("", "-1", "10", "0.5", "'0'", "null")],
        *[(f"knockOut({units})", "units are pairs of a layer and a number") for units in ("", "{}", "'tanh1'")],
        *[(f"knockOut([{units}])", "units are pairs of a layer and a number") for units in ("null", "'tanh1', 0")],
        ("knockOut([['tanh9', 0]])", "there is no layer tanh9; there are input, conv1, tanh1"),
        ("knockOut([['__proto__', 0]])", "there is no layer __proto__"),
        *[(f"knockOut([['tanh1', {unit}]])", "tanh1: no unit") for unit in ("3", "-1", "0.5", "NaN", "'0'")],
    ],
)
def test_wrong_calls_are_told_and_change_nothing(browser, pages, call, said):
    with opened(browser, pages["sigmoid"][0]) as page:
        before = shares(page)
        told = page.evaluate(f"() => {{ try {{ return tinynet.{call} }} catch (error) {{ return error.message }} }}")
        assert said in told
        assert shares(page) == before


def test_a_unit_named_twice_is_knocked_out_once(browser, pages):
    with opened(browser, pages["sigmoid"][0]) as page:
        page.evaluate("tinynet.knockOut([['tanh1', 0], ['tanh1', 1], ['tanh1', 0]])")
        assert page.locator(".by-hand").text_content().startswith("and 2 ")


REPORTS = """<script>
window.addEventListener("load", () => {
  const x = %s, live = document.querySelector(".live")
  const found = {label: live.querySelector(".view").getAttribute("aria-label"), name: navigator.userAgent}
  found.outputs = tinynet.predict(x)
  found.gradient = tinynet.gradient(x, 0)
  found.faults = faults
  fetch("told", {method: "POST", body: JSON.stringify(found)})
})
</script>"""
FAULTS = "<script>const faults = []; window.addEventListener('error', event => faults.push(event.message))</script>"


@contextmanager
def told(text):
    """Serve a page on this machine; what it sends back comes out of a queue."""
    answers = queue.Queue()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def do_POST(self):
            answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", answers
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", ["faces", "colour"])
def test_the_page_computes_the_same_in_firefox(pages, tmp_path, kind):
    firefox = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
    if firefox is None:
        pytest.skip("firefox is not installed")
    path, net, data = pages[kind]
    x = data.x[:1]
    text = path.read_text(encoding="utf-8").replace("<head>", f"<head>{FAULTS}", 1)
    text = text.replace("</body>", REPORTS % json.dumps(x.ravel().tolist()) + "</body>", 1)
    with told(text) as (address, answers):
        command = [firefox, "--headless", "--no-remote", "--profile", str(tmp_path), address]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                found = answers.get(timeout=120)
            finally:
                process.terminate()
    assert "Firefox" in found["name"] and found["faults"] == [] and data.classes[data.labels[0]] in found["label"]
    assert_near(found["outputs"], net(x))
    assert_near(found["gradient"], tn.prediction_gradient(net, x, 0, layers=["input"])["input"])


def shares(page):
    return page.locator(".classes .share").all_text_contents()


def slide(page, query, value):
    page.locator(query).evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')) }", value
    )


def drawn(page, query):
    return page.locator(query).evaluate("canvas => canvas.toDataURL()")


@pytest.mark.parametrize("kind", KINDS)
def test_clicks_keys_sliders_and_the_brush_do_what_they_say(browser, pages, kind):
    path, _, data = pages[kind]
    with opened(browser, path) as page:
        before, unit = shares(page), page.locator(".unit").first
        unit.click()
        assert unit.get_attribute("aria-pressed") == "true"
        assert page.locator(".by-hand").text_content().startswith("and 1 that you clicked")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        assert page.locator(".unit[aria-pressed=true]").count() == 2
        page.keyboard.press("ArrowDown")
        assert "of relu1" in page.locator(".unit-name").text_content()
        assert shares(page) != before
        page.locator(".whole").click()
        assert shares(page) == before and page.locator(".unit[aria-pressed=true]").count() == 0

        for order in range(page.locator(".order option").count()):
            page.locator(".order").select_option(str(order))
            slide(page, ".slider", 3)
            assert page.locator(".unit[aria-pressed=true]").count() == 3
            slide(page, ".slider", 7)
            assert set(page.locator(".unit").evaluate_all("all => all.map(e => e.ariaPressed)")) == {"true"}
            page.wait_for_function("document.querySelector('.error').textContent.includes('with all')")
        page.locator(".whole").click()

        saw = drawn(page, ".view")
        box = page.locator(".view").bounding_box()
        page.mouse.move(box["x"] + 60, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 180, box["y"] + 180, steps=4)
        page.mouse.up()
        assert (
            "pixels painted grey" in page.locator(".view").get_attribute("aria-label") and drawn(page, ".view") != saw
        )
        page.locator(".clean").click()
        assert shares(page) == before
        page.locator(".view").focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Space")
        assert "pixels painted grey" in page.locator(".view").get_attribute("aria-label")
        page.locator(".clean").click()

        page.locator(".other").select_option(str(len(data.classes) - 1))
        page.locator(".classes input").first.check(force=True)
        first = page.evaluate("document.querySelectorAll('.classes .fill')[0].style.width")
        slide(page, ".steps", 10)
        assert page.evaluate("document.querySelectorAll('.classes .fill')[0].style.width") != first
        slide(page, ".steps", 0)
        plain = drawn(page, ".view")
        page.locator(".show-saliency").check()
        assert drawn(page, ".view") != plain


LEAPS = "() => { let now = 0; performance.now = () => (now += 1000) }"  # so that there is time for one piece of work
MOVE = """([query, value]) => {
  const slider = document.querySelector(query);
  slider.value = value;
  slider.dispatchEvent(new Event('input'));
  return ['.step-size', '.error'].map((query) => document.querySelector(query).textContent);
}"""


def test_what_takes_long_follows_by_itself(browser, pages):
    path, _, _ = pages["sigmoid"]
    with opened(browser, path) as page:
        page.wait_for_selector(".error[aria-busy=false]", state="attached")
        seen = []
        for leaps in (False, True):
            if leaps:
                page.evaluate(LEAPS)
            told = [page.evaluate(MOVE, [query, value]) for query, value in ((".steps", 10), (".slider", 4))]
            if leaps:
                assert [text.split(" %")[0] for text, _ in told] == ["Each pixel was changed by about 1"] * 2
            assert "10 test pictures: … (" in told[1][1] or leaps  # the second time it is known
            page.wait_for_selector(".live[aria-busy=false]")
            page.wait_for_selector(".error[aria-busy=false]", state="attached")
            assert "about 10 %" in page.locator(".step-size").text_content()
            seen.append((shares(page), page.locator(".error").text_content(), drawn(page, ".view")))
            assert "…" not in seen[-1][1]
            page.locator(".whole").click()
            page.locator(".clean").click()
        assert seen[0] == seen[1]


def test_the_page_says_what_the_network_says(browser, pages):
    path, net, data = pages["sigmoid"]
    with opened(browser, path) as page:
        for at in (0, 5):
            page.locator(".thumb input").nth(at).check(force=True)
            said = net(data.x[at : at + 1])[0].argmax()
            assert page.locator(".verdict").text_content().startswith(f"The network says {data.classes[said]}")
        page.wait_for_selector(".error[aria-busy=false]", state="attached")
        wrong = np.mean(net(data.x[:10]).argmax(axis=1) != data.labels[:10])
        assert f"of 10 test pictures: {100 * wrong:.0f} %" in page.locator(".error").text_content()


def test_colours_are_the_contributions_of_the_units(browser, pages):
    path, net, data = pages["sigmoid"]
    weights = np.full(10, -1 / 9)
    weights[3] = 1
    trace = net.trace(data.x[:1])
    with opened(browser, path) as page:
        page.locator(".classes input").nth(3).check(force=True)
        for choice, seed in (("relative", weights), ("absolute", np.eye(10)[3])):
            page.locator(".relative").select_option(choice)
            deltas = net.backward(trace, seed.astype(np.float32), at="dense1")
            wanted = (trace["tanh1"] * deltas["tanh1"])[0].sum(axis=(1, 2))
            for unit, score in enumerate(wanted):
                button = page.locator(".unit").nth(unit)
                word, value = button.get_attribute("aria-label").split(": ")[1].split(f" {data.classes[3]}, ")
                assert word == ("for" if score >= 0 else "against")
                assert float(value) == pytest.approx(abs(score), rel=0.01, abs=1e-3)


def test_the_box_is_what_the_unit_sees(browser, pages):
    path, net, _ = pages["sigmoid"]
    with opened(browser, path) as page:
        page.locator("[data-output] >> nth=1").locator("button").first.hover()
        page.locator(".map").hover(position={"x": 1, "y": 1})
        rows, columns = net.receptive_field("relu1").box(0, 0)
        wanted = f"rows {rows.start} to {rows.stop}, columns {columns.start} to {columns.stop}"
        assert wanted in page.locator(".view").get_attribute("aria-label")
        told = "The orange box holds the pixels that filter 0 of relu1 sees at the place that you point at."
        assert page.locator(".boxed").text_content() == told
        page.locator(".map").dispatch_event("pointerleave")
        page.locator("[data-output] >> nth=1").locator("button").first.click()
        assert "Its output would be" in page.locator(".unit-name").text_content()
        assert page.locator(".speaks-name").text_content() == "knocked out, it says nothing"


def test_what_was_done_can_be_sent(browser, pages):
    path, _, _ = pages["faces"]
    with opened(browser, path) as page:
        assert page.evaluate("location.hash") == ""
        page.locator(".thumb input").nth(2).check(force=True)
        page.locator(".unit").nth(1).click()
        slide(page, ".steps", 4)
        page.locator(".view").focus()
        page.keyboard.press("Space")
        page.locator(".show-planted").check()
        sent, seen = page.evaluate("location.hash"), (shares(page), page.locator(".verdict").text_content())
        picture = page.locator(".thumb input").nth(2).get_attribute("value")
    with opened(browser, path, address=sent) as page:
        assert (shares(page), page.locator(".verdict").text_content()) == seen
        assert page.locator(".thumb input:checked").get_attribute("value") == picture
        assert page.locator(".unit[aria-pressed=true]").count() == 1
        assert page.locator(".show-planted").is_checked()


BROKEN = """#test
    #live #live:p=99 #live:p=0.5 #live:p=-1 #live:p=__proto__ #live:c=-1 #live:c=0.5 #live:c=NaN #live:o=-1
    #live:s=0.5 #live:s=11 #live:b=x&u=7.7 #live:b=-1e15.1e15 #live:b=0.Infinity #live:b=5.-2 #live:k=0.nothing
    #live:k=0.__proto__ #live:k=-1.tanh1 #live:k=0.softmax1 #live:u=-1.0 #live:u=2.-1 #live:u=2.99 #live:u=__proto__.0
    #live:n=0.NaN #live:n=-1.2 #live:n=0.-3 #live:n=0.99 #live:n=0.2&k=0.tanh1 #live:n=map.1 #live:w=%00""".split()


ARRIVES = """address => new Promise((done) => {
  addEventListener("hashchange", () => setTimeout(done), { once: true });
  location.hash = address;
})"""
SAID = "() => [...document.querySelectorAll('.live p, .live .share')].map((place) => place.textContent)"


def test_an_address_that_no_page_wrote_is_none(browser, pages):
    with opened(browser, pages["faces"][0]) as page:
        page.wait_for_selector(".error[aria-busy=false]", state="attached")
        before, taken = page.evaluate(SAID), []
        for broken in BROKEN:
            page.evaluate(ARRIVES, broken)
            if page.evaluate(SAID) != before or page.locator(".live").get_attribute("aria-busy") == "true":
                taken.append(broken)
        assert taken == []
        page.evaluate(ARRIVES, "#live:c=1&s=2&u=2.1&k=1.tanh1,0.tanh1&n=1.1&b=0.7")
        assert page.evaluate(SAID) != before and page.locator(".by-hand").text_content().startswith("and 1 ")


def test_a_picture_of_ones_own(browser, pages, tmp_path):
    path, net, data = pages["colour"]
    grid = (np.random.default_rng(0).random((28, 28, 3)) * 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(grid).save(stream, "png")
    said = data.classes[net(np.moveaxis(grid / 255, -1, 0)[None].astype(np.float32))[0].argmax()]
    with opened(browser, path) as page:
        page.locator(".own input").set_input_files(
            {"name": "a.png", "mimeType": "image/png", "buffer": stream.getvalue()}
        )
        page.wait_for_function("document.querySelector('.picture-name').textContent == 'Your own picture'")
        assert page.locator(".verdict").text_content() == f"The network says {said}."
        sent, seen = page.evaluate("location.hash"), shares(page)
        page.locator(".own input").set_input_files({"name": "b.png", "mimeType": "image/png", "buffer": b"none"})
        page.wait_for_function("document.querySelector('.own-fault').textContent.startsWith('b.png is no picture')")
    with opened(browser, path, address=sent) as page:  # it travels in the address
        assert (shares(page), page.locator(".picture-name").text_content()) == (seen, "Your own picture")
    for broken in (sent[:-9], sent + "AAAA", "#live:w=%F0%9F", "#live:w=" + "A" * 3 * 28 * 28):
        with opened(browser, path, address=broken) as page:
            assert page.locator(".picture-name").text_content() != "Your own picture"


def test_a_large_picture_of_ones_own_is_taken_on_white(browser, tmp_path):
    x = np.random.default_rng(0).random((12, 3, 240, 240), np.float32)
    data = datasets.Dataset("large", x, np.arange(12) % 2, ("even", "odd"))
    net = tn.Network([tn.Conv2D(1, 9, stride=9), tn.Tanh(), tn.Flatten(), tn.Dense(2), tn.Softmax()], data.input_shape)
    path, stream = tmp_path / "large.html", io.BytesIO()
    path.write_text(page_of(net, data), encoding="utf-8")
    Image.new("RGBA", (50, 50)).save(stream, "png")
    with opened(browser, path) as page:
        file = {"name": "clear.png", "mimeType": "image/png", "buffer": stream.getvalue()}
        page.locator(".own input").set_input_files(file)
        page.wait_for_function("document.querySelector('.picture-name').textContent == 'Your own picture'")
        white = net(np.ones((1, *data.input_shape), np.float32))[0]
        assert [float(share.split()[0]) for share in shares(page)] == pytest.approx((100 * white).round(), abs=1)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_no_name_is_wider_than_the_screen(browser, pages, viewport):
    with opened(browser, pages["colour"][0], viewport) as page:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_everybody_can_use_the_page(browser, pages, viewport, colours):
    with opened(browser, pages["faces"][0], viewport, colours) as page:
        page.locator(".unit").first.click()
        assert_everybody_can_use(page, viewport)


def test_without_scripts_there_are_words(browser, pages):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["faces"][0].as_uri())
    assert page.locator("noscript").text_content().startswith("Your browser runs no scripts")
    assert not page.locator(".live").is_visible()
    context.close()


def test_a_network_with_a_layer_of_ones_own_is_written_without_the_live_part(tmp_path):
    data = two(digits(60))
    net = tn.Network([tn.Conv2D(2, 5), Square(), tn.Flatten(), tn.Dense(2), tn.Softmax()], data.input_shape, rng=0)
    explain(data, net, tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"The network cannot be tried in this page: {why_not(net)}." in text
    assert "<script" not in text
