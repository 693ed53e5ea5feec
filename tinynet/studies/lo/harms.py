"""LO-22: what correlates with the harm of a filter's loss: the gradient, the activation, or both together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.special import log_softmax
from scipy.stats import rankdata

from tinynet import plots
from tinynet.explain.ablation.knockouts import knockout_sweep
from tinynet.explain.units.contributions import activation_size, class_gradient_times_activation
from tinynet.explain.units.outputs import filter_outputs
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.engine.trials import Trial, on_each_network
from tinynet.studies.lo.controls import untrained
from tinynet.studies.lo.readings import filter_scores
from tinynet.types import Array

GRADIENT, ACTIVATION, PRODUCT, SIGNED = "|gradient|", "|activation|", "|activation x gradient|", "activation x gradient"
MEASURES = (GRADIENT, ACTIVATION, PRODUCT, SIGNED)
UNTRAINED = "|gradient|, untrained"
DRAWS = 999
SIGNIFICANT = 0.01
OVERALL = "all layers"


def measure(trial: Trial) -> Numbers:
    """Correlate measures of filters with the harm of their single knock-outs, by identity; and draw random scores."""
    scores, harm = measures(trial), harms(trial)
    before = untrained(trial)
    numbers: dict[str, Array] = {}
    for where, chosen in _columns(trial).items():
        for name, values in scores.items():
            numbers[f"{where}/{name}"] = correlations(values[:, chosen], harm[:, chosen])
        unlearned = measures(before)[GRADIENT][:, chosen], harms(before)[:, chosen]
        numbers[f"{where}/{UNTRAINED}"] = correlations(*unlearned)
    numbers["sign"] = np.mean((scores[SIGNED] > 0) == (harm > 0), axis=1)
    numbers["harmful"] = np.mean(harm > 0, axis=1)
    rng = np.random.default_rng(trial.seed)
    for name, order in (("random", lambda: rng.permutation(harm.shape[1])), ("in layers", lambda: _within(trial, rng))):
        drawn = [np.nanmean(correlations(scores[GRADIENT][:, order()], harm)) for _ in range(DRAWS)]
        numbers[name] = np.array(drawn)
    return numbers


def measures(trial: Trial) -> dict[str, Array]:
    """Return what each measure says of each filter for each identity, of shape (K, filters), by its name."""
    net, data, names = trial.net, trial.data, filter_outputs(trial.net)
    signed = class_gradient_times_activation(net, data.x, data.labels, "probability", layers=names)
    found: dict[str, Mapping[str, Array]] = {
        GRADIENT: filter_scores(trial),
        ACTIVATION: activation_size(net, data.x, data.labels, layers=names),
        PRODUCT: {name: np.abs(values) for name, values in signed.items()},
        SIGNED: signed,
    }
    return {name: np.concatenate([values[layer] for layer in names], axis=1) for name, values in found.items()}


def harms(trial: Trial) -> Array:
    """Return how much the log-probability of each identity's own images falls without each filter.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    ndarray of shape (K, filters)
    """
    net, data = trial.net, trial.data
    singles: list[dict[str, list[int]]] = [{}]
    singles += [{name: [unit]} for name in filter_outputs(net) for unit in range(net.shapes[name][0])]
    logits = knockout_sweep(net.with_layers(net.layers[:-1]), data.x, singles)
    own = log_softmax(logits.astype(np.float64), axis=-1)[:, np.arange(len(data)), data.labels]
    fall = own[0] - own[1:]
    return np.stack([fall[:, data.labels == label].mean(axis=1) for label in range(len(data.classes))])


def correlations(one: Array, other: Array) -> Array:
    """Return the rank correlation of each row of one array with that row of the other; NaN if a row is constant.

    Parameters
    ----------
    one, other : ndarray of shape (K, filters)
    """
    ranks = [rankdata(values, axis=1) for values in (one, other)]
    first, second = (found - found.mean(axis=1, keepdims=True) for found in ranks)
    with np.errstate(invalid="ignore"):
        return np.asarray((first * second).sum(axis=1) / np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1)))


def _columns(trial: Trial) -> dict[str, Array]:
    """Return which columns are the filters of each layer, and of all."""
    names = filter_outputs(trial.net)
    sizes = [trial.net.shapes[name][0] for name in names]
    parts = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    return {**dict(zip(names, parts, strict=True)), OVERALL: np.arange(sum(sizes))}


def _within(trial: Trial, rng: np.random.Generator) -> Array:
    """Return an order that shuffles the filters of each layer among themselves."""
    return np.concatenate([rng.permutation(part) for name, part in _columns(trial).items() if name != OVERALL])


def p_value(results: Results, draws: str) -> float:
    """Return how probable so large a mean correlation is if gradients are dealt to the filters at random.

    Parameters
    ----------
    results : Results
    draws : {"random", "in layers"}
        Dealt among all filters, or among those of each layer.
    """
    seen = np.nanmean(results.stack(f"{OVERALL}/{GRADIENT}"))
    dealt = results.stack(draws).mean(axis=0)  # the n-th deal in each network
    return float((1 + np.sum(dealt >= seen)) / (1 + len(dealt)))


def claims(results: Results) -> list[Claim]:
    """Judge whether gradients say what knock-outs do, and whether activations say it as well."""
    layers = [name.removesuffix(f"/{GRADIENT}") for name in results.numbers[0] if name.endswith(f"/{GRADIENT}")]
    means = {
        (where, name): np.nanmean(results.stack(f"{where}/{name}"), axis=1)
        for where in layers
        for name in (*MEASURES, UNTRAINED)
    }
    overall = {name: spread(means[OVERALL, name], ".2f") for name in (*MEASURES, UNTRAINED)}
    by_layer = "; ".join(
        f"{where} {', '.join(f'{np.median(means[where, name]):.2f}' for name in MEASURES)}"
        for where in layers
        if where != OVERALL
    )
    sure, in_layers = p_value(results, "random"), p_value(results, "in layers")
    gradient, activation = (np.mean(means[OVERALL, name]) for name in (GRADIENT, ACTIVATION))
    return [
        results.claim(
            "LO-22",
            "high activation is not importance; the gradient correlates with it",
            "no number",
            f"rank correlation with the fall in log-probability when a filter goes: {GRADIENT} {overall[GRADIENT]}, "
            f"{ACTIVATION} {overall[ACTIVATION]}, {PRODUCT} {overall[PRODUCT]}, with its sign {overall[SIGNED]}. In "
            f"this order within a layer: {by_layer}. Random scores do as well as the gradient with p = {sure:.2g}, "
            f"dealt within layers with p = {in_layers:.2g}. The sign of {SIGNED} is that of the harm for "
            f"{percents(results.stack('sign').mean(axis=1))} of the filters, where "
            f"{percents(results.stack('harmful').mean(axis=1))} do harm when they go",
            sure < SIGNIFICANT and activation <= gradient,
            control=f"random scores {spread(results.stack('random').mean(axis=1), '.2f')}; untrained "
            f"{overall[UNTRAINED]}",
            settings="harm is the mean fall in the log-probability of an identity's own images; nothing is chosen",
        )
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show correlations by layer."""
    layers = [name.removesuffix(f"/{GRADIENT}") for name in results.numbers[0] if name.endswith(f"/{GRADIENT}")]
    yield Section(
        "harms",
        "What says which filter matters? (LO-22)",
        plots.beside_controls(
            {
                where: {name: np.nanmean(results.stack(f"{where}/{name}"), axis=1) for name in (*MEASURES, UNTRAINED)}
                for where in (OVERALL, *(where for where in layers if where != OVERALL))
            },
            "Rank correlation with what a filter's loss does to the identity",
            measured=len(MEASURES),
            chance=np.zeros(len(layers)),
        ),
        "Points for each network: rank correlations of four measures with the harm of single knock-outs.",
        "Each filter is knocked out alone, and the fall in the log-probability of each identity's own images is ranked "
        "beside what the measure says. The dashed line is what random scores give on average.",
        (),
    )


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
