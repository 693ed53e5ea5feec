"""Caught by: test_ch02_deltas_are_those_of_the_network.

The seed itself, the last delta, is left out.
"""


def deltas(layers, kept, seed):
    found = [seed]
    for k in range(len(layers) - 1, -1, -1):
        found.insert(0, layers[k].backward(found[0], kept[k], kept[k + 1]))
    return found[:-1]
