"""Knock-outs, one after the other and side by side, against running each changed network by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, small_classifier
from tinynet import explain
from tinynet.classes import class_count, predicted

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
X = np.random.default_rng(0).normal(size=(5, 1, 8, 8))


def weights_in_front(net, name):
    """The nearest layer with weights at or in front of an output, or None."""
    return next((layer for layer in net.layers[: net.names.index(name)][::-1] if layer.params), None)


@st.composite
def candidates(draw, net):
    """Draw several sets of units, some of them empty, over any outputs."""
    sets = []
    for _ in range(draw(st.integers(0, 5))):
        names = draw(st.lists(st.sampled_from(net.names), unique=True, max_size=3))
        units = {name: st.lists(st.integers(0, net.shapes[name][0] - 1), unique=True, max_size=3) for name in names}
        sets.append({name: draw(some) for name, some in units.items()})
    return sets


@given(cases(), st.data(), st.integers(1, 9), st.sampled_from(["zero", "mean", "bias", -0.7, "by name"]))
def test_a_sweep_equals_running_each_changed_network(case, data, batch_size, replace):
    net = case.net
    sets = data.draw(candidates(net))
    if replace == "bias":
        sets = [{name: units for name, units in units.items() if weights_in_front(net, name)} for units in sets]
    if replace == "by name":
        replace = {name: case.rng.normal() for name in net.names}
    outputs = tn.knockout_sweep(net, case.x, sets, replace, batch_size)
    assert outputs.shape == (len(sets), len(case.x), *net.output_shape) and outputs.dtype == net.dtype
    for got, units in zip(outputs, sets, strict=True):
        np.testing.assert_allclose(got, net.knocked_out(units, replace, case.x)(case.x), **CLOSE)


@given(cases(), st.data())
def test_units_may_be_named_by_layer_or_one_by_one(case, data):
    """A mapping, and pairs in any order, silence the same; an order may be either."""
    net = case.net
    names = data.draw(st.lists(st.sampled_from(net.names[1:]), unique=True, max_size=2))
    units = {name: data.draw(st.permutations(range(min(net.shapes[name][0], 3)))) for name in names}
    pairs = [explain.Unit(name, number) for name, numbers in units.items() for number in numbers]
    np.testing.assert_array_equal(
        net.knocked_out(data.draw(st.permutations(pairs)))(case.x), net.knocked_out(units)(case.x)
    )
    both = tn.knockout_sweep(net, case.x, [units, pairs])
    np.testing.assert_array_equal(both[0], both[1])
    labels = np.zeros(len(case.x), int)
    named, single = (tn.knockout_curve(net, case.x, labels, order) for order in (units, pairs))
    np.testing.assert_array_equal(named.predictions, single.predictions)
    assert len(named.error) == 1 + len(pairs)


@given(cases(last=[tn.Sigmoid, None]), st.data())
def test_a_unit_whose_bias_is_kept_is_one_without_weights(case, data):
    """At the net input, behind the activation function and behind a pool alike: units do not mix there."""
    net = case.net
    name = data.draw(st.sampled_from([name for name in net.names if weights_in_front(net, name)]))
    layer, count = weights_in_front(net, name), net.shapes[name][0]
    assume(count == len(layer.params["W"]))  # not flattened
    units = data.draw(st.lists(st.integers(0, count - 1), unique=True))
    kept = net.knocked_out({name: units}, "bias")(case.x)
    layer.params["W"][units] = 0
    np.testing.assert_allclose(kept, net(case.x), **CLOSE)


@given(cases(), st.data())
def test_of_tanh_it_does_not_matter_where_a_unit_is_set_to_zero(case, data):
    """Not so of a sigmoid, which puts out one half for a net input of 0."""
    net = case.net
    pairs = [pair for pair in zip(net.layers[:-1], net.layers[1:], strict=True) if isinstance(pair[1], tn.Tanh)]
    assume(pairs)
    layer, behind = data.draw(st.sampled_from(pairs))
    unit = [data.draw(st.integers(0, net.shapes[layer.name][0] - 1))]
    one, other = tn.knockout_sweep(net, case.x, [{layer.name: unit}, {behind.name: unit}])
    np.testing.assert_allclose(one, other, **CLOSE)


@given(cases(), st.data())
def test_a_sweep_takes_one_value_a_unit(case, data):
    net = case.net
    name = data.draw(st.sampled_from(net.names))
    count = net.shapes[name][0]
    sets = [{name: data.draw(st.permutations(range(count)))} for _ in range(3)]
    values = case.rng.normal(size=count)
    outputs = tn.knockout_sweep(net, case.x, sets, values)
    for got, units in zip(outputs, sets, strict=True):
        np.testing.assert_allclose(got, net.knocked_out(units, values)(case.x), **CLOSE)


@given(cases(), st.data(), st.integers(1, 9), st.sampled_from(["zero", "mean", 0.3]))
def test_a_curve_equals_knocking_out_one_unit_more_each_time(case, data, batch_size, replace):
    net, labels = case.net, case.labels()
    every = [(name, unit) for name in net.names for unit in range(net.shapes[name][0])]
    order = data.draw(st.lists(st.sampled_from(every), max_size=5))
    curve = tn.knockout_curve(net, case.x, labels, order, replace, batch_size)
    classes = class_count(net)
    assert curve.error.shape == (len(order) + 1,) and curve.class_error.shape == (len(order) + 1, classes)
    for count in range(len(order) + 1):
        units = {}
        for name, unit in order[:count]:
            units.setdefault(name, []).append(unit)
        outputs = net.knocked_out(units, replace, case.x)(case.x)
        ranked = np.sort(np.abs(outputs - 0.5) if classes > outputs.shape[1] else outputs, axis=1)
        clear = ranked[:, -1] > 1e-9 if ranked.shape[1] == 1 else ranked[:, -1] - ranked[:, -2] > 1e-9
        np.testing.assert_array_equal(curve.predictions[count][clear], predicted(outputs)[clear])
        wrong = curve.predictions[count] != labels
        assert curve.error[count] == wrong.mean()
        for label in range(classes):
            members = wrong[labels == label]
            np.testing.assert_equal(curve.class_error[count, label], members.mean() if len(members) else np.nan)


def test_a_curve_starts_at_the_error_of_the_whole_network():
    net = small_classifier()
    labels = np.array([0, 1, 2, 0, 1])
    curve = tn.knockout_curve(net, X, labels, tn.rank_units({"tanh1": [3, 1, 2, 0]}))
    assert curve.error[0] == 1 - tn.accuracy(net, X, labels)
    np.testing.assert_array_equal(curve.predictions[0], net(X).argmax(axis=1))
    np.testing.assert_array_equal(tn.knockout_curve(net, X, labels, []).error, curve.error[:1])


def test_knocking_out_everything_leaves_one_answer_for_all():
    net = small_classifier()
    order = [("relu1", unit) for unit in range(3)]
    curve = tn.knockout_curve(net, X, [0, 1, 2, 0, 1], order)
    assert len(set(curve.predictions[-1])) == 1


@given(cases(), st.data())
def test_knocking_out_a_silent_unit_changes_nothing(case, data):
    net = case.net
    layer = data.draw(st.sampled_from([layer for layer in net.layers if layer.params]))
    unit = data.draw(st.integers(0, net.shapes[layer.name][0] - 1))
    for array in layer.params.values():
        array[unit] = 0
    with_it, without = tn.knockout_sweep(net, case.x, [{}, {layer.name: [unit]}])
    np.testing.assert_allclose(without, with_it, **CLOSE)


@given(st.permutations(range(4)), st.integers(0, 99))
def test_permuting_filters_permutes_every_score(order, seed):
    net, permuted = small_classifier(seed=seed), small_classifier(seed=seed)
    first, second = permuted["conv1"].params, permuted["conv2"].params
    first["W"][...], first["b"][...] = first["W"][order], first["b"][order]
    second["W"][...] = second["W"][:, order]
    labels = [0, 1, 2, 0, 1]
    np.testing.assert_allclose(permuted(X), net(X), **CLOSE)
    one, other = (tn.class_gradient(which, X, labels, layers=["tanh1", "relu1"]) for which in (net, permuted))
    np.testing.assert_allclose(other["tanh1"], one["tanh1"][:, order], **CLOSE)
    np.testing.assert_allclose(other["relu1"], one["relu1"], **CLOSE)
    scores = [tn.convolutional_gradient(g["tanh1"]) for g in (one, other)]
    np.testing.assert_allclose(scores[1], scores[0][:, order], **CLOSE)
    singles = [{"tanh1": [unit]} for unit in range(4)]
    alone, alone_permuted = (tn.knockout_sweep(which, X, singles) for which in (net, permuted))
    np.testing.assert_allclose(alone_permuted, alone[list(order)], **CLOSE)


@given(cases(last=[tn.Softmax, tn.Sigmoid], min_classes=2))
def test_the_gradient_of_a_logit_predicts_knock_outs_of_the_last_hidden_layer_exactly(case):
    net = case.net
    headless = net.with_layers(net.layers[:-1])
    hidden = net.names[net.names.index(net.logits) - 1]
    activation = net.trace(case.x)[hidden]
    gradient = tn.prediction_gradient(net, case.x, "all", layers=[hidden])[hidden]
    changes = tn.knockout_sweep(headless, case.x, [{hidden: [unit]} for unit in range(net.shapes[hidden][0])])
    first_order = -activation * gradient if activation.ndim == 2 else -(activation * gradient).sum(axis=(-2, -1))
    np.testing.assert_allclose(changes - headless(case.x), np.transpose(first_order, (2, 1, 0)), **CLOSE)


def test_first_order_is_only_an_approximation_further_down():
    net = small_classifier()
    headless = net.with_layers(net.layers[:-1])
    activation = net.trace(X)["tanh1"]
    gradient = tn.prediction_gradient(net, X, 0, layers=["tanh1"])["tanh1"]
    predicted_change = -(activation * gradient).sum(axis=(-2, -1))
    change = tn.knockout_sweep(headless, X, [{"tanh1": [unit]} for unit in range(4)])[..., 0] - headless(X)[:, 0]
    assert not np.allclose(change.T, predicted_change)


def test_the_work_in_front_of_the_knock_outs_is_done_once():
    calls = []

    class Counting(tn.Tanh):
        def forward(self, x):
            calls.append(x.shape)
            return super().forward(x)

    net = tn.Network([tn.Dense(6), Counting(), tn.Dense(5), tn.Tanh(), tn.Dense(2)], (3,), dtype=float)
    calls.clear()
    behind = [{"tanh1": [unit]} for unit in range(5)]
    tn.knockout_sweep(net, np.ones((4, 3)), [*behind, {}, {"dense2": [0]}])
    assert calls == [(4, 6)]
    tn.knockout_sweep(net, np.ones((4, 3)), [*behind, {"dense1": [0]}, {"dense1": [1]}])
    assert calls == [(4, 6), (4, 6), (2, 4, 6)]


# --------------------------------------------------------------------------------------------------------- edge sizes


def test_no_images_and_no_candidates():
    net = small_classifier()
    assert tn.knockout_sweep(net, X[:0], [{}, {"tanh1": [0]}]).shape == (2, 0, 3)
    assert tn.knockout_sweep(net, X, []).shape == (0, 5, 3)
    curve = tn.knockout_curve(net, X[:0], np.zeros(0, int), [("tanh1", 0)])
    assert np.isnan(curve.error).all() and np.isnan(curve.class_error).all() and curve.predictions.shape == (2, 0)


def test_a_single_output_is_a_prediction_of_two_classes():
    net = tn.Network([tn.Dense(1), tn.Sigmoid()], (2,), dtype=float)
    net["dense1"].params["W"][...] = [[1.0, -2.0]]
    curve = tn.knockout_curve(net, [[1, 0], [0, 1], [0, 0.5]], [1, 0, 1], [("input", 1), ("input", 0)])
    np.testing.assert_array_equal(curve.predictions, [[1, 0, 0], [1, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(curve.error, [1 / 3, 1 / 3, 2 / 3])
    np.testing.assert_allclose(curve.class_error, [[0, 1 / 2], [0, 1 / 2], [0, 1]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net: tn.knockout_sweep(net, X[0], [{}]), r"expected \(N, 1, 8, 8\); x.reshape"),
        (lambda net: tn.knockout_sweep(net, X, [{}], batch_size=0), r"^batch_size is 0"),
        (lambda net: tn.knockout_sweep(net, X, [{"tanh1": [9]}]), r"^tanh1: no unit 9: there are 4"),
        (lambda net: tn.knockout_sweep(net, X, [{"tanh1": [9]}], "mean"), r"^tanh1: no unit 9: there are 4"),
        (lambda net: tn.knockout_sweep(net, X[:0], [{"tanh1": [1]}], "mean"), "needs at least one image"),
        (lambda net: tn.knockout_sweep(net, X, [{"tahn1": [9]}], "mean"), r"no layer 'tahn1'; did you mean tanh1"),
        (lambda net: tn.knockout_sweep(net, X, [{"input": [0]}], "bias"), "^input: no layer with weights is in front"),
        (lambda net: tn.knockout_sweep(net, X, [{"tanh1": [0]}], "median"), r"^replace is 'median'"),
        (lambda net: tn.knockout_curve(net, X, [0, 1], []), r"^got 5 images and 2 labels, expected as many$"),
        (lambda net: tn.knockout_curve(net, X, [0, 1, 2, 3, 0], []), r"^label of image 3 is 3, expected 0 to 2"),
    ],
)
def test_knock_outs_that_cannot_be_meant_are_refused(call, message):
    with pytest.raises((ValueError, tn.UnknownLayerError), match=message):
        call(small_classifier())


def test_nothing_is_left_changed():
    net = small_classifier()
    before = net(X), {name: array.copy() for name, array in net.parameters().items()}
    explain.knockout_sweep(net, X, [{"tanh1": [0, 1]}, {"relu1": [0]}], "mean")
    np.testing.assert_array_equal(net(X), before[0])
    for name, array in net.parameters().items():
        np.testing.assert_array_equal(array, before[1][name])


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ([("tanh1", 1.9)], r"^tanh1: unit is 1\.9, expected a whole number"),
        ([("tanh1", True)], r"^tanh1: unit is True"),
        ([("tanh1", 4)], r"^tanh1: no unit 4"),
        ([("tanh7", 0)], "no layer 'tanh7'"),
        (["tanh1"], "^order is .*, expected names of layers with numbers of units, .*, or pairs, as rank_units"),
        (None, "^order is None, expected names of layers"),
        ({"tanh1": [1.9]}, r"^tanh1: unit is 1\.9, expected a whole number"),
        ({"tanh1": {3}}, r"^tanh1: units are \{3\}, expected a list of their numbers"),
        ({"tanh7": [0]}, "no layer 'tanh7'"),
    ],
)
def test_orders_that_name_no_units_are_refused(order, message):
    with pytest.raises((ValueError, tn.UnknownLayerError), match=message):
        tn.knockout_curve(small_classifier(), np.zeros((3, 1, 8, 8)), [0, 1, 2], order)


@pytest.mark.parametrize("labels", [[0, 1], [0, 1, 2, 0]])
def test_there_is_one_label_an_image(labels):
    with pytest.raises(ValueError, match=f"got 3 images and {len(labels)} labels, expected as many"):
        tn.knockout_curve(small_classifier(), np.zeros((3, 1, 8, 8)), labels, [("tanh1", np.int64(0))])
