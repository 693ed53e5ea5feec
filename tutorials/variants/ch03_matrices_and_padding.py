"""Accepted: the matrix T itself, padded deltas, Fourier transforms, a tuple of NumPy's numbers, gathered winners."""

import numpy as np
from scipy import signal

import tinynet as tn


def matrix(w, image):
    """Return T, whose row (i, j) holds the filter at its place."""
    n, m = image[0] - w.shape[0] + 1, image[1] - w.shape[1] + 1
    T = np.zeros((n, m, *image))
    for i, j in np.ndindex(n, m):
        T[i, j, i : i + w.shape[0], j : j + w.shape[1]] = w
    return T


def correlate(x, w):
    return np.einsum("ijmn,mn->ij", matrix(w, x.shape), x)


def output_size(length, size, stride=1, padding=0):
    return len(np.arange(length + 2 * padding)[: length + 2 * padding - size + 1 : stride])


def receptive_field(windows):
    strides = np.cumprod([1, *(stride for _, stride in windows)])
    sizes = np.array([size for size, _ in windows], dtype=int)
    return 1 + ((sizes - 1) * strides[:-1]).sum(), strides[-1]


def input_adjoint(dz, w):
    image = tuple(np.add(dz.shape, w.shape) - 1)
    return np.einsum("ijmn,ij->mn", matrix(w, image), dz)


def filter_adjoint(dz, x):
    return signal.fftconvolve(x, dz[::-1, ::-1], mode="valid")


class MaxPool(tn.Layer):
    def forward(self, x):
        return np.maximum(
            np.maximum(x[..., ::2, ::2], x[..., ::2, 1::2]), np.maximum(x[..., 1::2, ::2], x[..., 1::2, 1::2])
        )

    def backward(self, dy, x, y):
        four = np.stack([x[..., i::2, j::2] for i, j in np.ndindex(2, 2)])
        winner = four.argmax(axis=0)
        dx = np.zeros(dy.shape[:-2] + x.shape[-2:], dtype=dy.dtype)
        for number, (i, j) in enumerate(np.ndindex(2, 2)):
            dx[..., i::2, j::2] = np.where(winner == number, dy, 0)
        return dx
