"""Caught by: test_ch11_targets_from_deltas_by_hand, test_ch11_targets_from_deltas_are_those_carried_down.

Powers of tau that grow on the way up instead of down.
"""


def targets_from_deltas(outputs, deltas, tau):
    return [y - tau**number * delta for number, (y, delta) in enumerate(zip(outputs, deltas, strict=True))]
