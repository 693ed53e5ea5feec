"""Wrong layers, as people really write them, each with the laws that it breaks and the slip that it is.

The checker is tested with these: a law that lets its mutant pass is no law.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

import tinynet as tn


@dataclass(frozen=True)
class Mutant:
    """A wrong layer, the laws that must fail (these and no others), and the diagnosis that must be found."""

    make: Callable[[], tn.Layer]
    input_shape: tuple[int, ...]
    laws: frozenset[str]
    slip: str

    @property
    def name(self) -> str:
        return getattr(self.make, "__name__", "mutant")


MUTANTS: list[Mutant] = []


def breaks(*laws: str, slip: str, input_shape: tuple[int, ...] = (5,)) -> Callable[[type[tn.Layer]], type[tn.Layer]]:
    def enter(kind: type[tn.Layer]) -> type[tn.Layer]:
        MUTANTS.append(Mutant(kind, input_shape, frozenset(laws), slip))
        return kind

    return enter


# --------------------------------------------------------------------------------------------------------- derivatives


@breaks("adjoint", slip="slope taken on the output")
class ReLUSlopeOfOutput(tn.Layer):
    """Published in a tutorial: the output of a ReLU is never below zero, so this is always true."""

    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dy, x, y):
        return dy * (y >= 0)


@breaks("adjoint", slip="constant factor")
class SquaredWithoutTwo(tn.Layer):
    def forward(self, x):
        return x**2

    def backward(self, dy, x, y):
        return dy * x


@breaks("adjoint", slip="constant factor", input_shape=(4,))
class DenseTwice(tn.Dense):
    def __init__(self):
        super().__init__(3)

    def backward(self, dy, x, y):
        return 2 * super().backward(dy, x, y)


@breaks("adjoint", slip="sign")
class TanhNegative(tn.Layer):
    def forward(self, x):
        return np.tanh(x)

    def backward(self, dy, x, y):
        return dy * (y**2 - 1)


@breaks("adjoint", slip="identity")
class SoftmaxIdentity(tn.Softmax):
    def backward(self, dy, x, y):
        return dy.copy()


@breaks("adjoint", slip="elementwise")
class SoftmaxDiagonal(tn.Softmax):
    def backward(self, dy, x, y):
        return dy * y * (1 - y)


@breaks("adjoint", slip="slope at y, not x")
class SoftplusAtOutput(tn.Layer):
    def forward(self, x):
        return np.logaddexp(0, x)

    def backward(self, dy, x, y):
        return dy * expit(y)


@breaks("adjoint", "linear", "batch axes", slip="dy not used")
class SigmoidWithoutDelta(tn.Layer):
    def forward(self, x):
        return expit(x)

    def backward(self, dy, x, y):
        return y * (1 - y)


@breaks("adjoint", slip="zero")
class SigmoidNeverFilled(tn.Layer):
    """Zeros that were made to be filled, and never were."""

    def forward(self, x):
        return expit(x)

    def backward(self, dy, x, y):
        return np.zeros_like(dy)


@breaks("adjoint", slip="scaled in forward only", input_shape=(6,))
class DropoutScaledForward(tn.Layer):
    mask = np.array([1, 0, 1, 1, 0, 1], np.float32)

    def forward(self, x):
        return x * self.mask / np.float32(0.5)

    def backward(self, dy, x, y):
        return dy * self.mask


@breaks("adjoint", slip="transpose", input_shape=(4,))
class DenseNotTransposed(tn.Dense):
    def __init__(self):
        super().__init__(4)

    def backward(self, dy, x, y):
        return dy @ self.params["W"].T


@breaks("adjoint", slip="transpose", input_shape=(2, 4, 4))
class AxesSwapped(tn.Flatten):
    def backward(self, dy, x, y):
        return super().backward(dy, x, y).swapaxes(-1, -2).copy()


@breaks("adjoint", "linear", slip="rectified dy")
class GuidedReLU(tn.ReLU):
    """Guided backpropagation is no gradient."""

    def backward(self, dy, x, y):
        return np.maximum(dy, 0) * (x > 0)


@breaks("adjoint", "linear", slip="clipped dy")
class ClippedTanh(tn.Tanh):
    def backward(self, dy, x, y):
        return np.clip(super().backward(dy, x, y), -0.1, 0.1)


@breaks("adjoint", "linear", slip="added constant")
class DecayInBackward(tn.Layer):
    def forward(self, x):
        return np.sin(x)

    def backward(self, dy, x, y):
        return dy * np.cos(x) + x.dtype.type(0.01) * x


# ------------------------------------------------------------------------------------------------------ kinks and ties


@breaks("ties", slip="tie counted twice", input_shape=(2, 4, 4))
class MaxPoolEveryWinner(tn.Layer):
    """2 x 2 windows by reshaping, the winner found by x == y."""

    def forward(self, x):
        return self.windows(x).max(axis=(-3, -1))

    def backward(self, dy, x, y):
        winners = self.windows(x) == y[..., :, None, :, None]
        return (dy[..., :, None, :, None] * winners).reshape(*dy.shape[:-3], *x.shape[-3:])

    @staticmethod
    def windows(x):
        *leading, height, width = x.shape
        return x.reshape(*leading, height // 2, 2, width // 2, 2)


@breaks("kinks", "ties", slip="not finite")
class AbsoluteByDivision(tn.Layer):
    def forward(self, x):
        return np.abs(x)

    def backward(self, dy, x, y):
        return dy * (x / y)


# ------------------------------------------------------------------------------------------------------------- batches


@breaks("adjoint", "batch axes", slip="1/N in the layer", input_shape=(4,))
class DenseMeanOfBatch(tn.Dense):
    def __init__(self):
        super().__init__(3)

    def backward(self, dy, x, y):
        return super().backward(dy, x, y) / x.dtype.type(x.size // x.shape[-1])


@breaks("parameters", "batch axes", slip="1/N in the layer", input_shape=(4,))
class DenseMeanGradient(tn.Dense):
    def __init__(self):
        super().__init__(3)

    def grads(self, dy, x, y):
        size = x.dtype.type(x.size // x.shape[-1])
        return {name: array / size for name, array in super().grads(dy, x, y).items()}


@breaks("batch axes", slip="hard-coded axis")
class SoftmaxAxisOne(tn.Layer):
    def forward(self, x):
        p = np.exp(x - x.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)

    def backward(self, dy, x, y):
        return y * (dy - (dy * y).sum(axis=1, keepdims=True))


@breaks("batch axes", slip="mixes the batch")
class SoftmaxAxisZero(tn.Layer):
    def forward(self, x):
        p = np.exp(x - x.max(axis=0, keepdims=True))
        return p / p.sum(axis=0, keepdims=True)

    def backward(self, dy, x, y):
        return y * (dy - (dy * y).sum(axis=0, keepdims=True))


@breaks("batch axes", slip="hard-coded axis", input_shape=(2, 3, 3))
class FlattenFirstAxis(tn.Layer):
    def forward(self, x):
        return x.reshape(len(x), -1).copy()

    def backward(self, dy, x, y):
        return dy.reshape(x.shape).copy()


# ---------------------------------------------------------------------------------------------------------- parameters


class Scale(tn.Layer):
    """y = s x, right: the base of some wrong ones."""

    def build(self, input_shape, rng, dtype=np.float32):
        self.params["s"] = rng.standard_normal(input_shape).astype(dtype)

    def forward(self, x):
        return x * self.params["s"]

    def backward(self, dy, x, y):
        return dy * self.params["s"]

    def grads(self, dy, x, y):
        return {"s": (dy * x).reshape(-1, *self.params["s"].shape).sum(axis=0)}


@breaks("parameters", slip="missing sum over the batch")
class ScaleWithoutSum(Scale):
    def grads(self, dy, x, y):
        return {"s": dy * x}


@breaks("parameters", "batch axes", slip="missing sum over the batch")
class ScaleFirstInput(Scale):
    def grads(self, dy, x, y):
        return {"s": (dy * x).reshape(-1, *self.params["s"].shape)[0]}


@breaks("parameters", slip="sign")
class ScaleNegative(Scale):
    def grads(self, dy, x, y):
        return {"s": -super().grads(dy, x, y)["s"]}


@breaks("parameters", slip="parameter not used")
class ScaleOfACopy(Scale):
    """The optimizer replaces the array in params, and nothing changes."""

    def __init__(self):
        self.s = np.arange(1.0, 6.0, dtype=np.float32)
        self.params = {"s": self.s}

    def forward(self, x):
        return x * self.s

    def backward(self, dy, x, y):
        return dy * self.s


@breaks("parameters", slip="transpose", input_shape=(4,))
class DenseGradientTransposed(tn.Dense):
    def __init__(self, units=4):
        super().__init__(units)

    def grads(self, dy, x, y):
        found = super().grads(dy, x, y)
        return {**found, "W": found["W"].T.copy()}


@breaks("parameters", slip="transpose", input_shape=(4,))
class DenseGradientOtherShape(DenseGradientTransposed):
    def __init__(self):
        super().__init__(3)


@breaks("parameters", slip="missing gradient", input_shape=(4,))
class DenseWithoutBiasGradient(tn.Dense):
    def __init__(self):
        super().__init__(3)

    def grads(self, dy, x, y):
        return {"W": super().grads(dy, x, y)["W"]}


@breaks("parameters", slip="flipped", input_shape=(1, 5, 5))
class ConvolutionForCorrelation(tn.Conv2D):
    def __init__(self):
        super().__init__(2, 3)

    def grads(self, dy, x, y):
        found = super().grads(dy, x, y)
        return {**found, "W": found["W"][..., ::-1, ::-1].copy()}


@breaks("parameters", slip="mean over places", input_shape=(1, 5, 5))
class ConvBiasMean(tn.Conv2D):
    def __init__(self):
        super().__init__(2, 3)

    def grads(self, dy, x, y):
        found = super().grads(dy, x, y)
        return {**found, "b": found["b"] / dy.dtype.type(dy.shape[-1] * dy.shape[-2])}


# -------------------------------------------------------------------------------------------------------------- purity


@breaks("pure", slip="writes into an argument")
class ReLUInPlace(tn.Layer):
    def forward(self, x):
        x[x < 0] = 0
        return x.copy()

    def backward(self, dy, x, y):
        return dy * (y > 0)


@breaks("pure", slip="writes into an argument")
class TanhBackwardInPlace(tn.Tanh):
    def backward(self, dy, x, y):
        dy *= 1 - y * y
        return dy


@breaks("pure", slip="returns its argument")
class DropoutOff(tn.Layer):
    def forward(self, x):
        return x

    def backward(self, dy, x, y):
        return dy


@breaks("pure", slip="returns its argument", input_shape=(2, 3, 3))
class FlattenView(tn.Layer):
    def forward(self, x):
        return x.reshape(*x.shape[:-3], -1)

    def backward(self, dy, x, y):
        return dy.reshape(*dy.shape[:-1], *x.shape[-3:])


@breaks("pure", slip="state on the layer")
class ReLUCachedMask(tn.Layer):
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dy, x, y):
        return dy * self.mask


@breaks("pure", slip="state on the layer")
class ReLUHiddenCache(tn.Layer):
    """Not on the layer itself, and as harmful."""

    cache: dict = {}  # noqa: RUF012

    def forward(self, x):
        type(self).cache["mask"] = x > 0
        return np.maximum(x, 0)

    def backward(self, dy, x, y):
        return dy * type(self).cache["mask"]


@breaks("pure", slip="state on the layer")
class CountsCalls(tn.Tanh):
    def __init__(self):
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return super().forward(x)


@breaks("pure", slip="order in memory", input_shape=(3, 4))
class FlipInMemoryOrder(tn.Layer):
    def forward(self, x):
        return np.sin(x)

    def backward(self, dy, x, y):
        slopes = np.cos(x).ravel(order="K").reshape(x.shape)
        return dy * slopes


# ---------------------------------------------------------------------------------------------------- shapes and types


@breaks("shape and dtype", slip="float64 upcast")
class LeakyUpcast(tn.Layer):
    slopes = np.array([0.1, 1.0])

    def forward(self, x):
        return x * self.slopes[(x > 0).astype(int)]

    def backward(self, dy, x, y):
        return dy * self.slopes[(x > 0).astype(int)]


@breaks("shape and dtype", slip="lost precision")
class TanhInFloat32(tn.Tanh):
    def backward(self, dy, x, y):
        return super().backward(dy, x, y).astype(np.float32)


@breaks("shape and dtype", slip="", input_shape=(2, 3, 3))
class GlobalMeanUndeclared(tn.Layer):
    def forward(self, x):
        return x.mean(axis=(-2, -1))

    def backward(self, dy, x, y):
        return np.broadcast_to(dy[..., None, None] / 9, (*dy.shape, 3, 3)).astype(dy.dtype)

    def output_shape(self, input_shape):
        return input_shape


# ------------------------------------------------------------------------------------------------------------- targets


@breaks("target", slip="sign")
class TanhTargetUphill(tn.Tanh):
    def target(self, t, x, y, rule):
        return x + self.backward(y - t, x, y)


@breaks("target", slip="constant factor", input_shape=(4,))
class DenseTargetTwice(tn.Dense):
    def __init__(self):
        super().__init__(3)

    def target(self, t, x, y, rule):
        return rule.affine_target(self, 2 * t - y, x, y)


# --------------------------------------------------------------------------------------------------------- not running


@breaks("runs", slip="")
class WithoutBackward(tn.Layer):
    def forward(self, x):
        return np.tanh(x)


@breaks("runs", slip="")
class NotAttempted(tn.Layer):
    """An exercise that nobody has done yet: it has a slope, so it cannot decline to give it."""

    def forward(self, x):
        return np.tanh(x)

    def backward(self, dy, x, y):
        raise NotImplementedError("Exercise 2.1: the slope of tanh")


@breaks("runs", slip="")
class ForgottenReturn(tn.Layer):
    def forward(self, x):
        np.tanh(x)

    def backward(self, dy, x, y):
        return dy * (1 - y * y)


@breaks("runs", slip="")
class WrongProduct(tn.Dense):
    def __init__(self):
        super().__init__(3)

    def backward(self, dy, x, y):
        return self.params["W"] @ dy


@breaks("runs", slip="")
class AlwaysNaN(tn.Layer):
    def forward(self, x):
        return np.log(-np.abs(x))

    def backward(self, dy, x, y):
        return dy / x


@breaks("pure", slip="random")
class DropoutWithinForward(tn.Layer):
    """What answers differently each time has no derivative that could be checked."""

    rng = np.random.default_rng(0)

    def forward(self, x):
        return x * (self.rng.random(x.shape) > 0.5)

    def backward(self, dy, x, y):
        return dy * (y != 0)
