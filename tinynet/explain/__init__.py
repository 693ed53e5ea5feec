"""Explanations, one file for each question that a user asks of a network."""

from tinynet.explain.adversarial import Attack, adversarial_directions, attack
from tinynet.explain.contributions import activation_size, class_contribution, contribution
from tinynet.explain.features import Feature, LookAlike, look_alike_feature, strongest_feature
from tinynet.explain.filters import Unit, convolutional_gradient, filter_outputs, rank_units, saliency
from tinynet.explain.flow import Misreadings, misreadings
from tinynet.explain.gradients import Gradients, class_gradient, class_loss_gradient, prediction_gradient
from tinynet.explain.knockouts import KnockoutCurve, knockout_curve, knockout_sweep
from tinynet.explain.likeness import Likeness, class_directions, likeness
from tinynet.explain.orders import OrderComparison, OrderErrors, area, class_error_curves, compare_orders
from tinynet.explain.pointing import at_places, centre_map, edge_map, pointing_hits, widened
from tinynet.explain.profiles import Consistency, consistency, cosines, gradient_profiles
from tinynet.explain.pruning import pruned
from tinynet.explain.synthesis import ClassImages, class_images, gradient_feature, unit_images
from tinynet.explain.weakness import WeakUnits, weak_units

__all__ = [
    "Attack",
    "ClassImages",
    "Consistency",
    "Feature",
    "Gradients",
    "KnockoutCurve",
    "Likeness",
    "LookAlike",
    "Misreadings",
    "OrderComparison",
    "OrderErrors",
    "Unit",
    "WeakUnits",
    "activation_size",
    "adversarial_directions",
    "area",
    "at_places",
    "attack",
    "centre_map",
    "class_contribution",
    "class_directions",
    "class_error_curves",
    "class_gradient",
    "class_images",
    "class_loss_gradient",
    "compare_orders",
    "consistency",
    "contribution",
    "convolutional_gradient",
    "cosines",
    "edge_map",
    "filter_outputs",
    "gradient_feature",
    "gradient_profiles",
    "knockout_curve",
    "knockout_sweep",
    "likeness",
    "look_alike_feature",
    "misreadings",
    "pointing_hits",
    "prediction_gradient",
    "pruned",
    "rank_units",
    "saliency",
    "strongest_feature",
    "unit_images",
    "weak_units",
    "widened",
]
