"""Right calls of the ready-made networks."""

from __future__ import annotations

from tests.fuzz.calls import Call
from tests.fuzz.examples import net
from tinynet import models

CALLS = [
    Call(models.sigmoid_layers, {"hidden": (4, 3), "classes": 3}),
    Call(models.named, {"name": "thesis"}, called={"name": "model"}),
    Call(models.build, {"name": "letters", "input_shape": (1, 6, 6), "classes": 3}, called={"name": "model"}),
    Call(models.output_layers, {"classes": 1}),
    Call(models.suited, {"input_shape": (1, 6, 6), "classes": 3}),
    Call(models.vgg_layers, {"blocks": [[2], [2, 3]], "hidden": (4,), "classes": 3}),
    Call(models.output_layers, {"classes": 3}),
    Call(models.with_new_head, {"net": net, "classes": 2, "after": "flatten1"}, called={"after": "layer"}),
    Call(models.torchvision_names, {"net": net}),
]
RESULTS = ("Model",)
