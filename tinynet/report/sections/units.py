"""Which units each class uses: what they add to its prediction, what is particular to it, and how strong they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from tinynet import plots
from tinynet.explain.units.filters import Unit
from tinynet.pages.section import Section
from tinynet.plots import count_of, gradient_of, number
from tinynet.report.findings import Findings
from tinynet.report.findings import ranking as ranked
from tinynet.report.sections.words import NAMED, listed, named, percent
from tinynet.types import Array

SHOWN = 3  # units at each end of a ranking that a table shows
SIGNIFICANT = 0.01  # p-value up to which patterns are called more alike


def support(findings: Findings) -> Section:
    """Show what each unit adds to the prediction of each class."""
    classes, noun = findings.data.classes, findings.noun
    against = np.mean([np.concatenate([values[c] for values in findings.support.values()]) < 0 for c in _all(findings)])
    found = [
        _favourite(findings.support, findings, "most supporting"),
        f"On average over the classes, {percent(float(against))} of the {noun}s speak against the class.",
    ]
    return Section(
        "support",
        "What speaks for each class",
        plots.network_circles(
            findings.support,
            findings.data.x[findings.typical],
            classes,
            findings.of,
            what="gradient times activation",
            noun=noun,
            signed=True,
        ),
        f"For each class its image and the network as rows of circles, a row for each layer. {found[0]}",
        f"One row for each layer, one circle for each {noun}, number 0 on the left. White speaks for the class, black "
        f"against it, grey does neither: it shows the {noun}'s output times the gradient of the "
        f"{gradient_of(findings.of)} of the class, added up over its map, on average over the images of the class. To "
        f"first order that is what the {gradient_of(findings.of)} would lose without the {noun}.",
        tuple(found),
    )


def particular(findings: Findings) -> Section:
    """Show which units speak for one class more than for the others."""
    classes, noun = findings.data.classes, findings.noun
    tops = {ranked(findings.particular, label)[0][0] for label in _all(findings)}
    found = [
        most_particular(findings),
        f"These are {count_of(len(tops), f'different {noun}')} for {count_of(len(classes), 'class')}.",
    ]
    shown = min(SHOWN, findings.unit_count)
    order = ("most particular", "least particular")
    return Section(
        "particular",
        "What is particular to each class",
        plots.ranking_table(
            findings.particular,
            findings.data.x[findings.typical],
            classes,
            noun=noun,
            shown=shown,
            title="Support for the class, relative to the mean of the classes, within each layer",
            order=order,
        ),
        f"A table of the {noun}s that are most particular to each class. {found[0]}",
        f"A {noun} that speaks for every class says nothing of any. So the mean over the classes is taken off what "
        f"each {noun} adds, and what is left is measured in units of what is usual in its layer, so that layers "
        "compare: 2 is twice the usual difference. Least particular are those that speak for this class much less "
        "than for the others.",
        tuple(found),
        _table(findings.particular, findings, order),
        narrow_table=True,
    )


def which_ranking(noun: str) -> str:
    """Return which ranking answers which question, as a sentence."""
    return (
        f"Which ranking for which question? Most supporting: which {noun}s does the score of a class rest on, and what "
        "should go for the class to fail? Most particular: what speaks for this class and not for the others? "
        f"Strongest: where would a small change of a {noun} change the score most, up or down? Most characteristic: "
        "where in the picture would a little more raise the score most?"
    )


def most_particular(findings: Findings) -> str:
    """Return which unit is most particular to each class, as a sentence."""
    tops = [named(ranked(findings.particular, label)[0][0], findings.noun) for label in _all(findings)[:NAMED]]
    words = [f"{unit} to {name}" for name, unit in zip(findings.data.classes, tops, strict=False)]
    rest = "; the others are below" if len(findings.data.classes) > NAMED else ""
    return f"Most particular to a class are {', '.join(words)}{rest}."


def network(findings: Findings) -> Section:
    """Show how strong each unit is for each class."""
    classes, noun = findings.data.classes, findings.noun
    values = np.array([ranked(findings.strength, label)[0][1] for label in _all(findings)])
    found = [_favourite(findings.strength, findings, "strongest")]
    if values.min() > 0:
        high, low = int(values.argmax()), int(values.argmin())
        found.append(
            f"The strongest value is largest for {classes[high]} ({number(values[high])}) and smallest for "
            f"{classes[low]} ({number(values[low])})."
        )
    else:
        silent = [name for name, value in zip(classes, values, strict=True) if value == 0]
        found.append(
            f"All gradients of {listed(silent)} are 0: where a probability has reached 1 it no longer changes. "
            "Gradients of the logit do not vanish like that."
        )
    return Section(
        "network",
        "What each class is sensitive to",
        plots.network_circles(findings.strength, findings.data.x[findings.typical], classes, findings.of, noun=noun),
        f"For each class its image and the network as rows of circles, a row for each layer. {found[0]}",
        f"The whiter a circle, the more a small change of what the {noun} puts out would change the score of the class "
        f"(its {gradient_of(findings.of)}), up or down. Black: nothing would change. White: the most in this panel. In "
        f"numbers: the size of the class gradient{' over the whole map' if noun == 'filter' else ''}, a mean over all "
        f"images of the class. A strong {noun} need not be a supporting one: it may speak against the class, or put "
        "out nothing.",
        tuple(found),
    )


def ranking(findings: Findings) -> Section:
    """Show the strongest and weakest units of each class."""
    noun, overall = findings.noun, ranked(findings.strength)
    shown = min(SHOWN, findings.unit_count)
    found = [
        f"On average over the classes, {named(overall[0][0], noun)} is the strongest ({number(overall[0][1])}) and "
        f"{named(overall[-1][0], noun)} the weakest ({number(overall[-1][1])})."
    ]
    if len(findings.strength) > 1:
        ranks = {
            layer: [at for at, (unit, _) in enumerate(overall) if unit.layer == layer] for layer in findings.strength
        }
        layers = sorted(ranks, key=lambda layer: sum(ranks[layer]) / len(ranks[layer]))
        found.append(
            f"Strongest as a layer is {layers[0]}, weakest is {layers[-1]}, by the mean rank of their {noun}s."
        )
    return Section(
        "ranking",
        f"Strongest and weakest {noun}s",
        plots.ranking_table(
            findings.strength,
            findings.data.x[findings.typical],
            findings.data.classes,
            findings.of,
            noun,
            shown,
        ),
        f"A table of the strongest and weakest {noun}s of each class. {found[0]}",
        f"Layer and number (from 0) of each {noun}, and the size of its class gradient. Bars compare with the "
        "strongest of the same class. "
        + ("Early layers have larger maps to sum over, which favours them. " if noun == "filter" else "")
        + "The whole ranking is in ranking.csv.",
        tuple(found),
        _table(findings.strength, findings, ("strongest", "weakest")),
        narrow_table=True,
    )


def profiles(findings: Findings) -> Section:
    """Show that images of one class use the network alike."""
    data, sample = findings.data, findings.sample
    chosen = [
        at for label in range(min(len(data.classes), 3)) for at in np.flatnonzero(data.labels[sample] == label)[:3]
    ]
    ends = np.cumsum([values.shape[1] for values in findings.strength.values()])[:-1]
    parts = np.split(findings.profiles[chosen], ends, axis=1)
    compared, found = findings.consistency, []
    if compared is not None:
        verdict = "more alike" if compared.p_value <= SIGNIFICANT else "no more alike"
        found = [
            f"The patterns are {verdict} within a class than between classes: the mean cosine of two images of one "
            f"class is {number(compared.within)}, of two classes {number(compared.between)} (permutation test, "
            f"p = {compared.p_value:.3f}).",
            f"For {percent(compared.nearest)} of the images, the most similar other pattern is that of an image of the "
            f"same class; chance would give {percent(compared.nearest_by_chance)}.",
        ]
    return Section(
        "profiles",
        "The same for single images",
        plots.network_circles(
            dict(zip(findings.strength, parts, strict=True)),
            data.x[sample[chosen]],
            [data.classes[label] for label in data.labels[sample[chosen]]],
            findings.of,
            what="prediction gradient",
            noun=findings.noun,
        ),
        "Images of the first classes, each with the network as rows of circles. " + " ".join(found),
        "The size of the gradients again, but for single images: three each of the first classes. If the mean over a "
        "class is to mean anything, the patterns of one class must look alike. Each pattern is of the gradient of the "
        "image's own class, so patterns of two classes also differ in what is asked.",
        tuple(found),
    )


def maps(findings: Findings) -> Section:
    """Show every unit's output for one image."""
    name, image = findings.data.classes[0], findings.data.x[findings.typical[0]]
    outputs = {output: findings.net.trace(image[None])[output][0] for output in findings.strength}
    silent = sum(
        int(np.sum(np.ptp(maps.reshape(len(maps), -1), axis=1) == 0)) for maps in outputs.values() if maps.ndim == 3
    )
    found = []
    if silent:
        found.append(
            f"{count_of(silent, findings.noun)} put out the same value everywhere: dead, or blind to this image."
        )
    return Section(
        "outputs",
        f"What the {findings.noun}s put out",
        plots.feature_maps(
            findings.net, image, f"Output of every {findings.noun} for one image of {plots.short(name, 3)}"
        ),
        f"The outputs of all {findings.noun}s for one image of {name}, a row for each layer.",
        "One row for each layer, number 0 on the left. Grey is 0, white is positive, black negative, on one scale for "
        "each layer."
        + (" Early filters show the image again, late ones know little of place." if findings.noun == "filter" else ""),
        tuple(found),
    )


def _all(findings: Findings) -> range:
    return range(len(findings.data.classes))


def _favourite(scores: Mapping[str, Array], findings: Findings, what: str) -> str:
    """Return which unit heads the rankings of most classes, and whether it says anything of a class."""
    tops: list[Unit] = [ranked(scores, label)[0][0] for label in _all(findings)]
    (unit, times), *others = Counter(tops).most_common()
    rest = f"; {count_of(len(others), 'other')} for the rest" if others else ""
    shared = ", so it says more of the network than of a class" if 2 * times > len(tops) > 1 else ""
    return f"The {what} is {named(unit, findings.noun)} for {times} of {count_of(len(tops), 'class')}{shared}{rest}."


def _table(scores: Mapping[str, Array], findings: Findings, order: tuple[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return the units at both ends of each class's ranking, as a table."""
    shown = min(SHOWN, findings.unit_count)
    rows = [("class", *(f"{end} {place + 1}" for end in order for place in range(shown)))]
    for label, name in enumerate(findings.data.classes):
        both = ranked(scores, label)
        cells = [f"{unit.layer} {unit.unit}: {number(value)}" for unit, value in both[:shown] + both[::-1][:shown]]
        rows.append((name, *cells))
    return tuple(rows)
