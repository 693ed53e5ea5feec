"""Known slips in everything but a gradient: state, shapes, types, kinks, batches and targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinynet.testing.diagnosis.arrays import number
from tinynet.testing.numeric import largest
from tinynet.testing.report import Diagnosis
from tinynet.types import Array, Shape

STATE = Diagnosis(
    "state on the layer",
    "something is kept from one call for the next; take it from x and y, which backward is given, so that calling "
    "forward twice, or from two threads, does no harm",
)
CACHE = Diagnosis(
    "state on the layer",
    "something is kept outside the cache, in a global or in an array that the next call writes into: forward has to "
    "return in the cache whatever backward needs",
)
WRITTEN = Diagnosis(
    "writes into an argument",
    "a dictionary of settings is the caller's: work on a copy, and return what is new, such as a running mean",
)
SUMS = Diagnosis(
    "adds up over calls",
    "gradients are added to those of the calls before (dW += ...): start from zero in each, dW = ...",
)
MEMORY = Diagnosis(
    "order in memory", "ravel(order='K'), view() or strides depend on how an array lies in memory: use reshape"
)


def of_parameter_shape(name: str, got: Shape, wanted: Shape, batch: int) -> Diagnosis | None:
    """Return what explains the shape of a parameter's gradient.

    Parameters
    ----------
    name : str
        Of the parameter.
    got, wanted : tuple of int
        Shapes.
    batch : int
        Size of the batch.
    """
    if got == (batch, *wanted):
        words = f"one gradient for each of the {batch} inputs: add them up over the leading axes"
        return Diagnosis("missing sum over the batch", words)
    if got == wanted[::-1]:
        return Diagnosis("transpose", f"d{name} is transposed: dy.T @ x has the shape of W, x.T @ dy has not")
    if int(np.prod(got)) == int(np.prod(wanted)):
        return Diagnosis("shape", f"as many entries as {name} has: reshape to params[{name!r}].shape")
    return None


def of_nonlinearity(backward: Callable[[Array], Array], dy: Array) -> Diagnosis | None:
    """Return what explains that the backward pass is not linear.

    Parameters
    ----------
    backward : callable
        The backward pass at one input.
    dy : ndarray
        A gradient at the output.
    """
    if largest(backward(dy)) < largest(backward(-dy)):
        dy = -dy
    at_zero, at_dy, opposite, double = (backward(factor * dy) for factor in (0.0, 1.0, -1.0, 2.0))
    near = 1e-6 * max(largest(at_dy), largest(opposite))
    if largest(at_zero) > near:
        return Diagnosis("added constant", "backward of dy = 0 is not 0: something is added that dy does not multiply")
    if largest(at_dy) == 0:
        return Diagnosis("clipped dy", "a small dy gives exactly 0: is it cut off, or rounded?")
    if largest(at_dy - opposite) <= near or largest(double - 4 * at_dy) <= near:
        return Diagnosis("dy squared", "dy and -dy give the same: is dy squared, or its absolute value taken?")
    if largest(double - 2 * at_dy) <= near:
        words = "2 dy gives twice as much, but -dy not the opposite: is a ReLU or a mask taken on dy itself?"
        return Diagnosis("rectified dy", words)
    return Diagnosis("clipped dy", "2 dy does not give twice as much: is dy clipped, normalised or squashed?")


def of_kink(gradients: Array) -> Diagnosis | None:
    """Return what explains an answer at a kink.

    Parameters
    ----------
    gradients : ndarray of shape (points, *input_shape)
        Of one output: at the kink, and around it.
    """
    here, *around = gradients
    if not np.isfinite(here).all():
        return Diagnosis("not finite", "NaN or infinity right at the kink: 0 / 0?")
    mass, usual = float(here.sum()), float(np.median([one.sum() for one in around]))
    if usual and mass / usual > 1.2 and np.count_nonzero(here) > 1:
        return Diagnosis(
            "tie counted twice",
            f"{np.count_nonzero(here)} equal inputs together get {number(mass / usual)} times the gradient: each of "
            f"them all of it? Give it to one, the first (argmax), not to all with x == y",
        )
    return None


def of_stack(batch: Shape, seeds: Shape, got: Array | None = None, wanted: Array | None = None) -> Diagnosis:
    """Return what explains that a stack fares otherwise than its parts.

    Parameters
    ----------
    batch, seeds : tuple of int
        Leading axes of the inputs, and those that dy has beyond them.
    got, wanted : ndarray, optional
        Arrays that differ.
    """
    size = int(np.prod(batch))
    if got is not None and wanted is not None and size > 1:
        near = 1e-6 * largest(wanted)
        if largest(size * got - wanted) <= size * near:
            words = f"1/{size} of what they should be, in a batch of {size}: a mean over the batch within the layer"
            return Diagnosis("1/N in the layer", f"{words}; 1/N stands in the loss alone")
        if len(batch) == 1 and not seeds:
            words = (
                "the inputs of a batch must not influence each other: is there a sum, mean or maximum over axis 0? "
                "(Batch normalisation means to: check it as functions, with batch_axis=None and a batch as one input)"
            )
            return Diagnosis("mixes the batch", words)
    if seeds:
        words = (
            f"dy may have axes in front that x has not, here {seeds}: several gradients for one input; dx has them, "
            "too. Count axes from the end (axis=-1), reshape with dy.shape[: dy.ndim - y.ndim] + x.shape, and for a "
            "parameter add up over all of them"
        )
    else:
        words = "is the number of axes taken for granted? Count axes from the end (axis=-1), reshape with x.shape[:-1]"
    return Diagnosis("hard-coded axis", words)


def of_dtype(given: np.dtype[Any], got: np.dtype[Any]) -> Diagnosis:
    """Return what explains a change of type.

    Parameters
    ----------
    given, got : dtype
        Types of the arguments and of the result.
    """
    if got.kind != "f":
        return Diagnosis("not floating-point", "a comparison gives booleans: multiply by it, or use .astype(x.dtype)")
    if got.itemsize > given.itemsize:
        words = (
            "float64 comes in by an array that NumPy makes (write np.zeros(n, x.dtype), np.zeros_like(x)), by a mask "
            "or integers times a Python number (write 0.1 * (x > 0).astype(x.dtype)), or by params of another type"
        )
        return Diagnosis("float64 upcast", words)
    return Diagnosis("lost precision", f"something turns numbers into {got}: take the type from x.dtype")


def of_target(got: Array, wanted: Array) -> Diagnosis | None:
    """Return what explains a wrong step to the target.

    Parameters
    ----------
    got, wanted : ndarray
        Steps from the start.
    """
    size = float(np.vdot(wanted, wanted))
    factor = float(np.vdot(got, wanted)) / size if size else 0.0
    if not size or largest(got - factor * wanted) > 1e-6 * largest(wanted):
        return None
    if abs(factor + 1) < 1e-6:
        return Diagnosis("sign", "the step goes the wrong way: the residual is y - t, and it is taken off")
    if abs(factor) < 1e-9:
        return Diagnosis("zero", "no step is taken at all")
    return Diagnosis("constant factor", f"the step is {number(factor)} times what it should be")
