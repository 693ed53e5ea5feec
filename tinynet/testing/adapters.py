"""Layers written elsewhere, made layers for the laws: pairs of functions, objects that keep their input, PyTorch's.

Nothing that they do is smoothed over: what they return in float64, write into, or keep beside the cache is judged.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from tinynet.arguments import listed, whole_number, wrong
from tinynet.layers.base import Layer
from tinynet.types import Array, Shape

Params = Mapping[str, Any]
Forward = Callable[[Array, dict[str, Array], Any], tuple[Any, Any]]
Backward = Callable[[Array, Any], tuple[Any, dict[str, Array]]]
GRADIENTS = ("d{}", "d_{}", "grad_{}", "{}_grad", "{}_gradient")  # what objects call the gradient of an attribute


class Adapted(Layer):
    """A layer whose passes are written in another style.

    Parameters
    ----------
    title : str
        What reports call it.
    forward : callable
        Takes x, the parameters and `extra`; returns the output and a cache.
    backward : callable
        Takes the gradient at the output and the cache; returns dx and the gradients of the parameters by name.
    params : mapping of str to ndarray or shape
        Parameters; those of which only the shape is given are drawn.
    extra : object
        What `forward` takes beside the parameters.
    batch_axis : int or None
        Where the passes expect the one batch axis; None if they take one input at a time.
    cached : bool
        Whether the cache is all that `backward` needs: an object may keep things instead.
    """

    def __init__(
        self,
        title: str,
        forward: Forward,
        backward: Backward,
        params: Params,
        *,
        extra: Any = None,
        batch_axis: int | None = 0,
        cached: bool = True,
    ) -> None:
        self.title, self.passes, self.given, self.extra = title, (forward, backward), dict(params), extra
        self.batch_axis = None if batch_axis is None else whole_number("batch_axis", batch_axis, least=-8, most=8)
        self.cached = cached
        self.input_shape: Shape = ()

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> None:
        """Draw the parameters of which only the shape was given."""
        self.input_shape = tuple(input_shape)
        self.params = {
            name: (value if isinstance(value, np.ndarray) else rng.standard_normal(value)).astype(dtype)
            for name, value in self.given.items()
        }

    def forward(self, x: Array) -> Array:
        """Return the output."""
        lead = self._leading(x)
        return self._joined([self._run(part)[0] for part in self._parts(x, lead)], lead)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return the gradient at the input."""
        lead, further = self._leading(x), dy.shape[: dy.ndim - y.ndim]
        seeds = [self._joined([dx for dx, _ in answers], lead) for answers in self._answers(dy, x, y)]
        return np.stack(seeds).reshape((*further, *seeds[0].shape)) if further else seeds[0]

    def grads(self, dy: Array, x: Array, y: Array) -> dict[str, Array]:
        """Return the gradients of the parameters, added up over all leading axes."""
        found = [grads for answers in self._answers(dy, x, y) for _, grads in answers]
        return found[0] if len(found) == 1 else {name: np.sum([one[name] for one in found], 0) for name in found[0]}

    def cache_suffices(self, dy: Array, x: Array, other: Array) -> bool:
        """Return whether `backward` gives the same from the same cache, after another forward pass, too.

        Parameters
        ----------
        dy, x : ndarray
            A gradient and an input.
        other : ndarray
            An input for the forward pass in between.
        """
        if not self.cached:
            return True
        parts = [self._parts(array, array.shape[:1])[0] for array in (dy, x, other)]
        cache = self._run(parts[1])[1]
        first = np.array(self.passes[1](parts[0].copy(), cache)[0])
        self._run(parts[2])
        return np.array_equal(first, self.passes[1](parts[0].copy(), cache)[0], equal_nan=True)

    def _leading(self, x: Array) -> Shape:
        return x.shape[: x.ndim - len(self.input_shape)]

    def _run(self, x: Array) -> tuple[Array, Any]:
        y, cache = self.passes[0](x, self.params, self.extra)
        return _array(y), cache

    def _answers(self, dy: Array, x: Array, y: Array) -> Iterator[list[tuple[Array, dict[str, Array]]]]:
        """Return for each gradient at the output dx and the gradients of the parameters, part by part."""
        lead = self._leading(x)
        for seed in dy.reshape((-1, *y.shape)) if dy.ndim > y.ndim else [dy]:
            parts = zip(self._parts(seed, lead), self._parts(x, lead), strict=True)
            found = [self.passes[1](one, self._run(part)[1]) for one, part in parts]
            yield [(_array(dx), grads) for dx, grads in found]

    def _parts(self, array: Array, lead: Shape) -> list[Array]:
        """Return a stack as the passes expect it: with one batch axis, or one input after the other."""
        flat = array if len(lead) == 1 else array.reshape((-1, *array.shape[len(lead) :]))
        return list(flat) if self.batch_axis is None else [np.moveaxis(flat, 0, self.batch_axis)]

    def _joined(self, parts: list[Any], lead: Shape) -> Any:
        if not all(isinstance(part, np.ndarray) for part in parts):
            return parts[0]
        if self.batch_axis is None:
            return np.stack(parts).reshape((*lead, *parts[0].shape))
        whole = np.moveaxis(parts[0], self.batch_axis, 0) if parts[0].ndim else parts[0]
        if len(lead) == 1 or whole.shape[:1] != (int(np.prod(lead)),):
            return whole
        return whole.reshape((*lead, *whole.shape[1:]))

    def __repr__(self) -> str:
        return self.title


def from_functions(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    params: Params | None = None,
    extra: Any = (),
    *,
    batch_axis: int | None = 0,
) -> Layer:
    """Make a layer for the laws of two functions, ``forward(x, w, b) -> out, cache`` and ``backward(dout, cache)``.

    Parameters
    ----------
    forward : callable
        Takes inputs with one batch axis, the parameters, and what is in `extra`; returns the output and a cache. If it
        returns the output alone, `backward` is called with dout and all that `forward` was given.
    backward : callable
        Takes the gradient at the output and the cache; returns dx, or dx and the gradient of each parameter, in the
        order in which `forward` takes them.
    params : mapping of str to shape or ndarray, optional
        The parameters. Where only a shape is given they are drawn.
    extra : object
        Further arguments of `forward`: a sequence of them, a dictionary by name, or a single one, such as a dictionary
        of strides.
    batch_axis : int or None
        Where inputs and outputs have their batch axis: -1 for one image a column. With None the functions are given
        one input at a time: for losses, and for batch normalisation, of which a whole batch is then one input.

    Returns
    -------
    Layer

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> def affine_forward(x, w, b):
    ...     return x @ w + b, (x, w)
    >>> def affine_backward(dout, cache):
    ...     x, w = cache
    ...     return dout @ w.T, x.T @ dout, dout.mean(axis=0)
    >>> layer = tn.testing.from_functions(affine_forward, affine_backward, params={"w": (6, 4), "b": 4})
    >>> print(tn.testing.check_layer(layer, (6,))["parameters"].diagnosis.words.split(":")[0])
    1/3 of the true gradient in a batch of 3, 1/5 in one of 5
    """
    for what, function in (("forward", forward), ("backward", backward)):
        if not callable(function) or isinstance(function, type):
            raise wrong(what, function, "a function")
    given, taken = _params(params), list(_signature(forward))[1:]
    named = given.keys() <= set(taken)
    order = sorted(given, key=taken.index) if named else list(given)

    def arguments(values: dict[str, Array], extra: Any) -> tuple[list[Any], dict[str, Any]]:
        by_name = isinstance(extra, dict) and bool(extra) and extra.keys() <= set(taken)
        further = [] if by_name else list(extra) if isinstance(extra, (tuple, list)) else [extra]
        settings = extra if by_name else {}
        if named:
            rest = [name for name in taken if name not in values]
            return [], {**values, **dict(zip(rest, further, strict=False)), **settings}
        return [*values.values(), *further], settings

    def run(x: Array, values: dict[str, Array], extra: Any) -> tuple[Any, Any]:
        others, settings = arguments(values, extra)
        found = forward(x, *others, **settings)
        if not isinstance(found, tuple):
            return found, _Given(x, others, settings)
        if len(found) != 2:
            raise ValueError(f"forward returned {len(found)} values, expected the output and a cache")
        return found

    def answer(dy: Array, cache: Any) -> tuple[Any, dict[str, Array]]:
        found = cache.passed_to(backward, dy) if isinstance(cache, _Given) else backward(dy, cache)
        return _gradients(found, order)

    title = f"{_name(forward)}, {_name(backward)}"
    return Adapted(title, run, answer, given, extra=extra, batch_axis=batch_axis)


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
            except Exception:  # the law "runs" will tell
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


def from_autograd(
    function: Any, params: Params | None = None, extra: Sequence[Any] = (), *, batch_axis: int | None = 0
) -> Layer:
    """Make a layer for the laws of a ``torch.autograd.Function``.

    Parameters
    ----------
    function : type
        A subclass of `torch.autograd.Function`; it is called as ``function.apply(x, *params, *extra)``.
    params, extra, batch_axis : see :func:`from_functions`

    Returns
    -------
    Layer

    Raises
    ------
    ImportError
        If PyTorch is not installed.

    Examples
    --------
    ::

        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x

            @staticmethod
            def backward(ctx, dy):
                (x,) = ctx.saved_tensors
                return 2 * x * dy

        print(tn.testing.check_layer(tn.testing.from_autograd(Square), (4,)))
    """
    import torch

    if not (isinstance(function, type) and issubclass(function, torch.autograd.Function)):
        raise wrong("function", function, "a subclass of torch.autograd.Function")

    def tensor(array: Array) -> Any:
        plain = array if array.flags.writeable and min(array.strides, default=0) >= 0 else array.copy()
        return torch.from_numpy(plain)

    def run(x: Array, values: dict[str, Array], extra: Any) -> tuple[Any, Any]:
        given = {"x": tensor(x).requires_grad_(), **{k: tensor(v).requires_grad_() for k, v in values.items()}}
        out = function.apply(*given.values(), *extra)  # type: ignore[no-untyped-call]
        return out.detach().numpy(), (out, given)

    def answer(dy: Array, cache: Any) -> tuple[Any, dict[str, Array]]:
        out, given = cache
        found = torch.autograd.grad(out, list(given.values()), tensor(dy), retain_graph=True, allow_unused=True)
        arrays = {name: None if grad is None else grad.numpy() for name, grad in zip(given, found, strict=True)}
        return arrays.pop("x"), {name: array for name, array in arrays.items() if array is not None}

    return Adapted(function.__name__, run, answer, _params(params), extra=tuple(extra), batch_axis=batch_axis)


class _Given:
    """What a forward function was given, for a backward function that takes it in the place of a cache."""

    def __init__(self, x: Array, others: list[Any], settings: dict[str, Any]) -> None:
        self.x, self.others, self.settings = x, others, settings

    def passed_to(self, backward: Callable[..., Any], dy: Array) -> Any:
        taken = _signature(backward)
        settings = {name: value for name, value in self.settings.items() if name in taken}
        return backward(dy, self.x, *self.others, **settings)


def _gradients(found: Any, names: list[str]) -> tuple[Any, dict[str, Array]]:
    """Return what a backward function returned as dx and the gradients of the parameters."""
    answers = list(found) if isinstance(found, (tuple, list)) else [found]
    while len(answers) > 1 + len(names) and answers[-1] is None:
        answers.pop()
    if len(answers) != 1 + len(names):
        wanted = listed(["dx", *(f"d{name}" for name in names)]).replace(" or ", " and ")
        raise ValueError(f"backward returned {len(answers)} arrays, expected {1 + len(names)}: {wanted}")
    return answers[0], dict(zip(names, answers[1:], strict=True))


def _params(params: Params | None) -> dict[str, Any]:
    """Return parameters as arrays, or as the shapes that they are to have."""
    if not isinstance(params or {}, Mapping):
        raise wrong("params", params, "a dictionary of shapes or arrays by name, such as {'w': (6, 4), 'b': 4}")
    found: dict[str, Any] = {}
    for name, value in (params or {}).items():
        if isinstance(value, np.ndarray) and value.ndim:
            found[str(name)] = value
            continue
        lengths = value if isinstance(value, (tuple, list)) else (value,)
        found[str(name)] = tuple(whole_number(f"params[{name!r}]", length) for length in lengths)
    return found


def _is_parameter(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _array(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, (float, np.generic)) else value


def _signature(function: Callable[..., Any]) -> Mapping[str, Any]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # a function written in C
        return {}


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)
