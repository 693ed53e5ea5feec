"""Caught by: test_ch10_without_maps_is_knocking_out, test_ch10_without_maps_by_hand.

The maps that should go are all that is left.
"""


def without_maps(W, removed, filters):
    return W.reshape(len(W), filters, -1)[:, removed].reshape(len(W), -1)
