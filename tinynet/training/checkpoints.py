"""Checkpoints: all that a training run needs to go on, and what must be the same for it to be the same run."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tinynet import files
from tinynet.arguments import shown
from tinynet.training.history import History
from tinynet.training.run import Examples, Run
from tinynet.types import Array

FORMAT = "tinynet checkpoint"
VERSION = 2


def save(run: Run, path: Path) -> None:
    """Write a checkpoint, whole or not at all."""
    arrays = _own_arrays(run)
    for index, callback in enumerate(run.plan.callbacks):
        arrays.update({f"callbacks/{index}/{name}": array for name, array in callback.state().items()})
    description = {
        "format": FORMAT,
        "version": VERSION,
        "run": identity(run),
        "seed": run.seed,
        "rng": _plain(run.rng.bit_generator.state),
        "history": run.history.to_dict(),
        "arrays": {name: _kind(array) for name, array in arrays.items()},
    }
    files.save_arrays(path, description, arrays)


def restore(run: Run, path: Path) -> None:
    """Bring a run to where a checkpoint was written, or leave it as it is.

    Raises
    ------
    ValueError
        If the checkpoint is damaged, of another version, or of a run with other options; names the first that differs.
    """
    refusal = ""
    with files.opened(path, FORMAT) as saved:
        refusal = _refusal(run, saved.description)
        if not refusal:
            found = {name: _kind(header) for name, header in saved.headers.items()}
            own = _own_arrays(run)
            differing = first_difference({name: _kind(array) for name, array in own.items()}, found, partly=True)
            differing = differing or first_difference(saved.description["arrays"], found)
            if differing:
                raise ValueError("{} is {}, expected {}".format(differing[0], *differing[:0:-1]))
            history = _history(run, saved.description["history"])
            arrays = dict(saved)
            run.rng.bit_generator.state = saved.description["rng"]
            run.seed = saved.description.get("seed", run.seed)
    if refusal:
        raise ValueError(f"{path}: {refusal}")
    for index, callback in enumerate(run.plan.callbacks):  # first, for what they kept elsewhere may be gone
        start = f"callbacks/{index}/"
        callback.restore({name[len(start) :]: a for name, a in arrays.items() if name.startswith(start)})
    run.history = history
    for name, array in own.items():
        array[...] = arrays[name]


def identity(run: Run) -> dict[str, Any]:
    """Return what makes a run the same run, by the arguments of `fit`, in types that JSON gives back.

    How long it is and how fast it learns may change on the way: the number of epochs and the rate are not part of it.
    """
    plan = run.plan
    return {
        "net": _plain(plan.net.description()),
        **_contents(plan.training),
        "validation": "none" if plan.validation is None else _contents(plan.validation),
        "loss": _settings(plan.loss),
        "optimizer": {key: value for key, value in _settings(plan.optimizer).items() if key != "rate"},
        "batch_size": plan.batch_size,
        "shuffle": plan.shuffle,
        "rule": _settings(plan.rule),
        "rng": type(run.rng.bit_generator).__name__,
        "callbacks": [{"kind": type(callback).__name__, **_plain(callback.settings())} for callback in plan.callbacks],
    }


def first_difference(one: Any, other: Any, name: str = "", *, partly: bool = False) -> tuple[str, Any, Any] | None:
    """Return where two nested values differ first, and the two values there; None if they are equal.

    Parameters
    ----------
    one, other : object
        As JSON gives them.
    name : str
        What they are.
    partly : bool
        Whether `other` may have further entries.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        names = [*one, *(() if partly else other.keys() - one.keys())]
        pairs = [(key, one.get(key, "missing"), other.get(key, "missing")) for key in names]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(str(index), a, b) for index, (a, b) in enumerate(zip(one, other, strict=True))]
    else:
        return None if one == other else (name, one, other)
    differences = (first_difference(a, b, f"{name} {key}".strip()) for key, a, b in pairs)
    return next((found for found in differences if found), None)


def _refusal(run: Run, description: Mapping[str, Any]) -> str:
    """Return why a checkpoint is none of a run; nothing if it is one."""
    if description.get("version") != VERSION:
        version = shown(description.get("version"))
        return f"is a checkpoint of version {version}, expected {VERSION}: it was written by another tinynet"
    began = description.get("seed")  # a generator moves as it is used: only numbers can be told to be others
    other_seed = None if None in (began, run.seed) else first_difference(began, run.seed, "seed (rng)")
    found = other_seed or first_difference(description.get("run"), identity(run))  # images may be drawn by the seed too
    if found is None:
        return ""
    what, there, here = found
    return f"was written by another run: its {what or 'description'} is {shown(there)}, this one's is {shown(here)}"


def _history(run: Run, description: Mapping[str, Any]) -> History:
    """Return a history whose lists are all as long as they have to be."""
    history = History(**{what: [float(value) for value in values] for what, values in description.items()})
    validated = len(history) if run.plan.validation is not None else 0
    lengths = [len(values) for values in (history.accuracy, history.validation_loss, history.validation_accuracy)]
    if lengths != [len(history), validated, validated]:
        raise ValueError("the lists of its history are not equally long")
    return history


def _own_arrays(run: Run) -> dict[str, Array]:
    """Return what the steps change in place: the parameters, and what the optimizer remembers of each."""
    arrays = {f"parameters/{name}": array for name, array in run.plan.net.parameters().items()}
    for layer, parameters in run.moments.items():
        for key, moments in parameters.items():
            arrays.update({f"moments/{layer}/{key}/{name}": array for name, array in moments.items()})
    return arrays


def _kind(array: Array | files.Header) -> str:
    return f"{array.dtype.name} of shape {tuple(array.shape)}"


def _contents(examples: Examples) -> dict[str, str]:
    return {
        what: f"{_kind(values)}, checksum {zlib.crc32(np.ascontiguousarray(values).data):08x}"
        for what, values in (("x", examples.x), ("y", examples.targets))
    }


def _settings(thing: object) -> Any:
    """Return the kind and the settings of a loss, an optimizer or a rule."""
    return None if thing is None else {"kind": type(thing).__name__, **_plain(getattr(thing, "__dict__", {}))}


def _plain(value: Any) -> Any:
    """Return a value in types that JSON gives back."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)
