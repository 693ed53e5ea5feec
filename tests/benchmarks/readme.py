"""A benchmark as a table: ``python -m tests.benchmarks.readme FILE --into tutorials/benchmarks.md``.

FILE is what ``python -m tests.benchmarks --json FILE`` wrote. Without ``--into`` the table is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Spread
from tests.benchmarks.report import FORMAT, HEAD, JUDGED_AT, counted_threads
from tinynet import files


def markdown(found: dict[str, Any]) -> str:
    """Return the ratios as a table in Markdown, a column for each number of threads, below a line about the machine."""
    machine, versions, settings = found["machine"], found["versions"], found["settings"]
    counts = sorted({int(count) for row in found["rows"] for count in row["threads"]})
    heads = [*counted_threads(counts), f"aim on {JUDGED_AT}"]
    rows = [["work", "against", *heads, ""], ["---"] * (len(heads) + 3)]
    for row in found["rows"]:
        if row["threads"]:
            measured = [row["threads"].get(str(count)) for count in counts]
            ratios = [str(Spread(times["median"], *times["quartiles"])) if times else "" for times in measured]
            aim = "" if row["limit"] is None else f"{row['limit']:.2f}"
            rows.append([row["item"], row["against"], *ratios, aim, row["verdict"]])
    names = ", ".join(f"{name} {versions[name]}" for name in ("python", "numpy", "torch"))
    about = f"{HEAD}. {settings['pairs']} pairs, {settings['dtype']}; {machine['cpu']}, {names}."
    return "\n".join([about, "", *("| " + " | ".join(row) + " |" for row in rows)])


def markdown_of(path: Path) -> str:
    """Return the table of a file, or raise `ValueError` if it holds no measurements of a benchmark."""
    try:
        return markdown(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: holds no measurements of a {FORMAT} ({error!r})") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table or put it between its marks, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.readme", description=__doc__.splitlines()[0])
    parser.add_argument("file", metavar="FILE", type=Path, help="what python -m tests.benchmarks --json FILE wrote")
    parser.add_argument("--into", metavar="FILE", type=Path, help="a text with the marks of a benchmark")
    options = parser.parse_args(arguments)
    try:
        text = markdown_of(options.file)
        if options.into is None:
            print(text)
        else:
            files.fill(options.into, "benchmark", text)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
