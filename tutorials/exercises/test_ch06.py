"""Grades chapter 6: making NumPy fast."""

import itertools

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

SHAPES = [(1, 1, 1, 1), (1, 1, 3, 3), (2, 3, 2, 4), (3, 2, 3, 1)]
every_shape = pytest.mark.parametrize("shape", SHAPES)


def has_shape(name, array, wanted):
    assert np.shape(array) == wanted, f"{name} has shape {np.shape(array)}, should be {wanted}"


IMAGES = {
    "in C order": lambda x: x[:7, :9].copy(),
    "transposed": lambda x: x[:7, :9].copy().T,
    "every second pixel of another": lambda x: x[::2, ::2],
    "upside down": lambda x: x[::-1],
    "one line": lambda x: x[:1],
    "in single precision": lambda x: x.astype(np.float32),
}


@pytest.mark.exercise("6.1")
@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize("window", [(1, 1), (3, 3), (1, 4), (5, 2)])
def test_ch06_windows_literally(student, rng, image, window):
    """v[i, j, p, q] is x[i + p, j + q], however the image lies in memory."""
    x = IMAGES[image](rng.standard_normal((14, 18)))
    if window[0] > len(x):
        window = (1, window[1])
    v = student.windows(x, *window)
    has_shape("v", v, (x.shape[0] - window[0] + 1, x.shape[1] - window[1] + 1, *window))
    wanted = sliding_window_view(x, window)
    np.testing.assert_array_equal(v, wanted, err_msg=f"windows of {window} of an image {image}")


@pytest.mark.exercise("6.1")
@pytest.mark.parametrize("image", IMAGES)
def test_ch06_windows_copy_nothing(student, rng, image):
    """The windows are a view: they share the image's memory, and see what is written to it."""
    x = IMAGES[image](rng.standard_normal((14, 18)))
    v = student.windows(x, 1, 2)
    assert np.shares_memory(v, x), f"v has memory of its own: the image {image} was copied"
    x[0, 4] = 99
    assert v[0, 3, 0, 1] == 99, f"v does not see what is written to the image {image}"


@pytest.mark.exercise("6.2")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(6, 3, 2, 4, 5), (5, 1, 1, 1, 1), (9, 2, 3, 2, 1)])
@pytest.mark.parametrize(("kh", "step"), [(1, 1), (3, 1), (3, 2), (5, 3), (2, 4)])
def test_ch06_patches_are_parts_of_the_pixels(student, rng, shape, kh, step, dtype):
    """P[i] holds the rows of G from i * step on, kh of them, each line of G being a line of P."""
    G = rng.standard_normal(shape).astype(dtype)
    P = student.all_patches(G, kh, step)
    starts = range(0, len(G) - kh + 1, step)
    has_shape("P", P, (len(starts), kh * shape[1] * shape[2], shape[3] * shape[4]))
    for i, start in enumerate(starts):
        wanted = G[start : start + kh].reshape(P.shape[1:])
        np.testing.assert_array_equal(P[i], wanted, err_msg=f"kh {kh}, step {step}: P[{i}]")


@pytest.mark.exercise("6.2")
def test_ch06_patches_copy_nothing(student, rng):
    """P is a view of G, and patches that have rows in common have them in the same memory."""
    G = rng.standard_normal((6, 3, 2, 4, 5))
    P = student.all_patches(G, 3)
    assert np.shares_memory(P, G), "P has memory of its own: something was copied"
    assert np.shares_memory(P[0], P[1]), "P[0] and P[1] have two rows in common, but not their memory"


@pytest.mark.exercise("6.3")
@every_shape
@pytest.mark.parametrize("count", [1, 3])
def test_ch06_filter_gradient_law(student, rng, shape, count):
    """<dz, z> = <dw, w> for all filters w and all dz, where z are the outputs of these filters."""
    _, channels, kh, kw = shape
    images = rng.standard_normal((count, channels, kh + 3, kw + 2))
    G = np.ascontiguousarray(sliding_window_view(images, kw, axis=3).transpose(2, 4, 1, 3, 0))
    w = rng.standard_normal(shape)
    z = np.einsum("ncijpq,ocpq->iojn", sliding_window_view(images, (kh, kw), axis=(2, 3)), w)
    dz = rng.standard_normal(z.shape)
    dw = student.filter_gradient(dz, G, kh)
    has_shape("dw", dw, shape)
    np.testing.assert_allclose((dw * w).sum(), (dz * z).sum(), rtol=1e-9, atol=1e-9, err_msg="<dw, w>")


@pytest.mark.exercise("6.4")
@every_shape
def test_ch06_count_work_by_counting(student, shape):
    """A product meets every weight once an output; im2col copies a patch an output, G a shifted row an image row."""
    filters, channels, kh, kw = shape
    size = (kh + 2, kw + 3)
    patches = itertools.product(range(3), range(4), range(channels), range(kh), range(kw))
    copied = sum(1 for _ in patches)
    gathered = sum(1 for _ in itertools.product(range(size[0]), range(kw), range(channels), range(4)))
    got, wanted = tuple(student.count_work(size, shape)), (filters * copied, copied, gathered)
    assert got == wanted, f"image {size}, filters {shape}: {got}, should be {wanted}"


def products_and_tiles(student, rng, count):
    """Return the products and the tiles of random filters and patches, one a row."""
    done = [student.sixteen_products(rng.standard_normal((3, 3)), rng.standard_normal((4, 4))) for _ in range(count)]
    return np.array([np.ravel(u * v) for u, v, _ in done]), np.array([np.ravel(y) for _, _, y in done])


@pytest.mark.exercise("6.5")
def test_ch06_sixteen_products_give_the_tile(student, rng):
    """y[i, j] is the sum over p, q of w[p, q] x[i + p, j + q]."""
    for _ in range(5):
        w, x = rng.standard_normal((3, 3)), rng.standard_normal((4, 4))
        y = student.sixteen_products(w, x)[2]
        has_shape("y", y, (2, 2))
        np.testing.assert_allclose(y, (sliding_window_view(x, (3, 3)) * w).sum(axis=(2, 3)), rtol=1e-9, atol=1e-9)


@pytest.mark.exercise("6.5")
def test_ch06_sixteen_products_know_one_side_each(student, rng):
    """u does not change with the patch, nor v with the filter; both have shape (4, 4)."""
    w, x = rng.standard_normal((2, 3, 3)), rng.standard_normal((2, 4, 4))
    (u, v, _), (u_again, v_other, _), (u_other, v_again, _) = (
        student.sixteen_products(w[i], x[j]) for i, j in ((0, 0), (0, 1), (1, 0))
    )
    has_shape("u", u, (4, 4))
    has_shape("v", v, (4, 4))
    np.testing.assert_array_equal(u, u_again, err_msg="u depends on the patch")
    np.testing.assert_array_equal(v, v_again, err_msg="v depends on the filter")
    assert not np.array_equal(u, u_other) and not np.array_equal(v, v_other), "u or v is always the same"


@pytest.mark.exercise("6.5")
def test_ch06_sixteen_products_suffice(student, rng):
    """y is made of the sixteen products u * v alone, always by the same sums and differences."""
    products, tiles = products_and_tiles(student, rng, 60)
    sums = np.linalg.lstsq(products, tiles, rcond=None)[0]
    rest = np.abs(products @ sums - tiles).max()
    assert rest < 1e-9, f"no sums of the products give y: the best are {rest:.2g} away from it"


@pytest.mark.exercise("6.5")
def test_ch06_sixteen_products_are_all_that_y_knows(student, rng):
    """y is computed from the products u * v: where they are the same numbers, so is y."""
    w, x = rng.standard_normal((3, 3)), rng.standard_normal((4, 4))
    # Beside 1e20, rounding swallows the corner x[0, 0] in v; in y[0, 0] itself a weight of 0 takes the 1e20 away.
    x[2, 2], w[2, 2] = 1e20, 0
    other = x.copy()
    other[0, 0] += 1
    (u, v, y), (u_other, v_other, y_other) = (student.sixteen_products(w, patch) for patch in (x, other))
    same = np.array_equal(np.multiply(u, v), np.multiply(u_other, v_other))
    told = f"y[0, 0] is {np.ravel(y)[0]:.6g} and {np.ravel(y_other)[0]:.6g}"
    assert not same or np.array_equal(y, y_other), f"with the same sixteen products {told}: it was made without them"
