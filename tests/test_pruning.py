"""Networks with units removed: they compute what the knocked-out ones do, with fewer parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import small_classifier
from tinynet.explain import pruned

CLOSE = {"rtol": 1e-9, "atol": 1e-11}


@st.composite
def networks(draw):
    """Draw a network in which every way from one layer of weights to the next occurs, and units to remove."""
    between = st.lists(st.sampled_from([tn.Tanh, tn.ReLU, tn.Step, lambda: tn.Dropout(0.5)]), max_size=2)
    pools = st.sampled_from([lambda: tn.MaxPool2D(2, padding=1), lambda: tn.AvgPool2D(2), None])
    layers = []
    for _ in range(draw(st.integers(0, 2))):
        layers += [tn.Conv2D(draw(st.integers(2, 4)), 3, padding=draw(st.integers(0, 1)), bias=draw(st.booleans()))]
        layers += [kind() for kind in draw(between)]
        pool = draw(pools)
        layers += [pool()] if pool else []
    layers.append(tn.Flatten())
    for _ in range(draw(st.integers(0, 2))):
        layers += [tn.Dense(draw(st.integers(2, 4)), bias=draw(st.booleans())), *(kind() for kind in draw(between))]
    layers += [tn.Dense(3), tn.Softmax()]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    net = tn.Network(layers, (2, 14, 13), rng=rng, dtype=np.float64)
    for array in net.parameters().values():
        array += rng.normal(0, 0.3, array.shape)
    units = {}
    affine = None
    for layer in net.layers[:-2]:
        affine = layer if layer.params else affine
        count = net.shapes[layer.name][0]
        if affine and not isinstance(layer, tn.Flatten) and count == net.shapes[affine.name][0] and draw(st.booleans()):
            units[layer.name] = draw(st.lists(st.integers(0, count - 1), unique=True, max_size=(count - 1) // 2))
    return net, units, rng.normal(size=(3, 2, 14, 13))


@given(networks())
def test_removing_is_knocking_out(case):
    net, units, x = case
    gone = {}
    for name, chosen in units.items():
        writer = [layer.name for layer in net.layers[: net.names.index(name)] if layer.params][-1]
        gone.setdefault(writer, set()).update(chosen)
    if any(len(chosen) == net.shapes[name][0] for name, chosen in gone.items()):
        with pytest.raises(ValueError, match="leave at least one"):
            pruned(net, units)
        return
    smaller = pruned(net, [(name, unit) for name, chosen in units.items() for unit in chosen])
    np.testing.assert_allclose(smaller(x), net.knocked_out(units)(x), **CLOSE)
    assert [layer.name for layer in smaller.layers] == [layer.name for layer in net.layers]
    for name, shape in net.shapes.items():
        if name in net.names[1:] and net[name].params:
            assert smaller.shapes[name][0] == shape[0] - len(gone.get(name, ()))
    assert smaller.parameter_count < net.parameter_count or not any(gone.values())


def test_removing_is_knocking_out_to_the_last_bit_where_sums_are_exact():
    rng = np.random.default_rng(0)
    layers = [tn.Conv2D(5, 3), tn.ReLU(), tn.MaxPool2D(2), tn.Conv2D(4, 2), tn.ReLU(), tn.Flatten(), tn.Dense(6)]
    net = tn.Network([*layers, tn.ReLU(), tn.Dense(3)], (1, 8, 8), rng=0)
    for array in net.parameters().values():
        array[...] = rng.integers(-3, 4, array.shape)
    units = {"relu1": [0, 3], "relu2": [2], "relu3": [1, 5]}
    x = rng.integers(0, 4, (4, 1, 8, 8))
    np.testing.assert_array_equal(pruned(net, units)(x), net.knocked_out(units)(x))


def test_the_slices_that_go_are_the_right_ones():
    net = small_classifier()
    smaller = pruned(net, {"tanh1": [1], "relu1": [0, 2]})
    np.testing.assert_array_equal(smaller["conv1"].params["W"], net["conv1"].params["W"][[0, 2, 3]])
    np.testing.assert_array_equal(smaller["conv2"].params["W"], net["conv2"].params["W"][[1]][:, [0, 2, 3]])
    np.testing.assert_array_equal(smaller["dense1"].params["W"], net["dense1"].params["W"][:, 4:8])
    assert smaller["conv1"].filters == 3 and smaller.shapes["flatten1"] == (4,)


def test_the_smaller_network_is_trained_and_saved_by_itself(tmp_path):
    net = small_classifier(dtype=np.float32)
    before = {name: array.copy() for name, array in net.parameters().items()}
    smaller = pruned(net, {"tanh1": [0]})
    x, labels = np.random.default_rng(0).normal(size=(6, 1, 8, 8)), np.arange(6) % 3
    tn.fit(smaller, x, labels, loss=tn.CrossEntropy(), optimizer=tn.SGD(0.1), epochs=2, batch_size=3, progress=False)
    for name, array in net.parameters().items():
        np.testing.assert_array_equal(array, before[name])
    smaller.save(tmp_path / "smaller.npz")
    np.testing.assert_array_equal(tn.Network.load(tmp_path / "smaller.npz")(x), smaller(x))


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ({"input": [0]}, "^input: inputs cannot be removed"),
        ({"dense1": [0]}, "^dense1: .* outputs, which cannot be removed"),
        ({"softmax1": [0]}, "^softmax1: "),
        ({"flatten1": [0]}, "^flatten1: its units are single places"),
        ({"tanh1": [0, 1], "pool1": [2, 3]}, "^conv1: all of its 4 units would be removed"),
        ({"tanh1": [4]}, "^tanh1: no unit 4"),
    ],
)
def test_what_cannot_be_removed_is_refused(units, message):
    with pytest.raises(ValueError, match=message):
        pruned(small_classifier(), units)


def test_a_silent_unit_must_stay_silent():
    net = tn.Network([tn.Dense(4), tn.Sigmoid(), tn.Dense(2)], (3,), dtype=float)
    with pytest.raises(ValueError, match=r"^dense1: sigmoid1 stands between"):
        pruned(net, {"dense1": [0]})
    x = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(pruned(net, {"sigmoid1": [0]})(x), net.knocked_out({"sigmoid1": [0]})(x), **CLOSE)

    class Mixed(tn.Layer):
        def forward(self, x):
            return x[..., ::-1].copy()

    mixed = tn.Network([tn.Dense(4), Mixed(), tn.Dense(2)], (3,))
    for name in ("dense1", "mixed1"):
        with pytest.raises(ValueError, match=f"^{name}: "):
            pruned(mixed, {name: [0]})
