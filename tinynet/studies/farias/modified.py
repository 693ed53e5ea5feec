"""FM-12: whether a penalty beside the loss keeps features explainable at the same accuracy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinynet import plots
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.farias.candidates import CHANGED, STRENGTHS, changed
from tinynet.studies.farias.means import ENOUGH, MARGIN, SIGNIFICANT, at_the_same, longer, pairs
from tinynet.studies.farias.networks import EPOCHS
from tinynet.studies.farias.penalties import COSINE, PULL, SHUFFLED
from tinynet.studies.farias.pictures import compared
from tinynet.studies.farias.runs import Run, Sweep

AFFORDED = 1.0  # points of validation accuracy that a penalty may cost
HITS = 8  # of ten features match their own class better than any other


def strongest(sweep: Sweep, kind: str) -> float | None:
    """Return the largest strength that costs no more than `AFFORDED` on the validation images; the smallest, if all do.

    None if no network has learned with the penalty.
    """
    found = [(strength, pairs(sweep, kind, strength)) for strength in STRENGTHS]
    found = [(strength, couples) for strength, couples in found if couples]
    afforded = [
        strength
        for strength, couples in found
        if np.median([100 * (one.validation(EPOCHS) - other.validation(EPOCHS)) for one, other in couples]) <= AFFORDED
    ]
    return max(afforded, default=found[0][0] if found else None)


def kept(results: Results) -> Claim:
    """Judge FM-12: a modification keeps features explainable, at the accuracy at which they are lost without.

    The pull is told, but does not decide: it goes where the match is measured. The penalty on cosines knows no classes.
    """
    sweep = Sweep.of(results)
    document = (
        "FM-12",
        "modifications of the loss may keep features explainable",
        "hoped for in the conclusion",
    )
    told, good = [], {}
    for kind in (COSINE, PULL):
        strength = strongest(sweep, kind)
        if strength is None:
            continue
        couples = pairs(sweep, kind, strength)
        match, overlap = at_the_same(couples, "match", "match"), at_the_same(couples, "overlap", "overlap")
        hits = at_the_same(couples, "hits", "hits")
        enough = len(couples) >= ENOUGH
        good[kind] = longer(match) and bool(np.median(hits[:, 2]) >= HITS) if enough else None
        told.append(
            f"{kind} (strength {strength:g}): at {percents(match[:, 0])} match {_both(match, '.2f')}, mean |cosine| "
            f"{_both(overlap, '.2f')}, {_both(hits, '.3g')} features match their own class best, in the end "
            f"{percents([run.after(EPOCHS, 'accuracy') for _, run in couples])}"
        )
    if not told:
        return results.claim(*document, "not trained in this run", None)
    return results.claim(
        *document,
        f"{', and '.join(told)}; the pull goes where the match is measured, so the penalty on cosines, which knows no "
        "classes, decides",
        good.get(COSINE),
        len(couples),
        control=_control(sweep),
        settings=f"the largest of the strengths {', '.join(f'{one:g}' for one in STRENGTHS)} that costs at most "
        f"{AFFORDED:g} point on the validation images; better means by {MARGIN:g} at the same accuracy, p < "
        f"{SIGNIFICANT:g} over pairs of a seed, and {HITS} features that match",
    )


def _control(sweep: Sweep) -> str:
    strength = strongest(sweep, SHUFFLED)
    if strength is None:
        return ""
    values = at_the_same(pairs(sweep, SHUFFLED, strength), "match", "match")
    return f"pulled to the means of other classes (strength {strength:g}), features match {_both(values, '.2f')}"


def _both(values: np.ndarray, form: str) -> str:
    return f"{spread(values[:, 2], form)} instead of {spread(values[:, 1], form)}"


def sections(results: Results) -> Iterator[Section]:
    """Show features with and without penalties, and how they go with accuracy."""
    sweep = Sweep.of(results)
    chosen = {kind: strongest(sweep, kind) for kind in (COSINE, PULL, SHUFFLED)}
    found = {kind: pairs(sweep, kind, strength) for kind, strength in chosen.items() if strength is not None}
    if not found:
        return
    couples = next(iter(found.values()))
    runs: dict[str, list[Run]] = {"as in the paper": [plain for plain, _ in couples]}
    runs |= {kind: [run for _, run in of_kind] for kind, of_kind in found.items()}
    lines = {
        name: [(100 * run.numbers["accuracy"], run.numbers["match"]) for run in some] for name, some in runs.items()
    }
    yield Section(
        "penalties",
        "Penalties that are to keep features explainable (FM-12)",
        plots.against_accuracy(lines, "match of a feature with its class", "With and without penalties on features"),
        "Lines of match against accuracy while networks train, with and without penalties.",
        f"A line is a network while it learns, {CHANGED[0][0]} units, {CHANGED[1]}. The pull to shuffled means is the "
        "control: it asks for the features of other classes.",
    )
    yield from compared(
        "penalties-features",
        "Features with penalties (FM-12)",
        "Rows of ten features, one for each penalty.",
        {
            name.replace(" to ", " to\n").replace("mutual ", "mutual\n").replace("as in ", "as in\n"): some[0]
            for name, some in runs.items()
        },
        results.data,
    )


EXPERIMENT = Experiment(changed, lambda results: [kept(results)], sections)
