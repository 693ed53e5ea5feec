"""Caught by: test_ch02_deltas_are_those_of_the_network, test_ch02_deltas_agree_with_differences.

Each layer is given its output in the place of its input. Tanh and softmax do not mind; softplus does.
"""


def deltas(layers, kept, seed):
    found = [seed]
    for k in range(len(layers) - 1, -1, -1):
        found.insert(0, layers[k].backward(found[0], kept[k + 1], kept[k + 1]))
    return found
