"""Initializers: the size that each one promises, from the numbers of inputs and outputs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import tinynet as tn
from tinynet import initializers

# As the papers write them: the variance, from the number of inputs n and of outputs m.
MEAN_SQUARES = {
    "glorot_normal": lambda n, m: 2 / (n + m),
    "glorot_uniform": lambda n, m: 2 / (n + m),
    "he_normal": lambda n, m: 2 / n,
    "he_uniform": lambda n, m: 2 / n,
    "lecun_normal": lambda n, m: 1 / n,
    "lecun_uniform": lambda n, m: 1 / n,
    "farias_first": lambda n, m: 48 / (35 * n),
    "farias": lambda n, m: 16 / (11 * n),
    "he_positive": lambda n, m: 2 / n,
    "glorot_tenth": lambda n, m: 0.02 / (n + m),
}


def test_all_of_them_are_known():
    assert set(initializers.INITIALIZERS) == set(MEAN_SQUARES)


@pytest.mark.parametrize("name", MEAN_SQUARES)
@pytest.mark.parametrize(("n", "m"), [(3, 7), (50, 5)])
def test_draws_follow_the_law_that_they_promise(name, n, m):
    weights = initializers.named(name)((300_000,), n, m, np.random.default_rng(0), np.float64)
    deviation = np.sqrt(MEAN_SQUARES[name](n, m))
    if name.endswith("positive"):
        law = stats.halfnorm(0, deviation)
    elif name.endswith(("uniform", "tenth")):
        law = stats.uniform(-np.sqrt(3) * deviation, 2 * np.sqrt(3) * deviation)
    else:
        law = stats.norm(0, deviation)
    assert stats.kstest(weights, law.cdf).pvalue > 1e-3
    np.testing.assert_allclose((weights**2).mean(), deviation**2, rtol=0.01)


@given(st.sampled_from(sorted(MEAN_SQUARES)), st.sampled_from([np.float32, np.float64]), st.integers(0, 99))
def test_the_same_seed_gives_the_same_bits_in_the_type_asked_for(name, dtype, seed):
    one, other = (initializers.named(name)((3, 2), 2, 3, np.random.default_rng(seed), dtype) for _ in range(2))
    assert one.dtype == dtype and one.shape == (3, 2) and one.tobytes() == other.tobytes()


def test_a_filter_has_as_many_inputs_as_its_window_has_pixels():
    net = tn.Network([tn.Conv2D(400, (3, 5), initializer="lecun_normal")], (2, 8, 8), dtype=float)
    assert net["conv1"].params["W"].std() == pytest.approx(np.sqrt(1 / (2 * 3 * 5)), rel=0.05)
    net = tn.Network([tn.Conv2D(400, (3, 5), initializer="glorot_uniform")], (2, 8, 8), dtype=float)
    assert np.abs(net["conv1"].params["W"]).max() == pytest.approx(np.sqrt(6 / (402 * 15)), rel=0.01)
    assert not net["conv1"].params["b"].any()


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"^initializer is 'he_norml', expected .*; did you mean he_normal\?$"):
        tn.Dense(3, initializer="he_norml")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ((0, "in", "normal"), "^gain is 0, expected a finite number above 0$"),
        ((np.nan, "in", "normal"), "^gain is nan"),
        ((1.0, "out", "normal"), "^fan is 'out', expected in or mean$"),
        ((1.0, "in", "uniforme"), r"^distribution is 'uniforme', .*; did you mean uniform\?$"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        initializers.Initializer(*settings)
