"""Target propagation: the rule, against the authors' program written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

import tinynet as tn
from tests.networks import cases

CLOSE = {"rtol": 1e-9, "atol": 1e-11}


@st.composite
def sigmoid_networks(draw):
    """Draw a network as the authors have it: sigmoid units without biases."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    layers = [part for size in sizes[1:] for part in (tn.Dense(size, bias=False), tn.Sigmoid())]
    return tn.Network(layers, (sizes[0],), rng=draw(st.integers(0, 99)), dtype=float)


def authors_targets(weights, x, target, tau):
    """Carry targets from the top down, one layer after the other, each from zero and in one step."""
    u, y = [None], [x]
    for W in weights:
        u.append(W @ y[-1])
        y.append(expit(u[-1]))
    t = {len(weights): target}
    for layer in range(len(weights) - 1, -1, -1):
        slope = y[layer + 1] * (1 - y[layer + 1])
        t[layer] = 0 - tau * weights[layer].T @ ((y[layer + 1] - t[layer + 1]) * slope)
    return u, y, t


@given(sigmoid_networks(), st.floats(0.1, 100), st.integers(0, 99))
def test_targets_equal_the_authors_program(net, tau, seed):
    rng = np.random.default_rng(seed)
    x, target = rng.uniform(size=net.input_shape), rng.integers(0, 2, net.output_shape).astype(float)
    weights = [layer.params["W"] for layer in net.layers if layer.params]
    _, y, t = authors_targets(weights, x, target, tau)
    trace = net.trace(x)
    targets = net.propagate_targets(trace, target, tn.GradientTargets(tau=tau))
    for depth, name in enumerate(net.names[::2]):
        np.testing.assert_allclose(trace[name], y[depth], **CLOSE)
        np.testing.assert_allclose(targets[name], t[depth], **CLOSE)


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
    net = tn.Network([tn.Dense(3)], (4,), rng=rng, dtype=float)
    dense, x, t = net.layers[0], rng.normal(size=4), rng.normal(size=3)
    W, b = dense.params["W"], dense.params["b"]
    wanted, output = (np.zeros(4) if start == "zero" else x), W @ x + b
    for _ in range(period):
        wanted = wanted - 0.1 * W.T @ (output - t)
        output = W @ wanted + b
    got = dense.target(t, x, dense.forward(x), tn.GradientTargets(tau=0.1, start=start, period=period))
    np.testing.assert_allclose(got, wanted, **CLOSE)


@given(cases())
def test_an_output_that_is_right_wants_its_input_as_it_was(case):
    trace = case.net.trace(case.x)
    targets = case.net.propagate_targets(trace, trace.output, tn.GradientTargets(start="activation"))
    for name in trace:
        np.testing.assert_allclose(targets[name], trace[name], **CLOSE)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"start": "one"}, 'start is \'one\', expected "zero" or "activation"'),
        ({"period": 0}, "period is 0, expected at least 1"),
    ],
)
def test_rules_that_cannot_be_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        tn.GradientTargets(**settings)


def test_layers_of_ones_own_without_a_target_say_so():
    class Double(tn.Layer):
        def forward(self, x):
            return 2 * x

        def backward(self, dy, x, y):
            return 2 * dy

    net = tn.Network([Double()], (2,))
    with pytest.raises(NotImplementedError, match="Double does not define target"):
        net.propagate_targets(net.trace(np.ones(2)), np.ones(2), tn.GradientTargets())
