"""Features of networks as rows of pictures, and how alike they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tinynet import plots
from tinynet.explain.units.profiles import cosines
from tinynet.studies.farias.paper import Documented
from tinynet.studies.farias.runs import Group
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


def similarity(rows: Mapping[str, Array], classes: tuple[str, ...]) -> Figure:
    """Return the figure of the cosine of each feature with each other.

    Parameters
    ----------
    rows : mapping of str to ndarray of shape (K, *input_shape)
    classes : tuple of str
    """
    tables = {name.replace("\n", ", "): cosines(features.reshape(len(features), -1)) for name, features in rows.items()}
    return plots.feature_similarity(tables, classes, "Cosine of each feature with each other")
