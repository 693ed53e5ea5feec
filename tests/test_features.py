"""The most characteristic feature: the highest gradient, and the pixels behind it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinynet as tn
from tests.networks import small_classifier
from tinynet.explain import look_alike_feature

NET = small_classifier()
FILTERS = tn.filter_outputs(NET)


@given(
    st.fixed_dictionaries(
        {name: hnp.arrays(np.float64, NET.shapes[name], elements=st.integers(-9, 9).map(float)) for name in FILTERS}
    ),
    st.booleans(),
)
def test_the_strongest_feature_is_the_largest_entry(gradients, relative):
    best, wanted = -np.inf, None
    for layer, gradient in gradients.items():
        scale = np.sqrt(np.mean(gradient**2)) if relative and gradient.any() else 1.0
        for place in np.ndindex(gradient.shape):
            if gradient[place] / scale > best:
                best, wanted = gradient[place] / scale, (layer, place[0], place[1:], gradient[place])
    found = tn.strongest_feature(NET, gradients, relative=relative)
    assert found[:4] == wanted
    assert found.box == NET.receptive_field(found.layer).box(*found.place)


def test_highest_is_not_largest():
    low = {name: np.full(NET.shapes[name], -5.0) for name in FILTERS}
    assert tn.strongest_feature(NET, {**low, "relu1": low["relu1"] + 6}).value == 1
    assert tn.strongest_feature(NET, {**low, "relu1": low["relu1"] + 1}).value == -4


@given(st.data())
def test_the_box_holds_all_pixels_that_the_unit_sees(data):
    name = data.draw(st.sampled_from(FILTERS))
    gradient = np.zeros(NET.shapes[name])
    place = tuple(data.draw(st.integers(0, length - 1)) for length in gradient.shape)
    gradient[place] = 1
    box = tn.strongest_feature(NET, {name: gradient}).box
    x = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(1, 1, 8, 8))
    outside = x.copy()
    outside[0, 0] += 5
    outside[0, 0][box] = x[0, 0][box]
    np.testing.assert_array_equal(NET.trace(outside)[name][0][place], NET.trace(x)[name][0][place])


def test_it_takes_what_class_gradient_gives():
    x = np.random.default_rng(0).normal(size=(3, 1, 8, 8))
    classes = tn.class_gradient(NET, x, [0, 1, 2], layers=FILTERS)
    for label in range(3):
        found = tn.strongest_feature(NET, {name: gradient[label] for name, gradient in classes.items()})
        assert found.value == max(gradient[label].max() for gradient in classes.values())


@pytest.mark.parametrize(
    ("gradients", "message"),
    [
        ({}, "there are no gradients"),
        ({"tanh1": np.ones((4, 6))}, r"^tanh1: gradients have shape \(4, 6\), expected \(4, 6, 6\)$"),
        ({"tanh1": np.ones((3, 4, 6, 6))}, r"^tanh1: gradients have shape \(3, 4, 6, 6\)"),
        ({"dense1": np.ones(3)}, "dense1: has no feature maps"),
        ({"tanh9": np.ones((4, 6, 6))}, "no layer 'tanh9'; did you mean tanh1"),
    ],
)
def test_gradients_that_are_not_of_maps_are_refused(gradients, message):
    with pytest.raises((ValueError, tn.UnknownLayerError), match=message):
        tn.strongest_feature(NET, gradients)


# ---------------------------------------------------------------------------------------------------------- look-alikes


@given(st.integers(0, 99), st.integers(0, 2), st.sampled_from(["logit", "probability", "margin"]))
def test_a_look_alike_is_the_strongest_feature_of_the_other_class(seed, label, of):
    image = np.random.default_rng(seed).normal(size=(1, 8, 8))
    outputs = NET(image)
    others = sorted(set(range(3)) - {label}, key=lambda other: -outputs[other])
    for other in (None, *others):
        found = look_alike_feature(NET, image, label, other, of, layers=FILTERS)
        assert found.other == (others[0] if other is None else other)
        gradients = tn.prediction_gradient(NET, image[None], found.other, of, layers=FILTERS)
        assert found.feature == tn.strongest_feature(NET, {name: gradients[name][0] for name in FILTERS})


def test_a_look_alike_is_searched_for_in_the_first_filters():
    assert look_alike_feature(NET, np.ones((1, 8, 8)), 0).feature.layer == FILTERS[0]


@pytest.mark.parametrize(
    ("label", "other", "message"),
    [(1, 1, "image's own"), (3, 0, "label is 3"), (-1, 0, "label is -1"), (0, -1, "other is -1")],
)
def test_look_alikes_of_no_other_class_are_refused(label, other, message):
    with pytest.raises(ValueError, match=message):
        look_alike_feature(NET, np.ones((1, 8, 8)), label, other)
