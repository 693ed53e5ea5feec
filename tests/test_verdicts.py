"""Every verdict of the studies at its bounds: made-up results just below, at and just above each, without training."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_farias import a_run, results
from tests.test_truth import GOOD, with_names
from tinynet import datasets
from tinynet.studies.engine.experiment import Budget, Results
from tinynet.studies.farias import (
    authors,
    candidates,
    epochs,
    means,
    modified,
    paper,
    penalties,
    shapes,
    transition,
    units,
    widths,
)
from tinynet.studies.farias.knee import Knee
from tinynet.studies.farias.networks import CLASS_MEANS, EPOCH, Recipe
from tinynet.studies.farias.settings import LOSSES, SQUARED, Setting
from tinynet.studies.truth import verdicts
from tinynet.studies.truth.board import Board

MORE, LESS = (lambda value, end=end: np.nextafter(value, end) for end in (np.inf, -np.inf))


# --------------------------------------------------------------------------------------------------------- farias

LOOKS = np.arange(11) * EPOCH


def watched(first, last, match=(0.5, 0.0), overlap=(0.0, 0.5), hits=10, hidden=(128,)):
    """A run of ten epochs with accuracies (and what its features are like) after one and after ten."""
    numbers = {"images": LOOKS, "hits": np.full(11, hits), "match of others": np.zeros(11)}
    numbers |= {"validation after 1": np.array(first), "validation after 10": np.array(last)}
    for name, (one, ten) in {"accuracy": (first, last), "match": match, "overlap": overlap}.items():
        numbers[name] = np.array([0.0, one, *[one] * 8, ten])
    return dataclasses.replace(a_run([0.1], [0.0], hidden=hidden), numbers=numbers)


def with_comparison(run, difference, data="mnist"):
    found = results([run], data)
    job = authors.Comparison(0)
    return dataclasses.replace(found, jobs=[job, *found.jobs], found={**found.found, job: {"difference": difference}})


@pytest.mark.parametrize(
    ("difference", "first", "last", "on_mnist", "elsewhere"),
    [
        (LESS(authors.ROUNDING), 0.8588, 0.9486, True, True),
        (authors.ROUNDING, 0.8588, 0.9486, False, False),
        (0, 0.878, 0.9486, True, True),
        (0, 0.879, 0.9486, False, True),
        (0, 0.838, 0.9486, False, True),
        (0, 0.8588, 0.9286, True, True),
        (0, 0.8588, LESS(0.9286), False, True),
    ],
)
def test_the_rule_trains_if_it_is_the_authors_and_reaches_their_accuracies(
    difference, first, last, on_mnist, elsewhere
):
    run = watched(first, last)
    for data, holds in (("mnist", on_mnist), ("digits", elsewhere)):
        (claim,) = authors.claims(with_comparison(run, difference, data))
        assert claim.holds is holds


def test_a_number_of_the_paper_is_reached_within_two_points():
    row = paper.Documented("FM-4", (512,), 1, 50.0)
    for accuracy, near in ((0.52, True), (0.48, True), (0.5201, False), (0.4799, False)):
        run = watched(accuracy, 0.9, hidden=(512,))
        (group,) = epochs.Sweep.of(results([run])).groups((512,), 1)
        assert paper.reached(group, row) is near
    assert not paper.reached(None, row)


def test_every_number_of_a_figure_must_be_reached():
    for first, last, holds in ((0.89, 0.928, True), (0.89, 0.958, False), (0.96, 0.928, False)):
        assert shapes.accuracies(results([watched(first, last, hidden=(512,))]), "FM-4").holds is holds


def test_features_are_explainable_if_eight_of_ten_match():
    for hits, accuracy, holds in ((7, 0.86, False), (8, 0.86, True), (9, 0.86, True), (9, 0.9, False)):
        found = results([watched(accuracy, 0.95, hits=hits)])
        assert epochs.claims(found)[0].holds is holds
    assert epochs.claims(results([watched(0.9, 0.95, hits=8)], "digits"))[0].holds is True


def test_features_are_lost_if_every_seed_loses_more_than_the_margin():
    for lost, gained, last, holds in (
        (MORE(0.1), MORE(0.1), 0.9486, True),
        (0.1, 0.5, 0.9486, False),
        (0.5, 0.1, 0.9486, False),
        (0.5, 0.5, LESS(0.9486), False),
    ):
        runs = [watched(0.86, last), watched(0.86, last, match=(lost, 0.0), overlap=(0.0, gained))]
        assert epochs.claims(results(runs))[1].holds is holds
    assert epochs.claims(results([watched(0.86, 0.9)], "digits"))[1].holds is True
    alike_at_first = watched(0.86, 0.9486, overlap=(0.2, 0.25))
    assert epochs.claims(results([alike_at_first]))[1].holds is False


@given(st.permutations(range(5)), st.permutations(range(3)))
def test_only_networks_of_one_seed_are_compared(many, few):
    def seeded(seed, match, rate):
        run = watched(0.86, 0.9486, match=(match, 0.0))
        recipe = dataclasses.replace(run.recipe, seed=seed, setting=Setting(30, rate, "zero", SQUARED))
        return dataclasses.replace(run, recipe=recipe)

    before = epochs.Sweep([seeded(seed, 0.5 + seed, 0.1) for seed in many]).groups((128,), 1)[0]
    after = epochs.Sweep([seeded(seed, 0.25, 0.2) for seed in few]).groups((128,), 1)[0]
    assert sorted(before.gain(after, "match")) == [0.25, 1.25, 2.25]
    assert sorted(after.gain(before, "match")) == [-2.25, -1.25, -0.25]


def bending(monkeypatch, before=0.01, after=-0.1, overlap=0.1, place=90.0):
    bends = {"match": Knee(place, place, place, 0, before, after, 1), "overlap": Knee(90, 90, 90, 0, 0, overlap, 1)}
    monkeypatch.setattr(transition, "by_tau", lambda runs: {(1, 30.0): bends})


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        ({}, True),
        ({"before": 0.0}, True),
        ({"before": -1e-9}, False),
        ({"after": 0.0}, False),
        ({"after": -1e-9}, True),
        ({"overlap": 0.0}, False),
        ({"overlap": 1e-9}, True),
    ],
)
def test_the_transition_at_its_bounds(monkeypatch, changed, holds):
    bending(monkeypatch, **changed)
    for loss in LOSSES:
        assert transition.transition(results([a_run([0.1], [0.0], loss=loss)] * 50), loss).holds is holds


@pytest.mark.parametrize(("place", "holds"), [(93.0, True), (MORE(93.0), False), (87.0, True), (LESS(87.0), False)])
def test_the_place_of_the_transition_at_its_bounds(monkeypatch, place, holds):
    bending(monkeypatch, place=place)
    assert transition.place(results([a_run([0.1], [0.0])] * 50)).holds is holds
    assert transition.place(results([a_run([0.1], [0.0])] * 49)).holds is None


def test_the_transition_wants_fifty_networks_whose_features_are_random_at_first(monkeypatch):
    bending(monkeypatch)
    for count, match, holds in ((49, 0.0, None), (50, 0.1, True), (50, MORE(0.1), False), (50, -0.1, True)):
        assert transition.transition(results([a_run([0.1], [match])] * count)).holds is holds


def test_a_bend_is_fitted_to_five_networks_that_are_clear():
    clear = [a_run([0.1, 0.6 + 0.01 * at, 0.9], [0, 0.5, 0.1 * at]) for at in range(5)]
    assert set(transition.bends(clear)) == {"match", "overlap"}
    assert transition.bends(clear[:4]) == transition.bends([*clear[:4], a_run([0.1, LESS(0.6)], [0, 0.5])]) == {}
    exactly = [*clear[:4], a_run([0.1, 0.6], [0, 0.5])]
    assert transition.bends(exactly)["match"].place >= 60


def test_few_units_are_compared_with_many_at_the_highest_level_that_five_of_each_pass(monkeypatch):
    asked = []

    def verdict(p, few=0.5, many=0.2, few_units=16, many_units=128, count=5):
        monkeypatch.setattr(widths, "_p_value", lambda one, other: asked.append((one, other)) or p)
        sides = [(few, few_units)] * 5 + [(many, many_units)] * count
        return widths.resistance(results([a_run([0.9], [match], hidden=(units,)) for match, units in sides])).holds

    assert verdict(LESS(0.05)) is True and asked[-1] == ([0.5] * 5, [0.2] * 5) and len(asked) == 3
    assert verdict(0.05) is False and verdict(0.01, few=0.2) is False
    assert verdict(0.01, count=4) is None
    assert verdict(0.01, few_units=17) is None and verdict(0.01, many_units=127) is None
    assert verdict(0.01, few_units=8, many_units=1024) is True


def test_the_test_of_widths_is_one_sided():
    assert widths._p_value([5, 6, 7, 8, 9], [0, 1, 2, 3, 4]) < 0.01 < 0.99 < widths._p_value([0, 1, 2], [7, 8, 9])


def changed_runs(**changes):
    """Results for pairs of seeds: each change's match, accuracy, and validation accuracy, beside 0.2, 0.9 and 0.9."""
    hidden, setting = candidates.CHANGED
    found = {}
    for seed in range(changes.pop("seeds", 5)):
        plain = Recipe(hidden, setting, 10, seed)
        of = {plain: {}, plain.but(CLASS_MEANS): changes.get("taught", {})}
        for kind in penalties.PENALTIES:
            for strength in candidates.STRENGTHS:
                of[plain.but(kind, strength)] = changes.get(f"{kind} {strength:g}", changes.get(kind, {}))
        for recipe, changed in of.items():
            values = {"match": 0.2, "means": 0.2, "accuracy": 0.9, "validation": 0.9, "hits": 9.0, **changed}
            looks = {"accuracy": [0.1, values["accuracy"]], "match": [0, values["match"]], "hits": [1, values["hits"]]}
            looks |= {"overlap": [0.9, 0.1], "images": [0, 10 * EPOCH], "match of others": [0, 0]}
            looks |= {f"match, {CLASS_MEANS}": [0, values["means"]], f"hits, {CLASS_MEANS}": [0, 10]}
            looks |= {f"match of others, {CLASS_MEANS}": [0, 0], f"class means after {means.EPOCHS}": np.eye(10)}
            if recipe == plain:
                looks[f"match, {CLASS_MEANS}"] = [0, changes.get("asked", 0.2)]
            numbers = {name: np.array(value) for name, value in looks.items()}
            found[recipe] = numbers | {"validation after 10": np.array(values["validation"])}
    return Results(datasets.load("digits:20"), Budget(5), list(found), found)


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, False),
        ({"asked": 0.31}, True),
        ({"asked": 0.29}, False),
        ({"taught": {"means": 0.31}}, True),
        ({"taught": {"means": 0.29}}, False),
        ({"taught": {"match": 0.9}}, False),
        ({"asked": 0.9, "seeds": 4}, None),
    ],
)
def test_one_hot_targets_are_the_cause_if_class_means_are_clearly_better_at_the_same_accuracy(changes, holds):
    assert means.cause(changed_runs(**changes)).holds is holds


def test_class_means_are_compared_at_the_accuracy_that_both_networks_pass():
    """A network that is less accurate is compared with the other one as it was at that accuracy: half way, 0.1."""
    found = changed_runs(taught={"accuracy": 0.5, "means": 0.21})
    claim = means.cause(found)
    assert claim.holds is True and "0.21 (0.21 to 0.21) instead of 0.10 (0.10 to 0.10) at 50.0 %" in claim.measured


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        ({}, False),
        ({"match": 0.31}, True),
        ({"match": 0.29}, False),
        ({"match": 0.31, "hits": 8}, True),
        ({"match": 0.31, "hits": 7}, False),
    ],
)
def test_a_modification_keeps_features_if_they_match_clearly_better_and_can_be_told_apart(changed, holds):
    assert modified.kept(changed_runs(**{penalties.COSINE: changed})).holds is holds


def test_a_pull_to_classes_proves_nothing_as_it_goes_where_the_match_is_measured():
    for kind in (penalties.PULL, penalties.SHUFFLED):
        assert modified.kept(changed_runs(**{kind: {"match": 0.9}})).holds is False
    assert modified.kept(changed_runs(**{penalties.COSINE: {"match": 0.9}}, seeds=4)).holds is None


def test_the_strength_of_a_penalty_is_the_largest_that_costs_a_point_of_validation_at_most():
    low, middle, high = candidates.STRENGTHS
    for costs, chosen in (((0, 0, 0), high), ((0, 0.005, 0.02), middle), ((0.02, 0.02, 0.02), low)):
        changes = {
            f"{penalties.PULL} {strength:g}": {"validation": 0.9 - cost, "accuracy": 0.99}
            for strength, cost in zip(candidates.STRENGTHS, costs, strict=True)
        }
        sweep = means.Sweep.of(changed_runs(**changes))
        assert modified.strongest(sweep, penalties.PULL) == chosen
    assert modified.strongest(means.Sweep([]), penalties.PULL) is None


@pytest.mark.parametrize("what", ["accuracy", "hits", "hidden", "pairs"])
def test_any_unit_has_a_feature_if_each_kind_is_good_enough(what):
    bounds = {"accuracy": units.WELL_ABOVE_CHANCE, "hits": 8.0, "hidden": units.ENOUGH, "pairs": units.ENOUGH}
    others = {name: 0.0 for name in ("match", "hits from the mean image", "hidden alike", "one-hot alike")}
    others |= {f"{name}, untrained": 0.0 for name in units.CONTROLLED}
    jobs = [units.UnitFeatures(architecture, 0) for architecture in ("dense", "tanh")]
    for value, holds in ((LESS(bounds[what]), False), (bounds[what], True), (MORE(bounds[what]), True)):
        numbers = {**others, **bounds, "features of outputs": np.zeros((10, 1))}
        found = dict(zip(jobs, (numbers, {**numbers, what: value}), strict=True))
        whole = Results(datasets.load("digits:20"), Budget(1), jobs, found)
        assert units.any_units(whole).holds is holds
    as_good = dict(zip(jobs, ({**numbers, "hits, untrained": 8.0}, numbers), strict=True))
    assert units.any_units(dataclasses.replace(whole, found=as_good)).holds is False
    assert units.any_units(dataclasses.replace(whole, jobs=[])).holds is None


def test_a_setting_starts_where_it_says():
    assert str(Setting(30, 0.1)) == "step 30, rate 0.1"
    assert str(Setting(2, 1.0, "activation")) == "step 2 from the activation, rate 1"
    assert str(Setting(6.4, 0.026, loss="cross-entropy")) == "step 6.4, rate 0.026, cross-entropy"


# ---------------------------------------------------------------------------------------------------------- truth

OWN, DRAWN = GOOD
ALMOST = np.array([0.0, 0.0, 0.1, 0.1, 0, 0, 0])


@pytest.mark.parametrize(
    ("id", "holds", "changed"),
    [
        ("TR-1", True, {"pixels/accuracy": 0.8, "pixels/accuracy without": 0.75 * 0.8}),
        ("TR-1", False, {"pixels/accuracy": 0.8, "pixels/accuracy without": MORE(0.75 * 0.8)}),
        ("TR-4", True, {"own": [MORE(0.1), 0.1, *OWN[2:]]}),
        ("TR-4", False, {"own": [0.1, 0.1, *OWN[2:]]}),
        ("TR-5", True, {"own": [*OWN[:2], LESS(0.06), LESS(0.06), *OWN[4:]], "drawn": [*DRAWN[:3], 0.03, *DRAWN[4:]]}),
        ("TR-5", False, {"own": [*OWN[:2], 0.06, 0.05, *OWN[4:]], "drawn": [*DRAWN[:3], 0.03, *DRAWN[4:]]}),
        ("TR-5", False, {"own": [*OWN[:2], 0.05, 0.06, *OWN[4:]], "drawn": [*DRAWN[:3], 0.03, *DRAWN[4:]]}),
        ("TR-6", True, {"gain": np.array([1.1, 1.1, 1.1, 0.9, 1, 1, 1])}),
        ("TR-6", False, {"gain": np.array([1.1, 1.1, 0.9, 0.9, 1.1, 1.1, 1.1])}),
        ("TR-8", True, {"shortcut/fall with": 1e-9, "shortcut/fall without": -1.0}),
        ("TR-8", False, {"shortcut/fall with": 0.0, "shortcut/fall without": -1.0}),
        ("TR-8", False, {"shortcut/fall with": 0.5, "shortcut/fall without": 0.5}),
        ("TR-9", True, {"shortcut/with": MORE(2 * ALMOST), "shortcut/without": ALMOST}),
        ("TR-9", False, {"shortcut/with": 2 * ALMOST, "shortcut/without": ALMOST}),
        ("TR-10", True, {"units/scores": np.tile([[0.5], [MORE(0.5)], [0], [0], [0]], 3)}),
        ("TR-10", False, {"units/scores": np.tile([[0.5], [0.5], [0], [0], [0]], 3)}),
        ("TR-11", True, {"units/knock-outs": np.array([0.8, 0.9, 0.9])}),
        ("TR-11", False, {"units/knock-outs": np.array([LESS(0.8), 0.9, 0.9])}),
    ],
)
def test_the_verdicts_on_explanations_at_their_bounds(id, holds, changed):
    assert {row[0]: row[-1] for row in verdicts.rows([with_names(**changed)])}[id] is holds


@pytest.mark.parametrize(
    ("precision", "hits", "holds"), [(0.8, 0.7, True), (LESS(0.8), 0.7, False), (0.8, 0.8, False), (0.9, 0.95, False)]
)
def test_orders_agree_by_precision_and_less_by_hits(monkeypatch, precision, hits, holds):
    monkeypatch.setattr(Board, "agreement", lambda _, what: precision if what == "pixels/precision" else hits)
    assert {row[0]: row[-1] for row in verdicts.rows([with_names()])}["TR-7"] is holds
    assert {row[0]: row[-1] for row in verdicts.rows([with_names(seeds=1)])}["TR-7"] is None
