"""Losses: the seed is the derivative of the value, and nothing overflows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinynet as tn
from tests.networks import cases, slope, small_classifier
from tinynet.classes import as_targets, check_labels
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


def test_labels_of_a_single_output_are_its_targets():
    net = tn.Network([tn.Dense(1), tn.Sigmoid()], (2,), dtype=float)
    np.testing.assert_array_equal(as_targets([0, 1, 1], net), [[0], [1], [1]])
    np.testing.assert_array_equal(as_targets([False, True], net), [[0], [1]])
    with pytest.raises(ValueError, match="label of image 1 is 2, expected 0 to 1"):
        as_targets([0, 2], net)


def test_targets_have_the_type_of_the_network():
    for dtype in (np.float32, np.float64):
        net = small_classifier(dtype=dtype)
        assert as_targets([0, 2], net).dtype == as_targets(np.ones((2, 3)), net).dtype == dtype
        assert as_targets(np.zeros(0, int), net).shape == (0, 3)


def test_targets_may_be_images():
    net = tn.Network([tn.Conv2D(2, 3, padding=1)], (1, 4, 5), dtype=float)
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(3, 1, 4, 5)), rng.normal(size=(3, 2, 4, 5))
    trace = net.trace(x)
    wanted = np.square(net(x) - targets)
    assert tn.SquaredError().value(net, trace, targets) == pytest.approx(wanted.sum() / 6)
    assert tn.MeanSquaredError().value(net, trace, targets) == pytest.approx(wanted.mean())
    np.testing.assert_array_equal(as_targets(targets, net), targets)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 3], r"^label of image 1 is 3, expected 0 to 2$"),
        ([-1, 0], r"^label of image 0 is -1, expected 0 to 2$"),
        ([0.0, 1.0], r"^targets have shape \(2,\), expected \(N, 3\)$"),
        (np.zeros((2, 4)), r"^targets have shape \(2, 4\), expected \(N, 3\)$"),
        ([[0, 0, 1], [0, np.nan, 1]], r"^target \(1, 1\) is nan, expected a finite number$"),
        ([[0, 0, 1], [0, 1, -np.inf]], r"^target \(1, 2\) is -inf"),
        (["a", "b"], "targets have shape"),
    ],
)
def test_targets_that_cannot_be_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        as_targets(y, small_classifier())


@given(hnp.arrays(st.sampled_from([np.int8, np.uint8, np.int64, np.uint64]), st.integers(0, 5)), st.integers(1, 300))
def test_labels_are_checked_one_by_one(labels, classes):
    wrong = [index for index, label in enumerate(labels.tolist()) if not 0 <= label < classes]
    if wrong:
        with pytest.raises(ValueError, match=rf"^label of image {wrong[0]} is {labels[wrong[0]]}, expected 0 to"):
            check_labels(labels, classes)
    else:
        assert check_labels(labels, classes).dtype == np.int64
        assert check_labels(labels, classes).tolist() == labels.tolist()


@pytest.mark.parametrize("labels", [[[0], [1]], 1, [0.5], ["0"], [None]])
def test_labels_are_one_integer_an_image(labels):
    with pytest.raises(ValueError, match="expected one integer an image"):
        check_labels(labels, 3)


@pytest.mark.parametrize(("loss", "last"), [(tn.CrossEntropy(), tn.Sigmoid), (tn.BinaryCrossEntropy(), tn.Softmax)])
def test_losses_name_the_last_layer_that_they_need(loss, last):
    with pytest.raises(ValueError, match=f"{type(loss).__name__} needs a network that ends in .*; the last layer is"):
        loss.at(small_classifier(last=last))
    with pytest.raises(ValueError, match="the last layer is dense1"):
        loss.at(small_classifier(last=None))


def test_losses_of_ones_own_define_both():
    net = small_classifier()
    for method in (Loss().value, Loss().seed):
        with pytest.raises(NotImplementedError, match="Loss does not define"):
            method(net, net.trace(np.ones((1, 1, 8, 8))), np.ones((1, 3)))
    assert Loss().at(net) == "softmax1"
