"""Difference target propagation: what each layer's inverse has to do, and slow replicas of it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, small_classifier
from tinynet import datasets
from tinynet.testing import strategies as some

INVERTIBLE = [tn.Tanh, tn.Sigmoid, tn.Softplus, tn.Softmax, tn.ReLU, tn.Flatten, tn.KnockOut, tn.Dropout]
LINEAR = [tn.Dense, tn.Conv2D, tn.AvgPool2D]
ALL = [*INVERTIBLE, *LINEAR, tn.MaxPool2D, tn.Step]
RULE = tn.DifferenceTargets(margin=1e-6)


def matrix_of(layer, x):
    """Return the Jacobian of a linear layer as a matrix, one column for each value of the input."""
    constant = layer.forward(np.zeros_like(x))
    columns = [(layer.forward(unit.reshape(x.shape)) - constant).ravel() for unit in np.eye(x.size, dtype=x.dtype)]
    return np.array(columns).T.reshape(constant.size, x.size)


def toeplitz_of(conv, shape):
    """Return the matrix of a convolution, every weight put where it is used."""
    filters, height, width = conv.output_shape(shape)
    (above, _), (left, _) = conv.window.pads(*shape[1:])
    matrix = np.zeros((filters, height, width, *shape))
    places = itertools.product(range(filters), range(height), range(width), *map(range, conv.params["W"].shape[1:]))
    for o, i, j, c, p, q in places:
        row, column = i * conv.stride[0] + p - above, j * conv.stride[1] + q - left
        if 0 <= row < shape[1] and 0 <= column < shape[2]:
            matrix[o, i, j, c, row, column] = conv.params["W"][o, c, p, q]
    return matrix.reshape(filters * height * width, -1)


@given(some.layers(ALL), st.sampled_from([np.float32, np.float64]), st.data())
def test_an_output_that_is_right_wants_its_input_as_it_was(case, dtype, data):
    layer = case.layer.with_params({name: array.astype(dtype) for name, array in case.layer.params.items()})
    x = data.draw(some.inputs(case.input_shape, dtype=dtype))
    y = layer.forward(x)
    t_x = layer.target(y, x, y, RULE)
    assert t_x.shape == x.shape and t_x.dtype == dtype
    np.testing.assert_allclose(t_x, x, rtol=0, atol=64 * np.finfo(dtype).eps * (1 + np.abs(x).max(initial=0)))


@given(st.sampled_from([tn.Tanh, tn.Sigmoid, tn.Softplus, tn.Softmax]), st.sampled_from([np.float32, np.float64]))
def test_saturated_outputs_want_their_input_as_it_was(kind, dtype):
    x = np.array([[-800, 0, 800], [-90, 1, 90], [-20, -2, 20]], dtype)
    y = kind().forward(x)
    np.testing.assert_allclose(kind().target(y, x, y, tn.DifferenceTargets()), x, rtol=1e-5, atol=1e-5)


@given(some.layers(INVERTIBLE), st.integers(0, 99), st.data())
def test_the_target_of_the_input_reproduces_that_of_the_output(case, seed, data):
    layer, rng = case.layer, np.random.default_rng(seed)
    x = data.draw(some.inputs(case.input_shape))
    y, t = layer.forward(x), layer.forward(rng.normal(size=x.shape))
    np.testing.assert_allclose(layer.forward(layer.target(t, x, y, RULE)), t, rtol=1e-6, atol=1e-6)


@given(some.layers([tn.Tanh, tn.Sigmoid, tn.Softplus, tn.Softmax]), st.floats(1e-4, 0.1), st.integers(0, 99), st.data())
def test_targets_are_kept_within_the_bounds(case, margin, seed, data):
    layer, rng = case.layer, np.random.default_rng(seed)
    x = data.draw(some.inputs(case.input_shape))
    y = layer.forward(x)
    t_x = layer.target(rng.normal(0, 10, y.shape), x, y, tn.DifferenceTargets(margin=margin))
    assert np.isfinite(t_x).all()
    if not isinstance(layer, tn.Softmax):
        low, high = layer.bounds
        reached = layer.forward(t_x)
        assert (reached >= np.minimum(y, low + margin) - 1e-9).all()
        assert (reached <= np.maximum(y, high - margin) + 1e-9).all()


@given(some.layers(LINEAR), st.sampled_from([0.0, 0.3]), st.data())
def test_linear_layers_change_as_little_as_brings_them_nearest(case, damping, data):
    layer, rng = case.layer, np.random.default_rng(data.draw(st.integers(0, 99)))
    x = rng.normal(size=case.input_shape)
    J, y = matrix_of(layer, x), layer.forward(x)
    if isinstance(layer, tn.Conv2D):
        np.testing.assert_allclose(J, toeplitz_of(layer, case.input_shape), atol=1e-12)
    if isinstance(layer, tn.AvgPool2D):
        damping = 0.0
    more = rng.normal(size=(2, 3, *y.shape))
    got = layer.target(y + more, x, y, tn.DifferenceTargets(damping=damping))
    assert got.shape == (2, 3, *x.shape)
    padded = np.concatenate([J, damping * np.eye(x.size)])
    sizes = np.linalg.svd(padded, compute_uv=False)
    almost_singular = bool(((sizes > 1e-14 * sizes.max()) & (sizes < 1e-10 * sizes.max())).any())
    for change, t_x in zip(more.reshape(-1, y.size), got.reshape(-1, x.size), strict=True):
        aim, found = np.concatenate([change, np.zeros(x.size)]), t_x - x.ravel()
        wanted = np.linalg.lstsq(padded, aim, rcond=1e-10)[0]
        left, least = np.linalg.norm(padded @ found - aim), np.linalg.norm(padded @ wanted - aim)
        assert left <= least + 1e-5 * np.linalg.norm(change)
        if not almost_singular:
            np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6 * (1 + np.abs(wanted).max()))


@pytest.mark.parametrize("seed", [3, 0, 7, 29, 16])
def test_changes_are_found_though_the_output_hardly_depends_on_some(seed):
    net = tn.Network([tn.Conv2D(3, 2, padding="same", bias=False)], (3, 5, 5), rng=seed, dtype=np.float64)
    conv, x = net.layers[0], np.zeros((3, 5, 5))
    J, change = matrix_of(conv, x), np.random.default_rng(seed).normal(size=(3, 5, 5))
    assert 1e1 < np.linalg.cond(J) < 1e10
    got = conv.target(change, x, conv.forward(x), tn.DifferenceTargets(damping=0.0)).ravel()
    wanted = np.linalg.solve(J, change.ravel())
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-6 * np.abs(wanted).max())


@given(some.layers([tn.MaxPool2D]), st.integers(0, 99))
def test_a_maximum_hands_its_target_to_the_winner(case, seed):
    layer, rng = case.layer, np.random.default_rng(seed)
    x = rng.normal(size=case.input_shape)
    y = layer.forward(x)
    change = rng.normal(size=y.shape)
    switches = np.array([layer.backward(e.reshape(y.shape), x, y).ravel() for e in np.eye(y.size)])
    wanted = np.linalg.lstsq(switches, change.ravel(), rcond=1e-10)[0]
    np.testing.assert_allclose((layer.target(y + change, x, y, RULE) - x).ravel(), wanted, atol=1e-10)


def test_a_maximum_that_should_rise_does():
    rng = np.random.default_rng(0)
    x, pool = rng.normal(size=(2, 3, 6, 6)), tn.MaxPool2D(2)
    y = pool.forward(x)
    t = y + rng.random(y.shape)
    np.testing.assert_allclose(pool.forward(pool.target(t, x, y, RULE)), t)


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("classes", [1, 3])
def test_black_and_white_images_and_single_classes_have_targets(value, dtype, classes):
    for last in (tn.Softmax, tn.Sigmoid, None):
        net = small_classifier(classes, dtype, last=last)
        trace = net.trace(np.full((2, 1, 8, 8), value))
        for rule in (tn.DifferenceTargets(), tn.GradientTargets()):
            for goal in (0.0, 1.0):
                targets = net.propagate_targets(trace, np.full(classes, goal), rule)
                for name in trace:
                    assert targets[name].shape == trace[name].shape and targets[name].dtype == dtype
                    assert np.isfinite(targets[name]).all()


def test_maps_of_one_pixel_have_targets():
    layers = [tn.Conv2D(1, 1), tn.Tanh(), tn.MaxPool2D(1), tn.AvgPool2D(1), tn.Flatten(), tn.Dense(1), tn.Sigmoid()]
    net = tn.Network(layers, (1, 1, 1), dtype=float)
    trace = net.trace(np.ones((1, 1, 1)))
    targets = net.propagate_targets(trace, [0.9], tn.DifferenceTargets(step=0.01))
    assert np.isclose(net.trace(targets.input).output, trace.output + 0.01 * (0.9 - trace.output))


@given(cases(last=[None, tn.Sigmoid]), st.floats(0.01, 1), st.integers(0, 99))
def test_each_target_is_reached_from_the_one_below_where_it_can_be(case, step, seed):
    net = case.net
    trace = net.trace(case.x)
    wanted = np.random.default_rng(seed).uniform(0.2, 0.8, trace.output.shape)
    rule = tn.DifferenceTargets(step=step)
    targets = net.propagate_targets(trace, wanted, rule)
    top = net.names[-1]
    np.testing.assert_allclose(targets[top], trace[top] + step * (wanted - trace[top]))
    for before, layer in zip(net.names, net.layers, strict=False):
        again = layer.target(targets[layer.name], trace[before], trace[layer.name], rule)
        np.testing.assert_array_equal(targets[before], again)
        change = targets[layer.name] - trace[layer.name]
        if isinstance(layer, tn.Dense) and np.linalg.matrix_rank(layer.params["W"], tol=1e-3) == layer.units:
            np.testing.assert_allclose(layer.forward(again) - trace[layer.name], change, rtol=1e-6, atol=1e-6)


def test_a_square_invertible_network_is_inverted():
    rng = np.random.default_rng(3)
    layers = [tn.Dense(4), tn.Tanh(), tn.Dense(4), tn.Softplus(), tn.Dense(4), tn.Sigmoid()]
    net = tn.Network(layers, (4,), rng=rng, dtype=float)
    for layer in net.layers[::2]:
        layer.params["W"][...] = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    x, other = rng.normal(0, 0.3, (2, 5, 4))
    t_x = net.propagate_targets(net.trace(x), net(other), tn.DifferenceTargets(step=1.0, margin=1e-9)).input
    np.testing.assert_allclose(t_x, other, atol=1e-9)


# ------------------------------------------------------------------------------------------------------------- learning


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits:1200").split(rng=0)


@pytest.mark.parametrize(
    ("activation", "rate", "rule"),
    [(tn.Tanh, 0.2, tn.DifferenceTargets(step=0.2, damping=1.0)), (tn.Sigmoid, 0.5, tn.DifferenceTargets())],
)
def test_networks_learn_by_difference_targets(digits, activation, rate, rule):
    train, test = digits
    layers = [tn.Flatten(), tn.Dense(64), activation(), tn.Dense(32), activation(), tn.Dense(10), tn.Sigmoid()]
    net = tn.Network(layers, train.x.shape[1:], rng=0)
    history = tn.fit(
        net,
        train.x,
        train.labels,
        loss=tn.SquaredError(),
        optimizer=tn.SGD(rate, momentum=0.5),
        rule=rule,
        epochs=6,
        batch_size=20,
        progress=False,
    )
    assert history.loss[-1] < 0.85 * history.loss[0]
    assert tn.accuracy(net, test.x, test.labels) > 0.4


# --------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"step": 0}, r"^DifferenceTargets: step is 0, expected a finite number above 0 and at most 1$"),
        ({"step": 1.5}, r"step is 1\.5, expected"),
        ({"step": "all"}, r"step is 'all', expected"),
        ({"damping": -1.0}, r"damping is -1\.0, expected a finite number at least 0$"),
        ({"damping": float("nan")}, r"damping is nan, expected"),
        ({"margin": 0.0}, r"margin is 0\.0, expected a finite number above 0 and below 0\.5$"),
        ({"margin": 0.5}, r"margin is 0\.5, expected"),
    ],
)
def test_rules_that_cannot_be_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        tn.DifferenceTargets(**settings)


def test_layers_of_ones_own_without_an_inverse_say_so():
    from tinynet.layers.base import PassThrough

    class Double(PassThrough):
        def forward(self, x):
            return 2 * x

        def backward(self, dy, x, y):
            return 2 * dy

    net = tn.Network([Double()], (2,))
    with pytest.raises(NotImplementedError, match=r"^Double does not define inverse\(t, x, y\)$"):
        net.propagate_targets(net.trace(np.ones(2)), np.zeros(2), tn.DifferenceTargets())


# ---------------------------------------------------------------------------------------------------------- wrong rules


class Transpose(tn.DifferenceTargets):
    def affine_target(self, layer, t, x, y):
        return x + layer.backward(t - y, x, y)


class WithoutDifference(tn.DifferenceTargets):
    def affine_target(self, layer, t, x, y):
        return super().affine_target(layer, t, np.zeros_like(x), layer.params["b"])


class OfTheWrongSide(tn.DifferenceTargets):
    def affine_target(self, layer, t, x, y):
        return super().affine_target(layer, 2 * y - t, x, y)


class SlopesForInverses(tn.DifferenceTargets):
    def passing_target(self, layer, t, x, y):
        return tn.GradientTargets().passing_target(layer, t, x, y)


class FromTheOutputItself(tn.DifferenceTargets):
    def passing_target(self, layer, t, x, y):
        return super().passing_target(layer, y, x, t)


class AllTheWay(tn.DifferenceTargets):
    def output_target(self, t, y):
        return t


WRONG = [Transpose, WithoutDifference, OfTheWrongSide, SlopesForInverses, FromTheOutputItself, AllTheWay]


@pytest.mark.parametrize("kind", [tn.DifferenceTargets, *WRONG])
def test_rules_that_are_wrong_differ_from_least_squares_written_out(kind):
    rng = np.random.default_rng(0)
    net = tn.Network([tn.Dense(4), tn.Tanh(), tn.Dense(3), tn.Sigmoid()], (6,), rng=rng, dtype=float)
    for layer in net.layers[::2]:
        layer.params["b"] += rng.normal(size=layer.units)
    x, wanted = rng.normal(size=6), np.array([0.2, 0.7, 0.5])
    trace = net.trace(x)
    y = trace.output + 0.1 * (wanted - trace.output)
    change = np.log(y / (1 - y)) - trace["dense2"]
    hidden = trace["tanh1"] + np.linalg.lstsq(net["dense2"].params["W"], change, rcond=None)[0]
    change = np.arctanh(np.clip(hidden, -0.999, 0.999)) - trace["dense1"]
    slow = x + np.linalg.lstsq(net["dense1"].params["W"], change, rcond=None)[0]
    got = net.propagate_targets(trace, wanted, kind(step=0.1)).input
    assert np.allclose(got, slow) == (kind is tn.DifferenceTargets)


def test_with_a_cross_entropy_the_first_step_is_taken_at_the_logits():
    rng = np.random.default_rng(0)
    net = tn.Network([tn.Dense(6), tn.Tanh(), tn.Dense(3), tn.Sigmoid()], (4,), rng=0, dtype=float)
    x, wanted, loss = rng.normal(size=(5, 4)), np.eye(3)[rng.integers(0, 3, 5)], tn.BinaryCrossEntropy()
    trace = net.trace(x)
    rule = tn.DifferenceTargets(step=0.5)
    targets = net.propagate_targets(trace, loss.target(net, trace, wanted), rule, at=loss.at(net))
    step = -0.5 * (trace["sigmoid1"] - wanted)
    np.testing.assert_allclose(targets["dense2"], trace["dense2"] + step, rtol=1e-9)
    below = trace["tanh1"] + step @ np.linalg.pinv(net["dense2"].params["W"]).T
    np.testing.assert_allclose(targets["tanh1"], below, rtol=1e-9)
    history = tn.fit(
        net, x, wanted, loss=loss, optimizer=tn.SGD(0.3), epochs=20, batch_size=5, rule=rule, progress=False
    )
    assert history.loss[-1] < 0.7 * history.loss[0]
