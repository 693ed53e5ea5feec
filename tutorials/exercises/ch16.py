"""Chapter 16, Looking through filters: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch16.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np


def pixels_seen(windows, place):
    """Exercise 16.1: What a place sees.

    `windows` is a list of (size, stride, padding), from the lowest layer to the highest; `place` is a row, or a column,
    of the highest map. Return (first, last), the first and the last pixel that the place sees along this axis, both
    included. A window of a map that is padded by p begins p places further out, so `first` may be negative, and `last`
    may lie beyond the image. Without any window a place sees itself.
    """
    raise NotImplementedError("Exercise 16.1: What a place sees")


def best_places(maps, count):
    """Exercise 16.2: Where a unit answers most.

    `maps` of shape (N, H, W) are the outputs of one unit for N images. Return the `count` strongest places, the
    strongest first, as a list of (image, row, column), whole numbers: *one place an image at most*, its strongest. Of
    equal ones the earlier image comes first, and within an image the first in reading order.
    """
    raise NotImplementedError("Exercise 16.2: Where a unit answers most")


def unpool(signal, x):
    """Exercise 16.3: Unpooling with switches.

    `x` of shape (H, W), H and W even, is what a max pool of 2 x 2 pixels got in the forward pass; `signal` of shape
    (H/2, W/2) comes down to its output. Return an array of the shape of `x`: each value of the signal where the largest
    pixel of its window was, of equal ones the first in reading order, and 0 elsewhere.
    """
    raise NotImplementedError("Exercise 16.3: Unpooling with switches")


def carried_back(weights, x, unit, rule):
    """Exercise 16.4: Three ways back.

    `weights` are the matrices of dense layers without biases, the first one first, each of shape (units, inputs), with
    a ReLU behind each *except the last*; `x` of shape (inputs,) is an image. Start with 1 at net input `unit` of the
    last layer and 0 at the others, and carry that down to the pixels: through each matrix transposed, and through each
    ReLU by the `rule`, "gradient", "deconvolution" or "guided". Return an array of the shape of `x`. A net input of
    exactly 0 counts as off.
    """
    raise NotImplementedError("Exercise 16.4: Three ways back")


# For authors alone: course.py made this from solutions/ch16.py, and sees by 7aff6a17c8818284 whether it was changed.
