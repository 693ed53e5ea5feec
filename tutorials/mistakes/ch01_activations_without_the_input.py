"""Caught by: test_ch01_activations_are_kept_in_order.

The input itself is left out.
"""


def activations(layers, x):
    kept = []
    for layer in layers:
        x = layer.forward(x)
        kept.append(x)
    return kept
