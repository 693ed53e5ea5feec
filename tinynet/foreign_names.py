"""What things of other libraries are called here: words for error messages, and for nothing else."""

from __future__ import annotations

import re

NAMES = {
    "sequential": "tn.Network([tn.Dense(64), tn.ReLU(), tn.Dense(10)], input_shape=(784,))",
    "model": "tn.Network(layers, input_shape=...)",
    "module": "tn.Layer, with forward(x) and backward(dy, x, y)",
    "nn": "tn.Dense, tn.ReLU, tn.CrossEntropy: layers and losses are all in tn",
    "optim": "tn.SGD, tn.Adam",
    "linear": "tn.Dense(64), without the number of inputs",
    "convolution2d": "tn.Conv2D(8, 3)",
    "maxpooling2d": "tn.MaxPool2D(2)",
    "averagepooling2d": "tn.AvgPool2D(2)",
    "globalaveragepooling2d": "tn.AvgPool2D(7), of the size of the maps",
    "activation": "a layer for each, such as tn.ReLU() or tn.Tanh()",
    "batchnorm": "nothing: a good start, tn.Dense(64, initializer='he_normal'), does without",
    "batchnormalization": "nothing: a good start, tn.Dense(64, initializer='he_normal'), does without",
    "relu": "tn.ReLU()",
    "tanh": "tn.Tanh()",
    "sigmoid": "tn.Sigmoid()",
    "softmax": "tn.Softmax()",
    "adam": "tn.Adam(1e-3)",
    "adamw": "tn.Adam(1e-3, weight_decay=1e-4)",
    "rmsprop": "tn.Adam(1e-3), which is near to it",
    "sgd": "tn.SGD(0.1, momentum=0.9)",
    "crossentropy": "tn.CrossEntropy()",
    "categoricalcrossentropy": "tn.CrossEntropy()",
    "sparsecategoricalcrossentropy": "tn.CrossEntropy()",
    "nll": "tn.CrossEntropy()",
    "bce": "tn.BinaryCrossEntropy()",
    "bcewithlogits": "tn.BinaryCrossEntropy()",
    "binarycrossentropy": "tn.BinaryCrossEntropy()",
    "mse": "tn.MeanSquaredError()",
    "meansquarederror": "tn.MeanSquaredError()",
    "load": "tn.Network.load(file), or tn.datasets.load('digits')",
    "save": "net.save(file)",
    "train": "tn.fit(net, x, y, loss=..., optimizer=..., epochs=..., batch_size=...)",
    "lrp": "tn.explain.relevance(net, x, target, rule=tn.explain.LRPEpsilon())",
    "noisetunnel": "tn.explain.smooth_gradient(net, x, target)",
    "layeractivation": "net.trace(x)['relu1']",
}
"""What to write for a name of another library, in small letters, without underscores or "Loss" at the end."""

METHODS = {
    "fit": "tn.fit(net, x, y, loss=..., optimizer=..., epochs=..., batch_size=...)",
    "compile": "tn.fit(net, x, y, loss=..., optimizer=...): loss and optimizer are given there",
    "state_dict": "net.weights(), or net.save(file)",
    "load_state_dict": "net.load_weights(state)",
    "get_weights": "net.weights(layout='keras')",
    "set_weights": "net.load_weights(arrays, layout='keras')",
    "count_params": "net.parameter_count",
    "params": "net.parameters(), or net['dense1'].params",
    "score": "net.evaluate(x, y)",
    "forward": "net(x), or net.trace(x) to keep what each layer puts out",
    "train": "tn.fit: Dropout is told by it when training is on",
    "eval": "nothing: only tn.fit drops units out",
    "zero_grad": "nothing: no gradient is ever kept",
    "input": "net.trace(x)['input']",
    "add": "net.with_layers([*net.layers, layer])",
    "to": "tn.Network(..., dtype=float)",
}
"""What to write for a method or attribute that networks have elsewhere."""

ARGUMENTS = {
    "lr": "rate",
    "learning_rate": "rate",
    "p": "rate",
    "betas": "beta1",
    "beta_1": "beta1",
    "beta_2": "beta2",
    "eps": "epsilon",
    "kernel_size": "size",
    "pool_size": "size",
    "strides": "stride",
    "out_features": "units",
    "out_channels": "filters",
    "use_bias": "bias",
    "kernel_initializer": "initializer",
    "ceil_mode": "ceil",
    "in_features": "nothing: the network finds the size of the input",
    "in_channels": "nothing: the network finds the size of the input",
    "input_dim": "nothing: the network finds the size of the input",
    "input_shape": "it once, tn.Network(layers, input_shape=(784,))",
    "activation": "the activation as a layer of its own: tn.Dense(64), then tn.ReLU()",
    "dim": "nothing: the values of one image are one axis",
    "axis": "nothing: the values of one image are one axis",
    "negative_slope": "a layer of your own: there is no leaky ReLU",
    "criterion": "loss",
    "validation_data": "validation",
    "validation_split": "train, val = data.split(test=0.1), then validation=(val.x, val.labels)",
    "verbose": "progress=False",
    "metrics": "nothing: accuracy is always measured",
    "class_weight": "loss=tn.CrossEntropy(class_weights=...)",
    "max_iter": "epochs",
    "num_epochs": "epochs",
    "n_epochs": "epochs",
    "seed": "rng",
    "random_state": "rng",
    "val_loss": "validation_loss",
    "val_accuracy": "validation_accuracy",
    "val_acc": "validation_accuracy",
    "acc": "accuracy",
}
"""What to write for an argument, or for a curve of a history."""

IN_ORDER = {
    "Dense": "tn.Dense(64): the network finds the number of inputs",
    "fit": "tn.fit(net, x, y, loss=..., optimizer=..., epochs=..., batch_size=...)",
}
"""What to write where more was given in order than a class or function takes."""


def plain(name: str) -> str:
    """Return a name as `NAMES` has it, so that ``MaxPool2D`` and ``max_pool2d`` are one.

    Parameters
    ----------
    name : str
    """
    return name.lower().replace("_", "").removesuffix("loss")


def written_here(name: str) -> str:
    """Return what to write for a name of another library; nothing if it is not known.

    Parameters
    ----------
    name : str
        As it is called there, in any form, such as ``cross_entropy`` or ``CrossEntropyLoss``.

    Examples
    --------
    >>> written_here("CrossEntropyLoss"), written_here("MaxPooling2D"), written_here("perhaps")
    ('tn.CrossEntropy()', 'tn.MaxPool2D(2)', '')
    """
    found = plain(name)
    return NAMES.get(found) or NAMES.get(re.sub(r"[123]d$", "", found), "")
