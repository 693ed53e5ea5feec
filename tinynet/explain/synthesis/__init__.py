"""What a unit wants to see: activation maximisation, dreams, weights as pictures, and images that are changed.

Images that are changed until they are another class are in `adversarial`.
"""

from tinynet.explain.synthesis.adversarial import Attack, adversarial_directions, attack
from tinynet.explain.synthesis.dream import Dream, deep_dream
from tinynet.explain.synthesis.maximisation import (
    MaximisedImages,
    class_images,
    gradient_feature,
    maximised_images,
    unit_images,
)
from tinynet.explain.synthesis.objective import Objective
from tinynet.explain.synthesis.patches import Patches, projected_patches, strongest_patches
from tinynet.explain.synthesis.projections import WeightProjection, weight_projection
from tinynet.explain.synthesis.recipe import Recipe, amplitude_spectrum

__all__ = [
    "Attack",
    "Dream",
    "MaximisedImages",
    "Objective",
    "Patches",
    "Recipe",
    "WeightProjection",
    "adversarial_directions",
    "amplitude_spectrum",
    "attack",
    "class_images",
    "deep_dream",
    "gradient_feature",
    "maximised_images",
    "projected_patches",
    "strongest_patches",
    "unit_images",
    "weight_projection",
]
