"""What can be watched while a network is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tinynet.losses import Loss
from tinynet.network import LayerArrays, Network, Trace
from tinynet.notebook import ShownInBrief
from tinynet.training.history import History
from tinynet.types import Array


@dataclass(frozen=True, repr=False)
class TrainingStep(ShownInBrief):
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
        Gradient of the mean loss, down to the lowest layer that is trained; with target propagation, the target deltas.
    targets : ndarray of shape (N, *output_shape)
        What the outputs should have been.
    part : int
        Which part of the mini-batch it is, from 0 on.
    loss : Loss, optional
        What is learned by.
    """

    net: Network
    trace: Trace
    deltas: LayerArrays
    targets: Array
    part: int = 0
    loss: Loss | None = None


class Callback:
    """Something that watches a training run; override what you need.

    Attributes
    ----------
    within_parts : bool
        Whether the thread that works on a part of a mini-batch runs `on_batch` for it at once, while its arrays are in
        the cache: several at a time, none of them knowing of the other.
    finished : bool
        Asked after each epoch: whether training is to end before its last one.
    """

    within_parts = False
    finished = False

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
            The images of the step, and what was computed from them.
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

    def on_end(self, net: Network, history: History) -> None:
        """Run when training ends, as planned or early; not if it is broken off.

        Parameters
        ----------
        net : Network
            With its weights after the last epoch; what happens to them here is in no checkpoint.
        history : History
            Of the whole run.
        """

    def settings(self) -> dict[str, Any]:
        """Return what has to be the same for a run to be resumed, by the names of the arguments."""
        return {}

    def state(self) -> dict[str, Array]:
        """Return what a checkpoint has to keep for a resumed run to go on as if it had never stopped."""
        return {}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up what `state` gave, in place of `on_start`, when a run is resumed.

        Parameters
        ----------
        state : mapping of str to ndarray
            Of the names, shapes and types that `state` gave them.
        """
