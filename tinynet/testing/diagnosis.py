"""Known slips, recognised from the numbers alone.

Each recogniser looks at what a gradient is and should be (the :class:`Evidence`), and answers with a `Diagnosis` or
with None. The first one that answers is believed, so the more particular stand first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinynet.testing.compare import worst_entry
from tinynet.testing.numeric import jacobian, largest, slope
from tinynet.testing.report import Diagnosis, Worst
from tinynet.testing.subject import BATCH, Subject
from tinynet.types import Array, Shape

PROBES = 160

STATE = Diagnosis(
    "state on the layer",
    "something is kept from one call for the next; take it from x and y, which backward is given, so that calling "
    "forward twice, or from two threads, does no harm",
)
CACHE = Diagnosis(
    "state on the layer",
    "something is kept outside the cache, in a global or in an array that the next call writes into: forward has to "
    "return in the cache whatever backward needs",
)
WRITTEN = Diagnosis(
    "writes into an argument",
    "a dictionary of settings is the caller's: work on a copy, and return what is new, such as a running mean",
)
SUMS = Diagnosis(
    "adds up over calls",
    "gradients are added to those of the calls before (dW += ...): start from zero in each, dW = ...",
)
MEMORY = Diagnosis(
    "order in memory", "ravel(order='K'), view() or strides depend on how an array lies in memory: use reshape"
)


@dataclass(frozen=True)
class Evidence:
    """A wrong gradient, entry by entry.

    Parameters
    ----------
    name : str
        Of the gradient, such as "dx" or "dW".
    got : ndarray
        The whole gradient that the layer gave.
    entries : ndarray of int
        Flat indices of the entries that were probed.
    columns : ndarray of shape (outputs, entries)
        The numeric Jacobian's columns.
    x, y, dy : ndarray
        The input, the output and the gradient at the output.
    layer : Subject
        The layer.
    ratio_at : callable
        Takes a batch size, returns got / wanted along one random direction of a new case.
    """

    name: str
    got: Array
    entries: Array
    columns: Array
    x: Array
    y: Array
    dy: Array
    layer: Subject
    ratio_at: Callable[[int], float]

    @classmethod
    def at_input(cls, layer: Subject, rng: np.random.Generator, x: Array, dy: Array, got: Array) -> Evidence:
        """Gather what is wrong with the gradient of the input.

        Parameters
        ----------
        layer : Subject
            The layer.
        rng : numpy.random.Generator
            For the choice of entries.
        x, dy, got : ndarray
            The input, the gradient at the output, and what `backward` made of it.
        """
        chosen = np.concatenate([_some(rng, x[0].size), x[0].size + _some(rng, x[1:].size, PROBES // 4)])
        columns, smooth = jacobian(lambda point: layer.at(point), x, chosen)
        return cls("dx", got, chosen[smooth], columns[:, smooth], x, layer.forward(x), dy, layer, _ratios(layer, rng))

    @classmethod
    def at_parameter(
        cls, layer: Subject, rng: np.random.Generator, name: str, x: Array, dy: Array, got: Array
    ) -> Evidence:
        """Gather what is wrong with the gradient of a parameter.

        Parameters
        ----------
        layer : Subject
            The layer.
        rng : numpy.random.Generator
            For the choice of entries.
        name : str
            Of the parameter.
        x, dy, got : ndarray
            The input, the gradient at the output, and what `grads` made of it.
        """
        array = layer.params[name]
        chosen = _some(rng, array.size)
        columns, smooth = jacobian(lambda value: layer.at(x, name, value - array), array, chosen)
        ratios = _ratios(layer, rng, name)
        return cls(f"d{name}", got, chosen[smooth], columns[:, smooth], x, layer.forward(x), dy, layer, ratios)

    @property
    def wanted(self) -> Array:
        """What the probed entries should be."""
        return np.asarray(self.columns.T @ self.dy.ravel())

    @property
    def probed(self) -> Array:
        """What the probed entries are."""
        return np.asarray(self.got.ravel()[self.entries], np.float64)

    @property
    def tolerance(self) -> float:
        """How far two entries may differ and still count as the same."""
        return 1e-5 * max(largest(self.wanted), 1e-3 * largest(self.dy))

    def same(self, a: Array, b: Array) -> bool:
        """Return whether two arrays of probed entries agree.

        Parameters
        ----------
        a, b : ndarray
        """
        return a.shape == b.shape and bool(np.all(np.abs(a - b) <= self.tolerance + 1e-5 * np.abs(b)))

    def worst(self) -> Worst | None:
        """Return the probed entry that is furthest off."""
        found = worst_entry(self.name, self.probed, self.wanted, self.tolerance)
        if found is None:
            return None
        place = np.unravel_index(int(self.entries[found.index[0]]), self.got.shape)
        index = tuple(int(i) for i in place)
        return Worst(self.name, index, found.got, found.wanted, found.wrong, found.compared)

    @property
    def elementwise(self) -> bool:
        """Whether each output depends on the input of the same place alone."""
        if self.got.shape != self.x.shape or self.y.shape != self.x.shape:
            return False
        others = self.columns.copy()
        others[self.entries, np.arange(len(self.entries))] = 0
        return largest(others) <= 1e-6 * largest(self.columns)

    @property
    def own_slopes(self) -> Array:
        """How much each probed input changes the output of the same place."""
        return self.columns[self.entries, np.arange(len(self.entries))]

    @property
    def passed_on(self) -> Array:
        """The gradient at the output, at the places of the probed inputs."""
        return self.dy.ravel()[self.entries]

    @property
    def factor(self) -> float | None:
        """The one number that the gradient is off by, if there is one."""
        wanted, got = self.wanted, self.probed
        if largest(wanted) <= self.tolerance or largest(got) == 0:
            return None
        factor = float(got @ wanted / (wanted @ wanted))
        return factor if self.same(got, factor * wanted) else None

    def first(self, array: Array) -> Array | None:
        """Return the probed entries of the first input as one block, if all of them were probed.

        Parameters
        ----------
        array : ndarray
            One number for each probed entry.
        """
        shape = self.layer.input_shape if self.name == "dx" else self.got.shape
        size = int(np.prod(shape))
        whole = len(self.entries) >= size and np.array_equal(self.entries[:size], np.arange(size))
        return array[:size].reshape(shape) if whole else None


def _some(rng: np.random.Generator, count: int, most: int = PROBES) -> Array:
    return np.sort(rng.choice(count, min(count, most), replace=False))


def _ratios(layer: Subject, rng: np.random.Generator, name: str | None = None) -> Callable[[int], float]:
    def ratio_at(batch: int) -> float:
        case = layer.case(rng, layer.inputs(rng, (batch,)), name)
        gradient = layer.backward(case.dy, case.x) if name is None else layer.grads(case.dy, case.x)[name]
        return float(np.vdot(gradient, case.direction) / np.vdot(case.dy, case.slope.values))

    return ratio_at


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
            _identity,
            _transposed,
            _own_slopes_alone,
            _turned,
            _first_input_alone,
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
        f"forward multiplies by {_number(slopes[open_][0])}, backward does not: is dropout's 1 / (1 - rate) in one of "
        f"the passes only?",
    )


def _wrong_on_an_interval(e: Evidence) -> Diagnosis | None:
    if not e.elementwise:
        return None
    magnitudes = np.geomspace(1e-3, 1e3, max(PROBES, 8 * e.x[0].size) // 2 // e.x[0].size * e.x[0].size)
    x = np.random.default_rng(0).permutation(np.concatenate([-magnitudes, magnitudes])).reshape(-1, *e.x.shape[1:])
    found = slope(lambda step: e.layer.at(x, by=step), 1.0)
    got = e.layer.backward(np.ones_like(found.values), x)
    known = found.smooth & np.isfinite(found.values)
    order = np.argsort(x[known])
    places, off = x[known][order], np.abs(got - found.values)[known][order]
    wrong = off > (1e-4 * np.abs(found.values) + 10 * found.error)[known][order]
    edges = np.flatnonzero(np.diff(wrong.astype(int)))
    at_once = off[edges + wrong[edges + 1]] > 0.02 * largest(found.values[known])
    if not 1 <= len(edges) <= 2 or not at_once.all():  # a formula that is wrong everywhere may look right far out
        return None
    low, *others = ((places[edge] + places[edge + 1]) / 2 for edge in edges)
    if not others:
        where = f"for x {'below' if wrong[0] else 'above'} about {low:.2g}"
    elif wrong[0]:
        where = f"for x below about {low:.2g} and above about {others[0]:.2g}"
    else:
        where = f"for x from about {low:.2g} to about {others[0]:.2g}"
    words = f"wrong only {where}: does forward bend, saturate or change its formula at another place than backward?"
    return Diagnosis("wrong on an interval", words)


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
    return Diagnosis("constant factor", f"{_number(factor)} times the true gradient everywhere: {_suspect(factor)}")


def _suspect(factor: float) -> str:
    if factor < 0:
        return "the sign is wrong, too"
    if abs(factor - 1) < 1e-3:
        return "is a number rounded, or a small term left out?"
    if factor > 1:
        return f"a forgotten {f'1/{round(factor)}' if abs(factor - round(factor)) < 1e-3 else 'divisor'}?"
    inverse = 1 / factor
    if abs(inverse - round(inverse)) < 1e-3:
        return f"a 1/{round(inverse)} too many, or a forgotten {round(inverse)}?"
    return "a factor too many?"


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
    if got is None or wanted is None or e.same(got, wanted):
        return None
    axes = range(-got.ndim, 0)
    for i in axes:
        for j in axes:
            if i < j and got.shape[i] == got.shape[j] and e.same(got, wanted.swapaxes(i, j)):
                return Diagnosis(
                    "transpose", f"axes {i} and {j} of {e.name} are swapped: a transpose too many, or too few?"
                )
    flips = [axis for axis in axes if got.shape[axis] > 1]
    for axis in flips:
        if e.same(got, np.flip(wanted, axis)):
            return Diagnosis("flipped", f"{e.name} runs backwards along axis {axis}")
    if got.ndim > 2 and e.same(got, np.flip(wanted, (-2, -1))):
        return Diagnosis("flipped", f"{e.name} is turned by 180 degrees: convolution where correlation belongs?")
    return None


def _first_input_alone(e: Evidence) -> Diagnosis | None:
    size = int(np.prod(e.layer.input_shape))
    inside = e.entries < size
    if not inside.any() or inside.all() or not e.same(e.probed[inside], e.wanted[inside]):
        return None
    if largest(e.probed[~inside]) > 0:
        return None
    return Diagnosis("first input alone", "right for the first input of the batch, zero for the others: x[0] for x?")


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


# ----------------------------------------------------------------------------------------------------- other findings


def of_parameter_shape(name: str, got: Shape, wanted: Shape, batch: int) -> Diagnosis | None:
    """Return what explains the shape of a parameter's gradient.

    Parameters
    ----------
    name : str
        Of the parameter.
    got, wanted : tuple of int
        Shapes.
    batch : int
        Size of the batch.
    """
    if got == (batch, *wanted):
        words = f"one gradient for each of the {batch} inputs: add them up over the leading axes"
        return Diagnosis("missing sum over the batch", words)
    if got == wanted[::-1]:
        return Diagnosis("transpose", f"d{name} is transposed: dy.T @ x has the shape of W, x.T @ dy has not")
    if int(np.prod(got)) == int(np.prod(wanted)):
        return Diagnosis("shape", f"as many entries as {name} has: reshape to params[{name!r}].shape")
    return None


def of_nonlinearity(backward: Callable[[Array], Array], dy: Array) -> Diagnosis | None:
    """Return what explains that the backward pass is not linear.

    Parameters
    ----------
    backward : callable
        The backward pass at one input.
    dy : ndarray
        A gradient at the output.
    """
    if largest(backward(dy)) < largest(backward(-dy)):
        dy = -dy
    at_zero, at_dy, opposite, double = (backward(factor * dy) for factor in (0.0, 1.0, -1.0, 2.0))
    near = 1e-6 * max(largest(at_dy), largest(opposite))
    if largest(at_zero) > near:
        return Diagnosis("added constant", "backward of dy = 0 is not 0: something is added that dy does not multiply")
    if largest(at_dy) == 0:
        return Diagnosis("clipped dy", "a small dy gives exactly 0: is it cut off, or rounded?")
    if largest(at_dy - opposite) <= near or largest(double - 4 * at_dy) <= near:
        return Diagnosis("dy squared", "dy and -dy give the same: is dy squared, or its absolute value taken?")
    if largest(double - 2 * at_dy) <= near:
        words = "2 dy gives twice as much, but -dy not the opposite: is a ReLU or a mask taken on dy itself?"
        return Diagnosis("rectified dy", words)
    return Diagnosis("clipped dy", "2 dy does not give twice as much: is dy clipped, normalised or squashed?")


def of_kink(gradients: Array) -> Diagnosis | None:
    """Return what explains an answer at a kink.

    Parameters
    ----------
    gradients : ndarray of shape (points, *input_shape)
        Of one output: at the kink, and around it.
    """
    here, *around = gradients
    if not np.isfinite(here).all():
        return Diagnosis("not finite", "NaN or infinity right at the kink: 0 / 0?")
    mass, usual = float(here.sum()), float(np.median([one.sum() for one in around]))
    if usual and mass / usual > 1.2 and np.count_nonzero(here) > 1:
        return Diagnosis(
            "tie counted twice",
            f"{np.count_nonzero(here)} equal inputs together get {_number(mass / usual)} times the gradient: each of "
            f"them all of it? Give it to one, the first (argmax), not to all with x == y",
        )
    return None


def of_stack(batch: Shape, seeds: Shape, got: Array | None = None, wanted: Array | None = None) -> Diagnosis:
    """Return what explains that a stack fares otherwise than its parts.

    Parameters
    ----------
    batch, seeds : tuple of int
        Leading axes of the inputs, and those that dy has beyond them.
    got, wanted : ndarray, optional
        Arrays that differ.
    """
    size = int(np.prod(batch))
    if got is not None and wanted is not None and size > 1:
        near = 1e-6 * largest(wanted)
        if largest(size * got - wanted) <= size * near:
            words = f"1/{size} of what they should be, in a batch of {size}: a mean over the batch within the layer"
            return Diagnosis("1/N in the layer", f"{words}; 1/N stands in the loss alone")
        if len(batch) == 1 and not seeds:
            words = (
                "the inputs of a batch must not influence each other: is there a sum, mean or maximum over axis 0? "
                "(Batch normalisation means to: check it as functions, with batch_axis=None and a batch as one input)"
            )
            return Diagnosis("mixes the batch", words)
    return Diagnosis(
        "hard-coded axis",
        "is the number of axes taken for granted? Count axes from the end (axis=-1) and reshape with x.shape[:-1]",
    )


def of_dtype(given: np.dtype[Any], got: np.dtype[Any]) -> Diagnosis:
    """Return what explains a change of type.

    Parameters
    ----------
    given, got : dtype
        Types of the arguments and of the result.
    """
    if got.kind != "f":
        return Diagnosis("not floating-point", "a comparison gives booleans: multiply by it, or use .astype(x.dtype)")
    if got.itemsize > given.itemsize:
        words = "an array that NumPy makes is float64 unless told otherwise: np.zeros(n, x.dtype), np.zeros_like(x)"
        return Diagnosis("float64 upcast", f"{words}; also params that were made in another type")
    return Diagnosis("lost precision", f"something turns numbers into {got}: take the type from x.dtype")


def of_target(got: Array, wanted: Array) -> Diagnosis | None:
    """Return what explains a wrong step to the target.

    Parameters
    ----------
    got, wanted : ndarray
        Steps from the start.
    """
    size = float(np.vdot(wanted, wanted))
    factor = float(np.vdot(got, wanted)) / size if size else 0.0
    if not size or largest(got - factor * wanted) > 1e-6 * largest(wanted):
        return None
    if abs(factor + 1) < 1e-6:
        return Diagnosis("sign", "the step goes the wrong way: the residual is y - t, and it is taken off")
    if abs(factor) < 1e-9:
        return Diagnosis("zero", "no step is taken at all")
    return Diagnosis("constant factor", f"the step is {_number(factor)} times what it should be")


def _number(value: float) -> str:
    short = f"{value:.1f}"
    if abs(value - float(short)) < 1e-3 and (abs(value - 1) > 1e-3 or value == 1):
        return short
    return f"{value:.3g}" if abs(value - 1) > 1e-3 else f"{value:.6g}"
