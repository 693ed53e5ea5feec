"""Right calls of the layers, their settings and the arrays that they take."""

from __future__ import annotations

import tinynet as tn
from tests.fuzz.calls import Call

CALLS = [
    Call(tn.Conv2D, {"filters": 2, "size": 3}, fine={"initializer": "empty text"}),
    Call(tn.Conv2D, {"filters": 2, "size": (3, 2), "stride": (1, 2), "padding": (1, 0)}),
    Call(tn.Dense, {"units": 3}),
    Call(tn.MaxPool2D, {"size": 2, "stride": 2, "padding": 1}),
    Call(tn.AvgPool2D, {"size": (2, 3), "stride": (1, 2), "padding": (1, 1)}),
    Call(tn.Flatten, {"axes": 3}),
    Call(tn.Dropout, {"rate": 0.5}),
    Call(tn.KnockOut, {"units": [0, 2], "replacement": 0.0}, fine={"replacement": "negative"}),
    *(Call(layer, {}) for layer in (tn.Tanh, tn.Sigmoid, tn.ReLU, tn.Softplus, tn.Softmax, tn.Step)),
]
RESULTS = ("Layer",)
