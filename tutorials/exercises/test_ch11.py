"""Grades chapter 11: learning by targets."""

from functools import partial

import numpy as np
import pytest
from scipy.special import expit

import tinynet as tn

assert_close = partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-5)  # single precision will do


@pytest.fixture
def weights(rng):
    """Return the weights of three blocks: 6 inputs, 5 and 4 hidden units, 3 outputs."""
    return [rng.standard_normal((units, inputs)) for inputs, units in ((6, 5), (5, 4), (4, 3))]


@pytest.fixture
def x(rng):
    return rng.uniform(0, 1, (7, 6))


@pytest.fixture
def wanted(rng):
    return np.eye(3)[rng.integers(0, 3, 7)]


def network(weights):
    """Return the network of the blocks, in float64."""
    layers = []
    for W in weights:
        layers += [tn.Dense(len(W), bias=False), tn.Sigmoid()]
    net = tn.Network(layers, (weights[0].shape[1],), rng=0, dtype=np.float64)
    for layer, W in zip(net.layers[::2], weights, strict=True):
        layer.params["W"][...] = W
    return net


def slope_of_the_error(W, x, t, h=1e-6):
    """Return the derivatives of |y - t|^2 / 2 of each row with respect to its inputs, by differences."""

    def error(at):
        return 0.5 * np.square(expit(at @ W.T) - t).sum(axis=1)

    steps = h * np.eye(x.shape[1])
    return np.stack([(error(x + step) - error(x - step)) / (2 * h) for step in steps], axis=1)


@pytest.mark.exercise("11.1")
def test_ch11_target_below_by_hand(student):
    """At zeros the output is 1/2 and the slope 1/4: for the target 1, a step of 8 leads to the weights."""
    W = np.array([[1.0, -2.0, 0.5]])
    for start in ("activation", "zero"):
        found = student.target_below(W, np.zeros((1, 3)), np.ones((1, 1)), 8.0, start)
        assert_close(found, W, err_msg=f"start {start!r}")


@pytest.mark.exercise("11.1")
def test_ch11_target_below_steps_down_the_error(student, rng, weights, x):
    """From the activation, it is x less tau times the derivatives of the error with respect to x."""
    t = rng.uniform(0, 1, (7, 5))
    found = student.target_below(weights[0], x, t, 3.0, "activation")
    assert_close(found, x - 3 * slope_of_the_error(weights[0], x, t))


@pytest.mark.exercise("11.1")
def test_ch11_target_below_knows_two_starts(student, rng, weights, x):
    """The two starts differ by x."""
    t = rng.uniform(0, 1, (7, 5))
    found = [student.target_below(weights[0], x, t, 3.0, start) for start in ("activation", "zero")]
    assert_close(np.subtract(*found), x)


@pytest.mark.exercise("11.2")
def test_ch11_look_again_once(student, rng, weights, x):
    """One step starts at zero, with the slope at x."""
    t = rng.uniform(0, 1, (7, 5))
    found = student.look_again(weights[0], x, t, 2.0, 1)
    assert_close(found, -2 * slope_of_the_error(weights[0], x, t))


@pytest.mark.exercise("11.2")
def test_ch11_look_again_twice(student, rng, weights, x):
    """The second step starts where the first one ended, with the slope of the error there."""
    t = rng.uniform(0, 1, (7, 5))
    first = -2 * slope_of_the_error(weights[0], x, t)
    second = first - 2 * slope_of_the_error(weights[0], first, t)
    assert_close(student.look_again(weights[0], x, t, 2.0, 2), second)


@pytest.mark.exercise("11.2")
def test_ch11_look_again_arrives(student, rng, weights, x):
    """Many short steps lead to inputs for which the block puts out its target, if there are such inputs."""
    W = weights[1][:2]
    t = expit(rng.standard_normal((7, 5)) @ W.T)
    found = student.look_again(W, x[:, :5], t, 2.0, 400)
    assert_close(expit(np.asarray(found) @ W.T), t, atol=1e-3)


@pytest.mark.exercise("11.3")
def test_ch11_gradients_of_the_top(student, weights, x, wanted):
    """The topmost block learns as ever: its gradient is that of the mean squared error at the output."""
    found = student.weight_gradients(weights, x, wanted, 5.0)[-1]
    below = expit(expit(x @ weights[0].T) @ weights[1].T)

    def error(W):
        return 0.5 * np.square(expit(below @ W.T) - wanted).sum() / len(x)

    wanted_slope = np.zeros_like(weights[2])
    for index in np.ndindex(*wanted_slope.shape):
        step = np.zeros_like(wanted_slope)
        step[index] = 1e-6
        wanted_slope[index] = (error(weights[2] + step) - error(weights[2] - step)) / 2e-6
    assert_close(found, wanted_slope)


@pytest.mark.exercise("11.3")
@pytest.mark.parametrize("tau", [0.5, 5.0])
def test_ch11_gradients_image_by_image(student, weights, x, wanted, tau):
    """Hidden blocks learn to put out the targets that come down to them, image by image."""
    expected = [np.zeros_like(W) for W in weights]
    for image, t in zip(x, wanted, strict=True):
        outputs = [image]
        for W in weights:
            outputs.append(expit(W @ outputs[-1]))
        for number in (2, 1, 0):
            y = outputs[number + 1]
            error = (y - t) * y * (1 - y)
            expected[number] += np.outer(error, outputs[number]) / len(x)
            t = 0 - tau * weights[number].T @ error
    found = student.weight_gradients(weights, x, wanted, tau)
    assert len(found) == 3, f"{len(found)} arrays, should be 3"
    for number in (0, 1):
        assert_close(found[number], expected[number], err_msg=f"block {number + 1}, tau {tau}")


@pytest.mark.exercise("11.3")
def test_ch11_gradients_are_means(student, weights, x, wanted):
    """Each image twice gives the same gradients."""
    once = student.weight_gradients(weights, x, wanted, 5.0)
    twice = student.weight_gradients(weights, np.tile(x, (2, 1)), np.tile(wanted, (2, 1)), 5.0)
    for number, (one, two) in enumerate(zip(once, twice, strict=True), start=1):
        assert_close(two, one, err_msg=f"block {number}")


@pytest.mark.exercise("11.4")
def test_ch11_targets_from_deltas_by_hand(student):
    """With three blocks and steps of 10, deltas count 100-fold, 10-fold and once."""
    outputs = [np.array([[0.5]]), np.array([[0.25]]), np.array([[0.75]])]
    deltas = [np.array([[0.001]]), np.array([[0.01]]), np.array([[0.75]])]
    found = [float(t[0, 0]) for t in student.targets_from_deltas(outputs, deltas, 10.0)]
    assert_close(found, [0.4, 0.15, 0.0])


@pytest.mark.exercise("11.4")
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_ch11_targets_from_deltas_are_those_carried_down(student, weights, x, wanted, depth):
    """They are the targets that are carried down step by step from the activation."""
    net = network(weights[3 - depth :])
    trace = net.trace(x[:, : net.input_shape[0]])
    carried = net.propagate_targets(trace, wanted, tn.GradientTargets(4.0, start="activation"))
    deltas = net.backward(trace, trace.output - wanted)
    names = [f"sigmoid{number}" for number in range(1, depth + 1)]
    found = student.targets_from_deltas([trace[n] for n in names], [deltas[n] for n in names], 4.0)
    for name, t in zip(names, found, strict=True):
        assert_close(t, carried[name], err_msg=f"{name} of {depth}")


@pytest.mark.exercise("11.5")
def test_ch11_hebbian_part_by_hand(student):
    """A unit that puts out 1/2, with the slope 1/4, for an input of 2, has the part 1/4; a silent input has none."""
    found = student.hebbian_part(np.array([[2.0, 0.0]]), np.array([[0.5]]))
    assert_close(found, [[0.25, 0.0]])


@pytest.mark.exercise("11.5")
def test_ch11_hebbian_part_is_what_the_start_makes(student, weights, x, wanted):
    """It is the gradient with steps from zero, less the gradient with steps from the activation."""
    net = network([weights[0], weights[1][:3]])
    trace = net.trace(x)
    found = {}
    for start in ("zero", "activation"):
        targets = net.propagate_targets(trace, wanted, tn.GradientTargets(4.0, start))
        found[start] = net.grads(trace, net.target_deltas(trace, targets, 1 / len(x)))["dense1"]["W"]
    missing = found["zero"] - found["activation"]
    assert_close(student.hebbian_part(x, trace["sigmoid1"]), missing)


@pytest.mark.exercise("11.6")
def test_ch11_difference_target_of_what_is(student, weights, x):
    """If the outputs are their own targets, so are the inputs."""
    found = student.difference_target(weights[0], x, expit(x @ weights[0].T))
    assert_close(found, x)


@pytest.mark.exercise("11.6")
def test_ch11_difference_target_arrives(student, rng, weights, x):
    """With more inputs than outputs, the block puts out its target for the target of its inputs."""
    t = rng.uniform(0.1, 0.9, (7, 5))
    found = student.difference_target(weights[0], x, t)
    assert_close(expit(np.asarray(found) @ weights[0].T), t)


@pytest.mark.exercise("11.6")
def test_ch11_difference_target_is_the_nearest(student, rng, weights, x):
    """Of all inputs that do, it is the nearest to x: what the weights do not see stays as it is."""
    W = weights[2]
    unseen = np.linalg.svd(W)[2][3]
    found = student.difference_target(W, x[:, :4], rng.uniform(0.1, 0.9, (7, 3)))
    assert_close((np.asarray(found) - x[:, :4]) @ unseen, np.zeros(7))


@pytest.mark.exercise("11.6")
def test_ch11_difference_target_of_zeros_and_ones(student, weights, x, wanted):
    """Targets of 0 and 1, which a sigmoid never reaches, count as the margin and 1 less the margin."""
    found = student.difference_target(weights[2], x[:, :4], wanted, margin=0.05)
    assert np.isfinite(found).all(), "not all numbers are finite"
    assert_close(expit(np.asarray(found) @ weights[2].T), np.clip(wanted, 0.05, 0.95))
