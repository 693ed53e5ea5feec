"""Target propagation: layers are told what their outputs should have been, instead of which way the loss falls."""

from tinynet.layers.base import TargetRule
from tinynet.targets.difference import DifferenceTargets
from tinynet.targets.features import extract_feature, unit_targets
from tinynet.targets.gradient import GradientTargets

__all__ = ["DifferenceTargets", "GradientTargets", "TargetRule", "extract_feature", "unit_targets"]
