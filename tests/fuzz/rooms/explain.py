"""Right calls of `tinynet.explain`."""

from __future__ import annotations

import numpy as np

import tinynet as tn
from tests.fuzz.calls import Call
from tests.fuzz.examples import gradients, images, labels, net, profiles, rng, scores, trace, units
from tinynet import SquaredError, explain

about = {"net": net, "x": images, "labels": labels}
some_layers = {"layers": ["tanh1", "relu1"]}
ANY_MAPS = "NaN, a NaN, infinite, one axis less, one axis more, too short, dict"  # a gradient may have diverged
masks = images[:, 0] > 0.5
unknown = "NaN, a NaN, infinite"
snapshots = [rng.random((3, 4)) for _ in range(3)]
alike, other = rng.random((7, 3)), rng.random((7, 4))
FLAT = {name: "one axis less, one axis more" for name in "XY"}  # features may have any shape
asked = {"net": net, "x": images, "target": labels}
counts = np.array([1, 2, 4])
filter_scores = {name: score[0] for name, score in scores.items()}
one = {"target": "one axis less"}  # one class for all images
numbers = {"replace": "negative, fraction, huge"}
order = [("tanh1", 0), ("relu1", 1)]


def method(net: tn.Network, x: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return a map an image."""
    return tn.prediction_gradient(net, x, target, layers=["input"])["input"]


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
    Call(
        explain.unit_gradient,
        {"net": net, "x": images, "layer": "tanh1", "unit": 1, "batch_size": 4},
        fine={"x": "too short"},
        called={"layer": "layer", "unit": "unit"},
    ),
    Call(explain.gradient_times_activation, {"net": net, "x": images, "target": labels, **some_layers}, fine=one),
    Call(explain.class_gradient_times_activation, {**about, **some_layers}),
    Call(explain.activation_size, {**about, **some_layers}),
    Call(explain.gradient_profiles, {"net": net, "x": images, "target": labels, **some_layers}, fine=one),
    Call(explain.convolutional_gradient, {"gradient": gradients["tanh1"]}, fine={"gradient": ANY_MAPS}),
    Call(explain.saliency, {"gradient": gradients["tanh1"]}, fine={"gradient": ANY_MAPS}),
    Call(
        explain.rank_units,
        {"scores": filter_scores},
        fine={"scores": "text as a key"},
    ),
    Call(explain.rank_units, {"scores": scores, "label": 1}, fine={"scores": "text as a key"}),
    Call(explain.filter_outputs, {"net": net}),
    Call(explain.unit_outputs, {"net": net, "kind": tn.Dense}),
    Call(explain.ranked_outputs, {"net": net}),
    Call(explain.unit_scores, {"net": net, "gradients": dict(gradients), "names": ["tanh1", "relu1"]}),
    Call(explain.class_scores, {**about, **some_layers}),
    Call(explain.particular_scores, {"scores": scores}, fine={"scores": "text as a key"}),
    Call(explain.strongest_feature, {"net": net, "gradients": {"tanh1": gradients["tanh1"][0]}}),
    Call(explain.look_alike_feature, {"net": net, "image": images[0], "label": 1, "other": 2, **some_layers}),
    Call(explain.knockout_curve, {**about, "order": order}, called={"order": "unit, layer"}, fine=numbers),
    Call(explain.knockout_curve, {**about, "order": units}, called={"order": "unit, layer"}, fine=numbers),
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
        fine={"curves": f"one axis less, too short, {unknown}", "counts": "fractions, negative"},
    ),
    Call(explain.confusions, {"predictions": np.tile(labels, (2, 1)), "labels": labels, "classes": 3}),
    Call(explain.weak_units, {"scores": scores, "count": 2}, fine={"scores": "text as a key"}),
    Call(explain.cosines, {"profiles": profiles}, fine={"profiles": "too short"}),
    Call(explain.consistency, {"profiles": profiles, "labels": labels, "resamples": 9, "rng": 0}),
    Call(explain.class_directions, {"x": images, "labels": labels}),
    Call(explain.feature_match, {"features": images[:3], "directions": images[3:]}),
    Call(
        explain.pointing_game,
        {"maps": images[:, 0], "masks": masks},
        fine={"masks": "numbers", "maps": "infinite"},
    ),
    Call(explain.mass_inside, {"maps": images[:, 0], "masks": masks}, fine={"masks": "numbers"}),
    Call(explain.mass_over_area, {"maps": images[:, 0], "masks": masks}, fine={"masks": "numbers", "maps": "infinite"}),
    Call(
        explain.region_masses,
        {"maps": {"edges": images[:, 0]}, "regions": {"mouth": masks}},
        called={"maps": "map"},
        fine={"maps": "text as a key", "regions": "text as a key"},
    ),
    Call(explain.control_maps, {"images": images}, fine={"images": "too short"}),
    Call(
        explain.at_pixels,
        {"net": net, "layer": "tanh1", "maps": trace["tanh1"][0]},
        fine={"maps": f"{unknown}, too short"},
    ),
    Call(explain.heat_maps, {"net": net, "x": images, "layers": ["tanh1"]}, fine={"x": "too short"}),
    Call(
        explain.heat_maps,
        {"net": net, "x": images, "target": labels, "method": explain.absolute_gradient, "layers": ["tanh1"]},
        fine={"x": "too short", "target": "one axis less"},
    ),
    Call(
        explain.average_precision,
        {"maps": images[:, 0], "masks": masks},
        fine={"masks": "numbers", "maps": "infinite"},
    ),
    Call(
        explain.dilated,
        {"masks": masks, "reach": 1},
        fine={"masks": "numbers, one axis less, too short, one axis more"},
    ),
    Call(explain.deletion_curves, {"maps": images[:, 0], **asked, "steps": 2, "repeats": 2}, fine=numbers | one),
    Call(explain.fidelity, {"maps": images, **asked, "samples": 4}, fine=numbers | one),
    Call(explain.noise_sensitivity, {**asked, "method": method, "samples": 2}),
    Call(explain.randomisation, {**asked, "method": method, "repeats": 1}),
    Call(explain.randomised, {"net": net, "layers": ["conv1"]}),
    Call(
        explain.rank_correlations,
        {"one": images, "other": images[::-1]},
        fine=dict.fromkeys(("one", "other"), "infinite"),
    ),
    Call(explain.audit, {**about, "method": method, "cheap": True}, fine=numbers),
    Call(explain.inspect_network, {**about, "batch_size": 4}),
    Call(
        explain.compare_designs,
        {
            "designs": {"wide": lambda seed: net, "narrow": lambda seed: net},
            "train": (images, labels),
            "test": (images, labels),
            "fit": lambda net, x, labels, seed: None,
            "margin": 0.1,
            "seeds": 2,
        },
        fine={"designs": "text as a key", "seeds": "huge"},
        called={"designs": "design"},
    ),
    Call(explain.edge_map, {"images": images}, fine={"images": "too short"}),
    Call(explain.centre_map, {"height": 4, "width": 5}),
    Call(
        explain.receptive_field_centres,
        {"net": net, "layer": "tanh1", "pixels": masks},
        fine={"pixels": "fractions, numbers, one axis less, too short"},
    ),
    Call(explain.unit_images, {"net": net, "layer": "tanh1", "units": [0, 1], "steps": 2}, fine={"start": "negative"}),
    Call(explain.class_images, {"net": net, "classes": [0, 2], "steps": 2}, fine={"start": "negative"}),
    Call(explain.gradient_feature, {"net": net, "layer": "relu1", "units": [0], "start": images[0]}),
    Call(
        explain.maximised_images,
        {"net": net, "objective": explain.Objective.units(net, "tanh1", [0, 1]), "recipe": explain.Recipe(steps=2)},
    ),
    Call(
        explain.Recipe,
        {"limits": (0.0, 1.0)},
        fine={"start": "negative, fraction, huge, array", "spectrum": "all", "limits": "negative within"},
    ),
    Call(explain.amplitude_spectrum, {"images": images}, fine={"images": "too short"}),
    Call(explain.weight_projection, {"net": net, "layer": "tanh1"}),
    Call(
        explain.deep_dream,
        {"net": net, "image": images[0], "layer": "tanh1", "octaves": 1, "steps": 1},
        fine={"image": "negative, huge, too short"},
    ),
    Call(explain.strongest_patches, {"net": net, "x": images, "layer": "tanh1", "units": [0], "count": 2}),
    Call(
        explain.projected_patches,
        {"net": net, "x": images, "patches": explain.strongest_patches(net, images, "tanh1"), "method": "gradient"},
    ),
    Call(explain.weight_statistics, {"snapshots": snapshots}),
    Call(explain.weight_movement, {"snapshots": snapshots}),
    Call(explain.weight_streaks, {"snapshots": snapshots, "columns": np.array([0, 2])}, fine={"columns": "too short"}),
    Call(explain.streaks, {"matrix": snapshots[0]}, fine={"matrix": "too short"}),
    Call(
        explain.combined_statistics,
        {"one": explain.weight_statistics(snapshots), "other": explain.weight_statistics(snapshots[1:])},
    ),
    Call(explain.cka, {"X": alike, "Y": other}, fine=FLAT),
    Call(explain.canonical_correlations, {"X": alike, "Y": other}, fine={**FLAT, "variance": "fraction"}),
    Call(explain.svcca, {"X": alike, "Y": other}, fine=FLAT),
    Call(explain.procrustes, {"X": alike, "Y": other}, fine=FLAT),
    Call(explain.match_units, {"X": alike, "Y": other}),
    Call(explain.profile_cosine, {"X": profiles, "Y": profiles}, fine={"X": "too short"}),
    Call(explain.compare_groups, {"A": alike, "B": rng.random((7, 2))}, fine={"A": "too short"}),
    Call(
        explain.group_similarity,
        {"features": [alike, other, alike + 1, other], "labels": [0, 0, 1, 1]},
        called={"features": "network"},
        fine={"labels": "True within, negative within, text within"},
    ),
    Call(
        explain.cross_knockouts,
        {
            **about,
            "other": net,
            "scores": filter_scores,
            "other_scores": filter_scores,
            "counts": [1, 2],
            "repeats": 1,
            "rng": 0,
        },
        called={"scores": "layer", "other_scores": "layer"},
    ),
    Call(explain.layer_similarity, {"net": net, "other": net, "x": images, "layers": ["tanh1"]}),
    Call(explain.permutation_null, {"measure": explain.cka, "X": alike, "Y": other, "permutations": 3}, fine=FLAT),
    Call(explain.leave_out_range, {"measure": explain.cka, "X": alike, "Y": other, "count": 1}, fine=FLAT),
    Call(explain.adversarial_directions, {"net": net, "x": images, "target": labels}, fine=one),
    Call(explain.attack, {**about, "steps": np.array([0.0, 0.1]), "limits": (0.0, 1.0)}, fine={"steps": "too short"}),
]
RESULTS = tuple(
    "Advice Attack Audit Check Confusions Consistency CrossKnockouts DeletionCurves DesignComparison Dream "
    "Feature FeatureMatch Gradients GroupComparison GroupSimilarity Inspection KnockoutCurve LayerSimilarity "
    "LeaveOutRange LookAlike MaximisedImages Objective OrderComparison OrderErrors Patches PermutationNull "
    "Randomisation RegionMasses Streaks Unit UnitMatching UnitStates WeakUnits WeightMovement WeightProjection "
    "WeightStatistics".split()
)
