"""Studies killed at random moments, again and again: ``python -m tests.killed_studies lo --moments 20``, or farias."""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.small_studies import DIGITS, SLOW, SMALL, without_times
from tinynet.studies.engine import claims, study
from tinynet.studies.engine.experiment import Budget

STUDIES = {"slow": (SLOW, lambda: DIGITS, Budget(1)), **SMALL}
PATIENCE = 1800  # seconds for a whole study


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
    chosen, data, budget = STUDIES[name]
    undisturbed = study.run(chosen, data(), folder / "whole", budget=budget, workers=1, progress=False)
    between, rng = range(1, len(kept(folder / "whole"))), random.Random(seed)
    for run, done in enumerate(range(0, moments, len(between))):
        wanted = sorted(rng.sample(between, min(moments - done, len(between))))
        _kill(name, folder / f"run{run}", wanted, rng, how)
        assert without_times(claims.load(folder / f"run{run}" / "claims.json")) == without_times(undisturbed)
        assert sorted(kept(folder / f"run{run}")) == sorted(kept(folder / "whole"))


def _kill(name, out, wanted, rng, how):
    """Kill a study whenever it has so many results, and let it end at last."""
    command = [sys.executable, "-m", "tests.killed_studies", name, "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])}
    before, deadline = {}, time.monotonic() + PATIENCE
    for count in wanted:
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            while len(kept(out)) < count and process.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            time.sleep(rng.random() / 10)
            process.send_signal(how)
            process.wait()
            while _still_there(process.pid):
                assert time.monotonic() < deadline
                time.sleep(0.02)
        assert before.items() <= kept(out).items(), "a result was lost or made again"
        before = kept(out)
        print(f"killed with {len(before)} results: nothing lost", flush=True)
    subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)
    assert before.items() <= kept(out).items(), "a result was lost or made again"


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
    parser.add_argument("--out", type=Path, help="only run the study, in this folder")
    options = parser.parse_args()
    if options.out:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever a shell in the background has asked for
        chosen, data, budget = STUDIES[options.name]
        study.run(chosen, data(), options.out, budget=budget, workers=2, progress=False)
        return
    with tempfile.TemporaryDirectory() as folder:
        check(options.name, Path(folder), options.moments, options.seed)
    print(f"{options.name}: killed {options.moments} times, nothing lost")


if __name__ == "__main__":
    _command_line()
