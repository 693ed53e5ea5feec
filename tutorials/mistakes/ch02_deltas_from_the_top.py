"""Caught by: test_ch02_deltas_are_those_of_the_network, test_ch02_deltas_agree_with_differences.

The list is left in the order in which it was found, from the output to the input.
"""


def deltas(layers, kept, seed):
    found = [seed]
    for k in range(len(layers) - 1, -1, -1):
        found.append(layers[k].backward(found[-1], kept[k], kept[k + 1]))
    return found
