"""Grades chapter 20: two networks, one face."""

import numpy as np
import pytest

from tinynet import explain


@pytest.mark.exercise("20.1")
def test_ch20_mass_by_hand(student):
    """Of sizes 1, 3, 0, 4 the region of the second has 3 of 8 on a quarter of the area: 1.5."""
    heights = np.array([[1.0, -3.0], [0.0, 4.0]])
    found = student.mass_over_area(heights, np.array([[False, True], [False, False]]))
    np.testing.assert_allclose(found, 1.5)


@pytest.mark.exercise("20.1")
def test_ch20_mass_of_a_flat_map(student):
    """A map that is the same everywhere has 1 in a small region and in a large one, whatever its value."""
    for rows in (1, 4):
        mask = np.zeros((5, 6), bool)
        mask[:rows, 2:4] = True
        np.testing.assert_allclose(student.mass_over_area(np.full((5, 6), -0.3), mask), 1)


@pytest.mark.exercise("20.1")
def test_ch20_mass_of_many(student, rng):
    """Whatever the map and the region, it is what tinynet measures."""
    for _ in range(5):
        heights, mask = rng.normal(size=(6, 7)), rng.random((6, 7)) < 0.3
        wanted = explain.mass_over_area(heights[None], mask[None])[0]
        np.testing.assert_allclose(student.mass_over_area(heights, mask), wanted)


@pytest.mark.exercise("20.2")
def test_ch20_splits_by_hand(student):
    """Of the 6 ways to split 1, 2, 8, 9, two differ by as much as the observed one: itself and its mirror image."""
    np.testing.assert_allclose(student.permutation_p(np.array([1.0, 2]), np.array([8.0, 9])), 2 / 6)
    np.testing.assert_allclose(student.permutation_p(np.array([8.0, 9]), np.array([1.0, 2])), 2 / 6)


@pytest.mark.exercise("20.2")
def test_ch20_splits_unequal(student):
    """One network against four: 5 ways, and the observed one is the most extreme."""
    np.testing.assert_allclose(student.permutation_p(np.array([10.0]), np.array([1.0, 2, 3, 4])), 1 / 5)


@pytest.mark.exercise("20.2")
def test_ch20_splits_with_ties(student):
    """Where all are the same every split differs as much; 0.1 + 0.2 and 0.3 are equal but for rounding."""
    np.testing.assert_allclose(student.permutation_p(np.full(3, 0.1), np.full(3, 0.1)), 1)
    a, b = np.array([0.1, 0.2, 0.3]), np.array([0.3, 0.2, 0.1])
    np.testing.assert_allclose(student.permutation_p(a, b), 1)
    a, b = np.array([0.7, 0.4, 0.6]), np.array([0.2, 0.8, 0.5])
    np.testing.assert_allclose(student.permutation_p(a, b), 18 / 20)


@pytest.mark.exercise("20.2")
def test_ch20_splits_of_many(student, rng):
    """Whatever the numbers, it is the share of all splits."""
    for _ in range(4):
        a, b = rng.normal(size=3) + 1, rng.normal(size=4)
        np.testing.assert_allclose(student.permutation_p(a, b), explain.compare_groups(a, b).p)


@pytest.mark.exercise("20.3")
def test_ch20_q_by_hand(student):
    """0.04, 0.01, 0.03 and 0.5 become 4/3 of 0.04 (the third), 0.04 (the first), 4/3 of 0.04 again, and 0.5."""
    p = np.array([0.04, 0.01, 0.03, 0.5])
    np.testing.assert_allclose(student.q_values(p), [0.16 / 3, 0.04, 0.16 / 3, 0.5])
    np.testing.assert_array_equal(p, [0.04, 0.01, 0.03, 0.5], err_msg="p was changed")


@pytest.mark.exercise("20.3")
def test_ch20_q_of_equals(student):
    """Where all p-values are equal the q-values are as well; a single one stays what it is."""
    np.testing.assert_allclose(student.q_values(np.full(6, 0.029)), 0.029)
    np.testing.assert_allclose(student.q_values(np.array([0.2])), 0.2)


@pytest.mark.exercise("20.3")
def test_ch20_q_of_many(student, rng):
    """A larger p never has a smaller q, and no q is below its p."""
    from scipy import stats

    for _ in range(5):
        p = rng.random(12) ** 3
        found = student.q_values(p)
        np.testing.assert_allclose(found, stats.false_discovery_control(p))


@pytest.mark.exercise("20.4")
def test_ch20_cka_of_a_rotation(student, rng):
    """1 for the same features turned, scaled and shifted."""
    X = rng.normal(size=(12, 5))
    turned = 3 * X @ np.linalg.qr(rng.normal(size=(5, 5)))[0] + 7
    np.testing.assert_allclose(student.cka(X, turned), 1)


@pytest.mark.exercise("20.4")
def test_ch20_cka_of_nothing_is_about_zero(student, rng):
    """For random features of 200 numbers and 20 images the mean over fifty pairs is about 0, and some are below it."""
    found = [student.cka(rng.normal(size=(20, 200)), rng.normal(size=(20, 200))) for _ in range(50)]
    assert abs(np.mean(found)) < 0.1, f"mean {np.mean(found):.2f}, should be near 0"
    assert min(found) < 0, "an estimate of zero is below it at times"


@pytest.mark.exercise("20.4")
def test_ch20_cka_of_many(student, rng):
    """Whatever the features, centred or not and of any widths, it is what tinynet measures."""
    for p, q in ((3, 8), (30, 4), (5, 5)):
        X, Y = rng.normal(size=(10, p)) + 2, rng.normal(size=(10, q))
        Y[:, 0] += X[:, 0]
        np.testing.assert_allclose(student.cka(X, Y), explain.cka(X, Y), atol=1e-9)


@pytest.mark.exercise("20.5")
def test_ch20_order_of_a_copy(student, rng):
    """Filter k of the own network is filter `place` of the other: the order is that of the scores, renumbered."""
    own = rng.normal(size=(40, 5))
    place = np.array([3, 0, 4, 1, 2])  # own filter k stands at other[:, place[k]]
    other = np.empty_like(own)
    other[:, place] = 2 * own + 1
    scores = np.array([0.5, 0.1, 0.9, 0.7, 0.3])
    found = np.asarray(student.order_by_partner(own, other, scores)).tolist()
    wanted = np.argsort(-scores[place]).tolist()
    assert found == wanted, f"{found}, should be {wanted}"


@pytest.mark.exercise("20.5")
def test_ch20_order_not_by_size(student, rng):
    """A partner answers alike, however small its outputs; one that answers the other way round is none."""
    a, b, noise = rng.normal(size=(3, 60))
    own = np.stack([a, b], axis=1)
    other = np.stack([-a, 100 * (a + b), b, 0.01 * a + 0.002 * noise + 5], axis=1)
    found = np.asarray(student.order_by_partner(own, other, np.array([9.0, 8.0, 2.0, 1.0]))).tolist()
    assert found == [1, 0], f"{found}, should be [1, 0]: the two filters with the scores 9 and 8 are nobody's partners"


@pytest.mark.exercise("20.5")
def test_ch20_order_shared(student, rng):
    """Two filters may have the same partner, and stand beside each other in the order."""
    a, b = rng.normal(size=(2, 50))
    own = np.stack([b, a, a + 0.1 * b], axis=1)
    found = np.asarray(student.order_by_partner(own, np.stack([a, b], axis=1), np.array([2.0, 1.0]))).tolist()
    assert sorted(found[:2]) == [1, 2] and found[2] == 0, f"{found}, should end in 0"
