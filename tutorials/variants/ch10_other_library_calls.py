"""Accepted: ranks, masks, reduceat, compress, repeat and einsum; generators of NumPy's whole numbers."""

import numpy as np
from scipy.stats import rankdata


def weakest(scores, count):
    return rankdata(scores, method="ordinal", axis=1) <= count


def everywhere_by_chance(weak, sizes):
    starts = np.cumsum(sizes) - sizes
    shares = np.add.reduceat(weak.astype(float), starts, axis=1) / sizes
    return float(np.dot(sizes, shares.prod(axis=0)))


def constant_filters(activations):
    by_filter = np.moveaxis(activations, 1, 0).reshape(activations.shape[1], -1)
    return np.flatnonzero(np.ptp(by_filter, axis=1) == 0)


def without_filters(W, b, W_next, removed):
    kept = ~np.isin(np.arange(len(b)), removed)
    return np.compress(kept, W, axis=0), np.compress(kept, b), np.compress(kept, W_next, axis=1)


def without_maps(W, removed, filters):
    kept = ~np.isin(np.arange(filters), removed)
    return W[:, np.repeat(kept, W.shape[1] // filters)]


def bias_with_constant(W_next, b_next, unit, value):
    return np.einsum("lij,->l", W_next[:, unit], value) + b_next
