"""How a network is trained by target propagation, and how its features are made by the same rule."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tinynet.losses import BinaryCrossEntropy, Loss, SquaredError
from tinynet.network import Network
from tinynet.targets import GradientTargets, extract_feature
from tinynet.types import Array

SQUARED, CROSS_ENTROPY = "squared-error", "cross-entropy"  # two readings: Algorithm 1 says "a loss function"
LOSSES: dict[str, Loss] = {SQUARED: SquaredError(), CROSS_ENTROPY: BinaryCrossEntropy()}


class Setting(NamedTuple):
    """How a network is trained by target propagation.

    Attributes
    ----------
    tau : float
        Length of the step that makes targets.
    rate : float
        Learning rate.
    start : {"zero", "activation"}
        Where the step starts: at zero as in the authors' program, or at the activation.
    loss : {"squared-error", "cross-entropy"}
        At the output.
    """

    tau: float
    rate: float
    start: str = "zero"
    loss: str = SQUARED

    @property
    def rule(self) -> GradientTargets:
        """How targets are made."""
        return GradientTargets(self.tau, self.start)

    @property
    def at_output(self) -> Loss:
        """The loss."""
        return LOSSES[self.loss]

    def __str__(self) -> str:
        start = "" if self.start == "zero" else " from the activation"
        loss = "" if self.loss == SQUARED else f", {self.loss}"
        return f"step {self.tau:g}{start}, rate {self.rate:g}{loss}"

    def features(self, net: Network, targets: Array) -> Array:
        """Return the features of the outputs.

        Parameters
        ----------
        net : Network
        targets : ndarray of shape (K, K)
            Such as one-hot vectors.

        Returns
        -------
        ndarray of shape (K, *input_shape)
        """
        return extract_feature(net, net.names[-1], targets.astype(np.float64), self.rule, loss=self.at_output)

    def features_and_residuals(self, net: Network, layer: str) -> tuple[Array, Array]:
        """Return the features of one-hot targets, and the residuals at the output of a layer that they come from.

        Parameters
        ----------
        net : Network
        layer : str
            Name of a layer with weights, such as the first.

        Returns
        -------
        features : ndarray of shape (K, *input_shape)
        residuals : ndarray of shape (K, *shape of the layer's output)
        """
        one_hot, at = np.eye(net.output_shape[0], dtype=net.dtype), self.at_output.at(net)
        trace = net.trace(np.zeros((len(one_hot), *net.input_shape), net.dtype))
        targets = net.propagate_targets(trace, self.at_output.target(net, trace, one_hot), self.rule, at=at)
        return targets.input, net.target_deltas(trace, targets, at=at)[layer]
