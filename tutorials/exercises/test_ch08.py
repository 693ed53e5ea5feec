"""Grades chapter 8: what makes you you, and what makes you look like someone else?"""

import numpy as np
import pytest

import tinynet as tn


@pytest.mark.exercise("8.1")
def test_ch08_highest_place_of_a_map(student, rng):
    """It is where the entry stands that no other exceeds: filter, row and column, in this order."""
    for where, highest in (((0, 1, 3), 2), ((2, 0, 0), 2), ((1, 2, 4), -1)):
        gradient = rng.uniform(highest - 2, highest - 1, (3, 4, 5))
        gradient[where] = highest
        got = tuple(int(index) for index in student.highest_place(gradient))
        assert got == where, f"highest at {got}, should be {where}, where the only {highest} stands"


@pytest.mark.exercise("8.1")
def test_ch08_highest_place_is_not_the_lowest(student):
    """A steep negative gradient is where a little *less* would help: it is not the highest."""
    gradient = np.full((2, 3, 3), -1.0)
    gradient[0, 1, 1], gradient[1, 2, 0] = -9, 0.5
    got = tuple(int(index) for index in student.highest_place(gradient))
    assert got == (1, 2, 0), f"highest at {got}, should be (1, 2, 0)"


@pytest.mark.exercise("8.2")
def test_ch08_pixels_thesis(student):
    """Convolutions of 5 and pools of 2 without padding: place 3 sees 5, 14 and 32 pixels, behind 1, 2 and 3 filters."""
    windows = [(5, 1, 0), (2, 2, 0), (5, 1, 0), (2, 2, 0), (5, 1, 0)]
    for depth, wanted in ((1, (3, 8)), (3, (6, 20)), (5, (12, 44))):
        got = tuple(student.pixels_seen(windows[:depth], 3, 60))
        assert got == wanted, f"after {windows[:depth]} place 3 sees {got}, should be {wanted}"


@pytest.mark.exercise("8.2")
def test_ch08_pixels_strides(student):
    """Neighbouring places are the product of all strides apart."""
    windows = [(3, 2, 0), (3, 2, 0)]
    for place, wanted in ((0, (0, 7)), (1, (4, 11)), (2, (8, 15))):
        got = tuple(student.pixels_seen(windows, place, 20))
        assert got == wanted, f"place {place} sees {got}, should be {wanted}"


@pytest.mark.exercise("8.2")
def test_ch08_pixels_in_padding(student):
    """Padding moves everything towards the border, by as many pixels as its layer's places are apart there."""
    for windows, place, wanted in (
        ([(5, 1, 2)], 0, (0, 3)),
        ([(5, 1, 2)], 4, (2, 7)),
        ([(5, 1, 2)], 9, (7, 10)),
        ([(2, 2, 0), (3, 1, 1)], 2, (2, 8)),
    ):
        got = tuple(student.pixels_seen(windows, place, 10))
        assert got == wanted, f"windows {windows}: place {place} sees {got} of 10, should be {wanted}"


@pytest.mark.exercise("8.2")
def test_ch08_pixels_by_slope(student, rng):
    """A unit's gradient is zero at every pixel that it does not see, and not at all of those at the ends."""
    layers = [tn.Conv2D(2, 3), tn.AvgPool2D(2), tn.Conv2D(1, 3)]
    net = tn.Network(layers, input_shape=(1, 16, 16), rng=1, dtype=np.float64)
    trace = net.trace(rng.standard_normal((1, 1, 16, 16)))
    for place in range(5):
        seed = np.zeros((1, 1, 5, 5))
        seed[0, 0, place, 2] = 1
        rows = np.flatnonzero(net.backward(trace, seed)["input"][0, 0].any(axis=1))
        got = tuple(student.pixels_seen([(3, 1, 0), (2, 2, 0), (3, 1, 0)], place, 16))
        assert got == (rows[0], rows[-1] + 1), f"row {place} sees {got}, should be {(rows[0], rows[-1] + 1)}"


@pytest.mark.exercise("8.3")
def test_ch08_nearest_other_is_not_oneself(student):
    """It is the class of the highest logit but one's own, whether one is recognised or not."""
    logits = np.array([1.0, 5.0, 3.0, -2.0])
    for label, wanted in ((1, 2), (2, 1), (3, 1)):
        got = int(student.nearest_other(logits, label))
        assert got == wanted, f"logits {logits}, label {label}: {got}, should be {wanted}"


@pytest.mark.exercise("8.3")
def test_ch08_nearest_other_below_zero(student):
    """Logits may all be below zero; those that were given stay as they are."""
    logits = np.array([-7.0, -3.0, -5.0])
    got = int(student.nearest_other(logits, 1))
    assert got == 2, f"{got}, should be 2"
    np.testing.assert_array_equal(logits, [-7, -3, -5], err_msg="the logits were changed")


@pytest.mark.exercise("8.4")
def test_ch08_pointing_hit_by_the_highest(student):
    """It is 1 if the one highest place lies in the mask and 0 if not, wherever else the map is nearly as high."""
    heights = np.array([[0.0, 1 - 1e-7], [1.0, -5.0]])
    for mask, wanted in (([[0, 0], [1, 0]], 1), ([[1, 1], [0, 1]], 0), ([[0, 0], [0, 0]], 0)):
        got = student.pointing_hit(heights, np.array(mask, bool))
        assert got == wanted, f"mask {mask}: {got}, should be {wanted}"


@pytest.mark.exercise("8.4")
def test_ch08_pointing_hit_of_a_flat_map(student):
    """A map that is the same everywhere hits as often as chance: the mask's share of the area."""
    mask = np.zeros((4, 5), bool)
    mask[:2, :2] = True
    np.testing.assert_allclose(student.pointing_hit(np.zeros((4, 5)), mask), 4 / 20)
    heights = np.zeros((4, 5))
    heights[0, 0] = heights[3, 4] = 1
    np.testing.assert_allclose(student.pointing_hit(heights, mask), 1 / 2, err_msg="one of two highest places")


@pytest.mark.exercise("8.5")
def test_ch08_within_and_between_by_hand(student):
    """Two images that point the same way and a third at a right angle: 1 within, 0 between."""
    profiles = np.array([[3.0, 0.0], [7.0, 0.0], [0.0, 2.0], [0.0, 1.0]])
    found = student.within_and_between(profiles, np.array([0, 0, 1, 1]))
    np.testing.assert_allclose(found, [1, 0], atol=1e-12)


@pytest.mark.exercise("8.5")
def test_ch08_within_and_between_pair_by_pair(student, rng):
    """They are the means over pairs of different images, counted one by one; an image is no pair with itself."""
    profiles, labels = rng.uniform(0, 1, (7, 4)), np.array([2, 0, 2, 1, 0, 2, 1])
    pairs = {True: [], False: []}
    for n in range(7):
        for m in range(n):
            cosine = profiles[n] @ profiles[m] / np.sqrt((profiles[n] @ profiles[n]) * (profiles[m] @ profiles[m]))
            pairs[bool(labels[n] == labels[m])].append(cosine)
    found = student.within_and_between(profiles, labels)
    np.testing.assert_allclose(found, [np.mean(pairs[True]), np.mean(pairs[False])], rtol=1e-10)


@pytest.mark.exercise("8.6")
def test_ch08_agreement_at_its_ends(student, rng):
    """Gradients of one direction agree fully, whatever their lengths; opposite ones cancel."""
    one = rng.standard_normal((1, 2, 3, 3))
    same = one * np.array([1.0, 4.0, 0.5]).reshape(3, 1, 1, 1)
    np.testing.assert_allclose(student.agreement(same), 1, rtol=1e-10, err_msg="one direction")
    np.testing.assert_allclose(student.agreement(np.concatenate([one, -one])), 0, atol=1e-10, err_msg="opposite")


@pytest.mark.exercise("8.6")
def test_ch08_agreement_at_right_angles(student):
    """Four gradients of length 2 at right angles to each other: their mean has length 1. One of 3 and one of 4: 2.5."""
    np.testing.assert_allclose(student.agreement(2 * np.eye(4).reshape(4, 1, 2, 2)), 0.5)
    np.testing.assert_allclose(student.agreement(np.diag([3.0, 4.0]).reshape(2, 2, 1, 1)), 2.5 / 3.5)
