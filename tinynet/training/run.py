"""A training run: what it is asked to do, and its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import generator
from tinynet.classes import as_targets, classes_meant, predicted
from tinynet.kernels import underflow_is_meant
from tinynet.kernels.parallel import in_parallel
from tinynet.layers import Dropout
from tinynet.layers.base import TargetRule
from tinynet.losses import Loss
from tinynet.network import LayerArrays, Network, Trace, chunks, frozen, part_size
from tinynet.optimizers import Moments, Optimizer
from tinynet.training.callbacks import Callback, TrainingStep
from tinynet.training.history import History
from tinynet.types import Array


class DivergedError(FloatingPointError, ValueError):
    """The loss or a weight is no longer a finite number."""


@dataclass(frozen=True)
class Examples:
    """Images, and what the outputs for them should be.

    Attributes
    ----------
    x : ndarray of shape (N, *input_shape)
    targets : ndarray of shape (N, *output_shape)
    classes : ndarray of shape (N,), optional
        What the targets stand for, if they stand for classes.
    """

    x: Array
    targets: Array
    classes: Array | None

    @classmethod
    def checked(cls, net: Network, x: ArrayLike, y: ArrayLike, what: str) -> Examples:
        """Return examples for a network, having checked them.

        Parameters
        ----------
        net : Network
        x : array_like of shape (N, *input_shape)
        y : array_like of shape (N,) or (N, *output_shape)
            Labels or targets.
        what : str
            What the images are for, such as "training".

        Raises
        ------
        ValueError
            If there are none, they do not fit the network or each other, or hold what is no finite number.
        """
        images, targets = net.as_batch(x), as_targets(y, net)
        if len(images) != len(targets):
            raise ValueError(f"got {len(images)} {what} images and {len(targets)} labels or targets, expected as many")
        if not len(images):
            raise ValueError(f"there are no {what} images")
        return cls(images, targets, classes_meant(y, targets))

    @property
    def labelled(self) -> bool:
        """Whether the targets stand for classes."""
        return self.classes is not None

    def hits(self, outputs: Array, rows: Array | slice) -> int:
        """Return how many outputs for some of the images predict their class, if they have one."""
        return 0 if self.classes is None else int(np.count_nonzero(predicted(outputs) == self.classes[rows]))


@dataclass(frozen=True)
class Plan:
    """What stays the same from the first step of a run to the last: the arguments of :func:`tinynet.fit`, checked."""

    net: Network
    training: Examples
    validation: Examples | None
    loss: Loss
    optimizer: Optimizer
    epochs: int
    batch_size: int
    shuffle: bool
    rule: TargetRule | None
    callbacks: tuple[Callback, ...]

    def __post_init__(self) -> None:
        """Refuse what does not go together."""
        self.loss.at(self.net)
        for examples in filter(None, (self.training, self.validation)):
            self.loss.check_targets(examples.targets)
        for name in self.optimizer.frozen:
            self.net[name]
        if not self.trained:
            raise ValueError("there is nothing to train: no layer has parameters that are not frozen")

    @property
    def trained(self) -> list[str]:
        """Return the names of the layers whose parameters move, from the input on."""
        return [layer.name for layer in self.net.layers if layer.params and layer.name not in self.optimizer.frozen]


class _Part(NamedTuple):
    """Part of a mini-batch, and what came of it."""

    step: TrainingStep
    loss: float
    gradients: dict[str, dict[str, Array]]
    hits: int


class Run:
    """A training run: what changes from step to step, which is what a checkpoint has to hold, and the steps.

    Parameters
    ----------
    plan : Plan
    rng : int or numpy.random.Generator
        For the order of the images and for dropout.

    Attributes
    ----------
    seed : int, optional
        The number that the run began with, unless that was a generator.
    moments : dict of str to dict of str to Moments
        What the optimizer remembers of each parameter of each layer.
    history : History
    """

    def __init__(self, plan: Plan, rng: int | np.random.Generator) -> None:
        self.plan, self.rng, self.history = plan, generator(rng), History()
        self.seed = None if isinstance(rng, np.random.Generator) else int(rng)
        self.entry, self.part_size = plan.loss.at(plan.net), part_size(plan.net)
        self.optimizer = plan.optimizer.at_epoch(1)
        self.trained = plan.trained
        self.moments: dict[str, dict[str, Moments]] = {
            name: {key: plan.optimizer.moments(value) for key, value in plan.net[name].params.items()}
            for name in self.trained
        }

    @property
    def finished(self) -> bool:
        """Return whether a callback wants no further epoch."""
        return any(callback.finished for callback in self.plan.callbacks)

    @property
    def steps(self) -> int:
        """Return the number of steps in an epoch."""
        return -(-len(self.plan.training.x) // self.plan.batch_size)

    def epoch(self, bar: Any) -> None:
        """Pass over the training images once, evaluate the validation images, and tell the callbacks.

        Parameters
        ----------
        bar : progress bar
            Progress bar, moved on by one with each step.

        Raises
        ------
        DivergedError
            If a loss or a weight is no longer a finite number.
        """
        plan, number = self.plan, len(self.history) + 1
        self.optimizer = plan.optimizer.at_epoch(number)
        images = len(plan.training.x)
        order = self.rng.permutation(images) if plan.shuffle else np.arange(images)
        losses, hits = 0.0, 0
        bar.set_description(f"epoch {number}/{plan.epochs}")
        for batch in chunks(images, plan.batch_size):
            rows = order[batch]
            loss, right = self._step(rows)
            losses += loss * len(rows)
            hits += right
            bar.update()
        if not all(np.isfinite(array).all() for array in plan.net.parameters().values()):
            raise self._diverged("a weight is no longer a finite number")
        validated = None if plan.validation is None else self._evaluate(plan.validation)
        self.history.loss.append(losses / images)
        self.history.accuracy.append(hits / images if plan.training.labelled else float("nan"))
        if validated is not None:
            self.history.validation_loss.append(validated[0])
            self.history.validation_accuracy.append(validated[1])
        for callback in plan.callbacks:
            callback.on_epoch(plan.net, self.history)
        shown = {"loss": f"{self.history.loss[-1]:.4f}", "accuracy": f"{self.history.accuracy[-1]:.1%}"}
        bar.set_postfix(shown if plan.training.labelled else {"loss": shown["loss"]}, refresh=False)

    def _step(self, rows: Array) -> tuple[float, int]:
        """Move the parameters along the gradient of a mini-batch: the mean of its parts' gradients, by their sizes."""
        count = -(-len(rows) // self.part_size)
        cut = [rows[part] for part in chunks(len(rows), -(-len(rows) // count))]
        tasks = [(number, self._with_dropout(len(part)), part) for number, part in enumerate(cut)]
        parts = list(in_parallel(self._work, tasks))
        sizes = [len(part.step.targets) for part in parts]
        loss = _weighted_mean([part.loss for part in parts], sizes)
        for part in parts:
            self._watch(part.step, within_parts=False)
        self._move({name: [part.gradients[name] for part in parts] for name in self.trained}, sizes)
        return loss, sum(part.hits for part in parts)

    @underflow_is_meant
    @np.errstate(over="ignore", invalid="ignore")
    def _move(self, gradients: dict[str, list[dict[str, Array]]], sizes: list[int]) -> None:
        for name, of_parts in gradients.items():
            for key, parameter in self.plan.net[name].params.items():
                gradient = _weighted_mean([of_part[key] for of_part in of_parts], sizes)
                self.optimizer.step(parameter, gradient, self.moments[name][key])

    def _work(self, task: tuple[int, Network, Array]) -> _Part:
        part = self._learn(*task)
        self._watch(part.step, within_parts=True)
        return part

    @underflow_is_meant
    @np.errstate(over="ignore", invalid="ignore")
    def _learn(self, number: int, net: Network, rows: Array) -> _Part:
        examples = self.plan.training
        images, targets = examples.x.take(rows, axis=0), examples.targets.take(rows, axis=0)
        trace = net.trace(frozen(images))
        loss = self.plan.loss.value(net, trace, targets)
        if not np.isfinite(loss):
            raise self._diverged(f"the loss became {loss}")
        deltas = self._deltas(net, trace, targets)
        step = TrainingStep(net, trace, deltas, targets, number, self.plan.loss)
        return _Part(step, loss, net.grads(trace, deltas, self.trained), examples.hits(trace.output, rows))

    def _deltas(self, net: Network, trace: Trace, targets: Array) -> LayerArrays:
        lowest = self.trained[0]
        if self.plan.rule is None:
            return net.backward(trace, self.plan.loss.seed(net, trace, targets), at=self.entry, down_to=lowest)
        top = self.plan.loss.target(net, trace, targets)
        wanted = net.propagate_targets(trace, top, self.plan.rule, self.entry, lowest)
        return net.target_deltas(trace, wanted, 1 / len(targets), self.entry)

    def _with_dropout(self, count: int) -> Network:
        net = self.plan.net
        masked = {
            layer.name: layer.with_mask((count, *net.shapes[layer.name]), self.rng, net.dtype)
            for layer in net.layers
            if isinstance(layer, Dropout)
        }
        return net.replaced(masked) if masked else net

    def _watch(self, step: TrainingStep, *, within_parts: bool) -> None:
        for callback in self.plan.callbacks:
            if callback.within_parts == within_parts:
                callback.on_batch(step)

    def _evaluate(self, examples: Examples) -> tuple[float, float]:
        net, losses, hits = self.plan.net, 0.0, 0
        for rows in chunks(len(examples.x), 256):
            targets = examples.targets[rows]
            with np.errstate(over="ignore", invalid="ignore", under="ignore"):
                trace = net.trace(examples.x[rows])
                losses += self.plan.loss.value(net, trace, targets) * len(targets)
            if not np.isfinite(losses):
                raise self._diverged(f"the validation loss became {losses}")
            hits += examples.hits(trace.output, rows)
        return losses / len(examples.x), hits / len(examples.x) if examples.labelled else float("nan")

    def _diverged(self, what: str) -> DivergedError:
        rate = getattr(self.optimizer, "rate", None)
        epoch = len(self.history) + 1
        return DivergedError(f"epoch {epoch}: {what} with learning rate {rate}; a smaller rate may help")


def _weighted_mean(values: list[Any], weights: list[int]) -> Any:
    if len(values) == 1:
        return values[0]
    total = sum(weights)
    return sum(value * (weight / total) for value, weight in zip(values, weights, strict=True))
