"""Leading axes are batch axes: the result on a stack is the stack of the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from tinynet.targets import GradientTargets
from tinynet.testing import diagnosis
from tinynet.testing.compare import worst_entry
from tinynet.testing.outcomes import Broken, Raised
from tinynet.testing.under_test import BATCH, LayerUnderTest
from tinynet.types import Array, Shape

STACKS: list[Shape] = [(4,), (), (2, 3)]
RULE = GradientTargets(tau=0.7)


def batch_axes(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Run stacks of inputs, and of further gradients, and compare with one input at a time.

    Parameters
    ----------
    layer : LayerUnderTest
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    if layer.differentiable:
        x = layer.inputs(rng, (BATCH,))
        layer.backward(np.ones_like(layer.forward(x)), x)
    cases = 0
    for batch in STACKS:
        for seeds in [(), (2,)] if layer.differentiable else [()]:
            _compare_with_single(layer, rng, batch, seeds)
            cases += 1
    return cases


def _compare_with_single(layer: LayerUnderTest, rng: np.random.Generator, batch: Shape, seeds: Shape) -> None:
    stack = f"for inputs with {_axes(batch)}" + (f", and dy with {_axes(seeds)} more" if seeds else "")
    compare = partial(_compare, stack, batch, seeds)
    x = layer.inputs(rng, batch)
    y = _stacked("y", [layer.forward(one) for one in _singles(x, batch, layer.input_shape)], batch)
    compare("y", lambda: layer.forward(x), y)
    if not layer.differentiable:
        return
    lead, output_shape = (*seeds, *batch), y.shape[len(batch) :]
    dy = rng.standard_normal((*lead, *output_shape))
    pairs = list(zip(_singles(dy, lead, output_shape), _singles(x, lead, layer.input_shape), strict=True))
    dx = _stacked("dx", [layer.raw_backward(g, one) for g, one in pairs], lead)
    compare("dx", lambda: layer.raw_backward(dy, x), dx)
    if layer.defines("target"):
        t = y - dy
        ts = _singles(t, lead, output_shape)
        t_x = _stacked("t_x", [layer.target(g, one, RULE) for g, (_, one) in zip(ts, pairs, strict=True)], lead)
        compare("t_x", lambda: layer.target(t, x, RULE), t_x)
    grads = [layer.grads(g, one) for g, one in pairs]
    if all(layer.grads_fit(one) for one in grads):
        for name in layer.params:
            total = np.sum([one[name] for one in grads], axis=0)
            compare(f"d{name}", partial(_gradient, layer, name, dy, x), total)


def _singles(array: Array, lead: Shape, unit: Shape) -> Array:
    """Return a stack as batches of one."""
    return np.broadcast_to(array, (*lead, *unit)).reshape(-1, 1, *unit)


def _stacked(name: str, results: Sequence[Array], lead: Shape) -> Array:
    """Return the results of batches of one as a stack."""
    shape = results[0].shape
    if shape[:1] != (1,) or any(result.shape != shape for result in results):
        detail = f"{name} of a batch of one input has shape {shape}: the batch axis in front is lost"
        raise Broken(detail, diagnosis=diagnosis.of_stack((1,), ()))
    return np.concatenate(results).reshape((*lead, *shape[1:]))


def _gradient(layer: LayerUnderTest, name: str, dy: Array, x: Array) -> Array:
    return layer.grads(dy, x)[name]


def _compare(stack: str, batch: Shape, seeds: Shape, name: str, run: Callable[[], Array], wanted: Array) -> None:
    try:
        got = run()
    except Raised as raised:
        slip = diagnosis.of_stack(batch, seeds)
        raise Broken(f"{raised.detail}, {stack}", shapes=raised.shapes, diagnosis=slip) from raised
    if got.shape != wanted.shape:
        shapes = {f"{name} got": got.shape, f"{name} wanted": wanted.shape}
        slip = diagnosis.of_stack(batch, seeds)
        raise Broken(f"{name} has the wrong shape, {stack}", shapes=shapes, diagnosis=slip)
    if worst := worst_entry(name, got, wanted):
        slip = diagnosis.of_stack(batch, seeds, got, wanted)
        raise Broken(f"{name} is not what each input gives by itself, {stack}", worst, {name: got.shape}, slip)


def _axes(batch: Shape) -> str:
    return f"{len(batch) or 'no'} batch {'axis' if len(batch) == 1 else 'axes'}" + (f" {batch}" if batch else "")
