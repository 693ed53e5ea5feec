"""Accepted: views of views, transposed and cut; loops over the places; whole numbers by counting ranges."""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def windows(x, kh, kw):
    across = as_strided(x, (x.shape[0], x.shape[1] - kw + 1, kw), (*x.strides, x.strides[1]))
    down, right, beside = across.strides
    return as_strided(across, (x.shape[0] - kh + 1, *across.shape[1:], kh), (down, right, beside, down)).swapaxes(2, 3)


def all_patches(G, kh, step=1):
    lines = G.reshape(len(G), -1, G.shape[3] * G.shape[4])
    row, line, number = lines.strides
    starts = range(0, len(G) - kh + 1, step)
    shape = (len(starts), kh * lines.shape[1], lines.shape[2])
    return as_strided(lines, shape, (row * starts.step, line, number))


def filter_gradient(dz, G, kh):
    _, kw, channels, _, _ = G.shape
    dw = np.zeros((dz.shape[1], channels, kh, kw))
    for o in range(dz.shape[1]):
        for p in range(kh):
            for q in range(kw):
                for c in range(channels):
                    dw[o, c, p, q] = (dz[:, o] * G[p : p + len(dz), q, c]).sum()
    return dw


def count_work(size, shape):
    filters, *patch = shape
    down, right = (len(range(n - k + 1)) for n, k in zip(size, patch[1:], strict=True))
    copied = 1
    for number in (down, right, *patch):
        copied *= number
    return np.array([filters * copied, copied, copied // patch[1] // down * size[0]])


def sixteen_products(w, x):
    def weights(w0, w1, w2):
        return np.stack([w0, (w0 + w1 + w2) / 2, (w0 - w1 + w2) / 2, w2])

    def pixels(x0, x1, x2, x3):
        return np.stack([x0 - x2, x1 + x2, x2 - x1, x1 - x3])

    def outputs(m1, m2, m3, m4):
        return np.stack([m1 + m2 + m3, m2 - m3 - m4])

    u, v = weights(*weights(*w).T).T, pixels(*pixels(*x).T).T
    return u, v, outputs(*outputs(*(u * v)).T).T
