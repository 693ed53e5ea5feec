"""MR-7 and MR-8: which statistics tell networks of two labels apart more than seeds tell those of one label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinynet import plots
from tinynet.datasets import Dataset
from tinynet.explain import GroupComparison, compare_groups
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Job
from tinynet.studies.meniconi import faces, plan
from tinynet.studies.meniconi.training import STARTS
from tinynet.studies.meniconi.watching import (
    LOOKS,
    MAPS,
    MOVES,
    PROFILES,
    SIMILARITIES,
    Alike,
    Watching,
    marks,
    weight_layers,
)
from tinynet.types import Array

LEVEL, POWER = 0.05, 0.8
ORDERED = 0.8  # of the statistics, from which on difficulty alone may be what they tell
WHOLE = "whole network"
STATISTICS = (*MAPS, *MOVES, LOOKS, *SIMILARITIES, PROFILES)
IN_WORDS = {"common": "one common start", "own": "starts of their own"}


@dataclass(frozen=True, eq=False)
class Table:
    """What each statistic says of two labels, for networks of one kind of start.

    Attributes
    ----------
    layers : tuple of str
        Where statistics are taken; the last is the whole network.
    epochs : tuple of int
        After which they are taken.
    effects, p : ndarray of shape (statistics, layers, epochs)
        Size of the difference in deviations between networks of one label (of similarities, by how many deviations
        between relabellings one label's networks are more alike); NaN where a statistic is not taken.
    found : ndarray of bool of shape (statistics, layers, epochs)
        Which tell the labels apart: corrected for the number of all statistics of networks, and of all similarities.
    """

    layers: tuple[str, ...]
    epochs: tuple[int, ...]
    effects: Array
    p: Array
    found: Array


def jobs(data: Dataset, budget: Budget) -> list[Job]:
    """Return the statistics of each network, and of the document's two labels together, by start."""
    trainings = plan.many(data, budget)
    pair = faces.kind(faces.faces(data)).labels[:2]
    alike = [
        Alike(tuple(Watching(each) for each in trainings if each.start == start and each.label in pair))
        for start in STARTS
    ]
    return [*(Watching(training) for training in trainings), *alike]


def by_label(results: Results, start: str, name: str) -> list[Array]:
    """Return what was measured on the networks of each label; the last axis is the networks.

    Parameters
    ----------
    results : Results
    start : {"own", "common"}
    name : str
    """
    found: dict[str, list[Array]] = {}
    for job in results.jobs:
        if isinstance(job, Watching) and job.training.start == start:
            found.setdefault(job.training.label, []).append(np.asarray(results.found[job][name]))
    return [np.stack(values, axis=-1) for values in found.values()]


def alike(results: Results, start: str) -> tuple[Array, Array]:
    """Return the similarities by features and by profiles, of the networks of one kind of start."""
    job = next(job for job in results.jobs if isinstance(job, Alike) and job.watched[0].training.start == start)
    return np.asarray(results.found[job]["features"]), np.asarray(results.found[job]["profiles"])


def _first(results: Results) -> Watching:
    return next(job for job in results.jobs if isinstance(job, Watching))


def layer_names(results: Results) -> list[str]:
    """Return the layers whose weights are watched."""
    training = _first(results).training
    return weight_layers(training.net(results.data, results.found[training]))


def table(results: Results, start: str) -> Table:
    """Return what every statistic says of the document's two labels.

    Parameters
    ----------
    results : Results
    start : {"own", "common"}
    """
    from scipy import stats

    layers, epochs = layer_names(results), marks(_first(results).training.epochs)
    shape = (len(STATISTICS), len(layers) + 1, len(epochs))
    effects, p, found = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, bool)
    sides = []
    for weights, looks in zip(*(by_label(results, start, name)[:2] for name in ("weights", "looks")), strict=True):
        sides.append(np.full((*shape[:2], len(epochs), weights.shape[-1]), np.nan))
        sides[-1][: len(weights), :-1], sides[-1][len(weights), -1] = weights, looks
    of_networks = ~np.isnan(sides[0]).any(axis=-1)
    tested = compare_groups(*(side[of_networks] for side in sides), level=LEVEL, power=POWER)
    effects[of_networks], p[of_networks], found[of_networks] = tested.effect, tested.p, tells(tested)
    features, profiles = alike(results, start)
    first = STATISTICS.index(LOOKS) + 1
    effects[first:-1, :-1], p[first:-1, :-1] = features[:, :, 1:, 2], features[:, :, 1:, 3]
    effects[-1, -1], p[-1, -1] = profiles[:, 2], profiles[:, 3]
    of_pairs = ~np.isnan(p) & ~of_networks
    found[of_pairs] = stats.false_discovery_control(p[of_pairs]) <= LEVEL
    return Table((*layers, WHOLE), tuple(epochs), effects, p, found)


def maps_alone(results: Results, start: str, first: int = 0, second: int = 1) -> GroupComparison:
    """Return what the document's maps, of mean and variance after the last epoch, say of two of the three labels.

    Parameters
    ----------
    results : Results
    start : {"own", "common"}
    first, second : int
        Which labels.
    """
    labels = by_label(results, start, "weights")
    rows = slice(0, len(MAPS))
    return compare_groups(labels[first][rows, :, -1], labels[second][rows, :, -1], level=LEVEL, power=POWER)


def tells(found: GroupComparison) -> Array:
    """Return which statistics tell two groups apart: among many that do, or alone, more than the largest by chance.

    Parameters
    ----------
    found : GroupComparison
    """
    return np.asarray(found.found | (found.p_max <= LEVEL))


def same(found: GroupComparison) -> bool | None:
    """Return whether no statistic tells two groups apart; None if so few networks could not have shown that one does.

    Parameters
    ----------
    found : GroupComparison
    """
    if tells(found).any():
        return False
    return None if found.least_p > LEVEL else True


def detectable(networks: int, tests: int) -> float:
    """Return the difference, in deviations between networks of one label, that a lone statistic needs to be found.

    Parameters
    ----------
    networks : int
        Of each label.
    tests : int
        Statistics among which it is the only one that differs.

    Notes
    -----
    (t_(1-a/2) + t_power) sqrt(2/n) with a the level over the number of tests, t its quantiles for 2 n - 2 degrees of
    freedom.
    """
    from scipy import stats

    quantiles = stats.t.ppf([1 - LEVEL / tests / 2, POWER], 2 * networks - 2)
    return float(quantiles.sum() * np.sqrt(2 / networks))


def in_order(results: Results, start: str) -> Array:
    """Return which statistics of the maps put the three labels in the order of their difficulty, or in its reverse.

    Parameters
    ----------
    results : Results
    start : {"own", "common"}

    Returns
    -------
    ndarray of bool of shape (statistics, layers)
        By the means over networks; difficulty is the mean loss of the last epoch. A third would be by chance.
    """
    values = np.array([label[: len(MAPS), :, -1].mean(axis=-1) for label in by_label(results, start, "weights")])
    loss = [float(label.mean()) for label in by_label(results, start, "loss")]
    steps = np.diff(values[np.argsort(loss)], axis=0)
    return np.asarray((steps > 0).all(axis=0) | (steps < 0).all(axis=0))


def mere_difficulty(found: Array, ordered: Array) -> bool | None:
    """Return whether difficulty may be all that tells the labels apart; None if nothing does.

    Parameters
    ----------
    found, ordered : ndarray of bool
        Which statistics tell two labels apart, and which put all three in the order of difficulty.
    """
    return bool(ordered[found].mean() >= ORDERED) if found.any() else None


def _strongest(results: Results, start: str, found: GroupComparison) -> str:
    row, layer = np.unravel_index(np.argmax(np.where(tells(found), np.abs(found.effect), -1)), found.effect.shape)
    one, other = (label[row, layer, -1].mean() for label in by_label(results, start, "weights")[:2])
    return (
        f"the strongest is the {MAPS[row]} of {layer_names(results)[layer]}, {one:.3g} against {other:.3g}, "
        f"d = {found.effect[row, layer]:.1f}"
    )


def _of_maps(results: Results, start: str) -> str:
    found, names = maps_alone(results, start), faces.kind(faces.faces(results.data)).labels
    count = int(tells(found).sum())
    text = f"{count} of {found.q.size} statistics of the maps tell {names[0]} and {names[1]} apart"
    text += f"; {_strongest(results, start, found)}" if count else ""
    power = f"so few networks can tell nothing (p is at least {found.least_p:.2g})"
    if found.least_p <= LEVEL:
        size = detectable(results.budget.seeds, found.q.size)
        power = f"a lone difference of {size:.1f} deviations is found in {POWER:.0%}"
    third = ", ".join(
        f"{names[side]} and {names[2]} by {int(tells(maps_alone(results, start, side, 2)).sum())}" for side in (0, 1)
    )
    return f"{text}; {power}; {third}"


def claims(results: Results) -> list[Claim]:
    """Judge the document's maps from both starts, difficulty, and all other statistics."""
    ours, count = faces.faces(results.data), results.budget.seeds
    training = _first(results).training
    name, control = ours.name, f"{count} networks a label that differ by their seed alone"
    settings = f"half as wide as the small VGG, {training.images} images, {training.epochs} epochs, fixed beforehand"
    found = []
    for start, id in (("common", "MR-7"), ("own", "MR-7, own starts")):
        found.append(
            Claim(
                id,
                "the maps of mean and variance over training do not tell the networks of two labels apart, from "
                + IN_WORDS[start],
                "no significant differences in the structures (one network a label)",
                _of_maps(results, start),
                same(maps_alone(results, start)),
                count,
                name,
                control,
                settings,
            )
        )
    apart = {start: tells(maps_alone(results, start)) for start in STARTS}
    ordered = {start: in_order(results, start) for start in STARTS}
    losses = np.mean([[label.mean() for label in by_label(results, start, "loss")] for start in STARTS], axis=0)
    labels = faces.kind(ours).labels
    hard = ", ".join(f"{label} {loss:.3f}" for label, loss in zip(labels, losses, strict=True))
    together = [np.concatenate([each[start].reshape(-1) for start in STARTS]) for each in (apart, ordered)]
    found.append(
        Claim(
            "MR-7, difficulty",
            "what tells the two labels apart may be mere difficulty",
            "",
            "; ".join(
                f"from {IN_WORDS[start]}, {int(ordered[start][apart[start]].sum())} of {int(apart[start].sum())} such "
                f"statistics put the three labels in the order of difficulty ({ordered[start].mean():.0%} of all do)"
                for start in reversed(STARTS)
            )
            + f"; {ORDERED:.0%} is asked; loss of the last epoch: {hard}",
            mere_difficulty(*together),
            count,
            name,
            f"a third label, {labels[2]}; a third of all statistics would put three labels in that order by chance",
            settings,
        )
    )
    tables = {start: table(results, start) for start in STARTS}
    untrained = alike(results, "own")[0][0, :, 0, :2]
    trained = alike(results, "own")[0][0, :, -1, :2]
    found.append(
        Claim(
            "MR-8",
            "other statistics, smaller networks and longer training would tell the two networks apart",
            "named as the next step",
            f"{advice(tables)}. "
            + "; ".join(f"from {IN_WORDS[start]}, {_counts(tables[start])}" for start in reversed(STARTS))
            + f"; CKA of networks of one label and of two by layer, from starts of their own: {_pairs(trained)}",
            others_tell(tables),
            count,
            name,
            f"{control}; CKA before training {_pairs(untrained)}",
            settings,
        )
    )
    return found


def _pairs(values: Array) -> str:
    return ", ".join(f"{within:.2f}/{between:.2f}" for within, between in values)


def _counts(tested: Table) -> str:
    asked = ~np.isnan(tested.p)
    by_epoch = ", ".join(
        f"{int(tested.found[:, :, at].sum())} of {int(asked[:, :, at].sum())} after epoch {epoch}"
        for at, epoch in enumerate(tested.epochs)
    )
    return f"all statistics: {by_epoch}"


def others_tell(tables: dict[str, Table]) -> bool | None:
    """Return whether a statistic that is not of the document's maps tells the labels apart from either start.

    Parameters
    ----------
    tables : dict of str to Table

    Returns
    -------
    bool or None
        None if nothing does and the least p of all shows that so few networks cannot.
    """
    others = slice(len(MAPS), None)
    if any(tested.found[others].any() for tested in tables.values()):
        return True
    return None if min(np.nanmin(tested.p) for tested in tables.values()) > LEVEL else False


def advice(tables: dict[str, Table]) -> str:
    """Return a sentence on which statistic to use: the one that tells the labels apart in most places and epochs.

    Parameters
    ----------
    tables : dict of str to Table
    """
    both = list(tables.values())
    shares, sizes = np.zeros(len(STATISTICS)), np.zeros(len(STATISTICS))
    for row in range(len(STATISTICS)):
        asked = np.array([~np.isnan(each.p[row]) for each in both])
        told = np.array([each.found[row] for each in both])
        size = np.array([np.abs(each.effects[row]) for each in both])
        shares[row] = told[asked].mean()
        sizes[row] = np.median(size[asked])
    if not shares.any():
        return "None of the statistics tells the two labels apart"
    best = max(range(len(STATISTICS)), key=lambda row: (shares[row], sizes[row]))
    return (
        f"Use {STATISTICS[best]}: {shares[best]:.0%} of its places and epochs tell the labels apart, with a median "
        f"effect of {sizes[best]:.1f} deviations"
    )


def sections(results: Results) -> Iterator[Section]:
    """Draw the effect of every statistic in every layer after every epoch that is looked at."""
    labels = faces.kind(faces.faces(results.data)).labels
    for start in reversed(STARTS):
        tested = table(results, start)
        yield Section(
            f"telling-{start}",
            f"Which statistics tell {labels[0]} and {labels[1]} apart, from {IN_WORDS[start]} (MR-7, MR-8)",
            plots.effect_table(
                tested.effects,
                tested.found,
                STATISTICS,
                tested.layers,
                [str(epoch) for epoch in tested.epochs],
                f"{labels[0]} against {labels[1]}: size of the difference over that between seeds",
            ),
            "A table of coloured cells: a row for each statistic, in each layer a column for each epoch.",
            "A number is the difference of two labels in deviations between networks of one label (of similarities, in "
            "deviations between relabellings). Cells with a frame tell the labels apart, at a false discovery rate of "
            f"{LEVEL:.0%} over all statistics of networks and over all similarities, or as the largest of all.",
            (_of_maps(results, start) + ".",),
        )


EXPERIMENT = Experiment(jobs, claims, sections)
