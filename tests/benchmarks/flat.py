"""How much memory class gradients need as images grow in number: ``python -m tests.benchmarks.flat``.

Each number of images has a process of its own, which makes the images and takes the class gradients of every output
and the pixels of the digits' convolutional network.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from functools import partial

import numpy as np

import tinynet as tn
from tests.benchmarks.items import DIGITS, TEN, images, labels
from tests.benchmarks.measure import Contestant, peak_memory
from tinynet import models


def needed(count: int) -> tuple[int, int | None]:
    """Return the bytes of some images, and the bytes that their class gradients need beyond them."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measured, (count,))


def _measured(count: int) -> tuple[int, int | None]:
    net = models.build("gulati", DIGITS, TEN)
    x, y = np.concatenate([images(1000, DIGITS, np.float32)] * (count // 1000)), labels(count, TEN)
    return x.nbytes, peak_memory(Contestant(partial(tn.class_gradient, net, x, y), None))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each number of images."""
    made = argparse.ArgumentParser(prog="python -m tests.benchmarks.flat", description=__doc__.partition(":")[0])
    made.add_argument("--thousands", metavar="N,N", default="2,10,60", help="of images (default: 2,10,60)")
    print(f"{'images':>8}  {'their MB':>8}  {'MB more for their class gradients':>33}")
    for thousands in made.parse_args(arguments).thousands.split(","):
        size, more = needed(1000 * int(thousands))
        print(f"{1000 * int(thousands):8,}  {size / 1e6:8.0f}  {'?' if more is None else round(more / 1e6):>33}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
