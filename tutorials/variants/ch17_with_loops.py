"""Accepted: pixel by pixel, image by image, and the adjoint as a transposed matrix."""

from math import sqrt

import numpy as np


def step_within(x, slope, rate, low, high):
    free = [
        (p, g if not ((p <= low and g < 0) or (p >= high and g > 0)) else 0.0)
        for p, g in zip(x.flat, slope.flat, strict=True)
    ]
    size = sqrt(sum(g * g for _, g in free) / len(free))
    if size == 0:
        return x
    return np.array([min(max(p + rate * g / size, low), high) for p, g in free]).reshape(x.shape)


def mean_spectrum(images):
    total = 0
    for image in images:
        total = total + abs(np.fft.rfft2(image, norm="ortho"))
    return total / len(images)


def adjoint_of_irfft2(g):
    height, width = g.shape
    found = np.zeros((height, width // 2 + 1), complex)
    for place in np.ndindex(found.shape):
        for unit in (1, 1j):
            one = np.zeros_like(found)
            one[place] = unit
            found[place] += unit * np.sum(g * np.fft.irfft2(one, s=g.shape, norm="ortho"))
    return found


def total_variation(x):
    height, width = x.shape
    value, slope = 0.0, np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            for k, m in ((i + 1, j), (i, j + 1)):
                if k < height and m < width:
                    value += abs(x[k, m] - x[i, j])
                    slope[k, m] += np.sign(x[k, m] - x[i, j])
                    slope[i, j] -= np.sign(x[k, m] - x[i, j])
    return value, slope
