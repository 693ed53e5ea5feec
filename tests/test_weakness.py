"""Lists of the weakest units: found by sorting, compared by counting, expected by drawing."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinynet.explain import weak_units


@given(
    st.integers(1, 4),
    st.dictionaries(st.sampled_from(["tanh1", "tanh2", "tanh3"]), st.integers(1, 4), min_size=1),
    st.data(),
)
def test_lists_are_counted_one_by_one(classes, sizes, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    scores = {name: rng.integers(0, 4, (classes, units)).astype(float) for name, units in sizes.items()}
    every = [(name, unit) for name, units in sizes.items() for unit in range(units)]
    count = data.draw(st.integers(1, len(every)))
    lists = []
    for label in range(classes):
        ranked = sorted(every, key=lambda unit, label=label: scores[unit[0]][label, unit[1]])
        lists.append(set(ranked[:count]))
    found = weak_units(scores, count)
    assert list(found.units) == every
    for label, mine in enumerate(lists):
        assert {unit for unit, weak in zip(every, found.weak[label], strict=True) if weak} == mine
    assert set(found.everywhere) == set.intersection(*lists)
    shared = [len(one & other) for one, other in combinations(lists, 2)]
    np.testing.assert_allclose(found.shared, np.mean(shared) if shared else np.nan)
    assert np.isclose(found.everywhere_by_chance, len(every) * (count / len(every)) ** classes)


def test_expectations_are_those_of_random_lists():
    rng = np.random.default_rng(0)
    scores = {"tanh1": rng.random((3, 4)), "tanh2": rng.random((3, 6)) + 0.3}
    found, drawn = weak_units(scores, 5), []
    for _ in range(3000):
        lists = []
        for label in range(3):
            parts = [found.weak[label, :4].sum(), found.weak[label, 4:].sum()]
            lists.append({*rng.permutation(4)[: parts[0]], *(10 + rng.permutation(6)[: parts[1]])})
        pairs = [len(one & other) for one, other in combinations(lists, 2)]
        drawn.append((np.mean(pairs), len(set.intersection(*lists))))
    np.testing.assert_allclose(np.mean(drawn, axis=0), [found.shared_by_layer, found.everywhere_by_layer], atol=0.08)
    np.testing.assert_allclose(found.shared_by_chance, 5 * 5 / 10)


def test_layers_that_differ_in_level_agree_by_that_alone():
    found = weak_units({"tanh1": np.random.default_rng(0).random((6, 8)) + 9, "tanh2": np.ones((6, 4))}, 4)
    assert found.shared == found.shared_by_layer == 4 > found.shared_by_chance
    assert [unit.layer for unit in found.everywhere] == ["tanh2"] * 4 and found.everywhere_by_layer == 4


def test_a_list_longer_than_all_units_is_refused():
    with pytest.raises(ValueError, match="count is 4, expected a whole number from 1 to 3"):
        weak_units({"tanh1": np.ones((2, 3))}, 4)
