"""The laws that every layer keeps.

Each is a function of a layer (a :class:`~tinynet.testing.under_test.LayerUnderTest`) and a random generator that
returns how many cases it ran. It raises `Broken` with what it saw, or `NotApplicableError` where the layer has nothing
that the law speaks of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinynet.testing.laws.batches import batch_axes
from tinynet.testing.laws.derivatives import adjoint, linear, parameters, runs
from tinynet.testing.laws.kinks import kinks, ties
from tinynet.testing.laws.purity import pure
from tinynet.testing.laws.targets import target
from tinynet.testing.laws.types import shape_and_dtype
from tinynet.testing.under_test import LayerUnderTest


@dataclass(frozen=True)
class Law:
    """A law and its test.

    Parameters
    ----------
    name : str
        Short name.
    sentence : str
        The law in words.
    test : callable
        Takes a LayerUnderTest and a Generator, returns the number of cases.
    """

    name: str
    sentence: str
    test: Callable[[LayerUnderTest, np.random.Generator], int]


LAWS = {
    law.name: law
    for law in [
        Law("runs", "the layer builds for this input shape, and forward and backward run", runs),
        Law(
            "adjoint",
            "a small step of the input changes the output as backward says:\n"
            "<u, (f(x + hv) - f(x - hv)) / 2h> = <backward(u), v>",
            adjoint,
        ),
        Law("linear", "backward is linear in dy: backward(a u + b v) = a backward(u) + b backward(v)", linear),
        Law("parameters", "grads(dy, x, y) holds the gradient of each parameter, summed over the batch", parameters),
        Law("kinks", "where an input is right at a kink, the answer lies between those on either side", kinks),
        Law("ties", "where inputs are equal, the answer lies between those for inputs a hair apart", ties),
        Law("batch axes", "any leading axes are a batch: the result on a stack is the stack of results", batch_axes),
        Law("pure", "arguments and layer stay as they are, and the same call gives the same bits", pure),
        Law("shape and dtype", "dx has the shape of x; float32 stays float32, float64 float64", shape_and_dtype),
        Law("target", "the target is a step against the gradient: t_x = x_start - tau J^T (y - t)", target),
    ]
}
