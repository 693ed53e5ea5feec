"""Mass in named regions, and the map of every layer: what a slow loop gives, and what must not change it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinynet as tn
from tests.networks import small_classifier
from tinynet.explain import (
    absolute_gradient,
    at_pixels,
    control_maps,
    edge_map,
    grad_cam,
    heat_maps,
    hires_cam,
    mass_inside,
    mass_over_area,
    region_masses,
)

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))
CASES = SHAPES.flatmap(
    lambda shape: st.tuples(hnp.arrays(float, shape, elements=st.integers(-3, 3)), hnp.arrays(bool, shape))
)


@given(CASES)
def test_mass_over_area_is_what_a_loop_finds_and_regions_and_their_rest_average_to_one(case):
    maps, masks = case
    found, rest = mass_over_area(maps, masks), mass_over_area(maps, ~masks)
    for index, (values, mask) in enumerate(zip(np.abs(maps), masks, strict=True)):
        if not mask.any() or not values.any():
            assert np.isnan(found[index])
            continue
        assert found[index] == pytest.approx(values[mask].mean() / values.mean())
        if not mask.all():
            assert mask.mean() * found[index] + (1 - mask.mean()) * rest[index] == pytest.approx(1.0)


@given(CASES, st.sampled_from([-1e3, 0.5, 1e-3]))
def test_the_scale_of_a_map_says_nothing_and_a_flat_one_says_one(case, scale):
    maps, masks = case
    np.testing.assert_allclose(mass_over_area(scale * maps, masks), mass_over_area(maps, masks))
    flat = mass_over_area(np.full(maps.shape, -2.0), masks)
    assert (np.isnan(flat) == ~masks.any(axis=(1, 2))).all() and np.nanmax([1.0, *flat]) == pytest.approx(1.0)


@given(st.integers(0, 2**32 - 1))
def test_named_regions_are_the_masses_one_by_one_and_a_contrast_is_the_mass_of_the_difference(seed):
    rng = np.random.default_rng(seed)
    maps = {name: rng.random((3, 4, 5)) for name in ("smile", "male")}
    regions = {name: rng.random((3, 4, 5)) < 0.5 for name in ("mouth", "eyes", "hair")}
    regions["hair"][1] = False
    found = region_masses(maps, regions)
    assert (found.maps, found.regions) == (("smile", "male"), ("mouth", "eyes", "hair"))
    for name, values in maps.items():
        for region, mask in regions.items():
            np.testing.assert_array_equal(found.of(name, region), mass_over_area(values, mask))
    own = [values / values.sum(axis=(1, 2), keepdims=True) for values in maps.values()]
    for row, mask in zip(found.contrast("smile", "male"), regions.values(), strict=True):
        slow = [((a - b) * m).sum() / m.mean() if m.any() else np.nan for a, b, m in zip(*own, mask, strict=True)]
        np.testing.assert_allclose(row, slow)
    np.testing.assert_allclose(found.contrast("male", "smile"), -found.contrast("smile", "male"))
    np.testing.assert_allclose(found.mean, np.nanmean(found.values, axis=-1))


def test_by_hand():
    maps = np.zeros((2, 2, 4))
    maps[0, 0, :2] = 1, -3  # the second map is zero everywhere
    mouth = np.zeros((2, 2, 4), bool)
    mouth[:, 0, 1] = True
    assert mass_inside(maps, mouth)[0] == 0.75 and mass_over_area(maps, mouth)[0] == 6.0
    found = region_masses({"one": maps, "nobody": 0 * maps}, {"mouth": mouth})
    assert found.mean.tolist()[0] == [6.0] and np.isnan(found.mean[1, 0])
    assert str(found).splitlines() == ["        mouth", "one     6.00", "nobody  nan"]


def test_controls_know_the_images_alone():
    images = np.random.default_rng(0).random((3, 2, 5, 7))
    found = control_maps(images)
    np.testing.assert_array_equal(found["edges"], edge_map(images))
    centre = found["centre"]
    assert centre.shape == (3, 5, 7) and centre[0, 2, 3] == centre.max() and centre[0, 0, 0] == centre.min() == 0


# --------------------------------------------------------------------------------------------- the map of every layer

IMAGES = np.random.default_rng(1).random((5, 1, 8, 8), dtype=np.float32)
LABELS = np.arange(5) % 3


def test_a_raw_map_is_the_mean_of_what_the_filters_put_out_at_their_pixels():
    net = small_classifier(dtype=np.float32)
    found = heat_maps(net, IMAGES, batch_size=2)
    trace = net.trace(IMAGES)
    assert list(found) == ["tanh1", "relu1"]
    for name, maps in found.items():
        np.testing.assert_allclose(maps, at_pixels(net, name, trace[name].mean(axis=1)), rtol=1e-5, atol=1e-7)
        assert maps.shape == (5, 8, 8)
    assert heat_maps(net, IMAGES[:0])["tanh1"].shape == (0, 8, 8)


@pytest.mark.parametrize("target", [1, LABELS])
def test_by_a_method_it_is_the_methods_answer_for_each_layer(target):
    net = small_classifier(dtype=np.float32)
    found = heat_maps(net, IMAGES, target, method=absolute_gradient, layers=["input", "pool1", "relu1"], batch_size=3)
    for name, maps in found.items():
        slow = np.asarray(absolute_gradient(net, IMAGES, target, layer=name)).mean(axis=1)
        np.testing.assert_allclose(maps, at_pixels(net, name, slow), rtol=1e-4, atol=1e-7)
    one_a_place = heat_maps(net, IMAGES, target, method=hires_cam, layers=["relu1"])["relu1"]
    np.testing.assert_allclose(
        one_a_place, at_pixels(net, "relu1", hires_cam(net, IMAGES, target, layer="relu1")), rtol=1e-4, atol=1e-7
    )


@pytest.mark.parametrize(
    "call, words",
    [
        (
            lambda net: heat_maps(net, IMAGES, layers=["dense1"]),
            "layers: dense1 has outputs of the shape (3,), expected",
        ),
        (lambda net: heat_maps(net, IMAGES, layers=["tanh2"]), "layers is 'tanh2', expected input, conv1, tanh1"),
        (lambda net: heat_maps(net, IMAGES, 1), "target is 1, expected a class where there is a method, and none"),
        (lambda net: heat_maps(net, IMAGES, method=grad_cam), "target is None, expected a class where there is a"),
        (
            lambda net: heat_maps(net, IMAGES, 1, method=lambda *asked, layer: np.zeros((5, 2)), layers=["tanh1"]),
            "the method returned the shape (5, 2) for tanh1, expected (5, ",
        ),
        (lambda net: region_masses({}, {"mouth": IMAGES[:, 0] > 0.5}), "maps is {}, expected at least one array"),
        (
            lambda net: region_masses({"a": IMAGES[:, 0]}, {"mouth": IMAGES[:2, 0] > 0.5}),
            "regions['mouth'] is an array of bool of shape (2, 8, 8), expected an array of True and False of shape (5,",
        ),
        (
            lambda net: region_masses({"a": IMAGES[:, 0]}, {"mouth": IMAGES[:, 0] > 0.5}).of("a", "nose"),
            "region is 'nose', expected mouth",
        ),
        (lambda net: at_pixels(net, "tanh1", np.zeros((2, 3))), "maps is an array of float64 of shape (2, 3)"),
    ],
)
def test_wrong_calls_are_one_clear_line(call, words):
    with pytest.raises(ValueError) as told:
        call(small_classifier(dtype=np.float32))
    assert words in str(told.value) and "\n" not in str(told.value)


def test_two_networks_that_read_two_places_are_told_apart_by_attribution_and_not_by_raw_maps():
    """One reads the upper half and one the lower, through filters that are the same and so equally active."""
    nets = []
    for rows in (slice(0, 4), slice(4, 8)):
        layers = [tn.Conv2D(1, 1, bias=False), tn.ReLU(), tn.Flatten(), tn.Dense(2, bias=False), tn.Softmax()]
        net = tn.Network(layers, input_shape=(1, 8, 8), rng=0)
        net["conv1"].params["W"][...] = 1
        weights = np.zeros((2, 8, 8))
        weights[1, rows] = 1
        net["dense1"].params["W"][...] = weights.reshape(2, -1)
        nets.append(net)
    upper = np.zeros((5, 8, 8), bool)
    upper[:, :4] = True
    raw = [heat_maps(net, IMAGES)["relu1"] for net in nets]
    np.testing.assert_array_equal(*raw)
    by_gradient = {
        name: heat_maps(net, IMAGES, 1, method=absolute_gradient)["relu1"]
        for name, net in zip(("upper", "lower"), nets, strict=True)
    }
    assert region_masses(by_gradient, {"upper": upper}).mean.tolist() == [[2.0], [0.0]]
