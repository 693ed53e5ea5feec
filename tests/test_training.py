"""Training: the same bits however a run is broken off, one clear error when it fails, and what can be watched."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.killed import killed
from tests.networks import assert_same_bits, dense_cases, small_classifier
from tinynet import files, plots
from tinynet.training import run
from tinynet.training.checkpoints import first_difference

ROOT = Path(__file__).parents[1]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(14, 1, 8, 8))
LABELS = np.arange(14) % 3
OPTIMIZERS = {
    "plain": tn.SGD(0.05, weight_decay=1e-3),
    "momentum": tn.SGD(0.02, momentum=0.9),
    "nesterov": tn.SGD(0.02, momentum=0.5, nesterov=True),
    "adam": tn.Adam(1e-2),
    "frozen": tn.Adam(1e-2, frozen="conv2"),
}


def network(dtype=np.float32) -> tn.Network:
    layers = [tn.Conv2D(2, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Dropout(0.3), tn.Conv2D(3, 2), tn.ReLU(), tn.Flatten()]
    return tn.Network([*layers, tn.Dropout(0.2), tn.Dense(3), tn.Softmax()], (1, 8, 8), rng=1, dtype=dtype)


def train(net, x=X, y=LABELS, **settings):
    usual = {"loss": tn.CrossEntropy(), "optimizer": OPTIMIZERS["plain"], "epochs": 3, "batch_size": 4, "rng": 5}
    return tn.fit(net, x, y, **{**usual, "progress": False, **settings})


def vectors(net: tn.Network) -> dict[str, np.ndarray]:
    return {name: array.copy() for name, array in net.parameters().items()}


class BreakOff(tn.Callback):
    """Raises in the middle of some epoch, as Ctrl-C does."""

    def __init__(self, step: int = -1) -> None:
        self.left = step

    def on_batch(self, step):
        self.left -= 1
        if self.left == -1:
            raise KeyboardInterrupt


# --------------------------------------------------------------------------------------------- the same bits


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_same_seed_gives_the_same_bits(optimizer):
    runs = []
    for _ in range(2):
        net = network()
        history = train(net, optimizer=OPTIMIZERS[optimizer], validation=(X[:5], LABELS[:5]))
        runs.append((vectors(net), history))
    assert_same_bits(runs[0][0], runs[1][0])
    assert runs[0][1] == runs[1][1]
    other = network()
    train(other, optimizer=OPTIMIZERS[optimizer], rng=6)
    assert any(not np.array_equal(array, runs[0][0][name]) for name, array in other.parameters().items())


def watched(step: int = -1):
    return [tn.WeightHistory(), BreakOff(step), tn.ClassGradientTracker()]


@pytest.mark.parametrize("same_objects", [True, False], ids=["resumed in place", "resumed afresh"])
@pytest.mark.parametrize("step", [0, 2, 3, 4, 9])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_that_is_broken_off_and_resumed_gives_the_same_bits(tmp_path, optimizer, step, same_objects):
    more = {"optimizer": OPTIMIZERS[optimizer], "validation": (X[:5], LABELS[:5])}
    whole, callbacks = network(), watched()
    history = train(whole, callbacks=callbacks, **more)

    net, seen = network(), watched(step)
    more["checkpoint"] = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        train(net, callbacks=seen, **more)
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]
    if not same_objects:
        net, seen = network(), watched()
    resumed = train(net, callbacks=seen, resume=True, **more)

    assert resumed == history and len(resumed) == 3
    assert_same_bits(net.parameters(), whole.parameters())
    assert_same_bits(seen[2].gradients, callbacks[2].gradients)
    assert len(seen[0].epochs) == len(callbacks[0].epochs) == 4
    for got, wanted in zip(seen[0].epochs, callbacks[0].epochs, strict=True):
        assert_same_bits(got, wanted)


@pytest.mark.parametrize("generator", ["PCG64", "MT19937", "Philox", "SFC64", "PCG64DXSM"])
def test_any_generator_goes_on_where_it_was(tmp_path, generator):
    def rng():
        return np.random.Generator(getattr(np.random, generator)(3))

    whole, net = network(), network()
    train(whole, rng=rng(), epochs=4)
    train(net, rng=rng(), epochs=2, checkpoint=tmp_path / "run.npz")
    net = network()
    train(net, rng=rng(), epochs=4, checkpoint=tmp_path / "run.npz", resume=True)
    assert_same_bits(net.parameters(), whole.parameters())


@pytest.mark.parametrize("drawn", [0, 7])
@pytest.mark.parametrize("passes", ["number", "generator"])
def test_a_generator_is_brought_to_where_the_run_was_and_the_run_keeps_its_seed(tmp_path, passes, drawn):
    whole, net, path = network(), network(), tmp_path / "run.npz"
    train(whole, rng=5, epochs=3)
    rng = np.random.default_rng(5)
    train(net, rng=5 if passes == "number" else rng, epochs=1, checkpoint=path)
    rng.random(drawn)
    train(net, rng=rng, epochs=2, checkpoint=path, resume=True)
    train(net, rng=5, epochs=3, checkpoint=path, resume=True)
    assert_same_bits(net.parameters(), whole.parameters())
    if passes == "number":
        with pytest.raises(ValueError, match=r"its seed \(rng\) is 5, this one's is 4"):
            train(net, rng=4, epochs=4, checkpoint=path, resume=True)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_run_that_is_killed_at_any_moment_goes_on_to_the_same_bits():
    assert [what for _, what in killed(moments=4, seed=1)] == [""] * 4


def test_resuming_without_a_checkpoint_starts_anew_and_with_a_finished_one_does_nothing(tmp_path):
    path = tmp_path / "run.npz"
    net, again = network(), network()
    history = train(net, checkpoint=path, resume=True)
    assert train(again, checkpoint=path, resume=True) == history
    assert_same_bits(again.parameters(), net.parameters())
    longer, unbroken = train(again, checkpoint=path, resume=True, epochs=5), network()
    assert longer == train(unbroken, epochs=5)
    assert_same_bits(again.parameters(), unbroken.parameters())


def test_a_checkpoint_never_changes_a_run(tmp_path):
    with_it, without = network(), network()
    assert train(with_it, checkpoint=tmp_path / "run.npz") == train(without)
    assert_same_bits(with_it.parameters(), without.parameters())


OTHER_RUNS = {
    "net": lambda: {"net": small_classifier(dtype=np.float32)},
    "x": lambda: {"x": X + 1},
    "y": lambda: {"y": (LABELS + 1) % 3},
    "validation": lambda: {"validation": (X, LABELS)},
    "loss kind": lambda: {"loss": tn.SquaredError()},
    "optimizer weight_decay": lambda: {"optimizer": tn.SGD(0.05, weight_decay=2e-3)},
    "optimizer kind": lambda: {"optimizer": tn.Adam()},
    "batch_size": lambda: {"batch_size": 5},
    "shuffle": lambda: {"shuffle": False},
    "rule": lambda: {"rule": tn.GradientTargets(), "loss": tn.SquaredError()},
    r"seed \(rng\) is 5, this one's is 6": lambda: {"rng": 6},
    "rng is 'PCG64', this one's is 'SFC64'": lambda: {"rng": np.random.Generator(np.random.SFC64(0))},
    "callbacks": lambda: {"callbacks": [tn.WeightHistory()]},
}
WATCHING = {
    "monitor": (lambda: tn.EarlyStopping(3, "loss"), lambda: tn.EarlyStopping(3, "accuracy")),
    "least": (lambda: tn.EarlyStopping(3, "loss"), lambda: tn.EarlyStopping(3, "loss", least=0.1)),
    "restore_best": (lambda: tn.EarlyStopping(3, "loss"), lambda: tn.EarlyStopping(3, "loss", restore_best=False)),
    "layers": (lambda: tn.WeightHistory(["conv1"]), lambda: tn.WeightHistory(["dense1"])),
    "every": (lambda: tn.WeightHistory(), lambda: tn.WeightHistory(every=2)),
    "folder": (lambda: tn.WeightHistory(), lambda: tn.WeightHistory(folder="weights")),
    "layers of gradients": (lambda: tn.ClassGradientTracker(["tanh1"]), lambda: tn.ClassGradientTracker()),
}


@pytest.mark.parametrize("what", WATCHING)
def test_what_watches_another_way_does_not_go_on(tmp_path, monkeypatch, what):
    monkeypatch.chdir(tmp_path)
    for one, other in (WATCHING[what], WATCHING[what][::-1]):
        train(network(), checkpoint="run.npz", epochs=2, callbacks=[one()])
        with pytest.raises(ValueError, match=rf"another run: its callbacks 0 {what.partition(' ')[0]}"):
            train(network(), checkpoint="run.npz", resume=True, callbacks=[other()])
        assert len(train(network(), checkpoint="run.npz", resume=True, callbacks=[one()])) == 3


def test_patience_may_change_on_the_way(tmp_path):
    path, stopping = tmp_path / "run.npz", tn.EarlyStopping(3, "loss")
    train(network(), checkpoint=path, epochs=2, callbacks=[tn.EarlyStopping(9, "loss")])
    assert len(train(network(), checkpoint=path, resume=True, callbacks=[stopping])) == 3 and stopping.best_epoch


def test_targets_that_a_loss_does_not_take_are_refused_before_the_first_step():
    net, wrong = network(), 2 * np.eye(3)[LABELS] - 1
    before = vectors(net)
    for where in ({"y": wrong}, {"validation": (X, wrong)}):
        with pytest.raises(ValueError, match=r"^target is -1 at 0, 1, expected a probability"):
            train(net, **where)
    assert_same_bits(net.parameters(), before)


@pytest.mark.parametrize("what", OTHER_RUNS)
def test_the_checkpoint_of_another_run_is_refused(tmp_path, what):
    path = tmp_path / "run.npz"
    loss = {"loss": tn.SquaredError()} if what == "rule" else {}
    train(network(), checkpoint=path, **loss)
    other = OTHER_RUNS[what]()
    net = other.pop("net", network())
    before = vectors(net)
    with pytest.raises(ValueError, match=rf"run\.npz: was written by another run: its {what}"):
        train(net, checkpoint=path, resume=True, **{**loss, **other})
    assert_same_bits(net.parameters(), before)


def test_types_are_part_of_a_run(tmp_path):
    path = tmp_path / "run.npz"
    train(network(), checkpoint=path)
    with pytest.raises(ValueError, match="its net dtype is 'float32', this one's is 'float64'"):
        train(network(np.float64), checkpoint=path, resume=True)


@pytest.mark.parametrize("before", [None, (X[:5], LABELS[:5]), (X[:5], LABELS[:5] * 0)], ids=["none", "some", "others"])
@pytest.mark.parametrize("after", [None, (X[:5], LABELS[:5]), (X[:6], LABELS[:6])], ids=["none", "some", "more"])
def test_the_lists_of_a_resumed_history_belong_to_the_same_epochs(tmp_path, before, after):
    path = tmp_path / "run.npz"
    train(network(), checkpoint=path, epochs=2, validation=before)
    if before is after is None or (before is not None and after is not None and np.array_equal(before[1], after[1])):
        history = train(network(), checkpoint=path, resume=True, epochs=4, validation=after)
        assert len(history.loss) == len(history.accuracy) == 4
        assert len(history.validation_loss) == len(history.validation_accuracy) == (0 if after is None else 4)
    else:
        with pytest.raises(ValueError, match="was written by another run: its validation"):
            train(network(), checkpoint=path, resume=True, epochs=4, validation=after)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16])
def test_numbers_of_numpy_are_the_same_settings(tmp_path, kind):
    path = tmp_path / "run.npz"
    net, whole = network(), network()
    settings = {"optimizer": tn.SGD(0.5, momentum=0.25), "batch_size": 5}
    train(net, checkpoint=path, epochs=1, **settings)
    of_numpy = {"optimizer": tn.SGD(kind(0.5), momentum=kind(0.25)), "batch_size": np.int16(5)}
    train(net, checkpoint=path, resume=True, epochs=np.int64(3), **of_numpy)
    train(whole, epochs=3, **settings)
    assert_same_bits(net.parameters(), whole.parameters())


class OwnRule(tn.GradientTargets):
    """A rule of one's own, whose repr may say where in memory it is."""

    __repr__ = object.__repr__


def test_a_rule_of_ones_own_is_known_by_its_settings(tmp_path):
    settings = {"checkpoint": tmp_path / "run.npz", "loss": tn.SquaredError()}
    train(network(), rule=OwnRule(tau=3.0), **settings)
    train(network(), rule=OwnRule(tau=3.0), resume=True, **settings)
    with pytest.raises(ValueError, match=r"its rule tau is 3\.0, this one's is 4\.0"):
        train(network(), rule=OwnRule(tau=4.0), resume=True, **settings)


def test_a_generator_that_is_passed_on_goes_on_where_it_was():
    orders = []

    class Watch(tn.Callback):
        def on_batch(self, step):
            orders.append(step.trace.input[:, 0, 0, 0].tolist())

    rng = np.random.default_rng(5)
    at_once, by_epoch, anew = network(), network(), network()
    train(at_once, epochs=3)
    for _ in range(3):
        train(by_epoch, epochs=1, rng=rng)
    assert_same_bits(by_epoch.parameters(), at_once.parameters())
    for _ in range(2):
        train(anew, epochs=1, callbacks=[Watch()])
    assert orders[: len(orders) // 2] == orders[len(orders) // 2 :]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, ("a b 1", 2, 3)),
        ({"a": [1]}, {"a": [1, 2]}, ("a", [1], [1, 2])),
        ({"a": 1}, {}, ("a", 1, "missing")),
        ({}, {"a": 1}, ("a", "missing", 1)),
        ({"a": 1}, None, ("", {"a": 1}, None)),
        ([], [], None),
    ],
)
def test_the_first_difference(one, other, found):
    assert first_difference(one, other) == found


# ---------------------------------------------------------------------------------------------- damaged checkpoints


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    path = tmp_path / "run.npz"
    train(network(), checkpoint=path, callbacks=[tn.WeightHistory()], optimizer=OPTIMIZERS["adam"])
    return path


def assert_refused(path, message):
    net = network()
    before = vectors(net)
    with pytest.raises(ValueError, match=message) as caught:
        train(net, checkpoint=path, resume=True, epochs=5, callbacks=[tn.WeightHistory()], optimizer=OPTIMIZERS["adam"])
    assert str(caught.value).startswith(f"{path}: ")
    assert_same_bits(net.parameters(), before)


def test_truncated_checkpoints_are_refused(checkpoint):
    whole = checkpoint.read_bytes()
    for length in range(0, len(whole), 997):
        checkpoint.write_bytes(whole[:length])
        assert_refused(checkpoint, "not a complete tinynet checkpoint file")


def test_networks_are_no_checkpoints(checkpoint):
    network().save(checkpoint)
    assert_refused(checkpoint, "holds a tinynet network, expected a tinynet checkpoint")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d, a: a.pop("parameters/conv1/W"), "does not fit together .*parameters/conv1/W"),
        (lambda d, a: a.pop("moments/dense1/b/steps"), "does not fit together .*moments/dense1/b/steps"),
        (
            lambda d, a: a.update({"parameters/dense1/b": np.ones(1, np.float32)}),
            r"dense1/b is float32 of shape \(1,\), expected .*\(3,\)",
        ),
        (lambda d, a: a.update({"parameters/dense1/b": np.ones(3)}), "parameters/dense1/b"),
        (
            lambda d, a: a.update({"moments/dense1/b/mean": np.ones((), np.float32)}),
            r"shape \(\), expected float32 of shape",
        ),
        (lambda d, a: d.pop("run"), "another run"),
        (lambda d, a: d.update(run=5), "another run"),
        (lambda d, a: d.pop("rng"), "does not fit together"),
        (lambda d, a: d["rng"].update(state={"state": "x", "inc": 2}), "does not fit together"),
        (lambda d, a: d["rng"].update(bit_generator="MT19937"), "does not fit together"),
        (lambda d, a: d.pop("history"), "does not fit together"),
        (lambda d, a: d.update(history=[1]), "does not fit together"),
        (lambda d, a: d["history"].update(loss=3), "does not fit together"),
        (lambda d, a: d["history"].update(loss=["x"]), "does not fit together"),
        (lambda d, a: d["history"].update(mood=[1.0]), "does not fit together"),
        (lambda d, a: d["history"]["accuracy"].pop(), "not equally long"),
        (lambda d, a: d["history"].update(validation_loss=[1.0, 1.0, 1.0]), "not equally long"),
        (lambda d, a: d.update(version=999), "is a checkpoint of version 999, expected 2: it was written by another"),
        (lambda d, a: d.pop("version"), "is a checkpoint of version None"),
        (lambda d, a: d.update(version=1), "is a checkpoint of version 1"),
        (lambda d, a: d.pop("arrays"), "does not fit together"),
        (lambda d, a: a.pop("callbacks/0/conv1/W"), "callbacks/0/conv1/W is missing"),
        (lambda d, a: a.update({"callbacks/0/conv1/W": a["callbacks/0/conv1/W"][:2]}), "callbacks/0/conv1/W is"),
        (
            lambda d, a: [a.pop(name) for name in list(a) if name.startswith("callbacks")],
            "callbacks/0/conv1/W is missing",
        ),
        (lambda d, a: a.update(more=np.ones(2)), "more is float64 of shape .*, expected missing"),
    ],
)
def test_checkpoints_that_do_not_fit_together_are_refused(checkpoint, change, message):
    description, arrays = files.load_arrays(checkpoint, "tinynet checkpoint")
    files.save_arrays(checkpoint, description, arrays)
    change(description, arrays)
    files.save_arrays(checkpoint, description, arrays)
    assert_refused(checkpoint, message)


# --------------------------------------------------------------------------------------------------------- divergence


class Poison(tn.Callback):
    """Makes the weights useless in some step, as a rate that is too high does."""

    def __init__(self, step: int, value: float) -> None:
        self.left, self.value = step, value

    def on_batch(self, step):
        self.left -= 1
        if self.left == -1:
            step.net["dense1"].params["W"][...] *= self.value


@pytest.mark.parametrize("loss", [tn.SquaredError(), tn.MeanSquaredError(), tn.CrossEntropy()])
def test_a_rate_that_is_too_high_is_told_with_its_epoch(tmp_path, loss):
    net = tn.Network([tn.Flatten(), tn.Dense(3), tn.Softplus(), tn.Dense(3), tn.Softmax()], (1, 8, 8), dtype=np.float32)
    path = tmp_path / "run.npz"
    with pytest.raises(tn.DivergedError, match=r"^epoch 1: .* with learning rate 1e\+30; a smaller rate may help$"):
        train(net, loss=loss, optimizer=tn.SGD(1e30, weight_decay=1.0), checkpoint=path, epochs=50)
    _, arrays = files.load_arrays(path, "tinynet checkpoint")
    assert all(np.isfinite(array).all() for array in arrays.values())


@pytest.mark.parametrize(
    ("value", "step", "told"),
    [
        (np.nan, 1, "the loss became nan"),
        (np.inf, 2, "the loss became (nan|inf)"),
        (1e38, 0, "the loss became (nan|inf)"),
        (np.nan, 3, "a weight is no longer a finite number"),
        (np.inf, 3, "a weight is no longer a finite number"),
    ],
)
def test_the_last_good_checkpoint_stays(tmp_path, value, step, told):
    path = tmp_path / "run.npz"
    poisoned, good, again = network(), network(), network()
    four_epochs = 4 * 4
    with pytest.raises(tn.DivergedError, match=rf"^epoch 5: {told} with learning rate 0\.05; a smaller rate may help$"):
        train(poisoned, epochs=9, callbacks=[Poison(four_epochs + step, value)], checkpoint=path)
    history = train(good, epochs=4)
    assert train(again, epochs=4, callbacks=[Poison(-1, value)], checkpoint=path, resume=True) == history
    assert_same_bits(again.parameters(), good.parameters())


def test_a_validation_loss_that_is_not_finite_stops_too(tmp_path):
    far = np.full((2, 1, 8, 8), 1e300)
    with pytest.raises(tn.DivergedError, match=r"^epoch 1: the validation loss became (inf|nan) with learning rate"):
        train(
            tn.Network([tn.Flatten(), tn.Dense(3)], (1, 8, 8), dtype=float),
            loss=tn.SquaredError(),
            validation=(far, [0, 1]),
        )


def test_diverged_errors_are_value_errors_and_floating_point_errors():
    assert issubclass(tn.DivergedError, ValueError) and issubclass(tn.DivergedError, FloatingPointError)


# ------------------------------------------------------------------------------------------------ what a run computes


@given(
    dense_cases(last=[tn.Softmax, None]), st.integers(1, 9), st.sampled_from([tn.SquaredError(), tn.MeanSquaredError()])
)
def test_a_run_without_shuffling_is_gradient_descent_written_out(case, batch_size, loss):
    net = case.net
    targets = case.rng.normal(size=(len(case.x), *net.output_shape))
    twin = tn.Network([type(layer)(**layer.settings()) for layer in net.layers], net.input_shape, dtype=float)
    for name, array in twin.parameters().items():
        array[...] = net.parameters()[name]
    losses = []
    for begin in range(0, len(case.x), batch_size):
        x, t = case.x[begin : begin + batch_size], targets[begin : begin + batch_size]
        trace = twin.trace(x)
        losses += [loss.value(twin, twin.trace(x[i : i + 1]), t[i : i + 1]) for i in range(len(x))]
        for name, some in twin.grads(trace, twin.backward(trace, loss.seed(twin, trace, t))).items():
            for key, gradient in some.items():
                twin[name].params[key] -= 0.1 * gradient
    history = train(
        net, case.x, targets, loss=loss, optimizer=tn.SGD(0.1), epochs=1, batch_size=batch_size, shuffle=False
    )
    assert history.loss == [pytest.approx(np.mean(losses))]
    for name, array in net.parameters().items():
        np.testing.assert_allclose(array, twin.parameters()[name], rtol=1e-9, atol=1e-12)


def test_each_epoch_meets_each_image_once_in_a_new_order():
    met = []

    class Watch(tn.Callback):
        def on_batch(self, step):
            met.append(step.trace.input[:, 0, 0, 0])

    train(small_classifier(), callbacks=[Watch()], optimizer=tn.SGD(0.0), batch_size=5)
    assert [len(batch) for batch in met] == [5, 5, 4] * 3
    epochs = [np.concatenate(met[begin : begin + 3]) for begin in (0, 3, 6)]
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch), np.sort(X[:, 0, 0, 0]))
    assert not np.array_equal(epochs[0], epochs[1]) and not np.array_equal(epochs[1], epochs[2])
    met.clear()
    train(small_classifier(), callbacks=[Watch()], optimizer=tn.SGD(0.0), shuffle=False, epochs=1)
    np.testing.assert_array_equal(np.concatenate(met), X[:, 0, 0, 0])


@pytest.mark.parametrize("frozen", ["conv1", "conv2", "dense1", ("conv1", "conv2"), ("conv1", "dense1")])
@pytest.mark.parametrize("kind", [tn.SGD, tn.Adam])
def test_frozen_layers_keep_their_bits_and_the_others_move(kind, frozen):
    net = network()
    before = vectors(net)
    seen = []

    class Watch(tn.Callback):
        def on_batch(self, step):
            seen.append(list(step.deltas))

    train(net, optimizer=kind(0.1, weight_decay=0.1, frozen=frozen), callbacks=[Watch()])
    names = (frozen,) if isinstance(frozen, str) else frozen
    for name, array in net.parameters().items():
        assert (array.tobytes() == before[name].tobytes()) == (name.split("/")[0] in names), name
    lowest = next(name for name in ("conv1", "conv2", "dense1") if name not in names)
    assert all(deltas[0] == lowest for deltas in seen)


class Counted:
    """Counts how often the layers of a network are asked for gradients."""

    def __init__(self, net: tn.Network, monkeypatch) -> None:
        self.asked = {layer.name: {"forward": 0, "backward": 0, "grads": 0} for layer in net.layers}
        for layer in net.layers:
            for what in self.asked[layer.name]:
                monkeypatch.setattr(layer, what, self._counting(layer.name, what, getattr(layer, what)), raising=False)

    def _counting(self, name, what, method):
        def counting(*arguments):
            self.asked[name][what] += 1
            return method(*arguments)

        return counting


@pytest.mark.parametrize("frozen", [[], ["conv1"], ["conv2"], ["dense1"], ["conv1", "conv2"], ["conv2", "dense1"]])
def test_frozen_layers_cost_no_gradient_of_theirs_and_the_walk_ends_above_them(monkeypatch, frozen):
    layers = [tn.Conv2D(2, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Conv2D(3, 2), tn.ReLU(), tn.Flatten(), tn.Dense(3)]
    net = tn.Network([*layers, tn.Softmax()], (1, 8, 8), rng=1)
    asked = Counted(net, monkeypatch).asked
    train(net, optimizer=tn.Adam(1e-2, frozen=frozen), epochs=1)
    with_weights = ["conv1", "conv2", "dense1"]
    lowest = min(net.names.index(name) for name in with_weights if name not in frozen)
    for name in net.names[1:-1]:
        assert asked[name]["forward"] == 4
        assert (asked[name]["grads"] > 0) == (name in with_weights and name not in frozen), name
        assert (asked[name]["backward"] > 0) == (net.names.index(name) > lowest), name


@pytest.mark.parametrize("kept", ["conv1", "pool1", "relu1", "flatten1"])
@pytest.mark.parametrize("kind", ["plain", "momentum", "adam"])
def test_behind_frozen_layers_a_network_learns_as_one_that_is_cut_there(kept, kind):
    layers = [tn.Conv2D(2, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Conv2D(3, 2), tn.ReLU(), tn.Flatten(), tn.Dense(3)]
    net = tn.Network([*layers, tn.Softmax()], (1, 8, 8), rng=1, dtype=np.float64)
    place = net.names.index(kept)
    features = net.trace(X)[kept].copy()
    cut = tn.Network(copy.deepcopy(net.layers[place:]), net.shapes[kept], dtype=np.float64)
    before = vectors(net)
    settings = {"rate": 0.02, **({"momentum": 0.9} if kind == "momentum" else {})}
    rule = tn.Adam(1e-2) if kind == "adam" else tn.SGD(**settings)
    train(net, optimizer=dataclasses.replace(rule, frozen=tuple(net.names[1 : place + 1])))
    train(cut, features, optimizer=rule)
    for name, array in net.parameters().items():
        if name in cut.parameters():
            assert (array != before[name]).any()
            np.testing.assert_allclose(array, cut.parameters()[name], rtol=1e-9, atol=1e-12)
        else:
            assert array.tobytes() == before[name].tobytes()


def test_networks_that_share_parameters_are_trained_together():
    net = network()
    shared = net.knocked_out({"tanh1": [0]})
    train(net)
    assert all(shared.parameters()[name] is array for name, array in net.parameters().items())


def test_validation_is_what_evaluating_after_the_epoch_gives():
    net = network()
    x, labels = RNG.normal(size=(300, 1, 8, 8)), RNG.integers(0, 3, 300)
    history = train(net, validation=(x, labels), epochs=2)
    assert len(history.validation_loss) == len(history.validation_accuracy) == 2
    p = net(x)
    assert history.validation_accuracy[-1] == np.mean(p.argmax(axis=1) == labels) == tn.accuracy(net, x, labels)
    assert history.validation_loss[-1] == pytest.approx(-np.log(p[np.arange(300), labels]).mean(), rel=1e-5)
    quiet = network()
    assert train(quiet, epochs=2).loss == history.loss
    assert_same_bits(quiet.parameters(), net.parameters())


def test_training_accuracy_counts_images_as_they_are_met():
    net = small_classifier()
    right = np.mean(net(X).argmax(axis=1) == LABELS)
    history = train(net, optimizer=tn.SGD(0.0), epochs=2)
    assert history.accuracy == [right, right]
    assert history.loss[0] == pytest.approx(history.loss[1])
    assert np.isnan(train(net, y=np.eye(3)[LABELS] * 0.9, epochs=1).accuracy[0])


def test_a_network_of_one_output_learns_from_labels():
    net = tn.Network([tn.Flatten(), tn.Dense(1), tn.Sigmoid()], (1, 8, 8), dtype=float)
    labels = (X.mean(axis=(1, 2, 3)) > 0).astype(int)
    history = train(net, y=labels, loss=tn.BinaryCrossEntropy(), optimizer=tn.SGD(1.0), epochs=60)
    assert history.accuracy[-1] == 1 == tn.accuracy(net, X, labels)
    assert history.loss[-1] < history.loss[0]


def test_dropout_is_for_training_steps_only():
    net = network()
    means = []

    class Watch(tn.Callback):
        def on_batch(self, step):
            means.append(step.net["dropout1"].mask)

    assert net["dropout1"].mask is None
    train(net, callbacks=[Watch()], epochs=20)
    assert net["dropout1"].mask is None
    masks = np.concatenate([mask.ravel() for mask in means])
    np.testing.assert_allclose(np.unique(masks), [0, 1 / 0.7], rtol=1e-6)
    assert np.mean(masks == 0) == pytest.approx(0.3, abs=0.02)
    assert not np.array_equal(means[0], means[-4])
    np.testing.assert_array_equal(net(X), net(X))


def test_xor_is_learned():
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
    net = tn.Network([tn.Dense(8), tn.Tanh(), tn.Dense(2), tn.Softmax()], (2,), rng=1)
    history = train(net, x, y, optimizer=tn.SGD(1.0), epochs=200)
    assert tn.accuracy(net, x, y) == 1 and history.loss[-1] < 0.05 * history.loss[0]


# ------------------------------------------------------------------------------------------------- target propagation


@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize("hidden", [(4,), (5, 3)])
def test_target_propagation_equals_the_authors_update_written_out(hidden, momentum):
    sizes = (6, *hidden, 3)
    rng = np.random.default_rng(2)
    x, labels = rng.uniform(size=(11, 6)), rng.integers(0, 3, 11)
    layers = [part for size in sizes[1:] for part in (tn.Dense(size, bias=False), tn.Sigmoid())]
    net = tn.Network(layers, (6,), rng=4, dtype=float)
    W = [layer.params["W"].copy() for layer in net.layers if layer.params]
    step = [np.zeros_like(weights) for weights in W]
    tau, rate, top = 3.0, 0.2, len(W)
    for _ in range(2):
        for begin in range(0, 11, 4):
            batch, wanted = x[begin : begin + 4], np.eye(3)[labels[begin : begin + 4]]
            update = [np.zeros_like(weights) for weights in W]
            for image, t_top in zip(batch, wanted, strict=True):
                y = [image]
                for weights in W:
                    y.append(1 / (1 + np.exp(-weights @ y[-1])))
                t = {top: t_top}
                for layer in range(top - 1, 0, -1):
                    error = (y[layer + 1] - t[layer + 1]) * y[layer + 1] * (1 - y[layer + 1])
                    t[layer] = np.zeros_like(y[layer]) - tau * W[layer].T @ error
                for layer in range(1, top + 1):
                    residual = (y[layer] - t[layer]) * y[layer] * (1 - y[layer])
                    update[layer - 1] += np.outer(residual, y[layer - 1]) / len(batch)
            for layer in range(top):
                step[layer] = momentum * step[layer] + update[layer]
                W[layer] -= rate * step[layer]
    train(
        net,
        x,
        labels,
        loss=tn.SquaredError(),
        optimizer=tn.SGD(rate, momentum),
        rule=tn.GradientTargets(tau=tau),
        shuffle=False,
        epochs=2,
    )
    for got, wanted in zip((layer.params["W"] for layer in net.layers if layer.params), W, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-12)


def test_started_at_the_activation_with_tau_one_it_is_backpropagation():
    x = np.random.default_rng(0).normal(size=(9, 1, 6, 6))

    def twin():
        layers = [tn.Conv2D(2, 3), tn.Tanh(), tn.AvgPool2D(2), tn.Flatten(), tn.Dense(3), tn.Sigmoid()]
        return tn.Network(layers, (1, 6, 6), rng=1, dtype=float)

    plain, by_targets = twin(), twin()
    settings = {"loss": tn.SquaredError(), "epochs": 2, "y": np.arange(9) % 3}
    train(plain, x, **settings)
    train(by_targets, x, rule=tn.GradientTargets(tau=1.0, start="activation"), **settings)
    for name, array in plain.parameters().items():
        np.testing.assert_allclose(by_targets.parameters()[name], array, rtol=1e-9, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------- watching


def test_weight_history_holds_copies_from_before_training_on():
    net, weights = network(), tn.WeightHistory()
    start = vectors(net)
    train(net, callbacks=[weights])
    assert len(weights.epochs) == 4
    assert_same_bits(weights.epochs[0], start)
    assert_same_bits(weights.epochs[3], vectors(net))
    assert not np.array_equal(weights.epochs[1]["conv1/W"], weights.epochs[2]["conv1/W"])
    train(net, callbacks=[weights], epochs=1)
    assert len(weights.epochs) == 2


def test_callbacks_see_the_step_before_the_weights_move():
    seen = []

    class Watch(tn.Callback):
        def on_start(self, net):
            seen.append("start")

        def on_batch(self, step):
            np.testing.assert_array_equal(step.net.trace(step.trace.input).output, step.trace.output)
            seed = tn.CrossEntropy().seed(step.net, step.trace, step.targets)
            np.testing.assert_array_equal(step.deltas["dense1"], seed)
            seen.append("batch")

        def on_epoch(self, net, history):
            seen.append(f"epoch {len(history)}")

    train(network(), callbacks=[Watch()], epochs=2, batch_size=10)
    assert seen == ["start", "batch", "batch", "epoch 1", "batch", "batch", "epoch 2"]


@pytest.mark.parametrize("within_parts", [False, True])
def test_callbacks_see_every_part_of_a_mini_batch_once(monkeypatch, within_parts):
    monkeypatch.setattr(run, "part_size", lambda net: 3)
    seen, this_thread = [], threading.get_ident()

    class Watch(tn.Callback):
        def __init__(self):
            self.within_parts = within_parts

        def on_batch(self, step):
            assert within_parts or threading.get_ident() == this_thread
            seen.append((step.part, len(step.targets)))

    train(network(), callbacks=[Watch()], epochs=1, batch_size=8)
    assert sorted(seen[:3]) == [(0, 3), (1, 3), (2, 2)]
    assert sorted(seen[3:]) == [(0, 3), (1, 3)]


@pytest.mark.parametrize("validation", [None, (X[:3], LABELS[:3])])
def test_a_history_is_drawn(validation):
    history = train(network(), validation=validation)
    axes = plots.history(history).axes
    assert [a.get_ylabel() for a in axes] == ["loss", "error, %"]
    errors = [[100 * (1 - right) for right in rates] for rates in (history.accuracy, history.validation_accuracy)]
    series = [history.loss, errors[0]], [history.validation_loss, errors[1]]
    for index, panel in enumerate(axes):
        lines = panel.get_lines()
        assert len(lines) == (1 if validation is None else 2)
        for line, values in zip(lines, series, strict=False):
            np.testing.assert_array_equal(line.get_xydata(), np.stack([[1, 2, 3], values[index]], axis=1))


@pytest.mark.parametrize("settings", [{"batch_size": 10**30}, {"epochs": 0}, {"callbacks": ()}])
def test_numbers_may_be_as_large_or_small_as_they_make_sense(settings):
    assert len(train(network(), **settings)) == settings.get("epochs", 3)


def test_an_endless_run_can_be_broken_off():
    with pytest.raises(KeyboardInterrupt):
        train(network(), epochs=10**30, callbacks=[BreakOff(2)])


def test_progress_is_silent_where_there_is_no_terminal(capsys):
    train(network(), progress=True)
    assert capsys.readouterr() == ("", "")


# -------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"x": X[:, 0]}, r"^input: got an array of shape \(14, 8, 8\), expected \(N, 1, 8, 8\); x.reshape"),
        ({"x": X[0]}, r"expected \(N, 1, 8, 8\); x.reshape"),
        ({"x": X[:13]}, r"^got 13 training images and 14 labels or targets, expected as many$"),
        ({"x": X[:0], "y": LABELS[:0]}, r"^there are no training images$"),
        ({"batch_size": 0}, r"^batch_size is 0, expected a whole number of at least 1$"),
        ({"y": LABELS + 1}, r"^label of image 2 is 3, expected 0 to 2: labels are 1 to 3, subtract 1$"),
        (
            {"x": np.where(np.arange(14).reshape(-1, 1, 1, 1) == 9, np.nan, X)},
            r"^input is nan at 9, 0, 0, 0, expected a finite number$",
        ),
        ({"x": X * 1e300}, r"^input is .*, expected a number that float32 can hold$"),
        ({"y": np.eye(3)[LABELS] * 1e300}, r"^target is 1e\+300 at 0, 0, expected a number that float32 can hold$"),
        ({"y": [[0, 1], [2]] * 7}, r"^y is .*, expected a label for each image, or targets$"),
        ({"loss": tn.BinaryCrossEntropy()}, "BinaryCrossEntropy needs a network that ends in Sigmoid"),
        ({"optimizer": tn.SGD(0.1, frozen="conv7")}, r"no layer 'conv7'; did you mean conv"),
        ({"optimizer": tn.SGD(0.1, frozen=("conv1", "conv2", "dense1"))}, "there is nothing to train"),
        ({"resume": True}, "resume=True needs the file to go on from: pass checkpoint="),
        ({"validation": (X[:0], LABELS[:0])}, "there are no validation images"),
        ({"validation": (X[:2], [0, 3])}, "label of image 1 is 3"),
        ({"validation": (X[:2, 0], [0, 1])}, r"expected \(N, 1, 8, 8\)"),
        ({"validation": X}, r"^validation is an array .*\(14, 1, 8, 8\), expected a pair \(x, y\), such as"),
        ({"validation": (X[:2], [0])}, "^got 2 validation images and 1 labels"),
        ({"epochs": -1}, "^epochs is -1, expected a whole number of at least 0$"),
        ({"epochs": 2.0}, r"^epochs is 2\.0, expected a whole number"),
        ({"epochs": True}, "^epochs is True"),
        ({"batch_size": 2.5}, r"^batch_size is 2\.5"),
        ({"batch_size": None}, "^batch_size is None"),
        ({"loss": tn.CrossEntropy}, r"^loss is the class CrossEntropy, expected a Loss: call it, as in CrossEntropy\("),
        ({"loss": "cross_entropy"}, r"^loss is 'cross_entropy', .*: in tinynet write tn.CrossEntropy\(\)$"),
        ({"optimizer": tn.Adam}, "^optimizer is the class Adam"),
        ({"optimizer": 0.1}, r"^optimizer is 0\.1, expected an Optimizer$"),
        ({"rule": 3}, "^rule is 3, expected a TargetRule$"),
        ({"callbacks": tn.WeightHistory()}, "^callbacks is .*, expected a list of callbacks$"),
        ({"callbacks": [tn.WeightHistory]}, "^a callback is the class WeightHistory"),
        ({"shuffle": 1}, "^shuffle is 1, expected True or False$"),
        ({"resume": "yes"}, "^resume is 'yes'"),
        ({"progress": None}, "^progress is None"),
        ({"rng": -1}, "^rng is -1"),
        ({"rng": None}, "^rng is None"),
        ({"checkpoint": 3}, "^checkpoint is 3, expected the path of a file$"),
    ],
)
def test_runs_that_cannot_be_meant_are_refused_before_they_start(tmp_path, settings, message):
    net = network()
    before = vectors(net)
    if settings.get("resume") is not True:
        settings = {"checkpoint": tmp_path / "run.npz", **settings}
    with pytest.raises((ValueError, tn.UnknownLayerError), match=message):
        train(net, **settings)
    assert_same_bits(net.parameters(), before)
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------------------------------------------ small pieces


def test_checkpoints_hold_a_history_that_json_can_read(tmp_path):
    history = train(network(), checkpoint=tmp_path / "run.npz", y=np.eye(3)[LABELS])
    description, _ = files.load_arrays(tmp_path / "run.npz", "tinynet checkpoint")
    assert json.loads(json.dumps(description["history"]))["loss"] == history.loss
    assert os.listdir(tmp_path) == ["run.npz"]
