"""LO-6: identities differ in the level of their gradients, and what that level says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tinynet import plots
from tinynet.classes import predicted
from tinynet.explain.gradients import prediction_gradient
from tinynet.explain.units.filters import convolutional_gradient, rank_units
from tinynet.explain.units.outputs import filter_outputs
from tinynet.pages.section import Section
from tinynet.plots import number
from tinynet.report.samples import typical_images
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import spread
from tinynet.studies.engine.trials import Trial, first_trial, on_each_network
from tinynet.studies.lo.controls import is_training, untrained
from tinynet.studies.lo.readings import COMPARED, filter_scores, five_of
from tinynet.types import Array

LEVELS = 10  # ratio of the levels of two identities that counts as a great difference
LISTED = 8  # filters at each end, as in table III
IMAGES = ("all", "training", "correct")


def measure(trial: Trial) -> Numbers:
    """Note the strongest value of each identity over all images, training images and correct ones."""
    net, data = trial.net, trial.data
    correct = predicted(net(data.x)) == data.labels
    kept = {"all": np.ones(len(data), bool), "training": is_training(trial), "correct": correct}
    numbers = {f"{of}, {name}": strongest(trial, of, kept[name]) for of in COMPARED for name in IMAGES}
    return {**numbers, "untrained": strongest(untrained(trial), "probability", kept["all"])}


def strongest(trial: Trial, of: str, kept: NDArray[np.bool_]) -> Array:
    """Return the largest convolutional gradient of each identity, from the mean over some of its images.

    Parameters
    ----------
    trial : Trial
    of : str
        What the gradients are of.
    kept : ndarray of bool of shape (N,)
        Which images count.

    Returns
    -------
    ndarray of shape (K,)
        NaN for an identity of which none does.
    """
    data, names = trial.data, filter_outputs(trial.net)
    gradients = prediction_gradient(trial.net, data.x, data.labels, of, layers=names)
    found = np.full(len(data.classes), np.nan)
    for label in np.unique(data.labels[kept]):
        means = {name: gradients[name][kept & (data.labels == label)].mean(axis=0) for name in names}
        found[label] = max(values.max() for values in convolutional_gradient(means).values())
    return found


def ratio(tops: Array) -> Array:
    """Return for each network how much larger the level of one identity is than that of another.

    Parameters
    ----------
    tops : ndarray of shape (R, K)
        NaN are left out.
    """
    return np.asarray(np.nanmax(tops, axis=1) / np.maximum(np.nanmin(tops, axis=1), np.finfo(float).tiny))


def claims(results: Results) -> list[Claim]:
    """Judge how far levels are apart."""
    ratios = {of: {name: ratio(results.stack(f"{of}, {name}")) for name in IMAGES} for of in COMPARED}
    texts = {of: {name: spread(found, ".3g", " times") for name, found in ratios[of].items()} for of in COMPARED}
    return [
        results.claim(
            "LO-6",
            "identities differ greatly in the level of their gradients",
            "0.25153 against 0.00202, 125 times",
            f"largest over smallest top value of an identity: {texts['probability']['all']} over all images (over "
            f"training images alone {texts['probability']['training']}, over correctly classified ones "
            f"{texts['probability']['correct']}); so it mostly measures images that the network is unsure of. Of the "
            f"logit {texts['logit']['all']}",
            np.median(ratios["probability"]["all"]) >= LEVELS,
            control=f"untrained {spread(ratio(results.stack('untrained')), '.3g', ' times')}",
            settings="all images count, as in the documents",
        )
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show rankings, and levels beside their controls."""
    trial = first_trial(results)
    data = trial.data
    ratios = {f"of the probability, {name} images": ratio(results.stack(f"probability, {name}")) for name in IMAGES}
    ratios["of the logit, all images"] = ratio(results.stack("logit, all"))
    ratios["untrained, of the probability"] = ratio(results.stack("untrained"))
    yield Section(
        "levels",
        "Whose gradients are large? (LO-6)",
        plots.beside_controls(
            {"powers of ten between the largest and the smallest": {n: np.log10(v) for n, v in ratios.items()}},
            "How far the levels of identities are apart",
            measured=len(IMAGES),
            chance=[np.log10(LEVELS)],
        ),
        "Points for each network: the ratio of two identities' levels, over all and some images.",
        "One means ten times, two a hundred times; the dashed line is where a difference counts as great. The gradient "
        "of a probability all but vanishes where the network is sure, so the level of an identity is decided by those "
        "of its images that were not learned.",
        (),
    )
    scores = filter_scores(trial)
    typical = typical_images(data.x, data.labels, len(data.classes))
    shown = five_of(len(data.classes))
    head = ("identity", *(f"strongest {i + 1}" for i in range(LISTED)), *(f"weakest {i + 1}" for i in range(LISTED)))
    rows = []
    for label in shown:
        mine = {name: values[label] for name, values in scores.items()}
        order = rank_units(mine)
        listed = [*order[:LISTED], *order[::-1][:LISTED]]
        cells = [f"{unit.layer} {unit.unit}: {number(float(mine[unit.layer][unit.unit]))}" for unit in listed]
        rows.append((data.classes[label], *cells))
    early = [rank_units({name: values[c] for name, values in scores.items()})[:3] for c in range(len(data.classes))]
    first = sum(unit.layer == next(iter(scores)) for units in early for unit in units)
    yield Section(
        "ranking",
        "Strongest and weakest filters of five identities (LO-6)",
        plots.ranking_table(
            {name: values[shown] for name, values in scores.items()},
            data.x[typical[shown]],
            [data.classes[label] for label in shown],
            "probability",
        ),
        "A table of the strongest and weakest filters of five identities.",
        "Tables III and 4.2, drawn anew: layer and number (from 0) of each filter, and the Frobenius norm of its class "
        f"gradient. The table below has the {LISTED} strongest and weakest. Maps of the first layer have more places "
        "to sum over, which favours its filters.",
        (
            f"{first} of the {sum(map(len, early))} filters among the three strongest of an identity are in the first "
            "layer.",
        ),
        (head, *rows),
    )


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
