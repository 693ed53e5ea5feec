"""Accepted: ranges from both ends, normed rows, a matrix that folds, the half spectrum with weights."""

import numpy as np


def silent_units(outputs):
    low, high = outputs.min(axis=(0, 2, 3)), outputs.max(axis=(0, 2, 3))
    dead = (low == 0) & (high == 0)
    with np.errstate(invalid="ignore"):
        constant = (high - low) / (high - low).max() <= 0.01
    return dead, constant & np.logical_not(dead)


def copies(outputs, limit=0.95):
    rows = outputs - outputs.mean(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    alike = np.abs(rows @ rows.T)
    found, kept = -np.ones(len(outputs), int), np.zeros(len(outputs), bool)
    for unit in np.lexsort((np.arange(len(outputs)), -outputs.std(axis=1))):
        best = np.where(kept, alike[unit], -1).argmax()
        if kept[best] and alike[unit, best] >= limit:
            found[unit] = best
        else:
            kept[unit] = True
    return found


def without_copy(w, b, copy, kept, slope, shift):
    units = [unit for unit in range(w.shape[1]) if unit != copy]
    fold = np.eye(w.shape[1])[:, units]
    fold[copy, units.index(kept)] = slope
    offset = np.zeros(w.shape[1])
    offset[copy] = shift
    return w @ fold, w @ offset + b


def folded_share(response, stride):
    length = response.shape[1]
    power = (np.abs(np.fft.rfft(response, axis=1)) ** 2).sum(axis=0)
    power[1 : (length + 1) // 2] *= 2
    power[0] = 0
    return power[np.fft.rfftfreq(length) > 1 / (2 * stride)].sum() / power.sum()


def p_worse(new, old, margin):
    moved = np.subtract(new, old) + margin
    signs = 1 - 2 * ((np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved))) & 1)
    return np.mean((signs * moved).mean(axis=1) >= moved.mean() - 1e-12)
