"""Caught by: test_ch13_kinks_from_any_baseline.

In the order of the units, not of the way.
"""


def kinks(W, b, x, baseline):
    start, end = W @ baseline + b, W @ x + b
    switches = start * end < 0
    places = start / (start - end)
    return places[switches]
