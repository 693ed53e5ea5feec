"""The engine of studies: jobs are pure, run anywhere, are kept when they are finished, and none is done twice."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import re
import signal
import textwrap
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from tests import killed_studies
from tests.small_studies import DIGITS, SMALL, TOY, Sum, chain, few_faces, without_times
from tinynet import datasets, studies
from tinynet.cli import main
from tinynet.datasets.read import npz
from tinynet.studies import engine
from tinynet.studies.engine import jobs as engine_jobs
from tinynet.studies.engine import study
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.engine.jobs import JobError, Store, checksum
from tinynet.studies.engine.runner import results, with_needs
from tinynet.studies.engine.workers import at_work
from tinynet.studies.farias import networks
from tinynet.studies.farias.settings import Setting


def run(jobs, folder, workers=1, data=DIGITS):
    with at_work(workers, data) as hands:
        return results(jobs, Store(folder, data), hands)


def kept(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.npz")}


# -------------------------------------------------------------------------------------------------------------- jobs


@st.composite
def graphs(draw):
    """Jobs in an order in which each needs some of those before it."""
    made = []
    for number in range(draw(st.integers(1, 7))):
        below = draw(st.lists(st.sampled_from(made), unique=True, max_size=3)) if made else []
        made.append(Sum(number, tuple(below)))
    return draw(st.permutations(made))


@given(jobs=graphs(), count=st.integers(1, 3), drawn=st.data())
def test_every_job_is_done_once_whatever_it_needs_and_however_many_work(jobs, count, drawn, tmp_path_factory):
    folder = tmp_path_factory.mktemp("jobs")
    first = drawn.draw(st.lists(st.sampled_from(jobs), unique=True))
    done = []

    def expected(job):
        return job.number + sum(expected(need) for need in job.below)

    with ThreadPoolExecutor(count) as pool:
        run(first, folder, pool)
        before = kept(folder)
        with at_work(pool, DIGITS) as hands:
            found = results(jobs, Store(folder, DIGITS), hands, done.append)
    assert sorted(job.name for job in done) == sorted(job.name for job in jobs)
    assert {job: int(found[job]["sum"]) for job in jobs} == {job: expected(job) for job in jobs}
    after = kept(folder)
    assert len(after) == len(jobs) and all(after[name] == written for name, written in before.items())


def test_the_costliest_job_that_is_ready_is_begun_first(tmp_path):
    jobs = [Sum(number, told=f"note {tmp_path / 'log'}") for number in (2, 7, 5)]
    jobs += [Sum(9, (jobs[0],), f"note {tmp_path / 'log'}")]
    run(jobs, tmp_path)
    assert (tmp_path / "log").read_text().split() == ["sum7", "sum5", "sum2", "sum9"]


@pytest.mark.parametrize("workers", [1, 2, "threads"])
def test_a_job_that_fails_is_named_and_what_is_finished_is_kept(tmp_path, workers):
    good = [Sum(number) for number in (5, 6)]
    jobs = [*good, Sum(4, told="fail"), Sum(7, (Sum(4, told="fail"),))]
    pool = ThreadPoolExecutor(2)
    with pytest.raises(JobError, match=r"^job sum4: KeyError: 'such a thing'; finished jobs are kept, and [^\n]*$"):
        run(jobs, tmp_path, pool if workers == "threads" else workers)
    pool.shutdown()
    assert set(kept(tmp_path)) == {"sum5.npz", "sum6.npz"}
    before = kept(tmp_path)
    run(good, tmp_path)
    assert kept(tmp_path) == before


def test_a_process_that_is_killed_is_told_and_the_same_command_goes_on(tmp_path):
    jobs = [Sum(9), Sum(3, told=f"die once {tmp_path / 'mark'}"), Sum(1)]
    with pytest.raises(JobError, match=r"^jobs? .*sum3.*: the worker was lost \(killed, or out of memory\)"):
        run(jobs, tmp_path, 2)
    before = kept(tmp_path)
    found = run(jobs, tmp_path, 2)
    assert len(found) == 3 and before.items() <= kept(tmp_path).items()


def test_a_job_comes_to_the_same_numbers_with_any_number_of_threads_of_blas(monkeypatch, tmp_path):
    monkeypatch.setattr(networks, "EPOCH", 2000)
    jobs = [networks.Recipe((128,), Setting(100, 0.1), 1, 0)]
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            found.append(run(jobs, tmp_path / str(threads), data=datasets.load("digits:200"))[jobs[0]])
            assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {threads}
    for name, array in found[0].items():
        np.testing.assert_array_equal(found[1][name], array)


def test_two_jobs_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two jobs are called sum3"):
        with_needs([Sum(3), Sum(4, (Sum(3, told="other"),))])


@pytest.mark.parametrize("name", ["../out", "a/b", "", ".hidden", "a\0b"])
def test_a_job_writes_nowhere_but_into_its_folder(name, tmp_path, monkeypatch):
    monkeypatch.setattr(Sum, "name", name)
    with pytest.raises(ValueError, match="a job is called"):
        run([Sum(1)], tmp_path)


# ------------------------------------------------------------------------------------------------------------- files


def test_a_result_is_taken_up_only_if_it_is_what_would_be_measured_now(tmp_path, monkeypatch):
    job, needed = Sum(3), [{"sum": np.array(1)}]

    def taken(job=job, data=DIGITS, needed=needed):
        return Store(tmp_path, data).load(job, needed) is not None

    assert not taken()
    Store(tmp_path, DIGITS).save(job, needed, {"sum": np.array(4)}, 1.5)
    assert taken()
    assert not taken(needed=[{"sum": np.array(2)}]) and not taken(Sum(3, told="other"))
    assert not taken(data=DIGITS.take(np.arange(29)))
    assert not taken(data=dataclasses.replace(DIGITS, is_test=np.arange(30) > 20))
    with monkeypatch.context() as patched:
        patched.setattr(Sum, "program", "other text")
        assert not taken()
    with monkeypatch.context() as patched:
        patched.setattr(engine_jobs.tinynet, "__version__", "0")
        assert not taken()
    assert taken()
    (tmp_path / "sum3.npz").write_bytes(b"damaged")
    store = Store(tmp_path, DIGITS)
    assert store.load(job, needed) is None and store.outdated == ["sum3"]


@given(st.integers(0, 5), st.sampled_from(["value", "name", "shape", "dtype"]))
def test_a_checksum_knows_names_shapes_types_and_values(at, what):
    before = {"a": np.arange(6.0), "b": np.array(["x", "yz"]), "c": np.zeros((0, 3), bool)}
    after = dict(before)
    if what == "value":
        after["a"] = before["a"].copy()
        after["a"][at] += 1
    elif what == "name":
        after["d"] = after.pop("a")
    elif what == "shape":
        after["a"] = before["a"].reshape(2, 3)
    else:
        after["a"] = before["a"].view(np.int64)
    assert checksum(before) == checksum(dict(reversed(before.items()))) != checksum(after)


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_folder_is_one_safe_component_and_tells_data_sets_apart(one, other):
    names = [study.folder_name(dataclasses.replace(DIGITS, name=name)) for name in (one, other)]
    for name in names:
        assert re.fullmatch(r"\w[\w-]*", name) and len(name.encode()) < 200
    assert (names[0] == names[1]) == (one == other)


@pytest.mark.parametrize("name", ["../../out", "/tmp/out", "a/b", "C:\\x", ".", "..", "", "-", "digits"])
def test_folders_of_strange_names(name):
    data = dataclasses.replace(DIGITS, name=name)
    found = study.folder_name(data)
    assert "/" not in found and "\\" not in found and found.endswith("-30") and found[0] not in "-."
    assert study.folder_name(data.take(np.arange(20))) != found != study.folder_name(data, quick=True)


# ------------------------------------------------------------------------------------------------- the command line


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr(studies, "named", lambda name: TOY)


def test_every_study_is_found_by_its_folder():
    assert set(studies.NAMES) >= {"lo", "farias"} and "engine" not in studies.NAMES
    for name in studies.NAMES:
        assert studies.named(name).name == name


def test_the_few_lines_of_the_docstring_are_a_study(tmp_path, monkeypatch):
    lines = textwrap.dedent(engine.__doc__.partition("::\n\n")[2].partition("\nExperiments that need")[0])
    (tmp_path / "someone.py").write_text(lines)
    monkeypatch.syspath_prepend(tmp_path)
    someone = importlib.import_module("someone").STUDY
    (claim,) = study.run(someone, few_faces(2), tmp_path / "out", budget=Budget(2, 1), workers=1, progress=False)
    assert claim.id == "SO-1" and claim.n_seeds == 2 and (tmp_path / "out" / "study.html").exists()


def test_the_command_line_runs_any_study(toy, tmp_path, capsys):
    words = ["study", "lo", "--out", str(tmp_path), "--workers", "1"]
    for more in ([], ["--quick"], ["--data", "digits:20", "--quick", "--seeds", "4"]):
        assert main([*words, *more]) == 0
    found = {path.parent.name: json.loads(path.read_text()) for path in tmp_path.rglob("claims.json")}
    assert {name: (claims[0]["measured"], claims[0]["n_seeds"]) for name, claims in found.items()} == {
        "digits-30": ("[0, 1, 2]", 3),
        "digits-30-quick": ("[0, 1]", 2),
        "digits-20-quick": ("[0, 1, 2, 3]", 4),
    }
    assert "XX-1  holds" in capsys.readouterr().out


def test_a_data_file_does_not_say_where_to_write(toy, tmp_path, capsys):
    out = tmp_path / "out"
    for name in ("../../../escaped", str(tmp_path / "escaped")):
        npz.save(dataclasses.replace(DIGITS, name=name), tmp_path / "set.npz")
        words = ["study", "lo", "--data", f"npz:{tmp_path / 'set.npz'}", "--workers", "1", "--out", str(out)]
        assert main(words) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"out", "set.npz"}
    assert len(list((out / "toy").iterdir())) == 2


def test_a_place_that_cannot_be_written_to_is_told_before_the_work(toy, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(study, "_measured", lambda *args: pytest.fail("measured before looking"))
    (tmp_path / "file").write_text("in the way")
    assert main(["study", "lo", "--out", str(tmp_path / "file"), "--workers", "1"]) == 2
    assert f"'{tmp_path / 'file'}" in capsys.readouterr().err


def test_a_study_says_so_if_it_begins_anew(toy, tmp_path, capsys):
    words = ["study", "lo", "--out", str(tmp_path), "--workers", "1"]
    earlier = tmp_path / "toy" / "digits" / "250-epochs" / "0-error.npz"
    earlier.parent.mkdir(parents=True)
    earlier.write_bytes(b"of an earlier version")
    assert main(words) == 0
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1 and "250-epochs is of an earlier version: begun anew" in told[0]
    assert main(words) == 0 and not capsys.readouterr().err
    for path in (tmp_path / "toy" / "digits-30" / "jobs").iterdir():
        path.write_bytes(b"damaged")
    assert main(words) == 0
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1 and "3 results" in told[0] and "begun anew" in told[0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["study", "farias", "--epochs", "3"], "takes no --epochs"),
        (["study", "lo", "--workers", "100000"], "workers is 100000, expected a whole number from 1 to "),
        (["study", "lo", "--data", "npz:nowhere.npz"], "nowhere.npz"),
        (["study", "lo", "--data", "letters:20", "--workers", "1"], "study lo"),
        (["study", "lo", "--dask", "tcp://127.0.0.1:1"], "no scheduler of a Dask cluster answers at tcp://127.0.0.1:1"),
        (["claims", "."], "."),
        (["claims", "nowhere.json"], "nowhere.json"),
    ],
)
def test_wrong_words_give_one_clear_line(words, told, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("tinynet.studies.engine.workers.PATIENCE", "0.5s")
    assert main([*words, "--out", str(tmp_path)] if words[0] == "study" else words) == 2
    line = capsys.readouterr().err.strip()
    assert "\n" not in line and line.startswith("tinynet: error: ") and told in line


# --------------------------------------------------------------------------------------------------- killed, anytime


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_study_that_is_killed_loses_and_repeats_nothing(tmp_path, how):
    killed_studies.check("slow", tmp_path, moments=2, seed=0, how=how)


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_ctrl_c_never_reaches_a_worker_not_even_while_it_starts_and_one_that_is_stopped_leaves_nothing():
    waits = f"__import__('signal').pthread_sigmask({int(signal.SIG_BLOCK)}, [])"  # which signals it was begun with
    with at_work(2, DIGITS) as workers:
        assert signal.SIGINT in workers.executor.submit(eval, waits).result()
        own = workers.executor.submit(eval, "type(__import__('tqdm').tqdm.get_lock()).__module__").result()
        assert own == "_thread"  # no semaphore of the system is left by one that is stopped
    assert signal.SIGINT not in eval(waits)


@pytest.mark.long
@pytest.mark.parametrize("name", list(SMALL))
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_the_documents_studies_lose_nothing_either(name, tmp_path):
    killed_studies.check(name, tmp_path, moments=2, seed=1)


# ---------------------------------------------------------------------------------------------------- a Dask cluster


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        yield cluster


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_does_what_one_process_does(cluster, tmp_path):
    jobs = chain(None, None)
    there = run(jobs, tmp_path / "there", cluster.scheduler_address)
    here = run(jobs, tmp_path / "here")
    assert {job: dict(found) for job, found in there.items()} == {job: dict(found) for job, found in here.items()}
    assert sorted(kept(tmp_path / "there")) == sorted(kept(tmp_path / "here"))
    with cluster.get_client() as client:
        assert {job: dict(found) for job, found in run(jobs, tmp_path / "x", client.get_executor()).items()} == here


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["farias", pytest.param("lo", marks=pytest.mark.long)])
def test_a_study_comes_to_the_same_claims_on_a_cluster(cluster, tmp_path, name):
    chosen, data, budget = SMALL[name]
    found = [
        study.run(chosen, data(), tmp_path / str(at), budget=budget, workers=workers, progress=False)
        for at, workers in enumerate((1, cluster.scheduler_address))
    ]
    assert without_times(found[0]) == without_times(found[1])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_worker_of_a_cluster_that_is_killed_costs_nothing(cluster, tmp_path):
    jobs = [*chain(None, None), Sum(30, told=f"die once {tmp_path / 'mark'}")]
    found = run(jobs, tmp_path / "jobs", cluster.scheduler_address)
    assert len(found) == len(jobs) == len(kept(tmp_path / "jobs")) and (tmp_path / "mark").exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_job_that_fails_on_a_cluster_is_named(cluster, tmp_path):
    with pytest.raises(JobError, match=r"^job sum4: KeyError: 'such a thing'; finished jobs are kept"):
        run([Sum(5), Sum(4, told="fail")], tmp_path, cluster.scheduler_address)
    assert set(kept(tmp_path)) == {"sum5.npz"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_goes_away_is_told(tmp_path):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, host="tcp://127.0.0.1"
    )
    jobs = chain(None, None)

    def close(job):
        if job.number == 1:
            cluster.close()

    with pytest.raises(JobError, match=r"the cluster let go of it .*; finished jobs are kept"):
        with at_work(cluster.scheduler_address, DIGITS) as hands:
            results(jobs, Store(tmp_path, DIGITS), hands, close)
    before = kept(tmp_path)
    assert "sum0.npz" in before
    run(jobs, tmp_path)
    assert before.items() <= kept(tmp_path).items()
