"""What one pass through a network leaves: one array for the input and one for the output of each layer, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import NoneType
from typing import Any

import numpy as np

from tinynet import notebook
from tinynet.arguments import unknown
from tinynet.types import Array, Shape


class UnknownLayerError(KeyError, ValueError):
    """A name that no layer of the network has."""

    def __init__(self, name: object, known: Sequence[str]) -> None:
        super().__init__(unknown("layer", name, known))

    def __str__(self) -> str:
        """Return the message as it is, where KeyError would show it quoted."""
        return str(self.args[0])


class LayerArrays(Mapping[str, Array]):
    """One read-only array for the input and for the output of each layer, by name and in order."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = {name: read_only(array) for name, array in arrays.items()}

    def __getitem__(self, name: str) -> Array:
        try:
            return self._arrays[name]
        except (KeyError, TypeError):
            raise UnknownLayerError(name, list(self._arrays)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    @property
    def input(self) -> Array:
        """The entry of the network's input."""
        return self["input"]

    def __repr__(self) -> str:
        entries = ", ".join(f"{name} {array.shape}" for name, array in self._arrays.items())
        return f"{type(self).__name__}({entries})"

    def _repr_html_(self) -> str:
        rows = [(name, " x ".join(map(str, array.shape)), *_range(array)) for name, array in self.items()]
        return notebook.table(type(self).__name__, ["output", "shape", "least", "mean", "most"], rows)


class Trace(LayerArrays):
    """The output of each layer in one forward pass: ``trace.input``, ``trace["tanh1"]``, ``trace.output``."""

    @property
    def output(self) -> Array:
        """The output of the last layer."""
        return self._arrays[next(reversed(self._arrays))]


class Deltas(LayerArrays):
    """The gradient of <seed, output of `at`> with respect to each output before it, co-indexed with the trace.

    Outputs behind `at` have no influence on it: their entries are zero.
    """

    def __init__(self, arrays: Mapping[str, Array], at: str, trace: Trace) -> None:
        seed = arrays[at]
        stack = seed.shape[: seed.ndim - trace[at].ndim]
        names = list(trace)
        behind = names[names.index(at) + 1 :]
        super().__init__({**arrays, **{name: _zeros(stack + trace[name].shape, seed.dtype) for name in behind}})
        self.at = at


class Targets(LayerArrays):
    """What each layer should have put out, co-indexed with the trace."""


def _range(array: Array) -> tuple[str, str, str]:
    """Return the least value, the mean and the largest, in words; nothing of none."""
    if not array.size:
        return "", "", ""
    with np.errstate(all="ignore"):
        return f"{array.min():.3g}", f"{array.mean(dtype=np.float64):.3g}", f"{array.max():.3g}"


def _zeros(shape: Shape, dtype: np.dtype[Any]) -> Array:
    """Return zeros that cannot be written to and take no memory: all entries are the same bytes."""
    return np.ndarray(shape, dtype, bytes(dtype.itemsize), strides=(0,) * len(shape))


def read_only(array: Array) -> Array:
    """Return a view of an array that cannot be written to; itself if it cannot be anyway."""
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def frozen(array: Array) -> Array:
    """Return an array that owns its memory, having made it read-only for good.

    Parameters
    ----------
    array : ndarray
        Fresh, of nobody else.
    """
    array.flags.writeable = False
    return array


def may_change(array: Array) -> bool:
    """Return whether somebody could still write to an array's memory.

    Parameters
    ----------
    array : ndarray
        A read-only view of a writable array may change, and so does memory that is not NumPy's.
    """
    memory: object = array
    while isinstance(memory, np.ndarray):
        if memory.flags.writeable:
            return True
        memory = memory.base
    return not isinstance(memory, (bytes, NoneType))
