"""What there is to find in a network: gradients, rankings, knock-outs, features. Numbers only; no figures, no files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tinynet.classes import accuracy, predicted
from tinynet.datasets.dataset import PLANTED
from tinynet.explain.ablation.orders import OrderComparison, compare_orders
from tinynet.explain.gradients import Gradients, class_gradient, prediction_gradient
from tinynet.explain.units.characteristic import Feature, strongest_feature
from tinynet.explain.units.filters import Unit, rank_units, saliency
from tinynet.explain.units.outputs import filter_outputs, ranked_outputs
from tinynet.explain.units.profiles import Consistency, consistency, gradient_profiles
from tinynet.explain.units.scores import unit_scores
from tinynet.network import Network
from tinynet.types import Array

if TYPE_CHECKING:
    from tinynet.datasets import Dataset


PART = 2000  # images, about, between two steps of the progress bar
SAMPLE = 500  # images, at most, that are classified again and again
CLASSES = 15  # classes, at most, whose filters are knocked out
RANDOM_ORDERS = 10


@dataclass(frozen=True)
class Hits:
    """Whether each class's characteristic feature lies on what is known to tell the class from the others.

    Attributes
    ----------
    hit : ndarray of shape (K,)
        Whether its box touches the planted feature in the class's typical image.
    chance : ndarray of shape (K,)
        Share of all boxes that would.
    """

    hit: NDArray[np.bool_]
    chance: NDArray[np.float64]


@dataclass(frozen=True)
class Findings:
    """All that a report tells.

    Attributes
    ----------
    net : Network
    data : Dataset
        All images.
    of : str
        What the gradients are of.
    n_train, n_test : int
        Numbers of images.
    train_error, test_error : float
        Shares of them that are misclassified.
    confusion : ndarray of shape (K, K)
        Test images of the class of the row that are predicted as the class of the column.
    gradients : Gradients
        Class gradients with respect to the input and the ranked outputs.
    scores : dict of str to ndarray of shape (K, units)
        How strong each unit is for each class.
    typical : ndarray of shape (K,)
        The image of each class that is nearest to the class's mean.
    sample : ndarray
        The images that were classified without filters.
    profiles : ndarray of shape (len(sample), units of all outputs)
        How strong each unit is for the true class of each of them.
    consistency : Consistency or None
        Of these profiles; None if there are no two images of one class, or no two classes.
    knockouts : OrderComparison
    features : list of Feature
        The most characteristic one of each class.
    hits : Hits or None
        None where nothing is known to be planted.
    saliency : ndarray of shape (K, H, W)
        Size of the prediction gradient at each pixel of each typical image.
    seconds : dict of str to float
        How long each stage took.
    """

    net: Network
    data: Dataset
    of: str
    n_train: int
    n_test: int
    train_error: float
    test_error: float
    confusion: NDArray[np.int64]
    gradients: Gradients
    scores: dict[str, Array]
    typical: NDArray[np.int64]
    sample: NDArray[np.int64]
    profiles: Array
    consistency: Consistency | None
    knockouts: OrderComparison
    features: list[Feature]
    hits: Hits | None
    saliency: Array
    seconds: dict[str, float]

    @property
    def noun(self) -> str:
        """What is ranked: "filter" or, in networks without convolutions, "unit"."""
        return "filter" if filter_outputs(self.net) else "unit"

    @property
    def unit_count(self) -> int:
        """Number of units that are ranked."""
        return sum(values.shape[1] for values in self.scores.values())

    @property
    def test_errors(self) -> int:
        """Number of test images that are misclassified."""
        return round(self.n_test * self.test_error)

    def scores_of(self, label: int) -> dict[str, Array]:
        """Return how strong each unit is for one class.

        Parameters
        ----------
        label : int
            The class.
        """
        return {name: values[label] for name, values in self.scores.items()}

    def overall_scores(self) -> dict[str, Array]:
        """Return how strong each unit is on average over the classes."""
        return {name: values.mean(axis=0) for name, values in self.scores.items()}

    def ranking(self, label: int | None = None) -> list[tuple[Unit, float]]:
        """Return the units with their scores, strongest first.

        Parameters
        ----------
        label : int, optional
            For this class; on average over all classes if not given.
        """
        scores = self.overall_scores() if label is None else self.scores_of(label)
        return [(unit, float(scores[unit.layer][unit.unit])) for unit in rank_units(scores)]


class Progress:
    """A progress bar that also notes how long each stage takes.

    Parameters
    ----------
    total : int
        Number of steps.
    show : bool
        Whether the bar is to be seen.
    """

    def __init__(self, total: int, show: bool) -> None:
        from tqdm.auto import tqdm

        self.bar = tqdm(total=total, desc="explaining", unit="step", disable=None if show else True)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Name what goes on, and time it.

        Parameters
        ----------
        name : str
        """
        start = time.perf_counter()
        self.bar.set_description(name)
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)

    def step(self) -> None:
        """Move on by one step."""
        self.bar.update()


def steps(data: Dataset) -> int:
    """Return the number of steps that `find` takes.

    Parameters
    ----------
    data : Dataset
    """
    return len(_parts(data.labels)) + 2 + 2 * min(len(data.classes), CLASSES) + RANDOM_ORDERS


def check(net: Network, data: Dataset) -> None:
    """Check that a network classifies images like those of a data set.

    Parameters
    ----------
    net : Network
    data : Dataset

    Raises
    ------
    ValueError
        If it takes images of another shape, tells another number of classes apart, or has nothing to rank.
    """
    if net.input_shape != data.input_shape:
        raise ValueError(f"the network takes images of shape {net.input_shape}, {data.name} has {data.input_shape}")
    if net.output_shape != (len(data.classes),):
        raise ValueError(
            f"the network puts out an array of shape {net.output_shape}, expected one number for each of the "
            f"{len(data.classes)} classes of {data.name}"
        )
    ranked_outputs(net)


def find(
    net: Network, data: Dataset, *, train: Dataset, test: Dataset, of: str, rng: int, progress: Progress
) -> Findings:
    """Compute all that a report tells.

    Parameters
    ----------
    net : Network
        A trained classifier.
    data, train, test : Dataset
        All images, and those it was trained and is tested on.
    of : {"logit", "probability", "log_probability", "margin"}
        What the gradients are of.
    rng : int
        Draws the sample of large data sets, and the random orders.
    progress : Progress

    Returns
    -------
    Findings
    """
    outputs = ranked_outputs(net)
    batch = _batch_size(net)
    typical = typical_images(data.x, data.labels, len(data.classes))
    with progress.stage("class gradients"):
        gradients = class_gradients(net, data, of, ["input", *outputs], batch, progress.step)
        scores = unit_scores(net, gradients, outputs)
    sample = stratified_sample(data.labels, SAMPLE, np.random.default_rng(rng))
    x, labels = data.x[sample], data.labels[sample]
    with progress.stage("prediction gradients"):
        profiles = gradient_profiles(net, x, labels, of, layers=outputs, batch_size=batch)
        pixels = prediction_gradient(net, data.x[typical], data.labels[typical], of, layers=["input"], batch_size=batch)
        progress.step()
    with progress.stage("knock-outs"):
        asked = range(min(len(data.classes), CLASSES))
        knockouts = compare_orders(
            net,
            x,
            labels,
            scores,
            classes=asked,
            repeats=RANDOM_ORDERS,
            rng=rng,
            batch_size=batch,
            after_order=progress.step,
        )
    with progress.stage("features and test errors"):
        place = [filter_outputs(net)[0]] if filter_outputs(net) else ["input"]
        features = [strongest_feature(net, {p: gradients[p][c] for p in place}) for c in range(len(data.classes))]
        found = Findings(
            net=net,
            data=data,
            of=of,
            n_train=len(train),
            n_test=len(test),
            train_error=1 - accuracy(net, train.x, train.labels),
            test_error=1 - accuracy(net, test.x, test.labels),
            confusion=_confusion(net, test),
            gradients=gradients,
            scores=scores,
            typical=typical,
            sample=sample,
            profiles=profiles,
            consistency=consistency(profiles, labels, rng=rng) if _comparable(labels) else None,
            knockouts=knockouts,
            features=features,
            hits=_hits(net, features, data.masks[PLANTED][typical]) if PLANTED in data.masks else None,
            saliency=np.asarray(saliency(pixels["input"])),
            seconds=progress.seconds,
        )
        progress.step()
    return found


def class_gradients(
    net: Network, data: Dataset, of: str, layers: list[str], batch_size: int, after_part: Callable[[], object]
) -> Gradients:
    """Return the class gradients of a data set, worked out part by part so that a progress bar moves.

    Parameters
    ----------
    net : Network
    data : Dataset
    of : str
        What the gradients are of.
    layers : list of str
        The outputs asked about.
    batch_size : int
        Images worked through at a time.
    after_part : callable
        Called after each part.

    Notes
    -----
    Each part holds images of all classes; its means are weighted by its share of the images of each class.
    """
    totals: dict[str, Array] = {}
    counts = np.bincount(data.labels, minlength=len(data.classes))
    for part in _parts(data.labels):
        gradients = class_gradient(net, data.x[part], data.labels[part], of, layers=layers, batch_size=batch_size)
        share = (np.bincount(data.labels[part], minlength=len(counts)) / counts).astype(net.dtype)
        for name, gradient in gradients.items():
            weighted = share.reshape(-1, *[1] * (gradient.ndim - 1)) * gradient
            totals[name] = totals[name] + weighted if name in totals else weighted
        after_part()
    return Gradients(totals, of)


def typical_images(x: Array, labels: Array, classes: int) -> NDArray[np.int64]:
    """Return the image of each class that is nearest to the mean of its class.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
        Images.
    labels : ndarray of shape (N,)
        Their classes; each class needs an image.
    classes : int
        Number of classes.
    """
    chosen = []
    for label in range(classes):
        members = np.flatnonzero(labels == label)
        if not len(members):
            raise ValueError(f"class {label} has no image")
        away = np.square(x[members] - x[members].mean(axis=0)).sum(axis=(1, 2, 3))
        chosen.append(members[away.argmin()])
    return np.array(chosen)


def stratified_sample(labels: Array, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the indices of all images or, of many, of as large a share of each class, at least two of each.

    Parameters
    ----------
    labels : ndarray of shape (N,)
        The classes of the images.
    most : int
        About how many to return at most.
    rng : numpy.random.Generator
    """
    if len(labels) <= most:
        return np.arange(len(labels))
    chosen = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        wanted = max(round(most * len(members) / len(labels)), 2)
        chosen.append(rng.permutation(members)[:wanted])
    return np.sort(np.concatenate(chosen))


def _parts(labels: Array) -> list[NDArray[np.int64]]:
    """Return the indices of the images in parts of about equal size, each with images of all classes."""
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    count = max(min(len(labels) // PART, *map(len, members)), 1)
    split = [np.array_split(rows, count) for rows in members]
    return [np.sort(np.concatenate(rows)) for rows in zip(*split, strict=True)]


def _batch_size(net: Network) -> int:
    """Return how many images a pass may hold at a time: a few hundred megabytes of activations and gradients."""
    numbers = sum(int(np.prod(shape)) for shape in net.shapes.values())
    return int(np.clip(2**25 // numbers, 1, 256))


def _confusion(net: Network, test: Dataset) -> NDArray[np.int64]:
    counts = np.zeros((len(test.classes), len(test.classes)), np.int64)
    np.add.at(counts, (test.labels, predicted(net(test.x))), 1)
    return counts


def _comparable(labels: Array) -> bool:
    numbers = np.unique(labels, return_counts=True)[1]
    return len(numbers) > 1 and int(numbers.max()) > 1


def _hits(net: Network, features: list[Feature], masks: NDArray[np.bool_]) -> Hits | None:
    if not masks.any(axis=(1, 2)).all():
        return None
    return Hits(
        np.array([bool(mask[feature.box].any()) for feature, mask in zip(features, masks, strict=True)]),
        np.array([_chance(net, feature.layer, mask) for feature, mask in zip(features, masks, strict=True)]),
    )


def _chance(net: Network, layer: str, mask: NDArray[np.bool_]) -> float:
    """Return the share of a layer's places whose box touches the mask, counted with sums over rectangles."""
    field = net.receptive_field(layer)
    height, width = net.shapes[layer][1:]
    rows = np.array([(seen.start, seen.stop) for seen in (field.box(place, 0)[0] for place in range(height))]).T
    columns = np.array([(seen.start, seen.stop) for seen in (field.box(0, place)[1] for place in range(width))]).T
    before = np.pad(mask.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    (top, bottom), (left, right) = rows, columns
    inside = before[bottom][:, right] - before[top][:, right] - before[bottom][:, left] + before[top][:, left]
    return float(np.mean(inside > 0))
