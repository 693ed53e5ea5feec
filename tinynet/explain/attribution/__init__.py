"""Which pixels matter: gradients along paths, class activation maps, relevance, covers, Shapley values."""

from tinynet.explain.attribution.cam import grad_cam, hires_cam, layer_cam
from tinynet.explain.attribution.covering import occlusion, rise
from tinynet.explain.attribution.lrp import (
    Composite,
    LRPAlphaBeta,
    LRPBox,
    LRPEpsilon,
    LRPFlat,
    LRPGamma,
    LRPWSquare,
    LRPZero,
    Rule,
    excitation_backpropagation,
    relevance,
)
from tinynet.explain.attribution.path import (
    absolute_gradient,
    blurred,
    gradient_times_input,
    integrated_gradients,
    smooth_gradient,
)
from tinynet.explain.attribution.relu import deconvolution, guided_backpropagation
from tinynet.explain.attribution.result import Attribution
from tinynet.explain.attribution.shapley import grid, shapley_values
from tinynet.explain.attribution.targets import target_features

__all__ = [
    "Attribution",
    "Composite",
    "LRPAlphaBeta",
    "LRPBox",
    "LRPEpsilon",
    "LRPFlat",
    "LRPGamma",
    "LRPWSquare",
    "LRPZero",
    "Rule",
    "absolute_gradient",
    "blurred",
    "deconvolution",
    "excitation_backpropagation",
    "grad_cam",
    "gradient_times_input",
    "grid",
    "guided_backpropagation",
    "hires_cam",
    "integrated_gradients",
    "layer_cam",
    "occlusion",
    "relevance",
    "rise",
    "shapley_values",
    "smooth_gradient",
    "target_features",
]
