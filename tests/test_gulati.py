"""The study of seeing: its scores can come out either way, and its numbers are what they say."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tinynet import datasets
from tinynet.datasets.drawn import letters as drawn
from tinynet.studies.engine.experiment import Budget, Results
from tinynet.studies.gulati import atlas, digits, dreams, letters, networks
from tinynet.studies.gulati.letters import LEGS, Letters, by_hand, formulas, gaps, read_from_responses, region


def pictures(*wanted):
    """The weights of units that want some strokes."""
    found = np.zeros((len(wanted), 1, drawn.SIZE, drawn.SIZE))
    for picture, strokes in zip(found, wanted, strict=True):
        for stroke, weight in strokes.items():
            picture[0][region(stroke)] = weight
    return found


def test_units_are_separated_when_each_wants_legs_of_its_own():
    bottom, upper = {"bottom leg": 1.0, "upper legs": -3.0}, {"upper legs": 0.5, "stem": 2.0}
    np.testing.assert_allclose(letters.shares(pictures(bottom, upper)), [1, 0])
    assert letters.separated(pictures(bottom, upper)) and letters.separated(pictures(upper, bottom))
    both = {"bottom leg": 1.0, "upper legs": 0.2}  # the upper legs are twice as large
    np.testing.assert_allclose(letters.shares(pictures(both, upper))[0], 1 / 1.4)
    assert not letters.separated(pictures(both, upper)) and not letters.separated(pictures(bottom, bottom))
    assert not letters.separated(pictures({"stem": 1.0}, upper))  # no leg at all is no answer


def test_gaps_are_how_far_two_letters_stand_out_from_the_third():
    np.testing.assert_allclose(gaps(np.array([[4.0, 1.0, 3.0], [0.0, 0.0, 0.0], [2.0, 2.0, 2.0]])), [0.5, 0, 0])
    assert read_from_responses(np.array([[4.0, 1.0, 3.0], [5.0, 4.0, 1.0]])) == list(LEGS)
    assert read_from_responses(np.array([[1.0, 4.0, 3.0], [5.0, 4.0, 3.9]])) == [None, None]


def test_without_biases_a_unit_can_be_silent_for_a_letter():
    images = drawn.load(50)
    hidden = by_hand().trace(images.x)["relu1"]
    for unit, letter in enumerate("FL"):
        assert not hidden[images.labels == drawn.CLASSES.index(letter), unit].any()
    assert (by_hand()(images.x).argmax(axis=1) == images.labels).all()


def test_formulas_hold_the_sums_of_the_weights():
    found = formulas(pictures({"stem": 0.5}, {"bottom leg": -1.0}), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, -6.0]]))
    assert found[0] == "h1 = max(0, +40.0 stem +0.0 bottom leg +0.0 upper legs +0.0 ground)"
    assert found[1] == "h2 = max(0, +0.0 stem -40.0 bottom leg +0.0 upper legs +0.0 ground)"
    assert found[-1] == "L = +5.00 h1 -6.00 h2"


@pytest.fixture(scope="module")
def letter_results():
    data = datasets.load("digits:30")
    jobs = [Letters(start, noise, 0) for start in letters.STARTS for noise in letters.NOISE]
    return Results(data, Budget(1, quick=True), jobs, {job: job.measure(data) for job in jobs})


def test_letters_are_judged_beside_the_usual_start(letter_results):
    looks, reads = letters.claims(letter_results)
    assert (looks.id, looks.holds, looks.data) == ("GL-1", True, "letters")
    assert "deviation: 1 of 1 at least 99% right, 1 separated, as variance: 1 of 1" in looks.measured
    assert "0 of 2 networks do both" in looks.control
    assert (reads.id, reads.holds) == ("GL-2", True) and "2 of 2 networks are read so" in reads.measured
    (section,) = letters.sections(letter_results)
    assert section.table[0] == ("", "E", "F", "L") and section.found[0].startswith("h1 = max(0, ")


def test_letters_that_are_not_told_apart_fail(letter_results):
    found = {job: dict(numbers) for job, numbers in letter_results.found.items()}
    for numbers in found.values():
        numbers["weights"], numbers["responses"] = abs(numbers["weights"]), np.ones((2, 3))
    changed = Results(letter_results.data, letter_results.budget, letter_results.jobs, found)
    assert [claim.holds for claim in letters.claims(changed)] == [False, False]


# -------------------------------------------------------------------------------------------- digits, dreams, an atlas


@pytest.fixture(scope="module")
def few_digits():
    """Results of two networks that saw few digits."""
    data, budget = datasets.load("digits:500"), Budget(2, quick=True)
    ours = [*digits.jobs(data, budget), *dreams.jobs(data, budget)]
    found = {}
    for job in ours:
        for needed in job.needs:
            found.setdefault(needed, None)
    found = {job: job.measure(data) for job in found}
    for job in ours:
        found[job] = job.measure(data, *(found[needed] for needed in job.needs))
    return [Results(data, budget, jobs, found) for jobs in (ours[:2], ours[2:])]


def test_digits_are_judged(few_digits, letter_results):
    results = few_digits[0]
    beside = Results(results.data, results.budget, results.jobs, {**results.found, **letter_results.found})
    right, weights, maps, deconvolved = digits.claims(beside)
    assert (right.id, right.data, right.holds) == ("GL-3", results.data.name, None)
    assert weights.id == "GL-3, weights" and "for letters" in weights.control
    assert maps.holds is None and deconvolved.holds is True
    assert {section.name for section in digits.sections(beside)} >= {"filters-conv1", "filters-conv2", "maps-relu1"}
    assert digits.claims(results)[1].holds is False  # nothing to compare with
    real = dataclasses.replace(results.data, name="mnist")
    for right, holds in ((0.985, True), (0.9849, False)):
        found = {job: {**numbers, "right": np.array(right)} for job, numbers in results.found.items()}
        assert digits.claims(Results(real, results.budget, results.jobs, found))[0].holds is holds


def test_deconvolution_that_is_not_the_papers_fails(few_digits):
    results = few_digits[0]
    found = {job: {**numbers, "error": np.array(1e-2)} for job, numbers in results.found.items()}
    assert digits.claims(Results(results.data, results.budget, results.jobs, found))[3].holds is False


def test_dreams_are_judged_and_can_fail(few_digits):
    results = few_digits[1]
    (claim,) = dreams.claims(results)
    assert claim.id == "GL-7" and "48 filters' pictures" in claim.measured and "gives the same bits" in claim.measured
    assert {section.name for section in dreams.sections(results)} == {
        "classes", "pictures-conv1", "pictures-conv2", "dreams"}  # fmt: skip
    perfect = {"plain above conv1": True, "plain above conv2": True, "spectrum recognised": True, "same": True}
    for spoilt in (None, "plain above conv2", "spectrum recognised", "same"):
        found = {
            job: {**numbers, **{k: np.full_like(numbers[k], k != spoilt) for k in perfect if k in numbers}}
            for job, numbers in results.found.items()
        }
        changed = Results(results.data, results.budget, results.jobs, found)
        assert dreams.claims(changed)[0].holds is (spoilt is None)


def test_likeness_is_correlation():
    rng = np.random.default_rng(0)
    one, other = rng.random((2, 5, 1, 3, 3))
    wanted = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(one, other, strict=True)]
    np.testing.assert_allclose(digits.likeness(one, other), wanted)
    assert not digits.likeness(one * 0, other).any()


def test_an_atlas_has_every_method_for_each_kind(monkeypatch):
    data = datasets.load("digits:300")
    monkeypatch.setattr(atlas, "LOOKED", 60)
    jobs = atlas.jobs(data, Budget(1, quick=True))
    results = Results(data, Budget(1), jobs[1:2], {jobs[1]: jobs[1].measure(data)})
    found = results.numbers[0]
    assert all(len(found[f"rows {name}"]) == atlas.SHOWN for name in atlas.SHOWS)
    monkeypatch.setattr(atlas, "NETS", {"digits": "relu2"})
    (claim,) = atlas.claims(results)
    assert claim.holds is None and all(name in claim.measured for name in atlas.SHOWS)
    assert [section.name for section in atlas.sections(results)] == ["atlas-digits", "atlas"]


def test_what_is_given_stands_in_for_what_it_is_like():
    grey, colour = datasets.load("digits:20"), datasets.load("muffins:5")
    assert networks.digits(grey) is grey and networks.digits(colour).name == "digits"
