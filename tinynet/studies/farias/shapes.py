"""FM-4 to FM-7: other shapes of networks, figures 4 to 10, in two readings of the loss."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinynet import plots
from tinynet.explain.metrics.feature_match import class_directions
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results
from tinynet.studies.engine.statistics import percents
from tinynet.studies.farias import candidates
from tinynet.studies.farias.candidates import recipes
from tinynet.studies.farias.networks import EPOCHS, parts
from tinynet.studies.farias.paper import CHOSEN, FIGURES, NEAR, Documented, impossible, is_papers, reached
from tinynet.studies.farias.pictures import notes, row_name, similarity
from tinynet.studies.farias.runs import Sweep
from tinynet.studies.farias.settings import CROSS_ENTROPY, LOSSES, SQUARED
from tinynet.types import Array

TITLES = {
    "FM-4": "figure 4: 512 hidden units after one epoch and after ten",
    "FM-5": "figure 5: 16 units in one hidden layer and in three, ten epochs",
    "FM-6": "figure 6: three hidden layers of 8 and of 16, ten epochs",
    "FM-7": "figures 7 to 10: three hidden layers of 16, 1024, 512 and 128",
}
KINDS = (("zero", SQUARED), ("zero", CROSS_ENTROPY), ("activation", SQUARED))
READINGS = {SQUARED: "", CROSS_ENTROPY: ", cross-entropy"}  # what stands behind the id of a claim
TWICE = sorted(
    {row.accuracy for row in FIGURES for other in FIGURES if row.accuracy == other.accuracy and row != other}
)


def claims(results: Results) -> list[Claim]:
    """Judge whether the paper's accuracies are reached, in both readings."""
    return [accuracies(results, id, loss) for id in TITLES for loss in LOSSES]


def accuracies(results: Results, id: str, loss: str = SQUARED) -> Claim:
    """Judge one of FM-4 to FM-7: for each number of the paper, the networks that come nearest to it on validation.

    Only those count whose targets start at zero, as in the authors' program. What the others reach is told beside.
    """
    sweep = Sweep.of(results)
    rows = [row for row in FIGURES if row.id == id]
    groups = [sweep.nearest(*row[1:], loss=loss) for row in rows]
    others = [sweep.nearest(*row[1:], start="activation", loss=loss) for row in rows]
    measured = ", ".join(
        f"{row.accuracy:g} %, {_shape(row)}: {group if group else 'not trained in this run'}"
        + (f", but {percents(other.each('accuracy'))} {other.setting}" if other else "")
        for row, group, other in zip(rows, groups, others, strict=True)
    )
    trained = [group for group in groups if group]
    near = [reached(group, row) for group, row in zip(groups, rows, strict=True)]
    whole = is_papers(results) and len(trained) == len(rows)
    return results.claim(
        f"{id}{READINGS[loss]}",
        f"{TITLES[id]} ({loss.replace('-', ' ')})",
        ", ".join(f"{row.accuracy:g} % ({_shape(row)}{_doubt(row)})" for row in rows),
        f"{sum(near)} of {len(trained)} numbers can be reached within {NEAR:g} points: {measured}",
        all(near) if whole else None,
        min((len(group.runs) for group in trained), default=None),
        control="; ".join(dict.fromkeys(group.control for group in trained)),
        settings=CHOSEN,
    )


def _doubt(row: Documented) -> str:
    """Return what is wrong with a number of the paper."""
    if impossible(row):
        return f"; {row.accuracy:g} % is no share of 10,000 images"
    return "; printed under two figures, which is doubtful" if row.accuracy in TWICE else ""


def _shape(row: Documented) -> str:
    epochs = "1 epoch" if row.epochs == 1 else f"{row.epochs} epochs"
    return f"{'-'.join(map(str, row.hidden))}, {epochs}"


def sections(results: Results) -> Iterator[Section]:
    """Show the features of each shape, how alike they are, and the accuracies."""
    sweep, classes = Sweep.of(results), results.data.classes
    train = parts(results.data).train
    yield from _features(sweep, classes, class_directions(train.x, train.labels))
    yield _accuracies(sweep)


def _features(sweep: Sweep, classes: tuple[str, ...], directions: Array) -> Iterator[Section]:
    for loss in LOSSES:
        rows: dict[str, Array] = {}
        for row in FIGURES:
            group = sweep.nearest(*row[1:], loss=loss)
            if group is not None and (features := group.features) is not None:
                rows.setdefault(row_name(group, row), features)
        if not rows:
            continue
        name, words = f"shapes{'' if loss == SQUARED else '-' + loss}", loss.replace("-", " ")
        yield Section(
            name,
            f"Other shapes and lengths of training: {words} (FM-4 to FM-7)",
            plots.unit_features(rows, classes, f"Features by hidden layers: {words}", notes(rows, directions)),
            "A row of ten features for each of the networks of figures 4 to 10.",
            "Figures 4 to 10, drawn anew: of the learning rates that each shape was trained with, the one whose "
            "accuracy on validation images is nearest to the paper's, first seed.",
            ("Which steps and rates were tried before, on MNIST:", *_tried()),
        )
        yield Section(
            f"{name}-similarity",
            f"How alike these features are: {words} (FM-4 to FM-7)",
            similarity(rows, classes),
            "A table of cosines for each network above.",
            "White is 1, grey 0, black -1.",
        )


def _tried() -> list[str]:
    """Return the list at the head of the table of candidates."""
    return [" ".join(item.split()) for item in (candidates.__doc__ or "").split("\n- ")[1:]]


def _accuracies(sweep: Sweep) -> Section:
    rows, documented = {}, {}
    for hidden in sweep.shapes:
        name = "-".join(map(str, hidden))
        kinds = [sweep.groups(hidden, EPOCHS, *kind) for kind in KINDS]
        values = [[100 * right for group in groups for right in group.each("accuracy")] for groups in kinds]
        table = np.full((len(kinds), max(map(len, values))), np.nan)
        for at, some in enumerate(values):
            table[at, : len(some)] = some
        rows[name] = table
        documented[name] = [row.accuracy for row in FIGURES if row.hidden == hidden and row.epochs == EPOCHS]
    return Section(
        "accuracies",
        "Accuracy after ten epochs",
        plots.network_accuracies(rows, documented, "Test accuracy of each network after ten epochs", NEAR),
        "Dots for all networks, a line for each shape, and bars at the numbers of the paper.",
        "A dot is a network. Colour and marker are, in this order, those of steps from zero with the squared error, "
        "the same with a cross-entropy, and, for narrow networks of three layers, steps from the activation.",
    )


EXPERIMENT = Experiment(recipes, claims, sections)
