"""Accepted: number by number, and lists for what is returned."""

import numpy as np


def share_in(pictures, inside, outside):
    found = []
    for picture in pictures:
        first = sum(value for value, here in zip(picture.flat, inside.flat, strict=True) if here and value > 0)
        second = sum(value for value, here in zip(picture.flat, outside.flat, strict=True) if here and value > 0)
        found.append(float("nan") if first + second == 0 else first / (first + second))
    return found


def response_gap(outputs, labels):
    found = []
    for unit in range(outputs.shape[1]):
        means = []
        for label in (0, 1, 2):
            values = [row[unit] for row, its in zip(outputs, labels, strict=True) if its == label]
            means.append(sum(values) / len(values))
        smallest, second, largest = sorted(means)
        found.append(0 if largest == 0 else (second - smallest) / largest)
    return found


def linear_path(matrices, size):
    found = []
    for row in matrices[-1]:
        for matrix in matrices[-2::-1]:
            row = sum(weight * below for weight, below in zip(row, matrix, strict=True))
        found.append(np.reshape(row, size).tolist())
    return found


def path_of(matrices, x):
    signal, masks = x.ravel(), []
    for matrix in matrices[:-1]:
        signal = [max(row @ signal, 0.0) for row in matrix]
        masks.append([value > 0 for value in signal])
    found = []
    for row in matrices[-1]:
        for matrix, mask in zip(matrices[-2::-1], masks[::-1], strict=True):
            row = sum((w * below for w, below, on in zip(row, matrix, mask, strict=True) if on), 0 * matrix[0])
        found.append(row.reshape(x.shape))
    return found
