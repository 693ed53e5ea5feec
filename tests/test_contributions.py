"""Activation times gradient, against products added up one by one and against knock-outs; sizes of activations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, small_classifier
from tinynet.explain import activation_size, class_gradient_times_activation, gradient_times_activation
from tinynet.explain.units.outputs import ranked_outputs

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
X = np.random.default_rng(0).normal(size=(6, 1, 8, 8))


@given(cases(), st.integers(1, 9), st.data())
def test_a_contribution_is_the_sum_of_products(case, batch_size, data):
    net, labels = case.net, case.labels()
    names = data.draw(st.lists(st.sampled_from(net.names[: net.names.index(net.logits) + 1]), min_size=1, unique=True))
    found = gradient_times_activation(net, case.x, labels, layers=names, batch_size=batch_size)
    assert list(found) == names
    for image, label in enumerate(labels):
        trace = net.trace(case.x[image])
        gradients = tn.prediction_gradient(net, case.x[image : image + 1], int(label))
        for name in names:
            for unit, (activation, gradient) in enumerate(zip(trace[name], gradients[name][0], strict=True)):
                slow = sum(a * g for a, g in zip(np.ravel(activation), np.ravel(gradient), strict=True))
                np.testing.assert_allclose(found[name][image, unit], slow, **CLOSE)


@given(cases(last=[tn.Softmax, tn.Sigmoid], min_classes=2))
def test_in_the_last_hidden_layer_it_is_what_a_knock_out_costs(case):
    net, labels = case.net, case.labels()
    headless = net.with_layers(net.layers[:-1])
    hidden = net.names[net.names.index(net.logits) - 1]
    rows = np.arange(len(case.x))
    cost = [
        headless(case.x)[rows, labels] - headless.knocked_out({hidden: [unit]})(case.x)[rows, labels]
        for unit in range(net.shapes[hidden][0])
    ]
    np.testing.assert_allclose(gradient_times_activation(net, case.x, labels, layers=[hidden])[hidden].T, cost, **CLOSE)


@given(st.permutations(range(6)), st.integers(1, 7))
def test_classes_are_means_of_their_images(order, batch_size):
    net, labels = small_classifier(), np.array([0, 1, 2, 0, 1, 0])
    each = gradient_times_activation(net, X, labels)
    found = class_gradient_times_activation(net, X[list(order)], labels[list(order)], batch_size=batch_size)
    sizes = activation_size(net, X[list(order)], labels[list(order)], batch_size=batch_size)
    assert list(found) == list(sizes) == ranked_outputs(net)
    for name in found:
        maps = net.trace(X)[name]
        for label in range(3):
            members = np.flatnonzero(labels == label)
            np.testing.assert_allclose(found[name][label], sum(each[name][i] for i in members) / len(members), **CLOSE)
            slow = [sum(np.sqrt((maps[i, u] ** 2).sum()) for i in members) / len(members) for u in range(maps.shape[1])]
            np.testing.assert_allclose(sizes[name][label], slow, **CLOSE)


def test_a_silent_unit_adds_nothing_and_a_target_may_be_one_for_all():
    net = small_classifier()
    net["conv1"].params["W"][2], net["conv1"].params["b"][2] = 0, 0
    assert (gradient_times_activation(net, X, 1)["tanh1"][:, 2] == 0).all()
    assert (activation_size(net, X, [0, 1, 2, 0, 1, 2])["tanh1"][:, 2] == 0).all()
    assert np.abs(tn.prediction_gradient(net, X, 1)["tanh1"][:, 2]).max() > 0
    np.testing.assert_array_equal(
        gradient_times_activation(net, X, 1)["tanh1"], gradient_times_activation(net, X, [1] * 6)["tanh1"]
    )


@pytest.mark.parametrize("question", [class_gradient_times_activation, activation_size])
def test_classes_that_have_no_mean_are_refused(question):
    with pytest.raises(ValueError, match="class 2 has no images"):
        question(small_classifier(), X[:2], [0, 1])
    with pytest.raises(ValueError, match="got 6 images and 2 labels"):
        question(small_classifier(), X, [0, 1])


@given(st.integers(1, 5), st.integers(1, 4), st.floats(1e-150, 1e150), st.floats(-9, 9), st.integers(0, 99))
def test_what_is_particular_does_not_depend_on_scale_and_level(classes, units, scale, level, seed):
    scores = np.random.default_rng(seed).integers(-9, 9, (classes, units)).astype(float)
    seen = tn.explain.particular_scores({"a": scores})["a"]
    np.testing.assert_allclose(seen.sum(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(np.mean(seen**2), 1 if np.ptp(scores, axis=0).any() else 0)
    np.testing.assert_allclose(tn.explain.particular_scores({"a": scores * scale})["a"], seen, atol=1e-6)
    np.testing.assert_allclose(tn.explain.particular_scores({"a": scores + level})["a"], seen, atol=1e-6)
    away = scores - scores.sum(axis=0) / classes
    assert ((seen > 1e-9) == (away > 1e-9)).all()


def test_particular_is_the_distance_from_the_mean_of_the_classes_in_units_of_the_layer():
    scores = np.array([[1.0, 2, 3], [5, 2, 7], [0, 8, 2]])
    away = np.array([[scores[k, u] - scores[:, u].sum() / 3 for u in range(3)] for k in range(3)])
    root_mean_square = np.sqrt(sum(number**2 for row in away for number in row) / 9)
    np.testing.assert_allclose(tn.explain.particular_scores({"a": scores})["a"], away / root_mean_square)
