"""What is measured on each of many networks, and on all of them together, so that labels can be told apart.

The statistics of one network are of its weights through training and of where it looks; those of a pair of networks
say how alike two answer to the same images.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinynet.datasets import Dataset, celeba
from tinynet.explain import (
    absolute_gradient,
    cka,
    gradient_profiles,
    group_similarity,
    mass_over_area,
    match_units,
    procrustes,
    profile_cosine,
    streaks,
    svcca,
    weight_movement,
    weight_statistics,
)
from tinynet.explain.comparison.similarity import narrow
from tinynet.explain.units.outputs import unit_outputs
from tinynet.network import Network
from tinynet.studies.engine.jobs import Job, Numbers, OfNetwork
from tinynet.studies.meniconi import faces, places
from tinynet.studies.meniconi.training import EPOCHS, Training, parts
from tinynet.types import Array

PROBED, PROFILED = 128, 48  # images that networks are compared by, and whose gradients are taken
MAPS = (
    "mean of the mean map",
    "size of the mean map",
    "spread of the mean map",
    "streaks of the mean map",
    "median of the log variance map",
    "upper tenth of the log variance map",
    "spread of the log variance map",
    "streaks of the log variance map",
)
MOVES = ("way from the start over the norm", "last change over the norm", "cosine to the start", "norm")
LOOKS = "|gradient| at mouth less eyes"
PROFILES = "profiles of prediction gradients"
LEAST_VARIANCE = 1e-12  # added before logarithms are taken: some weights never move
MOST = 0.9  # of the variance: with all of it, layers have as many directions as there are images, and any two agree


def svcca_of_most(X: Array, Y: Array) -> float:
    """Return the mean canonical correlation of the directions that hold `MOST` of the variance."""
    return svcca(X, Y, MOST)


def of_matched_units(X: Array, Y: Array) -> float:
    """Return the mean correlation of the units of two networks with their best partners; columns of NaN are none."""
    return match_units(*(each[:, ~np.isnan(each[0])] for each in (X, Y))).mean


OF_FEATURES: dict[str, Callable[..., float]] = {
    "CKA": cka,
    "Procrustes distance": procrustes,
    "SVCCA": svcca_of_most,
}
OF_UNITS: dict[str, Callable[..., float]] = {"correlation of matched units": of_matched_units}
SIMILARITIES = {**OF_FEATURES, **OF_UNITS}


def marks(epochs: int) -> list[int]:
    """Return the epochs after which networks are looked at: the first, the middle one and the last.

    Parameters
    ----------
    epochs : int
    """
    return sorted({1, (epochs + 1) // 2, epochs})


@dataclass(frozen=True)
class Watching(OfNetwork):
    """The statistics of one network.

    Attributes
    ----------
    training : Training
    """

    training: Training
    beside = (places, celeba)  # which know where mouths are

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return what the network's weights did, what it looks at, and how it sees the images that all are compared by.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
            The trained network.

        Returns
        -------
        mapping of str to ndarray
            "weights" of shape (statistics, layers, marks); "looks" (marks,); "profiles" (marks, images, filters);
            "features" (layers, 1 + marks, images, images): features turned so that there are no more than images,
            before training first; "units" (layers, 1 + marks, images, units): the mean over its places, NaN where a
            layer has fewer; "loss" of the last epoch.
        """
        trained, training = needed[0], self.training
        _, test = (part.labelled_by(training.label) for part in parts(faces.faces(data), training.images))
        probes = faces.seen(test.take(np.arange(min(len(test), PROBED))), training.shrink)
        few = test.take(np.arange(min(len(test), PROFILED)))
        x, boxes = faces.seen(few, training.shrink), places.places(few)
        at = marks(training.epochs)
        nets = [training.net(data, trained, epoch) for epoch in (0, *at)]
        histories = [trained[f"{EPOCHS}{name}/W"] for name in weight_layers(nets[0])]
        features, units = zip(*(answers_of(net, probes) for net in nets), strict=True)
        return {
            "weights": np.array([weight_numbers(history, at) for history in histories]).transpose(1, 0, 2),
            "looks": np.array([_looks(net, x, few.labels, boxes, training.shrink) for net in nets[1:]]),
            "profiles": np.array([gradient_profiles(net, x, few.labels) for net in nets[1:]], np.float32),
            "features": np.array(features, np.float32).swapaxes(0, 1),
            "units": np.array(units, np.float32).swapaxes(0, 1),
            "loss": trained["loss"][-1],
        }


def weight_layers(net: Network) -> list[str]:
    """Return the names of the layers whose weights are watched: all but the last, which has too few.

    Parameters
    ----------
    net : Network
    """
    return [layer.name for layer in net.layers if layer.params][:-1]


def weight_numbers(history: Array, at: Sequence[int]) -> Array:
    """Return the statistics `MAPS` and `MOVES` of the weights of one layer.

    Parameters
    ----------
    history : ndarray of shape (epochs + 1, outputs, ...)
        The weights before training and after each epoch.
    at : sequence of int
        The epochs up to which they are looked at.

    Returns
    -------
    ndarray of shape (statistics, len(at))
    """
    snapshots, found = list(history), []
    moved = weight_movement(snapshots)
    for epoch in at:
        maps = weight_statistics(snapshots[: epoch + 1])
        logs = np.log10(maps.variance + LEAST_VARIANCE)
        of_means, of_logs = streaks(maps.mean), streaks(logs)
        found.append(
            [
                maps.mean.mean(),
                np.abs(maps.mean).mean(),
                maps.mean.std(),
                of_means.rows + of_means.columns,
                np.median(logs),
                np.quantile(logs, 0.9),
                logs.std(),
                of_logs.rows + of_logs.columns,
                moved.distance[epoch] / moved.norm[0],
                moved.update_ratio[epoch],
                moved.cosine_to_start[epoch],
                moved.norm[epoch],
            ]
        )
    return np.array(found).T


def answers_of(net: Network, x: Array) -> tuple[list[Array], list[Array]]:
    """Return what the units of each layer put out: as features that can be turned, and unit by unit.

    Parameters
    ----------
    net : Network
    x : ndarray of shape (N, C, H, W)

    Returns
    -------
    features : list of ndarray of shape (N, N)
        With the same products between images as the outputs, less their mean: all that most similarities hang on.
    units : list of ndarray of shape (N, units)
        The mean of each unit over its places; NaN for units that only wider layers have.
    """
    trace, names = net.trace(x), unit_outputs(net)[:-1]
    widest = max(trace[name].shape[1] for name in names)
    features, units = [], []
    for name in names:
        outputs = trace[name].reshape(len(x), trace[name].shape[1], -1).astype(np.float64)
        whole, means = outputs.reshape(len(x), -1), outputs.mean(axis=2)
        columns = narrow(whole - whole.mean(axis=0))
        features.append(np.pad(columns, ((0, 0), (0, len(x) - columns.shape[1]))))
        units.append(np.pad(means, ((0, 0), (0, widest - means.shape[1])), constant_values=np.nan))
    return features, units


def _looks(net: Network, x: Array, labels: Array, boxes: dict[str, Array], shrink: int) -> float:
    """Return by how much more of the gradient lies at the mouth than at the eyes, each over its area."""
    maps = np.asarray(absolute_gradient(net, x, labels)).sum(axis=1)
    mouth, eyes = (mass_over_area(maps, boxes[name][:, ::shrink, ::shrink]) for name in places.PLACES)
    return float(np.nanmean(mouth - eyes))


@dataclass(frozen=True)
class Alike(Job):
    """How alike networks of one label are, and networks of two.

    Attributes
    ----------
    watched : tuple of Watching
        Of the networks, from one kind of start.
    """

    watched: tuple[Watching, ...]

    @property
    def name(self) -> str:
        """The first network, and how many there are."""
        return f"{self.watched[0].training.name}_alike{len(self.watched)}"

    @property
    def needs(self) -> tuple[Job, ...]:
        """The statistics of each network."""
        return self.watched

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return for each similarity, layer and mark the means within a label and between two, and the chance of both.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
            Of each network.

        Returns
        -------
        mapping of str to ndarray
            "features" of shape (similarities, layers, 1 + marks, 4) and "profiles" (marks, 4), as `compared` has them.
        """
        labels = [watching.training.label for watching in self.watched]
        profiles = np.array([numbers["profiles"] for numbers in needed])
        by_layer = []
        for kept, measures in (("features", OF_FEATURES), ("units", OF_UNITS)):
            outputs = np.array([numbers[kept] for numbers in needed])
            layers, times = outputs.shape[1:3]
            by_layer += [
                [
                    [compared(outputs[:, layer, mark], labels, measure) for mark in range(times)]
                    for layer in range(layers)
                ]
                for measure in measures.values()
            ]
        return {
            "features": np.array(by_layer),
            "profiles": np.array(
                [compared(profiles[:, mark], labels, profile_cosine) for mark in range(profiles.shape[1])]
            ),
        }


def compared(features: Array, labels: Sequence[str], measure: Callable[..., float]) -> list[float]:
    """Return how alike networks are within and between labels, by how many deviations of its null more within, and p.

    Parameters
    ----------
    features : ndarray of shape (networks, images, columns)
        NaN for columns that are none.
    labels : sequence of str
    measure : callable
        Of two networks.

    Returns
    -------
    list of float
        All NaN if a network says the same of all images.
    """
    if not ((features != features[:, :1]) & ~np.isnan(features)).any(axis=(1, 2)).all():
        return [np.nan] * 4
    found = group_similarity(list(features), list(labels), measure=measure)
    distance = measure is procrustes
    away = (found.null.value - found.null.mean) * (-1 if distance else 1)
    deviation = float(found.null.null.std())
    p = found.null.p_less if distance else found.null.p_greater
    return [float(np.nanmean(found.within)), found.between, away / deviation if deviation > 0 else 0.0, p]
