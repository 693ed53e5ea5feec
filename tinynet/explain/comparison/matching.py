"""Which unit of one layer is which of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import finite_array
from tinynet.explain.comparison.similarity import centred
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array


@dataclass(frozen=True, eq=False, repr=False)
class UnitMatching(ShownInBrief):
    """Pairs of units of two layers, the most alike first.

    Attributes
    ----------
    units, partners : ndarray of shape (pairs,)
        Units of the one layer, and their partners in the other; no unit stands in two pairs.
    correlations : ndarray of shape (pairs,)
        Of the outputs of each pair.
    """

    units: NDArray[np.intp]
    partners: NDArray[np.intp]
    correlations: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """The mean correlation of all pairs."""
        return float(self.correlations.mean())


@checked
def match_units(X: ArrayLike, Y: ArrayLike) -> UnitMatching:
    """Pair the units of two layers so that their outputs correlate as much as they can altogether.

    Parameters
    ----------
    X, Y : array_like of shape (N, units, ...)
        Outputs of two layers for the same N images; units with maps are compared place by place, so the maps must be
        of one size.

    Returns
    -------
    UnitMatching
        As many pairs as the narrower layer has units. A unit that never changes correlates with none: 0.

    Raises
    ------
    ValueError
        If there are fewer than two images, or the arrays differ in images or in the size of maps.

    Notes
    -----
    The best of all assignments is above 0 for unrelated layers too, the more so the more units there are to choose
    from: compare with :func:`tinynet.explain.permutation_null`.

    References
    ----------
    Li et al. 2016, section 3.
    """
    from scipy.optimize import linear_sum_assignment

    x, y = finite_array("X", X, np.float64), finite_array("Y", Y, np.float64)
    if x.ndim < 2 or len(x) < 2 or not x.size:
        raise ValueError(f"X has the shape {x.shape}, expected units of at least 2 images: (N, units, ...)")
    if y.ndim != x.ndim or len(y) != len(x) or y.shape[2:] != x.shape[2:] or not y.size:
        wanted = ", ".join(map(str, (len(x), "units", *x.shape[2:])))
        raise ValueError(f"Y has the shape {y.shape}, expected ({wanted}), as X has")
    correlations = np.clip(_standardised(x).T @ _standardised(y), -1.0, 1.0)
    units, partners = linear_sum_assignment(correlations, maximize=True)
    found = correlations[units, partners]
    order = np.argsort(-found, kind="stable")
    return UnitMatching(units[order], partners[order], found[order])


def _standardised(outputs: Array) -> Array:
    """Return one column a unit, of mean 0 and norm 1 over images and places; zeros where a unit never changes."""
    return centred(np.moveaxis(outputs, 1, -1).reshape(-1, outputs.shape[1]), axis=0)
