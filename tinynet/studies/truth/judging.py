"""What the methods are judged by on one network: planted pixels, a planted shortcut, and units that can be counted out.

Each truth is a function from networks, images and methods to arrays with one entry a method. A truth is one of the
network too: only those images count whose prediction rests on the planted feature, because it falls without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tinynet.classes import accuracy, predicted
from tinynet.datasets import Dataset
from tinynet.datasets.dataset import PLANTED
from tinynet.explain.attribution import shapley_values
from tinynet.explain.gradients import prediction_gradient
from tinynet.explain.metrics.localisation import average_precision, mass_inside
from tinynet.explain.metrics.pointing import pointing_game
from tinynet.explain.metrics.randomisation import randomised
from tinynet.explain.units.filters import convolutional_gradient
from tinynet.explain.units.outputs import filter_outputs
from tinynet.network import Network
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.studies.engine.statistics import rank_correlation
from tinynet.studies.truth import methods, networks
from tinynet.studies.truth.methods import CONTROLS, Method
from tinynet.studies.truth.networks import Erased, Training
from tinynet.types import Array

IMAGES, QUICK_IMAGES = 20, 6  # asked about, of each network
SCORES = ("gradient norm", "size of gradient x activation", "activation", "random", "gradient x activation")


@dataclass(frozen=True)
class Judging(Job):
    """All methods on one network.

    Attributes
    ----------
    training : Training
        Of the network.
    methods : tuple of str
        Names of the methods, as :func:`methods.named` takes them.
    images : int
        How many images are asked about, at most.
    """

    training: Training
    methods: tuple[str, ...]
    images: int
    beside = (networks,)

    @property
    def name(self) -> str:
        """Name of the network, and of a method of one's own."""
        own = [re.sub(r"\W+", "_", Path(name).name) for name in self.methods if ".py:" in name]
        return "_".join([self.training.name, "judged", *own])

    @property
    def cost(self) -> float:
        """Beside training, in passes over the images."""
        return self.training.epochs * len(self.methods) * self.images / (len(methods.METHODS) * IMAGES)

    @property
    def marked(self) -> Training:
        """The same network, trained with the mark."""
        return Training(self.training.activation, self.training.seed, self.training.epochs, marked=True)

    @property
    def needs(self) -> tuple[Job, ...]:
        """Both networks, and the pictures without features."""
        return (self.training, self.marked, Erased())

    @property
    def program(self) -> str:
        """Text of what judges, of the methods, and of somebody's file."""
        return super().program + methods.program(self.methods)

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return what each method is worth by each truth, an array over the methods and then the controls."""
        net, marked = self.training.net(data, needed[0]), self.marked.net(data, needed[1])
        return judged(net, marked, data, needed[2]["x"], self.training.seed, chosen(self.methods), self.images)


def chosen(names: Sequence[str]) -> list[Method]:
    """Return the methods of some names, and the controls."""
    return [*map(methods.named, names), *CONTROLS]


def judged(
    net: Network, marked: Network, data: Dataset, erased: Array, seed: int, tried: Sequence[Method], images: int
) -> Numbers:
    """Return what methods are worth by all truths, on networks trained without and with the mark.

    Parameters
    ----------
    net, marked : Network
    data : Dataset
        The drawn faces.
    erased : ndarray of shape (N, 1, 60, 60)
        The same without their planted features.
    seed : int
        Of the split, and of what is drawn.
    tried : sequence of Method
    images : int
        How many are asked about, at most.

    Returns
    -------
    mapping of str to ndarray
        By truth and measure, such as "pixels/precision".
    """
    train, test = networks.parts(data, seed)
    _, without = networks.parts(replace(data, x=erased), seed)
    mean = train.x.mean(axis=0)
    draw = np.random.default_rng(seed)
    found = {
        "pixels": planted_pixels(
            net, networks.against_look_alikes(net, data), test, without.x, mean, tried, images, draw
        ),
        "shortcut": planted_shortcut(net, marked, test, mean, tried, images),
        "units": units(net, test, tried, draw),
    }
    return {f"{truth}/{name}": value for truth, values in found.items() for name, value in values.items()}


class Resting(NamedTuple):
    """Which predictions rest on something, seen when it is taken away.

    Attributes
    ----------
    falls : ndarray of shape (N,)
        How much each image's own logit falls.
    rests : ndarray of shape (N,)
        Whether it falls, or the network is right with it and wrong without.
    """

    falls: Array
    rests: Array


def resting(net: Network, x: Array, without: Array, labels: Array) -> Resting:
    """Return which predictions rest on what is in some images and not in the others.

    Parameters
    ----------
    net : Network
    x, without : ndarray of shape (N, *input_shape)
    labels : ndarray of shape (N,)
    """
    before, after = (net.trace(images)[net.logits] for images in (x, without))
    rows = np.arange(len(labels))
    falls = (before - after)[rows, labels]
    flips = (predicted(before) == labels) & (predicted(after) != labels)
    return Resting(falls, (falls > 0) | flips)


def planted_pixels(
    net: Network,
    against: Network,
    test: Dataset,
    without: Array,
    mean: Array,
    tried: Sequence[Method],
    images: int,
    draw: np.random.Generator,
) -> Numbers:
    """Return how well maps find the feature that only this person has.

    Parameters
    ----------
    net : Network
    against : Network
        Puts out each logit less those of the look-alikes.
    test : Dataset
        Images with the mask of their planted feature.
    without : ndarray of shape (N, *input_shape)
        The same without it.
    mean : ndarray of shape (*input_shape)
        Of training.
    tried : sequence of Method
    images : int
        How many are asked about, at most.
    draw : numpy.random.Generator
        Chooses the images, and draws the weights of a network that has learned nothing.

    Returns
    -------
    mapping of str to ndarray
        "precision", "mass" and "hits" of the logit; "against": precision of the logit less those of the look-alikes;
        "random": precision for the logit of a network with drawn weights. Each over the methods.
    """
    masks = test.masks[PLANTED]
    rests = resting(net, test.x, without, test.labels).rests & masks.any(axis=(1, 2))
    rows = np.sort(draw.permutation(np.flatnonzero(rests))[:images])
    x, labels, masks = test.x[rows], test.labels[rows], masks[rows]
    drawn = randomised(net, [layer.name for layer in net.layers if layer.params], draw)
    logit, other, random = (localised(asked, x, labels, masks, mean, tried) for asked in (net, against, drawn))
    return {
        "precision": logit["precision"],
        "mass": logit["mass"],
        "hits": logit["hits"],
        "against": other["precision"],
        "random": random["precision"],
        "accuracy": np.array(accuracy(net, test.x, test.labels)),
        "accuracy without": np.array(accuracy(net, without, test.labels)),
        "images": np.array(len(rows)),
        "image": x[:1],
        "mask": masks[:1],
        "maps": logit["maps"],
    }


def localised(net: Network, x: Array, labels: Array, masks: Array, mean: Array, tried: Sequence[Method]) -> Numbers:
    """Return how well the maps of methods find what a mask marks.

    Parameters
    ----------
    net : Network
    x : ndarray of shape (N, *input_shape)
    labels : ndarray of shape (N,)
    masks : ndarray of shape (N, H, W)
    mean : ndarray of shape (*input_shape)
        Of training.
    tried : sequence of Method

    Returns
    -------
    mapping of str to ndarray
        "precision", "mass" and "hits" over the methods, the mean over the images; "maps" of the first image.
    """
    maps = [method(net, x, labels, mean) for method in tried]
    measures: dict[str, Callable[[Array, Array], Array]] = {
        "precision": average_precision,
        "mass": positive_mass,
        "hits": pointing_game,
    }
    found = {
        name: np.array([np.nan_to_num(measure(each, masks)).mean() for each in maps])
        for name, measure in measures.items()
    }
    return {**found, "maps": np.stack([each[:1] for each in maps]).astype(np.float32)}


def planted_shortcut(
    net: Network, marked: Network, test: Dataset, mean: Array, tried: Sequence[Method], images: int
) -> Numbers:
    """Return how much of each map lies inside the mark, for networks trained with and without it.

    Parameters
    ----------
    net, marked : Network
        Trained without the mark, and with it.
    test : Dataset
        Images without the mark; it is put on those of the people who carried it in training.
    mean : ndarray of shape (*input_shape)
    tried : sequence of Method
    images : int
        How many are asked about, at most.

    Returns
    -------
    mapping of str to ndarray
        "with" and "without", mass inside the mark over the methods; "fall with" and "fall without", by how much the
        logit falls on the mean when the mark is taken away; "others with" and "others without", the share of other
        people's images that are predicted as one of those who carried the mark when it is put on them.
    """
    ours = networks.carries(test)
    rows = np.flatnonzero(ours)[:images]
    x, labels = networks.marked(test.x[rows]), test.labels[rows]
    masks = networks.mark_mask((len(rows), *test.input_shape[1:]))
    found: dict[str, Array] = {}
    people = np.unique(test.labels[ours])
    for what, asked in (("with", marked), ("without", net)):
        found[what] = np.array([np.nan_to_num(positive_mass(m(asked, x, labels, mean), masks)).mean() for m in tried])
        found[f"fall {what}"] = resting(asked, x, test.x[rows], labels).falls.mean()
        others = predicted(asked(networks.marked(test.x[~ours])))
        found[f"others {what}"] = np.isin(others, people).mean()
    return found


def units(net: Network, test: Dataset, tried: Sequence[Method], draw: np.random.Generator) -> Numbers:
    """Return how well scores of filters agree with what the filters are worth, counted out over all coalitions.

    Parameters
    ----------
    net : Network
    test : Dataset
    tried : sequence of Method
    draw : numpy.random.Generator
        Draws the scores of the control.

    Returns
    -------
    mapping of str to ndarray
        "methods" of shape (methods, layers), NaN for those that do not ask about layers, and "scores" of shape
        (scores, layers): rank correlation with exact Shapley values, the mean over the people. What is read by size is
        compared with their size. "knock-outs" of shape (layers,): the same of knocking out one filter alone.

    Notes
    -----
    Filters that are absent are zero. Values of a person's images are averaged before they are ranked.
    """
    layers = filter_outputs(net)
    people, x, labels = np.unique(test.labels), test.x, test.labels
    gradients, trace = prediction_gradient(net, x, labels, of="logit"), net.trace(x)

    def by_person(values: Array) -> Array:
        return np.stack([values[labels == person].mean(axis=0) for person in people])

    def agreement(one: Array, truth: Array) -> float:
        found = np.array([rank_correlation(*pair) for pair in zip(one, truth, strict=True)])
        return float(np.nanmean(found)) if not np.isnan(found).all() else float("nan")

    by_method = np.full((len(tried), len(layers)), np.nan)
    by_score = np.empty((len(SCORES), len(layers)))
    alone = np.empty(len(layers))
    for at, layer in enumerate(layers):
        truth = by_person(np.asarray(shapley_values(net, x, labels, players=layer)))
        size = np.abs(truth)
        alone[at] = agreement(by_person(knocked_out(net, x, labels, layer)), truth)
        for index, method in enumerate(tried):
            if (found := method.of_units(net, x, labels, layer)) is not None:
                by_method[index, at] = agreement(by_person(found), size if method.by == "size" else truth)
        products = by_person(_products(net, x, labels, layer))
        scores = (
            convolutional_gradient(by_person(gradients[layer])),
            np.abs(products),
            by_person(np.abs(trace[layer]).sum(axis=(2, 3))),
            draw.random(truth.shape),
        )
        by_score[:, at] = [*(agreement(score, size) for score in scores), agreement(products, truth)]
    return {"methods": by_method, "scores": by_score, "knock-outs": alone}


def knocked_out(net: Network, x: Array, labels: Array, layer: str) -> Array:
    """Return by how much each image's logit falls when one filter of a layer is knocked out, for each filter.

    Parameters
    ----------
    net : Network
    x : ndarray of shape (N, *input_shape)
    labels : ndarray of shape (N,)
    layer : str

    Returns
    -------
    ndarray of shape (N, filters)
    """
    rows, whole = np.arange(len(x)), net.trace(x)[net.logits]
    falls = []
    for unit in range(net.shapes[layer][0]):
        without = net.knocked_out({layer: [unit]})
        falls.append((whole - without.trace(x)[without.logits])[rows, labels])
    return np.stack(falls, axis=1)


def positive_mass(maps: Array, masks: Array) -> Array:
    """Return the share of what a map has above zero that lies inside the mask.

    Parameters
    ----------
    maps : ndarray of shape (N, H, W)
    masks : ndarray of shape (N, H, W)
    """
    return mass_inside(np.maximum(maps, 0), masks)


def _products(net: Network, x: Array, labels: Array, layer: str) -> Array:
    gradient_times_input = methods.named("gradient x input")
    found = gradient_times_input.of_units(net, x, labels, layer)
    assert found is not None
    return found
