"""Kill `explain` at many moments: a report is there as a whole, the old or the new one, or not at all.

    python -m tests.killed_explain --moments 40 --seed 0

A moment is a number of calls that touch files since the run began: between two of them, the disk looks the same. Half
of the runs write to a new folder, half to that of an earlier report, which the killed ones leave from run to run.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import tinynet as tn
from tests.killed import Calls
from tinynet.datasets import Dataset
from tinynet.report import Settings, explain_network

TIMED = ("report.html", "summary.json")  # differ from run to run in what they say about time
DATA = Dataset("noise", np.random.default_rng(0).random((12, 1, 8, 8), np.float32), np.arange(12) % 3, tuple("abc"))
FILES = {"posix", "nt", "io", "_io"}  # modules whose calls touch files
HISTORY = tn.History([1.0, 0.5], [0.5, 0.4])


class FileCalls(Calls):
    """Counts the calls that touch files."""

    def __call__(self, frame: object, event: str, argument: object) -> None:
        """Count, as `sys.setprofile` wants it."""
        if event == "c_call" and (
            getattr(argument, "__module__", None) in FILES
            or type(getattr(argument, "__self__", None)).__module__ in FILES
        ):
            super().__call__(frame, event, argument)


def explain(out: Path, of: str, calls: Calls | None = None) -> None:
    """Write a report, one of two that differ in every number and in a figure."""
    layers = [tn.Conv2D(2, 3), tn.Tanh(), tn.Flatten(), tn.Dense(3), tn.Softmax()]
    net = tn.Network(layers, (1, 8, 8), rng=len(of))
    settings = Settings(command="explain", model="none", seeds={}, training={}, training_seconds=None)
    sys.setprofile(calls)
    try:
        history = HISTORY if of == "logit" else None
        explain_network(
            net, DATA, train=DATA, test=DATA, out=out, settings=settings, of=of, history=history, progress=False
        )
    finally:
        sys.setprofile(None)


def files_in(folder: Path) -> dict[str, bytes]:
    """Return what is in the files of a folder."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def harmed(out: Path, reports: list[dict[str, bytes]]) -> str:
    """Say what is not as in one of the reports; nothing if all is, or there is no folder."""
    if not out.exists():
        return ""
    found = {name: text for name, text in files_in(out).items() if not name.startswith(".tinynet-")}
    for name, text in found.items():
        wanted = [report[name] for report in reports if name in report]
        if not (text.endswith(wanted[0][-8:]) if name in TIMED and wanted else text in wanted):
            return f"{name} is of no report"
    missing = set(json.loads(found.get("summary.json", b'{"files": ["summary.json"]}'))["files"]) - set(found)
    return ", ".join(f"{name} is missing" for name in sorted(missing))


def killed(moments: int, seed: int) -> Iterator[tuple[int, str]]:
    """Kill runs at moments drawn by a seed; return each with what was harmed, and at last what was left."""
    rng, calls, kinds = np.random.default_rng(seed), FileCalls(), ("logit", "margin")
    with tempfile.TemporaryDirectory() as folder:
        place, reports = Path(folder), []
        for kind in kinds:
            explain(place / kind, kind, calls)
            reports.append(files_in(place / kind))
        explain(place / "here" / "again", kinds[0])
        for number, moment in enumerate(rng.integers(1, calls.count // 2, moments).tolist()):
            out = place / "here" / ("again" if number % 2 else f"new{number}")
            work = (out, kinds[number // 2 % 2], FileCalls(moment))
            process = multiprocessing.get_context("fork").Process(target=explain, args=work)
            process.start()
            process.join()
            ended = process.exitcode in (0, -signal.SIGKILL)  # one of the two is shorter
            yield moment, harmed(out, reports) if ended else f"ended with {process.exitcode}"
        explain(place / "here" / "again", kinds[1])
        explain(place / "here" / "last", kinds[0])
        same = {name: text == reports[1].get(name) for name, text in files_in(place / "here" / "again").items()}
        wrong = [name for name, as_made in same.items() if not as_made and name not in TIMED]
        left = sorted(path.relative_to(place).as_posix() for path in place.rglob(".tinynet-*"))
        yield -1, ", ".join([*(f"{name} differs" for name in wrong), *(f"{name} was left" for name in left)])


def main() -> int:
    """Kill as many runs as asked for; return 1 if anything was harmed or left."""
    parser = argparse.ArgumentParser(prog="python -m tests.killed_explain", description=__doc__.partition(":")[0])
    parser.add_argument("--moments", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = 0
    for moment, what in killed(options.moments, options.seed):
        print(
            f"{f'killed at call {moment}' if moment > 0 else 'the next runs'}: {what or 'nothing harmed'}", flush=True
        )
        failed += bool(what)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
