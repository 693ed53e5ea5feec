"""Caught by: test_ch11_targets_from_deltas_by_hand, test_ch11_targets_from_deltas_are_those_carried_down.

The same factor in all blocks, however far below the top.
"""


def targets_from_deltas(outputs, deltas, tau):
    return [y - tau * delta for y, delta in zip(outputs, deltas, strict=True)]
