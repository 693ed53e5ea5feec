"""GL-7: pictures that raise filters, classes and layers, and what other networks see in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinynet import plots
from tinynet.datasets import Dataset
from tinynet.explain import Recipe, class_images, deep_dream, strongest_patches, unit_images
from tinynet.explain.synthesis.patches import at_centre
from tinynet.network import Network
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Job, Numbers, OfNetwork
from tinynet.studies.gulati import digits as of_digits
from tinynet.studies.gulati import networks
from tinynet.studies.gulati.digits import LAYERS, foretold
from tinynet.studies.gulati.networks import Digits, digits, network, parts, trainings
from tinynet.types import Array

LOOKED, SHOWN = 3000, 8
ABOVE, RECOGNISED = 0.9, 0.7
STRANGER = 1000  # what is added to a seed for a network that is not trained


@dataclass(frozen=True)
class Dreaming(OfNetwork):
    """Pictures made by one network and looked at by the others.

    Attributes
    ----------
    training : Digits
    others : tuple of Digits
    """

    training: Digits
    others: tuple[Digits, ...]
    beside = (networks, of_digits)

    @property
    def needs(self) -> tuple[Job, ...]:
        """Training of all networks."""
        return (self.training, *self.others)

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return which pictures are above the best patch, and which class pictures are recognised.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
            The trained parameters, of the others too.
        """
        net, *others = (job.net(data, each) for job, each in zip((self.training, *self.others), needed, strict=True))
        x = parts(data)[0].x[:LOOKED]
        own = Recipe.of(x)
        found: dict[str, Array] = {}
        for layer in LAYERS:
            patches = strongest_patches(net, x, layer)
            for name, recipe in (("plain", filter_recipe(own)), ("spectrum", own)):
                made = filter_images(net, layer, recipe)
                found[f"{name} above {layer}"] = made[1] > patches.outputs[:, 0]
                found[f"{name} alike {layer}"] = foretold(made[0], patches)
        stranger = network(data, self.training.seed + STRANGER)
        for name, recipe in (("plain", Recipe()), ("spectrum", own)):
            found[f"{name} recognised"] = recognised(class_images(net, recipe=recipe).images, others)
            found[f"{name} stranger"] = recognised(class_images(stranger, recipe=recipe).images, others)
        again = [class_images(net, recipe=own, jitter=1, steps=5, rng=3).images.tobytes() for _ in range(2)]
        found["same"] = np.array(again[0] == again[1])
        return found


def filter_recipe(own: Recipe) -> Recipe:
    """Return a recipe for filters: from mid-grey, within the data's limits, without anything that smooths.

    Parameters
    ----------
    own : Recipe
        Of the data.
    """
    assert own.limits is not None
    return Recipe(start=sum(own.limits) / 2, limits=own.limits, penalty=0.0)


def filter_images(net: Network, layer: str, recipe: Recipe) -> tuple[Array, Array]:
    """Return a picture for the centre place of each filter, cut to what it sees, and the net input that it raises.

    Parameters
    ----------
    net : Network
    layer : str
        A convolution: behind its activation function silence would have no slope.
    recipe : Recipe
    """
    places, seen = at_centre(net, layer, range(net.shapes[layer][0]))
    made = unit_images(net, layer, places, recipe).images
    own = (np.arange(len(places)), *np.transpose(places))
    return made[seen], net.trace(made)[layer][own]


def recognised(images: Array, judges: list[Network]) -> Array:
    """Return for each network and class whether the class's picture is recognised.

    Parameters
    ----------
    images : ndarray of shape (K, C, H, W)
    judges : list of Network
    """
    return np.array([net(images).argmax(axis=1) == np.arange(len(images)) for net in judges])


def jobs(data: Dataset, budget: Budget) -> list[Dreaming]:
    """Return one job a network.

    Parameters
    ----------
    data : Dataset
    budget : Budget
    """
    everyone = trainings(budget)
    return [Dreaming(one, tuple(other for other in everyone if other != one)) for one in everyone]


def claims(results: Results) -> list[Claim]:
    """Judge the pictures.

    Parameters
    ----------
    results : Results
    """
    above = np.concatenate([results.stack(f"plain above {layer}").reshape(-1) for layer in LAYERS])
    alike = [results.stack(f"spectrum alike {layer}").mean() for layer in LAYERS]
    seen = {name: results.stack(name).mean() for name in
            ("spectrum recognised", "plain recognised", "spectrum stranger", "plain stranger")}  # fmt: skip
    same = bool(results.stack("same").all())
    good = above.mean() >= ABOVE and seen["spectrum recognised"] >= RECOGNISED and same
    return [
        Claim(
            "GL-7",
            "pictures that raise filters and classes show what the network wants to see",
            "no number; above the best patch for 9 of 10 filters and recognised by other networks at 0.7 asked for",
            f"{above.mean():.0%} of {above.size} filters' pictures are above the best patch anywhere, at the net input "
            f"with pixels in range; with the data's spectrum they correlate with the mean of the nine best patches by "
            f"{alike[0]:.2f} and {alike[1]:.2f}, class pictures are recognised by networks of other seeds at "
            f"{seen['spectrum recognised']:.2f} with the data's spectrum, {seen['plain recognised']:.2f} plain; "
            f"the same seed gives {'the same' if same else 'other'} bits",
            bool(good),
            results.budget.seeds,
            digits(results.data).name,
            f"class pictures of networks that learned nothing are recognised at {seen['spectrum stranger']:.2f} and "
            f"{seen['plain stranger']:.2f}",
        )
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show class pictures, filters' pictures and a dream of the first network.

    Parameters
    ----------
    results : Results
    """
    job = results.jobs[0]
    assert isinstance(job, Dreaming)
    net, train = job.training.net(results.data, results.found[job.training]), parts(results.data)[0]
    x = train.x[:LOOKED]
    own = Recipe.of(x)
    made = {"spectrum": class_images(net, recipe=own), "plain": class_images(net)}
    logits = net.trace(x)[net.logits]
    best = logits.argmax(axis=0)
    rows = {
        "best image\nof the data": x[best],
        "class picture\nthe data's spectrum": made["spectrum"].images,
        "class picture\nplain": made["plain"].images,
    }
    values = [logits.max(axis=0), made["spectrum"].objective[-1], made["plain"].objective[-1]]
    notes = {name: [f"{each:.1f}" for each in row] for name, row in zip(rows, values, strict=True)}
    yield Section(
        "classes",
        "Pictures of classes (GL-7)",
        plots.picture_rows(rows, train.classes, "What raises each class most", [list(rows)[2]], notes),
        "For each class the image with the highest logit, and two pictures made to raise it.",
        "Below each picture its objective: the logit, less penalties.",
    )
    for layer in LAYERS:
        patches = strongest_patches(net, x, layer)
        plain, smooth = (filter_images(net, layer, recipe) for recipe in (filter_recipe(own), own))
        rows = {
            "best patches\nof nine images": patches.pictures[:SHOWN],
            "picture\npixels alone": plain[0][:SHOWN],
            "picture\nthe data's spectrum": smooth[0][:SHOWN],
        }
        values = [patches.outputs[:SHOWN, 0], plain[1][:SHOWN], smooth[1][:SHOWN]]
        notes = {name: [f"{each:.2f}" for each in row] for name, row in zip(rows, values, strict=True)}
        names = [f"filter {unit}" for unit in range(min(SHOWN, len(plain[0])))]
        yield Section(
            f"pictures-{layer}",
            f"Pictures of the filters of {layer} (GL-7)",
            plots.picture_rows(rows, names, f"What raises the filters of {layer} most", (), notes),
            "For each filter the patches that drive it most, and two pictures made to raise it.",
            "Below each its net input; for the patches that of the best one.",
        )
    dreams = [deep_dream(net, x[0], layer, steps=30) for layer in ("relu1", "relu2", "dense1")]
    pictures = np.stack([x[0], *(dream.image for dream in dreams)])
    yield Section(
        "dreams",
        "Dreams (GL-7)",
        plots.image_grid(
            pictures, ["the image", "dreamt by relu1", "by relu2", "by dense1"], "More of what is seen", 4
        ),
        "An image and what becomes of it when layers see more of what they saw in it.",
        "Deep dreams, in octaves for the layers of filters.",
    )


EXPERIMENT = Experiment(jobs, claims, sections)
