"""What happens without some units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tinynet import plots
from tinynet.explain.ablation.orders import OrderErrors, area_under_curve
from tinynet.pages.section import Section
from tinynet.plots import count_of
from tinynet.report.findings import Findings
from tinynet.report.sections.words import percent
from tinynet.types import Array

MOST = 0.75  # of the classes, from which on one says that they do


class AgainstChance(NamedTuple):
    """How the two ends of a ranking compare with random orders.

    Attributes
    ----------
    sooner, later : int
        Classes that fail sooner than at random when the first go first, and later when the last go first.
    classes : int
        How many were tried.
    noun : str
        What is taken out.
    first, last : str
        What the ends are called.
    """

    sooner: int
    later: int
    classes: int
    noun: str
    first: str
    last: str

    @property
    def holds(self) -> tuple[bool, bool]:
        """Whether each end does what it should, for most classes."""
        return self.sooner >= MOST * self.classes, self.later >= MOST * self.classes

    def verdict(self) -> str:
        """Return which end of the ranking can be believed, in a few words."""
        first, last = self.holds
        if first == last:
            return "Yes, at both ends" if first else "No, at neither end"
        good, bad = (self.first, self.last) if first else (self.last, self.first)
        return f"Only at the {good} end, not at the {bad}"

    def in_words(self) -> str:
        """Return both halves of what was measured, in one sentence."""
        of_all = f"of {count_of(self.classes, 'class')}"
        return (
            f"Compared with taking {self.noun}s out in random order, taking out the {self.first} first makes "
            f"{self.sooner} {of_all} fail sooner, and taking out the {self.last} first makes {self.later} {of_all} "
            "fail later."
        )


def against_chance(findings: Findings, *, by_strength: bool = False) -> AgainstChance:
    """Compare the two ends of a ranking with random orders.

    Parameters
    ----------
    findings : Findings
    by_strength : bool
        By which ranking.
    """
    curves = findings.by_strength if by_strength else findings.by_support
    orders = (curves.strongest, curves.weakest, findings.by_support.random)
    high, low, chance = (curves.area_under_curve(errors) for errors in orders)
    counts = (int(np.sum(high > chance)), int(np.sum(low < chance)), len(chance))
    return AgainstChance(*counts, findings.noun, *order_names(by_strength=by_strength))


def knockouts(findings: Findings, *, by_strength: bool = False) -> Section:
    """Show what happens without the units of one end of a ranking, and of the other.

    Parameters
    ----------
    findings : Findings
    by_strength : bool
        Rank units by the size of the gradient, instead of by their support for the class.
    """
    curves, noun = findings.by_strength if by_strength else findings.by_support, findings.noun
    first, last = order_names(by_strength=by_strength)
    random = findings.by_support.random
    orders = {first: curves.strongest, last: curves.weakest, "random": random}
    class_error = {name: errors.class_error.mean(axis=(0, 1)) for name, errors in orders.items()}
    error = {name: errors.error.mean(axis=(0, 1)) for name, errors in orders.items()}
    found = [without(findings, at, by_strength=by_strength) for at in telling_counts(curves.counts)]
    compared = against_chance(findings, by_strength=by_strength)
    found.append(f"Does the ranking beat chance? {compared.verdict()}. {compared.in_words()}")
    found.append(_on_all_classes(curves.counts, error, last))
    found.append(f"Measured on {count_of(len(findings.tried), 'test image')}.")
    if len(curves.classes) < len(findings.data.classes):
        found.append(f"Measured for {len(curves.classes)} of {count_of(len(findings.data.classes), 'class')}.")
    header = (f"{noun}s out", *(f"class error, {name}" for name in orders), *(f"error, {name}" for name in orders))
    rows = [
        (f"{taken:,}", *(percent(values[at]) for values in [*class_error.values(), *error.values()]))
        for at, taken in enumerate(curves.counts)
    ]
    by = "the size of its gradient for the class" if by_strength else "what it adds to the prediction of the class"
    return Section(
        "knockouts-by-strength" if by_strength else "knockouts",
        f"Without the {first} {noun}s",
        plots.knockout_curves(curves, findings.of, noun, random=random, order=(first, last)),
        f"Curves of the errors as {noun}s are knocked out. " + " ".join(found[:-1]),
        f"The output of {noun}s is set to 0, one more at each step, each {noun} ranked by {by}; the network is not "
        "trained again. On the left, how many test images of that class are misclassified; on the right, how many of "
        "all. Lines are means over the classes, bands hold the middle half of them; the dashed line is the control, "
        f"{count_of(len(random.error), 'random order')}. When all are gone the network says the same for every image, "
        "which then happens to be right for one class.",
        tuple(found),
        (header, *rows),
    )


def _on_all_classes(counts: ArrayLike, error: Mapping[str, Array], last: str) -> str:
    """Return what happens to the images of all classes, the plot on the right, as a sentence."""
    first, least, chance = (float(area_under_curve(curve, counts)) for curve in error.values())
    told = (
        f"On the right, averaged along each curve, {percent(least)} of the images of all classes are misclassified "
        f"without the {last} first, {percent(chance)} in random order and {percent(first)} without the other end first"
    )
    if least <= chance:
        return f"{told}."
    return f"{told}: there the {last} first is worse than chance, for the ranking is of one class and others need them."


def order_names(*, by_strength: bool) -> tuple[str, str]:
    """Return what the two ends of a ranking are called."""
    return ("strongest", "weakest") if by_strength else ("most supporting", "least supporting")


def without(findings: Findings, at: int, *, by_strength: bool) -> str:
    """Return how the error of a class changes without some units, from what it was, as a sentence.

    Parameters
    ----------
    findings : Findings
    at : int
        Which of the numbers of knock-outs.
    by_strength : bool
        By which ranking.
    """
    curves = findings.by_strength if by_strength else findings.by_support
    high, low, chance = (class_error(e) for e in (curves.strongest, curves.weakest, findings.by_support.random))
    first, last = order_names(by_strength=by_strength)
    taken = int(curves.counts[at])
    some, ends = ("", "") if taken == 1 else (f"{taken:,} ", "s")
    return (
        f"Without the {some}{first} {findings.noun}{ends} of a class, the share of its images that are misclassified "
        f"goes from {percent(high[0])} to {percent(high[at])}, without the {some}{last} to {percent(low[at])}, without "
        f"{taken:,} drawn at random to {percent(chance[at])}."
    )


def class_error(errors: OrderErrors) -> Array:
    """Return the class error after each number of knock-outs, on average over the classes and orders."""
    return np.asarray(errors.class_error.mean(axis=(0, 1)))


def telling_counts(counts: ArrayLike) -> list[int]:
    """Return the positions of two telling numbers of knock-outs: about a fifth of all, and about a half.

    Parameters
    ----------
    counts : array_like of int
        The numbers, increasing from 0.
    """
    numbers = np.asarray(counts)
    near = [int(np.abs(numbers[1:] - share * numbers[-1]).argmin()) + 1 for share in (0.2, 0.45)]
    return sorted(set(near))
