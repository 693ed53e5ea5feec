"""Caught by: test_ch10_everywhere_by_chance_layer_by_layer.

All layers as one, as if classes did not prefer the same layer.
"""


def everywhere_by_chance(weak, sizes):
    return weak.shape[1] * weak.mean(axis=1).prod()
