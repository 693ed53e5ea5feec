"""Right calls of `tinynet.files`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.fuzz.calls import Call, Fresh
from tinynet import files

DESCRIPTION = {"format": "tinynet network", "layers": [1, 2]}


def marked() -> Path:
    """Return a text with the two marks that `fill` looks for."""
    path = Path("page.md")
    path.write_text("\n".join(files.marks("table")), encoding="utf-8")
    return path


def archive() -> Path:
    """Return a file of arrays."""
    path = Path("arrays.npz")
    files.save_arrays(path, DESCRIPTION, {"a/b": np.arange(3)})
    return path


missing = {name: "text" for name in ("path", "place")}  # no file there, which is an error of the system

CALLS = [
    Call(files.largest, {"file": Fresh(archive)}),
    Call(
        files.workshop, {"place": "."}, fine={"place": "text"}
    ),  # of a file that is not there, which is an error of the system
    Call(files.written_whole, {"path": "new.txt"}, fine={"path": "text"}),
    Call(files.marks, {"name": "table"}, fine={"name": "text"}),
    Call(
        files.fill,
        {"path": Fresh(marked), "name": "table", "text": "words"},
        fine={"path": "text", "text": "text, empty text"},
    ),
    Call(
        files.save_arrays,
        {"path": "new.npz", "description": DESCRIPTION, "arrays": {"a/b": np.arange(3)}},
        fine={
            "path": "text",
            "description": "text as a key, text within, None within",
            "arrays": "text as a key, text within",
        },
        called={"arrays": "array"},
    ),
    *(
        Call(
            function,
            {"path": Fresh(archive), "kind": "tinynet network"},
            fine={"path": "text"},
            called={"kind": "expected a"},
        )
        for function in (files.load_arrays, files.opened)
    ),
]
RESULTS = ("Arrays", "SavedArrays", "Header", "DamagedError")
