"""What the live page says and keeps while units are clicked, slid and looked at."""

import numpy as np
import pytest

import tinynet as tn
from tests.test_page_browser import PHONE, browser, opened, slide  # noqa: F401  (a fixture)
from tinynet.pages.live import Live
from tinynet.pages.page import Page, render

SCORES = np.array([[3.0, 2, 1], [1, 2, 3]])
LAYERS = [tn.Conv2D(3, 3), tn.Tanh(), tn.Flatten(), tn.Dense(4), tn.Tanh(), tn.Dense(2), tn.Softmax()]


@pytest.fixture(scope="module")
def page_with(tmp_path_factory):
    """Return what writes a page of a network with three ranked filters and a dense layer that is not ranked."""
    data = tn.datasets.load("letters:5")
    data = data.take(data.labels < 2)
    live = Live(
        net=tn.Network(LAYERS, data.input_shape, rng=0),
        classes=data.classes[:2],
        units=["tanh1", "tanh2"],
        noun="filter",
        scores={("first", "last"): {"tanh1": SCORES}},
        x=data.x,
        labels=data.labels,
        fair=np.ones(len(data.x), bool),
    )

    def write(finding=""):
        page = Page("Letters", "", [], {}, "", "", {}, [], "", live=live, finding=finding)
        file = tmp_path_factory.mktemp("page") / "page.html"
        file.write_text(render(page, [], {}), encoding="utf-8")
        return file

    return write


@pytest.fixture(scope="module")
def path(page_with):
    return page_with()


def pressed(page):
    return page.locator(".unit").evaluate_all(
        "all => all.flatMap((unit, at) => unit.ariaPressed == 'true' ? [at] : [])"
    )


def test_the_slider_keeps_what_was_clicked(browser, path):  # noqa: F811
    with opened(browser, path) as page:
        page.locator(".classes input").first.check(force=True)
        units = page.locator(".unit")
        units.nth(0).click()  # the slider takes it first as well
        units.nth(5).click()  # of the dense layer
        slide(page, ".slider", 2)
        assert pressed(page) == [0, 1, 5] and page.locator(".count").text_content() == "2"
        slide(page, ".slider", 0)
        assert pressed(page) == [0, 5]
        slide(page, ".slider", 3)
        page.locator(".order").select_option("1")
        assert pressed(page) == [0, 1, 2, 5]
        units.nth(0).click()
        assert pressed(page) == [1, 2, 5] and page.locator(".slider").input_value() == "2"
        sent = page.evaluate("location.hash")
    with opened(browser, path, address=sent) as page:
        assert pressed(page) == [1, 2, 5]
        slide(page, ".slider", 0)
        assert pressed(page) == [5]
        page.locator(".whole").click()
        assert pressed(page) == [] and page.locator(".by-hand").text_content() == ""


def test_the_page_says_which_circles_the_slider_counts(browser, path):  # noqa: F811
    with opened(browser, path) as page:
        told = page.locator(".counted").text_content()
        assert told.startswith("The slider counts the 3 filters of tanh1.") and "the 4 circles of tanh2" in told


@pytest.mark.parametrize("finding", ["", "Found."])
def test_beside_the_orders_stands_a_link_to_what_they_are_for_if_the_page_says_it(browser, page_with, finding):  # noqa: F811
    with opened(browser, page_with(finding)) as page:
        assert page.locator(".which").is_visible() == bool(finding)
        assert page.locator("#short").count() == bool(finding)


def test_a_unit_without_a_map_shows_none(browser, path):  # noqa: F811
    with opened(browser, path) as page:
        page.locator("[data-output] >> nth=0").locator("button").first.hover()
        assert page.locator(".of-map:visible").count() == 2
        page.locator("[data-output] >> nth=1").locator("button").first.hover()
        assert page.locator(".of-map:visible").count() == 0 and page.locator(".kernel").is_visible()
        assert page.locator(".boxed").text_content() == "Every pixel counts for unit 0 of tanh2: it has no box."


def test_saliency_has_a_legend_and_a_colour_of_its_own(browser, path):  # noqa: F811
    with opened(browser, path) as page:
        assert not page.locator(".saliency-key").is_visible()
        page.locator(".show-saliency").check()
        assert float(page.locator(".saliency-most").text_content()) > 0
        scale = page.locator(".saliency-key .scale").evaluate("one => getComputedStyle(one).backgroundImage")
        against = page.locator(".dot.against").first.evaluate("one => getComputedStyle(one).backgroundColor")
        assert "240, 60, 210" in scale and against not in scale
        pixels = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
        shown = np.reshape(page.locator(".view").evaluate(pixels), (-1, 4))
        assert (
            (shown == [240, 60, 210, 255]).all(axis=1).any()
        )  # the most salient pixel has the colour of the scale's end


def test_on_a_phone_the_slider_is_beside_the_circles_that_it_changes(browser, path):  # noqa: F811
    with opened(browser, path, PHONE) as page:
        top, bottom = (page.locator(query).bounding_box() for query in (".layers", ".slider"))
        assert 0 < bottom["y"] + bottom["height"] - top["y"] < PHONE["height"]
