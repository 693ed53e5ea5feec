"""The protocol that every layer keeps: pure functions of arrays.

A layer stores parameters and settings, nothing else. What a forward pass computes is kept by whoever called it (a
:class:`tinynet.Trace`) and handed back to the backward pass, so calling a layer twice, or from two threads, is safe.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from tinynet import initializers
from tinynet.signatures import misfit_of
from tinynet.types import Array, Shape

AnyLayer = TypeVar("AnyLayer", bound="Layer")


class TargetRule:
    """How target propagation carries a target from the output of a layer to its input.

    A layer knows whether it has weights (`Affine`) or lets through what others made (`PassThrough`); a rule says what
    to do with each. Subclasses define `affine_target`, and whatever else they do in another way.
    """

    def output_target(self, t: Array, y: Array) -> Array:
        """Return what the topmost output is asked to become; the target itself, if a rule goes there at once.

        Parameters
        ----------
        t, y : ndarray
            Target for the output, and the output.
        """
        return t

    def affine_target(self, layer: Layer, t: Array, x: Array, y: Array) -> Array:
        """Return the target for the input of a layer with weights.

        Parameters
        ----------
        layer : Layer
            Such as a dense or convolutional one.
        t, x, y : ndarray
            Target for the output, input and output.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define affine_target(layer, t, x, y)")

    def passing_target(self, layer: Layer, t: Array, x: Array, y: Array) -> Array:
        """Return the target for the input of an activation, pool, reshaping layer or mask: x - J(x)^T (y - t).

        Parameters
        ----------
        layer : Layer
            Such as a tanh.
        t, x, y : ndarray
            Target for the output, input and output.

        Notes
        -----
        With the squared error E = |y - t|^2 / 2, J^T (y - t) is dE/dx, so the target is one gradient step of length
        one away from x. The step size belongs to the affine layers (de Souza Farias and Maziero, section 2).
        """
        return x - layer.backward(y - t, x, y)

    def block_target(self, block: Sequence[Layer], t: Array, t_x: Array) -> Array:
        """Return a better target for the input of a block, if the rule looks at whole blocks; else the one it has.

        Parameters
        ----------
        block : sequence of Layer
            A layer with weights and what follows it, up to the next one with weights.
        t : ndarray
            Target for the output of the block.
        t_x : ndarray
            Target for its input, by the layers' own targets.
        """
        return t_x


class Layer:
    """A function of arrays, with its derivative beside it.

    Subclasses write `forward` and `backward`; those with parameters also `build` and `grads`; those that target
    propagation may pass through also `target`. The leading axes of every array are batch axes, as many as there are.

    Attributes
    ----------
    params : dict of str to ndarray
        Parameters by name; empty for layers without parameters and for layers that are not built yet.
    name : str
        The layer's name within its network; empty until a network gives one.
    kind : str
        What such layers are named after, with a running number; the class' name in small letters if empty.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> from scipy.special import expit
    >>> class Softplus(tn.Layer):
    ...     def forward(self, x):
    ...         return np.logaddexp(0, x)
    ...     def backward(self, dy, x, y):
    ...         return dy * expit(x)
    """

    params: dict[str, Array]
    name: str
    kind: ClassVar[str] = ""

    def __new__(cls, /, *args: Any, **kwargs: Any) -> Layer:
        """Give every layer its own `params` and `name`, so that a subclass needs no `super().__init__()`."""
        if (args or kwargs) and (misfit := misfit_of(cls.__name__, cls.__init__, (cls, *args), kwargs)):
            raise TypeError(misfit)
        layer = super().__new__(cls)
        try:
            layer.params, layer.name = {}, ""
        except AttributeError as error:
            raise TypeError(f"{cls.__name__}: a layer cannot be frozen, it gets parameters and a name") from error
        return layer

    def __init__(self) -> None:
        """Take no settings; `object` would let any pass."""

    def forward(self, x: Array) -> Array:
        """Return the output for the input `x`.

        Parameters
        ----------
        x : ndarray of shape (..., *input_shape)
            Inputs.

        Returns
        -------
        y : ndarray of shape (..., *output_shape)
            Outputs.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define forward(x)")

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return J(x)^T dy, the gradient with respect to the input, given the one with respect to the output.

        Parameters
        ----------
        dy : ndarray of shape (..., *output_shape)
            Gradient with respect to the output; it may have further leading axes in front of those of `x`.
        x : ndarray of shape (..., *input_shape)
            The input.
        y : ndarray of shape (..., *output_shape)
            The output, `forward(x)`.

        Returns
        -------
        dx : ndarray of shape (..., *input_shape)
            With the leading axes of `dy`.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define backward(dy, x, y)")

    def grads(self, dy: Array, x: Array, y: Array) -> dict[str, Array]:
        """Return the gradient with respect to each parameter, summed over all leading axes.

        Parameters
        ----------
        dy, x, y : ndarray
            As in `backward`.

        Returns
        -------
        dict of str to ndarray
            One gradient for each entry of `params`, of its shape.
        """
        return {}

    def target(self, t: Array, x: Array, y: Array, rule: TargetRule) -> Array:
        """Return the target for the input, given the target `t` for the output.

        Parameters
        ----------
        t : ndarray of shape (..., *output_shape)
            What the output should have been.
        x, y : ndarray
            As in `backward`.
        rule : TargetRule
            How a layer with weights takes its step, such as `tinynet.GradientTargets()`.

        Returns
        -------
        t_x : ndarray of shape (..., *input_shape)
            What the input should have been.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define target(t, x, y, rule)")

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> None:
        """Draw the parameters for inputs of one shape; a layer without parameters has nothing to do.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one input, without batch axes.
        rng : numpy.random.Generator
            Where the weights are drawn from.
        dtype : dtype
            Of the parameters.

        Raises
        ------
        ValueError
            If the layer cannot take such inputs; the message says what was got and wanted.
        """

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one output for inputs of one shape, here by asking `forward`.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one input, without batch axes.
        """
        return self.forward(np.zeros((1, *input_shape), np.float32)).shape[1:]

    def settings(self) -> dict[str, Any]:
        """Return the arguments, of types that JSON knows, from which the layer can be made again."""
        return {}

    def with_params(self: AnyLayer, params: dict[str, Array]) -> AnyLayer:
        """Return the same layer with other parameters.

        Parameters
        ----------
        params : dict of str to ndarray
            One array for each entry of `params`.
        """
        other = copy.copy(self)
        other.params = dict(params)
        return other

    @property
    def label(self) -> str:
        """The layer's name, or its kind while it has none: what error messages call it."""
        return self.name or type(self).__name__

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.settings().items())
        return f"{type(self).__name__}({arguments})"


class PassThrough(Layer):
    """A layer that target propagation passes through: activations, pooling, reshaping, masks.

    Attributes
    ----------
    bounds : pair of float
        What the outputs lie between without ever reaching it.
    """

    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    def target(self, t: Array, x: Array, y: Array, rule: TargetRule) -> Array:
        """Return what the rule passes on through a layer without weights."""
        return rule.passing_target(self, t, x, y)

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return an input whose output is `t`, or as near to it as the layer gets: of several, one near to `x`.

        Parameters
        ----------
        t : ndarray of shape (..., *output_shape)
            What to put out, within the bounds; it may have further leading axes in front of those of `y`.
        x, y : ndarray
            As in `backward`. For `t` equal to `y` the answer is `x`.

        Returns
        -------
        ndarray of shape (..., *input_shape)
            With the leading axes of `t`.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define inverse(t, x, y)")


class Affine(Layer):
    """A layer of weights, where a rule takes its step: dense and convolutional layers.

    Attributes
    ----------
    bias : bool
        Whether there is a `b`, one entry an output.
    initializer : str
        How W is drawn; the bias starts at zero.
    """

    bias: bool
    initializer: str

    def weight_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of W, (outputs, inputs, *window), for inputs of one shape.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one input, without batch axes.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define weight_shape(input_shape)")

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> None:
        """Draw W and set b to zero, unless there are weights already, which must fit."""
        self.output_shape(input_shape)
        shape = self.weight_shape(input_shape)
        wanted = {"W": shape, "b": shape[:1]} if self.bias else {"W": shape}
        if not self.params:
            outputs, inputs, *window = shape
            area = math.prod(window)
            self.params["W"] = initializers.named(self.initializer)(shape, inputs * area, outputs * area, rng, dtype)
            if self.bias:
                self.params["b"] = np.zeros(outputs, dtype)
        found = {name: array.shape for name, array in self.params.items()}
        if found != wanted:
            raise ValueError(f"{self.label}: parameters have the shapes {found}, expected {wanted}")

    def target(self, t: Array, x: Array, y: Array, rule: TargetRule) -> Array:
        """Return what the rule makes of a layer with weights."""
        return rule.affine_target(self, t, x, y)


def opens_block(layer: Layer) -> bool:
    """Return whether target propagation takes a step at a layer: it has weights, and does not pass targets through."""
    return bool(layer.params) and not isinstance(layer, PassThrough)


def unaliased(result: Array, argument: Array) -> Array:
    """Return `result`, copied if it shares memory with an `argument` that its owner may still write to.

    Parameters
    ----------
    result : ndarray
        What a layer is about to return, perhaps a view.
    argument : ndarray
        What it was given.

    Notes
    -----
    Reshaping layers return views where that is safe: the arrays of a :class:`tinynet.Trace` are read-only, so a
    network never pays for this copy.
    """
    return result.copy(order="K") if argument.flags.writeable and np.may_share_memory(result, argument) else result


def merge_batch_axes(x: Array) -> Array:
    """Return an array of images with its leading axes made one: (..., C, H, W) to (N, C, H, W).

    Parameters
    ----------
    x : ndarray of shape (..., C, H, W)
    """
    return x.reshape(-1, *x.shape[-3:])


def image_shape(shape: Shape) -> tuple[int, int, int]:
    """Return the shape as (channels, height, width).

    Parameters
    ----------
    shape : tuple of int
        Of one input.

    Raises
    ------
    ValueError
        If it has not three axes.
    """
    if len(shape) != 3:
        raise ValueError(f"input has shape {shape}, expected images of shape (channels, height, width)")
    return shape[0], shape[1], shape[2]


def sum_extra_axes(dy: Array, ndim: int) -> Array:
    """Return `dy` summed over the leading axes that it has beyond `ndim`: gradients of parameters add up.

    Parameters
    ----------
    dy : ndarray
        Gradient with respect to an output.
    ndim : int
        Number of axes of that output.
    """
    return dy.sum(axis=tuple(range(dy.ndim - ndim))) if dy.ndim > ndim else dy
