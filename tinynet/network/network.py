"""A network: layers in a row, run forward, and walked down layer by layer."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from tinynet.arguments import generator, wrong
from tinynet.kernels import underflow_is_meant
from tinynet.kernels.blas import one_blas_thread
from tinynet.layers import KnockOut, Layer
from tinynet.layers.base import TargetRule, opens_block, unaliased
from tinynet.network.answers import Answers
from tinynet.network.assembly import channels_hint, checked_dtype, checked_layers, checked_shape, give_names
from tinynet.network.inputs import as_input, as_signal, check_trace, checked_axes, checked_batch
from tinynet.network.knockouts import Replacement, Units, by_layer, checked_units, knockout_layer
from tinynet.network.parts import chunks
from tinynet.network.receptive_field import ReceptiveField, receptive_field
from tinynet.network.trace import Deltas, LayerArrays, Targets, Trace, read_only
from tinynet.signatures import hinting
from tinynet.types import Array, Shape

Step: TypeAlias = Callable[[Layer, Array, Array, Array], Array]
PART_BYTES = 1 << 22  # of the largest activation of the images of a part


class Network(Answers):
    """Layers in a row.

    Parameters
    ----------
    layers : sequence of Layer
        From the input to the output. A layer that has parameters already keeps them, so networks made of the same
        layers share them; they must be of the network's `dtype`.
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
    >>> [layer.name for layer in net]
    ['dense1', 'tanh1', 'dense2', 'softmax1']
    >>> len(net), net[1] is net["tanh1"]
    (4, True)
    >>> trace = net.trace(np.ones((5, 4)))
    >>> net.backward(trace, np.array([1.0, 0.0]), at="dense2")["tanh1"].shape
    (5, 3)
    """

    @hinting
    def __init__(
        self,
        layers: Sequence[Layer],
        input_shape: Shape,
        rng: int | np.random.Generator = 0,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.layers = checked_layers(layers)
        self.input_shape = checked_shape(input_shape)
        self.dtype = checked_dtype(dtype)
        draws = generator(rng)
        give_names(self.layers)
        shape = self.input_shape
        self.shapes = {"input": shape}
        for layer in self.layers:
            self.shapes[layer.name] = shape = self._built(layer, shape, draws)

    def _built(self, layer: Layer, shape: Shape, rng: np.random.Generator) -> Shape:
        """Give a layer the parameters that it lacks, and return the shape of its output."""
        kept = dict(layer.params)
        try:
            layer.build(shape, rng, self.dtype)
            for key, array in kept.items():
                wanted = layer.params.get(key, array).shape
                if array.shape != wanted:
                    raise ValueError(f"{key} has the shape {array.shape}, expected {wanted}")
                if array.dtype != self.dtype:
                    raise ValueError(f"{key} is {array.dtype}, expected {self.dtype}, the dtype of the network")
            layer.params.update(kept)
            return layer.output_shape(shape)
        except ValueError as error:
            message = str(error)
            where = "" if message.startswith(layer.name) else f"{layer.name}: "
            raise ValueError(f"{where}{message}{channels_hint(self.input_shape)}") from error

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
        inputs, batch = checked_axes(x, self.input_shape)
        flat = inputs.reshape(-1, *self.input_shape)
        output = np.empty((len(flat), *self.output_shape), self.dtype)
        with own_threads(self) if len(flat) > part_size(self) else nullcontext():
            for chunk in chunks(len(flat), batch_size):
                output[chunk] = self.forward_from(self._as_input(flat[chunk]), "input")
        return output.reshape(*batch, *self.output_shape)

    @underflow_is_meant
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
        found, _ = checked_axes(activation, self.shapes[self._named(after)], "activation")
        for layer in self.layers[self._position(after) :]:
            found = layer.forward(read_only(found))
        return unaliased(found, activation)

    @underflow_is_meant
    def trace(self, x: ArrayLike) -> Trace:
        """Run a forward pass and keep what each layer puts out.

        Parameters
        ----------
        x : array_like of shape (..., *input_shape)
            Inputs; they are copied unless nobody can write to their memory, so that a trace never changes.

        Returns
        -------
        Trace
        """
        inputs, _ = checked_axes(x, self.input_shape)
        activation = self._as_input(inputs)
        arrays = {"input": activation}
        for layer in self.layers:
            activation = read_only(layer.forward(activation))
            arrays[layer.name] = activation
        return Trace(arrays)

    def carry_back(
        self, trace: Trace, signal: ArrayLike, step: Step, at: str | None = None, down_to: str = "input"
    ) -> LayerArrays:
        """Walk down from an output, one layer at a time, and return what arrives at each output on the way.

        Gradients, targets and relevance differ only in what one layer hands to the one before it: in their `step`.

        Parameters
        ----------
        trace : Trace
            The forward pass.
        signal : array_like
            What starts at the output of `at`. It is broadcast against that output and may have further leading axes,
            all kept: K one-hot seeds of shape (K, 1, K) give the gradients of all K classes.
        step : callable
            ``step(layer, signal, x, y)`` returns the signal at the layer's input x, given the one at its output y.
        at : str, optional
            Name of the layer at whose output the signal starts; the last one if not given.
        down_to : str
            Where to stop; training has no use for the gradient of the input.

        Returns
        -------
        LayerArrays
            The signal at each output from `down_to` up to `at`.

        Examples
        --------
        The sizes of all paths from the inputs to an output:

        >>> import numpy as np, tinynet as tn
        >>> net = tn.Network([tn.Dense(3), tn.ReLU(), tn.Dense(1)], input_shape=(2,), dtype=float)
        >>> def paths(layer, signal, x, y):
        ...     return signal @ abs(layer.params["W"]) if layer.params else signal
        >>> net.carry_back(net.trace(np.ones(2)), [1.0], paths).input.shape
        (2,)
        """
        return LayerArrays(self._carried_back(trace, signal, step, at, down_to))

    @underflow_is_meant
    def _carried_back(
        self, trace: Trace, signal: ArrayLike, step: Step, at: str | None, down_to: str
    ) -> dict[str, Array]:
        names = self.names
        top = len(self.layers) if at is None else self._position(at)
        bottom = self._position(down_to)
        signal = as_signal(names[top], signal, trace, names)
        carried = {names[top]: signal}
        for index in range(top, bottom, -1):
            layer, before = self.layers[index - 1], names[index - 1]
            carried[before] = signal = read_only(step(layer, signal, trace[before], trace[names[index]]))
        return dict(reversed(carried.items()))

    def backward(self, trace: Trace, seed: ArrayLike, at: str | None = None, down_to: str = "input") -> Deltas:
        """Carry a seed back: d<seed, output of `at`> / d(each output before it).

        Parameters
        ----------
        trace : Trace
            The forward pass.
        seed : array_like
            Gradient with respect to the output of `at`; broadcast against it as in `carry_back`.
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
        carried = self._carried_back(trace, seed, lambda layer, dy, x, y: layer.backward(dy, x, y), at, down_to)
        return Deltas(carried, self.names[-1] if at is None else at, trace)

    @underflow_is_meant
    def grads(
        self, trace: Trace, deltas: Mapping[str, Array], layers: Collection[str] | None = None
    ) -> dict[str, dict[str, Array]]:
        """Return the gradients of the parameters, summed over the batch.

        Parameters
        ----------
        trace : Trace
            The forward pass.
        deltas : Deltas
            What `backward` returned for it.
        layers : collection of str, optional
            Names of the layers that are asked for; all if not given.

        Returns
        -------
        dict of str to dict of str to ndarray
            ``{"conv1": {"W": ..., "b": ...}, ...}``, for those layers with parameters that the deltas reach.
        """
        check_trace(trace, self.names, deltas)
        if layers is not None:
            if isinstance(layers, str) or not isinstance(layers, Collection):
                raise wrong("layers", layers, "a list of names of layers")
            for name in layers:
                self._named(name)
        return {
            layer.name: layer.grads(deltas[layer.name], trace[before], trace[layer.name])
            for before, layer in zip(self.names, self.layers, strict=False)
            if layer.params and layer.name in deltas and (layers is None or layer.name in layers)
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
        top = self.names[-1] if at is None else self._named(at)
        wanted = rule.output_target(as_signal(top, t, trace, self.names), trace[top])
        block: list[Layer] = []
        block_target = wanted

        def step(layer: Layer, t: Array, x: Array, y: Array) -> Array:
            nonlocal block, block_target
            t_x = layer.target(t, x, y, rule)
            block = [layer, *block]
            if opens_block(layer):
                t_x = block_target = rule.block_target(block, block_target, t_x)
                block = []
            return t_x

        carried = self._carried_back(trace, wanted, step, top, down_to)
        behind = self.names[self._position(top) + 1 :]
        return Targets({**carried, **{name: trace[name] for name in behind}})

    def target_deltas(
        self, trace: Trace, targets: Mapping[str, Array], weight: float = 1.0, at: str | None = None
    ) -> LayerArrays:
        """Return what the weights learn from in target propagation, in the place of the deltas.

        Parameters
        ----------
        trace : Trace
            The forward pass.
        targets : Targets
            What `propagate_targets` returned for it.
        weight : float
            What to multiply by, such as 1 / N for the mean over N images.
        at : str, optional
            Name of the layer whose output had the target; the last one if not given.

        Returns
        -------
        LayerArrays
            Co-indexed with the targets, up to `at`.

        Notes
        -----
        Each block, a layer with weights and what follows it, learns by itself to put out its target t: its error is
        |y - t|^2 / 2, whose gradient y - t goes back through this block alone, as deltas do.

        References
        ----------
        de Souza Farias and Maziero, section 2 and the authors' program; Lee et al. 2015, algorithm 1.
        """
        in_front = dict(zip(self.names[1:], self.names, strict=False))

        def step(layer: Layer, residual: Array, x: Array, y: Array) -> Array:
            if opens_block(layer):
                return (x - targets[in_front[layer.name]]) * weight
            return layer.backward(residual, x, y)

        top = self.names[-1] if at is None else self._named(at)
        return self.carry_back(trace, (trace[top] - targets[top]) * weight, step, top, next(iter(targets)))

    def with_layers(self, layers: Sequence[Layer]) -> Network:
        """Return a network of other layers for the same inputs; the layers in both share their parameters.

        Parameters
        ----------
        layers : sequence of Layer
            From the input to the output.
        """
        return Network(layers, self.input_shape, dtype=self.dtype)

    def replaced(self, replacements: Mapping[str, Layer]) -> Network:
        """Return the same network with some layers exchanged for others of the same output shape.

        Parameters
        ----------
        replacements : mapping of str to Layer
            By the name of the layer that each stands in for, which it takes on if it has none. Layers with parameters
            keep them.

        Raises
        ------
        UnknownLayerError, ValueError
            If there is no such layer, or what it is replaced by puts out another shape or has another name.
        """
        for name, layer in replacements.items():
            before, wanted = self.names[self._position(name) - 1], self[name]
            layer.name = layer.name or wanted.name
            shape = self._built(layer, self.shapes[before], np.random.default_rng(0))
            if layer.name != name or shape != self.shapes[name]:
                got = f"{layer.name}, which puts out {shape}"
                raise ValueError(f"{name}: is to be replaced by {got}, expected {name} and {self.shapes[name]}")
        other = copy.copy(self)
        other.layers = tuple(replacements.get(layer.name, layer) for layer in self.layers)
        return other

    def knocked_out(
        self,
        units: Units,
        replace: Replacement = "zero",
        x: ArrayLike | None = None,
    ) -> Network:
        """Return a network in which some units always put out the same; parameters are shared, nothing is undone.

        Parameters
        ----------
        units : mapping of str to int or sequence of int, or sequence of Unit
            For each named output the units to silence: feature maps of images, or single units of vectors. Or pairs of
            a name and a number, as :func:`tinynet.rank_units` returns them.
        replace : "zero", "mean", "bias", array_like, or mapping of str to array_like
            What stands in the place of their outputs: zeros, their mean over the images `x`, what their bias alone
            puts out, as if their weights were 0, or values given: one number, or one entry a unit, for all outputs or
            by name.
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

        Examples
        --------
        >>> import tinynet as tn
        >>> net = tn.Network([tn.Dense(3), tn.Tanh(), tn.Dense(2)], input_shape=(4,))
        >>> order = tn.rank_units({"tanh1": [0.1, 0.7, 0.4]})
        >>> net.knocked_out(order[:2])["knockout1"].units, net.knocked_out({"tanh1": 2})["knockout1"].units
        ([1, 2], [2])
        """
        knockouts = self.knockout_layers(units, replace, x)
        changed: list[Layer] = [knockouts["input"]] if "input" in knockouts else []
        for layer in self.layers:
            changed += [layer, knockouts[layer.name]] if layer.name in knockouts else [layer]
        return self.with_layers(changed)

    def knockout_layers(
        self, units: Units, replace: Replacement = "zero", x: ArrayLike | None = None
    ) -> dict[str, KnockOut]:
        """Return the layer that silences the units of each named output, for the arguments of `knocked_out`."""

        def mean(name: str) -> Array:
            if x is None:
                raise ValueError('replace="mean" needs the images that the mean is taken over: pass them as x')
            return self.mean_activation(x, name)

        kinds = {"mean": mean, "bias": self.bias_activation}
        return {
            name: knockout_layer(name, chosen, self.shapes[name], self.dtype, replace, kinds)
            for name, chosen in self.check_units(units).items()
        }

    def check_units(self, units: Units) -> dict[str, list[int]]:
        """Return some units of each named output as lists of their numbers.

        Parameters
        ----------
        units : mapping of str to int or sequence of int, or sequence of Unit
            For each named output some of its units, or pairs of a name and a number.

        Raises
        ------
        UnknownLayerError, ValueError
            Naming the first that does not exist.
        """
        named = by_layer(units).items()
        return {name: checked_units(name, chosen, self.shapes[self._named(name)]) for name, chosen in named}

    def mean_activation(self, x: ArrayLike, name: str, batch_size: int = 256) -> Array:
        """Return a layer's output, averaged over inputs, of which there must be one.

        Parameters
        ----------
        x : array_like of shape (N, *input_shape)
            Inputs.
        name : str
            Of the layer.
        batch_size : int
            How many are worked through at a time.
        """
        inputs = self.as_batch(x)
        if not len(inputs):
            raise ValueError(f"{name}: a mean activation needs at least one image")
        total = np.zeros(self.shapes[self._named(name)])
        for chunk in chunks(len(inputs), batch_size):
            total += self.trace(inputs[chunk])[name].sum(axis=0, dtype=np.float64)
        return (total / len(inputs)).astype(self.dtype)

    def bias_activation(self, name: str) -> Array:
        """Return what a layer puts out if the nearest layer with weights adds nothing to its biases.

        Parameters
        ----------
        name : str
            Of the layer, or of one behind it that keeps units apart, such as an activation function or a pool.

        Raises
        ------
        ValueError
            If no layer with weights is in front of it.
        """
        stop = self._position(name)
        start = max((at for at, layer in enumerate(self.layers[:stop]) if "W" in layer.params), default=None)
        if start is None:
            raise ValueError(f"{name}: no layer with weights is in front of it, so its units have no bias")
        activation = np.zeros((1, *self.shapes[self.names[start]]), self.dtype)  # of no input, only the bias is left
        for layer in self.layers[start:stop]:
            activation = layer.forward(activation)
        return np.asarray(activation[0])

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
        """
        count = self._position(name)
        if len(self.shapes[name]) != 3:
            raise ValueError(f"{name}: has no feature maps, so each of its units sees the whole image")
        return receptive_field(self.layers[:count], list(self.shapes.values())[:count])

    def _as_input(self, x: Array) -> Array:
        return as_input(x, self.input_shape, self.dtype, batch_innermost=_has_windows(self.layers))

    def as_batch(self, x: ArrayLike) -> Array:
        """Return inputs as an array, having checked that it has exactly one batch axis and holds finite numbers.

        Parameters
        ----------
        x : array_like of shape (N, *input_shape)
            Inputs.

        Raises
        ------
        ValueError
            If they have another shape, or a value that is no finite number or beyond the network's type.
        """
        return checked_batch(x, self.input_shape, self.dtype)


def part_size(net: Network) -> int:
    """Return how many images to work on at once, so that the largest activation stays within PART_BYTES."""
    largest = max(math.prod(shape) for shape in net.shapes.values()) * net.dtype.itemsize
    return max(PART_BYTES // largest, 1)


def own_threads(net: Network) -> AbstractContextManager[None]:
    """Return a context for as long as a network is worked on in parts by threads of our own: BLAS starts none then.

    Notes
    -----
    Convolutions are cut into parts. The products of a network that has none are few and large, and left to BLAS.
    """
    return one_blas_thread() if _has_windows(net.layers) else nullcontext()


def _has_windows(layers: Sequence[Layer]) -> bool:
    return any(hasattr(layer, "window") for layer in layers)


def checked_network(net: object) -> Network:
    """Return a network, or raise a ValueError if it is none."""
    if not isinstance(net, Network):
        raise wrong("net", net, "a Network")
    return net
