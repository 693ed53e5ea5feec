"""Design by looking: what was planted is found, a healthy network is left alone, and advice is code that runs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinynet as tn
from tinynet import plots
from tinynet.cli import main
from tinynet.explain.design.aliasing import folded_power
from tinynet.explain.design.units import hidden_layers, unit_states

FILTERS = 7


def maps_network(activation, rng):
    """Return a network whose filters are orthogonal, so that no two say the same, and images of noise with labels."""
    layers = [tn.Conv2D(FILTERS, 3), activation(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(3), tn.Softmax()]
    net = tn.Network(layers, (1, 8, 8), rng=rng, dtype=np.float64)
    turned = np.linalg.qr(rng.normal(size=(9, 9)))[0]
    net["conv1"].params["W"][...] = turned[:FILTERS].reshape(FILTERS, 1, 3, 3)
    x = rng.normal(size=(40, 1, 8, 8))
    return net, x, net(x).argmax(axis=1)


def healthy_network(classes, rng):
    """Return a network with one hidden unit for each class, none of which it can do without, and its images."""
    layers = [tn.Dense(classes), tn.ReLU(), tn.Dense(classes), tn.Softmax()]
    net = tn.Network(layers, (classes,), rng=rng, dtype=np.float64)
    order = np.roll(np.arange(classes), rng.integers(1, classes))  # as it is, the layer would change nothing
    net["dense1"].params["W"][...] = np.eye(classes)[order]
    net["dense2"].params["W"][...] = 5 * np.eye(classes)[:, order] - 1
    labels = np.repeat(np.arange(classes), 6)
    other = (labels + 1) % classes  # what the image is taken for without its own unit
    return net, np.eye(classes)[labels] * rng.uniform(1, 2, (len(labels), 1)) + 0.5 * np.eye(classes)[other], labels


def planted(net, where, what, other):
    """Give a filter the weights of what it should be found as."""
    weights, bias = net["conv1"].params["W"], net["conv1"].params["b"]
    if what == "dead":
        weights[where], bias[where] = 0, -1 if isinstance(net.layers[1], tn.ReLU) else 0
    elif what == "constant":
        weights[where], bias[where] = 0, 0.7
    elif what == "saturated":
        weights[where] *= 1e4
    elif what == "copies":
        weights[where], bias[where] = 0.4 * weights[other], 0.4 * bias[other]


def found_in(states, kind):
    return np.flatnonzero(states.copies >= 0 if kind == "copies" else getattr(states, kind)).tolist()


# ------------------------------------------------------------------------------------------------------- what is found


@given(
    data=st.data(),
    seed=st.integers(0, 1000),
    what=st.sampled_from(["dead", "constant", "saturated", "copies"]),
    rectified=st.booleans(),
)
@settings(max_examples=25)
def test_what_was_planted_is_found_and_nothing_else(data, seed, what, rectified):
    rectified = rectified and what != "saturated"  # rectified units have no upper bound
    net, x, labels = maps_network(tn.ReLU if rectified else tn.Tanh, np.random.default_rng(seed))
    where = data.draw(st.integers(0, FILTERS - 1), label="which filter")
    other = data.draw(st.sampled_from([unit for unit in range(FILTERS) if unit != where]), label="copy of")
    planted(net, where, what, other)
    (states,) = tn.explain.inspect_network(net, x, labels).states.values()
    for kind in ("dead", "constant", "copies"):
        assert found_in(states, kind) == ([where] if kind == what else []), kind
    if what == "saturated":
        assert found_in(states, "saturated") == [where]
    if what == "copies":
        assert states.copies[where] == other
        np.testing.assert_allclose([states.likeness[where], states.weight_likeness[where]], 1, atol=0.05)


@given(seed=st.integers(0, 1000), batch=st.integers(1, 50))
@settings(max_examples=15)
def test_states_are_those_of_all_outputs_at_once(seed, batch):
    """The replica keeps every output, and asks NumPy for correlations."""
    rng = np.random.default_rng(seed)
    net, x, _ = maps_network(tn.Tanh, rng)
    x[:] = x * 3 + 100  # means far from zero, where sums of squares would cancel
    planted(net, 2, "copies", 5)
    (states,) = unit_states(net, x, batch).values()
    values = np.moveaxis(net.trace(x)["tanh1"], 1, 0).reshape(FILTERS, -1)
    assert states.dead.tolist() == [bool((unit == 0).all()) for unit in values]
    reach = np.ptp(values, axis=1)
    np.testing.assert_array_equal(states.constant, ~states.dead & (reach <= 0.01 * reach.max()))
    slopes = 1 - values**2
    np.testing.assert_array_equal(states.saturated, np.mean(np.abs(values) > 1 - 2 / 80, axis=1) >= 0.95)
    assert ((slopes < 0.05) == (np.abs(values) > 0.9747)).mean() > 0.999, "1/80 of the range is a slope of 1/20"
    for unit in np.flatnonzero(states.copies >= 0):
        likeness = np.corrcoef(values[unit], values[states.copies[unit]])[0, 1]
        np.testing.assert_allclose(states.likeness[unit], likeness, atol=1e-6)
        assert abs(likeness) >= 0.95
    kept = np.flatnonzero(~states.idle)
    between = np.corrcoef(values[kept]) if len(kept) > 1 else np.eye(1)
    assert np.abs(np.triu(between, 1)).max(initial=0) < 0.95


def test_a_filter_and_its_negative_are_copies_behind_tanh():
    net, x, _ = maps_network(tn.Tanh, np.random.default_rng(0))
    net["conv1"].params["W"][4] = -net["conv1"].params["W"][1]
    (states,) = unit_states(net, x).values()
    pair = {1, 4}
    (copy,) = np.flatnonzero(states.copies >= 0)
    assert {int(copy), int(states.copies[copy])} == pair
    assert states.likeness[copy] == pytest.approx(-1)
    assert states.weight_likeness[copy] == pytest.approx(-1)


@given(classes=st.integers(2, 6), seed=st.integers(0, 1000))
@settings(max_examples=15)
def test_a_healthy_network_gets_no_advice(classes, seed):
    net, x, labels = healthy_network(classes, np.random.default_rng(seed))
    report = tn.explain.inspect_network(net, x, labels)
    assert report.accuracy == 1 and "learned little" not in str(report)
    if classes > 2:  # of two units, one says all: the other is its negative
        assert report.advice == ()
        assert "No advice" in str(report)
        assert [repr(layer) for layer in report.redesign().layers] == [repr(layer) for layer in net.layers]


@given(data=st.data(), seed=st.integers(0, 1000))
@settings(max_examples=15)
def test_a_unit_that_nobody_listens_to_is_free(data, seed):
    rng = np.random.default_rng(seed)
    net, x, labels = healthy_network(4, rng)
    where = data.draw(st.integers(0, 4), label="which unit")
    layers = [tn.Dense(5), tn.ReLU(), tn.Dense(4), tn.Softmax()]
    wider = tn.Network(layers, (4,), dtype=np.float64)
    wider["dense1"].params["W"][...] = np.insert(net["dense1"].params["W"], where, rng.normal(size=4), axis=0)
    wider["dense1"].params["b"][where] = 1
    wider["dense2"].params["W"][...] = np.insert(net["dense2"].params["W"], where, 0, axis=1)
    report = tn.explain.inspect_network(wider, x, labels)
    states = report.states["relu1"]
    assert report.free == (("relu1", where),) or states.idle[where] or where in states.copies
    assert report.redesign()["dense1"].units == 4
    assert tn.accuracy(tn.explain.pruned(wider, {"relu1": [where]}), x, labels) == 1


@given(seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_what_is_removable_costs_nothing(seed):
    net, x, labels = maps_network(tn.ReLU, np.random.default_rng(seed))
    planted(net, 3, "dead", 0)
    report = tn.explain.inspect_network(net, x, labels)
    others = [unit for unit in range(FILTERS) if unit != 3]
    assert 3 in report.removable["relu1"] or report.removable["relu1"] == others, (
        "one stays, and a dead one does not matter"
    )
    assert len(report.removable["relu1"]) < FILTERS
    smaller = tn.explain.pruned(net, report.removable)
    assert tn.accuracy(smaller, x, labels) >= report.accuracy - 0.005
    assert smaller.parameter_count < net.parameter_count


def test_a_layer_that_changes_nothing_can_go():
    net, x, labels = healthy_network(4, np.random.default_rng(0))
    same = tn.Dense(4)
    longer = tn.Network([*net.layers[:2], same, tn.ReLU(), *net.layers[2:]], (4,), dtype=np.float64)
    same.params["W"][...] = np.eye(4)
    report = tn.explain.inspect_network(longer, x, labels)
    assert same.name in report.free_layers
    assert [one.kind for one in report.advice] == ["layer", "layer"]
    assert len(report.redesign().layers) == 4


# ------------------------------------------------------------------------------------------------------------ aliasing


@given(where=st.integers(0, 3), stride=st.integers(2, 3))
@settings(max_examples=8)
def test_a_filter_that_answers_to_fine_stripes_aliases(where, stride):
    rng = np.random.default_rng(0)
    net = tn.Network(
        [tn.Conv2D(4, 3, stride=stride), tn.Tanh(), tn.Flatten(), tn.Dense(2), tn.Softmax()], (1, 24, 24), rng=rng
    )
    weights = net["conv1"].params["W"]
    weights[...] = 1 / 9
    weights[where, 0] = [[-1, 2, -1]] * 3
    stripes = np.cos(np.pi * np.arange(24)) * 0.5
    slow = np.cos(2 * np.pi * np.arange(24) / 24)[:, None]
    x = (slow + stripes) * rng.uniform(0.5, 1, (20, 1, 1, 1))
    shares = folded_power(net, x)
    assert np.flatnonzero(shares > 0.25).tolist() == [where]
    assert shares[where] > 0.9 and np.delete(shares, where).max() < 0.1
    report = tn.explain.inspect_network(net, x, np.arange(20) % 2)
    (one,) = [advice for advice in report.advice if advice.kind == "aliasing"]
    assert one.units == (where,)
    assert report.redesign().layers[0].stride == (1, 1)
    assert isinstance(report.redesign().layers[1], tn.AvgPool2D)


def test_without_a_stride_nothing_is_folded():
    net, x, _ = maps_network(tn.ReLU, np.random.default_rng(0))
    assert folded_power(net, x) is None


# ----------------------------------------------------------------------------------------------------- receptive field


@given(height=st.integers(1, 8), width=st.integers(1, 8), as_mask=st.booleans())
@settings(max_examples=20)
def test_maps_that_see_less_than_what_matters_are_told_to_see_more(height, width, as_mask):
    net, x, labels = maps_network(tn.ReLU, np.random.default_rng(0))
    mask = np.zeros((len(x), 8, 8), bool)
    mask[:, :height, :width] = True
    report = tn.explain.inspect_network(net, x, labels, evidence=mask if as_mask else (height, width))
    assert report.evidence == (height, width)
    narrow = [advice for advice in report.advice if advice.kind == "receptive field"]
    assert bool(narrow) == (height > 3 or width > 3)
    if narrow:
        wider = report.redesign()
        last = hidden_layers(wider)[-1].output
        assert all(seen >= side for seen, side in zip(wider.receptive_field(last).size, (height, width), strict=True))


# -------------------------------------------------------------------------------------------------------------- advice


@given(seed=st.integers(0, 1000), faults=st.lists(st.sampled_from(["dead", "constant", "saturated", "copies"])))
@settings(max_examples=15)
def test_code_makes_what_is_advised(seed, faults):
    net, x, labels = maps_network(tn.Tanh, np.random.default_rng(seed))
    for where, what in enumerate(faults[:FILTERS]):
        planted(net, where, what, FILTERS - 1)
    report = tn.explain.inspect_network(net, x, labels, evidence=(8, 8))
    made = eval(report.code, {"tn": tn})
    advised = report.redesign()
    assert [repr(layer) for layer in made.layers] == [repr(layer) for layer in advised.layers]
    assert made.input_shape == net.input_shape
    assert advised(x).shape == net(x).shape
    assert str(report).count("tn.Network(") == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": np.zeros((0, 1, 8, 8)), "labels": np.zeros(0, int)}, "there is no image"),
        ({"labels": np.zeros(3, int)}, "40 images and 3 labels"),
        ({"evidence": np.zeros((40, 8, 8))}, "evidence is empty"),
        ({"evidence": np.ones((3, 8, 8))}, r"evidence is an array .*, expected a height and a width, or a mask"),
        ({"evidence": (0, 4)}, "evidence is 0, expected a whole number"),
    ],
)
def test_what_cannot_be_inspected_is_one_clear_error(change, words):
    net, x, labels = maps_network(tn.ReLU, np.random.default_rng(0))
    arguments = {"x": x, "labels": labels, **change}
    with pytest.raises(ValueError, match=words):
        tn.explain.inspect_network(net, **arguments)


def test_without_hidden_units_there_is_nothing_to_inspect():
    net = tn.Network([tn.Dense(2), tn.Softmax()], (3,))
    with pytest.raises(ValueError, match="no hidden units"):
        tn.explain.inspect_network(net, np.ones((4, 3)), [0, 1, 0, 1])


# ---------------------------------------------------------------------------------------------------------- comparison


def comparison(differences, margin):
    shares = np.stack([np.full(len(differences), 0.9), 0.9 + np.asarray(differences)])
    return tn.explain.DesignComparison(("old", "new"), np.array([10, 5]), np.ones_like(shares), shares, margin)


def test_p_values_by_hand():
    found = comparison([0.01, 0.02, 0.03], 0.0)
    assert found.p_worse(1) == pytest.approx(1 / 8), "of eight choices of signs one has as large a mean"
    assert found.p_different(1) == pytest.approx(2 / 8)
    found = comparison([-0.01, -0.01, -0.01, -0.01], 0.02)
    assert found.p_worse(1) == pytest.approx(1 / 16), "a little worse, within the margin"
    assert comparison([-0.02, -0.02, -0.02], 0.02).p_worse(1) == 1
    assert comparison([0.0, 0.0], 0.0).p_different(1) == 1


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=8), st.integers(0, 20))
@settings(max_examples=15)
def test_p_values_count_signs(thousandths, margin):
    """The replica counts all choices of signs."""
    found = comparison(np.array(thousandths) / 1000, margin / 1000)
    moved = np.array(thousandths) + margin
    signs = np.array(np.meshgrid(*[(-1, 1)] * len(moved))).reshape(len(moved), -1)
    as_large = np.mean(moved @ signs >= moved.sum())
    assert found.p_worse(1) == pytest.approx(as_large if moved.any() else 1.0)


def test_designs_are_trained_alike_and_compared():
    seen = []

    def fit(net, x, labels, seed):
        seen.append((net.parameter_count, seed, len(x)))

    def design(units):
        return lambda seed: tn.Network([tn.Dense(units), tn.ReLU(), tn.Dense(2), tn.Softmax()], (3,), rng=seed)

    x, labels = np.random.default_rng(0).normal(size=(12, 3)), np.arange(12) % 2
    pair = (x[:8], labels[:8]), (x[8:], labels[8:])
    found = tn.explain.compare_designs({"old": design(4), "new": design(2)}, *pair, fit=fit, margin=0.01, seeds=3)
    assert seen == [(26, 0, 8), (26, 1, 8), (26, 2, 8), (14, 0, 8), (14, 1, 8), (14, 2, 8)]
    assert found.parameters.tolist() == [26, 14]
    for at, units in enumerate((4, 2)):
        wanted = [tn.accuracy(design(units)(seed), *pair[1]) for seed in range(3)]
        np.testing.assert_array_equal(found.accuracy[at], wanted)
    assert "new" in str(found)
    with pytest.raises(ValueError, match=r"designs is .*, expected at least two functions"):
        tn.explain.compare_designs({"old": design(4)}, *pair, fit=fit, margin=0.01)
    with pytest.raises(ValueError, match="margin is -1"):
        tn.explain.compare_designs({"old": design(4), "new": design(2)}, *pair, fit=fit, margin=-1)


# ------------------------------------------------------------------------------------------------ the page and figures


def test_a_saved_network_is_inspected_from_the_command_line(tmp_path, capsys):
    net = tn.Network([tn.Flatten(), tn.Dense(6), tn.ReLU(), tn.Dense(3), tn.Softmax()], (3, 32, 32))
    net["dense1"].params["W"][4], net["dense1"].params["b"][4] = 0, -1
    net.save(tmp_path / "net.npz")
    words = ["inspect", str(tmp_path / "net.npz"), "--data", "muffins:8", "--images", "20", "--evidence", "spots"]
    assert main([*words, "--out", str(tmp_path / "page.html")]) == 0
    printed = capsys.readouterr().out
    assert "20 images" in printed and "never put out anything but 0" in printed
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "never put out anything but 0" in page and "tn.Dense(units=" in page
    assert main([*words[:-1], "nose"]) == 2
    assert "no mask 'nose'; it has spots, crumbs, distinguishing" in capsys.readouterr().err


def test_figures_count_each_unit_once():
    net, x, labels = maps_network(tn.Tanh, np.random.default_rng(0))
    for where, what in enumerate(("dead", "constant", "saturated", "copies")):
        planted(net, where, what, 5)
    figure = plots.inspection(tn.explain.inspect_network(net, x, labels))
    bars = figure.axes[0].patches
    assert sum(bar.get_width() for bar in bars) == FILTERS
    plots.design_comparison(comparison([0.01, -0.02], 0.01))


def test_a_network_that_has_learned_little_is_said_to_be_one():
    net, x, labels = healthy_network(3, np.random.default_rng(0))
    report = tn.explain.inspect_network(net, x, np.where(np.arange(len(x)) == 0, (labels + 1) % 3, labels))
    assert (report.accuracy, report.guessing) == (17 / 18, 7 / 18)
    for accuracy, guessing, little in ((0.5, 0, False), (0.499, 0, True), (0.625, 0.25, False), (0.6, 0.25, True)):
        seen = dataclasses.replace(report, accuracy=accuracy, guessing=guessing)
        assert f"where guessing reaches {guessing:.1%}" in str(seen)
        assert ("It has learned little" in str(seen)) == little
