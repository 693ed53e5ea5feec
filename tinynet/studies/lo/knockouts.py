"""LO-7 to LO-11 and LO-16: does the prediction gradient find the filters that matter? Knock-outs by many rankings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.special import log_softmax

from tinynet import plots
from tinynet.explain.ablation.confusions import confusions
from tinynet.explain.ablation.knockouts import knockout_curve, knockout_sweep
from tinynet.explain.ablation.orders import OrderComparison, OrderErrors, area_under_curve, class_error_curves
from tinynet.explain.gradients import class_loss_gradient
from tinynet.explain.units.contributions import activation_size, class_gradient_times_activation
from tinynet.explain.units.filters import Unit, convolutional_gradient, rank_units
from tinynet.explain.units.outputs import filter_outputs
from tinynet.explain.units.profiles import gradient_profiles
from tinynet.losses import CrossEntropy, SquaredError
from tinynet.pages.section import Section
from tinynet.report.sections.words import percent
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Numbers, Results, Trial
from tinynet.studies.engine.statistics import paired_p_value, percents, rank_correlation, spread
from tinynet.studies.lo.profiles import filter_scores
from tinynet.types import Array

THESIS = "probability (the thesis)"
LOSS, SQUARED = "loss: cross-entropy", "loss: squared error"
ACTIVATION = "activation alone"
MOST = 20  # filters knocked out, as many as the documents' weakest
TOP, STRONG_FROM = 10, 3
NEAR_ALL, STRONG_EFFECT = 0.9, 0.25  # class errors after ten and after three, for LO-7 to hold
MOST_IDENTITIES, MANY_IDENTITIES = 0.9, 0.5  # shares of them below 25 % and below 50 %, for LO-8 to hold
RANDOM_ORDERS = 10
SIGNIFICANT = 0.05
HIGHLIGHTED = 6  # identity 7, whose filters go in figure 3


def rankings(trial: Trial) -> dict[str, dict[str, Array]]:
    """Return how strong each filter is for each class by many measures.

    Parameters
    ----------
    trial : Trial

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
        THESIS: filter_scores(trial, "probability"),
        "logit": filter_scores(trial, "logit"),
        "probability, per pixel": filter_scores(trial, "probability", per_pixel=True),
        "probability, largest": filter_scores(trial, "probability", norm="max"),
        "probability, L1 norm": filter_scores(trial, "probability", norm="l1"),
        "probability, mean of norms": _mean_of_norms(trial, names),
        "activation x gradient": {
            name: np.abs(values)
            for name, values in class_gradient_times_activation(net, x, labels, layers=names).items()
        },
        ACTIVATION: activation_size(net, x, labels, layers=names),
        **{name: dict(convolutional_gradient(gradients)) for name, gradients in of_losses.items()},
    }


def measure(trial: Trial) -> Numbers:
    """Knock out filters by each ranking, in random orders and one by one.

    Parameters
    ----------
    trial : Trial
    """
    scores = rankings(trial)
    units = rank_units({name: values[0] for name, values in scores[THESIS].items()})
    counts = np.arange(min(MOST, len(units)) + 1)
    numbers: dict[str, Array] = {"counts": counts, **_curves(trial, scores[THESIS], counts)}
    numbers |= _random_curves(trial, units, counts)
    for name, ranked in scores.items():
        numbers[f"harm/{name}"] = _harms(trial, ranked, counts)
    for layer, values in scores[THESIS].items():
        numbers[f"within/{layer}"] = _harms(trial, {layer: values}, np.arange(values.shape[1] + 1))
    for name in (LOSS, SQUARED, ACTIVATION):
        pairs = zip(_flat(scores[THESIS]), _flat(scores[name]), strict=True)
        numbers[f"agreement/{name}"] = np.array([rank_correlation(*pair) for pair in pairs])
    return {**numbers, **_importance(trial, scores[THESIS])}


def claims(results: Results) -> list[Claim]:
    """Judge the rankings by what knock-outs do.

    Parameters
    ----------
    results : Results
    """
    top = min(TOP, len(results.stack("counts")[0]) - 1)
    strong, weak = results.stack("strongest/class"), results.stack("weakest/all")
    few, many = strong[:, :, min(STRONG_FROM, top)].mean(axis=1), strong[:, :, top].mean(axis=1)
    early = strong[:, :, min(STRONG_FROM - 1, top)].mean(axis=1)
    ten, fifteen = (weak[:, :, min(count, weak.shape[2] - 1)] for count in (10, 15))
    low_at_ten, low_at_fifteen = (ten < 0.25).mean(axis=1), (fifteen < 0.5).mean(axis=1)
    return [
        results.claim(
            "LO-7",
            "without its strongest filters a class is lost: a strong effect from three on, near 100 % class error by "
            "ten",
            "near 100 % after 10 for each of five identities",
            f"class error without the two strongest {percents(early)}, three {percents(few)}, ten {percents(many)}; "
            f"error of all images without ten {percents(results.stack('strongest/all')[:, :, top].mean(axis=1))}; ten "
            f"random filters: {percents(results.stack('random/class')[:, :, top].mean(axis=1))}",
            np.median(many) >= NEAR_ALL and np.median(few) >= STRONG_EFFECT,
        ),
        results.claim(
            "LO-8",
            "without the weakest filters the network still works: overall error below 25 % after 10 and, for many "
            "identities, below 50 % after 15",
            "below 25 % and below 50 %",
            f"below 25 % after 10 for {percents(low_at_ten)} of the identities' rankings, below 50 % after 15 for "
            f"{percents(low_at_fifteen)}; mean error {percents(ten.mean(axis=1))} and "
            f"{percents(fifteen.mean(axis=1))}; random orders: "
            f"{percents(results.stack('random/all')[:, min(10, weak.shape[2] - 1)])} and "
            f"{percents(results.stack('random/all')[:, min(15, weak.shape[2] - 1)])}",
            np.median(low_at_ten) >= MOST_IDENTITIES and np.median(low_at_fifteen) >= MANY_IDENTITIES,
        ),
        _sooner(results),
        _overall(results),
        _flow(results),
        _loss(results),
    ]


def _sooner(results: Results) -> Claim:
    strongest, weakest, chance = _areas(results, f"harm/{THESIS}")
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
        for pair in [results.stack(f"harm/{name}").mean(axis=(0, 2))]
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


def _flow(results: Results) -> Claim:
    other_first = results.stack("other first")
    return results.claim(
        "LO-11",
        "as the filters of an identity go, others are misclassified, not always the identity itself first",
        "identity 7 is not the first to be misclassified",
        "another identity is misclassified before the one whose strongest filters go for "
        f"{percents(other_first.mean(axis=1))} of the identities",
        None,
    )


def _loss(results: Results) -> Claim:
    found = []
    for name in (THESIS, LOSS, SQUARED):
        strongest, weakest, _ = _areas(results, f"harm/{name}")
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
    )


def sections(results: Results) -> Iterator[Section]:
    """Show curves, rankings compared, and the flow of confusions.

    Parameters
    ----------
    results : Results
    """
    trial = results.trial
    classes = trial.data.classes
    comparison = _comparison(results)
    yield Section(
        "knockouts",
        "Without the strongest, without the weakest (LO-7, LO-8)",
        plots.knockout_curves(comparison, "probability"),
        "Curves of the errors as filters are knocked out.",
        "Figures 4.1 and 4.2, averaged over identities and networks: outputs of filters are set to 0, one more at each "
        "step, in the order of each identity's ranking. The dashed line is chance.",
        (),
    )
    yield Section(
        "knockouts-identities",
        "Five identities, one by one (LO-7, LO-8)",
        plots.knockouts_by_class(_comparison(Results(results.numbers[:1], trial)), classes, "probability"),
        "Curves of the errors of five identities as their strongest and weakest filters are knocked out.",
        "Figure 2 of the paper, for the first network: the strongest filters go first on the left, the weakest on the "
        "right; above the error on the identity, below on all images.",
        (),
    )
    names = [name for name in results.numbers[0] if name.startswith(("harm/", "within/"))]
    harms = {}
    for name in names:
        strongest, weakest, _ = _areas(results, name)
        shown = name.removeprefix("harm/").replace("within/", "probability, within ")
        harms[shown] = (strongest.ravel(), weakest.ravel())
    chance = _areas(results, f"harm/{THESIS}")[2].ravel()
    yield Section(
        "rankings",
        "Which ranking finds what matters? (LO-9, LO-16)",
        plots.order_harms(harms, chance, "How soon classes fail, by the ranking that chooses the filters"),
        "For each ranking, how soon classes fail with the strongest first and with the weakest first.",
        "A good ranking fails soon with the strongest first and late with the weakest first: its circle lies right of "
        "the dashed line of chance, its square left. Rankings within one layer are free of the size of the maps; "
        "chance is that of all layers and does not apply to them.",
        (),
    )
    label = min(HIGHLIGHTED, len(classes) - 1)
    scores = {name: values[label] for name, values in filter_scores(trial, "probability").items()}
    counts = results.stack("counts")[0]
    curve = knockout_curve(trial.net, trial.data.x, trial.data.labels, rank_units(scores)[: counts[-1]])
    flow = confusions(curve.predictions, trial.data.labels, len(classes))
    yield Section(
        "flow",
        "How identities are misclassified as filters go (LO-11)",
        plots.confusion_lines(flow.predicted_as, classes, label),
        "Lines that start at their own identity and move to what its images are most often predicted as.",
        "Figure 3 of the paper, drawn anew: one line for each identity, at the height of what most of its images are "
        f"predicted as. The thick line is {classes[label]}, whose strongest filters go.",
        (f"At the end all images are predicted as {_count(len(np.unique(flow.predicted_as[-1])))}.",),
    )


def _count(found: int) -> str:
    return plots.count_of(found, "class")


def _mean_of_norms(trial: Trial, names: Sequence[str]) -> dict[str, Array]:
    """Return the mean of the sizes of single images' gradients, which signs that differ do not cancel."""
    data = trial.data
    profiles = gradient_profiles(trial.net, data.x, data.labels, "probability", layers=names)
    means = np.stack([profiles[data.labels == label].mean(axis=0) for label in range(len(data.classes))])
    ends = np.cumsum([trial.net.shapes[name][0] for name in names])[:-1]
    return dict(zip(names, np.split(means, ends, axis=1), strict=True))


def _flat(scores: Mapping[str, Array]) -> Array:
    return np.concatenate(list(scores.values()), axis=1)


def _curves(trial: Trial, scores: Mapping[str, Array], counts: Array) -> Numbers:
    data, classes = trial.data, len(trial.data.classes)
    numbers: dict[str, Array] = {}
    other_first = np.zeros(classes, bool)
    for name, strongest_first in (("strongest", True), ("weakest", False)):
        of_class, of_all = np.empty((classes, len(counts))), np.empty((classes, len(counts)))
        for label in range(classes):
            order = rank_units(
                {layer: values[label] for layer, values in scores.items()}, strongest_first=strongest_first
            )
            curve = knockout_curve(trial.net, data.x, data.labels, order[: counts[-1]])
            of_class[label], of_all[label] = curve.class_error[:, label], curve.error
            if strongest_first:
                lost = confusions(curve.predictions, data.labels, classes).first_misclassified()
                other_first[label] = np.delete(lost, label).min() < lost[label]
        numbers |= {f"{name}/class": of_class, f"{name}/all": of_all}
    return {**numbers, "other first": other_first}


def _random_curves(trial: Trial, units: Sequence[Unit], counts: Array) -> Numbers:
    data, rng = trial.data, np.random.default_rng(trial.seed)
    drawn = []
    for _ in range(RANDOM_ORDERS):
        order = [units[at] for at in rng.permutation(len(units))[: counts[-1]]]
        drawn.append(knockout_curve(trial.net, data.x, data.labels, order))
    of_class = np.mean([curve.class_error.T for curve in drawn], axis=0)
    return {"random/class": of_class, "random/all": np.mean([curve.error for curve in drawn], axis=0)}


def _harms(trial: Trial, scores: Mapping[str, Array], counts: Array) -> Array:
    """Return the areas under the class errors, (strongest first, weakest first) x classes."""
    data = trial.data
    curves = [
        class_error_curves(trial.net, data.x, data.labels, scores, counts, strongest_first=first)
        for first in (True, False)
    ]
    return area_under_curve(np.stack(curves), counts)


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


def _areas(results: Results, name: str) -> tuple[Array, Array, Array]:
    """Return areas of shape (networks, classes): strongest first, weakest first, in random orders."""
    found = results.stack(name)
    return found[:, 0], found[:, 1], area_under_curve(results.stack("random/class"), results.stack("counts")[0])


def _comparison(results: Results) -> OrderComparison:
    """Return the curves of all networks as one comparison, each network a try."""

    def errors(name: str) -> OrderErrors:
        of_class, of_all = results.stack(f"{name}/class"), results.stack(f"{name}/all")
        return OrderErrors(of_class, np.broadcast_to(of_all.reshape(len(of_all), -1, of_all.shape[-1]), of_class.shape))

    counts = results.stack("counts")[0]
    return OrderComparison(
        counts, np.arange(len(results.trial.data.classes)), errors("strongest"), errors("weakest"), errors("random")
    )


EXPERIMENT = Experiment("knockouts", measure, claims, sections)
