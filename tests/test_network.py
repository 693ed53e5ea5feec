"""Networks, traces, deltas: the laws of one forward and one backward pass."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import assert_same_bits, cases, image_cases, run, slope, small_classifier
from tinynet.network import frozen

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
NEAR = {"rtol": 1e-6, "atol": 1e-8}


# --------------------------------------------------------------------------------------------------- forward passes


@given(cases())
def test_trace_holds_what_each_layer_puts_out(case):
    trace = case.net.trace(case.x)
    activation = case.x
    np.testing.assert_array_equal(trace.input, activation)
    for layer in case.net.layers:
        activation = layer.forward(activation)
        np.testing.assert_allclose(trace[layer.name], activation, **CLOSE)
        assert trace[layer.name].shape == (len(case.x), *case.net.shapes[layer.name])
    np.testing.assert_array_equal(trace.output, trace[case.net.names[-1]])


@given(cases(), st.integers(1, 9))
def test_prediction_is_the_output_of_the_trace_whatever_the_batch_size(case, batch_size):
    wanted = case.net.trace(case.x).output
    np.testing.assert_allclose(case.net(case.x, batch_size=batch_size), wanted, **CLOSE)


@given(cases(min_images=4))
def test_leading_axes_are_batch_axes(case):
    net, x = case.net, case.x[:4]
    stack = x.reshape(2, 1, 2, *net.input_shape)
    trace, flat = net.trace(stack), net.trace(x)
    seed = case.rng.normal(size=flat.output.shape)
    deltas, flat_deltas = net.backward(trace, seed.reshape(trace.output.shape)), net.backward(flat, seed)
    for name in trace:
        np.testing.assert_allclose(trace[name].reshape(flat[name].shape), flat[name], **CLOSE)
        np.testing.assert_allclose(deltas[name].reshape(flat_deltas[name].shape), flat_deltas[name], **CLOSE)
    np.testing.assert_allclose(net(stack), net(x).reshape(2, 1, 2, -1), **CLOSE)
    single = net.trace(x[0])
    for name in single:
        np.testing.assert_allclose(single[name], flat[name][0], **CLOSE)
    np.testing.assert_allclose(net(x[0]), flat.output[0], **CLOSE)


@given(cases())
def test_no_images_are_no_error(case):
    net = case.net
    nothing = np.zeros((0, *net.input_shape))
    trace = net.trace(nothing)
    deltas = net.backward(trace, np.zeros((0, *net.output_shape)))
    assert net(nothing).shape == (0, *net.output_shape)
    assert {name: a.shape for name, a in trace.items()} == {name: (0, *s) for name, s in net.shapes.items()}
    assert {name: a.shape for name, a in deltas.items()} == {name: (0, *s) for name, s in net.shapes.items()}
    for name, gradient in net.grads(trace, deltas).items():
        for key, array in gradient.items():
            np.testing.assert_array_equal(array, np.zeros_like(net[name].params[key]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [np.uint8, np.int64, bool, np.float32, np.float64, list])
def test_inputs_of_any_real_type_become_the_type_of_the_network(dtype, kind):
    net = small_classifier(dtype=dtype)
    pixels = np.random.default_rng(0).integers(0, 2, (3, 1, 8, 8))
    x = pixels.tolist() if kind is list else pixels.astype(kind)
    trace = net.trace(x)
    deltas = net.backward(trace, 1.0, at="relu1")
    arrays = [
        *trace.values(),
        *deltas.values(),
        *(g for some in net.grads(trace, deltas).values() for g in some.values()),
    ]
    assert {array.dtype for array in [net(x), *arrays]} == {np.dtype(dtype)}


def test_maps_of_one_pixel():
    net = tn.Network([tn.Conv2D(2, 1), tn.ReLU(), tn.MaxPool2D(1), tn.Flatten(), tn.Dense(1)], (1, 1, 1), dtype=float)
    net["conv1"].params["W"][:] = np.array([2.0, -3.0])[:, None, None, None]
    net["dense1"].params["W"][:] = [[5.0, 7.0]]
    trace = net.trace(np.array([[[[4.0]]]]))
    assert trace.output.item() == 5 * 2 * 4
    assert net.backward(trace, [1.0]).input.item() == 5 * 2


def test_threads_may_share_a_network():
    net = small_classifier()
    inputs = np.random.default_rng(0).normal(size=(8, 5, 1, 8, 8))

    def gradients(x):
        trace = net.trace(x)
        return {**trace, **{f"d {name}": delta for name, delta in net.backward(trace, np.eye(3)[:, None]).items()}}

    alone = [gradients(x) for x in inputs]
    with ThreadPoolExecutor(4) as pool:
        for got, wanted in zip(pool.map(gradients, inputs), alone, strict=True):
            assert_same_bits(got, wanted)


# -------------------------------------------------------------------------------------------------- backward passes


@given(cases(), st.data())
def test_deltas_are_derivatives_of_any_layer_by_any_layer_before_it(case, data):
    net = case.net
    at = data.draw(st.sampled_from(net.names))
    trace = net.trace(case.x)
    seed = case.rng.normal(size=trace[at].shape)
    deltas = net.backward(trace, seed, at=at)
    for name in net.names[: net.names.index(at) + 1]:
        direction = case.rng.normal(size=trace[name].shape)
        wanted = slope(lambda a, name=name: np.vdot(seed, run(net, a, name, at)), trace[name], direction)
        np.testing.assert_allclose(np.vdot(deltas[name], direction), wanted, **NEAR)


def test_deltas_through_max_pooling_and_relu_are_derivatives():
    net = small_classifier()
    rng = np.random.default_rng(1)
    x, direction = rng.normal(size=(2, 3, 1, 8, 8))
    seed = rng.normal(size=(3, 3))
    wanted = slope(lambda a: np.vdot(seed, net(a)), x, direction)
    np.testing.assert_allclose(np.vdot(net.backward(net.trace(x), seed).input, direction), wanted, **NEAR)


@given(cases(), st.data())
def test_outputs_behind_at_have_no_influence(case, data):
    net = case.net
    at = data.draw(st.sampled_from(net.names))
    trace = net.trace(case.x)
    seed = case.rng.normal(size=(2, *trace[at].shape))
    deltas = net.backward(trace, seed, at=at)
    assert deltas.at == at
    assert list(deltas) == list(trace) and len(deltas) == len(trace) == len(net.layers) + 1
    assert all(delta.shape == (2, *trace[name].shape) for name, delta in deltas.items())
    np.testing.assert_array_equal(deltas[at], seed)
    for name in net.names[net.names.index(at) + 1 :]:
        assert not deltas[name].any()


@given(cases(), st.data())
def test_stopping_early_changes_nothing_but_the_length(case, data):
    net = case.net
    down_to = data.draw(st.sampled_from(net.names))
    trace = net.trace(case.x)
    seed = case.rng.normal(size=trace.output.shape)
    whole, part = net.backward(trace, seed), net.backward(trace, seed, down_to=down_to)
    reached = net.names[net.names.index(down_to) :]
    assert_same_bits(part, {name: whole[name] for name in reached})
    for name, gradients in net.grads(trace, part).items():
        assert_same_bits(gradients, net.grads(trace, whole)[name])


@given(cases())
def test_one_seed_a_class_equals_a_pass_for_each_class(case):
    net = case.net
    trace = net.trace(case.x)
    classes = net.output_shape[0]
    together = net.backward(trace, np.eye(classes)[:, None])
    summed = net.grads(trace, together)
    separate = [net.backward(trace, np.broadcast_to(e, trace.output.shape)) for e in np.eye(classes)]
    for name in together:
        assert together[name].shape == (classes, *trace[name].shape)
        np.testing.assert_allclose(together[name], np.stack([one[name] for one in separate]), **CLOSE)
    for name in summed:
        for key, gradient in summed[name].items():
            np.testing.assert_allclose(gradient, sum(net.grads(trace, one)[name][key] for one in separate), **CLOSE)


@given(cases())
def test_gradients_of_parameters_are_derivatives(case):
    net = case.net
    trace = net.trace(case.x)
    seed = case.rng.normal(size=trace.output.shape)
    gradients = net.grads(trace, net.backward(trace, seed))
    assert {f"{name}/{key}" for name, some in gradients.items() for key in some} == set(net.parameters())
    for name, array in net.parameters().items():
        layer, key = name.split("/")
        before, direction = array.copy(), case.rng.normal(size=array.shape)

        def output(value, array=array):
            array[...] = value
            return np.vdot(seed, net(case.x))

        wanted = slope(output, before, direction)
        array[...] = before
        assert gradients[layer][key].shape == array.shape
        np.testing.assert_allclose(np.vdot(gradients[layer][key], direction), wanted, **NEAR)


@given(cases())
def test_passes_change_neither_arguments_nor_parameters(case):
    net = case.net
    parameters = {name: array.copy() for name, array in net.parameters().items()}
    x = case.x.copy()
    trace = net.trace(x)
    seed = case.rng.normal(size=trace.output.shape)
    kept_seed, kept_trace = seed.copy(), {name: array.copy() for name, array in trace.items()}
    deltas = net.backward(trace, seed)
    kept_deltas = {name: array.copy() for name, array in deltas.items()}
    net.grads(trace, deltas)
    net(x)
    np.testing.assert_array_equal(x, case.x)
    np.testing.assert_array_equal(seed, kept_seed)
    assert_same_bits(net.parameters(), parameters)
    x[...], seed[...] = 7, 7
    assert_same_bits(trace, kept_trace)
    assert_same_bits(deltas, kept_deltas)


def test_arrays_of_traces_and_deltas_are_read_only():
    net = small_classifier()
    trace = net.trace(np.ones((2, 1, 8, 8)))
    for arrays in (trace, net.backward(trace, np.eye(3)[:, None]), net.propagate_targets(trace, 0.0, PassedThrough())):
        for array in arrays.values():
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
        with pytest.raises(TypeError):
            arrays["tanh1"] = array


def test_traces_are_mappings():
    trace = small_classifier().trace(np.ones((2, 1, 8, 8)))
    assert list(trace) == ["input", "conv1", "tanh1", "pool1", "conv2", "relu1", "flatten1", "dense1", "softmax1"]
    assert "tanh1" in trace and "tanh2" not in trace and trace.get("tanh2") is None
    assert repr(trace).startswith("Trace(input (2, 1, 8, 8), conv1 (2, 4, 6, 6)")
    with pytest.raises(tn.UnknownLayerError, match=r"^no layer 'tahn1'; did you mean tanh1\?$"):
        trace["tahn1"]


@given(cases(), st.data())
def test_whatever_is_carried_back_takes_one_step_a_layer(case, data):
    """The walk itself, with a step that is no gradient: what arrives is the steps applied one after the other."""
    net = case.net
    at, down_to = sorted(data.draw(st.tuples(*[st.sampled_from(net.names)] * 2)), key=net.names.index)[::-1]
    trace = net.trace(case.x)
    signal = case.rng.normal(size=(3, *trace[at].shape))
    seen = []

    def step(layer, signal, x, y):
        assert not signal.flags.writeable
        np.testing.assert_array_equal(y, trace[layer.name])
        seen.append(layer.name)
        return np.broadcast_to(signal.sum() + np.abs(x), (3, *x.shape)) / 2

    carried = net.carry_back(trace, signal, step, at, down_to)
    between = net.names[net.names.index(down_to) : net.names.index(at) + 1]
    assert list(carried) == between and seen == between[:0:-1]
    np.testing.assert_array_equal(carried[at], signal)
    for name in between[-2::-1]:
        signal = np.broadcast_to(signal.sum() + np.abs(trace[name]), (3, *trace[name].shape)) / 2
        np.testing.assert_array_equal(carried[name], signal)


@given(cases(), st.data())
def test_a_step_of_derivatives_is_backward(case, data):
    at = data.draw(st.sampled_from(case.net.names))
    trace = case.net.trace(case.x)
    seed = case.rng.normal(size=trace[at].shape)
    carried = case.net.carry_back(trace, seed, lambda layer, dy, x, y: layer.backward(dy, x, y), at)
    deltas = case.net.backward(trace, seed, at)
    assert_same_bits(carried, {name: deltas[name] for name in carried})


# --------------------------------------------------------------------------------------------------------- aliasing


def views(x):
    """Return read-only arrays that hold x and show what is written into its memory, with a function that writes."""
    base = np.repeat(x[:, None], 2, axis=1)
    yield base[:, 0], base
    one = np.ascontiguousarray(x[:1])
    yield np.broadcast_to(one, x.shape), one
    long = np.arange(x.size + 7, dtype=x.dtype)
    yield np.lib.stride_tricks.sliding_window_view(long, x[0].size)[: len(x)].reshape(x.shape), long
    memory = bytearray(x.tobytes())
    yield np.frombuffer(memoryview(memory).toreadonly(), x.dtype).reshape(x.shape), np.frombuffer(memory, x.dtype)


@given(cases(min_images=2))
def test_a_trace_never_changes_whatever_happens_to_the_memory_of_its_input(case):
    for view, memory in views(case.x):
        view = view.view()
        view.flags.writeable = False
        for trace in (case.net.trace(view), case.net.trace(view[:1])):
            kept = {name: array.copy() for name, array in trace.items()}
            before = memory.copy()
            memory[...] = -7
            assert_same_bits(trace, kept)
            memory[...] = before


def test_fresh_inputs_are_not_copied():
    net = tn.Network([tn.Dense(3)], (4,))
    x = np.ones((2, 4), np.float32)
    assert not np.shares_memory(net.trace(x).input, x)
    assert np.shares_memory(net.trace(frozen(x)).input, x)
    assert np.shares_memory(net.trace(np.frombuffer(x.tobytes(), np.float32).reshape(2, 4)).input, x) is False


@given(cases())
def test_running_from_a_layer_never_returns_its_argument(case):
    for name in case.net.names:
        activation = case.net.trace(case.x)[name].copy()
        found = case.net.forward_from(activation, name)
        assert not np.shares_memory(found, activation)


# ----------------------------------------------------------------------------------------------------------- targets


class PassedThrough(tn.TargetRule):
    """A rule under which layers with weights want their input as it was."""

    def affine_target(self, layer, t, x, y):
        return x


@given(cases(), st.data())
def test_targets_are_co_indexed_and_start_at_at(case, data):
    net = case.net
    at = data.draw(st.sampled_from(net.names))
    trace = net.trace(case.x)
    wanted = case.rng.normal(size=trace[at].shape)
    rule = tn.GradientTargets(tau=0.3, start="activation")
    targets = net.propagate_targets(trace, wanted, rule, at=at)
    assert list(targets) == list(trace)
    np.testing.assert_array_equal(targets[at], wanted)
    for name in net.names[net.names.index(at) + 1 :]:
        np.testing.assert_array_equal(targets[name], trace[name])
    for before, layer in zip(net.names, net.layers[: net.names.index(at)], strict=False):
        again = layer.target(targets[layer.name], trace[before], trace[layer.name], rule)
        np.testing.assert_array_equal(targets[before], again)


# ------------------------------------------------------------------------------------------------- changed networks


def edited(net, x, units, value):
    """Knock units out by hand: run layer by layer and write into the activations."""
    activation = x
    for name in net.names:
        activation = run(net, activation, net.names[max(net.names.index(name) - 1, 0)], name).copy()
        if name in units:
            activation[:, units[name]] = value
    return activation


@st.composite
def chosen_units(draw, net, layers=None):
    names = draw(st.lists(st.sampled_from(layers or net.names), unique=True, max_size=3))
    return {
        name: draw(st.lists(st.integers(0, net.shapes[name][0] - 1), unique=True, max_size=net.shapes[name][0]))
        for name in names
    }


@given(cases(), st.data(), st.sampled_from([None, -1.5]))
def test_knocked_out_equals_editing_the_activations_by_hand(case, data, value):
    units = data.draw(chosen_units(case.net))
    silenced = case.net.knocked_out(units) if value is None else case.net.knocked_out(units, value)
    np.testing.assert_allclose(silenced(case.x), edited(case.net, case.x, units, value or 0.0), **CLOSE)


@given(cases(), st.data())
def test_knocked_out_shares_parameters_and_leaves_the_network_as_it_was(case, data):
    net = case.net
    before = net(case.x)
    silenced = net.knocked_out(data.draw(chosen_units(net)))
    assert all(silenced.parameters()[name] is array for name, array in net.parameters().items())
    np.testing.assert_array_equal(net(case.x), before)
    next(iter(net.parameters().values()))[...] += 1.0
    for name, array in silenced.parameters().items():
        np.testing.assert_array_equal(array, net.parameters()[name])


@given(cases(), st.data())
def test_nothing_flows_back_through_units_that_are_knocked_out(case, data):
    net = case.net
    name = data.draw(st.sampled_from(net.names[1:-1] or net.names[1:]))
    units = data.draw(st.lists(st.integers(0, net.shapes[name][0] - 1), unique=True, min_size=1))
    silenced = net.knocked_out({name: units})
    trace = silenced.trace(case.x)
    deltas = silenced.backward(trace, case.rng.normal(size=trace.output.shape))
    assert not deltas[name][:, units].any()
    others = [unit for unit in range(net.shapes[name][0]) if unit not in units]
    np.testing.assert_array_equal(deltas[name][:, others], deltas["knockout1"][:, others])


@given(cases(), st.data())
def test_knocking_out_a_silent_unit_changes_nothing(case, data):
    net = case.net
    layer = data.draw(st.sampled_from([layer for layer in net.layers if layer.params]))
    unit = data.draw(st.integers(0, net.shapes[layer.name][0] - 1))
    for array in layer.params.values():
        array[unit] = 0
    np.testing.assert_allclose(net.knocked_out({layer.name: [unit]})(case.x), net(case.x), **CLOSE)


@given(cases(), st.data())
def test_replacements_may_be_means_numbers_or_values(case, data):
    net = case.net
    name = data.draw(st.sampled_from(net.names))
    units = data.draw(st.permutations(range(net.shapes[name][0])))[:2]
    mean = net.trace(case.x)[name].mean(axis=0)[units]
    by_mean = net.knocked_out({name: units}, "mean", case.x)(case.x)
    np.testing.assert_allclose(by_mean, edited(net, case.x, {name: units}, mean), **CLOSE)
    np.testing.assert_allclose(net.knocked_out({name: units}, mean)(case.x), by_mean, **CLOSE)
    np.testing.assert_allclose(net.knocked_out({name: units}, {name: mean})(case.x), by_mean, **CLOSE)
    levels = case.rng.normal(size=len(units))
    column = levels.reshape(-1, *[1] * (len(net.shapes[name]) - 1))
    got = net.knocked_out({name: units}, levels)(case.x)
    np.testing.assert_allclose(got, edited(net, case.x, {name: units}, column), **CLOSE)


@pytest.mark.parametrize("unit", [2, np.int64(2)])
def test_one_unit_needs_no_list(unit):
    net, x = small_classifier(), np.random.default_rng(0).normal(size=(4, 1, 8, 8))
    np.testing.assert_array_equal(net.knocked_out({"tanh1": unit})(x), net.knocked_out({"tanh1": [2]})(x))
    assert net.check_units({"tanh1": unit}) == {"tanh1": [2]}


def test_knock_outs_add_up():
    net = small_classifier()
    x = np.random.default_rng(0).normal(size=(4, 1, 8, 8))
    twice = net.knocked_out({"tanh1": [0]}).knocked_out({"tanh1": [2], "relu1": [1]})
    np.testing.assert_allclose(twice(x), net.knocked_out({"tanh1": [2, 0], "relu1": [1]})(x), **CLOSE)
    assert len(twice.names) == len(set(twice.names)) == len(net.names) + 3


@pytest.mark.parametrize(
    ("units", "replace", "message"),
    [
        ({"tanh9": [0]}, "zero", r"no layer 'tanh9'; did you mean tanh1"),
        ({"tanh1": [4]}, "zero", r"^tanh1: no unit 4: there are 4, numbered from 0$"),
        ({"tanh1": [4]}, "mean", r"^tanh1: no unit 4: there are 4, numbered from 0$"),
        ({"tanh1": [-1]}, "mean", r"^tanh1: no unit -1"),
        ({"tanh1": [1.5]}, "zero", r"^tanh1: no unit 1\.5"),
        ({"tanh1": [True, False]}, "zero", r"^tanh1: no unit True"),
        ({"tanh1": {3}}, "zero", r"^tanh1: units are \{3\}, expected a list"),
        ({"tanh1": 4}, "zero", r"^tanh1: no unit 4: there are 4, numbered from 0$"),
        ({"tanh1": True}, "zero", r"^tanh1: no unit True"),
        ({"tanh1": [3]}, "meen", r"^replace is 'meen', expected zero, mean or bias; did you mean mean\?$"),
        ({"tanh1": [3]}, "mean", r"needs the images"),
        ({"tanh1": [3]}, {"tanh2": 0.0}, r"^tanh1: units are to be replaced, but there are no values"),
        ({"tanh1": [1, 2]}, [1.0, 2.0, 3.0], r"^tanh1: "),
    ],
)
def test_knock_outs_that_cannot_be_are_refused(units, replace, message):
    with pytest.raises((ValueError, tn.UnknownLayerError), match=message):
        small_classifier().knocked_out(units, replace)


def test_a_mean_over_no_images_is_refused():
    net = small_classifier()
    with pytest.raises(ValueError, match="tanh1: a mean activation needs at least one image"):
        net.knocked_out({"tanh1": [0]}, "mean", np.zeros((0, 1, 8, 8)))


class Scale(tn.Layer):
    """A student's layer, whose `build` knows nothing of parameters that are there already."""

    def build(self, input_shape, rng, dtype=np.float32):
        self.params["g"] = np.ones(input_shape, dtype)

    def forward(self, x):
        return self.params["g"] * x

    def backward(self, dy, x, y):
        return self.params["g"] * dy


def test_sharing_layers_never_draws_their_weights_anew():
    net = tn.Network([Scale(), tn.Dense(2)], (3,), dtype=float)
    net["scale1"].params["g"][:] = [1, 2, 3]
    other = net.knocked_out({"scale1": [0]})
    np.testing.assert_array_equal(net["scale1"].params["g"], [1, 2, 3])
    assert other["scale1"].params["g"] is net["scale1"].params["g"]


def test_networks_of_the_same_layers_share_them():
    net = small_classifier()
    head = net.with_layers(net.layers[:5])
    assert head.names == net.names[:6] and head["conv1"] is net["conv1"]
    x = np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    np.testing.assert_array_equal(head(x), net.trace(x)["relu1"])


@given(*[st.sampled_from([np.float16, np.float32, np.float64])] * 2)
def test_layers_of_another_type_are_refused_and_left_as_they_were(theirs, ours):
    net = small_classifier(dtype=theirs)
    before = {name: array.copy() for name, array in net.parameters().items()}
    if theirs == ours:
        assert tn.Network(net.layers, net.input_shape, dtype=ours).parameters().keys() == before.keys()
    else:
        told = f"^conv1: [Wb] is {np.dtype(theirs)}, expected {np.dtype(ours)}, the dtype of the network$"
        with pytest.raises(ValueError, match=told):
            tn.Network(net.layers, net.input_shape, dtype=ours)
    for name, array in net.parameters().items():
        np.testing.assert_array_equal(array, before[name])
        assert array.dtype == theirs


# --------------------------------------------------------------------------------------------------- receptive fields


@given(image_cases(min_images=1, last=[None]), st.data())
def test_a_unit_sees_the_pixels_that_its_gradient_reaches(case, data):
    net, x = case.net, case.x[:1]
    name = data.draw(st.sampled_from([name for name in net.names if len(net.shapes[name]) == 3]))
    channel, row, column = (data.draw(st.integers(0, length - 1)) for length in net.shapes[name])
    seed = np.zeros((1, *net.shapes[name]))
    seed[0, channel, row, column] = 1
    reached = net.backward(net.trace(x), seed, at=name).input[0].any(axis=0)
    box = net.receptive_field(name).box(row, column)
    outside = reached.copy()
    outside[box] = False
    assert not outside.any()
    assert all(0 <= part.start <= part.stop <= n for part, n in zip(box, net.input_shape[1:], strict=True))
    if all(np.all(np.less_equal(w.stride, w.size)) for w, _ in net.receptive_field(name).path):
        assert reached[box].all()


def test_receptive_fields_of_the_thesis_network():
    layers = [part for filters in (5, 8, 10) for part in (tn.Conv2D(filters, 5), tn.Tanh(), tn.MaxPool2D(2))]
    net = tn.Network(layers, (1, 60, 60))
    wanted = {"input": (1, 1), "tanh1": (5, 1), "pool1": (6, 2), "tanh2": (14, 2), "pool2": (16, 4), "tanh3": (32, 4)}
    for name, (size, step) in wanted.items():
        field = net.receptive_field(name)
        assert (field.size, field.step, field.start) == ((size, size), (step, step), (0, 0))
        row, column = 1, 2
        assert field.box(row, column) == (slice(step, step + size), slice(2 * step, 2 * step + size))
    with pytest.raises(ValueError, match="flatten1: has no feature maps"):
        tn.Network([*layers, tn.Flatten()], (1, 60, 60)).receptive_field("flatten1")


def test_receptive_fields_begin_in_the_padding_of_every_layer():
    net = tn.Network([tn.Conv2D(1, 3, padding=1), tn.MaxPool2D(2), tn.Conv2D(1, 3, padding=(1, 0))], (1, 8, 8))
    field = net.receptive_field("conv2")
    assert (field.size, field.step, field.start) == ((8, 8), (2, 2), (-1 - 1 * 2, -1))
    assert field.box(0, 0) == (slice(0, 5), slice(0, 7))


def test_a_place_that_sees_nothing_but_padding_has_an_empty_box():
    net = tn.Network([tn.Conv2D(1, 1, padding=2), tn.Tanh()], (1, 3, 3))
    field = net.receptive_field("tanh1")
    assert field.start == (-2, -2)
    assert field.box(0, 3) == (slice(0, 0), slice(1, 2))
    assert field.box(6, 3) == (slice(0, 0), slice(1, 2))


# ---------------------------------------------------------------------------------------------- names, shapes, errors


def test_layers_are_named_by_kind_and_number_or_by_their_user():
    first = tn.Dense(3)
    first.name = "dense2"
    net = tn.Network([tn.Dense(3), first, tn.Tanh(), tn.Dense(2), tn.Softplus()], (4,))
    assert net.names == ["input", "dense1", "dense2", "tanh1", "dense3", "softplus1"]
    assert net["dense2"] is first
    assert net.logits == "softplus1" and small_classifier().logits == "dense1"


@pytest.mark.parametrize("names", [("a", "a"), ("input", "b"), ("input", "input")])
def test_names_that_are_taken_are_refused(names):
    layers = [tn.Tanh(), tn.Sigmoid()]
    for layer, name in zip(layers, names, strict=True):
        layer.name = name
    with pytest.raises(ValueError, match=f"layer names must differ, and none may be 'input'; got {names[0]}"):
        tn.Network(layers, (3,))


def test_one_layer_cannot_stand_in_two_places():
    tanh = tn.Tanh()
    with pytest.raises(ValueError, match="the same layer object stands in the network twice"):
        tn.Network([tn.Dense(3), tanh, tn.Dense(3), tanh], (2,))


@pytest.mark.parametrize(
    ("layers", "shape", "message"),
    [
        ([], (3,), "at least one layer"),
        ([tn.Tanh], (3,), r"^layers\[0\] is the class Tanh, .*: call it, as in Tanh\(...\)"),
        (["relu"], (3,), r"^layers\[0\] is 'relu', expected a Layer: in tinynet write tn.ReLU\(\)"),
        ([tn.Tanh()], (), "input_shape is"),
        ([tn.Tanh()], (0, 2), "input_shape is"),
        ([tn.Conv2D(2, 3), tn.Dense(3)], (1, 5, 5), r"^dense1: input has shape \(2, 3, 3\), expected a vector"),
        ([tn.Conv2D(2, 3)], (5,), r"^conv1: input has shape \(5,\), expected images"),
        ([tn.Conv2D(2, 3), tn.Conv2D(2, 4)], (1, 5, 5), r"^conv2: input is 3x3, too small for a window of 4x4"),
        ([tn.MaxPool2D(3)], (1, 2, 2), r"^pool1: input is 2x2, too small for a window of 3x3 with padding \(0, 0\)$"),
        ([tn.Conv2D(2, 5)], (28, 28, 1), r"^conv1: input is 28x1, .*; channels come first: \(1, 28, 28\)$"),
        ([tn.Conv2D(2, 5)], (32, 30, 3), r"^conv1: input is 30x3, .*; channels come first: \(3, 32, 30\)$"),
    ],
)
def test_layers_that_do_not_fit_are_named(layers, shape, message):
    with pytest.raises(ValueError, match=message):
        tn.Network(layers, shape)


def test_layers_that_are_built_for_other_inputs_are_named():
    conv, dense = small_classifier()["conv2"], small_classifier()["dense1"]
    with pytest.raises(ValueError, match=r"^conv2: input has 3 channels, expected 4$"):
        tn.Network([conv], (3, 5, 5))
    with pytest.raises(ValueError, match=r"^dense1: input has 5 values, expected 12$"):
        tn.Network([dense], (5,))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda net, x: net(x[..., :7]),
            r"^input: got an array of shape \(2, 1, 8, 7\), expected \(\.\.\., 1, 8, 8\)$",
        ),
        (lambda net, x: net.trace(x[0, 0]), r"^input: got an array of shape \(8, 8\)"),
        (lambda net, x: net(x.astype(complex)), r"^input is an array of complex128 .*, expected an array of real"),
        (lambda net, x: net.trace(x.astype(str)), r"^input is an array of <U\d+ .*, expected an array of real"),
        (lambda net, x: net(x, batch_size=0), r"^batch_size is 0, expected a whole number of at least 1$"),
        (lambda net, x: net(x, batch_size=-1), r"^batch_size is -1, expected a whole number of at least 1$"),
        (lambda net, x: net.backward(net.trace(x), np.ones(4)), r"^softmax1: got a seed or target of shape \(4,\)"),
        (lambda net, x: net.backward(net.trace(x), np.ones((3, 3))), r"^softmax1: got a seed or target"),
        (lambda net, x: net.backward(net.trace(x), 1.0, at="dense2"), r"no layer 'dense2'; did you mean dense1"),
        (lambda net, x: net["conv3"], r"no layer 'conv3'; did you mean conv"),
        (
            lambda net, x: net.as_batch(x[0]),
            r"^input: got an array of shape \(1, 8, 8\), expected \(N, 1, 8, 8\); x.reshape\(-1, 1",
        ),
        (lambda net, x: net.mean_activation(x, "nowhere"), r"no layer 'nowhere'"),
    ],
)
def test_calls_that_cannot_be_meant_are_refused(call, message):
    with pytest.raises((ValueError, tn.UnknownLayerError), match=message):
        call(small_classifier(), np.ones((2, 1, 8, 8)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e39])
@pytest.mark.parametrize("call", [tn.Network.__call__, tn.Network.trace, tn.Network.as_batch])
def test_images_that_hold_no_numbers_are_told(bad, call):
    x = np.zeros((3, 1, 8, 8))
    x[1, 0, 2, 3] = bad
    expected = "a number that float32 can hold" if bad == 1e39 else "a finite number"
    with pytest.raises(
        ValueError, match=rf"^input is {str(bad).replace('+', '.')} at 1, 0, 2, 3, expected {expected}$"
    ):
        call(small_classifier(dtype=np.float32), x)


@pytest.mark.parametrize("seed", [np.nan, [np.nan, 0.0, 1.0], None, [1.0, None, 0.0], "all", [[1.0], [2.0, 3.0]]])
def test_seeds_and_targets_that_hold_no_numbers_are_told(seed):
    net = small_classifier()
    trace = net.trace(np.ones((2, 1, 8, 8)))
    for call in (net.backward, lambda trace, t: net.propagate_targets(trace, t, tn.GradientTargets())):
        with pytest.raises(ValueError, match=r"^softmax1: (the )?seed or target"):
            call(trace, seed)


def test_what_the_forward_pass_made_is_passed_on():
    net = tn.Network([tn.Dense(2)], (1,))
    net["dense1"].params["W"][...] = np.nan
    trace = net.trace(np.ones((1, 1)))
    assert np.isnan(net.backward(trace, trace.output).input).all()


@pytest.mark.parametrize(
    ("replacements", "message"),
    [
        ({"dens1": tn.Dense(3)}, "no layer 'dens1'; did you mean dense1"),
        ({"input": tn.Dense(3)}, "no layer 'input'"),
        (
            {"dense1": tn.Dense(4)},
            r"^dense1: is to be replaced by dense1, which puts out \(4,\), expected dense1 and \(3,",
        ),
        ({"tanh1": tn.MaxPool2D(2)}, r"^tanh1: is to be replaced by tanh1, which puts out \(4, 3, 3\)"),
        ({"tanh1": tn.Dense(2)}, r"^tanh1: input has shape \(4, 6, 6\), expected a vector"),
    ],
)
def test_layers_that_cannot_stand_in_are_refused(replacements, message):
    with pytest.raises((ValueError, tn.UnknownLayerError), match=message):
        small_classifier().replaced(replacements)


def test_layers_stand_in_for_others():
    net = small_classifier()
    x = np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    other = net.replaced({"tanh1": tn.ReLU()})
    assert other.names == net.names and isinstance(other["tanh1"], tn.ReLU) and isinstance(net["tanh1"], tn.Tanh)
    np.testing.assert_allclose(other.trace(x)["tanh1"], np.maximum(net.trace(x)["conv1"], 0))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"input_shape": 4}, "input_shape is 4, expected at least one axis"),
        ({"input_shape": "444"}, "input_shape is '444'"),
        ({"input_shape": (4.0,)}, r"input_shape is 4\.0, expected a whole number"),
        ({"input_shape": (True,)}, "input_shape is True"),
        ({"input_shape": None}, "input_shape is None"),
        ({"rng": None}, "rng is None"),
        ({"rng": -1}, "rng is -1"),
        ({"dtype": None}, "dtype is None, expected a floating-point type"),
        ({"dtype": "float31"}, "dtype is 'float31', expected a floating-point type"),
        ({"layers": tn.Tanh()}, "layers is Tanh.*, expected a list of at least one layer"),
        ({"layers": None}, "layers is None, expected a list of at least one layer"),
    ],
)
def test_networks_say_what_they_are_made_of(changed, message):
    with pytest.raises(ValueError, match=message):
        tn.Network(**{"layers": [tn.Tanh()], "input_shape": (4,), **changed})


def test_numbers_of_numpy_are_numbers():
    net = tn.Network([tn.Dense(3), tn.Tanh()], np.array([4]), rng=np.int64(1), dtype=">f4")
    assert net.input_shape == (4,) and net.dtype == np.float32 and net.dtype.isnative
    assert net(np.ones((3, 4)), batch_size=np.int8(2)).shape == (3, 3)
    assert net.knocked_out({"tanh1": np.array([0, 2], np.uint8)}, np.float32(0.5))(np.ones(4))[0] == 0.5
    assert net.knocked_out([("tanh1", np.int8(0))])(np.ones(4))[0] == 0
    with pytest.raises(ValueError, match=r"^tanh1: replace is \[None\], expected an array of real numbers"):
        net.knocked_out({"tanh1": [0]}, [None])
    with pytest.raises(ValueError, match=r"^tanh1: replace is nan, expected a finite number"):
        net.knocked_out({"tanh1": [0]}, np.nan)


@pytest.mark.parametrize("dtype", [int, bool, complex, str])
def test_networks_compute_in_floating_point(dtype):
    with pytest.raises(ValueError, match="expected a floating-point type"):
        tn.Network([tn.Tanh()], (2,), dtype=dtype)


@given(st.integers(0, 2**32 - 1))
def test_the_same_seed_gives_the_same_bits(seed):
    one, other = (small_classifier(seed=np.random.default_rng(seed)) for _ in range(2))
    assert_same_bits(one.parameters(), other.parameters())
    assert_same_bits(one.parameters(), small_classifier(seed=seed).parameters())
    different = small_classifier(seed=seed + 1).parameters()
    assert not np.array_equal(one.parameters()["conv1/W"], different["conv1/W"])


def test_summary_tells_shapes_parameters_and_receptive_fields():
    net = small_classifier()
    lines = {line.split()[0]: line for line in net.summary().splitlines()}
    assert lines["conv2"].split() == ["conv2", "Conv2D", "3", "x", "2", "x", "2", "51", "6", "x", "6"]
    assert lines["softmax1"].split() == ["softmax1", "Softmax", "3", "all"]
    assert lines["total"].split() == ["total", f"{net.parameter_count}"]
    assert net.parameter_count == 4 * 9 + 4 + 3 * 4 * 4 + 3 + 3 * 12 + 3
    assert "all" not in tn.Network([tn.Dense(3)], (4,)).summary()


@pytest.mark.parametrize("trace", [None, {"input": np.ones(3)}, tn.Trace({"input": np.ones(3)}), "trace"])
def test_traces_and_deltas_of_something_else_are_refused(trace):
    net = small_classifier()
    own = net.trace(np.ones((1, 1, 8, 8)))
    calls = [
        lambda: net.backward(trace, 1.0),
        lambda: net.propagate_targets(trace, 1.0, tn.GradientTargets()),
        lambda: net.grads(trace, net.backward(own, 1.0)),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"^trace is .*, expected what trace\(x\) of the same network returned$"):
            call()
    with pytest.raises(ValueError, match=r"^deltas is 3, expected what backward"):
        net.grads(own, 3)


def test_names_that_no_layer_has_are_errors_of_values_and_of_keys():
    for name in ("tahn1", None, 1.0, ["tanh1"], np.ones(3)):
        for error in (ValueError, KeyError):
            with pytest.raises(error, match=r"^no layer "):
                small_classifier()[name]


def test_layers_have_numbers_from_both_ends_and_no_others():
    net = small_classifier()
    for number in range(-len(net), len(net)):
        assert net[number] is net.layers[number]
    for number in (len(net), -len(net) - 1):
        with pytest.raises(ValueError, match=rf"^layer is {number}, expected a whole number from -{len(net)} to"):
            net[number]


def test_the_table_says_what_is_seen_where_places_are():
    rows = str(tn.Network([tn.Flatten(), tn.Dense(2)], (1, 4, 4)).summary()).splitlines()
    assert [row.split()[0] for row in rows if row.endswith(" 1 x 1")] == ["input"]
    assert [row.split()[0] for row in rows if row.endswith(" all")] == ["flatten1", "dense1"]
    assert "all" not in str(tn.Network([tn.Dense(2)], (4,)).summary())
