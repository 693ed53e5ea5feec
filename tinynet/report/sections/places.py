"""Where in an image the network looks: characteristic features, and the pixels that matter."""

from __future__ import annotations

import numpy as np

from tinynet import plots
from tinynet.datasets.dataset import PLANTED
from tinynet.explain.units.characteristic import Feature
from tinynet.pages.section import Section
from tinynet.plots import count_of, gradient_of, number
from tinynet.report.findings import Findings
from tinynet.report.sections.words import listed, percent


def glance(findings: Findings) -> Section:
    """Show what is most characteristic of a few classes, those with the highest gradients, for the first screen."""
    data, hits, planted = findings.data, findings.hits, None
    order = sorted(range(len(data.classes)), key=lambda label: -findings.features[label].value)
    order = order[: plots.MOST_AT_A_GLANCE]
    names, found = [data.classes[label] for label in order], [findings.features[label] for label in order]
    typical = findings.typical[order]
    boxes = [f"{name} {_place(feature, data.input_shape)}" for name, feature in zip(names, found, strict=True)]
    some = f"Of {len(data.classes):,} classes, the {len(order)} with the highest gradients. "
    outline = ""
    if hits is not None:
        planted = data.masks[PLANTED][typical]
        outline = (
            f" Dashed blue: an outline around the planted feature, which is known because it was drawn in. The box "
            f"touches it (a hit) for {hits.hit[order].sum()} of these {len(order)}, for {hits.hit.sum()} of all "
            f"{len(data.classes):,}."
        )
    return Section(
        "glance",
        "At a glance",
        plots.feature_boxes(data.x[typical], found, names, planted),
        f"Images of {count_of(len(order), 'class')}, each with a box where the network finds what is most "
        f"characteristic: {listed(boxes)}.",
        f"{some if len(order) < len(data.classes) else ''}Orange box: where a little more would raise the score of the "
        f"class (its {gradient_of(findings.of)}) the most.{outline}",
    )


def _place(feature: Feature, shape: tuple[int, ...]) -> str:
    """Return where in an image a feature lies, in words."""
    words = []
    for box, length, names in zip(feature.box, shape[1:], (("top", "bottom"), ("left", "right")), strict=True):
        middle = (box.start + box.stop) / 2 / length
        words += [names[0]] if middle < 0.4 else [names[1]] if middle > 0.6 else []
    return f"at the {' '.join(words)}" if words else "in the middle"


def features(findings: Findings) -> Section:
    """Show the most characteristic feature of each class."""
    data, found = findings.data, findings.features
    shown = data.x[findings.typical]
    maps = np.array([findings.gradients[f.layer][label, f.unit] for label, f in enumerate(found)])
    planted = None if findings.hits is None else data.masks[PLANTED][findings.typical]
    words, where = [], "filter and place" if found[0].layer != "input" else "pixel"
    size = [found[0].box[axis].stop - found[0].box[axis].start for axis in (0, 1)]
    if findings.hits is not None:
        hits, chance = findings.hits.hit, findings.hits.chance
        names = [name for name, hit in zip(data.classes, hits, strict=True) if hit]
        words.append(
            f"What tells each class from the others is known here (dashed outline). The box touches it (hit) for "
            f"{hits.sum()} of {count_of(len(hits), 'class')}{': ' + listed(names) if names else ''}. Boxes put at "
            f"random places would touch it for {chance.sum():.1f} of them on average."
        )
    top = int(np.argmax([f.value for f in found]))
    words.append(f"The highest gradient of all is that of {data.classes[top]} ({number(found[top].value)}).")
    return Section(
        "features",
        "What is most characteristic",
        plots.characteristic_features(shown, maps, found, data.classes, findings.of, planted),
        f"Each class's image with a box around its most characteristic feature. {words[0]}",
        f"The {where} at which a little more would raise the {gradient_of(findings.of)} of the class the most. On the "
        f"left the box of {size[1]} x {size[0]} pixels that it sees, drawn on the class's typical image; on the right "
        "the class gradient of that map: white raises, black lowers, grey does nothing.",
        tuple(words),
    )


def pixels(findings: Findings) -> Section:
    """Show which pixels of the typical images matter."""
    data, found = findings.data, []
    if findings.hits is not None:
        masks = data.masks[PLANTED][findings.typical]
        total = findings.saliency.sum(axis=(1, 2))
        inside = (findings.saliency * masks).sum(axis=(1, 2))
        shares = np.divide(inside, total, out=np.zeros(len(total)), where=total > 0)
        found.append(
            f"{percent(shares.mean())} of the saliency falls on what tells the class from the others, on "
            f"{percent(masks.mean())} of the pixels: {shares.mean() / masks.mean():.1f} times its share."
        )
    found.append(findings.audited.in_words())
    return Section(
        "saliency",
        "Which pixels matter",
        plots.saliency_maps(data.x[findings.typical], findings.saliency, data.classes, findings.of),
        "Each class's image beside a map of how much each of its pixels matters. " + " ".join(found),
        f"The brighter a pixel on the right, the more a small change of it would change the {gradient_of(findings.of)} "
        "of the true class of this one image. The map says how the network would answer to changes, not what made it "
        "decide.",
        tuple(found),
    )
