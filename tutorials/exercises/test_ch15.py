"""Grades chapter 15: weights as pictures."""

from functools import partial

import numpy as np
import pytest

import tinynet as tn
from tinynet import explain

assert_close = partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-5)  # single precision will do
INSIDE, OUTSIDE = np.array([[1, 1], [0, 0]], bool), np.array([[0, 0], [1, 0]], bool)


@pytest.mark.exercise("15.1")
def test_ch15_share_counts_positive_weight(student):
    """Of the positive weights 3 inside and 1 outside the share is 3/4: negative ones and other places do not count."""
    pictures = np.array([[[3.0, -8.0], [1.0, 50.0]], [[0.5, 0.5], [-1.0, 0.0]]])
    assert_close(student.share_in(pictures, INSIDE, OUTSIDE), [0.75, 1.0])


@pytest.mark.exercise("15.1")
def test_ch15_share_of_nothing(student):
    """A unit that has no positive weight in either region has no share: nan."""
    found = student.share_in(np.array([[[-1.0, 0.0], [-2.0, 4.0]], [[0.0, 0.0], [2.0, 0.0]]]), INSIDE, OUTSIDE)
    assert_close(found, [np.nan, 0.0])


@pytest.mark.exercise("15.2")
def test_ch15_gap_by_hand(student):
    """Means 4, 3 and 1 give (3 - 1) / 4; means 2, 0 and 0 give 0."""
    outputs = np.array([[4.0, 0.0], [0.0, 0.0], [4.0, 0.0], [5.0, 0.0], [1.0, 2.0]])
    assert_close(student.response_gap(outputs, np.array([2, 1, 1, 1, 0])), [0.5, 0.0])


@pytest.mark.exercise("15.2")
def test_ch15_gap_of_a_silent_unit(student):
    """A unit that is silent for all classes has the gap 0."""
    found = student.response_gap(np.array([[0.0, 2.0], [0.0, 1.0], [0.0, 0.0]]), np.array([0, 1, 2]))
    assert_close(found, [0.0, 0.5])


def network(rng, sizes):
    """Return a network of dense layers with ReLUs in between, and its matrices."""
    layers = [layer for size in sizes for layer in (tn.Dense(size, bias=False), tn.ReLU())][:-1]
    net = tn.Network([tn.Flatten(), *layers], (1, 3, 4), rng=rng, dtype=np.float64)
    return net, [layer.params["W"] for layer in net.layers if layer.params]


@pytest.mark.exercise("15.3")
def test_ch15_linear_path(student, rng):
    """With one layer the pictures are its weights; with three they are those of tinynet's weight_projection."""
    for sizes in ([5], [4, 6, 2]):
        net, matrices = network(rng, sizes)
        wanted = explain.weight_projection(net, net.names[-1]).pictures[:, 0]
        found = student.linear_path(matrices, (3, 4))
        assert np.shape(found) == wanted.shape, f"pictures of shape {np.shape(found)}, should be {wanted.shape}"
        assert_close(found, wanted)


@pytest.mark.exercise("15.4")
def test_ch15_path_of_an_image(student, rng):
    """A picture times the image, summed, is the unit's net input, with one, two and three layers."""
    for sizes in ([5], [4, 2], [6, 5, 3]):
        net, matrices = network(rng, sizes)
        for x in rng.normal(size=(3, 3, 4)):
            found = student.path_of(matrices, x)
            assert_close((np.asarray(found) * x).sum(axis=(1, 2)), net(x[None]))


@pytest.mark.exercise("15.4")
def test_ch15_path_is_the_gradient(student, rng):
    """It is the gradient of the unit by the pixels, and so another picture for another image."""
    net, matrices = network(rng, [6, 5, 3])
    x = rng.normal(size=(3, 4))
    wanted = net.backward(net.trace(x[None]), np.eye(3)).input[:, 0]
    assert_close(student.path_of(matrices, x), wanted)


@pytest.mark.exercise("15.4")
def test_ch15_path_of_units_at_zero(student):
    """A unit whose net input is exactly 0 is off: its pixel is missing in the picture."""
    found = student.path_of([np.eye(2), np.ones((1, 2))], np.array([[1.0, 0.0]]))
    assert_close(found, [[[1.0, 0.0]]])
