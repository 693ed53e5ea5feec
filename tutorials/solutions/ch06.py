"""Chapter 6, Making NumPy fast: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch06.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def windows(x, kh, kw):
    """Exercise 6.1: Windows without a copy.

    Return a view v of the image x with v[i, j, p, q] = x[i + p, j + q], for all windows of kh x kw pixels that lie
    wholly inside. Nothing is copied: v and x share their memory. The image need not lie in C order: it may be a
    transposed one, or every second pixel of another. Hint: as_strided, and x.strides.
    """
    # BEGIN SOLUTION
    height, width = x.shape
    down, right = x.strides
    return as_strided(x, (height - kh + 1, width - kw + 1, kh, kw), (down, right, down, right), writeable=False)
    # END SOLUTION


def all_patches(G, kh, step=1):
    """Exercise 6.2: Rows for free.

    G is a contiguous array of shape (rows, kw, C, places, N): the gathered pixels of section 6.4. Return P with
    P[i] = G[i * step : i * step + kh], reshaped to (kh * kw * C, places * N), for every i for which those rows are all
    there. P has shape (how many, kh * kw * C, places * N) and is a view: not one number of G is copied.
    """
    # BEGIN SOLUTION
    rows, kw, channels, places, count = G.shape
    row, _, line, _, number = G.strides
    shape = ((rows - kh) // step + 1, kh * kw * channels, places * count)
    return as_strided(G, shape, (step * row, line, number), writeable=False)
    # END SOLUTION


def filter_gradient(dz, G, kh):
    """Exercise 6.3: Back to the filters.

    G is a contiguous array of shape (rows, kw, C, places, N): the gathered pixels of section 6.4. dz, of shape
    (rows - kh + 1, O, places, N), is the gradient with respect to the outputs. Return dw, of shape (O, C, kh, kw), the
    gradient with respect to the filters, summed over all outputs of all images.
    """
    # BEGIN SOLUTION
    _, kw, channels, _, _ = G.shape
    filters = dz.shape[1]
    products = [
        deltas.reshape(filters, -1) @ G[i : i + kh].reshape(kh * kw * channels, -1).T for i, deltas in enumerate(dz)
    ]
    return sum(products).reshape(filters, kh, kw, channels).transpose(0, 3, 1, 2)
    # END SOLUTION


def count_work(size, shape):
    """Exercise 6.4: What a layer costs.

    One image of `size` (height, width) meets filters of `shape` (O, C, kh, kw), with stride 1. Return three whole
    numbers: how many multiply-adds all products W P take, how many numbers im2col copies, and how many G holds. Make no
    array of that size: count.
    """
    # BEGIN SOLUTION
    (height, width), (filters, channels, kh, kw) = size, shape
    down, right = height - kh + 1, width - kw + 1
    pixels = channels * kh * kw
    return down * right * filters * pixels, down * right * pixels, height * kw * channels * right
    # END SOLUTION


def sixteen_products(w, x):
    """Exercise 6.5: Sixteen products for thirty-six.

    A tile of 2 x 2 outputs y[i, j] = sum over p, q of w[p, q] x[i + p, j + q], of one filter w of shape (3, 3) and a
    patch x of shape (4, 4). Return (u, v, y): u of shape (4, 4) is made of the filter alone, v of shape (4, 4) of the
    patch alone, and y of shape (2, 2) of sums and differences of the sixteen products u * v. Hint: write section 6.7's
    four products as matrices and use them on the columns, then on the rows.
    """
    # BEGIN SOLUTION
    weights_in = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
    pixels_in = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
    outputs_from = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])
    u = weights_in @ w @ weights_in.T
    v = pixels_in @ x @ pixels_in.T
    return u, v, outputs_from @ (u * v) @ outputs_from.T
    # END SOLUTION
