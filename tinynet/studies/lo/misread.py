"""LO-21: whether the gradients of the wrongly predicted class say why an image is misread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tinynet import plots
from tinynet.classes import predicted
from tinynet.explain.ablation.knockouts import knockout_sweep
from tinynet.explain.units.contributions import gradient_times_activation
from tinynet.explain.units.filters import Unit
from tinynet.explain.units.outputs import filter_outputs
from tinynet.explain.units.profiles import gradient_profiles
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import paired_p_value, percents
from tinynet.studies.engine.trials import Trial, on_each_network
from tinynet.types import Array

COUNTS = (1, 2, 3, 5)  # filters knocked out at once
DRAWS = 20  # random sets of each size, for each image
ENOUGH = 20  # misread images, over all networks, for a verdict
SIGNIFICANT = 0.05
WRONG, TRUE, RANDOM = "strongest of the wrong class", "strongest of the true class", "random filters"
FOR_WRONG = "speaking most for the wrong class"
WAYS = (WRONG, FOR_WRONG, TRUE, RANDOM)


def measure(trial: Trial) -> Numbers:
    """Knock out filters of each misread image, and note whether it is read right then."""
    net, data = trial.net, trial.data
    answers = predicted(net(data.x))
    misread = np.flatnonzero(answers != data.labels)
    names = filter_outputs(net)
    units = [Unit(name, at) for name in names for at in range(net.shapes[name][0])]
    shape = (len(misread), len(WAYS), len(COUNTS))
    numbers = {"back": np.zeros(shape), "moved": np.zeros(shape), "misread": np.array(len(misread))}
    if not len(misread):
        return numbers
    x, labels, answers = data.x[misread], data.labels[misread], answers[misread]
    contributions = gradient_times_activation(net, x, answers, "probability", layers=names)
    scores = {
        WRONG: gradient_profiles(net, x, answers, "probability", layers=names),
        FOR_WRONG: np.concatenate([contributions[name] for name in names], axis=1),
        TRUE: gradient_profiles(net, x, labels, "probability", layers=names),
    }
    rng = np.random.default_rng(trial.seed)
    for image in range(len(misread)):
        sets = [_strongest(units, ranked[image], count) for ranked in scores.values() for count in COUNTS]
        sets += [_drawn(units, count, rng) for count in COUNTS for _ in range(DRAWS)]
        found = predicted(knockout_sweep(net, x[image : image + 1], sets))[:, 0]
        for what, happened in (("back", found == labels[image]), ("moved", found != answers[image])):
            ranked, drawn = np.split(happened, [len(scores) * len(COUNTS)])
            numbers[what][image, :-1] = ranked.reshape(len(scores), len(COUNTS))
            numbers[what][image, -1] = drawn.reshape(len(COUNTS), DRAWS).mean(axis=1)
    return numbers


def _strongest(units: Sequence[Unit], scores: Array, count: int) -> dict[str, list[int]]:
    order = np.argsort(-scores, kind="stable")[:count]
    return _by_layer([units[at] for at in order])


def _drawn(units: Sequence[Unit], count: int, rng: np.random.Generator) -> dict[str, list[int]]:
    return _by_layer([units[at] for at in rng.choice(len(units), count, replace=False)])


def _by_layer(units: Sequence[Unit]) -> dict[str, list[int]]:
    return {name: [unit.unit for unit in units if unit.layer == name] for name in {unit.layer for unit in units}}


def claims(results: Results) -> list[Claim]:
    """Judge whether the filters of the wrong class turn images back more often than the controls do."""
    back, moved = (np.concatenate([numbers[what] for numbers in results.numbers]) for what in ("back", "moved"))
    means = back.mean(axis=2)
    over = {name: means[:, WAYS.index(WRONG)] - means[:, WAYS.index(name)] for name in (RANDOM, TRUE)}
    sure = {name: paired_p_value(difference) for name, difference in over.items()}
    holds = all(over[name].mean() > 0 and p <= SIGNIFICANT for name, p in sure.items()) if len(back) else False
    measured = "no image is misread"
    if len(back):
        shares = {name: _shares(back[:, at]) for at, name in enumerate(WAYS)}
        left = {name: percents([moved[:, WAYS.index(name)].mean()]) for name in (WRONG, RANDOM, TRUE)}
        measured = (
            f"of {len(back)} misread images, {shares[WRONG]} are read right without the {_listed()} filters of the "
            f"strongest gradients of the wrong class; by those that speak most for it (activation x gradient) "
            f"{shares[FOR_WRONG]}. More than random filters with p = {sure[RANDOM]:.2g}, more than the true class's "
            f"with p = {sure[TRUE]:.2g}. They leave the wrong class for whatever other in {left[WRONG]} of the tries, "
            f"random filters in {left[RANDOM]}, the true class's in {left[TRUE]}"
        )
    return [
        results.claim(
            "LO-21",
            "the gradients of the other classes say why an image is misread",
            'eq. 1: they "may be of interest in understanding why the network makes certain mistakes"',
            measured,
            holds if len(back) >= ENOUGH else None,
            control=f"{RANDOM} {_shares(back[:, -1])}; {TRUE} {_shares(back[:, WAYS.index(TRUE)])}"
            if len(back)
            else "",
            settings=f"all of the numbers {_listed()} count alike; nothing is chosen",
        )
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show how often misread images turn back."""
    kept = [numbers["back"].mean(axis=0) for numbers in results.numbers if numbers["misread"]]
    if not kept:
        return
    back = 100 * np.array(kept)
    yield Section(
        "misread",
        "Can a misread image be turned back? (LO-21)",
        plots.beside_controls(
            {
                f"without {count}, % right": {name: back[:, way, at] for way, name in enumerate(WAYS)}
                for at, count in enumerate(COUNTS)
            },
            "Misread images without the filters of the wrong class",
            measured=2,
        ),
        "Points for each network: the share of misread images that are read right without some filters.",
        "For each misread image, filters are ranked by its own gradients of the class that it is taken for. If those "
        "say why, the image turns back without them, more often than without others.",
        (),
    )


def _shares(back: Array) -> str:
    return ", ".join(f"{100 * share:.1f}" for share in back.mean(axis=0)) + " %"


def _listed() -> str:
    return f"{', '.join(map(str, COUNTS[:-1]))} and {COUNTS[-1]}"


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
