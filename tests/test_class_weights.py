"""Class weights: an image of weight 2 counts as two, and weights of one change no bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import slope, small_classifier
from tests.test_losses import LOSSES, ending, slow_value
from tinynet.classes import as_targets, class_count

X = np.random.default_rng(0).normal(size=(6, 1, 8, 8))
of_losses = pytest.mark.parametrize("kind", [type(loss) for loss in LOSSES])


@st.composite
def weighted(draw, kind, dtype=np.float64):
    """Return a network, logits, labels and a weight for each class, some of them 0; one output or several."""
    outputs = draw(st.integers(2 if kind is tn.CrossEntropy else 1, 4))
    net = ending(kind(), outputs, dtype)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    z = rng.normal(0, 2, (draw(st.integers(1, 5)), outputs)).astype(dtype)
    classes = class_count(net)
    weights = draw(st.lists(st.integers(0, 3), min_size=classes, max_size=classes).filter(any))
    return net, z, rng.integers(0, classes, len(z)), weights, rng


@of_losses
@given(data=st.data())
def test_the_value_is_the_mean_of_weight_times_loss_and_the_seed_its_derivative(kind, data):
    net, z, labels, weights, rng = data.draw(weighted(kind))
    loss, trace = kind(class_weights=weights), net.trace(z)
    targets = as_targets(labels, net)
    slow = [
        w * slow_value(kind(), *one)
        for w, *one in zip(np.take(weights, labels), trace.output[:, None], targets[:, None], strict=True)
    ]
    np.testing.assert_allclose(loss.value(net, trace, labels), np.mean(slow), rtol=1e-12)
    direction = rng.normal(size=z.shape)
    deltas = net.backward(trace, loss.seed(net, trace, labels), at=loss.at(net))
    wanted = slope(lambda z: loss.value(net, net.trace(z), labels), z, direction)
    np.testing.assert_allclose(np.vdot(deltas.input, direction), wanted, rtol=1e-6, atol=1e-8)
    mixed = rng.uniform(0, 1, targets.shape)
    mixed /= 1 if len(weights) > mixed.shape[1] else mixed.sum(axis=1, keepdims=True)
    of_image = [w @ weights if len(w) == len(weights) else weights[0] + w[0] * (weights[1] - weights[0]) for w in mixed]
    slow = [
        w * slow_value(kind(), *one) for w, *one in zip(of_image, trace.output[:, None], mixed[:, None], strict=True)
    ]
    np.testing.assert_allclose(loss.value(net, trace, mixed), np.mean(slow), rtol=1e-12)


@of_losses
@given(data=st.data(), dtype=st.sampled_from([np.float32, np.float64]))
def test_weights_of_one_change_no_bit(kind, data, dtype):
    net, z, labels, weights, _ = data.draw(weighted(kind, dtype))
    plain, ones, trace = kind(), kind(class_weights=np.ones(len(weights))), net.trace(z)
    assert ones.value(net, trace, labels) == plain.value(net, trace, labels)
    for got, wanted in (
        (way(net, trace, labels) for way in ways)
        for ways in zip((ones.seed, ones.target), (plain.seed, plain.target), strict=True)
    ):
        np.testing.assert_array_equal(got, wanted)
        assert got.dtype == wanted.dtype == dtype


@of_losses
@given(data=st.data())
def test_an_image_of_weight_two_counts_as_two(kind, data):
    net, z, labels, weights, _ = data.draw(weighted(kind))
    times = np.take(weights, labels)
    loss, trace, often = kind(class_weights=weights), net.trace(z), np.repeat(np.arange(len(z)), times)
    sum_of_losses = len(z) * loss.value(net, trace, labels)
    if not len(often):
        assert sum_of_losses == 0 and not loss.seed(net, trace, labels).any()
        return
    repeated = net.trace(z[often])
    np.testing.assert_allclose(sum_of_losses, len(often) * kind().value(net, repeated, labels[often]), rtol=1e-12)
    seeds = np.zeros(z.shape)
    np.add.at(seeds, often, len(often) * kind().seed(net, repeated, labels[often]))
    np.testing.assert_allclose(len(z) * loss.seed(net, trace, labels), seeds, rtol=1e-12, atol=1e-300)


@of_losses
def test_what_a_sure_network_is_told_keeps_its_digits(kind):
    """A seed is the weight times the seed without it, to the last bits, however small that is."""
    net = ending(kind(), 3, np.float32)
    trace, labels = net.trace(np.array([[40, 0, -40], [-60, 1, 60]])), [0, 2]
    plain = kind().seed(net, trace, labels)
    np.testing.assert_allclose(kind(class_weights=[3, 1, 5]).seed(net, trace, labels), plain * [[3], [5]], rtol=3e-7)


@of_losses
def test_an_image_of_weight_zero_counts_nothing_whatever_its_loss(kind):
    net = ending(kind(), 2)
    z = np.array([[-np.inf, np.inf], [1.0, 0.0]])
    y = np.array([[0, 1], [0.75, 0.25]]) if "Entropy" in kind.__name__ else z
    trace = tn.Trace({"input": z, "flatten1": z, net.names[-1]: y})
    loss = kind(class_weights=[0, 1])
    with np.errstate(invalid="ignore"):
        assert np.isfinite(loss.value(net, trace, [0, 1])) and not loss.seed(net, trace, [0, 1])[0].any()


@of_losses
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], r"^class_weights are 2 numbers, expected one for each of 3 classes$"),
        ([1, -1, 1], "^class_weights is .*, expected numbers of at least 0, not all of them 0$"),
        ([0, 0, 0], "^class_weights is .*, expected numbers of at least 0, not all of them 0$"),
        ([1, np.nan, 1], "^class_weights is nan at 1, expected a finite number$"),
        ([[1, 2, 3]], r"^class_weights is .*, expected an array of real numbers of shape \(classes,\)$"),
        ("balanced", "^class_weights is 'balanced', expected an array of real numbers"),
    ],
)
def test_weights_that_cannot_be_are_refused_before_anything_is_trained(kind, weights, message):
    net = small_classifier(last={tn.CrossEntropy: tn.Softmax, tn.BinaryCrossEntropy: tn.Sigmoid}.get(kind, tn.Tanh))
    before = {name: array.copy() for name, array in net.parameters().items()}
    with pytest.raises(ValueError, match=message):
        loss = kind(class_weights=weights)
        tn.fit(net, X, np.arange(6) % 3, loss=loss, optimizer=tn.SGD(1), epochs=1, batch_size=2, progress=False)
    for name, array in net.parameters().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("rule", [None, tn.GradientTargets(tau=0.1)])
def test_training_with_weights_is_training_with_images_repeated(rule):
    """One step over all images, with the rate that makes up for their number."""
    labels, nets = np.array([0, 1, 1, 2, 1, 2]), [small_classifier(), small_classifier()]
    often = np.repeat(np.arange(6), np.take([3, 1, 2], labels))
    for net, chosen, weights in ((nets[0], np.arange(6), [3, 1, 2]), (nets[1], often, None)):
        settings = {"epochs": 1, "batch_size": 20, "shuffle": False, "progress": False, "rule": rule}
        optimizer = tn.SGD(0.1 * len(chosen) / 6)
        tn.fit(net, X[chosen], labels[chosen], loss=tn.CrossEntropy(weights), optimizer=optimizer, **settings)
    if rule is None:
        for one, other in zip(nets[0].parameters().values(), nets[1].parameters().values(), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-10)
    else:
        top = [net.parameters()["dense1/W"] for net in nets]
        assert not np.array_equal(*top) and np.isfinite(top).all()


def test_other_weights_are_another_run(tmp_path):
    run = {
        "optimizer": tn.SGD(0.1),
        "epochs": 1,
        "batch_size": 3,
        "progress": False,
        "checkpoint": tmp_path / "run.npz",
    }
    net, labels = small_classifier(), np.arange(6) % 3
    tn.fit(net, X, labels, loss=tn.CrossEntropy(class_weights=[1, 2, 1]), **run)
    with pytest.raises(ValueError, match="class_weights"):
        tn.fit(net, X, labels, loss=tn.CrossEntropy(), resume=True, **run)


def test_class_gradients_are_not_read_off_weighted_deltas():
    run = {"optimizer": tn.SGD(0.1), "epochs": 1, "batch_size": 3, "progress": False}
    with pytest.raises(ValueError, match=r"^ClassGradientTracker needs CrossEntropy without class_weights"):
        loss, tracker = tn.CrossEntropy(class_weights=[1, 2, 1]), tn.ClassGradientTracker()
        tn.fit(small_classifier(), X, np.arange(6) % 3, loss=loss, callbacks=[tracker], **run)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(0, 2))
def test_balanced_weights_make_all_classes_weigh_the_same(labels, more):
    missing = [label for label in range(max(labels) + 1 + more) if label not in labels]
    if missing:
        with pytest.raises(ValueError, match=f"^labels: class {missing[0]} has no image"):
            tn.balanced_weights(labels, max(labels) + 1 + more)
        return
    weights = tn.balanced_weights(labels)
    of_images = weights[labels]
    np.testing.assert_allclose(of_images.mean(), 1)
    np.testing.assert_allclose(np.bincount(labels, of_images), len(labels) / len(weights))


@pytest.mark.parametrize(("labels", "message"), [([], "expected one integer"), (["a"], "are text"), ([-1], "is -1")])
def test_labels_that_are_none_have_no_weights(labels, message):
    with pytest.raises(ValueError, match=message):
        tn.balanced_weights(labels)
