"""Studies killed at random moments, again and again: ``python -m tests.killed_studies lo --moments 20``, or farias."""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import os
import random
import signal
import tempfile
import time
from pathlib import Path

from tests.small_studies import DIGITS, SLOW, SMALL, without_times
from tinynet.studies.engine import claims, study
from tinynet.studies.engine.experiment import Budget, nothing_shown

# What is to be run, how much of it, and in how many processes: those that the slow one has import everything anew each
# time, which takes longer than the jobs of the others.
STUDIES = {
    "slow": (SLOW, lambda: DIGITS, Budget(1), 2),
    **{name: (*small, 1) for name, small in SMALL.items()},
}
PATIENCE = 1800  # seconds for a whole study


def run(name, out, workers=None):
    """Run a study in a folder, without figures: they are drawn once all results are there."""
    chosen, data, budget, usual = STUDIES[name]
    bare = [dataclasses.replace(experiment, sections=nothing_shown) for experiment in chosen.experiments]
    bare_study = dataclasses.replace(chosen, experiments=tuple(bare))
    return study.run(bare_study, data(), out, budget=budget, workers=workers or usual, progress=False)


def kept(folder):
    """Return when each result was written, by name."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "jobs").glob("*.npz")}


def check(name, folder, moments, seed, how=signal.SIGKILL):
    """Kill a study at moments drawn between two results, and see that it goes on and ends as if nothing had been.

    A study of fewer results than moments is begun anew until it was killed often enough.

    Raises
    ------
    AssertionError
        If a result that was there is lost or made again, or the claims differ from those of an undisturbed run.
    """
    undisturbed = run(name, folder / "whole", workers=1)
    between, rng = range(1, len(kept(folder / "whole"))), random.Random(seed)
    runs = 0
    while moments > 0:
        wanted, out = sorted(rng.sample(between, min(moments, len(between)))), folder / f"run{runs}"
        moments, runs = moments - _killed(name, out, wanted, rng, how), runs + 1
        assert without_times(claims.load(out / "claims.json")) == without_times(undisturbed)
        assert sorted(kept(out)) == sorted(kept(folder / "whole"))


def _killed(name, out, wanted, rng, how):
    """Kill a study whenever it has so many results, let it end at last, and return how often it was killed."""
    times, before, deadline = 0, {}, time.monotonic() + PATIENCE
    for count in wanted:
        process = _begun(name, out)
        while len(kept(out)) < count and process.is_alive():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(rng.random() / 10)
        if process.is_alive():
            os.kill(process.pid, how)
        process.join()
        if process.exitcode == 0:  # what was left took less than that
            break
        while _still_there(process.pid):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert before.items() <= kept(out).items(), "a result was lost or made again"
        before, times = kept(out), times + 1
        print(f"killed with {len(before)} results: nothing lost", flush=True)
    process = _begun(name, out)
    process.join()
    assert process.exitcode == 0
    assert before.items() <= kept(out).items(), "a result was lost or made again"
    return times


def _begun(name, out):
    """Return a process that runs a study: a fork of this one, which has imported everything."""
    process = multiprocessing.get_context("fork").Process(target=_alone, args=(name, out))
    process.start()
    return process


def _alone(name, out):
    os.setsid()  # with the processes that it starts
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever a shell in the background has asked for
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    run(name, out)


def _still_there(session):
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    return True


def _command_line():
    parser = argparse.ArgumentParser(prog="python -m tests.killed_studies", description=__doc__)
    parser.add_argument("name", choices=list(STUDIES))
    parser.add_argument("--moments", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        check(options.name, Path(folder), options.moments, options.seed)
    print(f"{options.name}: killed {options.moments} times, nothing lost")


if __name__ == "__main__":
    _command_line()
