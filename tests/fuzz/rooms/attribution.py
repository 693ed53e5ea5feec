"""Right calls of the methods that say which pixels matter."""

from __future__ import annotations

import tinynet as tn
from tests.fuzz.calls import Call
from tests.fuzz.examples import images, labels, net
from tinynet import explain

about = {"net": net, "x": images, "target": labels, "batch_size": 4}
relus = tn.Network([tn.Conv2D(3, 3), tn.ReLU(), tn.Flatten(), tn.Dense(3), tn.Softmax()], (1, 8, 8), rng=0)
about_relus = {**about, "net": relus}
numbers = "negative, fraction, huge"
fine = {"target": "one axis less", "baseline": numbers, "replace": numbers}

CALLS = [
    Call(explain.absolute_gradient, about, fine),
    Call(explain.gradient_times_input, about, fine),
    Call(explain.integrated_gradients, {**about, "steps": 3}, fine | {"steps": "huge"}),
    Call(explain.smooth_gradient, {**about, "samples": 2}, fine | {"samples": "huge"}),
    Call(explain.grad_cam, about, fine),
    Call(explain.hires_cam, about, fine),
    Call(explain.layer_cam, about, fine),
    Call(explain.relevance, {**about, "rule": explain.LRPEpsilon()}, fine),
    Call(explain.occlusion, {**about, "size": 3, "stride": 2}, fine),
    Call(explain.rise, {**about, "samples": 4, "cells": 3}, fine | {"samples": "huge"}),
    Call(
        explain.shapley_values,
        {**about, "players": explain.grid((1, 8, 8), 2), "samples": 2},
        fine | {"samples": "huge"},
    ),
    Call(explain.target_features, about, fine),
    Call(explain.guided_backpropagation, about_relus, fine),
    Call(explain.excitation_backpropagation, about_relus, fine),
    Call(
        explain.deconvolution,
        {"net": relus, "x": images, "layer": "relu1", "units": [0, 1], "batch_size": 4},
        called={"units": "unit"},
    ),
    Call(explain.blurred, {"x": images}, {"x": "one axis less, too short"}),
    Call(explain.grid, {"shape": (1, 8, 8), "rows": 2}),
    Call(explain.LRPEpsilon),
    Call(explain.LRPGamma),
    Call(explain.LRPAlphaBeta),
    Call(explain.LRPBox, {}, {"low": numbers, "high": numbers}),
]
RESULTS = ("Attribution", "Composite", "Rule", "LRPFlat", "LRPWSquare", "LRPZero")
