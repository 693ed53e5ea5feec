"""LO-12 and LO-17: filters that are weak for every identity, and networks without them."""

from __future__ import annotations

import timeit
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.stats import rankdata

from tinynet import models, plots
from tinynet.classes import accuracy
from tinynet.explain.ablation.pruning import pruned
from tinynet.explain.units.filters import Unit, rank_units
from tinynet.explain.units.weakness import weak_units
from tinynet.network import Network
from tinynet.pages.section import Section
from tinynet.report.sections.words import listed
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.engine.trials import Trial, first_trial, on_each_network
from tinynet.studies.lo.controls import untrained
from tinynet.studies.lo.levels import LISTED
from tinynet.studies.lo.readings import filter_scores, five_of
from tinynet.types import Array

REMOVED = (0, 5, 10, 15)
RETRAINED = 0.1  # of the epochs of training
ORDERS = ("weakest", "random")


def measure(trial: Trial) -> Numbers:
    """Compare the lists of the weakest filters, and prune."""
    scores = filter_scores(trial)
    count = min(LISTED, sum(values.shape[1] for values in scores.values()))
    found = weak_units(scores, count)
    five, untrained_five = (
        weak_units({name: values[five_of(len(values))] for name, values in given.items()}, count)
        for given in (scores, filter_scores(untrained(trial)))
    )
    lists = {
        "five": len(five.everywhere),
        "five by chance": five.everywhere_by_chance,
        "five by layer": five.everywhere_by_layer,
        "five, untrained": len(untrained_five.everywhere),
        "everywhere": len(found.everywhere),
        "everywhere by chance": found.everywhere_by_chance,
        "everywhere by layer": found.everywhere_by_layer,
        "shared": found.shared,
        "shared by chance": found.shared_by_chance,
        "shared by layer": found.shared_by_layer,
    }
    return {**{name: np.asarray(value) for name, value in lists.items()}, **_pruning(trial, scores)}


def claims(results: Results) -> list[Claim]:
    """Judge the lists, and report the pruning."""
    shared, by_layer, by_chance = (results.stack(f"shared{which}") for which in ("", " by layer", " by chance"))
    everywhere, five = results.stack("everywhere"), results.stack("five")
    controls = {name: results.stack(f"five{name}") for name in (" by chance", " by layer", ", untrained")}
    counts = results.stack("removed")[0]
    last = len(counts) - 1
    before, after = results.stack("weakest, before"), results.stack("weakest, after")
    parts = [
        f"without {counts[at]} filters {percents(results.stack('parameters')[:, at])} of the parameters and "
        f"{percents(results.stack('time')[:, at])} of the time are left, test error {percents(before[:, at])} before "
        f"and {percents(after[:, at])} after training again"
        for at in range(1, last + 1)
    ]
    return [
        results.claim(
            "LO-12",
            "some filters are weak for every identity",
            "table III has four in all five lists (2.2, 2.4, 3.2, 3.6); the text names six",
            f"{spread(five, 'g')} filters are among the {LISTED} weakest of all five identities; of every "
            f"identity {spread(everywhere, 'g')} (chance {spread(results.stack('everywhere by chance'), '.1g')}). Two "
            f"identities share {spread(shared, '.2f')} of {LISTED} (chance {spread(by_chance, '.2f')}, within layers "
            f"{spread(by_layer, '.2f')})",
            np.median(five) >= 1 and all(np.median(five - controls[f" by {how}"]) > 0 for how in ("chance", "layer")),
            control=f"lists drawn at random {spread(controls[' by chance'], '.2f')}, at random within layers "
            f"{spread(controls[' by layer'], '.2f')}; an untrained network {spread(controls[', untrained'], 'g')}",
            settings="five identities and lists of eight as in table III; nothing is chosen",
        ),
        results.claim(
            "LO-17",
            "future work of the thesis: pruning by prediction gradients",
            "no number",
            f"{'; '.join(parts)}. The whole network: {percents(before[:, 0])} before, {percents(after[:, 0])} after as "
            f"much further training. {counts[last]} random filters instead of the weakest: "
            f"{percents(results.stack('random, before')[:, last])} before, "
            f"{percents(results.stack('random, after')[:, last])} after. Removed or knocked out, the outputs agree to "
            f"{spread(results.stack('difference'), '.1e')}",
            None,
        ),
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show the lists of the weakest, and what pruning costs."""
    trial = first_trial(results)
    scores = filter_scores(trial)
    found = weak_units(scores, min(LISTED, sum(values.shape[1] for values in scores.values())))
    rows = {"trained": "five", "random lists": "five by chance", "random in layers": "five by layer"}
    rows["untrained"] = "five, untrained"
    yield Section(
        "weak-controls",
        "Weak for all five, beside chance (LO-12)",
        plots.beside_controls(
            {"filters in all five lists of the weakest": {name: results.stack(what) for name, what in rows.items()}},
            "How many filters are weak for all five identities",
        ),
        "Points for each network: filters in all five lists, and what chance and an untrained network give.",
        "Layers differ in level before any training, so lists agree by that alone: that is what the third row expects, "
        "and why the last one is not zero.",
        (),
    )
    always = [f"{unit.layer} {unit.unit}" for unit in found.everywhere]
    yield Section(
        "weak-everywhere",
        "The weakest filters of every identity (LO-12)",
        plots.weak_lists(found, trial.data.classes),
        "A table of identities against filters; the weakest of each are marked.",
        "Marked are the weakest filters of each identity in the first network. A marked column is a filter that nobody "
        "seems to need. Layers differ in level, so lists agree by that alone; the table of claims compares with chance "
        "within layers.",
        (f"Weak for every identity: {listed(always)}." if always else "None is weak for every identity.",),
    )
    counts = results.stack("removed")[0]
    names = {"weakest": "the weakest removed", "random": "random ones removed"}
    errors = {f"{names[order]}": results.stack(f"{order}, before") for order in ORDERS}
    errors |= {f"{names[order]}, trained again": results.stack(f"{order}, after") for order in ORDERS}
    yield Section(
        "pruning",
        "Filters physically removed (LO-17)",
        plots.pruning_curves(
            counts, errors, {"parameters": results.stack("parameters"), "time of a pass": results.stack("time")}
        ),
        "Curves of the test error, the parameters and the time as filters are removed.",
        "Filters go with their weights, and with the slices of the next layer that read them. Each layer keeps at "
        f"least one. Training again takes {RETRAINED:.0%} of the epochs of training; at 0 it is further training of "
        "the whole network. Lines are medians over networks, bands the middle half.",
        (),
    )


def removal(order: Sequence[Unit], sizes: Mapping[str, int], count: int) -> dict[str, list[int]]:
    """Return the first units of an order, except that each layer keeps at least one.

    Parameters
    ----------
    order : sequence of Unit
        What is to go first, second, ...
    sizes : mapping of str to int
        Units of each output.
    count : int
        How many are to go.
    """
    chosen: dict[str, list[int]] = {name: [] for name in sizes}
    for unit in order:
        if sum(map(len, chosen.values())) < count and len(chosen[unit.layer]) < sizes[unit.layer] - 1:
            chosen[unit.layer].append(unit.unit)
    return {name: units for name, units in chosen.items() if units}


def _pruning(trial: Trial, scores: Mapping[str, Array]) -> Numbers:
    net, test = trial.net, trial.test
    sizes = {name: values.shape[1] for name, values in scores.items()}
    counts = np.array([count for count in REMOVED if count <= sum(sizes.values()) - len(sizes)])
    weakest = rank_units(_mean_ranks(scores), strongest_first=False)
    rng = np.random.default_rng(trial.seed)
    orders = {"weakest": weakest, "random": [weakest[at] for at in rng.permutation(len(weakest))]}
    numbers = {f"{name}, {when}": np.empty(len(counts)) for name in ORDERS for when in ("before", "after")}
    parameters, time, difference = np.empty(len(counts)), np.empty(len(counts)), 0.0
    whole = _seconds(net, test.x)
    for name, order in orders.items():
        for at, count in enumerate(counts):
            units = removal(order, sizes, int(count))
            smaller = pruned(net, units)
            if name == "weakest":
                parameters[at], time[at] = (
                    smaller.parameter_count / net.parameter_count,
                    _seconds(smaller, test.x) / whole,
                )
            difference = max(difference, float(np.abs(smaller(test.x) - net.knocked_out(units)(test.x)).max()))
            numbers[f"{name}, before"][at] = 1 - accuracy(smaller, test.x, test.labels)
            _train_again(smaller, trial)
            numbers[f"{name}, after"][at] = 1 - accuracy(smaller, test.x, test.labels)
    return {**numbers, "removed": counts, "parameters": parameters, "time": time, "difference": np.array(difference)}


def _mean_ranks(scores: Mapping[str, Array]) -> dict[str, Array]:
    """Return each filter's rank, averaged over the classes: classes differ too much in level to average scores."""
    flat = np.concatenate(list(scores.values()), axis=1)
    means = rankdata(flat, axis=1).mean(axis=0)
    ends = np.cumsum([values.shape[1] for values in scores.values()])[:-1]
    return dict(zip(scores, np.split(means, ends), strict=True))


def _train_again(net: Network, trial: Trial) -> None:
    epochs = max(round(RETRAINED * trial.epochs), 1)
    models.named("thesis").train(net, trial.train.x, trial.train.labels, epochs=epochs, rng=trial.seed, progress=False)


def _seconds(net: Network, x: Array) -> float:
    return min(timeit.repeat(lambda: net(x), number=1, repeat=7))


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
