"""Known slips, each made in each of our layers where it makes sense; ``python -m tests.slips`` prints what finds them.

A slip takes a class of layers and returns a wrong subclass. The table says for each slip and layer whether the law that
should break does, and whether the diagnosis names the slip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

import tinynet as tn
from tinynet.testing import Report, check_layer

Kind = type[tn.Layer]


class Victim(NamedTuple):
    """A layer to make slips in: its class, what it is made with, and what it is checked on."""

    kind: Kind
    arguments: tuple
    input_shape: tuple[int, ...]


MASK = np.array([2.5, 0, 2.5, 2.5, 0], np.float32)
VICTIMS = {
    "Dense": Victim(tn.Dense, (4,), (4,)),
    "Conv": Victim(tn.Conv2D, (1, 3, 1, 1), (1, 4, 4)),
    "MaxPool": Victim(tn.MaxPool2D, (2,), (2, 4, 4)),
    "AvgPool": Victim(tn.AvgPool2D, (2, 1), (2, 4, 4)),
    "Flatten": Victim(tn.Flatten, (), (2, 3, 3)),
    "Tanh": Victim(tn.Tanh, (), (5,)),
    "Sigmoid": Victim(tn.Sigmoid, (), (5,)),
    "ReLU": Victim(tn.ReLU, (), (5,)),
    "Softplus": Victim(tn.Softplus, (), (5,)),
    "Step": Victim(tn.Step, (), (5,)),
    "Softmax": Victim(tn.Softmax, (), (5,)),
    "Dropout": Victim(tn.Dropout, (0.6, MASK), (5,)),
    "(off)": Victim(tn.Dropout, (0.5,), (5,)),
    "KnockOut": Victim(tn.KnockOut, ([1, 3], 0.7), (5,)),
}
ALL = tuple(VICTIMS)
DIFFERENTIABLE = tuple(name for name in ALL if name != "Step")
NOT_SOFTMAX = tuple(name for name in DIFFERENTIABLE if name != "Softmax")
SMOOTH = ("Tanh", "Sigmoid", "Softplus")
WEIGHTS = ("Dense", "Conv")
IDENTITIES = ("Flatten", "(off)")
STATEFUL = ("MaxPool", "Tanh", "Sigmoid", "ReLU", "Softplus", "Softmax")
NOISE = np.random.default_rng(0)
SQUARE = ("Conv", "MaxPool", "AvgPool", "Flatten")
WITHOUT_WEIGHTS = tuple(name for name in DIFFERENTIABLE if name not in WEIGHTS)


@dataclass(frozen=True)
class Slip:
    """A slip: the class that it makes of another, where it makes sense, a law that must break, and its diagnosis."""

    name: str
    make: Callable[[Kind], Kind]
    victims: tuple[str, ...]
    law: str
    diagnosis: str


SLIPS: list[Slip] = []


def slip(name: str, victims: tuple[str, ...], law: str, diagnosis: str) -> Callable[[Callable[[Kind], Kind]], object]:
    def enter(make: Callable[[Kind], Kind]) -> Callable[[Kind], Kind]:
        SLIPS.append(Slip(name, make, victims, law, diagnosis))
        return make

    return enter


def backward_slip(
    name: str, victims: tuple[str, ...], law: str, diagnosis: str
) -> Callable[[Callable[..., np.ndarray]], object]:
    """Enter a slip in `backward`: a function of (right backward, dy, x, y)."""

    def enter(wrong: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
        def make(kind: Kind) -> Kind:
            class Slipped(kind):
                def backward(self, dy, x, y):
                    return wrong(super().backward, dy, x, y)

            return Slipped

        SLIPS.append(Slip(name, make, victims, law, diagnosis))
        return wrong

    return enter


def grads_slip(
    name: str, victims: tuple[str, ...], law: str, diagnosis: str
) -> Callable[[Callable[..., dict]], object]:
    """Enter a slip in `grads`: a function of (right grads, dy, x, y)."""

    def enter(wrong: Callable[..., dict]) -> Callable[..., dict]:
        def make(kind: Kind) -> Kind:
            class Slipped(kind):
                def grads(self, dy, x, y):
                    return wrong(super().grads, dy, x, y)

            return Slipped

        SLIPS.append(Slip(name, make, victims, law, diagnosis))
        return wrong

    return enter


def forward_slip(
    name: str, victims: tuple[str, ...], law: str, diagnosis: str
) -> Callable[[Callable[..., np.ndarray]], object]:
    """Enter a slip in `forward`: a function of (right forward, x)."""

    def enter(wrong: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
        def make(kind: Kind) -> Kind:
            class Slipped(kind):
                def forward(self, x):
                    return wrong(super().forward, x)

            return Slipped

        SLIPS.append(Slip(name, make, victims, law, diagnosis))
        return wrong

    return enter


# --------------------------------------------------------------------------------------------------- wrong derivatives


@backward_slip("backward times 2", DIFFERENTIABLE, "adjoint", "constant factor")
def _(backward, dy, x, y):
    return 2 * backward(dy, x, y)


@backward_slip("backward divided by 2", DIFFERENTIABLE, "adjoint", "constant factor")
def _(backward, dy, x, y):
    return backward(dy, x, y) / 2


@backward_slip("backward's sign", DIFFERENTIABLE, "adjoint", "sign")
def _(backward, dy, x, y):
    return -backward(dy, x, y)


@backward_slip("backward never filled", DIFFERENTIABLE, "adjoint", "zero")
def _(backward, dy, x, y):
    return np.zeros_like(backward(dy, x, y))


@backward_slip("dy handed on", (*SMOOTH, "Softmax", "Dropout", "KnockOut"), "adjoint", "identity")
def _(backward, dy, x, y):
    return dy.copy()


@backward_slip("slope of the output, >=", ("ReLU",), "adjoint", "slope taken on the output")
def _(backward, dy, x, y):
    return dy * (y >= 0)


@backward_slip("slope at y", SMOOTH, "adjoint", "slope at y, not x")
def _(backward, dy, x, y):
    return backward(dy, y, backward.__self__.forward(y))


@backward_slip("dy left out", NOT_SOFTMAX, "adjoint", "dy not used")
@backward_slip("dy left out of softmax", ("Softmax",), "adjoint", "zero")
def _(backward, dy, x, y):
    return backward(np.ones_like(dy), x, y)


@backward_slip("only the own slope", ("Softmax",), "adjoint", "elementwise")
def _(backward, dy, x, y):
    return dy * y * (1 - y)


@backward_slip("scaled in forward only", ("Dropout",), "adjoint", "scaled in forward only")
def _(backward, dy, x, y):
    return dy * (MASK > 0)


@backward_slip("J for J^T", WEIGHTS, "adjoint", "transpose")
def _(backward, dy, x, y):
    forward = backward.__self__.forward
    return forward(dy) - forward(np.zeros_like(dy))


@backward_slip("axes swapped", SQUARE, "adjoint", "transpose")
def _(backward, dy, x, y):
    return backward(dy, x, y).swapaxes(-1, -2).copy()


@backward_slip("only the first input", DIFFERENTIABLE, "adjoint", "first input alone")
def _(backward, dy, x, y):
    dx = backward(dy, x, y).copy()
    dx[1:] = 0
    return dx


@backward_slip("dy rectified", DIFFERENTIABLE, "linear", "rectified dy")
def _(backward, dy, x, y):
    return backward(np.maximum(dy, 0), x, y)


@backward_slip("dy squared", DIFFERENTIABLE, "linear", "dy squared")
def _(backward, dy, x, y):
    return backward(dy * dy, x, y)


@backward_slip("dy clipped", DIFFERENTIABLE, "linear", "clipped dy")
def _(backward, dy, x, y):
    return backward(np.clip(dy, -0.1, 0.1), x, y)


@backward_slip("decay added", DIFFERENTIABLE, "linear", "added constant")
def _(backward, dy, x, y):
    return backward(dy, x, y) + x.dtype.type(0.01) * x


# --------------------------------------------------------------------------------------------------------- kinks, ties


@backward_slip("0 / 0 at zero", ("ReLU",), "kinks", "not finite")
def _(backward, dy, x, y):
    return dy * (y / x)


@backward_slip("every winner gets all", ("MaxPool",), "ties", "tie counted twice")
def _(backward, dy, x, y):
    winners = x == y.repeat(2, axis=-1).repeat(2, axis=-2)
    return dy.repeat(2, axis=-1).repeat(2, axis=-2) * winners


# ----------------------------------------------------------------------------------------------------------- the batch


@backward_slip("1/N in backward", DIFFERENTIABLE, "adjoint", "1/N in the layer")
def _(backward, dy, x, y):
    return backward(dy, x, y) / x.dtype.type(len(x))


@backward_slip("seeds added up", DIFFERENTIABLE, "batch axes", "hard-coded axis")
def _(backward, dy, x, y):
    return tn.layers.base.sum_extra_axes(backward(dy, x, y), x.ndim)


@slip("one batch axis only", ALL, "batch axes", "hard-coded axis")
def _(kind):
    class Slipped(kind):
        def build(self, input_shape, rng, dtype=np.float32):
            super().build(input_shape, rng, dtype)
            self.rank = len(input_shape) + 1

        def forward(self, x):
            if x.ndim != self.rank:
                raise ValueError(f"too many values to unpack (expected {self.rank})")
            return super().forward(x)

    return Slipped


@slip("batch mean taken off", WITHOUT_WEIGHTS, "batch axes", "mixes the batch")
def _(kind):
    class Slipped(kind):
        def forward(self, x):
            y = super().forward(x)
            return y - y.mean(axis=0)

        def backward(self, dy, x, y):
            return super().backward(dy - dy.mean(axis=0), x, super().forward(x))

    return Slipped


# ---------------------------------------------------------------------------------------------------------- parameters


@grads_slip("grads times 2", WEIGHTS, "parameters", "constant factor")
def _(grads, dy, x, y):
    return {name: 2 * array for name, array in grads(dy, x, y).items()}


@grads_slip("grads' sign", WEIGHTS, "parameters", "sign")
def _(grads, dy, x, y):
    return {name: -array for name, array in grads(dy, x, y).items()}


@grads_slip("grads never filled", WEIGHTS, "parameters", "zero")
def _(grads, dy, x, y):
    return {name: np.zeros_like(array) for name, array in grads(dy, x, y).items()}


@grads_slip("1/N in grads", WEIGHTS, "parameters", "1/N in the layer")
def _(grads, dy, x, y):
    return {name: array / x.dtype.type(len(x)) for name, array in grads(dy, x, y).items()}


@grads_slip("no sum over the batch", WEIGHTS, "parameters", "missing sum over the batch")
def _(grads, dy, x, y):
    single = [grads(dy[i : i + 1], x[i : i + 1], y[i : i + 1]) for i in range(len(x))]
    return {name: np.stack([one[name] for one in single]) for name in single[0]}


@grads_slip("grads of the last input", WEIGHTS, "parameters", "missing sum over the batch")
def _(grads, dy, x, y):
    return grads(dy[-1:], x[-1:], y[-1:])


@grads_slip("no gradient for b", WEIGHTS, "parameters", "missing gradient")
def _(grads, dy, x, y):
    return {"W": grads(dy, x, y)["W"]}


@grads_slip("dW transposed", WEIGHTS, "parameters", "transpose")
def _(grads, dy, x, y):
    found = grads(dy, x, y)
    return {**found, "W": found["W"].swapaxes(-1, -2).copy()}


@grads_slip("dW turned round", ("Conv",), "parameters", "flipped")
def _(grads, dy, x, y):
    found = grads(dy, x, y)
    return {**found, "W": found["W"][..., ::-1, ::-1].copy()}


@grads_slip("db a mean over places", ("Conv",), "parameters", "mean over places")
def _(grads, dy, x, y):
    found = grads(dy, x, y)
    return {**found, "b": found["b"] / x.dtype.type(16)}


@slip("b left out of forward", WEIGHTS, "parameters", "parameter not used")
def _(kind):
    class Slipped(kind):
        def forward(self, x):
            b = self.params["b"]
            return super().forward(x) - (b if kind is tn.Dense else b[:, None, None])

    return Slipped


@slip("a copy of W used", WEIGHTS, "parameters", "parameter not used")
def _(kind):
    class Slipped(kind):
        def build(self, input_shape, rng, dtype=np.float32):
            super().build(input_shape, rng, dtype)
            self.first = dict(self.params)

        def forward(self, x):
            return kind.forward(self.with_params(self.as_they_were(x)), x)

        def backward(self, dy, x, y):
            return kind.backward(self.with_params(self.as_they_were(x)), dy, x, y)

        def as_they_were(self, x):
            return {name: array.astype(x.dtype) for name, array in self.first.items()}

    return Slipped


# -------------------------------------------------------------------------------------------------------------- purity


@forward_slip("x written to in forward", ALL, "pure", "writes into an argument")
def _(forward, x):
    y = forward(x.copy())
    x[x < 0] = 0
    return y


@backward_slip("dy written to in backward", DIFFERENTIABLE, "pure", "writes into an argument")
def _(backward, dy, x, y):
    dx = backward(dy.copy(), x, y)
    dy *= 2
    return dx


@grads_slip("dy written to in grads", WEIGHTS, "pure", "writes into an argument")
def _(grads, dy, x, y):
    found = grads(dy.copy(), x, y)
    dy /= 2
    return found


@backward_slip("y written to in backward", DIFFERENTIABLE, "pure", "writes into an argument")
def _(backward, dy, x, y):
    dx = backward(dy, x, y.copy()).copy()
    y -= 1
    return dx


@forward_slip("x returned", IDENTITIES, "pure", "returns its argument")
def _(forward, x):
    return x.reshape(forward(x).shape)


@backward_slip("dy returned", IDENTITIES, "pure", "returns its argument")
def _(backward, dy, x, y):
    return dy.reshape(backward(dy, x, y).shape)


@slip("x kept on the layer", DIFFERENTIABLE, "pure", "state on the layer")
def _(kind):
    class Slipped(kind):
        def forward(self, x):
            self.x = x.copy()
            return super().forward(x)

        def backward(self, dy, x, y):
            return super().backward(dy, self.x, y)

    return Slipped


@slip("x kept in a global", STATEFUL, "pure", "state on the layer")
def _(kind):
    kept = {}

    class Slipped(kind):
        def forward(self, x):
            kept["x"] = x.copy()
            return super().forward(x)

        def backward(self, dy, x, y):
            return super().backward(dy, kept["x"], super().forward(kept["x"]))

    return Slipped


@slip("calls counted", ALL, "pure", "state on the layer")
def _(kind):
    class Slipped(kind):
        calls = 0

        def forward(self, x):
            self.calls += 1
            return super().forward(x)

    return Slipped


@forward_slip("noise in forward", ALL, "pure", "random")
def _(forward, x):
    return forward(x) + NOISE.standard_normal(1).astype(x.dtype)


@backward_slip("noise in backward", DIFFERENTIABLE, "pure", "random")
def _(backward, dy, x, y):
    return backward(dy, x, y) + 1e-9 * NOISE.standard_normal(1).astype(x.dtype)


@backward_slip("memory order", DIFFERENTIABLE, "pure", "order in memory")
def _(backward, dy, x, y):
    return backward(dy.ravel(order="K").reshape(dy.shape), x, y)


# ---------------------------------------------------------------------------------------------------- shapes and types


@forward_slip("float64 out of forward", ALL, "shape and dtype", "float64 upcast")
def _(forward, x):
    return forward(x).astype(np.float64)


@backward_slip("float64 out of backward", DIFFERENTIABLE, "shape and dtype", "float64 upcast")
def _(backward, dy, x, y):
    return backward(dy, x, y).astype(np.float64)


@grads_slip("float64 out of grads", WEIGHTS, "shape and dtype", "float64 upcast")
def _(grads, dy, x, y):
    return {name: array.astype(np.float64) for name, array in grads(dy, x, y).items()}


@backward_slip("float32 inside backward", DIFFERENTIABLE, "shape and dtype", "lost precision")
def _(backward, dy, x, y):
    return backward(dy, x, y).astype(np.float32)


@slip("another output_shape", ALL, "shape and dtype", "")
def _(kind):
    class Slipped(kind):
        def output_shape(self, input_shape):
            return (1, *super().output_shape(input_shape))

    return Slipped


@backward_slip("batch axis lost", DIFFERENTIABLE, "shape and dtype", "")
def _(backward, dy, x, y):
    return backward(dy, x, y)[0]


# ---------------------------------------------------------------------------------------------------- targets, running


@slip("target uphill", DIFFERENTIABLE, "target", "sign")
def _(kind):
    class Slipped(kind):
        def target(self, t, x, y, rule):
            return super().target(2 * y - t, x, y, rule)

    return Slipped


@slip("target's step twice", DIFFERENTIABLE, "target", "constant factor")
def _(kind):
    class Slipped(kind):
        def target(self, t, x, y, rule):
            return super().target(2 * t - y, x, y, rule)

    return Slipped


@forward_slip("no return in forward", ALL, "runs", "")
def _(forward, x):
    forward(x)


@backward_slip("no return in backward", DIFFERENTIABLE, "runs", "")
def _(backward, dy, x, y):
    backward(dy, x, y)


@backward_slip("not attempted", ("Dense", "Tanh", "Softmax", "MaxPool"), "runs", "")
def _(backward, dy, x, y):
    raise NotImplementedError("Exercise 2.1: the backward pass")


@backward_slip("backward raises", DIFFERENTIABLE, "runs", "")
def _(backward, dy, x, y):
    return np.eye(7) @ np.eye(6)


# --------------------------------------------------------------------------------------------------------------- table


@dataclass(frozen=True)
class Finding:
    """What the checker said of one slip in one layer."""

    slip: Slip
    victim: str
    report: Report

    @property
    def caught(self) -> bool:
        return any(result.law == self.slip.law for result in self.report.failures)

    @property
    def diagnosed(self) -> bool:
        if not self.caught:
            return False
        named = self.report[self.slip.law].diagnosis
        return (named.slip if named else "") == self.slip.diagnosis

    @property
    def cell(self) -> str:
        return "ok" if self.diagnosed else "law" if self.caught else "MISSED"


def pairs() -> Iterator[tuple[Slip, str]]:
    for made in SLIPS:
        for victim in made.victims:
            yield made, victim


def find(made: Slip, victim: str, rng: int = 0) -> Finding:
    kind, arguments, input_shape = VICTIMS[victim]
    return Finding(made, victim, check_layer(made.make(kind)(*arguments), input_shape, rng))


def table(findings: list[Finding]) -> str:
    cells = {(finding.slip.name, finding.victim): finding.cell for finding in findings}
    head = f"{'slip':26}{'breaks':17}{'diagnosis':28}" + " ".join(f"{name:>9}" for name in VICTIMS)
    rows = [
        f"{made.name:26}{made.law:17}{made.diagnosis or '(told in words)':28}"
        + " ".join(f"{cells.get((made.name, victim), '.'):>9}" for victim in VICTIMS)
        for made in SLIPS
    ]
    caught = sum(finding.caught for finding in findings)
    diagnosed = sum(finding.diagnosed for finding in findings)
    total = f"{len(findings)} slips in layers: {caught} caught by their law, {diagnosed} of them diagnosed right"
    key = "ok: caught and diagnosed; law: caught; MISSED: not caught by this law; .: makes no sense there"
    return "\n".join([head, *rows, key, total])


if __name__ == "__main__":
    print(table([find(*pair) for pair in pairs()]))
