"""Many things are worked through some at a time, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator

from tinynet.arguments import whole_number


def chunks(count: int, size: int, what: str = "batch_size") -> Iterator[slice]:
    """Cut a number of things into slices of at most some size.

    Parameters
    ----------
    count, size : int
        How many there are, and how many at a time.
    what : str
        What the user calls the size.

    Raises
    ------
    ValueError
        If the size is no whole number of at least 1.

    Examples
    --------
    >>> list(chunks(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = whole_number(what, size)
    return (slice(begin, min(begin + step, count)) for begin in range(0, count, step))
