"""Wrong layers, as students and libraries have written them; each must be caught, whatever the seed.

Beside the mutants (one for each law, with its diagnosis) and the slips (one mistake in every layer): here the formula
itself is wrong, often for some inputs only.
"""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.special import expit

import tinynet as tn
from tests.right_layers import ROOT, Case, clip, elementwise, inner, layer, layer_norm, softmax, unit_length


def with_backward(right: tn.Layer, backward) -> tn.Layer:
    """Return a right layer with another backward(dy, x, y)."""
    return layer(right.forward, backward)


def spoiled(right: tn.Layer, spoil) -> tn.Layer:
    """Return a right layer whose backward pass is spoiled: spoil(dx, dy, x, y)."""
    return layer(right.forward, lambda dy, x, y: spoil(right.backward(dy, x, y), dy, x, y))


class Affine(tn.Layer):
    """A right layer of weights with grads(dy, x), the base of wrong ones."""

    def __init__(self, outputs: int = 3) -> None:
        self.outputs = outputs

    def build(self, input_shape, rng, dtype=np.float32):
        self.params = {
            "W": rng.standard_normal((self.outputs, *input_shape)).astype(dtype),
            "b": rng.standard_normal(self.outputs).astype(dtype),
        }

    def forward(self, x):
        return x @ self.params["W"].T + self.params["b"]

    def backward(self, dy, x, y):
        return dy @ self.params["W"]

    def grads(self, dy, x, y):
        flat = dy.reshape(-1, self.outputs)
        inputs = np.broadcast_to(x, (*dy.shape[:-1], x.shape[-1])).reshape(-1, x.shape[-1])
        return {"W": flat.T @ inputs, "b": flat.sum(axis=0)}


def affine(spoil) -> tn.Layer:
    """Return an affine layer whose gradients are spoiled: spoil(grads, params)."""

    class Wrong(Affine):
        def grads(self, dy, x, y):
            return spoil(super().grads(dy, x, y), self.params)

    return Wrong()


class Normalised(tn.Layer):
    """Layer normalisation with gain and offset, right, the base of wrong ones."""

    def build(self, input_shape, rng, dtype=np.float32):
        self.params = {
            "gain": rng.standard_normal(input_shape).astype(dtype),
            "offset": rng.standard_normal(input_shape).astype(dtype),
        }

    norm = layer_norm(1e-5)

    def forward(self, x):
        return self.norm.forward(x) * self.params["gain"] + self.params["offset"]

    def backward(self, dy, x, y):
        return self.norm.backward(dy * self.params["gain"], x, self.norm.forward(x))

    def grads(self, dy, x, y):
        size = x.shape[-1]
        return {
            "gain": (dy * self.norm.forward(x)).reshape(-1, size).sum(axis=0),
            "offset": dy.reshape(-1, size).sum(axis=0),
        }


class GainForgotten(Normalised):
    def backward(self, dy, x, y):
        return self.norm.backward(dy, x, self.norm.forward(x))


class GainFromInput(Normalised):
    """The gain's gradient takes the input where the normalised input belongs."""

    def grads(self, dy, x, y):
        return {**super().grads(dy, x, y), "gain": (dy * x).reshape(-1, x.shape[-1]).sum(axis=0)}


class NormFromOutput(Normalised):
    """The normalised input is taken to be y, which has gain and offset in it."""

    def backward(self, dy, x, y):
        return self.norm.backward(dy * self.params["gain"], x, y)


class LearntSlope(tn.Layer):
    """PReLU: one slope for all negative inputs; the gradient forgets where the inputs are negative."""

    def build(self, input_shape, rng, dtype=np.float32):
        self.params = {"a": rng.standard_normal(1).astype(dtype)}

    def forward(self, x):
        return np.where(x > 0, x, self.params["a"] * x)

    def backward(self, dy, x, y):
        return dy * np.where(x > 0, x.dtype.type(1), self.params["a"])

    def grads(self, dy, x, y):
        return {"a": (dy * x).sum(keepdims=True).reshape(-1)[:1]}


class LearntSlopeOfOutput(LearntSlope):
    """The slope chosen by the sign of the output, which a negative slope turns."""

    def build(self, input_shape, rng, dtype=np.float32):
        self.params = {"a": np.full(1, -10, dtype)}

    def backward(self, dy, x, y):
        return dy * np.where(y > 0, x.dtype.type(1), self.params["a"])

    def grads(self, dy, x, y):
        return {"a": (dy * np.minimum(x, 0)).sum(keepdims=True).reshape(-1)[:1]}


class PoolLastWinner(tn.MaxPool2D):
    """Each window's gradient goes to its first pixel, whoever won."""

    def backward(self, dy, x, y):
        dx = np.zeros((*dy.shape[:-2], *x.shape[-2:]), x.dtype)
        dx[..., ::2, ::2] = dy
        return dx


class PoolShared(tn.MaxPool2D):
    """The mean's gradient for the maximum."""

    def backward(self, dy, x, y):
        return (dy / 4).repeat(2, axis=-1).repeat(2, axis=-2)


class PoolOverwrites(tn.MaxPool2D):
    """Overlapping windows, each writing its gradient where it should add it."""

    def backward(self, dy, x, y):
        dx = np.zeros((*dy.shape[:-2], *x.shape[-2:]), x.dtype)
        for i in range(y.shape[-2]):
            for j in range(y.shape[-1]):
                window = x[..., i : i + 2, j : j + 2]
                won = (window == y[..., i : i + 1, j : j + 1]) & np.ones((*dy.shape[:-2], 1, 1), bool)
                place = dx[..., i : i + 2, j : j + 2]
                place[won] = np.broadcast_to(dy[..., i : i + 1, j : j + 1], won.shape)[won]
        return dx


class MeanPoolWithoutDivisor(tn.AvgPool2D):
    def backward(self, dy, x, y):
        return super().backward(dy, x, y) * 4


class ConvNotTurned(tn.Conv2D):
    """dx by correlating with the kernel as it is; it belongs turned by 180 degrees."""

    def backward(self, dy, x, y):
        turned = self.with_params({**self.params, "W": self.params["W"][..., ::-1, ::-1].copy()})
        return tn.Conv2D.backward(turned, dy, x, y)


class ConvShifted(tn.Conv2D):
    """The padding's offset forgotten: the gradient lies one pixel off."""

    def backward(self, dy, x, y):
        return np.roll(super().backward(dy, x, y), 1, axis=-1)


class ConvChannelsMixed(tn.Conv2D):
    """The sum over filters taken over one filter alone."""

    def backward(self, dy, x, y):
        first = dy.copy()
        first[..., 1:, :, :] = 0
        return super().backward(first, x, y)


class ConvBorder(tn.Conv2D):
    """A loop that ends one row early."""

    def backward(self, dy, x, y):
        cut = dy.copy()
        cut[..., -1, :] = 0
        return super().backward(cut, x, y)


class ConvBiasOfOneMap(tn.Conv2D):
    """b summed over the batch, but over the first row of the map alone."""

    def grads(self, dy, x, y):
        return {**super().grads(dy, x, y), "b": dy[..., 0, :].reshape(-1, *dy.shape[-3:-2], dy.shape[-1]).sum((0, -1))}


def residual_without_skip() -> tn.Layer:
    return layer(lambda x: x + np.tanh(x), lambda dy, x, y: dy * (1 - np.tanh(x) ** 2))


def made() -> list[Case]:
    """Return every wrong layer."""
    cases: list[Case] = []

    def add(name: str, one: tn.Layer, input_shape: tuple[int, ...] = (6,)) -> None:
        cases.append(Case(name, one, input_shape))

    tanh, sine = tn.Tanh(), elementwise(np.sin, np.cos)
    # -------------------------------------------------------------------- dy clipped, thresholded, normalised
    for limit in (1e-3, 1.0, 5.0, 100.0, 1e3, 1e6):
        add(
            f"tanh, dy clipped at {limit}",
            with_backward(tanh, lambda dy, x, y, c=limit: np.clip(dy, -c, c) * (1 - y * y)),
        )
        add(f"tanh, dx clipped at {limit}", spoiled(tanh, lambda dx, dy, x, y, c=limit: np.clip(dx, -c, c)))
    add(
        "gradient clipped by its length",
        spoiled(sine, lambda dx, dy, x, y: dx / np.maximum(1, np.abs(dx).max(-1, keepdims=True) / 10)),
    )
    add(
        "gradient normalised",
        spoiled(sine, lambda dx, dy, x, y: dx / (np.abs(dx).max(-1, keepdims=True) + x.dtype.type(1e-8))),
    )
    add("small gradients dropped", spoiled(sine, lambda dx, dy, x, y: dx * (np.abs(dx) > 1e-4)))
    add("x |x|, slope 1 at 0", elementwise(lambda x: x * np.abs(x), lambda x: np.where(x, 2 * np.abs(x), 1)))
    add("sign of the gradient", spoiled(sine, lambda dx, dy, x, y: np.sign(dx)))
    add("straight through a sign", with_backward(elementwise(np.tanh, np.cos), lambda dy, x, y: dy * (np.abs(x) < 1)))
    add("gradient of weights clipped at 5", affine(lambda g, p: {k: np.clip(v, -5, 5) for k, v in g.items()}))
    add("gradient of weights clipped at 1e4", affine(lambda g, p: {k: np.clip(v, -1e4, 1e4) for k, v in g.items()}))
    # ------------------------------------------------------------------- wrong for some inputs only, or far out
    add(
        "ReLU6, slope 1 above 6",
        with_backward(elementwise(lambda x: np.clip(x, 0, 6), np.sign), lambda dy, x, y: dy * (x > 0)),
    )
    add(
        "ReLU6, slope taken on the output",
        with_backward(elementwise(lambda x: np.clip(x, 0, 6), np.sign), lambda dy, x, y: dy * (y >= 0)),
    )
    for limit in (0.01, 1.0, 10.0, 100.0, 500.0):
        huber = elementwise(lambda x, c=limit: np.where(np.abs(x) < c, x * x / 2, c * (np.abs(x) - c / 2)), np.sign)
        add(f"Huber {limit}, slope x beyond", with_backward(huber, lambda dy, x, y: dy * x))
        add(f"clip at {limit}, slope 1 throughout", with_backward(clip(limit), lambda dy, x, y: dy.copy()))
        add(f"clip at {limit}, one side only", with_backward(clip(limit), lambda dy, x, y, c=limit: dy * (x < c)))
    for threshold in (1.0, 20.0, 200.0):
        plus = elementwise(lambda x, c=threshold: np.where(x > c, x, np.logaddexp(0, np.minimum(x, c))), np.sign)
        add(
            f"softplus linear beyond {threshold}, slope 0 there",
            with_backward(plus, lambda dy, x, y, c=threshold: dy * np.where(x > c, 0, expit(x)).astype(x.dtype)),
        )
    add("softplus, slope of tanh", elementwise(lambda x: np.logaddexp(0, x), np.tanh))
    add("softplus, overflows to NaN", elementwise(lambda x: np.logaddexp(0, x), lambda x: np.exp(x) / (1 + np.exp(x))))
    add(
        "hard sigmoid, slope within 1 for 2.5",
        elementwise(lambda x: np.clip(0.2 * x + 0.5, 0, 1), lambda x: 0.2 * (np.abs(x) < 1)),
    )
    for knee in (2.9, 2.97, 3.03, 3.1):
        third = elementwise(lambda x: np.clip(x / 6 + 0.5, 0, 1), np.sign)
        add(
            f"hard sigmoid, slope within {knee} for 3",
            with_backward(third, lambda dy, x, y, k=knee: dy / 6 * (np.abs(x) < k)),
        )
        add(
            f"hard sigmoid, slope from {-knee} for -3 on",
            with_backward(third, lambda dy, x, y, k=knee: dy / 6 * ((x > -k) & (x < 3))),
        )
    add("hard tanh, slope within 1.01 for 1", with_backward(clip(1.0), lambda dy, x, y: dy * (np.abs(x) < 1.01)))
    add(
        "ReLU6, slope up to 5.95 for 6",
        with_backward(elementwise(lambda x: np.clip(x, 0, 6), np.sign), lambda dy, x, y: dy * ((x > 0) & (x < 5.95))),
    )
    add("hard tanh, slope by y", with_backward(clip(1.0), lambda dy, x, y: dy * (np.abs(y) <= 1)))
    add("leaky ReLU, slope 0 for negatives", elementwise(lambda x: np.where(x > 0, x, 0.01 * x), lambda x: x > 0))
    add(
        "leaky ReLU, 0.1 for 0.01",
        elementwise(lambda x: np.where(x > 0, x, 0.01 * x), lambda x: np.where(x > 0, 1, 0.1)),
    )
    add(
        "ELU, slope y for y + 1",
        elementwise(
            lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
            lambda x: np.where(x > 0, 1, np.expm1(np.minimum(x, 0))),
        ),
    )
    add(
        "ELU, alpha forgotten",
        elementwise(lambda x: np.where(x > 0, x, 0.5 * np.expm1(np.minimum(x, 0))), lambda x: np.exp(np.minimum(x, 0))),
    )
    add(
        "SELU, scale forgotten for positives",
        elementwise(
            lambda x: 1.05 * np.where(x > 0, x, 1.67 * np.expm1(np.minimum(x, 0))),
            lambda x: np.where(x > 0, 1, 1.05 * 1.67 * np.exp(np.minimum(x, 0))),
        ),
    )
    add(
        "shrinkage, slope 1 everywhere",
        elementwise(lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0), np.ones_like),
    )
    # ------------------------------------------------------------------------------------------ a term forgotten
    add("sigmoid, y for y (1 - y)", layer(expit, lambda dy, x, y: dy * y))
    add("sigmoid, slope at y", layer(expit, lambda dy, x, y: dy * expit(y) * (1 - expit(y))))
    add("sigmoid, x (1 - x)", layer(expit, lambda dy, x, y: dy * x * (1 - x)))
    add("tanh, 1 - y", layer(np.tanh, lambda dy, x, y: dy * (1 - y)))
    add("tanh, 1 - x^2", layer(np.tanh, lambda dy, x, y: dy * (1 - x * x)))
    add("tanh, 1 + y^2", layer(np.tanh, lambda dy, x, y: dy * (1 + y * y)))
    add(
        "scaled tanh, 1 - y^2",
        layer(lambda x: 1.7159 * np.tanh(2 / 3 * x), lambda dy, x, y: dy * 1.7159 * 2 / 3 * (1 - y * y)),
    )
    add("SiLU, sigmoid alone", elementwise(lambda x: x * expit(x), expit))
    add("SiLU, 1 forgotten", elementwise(lambda x: x * expit(x), lambda x: expit(x) * x * (1 - expit(x))))
    add("GELU, density forgotten", elementwise(lambda x: x * special.ndtr(x), special.ndtr))
    add(
        "GELU by tanh, cube's 3 forgotten",
        elementwise(
            lambda x: x / 2 * (1 + np.tanh(inner(x))),
            lambda x: (
                (1 + np.tanh(inner(x))) / 2 + x / 2 * (1 - np.tanh(inner(x)) ** 2) * ROOT * (1 + 0.044715 * x * x)
            ),
        ),
    )
    add(
        "GELU by erf, slope by tanh",
        elementwise(
            lambda x: x * special.ndtr(x),
            lambda x: (
                (1 + np.tanh(inner(x))) / 2 + x / 2 * (1 - np.tanh(inner(x)) ** 2) * ROOT * (1 + 3 * 0.044715 * x * x)
            ),
        ),
    )
    add("softsign, not squared", elementwise(lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x))))
    add("|x|, slope 1", elementwise(np.abs, np.ones_like))
    add("square root, 2 forgotten", layer(np.sqrt, lambda dy, x, y: dy / y))
    add("1 / x, sign forgotten", layer(lambda x: 1 / x, lambda dy, x, y: dy * y * y))
    add("arctan for its square", elementwise(np.arctan, lambda x: 1 / (1 + np.abs(x))))
    add("a sine that is a cosine", elementwise(np.sin, lambda x: -np.cos(x)))
    add("skip connection forgotten", residual_without_skip())
    add("one entry off by a percent", spoiled(sine, lambda dx, dy, x, y: dx * np.array([1, 1, 1, 1, 1, 1.01], x.dtype)))
    add("a millionth more", spoiled(sine, lambda dx, dy, x, y: dx * x.dtype.type(1 + 2e-5)))

    # -------------------------------------------------------------------------------- normalisations and softmax
    def scale(x):
        return np.sqrt(x.var(-1, keepdims=True) + 1e-5)

    def mean(a):
        return a.mean(-1, keepdims=True)

    norm, length, smax = layer_norm(1e-5), unit_length(1e-5), softmax(1.0)
    add("layer norm, statistics held fixed", with_backward(norm, lambda dy, x, y: dy / scale(x)))
    add("layer norm, mean's part forgotten", with_backward(norm, lambda dy, x, y: (dy - y * mean(dy * y)) / scale(x)))
    add("layer norm, variance's part forgotten", with_backward(norm, lambda dy, x, y: (dy - mean(dy)) / scale(x)))
    add(
        "layer norm, divided by the variance",
        with_backward(norm, lambda dy, x, y: (dy - mean(dy) - y * mean(dy * y)) / scale(x) ** 2),
    )
    add(
        "layer norm, unbiased variance backward",
        with_backward(
            norm, lambda dy, x, y: (dy - mean(dy) - y * mean(dy * y)) / np.sqrt(x.var(-1, keepdims=True, ddof=1) + 1e-5)
        ),
    )
    add("layer norm, x for y", with_backward(norm, lambda dy, x, y: (dy - mean(dy) - x * mean(dy * x)) / scale(x)))
    add(
        "layer norm, over the batch",
        layer(
            lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5),
            lambda dy, x, y: (dy - dy.mean(0) - y * (dy * y).mean(0)) / np.sqrt(x.var(0) + 1e-5),
        ),
    )
    add("layer norm, gain forgotten backward", GainForgotten())
    add("layer norm, gain's gradient with x", GainFromInput())
    add("layer norm, y with gain and offset", NormFromOutput())
    add(
        "x / |x|, length held fixed",
        with_backward(length, lambda dy, x, y: dy / np.sqrt((x * x).sum(-1, keepdims=True) + 1e-5)),
    )
    add(
        "x / |x|, mean for sum",
        with_backward(
            length, lambda dy, x, y: (dy - y * mean(dy * y)) / np.sqrt((x * x).sum(-1, keepdims=True) + 1e-5)
        ),
    )
    add("softmax, diagonal", with_backward(smax, lambda dy, x, y: dy * y * (1 - y)))
    add("softmax, p - t handed down", with_backward(smax, lambda dy, x, y: y - dy))
    add("softmax, sum without p", with_backward(smax, lambda dy, x, y: y * (dy - dy.sum(-1, keepdims=True))))
    add("softmax, mean for the sum", with_backward(smax, lambda dy, x, y: y * (dy - mean(dy * y))))
    add("softmax, temperature forgotten", with_backward(softmax(0.5), smax.backward))
    add("softmax over all axes", layer(special.softmax, lambda dy, x, y: y * (dy - (dy * y).sum())))
    add(
        "log softmax, y for exp(y)",
        layer(lambda x: special.log_softmax(x, -1), lambda dy, x, y: dy - y * dy.sum(-1, keepdims=True)),
    )
    add(
        "log softmax, sum forgotten", layer(lambda x: special.log_softmax(x, -1), lambda dy, x, y: dy * (1 - np.exp(y)))
    )
    add("steep tanh, steepness forgotten", layer(lambda x: np.tanh(200 * x), lambda dy, x, y: dy * (1 - y * y)))
    # --------------------------------------------------------------------------- sums, products, pools, convolutions
    add(
        "maximum, gradient to all",
        layer(lambda x: x.max(-1), lambda dy, x, y: np.repeat(dy[..., None], x.shape[-1], -1)),
        (4, 3),
    )
    add(
        "maximum, every winner",
        layer(lambda x: x.max(-1), lambda dy, x, y: dy[..., None] * (x == y[..., None])),
        (4, 3),
    )
    add(
        "mean, divisor forgotten",
        layer(lambda x: x.mean(-1), lambda dy, x, y: np.repeat(dy[..., None], x.shape[-1], -1)),
        (4, 3),
    )
    add(
        "product of halves, swapped",
        layer(lambda x: x[..., :3] * x[..., 3:], lambda dy, x, y: np.concatenate([dy, dy], -1) * x),
    )
    add(
        "sum of halves, one forgotten",
        layer(lambda x: x[..., :3] + x[..., 3:], lambda dy, x, y: np.concatenate([dy, 0 * dy], -1)),
    )
    add("cumulative sum, forwards", layer(lambda x: x.cumsum(-1), lambda dy, x, y: dy.cumsum(-1)))
    add(
        "sorted, by argsort once",
        layer(
            lambda x: np.sort(x), lambda dy, x, y: np.take_along_axis(dy, np.broadcast_to(x.argsort(-1), dy.shape), -1)
        ),
    )
    add("max pool, first pixel", PoolLastWinner(2), (2, 4, 4))
    add("max pool, shared", PoolShared(2), (2, 4, 4))
    add("max pool, overlaps overwritten", PoolOverwrites(2, stride=1), (1, 4, 4))
    add("mean pool, divisor forgotten", MeanPoolWithoutDivisor(2), (2, 4, 4))
    add("convolution, kernel not turned", ConvNotTurned(2, 3), (2, 5, 5))
    add("convolution, shifted", ConvShifted(2, 3, padding=1), (2, 5, 5))
    add("convolution, one filter", ConvChannelsMixed(2, 3), (2, 5, 5))
    add("convolution, last row", ConvBorder(2, 3), (2, 5, 5))
    add("convolution, bias of one row", ConvBiasOfOneMap(2, 3), (2, 5, 5))
    # ------------------------------------------------------------------------------------------------- parameters
    add("weight decay in grads", affine(lambda g, p: {**g, "W": g["W"] + p["W"] * p["W"].dtype.type(1e-3)}))
    add("bias as a mean", affine(lambda g, p: {**g, "b": g["b"] / 3}))
    add("weights and bias mixed up", affine(lambda g, p: {"W": g["W"], "b": g["W"][:, 0].copy()}))
    add("only the diagonal of dW", affine(lambda g, p: {**g, "W": g["W"] * np.eye(*g["W"].shape, dtype=g["W"].dtype)}))
    add("learnt slope, negatives not told", LearntSlope())
    add("learnt slope, by the output", LearntSlopeOfOutput())
    return cases


WRONG = made()
