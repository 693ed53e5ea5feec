"""A network is a list of layers; a trace is one forward pass, kept; deltas are what comes back."""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from tinynet import files, kernels, layers
from tinynet.layers import KnockOut, Layer, Sigmoid, Softmax
from tinynet.layers.base import TargetRule, opens_block, unaliased
from tinynet.layers.window import Window
from tinynet.types import Array, Shape

FORMAT = "tinynet network"
PART_BYTES = 1 << 22  # of the largest activation of the images of a part
KINDS: dict[str, type[Layer]] = {name: getattr(layers, name) for name in layers.__all__ if name != "Layer"}


class UnknownLayerError(KeyError):
    """A name that no layer of the network has."""

    def __init__(self, name: object, known: Sequence[str]) -> None:
        near = get_close_matches(str(name), known) or list(known)
        super().__init__(f"no layer {name!r}; did you mean {', '.join(near)}?")

    def __str__(self) -> str:
        """Return the message as it is, where KeyError would show it quoted."""
        return str(self.args[0])


class LayerArrays(Mapping[str, Array]):
    """One read-only array for the input and for the output of each layer, by name and in order."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = {name: read_only(array) for name, array in arrays.items()}

    def __getitem__(self, name: str) -> Array:
        try:
            return self._arrays[name]
        except KeyError:
            raise UnknownLayerError(name, list(self._arrays)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    @property
    def input(self) -> Array:
        """The entry of the network's input."""
        return self["input"]

    def __repr__(self) -> str:
        entries = ", ".join(f"{name} {array.shape}" for name, array in self._arrays.items())
        return f"{type(self).__name__}({entries})"


class Trace(LayerArrays):
    """What each layer put out in one forward pass: ``trace.input``, ``trace["tanh1"]``, ``trace.output``."""

    @property
    def output(self) -> Array:
        """The output of the last layer."""
        return self._arrays[next(reversed(self._arrays))]


class Deltas(LayerArrays):
    """The gradient of <seed, output of `at`> with respect to each output before it, co-indexed with the trace.

    Outputs behind `at` have no influence on it: their entries are zero.
    """

    def __init__(self, arrays: Mapping[str, Array], at: str) -> None:
        super().__init__(arrays)
        self.at = at


class Targets(LayerArrays):
    """What each layer should have put out, co-indexed with the trace."""


class ReceptiveField(NamedTuple):
    """The part of the image that one place of a feature map sees, in pixels, for both axes (down, across).

    Attributes
    ----------
    size : pair of int
        Height and width of the part.
    step : pair of int
        How far it moves for the next place of the map.
    start : pair of int
        Its top left corner for the first place; negative where it begins in the padding.
    path : tuple of (Window, (height, width))
        The windows in between, from the image on, each with the size of the maps that it slides over.
    """

    size: tuple[int, int]
    step: tuple[int, int]
    start: tuple[int, int]
    path: tuple[tuple[Window, tuple[int, int]], ...]

    def box(self, row: int, column: int) -> tuple[slice, slice]:
        """Return the rows and columns of the image that one place of the map sees.

        Parameters
        ----------
        row, column : int
            Place in the feature map.

        Notes
        -----
        Walked back window by window: places first to last of a map see s first - p to s last - p + k - 1 of the map
        before, and of those only the ones that exist.
        """
        return self._seen(row, axis=0), self._seen(column, axis=1)

    def _seen(self, place: int, axis: int) -> slice:
        first, last = place, place
        for window, lengths in reversed(self.path):
            before = window.pads(*lengths)[axis][0]
            first = max(first * window.stride[axis] - before, 0)
            last = min(last * window.stride[axis] - before + window.size[axis], lengths[axis]) - 1
            if last < first:
                return slice(0, 0)
        return slice(first, last + 1)


class Network:
    """Layers in a row.

    Parameters
    ----------
    layers : sequence of Layer
        From the input to the output. A layer that has parameters already keeps them, so networks made of the same
        layers share them.
    input_shape : tuple of int
        Shape of one input, without the batch axis: (channels, height, width) of images, (values,) of vectors.
    rng : int or numpy.random.Generator
        Where the weights are drawn from.
    dtype : dtype
        Of weights and activations: float32 to train, float64 to check.

    Attributes
    ----------
    layers : tuple of Layer
        In order, each with its `name`: its kind and a running number, such as ``conv1``, or what it was named before.
    shapes : dict of str to tuple
        Shape of the input ("input") and of each layer's output, without the batch axis.

    Raises
    ------
    ValueError
        If a layer cannot take what the one before puts out; the message names the layer.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Dense(3), tn.Tanh(), tn.Dense(2), tn.Softmax()], input_shape=(4,))
    >>> [layer.name for layer in net.layers]
    ['dense1', 'tanh1', 'dense2', 'softmax1']
    >>> trace = net.trace(np.ones((5, 4)))
    >>> net.backward(trace, np.array([1.0, 0.0]), at="dense2")["tanh1"].shape
    (5, 3)
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        input_shape: Shape,
        rng: int | np.random.Generator = 0,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.layers = tuple(layers)
        self.input_shape = tuple(int(length) for length in input_shape)
        self.dtype = np.dtype(dtype)
        if not self.layers or not all(isinstance(layer, Layer) for layer in self.layers):
            raise ValueError("a network needs at least one layer, and nothing but layers (tn.Dense(10), not tn.Dense)")
        if not self.input_shape or min(self.input_shape) < 1:
            raise ValueError(f"input_shape is {tuple(input_shape)}, expected at least one axis and no empty one")
        if self.dtype.kind != "f":
            raise ValueError(f"dtype is {self.dtype}, expected a floating-point type such as float32")
        _give_names(self.layers)
        self.shapes = {"input": self.input_shape}
        self._build(np.random.default_rng(rng))

    def _build(self, rng: np.random.Generator) -> None:
        shape = self.input_shape
        for layer in self.layers:
            kept = dict(layer.params)
            try:
                layer.build(shape, rng, self.dtype)
                layer.params.update(kept)
                shape = layer.output_shape(shape)
            except ValueError as error:
                message = str(error)
                raise ValueError(message if message.startswith(layer.name) else f"{layer.name}: {message}") from error
            self.shapes[layer.name] = shape

    def __getitem__(self, name: str) -> Layer:
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise UnknownLayerError(name, self.names[1:])

    def __repr__(self) -> str:
        return f"Network({' '.join(layer.name for layer in self.layers)}, input_shape={self.input_shape})"

    @property
    def names(self) -> list[str]:
        """The names of all outputs in order: "input", then those of the layers."""
        return list(self.shapes)

    @property
    def output_shape(self) -> Shape:
        """Shape of one output, without the batch axis."""
        return self.shapes[self.names[-1]]

    @property
    def logits(self) -> str:
        """Name of the output that holds the logits: in front of a final Softmax or Sigmoid, else the last one."""
        return self.names[-2] if isinstance(self.layers[-1], (Softmax, Sigmoid)) else self.names[-1]

    @property
    def parameter_count(self) -> int:
        """Number of parameters of all layers."""
        return sum(array.size for layer in self.layers for array in layer.params.values())

    # ---------------------------------------------------------------------------------------------------- passes

    def __call__(self, x: ArrayLike, batch_size: int = 256) -> Array:
        """Predict: the output for each input, nothing kept.

        Parameters
        ----------
        x : array_like of shape (..., *input_shape)
            Inputs.
        batch_size : int
            How many are worked through at a time, which bounds the memory.

        Returns
        -------
        ndarray of shape (..., *output_shape)
        """
        inputs = np.asarray(x)
        batch = self._batch_axes(inputs)
        flat = inputs.reshape(-1, *self.input_shape)
        output = np.empty((len(flat), *self.output_shape), self.dtype)
        for chunk in chunks(len(flat), batch_size):
            output[chunk] = self.forward_from(self._as_input(flat[chunk]), "input")
        return output.reshape(*batch, *self.output_shape)

    def forward_from(self, activation: Array, after: str) -> Array:
        """Run the layers behind one of them.

        Parameters
        ----------
        activation : ndarray of shape (..., *output shape of `after`)
            What that layer put out, perhaps changed.
        after : str
            Its name, or "input".

        Returns
        -------
        ndarray of shape (..., *output_shape)
        """
        for layer in self.layers[self._position(after) :]:
            activation = layer.forward(read_only(activation))
        return activation

    def trace(self, x: ArrayLike) -> Trace:
        """Run a forward pass and keep what each layer puts out.

        Parameters
        ----------
        x : array_like of shape (..., *input_shape)
            Inputs; they are copied unless they are read-only, so that changing them later does not change the trace.

        Returns
        -------
        Trace
        """
        inputs = np.asarray(x)
        self._batch_axes(inputs)
        activation = read_only(self._as_input(inputs))
        arrays = {"input": activation}
        for layer in self.layers:
            activation = read_only(layer.forward(activation))
            arrays[layer.name] = activation
        return Trace(arrays)

    def backward(self, trace: Trace, seed: ArrayLike, at: str | None = None, down_to: str = "input") -> Deltas:
        """Carry a seed back: d<seed, output of `at`> / d(each output before it).

        Parameters
        ----------
        trace : Trace
            The forward pass.
        seed : array_like
            Gradient with respect to the output of `at`. It is broadcast against that output and may have further
            leading axes, all kept: K one-hot seeds of shape (K, 1, K) give the gradients of all K classes.
        at : str, optional
            Name of the layer at whose output the seed applies; the last one if not given.
        down_to : str
            Where to stop; training has no use for the gradient of the input.

        Returns
        -------
        Deltas
            Co-indexed with the trace, from `down_to` on.

        Notes
        -----
        The chain rule, one layer at a time: with y = f(x), dx = J_f(x)^T dy.
        """
        names = self.names
        top = len(self.layers) if at is None else self._position(at)
        bottom = self._position(down_to)
        delta = read_only(self._seed(seed, trace, names[top]))
        deltas = {names[top]: delta}
        for index in range(top, bottom, -1):
            delta = self.layers[index - 1].backward(delta, trace[names[index - 1]], trace[names[index]])
            deltas[names[index - 1]] = delta = read_only(delta)
        stack = delta.shape[: delta.ndim - trace[names[min(top, bottom)]].ndim]
        nothing = np.zeros((), self.dtype)
        deltas.update({name: np.broadcast_to(nothing, stack + trace[name].shape) for name in names[top + 1 :]})
        return Deltas({name: deltas[name] for name in names if name in deltas}, names[top])

    def grads(self, trace: Trace, deltas: Mapping[str, Array]) -> dict[str, dict[str, Array]]:
        """Return the gradients of the parameters, summed over the batch.

        Parameters
        ----------
        trace : Trace
            The forward pass.
        deltas : Deltas
            What `backward` returned for it.

        Returns
        -------
        dict of str to dict of str to ndarray
            ``{"conv1": {"W": ..., "b": ...}, ...}``, for the layers with parameters that the deltas reach.
        """
        return {
            layer.name: layer.grads(deltas[layer.name], trace[before], trace[layer.name])
            for before, layer in zip(self.names, self.layers, strict=False)
            if layer.params and layer.name in deltas
        }

    def propagate_targets(
        self, trace: Trace, t: ArrayLike, rule: TargetRule, at: str | None = None, down_to: str = "input"
    ) -> Targets:
        """Carry a target back: what each output should have been for the output of `at` to be `t`.

        Parameters
        ----------
        trace : Trace
            The forward pass.
        t : array_like
            Target for the output of `at`, broadcast against it as a seed is.
        rule : TargetRule
            Such as :class:`tinynet.GradientTargets`.
        at : str, optional
            Name of the layer whose output is to reach the target; the last one if not given.
        down_to : str
            Where to stop; training has no use for the target of the input.

        Returns
        -------
        Targets
            Co-indexed with the trace, from `down_to` on. Outputs behind `at` have no target: theirs is what they were.

        Raises
        ------
        UnknownLayerError, ValueError
            If there is no such layer, the target does not fit its output, or `rule` is no rule.

        Notes
        -----
        Layer by layer: each says what its input should have been for its output to be the target. Once a block is
        through, a layer with weights and what follows it, the rule may look at it again as a whole: that is how
        several steps are taken.
        """
        if not isinstance(rule, TargetRule):
            raise ValueError(f"rule is {rule!r}, expected a TargetRule such as GradientTargets()")
        names = self.names
        top = len(self.layers) if at is None else self._position(at)
        bottom = self._position(down_to)
        target = rule.output_target(self._seed(t, trace, names[top]), trace[names[top]])
        targets = {name: trace[name] for name in names[bottom:]}
        targets[names[top]] = target
        end = top
        for index in range(top, bottom, -1):
            layer, before, name = self.layers[index - 1], names[index - 1], names[index]
            target = layer.target(read_only(target), trace[before], trace[name], rule)
            if opens_block(layer):
                target = rule.block_target(self.layers[index - 1 : end], targets[names[end]], target)
                end = index - 1
            targets[before] = target
        return Targets(targets)

    def target_deltas(self, trace: Trace, targets: Mapping[str, Array], weight: float = 1.0) -> LayerArrays:
        """Return what the weights learn from in target propagation, in the place of the deltas.

        Parameters
        ----------
        trace : Trace
            The forward pass.
        targets : Targets
            What `propagate_targets` returned for it.
        weight : float
            What to multiply by, such as 1 / N for the mean over N images.

        Returns
        -------
        LayerArrays
            Co-indexed with the targets.

        Notes
        -----
        Each block, a layer with weights and what follows it, learns by itself to put out its target t: its error is
        |y - t|^2 / 2, whose gradient y - t goes back through this block alone, as deltas do.

        References
        ----------
        de Souza Farias and Maziero, section 2 and the authors' program; Lee et al. 2015, algorithm 1.
        """
        names = self.names
        residuals: dict[str, Array] = {}
        for index in range(len(self.layers), names.index(next(iter(targets))) - 1, -1):
            name = names[index]
            if index == len(self.layers) or opens_block(self.layers[index]):
                residual = (trace[name] - targets[name]) * weight
            else:
                residual = self.layers[index].backward(read_only(residual), trace[name], trace[names[index + 1]])
            residuals[name] = residual
        return LayerArrays({name: residuals[name] for name in targets})

    # ------------------------------------------------------------------------------------------- changed networks

    def with_layers(self, layers: Sequence[Layer]) -> Network:
        """Return a network of other layers for the same inputs; the layers in both share their parameters.

        Parameters
        ----------
        layers : sequence of Layer
            From the input to the output.
        """
        return Network(layers, self.input_shape, dtype=self.dtype)

    def replaced(self, replacements: Mapping[str, Layer]) -> Network:
        """Return the same network with some layers exchanged for others of the same name and output shape.

        Parameters
        ----------
        replacements : mapping of str to Layer
            By the name of the layer that each stands in for.
        """
        other = copy.copy(self)
        other.layers = tuple(replacements.get(layer.name, layer) for layer in self.layers)
        return other

    def knocked_out(
        self,
        units: Mapping[str, Sequence[int]],
        replace: str | ArrayLike | Mapping[str, ArrayLike] = "zero",
        x: ArrayLike | None = None,
    ) -> Network:
        """Return a network in which some units always put out the same; parameters are shared, nothing is undone.

        Parameters
        ----------
        units : mapping of str to sequence of int
            For each named output the units to silence: feature maps of images, or single units of vectors.
        replace : "zero", "mean", array_like, or mapping of str to array_like
            What stands in the place of their outputs: zeros, their mean over the images `x`, or values given: one
            number, or one entry a unit, for all outputs or by name.
        x : array_like of shape (N, *input_shape), optional
            The images that "mean" is taken over.

        Returns
        -------
        Network
            With a `KnockOut` layer behind each output named.

        Raises
        ------
        UnknownLayerError, ValueError
            If there is no such output or unit.

        References
        ----------
        Lo, Cohen and Ding 2015, section V.C.
        """
        knockouts = self.knockout_layers(units, replace, x)
        changed: list[Layer] = [knockouts["input"]] if "input" in knockouts else []
        for layer in self.layers:
            changed += [layer, knockouts[layer.name]] if layer.name in knockouts else [layer]
        return self.with_layers(changed)

    def knockout_layers(
        self,
        units: Mapping[str, Sequence[int]],
        replace: str | ArrayLike | Mapping[str, ArrayLike] = "zero",
        x: ArrayLike | None = None,
    ) -> dict[str, KnockOut]:
        """Return the layer that silences the units of each named output.

        Parameters
        ----------
        units, replace, x : see :meth:`knocked_out`
        """
        self.check_units(units)
        knockouts = {}
        for name, chosen in units.items():
            layer = KnockOut(chosen, self._replacement(name, chosen, replace, x))
            try:
                layer.build(self.shapes[name], np.random.default_rng(0), self.dtype)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
            knockouts[name] = layer
        return knockouts

    def _replacement(
        self,
        name: str,
        units: Sequence[int],
        replace: str | ArrayLike | Mapping[str, ArrayLike],
        x: ArrayLike | None,
    ) -> ArrayLike:
        if isinstance(replace, Mapping):
            if name not in replace:
                raise ValueError(f"{name}: units are to be replaced, but there are no values for it in replace")
            return replace[name]
        if not isinstance(replace, str):
            return replace
        if replace == "zero":
            return 0.0
        if replace != "mean":
            raise ValueError(f'replace is {replace!r}, expected "zero", "mean" or values')
        if x is None:
            raise ValueError('replace="mean" needs the images that the mean is taken over: pass them as x')
        return self.mean_activation(x, name)[list(units)]

    def check_units(self, units: Mapping[str, Sequence[int]]) -> None:
        """Raise if there is no such output or unit.

        Parameters
        ----------
        units : mapping of str to sequence of int
            For each named output some of its units.

        Raises
        ------
        UnknownLayerError, ValueError
            Naming the first that does not exist.
        """
        for name, chosen in units.items():
            count = self.shapes[self._named(name)][0]
            if np.ndim(chosen) != 1:
                raise ValueError(f"{name}: units are {chosen!r}, expected a list of their numbers")
            for unit in chosen:
                is_number = isinstance(unit, (int, np.integer)) and not isinstance(unit, bool)
                if not is_number or not 0 <= unit < count:
                    raise ValueError(f"{name}: no unit {unit}: there are {count}, numbered from 0")

    def mean_activation(self, x: ArrayLike, name: str, batch_size: int = 256) -> Array:
        """Return a layer's output, averaged over inputs.

        Parameters
        ----------
        x : array_like of shape (N, *input_shape)
            Inputs.
        name : str
            Of the layer.
        batch_size : int
            How many are worked through at a time.

        Raises
        ------
        ValueError
            If there are no inputs.
        """
        inputs = self.as_batch(x)
        if not len(inputs):
            raise ValueError(f"{name}: a mean activation needs at least one image")
        total = np.zeros(self.shapes[self._named(name)])
        for chunk in chunks(len(inputs), batch_size):
            total += self.trace(inputs[chunk])[name].sum(axis=0, dtype=np.float64)
        return (total / len(inputs)).astype(self.dtype)

    # ------------------------------------------------------------------------------------------ what it looks like

    def receptive_field(self, name: str) -> ReceptiveField:
        """Return which part of the image each place of a feature map sees.

        Parameters
        ----------
        name : str
            Of an output that is a stack of feature maps.

        Raises
        ------
        ValueError
            If the output has no places: a vector sees the whole image.

        Notes
        -----
        A window of size k, stride s and padding p on maps whose places see r pixels, j pixels apart, starting at a:
        its places see r + (k - 1) j pixels, s j apart, starting at a - p j.
        """
        if len(self.shapes[self._named(name)]) != 3:
            raise ValueError(f"{name}: has no feature maps, so each of its units sees the whole image")
        size, step, start, path = [1, 1], [1, 1], [0, 0], []
        for before, layer in zip(self.names, self.layers[: self._position(name)], strict=False):
            window = getattr(layer, "window", None)
            if isinstance(window, Window):
                _, height, width = self.shapes[before]
                pads = window.pads(height, width)
                path.append((window, (height, width)))
                for axis in (0, 1):
                    start[axis] -= pads[axis][0] * step[axis]
                    size[axis] += (window.size[axis] - 1) * step[axis]
                    step[axis] *= window.stride[axis]
        return ReceptiveField((size[0], size[1]), (step[0], step[1]), (start[0], start[1]), tuple(path))

    def summary(self) -> str:
        """Return a table of the layers: output shape, number of parameters, receptive field in pixels."""
        rows = [("layer", "kind", "output shape", "parameters", "sees")]
        for name, shape in self.shapes.items():
            layer = None if name == "input" else self[name]
            kind = "" if layer is None else type(layer).__name__
            count = 0 if layer is None else sum(array.size for array in layer.params.values())
            rows.append((name, kind, " x ".join(map(str, shape)), f"{count:,}" if count else "", self._sees(name)))
        rows.append(("total", "", "", f"{self.parameter_count:,}", ""))
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = [
            "  ".join(
                cell.rjust(width) if column == 3 else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        rule = "-" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    def _sees(self, name: str) -> str:
        if len(self.input_shape) != 3:
            return ""
        if len(self.shapes[name]) != 3:
            return "all"
        height, width = self.receptive_field(name).size
        return f"{height} x {width}"

    # ------------------------------------------------------------------------------------------------------ files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to an `.npz` file, whole or not at all.

        Parameters
        ----------
        path : path
            Of the file; exactly this name.
        """
        files.save_arrays(path, self.description(), self.parameters())

    @classmethod
    def load(cls, path: str | os.PathLike[str], layers: Sequence[type[Layer]] = ()) -> Network:
        """Read a network that `save` wrote.

        Parameters
        ----------
        path : path
            Of the file.
        layers : sequence of Layer classes
            Your own kinds of layers that the network has.

        Raises
        ------
        FileNotFoundError, ValueError
            If there is no such file, or it is not a whole and consistent network.
        """
        description, arrays = files.load_arrays(path, FORMAT)
        kinds = {**KINDS, **{kind.__name__: kind for kind in layers}}
        try:
            return cls._from_description(description, arrays, kinds)
        except Exception as error:  # a description that was tampered with can fail anywhere in the making of layers
            raise ValueError(f"{path}: the network in it does not fit together ({error})") from error

    def description(self) -> dict[str, Any]:
        """Return what, besides the parameters, the network can be made from again; JSON can hold it."""
        return {
            "format": FORMAT,
            "version": 1,
            "dtype": self.dtype.name,
            "input_shape": self.input_shape,
            "layers": [
                {"kind": type(layer).__name__, "name": layer.name, "settings": layer.settings()}
                for layer in self.layers
            ],
        }

    def parameters(self) -> dict[str, Array]:
        """Return all parameters by their full names, such as ``conv1/W``; the arrays are the network's own."""
        return {f"{layer.name}/{key}": array for layer in self.layers for key, array in layer.params.items()}

    @classmethod
    def _from_description(
        cls, description: dict[str, Any], arrays: dict[str, Array], kinds: Mapping[str, type[Layer]]
    ) -> Network:
        made = []
        for entry in description["layers"]:
            kind, name = entry["kind"], entry["name"]
            if kind not in kinds:
                raise ValueError(f"{name} is a {kind}, which is not a layer of tinynet: pass layers=[{kind}]")
            layer = kinds[kind](**_tuples(entry["settings"]))
            layer.name = name
            made.append(layer)
        net = cls(made, tuple(description["input_shape"]), dtype=description["dtype"])
        own = net.parameters()
        if own.keys() != arrays.keys():
            raise ValueError(f"parameters are {sorted(arrays)}, expected {sorted(own)}")
        for name, array in arrays.items():
            if array.shape != own[name].shape or array.dtype != own[name].dtype:
                raise ValueError(
                    f"{name} is {array.dtype} of shape {array.shape}, "
                    f"expected {own[name].dtype} of shape {own[name].shape}"
                )
            own[name][...] = array
        return net

    # ---------------------------------------------------------------------------------------------------- checks

    def _position(self, name: str) -> int:
        return self.names.index(self._named(name))

    def _named(self, name: str) -> str:
        if name not in self.shapes:
            raise UnknownLayerError(name, self.names)
        return name

    def as_batch(self, x: ArrayLike) -> Array:
        """Return inputs as an array, having checked that it has exactly one batch axis.

        Parameters
        ----------
        x : array_like of shape (N, *input_shape)
            Inputs.

        Raises
        ------
        ValueError
            If they have another shape, or are no real numbers.
        """
        inputs = np.asarray(x)
        if inputs.shape[1:] != self.input_shape:
            wanted = ", ".join(map(str, self.input_shape))
            raise ValueError(f"input: got an array of shape {inputs.shape}, expected (N, {wanted})")
        self._batch_axes(inputs)
        return inputs

    def _batch_axes(self, x: Array) -> Shape:
        unit = len(self.input_shape)
        if x.ndim < unit or x.shape[x.ndim - unit :] != self.input_shape:
            wanted = ", ".join(map(str, self.input_shape))
            raise ValueError(f"input: got an array of shape {x.shape}, expected (..., {wanted})")
        if x.dtype.kind not in "fiub":
            raise ValueError(f"input: got values of type {x.dtype}, expected real numbers")
        return x.shape[: x.ndim - unit]

    def _as_input(self, x: Array) -> Array:
        """Bring inputs to the network's type and, for layers with windows, to memory with long contiguous runs."""
        flat = x.reshape(-1, *self.input_shape).astype(self.dtype, copy=False)
        if any(hasattr(layer, "window") for layer in self.layers):
            flat = kernels.batch_innermost(flat)
        return unaliased(flat, x).reshape(x.shape)

    def _seed(self, seed: ArrayLike, trace: Trace, name: str) -> Array:
        output = trace[name]
        array = np.array(seed, self.dtype)
        if array.shape == output.shape:
            return array
        try:
            shape = np.broadcast_shapes(array.shape, output.shape)
            fits = shape[len(shape) - output.ndim :] == output.shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(f"{name}: got a seed or target of shape {array.shape}, expected (..., {output.shape})")
        return np.broadcast_to(array, shape)


def read_only(array: Array) -> Array:
    """Return a view of an array that cannot be written to; itself if it cannot be anyway.

    Parameters
    ----------
    array : ndarray
    """
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def chunks(count: int, size: int, what: str = "batch_size") -> Iterator[slice]:
    """Cut a number of things into slices of at most some size.

    Parameters
    ----------
    count, size : int
        How many there are, and how many at a time.
    what : str
        What the user calls the size.

    Raises
    ------
    ValueError
        If the size is less than 1.

    Examples
    --------
    >>> list(chunks(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    if size < 1:
        raise ValueError(f"{what} is {size}, expected at least 1")
    return (slice(begin, min(begin + size, count)) for begin in range(0, count, size))


def part_size(net: Network) -> int:
    """Return how many images to work on at once, so that the largest activation stays within PART_BYTES.

    Parameters
    ----------
    net : Network
    """
    largest = max(math.prod(shape) for shape in net.shapes.values()) * net.dtype.itemsize
    return max(PART_BYTES // largest, 1)


def _give_names(layers: Sequence[Layer]) -> None:
    if len({id(layer) for layer in layers}) < len(layers):
        raise ValueError("the same layer object stands in the network twice; make one for each place")
    taken = {layer.name for layer in layers if layer.name} | {"input"}
    if len(taken) <= sum(1 for layer in layers if layer.name):
        names = [layer.name for layer in layers if layer.name]
        twice = sorted({name for name in names if names.count(name) > 1} | ({"input"} & set(names)))
        raise ValueError(f"layer names must differ, and none may be 'input'; got {', '.join(twice)} more than once")
    numbers: dict[str, int] = {}
    for layer in layers:
        kind = layer.kind or type(layer).__name__.lower()
        numbers[kind] = numbers.get(kind, 0) + 1
        if not layer.name:
            while f"{kind}{numbers[kind]}" in taken:
                numbers[kind] += 1
            layer.name = f"{kind}{numbers[kind]}"
            taken.add(layer.name)


def _tuples(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
