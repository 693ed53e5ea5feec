"""Right calls of the layers, their settings and the arrays that they take."""

from __future__ import annotations

import tinynet as tn
from tests.fuzz.calls import Call

sizes = ("filters", "size", "stride", "padding", "units", "axes")
fine = dict.fromkeys(sizes, "huge, huge within")  # what is too large for the inputs is told by the network

CALLS = [
    Call(tn.Conv2D, {"filters": 2, "size": 3}, fine=fine | {"initializer": "empty text"}),
    Call(tn.Conv2D, {"filters": 2, "size": (3, 2), "stride": (1, 2), "padding": (1, 0)}, fine=fine),
    Call(tn.Dense, {"units": 3}, fine=fine),
    Call(tn.MaxPool2D, {"size": 2, "stride": 2, "padding": 1}, fine=fine),
    Call(tn.AvgPool2D, {"size": (2, 3), "stride": (1, 2), "padding": (1, 1)}, fine=fine),
    Call(tn.Flatten, {"axes": 3}, fine=fine),
    Call(tn.Dropout, {"rate": 0.5}),
    Call(
        tn.KnockOut,
        {"units": [0, 2], "replacement": 0.0},
        fine=fine | {"replacement": "negative, list, array, empty array"},
    ),
    *(Call(layer, {}) for layer in (tn.Tanh, tn.Sigmoid, tn.ReLU, tn.Softplus, tn.Softmax, tn.Step)),
]
RESULTS = ("Layer",)
