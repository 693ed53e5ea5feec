"""The experiments of Lo, Cohen and Ding 2015 and of Lo 2016, each claim beside our measurement."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinynet import models
from tinynet.datasets import Dataset
from tinynet.network import Network
from tinynet.studies.claims import Claim
from tinynet.training import accuracy, fit

DOCUMENTED_TEST_ERRORS = 2  # 4.88 % of 41 images


def run(data: Dataset, out: Path, seeds: int = 10, epochs: int | None = None) -> list[Claim]:
    """Run the experiments and return the claims.

    Parameters
    ----------
    data : Dataset
        Faces: the embedded ones, or the Yale database.
    out : path
        Where trained networks are kept, so that a study that was stopped goes on where it was.
    seeds : int
        Number of random splits into 75 % training and 25 % test images; each also draws its own weights.
    epochs : int, optional
        How long each network trains; 250, as in the thesis, if not given.
    """
    return [
        test_error(data, out, seeds, epochs, together=None),
        test_error(data, out, seeds, epochs, together="identical"),
    ]


def test_error(data: Dataset, out: Path, seeds: int, epochs: int | None, together: str | None) -> Claim:
    """Measure LO-1: how many test images the thesis' network gets wrong.

    Parameters
    ----------
    data, out, seeds, epochs : see :func:`run`
    together : str or None
        "identical" keeps images of the same pixels on one side of the split.
    """
    errors, count = [], 0
    for seed in range(seeds):
        train, test = data.split(0.25, rng=seed, together=together)
        net = trained(train, out / f"{data.name}-{together or 'random'}-split-{seed}.npz", seed, epochs)
        count = len(test)
        errors.append(round(count * (1 - accuracy(net, test.x, test.labels))))
    within = min(errors) <= DOCUMENTED_TEST_ERRORS <= max(errors) and np.median(errors) <= 4
    split = "random splits" if together is None else "splits that keep identical images on one side"
    trained_for = epochs or models.named("thesis").epochs
    return Claim(
        id="LO-1" if together is None else "LO-1, identical images together",
        claim="test error of 4.88 % after 250 epochs",
        documented=f"{DOCUMENTED_TEST_ERRORS} of 41 images",
        measured=f"{', '.join(map(str, errors))} of {count} images for {seeds} {split} after {trained_for} epochs: "
        f"median {np.median(errors):g}, mean {np.mean(errors):.2f}, standard deviation {np.std(errors, ddof=1):.2f}"
        if seeds > 1
        else f"{errors[0]} of {count} images for one of the {split} after {trained_for} epochs",
        holds=bool(within) if seeds >= 10 else None,
        n_seeds=seeds,
        data=data.name,
    )


def trained(train: Dataset, path: Path, seed: int, epochs: int | None) -> Network:
    """Return the thesis' network, trained; training that was stopped goes on from its checkpoint.

    Parameters
    ----------
    train : Dataset
        The training images.
    path : path
        Of the checkpoint, which is written after each epoch.
    seed : int
        Of the weights and of the order of the images.
    epochs : int, optional
        How long it trains; as long as in the thesis if not given.
    """
    model = models.named("thesis")
    net = models.build("thesis", train.input_shape, len(train.classes), rng=seed)
    fit(
        net,
        train.x,
        train.labels,
        loss=model.loss,
        optimizer=model.optimizer,
        epochs=epochs or model.epochs,
        batch_size=model.batch_size,
        rng=seed,
        checkpoint=path,
        resume=True,
    )
    return net
