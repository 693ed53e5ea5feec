"""Is an explanation true: the pointing game, its controls, and how well pictures match classes."""

from tinynet.explain.metrics.audit import Audit, Check, audit
from tinynet.explain.metrics.deletion import DeletionCurves, deletion_curves
from tinynet.explain.metrics.feature_match import FeatureMatch, class_directions, feature_match
from tinynet.explain.metrics.fidelity import fidelity, noise_sensitivity
from tinynet.explain.metrics.localisation import (
    RegionMasses,
    average_precision,
    control_maps,
    mass_inside,
    mass_over_area,
    region_masses,
)
from tinynet.explain.metrics.pointing import (
    at_pixels,
    centre_map,
    dilated,
    edge_map,
    pointing_game,
    receptive_field_centres,
)
from tinynet.explain.metrics.randomisation import Randomisation, randomisation, randomised, rank_correlations

__all__ = [
    "Audit",
    "Check",
    "DeletionCurves",
    "FeatureMatch",
    "Randomisation",
    "RegionMasses",
    "at_pixels",
    "audit",
    "average_precision",
    "centre_map",
    "class_directions",
    "control_maps",
    "deletion_curves",
    "dilated",
    "edge_map",
    "feature_match",
    "fidelity",
    "mass_inside",
    "mass_over_area",
    "noise_sensitivity",
    "pointing_game",
    "randomisation",
    "randomised",
    "rank_correlations",
    "receptive_field_centres",
    "region_masses",
]
