"""FM-4 to FM-7: other shapes of networks, figures 4 to 10."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinynet import plots
from tinynet.explain.metrics.feature_match import class_directions
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results
from tinynet.studies.engine.statistics import percents
from tinynet.studies.farias import settings
from tinynet.studies.farias.networks import EPOCHS, parts, recipes
from tinynet.studies.farias.paper import FIGURES, NEAR, Documented, is_papers, reached
from tinynet.studies.farias.pictures import notes, row_name, similarity
from tinynet.studies.farias.runs import Sweep
from tinynet.types import Array

TITLES = {
    "FM-4": "figure 4: 512 hidden units after one epoch and after ten",
    "FM-5": "figure 5: 16 units in one hidden layer and in three, ten epochs",
    "FM-6": "figure 6: three hidden layers of 8 and of 16, ten epochs",
    "FM-7": "figures 7 to 10: three hidden layers of 16, 1024, 512 and 128",
}


def claims(results: Results) -> list[Claim]:
    """Judge whether the paper's accuracies are reached."""
    return [accuracies(results, id) for id in TITLES]


def accuracies(results: Results, id: str) -> Claim:
    """Judge one of FM-4 to FM-7: for each number of the paper, the networks that come nearest to it.

    Only those count whose targets start at zero, as in the authors' program. What the others reach is told beside.
    """
    sweep = Sweep.of(results)
    rows = [row for row in FIGURES if row.id == id]
    documented = ", ".join(f"{row.accuracy:g} % ({_shape(row)})" for row in rows)
    groups = [sweep.nearest(*row[1:]) for row in rows]
    others = [sweep.nearest(*row[1:], start="activation") for row in rows]
    measured = "; ".join(
        f"{row.accuracy:g} %, {_shape(row)}: {group if group else 'not trained in this run'}"
        + (f", but {percents(other.each('accuracy'))} {other.setting}" if other else "")
        for row, group, other in zip(rows, groups, others, strict=True)
    )
    if not all(groups):
        return results.claim(id, TITLES[id], documented, measured, None)
    near = [reached(group, row) for group, row in zip(groups, rows, strict=True)]
    fewest = min(len(group.runs) for group in groups if group)
    measured = f"{sum(near)} of {len(near)} numbers reached within {NEAR:g} points; {measured}"
    return results.claim(id, TITLES[id], documented, measured, all(near) if is_papers(results) else None, fewest)


def _shape(row: Documented) -> str:
    epochs = "1 epoch" if row.epochs == 1 else f"{row.epochs} epochs"
    return f"{'-'.join(map(str, row.hidden))}, {epochs}"


def sections(results: Results) -> Iterator[Section]:
    """Show the features of each shape, how alike they are, and the accuracies."""
    sweep, classes = Sweep.of(results), results.data.classes
    train, _ = parts(results.data)
    yield from _features(sweep, classes, class_directions(train.x, train.labels))
    yield _accuracies(sweep)


def _features(sweep: Sweep, classes: tuple[str, ...], directions: Array) -> Iterator[Section]:
    rows: dict[str, Array] = {}
    for row in FIGURES:
        group = sweep.nearest(*row[1:])
        if group is not None and (features := group.features) is not None:
            rows.setdefault(row_name(group, row), features)
    if not rows:
        return
    yield Section(
        "shapes",
        "Other shapes and lengths of training (FM-4 to FM-7)",
        plots.unit_features(rows, classes, "Features of the output units, by hidden layers", notes(rows, directions)),
        "A row of ten features for each of the networks of figures 4 to 10.",
        "Figures 4 to 10, drawn anew: of the learning rates that each shape was trained with, the one whose accuracy "
        "is nearest to the paper's, first seed.",
        ("Which steps and rates were tried before, on MNIST:", *_tried()),
    )
    yield Section(
        "shapes-similarity",
        "How alike these features are (FM-4 to FM-7)",
        similarity(rows, classes),
        "A table of cosines for each network above.",
        "White is 1, grey 0, black -1.",
    )


def _tried() -> list[str]:
    """Return the list at the head of the table of settings."""
    return [" ".join(item.split()) for item in (settings.__doc__ or "").split("\n- ")[1:]]


def _accuracies(sweep: Sweep) -> Section:
    rows, documented = {}, {}
    for hidden in sweep.shapes:
        name = "-".join(map(str, hidden))
        groups = sweep.groups(hidden, EPOCHS)
        most = max(len(group.runs) for group in groups)
        table = np.full((len(groups), most), np.nan)
        for at, group in enumerate(groups):
            table[at, : len(group.runs)] = 100 * group.each("accuracy")
        rows[name] = table
        documented[name] = [row.accuracy for row in FIGURES if row.hidden == hidden and row.epochs == EPOCHS]
    return Section(
        "accuracies",
        "Accuracy after ten epochs",
        plots.network_accuracies(rows, documented, "Test accuracy of each network after ten epochs", NEAR),
        "Dots for all networks, a line for each shape, and bars at the numbers of the paper.",
        "A dot is a network; learning rates differ in colour and marker, in the order of the table of settings. Narrow "
        "networks of three layers are also trained with steps that start at the activation (the last colours).",
    )


EXPERIMENT = Experiment(recipes, claims, sections)
