"""Optimizers: how far the parameters move along their gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinynet.types import Array

Moments = dict[str, Array]


class Optimizer:
    """A rule for one step; what it remembers between steps is kept by whoever trains, in `Moments`.

    Attributes
    ----------
    rate : float
        Learning rate.
    frozen : tuple of str
        Names of layers that are not trained.
    """

    rate: float
    frozen: tuple[str, ...]

    def moments(self, parameter: Array) -> Moments:
        """Return what is remembered of a parameter before the first step.

        Parameters
        ----------
        parameter : ndarray
        """
        raise NotImplementedError(f"{type(self).__name__} does not define moments")

    def step(self, parameter: Array, gradient: Array, moments: Moments) -> None:
        """Move a parameter, in place, and bring its moments up to date.

        Parameters
        ----------
        parameter : ndarray
            Changed in place, so that networks which share it stay the same.
        gradient : ndarray
            Of the loss with respect to it.
        moments : dict of str to ndarray
            As `moments` made it; changed in place.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define step")


@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent: w -= rate v with v = momentum v + g.

    Parameters
    ----------
    rate : float
        Learning rate, positive or zero.
    momentum : float
        Share of the last step that goes on, at least 0 and less than 1.
    nesterov : bool
        Look ahead: step along g + momentum v, the gradient as it will be after the next step of v.
    weight_decay : float
        Adds weight_decay w to the gradient: the gradient of weight_decay |w|^2 / 2. Deltas do not see it.
    frozen : str or sequence of str
        Names of layers that are not trained.

    References
    ----------
    Polyak 1964; Nesterov 1983, in the form of Sutskever et al. 2013, section 2.
    """

    rate: float
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    frozen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        _check(self, rate=(0, np.inf), momentum=(0, 1), weight_decay=(0, np.inf))
        object.__setattr__(self, "frozen", _names(self.frozen))
        if self.nesterov and not self.momentum:
            raise ValueError("SGD: nesterov=True needs a momentum")

    def moments(self, parameter: Array) -> Moments:
        """Return a velocity of zero, if there is momentum at all.

        Parameters
        ----------
        parameter : ndarray
        """
        return {"velocity": np.zeros_like(parameter)} if self.momentum else {}

    def step(self, parameter: Array, gradient: Array, moments: Moments) -> None:
        """Take one step; see :meth:`Optimizer.step`.

        Parameters
        ----------
        parameter, gradient, moments : see :meth:`Optimizer.step`
        """
        direction = gradient + self.weight_decay * parameter if self.weight_decay else gradient
        if self.momentum:
            velocity = moments["velocity"]
            velocity *= self.momentum
            velocity += direction
            direction = direction + self.momentum * velocity if self.nesterov else velocity
        parameter -= self.rate * direction


@dataclass(frozen=True)
class Adam(Optimizer):
    """Steps of about the same length in every direction: w -= rate m / (sqrt(v) + epsilon).

    Parameters
    ----------
    rate : float
        Learning rate, positive or zero.
    beta1, beta2 : float
        How slowly the running means m of g and v of g^2 follow, at least 0 and less than 1.
    epsilon : float
        Keeps the division defined.
    weight_decay : float
        Adds weight_decay w to the gradient.
    frozen : str or sequence of str
        Names of layers that are not trained.

    Notes
    -----
    m and v start at zero and so are too small at first, by 1 - beta^t after t steps: both are divided by that.

    References
    ----------
    Kingma and Ba 2015, algorithm 1.
    """

    rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    frozen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        _check(self, rate=(0, np.inf), beta1=(0, 1), beta2=(0, 1), epsilon=(0, np.inf), weight_decay=(0, np.inf))
        object.__setattr__(self, "frozen", _names(self.frozen))

    def moments(self, parameter: Array) -> Moments:
        """Return running means of zero, and no steps taken.

        Parameters
        ----------
        parameter : ndarray
        """
        return {"mean": np.zeros_like(parameter), "square": np.zeros_like(parameter), "steps": np.zeros((), np.int64)}

    def step(self, parameter: Array, gradient: Array, moments: Moments) -> None:
        """Take one step; see :meth:`Optimizer.step`.

        Parameters
        ----------
        parameter, gradient, moments : see :meth:`Optimizer.step`
        """
        if self.weight_decay:
            gradient = gradient + self.weight_decay * parameter
        mean, square, steps = moments["mean"], moments["square"], moments["steps"]
        steps += 1
        mean += (1 - self.beta1) * (gradient - mean)
        square += (1 - self.beta2) * (gradient * gradient - square)
        unbiased_mean = mean / (1 - self.beta1 ** int(steps))
        unbiased_square = square / (1 - self.beta2 ** int(steps))
        parameter -= self.rate * unbiased_mean / (np.sqrt(unbiased_square) + self.epsilon)


def _names(frozen: str | Sequence[str]) -> tuple[str, ...]:
    return (frozen,) if isinstance(frozen, str) else tuple(frozen)


def _check(optimizer: Optimizer, **ranges: tuple[float, float]) -> None:
    settings: Mapping[str, Any] = vars(optimizer)
    for name, (least, below) in ranges.items():
        if not least <= settings[name] < below:
            limit = "" if np.isinf(below) else f" and less than {below}"
            raise ValueError(
                f"{type(optimizer).__name__}: {name} is {settings[name]}, expected a finite number of at least "
                f"{least}{limit}"
            )
