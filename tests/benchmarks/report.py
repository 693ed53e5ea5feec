"""What the benchmark prints and writes: a table of ratios, and the same with every measurement as JSON."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import tinynet as tn
from tests.benchmarks.measure import Comparison, spread

FORMAT = "tinynet benchmark"
JUDGED_AT = 2  # threads: the limits are for two
HEAD = "tinynet's time over the peer's: median [quartiles]; below 1, tinynet is faster"


@dataclass
class Row:
    """What was measured of a work item against one peer.

    Attributes
    ----------
    item, peer : str
        Their names.
    limit : float, optional
        The ratio that is aimed at on two threads.
    times : dict of int to Comparison
        By the number of threads.
    differences : dict of str to float
        How far the results were apart, as a share of their norm, in float64 and in float32.
    trouble : str
        Why there are no times: a peer is not installed, or its results differ.
    memory : pair of int, optional
        Bytes that tinynet and the peer need beyond inputs, weights and libraries.
    """

    item: str
    peer: str
    limit: float | None = None
    times: dict[int, Comparison] = field(default_factory=dict)
    differences: dict[str, float] = field(default_factory=dict)
    trouble: str = ""
    refused: bool = False
    memory: tuple[int | None, int | None] = (None, None)

    @property
    def verdict(self) -> str:
        """Whether the limit was kept; empty if there is none or it was not measured on two threads."""
        if self.refused:
            return "NOT TIMED"
        if self.limit is None or JUDGED_AT not in self.times:
            return ""
        return "ok" if self.times[JUDGED_AT].ratio.median <= self.limit else "missed"

    def cells(self, threads: Sequence[int]) -> list[str]:
        """Return the texts of the table's columns."""
        ratios = [self._ratio(count) for count in threads]
        limit = "" if self.limit is None else f"{self.limit:.2f}"
        return [self.item, self.peer, *ratios, limit, self.verdict, self._milliseconds(), self._megabytes()]

    def as_json(self) -> dict[str, Any]:
        """Return everything, in the types that JSON knows."""
        return {
            "item": self.item,
            "against": self.peer,
            "limit": self.limit,
            "verdict": self.verdict,
            "trouble": self.trouble,
            "differences": self.differences,
            "threads": {str(threads): _times_as_json(found) for threads, found in self.times.items()},
            "peak_bytes": {"tinynet": self.memory[0], "peer": self.memory[1]},
        }

    def _ratio(self, threads: int) -> str:
        if threads not in self.times:
            return self.trouble if not self.refused else "results differ"
        return str(self.times[threads].ratio)

    def _milliseconds(self) -> str:
        if not self.times:
            return ""
        found = self.times[max(self.times)]
        return " / ".join(f"{spread(side).median * 1e3:.3g}" for side in (found.ours, found.peers))

    def _megabytes(self) -> str:
        if self.memory == (None, None):
            return ""
        return " / ".join("?" if size is None else f"{size / 1e6:.3g}" for size in self.memory)


def _times_as_json(found: Comparison) -> dict[str, Any]:
    ratio = found.ratio
    return {
        "median": ratio.median,
        "quartiles": [ratio.low, ratio.high],
        "seconds": {"tinynet": list(found.ours), "peer": list(found.peers)},
    }


def table(rows: Sequence[Row], threads: Sequence[int]) -> str:
    """Return the table: a line for each work item and peer, a column for each number of threads."""
    lines = [["work item", "against", *counted_threads(threads), "limit", "", "ms", "peak MB"]]
    for before, row in zip([None, *rows], rows, strict=False):
        cells = row.cells(threads)
        if before is not None and before.item == row.item:
            cells[0] = ""
        lines.append(cells)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    notes = [f"{row.item}, {row.peer}: {row.trouble}; not timed" for row in rows if row.refused]
    return "\n".join([HEAD, "", texts[0], "-" * max(map(len, texts)), *texts[1:], *([""] if notes else []), *notes])


def counted_threads(threads: Sequence[int]) -> list[str]:
    """Return the heads of the columns for some numbers of threads."""
    return [f"{count} thread{'s' if count > 1 else ''}" for count in threads]


def as_json(rows: Sequence[Row], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return all measurements, and on what machine and with which versions they were made."""
    return {
        "format": FORMAT,
        "version": 1,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        "settings": dict(settings),
        "rows": [row.as_json() for row in rows],
    }


def machine() -> dict[str, Any]:
    """Say what the computer is, and how busy it was."""
    load = list(os.getloadavg()) if hasattr(os, "getloadavg") else None
    return {"cpu": _cpu(), "cores": os.cpu_count(), "system": platform.platform(), "load_average": load}


def versions() -> dict[str, str]:
    """Return the versions of everything that takes part."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    found = {"tinynet": tn.__version__, "python": sys.version.split()[0]}
    for name in ("numpy", "scipy", "torch", "captum"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return {**found, "blas": f"{blas['name']} {blas['version']}"}


def _cpu() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
