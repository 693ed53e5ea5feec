"""PyTorch's functions: subclasses of ``torch.autograd.Function``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinynet.arguments import wrong
from tinynet.layers.base import Layer
from tinynet.testing.adapters.base import Adapted, Params, shapes_or_arrays
from tinynet.types import Array


def from_autograd(
    function: Any, params: Params | None = None, extra: Sequence[Any] = (), *, batch_axis: int | None = 0
) -> Layer:
    """Make a layer for the laws of a ``torch.autograd.Function``.

    Parameters
    ----------
    function : type
        A subclass of `torch.autograd.Function`; it is called as ``function.apply(x, *params, *extra)``.
    params : mapping of str to shape or ndarray, optional
        The parameters, in the order in which they follow x. Where only a shape is given they are drawn.
    extra : sequence
        Further arguments, which follow the parameters.
    batch_axis : int or None
        Where inputs and outputs have their batch axis; None if the function takes one input at a time.

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

    usable = isinstance(function, type) and issubclass(function, torch.autograd.Function)
    if not usable:
        raise wrong("function", function, "a subclass of torch.autograd.Function")

    def tensor(array: Array) -> Any:
        plain = array if array.flags.writeable and min(array.strides, default=0) >= 0 else array.copy()
        return torch.from_numpy(plain)

    def run(x: Array, values: dict[str, Array], extra: Any) -> tuple[Any, Any]:
        given = {"x": tensor(x).requires_grad_(), **{k: tensor(v).requires_grad_() for k, v in values.items()}}
        out = function.apply(*given.values(), *extra)
        return out.detach().numpy(), (out, given)

    def answer(dy: Array, cache: Any) -> tuple[Any, dict[str, Array]]:
        out, given = cache
        found = torch.autograd.grad(out, list(given.values()), tensor(dy), retain_graph=True, allow_unused=True)
        arrays = {name: None if grad is None else grad.numpy() for name, grad in zip(given, found, strict=True)}
        return arrays.pop("x"), {name: array for name, array in arrays.items() if array is not None}

    return Adapted(function.__name__, run, answer, shapes_or_arrays(params), extra=tuple(extra), batch_axis=batch_axis)
