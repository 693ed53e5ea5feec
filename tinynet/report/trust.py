"""Can the page be trusted? What was checked before anything is believed, in a line each."""

from __future__ import annotations

import numpy as np

from tinynet.plots import count_of
from tinynet.report.findings import Findings
from tinynet.report.sections.knockouts import class_error, telling_counts
from tinynet.report.sections.words import listed, percent

FEW = 10  # test images of a class, below which one of them is much


def in_a_sentence(found: Findings) -> str:
    """Return what was found, in one sentence."""
    if found.learned_little:
        return (
            f"This network has learned little: it misclassifies {percent(found.test_error)} of the test images, where "
            f"guessing misclassifies {percent(found.guessing_error)}; what follows explains little."
        )
    curves = found.by_support
    at = telling_counts(curves.counts)[0]
    taken, (before, without) = int(curves.counts[at]), class_error(curves.strongest)[[0, at]]
    chance = class_error(curves.random)[at]
    some = f"the one of its {found.unit_count:,} {found.noun}s that speaks"
    if taken > 1:
        some = f"the {taken:,} of its {found.unit_count:,} {found.noun}s that speak"
    return (
        f"Without {some} most for a class, {percent(without)} of the class's images are misclassified instead of "
        f"{percent(before)}; without {taken:,} drawn at random, {percent(chance)}."
    )


def trust(found: Findings) -> dict[str, str]:
    """Return what tells whether the page can be trusted, by what was checked."""
    rows = {
        "Has the network learned?": f"{percent(found.test_error)} of {count_of(found.n_test, 'test image')} are "
        f"misclassified; naming the most frequent class every time would misclassify {percent(found.guessing_error)}.",
        "Was every class tested?": f"No: there is no test image of {listed(found.untested)}."
        if found.untested
        else f"Yes, all {len(found.data.classes):,} of them{_few(found)}.",
        "Do rankings beat chance?": _against_chance(found),
        "Is the map of pixels sound?": found.audited.in_words(),
    }
    if found.hits is not None:
        rows["Is what is known found?"] = found.hits.in_words()
    return rows


def _against_chance(found: Findings) -> str:
    curves = found.by_support
    high, chance = (curves.area_under_curve(errors) for errors in (curves.strongest, curves.random))
    sooner = int(np.sum(high > chance))
    return (
        f"{'Yes' if 4 * sooner >= 3 * len(high) else 'Hardly'}: without its most supporting {found.noun}s first, "
        f"{sooner} of {count_of(len(high), 'class')} fail sooner than in random orders. Averaged over how many "
        f"are taken, the class error is {percent(high.mean())}, in random orders {percent(chance.mean())}."
    )


def _few(found: Findings) -> str:
    """Return a warning where a single test image changes the error of its class by much."""
    fewest = int(found.confusion.sum(axis=1).min())
    if fewest >= FEW:
        return ""
    return (
        f", but with as few as {count_of(fewest, 'image')}: there, each is {percent(1 / fewest)} of its class's error"
    )
