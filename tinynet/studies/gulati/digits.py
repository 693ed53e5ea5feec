"""GL-3 to GL-5: what weights, feature maps and deconvolution show of a network of digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinynet import plots
from tinynet.datasets import Dataset
from tinynet.datasets.drawn import letters as drawn
from tinynet.explain import Patches, deconvolution, projected_patches, randomised, strongest_patches, weight_projection
from tinynet.kernels import reference
from tinynet.layers import Conv2D, MaxPool2D, ReLU
from tinynet.network import Network
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Numbers, OfNetwork
from tinynet.studies.gulati import letters, networks
from tinynet.studies.gulati.networks import Digits, digits, parts, trainings
from tinynet.types import Array

LAYERS = ("conv1", "conv2")
METHODS = ("deconvolution", "guided backpropagation", "gradient")
RIGHT, LOOKED, SHOWN = 0.985, 3000, 8
"""Least accuracy on the real digits; images that patches are looked for in; filters in a figure."""
CLOSE = 1e-4


@dataclass(frozen=True)
class Looking(OfNetwork):
    """What pictures of a network's weights foretell, and what is projected from the patches that drive its filters.

    Attributes
    ----------
    training : Digits
    """

    training: Digits
    beside = (networks,)

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return likenesses with the mean of each filter's nine best patches, by layer, and the error of a pass.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
            The trained parameters.
        """
        net, x = self.training.net(data, needed[0]), parts(data)[0].x[:LOOKED]
        found: dict[str, Array] = {"right": needed[0]["right"]}
        for layer in LAYERS:
            patches = strongest_patches(net, x, layer)
            found[f"foretold {layer}"] = foretold(weight_projection(net, layer).pictures, patches)
        # From the net input down: behind the ReLU every second redrawn filter is off, and has no picture to compare.
        patches = strongest_patches(net, x, "conv2")
        other = randomised(net, ["conv2"], rng=self.training.seed)
        for method in METHODS:
            ours, theirs = (projected_patches(each, x, patches, method) for each in (net, other))
            found[f"survives {method}"] = likeness(
                ours.reshape(-1, ours[0, 0].size), theirs.reshape(-1, ours[0, 0].size)
            )
        found["error"] = np.array(replica_error(net, x[:3]))
        return found


def likeness(one: Array, other: Array) -> Array:
    """Return the correlation of each picture with the one beside it; 0 where a picture is even.

    Parameters
    ----------
    one, other : ndarray of shape (n, ...)
    """
    rows = [each.reshape(len(each), -1).astype(np.float64) for each in (one, other)]
    a, b = (row - row.mean(axis=1, keepdims=True) for row in rows)
    size = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(axis=1), size, out=np.zeros_like(size), where=size > 0)


def foretold(pictures: Array, patches: Patches, mean: Array | float = 0.0) -> Array:
    """Return how alike each unit's picture and the mean of its best patches are, less the mean image.

    Parameters
    ----------
    pictures : ndarray of shape (units, C, h, w)
    patches : Patches
    mean : ndarray of shape (C, h, w)
        Of the images, where the patches are whole images.
    """
    return likeness(pictures, patches.pictures.mean(axis=1) - mean)


def replica_error(net: Network, x: Array) -> float:
    """Return the largest difference of deconvolution from the paper's words, step by step in loops, over its size.

    Parameters
    ----------
    net : Network
        Two convolutions with ReLUs and pools.
    x : ndarray of shape (N, C, H, W)

    Notes
    -----
    The strongest activation of a map alone goes down: unpooled to the place that won, rectified, filtered by the same
    filters, transposed. Zeiler and Fergus 2014, section 2.1.
    """
    trace, worst = net.trace(x), 0.0
    for unit in range(0, net.shapes["relu2"][0], 5):
        maps = trace["relu2"][:, unit]
        signal = np.zeros_like(trace["relu2"])
        for image, values in enumerate(maps):
            place = np.unravel_index(values.argmax(), values.shape)
            signal[(image, unit, *place)] = values[place]
        for index in range(net.names.index("relu2"), 0, -1):
            layer, before, after = net.layers[index - 1], trace[net.names[index - 1]], trace[net.names[index]]
            if isinstance(layer, ReLU):
                signal = np.maximum(signal, 0)
            elif isinstance(layer, MaxPool2D):
                signal = reference.max_pool_adjoint(signal, before, after, size=layer.size, stride=layer.stride)
            elif isinstance(layer, Conv2D):
                signal = reference.correlate_input_adjoint(signal, layer.params["W"], size=before.shape[-2:])
        found = deconvolution(net, x, "relu2", unit, strongest=True)
        worst = max(worst, float(np.abs(found - signal).max() / max(np.abs(signal).max(), 1e-12)))
    return worst


def letters_foretold(results: Results) -> Array:
    """Return the same likeness for the units of the letters' networks, by their weights and best images.

    Parameters
    ----------
    results : Results
    """
    images, likenesses = drawn.load(300), []
    for job, numbers in results.found.items():
        if isinstance(job, letters.Letters) and (job.start, job.noise) == ("positive", "deviation"):
            net = letters.network("positive", job.seed)
            net["dense1"].params["W"][...] = numbers["weights"].reshape(2, -1)
            patches = strongest_patches(net, images.x, "relu1")
            likenesses.append(foretold(numbers["weights"], patches, images.x.mean(axis=0)))
    return np.array(likenesses)


def jobs(data: Dataset, budget: Budget) -> list[Looking]:
    """Return one job a network.

    Parameters
    ----------
    data : Dataset
    budget : Budget
    """
    return [Looking(training) for training in trainings(budget)]


def claims(results: Results) -> list[Claim]:
    """Judge accuracy, what weights foretell, and the parity of deconvolution.

    Parameters
    ----------
    results : Results
    """
    images, seeds = digits(results.data), results.budget.seeds
    right, real = results.stack("right"), images.name.startswith("mnist")
    by_layer = [float(results.stack(f"foretold {layer}").mean()) for layer in LAYERS]
    of_letters = letters_foretold(results)
    beside = f"{of_letters.mean():.2f} for letters" if of_letters.size else "letters were not asked"
    less = bool(of_letters.size and max(by_layer) < of_letters.mean())
    survives = {method: float(results.stack(f"survives {method}").mean()) for method in METHODS}
    told = ", ".join(f"{method} {value:.2f}" for method, value in survives.items())
    error = float(results.stack("error").max())
    return [
        Claim(
            "GL-3",
            "two convolutions with ReLU and max pooling, dense, sigmoid recognise digits",
            f"no number; {RIGHT:.1%} of the real test set asked for",
            f"{right.mean():.2%} of the test images right ({right.min():.2%} to {right.max():.2%})"
            f"{'' if real else ', of drawn digits, where no number is asked for'}",
            bool(right.mean() >= RIGHT) if real else None,
            seeds,
            images.name,
            f"guessing {1 / len(images.classes):.0%}",
        ),
        Claim(
            "GL-3, weights",
            "weight projection is not nearly as informative as for letters",
            "no number",
            f"a filter's weights correlate with the mean of its best patches by {by_layer[0]:.2f} in the first and "
            f"{by_layer[1]:.2f} in the second layer: what weights foretell of the images is "
            f"{'less in both' if less else 'not less in both'}",
            less,
            seeds,
            images.name,
            beside,
        ),
        Claim(
            "GL-4",
            "feature maps show the image through each filter",
            "comments to be added",
            "figures drawn, for any image and layer, on one scale a layer",
            None,
            seeds,
            images.name,
        ),
        Claim(
            "GL-5",
            "deconvolution shows what in a patch drives a filter",
            "definition left unfinished",
            f"equal to the paper's steps in loops within {error:.1e}",
            error < CLOSE,
            seeds,
            images.name,
            f"with weights of the filters' layer drawn anew, pictures of the same patches still correlate by {told}",
        ),
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show weights, maps and projections of the first network.

    Parameters
    ----------
    results : Results
    """
    job = results.jobs[0]
    assert isinstance(job, Looking)
    net, train = job.training.net(results.data, results.found[job.training]), parts(results.data)[0]
    x = train.x[:LOOKED]
    for layer in LAYERS:
        activation = f"relu{layer[-1]}"
        patches = strongest_patches(net, x, activation)
        projection = weight_projection(net, layer)
        rows = {"weights\n" + ("themselves" if layer == "conv1" else "linear path"): projection.pictures[:SHOWN]}
        rows["best patches\nof nine images"] = patches.pictures[:SHOWN]
        signed = [next(iter(rows))]
        for method in METHODS:
            rows[f"{method}\nfrom each patch"] = projected_patches(net, x, patches, method)[:SHOWN]
            signed.append(f"{method}\nfrom each patch")
        names = [f"filter {unit}" for unit in range(SHOWN)]
        yield Section(
            f"filters-{layer}",
            f"Filters of {layer}: weights, patches, projections (GL-3, GL-5)",
            plots.picture_rows(rows, names, f"What drives the filters of {layer}", signed),
            "For each filter its weights, the nine patches that drive it most, and projections of each.",
            "In the rows of weights and projections grey is 0. Deconvolution and guided backpropagation hardly depend "
            "on upper weights (Adebayo et al. 2018); the gradient does, and is noisier.",
            (f"Shown first: {projection.kind}.",),
        )
    for layer in ("relu1", "pool2"):
        yield Section(
            f"maps-{layer}",
            f"The image through the filters of {layer} (GL-4)",
            plots.map_sheet(net, train.x[0], layer),
            f"An image and the output of every filter of {layer}.",
            "All maps of the layer are on one scale, so that they can be compared.",
        )


EXPERIMENT = Experiment(jobs, claims, sections)
