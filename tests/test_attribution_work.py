"""What saves attribution work, or memory, changes nothing: sums behind affine layers, blocks around patches, parts."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.test_attribution import relu_networks, value
from tinynet import explain, models
from tinynet.explain.attribution import shapley
from tinynet.explain.attribution.affine import Front
from tinynet.explain.attribution.nearby import Nearby
from tinynet.explain.attribution.question import Question

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
SMOOTH = [tn.Tanh, tn.Sigmoid, tn.ReLU]


class Twice(tn.Conv2D):
    """A kind of convolution that is none."""

    def forward(self, x):
        """Square each response, so that the layer is not affine."""
        return super().forward(x) ** 2

    def backward(self, dy, x, y):
        """Carry the squares' slopes back."""
        return super().backward(2 * dy * super().forward(x), x, y)


@st.composite
def window_networks(draw: st.DrawFn):
    """Draw a float64 network of windows, some padded or with rows left over, and images of a size that they fit."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draw(st.integers(1, 2)), draw(st.integers(7, 12)), draw(st.integers(7, 12)))
    layers: list[tn.Layer] = []
    for _ in range(draw(st.integers(1, 2))):
        kind = draw(st.sampled_from([tn.Conv2D, Twice]))
        stride, padding = draw(st.integers(1, 3)), draw(st.sampled_from([0, 0, 1, "same"]))
        layers += [kind(2, (2, draw(st.integers(1, 3))), stride=stride, padding=padding)]
        layers += [draw(st.sampled_from(SMOOTH))()]
        pool = draw(st.sampled_from([tn.MaxPool2D, tn.AvgPool2D, None]))
        layers += [pool((1, 2), stride=draw(st.integers(1, 2)), ceil=draw(st.booleans()))] if pool else []
    try:
        net = tn.Network([*layers, tn.Flatten(), tn.Dense(3), tn.Softmax()], shape, rng=rng, dtype=np.float64)
    except ValueError:  # windows larger than what is left
        net = tn.Network([tn.Conv2D(2, 3), tn.Tanh(), tn.Flatten(), tn.Dense(3)], shape, rng=rng, dtype=np.float64)
    for array in net.parameters().values():
        array += rng.normal(0, 0.5, array.shape)
    return net, rng.normal(size=(draw(st.integers(0, 2)), *shape)), rng


@given(
    case=window_networks(),
    size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    channels=st.sampled_from([None, 1]),
    stride=st.integers(1, 4),
    batch_size=st.sampled_from([None, 1, 7]),
)
def test_patches_are_covered_as_if_the_whole_network_were_run_for_each(case, size, channels, stride, batch_size):
    net, x, rng = case
    size = size if channels is None else (channels, *size)
    extent = (x.shape[1], *size)[-3:]
    steps = (x.shape[1] if channels is None else stride, stride, stride)
    cover = rng.normal(size=x.shape)
    lasts = [length - within for length, within in zip(x.shape[1:], extent, strict=True)]
    total, counts = np.zeros(x.shape), np.zeros(x.shape)
    for corner in product(*[sorted({*range(0, last, step), last}) for last, step in zip(lasts, steps, strict=True)]):
        place = (..., *[slice(begin, begin + within) for begin, within in zip(corner, extent, strict=True)])
        changed = x.copy()
        changed[place] = cover[place]
        total[place] += (value(net, x, 1) - value(net, changed, 1))[:, None, None, None]
        counts[place] += 1
    stride = stride if channels is None else (stride,) * 3
    found = explain.occlusion(net, x, 1, size=size, stride=stride, replace=cover, batch_size=batch_size)
    np.testing.assert_allclose(found, total / np.maximum(counts, 1), **CLOSE)


def test_only_what_sees_a_patch_is_computed_anew():
    """A patch of 5x5 on the thesis network changes 9x9, then 5x5, then 9x9, then 5x5 places of its maps."""
    net = models.build("thesis", (1, 60, 60), 15)
    question = Question(net, np.zeros((1, 1, 60, 60)), 0, "logit")
    nearby = Nearby(question, (1, 5, 5))
    assert [step.changed for step in nearby._steps[::3]] == [(5, 9, 9), (8, 9, 9)]
    assert [step.changed for step in nearby._steps[2::3]] == [(5, 5, 5), (8, 5, 5)]
    assert nearby.behind.net.layers[0].name == "conv3"
    assert Nearby(question, (1, 50, 50)).behind is question


def test_a_kind_of_convolution_is_not_taken_for_one():
    net = tn.Network([Twice(2, 2), tn.Flatten(), tn.Dense(2)], (1, 4, 4), dtype=np.float64)
    question = Question(net, np.zeros((1, 1, 4, 4)), 0, "logit")
    assert Front(question).behind is question and Nearby(question, (1, 1, 1)).behind is question


@given(case=relu_networks(), of=st.sampled_from(["logit", "probability"]), steps=st.integers(1, 9))
def test_integrated_gradients_are_the_mean_of_the_gradients_at_the_pixels(case, of, steps):
    net, x, rng = case
    baseline = rng.normal(size=x.shape)
    slopes = [
        tn.prediction_gradient(net, baseline + a * (x - baseline), "all", of, layers=["input"])["input"]
        for a in (np.arange(steps) + 0.5) / steps
    ]
    for batch_size in (None, 1, 4):
        found = explain.integrated_gradients(net, x, "all", of, baseline=baseline, steps=steps, batch_size=batch_size)
        np.testing.assert_allclose(found, (x - baseline) * np.mean(slopes, axis=0), **CLOSE)


@given(case=relu_networks(), samples=st.integers(2, 7), kind=st.sampled_from(["mean", "square", "variance"]))
def test_noisy_images_are_worked_through_in_parts_of_any_size(case, samples, kind):
    net, x, _ = case
    whole, parts = (
        explain.smooth_gradient(net, x, "all", samples=samples, kind=kind, batch_size=size) for size in (None, 2)
    )
    np.testing.assert_allclose(whole, parts, **CLOSE)
    if kind != "variance":
        np.testing.assert_allclose(whole.error, parts.error, rtol=1e-6, atol=1e-11)


@given(case=relu_networks(images=True), of=st.sampled_from(["logit", "margin"]), seed=st.integers(0, 9))
def test_players_come_to_the_same_however_they_are_put_together(case, of, seed):
    """Coalitions made behind the first layers, or of pixels, each met once, in one block or in many."""
    net, x, rng = case
    players = rng.permutation(np.arange(x[0].size) % 6).reshape(x.shape[1:])
    baseline = rng.normal(size=x.shape[1:])
    found = []
    for added, block in ((32, 1 << 22), (0, 1 << 22), (32, 1)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shapley, "MOST_EXACT", 0)
            patch.setattr(shapley, "MOST_ADDED", added)
            patch.setattr(shapley, "BLOCK", block)
            found.append(explain.shapley_values(net, x, 1, of, players=players, baseline=baseline, samples=4, rng=seed))
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(other.error, found[0].error, rtol=1e-6, atol=1e-8)


def test_exact_integrated_gradients_find_what_bends_away_and_back():
    """With f = relu(1 - 4 relu(x1 - 1/2) - 4 relu(1/2 - x2)), f and its gradient are 0 at (0, 0) and at (1, 1).

    On the way, for 1/4 < a < 1/2 the gradient is (0, 4), for 1/2 < a < 3/4 it is (-4, 0): they cancel in the sum alone.
    """
    net = tn.Network([tn.Dense(2), tn.ReLU(), tn.Dense(1), tn.ReLU(), tn.Dense(2)], (2,), dtype=np.float64)
    net["dense1"].params.update(W=np.array([[1.0, 0.0], [0.0, -1.0]]), b=np.array([-0.5, 0.5]))
    net["dense2"].params.update(W=np.array([[-4.0, -4.0]]), b=np.array([1.0]))
    net["dense3"].params.update(W=np.array([[1.0], [0.0]]), b=np.zeros(2))
    found = explain.integrated_gradients(net, np.ones((1, 2)), 0, steps="exact")
    np.testing.assert_allclose(found, [[-1.0, 1.0]], atol=1e-12)
    assert abs(found.remainder[0]) < 1e-12


@pytest.mark.parametrize("target", [1, "all", np.zeros(0, int)])
def test_no_images_have_no_maps(target):
    net = tn.Network([tn.Conv2D(2, 3), tn.ReLU(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(3), tn.Softmax()], (1, 8, 8))
    methods = {
        "integrated_gradients": [{}, {"steps": "exact"}],
        "smooth_gradient": [{}],
        "occlusion": [{}],
        "rise": [{"samples": 2}],
        "shapley_values": [{}, {"players": explain.grid((1, 8, 8), 4), "samples": 2}],
        "relevance": [{}],
    }
    for name, settings in methods.items():
        for chosen in settings:
            found = getattr(explain, name)(net, np.zeros((0, 1, 8, 8)), target, **chosen)
            assert found.shape == ((3,) if isinstance(target, str) else ()) + (0, 1, 8, 8), name


def test_in_every_single_order_players_add_up_to_what_all_of_them_change():
    """Any game of four players, any order: what each adds to those before it adds up, and so do both directions."""
    rng, heights = np.random.default_rng(0), {}

    def worth(coalitions):
        return np.array([[heights.setdefault(tuple(row), rng.normal()) for row in coalitions.tolist()]])

    for order in permutations(range(4)):
        values, _ = shapley._drawn(worth, np.array([order, order]))
        np.testing.assert_allclose(values.sum(), heights[(True,) * 4] - heights[(False,) * 4])
        wanted = np.zeros(4)
        for direction in (order, order[::-1]):
            there = [False] * 4
            for player in direction:
                low, there[player] = heights[tuple(there)], True
                wanted[player] += (heights[tuple(there)] - low) / 2
        np.testing.assert_allclose(values[0], wanted)
