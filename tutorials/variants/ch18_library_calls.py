"""Accepted: NumPy's own isclose and delete, SciPy's transforms and its test of signs, single precision."""

import numpy as np
from scipy import fft, stats


def silent_units(outputs):
    rows = np.concatenate(outputs.transpose(0, 2, 3, 1).reshape(len(outputs), -1, outputs.shape[1]))
    dead = np.count_nonzero(rows, axis=0) == 0
    reach = rows.max(axis=0) - rows.min(axis=0)
    return list(dead), list((reach <= reach.max() / 100) & ~dead)


def copies(outputs, limit=0.95):
    found, waiting = {}, list(np.argsort(outputs.var(axis=1))[::-1])
    kept = []
    while waiting:
        unit = waiting.pop(0)
        alike = {other: abs(stats.pearsonr(outputs[unit], outputs[other])[0]) for other in kept}
        partner = max(alike, key=alike.get, default=None)
        if partner is None or alike[partner] < limit:
            kept.append(unit)
            found[unit] = np.int64(-1)
        else:
            found[unit] = partner
    return [found[unit] for unit in range(len(outputs))]


def without_copy(w, b, copy, kept, slope, shift):
    added = np.zeros_like(w)
    added[:, kept] = w[:, copy] * slope
    return np.float32(np.delete(w + added, copy, 1)), np.float32(np.add(b, w[:, copy] * shift))


def folded_share(response, stride):
    centred = response - np.mean(response, axis=1)[:, None]
    spectrum = fft.fft(centred)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    frequencies = np.arange(response.shape[1]) / response.shape[1]
    above = np.minimum(frequencies, 1 - frequencies) > 1 / (2 * stride)
    return np.float32(power[:, above].sum() / power.sum())


def p_worse(new, old, margin):
    moved = np.array(new) - np.array(old) + margin
    every = stats.permutation_test(
        (moved,), np.mean, permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    return every.pvalue
