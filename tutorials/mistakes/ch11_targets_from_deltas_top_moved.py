"""Caught by: test_ch11_targets_from_deltas_by_hand, test_ch11_targets_from_deltas_are_those_carried_down.

One power too many: the target of the top is moved as well.
"""


def targets_from_deltas(outputs, deltas, tau):
    count = len(outputs)
    return [y - tau ** (count - level) * delta for level, (y, delta) in enumerate(zip(outputs, deltas, strict=True))]
