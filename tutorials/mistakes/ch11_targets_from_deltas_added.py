"""Caught by: test_ch11_targets_from_deltas_by_hand, test_ch11_targets_from_deltas_are_those_carried_down.

The delta is added: uphill.
"""


def targets_from_deltas(outputs, deltas, tau):
    top = len(outputs) - 1
    return [y + tau ** (top - level) * delta for level, (y, delta) in enumerate(zip(outputs, deltas, strict=True))]
