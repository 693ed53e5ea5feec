"""Accepted: everything is compared with the first number of the filter."""


def constant_filters(activations):
    first = activations[:1, :, :1, :1]
    return (activations == first).all(axis=(0, 2, 3)).nonzero()[0]
