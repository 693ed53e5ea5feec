"""Class gradients that cost nothing: read off the deltas that training computes anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinynet.explain.class_sums import ClassSums
from tinynet.explain.units.outputs import unit_outputs
from tinynet.layers import Softmax
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.training import Callback, History, TrainingStep
from tinynet.types import Array


class ClassGradientTracker(Callback):
    """Reads class gradients of the probabilities off the training deltas, without a backward pass of its own.

    Parameters
    ----------
    layers : sequence of str, optional
        The outputs asked about, none of them in front of the lowest layer that is trained: the units of each layer of
        weights if not given, which is the output of the activation behind it if there is one.

    Attributes
    ----------
    of : str
        What the gradients are of: "probability".
    gradients : dict of str to ndarray of shape (K, *unit shape)
        For each of those outputs the gradient of the true class' probability, averaged over the images of each class
        as they were met in the last whole epoch (so the weights moved meanwhile). A class that was not met has zeros.

    Notes
    -----
    With cross-entropy L = -log p_t, dp_t/da = -p_t dL/da. The training seed is divided by the size N of the
    mini-batch, so each image's gradient is -p_t N delta; a product with the one-hot targets sums them by class.

    References
    ----------
    Lo, Cohen and Ding 2015, sections III.B and III.C.
    """

    of = "probability"
    within_parts = True

    @checked
    def __init__(self, layers: Sequence[str] | None = None) -> None:
        self.layers = layers
        self.gradients: dict[str, Array] = {}
        self._sums: dict[int, ClassSums] = {}  # of the first parts of all mini-batches, of the second ones, ...
        self._counts: dict[int, Array] = {}
        self._wanted: Sequence[str] = ()

    def on_start(self, net: Network) -> None:
        """Forget what an earlier run left."""
        self.restore({})

    def on_batch(self, step: TrainingStep) -> None:
        """Add up the gradients of a mini-batch.

        Raises
        ------
        ValueError
            If the loss is not the cross-entropy of a softmax, weighs classes, or training does not reach a layer.
        """
        net, targets = step.net, step.targets
        if not isinstance(net.layers[-1], Softmax) or getattr(step.deltas, "at", None) != net.logits:
            raise ValueError("ClassGradientTracker needs CrossEntropy: only its deltas are class gradients")
        if getattr(step.loss, "class_weights", None) is not None:
            raise ValueError(
                "ClassGradientTracker needs CrossEntropy without class_weights, which are in its deltas too"
            )
        if step.part not in self._sums:
            self._sums[step.part] = ClassSums(targets.shape[1], net.dtype)
            self._counts[step.part] = np.zeros(targets.shape[1])
            self._wanted = unit_outputs(net) if self.layers is None else self.layers
        p_true = (step.trace.output * targets).sum(axis=-1)
        self._counts[step.part] += targets.sum(axis=0)
        weights = targets.T * (-len(targets) * p_true)
        self._sums[step.part].add(weights, {name: step.deltas[name] for name in self._wanted})

    def on_epoch(self, net: Network, history: History) -> None:
        """Turn the sums of the epoch into means."""
        whole, *others = [self._sums[part] for part in sorted(self._sums)] or [ClassSums(0, net.dtype)]
        for sums in others:
            whole.merge(sums)
        whole.divide(np.maximum(sum(self._counts.values()), 1))
        self.restore(whole.totals())

    def settings(self) -> dict[str, Any]:
        """Return which outputs are asked about."""
        return {"layers": self.layers}

    def state(self) -> dict[str, Array]:
        """Return the gradients of the last whole epoch."""
        return dict(self.gradients)

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up the gradients of the last whole epoch, and forget those of an epoch that was broken off."""
        self.gradients = dict(state)
        self._sums, self._counts = {}, {}
