"""Accepted: the whole spectrum cut in half, padded neighbours, a mask that multiplies, lists."""

import numpy as np
from scipy import fft


def step_within(x, slope, rate, low, high):
    slope = slope * ~(((x == low) & (slope < 0)) | ((x == high) & (slope > 0)))
    if not slope.any():
        return x.copy()
    return np.minimum(np.maximum(x + rate * np.sqrt(x.size) / np.linalg.norm(slope) * slope, low), high)


def mean_spectrum(images):
    found = fft.fft2(images, norm="ortho")[..., : images.shape[2] // 2 + 1]
    return np.sqrt(found.real**2 + found.imag**2).mean(axis=0).tolist()


def adjoint_of_irfft2(g):
    height, width = g.shape
    kept = width // 2 + 1
    times = [1 if column == 0 or 2 * column == width else 2 for column in range(kept)]
    return np.fft.fft2(g)[:, :kept] * times / np.sqrt(height * width)


def total_variation(x):
    edge = np.pad(x, 1, mode="edge")
    shifted = [edge[2:, 1:-1], edge[:-2, 1:-1], edge[1:-1, 2:], edge[1:-1, :-2]]
    value = sum(np.abs(x - other).sum() for other in shifted) / 2
    return [value, sum(np.sign(x - other) for other in shifted)]
