"""Every verdict of the study of Lo at its bounds: made-up results just below, at and just above, without training."""

from __future__ import annotations

import dataclasses
from functools import cache
from unittest.mock import Mock

import numpy as np
import pytest

import tinynet as tn
from tests.small_studies import few_faces
from tests.test_verdicts import LESS, MORE
from tinynet.datasets import Dataset
from tinynet.report.sections.words import percent
from tinynet.studies.engine.experiment import Budget, Results
from tinynet.studies.engine.statistics import percents
from tinynet.studies.engine.trials import Measurement, Training
from tinynet.studies.lo import (
    adversarial,
    basics,
    controls,
    error,
    features,
    gradients,
    harms,
    knockouts,
    levels,
    misread,
    profiles,
    rankings,
    readings,
    unresponsive,
    weakness,
)
from tinynet.studies.lo.readings import filter_scores


@cache
def faces():
    """Grey images of two people, and a network for them that was never trained."""
    data = Dataset("faces", np.full((8, 1, 60, 60), 0.5, np.float32), np.arange(8) % 2, ("Ada", "Ben"))
    return data, dict(Training("thesis", 0, 1).untrained(data).parameters())


def made_up(module, numbers):
    """Results of a module, of made-up numbers whose first axis is the networks."""
    data, weights = faces()
    count = len(next(iter(numbers.values())))
    jobs = [Measurement(module.__name__, Training("thesis", seed, 1)) for seed in range(count)]
    found = {job: {name: np.asarray(values)[at] for name, values in numbers.items()} for at, job in enumerate(jobs)}
    return Results(data, Budget(count, 1), jobs, {**found, **{job.training: weights for job in jobs}})


def judged(module, id, numbers):
    """The claim of a module for made-up numbers."""
    return next(claim for claim in module.claims(made_up(module, numbers)) if claim.id == id)


def section(module, name, numbers):
    """A section of a module for made-up numbers."""
    return next(section for section in module.sections(made_up(module, numbers)) if section.name == name)


@pytest.mark.parametrize(
    ("wrong", "holds"),
    [
        ([2] * 10, True),
        ([2] * 9, None),
        ([1] * 9 + [2], True),
        ([1] * 10, False),
        ([3] * 10, False),
        ([2] + [4] * 9, True),
        ([2] + [5] * 9, False),
    ],
)
def test_the_documents_error_is_in_the_range_over_splits(wrong, holds):
    assert judged(error, "LO-1", {"confusion": [[[20, count], [0, 20]] for count in wrong]}).holds is holds


def test_misclassified_images_are_a_share_of_all():
    found = section(error, "test-error", {"confusion": [[[20, 5], [0, 15]], [[18, 2], [2, 18]]]})
    assert found.found == (f"{percents([5 / 40, 4 / 40])} of the test images are misclassified.",)


def of_gradients(time=0.5, read=0.0, mean=0.0):
    same = {name: np.full(3, 0.5) for name in ("time, same batches", "time, pixels too", "slope of the mean")}
    return {
        **same,
        "time": [time, time, 0],
        "read off training": [0, 0, read],
        "in other batches": [0, 0, 1],
        "mean": [0, 0, mean],
    }


@pytest.mark.parametrize(
    ("id", "what", "bound"),
    [("LO-2", "time", 1.0), ("LO-3", "read", gradients.SAME), ("LO-4", "mean", gradients.ROUNDING)],
)
def test_cost_and_equality_of_gradients(id, what, bound):
    for value, holds in ((LESS(bound), True), (bound, True), (MORE(bound), False)):
        assert judged(gradients, id, of_gradients(**{what: value})).holds is holds


def of_profiles(trained=(0.4, 0.0, 0.7), untrained=(0.2, 0.0, 0.4), pixels=(0.5, 0.0, 0.8), ahead=9, networks=10):
    """Profiles (within, between, nearest) of networks of which some are as trained ones, the others as untrained."""

    def rows(numbers, count=networks):
        within, between, nearest = numbers
        return np.tile([within, between, 0.5, nearest, 0.06], (count, 1))

    seen = np.concatenate([rows(trained, ahead), rows(untrained, networks - ahead)])
    found = {f"{of}, {profiles.TRAINED}": seen for of in profiles.COMPARED} | {profiles.PIXELS: rows(pixels)}
    for name in (profiles.UNTRAINED, profiles.RANDOM, profiles.NOISE):
        found |= {f"{of}, {name}": rows(untrained) for of in profiles.COMPARED}
    return found | {f"own, {name}": rows(trained) for name in (profiles.TRAINED, *NOT_TRAINED)}


NOT_TRAINED = (profiles.UNTRAINED, profiles.RANDOM, profiles.NOISE)


@pytest.mark.parametrize(
    ("changed", "made_by_training", "more_than_pixels"),
    [
        ({}, True, False),
        ({"ahead": 8}, False, False),
        ({"ahead": 10}, True, False),
        ({"trained": (0.2, 0.0, 0.7)}, False, False),  # no more alike
        ({"trained": (0.4, 0.2, 0.7)}, False, False),  # nor further apart
        ({"trained": (MORE(0.2), 0.0, MORE(0.4))}, True, False),
        ({"trained": (0.4, 0.0, 0.4)}, False, False),  # not by neighbours
        ({"trained": (0.6, 0.0, 0.9)}, True, True),
        ({"trained": (0.6, 0.0, 0.8)}, True, False),
        ({"trained": (0.6, 0.0, 0.9), "ahead": 8}, False, False),
    ],
)
def test_profiles_must_be_made_by_training_and_are_held_against_the_pixels(changed, made_by_training, more_than_pixels):
    assert judged(profiles, "LO-5", of_profiles(**changed)).holds is made_by_training
    assert judged(profiles, "LO-5, beside the pixels", of_profiles(**changed)).holds is more_than_pixels


def test_an_untrained_network_random_labels_and_noise_do_not_pass():
    """The measurement itself, on real arrays: what stands in the row of the trained network is a control."""
    faces = few_faces(3)
    found = []
    for seed in range(4):
        trial = Training("thesis", seed, 1)
        other = Training("thesis", seed + 10, 1).untrained(faces)
        given = trial.trial(faces, dict(trial.untrained(faces).parameters()))
        names = {
            profiles.UNTRAINED: dataclasses.replace(given, net=other),
            profiles.RANDOM: controls.with_random_labels(given),
            profiles.NOISE: controls.on_noise(given),
        }
        found.append({name: profiles.of_one_class(asked, "probability") for name, asked in names.items()})
        found[-1]["itself"] = profiles.of_one_class(given, "probability")
    for name in NOT_TRAINED:
        numbers = of_profiles(networks=4, ahead=4)
        numbers[f"probability, {profiles.TRAINED}"] = np.array([row[name] for row in found])
        numbers[f"probability, {profiles.UNTRAINED}"] = np.array([row["itself"] for row in found])
        assert judged(profiles, "LO-5", numbers).holds is False, name


def test_levels_differ_greatly_from_ten_times_on():
    def of_levels(least, top):
        names = [f"{of}, {images}" for of in profiles.COMPARED for images in levels.IMAGES]
        numbers = {name: np.ones((4, 3)) for name in (*names, "untrained")}
        return {**numbers, "probability, all": np.tile([least, np.nan, top], (4, 1))}

    for top, holds in ((LESS(10.0), False), (10.0, True), (MORE(10.0), True)):
        assert judged(levels, "LO-6", of_levels(1.0, top)).holds is holds
    assert judged(levels, "LO-6", of_levels(0.0, 1.0)).holds is True


def test_rankings_are_listed_from_the_first_place_at_each_end():
    data, weights = faces()
    trial = Training("thesis", 0, 1).trial(data, weights)
    job = Measurement(levels.__name__, Training("thesis", 0, 1))
    whole = Results(data, Budget(1, 1), [job], {job: levels.measure(trial), job.training: weights})
    (section,) = (found for found in levels.sections(whole) if found.name == "ranking")
    head, *rows = section.table
    places = range(1, levels.LISTED + 1)
    assert head == ("identity", *(f"strongest {place}" for place in places), *(f"weakest {place}" for place in places))
    scores = {name: values[0] for name, values in filter_scores(trial).items()}
    ranked = [f"{unit.layer} {unit.unit}: " for unit in tn.rank_units(scores)]
    expected = [*ranked[: levels.LISTED], *ranked[::-1][: levels.LISTED]]
    assert rows[0][0] == "Ada" and len(rows) == 2
    assert all(cell.startswith(unit) for cell, unit in zip(rows[0][1:], expected, strict=True))


def of_knockouts(three=0.25, ten=0.9, below_at_ten=3, below_at_fifteen=2, nearly=(0.2, 0.4), others=(1.0, 0.0)):
    """Curves of 15 identities of two networks: of the documents' five, and of the others, who are lost and safe."""
    strong, weak = np.full((2, 15, 21), others[0]), np.full((2, 15, 21), others[1])
    five = readings.five_of(15)
    strong[:, five, 3], strong[:, five, 10] = three, ten
    weak[:, five, 10], weak[:, five, 15] = 0.25, 0.5
    weak[:, five[:below_at_ten], 10], weak[:, five[:below_at_fifteen], 15] = nearly
    found = {"counts": np.tile(np.arange(21), (2, 1)), "other first": np.zeros((2, 15), bool)}
    found |= {"random/class": weak, "random/all": weak[:, 0]}
    for reading in readings.READINGS:
        for images in ("", " of test images"):
            found |= {f"{reading.name}/strongest/{what}{images}": strong for what in ("class", "all")}
            found |= {f"{reading.name}/weakest/{what}{images}": weak for what in ("class", "all")}
    return found


def test_a_class_is_lost_without_its_strongest_filters():
    for three, ten, holds in ((0.25, 0.9, True), (LESS(0.25), 1, False), (1, 0.9 - 1e-9, False)):
        assert judged(knockouts, "LO-7", of_knockouts(three, ten)).holds is holds
    assert judged(knockouts, "LO-7", of_knockouts(others=(0.0, 0.0))).holds is True
    assert judged(knockouts, "LO-7, all identities", of_knockouts(others=(0.0, 0.0))).holds is False
    assert judged(knockouts, "LO-7, all identities", of_knockouts()).holds is True


def test_the_network_works_without_the_weakest_filters():
    assert judged(knockouts, "LO-8", of_knockouts()).holds is True
    assert judged(knockouts, "LO-8", of_knockouts(below_at_ten=2)).holds is False
    assert judged(knockouts, "LO-8", of_knockouts(below_at_fifteen=1)).holds is False
    assert judged(knockouts, "LO-8", of_knockouts(nearly=(LESS(0.25), LESS(0.5)))).holds is True
    assert judged(knockouts, "LO-8", of_knockouts(nearly=(0.25, 0.4))).holds is False
    assert judged(knockouts, "LO-8", of_knockouts(nearly=(0.2, 0.5))).holds is False
    assert judged(knockouts, "LO-8, all identities", of_knockouts(others=(1.0, 1.0))).holds is False
    assert judged(knockouts, "LO-8, all identities", of_knockouts(below_at_ten=0, below_at_fifteen=0)).holds is True


def test_each_reading_is_judged_by_its_own_curves():
    numbers = of_knockouts(three=0.0)
    other = readings.READINGS[3].name
    numbers[f"{other}/strongest/class"] = np.ones((2, 15, 21))
    found = judged(knockouts, "LO-7", numbers)
    assert found.holds is False and f"it holds in 1 of {len(readings.READINGS)} readings ({other})" in found.measured
    assert "both bounds are reached by 0 of 2 networks" in found.measured


def test_the_thick_line_is_the_documents_identity_or_the_last_that_there_is(monkeypatch):
    monkeypatch.setattr(knockouts, "plots", Mock())
    assert "The thick line is Ben, whose" in section(knockouts, "flow", of_knockouts()).reading


def of_rankings(strongest=0.6, weakest=0.4, effects=0.1):
    area = np.stack([np.full((2, 3), side) for side in (strongest, weakest)], axis=1)
    names = (rankings.THESIS, "probability, per pixel", "activation x gradient", rankings.ACTIVATION)
    found = {f"area/{name}": area for name in (*names, rankings.LOSS, rankings.SQUARED)}
    found |= {f"agreement/{name}": np.ones((2, 3)) for name in (rankings.LOSS, rankings.SQUARED)}
    found |= {"chance": np.full((2, 3), 0.5), "within/tanh1": area, "importance/scores": np.ones((2, 3))}
    found |= {f"curves/{name}": np.zeros((2, 2, 3)) for name in rankings.SHOWN}
    return {**found, "importance/effects": np.full((2, 3), effects)}


@pytest.mark.parametrize(("p", "sure"), [(LESS(0.05), True), (0.05, True), (MORE(0.05), False)])
def test_rankings_are_judged_by_sign_and_significance(monkeypatch, p, sure):
    monkeypatch.setattr(rankings, "paired_p_value", lambda _: p)
    found = judged(rankings, "LO-9", of_rankings())
    assert found.holds is sure and ("hurts more than chance, weakest first less" in found.measured) is sure
    assert ("hurts no more than chance, weakest first no less" in found.measured) is not sure
    assert judged(rankings, "LO-9", of_rankings(0.5, 0.5)).holds is False
    assert judged(rankings, "LO-10", of_rankings()).holds is sure
    assert judged(rankings, "LO-10", of_rankings(effects=0)).holds is False


def test_rankings_are_tested_strongest_against_weakest_and_both_against_chance(monkeypatch):
    asked = []
    monkeypatch.setattr(rankings, "paired_p_value", lambda values: asked.append(np.round(values, 9).tolist()) or 0.01)
    judged(rankings, "LO-9", of_rankings(0.7, 0.4))
    assert asked[:3] == [[0.2] * 3, [0.1] * 3, [0.3] * 3]


def test_areas_and_chances_are_told_a_network_at_a_time(monkeypatch):
    p_values = iter([0.01, 0.5, 0.001])
    monkeypatch.setattr(rankings, "paired_p_value", lambda _: next(p_values, 0.5))
    numbers = of_rankings()
    strongest, weakest = np.array([[0.9, 0.8, 0.1], [0.5, 0.7, 0.6]]), np.array([[0.3, 0.1, 0.2], [0.1, 0.4, 0.4]])
    numbers[f"area/{rankings.LOSS}"] = numbers[f"area/{rankings.THESIS}"] = np.stack([strongest, weakest], axis=1)
    numbers["chance"] = np.array([[0.6, 0.2, 0.7], [0.4, 0.3, 0.5]])
    first, second, by_chance = (percents(values.mean(axis=1)) for values in (strongest, weakest, numbers["chance"]))
    told = judged(rankings, "LO-9", numbers).measured
    assert f"strongest first {first}, weakest first {second}, random {by_chance}; paired" in told
    assert "p = 0.001. Strongest first hurts more than chance, weakest first no less (p = 0.01 and 0.5)" in told
    assert f"{rankings.LOSS} {first} and {second}" in judged(rankings, "LO-16", numbers).measured


def of_weakness(five=(1, 1, 0), by_chance=0.5, by_layer=0.5):
    pruning = {f"{order}, {when}": np.zeros((3, 4)) for order in weakness.ORDERS for when in ("before", "after")}
    pruning |= {"removed": np.tile(weakness.REMOVED, (3, 1)), "parameters": np.ones((3, 4)), "time": np.ones((3, 4))}
    names = ("shared", "shared by layer", "shared by chance", "difference", "everywhere", "everywhere by chance")
    lists = {name: np.full(3, 2.0) for name in (*names, "five, untrained")}
    lists |= {"five by chance": np.full(3, by_chance), "five by layer": np.full(3, by_layer)}
    return {**pruning, **lists, "five": np.array(five, float)}


def test_filters_are_weak_for_all_five_if_more_are_than_chance_and_layers_explain():
    assert judged(weakness, "LO-12", of_weakness()).holds is True
    for changed in ({"five": (1, 0, 0)}, {"by_chance": 1.0}, {"by_layer": 1.0}):
        assert judged(weakness, "LO-12", of_weakness(**changed)).holds is False
    for changed in ({"by_chance": LESS(1.0)}, {"by_layer": LESS(1.0)}):
        assert judged(weakness, "LO-12", of_weakness(**changed)).holds is True
    pruning = judged(weakness, "LO-17", of_weakness()).measured
    assert pruning.startswith("without 5 filters") and "without 15 filters" in pruning and "without 0" not in pruning


def of_features(margins, behind="edges"):
    count, layers = len(margins), len(features.places(Training("thesis", 0, 1).untrained(faces()[0])))
    hits = np.zeros((count, len(features.ROWS), layers, len(features.WAYS)))
    hits[:, features.ROWS.index("probability"), 1, 0] = 0.5 + np.asarray(margins)
    controls = {name: np.zeros((count, layers)) for name in ("chance", "centre", "edges", "random network")}
    controls[behind][:, 1] = 0.5
    return {**controls, "hits": hits, "class hits": np.zeros(count)}


@pytest.mark.parametrize("behind", ["chance", "centre", "edges", "random network"])
def test_features_are_found_if_they_are_ahead_of_the_best_control(behind, monkeypatch):
    for margins, holds in (([0.1] * 4, True), ([0.1] * 3 + [0], False), ([0.1] * 5, True), ([0.0] * 5, False)):
        assert judged(features, "LO-13", of_features(margins, behind)).holds is holds
    for p, sure in ((0.05, True), (MORE(0.05), False)):
        monkeypatch.setattr(features, "paired_p_value", lambda _, p=p: p)
        assert judged(features, "LO-13", of_features([0.1] * 4 + [-0.1], behind)).holds is sure
        assert judged(features, "LO-13", of_features([0.0] * 5, behind)).holds is False
        assert judged(features, "LO-13", of_features([0.1] * 4, behind)).holds is True


def test_the_best_way_to_features_is_told_by_its_own_gradient_and_layer():
    numbers = of_features([0.1] * 4)
    numbers["hits"][:, 2, 1, 0] = [0.7, 0.8, 0.9, 0.9]
    numbers["chance"][:, 1] = 0.25
    net = Training("thesis", 0, 1).untrained(faces()[0])
    best = f"{features.WAYS[0]} of {features.ROWS[2].replace('_', '-')} at {features.places(net)[1]}"
    assert f"{best}, {percents(numbers['hits'][:, 2, 1, 0])}. By class" in judged(features, "LO-13", numbers).measured
    told = features._hit_section(made_up(features, numbers)).found
    assert told == (f"Best is {best}: {percent(0.825)}. Chance there is {percent(0.25)}.",)


def of_attacks(error=0.6, target=0.5, ahead=9, telling=6, p=adversarial.SIGNIFICANT, last=0.5, extremes=(0.1,) * 10):
    success = np.zeros((10, len(adversarial.STEPS), 2))
    success[:, -1, 0] = last
    found = {f"{of}, {what}": success for of in profiles.COMPARED for what in ("success", "error")}
    shape = (10, len(adversarial.STEPS))
    one = np.full(shape, target)
    one[:ahead] = error
    found |= {"error, one try": one, "target, one try": np.full(shape, target)}
    found |= {"error, all tries": np.ones(shape), "target, all tries": np.ones(shape)}
    unequal = np.array([p] * telling + [MORE(adversarial.SIGNIFICANT)] * (10 - telling))
    return {**found, "unequal": unequal, "extremes": np.array(extremes), "length": np.ones(10)}


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        ({}, True),
        ({"ahead": 8}, False),
        ({"error": MORE(0.5)}, True),
        ({"error": 0.4}, False),
        ({"telling": 5}, False),
        ({"p": LESS(0.01)}, True),
        ({"p": MORE(0.01)}, False),
        ({"last": 0}, False),
    ],
)
def test_attacks_are_judged_at_equal_tries_and_by_targets_that_differ(changed, holds):
    assert judged(adversarial, "LO-15", of_attacks(**changed)).holds is holds


def test_attacks_are_told_at_their_last_length():
    numbers = of_attacks()
    hit, wrong = (np.tile(np.linspace(0, end, len(adversarial.STEPS))[:, None], (10, 1, 2)) for end in (0.4, 0.9))
    numbers |= {"logit, success": hit, "logit, error": wrong}
    told = section(adversarial, "adversarial-logit", numbers).found
    assert told == (
        f"Over all networks, at length {adversarial.STEPS[-1]:.3g} {percents([0.4] * 10)} hit their "
        f"target and {percents([0.9] * 10)} are misclassified.",
    )


def test_extreme_regions_are_judged_by_correlations_that_are_surely_above_zero():
    for extremes, holds in (([0.1] * 10, True), ([-0.1] * 10, False), ([0.1, -0.1] * 5, False), ([np.nan] * 10, False)):
        assert judged(adversarial, "LO-15, extreme regions", of_attacks(extremes=extremes)).holds is holds


def test_targets_differ_if_images_hit_some_more_than_others_of_their_own():
    counted = np.ones((40, 4), bool)
    counted[:, 3] = np.arange(40) % 2
    easy = np.zeros((40, 4), bool)
    easy[:, 0] = True
    assert adversarial.p_of_unequal_targets(easy, counted, 0) <= 0.001
    easily_moved = np.tile((np.arange(40) < 20)[:, None], 4)  # hit for every target alike: an image comes up four times
    assert adversarial.p_of_unequal_targets(easily_moved, counted, 0) == 1
    assert adversarial.p_of_unequal_targets(easy & False, counted, 0) == 1
    assert adversarial.p_of_unequal_targets(easy, counted & False, 0) == 1
    rng = np.random.default_rng(0)
    found = [adversarial.p_of_unequal_targets(rng.random((40, 4)) < 0.3, counted, seed) for seed in range(12)]
    assert 0.2 < np.mean(found) < 0.8


def of_misread(wrong=(1, 0), true=(0, 0), random=0.2, images=10):
    """Two networks with misread images that turn back or not without the filters of each kind."""
    rows = np.zeros((2, images, len(misread.WAYS), len(misread.COUNTS)))
    for name, turned in ((misread.WRONG, wrong), (misread.TRUE, true)):
        rows[:, : images // 2, misread.WAYS.index(name)], rows[:, images // 2 :, misread.WAYS.index(name)] = turned
    rows[:, :, misread.WAYS.index(misread.RANDOM)] = random
    return {"back": rows, "moved": rows, "misread": np.full(2, images)}


def test_misread_images_must_turn_back_more_often_than_by_either_control():
    assert judged(misread, "LO-21", of_misread(wrong=(1, 1))).holds is True
    assert judged(misread, "LO-21", of_misread(wrong=(1, 1), true=(1, 1))).holds is False
    assert judged(misread, "LO-21", of_misread(wrong=(1, 1), random=1.0)).holds is False
    assert judged(misread, "LO-21", of_misread(wrong=(0, 0))).holds is False
    assert judged(misread, "LO-21", of_misread(wrong=(1, 1), images=8)).holds is None
    assert judged(misread, "LO-21", of_misread(images=0)).measured == "no image is misread"


def of_harms(gradient=0.5, activation=0.4, random=0.0):
    layers = ("tanh1", harms.OVERALL)
    found = {f"{where}/{name}": np.full((3, 4), 0.1) for where in layers for name in (*harms.MEASURES, harms.UNTRAINED)}
    found[f"{harms.OVERALL}/{harms.GRADIENT}"] = np.full((3, 4), gradient)
    found[f"{harms.OVERALL}/{harms.ACTIVATION}"] = np.full((3, 4), activation)
    found |= {"sign": np.ones((3, 4)), "harmful": np.ones((3, 4))}
    dealt = np.tile(np.linspace(random - 0.1, random + 0.1, harms.DRAWS), (3, 1))
    return {**found, "random": dealt, "in layers": dealt}


def test_gradients_must_beat_random_scores_and_activations():
    assert judged(harms, "LO-22", of_harms()).holds is True
    assert judged(harms, "LO-22", of_harms(activation=0.5)).holds is True
    assert judged(harms, "LO-22", of_harms(activation=0.51)).holds is False
    assert judged(harms, "LO-22", of_harms(random=0.5)).holds is False
    assert judged(harms, "LO-22", of_harms(random=0.41)).holds is False  # 5 % of the deals are as good
    assert judged(harms, "LO-22", of_harms(gradient=-0.5, activation=-0.9)).holds is False


def of_unresponsive(place):
    names = ("place", "place at the net input", "place, untrained", "correlation", "correlation, untrained")
    return {**{name: np.full((4, 3), 0.5) for name in names}, "place": np.asarray(place)}


def test_unresponsive_filters_must_surely_stand_below_a_half():
    assert judged(unresponsive, "LO-23", of_unresponsive(np.full((4, 3), 0.4))).holds is True
    assert judged(unresponsive, "LO-23", of_unresponsive(np.full((4, 3), 0.5))).holds is False
    assert judged(unresponsive, "LO-23", of_unresponsive(np.full((4, 3), 0.6))).holds is False
    assert judged(unresponsive, "LO-23", of_unresponsive(np.tile([0.0, 0.9, 0.5], (4, 1)))).holds is False


def test_perceptrons_must_answer_all_four_points():
    for answers, holds in (([0, 1, 1, 0], True), ([0, 1, 1, 1], False), ([0, 0, 1, 0], False)):
        numbers = {"answers": [answers], "even": np.zeros((1, len(basics.FILTERS)))}
        assert judged(basics, "LO-18", numbers).holds is holds
