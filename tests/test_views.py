"""More views of the same images: each copy is a window of the image with its edges drawn out, mirrored or not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinynet.studies.engine.views import mirrored

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
