"""The weights of a network while it is trained, kept in memory or on disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload
from urllib.parse import quote

import numpy as np

from tinynet import files
from tinynet.arguments import as_path, shown, whole_number, wrong
from tinynet.network import Network
from tinynet.training.callbacks import Callback, TrainingStep
from tinynet.training.history import History
from tinynet.types import Array

NOTE = "history.json"


class Snapshots(Sequence[Array]):
    """One parameter at several times of a training run; those on disk are mapped when they are asked for.

    Parameters
    ----------
    steps : sequence of int
        How many steps had been taken at each time.
    places : sequence of ndarray or path
        The arrays, or the ``.npy`` files that hold them.

    Attributes
    ----------
    steps : tuple of int
    """

    def __init__(self, steps: Sequence[int], places: Sequence[Array | Path]) -> None:
        self.steps, self._places = tuple(steps), tuple(places)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Array: ...
    @overload
    def __getitem__(self, index: slice) -> Snapshots: ...
    def __getitem__(self, index: int | slice) -> Array | Snapshots:
        if isinstance(index, slice):
            return Snapshots(self.steps[index], self._places[index])
        place = self._places[index]
        if not isinstance(place, Path):
            return place
        mapped: Array = np.load(place, mmap_mode="r", allow_pickle=False)
        return mapped


class WeightHistory(Callback, Mapping[str, Snapshots]):
    """Keeps parameters from before training on, after each epoch or every so many steps.

    Parameters
    ----------
    layers : sequence of str, optional
        Names of the layers whose parameters are kept; all if not given.
    every : int, optional
        Steps between two snapshots; by default one is taken after each epoch.
    folder : path, optional
        Where snapshots are written to, each to a file of its own, instead of being kept in memory. What stands there
        of an earlier run is written over.

    Notes
    -----
    A history is a mapping: ``history["dense1/W"]`` are the `Snapshots` of these weights. A run that is resumed from a
    checkpoint goes on with the snapshots up to it; the checkpoint holds those in memory, and of those on disk only when
    they were taken.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Dense(2), tn.Softmax()], (3,))
    >>> weights = tn.WeightHistory(every=2)
    >>> _ = tn.fit(net, np.eye(3), [0, 1, 1], loss=tn.CrossEntropy(), optimizer=tn.SGD(0.1), epochs=2, batch_size=1,
    ...            callbacks=[weights])
    >>> weights["dense1/W"].steps
    (0, 2, 4, 6)
    """

    def __init__(
        self,
        layers: Sequence[str] | None = None,
        *,
        every: int | None = None,
        folder: str | os.PathLike[str] | None = None,
    ) -> None:
        if isinstance(layers, str) or (layers is not None and not all(isinstance(name, str) for name in layers)):
            raise wrong("layers", layers, "a list of names of layers")
        self.layers = None if layers is None else tuple(layers)
        self.every = None if every is None else whole_number("every", every)
        self.folder = None if folder is None else as_path("folder", folder)
        self.steps: list[int] = []
        self._taken = 0  # steps of the run so far
        self._arrays: dict[str, list[Array]] = {}

    @classmethod
    def opened(cls, folder: str | os.PathLike[str]) -> WeightHistory:
        """Return the history that a run has written to a folder.

        Raises
        ------
        FileNotFoundError, ValueError
            If there is none, or not a whole one.
        """
        history = cls(folder=folder)
        note = history._noted()
        history.steps, history._arrays = note["steps"], {name: [] for name in note["parameters"]}
        history._check_files()
        return history

    def __getitem__(self, name: str) -> Snapshots:
        if name not in self._arrays:
            raise KeyError(f"{shown(name)} is not among the parameters that are kept: {', '.join(self._arrays)}")
        kept: Sequence[Array | Path] = self._arrays[name] if self.folder is None else self._files(name)
        return Snapshots(self.steps, kept)

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    @property
    def epochs(self) -> list[dict[str, Array]]:
        """All parameters of each snapshot, by their full names; entry 0 is before training."""
        return [{name: self[name][index] for name in self} for index in range(len(self.steps))]

    def on_start(self, net: Network) -> None:
        """Keep the initial parameters."""
        for name in self.layers or ():
            if not net[name].params:
                raise ValueError(f"layers: {name} has no parameters to keep")
        self.steps, self._taken = [], 0
        self._arrays = {name: [] for name in self._watched(net)}
        self._keep(net)

    def on_batch(self, step: TrainingStep) -> None:
        """Keep the parameters if the steps so far are as many as asked for."""
        if step.part == 0:
            self._keep_if_due(step.net)
            self._taken += 1

    def on_epoch(self, net: Network, history: History) -> None:
        """Keep the parameters after an epoch, or after its last step if that is one of those asked for."""
        if self.every is None:
            self._keep(net)
        else:
            self._keep_if_due(net)

    def settings(self) -> dict[str, Any]:
        """Return what is kept, when, and in which kind of place; a folder may have moved."""
        place = "memory" if self.folder is None else "a folder"
        return {"layers": self.layers, "every": self.every, "folder": place}

    def state(self) -> dict[str, Array]:
        """Return the snapshots so far, stacked, or only when they were taken if they are on disk."""
        kept = {} if self.folder is not None else {name: np.stack(arrays) for name, arrays in self._arrays.items()}
        return {**kept, "steps": np.array([*self.steps, self._taken], np.int64)}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up the snapshots so far."""
        *self.steps, self._taken = (int(step) for step in state["steps"])
        if self.folder is None:
            self._arrays = {name: list(array) for name, array in state.items() if name != "steps"}
        else:
            self._arrays = {name: [] for name in self._noted()["parameters"]}
            self._check_files()

    def _keep_if_due(self, net: Network) -> None:
        if self.every is not None and self._taken % self.every == 0 and self._taken > self.steps[-1]:
            self._keep(net)

    def _keep(self, net: Network) -> None:
        self.steps.append(self._taken)
        for name, array in self._watched(net).items():
            if self.folder is None:
                self._arrays[name].append(array.copy())
            else:
                with files.written_whole(self._files(name)[-1]) as temporary, temporary.open("wb") as stream:
                    np.save(stream, np.ascontiguousarray(array), allow_pickle=False)
        if self.folder is not None:
            with files.written_whole(self.folder / NOTE) as temporary:
                temporary.write_text(json.dumps({"steps": self.steps, "parameters": list(self._arrays)}))

    def _watched(self, net: Network) -> dict[str, Array]:
        own = net.parameters()
        return (
            own
            if self.layers is None
            else {f"{name}/{key}": array for name in self.layers for key, array in net[name].params.items()}
        )

    def _files(self, name: str) -> list[Path]:
        assert self.folder is not None
        return [self.folder / quote(name, safe="") / f"{step:09}.npy" for step in self.steps]

    def _noted(self) -> dict[str, list[Any]]:
        """Return what the note in the folder says: the steps, and the names of the parameters."""
        assert self.folder is not None
        note = self.folder / NOTE
        if not note.is_file():
            raise FileNotFoundError(f"{note}: no such file: the folder holds no history of weights")
        try:
            described = json.loads(note.read_text(encoding="utf-8"))
            return {
                "steps": [whole_number("steps", step, least=0) for step in described["steps"]],
                "parameters": [str(name) for name in described["parameters"]],
            }
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{note}: is not the note of a history of weights") from error

    def _check_files(self) -> None:
        for name in self:
            for file in self._files(name):
                if not file.is_file():
                    raise ValueError(f"{file}: is missing of the history of weights that is to be gone on with")
