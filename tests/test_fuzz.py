"""A short part of the fuzzers, and that they see what they are for."""

from __future__ import annotations

import os
import time
from collections import Counter

import numpy as np
import pytest

from tests.fuzz import calls, loaders, sandbox
from tests.fuzz.calls import Call


@pytest.mark.parametrize("room", calls.room_names())
def test_calls_that_are_registered_work(room, tmp_path):
    with calls.in_folder(tmp_path):
        for call in calls.calls(room)[room]:
            call()
            assert set(call.given) <= set(call.arguments), call.name


def test_every_public_function_is_registered():
    assert not calls.unregistered(), "see tests/fuzz/calls.py"


@pytest.mark.parametrize("room", calls.room_names())
def test_wrong_calls_are_told_by_the_name_of_the_argument(room):
    """Some of them, drawn by a seed; all of them: ``python -m tests.fuzz --only calls``."""
    run = calls.run(seconds=60, seed=1, room=room, most=150)
    found = sum(run.by_function.values(), Counter())
    assert found["good"] >= 0.95 * found.total() - 2 * np.sqrt(0.05 * 0.95 * found.total()), "\n".join(run.bad)


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


def test_damaged_files_are_read_or_refused_by_name():
    run = loaders.run(seconds=60, seed=1, most=400)
    assert len(run.by_kind) > 15 and not run.bad, "\n".join(run.bad)


def costly(key):
    if key == 1:
        os._exit(1)
    if key == 2:
        np.empty(2**28)
    if key == 3:
        time.sleep(20)
    if key == 5:
        while True:
            pass
    return "good", ""


def test_what_an_attempt_costs_is_seen():
    """One ends its process, one takes 2 GiB, one sleeps, one never ends; those behind are tried all the same."""
    words = [word for word, _ in sandbox.attempts(costly, range(7), seconds=0.3)]
    assert words == ["good", "crashed", "large", "slow", "good", "slow", "good"]
