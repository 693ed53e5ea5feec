"""FM-8: features are random, then explainable, then not, as accuracy rises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tinynet import plots
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results
from tinynet.studies.engine.statistics import spread
from tinynet.studies.farias.knee import LEAST, Knee, knee
from tinynet.studies.farias.networks import recipes
from tinynet.studies.farias.paper import is_papers
from tinynet.studies.farias.runs import MEASURES, Run, Sweep

CHANGE = 90.0  # per cent, about where the paper sees features change
NEAR_CHANGE = 3.0
CLEAR = 60.0  # per cent: below it, networks are on their way from random features to explainable ones
UNTRAINED = 0.1  # size of the match of features that are random
ENOUGH_TO_BEND = 50  # networks
ENOUGH = 5  # networks to fit a bend to


def bends(runs: Sequence[Run]) -> dict[str, Knee]:
    """Return where match and cosine bend as accuracy rises above `CLEAR`; nothing if too few networks get there."""
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


def transition(results: Results) -> Claim:
    """Judge FM-8: features match ever better up to the bend, and worse behind it."""
    runs = Sweep.of(results).as_the_authors
    document = (
        "the phase transition: features are random, then explainable, then not, as accuracy passes about 90 %",
        "about 90 %, by eye",
    )
    fitted = bends(runs)
    if not fitted:
        return results.claim("FM-8", *document, "too few networks become accurate in this run", None)
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
    about = abs(match.place - CHANGE) <= NEAR_CHANGE or not is_papers(results)
    holds = rises_and_falls and about and abs(np.median(untrained)) <= UNTRAINED
    return results.claim(
        "FM-8",
        *document,
        f"match bends at {_place(match)}, mean |cosine| at {_place(correlation)}; {len(runs)} networks, each looked at "
        f"{len(runs[0].numbers['images'])} times, intervals from resampling whole networks. The match is "
        f"{spread(untrained, '.2f')} before training, at best {spread(best, '.2f')}, and at the end "
        f"{spread(end, '.2f')}; by a point of accuracy it changes by {match.before:+.3f} before the bend and "
        f"{match.after:+.3f} behind it. The two lines explain {match.explained:.0%} of its variance: rate and shape "
        f"matter too. By number of hidden layers, {', '.join(parts)}",
        holds if len(runs) >= ENOUGH_TO_BEND else None,
    )


def _place(found: Knee) -> str:
    return f"{found.place:.1f} % ({found.low:.1f} to {found.high:.1f})"


def sections(results: Results) -> Iterator[Section]:
    """Show features against accuracy, and where they bend."""
    runs = Sweep.of(results).as_the_authors
    fitted = bends(runs)
    points = {what: np.concatenate([run.numbers[what] for run in runs]) for what in ("accuracy", *MEASURES)}
    width = np.concatenate([np.full(len(run.numbers["images"]), run.recipe.hidden[0]) for run in runs])
    yield Section(
        "phases",
        "Random, explainable, not explainable (FM-8)",
        plots.phases(
            100 * points["accuracy"],
            {words: points[what] for what, words in MEASURES.items()},
            {MEASURES[what]: (bend.line, *bend[:3]) for what, bend in fitted.items()},
            CHANGE,
            f"Features against accuracy: {plots.count_of(len(runs), 'network')}, looked at while they train",
            width,
            "units of a hidden layer",
        ),
        "Clouds of points: how well features match their class, and how alike they are, for each accuracy.",
        "Each point is a look at a network during training: before it, several times within the first epoch, and after "
        "each epoch. Points of one network are not independent, so the band resamples whole networks. The line is made "
        "of two straight pieces, fitted to the networks that are right for most images already; where they meet is the "
        "bend.",
    )


EXPERIMENT = Experiment(recipes, lambda results: [transition(results)], sections)
