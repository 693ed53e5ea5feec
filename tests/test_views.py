"""More views of the same images: each copy is a window of the image with its edges drawn out, mirrored or not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinynet.studies.engine.views import mirrored, shifted

SIZES = st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))


def images(size, seed):
    return np.random.default_rng(seed).random(size).astype(np.float32)


@given(SIZES, st.integers(0, 99))
def test_each_image_has_its_mirror_image(size, seed):
    x, y = images(size, seed), np.arange(size[0])
    both, answers = mirrored(x, y)
    assert both.dtype == x.dtype and answers.tolist() == [*y, *y]
    for image, other in zip(both[: len(x)], both[len(x) :], strict=True):
        for column in range(size[3]):
            np.testing.assert_array_equal(other[:, :, column], image[:, :, size[3] - 1 - column])


def window(image, down, right, mirror):
    """Return an image moved, number by number; what comes in from beyond the edge is the edge."""
    height, width = image.shape[1:]
    moved = np.empty_like(image)
    for row in range(height):
        for column in range(width):
            seen = width - 1 - column if mirror else column
            place = np.clip(row + down, 0, height - 1), np.clip(seen + right, 0, width - 1)
            moved[:, row, column] = image[:, place[0], place[1]]
    return moved


@given(SIZES, st.integers(1, 3), st.integers(0, 2), st.integers(0, 99))
def test_each_copy_is_the_image_moved_by_no_more_than_asked_for(size, copies, reach, seed):
    x, y = images(size, seed), np.arange(size[0]) * 3
    found, answers = shifted(x, y, copies, reach, np.random.default_rng(seed))
    again, _ = shifted(x, y, copies, reach, np.random.default_rng(seed))
    np.testing.assert_array_equal(found, again)
    assert found.dtype == x.dtype and answers.tolist() == [*y] * copies
    moves = range(-reach, reach + 1)
    for number, copy in enumerate(found):
        image = x[number % len(x)]
        assert any(
            np.array_equal(copy, window(image, down, right, mirror))
            for down in moves
            for right in moves
            for mirror in (False, True)
        )


def test_copies_differ():
    x = images((1, 1, 8, 8), 0)
    found, _ = shifted(x, np.zeros(1), 40, 3, np.random.default_rng(0))
    assert len({copy.tobytes() for copy in found}) > 20
