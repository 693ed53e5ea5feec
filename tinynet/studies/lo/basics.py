"""LO-18 to LO-20: exclusive or by perceptrons, activation functions, filters set by hand, and what filters put out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import tinynet as tn
from tinynet import plots
from tinynet.pages.section import Section
from tinynet.report.samples import typical_images
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.trials import Trial, first_trial, on_each_network
from tinynet.types import Array

POINTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
ANSWERS = np.array([0, 1, 1, 0])
FILTERS: dict[str, list[list[float]]] = {
    "original": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "sobel x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "sobel x as printed": [[-1, 0, 1], [-2, 0, 2], [1, 0, 1]],
    "sobel y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "blur": [[1 / 9, 1 / 9, 1 / 9], [1 / 9, 1 / 9, 1 / 9], [1 / 9, 1 / 9, 1 / 9]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "random": [[-4, 1, -1], [2, -3, 4], [0, -2, 3]],
}


def xor_network() -> tn.Network:
    """Return two layers of perceptrons that solve exclusive or, their weights set by hand.

    Returns
    -------
    Network

    Notes
    -----
    The hidden units answer "at least one" and "both"; the output is the first without the second.

    Examples
    --------
    >>> xor_network()([[0, 0], [0, 1], [1, 0], [1, 1]]).ravel()
    array([0., 1., 1., 0.])
    """
    net = tn.Network([tn.Dense(2), tn.Step(), tn.Dense(1), tn.Step()], (2,), dtype=np.float64)
    hidden, output = net["dense1"].params, net["dense2"].params
    hidden["W"][...], hidden["b"][...] = 1, [-0.5, -1.5]
    output["W"][...], output["b"][...] = [[1, -1]], -0.5
    return net


def filtered(image: Array) -> Array:
    """Return what each of the filters set by hand makes of an image.

    Parameters
    ----------
    image : ndarray of shape (C, H, W)
        Channels are averaged.

    Returns
    -------
    ndarray of shape (filters, H - 2, W - 2)
    """
    grey = np.asarray(image, np.float64).mean(axis=0, keepdims=True)
    net = tn.Network([tn.Conv2D(len(FILTERS), 3, bias=False)], grey.shape, dtype=np.float64)
    net["conv1"].params["W"][:, 0] = list(FILTERS.values())
    return net(grey)


def measure(trial: Trial) -> Numbers:
    """Ask the perceptrons for their four answers, and the filters for what they make of an even surface."""
    even = filtered(np.ones((1, 3, 3)))[:, 0, 0]
    return {"answers": xor_network()(POINTS)[:, 0], "even": even}


def claims(results: Results) -> list[Claim]:
    """Judge the answers."""
    right = int(np.sum(results.stack("answers")[0] == ANSWERS))
    even = dict(zip(FILTERS, results.stack("even")[0], strict=True))
    return [
        results.claim(
            "LO-18",
            "an MLP of perceptrons solves exclusive or",
            "figures 2.3 and 2.4",
            f"{right} of 4 points right, with weights set by hand",
            right == 4,
        ),
        results.claim(
            "LO-19",
            "activation functions, and filters that detect edges, blur and sharpen",
            "figures 2.2, 2.5 and 2.6",
            f"figures drawn. An even surface gives {even['sobel x']:g} behind sobel x, as an edge detector should, but "
            f"{even['sobel x as printed']:g} behind the one printed in the thesis: the first number of its third row "
            "has lost its sign",
            None,
        ),
        results.claim(
            "LO-20",
            "every filter's output for three images, one row a layer",
            "figures 1 and 3.1",
            "figure drawn",
            None,
        ),
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show planes, activation functions, filters, and the outputs of the trained network's filters."""
    trial = first_trial(results)
    data = trial.data
    typical = typical_images(data.x, data.labels, len(data.classes))
    yield Section(
        "xor",
        "Exclusive or, layer by layer (LO-18)",
        plots.planes(
            xor_network(), POINTS, ANSWERS, "Perceptrons fold the plane until one line tells the points apart"
        ),
        "The plane of the inputs, and what the first layer and its perceptrons make of it.",
        "Figures 2.3 and 2.4, drawn anew. No line can tell the hollow from the filled points on the left. Behind the "
        "perceptrons the four points have become three corners, and one line can. Shaded is where the answer is 1.",
        (),
    )
    kinds = {"perceptron": tn.Step(), "logistic": tn.Sigmoid(), "tanh": tn.Tanh(), "rectified linear": tn.ReLU()}
    yield Section(
        "activations",
        "Activation functions (LO-19)",
        plots.activation_functions(kinds),
        "Four curves: the output of a unit for its net input.",
        "Figure 2.2, with the perceptron beside the three that are drawn in the thesis.",
        (),
    )
    image = data.x[typical[0]]
    yield Section(
        "filters",
        "Filters set by hand (LO-19)",
        plots.filter_sheet(image, FILTERS, filtered(image)),
        "An image and what seven filters make of it, with their weights.",
        "Figures 2.5 and 2.6, drawn anew. Each output pixel is the sum of nine pixels times the nine numbers below. "
        "Black is the lowest value of each picture, white the highest.",
        ("Sobel x as printed in the thesis leaves the face in the picture: its nine numbers do not add up to 0.",),
    )
    yield Section(
        "outputs",
        "Every filter's output for three images (LO-20)",
        plots.feature_maps(trial.net, data.x[typical[:3]], "Output of every filter, one row a layer"),
        "Three faces, each with the outputs of all filters in rows, one for each layer.",
        "Figures 1 and 3.1, drawn anew. Grey is 0, white is positive, black negative. High outputs need not matter: "
        "later layers may ignore them.",
        (),
    )


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
