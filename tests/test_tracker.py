"""The tracker: class gradients read off the deltas of training are those of a backward pass of their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import assert_same_bits, cases, small_classifier
from tests.test_training import LABELS, BreakOff, X, network, train
from tinynet.explain.class_sums import ClassSums
from tinynet.kernels import parallel
from tinynet.training import run


@given(cases(last=[tn.Softmax], min_classes=2), st.integers(1, 5), st.integers(1, 3))
def test_the_tracker_reads_class_gradients_off_the_training_deltas(case, batch_size, part_size):
    net, x, labels = case.net, case.x, case.labels()
    lowest = net.names.index(next(layer.name for layer in net.layers if layer.params))
    wanted = net.names[lowest : net.names.index(net.logits) + 1]
    tracker = tn.ClassGradientTracker(wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "part_size", lambda net: part_size)
        train(net, x, labels, optimizer=tn.SGD(0.0), epochs=2, batch_size=batch_size, callbacks=[tracker])
    assert list(tracker.gradients) == wanted
    every_image = tn.prediction_gradient(net, x, labels, of="probability")
    for name, got in tracker.gradients.items():
        for label in range(net.output_shape[0]):
            members = every_image[name][labels == label]
            mean = members.mean(axis=0) if len(members) else np.zeros(net.shapes[name])
            np.testing.assert_allclose(got[label], mean, rtol=1e-9, atol=1e-12)


def test_the_tracker_agrees_with_class_gradient():
    tracker, net = tn.ClassGradientTracker(), small_classifier()
    train(net, optimizer=tn.SGD(0.0), callbacks=[tracker], epochs=1)
    wanted = tn.class_gradient(net, X, LABELS, of=tracker.of)
    for name, gradient in tracker.gradients.items():
        np.testing.assert_allclose(gradient, wanted[name], rtol=1e-9, atol=1e-12)


def test_a_tracker_that_saw_no_step_has_no_gradients():
    tracker = tn.ClassGradientTracker()
    tracker.on_epoch(small_classifier(), tn.History())
    assert tracker.gradients == {}


def test_the_tracker_takes_no_other_loss():
    with pytest.raises(ValueError, match="ClassGradientTracker needs CrossEntropy"):
        train(network(), loss=tn.SquaredError(), callbacks=[tn.ClassGradientTracker()])
    sigmoids = small_classifier(last=tn.Sigmoid)
    with pytest.raises(ValueError, match="ClassGradientTracker needs CrossEntropy"):
        train(sigmoids, loss=tn.BinaryCrossEntropy(), callbacks=[tn.ClassGradientTracker()])


def test_a_tracker_starts_each_run_afresh():
    tracker = tn.ClassGradientTracker()
    with pytest.raises(KeyboardInterrupt):
        train(small_classifier(), callbacks=[BreakOff(2), tracker])
    train(small_classifier(), callbacks=[tracker], epochs=1)
    alone = tn.ClassGradientTracker()
    train(small_classifier(), callbacks=[alone], epochs=1)
    assert_same_bits(tracker.gradients, alone.gradients)


def test_a_tracker_gives_the_same_bits_with_any_number_of_threads(monkeypatch):
    monkeypatch.setattr(run, "part_size", lambda net: 2)
    found = []
    for count in (1, 2, 3):
        monkeypatch.setattr(parallel, "thread_count", lambda count=count: count)
        tracker = tn.ClassGradientTracker()
        train(network(), callbacks=[tracker], batch_size=7)
        found.append(tracker.gradients)
    assert_same_bits(found[0], found[1])
    assert_same_bits(found[0], found[2])


@given(cases(), st.integers(1, 4))
def test_class_sums_add_up_class_by_class(case, classes):
    weights = case.rng.normal(size=(classes, len(case.x)))
    wanted = np.stack([sum(w * image for w, image in zip(row, case.x, strict=True)) for row in weights])
    one, two = ClassSums(classes, case.x.dtype), ClassSums(classes, case.x.dtype)
    first, *others = np.array_split(np.arange(len(case.x)), 3)
    one.add(weights[:, first], {"x": case.x[first]})
    for part in others:
        two.add(weights[:, part], {"x": case.x[part]})
    one.merge(two)
    np.testing.assert_allclose(one.totals()["x"], wanted, rtol=1e-10, atol=1e-12)
