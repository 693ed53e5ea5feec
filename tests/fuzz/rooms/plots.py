"""Right calls of the figures."""

from __future__ import annotations

import numpy as np

import tinynet as tn
from tests.fuzz.calls import Call
from tests.fuzz.examples import data, gradients, images, labels, names, net, rng, scores, trace
from tinynet import explain, plots

titles = ["one", "two", "three"]
text = "text, empty text"
maps = np.abs(images[:3, 0])
comparison = explain.compare_orders(net, images, labels, scores, counts=[1, 2], repeats=2)
weak = explain.weak_units(scores, 2)
attack = explain.attack(net, images, labels, np.array([0.0, 0.1]))
feature = explain.strongest_feature(net, {"tanh1": gradients["tanh1"][0]})
run = tn.History([0.5, 0.4], [0.5, 0.6], [0.6, 0.5], [0.4, 0.5])
snapshots = [rng.random((3, 4)) for _ in range(3)]
designs = explain.DesignComparison(("a", "b"), np.array([9, 4]), rng.random((2, 3)), rng.random((2, 3)), 0.1)
masks = images[:, 0] > 0.5
plane = tn.Network([tn.Dense(2), tn.Tanh(), tn.Dense(1), tn.Sigmoid()], (2,), rng=0)
words = dict.fromkeys(("title", "noun", "what", "of", "text", "shade_name"), text)  # any text will do
lists = dict.fromkeys(
    ("titles", "classes", "names", "rows", "columns", "layers", "kinds", "ways", "order"), "text within"
)
unknown = "NaN, a NaN, infinite"  # numbers that nobody knows leave a gap
fine = words | lists

CALLS = [
    Call(plots.image_grid, {"images": images[:3], "titles": titles}, fine=fine | {"images": "too short"}),
    Call(plots.data_sample, {"data": data, "per_class": 2}, fine={"per_class": "huge"}),
    Call(plots.activation_functions, {"layers": {"tanh": tn.Tanh()}}, fine={"layers": "text as a key"}),
    Call(plots.saliency_maps, {"images": images[:3], "maps": maps, "titles": titles}, fine=fine),
    Call(
        plots.ranking_table, {"scores": scores, "images": images[:3], "titles": titles}, fine=fine | {"shown": "huge"}
    ),
    Call(plots.network_circles, {"scores": scores, "images": images[:3], "titles": titles}, fine=fine),
    Call(plots.feature_maps, {"net": net, "image": images[0]}, fine=fine),
    Call(plots.map_sheet, {"net": net, "image": images[0], "layer": "tanh1"}, fine=fine),
    Call(
        plots.picture_rows,
        {"rows": {"wide": images[:3]}, "names": titles, "title": "t", "signed": ["wide"]},
        fine=fine | {"rows": "text as a key", "signed": "text within, wholes, fractions, NaN, floats"},
    ),
    Call(plots.animated_gif, {"frames": images[:3]}, fine={"frames": "negative, huge, too short, one axis more"}),
    Call(
        plots.filter_sheet,
        {"image": images[0], "filters": {"edge": images[0, 0, :2, :2]}, "outputs": trace["tanh1"][0, :1]},
        fine=fine,
    ),
    Call(
        plots.confusion,
        {"counts": np.eye(3, dtype=int), "classes": list(names)},
        fine=fine,
    ),
    Call(plots.history, {"run": run}),
    Call(
        plots.ranking_curves,
        {"counts": [0, 1], "curves": {"a": np.ones((2, 3, 2))}, "chance": np.ones((3, 2)), "title": "t"},
        fine=fine | {"curves": "text as a key"},
    ),
    Call(
        plots.beside_controls,
        {"panels": {"cosine": {"trained": np.ones(3), "untrained": np.zeros(3)}}, "title": "t", "chance": np.ones(1)},
        fine=fine | {"panels": "text as a key", "chance": unknown},
    ),
    Call(
        plots.knockout_curve,
        {"curve": tn.knockout_curve(net, images, labels, {"tanh1": [0, 1]}), "classes": list(names)},
        fine=fine,
    ),
    Call(plots.knockout_curves, {"comparison": comparison}, fine=fine),
    Call(
        plots.knockouts_by_class,
        {"comparison": comparison, "classes": list(names)},
        fine=fine,
    ),
    Call(plots.weak_lists, {"found": weak, "classes": list(names)}, fine=fine),
    Call(plots.adversarial_curves, {"found": attack, "classes": list(names)}, fine=fine),
    Call(
        plots.adversarial_panels,
        {
            "images": images.reshape(2, 3, 1, 8, 8),
            "outputs": rng.random((2, 3, 2)),
            "rows": ["a", "b"],
            "columns": titles,
            "title": "t",
        },
        fine=fine | {"outputs": unknown},
    ),
    Call(
        plots.against_accuracy,
        {"lines": {"plain": [(rng.uniform(10, 90, 5), rng.random(5))]}, "ylabel": "match", "title": "t"},
        fine=fine | {"lines": "text as a key", "ylabel": "text, empty text"},
    ),
    Call(
        plots.bend_places,
        {"names": ["one layer"], "places": [(80.0, 70.0, 90.0)], "documented": 90.0, "title": "t"},
        fine=fine | {"places": "negative within, huge within", "documented": "negative, huge"},
    ),
    Call(
        plots.at_equal_accuracy,
        {"levels": [50, 90], "widths": [2, 4, 8], "measures": {"match": rng.random((2, 3))}, "title": "t"},
        fine=fine | {"measures": "text as a key", "levels": "negative within, huge within"},
    ),
    Call(
        plots.attribution_maps,
        {"image": images[0], "mask": masks[0], "maps": maps, "names": titles, "title": "t"},
        fine=fine | {"mask": "numbers", "maps": unknown},
    ),
    Call(
        plots.characteristic_features,
        {"images": images[:3], "maps": maps, "features": [feature] * 3, "titles": titles, "masks": masks[:3]},
        fine=fine | {"masks": "numbers, too short", "images": "too short"},
    ),
    Call(
        plots.confusion_lines,
        {"predicted_as": np.tile(np.arange(3), (2, 1)), "classes": list(names), "highlighted": 1},
        fine=fine | {"predicted_as": "too short, negative, huge"},
    ),
    Call(
        plots.feature_boxes,
        {"images": images[:3], "features": [feature] * 3, "titles": titles, "masks": masks[:3]},
        fine=fine | {"masks": "numbers"},
    ),
    Call(
        plots.feature_sheet,
        {
            "image": images[0],
            "outputs": trace["tanh1"][0],
            "gradients": gradients["tanh1"][0],
            "feature": feature,
            "title": "t",
            "mask": masks[0],
        },
        fine=fine | {"mask": "numbers", "outputs": "too short", "gradients": "too short"},
    ),
    Call(
        plots.feature_similarity,
        {"tables": {"cosines": np.eye(3)}, "names": titles, "title": "t"},
        fine=fine | {"tables": "text as a key"},
    ),
    Call(
        plots.hit_rates,
        {
            "rates": rng.random((2, 3, 2)),
            "layers": titles,
            "kinds": ["a", "b"],
            "ways": ["max", "sum"],
            "controls": {"centre": rng.random(3)},
        },
        fine=fine | {"rates": unknown, "controls": "text as a key"},
    ),
    Call(
        plots.layer_similarity,
        {
            "similarities": {"one and other": explain.LayerSimilarity(("a", "b"), ("a", "b"), rng.random((2, 2)))},
            "title": "t",
        },
        fine=fine | {"similarities": "text as a key"},
    ),
    Call(
        plots.layer_heat_maps,
        {"image": images[0], "maps": {"one": {"relu1": images[0, 0]}}, "title": "t"},
        fine=fine | {"maps": "text as a key", "image": "too short"},
    ),
    Call(
        plots.cross_knockouts,
        {"found": {"one by other": explain.CrossKnockouts(np.arange(2), *rng.random((2, 2)), rng.random((3, 2)), 0.5)}},
        fine=fine | {"found": "text as a key"},
    ),
    Call(
        plots.group_statistics,
        {
            "names": ["norm", "mean"],
            "groups": {"smile": rng.random((2, 3)), "male": rng.random((2, 3))},
            "found": explain.compare_groups(rng.random((2, 3)), rng.random((2, 3))),
            "title": "t",
        },
        fine=fine | {"groups": "text as a key"},
    ),
    Call(
        plots.leaderboard,
        {
            "names": titles,
            "own": rng.random((2, 3)),
            "other": rng.random((2, 3)),
            "control": rng.random(2),
            "title": "t",
            "words": ("share", "faces", "noise"),
        },
        fine=fine
        | {"words": "text within", "own": f"{unknown}, too short", "other": f"{unknown}, too short"}
        | {"control": f"{unknown}, too short, empty array"},
    ),
    Call(
        plots.network_accuracies,
        {"rows": {"wide": rng.random((2, 3))}, "documented": {"wide": [0.5]}, "title": "t", "near": 1.0},
        fine=fine | {"rows": "text as a key", "documented": "text as a key", "near": "negative, fraction, huge"},
    ),
    Call(
        plots.order_harms,
        {"harms": {"size": (rng.random(4), rng.random(4))}, "chance": rng.random(5), "title": "t"},
        fine=fine | {"harms": "text as a key", "chance": f"too short, {unknown}"},
    ),
    Call(
        plots.phases,
        {
            "accuracy": 50 + rng.random(9),
            "measures": {"match": rng.random(9)},
            "bends": {"match": (np.sin, 50.5, 50.2, 50.7)},
            "documented": 90.0,
            "title": "t",
            "shade": 1 + rng.random(9),
        },
        fine=fine | {"measures": "text as a key", "bends": "text as a key", "documented": "negative, fraction, huge"},
    ),
    Call(plots.planes, {"net": plane, "points": np.eye(2), "labels": np.arange(2), "title": "t"}, fine=fine),
    Call(
        plots.profile_similarity,
        {"tables": {"cosines": np.eye(6)}, "labels": labels, "classes": list(names), "of": "logit"},
        fine=fine | {"tables": "text as a key"},
    ),
    Call(
        plots.pruning_curves,
        {"counts": np.arange(3), "errors": {"before": rng.random((2, 3))}, "costs": {"time": rng.random((2, 3))}},
        fine=fine | {"errors": "text as a key", "costs": "text as a key", "counts": "huge"},
    ),
    Call(
        plots.unit_features,
        {"rows": {"wide": images[:3]}, "names": titles, "title": "t"},
        fine=fine | {"rows": "text as a key"},
    ),
    Call(plots.attribute_shares, {"shares": {"smiling": 0.5}, "title": "t"}, fine=fine | {"shares": "text as a key"}),
    Call(
        plots.weight_maps,
        {"maps": {"dense1": rng.random((3, 4))}, "title": "t", "columns": 2},
        fine={"maps": "text as a key", "title": text},
    ),
    Call(
        plots.weight_film,
        {"snapshots": snapshots, "path": "film.gif"},
        fine={"path": "text", "milliseconds": "huge"},
    ),
    Call(
        plots.weight_movement,
        {"movement": explain.weight_movement(snapshots), "steps": [0, 1, 2], "title": "t"},
        fine=fine,
    ),
    Call(
        plots.effect_table,
        {
            "effects": rng.random((2, 3, 1)),
            "found": rng.random((2, 3, 1)) > 0.5,
            "statistics": ["norm", "CKA"],
            "layers": ["conv1", "conv2", "dense1"],
            "times": ["1"],
            "title": "t",
        },
        fine=fine | {"effects": unknown},
    ),
    Call(plots.inspection, {"report": explain.inspect_network(net, images, labels)}),
    Call(plots.design_comparison, {"comparison": designs, "title": "t"}, fine=fine),
    Call(plots.visible, {"text": "a name"}, fine=fine),
    Call(plots.gradient_of, {"of": "logit"}),
    Call(plots.number, {"value": 0.5}, fine={"value": "negative"}),
    Call(plots.short, {"text": "a long name", "width": 0.5}, fine={"text": text}),
    Call(plots.count_of, {"how_many": 3, "what": "filter"}, fine={"what": text, "how_many": "huge"}),
]
RESULTS = ("Panel", "Sheet")
