"""From what was seen to what could be changed: advice in words, with its evidence, and the change as code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinynet.explain.design.aliasing import ALIASED
from tinynet.explain.design.units import UnitStates, hidden_layers
from tinynet.layers import AvgPool2D, Conv2D, Dense, Layer, MaxPool2D, ReLU
from tinynet.network import Network
from tinynet.types import Array

Pair = tuple[int, int]
MOST_BLOCKS = 3  # convolutions that are advised in addition, to see more of the image
COUNTS: Mapping[type[Layer], str] = {Conv2D: "filters", Dense: "units"}


@dataclass(frozen=True)
class Advice:
    """A change of a network's design, and why.

    Attributes
    ----------
    kind : {"fewer units", "saturation", "aliasing", "receptive field", "layer"}
    layer : str
        Where the change is made.
    units : tuple of int
        Of that layer, if it is about some of them.
    words : str
        The evidence and the advice, in a sentence or two.
    settings : mapping of str to object
        Arguments of the layer that change.
    becomes : type of Layer, optional
        What kind of layer it becomes, if another one.
    behind : tuple of Layer
        Layers that are put behind it.
    gone : bool
        Whether the layer is left out.
    """

    kind: str
    layer: str
    units: tuple[int, ...]
    words: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    becomes: type[Layer] | None = None
    behind: tuple[Layer, ...] = ()
    gone: bool = field(default=False, kw_only=True)

    def replaced(self, layer: Layer) -> list[Layer]:
        """Return the untrained layers that stand in the place of one.

        Parameters
        ----------
        layer : Layer
            The one that the advice is about.
        """
        new = [] if self.gone else [changed(layer, self.settings, self.becomes)]
        return [*new, *(changed(other) for other in self.behind)]


def changed(layer: Layer, settings: Mapping[str, Any] | None = None, becomes: type[Layer] | None = None) -> Layer:
    """Return a layer made anew from its settings, some of them others, without parameters or name.

    Parameters
    ----------
    layer : Layer
    settings : mapping of str to object, optional
    becomes : type of Layer, optional
        Another kind of layer, which takes no settings of the old one.
    """
    if becomes is not None:
        return becomes(**(settings or {}))
    return type(layer)(**{**layer.settings(), **(settings or {})})


def redesigned(net: Network, advice: Sequence[Advice]) -> list[Layer]:
    """Return the untrained layers of a network after some advice, in its order.

    Parameters
    ----------
    net : Network
    advice : sequence of Advice
        Later advice about the same layer applies to what earlier made of it.
    """
    places: dict[str, list[Layer]] = {layer.name: [changed(layer)] for layer in net.layers}
    for one in advice:
        first, behind = places[one.layer][:1], places[one.layer][1:]
        places[one.layer] = [*(one.replaced(first[0]) if first else map(changed, one.behind)), *behind]
    return [layer for place in places.values() for layer in place]


def as_code(layers: Sequence[Layer]) -> str:
    """Return layers as Python that makes them, without what is so by default: ``[tn.Conv2D(filters=8, size=5)]``.

    Parameters
    ----------
    layers : sequence of Layer
    """
    return f"[{', '.join(f'tn.{type(layer).__name__}({_arguments(layer)})' for layer in layers)}]"


def _arguments(layer: Layer) -> str:
    kind, wanted = type(layer), layer.settings()
    shorter = {
        name: value[0] if isinstance(value, tuple) and len({*value}) == 1 else value for name, value in wanted.items()
    }
    for name in wanted:
        rest = {other: value for other, value in shorter.items() if other != name}
        with suppress(TypeError):  # an argument that has no default stays
            if kind(**rest).settings() == wanted:
                shorter = rest
    return ", ".join(f"{name}={value!r}" for name, value in shorter.items())


def fewer_units(layer: Layer, states: UnitStates, free: Sequence[int], images: int) -> Advice | None:
    """Advise to have as many units as do work, if some do none.

    Parameters
    ----------
    layer : Layer
        Of weights.
    states : UnitStates
        Of its units.
    free : sequence of int
        Those whose joint knock-out costs nothing.
    images : int
        How many this was seen on.
    """
    is_free = np.zeros(len(states.dead), bool)
    is_free[list(free)] = True
    reasons: list[tuple[NDArray[np.bool_], str]] = [
        (states.dead, "never put out anything but 0"),
        (states.constant, "put out the same whatever the image, as a bias would"),
        ((states.copies >= 0) & ~is_free[states.copies], ""),  # of what goes itself, the copy is kept
        (is_free, "can be knocked out at no cost, together with all that are said to be so"),
    ]
    gone, told = np.zeros(len(is_free), bool), []
    for which, reason in reasons:
        new = np.flatnonzero(which & ~gone)
        if len(new):
            told.append(f"{_units(new)} {reason or _copying(states, new)}")
        gone |= which
    name = COUNTS.get(type(layer))
    if not told or name is None:
        return None
    left = max(int(np.sum(~gone)), 1)
    words = f"Over {images} images, of {len(gone)} {name} {'; '.join(told)}. {left} would do."
    return Advice("fewer units", layer.name, tuple(map(int, np.flatnonzero(gone))), words, {name: left})


def saturation(net: Network, output: str, weights: Layer, states: UnitStates) -> list[Advice]:
    """Advise units that do not saturate, where most of a layer's do.

    Parameters
    ----------
    net : Network
    output : str
        Of the activation.
    weights : Layer
        The layer of weights in front.
    states : UnitStates
    """
    found = np.flatnonzero(states.saturated & ~states.dead & ~states.constant)
    if not len(found):
        return []
    kind = type(net[output]).__name__
    words = (
        f"{_units(found).capitalize()} of {weights.name}: nearly always near a bound of {kind}, where its slope is "
        "under a twentieth of the steepest. Next to no gradient gets through, and what is in front hardly learns. "
        "Rectified units have no upper bound; draw their weights as He does."
    )
    units = tuple(map(int, found))
    drawn = {"initializer": "he_normal"} if "initializer" in weights.settings() else {}
    return [
        Advice("saturation", weights.name, units, words, drawn),
        Advice("saturation", output, units, f"With that, {kind} becomes ReLU.", becomes=ReLU),
    ]


def aliasing(layer: Conv2D, folded: Array) -> Advice | None:
    """Advise to slide the first filters in steps of one pixel and to average afterwards, if they alias.

    Parameters
    ----------
    layer : Conv2D
        The first layer.
    folded : ndarray of shape (filters,)
        Share of each filter's response that its stride folds.
    """
    found = np.flatnonzero(folded > ALIASED)
    if not len(found):
        return None
    words = (
        f"{_units(found).capitalize()} of {layer.name}: up to {100 * folded[found].max():.0f} % of a response's power "
        f"lies above what a stride of {' x '.join(map(str, layer.stride))} can show, and comes back as patterns that "
        "are not in the image. Slide in steps of 1, and average before pixels are left out."
    )
    return Advice(
        "aliasing",
        layer.name,
        tuple(map(int, found)),
        words,
        {"stride": (1, 1)},
        behind=(AvgPool2D(layer.stride, layer.stride),),
    )


def narrow_field(net: Network, evidence: Pair) -> Advice | None:
    """Advise more convolutions, if no place of a map sees all that matters.

    Parameters
    ----------
    net : Network
    evidence : pair of int
        Height and width of what matters, in pixels.
    """
    maps = [(weights, output) for weights, output in hidden_layers(net) if isinstance(weights, Conv2D)]
    if not maps:
        return None
    weights, output = maps[-1]
    sees = net.receptive_field(output).size
    if sees[0] >= evidence[0] and sees[1] >= evidence[1]:
        return None
    pool = net.layers[net.names.index(output)]  # the layer behind it, as names begin with the input
    place = pool.name if isinstance(pool, MaxPool2D) else output
    step = net.receptive_field(place).step
    field = net.receptive_field(place).size
    lacking = max(-(-(wanted - seen) // (2 * one)) for wanted, seen, one in zip(evidence, field, step, strict=True))
    count = min(max(lacking, 1), MOST_BLOCKS)
    block: list[Layer] = [changed(weights, {"size": (3, 3), "stride": (1, 1), "padding": "same"})]
    if output != weights.name:
        block.append(changed(net[output]))
    words = (
        f"A unit of the last maps, {output}, sees {sees[0]} x {sees[1]} pixels, what matters is {evidence[0]} x "
        f"{evidence[1]} pixels large: no unit can compare its parts. Let {count} more convolution"
        f"{'' if count == 1 else 's'} put them together."
    )
    return Advice("receptive field", place, (), words, behind=tuple(block * count))


def without_layer(net: Network, name: str) -> list[Advice]:
    """Advise to leave a layer of weights out, with its activation.

    Parameters
    ----------
    net : Network
    name : str
        Of the layer of weights.
    """
    output = next(output for weights, output in hidden_layers(net) if weights.name == name)
    words = f"Without {name}, what comes in going on instead, no more images are misclassified. Leave it out."
    found = [Advice("layer", name, (), words, gone=True)]
    if output != name:
        found.append(Advice("layer", output, (), f"With {name} goes {output}.", gone=True))
    return found


def _units(numbers: NDArray[np.int64]) -> str:
    listed = ", ".join(map(str, numbers))
    return f"unit {listed}" if len(numbers) == 1 else f"units {listed}"


def _copying(states: UnitStates, units: NDArray[np.int64]) -> str:
    each = [f"{states.copies[unit]} ({states.likeness[unit]:+.2f})" for unit in units]
    return f"{'says' if len(units) == 1 else 'say'} the same as {', '.join(each)}"
