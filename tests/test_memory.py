"""Memory comes back only when nobody can see it any more, and never more of it is kept than was promised."""

import gc
import multiprocessing
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.interrupts import interrupted_everywhere
from tinynet.kernels import memory

LARGE = memory.LEAST_BYTES


@pytest.fixture(autouse=True)
def nothing_kept():
    gc.collect()  # what other tests have left in circles
    memory._pool.clear()


def kept():
    return sum(size * len(memories) for size, memories in memory._pool.kept.items())


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
    assert memory._pool.kept[3 * LARGE]


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


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_at_any_moment_leaves_a_pool_that_works(monkeypatch):
    """Once a test caught Ctrl-C with the pool's lock closed for good, and with it all memory that came back."""
    monkeypatch.setattr(memory, "KEPT_BYTES", 2 * LARGE)

    def work():
        for size in (LARGE, LARGE, 2 * LARGE, LARGE):
            memory.empty((size,), np.uint8)

    def check():
        assert kept() <= 3 * LARGE and memory._pool.count() == kept()
        place = (array := memory.empty((LARGE,), np.uint8)).ctypes.data
        del array
        assert memory.empty((LARGE,), np.uint8).ctypes.data == place

    assert interrupted_everywhere(work, check, memory.__file__) > 30


def test_threads_that_give_back_at_once_raise_nothing(monkeypatch):
    monkeypatch.setattr(memory, "KEPT_BYTES", 3 * LARGE)
    monkeypatch.setattr(sys, "unraisablehook", lambda raised: failures.append(raised.exc_value))
    failures, before = [], sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def work(number):
        for turn in range(200):
            memory.empty((LARGE * (1 + (number + turn) % 3),), np.uint8)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(before)
    assert not failures
    assert kept() <= 3 * LARGE


def test_memory_that_nobody_asks_for_again_is_let_go(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(memory.time, "monotonic", lambda: now[0])
    del (arrays := [memory.empty((LARGE,), np.uint8), memory.empty((2 * LARGE,), np.uint8)])[:]
    assert not arrays and kept() == 3 * LARGE
    for _ in range(10):  # one size is used, the other is not
        now[0] += memory.IDLE_SECONDS / 3
        memory.empty((LARGE,), np.uint8)
    assert kept() == LARGE
    now[0] += 2 * memory.IDLE_SECONDS
    memory.empty((3,), np.uint8)  # of any size
    assert kept() == 0


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
many_threads = pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")


def in_child(work):
    """Return whether `work` returned something true in a forked process."""
    child = os.fork()
    if child == 0:
        os._exit(0 if work() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@needs_fork
@many_threads
@given(st.integers(LARGE, 4 * LARGE))
def test_a_forked_process_has_memory_of_its_own(size):
    del (spare := [memory.empty((size,), np.uint8)])[0]
    mine = memory.empty((size + 1,), np.uint8)
    mine[:] = 7

    def work():
        mine[:] = 8
        other = memory.empty((size,), np.uint8)
        other[:] = 9
        return not spare and (mine == 8).all() and len(memory._pool.kept) == 0

    assert in_child(work) and (mine == 7).all()


@needs_fork
@many_threads
def test_forked_workers_give_the_numbers_of_one_process():
    tasks = [np.random.default_rng(seed).random((LARGE // 8,)) for seed in range(8)]
    alone = [squared_sum(task) for task in tasks]
    for _ in range(3):
        with multiprocessing.get_context("fork").Pool(2) as workers:
            assert workers.map(squared_sum, tasks, chunksize=1) == alone


def squared_sum(values):
    out = memory.empty_like(values)
    for _ in range(20):
        np.multiply(values, values, out=out)
    return float(out.sum())
