"""Can the page be trusted? What was checked before anything is believed, in a line each."""

from __future__ import annotations

from tinynet.plots import count_of
from tinynet.report.findings import Findings
from tinynet.report.sections.knockouts import against_chance, class_error, telling_counts
from tinynet.report.sections.words import listed, percent

FEW = 10  # test images of a class, below which one of them is much


def about(found: Findings) -> str:
    """Return what was trained on what, and how well it does, in one sentence."""
    names = found.data.classes
    return (
        f"A network with {count_of(found.unit_count, found.noun)} learned to tell {count_of(len(names), 'class')} of "
        f"pictures apart ({found.data.name}: {listed(names)}); it misreads {found.test_errors:,} of "
        f"{count_of(found.n_test, 'test image')}."
    )


def in_a_sentence(found: Findings) -> str:
    """Return what was found, in one sentence."""
    if found.learned_little:
        return (
            f"This network has learned little: it misclassifies {percent(found.test_error)} of the test images, where "
            f"guessing misclassifies {percent(found.guessing_error)}; what follows explains little."
        )
    curves = found.by_support
    at = telling_counts(curves.counts)[0]
    without, chance = (class_error(errors)[at] for errors in (curves.strongest, curves.random))
    return (
        f"Without {_share(curves.counts[at] / curves.counts[-1])} of its {found.noun}s, those that add most to the "
        f"score of a class, the network misreads {percent(without)} of that class's test images; without as many "
        f"drawn at random, {percent(chance)}."
    )


def _share(share: float) -> str:
    """Return about how much a share is, in words."""
    words = {1: "all", 1 / 2: "half", 1 / 3: "a third", 1 / 4: "a quarter", 1 / 5: "a fifth", 1 / 6: "a sixth"}
    nearest = min(words, key=lambda each: abs(each - share))
    return words[nearest] if nearest == share else f"about {words[nearest]}"


def trust(found: Findings) -> dict[str, str]:
    """Return what tells whether the page can be trusted, by what was checked."""
    compared = against_chance(found)
    rows = {
        "Has the network learned?": f"{percent(found.test_error)} of {count_of(found.n_test, 'test image')} are "
        f"misclassified; naming the most frequent class every time would misclassify {percent(found.guessing_error)}.",
        "Was every class tested?": f"No: there is no test image of {listed(found.untested)}."
        if found.untested
        else f"Yes, all {len(found.data.classes):,} of them{_few(found)}.",
        "Do rankings beat chance?": f"{compared.verdict()}. {compared.in_words()}",
        "Is the map of pixels sound?": found.audited.in_words(),
    }
    if found.hits is not None:
        rows["Is what is known found?"] = found.hits.in_words()
    return rows


def _few(found: Findings) -> str:
    """Return a warning where a single test image changes the error of its class by much."""
    fewest = int(found.confusion.sum(axis=1).min())
    if fewest >= FEW:
        return ""
    return (
        f", but there are classes with only {count_of(fewest, 'test image')}: one image more or less moves the "
        f"error of such a class by {100 / fewest:.1f} percentage points"
    )
