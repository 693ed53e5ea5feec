"""Training a network: `fit`."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import as_path, boolean, instance, whole_number, wrong
from tinynet.layers.base import TargetRule
from tinynet.losses import Loss
from tinynet.network import Network, own_threads
from tinynet.optimizers import Optimizer
from tinynet.progress import progress_bar
from tinynet.signatures import hinting
from tinynet.training import checkpoints
from tinynet.training.callbacks import Callback
from tinynet.training.history import History
from tinynet.training.run import Examples, Plan, Run


@hinting
def fit(
    net: Network,
    x: ArrayLike,
    y: ArrayLike,
    *,
    loss: Loss,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int,
    rng: int | np.random.Generator = 0,
    shuffle: bool = True,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool = True,
    rule: TargetRule | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> History:
    """Train a network on mini-batches, in place.

    Parameters
    ----------
    net : Network
        Its parameters are changed in place.
    x : array_like of shape (N, *input_shape)
        Training images.
    y : array_like of shape (N,) or (N, *output_shape)
        An integer label for each image, or its targets: what the outputs should be.
    loss : Loss
        The function to minimise.
    optimizer : Optimizer
        How far the parameters move along their gradients.
    epochs : int
        Passes over the training images.
    batch_size : int
        Images in each step; the last step of an epoch takes what is left.
    rng : int or numpy.random.Generator
        For the order of the images and for dropout. A number gives the same order and the same dropout masks again each
        time that `fit` is called; to train on with new ones from call to call, pass the same Generator each time:
        ``rng = np.random.default_rng(0)``.
    shuffle : bool
        Whether each epoch meets the images in a new random order.
    validation : pair (x, y), optional
        Images, and their labels or targets, that are not trained on but evaluated after each epoch.
    callbacks : sequence of Callback
        What watches the run; told of each step and each epoch, in this order.
    progress : bool
        Whether a bar with loss and accuracy is shown, if there is a terminal.
    rule : TargetRule, optional
        Learn by target propagation instead of backpropagation. The loss says what the output, or the logits, should
        have been (`Loss.target`), and the rule what everything below.
    checkpoint : path, optional
        A file that is written before the first epoch and after each, whole or not at all.
    resume : bool
        Go on from the checkpoint, if there is one, to the same bits that an unbroken run would have reached. A
        Generator as `rng` is brought to where the run was, whatever was drawn from it since; a number has to be the
        one that the run began with.

    Returns
    -------
    History
        Loss and accuracy after each epoch.

    Raises
    ------
    DivergedError
        If the loss or a weight is no longer finite; names the epoch and the rate. A checkpoint stays that of the
        last good epoch.
    ValueError
        If an argument is not what is expected, images, labels and network do not fit, or a checkpoint was written by
        a run with other options: the message says which. `epochs` and the learning rate may differ.

    Notes
    -----
    With target propagation the target deltas (output minus target) take the place of the deltas, divided by N; see
    :meth:`tinynet.Network.target_deltas`.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> net = tn.Network([tn.Dense(8), tn.Tanh(), tn.Dense(2), tn.Softmax()], (2,), rng=1)
    >>> _ = tn.fit(net, x, [0, 1, 1, 0], loss=tn.CrossEntropy(), optimizer=tn.SGD(1.0), epochs=200, batch_size=4)
    >>> net(x).argmax(axis=1)
    array([0, 1, 1, 0])
    """
    wanted = Plan(
        net=instance("net", net, Network),
        training=Examples.checked(net, x, y, "training"),
        validation=None if validation is None else _checked_validation(net, validation),
        loss=instance("loss", loss, Loss),
        optimizer=instance("optimizer", optimizer, Optimizer),
        epochs=whole_number("epochs", epochs, least=0),
        batch_size=whole_number("batch_size", batch_size),
        shuffle=boolean("shuffle", shuffle),
        rule=None if rule is None else instance("rule", rule, TargetRule),
        callbacks=_checked_callbacks(callbacks),
    )
    run, show = Run(wanted, rng), boolean("progress", progress)
    path = None if checkpoint is None else as_path("checkpoint", checkpoint)
    if boolean("resume", resume) and path is None:
        raise ValueError("resume=True needs the file to go on from: pass checkpoint=")
    if resume and path is not None and path.exists():
        checkpoints.restore(run, path)
    else:
        for callback in wanted.callbacks:
            callback.on_start(net)
        if path is not None:
            checkpoints.save(run, path)
    done, total = len(run.history) * run.steps, epochs * run.steps
    with own_threads(net), progress_bar(show=show, initial=done, total=total, desc="training", unit="step") as bar:
        while len(run.history) < epochs and not run.finished:
            run.epoch(bar)
            if path is not None:
                checkpoints.save(run, path)
    for callback in wanted.callbacks:
        callback.on_end(net, run.history)
    return run.history


def _checked_validation(net: Network, validation: tuple[ArrayLike, ArrayLike]) -> Examples:
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise wrong("validation", validation, "a pair (x, y), such as (val.x, val.labels)")
    return Examples.checked(net, *validation, "validation")


def _checked_callbacks(callbacks: Sequence[Callback]) -> tuple[Callback, ...]:
    if not isinstance(callbacks, (tuple, list)):
        raise wrong("callbacks", callbacks, "a list of callbacks")
    return tuple(instance("a callback", callback, Callback) for callback in callbacks)
