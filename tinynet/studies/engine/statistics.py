"""Spread over networks, and tests that ask little of the data: what stands behind every verdict of a study."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import real_array, wrong
from tinynet.explain.design.comparison import sign_flip
from tinynet.signatures import checked


@checked
def spread(values: ArrayLike, form: str = ".3g", unit: str = "") -> str:
    """Return the median of some numbers, and their range where there are several.

    Parameters
    ----------
    values : array_like of shape (R,)
        One for each network; NaN are left out.
    form : str
        How to write each number, as in f-strings.
    unit : str
        Written behind the median.

    Examples
    --------
    >>> spread([1, 2, 4])
    '2 (1 to 4)'
    """
    numbers = np.asarray(values, np.float64).ravel()
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return "nothing to measure"
    try:
        middle, low, high = (format(float(value), form) for value in (np.median(numbers), numbers.min(), numbers.max()))
    except ValueError as error:
        raise wrong("form", form, "how to write a number, such as '.3g'") from error
    return f"{middle}{unit}" if len(numbers) == 1 else f"{middle}{unit} ({low} to {high})"


@checked
def percents(shares: ArrayLike) -> str:
    """Return the median and range of shares, in per cent.

    Parameters
    ----------
    shares : array_like of shape (R,)
        0 to 1.
    """
    return spread(100 * np.asarray(shares, np.float64), ".1f", " %")


@checked
def paired_p_value(differences: ArrayLike) -> float:
    """Return how probable a mean difference at least as large is if each difference could as well be turned round.

    Parameters
    ----------
    differences : array_like of shape (M,)
        One for each pair, such as an identity; NaN are left out.

    Returns
    -------
    float
        One-sided: small where the differences are above zero. 1 without any difference.
    """
    values = np.asarray(differences, np.float64)
    return sign_flip(values[~np.isnan(values)], "greater")


@checked
def rank_correlation(one: ArrayLike, other: ArrayLike) -> float:
    """Return Spearman's rank correlation; NaN if either side is the same everywhere.

    Parameters
    ----------
    one, other : array_like of shape (M,)
    """
    from scipy import stats

    first = real_array("one", one, ("M",))
    second = real_array("other", other, first.shape)
    if not (first.size and np.ptp(first) and np.ptp(second)):
        return float("nan")
    return float(stats.spearmanr(first, second).statistic)
