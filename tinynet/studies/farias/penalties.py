"""FM-12: what the loss may be given beside the error, for features to stay explainable."""

from __future__ import annotations

import numpy as np

from tinynet.layers import Dense
from tinynet.network import Network
from tinynet.studies.farias.settings import Setting
from tinynet.training import Callback, TrainingStep
from tinynet.types import Array

COSINE, PULL, SHUFFLED = "mutual cosine", "pull to class means", "pull to shuffled means"
PENALTIES = (COSINE, PULL, SHUFFLED)


class FeaturePenalty(Callback):
    """Moves the first weights down a penalty on the features of the outputs, in each training step.

    Parameters
    ----------
    kind : {"mutual cosine", "pull to class means", "pull to shuffled means"}
        Which penalty P: the mean squared cosine of two features; 1 - the mean cosine of a feature and the direction of
        its class, the mean image less the mean of all; or the same with the directions of the classes moved on by one,
        which is the control: a pull towards the wrong class.
    strength : float
        What P is multiplied by, before it joins the loss.
    setting : Setting
        How the network is trained.
    directions : ndarray of shape (K, *input_shape)
        Of the classes.

    Notes
    -----
    With r the residuals at the net input of the first hidden layer for an image of zeros (K x units), the features are
    F = x_start - tau r W. As everything in target propagation, the layer learns with what comes from above held fixed,
    so that dP/dW = -tau r^T dP/dF. The step is taken before the weights move by the loss, from the same weights, so
    both add up to one step down the sum.
    """

    def __init__(self, kind: str, strength: float, setting: Setting, directions: Array) -> None:
        self.kind, self.strength, self.setting = kind, strength, setting
        self.directions = np.roll(directions, 1, axis=0) if kind == SHUFFLED else directions

    def on_batch(self, step: TrainingStep) -> None:
        """Move the weights of the first layer; once a step, if it is worked on in parts."""
        if step.part == 0:
            _, slope, name = self.slope(step.net)
            step.net[name].params["W"] -= (self.setting.rate * self.strength * slope).astype(step.net.dtype)

    def slope(self, net: Network) -> tuple[float, Array, str]:
        """Return the penalty, its derivative with respect to the first weights, and the name of their layer.

        Parameters
        ----------
        net : Network
        """
        first = next(layer for layer in net.layers if isinstance(layer, Dense))
        features, residuals = self.setting.features_and_residuals(net, first.name)
        value, down = self.value(features.reshape(len(features), -1))
        return value, -self.setting.tau * residuals.T @ down, first.name

    def value(self, features: Array) -> tuple[float, Array]:
        """Return the penalty and its derivative with respect to the features.

        Parameters
        ----------
        features : ndarray of shape (K, pixels)

        Notes
        -----
        With a unit vector u = F / |F|, d(u . v)/dF = (v - (u . v) u) / |F|.
        """
        lengths = np.linalg.norm(features, axis=1, keepdims=True)
        units = features / lengths
        if self.kind == COSINE:
            cosines = units @ units.T * ~np.eye(len(units), dtype=bool)
            pairs = len(units) * (len(units) - 1)
            value, slope = float(np.square(cosines).sum()) / pairs, 4 / pairs * cosines @ units
        else:
            wanted = self.directions.reshape(len(units), -1)
            wanted = wanted / np.linalg.norm(wanted, axis=1, keepdims=True)
            value, slope = 1 - float((units * wanted).sum() / len(units)), -wanted / len(units)
        along = (slope * units).sum(axis=1, keepdims=True) * units
        return value, (slope - along) / lengths
