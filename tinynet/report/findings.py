"""What there is to find in a network: gradients, rankings, knock-outs, features. Numbers only; no figures, no files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinynet.classes import class_count, predicted
from tinynet.datasets.dataset import PLANTED
from tinynet.explain.ablation.orders import OrderComparison, compare_orders
from tinynet.explain.attribution import absolute_gradient
from tinynet.explain.gradients import Gradients, class_gradient, prediction_gradient
from tinynet.explain.metrics.audit import Audit, audit
from tinynet.explain.units.characteristic import Feature, strongest_feature
from tinynet.explain.units.contributions import class_gradient_times_activation
from tinynet.explain.units.filters import Unit, rank_units, saliency
from tinynet.explain.units.outputs import filter_outputs, ranked_outputs
from tinynet.explain.units.profiles import Consistency, consistency, gradient_profiles
from tinynet.explain.units.scores import particular_scores, unit_scores
from tinynet.network import Network
from tinynet.report.hits import Hits, hits
from tinynet.report.progress import Progress
from tinynet.report.samples import parts, stratified_sample, typical_images
from tinynet.types import Array

if TYPE_CHECKING:
    from tinynet.datasets import Dataset

SAMPLE = 500  # images, at most, that are classified again and again
AUDITED = 10  # images that the audit of a map is made on
CLASSES = 15  # classes, at most, whose filters are knocked out
RANDOM_ORDERS = 10
LITTLE = 0.5  # share of the errors of guessing that a network must avoid, or it has learned little

Scores = dict[str, Array]


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
    n_train : int
        Number of images the network was trained on.
    train_error : float
        Share of them that are misclassified.
    confusion : ndarray of shape (K, K)
        Test images of the class of the row that are predicted as the class of the column.
    gradients : Gradients
        Class gradients with respect to the input and the ranked outputs.
    strength : dict of str to ndarray of shape (K, units)
        The size of each unit's class gradient: what a small change of the unit would change, up or down.
    support : dict of str to ndarray of shape (K, units)
        Gradient times activation: what each unit adds to the prediction of the class; below zero it speaks against it.
    typical : ndarray of shape (K,)
        The image of each class that is nearest to the class's mean.
    sample : ndarray
        The images whose profiles are compared.
    profiles : ndarray of shape (len(sample), units of all outputs)
        How strong each unit is for the true class of each of them.
    consistency : Consistency or None
        Of these profiles; None if there are no two images of one class, or no two classes.
    tried : ndarray
        The test images that were classified without units.
    by_support, by_strength : OrderComparison
        What knock-outs do to them: units by support (the random orders are here alone), and by strength.
    features : list of Feature
        The most characteristic one of each class.
    hits : Hits or None
        None where nothing is known to be planted.
    saliency : ndarray of shape (K, H, W)
        Size of the prediction gradient at each pixel of each typical image.
    audited : Audit
        What that method stands of the cheap checks, with the mean image in the place of what is removed.
    seconds : dict of str to float
        How long each stage took.
    """

    net: Network
    data: Dataset
    of: str
    n_train: int
    train_error: float
    confusion: NDArray[np.int64]
    gradients: Gradients
    strength: Scores
    support: Scores
    typical: NDArray[np.int64]
    sample: NDArray[np.int64]
    profiles: Array
    consistency: Consistency | None
    tried: NDArray[np.int64]
    by_support: OrderComparison
    by_strength: OrderComparison
    features: list[Feature]
    hits: Hits | None
    saliency: Array
    audited: Audit
    seconds: dict[str, float]

    @property
    def noun(self) -> str:
        """What is ranked: "filter" or, in networks without convolutions, "unit"."""
        return "filter" if filter_outputs(self.net) else "unit"

    @property
    def unit_count(self) -> int:
        """Number of units that are ranked."""
        return sum(values.shape[1] for values in self.strength.values())

    @property
    def n_test(self) -> int:
        """Number of test images."""
        return int(self.confusion.sum())

    @property
    def test_errors(self) -> int:
        """Number of test images that are misclassified."""
        return self.n_test - int(np.trace(self.confusion))

    @property
    def test_error(self) -> float:
        """Share of the test images that are misclassified."""
        return self.test_errors / self.n_test

    @property
    def guessing_error(self) -> float:
        """Share of the test images that are misclassified by always naming the most frequent class."""
        return 1 - int(self.confusion.sum(axis=1).max()) / self.n_test

    @property
    def learned_little(self) -> bool:
        """Whether the network avoids less than half of the errors of guessing."""
        return self.test_error > (1 - LITTLE) * self.guessing_error

    @property
    def untested(self) -> list[str]:
        """The classes without a test image."""
        numbers = self.confusion.sum(axis=1)
        return [name for name, number in zip(self.data.classes, numbers, strict=True) if not number]

    @property
    def particular(self) -> Scores:
        """What of the support is particular to a class: relative to the mean of the classes, within its layer."""
        return particular_scores(self.support)


def ranking(scores: Mapping[str, Array], label: int | None = None) -> list[tuple[Unit, float]]:
    """Return the units with their scores, highest first.

    Parameters
    ----------
    scores : mapping of str to ndarray of shape (K, units)
    label : int, optional
        For this class; on average over all classes if not given.
    """
    mine = {name: values.mean(axis=0) if label is None else values[label] for name, values in scores.items()}
    return [(unit, float(mine[unit.layer][unit.unit])) for unit in rank_units(mine)]


def steps(data: Dataset, test: Dataset) -> int:
    """Return the number of steps that `find` takes."""
    return 2 * len(parts(data.labels)) + 2 + 4 * len(_asked(test)) + RANDOM_ORDERS


def check(net: Network, data: Dataset) -> None:
    """Check that a network classifies images like those of a data set.

    Raises
    ------
    ValueError
        If it takes images of another shape, tells another number of classes apart, or has nothing to rank.
    """
    if net.input_shape != data.input_shape:
        raise ValueError(f"the network takes images of shape {net.input_shape}, {data.name} has {data.input_shape}")
    if len(net.output_shape) != 1 or class_count(net) != len(data.classes):
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
        Draws the samples of large data sets, and the random orders.
    progress : Progress

    Returns
    -------
    Findings
    """
    outputs, batch = ranked_outputs(net), _batch_size(net)
    typical = typical_images(data.x, data.labels, len(data.classes))
    sample, tried = (stratified_sample(each.labels, SAMPLE, np.random.default_rng(rng)) for each in (data, test))
    options: dict[str, Any] = {"of": of, "batch_size": batch}

    def knocked_out(scores: Scores, repeats: int) -> OrderComparison:
        images, labels, asked = test.x[tried], test.labels[tried], _asked(test)
        settings: dict[str, Any] = {"repeats": repeats, "rng": rng, "batch_size": batch, "after_order": progress.step}
        return compare_orders(net, images, labels, scores, classes=asked, **settings)

    with progress.stage("class gradients"):
        inputs = ["input", *outputs]
        gradients = _class_means(data, lambda x, y: class_gradient(net, x, y, layers=inputs, **options), progress)
        support = _class_means(
            data, lambda x, y: class_gradient_times_activation(net, x, y, layers=outputs, **options), progress
        )
        strength = unit_scores(net, gradients, outputs)
    with progress.stage("prediction gradients"):
        labels = data.labels[sample]
        profiles = gradient_profiles(net, data.x[sample], labels, layers=outputs, **options)
        alike = consistency(profiles, labels, rng=rng) if _comparable(labels) else None
        pixels = prediction_gradient(net, data.x[typical], data.labels[typical], layers=["input"], **options)
        progress.step()
    with progress.stage("knock-outs"):
        by_support, by_strength = knocked_out(support, RANDOM_ORDERS), knocked_out(strength, 0)
    with progress.stage("features and errors"):
        asked = stratified_sample(data.labels, AUDITED, np.random.default_rng(rng))
        place = [*filter_outputs(net)[:1]] or ["input"]
        features = [strongest_feature(net, {p: gradients[p][c] for p in place}) for c in range(len(data.classes))]
        found = Findings(
            net=net,
            data=data,
            of=of,
            n_train=len(train),
            train_error=float(np.mean(predicted(net(train.x)) != train.labels)),
            confusion=_confusion(net, test),
            gradients=Gradients(gradients, of),
            strength=strength,
            support=support,
            typical=typical,
            sample=sample,
            profiles=profiles,
            consistency=alike,
            tried=tried,
            by_support=by_support,
            by_strength=by_strength,
            features=features,
            hits=hits(net, features, data.masks[PLANTED][typical]) if PLANTED in data.masks else None,
            saliency=np.asarray(saliency(pixels["input"])),
            audited=audit(
                net,
                partial(absolute_gradient, of=of),
                data.x[asked],
                data.labels[asked],
                of=of,
                replace=data.x.mean(axis=0),
                cheap=True,
                rng=rng,
            ),
            seconds=progress.seconds,
        )
        progress.step()
    return found


def _class_means(data: Dataset, of_part: Callable[[Array, Array], Mapping[str, Array]], progress: Progress) -> Scores:
    """Return means over the images of each class, worked out part by part so that a progress bar moves.

    Each part holds images of all classes; its means are weighted by its share of the images of each class.
    """
    totals: Scores = {}
    counts = np.bincount(data.labels, minlength=len(data.classes))
    for part in parts(data.labels):
        share = np.bincount(data.labels[part], minlength=len(counts)) / counts
        for name, mean in of_part(data.x[part], data.labels[part]).items():
            weighted = share.astype(mean.dtype).reshape(-1, *[1] * (mean.ndim - 1)) * mean
            totals[name] = totals[name] + weighted if name in totals else weighted
        progress.step()
    return totals


def _asked(test: Dataset) -> list[int]:
    """Return the classes whose units are knocked out: the first few that have test images."""
    return [int(label) for label in np.unique(test.labels)[:CLASSES]]


def _batch_size(net: Network) -> int:
    """Return how many images a pass may hold at a time: a few hundred megabytes of activations and gradients."""
    numbers = sum(int(np.prod(shape)) for shape in net.shapes.values())
    return int(np.clip(2**25 // numbers, 1, 256))


def _comparable(labels: Array) -> bool:
    numbers = np.unique(labels, return_counts=True)[1]
    return len(numbers) > 1 and int(numbers.max()) > 1


def _confusion(net: Network, test: Dataset) -> NDArray[np.int64]:
    counts = np.zeros((len(test.classes), len(test.classes)), np.int64)
    np.add.at(counts, (test.labels, predicted(net(test.x)).astype(np.int64)), 1)
    return counts
