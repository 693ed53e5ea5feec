"""Every layer keeps every law; equals its slow, literal definition; and gives what is worked out by hand on 2 x 2."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tinynet.testing import check_layer
from tinynet.testing import strategies as some

KINDS = list(some.STRATEGIES)
DIFFERENTIABLE = [kind for kind in KINDS if kind is not tn.Step]
HALF = 0.5


def arrays(*rows: object) -> tuple[np.ndarray, ...]:
    return tuple(np.array(row, float) for row in rows)


def built(layer: tn.Layer, **params: object) -> tn.Layer:
    return layer.with_params({name: np.array(array, float) for name, array in params.items()})


def passes(layer: tn.Layer, x: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y = layer.forward(x)
    return y, layer.backward(dy, x, y)


def leading(array: np.ndarray, unit: tuple[int, ...]) -> tuple[int, ...]:
    return array.shape[: array.ndim - len(unit)]


# ------------------------------------------------------------------------------------------------------------ the laws


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_keeps_every_law(kind: type[tn.Layer]) -> None:
    @given(some.layers([kind]), some.seeds())
    def check(case: some.LayerCase, seed: int) -> None:
        report = check_layer(*case, seed)
        assert report.ok, f"{case}\n{report}"

    check()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", DIFFERENTIABLE)
def test_stacks_of_any_shape_even_empty_ones_are_the_stacks_of_their_parts(kind: type[tn.Layer], dtype: type) -> None:
    @given(st.data(), some.layers([kind], dtype), some.batch_shapes(), some.seeds())
    def check(data, case: some.LayerCase, seeds: tuple[int, ...], seed: int) -> None:
        layer, shape = case
        x = data.draw(st.one_of(some.inputs(shape, dtype=dtype), some.inputs_with_ties(shape, dtype=dtype)))
        batch = leading(x, shape)
        y = layer.forward(x)
        dy = np.random.default_rng(seed).standard_normal((*seeds, *y.shape)).astype(dtype)
        dx, grads = layer.backward(dy, x, y), layer.grads(dy, x, y)
        assert y.shape == (*batch, *layer.output_shape(shape))
        assert dx.shape == (*seeds, *x.shape)
        assert {name: array.shape for name, array in grads.items()} == {
            name: array.shape for name, array in layer.params.items()
        }
        assert {array.dtype for array in (y, dx, *grads.values())} == {np.dtype(dtype)}
        near = {"rtol": 0, "atol": 1e-5 if dtype == np.float32 else 1e-12}
        totals = {name: np.zeros_like(array) for name, array in grads.items()}
        for place in np.ndindex(batch):
            one = layer.forward(x[place][None])
            np.testing.assert_allclose(y[place], one[0], **near)
            for seed_place in np.ndindex(seeds):
                single = dy[(*seed_place, *place)][None], x[place][None], one
                np.testing.assert_allclose(dx[(*seed_place, *place)], layer.backward(*single)[0], **near)
                for name, array in layer.grads(*single).items():
                    totals[name] += array
        for name, total in totals.items():
            np.testing.assert_allclose(grads[name], total, rtol=0, atol=1e-4 if dtype == np.float32 else 1e-10)

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_made_again_from_its_settings(kind: type[tn.Layer]) -> None:
    @given(some.layers([kind]))
    def check(case: some.LayerCase) -> None:
        again = kind(**case.layer.settings())
        assert repr(again) == repr(case.layer)
        assert again.output_shape(case.input_shape) == case.layer.output_shape(case.input_shape)

    check()


@given(some.layers([tn.Dense, tn.Conv2D]))
def test_with_params_leaves_the_layer_itself_alone(case: some.LayerCase) -> None:
    before = dict(case.layer.params)
    other = case.layer.with_params({name: 2 * array for name, array in before.items()})
    assert all(case.layer.params[name] is array for name, array in before.items())
    assert all(np.array_equal(other.params[name], 2 * array) for name, array in before.items())
    assert type(other) is type(case.layer)


# ---------------------------------------------------------------------------------------------- slow, literal replicas


@given(some.layers([tn.Dense]), st.data())
def test_dense_is_a_double_loop(case: some.LayerCase, data) -> None:
    layer = case.layer
    x = data.draw(some.inputs(case.input_shape, batch=st.just((2,))))
    W, b = layer.params["W"], layer.params.get("b", np.zeros(layer.units))
    y, dx, dW, db = np.zeros((2, layer.units)), np.zeros_like(x), np.zeros_like(W), np.zeros_like(b)
    dy = data.draw(some.inputs((layer.units,), batch=st.just((2,))))
    for n, i in np.ndindex(2, layer.units):
        y[n, i] = b[i]
        db[i] += dy[n, i]
        for j in range(W.shape[1]):
            y[n, i] += W[i, j] * x[n, j]
            dx[n, j] += W[i, j] * dy[n, i]
            dW[i, j] += dy[n, i] * x[n, j]
    got = passes(layer, x, dy)
    grads = layer.grads(dy, x, got[0])
    np.testing.assert_allclose(got[0], y, atol=1e-12)
    np.testing.assert_allclose(got[1], dx, atol=1e-12)
    np.testing.assert_allclose(grads["W"], dW, atol=1e-12)
    assert ("b" in grads) == layer.bias
    if layer.bias:
        np.testing.assert_allclose(grads["b"], db, atol=1e-12)


@given(some.vector_shapes().flatmap(lambda shape: some.inputs(shape, batch=st.just(()))), some.seeds())
def test_softmax_has_its_jacobian(z: np.ndarray, seed: int) -> None:
    total = sum(math.exp(value) for value in z)
    p = np.array([math.exp(value) / total for value in z])
    jacobian = np.array([[p[i] * ((i == j) - p[j]) for j in range(len(z))] for i in range(len(z))])
    layer = tn.Softmax()
    y = layer.forward(z)
    np.testing.assert_allclose(y, p, atol=1e-14)
    np.testing.assert_allclose(layer.backward(np.eye(len(z)), z, y), jacobian, atol=1e-14)
    dy = np.random.default_rng(seed).standard_normal(len(z))
    np.testing.assert_allclose(layer.backward(dy, z, y), jacobian.T @ dy, atol=1e-14)


@given(some.layers([tn.KnockOut]), st.data())
def test_knock_out_replaces_unit_by_unit(case: some.LayerCase, data) -> None:
    layer = case.layer
    x = data.draw(some.inputs(case.input_shape, batch=st.just((2,))))
    dy = data.draw(some.inputs(case.input_shape, batch=st.just((2,))))
    y, dx = x.copy(), dy.copy()
    for n, (place, unit) in itertools.product(range(2), enumerate(layer.units)):
        y[n, unit] = layer.replacement if layer.replacement.ndim == 0 else layer.replacement[place]
        dx[n, unit] = 0
    got = passes(layer, x, dy)
    np.testing.assert_array_equal(got[0], y)
    np.testing.assert_array_equal(got[1], dx)


def windows(layer: tn.Layer, shape: tuple[int, int, int]) -> list[tuple[tuple[int, int], list[tuple[int, int]], int]]:
    """Return for each output place of a pool the pixels that its window sees, in row-major order, and its divisor."""
    _, height, width = shape
    _, rows, columns = layer.output_shape(shape)
    (top, bottom), (left, right) = layer.window.pads(height, width)
    found = []
    for i, j in np.ndindex(rows, columns):
        down = range(i * layer.stride[0] - top, i * layer.stride[0] - top + layer.size[0])
        across = range(j * layer.stride[1] - left, j * layer.stride[1] - left + layer.size[1])
        seen = [(m, n) for m in down for n in across if 0 <= m < height and 0 <= n < width]
        padded = [(m, n) for m in down for n in across if m < height + bottom and n < width + right]
        found.append(((i, j), seen, len(padded)))
    return found


@given(some.layers([tn.MaxPool2D]), st.data(), some.seeds())
def test_max_pool_gives_each_delta_to_the_first_winner(case: some.LayerCase, data, seed: int) -> None:
    layer, shape = case
    x = data.draw(some.inputs_with_ties(shape, batch=st.just(())))
    y, dx = np.zeros(layer.output_shape(shape)), np.zeros(shape)
    dy = np.random.default_rng(seed).standard_normal(y.shape)
    for channel in range(shape[0]):
        for place, seen, _ in windows(layer, shape):
            winner = max(seen, key=lambda pixel, c=channel: x[(c, *pixel)])
            y[(channel, *place)] = x[(channel, *winner)]
            dx[(channel, *winner)] += dy[(channel, *place)]
    got = passes(layer, x, dy)
    np.testing.assert_array_equal(got[0], y)
    np.testing.assert_allclose(got[1], dx, atol=1e-14)
    np.testing.assert_allclose(got[1].sum(), dy.sum(), atol=1e-12)


@given(some.layers([tn.AvgPool2D]), st.data(), some.seeds())
def test_average_pool_shares_each_delta_out(case: some.LayerCase, data, seed: int) -> None:
    layer, shape = case
    x = data.draw(some.inputs(shape, batch=st.just(())))
    y, dx = np.zeros(layer.output_shape(shape)), np.zeros(shape)
    dy = np.random.default_rng(seed).standard_normal(y.shape)
    for channel in range(shape[0]):
        for place, seen, divisor in windows(layer, shape):
            for pixel in seen:
                y[(channel, *place)] += x[(channel, *pixel)] / divisor
                dx[(channel, *pixel)] += dy[(channel, *place)] / divisor
    got = passes(layer, x, dy)
    np.testing.assert_allclose(got[0], y, atol=1e-14)
    np.testing.assert_allclose(got[1], dx, atol=1e-14)


@given(some.layers([tn.Flatten]), st.data())
def test_flatten_keeps_values_in_order(case: some.LayerCase, data) -> None:
    x = data.draw(some.inputs(case.input_shape))
    y = case.layer.forward(x)
    assert list(y.ravel()) == list(x.ravel())
    np.testing.assert_array_equal(case.layer.backward(y, x, y), x)


# --------------------------------------------------------------------------- right at every magnitude, for every type

SMOOTH = [tn.Tanh(), tn.Sigmoid(), tn.Softplus(), tn.ReLU(), tn.Softmax()]
magnitudes = st.floats(-3, 3).map(lambda exponent: 10**exponent)


@pytest.mark.parametrize("layer", SMOOTH, ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@given(magnitudes, magnitudes, some.seeds())
def test_activations_err_by_rounding_alone(layer: tn.Layer, dtype: type, size: float, slope: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = (size * rng.standard_normal((4, 7))).astype(dtype)
    dy = (slope * rng.standard_normal((4, 7))).astype(dtype)
    wide, seeds = x.astype(np.float64), dy.astype(np.float64)
    y = layer.forward(x)
    exact = layer.forward(wide)
    least, eps = float(np.finfo(dtype).smallest_normal), float(np.finfo(dtype).eps)
    grows = 1 + np.abs(wide - wide.max(axis=-1, keepdims=True)) if isinstance(layer, tn.Softmax) else 1 + np.abs(wide)
    assert y.dtype == dtype
    assert (np.abs(y - exact) <= 8 * eps * grows * np.abs(exact) + least).all()
    error = np.abs(layer.backward(dy, x, y) - layer.backward(seeds, wide, y.astype(np.float64)))
    most = np.abs(seeds).max(axis=-1, keepdims=True)
    share = y.astype(np.float64) if isinstance(layer, tn.Softmax) else 1
    assert (error <= 16 * eps * most * share + (1 + most) * least).all()


@given(st.floats(5, 60), st.integers(2, 9), some.seeds())
def test_softmax_has_the_slopes_of_a_network_that_is_sure(margin: float, classes: int, seed: int) -> None:
    z = np.random.default_rng(seed).standard_normal(classes)
    z[0] = z.max() + margin
    single = z.astype(np.float32)
    layer = tn.Softmax()
    exact = layer.backward(np.eye(classes), single.astype(float), layer.forward(single.astype(float)))
    found = layer.backward(np.eye(classes, dtype=np.float32), single, layer.forward(single))
    np.testing.assert_allclose(found, exact, rtol=1e-4, atol=1e-37)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (tn.ReLU(), (4, 6, 6)),
        (tn.KnockOut([1, 3]), (4, 6, 6)),
        (tn.Dropout(0.5, np.random.default_rng(0).integers(0, 2, (4, 6, 6)) * 2.0), (4, 6, 6)),
        (tn.MaxPool2D(2), (4, 6, 6)),
        (tn.MaxPool2D(3, 2, padding=1), (4, 6, 6)),
    ],
    ids=repr,
)
@given(st.sampled_from([np.inf, -np.inf, np.nan]), some.seeds())
def test_what_nothing_is_let_through_to_gets_nothing(layer, shape, odd: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    layer.build(shape, rng)
    x = rng.standard_normal((2, *shape))
    y = layer.forward(x)
    lets_through = layer.backward(np.ones_like(y), x, y) != 0
    dx = layer.backward(np.full_like(y, odd), x, y)
    assert np.array_equal(dx[~lets_through], np.zeros((~lets_through).sum()))
    assert not np.isfinite(dx[lets_through]).any()


@pytest.mark.parametrize("kind", [kind for kind in DIFFERENTIABLE if kind is not tn.KnockOut])
def test_numbers_that_vanish_raise_nothing(kind: type[tn.Layer]) -> None:
    @given(some.layers([kind], np.float32), some.seeds(), st.sampled_from([1e-30, 1e3]))
    def check(case: some.LayerCase, seed: int, size: float) -> None:
        layer, shape = case
        x = (size * np.random.default_rng(seed).standard_normal((2, *shape))).astype(np.float32)
        with np.errstate(all="raise"):
            y = layer.forward(x)
            dy = np.full_like(y, 1e-30)
            layer.backward(dy, x, y)
            layer.grads(dy, x, y)

    check()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int32, np.int64, bool])
def test_whole_numbers_are_numbers(kind: type[tn.Layer], dtype: type) -> None:
    @given(some.layers([kind]), some.seeds())
    def check(case: some.LayerCase, seed: int) -> None:
        layer, shape = case
        x = np.random.default_rng(seed).integers(0, 2 if dtype is bool else 120, (2, *shape)).astype(dtype)
        np.testing.assert_allclose(layer.forward(x), layer.forward(x.astype(np.float64)), rtol=1e-4, atol=1e-6)

    check()


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))
def test_ceil_pools_leave_no_pixel_out_even_of_small_maps(height: int, width: int, size: int, stride: int) -> None:
    x = np.random.default_rng(0).random((1, height, width))
    for layer in (tn.MaxPool2D(size, min(stride, size), ceil=True), tn.AvgPool2D(size, min(stride, size), ceil=True)):
        y = layer.forward(x)
        assert y.shape == layer.output_shape(x.shape) and 0 not in y.shape
        assert np.isfinite(y).all() and y.max() <= x.max()
    assert tn.MaxPool2D(size, min(stride, size), ceil=True).forward(x).max() == x.max()


def test_settings_may_be_numbers_of_numpy() -> None:
    assert repr(tn.Conv2D(np.int64(4), np.array([3, 5]), stride=(np.int32(1), 2))) == repr(
        tn.Conv2D(4, (3, 5), stride=(1, 2))
    )
    assert repr(tn.Dropout(np.float32(0.5))) == "Dropout(rate=0.5)"
    assert repr(tn.KnockOut(np.array([1, 2]), np.float32(0.5))) == repr(tn.KnockOut([1, 2], 0.5))


# ------------------------------------------------------------------------------------------- worked out by hand, 2 x 2


def test_dense_by_hand() -> None:
    layer = built(tn.Dense(2), W=[[1, 2], [3, 4]], b=[10, 20])
    x, dy = arrays([1, -1], [5, 7])
    y, dx = passes(layer, x, dy)
    assert y.tolist() == [9, 19]  # 1 - 2 + 10, 3 - 4 + 20
    assert dx.tolist() == [26, 38]  # 5 + 3*7, 2*5 + 4*7
    grads = layer.grads(dy, x, y)
    assert grads["W"].tolist() == [[5, -5], [7, -7]]
    assert grads["b"].tolist() == [5, 7]


def test_dense_adds_gradients_up_over_a_batch() -> None:
    layer = built(tn.Dense(1), W=[[2, 3]], b=[0])
    x, dy = arrays([[1, 0], [0, 1]], [[10], [100]])
    assert layer.grads(dy, x, layer.forward(x))["W"].tolist() == [[10, 100]]
    assert layer.grads(dy, x, layer.forward(x))["b"].tolist() == [110]


def test_convolution_by_hand() -> None:
    layer = built(tn.Conv2D(1, 2), W=[[[[1, 2], [3, 4]]]], b=[100])
    x, dy = arrays([[[1, 0, 0], [0, 1, 0], [0, 0, 1]]], [[[1, 0], [0, 10]]])
    y, dx = passes(layer, x, dy)
    assert y.tolist() == [[[105, 103], [102, 105]]]  # the filter is not turned round: 1 + 4, 3, 2, 1 + 4
    assert dx.tolist() == [[[1, 2, 0], [3, 4 + 10, 20], [0, 30, 40]]]
    grads = layer.grads(dy, x, y)
    assert grads["W"].tolist() == [[[[11, 0], [0, 11]]]]
    assert grads["b"].tolist() == [11]


def test_padding_by_hand() -> None:
    x = np.array([[[1.0, 2], [3, 4]]])
    layer = built(tn.Conv2D(1, 3, padding=1), W=np.ones((1, 1, 3, 3)), b=[0])
    assert layer.forward(x).tolist() == [[[10, 10], [10, 10]]]
    assert built(tn.Conv2D(1, 2, padding="same"), W=np.ones((1, 1, 2, 2)), b=[0]).forward(x).tolist() == [
        [[10, 6], [7, 4]]  # the odd row and column of zeros go below and to the right
    ]
    assert built(tn.Conv2D(1, 1, stride=2), W=[[[[5]]]], b=[1]).forward(x).tolist() == [[[6]]]


def test_pools_by_hand() -> None:
    x, dy = arrays([[[1, 2], [4, 3]]], [[[8]]])
    y, dx = passes(tn.MaxPool2D(2), x, dy)
    assert (y.tolist(), dx.tolist()) == ([[[4]]], [[[0, 0], [8, 0]]])
    y, dx = passes(tn.AvgPool2D(2), x, dy)
    assert (y.tolist(), dx.tolist()) == ([[[2.5]]], [[[2, 2], [2, 2]]])


def test_a_tie_goes_to_the_first_in_reading_order() -> None:
    x, dy = arrays([[[1, 7], [7, 7]]], [[[5]]])
    assert passes(tn.MaxPool2D(2), x, dy)[1].tolist() == [[[0, 5], [0, 0]]]


def test_overlapping_windows_add_up_and_the_edge_may_hang_over() -> None:
    x, dy = arrays([[[0, 9, 1]]], [[[1, 10]]])
    assert passes(tn.MaxPool2D((1, 2), 1), x, dy)[1].tolist() == [[[0, 11, 0]]]
    assert tn.MaxPool2D((1, 2), 2, ceil=True).forward(x).tolist() == [[[9, 1]]]
    assert tn.AvgPool2D((1, 2), 2, ceil=True).forward(x).tolist() == [[[4.5, 1]]]
    assert tn.AvgPool2D((1, 2), 2, padding=(0, 1)).forward(x).tolist() == [[[0, 5]]]


def test_padding_never_wins() -> None:
    x = np.full((1, 2, 2), -3.0)
    assert tn.MaxPool2D(3, 1, padding=1).forward(x).tolist() == [[[-3, -3], [-3, -3]]]


def test_activations_by_hand() -> None:
    two, three = math.log(2), math.log(3)
    cases = [
        (tn.Tanh(), two, 0.6, 0.64),  # (2 - 1/2) / (2 + 1/2), 1 - 0.36
        (tn.Sigmoid(), three, 0.75, 0.1875),  # 3 / 4, 3 / 16
        (tn.ReLU(), 1.5, 1.5, 1),
        (tn.ReLU(), -1.5, 0, 0),
        (tn.ReLU(), 0.0, 0, 0),
        (tn.Softplus(), 0.0, two, HALF),
        (tn.Softplus(), three, math.log(4), 0.75),
    ]
    for layer, x, y, slope in cases:
        got = passes(layer, np.full((2, 2), x), np.full((2, 2), 10.0))
        np.testing.assert_allclose(got[0], np.full((2, 2), y), atol=1e-15)
        np.testing.assert_allclose(got[1], np.full((2, 2), 10 * slope), atol=1e-14)


def test_step_by_hand() -> None:
    x = np.array([-1.0, 0, 1e-9, 2])
    assert tn.Step().forward(x).tolist() == [0, 0, 1, 1]
    assert tn.Step().forward(np.tile(x, 50_000)).tolist() == 50_000 * [0, 0, 1, 1]  # of any size
    with pytest.raises(NotImplementedError, match="slope 0 everywhere and none at its step"):
        tn.Step().backward(np.ones(1), np.ones(1), np.ones(1))


def test_softmax_by_hand() -> None:
    z = np.array([0, math.log(3)])
    y, dz = passes(tn.Softmax(), z, np.array([[1.0, 0], [0, 1]]))
    np.testing.assert_allclose(y, [0.25, 0.75])
    np.testing.assert_allclose(dz, [[0.1875, -0.1875], [-0.1875, 0.1875]])


def test_softmax_of_large_logits_is_finite_and_flat_along_ones() -> None:
    z = np.array([[1e4, -1e4, 1e4 - 1], [-1e4, -1e4, -1e4]])
    y, dz = passes(tn.Softmax(), z, np.ones((2, 3)))
    np.testing.assert_allclose(y.sum(axis=-1), 1)
    np.testing.assert_allclose(dz, 0, atol=1e-15)


@pytest.mark.parametrize("layer", [tn.Sigmoid(), tn.Softplus(), tn.Tanh(), tn.ReLU()])
def test_activations_of_large_numbers_are_finite(layer: tn.Layer) -> None:
    y, dx = passes(layer, np.array([-1e4, 1e4]), np.ones(2))
    assert np.isfinite(y).all() and np.isfinite(dx).all()


def test_flatten_by_hand() -> None:
    x = np.array([[[1.0, 2], [3, 4]]])
    y, dx = passes(tn.Flatten(), x, np.array([10.0, 20, 30, 40]))
    assert y.tolist() == [1, 2, 3, 4]
    assert dx.tolist() == [[[10, 20], [30, 40]]]


def test_dropout_by_hand() -> None:
    x, dy = arrays([[1, 2], [3, 4]], [[5, 6], [7, 8]])
    y, dx = passes(tn.Dropout(0.5), x, dy)
    assert (y.tolist(), dx.tolist()) == (x.tolist(), dy.tolist())
    y, dx = passes(tn.Dropout(0.5, np.array([[2, 0], [0, 2]])), x, dy)
    assert (y.tolist(), dx.tolist()) == ([[2, 0], [0, 8]], [[10, 0], [0, 16]])


def test_a_dropout_mask_keeps_the_mean() -> None:
    layer = tn.Dropout(0.2)
    layer.name = "dropout7"
    stepped = layer.with_mask((100, 100), np.random.default_rng(0))
    assert set(np.unique(stepped.mask)) == {np.float32(0), np.float32(1.25)}
    assert stepped.mask.mean() == pytest.approx(1, abs=3 * 0.5 / 100)
    assert (stepped.name, layer.mask) == ("dropout7", None)
    np.testing.assert_array_equal(stepped.mask, layer.with_mask((100, 100), np.random.default_rng(0)).mask)


def test_knock_out_by_hand() -> None:
    layer = tn.KnockOut([1], 9.0)
    layer.build((2,), np.random.default_rng(0))
    y, dx = passes(layer, np.array([[1.0, 2]]), np.array([[5.0, 6]]))
    assert (y.tolist(), dx.tolist()) == ([[1, 9]], [[5, 0]])


def test_knock_out_of_feature_maps_by_hand() -> None:
    layer = tn.KnockOut([0, 1], [[[1, 2], [3, 4]], np.zeros((2, 2))])
    layer.build((3, 2, 2), np.random.default_rng(0))
    y = layer.forward(np.full((3, 2, 2), 7.0))
    assert y.tolist() == [[[1, 2], [3, 4]], [[0, 0], [0, 0]], [[7, 7], [7, 7]]]


# ----------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: tn.Dense(0), r"Dense: units is 0"),
        (lambda: tn.Dense(2.5), r"Dense: units is 2.5"),
        (lambda: tn.Conv2D(0, 3), r"Conv2D: filters is 0"),
        (lambda: tn.Conv2D(2, 0), r"size is 0"),
        (lambda: tn.Conv2D(2, (3, 3, 3)), r"size is \(3, 3, 3\)"),
        (lambda: tn.Conv2D(2, 3, stride=0), r"stride is 0"),
        (lambda: tn.Conv2D(2, 3, padding=-1), r"padding is -1"),
        (lambda: tn.Conv2D(2, 3, padding="full"), r"padding is 'full'"),
        (lambda: tn.MaxPool2D(2, padding=2), r"MaxPool2D: padding \(2, 2\) must be smaller than the window"),
        (lambda: tn.Dropout(1.0), r"Dropout: rate is 1.0"),
        (lambda: tn.Dropout(-0.1), r"Dropout: rate is -0.1"),
        (lambda: tn.Dropout(np.nan), r"Dropout: rate is nan"),
        (lambda: tn.Dense(True), r"Dense: units is True"),
        (lambda: tn.Dense(3, bias=1), r"Dense: bias is 1, expected True or False"),
        (lambda: tn.Conv2D(2, 3.0), r"Conv2D: size is 3.0"),
        (lambda: tn.Conv2D(2, 3, padding=None), r"Conv2D: padding is None"),
        (lambda: tn.AvgPool2D(2, ceil="yes"), r"AvgPool2D: ceil is 'yes'"),
        (lambda: tn.KnockOut([-1]), r"KnockOut: units is -1"),
        (lambda: tn.KnockOut(3), r"KnockOut: units is 3, expected a list"),
        (lambda: tn.KnockOut(np.array([True, False])), r"KnockOut: units is True"),
        (lambda: tn.KnockOut([0.5]), r"KnockOut: units is 0.5"),
        (lambda: tn.KnockOut([0], None), r"KnockOut: replacement is None"),
        (lambda: tn.Flatten(-1), r"Flatten: axes is -1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("layer", "input_shape", "words"),
    [
        (tn.Dense(2), (1, 4, 4), r"expected a vector; put a Flatten\(\) in front"),
        (tn.Conv2D(2, 3), (9,), r"expected images of shape \(channels, height, width\)"),
        (tn.Conv2D(2, 3), (1, 2, 5), r"input is 2x5, too small for a window of 3x3"),
        (tn.KnockOut([3]), (3,), r"no unit 3: there are 3"),
        (
            tn.KnockOut([0], [1.0, 2.0]),
            (3,),
            r"replacement is an array of float64 of shape \(2,\), expected a number, or 1",
        ),
    ],
)
def test_inputs_that_do_not_fit_are_refused_when_building(layer: tn.Layer, input_shape: tuple, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        layer.build(input_shape, np.random.default_rng(0))


def test_pools_refuse_images_that_are_too_small() -> None:
    with pytest.raises(ValueError, match="input is 1x4, too small"):
        tn.MaxPool2D(2).output_shape((1, 1, 4))


@pytest.mark.parametrize(("layer", "x"), [(tn.Dense(2), np.ones((1, 3))), (tn.Conv2D(2, 3), np.ones((1, 1, 5, 5)))])
def test_layers_with_weights_want_to_be_built_and_to_be_fed_what_they_were_built_for(layer, x: np.ndarray) -> None:
    with pytest.raises(ValueError, match="has no weights yet"):
        layer.forward(x)
    layer.build(x.shape[1:], np.random.default_rng(0))
    wrong = np.ones((1, 4)) if x.ndim == 2 else np.ones((1, 2, 5, 5))
    with pytest.raises(ValueError, match=r"input has \d (values|channels), expected \d"):
        layer.forward(wrong)


def test_the_base_class_does_nothing_and_says_so() -> None:
    layer, x = tn.Layer(), np.ones(2)
    with pytest.raises(NotImplementedError, match="Layer does not define forward"):
        layer.forward(x)
    with pytest.raises(NotImplementedError, match="Layer does not define backward"):
        layer.backward(x, x, x)
    with pytest.raises(NotImplementedError, match="Layer does not define target"):
        layer.target(x, x, x, tn.GradientTargets())
    assert layer.grads(x, x, x) == {}


def test_two_layers_never_share_their_parameters() -> None:
    first, second = tn.Dense(2), tn.Dense(2)
    first.build((2,), np.random.default_rng(0))
    assert second.params == {}
