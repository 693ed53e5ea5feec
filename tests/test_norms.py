"""Norms are exact from the smallest numbers of a type to the largest, and of whole numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinynet as tn
from tests.networks import small_classifier
from tinynet.explain import cosines
from tinynet.explain.norms import NORMS, directions, norm


def twin(values, axis, kind, mean):
    """Return the norm worked out in extended precision, whose squares reach far beyond those of float64."""
    wide = np.abs(values.astype(np.longdouble))
    if kind == "max":
        return wide.max(axis=axis, initial=0)
    total = (np.mean if mean else np.sum)(wide if kind == "l1" else wide * wide, axis=axis)
    return total if kind == "l1" else np.sqrt(total)


@st.composite
def arrays(draw):
    dtype = np.dtype(draw(st.sampled_from(["e", "f", "d"])))
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=4, max_side=4))
    digits = draw(hnp.arrays(np.float64, shape, elements=st.integers(-1000, 1000).map(lambda n: n / 1000)))
    info = np.finfo(dtype)
    power = draw(st.integers(info.minexp - 3, info.maxexp - 9))
    return np.ldexp(digits, power).astype(dtype)


@given(arrays(), st.sampled_from(NORMS), st.booleans(), st.data())
def test_norms_are_exact_at_every_magnitude(values, kind, mean, data):
    axis = tuple(data.draw(st.sets(st.integers(0, values.ndim - 1), max_size=values.ndim)))
    wanted = twin(values, axis, kind, mean)
    got = norm(values, axis, kind, mean=mean)
    assert got.shape == wanted.shape and got.dtype == max(values.dtype, np.dtype(np.float32))
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=float(np.finfo(got.dtype).smallest_subnormal))
    assert norm(values, axis, kind, mean=mean, keepdims=True).ndim == values.ndim


@given(arrays(), st.booleans(), st.data())
def test_directions_have_length_one_at_every_magnitude(values, mean, data):
    axis = data.draw(st.integers(0, values.ndim - 1))
    got = directions(values, axis, mean=mean)
    zero = ~values.any(axis=axis)
    np.testing.assert_allclose(twin(got, axis, "frobenius", mean)[~zero], 1, rtol=1e-5)
    assert not np.moveaxis(got, axis, -1)[zero].any()
    size = twin(values, axis, "frobenius", mean)
    np.testing.assert_allclose(got * np.expand_dims(size, axis), values.astype(np.longdouble), rtol=1e-5)


@given(hnp.arrays(st.sampled_from([np.int8, np.uint8, np.int64]), (3, 4)), st.sampled_from(NORMS))
def test_whole_numbers_have_the_norms_of_the_same_floats(values, kind):
    np.testing.assert_allclose(norm(values, 1, kind), norm(values.astype(float), 1, kind))


@given(arrays(), st.integers(-40, 40))
def test_powers_of_two_change_no_digit(values, power):
    values = values.astype(np.float64)
    if values.any() and np.abs(values).max() > 1e-200 and np.abs(values).max() < 1e200:
        np.testing.assert_array_equal(norm(np.ldexp(values, power), 1), np.ldexp(norm(values, 1), power))


@pytest.mark.parametrize("scale", [1e-44, 1e-30, 1.0, 1e30])
def test_rankings_and_cosines_do_not_depend_on_the_size_of_gradients(scale):
    rng = np.random.default_rng(0)
    gradient = rng.normal(size=(2, 6, 5, 5))
    small = (gradient * scale).astype(np.float32)
    exact = small.astype(np.longdouble)
    for question in (tn.convolutional_gradient, tn.saliency):
        wanted = np.sqrt(np.square(exact).sum(axis=(-2, -1) if question is tn.convolutional_gradient else -3))
        np.testing.assert_allclose(question(small), wanted, rtol=1e-5, atol=2e-45)
    profiles = tn.convolutional_gradient(small)
    wanted = np.sqrt(np.square(exact).sum(axis=(-2, -1)))
    cosine = (wanted[0] * wanted[1]).sum() / np.sqrt(np.square(wanted).sum(axis=1).prod())
    np.testing.assert_allclose(cosines(profiles)[0, 1], cosine, rtol=0.05 if scale < 1e-40 else 1e-6)


@pytest.mark.parametrize("wrong", [None, "text", [[1, 2], [3]], 1j, [[None]], np.array([[object()]])])
def test_what_holds_no_real_numbers_is_refused(wrong):
    for question in (tn.convolutional_gradient, tn.saliency):
        with pytest.raises(ValueError, match=r"^gradient is .*, expected an array of real numbers$"):
            question(wrong)


def test_units_of_a_sure_network_are_ranked_as_its_float64_twin_ranks_them():
    nets = [small_classifier(dtype=dtype) for dtype in (np.float32, np.float64)]
    for net in nets:
        net["dense1"].params["b"][:] = [0, 60, 0]
    for array, exact in zip(nets[0].parameters().values(), nets[1].parameters().values(), strict=True):
        exact[...] = array
    x = np.random.default_rng(0).random((4, 1, 8, 8)).astype(np.float32)
    for of in ("probability", "log_probability"):
        for label in range(3):
            got, wanted = (
                tn.convolutional_gradient(tn.prediction_gradient(net, x, label, of)["tanh1"]) for net in nets
            )
            np.testing.assert_allclose(got, wanted, rtol=1e-3)
            assert tn.rank_units({"tanh1": got[0]}) == tn.rank_units({"tanh1": wanted[0]})
