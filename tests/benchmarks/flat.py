"""How much memory class gradients need as images grow in number: ``python -m tests.benchmarks.flat``.

Each number of images has a process of its own, which makes the images, notes the most memory that it ever held, takes
the class gradients of every output and the pixels of the digits' convolutional network, and notes it again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
from collections.abc import Sequence

import numpy as np

import tinynet as tn
from tests.benchmarks.items import DIGITS, TEN, images, labels
from tinynet import models

KILOBYTE = 1024 if sys.platform != "darwin" else 1  # in which the operating system counts


def needed(count: int) -> tuple[int, int]:
    """Return the bytes of some images, and the bytes that their class gradients need beyond them."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measured, (count,))


def _measured(count: int) -> tuple[int, int]:
    net = models.build("gulati", DIGITS, TEN)
    x, y = np.concatenate([images(1000, DIGITS, np.float32)] * (count // 1000)), labels(count, TEN)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tn.class_gradient(net, x, y)
    return x.nbytes, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * KILOBYTE


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each number of images."""
    made = argparse.ArgumentParser(prog="python -m tests.benchmarks.flat", description=__doc__.partition(":")[0])
    made.add_argument("--thousands", metavar="N,N", default="2,10,60", help="of images (default: 2,10,60)")
    print(f"{'images':>8}  {'their MB':>8}  {'MB more for their class gradients':>33}")
    for thousands in made.parse_args(arguments).thousands.split(","):
        size, more = needed(1000 * int(thousands))
        print(f"{1000 * int(thousands):8,}  {size / 1e6:8.0f}  {more / 1e6:33.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
