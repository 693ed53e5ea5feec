"""What is each class predicted as? The most frequent prediction, as a network loses units or images are changed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import whole_array, whole_number
from tinynet.classes import check_labels
from tinynet.signatures import checked


class Confusions(NamedTuple):
    """What each class is predicted as, step by step.

    Attributes
    ----------
    predicted_as : ndarray of shape (S, K)
        The class that most images of class k are predicted as; the lowest of several, -1 for a class without images.
    share : ndarray of shape (S, K)
        How many of them; NaN for a class without images.
    """

    predicted_as: NDArray[np.int64]
    share: NDArray[np.float64]

    def first_misclassified(self) -> NDArray[np.int64]:
        """Return the step at which each class is first predicted as another, S if never.

        Returns
        -------
        ndarray of shape (K,)
        """
        classes = np.arange(self.predicted_as.shape[1])
        lost = (self.predicted_as != classes) & (self.predicted_as >= 0)
        return np.vstack([lost, np.ones_like(classes, bool)]).argmax(axis=0)


@checked
def confusions(predictions: ArrayLike, labels: ArrayLike, classes: int) -> Confusions:
    """Return what the images of each class are most often predicted as.

    Parameters
    ----------
    predictions : array_like of shape (S, N)
        The class that each image is predicted as at each of S steps, such as those of a :class:`KnockoutCurve`.
    labels : array_like of shape (N,)
        The classes of the images.
    classes : int
        Number K of classes.

    Returns
    -------
    Confusions

    Raises
    ------
    ValueError
        If a prediction or a label is no class, or their numbers differ.

    References
    ----------
    Lo, Cohen and Ding 2015, figure 3.
    """
    wanted = check_labels(labels, whole_number("classes", classes, 1, 10**6))
    steps = whole_array("predictions", predictions, 0, ("steps", len(wanted)))
    if (steps >= classes).any():
        raise ValueError(f"predictions hold the class {steps.max()}, expected 0 to {classes - 1}")
    predicted_as = np.full((len(steps), classes), -1)
    share = np.full((len(steps), classes), np.nan)
    for label in np.unique(wanted):
        members = steps[:, wanted == label]
        votes = (members[:, :, None] == np.arange(classes)).sum(axis=1)
        predicted_as[:, label] = votes.argmax(axis=1)
        share[:, label] = votes.max(axis=1) / members.shape[1]
    return Confusions(predicted_as, share)
