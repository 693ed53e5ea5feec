"""Right calls of target propagation."""

from __future__ import annotations

import tinynet as tn
from tests.fuzz.calls import Call
from tests.fuzz.examples import images, net

CALLS = [
    Call(tn.GradientTargets),
    Call(tn.DifferenceTargets),
    Call(
        tn.extract_feature,
        {"net": net, "layer": "relu1", "units": [0], "rule": tn.GradientTargets(), "start": images[0]},
        called={"units": "unit"},
    ),
]
RESULTS = ("TargetRule",)
