"""What is to be raised: outputs of units, places, channels, classes and layers, added and subtracted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinynet.arguments import finite_number
from tinynet.classes import class_numbers
from tinynet.explain.prediction import Prediction
from tinynet.network import Network, Trace, checked_network
from tinynet.targets.features import UnitChoice, unit_targets
from tinynet.types import Array, Shape


class Term(NamedTuple):
    """A part of an objective.

    Attributes
    ----------
    layer : str
    weights : ndarray of shape (P, *shape of the layer's output)
        What each output counts, for each of P pictures.
    squared : bool
        Whether half the squares of the outputs are counted, instead of the outputs.
    """

    layer: str
    weights: Array
    squared: bool = False


@dataclass(frozen=True, eq=False)
class Objective:
    """What is to be raised: a sum of outputs of a network, one for each picture; may be added, subtracted, weighted.

    Attributes
    ----------
    terms : tuple of Term
    pictures : tuple of int
        Shape of the stack of pictures: () for a single one.

    Examples
    --------
    >>> import tinynet as tn
    >>> net = tn.Network([tn.Conv2D(4, 3), tn.ReLU(), tn.Flatten(), tn.Dense(3), tn.Softmax()], (1, 8, 8))
    >>> seven_not_one = Objective.classes(net, [2]) - 0.5 * Objective.classes(net, [1])
    >>> tn.explain.maximised_images(net, seven_not_one, steps=2).images.shape
    (1, 1, 8, 8)
    """

    terms: tuple[Term, ...]
    pictures: Shape

    @classmethod
    def units(cls, net: Network, layer: str, units: UnitChoice) -> Objective:
        """Return the outputs of units, of places of maps, of whole maps, or of sets of them.

        Parameters
        ----------
        net : Network
        layer, units : str, and int or sequence
            As in :func:`tinynet.extract_feature`.
        """
        weights = unit_targets(checked_network(net), layer, units)
        shape = net.shapes[layer]
        return cls((Term(layer, weights.reshape(-1, *shape)),), weights.shape[: weights.ndim - len(shape)])

    @classmethod
    def classes(cls, net: Network, classes: Sequence[int] | None = None) -> Objective:
        """Return the logits of classes.

        Parameters
        ----------
        net : Network
            A classifier of K classes.
        classes : sequence of int, optional
            One picture each; all if not given.

        Raises
        ------
        ValueError
            If a class is none of the network's.
        """
        prediction = Prediction(net)
        asked = class_numbers(classes, prediction.count)
        for label in asked:
            if not 0 <= label < prediction.count:
                raise ValueError(f"class {label} is none of the network's, expected 0 to {prediction.count - 1}")
        seeds = prediction.seed(net.trace(np.zeros(net.input_shape)), asked)
        return cls((Term(prediction.at, seeds),), (len(asked),))

    @classmethod
    def squares(cls, net: Network, layer: str, units: UnitChoice | None = None) -> Objective:
        """Return half the squares of a layer's outputs, summed: whatever it sees, it is to see more of it.

        Parameters
        ----------
        net : Network
        layer : str
        units : int or sequence, optional
            As in :func:`tinynet.extract_feature`; all if not given.
        """
        if units is None:
            units = np.ones(net.shapes[layer]) if layer in checked_network(net).names else 0
        of_units = cls.units(net, layer, units)
        return replace(of_units, terms=tuple(term._replace(squared=True) for term in of_units.terms))

    def value(self, trace: Trace) -> NDArray[np.float64]:
        """Return the objective of each picture.

        Parameters
        ----------
        trace : Trace
            Of the P pictures.
        """
        parts = [(trace[t.layer] ** 2 / 2 if t.squared else trace[t.layer]) * t.weights for t in self.terms]
        total = sum(part.sum(axis=tuple(range(1, part.ndim))) for part in parts)
        return np.asarray(total, np.float64)

    def slope(self, net: Network, trace: Trace) -> Array:
        """Return the derivative of each picture's objective by its pixels.

        Parameters
        ----------
        net : Network
        trace : Trace
            Of the P pictures.
        """
        seeds = [(t.layer, t.weights * trace[t.layer] if t.squared else t.weights) for t in self.terms]
        slopes = [net.backward(trace, seed, at=layer).input for layer, seed in seeds]
        return np.asarray(sum(slopes[1:], start=slopes[0]))

    def __add__(self, other: Objective) -> Objective:
        if not isinstance(other, Objective):
            return NotImplemented
        return Objective(self.terms + other.terms, np.broadcast_shapes(self.pictures, other.pictures))

    def __mul__(self, factor: float) -> Objective:
        weight = finite_number("factor", factor)
        return replace(
            self, terms=tuple(t._replace(weights=t.weights * t.weights.dtype.type(weight)) for t in self.terms)
        )

    __rmul__ = __mul__

    def __neg__(self) -> Objective:
        return self * -1.0

    def __sub__(self, other: Objective) -> Objective:
        return self + -other
