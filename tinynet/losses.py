"""Losses: how wrong an output is, and where its gradient starts.

The mean over the images stands here and nowhere else: a layer never divides by the size of a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, instance, plain_array, wrong
from tinynet.classes import as_targets, class_count
from tinynet.kernels import underflow_is_meant
from tinynet.layers import Sigmoid, Softmax
from tinynet.network import Network, Trace, checked_network
from tinynet.types import Array

ROUNDING = 1e-6  # by which a probability that was worked out in float32 may miss 0 or 1


class Loss:
    """A number for a batch, and the seed with which its gradient enters the network.

    With outputs y (or logits z) and targets t of N images, `value` is the mean loss over the images and `seed` its
    derivative with respect to the output named by `at`, already divided by N. For target propagation, `target` is what
    that output should have been.
    """

    def at(self, net: Network) -> str:
        """Return the name of the output at which the gradient starts: the last one.

        Parameters
        ----------
        net : Network
            The network to be trained.
        """
        return net.names[-1]

    def check_targets(self, targets: Array) -> None:
        """Raise a ValueError if the loss means nothing for such targets; `fit` asks before it begins.

        Parameters
        ----------
        targets : ndarray of shape (N, *output_shape)
        """

    def value(self, net: Network, trace: Trace, targets: ArrayLike) -> float:
        """Return the mean loss over the images of a trace.

        Parameters
        ----------
        net : Network
            The network.
        trace : Trace
            Its forward pass over N images.
        targets : array_like of shape (N,) or (N, *output_shape)
            A label for each image, or what the outputs should have been. `fit` gives targets of the network's type.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define value")

    def seed(self, net: Network, trace: Trace, targets: ArrayLike) -> Array:
        """Return the derivative of the mean loss with respect to the output named by `at`.

        Parameters
        ----------
        net, trace, targets : as in `value`
        """
        raise NotImplementedError(f"{type(self).__name__} does not define seed")

    def target(self, net: Network, trace: Trace, targets: ArrayLike) -> Array:
        """Return what the output named by `at` should have been: where target propagation begins.

        Parameters
        ----------
        net, trace, targets : as in `value`

        Notes
        -----
        One gradient step of length one on the loss L of each image, z - dL/dz. Of the squared error that is the target
        t itself, y - (y - t); of a cross-entropy it is z - (p - t), at the logits.

        References
        ----------
        Lee, Zhang, Fischer and Bengio 2015, section 2.2: the first target is a gradient step on the loss.
        """
        seed = self.seed(net, trace, targets)
        return trace[self.at(net)] - len(seed) * seed


@dataclass(frozen=True, repr=False)
class ClassWeighted(Loss):
    """A loss that may count some classes more than others.

    Parameters
    ----------
    class_weights : sequence of float, optional
        A number for each class, such as :func:`tinynet.balanced_weights` returns; all count the same if not given.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, all are 0, or there is not one for each class of the network.

    Notes
    -----
    An image with the targets t weighs w = sum_k t_k w_k, one of class k that is w_k; with a single output
    w = w_0 + t (w_1 - w_0). Its loss and its seed are multiplied by w and divided by the number of images as ever, so
    an image of weight 2 counts as two, and training with weights whose mean is 1 needs no other rate.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Dense(2), tn.Softmax()], input_shape=(3,))
    >>> labels = [0, 0, 0, 1]
    >>> loss = tn.CrossEntropy(class_weights=tn.balanced_weights(labels))
    >>> loss
    CrossEntropy(class_weights=(0.6666666666666666, 2.0))
    >>> bool(net.evaluate(np.zeros((4, 3)), labels, loss=loss)["loss"] == np.log(2))
    True
    """

    class_weights: Sequence[float] | None = None

    def __post_init__(self) -> None:
        if self.class_weights is not None:
            weights = finite_array("class_weights", self.class_weights, np.float64, ("classes",))
            if (weights < 0).any() or not weights.any():
                raise wrong("class_weights", self.class_weights, "numbers of at least 0, not all of them 0")
            object.__setattr__(self, "class_weights", tuple(weights.tolist()))

    def __repr__(self) -> str:
        weights = "" if self.class_weights is None else f"class_weights={self.class_weights}"
        return f"{type(self).__name__}({weights})"

    def at(self, net: Network) -> str:
        """Return the name of the output at which the gradient starts, having checked the number of weights."""
        self._weights_of_classes(net)
        return super().at(net)

    def _weights_of_classes(self, net: Network) -> Sequence[float] | None:
        weights = self.class_weights
        if weights is not None and len(weights) != class_count(net):
            raise ValueError(
                f"class_weights are {len(weights)} numbers, expected one for each of {class_count(net)} classes"
            )
        return weights

    def _weighted(self, net: Network, t: Array, rows: Array) -> Array:
        """Return a row of numbers for each image, times its weight; an image of weight 0 counts 0 whatever they are."""
        weights = self._weights_of_classes(net)
        if weights is None:
            return rows
        w = np.asarray(weights, rows.dtype)
        of_images = w[0] + t * (w[1] - w[0]) if t.shape[1] < len(w) else t @ w[:, None]
        return np.multiply(rows, of_images, out=np.zeros_like(rows), where=of_images != 0)


@dataclass(frozen=True, repr=False)
class SquaredError(ClassWeighted):
    """L = |y - t|^2 / 2 for each image, summed over its outputs: the documents' loss.

    Parameters
    ----------
    class_weights : sequence of float, optional
        How much each class counts, as in :class:`ClassWeighted`; all the same if not given.

    Notes
    -----
    dL/dy = y - t.

    References
    ----------
    de Souza Farias and Maziero, section 2; Lo 2016, section 2.1.5.
    """

    @underflow_is_meant
    def value(self, net: Network, trace: Trace, targets: ArrayLike) -> float:
        """Return half the sum of (y - t)^2, averaged over the images."""
        t = _targets(self, net, trace, targets)
        return _mean_over_images(self._weighted(net, t, 0.5 * _squares(trace.output - t)))

    @underflow_is_meant
    def seed(self, net: Network, trace: Trace, targets: ArrayLike) -> Array:
        """Return (y - t) / N."""
        t = _targets(self, net, trace, targets)
        return self._weighted(net, t, trace.output - t) / len(t)

    def target(self, net: Network, trace: Trace, targets: ArrayLike) -> Array:
        """Return the targets; of an image of weight w what lies w times as far from its output."""
        t = _targets(self, net, trace, targets)
        if self.class_weights is None:
            return t
        error = trace.output - t
        return t + (error - self._weighted(net, t, error))


@dataclass(frozen=True, repr=False)
class MeanSquaredError(ClassWeighted):
    """L = mean over the outputs of (y - t)^2.

    Parameters
    ----------
    class_weights : sequence of float, optional
        How much each class counts, as in :class:`ClassWeighted`; all the same if not given.

    Notes
    -----
    With D outputs, dL/dy = 2 (y - t) / D.
    """

    @underflow_is_meant
    def value(self, net: Network, trace: Trace, targets: ArrayLike) -> float:
        """Return the mean of (y - t)^2 over outputs and images."""
        t = _targets(self, net, trace, targets)
        return float(np.mean(self._weighted(net, t, _squares(trace.output - t))))

    @underflow_is_meant
    def seed(self, net: Network, trace: Trace, targets: ArrayLike) -> Array:
        """Return 2 (y - t) / (D N)."""
        t = _targets(self, net, trace, targets)
        return self._weighted(net, t, trace.output - t) * (2.0 / t.size)


class _OfProbabilities(ClassWeighted):
    """A loss whose targets are probabilities."""

    def check_targets(self, targets: Array) -> None:
        """Refuse targets that are no probabilities, such as labels of -1 and 1.

        Parameters
        ----------
        targets : ndarray of shape (N, *output_shape)

        Raises
        ------
        ValueError
            Naming the first target below 0 or above 1 by more than float32 rounds.
        """
        if targets.size and (targets.min() < -ROUNDING or targets.max() > 1 + ROUNDING):
            place = tuple(np.argwhere((targets < -ROUNDING) | (targets > 1 + ROUNDING))[0].tolist())
            where = ", ".join(map(str, place))
            raise ValueError(
                f"target is {targets[place]:.9g} at {where}, expected a probability, from 0 to 1: "
                f"{type(self).__name__} takes no other targets"
            )


@dataclass(frozen=True, repr=False)
class CrossEntropy(_OfProbabilities):
    """L = -sum_k t_k log p_k with p = softmax(z), for networks that end in a Softmax.

    Parameters
    ----------
    class_weights : sequence of float, optional
        How much each class counts, as in :class:`ClassWeighted`; all the same if not given.

    Notes
    -----
    log p_k = z_k - log sum_j exp z_j, so dL/dz = p s - t with s = sum_k t_k, which is p - t for targets that add up to
    one. The gradient starts at the logits z: nothing is divided by a probability, however small.

    Of a network that is sure, p_m is nearly 1 and both the loss and p_m - t_m are differences that rounding leaves
    nothing of. With m the most probable class,

        log p_k = (z_k - z_m) - log(1 + sum_{j != m} exp(z_j - z_m)),

    where the 1 is left to `log1p`; and since the entries of p s - t add up to zero, entry m is minus the sum of the
    others, all of which are small.

    A class with a target of zero costs nothing, not even at a logit of minus infinity, where p is zero.

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
        super().at(net)
        _require_last(net, Softmax, "CrossEntropy")
        return net.logits

    @underflow_is_meant
    def value(self, net: Network, trace: Trace, targets: ArrayLike) -> float:
        """Return -sum_k t_k log p_k, averaged over the images."""
        t = _targets(self, net, trace, targets)
        log_p = _log_softmax(trace[self.at(net)])
        losses = -t * np.where(t == 0, 0, log_p)  # not even minus infinity costs without a target
        return _mean_over_images(self._weighted(net, t, losses))

    @underflow_is_meant
    def seed(self, net: Network, trace: Trace, targets: ArrayLike) -> Array:
        """Return (p s - t) / N."""
        t, p = _targets(self, net, trace, targets), trace.output
        _require_last(net, Softmax, "CrossEntropy")
        seed = p * t.sum(axis=-1, keepdims=True) - t
        unsure = p <= 0.5
        others = (seed * unsure).sum(axis=-1, keepdims=True)
        return self._weighted(net, t, np.where(unsure, seed, -others)) / len(t)


@dataclass(frozen=True, repr=False)
class BinaryCrossEntropy(_OfProbabilities):
    """L = -sum_k [t_k log p_k + (1 - t_k) log(1 - p_k)] with p = sigmoid(z), for networks that end in a Sigmoid.

    Parameters
    ----------
    class_weights : sequence of float, optional
        How much each class counts, as in :class:`ClassWeighted`; all the same if not given.

    Notes
    -----
    -log p = log(1 + exp(-z)) and -log(1 - p) = log(1 + exp z), so L = sum_k log(1 + exp z_k) - t_k z_k, which needs no
    division, and dL/dz = p - t. Where z > 0, log(1 + exp z) = z + log(1 + exp(-z)) and p = 1 - sigmoid(-z), so that

        L = sum_k ([z_k > 0] - t_k) z_k + log(1 + exp(-|z_k|)),    dL/dz = [z > 0] - t -+ sigmoid(-|z|),

    with a minus where z > 0: no difference of nearly equal numbers, however sure the network is.
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
        super().at(net)
        _require_last(net, Sigmoid, "BinaryCrossEntropy")
        return net.logits

    @underflow_is_meant
    def value(self, net: Network, trace: Trace, targets: ArrayLike) -> float:
        """Return -sum_k [t_k log p_k + (1 - t_k) log(1 - p_k)], averaged over the images."""
        t, z = _targets(self, net, trace, targets), trace[self.at(net)]
        wrong: Array = (z > 0) - t
        sure = np.multiply(wrong, z, out=np.zeros_like(z), where=wrong != 0)  # not even infinity costs if right
        return _mean_over_images(self._weighted(net, t, sure + np.log1p(np.exp(-np.abs(z)))))

    @underflow_is_meant
    def seed(self, net: Network, trace: Trace, targets: ArrayLike) -> Array:
        """Return (p - t) / N."""
        t, z = _targets(self, net, trace, targets), trace[self.at(net)]
        small = np.exp(-np.abs(z))
        doubt = small / (1 + small)  # the smaller of p and 1 - p
        return self._weighted(net, t, (z > 0) - t + np.where(z > 0, -doubt, doubt)) / len(t)


def _targets(loss: Loss, net: Network, trace: Trace, targets: ArrayLike) -> Array:
    """Return targets in the shape and the type of the outputs of a trace; `fit` gives them so."""
    checked_network(net)
    output = instance("trace", trace, Trace).output
    y = targets if type(targets) is np.ndarray else plain_array("targets", targets, "labels or targets")
    if y.dtype != output.dtype or y.shape != output.shape:
        y = as_targets(y, net)
        if len(y) != len(output):
            raise ValueError(f"got {len(output)} images and {len(y)} labels or targets, expected as many")
    loss.check_targets(y)
    return y


def _require_last(net: Network, kind: type, loss: str) -> None:
    last = net.layers[-1]
    if not isinstance(last, kind):
        raise ValueError(f"{loss} needs a network that ends in {kind.__name__}; the last layer is {last.name}")


def _squares(differences: Array) -> Array:
    """Return squares in float64: they leave float32 at differences of 2e19, float16 at those of 256."""
    return np.square(differences, dtype=np.float64)


def _log_softmax(z: Array) -> Array:
    wide = z.astype(np.float64)  # logits lie apart by more than their type can hold
    ordered = np.sort(wide, axis=-1)
    others, most = ordered[..., :-1], ordered[..., -1:]
    return (wide - most) - np.log1p(np.exp(others - most).sum(axis=-1, keepdims=True))


def _mean_over_images(losses: Array) -> float:
    return float(losses.sum(dtype=np.float64) / len(losses))
