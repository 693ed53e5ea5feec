"""FM-2 and FM-3: 128 hidden units after one epoch and after ten, figures 1 and 2."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinynet import plots
from tinynet.explain.metrics.feature_match import class_directions
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.farias.candidates import recipes
from tinynet.studies.farias.networks import parts
from tinynet.studies.farias.paper import CHOSEN, FIGURE_1, FIGURE_2, figure_1, figure_2, is_papers, reached, untrained
from tinynet.studies.farias.pictures import notes, row_name, similarity
from tinynet.studies.farias.runs import Sweep

HITS = 8  # of ten features match their own class better than any other
AT_LEAST = (
    "of the candidate rates, the least accurate one that reaches the number on validation images, a sixth of the "
    "training images; candidates from earlier trials"
)
MARGIN = 0.1  # of match and cosine, in every pair of networks of one seed


def claims(results: Results) -> list[Claim]:
    """Judge the features after one epoch, and after ten."""
    sweep = Sweep.of(results)
    return [explainable(results, sweep), unexplainable(results, sweep)]


def explainable(results: Results, sweep: Sweep) -> Claim:
    """Judge FM-2."""
    group = figure_1(sweep)
    document = ("128 hidden units, one epoch: features resemble the digits", "85.88 %, figure 1")
    if group is None:
        return untrained(results, "FM-2", *document)
    rates = "; ".join(f"{other.setting}: {percents(other.each('accuracy'))}" for other in sweep.groups((128,), 1))
    accurate = reached(group, FIGURE_1) or not is_papers(results)
    holds = accurate and np.median(group.each("hits")) >= HITS
    return results.claim(
        "FM-2",
        *document,
        f"{group} can be reached; all rates: {rates}",
        holds,
        len(group.runs),
        control=group.control,
        settings=CHOSEN,
    )


def unexplainable(results: Results, sweep: Sweep) -> Claim:
    """Judge FM-3: after ten epochs against after one, seed by seed."""
    first, last = figure_1(sweep), figure_2(sweep)
    document = ("the same at ten epochs: almost nothing distinguishable, high correlation", "94.86 %, figure 2")
    if first is None or last is None:
        return untrained(results, "FM-3", *document)
    lost, gained = first.gain(last, "match"), last.gain(first, "overlap")
    measured = (
        f"{last}; less match than after one epoch by {spread(lost, '.2f')}, more |cosine| by {spread(gained, '.2f')}"
    )
    accurate = last.accuracy >= FIGURE_2.accuracy or not is_papers(results)
    holds = accurate and min(lost.min(), gained.min()) > MARGIN
    return results.claim("FM-3", *document, measured, holds, len(lost), control=last.control, settings=AT_LEAST)


def sections(results: Results) -> Iterator[Section]:
    """Show the features, and how alike they are."""
    sweep, classes = Sweep.of(results), results.data.classes
    first, last = figure_1(sweep), figure_2(sweep)
    if first is None or last is None:
        return
    train = parts(results.data).train
    directions = class_directions(train.x, train.labels)
    rows = {
        "the classes\nmean less mean of all": directions,
        **{row_name(group): features for group in (first, last) if (features := group.features) is not None},
    }
    yield Section(
        "features",
        "What ten output units want to see (FM-2, FM-3)",
        plots.unit_features(rows, classes, "Features of the output units, 128 hidden units", notes(rows, directions)),
        "Three rows of ten images: the classes, and the features of the ten outputs after one and after ten epochs.",
        "Figures 1 and 2, drawn anew for the first seed. Grey is 0, light is where the target for the pixel is high. "
        "Below each feature stands its cosine with its class: the first row.",
        (f"After one epoch: {first}.", f"After ten: {last}."),
    )
    yield Section(
        "similarity",
        "How alike the features are (FM-2, FM-3)",
        similarity(rows, classes),
        "Three tables of cosines: among the classes, and among the features after one and after ten epochs.",
        "White is 1, grey 0, black -1. Features that can be told apart have a white diagonal on grey; where the rest "
        "is light or black, they point the same way, or the opposite one.",
    )


EXPERIMENT = Experiment(recipes, claims, sections)
