"""A network in files: a description that JSON can hold, beside its parameters by their full names."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from tinynet import files, layers
from tinynet.arguments import wrong
from tinynet.files import Header
from tinynet.layers import Layer
from tinynet.layers.base import Affine
from tinynet.network.assembly import checked_dtype, checked_layers
from tinynet.network.foreign import Source, exported, matched
from tinynet.types import Array, Shape

FORMAT = "tinynet network"
VERSION = 1
MOST_LAYERS = 10_000  # of a file, before any is made: it may have been written to take its reader's time
LAYERS: dict[str, type[Layer]] = {name: getattr(layers, name) for name in layers.__all__ if name != "Layer"}
Kind = TypeVar("Kind", bound="Stored")


class Stored:
    """What of a network is kept in files: its description and its parameters.

    Attributes
    ----------
    layers : tuple of Layer
    input_shape : tuple of int
    dtype : dtype
    shapes : dict of str to tuple
    """

    layers: tuple[Layer, ...]
    input_shape: Shape
    dtype: np.dtype[Any]
    shapes: dict[str, Shape]

    def __init__(self, layers: Sequence[Layer], input_shape: Shape, *, dtype: DTypeLike) -> None:
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to an `.npz` file of this name, whole or not at all."""
        files.save_arrays(path, self.description(), self.parameters())

    @classmethod
    def load(cls: type[Kind], path: str | os.PathLike[str], layers: Sequence[type[Layer]] = ()) -> Kind:
        """Read a network that `save` wrote.

        Parameters
        ----------
        path : path
            Of a file that `save` wrote.
        layers : sequence of Layer classes
            Your own kinds of layers that the network has.

        Raises
        ------
        FileNotFoundError, ValueError
            If there is no such file, or it is not a whole and consistent network.
        """
        with files.opened(path, FORMAT) as saved:
            made = checked_layers(layers_of(saved.description, layers))
            dtype = checked_dtype(saved.description["dtype"])
            lay_out(made, saved.headers, dtype)
            net = cls(made, saved.description["input_shape"], dtype=dtype)
            read_parameters(made, saved)
        return net

    def description(self) -> dict[str, Any]:
        """Return what, besides the parameters, the network can be made from again; JSON can hold it."""
        return described(self.layers, self.input_shape, self.dtype)

    def parameters(self) -> dict[str, Array]:
        """Return all parameters by their full names, such as ``conv1/W``; the arrays are the network's own."""
        return {f"{layer.name}/{key}": array for layer in self.layers for key, array in layer.params.items()}

    def load_weights(self, source: Source, layout: str = "torch", names: Mapping[str, str] | None = None) -> None:
        """Take over the weights of a network of the same layers from elsewhere; all of them, or none.

        Parameters
        ----------
        source : path, mapping of str to array_like, or sequence of array_like
            An ``.npz`` or ``.safetensors`` file, which is read without running anything in it; arrays or tensors by
            name, as ``state_dict()`` of PyTorch gives them, or what has such a method; or arrays in order, as
            ``get_weights()`` of Keras gives them.
        layout : {"torch", "keras"}
            How the arrays lie: as here, or with the inputs and outputs of a kernel last, as Keras has them.
        names : mapping of str to str, optional
            What the layers are called there, such as ``{"conv1": "features.0"}``: these layers alone are loaded. Left
            alone, layers are matched by their names if these are the same, and else by their order; ``.safetensors``
            files have lost it, so that there the numbers in the names count.

        Raises
        ------
        FileNotFoundError, ValueError
            If there is no such file, or something does not fit: the message names the first layer that it does not
            fit, the shape that was got and the one that was wanted. Then no weight has changed.

        Examples
        --------
        >>> import numpy as np, tinynet as tn
        >>> net = tn.Network([tn.Dense(2), tn.Tanh(), tn.Dense(1)], input_shape=(3,))
        >>> state = {"0.weight": np.ones((2, 3)), "0.bias": np.zeros(2), "2.weight": [[5, 7]], "2.bias": [1]}
        >>> net.load_weights(state)  # or net.load_weights(model.state_dict()), without a file between
        >>> net["dense2"].params["W"]
        array([[5., 7.]], dtype=float32)
        """
        for parameter, values in matched(self.layers, self.shapes, source, layout, names):
            parameter[...] = values

    def weights(self, layout: str = "torch") -> dict[str, Array]:
        """Return copies of the weights as another library lays them out, for `numpy.savez` or its own loader.

        Parameters
        ----------
        layout : {"torch", "keras"}
            As in `load_weights`.

        Returns
        -------
        dict of str to ndarray
            By names such as ``conv1.weight`` or ``conv1/kernel``.
        """
        return exported(self.layers, self.shapes, layout)


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
        "version": VERSION,
        "dtype": dtype.name,
        "input_shape": input_shape,
        "layers": [
            {"kind": type(layer).__name__, "name": layer.name, "settings": _plain(layer.settings())} for layer in made
        ],
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
        If a kind of layer is unknown, or the description is of another version.
    """
    if description["version"] != VERSION:
        raise ValueError(
            f"it is of version {description['version']}, this is version {VERSION}: written by another tinynet"
        )
    if not (isinstance(own, Sequence) and all(isinstance(kind, type) and issubclass(kind, Layer) for kind in own)):
        raise wrong("layers", own, "a list of your own classes of layers")
    kinds = {**LAYERS, **{kind.__name__: kind for kind in own}}
    made, entries = [], description["layers"]
    if len(entries) > MOST_LAYERS:
        raise ValueError(f"it has {len(entries)} layers, expected at most {MOST_LAYERS}")
    for entry in entries:
        kind, name = entry["kind"], entry["name"]
        if not (isinstance(name, str) and name):
            raise wrong("name of a layer", name, "text")
        if kind not in kinds:
            raise ValueError(f"{name} is a {kind}, which is not a layer of tinynet: pass layers=[{kind}]")
        layer = kinds[kind](**_tuples(entry["settings"]))
        layer.name = name
        made.append(layer)
    return made


def lay_out(made: Sequence[Layer], headers: Mapping[str, Header], dtype: np.dtype[Any]) -> None:
    """Give layers parameters of the shapes that a file holds, which take no memory until they are read.

    Parameters
    ----------
    made : sequence of Layer
    headers : mapping of str to Header
        By full names, such as ``conv1/W``.
    dtype : dtype
        Of the network.

    Raises
    ------
    ValueError
        If a parameter is of another type or of no layer, or a layer of weights has none.
    """
    by_name = {layer.name: layer for layer in made}
    for name, header in headers.items():
        layer_name, _, key = name.rpartition("/")
        if layer_name not in by_name:
            raise ValueError(f"{name} is a parameter of no layer; there are {', '.join(by_name)}")
        if header.dtype.newbyteorder("=") != dtype:
            raise ValueError(f"{name} is {header.dtype}, expected {dtype}")
        by_name[layer_name].params[key] = np.broadcast_to(np.ones((), dtype), header.shape)
    for layer in made:
        if isinstance(layer, Affine) and not layer.params:
            raise ValueError(f"{layer.name} has no parameters in the file")


def read_parameters(made: Sequence[Layer], arrays: Mapping[str, Array]) -> None:
    """Read the parameters of layers, whose shapes are known to fit.

    Parameters
    ----------
    made : sequence of Layer
    arrays : mapping of str to ndarray
        By full names, such as ``conv1/W``.

    Raises
    ------
    ValueError
        If one is missing.
    """
    for layer in made:
        for key in layer.params:
            if f"{layer.name}/{key}" not in arrays:
                raise ValueError(f"{layer.name} has no {key} in the file")
            layer.params[key] = arrays[f"{layer.name}/{key}"]


def _tuples(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings in types that JSON knows: NumPy's own numbers are numbers."""
    return {
        name: value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value
        for name, value in settings.items()
    }
