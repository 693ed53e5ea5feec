"""Arguments: NumPy's numbers are numbers, truth values are none, and every error says what, got and wanted."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
import tinynet.explain as ex
from tests.networks import small_classifier
from tinynet.arguments import (
    boolean,
    finite_array,
    finite_number,
    generator,
    how_often,
    listed,
    nearest,
    one_of,
    real_array,
    shown,
    text,
    truth_array,
    unknown,
    whole_array,
    whole_number,
)
from tinynet.classes import as_targets
from tinynet.datasets import Dataset

INTEGERS = [int, np.int8, np.int64, np.uint8, lambda n: np.array(n)]
REALS = [float, np.float32, np.float64, lambda x: np.array(x)]


def named(value):
    """Return what a value is written as, without the place where it lies: the same in every process."""
    return repr(value).partition(" at 0x")[0]


NO_NUMBERS = [True, np.True_, None, "3", [3], (1, 2), 1 + 2j, math.nan, math.inf, np.array([1, 2]), object()]


@given(number=st.integers(0, 100), of=st.sampled_from(INTEGERS), least=st.integers(-5, 105))
def test_a_whole_number_of_any_type_is_an_int_within_its_bounds(number, of, least):
    if number >= least:
        found = whole_number("epochs", of(number), least)
        assert type(found) is int and found == number
    else:
        with pytest.raises(ValueError, match=rf"epochs is .*{number}.*, expected a whole number of at least {least}"):
            whole_number("epochs", of(number), least)


@pytest.mark.parametrize("value", [*NO_NUMBERS, 3.0, np.float32(3)], ids=named)
def test_what_is_no_whole_number_is_refused_by_name(value):
    with pytest.raises(ValueError, match=r"epochs is .*, expected a whole number from 1 to 9"):
        whole_number("epochs", value, 1, 9)


@given(number=st.floats(-10, 10, width=16), of=st.sampled_from(REALS), bound=st.floats(-10, 10, width=16))
def test_bounds_of_numbers_hold_on_their_side(number, of, bound):
    allowed = {"least": number >= bound, "above": number > bound, "most": number <= bound, "below": number < bound}
    for name, inside in allowed.items():
        if inside:
            assert finite_number("rate", of(number), **{name: bound}) == number
        else:
            with pytest.raises(ValueError, match=r"rate is .*, expected a finite number"):
                finite_number("rate", of(number), **{name: bound})


@pytest.mark.parametrize("value", [*NO_NUMBERS, 10**400], ids=lambda value: shown(value)[:20])
def test_what_is_no_finite_number_is_refused_by_name(value):
    with pytest.raises(ValueError, match=r"rate is .*, expected a finite number above 0"):
        finite_number("rate", value, above=0)


def test_truth_values_are_nothing_else():
    assert boolean("shuffle", np.True_) is True and boolean("shuffle", False) is False
    for value in (1, 0, "yes", None, np.array([True])):
        with pytest.raises(ValueError, match=r"shuffle is .*, expected True or False"):
            boolean("shuffle", value)


def test_the_nearest_name_is_offered():
    assert one_of("norm", "max", ["frobenius", "max"]) == "max"
    with pytest.raises(ValueError, match=re.escape("norm is 'maxx', expected frobenius or max; did you mean max?")):
        one_of("norm", "maxx", ["frobenius", "max"])
    with pytest.raises(ValueError, match=r"norm is 3, expected frobenius or max$"):
        one_of("norm", 3, ["frobenius", "max"])
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b or c"


@pytest.mark.parametrize("value", [None, True, -1, 1.5, "0", np.random.RandomState(0)], ids=named)
def test_randomness_comes_from_a_seed_or_a_generator(value):
    rng = np.random.default_rng(3)
    assert generator(rng) is rng
    assert generator(np.int64(3)).random() == generator(3).random() == np.random.default_rng(3).random()
    with pytest.raises(ValueError, match=r"rng is .*, expected a whole number of at least 0 or"):
        generator(value)


def test_values_are_shown_short():
    class Unprintable:
        def __repr__(self):
            raise RuntimeError

    assert len(shown("x" * 1000)) <= 60 and shown(np.float32(0.5)) == "0.5"
    assert shown(np.zeros(3, np.uint8)) == "an array of uint8 of shape (3,)" and shown(Unprintable()) == "a Unprintable"


def fits(shape, wanted):
    """Whether a shape is as wanted, by the words of the docstring."""
    if wanted[0] == "...":
        return len(shape) >= len(wanted) - 1 and fits(shape[len(shape) - len(wanted) + 1 :], wanted[1:])
    return len(shape) == len(wanted) and all(isinstance(w, str) or w == n for n, w in zip(shape, wanted, strict=True))


AXES = st.lists(st.sampled_from(["N", "H", 1, 2]), min_size=1, max_size=3)


@given(names=st.lists(st.permutations("abcdefg").map("".join), min_size=1, max_size=6, unique=True), data=st.data())
def test_a_name_with_a_slip_is_recognised(names, data):
    name = data.draw(st.sampled_from(names))
    place = data.draw(st.integers(1, len(name) - 1))
    for slip in (
        name[:place] + name[place + 1 :],
        name[:place] + "z" + name[place:],
        name[:place] + "z" + name[place + 1 :],
    ):
        assert name in nearest(slip, names) or len(nearest(slip, names)) == 3
    assert unknown("layer", 3, names) == unknown("layer", "~~~~~~", names).replace("'~~~~~~'", "3")
    assert unknown("layer", name, []) == f"no layer {name!r}; there is none"


@given(shape=st.lists(st.integers(0, 3), max_size=4), axes=AXES, leading=st.booleans())
@pytest.mark.parametrize("checker", [real_array, finite_array, whole_array, truth_array])
def test_arrays_have_the_shape_that_is_told_or_are_refused_by_name(checker, shape, axes, leading):
    wanted = ("...", *axes) if leading else tuple(axes)
    array = np.ones(shape, int)
    if fits(tuple(shape), wanted):
        assert checker("maps", array, shape=wanted).shape == array.shape
    else:
        with pytest.raises(ValueError, match=r"maps is .*, expected an array of .* of shape \(") as caught:
            checker("maps", array, shape=wanted)
        assert all(str(axis) in str(caught.value) for axis in wanted)


@pytest.mark.parametrize(
    ("checker", "right", "wrong"),
    [
        (real_array, [[1], [0.5, math.nan], [True], []], [None, "a", [None], [1j], [[1], [1, 2]], object()]),
        (finite_array, [[1], [0.5], []], [[math.nan], [math.inf], ["1"], [10**400]]),
        (whole_array, [[1], [-2], np.uint8([3]), []], [[0.0], [True], [10**30], ["1"], None, [math.nan]]),
        (truth_array, [[True], [0, 1], [1.0], []], [[0.5], [2], [math.nan], ["yes"], None]),
    ],
)
def test_arrays_hold_what_they_should(checker, right, wrong):
    for value in right:
        np.testing.assert_array_equal(checker("maps", value), value)
    for value in wrong:
        with pytest.raises(ValueError, match=r"^maps is .*, expected (an array of|a finite|a number)"):
            checker("maps", value)
    with pytest.raises(ValueError, match=r"^counts holds -1, expected whole numbers of at least 0$"):
        whole_array("counts", [3, -1], least=0)


def test_text_is_text_and_a_message_is_one_line():
    assert text("title", "") == ""
    for value in (3, None, b"a", ["a"], np.zeros((2, 2))):
        with pytest.raises(ValueError, match=r"^title is .*, expected text$"):
            text("title", value)
    assert "\n" not in shown([np.zeros((2, 2))])


@pytest.mark.parametrize("use", ["images", "labels", "target", "targets", "data"])
def test_what_is_masked_is_never_taken_for_what_stands_there(use):
    """Masked arrays are of those that NumPy unmasks without a word; without masked entries they are arrays."""
    net = small_classifier()
    x, labels = np.ma.array(np.ones((3, *net.input_shape), np.float32)), np.ma.array([0, 1, 2])
    outputs = np.ma.array(np.eye(3))

    def call():
        return {
            "images": lambda: net(x),
            "labels": lambda: tn.accuracy(net, x, labels),
            "target": lambda: tn.prediction_gradient(net, x, labels),
            "targets": lambda: as_targets(outputs, net),
            "data": lambda: Dataset("d", x, labels, tuple("abc")),
        }[use]()

    call()
    masked = {"images": x, "targets": outputs}.get(use, labels)
    masked[1] = np.ma.masked
    with pytest.raises(ValueError, match="has masked values, expected"):
        call()


X, LABELS = np.zeros((3, 1, 8, 8)), [0, 1, 2]
ASKED_TOO_OFTEN = {
    "steps": [
        lambda net, n: ex.integrated_gradients(net, X, 0, steps=n),
        lambda net, n: ex.class_images(net, steps=n),
        lambda net, n: ex.unit_images(net, "tanh1", 0, steps=n),
        lambda net, n: ex.deep_dream(net, X[0], "tanh1", steps=n),
        lambda net, n: ex.deletion_curves(net, X, X, 0, steps=n),
    ],
    "samples": [
        lambda net, n: ex.smooth_gradient(net, X, 0, samples=n),
        lambda net, n: ex.rise(net, X, 0, samples=n),
        lambda net, n: ex.shapley_values(net, X, 0, samples=n),
        lambda net, n: ex.fidelity(net, X, X, 0, samples=n),
        lambda net, n: ex.noise_sensitivity(net, ex.absolute_gradient, X, 0, samples=n),
    ],
    "repeats": [
        lambda net, n: ex.compare_orders(net, X, LABELS, ex.class_scores(net, X, LABELS), repeats=n),
        lambda net, n: ex.randomisation(net, ex.absolute_gradient, X, 0, repeats=n),
        lambda net, n: ex.leave_out_range(ex.cka, np.eye(9), np.eye(9), repeats=n),
    ],
    "resamples": [lambda net, n: ex.consistency(np.eye(4), [0, 0, 1, 1], resamples=n)],
    "permutations": [lambda net, n: ex.permutation_null(ex.cka, np.eye(9), np.eye(9), permutations=n)],
    "splits": [lambda net, n: ex.compare_groups(np.eye(4), np.eye(4), splits=n)],
    "octaves": [lambda net, n: ex.deep_dream(net, X[0], "tanh1", octaves=n)],
    "period": [lambda net, n: tn.GradientTargets(1.0, period=n)],
}


@pytest.mark.parametrize("what", ASKED_TOO_OFTEN)
def test_what_nobody_waits_for_is_refused_at_once(what):
    net = small_classifier()
    for ask in ASKED_TOO_OFTEN[what]:
        for count in (10**30, 10**7, -1):
            with pytest.raises(ValueError, match=rf"{what} is -?1\d*, expected a whole number from [012] to 1000"):
                ask(net, count)
    assert how_often("steps", 10**6) == 10**6
