"""FM-9: whether the features of few hidden units match better than those of many, at equal accuracy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tinynet import plots
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results
from tinynet.studies.farias.networks import recipes
from tinynet.studies.farias.runs import MEASURES, Run, Sweep
from tinynet.types import Array

FEW, MANY = 16, 128  # hidden units at most, at least
ENOUGH = 5  # networks on either side of a comparison
LEVELS = (85.0, 88.0, 90.0, 91.0, 92.0)
SIGNIFICANT = 0.05


def equal_accuracy(sweep: Sweep, what: str, depth: int = 1) -> tuple[list[int], Array]:
    """Return what features are like when networks of each width pass each of `LEVELS`.

    Parameters
    ----------
    sweep : Sweep
    what : str
        "match" or "overlap".
    depth : int
        Number of hidden layers.

    Returns
    -------
    widths : list of int
    medians : ndarray of shape (levels, widths)
        NaN where fewer than half of the networks get there.
    """
    widths = sorted({run.recipe.hidden[0] for run in sweep.as_the_authors if len(run.recipe.hidden) == depth})
    table = np.full((len(LEVELS), len(widths)), np.nan)
    for column, width in enumerate(widths):
        for row, level in enumerate(LEVELS):
            values = _passing(_of(sweep, depth, width, width), level, what)
            if np.isfinite(values).mean() >= 0.5:
                table[row, column] = np.nanmedian(values)
    return widths, table


def resistance(results: Results) -> Claim:
    """Judge FM-9 at the highest accuracy that enough networks with few and with many units pass."""
    sweep = Sweep.of(results)
    document = ("few neurons resist the transition longer", "seen in figures 5 and 6")
    few, many = _of(sweep, 1, 0, FEW), _of(sweep, 1, MANY, 10**9)
    sides = {level: [_reaching(side, level) for side in (few, many)] for level in LEVELS}
    levels = [level for level, (one, other) in sides.items() if min(len(one), len(other)) >= ENOUGH]
    if not levels:
        return results.claim("FM-9", *document, "too few networks pass the same accuracy in this run", None)
    sentences = []
    for level in levels:
        one, other = ([run.passing(level / 100, "match") for run in side] for side in sides[level])
        p = _p_value(one, other)
        sentences.append(f"at {level:g} % {np.median(one):.2f} against {np.median(other):.2f} (p = {p:.2g})")
    return results.claim(
        "FM-9",
        *document,
        f"one hidden layer, match of up to {FEW} against at least {MANY} units: {sentences[-1]}. At all accuracies "
        f"that enough networks pass: {', '.join(sentences)}",
        np.median(one) > np.median(other) and p < SIGNIFICANT,
    )


def sections(results: Results) -> Iterator[Section]:
    """Show what features are like when networks of each width pass an accuracy."""
    sweep = Sweep.of(results)
    tables = {words: equal_accuracy(sweep, what) for what, words in MEASURES.items()}
    widths = next(iter(tables.values()))[0]
    yield Section(
        "equal-accuracy",
        "Few units and many at equal accuracy (FM-9)",
        plots.at_equal_accuracy(
            LEVELS,
            widths,
            {words: table for words, (_, table) in tables.items()},
            "One hidden layer, by accuracy passed",
        ),
        "Lines of match and of cosine against the number of hidden units, one for each accuracy.",
        "What features are like at the moment when a network first passes an accuracy: medians over rates and seeds, "
        "where at least half of the networks get there. Steps and rates that train differ by width.",
    )


def _passing(runs: Sequence[Run], level: float, what: str) -> Array:
    return np.array([run.passing(level / 100, what) for run in runs])


def _reaching(runs: Sequence[Run], level: float) -> list[Run]:
    return [run for run in runs if run.numbers["accuracy"].max() >= level / 100]


def _of(sweep: Sweep, depth: int, fewest: int, most: int) -> list[Run]:
    shapes = [(run, run.recipe.hidden) for run in sweep.as_the_authors]
    return [run for run, hidden in shapes if len(hidden) == depth and fewest <= hidden[0] <= most]


def _p_value(one: Sequence[float], other: Sequence[float]) -> float:
    from scipy import stats

    return float(stats.mannwhitneyu(one, other, alternative="greater").pvalue)


EXPERIMENT = Experiment(recipes, lambda results: [resistance(results)], sections)
