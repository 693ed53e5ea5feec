"""Accepted: unit by unit, weights column by column, waves summed up, all signs counted."""

from itertools import product
from math import pi

import numpy as np


def silent_units(outputs):
    values = [outputs[:, unit] for unit in range(outputs.shape[1])]
    reach = [each.max() - each.min() for each in values]
    dead = [not each.any() for each in values]
    return dead, [not gone and one <= 0.01 * max(reach) for gone, one in zip(dead, reach, strict=True)]


def copies(outputs, limit=0.95):
    found = [-1] * len(outputs)
    kept = []
    for unit in sorted(range(len(outputs)), key=lambda unit: outputs[unit].var(), reverse=True):
        best, partner = 0.0, -1
        for other in kept:
            alike = abs(np.corrcoef(outputs[unit], outputs[other])[0, 1])
            if alike > best:
                best, partner = alike, other
        if best >= limit:
            found[unit] = partner
        else:
            kept.append(unit)
    return found


def without_copy(w, b, copy, kept, slope, shift):
    columns = []
    for unit in range(w.shape[1]):
        if unit == kept:
            columns.append(w[:, kept] + slope * w[:, copy])
        elif unit != copy:
            columns.append(w[:, unit])
    return np.stack(columns, axis=1), [bias + shift * weight for bias, weight in zip(b, w[:, copy], strict=True)]


def folded_share(response, stride):
    length = response.shape[1]
    above = total = 0.0
    for k in range(1, length):
        wave = np.exp(-2j * pi * k * np.arange(length) / length)
        power = sum(abs(row @ wave) ** 2 for row in response)
        total += power
        if 2 * stride * min(k, length - k) > length:
            above += power
    return above / total


def p_worse(new, old, margin):
    moved = [a - b + margin for a, b in zip(new, old, strict=True)]
    count = 0
    for signs in product((-1, 1), repeat=len(moved)):
        if sum(sign * each for sign, each in zip(signs, moved, strict=True)) >= sum(moved) - 1e-12:
            count += 1
    return count / 2 ** len(moved)
