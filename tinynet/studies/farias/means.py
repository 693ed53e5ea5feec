"""FM-11: whether features last longer if targets are what data come to, the outputs' class means, and not one-hot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tinynet import plots
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results
from tinynet.studies.engine.statistics import paired_p_value, percents, spread
from tinynet.studies.farias.candidates import CHANGED, changed
from tinynet.studies.farias.networks import CLASS_MEANS, CLEAR, EPOCHS, KINDS, column
from tinynet.studies.farias.pictures import compared
from tinynet.studies.farias.runs import Run, Sweep
from tinynet.types import Array

MARGIN = 0.1  # of match, by which features have to be better
SIGNIFICANT = 0.05
ENOUGH = 5  # pairs of networks: with fewer, no test of signs is below 0.05


def pairs(sweep: Sweep, change: str, strength: float = 0.0) -> list[tuple[Run, Run]]:
    """Return the networks of figure 2 beside those of the same seeds in which something was done otherwise."""
    hidden, setting = CHANGED
    plain = {
        run.recipe.seed: run
        for run in sweep.changed("")
        if (run.recipe.hidden, run.recipe.setting) == (hidden, setting)
    }
    return [(plain[run.recipe.seed], run) for run in sweep.changed(change, strength) if run.recipe.seed in plain]


def at_the_same(couples: Sequence[tuple[Run, Run]], what: str, other: str) -> Array:
    """Return a number of both networks of each pair at the best accuracy that both of them pass.

    Parameters
    ----------
    couples : sequence of pair of Run
    what, other : str
        What is asked of the first, and of the second.

    Returns
    -------
    ndarray of shape (pairs, 3)
        The accuracy, the number of the first, and of the second.
    """
    found = []
    for first, second in couples:
        level = min(float(run.numbers["accuracy"].max()) for run in (first, second))
        found.append((level, first.passing(level, what), second.passing(level, other)))
    return np.array(found).reshape(-1, 3)


def longer(values: Array) -> bool:
    """Return whether the second number of pairs is above the first by the margin, and not by accident."""
    gains = values[:, 2] - values[:, 1]
    return bool(np.median(gains) >= MARGIN and paired_p_value(gains) < SIGNIFICANT)


def cause(results: Results) -> Claim:
    """Judge FM-11: class means as targets of features, and of training."""
    sweep = Sweep.of(results)
    document = (
        "FM-11",
        "one-hot vectors are not what data come to, and that is why features change",
        "proposed as the cause; with class means as targets the change should come later",
    )
    couples, same = pairs(sweep, CLASS_MEANS), [(run, run) for run, _ in pairs(sweep, CLASS_MEANS)]
    if not couples:
        return results.claim(*document, "not trained in this run", None)
    asked = at_the_same(same, column("match"), column("match", CLASS_MEANS))
    learned = at_the_same(couples, column("match"), column("match", CLASS_MEANS))
    hits = [run.after(EPOCHS, column("hits", CLASS_MEANS)) for run, _ in couples]
    ends = [run.numbers[name] for run, _ in same if (name := f"class means after {EPOCHS}") in run.numbers]
    far = [float(np.abs(means - np.eye(len(means))).mean()) for means in ends]
    measured = (
        f"asked with class means instead of one-hot targets, the same networks match {_both(asked)} at "
        f"{percents(asked[:, 0])}, {spread(hits, 'g')} features matching their own class best, and trained with the "
        f"class means of a network after {CLEAR} epoch, others match {_both(learned)} at {percents(learned[:, 0])}; "
        f"an output's class means differ from one-hot targets by {spread(far, '.3f')} at the end"
    )
    return results.claim(
        *document,
        measured,
        (longer(asked) or longer(learned)) if len(couples) >= ENOUGH else None,
        len(couples),
        control="the same networks with one-hot targets; with the classes of others "
        + spread([run.after(EPOCHS, column("match of others", CLASS_MEANS)) for run, _ in same], ".2f"),
        settings=f"step and rate of figure 2, {CHANGED[1]}; nothing chosen anew. Better means by {MARGIN:g} at the "
        f"same accuracy, p < {SIGNIFICANT:g} over pairs of a seed",
    )


def _both(values: Array) -> str:
    return f"{spread(values[:, 2], '.2f')} instead of {spread(values[:, 1], '.2f')}"


def sections(results: Results) -> Iterator[Section]:
    """Show features of one-hot targets and of class means, and how they go with accuracy."""
    couples = pairs(Sweep.of(results), CLASS_MEANS)
    if not couples:
        return
    plain, taught = ([couple[at] for couple in couples] for at in (0, 1))
    lines = {
        "one-hot targets": _lines(plain, KINDS[0]),
        "asked with class means": _lines(plain, CLASS_MEANS),
        "trained with class means": _lines(taught, CLASS_MEANS),
    }
    yield Section(
        "class-means",
        "Class means as targets (FM-11)",
        plots.against_accuracy(lines, "match of a feature with its class", "One-hot targets, and class means"),
        "Lines of match against accuracy while networks train, for three ways to set targets.",
        "A line is a network while it learns. Targets are one-hot vectors, or the mean outputs for the images of each "
        "class: at the look at hand, or, in training, those of a network after one epoch.",
    )
    yield from compared(
        "class-means-features",
        "Features of networks that learned class means (FM-11)",
        "Rows of ten features.",
        {"as in the paper": plain[0], "trained with\nclass means": taught[0]},
        results.data,
    )


def _lines(runs: Sequence[Run], kind: str) -> list[tuple[Array, Array]]:
    return [(100 * run.numbers["accuracy"], run.numbers[column("match", kind)]) for run in runs]


EXPERIMENT = Experiment(changed, lambda results: [cause(results)], sections)
