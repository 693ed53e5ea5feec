"""MR-2: VGG-19 as a network of this library, weights from elsewhere, another head, and layers that are not trained."""

from __future__ import annotations

import os
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinynet import models
from tinynet.datasets import Dataset
from tinynet.layers import Conv2D, Layer, MaxPool2D, ReLU
from tinynet.losses import BinaryCrossEntropy
from tinynet.network import Network
from tinynet.optimizers import Adam
from tinynet.studies.engine import views
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Job, Numbers, with_parameters
from tinynet.studies.engine.views import mirrored
from tinynet.studies.meniconi import faces, plan, training
from tinynet.studies.meniconi.looking import WELL
from tinynet.studies.meniconi.training import BATCH, RATE, Common, parts
from tinynet.training import fit

PARAMETERS = 143_667_240  # of VGG-19 with 1,000 classes
MEMORY = 3e9  # bytes, for one image of 224 x 224
FROZEN = ("conv1", "conv2")
CONVOLUTIONS = (
    "vgg19/vgg19_normalised_to_relu3_1.npz"  # under TINYNET_DATA: the first five, scaled to mean outputs of 1
)


@dataclass(frozen=True)
class Whole(Job):
    """VGG-19 as it is drawn, and one image through it."""

    @property
    def name(self) -> str:
        """Always the same."""
        return "vgg19"

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return the number of parameters, the sum of the probabilities of one image, and the most memory meanwhile."""
        tracemalloc.start()
        try:
            net = models.build("vgg19", (3, 224, 224), 1000)
            image = np.random.default_rng(0).random((1, 3, 224, 224), dtype=np.float32)
            total = float(net(image).sum())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        return {"parameters": np.array(net.parameter_count), "sum": np.array(total), "bytes": np.array(peak)}


@dataclass(frozen=True)
class FineTuning(Job):
    """A network trained on other attributes learns a label by its later layers alone.

    Attributes
    ----------
    label : str
    common : Common
        The network that it starts from.
    """

    label: str
    common: Common
    beside = (faces, training, views)  # which choose the images and the rates

    @property
    def name(self) -> str:
        """Label, and name of the start."""
        return f"tuned_{self.label.replace(' ', '-')}_{self.common.name}"

    @property
    def cost(self) -> float:
        """As the training of its start."""
        return self.common.cost

    @property
    def needs(self) -> tuple[Job, ...]:
        """The start."""
        return (self.common,)

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return the accuracy, the share of the more frequent answer, and the furthest that a frozen weight moved."""
        train, test = (part.labelled_by(self.label) for part in parts(faces.faces(data), self.common.images))
        net = models.with_new_head(with_parameters(self.common.network(data), needed[0]), 1)
        x, y = mirrored(faces.seen(train, self.common.shrink), train.labels)
        fit(
            net,
            x,
            y,
            loss=BinaryCrossEntropy(),
            optimizer=Adam(RATE, frozen=FROZEN),
            epochs=self.common.epochs,
            batch_size=BATCH,
            progress=False,
        )
        right = (net(faces.seen(test, self.common.shrink))[:, 0] > 0.5) == test.labels
        moved = [np.abs(net[name].params["W"] - needed[0][f"{name}/W"]).max() for name in FROZEN]
        share = test.labels.mean()
        return {"accuracy": right.mean(), "majority": max(share, 1 - share), "moved": np.array(max(moved))}


def pretrained(data: Dataset) -> dict[str, float] | None:
    """Return the mean output of the real first convolutions for one face, by layer; None where they are not at hand.

    Parameters
    ----------
    data : Dataset
    """
    file = Path(os.environ.get("TINYNET_DATA", "")) / CONVOLUTIONS
    if not file.is_file():
        return None
    image = faces.faces(data).x[0]
    net = first_convolutions(file, image.shape[1:])
    trace = net.trace(np.broadcast_to(image, (3, *image.shape[1:])))
    return {name: float(trace[name].mean()) for name in trace if name.startswith("relu")}


def first_convolutions(file: str | os.PathLike[str], size: tuple[int, int]) -> Network:
    """Return the first five convolutions of VGG-19, behind the 1x1 one that makes its colours, with weights of a file.

    Parameters
    ----------
    file : path
        An ``.npz`` in PyTorch's layout, its entries in the order of the layers.
    size : tuple of int
        Height and width of the images.
    """
    layers: list[Layer] = [Conv2D(3, 1)]
    for block in ([64, 64], [128, 128], [256]):
        for filters in block:
            layers += [Conv2D(filters, 3, padding=1), ReLU()]
        layers.append(MaxPool2D(2))
    net = Network(layers[:-1], (3, *size))
    net.load_weights(file, layout="torch")
    return net


def jobs(data: Dataset, budget: Budget) -> list[Job]:
    """Return VGG-19, and the fine-tuning of both labels."""
    kind = faces.kind(faces.faces(data))
    common = Common(kind.shrink, plan.images_of_many(data, budget), budget.epochs or 1)
    return [Whole(), *(FineTuning(label, common) for label in kind.labels[:2])]


def claims(results: Results) -> list[Claim]:
    """Judge size, memory and fine-tuning."""
    whole, *tuned = results.numbers
    names = [job.label for job in results.jobs if isinstance(job, FineTuning)]
    right = "; ".join(
        f"{name} {float(each['accuracy']):.1%} (majority {float(each['majority']):.1%})"
        for name, each in zip(names, tuned, strict=True)
    )
    means = pretrained(results.data)
    maps = "the real convolutions are not at hand"
    if means is not None:
        told = ", ".join(f"{mean:.2f}" for mean in means.values())
        maps = f"mean outputs of the real first convolutions for a face: {told} (scaled to 1 on other images)"
    works = (
        int(whole["parameters"]) == PARAMETERS
        and abs(float(whole["sum"]) - 1) < 1e-3
        and float(whole["bytes"]) <= MEMORY
        and all(float(each["accuracy"]) >= float(each["majority"]) + WELL for each in tuned)
        and all(float(each["moved"]) == 0 for each in tuned)
    )
    return [
        Claim(
            "MR-2",
            "a pretrained VGG-19 is fine-tuned by Adam at 1e-3 with binary cross-entropy, 16 images a step",
            f"VGG-19, {PARAMETERS:,} parameters",
            f"{int(whole['parameters']):,} parameters, {float(whole['bytes']) / 1e9:.2f} GB for building it and one "
            f"image of 224 x 224; fine-tuning a smaller one with {' and '.join(FROZEN)} frozen, from other attributes: "
            f"{right}; {maps}",
            works,
            1,
            faces.faces(results.data).name,
        )
    ]


EXPERIMENT = Experiment(jobs, claims)
