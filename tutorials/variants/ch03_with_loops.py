"""Accepted: lists of numbers instead of arrays, and places counted one by one."""


def correlate(x, w):
    (height, width), (kh, kw) = x.shape, w.shape
    return [[(x[i : i + kh, j : j + kw] * w).sum() for j in range(width - kw + 1)] for i in range(height - kh + 1)]


def output_size(length, size, stride=1, padding=0):
    places, begin = 0, -padding
    while begin + size <= length + padding:
        places, begin = places + 1, begin + stride
    return places


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
