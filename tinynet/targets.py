"""Target propagation: layers are told what their outputs should have been, instead of which way the loss falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinynet.layers import Layer


@dataclass(frozen=True)
class GradientTargets:
    """Gradient target propagation: the target of a layer's input is a gradient step on the error at its output.

    Parameters
    ----------
    tau : float
        Length of the step.
    start : {"zero", "activation"}
        Where the step starts: at zero, as in the authors' program, or at the input that the layer had.
    period : int
        Number of steps, each from where the last one ended, with the output evaluated anew.

    Notes
    -----
    With the residual e = y - t at the output and E = |e|^2 / 2, dE/dx = J^T e. One step from x_start gives
    t_x = x_start - tau J^T e. Activations, pools and reshaping layers pass the residual through, so that a block of an
    affine map u and an activation f takes the step t_x = x_start - tau W^T [(f(u) - t) f'(u)].

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
        if self.start not in ("zero", "activation"):
            raise ValueError(f'GradientTargets: start is {self.start!r}, expected "zero" or "activation"')
        if self.period < 1:
            raise ValueError(f"GradientTargets: period is {self.period}, expected at least 1")

    def affine_target(self, layer: Layer, t: NDArray[Any], x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
        """Return the target for the input of a layer with weights.

        Parameters
        ----------
        layer : Layer
            Dense or convolutional.
        t, x, y : ndarray
            Target for the output, input and output.
        """
        t_x = np.zeros_like(x) if self.start == "zero" else x
        for step in range(self.period):
            output = y if step == 0 else layer.forward(t_x)
            t_x = t_x - self.tau * layer.backward(output - t, x, output)
        return t_x
