"""Which networks are trained for which question, and on how many images."""

from __future__ import annotations

from tinynet.datasets import Dataset
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.meniconi import faces
from tinynet.studies.meniconi.training import STARTS, Training

QUICK_IMAGES = 1000
MANY_IMAGES = 2500  # for each of the networks of which many are trained
SHOWN_SEEDS = 5  # of networks at the full size of the images, for MR-3 and MR-4


def images(data: Dataset, budget: Budget) -> int:
    """Return how many faces are used, to train on and to test on.

    Parameters
    ----------
    data : Dataset
    budget : Budget
    """
    ours = faces.faces(data)
    most = min(len(ours), faces.kind(ours).images)
    return min(most, QUICK_IMAGES) if budget.quick else most


def images_of_many(data: Dataset, budget: Budget) -> int:
    """Return how many faces are used for each of the networks of which many are trained.

    Parameters
    ----------
    data : Dataset
    budget : Budget
    """
    return min(images(data, budget), MANY_IMAGES)


def pair(data: Dataset, budget: Budget) -> list[Training]:
    """Return the networks at full size: the document's two labels, each in several seeds, from starts of their own."""
    labels = faces.kind(faces.faces(data)).labels[:2]
    return [
        Training(label, seed, "own", 1, images(data, budget), budget.epochs or 1)
        for seed in range(min(budget.seeds, SHOWN_SEEDS))
        for label in labels
    ]


def many(data: Dataset, budget: Budget) -> list[Training]:
    """Return the networks that statistics are to tell apart: three labels, each in several seeds, from both starts."""
    kind = faces.kind(faces.faces(data))
    return [
        Training(label, seed, start, kind.shrink, images_of_many(data, budget), budget.epochs or 1)
        for start in STARTS
        for seed in range(budget.seeds)
        for label in kind.labels
    ]
