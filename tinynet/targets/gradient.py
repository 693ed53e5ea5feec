"""Gradient target propagation: targets by steps down the error of each block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinynet.arguments import finite_number, how_often, one_of
from tinynet.layers import Layer
from tinynet.layers.base import TargetRule
from tinynet.types import Array


@dataclass(frozen=True)
class GradientTargets(TargetRule):
    """Gradient target propagation: the target of a block's input is a gradient step on the error at its output.

    Parameters
    ----------
    tau : float
        Length of the step, over 0.
    start : {"zero", "activation"}
        Where the first step starts: at zero, as in the authors' program, or at the input that the block had.
    period : int
        Number of steps, each from where the last one ended, with the block evaluated anew.

    Notes
    -----
    A block is an affine map u of x and the activation f behind it, with pooling and the like. With the residual
    e = y - t at its output and E = |e|^2 / 2, dE/dx = W^T [f'(u) e], so a step is t_x = x_start - tau W^T [f'(u) e].
    Layer by layer: the activation passes the residual on, t_u = u - f'(u) e, and the affine map takes the step,
    t_x = x_start - tau W^T (u - t_u). A second step starts at t_x, with u and f'(u) for t_x in the place of x.

    What the block below learns from is its residual x - t_x. Started at the activation, in one step, that is
    tau J^T e: d blocks below the top it is tau^d times the delta of the squared error, and learning is backpropagation
    with a rate of its own for each layer. Started at zero it is x + tau J^T e, and weights W' below, with inputs y',
    also take the step -rate x f' y'^T: the product of what is active in front and behind, Hebb's term, with a minus
    sign, which pulls activations down.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> dense = tn.Dense(1).with_params({"W": np.array([[1.0, 2.0]]), "b": np.zeros(1)})
    >>> x = np.array([3.0, 1.0])
    >>> dense.target(np.array([4.0]), x, dense.forward(x), tn.GradientTargets(tau=0.1, start="activation"))
    array([2.9, 0.8])

    References
    ----------
    de Souza Farias and Maziero, section 2 and the authors' program.
    """

    tau: float = 100.0
    start: str = "zero"
    period: int = 1

    def __post_init__(self) -> None:
        """Refuse what is no rule."""
        object.__setattr__(self, "tau", finite_number("GradientTargets: tau", self.tau, above=0))
        one_of("GradientTargets: start", self.start, ["zero", "activation"])
        object.__setattr__(self, "period", how_often("GradientTargets: period", self.period))

    def affine_target(self, layer: Layer, t: Array, x: Array, y: Array) -> Array:
        """Return the first step, from the start that the rule says."""
        step = layer.backward(y - t, x, y) * -self.tau
        return step if self.start == "zero" else step + x

    def block_target(self, block: Sequence[Layer], t: Array, t_x: Array) -> Array:
        """Return where the further steps lead, each from where the last one ended."""
        from_there = replace(self, start="activation", period=1)
        for _ in range(self.period - 1):
            outputs = [t_x]
            for layer in block:
                outputs.append(layer.forward(outputs[-1]))
            t_x = t
            for layer, x, y in zip(block[::-1], outputs[-2::-1], outputs[:0:-1], strict=True):
                t_x = layer.target(t_x, x, y, from_there)
        return t_x
