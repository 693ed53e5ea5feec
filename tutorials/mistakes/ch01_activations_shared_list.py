"""Caught by: test_ch01_activations_are_pure.

A default argument is made once, so all calls share one list.
"""


def activations(layers, x, kept=[]):  # noqa: B006
    kept.clear()
    kept.append(x)
    for layer in layers:
        kept.append(layer.forward(kept[-1]))
    return kept
