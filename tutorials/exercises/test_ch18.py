"""Grades chapter 18: designing a better network by looking."""

import numpy as np
import pytest


@pytest.mark.exercise("18.1")
def test_ch18_silent_by_hand(student):
    """Of four units one is dead, one constant at 3, one ranges over 1 % of the largest range, and one works."""
    outputs = np.zeros((2, 4, 1, 2))
    outputs[:, 1] = 3.0
    outputs[0, 2] = [[0.0, 0.64]]
    outputs[0, 3] = [[0.0, 64.0]]
    dead, constant = student.silent_units(outputs)
    assert list(map(bool, dead)) == [True, False, False, False]
    assert list(map(bool, constant)) == [False, True, True, False]


@pytest.mark.exercise("18.1")
def test_ch18_silent_for_all_images(student):
    """A unit works that differs from image to image alone, or has opposite signs, or is never positive."""
    outputs = np.zeros((2, 3, 2, 2))
    outputs[:, 2] = np.array([-1.0, -2.0])[:, None, None]
    outputs[:, 0] = np.array([1.0, 2.0])[:, None, None]
    outputs[:, 1] = np.array([[1.0, -1.0], [1.0, -1.0]])
    dead, constant = student.silent_units(outputs)
    assert not np.any(dead) and not np.any(constant)


@pytest.mark.exercise("18.2")
def test_ch18_copies_by_hand(student, rng):
    """Twice a unit and its negative are copies of the one that varies most; a unit of its own is none."""
    one, other = rng.normal(size=(2, 200))
    found = student.copies(np.stack([one, 2 * one + 7, other, -0.5 * one]))
    assert list(map(int, found)) == [1, -1, -1, 1]


@pytest.mark.exercise("18.2")
def test_ch18_copies_of_what_is_kept(student, rng):
    """In a chain whose ends are not alike, nobody is a copy of a copy."""
    first, second = np.linalg.qr(rng.normal(size=(500, 2)))[0].T
    first, second = first - first.mean(), second - second.mean()
    turn = np.deg2rad([0, 15, 30])
    chain = np.array([3.0, 2.0, 1.0])[:, None] * (np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second)
    assert list(map(int, student.copies(chain, 0.95))) == [-1, 0, -1]


@pytest.mark.exercise("18.2")
def test_ch18_copies_of_the_nearest(student, rng):
    """Of two kept units that are both alike enough, the copy is of the one that is more alike."""
    first, second = rng.normal(size=(2, 500))
    first, second = first - first.mean(), second - second.mean()
    first, second = np.linalg.qr(np.stack([first, second], axis=1))[0].T
    turn = np.deg2rad([0, 20, 14])
    units = np.array([3.0, 2.0, 1.0])[:, None] * (np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second)
    assert list(map(int, student.copies(units, 0.95))) == [-1, -1, 1]


@pytest.mark.exercise("18.3")
def test_ch18_folded_layer_computes_the_same(student, rng):
    """Whatever the activations, the smaller layer puts out what the larger one does, and that one stays as it was."""
    for copy, kept in ((0, 2), (3, 1)):
        w, b, a = rng.normal(size=(3, 4)), rng.normal(size=3), rng.normal(size=(5, 4))
        a[:, copy] = -2.0 * a[:, kept] + 0.5
        before = w.copy(), b.copy()
        smaller, bias = student.without_copy(w, b, copy, kept, -2.0, 0.5)
        assert np.shape(smaller) == (3, 3), f"the weights have shape {np.shape(smaller)}, should be (3, 3)"
        np.testing.assert_allclose(np.delete(a, copy, axis=1) @ np.asarray(smaller).T + bias, a @ w.T + b, atol=1e-5)
        np.testing.assert_array_equal(w, before[0], err_msg="the weights were changed")
        np.testing.assert_array_equal(b, before[1], err_msg="the biases were changed")


@pytest.mark.exercise("18.4")
def test_ch18_folded_of_waves(student):
    """A slow wave folds nothing, nor does one at the limit; a fast one folds everything. Power is what counts."""
    at = np.arange(24)
    slow, fast = np.cos(2 * np.pi * 2 * at / 24), np.cos(2 * np.pi * 9 * at / 24)
    limit, fastest = np.cos(2 * np.pi * 6 * at / 24), np.cos(np.pi * at)
    for rows, share in (
        (slow, 0),
        (fast, 1),
        (2 * slow + fast, 0.2),
        (5 + slow, 0),
        (limit, 0),
        (slow + fastest, 2 / 3),
    ):
        assert student.folded_share(rows[None], 2) == pytest.approx(share, abs=1e-6)
    assert student.folded_share(fast[None], 1) == pytest.approx(0, abs=1e-12)


@pytest.mark.exercise("18.4")
def test_ch18_folded_of_several_rows(student):
    """Rows count by their power about a mean of their own, not each the same."""
    at = np.arange(24)
    rows = np.stack([3 * np.cos(2 * np.pi * 2 * at / 24), np.cos(2 * np.pi * 9 * at / 24)])
    assert student.folded_share(rows, 2) == pytest.approx(0.1)
    assert student.folded_share(rows + np.array([[7.0], [-4.0]]), 2) == pytest.approx(0.1), "rows of different means"


@pytest.mark.exercise("18.5")
def test_ch18_p_by_hand(student):
    """Three times better: of eight choices of signs one is as good. A little worse, but within the margin: the same."""
    assert student.p_worse([0.91, 0.92, 0.93], [0.9, 0.9, 0.9], 0.0) == pytest.approx(1 / 8)
    assert student.p_worse([0.89, 0.89, 0.89], [0.9, 0.9, 0.9], 0.02) == pytest.approx(1 / 8)
    assert student.p_worse([0.88, 0.88, 0.88], [0.9, 0.9, 0.9], 0.01) == pytest.approx(1)


@pytest.mark.exercise("18.5")
def test_ch18_p_is_paired(student):
    """Seeds differ more than designs do, and that does not matter: each is compared with its own."""
    old = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
    assert student.p_worse(old + 0.01, old, 0.0) == pytest.approx(1 / 32)
    assert student.p_worse(old + np.array([0.03, -0.01, 0.02, 0.01, 0.02]), old, 0.0) == pytest.approx(3 / 32)
