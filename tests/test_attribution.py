"""Attribution: what methods must agree on, what adds up, and each rule beside the loops that say what it means."""

from __future__ import annotations

from functools import partial
from inspect import isroutine, signature
from itertools import combinations, permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, small_classifier
from tinynet import explain
from tinynet.explain import (
    Composite,
    LRPAlphaBeta,
    LRPBox,
    LRPEpsilon,
    LRPFlat,
    LRPGamma,
    LRPWSquare,
    LRPZero,
    relevance,
    shapley_values,
)
from tinynet.explain.attribution import covering
from tinynet.explain.prediction import PREDICTIONS

CLOSE = {"rtol": 1e-9, "atol": 1e-11}


@st.composite
def relu_networks(draw: st.DrawFn, bias: bool | None = None, activation=tn.ReLU, images: bool | None = None):
    """Draw a float64 network of ReLUs, maxima and means, with inputs of both signs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    with_bias = draw(st.booleans()) if bias is None else bias
    layers: list[tn.Layer] = []
    if draw(st.booleans()) if images is None else images:
        shape = (draw(st.integers(1, 2)), draw(st.integers(3, 6)), draw(st.integers(3, 6)))
        stride, padding = draw(st.integers(1, 2)), draw(st.sampled_from([0, 1, "same"]))
        layers += [tn.Conv2D(draw(st.integers(1, 3)), 2, stride=stride, padding=padding, bias=with_bias), activation()]
        pool = draw(st.sampled_from([tn.MaxPool2D, tn.AvgPool2D, None]))
        layers += [pool(2, padding="same")] if pool else []
        layers.append(tn.Flatten())
    else:
        shape = (draw(st.integers(1, 5)),)
    if draw(st.booleans()):
        layers += [tn.Dense(draw(st.integers(1, 5)), bias=with_bias), activation()]
    layers += [tn.Dense(draw(st.integers(2, 4)), bias=with_bias), tn.Softmax()]
    net = tn.Network(layers, shape, rng=rng, dtype=np.float64)
    for array in net.parameters().values():
        array += rng.normal(0, 0.5, array.shape)
    return net, rng.normal(size=(draw(st.integers(1, 3)), *shape)), rng


def linear_networks():
    """Draw a network without activation functions."""
    return relu_networks(activation=lambda: tn.Dropout(0.0), images=False)


def gradient(net, x, target, of="logit"):
    return tn.prediction_gradient(net, x, target, of, layers=["input"])["input"]


def value(net, x, target, of="logit"):
    """Return the prediction of each image, written out from the logits."""
    z = net.trace(x)[net.logits]
    if z.shape[-1] == 1:
        z = np.concatenate([np.zeros_like(z), z], axis=-1)
    log_p = z - np.log(np.exp(z - z.max(-1, keepdims=True)).sum(-1, keepdims=True)) - z.max(-1, keepdims=True)
    rows, target = np.arange(len(x)), np.broadcast_to(target, len(x))
    others = np.where(np.eye(z.shape[-1], dtype=bool)[target], -np.inf, z).max(-1)
    logit = z[rows, target] if net.output_shape != (1,) else np.where(target == 1, 1, -1) * z[rows, 1]
    return {
        "logit": logit,
        "margin": z[rows, target] - others,
        "log_probability": log_p[rows, target],
        "probability": np.exp(log_p[rows, target]),
    }[of]


# ------------------------------------------------------------------------------------------- laws across methods


@given(case=linear_networks(), target=st.integers(0, 1))
def test_on_a_linear_network_all_methods_say_the_same(case, target):
    net, x, rng = case
    baseline = rng.normal(size=x.shape[1:])
    wanted = gradient(net, x, target) * (x - baseline)
    players = np.arange(x[0].size).reshape(x.shape[1:])
    for found in (
        explain.gradient_times_input(net, x, target, baseline=baseline),
        explain.integrated_gradients(net, x, target, baseline=baseline, steps=3),
        explain.integrated_gradients(net, x, target, baseline=baseline, steps="exact"),
        explain.occlusion(net, x, target, size=1, replace=baseline),
        shapley_values(net, x, target, players=players, baseline=baseline),
    ):
        np.testing.assert_allclose(found, wanted, **CLOSE)


@given(case=relu_networks(bias=False), target=st.integers(0, 1))
def test_without_biases_three_methods_are_one_and_sum_to_the_logit(case, target):
    net, x, _ = case
    wanted = gradient(net, x, target) * x
    for found in (
        explain.integrated_gradients(net, x, target, steps=4),
        explain.gradient_times_input(net, x, target),
        relevance(net, x, target, rule=LRPZero()),
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(found.explained, value(net, x, target), rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(found.remainder, 0, atol=1e-9)


@given(case=relu_networks(), target=st.integers(0, 1), of=st.sampled_from(["logit", "margin"]))
def test_exact_integrated_gradients_leave_nothing_over(case, target, of):
    net, x, rng = case
    baseline = [rng.normal(size=x.shape[1:]), 0.0]
    found = explain.integrated_gradients(net, x, target, of, baseline=baseline, steps="exact")
    assert np.abs(found.remainder).max() <= 1e-9 * max(1, np.abs(found.explained).max())
    fine = explain.integrated_gradients(net, x, target, of, baseline=baseline, steps=4000)
    np.testing.assert_allclose(found, fine, atol=2e-2 * max(1, np.abs(fine.values).max()))


@given(case=cases(min_classes=2), of=st.sampled_from(PREDICTIONS))
def test_what_is_to_be_explained_is_the_change_of_the_prediction(case, of):
    target = case.rng.integers(0, max(case.net.output_shape[0], 2), len(case.x))
    if case.net.logits == case.net.names[-1] and "probability" in of:
        return
    found = explain.integrated_gradients(case.net, case.x, target, of, steps=200)
    wanted = value(case.net, case.x, target, of) - value(case.net, 0 * case.x, target, of)
    if isinstance(case.net.layers[-1], tn.Sigmoid) and "probability" in of:
        z = [case.net.trace(x)[case.net.logits][np.arange(len(x)), target] for x in (case.x, 0 * case.x)]
        one, other = (-np.logaddexp(0, -values) for values in z)
        wanted = one - other if of == "log_probability" else np.exp(one) - np.exp(other)
    np.testing.assert_allclose(found.explained, wanted, rtol=1e-6, atol=1e-9)
    assert np.abs(found.remainder).max() < 0.05 * max(1, np.abs(wanted).max())


@given(case=relu_networks(), of=st.sampled_from(PREDICTIONS))
def test_one_image_alone_or_in_a_batch_one_class_or_all(case, of):
    net, x, _ = case
    classes = range(net.output_shape[0])
    players = (np.arange(x[0].size) % 3).reshape(x.shape[1:])
    methods = [
        lambda x, t: explain.gradient_times_input(net, x, t, of),
        lambda x, t: explain.integrated_gradients(net, x, t, of, steps=3),
        lambda x, t: explain.absolute_gradient(net, x, t, of, batch_size=1),
        lambda x, t: relevance(net, x, t, of, rule=LRPGamma(0.5)),
        lambda x, t: explain.guided_backpropagation(net, x, t, of),
        lambda x, t: explain.occlusion(net, x, t, of, size=1),
        lambda x, t: explain.shapley_values(net, x, t, of, players=players),
        lambda x, t: explain.target_features(net, x, t, of),
    ]
    for method in methods:
        before = x.copy()
        whole = np.asarray(method(x, "all"))
        assert whole.shape == (len(classes), *x.shape)
        for label in classes:
            np.testing.assert_allclose(method(x, label), whole[label], rtol=1e-7, atol=1e-10)
        labels = np.arange(len(x)) % len(classes)
        np.testing.assert_allclose(method(x, labels), whole[labels, np.arange(len(x))], rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(method(x[:1], labels[:1])[0], whole[labels[0], 0], rtol=1e-7, atol=1e-10)
        np.testing.assert_array_equal(x, before)
        assert np.asarray(method(x[:0], "all")).shape == (len(classes), 0, *x.shape[1:])


@given(case=relu_networks(images=False), of=st.sampled_from(("logit", "probability", "margin", "log_probability")))
def test_one_output_is_two_classes(case, of):
    net, x, _ = case
    one = tn.Network([*net.layers[:-2], tn.Dense(1), tn.Sigmoid()], net.input_shape, dtype=np.float64, rng=3)
    for method in (
        lambda t: explain.integrated_gradients(one, x, t, of, steps=400),
        lambda t: explain.gradient_times_input(one, x, t, of),
        lambda t: explain.shapley_values(one, x, t, of),
    ):
        both = method("all")
        assert both.shape == (2, *x.shape)
        np.testing.assert_allclose(both.explained[1], value(one, x, 1, of) - value(one, 0 * x, 1, of), **CLOSE)
        if of != "log_probability":
            np.testing.assert_allclose(both[0], -both[1], **CLOSE)
    up, down = (explain.excitation_backpropagation(one, x, t) for t in (1, 0))
    assert (up.values >= 0).all() and (down.values >= 0).all()


# ------------------------------------------------------------------------------------------------------ relevance


def as_matrix(layer, x):
    """Return w (inputs, outputs) and b of an affine layer for one input."""
    zero = layer.forward(np.zeros((1, *x.shape)))[0]
    columns = layer.forward(np.eye(x.size).reshape(-1, *x.shape))
    return columns.reshape(x.size, -1) - zero.ravel(), zero.ravel()


def shares(rule, w, b, x, z, above):
    """Return the relevance of the inputs, straight from the papers: one input and one output after the other."""
    found = np.zeros(len(x))
    for j, upper in enumerate(above):
        terms = [x[i] * w[i, j] for i in range(len(x))]
        if isinstance(rule, LRPZero):
            parts, whole = terms, sum(terms) + b[j]
        elif isinstance(rule, LRPEpsilon):
            parts, whole = terms, z[j] + rule.eps * (1 if z[j] >= 0 else -1)
        elif isinstance(rule, LRPGamma):
            favour = 1 if min(x) >= 0 or z[j] >= 0 else -1

            def more(term, weight, favour=favour):
                speaks_for = (weight > 0) if min(x) >= 0 else (favour * term > 0)
                return term * (1 + rule.gamma) if speaks_for else term

            parts = [more(term, w[i, j]) for i, term in enumerate(terms)]
            whole = sum(parts) + b[j] * (1 + rule.gamma if favour * b[j] > 0 else 1)
        elif isinstance(rule, LRPAlphaBeta):
            for_it, against = ([term if sign * term > 0 else 0 for term in [*terms, b[j]]] for sign in (1, -1))
            alpha, beta = rule.alpha, -rule.beta
            alpha, beta = (1, beta) if sum(against) == 0 else (alpha, beta)
            beta = 1 if sum(for_it) == 0 else beta
            for i in range(len(x)):
                found[i] += alpha * for_it[i] / sum(for_it) * upper if for_it[i] else 0
                found[i] += beta * against[i] / sum(against) * upper if against[i] else 0
            continue
        elif isinstance(rule, LRPWSquare):
            parts = [w[i, j] ** 2 for i in range(len(x))]
            whole = sum(parts)
        elif isinstance(rule, LRPFlat):
            parts = [float(w[i, j] != 0) for i in range(len(x))]
            whole = sum(parts)
        else:
            parts = [terms[i] - rule.low * max(w[i, j], 0) - rule.high * min(w[i, j], 0) for i in range(len(x))]
            whole = sum(parts)
        if whole:
            found += np.array(parts) / whole * upper
    return found


RULES = [
    LRPZero(), LRPEpsilon(0.1), LRPGamma(0.25), LRPAlphaBeta(2, 1), LRPAlphaBeta(1, 0), LRPWSquare(), LRPFlat(),
    LRPBox(-6.0, 6.0),
]  # fmt: skip


@given(
    kind=st.sampled_from(["dense", "conv", "strided", "average"]),
    rule=st.sampled_from(RULES),
    signed=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_each_rule_is_the_sum_that_its_paper_writes(kind, rule, signed, seed):
    rng = np.random.default_rng(seed)
    shape = (4,) if kind == "dense" else (2, 4, 3)
    layer = {
        "dense": lambda: tn.Dense(3),
        "conv": lambda: tn.Conv2D(2, 2, padding=1),
        "strided": lambda: tn.Conv2D(3, (2, 1), stride=2),
        "average": lambda: tn.AvgPool2D(2, stride=1, padding=(1, 0)),
    }[kind]()
    layer.build(shape, rng, np.float64)
    for array in layer.params.values():
        array[...] = rng.normal(size=array.shape)
    x = np.clip(rng.normal(size=shape), -6, 6) if signed else np.abs(rng.normal(size=shape))
    y = layer.forward(x[None])[0]
    above = rng.normal(size=(2, 1, *y.shape))
    found = rule(layer, above, x[None], y[None])
    w, b = as_matrix(layer, x)
    for one, upper in zip(found[:, 0], above[:, 0], strict=True):
        wanted = shares(rule, w, b, x.ravel(), y.ravel(), upper.ravel())
        np.testing.assert_allclose(one.ravel(), wanted, rtol=1e-8, atol=1e-9)


@given(case=relu_networks(), target=st.integers(0, 1), eps=st.sampled_from([0.0, 0.01, 1.0]))
def test_what_a_layer_keeps_is_what_its_bias_and_epsilon_are_worth(case, target, eps):
    net, x, _ = case
    found = relevance(net, x, target, rule=LRPEpsilon(eps))
    np.testing.assert_allclose(found.explained, value(net, x, target), **CLOSE)
    trace, above = net.trace(x), None
    for name in reversed(net.names[1 : net.names.index(net.logits) + 1]):
        layer, before = net[name], net.names[net.names.index(name) - 1]
        if above is None:
            above = np.eye(net.output_shape[0])[target] * trace[name]
        if layer.params:
            z = trace[name]
            b = layer.params.get("b", np.zeros(z.shape[1])).reshape(-1, *[1] * (z.ndim - 2))
            sign = np.where(z >= 0, 1, -1)
            stabilised = np.broadcast_to(z + eps * sign, above.shape)
            worth = np.divide(b + eps * sign, stabilised, out=np.zeros_like(above), where=stabilised != 0)
            kept = (above * worth).reshape(len(x), -1).sum(1)
            np.testing.assert_allclose(found.losses[name], kept, rtol=1e-7, atol=1e-8)
        above = LRPEpsilon(eps)(layer, above, trace[before], trace[name])
    np.testing.assert_allclose(found.remainder, sum(found.losses.values()), rtol=1e-6, atol=1e-8)
    assert "left over" in str(found) and "kept by" in str(found)


@given(case=relu_networks(bias=False), rule=st.sampled_from([LRPGamma(1.0), LRPAlphaBeta(2, 1), LRPAlphaBeta(1, 0)]))
def test_rules_that_conserve_lose_nothing_without_biases(case, rule):
    net, x, _ = case
    found = relevance(net, np.abs(x), 0, rule=rule)
    dead = {name for name in net.names[1:] if name.startswith(("relu", "conv", "dense"))}
    trace = net.trace(np.abs(x))
    if all((trace[name].reshape(len(x), -1) != 0).any() for name in dead):
        scale = 1 + np.abs(found.explained).max() * 100
        if isinstance(rule, LRPAlphaBeta):
            np.testing.assert_allclose(found.remainder, 0, atol=1e-8 * scale)


@pytest.mark.parametrize("rule", [LRPGamma(0.5), LRPAlphaBeta(2, 1)])
def test_an_output_of_exactly_zero_shares_its_relevance_once(rule):
    net = tn.Network([tn.Dense(2, bias=False), tn.Softmax()], (2,), dtype=np.float64)
    net["dense1"].params["W"] = np.array([[1.0, 1.0], [1.0, 2.0]])
    layer, x = net["dense1"], np.array([[3.0, -3.0]])
    shared = rule.linear(layer, np.array([[1.0, 0.0]]), x, layer.forward(x))
    np.testing.assert_allclose(shared.sum(), 1)


def test_alpha_beta_on_a_case_by_hand():
    """W = (1, -1), b = -1, x = (1, 1), R = -1."""
    dense = tn.Dense(1).with_params({"W": np.array([[1.0, -1.0]]), "b": np.array([-1.0])})
    x = np.ones((1, 2))
    y, above = dense.forward(x), np.array([[-1.0]])
    np.testing.assert_allclose(LRPAlphaBeta(1, 0)(dense, above, x, y), [[-1, 0]])
    np.testing.assert_allclose(LRPAlphaBeta(2, 1)(dense, above, x, y), [[-2, 0.5]])


def test_a_composite_gives_each_layer_its_rule():
    net = small_classifier()
    rule = Composite({"dense1": LRPEpsilon(1.0)}, first=LRPBox(0, 1), conv=LRPGamma(), last=LRPFlat())
    found = rule.resolved(net)
    assert found["conv1"] == LRPBox(0, 1) and found["conv2"] == LRPGamma() and found["dense1"] == LRPEpsilon(1.0)
    assert found["tanh1"] == LRPZero()
    with pytest.raises(ValueError, match=r"Composite: 'conv9' names no layer, expected one of conv1, tanh1"):
        Composite(conv9=LRPZero()).resolved(net)
    with pytest.raises(ValueError, match="Composite: conv is 3, expected a rule"):
        Composite(conv=3)


class Square(tn.Layer):
    """A layer of a student's own."""

    def forward(self, x):
        return x * x

    def backward(self, dy, x, y):
        return 2 * x * dy


def test_a_layer_that_no_rule_knows_is_refused_with_the_way_out():
    net = tn.Network([tn.Dense(3), Square(), tn.Dense(2)], (2,), dtype=np.float64)
    x = np.ones((1, 2))
    with pytest.raises(TypeError, match=r"square1: LRPEpsilon has no step for a layer of type Square; pass one with"):
        relevance(net, x, 0)
    found = relevance(net, x, 0, rule=Composite({"square1": lambda layer, R, x, y: R}, default=LRPZero()))
    np.testing.assert_allclose(found.remainder, 0, atol=1e-12)
    with pytest.raises(ValueError, match="square1 is a Square, which is not piecewise linear"):
        explain.integrated_gradients(net, x, 0, steps="exact")


@given(case=relu_networks(), target=st.integers(0, 1))
def test_excitation_is_a_probability_that_may_get_lost(case, target):
    net, x, _ = case
    found = explain.excitation_backpropagation(net, np.abs(x), target)
    assert (found.values >= 0).all() and (found.total <= 1 + 1e-9).all()
    trace, above = net.trace(np.abs(x)), None
    for name in reversed(net.names[1 : net.names.index(net.logits) + 1]):
        layer, before = net[name], net.names[net.names.index(name) - 1]
        above = np.broadcast_to(np.eye(net.output_shape[0])[target], trace[name].shape) if above is None else above
        if layer.params or isinstance(layer, tn.AvgPool2D):
            lower = []
            for image, upper in zip(trace[before], above, strict=True):
                w, _ = as_matrix(layer, image)
                terms = np.maximum(image.reshape(-1, 1) * w, 0)
                whole = terms.sum(0)
                lower.append(np.divide(terms, whole, out=np.zeros_like(terms), where=whole > 0) @ upper.ravel())
            above = np.array(lower).reshape(trace[before].shape)
        elif not isinstance(layer, tn.ReLU):
            above = layer.backward(above, trace[before], trace[name])
    np.testing.assert_allclose(found, above, rtol=1e-7, atol=1e-10)


# -------------------------------------------------------------------------------------------- class activation maps


@given(seed=st.integers(0, 2**32 - 1), average=st.booleans())
def test_maps_add_up_to_the_logit_where_they_should(seed, average):
    rng = np.random.default_rng(seed)
    pool = [tn.AvgPool2D((4, 5))] if average else []
    layers = [tn.Conv2D(3, 3), tn.ReLU(), *pool, tn.Flatten(), tn.Dense(2), tn.Softmax()]
    net = tn.Network(layers, (2, 6, 7), rng=rng, dtype=np.float64)
    x, b = rng.normal(size=(3, 2, 6, 7)), rng.normal(size=2)
    net["dense1"].params["b"][...] = b
    hires = explain.hires_cam(net, x, 1, layer="relu1")
    np.testing.assert_allclose(np.asarray(hires).sum((1, 2)), value(net, x, 1) - b[1], **CLOSE)
    if average:
        np.testing.assert_allclose(explain.grad_cam(net, x, 1, clip=False), hires, **CLOSE)
        maps = net.trace(x)["relu1"]
        cam = np.einsum("k,nkhw->nhw", net["dense1"].params["W"][1], maps) / 20
        np.testing.assert_allclose(hires, cam, **CLOSE)
    assert (np.asarray(explain.grad_cam(net, x, 1)) >= 0).all()


@given(case=relu_networks(images=True), of=st.sampled_from(PREDICTIONS))
def test_maps_are_the_sums_that_their_papers_write(case, of):
    net, x, _ = case
    maps = net.trace(x)["relu1"]
    slopes = tn.prediction_gradient(net, x, 1, of, layers=["relu1"])["relu1"]
    n, _, h, w = maps.shape
    grad, hires, layer = np.zeros((3, n, h, w))
    for i in range(n):
        for a, g in zip(maps[i], slopes[i], strict=True):
            grad[i] += g.mean() * a
            hires[i] += g * a
            layer[i] += np.maximum(g, 0) * a
    np.testing.assert_allclose(explain.grad_cam(net, x, 1, of), np.maximum(grad, 0), **CLOSE)
    np.testing.assert_allclose(explain.hires_cam(net, x, 1, of), hires, **CLOSE)
    np.testing.assert_allclose(explain.layer_cam(net, x, 1, of, layer="relu1"), layer, **CLOSE)


def test_a_map_of_a_silent_layer_is_zero_and_a_vector_has_none():
    net = small_classifier()
    net["conv1"].params["W"][...] = 0
    net["conv1"].params["b"][...] = 0
    assert not np.asarray(explain.grad_cam(net, np.ones((2, 1, 8, 8)), 0, layer="tanh1")).any()
    with pytest.raises(ValueError, match="Grad-CAM: layer is 'dense1', a vector without places"):
        explain.grad_cam(net, np.ones((2, 1, 8, 8)), 0, layer="dense1")
    with pytest.raises(ValueError, match="LayerCAM: the network has no convolution"):
        explain.layer_cam(tn.Network([tn.Dense(2)], (3,)), np.ones((1, 3)), 0)


# ------------------------------------------------------------------------- guided backpropagation, deconvolution


@given(
    case=relu_networks(),
    target=st.integers(0, 1),
    of=st.sampled_from(PREDICTIONS),
    how=st.sampled_from(["guided", "net"]),
)
def test_passes_with_another_relu_are_the_loops_of_their_papers(case, target, of, how):
    net, x, _ = case
    trace = net.trace(x)
    top = net.logits if how == "guided" else net.names[-3]
    if how == "guided":
        signal = tn.prediction_gradient(net, x, target, of, layers=[top])[top]
        found = explain.guided_backpropagation(net, x, target, of)
    else:
        signal = np.zeros_like(trace[top])
        signal[:, 0] = trace[top][:, 0]
        found = explain.deconvolution(net, x, top, 0)
    for index in range(net.names.index(top), 0, -1):
        layer, before, after = net.layers[index - 1], trace[net.names[index - 1]], trace[net.names[index]]
        if isinstance(layer, tn.ReLU):
            signal = np.where(signal > 0, signal, 0)
            signal = signal * (before > 0) if how == "guided" else signal
        elif isinstance(layer, tn.MaxPool2D):
            signal = layer.backward(signal, before, after)
        else:
            signal = np.stack(
                [
                    (as_matrix(layer, image)[0] @ one.ravel()).reshape(image.shape)
                    for image, one in zip(before, signal, strict=True)
                ]
            )
    np.testing.assert_allclose(found, signal, rtol=1e-8, atol=1e-10)


@given(case=linear_networks())
def test_without_activation_functions_both_are_the_gradient(case):
    net, x, _ = case
    np.testing.assert_allclose(explain.guided_backpropagation(net, x, 1), gradient(net, x, 1), **CLOSE)
    top = net.logits
    np.testing.assert_allclose(
        explain.deconvolution(net, x, top, 1), gradient(net, x, 1) * net.trace(x)[top][:, 1:2].reshape(-1, 1), **CLOSE
    )


def test_other_activations_are_refused_with_what_to_use_instead():
    net = small_classifier()
    x = np.ones((1, 1, 8, 8))
    for call in (
        lambda: explain.guided_backpropagation(net, x, 0),
        lambda: explain.deconvolution(net, x, "relu1", 0),
    ):
        with pytest.raises(ValueError, match=r"tanh1 is a Tanh, and the rule is defined for ReLUs alone; use"):
            call()
    assert explain.deconvolution(net, x, "conv1", [0, 1]).shape == (2, 1, 1, 8, 8)


# ---------------------------------------------------------------------------------------- noise, covers, players


@given(case=relu_networks(), samples=st.integers(2, 6), seed=st.integers(0, 99))
def test_the_variance_is_the_square_less_the_squared_mean(case, samples, seed):
    net, x, _ = case
    mean, square, variance = (
        explain.smooth_gradient(net, x, 1, noise=0.3, samples=samples, rng=seed, kind=kind)
        for kind in ("mean", "square", "variance")
    )
    np.testing.assert_allclose(variance, np.asarray(square) - np.square(mean), atol=1e-9)
    np.testing.assert_allclose(explain.smooth_gradient(net, x, 1, noise=0, samples=2), gradient(net, x, 1), **CLOSE)
    again = explain.smooth_gradient(net, x, 1, noise=0.3, samples=samples, rng=seed, batch_size=1)
    np.testing.assert_allclose(again, mean, rtol=1e-9, atol=1e-12)


def test_noise_is_a_share_of_each_images_range():
    """On a network whose gradient is 2 x, the spread of the gradients is twice that of the noise."""
    net = tn.Network([Square(), tn.Dense(1, bias=False)], (400,), dtype=np.float64)
    net["dense1"].params["W"][...] = 1
    x = np.stack([np.linspace(0, 1, 400), np.linspace(-5, 5, 400)])
    found = explain.smooth_gradient(net, x, 0, noise=0.15, samples=50, kind="variance")
    np.testing.assert_allclose(np.sqrt(np.asarray(found).mean(axis=1)) / 2, [0.15, 1.5], rtol=0.05)


@given(
    case=relu_networks(images=True),
    size=st.integers(1, 3),
    stride=st.integers(1, 3),
    of=st.sampled_from(PREDICTIONS),
)
def test_occlusion_is_the_mean_fall_over_the_patches_that_cover_a_pixel(case, size, stride, of):
    net, x, rng = case
    cover = rng.normal(size=x.shape[1:])
    found = explain.occlusion(net, x, 0, of, size=size, stride=stride, replace=cover)
    total, counts = np.zeros(x.shape), np.zeros(x.shape)
    height, width = x.shape[2:]
    for row in sorted({*range(0, height - size, stride), height - size}):
        for column in sorted({*range(0, width - size, stride), width - size}):
            place = (slice(None), slice(None), slice(row, row + size), slice(column, column + size))
            changed = x.copy()
            changed[place] = np.broadcast_to(cover, x.shape)[place]
            total[place] += (value(net, x, 0, of) - value(net, changed, 0, of))[:, None, None, None]
            counts[place] += 1
    np.testing.assert_allclose(found, total / np.maximum(counts, 1), rtol=1e-7, atol=1e-10)


def test_masks_keep_their_share_of_every_pixel():
    masks = covering.random_masks(4000, (9, 13), 0.3, 4, np.random.default_rng(0))
    assert masks.min() >= 0 and masks.max() <= 1
    assert np.abs(masks.mean(axis=0) - 0.3).max() < 0.05


def test_rise_of_a_constant_is_nothing_and_the_same_seed_gives_the_same_bits():
    net = small_classifier()
    x = np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    found = explain.rise(net, x, 1, samples=60, rng=4)
    assert found.shape == x.shape and (found.error > 0).all()
    np.testing.assert_array_equal(found, explain.rise(net, x, 1, samples=60, rng=4))
    constant = small_classifier()
    constant["dense1"].params["W"][...] = 0
    np.testing.assert_allclose(explain.rise(constant, x, 1, samples=60), 0, atol=1e-12)
    assert np.abs(explain.rise(constant, x, 1, samples=60, centred=False).values).max() > 0.01


@given(case=relu_networks(images=True), samples=st.integers(2, 9), seed=st.integers(0, 99))
def test_rise_is_a_mean_over_masks_and_its_error_that_of_the_mean(case, samples, seed):
    net, x, _ = case
    masks = covering.random_masks(samples, x.shape[2:], 0.4, 3, np.random.default_rng(seed))
    heights = np.stack([value(net, x * mask, 1, "probability") for mask in masks], axis=-1)
    terms = (heights - heights.mean(axis=-1, keepdims=True))[..., None, None] * masks / 0.4
    settings = {"samples": samples, "rng": seed, "kept": 0.4, "cells": 3}
    for batch_size in (None, 1):
        found = explain.rise(net, x, 1, **settings, batch_size=batch_size)
        assert found.shape == x.shape
        for channel in range(x.shape[1]):
            np.testing.assert_allclose(found[:, channel], terms.mean(axis=1), rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(
                found.error[:, channel], terms.std(axis=1) / np.sqrt(samples - 1), rtol=1e-5, atol=1e-8
            )
        every = explain.rise(net, x, "all", **settings, batch_size=batch_size)
        np.testing.assert_allclose(every[1], found, **CLOSE)


@given(case=relu_networks(), samples=st.integers(2, 4), target=st.sampled_from([1, "all"]))
def test_shapley_values_do_not_depend_on_how_many_images_are_worked_through_at_a_time(case, samples, target):
    net, x, rng = case
    settings = {"players": rng.integers(0, 5, x.shape[1:]), "samples": samples}
    whole, parts = (shapley_values(net, x, target, **settings, batch_size=size) for size in (None, 3))
    np.testing.assert_allclose(whole, parts, **CLOSE)


@given(
    case=relu_networks(),
    count=st.integers(1, 4),
    of=st.sampled_from(PREDICTIONS),
    units=st.booleans(),
)
def test_shapley_values_are_the_mean_over_all_orders(case, count, of, units):
    net, x, rng = case
    if units:
        layer = "relu1" if "relu1" in net.names else "input"
        players, shape = layer, net.shapes[layer]
        if shape[0] > 5:
            return
        count = shape[0]
        named = np.broadcast_to(np.arange(count).reshape(-1, *[1] * (len(shape) - 1)), shape)
        present = net.trace(x)[layer]
    else:
        players = named = rng.integers(0, count, x.shape[1:]) * 7
        layer, present = "input", x
    names = np.unique(named)
    found = shapley_values(net, x, 1, of, players=players)
    behind = tn.Network(net.layers[net.names.index(layer) :], present.shape[1:], dtype=np.float64)

    def worth(coalition):
        return value(behind, np.where(np.isin(named, list(coalition)), present, 0), 1, of)

    for name in names:
        mean = 0
        for order in permutations(names):
            before = order[: order.index(name)]
            mean = mean + (worth((*before, name)) - worth(before)) / factorial(len(names))
        got = found.values[:, list(names).index(name)] if units else found.values[:, named == name].T
        np.testing.assert_allclose(got, np.broadcast_to(mean, got.shape), rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(found.remainder, 0, atol=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
def test_equal_players_get_equal_values_and_one_without_influence_gets_nothing(seed):
    rng = np.random.default_rng(seed)
    net = tn.Network([tn.Dense(4), tn.Tanh(), tn.Dense(2), tn.Softmax()], (15,), rng=rng, dtype=np.float64)
    W = net["dense1"].params["W"]
    W[:, 1], W[:, 2] = W[:, 0], 0
    x = rng.normal(size=(2, 15))
    x[:, 1] = x[:, 0]
    exact = shapley_values(net, x, 0, players=np.minimum(np.arange(15), 9))
    np.testing.assert_allclose(exact[:, 0], exact[:, 1], **CLOSE)
    np.testing.assert_allclose(exact[:, 2], 0, atol=1e-12)
    drawn = shapley_values(net, x, 0, samples=8, rng=rng)
    np.testing.assert_allclose(drawn[:, 2], 0, atol=1e-12)
    np.testing.assert_allclose(drawn.remainder, 0, atol=1e-9)


def test_drawn_orders_come_near_what_is_counted_out_within_their_standard_errors():
    rng = np.random.default_rng(1)
    net = tn.Network([tn.Dense(8), tn.Tanh(), tn.Dense(2), tn.Softmax()], (13,), rng=rng, dtype=np.float64)
    x = rng.normal(size=(1, 13))
    values = {}
    for size in range(14):
        for coalition in combinations(range(13), size):
            values[coalition] = None
    images = np.array([[x[0, i] if i in c else 0.0 for i in range(13)] for c in values])
    heights = dict(zip(values, value(net, images, 0), strict=True))
    wanted = np.zeros(13)
    for coalition, height in heights.items():
        size = len(coalition)
        for i in range(13):
            if i in coalition:
                wanted[i] += height * factorial(size - 1) * factorial(13 - size) / factorial(13)
            else:
                wanted[i] -= height * factorial(size) * factorial(12 - size) / factorial(13)
    found = shapley_values(net, x, 0, samples=200)
    assert "200 pairs of orders" in found.method
    assert (np.abs(found[0] - wanted) <= 4.5 * found.error[0] + 1e-9).all() and found.error.max() < 0.02


# --------------------------------------------------------------------------------------------------- bad arguments


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net, x: explain.integrated_gradients(net, x, 0, steps=0), "steps is 0, expected a whole number"),
        (lambda net, x: explain.integrated_gradients(net, x, 0, steps="many"), "steps is 'many', expected"),
        (
            lambda net, x: explain.integrated_gradients(net, x, 0, steps="exact"),
            "tanh1 is a Tanh, which is not piecewise",
        ),
        (
            lambda net, x: explain.integrated_gradients(net, x, 0, baseline=np.nan),
            "baseline is nan, expected a finite number",
        ),
        (lambda net, x: explain.integrated_gradients(net, x, 0, baseline=np.zeros(3)), "baseline is an array"),
        (lambda net, x: explain.integrated_gradients(net, x, 0, layer="tanhh1"), "no layer 'tanhh1'; did you mean"),
        (
            lambda net, x: explain.integrated_gradients(net, x, 0, layer="softmax1"),
            "expected one in front of the logits",
        ),
        (lambda net, x: explain.smooth_gradient(net, x, 0, kind="median"), "kind is 'median', expected mean, square"),
        (lambda net, x: explain.smooth_gradient(net, x, 0, noise=-1), "noise is -1, expected a finite number"),
        (lambda net, x: explain.occlusion(net, x, 0, size=9), "size is 9, expected a patch that fits"),
        (lambda net, x: explain.occlusion(net, x, 0, stride=0), "stride is 0, expected"),
        (lambda net, x: explain.shapley_values(net, x, 0, players=np.zeros(3)), "players is an array"),
        (lambda net, x: explain.shapley_values(net, x, 0, players="tan"), "no layer 'tan'; did you mean"),
        (lambda net, x: explain.shapley_values(net, x, 0, rng=None), "rng is None, expected"),
        (lambda net, x: relevance(net, x, 0, rule=LRPBox(0, 0.1)), "expected them within LRPBox's bounds"),
        (lambda net, x: LRPBox(1, 0), "LRPBox: low is 1, expected at most high"),
        (lambda net, x: LRPAlphaBeta(2, 2), "alpha - beta is 0, expected 1"),
        (lambda net, x: LRPEpsilon(-1), "LRPEpsilon: eps is -1, expected"),
        (lambda net, x: LRPGamma(-0.5), "LRPGamma: gamma is -0.5, expected a finite number at least 0"),
        (lambda net, x: explain.rise(net, x, 0, cells=0), "cells is 0, expected a whole number of at least 1"),
        (
            lambda net, x: explain.smooth_gradient(net, x, 0, samples=0),
            "samples is 0, expected a whole number from 1 to",
        ),
        (lambda net, x: explain.smooth_gradient(net, x, 0, samples=10**6 + 1), "number from 1 to 1000000"),
        (lambda net, x: explain.shapley_values(net, x, 0, players=np.zeros((2, 8), int)), "players is an array"),
        (lambda net, x: explain.shapley_values(net, x, 0, players=np.ones((1, 8, 8))), "players is an array"),
        (lambda net, x: explain.rise(net, x, 0, kept=1), "kept is 1, expected a finite number above 0 and below 1"),
    ],
)
def test_bad_arguments_get_one_clear_error(call, message):
    x = np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    with pytest.raises((ValueError, KeyError)) as caught:
        call(small_classifier(), x)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_what_covers_is_black_unless_said_otherwise():
    net, x = small_classifier(), np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    for method in (explain.occlusion, partial(explain.rise, samples=5)):
        np.testing.assert_array_equal(method(net, x, 1), method(net, x, 1, replace=0.0))


def test_arguments_may_be_given_by_name():
    for name in explain.__all__:
        function = getattr(explain, name)
        for parameter in signature(function).parameters.values() if isroutine(function) else ():
            assert parameter.kind is not parameter.POSITIONAL_ONLY, name


def test_a_result_is_an_array_and_says_whether_it_adds_up():
    net = small_classifier()
    x = np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    found = explain.integrated_gradients(net, x, 1)
    assert np.asarray(found, np.float32).dtype == np.float32 and len(found) == 2 and (found[0] == found.values[0]).all()
    assert str(found).startswith("integrated gradients, 50 midpoints, of the logit: values of shape (2, 1, 8, 8)")
    assert "left over" in str(found)
    with pytest.raises(ValueError, match="makes no promise about a sum"):
        _ = explain.absolute_gradient(net, x, 1).remainder
