"""Caught by: test_ch01_activations_are_pure.

Each layer is made to remember its output.
"""


def activations(layers, x):
    kept = [x]
    for layer in layers:
        layer.output = layer.forward(kept[-1])
        kept.append(layer.output)
    return kept
