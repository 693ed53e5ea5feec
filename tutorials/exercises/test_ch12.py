"""Grades chapter 12: seeing by targets."""

from functools import partial

import numpy as np
import pytest

import tinynet as tn

TAU = 3.0
assert_close = partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-5)  # single precision will do


@pytest.fixture
def weights(rng):
    """Return the weights of three blocks: 6 inputs, 5 and 4 hidden units, 3 outputs."""
    return [rng.standard_normal((units, inputs)) for inputs, units in ((6, 5), (5, 4), (4, 3))]


def network(weights):
    """Return the network of the blocks, in float64."""
    layers = []
    for W in weights:
        layers += [tn.Dense(len(W), bias=False), tn.Sigmoid()]
    net = tn.Network(layers, (weights[0].shape[1],), rng=0, dtype=np.float64)
    for layer, W in zip(net.layers[::2], weights, strict=True):
        layer.params["W"][...] = W
    return net


def carried_down(weights, targets):
    """Return the targets of an image of zeros, by the library."""
    net = network(weights)
    return tn.extract_feature(net, net.names[-1], targets, tn.GradientTargets(TAU))


@pytest.mark.exercise("12.1")
def test_ch12_feature_by_hand(student):
    """One block: the output for zeros is 1/2, its slope 1/4, and the target 1 leads to tau / 8 times the weights."""
    W = np.array([[1.0, -2.0, 0.5]])
    assert_close(student.feature([W], np.array([1.0]), 8.0), W[0])


@pytest.mark.exercise("12.1")
@pytest.mark.parametrize("depth", [2, 3])
def test_ch12_feature_of_every_output(student, weights, depth):
    """Through several blocks, each with its own outputs and its own slope, as `tn.extract_feature` carries it."""
    for target in np.eye(3):
        found = student.feature(weights[3 - depth :], target, TAU)
        assert_close(found, carried_down(weights[3 - depth :], target), err_msg=f"target {target}")


@pytest.mark.exercise("12.1")
def test_ch12_feature_of_any_target(student, weights):
    """The target may be any vector: for sets of units, or of values between."""
    target = np.array([0.2, 1.0, 1.0])
    assert_close(student.feature(weights, target, TAU), carried_down(weights, target))


@pytest.mark.exercise("12.2")
def test_ch12_match_of_the_directions(student, rng):
    """Features that are the directions of their classes match with 1, whatever their lengths; turned round with -1."""
    images, labels = rng.uniform(0, 1, (20, 6)), np.repeat(np.arange(3), [10, 6, 4])
    directions = np.stack([images[labels == k].mean(axis=0) for k in range(3)]) - images.mean(axis=0)
    lengths = np.array([[1.0], [20.0], [0.05]])
    assert_close(student.match(lengths * directions, images, labels), 1)
    assert_close(student.match(-lengths * directions, images, labels), -1)


@pytest.mark.exercise("12.2")
def test_ch12_match_by_hand(student):
    """Each feature counts with its own class: one that is right and one at a right angle make 1/2."""
    images, labels = np.array([[3.0, 0, 1], [1, 0, 1]]), np.array([0, 1])  # the directions are (1, 0, 0), (-1, 0, 0)
    found = student.match(np.array([[2.0, 0, 0], [0, 0, 3]]), images, labels)
    assert_close(found, 0.5)


@pytest.mark.exercise("12.3")
def test_ch12_overlap_by_hand(student):
    """Of three pairs with the cosines 0, 0.6 and -0.8 it is the mean size, 1.4 / 3."""
    features = np.array([[2.0, 0.0], [0.0, 5.0], [0.6, -0.8]])
    assert_close(student.overlap(features), 1.4 / 3)


@pytest.mark.exercise("12.3")
def test_ch12_overlap_of_one_image(student, rng):
    """Features that are one image, at any length and either sign, overlap by 1."""
    features = np.array([[1.0], [-3.0], [0.01]]) * rng.standard_normal(8)
    assert_close(student.overlap(features), 1)


@pytest.mark.exercise("12.5")
def test_ch12_two_parts_make_the_features(student, weights):
    """Background and own part together are the feature."""
    background, own = student.two_parts(weights, TAU)
    assert_close(background + own, carried_down(weights, np.eye(3)))


@pytest.mark.exercise("12.5")
def test_ch12_two_parts_own_is_the_gradient(student, weights):
    """The own parts are a power of tau times the gradients at zeros."""
    net = network(weights)
    gradients = net.backward(net.trace(np.zeros(6)), np.eye(3)).input
    assert_close(student.two_parts(weights, TAU)[1], TAU**3 * gradients)


@pytest.mark.exercise("12.5")
def test_ch12_two_parts_background_is_nobodys(student, weights):
    """The background is what comes down if no output is asked to be active."""
    assert_close(student.two_parts(weights, TAU)[0], carried_down(weights, np.zeros(3)))


@pytest.mark.exercise("12.4")
@pytest.mark.parametrize("slopes", [(2.0, -5.0), (0.0, 3.0), (1.0, 4.0)])
def test_ch12_bend_of_two_lines(student, slopes):
    """Where two lines meet, it is found: up and down, flat and up, up and more so."""
    x = np.linspace(0, 1, 41)
    y = 0.3 + slopes[0] * np.minimum(x - 0.7, 0) + slopes[1] * np.maximum(x - 0.7, 0)
    assert_close(student.bend(x, y, np.linspace(0.1, 0.9, 81)), 0.7)


@pytest.mark.exercise("12.4")
def test_ch12_bend_needs_no_order(student, rng):
    """Points in any order and unevenly spaced, with some noise."""
    x = rng.uniform(0, 1, 400) ** 2
    y = 2 * np.minimum(x - 0.4, 0) + 0.2 * np.maximum(x - 0.4, 0) + 0.02 * rng.standard_normal(400)
    found = student.bend(x, y, np.linspace(0.1, 0.9, 81))
    assert abs(found - 0.4) < 0.03, f"found {found:.2f}, should be 0.4 within 0.03"


@pytest.mark.exercise("12.4")
def test_ch12_bend_by_squares(student, rng):
    """What is left over is counted by its squares, so that points far off the lines pull hard."""
    x, places = rng.uniform(0, 1, 60), np.linspace(0.1, 0.9, 17)
    y = 2 * abs(x - 0.4) + 0.1 * rng.standard_normal(60)
    y[x > 0.9] -= 2
    squares = []
    for k in places:
        columns = np.stack([np.ones(60), x, abs(x - k)], axis=1)
        squares.append(np.square(columns @ np.linalg.lstsq(columns, y, rcond=None)[0] - y).sum())
    assert_close(student.bend(x, y, places), places[np.argmin(squares)])
