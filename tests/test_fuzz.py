"""A short part of the fuzzers, and that they see what they are for."""

from __future__ import annotations

import os

import pytest

from tests.fuzz import calls
from tests.fuzz.calls import Call


@pytest.mark.parametrize("room", list(calls.calls()))
def test_calls_that_are_registered_work(room, tmp_path):
    with calls.in_folder(tmp_path):
        for call in calls.calls(room)[room]:
            call()
            assert set(call.given) <= set(call.arguments), call.name


def careful(count, share=0.5):
    if not isinstance(count, int) or isinstance(count, bool) or not 0 < count < 100:
        raise ValueError(f"count is {count!r}")
    if not isinstance(share, float) or not 0 < share < 1:
        raise TypeError(f"share is {share!r}")


def careless(count, share=0.5):
    if share == "nonsense":
        os._exit(1)
    return [share] * int(count)


def verdicts(function):
    call = Call(function, {"count": 3}, fine={"share": "fraction, huge"})
    return {(name, what): call.judge(name, wrong)[0] for name, what, wrong in call.wrong if what != "text"}


def test_a_function_that_names_its_arguments_is_good_and_one_that_does_not_is_not():
    assert set(verdicts(careful).values()) == {"good"}
    found = verdicts(careless)
    assert found["count", "None"] == "obscure" and found["count", "True"] == found["share", "NaN"] == "accepted"
