"""What is explained: a logit, a probability, its logarithm or a margin, its value and the seed of its gradient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet import kernels
from tinynet.arguments import one_of, plain_array, shown, whole_number, wrong
from tinynet.classes import check_labels, class_count
from tinynet.layers import Sigmoid, Softmax
from tinynet.network import Network, Trace, checked_network
from tinynet.types import Array

PREDICTIONS = ("logit", "probability", "log_probability", "margin")


class Prediction:
    """What a classifier says of a class: the number that an explanation is of.

    Classes are told by integers that broadcast against the images: one class an image has the shape (N,), all K
    classes of all images (K, 1); see `classes_of`.

    Parameters
    ----------
    net : Network
        A classifier. One with a single output, such as a sigmoid, has two classes: 1, with the logit z and the
        probability p, and 0, with -z and 1 - p; their margins are z and -z.
    of : {"logit", "probability", "log_probability", "margin"}
        The class' net input z_c, its probability p_c, log p_c, or z_c less the largest other logit.

    Attributes
    ----------
    count : int
        Number K of classes.
    at : str
        Name of the output at which the seed applies: the logits.

    Raises
    ------
    ValueError
        If the network has no such prediction.

    Notes
    -----
    The seed is the derivative by the logits z. With p = softmax(z) it is e_c for z_c; e_c - p for log p_c;
    p_c (e_c - p) for p_c; e_c - e_k for the margin to class k. The entry 1 - p_c is taken as the sum of the other
    probabilities, which is exact in float32 even where p_c rounds to one. With p_c = sigmoid(z_c) it is e_c (1 - p_c)
    for log p_c, and 1 - p_c = sigmoid(-z_c).

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Dense(1), tn.Sigmoid()], input_shape=(2,))
    >>> of_p = Prediction(net, "probability")
    >>> p = of_p.value(net.trace(np.ones((4, 2))), of_p.classes_of("all", images=4))
    >>> p.shape, bool(np.allclose(p.sum(axis=0), 1))
    ((2, 4), True)
    """

    def __init__(self, net: Network, of: str = "logit") -> None:
        self.net, self.of, self.at = checked_network(net), one_of("of", of, PREDICTIONS), net.logits
        self.count = class_count(net)
        last = net.layers[-1]
        if of in ("probability", "log_probability") and not isinstance(last, (Softmax, Sigmoid)):
            raise ValueError(f"the network puts out no {of}: it ends in {last.name}, not a Softmax or Sigmoid")
        self._one_output = self.count > net.output_shape[0]
        if of == "margin" and self.count < 2:
            raise ValueError("a margin needs at least two classes")
        self._rows = np.array([[-1], [1]] if self._one_output else np.eye(net.output_shape[0]), net.dtype)

    def classes_of(self, target: int | str | ArrayLike, images: int) -> NDArray[np.int64]:
        """Return the classes that are asked about, having checked that there are such.

        Parameters
        ----------
        target : int, array_like of shape (N,) or "all"
            One class for all images, one an image, or each of the K classes.
        images : int
            Number N of images.

        Returns
        -------
        ndarray of shape (N,), with "all" of shape (K, 1)

        Raises
        ------
        ValueError
            If a target is no class of the network.
        """
        if isinstance(target, str):
            if target != "all":
                raise wrong("target", target, 'a class, one class an image, or "all"')
            return np.arange(self.count)[:, None]
        if np.ndim(target) == 0:
            return np.full(images, whole_number("target", target, 0, self.count - 1))
        labels = plain_array("target", target, "one class an image")
        if labels.shape != (images,) or labels.dtype.kind == "b":
            raise ValueError(f"target is {shown(labels)}, expected one class for each of {images} images")
        return check_labels(labels, self.count)

    def reached(self, layers: Sequence[str] | None) -> list[str]:
        """Return the outputs asked about, or all that the prediction depends on.

        Parameters
        ----------
        layers : sequence of str, optional

        Raises
        ------
        ValueError
            If one is not in front of the prediction.
        """
        whole = self.of == "probability"
        return in_front(self.net, self.net.names[-1] if whole else self.at, self.of, layers)

    @kernels.underflow_is_meant
    def value(self, trace: Trace, classes: Array) -> Array:
        """Return the prediction itself.

        Parameters
        ----------
        trace : Trace
            A forward pass over N images.
        classes : ndarray of int
            Broadcast against the images, as `classes_of` returns them.

        Returns
        -------
        ndarray of shape (..., N)
        """
        from scipy.special import expit, log_expit

        rows, z = self._rows[classes], trace[self.at]
        softmax = isinstance(self.net.layers[-1], Softmax)
        if self.of == "probability" and softmax:
            return _chosen(rows, trace.output)
        if self.of == "log_probability" and softmax:
            return _chosen(rows, log_softmax(z))
        logit = _chosen(rows, z)
        if self.of == "margin" and not self._one_output:
            return logit - np.where(rows != 0, -np.inf, z).max(axis=-1)
        if self.of == "probability":
            return np.asarray(expit(logit))
        return np.asarray(log_expit(logit)) if self.of == "log_probability" else logit

    @kernels.underflow_is_meant
    def seed(self, trace: Trace, classes: Array) -> Array:
        """Return the derivative of the prediction by the output of `at`.

        Parameters
        ----------
        trace : Trace
            A forward pass over N images.
        classes : ndarray of int
            Broadcast against the images, as `classes_of` returns them.

        Returns
        -------
        ndarray that broadcasts against (..., N, logits)
        """
        rows, z = self._rows[classes], trace[self.at]
        if self.of == "logit" or (self.of == "margin" and self._one_output):
            return rows
        if self.of == "margin":
            return rows - self._rows[np.where(rows != 0, -np.inf, z).argmax(axis=-1)]
        if isinstance(self.net.layers[-1], Sigmoid):
            from scipy.special import expit

            slope = rows * expit(-rows * z)
            return slope * expit(rows * z) if self.of == "probability" else slope
        p = trace.output
        others = np.where(rows != 0, 0, p)
        slope = np.where(rows != 0, others.sum(axis=-1, keepdims=True), -p)
        return slope * _chosen(rows, p)[..., None] if self.of == "probability" else slope

    def gradients(self, trace: Trace, classes: Array, layers: Sequence[str]) -> dict[str, Array]:
        """Return the derivative of the prediction by the outputs of layers.

        Parameters
        ----------
        trace : Trace
            A forward pass over N images.
        classes : ndarray of int
            Broadcast against the images, as `classes_of` returns them.
        layers : sequence of str
            Names of outputs that `reached` returns.

        Returns
        -------
        dict of str to ndarray of shape (..., N, *unit shape)
        """
        lowest = min(layers, key=self.net.names.index)
        deltas = self.net.backward(trace, self.seed(trace, classes), at=self.at, down_to=lowest)
        behind = np.broadcast_to(self._rows[classes], deltas[self.at].shape)  # dp_c / dp, for probabilities alone
        names = self.net.names[: self.net.names.index(self.at) + 1]
        return {name: deltas[name] if name in names else behind for name in layers}


def in_front(net: Network, at: str, what: str, layers: Sequence[str] | None) -> list[str]:
    """Return the outputs asked about, all of which must lie in front of an output or be it.

    Parameters
    ----------
    net : Network
    at : str
        Name of that output.
    what : str
        What is differentiated there.
    layers : sequence of str, optional
        All of them if not given.

    Raises
    ------
    ValueError
        Naming one that does not.
    """
    reached = net.names[: net.names.index(at) + 1]
    if isinstance(layers, str):
        raise wrong("layers", layers, f"a list of names, such as [{layers!r}]")
    wanted = reached if layers is None else list(layers)
    if not wanted:
        raise wrong("layers", layers, "at least one name, or None for all")
    for name in wanted:
        if name not in reached:
            raise ValueError(f"layers: {name} is not in front of the {what} at {at}; choose from {', '.join(reached)}")
    return wanted


def log_softmax(z: Array) -> Array:
    """Return the logarithms of softmax(z) along the last axis.

    Parameters
    ----------
    z : ndarray of shape (..., K)

    Notes
    -----
    log p_k = z_k - m - log(1 + r), with m the largest z and r the sum of exp(z_j - m) over all others: exact for the
    most probable class, too, whose logarithm is about -r.
    """
    shifted = z - z.max(axis=-1, keepdims=True)
    rest = np.exp(shifted)
    np.put_along_axis(rest, shifted.argmax(axis=-1, keepdims=True), 0, axis=-1)
    return shifted - np.log1p(rest.sum(axis=-1, keepdims=True))


def _chosen(rows: Array, values: Array) -> Array:
    """Return the value that each row is one for, or the single one with the row's sign."""
    return np.where(rows != 0, values, 0).sum(axis=-1) * rows.sum(axis=-1)
