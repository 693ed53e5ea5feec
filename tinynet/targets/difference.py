"""Difference target propagation: targets by the inverse of each layer, as far as it has one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinynet.arguments import finite_number
from tinynet.layers import Dense, Layer
from tinynet.layers.base import PassThrough, TargetRule
from tinynet.layers.least_squares import least_change
from tinynet.types import Array


@dataclass(frozen=True)
class DifferenceTargets(TargetRule):
    """Difference target propagation with pseudo-inverses: an input that would have given the output its target.

    Parameters
    ----------
    step : float
        How far towards its target the topmost output is asked to go, over 0 and at most 1, which is all the way.
    damping : float
        Shuns large changes of the input where the weights hardly pass them on, in units of the weights' singular
        values; 0 for the pseudo-inverse. Square weight matrices are nearly singular and want some.
    margin : float
        How near to the bounds of an activation, such as 0 and 1, targets may come, where its inverse is infinite.

    Notes
    -----
    With g an approximate inverse of a layer y = f(x), the target of its input is t_x = x + g(t) - g(y): the correction
    -g(y) + x sees to it that t = y gives t_x = x, however bad g is. The inverses here are

    - of W x + b the pseudo-inverse, so that t_x = x + W^+ (t - y): of all changes of x that bring the output nearest
      to t the smallest. W^+ = V S^+ U^T by the singular values of a dense layer's weights, with s / (s^2 + damping^2)
      in the place of 1 / s; for convolutions the same change is found by LSQR (see `layers.least_squares`);
    - of an activation its inverse function, where g(y) = x and the correction vanishes, so that t_x = g(t);
    - of a maximum the switches: the winner takes the target; of a mean the smallest change; of a reshaping the input's
      shape (see `PassThrough.inverse`).

    At the top stands a gradient step on the loss, t_top = y - step dE/dy; of the squared error, y + step (t - y). Each
    block then learns by itself to put out its target; see :meth:`tinynet.Network.target_deltas`.

    In the paper g is learned, as the decoder of an autoencoder; a pseudo-inverse is what it would ideally come to.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> dense = tn.Dense(1).with_params({"W": np.array([[3.0, 4.0]]), "b": np.zeros(1)})
    >>> x = np.array([3.0, 1.0])
    >>> t_x = dense.target(np.array([38.0]), x, dense.forward(x), tn.DifferenceTargets())
    >>> t_x, dense.forward(t_x)
    (array([6., 5.]), array([38.]))

    References
    ----------
    Lee, Zhang, Fischer and Bengio 2015, sections 2.2 and 2.3.
    """

    step: float = 0.5
    damping: float = 0.0
    margin: float = 1e-3

    def __post_init__(self) -> None:
        """Refuse what is no rule."""
        object.__setattr__(self, "step", finite_number("DifferenceTargets: step", self.step, above=0, most=1))
        object.__setattr__(self, "damping", finite_number("DifferenceTargets: damping", self.damping, least=0))
        object.__setattr__(self, "margin", finite_number("DifferenceTargets: margin", self.margin, above=0, below=0.5))

    def output_target(self, t: Array, y: Array) -> Array:
        """Return the output, a step nearer to its target."""
        return y + self.step * (t - y)

    def affine_target(self, layer: Layer, t: Array, x: Array, y: Array) -> Array:
        """Return the input with the smallest change that brings the output nearest to its target."""
        if isinstance(layer, Dense):
            return x + (t - y) @ self._pseudo_inverse(layer.params["W"]).T
        return x + least_change(layer, t - y, x, self.damping)

    def passing_target(self, layer: Layer, t: Array, x: Array, y: Array) -> Array:
        """Return the layer's inverse at the target, which is kept within the bounds of the outputs.

        Notes
        -----
        An output that is nearer to a bound than the margin may stay, so that its target can be what it is.
        """
        if not isinstance(layer, PassThrough):
            raise NotImplementedError(f"{layer.label}: difference targets need layers with an inverse(t, x, y)")
        low, high = layer.bounds
        kept = np.clip(t, np.minimum(y, low + self.margin), np.maximum(y, high - self.margin))
        return layer.inverse(kept.astype(y.dtype, copy=False), x, y)

    def _pseudo_inverse(self, W: Array) -> Array:
        from scipy.linalg import svd

        U, s, V = svd(W, full_matrices=False)
        passed = s > s.max(initial=0) * max(W.shape) * np.finfo(W.dtype).eps
        inverse = np.divide(s, s**2 + self.damping**2, out=np.zeros_like(s), where=passed)
        return (V.T * inverse) @ U.T
