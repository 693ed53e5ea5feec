"""Memory comes back only when nobody can see it any more, and never more of it is kept than was promised."""

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinynet.kernels import memory

LARGE = memory.LEAST_BYTES


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(memory, "_kept", {})


def kept():
    return sum(size * len(arrays) for size, arrays in memory._kept.items())


def test_memory_is_used_again():
    first = memory.empty((LARGE,), np.uint8)
    place = first.ctypes.data
    del first
    assert memory.empty((LARGE // 4,), np.float32).ctypes.data == place


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.view(),
        lambda a: a[5:],
        lambda a: a.reshape(2, -1).T[3:],
        lambda a: np.broadcast_to(a, (3, *a.shape)),
        lambda a: np.lib.stride_tricks.as_strided(a, (4, 4), (1, 2)),
        lambda a: memoryview(a),
        lambda a: np.ndarray(7, np.uint8, buffer=a, offset=9),
        lambda a: [a[1:][1:][1:]],
    ],
)
def test_memory_that_can_still_be_seen_is_not_used_again(view):
    array = memory.empty((LARGE,), np.uint8)
    place = array.ctypes.data
    seen = view(array)
    del array
    gc.collect()
    assert kept() == 0
    assert memory.empty((LARGE,), np.uint8).ctypes.data != place
    del seen
    gc.collect()
    assert kept() == 2 * LARGE


def test_no_more_is_kept_than_was_promised(monkeypatch):
    monkeypatch.setattr(memory, "KEPT_BYTES", 5 * LARGE)
    for size in (LARGE, 2 * LARGE, 3 * LARGE):
        arrays = [memory.empty((size,), np.uint8) for _ in range(4)]
        del arrays
        assert kept() <= 5 * LARGE
    assert 3 * LARGE in memory._kept


def test_threads_never_share_memory():
    def work(number):
        for _ in range(50):
            array = memory.empty((LARGE // 8,), np.float64)
            array[:] = number
            if not (array == number).all():
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(16)))


@given(st.permutations(range(4)), st.sampled_from([1, 40]), st.sampled_from([np.float32, np.float64]))
def test_like_has_the_shape_type_and_order_in_memory(order, scale, dtype):
    x = np.empty((3, 4, 5 * scale, 6 * scale), dtype).transpose(order)
    array = memory.empty_like(x)
    assert (array.shape, array.dtype, array.strides) == (x.shape, x.dtype, x.strides)


def test_small_arrays_are_left_to_numpy():
    del (array := [memory.empty((3,), np.float32)])[0]
    assert not array and kept() == 0
