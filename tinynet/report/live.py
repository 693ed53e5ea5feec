"""The network that lives in the page: with which pictures, and in which orders its units go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinynet.classes import predicted
from tinynet.datasets.dataset import PLANTED
from tinynet.explain.units.outputs import unit_outputs
from tinynet.pages.live import Live, pictures_that_fit
from tinynet.report.findings import Findings
from tinynet.report.samples import stratified_sample
from tinynet.report.sections.knockouts import order_names

if TYPE_CHECKING:
    from tinynet.datasets import Dataset

FAIR = 60  # pictures, about, that errors are measured on
MISTAKES = 12  # misclassified ones, at most, besides


def living(found: Findings, test: Dataset, rng: int) -> Live:
    """Return the network with pictures to try it on: a fair sample and some more that are misclassified, these first.

    Parameters
    ----------
    found : Findings
    test : Dataset
        The images it is tested on.
    rng : int
        Seed of the sample.
    """
    room = pictures_that_fit(test.input_shape)
    draw = np.random.default_rng(rng)
    tried = draw.permutation(found.tried)
    labels = test.labels[tried]
    fair = np.zeros(len(tried), bool)
    fair[stratified_sample(labels, FAIR, draw)[:room]] = True
    wrong = predicted(found.net(test.x[tried])) != labels
    more = np.flatnonzero(wrong & ~fair)[: min(MISTAKES, room - int(fair.sum()))]
    kept = np.concatenate([np.flatnonzero(fair), more])
    kept = kept[np.lexsort((tried[kept], labels[kept], ~wrong[kept]))]
    shown = tried[kept]
    scores = {order_names(by_strength=False): found.support, order_names(by_strength=True): found.strength}
    units = {*found.strength, *unit_outputs(found.net)}
    in_front = found.net.names[1 : found.net.names.index(found.net.logits)]
    return Live(
        net=found.net,
        classes=found.data.classes,
        units=[name for name in in_front if name in units],
        noun=found.noun,
        scores=scores,
        x=test.x[shown],
        labels=test.labels[shown],
        fair=fair[kept],
        planted=test.masks[PLANTED][shown] if PLANTED in test.masks else None,
    )
