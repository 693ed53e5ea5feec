"""LO-2 to LO-4: prediction gradients cost little, training computes them anyway, and their mean is a gradient."""

from __future__ import annotations

import timeit
from collections.abc import Callable, Sequence

import numpy as np

from tinynet import models
from tinynet.explain.gradients import class_gradient, prediction_gradient
from tinynet.explain.tracker import ClassGradientTracker
from tinynet.explain.units.outputs import filter_outputs
from tinynet.losses import CrossEntropy
from tinynet.network import Network, chunks
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers, with_parameters
from tinynet.studies.engine.statistics import spread
from tinynet.studies.engine.trials import Trial, on_each_network
from tinynet.training import History, TrainingStep

SAME = 1e-4  # of the largest gradient: what float32 leaves of equality over some thousand additions
ROUNDING = 1e-10  # in float64
STEP = 1e-8  # so small that hardly any maximum of a pool changes its place
LARGE_BATCH = 256
REPEATS = 5


def measure(trial: Trial) -> Numbers:
    """Time an epoch and a pass, and compare the ways to the same gradient."""
    return {**_times(trial), **_from_training(trial), **_of_the_mean(trial)}


def claims(results: Results) -> list[Claim]:
    """Judge cost and equality."""
    times = {name: results.stack(name) for name in ("time", "time, same batches", "time, pixels too")}
    read, mean = results.stack("read off training"), results.stack("mean")
    return [
        results.claim(
            "LO-2",
            "prediction gradients of a whole data set cost no more than one epoch of training",
            "no slower than one epoch",
            f"for all units {spread(times['time'], '.2f')} of the time of an epoch; in the mini-batches of training "
            f"{spread(times['time, same batches'], '.2f')}; with the gradients of all pixels, which training does not "
            f"compute, {spread(times['time, pixels too'], '.2f')}",
            np.median(times["time"]) <= 1,
        ),
        results.claim(
            "LO-3",
            "prediction gradients are computed in training anyway",
            "obtained without additional effort",
            f"read off the training deltas they differ from a pass of their own over the same mini-batches by "
            f"{spread(read, '.1e')} of the largest gradient, in float32; from a pass over other mini-batches by "
            f"{spread(results.stack('in other batches'), '.1e')}, where rounding makes another of several saturated "
            "units the largest of a pool",
            read.max() <= SAME,
        ),
        results.claim(
            "LO-4",
            "eq. 3: the mean gradient is the gradient of the mean prediction",
            "equal",
            f"the mean of the gradients differs from one backward pass of the mean prediction by "
            f"{spread(mean, '.1e')} of the largest, in float64; from the slope of the mean prediction as the outputs "
            f"of all images move alike by {spread(results.stack('slope of the mean'), '.1e')}",
            mean.max() <= ROUNDING,
        ),
    ]


def _times(trial: Trial) -> Numbers:
    train, net = trial.train, trial.net
    model = models.named("thesis")
    other = net.with_layers([layer.with_params({k: v.copy() for k, v in layer.params.items()}) for layer in net.layers])

    def epoch() -> object:
        return model.train(other, train.x, train.labels, epochs=1, progress=False)

    def gradients(layers: Sequence[str], batch_size: int) -> Callable[[], object]:
        return lambda: prediction_gradient(
            net, train.x, train.labels, "probability", layers=layers, batch_size=batch_size
        )

    reached = net.names[: net.names.index(net.logits) + 1]
    works = {
        "epoch": epoch,
        "time": gradients(reached[1:], LARGE_BATCH),
        "time, same batches": gradients(reached[1:], model.batch_size),
        "time, pixels too": gradients(reached, LARGE_BATCH),
    }
    best = dict.fromkeys(works, np.inf)
    for _ in range(REPEATS):  # in turn, so that what else the machine does falls on all of them
        for name, work in works.items():
            best[name] = min(best[name], timeit.timeit(work, number=1))
    training = best.pop("epoch")
    return {name: np.array(seconds / training) for name, seconds in best.items()}


def _from_training(trial: Trial) -> Numbers:
    """Compare what training reads off its deltas with gradients of their own; the weights stand still meanwhile."""
    net, train, loss = trial.net, trial.train, CrossEntropy()
    targets = np.eye(len(train.classes), dtype=net.dtype)[train.labels]
    tracker = ClassGradientTracker()
    tracker.on_start(net)
    for rows in chunks(len(train), models.named("thesis").batch_size):
        trace = net.trace(train.x[rows])
        deltas = net.backward(trace, loss.seed(net, trace, targets[rows]), at=loss.at(net))
        tracker.on_batch(TrainingStep(net, trace, deltas, targets[rows]))
    tracker.on_epoch(net, History())
    names, found = filter_outputs(net), {}
    for what, size in (("read off training", models.named("thesis").batch_size), ("in other batches", LARGE_BATCH)):
        own = class_gradient(net, train.x, train.labels, "probability", batch_size=size)
        worst = max(np.abs(tracker.gradients[name] - own[name]).max() / np.abs(own[name]).max() for name in names)
        found[what] = np.array(worst)
    return found


def _of_the_mean(trial: Trial) -> Numbers:
    """Compare the mean gradient with the gradient of the mean prediction, and with its slope in random directions."""
    data, rng = trial.data, np.random.default_rng(trial.seed)
    classes = len(data.classes)
    net = _in_float64(trial.net, data.input_shape, classes)
    names = filter_outputs(net)
    exact, slopes = [0.0], []
    for label in range(classes):
        members = data.x[data.labels == label]
        each = prediction_gradient(net, members, label, "probability", layers=names)
        trace = net.trace(members)
        at_once = net.backward(trace, np.eye(classes)[label] / len(members))
        for name in names:
            mean, of_mean = each[name].mean(axis=0), at_once[name].sum(axis=0)
            exact.append(float(np.abs(mean - of_mean).max() / np.abs(mean).max()))
            direction = rng.normal(size=mean.shape)
            up, down = (net.forward_from(trace[name] + s * STEP * direction, name)[:, label].mean() for s in (1, -1))
            along = float((mean * direction).sum())
            slopes.append(abs((up - down) / (2 * STEP) - along) / np.linalg.norm(mean) / np.linalg.norm(direction))
    return {"mean": np.array(max(exact)), "slope of the mean": np.array(np.median(slopes))}


def _in_float64(net: Network, input_shape: tuple[int, ...], classes: int) -> Network:
    return with_parameters(models.build("thesis", input_shape, classes, dtype=np.float64), net.parameters())


EXPERIMENT = on_each_network("thesis", __name__, claims)
