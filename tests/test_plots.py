"""Figures: every text is whole and by itself, and what is drawn is what was given."""

from __future__ import annotations

import itertools
import subprocess
import sys
import unicodedata
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.textpath import TextPath

import tinynet as tn
from tinynet import plots
from tinynet.datasets import Dataset
from tinynet.explain import Attack, weak_units
from tinynet.explain.ablation.orders import OrderComparison, OrderErrors
from tinynet.explain.units.characteristic import Feature
from tinynet.plots import colours, letters
from tinynet.plots.words import in_lines, text_width

NAMES = (
    "Ada",
    "<b>&amp;",
    "a name so long that nobody could ever write it in a panel",
    "$x^2$",
    "日本",
    "",
    " a\nb ",
)
TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
RNG = np.random.default_rng(0)


def names(count):
    return [f"{NAMES[at % len(NAMES)]}{at}" for at in range(count)]


def texts(figure):
    """Return the texts of a figure that are drawn, each with the pixels that its letters cover."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.canvas.draw()
    hidden = {id(text) for axes in figure.axes for text in out_of_view(axes)}
    shown = [text for text in figure.findobj(Text) if text.get_visible() and id(text) not in hidden]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in shown if text.get_text().strip()]


def out_of_view(axes):
    """Yield the texts of axes that matplotlib holds but does not draw."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks() + axis.get_minor_ticks():
            if not axes.axison or not low <= tick.get_loc() <= high:
                yield from (tick.label1, tick.label2)
        if not axes.axison:
            yield from (axis.label, axis.get_offset_text())


def clipped(figure, drawn):
    width, height = figure.canvas.get_width_height()
    return [text for text, box in drawn if min(box.x0, box.y0) < -1 or box.x1 > width + 1 or box.y1 > height + 1]


def overlapping(drawn):
    found = []
    for (one, first), (other, second) in combinations(drawn, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        up = min(first.y1, second.y1) - max(first.y0, second.y0)
        if across > 2 and up > 2:
            found.append((one, other))
    return found


def assert_legible(figure):
    """Check that every text is whole and by itself, and return the texts."""
    assert isinstance(figure, Figure)
    drawn = texts(figure)
    assert clipped(figure, drawn) == []
    assert overlapping(drawn) == []
    return [text for text, _ in drawn]


def pictures(count, channels=1, height=8, width=8):
    return RNG.random((count, channels, height, width), dtype=np.float32)


def scores(count, *units):
    return {f"tanh{at + 1}": RNG.random((count, number)) for at, number in enumerate(units)}


def comparison(classes=3, counts=(0, 1, 2, 3), tries=4):
    def errors(rows):
        return OrderErrors(RNG.random((rows, classes, len(counts))), RNG.random((rows, classes, len(counts))))

    return OrderComparison(np.array(counts), np.arange(classes), errors(1), errors(1), errors(tries))


def features(count):
    boxes = [(slice(at % 4, at % 4 + 3), slice(2, 5)) for at in range(count)]
    return [Feature("tanh1", at % 3, (at % 6, 5 - at % 6), 0.1 * at, boxes[at]) for at in range(count)]


def an_attack(steps=4, classes=3, images=9):
    shape = (steps, classes, images)
    taken, own, target = RNG.integers(0, classes, shape), RNG.random(shape), RNG.random(shape)
    labels = np.arange(images) % classes
    return Attack(np.geomspace(0.5, 20, steps), labels, labels, taken, own, target)


def image_network(*layers):
    return tn.Network([*layers, tn.Flatten(), tn.Dense(3), tn.Softmax()], (1, 8, 8), rng=0)


# ------------------------------------------------------------------------------------------------ the testers, tested


def test_a_text_over_the_edge_is_seen():
    figure = Figure(figsize=(2, 1))
    figure.text(0.8, 0.5, "over the edge")
    assert clipped(figure, texts(figure)) == ["over the edge"]


def test_texts_on_each_other_are_seen():
    figure = Figure(figsize=(4, 1))
    figure.text(0.1, 0.5, "one text")
    figure.text(0.15, 0.5, "another")
    assert overlapping(texts(figure)) == [("one text", "another")]


# ------------------------------------------------------------------------------------------------------ every figure


@pytest.mark.parametrize(
    ("count", "channels", "height", "width"),
    [(1, 1, 8, 8), (2, 3, 8, 5), (15, 1, 3, 9), (30, 2, 30, 4), (100, 3, 8, 8)],
)
def test_figures_of_images_are_legible(count, channels, height, width):
    images, titles = pictures(count, channels, height, width), names(count)
    assert_legible(plots.image_grid(images, titles, "images"))
    data = Dataset("data", images, np.arange(count), tuple(titles))
    assert_legible(plots.data_sample(data, per_class=3))


@pytest.mark.parametrize(
    ("count", "units", "of"),
    [(2, (1,), "logit"), (3, (130, 3), "margin"), (4, (5, 8, 10), "probability"), (30, (5, 8, 10), "log_probability")],
)
def test_figures_of_scores_are_legible_and_say_what_they_are_of(count, units, of):
    images, titles = pictures(count, 1, 8, 6), names(count)
    circles = plots.network_circles(scores(count, *units), images, titles, of)
    tables = plots.ranking_table(scores(count, *units), images, titles, of)
    for figure in (circles, tables):
        written = assert_legible(figure)
        assert any(f"class gradient of the {plots.PREDICTIONS[of]}" in text for text in written)


@pytest.mark.parametrize(("count", "channels"), [(2, 3), (30, 1)])
def test_figures_of_maps_are_legible(count, channels):
    images, titles = pictures(count, channels), names(count)
    maps, masks = RNG.normal(size=(count, 6, 6)), np.zeros((count, 8, 8), bool)
    masks[:, 2:4, 3:5] = True
    assert_legible(plots.characteristic_features(images, maps, features(count), titles, "margin", masks))
    assert_legible(plots.feature_boxes(images, features(count), titles, masks))
    assert_legible(plots.saliency_maps(images, np.abs(RNG.normal(size=(count, 8, 8))), titles, "probability"))
    assert len(assert_legible(plots.saliency_maps(images, np.abs(maps)))) == 1  # the figure's own title


@pytest.mark.parametrize("classes", [2, 10, 21, 100])
def test_confusion_is_legible(classes):
    counts = RNG.integers(0, 1200, (classes, classes))
    assert_legible(plots.confusion(counts, names(classes)))
    assert_legible(plots.confusion(np.zeros((classes, classes), int), names(classes)))


@pytest.mark.parametrize("counts", [(0, 1), (0, 1, 2, 3), tuple(range(24)), (0, 1, 2, 4, 9, 30, 120, 1200, 55296)])
def test_knockout_curves_are_legible(counts):
    assert_legible(plots.knockout_curves(comparison(counts=counts), "log_probability", "unit"))


@pytest.mark.parametrize(("epochs", "validated"), [(1, True), (3, False), (250, True)])
def test_history_is_legible(epochs, validated):
    values = list(np.geomspace(2.5, 1e-3, epochs))
    shares = list(np.linspace(0.1, 1, epochs))
    run = tn.History(values, shares, values if validated else [], shares if validated else [])
    assert_legible(plots.history(run))


@pytest.mark.parametrize(
    "net",
    [
        image_network(tn.Conv2D(1, 8), tn.Tanh()),
        image_network(tn.Conv2D(45, 3), tn.ReLU(), tn.Conv2D(2, 3), tn.Sigmoid()),
        image_network(tn.Flatten(), tn.Dense(13), tn.Tanh()),
    ],
    ids=["one value", "many filters", "no filters"],
)
def test_feature_maps_are_legible(net):
    assert_legible(plots.feature_maps(net, pictures(1)[0]))


def test_feature_maps_of_several_images_are_legible():
    assert_legible(plots.feature_maps(image_network(tn.Conv2D(12, 3), tn.Tanh(), tn.Conv2D(4, 3)), pictures(3)))


@pytest.mark.parametrize("classes", [1, 3, 15, 40])
def test_figures_of_knock_outs_class_by_class_are_legible(classes):
    found = comparison(classes=classes, counts=tuple(range(11)))
    assert_legible(plots.knockouts_by_class(found, names(classes), "probability"))
    predicted_as = RNG.integers(-1, classes, (11, classes))
    assert_legible(plots.confusion_lines(predicted_as, names(classes), classes - 1))
    assert_legible(plots.weak_lists(weak_units(scores(classes, 5, 8, 10), 8), names(classes)))
    labels = np.repeat(np.arange(classes), 2)
    tables = {name: RNG.uniform(-1, 1, (len(labels), len(labels))) for name in ("as they are", "less their mean")}
    assert_legible(plots.profile_similarity(tables, labels, names(classes), "logit"))


@pytest.mark.parametrize("count", [1, 9])
def test_figures_of_comparisons_are_legible(count):
    harms = {f"{name} gradient": (RNG.random(20), RNG.random(20)) for name in names(count)}
    assert_legible(plots.order_harms(harms, RNG.random(20), "How soon classes fail"))
    controls = {"chance": [0.1, 0.2], "centre": [0.3, 0.1], "edges": [0.0, 1.0], "random network": [0.2, 0.2]}
    rates = RNG.random((count, 2, 4))
    assert_legible(plots.hit_rates(rates, ["input", "tanh1"], names(count), ["highest", "l1", "l2", "max"], controls))


def test_figures_of_changed_images_are_legible():
    images = pictures(6).reshape(2, 3, 1, 8, 8)
    rows, columns = ["Ada\nto Ben", "$x^2$\nto somebody with a very long name"], ["0", "1", "2.5"]
    assert_legible(plots.adversarial_panels(images, RNG.random((2, 3, 2)), rows, columns, "Moved along the gradient"))
    for classes in (2, 15):
        assert_legible(plots.adversarial_curves(an_attack(classes=classes, images=30), names(classes), "probability"))
    counts = [0, 5, 10, 15]
    errors = {"weakest removed": RNG.random((3, 4)), "and trained again": RNG.random((3, 4))}
    assert_legible(plots.pruning_curves(counts, errors, {"parameters": RNG.random((3, 4))}))


@pytest.mark.parametrize("units", [1, 5, 12])
def test_feature_sheets_are_legible(units):
    feature = Feature("tanh1", 0, (2, 3), 0.4, (slice(1, 5), slice(2, 6)))
    maps, mask = RNG.normal(size=(2, units, 6, 6)), np.zeros((8, 8), bool)
    mask[2:4, 3:5] = True
    for other in (None, pictures(1)[0]):
        assert_legible(plots.feature_sheet(pictures(1)[0], *maps, feature, "The gradient of the logit", other, mask))


def test_figures_of_the_basics_are_legible():
    kinds = {"perceptron": tn.Step(), "logistic": tn.Sigmoid(), "tanh": tn.Tanh(), "rectified linear": tn.ReLU()}
    assert_legible(plots.activation_functions(kinds))
    net = tn.Network([tn.Dense(2), tn.Step(), tn.Dense(1), tn.Step()], (2,), dtype=float)
    assert_legible(plots.planes(net, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], "XOR"))
    filters = {name: RNG.integers(-5, 5, (3, 3)) / 9 for name in names(5)}
    assert_legible(plots.filter_sheet(pictures(1)[0], filters, RNG.normal(size=(5, 6, 6))))


@pytest.mark.parametrize("count", [1, 5, 12])
def test_a_knockout_curve_names_the_classes_that_lose_most(count):
    errors = RNG.random((9, count))
    errors[:, 0] = np.nan if count > 1 else 0.5  # a class without images
    curve = tn.explain.KnockoutCurve(RNG.random(9), errors, np.zeros((9, 2)))
    figure = plots.knockout_curve(curve, names(count), "unit")
    assert_legible(figure)
    (axes,), (legend,) = figure.axes, figure.legends
    drawn = [line.get_ydata() for line in axes.lines]
    there = [label for label in range(count) if np.isfinite(errors[0, label])]
    worst = sorted(there, key=lambda label: -errors[:, label].mean())
    np.testing.assert_array_equal(drawn, [*(100 * errors[:, label] for label in reversed(worst)), 100 * curve.error])
    assert len(legend.get_texts()) == 1 + min(len(there), 6)
    assert [line.get_color() for line in axes.lines[:-6]] == [colours.GREY] * max(0, len(there) - 5)
    with pytest.raises(ValueError, match=f"^classes .* the names of {count} class"):
        plots.knockout_curve(curve, names(count + 1))


def test_rankings_are_drawn_as_medians_strongest_solid_and_weakest_dotted():
    curves = {
        "a": ([[0, 0.5, 1], [0, 0.7, 1], [0, 0.6, 1]], [[0, 0, 0.1]] * 3),
        "b": (np.ones((3, 3)), np.zeros((3, 3))),
    }
    figure = plots.ranking_curves([0, 1, 5], curves, np.full((3, 3), 0.5), "Rankings")
    assert_legible(figure)
    lines = {line.get_linestyle(): line for line in figure.axes[0].lines[:3]}
    np.testing.assert_allclose(lines["-"].get_ydata(), [0, 60, 100])
    np.testing.assert_allclose(lines[":"].get_ydata(), [0, 0, 10])
    assert lines["--"].get_ydata().tolist() == [50, 50, 50] and lines["-"].get_xdata().tolist() == [0, 1, 5]


def test_measurements_stand_beside_their_controls():
    rows = {"trained": [0.4, 0.5, np.nan], "untrained": [0.1, 0.2, 0.3], "raw pixels, with a rather long name": [0.5]}
    figure = plots.beside_controls({"within": rows, "between": rows}, "Profiles", chance=[0.1, np.nan])
    assert_legible(figure)
    left, right = figure.axes
    points = [line for line in left.lines if line.get_marker() == "o"]
    assert [line.get_xdata().tolist() for line in points] == [[0.4, 0.5], [0.1, 0.2, 0.3], [0.5]]
    assert [line.get_xdata()[0] for line in left.lines if line.get_marker() == "|"] == [0.45, 0.2, 0.5]
    dashed = [[line for line in axes.lines if line.get_linestyle() == "--"] for axes in (left, right)]
    assert [len(found) for found in dashed] == [1, 0]
    assert points[0].get_color() != points[1].get_color() == points[2].get_color()
    with pytest.raises(ValueError, match=r"^panels (are|is) .*, expected the same rows in each panel"):
        plots.beside_controls({"one": rows, "two": {"trained": [1]}}, "Profiles")
    with pytest.raises(ValueError, match=r"^chance is"):
        plots.beside_controls({"one": rows}, "Profiles", chance=[1, 2])


def test_figures_of_many_classes_say_how_many_are_left_out():
    for figure in (
        plots.image_grid(pictures(40), names(40), "images"),
        plots.network_circles(scores(40, 3), pictures(40), names(40)),
        plots.ranking_table(scores(40, 3), pictures(40), names(40)),
        plots.saliency_maps(pictures(40), pictures(40)[:, 0], names(40)),
    ):
        assert any(text.get_text().endswith(f"(the first {plots.SHOWN} of 40)") for text in figure.texts)


def test_nothing_that_is_given_is_changed():
    images, values = pictures(3), scores(3, 4)
    before = images.copy(), values["tanh1"].copy()
    plots.image_grid(images - 1, names(3))
    plots.network_circles(values, images, names(3))
    plots.ranking_table(values, images, names(3))
    assert (images == before[0]).all() and (values["tanh1"] == before[1]).all()


def test_a_figure_shows_itself_in_a_notebook():
    figure = plots.image_grid(np.zeros((2, 1, 3, 3)), ["a", "b"])
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_neither_the_library_nor_a_figure_needs_pyplot():
    code = (
        "import sys, numpy as np; import tinynet.plots as plots; assert 'matplotlib' not in sys.modules;"
        "plots.image_grid(np.zeros((2, 1, 3, 3)), ['a', 'b']); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ------------------------------------------------------------------------------------------------- what they show


def test_circles_shine_as_their_scores_do_in_their_own_panel():
    values = scores(4, 5, 8)
    values["tanh1"][2] = values["tanh2"][2] = 0
    figure = plots.network_circles(values, pictures(4), names(4))
    panels = [found for found in figure.findobj(PatchCollection) if found.get_array() is not None]
    assert len(panels) == 4
    for index, circles in enumerate(panels):
        mine = np.concatenate([numbers[index] for numbers in values.values()])
        np.testing.assert_array_equal(circles.get_array(), mine)
        assert circles.get_clim() == (0, mine.max() or 1)
        assert circles.cmap(0.0)[:3] == (0, 0, 0) and circles.cmap(1.0)[:3] == (1, 1, 1)


def test_signed_circles_are_white_for_and_black_against():
    values = {"tanh1": np.array([[-0.5, 2.0, 0.0]]), "a layer of a long name": np.array([[-4.0, 1.0]])}
    figure = plots.network_circles(values, pictures(1), ["Ada"], signed=True)
    assert "a layer of a long name"[:6] in " ".join(assert_legible(figure))
    (circles,) = [found for found in figure.findobj(PatchCollection) if found.get_array() is not None]
    assert circles.get_clim() == (-4, 4) and circles.get_array().tolist() == [-0.5, 2.0, 0.0, -4.0, 1.0]


@pytest.mark.parametrize("units", [100, 101, 400, 1000, 1200])
def test_circles_leave_out_no_unit_without_saying_so(units):
    figure = plots.network_circles(scores(2, units, 3), pictures(2), names(2))
    texts_of_axes = [text.get_text() for text in figure.findobj(Text)]
    for circles in (found for found in figure.findobj(PatchCollection) if found.get_array() is not None):
        assert len(circles.get_array()) == min(units, 1000) + 3
    assert texts_of_axes.count("+200") == (2 if units == 1200 else 0)


@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 40])
def test_epochs_are_whole(epochs):
    figure = plots.history(tn.History([0.5] * epochs, [0.5] * epochs))
    figure.canvas.draw()
    for axes in figure.axes:
        low, high = axes.get_xlim()
        ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
        assert ticks and all(float(tick).is_integer() for tick in ticks)


def test_knock_out_axes_are_to_scale():
    counts = (0, 1, 3, 10, 32, 100)
    for panel in plots.knockout_curves(comparison(counts=counts)).axes:
        assert all(tuple(line.get_xdata()) == counts for line in panel.lines)
        assert panel.get_xscale() == "linear"


def test_the_ranking_table_names_the_strongest_and_the_weakest():
    values = {"tanh1": np.array([[0.5, 0.2, 0.9]]), "tanh2": np.array([[0.7, 0.1]])}
    figure = plots.ranking_table(values, pictures(1), ["Ada"], shown=2)
    written = [text for text, _ in texts(figure)]
    units = [text for text in written if "·" in text]
    assert units == ["tanh1 · 2", "tanh2 · 0", "tanh2 · 1", "tanh1 · 1"]
    assert {"0.900", "0.700", "0.100", "0.200"} <= set(written)


def test_knockout_curves_are_means_in_per_cent_and_differ_in_grey():
    found = comparison(classes=5)
    axes = plots.knockout_curves(found).axes
    for panel, which in zip(axes, ("class_error", "error"), strict=True):
        lines = {line.get_label(): line for line in panel.lines}
        for label, errors in (
            ("strongest first", found.strongest),
            ("weakest first", found.weakest),
            ("random order", found.random),
        ):
            mean = 100 * getattr(errors, which).mean(axis=(0, 1))
            np.testing.assert_allclose(lines[label].get_ydata(), mean)
        assert len({(line.get_marker(), line.get_linestyle()) for line in panel.lines}) == 3


def test_lines_of_single_classes_are_their_errors():
    found = comparison(classes=3)
    grid = plots.knockouts_by_class(found, ["Ada", "Ben", "Cleo"]).axes
    for axes, errors, which in zip(
        grid, 2 * [found.strongest, found.weakest], 2 * ["class_error"] + 2 * ["error"], strict=True
    ):
        assert [line.get_label() for line in axes.lines] == ["Ada", "Ben", "Cleo"]
        np.testing.assert_allclose([line.get_ydata() for line in axes.lines], 100 * getattr(errors, which)[0])


def test_confusion_lines_stay_nearest_to_what_a_class_is_predicted_as():
    predicted_as = RNG.integers(0, 6, (8, 6))
    axes = plots.confusion_lines(predicted_as, names(6), 2).axes[0]
    heights = np.array([line.get_ydata() for line in axes.lines])
    np.testing.assert_array_equal(np.rint(heights.T), predicted_as)
    assert len({height for height in heights[:, 0] % 1}) > 1
    assert [line.get_linewidth() for line in axes.lines].index(2.6) == 2


def test_harms_are_medians_beside_chance():
    strong, weak, chance = RNG.random(9), RNG.random(9), RNG.random(9)
    axes = plots.order_harms({"a": (strong, weak)}, chance, "title").axes[0]
    drawn = {line.get_label(): line.get_xdata()[0] for line in axes.lines}
    wanted = {"strongest first": strong, "weakest first": weak, "random order": chance}
    assert drawn == pytest.approx({name: 100 * np.median(values) for name, values in wanted.items()})


def test_adversarial_curves_are_shares_and_name_the_extremes():
    found = an_attack(classes=4, images=40)
    left, right = plots.adversarial_curves(found, ["Ada", "Ben", "Cleo", "Dev"]).axes
    for axes, shares in ((left, found.success()), (right, found.error())):
        drawn = {tuple(np.round(line.get_ydata(), 9)) for line in axes.lines}
        assert drawn >= {tuple(np.round(100 * column, 9)) for column in shares.T}
    ease = found.success().mean(axis=0)
    labels = [line.get_label() for line in left.lines]
    assert f"easiest target: {['Ada', 'Ben', 'Cleo', 'Dev'][ease.argmax()]}" in labels


def test_the_plane_shows_where_the_network_answers_one():
    net = tn.Network([tn.Dense(2), tn.Step(), tn.Dense(1), tn.Step()], (2,), dtype=float)
    net["dense1"].params["W"][...] = [[1, 1], [1, 1]]
    net["dense1"].params["b"][...] = [-0.5, -1.5]
    net["dense2"].params["W"][...], net["dense2"].params["b"][...] = [[1, -1]], [-0.5]
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    figure = plots.planes(net, points, net(points)[:, 0], "XOR")
    assert [axes.get_title() for axes in figure.axes] == ["inputs", "behind dense1", "behind step1"]
    (region,) = figure.axes[0].collections[0].get_paths()
    for point, answer in zip(points, net(points)[:, 0], strict=True):
        assert region.contains_point(point) == bool(answer)


def test_boxes_lie_where_the_features_are():
    found = features(3)
    figure = plots.characteristic_features(pictures(3), RNG.normal(size=(3, 6, 6)), found, names(3))
    boxes = {patch.get_bbox().bounds for patch in figure.findobj(Rectangle) if not patch.get_fill()}
    for feature in found:
        (top, bottom), (left, right) = [(side.start, side.stop) for side in feature.box]
        assert (left - 0.5, top - 0.5, right - left, bottom - top) in boxes
        row, column = feature.place
        assert (column - 0.5, row - 0.5, 1, 1) in boxes


def test_feature_maps_hold_every_output_on_one_scale():
    net = image_network(tn.Conv2D(11, 3), tn.Tanh())
    image = pictures(1)[0]
    maps = net.trace(image[None])["tanh1"][0]
    figure = plots.feature_maps(net, image)
    drawn = figure.axes[-1].images[0]
    shown = np.ma.filled(drawn.get_array(), np.nan)
    np.testing.assert_allclose(np.sort(shown[np.isfinite(shown)]), np.sort(maps, axis=None))
    assert drawn.get_clim() == pytest.approx((-np.abs(maps).max(), np.abs(maps).max()))


def test_images_beyond_black_and_white_are_scaled_into_it():
    image = np.array([[[-1.0, 0.0], [1.0, 3.0]]])
    drawn = plots.image_grid(image[None], ["a"]).axes[0].images[0].get_array()
    np.testing.assert_allclose(drawn, [[0, 0.25], [0.5, 1]])


@given(st.text(max_size=60), st.floats(0.3, 4), st.sampled_from([6.5, 9, 11]))
@example("$x^2$", 4, 9)
def test_names_are_shortened_to_their_room_and_never_become_formulas(name, width, size):
    found = plots.short(name, width, size)
    assert found.count("$") == found.count(r"\$")
    plain = found.replace(r"\$", "$")
    if plain.strip():
        font = FontProperties(family=letters.families(found))
        assert TextPath((0, 0), found, size=size, prop=font).get_extents().x1 / 72 <= width
    words = "".join(map(drawn_letter, " ".join(name.split())))
    assert len(plain) <= max(len(words), 1)
    assert words.startswith(plain.removesuffix("…").rstrip() if plain != words else plain)


@given(st.text("ab $日\n", max_size=30), st.floats(0.05, 2))
def test_labels_are_broken_between_words_and_nowhere_else(name, width):
    lines = in_lines(name, width)
    assert " ".join(lines).split() == "".join(map(drawn_letter, " ".join(name.split()))).split()
    assert all(" " not in line or text_width(line, 9, "normal") <= width for line in lines)
    for line, after in itertools.pairwise(lines):
        assert text_width(f"{line} {after.split()[0]}", 9, "normal") > width


def drawn_letter(letter):
    """Return a letter as a figure has it: itself, or its number if it cannot be seen or no font has it."""
    hidden = unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(letter) in TURNING
    return ascii(letter)[1:-1] if hidden or not letters.family(letter) else letter


@pytest.mark.parametrize("letter", ["\u24b6", "\u0627", "\u2145"])
def test_letters_that_the_font_lacks_are_taken_from_another(letter):
    assert letters.family(letter)
    figure = plots.image_grid(pictures(1), [f"Ada {letter}"], f"{letter} too")
    assert set(assert_legible(figure)) == {f"Ada {letter}", f"{letter} too"}  # a missing letter would warn


def test_letters_that_no_font_has_are_written_as_their_numbers(monkeypatch):
    monkeypatch.setattr(letters, "family", lambda letter: letters.FONT if letter.isascii() else None)
    remembered = plots.short
    while not hasattr(remembered, "cache_clear"):
        remembered = remembered.__wrapped__
    remembered.cache_clear()
    assert plots.short("Ada 日本", 4) == r"Ada \u65e5\u672c" and letters.missing(["a日", "本日"]) == "日本"
    remembered.cache_clear()


@pytest.mark.parametrize(
    ("name", "text"),
    [("a\u202eb", r"a\u202eb"), ("a\x1b[31m", r"a\x1b[31m"), ("a\nb", r"a\nb"), ("\udcff", r"\udcff"), ("Zoë", "Zoë")],
)
def test_letters_that_cannot_be_seen_are_written_as_their_numbers(name, text):
    assert plots.visible(name) == text


@given(st.floats(1e-30, 1e30) | st.just(0.0))
def test_numbers_are_short_and_right(value):
    for sign in (1, -1):
        text = plots.number(sign * value)
        assert len(text) <= 8
        assert float(text) == pytest.approx(sign * value, rel=0.051)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (999.7, "1.0e3"),
        (0.6, "0.600"),
        (0.0127, "0.0127"),
        (0.01, "0.0100"),
        (3.72e-3, "0.0037"),
        (1e-3, "0.0010"),
        (7.3e-6, "7.3e-6"),
        (123.4, "123"),
        (1, "1.00"),
        (0, "0"),
    ],
)
def test_numbers_read_well(value, text):
    assert plots.number(value) == text


@pytest.mark.parametrize(
    ("how_many", "what", "text"), [(1, "class", "1 class"), (2, "class", "2 classes"), (1000, "image", "1,000 images")]
)
def test_counts_read_well(how_many, what, text):
    assert plots.count_of(how_many, what) == text
