"""LO-13 and LO-14: what is most characteristic of a face, what makes it like another, and whether that is true."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinynet import models, plots
from tinynet.datasets.dataset import PLANTED
from tinynet.explain.gradients import class_gradient, prediction_gradient
from tinynet.explain.metrics.pointing import centre_map, dilated, edge_map, pointing_game, receptive_field_centres
from tinynet.explain.prediction import PREDICTIONS
from tinynet.explain.synthesis.maximisation import class_images
from tinynet.explain.units.characteristic import look_alike_feature, strongest_feature
from tinynet.explain.units.filters import saliency
from tinynet.explain.units.outputs import filter_outputs
from tinynet.network import Network
from tinynet.pages.section import Section
from tinynet.report.samples import typical_images
from tinynet.report.sections.words import percent
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import paired_p_value, percents
from tinynet.studies.engine.trials import Trial, first_trial, on_each_network
from tinynet.types import Array

NEAR = 2  # pixels: as far as a filter of 5 x 5 sees from its middle
WAYS = ("highest", "frobenius", "max", "l1")
TIMES_ACTIVATION = "logit x activation"
ROWS = (*PREDICTIONS, TIMES_ACTIVATION)
SIGNIFICANT = 0.05
FAMILY = "family"


def places(net: Network) -> list[str]:
    """Return the outputs at which gradients are taken: the pixels and the filters of each layer."""
    return ["input", *filter_outputs(net)]


def measure(trial: Trial) -> Numbers:
    """Count how often the highest gradient lies on the planted feature, and look-alikes are predicted as kin."""
    return {**_truth(trial), **_kin(trial)}


def claims(results: Results) -> list[Claim]:
    """Judge by the planted features, where they are known."""
    characteristic = "the most characteristic feature: filter and place of the highest gradient"
    look_alike = "what makes you seem most like someone else: the highest gradient of another identity"
    kin = "figure drawn; the identities are not known to be related"
    if results.has("kin"):
        kin = (
            f"the most probable other identity is one of the two planted look-alikes for "
            f"{percents(results.stack('kin'))} of the images; chance {percents(results.stack('kin by chance'))}"
        )
    if not results.has("hits"):
        drawn = "figure drawn; what is characteristic of these faces is not known"
        return [
            results.claim("LO-13", characteristic, "a widow's peak", drawn, None),
            results.claim("LO-14", look_alike, "a smile line", kin, None),
        ]
    hits = results.stack("hits")  # networks, kinds, layers, ways
    net = first_trial(results).net
    first = places(net).index(filter_outputs(net)[0])
    thesis = hits[:, ROWS.index("probability"), first, WAYS.index("highest")]
    controls = {name: results.stack(name)[:, first] for name in ("chance", "centre", "edges", "random network")}
    best = np.unravel_index(hits.mean(axis=0).argmax(), hits.shape[1:])
    margin = np.stack([thesis - values for values in controls.values()]).min(axis=0)
    measured = (
        f"within {NEAR} pixels of the planted feature for {percents(thesis)} of the images (highest gradient of the "
        f"probability, first layer); chance {percents(controls['chance'])}, centre {percents(controls['centre'])}, "
        f"edges {percents(controls['edges'])}, random network {percents(controls['random network'])}. Best of all "
        f"that was tried: {WAYS[best[2]]} of {ROWS[best[0]].replace('_', '-')} at "
        f"{places(net)[best[1]]}, {percents(hits[:, best[0], best[1], best[2]])}. By class gradients, "
        f"{percents(results.stack('class hits'))} of the identities"
    )
    sure = paired_p_value(margin) <= SIGNIFICANT if len(margin) > 4 else bool((margin > 0).all())
    return [
        results.claim("LO-13", characteristic, "a widow's peak, by eye", measured, bool(margin.mean() > 0 and sure)),
        results.claim("LO-14", look_alike, "a smile line, by eye", kin, None),
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show features, look-alikes, hits, and images of classes."""
    trial = first_trial(results)
    net, data = trial.net, trial.data
    layer = filter_outputs(net)[0]
    typical = typical_images(data.x, data.labels, len(data.classes))
    masks = data.masks[PLANTED] if PLANTED in data.masks else None
    shown = int(typical[min(1, len(typical) - 1)])
    label = int(data.labels[shown])
    gradient = prediction_gradient(net, data.x[[shown]], label, "probability", layers=[layer])[layer][0]
    outputs = net.trace(data.x[[shown]])[layer][0]
    yield Section(
        "characteristic",
        "What is your most characteristic feature? (LO-13)",
        plots.feature_sheet(
            data.x[shown],
            outputs,
            gradient,
            strongest_feature(net, {layer: gradient}),
            f"Most characteristic of {plots.short(data.classes[label], 2)}: prediction gradient of the probability",
            mask=None if masks is None else masks[shown],
        ),
        "A face with a box, the outputs of the first filters, and their prediction gradients.",
        "Figure 4.3, drawn anew. Below, white raises the probability of the true identity and black lowers it; the box "
        "marks the highest gradient, and on the face the pixels that this place sees. Dashed: the planted feature.",
        (),
    )
    found = look_alike_feature(net, data.x[shown], label, of="probability")
    other = prediction_gradient(net, data.x[[shown]], found.other, "probability", layers=[layer])[layer][0]
    yield Section(
        "look-alike",
        "What makes you seem most like someone else? (LO-14)",
        plots.feature_sheet(
            data.x[shown],
            outputs,
            other,
            found.feature,
            f"What makes {plots.short(data.classes[label], 1.5)} seem like "
            f"{plots.short(data.classes[found.other], 1.5)}: prediction gradient of the probability",
            other=data.x[typical[found.other]],
        ),
        "Two faces, the outputs of the first filters for the left one, and the prediction gradients of the right one.",
        "Figure 4.4, drawn anew: the gradient of another identity's probability, here the most probable one. The box "
        "marks where a little more would make the left face most like the right one.",
        (),
    )
    gradients = class_gradient(net, data.x, data.labels, "probability", layers=[layer])[layer]
    features = [strongest_feature(net, {layer: each}) for each in gradients]
    yield Section(
        "characteristic-all",
        "The most characteristic feature of everyone (LO-13)",
        plots.characteristic_features(
            data.x[typical],
            np.stack([each[feature.unit] for each, feature in zip(gradients, features, strict=True)]),
            features,
            data.classes,
            "probability",
            None if masks is None else masks[typical],
        ),
        "Each identity's typical image with a box around its most characteristic feature.",
        "The highest class gradient of the first layer, and the pixels that its place sees.",
        (),
    )
    if results.has("hits"):
        yield _hit_section(results)
    yield _class_image_section(trial)


def _hit_section(results: Results) -> Section:
    net = first_trial(results).net
    rates = results.stack("hits").mean(axis=0)
    controls = {name: results.stack(name).mean(axis=0) for name in ("chance", "centre", "edges", "random network")}
    names = [row.replace("_", "-") for row in ROWS]
    head = ("gradient of", "at", *WAYS, *controls)
    rows = [
        (kind, layer, *(percent(rate) for rate in rates[i, j]), *(percent(values[j]) for values in controls.values()))
        for i, kind in enumerate(names)
        for j, layer in enumerate(places(net))
    ]
    best = np.unravel_index(rates.argmax(), rates.shape)
    return Section(
        "truth",
        "Is that what really tells them apart? (LO-13)",
        plots.hit_rates(rates, places(net), names, WAYS, controls),
        "For each gradient and layer, how often its highest place lies on the planted feature, beside controls.",
        "Each face has one planted feature that its look-alikes lack, so what an explanation should point at is "
        f"known. Counted are images whose highest place lies within {NEAR} pixels of it: of the gradients themselves "
        "(highest), or of one of three norms over the filters. A place of a later layer stands for the pixel in the "
        "middle of what it sees. Lines are controls that know nothing of the trained network.",
        (
            f"Best is {WAYS[best[2]]} of {names[best[0]]} at {places(net)[best[1]]}: {percent(rates.max())}. "
            f"Chance there is {percent(controls['chance'][best[1]])}.",
        ),
        (head, *rows),
    )


def _class_image_section(trial: Trial) -> Section:
    net, data = trial.net, trial.data
    made = class_images(net, start=trial.train.x.mean(axis=0))
    low, high = np.quantile(made.images, (0.01, 0.99), axis=(1, 2, 3), keepdims=True)
    shown = np.clip((made.images - low) / np.where(high > low, high - low, 1), 0, 1)
    return Section(
        "class-images",
        "For comparison: images made to raise a logit",
        plots.image_grid(shown, data.classes, "Images that raise the logit of each identity, from the mean face"),
        "An image for each identity, made by gradient ascent.",
        "After Simonyan et al. 2014: pixels of the mean training image are moved along the gradient of one logit, "
        "with a penalty on leaving it. The prediction gradient asks about single units instead.",
        (f"The logits rise from {made.objective[0].mean():.1f} to {made.objective[-1].mean():.1f} on average.",),
    )


def _truth(trial: Trial) -> Numbers:
    """Return hit rates of every kind of gradient at every layer, and of the controls."""
    net, data = trial.net, trial.data
    if PLANTED not in data.masks:
        return {}
    visible = data.masks[PLANTED].any(axis=(1, 2))
    x, labels, near = data.x[visible], data.labels[visible], dilated(data.masks[PLANTED][visible], NEAR)
    layers = places(net)
    targets = {layer: receptive_field_centres(net, layer, near) for layer in layers}
    fresh = models.build("thesis", data.input_shape, len(data.classes), rng=np.random.default_rng([trial.seed, 1]))
    random = prediction_gradient(fresh, x, labels, "probability", layers=layers)
    centre, edges = np.broadcast_to(centre_map(*x.shape[2:]), near.shape), edge_map(x)
    controls = {
        "chance": [targets[layer].mean() for layer in layers],
        "centre": [
            pointing_game(receptive_field_centres(net, layer, centre), targets[layer]).mean() for layer in layers
        ],
        "edges": [pointing_game(receptive_field_centres(net, layer, edges), targets[layer]).mean() for layer in layers],
        "random network": [_hits(random[layer], targets[layer])[0] for layer in layers],
    }
    hits = np.empty((len(ROWS), len(layers), len(WAYS)))
    for row, of in enumerate(PREDICTIONS):
        gradients = prediction_gradient(net, x, labels, of, layers=layers)
        hits[row] = [_hits(gradients[layer], targets[layer]) for layer in layers]
    trace, gradients = net.trace(x), prediction_gradient(net, x, labels, "logit", layers=layers)
    hits[-1] = [_hits(trace[layer] * gradients[layer], targets[layer]) for layer in layers]
    numbers = {name: np.array(values) for name, values in controls.items()}
    return {**numbers, "hits": hits, "class hits": np.array(_class_hits(trial))}


def _hits(maps: Array, targets: Array) -> list[float]:
    """Return hit rates of gradients of shape (N, C, h, w): of the highest entry, and of each norm over the maps."""
    ways = [maps.max(axis=1), *(np.asarray(saliency(maps, norm)) for norm in WAYS[1:])]
    return [float(pointing_game(way, targets).mean()) for way in ways]


def _class_hits(trial: Trial) -> float:
    """Return the share of classes whose highest class gradient lies on the feature in the typical image."""
    net, data = trial.net, trial.data
    layer = filter_outputs(net)[0]
    typical = typical_images(data.x, data.labels, len(data.classes))
    gradients = class_gradient(net, data.x, data.labels, "probability", layers=[layer])[layer]
    near = receptive_field_centres(net, layer, dilated(data.masks[PLANTED][typical], NEAR))
    return float(pointing_game(gradients.max(axis=1), near).mean())


def _kin(trial: Trial) -> Numbers:
    """Return how often the most probable other identity is of the same planted family."""
    data = trial.data
    if FAMILY not in data.attributes:
        return {}
    families = np.array([data.attributes[FAMILY][data.labels == label][0] for label in range(len(data.classes))])
    outputs = trial.net.with_layers(trial.net.layers[:-1])(data.x)
    outputs[np.arange(len(data)), data.labels] = -np.inf
    kin = families[outputs.argmax(axis=1)] == families[data.labels]
    related = (families[:, None] == families).sum(axis=1) - 1
    chance = (related / (len(families) - 1))[data.labels].mean()
    return {"kin": np.array(kin.mean()), "kin by chance": np.array(chance)}


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
