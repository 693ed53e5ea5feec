"""Figures of target propagation: every text is whole, and what is drawn is what was given."""

from __future__ import annotations

import numpy as np
import pytest

from tests.test_plots import assert_legible, names
from tinynet import plots

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("units", "channels", "with_notes"), [(10, 1, True), (3, 3, False), (14, 1, True)])
def test_features_are_labelled_and_scaled_by_their_largest_pixel(units, channels, with_notes):
    features = RNG.normal(size=(units, channels, 6, 5)) * np.geomspace(0.01, 100, units).reshape(-1, 1, 1, 1)
    rows = {"1 epoch\n86 %": features, "ten epochs, and a name that is long\n96 %": features[: units - 1]}
    notes = {name: [f"{value:.2f}" for value in RNG.random(units)] for name in rows} if with_notes else None
    figure = plots.unit_features(rows, names(units), "Features", notes)
    written = assert_legible(figure)
    assert "1 epoch" in written and "86 %" in written
    drawn = [axes.images[0] for axes in figure.axes if axes.images]
    assert len(drawn) == min(units, 10) + min(units - 1, 10)
    for picture, feature in zip(drawn, features[:10].mean(axis=1), strict=False):
        np.testing.assert_array_equal(picture.get_array(), feature)
        assert picture.get_clim() == (-np.abs(feature).max(), np.abs(feature).max())


def test_a_feature_of_zeros_is_grey():
    figure = plots.unit_features({"none": np.zeros((2, 1, 4, 4))}, ["0", "1"], "Features")
    picture = figure.axes[0].images[0]
    assert picture.cmap(picture.norm(0.0))[:3] == pytest.approx((0.5, 0.5, 0.5), abs=0.01)


@pytest.mark.parametrize("count", [1, 3, 4, 13])
def test_tables_of_cosines_are_drawn_as_they_are(count):
    tables = {f"table {at}": RNG.uniform(-1, 1, (4, 4)) for at in range(count)}
    figure = plots.feature_similarity(tables, names(4), "Cosines")
    assert_legible(figure)
    drawn = [axes.images[0] for axes in figure.axes if axes.images and axes.get_visible() and axes.get_title()]
    assert [axes.get_title() for axes in figure.axes if axes.get_visible() and axes.images and axes.get_title()] == [
        *tables
    ]
    for picture, table in zip(drawn, tables.values(), strict=True):
        np.testing.assert_array_equal(picture.get_array(), table)
        assert picture.get_clim() == (-1, 1)


@pytest.mark.parametrize("bent", [True, False])
def test_the_bend_stands_where_it_was_found(bent):
    accuracy = RNG.uniform(10, 97, 300)
    measures = {"match": RNG.random(300), "cosine": RNG.random(300)}
    bends = {name: (lambda x: 0.5 + 0 * x, 89.0, 88.0, 91.5) for name in measures} if bent else {}
    figure = plots.phases(accuracy, measures, bends, 90, "Phases", RNG.integers(8, 1024, 300), "units")
    assert_legible(figure)
    for axes, values in zip(figure.axes, measures.values(), strict=False):
        np.testing.assert_array_equal(axes.collections[0].get_offsets(), np.stack([accuracy, values], axis=1))
        labels = [text.get_text() for text in axes.get_legend().get_texts()]
        assert labels == ["bend at 89.0 % (88.0 to 91.5)"] * bent + ["the paper: about 90 %"]
    assert_legible(plots.phases(accuracy, measures, bends, 90, "Phases"))


def test_accuracies_stand_beside_what_is_documented():
    rows = {f"{width}-{width}-{width}": RNG.uniform(80, 97, (3, 5)) for width in (8, 16, 1024)}
    rows["16"] = np.array([[91.0, np.nan], [92.0, 93.0]])
    figure = plots.network_accuracies(rows, {"16": [93.08], "8-8-8": [91.26]}, "Accuracy", 2.0)
    assert_legible(figure)
    (axes,) = figure.axes
    bars = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "-" and line.get_marker() == "None"]
    assert sorted(bars) == [91.26, 93.08]
    drawn = sorted(float(value) for line in axes.lines if line.get_marker() != "None" for value in line.get_xdata())
    assert drawn[:47] == sorted(np.concatenate([values.ravel() for values in rows.values()]))[:47]


def test_lines_at_equal_accuracy_leave_out_what_nobody_reached():
    table = np.array([[0.5, 0.6, np.nan], [np.nan, np.nan, np.nan]])
    figure = plots.at_equal_accuracy([85, 90], [8, 128, 1024], {"match": table, "cosine": table}, "Equal accuracy")
    written = assert_legible(figure)
    assert "85 %" in written and "90 %" not in written
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), table[0])


def test_places_of_bends_stand_with_their_intervals():
    places = {f"{depth} and step {tau}": (80.0 + tau / 10, 78.0, 91.5) for depth in ("one", "two") for tau in (30, 100)}
    figure = plots.bend_places([*places], [*places.values()], 90, "Bends")
    assert "one and step 30" in assert_legible(figure)
    (axes,) = figure.axes
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [float(line.get_xdata()[0]) for line in dots] == [83.0, 90.0, 83.0, 90.0]
    intervals = [list(line.get_xdata()) for line in axes.lines if line.get_marker() != "o"][:4]
    assert intervals == [[78.0, 91.5]] * 4
    assert [label.get_text() for label in axes.get_yticklabels()] == [*places]


def test_networks_of_up_to_five_kinds_are_lines_against_accuracy():
    lines = {f"kind {at}": [(RNG.uniform(10, 97, 6), RNG.random(6)) for _ in range(2)] for at in range(5)}
    figure = plots.against_accuracy(lines, "match", "Lines")
    assert {*lines, "match"} <= set(assert_legible(figure))
    drawn = [line.get_xydata() for line in figure.axes[0].lines]
    for line, (x, y) in zip(drawn, [pair for pairs in lines.values() for pair in pairs], strict=True):
        np.testing.assert_array_equal(line, np.stack([x, y], axis=1))
    with pytest.raises(
        ValueError, match=r"^lines is .*, expected a mapping from up to 5 names to lists of pairs of arrays$"
    ):
        plots.against_accuracy({**lines, "more": []}, "match", "Lines")
