"""Right calls of `tinynet.explain`."""

from __future__ import annotations

import numpy as np

from tests.fuzz.calls import Call
from tests.fuzz.examples import gradients, images, labels, net, profiles, rng, scores, units
from tinynet import SquaredError, explain

about = {"net": net, "x": images, "labels": labels}
some_layers = {"layers": ["tanh1", "relu1"]}
counts = np.array([1, 2, 4])
one = {"target": "one axis less"}  # one class for all images
numbers = {"replace": "negative, fraction, huge"}
order = [("tanh1", 0), ("relu1", 1)]

CALLS = [
    Call(explain.ClassGradientTracker, some_layers),
    Call(
        explain.prediction_gradient,
        {"net": net, "x": images, "target": labels, **some_layers, "batch_size": 4},
        fine=one,
    ),
    Call(explain.prediction_gradient, {"net": net, "x": images, "target": 1, "class_chunk": 2}),
    Call(explain.class_gradient, {**about, "of": "probability", **some_layers, "batch_size": 4}),
    Call(explain.class_loss_gradient, {**about, "loss": SquaredError(), **some_layers, "batch_size": 4}),
    Call(explain.gradient_times_activation, {"net": net, "x": images, "target": labels, **some_layers}, fine=one),
    Call(explain.class_gradient_times_activation, {**about, **some_layers}),
    Call(explain.activation_size, {**about, **some_layers}),
    Call(explain.gradient_profiles, {**about, **some_layers}),
    Call(
        explain.convolutional_gradient, {"gradient": gradients["tanh1"]}, fine={"gradient": "one axis less, too short"}
    ),
    Call(
        explain.saliency, {"gradient": gradients["tanh1"]}, fine={"gradient": "one axis less, too short, one axis more"}
    ),
    Call(
        explain.rank_units,
        {"scores": {name: score[0] for name, score in scores.items()}},
        fine={"scores": "text as a key"},
    ),
    Call(explain.filter_outputs, {"net": net}),
    Call(explain.strongest_feature, {"net": net, "gradients": {"tanh1": gradients["tanh1"][0]}}),
    Call(explain.look_alike_feature, {"net": net, "image": images[0], "label": 1, "other": 2, **some_layers}),
    Call(explain.knockout_curve, {**about, "order": order}, called={"order": "unit, layer"}, fine=numbers),
    Call(
        explain.knockout_sweep,
        {"net": net, "x": images, "candidates": [units]},
        called={"candidates": "unit, layer"},
        fine=numbers,
    ),
    Call(explain.pruned, {"net": net, "units": units}, called={"units": "layer"}),
    Call(explain.class_error_curves, {**about, "scores": scores, "counts": counts}, called={"scores": "layer"}),
    Call(
        explain.compare_orders,
        {**about, "scores": scores, "classes": [0, 2], "counts": [1, 2], "repeats": 2, "rng": 0},
        called={"scores": "layer"},
    ),
    Call(
        explain.area_under_curve,
        {"curves": rng.random((2, 3)), "counts": counts},
        fine={"curves": "one axis less, too short"},
    ),
    Call(explain.confusions, {"predictions": np.tile(labels, (2, 1)), "labels": labels, "classes": 3}),
    Call(explain.weak_units, {"scores": scores, "count": 2}, fine={"scores": "text as a key"}),
    Call(explain.cosines, {"profiles": profiles}, fine={"profiles": "too short"}),
    Call(explain.consistency, {"profiles": profiles, "labels": labels, "resamples": 9, "rng": 0}),
    Call(explain.class_directions, {"x": images, "labels": labels}),
    Call(explain.feature_match, {"features": images[:3], "directions": images[3:]}),
    Call(explain.pointing_game, {"maps": images[:, 0], "masks": images[:, 0] > 0.5}),
    Call(
        explain.dilated,
        {"masks": images[:, 0] > 0.5, "reach": 1},
        fine={"masks": "one axis less, too short, one axis more"},
    ),
    Call(explain.edge_map, {"images": images}, fine={"images": "too short"}),
    Call(explain.centre_map, {"height": 4, "width": 5}),
    Call(explain.receptive_field_centres, {"net": net, "layer": "tanh1", "pixels": images[:, 0] > 0.5}),
    Call(explain.unit_images, {"net": net, "layer": "tanh1", "units": [0, 1], "steps": 2}, fine={"start": "negative"}),
    Call(explain.class_images, {"net": net, "classes": [0, 2], "steps": 2}, fine={"start": "negative"}),
    Call(explain.gradient_feature, {"net": net, "layer": "relu1", "units": [0], "start": images[0]}),
    Call(explain.adversarial_directions, {"net": net, "x": images, "target": labels}, fine=one),
    Call(explain.attack, {**about, "steps": np.array([0.0, 0.1]), "limits": (0.0, 1.0)}, fine={"steps": "too short"}),
]
RESULTS = tuple(
    "Attack Confusions Consistency Feature Gradients KnockoutCurve FeatureMatch LookAlike MaximisedImages "
    "OrderComparison OrderErrors Unit WeakUnits".split()
)
