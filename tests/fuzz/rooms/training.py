"""Right calls of training: losses, optimizers, `fit`."""

from __future__ import annotations

import numpy as np

import tinynet as tn
from tests.fuzz.calls import Call, fresh
from tests.fuzz.examples import images, labels, net, trace

outputs, one_hot = net(images), np.eye(3, dtype=np.float32)[labels]
fit = {
    "net": fresh(net),
    "x": images,
    "loss": tn.CrossEntropy(),
    "optimizer": tn.SGD(0.1),
    "epochs": 1,
    "batch_size": 4,
}

CALLS = [
    Call(tn.SGD, {"rate": 0.1, "frozen": ("conv1",)}, fine={"frozen": "text within"}),
    Call(tn.Adam, {"rate": 0.1, "frozen": ("conv1",)}, fine={"frozen": "text within"}),
    Call(tn.StepDecay, {"rate": 0.1, "every": 2, "factor": 0.5}),
    Call(tn.CosineDecay, {"rate": 0.1, "epochs": 9, "last": 0.01, "warm_up": 2}),
    Call(tn.EarlyStopping, {"patience": 3, "monitor": "loss", "least": 0.1, "restore_best": True}),
    *(
        Call(
            loss,
            {"class_weights": np.array([1.0, 2.0, 0.5])},
            fine={"class_weights": "too short, fraction, truth values"},
        )
        for loss in (tn.SquaredError, tn.MeanSquaredError, tn.CrossEntropy, tn.BinaryCrossEntropy)
    ),
    Call(tn.balanced_weights, {"labels": np.arange(6) % 3, "classes": 3}),
    *(
        Call(
            method,
            {"self": loss, "net": net, "trace": trace, "targets": one_hot},
            fine={"targets": "NaN, a NaN, infinite"},  # a run that diverged
            called={"targets": "target, label"},
        )
        for loss in (tn.SquaredError(), tn.MeanSquaredError(), tn.CrossEntropy())
        for method in (type(loss).value, type(loss).seed)
    ),
    Call(
        tn.fit,
        {**fit, "y": labels, "progress": False, "validation": (images, labels), "checkpoint": "run.npz"},
        fine={"checkpoint": "text", "epochs": "huge"},
    ),
    Call(tn.fit, {**fit, "y": one_hot, "loss": tn.SquaredError(), "progress": False}),
]
RESULTS = ("Callback", "DivergedError", "History", "Snapshots", "WeightHistory", "TrainingStep")
