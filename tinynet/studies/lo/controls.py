"""What a claim is held against: a network that was never trained, images that show nothing, labels that say nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tinynet import models
from tinynet.studies.engine.trials import Training, Trial

MODEL = "thesis"
NINE_OF_TEN = 0.9  # share of the networks that must be ahead of their control


def untrained(trial: Trial) -> Trial:
    """Return a trial of the network as it was before training.

    Parameters
    ----------
    trial : Trial
    """
    data = trial.data
    return replace(trial, net=models.build(MODEL, data.input_shape, len(data.classes), rng=trial.seed))


def on_noise(trial: Trial) -> Trial:
    """Return a trial with noise in the place of the images; their labels say nothing then.

    Parameters
    ----------
    trial : Trial
    """
    noise = np.random.default_rng(trial.seed).random(trial.data.x.shape, dtype=np.float32)
    return replace(trial, data=replace(trial.data, x=noise, masks={}, attributes={}))


def is_training(trial: Trial) -> NDArray[np.bool_]:
    """Return which images the network was trained on; the others are those it is tested on.

    Parameters
    ----------
    trial : Trial
    """
    numbered = replace(trial.data, attributes={"number": np.arange(len(trial.data))}, masks={})
    train, _ = Training(MODEL, trial.seed, trial.epochs).split(numbered)
    return np.isin(np.arange(len(trial.data)), train.attributes["number"])


def with_random_labels(trial: Trial) -> Trial:
    """Return a trial whose images have each other's labels.

    Parameters
    ----------
    trial : Trial
    """
    labels = np.random.default_rng(trial.seed).permutation(trial.data.labels)
    return replace(trial, data=replace(trial.data, labels=labels))
