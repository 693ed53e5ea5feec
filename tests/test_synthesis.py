"""Images of classes: the objective rises, towards where it should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, small_classifier
from tinynet.explain import class_images


@given(cases(), st.floats(0, 0.1), st.floats(0.001, 2), st.data())
def test_the_objective_never_falls_and_is_what_it_says(case, penalty, rate, data):
    net = case.net
    classes = data.draw(st.lists(st.integers(0, net.output_shape[0] - 1), max_size=3))
    start = case.x[0]
    found = class_images(net, classes, start=start, steps=5, rate=rate, penalty=penalty)
    assert found.images.shape == (len(classes), *net.input_shape) and found.objective.shape == (6, len(classes))
    assert (np.diff(found.objective, axis=0) >= 0).all()
    for image, label, first, last in zip(found.images, classes, found.objective[0], found.objective[-1], strict=True):
        assert np.isclose(first, net.trace(start)[net.logits][label])
        assert np.isclose(last, net.trace(image)[net.logits][label] - penalty * ((image - start) ** 2).sum())


def test_a_linear_network_has_its_own_weights_for_an_image():
    net = tn.Network([tn.Flatten(), tn.Dense(3), tn.Softmax()], (1, 4, 4), dtype=float)
    found = class_images(net, steps=400, rate=0.5, penalty=0.1)
    np.testing.assert_allclose(found.images.reshape(3, -1), net["dense1"].params["W"] / 0.2, atol=1e-3)


def test_steps_have_the_same_size_for_every_class():
    net = small_classifier()
    net["dense1"].params["W"][0] *= 1e6
    start = np.random.default_rng(0).random((1, 8, 8))
    moved = class_images(net, start=start, steps=1, rate=1e-4, penalty=0).images - start
    np.testing.assert_allclose(np.sqrt((moved**2).mean(axis=(1, 2, 3))), 1e-4)


def test_where_nothing_helps_nothing_moves():
    net = small_classifier()
    net["dense1"].params["W"][...] = 0
    assert (class_images(net, start=0.5, steps=3).images == 0.5).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"classes": [3]}, "class 3 is none of the network's, expected 0 to 2"), ({"start": np.ones(3)}, "start has")],
)
def test_what_cannot_be_drawn_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        class_images(small_classifier(), **settings)
