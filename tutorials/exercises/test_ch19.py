"""Grades chapter 19: watching weights learn."""

import tracemalloc

import numpy as np
import pytest

from tinynet import explain


def history(rng, count=7, shape=(4, 5), start=0.0):
    """Return float32 weights that walk at random, as a list."""
    steps = rng.standard_normal((count, *shape)) * 0.3
    return list((start + steps.cumsum(axis=0)).astype(np.float32))


def close(found, wanted, what, **settings):
    """Compare arrays, saying which one is wrong."""
    np.testing.assert_allclose(np.asarray(found), wanted, err_msg=what, **settings)


@pytest.mark.exercise("19.1")
def test_ch19_moments_by_hand(student):
    """Of 1, 2, 6 the mean is 3 and the variance (4 + 1 + 9) / 3."""
    mean, variance = student.moments(iter([np.array([1.0]), np.array([2.0]), np.array([6.0])]))
    close(mean, [3.0], "mean")
    close(variance, [14 / 3], "variance")


@pytest.mark.exercise("19.1")
def test_ch19_moments_far_from_zero(student, rng):
    """Entries near 1,000,000 in float32 have the variance that float64 finds: no square of them is ever formed."""
    kept = history(rng, start=1e6)
    mean, variance = student.moments(iter(kept))
    exact = np.array(kept, np.float64)
    close(mean, exact.mean(axis=0), "mean", rtol=1e-9)
    close(variance, exact.var(axis=0), "variance", rtol=1e-6)


@pytest.mark.exercise("19.1")
def test_ch19_moments_of_one(student):
    """A single snapshot is its own mean, and its variance is 0."""
    mean, variance = student.moments(iter([np.array([[2.0, -1.0]])]))
    close(mean, [[2.0, -1.0]], "mean")
    close(variance, [[0.0, 0.0]], "variance")


@pytest.mark.exercise("19.1")
def test_ch19_moments_keep_few(student, rng):
    """Of a hundred snapshots no more than a few are in memory at once."""
    snapshots = (rng.standard_normal((100, 50)) for _ in range(100))
    tracemalloc.start()
    try:
        student.moments(snapshots)
        most = tracemalloc.get_traced_memory()[1] // (100 * 50 * 8)
    finally:
        tracemalloc.stop()
    assert most < 30, f"memory for {most} snapshots of 100 was used at once"


@pytest.mark.exercise("19.2")
def test_ch19_combined_by_hand(student):
    """One snapshot of 0 and three of 4, which never move: the mean is 3 and the variance 3."""
    count, mean, variance = student.combined((1, 0.0, 0.0), (3, 4.0, 0.0))
    assert count == 4, f"{count} snapshots, should be 4"
    close(mean, 3.0, "mean")
    close(variance, 3.0, "variance")


@pytest.mark.exercise("19.2")
def test_ch19_combined_is_what_all_together_have(student, rng):
    """Wherever a history is cut, both parts together have its mean and its variance."""
    kept = np.array(history(rng), np.float64)
    for cut in (1, 3, 6):
        parts = [(len(part), part.mean(axis=0), part.var(axis=0)) for part in (kept[:cut], kept[cut:])]
        count, mean, variance = student.combined(*parts)
        assert count == len(kept)
        close(mean, kept.mean(axis=0), f"mean, cut at {cut}", atol=1e-12)
        close(variance, kept.var(axis=0), f"variance, cut at {cut}", atol=1e-12)


@pytest.mark.exercise("19.3")
def test_ch19_update_ratios_by_hand(student):
    """From (3, 4), of norm 5, to (3, 7) and on to (3, 7): 3/5, and nothing."""
    found = list(student.update_ratios([np.array([3.0, 4.0]), np.array([3.0, 7.0]), np.array([3.0, 7.0])]))
    close(found, [0.6, 0.0], "ratios")


@pytest.mark.exercise("19.3")
def test_ch19_update_ratios_of_a_history(student, rng):
    """They are what tinynet finds for a walk of several steps."""
    kept = history(rng)
    close(list(student.update_ratios(kept)), explain.weight_movement(kept).update_ratio[1:], "ratios", rtol=1e-5)


@pytest.mark.exercise("19.4")
def test_ch19_streaks_by_hand(student):
    """Two rows of different means, each even: everything lies between rows, nothing between columns."""
    close(student.streak_shares(np.array([[1.0, 1.0, 1.0], [3.0, 3.0, 3.0]])), [1.0, 0.0], "rows, columns")
    close(student.streak_shares(np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])), [0.0, 1.0], "rows, columns")


@pytest.mark.exercise("19.4")
def test_ch19_streaks_of_any_matrix(student, rng):
    """They are what tinynet finds, for matrices that are higher or wider."""
    for shape in ((3, 8), (9, 2)):
        matrix = rng.standard_normal(shape) + rng.standard_normal((shape[0], 1))
        wanted = explain.streaks(matrix)
        close(student.streak_shares(matrix), [wanted.rows, wanted.columns], f"a matrix of {shape}")


@pytest.mark.exercise("19.5")
def test_ch19_p_of_a_streak(student, rng):
    """No order of entries has more between rows than two rows that are each the same: only the matrix itself counts."""
    matrix = np.repeat([[0.0], [1.0]], 20, axis=1)
    assert student.p_of_rows(matrix, 19, rng) == pytest.approx(1 / 20)


@pytest.mark.exercise("19.5")
def test_ch19_p_of_columns_alone(student, rng):
    """Rows that all have the same mean are no streaks, and any order has as much between them or more: p is 1."""
    for matrix in (np.tile(np.arange(6.0), (4, 1)), np.eye(2)):
        assert student.p_of_rows(matrix, 30, rng) == pytest.approx(1.0)


@pytest.mark.exercise("19.5")
def test_ch19_p_of_orders_alone(student, rng):
    """A single 1 among zeros has as much between rows wherever it lies: p is 1."""
    matrix = np.eye(1, 8).reshape(2, 4)
    assert student.p_of_rows(matrix, 30, rng) == pytest.approx(1.0), "it is more than the order that changes"


@pytest.mark.exercise("19.5")
def test_ch19_p_draws_from_the_generator(student, rng):
    """The random orders come from the generator that is given: it has moved on."""
    before = rng.bit_generator.state
    student.p_of_rows(np.eye(3), 5, rng)
    assert rng.bit_generator.state != before, "nothing was drawn from rng"


@pytest.mark.exercise("19.5")
def test_ch19_p_of_chance(student):
    """Of random matrices a small p is as rare as it says: below 0.2 in about a fifth of 200."""
    rng = np.random.default_rng(5)
    found = [student.p_of_rows(rng.standard_normal((3, 4)), 19, rng) for _ in range(200)]
    share = np.mean(np.array(found) <= 0.2)
    assert 0.1 < share < 0.3, f"{share:.0%} of random matrices have p up to 0.2"
