"""MR-3 and MR-4: whether both networks learn, and whether one looks at the mouth and the other at the eyes.

Asked in three ways: by the maps of features, as the document does; by attribution, what the answer hangs on to first
order; and by covering either place. Beside each stands what maps that know nothing of the label give.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinynet import plots
from tinynet.datasets import Dataset, celeba
from tinynet.explain import absolute_gradient, compare_groups, control_maps, heat_maps, region_masses
from tinynet.explain.units.outputs import filter_outputs
from tinynet.network import Network
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Numbers, OfNetwork
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.meniconi import faces, places, plan
from tinynet.studies.meniconi.places import PLACES
from tinynet.studies.meniconi.training import Training, parts
from tinynet.types import Array

ASKED = 200  # test images
WELL = 0.05  # above the share of the more frequent answer
LEVEL = 0.05
GRADIENT = "|gradient|"
PIXELS = GRADIENT + " at the pixels"
CONTROLS = ("edges", "centre", "random network")
SETTINGS = "network and epochs as in MR-3, none chosen by its result; asked about test images"
ALIGNED = "aligned"  # the mean maps of one network, drawn


@dataclass(frozen=True)
class Looking(OfNetwork):
    """Where a network looks.

    Attributes
    ----------
    training : Training
    """

    training: Training
    beside = (places, celeba)  # which know where mouths are

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return the mass of each map in each place over the place's area, and what covering the place does.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
            The trained network.

        Returns
        -------
        mapping of str to ndarray
            "mass" of shape (maps, places), with the controls as the last maps; "covered" of shape (places,): by how
            much the log-odds of the true answer fall; "right covered": accuracy then; "aligned" of shape
            (maps, H, W): the mean of each map over the "faces"; "mean image" and "boxes".
        """
        train, test = (part.labelled_by(self.training.label) for part in parts(faces.faces(data), self.training.images))
        few = test.take(np.arange(min(len(test), ASKED)))
        x, boxes = faces.seen(few), places.places(few)
        net, random = (self.training.net(data, needed[0], epoch) for epoch in (-1, 0))
        maps = {**seen_maps(net, x, few.labels), **control_maps(x)}
        maps["random network"] = seen_maps(random, x, few.labels)[PIXELS]
        mean = faces.seen(train).mean(axis=0)
        before = log_odds(net, x, few.labels)
        covered = [places.without(x, boxes[place], mean) for place in PLACES]
        return {
            "mass": region_masses(maps, boxes).mean,
            "covered": np.array([np.mean(before - log_odds(net, other, few.labels)) for other in covered]),
            "right covered": np.array([np.mean(log_odds(net, other, few.labels) > 0) for other in covered]),
            ALIGNED: np.array([_scaled(each).mean(axis=0) for each in maps.values()]),
            "mean image": x.mean(axis=0),
            "faces": np.array(len(x)),
            "boxes": np.array([boxes[place].mean(axis=0) for place in PLACES]),
        }


def seen_maps(net: Network, x: Array, labels: Array) -> dict[str, Array]:
    """Return what a network shows of where it looks: its feature maps, and what the answer hangs on.

    Parameters
    ----------
    net : Network
        Of one sigmoid output.
    x : ndarray of shape (N, C, H, W)
    labels : ndarray of shape (N,)
        The true answers.

    Returns
    -------
    dict of str to ndarray of shape (N, H, W)
        For each layer of filters the mean of its maps, as the document's heat maps, and the mean size of the gradient
        there; and the same of the pixels.
    """
    slopes = heat_maps(net, x, labels, method=absolute_gradient, layers=[*filter_outputs(net), "input"])
    pixels = slopes.pop("input")
    return {**heat_maps(net, x), **{f"{GRADIENT} at {name}": maps for name, maps in slopes.items()}, PIXELS: pixels}


def _scaled(maps: Array) -> Array:
    """Return maps of which each adds up to as many as it has pixels."""
    total = np.abs(maps).mean(axis=(1, 2), keepdims=True)
    return np.divide(np.abs(maps), total, out=np.zeros(maps.shape), where=total > 0)


def log_odds(net: Network, x: Array, labels: Array) -> Array:
    """Return the log-odds that a network gives to the true answer of each image.

    Parameters
    ----------
    net : Network
        Of one sigmoid output.
    x : ndarray of shape (N, C, H, W)
    labels : ndarray of shape (N,)
    """
    return np.asarray(net.trace(x)[net.logits][:, 0] * np.where(labels == 1, 1, -1), np.float64)


def map_names(results: Results) -> list[str]:
    """Return the names of the maps, the controls last."""
    job = results.jobs[0]
    assert isinstance(job, Looking)
    net = job.training.net(results.data, results.found[job.training])
    layers = filter_outputs(net)
    return [*layers, *(f"{GRADIENT} at {name}" for name in layers), PIXELS, *CONTROLS]


def by_label(results: Results, name: str) -> tuple[Array, Array]:
    """Return what was measured on the networks of the first label, and of the second: the last axis is the networks."""
    labels = [job.training.label for job in results.jobs if isinstance(job, Looking)]
    values = np.moveaxis(results.stack(name), 0, -1)
    first = np.array(labels) == labels[0]
    return values[..., first], values[..., ~first]


def trained(results: Results) -> dict[str, list[Numbers]]:
    """Return the trained networks of each label."""
    found: dict[str, list[Numbers]] = {}
    for job in results.jobs:
        assert isinstance(job, Looking)
        found.setdefault(job.training.label, []).append(results.found[job.training])
    return found


def learned(results: Results) -> Claim:
    """Judge whether the networks of both labels learn more than which answer is more frequent."""
    told, controls, holds = [], [], []
    for label, networks in trained(results).items():
        right = np.array([each["accuracy"][-1] for each in networks])
        majority = float(networks[0]["majority"])
        holds.append(right.mean() >= majority + WELL)
        told.append(f"{label} mean {right.mean():.1%}, median {percents(right)}")
        controls.append(f"the more frequent answer to {label} is right for {majority:.1%}")
    ours = faces.faces(results.data)
    job = results.jobs[0]
    assert isinstance(job, Looking)
    return Claim(
        "MR-3",
        "two identical networks learn two labels of the same images",
        "both are fine-tuned for ten epochs (no accuracy is given)",
        f"test accuracy for {' and for '.join(told)}; {job.training.epochs} epochs; the weights are kept after each",
        all(holds),
        len(next(iter(trained(results).values()))),
        ours.name,
        "; ".join(controls),
        "batch and rate are the document's, which has 10 epochs",
    )


def ways(names: list[str], mass: tuple[Array, Array], covered: tuple[Array, Array]) -> dict[str, tuple[Array, Array]]:
    """Return what each way of asking says of both places: (places, networks) for the first label, and the second.

    Parameters
    ----------
    names : list of str
        Of the maps.
    mass : pair of ndarray of shape (maps, places, networks)
    covered : pair of ndarray of shape (places, networks)
    """
    raw = [names.index(name) for name in names if GRADIENT not in name and name not in CONTROLS]
    return {
        "raw maps": (mass[0][raw].mean(axis=0), mass[1][raw].mean(axis=0)),
        "attribution": (mass[0][names.index(PIXELS)], mass[1][names.index(PIXELS)]),
        "covering": covered,
    }


def looks(results: Results) -> list[Claim]:
    """Judge by each way whether the first looks more at the mouth, the second more at the eyes, and beyond controls."""
    names, mass, covered = map_names(results), by_label(results, "mass"), by_label(results, "covered")
    asked = ways(names, mass, covered)
    tests = compare_groups(
        np.array([first for first, _ in asked.values()]),
        np.array([second for _, second in asked.values()]),
        level=LEVEL,
    )
    layers = compare_groups(*mass, level=LEVEL)
    ours = faces.faces(results.data)
    labels = faces.kind(ours).labels[:2]
    seeds = mass[0].shape[-1]
    claims = []
    for row, (way, (first, second)) in enumerate(asked.items()):
        as_said = (tests.found[row] & (np.sign(tests.difference[row]) == (1, -1))).all()
        told = [
            f"{place} {spread(first[at], '.2f')} against {spread(second[at], '.2f')} (p = {tests.p[row, at]:.2g})"
            for at, place in enumerate(PLACES)
        ]
        extra, control, beyond = "", "", True
        if way != "covering":
            controls = [mass[side][[names.index(name) for name in CONTROLS], side].max(axis=0) for side in (0, 1)]
            beyond = bool((first[0] > controls[0]).all() and (second[1] > controls[1]).all())
            places_of = [(name, names.index(name)) for name in CONTROLS]
            known = ", ".join(
                f"{name} {np.median(mass[0][at, 0]):.2f} and {np.median(mass[1][at, 1]):.2f}" for name, at in places_of
            )
            control = f"mouth and eyes by {known}"
        if way == "raw maps":
            rows = [names.index(name) for name in names if GRADIENT not in name and name not in CONTROLS]
            wrong = (layers.found & (np.sign(layers.difference) != (1, -1)))[rows]
            extra += f"; {int(wrong.any(axis=1).sum())} of {len(rows)} layers surely point the wrong way for a place"
        what = "log-odds lost without" if way == "covering" else "mass over area"
        claims.append(
            Claim(
                f"MR-4, {way}",
                f"the network for {labels[0]} looks at the mouth, the one for {labels[1]} at the eyes: {_asked(way)}",
                "figures 3.1 and 3.2: one image, judged by eye",
                f"{what}: {', '.join(told)}{extra}",
                None if tests.least_p > LEVEL else bool(as_said and beyond),
                seeds,
                ours.name,
                control,
                SETTINGS,
            )
        )
    return claims


def _asked(way: str) -> str:
    return {
        "raw maps": "by the mean of all feature maps, more than the other network and than each control",
        "attribution": "by the gradient of the pixels, more than the other network and than each control",
        "covering": "by what the mean image in that place takes from the true answer",
    }[way]


def claims(results: Results) -> list[Claim]:
    """Judge what networks learn and where they look."""
    return [learned(results), *looks(results)]


def jobs(data: Dataset, budget: Budget) -> list[Looking]:
    """Return one job a network of the document's two labels."""
    return [Looking(training) for training in plan.pair(data, budget)]


def sections(results: Results) -> Iterator[Section]:
    """Draw the mean maps of one network of each label, and list the mass of every layer."""
    names, labels = map_names(results), faces.kind(faces.faces(results.data)).labels[:2]
    pair = [dict(zip(names, np.asarray(numbers[ALIGNED]), strict=True)) for numbers in results.numbers[:2]]
    layers = [name for name in names if GRADIENT not in name and name not in CONTROLS]
    drawn = {f"{label}, maps": {name: of[name] for name in layers} for label, of in zip(labels, pair, strict=True)}
    for label, of in zip(labels, pair, strict=True):
        slopes = {name: of[f"{GRADIENT} at {name}"] for name in layers}
        drawn[f"{label}, slope"] = {**slopes, "pixels": of[PIXELS]}
    faces_seen = results.numbers[0]
    yield Section(
        "looks",
        "Where both networks look (MR-4)",
        plots.layer_heat_maps(
            np.asarray(faces_seen["mean image"]),
            drawn,
            f"The mean over {int(faces_seen['faces'])} faces of the maps of one network a label",
            dict(zip(PLACES, np.asarray(faces_seen["boxes"]) >= 0.5, strict=True)),
        ),
        "The mean face and mean maps of every layer of two networks, with the boxes of mouth and eyes outlined.",
        "Figures 3.1 and 3.2 show one image; these are means over faces that lie alike. Above, the feature maps, as in "
        "the document; below, the size of the gradient: what the answer hangs on.",
    )
    first, second = by_label(results, "mass")
    found = compare_groups(first, second, level=LEVEL)
    rows = [("map", *(f"{place}, {label}" for place in PLACES for label in labels), *(f"p, {at}" for at in PLACES))]
    for row, name in enumerate(names):
        cells = [spread(side[row, at], ".2f") for at in range(len(PLACES)) for side in (first, second)]
        rows.append((name, *cells, *(f"{p:.2g}" for p in found.p[row])))
    yield Section(
        "mass",
        "Mass over area in mouth and eyes, by layer (MR-4)",
        None,
        "",
        "1 is what a map gives that says nothing. p by all ways to split the networks in two.",
        (),
        tuple(rows),
    )


EXPERIMENT = Experiment(jobs, claims, sections)
