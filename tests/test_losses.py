"""Losses: the seed is the derivative of the value, and nothing overflows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, slope, small_classifier
from tinynet.classes import as_targets
from tinynet.losses import Loss

LOSSES = (tn.SquaredError(), tn.MeanSquaredError(), tn.CrossEntropy(), tn.BinaryCrossEntropy())
LAST = {tn.CrossEntropy: tn.Softmax, tn.BinaryCrossEntropy: tn.Sigmoid}


def ending(loss, classes=3, dtype=np.float64):
    """Return a network that is nothing but its last layer, so that its input are the logits."""
    last = LAST.get(type(loss), tn.Tanh)()
    return tn.Network([tn.Flatten(), last], (classes,), dtype=dtype)


def slow_value(loss, y, t):
    """Return the mean over images, one output of one image at a time, as a textbook writes it."""
    total = 0.0
    for outputs, targets in zip(y, t, strict=True):
        for p, wanted in zip(outputs, targets, strict=True):
            match loss:
                case tn.SquaredError():
                    total += (p - wanted) ** 2 / 2
                case tn.MeanSquaredError():
                    total += (p - wanted) ** 2 / len(outputs)
                case tn.CrossEntropy():
                    total -= wanted * np.log(p)
                case tn.BinaryCrossEntropy():
                    total -= wanted * np.log(p) + (1 - wanted) * np.log(1 - p)
    return total / len(y)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@given(data=st.data())
def test_the_value_is_that_of_the_textbook_and_the_seed_its_derivative(loss, data):
    images, classes = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    net = ending(loss, classes)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    z, direction = rng.normal(0, 2, (2, images, classes))
    targets = rng.uniform(0, 1, (images, classes))
    trace = net.trace(z)
    np.testing.assert_allclose(loss.value(net, trace, targets), slow_value(loss, trace.output, targets), rtol=1e-12)
    deltas = net.backward(trace, loss.seed(net, trace, targets), at=loss.at(net))
    wanted = slope(lambda z: loss.value(net, net.trace(z), targets), z, direction)
    np.testing.assert_allclose(np.vdot(deltas.input, direction), wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_the_mean_over_images_stands_in_the_loss(loss):
    net = ending(loss)
    z, targets = np.random.default_rng(0).uniform(0.1, 0.9, (2, 4, 3))
    trace, twice = net.trace(z), net.trace(np.concatenate([z, z]))
    both = np.concatenate([targets, targets])
    np.testing.assert_allclose(loss.value(net, twice, both), loss.value(net, trace, targets), rtol=1e-14)
    np.testing.assert_allclose(loss.seed(net, twice, both)[:4], loss.seed(net, trace, targets) / 2, rtol=1e-14)


def test_by_hand():
    trace_of = {loss: ending(loss, 2).trace([[0.0, 0.0]]) for loss in LOSSES}
    target = np.array([[1.0, 0.0]])
    got = [loss.value(ending(loss, 2), trace_of[loss], target) for loss in LOSSES]
    np.testing.assert_allclose(got, [1 / 2, 1 / 2, np.log(2), 2 * np.log(2)], rtol=1e-15)
    seeds = [loss.seed(ending(loss, 2), trace_of[loss], target)[0] for loss in LOSSES]
    np.testing.assert_allclose(seeds, [[-1, 0], [-1, 0], [-0.5, 0.5], [-0.5, 0.5]])


@pytest.mark.parametrize("loss", LOSSES[2:], ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e2, 1e4, 1e30])
def test_extreme_logits_stay_finite(loss, dtype, size):
    net = ending(loss, dtype=dtype)
    z = np.array([[size, -size, 0], [-size, size, 0], [0, 0, 0]])
    targets = as_targets([0, 0, 2], net)
    trace = net.trace(z)
    seed = loss.seed(net, trace, targets)
    assert np.isfinite(loss.value(net, trace, targets))
    assert np.isfinite(seed).all() and seed.dtype == dtype
    assert np.isfinite(net.backward(trace, seed, at=loss.at(net)).input).all()
    np.testing.assert_allclose(loss.value(net, trace, targets), 2 * size / 3, rtol=0.1)


@given(cases(last=[tn.Softmax], min_classes=2))
def test_a_label_is_its_one_hot_vector(case):
    labels = case.labels()
    classes = case.net.output_shape[0]
    one_hot = np.zeros((len(labels), classes))
    one_hot[np.arange(len(labels)), labels] = 1
    np.testing.assert_array_equal(as_targets(labels, case.net), one_hot)
    np.testing.assert_array_equal(as_targets(one_hot.astype(int), case.net), one_hot)
    trace = case.net.trace(case.x)
    p_true = trace.output[np.arange(len(labels)), labels]
    loss = tn.CrossEntropy()
    np.testing.assert_allclose(loss.value(case.net, trace, one_hot), -np.log(p_true).mean(), rtol=1e-12)
    np.testing.assert_allclose(loss.seed(case.net, trace, one_hot), (trace.output - one_hot) / len(labels), rtol=1e-15)


def test_targets_may_be_images():
    net = tn.Network([tn.Conv2D(2, 3, padding=1)], (1, 4, 5), dtype=float)
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(3, 1, 4, 5)), rng.normal(size=(3, 2, 4, 5))
    trace = net.trace(x)
    wanted = np.square(net(x) - targets)
    assert tn.SquaredError().value(net, trace, targets) == pytest.approx(wanted.sum() / 6)
    assert tn.MeanSquaredError().value(net, trace, targets) == pytest.approx(wanted.mean())
    np.testing.assert_array_equal(as_targets(targets, net), targets)


def test_losses_of_ones_own_define_both():
    net = small_classifier()
    for method in (Loss().value, Loss().seed):
        with pytest.raises(NotImplementedError, match="Loss does not define"):
            method(net, net.trace(np.ones((1, 1, 8, 8))), np.ones((1, 3)))
    assert Loss().at(net) == "softmax1"
