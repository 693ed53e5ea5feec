"""The claims of the study, from the boards of networks with tanh and with ReLU; and the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tinynet import plots
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.truth.board import TWICE, Board, together, verdict
from tinynet.studies.truth.judging import SCORES, Judging, chosen
from tinynet.studies.truth.methods import CHANCE, EDGES
from tinynet.types import Array

FEW = 3  # networks: a verdict over fewer is none
MOST_LEFT = 0.75  # of the accuracy that may be left when the feature is erased, if the truth is one of the network
ALIKE = (0.8, 0.55)  # least rank correlation of two seeds' orders by precision and by hits, in a prototype
MAPS = "pixels/maps"


def boards(results: Results) -> list[Board]:
    """Return one board for each kind of networks, with the numbers of all jobs on the same network side by side.

    Parameters
    ----------
    results : Results
        Of `Judging` jobs.
    """
    kinds: dict[str, dict[int, list[Judging]]] = {}
    for job in results.jobs:
        assert isinstance(job, Judging)
        kinds.setdefault(job.training.activation, {}).setdefault(job.training.seed, []).append(job)
    return [_board(activation, by_seed, results) for activation, by_seed in kinds.items()]


def _board(activation: str, by_seed: dict[int, list[Judging]], results: Results) -> Board:
    jobs = next(iter(by_seed.values()))
    methods = [name for job in jobs for name in job.methods]
    controls = [method.name for method in chosen(())]
    counts = [len(job.methods) for job in jobs]
    numbers = []
    for same in by_seed.values():
        found = [results.found[job] for job in same]
        together_ = dict(found[0])
        for name in ("precision", "random", "against", "mass", "hits", "maps"):
            together_[f"pixels/{name}"] = _joined(found, f"pixels/{name}", counts)
        for name in ("shortcut/with", "shortcut/without", "units/methods"):
            together_[name] = _joined(found, name, counts)
        numbers.append(together_)
    return Board(title(activation, len(numbers)), (*methods, *controls), numbers)


def title(activation: str, networks: int) -> str:
    """Return what a board's networks are called."""
    return plots.count_of(networks, f"{'ReLU' if activation == 'relu' else activation} network")


def _joined(found: Sequence[dict[str, Array] | object], name: str, counts: Sequence[int]) -> Array:
    """Return the entries of all methods, and then those of the controls, which every job has."""
    arrays = [numbers[name] for numbers in found]  # type: ignore[index]
    own = [array[:count] for array, count in zip(arrays, counts, strict=True)]
    return np.concatenate([*own, arrays[0][counts[0] :]])


def printed(results: Results) -> str:
    """Return the leaderboards, and the verdict in two sentences; nothing if no drawn faces were asked about."""
    found = boards(results)
    return "\n\n".join([*map(str, found), verdict(found)]) if found else ""


def claims(results: Results) -> list[Claim]:
    """Judge what the boards say, if drawn faces were asked about."""
    found = boards(results)
    return [results.claim(*row, seeds=results.budget.seeds) for row in rows(found)] if found else []


Row = tuple[str, str, str, str, "bool | None"]


def rows(found: Sequence[Board]) -> list[Row]:
    """Return the claims as rows: id, claim, document, measured, and whether it holds.

    Parameters
    ----------
    found : sequence of Board
        Of networks with tanh and, where there are such, with ReLU.
    """
    return [
        _truth(found),
        *(_passing(board, f"TR-{number}") for number, board in zip((2, 3), found, strict=False)),
        _baseline(found),
        _modified(found),
        _look_alikes(found),
        _seeds(found),
        _shortcut(found),
        _shown(found),
        _units(found),
        _knockouts(found),
    ]


def _truth(found: Sequence[Board]) -> Row:
    before, after = (_scalars(found, f"pixels/{name}") for name in ("accuracy", "accuracy without"))
    return (
        "TR-1",
        "what is known of the data is true of the network: erasing the planted feature makes it fail",
        "a prototype: from 0.96 to 0.5",
        f"test accuracy {percents(before)} with the features, {percents(after)} without; "
        f"{spread(_scalars(found, 'pixels/images'), 'g')} images a network are asked about, those whose logit falls or "
        "whose prediction turns wrong",
        _judged(found, bool((after <= MOST_LEFT * before).all())),
    )


def _passing(board: Board, id: str) -> Row:
    passed = board.passing()
    best = ", ".join(
        f"{name} {spread(board.of(name), '.2f')}, random network {spread(board.of(name, 'pixels/random'), '.2f')}"
        for name in passed[:3]
    )
    return (
        id,
        f"some methods reach twice an edge detector's average precision and twice their own on a random network, on "
        f"every one of {board.title}",
        "",
        f"{len(passed)} of {len(board.methods)} do: {together(passed)}; {best or 'none'}; edge detector "
        f"{spread(board.of(EDGES.name), '.3f')}, chance {spread(board.of(CHANCE.name), '.3f')}",
        _judged([board], bool(passed)),
    )


def _baseline(found: Sequence[Board]) -> Row:
    mean, black = (
        np.concatenate([board.of(f"integrated gradients from {start}") for board in found])
        for start in ("the mean image", "black")
    )
    return (
        "TR-4",
        "what stands for absent decides: from the mean image, integrated gradients find more than from black",
        "a prototype: 0.24; gradient times input, from black, 0.05",
        f"average precision {spread(mean, '.2f')} from the mean image, {spread(black, '.2f')} from black",
        _judged(found, bool((mean > black).all())),
    )


def _modified(found: Sequence[Board]) -> Row:
    names = ("guided backprop", "deconvolution")
    claim = "guided backpropagation and deconvolution say nearly the same of a network that has learned nothing"
    board = next((board for board in found if set(names) <= set(board.names)), None)
    if board is None:
        return ("TR-5", claim, "Adebayo et al. 2018; Nie et al. 2018", "no networks of ReLUs were trained", None)
    ratios = {name: board.of(name) / np.maximum(board.of(name, "pixels/random"), 1e-12) for name in names}
    told = "; ".join(f"{name} {spread(ratio, '.1f')} times" for name, ratio in ratios.items())
    holds = bool(all((ratio < TWICE).all() for ratio in ratios.values()))
    return (
        "TR-5",
        claim,
        "Adebayo et al. 2018; Nie et al. 2018",
        f"average precision over that on a random network: {told}",
        _judged([board], holds),
    )


def _look_alikes(found: Sequence[Board]) -> Row:
    gains = [(_of_methods(board, "pixels/against") - _of_methods(board, "pixels/precision")) for board in found]
    share = [float((gain.mean(axis=0) > 0).mean()) for gain in gains]
    holds = all(part > 0.5 for part in share)
    told = "; ".join(
        f"on {board.title} {100 * part:.0f} % of the methods gain, on the mean {gain.mean():+.3f}"
        for board, part, gain in zip(found, share, gains, strict=True)
    )
    return (
        "TR-6",
        "asked what speaks against the look-alikes, most methods find the feature better than asked for the logit",
        "a prototype: cleaner",
        told,
        _judged(found, holds),
    )


def _seeds(found: Sequence[Board]) -> Row:
    claim = "networks of different seeds put the methods into nearly the same order by precision, less so by hits alone"
    document = f"a prototype: {ALIKE[0]} to 0.99 by precision, {ALIKE[1]} to 0.88 by hits"
    if min(len(board.numbers) for board in found) < 2:
        return ("TR-7", claim, document, "one network has no other to be compared with", None)
    by = {what: [board.agreement(f"pixels/{what}") for board in found] for what in ("precision", "hits")}
    told = "; ".join(f"by {what} {', '.join(f'{number:.2f}' for number in numbers)}" for what, numbers in by.items())
    holds = all(
        precision >= ALIKE[0] and precision > hits for precision, hits in zip(by["precision"], by["hits"], strict=True)
    )
    boards_ = together([board.title for board in found])
    measured = f"mean rank correlation of two networks' orders, on {boards_}: {told}"
    return ("TR-7", claim, document, measured, _judged(found, holds))


def _shortcut(found: Sequence[Board]) -> Row:
    used, unused = (_scalars(found, f"shortcut/others {what}") for what in ("with", "without"))
    falls, control = (_scalars(found, f"shortcut/fall {what}") for what in ("with", "without"))
    return (
        "TR-8",
        "a network uses a mark that goes with one person of each family in training: without it their logits fall",
        "",
        f"logits fall by {spread(falls, '.2f')}, of networks that never saw the mark by {spread(control, '.2f')}; put "
        f"on other people, {percents(used)} of the images are predicted as one who carried it, {percents(unused)} "
        "by networks that never saw it",
        _judged(found, bool((falls > np.maximum(control, 0)).all())),
    )


def _shown(found: Sequence[Board]) -> Row:
    told = "; ".join(
        f"on {board.title}: {len(board.showing())} of {len(board.methods)}, {together(board.showing())}"
        for board in found
    )
    return (
        "TR-9",
        "maps show that a network uses the mark: twice the mass inside it that the same pixels have where it does not, "
        "on every network",
        "",
        told,
        _judged(found, all(board.showing() for board in found)),
    )


def _units(found: Sequence[Board]) -> Row:
    scores = np.stack([numbers["units/scores"].mean(axis=1) for board in found for numbers in board.numbers])
    told = "; ".join(f"{name} {spread(values, '.2f')}" for name, values in zip(SCORES, scores.T, strict=True))
    norm, size = scores[:, 0], scores[:, 1]
    return (
        "TR-10",
        "gradient times activation ranks filters more as they are worth than the size of their gradient does",
        "Lo 2016 ranks by size of the gradient",
        f"rank correlation with exact Shapley values of all filters of a layer, mean over layers: {told}; all but the "
        "last with their size",
        _judged(found, bool((size > norm).all())),
    )


def _knockouts(found: Sequence[Board]) -> Row:
    alone = np.stack([numbers["units/knock-outs"] for board in found for numbers in board.numbers])
    told = "; ".join(f"layer {at + 1}: {spread(values, '.2f')}" for at, values in enumerate(alone.T))
    return (
        "TR-11",
        "knocking out one filter at a time ranks them nearly as all coalitions do",
        "",
        f"rank correlation with exact Shapley values, {told}",
        _judged(found, bool((alone >= ALIKE[0]).all())),
    )


def sections(results: Results) -> Iterator[Section]:
    """Show the leaderboards, the mark, and the maps of one face."""
    found = boards(results)
    for board in found:
        kind = board.title.split()[1].lower()
        yield Section(
            f"leaderboard-{kind}",
            f"Which methods find the planted feature, {board.title}",
            board.figure(
                "pixels/precision",
                "pixels/random",
                f"Average precision for the planted feature, {board.title}",
                ("average precision", "trained", "random network"),
                board.of(EDGES.name),
            ),
            "For each method a row of dots, one a network, and of crosses, for networks with random weights.",
            "Average precision for the pixels of the feature that only this person has. Dots are trained networks, "
            "crosses networks whose weights were drawn anew; the dashed line is an edge detector. Methods that share a "
            "rank are tied: the first of them is not ahead on every network. Precision, mass and hits are of the "
            "logit; look-alikes is the precision of maps for the logit less those of the look-alikes; mark and no mark "
            "are the mass inside the planted mark where the network learned it and where it did not; units is the rank "
            "correlation with exact Shapley values of filters.",
            (verdict([board]),),
            tuple(board.rows()),
        )
        yield Section(
            f"shortcut-{kind}",
            f"Do maps show a planted shortcut? {board.title}",
            board.figure(
                "shortcut/with",
                "shortcut/without",
                f"Mass inside the mark, {board.title}",
                ("share of the map inside the mark", "trained with the mark", "trained without it"),
            ),
            "For each method dots for networks that learned the mark, and crosses for those that did not.",
            "A bright square went with one person of each family in training. How much of each map lies inside it, for "
            "test images of these people with the square put in.",
            (f"More than twice as much, on every network: {together(board.showing())}.",),
        )
        first = board.numbers[0]
        yield Section(
            f"maps-{kind}",
            f"Maps of one face, {board.title}",
            plots.attribution_maps(
                first["pixels/image"][0],
                first["pixels/mask"][0],
                first[MAPS][[board.names.index(name) for name in board.order], 0],
                board.order,
                "What each method says of one face, the best first",
            ),
            "An image and the map of each method, with the outline of the planted feature.",
            "Every map has its own scale. The outline is the planted feature, which the network's prediction rests on.",
        )


def _of_methods(board: Board, measure: str) -> Array:
    return board.each(measure)[:, [board.names.index(name) for name in board.methods]]


def _scalars(found: Sequence[Board], name: str) -> Array:
    return np.array([float(numbers[name]) for board in found for numbers in board.numbers])


def _judged(found: Sequence[Board], holds: bool) -> bool | None:
    """Return the verdict, or None if it would rest on too few networks."""
    return holds if min(len(board.numbers) for board in found) >= FEW else None
