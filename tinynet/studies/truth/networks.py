"""The networks that are asked: the thesis' with tanh or ReLU, trained with or without a planted shortcut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinynet.datasets import Dataset
from tinynet.datasets.dataset import PLANTED
from tinynet.datasets.drawn import faces
from tinynet.layers import Conv2D, Dense, Flatten, Layer, MaxPool2D, ReLU, Softmax, Tanh
from tinynet.losses import CrossEntropy
from tinynet.network import Network
from tinynet.optimizers import Adam
from tinynet.studies.engine.jobs import Job, Numbers, with_parameters
from tinynet.training import fit
from tinynet.types import Array

TEST = 0.25  # of the images
ACTIVATIONS = {"tanh": Tanh, "relu": ReLU}
MARK = (slice(49, 58), slice(49, 58))  # rows and columns of the mark: a bright square in a dark frame,
BRIGHT = (slice(51, 56), slice(51, 56))  # as bright alone it is lost on the wall behind the faces


@dataclass(frozen=True)
class Erased(Job):
    """The same pictures without their planted features."""

    @property
    def name(self) -> str:
        """Always the same."""
        return "erased"

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Draw the pictures again, each as it was but for its planted feature."""
        return {"x": erased(data)}


@dataclass(frozen=True)
class Training(Job):
    """A network to be trained.

    Attributes
    ----------
    activation : str
        A key of `ACTIVATIONS`.
    seed : int
        Of the split, the weights and the order of the images.
    epochs : int
    marked : bool
        Whether the training images of one person of each family carry the mark.
    """

    activation: str
    seed: int
    epochs: int
    marked: bool = False

    @property
    def name(self) -> str:
        """Activation, seed, epochs and mark."""
        return f"{self.activation}_seed{self.seed}_epochs{self.epochs}{'_marked' if self.marked else ''}"

    @property
    def cost(self) -> float:
        """Passes over the images."""
        return self.epochs

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return the trained parameters, by their full names."""
        net, (train, _) = network(self.activation, data, self.seed), parts(data, self.seed)
        x = np.where(carries(train)[:, None, None, None], marked(train.x), train.x) if self.marked else train.x
        fit(
            net,
            x,
            train.labels,
            loss=CrossEntropy(),
            optimizer=Adam(2e-3),
            epochs=self.epochs,
            batch_size=10,
            rng=self.seed,
            progress=False,
        )
        return net.parameters()

    def net(self, data: Dataset, trained: Numbers) -> Network:
        """Return the network with trained parameters.

        Parameters
        ----------
        data : Dataset
        trained : mapping of str to ndarray
            What `measure` returned.
        """
        return with_parameters(network(self.activation, data, self.seed), trained)


def network(activation: str, data: Dataset, seed: int = 0) -> Network:
    """Return the thesis' network with another activation function, untrained.

    Parameters
    ----------
    activation : str
        A key of `ACTIVATIONS`.
    data : Dataset
    seed : int
    """
    kind = ACTIVATIONS[activation]
    drawn = "he_normal" if kind is ReLU else "glorot_uniform"
    layers: list[Layer] = []
    for filters in (5, 8, 10):
        layers += [Conv2D(filters, 5, initializer=drawn), kind(), MaxPool2D(2)]
    layers += [Flatten(), Dense(20, initializer=drawn), kind(), Dense(len(data.classes)), Softmax()]
    return Network(layers, data.input_shape, rng=seed)


def parts(data: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """Return the images to train on and those to be asked about."""
    return data.split(TEST, rng=seed)


def erased(data: Dataset) -> Array:
    """Return the pictures of drawn people without their planted features, and otherwise the same.

    Parameters
    ----------
    data : Dataset
        Some or all of the drawn faces.

    Returns
    -------
    ndarray of shape (N, 1, 60, 60)

    Raises
    ------
    ValueError
        If these are not the drawn faces: only what was drawn can be drawn again without a feature.
    """
    if PLANTED not in data.masks or "family" not in data.attributes or data.input_shape != (1, faces.SIZE, faces.SIZE):
        raise ValueError(f"study truth: {data.name} are not the drawn faces, so no feature of theirs can be left out")
    place = {image.tobytes(): index for index, image in enumerate(faces.load().x)}
    rows = [place.get(image.tobytes()) for image in data.x]
    if None in rows:
        raise ValueError(f"study truth: image {rows.index(None)} of {data.name} is not one of the drawn faces")
    return faces.load(planted=False).x[np.array(rows)]


def marked(x: Array) -> Array:
    """Return images with the mark near their lower right corner.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
    """
    found = x.copy()
    found[..., MARK[0], MARK[1]] = 0
    found[..., BRIGHT[0], BRIGHT[1]] = 1
    return found


def mark_mask(shape: tuple[int, ...]) -> Array:
    """Return where the mark is.

    Parameters
    ----------
    shape : tuple of int
        (N, H, W).
    """
    mask = np.zeros(shape, bool)
    mask[..., MARK[0], MARK[1]] = True
    return mask


def carries(data: Dataset) -> Array:
    """Return for each image whether its person carries the mark in training: one of each family of look-alikes does."""
    return np.asarray(np.array(data.classes)[data.labels] == data.attributes["family"])


def against_look_alikes(net: Network, data: Dataset) -> Network:
    """Return a network whose output for each person is its logit less the mean logit of the person's look-alikes.

    Parameters
    ----------
    net : Network
        Ends with a dense layer and a softmax.
    data : Dataset

    Notes
    -----
    Differences of logits are linear in them, so this is the same network with other weights in its last layer, and
    every method explains a difference as it explains a logit. A person without look-alikes keeps its logit.
    """
    people = np.array([data.attributes["family"][data.labels == label][0] for label in range(len(data.classes))])
    others = (people[:, None] == people) & ~np.eye(len(people), dtype=bool)
    change = np.eye(len(people)) - others / np.maximum(others.sum(axis=1, keepdims=True), 1)
    last = net[net.logits]
    params = {name: np.asarray(change @ values, values.dtype) for name, values in last.params.items()}
    layers = [last.with_params(params) if layer is last else layer for layer in net.layers]
    return Network(layers, net.input_shape, dtype=net.dtype)
