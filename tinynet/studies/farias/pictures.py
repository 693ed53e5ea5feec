"""Features of networks as rows of pictures, and how alike they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tinynet import plots
from tinynet.datasets import Dataset
from tinynet.explain.metrics.feature_match import class_directions
from tinynet.explain.units.profiles import cosines
from tinynet.pages.section import Section
from tinynet.studies.farias.networks import EPOCHS, parts
from tinynet.studies.farias.paper import Documented
from tinynet.studies.farias.runs import Group, Run
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def row_name(group: Group, row: Documented | None = None) -> str:
    """Return what stands beside the features of a network.

    Parameters
    ----------
    group : Group
    row : Documented, optional
        The number of the paper that the network stands for; told where shapes differ.
    """
    epochs = "1 epoch" if group.epochs == 1 else f"{group.epochs} epochs"
    right = f"{100 * group.runs[0].after(group.epochs, 'accuracy'):.1f} %"
    if row is None:
        return f"{epochs}\n{right}"
    return f"{'-'.join(map(str, row.hidden))}\n{epochs}, {right}"


def notes(rows: Mapping[str, Array], directions: Array) -> dict[str, list[str]]:
    """Return what stands below each feature: its cosine with the direction of its class.

    Parameters
    ----------
    rows : mapping of str to ndarray of shape (K, *input_shape)
    directions : ndarray of shape (K, *input_shape)
    """
    wanted = directions.reshape(len(directions), -1)
    found = {}
    for name, features in rows.items():
        if features is not directions:
            both = cosines(np.concatenate([features.reshape(len(features), -1), wanted]))
            found[name] = [f"{value:.2f}" for value in np.diag(both[: len(features), len(features) :])]
    return found


def compared(name: str, title: str, alt: str, runs: Mapping[str, Run], data: Dataset) -> Iterator[Section]:
    """Show the features of several networks after the paper's epochs, if any were kept.

    Parameters
    ----------
    name, title, alt : str
        Of the section.
    runs : mapping of str to Run
        By what stands beside their features.
    data : Dataset
    """
    kept = {label: run.features(EPOCHS) for label, run in runs.items()}
    rows = {label: features for label, features in kept.items() if features is not None}
    if rows:
        train = parts(data).train
        below = notes(rows, class_directions(train.x, train.labels))
        yield Section(
            name,
            title,
            plots.unit_features(rows, data.classes, "Features after ten epochs", below),
            alt,
            "Below each feature stands its cosine with its class.",
        )


def similarity(rows: Mapping[str, Array], classes: tuple[str, ...]) -> Figure:
    """Return the figure of the cosine of each feature with each other.

    Parameters
    ----------
    rows : mapping of str to ndarray of shape (K, *input_shape)
    classes : tuple of str
    """
    tables = {name.replace("\n", ", "): cosines(features.reshape(len(features), -1)) for name, features in rows.items()}
    return plots.feature_similarity(tables, classes, "Cosine of each feature with each other")
