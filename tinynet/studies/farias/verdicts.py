"""The rows of the table, FM-1 to FM-10, judged by named thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Numbers
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.farias.knee import LEAST, Knee, knee
from tinynet.studies.farias.runs import Group, Run, Sweep
from tinynet.types import Array

ROUNDING = 1e-12
NEAR = 2.0  # points of accuracy within which a number of the paper counts as reached
HITS = 8  # of ten features match their own class better than any other
MARGIN = 0.1  # of match and cosine, in every pair of networks of one seed
CHANGE = 90.0  # per cent, about where the paper sees features change
NEAR_CHANGE = 3.0
CLEAR = 60.0  # per cent: below it, networks are on their way from random features to explainable ones
UNTRAINED = 0.1  # size of the match of features that are random
FEW, MANY = 16, 128  # hidden units at most, at least
ENOUGH = 5  # networks on either side of a comparison
ENOUGH_TO_BEND = 50  # networks
PAPERS_DATA = "mnist"
LEVELS = (85.0, 88.0, 90.0, 91.0, 92.0)
SIGNIFICANT = 0.05
WELL_ABOVE_CHANCE = 0.6  # accuracy of the networks whose units are asked
MEASURES = {"match": "match of a feature with its class", "overlap": "mean |cosine| of two features"}


class Documented(NamedTuple):
    """An accuracy of the paper."""

    id: str
    hidden: tuple[int, ...]
    epochs: int
    accuracy: float


FIGURES = (
    Documented("FM-4", (512,), 1, 89.04),
    Documented("FM-4", (512,), 10, 92.83),
    Documented("FM-5", (16,), 10, 93.08),
    Documented("FM-5", (16, 16, 16), 10, 93.83),
    Documented("FM-6", (8, 8, 8), 10, 91.26),
    Documented("FM-6", (16, 16, 16), 10, 91.26),
    Documented("FM-7", (16, 16, 16), 10, 91.266),
    Documented("FM-7", (16, 16, 16), 10, 94.78),
    Documented("FM-7", (1024, 1024, 1024), 10, 89.64),
    Documented("FM-7", (1024, 1024, 1024), 10, 95.17),
    Documented("FM-7", (512, 512, 512), 10, 84.07),
    Documented("FM-7", (512, 512, 512), 10, 94.03),
    Documented("FM-7", (128, 128, 128), 1, 83.05),
)
FIGURE_1 = Documented("FM-2", (128,), 1, 85.88)
FIGURE_2 = Documented("FM-3", (128,), 10, 94.86)
TITLES = {
    "FM-4": "figure 4: 512 hidden units after one epoch and after ten",
    "FM-5": "figure 5: 16 units in one hidden layer and in three, ten epochs",
    "FM-6": "figure 6: three hidden layers of 8 and of 16, ten epochs",
    "FM-7": "figures 7 to 10: three hidden layers of 16, 1024, 512 and 128",
}


@dataclass(frozen=True)
class Findings:
    """Everything that the study measured.

    Attributes
    ----------
    data : str
        The name of the data set. The paper's accuracies are of MNIST: on other data, whether they are reached is no
        matter of yes or no, and the features alone decide.
    sweep : Sweep
    units : mapping of str to sequence of mapping
        What `Units.measure` returned, by kind.
    differences : sequence of float
        Between our update and the authors', one for each seed.
    seeds : int
    """

    data: str
    sweep: Sweep
    units: Mapping[str, Sequence[Numbers]]
    differences: Sequence[float]
    seeds: int

    @property
    def is_papers(self) -> bool:
        """Whether the data are those of the paper."""
        return self.data == PAPERS_DATA

    def claim(
        self, id: str, claim: str, documented: str, measured: str, holds: bool | np.bool_ | None, seeds: int
    ) -> Claim:
        """Return a row of the table.

        Parameters
        ----------
        id, claim, documented, measured, holds : see :class:`tinynet.studies.engine.claims.Claim`
        seeds : int
            How many networks of a kind it rests on.
        """
        return Claim(id, claim, documented, measured, None if holds is None else bool(holds), seeds, self.data)


def claims(found: Findings) -> list[Claim]:
    """Judge everything.

    Parameters
    ----------
    found : Findings
    """
    return [
        rule(found),
        explainable(found),
        unexplainable(found),
        *(accuracies(found, id) for id in TITLES),
        transition(found),
        resistance(found),
        any_units(found),
    ]


def reached(group: Group | None, row: Documented) -> bool:
    """Return whether the median accuracy of networks is near a number of the paper.

    Parameters
    ----------
    group : Group or None
    row : Documented
    """
    return group is not None and abs(group.accuracy - row.accuracy) <= NEAR


def rule(found: Findings) -> Claim:
    """Judge FM-1.

    Parameters
    ----------
    found : Findings
    """
    first, last = figure_1(found.sweep), figure_2(found.sweep)
    trained = reached(first, FIGURE_1) and last is not None and last.accuracy >= FIGURE_2.accuracy - NEAR
    exact = max(found.differences) < ROUNDING
    return found.claim(
        "FM-1",
        "the learning rule trains",
        "gradient target propagation, from the authors' program",
        f"one step differs from the authors' update, written out, by {max(found.differences):.1e} of the largest "
        f"change (float64, one to three hidden layers); 128 units reach {_accuracy(first)} after one epoch and "
        f"{_accuracy(last)} after ten",
        exact and (trained or not found.is_papers),
        len(found.differences),
    )


def figure_1(sweep: Sweep) -> Group | None:
    """Return the networks that stand for figure 1: those whose accuracy is nearest to it.

    Parameters
    ----------
    sweep : Sweep
    """
    return sweep.nearest(*FIGURE_1[1:])


def figure_2(sweep: Sweep) -> Group | None:
    """Return the networks that stand for figure 2 b: the least accurate ones that are as accurate, or the best.

    Parameters
    ----------
    sweep : Sweep
    """
    groups = sorted(sweep.groups(FIGURE_2.hidden, FIGURE_2.epochs), key=lambda group: group.accuracy)
    enough = [group for group in groups if group.accuracy >= FIGURE_2.accuracy]
    return enough[0] if enough else groups[-1] if groups else None


def explainable(found: Findings) -> Claim:
    """Judge FM-2.

    Parameters
    ----------
    found : Findings
    """
    group = figure_1(found.sweep)
    document = ("128 hidden units, one epoch: features resemble the digits", "85.88 %, figure 1")
    if group is None:
        return _untrained(found, "FM-2", *document)
    rates = "; ".join(f"{other.way}: {percents(other.each('accuracy'))}" for other in found.sweep.groups((128,), 1))
    accurate = reached(group, FIGURE_1) or not found.is_papers
    holds = accurate and np.median(group.each("hits")) >= HITS
    return found.claim("FM-2", *document, f"{group}; all rates: {rates}", holds, len(group.runs))


def unexplainable(found: Findings) -> Claim:
    """Judge FM-3: after ten epochs against after one, seed by seed.

    Parameters
    ----------
    found : Findings
    """
    first, last = figure_1(found.sweep), figure_2(found.sweep)
    document = ("the same at ten epochs: almost nothing distinguishable, high correlation", "94.86 %, figure 2")
    if first is None or last is None:
        return _untrained(found, "FM-3", *document)
    lost = first.each("match") - last.each("match")
    gained = last.each("overlap") - first.each("overlap")
    measured = (
        f"{last}; less match than after one epoch by {spread(lost, '.2f')}, more |cosine| by {spread(gained, '.2f')}"
    )
    accurate = last.accuracy >= FIGURE_2.accuracy or not found.is_papers
    holds = accurate and min(lost.min(), gained.min()) > MARGIN
    return found.claim("FM-3", *document, measured, holds, len(last.runs))


def accuracies(found: Findings, id: str) -> Claim:
    """Judge one of FM-4 to FM-7: for each number of the paper, the networks that come nearest to it.

    Only those count whose targets start at zero, as in the authors' program. What the others reach is told beside.

    Parameters
    ----------
    found : Findings
    id : str
    """
    rows = [row for row in FIGURES if row.id == id]
    documented = ", ".join(f"{row.accuracy:g} % ({_shape(row)})" for row in rows)
    groups = [found.sweep.nearest(*row[1:]) for row in rows]
    others = [found.sweep.nearest(*row[1:], start="activation") for row in rows]
    measured = "; ".join(
        f"{row.accuracy:g} %, {_shape(row)}: {group if group else 'not trained in this run'}"
        + (f", but {percents(other.each('accuracy'))} {other.way}" if other else "")
        for row, group, other in zip(rows, groups, others, strict=True)
    )
    if not all(groups):
        return found.claim(id, TITLES[id], documented, measured, None, found.seeds)
    near = [reached(group, row) for group, row in zip(groups, rows, strict=True)]
    fewest = min(len(group.runs) for group in groups if group)
    measured = f"{sum(near)} of {len(near)} numbers reached within {NEAR:g} points; {measured}"
    return found.claim(id, TITLES[id], documented, measured, all(near) if found.is_papers else None, fewest)


def bends(runs: Sequence[Run]) -> dict[str, Knee]:
    """Return where match and cosine bend as accuracy rises above `CLEAR`; nothing if too few networks get there.

    Parameters
    ----------
    runs : sequence of Run
    """
    found = {}
    for what in MEASURES:
        pairs = []
        for run in runs:
            right = 100 * run.numbers["accuracy"]
            clear = right >= CLEAR
            if clear.any():
                pairs.append((right[clear], run.numbers[what][clear]))
        if len(pairs) >= ENOUGH and len(np.unique(np.concatenate([right for right, _ in pairs]))) >= LEAST:
            found[what] = knee(pairs)
    return found


def transition(found: Findings) -> Claim:
    """Judge FM-8: features match ever better up to the bend, and worse behind it.

    Parameters
    ----------
    found : Findings
    """
    runs = found.sweep.as_the_authors
    document = (
        "the phase transition: features are random, then explainable, then not, as accuracy passes about 90 %",
        "about 90 %, by eye",
    )
    fitted = bends(runs)
    if not fitted:
        return found.claim("FM-8", *document, "too few networks become accurate in this run", None, found.seeds)
    match, correlation = fitted["match"], fitted["overlap"]
    untrained = np.array([run.after(0, "match") for run in runs])
    best = np.array([run.numbers["match"].max() for run in runs])
    end = np.array([run.numbers["match"][-1] for run in runs])
    parts = [
        f"{name}: {_place(some['match'])}"
        for depth, name in enumerate(("one", "two", "three"), 1)
        if (some := bends([run for run in runs if len(run.recipe.hidden) == depth]))
    ]
    rises_and_falls = match.before >= 0 > match.after and correlation.after > 0
    about = abs(match.place - CHANGE) <= NEAR_CHANGE or not found.is_papers
    holds = rises_and_falls and about and abs(np.median(untrained)) <= UNTRAINED
    return found.claim(
        "FM-8",
        *document,
        f"match bends at {_place(match)}, mean |cosine| at {_place(correlation)}; {len(runs)} networks, each looked at "
        f"{len(runs[0].numbers['images'])} times, intervals from resampling whole networks. The match is "
        f"{spread(untrained, '.2f')} before training, at best {spread(best, '.2f')}, and at the end "
        f"{spread(end, '.2f')}; by a point of accuracy it changes by {match.before:+.3f} before the bend and "
        f"{match.after:+.3f} behind it. The two lines explain {match.explained:.0%} of its variance: rate and shape "
        f"matter too. By number of hidden layers, {', '.join(parts)}",
        holds if len(runs) >= ENOUGH_TO_BEND else None,
        found.seeds,
    )


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


def resistance(found: Findings) -> Claim:
    """Judge FM-9 at the highest accuracy that enough networks with few and with many units pass.

    Parameters
    ----------
    found : Findings
    """
    document = ("few neurons resist the transition longer", "seen in figures 5 and 6")
    few, many = _of(found.sweep, 1, 0, FEW), _of(found.sweep, 1, MANY, 10**9)
    sides = {level: [_reaching(side, level) for side in (few, many)] for level in LEVELS}
    levels = [level for level, (one, other) in sides.items() if min(len(one), len(other)) >= ENOUGH]
    if not levels:
        return found.claim("FM-9", *document, "too few networks pass the same accuracy in this run", None, found.seeds)
    sentences = []
    for level in levels:
        one, other = ([run.passing(level / 100, "match") for run in side] for side in sides[level])
        p = _p_value(one, other)
        sentences.append(f"at {level:g} % {np.median(one):.2f} against {np.median(other):.2f} (p = {p:.2g})")
    return found.claim(
        "FM-9",
        *document,
        f"one hidden layer, match of up to {FEW} against at least {MANY} units: {sentences[-1]}. At all accuracies "
        f"that enough networks pass: {', '.join(sentences)}",
        np.median(one) > np.median(other) and p < SIGNIFICANT,
        found.seeds,
    )


def any_units(found: Findings) -> Claim:
    """Judge FM-10: networks train, features match, hidden units answer to their own, sets raise what they name.

    Parameters
    ----------
    found : Findings
    """
    names = {
        "dense": "128 units",
        "sigmoid": "convolution, sigmoid, max pooling",
        "tanh": "convolution, tanh, max pooling",
    }
    document = (
        "features of any layer and of sets of units, and of convolutional networks",
        "described in section 2, pictured for outputs of dense networks alone",
    )
    if not found.units:
        return _untrained(found, "FM-10", *document)
    parts, holds = [], True
    for kind, numbers in found.units.items():
        scalars = [what for what, value in numbers[0].items() if np.ndim(value) == 0]
        values = {what: np.array([float(each[what]) for each in numbers]) for what in scalars}
        parts.append(
            f"{names[kind]}: accuracy {percents(values['accuracy'])}, {spread(values['hits'], 'g')} output features "
            f"match their own class best ({spread(values['hits from the mean image'], 'g')} if they start at the mean "
            f"image), {percents(values['hidden'])} of the hidden units answer most to their own "
            f"feature (mean |cosine| of two {spread(values['hidden alike'], '.2f')}, with one-hot targets "
            f"{spread(values['one-hot alike'], '.2f')}), {percents(values['pairs'])} of the features of two outputs "
            f"raise both"
        )
        classes = len(numbers[0]["features of outputs"])
        holds &= bool(
            np.median(values["accuracy"]) >= WELL_ABOVE_CHANCE
            and np.median(values["hits"]) >= HITS / 10 * classes
            and min(np.median(values["hidden"]), np.median(values["pairs"])) >= HITS / 10
        )
    return found.claim(
        "FM-10",
        *document,
        "; ".join(parts),
        holds,
        len(next(iter(found.units.values()))),
    )


def _place(found: Knee) -> str:
    return f"{found.place:.1f} % ({found.low:.1f} to {found.high:.1f})"


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


def _untrained(found: Findings, id: str, claim: str, documented: str) -> Claim:
    return found.claim(id, claim, documented, "not trained in this run", None, found.seeds)


def _accuracy(group: Group | None) -> str:
    return "(not trained)" if group is None else percents(group.each("accuracy"))


def _shape(row: Documented) -> str:
    epochs = "1 epoch" if row.epochs == 1 else f"{row.epochs} epochs"
    return f"{'-'.join(map(str, row.hidden))}, {epochs}"
