"""LO-1: how many test images the network of the thesis gets wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from tinynet import models, plots
from tinynet.classes import accuracy, predicted
from tinynet.datasets import Dataset
from tinynet.network import Network
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Numbers, Results, Trial
from tinynet.studies.engine.statistics import percents
from tinynet.training import Callback, History

DOCUMENTED = 2  # test images of 41 that are misclassified: 4.88 %
MEDIAN_AT_MOST = 4
ENOUGH = 10  # splits


class _Told(Callback):
    """Calls a function after each epoch."""

    def __init__(self, after_epoch: Callable[[], object]) -> None:
        self.after_epoch = after_epoch

    def on_epoch(self, net: Network, history: History) -> None:
        """Pass on that an epoch is over.

        Parameters
        ----------
        net : Network
        history : History
        """
        self.after_epoch()


def trained(
    train: Dataset, path: Path, seed: int, epochs: int | None = None, after_epoch: Callable[[], object] = lambda: None
) -> Network:
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
    after_epoch : callable
        Called after each epoch, such as for a progress bar.
    """
    net = models.build("thesis", train.input_shape, len(train.classes), rng=seed)
    models.named("thesis").train(
        net,
        train.x,
        train.labels,
        epochs=epochs,
        rng=seed,
        callbacks=[_Told(after_epoch)],
        progress=False,
        checkpoint=path,
        resume=True,
    )
    return net


def measure(trial: Trial) -> Numbers:
    """Count the test errors, also of a network whose split keeps identical images on one side.

    Parameters
    ----------
    trial : Trial
    """
    count = len(trial.test)
    confusion = np.zeros((len(trial.data.classes), len(trial.data.classes)), np.int64)
    np.add.at(confusion, (trial.test.labels, predicted(trial.net(trial.test.x))), 1)
    numbers = {"count": count, "errors": _errors(trial.net, trial.test), "confusion": confusion}
    train, test = trial.data.split(0.25, rng=trial.seed, groups="identical")
    if not np.array_equal(train.x, trial.train.x):
        net = trained(train, trial.folder / f"{trial.seed}-identical-together.npz", trial.seed, trial.epochs)
        numbers |= {"errors together": _errors(net, test), "count together": len(test)}
    return {name: np.asarray(value) for name, value in numbers.items()}


def claims(results: Results) -> list[Claim]:
    """Judge the test error.

    Parameters
    ----------
    results : Results
    """
    document = ("test error of 4.88 % after 250 epochs", f"{DOCUMENTED} of 41 images")
    found = [results.claim("LO-1", *document, _sentence(results, "errors", "count", "random splits"), _holds(results))]
    name = "LO-1, identical images together"
    if results.has("errors together"):
        splits = "splits that keep identical images on one side"
        measured = _sentence(results, "errors together", "count together", splits)
        return [*found, results.claim(name, *document, measured, None)]
    return [*found, results.claim(name, *document, "no two images are identical, so the splits are the same", None)]


def sections(results: Results) -> Iterator[Section]:
    """Show which test images are misclassified.

    Parameters
    ----------
    results : Results
    """
    total = results.stack("confusion").sum(axis=0)
    classes = results.trial.data.classes
    yield Section(
        "test-error",
        "The network to be questioned (LO-1)",
        plots.confusion(total, classes, f"Test images of {plots.count_of(len(results.numbers), 'network')}"),
        "A table of classes against what their test images are predicted as.",
        "Each row is an identity, each column what its test images are predicted as, added up over all networks. On "
        "the diagonal the networks are right.",
        (f"{percents(results.stack('errors') / results.stack('count'))} of the test images are misclassified.",),
    )


def _errors(net: Network, test: Dataset) -> int:
    return round(len(test) * (1 - accuracy(net, test.x, test.labels)))


def _holds(results: Results) -> bool | None:
    """Judge a range over splits, which a few splits do not have."""
    errors = results.stack("errors")
    if len(errors) < ENOUGH:
        return None
    return bool(errors.min() <= DOCUMENTED <= errors.max() and np.median(errors) <= MEDIAN_AT_MOST)


def _sentence(results: Results, errors: str, count: str, splits: str) -> str:
    found, of = results.stack(errors), results.stack(count)[0]
    after = f"for {len(found)} {splits} after {results.trial.epochs} epochs"
    measured = f"{', '.join(map(str, found))} of {of} images {after}"
    if len(found) == 1:
        return measured
    return (
        f"{measured}: median {np.median(found):g}, mean {found.mean():.2f}, standard deviation {found.std(ddof=1):.2f}"
    )


EXPERIMENT = Experiment("error", measure, claims, sections)
