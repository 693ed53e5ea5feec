"""Look at a trained network's parts over some images, and say what could be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import real_array, whole_number, wrong
from tinynet.classes import check_labels, class_count, predicted
from tinynet.explain.design import advice as words
from tinynet.explain.design.advice import Advice, Pair, as_code, redesigned
from tinynet.explain.design.aliasing import ALIASED, folded_power
from tinynet.explain.design.costs import free_layers, free_units, seconds
from tinynet.explain.design.units import UnitStates, hidden_layers, unit_states
from tinynet.explain.units.filters import Unit
from tinynet.layers import Conv2D
from tinynet.network import Network, check_parameters, checked_network
from tinynet.notebook import ShownAsText, ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array

LITTLE = 0.5  # share of the errors of guessing that a network must avoid, or it has learned little
HEADINGS = ("layer", "parameters", "share", "time", "units", "dead", "constant", "saturated", "copies", "free", "sees")


@dataclass(frozen=True, eq=False, repr=False)
class Inspection(ShownAsText, ShownInBrief):
    """What was seen in a network, and what follows; ``print`` shows it as a table and advice in words.

    Attributes
    ----------
    net : Network
        The network that was looked at.
    images : int
        How many images it was looked at with.
    accuracy, guessing : float
        Of the network on these images, and of naming their most frequent class every time.
    states : mapping of str to UnitStates
        Dead, constant, saturated and redundant units, by the name of the hidden output that shows them.
    free : tuple of Unit
        Units that can all be knocked out at once at no cost, the least contribution first.
    free_layers : tuple of str
        Layers of weights that can be left out, one at a time, at no cost.
    folded : ndarray of shape (filters,), or None
        Share of each first filter's response that its stride folds; None without a stride.
    evidence : pair of int, or None
        Height and width of what matters in the images, in pixels, where it is known.
    parameters, seconds : mapping of str to number
        Of each layer: how many, and how long its forward pass takes an image.
    advice : tuple of Advice
        What could be changed, in the order in which it is applied.
    """

    net: Network
    images: int
    accuracy: float
    guessing: float
    states: Mapping[str, UnitStates]
    free: tuple[Unit, ...]
    free_layers: tuple[str, ...]
    folded: Array | None
    evidence: Pair | None
    parameters: Mapping[str, int]
    seconds: Mapping[str, float]
    advice: tuple[Advice, ...]

    @property
    def short(self) -> str:
        """How good the network is, in a sentence or two."""
        told = f"accuracy {self.accuracy:.1%}, where guessing reaches {self.guessing:.1%}"
        if 1 - self.accuracy <= LITTLE * (1 - self.guessing):
            return told
        return f"{told}. It has learned little: what costs it nothing may be what another one needs"

    @property
    def removable(self) -> dict[str, list[int]]:
        """Free and dead units, as :func:`tinynet.explain.pruned` takes them.

        One unit a layer stays in any case: a dead one, which is as good as none, or else the one that contributes most.
        """
        found: dict[str, list[int]] = {}
        for layer, states in self.states.items():
            dead = np.flatnonzero(states.dead).tolist()
            weakest_first = [unit for name, unit in self.free if name == layer and unit not in dead]
            found[layer] = sorted([*weakest_first, *dead][: len(states.dead) - 1])
        return {layer: units for layer, units in found.items() if units}

    @property
    def code(self) -> str:
        """Python that makes the network anew as advised, untrained; as it was without advice."""
        layers = as_code(redesigned(self.net, self.advice))
        return f"tn.Network({layers}, input_shape={self.net.input_shape})"

    def redesign(self, rng: int | np.random.Generator = 0) -> Network:
        """Return the network as advised, untrained.

        Parameters
        ----------
        rng : int or numpy.random.Generator
            Where the weights are drawn from.
        """
        return Network(redesigned(self.net, self.advice), self.net.input_shape, rng, self.net.dtype)

    def count(self, kind: str) -> int:
        """Return how many hidden units are "dead", "constant", "saturated", "copies" or "free".

        Parameters
        ----------
        kind : str
        """
        return sum(self._of_layer(output, kind) for output in self.states)

    def _of_layer(self, output: str, kind: str) -> int:
        if kind == "free":
            return sum(layer == output for layer, _ in self.free)
        if kind == "copies":
            return int(np.sum(self.states[output].copies >= 0))
        return int(np.sum(getattr(self.states[output], kind)))

    def rows(self) -> list[tuple[str, ...]]:
        """Return a table of the layers of weights; the first row holds the headings."""
        outputs = {weights.name: output for weights, output in hidden_layers(self.net)}
        spent = self._spent()
        rows: list[tuple[str, ...]] = [HEADINGS]
        for layer in self.net.layers:
            if layer.params:
                units: tuple[str, ...] = ("", "", "", "", "")
                output = outputs.get(layer.name)
                if output is not None:
                    units = tuple(str(self._of_layer(output, kind) or "") for kind in HEADINGS[5:10])
                share = self.parameters[layer.name] / max(self.net.parameter_count, 1)
                size = str(self.net.shapes[layer.name][0])
                row = (f"{self.parameters[layer.name]:,}", f"{share:.0%}", f"{spent[layer.name]:.0%}", size)
                rows.append((layer.name, *row, *units, self._sees(layer.name)))
        return rows

    def _spent(self) -> dict[str, float]:
        """Return each layer of weights' share of the time, with all that follows up to the next."""
        spent: dict[str, float] = {}
        last = ""
        for layer in self.net.layers:
            last = layer.name if layer.params else last
            spent[last] = spent.get(last, 0.0) + self.seconds[layer.name]
        total = sum(spent.values()) or 1.0
        return {name: part / total for name, part in spent.items()}

    def _sees(self, name: str) -> str:
        if len(self.net.shapes[name]) != 3:
            return "all"
        return " x ".join(map(str, self.net.receptive_field(name).size))

    def __str__(self) -> str:
        rows = self.rows()
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
        table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        told = [f"{self.images} images, {self.short}", "", *table, ""]
        if not self.advice:
            return "\n".join([*told, "No advice: every unit does work of its own."])
        for one in self.advice:
            told += [f"{one.layer}: {one.words}", f"    {as_code(one.replaced(self.net[one.layer]))}"]
        return "\n".join([*told, "", "All of it:", f"    {self.code}"])


@checked
def inspect_network(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    *,
    evidence: ArrayLike | Sequence[int] | None = None,
    batch_size: int = 256,
) -> Inspection:
    """Return what does no work in a trained network, what its parts cost, and advice for a better design.

    Parameters
    ----------
    net : Network
        A classifier with hidden units.
    x : array_like of shape (N, *input_shape)
        Images that it was not trained on, and that it will not be tested on either: the advice is learned from them.
    labels : array_like of shape (N,)
        Their classes.
    evidence : array_like of shape (N, H, W), or pair of int, optional
        What matters in each image, as a mask, or how high and wide it is, in pixels. Without it receptive fields are
        compared with nothing.
    batch_size : int
        Images worked through at a time.

    Returns
    -------
    Inspection
        ``print`` it. ``.advice`` is also code: ``.redesign()`` is the advised network, untrained; ``.removable`` goes
        into :func:`tinynet.explain.pruned`, which keeps what was learned.

    Raises
    ------
    ValueError
        If there is no image, the network has no hidden units, weights are NaN, or images, labels and evidence do not
        fit each other.

    Notes
    -----
    Seen over all images and places: *dead* units put out 0; *constant* ones range over less than 1 % of the largest
    range of their layer; *saturated* ones are near a bound of their activation, where the slope is under 1/20, at 95 %
    of places; *copies* correlate by 0.95 or more with another unit of their layer. *Free* units can be knocked out
    together with at most 0.5 % more of the images misclassified. A first filter *aliases* where its stride folds over a
    quarter of its response's power. These limits were fixed beforehand.

    References
    ----------
    Gulati et al. 2017, section 5, a heading alone; Zeiler and Fergus 2014, section 4.1, for a design changed by looking
    at filters.
    """
    images = checked_network(net).as_batch(x)
    check_parameters(net.parameters())
    wanted = check_labels(labels, class_count(net), len(images))
    if not len(images):
        raise ValueError("there is no image to inspect the network with")
    size = None if evidence is None else _extent(evidence, images)
    states = unit_states(net, images, batch_size)
    free = tuple(unit for unit in free_units(net, images, wanted, batch_size) if not states[unit.layer].dead[unit.unit])
    spare, folded = tuple(free_layers(net, images, wanted, batch_size)), folded_power(net, images)
    return Inspection(
        net=net,
        images=len(images),
        accuracy=float(np.mean(predicted(net(images, batch_size)) == wanted)),
        guessing=float(np.bincount(wanted).max() / len(wanted)),
        states=states,
        free=free,
        free_layers=spare,
        folded=folded,
        evidence=size,
        parameters={layer.name: sum(array.size for array in layer.params.values()) for layer in net.layers},
        seconds=seconds(net, images),
        advice=tuple(_advice(net, len(images), states, free, spare, folded, size)),
    )


def _advice(
    net: Network,
    images: int,
    states: Mapping[str, UnitStates],
    free: Sequence[Unit],
    spare: Sequence[str],
    folded: Array | None,
    size: Pair | None,
) -> list[Advice]:
    found: list[Advice | None] = []
    for weights, output in hidden_layers(net):
        if weights.name in spare[:1]:  # one at a time: without one layer the next may be needed
            found += words.without_layer(net, weights.name)
            continue
        silent = [unit for layer, unit in free if layer == output]
        found.append(words.fewer_units(weights, states[output], silent, images))
        if output != weights.name:
            found += words.saturation(net, output, weights, states[output])
    first = net.layers[0]
    if folded is not None and isinstance(first, Conv2D) and (folded > ALIASED).any():
        found.append(words.aliasing(first, folded))
    if size is not None:
        found.append(words.narrow_field(net, size))
    return [one for one in found if one is not None]


def _extent(evidence: ArrayLike | Sequence[int], images: Array) -> Pair:
    """Return the height and width of what matters: as given, or the median of boxes around the masks."""
    values = real_array("evidence", evidence)
    if values.shape == (2,):
        height, width = (whole_number("evidence", side) for side in np.asarray(evidence).tolist())
        return height, width
    if images.ndim != 4 or values.shape != (len(images), *images.shape[2:]):
        expected = "a height and a width, or a mask of (N, H, W) that fits the images"
        raise wrong("evidence", evidence, expected)
    sides: NDArray[np.float64] = np.array([_box(mask != 0) for mask in values if mask.any()])
    if not len(sides):
        raise ValueError("evidence is empty in every image, so there is nothing that a unit should see")
    high, wide = np.median(sides, axis=0)
    return int(np.ceil(high)), int(np.ceil(wide))


def _box(mask: NDArray[np.bool_]) -> Pair:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
