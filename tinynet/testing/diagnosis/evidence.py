"""What a wrong gradient is and should be, entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinynet.testing.compare import worst_entry
from tinynet.testing.diagnosis.arrays import agree, factor_between
from tinynet.testing.numeric import jacobian, largest
from tinynet.testing.report import Worst
from tinynet.testing.under_test import LayerUnderTest
from tinynet.types import Array

PROBES = 160


@dataclass(frozen=True)
class Evidence:
    """A wrong gradient, entry by entry.

    Parameters
    ----------
    name : str
        Of the gradient, such as "dx" or "dW".
    got : ndarray
        The whole gradient that the layer gave.
    entries : ndarray of int
        Flat indices of the entries that were probed.
    columns : ndarray of shape (outputs, entries)
        The numeric Jacobian's columns.
    x, y, dy : ndarray
        The input, the output and the gradient at the output.
    layer : LayerUnderTest
        The layer.
    ratio_at : callable
        Takes a batch size, returns got / wanted along one random direction of a new case.
    """

    name: str
    got: Array
    entries: Array
    columns: Array
    x: Array
    y: Array
    dy: Array
    layer: LayerUnderTest
    ratio_at: Callable[[int], float]

    @classmethod
    def at_input(cls, layer: LayerUnderTest, rng: np.random.Generator, x: Array, dy: Array, got: Array) -> Evidence:
        """Gather what is wrong with the gradient of the input.

        Parameters
        ----------
        layer : LayerUnderTest
            The layer.
        rng : numpy.random.Generator
            For the choice of entries.
        x, dy, got : ndarray
            The input, the gradient at the output, and what `backward` made of it.
        """
        chosen = np.concatenate([_some(rng, x[0].size), x[0].size + _some(rng, x[1:].size, PROBES // 4)])
        columns, smooth = jacobian(lambda point: layer.at(point), x, chosen)
        return cls("dx", got, chosen[smooth], columns[:, smooth], x, layer.forward(x), dy, layer, _ratios(layer, rng))

    @classmethod
    def at_parameter(
        cls, layer: LayerUnderTest, rng: np.random.Generator, name: str, x: Array, dy: Array, got: Array
    ) -> Evidence:
        """Gather what is wrong with the gradient of a parameter.

        Parameters
        ----------
        layer : LayerUnderTest
            The layer.
        rng : numpy.random.Generator
            For the choice of entries.
        name : str
            Of the parameter.
        x, dy, got : ndarray
            The input, the gradient at the output, and what `grads` made of it.
        """
        array = layer.params[name]
        chosen = _some(rng, array.size)
        columns, smooth = jacobian(lambda value: layer.at(x, name, value - array), array, chosen)
        ratios = _ratios(layer, rng, name)
        return cls(f"d{name}", got, chosen[smooth], columns[:, smooth], x, layer.forward(x), dy, layer, ratios)

    @property
    def wanted(self) -> Array:
        """What the probed entries should be."""
        return np.asarray(self.columns.T @ self.dy.ravel())

    @property
    def probed(self) -> Array:
        """What the probed entries are."""
        return np.asarray(self.got.ravel()[self.entries], np.float64)

    @property
    def tolerance(self) -> float:
        """How far two entries may differ and still count as the same."""
        return 1e-5 * max(largest(self.wanted), 1e-3 * largest(self.dy))

    def same(self, a: Array, b: Array) -> bool:
        """Return whether two arrays of probed entries agree."""
        return agree(a, b, self.tolerance)

    def worst(self) -> Worst | None:
        """Return the probed entry that is furthest off."""
        found = worst_entry(self.name, self.probed, self.wanted, self.tolerance)
        if found is None:
            return None
        place = np.unravel_index(int(self.entries[found.index[0]]), self.got.shape)
        index = tuple(int(i) for i in place)
        return Worst(self.name, index, found.got, found.wanted, found.wrong, found.compared)

    @property
    def elementwise(self) -> bool:
        """Whether each output depends on the input of the same place alone."""
        if self.got.shape != self.x.shape or self.y.shape != self.x.shape:
            return False
        others = self.columns.copy()
        others[self.entries, np.arange(len(self.entries))] = 0
        return largest(others) <= 1e-6 * largest(self.columns)

    @property
    def own_slopes(self) -> Array:
        """How much each probed input changes the output of the same place."""
        return self.columns[self.entries, np.arange(len(self.entries))]

    @property
    def passed_on(self) -> Array:
        """The gradient at the output, at the places of the probed inputs."""
        return self.dy.ravel()[self.entries]

    @property
    def factor(self) -> float | None:
        """The one number that the gradient is off by, if there is one."""
        return factor_between(self.probed, self.wanted, self.tolerance)

    def first(self, array: Array) -> Array | None:
        """Return the probed entries of the first input as one block, if all of them were probed.

        Parameters
        ----------
        array : ndarray
            One number for each probed entry.
        """
        shape = self.layer.input_shape if self.name == "dx" else self.got.shape
        size = int(np.prod(shape))
        whole = len(self.entries) >= size and np.array_equal(self.entries[:size], np.arange(size))
        return array[:size].reshape(shape) if whole else None


def _some(rng: np.random.Generator, count: int, most: int = PROBES) -> Array:
    return np.sort(rng.choice(count, min(count, most), replace=False))


def _ratios(layer: LayerUnderTest, rng: np.random.Generator, name: str | None = None) -> Callable[[int], float]:
    def ratio_at(batch: int) -> float:
        case = layer.case(rng, layer.inputs(rng, (batch,)), name)
        gradient = layer.backward(case.dy, case.x) if name is None else layer.grads(case.dy, case.x)[name]
        return float(np.vdot(gradient, case.direction) / np.vdot(case.dy, case.slope.values))

    return ratio_at
