"""Figures of the study of explanations: legible whatever methods are called, and what is drawn is what was given."""

from __future__ import annotations

import numpy as np
import pytest

from tests.test_plots import RNG, assert_legible, names
from tinynet import plots

WORDS = ("average precision", "trained", "random network")


def drawn(figure, marker):
    """Return the numbers of each network and their rows, as they are drawn with a marker."""
    (axes,) = figure.axes
    lines = [line for line in axes.lines if line.get_marker() == marker]
    return np.array([line.get_xdata() for line in lines]), np.array([line.get_ydata() for line in lines])


@pytest.mark.parametrize(("networks", "methods"), [(1, 1), (3, 24)])
def test_leaderboards_are_legible_whatever_methods_are_called(networks, methods):
    own, other = RNG.random((2, networks, methods))
    written = assert_legible(plots.leaderboard(names(methods), own, other, own[:, 0], "Which methods?", WORDS))
    assert {"Which methods?", *WORDS} <= set(written)
    assert_legible(plots.leaderboard(names(methods), own, other, (), "Which methods?", WORDS))


def test_the_best_method_stands_on_top_with_a_dot_and_a_cross_for_each_network():
    own, other, edges = np.array([[0.4, 0.1], [0.5, 0.2]]), np.array([[0.1, 0.3], [0.2, 0.0]]), [0.1, 0.15, 0.3]
    figure = plots.leaderboard(["best", "worse"], own, other, edges, "Which methods?", WORDS)
    for marker, wanted in (("o", own), ("x", other)):
        numbers, rows = drawn(figure, marker)
        np.testing.assert_array_equal(numbers, wanted)
        assert (rows[:, 0] > rows[:, 1]).all()
    (axes,) = figure.axes
    labels = {label.get_text(): place for label, place in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)}
    assert labels["best"] > labels["worse"] and axes.get_xlim()[0] == 0
    (line,) = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert line.get_xdata()[0] == 0.15


@pytest.mark.parametrize("methods", [1, 24])
@pytest.mark.parametrize("channels", [1, 3])
def test_maps_of_a_face_are_legible(methods, channels):
    image, mask = RNG.random((channels, 8, 6)), np.zeros((8, 6), bool)
    mask[2:4, 3:5] = True
    for planted in (mask, ~mask & False):
        maps = RNG.normal(size=(methods, 8, 6))
        assert_legible(plots.attribution_maps(image, planted, maps, names(methods), "What each method says"))


def test_each_map_has_its_own_scale_around_zero_and_its_outline():
    mask = np.zeros((6, 6), bool)
    mask[1:3, 2:4] = True
    signed, sizes, nothing = np.full((6, 6), -2.0), np.full((6, 6), 3.0), np.zeros((6, 6))
    signed[0, 0] = 1
    figure = plots.attribution_maps(
        RNG.random((1, 6, 6)), mask, [signed, sizes, nothing], ["signed", "sizes", "nothing"], "What each method says"
    )
    shown = [axes.images[0] for axes in figure.axes if axes.images]
    limits = [image.get_clim() for image in shown[1:]]
    assert limits == [(-2.0, 2.0), (0.0, 3.0), (0.0, 1.0)]
    for image, values in zip(shown[1:], (signed, sizes, nothing), strict=True):
        np.testing.assert_array_equal(image.get_array(), values)
    assert all(axes.collections for axes in figure.axes if axes.images)
