"""MR-6 for a wide dense layer of two networks, such as the document's of 4096 x 4096: mean and variance of each weight.

The layer stands behind the frozen maps of a trained network, as in fine-tuning; its history lies on disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinynet import plots
from tinynet.datasets import Dataset
from tinynet.explain import streaks, weight_statistics
from tinynet.layers import Dense, Dropout, MaxPool2D, ReLU, Sigmoid
from tinynet.losses import BinaryCrossEntropy
from tinynet.network import Network, chunks
from tinynet.optimizers import Adam
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Numbers, OfNetwork
from tinynet.studies.engine.statistics import spread
from tinynet.studies.meniconi import faces, plan
from tinynet.studies.meniconi.training import RATE, Training, parts
from tinynet.studies.meniconi.watching import LEAST_VARIANCE
from tinynet.training import WeightHistory, fit
from tinynet.types import Array

WIDE, QUICK_WIDE = 4096, 512  # units
IMAGES, BATCH, MOST_EPOCHS = 1000, 50, 5
DRAWN = 256  # rows and columns of the pictures that are kept
BORDERS = (0.1, 0.5, 0.9)  # quantiles


@dataclass(frozen=True)
class Head(OfNetwork):
    """A wide layer, trained behind the frozen maps of a network.

    Attributes
    ----------
    training : Training
    units : int
    """

    training: Training
    units: int

    @property
    def name(self) -> str:
        """Name of the network, and the width."""
        return f"{self.training.name}_head{self.units}"

    @property
    def cost(self) -> float:
        """Beside the training of a network."""
        return 10 * self.units / WIDE

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return pictures and quantiles of the maps of mean and variance over the epochs, weights and biases.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
            The trained network.

        Returns
        -------
        mapping of str to ndarray
            "shape" of the layer; "mean" and "variance", each reduced to at most 256 x 256; "bias mean" and
            "bias variance", whole; "quantiles" of both maps; "streaks", the share of rows and columns in the weights
            at the start, in the mean, and in the log variance; "loss".
        """
        net = self.training.net(data, needed[0])
        train, _ = (part.labelled_by(self.training.label) for part in parts(faces.faces(data), self.training.images))
        few = train.take(np.arange(min(len(train), IMAGES)))
        features = last_maps(net, faces.seen(few, self.training.shrink))
        layers = [Dense(self.units, initializer="he_normal"), ReLU(), Dropout(0.5), Dense(1), Sigmoid()]
        head = Network(layers, features.shape[1:], rng=0)
        with tempfile.TemporaryDirectory() as folder:
            kept = WeightHistory(["dense1"], folder=folder)
            history = fit(
                head,
                features,
                few.labels,
                loss=BinaryCrossEntropy(),
                optimizer=Adam(RATE),
                epochs=min(self.training.epochs, MOST_EPOCHS),
                batch_size=BATCH,
                rng=0,
                callbacks=[kept],
                progress=False,
            )
            start = np.array(kept["dense1/W"][0])
            weights, biases = (weight_statistics(kept[f"dense1/{name}"]) for name in ("W", "b"))
        logs = np.log10(weights.variance + LEAST_VARIANCE)
        return {
            "shape": np.array(start.shape),
            "mean": reduced(weights.mean),
            "variance": reduced(weights.variance),
            "bias mean": biases.mean,
            "bias variance": biases.variance,
            "quantiles": np.array([np.quantile(each, BORDERS) for each in (weights.mean, weights.variance)]),
            "streaks": np.array([found.rows + found.columns for found in map(streaks, (start, weights.mean, logs))]),
            "loss": np.array(history.loss),
        }


def last_maps(net: Network, x: Array) -> Array:
    """Return what the last pool of a network puts out, an image a row.

    Parameters
    ----------
    net : Network
    x : ndarray of shape (N, C, H, W)
    """
    last = [layer.name for layer in net.layers if isinstance(layer, MaxPool2D)][-1]
    return np.concatenate(
        [net.trace(x[rows])[last].reshape(rows.stop - rows.start, -1) for rows in chunks(len(x), 100)]
    )


def reduced(matrix: Array) -> Array:
    """Return a matrix of at most 256 rows and columns, each the mean of a block of the whole.

    Parameters
    ----------
    matrix : ndarray of shape (rows, columns)
    """
    for axis in (0, 1):
        length = matrix.shape[axis]
        starts = np.arange(0, length, -(-length // DRAWN))
        sizes = np.diff([*starts, length])
        matrix = np.add.reduceat(matrix, starts, axis) / (sizes[:, None] if axis == 0 else sizes)
    return matrix.astype(np.float32)


def jobs(data: Dataset, budget: Budget) -> list[Head]:
    """Return a head on the first network of each of the document's labels."""
    return [Head(training, QUICK_WIDE if budget.quick else WIDE) for training in plan.pair(data, budget)[:2]]


def claims(results: Results) -> list[Claim]:
    """Report the maps of both networks."""
    names = [job.training.label for job in results.jobs if isinstance(job, Head)]
    told = []
    for name, numbers in zip(names, results.numbers, strict=True):
        (low, middle, high), (slow, usual, fast) = numbers["quantiles"]
        told.append(
            f"{name}: means {low:.2g} to {high:.2g} (median {middle:.1g}), variances {slow:.1e} to {fast:.1e} (median "
            f"{usual:.1e}), rows and columns take {numbers['streaks'][1]:.3f} of the means (initial weights "
            f"{numbers['streaks'][0]:.3f}) and {numbers['streaks'][2]:.2f} of the log variances"
        )
    height, width = results.numbers[0]["shape"]
    return [
        Claim(
            "MR-6",
            "mean and variance of each weight over training, as maps, of a wide dense layer of both networks",
            "figures 3.7 to 3.10, 4096 x 4096",
            f"a layer of {height} x {width} on frozen maps; from the 0.1 to the 0.9 quantile, {'; '.join(told)}",
            None,
            1,
            faces.faces(results.data).name,
        )
    ]


def sections(results: Results) -> Iterator[Section]:
    """Draw the maps of both networks."""
    names = [job.training.label for job in results.jobs if isinstance(job, Head)]
    height, width = results.numbers[0]["shape"]
    maps = {f"mean, {name}": numbers["mean"] for name, numbers in zip(names, results.numbers, strict=True)}
    maps |= {
        f"log variance, {name}": np.log10(numbers["variance"] + np.float32(LEAST_VARIANCE))
        for name, numbers in zip(names, results.numbers, strict=True)
    }
    yield Section(
        "wide",
        f"A layer of {height} x {width} in both networks (MR-6)",
        plots.weight_maps(maps, "Mean and variance of each weight over training"),
        "Four maps: the mean of each weight over the epochs, and the logarithm of its variance, for both labels.",
        "Figures 3.7 to 3.10, each cell the mean of a block of weights. Whether two labels differ more than two seeds "
        "is asked of smaller layers and many networks, see MR-7.",
        tuple(
            f"Biases, {name}: mean {spread(numbers['bias mean'], '.2g')}, variance "
            f"{spread(numbers['bias variance'], '.2g')}."
            for name, numbers in zip(names, results.numbers, strict=True)
        ),
    )


EXPERIMENT = Experiment(jobs, claims, sections)
