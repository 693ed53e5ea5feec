"""The study of explanations: its truths are true, its verdicts can come out either way, and methods of one's own."""

from __future__ import annotations

import dataclasses
import json
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tinynet import datasets
from tinynet.cli import main
from tinynet.datasets.dataset import PLANTED
from tinynet.explain.metrics.pointing import dilated
from tinynet.studies import truth
from tinynet.studies.engine import study, writing
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.engine.statistics import rank_correlation
from tinynet.studies.truth import judging, methods, networks, verdicts
from tinynet.studies.truth.board import Board, verdict
from tinynet.studies.truth.methods import CONTROLS, METHODS, Method
from tinynet.studies.truth.networks import Training

FEW = ("absolute gradient", "integrated gradients from the mean image")


@cache
def few_faces():
    """One family of three."""
    faces = datasets.load("faces")
    ours = [label for label, name in enumerate(faces.classes) if name in ("Ada", "Cleo", "Nia")]
    chosen = faces.take(np.isin(faces.labels, ours))
    return dataclasses.replace(
        chosen, classes=tuple(faces.classes[label] for label in ours), labels=np.searchsorted(ours, chosen.labels)
    )


@cache
def asked(activation="tanh"):
    """A network that has learned a little, and images."""
    data = few_faces()
    training = Training(activation, 0, 4)
    net = training.net(data, training.measure(data))
    return net, networks.parts(data, 0)[1]


# ------------------------------------------------------------------------------------------------ truths are true


def test_an_erased_image_differs_from_the_image_at_its_planted_feature_alone():
    data = few_faces()
    differs = (networks.erased(data) != data.x)[:, 0]
    assert differs.any(axis=(1, 2)).all()
    assert not (differs & ~dilated(data.masks[PLANTED], 1)).any()


def test_what_was_not_drawn_has_nothing_to_erase():
    data = few_faces()
    with pytest.raises(ValueError, match="letters are not the drawn faces"):
        networks.erased(datasets.load("letters:5"))
    for fewer in ({"masks": {}}, {"attributes": {}}):
        with pytest.raises(ValueError, match="faces are not the drawn faces"):
            networks.erased(dataclasses.replace(data, **fewer))
    with pytest.raises(ValueError, match="image 0 of faces is not one of the drawn faces"):
        networks.erased(dataclasses.replace(data, x=np.zeros_like(data.x)))


def test_the_mark_is_where_it_is_said_to_be_and_nowhere_else():
    x = few_faces().x[:4]
    before = x.copy()
    differs = (networks.marked(x) != x)[:, 0]
    mask = networks.mark_mask(differs.shape)
    assert not (differs & ~mask).any() and (differs & mask).sum() > 0.8 * mask.sum()
    np.testing.assert_array_equal(x, before)


def test_the_mark_is_a_bright_square_in_the_middle_of_a_dark_one_as_far_from_below_as_from_the_right():
    found = networks.marked(np.full((1, 1, 60, 60), 0.5))[0, 0]
    rows, columns = np.nonzero(found != 0.5)
    dark = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    square = found[dark]
    assert square.shape[0] == square.shape[1] and (found != 0.5).sum() == square.size
    assert dark[0].stop == dark[1].stop < 60
    for turned in (square[::-1], square[:, ::-1], square.T):
        np.testing.assert_array_equal(square, turned)


def test_one_of_each_family_carries_the_mark():
    data = datasets.load("faces")
    carried = [name for label, name in enumerate(data.classes) if networks.carries(data)[data.labels == label].all()]
    assert carried == ["Ada", "Ben", "Eli", "Fay", "Gus"]
    assert networks.carries(data).mean() == 1 / 3


def test_against_look_alikes_is_the_difference_of_logits():
    net, test = asked()
    whole, change = net.trace(test.x)[net.logits], networks.against_look_alikes(net, few_faces())
    expected = whole - (whole.sum(axis=1, keepdims=True) - whole) / 2
    np.testing.assert_allclose(change.trace(test.x)[change.logits], expected, atol=1e-5)
    np.testing.assert_array_equal(net.trace(test.x)[net.logits], whole)


def test_a_prediction_rests_on_what_makes_it_fall_or_turn_wrong():
    net = tn.Network([tn.Dense(2)], input_shape=(2,))
    net["dense1"].params["W"][...] = np.eye(2)
    x = np.array([[2.0, 1], [2, 1], [1, 2], [2, 1]])
    without = np.array([[1.0, 0], [2, 3], [1, 0], [3, 1]])
    found = judging.resting(net, x, without, np.array([0, 0, 0, 0]))
    assert found.falls.tolist() == [1, 0, 0, -1] and found.rests.tolist() == [True, True, False, False]


# -------------------------------------------------------------------------------------- the bench knows good and bad


def the_mask(data):
    """A method that was told the truth: it knows the images, by their upper part, which no mark changes."""
    known = {image[:, :45].tobytes(): mask for image, mask in zip(data.x, data.masks[PLANTED], strict=True)}
    return lambda net, x, target: np.stack([known[image[:, :45].tobytes()] for image in x]).astype(float)


def pixels(tried, images=4):
    net, test = asked()
    without = dataclasses.replace(test, x=networks.erased(test)).x
    against = networks.against_look_alikes(net, few_faces())
    mean = test.x.mean(axis=0)
    return judging.planted_pixels(net, against, test, without, mean, tried, images, np.random.default_rng(0))


def test_who_knows_the_truth_is_first_and_who_says_nothing_is_at_chance():
    _, test = asked()
    tried = [methods.own(the_mask(test), "told"), *map(methods.named, FEW), *CONTROLS]
    found = pixels(tried)
    board = [found["precision"], found["mass"], found["hits"], found["against"], found["random"]]
    assert all(values[0] == 1 and values.argmax() == 0 for values in board)
    area = found["mask"].mean()
    chance = [values[-1] for values in board]
    assert np.ptp(chance) < 1e-9 and 0.2 * area < chance[0] < 5 * area < 0.1


def test_a_mark_is_found_by_who_was_told_and_by_chance_as_often_as_it_is_large():
    net, test = asked()
    told = methods.own(lambda net, x, target: networks.mark_mask((len(x), 60, 60)), "told")
    found = judging.planted_shortcut(net, net, test, test.x.mean(axis=0), [told, *CONTROLS], 4)
    share = networks.mark_mask((60, 60)).mean()
    np.testing.assert_allclose([found["with"][0], found["with"][-1]], [1, share])
    np.testing.assert_array_equal(found["with"], found["without"])


def test_units_are_worth_what_the_shapley_values_say():
    net, test = asked()

    def exact(net, x, target, layer):
        values = np.asarray(tn.explain.shapley_values(net, x, target, players=layer))
        return values[..., None, None]

    told = Method("told", lambda *_: None, units=exact)
    turned = Method("turned", lambda *_: None, units=lambda *args: -exact(*args))
    silent = Method("silent", lambda *_: None)
    found = judging.units(net, test, [told, turned, silent], np.random.default_rng(0))
    np.testing.assert_allclose(found["methods"][:2], [[1, 1, 1], [-1, -1, -1]])
    assert np.isnan(found["methods"][2]).all() and found["scores"].shape == (len(judging.SCORES), 3)
    layer = tn.filter_outputs(net)[0]
    sides = exact(net, test.x, test.labels, layer)[..., 0, 0], judging.knocked_out(net, test.x, test.labels, layer)
    of_people = [[side[test.labels == person].mean(axis=0) for side in sides] for person in np.unique(test.labels)]
    assert found["knock-outs"][0] == pytest.approx(np.mean([rank_correlation(*pair) for pair in of_people]))


def test_a_filter_knocked_out_costs_what_two_predictions_differ_by():
    net, test = asked()
    falls = judging.knocked_out(net, test.x, test.labels, "tanh2")
    other = net.knocked_out({"tanh2": [3]})
    rows = np.arange(len(test))
    expected = (net.trace(test.x)[net.logits] - other.trace(test.x)[other.logits])[rows, test.labels]
    np.testing.assert_allclose(falls[:, 3], expected, atol=1e-6)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_every_method_answers_and_alone_as_among_others(activation):
    net, test = asked(activation)
    mean = test.x.mean(axis=0)
    for method in (*METHODS, *CONTROLS):
        if method.relu_only and activation == "tanh":
            continue
        if method.name in ("RISE", "occlusion", "Shapley values of patches"):
            continue  # slow, and plain calls
        maps = method(net, test.x[:2], test.labels[:2], mean)
        assert maps.shape == (2, 60, 60) and np.isfinite(maps).all(), method.name
        assert method.by == "value" or (maps >= 0).all()


# ------------------------------------------------------------------------------------------ ranks, ties and verdicts

NAMES = ("good", "as good", "bad", *(control.name for control in CONTROLS))


def made(own, drawn=None, seeds=3, names=NAMES, **changes):
    """A board of made-up precisions (methods and controls), the same on every network unless there is one a network."""
    own = np.broadcast_to(np.asarray(own, float), (seeds, len(names)))
    drawn = own * 0 + 0.02 if drawn is None else np.broadcast_to(np.asarray(drawn, float), own.shape)
    numbers = []
    for seed in range(seeds):
        found = {f"pixels/{what}": own[seed] for what in ("precision", "mass", "hits", "against")}
        found |= {"pixels/random": drawn[seed], "shortcut/with": own[seed], "shortcut/without": drawn[seed]}
        found |= {"units/methods": np.full((len(names), 3), np.nan), "units/knock-outs": np.full(3, 0.9)}
        found |= {"units/scores": np.tile([[0.2], [0.6], [0.5], [0.0], [0.7]], 3)}
        found |= {"pixels/accuracy": 0.9, "pixels/accuracy without": 0.4, "pixels/images": 20}
        found |= {"shortcut/fall with": 1.0, "shortcut/fall without": 0.0}
        found |= {"shortcut/others with": 0.5, "shortcut/others without": 0.1}
        numbers.append({name: np.asarray(value) for name, value in {**found, **changes}.items()})
    return Board(f"{seeds} made-up networks", names, numbers)


@given(st.lists(st.tuples(st.integers(-2, 2), st.booleans()), min_size=1, max_size=6))
def test_only_what_lies_above_zero_has_mass(places):
    heights, inside = (np.array([values]).reshape(1, 1, -1) for values in zip(*places, strict=True))
    above = [(height, within) for height, within in places if height > 0]
    wanted = sum(height for height, within in above if within) / max(sum(height for height, _ in above), 1)
    np.testing.assert_allclose(judging.positive_mass(heights, inside), [wanted if above else np.nan])


def test_methods_that_are_not_ahead_on_every_network_are_tied():
    own = [[0.30, 0.29, 0.1, 0.05, 0.03, 0.01], [0.30, 0.31, 0.1, 0.05, 0.03, 0.01], [0.31, 0.3, 0.1, 0.05, 0.03, 0.01]]
    board = made(own)
    assert board.ranks == {"good": 1, "as good": 1, "bad": 3, "edge detector": 4, "centre": 5, "chance": 6}
    assert [row[0] for row in board.rows()] == ["rank", "1=", "1=", "3", "4", "5", "6"]
    assert [line.split() for line in str(board).splitlines()[1:]] == [" ".join(row).split() for row in board.rows()]
    own[1][1] = 0.2
    assert made(own).ranks["as good"] == 2


@given(st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=1, max_size=4))
def test_ranks_keep_to_the_order_and_to_what_was_measured(precisions):
    board = made(precisions, seeds=len(precisions))
    means = dict(zip(NAMES, np.mean(precisions, axis=0), strict=True))
    ranks = [board.ranks[name] for name in board.order]
    assert ranks == sorted(ranks) and ranks[0] == 1
    assert all(means[one] >= means[other] for one, other in zip(board.order, board.order[1:], strict=False))
    for place, (name, rank) in enumerate(zip(board.order, ranks, strict=True), start=1):
        first = board.order[rank - 1]
        assert rank <= place and (rank == place or not (board.of(first) > board.of(name)).all())


@pytest.mark.parametrize(
    ("own", "drawn", "passes"),
    [
        ([0.2, 0.09, 0.01, 0.05, 0.03, 0.01], [0.02] * 6, ["good"]),
        ([0.2, 0.1, 0.01, 0.05, 0.03, 0.01], [0.02] * 6, ["good", "as good"]),
        ([0.2, 0.1, 0.01, 0.05, 0.03, 0.01], [0.11, 0.02, 0.02, 0.05, 0.03, 0.01], ["as good"]),
        ([0.2, 0.1, 0.01, 0.2, 0.03, 0.01], [0.02] * 6, []),
    ],
)
def test_a_method_passes_with_twice_the_edges_and_twice_its_own_answer_on_a_random_network(own, drawn, passes):
    assert made(own, drawn).passing() == passes
    row = {row[0]: row for row in verdicts.rows([made(own, drawn, names=names_with_baselines())])}["TR-2"]
    assert row[-1] is bool(passes)


def names_with_baselines():
    return ("integrated gradients from the mean image", "integrated gradients from black", "bad", *NAMES[3:])


def test_one_network_where_a_method_fails_is_enough():
    own = np.tile([0.2, 0.2, 0.2, 0.05, 0.03, 0.01], (3, 1))
    own[1, 0] = 0.09
    assert made(own).passing() == ["as good", "bad"]


def test_the_verdict_is_two_sentences_with_its_numbers():
    text = verdict([made([0.2, 0.2, 0.01, 0.05, 0.03, 0.01])])
    assert "is reached by good and as good on 3 made-up networks. " in text
    assert "good, tied with as good, finds it best on 3 made-up networks, with an average precision of 0.20" in text
    assert "(edges 0.05, centre 0.03, chance 0.01)." in text and text.count(". ") == 1
    assert "is reached by no method on" in verdict([made([0.05, 0.04, 0.01, 0.05, 0.03, 0.01])])


def test_each_layer_is_told_by_its_number():
    board = made([0.2] * 6, names=names_with_baselines(), **{"units/knock-outs": [0.9, 0.8, 0.7]})
    row = {row[0]: row for row in verdicts.rows([board])}["TR-11"]
    assert row[3].endswith("layer 1: 0.90 (0.90 to 0.90); layer 2: 0.80 (0.80 to 0.80); layer 3: 0.70 (0.70 to 0.70)")


RELU = (
    "integrated gradients from the mean image",
    "integrated gradients from black",
    "guided backprop",
    "deconvolution",
)
GOOD = ([0.3, 0.1, 0.04, 0.03, 0.05, 0.03, 0.01], [0.02, 0.02, 0.03, 0.02, 0.05, 0.03, 0.01])


def with_names(own=GOOD[0], drawn=GOOD[1], **changes):
    gain = changes.pop("gain", 1.1)
    board = made(own, drawn, names=(*RELU, *NAMES[3:]), **changes)
    noise = [np.array([0, 0.5, 0.1, 0.6, 0, 0, 0]), np.array([0.5, 0, 0.6, 0.1, 0, 0, 0])]
    noise.append(noise[0])
    for numbers, hits in zip(board.numbers, noise, strict=False):
        numbers["pixels/hits"] = hits
        numbers["pixels/against"] = numbers["pixels/precision"] * gain
    return board


@pytest.mark.parametrize(
    ("id", "otherwise"),
    [
        ("TR-1", {"pixels/accuracy without": 0.85}),
        ("TR-2", {"drawn": GOOD[0]}),
        ("TR-4", {"own": [0.1, 0.3, *GOOD[0][2:]]}),
        ("TR-5", {"own": [0.3, 0.1, 0.2, 0.2, *GOOD[0][4:]]}),
        ("TR-6", {"gain": 0.9}),
        ("TR-8", {"shortcut/fall with": -0.1}),
        ("TR-9", {"shortcut/without": np.ones(7)}),
        ("TR-10", {"units/scores": np.tile([[0.6], [0.2], [0.5], [0.0], [0.7]], 3)}),
        ("TR-11", {"units/knock-outs": np.full(3, 0.5)}),
    ],
)
def test_each_verdict_can_come_out_either_way(id, otherwise):
    def of(board):
        return {row[0]: row[-1] for row in verdicts.rows([board])}[id]

    assert of(with_names()) is True
    assert of(with_names(**otherwise)) is False
    assert of(with_names(seeds=2)) is None


def test_the_orders_of_two_seeds_agree_or_do_not():
    def of(own):
        return {row[0]: row[-1] for row in verdicts.rows([with_names(own)])}["TR-7"]

    turned = np.array([GOOD[0], [*GOOD[0][3::-1], *GOOD[0][4:]], GOOD[0]])
    assert of(GOOD[0]) is True and of(turned) is False


# ------------------------------------------------------------------------------------------------ a method of one's own

MINE = """
import numpy as np, tinynet as tn

def mine(net, x, target):
    return tn.explain.integrated_gradients(net, x, target, steps=4)

def flat(net, x, target):
    return np.zeros((len(x), 3))

def nan(net, x, target):
    return x * np.nan

def broken(net, x, target):
    raise KeyError("such a thing")

def leaves(net, x, target):
    raise SystemExit

number = 3
"""


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    return path


def test_three_lines_judge_a_function():
    board = truth.leaderboard(the_mask(few_faces()), beside=FEW[:1], epochs=1, images=2, data=few_faces())
    assert board.order[0] == "<lambda>" and board.of("<lambda>").tolist() == [1] and board.names[1] == FEW[0]
    assert "absolute gradient" in str(board)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("flat", r"flat: returned an array of float64 of shape \(2, 3\), expected numbers of shape \(2, 1, 60, 60\)"),
        ("nan", "nan: returned values that are no finite numbers"),
        ("broken", "broken: raised KeyError: 'such a thing'"),
        ("leaves", "leaves: raised SystemExit"),
    ],
)
def test_a_method_that_returns_no_maps_is_told_in_one_line(mine, name, message):
    net, test = asked()
    with pytest.raises(ValueError, match=message):
        methods.named(f"{mine}:{name}")(net, test.x[:2], test.labels[:2], test.x[0])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("missing.py:mine", "missing.py: no such file"),
        ("FILE:mime", "no function 'mime'; did you mean mine?"),
        ("FILE:number", "number is not a function"),
        ("mine", "no method 'mine'"),
    ],
)
def test_a_file_or_function_that_is_not_there_is_one_error(mine, capsys, spec, message):
    assert main(["study", "truth", "--method", spec.replace("FILE", str(mine))]) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


def test_only_this_study_takes_a_method(capsys):
    assert main(["study", "lo", "--method", "mine.py:mine"]) == 2
    assert "takes no --method" in capsys.readouterr().err


def test_a_small_study_from_end_to_end(tmp_path, mine, monkeypatch):
    monkeypatch.setattr(
        truth, "QUICK_METHODS", (*FEW, "integrated gradients from black", "guided backprop", "deconvolution")
    )
    monkeypatch.setattr(truth, "QUICK_IMAGES", 2)
    told = []
    chosen = truth.with_method(f"{mine}:mine")
    budget = Budget(1, 1, quick=True)
    found = study.run(
        chosen, few_faces(), tmp_path, budget=budget, workers=1, tell=told.append, command="study <truth>"
    )
    assert [claim.id for claim in found] == [f"TR-{number}" for number in range(1, 12)]
    assert all(claim.measured and "nan" not in claim.measured for claim in found)
    (text,) = told
    assert "1 tanh network\n" in text and "1 ReLU network\n" in text and "mine.py:mine" in text and "chance" in text
    page = (tmp_path / writing.PAGE).read_text(encoding="utf-8")
    assert "study &lt;truth&gt;" in page and all(f'id="{kind}-relu"' in page for kind in ("leaderboard", "maps"))
    assert len(json.loads((tmp_path / "claims.json").read_text())) == 11
    monkeypatch.setattr(judging.Judging, "measure", lambda *_: pytest.fail("judged again"))
    assert study.run(chosen, few_faces(), tmp_path, budget=budget, workers=1) == found
