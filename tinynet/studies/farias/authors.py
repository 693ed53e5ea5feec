"""FM-1: the authors' update, number by number, beside one step of ours."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from tinynet import models
from tinynet.losses import SquaredError
from tinynet.network import Network
from tinynet.optimizers import SGD
from tinynet.targets import GradientTargets
from tinynet.training import fit
from tinynet.types import Array

HIDDEN = ((3,), (4, 3), (3, 5, 4))
IMAGES, PIXELS, CLASSES = 7, (1, 2, 3), 3
RATE = 0.1


def authors_update(weights: list[Array], x: Array, wanted: Array, tau: float, rate: float) -> list[Array]:
    """Return the weights after one step on a batch, image by image and layer by layer.

    Parameters
    ----------
    weights : list of ndarray of shape (units, inputs)
        From the first layer to the last.
    x : ndarray of shape (N, pixels)
    wanted : ndarray of shape (N, K)
        One-hot.
    tau, rate : float
        Steps of the targets and of the weights.

    References
    ----------
    de Souza Farias and Maziero, the authors' program.
    """
    changes = [np.zeros_like(W) for W in weights]
    for image, one_hot in zip(x, wanted, strict=True):
        outputs = [image]
        for W in weights:
            outputs.append(expit(W @ outputs[-1]))
        target = one_hot
        for layer in reversed(range(len(weights))):
            y = outputs[layer + 1]
            slope = y * (1 - y)
            changes[layer] += np.outer((y - target) * slope, outputs[layer])
            target = 0 - tau * weights[layer].T @ ((y - target) * slope)
    return [W - rate * change / len(x) for W, change in zip(weights, changes, strict=True)]


def difference(seed: int, tau: float) -> float:
    """Return how far one step of `tinynet.fit` is from the authors', over the largest change of a weight.

    Parameters
    ----------
    seed : int
        Of weights and images.
    tau : float
        Step of the targets.
    """
    rng = np.random.default_rng(seed)
    x, labels = rng.random((IMAGES, *PIXELS)), rng.integers(0, CLASSES, IMAGES)
    worst = 0.0
    for hidden in HIDDEN:
        net = Network(models.sigmoid_layers(hidden, CLASSES), PIXELS, rng=seed, dtype=np.float64)
        before = [layer.params["W"].copy() for layer in net.layers if layer.params]
        expected = authors_update(before, x.reshape(IMAGES, -1), np.eye(CLASSES)[labels], tau, RATE)
        fit(
            net,
            x,
            labels,
            loss=SquaredError(),
            optimizer=SGD(RATE),
            epochs=1,
            batch_size=IMAGES,
            shuffle=False,
            progress=False,
            rule=GradientTargets(tau),
        )
        after = [layer.params["W"] for layer in net.layers if layer.params]
        for old, ours, theirs in zip(before, after, expected, strict=True):
            worst = max(worst, float(np.abs(ours - theirs).max() / np.abs(theirs - old).max()))
    return worst
