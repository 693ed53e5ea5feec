"""Accepted: lists of numbers instead of arrays, and places counted one by one."""

import numpy as np

import tinynet as tn


def correlate(x, w):
    (height, width), (kh, kw) = x.shape, w.shape
    return [[(x[i : i + kh, j : j + kw] * w).sum() for j in range(width - kw + 1)] for i in range(height - kh + 1)]


def output_size(length, size, stride=1, padding=0):
    places, begin = 0, -padding
    while begin + size <= length + padding:
        places, begin = places + 1, begin + stride
    return places


def receptive_field(windows):
    seen = [0, 1]  # where two neighbouring places begin, counted in places of the layer below
    first = last = 0
    for size, stride in reversed(windows):
        seen = [stride * place for place in seen]
        first, last = stride * first, stride * last + size - 1
    return np.array([last - first + 1, seen[1] - seen[0]])


def input_adjoint(dz, w):
    (n, m), (kh, kw) = dz.shape, w.shape
    dx = [[0.0] * (m + kw - 1) for _ in range(n + kh - 1)]
    for i in range(n):
        for j in range(m):
            for p in range(kh):
                for q in range(kw):
                    dx[i + p][j + q] += dz[i, j] * w[p, q]
    return dx


def filter_adjoint(dz, x):
    (n, m), (height, width) = dz.shape, x.shape
    return [[(x[p : p + n, q : q + m] * dz).sum() for q in range(width - m + 1)] for p in range(height - n + 1)]


class MaxPool(tn.Layer):
    def forward(self, x):
        y = np.empty((*x.shape[:-2], x.shape[-2] // 2, x.shape[-1] // 2), x.dtype)
        for place in np.ndindex(y.shape):
            y[place] = self.window(x, place).max()
        return y

    def backward(self, dy, x, y):
        dx = np.zeros((*dy.shape[:-2], *x.shape[-2:]), dy.dtype)
        for place in np.ndindex(y.shape):
            p, q = divmod(int(self.window(x, place).argmax()), 2)
            *batch, i, j = place
            dx[(..., *batch, 2 * i + p, 2 * j + q)] = dy[(..., *place)]
        return dx

    def window(self, x, place):
        *batch, i, j = place
        return x[(*batch, slice(2 * i, 2 * i + 2), slice(2 * j, 2 * j + 2))]
