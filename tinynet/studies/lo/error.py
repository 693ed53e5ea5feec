"""LO-1: how many test images the network of the thesis gets wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinynet import plots
from tinynet.classes import predicted
from tinynet.datasets import Dataset
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import percents
from tinynet.studies.engine.trials import Measurement, Trial, trials
from tinynet.types import Array

DOCUMENTED = 2  # test images of 41 that are misclassified: 4.88 %
MEDIAN_AT_MOST = 4
ENOUGH = 10  # splits


def jobs(data: Dataset, budget: Budget) -> list[Measurement]:
    """Return the networks whose errors are counted: also with identical images on one side, if there are any."""
    usual, together = (trials("thesis", __name__, budget, groups) for groups in (None, "identical"))
    parted = any(
        not np.array_equal(one.training.split(data)[0].x, other.training.split(data)[0].x)
        for one, other in zip(usual, together, strict=True)
    )
    return [*usual, *together] if parted else usual


def measure(trial: Trial) -> Numbers:
    """Count what the test images are predicted as."""
    confusion = np.zeros((len(trial.data.classes), len(trial.data.classes)), np.int64)
    np.add.at(confusion, (trial.test.labels, predicted(trial.net(trial.test.x))), 1)
    return {"confusion": confusion}


def claims(results: Results) -> list[Claim]:
    """Judge the test error."""
    document = ("test error of 4.88 % after 250 epochs", f"{DOCUMENTED} of 41 images")
    usual, together = _tables(results)
    measured = "no two images are identical, so the splits are the same"
    if len(together):
        measured = _sentence(together, "splits that keep identical images on one side", results)
    return [
        results.claim("LO-1", *document, _sentence(usual, "random splits", results), _holds(usual)),
        results.claim("LO-1, identical images together", *document, measured, None),
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show which test images are misclassified."""
    tables, _ = _tables(results)
    yield Section(
        "test-error",
        "The network to be questioned (LO-1)",
        plots.confusion(
            tables.sum(axis=0), results.data.classes, f"Test images of {plots.count_of(len(tables), 'network')}"
        ),
        "A table of classes against what their test images are predicted as.",
        "Each row is an identity, each column what its test images are predicted as, added up over all networks. On "
        "the diagonal the networks are right.",
        (f"{percents(_errors(tables) / tables.sum(axis=(1, 2)))} of the test images are misclassified.",),
    )


def _tables(results: Results) -> list[Array]:
    """Return tables of confusions, one a network: of the usual splits, and of those that part no identical images."""
    tables, grouped = results.stack("confusion"), np.arange(len(results.jobs)) >= results.budget.seeds
    return [tables[~grouped], tables[grouped]]


def _errors(tables: Array) -> Array:
    return tables.sum(axis=(1, 2)) - np.trace(tables, axis1=1, axis2=2)


def _holds(tables: Array) -> bool | None:
    """Judge a range over splits, which a few splits do not have."""
    errors = _errors(tables)
    if len(errors) < ENOUGH:
        return None
    return bool(errors.min() <= DOCUMENTED <= errors.max() and np.median(errors) <= MEDIAN_AT_MOST)


def _sentence(tables: Array, splits: str, results: Results) -> str:
    found = _errors(tables)
    after = f"for {len(found)} {splits} after {results.budget.epochs} epochs"
    measured = f"{', '.join(map(str, found))} of {tables[0].sum()} images {after}"
    if len(found) == 1:
        return measured
    return (
        f"{measured}: median {np.median(found):g}, mean {found.mean():.2f}, standard deviation {found.std(ddof=1):.2f}"
    )


EXPERIMENT = Experiment(jobs, claims, sections)
