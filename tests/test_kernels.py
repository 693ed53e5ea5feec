"""Kernels equal slow literal loops, their adjoints are adjoints, and neither memory nor blocks change a result."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tinynet import kernels
from tinynet.kernels import (
    correlation,
    gather,
    memory,
    parallel,
    plan,
    pooling,
    products,
    reference,
    windows,
    winograd,
)
from tinynet.kernels.windows import windows_of

pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
paddings = st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 2)
seeds = st.integers(0, 2**32 - 1)
block_limits = st.integers(1, 4000), st.integers(1, 40)  # bytes and columns


@st.composite
def images(draw, ties=False, least=(1, 1)):
    """Draw images (N, C, H, W): from none to three, of any memory order, read-only, with ties if asked for."""
    count, channels = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    height, width = (draw(st.integers(low, 9)) for low in least)
    return draw(arrays_of((count, channels, height, width), ties))


@st.composite
def arrays_of(draw, shape, ties=False):
    rng = np.random.default_rng(draw(seeds))
    order = draw(st.permutations(range(len(shape))))
    memory = tuple(shape[axis] for axis in order)
    values = rng.integers(0, 3, memory) if ties else rng.normal(size=memory)
    array = values.astype(draw(st.sampled_from([np.float32, np.float64]))).transpose(np.argsort(order))
    array.flags.writeable = False
    return array


@st.composite
def correlations(draw):
    """Draw images, filters of their channels, and a geometry in which at least one window fits."""
    kernel, stride, padding = draw(pairs), draw(pairs), draw(paddings)
    x = draw(images(least=[max(1, k - sum(pad)) for k, pad in zip(kernel, padding, strict=True)]))
    w = draw(arrays_of((draw(st.integers(1, 3)), x.shape[1], *kernel))).astype(x.dtype)
    return x, w, {"stride": stride, "padding": padding}


@st.composite
def poolings(draw, ties=False):
    """Draw images and a pooling geometry in which each window holds at least one pixel; half of them side by side."""
    size, side_by_side = draw(pairs), draw(st.booleans())
    stride, ceil = (size, False) if side_by_side else (draw(pairs), draw(st.booleans()))
    padding = tuple(tuple(0 if side_by_side else draw(st.integers(0, k - 1)) for _ in range(2)) for k in size)
    x = draw(images(ties, least=[max(1, k - sum(pad)) for k, pad in zip(size, padding, strict=True)]))
    return x, {"size": size, "stride": stride, "padding": padding, "ceil": ceil}


def assert_close(a, b):
    """Agree to rounding in the coarser of the two types."""
    assert a.shape == b.shape and a.dtype == b.dtype
    tolerance = 1e-4 if a.dtype == np.float32 else 1e-9
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def inner(a, b):
    return float((a.astype(np.float64) * b).sum())


# ------------------------------------------------------------------------------------------------------------- sizes


@given(*[st.tuples(*[st.integers(1, most)] * 2) for most in (12, 5, 5)], paddings, st.booleans())
def test_output_size_counts_the_windows_that_fit(size, kernel, stride, padding, ceil):
    counted = [
        kernels.output_size(length, k, step, *around, ceil=ceil)
        for length, k, step, around in zip(size, kernel, stride, padding, strict=True)
    ]
    assert tuple(counted) == reference.output_size(size, kernel, stride, padding, ceil=ceil)


@given(images())
def test_batch_innermost_changes_memory_alone(x):
    y = kernels.batch_innermost(x)
    assert np.array_equal(x, y)
    assert y.transpose(2, 1, 3, 0).flags.c_contiguous


# ------------------------------------------------------------------------------------------------------- correlation


@given(correlations(), seeds)
def test_correlations_equal_their_references(case, seed):
    x, w, geometry = case
    rng = np.random.default_rng(seed)
    bias = rng.normal(size=len(w)).astype(x.dtype)
    z = kernels.correlate(x, w, bias, **geometry)
    assert_close(z, reference.correlate(x, w, bias, **geometry))
    assert_close(kernels.correlate(x, w, **geometry), reference.correlate(x, w, **geometry))
    dz = rng.normal(size=z.shape).astype(x.dtype)
    for adjoint, other, size in (("input", w, x.shape[2:]), ("kernel", x, w.shape[2:])):
        fast, slow = (getattr(module, f"correlate_{adjoint}_adjoint") for module in (kernels, reference))
        assert_close(fast(dz, other, size=size, **geometry), slow(dz, other, size=size, **geometry))


@given(correlations(), seeds)
def test_the_adjoints_of_correlation_are_its_adjoints(case, seed):
    x, w, geometry = case
    z = kernels.correlate(x, w, **geometry)
    dz = np.random.default_rng(seed).normal(size=z.shape).astype(x.dtype)
    dx = kernels.correlate_input_adjoint(dz, w, size=x.shape[2:], **geometry)
    dw = kernels.correlate_kernel_adjoint(dz, x, size=w.shape[2:], **geometry)
    assert (dx.shape, dx.dtype, dw.shape, dw.dtype) == (x.shape, x.dtype, w.shape, w.dtype)
    tolerance = 1e-3 if x.dtype == np.float32 else 1e-9
    assert inner(dz, z) == pytest.approx(inner(dx, x), abs=tolerance, rel=tolerance)
    assert inner(dz, z) == pytest.approx(inner(dw, w), abs=tolerance, rel=tolerance)


MODULES = (correlation, gather, plan, pooling, products, windows, winograd)
CHOICES = (plan.tiled, plan.plan_of, products.cuts, winograd.winograd_factors, correlation._is_cheaper_by_rows)


@contextmanager
def planned(tile=None, **limits):
    """Compute with Winograd's tiles of one size, or without any, and in blocks of some size, whatever the cost."""
    with pytest.MonkeyPatch.context() as patch:
        if tile is not None:
            limits["WINOGRAD_TILES"] = (tile,)

        def cost(channels, filters, windows, count):  # so dear that there are as many parts as may be
            return 1e12 if plan.is_winograd(windows) == (tile is not None) else 2e12

        for name, limit in {"cost": cost, **limits}.items():
            for module in MODULES:
                if hasattr(module, name):
                    patch.setattr(module, name, limit)
        for cached in CHOICES:
            cached.cache_clear()
        yield patch
    for cached in CHOICES:
        cached.cache_clear()


def correlation_and_adjoints(x, w, dz, geometry):
    return (
        kernels.correlate(x, w, **geometry),
        kernels.correlate_input_adjoint(dz, w, size=x.shape[2:], **geometry),
        kernels.correlate_kernel_adjoint(dz, x, size=w.shape[2:], **geometry),
    )


@given(
    correlations(),
    seeds,
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(1, 4000),
    st.integers(1, 20),
    st.integers(1, 999),
)
def test_blocks_do_not_matter(case, seed, columns, grouped, block_bytes, line, small):
    x, w, geometry = case
    with planned():
        dz = np.random.default_rng(seed).normal(size=kernels.correlate(x, w, **geometry).shape).astype(x.dtype)
        whole = correlation_and_adjoints(x, w, dz, geometry)
    blocks = {"BLOCK_COLUMNS": columns, "GROUPED_COLUMNS": grouped, "BLOCK_BYTES": block_bytes, "SMALL_PRODUCT": small}
    with planned(LINE=line, **blocks):
        for a, b in zip(whole, correlation_and_adjoints(x, w, dz, geometry), strict=True):
            assert_close(a, b)


@given(correlations(), seeds, st.integers(1, 4000))
def test_the_input_adjoint_comes_to_the_same_row_by_row(case, seed, block_bytes):
    x, w, geometry = case
    geometry = {**geometry, "stride": (1, 1), "size": x.shape[2:]}
    z = kernels.correlate(x, w, padding=geometry["padding"])
    assume(z.size and x.size)
    dz = np.random.default_rng(seed).normal(size=z.shape).astype(x.dtype)
    with planned():
        at_once = kernels.correlate_input_adjoint(dz, w, **geometry)
    with planned(BLOCK_BYTES=block_bytes) as patch:
        patch.setattr(correlation, "_is_cheaper_by_rows", lambda *shapes: True)
        by_rows = kernels.correlate_input_adjoint(dz, w, **geometry)
    assert by_rows.dtype == at_once.dtype
    assert_close(by_rows, at_once)


@given(images(), st.integers(1, 3), paddings, seeds, st.sampled_from([(4, 1), (4, 4), (2, 3), (3, 1)]), *block_limits)
def test_the_factors_of_winograd_multiply_to_the_same(x, filters, padding, seed, tile, block_bytes, columns):
    assume(all(length + sum(pad) >= 3 for length, pad in zip(x.shape[2:], padding, strict=True)))
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(filters, x.shape[1], 3, 3)).astype(x.dtype)
    geometry = {"padding": padding}
    with planned():
        dz = rng.normal(size=kernels.correlate(x, w, **geometry).shape).astype(x.dtype)
        plain = correlation_and_adjoints(x, w, dz, geometry)
    with planned(tile=tile, BLOCK_BYTES=block_bytes, STACK_BYTES=block_bytes, BLOCK_COLUMNS=columns):
        assert plan.is_winograd(plan.tiled(*w.shape[:2], windows_of((5, 5), (3, 3), (1, 1), padding), 1))
        found = correlation_and_adjoints(x, w, dz, geometry)
        correlation_and_adjoints(-x, 2 * w, 3 * dz, geometry)  # no result stands where the next call works
        for a, b in zip(plain, found, strict=True):
            assert a.dtype == b.dtype
            tolerance = 1e-3 if a.dtype == np.float32 else 1e-9
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("tile", plan.WINOGRAD_TILES)
def test_winograd_keeps_four_digits_of_wide_layers(tile):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 128, 14, 14)), rng.normal(size=(128, 128, 3, 3))
    padding = ((1, 1), (1, 1))
    exact = kernels.correlate(x, w, padding=padding)
    with planned(tile=tile):
        rounded = kernels.correlate(x.astype(np.float32), w.astype(np.float32), padding=padding)
    assert np.abs(rounded - exact).max() < 1e-4 * np.abs(exact).max()


def chosen(channels, filters, size, kernel, count):
    pad = kernel // 2
    placed = windows_of((size, size), (kernel, kernel), (1, 1), ((pad, pad), (pad, pad)))
    return tuple(axis.tile for axis in plan.tiled(channels, filters, placed, count))


def test_narrow_layers_want_single_outputs_and_wide_ones_winograd():
    assert chosen(5, 1, 60, 5, 124) == chosen(5, 8, 28, 5, 124) == chosen(64, 64, 32, 5, 16) == (1, 1)
    assert chosen(64, 64, 32, 3, 2) == chosen(128, 128, 16, 3, 1) == (4, 1)
    assert chosen(64, 64, 32, 3, 16) == chosen(512, 512, 28, 3, 1) == (4, 4)
    assert chosen(3, 64, 224, 3, 1) == (1, 1)


def parts_of(channels, size, count):
    placed = windows_of((size, size), (3, 3), (1, 1), ((1, 1), (1, 1)))
    return len(plan.plan_of(channels, (size, channels, size, count), placed, 4).parts)


def test_large_layers_are_cut_into_parts_and_small_ones_are_not():
    assert parts_of(64, 16, 1) == parts_of(8, 24, 16) == 1
    assert parts_of(64, 16, 16) == 2
    assert parts_of(64, 32, 16) == plan.MOST_PARTS


@given(st.integers(1, 60), st.floats(1, 1e12), st.floats(1, 1e12), st.integers(1, 10**8), st.integers(1, 10**8))
def test_more_work_makes_more_parts_and_more_filters_fewer(rows, cost, more_cost, weights, more_weights):
    parts = plan.parts_of(rows, cost, weights)
    assert [row for part in parts for row in part] == list(range(rows))
    assert len(parts) <= plan.MOST_PARTS and len({len(part) for part in parts[:-1]}) <= 1
    assert len(plan.parts_of(rows, cost + more_cost, weights)) >= len(parts)
    assert len(plan.parts_of(rows, cost, weights + more_weights)) <= len(parts)


def chosen_by_rows(channels, filters, size, kernel, count):
    back, inside = windows.Axis(1 - kernel, size, kernel, 1), size - kernel + 1
    deltas = (inside, filters, inside, count)
    return correlation._is_cheaper_by_rows((filters, channels, kernel, kernel), (back, back), deltas, 4)


def test_few_channels_are_reached_row_by_row():
    assert chosen_by_rows(10, 32, 14, 5, 100)
    assert not chosen_by_rows(64, 64, 32, 3, 16)
    assert not chosen_by_rows(8, 10, 12, 5, 1)
    assert not chosen_by_rows(10, 32, 14, 5, 0)


@given(st.integers(1, 20), st.integers(1, 12), st.integers(1, 12), st.integers(1, 4), pairs, st.integers(1, 99), seeds)
def test_every_tile_is_in_one_block(count, height, width, kernel, tile, columns, seed):
    placed = windows_of((height, width), (kernel, kernel), (1, 1), ((kernel, kernel), (kernel, kernel)))
    placed = plan.with_tiles(placed, tile)
    seen = np.zeros((placed[0].tiles, placed[1].tiles, count), int)
    first, last = np.sort(np.random.default_rng(seed).choice(placed[0].tiles + 1, 2, replace=False)).tolist()
    for block in plan.blocks(3, placed, range(first, last), count, columns, columns // 2, numbers=columns * 10):
        rows = slice(block.row, block.row + block.stack * block.groups)
        seen[rows, block.column : block.column + block.columns, block.image : block.image + block.images] += 1
        assert block.columns == 1 or block.images == count
    assert (seen[first:last] == 1).all()
    assert seen.sum() == seen[first:last].size


@given(
    st.lists(st.integers(1, 3), max_size=2),
    st.tuples(*[st.integers(1, 50)] * 3),
    st.booleans(),
    st.tuples(*[st.booleans()] * 3),
    st.tuples(st.integers(1, 2000), st.integers(1, 40), st.integers(1, 20)),
    st.sampled_from([np.float32, np.float64]),
    seeds,
)
def test_a_product_in_pieces_is_the_product(stack, lengths, stacked, turned, limits, dtype, seed):
    rows, depth, columns = lengths
    rng = np.random.default_rng(seed)

    def matrices(stack, height, width, turned):
        shape = (*stack, width, height) if turned else (*stack, height, width)
        values = rng.normal(size=shape).astype(dtype)
        return values.swapaxes(-1, -2) if turned else values

    left = matrices(stack if stacked else [], rows, depth, turned[0])
    right, out = (matrices(stack, *sides) for sides in ((depth, columns, turned[1]), (rows, columns, turned[2])))
    with planned(**dict(zip(("SMALL_PRODUCT", "SMALL_COLUMNS", "LINE"), limits, strict=True))):
        products.multiply(left, right, out)
        for (down, height), (across, width) in products.cuts(rows, depth, columns, limits[0]):
            whole = (height, width) == (rows, columns)
            assert whole or height * depth * width <= limits[0]
            assert (down.stop - down.start) % height == (across.stop - across.start) % width == 0
    assert_close(out, left @ right)


@given(correlations(), seeds, st.booleans(), st.integers(1, 9))
def test_parts_do_not_matter_nor_how_many_threads_do_them(case, seed, winograd, parts):
    x, w, geometry = case
    if winograd:
        w, geometry = np.resize(w, (*w.shape[:2], 3, 3)), {"padding": ((1, 1), (1, 1))}
    with planned(MOST_PARTS=1):
        dz = np.random.default_rng(seed).normal(size=kernels.correlate(x, w, **geometry).shape).astype(x.dtype)
        whole = correlation_and_adjoints(x, w, dz, geometry)
    with planned((4, 4) if winograd else None, MOST_PARTS=parts) as patch:
        found = []
        for count in (1, 2):
            patch.setattr(parallel, "thread_count", lambda count=count: count)
            found.append(correlation_and_adjoints(x, w, dz, geometry))
    for a, b, c in zip(whole, *found, strict=True):
        np.testing.assert_array_equal(b, c)
        tolerance = 1e-3 if b.dtype == np.float32 else 1e-9
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@given(images(least=(4, 4)), st.tuples(*[st.tuples(st.integers(-1, 0), st.integers(-1, 0))] * 2), seeds)
def test_negative_padding_crops(x, padding, seed):
    (top, bottom), (left, right) = padding
    inside = x[:, :, -top : x.shape[2] + bottom, -left : x.shape[3] + right]
    w = np.random.default_rng(seed).normal(size=(2, x.shape[1], 2, 2)).astype(x.dtype)
    z = kernels.correlate(inside, w)
    assert_close(kernels.correlate(x, w, padding=padding), z)
    assert_close(
        kernels.correlate_kernel_adjoint(z, x, size=(2, 2), padding=padding),
        kernels.correlate_kernel_adjoint(z, inside, size=(2, 2)),
    )
    dx = np.zeros_like(x)
    dx[:, :, -top : x.shape[2] + bottom, -left : x.shape[3] + right] = kernels.correlate_input_adjoint(
        z, w, size=inside.shape[2:]
    )
    assert_close(kernels.correlate_input_adjoint(z, w, size=x.shape[2:], padding=padding), dx)


@given(correlations(), seeds)
def test_results_are_nobody_elses_memory(case, seed):
    x, w, geometry = case
    dz = np.random.default_rng(seed).normal(size=kernels.correlate(x, w, **geometry).shape).astype(x.dtype)
    results = correlation_and_adjoints(x, w, dz, geometry)
    before = [result.copy() for result in results]
    correlation_and_adjoints(2 * x, 3 * w, 5 * dz, geometry)
    for result, copied in zip(results, before, strict=True):
        assert result.flags.writeable
        assert not any(np.shares_memory(result, argument) for argument in (x, w, dz))
        assert np.array_equal(result, copied)


@given(correlations())
def test_images_are_correlated_one_by_one(case):
    x, w, geometry = case
    assume(len(x))
    each = np.concatenate([kernels.correlate(image[None], w, **geometry) for image in x])
    assert_close(kernels.correlate(x, w, **geometry), each)


def test_correlation_by_hand():
    x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    w = np.array([[[[1.0, 10.0]]]])
    assert kernels.correlate(x, w).tolist() == [[[[21.0], [43.0]]]]
    dz = np.array([[[[1.0], [2.0]]]])
    assert kernels.correlate_input_adjoint(dz, w, size=(2, 2)).tolist() == [[[[1.0, 10.0], [2.0, 20.0]]]]
    assert kernels.correlate_kernel_adjoint(dz, x, size=(1, 2)).tolist() == [[[[7.0, 10.0]]]]


def test_two_threads_do_not_disturb_each_other():
    rng = np.random.default_rng(0)
    shapes = [(4, 3, 20, 5, 5), (2, 64, 12, 64, 3), (1, 1, 30, 5, 5), (3, 5, 9, 1, 5)]
    cases = []
    for count, channels, size, filters, kernel in shapes:
        x, w = rng.normal(size=(count, channels, size, size)), rng.normal(size=(filters, channels, kernel, kernel))
        padding = ((1, 1), (1, 1))
        dz = rng.normal(size=kernels.correlate(x, w, padding=padding).shape)
        cases.append((x, w, dz, {"padding": padding}))
    alone = [correlation_and_adjoints(*case) for case in cases]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda case: correlation_and_adjoints(*case), cases * 8))
    for index, results in enumerate(together):
        for a, b in zip(alone[index % len(alone)], results, strict=True):
            assert np.array_equal(a, b)


# ----------------------------------------------------------------------------------------------------------- pooling


@given(poolings(ties=True), seeds, st.sampled_from([(), (1,), (3,), (2, 2)]))
def test_pools_equal_their_references(case, seed, stack):
    x, geometry = case
    rng = np.random.default_rng(seed)
    y = kernels.max_pool(x, **geometry)
    assert y.dtype == x.dtype and not np.shares_memory(x, y)
    assert np.array_equal(y, reference.max_pool(x, **geometry))
    dy = rng.normal(size=(*stack, *y.shape)).astype(x.dtype)
    assert_close(kernels.max_pool_adjoint(dy, x, y, **geometry), reference.max_pool_adjoint(dy, x, y, **geometry))
    mean = kernels.average_pool(x, **geometry)
    assert_close(mean, reference.average_pool(x, **geometry))
    size = {"input_size": x.shape[2:]}
    dx = kernels.average_pool_adjoint(dy, **size, **geometry)
    assert_close(dx, reference.average_pool_adjoint(dy, **size, **geometry))


@given(poolings(), seeds, st.sampled_from([np.float16, np.float32, np.float64]), st.sampled_from([0.4, 1.0]))
def test_the_mean_of_a_window_is_finite_where_its_sum_is_not(case, seed, dtype, size):
    x, geometry = case
    most = np.longdouble(np.finfo(dtype).max)
    rng = np.random.default_rng(seed)
    x = (rng.choice([-1, 1, 1e-20, 0.5, 1, 1], x.shape) * most * size).astype(dtype)
    x[:1, :1, :1, :1] = rng.choice([0, np.inf, np.nan])
    mean = reference.average_pool(x.astype(np.longdouble), **geometry)
    with np.errstate(all="raise" if np.isfinite(x).all() else "ignore"):
        found = kernels.average_pool(x, **geometry)
    assert found.dtype == dtype
    assert np.array_equal(np.isfinite(found), np.isfinite(mean))
    finite, tiny = np.isfinite(mean), 4 * np.finfo(dtype).eps
    assert (np.abs(found[finite] / most - mean[finite] / most) <= tiny).all()


@given(poolings(), seeds, st.sampled_from([(), (2,)]))
def test_the_adjoint_of_average_pool_is_its_adjoint(case, seed, stack):
    x, geometry = case
    y = kernels.average_pool(x, **geometry)
    dy = np.random.default_rng(seed).normal(size=(*stack, *y.shape)).astype(x.dtype)
    dx = kernels.average_pool_adjoint(dy, input_size=x.shape[2:], **geometry)
    assert dx.shape == (*stack, *x.shape) and dx.dtype == x.dtype
    tolerance = 1e-3 if x.dtype == np.float32 else 1e-9
    for index in np.ndindex(*stack):
        assert inner(dy[index], y) == pytest.approx(inner(dx[index], x), abs=tolerance, rel=tolerance)


@given(poolings(ties=True), seeds, st.integers(1, 200))
def test_blocks_of_pools_do_not_matter(case, seed, block_bytes):
    x, geometry = case
    dy = np.random.default_rng(seed).normal(size=kernels.max_pool(x, **geometry).shape).astype(x.dtype)

    def results():
        y, mean = kernels.max_pool(x, **geometry), kernels.average_pool(x, **geometry)
        return y, mean, kernels.max_pool_adjoint(dy, x, y, **geometry)

    whole = results()
    with planned(BLOCK_BYTES=block_bytes):
        for a, b in zip(whole, results(), strict=True):
            assert np.array_equal(a, b)


def test_max_pool_passes_on_what_is_not_a_number():
    x = np.array([[[[1.0, np.nan], [0.0, 2.0]]]])
    assert np.isnan(kernels.max_pool(x, size=(2, 2), stride=(2, 2))).all()


@given(poolings(ties=True), st.sampled_from([-np.inf, np.nan, np.inf, 0.0]), seeds)
def test_max_pool_hands_back_every_delta_whatever_the_values(case, odd, seed):
    x, geometry = case
    rng = np.random.default_rng(seed)
    x = np.where(rng.random(x.shape) < 0.7, x.dtype.type(odd), x)
    y = kernels.max_pool(x, **geometry)
    dy = rng.integers(1, 9, y.shape).astype(x.dtype)
    assert kernels.max_pool_adjoint(dy, x, y, **geometry).sum() == dy.sum()


# ------------------------------------------------------------------------------------------------------- elementwise


@given(st.lists(st.integers(0, 3), max_size=2), images(), st.booleans(), seeds, st.sampled_from(["f2", "f4", "f8"]))
def test_a_formula_is_evaluated_whatever_memory_it_takes(stack, y, pooled, seed, dtype):
    y = y.astype(dtype, order="K")
    dy = np.random.default_rng(seed).normal(size=(*stack, *y.shape)).astype(dtype)

    def formula(dy, y):
        slope = 1 + y * y
        return dy * (1 - y * y) if seed % 2 else slope / (slope + np.abs(slope * -slope)) - np.tanh(y) * dy * slope

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "LEAST_BYTES", 1 if pooled else 1 << 30)
        got = kernels.evaluate(formula, dy, y)
        again = kernels.evaluate(formula, dy, y)
    assert type(got) is np.ndarray and np.array_equal(got, again) and not np.shares_memory(got, again)
    exact = reference.evaluate(formula, dy.astype(np.float64), y.astype(np.float64))
    assert got.dtype == dtype and got.shape == dy.shape
    np.testing.assert_allclose(got, exact, rtol=8 * np.finfo(dtype).eps, atol=16 * np.finfo(dtype).eps)
    same = kernels.evaluate(np.negative, y)
    assert np.array_equal(same, -y) and not np.shares_memory(same, y)
    if y.size > 1 and all(length > 1 for length in y.shape):
        assert np.argsort(same.strides).tolist() == np.argsort(y.strides).tolist()


@given(st.lists(st.integers(0, 3), max_size=2), images(ties=True), seeds, st.sampled_from(["f2", "f4", "f8"]))
def test_what_a_mask_lets_through_is_untouched_and_the_rest_is_zero(stack, x, seed, dtype):
    rng = np.random.default_rng(seed)
    shape = (*stack, *x.shape)
    values = np.where(rng.random(shape) < 0.5, rng.choice([np.inf, -np.inf, np.nan], shape), rng.normal(size=shape))
    values = values.astype(dtype)
    got = kernels.only_where(x > 0, values)
    assert got.dtype == dtype and np.array_equal(got, reference.only_where(x > 0, values), equal_nan=True)
    out = np.full_like(values, 7)
    kernels.only_where(np.broadcast_to(x > 0, shape).copy(), values, out)
    assert np.array_equal(out, got, equal_nan=True)


@given(poolings(ties=True), seeds)
def test_infinite_deltas_reach_the_winner_alone(case, seed):
    x, geometry = case
    y = kernels.max_pool(x, **geometry)
    dy = np.where(np.random.default_rng(seed).random(y.shape) < 0.5, np.inf, 1).astype(x.dtype)
    dx = kernels.max_pool_adjoint(dy, x, y, **geometry)
    assert np.array_equal(dx, reference.max_pool_adjoint(dy, x, y, **geometry))


@given(poolings(ties=True), st.sampled_from([np.uint8, np.int8, np.uint16, np.int64, bool, np.float16]))
def test_kernels_take_whole_numbers_and_half_precision(case, dtype):
    x, geometry = case
    pixels = (50 * x).astype(dtype)
    w = np.ones((2, x.shape[1], 1, 1), np.float32)
    for kernel in (kernels.max_pool, kernels.average_pool):
        exact = kernel(pixels.astype(np.float64), **geometry)
        found = kernel(pixels, **geometry)
        assert found.dtype.kind == "f" and (found.dtype == np.float16) == (dtype == np.float16)
        np.testing.assert_allclose(found, exact, rtol=1e-3 if dtype == np.float16 else 1e-6)
    np.testing.assert_allclose(kernels.correlate(pixels, w), kernels.correlate(pixels.astype(np.float64), w), rtol=1e-6)
