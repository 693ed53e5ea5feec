"""LO-5 and LO-6: every identity has its profile of strong and weak filters, at a level of its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinynet import plots
from tinynet.explain.gradients import class_gradient, prediction_gradient
from tinynet.explain.units.filters import convolutional_gradient, rank_units
from tinynet.explain.units.outputs import filter_outputs
from tinynet.explain.units.profiles import consistency, cosines, gradient_profiles
from tinynet.pages.section import Section
from tinynet.plots import number
from tinynet.report.samples import typical_images
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import spread
from tinynet.studies.engine.trials import Trial, first_trial, on_each_network
from tinynet.types import Array

COMPARED = ("probability", "logit")  # what gradients are of, side by side
SIGNIFICANT = 0.05
LEVELS = 10  # ratio of the levels of two identities that counts as a great difference
LISTED = 8  # filters at each end, as in table III
IDENTITIES = 5


def filter_scores(trial: Trial, of: str, norm: str = "frobenius", *, per_pixel: bool = False) -> dict[str, Array]:
    """Return how strong each filter is for each class, as the thesis scores it: the norm of the mean gradient.

    Parameters
    ----------
    trial : Trial
    of : str
        What the gradients are of.
    norm : {"frobenius", "max", "l1"}
        How the size of a map of gradients is taken.
    per_pixel : bool
        Whether maps of different size are made comparable, as in :func:`tinynet.convolutional_gradient`.

    Returns
    -------
    dict of str to ndarray of shape (K, filters)
    """
    data = trial.data
    gradients = class_gradient(trial.net, data.x, data.labels, of, layers=filter_outputs(trial.net))
    return dict(convolutional_gradient(gradients, norm, per_pixel=per_pixel))


def five_of(classes: int) -> Array:
    """Return the numbers of five classes, as many as the documents print, spread over all.

    Parameters
    ----------
    classes : int
        How many there are.
    """
    return np.unique(np.linspace(0, classes - 1, IDENTITIES).round().astype(int))


def measure(trial: Trial) -> Numbers:
    """Compare profiles, as they are and less their mean, and note the strongest value of each identity."""
    numbers: dict[str, Array] = {}
    for of in COMPARED:
        profiles = gradient_profiles(trial.net, trial.data.x, trial.data.labels, of)
        for name, centred in (("raw", False), ("centred", True)):
            found = consistency(profiles, trial.data.labels, centred=centred, rng=trial.seed)
            numbers[f"{of}, {name}"] = np.array(found[:3])
        scores = np.concatenate(list(filter_scores(trial, of).values()), axis=1)
        numbers[f"{of}, strongest"] = scores.max(axis=1)
    return numbers


def claims(results: Results) -> list[Claim]:
    """Judge consistency and levels."""
    raw, centred = results.stack("probability, raw"), results.stack("probability, centred")
    agree = (raw[:, 0] > raw[:, 1]) & (centred[:, 0] > centred[:, 1])
    sure = (raw[:, 2] <= SIGNIFICANT) & (centred[:, 2] <= SIGNIFICANT)
    tops = {of: results.stack(f"{of}, strongest") for of in COMPARED}
    ratios = {
        of: values.max(axis=1) / np.maximum(values.min(axis=1), np.finfo(float).tiny) for of, values in tops.items()
    }
    return [
        results.claim(
            "LO-5",
            "profiles of the convolutional gradients agree within an identity and differ between identities",
            "seen in nine images",
            f"gradients of the probability: cosine {_pair(raw)}; less the mean profile {_pair(centred)}; the "
            f"permutation tests find both differences at 5 % in {np.sum(sure)} of {len(sure)} networks. Of the logit, "
            f"less the mean profile: {_pair(results.stack('logit, centred'))}",
            float(np.mean(agree & sure)) > 0.5,
        ),
        results.claim(
            "LO-6",
            "identities differ greatly in the level of their gradients",
            "0.25153 against 0.00202, 125 times",
            f"largest over smallest top value of an identity: {spread(ratios['probability'], '.3g', ' times')} for "
            f"probabilities, {spread(ratios['logit'], '.3g', ' times')} for logits, so the level says how sure the "
            "network is rather than which filters it uses",
            np.median(ratios["probability"]) >= LEVELS,
        ),
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show profiles and rankings."""
    trial = first_trial(results)
    net, data = trial.net, trial.data
    names = filter_outputs(net)
    chosen = [at for label in range(min(len(data.classes), 3)) for at in np.flatnonzero(data.labels == label)[:3]]
    gradients = prediction_gradient(net, data.x[chosen], data.labels[chosen], "probability", layers=names)
    raw = results.stack("probability, raw")
    yield Section(
        "profiles",
        "Three images each of three identities (LO-5)",
        plots.network_circles(
            dict(convolutional_gradient(gradients)),
            data.x[chosen],
            [data.classes[label] for label in data.labels[chosen]],
            "probability",
            what="prediction gradient",
        ),
        "Nine images, each with the network as rows of circles.",
        "Table II of the paper and 4.1 of the thesis, drawn anew: one circle for each filter, one row for each layer; "
        "the whiter, the larger the convolutional gradient of the probability of the true identity.",
        (f"Cosine of two profiles {_pair(raw)}.",),
    )
    profiles = gradient_profiles(net, data.x, data.labels, "probability")
    yield Section(
        "profile-cosines",
        "All profiles against each other (LO-5)",
        plots.profile_similarity(
            {"as they are": cosines(profiles), "less their mean": cosines(profiles, centred=True)},
            data.labels,
            data.classes,
            "probability",
        ),
        "Two tables of cosines, images sorted by identity.",
        "Each row and column is an image, sorted by identity. Blocks on the diagonal are pairs of images of one "
        "identity: they should be brighter. Norms are never negative, so all profiles are alike (left) until what they "
        "have in common is taken off (right).",
        (f"Less their mean, the cosine is {_pair(results.stack('probability, centred'))}.",),
    )
    yield from _rankings(trial)


def _rankings(trial: Trial) -> Iterator[Section]:
    data = trial.data
    scores = filter_scores(trial, "probability")
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


def _pair(found: Array) -> str:
    return f"{spread(found[:, 0], '.3f')} within an identity, {spread(found[:, 1], '.3f')} between"


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
