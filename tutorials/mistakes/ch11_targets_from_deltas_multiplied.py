"""Caught by: test_ch11_targets_from_deltas_by_hand, test_ch11_targets_from_deltas_are_those_carried_down.

d times tau for tau to the power of d.
"""


def targets_from_deltas(outputs, deltas, tau):
    top = len(outputs) - 1
    return [
        y - max(1, tau * (top - level)) * delta for level, (y, delta) in enumerate(zip(outputs, deltas, strict=True))
    ]
