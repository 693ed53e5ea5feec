"""What a classifier answers, by the names that scikit-learn and Keras have for it."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import wrong
from tinynet.classes import as_targets, class_count, classes_meant, predicted
from tinynet.kernels import underflow_is_meant
from tinynet.network.parts import chunks
from tinynet.network.row import Row
from tinynet.network.trace import Trace
from tinynet.signatures import hinting
from tinynet.types import Array


@runtime_checkable
class Value(Protocol):
    """A loss, as far as it is asked for its value: see :class:`tinynet.losses.Loss`."""

    def value(self, net: Any, trace: Trace, targets: ArrayLike) -> float:
        """Return the mean over the images of a trace."""


class Answers(Row):
    """Classes, probabilities, and how right they are."""

    def __call__(self, x: ArrayLike, batch_size: int = 256) -> Array:
        """Return the output for each input."""
        raise NotImplementedError

    def trace(self, x: ArrayLike) -> Trace:
        """Run a forward pass and keep what each layer puts out."""
        raise NotImplementedError

    def as_batch(self, x: ArrayLike) -> Array:
        """Return inputs as an array with one batch axis."""
        raise NotImplementedError

    def predict_proba(self, x: ArrayLike, batch_size: int = 256) -> Array:
        """Return how much speaks for each class: the outputs, or of a single one 1 - y and y.

        Parameters
        ----------
        x : array_like of shape (..., *input_shape)
            Inputs.
        batch_size : int
            How many are worked through at a time, which bounds the memory.

        Returns
        -------
        ndarray of shape (..., K)
            A column for each class. Those of a Softmax, or of a single Sigmoid, are probabilities; what other last
            layers put out is returned as it is.

        Raises
        ------
        ValueError
            If the network puts out no vector, or the inputs do not fit.

        Examples
        --------
        >>> import numpy as np, tinynet as tn
        >>> net = tn.Network([tn.Dense(1), tn.Sigmoid()], input_shape=(2,))
        >>> net.predict_proba(np.zeros((3, 2))).tolist()
        [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
        """
        classes, outputs = class_count(self), self(x, batch_size)
        return outputs if outputs.shape[-1] == classes else np.concatenate([1 - outputs, outputs], axis=-1)

    def predict(self, x: ArrayLike, batch_size: int = 256) -> NDArray[np.int64]:
        """Return the class of each input: the strongest output, or of a single one whether it is over 1/2.

        Parameters
        ----------
        x, batch_size
            As in `predict_proba`.

        Returns
        -------
        ndarray of int, of shape (...)

        Raises
        ------
        ValueError
            If the network puts out no vector, an output is NaN, or the inputs do not fit.

        Examples
        --------
        >>> import numpy as np, tinynet as tn
        >>> net = tn.Network([tn.Dense(3), tn.Softmax()], input_shape=(3,))
        >>> net["dense1"].params["W"][...] = np.eye(3)
        >>> net.predict([[0, 1, 0], [0, 0, 1]])
        array([1, 2])
        """
        found = predicted(self.predict_proba(x, batch_size)).astype(np.int64)
        return np.minimum(found, class_count(self) - 1)  # a Softmax over one output has one class

    @hinting
    @underflow_is_meant
    def evaluate(
        self, x: ArrayLike, y: ArrayLike, *, loss: Value | None = None, batch_size: int = 256
    ) -> dict[str, float]:
        """Return accuracy, and loss if one is given, as training does for validation images.

        Parameters
        ----------
        x : array_like of shape (N, *input_shape)
            Images.
        y : array_like of shape (N,) or (N, *output_shape)
            A label for each image, or what its outputs should be.
        loss : Loss, optional
            Such as ``tn.CrossEntropy()``.
        batch_size : int
            How many images are worked through at a time.

        Returns
        -------
        dict of str to float
            "loss", the mean over the images, if it is asked for, and "accuracy", the share of images whose prediction
            is their label, or what a one-hot target stands for: NaN without such. Both are NaN without images.

        Raises
        ------
        ValueError
            If images, labels or loss do not fit the network.

        Examples
        --------
        >>> import numpy as np, tinynet as tn
        >>> net = tn.Network([tn.Dense(2), tn.Softmax()], input_shape=(2,), dtype=float)
        >>> net["dense1"].params["W"][...] = 0
        >>> net.evaluate(np.ones((4, 2)), [0, 0, 0, 1], loss=tn.SquaredError())
        {'loss': 0.25, 'accuracy': 0.75}
        """
        if loss is not None and (isinstance(loss, type) or not isinstance(loss, Value)):
            raise wrong("loss", loss, "a loss such as CrossEntropy()")
        images, targets = self.as_batch(x), as_targets(y, self)
        if len(images) != len(targets):
            raise ValueError(f"got {len(images)} images and {len(targets)} labels or targets, expected as many")
        classes, losses, hits = classes_meant(y, targets), 0.0, 0
        for rows in chunks(len(images), batch_size):
            trace = self.trace(images[rows])
            if loss is not None:
                losses += loss.value(self, trace, targets[rows]) * len(targets[rows])
            if classes is not None:
                hits += int(np.count_nonzero(predicted(trace.output) == classes[rows]))
        count = len(images) or float("nan")
        judged = {} if loss is None else {"loss": losses / count}
        return {**judged, "accuracy": float("nan") if classes is None else hits / count}
