"""A network as a description that JSON can hold, beside its parameters by their full names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinynet import layers
from tinynet.layers import Layer
from tinynet.types import Array, Shape

FORMAT = "tinynet network"
LAYERS: dict[str, type[Layer]] = {name: getattr(layers, name) for name in layers.__all__ if name != "Layer"}


def described(made: Sequence[Layer], input_shape: Shape, dtype: np.dtype[Any]) -> dict[str, Any]:
    """Return what, besides the parameters, a network can be made from again.

    Parameters
    ----------
    made : sequence of Layer
    input_shape : tuple of int
    dtype : dtype
    """
    return {
        "format": FORMAT,
        "version": 1,
        "dtype": dtype.name,
        "input_shape": input_shape,
        "layers": [{"kind": type(layer).__name__, "name": layer.name, "settings": layer.settings()} for layer in made],
    }


def layers_of(description: Mapping[str, Any], own: Sequence[type[Layer]]) -> list[Layer]:
    """Return the layers that a description tells of, without parameters.

    Parameters
    ----------
    description : mapping
        As `described` returns it.
    own : sequence of Layer classes
        Kinds of layers that are not the library's.

    Raises
    ------
    ValueError
        If a kind of layer is unknown.
    """
    kinds = {**LAYERS, **{kind.__name__: kind for kind in own}}
    made = []
    for entry in description["layers"]:
        kind, name = entry["kind"], entry["name"]
        if kind not in kinds:
            raise ValueError(f"{name} is a {kind}, which is not a layer of tinynet: pass layers=[{kind}]")
        layer = kinds[kind](**_tuples(entry["settings"]))
        layer.name = name
        made.append(layer)
    return made


def fill(parameters: Mapping[str, Array], arrays: Mapping[str, Array]) -> None:
    """Write arrays into the parameters of the same names.

    Parameters
    ----------
    parameters, arrays : mapping of str to ndarray

    Raises
    ------
    ValueError
        If names, shapes or types differ.
    """
    if parameters.keys() != arrays.keys():
        raise ValueError(f"parameters are {sorted(arrays)}, expected {sorted(parameters)}")
    for name, array in arrays.items():
        own = parameters[name]
        if array.shape != own.shape or array.dtype != own.dtype:
            raise ValueError(
                f"{name} is {array.dtype} of shape {array.shape}, expected {own.dtype} of shape {own.shape}"
            )
        own[...] = array


def _tuples(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
