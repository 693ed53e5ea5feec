"""Layer-wise relevance propagation: what a layer's outputs are worth is shared out among its inputs.

Relevance R starts at the logits and goes down layer by layer. An affine layer z_j = sum_i x_i w_ij + b_j shares R_j out
in proportion to some terms q_ij of its sum,

    R_i = sum over j of  q_ij / (sum over i of q_ij) R_j,

and the rules differ in the terms alone. Activations hand relevance on as it is, a maximum to its winner. What the bias
or a stabiliser is worth goes to nobody; it is reported as the layer's loss.

Every sum over weights is the layer's own forward or backward pass with other weights in it: with s_j = R_j / z_j, the
rule q_ij = x_i w_ij is x times `backward(s)`. So dense and convolutional layers, of any stride and padding, share one
line of code a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import boolean, finite_array, finite_number
from tinynet.explain.attribution.question import Question
from tinynet.explain.attribution.result import Attribution
from tinynet.layers import AvgPool2D, Conv2D, Dense, Dropout, Flatten, KnockOut, Layer, MaxPool2D
from tinynet.layers.activation import Activation
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.types import Array

Step = Callable[[Layer, Array, Array, Array], Array]
LINEAR = (Dense, Conv2D, AvgPool2D)
ROUTING = (MaxPool2D, Flatten, Dropout, KnockOut)  # each input has at most one output that it decides, with weight one


class Rule:
    """How relevance goes through one layer: by a step for each family of layers."""

    def __call__(self, layer: Layer, relevance: Array, x: Array, y: Array) -> Array:
        """Return the relevance of the inputs of a layer.

        Parameters
        ----------
        layer : Layer
        relevance : ndarray of shape (..., *output_shape)
            Of its outputs.
        x, y : ndarray
            Its input and output.

        Raises
        ------
        TypeError
            If the rule does not know such a layer; the message says how to pass a step for it.
        """
        if isinstance(layer, LINEAR):
            return self.linear(layer, relevance, x, y)
        if isinstance(layer, Activation):
            return relevance
        if isinstance(layer, ROUTING):
            return layer.backward(relevance, x, y)
        raise TypeError(
            f"{layer.label}: {self.label} has no step for a layer of type {type(layer).__name__}; pass one with "
            f"relevance(..., rule=Composite({{{layer.name!r}: step}}, default=...)), where "
            f"step(layer, relevance, x, y) returns the relevance of x"
        )

    @property
    def label(self) -> str:
        """What messages call the rule."""
        return type(self).__name__

    def linear(self, layer: Layer, relevance: Array, x: Array, y: Array) -> Array:
        """Return the relevance of the inputs of an affine layer.

        Parameters
        ----------
        layer : Dense, Conv2D or AvgPool2D
        relevance, x, y : ndarray
            As in a call of the rule.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define linear(layer, relevance, x, y)")


@dataclass(frozen=True)
class LRPZero(Rule):
    """q_ij = x_i w_ij: in proportion to what each input adds to the sum, the bias included in what is shared.

    Notes
    -----
    R_i = x_i sum_j w_ij R_j / z_j. Through a whole network of ReLUs this is gradient times input: where R_j = y_j g_j
    and y_j = z_j, R_i = x_i sum_j w_ij g_j. An output of exactly 0 has nothing to share and keeps its relevance.

    References
    ----------
    Bach et al. 2015, eq. 56; Shrikumar et al. 2016, for the equality.
    """

    def linear(self, layer: Layer, relevance: Array, x: Array, y: Array) -> Array:
        """Return x times the backward pass of R / z."""
        return x * layer.backward(_ratio(relevance, y), x, y)


@dataclass(frozen=True)
class LRPEpsilon(Rule):
    """As `LRPZero`, but z_j is moved away from 0 by epsilon, which absorbs what weak sums would blow up.

    Parameters
    ----------
    eps : float
        At least 0, in units of the outputs.

    Notes
    -----
    R_i = x_i sum_j w_ij R_j / (z_j + eps s_j), where s_j is the sign of z_j, +1 at 0. The layer keeps
    sum_j R_j (b_j + eps s_j) / (z_j + eps s_j).

    References
    ----------
    Bach et al. 2015, eq. 58.
    """

    eps: float = 1e-6

    def __post_init__(self) -> None:
        """Check the setting."""
        finite_number("LRPEpsilon: eps", self.eps, least=0)

    def linear(self, layer: Layer, relevance: Array, x: Array, y: Array) -> Array:
        """Return x times the backward pass of R / (z + eps sign z)."""
        stabilised = y + np.where(y >= 0, self.eps, -self.eps).astype(y.dtype)
        return x * layer.backward(_ratio(relevance, stabilised), x, y)


@dataclass(frozen=True)
class LRPGamma(Rule):
    """q_ij = x_i (w_ij + gamma w_ij^+): what speaks for an output counts more than what speaks against it.

    Parameters
    ----------
    gamma : float
        At least 0; 0 is `LRPZero`, and for large gamma only what speaks for the output counts.

    Notes
    -----
    This is for inputs that are not negative, as behind a ReLU. For an image of a layer with inputs of both signs, what
    speaks for z_j > 0 is x^+ w^+ and x^- w^-, and what speaks for z_j < 0 is x^+ w^- and x^- w^+; those terms are
    multiplied by 1 + gamma, chosen by the sign of each output. Captum has the first form alone, whatever the inputs.

    References
    ----------
    Montavon et al. 2019, section 10.2.3; Andeol et al. 2021, for the general form.
    """

    gamma: float = 0.25

    def __post_init__(self) -> None:
        """Check the setting."""
        finite_number("LRPGamma: gamma", self.gamma, least=0)

    def linear(self, layer: Layer, relevance: Array, x: Array, y: Array) -> Array:
        """Return the relevance by the first form, or the general one where an image has a negative input."""
        up, down = (_with_weights(layer, self._favouring(part)) for part in (_above_zero, _below_zero))
        found = _shared(relevance, (x, up))
        unit = tuple(range(x.ndim - len(_unit_shape(layer, x)), x.ndim))
        signed = (x < 0).any(axis=unit, keepdims=True)
        if not signed.any():
            return found
        positive, negative = np.maximum(x, 0), np.minimum(x, 0)
        for_it = _shared(np.where(y >= 0, relevance, 0), (positive, up), (negative, _without_bias(down)))
        against = _shared(np.where(y >= 0, 0, relevance), (positive, down), (negative, _without_bias(up)))
        return np.where(signed, for_it + against, found)

    def _favouring(self, part: Callable[[Array], Array]) -> Callable[[Array], Array]:
        return lambda w: w + self.gamma * part(w)


@dataclass(frozen=True)
class LRPAlphaBeta(Rule):
    """What speaks for an output shares alpha of its relevance, what speaks against it minus beta.

    Parameters
    ----------
    alpha, beta : float
        With alpha - beta = 1, and beta at least 0.
    bias : bool
        Whether the bias takes its part.

    Notes
    -----
    R_i = sum_j (alpha [x_i w_ij]^+ / P_j - beta [x_i w_ij]^- / N_j) R_j, with P_j and N_j the sums of the positive and
    of the negative terms, [b_j]^+ and [b_j]^- among them. The *products* are split, not the weights:
    [x w]^+ = x^+ w^+ + x^- w^-. Where only one side has terms, it gets weight one, so that nothing is lost and, without
    biases, the sum is kept exactly; other programs lose or double the relevance of such outputs.

    References
    ----------
    Bach et al. 2015, eq. 60.
    """

    alpha: float = 2.0
    beta: float = 1.0
    bias: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        """Check the settings."""
        boolean("LRPAlphaBeta: bias", self.bias)
        finite_number("LRPAlphaBeta: alpha", self.alpha, least=1)
        finite_number("LRPAlphaBeta: beta", self.beta, least=0)
        if abs(self.alpha - self.beta - 1) > 1e-9:
            raise ValueError(f"LRPAlphaBeta: alpha - beta is {self.alpha - self.beta:g}, expected 1")

    def linear(self, layer: Layer, relevance: Array, x: Array, y: Array) -> Array:
        """Return alpha times the shares of the positive terms less beta times those of the negative ones."""
        up, down = _with_weights(layer, _above_zero), _with_weights(layer, _below_zero)
        if not self.bias:
            up, down = _without_bias(up), _without_bias(down)
        positive, negative = np.maximum(x, 0), np.minimum(x, 0)
        sides = [(positive, up), (negative, _without_bias(down))], [(positive, down), (negative, _without_bias(up))]
        for_it, against = (sum(part.forward(values) for values, part in side) for side in sides)
        alpha = np.where(against == 0, 1, self.alpha).astype(relevance.dtype) * relevance
        beta = np.where(for_it == 0, 1, -self.beta).astype(relevance.dtype) * relevance
        return _shared(alpha, *sides[0]) + _shared(beta, *sides[1])


@dataclass(frozen=True)
class LRPWSquare(Rule):
    """q_ij = w_ij^2: in proportion to the squared weights, whatever the inputs; for inputs without bounds.

    References
    ----------
    Montavon et al. 2017, section 4.1.
    """

    def linear(self, layer: Layer, relevance: Array, x: Array, y: Array) -> Array:
        """Return the shares of the squared weights."""
        return _shared(relevance, (np.ones_like(x), _without_bias(_with_weights(layer, np.square))))


@dataclass(frozen=True)
class LRPFlat(Rule):
    """q_ij = 1: every input of an output gets the same; for the lowest layers, whose detail is not wanted.

    References
    ----------
    Lapuschkin et al. 2019, methods.
    """

    def linear(self, layer: Layer, relevance: Array, x: Array, y: Array) -> Array:
        """Return equal shares."""
        return _shared(relevance, (np.ones_like(x), _without_bias(_with_weights(layer, np.ones_like))))


@dataclass(frozen=True)
class LRPBox(Rule):
    """q_ij = x_i w_ij - low w_ij^+ - high w_ij^-, never negative for inputs within bounds: for pixels (z-box, z^B).

    Parameters
    ----------
    low, high : float or array_like
        The least and the largest value that an input can have, as the network gets it.

    Notes
    -----
    For w > 0 the term is (x - low) w, for w < 0 it is (high - x) |w|. The bias takes no part, so the sum is kept.

    References
    ----------
    Montavon et al. 2017, section 4.2.
    """

    low: Any = 0.0
    high: Any = 1.0

    def __post_init__(self) -> None:
        """Check the bounds."""
        low, high = finite_array("LRPBox: low", self.low), finite_array("LRPBox: high", self.high)
        if not np.all(low <= high):
            raise ValueError(f"LRPBox: low is {self.low}, expected at most high, which is {self.high}")

    def linear(self, layer: Layer, relevance: Array, x: Array, y: Array) -> Array:
        """Return the shares of the three terms."""
        low, high = (np.broadcast_to(np.asarray(bound, x.dtype), x.shape) for bound in (self.low, self.high))
        if (x < low).any() or (x > high).any():
            raise ValueError(
                f"{layer.label}: inputs from {x.min():.4g} to {x.max():.4g}, expected them within LRPBox's bounds "
                f"low={low.min():.4g} and high={high.max():.4g}"
            )
        up, down = (_without_bias(_with_weights(layer, part)) for part in (_above_zero, _below_zero))
        return _shared(relevance, (x, _without_bias(layer)), (-low, up), (-high, down))


class Composite:
    """Which rule each layer has: by its name, or by its place or kind.

    Parameters
    ----------
    rules : mapping of str to rule, optional
        Keys are names of layers ("conv2"), "first" (the lowest layer with weights), "last" (the topmost), or kinds:
        "conv", "dense", "pool" (averages). Names come before places, places before kinds. A value is a rule, or any
        function step(layer, relevance, x, y) for a layer of your own.
    default : rule
        For all other layers.
    **by_place
        The same as keywords: ``Composite(first=LRPBox(), dense=LRPEpsilon())``.

    Examples
    --------
    >>> import tinynet as tn
    >>> from tinynet.explain import Composite, LRPAlphaBeta, LRPBox, LRPEpsilon
    >>> rule = Composite(first=LRPBox(0, 1), conv=LRPAlphaBeta(1, 0), dense=LRPEpsilon(1e-3))

    References
    ----------
    Montavon et al. 2019, section 10.3.
    """

    PLACES = ("first", "last")
    FAMILIES: ClassVar = {"conv": Conv2D, "dense": Dense, "pool": AvgPool2D}

    def __init__(
        self, rules: Mapping[str, Step] | None = None, /, *, default: Step | None = None, **by_place: Step
    ) -> None:
        self.rules: dict[str, Step] = {**(rules or {}), **by_place}
        self.default: Step = LRPZero() if default is None else default
        for name, rule in [*self.rules.items(), ("default", self.default)]:
            if not callable(rule):
                raise ValueError(f"Composite: {name} is {rule!r}, expected a rule such as LRPEpsilon()")

    def __repr__(self) -> str:
        return f"Composite({', '.join(f'{name}={rule!r}' for name, rule in self.rules.items())})"

    def resolved(self, net: Network) -> dict[str, Step]:
        """Return the rule of each layer of a network, by its name.

        Parameters
        ----------
        net : Network

        Raises
        ------
        ValueError
            If a key is neither a layer of the network, nor a place, nor a kind.
        """
        known = [*net.names[1:], *self.PLACES, *self.FAMILIES]
        if unknown := [name for name in self.rules if name not in known]:
            raise ValueError(f"Composite: {unknown[0]!r} names no layer, expected one of {', '.join(known)}")
        weighted = [layer.name for layer in net.layers if layer.params]
        places = dict(zip(self.PLACES, (weighted[:1], weighted[-1:]), strict=True))

        def rule_of(layer: Layer) -> Step:
            keys = [layer.name, *(place for place, names in places.items() if layer.name in names)]
            keys += [family for family, kind in self.FAMILIES.items() if isinstance(layer, kind)]
            return next((self.rules[key] for key in keys if key in self.rules), self.default)

        return {layer.name: rule_of(layer) for layer in net.layers}


@checked
def relevance(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    rule: Step | Composite | None = None,
    layer: str = "input",
    batch_size: int | None = None,
) -> Attribution:
    """Return what each pixel is worth for a prediction: relevance, carried down from the logits (LRP).

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int, array_like of shape (N,) or "all"
        The class asked about.
    of : {"logit", "probability", "log_probability", "margin"}
        Which prediction. Relevance starts at the logits z with s z, where s is the gradient of the prediction with
        respect to them: z_c for the logit, z_c and -z_k for the margin to class k. A final softmax or sigmoid passes
        nothing itself.
    rule : rule or Composite, optional
        Such as ``LRPEpsilon(1e-6)``, which is the default, or a rule for each layer.
    layer : str
        Whose values are explained; the pixels if not given.
    batch_size : int, optional
        Images worked through at a time.

    Returns
    -------
    Attribution
        With what each layer kept back in `losses`: what is to be explained is the sum of the values and all losses.

    Raises
    ------
    TypeError
        If the rule has no step for a layer.

    References
    ----------
    Bach et al. 2015; Montavon et al. 2019.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Dense(4), tn.ReLU(), tn.Dense(2), tn.Softmax()], input_shape=(3,))
    >>> found = tn.explain.relevance(net, np.ones((1, 3)), 1, rule=tn.explain.LRPZero())
    >>> bool(abs(found.remainder[0]) < 1e-5)  # there are no biases yet
    True
    """
    chosen = rule if isinstance(rule, Composite) else Composite(default=LRPEpsilon() if rule is None else rule)
    question = Question(net, x, target, of, batch_size=batch_size)
    steps = chosen.resolved(net)

    def carried(rows: slice) -> tuple[Array, Array, dict[str, Array]]:
        trace = question.trace(rows)
        start = question.at_logits(trace, question.classes(rows)) * trace[net.logits]
        kept: dict[str, Array] = {}

        def step(of_layer: Layer, signal: Array, before: Array, after: Array) -> Array:
            passed = steps[of_layer.name](of_layer, signal, before, after)
            kept[of_layer.name] = _sums(signal, net.shapes[of_layer.name]) - _sums(passed, before.shape[1:])
            return passed

        found = net.carry_back(trace, start, step, at=net.logits, down_to=layer)[layer]
        return found, _sums(start, net.shapes[net.logits]), kept

    values, explained, losses = question.collected(carried)
    total = _sums(values, net.shapes[layer])
    method = f"relevance by {chosen.default if not chosen.rules else chosen}"
    return Attribution(values, method, of, explained, total, losses)


@checked
def excitation_backpropagation(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    *,
    layer: str = "input",
    batch_size: int | None = None,
) -> Attribution:
    """Return the probability that the excitation of a class comes from each pixel (excitation backpropagation).

    Parameters
    ----------
    net, x, target, layer, batch_size
        As in :func:`relevance`.

    Returns
    -------
    Attribution
        Not negative; the values of an image add up to 1 less what ended in outputs without excitation.

    Notes
    -----
    A unit is chosen by chance in proportion to its weight in the sum above, among what excites alone:
    P(i | j) = [x_i w_ij]^+ / sum_i [x_i w_ij]^+. That is relevance with alpha 1 and beta 0 and no biases, started at 1
    for the class; but where nothing excites, nothing is passed on.

    References
    ----------
    Zhang et al. 2018, section 3.2.
    """
    question = Question(net, x, target, "logit", batch_size=batch_size)
    steps = Composite(default=_Excitation()).resolved(net)

    def carried(rows: slice) -> tuple[Array, Array, dict[str, Array]]:
        trace = question.trace(rows)
        start = question.at_logits(trace, question.classes(rows))
        found = net.carry_back(
            trace, start, lambda of, signal, x, y: steps[of.name](of, signal, x, y), at=net.logits, down_to=layer
        )[layer]
        return found, _sums(np.abs(start), net.shapes[net.logits]), {}

    values, explained, _ = question.collected(carried)
    return Attribution(values, "excitation backpropagation", "logit", explained, _sums(values, net.shapes[layer]))


class _Excitation(Rule):
    """What excites an output shares its probability; class 0 of a single output is excited by what lowers it."""

    @property
    def label(self) -> str:
        """Name of the method, whose rule this is."""
        return "excitation backpropagation"

    def linear(self, layer: Layer, relevance: Array, x: Array, y: Array) -> Array:
        up, down = (_without_bias(_with_weights(layer, part)) for part in (_above_zero, _below_zero))
        positive, negative = np.maximum(x, 0), np.minimum(x, 0)
        found = _shared(np.maximum(relevance, 0), (positive, up), (negative, down))
        if (relevance < 0).any():
            found = found + _shared(np.maximum(-relevance, 0), (positive, down), (negative, up))
        return found


# ------------------------------------------------------------------------------------- sums over other weights


def _above_zero(w: Array) -> Array:
    return np.maximum(w, 0)


def _below_zero(w: Array) -> Array:
    return np.minimum(w, 0)


def _shared(relevance: Array, *terms: tuple[Array, Layer]) -> Array:
    """Share relevance out in proportion to sum_i x_i w_ij, where each pair of x and a layer of weights w adds terms."""
    sums: Array = sum(part.forward(values) for values, part in terms)  # type: ignore[assignment]
    ratio = _ratio(relevance, sums)
    return sum(values * part.backward(ratio, values, sums) for values, part in terms)  # type: ignore[return-value]


def _ratio(relevance: Array, sums: Array) -> Array:
    """Return R / z, and 0 where z is 0: such an output has nothing to share."""
    relevance, sums = np.broadcast_arrays(relevance, sums)
    return np.divide(relevance, sums, out=np.zeros_like(relevance), where=sums != 0)


def _with_weights(layer: Layer, change: Callable[[Array], Array]) -> Layer:
    """Return the layer with its weights and bias changed; the weights of an average are 1 / n already."""
    if isinstance(layer, AvgPool2D):
        return _Scaled(layer, float(change(np.ones(()))))
    return layer.with_params({name: change(values) for name, values in layer.params.items()})


class _Scaled(Layer):
    """An average with other weights: those of a window are all alike, so a change of them is one factor."""

    def __init__(self, pool: AvgPool2D, factor: float) -> None:
        self.pool, self.factor = pool, factor

    def forward(self, x: Array) -> Array:
        return self.pool.forward(x) * x.dtype.type(self.factor)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        return self.pool.backward(dy, x, y) * dy.dtype.type(self.factor)


def _without_bias(layer: Layer) -> Layer:
    if "b" not in layer.params:
        return layer
    return layer.with_params({**layer.params, "b": np.zeros_like(layer.params["b"])})


def _unit_shape(layer: Layer, x: Array) -> tuple[int, ...]:
    return x.shape[-1:] if isinstance(layer, Dense) else x.shape[-3:]


def _sums(values: Array, unit: tuple[int, ...]) -> Array:
    return np.asarray(values.sum(axis=tuple(range(values.ndim - len(unit), values.ndim))))
