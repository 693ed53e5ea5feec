"""The study of target propagation: its fit, what it measures, and that no network is lost or trained twice."""

from __future__ import annotations

import dataclasses
import json
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.small_studies import TINY_STUDY
from tinynet import datasets
from tinynet.studies.engine import study, writing
from tinynet.studies.engine.experiment import Budget, Results
from tinynet.studies.farias import STUDY as FARIAS
from tinynet.studies.farias import authors, candidates, epochs, networks, paper, shapes, transition, widths
from tinynet.studies.farias.authors import Comparison
from tinynet.studies.farias.knee import Knee, knee
from tinynet.studies.farias.networks import CLASS_MEANS, EPOCH, EPOCHS, Parts, Recipe, network
from tinynet.studies.farias.penalties import PENALTIES, FeaturePenalty
from tinynet.studies.farias.runs import Run
from tinynet.studies.farias.settings import CROSS_ENTROPY, LOSSES, SQUARED, Setting
from tinynet.studies.farias.units import UnitFeatures, both_raised, own_response, raised


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits:400")


@pytest.fixture(scope="module")
def finished(digits, tmp_path_factory):
    """The folder of a whole study of a few networks, and its claims."""
    folder = tmp_path_factory.mktemp("study")
    return folder, study.run(TINY_STUDY, digits, folder, budget=Budget(2), workers=1, command="study <farias>")


def files_of(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "jobs").glob("*.npz")}


def a_run(accuracy, match, images=None, hidden=(8,), start="zero", tau=30, loss=SQUARED, validation=None):
    """A network that was seen to have these accuracies on test images, and on validation images, and these features."""
    looks = np.arange(len(accuracy)) * EPOCH if images is None else images
    numbers = {"images": looks, "accuracy": np.array(accuracy), "match": np.array(match)}
    numbers |= {"overlap": 1 - numbers["match"], "hits": np.full(len(accuracy), 10.0)}
    numbers |= {"match of others": 0 * numbers["match"]}
    for epoch in (1, EPOCHS):
        known = accuracy[min(epoch, len(accuracy) - 1)] if validation is None else validation
        numbers[f"validation after {epoch}"] = np.array(known)
        numbers[f"class means after {epoch}"] = np.eye(10)
    return Run(Recipe(hidden, Setting(tau, 0.1, start, loss), 10, 0), numbers)


# ------------------------------------------------------------------------------------------------------------ the bend


def bent(x, place, level, before, after):
    return level + before * np.minimum(x - place, 0) + after * np.maximum(x - place, 0)


@given(
    st.floats(80, 92),
    st.floats(-1, 1),
    st.floats(0.001, 0.02),
    st.floats(-0.2, -0.05),
    st.integers(0, 99),
)
def test_a_known_bend_is_found(place, level, before, after, seed):
    rng = np.random.default_rng(seed)
    runs = [(x, bent(x, place, level, before, after)) for x in rng.uniform(60, 98, (6, 15))]
    found = knee(runs, resamples=50)
    step = 38 / 200
    assert found.low <= found.place <= found.high and abs(found.place - place) <= 2 * step
    assert found.explained > 0.98
    assert (found.before, found.after) == pytest.approx((before, after), abs=0.02)
    np.testing.assert_allclose(found.line([60, 98]), bent(np.array([60, 98]), place, level, before, after), atol=0.05)


@given(st.integers(0, 999))
def test_the_fit_is_the_best_of_all_candidates(seed):
    rng = np.random.default_rng(seed)
    runs = [(rng.uniform(0, 10, 6), rng.normal(size=6)) for _ in range(3)]
    found = knee(runs, resamples=1)
    x, y = (np.concatenate([run[at] for run in runs]) for at in (0, 1))
    left = np.sum((y - found.line(x)) ** 2)
    for place in np.linspace(*np.quantile(x, [0.05, 0.95]), 201):
        columns = np.stack([np.ones_like(x), np.minimum(x - place, 0), np.maximum(x - place, 0)], axis=1)
        coefficients = np.linalg.lstsq(columns, y, rcond=None)[0]
        assert left <= np.sum((y - columns @ coefficients) ** 2) * (1 + 1e-6) + 1e-9
    assert found.explained == pytest.approx(1 - left / np.sum((y - y.mean()) ** 2), abs=1e-6)


def test_uncertainty_is_that_of_runs_not_of_points():
    """Points of a run repeated a hundred times tell nothing new; more runs do."""
    rng = np.random.default_rng(0)
    places = rng.uniform(86, 94, 8)
    x = np.linspace(70, 98, 20)
    runs = [(x, bent(x, place, 0.6, 0.0, -0.1)) for place in places]
    width = [
        found.high - found.low for found in (knee(runs), knee([(np.tile(x, 100), np.tile(y, 100)) for x, y in runs]))
    ]
    assert width[1] == pytest.approx(width[0], abs=0.5) and width[0] > 1
    more = [(x, bent(x, place, 0.6, 0.0, -0.1)) for place in rng.uniform(86, 94, 200)]
    many = knee(more)
    assert many.high - many.low < width[0] / 2


def test_a_bend_needs_points():
    with pytest.raises(ValueError, match="at 3 places, expected at least 4"):
        knee([([1, 2, 3], [1, 2, 3])])


# --------------------------------------------------------------------------------------------------------- the authors


def test_one_step_is_the_authors():
    assert max(authors.difference(seed, tau) for seed in range(3) for tau in (0.1, 30.0, 100.0)) < authors.ROUNDING


@pytest.mark.parametrize("wrong", ["from the activation", "twice", "sum"])
def test_another_step_is_not(monkeypatch, wrong):
    rules = {
        "from the activation": tn.GradientTargets(30, "activation"),
        "twice": tn.GradientTargets(30, period=2),
        "sum": tn.GradientTargets(30 * authors.IMAGES),
    }
    monkeypatch.setattr(authors, "GradientTargets", lambda tau: rules[wrong])
    assert authors.difference(0, 30.0) > 1e-3


# ------------------------------------------------------------------------------------------------------- what is seen


@pytest.mark.parametrize("loss", [SQUARED, CROSS_ENTROPY])
def test_a_network_is_looked_at_on_the_way_without_being_disturbed(digits, loss):
    train, validation, test = networks.parts(digits)
    recipe = Recipe((8,), Setting(30, 0.3, loss=loss), 2, 1)
    numbers = recipe.measure(digits)
    images = numbers["images"]
    wanted = [*networks.LOOKS, EPOCH, 2 * EPOCH]
    assert len(images) == len(wanted) and images[0] == 0 and (np.diff(images) > 0).all()
    assert all(due <= met < due + 100 for due, met in zip(wanted, images, strict=True))
    net = network((8,), train, 1)
    networks.learn(net, train, recipe.setting, 2, recipe.seed)
    features = tn.extract_feature(net, net.names[-1], range(10), recipe.setting.rule, loss=LOSSES[loss])
    np.testing.assert_array_equal(numbers["features after 2"], features)
    assert numbers["accuracy"][-1] == tn.accuracy(net, test.x, test.labels)
    assert numbers["validation after 2"] == tn.accuracy(net, validation.x, validation.labels)
    outputs = net(train.x)
    own = np.stack([outputs[train.labels == label].mean(axis=0) for label in range(10)])
    np.testing.assert_allclose(numbers["class means after 2"], own, rtol=1e-6)
    of_means = tn.extract_feature(net, net.names[-1], own.astype(float), recipe.setting.rule, loss=LOSSES[loss])
    directions = tn.explain.class_directions(train.x, train.labels)
    assert numbers[f"match, {CLASS_MEANS}"][-1] == pytest.approx(
        tn.explain.feature_match(of_means, directions).match, abs=1e-5
    )
    table = tn.explain.feature_match(features, directions).to_classes
    assert numbers["match of others"][-1] == pytest.approx(table[~np.eye(10, dtype=bool)].mean())
    assert (
        numbers["match"][-1]
        == tn.explain.feature_match(features, tn.explain.class_directions(train.x, train.labels)).match
    )
    new = network((8,), train, 1)
    assert numbers["accuracy"][0] == tn.accuracy(new, test.x, test.labels)
    assert {"features after 1", "features after 2"} <= set(numbers)


def test_the_three_parts_share_no_image_and_the_test_images_are_those_of_the_published_split():
    x = np.arange(60, dtype=np.float32).reshape(60, 1, 1, 1)
    data = datasets.Dataset("numbers", x, np.arange(60) % 2, ("even", "odd"), is_test=np.arange(60) >= 48)
    split = networks.parts(data)
    assert isinstance(split, Parts) and [len(part) for part in split] == [40, 8, 12]
    assert sorted(np.concatenate([part.x.ravel() for part in split])) == list(range(60))
    assert split.test.x.min() == 48
    drawn = networks.parts(datasets.load("digits:8000"))
    assert len(drawn.train) % networks.BATCH == 0, "no batch of few images, whose step would be wild"


def test_settings_are_chosen_on_validation_images_whatever_the_test_images_say():
    near = a_run([0.1, 0.5], [0, 0.5], validation=0.86)
    far = a_run([0.1, 0.86], [0, 0.5], validation=0.5)
    far = dataclasses.replace(far, recipe=dataclasses.replace(far.recipe, setting=Setting(30, 0.2)))
    assert epochs.Sweep([far, near]).nearest((8,), 1, 86.0).runs == [near]


def test_a_network_that_learns_class_means_needs_the_one_that_has_them(digits, monkeypatch):
    monkeypatch.setattr(networks, "EPOCH", 3000)
    plain = Recipe((8,), Setting(30, 0.3), 1, 0)
    taught = plain.but(CLASS_MEANS)
    assert taught.needs == (plain,) and plain.needs == () == plain.but(PENALTIES[0], 1.0).needs
    one_hot = {"class means after 1": np.eye(10)}
    numbers = taught.measure(digits, one_hot)
    for name, values in plain.measure(digits).items():
        np.testing.assert_array_equal(numbers[name], values)
    assert not np.array_equal(taught.measure(digits, {"class means after 1": 0.5 * np.eye(10)})["match"], values)


# ------------------------------------------------------------------------------------------------------- penalties


@pytest.mark.parametrize("kind", PENALTIES)
@pytest.mark.parametrize("loss", [SQUARED, CROSS_ENTROPY])
@pytest.mark.parametrize("hidden", [(7,), (6, 5)])
def test_a_penalty_has_the_slope_that_it_says_with_residuals_held_fixed(kind, loss, hidden):
    rng = np.random.default_rng(len(hidden))
    layers = [part for size in (*hidden, 4) for part in (tn.Dense(size, bias=False), tn.Sigmoid())]
    net = tn.Network(layers, (9,), rng=0, dtype=float)
    setting, directions = Setting(3.0, 0.1, loss=loss), rng.normal(size=(4, 9))
    penalty = FeaturePenalty(kind, 1.0, setting, directions)
    value, slope, name = penalty.slope(net)
    features, residuals = setting.features_and_residuals(net, name)
    W = net[name].params["W"]
    np.testing.assert_allclose(features, -setting.tau * residuals @ W, rtol=1e-9)
    np.testing.assert_allclose(setting.features(net, np.eye(4)), features, rtol=1e-9)
    units = features / np.linalg.norm(features, axis=1, keepdims=True)
    if kind == PENALTIES[0]:
        by_hand = np.mean([(units[i] @ units[j]) ** 2 for i in range(4) for j in range(4) if i != j])
    else:
        goals = [directions[i - (kind == PENALTIES[2])] for i in range(4)]
        by_hand = 1 - np.mean([unit @ goal / np.linalg.norm(goal) for unit, goal in zip(units, goals, strict=True)])
    assert value == pytest.approx(by_hand)
    step = rng.normal(size=W.shape)

    def moved(h):
        return penalty.value(-setting.tau * residuals @ (W + h * step))[0]

    assert np.vdot(slope, step) == pytest.approx((moved(1e-6) - moved(-1e-6)) / 2e-6, rel=1e-5, abs=1e-9)


def test_a_penalty_of_strength_zero_is_none_and_a_strong_one_does_what_it_says(digits, monkeypatch):
    monkeypatch.setattr(networks, "EPOCH", 10_000)
    plain = Recipe((8,), Setting(30, 0.1), 1, 0)
    numbers = plain.measure(digits)
    np.testing.assert_array_equal(plain.but(PENALTIES[1], 0.0).measure(digits)["match"], numbers["match"])
    apart, pulled = (plain.but(kind, 30.0).measure(digits) for kind in PENALTIES[:2])
    assert apart["overlap"][-1] < numbers["overlap"][-1] and pulled["match"][-1] > numbers["match"][-1]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-1, 1)), min_size=1, max_size=6), st.floats(0, 1))
def test_passing_an_accuracy_is_the_first_time(points, level):
    accuracy, match = np.array(points).T
    found = a_run(accuracy, match).passing(level, "match")
    for at, right in enumerate(accuracy):
        if right >= level:
            if at == 0:
                assert found == match[0]
            else:
                low, high = sorted(match[at - 1 : at + 1])
                assert low - 1e-12 <= found <= high + 1e-12
                share = (level - accuracy[at - 1]) / (right - accuracy[at - 1])
                assert found == pytest.approx((1 - share) * match[at - 1] + share * match[at], abs=1e-9)
            return
    assert np.isnan(found)


def test_runs_that_do_not_get_there_count_as_they_ended():
    run = a_run([0.1, 0.5, 0.7], [0.0, 0.3, 0.2])
    assert [run.after(epochs, "match") for epochs in (0, 1, 2, 10)] == [0.0, 0.3, 0.2, 0.2]
    assert run.features(1) is None


# ---------------------------------------------------------------------------------------------------------- verdicts


def phased(place, count=60, start="zero", worse=True, **recipe):
    """Return runs whose features match ever better up to an accuracy, and then worse (or ever better)."""
    rng = np.random.default_rng(0)
    runs = []
    for _ in range(count):
        right = np.sort(rng.uniform(0.62, 0.97, 12))
        match = bent(100 * right, place, 0.7, 0.01, -0.08 if worse else 0.01)
        runs.append(a_run([0.1, *right], [0.0, *match], start=start, **recipe))
    return runs


def results(runs, data="mnist"):
    """Return the results of a study with these networks."""
    jobs = [dataclasses.replace(run.recipe, seed=seed) for seed, run in enumerate(runs)]
    digits = dataclasses.replace(datasets.load("digits:20"), name=data)
    return Results(digits, Budget(1), jobs, dict(zip(jobs, (run.numbers for run in runs), strict=True)))


def test_features_must_turn_at_every_step_and_their_place_is_another_matter():
    turning, rising = phased(90), phased(90, count=30, worse=False, tau=100)
    assert transition.transition(results(turning)).holds is True
    assert transition.transition(results(phased(80))).holds is True
    assert transition.transition(results(turning + rising)).holds is False
    assert transition.transition(results(phased(90, count=20))).holds is None
    other = turning + phased(70, count=30, start="activation")
    assert transition.transition(results(other)) == transition.transition(results(turning))


def test_features_turn_at_ninety_per_cent_only_if_they_do_at_every_step():
    assert transition.place(results(phased(90))).holds is True
    assert transition.place(results(phased(80))).holds is False
    assert transition.place(results(phased(80), "digits")).holds is None
    apart = transition.place(results(phased(90) + phased(80, count=30, tau=100)))
    assert apart.holds is False and "point: one layer and step 30 and one layer and step 100" in apart.measured


def test_networks_that_never_pass_ninety_per_cent_have_no_say_in_where_features_turn():
    few = [a_run([0.1, 0.7, 0.8, 0.85, 0.899], [0, 0.5, 0.6, 0.5, 0.4], tau=100) for _ in range(9)]
    assert transition.by_tau(few) == {} and set(transition.by_tau(phased(90) + few)) == {(1, 30)}
    assert set(transition.by_tau([*few, *(a_run([0.1, 0.8, 0.9], [0, 0.6, 0.5], tau=100) for _ in range(5))])) == {
        (1, 100)
    }


def test_places_are_apart_if_their_intervals_have_no_common_point():
    def at(low, high):
        return {"match": Knee(low, low, high, 0, 0, 0, 1)}

    assert transition._apart({(1, 30.0): at(80, 85), (1, 100.0): at(85, 90)}).endswith("point: none")
    assert "step 30 and" in transition._apart({(1, 30.0): at(80, 84), (1, 100.0): at(85, 90)})
    assert transition._apart({(1, 30.0): at(80, 84), (2, 30.0): at(85, 90)}).endswith("point: none")


def test_the_other_reading_of_the_loss_is_judged_by_its_own_networks():
    both = phased(90) + phased(90, worse=False, loss=CROSS_ENTROPY)
    assert transition.transition(results(both)).holds is True
    assert transition.transition(results(both), CROSS_ENTROPY).holds is False
    assert transition.transition(results(phased(90)), CROSS_ENTROPY).holds is None


def test_few_units_resist_if_their_features_match_better_at_equal_accuracy_at_every_step():
    def of(width, match, tau, count=6):
        return [a_run([0.5, 0.95], [match, match + 0.01 * at], hidden=(width,), tau=tau) for at in range(count)]

    longer, shorter = of(16, 0.5, 30) + of(128, 0.2, 30), of(16, 0.2, 100) + of(128, 0.5, 100)
    assert widths.resistance(results(longer)).holds is True
    assert widths.resistance(results(shorter)).holds is False
    assert widths.resistance(results(longer + shorter)).holds is False
    assert widths.resistance(results(of(16, 0.5, 30) + of(128, 0.2, 100))).holds is None
    assert widths.resistance(results(of(16, 0.5, 30) + of(128, 0.2, 30, count=2))).holds is None


def test_accuracies_count_on_the_papers_data_alone():
    runs = [a_run([0.1] + [0.93] * 10, [0.0] + [0.3] * 10, hidden=hidden) for hidden in ((16,), (16, 16, 16))]
    assert shapes.accuracies(results(runs), "FM-5").holds is True
    assert shapes.accuracies(results(runs, "digits"), "FM-5").holds is None
    far = [a_run([0.1] + [0.85] * 10, [0.0] + [0.3] * 10, hidden=hidden) for hidden in ((16,), (16, 16, 16))]
    assert shapes.accuracies(results(far), "FM-5").holds is False
    assert shapes.accuracies(results(runs), "FM-5", CROSS_ENTROPY).holds is None
    other = [
        a_run([0.1] + [0.93] * 10, [0.0] + [0.3] * 10, hidden=hidden, loss=CROSS_ENTROPY)
        for hidden in ((16,), (16, 16, 16))
    ]
    assert shapes.accuracies(results(far + other), "FM-5", CROSS_ENTROPY).holds is True
    assert shapes.accuracies(results(runs[:1]), "FM-5").holds is None


def test_what_is_wrong_with_the_papers_numbers_is_said():
    runs = [a_run([0.1] + [0.91] * 10, [0.0] + [0.3] * 10, hidden=hidden) for hidden in ((8,) * 3, (16,) * 3)]
    assert shapes.accuracies(results(runs), "FM-6").documented.count("printed under two figures") == 2
    assert "91.266 % is no share of 10,000 images" in shapes.accuracies(results(runs), "FM-7").documented
    assert "share" not in shapes.accuracies(results(runs), "FM-4").documented


def test_the_numbers_of_the_paper_are_entered_twice():
    rows = (*paper.FIGURES, paper.FIGURE_1, paper.FIGURE_2)
    assert all(set(row.hidden) == {row.hidden[0]} and row.hidden[0] in 2 ** np.arange(3, 11) for row in rows)
    assert all(row.epochs in (1, 10) for row in rows)
    assert {id: [row.accuracy for row in rows if row.id == id] for id in sorted({row.id for row in rows})} == {
        "FM-2": [85.88],
        "FM-3": [94.86],
        "FM-4": [89.04, 92.83],
        "FM-5": [93.08, 93.83],
        "FM-6": [91.26, 91.26],
        "FM-7": [91.266, 94.78, 89.64, 95.17, 84.07, 94.03, 83.05],
    }


# -------------------------------------------------------------------------------------------------------- the networks


def test_candidates_are_as_wide_in_every_layer_and_step_and_learn_forwards():
    for one in (*candidates.FIGURES, *candidates.SWEEP):
        assert set(one.hidden) == {one.hidden[0]} and one.hidden[0] in 2 ** np.arange(3, 11)
        assert one.tau > 0 and min(one.rates) > 0 and one.seeds >= 1 and one.quick <= len(one.rates)


def test_a_network_is_looked_at_between_two_batches():
    assert [images % networks.BATCH for images in networks.LOOKS] == [0] * len(networks.LOOKS)
    assert all(np.diff(networks.LOOKS) > 0) and networks.LOOKS[0] == 0 and networks.LOOKS[-1] < EPOCH


def test_the_page_shows_the_layers_of_the_network_of_figure_1(digits):
    shown, trained = FARIAS.network(digits), network(paper.FIGURE_1.hidden, digits, 0)
    for name, values in trained.parameters().items():
        np.testing.assert_array_equal(shown.parameters()[name], values)


def test_every_shape_of_the_paper_is_trained(monkeypatch):
    digits = datasets.load("digits:100")

    def chosen(budget):
        found = [*candidates.recipes(digits, budget), *candidates.changed(digits, budget)]
        assert len({recipe.name for recipe in found}) == len(set(found))
        return found

    small, quick = chosen(Budget(5)), chosen(Budget(1, quick=True))
    monkeypatch.setattr(candidates, "parts", lambda data: Parts(range(50_000), range(10_000), range(10_000)))
    full = chosen(Budget(5))
    for loss in LOSSES:
        of_loss = {recipe.hidden for recipe in full if recipe.setting[2:] == ("zero", loss)}
        assert {row.hidden for row in (*paper.FIGURES, paper.FIGURE_1, paper.FIGURE_2)} <= of_loss
    assert (1024,) * 3 in {recipe.hidden for recipe in full} - {recipe.hidden for recipe in small}
    assert min(len(full), len(small)) >= 200 > 10 > len(quick)
    assert {recipe.seed for recipe in full if recipe.hidden == (128,)} == set(range(5))
    assert len(set(chosen(Budget(10)))) == 2 * len(set(full))
    by_tau = {(recipe.setting.tau, recipe.hidden[0]) for recipe in small if len(recipe.hidden) == 1}
    assert {(tau, units) for tau in (10, 30, 100) for units in (8, 16, 128, 256)} <= by_tau


@pytest.mark.realdata
def test_figure_1_on_mnist():
    mnist = datasets.load(f"mnist:{os.environ['TINYNET_DATA']}/mnist")
    numbers = Recipe((128,), Setting(100, 0.02), 1, 0).measure(mnist)
    assert abs(100 * numbers["accuracy"][-1] - paper.FIGURE_1.accuracy) <= paper.NEAR
    assert numbers["hits"][-1] >= epochs.HITS


# --------------------------------------------------------------------------------------------------------- any units


def test_a_unit_answers_most_to_its_own_feature():
    net = tn.Network([tn.Dense(4, bias=False), tn.Sigmoid()], (6,), rng=0, dtype=float)
    own = net["dense1"].params["W"]
    assert own_response(net, "sigmoid1", [0, 1, 2, 3], np.linalg.qr(own.T)[0].T * 0 + np.linalg.pinv(own).T, 1.0) == 1
    turned = np.roll(np.linalg.pinv(own).T, 1, axis=0)
    assert own_response(net, "sigmoid1", [0, 1, 2, 3], turned, 1.0) == 0


def test_pairs_are_raised_together():
    net = tn.Network([tn.Dense(4, bias=False), tn.Sigmoid()], (4,), dtype=float)
    net["dense1"].params["W"][...] = np.eye(4)
    pairs = [(0, 1), (2, 3)]
    both, one = np.array([[1, 1, 0, 0], [0, 0, 1, 1.0]]), np.array([[1, 1, 0, 0], [0, 0, 1, -1.0]])
    assert both_raised(net, pairs, both, 3.0) == 1 and both_raised(net, pairs, one, 3.0) == 0.5


@pytest.mark.parametrize("architecture", ["dense", "sigmoid", "tanh"])
def test_of_a_map_the_unit_in_the_middle_is_asked(architecture):
    job = UnitFeatures(architecture, 0)
    net = job.network(datasets.load("digits:20"))
    layer, units = job._hidden(net)
    shape = net.shapes[layer]
    assert net[layer].kind in ("", "sigmoid", "tanh") and net.names.index(layer) < net.names.index("dense1") + 2
    if architecture == "dense":
        assert units == list(range(128)) and shape == (128,)
    else:
        assert type(net[layer]).__name__.lower() == architecture
        assert units == [(unit, shape[1] // 2, shape[2] // 2) for unit in range(shape[0])]


def test_a_raised_unit_leaves_the_others_as_they_are():
    net = tn.Network([tn.Conv2D(2, 3), tn.Tanh()], (1, 5, 5), rng=0)
    nothing = net(np.zeros((1, 5, 5)))
    (target,) = raised(net, "tanh1", [(1, 2, 0)])
    assert target[1, 2, 0] == 1
    nothing[1, 2, 0] = 1
    np.testing.assert_array_equal(target, nothing)


# ------------------------------------------------------------------------------------------------------------ the whole


def test_every_row_of_the_paper_is_there(finished):
    folder, found = finished
    read_twice = [f"FM-{number}{reading}" for number in range(4, 8) for reading in ("", ", cross-entropy")]
    wanted = ["FM-1", "FM-2", "FM-3", *read_twice, "FM-8", "FM-8, where", "FM-8, cross-entropy", "FM-9", "FM-10"]
    assert [claim.id for claim in found] == [*wanted, "FM-11", "FM-12"]
    assert all(claim.measured and "nan" not in claim.measured and claim.data == "digits" for claim in found)
    judged = [claim for claim in found if claim.holds is not None]
    assert len(judged) >= 3 and all(claim.control and claim.settings for claim in judged)
    assert json.loads((folder / "claims.json").read_text()) == [dataclasses.asdict(claim) for claim in found]
    page = (folder / writing.PAGE).read_text(encoding="utf-8")
    assert "study &lt;farias&gt;" in page and all(claim.id in page for claim in found)
    pictures = {path.stem for path in (folder / "figures").iterdir()}
    assert {"features", "similarity", "phases", "accuracies", "equal-accuracy-30", "units"} <= pictures
    assert {"class-means", "penalties", "phases-cross-entropy"} <= pictures
    assert all(f'id="{name}"' in page for name in pictures)


def test_a_finished_study_trains_nothing_again(finished, digits, monkeypatch):
    folder, found = finished
    before = files_of(folder)
    for kind in (Recipe, UnitFeatures, Comparison):
        monkeypatch.setattr(kind, "measure", lambda *_: pytest.fail("trained again"))
    assert study.run(TINY_STUDY, digits, folder, budget=Budget(2), workers=1) == found and files_of(folder) == before


def test_knees_are_told_as_they_are():
    assert transition._place(Knee(89.94, 88.0, 91.06, 0, 0, 0, 1)) == "89.9 % (88.0 to 91.1)"
