"""Training: mini-batches, progress, checkpoints that resume to the same bits, and what can be watched on the way."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tinynet import files
from tinynet.classes import are_labels, as_targets, predicted
from tinynet.kernels.parallel import in_parallel
from tinynet.layers import Dropout
from tinynet.layers.base import TargetRule
from tinynet.losses import Loss, SquaredError
from tinynet.network import LayerArrays, Network, Trace, chunks, part_size, read_only
from tinynet.optimizers import Moments, Optimizer
from tinynet.types import Array

FORMAT = "tinynet checkpoint"


class DivergedError(FloatingPointError, ValueError):
    """The loss or a weight stopped being a finite number."""


@dataclass
class History:
    """What each epoch came to.

    Attributes
    ----------
    loss, accuracy : list of float
        Mean over the training images as they were met, before each step; accuracy is NaN without labels.
    validation_loss, validation_accuracy : list of float
        Of the validation images after the epoch; empty if there are none.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.loss)


@dataclass(frozen=True)
class TrainingStep:
    """One training step as a callback sees it, before the weights move.

    A large mini-batch is worked on in parts, by several threads; each part is a step of its own for callbacks, and the
    gradient of the mini-batch is the mean of theirs, weighted by their numbers of images.

    Attributes
    ----------
    net : Network
        The network, with this step's dropout masks.
    trace : Trace
        Forward pass of the mini-batch.
    deltas : LayerArrays
        Gradient of the mean loss, down to the lowest layer that is trained; with target propagation, the residuals.
    targets : ndarray of shape (N, *output_shape)
        What the outputs should have been.
    part : int
        Which part of the mini-batch it is, from 0 on.
    """

    net: Network
    trace: Trace
    deltas: LayerArrays
    targets: Array
    part: int = 0


class Callback:
    """Something that watches a training run; override what you need.

    Attributes
    ----------
    within_parts : bool
        Whether the thread that works on a part of a mini-batch runs `on_batch` for it at once, while its arrays are in
        the cache: several at a time, none of them knowing of the other, and before the loss is known to be finite.
    """

    within_parts = False

    def on_start(self, net: Network) -> None:
        """Run before the first epoch of a run that is not resumed.

        Parameters
        ----------
        net : Network
            With its initial weights.
        """

    def on_batch(self, step: TrainingStep) -> None:
        """Run in each step, before the weights move.

        Parameters
        ----------
        step : TrainingStep
        """

    def on_epoch(self, net: Network, history: History) -> None:
        """Run after each epoch.

        Parameters
        ----------
        net : Network
            With its weights after the epoch.
        history : History
            With the epoch's entries.
        """

    def state(self) -> dict[str, Array]:
        """Return what a checkpoint has to keep for a resumed run to go on as if it had never stopped."""
        return {}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up what `state` gave.

        Parameters
        ----------
        state : mapping of str to ndarray
        """


class WeightHistory(Callback):
    """Keeps all parameters after each epoch.

    Attributes
    ----------
    epochs : list of dict of str to ndarray
        Parameters by their full names, such as ``conv1/W``; entry 0 is before training.
    """

    def __init__(self) -> None:
        self.epochs: list[dict[str, Array]] = []

    def on_start(self, net: Network) -> None:
        """Keep the initial parameters.

        Parameters
        ----------
        net : Network
        """
        self.epochs = [_copies(net)]

    def on_epoch(self, net: Network, history: History) -> None:
        """Keep the parameters after an epoch.

        Parameters
        ----------
        net : Network
        history : History
        """
        self.epochs.append(_copies(net))

    def state(self) -> dict[str, Array]:
        """Return the parameters of all epochs, stacked."""
        return {name: np.stack([epoch[name] for epoch in self.epochs]) for name in self.epochs[0]}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up the parameters of the epochs so far.

        Parameters
        ----------
        state : mapping of str to ndarray
        """
        count = min(map(len, state.values()), default=0)
        self.epochs = [{name: values[epoch] for name, values in state.items()} for epoch in range(count)]


def fit(
    net: Network,
    x: ArrayLike,
    y: ArrayLike,
    *,
    loss: Loss,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int,
    rng: int | np.random.Generator = 0,
    shuffle: bool = True,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool = True,
    rule: TargetRule | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> History:
    """Train a network on mini-batches, in place.

    Parameters
    ----------
    net : Network
        Its parameters are changed in place.
    x : array_like of shape (N, *input_shape)
        Training images.
    y : array_like of shape (N,) or (N, *output_shape)
        An integer label for each image, or what its outputs should be.
    loss : Loss
        What is to become small.
    optimizer : Optimizer
        How the parameters move.
    epochs : int
        How often each image is met.
    batch_size : int
        Images a step; the last step of an epoch takes what is left.
    rng : int or numpy.random.Generator
        For the order of the images and for dropout.
    shuffle : bool
        Whether each epoch has a new random order.
    validation : pair (x, y), optional
        Images that are not trained on, evaluated after each epoch.
    callbacks : sequence of Callback
        What watches the run.
    progress : bool
        Whether a bar with loss and accuracy is shown (on a terminal only).
    rule : TargetRule, optional
        Learn by target propagation instead of backpropagation; goes with `SquaredError`.
    checkpoint : path, optional
        A file that is written before the first epoch and after each, whole or not at all.
    resume : bool
        Go on from the checkpoint, if there is one, to the same bits that an unbroken run would have reached.

    Returns
    -------
    History

    Raises
    ------
    DivergedError
        If the loss or a weight is no longer finite; names the epoch and the rate. A checkpoint stays that of the
        last good epoch.
    ValueError
        If images, labels and network do not fit, or a checkpoint belongs to another run.

    Notes
    -----
    With target propagation the residuals (output minus target) take the place of the deltas, divided by N; see
    :meth:`tinynet.Network.target_deltas`.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> net = tn.Network([tn.Dense(8), tn.Tanh(), tn.Dense(2), tn.Softmax()], (2,), rng=1)
    >>> _ = tn.fit(net, x, [0, 1, 1, 0], loss=tn.CrossEntropy(), optimizer=tn.SGD(1.0), epochs=200, batch_size=4)
    >>> net(x).argmax(axis=1)
    array([0, 1, 1, 0])
    """
    run = _Run(net, x, np.asarray(y), loss, optimizer, batch_size, rng, shuffle, rule, tuple(callbacks))
    if validation is not None:
        run.validate_on(*validation)
    if resume and checkpoint is None:
        raise ValueError("resume=True needs the file to go on from: pass checkpoint=")
    if resume and checkpoint is not None and Path(checkpoint).exists():
        run.restore(Path(checkpoint))
    else:
        run.start()
        if checkpoint is not None:
            run.save(Path(checkpoint))
    with run.progress_bar(epochs, progress) as bar:
        for _ in range(len(run.history), epochs):
            run.epoch(epochs, bar)
            if checkpoint is not None:
                run.save(Path(checkpoint))
    return run.history


class _Part(NamedTuple):
    """Part of a mini-batch, and what came of it."""

    step: TrainingStep
    loss: float
    gradients: dict[str, dict[str, Array]]
    right: int


class _Run:
    """A training run: everything that a checkpoint has to hold, and the steps."""

    def __init__(
        self,
        net: Network,
        x: ArrayLike,
        y: Array,
        loss: Loss,
        optimizer: Optimizer,
        batch_size: int,
        rng: int | np.random.Generator,
        shuffle: bool,
        rule: TargetRule | None,
        callbacks: tuple[Callback, ...],
    ) -> None:
        self.net, self.loss, self.optimizer, self.rule, self.callbacks = net, loss, optimizer, rule, callbacks
        self.x, self.targets = _checked(net, x, y)
        self.has_labels = are_labels(y)
        if batch_size < 1 or not len(self.x):
            raise ValueError(f"got {len(self.x)} images and batch_size {batch_size}, expected at least 1 of each")
        if rule is not None and not isinstance(loss, SquaredError):
            raise ValueError(f"a target-propagation rule goes with SquaredError, got {loss}")
        self.batch_size, self.shuffle = batch_size, shuffle
        self.rng = np.random.default_rng(rng)
        self.entry = loss.at(net)
        self.trained = [layer for layer in net.layers if layer.params and layer.name not in _frozen(net, optimizer)]
        if not self.trained:
            raise ValueError("there is nothing to train: no layer has parameters that are not frozen")
        self.moments: dict[str, dict[str, Moments]] = {
            layer.name: {key: optimizer.moments(value) for key, value in layer.params.items()} for layer in self.trained
        }
        self.part_size = part_size(net)
        self.history = History()
        self.validation: tuple[Array, Array, bool] | None = None

    def validate_on(self, x: ArrayLike, y: ArrayLike) -> None:
        labels = np.asarray(y)
        images, targets = _checked(self.net, x, labels)
        if not len(images):
            raise ValueError("there are no validation images; leave validation out")
        self.validation = images, targets, are_labels(labels)

    def start(self) -> None:
        for callback in self.callbacks:
            callback.on_start(self.net)

    def progress_bar(self, epochs: int, show: bool) -> Any:
        from tqdm import tqdm

        steps = -(-len(self.x) // self.batch_size)
        return tqdm(
            total=epochs * steps,
            initial=len(self.history) * steps,
            desc="training",
            unit="step",
            disable=None if show else True,
        )

    def epoch(self, epochs: int, bar: Any) -> None:
        number = len(self.history) + 1
        order = self.rng.permutation(len(self.x)) if self.shuffle else np.arange(len(self.x))
        losses, hits = 0.0, 0.0
        bar.set_description(f"epoch {number}/{epochs}")
        for batch in chunks(len(order), self.batch_size):
            rows = order[batch]
            value, right = self.step(rows, number)
            losses += value * len(rows)
            hits += right
            bar.update()
        if not all(np.isfinite(array).all() for array in self.net.parameters().values()):
            raise self._diverged(number, "a weight is no longer a finite number")
        self.history.loss.append(losses / len(order))
        self.history.accuracy.append(hits / len(order) if self.has_labels else float("nan"))
        if self.validation is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                loss, right = self._evaluate(*self.validation)
            if not np.isfinite(loss):
                raise self._diverged(number, f"the validation loss became {loss}")
            self.history.validation_loss.append(loss)
            self.history.validation_accuracy.append(right)
        for callback in self.callbacks:
            callback.on_epoch(self.net, self.history)
        shown = {"loss": f"{self.history.loss[-1]:.4f}", "accuracy": f"{self.history.accuracy[-1]:.1%}"}
        bar.set_postfix(shown if self.has_labels else {"loss": shown["loss"]}, refresh=False)

    def step(self, rows: Array, epoch: int) -> tuple[float, float]:
        """Move the parameters along the gradient of a mini-batch: the mean of its parts' gradients, by their sizes."""
        count = -(-len(rows) // self.part_size)
        cut = [rows[part] for part in chunks(len(rows), -(-len(rows) // count))]
        tasks = [(number, self._with_dropout(len(part)), part) for number, part in enumerate(cut)]
        parts = list(in_parallel(self._work, tasks))
        sizes = [len(part.step.targets) for part in parts]
        value = _weighted_mean([part.loss for part in parts], sizes)
        if not np.isfinite(value):
            raise self._diverged(epoch, f"the loss became {value}")
        for part in parts:
            self._watch(part.step, within_parts=False)
        with np.errstate(over="ignore", invalid="ignore"):
            for layer in self.trained:
                for key, parameter in layer.params.items():
                    gradient = _weighted_mean([part.gradients[layer.name][key] for part in parts], sizes)
                    self.optimizer.step(parameter, gradient, self.moments[layer.name][key])
        return value, float(sum(part.right for part in parts))

    def _watch(self, step: TrainingStep, within_parts: bool) -> None:
        for callback in self.callbacks:
            if callback.within_parts == within_parts:
                callback.on_batch(step)

    def _work(self, task: tuple[int, Network, Array]) -> _Part:
        number, net, rows = task
        images, targets = self.x.take(rows, axis=0), self.targets.take(rows, axis=0)
        with np.errstate(over="ignore", invalid="ignore"):
            trace = net.trace(read_only(images))
            deltas = self._deltas(net, trace, targets)
            gradients = net.grads(trace, deltas)
            loss = self.loss.value(net, trace, targets)
            step = TrainingStep(net, trace, deltas, targets, number)
            self._watch(step, within_parts=True)
        right = np.count_nonzero(predicted(trace.output) == predicted(targets)) if self.has_labels else 0
        return _Part(step, loss, gradients, int(right))

    def _deltas(self, net: Network, trace: Trace, targets: Array) -> LayerArrays:
        lowest = self.trained[0].name
        if self.rule is None:
            return net.backward(trace, self.loss.seed(net, trace, targets), at=self.entry, down_to=lowest)
        wanted = net.propagate_targets(trace, targets, self.rule, down_to=lowest)
        return net.target_deltas(trace, wanted, weight=1 / len(targets))

    def _with_dropout(self, count: int) -> Network:
        masked = {
            layer.name: layer.with_mask((count, *self.net.shapes[layer.name]), self.rng, self.net.dtype)
            for layer in self.net.layers
            if isinstance(layer, Dropout)
        }
        return self.net.replaced(masked) if masked else self.net

    def _evaluate(self, x: Array, targets: Array, has_labels: bool) -> tuple[float, float]:
        losses, hits = 0.0, 0.0
        for rows in chunks(len(x), 256):
            trace = self.net.trace(x[rows])
            losses += self.loss.value(self.net, trace, targets[rows]) * len(trace.output)
            hits += np.count_nonzero(predicted(trace.output) == predicted(targets[rows])) if has_labels else np.nan
        return losses / len(x), hits / len(x)

    def _diverged(self, epoch: int, what: str) -> DivergedError:
        rate = getattr(self.optimizer, "rate", None)
        return DivergedError(f"epoch {epoch}: {what} with learning rate {rate}; a smaller rate may help")

    # ------------------------------------------------------------------------------------------------ checkpoints

    def save(self, path: Path) -> None:
        arrays = self._arrays()
        for index, callback in enumerate(self.callbacks):
            arrays.update({f"callbacks/{index}/{name}": array for name, array in callback.state().items()})
        description = {
            "format": FORMAT,
            "version": 1,
            "run": self._identity,
            "rng": _plain(self.rng.bit_generator.state),
            "history": asdict(self.history),
        }
        files.save_arrays(path, description, arrays)

    def restore(self, path: Path) -> None:
        description, arrays = files.load_arrays(path, FORMAT)
        run = description.get("run")
        for what, value in self._identity.items():
            found = run.get(what) if isinstance(run, dict) else None
            if found != value:
                raise ValueError(f"{path}: was written by another run: its {what} is {found}, this one's is {value}")
        own = self._arrays()
        try:
            for name, array in own.items():
                if arrays[name].shape != array.shape or arrays[name].dtype != array.dtype:
                    raise ValueError(f"{name} has shape {arrays[name].shape}, expected {array.shape}")
            history = History(**{what: list(map(float, values)) for what, values in description["history"].items()})
            self.rng.bit_generator.state = description["rng"]
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            raise ValueError(f"{path}: the checkpoint in it does not fit together ({error})") from error
        self.history = history
        for name, array in own.items():
            array[...] = arrays[name]
        for index, callback in enumerate(self.callbacks):
            start = f"callbacks/{index}/"
            callback.restore({name[len(start) :]: a for name, a in arrays.items() if name.startswith(start)})

    def _arrays(self) -> dict[str, Array]:
        """Return what the steps change in place: the parameters, and what the optimizer remembers of each."""
        arrays = {f"parameters/{name}": array for name, array in self.net.parameters().items()}
        for layer, parameters in self.moments.items():
            for key, moments in parameters.items():
                arrays.update({f"moments/{layer}/{key}/{name}": array for name, array in moments.items()})
        return arrays

    @cached_property
    def _identity(self) -> dict[str, Any]:
        """Say what must be the same for a run to be the same run, in the types that JSON gives back."""
        return {
            "network": repr(self.net.description()),
            "data": _checksum(self.targets, _checksum(self.x)),
            "loss": repr(self.loss),
            "optimizer": repr(self.optimizer),
            "batch size": self.batch_size,
            "shuffle": self.shuffle,
            "rule": repr(self.rule),
            "generator": type(self.rng.bit_generator).__name__,
            "callbacks": [type(callback).__name__ for callback in self.callbacks],
        }


def _checked(net: Network, x: ArrayLike, y: Array) -> tuple[Array, Array]:
    images = net.as_batch(x)
    targets = as_targets(y, net)
    if len(images) != len(targets):
        raise ValueError(f"got {len(images)} images and {len(targets)} labels or targets, expected as many")
    if images.dtype.kind == "f" and images.size and not np.isfinite([images.min(), images.max()]).all():
        bad = int(np.flatnonzero(~np.isfinite(images).reshape(len(images), -1).all(axis=1))[0])
        raise ValueError(f"image {bad} holds a value that is not a finite number")
    return images, targets


def _frozen(net: Network, optimizer: Optimizer) -> tuple[str, ...]:
    for name in optimizer.frozen:
        net[name]
    return optimizer.frozen


def _checksum(array: Array, start: int = 0) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data, start)


def _weighted_mean(values: list[Any], weights: list[int]) -> Any:
    if len(values) == 1:
        return values[0]
    total = sum(weights)
    return sum(value * (weight / total) for value, weight in zip(values, weights, strict=True))


def _copies(net: Network) -> dict[str, Array]:
    return {name: array.copy() for name, array in net.parameters().items()}


def _plain(state: Any) -> Any:
    """Return a generator's state in types that JSON knows."""
    if isinstance(state, Mapping):
        return {name: _plain(value) for name, value in state.items()}
    return state.tolist() if isinstance(state, (np.ndarray, np.generic)) else state
