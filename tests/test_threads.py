"""Work in parts: in order, by as many threads as are allowed, within each other, and in a forked process."""

import contextlib
import gc
import os
import subprocess
import sys
import threading
import weakref
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

import tinynet as tn
from tests.interrupts import interrupted_everywhere
from tinynet.kernels import blas, parallel
from tinynet.kernels.blas import one_blas_thread


@pytest.fixture
def two_threads(monkeypatch):
    monkeypatch.setattr(parallel, "thread_count", lambda: 2)


@given(st.lists(st.integers(), max_size=9), st.integers(1, 4))
def test_results_come_in_the_order_of_the_tasks(tasks, count):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "thread_count", lambda: count)
        assert list(parallel.in_parallel(lambda task: task * task, tasks)) == [task * task for task in tasks]


@given(st.lists(st.integers(), max_size=9), st.integers(1, 4))
def test_all_results_come_in_the_order_of_the_tasks(tasks, count):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "thread_count", lambda: count)
        assert parallel.all_in_parallel(lambda task: task * task, tasks) == [task * task for task in tasks]


def test_a_thread_that_is_done_takes_the_next_task(two_threads):
    others = threading.Barrier(2, timeout=20)

    def work(task):
        if task in (0, 3):  # the first one is not done before the last one is begun
            others.wait()
        return threading.get_ident()

    first, *rest = parallel.all_in_parallel(work, range(4))
    assert first not in rest


@pytest.mark.parametrize("in_parallel", [parallel.in_parallel, parallel.all_in_parallel])
def test_two_tasks_are_done_at_once(two_threads, in_parallel):
    both = threading.Barrier(2, timeout=20)
    assert sorted(in_parallel(lambda task: both.wait(), range(2))) == [0, 1]


def test_no_task_is_begun_before_its_turn(two_threads):
    begun = []
    results = parallel.in_parallel(lambda task: begun.append(task), range(7))
    next(results)
    assert set(begun) <= {0, 1}


def test_work_within_work_stays_with_its_thread(two_threads):
    def outer(task):
        return threading.get_ident(), list(parallel.in_parallel(lambda inner: (inner, threading.get_ident()), range(3)))

    for thread, found in parallel.in_parallel(outer, range(4)):
        assert found == [(inner, thread) for inner in range(3)]


def test_an_interruption_at_any_moment_hangs_nothing_and_the_threads_go_on(two_threads):
    """Once the caller waited for a task that it had begun itself when Ctrl-C came."""

    def check():
        both = threading.Barrier(2, timeout=20)
        assert sorted(parallel.in_parallel(lambda task: both.wait(), range(2))) == [0, 1]

    def work():
        return interrupted_everywhere(lambda: list(parallel.in_parallel(abs, range(5))), check, parallel.__file__)

    moments = []
    thread = threading.Thread(target=lambda: moments.append(work()), daemon=True)
    thread.start()
    thread.join(120)
    assert moments and moments[0] > 30


@pytest.mark.parametrize("tasks", [[1, 0, 1], [0, 1]])  # the calling thread's task, and another's
def test_an_error_reaches_whoever_asked_and_the_threads_go_on(two_threads, tasks):
    def divide(task):
        return 1 // task

    with pytest.raises(ZeroDivisionError):
        list(parallel.in_parallel(divide, tasks))
    with pytest.raises(ZeroDivisionError):
        parallel.all_in_parallel(divide, tasks)
    assert list(parallel.in_parallel(divide, [1, 1])) == parallel.all_in_parallel(divide, [1, 1]) == [1, 1]
    both = threading.Barrier(2, timeout=20)
    assert sorted(parallel.in_parallel(lambda task: both.wait(), range(2))) == [0, 1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(two_threads):
    list(parallel.in_parallel(abs, range(4)))
    child = os.fork()
    if child == 0:
        right = list(parallel.in_parallel(abs, range(4))) == [0, 1, 2, 3]
        os._exit(0 if right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_process_forked_by_a_thread_at_work_works(two_threads):
    def forks(task):
        child = os.fork()
        if child == 0:
            os._exit(0 if list(parallel.in_parallel(abs, range(-3, 0))) == [3, 2, 1] else 1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert parallel.all_in_parallel(forks, range(2)) == [0, 0]


LATE = """
import atexit, threading, time
from tinynet.kernels import parallel
parallel.thread_count = lambda: 2
def work(name):
    print(name, list(parallel.in_parallel(abs, range(-4, 0))), flush=True)
def late():
    time.sleep(0.2)
    work("thread")
FIRST
atexit.register(work, "atexit")
threading.Thread(target=late).start()
"""


@pytest.mark.parametrize("first", ["work('main')", ""])
def test_threads_that_outlive_the_main_one_and_the_exit_of_python_have_work_done(first):
    run = subprocess.run([sys.executable, "-c", LATE.replace("FIRST", first)], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.split("\n")[-3:-1] == ["thread [4, 3, 2, 1]", "atexit [4, 3, 2, 1]"]


def test_nobody_keeps_what_a_task_returned(two_threads):
    class Thing:
        pass

    found = [weakref.ref(thing) for thing in parallel.in_parallel(lambda task: Thing(), range(6))]
    gc.collect()
    assert [thing() for thing in found] == [None] * 6


def test_errors_are_raised_by_every_thread_as_the_caller_wants_them(two_threads):
    both = threading.Barrier(2, timeout=20)

    def overflow(task):
        both.wait()
        return np.float32(1e38) * np.float32(10)

    with np.errstate(over="ignore"):
        assert all(np.isinf(value) for value in parallel.in_parallel(overflow, range(2)))


@pytest.mark.parametrize("text", ["1", " 1", "1 ", "1,1", " 1 , 2", "0", "\t1,", "+1", "1.0", "1 # one"])
def test_limits_are_read_as_blas_reads_them(monkeypatch, text):
    for library in ("OMP", "OPENBLAS", "MKL"):
        monkeypatch.delenv(f"{library}_NUM_THREADS", raising=False)
    everything = parallel.thread_count()
    monkeypatch.setenv("OMP_NUM_THREADS", text)
    assert parallel.thread_count() == 1
    for none in ("", "one", "-1", "\uff11", "TRUE"):
        monkeypatch.setenv("OMP_NUM_THREADS", none)
        assert parallel.thread_count() == everything


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9))
def test_no_limit_is_too_odd(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", {"OMP_NUM_THREADS": text})
        assert parallel.thread_count() >= 1


def test_a_user_who_limits_threads_is_obeyed(monkeypatch):
    for library in ("OMP", "OPENBLAS", "MKL"):
        monkeypatch.delenv(f"{library}_NUM_THREADS", raising=False)
    everything = parallel.thread_count()
    assert everything >= 1
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    assert parallel.thread_count() == 1
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1000")
    assert parallel.thread_count() == everything


# ---------------------------------------------------------------------------------------------- BLAS under our threads


def blas_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@given(
    own=st.sampled_from([1, 2, 3]),
    calls=st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=15)
def test_blas_has_one_thread_as_long_as_anybody_needs_it_and_then_what_it_had(own, calls, order):
    """Calls in several threads, nested, left in any order, some by an exception."""
    left = order.sample(range(len(calls)), len(calls))
    with pytest.MonkeyPatch.context() as patch, threadpool_limits(own, user_api="blas"):
        patch.setattr(parallel, "thread_count", lambda: 2)
        entered, leave = [threading.Event() for _ in calls], [threading.Event() for _ in calls]

        def call(number: int, depth: int, *, fails: bool) -> None:
            with contextlib.suppress(KeyError), contextlib.ExitStack() as stack:
                for _ in range(depth + 1):
                    stack.enter_context(one_blas_thread())
                entered[number].set()
                leave[number].wait(20)
                if fails:
                    raise KeyError

        threads = [
            threading.Thread(target=call, args=(number, depth), kwargs={"fails": fails})
            for number, (depth, fails) in enumerate(calls)
        ]
        try:
            for thread, event in zip(threads, entered, strict=True):
                thread.start()
                assert event.wait(20)
                assert blas_threads() == {1}
            for number in left:
                assert blas_threads() == {1}
                leave[number].set()
                threads[number].join(20)
            assert blas_threads() == {own}
        finally:
            for event in leave:
                event.set()


class Watched(tn.ReLU):
    """Notes how many threads BLAS has while it is at work."""

    seen: ClassVar[list[set[int]]] = []

    def forward(self, x):
        self.seen.append(blas_threads())
        return super().forward(x)


class Fails(tn.Callback):
    """Breaks a run off."""

    def on_batch(self, step):
        raise KeyError


@pytest.mark.parametrize("with_convolutions", [True, False])
def test_calls_hold_blas_to_one_thread_where_the_work_is_cut_into_parts(monkeypatch, two_threads, with_convolutions):
    first = [tn.Conv2D(2, 3)] if with_convolutions else []
    net = tn.Network([*first, Watched(), tn.Flatten(), tn.Dense(2), tn.Softmax()], (1, 5, 5), rng=0)
    x, labels = np.random.default_rng(0).random((6, 1, 5, 5)), [0, 1] * 3
    monkeypatch.setattr("tinynet.network.network.PART_BYTES", 300)
    calls = [
        lambda: net(x),
        lambda: tn.class_gradient(net, x, labels),
        lambda: tn.prediction_gradient(net, x, labels),
        lambda: tn.fit(net, x, labels, loss=tn.CrossEntropy(), optimizer=tn.SGD(0.1), epochs=1, batch_size=3),
    ]
    with threadpool_limits(2, user_api="blas"):
        for call in calls:
            Watched.seen.clear()
            call()
            assert Watched.seen and all(seen == {1 if with_convolutions else 2} for seen in Watched.seen)
            assert blas_threads() == {2}
        Watched.seen.clear()
        net(x[:1])
        assert Watched.seen == [{2}], "a single image is not worth the limit"
        with pytest.raises(KeyError):
            settings = {"loss": tn.CrossEntropy(), "optimizer": tn.SGD(0.1), "epochs": 1, "batch_size": 3}
            tn.fit(net, x, labels, **settings, callbacks=[Fails()], progress=False)
        assert blas_threads() == {2}


def test_one_thread_of_ours_leaves_blas_alone(monkeypatch):
    monkeypatch.setattr(parallel, "thread_count", lambda: 1)
    with threadpool_limits(2, user_api="blas"):
        with one_blas_thread():
            assert blas_threads() == {2}
        with one_blas_thread(always=True):
            assert blas_threads() == {1}
            with one_blas_thread():
                assert blas_threads() == {1}
            assert blas_threads() == {1}
        assert blas_threads() == {2}


def test_ctrl_c_at_any_moment_leaves_nobody_behind(two_threads):
    def check():
        with one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {2}

    def work():
        with one_blas_thread():
            pass

    with threadpool_limits(2, user_api="blas"):
        assert interrupted_everywhere(work, check, blas.__file__) > 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_as_many_threads_of_blas_as_there_were(two_threads):
    with threadpool_limits(2, user_api="blas"), one_blas_thread():
        child = os.fork()
        if child == 0:
            right = blas_threads() == {2}
            with one_blas_thread():
                right = right and blas_threads() == {1}
            os._exit(0 if right and blas_threads() == {2} else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert blas_threads() == {1}
