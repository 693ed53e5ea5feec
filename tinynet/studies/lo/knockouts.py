"""LO-7, LO-8 and LO-11: what goes wrong without the filters of the strongest and of the weakest gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tinynet import plots
from tinynet.explain.ablation.confusions import confusions
from tinynet.explain.ablation.knockouts import knockout_curve
from tinynet.explain.ablation.orders import OrderComparison, OrderErrors
from tinynet.explain.units.filters import Unit, rank_units
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import percents
from tinynet.studies.engine.trials import Trial, first_trial, on_each_network
from tinynet.studies.lo.profiles import filter_scores
from tinynet.types import Array

MOST = 20  # filters knocked out, as many as the documents' weakest
TOP, STRONG_FROM = 10, 3
NEAR_ALL, STRONG_EFFECT = 0.9, 0.25  # class errors after ten and after three, for LO-7 to hold
MOST_IDENTITIES, MANY_IDENTITIES = 0.9, 0.5  # shares of them below 25 % and below 50 %, for LO-8 to hold
RANDOM_ORDERS = 10
HIGHLIGHTED = 6  # identity 7, whose filters go in figure 3


def measure(trial: Trial) -> Numbers:
    """Knock out filters by the ranking of the thesis and in random orders."""
    scores = filter_scores(trial, "probability")
    units = rank_units({name: values[0] for name, values in scores.items()})
    counts = np.arange(min(MOST, len(units)) + 1)
    return {"counts": counts, **_curves(trial, scores, counts), **random_curves(trial, units, counts)}


def claims(results: Results) -> list[Claim]:
    """Judge the rankings by what knock-outs do."""
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
        _flow(results),
    ]


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


def sections(results: Results) -> Iterator[Section]:
    """Show curves, and how images are misclassified."""
    trial = first_trial(results)
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
        plots.knockouts_by_class(_comparison(replace(results, jobs=results.jobs[:1])), classes, "probability"),
        "Curves of the errors of five identities as their strongest and weakest filters are knocked out.",
        "Figure 2 of the paper, for the first network: the strongest filters go first on the left, the weakest on the "
        "right; above the error on the identity, below on all images.",
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


def random_curves(trial: Trial, units: Sequence[Unit], counts: Array) -> Numbers:
    """Return class errors and the error as units are knocked out in random orders, averaged over the orders.

    Parameters
    ----------
    trial : Trial
    units : sequence of Unit
    counts : ndarray of int
        How many are knocked out.
    """
    data, rng = trial.data, np.random.default_rng(trial.seed)
    drawn = []
    for _ in range(RANDOM_ORDERS):
        order = [units[at] for at in rng.permutation(len(units))[: counts[-1]]]
        drawn.append(knockout_curve(trial.net, data.x, data.labels, order))
    of_class = np.mean([curve.class_error.T for curve in drawn], axis=0)
    return {"random/class": of_class, "random/all": np.mean([curve.error for curve in drawn], axis=0)}


def _comparison(results: Results) -> OrderComparison:
    """Return the curves of all networks as one comparison, each network a try."""

    def errors(name: str) -> OrderErrors:
        of_class, of_all = results.stack(f"{name}/class"), results.stack(f"{name}/all")
        return OrderErrors(of_class, np.broadcast_to(of_all.reshape(len(of_all), -1, of_all.shape[-1]), of_class.shape))

    counts = results.stack("counts")[0]
    return OrderComparison(
        counts, np.arange(len(results.data.classes)), errors("strongest"), errors("weakest"), errors("random")
    )


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
