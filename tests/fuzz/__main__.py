"""Run the fuzzers: ``python -m tests.fuzz --seconds 60 [--only loaders|calls] [--room ROOM] [--seed N]``."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy: threads would outlive a fork
os.environ.setdefault("MPLBACKEND", "agg")

import argparse
import sys
from collections import Counter

from tests.fuzz import calls, loaders


def main() -> int:
    """Run what is asked for; 0 if all goes as it must."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=calls.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60, help="how long each half may take (default: %(default)s)")
    parser.add_argument("--only", choices=("loaders", "calls"), help="one half of it")
    parser.add_argument("--room", help="wrong calls of one room: a file of tests/fuzz/rooms/")
    parser.add_argument("--function", help="wrong calls of one function, such as class_gradient")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the damage and of the calls drawn (default: %(default)s)"
    )
    parser.add_argument("--bad", type=int, default=40, help="how many that went wrong are shown (default: %(default)s)")
    options = parser.parse_args()
    right = True
    if options.only != "calls":
        right &= _loaders(options)
    if options.only != "loaders":
        right &= _calls(options)
    return 0 if right else 1


def _calls(options: argparse.Namespace) -> bool:
    run = calls.run(options.seconds, options.seed, options.room, options.function)
    for line in run.bad[: options.bad]:
        print(line)
    if len(run.bad) > options.bad:
        print(f"... and {len(run.bad) - options.bad} more: --bad {len(run.bad)}")
    print()
    for name, found in run.by_function.items():
        if set(found) != {"good"}:
            print(f"{name:40} {_counted(found)}")
    total = Counter[str]()
    for found in run.by_function.values():
        total += found
    share = total["good"] / max(total.total(), 1)
    print(
        f"\n{total.total()} wrong calls of {run.registered}: {_counted(total)}; {share:.1%} good, at least 95 % wanted"
    )
    if options.room is None and options.function is None:
        print("not registered:", ", ".join(calls.unregistered()) or "nothing")
    return share >= 0.95


def _loaders(options: argparse.Namespace) -> bool:
    run = loaders.run(options.seconds, options.seed)
    for line in sorted(run.bad)[: options.bad]:
        print(line)
    for name, found in run.by_kind.items():
        print(f"{name:20} {_counted(found)}")
    total = sum(run.by_kind.values(), Counter[str]())
    print(f"\n{total.total()} damaged files: {_counted(total)}; only read and refused wanted\n")
    return not run.bad


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in found.most_common())


if __name__ == "__main__":
    sys.exit(main())
