"""Known slips in a gradient, recognised from the numbers alone.

Each recogniser looks at what a gradient is and should be (the `Evidence`), and answers with a `Diagnosis` or with None.
The first one that answers is believed, so the more particular stand first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tinynet.testing.diagnosis.arrays import difference_between, factor_between, factor_in_part, moved, number, suspect
from tinynet.testing.diagnosis.evidence import Evidence
from tinynet.testing.numeric import largest, slope
from tinynet.testing.report import Diagnosis
from tinynet.testing.under_test import BATCH

SPREAD, FURTHEST = 2048, 1e3  # magnitudes at which the slope of an elementwise layer is looked at
Recogniser = Callable[[Evidence], "Diagnosis | None"]


def of_input_gradient(evidence: Evidence) -> Diagnosis | None:
    """Return what explains a wrong gradient of the input.

    Parameters
    ----------
    evidence : Evidence
        The gradient as it is and should be.
    """
    return _first_of(
        [
            _not_finite,
            _zero,
            _slope_on_output,
            _forward_alone_scales,
            _wrong_on_an_interval,
            _sign,
            _constant_factor,
            _ignores_dy,
            _slope_at_output,
            _turned,
            _identity,
            _transposed,
            _own_slopes_alone,
            _first_input_alone,
            _factor_missing,
            _factor_of_each_input,
            _constant_difference,
            _factor_in_part,
        ],
        evidence,
    )


def of_parameter_gradient(evidence: Evidence) -> Diagnosis | None:
    """Return what explains a wrong gradient of a parameter.

    Parameters
    ----------
    evidence : Evidence
        The gradient as it is and should be.
    """
    recognisers = [_not_finite, _unused, _zero, _sign, _constant_factor, _one_image_counts, _turned, _ignores_dy]
    recognisers += [_constant_difference, _factor_in_part]
    return _first_of(recognisers, evidence)


def _first_of(recognisers: Sequence[Recogniser], evidence: Evidence) -> Diagnosis | None:
    if not len(evidence.entries):
        return None
    return next((found for recognise in recognisers if (found := recognise(evidence))), None)


# ---------------------------------------------------------------------------------------------- one recogniser each


def _not_finite(e: Evidence) -> Diagnosis | None:
    if np.isfinite(e.got).all():
        return None
    return Diagnosis("not finite", f"{e.name} holds NaN or infinity: a division by zero, or the logarithm of zero?")


def _zero(e: Evidence) -> Diagnosis | None:
    if largest(e.probed) > 1e-9 * largest(e.wanted):
        return None
    return Diagnosis(
        "zero", f"{e.name} is zero everywhere: made by np.zeros_like and never filled, or do its parts cancel?"
    )


def _unused(e: Evidence) -> Diagnosis | None:
    if largest(e.columns) > 1e-8 * largest(e.y):
        return None
    name = e.name.removeprefix("d")
    words = f"the output does not depend on params[{name!r}]: does forward leave it out, or use a copy kept elsewhere?"
    return Diagnosis("parameter not used", words)


def _slope_on_output(e: Evidence) -> Diagnosis | None:
    if not e.elementwise:
        return None
    wrong = np.abs(e.probed - e.wanted) > e.tolerance
    flat = np.abs(e.own_slopes) <= 1e-9
    clamped = e.y.ravel()[e.entries] == 0
    if not wrong.any() or not np.array_equal(wrong, flat & clamped & (np.abs(e.passed_on) > e.tolerance)):
        return None
    if not e.same(e.probed[wrong], e.passed_on[wrong]):
        return None
    return Diagnosis(
        "slope taken on the output",
        "wrong just where the output is 0, where dy should stop and is passed on: is the slope taken on the output "
        "with y >= 0, which is always true? Use x > 0",
    )


def _forward_alone_scales(e: Evidence) -> Diagnosis | None:
    if not e.elementwise:
        return None
    slopes = e.own_slopes
    open_ = np.abs(slopes) > 1e-9
    if not open_.any() or np.ptp(slopes[open_]) > 1e-6 or abs(slopes[open_][0] - 1) < 1e-6:
        return None
    if not e.same(e.probed, e.passed_on * open_):
        return None
    return Diagnosis(
        "scaled in forward only",
        f"forward multiplies by {number(slopes[open_][0])}, backward does not: is dropout's 1 / (1 - rate) in one of "
        f"the passes only?",
    )


def _wrong_on_an_interval(e: Evidence) -> Diagnosis | None:
    if not e.elementwise:
        return None
    magnitudes = np.geomspace(1e-3, FURTHEST, -(-SPREAD // e.x[0].size) * e.x[0].size)
    x = np.random.default_rng(0).permutation(np.concatenate([-magnitudes, magnitudes])).reshape(-1, *e.x.shape[1:])
    found = slope(lambda step: e.layer.at(x, by=step), 1.0)
    got = e.layer.backward(np.ones_like(found.values), x)
    known = found.smooth & np.isfinite(found.values) & ((found.values != 0) | (got != 0))  # 0 for 0 says nothing
    if not known.any():
        return None
    order = np.argsort(x[known])
    places, off = x[known][order], np.abs(got - found.values)[known][order]
    wrong = off > (1e-4 * np.abs(found.values) + 10 * found.error)[known][order]
    edges = np.flatnonzero(np.diff(wrong.astype(int)))
    at_once = off[edges + wrong[edges + 1]] > 0.02 * largest(found.values[known])
    if not 1 <= len(edges) <= 4 or not at_once.all():  # a formula that is wrong everywhere may look right far out
        return None
    stretches = np.array_split(wrong, edges + 1)
    if min((len(stretch) for stretch in stretches if not stretch[0]), default=0) < 3:  # or by chance at some places
        return None
    starts = [*([places[0]] if wrong[0] else []), *(places[edges] + places[edges + 1])[~wrong[edges]] / 2]
    ends = [*(places[edges] + places[edges + 1])[wrong[edges]] / 2, *([places[-1]] if wrong[-1] else [])]
    where = [_stretch(low, high) for low, high in zip(starts, ends, strict=True)]
    question = "does forward bend, saturate or change its formula at another place than backward?"
    return Diagnosis("wrong on an interval", f"wrong only for x {' and '.join(where)}: {question}")


def _stretch(low: float, high: float) -> str:
    """Say from where to where something is wrong, as far as a slope of nought for nought shows it."""
    if low < -0.9 * FURTHEST or high > 0.9 * FURTHEST:
        return f"below about {high:.2g}" if low < -0.9 * FURTHEST else f"above about {low:.2g}"
    return f"from about {low:.2g} to about {high:.2g}"


def _sign(e: Evidence) -> Diagnosis | None:
    if e.factor is None or abs(e.factor + 1) > 1e-4:
        return None
    return Diagnosis("sign", "the gradient has the wrong sign everywhere: a minus too many, or too few?")


def _constant_factor(e: Evidence) -> Diagnosis | None:
    factor = e.factor
    if factor is None:
        return None
    other = e.ratio_at(BATCH + 2)
    if abs(factor - 1 / BATCH) < 1e-4 and abs(other - 1 / (BATCH + 2)) < 1e-4:
        return Diagnosis(
            "1/N in the layer",
            f"1/{BATCH} of the true gradient in a batch of {BATCH}, 1/{BATCH + 2} in one of {BATCH + 2}: a mean over "
            f"the batch where a sum belongs; 1/N stands in the loss alone",
        )
    if abs(factor - BATCH) < 1e-3 and abs(other - BATCH - 2) < 1e-3:
        words = f"{BATCH} times the true gradient in a batch of {BATCH}, {BATCH + 2} times in one of {BATCH + 2}"
        return Diagnosis("N in the layer", f"{words}: multiplied by the size of the batch?")
    places = int(np.prod(e.y.shape[2:]))
    if places > 1 and abs(factor * places - 1) < 1e-4:
        words = f"1/{places} of the true gradient, and there are {places} places in a map"
        return Diagnosis("mean over places", f"{words}: a mean over them where a sum belongs?")
    return Diagnosis("constant factor", f"{number(factor)} times the true gradient everywhere: {suspect(factor)}")


def _ignores_dy(e: Evidence) -> Diagnosis | None:
    if not e.same(e.probed, e.columns.sum(axis=0)):
        return None
    return Diagnosis("dy not used", f"{e.name} is what dy = 1 everywhere would give: multiply by dy")


def _slope_at_output(e: Evidence) -> Diagnosis | None:
    if not e.elementwise:
        return None
    found = slope(lambda step: e.layer.at(e.y, by=step))
    slopes = found.values.ravel()[e.entries]
    if not e.same(e.probed, e.passed_on * slopes):
        return None
    return Diagnosis("slope at y, not x", "this is the slope at the output y: backward is given x, too; take it there")


def _identity(e: Evidence) -> Diagnosis | None:
    if e.got.size != e.dy.size or not e.same(e.probed, e.passed_on):
        return None
    return Diagnosis(
        "identity", "dy is handed on unchanged, as if the layer did nothing: multiply by the layer's own derivative"
    )


def _transposed(e: Evidence) -> Diagnosis | None:
    size = int(np.prod(e.layer.input_shape))
    got, wanted, dy = e.first(e.probed), e.first(e.wanted), e.dy[0].ravel()
    if got is None or wanted is None or dy.size != size or e.same(got, wanted):
        return None
    if not e.same(got.ravel(), e.columns[:size, :size] @ dy):
        return None
    return Diagnosis(
        "transpose",
        "this is J dy, not J^T dy: W where its transpose belongs (W.T @ dy), or a kernel that is not turned round?",
    )


def _own_slopes_alone(e: Evidence) -> Diagnosis | None:
    if e.got.shape != e.x.shape or e.y.shape != e.x.shape or e.elementwise:
        return None
    if not e.same(e.probed, e.passed_on * e.own_slopes):
        return None
    return Diagnosis(
        "elementwise",
        "only the slope of each output by its own input is used, but here each output depends on other inputs as "
        "well: softmax wants p (dy - <dy, p>)",
    )


def _turned(e: Evidence) -> Diagnosis | None:
    got, wanted = e.first(e.probed), e.first(e.wanted)
    return None if got is None or wanted is None else moved(e.name, got, wanted, e.tolerance)


def _first_input_alone(e: Evidence) -> Diagnosis | None:
    size = int(np.prod(e.layer.input_shape))
    inside = e.entries < size
    if not inside.any() or inside.all() or not e.same(e.probed[inside], e.wanted[inside]):
        return None
    if largest(e.probed[~inside]) > 0:
        return None
    return Diagnosis("first input alone", "right for the first input of the batch, zero for the others: x[0] for x?")


def _factor_missing(e: Evidence) -> Diagnosis | None:
    if not e.elementwise:
        return None
    x, y = (array.ravel()[e.entries] for array in (e.x, e.y))
    with np.errstate(all="ignore"):
        outer = {
            "x": x,
            "y": y,
            "1 / x": 1 / x,
            "1 / y": 1 / y,
            "sqrt(y)": np.sqrt(y),
            "exp(-y)": np.exp(-y),
            "(1 - y**2)": 1 - y * y,
            "y * (1 - y)": y * (1 - y),
        }
        for words, factor in outer.items():
            product = factor * e.probed
            if not np.isfinite(product).all() or largest(product) <= e.tolerance:
                continue
            if (times := factor_between(e.wanted, product, e.tolerance)) is not None:
                begin = f"{number(times)} * " * (abs(times - 1) > 1e-3)
                question = "is the outer factor of the chain rule forgotten?"
                return Diagnosis("factor missing", f"right when multiplied by {begin}{words}: {question}")
    return None


def _factor_of_each_input(e: Evidence) -> Diagnosis | None:
    inputs = e.entries // e.x[0].size
    factors = []
    for n in np.unique(inputs):
        got, wanted = e.probed[inputs == n], e.wanted[inputs == n]
        factor = factor_between(got, wanted, e.tolerance) if len(got) > 1 else None
        if factor is None:
            return None
        factors.append(factor)
    if len(factors) < 2:
        return None
    words = f"{' and '.join(number(factor) for factor in factors[:2])} times the true gradient for the first two inputs"
    question = "is a factor forgotten that belongs to the whole input, such as 1 / norm, or a slope at a sum?"
    return Diagnosis("factor of each input", f"{words}: {question}")


def _constant_difference(e: Evidence) -> Diagnosis | None:
    off = difference_between(e.probed, e.wanted, e.tolerance)
    if off is None or len(e.entries) < 2:
        return None
    return Diagnosis("constant difference", f"{e.name} is off by {off:.3g} everywhere: is a constant added?")


def _factor_in_part(e: Evidence) -> Diagnosis | None:
    return factor_in_part(e.name, e.probed, e.wanted, e.tolerance)


def _one_image_counts(e: Evidence) -> Diagnosis | None:
    rows = len(e.columns) // BATCH
    for image in range(BATCH):
        part = slice(image * rows, (image + 1) * rows)
        if e.same(e.probed, e.columns[part].T @ e.dy.ravel()[part]):
            which = {0: "first", BATCH - 1: "last"}.get(image, "middle")
            return Diagnosis(
                "missing sum over the batch", f"only the {which} input of the batch counts: add up over all of them"
            )
    return None
