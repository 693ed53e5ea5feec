"""The copy of a layer that is tested: how it is made, called and moved."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import DTypeLike

from tinynet.layers.base import Layer, TargetRule
from tinynet.testing.drawing import Draw, ordinary, positive
from tinynet.testing.numeric import Slope, largest, slope, unit
from tinynet.testing.outcomes import Broken, NotApplicableError, NotCheckedError, Raised, as_array, called
from tinynet.types import Array, Shape

BATCH = 3
DRAWS = 20


@dataclass(frozen=True)
class Case:
    """An input, a gradient at the output, a direction, and how fast the output changes along it.

    Parameters
    ----------
    x, dy : ndarray
        The input and the gradient at the output.
    direction : ndarray
        Of the input or of a parameter, of length one.
    slope : Slope
        Of the output along the direction.
    """

    x: Array
    dy: Array
    direction: Array
    slope: Slope

    def where_smooth(self) -> Case:
        """Return the case with nothing asked of outputs that have no derivative."""
        smooth, found = self.slope.smooth, self.slope
        values, error = np.where(smooth, found.values, 0), np.where(smooth, found.error, 0)
        return replace(self, dy=np.where(smooth, self.dy, 0), slope=replace(found, values=values, error=error))

    def take(self, inputs: Array) -> Case:
        """Return the case of some of the inputs.

        Parameters
        ----------
        inputs : ndarray of int
            Their places in the batch.
        """
        found = self.slope
        some = Slope(found.values[inputs], found.error[inputs], found.bend[inputs], found.smooth[inputs])
        return Case(self.x[inputs], self.dy[inputs], self.direction[inputs], some)


@dataclass
class LayerUnderTest:
    """A copy of a layer, ready to be tested.

    Parameters
    ----------
    layer : Layer
        The copy.
    input_shape : tuple of int
        Shape of one input.
    draw : callable
        Draws inputs: takes a Generator, a shape and the number of the attempt.
    original : Layer
        What the copy was made of.
    seed : int
        Of the weights.
    refusal : str
        What `backward` says if it declines to be called.
    repeats : bool
        Whether `forward` gives the same answer twice.
    redrawn : int
        How many inputs lay at a kink and were drawn again.
    """

    layer: Layer
    input_shape: Shape
    draw: Draw
    original: Layer
    seed: int
    refusal: str = ""
    repeats: bool = True
    redrawn: int = 0

    # -------------------------------------------------------------------------------------------- what there is

    @property
    def params(self) -> dict[str, Array]:
        """The parameters of the copy."""
        return getattr(self.layer, "params", {})

    @property
    def differentiable(self) -> bool:
        """Whether `backward` may be called."""
        return not self.refusal

    def defines(self, method: str) -> bool:
        """Return whether the layer has a method of its own.

        Parameters
        ----------
        method : str
            Its name.
        """
        own = getattr(type(self.layer), method, None)
        return own is not None and own is not getattr(Layer, method)

    def require_backward(self) -> None:
        """Leave the law at hand if the layer has no derivative."""
        if self.refusal:
            raise NotApplicableError(f"backward declines: {self.refusal}")

    def in_dtype(self, dtype: DTypeLike) -> LayerUnderTest:
        """Return the same layer with parameters of another type.

        Parameters
        ----------
        dtype : dtype
            float32 or float64.
        """
        layer = copied(self.original, self.input_shape, self.seed, dtype)
        return replace(self, layer=layer)

    def moved(self, name: str, by: Array | float) -> LayerUnderTest:
        """Return the same layer with one parameter moved.

        Parameters
        ----------
        name : str
            Of the parameter.
        by : ndarray or float
            Added to it.
        """
        layer = copy.copy(self.layer)
        layer.params = {**self.params, name: self.params[name] + by}
        return replace(self, layer=layer)

    def inputs(self, rng: np.random.Generator, batch: Shape, attempt: int = 0) -> Array:
        """Draw inputs.

        Parameters
        ----------
        rng : numpy.random.Generator
            Where they are drawn from.
        batch : tuple of int
            Leading axes.
        attempt : int
            Number of the draw: others may have other scales.
        """
        return self.draw(rng, (*batch, *self.input_shape), attempt)

    # ------------------------------------------------------------------------------------------------- calling it

    def forward(self, x: Array) -> Array:
        """Return the output, from a copy of x."""
        return as_array("forward", called("forward", self.layer.forward, x.copy()))

    def backward(self, dy: Array, x: Array) -> Array:
        """Return the gradient at the input, from copies, right after a forward pass."""
        y, dx = self._passes(dy, x)
        wanted = dy.shape[: dy.ndim - y.ndim] + x.shape
        if dx.shape != wanted:
            raise NotCheckedError(f"backward returns shape {dx.shape}, should be {wanted}")
        return dx

    def raw_backward(self, dy: Array, x: Array) -> Array:
        """Return what `backward` returns, whatever its shape."""
        return self._passes(dy, x)[1]

    def _passes(self, dy: Array, x: Array) -> tuple[Array, Array]:
        self.require_backward()
        y = self.forward(x)
        return y, as_array("backward", called("backward", self.layer.backward, dy.copy(), x.copy(), y.copy()))

    def grads(self, dy: Array, x: Array) -> dict[str, Array]:
        """Return the gradients of the parameters, from copies, right after a forward pass."""
        self.require_backward()
        y = self.forward(x)
        found = called("grads", self.layer.grads, dy.copy(), x.copy(), y.copy())
        if not isinstance(found, dict):
            raise Broken(f"grads returned a {type(found).__name__}, expected a dict such as {{'W': dW}}")
        return {name: as_array(f"grads()[{name!r}]", array) for name, array in found.items()}

    def gradients(self, dy: Array, x: Array) -> dict[str, Array]:
        """Return the gradients at the input and, where they fit, of the parameters: dx, dW, ..."""
        grads = self.grads(dy, x) if self.params else {}
        found = {f"d{name}": array for name, array in grads.items()} if self.grads_fit(grads) else {}
        return {"dx": self.backward(dy, x), **found}

    def grads_fit(self, grads: dict[str, Array]) -> bool:
        """Return whether there is a gradient of the right shape for each parameter."""
        return {k: v.shape for k, v in grads.items()} == {k: v.shape for k, v in self.params.items()}

    def target(self, t: Array, x: Array, rule: TargetRule) -> Array:
        """Return the target for the input, from copies, right after a forward pass."""
        y = self.forward(x)
        return as_array("target", called("target", self.layer.target, t.copy(), x.copy(), y.copy(), rule))

    # ---------------------------------------------------------------------------------------------- cases of it

    def smooth_cases(self, rng: np.random.Generator, count: int, parameter: str | None = None) -> Iterator[Case]:
        """Draw cases away from kinks.

        Parameters
        ----------
        rng : numpy.random.Generator
            Where they are drawn from.
        count : int
            How many.
        parameter : str, optional
            Along which parameter the directions are; along the input if not given.

        Raises
        ------
        NotApplicableError
            If every input that is drawn lies at a kink.
        """
        drawn = 0
        for attempt in range(count + DRAWS):
            case = self.case(rng, self.inputs(rng, (BATCH,), attempt), parameter)
            if case.slope.kinked:
                self.redrawn += 1
                continue
            drawn += 1
            yield case
            if drawn == count:
                return
        if not drawn:
            raise NotApplicableError(f"each of {count + DRAWS} inputs drawn lies at a kink or a jump")

    def case(self, rng: np.random.Generator, x: Array, parameter: str | None = None) -> Case:
        """Draw a direction and a gradient at the output for one input.

        Parameters
        ----------
        rng : numpy.random.Generator
            Where they are drawn from.
        x : ndarray
            The input.
        parameter : str, optional
            Along which parameter the direction is; along the input if not given.
        """
        along = unit(rng.standard_normal(x.shape if parameter is None else self.params[parameter].shape))
        moved = x if parameter is None else self.params[parameter]
        found = slope(lambda step: self.at(x, parameter, step * along), largest(moved))
        return Case(x, rng.standard_normal(found.values.shape), along, found)

    def at(self, x: Array, parameter: str | None = None, by: Array | float = 0.0) -> Array:
        """Return the output, as floating-point numbers, with the input or a parameter moved.

        Parameters
        ----------
        x : ndarray
            The input.
        parameter : str, optional
            Which parameter is moved; the input if not given.
        by : ndarray or float
            Added to it.
        """
        y = self.forward(x + by) if parameter is None else self.moved(parameter, by).forward(x)
        return y if y.dtype.kind == "f" else y.astype(np.float64)


# ------------------------------------------------------------------------------------------------------ making one


def prepare(layer: Layer, input_shape: Shape, seed: int, draw: Draw | None = None) -> LayerUnderTest:
    """Return a copy of a layer, built, in float64, that has passed one forward and one backward pass.

    Parameters
    ----------
    layer : Layer
        Left as it is.
    input_shape : tuple of int
        Shape of one input.
    seed : int
        Of the weights of a layer that is not built yet.
    draw : callable, optional
        Draws the inputs; ordinary numbers, or positive ones where the layer is not finite otherwise, if not given.

    Raises
    ------
    Broken
        If the layer does not run.
    """
    tested = LayerUnderTest(copied(layer, input_shape, seed, np.float64), input_shape, draw or ordinary, layer, seed)
    rng = np.random.default_rng(seed)
    for choice in [draw] if draw else [ordinary, positive]:
        tested.draw = choice
        x = tested.inputs(rng, (BATCH,))
        y = tested.forward(x)
        if np.isfinite(y).all():
            break
    else:
        raise Broken("forward returns NaN or infinity for ordinary inputs", shapes={"x": x.shape, "y": y.shape})
    if y.shape[:1] != (BATCH,):
        raise Broken("y has lost the batch axis that x has in front", shapes={"x": x.shape, "y": y.shape})
    tested.repeats = np.array_equal(y, tested.forward(x))
    if not tested.defines("backward"):
        raise Broken(f"{type(layer).__name__} does not define backward(dy, x, y)")
    try:
        tested.raw_backward(rng.standard_normal(y.shape), x)
    except Raised as raised:
        if not isinstance(raised.__cause__, NotImplementedError):
            raise
        tested.refusal = str(raised.__cause__) or "it raises NotImplementedError"
    return tested


def copied(layer: Layer, input_shape: Shape, seed: int, dtype: DTypeLike) -> Layer:
    """Return a copy of a layer, built if it is not, with parameters of one type.

    Parameters
    ----------
    layer : Layer
        Left as it is.
    input_shape : tuple of int
        Shape of one input.
    seed : int
        Of the weights.
    dtype : dtype
        Of the parameters.

    Notes
    -----
    Biases start at zero, where a slip may not show, so all constant parameters of a fresh layer are drawn anew.
    """
    rng = np.random.default_rng(seed)
    twin: Layer = called("copy.deepcopy", copy.deepcopy, layer)
    fresh = not getattr(twin, "params", {})
    if fresh and hasattr(twin, "build"):
        called("build", twin.build, input_shape, rng, np.float64)
    params = getattr(twin, "params", {})
    for name, array in params.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            raise Broken(f"params[{name!r}] is not an array of floating-point numbers")
        varied = array + rng.standard_normal(array.shape) if fresh and array.size and np.ptp(array) == 0 else array
        params[name] = np.array(varied, dtype)
    return twin
