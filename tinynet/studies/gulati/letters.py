"""GL-1 and GL-2: two hidden units without biases tell E, F and L apart, and their weights show how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinynet import models, plots
from tinynet.datasets import Dataset
from tinynet.datasets.drawn import letters
from tinynet.explain import weight_projection
from tinynet.layers import Dense, Flatten, ReLU, Softmax
from tinynet.network import Network
from tinynet.optimizers import Adam
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.types import Array

NOISE = {"deviation": 0.2, "variance": 0.2**0.5}
"""What N(0, 0.2) may mean: the standard deviation of the noise is 0.2, or its variance."""
STARTS = ("positive", "usual")
TIMES = 4  # as many networks as the budget's, for they are small: 20 in the whole study
RIGHT, ONE, OTHER, GAP = 0.99, 0.2, 0.8, 0.3
"""Least accuracy; most and least share of the bottom leg; least response gap."""
STROKES = ("stem", "bottom leg", "upper legs")
LEGS = STROKES[1:]
PASSED = {"bottom leg": {"E", "L"}, "upper legs": {"E", "F"}}
SHOWN = 5  # networks of a kind in the figure


@dataclass(frozen=True)
class Letters(Job):
    """A network of two units, trained on letters.

    Attributes
    ----------
    start : {"positive", "usual"}
        The model of `tinynet.models`; or weights of both signs, as He et al. 2015 draw them, and Adam.
    noise : {"deviation", "variance"}
    seed : int
        Of the split, the weights and the order of the images.
    """

    start: str
    noise: str
    seed: int

    @property
    def name(self) -> str:
        """Start, reading of the noise, and seed."""
        return f"letters_{self.start}_{self.noise}_seed{self.seed}"

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return weights, the share of letters recognised that were not trained on, and the mean responses to each.

        Parameters
        ----------
        data : Dataset
            Not used: the letters are drawn.
        *needed : mapping of str to ndarray
        """
        drawn = letters.load(noise=NOISE[self.noise])
        train, test = drawn.split(rng=self.seed)
        net = network(self.start, self.seed)
        optimizer = None if self.start == "positive" else Adam(1e-2)  # None: the model's own
        models.named("letters").train(net, train.x, train.labels, optimizer=optimizer, rng=self.seed, progress=False)
        hidden = net.trace(test.x)["relu1"]
        return {
            "weights": weight_projection(net, "relu1").pictures,
            "output": net["dense2"].params["W"],
            "right": np.mean(net(test.x).argmax(axis=1) == test.labels),
            "responses": np.stack([hidden[test.labels == label].mean(axis=0) for label in range(3)], axis=1),
        }


def network(start: str, seed: int) -> Network:
    """Return a network of two hidden units without biases, untrained.

    Parameters
    ----------
    start : {"positive", "usual"}
    seed : int
    """
    shape = (1, letters.SIZE, letters.SIZE)
    if start == "positive":
        return models.build("letters", shape, 3, rng=seed)
    hidden = Dense(2, bias=False, initializer="he_normal")
    return Network([Flatten(), hidden, ReLU(), Dense(3, bias=False), Softmax()], shape, rng=seed)


def by_hand() -> Network:
    """Return a network, its weights set by hand, whose units are silent for the letter that lacks their leg.

    Returns
    -------
    Network

    Notes
    -----
    A little negative weight on the stem, which all letters have, does what a bias would.
    """
    net = network("usual", 0)
    for weights, leg in zip(net["dense1"].params["W"].reshape(2, letters.SIZE, letters.SIZE), LEGS, strict=True):
        weights[...] = 0
        weights[region("stem")] = -0.15
        weights[region(leg)] = 40 / region(leg).sum()
    net["dense2"].params["W"][...] = [[1, 1], [-5, 2], [2, -5]]
    return net


def region(name: str) -> Array:
    """Return the pixels of a stroke, or of both upper legs."""
    mask = np.zeros((letters.SIZE, letters.SIZE), bool)
    for stroke in letters.REGIONS[name]:
        mask[letters.STROKES[stroke]] = True
    return mask


def shares(weights: Array) -> Array:
    """Return which share of each unit's positive weight in the legs lies in the bottom leg; NaN if it has none.

    Parameters
    ----------
    weights : ndarray of shape (..., 2, 1, 28, 28)

    Returns
    -------
    ndarray of shape (..., 2)
    """
    positive = np.maximum(weights[..., 0, :, :], 0)
    bottom, upper = (positive[..., region(name)].sum(axis=-1) for name in LEGS)
    with np.errstate(invalid="ignore"):
        return np.asarray(bottom / (bottom + upper))


def separated(weights: Array) -> Array:
    """Return whether one unit of each network sees the bottom leg and the other one the upper legs.

    Parameters
    ----------
    weights : ndarray of shape (..., 2, 1, 28, 28)
    """
    of_bottom = np.sort(shares(weights), axis=-1)
    return np.asarray((of_bottom[..., 0] < ONE) & (of_bottom[..., 1] > OTHER))


def gaps(responses: Array) -> Array:
    """Return each unit's response gap: how far the weaker of its two letters stands out from the third.

    Parameters
    ----------
    responses : ndarray of shape (..., 2, 3)
        Mean outputs by letter.

    Returns
    -------
    ndarray of shape (..., 2)
        (Second less third) / largest, of the responses in order; 0 for a silent unit.
    """
    ordered = np.sort(responses, axis=-1)
    gap = ordered[..., 1] - ordered[..., 0]
    return np.asarray(np.divide(gap, ordered[..., 2], out=np.zeros_like(gap), where=ordered[..., 2] > 0))


def read_from_responses(responses: Array) -> list[str | None]:
    """Return which leg each unit looks for, read from nothing but its mean outputs for the three letters.

    Parameters
    ----------
    responses : ndarray of shape (2, 3)

    Returns
    -------
    list of str or None
        None where the two letters that pass share no leg that the third one lacks, or the gap is too small.
    """
    found = []
    for row, gap in zip(responses, gaps(responses), strict=True):
        passed = {letters.CLASSES[index] for index in np.argsort(row)[1:]}
        found.append(next((leg for leg, names in PASSED.items() if names == passed and gap > GAP), None))
    return found


def formulas(weights: Array, output: Array) -> list[str]:
    """Return the formulas of a network's units and logits, with what each stroke of ink adds.

    Parameters
    ----------
    weights : ndarray of shape (2, 1, 28, 28)
    output : ndarray of shape (3, 2)

    Notes
    -----
    A stroke of 1 everywhere adds the sum of the weights over its pixels; the ground is what no letter inks.
    """
    ground = ~np.any([region(stroke) for stroke in STROKES], axis=0)
    places = {**{name: region(name) for name in STROKES}, "ground": ground}
    lines = []
    for unit, picture in enumerate(weights[:, 0], start=1):
        terms = [f"{picture[place].sum():+.1f} {name}" for name, place in places.items()]
        lines.append(f"h{unit} = max(0, {' '.join(terms)})")
    lines += [
        f"{letter} = {row[0]:+.2f} h1 {row[1]:+.2f} h2" for letter, row in zip(letters.CLASSES, output, strict=True)
    ]
    return lines


def jobs(data: Dataset, budget: Budget) -> list[Letters]:
    """Return networks of both starts and for both readings of the noise."""
    seeds = budget.seeds if budget.quick else TIMES * budget.seeds
    return [Letters(start, noise, seed) for start in STARTS for noise in NOISE for seed in range(seeds)]


def of_kind(results: Results, start: str, noise: str) -> dict[str, Array]:
    """Return what was measured on the networks of one start and one reading of the noise."""
    kinds = [(job.start, job.noise) for job in results.jobs if isinstance(job, Letters)]
    rows = [row for row, kind in enumerate(kinds) if kind == (start, noise)]
    return {name: results.stack(name)[rows] for name in ("weights", "output", "right", "responses")}


def claims(results: Results) -> list[Claim]:
    """Judge accuracy, the pictures of the weights, and what the responses say without them."""
    holds, told = [], []
    for noise in NOISE:
        found = of_kind(results, "positive", noise)
        good, apart = found["right"] >= RIGHT, separated(found["weights"])
        holds.append(good.all() and apart.mean() >= 0.9)
        told.append(f"{noise}: {good.sum()} of {len(good)} at least {RIGHT:.0%} right, {apart.sum()} separated")
    usual = [of_kind(results, "usual", noise) for noise in NOISE]
    solved = sum(int(np.sum((found["right"] >= RIGHT) & separated(found["weights"]))) for found in usual)
    dead = sum(int(np.sum((found["responses"] <= 0).all(axis=-1).any(axis=-1))) for found in usual)
    count = sum(len(found["right"]) for found in usual)

    positive = [of_kind(results, "positive", noise) for noise in NOISE]
    responses = np.concatenate([found["responses"] for found in positive])
    read, read_usual = (
        [sorted(map(str, read_from_responses(each))) == sorted(LEGS) for found in kind for each in found["responses"]]
        for kind in (positive, usual)
    )
    third = responses.min(axis=-1) / responses.max(axis=-1)
    drawn = letters.load(100)
    hidden = by_hand().trace(drawn.x)["relu1"]
    silent = max(
        float(hidden[drawn.labels == letters.CLASSES.index(letter), unit].max())
        for unit, letter in enumerate(("F", "L"))
    )
    right = float(np.mean(by_hand()(drawn.x).argmax(axis=1) == drawn.labels))
    seeds = len(positive[0]["right"])
    return [
        Claim(
            "GL-1",
            "two units without biases recognise E, F and L, and their weights show the bottom leg and the upper legs",
            "self-evident from the picture",
            f"noise of 0.2 as {', as '.join(told)}",
            bool(all(holds)),
            seeds,
            "letters",
            f"weights of both signs at first, and Adam: {solved} of {count} networks do both, {dead} have a dead unit",
            "the start and the rate are those of the model `letters`",
        ),
        Claim(
            "GL-2",
            "which unit passes signal for which letter tells the same without looking",
            "near zero from one unit: F, from the other: L, from neither: E",
            f"{sum(read)} of {len(read)} networks are read so, by a response gap over {GAP:g}. The third letter is not "
            f"near zero: a median of {np.median(third):.0%} of the largest response is left. It could be: weights "
            f"set by hand leave {silent:g} of it and recognise {right:.0%}, no bias needed; training does not go there",
            all(read),
            seeds,
            "letters",
            f"weights of both signs at first, and Adam: {sum(read_usual)} of {count} networks are read so",
        ),
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show the weights as pictures, and the formulas of one network."""
    rows = {}
    for start, what in zip(STARTS, ("positive start", "usual start"), strict=True):
        found = of_kind(results, start, "deviation")
        units = found["weights"][:SHOWN].reshape(-1, *found["weights"].shape[2:])
        rows[f"{what}\n{min(SHOWN, len(found['weights']))} networks"] = units
    names = [f"h{unit} of {seed}" for seed in range(max(map(len, rows.values())) // 2) for unit in (1, 2)]
    first = {name: values[0] for name, values in of_kind(results, "positive", "deviation").items()}
    table = [("", *letters.CLASSES)]
    for unit, row in enumerate(first["responses"], start=1):
        table.append((f"mean output of h{unit}", *(f"{value:.2f}" for value in row)))
    yield Section(
        "letters",
        "The weights of two units as pictures (GL-1, GL-2)",
        plots.unit_features(rows, names, "Weights of two hidden units: light wants ink, dark wants none"),
        "Two rows of pictures, two of each network: its hidden units' weights.",
        "The figure that the document leaves to be added. Every picture is scaled by its own largest weight.",
        tuple(formulas(first["weights"], first["output"])),
        tuple(table),
    )


EXPERIMENT = Experiment(jobs, claims, sections)
