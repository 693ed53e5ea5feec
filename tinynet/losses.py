"""Losses: how wrong an output is, and where its gradient starts.

The mean over the images stands here and nowhere else: a layer never divides by the size of a batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinynet.layers import Sigmoid, Softmax
from tinynet.network import Network, Trace
from tinynet.types import Array


class Loss:
    """A number for a batch, and the seed with which its gradient enters the network.

    With outputs y (or logits z) and targets t of N images, `value` is the mean loss over the images and `seed` its
    derivative with respect to the output named by `at`, already divided by N.
    """

    def at(self, net: Network) -> str:
        """Return the name of the output at which the gradient starts: the last one.

        Parameters
        ----------
        net : Network
            The network to be trained.
        """
        return net.names[-1]

    def value(self, net: Network, trace: Trace, targets: Array) -> float:
        """Return the mean loss over the images of a trace.

        Parameters
        ----------
        net : Network
            The network.
        trace : Trace
            Its forward pass over N images.
        targets : ndarray of shape (N, *output_shape)
            What the outputs should have been.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define value")

    def seed(self, net: Network, trace: Trace, targets: Array) -> Array:
        """Return the derivative of the mean loss with respect to the output named by `at`.

        Parameters
        ----------
        net, trace, targets : as in `value`
        """
        raise NotImplementedError(f"{type(self).__name__} does not define seed")


@dataclass(frozen=True)
class SquaredError(Loss):
    """L = |y - t|^2 / 2 for each image, summed over its outputs: the documents' loss.

    Notes
    -----
    dL/dy = y - t.

    References
    ----------
    de Souza Farias and Maziero, section 2; Lo 2016, section 2.1.5.
    """

    def value(self, net: Network, trace: Trace, targets: Array) -> float:
        """Return the mean over the images; see :meth:`Loss.value`.

        Parameters
        ----------
        net, trace, targets : see :meth:`Loss.value`
        """
        return _mean_over_images(0.5 * np.square(trace.output - targets))

    def seed(self, net: Network, trace: Trace, targets: Array) -> Array:
        """Return (y - t) / N; see :meth:`Loss.seed`.

        Parameters
        ----------
        net, trace, targets : see :meth:`Loss.value`
        """
        return (trace.output - targets) / len(targets)


@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """L = mean over the outputs of (y - t)^2.

    Notes
    -----
    With D outputs, dL/dy = 2 (y - t) / D.
    """

    def value(self, net: Network, trace: Trace, targets: Array) -> float:
        """Return the mean over the images; see :meth:`Loss.value`.

        Parameters
        ----------
        net, trace, targets : see :meth:`Loss.value`
        """
        return float(np.mean(np.square(trace.output - targets), dtype=np.float64))

    def seed(self, net: Network, trace: Trace, targets: Array) -> Array:
        """Return 2 (y - t) / (D N); see :meth:`Loss.seed`.

        Parameters
        ----------
        net, trace, targets : see :meth:`Loss.value`
        """
        return (trace.output - targets) * (2.0 / targets.size)


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """L = -sum_k t_k log p_k with p = softmax(z), for networks that end in a Softmax.

    Notes
    -----
    log p_k = z_k - log sum_j exp z_j, so dL/dz = p sum_k t_k - t, which is p - t for targets that add up to one. The
    gradient starts at the logits z: nothing is divided by a probability, however small.

    References
    ----------
    Bishop 1995, section 6.9.
    """

    def at(self, net: Network) -> str:
        """Return the name of the logits, the input of the final Softmax.

        Parameters
        ----------
        net : Network
            The network to be trained.

        Raises
        ------
        ValueError
            If the network does not end in a Softmax over a vector.
        """
        _require_last(net, Softmax, "CrossEntropy")
        return net.logits

    def value(self, net: Network, trace: Trace, targets: Array) -> float:
        """Return the mean over the images; see :meth:`Loss.value`.

        Parameters
        ----------
        net, trace, targets : see :meth:`Loss.value`
        """
        return _mean_over_images(-targets * _log_softmax(trace[net.logits]))

    def seed(self, net: Network, trace: Trace, targets: Array) -> Array:
        """Return (p sum_k t_k - t) / N; see :meth:`Loss.seed`.

        Parameters
        ----------
        net, trace, targets : see :meth:`Loss.value`
        """
        return (trace.output * targets.sum(axis=-1, keepdims=True) - targets) / len(targets)


@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """L = -sum_k [t_k log p_k + (1 - t_k) log(1 - p_k)] with p = sigmoid(z), for networks that end in a Sigmoid.

    Notes
    -----
    -log p = log(1 + exp(-z)) and -log(1 - p) = log(1 + exp z), so L = sum_k log(1 + exp z_k) - t_k z_k, which needs no
    division, and dL/dz = p - t.
    """

    def at(self, net: Network) -> str:
        """Return the name of the logits, the input of the final Sigmoid.

        Parameters
        ----------
        net : Network
            The network to be trained.

        Raises
        ------
        ValueError
            If the network does not end in a Sigmoid.
        """
        _require_last(net, Sigmoid, "BinaryCrossEntropy")
        return net.logits

    def value(self, net: Network, trace: Trace, targets: Array) -> float:
        """Return the mean over the images; see :meth:`Loss.value`.

        Parameters
        ----------
        net, trace, targets : see :meth:`Loss.value`
        """
        z = trace[net.logits]
        return _mean_over_images(np.logaddexp(0, z) - targets * z)

    def seed(self, net: Network, trace: Trace, targets: Array) -> Array:
        """Return (p - t) / N; see :meth:`Loss.seed`.

        Parameters
        ----------
        net, trace, targets : see :meth:`Loss.value`
        """
        return (trace.output - targets) / len(targets)


def _require_last(net: Network, kind: type, loss: str) -> None:
    last = net.layers[-1]
    if not isinstance(last, kind):
        raise ValueError(f"{loss} needs a network that ends in {kind.__name__}; the last layer is {last.name}")


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _mean_over_images(losses: Array) -> float:
    return float(losses.sum(dtype=np.float64) / len(losses))
