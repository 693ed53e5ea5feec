"""Neural networks opened up: layers, gradients and explanations derived by hand, in pure NumPy."""

import sys
from importlib import import_module
from typing import Any

import tinynet.interruption  # noqa: F401  (first, so that it hears of Ctrl-C in all other imports)
from tinynet import explain
from tinynet.classes import accuracy, balanced_weights
from tinynet.explain import (
    ClassGradientTracker,
    class_gradient,
    convolutional_gradient,
    filter_outputs,
    knockout_curve,
    knockout_sweep,
    prediction_gradient,
    rank_units,
    saliency,
    strongest_feature,
    unit_gradient,
)
from tinynet.foreign_names import plain, written_here
from tinynet.layers import (
    AvgPool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    KnockOut,
    Layer,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Step,
    Tanh,
)
from tinynet.losses import BinaryCrossEntropy, CrossEntropy, MeanSquaredError, SquaredError
from tinynet.network import Deltas, Network, Trace, UnknownLayerError
from tinynet.optimizers import SGD, Adam, CosineDecay, StepDecay
from tinynet.targets import DifferenceTargets, GradientTargets, TargetRule, extract_feature
from tinynet.training import (
    Callback,
    DivergedError,
    EarlyStopping,
    History,
    WeightHistory,
    fit,
)

__version__ = "0.1.0"

__all__ = [
    "SGD",
    "Adam",
    "AvgPool2D",
    "BinaryCrossEntropy",
    "Callback",
    "ClassGradientTracker",
    "Conv2D",
    "CosineDecay",
    "CrossEntropy",
    "Deltas",
    "Dense",
    "DifferenceTargets",
    "DivergedError",
    "Dropout",
    "EarlyStopping",
    "Flatten",
    "GradientTargets",
    "History",
    "KnockOut",
    "Layer",
    "MaxPool2D",
    "MeanSquaredError",
    "Network",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "SquaredError",
    "Step",
    "StepDecay",
    "Tanh",
    "TargetRule",
    "Trace",
    "UnknownLayerError",
    "WeightHistory",
    "accuracy",
    "balanced_weights",
    "class_gradient",
    "convolutional_gradient",
    "extract_feature",
    "filter_outputs",
    "fit",
    "knockout_curve",
    "knockout_sweep",
    "prediction_gradient",
    "rank_units",
    "saliency",
    "strongest_feature",
    "testing",
    "unit_gradient",
]


def __getattr__(name: str) -> Any:
    """Import what is not always needed when it is asked for, so that `import tinynet` stays light."""
    if name in ("datasets", "models", "plots", "testing"):
        return import_module(f"tinynet.{name}")
    if name in ("explain_images", "explain_network"):
        return getattr(import_module("tinynet.report"), name)
    same = [known for known in __all__ if plain(known) == plain(name)]
    same += [f"explain.{known}" for known in explain.__all__ if plain(known) == plain(name)]
    mend = written_here(name) or (f"tn.{same[0]}" if same else "")
    if mend and not name.startswith("_"):
        raise AttributeError(f"there is no tn.{name}; in tinynet write {mend}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=sys.modules[__name__])
