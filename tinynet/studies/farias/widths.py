"""FM-9: whether the features of few hidden units match better than those of many, at equal accuracy and equal tau."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tinynet import plots
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results
from tinynet.studies.farias.candidates import recipes
from tinynet.studies.farias.runs import MEASURES, Run, Sweep
from tinynet.types import Array

FEW, MANY = 16, 128  # hidden units at most, at least
ENOUGH = 5  # networks on either side of a comparison
LEVELS = (85.0, 88.0, 90.0, 91.0, 92.0)
SIGNIFICANT = 0.05


def equal_accuracy(runs: Sequence[Run], what: str) -> tuple[list[int], Array]:
    """Return what features are like when networks of each width pass each of `LEVELS`.

    Parameters
    ----------
    runs : sequence of Run
        With one hidden layer.
    what : str
        "match" or "overlap".

    Returns
    -------
    widths : list of int
    medians : ndarray of shape (levels, widths)
        NaN where fewer than half of the networks get there.
    """
    widths = sorted({run.recipe.hidden[0] for run in runs})
    table = np.full((len(LEVELS), len(widths)), np.nan)
    for column, width in enumerate(widths):
        of_width = [run for run in runs if run.recipe.hidden[0] == width]
        for row, level in enumerate(LEVELS):
            values = np.array([run.passing(level / 100, what) for run in of_width])
            if np.isfinite(values).mean() >= 0.5:
                table[row, column] = np.nanmedian(values)
    return widths, table


def by_tau(sweep: Sweep) -> dict[float, list[Run]]:
    """Return the networks with one hidden layer for each step tau."""
    runs = [run for run in sweep.of_loss() if len(run.recipe.hidden) == 1]
    taus = sorted({run.recipe.setting.tau for run in runs})
    return {tau: [run for run in runs if run.recipe.setting.tau == tau] for tau in taus}


def resistance(results: Results) -> Claim:
    """Judge FM-9: at every step tau, at the highest accuracy that enough networks of both sides pass."""
    document = ("FM-9", "few neurons resist the transition longer", "seen in figures 5 and 6")
    last, told, verdicts = [], [], []
    for tau, runs in by_tau(Sweep.of(results)).items():
        few = [run for run in runs if run.recipe.hidden[0] <= FEW]
        many = [run for run in runs if run.recipe.hidden[0] >= MANY]
        sentences = []
        for level in LEVELS:
            one, other = ([run.passing(level / 100, "match") for run in _reaching(side, level)] for side in (few, many))
            if min(len(one), len(other)) >= ENOUGH:
                p = _p_value(one, other)
                sentences.append(f"at {level:g} % {np.median(one):.2f} against {np.median(other):.2f} (p = {p:.2g})")
                longer = bool(np.median(one) > np.median(other) and p < SIGNIFICANT)
        if sentences:
            verdicts.append(longer)
            last.append(f"step {tau:g}: {sentences[-1]}")
            told.append(f"step {tau:g}: {', '.join(sentences)}")
    if not told:
        return results.claim(*document, "too few networks pass the same accuracy at the same step in this run", None)
    return results.claim(
        *document,
        f"few resist longer at {sum(verdicts)} of {len(verdicts)} steps: one hidden layer, match of up to {FEW} units "
        f"against at least {MANY} as they pass the highest accuracy that enough of both do, {', '.join(last)}; at all "
        f"accuracies, {'; '.join(told)}",
        all(verdicts),
        control="the other side at the same accuracy and step; one-sided test of Mann and Whitney, p < "
        f"{SIGNIFICANT:g}",
        settings="both sides have the same steps and rates; all networks count",
    )


def sections(results: Results) -> Iterator[Section]:
    """Show what features are like when networks of each width pass an accuracy, a figure for each step."""
    for tau, runs in by_tau(Sweep.of(results)).items():
        tables = {words: equal_accuracy(runs, what) for what, words in MEASURES.items()}
        widths = next(iter(tables.values()))[0]
        yield Section(
            f"equal-accuracy-{tau:g}",
            f"Few units and many at equal accuracy, step {tau:g} (FM-9)",
            plots.at_equal_accuracy(
                LEVELS,
                widths,
                {words: table for words, (_, table) in tables.items()},
                f"One hidden layer and step {tau:g}, by accuracy passed",
            ),
            "Lines of match and of cosine against the number of hidden units, one for each accuracy.",
            "What features are like at the moment when a network first passes an accuracy: medians over rates and "
            "seeds, where at least half of the networks get there.",
        )


def _reaching(runs: Sequence[Run], level: float) -> list[Run]:
    return [run for run in runs if run.numbers["accuracy"].max() >= level / 100]


def _p_value(one: Sequence[float], other: Sequence[float]) -> float:
    from scipy import stats

    return float(stats.mannwhitneyu(one, other, alternative="greater").pvalue)


EXPERIMENT = Experiment(recipes, lambda results: [resistance(results)], sections)
