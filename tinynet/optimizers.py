"""Optimizers: how far the parameters move along their gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field

import numpy as np

from tinynet.arguments import boolean, finite_number, whole_number, wrong
from tinynet.kernels import underflow_is_meant
from tinynet.signatures import hinting
from tinynet.types import Array

Moments = dict[str, Array]
Rate = float | Callable[[int], float]


class Optimizer:
    """A rule for one step; what it remembers between steps is kept by whoever trains, in `Moments`.

    Attributes
    ----------
    rate : float or callable
        Learning rate, or a function that gives it for each epoch, from 1 on, such as `CosineDecay`.
    frozen : tuple of str
        Names of layers that are not trained.
    """

    rate: Rate
    frozen: tuple[str, ...]

    def at_epoch(self, epoch: int) -> Optimizer:
        """Return the optimizer with its rate in an epoch: itself, if the rate is a number.

        Parameters
        ----------
        epoch : int
            From 1 on.

        Examples
        --------
        >>> SGD(lambda epoch: 0.1 / epoch).at_epoch(2).rate
        0.05
        """
        rate = getattr(self, "rate", None)
        if not callable(rate):
            return self
        fixed = copy(self)
        object.__setattr__(fixed, "rate", finite_number(f"{type(self).__name__}: rate", rate(epoch), least=0))
        return fixed

    def moments(self, parameter: Array) -> Moments:
        """Return what is remembered of a parameter before the first step.

        Parameters
        ----------
        parameter : ndarray
            Whose steps are to be remembered.
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


@hinting
@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent: w -= rate v with v = momentum v + g.

    Parameters
    ----------
    rate : float or callable
        Learning rate, positive or zero; or a function that gives it for each epoch, from 1 on.
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

    rate: Rate
    momentum: float = 0.0
    nesterov: bool = field(default=False, kw_only=True)
    weight_decay: float = 0.0
    frozen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        _check(self, rate={}, momentum={"below": 1}, weight_decay={})
        if boolean("SGD: nesterov", self.nesterov) and not self.momentum:
            raise ValueError("SGD: nesterov=True needs a momentum")

    def moments(self, parameter: Array) -> Moments:
        """Return a velocity of zero, if there is momentum at all."""
        return {"velocity": np.zeros_like(parameter)} if self.momentum else {}

    @underflow_is_meant
    def step(self, parameter: Array, gradient: Array, moments: Moments) -> None:
        """Move along the gradient, or along the velocity if there is momentum."""
        direction = gradient + self.weight_decay * parameter if self.weight_decay else gradient
        if self.momentum:
            velocity = moments["velocity"]
            velocity *= self.momentum
            velocity += direction
            direction = direction + self.momentum * velocity if self.nesterov else velocity
        parameter -= _number(self.rate) * direction


@hinting
@dataclass(frozen=True)
class Adam(Optimizer):
    """Steps of about the same length in every direction: w -= rate m / (sqrt(v) + epsilon).

    Parameters
    ----------
    rate : float or callable
        Learning rate, positive or zero; or a function that gives it for each epoch, from 1 on.
    beta1, beta2 : float
        How slowly the running means m of g and v of g^2 follow, at least 0 and less than 1.
    epsilon : float
        Keeps the division defined; positive.
    weight_decay : float
        Adds weight_decay w to the gradient.
    frozen : str or sequence of str
        Names of layers that are not trained.

    Notes
    -----
    m and v start at zero and so are too small at first, by 1 - beta^t after t steps: both are divided by that.

    Half precision holds neither g^2 nor epsilon: of float16 parameters the means and the step are float32.

    References
    ----------
    Kingma and Ba 2015, algorithm 1.
    """

    rate: Rate = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    frozen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        _check(self, rate={}, beta1={"below": 1}, beta2={"below": 1}, epsilon={"above": 0}, weight_decay={})

    def moments(self, parameter: Array) -> Moments:
        """Return running means of zero, and no steps taken."""
        dtype = np.promote_types(parameter.dtype, np.float32)
        mean, square = (np.zeros_like(parameter, dtype) for _ in range(2))
        return {"mean": mean, "square": square, "steps": np.zeros((), np.int64)}

    @underflow_is_meant
    def step(self, parameter: Array, gradient: Array, moments: Moments) -> None:
        """Move along the mean gradient, divided by the root of the mean square."""
        mean, square, steps = moments["mean"], moments["square"], moments["steps"]
        gradient = gradient.astype(mean.dtype, copy=False)
        if self.weight_decay:
            gradient = gradient + self.weight_decay * parameter
        steps += 1
        mean += (1 - self.beta1) * (gradient - mean)
        square += (1 - self.beta2) * (gradient * gradient - square)
        unbiased_mean = mean / (1 - self.beta1 ** int(steps))
        unbiased_square = square / (1 - self.beta2 ** int(steps))
        parameter -= _number(self.rate) * unbiased_mean / (np.sqrt(unbiased_square) + self.epsilon)


@dataclass(frozen=True)
class StepDecay:
    """A rate that falls at once every so many epochs: rate factor^floor((epoch - 1) / every).

    Parameters
    ----------
    rate : float
        In the first epochs.
    every : int
        Epochs between two falls.
    factor : float
        What the rate is multiplied by each time.

    Examples
    --------
    >>> [StepDecay(0.8, every=2, factor=0.5)(epoch) for epoch in (1, 2, 3, 4, 5)]
    [0.8, 0.8, 0.4, 0.4, 0.2]
    """

    rate: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        object.__setattr__(self, "rate", finite_number("StepDecay: rate", self.rate, least=0))
        object.__setattr__(self, "every", whole_number("StepDecay: every", self.every))
        object.__setattr__(self, "factor", finite_number("StepDecay: factor", self.factor, least=0))

    def __call__(self, epoch: int) -> float:
        """Return the rate in an epoch, from 1 on."""
        return float(self.rate * self.factor ** ((epoch - 1) // self.every))


@dataclass(frozen=True)
class CosineDecay:
    """A rate that falls along half a cosine, slowly at first and at the end; it may rise in a straight line before.

    Parameters
    ----------
    rate : float
        The highest one.
    epochs : int
        When it has fallen to `last`, where it stays.
    last : float
        The rate of that epoch and of all that follow.
    warm_up : int
        Epochs in which it rises to the highest.

    Notes
    -----
    Behind the warm-up of w epochs, rate(e) = last + (rate - last) (1 + cos(pi (e - 1 - w) / (epochs - 1 - w))) / 2.

    References
    ----------
    Loshchilov and Hutter 2017, eq. 5, without restarts; Goyal et al. 2017, section 2.2, for the warm-up.

    Examples
    --------
    >>> [round(CosineDecay(0.4, epochs=5)(epoch), 3) for epoch in (1, 2, 3, 4, 5, 6)]
    [0.4, 0.341, 0.2, 0.059, 0.0, 0.0]
    """

    rate: float
    epochs: int
    last: float = 0.0
    warm_up: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that cannot be meant."""
        object.__setattr__(self, "rate", finite_number("CosineDecay: rate", self.rate, least=0))
        object.__setattr__(self, "epochs", whole_number("CosineDecay: epochs", self.epochs))
        object.__setattr__(self, "last", finite_number("CosineDecay: last", self.last, least=0))
        object.__setattr__(self, "warm_up", whole_number("CosineDecay: warm_up", self.warm_up, 0, self.epochs - 1))

    def __call__(self, epoch: int) -> float:
        """Return the rate in an epoch, from 1 on."""
        if epoch <= self.warm_up:
            return self.rate * epoch / (self.warm_up + 1)
        if epoch >= self.epochs:
            return self.last
        share = (epoch - 1 - self.warm_up) / (self.epochs - 1 - self.warm_up)
        return self.last + (self.rate - self.last) * (1 + math.cos(math.pi * share)) / 2


def _number(rate: Rate) -> float:
    if callable(rate):
        raise ValueError("the rate is a function of the epoch: take the steps of at_epoch(1), at_epoch(2), ...")
    return rate


def _check(optimizer: Optimizer, **bounds: dict[str, float]) -> None:
    """Check the settings of an optimizer, and make numbers of NumPy plain ones."""
    kind = type(optimizer).__name__
    for name, within in bounds.items():
        if name == "rate" and callable(optimizer.rate):
            continue  # each of its values is checked when its epoch comes
        least = {} if "above" in within else {"least": 0}
        value = finite_number(f"{kind}: {name}", getattr(optimizer, name), **least, **within)
        object.__setattr__(optimizer, name, value)
    frozen = (optimizer.frozen,) if isinstance(optimizer.frozen, str) else optimizer.frozen
    if not isinstance(frozen, (tuple, list)) or not all(isinstance(name, str) for name in frozen):
        raise wrong(f"{kind}: frozen", frozen, "the name of a layer or a list of names")
    object.__setattr__(optimizer, "frozen", tuple(frozen))
