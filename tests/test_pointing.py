"""Hits on a region: ties shared out, places mapped to pixels, controls that know nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinynet as tn
from tests.networks import image_cases, small_classifier
from tinynet.explain import at_pixels, centre_map, dilated, edge_map, pointing_game, receptive_field_centres

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))


@given(
    SHAPES.flatmap(
        lambda shape: st.tuples(hnp.arrays(float, shape, elements=st.integers(0, 3)), hnp.arrays(bool, shape))
    )
)
def test_a_tie_counts_by_the_share_that_hits(drawn):
    maps, masks = drawn
    for found, heights, inside in zip(pointing_game(maps, masks), maps, masks, strict=True):
        top = max(heights.ravel())
        tied = [place for place in np.ndindex(heights.shape) if heights[place] == top]
        assert found == sum(inside[place] for place in tied) / len(tied)


def test_a_constant_map_hits_by_chance_and_no_more():
    masks = np.random.default_rng(0).random((4, 6, 5)) < 0.3
    np.testing.assert_allclose(pointing_game(np.ones((4, 6, 5)), masks), masks.mean(axis=(1, 2)))
    np.testing.assert_array_equal(pointing_game(masks, masks), np.where(masks.any(axis=(1, 2)), 1, 0))


@given(image_cases(), st.data())
def test_a_place_stands_in_the_middle_of_what_it_sees(case, data):
    net = case.net
    layer = data.draw(st.sampled_from([name for name in net.names if len(net.shapes[name]) == 3]))
    height, width = net.input_shape[1:]
    rows, columns = np.mgrid[:height, :width]
    found = receptive_field_centres(net, layer, np.stack([rows, columns]))
    assert found.shape == (2, *net.shapes[layer][1:])
    for place in np.ndindex(found.shape[1:]):
        for axis, seen in enumerate(net.receptive_field(layer).box(*place)):
            length = (height, width)[axis]
            if seen.stop > seen.start:
                away = found[axis][place] - seen.start, seen.stop - 1 - found[axis][place]
                assert min(away) >= 0 and away[1] - away[0] in (0, 1)
            assert 0 <= found[axis][place] < length


@given(image_cases(), st.data())
def test_each_pixel_has_the_value_of_the_place_whose_middle_is_nearest(case, data):
    net = case.net
    layer = data.draw(st.sampled_from([name for name in net.names if len(net.shapes[name]) == 3]))
    places = np.arange(np.prod(net.shapes[layer][1:])).reshape(net.shapes[layer][1:])
    found = at_pixels(net, layer, places)
    assert found.shape == net.input_shape[1:]
    seen = [net.receptive_field(layer).box(*place) for place in np.ndindex(places.shape)]
    middles = {
        n: [(s.start + s.stop - 1) // 2 for s in both] for n, both in enumerate(seen) if both[0].stop * both[1].stop
    }
    for pixel in np.ndindex(found.shape):
        away = {n: [abs(m - at) for m, at in zip(both, pixel, strict=True)] for n, both in middles.items()}
        assert away[found[pixel]] == [min(each[axis] for each in away.values()) for axis in (0, 1)]
    assert (np.diff(found, axis=0) >= 0).all() and (np.diff(found, axis=1) >= 0).all()


def test_places_that_see_padding_alone_are_no_pixels():
    net = tn.Network([tn.Conv2D(1, 1, padding=2), tn.Flatten(), tn.Dense(2)], input_shape=(1, 3, 3))
    places = np.arange(49).reshape(7, 7)
    np.testing.assert_array_equal(at_pixels(net, "conv1", places), places[2:5, 2:5])


def test_places_of_the_input_are_its_pixels():
    pixels = np.random.default_rng(0).random((2, 8, 8))
    np.testing.assert_array_equal(at_pixels(small_classifier(), "input", pixels), pixels)
    np.testing.assert_array_equal(receptive_field_centres(small_classifier(), "input", pixels), pixels)


@given(SHAPES, st.integers(0, 99), st.integers(0, 3))
def test_widened_masks_hold_all_that_is_near(shape, seed, reach):
    masks = np.random.default_rng(seed).random(shape) < 0.1
    found = dilated(masks, reach)
    for image, row, column in np.ndindex(masks.shape):
        near = masks[image, max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
        assert found[image, row, column] == near.any()


def test_controls_know_edges_and_the_middle():
    images = np.zeros((1, 2, 7, 9))
    images[:, :, :, 5:] = 1
    edges = edge_map(images)[0]
    assert set(edges.argmax(axis=1)) <= {4, 5} and edges[:, :3].max() == 0
    np.testing.assert_allclose(edge_map(images + 5), edge_map(images))
    beside = np.random.default_rng(0).random((3, 2, 7, 9))
    by_themselves = np.stack([edge_map(image[None])[0] for image in beside])
    np.testing.assert_array_equal(edge_map(beside), by_themselves, "an image has no edges of its neighbours")
    middle = centre_map(7, 9)
    assert np.unravel_index(middle.argmax(), middle.shape) == (3, 4)
    assert (centre_map(4, 4) == centre_map(4, 4).max()).sum() == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pointing_game(np.ones((2, 3, 3)), np.ones((2, 3, 4))), r"masks is .* of shape \(2, 3, 3\)"),
        (lambda: pointing_game(np.ones((3, 3)), np.ones((3, 3))), r"maps is .* of shape \(N, h, w\)"),
        (lambda: pointing_game(np.full((1, 2, 2), np.nan), np.ones((1, 2, 2))), "holds NaN"),
        (
            lambda: receptive_field_centres(small_classifier(), "tanh1", np.ones((7, 8))),
            r"expected .* of shape \(..., 8, 8\)",
        ),
        (lambda: receptive_field_centres(small_classifier(), "dense1", np.ones((8, 8))), "has no feature maps"),
    ],
)
def test_what_has_no_place_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_reach_below_zero_is_refused():
    with pytest.raises(ValueError, match="reach is -1, expected a whole number from 0"):
        dilated(np.ones((1, 3, 3), bool), -1)
