"""Faces drawn by code: 15 people in the 11 conditions of the Yale faces, with a mask for every part.

A person is a table of measures, a condition a table of expressions and lights, and both are drawn with a few
soft-edged shapes. The people come in five families of three look-alikes, who share nearly everything but the one
feature that is planted in each (a mole, a widow's peak, a cleft chin ...). So it is known which pixels tell a person
from the others, and an explanation can be judged by whether it points there.

From the small to the large: `canvas`, `people` (and conditions), `parts` of a face, `planted` features, `light`, and
whole `pictures`. All lengths are in pixels of the finished picture. A face has its origin on the bridge of the nose,
x to the right and y downwards.

References
----------
Belhumeur, Hespanha and Kriegman 1997, for the conditions.
"""

from tinynet.datasets.drawn.faces.canvas import FINE, PARTS, SIZE, Canvas, Pose
from tinynet.datasets.drawn.faces.people import CONDITIONS, PEOPLE, Condition, Person
from tinynet.datasets.drawn.faces.pictures import CITATION, DESCRIPTION, LICENCE, USAGE, Moment, draw, load

__all__ = [
    "CITATION",
    "CONDITIONS",
    "DESCRIPTION",
    "FINE",
    "LICENCE",
    "PARTS",
    "PEOPLE",
    "SIZE",
    "USAGE",
    "Canvas",
    "Condition",
    "Moment",
    "Person",
    "Pose",
    "draw",
    "load",
]
