"""Target propagation: the rule, against the authors' program written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases

CLOSE = {"rtol": 1e-9, "atol": 1e-11}


@st.composite
def sigmoid_networks(draw):
    """Draw a network as the authors have it: sigmoid units without biases."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    layers = [part for size in sizes[1:] for part in (tn.Dense(size, bias=False), tn.Sigmoid())]
    return tn.Network(layers, (sizes[0],), rng=draw(st.integers(0, 99)), dtype=float)


def sigmoid(u):
    return 1 / (1 + math.exp(-u)) if u > 0 else math.exp(u) / (1 + math.exp(u))


def forward(W, y):
    """Return net inputs and outputs of a layer, number by number."""
    u = [sum(W[i][j] * y[j] for j in range(len(y))) for i in range(len(W))]
    return u, [sigmoid(u_i) for u_i in u]


def slope(u):
    return sigmoid(u) * sigmoid(-u)


def cross_entropy_step(W, images, wanted, tau, rate):
    """Move all weights as the authors do, but for the slope of the output units, which a cross-entropy takes away."""
    updates = [np.zeros_like(weights) for weights in W]
    for image, goal in zip(images, wanted, strict=True):
        y = [image]
        for weights in W:
            y.append(forward(weights, y[-1])[1])
        error = [p - t for p, t in zip(y[-1], goal, strict=True)]
        for layer in range(len(W) - 1, -1, -1):
            for i in range(len(error)):
                for j in range(len(y[layer])):
                    updates[layer][i][j] += error[i] * y[layer][j]
            below = []
            for j in range(len(y[layer])):
                t = 0.0
                for i in range(len(error)):
                    t -= tau * W[layer][i][j] * error[i]
                below.append((y[layer][j] - t) * y[layer][j] * (1 - y[layer][j]))
            error = below
    return [weights - rate * update / len(images) for weights, update in zip(W, updates, strict=True)]


def authors_targets(W, image, wanted, tau, period):
    """Carry targets from the top down as the authors' program does; entry l of each list belongs to layer l."""
    top = len(W)
    u, y = [None], [image]
    for weights in W:
        u_l, y_l = forward(weights, y[-1])
        u.append(u_l)
        y.append(y_l)
    t = [None] * top + [wanted]
    for layer in range(top - 1, -1, -1):
        t[layer] = [0.0] * len(y[layer])
        u_hat, y_hat = u[layer + 1], y[layer + 1]
        for _ in range(period):
            for j in range(len(t[layer])):
                for i in range(len(y_hat)):
                    t[layer][j] -= tau * W[layer][i][j] * (y_hat[i] - t[layer + 1][i]) * slope(u_hat[i])
            u_hat, y_hat = forward(W[layer], t[layer])
    return u, y, t


def authors_step(W, velocity, images, wanted, tau, period, rate, momentum):
    """Move all weights by what one mini-batch teaches them."""
    passes = [authors_targets(W, image, goal, tau, period) for image, goal in zip(images, wanted, strict=True)]
    for layer, weights in enumerate(W, start=1):
        for i in range(len(weights)):
            for j in range(len(weights[i])):
                update = 0.0
                for u, y, t in passes:
                    update += -(t[layer][i] - y[layer][i]) * slope(u[layer][i]) * y[layer - 1][j]
                velocity[layer - 1][i][j] = momentum * velocity[layer - 1][i][j] + update / len(images)
    for weights, moves in zip(W, velocity, strict=True):
        weights -= rate * moves


def weights_of(net):
    return [layer.params["W"].copy() for layer in net.layers if layer.params]


@given(sigmoid_networks(), st.floats(0.1, 100), st.integers(1, 4), st.integers(0, 99))
def test_targets_equal_the_authors_program(net, tau, period, seed):
    rng = np.random.default_rng(seed)
    x, target = rng.uniform(size=net.input_shape), rng.integers(0, 2, net.output_shape).astype(float)
    _, y, t = authors_targets(weights_of(net), x, target, tau, period)
    trace = net.trace(x)
    targets = net.propagate_targets(trace, target, tn.GradientTargets(tau=tau, period=period))
    for depth, name in enumerate(net.names[::2]):
        scale = max(1.0, *np.abs(t[depth]))
        np.testing.assert_allclose(trace[name], y[depth], **CLOSE)
        np.testing.assert_allclose(targets[name] / scale, np.array(t[depth]) / scale, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("period", [1, 2, 4])
@pytest.mark.parametrize("sizes", [(6, 3), (6, 4, 3), (6, 5, 4, 3), (6, 3, 5, 4, 3)])
def test_weights_learn_as_in_the_authors_program(sizes, period):
    rng = np.random.default_rng(len(sizes))
    x, labels = rng.uniform(size=(7, sizes[0])), rng.integers(0, 3, 7)
    layers = [part for size in sizes[1:] for part in (tn.Dense(size, bias=False), tn.Sigmoid())]
    net = tn.Network(layers, (sizes[0],), rng=rng, dtype=float)
    W = weights_of(net)
    velocity = [np.zeros_like(weights) for weights in W]
    tau, rate, momentum = 2.0, 0.3, 0.5
    for begin in (0, 4, 0, 4):
        some = slice(begin, begin + 4)
        authors_step(W, velocity, x[some], np.eye(3)[labels[some]], tau, period, rate, momentum)
    tn.fit(
        net,
        x,
        labels,
        loss=tn.SquaredError(),
        optimizer=tn.SGD(rate, momentum),
        rule=tn.GradientTargets(tau=tau, period=period),
        epochs=2,
        batch_size=4,
        shuffle=False,
        progress=False,
    )
    for got, wanted in zip(weights_of(net), W, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("sizes", [(6, 3), (6, 4, 3), (6, 5, 4, 3)])
def test_with_a_cross_entropy_the_output_has_no_slope_and_the_rest_is_the_authors(sizes):
    rng = np.random.default_rng(len(sizes))
    x, labels = rng.uniform(size=(7, sizes[0])), rng.integers(0, 3, 7)
    layers = [part for size in sizes[1:] for part in (tn.Dense(size, bias=False), tn.Sigmoid())]
    net = tn.Network(layers, (sizes[0],), rng=rng, dtype=float)
    W = weights_of(net)
    for begin in (0, 4, 0, 4):
        some = slice(begin, begin + 4)
        W = cross_entropy_step(W, x[some], np.eye(3)[labels[some]], 2.0, 0.3)
    options = {"epochs": 2, "batch_size": 4, "shuffle": False, "progress": False, "rule": tn.GradientTargets(2.0)}
    tn.fit(net, x, labels, loss=tn.BinaryCrossEntropy(), optimizer=tn.SGD(0.3), **options)
    for got, wanted in zip(weights_of(net), W, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-12)


LOSSES = (tn.SquaredError(), tn.MeanSquaredError(), tn.CrossEntropy(), tn.BinaryCrossEntropy())


def last_for(loss):
    return tn.Softmax() if isinstance(loss, tn.CrossEntropy) else tn.Sigmoid()


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@given(
    images=st.integers(1, 3),
    outputs=st.integers(1, 3),
    dtype=st.sampled_from([np.float64, np.float32]),
    seed=st.integers(0, 99),
)
def test_from_the_activation_with_tau_one_every_loss_teaches_what_backpropagation_does(
    loss, images, outputs, dtype, seed
):
    hidden = [tn.Conv2D(2, 2), tn.Tanh(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(4), tn.Tanh()]
    net = tn.Network([*hidden, tn.Dense(outputs), last_for(loss)], (1, 5, 5), rng=seed, dtype=dtype)
    rng = np.random.default_rng(seed)
    trace = net.trace(rng.normal(size=(images, 1, 5, 5)).astype(dtype))
    wanted = rng.dirichlet(np.ones(outputs), images).astype(dtype)
    at, rule = loss.at(net), tn.GradientTargets(1.0, "activation")
    targets = net.propagate_targets(trace, loss.target(net, trace, wanted), rule, at=at)
    learned = net.target_deltas(trace, targets, 1 / images, at)
    deltas = net.backward(trace, loss.seed(net, trace, wanted), at=at)
    assert list(learned)[-1] == at
    rounding = 1e4 * np.finfo(dtype).eps
    for name in learned:
        np.testing.assert_allclose(learned[name], deltas[name], rtol=rounding, atol=rounding)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@given(seed=st.integers(0, 99), tau=st.floats(0.1, 10))
def test_from_zero_the_last_hidden_layer_goes_down_the_loss_and_its_own_activity(loss, seed, tau):
    """The residual of hidden outputs y is the slope of |y|^2 / 2 + tau L (chapter 11)."""
    rng = np.random.default_rng(seed)
    head = tn.Network([tn.Dense(3), last_for(loss)], (4,), rng=seed, dtype=float)
    y, wanted, step = rng.normal(size=(1, 4)), rng.dirichlet(np.ones(3), 1), rng.normal(size=(1, 4))
    trace = head.trace(y)
    targets = head.propagate_targets(trace, loss.target(head, trace, wanted), tn.GradientTargets(tau), loss.at(head))

    def energy(y):
        return 0.5 * np.square(y).sum() + tau * loss.value(head, head.trace(y), wanted)

    rise = (energy(y + 1e-5 * step) - energy(y - 1e-5 * step)) / 2e-5
    np.testing.assert_allclose(np.vdot(y - targets.input, step), rise, rtol=1e-6, atol=1e-7)


@given(cases(), st.floats(0.01, 5))
def test_started_at_the_activation_the_residual_is_the_scaled_delta(case, tau):
    net = case.net
    trace = net.trace(case.x)
    wanted = case.rng.normal(size=trace.output.shape)
    targets = net.propagate_targets(trace, wanted, tn.GradientTargets(tau=tau, start="activation"))
    deltas = net.backward(trace, trace.output - wanted)
    affine_below_the_top = 0
    for name, layer in zip(net.names[:0:-1], net.layers[::-1], strict=True):
        scale = tau**affine_below_the_top
        np.testing.assert_allclose(targets[name] - trace[name], -scale * deltas[name], rtol=1e-7, atol=1e-9)
        affine_below_the_top += bool(layer.params)


@given(st.integers(1, 4), st.sampled_from(["zero", "activation"]), st.integers(0, 99))
def test_periods_are_steps_from_where_the_last_one_ended(period, start, seed):
    rng = np.random.default_rng(seed)
    net = tn.Network([tn.Conv2D(2, 2), tn.Tanh(), tn.MaxPool2D(2)], (1, 5, 5), rng=rng, dtype=float)
    x, t = rng.normal(size=(3, 1, 5, 5)), rng.normal(size=(3, 2, 2, 2))
    wanted, seen = np.zeros_like(x) if start == "zero" else x, x
    for _ in range(period):
        trace = net.trace(seen)
        wanted = wanted - 0.1 * net.backward(trace, trace.output - t).input
        seen = wanted
    rule = tn.GradientTargets(tau=0.1, start=start, period=period)
    np.testing.assert_allclose(net.propagate_targets(net.trace(x), t, rule).input, wanted, **CLOSE)


@given(cases(), st.floats(1e-4, 1e4))
def test_from_the_activation_weights_learn_by_deltas_each_layer_at_its_own_rate(case, tau):
    net = case.net
    trace = net.trace(case.x)
    wanted = case.rng.normal(size=trace.output.shape)
    targets = net.propagate_targets(trace, wanted, tn.GradientTargets(tau=tau, start="activation"))
    learned = net.grads(trace, net.target_deltas(trace, targets, weight=1 / len(case.x)))
    deltas = net.backward(trace, (trace.output - wanted) / len(case.x))
    blocks_above = 0
    for name, gradients in reversed(net.grads(trace, deltas).items()):
        for key, gradient in gradients.items():
            scale = tau**blocks_above
            noise = 1e-9 * scale * (1 + 1 / tau)
            np.testing.assert_allclose(learned[name][key], scale * gradient, rtol=1e-6, atol=noise)
        blocks_above += 1


@given(cases())
def test_an_output_that_is_right_wants_its_input_as_it_was(case):
    trace = case.net.trace(case.x)
    targets = case.net.propagate_targets(trace, trace.output, tn.GradientTargets(start="activation"))
    for name in trace:
        np.testing.assert_allclose(targets[name], trace[name], **CLOSE)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"start": "one"}, "start is 'one', expected zero or activation"),
        ({"period": 0}, "period is 0, expected a whole number from 1 to 1000000"),
        ({"period": 1.5}, "period is 1.5, expected a whole number"),
        ({"tau": 0}, "tau is 0, expected a finite number above 0"),
        ({"tau": -1.0}, "tau is -1.0, expected a finite number above 0"),
        ({"tau": float("nan")}, "tau is nan, expected a finite number above 0"),
        ({"tau": float("inf")}, "tau is inf, expected a finite number above 0"),
        ({"tau": "big"}, "tau is 'big', expected a finite number above 0"),
    ],
)
def test_rules_that_cannot_be_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        tn.GradientTargets(**settings)


@pytest.mark.parametrize("rule", [None, "gradient", tn.GradientTargets])
def test_what_is_no_rule_is_refused(rule):
    net = tn.Network([tn.Dense(2)], (3,))
    with pytest.raises(ValueError, match=r"^rule is .*, expected a TargetRule such as GradientTargets\(\)$"):
        net.propagate_targets(net.trace(np.ones(3)), np.ones(2), rule)


def test_rules_of_ones_own_say_what_they_lack():
    net = tn.Network([tn.Dense(2)], (3,))
    with pytest.raises(NotImplementedError, match=r"^TargetRule does not define affine_target"):
        net.propagate_targets(net.trace(np.ones(3)), np.ones(2), tn.TargetRule())


def test_layers_of_ones_own_without_a_target_say_so():
    class Double(tn.Layer):
        def forward(self, x):
            return 2 * x

        def backward(self, dy, x, y):
            return 2 * dy

    net = tn.Network([Double()], (2,))
    with pytest.raises(NotImplementedError, match="Double does not define target"):
        net.propagate_targets(net.trace(np.ones(2)), np.ones(2), tn.GradientTargets())


# ---------------------------------------------------------------------------------------------------------- wrong rules


class AffineMapAlone(tn.GradientTargets):
    """Takes its further steps with the affine map alone evaluated anew, as if its own target stood still."""

    def block_target(self, block, t, t_x):
        affine, activation = block
        u = affine.forward(np.zeros_like(t_x))
        t_u = activation.target(t, u, activation.forward(u), self)
        for _ in range(self.period - 1):
            u = affine.forward(t_x)
            t_x = t_x - self.tau * affine.backward(u - t_u, t_x, u)
        return t_x


class EveryStepFromZero(tn.GradientTargets):
    def block_target(self, block, t, t_x):
        for _ in range(self.period - 1):
            t_x = tn.GradientTargets(self.tau, period=2).block_target(block, t, t_x) - t_x
        return t_x


class SlopeOfTheFirstStep(tn.GradientTargets):
    def block_target(self, block, t, t_x):
        affine, activation = block
        first = t_x
        for _ in range(self.period - 1):
            u = affine.forward(first)
            error = activation.forward(affine.forward(t_x)) - t
            t_x = t_x - self.tau * affine.backward(activation.backward(error, u, activation.forward(u)), t_x, u)
        return t_x


class OneStepTooMany(tn.GradientTargets):
    def block_target(self, block, t, t_x):
        return tn.GradientTargets(self.tau, self.start, self.period + 1).block_target(block, t, t_x)


class Uphill(tn.GradientTargets):
    def affine_target(self, layer, t, x, y):
        return -super().affine_target(layer, t, x, y)


class TauTwice(tn.GradientTargets):
    def affine_target(self, layer, t, x, y):
        return self.tau * super().affine_target(layer, t, x, y)


WRONG = [AffineMapAlone, EveryStepFromZero, SlopeOfTheFirstStep, OneStepTooMany, Uphill, TauTwice]


@pytest.mark.parametrize("kind", [tn.GradientTargets, *WRONG])
def test_rules_that_are_wrong_differ_from_the_authors_program(kind):
    rng = np.random.default_rng(1)
    layers = [tn.Dense(4, bias=False), tn.Sigmoid(), tn.Dense(3, bias=False), tn.Sigmoid()]
    net = tn.Network(layers, (5,), rng=rng, dtype=float)
    x, target = rng.uniform(size=5), np.eye(3)[1]
    _, _, t = authors_targets(weights_of(net), x, target, 2.0, 3)
    got = net.propagate_targets(net.trace(x), target, kind(tau=2.0, period=3)).input
    assert np.allclose(got, t[0], **CLOSE) == (kind is tn.GradientTargets)
