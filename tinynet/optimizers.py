"""Optimizers: how far the parameters move along their gradients."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tinynet.arguments import boolean, finite_number, wrong
from tinynet.kernels import underflow_is_meant
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

    rate: float = 1e-3
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
        parameter -= self.rate * unbiased_mean / (np.sqrt(unbiased_square) + self.epsilon)


def _check(optimizer: Optimizer, **bounds: dict[str, float]) -> None:
    """Check the settings of an optimizer, and make numbers of NumPy plain ones."""
    kind = type(optimizer).__name__
    for name, within in bounds.items():
        least = {} if "above" in within else {"least": 0}
        value = finite_number(f"{kind}: {name}", getattr(optimizer, name), **least, **within)
        object.__setattr__(optimizer, name, value)
    frozen = (optimizer.frozen,) if isinstance(optimizer.frozen, str) else optimizer.frozen
    if not isinstance(frozen, (tuple, list)) or not all(isinstance(name, str) for name in frozen):
        raise wrong(f"{kind}: frozen", frozen, "the name of a layer or a list of names")
    object.__setattr__(optimizer, "frozen", tuple(frozen))
