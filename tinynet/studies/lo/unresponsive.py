"""LO-23: whether units that hardly respond have low gradients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinynet import plots
from tinynet.explain.units.outputs import filter_outputs
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import paired_p_value, rank_correlation, spread
from tinynet.studies.engine.trials import Trial, on_each_network
from tinynet.studies.lo.controls import untrained
from tinynet.studies.lo.readings import THESIS, Reading, filter_scores
from tinynet.types import Array

SIGNIFICANT = 0.05
HALF = 0.5  # place of a filter drawn at random
NET_INPUT = Reading("at the net input", place="net input")


def measure(trial: Trial) -> Numbers:
    """Note, layer by layer, where the filter whose output varies least stands by its gradient."""
    before = untrained(trial)
    return {
        "variation": np.concatenate(list(variation(trial).values())),
        "place": places(trial, THESIS),
        "place at the net input": places(trial, NET_INPUT),
        "place, untrained": places(before, THESIS),
        "correlation": _correlations(trial),
        "correlation, untrained": _correlations(before),
    }


def variation(trial: Trial) -> dict[str, Array]:
    """Return how much each filter's output varies from image to image.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    dict of str to ndarray of shape (filters,)
        Standard deviation over the images at each place of the map, as root mean square over the places.
    """
    trace = trial.net.trace(trial.data.x)
    return {name: np.sqrt(trace[name].var(axis=0).mean(axis=(1, 2))) for name in filter_outputs(trial.net)}


def places(trial: Trial, reading: Reading) -> Array:
    """Return the place of each layer's least varying filter among the layer's gradients: 0 the lowest, 1 the highest.

    Parameters
    ----------
    trial : Trial
    reading : Reading

    Returns
    -------
    ndarray of shape (layers,)
        By the mean over identities of each filter's place; one drawn at random is at 0.5 on average.
    """
    found = []
    scores = filter_scores(trial, reading)
    for varies, values in zip(variation(trial).values(), scores.values(), strict=True):
        below = (values < values[:, [np.argmin(varies)]]).sum(axis=1)
        found.append(below.mean() / (values.shape[1] - 1))
    return np.array(found)


def _correlations(trial: Trial) -> Array:
    """Return for each layer the rank correlation of how much filters vary with their gradients, over identities."""
    pairs = zip(variation(trial).values(), filter_scores(trial).values(), strict=True)
    return np.array([np.nanmean([rank_correlation(varies, row) for row in values]) for varies, values in pairs])


def claims(results: Results) -> list[Claim]:
    """Judge whether the least responsive filters have lower gradients than others of their layer."""
    place = results.stack("place")
    sure = paired_p_value((HALF - place).ravel())
    layers = ", ".join(spread(place[:, at], ".2f") for at in range(place.shape[1]))
    return [
        results.claim(
            "LO-23",
            "units that hardly respond have low gradients",
            "V.E: one filter in each layer does not seem to detect much, and its gradient confirms it",
            f"the filter of each layer whose output varies least from image to image stands at "
            f"{spread(place.mean(axis=1), '.2f')} of the layer's gradients (0 the lowest, 1 the highest); below a half "
            f"with p = {sure:.2g}; layer by layer {layers}. At the net input, where saturation shows, "
            f"{spread(results.stack('place at the net input').mean(axis=1), '.2f')}. Rank correlation of variation and "
            f"gradient within a layer {spread(np.nanmean(results.stack('correlation'), axis=1), '.2f')}, untrained "
            f"{spread(np.nanmean(results.stack('correlation, untrained'), axis=1), '.2f')}",
            place.mean() < HALF and sure <= SIGNIFICANT,
            control=f"a filter drawn at random {HALF}; an untrained network "
            f"{spread(results.stack('place, untrained').mean(axis=1), '.2f')}",
            settings="one filter a layer, as the paper names them: no threshold is chosen",
        )
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show where the least responsive filters stand."""
    yield Section(
        "unresponsive",
        "Where the least responsive filters stand (LO-23)",
        plots.beside_controls(
            {
                f"layer {layer + 1}": {
                    name: results.stack(what)[:, layer]
                    for name, what in {
                        "trained": "place",
                        "trained, at the net input": "place at the net input",
                        "untrained": "place, untrained",
                    }.items()
                }
                for layer in range(results.stack("place").shape[1])
            },
            "Place of the filter that varies least among its layer's gradients",
            measured=2,
            chance=np.full(results.stack("place").shape[1], HALF),
        ),
        "Points for each network and layer: the place of the least varying filter among its layer's gradients.",
        "0 is the lowest gradient of the layer, 1 the highest, the dashed line a filter drawn at random. At the output "
        "of tanh the gradient does not know whether the unit is saturated; at the net input it does.",
        (),
    )


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
