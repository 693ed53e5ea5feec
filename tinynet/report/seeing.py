"""What ``python -m tinynet picture`` and ``project`` draw: what raises classes and units, and what in the data does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tinynet import plots
from tinynet.datasets import Dataset
from tinynet.explain import (
    MaximisedImages,
    Objective,
    Recipe,
    maximised_images,
    projected_patches,
    strongest_patches,
    weight_projection,
)
from tinynet.explain.attribution.question import parts
from tinynet.explain.prediction import Prediction
from tinynet.explain.synthesis.patches import Pixels, at_centre
from tinynet.layers import ReLU
from tinynet.layers.activation import Activation
from tinynet.network import Network
from tinynet.plots.canvas import MOST_MAPS, with_rest
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BEST = 9  # images or patches of a unit


class Seen:
    """What of a network is asked about: its classes or units of a layer, as many as a figure has room for.

    Parameters
    ----------
    net : Network
        Of images.
    data : Dataset
        Images for it.
    layer : str, optional
        Whose units; the classes if not given.
    units : sequence of int, optional
        Those asked about, or the classes; all if not given.

    Raises
    ------
    UnknownLayerError, ValueError
        If there is no such layer, unit or class.
    """

    def __init__(
        self, net: Network, data: Dataset, layer: str | None = None, units: Sequence[int] | None = None
    ) -> None:
        self.net, self.data, self.layer = net, data, layer
        if layer is None:
            self.count = Prediction(net).count if units is None else len(units)
        else:
            everything = range(net.shapes[layer][0]) if units is None and layer in net.names else units or []
            self.count = len(net.check_units({layer: everything})[layer])
        self.units = list(range(self.count) if units is None else units)[:MOST_MAPS]
        self.window: Pixels = (..., slice(None), slice(None))
        if layer is None:
            self.objective = Objective.classes(net, self.units)
            same = len(data.classes) == Prediction(net).count
            self.names = [data.classes[unit] if same else f"class {unit}" for unit in self.units]
        else:
            places, self.window = at_centre(net, layer, self.units)
            self.objective = Objective.units(net, layer, places)
            self.names = [f"unit {unit}" for unit in self.units]

    def raised(self, recipe: Recipe) -> MaximisedImages:
        """Return a picture made to raise each class or unit; of a filter its centre place, and what that sees.

        Parameters
        ----------
        recipe : Recipe
        """
        made = maximised_images(self.net, self.objective, recipe)
        return replace(made, images=made.images[self.window], frames=made.frames[self.window])

    def pictures(self, made: MaximisedImages) -> Figure:
        """Draw pictures that were made, with what they raise, below the best of the data.

        Parameters
        ----------
        made : MaximisedImages
            As `raised` returns them.
        """
        best, values = self._best()
        rows = {_of_the_data(best): best, "made to raise it\nthe data's spectrum": made.images}
        told = dict(
            zip(rows, ([plots.number(each) for each in row] for row in (values, made.objective[-1])), strict=True)
        )
        what = "each class" if self.layer is None else f"the units of {self.layer}"
        title = with_rest(f"What raises {what} most", self.count, MOST_MAPS)
        return plots.picture_rows(rows, self.names, title, (), told)

    def _best(self) -> tuple[Array, Array]:
        """Return the images or patches of the data that raise each class or unit most, and how far the first does."""
        if self.layer is not None:
            patches = strongest_patches(self.net, self.data.x, self.layer, self.units, BEST)
            return patches.pictures, patches.outputs[:, 0]
        prediction = Prediction(self.net)
        asked = np.array(self.units)[:, None]
        traces = (self.net.trace(self.data.x[rows]) for rows in parts(self.net, len(self.data), None))
        logits = np.concatenate([prediction.value(trace, asked) for trace in traces], axis=1)
        order = np.argsort(-logits, axis=1, kind="stable")[:, :BEST]
        return self.data.x[order], logits.max(axis=1)

    def projections(self) -> Figure:
        """Draw units' weights, the patches that drive them most, and what is projected from each patch."""
        assert self.layer is not None, "classes have no projections"
        below = self.net.layers[: self.net.names.index(self.layer)]
        only_relu = all(isinstance(each, ReLU) for each in below if isinstance(each, Activation))
        patches = strongest_patches(self.net, self.data.x, self.layer, self.units, BEST)
        projection = weight_projection(self.net, self.layer)
        rows = {"weights": projection.pictures[self.units], _of_the_data(patches.pictures): patches.pictures}
        methods = ("deconvolution", "guided backpropagation", "gradient") if only_relu else ("gradient",)
        for method in methods:
            rows[method] = projected_patches(self.net, self.data.x, patches, method)
        title = with_rest(f"Units of {self.layer}. Weights: {projection.kind}", self.count, MOST_MAPS)
        return plots.picture_rows(rows, self.names, title, ("weights", *methods))


def _of_the_data(best: Array) -> str:
    return f"of the data\n{best.shape[1]} that raise it most"
