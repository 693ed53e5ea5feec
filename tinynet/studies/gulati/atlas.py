"""GL-9: an atlas, every method on letters, digits and pictures in colour, with what each shows and hides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinynet import datasets, models, plots
from tinynet.datasets import Dataset
from tinynet.explain import Recipe, projected_patches, strongest_patches, unit_images, weight_projection
from tinynet.explain.synthesis.patches import at_centre
from tinynet.network import Network
from tinynet.optimizers import Adam
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.studies.gulati import digits as of_digits
from tinynet.studies.gulati import networks
from tinynet.studies.gulati.digits import METHODS, foretold, likeness
from tinynet.studies.gulati.networks import digits
from tinynet.types import Array

SHOWS = {
    "weights": ("what the unit adds up, exactly in the first layer", "images; curvature, in deeper layers"),
    "best patches": ("what really drives the unit, in your data", "which part of a patch does"),
    "deconvolution": ("the part of a patch that is passed on", "the weights above the lowest layers"),
    "guided backpropagation": ("the same, cleaner", "the weights above the lowest layers"),
    "gradient": ("the slope at this patch, exactly", "everything further away; noisy"),
    "picture, pixels alone": ("what the unit can be driven to", "whether such images exist"),
    "picture, data's spectrum": ("what it wants among images like yours", "what your images do not vary"),
}
"""What each method shows, and what it hides."""
NETS = {"letters": "relu1", "digits": "relu2", "pictures": "relu2"}
"""The layer that is looked at in each network."""
LOOKED, SHOWN = 900, 6


@dataclass(frozen=True)
class Atlas(Job):
    """All methods on one network.

    Attributes
    ----------
    kind : {"letters", "digits", "pictures"}
    """

    kind: str
    beside = (networks, of_digits)

    @property
    def name(self) -> str:
        """Kind of images."""
        return f"atlas_{self.kind}"

    @property
    def cost(self) -> float:
        """Some seconds."""
        return 4.0

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return a row of pictures for each method, and how alike they are to the mean of the best patches.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
        """
        images, net = trained(self.kind, data)
        layer, x = NETS[self.kind], images.x[:LOOKED]
        patches = strongest_patches(net, x, layer)
        mean = x.mean(axis=0) if len(net.shapes[layer]) == 1 else 0.0
        rows: dict[str, Array] = {"weights": weight_projection(net, layer).pictures, "best patches": patches.pictures}
        rows |= {method: projected_patches(net, x, patches, method) for method in METHODS}
        own = Recipe.of(x)
        plain = own.with_changes(spectrum=None, start=np.mean(x), steps=50)
        rows["picture, pixels alone"] = centre(net, layer, plain)
        rows["picture, data's spectrum"] = centre(net, layer, own.with_changes(steps=50))
        found = {f"rows {name}": pictures[:SHOWN] for name, pictures in rows.items()}
        for name, pictures in rows.items():
            of_one = pictures if pictures.ndim == 4 else pictures.mean(axis=1)
            own_patches = name == "best patches"
            found[f"alike {name}"] = halves(pictures, mean) if own_patches else foretold(of_one, patches, mean)
        return found


def halves(patches: Array, mean: Array | float) -> Array:
    """Return how alike the means of every other patch and of the rest are: more than that can hardly be asked for.

    Parameters
    ----------
    patches : ndarray of shape (units, K, C, h, w)
    mean : ndarray of shape (C, h, w), or 0
    """
    return likeness(patches[:, ::2].mean(axis=1) - mean, patches[:, 1::2].mean(axis=1) - mean)


def trained(kind: str, data: Dataset) -> tuple[Dataset, Network]:
    """Return images of a kind and a network that was trained on them for a moment.

    Parameters
    ----------
    kind : {"letters", "digits", "pictures"}
    data : Dataset
        Stands in for the digits if it is grey, and for the pictures if it is in colour.
    """
    if kind == "letters":
        images = datasets.load("letters")
        net, model, changes = models.build("letters", images.input_shape, 3), models.named("letters"), {}
    else:
        colour = data.input_shape[0] == 3
        images = digits(data) if kind == "digits" else data if colour else datasets.load("muffins:200")
        images = images.take(np.arange(min(len(images), 4000)))
        net, model = models.build("gulati", images.input_shape, len(images.classes)), models.named("gulati")
        epochs = max(3, 12 * 600 // len(images))
        changes = {"epochs": epochs, "batch_size": 50, "optimizer": Adam(2e-3)}
    model.train(net, images.x, images.labels, progress=False, **changes)
    return images, net


def centre(net: Network, layer: str, recipe: Recipe) -> Array:
    """Return a picture for each unit: of the net input at the centre of its map, cut to what it sees.

    Parameters
    ----------
    net : Network
    layer : str
        An activation function, whose net input is raised.
    recipe : Recipe
    """
    below = net.names[net.names.index(layer) - 1]
    places, seen = at_centre(net, below, range(net.shapes[below][0]))
    return unit_images(net, below, places, recipe).images[seen]


def jobs(data: Dataset, budget: Budget) -> list[Atlas]:
    """Return one job a kind of images.

    Parameters
    ----------
    data : Dataset
    budget : Budget
    """
    return [Atlas(kind) for kind in NETS]


def likenesses(results: Results) -> dict[str, list[float]]:
    """Return by method how alike its pictures and the best patches are, on letters, digits and pictures.

    Parameters
    ----------
    results : Results
    """
    return {name: [float(numbers[f"alike {name}"].mean()) for numbers in results.numbers] for name in SHOWS}


def claims(results: Results) -> list[Claim]:
    """Report.

    Parameters
    ----------
    results : Results
    """
    alike = likenesses(results)
    told = "; ".join(f"{name} {', '.join(f'{value:.2f}' for value in values)}" for name, values in alike.items())
    return [
        Claim(
            "GL-9",
            "review and consolidate methods on three architectures and data sets",
            "the abstract's aim",
            f"{len(SHOWS)} methods on letters, digits and pictures in colour; correlation with the mean of each unit's "
            f"nine best patches on the three: {told}",
            None,
            1,
            "letters, digits, pictures",
        )
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show a plate of each network, and the table of what each method shows and hides.

    Parameters
    ----------
    results : Results
    """
    signed = [_in_two_lines(name) for name in ("weights", *METHODS)]
    for kind, numbers in zip(NETS, results.numbers, strict=True):
        rows = {_in_two_lines(name): numbers[f"rows {name}"] for name in SHOWS}
        names = [f"unit {unit}" for unit in range(len(rows["weights"]))]
        yield Section(
            f"atlas-{kind}",
            f"Atlas: {kind} (GL-9)",
            plots.picture_rows(rows, names, f"Every method on the units of {NETS[kind]}: {kind}", signed),
            "A unit a column, a method a row.",
            "Grey is 0 in the rows of weights, deconvolution, guided backpropagation and gradient.",
        )
    table = [("method", "shows", "hides", *(f"like the patches: {kind}" for kind in NETS))]
    for name, values in likenesses(results).items():
        table.append((name, *SHOWS[name], *(f"{value:.2f}" for value in values)))
    yield Section(
        "atlas",
        "What each method shows and hides (GL-9)",
        None,
        "A table.",
        "How alike a method's pictures and the mean of the unit's nine best patches are; for the patches themselves, "
        "how alike two halves of them are. High is no proof: projections are made of those patches.",
        (),
        tuple(table),
    )


def _in_two_lines(name: str) -> str:
    """Return the name of a method as it stands before a row of pictures."""
    return name.replace(", ", "\n")


EXPERIMENT = Experiment(jobs, claims, sections)
