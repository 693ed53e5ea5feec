"""How well and how fast the small VGG learns an attribute of real faces: 4,000 and their mirror images, 1,000 to test.

python -m tests.benchmarks.celeba --data DIR --label Smiling Male --seeds 1
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import tinynet as tn
from tinynet import datasets, models

TRAINED, TESTED = 4000, 1000


def main() -> None:
    """Train, and print a line for each network."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", required=True, help="the folder of CelebA's original files")
    parser.add_argument("--label", nargs="+", default=["Smiling", "Male"], help="attributes")
    parser.add_argument("--model", default="vgg_small", choices=list(models.MODELS))
    parser.add_argument("--outputs", type=int, default=1, choices=(1, 2), help="a sigmoid output, or two of softmax")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()
    data = datasets.celeba.load(options.data, images=TRAINED + TESTED)
    for label in options.label:
        labelled = data.labelled_by(label)
        train, test = labelled.take(np.arange(TRAINED)), labelled.take(np.arange(TRAINED, TRAINED + TESTED))
        x, y = np.concatenate([train.x, train.x[..., ::-1]]), np.tile(train.labels, 2)
        majority = max(test.labels.mean(), 1 - test.labels.mean())
        for seed in range(options.seeds):
            net = models.build(options.model, data.input_shape, options.outputs, rng=seed)
            begin, worked = time.perf_counter(), time.process_time()
            models.named(options.model).train(net, x, y, epochs=options.epochs, rng=seed, progress=False)
            took, worked = time.perf_counter() - begin, time.process_time() - worked
            print(
                f"{label}, seed {seed}: {tn.accuracy(net, test.x, test.labels):.1%} of {TESTED} images "
                f"(majority {majority:.1%}) after {options.epochs} epochs, {took:.0f} s, {worked:.0f} s of processors",
                flush=True,
            )


if __name__ == "__main__":
    main()
