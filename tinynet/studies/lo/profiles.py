"""LO-5: profiles of strong and weak filters, and whether it is the network that makes them differ by identity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from tinynet import plots
from tinynet.explain.gradients import prediction_gradient
from tinynet.explain.units.filters import convolutional_gradient
from tinynet.explain.units.outputs import filter_outputs
from tinynet.explain.units.profiles import Consistency, consistency, cosines, gradient_profiles
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.engine.trials import Trial, first_trial, on_each_network
from tinynet.studies.lo.controls import NINE_OF_TEN, on_noise, untrained, with_random_labels
from tinynet.studies.lo.readings import COMPARED, five_of
from tinynet.types import Array

TRAINED, UNTRAINED, PIXELS = "trained", "untrained", "raw pixels"
RANDOM, NOISE = "trained, random labels", "trained, noise images"
WITHIN, BETWEEN, P_VALUE, NEAREST, CHANCE = range(len(Consistency._fields))
SETTINGS = "the classes of the documents' five identities are asked in turn and the numbers averaged; nothing is chosen"


def measure(trial: Trial) -> Numbers:
    """Compare profiles for one class, five of them in turn, and those for images' own classes, with controls."""
    trials = {
        TRAINED: trial,
        UNTRAINED: untrained(trial),
        RANDOM: with_random_labels(trial),
        NOISE: on_noise(trial),
    }
    numbers: dict[str, Array] = {}
    for name, asked in trials.items():
        for of in COMPARED:
            numbers[f"{of}, {name}"] = of_one_class(asked, of)
        own = gradient_profiles(asked.net, asked.data.x, asked.data.labels, "probability")
        numbers[f"own, {name}"] = _consistency(own, asked, resamples=999)
    numbers[PIXELS] = _consistency(trial.data.x.reshape(len(trial.data), -1), trial)
    return numbers


def of_one_class(trial: Trial, of: str) -> Array:
    """Return how alike profiles are of which all ask about the same class, averaged over five classes asked about.

    Parameters
    ----------
    trial : Trial
    of : str
        What the gradients are of.

    Returns
    -------
    ndarray of shape (5,)
        As `Consistency`, less the mean profile; its p-value is not estimated.
    """
    classes = five_of(len(trial.data.classes)).tolist()
    profiles = (gradient_profiles(trial.net, trial.data.x, label, of) for label in classes)
    return np.mean([_consistency(found, trial) for found in profiles], axis=0)


def _consistency(profiles: Array, trial: Trial, resamples: int = 1) -> Array:
    return np.array(consistency(profiles, trial.data.labels, centred=True, resamples=resamples, rng=trial.seed))


def ahead(one: Array, other: Array) -> Array:
    """Return for each network whether one kind of profile tells identities apart better than another, by both numbers.

    Parameters
    ----------
    one, other : ndarray of shape (R, 5)
        As `Consistency`.
    """
    gaps = [found[:, WITHIN] - found[:, BETWEEN] for found in (one, other)]
    return (gaps[0] > gaps[1]) & (one[:, NEAREST] > other[:, NEAREST])


def claims(results: Results) -> list[Claim]:
    """Judge whether training made the profiles, and whether they say more than the pixels do."""
    found = {name: results.stack(f"probability, {name}") for name in (TRAINED, UNTRAINED, RANDOM, NOISE)}
    found[PIXELS] = results.stack(PIXELS)
    own = {name: results.stack(f"own, {name}") for name in (TRAINED, UNTRAINED, RANDOM, NOISE)}
    controls = "; ".join(f"{name} {_pair(values)}" for name, values in found.items() if name != TRAINED)
    fooled = ", ".join(f"{name} {spread(own[name][:, WITHIN], '.2f')}" for name in own)
    over_untrained, over_pixels = (ahead(found[TRAINED], found[name]) for name in (UNTRAINED, PIXELS))
    nearest = {name: percents(found[name][:, NEAREST]) for name in (TRAINED, PIXELS)}
    return [
        results.claim(
            "LO-5",
            "profiles of the convolutional gradients agree within an identity and differ between identities",
            "seen in nine images, each asked about its own identity",
            f"all images asked about the same class: cosine less the mean {_pair(found[TRAINED])}; ahead of the "
            f"untrained network by both in {over_untrained.sum()} of {len(over_untrained)} networks. Of the logit: "
            f"{_pair(results.stack(f'logit, {TRAINED}'))}, untrained {_pair(results.stack(f'logit, {UNTRAINED}'))}. "
            "Images asked about their own classes, as in the documents, agree whatever they show, because the class "
            f"enters the profile: cosine within a class {fooled}",
            over_untrained.mean() >= NINE_OF_TEN,
            control=controls,
            settings=SETTINGS,
        ),
        results.claim(
            "LO-5, beside the pixels",
            "the profile of a face tells more of who it is than the face itself does",
            "not asked",
            f"nearest image is of the same identity for {nearest[TRAINED]} by profiles, for {nearest[PIXELS]} by raw "
            f"pixels; ahead by cosines as well in {over_pixels.sum()} of {len(over_pixels)} networks",
            over_pixels.mean() >= NINE_OF_TEN,
            control=f"{PIXELS} {_pair(found[PIXELS])}",
            settings=SETTINGS,
        ),
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show profiles, and how much of them is the class that was asked about."""
    trial = first_trial(results)
    net, data = trial.net, trial.data
    chosen = [at for label in range(min(len(data.classes), 3)) for at in np.flatnonzero(data.labels == label)[:3]]
    gradients = prediction_gradient(net, data.x[chosen], data.labels[chosen], "probability", layers=filter_outputs(net))
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
        ("That rows of one identity look alike is no finding by itself: see the controls below.",),
    )
    own = {name: results.stack(f"own, {name}") for name in (TRAINED, UNTRAINED, RANDOM, NOISE)}
    asked = {name: results.stack(f"probability, {name}") for name in own} | {PIXELS: results.stack(PIXELS)}
    yield Section(
        "profile-controls",
        "Whose doing are the profiles? (LO-5)",
        plots.beside_controls(_panels(asked), "Profiles of which all ask about one class", chance=_chance(results)),
        "Points for each network: how alike profiles are, trained and in controls.",
        "All images are asked about the same class, five classes in turn. If profiles are the network's doing, the "
        "first row lies right of the second; if they say more than the picture itself, right of the last. The dashed "
        "line is chance.",
        (),
    )
    yield Section(
        "profile-own",
        "The documents' own test, which noise passes (LO-5)",
        plots.beside_controls(_panels(own), "Profiles that ask about each image's own class", chance=_chance(results)),
        "The same points where each image is asked about its own class.",
        "Here each image is asked about its own class, as in the documents. The weights of the class's output enter "
        "the profile, so images of a class agree in an untrained network, with random labels and for noise.",
        (f"The permutation tests give at most p = {max(values[:, P_VALUE].max() for values in own.values()):.2g}.",),
    )
    profiles = {
        "asked of their own class": gradient_profiles(net, data.x, data.labels, "probability"),
        f"all asked of {data.classes[0]}": gradient_profiles(net, data.x, 0, "probability"),
    }
    yield Section(
        "profile-cosines",
        "All profiles against each other (LO-5)",
        plots.profile_similarity(
            {name: cosines(found, centred=True) for name, found in profiles.items()},
            data.labels,
            data.classes,
            "probability",
        ),
        "Two tables of cosines, images sorted by identity.",
        "Each row and column is an image, sorted by identity; cosines less the mean profile. Blocks on the diagonal "
        "are pairs of images of one identity. On the left the class asked about draws the blocks, on the right what is "
        "left of them is the images' and the network's doing.",
        (),
    )


def _panels(found: Mapping[str, Array]) -> dict[str, dict[str, Array]]:
    return {
        "cosine within an identity": {name: values[:, WITHIN] for name, values in found.items()},
        "nearest is of the same identity": {name: values[:, NEAREST] for name, values in found.items()},
    }


def _chance(results: Results) -> list[float]:
    return [0.0, float(np.median(results.stack(PIXELS)[:, CHANCE]))]


def _pair(found: Array) -> str:
    return (
        f"{spread(found[:, WITHIN], '.2f')} within an identity and {spread(found[:, BETWEEN], '.2f')} between, nearest "
        f"of the same identity {percents(found[:, NEAREST])}"
    )


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
