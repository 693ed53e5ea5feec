"""Hypothesis strategies: draw layers, networks and inputs, to write properties of your own.

Needs Hypothesis (``pip install tinynet-numpy[test]``), which is why `tinynet.testing` imports this module only when it
is asked for.

Examples
--------
In a test file::

    from hypothesis import given, strategies as st
    from tinynet.testing import strategies as some

    @given(some.layers([tn.ReLU, tn.MaxPool2D]), st.data())
    def test_outputs_are_never_below_the_smallest_input(case, data):
        x = data.draw(some.inputs_with_ties(case.input_shape))
        assert case.layer.forward(x).min(initial=2) >= x.min(initial=2)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import DTypeLike

from tinynet.layers import (
    AvgPool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    KnockOut,
    Layer,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Step,
    Tanh,
)
from tinynet.network import Network
from tinynet.types import Array, Shape

Draw = Callable[[st.SearchStrategy[Any]], Any]
ACTIVATIONS: list[type[Layer]] = [Tanh, Sigmoid, ReLU, Softplus]
SPREAD = 2.0


class LayerCase(NamedTuple):
    """A layer and an input shape that fits it.

    Attributes
    ----------
    layer : Layer
        Built.
    input_shape : tuple of int
        Shape of one input.
    """

    layer: Layer
    input_shape: Shape


# ----------------------------------------------------------------------------------------------------------- shapes


def seeds() -> st.SearchStrategy[int]:
    """Draw seeds for random generators."""
    return st.integers(0, 2**32 - 1)


def batch_shapes(least: int = 0) -> st.SearchStrategy[Shape]:
    """Draw leading axes: none, one or two of them.

    Parameters
    ----------
    least : int
        Smallest length of an axis; 0 draws empty batches, too.
    """
    return st.lists(st.integers(least, 3), max_size=2).map(tuple)


def vector_shapes(most: int = 6) -> st.SearchStrategy[Shape]:
    """Draw shapes of vectors.

    Parameters
    ----------
    most : int
        Largest length.
    """
    return st.tuples(st.integers(1, most))


def image_shapes(most: int = 6) -> st.SearchStrategy[Shape]:
    """Draw (channels, height, width), down to single pixels.

    Parameters
    ----------
    most : int
        Largest height and width.
    """
    return st.tuples(st.integers(1, 3), st.integers(1, most), st.integers(1, most))


# ----------------------------------------------------------------------------------------------------------- inputs


def inputs(
    input_shape: Shape, batch: st.SearchStrategy[Shape] | None = None, dtype: DTypeLike = np.float64
) -> st.SearchStrategy[Array]:
    """Draw stacks of ordinary inputs, normally distributed.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one input.
    batch : strategy, optional
        Draws the leading axes; :func:`batch_shapes` if not given.
    dtype : dtype
        Of the inputs.
    """

    def normal(shape: Shape, seed: int) -> Array:
        return np.random.default_rng(seed).standard_normal(shape).astype(dtype)

    return st.builds(normal, _stacks(input_shape, batch), seeds())


def inputs_away_from_kinks(
    input_shape: Shape, batch: st.SearchStrategy[Shape] | None = None, dtype: DTypeLike = np.float64
) -> st.SearchStrategy[Array]:
    """Draw stacks of inputs that all differ from each other, and from zero, by at least half a fixed gap.

    The kinks of activations lie at zero and those of maxima where inputs are equal, so the layers of this library have
    a derivative there.

    Parameters
    ----------
    input_shape, batch, dtype
        As in :func:`inputs`.
    """

    def spread(shape: Shape, seed: int) -> Array:
        count = max(math.prod(shape), 1)
        values = (np.arange(count) - count // 2 + 0.5) * (2 * SPREAD / count)
        shuffled: Array = np.random.default_rng(seed).permutation(values)[: math.prod(shape)]
        return shuffled.reshape(shape).astype(dtype)

    return st.builds(spread, _stacks(input_shape, batch), seeds())


def inputs_with_ties(
    input_shape: Shape, batch: st.SearchStrategy[Shape] | None = None, dtype: DTypeLike = np.float64
) -> st.SearchStrategy[Array]:
    """Draw stacks of inputs of few different values, zero among them, so that many are equal.

    Parameters
    ----------
    input_shape, batch, dtype
        As in :func:`inputs`.
    """
    values = st.integers(-1, 2).map(float)
    return _stacks(input_shape, batch).flatmap(lambda shape: hnp.arrays(np.dtype(dtype), shape, elements=values))


def _stacks(input_shape: Shape, batch: st.SearchStrategy[Shape] | None) -> st.SearchStrategy[Shape]:
    return (batch_shapes() if batch is None else batch).map(lambda leading: (*leading, *input_shape))


# ----------------------------------------------------------------------------------------------------------- layers


def layers(kinds: Sequence[type[Layer]] | None = None, dtype: DTypeLike = np.float64) -> st.SearchStrategy[LayerCase]:
    """Draw layers, built, with input shapes that fit them.

    Parameters
    ----------
    kinds : sequence of Layer classes, optional
        Which; all of this library if not given.
    dtype : dtype
        Of their parameters.

    Returns
    -------
    strategy
        Of :class:`LayerCase`.
    """
    chosen = list(STRATEGIES if kinds is None else kinds)
    if unknown := [kind.__name__ for kind in chosen if kind not in STRATEGIES]:
        raise ValueError(f"no strategy for {', '.join(unknown)}; there are {', '.join(k.__name__ for k in STRATEGIES)}")

    @st.composite
    def built(draw: Draw) -> LayerCase:
        kind = draw(st.sampled_from(chosen))
        layer, input_shape = STRATEGIES[kind](draw, kind)
        layer.build(input_shape, np.random.default_rng(draw(seeds())), dtype)
        for name, array in layer.params.items():
            layer.params[name] = np.random.default_rng(draw(seeds())).standard_normal(array.shape).astype(dtype)
        return LayerCase(layer, input_shape)

    return built()


def _dense(draw: Draw, kind: type[Layer]) -> LayerCase:
    return LayerCase(Dense(draw(st.integers(1, 5)), bias=draw(st.booleans())), draw(vector_shapes()))


def _conv(draw: Draw, kind: type[Layer]) -> LayerCase:
    size, stride, padding, height, width = _window(draw, draw(st.sampled_from([0, 1, 2])))
    layer = Conv2D(draw(st.integers(1, 3)), size, stride, padding, bias=draw(st.booleans()))
    return LayerCase(layer, (draw(st.integers(1, 3)), height, width))


def _pool(draw: Draw, kind: type[Any]) -> LayerCase:
    size, stride, padding, height, width = _window(draw, None)
    layer = kind(size, stride, padding, ceil=padding != "same" and draw(st.booleans()))
    return LayerCase(layer, (draw(st.integers(1, 2)), height, width))


def _window(draw: Draw, most: int | None) -> tuple[Any, Any, Any, int, int]:
    """Draw a window and an image that it fits; padding goes up to `most`, or else stays below the window's size."""
    size = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    stride = draw(st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3))))
    pair = st.tuples(*(st.integers(0, n - 1 if most is None else most) for n in size))
    padding = draw(st.one_of(pair, st.sampled_from(["valid", "same"])))
    pads = padding if isinstance(padding, tuple) else (0, 0)
    least = [1 if padding == "same" else max(1, n - 2 * pad) for n, pad in zip(size, pads, strict=True)]
    height, width = (draw(st.integers(length, length + 4)) for length in least)
    return size, stride, padding, height, width


def _flatten(draw: Draw, kind: type[Layer]) -> LayerCase:
    shape = draw(st.one_of(vector_shapes(), image_shapes(4)))
    return LayerCase(Flatten(len(shape)), shape)


def _elementwise(draw: Draw, kind: type[Layer]) -> LayerCase:
    return LayerCase(kind(), draw(st.one_of(vector_shapes(), image_shapes(4))))


def _softmax(draw: Draw, kind: type[Layer]) -> LayerCase:
    return LayerCase(Softmax(), draw(vector_shapes()))


def _dropout(draw: Draw, kind: type[Layer]) -> LayerCase:
    shape = draw(st.one_of(vector_shapes(), image_shapes(3)))
    layer = Dropout(draw(st.sampled_from([0.0, 0.3, 0.5])))
    return LayerCase(
        draw(st.sampled_from([layer, layer.with_mask(shape, np.random.default_rng(draw(seeds())))])), shape
    )


def _knock_out(draw: Draw, kind: type[Layer]) -> LayerCase:
    shape = draw(st.one_of(vector_shapes(), image_shapes(3)))
    units = draw(st.lists(st.integers(0, shape[0] - 1), unique=True, max_size=shape[0]))
    return LayerCase(KnockOut(units, draw(st.sampled_from([0.0, 0.7, [0.5] * len(units)]))), shape)


STRATEGIES: dict[type[Layer], Callable[[Draw, type[Any]], LayerCase]] = {
    Dense: _dense,
    Conv2D: _conv,
    MaxPool2D: _pool,
    AvgPool2D: _pool,
    Flatten: _flatten,
    Tanh: _elementwise,
    Sigmoid: _elementwise,
    ReLU: _elementwise,
    Softplus: _elementwise,
    Step: _elementwise,
    Softmax: _softmax,
    Dropout: _dropout,
    KnockOut: _knock_out,
}


# --------------------------------------------------------------------------------------------------------- networks


def networks(dtype: DTypeLike = np.float64) -> st.SearchStrategy[Network]:
    """Draw small networks: maybe convolutions, activations and pools; then dense layers, and maybe a softmax.

    Parameters
    ----------
    dtype : dtype
        Of weights and activations.
    """

    @st.composite
    def network(draw: Draw) -> Network:
        input_shape = draw(st.one_of(vector_shapes(), image_shapes(8)))
        parts = _feature_maps(draw, input_shape) if len(input_shape) == 3 else []
        for _ in range(draw(st.integers(0, 2))):
            parts += [Dense(draw(st.integers(1, 5))), draw(st.sampled_from(ACTIVATIONS))()]
        parts += [Dense(draw(st.integers(1, 4))), *draw(st.sampled_from([[], [Softmax()], [Sigmoid()]]))]
        return Network(parts, input_shape, rng=draw(seeds()), dtype=dtype)

    return network()


def _feature_maps(draw: Draw, input_shape: Shape) -> list[Layer]:
    parts: list[Layer] = []
    shape = input_shape
    for _ in range(draw(st.integers(0, 2))):
        size = tuple(draw(st.integers(1, min(3, length))) for length in shape[1:])
        conv = Conv2D(draw(st.integers(1, 3)), size, padding=draw(st.sampled_from(["valid", "same"])))
        parts += [conv, draw(st.sampled_from(ACTIVATIONS))()]
        shape = conv.output_shape(shape)
        if min(shape[1:]) > 1 and draw(st.booleans()):
            pool = draw(st.sampled_from([MaxPool2D, AvgPool2D]))(2)
            parts.append(pool)
            shape = pool.output_shape(shape)
    return [*parts, Flatten()]
