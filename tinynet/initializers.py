"""How weights are drawn before training: a law, and its size by the number of inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from tinynet.arguments import finite_number, one_of
from tinynet.types import Array

BLOCK = 1 << 20  # weights drawn at once


@dataclass(frozen=True)
class Initializer:
    """Weights whose squares have the mean `gain / fan`, and who themselves have the mean zero, but for half a law.

    Parameters
    ----------
    gain : float
        Numerator of the mean square.
    fan : {"in", "mean"}
        Denominator: the number of inputs of a unit, or the mean of the numbers of inputs and outputs.
    distribution : {"normal", "uniform", "half_normal"}
        Shape of the law. The uniform one reaches from -sqrt(3 var) to sqrt(3 var), which has the variance var; half a
        normal law is that of absolute values: units whose inputs are positive, too, all speak at first.

    Notes
    -----
    A net input u = sum_j w_j a_j of n independent terms has the variance n var(w) E[a^2]. Signals keep their size from
    layer to layer if n var(w) makes up for what the activation function takes away: 1 for identity (LeCun), 2 for a
    ReLU, which drops half of them (He). Going backwards the same holds with the number of outputs, and Glorot takes
    the mean of both.

    References
    ----------
    LeCun et al. 1998, section 4.6; Glorot and Bengio 2010, eq. 12; He et al. 2015, eq. 10; de Souza Farias and
    Maziero, the authors' program (48 / 35 for the first layer, 16 / 11 for the others).
    """

    gain: float
    fan: str
    distribution: str

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        object.__setattr__(self, "gain", finite_number("gain", self.gain, above=0))
        one_of("fan", self.fan, ("in", "mean"))
        one_of("distribution", self.distribution, ("normal", "uniform", "half_normal"))

    def __call__(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator, dtype: DTypeLike
    ) -> Array:
        """Draw an array of weights.

        Parameters
        ----------
        shape : tuple of int
            Of the array.
        fan_in, fan_out : int
            Number of inputs of a unit, and of units that an input reaches.
        rng : numpy.random.Generator
            Where they are drawn from.
        dtype : dtype
            Of the array.
        """
        fan = fan_in if self.fan == "in" else (fan_in + fan_out) / 2
        deviation = np.sqrt(self.gain / fan)
        reach = np.sqrt(3.0) * deviation
        weights = np.empty(shape, dtype)
        flat = weights.reshape(-1)
        for start in range(0, flat.size, BLOCK):  # drawn in float64, of which there is one block at a time
            block = flat[start : start + BLOCK]
            if self.distribution == "uniform":
                block[...] = rng.uniform(-reach, reach, block.size)
            else:
                drawn = rng.normal(0.0, deviation, block.size)
                block[...] = drawn if self.distribution == "normal" else np.abs(drawn)
        return weights


INITIALIZERS = {
    "glorot_normal": Initializer(1.0, "mean", "normal"),
    "glorot_uniform": Initializer(1.0, "mean", "uniform"),
    "he_normal": Initializer(2.0, "in", "normal"),
    "he_uniform": Initializer(2.0, "in", "uniform"),
    "lecun_normal": Initializer(1.0, "in", "normal"),
    "lecun_uniform": Initializer(1.0, "in", "uniform"),
    "farias_first": Initializer(48 / 35, "in", "normal"),
    "farias": Initializer(16 / 11, "in", "normal"),
    "he_positive": Initializer(2.0, "in", "half_normal"),
    "glorot_tenth": Initializer(0.01, "mean", "uniform"),
}


def named(name: str) -> Initializer:
    """Return the initializer of a name.

    Parameters
    ----------
    name : str
        A key of `INITIALIZERS`.

    Raises
    ------
    ValueError
        If there is none; the message names the nearest.
    """
    return INITIALIZERS[one_of("initializer", name, INITIALIZERS)]
