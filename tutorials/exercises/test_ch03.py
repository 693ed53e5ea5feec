"""Grades chapter 3: convolution and pooling."""

from numbers import Integral

import numpy as np
import pytest
from scipy import signal

import tinynet as tn

SHAPES = [((6, 7), (3, 3)), ((5, 9), (2, 4)), ((4, 4), (4, 4)), ((7, 5), (1, 1)), ((8, 6), (5, 2))]


def places(image, window):
    """Return the shape of what a filter makes of an image."""
    return tuple(n - k + 1 for n, k in zip(image, window, strict=True))


def same_number(name, got, wanted):
    """Compare two inner products that an adjoint law makes equal."""
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9, err_msg=name)


def same_array(name, got, wanted, turned):
    """Compare two arrays; `turned` is what the usual slip gives, a filter turned round."""
    slip = np.allclose(got, turned) and f"{name} is that of the filter turned round by 180 degrees"
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9, err_msg=slip or name)


def has_shape(name, array, wanted):
    assert np.shape(array) == wanted, f"{name} has shape {np.shape(array)}, should be {wanted}"


@pytest.mark.exercise("3.1")
@pytest.mark.parametrize(("image", "window"), SHAPES)
def test_ch03_correlate_literally(student, rng, image, window):
    """z[i, j] is the sum over p, q of w[p, q] x[i + p, j + q]."""
    x, w = rng.standard_normal(image), rng.standard_normal(window)
    z = np.asarray(student.correlate(x, w))
    has_shape("z", z, places(image, window))
    wanted = np.empty(z.shape)
    for i, j in np.ndindex(z.shape):
        wanted[i, j] = sum(w[p, q] * x[i + p, j + q] for p, q in np.ndindex(window))
    same_array("z", z, wanted, signal.convolve2d(x, w, "valid"))


@pytest.mark.exercise("3.1")
def test_ch03_correlate_leaves_its_arguments_alone(student, rng):
    """Image and filter are the same afterwards."""
    x, w = rng.standard_normal((5, 6)), rng.standard_normal((2, 3))
    copies = x.copy(), w.copy()
    student.correlate(x, w)
    np.testing.assert_array_equal(x, copies[0], err_msg="the image was written to")
    np.testing.assert_array_equal(w, copies[1], err_msg="the filter was written to")


@pytest.mark.exercise("3.2")
def test_ch03_output_size_counts_places(student):
    """The number of places is what one counts by moving the window until it would hang over the edge."""
    for length in range(3, 12):
        for size in range(1, 4):
            for stride in range(1, 5):
                for padding in range(3):
                    counted = len(range(0, length + 2 * padding - size + 1, stride))
                    got = student.output_size(length, size, stride, padding)
                    case = f"length {length}, size {size}, stride {stride}, padding {padding}"
                    assert got == counted, f"{case}: {got}, should be {counted}"


@pytest.mark.exercise("3.2")
def test_ch03_output_size_is_a_whole_number(student):
    """The number of places is an int, Python's or NumPy's, so that it can be used as a length."""
    got = student.output_size(7, 2, 2)
    assert isinstance(got, Integral), f"{got!r} is no int: did you divide with / instead of //?"


@pytest.mark.exercise("3.3")
def test_ch03_receptive_field_of_nothing(student):
    """A pixel sees itself, and its neighbour is one pixel away."""
    assert tuple(student.receptive_field([])) == (1, 1)


@pytest.mark.exercise("3.3")
@pytest.mark.parametrize(
    "windows",
    [[(5, 1)], [(2, 2)], [(5, 1), (2, 2), (5, 1)], [(3, 2), (3, 2), (2, 2)], [(4, 3), (1, 2), (3, 1)]],
)
def test_ch03_receptive_field_by_touching_pixels(student, windows):
    """r reaches from the first to the last pixel that moves a place's output, and j from there to its neighbour's."""
    layers = []
    for size, stride in windows:
        layers.append(tn.Conv2D(1, (1, size), stride=(1, stride), bias=False))
        layers[-1].params["W"] = np.ones((1, 1, 1, size))
    x = np.eye(100)[:, None, None, :]
    for layer in layers:
        x = layer.forward(x)
    first, second = (np.flatnonzero(x[:, 0, 0, place]).tolist() for place in (0, 1))
    wanted = (first[-1] - first[0] + 1, second[0] - first[0])
    got = tuple(student.receptive_field(windows))
    assert got == wanted, f"{windows}: (r, j) is {got}, should be {wanted}"


@pytest.mark.exercise("3.4")
@pytest.mark.parametrize(("image", "window"), SHAPES)
def test_ch03_input_adjoint_law(student, rng, image, window):
    """<dz, correlate(x, w)> = <input_adjoint(dz, w), x> for all x, w and dz."""
    x, w, dz = rng.standard_normal(image), rng.standard_normal(window), rng.standard_normal(places(image, window))
    dx = student.input_adjoint(dz, w)
    has_shape("dx", dx, image)
    same_array("dx", dx, signal.convolve2d(dz, w), signal.correlate2d(dz, w))
    same_number("<dx, x>", (dx * x).sum(), (dz * signal.correlate2d(x, w, "valid")).sum())


@pytest.mark.exercise("3.4")
def test_ch03_input_adjoint_stamps_the_filter(student):
    """A delta of 1 at one place puts the filter itself onto the image there; where two overlap, they add up."""
    w = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    dz = np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    wanted = [[0, 1, 3, 5, 3], [0, 4, 9, 11, 6], [0, 0, 0, 0, 0]]
    np.testing.assert_allclose(student.input_adjoint(dz, w), wanted)


@pytest.mark.exercise("3.5")
@pytest.mark.parametrize(("image", "window"), SHAPES)
def test_ch03_filter_adjoint_law(student, rng, image, window):
    """<dz, correlate(x, w)> = <filter_adjoint(dz, x), w> for all x, w and dz."""
    x, w, dz = rng.standard_normal(image), rng.standard_normal(window), rng.standard_normal(places(image, window))
    dw = student.filter_adjoint(dz, x)
    has_shape("dw", dw, window)
    wanted = signal.correlate2d(x, dz, "valid")
    same_array("dw", dw, wanted, wanted[::-1, ::-1])
    same_number("<dw, w>", (dw * w).sum(), (dz * signal.correlate2d(x, w, "valid")).sum())


@pytest.mark.exercise("3.6")
def test_ch03_max_pool_values(student):
    """Each output is the largest of four pixels."""
    x = np.array([[1.0, 2.0, 5.0, 0.0], [4.0, 3.0, -1.0, -2.0], [-1.0, -2.0, 7.0, 7.0], [-3.0, -4.0, 6.0, 7.0]])
    np.testing.assert_array_equal(student.MaxPool().forward(x), [[4, 5], [-1, 7]])


@pytest.mark.exercise("3.6")
def test_ch03_max_pool_breaks_ties_in_reading_order(student):
    """A tie's delta goes to one pixel, the first in reading order, so no gradient is made or lost."""
    layer = student.MaxPool()
    x = np.array([[2.0, 2.0, 0.0, 1.0], [2.0, 2.0, 1.0, 1.0]])
    dx = layer.backward(np.array([[10.0, 20.0]]), x, layer.forward(x))
    np.testing.assert_array_equal(dx, [[10, 0, 0, 20], [0, 0, 0, 0]])


@pytest.mark.exercise("3.6")
def test_ch03_max_pool_keeps_the_laws(student, assert_layer):
    """Every law of a layer holds."""
    assert_layer(student.MaxPool(), (2, 4, 6))
