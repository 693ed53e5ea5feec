"""What a unit wants to see: activation maximisation, and images that are changed until they are another class."""

from tinynet.explain.synthesis.adversarial import Attack, adversarial_directions, attack
from tinynet.explain.synthesis.maximisation import MaximisedImages, class_images, gradient_feature, unit_images

__all__ = [
    "Attack",
    "MaximisedImages",
    "adversarial_directions",
    "attack",
    "class_images",
    "gradient_feature",
    "unit_images",
]
