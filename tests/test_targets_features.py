"""Features of units by target propagation: the algorithm written out, and what may be asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, small_classifier
from tinynet import targets
from tinynet.targets import unit_targets

CLOSE = {"rtol": 1e-9, "atol": 1e-11}


def feature_by_algorithm_1(net, name, target, tau, image):
    """Forward up to the layer, then back down one layer at a time, from zero at each layer with weights."""
    outputs, below = [image], []
    for layer in net.layers:
        below.append(layer)
        outputs.append(layer.forward(outputs[-1]))
        if layer.name == name:
            break
    t = target
    for layer, x, y in zip(below[::-1], outputs[-2::-1], outputs[:0:-1], strict=True):
        residual = layer.backward(y - t, x, y)
        t = -tau * residual if layer.params else x - residual
    return t


def conv_net(activation=tn.Tanh, dtype=np.float64):
    layers = [tn.Conv2D(3, 3), activation(), tn.MaxPool2D(2), tn.Conv2D(2, 2), activation(), tn.Flatten()]
    return tn.Network([*layers, tn.Dense(4), tn.Sigmoid()], (1, 8, 8), rng=0, dtype=dtype)


@given(cases(), st.floats(0.1, 10), st.booleans(), st.data())
def test_features_equal_algorithm_1_written_out(case, tau, from_zero, data):
    net = case.net
    name = data.draw(st.sampled_from(net.names[1:]))
    wanted = case.rng.normal(size=(2, 3, *net.shapes[name]))
    image = np.zeros(net.input_shape) if from_zero else case.x[0]
    got = tn.extract_feature(net, name, wanted, tn.GradientTargets(tau), None if from_zero else image)
    assert got.shape == (2, 3, *net.input_shape) and got.dtype == net.dtype
    for place in np.ndindex(2, 3):
        slow = feature_by_algorithm_1(net, name, wanted[place], tau, image)
        np.testing.assert_allclose(got[place], slow, rtol=1e-8, atol=1e-9 * (1 + np.abs(slow).max()))


@pytest.mark.parametrize("activation", [tn.Tanh, tn.Sigmoid, tn.ReLU])
def test_units_of_convolutional_networks_are_seen(activation):
    net = conv_net(activation)
    image = np.random.default_rng(1).random((1, 8, 8))
    for name in net.names[1:]:
        shape = net.shapes[name]
        for unit in range(shape[0]):
            target = np.zeros(shape)
            target[unit] = 1
            got = tn.extract_feature(net, name, unit, start=image)
            assert got.shape == (1, 8, 8)
            np.testing.assert_allclose(got, feature_by_algorithm_1(net, name, target, 100.0, image), rtol=1e-9)


def test_what_a_dense_layer_wants_to_see_are_its_weights():
    net = tn.Network([tn.Dense(3, bias=False)], (5,), dtype=float)
    np.testing.assert_allclose(
        tn.extract_feature(net, "dense1", range(3), tn.GradientTargets(2.0)), 2 * net["dense1"].params["W"]
    )
    shown = np.arange(5.0)
    residual = net(shown) - np.eye(3)
    np.testing.assert_allclose(
        tn.extract_feature(net, "dense1", range(3), tn.GradientTargets(2.0, "activation"), shown),
        shown - 2 * residual @ net["dense1"].params["W"],
    )


ONE = np.ones(4)


@pytest.mark.parametrize(
    ("name", "units", "ones"),
    [
        ("dense1", 2, [2]),
        ("dense1", np.int64(2), [2]),
        ("dense1", np.array(2), [2]),
        ("dense1", [0, 3], [[0], [3]]),
        ("dense1", (0, 3), [[0], [3]]),
        ("dense1", range(2), [[0], [1]]),
        ("dense1", np.array([1, 1]), [[1], [1]]),
        ("dense1", [[0, 3], [2]], [[0, 3], [2]]),
        ("dense1", [{1, 2}, 0], [[1, 2], [0]]),
        ("dense1", np.array([[0, 1], [2, 3]]), [[0, 1], [2, 3]]),
        ("dense1", [], []),
        ("conv2", 1, [(1, slice(None), slice(None))]),
        ("conv2", (1, 0, 1), [(1, 0, 1)]),
        ("conv2", [0, (1, 1, 0)], [[0], [(1, 1, 0)]]),
        ("conv2", [[0, (1, 1, 0)], [1]], [[0, (1, 1, 0)], [1]]),
    ],
)
def test_targets_are_one_for_the_units_asked_about(name, units, ones):
    net = conv_net()
    got = unit_targets(net, name, units)
    sets = ones if got.ndim > len(net.shapes[name]) else [ones]
    assert got.dtype == net.dtype and got.shape[-len(net.shapes[name]) :] == net.shapes[name]
    wanted = np.zeros((len(sets), *net.shapes[name]))
    for target, chosen in zip(wanted, sets, strict=True):
        for unit in chosen:
            target[unit] = 1
    np.testing.assert_array_equal(got.reshape(wanted.shape), wanted)


@pytest.mark.parametrize("units", [np.ones((2, 1, 4)), [[0.0, 1, 0, 0]], np.eye(4, dtype=np.float32)])
def test_floats_are_targets(units):
    np.testing.assert_array_equal(unit_targets(conv_net(), "dense1", units), np.asarray(units))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_features_at_once_are_the_features_one_by_one(dtype, monkeypatch):
    net = conv_net(dtype=dtype)
    whole = tn.extract_feature(net, "dense1", range(4))
    assert whole.dtype == dtype and whole.shape == (4, 1, 8, 8)
    parts = []
    monkeypatch.setattr(targets.features, "part_size", lambda net: parts.append(1) or 3)
    np.testing.assert_allclose(tn.extract_feature(net, "dense1", range(4)), whole, rtol=1e-5)
    one_by_one = [tn.extract_feature(net, "dense1", unit) for unit in range(4)]
    np.testing.assert_allclose(one_by_one, whole, rtol=1e-5)
    assert parts


def test_no_units_have_no_features():
    assert tn.extract_feature(conv_net(), "dense1", []).shape == (0, 1, 8, 8)


def test_the_network_is_left_as_it_was():
    net = small_classifier()
    before = {name: array.copy() for name, array in net.parameters().items()}
    start = np.full((1, 8, 8), 0.5)
    found = tn.extract_feature(net, "softmax1", range(3), start=start)
    found[...] = 7
    assert (start == 0.5).all()
    for name, array in net.parameters().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_start_is_broadcast_to_an_image():
    net = conv_net()
    for start in (0.5, np.full((8, 8), 0.5), np.full((1, 1, 1), 0.5)):
        np.testing.assert_array_equal(
            tn.extract_feature(net, "dense1", 0, start=start),
            tn.extract_feature(net, "dense1", 0, start=np.full((1, 8, 8), 0.5)),
        )


@pytest.mark.parametrize(
    ("layer", "units", "settings", "message"),
    [
        ("dense1", 4, {}, r"^dense1: no unit 4: there are 4, numbered from 0$"),
        ("dense1", -1, {}, r"^dense1: no unit -1"),
        ("dense1", [0, 4], {}, r"^dense1: no unit 4"),
        ("dense1", True, {}, r"^dense1: units are True, expected a unit, a sequence"),
        ("dense1", "all", {}, r"^dense1: units are 'all', expected a unit, a sequence"),
        ("dense1", None, {}, r"^dense1: units are None, expected a unit, a sequence"),
        ("dense1", [[0], []], {}, r"^dense1: a set of units is empty$"),
        ("dense1", np.eye(4, dtype=int), {}, r"^dense1: unit 0 is named twice in a set; targets are"),
        (
            "conv2",
            2,
            {},
            r"^conv2: no unit 2: there are 2, numbered from 0, or one of its places \(of shape \(2, 2, 2\)\)",
        ),
        ("conv2", (0, 2, 0), {}, r"^conv2: no unit \(0, 2, 0\)"),
        ("conv2", (0, 1), {}, r"^conv2: no unit \(0, 1\)"),
        ("conv2", [[0, (0, 1, 1)]], {}, r"^conv2: unit \(0, 1, 1\) is named twice"),
        ("dense1", np.ones(3), {}, r"^dense1: units are targets of shape \(3,\), expected \(\.\.\., 4\)$"),
        ("dense1", 0.5, {}, r"^dense1: units are targets of shape \(\), expected"),
        ("dense1", [[0.5], [1, 2]], {}, r"^dense1: targets are .*, expected an array of floats$"),
        ("dense1", [np.nan] * 4, {}, r"^dense1: units: a target holds a value that is not a finite number$"),
        ("dense1", 0, {"start": np.ones(7)}, r"^start has shape \(7,\), expected \(1, 8, 8\)$"),
        ("dense1", 0, {"start": np.ones((2, 1, 8, 8))}, r"^start has shape \(2, 1, 8, 8\), expected \(1, 8, 8\)$"),
        ("dense1", 0, {"start": np.inf}, r"^start is (inf|nan).*, expected a finite number$"),
    ],
)
def test_what_has_no_feature_is_refused(layer, units, settings, message):
    with pytest.raises(ValueError, match=message):
        tn.extract_feature(conv_net(), layer, units, **settings)


def test_an_unknown_layer_is_named_with_its_nearest():
    with pytest.raises(tn.UnknownLayerError, match=r"^no layer 'dense3'; did you mean dense1"):
        tn.extract_feature(conv_net(), "dense3", 0)


@pytest.mark.parametrize("of", ["logit", "probability", "log_probability", "margin"])
@pytest.mark.parametrize("tau", [1.0, 0.5])
def test_target_features_are_the_gradient_times_a_step_for_each_layer_with_weights(of, tau):
    net, x = small_classifier(), np.random.default_rng(0).normal(size=(4, 1, 8, 8))
    rule = {} if tau == 1 else {"rule": tn.GradientTargets(tau, "activation")}
    gradient = tn.prediction_gradient(net, x, [0, 1, 2, 1], of)["input"]
    found = tn.explain.target_features(net, x, [0, 1, 2, 1], of, **rule)
    np.testing.assert_allclose(found, tau**3 * gradient, **CLOSE)


def test_a_loss_at_the_output_says_where_the_way_down_begins():
    """With a cross-entropy the residual of the logits is p - t: without the slope of the output, which may vanish."""
    net = tn.Network([tn.Dense(4, bias=False), tn.Sigmoid(), tn.Dense(3), tn.Sigmoid()], (6,), rng=0, dtype=float)
    image, tau = np.random.default_rng(0).random(6), 7.0
    first, second = net["dense1"].params["W"], net["dense2"].params["W"]
    hidden, p = (net.trace(image)[name] for name in ("sigmoid1", "sigmoid2"))
    got = tn.extract_feature(net, "sigmoid2", range(3), tn.GradientTargets(tau), image, loss=tn.BinaryCrossEntropy())
    for unit, feature in enumerate(got):
        target = -tau * second.T @ (p - np.eye(3)[unit])
        by_hand = -tau * first.T @ ((hidden - target) * hidden * (1 - hidden))
        np.testing.assert_allclose(feature, by_hand, **CLOSE)
    rule, squared = tn.GradientTargets(tau), tn.SquaredError()
    np.testing.assert_allclose(
        tn.extract_feature(net, "sigmoid2", [0, 2], rule, image, loss=squared),
        tn.extract_feature(net, "sigmoid2", [0, 2], rule, image),
        **CLOSE,
    )


def test_a_loss_is_of_the_last_layer():
    net = tn.Network([tn.Dense(4), tn.Sigmoid(), tn.Dense(3), tn.Sigmoid()], (6,), rng=0)
    with pytest.raises(ValueError, match=r"^loss is of sigmoid2, the last layer; got units of sigmoid1$"):
        tn.extract_feature(net, "sigmoid1", 0, loss=tn.BinaryCrossEntropy())
    with pytest.raises(ValueError, match=r"^CrossEntropy needs a network that ends in Softmax"):
        tn.extract_feature(net, "sigmoid2", 0, loss=tn.CrossEntropy())
    with pytest.raises(ValueError, match=r"^loss is 'log', expected"):
        tn.extract_feature(net, "sigmoid2", 0, loss="log")
