"""Every verdict of the study of seeing at its bounds: made-up results just below, at and above, without training."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.test_verdicts import LESS, MORE
from tinynet import datasets
from tinynet.studies.engine.experiment import Budget, Results
from tinynet.studies.gulati import designs, digits, dreams, letters, photographs
from tinynet.studies.gulati.networks import Digits


def found_by(jobs, numbers, data="digits:20"):
    """Results in which each job measured what a function of its place says."""
    found = {job: {name: np.asarray(value) for name, value in numbers(at).items()} for at, job in enumerate(jobs)}
    return Results(datasets.load(data), Budget(len(jobs)), list(jobs), found)


def two_units(share, gap=0.5):
    """A network of letters, one of whose units has a share of its weight in the bottom leg, the other all of it."""
    weights = np.zeros((2, 1, 28, 28))
    for unit, part in enumerate((share, 1.0)):
        for name, amount in zip(letters.LEGS, (part, 1 - part), strict=True):
            weights[unit, 0][letters.region(name)] = amount / letters.region(name).sum()
    responses = np.array([[1.0, 1.0, 1 - gap], [1.0, 1 - gap, 1.0]])  # of E, F and L: upper legs, bottom leg
    return {"weights": weights, "output": np.ones((3, 2)), "right": 1.0, "responses": responses}


@pytest.mark.parametrize(
    ("good", "bad", "holds"),
    [
        (18, {}, True),
        (17, {}, False),
        (20, {"right": LESS(0.99)}, False),
        (20, {"right": 0.99}, True),
    ],
)
@pytest.mark.parametrize("noise", letters.NOISE)
def test_letters_are_separated_in_18_of_20_networks_that_are_all_right(good, bad, holds, noise):
    jobs = [
        letters.Letters(start, each, seed) for start in letters.STARTS for each in letters.NOISE for seed in range(20)
    ]

    def numbers(at):
        job = jobs[at]
        judged = job.start == "positive" and job.noise == noise
        apart = two_units(0.1 if job.seed < good or not judged else 0.21)
        return apart | (bad if judged and job.seed == 7 else {})

    assert letters.claims(found_by(jobs, numbers))[0].holds is holds


def test_a_share_of_a_fifth_or_four_fifths_is_no_leg_alone():
    for share, apart in ((0.19, True), (0.21, False)):
        assert letters.separated(two_units(share)["weights"]) == apart
        swapped = two_units(share)["weights"].copy()
        for unit in swapped:  # the same unit, of the other leg: what is told are both ends
            bottom, upper = (letters.region(name) for name in letters.LEGS)
            unit[0][bottom], unit[0][upper] = unit[0][upper].sum() / bottom.sum(), unit[0][bottom].sum() / upper.sum()
        assert letters.separated(swapped) == apart


@pytest.mark.parametrize(("gap", "holds"), [(MORE(letters.GAP), True), (letters.GAP - 1e-9, False)])
def test_letters_are_read_from_responses_if_every_gap_is_wide_enough(gap, holds):
    jobs = [
        letters.Letters(start, noise, seed) for start in letters.STARTS for noise in letters.NOISE for seed in (0, 1)
    ]
    results = found_by(jobs, lambda at: two_units(0.1, gap if at == 1 else 0.5))
    assert letters.claims(results)[1].holds is holds


def of_digits(changed, data="mnist"):
    usual = {f"foretold {layer}": np.full(4, 0.1) for layer in digits.LAYERS}
    usual |= {f"survives {method}": np.full(4, 0.9) for method in digits.METHODS} | {"right": 0.99, "error": 1e-7}
    jobs = [digits.Looking(Digits(seed)) for seed in range(2)]
    results = found_by(jobs, lambda at: usual | changed)
    drawn = letters.Letters("positive", "deviation", 0)
    named = dataclasses.replace(results.data, name=data)
    return digits.claims(dataclasses.replace(results, data=named, found={**results.found, drawn: two_units(0.1)}))


@pytest.mark.parametrize(
    ("id", "changed", "holds"),
    [
        ("GL-3", {"right": 0.985}, True),
        ("GL-3", {"right": LESS(0.985)}, False),
        ("GL-5", {"error": LESS(digits.CLOSE)}, True),
        ("GL-5", {"error": digits.CLOSE}, False),
        ("GL-3, weights", {"foretold conv2": np.full(4, -0.9)}, True),
        ("GL-3, weights", {"foretold conv2": np.full(4, 0.99)}, False),
        ("GL-3, weights", {"foretold conv1": np.full(4, 0.99)}, False),
    ],
)
def test_digits_at_their_bounds(id, changed, holds):
    assert next(claim for claim in of_digits(changed) if claim.id == id).holds is holds
    if id == "GL-3":
        assert of_digits(changed, "digits")[0].holds is None


@pytest.mark.parametrize(
    ("above", "recognised", "same", "holds"),
    [
        (90, 0.7, True, True),
        (89, 0.7, True, False),
        (90, LESS(0.7), True, False),
        (90, 0.7, False, False),
        (100, 1, True, True),
    ],
)
def test_dreams_at_their_bounds(above, recognised, same, holds):
    numbers = {f"spectrum alike {layer}": np.zeros(50) for layer in dreams.LAYERS}
    numbers |= {
        f"plain above {layer}": np.arange(50) + at < above for layer, at in zip(dreams.LAYERS, (0, 50), strict=True)
    }
    numbers |= dict.fromkeys(("plain recognised", "spectrum stranger", "plain stranger"), 0.0)
    numbers |= {"spectrum recognised": recognised, "same": same}
    jobs = [dreams.Dreaming(Digits(0), ())]
    assert dreams.claims(found_by(jobs, lambda at: numbers))[0].holds is holds


@pytest.mark.parametrize(
    ("id", "changed", "holds"),
    [
        ("GL-6", {"right": 0.82}, True),
        ("GL-6", {"right": LESS(0.82)}, False),
        ("GL-6, arrangement", {"local": 8}, True),
        ("GL-6, arrangement", {"local": 9}, False),
        ("GL-6, maps", {"random": LESS(0.3), "edges": LESS(0.3)}, True),
        ("GL-6, maps", {"random": 0.3}, False),
        ("GL-6, maps", {"edges": 0.3}, False),
    ],
)
def test_photographs_at_their_bounds(id, changed, holds):
    asked = {"right": 0.9, "local": 5, "random": 0.1, "edges": 0.1, **changed}
    filters = {
        "mended": np.zeros(2),
        "spoilt": np.zeros(2),
        "erased": 0.5,
        "beside": 0.1,
        "area": 0.1,
        "precision": 0.3,
    }
    for networks, verdict in ((3, holds), (2, None)):
        jobs = [photographs.Photographs(seed, 1, local) for local in (False, True) for seed in range(networks)]

        def numbers(at, jobs=jobs):
            pair = asked["local"] if jobs[at].local else 9
            return {**filters, **asked, "confusion": [[pair, 10 - pair, 0], [10 - pair, pair, 0], [0, 0, 10]]}

        claims = photographs.claims(found_by(jobs, numbers, "muffins:1"))
        assert {claim.id: claim.holds for claim in claims}[id] is verdict
        assert f"{2 * networks} of {2 * networks} wrong answers between dog and muffin" in claims[0].measured


@pytest.mark.parametrize("model", designs.MARGINS)
@pytest.mark.parametrize(
    ("size", "worse", "holds"),
    [
        (99, 0.0, True),
        (100, 0.0, False),
        (99, 0.9, True),
        (99, 1.1, False),
        (101, -1.0, False),
    ],
)
def test_a_design_is_better_if_it_is_smaller_and_surely_not_worse_by_the_margin(model, size, worse, holds):
    jobs = designs.jobs(datasets.load("digits:20"), Budget(5))

    def numbers(at):
        job = jobs[at]
        if isinstance(job, designs.Look):
            return {"report": ""}
        judged = job.look.model == model and job.design == 1
        accuracy = 0.9 - worse * designs.MARGINS[model] * judged
        counted = {"seconds": 1.0, "dead": 0, "redundant": 0, "filters": 9}
        return {**counted, "accuracy": accuracy, "parameters": size if judged else 100 - 50 * (job.design == 1)}

    assert designs.claims(found_by(jobs, numbers))[0].holds is holds


def test_designs_are_judged_by_a_p_value_of_five_hundredths(monkeypatch):
    jobs = designs.jobs(datasets.load("digits:20"), Budget(5))
    usual = {"report": "", "accuracy": 0.9, "seconds": 1.0, "dead": 0, "redundant": 0, "filters": 9}
    results = found_by(jobs, lambda at: {**usual, "parameters": 100 - 50 * (getattr(jobs[at], "design", 0) == 1)})
    for p, holds in ((0.05, True), (MORE(0.05), False)):
        monkeypatch.setattr(designs.DesignComparison, "p_worse", lambda self, design, p=p: p)
        assert designs.claims(results)[0].holds is holds


def test_what_is_shown_of_photographs_and_designs_is_what_was_measured():
    rng = np.random.default_rng(0)
    confused = {
        "images": rng.random((2, 3, 8, 8)),
        "labels": [0, 1],
        "answers": [1, 2],
        "maps": rng.normal(size=(2, 8, 8)),
    }
    jobs = [photographs.Photographs(seed, 1) for seed in (0, 1)]
    counts, why = photographs.sections(
        found_by(jobs, lambda at: {**confused, "confusion": 5 * np.eye(3, dtype=int)}, "muffins:1")
    )
    assert "10" in {text.get_text() for axes in counts.figure.axes for text in axes.texts}
    assert {"muffin for dog", "chicken for muffin"} <= {text.get_text() for text in why.figure.texts}
    limits = [axes.images[0].get_clim() for axes in why.figure.axes[::2]]
    np.testing.assert_allclose([high for _, high in limits], np.abs(confused["maps"]).max(axis=(1, 2)))
    nothing = {name: values[:0] for name, values in confused.items()}
    results = found_by(jobs[:1], lambda at: {**nothing, "confusion": np.eye(3, dtype=int)}, "muffins:1")
    assert [section.name for section in photographs.sections(results)] == ["photographs"]

    jobs = designs.jobs(datasets.load("digits:20"), Budget(5))
    counted = {"accuracy": 0.9, "seconds": 1.0, "parameters": 100, "dead": 0, "redundant": 0, "filters": 9}
    results = found_by(jobs, lambda at: {**counted, "report": "conv1: Over 9 images, unit 1\n    [code]"})
    for section, model in zip(designs.sections(results), designs.MARGINS, strict=True):
        assert section.name == f"designs-{model}" and section.found == ("conv1: Over 9 images, unit 1",)
        assert [row[0] for row in section.table] == ["design", *designs.DESIGNS]


def test_the_number_of_networks_follows_the_one_asked_for():
    data = datasets.load("digits:20")
    for budget, of_letters, of_designs in ((Budget(5), 20, 10), (Budget(1), 4, 2), (Budget(3, quick=True), 3, 3)):
        assert len({job.seed for job in letters.jobs(data, budget)}) == of_letters
        assert len({job.seed for job in designs.jobs(data, budget) if isinstance(job, designs.Design)}) == of_designs
