"""Labels in, classes out: how the outputs of a classifier and the labels of its images stand for classes.

A network with a single output has two classes, 0 and 1: its output says how much speaks for class 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import finite_array, plain_array, whole_number, wrong
from tinynet.layers import Layer, Softmax
from tinynet.types import Array, Shape


@runtime_checkable
class Classifier(Protocol):
    """What is asked of a network here, which stands above this file."""

    layers: tuple[Layer, ...]
    dtype: np.dtype[Any]

    @property
    def output_shape(self) -> Shape:
        """Shape of one output, without the batch axis."""

    def predict(self, x: ArrayLike) -> NDArray[np.int64]:
        """Return the class of each input."""


def class_count(net: Classifier) -> int:
    """Return the number of classes of a network: one for each output, two for a single one that is no softmax.

    Parameters
    ----------
    net : Network
        A classifier.

    Raises
    ------
    ValueError
        If the outputs of the network are no vector.
    """
    if len(net.output_shape) != 1:
        raise ValueError(f"predictions of classes need a network that puts out a vector, got {net.output_shape}")
    (outputs,) = net.output_shape
    return 2 if outputs == 1 and not isinstance(net.layers[-1], Softmax) else outputs


def predicted(outputs: ArrayLike) -> Array:
    """Return the class that each row of outputs stands for: the strongest, or of a single one whether it is over 1/2.

    Parameters
    ----------
    outputs : array_like of shape (..., K)
        Outputs of a classifier.

    Raises
    ------
    ValueError
        If one of them is NaN, which is stronger than nothing.
    """
    outputs = np.asarray(outputs)
    if not outputs.ndim or np.isnan(outputs).any():
        raise wrong("outputs", outputs, "an array of shape (..., K) without NaN")
    return outputs[..., 0] > 0.5 if outputs.shape[-1] == 1 else outputs.argmax(axis=-1)


def accuracy(net: Classifier, x: ArrayLike, labels: ArrayLike) -> float:
    """Return the share of images whose strongest output is their label; with a single output, whether it is over 1/2.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    labels : array_like of shape (N,)
        Their classes.
    """
    if isinstance(net, type) or not isinstance(net, Classifier):
        raise wrong("net", net, "a Network")
    classes = net.predict(x).reshape(-1)
    wanted = check_labels(labels, class_count(net), images=len(classes))
    return float(np.mean(classes == wanted)) if len(wanted) else float("nan")


def are_labels(y: Array) -> bool:
    """Return whether an array holds one label an image, rather than what the outputs should be.

    Parameters
    ----------
    y : ndarray
    """
    return y.ndim == 1 and y.dtype.kind in "iub"


def is_one_hot(targets: Array) -> bool:
    """Return whether each row of targets is 1 at one place and 0 at all others, and so stands for a class.

    Parameters
    ----------
    targets : ndarray of shape (N, *output_shape)
    """
    return targets.ndim == 2 and bool(((targets == 0) | (targets == 1)).all() and (targets.sum(axis=1) == 1).all())


def classes_meant(y: ArrayLike, targets: Array) -> Array | None:
    """Return the classes that labels or one-hot targets stand for; None for targets that stand for none.

    Parameters
    ----------
    y : array_like
        What was given.
    targets : ndarray of shape (N, *output_shape)
        The same as targets, as `as_targets` returns them.
    """
    return predicted(targets) if are_labels(np.asarray(y)) or is_one_hot(targets) else None


def check_labels(labels: ArrayLike, classes: int, images: int | None = None) -> NDArray[np.int64]:
    """Return the labels as integers, having checked that each names a class.

    Parameters
    ----------
    labels : array_like of shape (N,)
        Integers from 0 up to, not including, `classes`.
    classes : int
        Number of classes.
    images : int, optional
        How many labels there must be.

    Raises
    ------
    ValueError
        Naming the first label that is out of range.
    """
    values = plain_array("labels", labels, "one integer an image")
    if values.ndim != 1 or values.dtype.kind not in ("iub" if classes == 2 else "iu"):
        what = "text" if _is_text(values) else values.dtype
        mend = mend_of_labels(values, classes)
        raise ValueError(f"labels are {what} of shape {values.shape}, expected one integer an image{mend}")
    if images is not None and len(values) != images:
        raise ValueError(f"got {images} images and {len(values)} labels, expected as many")
    outside = np.flatnonzero((values < 0) | (values >= classes))
    if len(outside):
        mend = mend_of_labels(values, classes)
        raise ValueError(f"label of image {outside[0]} is {values[outside[0]]}, expected 0 to {classes - 1}{mend}")
    return values.astype(np.int64)


def mend_of_labels(labels: Array, classes: int) -> str:
    """Return the end of an error message: how to make labels of what is none; empty if nothing can be guessed.

    Parameters
    ----------
    labels : ndarray
        Anything but whole numbers from 0 up to, not including, `classes`, one an image.
    classes : int
        Number of classes.

    Examples
    --------
    >>> mend_of_labels(np.array([1, 3, 2, 3]), 3)
    ': labels are 1 to 3, subtract 1'
    >>> mend_of_labels(np.array(["cat", "dog", "cat"]), 2)
    ': classes, labels = np.unique(labels, return_inverse=True) gives numbers from 0'
    """
    is_text, is_number = _is_text(labels), labels.dtype.kind in "iufb"
    if not labels.size or not (is_text or is_number):
        return ""
    if labels.ndim == 2 and is_number and is_one_hot(labels) and labels.shape[1] > 1:
        return ": labels.argmax(axis=1) gives the classes of one-hot rows"
    if labels.ndim == 2 and labels.shape[1] == 1:
        return ": labels.ravel() has no second axis"
    if labels.ndim != 1:
        return ""
    if labels.dtype.kind in "fb" and (labels == np.floor(labels)).all():
        return ": labels.astype(int) gives whole numbers"
    if labels.dtype.kind in "iu" and labels.min() == 1 and labels.max() == classes:
        return f": labels are 1 to {classes}, subtract 1"
    if is_text or (labels.dtype.kind in "iu" and 1 < len(np.unique(labels)) <= classes):
        return ": classes, labels = np.unique(labels, return_inverse=True) gives numbers from 0"
    return ""


def _is_text(values: Array) -> bool:
    return values.dtype.kind in "US" or (values.dtype.kind == "O" and all(isinstance(v, str) for v in values.flat))


def balanced_weights(labels: ArrayLike, classes: int | None = None) -> NDArray[np.float64]:
    """Return a weight for each class that makes up for how rare it is: all classes weigh the same together.

    Parameters
    ----------
    labels : array_like of shape (N,)
        Classes of the training images.
    classes : int, optional
        Number K of classes; as many as the labels name if not given.

    Returns
    -------
    ndarray of shape (K,)
        N / (K n_k) for a class of n_k images, so that the mean over the images is 1. What the losses take as
        `class_weights`.

    Raises
    ------
    ValueError
        If a class has no image.

    Examples
    --------
    >>> import tinynet as tn
    >>> tn.balanced_weights([0, 0, 0, 1])
    array([0.66666667, 2.        ])
    """
    given = plain_array("labels", labels, "one integer an image")
    most = int(given.max()) + 1 if are_labels(given) and given.size else 1
    count = max(most, 1) if classes is None else whole_number("classes", classes)
    wanted = check_labels(given, count)
    images = np.bincount(wanted, minlength=count)
    if not images.all():
        raise ValueError(f"labels: class {images.argmin()} has no image, so no weight makes up for it")
    return np.asarray(len(wanted) / (count * images))


def class_numbers(classes: Iterable[int] | None, count: int) -> NDArray[np.int64]:
    """Return the classes asked about, or all of them, having checked that there are such.

    Parameters
    ----------
    classes : iterable of int, optional
        Numbers; a mask of truth values is none.
    count : int
        How many classes there are.

    Raises
    ------
    ValueError
        Naming the first that is none.
    """
    if classes is None:
        return np.arange(count)
    if isinstance(classes, str) or not isinstance(classes, Iterable):
        raise wrong("classes", classes, "a list of classes")
    return np.array([whole_number("classes", number, 0, count - 1) for number in classes], np.int64)


def as_targets(y: ArrayLike, net: Classifier) -> Array:
    """Return targets in the shape of the network's outputs; integer labels become one-hot vectors.

    Parameters
    ----------
    y : array_like of shape (N,) or (N, *output_shape)
        A label for each image, or what its outputs should be.
    net : Network
        The network to be trained.

    Raises
    ------
    ValueError
        If a label has no output, a target is not finite, or the shapes do not fit.

    Notes
    -----
    A network with a single output takes labels 0 and 1 as that output's target.
    """
    values = plain_array("y", y, "a label for each image, or targets")
    if (are_labels(values) or (_is_text(values) and values.ndim == 1)) and len(net.output_shape) == 1:
        count, (outputs,) = class_count(net), net.output_shape
        labels = check_labels(values, count)
        return (labels[:, None] if outputs < count else np.eye(outputs)[labels]).astype(net.dtype)
    if values.shape[1:] != net.output_shape or not values.ndim:
        shape = ", ".join(map(str, net.output_shape))
        mend = ": y[:, None] has the second axis" if net.output_shape == (1,) and values.ndim == 1 else ""
        if values.ndim == 1 and values.dtype.kind == "f" and values.size and (values == np.floor(values)).all():
            mend += f"{' or' if mend else ':'} y.astype(int), if these are labels"
        raise ValueError(f"targets have shape {values.shape}, expected (N, {shape}){mend}")
    return finite_array("target", values, net.dtype)
