"""Figures of two networks: every text is whole and by itself, and what is drawn is what was given."""

from __future__ import annotations

import numpy as np
import pytest

from tests.test_plots import assert_legible, names, pictures
from tinynet import plots
from tinynet.explain import CrossKnockouts, LayerSimilarity, compare_groups

RNG = np.random.default_rng(0)


def similarity(rows, columns):
    return LayerSimilarity(tuple(names(rows)), tuple(names(columns)), RNG.uniform(-0.1, 1, (rows, columns)))


@pytest.mark.parametrize(("count", "rows", "columns"), [(1, 9, 4), (3, 5, 5), (2, 20, 20)])
def test_layers_are_drawn_as_they_are_alike(count, rows, columns):
    pairs = {name: similarity(rows, columns) for name in names(count)}
    figure = plots.layer_similarity(pairs, "Which layers are alike?")
    assert_legible(figure)
    for axes, each in zip(figure.axes, pairs.values(), strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), each.values)
    assert len({axes.images[0].get_clim() for axes in figure.axes[:count]}) == 1


def test_layers_that_are_like_none_are_left_blank():
    figure = plots.layer_similarity({"dead": LayerSimilarity(("a",), ("b",), np.full((1, 1), np.nan))})
    assert "nan" not in "".join(assert_legible(figure))


@pytest.mark.parametrize(("rows", "layers", "regions"), [(1, 1, 0), (3, 5, 4)])
def test_heat_maps_are_legible_and_stand_in_their_row(rows, layers, regions):
    image, masks = pictures(1)[0], {name: RNG.random((8, 8)) < 0.5 for name in names(regions)}
    maps = {name: {layer: RNG.normal(size=(8, 8)) for layer in names(layers)} for name in names(rows)}
    figure = plots.layer_heat_maps(image, maps, "Where does each layer look?", masks)
    assert_legible(figure)
    drawn = [axes.images[0].get_array() for axes in figure.axes]
    assert len(drawn) == rows * (layers + 1)
    of_first = next(iter(maps.values()))
    for array, values in zip(drawn[1:], of_first.values(), strict=False):
        np.testing.assert_array_equal(array, values)


@pytest.mark.parametrize("random", [0, 4])
def test_curves_of_units_knocked_out(random):
    counts = np.array([0, 1, 3, 8])
    found = {
        name: CrossKnockouts(counts, RNG.random(4), RNG.random(4), RNG.random((random, 4)), 0.5) for name in names(3)
    }
    figure = plots.cross_knockouts(found, "Whose units go first?")
    assert ("random orders" in assert_legible(figure)) == bool(random)
    for axes, each in zip(figure.axes, found.values(), strict=True):
        heights = [line.get_ydata() for line in axes.lines]
        np.testing.assert_array_equal(heights[-2:], [each.own, each.by_other])


@pytest.mark.parametrize("count", [1, 12])
def test_statistics_of_groups_are_legible(count):
    groups = {"smile": RNG.normal(size=(count, 5)) + 3, "male": RNG.normal(size=(count, 4))}
    groups["smile"][0, :], groups["male"][0, :] = 1.0, 1.0
    figure = plots.group_statistics(names(count), groups, compare_groups(*groups.values()), "What tells them apart?")
    written = assert_legible(figure)
    assert {"smile", "male"} < set(written) and sum(text.startswith("d ") for text in written) == count
    xs = np.concatenate([line.get_xdata() for line in figure.axes[0].lines]).reshape(-1)
    assert len(xs) == 9 * count and np.abs(xs).max() < 9**0.5


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: plots.layer_similarity({}), "similarities is {}, expected at least one, by name"),
        (
            lambda: plots.layer_heat_maps(pictures(1)[0], {}),
            "maps is {}, expected maps by layer of at least one network",
        ),
        (lambda: plots.cross_knockouts({}), "found is {}, expected at least one, by name"),
        (
            lambda: plots.group_statistics(["a"], {"one": np.ones((1, 3))}, compare_groups([1, 2], [3, 4])),
            "groups is {'one': array([[1., 1., 1.]])}, expected two arrays, by name",
        ),
    ],
)
def test_nothing_to_draw_is_one_clear_line(call, words):
    with pytest.raises(ValueError) as told:
        call()
    assert words in str(told.value)


@pytest.mark.parametrize(("statistics", "layers", "times"), [(1, 1, 1), (16, 6, 3)])
def test_effects_stand_in_their_cells_and_what_is_found_has_a_frame(statistics, layers, times):
    effects = RNG.normal(scale=4, size=(statistics, layers, times))
    effects[0, 0, 0] = np.nan
    found = np.abs(np.nan_to_num(effects)) > 4
    labels = [str(time) for time in range(times)]
    figure = plots.effect_table(effects, found, names(statistics), names(layers), labels, "Two labels")
    assert_legible(figure)
    (axes,) = figure.axes
    values = effects.reshape(statistics, -1)
    drawn = {tuple(map(int, text.get_position()))[::-1]: text.get_text() for text in axes.texts}
    assert drawn == {at: f"{value:.1f}" for at, value in np.ndenumerate(values) if not np.isnan(value)}
    frames = {(round(each.get_y() + 0.43), round(each.get_x() + 0.45)) for each in axes.patches}
    assert frames == set(zip(*np.nonzero(found.reshape(statistics, -1)), strict=True))
