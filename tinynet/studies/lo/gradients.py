"""LO-2 to LO-4: prediction gradients cost little, training computes them anyway, and their mean is a gradient."""

from __future__ import annotations

import timeit
from collections.abc import Callable, Iterator

import numpy as np

from tinynet import models
from tinynet.explain.filters import filter_outputs
from tinynet.explain.gradients import class_gradient, prediction_gradient
from tinynet.losses import CrossEntropy
from tinynet.network import Network, chunks
from tinynet.report.sections import Section
from tinynet.studies.claims import Claim
from tinynet.studies.experiment import Experiment, Numbers, Results, Subject
from tinynet.studies.statistics import spread
from tinynet.training import ClassGradientTracker, History, Step, fit

SAME = 1e-4  # of the largest gradient: what float32 leaves of equality over some thousand additions
ROUNDING = 1e-6  # in float64, of a difference quotient
STEP = 1e-5


def measure(subject: Subject) -> Numbers:
    """Time an epoch and a pass, and compare the ways to the same gradient.

    Parameters
    ----------
    subject : Subject
    """
    return {**_times(subject), **_from_training(subject), **_of_the_mean(subject)}


def claims(results: Results) -> list[Claim]:
    """Judge cost and equality.

    Parameters
    ----------
    results : Results
    """
    alike, whole = results.stack("time, same batches"), results.stack("time, large batches")
    read = results.stack("read off training")
    mean = results.stack("mean")
    return [
        results.claim(
            "LO-2",
            "prediction gradients of a whole data set cost no more than one epoch of training",
            "no slower than one epoch",
            f"{spread(alike, '.2f')} of the time of an epoch in the same mini-batches, {spread(whole, '.2f')} in "
            "batches of 256",
            alike.max() <= 1,
        ),
        results.claim(
            "LO-3",
            "prediction gradients are computed in training anyway",
            "obtained without additional effort",
            f"read off the training deltas they differ from a pass of their own by {spread(read, '.1e')} of the "
            "largest gradient, in float32",
            read.max() <= SAME,
        ),
        results.claim(
            "LO-4",
            "eq. 3: the mean gradient is the gradient of the mean prediction",
            "equal",
            f"the mean of the gradients differs from the slope of the mean prediction, measured by moving the outputs "
            f"of all images alike, by {spread(mean, '.1e')} of its size, in float64",
            mean.max() <= ROUNDING,
        ),
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show nothing: these are equalities and a ratio.

    Parameters
    ----------
    results : Results
    """
    return iter(())


def _times(subject: Subject) -> Numbers:
    train, net = subject.train, subject.net
    model = models.named("thesis")
    other = net.with_layers([layer.with_params({k: v.copy() for k, v in layer.params.items()}) for layer in net.layers])

    def epoch() -> object:
        return fit(
            other,
            train.x,
            train.labels,
            loss=model.loss,
            optimizer=model.optimizer,
            epochs=1,
            batch_size=model.batch_size,
            progress=False,
        )

    def gradients(batch_size: int) -> float:
        return _seconds(lambda: prediction_gradient(net, train.x, train.labels, "probability", batch_size=batch_size))

    training = _seconds(epoch)
    sizes = {"time, same batches": model.batch_size, "time, large batches": 256}
    return {name: np.array(gradients(size) / training) for name, size in sizes.items()}


def _seconds(work: Callable[[], object], repeats: int = 5) -> float:
    return min(timeit.repeat(work, number=1, repeat=repeats))


def _from_training(subject: Subject) -> Numbers:
    """Compare what training reads off its deltas with gradients of their own; the weights stand still meanwhile."""
    net, train, loss = subject.net, subject.train, CrossEntropy()
    targets = np.eye(len(train.classes), dtype=net.dtype)[train.labels]
    tracker = ClassGradientTracker()
    tracker.on_start(net)
    for rows in chunks(len(train), models.named("thesis").batch_size):
        trace = net.trace(train.x[rows])
        deltas = net.backward(trace, loss.seed(net, trace, targets[rows]), at=loss.entry(net))
        tracker.on_batch(Step(net, trace, deltas, targets[rows]))
    tracker.on_epoch(net, History())
    own = class_gradient(net, train.x, train.labels, "probability")
    names = filter_outputs(net)
    worst = max(np.abs(tracker.gradients[name] - own[name]).max() / np.abs(own[name]).max() for name in names)
    return {"read off training": np.array(worst)}


def _of_the_mean(subject: Subject) -> Numbers:
    """Compare the mean gradient with the slope of the mean prediction along random directions."""
    data, rng = subject.data, np.random.default_rng(subject.seed)
    net = _in_float64(subject.net, data.input_shape, len(data.classes))
    differences = []
    for name in filter_outputs(net):
        mean = class_gradient(net, data.x, data.labels, "probability", layers=[name])[name]
        for label in range(len(data.classes)):
            activation = net.trace(data.x[data.labels == label])[name]
            direction = rng.normal(size=activation.shape[1:])
            up, down = (net.resume(activation + s * STEP * direction, name)[:, label].mean() for s in (1, -1))
            along = float((mean[label] * direction).sum())
            size = float(np.linalg.norm(mean[label]) * np.linalg.norm(direction))
            differences.append(abs((up - down) / (2 * STEP) - along) / size if size else 0.0)
    return {"mean": np.array(np.median(differences))}


def _in_float64(net: Network, input_shape: tuple[int, ...], classes: int) -> Network:
    other = models.build("thesis", input_shape, classes, dtype=np.float64)
    for name, array in other.parameters().items():
        array[...] = net.parameters()[name]
    return other


EXPERIMENT = Experiment("gradients", measure, claims, sections)
