"""The numbers of the paper, and which networks of ours stand for its figures."""

from __future__ import annotations

from typing import NamedTuple

from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.farias.runs import Group, Sweep

NEAR = 2.0  # points of accuracy within which a number of the paper counts as reached
PAPERS_DATA, TEST_IMAGES = "mnist", 10_000
CHOSEN = (
    "of the candidate rates, the one nearest to the number on validation images, a sixth of the training images; "
    "candidates from earlier trials"
)


class Documented(NamedTuple):
    """An accuracy of the paper."""

    id: str
    hidden: tuple[int, ...]
    epochs: int
    accuracy: float


FIGURES = (
    Documented("FM-4", (512,), 1, 89.04),
    Documented("FM-4", (512,), 10, 92.83),
    Documented("FM-5", (16,), 10, 93.08),
    Documented("FM-5", (16, 16, 16), 10, 93.83),
    Documented("FM-6", (8, 8, 8), 10, 91.26),
    Documented("FM-6", (16, 16, 16), 10, 91.26),
    Documented("FM-7", (16, 16, 16), 10, 91.266),
    Documented("FM-7", (16, 16, 16), 10, 94.78),
    Documented("FM-7", (1024, 1024, 1024), 10, 89.64),
    Documented("FM-7", (1024, 1024, 1024), 10, 95.17),
    Documented("FM-7", (512, 512, 512), 10, 84.07),
    Documented("FM-7", (512, 512, 512), 10, 94.03),
    Documented("FM-7", (128, 128, 128), 1, 83.05),
)
FIGURE_1 = Documented("FM-2", (128,), 1, 85.88)
FIGURE_2 = Documented("FM-3", (128,), 10, 94.86)


def is_papers(results: Results) -> bool:
    """Return whether the data are those of the paper.

    The paper's accuracies are of MNIST: on other data, whether they are reached is no matter of yes or no, and the
    features alone decide.
    """
    return results.data.name == PAPERS_DATA


def reached(group: Group | None, row: Documented) -> bool:
    """Return whether the median accuracy of networks is near a number of the paper."""
    return group is not None and abs(group.accuracy - row.accuracy) <= NEAR


def impossible(row: Documented) -> bool:
    """Return whether a number of the paper is no share of the test images, whose count has to be whole."""
    count = row.accuracy / 100 * TEST_IMAGES
    return abs(count - round(count)) > 1e-6


def figure_1(sweep: Sweep) -> Group | None:
    """Return the networks that stand for figure 1: those whose validation accuracy is nearest to it."""
    return sweep.nearest(*FIGURE_1[1:])


def figure_2(sweep: Sweep) -> Group | None:
    """Return the networks that stand for figure 2 b, by their validation accuracy: the least accurate as accurate ones.

    The best ones, if none are as accurate.
    """
    groups = sorted(sweep.groups(FIGURE_2.hidden, FIGURE_2.epochs), key=lambda group: group.validation)
    enough = [group for group in groups if group.validation >= FIGURE_2.accuracy]
    return enough[0] if enough else groups[-1] if groups else None


def untrained(results: Results, id: str, claim: str, documented: str) -> Claim:
    """Return the row of a claim whose networks are not among those that were trained."""
    return results.claim(id, claim, documented, "not trained in this run", None)
