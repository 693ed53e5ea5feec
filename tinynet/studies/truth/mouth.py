"""Photographs with a known truth: who smiles is told by the mouth, so maps for Smiling should lie on it.

The truth is checked on the network before the maps are: with the mean mouth in place of its own it should fail, and
with the mean eyes, in a box of the same size, it should not. Where every mouth lies at the same place, as in aligned
pictures, a map that says that place of any network at all would be right too: a random network stands beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tinynet import plots
from tinynet.classes import accuracy
from tinynet.datasets import Dataset, celeba
from tinynet.explain.metrics.randomisation import randomised
from tinynet.network import Network
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Results
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.truth import judging, methods, networks
from tinynet.studies.truth.board import TWICE, Board, together
from tinynet.studies.truth.judging import IMAGES, QUICK_IMAGES, chosen, localised, resting
from tinynet.studies.truth.methods import CENTRE, CHANCE, CONTROLS, EDGES, Method
from tinynet.studies.truth.networks import Training
from tinynet.studies.truth.verdicts import FEW, MOST_LEFT, title
from tinynet.types import Array

SMILING = "Smiling"
ACTIVATION = "relu"  # networks of which every method is defined
PHOTOGRAPHS, QUICK_PHOTOGRAPHS = 4000, 1500  # the first of the data set
FEWER = 5  # photographs are many more than drawn faces, so they are gone through fewer times by this
EYES = 1.25  # heights of the mouth's box by which the eyes lie above it
MEASURES = (("pixels/precision", "pixels/random"), ("pixels/mass", "pixels/random mass"))


def has_smiles(data: Dataset) -> bool:
    """Return whether these are photographs of which it is known who smiles.

    Parameters
    ----------
    data : Dataset
    """
    return SMILING in (*data.classes, *data.attributes)


def jobs(budget: Budget, names: Sequence[str]) -> list[Smiles]:
    """Return one job a network.

    Parameters
    ----------
    budget : Budget
    names : sequence of str
        Of the methods.
    """
    photographs, images = (QUICK_PHOTOGRAPHS, QUICK_IMAGES) if budget.quick else (PHOTOGRAPHS, IMAGES)
    epochs = max((budget.epochs or 1) // FEWER, 1)
    return [
        Smiles(Training(ACTIVATION, seed, epochs), tuple(names), images, photographs) for seed in range(budget.seeds)
    ]


@dataclass(frozen=True)
class Smiles(Job):
    """All methods on one network that tells who smiles.

    Attributes
    ----------
    training : Training
        Of the network.
    methods : tuple of str
        Names of the methods, as :func:`methods.named` takes them.
    images : int
        How many images are asked about, at most.
    photographs : int
        How many there are to train on and to be asked about, at most.
    """

    training: Training
    methods: tuple[str, ...]
    images: int
    photographs: int
    beside = (judging, networks, celeba)

    @property
    def name(self) -> str:
        """Name of the network, and how many photographs it knows."""
        return f"smiles{self.photographs}_{self.training.name}"

    @property
    def program(self) -> str:
        """Text of what trains and judges, of the methods, of what knows where mouths are, and of somebody's file."""
        return super().program + methods.program(self.methods)

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return what each method is worth, an array over the methods and then the controls."""
        few = data.take(np.arange(min(len(data), self.photographs)))
        few = few if few.classes[-1] == SMILING else few.labelled_by(SMILING)
        net = self.training.net(few, self.training.measure(few))
        seed = self.training.seed
        train, test = networks.parts(few, seed)
        tried, draw = chosen(self.methods), np.random.default_rng(seed)
        found = judged(net, test, celeba.boxes(test)["mouth"], train.x.mean(axis=0), tried, self.images, draw)
        return {f"pixels/{name}": value for name, value in found.items()}


def judged(
    net: Network,
    test: Dataset,
    masks: Array,
    mean: Array,
    tried: Sequence[Method],
    images: int,
    draw: np.random.Generator,
) -> Numbers:
    """Return how well maps for Smiling find the mouth, and whether the network needs it.

    Parameters
    ----------
    net : Network
    test : Dataset
        Photographs of class 1, smiling, and 0, not.
    masks : ndarray of shape (N, H, W)
        Where their mouths are.
    mean : ndarray of shape (*input_shape)
        Of training.
    tried : sequence of Method
    images : int
        How many are asked about, at most: people who smile, whose logit falls or whose prediction turns wrong when the
        mean mouth takes the place of theirs.
    draw : numpy.random.Generator
        Chooses the images, and draws the weights of a network that has learned nothing.

    Returns
    -------
    mapping of str to ndarray
        "precision", "mass" and "hits" over the methods; "random" and "random mass": precision and mass of a network
        with drawn weights; "accuracy", "accuracy without" mouths and "accuracy without eyes"; "images", "share" of the
        area that a box has; an "image", its "mask" and its "maps".

    Raises
    ------
    ValueError
        If no prediction for Smiling rests on a mouth: then no map can be judged by it.
    """
    higher = round(EYES * masks.any(axis=2).sum(axis=1).max())
    without, no_eyes = (
        np.where(box[:, None], mean, test.x).astype(test.x.dtype) for box in (masks, np.roll(masks, -higher, axis=1))
    )
    rests = resting(net, test.x, without, test.labels).rests & (test.labels == 1) & masks.any(axis=(1, 2))
    rows = np.sort(draw.permutation(np.flatnonzero(rests))[:images])
    if not len(rows):
        raise ValueError(f"no prediction of {SMILING} rests on the mouth: train for longer, or on more photographs")
    asked = (test.x[rows], test.labels[rows], masks[rows], mean, tried)
    drawn = randomised(net, [layer.name for layer in net.layers if layer.params], draw)
    own, random = localised(net, *asked), localised(drawn, *asked)
    return {
        **own,
        "random": random["precision"],
        "random mass": random["mass"],
        "accuracy": np.array(accuracy(net, test.x, test.labels)),
        "accuracy without": np.array(accuracy(net, without, test.labels)),
        "accuracy without eyes": np.array(accuracy(net, no_eyes, test.labels)),
        "images": np.array(len(rows)),
        "share": masks[rows].mean(),
        "image": test.x[rows[:1]],
        "mask": masks[rows[:1]],
    }


def board(results: Results) -> Board:
    """Return the leaderboard of all networks.

    Parameters
    ----------
    results : Results
        Of `Smiles` jobs.
    """
    job = results.jobs[0]
    assert isinstance(job, Smiles)
    names = tuple(method.name for method in chosen(job.methods))
    return Board(title(ACTIVATION, len(results.jobs)), names, results.numbers)


def finding(found: Board, times: float) -> list[str]:
    """Return the methods that find the mouth on every network, in the order of the board.

    Parameters
    ----------
    found : Board
    times : float
        More than so many times what the best control has, and what they have themselves on a random network, both in
        average precision and in mass.
    """
    passing = []
    for name in filter(found.methods.__contains__, found.order):
        rivals = [
            (found.of(name, own), np.maximum(best_control(found, own), found.of(name, drawn)))
            for own, drawn in MEASURES
        ]
        if all((own > times * rival).all() for own, rival in rivals):
            passing.append(name)
    return passing


def best_control(found: Board, measure: str) -> Array:
    """Return what the best of chance, centre and edges has on each network; the centre ranks pixels, it has no mass."""
    return np.asarray(np.max([found.of(control.name, measure) for control in CONTROLS], axis=0))


def rows(found: Board, where: str) -> list[tuple[str, str, str, str, bool | None]]:
    """Return the claims as rows: id, claim, document, measured, and whether it holds.

    Parameters
    ----------
    found : Board
    where : str
        What says where the mouths are.
    """
    scalars = {
        name: np.array([float(numbers[f"pixels/{name}"]) for numbers in found.numbers])
        for name in ("accuracy", "accuracy without", "accuracy without eyes", "images", "share")
    }
    whole, mouth, eyes = (scalars[name] for name in ("accuracy", "accuracy without", "accuracy without eyes"))
    twice, ahead = (finding(found, times) for times in (TWICE, 1.0))
    best = next(filter(found.methods.__contains__, found.order))
    own = " and ".join(spread(found.of(best, measure), ".2f") for measure, _ in MEASURES)
    drawn = " and ".join(spread(found.of(best, drawn), ".2f") for _, drawn in MEASURES)
    controls = ", ".join(
        f"{control.name} {' and '.join(spread(found.of(control.name, measure), '.2f') for measure, _ in MEASURES)}"
        for control in (EDGES, CENTRE, CHANCE)
    )
    enough = len(found.numbers) >= FEW
    return [
        (
            "TR-12",
            "a network that tells who smiles in photographs needs the mouth: with the mean mouth it fails, and with "
            "the mean eyes, in a box of the same size, less so",
            "",
            f"test accuracy {percents(whole)}, {percents(mouth)} without mouths, {percents(eyes)} without eyes; "
            f"{where}, {percents(scalars['share'])} of the area; {spread(scalars['images'], 'g')} images a network are "
            "asked about",
            bool(((mouth <= MOST_LEFT * whole) & (eyes > mouth)).all()) if enough else None,
        ),
        (
            "TR-13",
            "maps for Smiling find the mouth: on every network, some methods have more than twice the average "
            "precision and twice the mass in its box that edges, centre and chance have, and they themselves on a "
            "random network",
            "",
            f"{len(twice)} of {len(found.methods)} do: {together(twice)}; {len(ahead)} are ahead of all of these; "
            f"precision and mass of {best} {own}, on a random network {drawn}, {controls}; {where}",
            bool(twice) if enough else None,
        ),
    ]


def place(data: Dataset) -> str:
    """Return what says where the mouths of photographs are.

    Parameters
    ----------
    data : Dataset
    """
    return (
        "a box from each image's landmarks"
        if celeba.has_landmarks(data, "mouth")
        else "one box where aligned mouths are"
    )


def claims(results: Results) -> list[Claim]:
    """Judge what was measured, if photographs were asked about."""
    if not results.jobs:
        return []
    return [results.claim(*row) for row in rows(board(results), place(results.data))]


def printed(results: Results) -> str:
    """Return the leaderboard, if photographs were asked about."""
    return str(board(results)) if results.jobs else ""


def sections(results: Results) -> Iterator[Section]:
    """Show the leaderboard, and the maps of one photograph, if photographs were asked about."""
    if not results.jobs:
        return
    found = board(results)
    yield Section(
        "leaderboard-mouth",
        f"Which methods find the mouth of who smiles, {found.title}",
        found.figure(
            "pixels/precision",
            "pixels/random",
            f"Average precision for the mouth, {found.title}",
            ("average precision", "trained", "random network"),
            found.of(EDGES.name),
        ),
        "For each method a row of dots, one a network, and of crosses, for networks with random weights.",
        "Average precision for the pixels of the mouth's box, of people who smile. Dots are trained networks, crosses "
        "networks whose weights were drawn anew; the dashed line is an edge detector.",
        (f"The mouth is {place(results.data)}.",),
        tuple(found.rows()),
    )
    first = found.numbers[0]
    yield Section(
        "maps-mouth",
        "Maps of one photograph",
        plots.attribution_maps(
            first["pixels/image"][0],
            first["pixels/mask"][0],
            first["pixels/maps"][[found.names.index(name) for name in found.order], 0],
            found.order,
            "What each method says of one smile, the best first",
        ),
        "An image and the map of each method, with the outline of the mouth's box.",
        "Every map has its own scale.",
    )
