"""Placeholder kernels, to be replaced."""
import numpy as np


def output_size(length, kernel, stride, before, after, ceil=False):
    span = length + before + after - kernel
    if span < 0:
        return 0
    n = (-(-span // stride) if ceil else span // stride) + 1
    if ceil and (n - 1) * stride >= length + before:
        n -= 1
    return n


def batch_innermost(x):
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)


def _windows(x, size, stride, padding, value=0.0, ceil=False):
    (t, b), (l, r) = padding
    H, W = x.shape[-2:]
    oh = output_size(H, size[0], stride[0], t, b, ceil)
    ow = output_size(W, size[1], stride[1], l, r, ceil)
    eh = max((oh - 1) * stride[0] + size[0] - H - t, b)
    ew = max((ow - 1) * stride[1] + size[1] - W - l, r)
    xp = np.pad(x, [(0, 0)] * (x.ndim - 2) + [(t, eh), (l, ew)], constant_values=value)
    v = np.lib.stride_tricks.sliding_window_view(xp, size, axis=(-2, -1))
    return v[..., :: stride[0], :: stride[1], :, :][..., :oh, :ow, :, :], xp.shape


def correlate(x, w, bias=None, *, stride=(1, 1), padding=((0, 0), (0, 0))):
    v, _ = _windows(x, w.shape[2:], stride, padding)
    y = np.einsum("nchwpq,ocpq->nohw", v, w, optimize=True)
    if bias is not None:
        y = y + bias[:, None, None]
    return batch_innermost(y)


def correlate_input_adjoint(dy, w, *, size, stride=(1, 1), padding=((0, 0), (0, 0))):
    (t, b), (l, r) = padding
    dx = np.zeros((len(dy), w.shape[1], size[0] + t + b, size[1] + l + r), np.result_type(dy, w))
    for p in range(w.shape[2]):
        for q in range(w.shape[3]):
            dx[:, :, p : p + stride[0] * dy.shape[2] : stride[0], q : q + stride[1] * dy.shape[3] : stride[1]] += np.einsum("nohw,oc->nchw", dy, w[:, :, p, q], optimize=True)
    return batch_innermost(dx[:, :, t : t + size[0], l : l + size[1]])


def correlate_kernel_adjoint(dy, x, *, size, stride=(1, 1), padding=((0, 0), (0, 0))):
    v, _ = _windows(x, size, stride, padding)
    return np.einsum("nchwpq,nohw->ocpq", v, dy, optimize=True)


def max_pool(x, *, size, stride, padding=((0, 0), (0, 0)), ceil=False):
    v, _ = _windows(x, size, stride, padding, -np.inf, ceil)
    return batch_innermost(v.max(axis=(-2, -1)))


def max_pool_adjoint(dy, x, y, *, size, stride, padding=((0, 0), (0, 0)), ceil=False):
    v, shape = _windows(x, size, stride, padding, -np.inf, ceil)
    dx = np.zeros(dy.shape[:-2] + shape[-2:], dy.dtype)
    taken = np.zeros(y.shape, bool)
    oh, ow = y.shape[-2:]
    for p in range(size[0]):
        for q in range(size[1]):
            hit = (v[..., p, q] == y) & ~taken
            taken |= hit
            dx[..., p : p + stride[0] * oh : stride[0], q : q + stride[1] * ow : stride[1]] += dy * hit
    (t, _), (l, _) = padding
    return dx[..., t : t + x.shape[-2], l : l + x.shape[-1]]


def average_pool(x, *, size, stride, padding=((0, 0), (0, 0)), ceil=False):
    v, _ = _windows(x, size, stride, padding, 0.0, ceil)
    return v.sum(axis=(-2, -1)) / _counts(x.shape, size, stride, padding, ceil).astype(x.dtype)


def _counts(shape, size, stride, padding, ceil):
    ones = np.ones((1, 1, shape[-2] + sum(padding[0]), shape[-1] + sum(padding[1])))
    oh = output_size(shape[-2], size[0], stride[0], *padding[0], ceil)
    ow = output_size(shape[-1], size[1], stride[1], *padding[1], ceil)
    ones = np.pad(ones, [(0, 0), (0, 0), (0, size[0] * stride[0]), (0, size[1] * stride[1])])
    v = np.lib.stride_tricks.sliding_window_view(ones, size, axis=(-2, -1))[..., :: stride[0], :: stride[1], :, :]
    return v[..., :oh, :ow, :, :].sum(axis=(-2, -1))[0, 0]


def average_pool_adjoint(dy, *, input_size, size, stride, padding=((0, 0), (0, 0)), ceil=False):
    share = dy / _counts((0, 0, *input_size), size, stride, padding, ceil).astype(dy.dtype)
    oh, ow = dy.shape[-2:]
    (t, b), (l, r) = padding
    dx = np.zeros(dy.shape[:-2] + (input_size[0] + t + b + size[0] * stride[0], input_size[1] + l + r + size[1] * stride[1]), dy.dtype)
    for p in range(size[0]):
        for q in range(size[1]):
            dx[..., p : p + stride[0] * oh : stride[0], q : q + stride[1] * ow : stride[1]] += share
    return dx[..., t : t + input_size[0], l : l + input_size[1]]
