"""Right calls of the laws."""

from __future__ import annotations

import tinynet as tn
from tests.fuzz.calls import Call
from tests.fuzz.examples import net
from tinynet import testing

about = {"layer": tn.Tanh(), "input_shape": (3,)}

CALLS = [
    Call(testing.check_layer, about),
    Call(testing.assert_layer, about),
    Call(testing.laws_of, about),
    Call(testing.check_network, {"net": net}),
]
RESULTS = ("Diagnosis", "Report", "Result", "Status", "Worst", "load_layer")
