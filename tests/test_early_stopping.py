"""Ending early: the epoch at which a slow reading of the history would end, the best weights, resumed to the same."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import assert_same_bits

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(12, 3)), np.arange(12) % 2
WATCHED = ["loss", "accuracy", "validation_loss", "validation_accuracy"]


def network() -> tn.Network:
    return tn.Network([tn.Dense(2), tn.Softmax()], (3,), rng=1)


def train(net, **settings):
    usual = {"loss": tn.CrossEntropy(), "optimizer": tn.SGD(2.0), "epochs": 12, "batch_size": 5, "rng": 5}
    return tn.fit(net, X, LABELS, **{**usual, "progress": False, "validation": (X[:5], 1 - LABELS[:5]), **settings})


class Script(tn.EarlyStopping):
    """Watches a history that was written beforehand."""

    def __init__(self, values, **settings) -> None:
        super().__init__(**settings)
        self.values = values

    def on_epoch(self, net, history):
        net["dense1"].params["b"][...] = len(history)  # so that it can be told which epoch's weights are kept
        told = tn.History(**{self.monitor: list(self.values[: len(history)])})
        super().on_epoch(net, told)


def slowly(values, patience, least, sign):
    """Return the epoch after which a run of as many epochs ends, and the best one."""
    best = 0
    for epoch in range(len(values)):
        if sign * (values[epoch] - values[best]) > least:
            best = epoch
        if epoch - best == patience:
            return epoch + 1, best + 1
    return len(values), best + 1


@given(
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=8),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from(WATCHED),
    st.booleans(),
)
def test_it_ends_where_a_slow_reading_of_the_history_would(values, patience, least, monitor, restore):
    stopping = Script(values, patience=patience, monitor=monitor, least=least, restore_best=restore)
    net = network()
    history = train(net, epochs=len(values), callbacks=[stopping])
    last, best = slowly(values, patience, least, 1 if "accuracy" in monitor else -1)
    assert (len(history), stopping.best_epoch, stopping.best_value) == (last, best, values[best - 1])
    assert net["dense1"].params["b"].tolist() == [best if restore else last] * 2


@pytest.mark.parametrize("monitor", WATCHED)
@pytest.mark.parametrize("broken_off", [1, 2, 4, 6])
def test_a_resumed_run_ends_as_the_unbroken_one(tmp_path, monitor, broken_off):
    unbroken, resumed = network(), network()
    settings = {"patience": 2, "monitor": monitor}
    history = train(unbroken, callbacks=[whole := tn.EarlyStopping(**settings)])
    assert len(history) < 12 or monitor in ("loss", "accuracy")
    path = tmp_path / "run.npz"
    train(resumed, epochs=broken_off, callbacks=[tn.EarlyStopping(**settings)], checkpoint=path)
    again = tn.EarlyStopping(**settings)
    assert train(resumed, callbacks=[again], checkpoint=path, resume=True) == history
    assert (again.best_epoch, again.best_value) == (whole.best_epoch, whole.best_value)
    assert_same_bits(resumed.parameters(), unbroken.parameters())


def test_one_object_serves_run_after_run():
    stopping = tn.EarlyStopping(patience=2)
    first, second = (train(network(), callbacks=[stopping]) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("monitor", "settings", "message"),
    [
        ("validation_loss", {"validation": None}, "watches validation_loss, but there are no validation images"),
        ("accuracy", {"loss": tn.SquaredError()}, "watches accuracy, but there are no labels"),
    ],
)
def test_what_is_not_there_cannot_be_watched(monitor, settings, message):
    targets = np.full((12, 2), 0.5) if "loss" in settings else LABELS
    with pytest.raises(ValueError, match=message):
        tn.fit(
            network(),
            X,
            targets,
            **{"optimizer": tn.SGD(0.1), "epochs": 3, "batch_size": 4, "loss": tn.CrossEntropy(), **settings},
            callbacks=[tn.EarlyStopping(monitor=monitor)],
        )


class Stop(tn.Callback):
    """Ends training after its second epoch."""

    def on_epoch(self, net, history):
        self.finished = len(history) == 2


def test_any_callback_may_end_training():
    assert len(train(network(), callbacks=[tn.WeightHistory(), Stop()])) == 2


# ----------------------------------------------------------------------------------------------- rates that change


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5]), min_size=1, max_size=5))
def test_a_rate_of_the_epoch_is_the_same_as_training_epoch_by_epoch(rates):
    at_once, by_epoch, rng = network(), network(), np.random.default_rng(5)
    history = train(at_once, epochs=len(rates), optimizer=tn.SGD(lambda epoch: rates[epoch - 1]))
    losses = [train(by_epoch, epochs=1, optimizer=tn.SGD(rate), rng=rng).loss[0] for rate in rates]
    assert history.loss == losses
    assert_same_bits(at_once.parameters(), by_epoch.parameters())


@given(st.floats(1e-4, 1), st.integers(1, 6), st.floats(0, 1), st.integers(1, 20))
def test_steps_fall_every_so_many_epochs(rate, every, factor, epoch):
    expected = rate
    for past in range(2, epoch + 1):
        if (past - 1) % every == 0:
            expected *= factor
    assert math.isclose(tn.StepDecay(rate, every, factor)(epoch), expected, rel_tol=1e-9, abs_tol=1e-300)


@given(st.floats(1e-4, 1), st.integers(1, 12), st.floats(0, 1e-4), st.data())
def test_half_a_cosine_rises_then_falls_to_its_last_value(rate, epochs, last, data):
    warm_up = data.draw(st.integers(0, epochs - 1))
    schedule = tn.CosineDecay(rate, epochs, last, warm_up)
    values = [schedule(epoch) for epoch in range(1, epochs + 4)]
    assert values[epochs - 1 :] == [last] * 4
    assert all(a < b for a, b in itertools.pairwise(values[:warm_up]))
    assert all(a >= b for a, b in itertools.pairwise(values[warm_up:]))
    if epochs - 1 > warm_up:
        assert math.isclose(values[warm_up], rate)
        falling = values[warm_up:epochs]
        for down, up in zip(falling, reversed(falling), strict=True):  # half a cosine is odd about its middle
            assert math.isclose(down + up, rate + last, rel_tol=1e-9)


@pytest.mark.parametrize("rate", [math.nan, -0.1, None, "fast"])
def test_each_rate_is_checked_when_its_epoch_comes(rate):
    with pytest.raises((ValueError, TypeError), match="SGD: rate is"):
        train(network(), optimizer=tn.SGD(lambda epoch: 0.1 if epoch == 1 else rate))


def test_a_step_needs_a_number():
    with pytest.raises(ValueError, match="function of the epoch"):
        tn.SGD(tn.StepDecay(0.1, 2)).step(np.ones(2), np.ones(2), {})


def test_a_run_may_go_on_at_another_rate(tmp_path):
    path = tmp_path / "run.npz"
    train(resumed := network(), epochs=3, checkpoint=path)
    history = train(resumed, epochs=6, optimizer=tn.SGD(0.01), checkpoint=path, resume=True)
    changed = network()
    assert history == train(changed, epochs=6, optimizer=tn.SGD(lambda epoch: 2.0 if epoch <= 3 else 0.01))
    assert_same_bits(resumed.parameters(), changed.parameters())


# ------------------------------------------------------------------------------------------------ one-hot labels


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_one_hot_targets_count_as_labels(count, seed):
    labels = np.random.default_rng(seed).integers(2, size=count)
    settings = {"loss": tn.CrossEntropy(), "optimizer": tn.SGD(0.1), "epochs": 2, "batch_size": 5, "progress": False}
    histories = [tn.fit(network(), X[:count], y, **settings) for y in (labels, np.eye(2)[labels])]
    assert histories[0] == histories[1] and not math.isnan(histories[1].accuracy[0])


@pytest.mark.parametrize("targets", [[[0.5, 0.5]], [[1.0, 1.0]], [[0.0, 0.0]], [[2.0, -1.0]]])
def test_other_targets_stand_for_no_class(targets):
    settings = {"optimizer": tn.SGD(0.0), "epochs": 1, "batch_size": 5, "progress": False}
    history = tn.fit(network(), X[:2], [[1.0, 0.0], *targets], loss=tn.SquaredError(), **settings)
    assert math.isnan(history.accuracy[0])
