"""Measures of two layers: what they must not see, what they are when written out slowly, and what chance gives."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import procrustes as scipy_procrustes

from tinynet.explain import (
    canonical_correlations,
    cka,
    leave_out_range,
    match_units,
    permutation_null,
    procrustes,
    svcca,
)


def biased_cka(X, Y):
    return cka(X, Y, debiased=False)


def whole_cca(X, Y):
    return svcca(X, Y, variance=1.0)


ROTATION_FREE = [cka, biased_cka, svcca, whole_cca, procrustes]
NEAR = 1e-6  # a distance of 0 is the root of a rounding error


@st.composite
def pairs(draw, least=5):
    """Features of the same images in two layers, with something in common, of any widths, types and scales."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, p, q = draw(st.integers(least, 12)), draw(st.integers(1, 14)), draw(st.integers(1, 14))
    X = rng.normal(size=(n, p)) + draw(st.sampled_from([0.0, 10.0]))
    Y = rng.normal(size=(n, q)) + draw(st.sampled_from([0.0, 1.0])) * X[:, :1]
    return X, Y, rng


def rotation(rng, size):
    return np.linalg.qr(rng.normal(size=(size, size)))[0]


def slow_hsic(K, L):
    """Song et al. 2012: the unbiased estimate, from matrices of similarities with zero diagonals."""
    n = len(K)
    K, L = K - np.diag(np.diag(K)), L - np.diag(np.diag(L))
    ones = np.ones(n)
    total = np.trace(K @ L) + (ones @ K @ ones) * (ones @ L @ ones) / ((n - 1) * (n - 2))
    return (total - 2 / (n - 2) * (ones @ K @ L @ ones)) / (n * (n - 3))


# ------------------------------------------------------------------------------------------------------------- the laws


@given(measure=st.sampled_from(ROTATION_FREE), case=pairs(), scale=st.sampled_from([1e-160, 0.3, 1.0, 1e150]))
def test_rotations_shifts_and_scales_of_a_layer_change_nothing(measure, case, scale):
    X, Y, rng = case
    moved = scale * (Y @ rotation(rng, Y.shape[1]) + 2.0)
    assert measure(X, moved) == pytest.approx(measure(X, Y), abs=NEAR)


@given(measure=st.sampled_from(ROTATION_FREE), case=pairs())
def test_measures_are_symmetric_and_tell_a_layer_from_no_copy_of_it(measure, case):
    X, Y, _ = case
    assert measure(X, Y) == pytest.approx(measure(Y, X), abs=NEAR)
    assert measure(X, X) == pytest.approx(0.0 if measure is procrustes else 1.0, abs=NEAR)
    low, high = {cka: (-1, 1), procrustes: (0, np.sqrt(2))}.get(measure, (0, 1))
    assert low <= measure(X, Y) <= high


@given(measure=st.sampled_from(ROTATION_FREE), case=pairs(), zeros=st.integers(1, 20))
def test_zero_columns_and_the_order_of_images_and_features_change_nothing(measure, case, zeros):
    X, Y, rng = case
    rows, columns = rng.permutation(len(X)), rng.permutation(Y.shape[1] + zeros)
    padded = np.pad(Y, [(0, 0), (0, zeros)])[:, columns]
    assert measure(X[rows], padded[rows]) == pytest.approx(measure(X, Y), abs=NEAR)


@given(case=pairs(), measure=st.sampled_from(ROTATION_FREE))
def test_further_axes_are_one_vector_an_image(case, measure):
    X, Y, _ = case
    maps = np.concatenate([Y, 2 * Y], axis=1)
    assert measure(X, maps) == measure(X, maps.reshape(len(X), 2, 1, -1))
    whole = np.round(10 * X).astype(np.int64)
    if np.ptp(whole, axis=0).any():
        assert procrustes(whole, Y) == procrustes(whole.astype(float), Y)


@given(case=pairs())
def test_all_canonical_correlations_survive_invertible_linear_maps(case):
    X, Y, rng = case
    size = Y.shape[1]
    mixed = Y @ rotation(rng, size) @ np.diag(rng.uniform(0.2, 5.0, size)) @ rotation(rng, size)
    np.testing.assert_allclose(canonical_correlations(X, mixed), canonical_correlations(X, Y), atol=NEAR)


@given(case=pairs())
def test_procrustes_is_a_metric(case):
    X, Y, rng = case
    Z = rng.normal(size=(len(X), 3)) + X[:, :1]
    assert procrustes(X, Z) <= procrustes(X, Y) + procrustes(Y, Z) + NEAR


# --------------------------------------------------------------------------------------------------- slow replicas


@given(case=pairs(least=4))
def test_cka_is_that_of_matrices_of_similarities(case):
    X, Y, _ = case
    K, L = X @ X.T, Y @ Y.T
    assert cka(X, Y) == pytest.approx(slow_hsic(K, L) / np.sqrt(slow_hsic(K, K) * slow_hsic(L, L)), abs=NEAR)
    H = np.eye(len(X)) - 1 / len(X)
    K, L = H @ K @ H, H @ L @ H
    assert biased_cka(X, Y) == pytest.approx((K * L).sum() / np.sqrt((K * K).sum() * (L * L).sum()), abs=NEAR)


@given(case=pairs())
def test_procrustes_is_that_of_scipy_for_equal_widths(case):
    """Which scales one side to fit best: 1 - s^2 with s the sum of singular values, where ours is 2 - 2 s."""
    X, Y, _ = case
    width = max(X.shape[1], Y.shape[1])
    X, Y = (np.pad(features, [(0, 0), (0, width - features.shape[1])]) for features in (X, Y))
    alike = 1 - procrustes(X, Y) ** 2 / 2
    assert 1 - alike**2 == pytest.approx(scipy_procrustes(X, Y)[2], abs=NEAR)


@given(case=pairs(), share=st.floats(0.05, 1.0))
def test_svcca_is_that_of_principal_components_and_the_best_linear_combinations(case, share):
    """The square of a canonical correlation is an eigenvalue of Sx^-1 Sxy Sy^-1 Syx of the components that are kept."""
    kept = []
    for features in case[:2]:
        left, sizes, _ = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)
        sizes = sizes[sizes > 1e-9 * sizes[0]]
        number = next(k for k in range(1, len(sizes) + 1) if (sizes[:k] ** 2).sum() >= share * (sizes**2).sum() - 1e-12)
        kept.append(left[:, :number] * sizes[:number])
    x, y = kept
    inverse = np.linalg.inv
    squares = np.linalg.eigvals(inverse(x.T @ x) @ x.T @ y @ inverse(y.T @ y) @ y.T @ x).real
    count = min(x.shape[1], y.shape[1])
    expected = np.sqrt(np.clip(np.sort(squares)[::-1][:count], 0, 1))
    np.testing.assert_allclose(canonical_correlations(*case[:2], share), expected, atol=1e-5)
    assert svcca(*case[:2], share) == pytest.approx(expected.mean(), abs=1e-5)


@given(case=pairs(), maps=st.integers(1, 3))
def test_units_are_matched_as_trying_all_assignments_would(case, maps):
    X, Y, rng = case
    X, Y = (np.stack([a[:, :4]] + [rng.normal(size=a[:, :4].shape) for _ in range(maps - 1)], axis=2) for a in (X, Y))
    Y[:, 0] = 3.0  # a unit that never changes

    def correlation(i, j):
        return 0.0 if j == 0 else stats.pearsonr(X[:, i].ravel(), Y[:, j].ravel()).statistic

    p, q = X.shape[1], Y.shape[1]
    table = np.array([[correlation(i, j) for j in range(q)] for i in range(p)])
    wide = table if p <= q else table.T
    best = max(
        sum(wide[i, j] for i, j in enumerate(order)) for order in itertools.permutations(range(max(p, q)), min(p, q))
    )
    found = match_units(X, Y)
    assert found.correlations.sum() == pytest.approx(best, abs=1e-9)
    assert len(set(found.units)) == len(set(found.partners)) == len(found.correlations) == min(p, q)
    np.testing.assert_allclose(found.correlations, table[found.units, found.partners], atol=1e-9)
    assert (np.diff(found.correlations) <= 0).all() and found.mean == pytest.approx(best / min(p, q), abs=1e-9)


# ----------------------------------------------------------------------------------------------------------- by chance


def test_independent_layers_of_many_features_are_unlike_only_when_debiased():
    rng = np.random.default_rng(0)
    for n, biased in ((10, 0.95), (50, 0.80), (200, 0.50)):
        draws = [(rng.normal(size=(n, 200)), rng.normal(size=(n, 200))) for _ in range(20)]
        assert np.mean([biased_cka(X, Y) for X, Y in draws]) == pytest.approx(biased, abs=0.02)
        found = np.array([cka(X, Y) for X, Y in draws])
        assert abs(found.mean()) < 4 * found.std() / np.sqrt(20) + 1e-3 and (found < 0).any()


def test_as_many_directions_as_images_give_correlations_of_one_and_the_null_says_so():
    rng = np.random.default_rng(1)
    found = permutation_null(whole_cca, rng.normal(size=(12, 30)), rng.normal(size=(12, 30)), permutations=9)
    assert found.value == pytest.approx(1.0) and found.p_greater == 1.0


@given(case=pairs(), seed=st.integers(0, 99))
def test_the_null_is_the_measure_of_rows_in_random_order(case, seed):
    X, Y, _ = case
    found, draw = permutation_null(cka, X, Y, permutations=9, rng=seed), np.random.default_rng(seed)
    slow = [cka(X, Y[draw.permutation(len(Y))]) for _ in range(9)]
    np.testing.assert_array_equal(found.null, slow)
    assert found.value == cka(X, Y) and found.mean == np.mean(slow)
    assert found.interval == (np.quantile(slow, 0.025), np.quantile(slow, 0.975))
    assert found.p_greater >= 0.1 and found.p_less >= 0.1 and found.p_greater + found.p_less >= 1.1 - 1e-9


def test_p_values_are_small_for_copies_and_uniform_for_independent_layers():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(30, 5))
    copy = X @ rotation(rng, 5)
    for measure in (cka, svcca, lambda X, Y: match_units(X, Y).mean):
        assert (
            permutation_null(measure, X, X if measure not in (cka, svcca) else copy, permutations=49).p_greater == 0.02
        )
    far = permutation_null(procrustes, X, copy, permutations=49)
    assert far.p_less == 0.02 and far.p_greater == 1.0 and far.interval[0] > far.value
    p = [
        permutation_null(cka, rng.normal(size=(15, 4)), rng.normal(size=(15, 4)), permutations=19, rng=i).p_greater
        for i in range(60)
    ]
    assert stats.kstest(np.array(p) - rng.uniform(0, 0.05, 60), "uniform").pvalue > 0.001


def test_five_of_500_images_decide_and_leaving_them_out_shows_it():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(500, 20))
    moved = X.copy()
    moved[:5] += 100 * rng.normal(size=(5, 20))
    found = leave_out_range(cka, X, moved)
    assert found.value < 0.05 and found.furthest[-1] == pytest.approx(1.0) and found.high == found.furthest[-1]
    assert found.random.max() < 0.1, "images at random do not show it"
    shared = np.zeros((500, 1))
    shared[:5] = 1000
    unlike = leave_out_range(cka, X + shared, rng.normal(size=(500, 30)) + shared)
    assert unlike.value > 0.99 and abs(unlike.furthest[-1]) < 0.05 and unlike.low < 0.05
    calm = leave_out_range(cka, X, X + 0.5 * rng.normal(size=X.shape))
    assert calm.high - calm.low < 0.02


@given(case=pairs(least=7), seed=st.integers(0, 99))
def test_what_is_left_out_is_the_furthest_or_random(case, seed):
    X, Y, _ = case
    found = leave_out_range(procrustes, X, Y, count=2, repeats=3, rng=seed)
    rows = list(range(len(X)))
    for value in found.furthest:
        assert value == pytest.approx(procrustes(X[rows], Y[rows]), abs=NEAR)
        spread = [np.square(a[rows] - a[rows].mean(axis=0)).sum(axis=1) for a in (X, Y)]
        rows.pop(int(np.max([s / s.sum() for s in spread], axis=0).argmax()))
    pairs_left = [[i for i in range(len(X)) if i not in out] for out in itertools.combinations(range(len(X)), 2)]
    possible = np.array([procrustes(X[left], Y[left]) for left in pairs_left])
    assert all(np.isclose(possible, value, atol=NEAR).any() for value in found.random)
    assert (found.low, found.high) == (min(*found.furthest, *found.random), max(*found.furthest, *found.random))


# ------------------------------------------------------------------------------------------------- by hand, and errors


def test_by_hand():
    X = np.array([[1.0], [-1.0], [0.0], [0.0]])
    Y = np.array([[0.0], [0.0], [1.0], [-1.0]])
    assert biased_cka(X, Y) == canonical_correlations(X, Y)[0] == 0.0 and procrustes(X, Y) == np.sqrt(2)
    # K and L hold one pair each, -1: HSIC(K, K) = [2 + 4/6 - 2] / 4 and HSIC(K, L) = [0 + 4/6 - 0] / 4.
    assert cka(X, Y) == pytest.approx(1.0)
    found = match_units(np.hstack([X, Y]), np.hstack([Y, -X, 2 * X]))
    assert found.units.tolist() == [0, 1] and found.partners.tolist() == [2, 0] and found.mean == pytest.approx(1.0)


GOOD = np.random.default_rng(0).random((6, 3))


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: cka(GOOD[:3], GOOD[:3]), "X has the shape (3, 3), expected the features of at least 4 images"),
        (lambda: cka(GOOD, GOOD[:5]), "Y has 5 images, expected 6, those of X"),
        (lambda: cka(GOOD, np.full((6, 2), 0.1)), "Y is the same for all 6 images: there is nothing to compare"),
        (lambda: cka(np.eye(6)[:, :1], GOOD), "X sets no more than one of its 6 images apart from the others"),
        (lambda: cka(GOOD, np.full((6, 1), np.nan)), "Y is nan at 0, 0, expected a finite number"),
        (
            lambda: procrustes(np.zeros((6, 0)), GOOD),
            "X has the shape (6, 0), expected the features of at least 2 images",
        ),
        (lambda: svcca(GOOD, GOOD, 0.0), "variance is 0.0, expected a finite number above 0 and at most 1"),
        (lambda: match_units(GOOD, GOOD[:, :, None]), "Y has the shape (6, 3, 1), expected (6, units), as X has"),
        (lambda: match_units(GOOD[0], GOOD), "X has the shape (3,), expected units of at least 2 images"),
        (lambda: leave_out_range(cka, GOOD, GOOD), "count is 5, expected a whole number from 1 to 2"),
        (lambda: permutation_null("cka", GOOD, GOOD), "measure is 'cka', expected a function"),
        (lambda: permutation_null(cka, GOOD[:4], GOOD[:4]), "expected the features of at least 5 images"),
    ],
)
def test_wrong_calls_are_one_clear_line(call, words):
    with pytest.raises(ValueError) as told:
        call()
    assert words in str(told.value) and "\n" not in str(told.value)
