"""LO-9, LO-10 and LO-16: does the prediction gradient find the filters that matter? Many rankings, compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.special import log_softmax

from tinynet import plots
from tinynet.explain.ablation.knockouts import knockout_sweep
from tinynet.explain.ablation.orders import area_under_curve, class_error_curves
from tinynet.explain.gradients import class_loss_gradient
from tinynet.explain.units.contributions import activation_size, class_gradient_times_activation
from tinynet.explain.units.filters import convolutional_gradient, rank_units
from tinynet.explain.units.outputs import filter_outputs
from tinynet.losses import CrossEntropy, SquaredError
from tinynet.pages.section import Section
from tinynet.report.sections.words import percent
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import paired_p_value, percents, rank_correlation, spread
from tinynet.studies.engine.trials import Trial, on_each_network
from tinynet.studies.lo.knockouts import MOST, random_curves
from tinynet.studies.lo.readings import Reading, filter_scores
from tinynet.types import Array

THESIS = "probability (the thesis)"
LOSS, SQUARED = "loss: cross-entropy", "loss: squared error"
ACTIVATION = "activation alone"
SHOWN = (THESIS, LOSS, SQUARED)
SIGNIFICANT = 0.05


def rankings(trial: Trial) -> dict[str, dict[str, Array]]:
    """Return how strong each filter is for each class by many measures.

    Returns
    -------
    dict of str to dict of str to ndarray of shape (K, filters)
        Scores by output, by the name of the measure.
    """
    net, x, labels = trial.net, trial.data.x, trial.data.labels
    names = filter_outputs(net)
    losses = {LOSS: CrossEntropy(), SQUARED: SquaredError()}
    of_losses = {name: class_loss_gradient(net, x, labels, loss, layers=names) for name, loss in losses.items()}
    return {
        THESIS: filter_scores(trial),
        "logit": filter_scores(trial, Reading("", of="logit")),
        "probability, per pixel": filter_scores(trial, per_pixel=True),
        "probability, largest": filter_scores(trial, norm="max"),
        "probability, L1 norm": filter_scores(trial, norm="l1"),
        "probability, mean of norms": filter_scores(trial, Reading("", mean_of="norms")),
        "activation x gradient": {
            name: np.abs(values)
            for name, values in class_gradient_times_activation(net, x, labels, layers=names).items()
        },
        ACTIVATION: activation_size(net, x, labels, layers=names),
        **{name: dict(convolutional_gradient(gradients)) for name, gradients in of_losses.items()},
    }


def measure(trial: Trial) -> Numbers:
    """Knock out filters by each ranking, in random orders and one by one."""
    scores = rankings(trial)
    units = rank_units({name: values[0] for name, values in scores[THESIS].items()})
    counts = np.arange(min(MOST, len(units)) + 1)
    by_chance = random_curves(trial, units, counts)["random/class"]
    numbers: dict[str, Array] = {"chance": area_under_curve(by_chance, counts), "counts": counts}
    numbers["curves/random"] = np.nanmean(by_chance, axis=0)
    for name, ranked in scores.items():
        curves = _curves(trial, ranked, counts)
        numbers[f"area/{name}"] = area_under_curve(curves, counts)
        if name in SHOWN:
            numbers[f"curves/{name}"] = np.nanmean(curves, axis=1)
    for layer, values in scores[THESIS].items():
        steps = np.arange(values.shape[1] + 1)
        numbers[f"within/{layer}"] = area_under_curve(_curves(trial, {layer: values}, steps), steps)
    for name in (LOSS, SQUARED, ACTIVATION):
        pairs = zip(_flat(scores[THESIS]), _flat(scores[name]), strict=True)
        numbers[f"agreement/{name}"] = np.array([rank_correlation(*pair) for pair in pairs])
    return {**numbers, **_importance(trial, scores[THESIS])}


def claims(results: Results) -> list[Claim]:
    """Judge the rankings by how soon classes fail."""
    return [_sooner(results), _overall(results), _loss(results)]


def _sooner(results: Results) -> Claim:
    strongest, weakest = np.moveaxis(results.stack(f"area/{THESIS}"), 1, 0)
    chance = results.stack("chance")
    against_chance = [
        paired_p_value((strongest - chance).mean(axis=0)),
        paired_p_value((chance - weakest).mean(axis=0)),
    ]
    sure = paired_p_value((strongest - weakest).mean(axis=0))
    within = {
        name.removeprefix("within/"): results.stack(name).mean(axis=(0, 2))
        for name in results.numbers[0]
        if name.startswith("within/")
    }
    layers = "; ".join(f"{layer} {percent(pair[0])} and {percent(pair[1])}" for layer, pair in within.items())
    others = "; ".join(
        f"{name} {percent(pair[0])} and {percent(pair[1])}"
        for name in ("probability, per pixel", "activation x gradient", ACTIVATION)
        for pair in [results.stack(f"area/{name}").mean(axis=(0, 2))]
    )
    words = [
        "more" if against_chance[0] <= SIGNIFICANT else "no more",
        "less" if against_chance[1] <= SIGNIFICANT else "no less",
    ]
    return results.claim(
        "LO-9",
        "strongest-first hurts sooner than weakest-first",
        "much sooner",
        f"area under the class error: strongest first {percents(strongest.mean(axis=1))}, weakest first "
        f"{percents(weakest.mean(axis=1))}, random {percents(chance.mean(axis=1))}; paired over identities p = "
        f"{sure:.2g}. Strongest first hurts {words[0]} than chance, weakest first {words[1]} (p = "
        f"{against_chance[0]:.2g} and {against_chance[1]:.2g}). Large maps favour early layers; within one layer, "
        f"strongest and weakest first: {layers}. By other rankings: {others}",
        bool(strongest.mean() > weakest.mean() and sure <= SIGNIFICANT),
    )


def _overall(results: Results) -> Claim:
    scores, effects = results.stack("importance/scores"), results.stack("importance/effects")
    sure = paired_p_value(np.nanmean(effects, axis=0))
    return results.claim(
        "LO-10",
        "filters important for a class matter overall",
        "the same filters are important for both",
        f"rank correlation, over the filters, of an identity's scores with the mean of the other identities' "
        f"{spread(np.nanmean(scores, axis=1), '.2f')}; of what a knock-out costs the identity (log-probability) with "
        f"what it costs the others {spread(np.nanmean(effects, axis=1), '.2f')}, above zero with p = {sure:.2g}",
        bool(np.nanmean(effects) > 0 and sure <= SIGNIFICANT),
    )


def _loss(results: Results) -> Claim:
    found = []
    for name in (THESIS, LOSS, SQUARED):
        strongest, weakest = np.moveaxis(results.stack(f"area/{name}"), 1, 0)
        found.append(f"{name} {percents(strongest.mean(axis=1))} and {percents(weakest.mean(axis=1))}")
    agreement = {name: np.nanmean(results.stack(f"agreement/{name}"), axis=1) for name in (LOSS, SQUARED)}
    return results.claim(
        "LO-16",
        "why not the loss gradient: it mixes what speaks for the class with what speaks against the others",
        "no number",
        f"area under the class error, strongest and weakest first: {'; '.join(found)}. Rank correlation with the "
        f"prediction gradient: cross-entropy {spread(agreement[LOSS], '.2f')}, squared error "
        f"{spread(agreement[SQUARED], '.2f')}. For one image and cross-entropy both rank alike, since one is the other "
        "times minus the probability; other classes can be asked about with the prediction gradient alone",
        None,
        control=f"random orders {percents(results.stack('chance').mean(axis=1))}",
        settings="no setting is chosen",
    )


def sections(results: Results) -> Iterator[Section]:
    """Show how soon classes fail by each ranking."""
    yield _loss_curves(results)
    names = [name for name in results.numbers[0] if name.startswith(("area/", "within/"))]
    areas = {}
    for name in names:
        strongest, weakest = np.moveaxis(results.stack(name), 1, 0)
        shown = name.removeprefix("area/").replace("within/", "probability, within ")
        areas[shown] = (strongest.ravel(), weakest.ravel())
    chance = results.stack("chance").ravel()
    yield Section(
        "rankings",
        "Which ranking finds what matters? (LO-9, LO-16)",
        plots.order_harms(areas, chance, "How soon classes fail, by the ranking that chooses the filters"),
        "For each ranking, how soon classes fail with the strongest first and with the weakest first.",
        "A good ranking fails soon with the strongest first and late with the weakest first: its circle lies right of "
        "the dashed line of chance, its square left. Rankings within one layer are free of the size of the maps; "
        "chance is that of all layers and does not apply to them.",
        (),
    )


def _loss_curves(results: Results) -> Section:
    counts = results.stack("counts")[0]
    curves = {name: np.moveaxis(results.stack(f"curves/{name}"), 1, 0) for name in SHOWN}
    return Section(
        "loss-gradient",
        "Why not the loss gradient? (LO-16)",
        plots.ranking_curves(counts, curves, results.stack("curves/random"), "Knocked out by the gradients of what?"),
        "Curves of the class error as filters go, by three rankings, strongest first and weakest first.",
        "Solid lines have the strongest filters first, dotted ones the weakest; grey is a random order. Lines are "
        "medians over networks. For one image the gradient of the cross-entropy is that of the probability times a "
        "number, so the two rankings differ only in how much each image counts.",
        (),
    )


def _flat(scores: Mapping[str, Array]) -> Array:
    return np.concatenate(list(scores.values()), axis=1)


def _curves(trial: Trial, scores: Mapping[str, Array], counts: Array) -> Array:
    """Return the class errors, (strongest first, weakest first) x classes x counts."""
    data = trial.data
    curves = [
        class_error_curves(trial.net, data.x, data.labels, scores, counts, strongest_first=first)
        for first in (True, False)
    ]
    return np.stack(curves)


def _importance(trial: Trial, scores: Mapping[str, Array]) -> Numbers:
    """Return rank correlations of what a filter is to a class with what it is to the other classes."""
    net, data = trial.net, trial.data
    headless = net.with_layers(net.layers[:-1])
    singles: list[dict[str, list[int]]] = [{}]
    singles += [{name: [unit]} for name, values in scores.items() for unit in range(values.shape[1])]
    logits = knockout_sweep(headless, data.x, singles)
    prediction = log_softmax(logits.astype(np.float64), axis=-1)[:, np.arange(len(data)), data.labels]
    cost = prediction[0] - prediction[1:]
    strength = _flat(scores)
    labels = range(len(data.classes))
    effects = [
        rank_correlation(*(cost[:, data.labels == c].mean(axis=1), cost[:, data.labels != c].mean(axis=1)))
        for c in labels
    ]
    alike = [rank_correlation(strength[c], np.delete(strength, c, axis=0).mean(axis=0)) for c in labels]
    return {"importance/effects": np.array(effects), "importance/scores": np.array(alike)}


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
