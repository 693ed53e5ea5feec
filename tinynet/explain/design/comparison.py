"""Is another design as good? Several networks of each, trained alike, and tests that a margin was fixed for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, finite_number, instance, whole_number, wrong
from tinynet.classes import accuracy
from tinynet.network import Network
from tinynet.notebook import ShownAsText, ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array

RESAMPLES = 9999
Images = tuple[ArrayLike, ArrayLike]


@dataclass(frozen=True, eq=False, repr=False)
class DesignComparison(ShownAsText, ShownInBrief):
    """What designs cost and achieve over several seeds; the first is what the others are compared with.

    Attributes
    ----------
    names : tuple of str
        D designs.
    parameters : ndarray of shape (D,)
    seconds : ndarray of shape (D, S)
        Of training, for each of S seeds.
    accuracy : ndarray of shape (D, S)
        On the test images.
    margin : float
        By how much less accuracy may be for a design to count as equally good; fixed before anything was trained.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.
    """

    names: tuple[str, ...]
    parameters: Array
    seconds: Array
    accuracy: Array
    margin: float

    def __post_init__(self) -> None:
        for name in ("parameters", "seconds", "accuracy"):
            object.__setattr__(self, name, finite_array(name, getattr(self, name), np.float64))
        wanted = (len(self.names), self.accuracy.shape[-1] if self.accuracy.ndim == 2 else 0)
        if self.accuracy.shape != wanted or self.seconds.shape != wanted or self.parameters.shape != wanted[:1]:
            shapes = ", ".join(f"{name} {getattr(self, name).shape}" for name in ("parameters", "seconds", "accuracy"))
            raise ValueError(f"{shapes} do not fit {len(self.names)} designs")
        finite_number("margin", self.margin, least=0)

    @property
    def differences(self) -> Array:
        """Accuracy less that of the first design with the same seed, of shape (D, S)."""
        return self.accuracy - self.accuracy[0]

    def p_worse(self, design: int) -> float:
        """Return the p-value for "worse by more than the margin": small where a design is as good as the first.

        Parameters
        ----------
        design : int

        Notes
        -----
        If the true loss were the margin, each seed's difference plus the margin could as well have the other sign. The
        share of all choices of signs whose mean is at least as large is the p-value (one-sided, paired, exact for up to
        13 seeds). With S seeds it is at least 2 to the power of -S.
        """
        return sign_flip(self.differences[design] + self.margin, "greater")

    def p_different(self, design: int) -> float:
        """Return the p-value for "no difference from the first", two-sided and paired, by the same test.

        Parameters
        ----------
        design : int
        """
        return sign_flip(self.differences[design], "two-sided")

    def rows(self) -> list[tuple[str, ...]]:
        """Return a table, a row a design; the first row holds the headings."""
        rows: list[tuple[str, ...]] = [
            ("design", "parameters", "training, s", "accuracy, %", "range", "difference", "p, different", "p, worse")
        ]
        for at, name in enumerate(self.names):
            shares = 100 * self.accuracy[at]
            compared = ("", "", "")
            if at:
                difference = 100 * self.differences[at].mean()
                compared = (f"{difference:+.2f}", f"{self.p_different(at):.3f}", f"{self.p_worse(at):.3f}")
            rows.append(
                (
                    name,
                    f"{self.parameters[at]:,.0f}",
                    f"{self.seconds[at].mean():.1f}",
                    f"{shares.mean():.2f}",
                    f"{shares.min():.1f} to {shares.max():.1f}",
                    *compared,
                )
            )
        return rows

    def __str__(self) -> str:
        rows = self.rows()
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join(
            [*table, f"worse: by more than {100 * self.margin:g} points, over {self.seconds.shape[1]} seeds"]
        )


@checked
def compare_designs(
    designs: Mapping[str, Callable[[int], Network]],
    train: Images,
    test: Images,
    *,
    fit: Callable[[Network, Array, Array, int], object],
    margin: float,
    seeds: int = 10,
) -> DesignComparison:
    """Train networks of several designs with several seeds, and compare parameters, time and accuracy.

    Parameters
    ----------
    designs : mapping of str to callable
        By name, ``design(seed)`` returns an untrained network. The first is what the others are compared with.
    train, test : pair of array_like
        Images and labels.
    fit : callable
        ``fit(net, x, labels, seed)`` trains a network in place; the same for all designs.
    margin : float
        By how much less accuracy may be for a design to count as equally good. Fix it before you look.
    seeds : int
        Networks of each design, seeds 0 to `seeds` - 1.

    Returns
    -------
    DesignComparison
        ``print`` it.

    Raises
    ------
    ValueError
        If there are no two designs, or one returns no network.

    Notes
    -----
    That two accuracies do not differ significantly says little with few seeds. So the test asks the other way round: is
    "worse by more than the margin" ruled out? Only then are the designs equally good.
    """
    if not isinstance(designs, Mapping) or len(designs) < 2:
        raise wrong("designs", designs, "at least two functions from a seed to a network, by name")
    count, margin = whole_number("seeds", seeds), finite_number("margin", margin, least=0)
    shape = (len(designs), count)
    parameters, spent, shares = np.zeros(len(designs)), np.zeros(shape), np.zeros(shape)
    for at, (name, design) in enumerate(designs.items()):
        for seed in range(count):
            net = instance(f"design {name}", design(seed), Network)
            start = time.perf_counter()
            fit(net, np.asarray(train[0]), np.asarray(train[1]), seed)
            spent[at, seed] = time.perf_counter() - start
            shares[at, seed] = accuracy(net, *test)
            parameters[at] = net.parameter_count
    return DesignComparison(tuple(designs), parameters, spent, shares, margin)


def sign_flip(values: Array, alternative: str) -> float:
    """Return how probable so large a mean is if the sign of each value could as well be the other one.

    Parameters
    ----------
    values : ndarray of shape (M,)
        Such as paired differences.
    alternative : {"greater", "less", "two-sided"}
        Than 0.

    Returns
    -------
    float
        1 for fewer than two values, and if all are 0.
    """
    from scipy import stats

    if len(values) < 2 or not values.any():
        return 1.0
    test = stats.permutation_test(
        (values,),
        np.mean,
        permutation_type="samples",
        n_resamples=RESAMPLES,
        alternative=alternative,
        random_state=np.random.default_rng(0),
    )
    return float(test.pvalue)
