"""MR-5 and MR-6 on a dense network of digits: how its weights grow, and whether they lie in streaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinynet import datasets, models, plots
from tinynet.datasets import Dataset
from tinynet.explain import weight_movement, weight_statistics, weight_streaks
from tinynet.explain.comparison import Streaks
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.studies.engine.statistics import percents, spread
from tinynet.training import WeightHistory
from tinynet.types import Array

MODEL, LAYER = "meniconi", "dense1/W"
EPOCHS = 5  # of the document
DRAWN_DIGITS, QUICK_DIGITS = "digits:4000", "digits:1000"
SEEDS = 3
LIT, OFTEN = 0.25, 0.05  # a pixel is lit from this brightness on, and often lit in this share of the images
STREAKY = 0.05  # of the variance, more than in the initial weights and in the same weights in random order
QUANTITIES = ("w", "|w|", "variance", "log variance")
WHEN = ("trained", "initial", "shuffled")
PIXELS = ("all pixels", "pixels that are often lit")


@dataclass(frozen=True)
class Digits(Job):
    """The document's dense network, its weights kept after every epoch.

    Attributes
    ----------
    drawn : str
        The digits that are drawn if none are given.
    seed : int
        Of the weights and of the order of the images.
    """

    drawn: str
    seed: int

    @property
    def name(self) -> str:
        """The digits and the seed."""
        return f"{self.drawn.replace(':', '')}_seed{self.seed}"

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return what the weights did.

        Returns
        -------
        mapping of str to ndarray
            "mean" and "spread" (layers, epochs + 1): mean and variance of all weights of a layer; "streaks" (pixels,
            quantities, when), the share of the variance between rows and between columns, NaN where there is none;
            "right", the share of the test images; of the first layer of the network of seed 0 the weights after the
            "first" and the "last" epoch, and the "mean map" and "variance map" over all epochs.
        """
        digits = chosen(data, self.drawn)
        train, test = digits.split(rng=0)
        net = models.build(MODEL, digits.input_shape, len(digits.classes), rng=self.seed)
        kept = WeightHistory()
        models.named(MODEL).train(
            net, train.x, train.labels, epochs=EPOCHS, rng=self.seed, callbacks=[kept], progress=False
        )
        moved = [weight_movement(kept[name]) for name in kept if name.endswith("/W")]
        often = (train.x > LIT).mean(axis=0).reshape(-1) >= OFTEN
        found = [weight_streaks(kept[LAYER], rng=self.seed, columns=columns) for columns in (None, often)]
        numbers = {
            "mean": np.array([each.mean for each in moved]),
            "spread": np.array([each.variance for each in moved]),
            "streaks": np.array(
                [[[share(of[what].get(when)) for when in WHEN] for what in QUANTITIES] for of in found]
            ),
            "right": np.mean(net(test.x).argmax(axis=1) == test.labels),
            "often": often.mean(),
        }
        if self.seed == 0:
            statistics = weight_statistics(kept[LAYER][1:])
            numbers |= {
                "first": kept[LAYER][1],
                "last": kept[LAYER][EPOCHS],
                "mean map": statistics.mean.astype(np.float32),
                "variance map": statistics.variance.astype(np.float32),
            }
        return numbers


def chosen(data: Dataset, drawn: str) -> Dataset:
    """Return the images given if they are grey and no faces, digits drawn otherwise.

    Parameters
    ----------
    data : Dataset
    drawn : str
        What is drawn, as `tinynet.datasets.load` takes it.
    """
    grey = data.input_shape[0] == 1 and len(data.classes) > 2
    return data if grey else datasets.load(drawn)


def share(found: Streaks | None) -> float:
    """Return the share of the variance that rows and columns take together; NaN if that was not asked."""
    return float("nan") if found is None else found.rows + found.columns


def grow(means: Array, spreads: Array) -> tuple[bool, bool]:
    """Return whether the size of the mean, and the variance, are larger after the last epoch than after the first.

    Parameters
    ----------
    means, spreads : ndarray of shape (networks, epochs + 1)
        Of the first layer.
    """
    size = np.abs(means)
    return bool((size[:, -1] > size[:, 1]).all()), bool((spreads[:, -1] > spreads[:, 1]).all())


def streaky(found: Array) -> bool:
    """Return whether rows and columns take more of the variance than before training and than by chance, everywhere.

    Parameters
    ----------
    found : ndarray of shape (networks, 3)
        Trained, initial (NaN if there is none) and shuffled.
    """
    return bool((found[:, 0] >= np.nanmax(found[:, 1:], axis=1) + STREAKY).all())


def claims(results: Results) -> list[Claim]:
    """Judge growth and streaks."""
    job = results.jobs[0]
    assert isinstance(job, Digits)
    name, seeds = chosen(results.data, job.drawn).name, len(results.jobs)
    means, spreads, streaks = (results.stack(what) for what in ("mean", "spread", "streaks"))
    mean_grows, spread_grows = grow(means[:, 0], spreads[:, 0])
    w, sizes, variances, logs = range(len(QUANTITIES))
    right, lit = percents(results.stack("right")), float(results.numbers[0]["often"])
    settings = f"{EPOCHS} epochs, Adam and squared error are the document's, units and batch are ours"
    same_order = "the same weights in random order"
    return [
        Claim(
            "MR-5",
            "from epoch 1 to 5 the absolute mean and the variance of the first layer's weights grow",
            "figures 3.3 and 3.4",
            f"|mean| {spread(np.abs(means[:, 0, 1]), '.2g')} to {spread(np.abs(means[:, 0, -1]), '.2g')}, variance "
            f"{spread(spreads[:, 0, 1], '.3g')} to {spread(spreads[:, 0, -1], '.3g')}; |mean| "
            f"{'grows' if mean_grows else 'does not grow'} and variance {'grows' if spread_grows else 'does not grow'} "
            f"in all networks; {right} of the test images are right",
            mean_grows and spread_grows,
            seeds,
            name,
            f"initial weights: {spread(np.abs(means[:, 0, 0]), '.2g')} and {spread(spreads[:, 0, 0], '.3g')}",
            settings,
        ),
        Claim(
            "MR-5, streaks",
            "weights of one sign lie in horizontal and vertical streaks",
            "figures 3.3 and 3.4",
            f"rows and columns take {percents(streaks[:, 1, w, 0])} of the variance of w, of pixels that are often "
            f"lit; of all pixels {percents(streaks[:, 0, w, 0])}; of |w| {percents(streaks[:, 0, sizes, 0])}, of often "
            f"lit pixels {percents(streaks[:, 1, sizes, 0])}",
            streaky(streaks[:, 1, w]),
            seeds,
            name,
            f"initial weights {percents(streaks[:, 1, w, 1])}, {same_order} {percents(streaks[:, 1, w, 2])}",
            settings,
        ),
        Claim(
            "MR-6, digits",
            "some neighbourhoods of weights change more than others throughout training: streaks in the variance map",
            "figures 3.5 and 3.6",
            f"rows and columns take {percents(streaks[:, 1, logs, 0])} of the log variance at the {lit:.0%} of the "
            f"pixels that are often lit; at all pixels, of which many are never lit, "
            f"{percents(streaks[:, 0, logs, 0])}; of the variance itself {percents(streaks[:, 1, variances, 0])} and "
            f"{percents(streaks[:, 0, variances, 0])}",
            streaky(streaks[:, 1, logs]),
            seeds,
            name,
            f"{same_order} {percents(streaks[:, 1, logs, 2])}",
            settings,
        ),
    ]


def jobs(data: Dataset, budget: Budget) -> list[Digits]:
    """Return one job a network."""
    drawn = QUICK_DIGITS if budget.quick else DRAWN_DIGITS
    return [Digits(drawn, seed) for seed in range(min(budget.seeds, SEEDS))]


def sections(results: Results) -> Iterator[Section]:
    """Draw the weights after the first and the last epoch, and the maps of mean and variance."""
    first = results.numbers[0]
    yield Section(
        "digits-weights",
        "The weights of a dense network of digits (MR-5, MR-6)",
        plots.weight_maps(
            {
                "after epoch 1": first["first"],
                f"after epoch {EPOCHS}": first["last"],
                "mean over the epochs": first["mean map"],
                "log variance over the epochs": np.log10(first["variance map"] + np.float32(1e-12)),
            },
            "Weights of the first layer: a row is a unit, a column a pixel",
        ),
        "Four matrices: weights after the first and the last epoch, their mean and the logarithm of their variance.",
        "Figures 3.3 to 3.6. What looks like streaks is held against the initial weights and a shuffled matrix below.",
        (),
        tuple(table(results)),
    )


def table(results: Results) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a table: mean and variance of every layer after each epoch, of the first network."""
    first = results.numbers[0]
    yield ("layer", "of all weights", "initial", *(f"epoch {epoch}" for epoch in range(1, EPOCHS + 1)))
    for layer, (means, spreads) in enumerate(zip(first["mean"], first["spread"], strict=True), start=1):
        yield (f"dense{layer}", "mean", *(f"{value:.2g}" for value in means))
        yield (f"dense{layer}", "variance", *(f"{value:.3g}" for value in spreads))


EXPERIMENT = Experiment(jobs, claims, sections)
