"""Caught by: test_ch02_deltas_are_those_of_the_network, test_ch02_deltas_agree_with_differences.

What is popped from the caller's list is gone.
"""


def deltas(layers, kept, seed):
    found, y = [seed], kept.pop()
    for layer in reversed(layers):
        x = kept.pop()
        found.insert(0, layer.backward(found[0], x, y))
        y = x
    return found
