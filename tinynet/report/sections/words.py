"""What sentences of the page are made of."""

from __future__ import annotations

from collections.abc import Sequence

NAMED = 6  # names that a sentence lists at most


def named(unit: tuple[str, int], noun: str) -> str:
    """Return a unit in words, such as "filter 3 of tanh1".

    Parameters
    ----------
    unit : Unit
    noun : str
        What it is.
    """
    return f"{noun} {unit[1]} of {unit[0]}"


def listed(names: Sequence[str]) -> str:
    """Return names as a list in words, the first few of many."""
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED:,} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def percent(share: float) -> str:
    """Return a share in per cent.

    Parameters
    ----------
    share : float
        0 to 1.
    """
    return f"{100 * share:.1f} %"
