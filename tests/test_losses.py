"""Losses: the seed is the derivative of the value, and nothing overflows."""

from __future__ import annotations

import decimal

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


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@given(target=st.sampled_from([-1.0, -2e-6, -1e-17, 0.0, 0.3, 1.0, 1 + 1e-7, 1 + 2e-6, 2.0]), place=st.integers(0, 5))
def test_targets_of_a_cross_entropy_are_probabilities(loss, target, place):
    net = ending(loss)
    trace, targets = net.trace(np.zeros((2, 3))), np.full((2, 3), 0.5)
    targets.flat[place] = target
    ways = [lambda: loss.value(net, trace, targets), lambda: loss.seed(net, trace, targets)]
    for way in [*ways, lambda: loss.target(net, trace, targets)]:
        if type(loss) in LAST and not -1e-6 <= target <= 1 + 1e-6:
            where = f"{place // 3}, {place % 3}"
            with pytest.raises(
                ValueError, match=rf"^target is {target:.9g} at {where}, expected a probability, from 0 to 1: "
            ):
                way()
        else:
            assert np.isfinite(way()).all()


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


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("size", [1, 0.3])
def test_a_loss_may_be_larger_than_its_outputs_can_be(loss, dtype, size):
    z = np.array([[-1, 1, 0.5], [0.5, 0.25, 1]], dtype) * np.finfo(dtype).max * dtype(size)
    last = [LAST[type(loss)]()] if type(loss) in LAST else []
    net, twin = (tn.Network([tn.Flatten(), *last], (3,), dtype=kind) for kind in (dtype, np.float64))
    with np.errstate(over="ignore"):
        trace = net.trace(z)
    value = loss.value(net, trace, [0, 1])
    np.testing.assert_allclose(value, loss.value(twin, twin.trace(z.astype(np.float64)), [0, 1]), rtol=1e-3)


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
    np.testing.assert_allclose(
        loss.seed(case.net, trace, one_hot), (trace.output - one_hot) / len(labels), rtol=1e-9, atol=1e-15
    )


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


# ---------------------------------------------------------------------------------------- exact, and used by hand


SURE = st.sampled_from([0.0, 1.0, 10.0, 16.0, 30.0, 60.0, 85.0])


@pytest.mark.parametrize("loss", LOSSES[2:], ids=lambda loss: type(loss).__name__)
@given(data=st.data())
def test_a_float64_twin_bounds_the_error_however_sure_the_network_is(loss, data):
    images, classes = data.draw(st.integers(1, 4)), data.draw(st.integers(2, 6))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    z = rng.normal(0, 1, (images, classes)) * data.draw(SURE)
    z[:, 0] += data.draw(SURE) * rng.choice([-1, 1], images)
    z = z.astype(np.float32).astype(np.float64)
    soft = rng.dirichlet(np.ones(classes), images).astype(np.float32).astype(np.float64)
    targets = np.eye(classes)[rng.integers(0, classes, images)] if data.draw(st.booleans()) else soft
    single, twin = ending(loss, classes, np.float32), ending(loss, classes)
    one, other = single.trace(z), twin.trace(z)
    got, wanted = loss.value(single, one, targets), loss.value(twin, other, targets)
    # exp(d) is known to as many digits as d = z_k - z_m is: within eps |d|
    depth = np.abs(z).max() + np.abs(z - z.max(axis=-1, keepdims=True)).max() + 8
    assert got == pytest.approx(wanted, rel=1e-7 * depth, abs=1e-37)
    seed, exact = loss.seed(single, one, targets), loss.seed(twin, other, targets)
    lost = np.minimum(targets, 1 - targets) if targets is soft else 0  # p - t may cancel, where t itself is no corner
    np.testing.assert_array_less(np.abs(seed - exact), 1e-7 * depth * (np.abs(exact) + lost) + 1e-37)


def high(number):
    return decimal.Decimal(number)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("size", [0.5, 5.0, 20.0, 40.0, 80.0])
@pytest.mark.parametrize("label", [0, 1])
def test_loss_and_seed_in_sixty_digits(size, label, classes):
    z = [high(size), *[high(0)] * (classes - 1)]
    with decimal.localcontext(prec=60):
        p = [value.exp() / sum(other.exp() for other in z) for value in z]
        wanted = float(-p[label].ln()), [float(value - (index == label)) for index, value in enumerate(p)]
        q = [1 / (1 + (-value).exp()) for value in z]
        binary = float(-sum((p if index == label else 1 - p).ln() for index, p in enumerate(q)))
        seeds = [float(value - (index == label)) for index, value in enumerate(q)]
    for loss, (value, seed) in ((tn.CrossEntropy(), wanted), (tn.BinaryCrossEntropy(), (binary, seeds))):
        net = ending(loss, classes)
        trace = net.trace([[float(value) for value in z]])
        assert loss.value(net, trace, [label]) == pytest.approx(value, rel=1e-14, abs=0)
        np.testing.assert_allclose(loss.seed(net, trace, [label])[0], seed, rtol=1e-13)


class Logits(tn.Layer):
    """Puts out what it is told, which may be infinite."""

    def __init__(self, z):
        self.z = np.array(z)

    def forward(self, x):
        return np.broadcast_to(self.z, x.shape).astype(x.dtype)

    def backward(self, dy, x, y):
        return dy * 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_class_at_minus_infinity_has_a_loss(dtype):
    z = [0.0, -np.inf, 0.0]
    net = tn.Network([Logits(z), tn.Softmax()], (3,), dtype=dtype)
    trace = net.trace(np.zeros((1, 3)))
    assert tn.CrossEntropy().value(net, trace, [0]) == pytest.approx(np.log(2))
    assert tn.CrossEntropy().value(net, trace, [1]) == np.inf
    np.testing.assert_allclose(tn.CrossEntropy().seed(net, trace, [1]), [[0.5, -1, 0.5]])
    net = tn.Network([Logits(z), tn.Sigmoid()], (3,), dtype=dtype)
    trace = net.trace(np.zeros((1, 3)))
    assert tn.BinaryCrossEntropy().value(net, trace, [[1, 0, 0]]) == pytest.approx(2 * np.log(2))
    assert tn.BinaryCrossEntropy().value(net, trace, [[1, 1, 0]]) == np.inf
    np.testing.assert_allclose(tn.BinaryCrossEntropy().seed(net, trace, [[1, 1, 0]]), [[-0.5, -1, 0.5]])


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_underflow_is_meant(loss, dtype):
    net = ending(loss, dtype=dtype)
    trace = net.trace([[100.0, -100, 0], [1e-30, 2e-30, -1e-30]])
    before = loss.value(net, trace, [0, 1]), loss.seed(net, trace, [0, 1])
    with np.errstate(all="raise"):
        after = loss.value(net, trace, [0, 1]), loss.seed(net, trace, [0, 1])
    assert before[0] == after[0] and before[1].tobytes() == after[1].tobytes()


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@given(data=st.data())
def test_labels_and_targets_of_any_type_are_the_same_targets(loss, data):
    images, classes = data.draw(st.integers(1, 5)), data.draw(st.integers(2, 4))
    net = ending(loss, classes, np.float32)
    labels = np.array(data.draw(st.lists(st.integers(0, classes - 1), min_size=images, max_size=images)))
    trace = net.trace(np.random.default_rng(0).normal(size=(images, classes)))
    one_hot = np.eye(classes, dtype=np.float32)[labels]
    value, seed = loss.value(net, trace, one_hot), loss.seed(net, trace, one_hot)
    dtype = data.draw(st.sampled_from([bool, np.uint8, np.int8, np.uint64, np.int64, np.float16, np.float64]))
    for same in (labels, labels.astype(np.uint8), labels.tolist(), one_hot.astype(dtype), one_hot.tolist()):
        assert loss.value(net, trace, same) == value
        np.testing.assert_array_equal(loss.seed(net, trace, same), seed)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize(
    "targets",
    [[0, 1], [0, 1, 2, 0], np.eye(3)[:1], np.eye(3)[:, :1], np.eye(3)[0], np.zeros((3, 3, 1)), 0, 1.0, None, "abc"],
    ids=str,
)
def test_targets_are_never_broadcast(loss, targets):
    net = ending(loss)
    trace = net.trace(np.zeros((3, 3)))
    for method in (loss.value, loss.seed):
        with pytest.raises(
            ValueError, match=r"expected \(N, 3\)(: y.*)?$|^got 3 images and [124] labels or targets, exp"
        ):
            method(net, trace, targets)


def test_regression_with_one_output_takes_a_column():
    net = tn.Network([tn.Dense(1)], (4,), rng=0)
    trace = net.trace(np.zeros((6, 4)))
    for loss in LOSSES[:2]:
        with pytest.raises(ValueError, match=r"^targets have shape \(6,\), expected \(N, 1\): y\[:, None\] has the s"):
            loss.value(net, trace, np.arange(6.0))


@pytest.mark.parametrize("loss", LOSSES[2:], ids=lambda loss: type(loss).__name__)
def test_the_last_layer_is_told_in_use_by_hand_too(loss):
    net = tn.Network([tn.Dense(3), tn.Tanh()], (4,))
    trace = net.trace(np.zeros((2, 4)))
    for method in (loss.value, loss.seed):
        with pytest.raises(ValueError, match="needs a network that ends in"):
            method(net, trace, [0, 1])
