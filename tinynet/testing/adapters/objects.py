"""Objects with forward(x) and backward(dout) that keep what the backward pass needs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from tinynet.arguments import wrong
from tinynet.layers.base import Layer
from tinynet.testing.adapters.base import Adapted
from tinynet.testing.outcomes import FOREIGN
from tinynet.types import Array, Shape

GRADIENTS = ("d{}", "d_{}", "grad_{}", "{}_grad", "{}_gradient")  # what objects call the gradient of an attribute


def from_object(layer: Any, extra: Sequence[Any] = (), *, batch_axis: int | None = 0) -> Layer:
    """Make a layer for the laws of an object with ``forward(x)`` and ``backward(dout)`` that keeps what it needs.

    Parameters
    ----------
    layer : object
        It is left as it is, a copy is used. Its parameters are found in `params` with `grads` (dictionaries or lists),
        or as attributes that have a gradient beside them: W and dW.
    extra : sequence
        Further arguments of `forward`.
    batch_axis : int or None
        See :func:`from_functions`.

    Returns
    -------
    Layer
        That the object keeps its input is not held against it, but `backward` has to depend on the last forward pass
        alone: a mask of the first, or gradients that add up over calls, are.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> class Relu:
    ...     def forward(self, x):
    ...         self.mask = x > 0
    ...         return x * self.mask
    ...     def backward(self, dout):
    ...         return dout * self.mask
    >>> tn.testing.check_layer(tn.testing.from_object(Relu()), (4,)).ok
    True
    """
    if isinstance(layer, type) or not (hasattr(layer, "forward") and hasattr(layer, "backward")):
        raise wrong("layer", layer, "an object with forward(x) and backward(dout)")
    return _AdaptedObject(copy.deepcopy(layer), tuple(extra), batch_axis)


class _AdaptedObject(Adapted):
    """An object that keeps its input; what its parameters are is found out when the input shape is known."""

    def __init__(self, kept: Any, extra: tuple[Any, ...], batch_axis: int | None) -> None:
        parameters = _ObjectParameters(kept)

        def run(x: Array, values: dict[str, Array], extra: Any) -> tuple[Any, Any]:
            parameters.set(values)
            return kept.forward(x, *extra), None

        def answer(dy: Array, cache: Any) -> tuple[Any, dict[str, Array]]:
            for clear in ("zero_grad", "zero_grads", "clear_grads"):
                getattr(kept, clear, lambda: None)()
            dx = kept.backward(dy)
            if isinstance(dx, tuple):
                dx = dx[0]
            return dx, parameters.gradients()

        title = f"{type(kept).__name__}, which keeps what backward needs"
        super().__init__(title, run, answer, {}, extra=extra, batch_axis=batch_axis, cached=False)
        self.find = parameters.find

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> None:
        """Find the parameters, by a pass forward and back if need be."""
        self.input_shape = tuple(input_shape)

        def once() -> None:
            x = rng.standard_normal((3, *input_shape))
            self.backward(np.ones_like(y := self.forward(x)), x, y)

        self.given = self.find(once)
        super().build(input_shape, rng, dtype)


class _ObjectParameters:
    """The parameters of an object and their gradients, wherever it has them."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.first: dict[str, Array] = {}
        self.now: dict[str, Array] = {}

    def __deepcopy__(self, memo: Any) -> _ObjectParameters:
        return self  # copies of a layer use one object, and set its parameters before each pass

    def find(self, run_once: Callable[[], None]) -> dict[str, Array]:
        """Return the parameters as they were at first."""
        if self.now:
            return self.first
        listed_params = getattr(self.owner, "params", None)
        if isinstance(listed_params, Mapping):
            self.now = {str(name): array for name, array in listed_params.items() if _is_parameter(array)}
        elif isinstance(listed_params, (list, tuple)):
            names = {id(array): name for name, array in vars(self.owner).items()}
            arrays = [array for array in listed_params if _is_parameter(array)]
            self.now = {names.get(id(array), f"params{i}"): array for i, array in enumerate(arrays)}
        if not self.now:
            try:
                run_once()
            except FOREIGN:  # the law "runs" will tell
                return {}
            own = {name: array for name, array in vars(self.owner).items() if _is_parameter(array)}
            self.now = {name: array for name, array in own.items() if self._attribute(name) is not None}
        self.first = {name: array.copy() for name, array in self.now.items()}
        return self.first

    def set(self, values: dict[str, Array]) -> None:
        """Put arrays in the place of the parameters, under every name that the object has for them."""
        for name, new in values.items():
            old, self.now[name] = self.now[name], new
            for place in [vars(self.owner), *vars(self.owner).values()]:
                if isinstance(place, dict):
                    place.update({key: new for key, value in place.items() if value is old})
                elif isinstance(place, list):
                    place[:] = [new if value is old else value for value in place]

    def gradients(self) -> dict[str, Array]:
        grads = getattr(self.owner, "grads", None)
        if isinstance(grads, (list, tuple)):
            return dict(zip(self.now, grads, strict=False))
        entries = grads if isinstance(grads, Mapping) else {}
        found = {}
        for name in self.now:
            array = entries.get(name, entries.get(f"d{name}"))
            found[name] = self._attribute(name) if array is None else array
        return {name: array for name, array in found.items() if array is not None}

    def _attribute(self, name: str) -> Array | None:
        shape = getattr(getattr(self.owner, name, None), "shape", None)
        found = [getattr(self.owner, pattern.format(name), None) for pattern in GRADIENTS]
        return next((array for array in found if isinstance(array, np.ndarray) and array.shape == shape), None)


def _is_parameter(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"
