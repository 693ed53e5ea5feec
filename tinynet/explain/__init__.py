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
from tinynet.explain.attribution import (
    Attribution,
    Composite,
    LRPAlphaBeta,
    LRPBox,
    LRPEpsilon,
    LRPFlat,
    LRPGamma,
    LRPWSquare,
    LRPZero,
    Rule,
    absolute_gradient,
    blurred,
    deconvolution,
    excitation_backpropagation,
    grad_cam,
    gradient_times_input,
    grid,
    guided_backpropagation,
    hires_cam,
    integrated_gradients,
    layer_cam,
    occlusion,
    relevance,
    rise,
    shapley_values,
    smooth_gradient,
    target_features,
)
from tinynet.explain.gradients import Gradients, class_gradient, class_loss_gradient, prediction_gradient
from tinynet.explain.metrics.audit import Audit, Check, audit
from tinynet.explain.metrics.deletion import DeletionCurves, deletion_curves
from tinynet.explain.metrics.feature_match import FeatureMatch, class_directions, feature_match
from tinynet.explain.metrics.fidelity import fidelity, noise_sensitivity
from tinynet.explain.metrics.localisation import average_precision, mass_inside
from tinynet.explain.metrics.pointing import centre_map, dilated, edge_map, pointing_game, receptive_field_centres
from tinynet.explain.metrics.randomisation import Randomisation, randomisation, randomised, rank_correlations
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
from tinynet.explain.units.outputs import filter_outputs, ranked_outputs, unit_outputs
from tinynet.explain.units.profiles import Consistency, consistency, cosines, gradient_profiles
from tinynet.explain.units.scores import particular_scores, unit_scores
from tinynet.explain.units.weakness import WeakUnits, weak_units

__all__ = [
    "Attack",
    "Attribution",
    "Audit",
    "Check",
    "ClassGradientTracker",
    "Composite",
    "Confusions",
    "Consistency",
    "DeletionCurves",
    "Feature",
    "FeatureMatch",
    "Gradients",
    "KnockoutCurve",
    "LRPAlphaBeta",
    "LRPBox",
    "LRPEpsilon",
    "LRPFlat",
    "LRPGamma",
    "LRPWSquare",
    "LRPZero",
    "LookAlike",
    "MaximisedImages",
    "OrderComparison",
    "OrderErrors",
    "Randomisation",
    "Rule",
    "Unit",
    "WeakUnits",
    "absolute_gradient",
    "activation_size",
    "adversarial_directions",
    "area_under_curve",
    "attack",
    "audit",
    "average_precision",
    "blurred",
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
    "deconvolution",
    "deletion_curves",
    "dilated",
    "edge_map",
    "excitation_backpropagation",
    "feature_match",
    "fidelity",
    "filter_outputs",
    "grad_cam",
    "gradient_feature",
    "gradient_profiles",
    "gradient_times_activation",
    "gradient_times_input",
    "grid",
    "guided_backpropagation",
    "hires_cam",
    "integrated_gradients",
    "knockout_curve",
    "knockout_sweep",
    "layer_cam",
    "look_alike_feature",
    "mass_inside",
    "noise_sensitivity",
    "occlusion",
    "particular_scores",
    "pointing_game",
    "prediction_gradient",
    "pruned",
    "randomisation",
    "randomised",
    "rank_correlations",
    "rank_units",
    "ranked_outputs",
    "receptive_field_centres",
    "relevance",
    "rise",
    "saliency",
    "shapley_values",
    "smooth_gradient",
    "strongest_feature",
    "target_features",
    "unit_images",
    "unit_outputs",
    "unit_scores",
    "weak_units",
]
