"""Shapes and types come out as they went in."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinynet.targets import GradientTargets
from tinynet.testing import diagnosis
from tinynet.testing.outcomes import Broken, called
from tinynet.testing.under_test import BATCH, LayerUnderTest
from tinynet.types import Array


def shape_and_dtype(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Run the layer in both types.

    Parameters
    ----------
    layer : LayerUnderTest
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    for dtype in (np.float32, np.float64):
        _check_in_dtype(layer.in_dtype(dtype), rng, np.dtype(dtype))
    return 2


def _check_in_dtype(layer: LayerUnderTest, rng: np.random.Generator, dtype: np.dtype[Any]) -> None:
    x = layer.inputs(rng, (BATCH,)).astype(dtype)
    y = layer.forward(x)
    _check_output_shape(layer, x, y)
    _check_dtype("forward", y, dtype)
    if not layer.differentiable:
        return
    dy = rng.standard_normal(y.shape).astype(dtype)
    dx = layer.raw_backward(dy, x)
    if dx.shape != x.shape:
        shapes = {"x": x.shape, "y": y.shape, "dy": dy.shape, "dx": dx.shape}
        raise Broken("dx does not have the shape of x", shapes=shapes)
    _check_dtype("backward", dx, dtype)
    for name, array in layer.grads(dy, x).items():
        _check_dtype(f"grads, in {name},", array, dtype)
    if layer.defines("target"):
        _check_dtype("target", layer.target(y, x, GradientTargets(tau=0.7)), dtype)


def _check_output_shape(layer: LayerUnderTest, x: Array, y: Array) -> None:
    shapes = {"x": x.shape, "y": y.shape}
    declared = called("output_shape", layer.layer.output_shape, layer.input_shape)
    if tuple(declared) != y.shape[1:]:
        raise Broken(f"output_shape says {tuple(declared)}, forward gives {y.shape[1:]}", shapes=shapes)


def _check_dtype(what: str, array: Array, dtype: np.dtype[Any]) -> None:
    if array.dtype != dtype:
        raise Broken(
            f"{dtype} in, {array.dtype} out of {what}".rstrip(","),
            diagnosis=diagnosis.of_dtype(dtype, array.dtype),
        )
