# Made from solutions/ch06.py by course.py
# SHA-256 of the lines below: 9590782b6f57b101c1d7b01ba2f007768e356c8860e882ab0f33eb5712f69d87
"""Chapter 6, Making NumPy fast: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. ``pytest tutorials/exercises -k ch06`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def windows(x, kh, kw):
    """Exercise 6.1: Windows without a copy.

    Return a view v of the image x with v[i, j, p, q] = x[i + p, j + q], for all windows of kh x kw pixels that lie
    wholly inside. Nothing is copied: v and x share their memory. The image need not lie in C order: it may be a
    transposed one, or every second pixel of another. Hint: as_strided, and x.strides.
    """
    raise NotImplementedError("Exercise 6.1: Windows without a copy")


def all_patches(G, kh, step=1):
    """Exercise 6.2: Rows for free.

    G is a contiguous array of shape (rows, kw, C, places, N): the gathered pixels of section 6.4. Return P with
    P[i] = G[i * step : i * step + kh], reshaped to (kh * kw * C, places * N), for every i for which those rows are all
    there. P has shape (how many, kh * kw * C, places * N) and is a view: not one number of G is copied.
    """
    raise NotImplementedError("Exercise 6.2: Rows for free")


def toeplitz(w, th, tw):
    """Exercise 6.3: The matrix of a tile.

    Return T, which maps a patch to a tile of th x tw outputs, for filters w of shape (O, C, kh, kw). With
    ph = th + kh - 1 and pw = tw + kw - 1, it has O * th * tw rows, in the order (o, i, j), and ph * pw * C columns, in
    the order (p, q, c). The entry is w[o, c, p - i, q - j], or 0 where there is no such weight.
    """
    raise NotImplementedError("Exercise 6.3: The matrix of a tile")


def along_diagonals(dT, shape, th, tw):
    """Exercise 6.4: Back to the filters.

    Return dw, of `shape` (O, C, kh, kw), given dT, the gradient with respect to the matrix T of exercise 6.3. Each
    weight collects from all the places in T where it stands: once for each output of the tile.
    """
    raise NotImplementedError("Exercise 6.4: Back to the filters")


def count_work(size, shape, th, tw):
    """Exercise 6.5: What a tile costs.

    One image of `size` (height, width) meets filters of `shape` (O, C, kh, kw), with stride 1 and tiles of th x tw that
    fit the outputs without a rest. Return two whole numbers: how many multiply-adds all products T P take, zeros and
    all, and how many numbers G holds. Make no array of that size: count.
    """
    raise NotImplementedError("Exercise 6.5: What a tile costs")


def sixteen_products(w, x):
    """Exercise 6.6: Sixteen products for thirty-six.

    A tile of 2 x 2 outputs y[i, j] = sum over p, q of w[p, q] x[i + p, j + q], of one filter w of shape (3, 3) and a
    patch x of shape (4, 4). Return (u, v, y): u of shape (4, 4) is made of the filter alone, v of shape (4, 4) of the
    patch alone, and y of shape (2, 2) of sums and differences of the sixteen products u * v. Hint: write section 6.7's
    four products as matrices and use them on the columns, then on the rows.
    """
    raise NotImplementedError("Exercise 6.6: Sixteen products for thirty-six")
