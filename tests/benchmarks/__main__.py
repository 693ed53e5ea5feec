"""Measure tinynet against PyTorch, Captum and a classical im2col network: ``python -m tests.benchmarks --help``."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.benchmarks import worker
from tests.benchmarks.items import ITEMS, Item
from tests.benchmarks.measure import Comparison
from tests.benchmarks.report import Row, as_json, table

EXAMPLES = """\
examples:
  python -m tests.benchmarks                                  everything, 20 pairs; best on a machine at rest
  python -m tests.benchmarks --quick --only thesis            a first look at the network of the thesis
  python -m tests.benchmarks --only "3x3.*forward" --against PyTorch --threads 1
  python -m tests.benchmarks --list

Programs are compared before they are timed: those whose results differ are refused, and the exit status is 1. Each
pair of runs is one of ours and one of the peer's, one after the other, in one process; the limits are for two threads.
Peak memory is what a process' first run needs beyond its inputs, weights and libraries. PyTorch runs eagerly, in its
default memory order where nothing else is said. Peers: pip install -e ".[bench]".
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="How fast is tinynet beside other programs that compute the same?",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--only", metavar="PATTERN", type=_pattern, help="work items whose names contain this expression")
    made.add_argument("--against", metavar="PATTERN", type=_pattern, help="peers whose names contain this expression")
    made.add_argument("--pairs", metavar="N", type=_positive, help="pairs of runs (default: 20; with --quick: 3)")
    made.add_argument("--threads", metavar="N,N", type=_threads, default=(1, 2), help="default: 1,2")
    made.add_argument("--json", metavar="FILE", type=Path, help="write all measurements to a file")
    made.add_argument("--no-memory", action="store_true", help="do not measure peak memory, which takes a process each")
    made.add_argument("--quick", action="store_true", help="3 pairs, no memory, and without the slowest items")
    made.add_argument("--list", action="store_true", help="name the work items and their peers")
    return made


def main(arguments: Sequence[str] | None = None, items: Sequence[Item] = ITEMS) -> int:
    """Run the benchmark and return the exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line.
    items : sequence of Item
        The work items to choose from.
    """
    options = parser().parse_args(arguments)
    rows = [
        Row(item.name, name, peer.limit)
        for item in items
        if _chosen(item.name, options.only) and not (options.quick and item.slow)
        for name in item.peers
        if _chosen(name, options.against)
        for peer in [item.peers[name]]
    ]
    if not rows:
        parser().error("no work item or peer of such a name; --list names them all, --quick leaves out the slowest")
    if options.list:
        print(_listing(rows))
        return 0
    pairs = options.pairs or (3 if options.quick else 20)
    with_memory = not (options.no_memory or options.quick)
    try:
        measure(rows, options.threads, pairs, with_memory)
    finally:  # who breaks off keeps what is there
        print(table(rows, options.threads))
        if options.json:
            settings: dict[str, Any] = {"pairs": pairs, "threads": list(options.threads), "dtype": "float32"}
            options.json.write_text(json.dumps(as_json(rows, settings), indent=1) + "\n", encoding="utf-8")
    return int(any(row.refused for row in rows))


def measure(rows: Sequence[Row], threads: Sequence[int], pairs: int, with_memory: bool) -> None:
    """Fill in the rows: times for each number of threads, then memory with the most threads."""
    from tqdm import tqdm

    with tqdm(total=len(rows) * (len(threads) + with_memory), unit="row", disable=not sys.stderr.isatty()) as bar:
        for count in threads:
            with closing(worker.compared([(row.item, row.peer) for row in rows], count, pairs)) as results:
                for row in rows:
                    bar.set_description(f"{row.item} ({count})")
                    _fill_in(row, count, next(results))
                    bar.update()
        ours: dict[str, int | None] = {}
        for row in rows if with_memory else []:
            bar.set_description(f"{row.item} (memory)")
            if row.times:
                if row.item not in ours:
                    ours[row.item] = worker.memory(row.item, worker.OURS, max(threads))
                row.memory = ours[row.item], worker.memory(row.item, row.peer, max(threads))
            bar.update()


def _fill_in(row: Row, threads: int, result: dict[str, Any]) -> None:
    if "ours" in result:
        row.times[threads] = Comparison(tuple(result["ours"]), tuple(result["peers"]))
        row.differences = result["differences"]
    else:
        row.refused = "refused" in result
        row.trouble = result.get("refused") or result["missing"]


def _listing(rows: Sequence[Row]) -> str:
    names = dict.fromkeys(row.item for row in rows)
    width = max(map(len, names))
    peers = {name: ", ".join(row.peer for row in rows if row.item == name) for name in names}
    return "\n".join(f"{name:{width}}  {peers[name]}" for name in names)


def _chosen(name: str, pattern: re.Pattern[str] | None) -> bool:
    return pattern is None or pattern.search(name) is not None


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from error


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected a whole number of at least 1")
    return int(text)


def _threads(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(_positive(part) for part in text.split(",")))


if __name__ == "__main__":
    sys.exit(main())
