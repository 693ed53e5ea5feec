"""Caught by: test_ch11_targets_from_deltas_by_hand, test_ch11_targets_from_deltas_are_those_carried_down.

The list from the last block to the first.
"""


def targets_from_deltas(outputs, deltas, tau):
    pairs = zip(reversed(outputs), reversed(deltas), strict=True)
    return [y - tau**below * delta for below, (y, delta) in enumerate(pairs)]
