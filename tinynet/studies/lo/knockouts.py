"""LO-7, LO-8 and LO-11: what goes wrong without the filters of the strongest and of the weakest gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from tinynet import plots
from tinynet.classes import predicted
from tinynet.explain.ablation.confusions import confusions
from tinynet.explain.ablation.knockouts import knockout_curve, knockout_sweep
from tinynet.explain.ablation.orders import OrderComparison, OrderErrors
from tinynet.explain.units.filters import Unit, rank_units
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.engine.trials import Trial, first_trial, on_each_network
from tinynet.studies.lo.controls import is_training
from tinynet.studies.lo.readings import READINGS, THESIS, Reading, filter_scores, five_of, outputs_at
from tinynet.types import Array

MOST = 20  # filters knocked out, as many as the documents' weakest
TOP, STRONG_FROM = 10, 3
NEAR_ALL, STRONG_EFFECT = 0.9, 0.25  # class errors after ten and after three, for LO-7 to hold
BELOW = {10: (0.25, 3 / 5), 15: (0.5, 2 / 5)}  # filters gone: error to stay below, by this share of identities: LO-8
JUDGED = {"strongest": [STRONG_FROM, TOP], "weakest": list(BELOW)}  # filters gone where readings are compared
LOST = 0.5  # class error from which an identity has failed
RANDOM_ORDERS = 10
HIGHLIGHTED = 6  # identity 7, whose filters go in figure 3
SETTINGS = "identities and numbers of filters as in the documents, thresholds from their words; nothing else is chosen"


def measure(trial: Trial) -> Numbers:
    """Knock out filters by each reading's ranking and in random orders."""
    scores = filter_scores(trial)
    units = rank_units({name: values[0] for name, values in scores.items()})
    counts = np.arange(min(MOST, len(units)) + 1)
    numbers = {"counts": counts, **random_curves(trial, units, counts), **_curves(trial, scores, counts)}
    for left in ("zero", "bias"):
        numbers |= _at_bounds(trial, [reading for reading in READINGS[1:] if reading.replace == left], counts)
    return numbers


def claims(results: Results) -> list[Claim]:
    """Judge the rankings by what knock-outs do."""
    return [*_strongest(results), *_weakest(results), _flow(results)]


def without(results: Results, curves: str, count: int, *, of_five: bool) -> Array:
    """Return the errors without some filters, for each network and identity.

    Parameters
    ----------
    results : Results
    curves : str
        Which curves, such as "random/class".
    count : int
        How many filters are gone.
    of_five : bool
        Whether only the five identities of the documents count.

    Returns
    -------
    ndarray of shape (R, identities)
    """
    found = results.stack(curves)
    identities = five_of(found.shape[1]) if of_five else np.arange(found.shape[1])
    return np.asarray(found[:, identities, min(count, found.shape[2] - 1)])


def class_errors(results: Results, curves: str, count: int, *, of_five: bool) -> Array:
    """Return the mean class error without some filters, for each network; see `without`."""
    return np.asarray(np.nanmean(without(results, curves, count, of_five=of_five), axis=1))


def share_below(results: Results, curves: str, count: int, *, of_five: bool) -> Array:
    """Return the share of identities whose error is below the bound, for each network; see `without`."""
    return np.asarray((without(results, curves, count, of_five=of_five) < BELOW[count][0]).mean(axis=1))


def is_lost(results: Results, reading: Reading, *, of_five: bool) -> tuple[bool, Array]:
    """Return whether LO-7 holds for the median network, and for which networks it does.

    Parameters
    ----------
    results : Results
    reading : Reading
    of_five : bool
        Whether only the five identities of the documents count.
    """
    errors = {
        count: class_errors(results, f"{reading.name}/strongest/class", count, of_five=of_five)
        for count in (STRONG_FROM, TOP)
    }
    bounds = {STRONG_FROM: STRONG_EFFECT, TOP: NEAR_ALL}
    whole = all(np.median(errors[count]) >= bound for count, bound in bounds.items())
    return whole, np.all([errors[count] >= bound for count, bound in bounds.items()], axis=0)


def still_works(results: Results, reading: Reading, *, of_five: bool) -> tuple[bool, Array]:
    """Return whether LO-8 holds for the median network, and for which networks it does; see `is_lost`."""
    shares = {count: share_below(results, f"{reading.name}/weakest/all", count, of_five=of_five) for count in BELOW}
    whole = all(np.median(shares[count]) >= bound for count, (_, bound) in BELOW.items())
    return whole, np.all([shares[count] >= bound for count, (_, bound) in BELOW.items()], axis=0)


def _strongest(results: Results) -> Iterator[Claim]:
    curves = f"{THESIS.name}/strongest/class"
    failed = np.where((results.stack(curves) >= LOST).any(axis=2), (results.stack(curves) >= LOST).argmax(axis=2), MOST)
    sooner = results.stack(curves).mean(axis=2) > results.stack(f"{THESIS.name}/strongest/all").mean(axis=2)
    for of_five, whose in ((True, "five identities"), (False, "all identities")):
        two, three, ten = (
            percents(class_errors(results, curves, count, of_five=of_five)) for count in (2, STRONG_FROM, TOP)
        )
        on_test = percents(class_errors(results, f"{curves} of test images", TOP, of_five=of_five))
        holds, each = is_lost(results, THESIS, of_five=of_five)
        others = [reading.name for reading in READINGS if is_lost(results, reading, of_five=of_five)[0]]
        chance = (
            percents(class_errors(results, "random/class", count, of_five=of_five)) for count in (STRONG_FROM, TOP)
        )
        yield results.claim(
            "LO-7" if of_five else f"LO-7, {whose}",
            "without its strongest filters a class is lost: a strong effect from three on, near 100 % class error by "
            "ten",
            "near 100 % after 10 for each of five identities",
            f"class error of {whose} without the two strongest {two}, three {three}, ten {ten} (of test images "
            f"{on_test}); both bounds are reached by {each.sum()} of {len(each)} networks. For the median network it "
            f"holds in {len(others)} of {len(READINGS)} readings{_named(others)}. Half of an identity's images "
            f"are lost after {spread(np.median(failed, axis=1), 'g')} filters, for the first identity after "
            f"{spread(failed.min(axis=1), 'g')}, for the last after {spread(failed.max(axis=1), 'g')}; the class error "
            f"rises faster than the overall one for {percents(sooner.mean(axis=1))} of the identities",
            holds,
            control=f"random filters: three {next(chance)}, ten {next(chance)}",
            settings=SETTINGS,
        )


def _weakest(results: Results) -> Iterator[Claim]:
    curves = f"{THESIS.name}/weakest/all"
    steps = (np.diff(results.stack(which), axis=2) for which in (curves, f"{THESIS.name}/weakest/class"))
    lower = [percents((step < 0).mean(axis=(1, 2))) for step in steps]
    chance = [percents(results.stack("random/all")[:, min(count, MOST)]) for count in BELOW]
    for of_five, whose in ((True, "five identities"), (False, "all identities")):
        ten, fifteen = (percents(share_below(results, curves, count, of_five=of_five)) for count in BELOW)
        on_test = [
            percents(share_below(results, f"{curves} of test images", count, of_five=of_five)) for count in BELOW
        ]
        means = [percents(without(results, curves, count, of_five=of_five).mean(axis=1)) for count in BELOW]
        holds, each = still_works(results, THESIS, of_five=of_five)
        others = [reading.name for reading in READINGS if still_works(results, reading, of_five=of_five)[0]]
        yield results.claim(
            "LO-8" if of_five else f"LO-8, {whose}",
            "without the weakest filters the network still works: overall error below 25 % after 10 and, for many "
            "identities, below 50 % after 15",
            "below 25 % and below 50 %",
            f"error below 25 % after 10 for {ten} of {whose}, below 50 % after 15 for {fifteen} (of test images "
            f"{on_test[0]} and {on_test[1]}); enough of them in {each.sum()} of {len(each)} networks. Mean error "
            f"{means[0]} and {means[1]}. For the median network it holds in {len(others)} of {len(READINGS)} "
            f"readings{_named(others)}. Of the steps by which a weak filter goes, {lower[0]} lower the error "
            f"of all images, {lower[1]} that of the class",
            holds,
            control=f"error in random orders: {chance[0]} after 10, {chance[1]} after 15",
            settings=SETTINGS,
        )


def _named(readings: Sequence[str]) -> str:
    return f" ({'; '.join(readings)})" if readings else ""


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
    yield _readings(results)
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
    scores = {name: values[label] for name, values in filter_scores(trial).items()}
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


def _readings(results: Results) -> Section:
    """Return both claims in all readings, and without any ranking."""
    head = ["reading", "images"]
    for whose in ("five identities", "all"):
        head += [f"class error without 3 strongest, {whose}", f"without 10, {whose}", f"LO-7 holds, {whose}"]
        head += [f"below 25 % without 10 weakest, {whose}", f"below 50 % without 15, {whose}", f"LO-8 holds, {whose}"]
    rows = [_row(results, reading, images) for reading in READINGS for images in ("", " of test images")]
    errors = {
        f"class error without {count}, % ({whose})": {
            reading.name: 100 * class_errors(results, f"{reading.name}/strongest/class", count, of_five=of_five)
            for reading in READINGS
        }
        | {"random order": 100 * class_errors(results, "random/class", count, of_five=of_five)}
        for count, of_five, whose in ((STRONG_FROM, True, "five"), (TOP, True, "five"), (TOP, False, "all"))
    }
    both = [is_lost(results, r, of_five=True)[0] and still_works(results, r, of_five=True)[0] for r in READINGS]
    return Section(
        "readings",
        "What each reading of the documents gives (LO-7, LO-8)",
        plots.beside_controls(
            errors,
            "Classes without their strongest filters, by the reading",
            measured=len(READINGS),
            chance=[100 * STRONG_EFFECT, 100 * NEAR_ALL, 100 * NEAR_ALL],
        ),
        "Points for each network: class errors without three and ten filters, one row for each reading.",
        "The thesis ranks by the norm of the mean gradient, the paper says that it averages values of single images. "
        "Gradients can be taken before, at or behind the activation function; a filter can go with its bias, or leave "
        "it. Dashed is what the documents' words ask for. Of tanh and max pooling an output set to 0 is the same at "
        "all three places, so only the ranking differs.",
        (f"{sum(both)} of {len(READINGS)} readings have both claims for the median network's five identities.",),
        (tuple(head), *rows),
    )


def _row(results: Results, reading: Reading, images: str) -> tuple[str, ...]:
    cells = [reading.name, images.removeprefix(" of ") or "all images"]
    strongest, weakest = f"{reading.name}/strongest/class{images}", f"{reading.name}/weakest/all{images}"
    for of_five in (True, False):
        cells += [percents(class_errors(results, strongest, count, of_five=of_five)) for count in (STRONG_FROM, TOP)]
        cells.append("" if images else _of_networks(*is_lost(results, reading, of_five=of_five)))
        cells += [percents(share_below(results, weakest, count, of_five=of_five)) for count in BELOW]
        cells.append("" if images else _of_networks(*still_works(results, reading, of_five=of_five)))
    return tuple(cells)


def _of_networks(holds: bool, each: Array) -> str:
    return f"{'yes' if holds else 'no'}; in {each.sum()} of {len(each)} networks"


def _curves(trial: Trial, scores: Mapping[str, Array], counts: Array) -> Numbers:
    """Return the errors as each identity's filters go one by one, in the thesis' reading."""
    data, classes = trial.data, len(trial.data.classes)
    numbers: dict[str, Array] = {}
    for name, strongest_first in (("strongest", True), ("weakest", False)):
        predictions = []
        for label in range(classes):
            mine = {layer: values[label] for layer, values in scores.items()}
            order = rank_units(mine, strongest_first=strongest_first)[: counts[-1]]
            predictions.append(knockout_curve(trial.net, data.x, data.labels, order).predictions)
        numbers |= _errors(trial, f"{THESIS.name}/{name}", np.array(predictions))
        if strongest_first:
            lost = [confusions(found, data.labels, classes).first_misclassified() for found in predictions]
            others = [np.delete(found, label).min(initial=MOST + 1) for label, found in enumerate(lost)]
            numbers["other first"] = np.array(others) < np.diag(lost)
    return numbers


def _at_bounds(trial: Trial, readings: Sequence[Reading], counts: Array) -> Numbers:
    """Return the errors without as many filters as the claims speak of, by several readings; NaN for other numbers.

    What is 0 at one of the places is 0 at all of them, because tanh(0) = 0 and the largest of zeros is 0; likewise for
    what the bias puts out. So filters are knocked out at their activation in each reading, each set of them once.
    """
    net, data = trial.net, trial.data
    activations = outputs_at(net, "activation")
    sets: dict[tuple[str, str, int, int], tuple[Unit, ...]] = {}
    for reading in readings:
        scores = dict(zip(activations, filter_scores(trial, reading).values(), strict=True))
        for label in range(len(data.classes)):
            order = rank_units({layer: values[label] for layer, values in scores.items()})
            for name, ranked in (("strongest", order), ("weakest", order[::-1])):
                for count in JUDGED[name]:
                    sets[reading.name, name, label, count] = tuple(sorted(ranked[:count]))
    different = list(dict.fromkeys(sets.values()))
    grouped = [
        {name: [unit.unit for unit in units if unit.layer == name] for name in activations} for units in different
    ]
    found = predicted(knockout_sweep(net, data.x, grouped, readings[0].replace))
    at = {units: number for number, units in enumerate(different)}
    numbers: dict[str, Array] = {}
    for reading, name in product(readings, JUDGED):
        chosen = [[at[sets[reading.name, name, k, n]] for n in JUDGED[name]] for k in range(len(data.classes))]
        for what, errors in _errors(trial, f"{reading.name}/{name}", found[np.array(chosen)]).items():
            numbers[what] = np.full((len(errors), len(counts)), np.nan)
            numbers[what][:, JUDGED[name]] = errors
    return numbers


def _errors(trial: Trial, name: str, predictions: Array) -> dict[str, Array]:
    """Return shares of misclassified images: of each identity's own and of all, also among test images alone.

    Parameters
    ----------
    trial : Trial
    name : str
        What the results are called, in front.
    predictions : ndarray of shape (K, S, N)
        By the identity whose filters go, and what has gone of them.
    """
    labels, on_test = trial.data.labels, ~is_training(trial)
    wrong = predictions != labels
    own = labels == np.arange(len(wrong))[:, None, None]
    with np.errstate(invalid="ignore"):  # an identity without a test image has no test error
        return {
            f"{name}/{what}{which}": (wrong & images).sum(axis=2) / np.broadcast_to(images, wrong.shape).sum(axis=2)
            for which, among in (("", np.True_), (" of test images", on_test))
            for what, images in (("class", own & among), ("all", np.broadcast_to(among, labels.shape)))
        }


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
    strongest, weakest = (errors(f"{THESIS.name}/{name}") for name in ("strongest", "weakest"))
    return OrderComparison(counts, np.arange(len(results.data.classes)), strongest, weakest, errors("random"))


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
