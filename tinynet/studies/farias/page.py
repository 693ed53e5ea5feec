"""The parts of the study's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tinynet import plots
from tinynet.explain.units.profiles import cosines
from tinynet.pages.section import Section
from tinynet.studies.farias import networks
from tinynet.studies.farias.networks import EPOCHS
from tinynet.studies.farias.runs import Group
from tinynet.studies.farias.verdicts import (
    CHANGE,
    FIGURES,
    LEVELS,
    MEASURES,
    NEAR,
    Documented,
    Findings,
    bends,
    equal_accuracy,
    figure_1,
    figure_2,
)
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEGIBLE = 0.05  # match by which a feature is said to look like its class


def sections(found: Findings, classes: tuple[str, ...], directions: Array) -> Iterator[Section]:
    """Yield the parts of the page, in order.

    Parameters
    ----------
    found : Findings
    classes : tuple of str
    directions : ndarray of shape (K, C, H, W)
        Mean image of each class less the mean of all images.
    """
    first, last = figure_1(found.sweep), figure_2(found.sweep)
    if first is not None and last is not None:
        yield from _figures_1_and_2(first, last, classes, directions)
    yield from _further_figures(found, classes, directions)
    yield _accuracies(found)
    yield _phases(found)
    yield _equal(found)
    if found.units:
        yield _units(found, classes)


def _figures_1_and_2(first: Group, last: Group, classes: tuple[str, ...], directions: Array) -> Iterator[Section]:
    rows = {
        "the classes\nmean less mean of all": directions,
        **{_row(group): features for group in (first, last) if (features := _features(group)) is not None},
    }
    yield Section(
        "features",
        "What ten output units want to see (FM-2, FM-3)",
        plots.unit_features(rows, classes, "Features of the output units, 128 hidden units", _notes(rows, directions)),
        "Three rows of ten images: the classes, and the features of the ten outputs after one and after ten epochs.",
        "Figures 1 and 2, drawn anew for the first seed. Grey is 0, light is where the target for the pixel is high. "
        "Below each feature stands its cosine with its class: the first row.",
        (f"After one epoch: {first}.", f"After ten: {last}."),
    )
    yield Section(
        "similarity",
        "How alike the features are (FM-2, FM-3)",
        _similarity(rows, classes),
        "Three tables of cosines: among the classes, and among the features after one and after ten epochs.",
        "White is 1, grey 0, black -1. Features that can be told apart have a white diagonal on grey; where the rest "
        "is light or black, they point the same way, or the opposite one.",
    )


def _further_figures(found: Findings, classes: tuple[str, ...], directions: Array) -> Iterator[Section]:
    rows: dict[str, Array] = {}
    for row in FIGURES:
        group = found.sweep.nearest(*row[1:])
        if group is not None and (features := _features(group)) is not None:
            rows.setdefault(_row(group, row), features)
    if not rows:
        return
    yield Section(
        "shapes",
        "Other shapes and lengths of training (FM-4 to FM-7)",
        plots.unit_features(rows, classes, "Features of the output units, by hidden layers", _notes(rows, directions)),
        "A row of ten features for each of the networks of figures 4 to 10.",
        "Figures 4 to 10, drawn anew: of the learning rates that each shape was trained with, the one whose accuracy "
        "is nearest to the paper's, first seed.",
        ("Which steps and rates were tried before, on MNIST:", *_tried()),
    )
    yield Section(
        "shapes-similarity",
        "How alike these features are (FM-4 to FM-7)",
        _similarity(rows, classes),
        "A table of cosines for each network above.",
        "White is 1, grey 0, black -1.",
    )


def _similarity(rows: Mapping[str, Array], classes: tuple[str, ...]) -> Figure:
    tables = {name.replace("\n", ", "): _table(features) for name, features in rows.items()}
    return plots.feature_similarity(tables, classes, "Cosine of each feature with each other")


def _tried() -> list[str]:
    """Return the list at the head of the table of settings."""
    return [" ".join(item.split()) for item in (networks.__doc__ or "").split("\n- ")[1:]]


def _accuracies(found: Findings) -> Section:
    rows, documented = {}, {}
    for hidden in found.sweep.shapes:
        name = "-".join(map(str, hidden))
        groups = found.sweep.groups(hidden, EPOCHS)
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


def _phases(found: Findings) -> Section:
    runs = found.sweep.as_the_authors
    fitted = bends(runs)
    points = {what: np.concatenate([run.numbers[what] for run in runs]) for what in ("accuracy", *MEASURES)}
    width = np.concatenate([np.full(len(run.numbers["images"]), run.recipe.hidden[0]) for run in runs])
    return Section(
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


def _equal(found: Findings) -> Section:
    tables = {words: equal_accuracy(found.sweep, what) for what, words in MEASURES.items()}
    widths = next(iter(tables.values()))[0]
    return Section(
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


def _units(found: Findings, classes: tuple[str, ...]) -> Section:
    words = {"dense": "128 units", "sigmoid": "conv., sigmoid", "tanh": "conv., tanh"}
    rows = {
        f"{words[kind]}\n{which}": numbers[0][f"features of {which}"]
        for kind, numbers in found.units.items()
        for which in ("outputs", "hidden", "pairs")
    }
    columns = [str(number) for number in range(max(map(len, rows.values())))]
    return Section(
        "units",
        "Hidden units, pairs of outputs, convolutional networks (FM-10)",
        plots.unit_features(rows, columns, "Features of outputs, of hidden units and of pairs of outputs"),
        "Rows of features for a dense and two convolutional networks.",
        "Trained for one epoch. Outputs are in the order of the classes; hidden units of convolutional networks are "
        "the middles of the eight maps behind the activation, whose features are as small as what they see; pairs of "
        f"outputs go from {classes[0]} and {classes[1]} to {classes[-2]} and {classes[-1]}.",
    )


def _row(group: Group, row: Documented | None = None) -> str:
    epochs = "1 epoch" if group.epochs == 1 else f"{group.epochs} epochs"
    right = f"{100 * group.runs[0].after(group.epochs, 'accuracy'):.1f} %"
    if row is None:
        return f"{epochs}\n{right}"
    return f"{'-'.join(map(str, row.hidden))}\n{epochs}, {right}"


def _features(group: Group) -> Array | None:
    return group.runs[0].features(group.epochs)


def _table(features: Array) -> Array:
    return cosines(features.reshape(len(features), -1))


def _notes(rows: dict[str, Array], directions: Array) -> dict[str, list[str]]:
    wanted = directions.reshape(len(directions), -1)
    notes = {}
    for name, features in rows.items():
        if features is not directions:
            both = cosines(np.concatenate([features.reshape(len(features), -1), wanted]))
            notes[name] = [f"{value:.2f}" for value in np.diag(both[: len(features), len(features) :])]
    return notes
