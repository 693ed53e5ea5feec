"""Right calls of the laws."""

from __future__ import annotations

from typing import Any

import numpy as np

import tinynet as tn
from tests.fuzz.calls import Call
from tests.fuzz.examples import net
from tinynet import testing


def affine(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, Any]:
    """Return the output and a cache, as many courses write it."""
    return x @ w, (x, w)


def affine_backward(dout: np.ndarray, cache: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of the input and of the weights."""
    x, w = cache
    return dout @ w.T, x.T @ dout


class Square(tn.Layer):
    """A student's layer."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x^2."""
        return x * x

    def backward(self, dy: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return 2 x dy."""
        return 2 * x * dy


about = {"layer": tn.Tanh(), "input_shape": (3,)}
parts = {"forward": affine, "backward": affine_backward, "params": {"w": (3, 2)}}
fine = {"extra": "all", "batch_axis": "negative", "params": "text as a key"}

CALLS = [
    Call(testing.check_layer, about),
    Call(testing.assert_layer, about),
    Call(testing.laws_of, about),
    Call(testing.check_network, {"net": net}),
    Call(testing.from_functions, parts, fine),
    Call(testing.from_object, {"layer": Square()}, fine),
    Call(
        testing.load_layer,
        {"spec": f"{__file__}:affine,affine_backward", "params": {"w": (3, 2)}},
        fine,
        called={"spec": "FILE.py"},
    ),
    Call(testing.load_function, {"spec": f"{__file__}:affine"}, called={"spec": "FILE.py"}),
]
RESULTS = ("Diagnosis", "Report", "Result", "Status", "Worst", "from_autograd")  # the last needs PyTorch
