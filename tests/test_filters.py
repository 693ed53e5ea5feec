"""Norms over maps and over channels, and rankings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinynet as tn
from tests.networks import small_classifier
from tinynet.explain import Unit

NORMS = ("frobenius", "max", "l1")
NUMBERS = st.integers(-(10**6), 10**6).map(lambda n: n / 1000)
maps = hnp.arrays(np.float64, hnp.array_shapes(min_dims=3, max_dims=5, max_side=4), elements=NUMBERS)


def slow_norm(values, norm: str, per_pixel: bool = False) -> float:
    count = len(values) if per_pixel else 1
    if norm == "max":
        return max(abs(v) for v in values)
    if norm == "l1":
        return sum(abs(v) for v in values) / count
    return (sum(v * v for v in values) / count) ** 0.5


@given(maps, st.sampled_from(NORMS), st.booleans())
def test_a_convolutional_gradient_is_the_size_of_each_map(gradient, norm, per_pixel):
    got = tn.convolutional_gradient(gradient, norm, per_pixel=per_pixel)
    assert got.shape == gradient.shape[:-2]
    for index in np.ndindex(got.shape):
        wanted = slow_norm(gradient[index].ravel().tolist(), norm, per_pixel)
        np.testing.assert_allclose(got[index], wanted, rtol=1e-12, atol=1e-300)


@given(maps, st.sampled_from(NORMS))
def test_saliency_is_the_size_at_each_place(gradient, norm):
    got = tn.saliency(gradient, norm)
    assert got.shape == (*gradient.shape[:-3], *gradient.shape[-2:])
    moved = np.moveaxis(gradient, -3, -1)
    for index in np.ndindex(got.shape):
        np.testing.assert_allclose(got[index], slow_norm(moved[index].tolist(), norm), rtol=1e-12, atol=1e-300)


@given(maps, st.sampled_from(NORMS), NUMBERS.map(abs), st.booleans())
def test_norms_are_norms(gradient, norm, scale, per_pixel):
    size = tn.convolutional_gradient(gradient, norm, per_pixel=per_pixel)
    assert np.all(size >= 0)
    np.testing.assert_allclose(
        tn.convolutional_gradient(-scale * gradient, norm, per_pixel=per_pixel), scale * size, rtol=1e-9
    )
    mean = gradient.mean(axis=0)
    if mean.ndim >= 3:
        of_mean = tn.convolutional_gradient(mean, norm, per_pixel=per_pixel)
        assert np.all(of_mean <= size.mean(axis=0) * (1 + 1e-9) + 1e-12)


def test_by_hand():
    gradient = np.array([[[3.0, -4.0]], [[0.0, 1.0]]])
    np.testing.assert_allclose(tn.convolutional_gradient(gradient), [5, 1])
    np.testing.assert_allclose(tn.convolutional_gradient(gradient, "max"), [4, 1])
    np.testing.assert_allclose(tn.convolutional_gradient(gradient, "l1"), [7, 1])
    np.testing.assert_allclose(tn.convolutional_gradient(gradient, per_pixel=True), [5 / 2**0.5, 1 / 2**0.5])
    np.testing.assert_allclose(tn.saliency(gradient, "l1"), [[3, 5]])
    np.testing.assert_allclose(tn.saliency(gradient), [[3, 17**0.5]])


def test_mappings_are_worked_through_name_by_name():
    gradients = tn.prediction_gradient(small_classifier(), np.ones((2, 1, 8, 8)), "all", layers=["tanh1", "relu1"])
    for question in (tn.convolutional_gradient, tn.saliency):
        answers = question(gradients)
        assert list(answers) == ["tanh1", "relu1"]
        for name, answer in answers.items():
            np.testing.assert_array_equal(answer, question(gradients[name]))


@pytest.mark.parametrize("question", [tn.convolutional_gradient, tn.saliency])
def test_norms_of_what_is_no_map_are_refused(question):
    with pytest.raises(
        ValueError, match=r"gradient is .* of shape \(2, 3\), expected .* of shape \(\.\.\., channels, height, width\)"
    ):
        question(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"norm is 'L2', expected frobenius, max or l1"):
        question(np.ones((2, 3, 3)), "L2")


# ---------------------------------------------------------------------------------------------------------- rankings


@given(
    st.dictionaries(st.text("abc", min_size=1), st.lists(st.integers(-2, 2).map(float), max_size=4), max_size=4),
    st.booleans(),
)
def test_rankings_are_sorted_and_ties_keep_their_order(scores, strongest_first):
    every = [(layer, unit) for layer, numbers in scores.items() for unit in range(len(numbers))]
    sign = -1 if strongest_first else 1
    wanted = sorted(every, key=lambda unit: sign * scores[unit[0]][unit[1]])
    assert tn.rank_units(scores, strongest_first=strongest_first) == wanted


@given(st.integers(1, 4), st.lists(st.integers(0, 4), min_size=1, max_size=3), st.data())
def test_a_class_is_ranked_by_its_row(classes, sizes, data):
    numbers = st.integers(-2, 2).map(float)
    scores = {
        f"tanh{n}": [[data.draw(numbers) for _ in range(size)] for _ in range(classes)] for n, size in enumerate(sizes)
    }
    label = data.draw(st.integers(0, classes - 1))
    of_one = {name: rows[label] for name, rows in scores.items()}
    assert tn.rank_units(scores, label=label) == tn.rank_units(of_one)
    with pytest.raises(ValueError, match=f"^label is {classes}, expected a whole number from 0 to {classes - 1}"):
        tn.rank_units(scores, label=classes)
    with pytest.raises(
        ValueError, match=r"^scores of tanh0 is .*, expected an array of real numbers of shape \(classes, u"
    ):
        tn.rank_units(of_one, label=0)


def test_units_are_named_pairs():
    (first, second) = tn.rank_units({"tanh1": np.array([1, 3])})
    assert first == Unit("tanh1", 1) == ("tanh1", 1) and second.layer == "tanh1" and second.unit == 0
    assert isinstance(first.unit, int)


@pytest.mark.parametrize("numbers", [[[1.0]], [np.nan, 1.0], 3.0])
def test_scores_are_one_number_a_unit(numbers):
    with pytest.raises(ValueError, match="tanh1: scores have shape"):
        tn.rank_units({"tanh1": numbers})
    with pytest.raises(ValueError, match=r"tanh1: scores have shape \(3, 2\); label= says which class's row is ranked"):
        tn.rank_units({"tanh1": np.ones((3, 2))})


def test_filters_answer_through_their_activations():
    assert tn.filter_outputs(small_classifier()) == ["tanh1", "relu1"]
    bare = tn.Network([tn.Conv2D(2, 3), tn.MaxPool2D(2), tn.Conv2D(2, 2)], (1, 8, 8))
    assert tn.filter_outputs(bare) == ["conv1", "conv2"]
    assert tn.filter_outputs(tn.Network([tn.Dense(2), tn.Tanh()], (3,))) == []
