"""Images of classes: the objective rises, towards where it should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, slope, small_classifier
from tinynet.explain import class_images, gradient_feature, unit_images
from tinynet.targets import unit_targets


@given(cases(), st.floats(0, 0.1), st.floats(0.001, 2), st.data())
def test_the_objective_never_falls_and_is_what_it_says(case, penalty, rate, data):
    net = case.net
    classes = data.draw(st.lists(st.integers(0, net.output_shape[0] - 1), max_size=3))
    start = case.x[0]
    found = class_images(net, classes, start=start, steps=5, rate=rate, penalty=penalty)
    assert found.images.shape == (len(classes), *net.input_shape) and found.objective.shape == (6, len(classes))
    assert (np.diff(found.objective, axis=0) >= 0).all()
    single = net.output_shape == (1,) and not isinstance(net.layers[-1], tn.Softmax)
    sign = -1 if single else 1  # class 0 of a single output has the logit -z
    for image, label, first, last in zip(found.images, classes, found.objective[0], found.objective[-1], strict=True):
        assert np.isclose(first, sign * net.trace(start)[net.logits][label])
        assert np.isclose(last, sign * net.trace(image)[net.logits][label] - penalty * ((image - start) ** 2).sum())


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
    [({"classes": [3]}, "classes is 3, expected a whole number from 0 to 2"), ({"start": np.ones(3)}, "start has")],
)
def test_what_cannot_be_drawn_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        class_images(small_classifier(), **settings)


# ---------------------------------------------------------------------------------------------------------------- units


def test_images_of_classes_are_those_of_their_logits():
    net = small_classifier()
    by_class = class_images(net, [2, 0], start=0.5, steps=5)
    by_unit = unit_images(net, net.logits, [2, 0], start=0.5, steps=5)
    np.testing.assert_array_equal(by_unit.images, by_class.images)
    np.testing.assert_array_equal(by_unit.objective, by_class.objective)


@given(cases(), st.data())
def test_what_is_raised_is_the_sum_of_the_outputs_asked_about(case, data):
    net = case.net
    name = data.draw(st.sampled_from(net.names[1:]))
    units = data.draw(st.lists(st.integers(0, net.shapes[name][0] - 1), min_size=1, max_size=2, unique=True))
    found = unit_images(net, name, [units, units[:1]], start=case.x[0], steps=4, penalty=0.01)
    assert found.images.shape == (2, *net.input_shape) and found.objective.shape == (5, 2)
    assert (np.diff(found.objective, axis=0) >= 0).all()
    for image, chosen, last in zip(found.images, (units, units[:1]), found.objective[-1], strict=True):
        away = ((image - case.x[0]) ** 2).sum()
        assert np.isclose(last, net.trace(image)[name][chosen].sum() - 0.01 * away)


def test_one_unit_has_one_image():
    net = small_classifier()
    found = unit_images(net, "tanh1", 3, steps=2)
    assert found.images.shape == (1, 8, 8) and found.objective.shape == (3,)
    assert unit_images(net, "tanh1", [], steps=2).images.shape == (0, 1, 8, 8)


@given(cases(), st.data())
def test_gradient_features_are_slopes_of_the_outputs(case, data):
    net = case.net
    name = data.draw(st.sampled_from(net.names[1:]))
    unit = data.draw(st.integers(0, net.shapes[name][0] - 1))
    found = gradient_feature(net, name, [unit], start=case.x[0])
    assert found.shape == (1, *net.input_shape)
    direction = case.rng.normal(size=net.input_shape)
    wanted = slope(lambda x: net.trace(x)[name][unit].sum(), case.x[0], direction)
    assert np.isclose((found[0] * direction).sum(), wanted, rtol=1e-5, atol=1e-7)
    at_zero = net.backward(net.trace(np.zeros(net.input_shape)), unit_targets(net, name, unit), at=name).input
    np.testing.assert_allclose(gradient_feature(net, name, unit), at_zero, atol=1e-12)


def test_without_hidden_activations_all_three_ways_see_the_weights():
    net = tn.Network([tn.Flatten(), tn.Dense(3, bias=False)], (1, 4, 4), dtype=float)
    weights = net["dense1"].params["W"]
    np.testing.assert_allclose(gradient_feature(net, "dense1", range(3)).reshape(3, -1), weights)
    np.testing.assert_allclose(tn.extract_feature(net, "dense1", range(3)).reshape(3, -1), 100 * weights)
    raised = unit_images(net, "dense1", range(3), steps=400, rate=0.5, penalty=0.1)
    np.testing.assert_allclose(raised.images.reshape(3, -1), weights / 0.2, atol=1e-3)


def test_a_dead_unit_is_started_from_ever_further_away(monkeypatch):
    """Each of the other starts is the root of two further away than the one before, from a tenth of a pixel value."""
    from tinynet.explain.synthesis import maximisation, recipe

    net = tn.Network([tn.Flatten(), tn.Dense(1), tn.ReLU()], (1, 2, 2))
    net["dense1"].params["W"][...], net["dense1"].params["b"][...] = 0, -1
    sizes, drawn = [], recipe.Canvas.drawn

    def seen(canvas, shape, size):
        sizes.append(size)
        return drawn(canvas, shape, size)

    monkeypatch.setattr(recipe.Canvas, "drawn", seen)
    unit_images(net, "relu1", [0], steps=1)
    assert sizes[-maximisation.RESTARTS :] == pytest.approx([0.1 * 2 ** (k / 2) for k in range(maximisation.RESTARTS)])


def test_a_recipe_of_images_asks_for_their_spectrum_in_place_of_a_penalty():
    pictures = np.random.default_rng(0).random((5, 1, 4, 4))
    own = tn.explain.Recipe.of(pictures)
    assert own.penalty == own.variation == own.diversity == 0
    np.testing.assert_allclose(own.start, pictures.mean(axis=0))
    assert own.limits == (pictures.min(), pictures.max())
