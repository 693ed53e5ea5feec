"""Arguments: NumPy's numbers are numbers, truth values are none, and every error says what, got and wanted."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinynet.arguments import boolean, finite_number, generator, listed, one_of, shown, whole_number

INTEGERS = [int, np.int8, np.int64, np.uint8, lambda n: np.array(n)]
REALS = [float, np.float32, np.float64, lambda x: np.array(x)]
NO_NUMBERS = [True, np.True_, None, "3", [3], (1, 2), 1 + 2j, math.nan, math.inf, np.array([1, 2]), object()]


@given(number=st.integers(0, 100), of=st.sampled_from(INTEGERS), least=st.integers(-5, 105))
def test_a_whole_number_of_any_type_is_an_int_within_its_bounds(number, of, least):
    if number >= least:
        found = whole_number("epochs", of(number), least)
        assert type(found) is int and found == number
    else:
        with pytest.raises(ValueError, match=rf"epochs is .*{number}.*, expected a whole number of at least {least}"):
            whole_number("epochs", of(number), least)


@pytest.mark.parametrize("value", [*NO_NUMBERS, 3.0, np.float32(3)], ids=repr)
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


@pytest.mark.parametrize("value", [None, True, -1, 1.5, "0", np.random.RandomState(0)], ids=repr)
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
