"""What bounds a training step: each layer's time beside its arithmetic and its memory traffic.

``python -m tests.benchmarks.bounds`` takes a step of a network apart. A pass over a layer cannot be faster than its
multiply-adds at the rate of the best product of matrices on this machine, nor than reading what it needs and writing
what it makes at the rate of a copy of as many bytes. What a step takes beyond the larger of the two goes to products of
few rows, copies into patches, calls of Python and the way from cache to cache. Convolutions are counted as they are
defined; Winograd's take fewer multiply-adds, and may stay below that bound.

The passes are run in the order of a step, so that each finds the caches as a step would leave them. Everything is
measured with one thread: with two, rates and times would hang on who waits for whom. With ``--into FILE`` a line for
each step goes into the table of a text.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

import tinynet as tn
from tests.benchmarks.items import TEN, digits, faces, farias, images, labels, names_of_faces, thesis
from tinynet import files
from tinynet.classes import as_targets
from tinynet.training import TrainingStep

EXAMPLES = """\
examples:
  OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.bounds                          all three networks
  OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.bounds --net thesis --batch 62
  OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.bounds --into tutorials/benchmarks.md
"""
REPETITIONS = 30
STEPS = 8
TRACKER, ALL, STEP = "tracker, besides", "all passes", "a step of tn.fit"
MAPS = (128, 16, 16)
SIDE = 512  # of the matrices whose product gives the best rate


class Case(NamedTuple):
    """A network, the data that it is trained on, and its loss."""

    build: Callable[[type], tn.Network]
    images: Callable[[type, int], np.ndarray]
    labels: Callable[[int], np.ndarray]
    loss: tn.losses.Loss
    batches: tuple[int, ...]  # that are measured if nothing else is said


def wide(dtype: type) -> tn.Network:
    """Return a network of two 3x3 layers of 128 maps of 16x16."""
    layers = [tn.Conv2D(128, 3, padding=1), tn.Conv2D(128, 3, padding=1), tn.Flatten(), tn.Dense(TEN), tn.Softmax()]
    return tn.Network(layers, MAPS, dtype=dtype)


CASES = {
    "thesis": Case(thesis, faces, names_of_faces, tn.CrossEntropy(), (1, 16, 124)),
    "784-128-10": Case(farias, digits, partial(labels, classes=TEN), tn.SquaredError(), (100,)),
    "wide": Case(
        wide, lambda dtype, n: images(n, MAPS, dtype), partial(labels, classes=TEN), tn.CrossEntropy(), (1, 16)
    ),
}


class Pass(NamedTuple):
    """One pass over one layer: what it has to compute and to move, and what it takes."""

    name: str
    products: int  # multiply-adds
    traffic: int  # bytes read and written
    run: Callable[[], object]


class Rates(NamedTuple):
    """What this machine can do at best."""

    products: float  # multiply-adds a second
    traffic: Callable[[int], float]  # bytes a second, read and written, when a copy moves so many


class Measured(NamedTuple):
    """What something takes, and what its arithmetic and its memory traffic would take at the best rates, in seconds."""

    taken: float
    products: int
    traffic: int
    arithmetic: float
    moving: float
    bound: float

    @property
    def share(self) -> float:
        """How much of the time it could not do without."""
        return self.bound / self.taken


def seconds(run: Callable[[], object], repetitions: int = REPETITIONS) -> float:
    """Return the shortest time of several runs: what else the machine does can only add to it."""
    best = math.inf
    for _ in range(repetitions):
        started = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - started)
    return best


def rates() -> Rates:
    """Measure the best product of matrices and copies of various sizes."""
    a, b = (np.random.default_rng(seed).random((SIDE, SIDE), np.float32) for seed in (0, 1))
    sizes = [1 << power for power in range(12, 27)]
    copies = []
    for size in sizes:
        source, target = np.ones(size // 2, np.uint8), np.ones(size // 2, np.uint8)
        copies.append(size / seconds(lambda source=source, target=target: np.copyto(target, source)))
    return Rates(SIDE**3 / seconds(lambda: a @ b), lambda size: float(np.interp(size, sizes, copies)))


def training_step(net: tn.Network, x: np.ndarray, labels: np.ndarray, loss: tn.losses.Loss) -> TrainingStep:
    """Return what a training step computes before the gradients of the weights."""
    trace, targets = net.trace(x), as_targets(labels, net)
    return TrainingStep(net, trace, net.backward(trace, loss.seed(net, trace, targets), at=loss.at(net)), targets)


def passes(step: TrainingStep) -> Iterator[Pass]:
    """Yield every pass of a training step, down to the gradients of the lowest layer."""
    net, trace, deltas = step.net, step.trace, step.deltas
    lowest = True
    for before, layer in zip(net.names, net.layers[: net.names.index(deltas.at)], strict=False):
        a, z, delta = trace[before], trace[layer.name], deltas[layer.name]
        W = layer.params.get("W")
        weights = 0 if W is None else W.nbytes
        products = 0 if W is None else W.size * (z.size // W.shape[0])
        looks_at_input = isinstance(layer, tn.MaxPool2D)
        yield Pass(
            f"{layer.name} forward", products, a.nbytes + weights + z.nbytes, lambda layer=layer, a=a: layer.forward(a)
        )
        if not lowest:
            traffic = delta.nbytes + a.nbytes + weights + (W is None) * z.nbytes + looks_at_input * a.nbytes
            yield Pass(
                f"{layer.name} backward",
                products,
                traffic,
                lambda layer=layer, delta=delta, a=a, z=z: layer.backward(delta, a, z),
            )
        if layer.params:
            yield Pass(
                f"{layer.name} gradients",
                products,
                delta.nbytes + a.nbytes + weights,
                lambda layer=layer, delta=delta, a=a, z=z: layer.grads(delta, a, z),
            )
            lowest = False


def tracking(step: TrainingStep) -> Pass:
    """Return what the tracker of class gradients does in a step: all deltas of units times the one-hot targets."""
    tracker = tn.ClassGradientTracker()
    tracker.on_batch(step)
    tracker.on_epoch(step.net, tn.History())
    arrays = [step.deltas[name] for name in tracker.gradients]
    classes = np.count_nonzero(step.targets.any(axis=0))
    units = sum(sums[0].size for sums in tracker.gradients.values())
    moved = sum(a.nbytes for a in arrays) + 2 * classes * units * step.net.dtype.itemsize
    return Pass(TRACKER, len(step.targets) * units * classes, moved, lambda: tracker.on_batch(step))


def measured(case: Case, batch: int, machine: Rates) -> dict[str, Measured]:
    """Return what each pass of a step takes and what bounds it, then the tracker, all passes, and the whole step."""
    net, x, labels = case.build(np.float32), case.images(np.float32, batch), case.labels(batch)
    step = training_step(net, x, labels, case.loss)
    order = [*passes(step), *([tracking(step)] if isinstance(net.layers[-1], tn.Softmax) else [])]
    taken = np.full(len(order), np.inf)
    for _ in range(REPETITIONS):
        taken = np.minimum(taken, [seconds(part.run, 1) for part in order])
    found = {}
    for part, time_taken in zip(order, taken, strict=True):
        arithmetic, moving = part.products / machine.products, part.traffic / machine.traffic(part.traffic)
        bound = max(arithmetic, moving)
        found[part.name] = Measured(time_taken, part.products, part.traffic, arithmetic, moving, bound)
    of_step = [one for name, one in found.items() if name != TRACKER]
    taken, products, traffic, arithmetic, moving, bound = (sum(column) for column in zip(*of_step, strict=True))
    found[ALL] = Measured(taken, products, traffic, arithmetic, moving, bound)
    many, names = case.images(np.float32, STEPS * batch), case.labels(STEPS * batch)
    settings = {"loss": case.loss, "optimizer": tn.SGD(0.0), "batch_size": batch, "progress": False}
    whole = seconds(lambda: tn.fit(net, many, names, epochs=1, **settings)) / STEPS
    found[STEP] = found[ALL]._replace(taken=whole)
    return found


def table(found: dict[str, Measured]) -> str:
    """Return what each pass takes, in microseconds, what bounds it, and how close it is."""
    lines = [
        f"{'pass':18}{'taken':>9}{'M mul-adds':>12}{'MB moved':>10}{'arithmetic':>12}{'traffic':>9}{'bound/taken':>13}"
    ]
    for name, one in found.items():
        work = f"{one.products / 1e6:12.2f}{one.traffic / 1e6:10.2f}"
        lines.append(
            f"{name:18}{one.taken * 1e6:9.0f}{work}{one.arithmetic * 1e6:12.1f}{one.moving * 1e6:9.1f}{one.share:13.0%}"
        )
    return "\n".join(lines)


def markdown(steps: dict[tuple[str, int], dict[str, Measured]]) -> str:
    """Return a table with a line for each step: how much of it, its passes and the tracker nothing could save."""
    lines = [
        "| network, batch | million multiply-adds | MB moved | bound of all passes | of a step | "
        "tracker takes | its bound |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (net, batch), found in steps.items():
        all_passes, step, tracker = found[ALL], found[STEP], found.get(TRACKER)
        besides = [f"{tracker.taken / step.taken:.1%}", f"{tracker.bound / step.taken:.1%}"] if tracker else ["", ""]
        work = [f"{all_passes.products / 1e6:.1f}", f"{all_passes.traffic / 1e6:.1f}"]
        shares = [f"{all_passes.share:.0%} of their time", f"{step.share:.0%}"]
        lines.append("| " + " | ".join([f"{net}, {batch}", *work, *shares, *besides]) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables and return the exit status."""
    made = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.bounds",
        description="What bounds a training step?",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--net", choices=list(CASES), help='one of them; "wide": two 3x3 layers of 128 maps of 16x16')
    made.add_argument("--batch", metavar="N,N", help="sizes of mini-batches (default: those of the benchmark)")
    made.add_argument("--into", metavar="FILE", type=Path, help="a text with the marks of bounds")
    options = made.parse_args(arguments)
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        print("set OPENBLAS_NUM_THREADS=1, so that the rates are those of one thread", file=sys.stderr)
        return 2
    machine = rates()
    copies = ", ".join(f"{machine.traffic(1 << power) / 1e9:.0f} of 2^{power} bytes" for power in (14, 18, 22, 26))
    print(f"{machine.products / 1e9:.0f} G multiply-adds a second; GB a second that a copy reads and writes: {copies}")
    steps = {}
    for name in [options.net] if options.net else CASES:
        case = CASES[name]
        for batch in map(int, options.batch.split(",")) if options.batch else case.batches:
            steps[name, batch] = measured(case, batch, machine)
            print(f"\n{name}, batch {batch}, float32, one thread: microseconds\n{table(steps[name, batch])}")
    try:
        if options.into is not None:
            files.fill(options.into, "bounds", markdown(steps))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
