"""Weights from elsewhere: the arrays of PyTorch and of Keras, by name or in order, brought into the layout used here.

A convolution is a cross-correlation in all three, and its W is (outputs, inputs, height, width) here and in PyTorch.
Keras counts the channels of a place last: its kernels are (height, width, inputs, outputs) and (inputs, outputs), and
the inputs of its first dense layer behind feature maps go channel by channel within each place, where here and in
PyTorch they go place by place within each map.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from tinynet import files
from tinynet.arguments import as_path, finite_array, one_of, wrong
from tinynet.layers import Conv2D, Dense, Flatten, Layer
from tinynet.layers.base import Affine
from tinynet.types import Array, Shape


@runtime_checkable
class Stateful(Protocol):
    """A model of another library that hands out its arrays by name, as a module of PyTorch does."""

    def state_dict(self) -> Mapping[str, ArrayLike]:
        """Return the arrays, or tensors, by name."""


Source: TypeAlias = str | os.PathLike[str] | Mapping[str, ArrayLike] | Sequence[ArrayLike] | Stateful
Groups: TypeAlias = dict[str, dict[str, Array]]  # the arrays of each layer, under this library's names

WORDS = {"torch": ("weight", "bias", "."), "keras": ("kernel", "bias", "/")}
"""What each layout calls W and b, and what stands between these and the layer's name."""

KEYS = {"weight": "W", "kernel": "W", "W": "W", "bias": "b", "b": "b"}


def matched(
    layers: Sequence[Layer],
    shapes: Mapping[str, Shape],
    source: Source,
    layout: str,
    names: Mapping[str, str] | None,
) -> list[tuple[Array, Array]]:
    """Return the parameters of a network, each with the values that it is to take; nothing is changed yet.

    Parameters
    ----------
    layers : sequence of Layer
    shapes : mapping of str to tuple
        Of the network's outputs.
    source, layout, names
        As in :meth:`tinynet.Network.load_weights`.

    Raises
    ------
    FileNotFoundError, ValueError
        If something does not fit.
    """
    one_of("layout", layout, WORDS)
    place = f"{os.fspath(source)}: " if isinstance(source, (str, os.PathLike)) else ""
    trained, maps = [layer for layer in layers if layer.params], _flattened_maps(layers, shapes)
    entries = _entries(source)
    try:
        groups = _groups(entries, trained)
        found = []
        for layer, called in _pairs(trained, groups, names):
            for key, values in _fitting(layer, called, groups[called], layout).items():
                here = _from_keras(layer, values, maps.get(layer.name)) if layout == "keras" and key == "W" else values
                found.append((layer.params[key], here))
        if names is None and len(trained) != len(groups):
            raise ValueError(f"holds the weights of {len(groups)} layers, expected those of {len(trained)}")
        return found
    except ValueError as error:
        raise ValueError(f"{place}{error}") from None


def exported(layers: Sequence[Layer], shapes: Mapping[str, Shape], layout: str) -> dict[str, Array]:
    """Return copies of the weights in a layout, under its names.

    Parameters
    ----------
    layers : sequence of Layer
    shapes : mapping of str to tuple
        Of the network's outputs.
    layout : {"torch", "keras"}
    """
    weight, bias, between = WORDS[one_of("layout", layout, WORDS)]
    words, maps, found = {"W": weight, "b": bias}, _flattened_maps(layers, shapes), {}
    for layer in layers:
        for key, array in layer.params.items():
            there = _to_keras(layer, array, maps.get(layer.name)) if layout == "keras" and key == "W" else array
            found[f"{layer.name}{between}{words.get(key, key)}"] = np.array(there, order="C")
    return found


# ------------------------------------------------------------------------------------------------------------- layouts


def _flattened_maps(layers: Sequence[Layer], shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """Return the shape (channels, height, width) of the maps that a dense layer has for inputs, by its name."""
    found, maps = {}, None
    for before, layer in zip(shapes, layers, strict=False):
        if isinstance(layer, Flatten) and len(shapes[before]) == 3:
            maps = shapes[before]
        elif isinstance(layer, Affine):
            if maps and isinstance(layer, Dense):
                found[layer.name] = maps
            maps = None
    return found


def _from_keras(layer: Layer, kernel: Array, maps: Shape | None) -> Array:
    """Return a kernel of Keras as this library's W."""
    if isinstance(layer, Conv2D):
        return kernel.transpose(3, 2, 0, 1)
    if not isinstance(layer, Dense):
        return kernel
    if maps is None:
        return kernel.T
    channels, height, width = maps
    return kernel.reshape(height, width, channels, -1).transpose(3, 2, 0, 1).reshape(kernel.shape[::-1])


def _to_keras(layer: Layer, W: Array, maps: Shape | None) -> Array:
    """Return W as a kernel of Keras."""
    if isinstance(layer, Conv2D):
        return W.transpose(2, 3, 1, 0)
    if not isinstance(layer, Dense):
        return W
    return W.T if maps is None else W.reshape(-1, *maps).transpose(2, 3, 1, 0).reshape(W.shape[::-1])


def _shape_there(layer: Layer, key: str, layout: str) -> Shape:
    """Return the shape that a parameter has in a layout."""
    shape: Shape = layer.params[key].shape
    if layout == "keras" and key == "W" and isinstance(layer, (Conv2D, Dense)):
        return (*shape[2:], shape[1], shape[0])
    return shape


# ------------------------------------------------------------------------------------------------------------ matching


def _groups(entries: Mapping[str, Array], layers: Sequence[Layer]) -> Groups:
    """Return the arrays layer by layer; those without names are dealt out in order, to each layer W before b."""
    groups: Groups = {}
    if all(re.fullmatch(r"arr_\d+", name) for name in entries):
        names = sorted(entries, key=_natural)
        for layer in layers:
            dealt = {key: names.pop(0) for key in layer.params if names}
            groups[" and ".join(dealt.values())] = {key: entries[name] for key, name in dealt.items()}
        groups.update({name: {"W": entries[name]} for name in names})
        return groups
    for name, array in entries.items():
        layer_name, _, word = re.sub(r":\d+$", "", name).replace("/", ".").rpartition(".")
        groups.setdefault(layer_name, {})[KEYS.get(word, word)] = array
    return groups


def _pairs(layers: Sequence[Layer], groups: Groups, names: Mapping[str, str] | None) -> list[tuple[Layer, str]]:
    """Return the layers, each with what it is called in the source."""
    own = [layer.name for layer in layers]
    if names is None:
        return list(zip(layers, own if set(own) == set(groups) else groups, strict=False))
    if not isinstance(names, Mapping) or not set(names) <= set(own):
        raise wrong("names", names, f"what layers of {', '.join(own)} are called there, by their names")
    for name, called in names.items():
        if called not in groups:
            raise ValueError(f"holds no weights of {called!r} for {name}, only of {', '.join(groups)}")
    return [(layer, names[layer.name]) for layer in layers if layer.name in names]


def _fitting(layer: Layer, called: str, arrays: Mapping[str, Array], layout: str) -> dict[str, Array]:
    """Return the arrays of a layer, having compared them with what it has."""
    where = layer.name if called in (layer.name, "") else f"{layer.name} ({called})"
    words = dict(zip(("W", "b"), WORDS[layout], strict=False))
    for key in [*layer.params, *(key for key in arrays if key not in layer.params)]:
        word = words.get(key, key)
        if key not in arrays:
            shape = _shape_there(layer, key, layout)
            raise ValueError(f"the weights have no {word} for {where}, expected one of the shape {shape}")
        if key not in layer.params:
            raise ValueError(f"{where} has a {word}, which the layer here has not")
        got, wanted = np.shape(arrays[key]), _shape_there(layer, key, layout)
        if got != wanted:
            (other,) = set(WORDS) - {layout}
            is_other = got == _shape_there(layer, key, other)
            hint = f", as it would be with layout={other!r}" if is_other else ""
            raise ValueError(f"{where}: {word} has the shape {got}, expected {wanted}{hint}")
    return {
        key: finite_array(f"{where}: {words.get(key, key)}", arrays[key], parameter.dtype)
        for key, parameter in layer.params.items()
    }


# ------------------------------------------------------------------------------------------------------------- reading


def _entries(source: Source) -> dict[str, Array]:
    """Return the arrays of a source by their names; ``arr_0``, ``arr_1`` and so on where they have none."""
    if isinstance(source, (str, os.PathLike)):
        return _read(as_path("source", source))
    if isinstance(source, Stateful) and not isinstance(source, type):
        source = source.state_dict()
    if isinstance(source, Sequence):
        source = {f"arr_{index}": array for index, array in enumerate(source)}
    if not isinstance(source, Mapping) or not all(isinstance(name, str) for name in source):
        raise wrong("source", source, "a file, arrays by their names, or a list of arrays")
    inner = [name for name, value in source.items() if isinstance(value, Mapping)]
    if inner:
        raise ValueError(
            f"source holds a mapping {inner[0]!r}, expected arrays by their names: pass source[{inner[0]!r}]"
        )
    return {name: _array(array) for name, array in source.items()}


def _array(values: Any) -> Array:
    """Return an array; of a tensor of PyTorch its values, even of a type that NumPy lacks."""
    if not hasattr(values, "detach"):
        return np.asarray(values)
    tensor = values.detach().cpu()
    return np.asarray(tensor.float() if "bfloat16" in str(tensor.dtype) else tensor)


def _read(path: Path) -> dict[str, Array]:
    """Return the arrays of a file; nothing in it is run."""
    if path.suffix not in (".npz", ".safetensors"):
        raise ValueError(
            f"{path}: expected a .npz or .safetensors file; others may be pickled, which runs whatever is in them: "
            "save the weights with numpy.savez or safetensors first"
        )
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        if path.suffix == ".npz":
            with zipfile.ZipFile(path) as archive:
                return dict(files.Arrays(archive, files.largest(path)))
        return _read_safetensors(path)
    except (PermissionError, ImportError):
        raise
    except Exception as error:  # a damaged file fails in any of the ways of zip, npy and safetensors
        raise ValueError(
            f"{path}: not a complete {path.suffix} file of plain arrays (damaged, truncated, or of another kind)"
        ) from error


def _read_safetensors(path: Path) -> dict[str, Array]:
    """Return the arrays of a safetensors file, whose order is lost, in that of the numbers in their names."""
    try:
        from safetensors.numpy import load_file
    except ImportError:
        raise ImportError(f"{path}: reading it needs safetensors: pip install 'tinynet-numpy[data]'") from None
    found = load_file(path)
    return {name: found[name] for name in sorted(found, key=_natural)}


def _natural(name: str) -> list[tuple[str, int]]:
    """Return what sorts names by the size of the numbers in them, so that 2 stands before 10."""
    return [(text, int(number or -1)) for text, number in re.findall(r"([^0-9]*)([0-9]*)", name)]
