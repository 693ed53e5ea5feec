"""FM-8: features are random, then explainable, then not, as accuracy rises; where they turn, for each step tau."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np

from tinynet import plots
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results
from tinynet.studies.engine.statistics import spread
from tinynet.studies.farias.candidates import recipes
from tinynet.studies.farias.knee import LEAST, Knee, knee
from tinynet.studies.farias.networks import KINDS, column
from tinynet.studies.farias.paper import is_papers
from tinynet.studies.farias.runs import MEASURES, Run, Sweep
from tinynet.studies.farias.settings import CROSS_ENTROPY, LOSSES, SQUARED

CHANGE = 90.0  # per cent, about where the paper sees features change
NEAR_CHANGE = 3.0
CLEAR = 60.0  # per cent: below it, networks are on their way from random features to explainable ones
UNTRAINED = 0.1  # size of the match of features that are random
ENOUGH_TO_BEND = 50  # networks
ENOUGH = 5  # networks to fit a bend to

Kind: TypeAlias = tuple[int, float]  # number of hidden layers, and tau


def bends(runs: Sequence[Run], targets: str = KINDS[0]) -> dict[str, Knee]:
    """Return where match and cosine bend as accuracy rises above `CLEAR`; nothing if too few networks get there.

    Parameters
    ----------
    runs : sequence of Run
    targets : str
        What features are made of, of `networks.KINDS`.
    """
    found = {}
    for what in MEASURES:
        pairs = []
        for run in runs:
            right = 100 * run.numbers["accuracy"]
            clear = right >= CLEAR
            if clear.any():
                pairs.append((right[clear], run.numbers[column(what, targets)][clear]))
        if len(pairs) >= ENOUGH and len(np.unique(np.concatenate([right for right, _ in pairs]))) >= LEAST:
            found[what] = knee(pairs)
    return found


def by_tau(runs: Sequence[Run]) -> dict[Kind, dict[str, Knee]]:
    """Return the bends of networks of each number of hidden layers and step tau, where enough pass `CHANGE`.

    Of networks that never get there the paper says nothing.
    """
    kinds: dict[Kind, list[Run]] = {}
    for run in runs:
        kinds.setdefault((len(run.recipe.hidden), run.recipe.setting.tau), []).append(run)
    found = {}
    for kind in sorted(kinds):
        passing = [run for run in kinds[kind] if 100 * run.numbers["accuracy"].max() >= CHANGE]
        if len(passing) >= ENOUGH and (fitted := bends(kinds[kind])):
            found[kind] = fitted
    return found


def turns(fitted: dict[str, Knee]) -> bool:
    """Return whether features match no worse up to the bend, worse behind it, and become alike behind theirs."""
    match, overlap = fitted["match"], fitted["overlap"]
    return match.before >= 0 > match.after and overlap.after > 0


def transition(results: Results, loss: str = SQUARED) -> Claim:
    """Judge that features turn, at every tau and depth: FM-8, and the same with a cross-entropy at the output."""
    runs = Sweep.of(results).of_loss(loss)
    reading = "" if loss == SQUARED else f", {loss}"
    document = (
        f"FM-8{reading}",
        "the phase transition: features are random, then explainable, then not, as accuracy rises"
        + (f" ({loss.replace('-', ' ')})" if reading else ""),
        "a consistent phenomenon of all results",
    )
    kinds = by_tau(runs)
    if not kinds:
        return results.claim(*document, "too few networks become accurate in this run", None)
    untrained, best, end = (
        np.array(values)
        for values in zip(
            *((run.after(0, "match"), run.numbers["match"].max(), run.numbers["match"][-1]) for run in runs),
            strict=True,
        )
    )
    others = np.array([run.numbers["match of others"][run.numbers["match"].argmax()] for run in runs])
    parts = [f"{_kind(kind)}: {_slopes(fitted)}" for kind, fitted in kinds.items()]
    turned = sum(map(turns, kinds.values()))
    holds = turned == len(kinds) and abs(np.median(untrained)) <= UNTRAINED
    return results.claim(
        *document,
        f"features turn in {turned} of {len(kinds)} groups of networks of one depth and step that pass {CHANGE:g} %; "
        f"{len(runs)} networks, each looked at {len(runs[0].numbers['images'])} times. The match is "
        f"{spread(untrained, '.2f')} before training, at best {spread(best, '.2f')}, and at the end "
        f"{spread(end, '.2f')}. Match for each point of "
        f"accuracy before and behind the bend: {'; '.join(parts)}",
        holds if len(runs) >= ENOUGH_TO_BEND else None,
        control=f"match before training {spread(untrained, '.2f')}; with the other classes, where the own is best, "
        f"{spread(others, '.2f')}",
        settings="every network of the table of candidates counts, whatever its accuracy",
    )


def place(results: Results) -> Claim:
    """Judge that features turn at about 90 %, whatever tau: FM-8, where."""
    runs = Sweep.of(results).of_loss()
    document = ("FM-8, where", "features turn as accuracy passes about 90 %", "about 90 %, by eye")
    kinds = by_tau(runs)
    if not kinds:
        return results.claim(*document, "too few networks become accurate in this run", None)
    match, overlap = (
        ", ".join(f"{_kind(kind)}: {_place(fitted[what])}" for kind, fitted in kinds.items()) for what in MEASURES
    )
    about = all(abs(fitted["match"].place - CHANGE) <= NEAR_CHANGE for fitted in kinds.values())
    return results.claim(
        *document,
        f"accuracy at which the match bends, {match}; 95 % intervals from resampling whole networks. Of the mean "
        f"|cosine|, {overlap}. {_apart(kinds)}",
        about if len(runs) >= ENOUGH_TO_BEND and is_papers(results) else None,
        control="the steps are each other's control: a place that hung on the accuracy alone would be the same for all",
        settings="every network of the table of candidates counts, whatever its accuracy",
    )


def _apart(kinds: dict[Kind, dict[str, Knee]]) -> str:
    """Return which steps, of networks of the same depth, have places whose intervals have nothing in common."""
    pairs = [
        f"{_kind(one)} and {_kind(other)}"
        for at, one in enumerate(kinds)
        for other in list(kinds)[at + 1 :]
        if one[0] == other[0]
        and (
            kinds[one]["match"].high < kinds[other]["match"].low or kinds[other]["match"].high < kinds[one]["match"].low
        )
    ]
    return f"Intervals of the same depth without a common point: {', '.join(pairs) or 'none'}"


def _kind(kind: Kind) -> str:
    depth, tau = kind
    return f"{('one layer', 'two layers', 'three layers')[depth - 1]} and step {tau:g}"


def _slopes(fitted: dict[str, Knee]) -> str:
    return f"{fitted['match'].before:+.3f} and {fitted['match'].after:+.3f}"


def _place(found: Knee) -> str:
    return f"{found.place:.1f} % ({found.low:.1f} to {found.high:.1f})"


def sections(results: Results) -> Iterator[Section]:
    """Show features against accuracy, and where they bend."""
    sweep = Sweep.of(results)
    for loss in LOSSES:
        if runs := sweep.of_loss(loss):
            yield _phases(runs, loss)
    if kinds := by_tau(sweep.of_loss()):
        yield _places(kinds)


def _phases(runs: Sequence[Run], loss: str) -> Section:
    fitted = bends(runs)
    points = {what: np.concatenate([run.numbers[what] for run in runs]) for what in ("accuracy", *MEASURES)}
    tau = np.concatenate([np.full(len(run.numbers["images"]), run.recipe.setting.tau) for run in runs])
    words = loss.replace("-", " ")
    return Section(
        "phases" if loss == SQUARED else f"phases-{loss}",
        f"Random, explainable, not explainable: {words} (FM-8)",
        plots.phases(
            100 * points["accuracy"],
            {words: points[what] for what, words in MEASURES.items()},
            {MEASURES[what]: (bend.line, *bend[:3]) for what, bend in fitted.items()},
            CHANGE,
            f"Features against accuracy, {words}: {plots.count_of(len(runs), 'network')}, looked at while they train",
            tau,
            "step tau",
        ),
        "Clouds of points: how well features match their class, and how alike they are, for each accuracy.",
        "Each point is a look at a network during training: before it, several times within the first epoch, and after "
        "each epoch. Points of one network are not independent, so the band resamples whole networks. The line is made "
        "of two straight pieces, fitted to the networks that are right for most images already; where they meet is the "
        "bend. It is that of all steps together; one by one they bend elsewhere.",
    )


def _places(kinds: dict[Kind, dict[str, Knee]]) -> Section:
    return Section(
        "bends",
        "Where features turn, for each depth and step (FM-8)",
        plots.bend_places(
            [_kind(kind) for kind in kinds],
            [fitted["match"][:3] for fitted in kinds.values()],
            CHANGE,
            "Accuracy at which the match bends",
        ),
        "A dot and an interval for each depth and step; a dotted line at the paper's 90 %.",
        "The bend of the match, with its 95 % interval, of networks of one depth that were trained with one step. "
        "Intervals without a common point say that the place hangs on the step.",
    )


def claims(results: Results) -> list[Claim]:
    """Judge that features turn, and where."""
    return [transition(results), place(results), transition(results, CROSS_ENTROPY)]


EXPERIMENT = Experiment(recipes, claims, sections)
