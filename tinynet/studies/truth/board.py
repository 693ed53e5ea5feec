"""The leaderboard: methods in order of what they are worth, ties told as ties, and who passes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet import plots
from tinynet.notebook import ShownAsText
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import rank_correlation, spread
from tinynet.studies.truth.methods import CENTRE, CHANCE, CONTROLS, EDGES
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TWICE = 2.0  # a method passes with so many times what the edge detector has, and what it has on a random network
COLUMNS = (
    ("precision", "pixels/precision"),
    ("random net", "pixels/random"),
    ("look-alikes", "pixels/against"),
    ("mass", "pixels/mass"),
    ("hits", "pixels/hits"),
    ("mark", "shortcut/with"),
    ("no mark", "shortcut/without"),
    ("units", "units/methods"),
)


@dataclass(frozen=True, eq=False)
class Board(ShownAsText):
    """What each method is worth by each truth on networks of one kind.

    Attributes
    ----------
    title : str
        What networks these are.
    names : tuple of str
        Of the methods, and then the controls.
    numbers : sequence of mapping of str to ndarray
        As `judging.judged` returns them, for each network; what some truth did not measure has no column.
    """

    title: str
    names: tuple[str, ...]
    numbers: Sequence[Numbers]

    def each(self, measure: str) -> Array:
        """Return a measure of every network and method.

        Parameters
        ----------
        measure : str
            Such as "pixels/precision".

        Returns
        -------
        ndarray of shape (networks, names)
        """
        found = np.stack([np.asarray(numbers[measure], np.float64) for numbers in self.numbers])
        return found.mean(axis=2) if found.ndim == 3 else found

    def of(self, name: str, measure: str = "pixels/precision") -> Array:
        """Return a measure of one method, one number a network."""
        return np.asarray(self.each(measure)[:, self.names.index(name)])

    @property
    def methods(self) -> list[str]:
        """The names without the controls."""
        controls = {control.name for control in CONTROLS}
        return [name for name in self.names if name not in controls]

    @cached_property
    def order(self) -> list[str]:
        """All names by their mean average precision, the best first."""
        means = self.each("pixels/precision").mean(axis=0)
        return [self.names[index] for index in np.argsort(-means, kind="stable")]

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Rank of each name; the first of a tie gives all of them theirs.

        Notes
        -----
        Going down in order, a method is tied with the first of the tie above it unless that one is ahead on every
        network: with R networks of which neither method is really better, the first is ahead on all of them in one of
        2^R cases.
        """
        found: dict[str, int] = {}
        first = self.order[0]
        for place, name in enumerate(self.order, start=1):
            if place == 1 or bool((self.of(first) > self.of(name)).all()):
                first, found[name] = name, place
            else:
                found[name] = found[first]
        return found

    def passing(self) -> list[str]:
        """Return the methods with twice the edge detector's precision and twice their own on a random network, always.

        Notes
        -----
        On every single network, so that one lucky seed does not decide.
        """
        edges = self.of(EDGES.name)
        return [name for name in self.order if name in self.methods and self._passes(name, edges)]

    def showing(self) -> list[str]:
        """Return the methods with more than twice the mass inside the mark where the network learned it, always."""
        return [
            name
            for name in self.order
            if name in self.methods
            and bool((self.of(name, "shortcut/with") > TWICE * self.of(name, "shortcut/without")).all())
        ]

    def agreement(self, measure: str) -> float:
        """Return the rank correlation of the methods' order between two networks, the mean over all pairs.

        Returns
        -------
        float
            NaN for a single network, or where all methods are equal.
        """
        columns = [self.names.index(name) for name in self.methods]
        values = self.each(measure)[:, columns]
        pairs = np.array([rank_correlation(*pair) for pair in itertools.combinations(values, 2)])
        return float(np.nanmean(pairs)) if (~np.isnan(pairs)).any() else float("nan")

    def figure(self, own: str, other: str, title: str, words: tuple[str, str, str], control: ArrayLike = ()) -> Figure:
        """Return the figure of the methods without the controls: for each a row of two measures.

        Parameters
        ----------
        own, other : str
            Measures, such as "pixels/precision".
        title, words, control
            As :func:`tinynet.plots.leaderboard` takes them.
        """
        names = [name for name in self.order if name in self.methods]
        columns = [self.names.index(name) for name in names]
        return plots.leaderboard(names, self.each(own)[:, columns], self.each(other)[:, columns], control, title, words)

    def rows(self) -> list[tuple[str, ...]]:
        """Return the table: a head, and a row for each method and control in order."""
        places = list(self.ranks.values())
        columns = {name: measure for name, measure in COLUMNS if measure in self.numbers[0]}
        head = ("rank", "method", *columns)
        rows = [head]
        for name in self.order:
            rank = f"{self.ranks[name]}{'=' if places.count(self.ranks[name]) > 1 else ''}"
            cells = [self._cell(name, measure, wide=measure == "pixels/precision") for measure in columns.values()]
            rows.append((rank, name, *cells))
        return rows

    def _passes(self, name: str, edges: Array) -> bool:
        own, drawn = self.of(name), self.of(name, "pixels/random")
        return bool((own >= TWICE * edges).all() and (own >= TWICE * drawn).all())

    def _cell(self, name: str, measure: str, wide: bool) -> str:
        values = self.of(name, measure)
        if np.isnan(values).all():
            return "-"
        return spread(values, ".3f") if wide else f"{np.median(values):.3f}"

    def __str__(self) -> str:
        rows = self.rows()
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = [self.title]
        for row in rows:
            cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
            lines.append("  ".join([cells[0], row[1].ljust(widths[1]), *cells[2:]]).rstrip())
        return "\n".join(lines)


def verdict(boards: Sequence[Board]) -> str:
    """Return two sentences: which methods pass on all networks of each kind, and how the best compare with controls."""
    passed = [f"{together(board.passing())} on {board.title}" for board in boards]
    best = []
    for board in boards:
        name = next(name for name in board.order if name in board.methods)
        tied = [other for other in board.methods if board.ranks[other] == board.ranks[name] and other != name]
        level = f", tied with {together(tied)}," if tied else ""
        numbers = [f"{np.median(board.of(control.name)):.2f}" for control in (EDGES, CENTRE, CHANCE)]
        best.append(
            f"{name}{level} finds it best on {board.title}, with an average precision of "
            f"{np.median(board.of(name)):.2f} (edges {numbers[0]}, centre {numbers[1]}, chance {numbers[2]})"
        )
    return (
        f"Asked for the one feature that tells a face from all others, twice an edge detector's average precision and "
        f"twice their own on a random network, on every network, is reached by {'; by '.join(passed)}. "
        f"{'; '.join(best)}."
    )


def together(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: "a, b and c"; "no method" for none."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "no method"
