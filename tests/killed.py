"""Kill a training run at many moments, go on, and compare: nothing is lost, bit by bit.

    python -m tests.killed --moments 40 --seed 0

A moment is a number of function calls since the run began: somewhere in a step, or in the writing of a checkpoint.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import tinynet as tn

X = np.random.default_rng(0).normal(size=(12, 1, 6, 6))
LABELS = np.arange(12) % 3


class Calls:
    """Counts function calls, and ends the process without a word at one of them."""

    def __init__(self, last: int = -1) -> None:
        self.count, self.last = 0, last

    def __call__(self, frame: object, event: str, argument: object) -> None:
        """Count, as `sys.setprofile` wants it."""
        self.count += event in ("call", "c_call")
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def train(path: Path | None, calls: Calls | None = None) -> dict[str, np.ndarray]:
    """Train a small network, going on from a checkpoint if there is one, and return all that came of it."""
    layers = [tn.Conv2D(2, 3), tn.Tanh(), tn.Dropout(0.3), tn.Flatten(), tn.Dense(3), tn.Softmax()]
    net, weights, tracker = tn.Network(layers, (1, 6, 6), rng=1), tn.WeightHistory(), tn.ClassGradientTracker()
    sys.setprofile(calls)
    try:
        history = tn.fit(
            net,
            X,
            LABELS,
            loss=tn.CrossEntropy(),
            optimizer=tn.Adam(1e-2),
            epochs=4,
            batch_size=5,
            rng=3,
            validation=(X[:4], LABELS[:4]),
            callbacks=[weights, tracker],
            progress=False,
            checkpoint=path,
            resume=path is not None,
        )
    finally:
        sys.setprofile(None)
    return {
        **net.parameters(),
        **{name: np.array(values) for name, values in vars(history).items()},
        **{f"epoch {number}/{name}": a for number, epoch in enumerate(weights.epochs) for name, a in epoch.items()},
        **{f"gradient of {name}": array for name, array in tracker.gradients.items()},
    }


def lost(moment: int, folder: Path, unbroken: dict[str, np.ndarray]) -> str:
    """Kill a run at a moment, go on, and say what is not as in the unbroken run; nothing if all is."""
    path = folder / "run.npz"
    child = multiprocessing.get_context("fork").Process(target=train, args=(path, Calls(moment)))
    child.start()
    child.join()
    if child.exitcode != -signal.SIGKILL:
        return f"was not killed at call {moment}, but ended with {child.exitcode}"
    resumed = train(path)
    if list(resumed) != list(unbroken):
        return "has other entries"
    differing = [name for name, array in unbroken.items() if resumed[name].tobytes() != array.tobytes()]
    left = sorted(file.name for file in folder.iterdir() if file != path)
    return ", ".join([*differing, *(f"{name} was left" for name in left)])


def main() -> int:
    """Kill as many runs as asked for; return 1 if anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.killed", description=__doc__.partition(":")[0])
    parser.add_argument("--moments", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = 0
    for moment, what in killed(options.moments, options.seed):
        print(f"killed at call {moment}: {what or 'nothing lost'}", flush=True)
        failed += bool(what)
    return int(failed > 0)


def killed(moments: int, seed: int) -> Iterator[tuple[int, str]]:
    """Kill runs at moments drawn by a seed; return each with what was lost."""
    unbroken, calls = train(None), Calls()  # counted second, when all that is imported on the way is there
    with tempfile.TemporaryDirectory() as folder:
        train(Path(folder) / "run.npz", calls)
    latest = 0.9 * calls.count  # the count differs a little from run to run
    for moment in np.random.default_rng(seed).integers(1, latest, moments).tolist():
        with tempfile.TemporaryDirectory() as folder:
            yield moment, lost(moment, Path(folder), unbroken)


if __name__ == "__main__":
    sys.exit(main())
