"""Right layers of every sort, which no law may condemn: steep, periodic, clipped, normalising, large and small."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import special
from scipy.special import expit

import tinynet as tn

Function = Callable[..., np.ndarray]


class Case(NamedTuple):
    """A layer, the shape of one input, and what it is called."""

    name: str
    layer: tn.Layer
    input_shape: tuple[int, ...]


def layer(forward: Function, backward: Function) -> tn.Layer:
    """Return a layer made of forward(x) and backward(dy, x, y)."""

    class Made(tn.Layer):
        def forward(self, x):
            return forward(x)

        def backward(self, dy, x, y):
            return backward(dy, x, y)

    return Made()


def elementwise(function: Function, derivative: Function) -> tn.Layer:
    """Return a layer made of f(x) and f'(x), in the type of x."""
    return layer(
        lambda x: np.asarray(function(x)).astype(x.dtype),
        lambda dy, x, y: dy * np.asarray(derivative(x)).astype(x.dtype),
    )


def layer_norm(eps: float, axis: int | tuple[int, ...] = -1) -> tn.Layer:
    def mean(a):
        return a.mean(axis, keepdims=True)

    def scale(x):
        return np.sqrt(x.var(axis, keepdims=True) + eps)

    return layer(lambda x: (x - mean(x)) / scale(x), lambda dy, x, y: (dy - mean(dy) - y * mean(dy * y)) / scale(x))


def rms_norm(eps: float) -> tn.Layer:
    def scale(x):
        return np.sqrt((x * x).mean(-1, keepdims=True) + eps)

    return layer(lambda x: x / scale(x), lambda dy, x, y: (dy - y * (dy * y).mean(-1, keepdims=True)) / scale(x))


def unit_length(eps: float) -> tn.Layer:
    def length(x):
        return np.sqrt((x * x).sum(-1, keepdims=True) + eps)

    return layer(lambda x: x / length(x), lambda dy, x, y: (dy - y * (dy * y).sum(-1, keepdims=True)) / length(x))


def clamped_length(least: float) -> tn.Layer:
    """x / max(|x|, least), as torch.nn.functional.normalize has it."""

    def length(x):
        return np.sqrt((x * x).sum(-1, keepdims=True))

    def backward(dy, x, y):
        free = length(x) > least
        return (dy - free * y * (dy * y).sum(-1, keepdims=True)) / np.maximum(length(x), least)

    return layer(lambda x: x / np.maximum(length(x), least), backward)


def softmax(temperature: float) -> tn.Layer:
    """The textbook's: max subtracted in forward, p (dy - <dy, p>) backward."""

    def forward(x):
        e = np.exp((x - x.max(-1, keepdims=True)) / temperature)
        return e / e.sum(-1, keepdims=True)

    return layer(forward, lambda dy, x, y: y * (dy - (dy * y).sum(-1, keepdims=True)) / temperature)


def log_softmax(temperature: float) -> tn.Layer:
    def forward(x):
        z = x / temperature
        return z - special.logsumexp(z, axis=-1, keepdims=True).astype(x.dtype)

    return layer(forward, lambda dy, x, y: (dy - np.exp(y) * dy.sum(-1, keepdims=True)) / temperature)


def clip(limit: float) -> tn.Layer:
    return elementwise(lambda x: np.clip(x, -limit, limit), lambda x: np.abs(x) < limit)


def huber(limit: float) -> tn.Layer:
    return elementwise(
        lambda x: np.where(np.abs(x) < limit, x * x / 2, limit * (np.abs(x) - limit / 2)),
        lambda x: np.clip(x, -limit, limit),
    )


def shrink(limit: float) -> tn.Layer:
    return elementwise(lambda x: np.sign(x) * np.maximum(np.abs(x) - limit, 0), lambda x: np.abs(x) > limit)


def max_over_axis() -> tn.Layer:
    def backward(dy, x, y):
        first = np.zeros(x.shape, x.dtype)
        np.put_along_axis(first, x.argmax(-1)[..., None], 1, -1)
        return dy[..., None] * first

    return layer(lambda x: x.max(-1), backward)


def log_sum_exp(temperature: float) -> tn.Layer:
    return layer(
        lambda x: temperature * special.logsumexp(x / temperature, axis=-1).astype(x.dtype),
        lambda dy, x, y: dy[..., None] * special.softmax(x / temperature, axis=-1).astype(x.dtype),
    )


def large_dense(scale: float) -> tn.Layer:
    dense = tn.Dense(4)
    dense.build((5,), np.random.default_rng(0), np.float64)
    dense.params["W"] *= scale
    return dense


def gelu(x):
    return x * special.ndtr(x)


ROOT = np.sqrt(2 / np.pi)


def inner(x):
    return ROOT * (x + 0.044715 * x**3)


def made() -> list[Case]:
    """Return every right layer."""
    cases: list[Case] = []

    def add(name: str, one: tn.Layer, input_shape: tuple[int, ...] = (6,)) -> None:
        cases.append(Case(name, one, input_shape))

    for eps in (1e-3, 1e-5, 1e-8, 1e-12):
        add(f"layer norm, eps {eps}", layer_norm(eps))
        add(f"x / |x|, eps {eps}", unit_length(eps))
        add(f"rms norm, eps {eps}", rms_norm(eps))
    add("layer norm of two numbers", layer_norm(1e-5), (2,))
    add("layer norm of one number", layer_norm(1e-5), (1,))
    add("instance norm", layer_norm(1e-5, (-2, -1)), (2, 3, 3))
    add("x / max(|x|, 1e-12)", clamped_length(1e-12))
    add("x / max(|x|, 1)", clamped_length(1.0))
    for temperature in (0.001, 0.02, 1.0, 50.0):
        add(f"softmax(x / {temperature})", softmax(temperature))
        add(f"log softmax(x / {temperature})", log_softmax(temperature))
        add(f"log sum exp, {temperature}", log_sum_exp(temperature))
    for steep in (1e-3, 1e-1, 20.0, 200.0, 1e3, 1e4):
        add(
            f"tanh({steep} x)",
            elementwise(
                lambda x, s=steep: np.tanh(s * x), lambda x, s=steep: s / np.cosh(np.clip(s * x, -300, 300)) ** 2
            ),
        )
        add(f"sin({steep} x)", elementwise(lambda x, s=steep: np.sin(s * x), lambda x, s=steep: s * np.cos(s * x)))
        add(
            f"softplus({steep} x) / {steep}",
            elementwise(lambda x, s=steep: np.logaddexp(0, s * x) / s, lambda x, s=steep: expit(s * x)),
        )
        add(
            f"sigmoid({steep} x)",
            layer(lambda x, s=steep: expit(s * x), lambda dy, x, y, s=steep: s * dy * y * (1 - y)),
        )
    for limit in (1e-3, 1e-2, 0.5, 1.0, 6.0, 30.0, 1e3):
        add(f"clip at {limit}", clip(limit))
        add(f"Huber, {limit}", huber(limit))
        add(f"soft shrinkage, {limit}", shrink(limit))
    for scale in (1e-6, 1e-3, 1e3, 1e6):
        add(f"{scale} x", elementwise(lambda x, s=scale: s * x, lambda x, s=scale: np.full(x.shape, s)))
        add(f"dense, weights of size {scale}", large_dense(scale), (5,))
        add(f"x + {scale}", elementwise(lambda x, s=scale: x + s, np.ones_like))
        add(f"{scale} ReLU(x)", elementwise(lambda x, s=scale: s * np.maximum(x, 0), lambda x, s=scale: s * (x > 0)))
    add("ReLU6", elementwise(lambda x: np.clip(x, 0, 6), lambda x: (x > 0) & (x < 6)))
    add("leaky ReLU", elementwise(lambda x: np.where(x > 0, x, 0.01 * x), lambda x: np.where(x > 0, 1, 0.01)))
    add(
        "ELU", elementwise(lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), lambda x: np.exp(np.minimum(x, 0)))
    )
    add(
        "CELU, 0.01",
        elementwise(
            lambda x: np.where(x > 0, x, 0.01 * np.expm1(np.minimum(x, 0) / 0.01)),
            lambda x: np.exp(np.minimum(x, 0) / 0.01),
        ),
    )
    add("SiLU", elementwise(lambda x: x * expit(x), lambda x: expit(x) * (1 + x * (1 - expit(x)))))
    add("GELU", elementwise(gelu, lambda x: special.ndtr(x) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)))
    add(
        "GELU by tanh",
        elementwise(
            lambda x: x / 2 * (1 + np.tanh(inner(x))),
            lambda x: (
                (1 + np.tanh(inner(x))) / 2 + x / 2 * (1 - np.tanh(inner(x)) ** 2) * ROOT * (1 + 3 * 0.044715 * x * x)
            ),
        ),
    )
    add(
        "Mish",
        elementwise(
            lambda x: x * np.tanh(np.logaddexp(0, x)),
            lambda x: np.tanh(np.logaddexp(0, x)) + x * (1 - np.tanh(np.logaddexp(0, x)) ** 2) * expit(x),
        ),
    )
    add("softsign", elementwise(lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x)) ** 2))
    add("hard sigmoid", elementwise(lambda x: np.clip(0.2 * x + 0.5, 0, 1), lambda x: 0.2 * (np.abs(x) < 2.5)))
    add("hard sigmoid, x / 6", elementwise(lambda x: np.clip(x / 6 + 0.5, 0, 1), lambda x: (np.abs(x) < 3) / 6))
    add(
        "hard swish",
        elementwise(lambda x: x * np.clip(x / 6 + 0.5, 0, 1), lambda x: np.where(np.abs(x) < 3, x / 3 + 0.5, x >= 3)),
    )
    add("snake", elementwise(lambda x: x + np.sin(30 * x) ** 2 / 30, lambda x: 1 + np.sin(60 * x)))
    add(
        "Gaussian, narrow",
        elementwise(lambda x: np.exp(-((x / 0.01) ** 2)), lambda x: -2 * x / 1e-4 * np.exp(-((x / 0.01) ** 2))),
    )
    add("exp", layer(np.exp, lambda dy, x, y: dy * y))
    add("log", layer(np.log, lambda dy, x, y: dy / x))
    add("square root", layer(np.sqrt, lambda dy, x, y: dy / (2 * y)))
    add("1 / x", layer(lambda x: 1 / x, lambda dy, x, y: -dy * y * y))
    add("log(1 + x^2)", elementwise(lambda x: np.log1p(x * x), lambda x: 2 * x / (1 + x * x)))
    add("x |x|", elementwise(lambda x: x * np.abs(x), lambda x: 2 * np.abs(x)))
    add("x |x|^1/2", elementwise(lambda x: x * np.sqrt(np.abs(x)), lambda x: 1.5 * np.sqrt(np.abs(x))))
    add("cube", elementwise(lambda x: x**3, lambda x: 3 * x * x))
    add("tenth power", elementwise(lambda x: x**10, lambda x: 10 * x**9))
    add("|x|", elementwise(np.abs, np.sign))
    add("sawtooth", elementwise(lambda x: 5 * x % 1, lambda x: np.full(x.shape, 5.0)))
    add("triangle wave", elementwise(lambda x: np.abs(x % 2 - 1), lambda x: np.sign(x % 2 - 1)))
    add("maximum", max_over_axis(), (4, 3))
    add("sum of squares", layer(lambda x: (x * x).sum(-1), lambda dy, x, y: 2 * dy[..., None] * x))
    add(
        "product of halves",
        layer(
            lambda x: x[..., :3] * x[..., 3:], lambda dy, x, y: np.concatenate([dy * x[..., 3:], dy * x[..., :3]], -1)
        ),
    )
    add(
        "gated halves",
        layer(
            lambda x: x[..., :3] * expit(x[..., 3:]),
            lambda dy, x, y: np.concatenate([dy * expit(x[..., 3:]), dy * y * (1 - expit(x[..., 3:]))], -1),
        ),
    )
    add(
        "mean taken off",
        layer(lambda x: x - x.mean(-1, keepdims=True), lambda dy, x, y: dy - dy.mean(-1, keepdims=True)),
    )
    add("cumulative sum", layer(lambda x: x.cumsum(-1), lambda dy, x, y: dy[..., ::-1].cumsum(-1)[..., ::-1].copy()))
    add("differences", layer(lambda x: np.diff(x), lambda dy, x, y: -np.diff(dy, prepend=0, append=0).astype(dy.dtype)))
    add(
        "sorted",
        layer(
            lambda x: np.sort(x),
            lambda dy, x, y: np.take_along_axis(
                dy, np.broadcast_to(x.argsort(-1, kind="stable").argsort(-1, kind="stable"), dy.shape), -1
            ),
        ),
    )
    add(
        "maxout of halves",
        layer(
            lambda x: np.maximum(x[..., :3], x[..., 3:]),
            lambda dy, x, y: np.concatenate([dy * (x[..., :3] >= x[..., 3:]), dy * (x[..., :3] < x[..., 3:])], -1),
        ),
    )
    return cases


RIGHT = made()
