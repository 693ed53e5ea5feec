"""Explanations, one file for each question that a user asks of a network."""

from tinynet.explain.ablation.confusions import Confusions, confusions
from tinynet.explain.ablation.knockouts import KnockoutCurve, knockout_curve, knockout_sweep
from tinynet.explain.ablation.orders import (
    OrderComparison,
    OrderErrors,
    area_under_curve,
    class_error_curves,
    compare_orders,
)
from tinynet.explain.ablation.pruning import pruned
from tinynet.explain.gradients import Gradients, class_gradient, class_loss_gradient, prediction_gradient
from tinynet.explain.metrics.feature_match import FeatureMatch, class_directions, feature_match
from tinynet.explain.metrics.pointing import centre_map, dilated, edge_map, pointing_game, receptive_field_centres
from tinynet.explain.synthesis.adversarial import Attack, adversarial_directions, attack
from tinynet.explain.synthesis.maximisation import MaximisedImages, class_images, gradient_feature, unit_images
from tinynet.explain.tracker import ClassGradientTracker
from tinynet.explain.units.characteristic import Feature, LookAlike, look_alike_feature, strongest_feature
from tinynet.explain.units.contributions import (
    activation_size,
    class_gradient_times_activation,
    gradient_times_activation,
)
from tinynet.explain.units.filters import Unit, convolutional_gradient, rank_units, saliency
from tinynet.explain.units.outputs import filter_outputs
from tinynet.explain.units.profiles import Consistency, consistency, cosines, gradient_profiles
from tinynet.explain.units.weakness import WeakUnits, weak_units

__all__ = [
    "Attack",
    "ClassGradientTracker",
    "Confusions",
    "Consistency",
    "Feature",
    "FeatureMatch",
    "Gradients",
    "KnockoutCurve",
    "LookAlike",
    "MaximisedImages",
    "OrderComparison",
    "OrderErrors",
    "Unit",
    "WeakUnits",
    "activation_size",
    "adversarial_directions",
    "area_under_curve",
    "attack",
    "centre_map",
    "class_directions",
    "class_error_curves",
    "class_gradient",
    "class_gradient_times_activation",
    "class_images",
    "class_loss_gradient",
    "compare_orders",
    "confusions",
    "consistency",
    "convolutional_gradient",
    "cosines",
    "dilated",
    "edge_map",
    "feature_match",
    "filter_outputs",
    "gradient_feature",
    "gradient_profiles",
    "gradient_times_activation",
    "knockout_curve",
    "knockout_sweep",
    "look_alike_feature",
    "pointing_game",
    "prediction_gradient",
    "pruned",
    "rank_units",
    "receptive_field_centres",
    "saliency",
    "strongest_feature",
    "unit_images",
    "weak_units",
]
