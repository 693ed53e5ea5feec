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
from tinynet.studies.farias import authors, epochs, networks, paper, shapes, transition, widths
from tinynet.studies.farias.authors import Comparison
from tinynet.studies.farias.knee import Knee, knee
from tinynet.studies.farias.networks import EPOCH, Recipe, network, recipes
from tinynet.studies.farias.runs import Run
from tinynet.studies.farias.settings import Setting
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


def a_run(accuracy, match, images=None, hidden=(8,), start="zero"):
    looks = np.arange(len(accuracy)) * EPOCH if images is None else images
    numbers = {"images": looks, "accuracy": np.array(accuracy), "match": np.array(match)}
    numbers |= {"overlap": 1 - numbers["match"], "hits": np.full(len(accuracy), 10.0)}
    return Run(Recipe(hidden, Setting(30, 0.1, start), 10, 0), numbers)


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


def test_a_network_is_looked_at_on_the_way_without_being_disturbed(digits):
    train, test = digits.split(rng=0)
    recipe = Recipe((8,), Setting(30, 0.3), 2, 1)
    numbers = recipe.measure(digits)
    images = numbers["images"]
    wanted = [*networks.LOOKS, EPOCH, 2 * EPOCH]
    assert len(images) == len(wanted) and images[0] == 0 and (np.diff(images) > 0).all()
    assert all(due <= met < due + 100 for due, met in zip(wanted, images, strict=True))
    net = network((8,), train, 1)
    networks.learn(net, train, recipe.setting, 2, recipe.seed)
    features = tn.extract_feature(net, net.names[-1], range(10), recipe.setting.rule)
    np.testing.assert_array_equal(numbers["features after 2"], features)
    assert numbers["accuracy"][-1] == tn.accuracy(net, test.x, test.labels)
    assert (
        numbers["match"][-1]
        == tn.explain.feature_match(features, tn.explain.class_directions(train.x, train.labels)).match
    )
    new = network((8,), train, 1)
    assert numbers["accuracy"][0] == tn.accuracy(new, test.x, test.labels)
    assert {"features after 1", "features after 2"} <= set(numbers)


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


def phased(place, count=60, start="zero", worse=True):
    """Return runs whose features match ever better up to an accuracy, and then worse (or ever better)."""
    rng = np.random.default_rng(0)
    runs = []
    for _ in range(count):
        right = np.sort(rng.uniform(0.62, 0.97, 12))
        match = bent(100 * right, place, 0.7, 0.01, -0.08 if worse else 0.01)
        runs.append(a_run([0.1, *right], [0.0, *match], start=start))
    return runs


def results(runs, data="mnist"):
    """Return the results of a study with these networks."""
    jobs = [dataclasses.replace(run.recipe, seed=seed) for seed, run in enumerate(runs)]
    digits = dataclasses.replace(datasets.load("digits:20"), name=data)
    return Results(digits, Budget(1), jobs, dict(zip(jobs, (run.numbers for run in runs), strict=True)))


def test_the_transition_is_judged_by_its_shape_and_on_mnist_by_its_place():
    assert transition.transition(results(phased(90))).holds is True
    assert transition.transition(results(phased(80))).holds is False
    assert transition.transition(results(phased(80), "digits")).holds is True
    assert transition.transition(results(phased(90, worse=False))).holds is False
    assert transition.transition(results(phased(90, count=20))).holds is None
    other = phased(90) + phased(70, count=200, start="activation")
    assert transition.transition(results(other)) == transition.transition(results(phased(90)))


@pytest.mark.parametrize("better", [0, 1])
def test_few_units_resist_if_their_features_match_better_at_equal_accuracy(better):
    few = [a_run([0.5, 0.95], [0.5, 0.5 + 0.01 * at], hidden=(16,)) for at in range(6)]
    many = [a_run([0.5, 0.95], [0.2, 0.2 + 0.01 * at], hidden=(128,)) for at in range(6)]
    sides = [few, many] if better == 0 else [many, few]
    for side, width in zip(sides, (16, 128), strict=True):
        side[:] = [dataclasses.replace(run, recipe=dataclasses.replace(run.recipe, hidden=(width,))) for run in side]
    assert widths.resistance(results(few + many)).holds is (better == 0)
    assert widths.resistance(results(few + many[:2])).holds is None


def test_accuracies_count_on_the_papers_data_alone():
    runs = [a_run([0.1] + [0.93] * 10, [0.0] + [0.3] * 10, hidden=hidden) for hidden in ((16,), (16, 16, 16))]
    assert shapes.accuracies(results(runs), "FM-5").holds is True
    assert shapes.accuracies(results(runs, "digits"), "FM-5").holds is None
    far = [a_run([0.1] + [0.85] * 10, [0.0] + [0.3] * 10, hidden=hidden) for hidden in ((16,), (16, 16, 16))]
    assert shapes.accuracies(results(far), "FM-5").holds is False
    assert shapes.accuracies(results(runs[:1]), "FM-5").holds is None


# -------------------------------------------------------------------------------------------------------- the networks


def test_every_shape_of_the_paper_is_trained(monkeypatch):
    small = datasets.load("digits:50")
    monkeypatch.setattr(networks, "parts", lambda data: (range(60_000), range(10_000)))
    full = recipes(small, Budget(5))
    monkeypatch.undo()
    small, quick = recipes(small, Budget(5)), recipes(small, Budget(2, quick=True))
    for chosen in (full, small, quick):
        assert len({recipe.name for recipe in chosen}) == len(chosen)
    shapes = {row.hidden for row in (*paper.FIGURES, paper.FIGURE_1, paper.FIGURE_2)}
    assert shapes <= {recipe.hidden for recipe in full} == {recipe.hidden for recipe in small}
    assert min(len(full), len(small)) >= 200 > 40 > len(quick)
    assert {recipe.seed for recipe in full if recipe.hidden == (128,)} == set(range(5))


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
    assert [claim.id for claim in found] == [f"FM-{number}" for number in range(1, 11)]
    assert all(claim.measured and "nan" not in claim.measured and claim.data == "digits" for claim in found)
    assert json.loads((folder / "claims.json").read_text()) == [dataclasses.asdict(claim) for claim in found]
    page = (folder / writing.PAGE).read_text(encoding="utf-8")
    assert "study &lt;farias&gt;" in page and all(claim.id in page for claim in found)
    pictures = {path.stem for path in (folder / "figures").iterdir()}
    assert {"features", "similarity", "phases", "accuracies", "equal-accuracy", "units"} <= pictures
    assert all(f'id="{name}"' in page for name in pictures)


def test_a_finished_study_trains_nothing_again(finished, digits, monkeypatch):
    folder, found = finished
    before = files_of(folder)
    for kind in (Recipe, UnitFeatures, Comparison):
        monkeypatch.setattr(kind, "measure", lambda *_: pytest.fail("trained again"))
    assert study.run(TINY_STUDY, digits, folder, budget=Budget(2), workers=1) == found and files_of(folder) == before


def test_knees_are_told_as_they_are():
    assert transition._place(Knee(89.94, 88.0, 91.06, 0, 0, 0, 1)) == "89.9 % (88.0 to 91.1)"
