"""How much memory explanations need as images grow in number: ``python -m tests.benchmarks.flat``.

Each number of images has a process of its own, which makes the images and takes the class gradients of every output
and the pixels of the digits' convolutional network, or attributes a few of its logits to the pixels by a method.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

import tinynet as tn
from tests.benchmarks.items import DIGITS, TEN, images, labels
from tests.benchmarks.measure import Contestant, peak_memory
from tinynet import models

METHODS: dict[str, dict[str, Any]] = {  # with settings that make little work of an image
    "class_gradient": {},
    "integrated_gradients": {"steps": 10},
    "smooth_gradient": {"samples": 5},
    "occlusion": {"size": 7, "stride": 7},
    "rise": {"samples": 20},
    "shapley_values": {"players": tn.explain.grid(DIGITS, 4), "samples": 2},
}


def needed(count: int, method: str = "class_gradient") -> tuple[int, int | None]:
    """Return the bytes of some images, and the bytes that an explanation of them needs beyond them."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measured, (count, method))


def _measured(count: int, method: str) -> tuple[int, int | None]:
    net = models.build("gulati", DIGITS, TEN)
    x, y = np.resize(images(min(count, 1000), DIGITS, np.float32), (count, *DIGITS)), labels(count, TEN)
    function = getattr(tn.explain, method)
    return x.nbytes, peak_memory(Contestant(partial(function, net, x, y, **METHODS[method]), None))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each number of images."""
    made = argparse.ArgumentParser(prog="python -m tests.benchmarks.flat", description=__doc__.partition(":")[0])
    made.add_argument("--thousands", metavar="N,N", default="2,10,60", help="of images (default: 2,10,60)")
    made.add_argument("--method", choices=METHODS, default="class_gradient", help="(default: class_gradient)")
    options = made.parse_args(arguments)
    print(f"{'images':>8}  {'their MB':>8}  {'MB more for ' + options.method.replace('_', ' '):>33}")
    for thousands in options.thousands.split(","):
        size, more = needed(1000 * int(thousands), options.method)
        print(f"{1000 * int(thousands):8,}  {size / 1e6:8.0f}  {'?' if more is None else round(more / 1e6):>33}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
