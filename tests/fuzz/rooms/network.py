"""Right calls of networks."""

from __future__ import annotations

import numpy as np

import tinynet as tn
from tests.fuzz.calls import Call, Fresh, fresh
from tests.fuzz.examples import deltas, images, labels, net, trace, units

me = {"self": net}
FINE = "too short, one axis less, NaN, a NaN, infinite"  # numbers go through a network as they are
NUMBERS = "negative, fraction, huge, infinity"
targets = net.propagate_targets(trace, np.eye(3)[labels], tn.GradientTargets())

CALLS = [
    Call(
        tn.Network,
        {"layers": Fresh(lambda: [tn.Conv2D(2, 3), tn.Tanh(), tn.Flatten(), tn.Dense(3)]), "input_shape": (1, 6, 6)},
        called={"layers": "layer"},
    ),
    Call(tn.Network.__call__, {**me, "x": images}, fine={"x": FINE}),
    Call(tn.Network.trace, {**me, "x": images}, fine={"x": FINE}),
    Call(
        tn.Network.backward,
        {**me, "trace": trace, "seed": np.eye(3)[labels], "at": "softmax1"},
        called={"at": "layer", "down_to": "layer"},
        fine={"seed": f"one axis more, {FINE}"},
    ),
    Call(
        tn.Network.grads,
        {**me, "trace": trace, "deltas": deltas, "layers": ["conv1"]},
        called={"layers": "layer"},
        fine={"layers": "too short"},
    ),
    Call(
        tn.Network.load_weights,
        {"self": fresh(net), "source": net.weights(), "layout": "torch", "names": {"conv1": "conv1"}},
        called={"names": "layers"},
    ),
    Call(tn.Network.weights, {**me, "layout": "keras"}),
    Call(
        tn.Network.propagate_targets,
        {**me, "trace": trace, "t": np.eye(3)[labels], "rule": tn.GradientTargets()},
        called={"t": "target", "at": "layer", "down_to": "layer"},
        fine={"t": "one axis less, infinite"},
    ),
    Call(
        tn.Network.forward_from,
        {**me, "activation": trace["tanh1"], "after": "tanh1"},
        called={"after": "layer"},
        fine={"activation": FINE},
    ),
    Call(
        tn.Network.knocked_out,
        {**me, "units": units, "replace": "zero"},
        called={"units": "layer"},
        fine={"replace": NUMBERS},
    ),
    Call(tn.Network.mean_activation, {**me, "x": images, "name": "tanh1"}, fine={"x": FINE}, called={"name": "layer"}),
    Call(tn.Network.receptive_field, {**me, "name": "tanh1"}, called={"name": "layer"}),
    Call(tn.Network.__getitem__, {**me, "name": "tanh1"}, called={"name": "layer"}),
    Call(tn.Network.__getitem__, {**me, "name": 1}, called={"name": "layer"}, fine={"name": "negative"}),
    Call(tn.Network.predict, {**me, "x": images}, fine={"x": "too short, one axis less"}),
    Call(tn.Network.predict_proba, {**me, "x": images}, fine={"x": "too short, one axis less"}),
    Call(
        tn.Network.evaluate,
        {**me, "x": images, "y": labels, "loss": tn.CrossEntropy(), "batch_size": 4},
        called={"y": "label, target"},
    ),
    Call(tn.Network.save, {**me, "path": "net.npz"}, fine={"path": "text"}),
    Call(tn.Network.load, {"path": "net.npz"}),
    Call(tn.accuracy, {"net": net, "x": images, "labels": labels}),
]
RESULTS = ("Trace", "Deltas", "UnknownLayerError")
