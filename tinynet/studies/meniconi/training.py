"""The networks: alike but for their label, their seed, and whether they start from weights of their own or common ones.

Each training is a job that keeps the weights after every epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinynet import models
from tinynet.datasets import Dataset
from tinynet.layers import Dense, Sigmoid
from tinynet.losses import BinaryCrossEntropy
from tinynet.network import Network
from tinynet.optimizers import Adam
from tinynet.studies.engine import views
from tinynet.studies.engine.jobs import Job, Numbers, with_parameters
from tinynet.studies.engine.views import mirrored
from tinynet.studies.meniconi import faces
from tinynet.training import WeightHistory, fit

STARTS = ("own", "common")
RATE, BATCH = 1e-3, 16  # of the document
EPOCHS = "epochs/"  # names of parameters begin with it where they are kept after every epoch


@dataclass(frozen=True)
class Common(Job):
    """The start that networks have in common: trained on other attributes of the same images.

    Attributes
    ----------
    shrink : int
        See `faces.seen`.
    images, epochs : int
    """

    shrink: int
    images: int
    epochs: int
    beside = (faces, views)  # which choose the images and the network

    @property
    def name(self) -> str:
        """Size of the images, their number, and epochs."""
        return f"common_shrink{self.shrink}_images{self.images}_epochs{self.epochs}"

    @property
    def cost(self) -> float:
        """Passes over all pixels."""
        return self.epochs / self.shrink**2

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return the trained parameters, and the share of the test images that is right by attribute."""
        ours = faces.faces(data)
        others = faces.kind(ours).others
        train, test = parts(ours, self.images)
        answers = [np.stack([part.attributes[name] for name in others], axis=1) for part in (train, test)]
        x, y = mirrored(faces.seen(train, self.shrink), answers[0].astype(np.float32))
        net = self.network(data)
        fit(net, x, y, **_settings(self.epochs, rng=0))
        right = (net(faces.seen(test, self.shrink)) > 0.5) == answers[1]
        return {**net.parameters(), "accuracy": right.mean(axis=0)}

    def network(self, data: Dataset) -> Network:
        """Return the network before training, an output for each of the other attributes."""
        ours = faces.faces(data)
        layers = [*faces.layers(ours, self.shrink)[:-2], Dense(len(faces.kind(ours).others)), Sigmoid()]
        return Network(layers, faces.seen(ours.take([0]), self.shrink).shape[1:], rng=0)


@dataclass(frozen=True)
class Training(Job):
    """A network that learns one label.

    Attributes
    ----------
    label : str
        An attribute of the images.
    seed : int
        Of the order of the images and of dropout, and of the weights unless they start in common.
    start : {"own", "common"}
    shrink : int
        See `faces.seen`.
    images, epochs : int
        How many images are used at most, a fifth of them to test on, and how often each is seen.
    """

    label: str
    seed: int
    start: str
    shrink: int
    images: int
    epochs: int
    beside = (faces, views)

    @property
    def name(self) -> str:
        """Label, start, seed, size of the images, their number, and epochs."""
        label = self.label.replace(" ", "-")
        return f"{label}_{self.start}_seed{self.seed}_shrink{self.shrink}_images{self.images}_epochs{self.epochs}"

    @property
    def cost(self) -> float:
        """Passes over all pixels."""
        return self.epochs / self.shrink**2

    @property
    def needs(self) -> tuple[Job, ...]:
        """The common start, if it is one."""
        return (Common(self.shrink, self.images, self.epochs),) if self.start == "common" else ()

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return the parameters before training and after each epoch, with loss and accuracy.

        Returns
        -------
        mapping of str to ndarray
            "epochs/NAME" of shape (epochs + 1, ...) for each parameter; "accuracy" of shape (epochs + 1,) on the test
            images; "loss" of shape (epochs,); "majority", the share of the test images that one answer gets right.
        """
        train, test = (part.labelled_by(self.label) for part in parts(faces.faces(data), self.images))
        x, y = mirrored(faces.seen(train, self.shrink), train.labels)
        asked = faces.seen(test, self.shrink), test.labels
        net, kept = self.untrained(data, *needed), WeightHistory()
        before = np.mean((net(asked[0])[:, 0] > 0.5) == test.labels)
        history = fit(net, x, y, **_settings(self.epochs, self.seed), validation=asked, callbacks=[kept])
        share = test.labels.mean()
        return {
            **{EPOCHS + name: np.stack(list(kept[name])) for name in kept},
            "accuracy": np.array([before, *history.validation_accuracy]),
            "loss": np.array(history.loss),
            "majority": np.array(max(share, 1 - share)),
        }

    def untrained(self, data: Dataset, *needed: Numbers) -> Network:
        """Return the network before training.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
            The common start, if it is one.
        """
        ours = faces.faces(data)
        if needed:
            (common,) = self.needs
            assert isinstance(common, Common)
            return models.with_new_head(with_parameters(common.network(data), needed[0]), 1, rng=0)
        shape = faces.seen(ours.take([0]), self.shrink).shape[1:]
        return Network(faces.layers(ours, self.shrink), shape, rng=self.seed)

    def net(self, data: Dataset, trained: Numbers, epoch: int = -1) -> Network:
        """Return the network after an epoch.

        Parameters
        ----------
        data : Dataset
        trained : mapping of str to ndarray
            What `measure` returned.
        epoch : int
            0 is before training, -1 after the last.
        """
        ours = faces.faces(data)
        shape = faces.seen(ours.take([0]), self.shrink).shape[1:]
        net = Network(faces.layers(ours, self.shrink), shape)
        return with_parameters(net, {name: trained[EPOCHS + name][epoch] for name in net.parameters()})


def parts(ours: Dataset, images: int) -> tuple[Dataset, Dataset]:
    """Return the images to train on, and the last ones, to test on.

    Parameters
    ----------
    ours : Dataset
        As `faces.faces` returns it.
    images : int
        How many of them are used, at most.
    """
    count = min(len(ours), images)
    trained = round(faces.TRAINED * count)
    return ours.take(np.arange(trained)), ours.take(np.arange(trained, count))


def _settings(epochs: int, rng: int) -> dict[str, Any]:
    return {
        "loss": BinaryCrossEntropy(),
        "optimizer": Adam(RATE),
        "epochs": epochs,
        "batch_size": BATCH,
        "rng": rng,
        "progress": False,
    }
