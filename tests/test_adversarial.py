"""Images moved towards other classes: directions, and what a network makes of each, one image at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, small_classifier
from tinynet.explain import adversarial_directions, attack
from tinynet.explain.prediction import PREDICTIONS

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
STEPS = (0.0, 0.3, 2.0)
NORMS = ("l2", "max", "none")


def slow_direction(gradient, norm):
    if norm == "max":
        return np.where(gradient > 0, 1.0, np.where(gradient < 0, -1.0, 0.0))
    length = np.sqrt(sum(v * v for v in gradient.ravel())) if norm == "l2" else 1.0
    return gradient / length if length else gradient


@given(cases(last=[tn.Softmax, tn.Sigmoid], min_classes=2), st.sampled_from(PREDICTIONS), st.sampled_from(NORMS))
def test_directions_are_scaled_gradients(case, of, norm):
    everywhere = adversarial_directions(case.net, case.x, "all", of, norm)
    labels = case.labels()
    own = adversarial_directions(case.net, case.x, labels, of, norm)
    for image in range(len(case.x)):
        for label in range(case.net.output_shape[0]):
            gradient = tn.prediction_gradient(case.net, case.x[[image]], label, of)["input"][0]
            np.testing.assert_allclose(everywhere[label, image], slow_direction(gradient, norm), **CLOSE)
        np.testing.assert_allclose(own[image], everywhere[labels[image], image], **CLOSE)


@given(
    cases(last=[tn.Softmax, None], min_classes=2),
    st.sampled_from(["logit", "margin"]),
    st.sampled_from(NORMS),
    st.sampled_from([None, "data", 0.1]),
    st.integers(1, 30),
)
def test_an_attack_moves_one_image_after_the_other(case, of, norm, limits, batch_size):
    net, labels = case.net, case.labels()
    classes = net.output_shape[0]
    around = (float(np.min(case.x)), float(np.max(case.x)))
    asked = (around[0] - limits, around[1] + limits) if isinstance(limits, float) else limits
    found = attack(net, case.x, labels, STEPS, of, norm, asked, batch_size)
    before = net(case.x).argmax(axis=1)
    hits, misses = np.zeros((len(STEPS), classes)), np.zeros((len(STEPS), classes))
    counted = np.zeros(classes)
    for target in range(classes):
        for image, label in enumerate(labels):
            counts = before[image] == label != target
            counted[target] += counts
            direction = adversarial_directions(net, case.x[[image]], target, of, norm)[0]
            for number, step in enumerate(STEPS):
                there = case.x[image] + step * direction
                outputs = net(there if limits is None else np.clip(there, *(around if asked == "data" else asked)))
                np.testing.assert_allclose(found.true_output[number, target, image], outputs[label], **CLOSE)
                np.testing.assert_allclose(found.target_output[number, target, image], outputs[target], **CLOSE)
                taken = found.predictions[number, target, image]
                assert outputs[taken] >= outputs.max() - 1e-9
                hits[number, target] += counts and taken == target
                misses[number, target] += counts and taken != label
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(found.success(), hits / counted)
        np.testing.assert_allclose(found.error(), misses / counted)
    np.testing.assert_array_equal(found.before, before)
    with np.errstate(invalid="ignore"):
        assert not (found.error() < found.success()).any()


@given(st.sampled_from(["logit", "probability", "margin"]), st.integers(0, 99))
def test_a_single_output_is_attacked_as_its_two_classes(of, seed):
    one = tn.Network(
        [tn.Flatten(), tn.Dense(3), tn.Tanh(), tn.Dense(1), tn.Sigmoid()], (1, 4, 4), rng=seed, dtype=float
    )
    two = tn.Network([tn.Flatten(), tn.Dense(3), tn.Tanh(), tn.Dense(2), tn.Softmax()], (1, 4, 4), dtype=float)
    two["dense1"].params.update(one["dense1"].params)
    weights, bias = one["dense2"].params["W"], one["dense2"].params["b"]
    two["dense2"].params.update(W=np.concatenate([-weights, weights]) / 2, b=np.concatenate([-bias, bias]) / 2)
    x, labels = np.random.default_rng(seed).normal(size=(5, 1, 4, 4)), [0, 1, 1, 0, 1]
    first, second = (attack(net, x, labels, STEPS, of) for net in (one, two))
    np.testing.assert_array_equal(first.predictions, second.predictions)
    np.testing.assert_allclose(first.true_output, second.true_output, **CLOSE)
    np.testing.assert_allclose(first.target_output, second.target_output, **CLOSE)


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.sampled_from(NORMS))
def test_a_step_of_none_fools_nobody_wherever_the_images_lie(middle, scale, norm):
    net, x = small_classifier(), middle + scale * np.random.default_rng(0).normal(size=(6, 1, 8, 8))
    found = attack(net, x, net(x).argmax(axis=1), [0.0], norm=norm)
    assert not np.nan_to_num(found.error()).any()


def test_a_small_step_raises_the_prediction_that_it_follows():
    net, x = small_classifier(), np.random.default_rng(0).random((6, 1, 8, 8))
    found = attack(net, x, [0, 1, 2, 0, 1, 2], [0.0, 1e-3], "probability", limits=None)
    assert (found.target_output[1] > found.target_output[0]).all()


def test_pixels_stay_within_their_limits_and_images_as_they_were():
    net, x = small_classifier(), np.random.default_rng(0).random((2, 1, 8, 8))
    kept, seen = x.copy(), []

    class Watching(tn.Network):
        def __call__(self, x, batch_size=256):
            seen.append((np.min(x), np.max(x)))
            return super().__call__(x, batch_size)

    attack(Watching(net.layers, (1, 8, 8), dtype=float), x, [0, 1], [50.0])
    assert len(seen) == 2 and all(low >= 0 and high <= 1 for low, high in seen)
    np.testing.assert_array_equal(x, kept)


def test_tiny_gradients_have_a_direction_and_none_has_none():
    net = small_classifier(last=None)
    net["dense1"].params["W"][0] *= 1e-200
    net["dense1"].params["W"][1] = 0
    directions = adversarial_directions(net, np.random.default_rng(0).normal(size=(2, 1, 8, 8)), "all")
    np.testing.assert_allclose(np.sqrt((directions**2).sum(axis=(2, 3, 4))), [[1, 1], [0, 0], [1, 1]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net, x: adversarial_directions(net, x, 0, norm="l1"), "norm is 'l1', expected l2, max or none"),
        (lambda net, x: attack(net, x, [0], [1.0]), "got 2 images and 1 labels"),
        (lambda net, x: attack(net, x, [0, 7], [1.0]), "label of image 1 is 7"),
        (lambda net, x: attack(net, x - 1, [0, 1], [1.0], limits=(0, 1)), "images reach from -1 to -1"),
        (lambda net, x: attack(net, x, [0, 1], [1.0], limits="Data"), "limits is 'Data', expected data"),
        (lambda net, x: attack(net, x, [0, 1], [np.nan]), "steps is nan at 0, expected a finite number"),
        (
            lambda net, x: attack(small_classifier(dtype=np.float32), x, [0, 1], [0, 1e40]),
            r"steps is 1e\+40 at 1, expected a number that float32 can",
        ),
        (lambda net, x: attack(net, x, [0, 1], [1.0], limits=(0, np.inf)), "limits is inf"),
    ],
)
def test_what_cannot_be_meant_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(small_classifier(), np.zeros((2, 1, 8, 8)))
