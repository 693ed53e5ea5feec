"""Which units matter: filters, profiles, contributions, weak units, characteristic features."""

from tinynet.explain.units.characteristic import Feature, LookAlike, look_alike_feature, strongest_feature
from tinynet.explain.units.contributions import (
    activation_size,
    class_gradient_times_activation,
    contribution,
    gradient_times_activation,
)
from tinynet.explain.units.filters import Unit, convolutional_gradient, rank_units, saliency
from tinynet.explain.units.outputs import filter_outputs, ranked_outputs, unit_outputs
from tinynet.explain.units.profiles import Consistency, consistency, cosines, gradient_profiles
from tinynet.explain.units.scores import class_scores, particular_scores, unit_scores
from tinynet.explain.units.weakness import WeakUnits, weak_units

__all__ = [
    "Consistency",
    "Feature",
    "LookAlike",
    "Unit",
    "WeakUnits",
    "activation_size",
    "class_gradient_times_activation",
    "class_scores",
    "consistency",
    "contribution",
    "convolutional_gradient",
    "cosines",
    "filter_outputs",
    "gradient_profiles",
    "gradient_times_activation",
    "look_alike_feature",
    "particular_scores",
    "rank_units",
    "ranked_outputs",
    "saliency",
    "strongest_feature",
    "unit_outputs",
    "unit_scores",
    "weak_units",
]
