"""Ending a training run when it no longer helps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tinynet.arguments import boolean, finite_number, one_of, whole_number
from tinynet.network import Network
from tinynet.training.callbacks import Callback
from tinynet.training.history import History
from tinynet.types import Array

RISING = ("accuracy", "validation_accuracy")  # the larger the better
WATCHED = ("loss", "validation_loss", *RISING)


class EarlyStopping(Callback):
    """Ends training when it has not improved for a while, and gives the network the weights of its best epoch.

    Parameters
    ----------
    patience : int
        Epochs without improvement after which training ends.
    monitor : {"validation_loss", "validation_accuracy", "loss", "accuracy"}
        What is watched: an entry of the `History`.
    least : float
        The smallest change that counts as an improvement.
    restore_best : bool
        Whether the network gets the weights of the best epoch when training ends, be it early or not; else it keeps
        the last ones.

    Attributes
    ----------
    best_epoch : int
        The best epoch so far, from 1 on; 0 before the first.
    best_value : float
        What was watched, after that epoch.

    Notes
    -----
    The images that decide when to stop are no longer unseen: test on others.

    A checkpoint holds the best weights too, so a resumed run stops where the unbroken one would have.

    References
    ----------
    Prechelt 1998, section 1.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.random((40, 5)), rng.integers(2, size=40)  # nothing to learn but by heart
    >>> net = tn.Network([tn.Dense(16), tn.Tanh(), tn.Dense(2), tn.Softmax()], (5,), rng=0)
    >>> stopping = tn.EarlyStopping(patience=5)
    >>> history = tn.fit(net, x[:20], y[:20], loss=tn.CrossEntropy(), optimizer=tn.SGD(0.5), epochs=100, batch_size=5,
    ...                  validation=(x[20:], y[20:]), callbacks=[stopping])
    >>> len(history) == stopping.best_epoch + 5
    True
    """

    def __init__(
        self, patience: int = 10, monitor: str = "validation_loss", *, least: float = 0.0, restore_best: bool = True
    ) -> None:
        self.patience = whole_number("patience", patience)
        self.monitor = one_of("monitor", monitor, WATCHED)
        self.least = finite_number("least", least, least=0)
        self.restore_best = boolean("restore_best", restore_best)
        self.best_epoch, self.best_value = 0, math.nan
        self._best: dict[str, Array] = {}

    def on_start(self, net: Network) -> None:
        """Forget an earlier run."""
        self.best_epoch, self.best_value, self.finished = 0, math.nan, False
        self._best = {name: array.copy() for name, array in net.parameters().items()} if self.restore_best else {}

    def on_epoch(self, net: Network, history: History) -> None:
        """Keep the weights if they are the best so far.

        Parameters
        ----------
        net, history
            See :meth:`Callback.on_epoch`.

        Raises
        ------
        ValueError
            If the history has no such entry: there are no validation images, or no labels.
        """
        values = getattr(history, self.monitor)
        if not values or math.isnan(values[-1]):
            missing = "labels" if values else "validation images: pass validation=(x, y) to fit"
            raise ValueError(f"EarlyStopping watches {self.monitor}, but there are no {missing}")
        gain = values[-1] - self.best_value if self.monitor in RISING else self.best_value - values[-1]
        if not self.best_epoch or gain > self.least:
            self.best_epoch, self.best_value = len(values), values[-1]
            for name, kept in self._best.items():
                kept[...] = net.parameters()[name]
        self.finished = len(values) - self.best_epoch >= self.patience

    def on_end(self, net: Network, history: History) -> None:
        """Give the network its best weights.

        Parameters
        ----------
        net, history
            See :meth:`Callback.on_end`.
        """
        if self.best_epoch:
            for name, array in net.parameters().items():
                array[...] = self._best.get(name, array)

    def settings(self) -> dict[str, Any]:
        """Return what the best epoch so far was chosen by; the patience may change, as the number of epochs may."""
        return {"monitor": self.monitor, "least": self.least, "restore_best": self.restore_best}

    def state(self) -> dict[str, Array]:
        """Return the best weights so far, and where they were found."""
        found = {"best": np.array([self.best_epoch, self.best_value, self.finished])}
        return {**found, **{f"weights/{name}": array for name, array in self._best.items()}}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up what `state` gave.

        Parameters
        ----------
        state : mapping of str to ndarray
        """
        epoch, self.best_value, finished = state["best"].tolist()
        self.best_epoch, self.finished = int(epoch), bool(finished)
        start = "weights/"
        self._best = {name[len(start) :]: np.array(a) for name, a in state.items() if name.startswith(start)}
