"""Right calls of the figures."""

from __future__ import annotations

import numpy as np

import tinynet as tn
from tests.fuzz.calls import Call
from tests.fuzz.examples import data, gradients, images, labels, names, net, scores, trace
from tinynet import explain, plots

titles = ["one", "two", "three"]
text = "text, empty text"
maps = np.abs(images[:3, 0])
comparison = explain.compare_orders(net, images, labels, scores, counts=[1, 2], repeats=2)
weak = explain.weak_units(scores, 2)
attack = explain.attack(net, images, labels, np.array([0.0, 0.1]))
feature = explain.strongest_feature(net, {"tanh1": gradients["tanh1"][0]})
run = tn.History([0.5, 0.4], [0.5, 0.6], [0.6, 0.5], [0.4, 0.5])
fine = {"title": text, "titles": "text within, empty text", "columns": "huge", "noun": text, "what": text}

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
    Call(
        plots.filter_sheet,
        {"image": images[0], "filters": {"edge": images[0, 0, :2, :2]}, "outputs": trace["tanh1"][0, :1]},
        fine=fine,
    ),
    Call(
        plots.confusion,
        {"counts": np.eye(3, dtype=int), "classes": list(names)},
        fine=fine | {"classes": "text within"},
    ),
    Call(plots.history, {"run": run}),
    Call(plots.knockout_curves, {"comparison": comparison}, fine=fine),
    Call(
        plots.knockouts_by_class,
        {"comparison": comparison, "classes": list(names)},
        fine=fine | {"classes": "text within"},
    ),
    Call(plots.weak_lists, {"found": weak, "classes": list(names)}, fine=fine | {"classes": "text within"}),
    Call(plots.adversarial_curves, {"found": attack, "classes": list(names)}, fine=fine | {"classes": "text within"}),
    Call(plots.gradient_of, {"of": "logit"}),
    Call(plots.number, {"value": 0.5}, fine={"value": "negative"}),
    Call(plots.short, {"text": "a long name", "width": 0.5}, fine={"text": text}),
    Call(plots.count_of, {"how_many": 3, "what": "filter"}, fine={"what": text, "how_many": "huge"}),
]
RESULTS = ("Panel", "Sheet")
