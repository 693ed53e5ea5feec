"""The history of weights: the same however it is kept and however a run is broken off, and what is read from it."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

import tinynet as tn
from tests.networks import assert_same_bits
from tinynet import plots
from tinynet.explain import (
    combined_statistics,
    streaks,
    weight_movement,
    weight_statistics,
    weight_streaks,
)

X = np.random.default_rng(0).normal(size=(10, 1, 6, 6))
LABELS = np.arange(10) % 2


def network() -> tn.Network:
    layers = [
        tn.Conv2D(2, 3),
        tn.Tanh(),
        tn.Flatten(),
        tn.Dropout(0.2),
        tn.Dense(3),
        tn.ReLU(),
        tn.Dense(2),
        tn.Softmax(),
    ]
    return tn.Network(layers, (1, 6, 6), rng=1)


def train(net: tn.Network, *callbacks: tn.Callback, epochs: int = 3, **settings) -> None:
    usual = {"loss": tn.CrossEntropy(), "optimizer": tn.Adam(1e-2), "batch_size": 4, "rng": 5, "progress": False}
    tn.fit(net, X, LABELS, epochs=epochs, callbacks=list(callbacks), **{**usual, **settings})


class Recorder(tn.Callback):
    """Keeps all weights before every step, and after the last: the slow way to have any history."""

    def __init__(self) -> None:
        self.weights: list[dict[str, np.ndarray]] = []

    def on_batch(self, step):
        self.weights.append({name: array.copy() for name, array in step.net.parameters().items()})


class BreakOff(tn.Callback):
    """Breaks a run off before some step."""

    def __init__(self, step: int) -> None:
        self.left = step

    def on_batch(self, step):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


# -------------------------------------------------------------------------------------------------------------- keeping


@pytest.mark.parametrize("layers", [None, ["dense1"], ["dense2", "conv1"]])
@pytest.mark.parametrize("every", [None, 1, 2, 3, 5, 100])
@pytest.mark.parametrize("on_disk", [False, True])
def test_snapshots_are_the_weights_after_as_many_steps_as_they_say(tmp_path, layers, every, on_disk):
    net, every_step = network(), Recorder()
    kept = tn.WeightHistory(layers, every=every, folder=tmp_path / "kept" if on_disk else None)
    train(net, every_step, kept)
    weights = [*every_step.weights, net.parameters()]
    steps = list(range(0, 10, 3 if every is None else every))
    assert kept.steps == steps, "three epochs of three steps"
    names = [name for layer in layers or ("conv1", "dense1", "dense2") for name in (f"{layer}/W", f"{layer}/b")]
    assert list(kept) == names
    for name in names:
        assert kept[name].steps == tuple(steps)
        for step, array in zip(steps, kept[name], strict=True):
            assert array.tobytes() == weights[step][name].tobytes()
            assert isinstance(array, np.memmap) == on_disk
    if on_disk:
        found = tn.WeightHistory.opened(tmp_path / "kept")
        assert (found.steps, list(found)) == (steps, names)
        assert_same_bits(found.epochs[-1], {name: array for name, array in kept.epochs[-1].items()})
    train(net, kept, epochs=1)
    assert kept.steps == [step for step in steps if step <= 3], "another run is another history"


@pytest.mark.parametrize("step", [0, 1, 3, 4, 8])
@pytest.mark.parametrize("every", [None, 2])
@pytest.mark.parametrize("on_disk", [False, True])
def test_a_run_that_is_resumed_has_the_same_history(tmp_path, step, every, on_disk):
    def kept(name: str) -> tn.WeightHistory:
        return tn.WeightHistory(every=every, folder=tmp_path / name if on_disk else None)

    whole, first, second = kept("whole"), kept("broken"), kept("broken")
    train(network(), whole, BreakOff(99))
    with pytest.raises(KeyboardInterrupt):
        train(network(), first, BreakOff(step), checkpoint=tmp_path / "run.npz")
    train(network(), second, BreakOff(99), checkpoint=tmp_path / "run.npz", resume=True)
    assert second.steps == whole.steps
    for one, other in zip(whole.epochs, second.epochs, strict=True):
        assert_same_bits(one, other)


@pytest.mark.parametrize("lost", ["dense2%2Fb/000000003.npy", "history.json"])
def test_a_run_whose_history_is_gone_is_not_gone_on_with(tmp_path, lost):
    settings = {"checkpoint": tmp_path / "run.npz", "resume": True}
    train(network(), tn.WeightHistory(folder=tmp_path / "kept"), epochs=2, **settings)
    (tmp_path / "kept" / lost).unlink()
    net = network()
    before = {name: array.copy() for name, array in net.parameters().items()}
    with pytest.raises((ValueError, FileNotFoundError), match=rf"{lost.rpartition('/')[2]}: (is missing|no such file)"):
        train(net, tn.WeightHistory(folder=tmp_path / "kept"), **settings)
    assert_same_bits(net.parameters(), before)


def test_a_history_that_is_not_whole_says_what_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"history.json: no such file: the folder holds no history of weights"):
        tn.WeightHistory.opened(tmp_path)
    train(network(), tn.WeightHistory(["dense2"], folder=tmp_path), epochs=1)
    (tmp_path / "dense2%2Fb" / "000000003.npy").unlink()
    with pytest.raises(ValueError, match=r"000000003.npy: is missing of the history of weights"):
        tn.WeightHistory.opened(tmp_path)
    (tmp_path / "history.json").write_text("{}")
    with pytest.raises(ValueError, match=r"history.json: is not the note of a history of weights"):
        tn.WeightHistory.opened(tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"every": 0}, "^every is 0, expected a whole number of at least 1$"),
        ({"layers": "dense1"}, "^layers is 'dense1', expected a list of names of layers$"),
        ({"folder": 3}, "^folder is 3, expected the path of a file$"),
        ({"layers": ["dense9"]}, "no layer 'dense9'"),
        ({"layers": ["relu1"]}, "^layers: relu1 has no parameters to keep$"),
    ],
)
def test_histories_that_cannot_be_kept_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        train(network(), tn.WeightHistory(**settings))


def test_a_parameter_that_is_not_kept_is_told():
    kept = tn.WeightHistory(["dense1"])
    train(network(), kept, epochs=0)
    with pytest.raises(KeyError, match="'conv1/W' is not among the parameters that are kept: dense1/W, dense1/b"):
        kept["conv1/W"]


# ------------------------------------------------------------------------------------------------------- what it tells

shapes = hnp.array_shapes(min_dims=1, max_dims=3, max_side=5)


@st.composite
def histories(draw, min_size: int = 1):
    """Draw snapshots: any mean, moving as little or as much as float32 resolves."""
    shape, count = draw(shapes), draw(st.integers(min_size, 6))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    offset, size = draw(st.sampled_from([0.0, 1.0, -1e4])), draw(st.sampled_from([0.0, 1e-3, 1.0, 1e3]))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    return [(offset + size * rng.normal(size=shape)).astype(dtype) for _ in range(count)]


def check_statistics(found, snapshots):
    stack = np.stack(snapshots).astype(np.longdouble)
    size = float(np.ptp(stack)) + 1e-12 * float(abs(stack).max())
    assert found.count == len(snapshots)
    np.testing.assert_allclose(found.mean, stack.mean(axis=0), rtol=0, atol=1e-12 * float(abs(stack).max()) + 1e-300)
    np.testing.assert_allclose(found.variance, stack.var(axis=0), rtol=1e-9, atol=1e-10 * size**2 + 1e-300)
    np.testing.assert_array_equal(found.low, np.min(snapshots, axis=0))
    np.testing.assert_array_equal(found.high, np.max(snapshots, axis=0))
    assert found.low.dtype == snapshots[0].dtype and found.mean.dtype == found.variance.dtype == np.float64
    assert (found.variance >= 0).all()


@given(snapshots=histories())
@settings(max_examples=30)
def test_statistics_of_each_weight_are_those_of_all_its_values(snapshots):
    check_statistics(weight_statistics(snapshots), snapshots)


@given(snapshots=histories(min_size=2), cut=st.integers(1, 5))
@settings(max_examples=30)
def test_statistics_of_two_parts_make_those_of_the_whole(snapshots, cut):
    cut = min(cut, len(snapshots) - 1)
    check_statistics(
        combined_statistics(weight_statistics(snapshots[:cut]), weight_statistics(snapshots[cut:])), snapshots
    )


def test_where_a_mean_of_squares_loses_everything_nothing_is_lost():
    rng = np.random.default_rng(0)
    snapshots = [(3e3 + rng.normal(size=200)).astype(np.float32) for _ in range(60)]
    naive = np.mean(np.square(snapshots), axis=0) - np.mean(snapshots, axis=0) ** 2
    assert naive.min() < 0, "which a variance cannot be"
    check_statistics(weight_statistics(snapshots), snapshots)


@given(snapshots=histories())
@settings(max_examples=30)
def test_movement_is_what_its_words_say(snapshots):
    moved, stack = weight_movement(snapshots), [a.astype(np.float64).ravel() for a in snapshots]
    atol = 1e-9 * max(abs(stack[0]).max(), 1e-300)
    norm = np.linalg.norm
    for k, w in enumerate(stack):
        before = stack[max(k - 1, 0)]
        expected = {
            "mean": w.mean(),
            "absolute_mean": abs(w).mean(),
            "variance": w.var(),
            "norm": norm(w),
            "update": norm(w - before),
            "update_ratio": norm(w - before) / norm(before) if norm(before) else np.nan,
            "distance": norm(w - stack[0]),
            "cosine_to_start": w @ stack[0] / norm(w) / norm(stack[0]) if norm(w) * norm(stack[0]) else np.nan,
            "cosine_to_end": w @ stack[-1] / norm(w) / norm(stack[-1]) if norm(w) * norm(stack[-1]) else np.nan,
        }
        for name, value in expected.items():
            np.testing.assert_allclose(getattr(moved, name)[k], value, rtol=1e-9, atol=atol, err_msg=name)


def test_large_weights_are_worked_through_in_blocks(monkeypatch):
    rng = np.random.default_rng(0)
    snapshots = [rng.normal(size=(7, 9)).astype(np.float32) for _ in range(4)]
    whole = weight_statistics(snapshots), weight_movement(snapshots)
    monkeypatch.setattr("tinynet.explain.comparison.weights.BLOCK", 10)
    parts = weight_statistics(snapshots), weight_movement(snapshots)
    for one, other in zip(whole, parts, strict=True):
        for name in vars(one):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12, err_msg=name)


@given(
    rows=st.integers(1, 6),
    columns=st.integers(2, 6),
    seed=st.integers(0, 99),
    kind=st.sampled_from(["rows", "columns", "both", "noise"]),
)
@settings(max_examples=40)
def test_streaks_are_the_shares_of_an_analysis_of_variance(rows, columns, seed, kind):
    rng = np.random.default_rng(seed)
    of_rows, of_columns = rng.normal(size=(rows, 1)), rng.normal(size=(1, columns))
    parts = {"rows": [of_rows], "columns": [of_columns], "both": [of_rows, of_columns], "noise": []}[kind]
    matrix = sum(parts, rng.normal(size=(rows, columns)) if kind == "noise" else np.zeros((rows, columns)))
    if np.ptp(matrix) == 0:
        return
    found = streaks(matrix)
    total = ((matrix - matrix.mean()) ** 2).sum()
    by_rows = columns * sum((row.mean() - matrix.mean()) ** 2 for row in matrix)
    by_columns = rows * sum((column.mean() - matrix.mean()) ** 2 for column in matrix.T)
    np.testing.assert_allclose([found.rows, found.columns], [by_rows / total, by_columns / total], atol=1e-12)
    assert found.rows + found.columns <= 1 + 1e-12
    if kind != "noise":
        assert found.rows + found.columns == pytest.approx(1)
    turned = streaks(matrix.T)
    assert (turned.rows, turned.columns) == pytest.approx((found.columns, found.rows))
    orders = [streaks(rng.permutation(matrix.ravel()).reshape(matrix.shape)) for _ in range(200)]
    chance = np.mean([[order.rows, order.columns] for order in orders], axis=0)
    spread = np.std([[order.rows, order.columns] for order in orders], axis=0)
    expected = np.array([found.rows_by_chance, found.columns_by_chance])
    assert (abs(chance - expected) <= 5 * spread / np.sqrt(200) + 1e-12).all()


def test_streaks_of_a_history_stand_beside_those_of_the_start_and_of_chance():
    rng = np.random.default_rng(0)
    start = rng.normal(size=(20, 30))
    moves = np.where(np.arange(30) < 15, 0.01, 1.0)  # half of the inputs hardly move
    snapshots = [start + moves * rng.normal(size=(20, 30)) * k for k in range(5)]
    found = weight_streaks(snapshots, rng=3)
    assert found["log variance"]["trained"].columns > 0.8
    assert found["log variance"]["shuffled"].columns < 0.2
    assert found["w"]["initial"].columns < 0.2
    assert set(found["variance"]) == {"trained", "shuffled"}
    half = weight_streaks(snapshots, rng=3, columns=np.arange(30) >= 15)
    assert half["log variance"]["trained"].columns < 0.3
    np.testing.assert_equal(half, weight_streaks(snapshots, rng=3, columns=np.arange(15, 30)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: weight_statistics([]), "^snapshots is .*, expected a parameter at one or more times"),
        (lambda: weight_statistics("dense1"), "^snapshots is 'dense1', expected a parameter at one or more times"),
        (
            lambda: weight_movement([[1.0, 2.0], [1.0]]),
            r"^snapshot 1 has the shape \(1,\), expected \(2,\), that of the first$",
        ),
        (
            lambda: streaks(np.ones((3, 3))),
            "^matrix is .*, expected at least two finite numbers that are not all equal$",
        ),
        (lambda: streaks([[1.0, np.nan]]), "^matrix is .*, expected at least two finite numbers"),
        (
            lambda: combined_statistics(weight_statistics([[1.0]]), weight_statistics([[1.0, 2.0]])),
            r"shapes \(1,\) and \(2,\)$",
        ),
    ],
)
def test_what_is_no_history_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_fifty_snapshots_take_no_more_memory_than_seven_of_them(tmp_path):
    """As for a layer of 4096 x 4096, at an eighth of its sides."""
    side = 512
    net = tn.Network([tn.Dense(side)], (side,), rng=0)
    kept = tn.WeightHistory(["dense1"], folder=tmp_path)
    kept.on_start(net)
    layer = net["dense1"].params["W"]
    tracemalloc.start()
    for _ in range(49):
        layer += np.float32(0.01)
        kept._taken += 1
        kept.on_epoch(net, tn.History())
    count = weight_statistics(kept["dense1/W"]).count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    weight_movement(kept["dense1/W"])
    _, of_movement = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 50
    assert peak <= 7 * layer.nbytes, "two arrays of float64, two of float32, and blocks"
    assert of_movement <= 2 * layer.nbytes


def test_a_history_is_drawn_as_pictures_as_curves_and_as_a_film(tmp_path):
    net, kept = network(), tn.WeightHistory(["conv1", "dense1"], every=1)
    train(net, kept)
    for name in ("conv1/W", "dense1/W", "dense1/b"):
        found = weight_statistics(kept[name])
        maps = {"before": kept[name][0], "after": kept[name][-1], "mean": found.mean, "variance": found.variance}
        assert len(plots.weight_maps(maps, name).axes) == 4
        assert len(plots.weight_movement(weight_movement(kept[name]), kept.steps, name).axes) == 3
        for change in (False, True):
            plots.weight_film(kept[name], tmp_path / "film.gif", change=change)
            with Image.open(tmp_path / "film.gif") as film:
                assert film.format == "GIF" and 2 <= film.n_frames <= 10
                rows, columns = kept[name][0].reshape(len(kept[name][0]), -1).shape
                assert film.width / film.height == columns / rows


def test_large_matrices_are_drawn_as_means_of_their_parts():
    matrix = np.arange(1300.0)[:, None] * np.ones((1, 5))
    drawn = plots.weight_maps({"w": matrix}).axes[0].images[0].get_array()
    assert drawn.shape == (434, 5)
    np.testing.assert_allclose(drawn[:, 0], [matrix[k : k + 3, 0].mean() for k in range(0, 1300, 3)])
