"""Explanations, one file for each question that a user asks of a network."""

from tinynet.explain.features import Feature, strongest_feature
from tinynet.explain.filters import Unit, convolutional_gradient, filter_outputs, rank_units, saliency
from tinynet.explain.gradients import Gradients, class_gradient, prediction_gradient
from tinynet.explain.knockouts import KnockoutCurve, knockout_curve, knockout_sweep

__all__ = [
    "Feature",
    "Gradients",
    "KnockoutCurve",
    "Unit",
    "class_gradient",
    "convolutional_gradient",
    "filter_outputs",
    "knockout_curve",
    "knockout_sweep",
    "prediction_gradient",
    "rank_units",
    "saliency",
    "strongest_feature",
]
