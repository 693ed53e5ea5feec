"""Photographs taken otherwise: each copy is a window of the image drawn large, mirrored or not, in another light."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinynet.studies.gulati.crops import answers, enlarged, retaken


@given(st.integers(1, 9), st.floats(0.3, 1), st.floats(0, 1), st.integers(0, 1))
def test_what_rises_in_a_straight_line_does_so_within_a_window(length, share, place, axis):
    ramp = np.arange(float(length))
    image = np.broadcast_to(ramp if axis else ramp[:, None], (length, length))[None]
    start = place * (1 - share) * length
    expected = np.clip(start + (np.arange(length) + 0.5) * share - 0.5, 0, length - 1)
    found = enlarged(image, axis + 1, start, share)
    np.testing.assert_allclose(found[0, 0] if axis else found[0, :, 0], expected, atol=1e-12)


@given(st.integers(0, 3), st.integers(1, 3), st.floats(0.3, 1), st.floats(0, 0.5), st.integers(0, 99))
def test_copies_stay_images_with_the_answers_to_all(count, copies, least, light, seed):
    x = np.random.default_rng(seed).random((count, 3, 6, 5)).astype(np.float32)
    kept = x.copy()
    found, answers = retaken(x, np.arange(count), copies, least, light, np.random.default_rng(seed))
    again, _ = retaken(x, np.arange(count), copies, least, light, np.random.default_rng(seed))
    np.testing.assert_array_equal(found, again)
    np.testing.assert_array_equal(x, kept)
    assert found.dtype == x.dtype and answers.tolist() == [*range(count)] * copies
    assert ((found >= 0) & (found <= 1)).all()


def test_the_whole_image_in_the_same_light_is_it_or_its_mirror_image():
    x = np.random.default_rng(0).random((20, 1, 4, 4))
    found, _ = retaken(x, np.zeros(20), 1, 1.0, 0.0, np.random.default_rng(0))
    mirrored = [np.allclose(copy, image[..., ::-1]) for copy, image in zip(found, x, strict=True)]
    assert all(m or np.allclose(copy, image) for m, copy, image in zip(mirrored, found, x, strict=True))
    assert 0 < sum(mirrored) < 20


@pytest.mark.parametrize(("least", "light"), [(0.5, 0.0), (1.0, 0.2)])
def test_copies_differ(least, light):
    x = np.random.default_rng(0).random((1, 1, 8, 8))
    found, _ = retaken(x, np.zeros(1), 20, least, light, np.random.default_rng(0))
    assert len({copy.tobytes() for copy in found}) == 20


class OfItself:
    """A network whose answers are its images."""

    def __call__(self, x):
        return x.reshape(len(x), math.prod(x.shape[1:]))


@given(st.integers(0, 3), st.integers(1, 7), st.integers(1, 7), st.floats(0.3, 1))
def test_answers_are_the_mean_over_the_image_and_five_windows_both_ways_round(count, rows, columns, share):
    x = np.random.default_rng(rows).random((count, 2, rows, columns))
    expected = (x + x[..., ::-1]) / 12
    for down, across in ((0, 0), (0, 1), (1, 0), (1, 1), (0.5, 0.5)):
        for n, image in enumerate(x):
            window = enlarged(image, 1, down * (1 - share) * rows, share)
            window = enlarged(window, 2, across * (1 - share) * columns, share)
            expected[n] += window / 12 + window[..., ::-1] / 12
    np.testing.assert_allclose(answers(OfItself(), x, share), expected.reshape(count, 2 * rows * columns), atol=1e-12)


def test_answers_to_whole_images_are_those_to_them_and_their_mirror_images():
    x = np.random.default_rng(0).random((3, 1, 4, 4))
    np.testing.assert_allclose(answers(OfItself(), x, 1.0), ((x + x[..., ::-1]) / 2).reshape(3, -1), atol=1e-12)
