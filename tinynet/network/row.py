"""Layers in a row: by name, by number, and what can be read off them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tinynet import notebook
from tinynet.arguments import whole_number
from tinynet.foreign_names import METHODS
from tinynet.layers import Layer, Sigmoid, Softmax
from tinynet.network.storage import Stored
from tinynet.network.summary import rows_of, table
from tinynet.network.trace import UnknownLayerError
from tinynet.types import Shape


class Row(Stored):
    """The layers of a network, each found by its name or its place."""

    def __getitem__(self, name: str | int) -> Layer:
        if isinstance(name, str):
            for layer in self.layers:
                if layer.name == name:
                    return layer
        elif isinstance(name, (int, np.integer)) and not isinstance(name, bool):
            return self.layers[whole_number("layer", name, -len(self), len(self) - 1)]
        raise UnknownLayerError(name, self.names[1:])

    if not TYPE_CHECKING:  # for which there is nothing but what there is

        def __getattr__(self, name: str) -> Any:
            if name in METHODS:
                raise AttributeError(f"a Network has no {name}; in tinynet write {METHODS[name]}")
            raise AttributeError(f"a Network has no attribute {name!r}", name=name, obj=self)

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __contains__(self, layer: object) -> bool:
        return any(layer is own or layer == own.name for own in self.layers)

    def __repr__(self) -> str:
        return f"Network({' '.join(layer.name for layer in self.layers)}, input_shape={self.input_shape})"

    @property
    def names(self) -> list[str]:
        """The names of all outputs in order: "input", then those of the layers."""
        return list(self.shapes)

    @property
    def output_shape(self) -> Shape:
        """Shape of one output, without the batch axis."""
        return self.shapes[self.names[-1]]

    @property
    def logits(self) -> str:
        """Name of the output that holds the logits: in front of a final Softmax or Sigmoid, else the last one."""
        return self.names[-2] if isinstance(self.layers[-1], (Softmax, Sigmoid)) else self.names[-1]

    @property
    def parameter_count(self) -> int:
        """Number of parameters of all layers."""
        return sum(array.size for layer in self.layers for array in layer.params.values())

    def summary(self) -> str:
        """Return a table of the layers: output shape, number of parameters, receptive field in pixels."""
        return table(rows_of(self.layers, list(self.shapes.values())))

    def _repr_html_(self) -> str:
        head, *rows = rows_of(self.layers, list(self.shapes.values()))
        return notebook.table(f"Network of {len(self)} layers", head, rows)

    def _position(self, name: str) -> int:
        return self.names.index(self._named(name))

    def _named(self, name: str) -> str:
        if not isinstance(name, str) or name not in self.shapes:
            raise UnknownLayerError(name, self.names)
        return name
