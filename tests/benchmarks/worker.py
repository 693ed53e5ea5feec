"""The processes in which the programs run, one for each number of threads, as that is settled before NumPy is loaded.

``python -m tests.benchmarks.worker`` takes a task as JSON on its standard input and prints one line of JSON for each
pair of programs that it has compared.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import items
from tests.benchmarks.items import Item, Peer
from tests.benchmarks.measure import ResultsDifferError, check_same_results, compare, peak_memory

THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
OURS = "tinynet"


def compared(matches: Sequence[tuple[str, str]], threads: int, pairs: int) -> Generator[dict[str, Any], None, None]:
    """Yield what comes of each match of a work item and a peer, by their names, in one process of so many threads."""
    return _lines({"matches": matches, "pairs": pairs}, threads)


def memory(item: str, side: str, threads: int) -> int | None:
    """Return the bytes that one side's program needs, in a process of its own."""
    (line,) = _lines({"item": item, "side": side}, threads)
    found: int | None = line["bytes"]
    return found


def _lines(task: dict[str, Any], threads: int) -> Generator[dict[str, Any], None, None]:
    """Start a process, give it a task, and yield what it prints, line by line."""
    environment = {**os.environ, **dict.fromkeys(THREAD_SETTINGS, str(threads))}
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.benchmarks.worker"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, cwd=root, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        json.dump(task, process.stdin)
        process.stdin.close()
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        raise RuntimeError(f"a process of {threads} threads ended with status {process.returncode}")


# ------------------------------------------------------------------------------------------------ inside the process


def match_result(item: Item, peer: Peer, pairs: int) -> dict[str, Any]:
    """Compare results, then times; programs whose results differ are not timed."""
    if not peer.installed:
        return {"missing": "not installed"}
    try:
        differences = check_same_results(item.tinynet, peer.make, item.tolerance)
    except ResultsDifferError as error:
        return {"refused": str(error)}
    found = compare(item.tinynet(np.float32), peer.make(np.float32), pairs)
    return {"differences": differences, "ours": found.ours, "peers": found.peers}


def memory_result(item: Item, side: str) -> dict[str, Any]:
    """Measure the memory of one side's program."""
    make = item.tinynet if side == OURS else item.peers[side].make
    return {"bytes": peak_memory(make(np.float32))}


def main() -> None:
    """Do one task."""
    task = json.load(sys.stdin)
    if "side" in task:
        print(json.dumps(memory_result(items.find(task["item"]), task["side"])))
        return
    for name, against in task["matches"]:
        item = items.find(name)
        print(json.dumps(match_result(item, item.peers[against], task["pairs"])), flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
