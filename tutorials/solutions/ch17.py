"""Chapter 17, Dreams: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch17.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np


def step_within(x, slope, rate, low, high):
    """Exercise 17.1: One step within bounds.

    `x` is a picture with pixels from `low` to `high`, `slope` of the same shape the derivative of what it should raise.
    Leave out of the slope the pixels that stand at a bound and would cross it. Scale what is left to the root mean
    square `rate` (over all pixels), take the step uphill, and clip. Where nothing is left, return `x` as it is.
    """
    # BEGIN SOLUTION
    stuck = ((x <= low) & (slope < 0)) | ((x >= high) & (slope > 0))
    slope = np.where(stuck, 0, slope)
    size = np.sqrt(np.mean(slope**2))
    return np.clip(x + rate * slope / size, low, high) if size else x
    # END SOLUTION


def mean_spectrum(images):
    """Exercise 17.2: The mean spectrum of images.

    `images` have the shape (N, H, W). Return the mean over the images of the size (absolute value) of each Fourier
    coefficient, of shape (H, W // 2 + 1), by `np.fft.rfft2` with norm="ortho".
    """
    # BEGIN SOLUTION
    return np.abs(np.fft.rfft2(images, norm="ortho")).mean(axis=0)
    # END SOLUTION


def adjoint_of_irfft2(g):
    """Exercise 17.3: The adjoint of irfft2.

    `g` of shape (H, W) is a slope in pixels. Return the slope A g in the coefficients F of x = irfft2(F, s=(H, W),
    norm="ortho"), complex and of shape (H, W // 2 + 1): for every F the sum of g * x is the sum of the real part of
    conj(F) * A g. Widths may be even or odd.
    """
    # BEGIN SOLUTION
    found = np.fft.rfft2(g, norm="ortho")
    found[:, 1 : (g.shape[1] + 1) // 2] *= 2
    return found
    # END SOLUTION


def total_variation(x):
    """Exercise 17.4: Total variation and its slope.

    `x` of shape (H, W) is a picture. Return two things: the sum of the sizes of the differences between neighbours,
    down and across (nothing beyond the border), and its derivative by each pixel, of shape (H, W). Equal neighbours add
    nothing to the derivative.
    """
    # BEGIN SOLUTION
    down, across = np.diff(x, axis=0), np.diff(x, axis=1)
    slope = np.zeros(x.shape)
    slope[1:] += np.sign(down)
    slope[:-1] -= np.sign(down)
    slope[:, 1:] += np.sign(across)
    slope[:, :-1] -= np.sign(across)
    return np.abs(down).sum() + np.abs(across).sum(), slope
    # END SOLUTION
