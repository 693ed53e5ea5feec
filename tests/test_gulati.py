"""The study of seeing: its scores can come out either way, and its numbers are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from tinynet import datasets
from tinynet.datasets.drawn import letters as drawn
from tinynet.studies.engine.experiment import Budget, Results
from tinynet.studies.gulati import letters
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
    assert "deviation: 1 of 1 at least 99% right, 1 separated; as variance: 1 of 1" in looks.measured
    assert "0 of 2 networks do both" in looks.measured
    assert (reads.id, reads.holds) == ("GL-2", True) and "2 of 2 networks are read so" in reads.measured
    (section,) = letters.sections(letter_results)
    assert section.table[0] == ("", "E", "F", "L") and section.found[0].startswith("h1 = max(0, ")


def test_letters_that_are_not_told_apart_fail(letter_results):
    found = {job: dict(numbers) for job, numbers in letter_results.found.items()}
    for numbers in found.values():
        numbers["weights"], numbers["responses"] = abs(numbers["weights"]), np.ones((2, 3))
    changed = Results(letter_results.data, letter_results.budget, letter_results.jobs, found)
    assert [claim.holds for claim in letters.claims(changed)] == [False, False]
