"""Chapter 3, Convolution and pooling: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch03.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np

import tinynet as tn


def correlate(x, w):
    """Exercise 3.1: Slide a filter over an image.

    Return z with z[i, j] = sum over p, q of w[p, q] x[i + p, j + q], at every place where the filter lies wholly inside
    the image. The image x has shape (height, width) and the filter w shape (kh, kw); they need not be square, and z has
    shape (height - kh + 1, width - kw + 1). Hint: x[p : p + n, q : q + m] is the image, shifted and cut.
    """
    # BEGIN SOLUTION
    kh, kw = w.shape
    n, m = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    z = np.zeros((n, m))
    for p in range(kh):
        for q in range(kw):
            z += w[p, q] * x[p : p + n, q : q + m]
    return z
    # END SOLUTION


def output_size(length, size, stride=1, padding=0):
    """Exercise 3.2: How many places.

    Return on how many places a window of `size` pixels fits a line of `length` pixels, with `padding` zeros added at
    *each* end, if it moves `stride` pixels at a time and never hangs over the edge: a whole number (int).
    """
    # BEGIN SOLUTION
    return (length + 2 * padding - size) // stride + 1
    # END SOLUTION


def receptive_field(windows):
    """Exercise 3.3: What a unit sees.

    `windows` is a list of pairs (size, stride), from the lowest layer to the highest, convolutions and pools alike.
    Return (r, j): the side r of the part of the image that one place of the highest layer sees, and the distance j
    between the parts that two neighbouring places see, both in pixels. Without any window both are 1.
    """
    # BEGIN SOLUTION
    r, j = 1, 1
    for size, stride in windows:
        r += (size - 1) * j
        j *= stride
    return r, j
    # END SOLUTION


def input_adjoint(dz, w):
    """Exercise 3.4: Back to the image.

    Return the delta dx at the image, given the delta dz at the output of z = correlate(x, w): the filter's footprint is
    put back at each place, times its delta. With dz of shape (n, m) and w of shape (kh, kw), dx has the shape of the
    image, (n + kh - 1, m + kw - 1).
    """
    # BEGIN SOLUTION
    (n, m), (kh, kw) = dz.shape, w.shape
    dx = np.zeros((n + kh - 1, m + kw - 1))
    for p in range(kh):
        for q in range(kw):
            dx[p : p + n, q : q + m] += w[p, q] * dz
    return dx
    # END SOLUTION


def filter_adjoint(dz, x):
    """Exercise 3.5: Back to the filter.

    Return the delta dw at the filter, given the image x and the delta dz at the output of z = correlate(x, w): each
    weight collects from all the places where it was used. With x of shape (height, width) and dz of shape (n, m), dw
    has the shape of the filter, (height - n + 1, width - m + 1).
    """
    # BEGIN SOLUTION
    n, m = dz.shape
    dw = np.zeros((x.shape[0] - n + 1, x.shape[1] - m + 1))
    for p, q in np.ndindex(dw.shape):
        dw[p, q] = (dz * x[p : p + n, q : q + m]).sum()
    return dw
    # END SOLUTION


class MaxPool(tn.Layer):
    """Exercise 3.6: Max pooling as a layer.

    The largest value of each window of 2 x 2 pixels; windows do not overlap. Inputs have shape (..., height, width),
    both even, and outputs (..., height / 2, width / 2); `dy` may have more leading axes than `x`. `backward` gives each
    delta to the largest pixel of its window, and to the first of them in reading order where several are equal. Hint:
    bring the four pixels of each window together on a last axis of length 4, and use argmax.
    """

    def forward(self, x):
        # BEGIN SOLUTION
        *batch, height, width = x.shape
        return x.reshape(*batch, height // 2, 2, width // 2, 2).max(axis=(-3, -1))
        # END SOLUTION

    def backward(self, dy, x, y):
        # BEGIN SOLUTION
        *batch, height, width = x.shape
        windows = x.reshape(*batch, height // 2, 2, width // 2, 2).swapaxes(-3, -2)
        flat = windows.reshape(*batch, height // 2, width // 2, 4)
        wins = np.arange(4) == flat.argmax(axis=-1)[..., None]
        shares = (dy[..., None] * wins).reshape(*dy.shape, 2, 2).swapaxes(-3, -2)
        return shares.reshape(*dy.shape[:-2], height, width)
        # END SOLUTION
