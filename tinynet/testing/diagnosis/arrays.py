"""Known slips in any array, recognised from what it is and what it should be: in a layer's gradient, or in an answer.

`in_words` says where an array is wrong and, by `of_array`, why; the recognisers of gradients, which know more, use the
parts.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import combinations

import numpy as np

from tinynet.testing.compare import worst_entry
from tinynet.testing.numeric import largest
from tinynet.testing.report import Diagnosis
from tinynet.types import Array

TELLING = 3  # different values that an array holds, before it says something that they are moved, or off by a factor
DENOMINATOR = 12  # of the fractions that a factor is told as, beside 1/n
MOST = 10_000  # the largest n of a 1/n that one number by itself may be off by
FEW = 4  # numbers that are told one by one
NAME = re.compile(r"\w+(\[[\d, ]+\])?|<\w+, \w+>")  # such as dW, z[0, 1], <dx, x>


def in_words(what: str, got: Array, wanted: Array, tolerance: float | Array = 0.0) -> list[str]:
    """Return where an array is not what it should be, and what it is likely to be, in a line or two; none if it is.

    Parameters
    ----------
    what : str
        Name of the array, or words about it, or nothing.
    got, wanted : ndarray
        Of numbers. A number stands for an array of any shape.
    tolerance : float or ndarray
        How far entries may be off.
    """
    named = NAME.fullmatch(what) is not None
    name, lead = (what, "") if named else ("it", f"{what}: " * bool(what))
    if got.shape != wanted.shape and got.shape and wanted.shape:
        lines = [f"{lead}{name} has shape {got.shape}, should be {wanted.shape}"]
        if got.ndim == 1 and 0 < got.size <= FEW:
            lines[0] += f": it is {', '.join(f'{value:.6g}' for value in got.tolist())}"
    else:
        got, wanted = np.broadcast_arrays(got, wanted)
        worst = worst_entry(name if named or not got.shape else "entry", got, wanted, tolerance)
        if worst is None:
            return []
        lines = [f"{lead}{worst}"]
    likely = of_array(name, got.astype(np.float64), wanted.astype(np.float64))
    return [*lines, f"likely: {likely}"] if likely else lines


def of_array(name: str, got: Array, wanted: Array) -> Diagnosis | None:
    """Return what explains that an array is not what it should be.

    Parameters
    ----------
    name : str
        Of the array.
    got, wanted : ndarray
        Of numbers; if their shapes differ, it is looked for the right values in another shape.
    """
    if got.shape != wanted.shape:
        return _of_shape(name, got, wanted)
    known = np.isfinite(wanted)
    if not np.isfinite(got[known]).all():
        return Diagnosis("not finite", f"{name} holds NaN or infinity: a division by zero, or the logarithm of zero?")
    if not np.array_equal(got[~known], wanted[~known], equal_nan=True) or not known.any():
        return None
    got, wanted = (got, wanted) if known.all() else (got[known], wanted[known])
    near = 1e-6 * largest(wanted)
    if not near:
        return None
    if agree(got, wanted, near):
        return Diagnosis("rounded", "right to about five digits: is something rounded, or worked out in float32?")
    if agree(got, -wanted, near):
        return Diagnosis("sign", f"the sign of {name} is turned round: a minus too many, or too few?")
    if not _tells(wanted):
        return None
    if largest(got) <= 1e-9 * largest(wanted):
        return Diagnosis("zero", f"{name} is zero everywhere: made by np.zeros and never filled?")
    if (factor := factor_between(got, wanted, near)) is not None and (wanted.size > 1 or _is_told_short(factor)):
        times = f"{'everywhere ' * (wanted.size > 1)}{told(factor)} what it should be"
        return Diagnosis("constant factor", f"{times}: {suspect(factor)}")
    if wanted.size == 1:
        return None
    if (off := difference_between(got, wanted, near)) is not None:
        more = f"everywhere {abs(off):.6g} {'more' if off > 0 else 'less'} than it should be"
        return Diagnosis("constant difference", f"{more}: is a constant added, or left out?")
    return moved(name, got, wanted, near) or factor_in_part(name, got, wanted, near)


def agree(a: Array, b: Array, tolerance: float) -> bool:
    """Return whether two arrays agree, entry by entry.

    Parameters
    ----------
    a, b : ndarray
        Arrays, perhaps of different shapes; they do not agree then.
    tolerance : float
        How far entries may be apart, beside a hundred-thousandth of their size.
    """
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= tolerance + 1e-5 * np.abs(b)))


def factor_between(got: Array, wanted: Array, tolerance: float) -> float | None:
    """Return the one number that an array is off by, if there is one.

    Parameters
    ----------
    got, wanted : ndarray
        Of one shape.
    tolerance : float
        See `agree`.
    """
    if largest(wanted) <= tolerance or largest(got) == 0:
        return None
    factor = float(np.vdot(got, wanted) / np.vdot(wanted, wanted))
    return factor if agree(got, factor * wanted, tolerance) else None


def difference_between(got: Array, wanted: Array, tolerance: float) -> float | None:
    """Return the one number that is added to all entries of an array, if there is one.

    Parameters
    ----------
    got, wanted : ndarray
        Of one shape.
    tolerance : float
        See `agree`.
    """
    off = float(np.mean(got - wanted))
    told = abs(off) > 10 * tolerance and len(np.unique(wanted)) >= TELLING
    return off if told and largest(got - wanted - off) <= tolerance else None


def moved(name: str, got: Array, wanted: Array, tolerance: float) -> Diagnosis | None:
    """Return how the right values came to stand at other places.

    Parameters
    ----------
    name : str
        Of the array.
    got, wanted : ndarray
        Of one shape.
    tolerance : float
        See `agree`.
    """
    if agree(got, wanted, tolerance):
        return None
    axes = range(-got.ndim, 0)
    for i, j in combinations(axes, 2):
        if agree(got, wanted.swapaxes(i, j), tolerance):
            return Diagnosis("transpose", f"axes {i} and {j} of {name} are swapped: a transpose too many, or too few?")
    for axis in axes:
        if agree(got, np.flip(wanted, axis), tolerance):
            return Diagnosis("flipped", f"{name} runs backwards along axis {axis}")
    if got.ndim > 1 and agree(got, np.flip(wanted, (-2, -1)), tolerance):
        return Diagnosis("flipped", f"{name} is turned by 180 degrees: convolution where correlation belongs?")
    for axis in (axis for axis in axes if got.shape[axis] > TELLING):
        a, b = np.moveaxis(got, axis, 0), np.moveaxis(wanted, axis, 0)
        for one, other, way in ((a[1:], b[:-1], "late"), (a[:-1], b[1:], "early")):
            if agree(one, other, tolerance) and len(np.unique(one)) >= TELLING:
                return Diagnosis(
                    "moved by one", f"{name} comes one place too {way} along axis {axis}: an index off by 1?"
                )
    if agree(np.sort(got, axis=None), np.sort(wanted, axis=None), tolerance):
        words = f"{name} holds the right values at other places: turned, in another order, or a wrong reshape?"
        return Diagnosis("moved", words)
    return None


def factor_in_part(name: str, got: Array, wanted: Array, tolerance: float) -> Diagnosis | None:
    """Return the factor that most of the wrong entries are off by, and no others.

    Parameters
    ----------
    name : str
        Of the array.
    got, wanted : ndarray
        Of one shape.
    tolerance : float
        See `agree`.
    """
    wrong = (np.abs(got - wanted) > tolerance + 1e-5 * np.abs(wanted)) & (np.abs(wanted) > tolerance)
    if wrong.sum() < TELLING:
        return None
    ratios = got[wrong] / wanted[wrong]
    factor = float(np.sort(ratios)[len(ratios) // 2])
    alike = np.abs(ratios - factor) <= 1e-4 * abs(factor)
    if alike.mean() <= 0.5 or abs(factor) < 1e-9 or len(np.unique(wanted[wrong][alike])) < TELLING:
        return None
    where = f"in {alike.sum()} of {len(ratios)} wrong entries"
    words = f"{name} is {told(factor)} what it should be {where}: in one of its terms, {suspect(factor)}"
    return Diagnosis("factor in part", words)


def suspect(factor: float) -> str:
    """Ask for what may have been forgotten, given what an array is multiplied by that it should not be.

    Parameters
    ----------
    factor : float
        Not 0.
    """
    if factor < 0:
        return "the sign is wrong, too"
    if abs(factor - 1) < 1e-3:
        return "is a number rounded, or a small term left out?"
    if factor > 1:
        summed = "a sum in place of a mean, or " if factor > 2.5 and abs(factor - round(factor)) < 1e-3 else ""
        return f"{summed}a forgotten {_short(1 / factor) or 'factor'}?"
    if short := _short(factor):
        top, bottom = short.split("/")
        mean = "a mean in place of a sum, " if top == "1" and int(bottom) > 2 else ""
        return f"{mean}a {short} too many, or a forgotten {_short(1 / factor)}?"
    return "a factor too many, or one forgotten?"


def told(factor: float) -> str:
    """Return a factor in words: "1/20 of", "2.5 times".

    Parameters
    ----------
    factor : float
        By which something is too large, or too small.
    """
    return f"{_short(factor)} of" if 0 < factor < 0.999 and _short(factor) else f"{number(factor)} times"


def number(value: float) -> str:
    """Return a factor as it is told: 0.5, 2.0, 0.0333.

    Parameters
    ----------
    value : float
        A factor.
    """
    short = f"{value:.1f}"
    if abs(value - float(short)) <= 1e-3 * abs(value) and (abs(value - 1) > 1e-3 or value == 1):
        return short
    return f"{value:.3g}" if abs(value - 1) > 1e-3 else f"{value:.6g}"


def _short(factor: float) -> str:
    """Return a positive factor as a whole number or a fraction, or nothing if it is neither."""
    inverse = 1 / factor
    if 1 / MOST <= factor <= 0.5 and abs(inverse - round(inverse)) < 1e-3:
        return f"1/{round(inverse)}"
    fraction = Fraction(factor).limit_denominator(DENOMINATOR)
    return str(fraction) if abs(factor - fraction) < 1e-4 * factor else ""


def _is_told_short(factor: float) -> bool:
    """Return whether a number by itself is off by n, or by 1/n: by any other factor it may be by chance."""
    most = max(abs(factor), 1 / abs(factor))
    return 1.5 < most < MOST and abs(most - round(most)) < 1e-6 * most


def _tells(wanted: Array) -> bool:
    """Return whether values are so particular that what they are off by says something: not 2 in place of 1."""
    if wanted.size == 1:
        return float(wanted.item()) != round(float(wanted.item()), 3)
    return len(np.unique(np.abs(wanted[wanted != 0]))) >= 2


def _of_shape(name: str, got: Array, wanted: Array) -> Diagnosis | None:
    near = 1e-6 * largest(wanted[np.isfinite(wanted)])
    if agree(got.T, wanted, near):
        return Diagnosis("transpose", f"{name} is transposed")
    if agree(got.ravel(), wanted.ravel(), near):
        return Diagnosis("shape", f"{name} holds the right values in another shape: reshape")
    return None
