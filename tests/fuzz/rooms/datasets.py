"""Right calls of `tinynet.datasets`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from tests.fuzz.calls import Call, Fresh
from tinynet import datasets
from tinynet.datasets import Dataset, digits, faces, fetch, letters

x = np.random.default_rng(0).random((6, 1, 4, 5)).astype(np.float32)
labels = np.arange(6) % 3
parts = {"x": x, "labels": labels, "classes": ("a", "b", "c")}
data = Dataset("small", **parts, attributes={"who": np.arange(6) % 2})

fetch.REMOTE["nothing"] = fetch.Remote("nothing", {}, (), "MIT", "")  # is fetched without a network


def pictures():
    """Make a folder of two pictures, one a class, and return its path."""
    folder = Path(tempfile.mkdtemp())
    for name in "ab":
        (folder / name).mkdir()
        Image.new("L", (4, 4)).save(folder / name / "1.png")
    return str(folder)


CALLS = [
    Call(datasets.get, {"name": "nothing", "folder": "fetched", "mirror": "http://127.0.0.1:9"}, {"mirror": "text"}),
    Call(datasets.check, {"place": Fresh(pictures)}, called={"place": "folder"}),
    Call(
        Dataset,
        {
            "name": "small",
            **parts,
            "attributes": {"glasses": labels > 1},
            "masks": {"nose": np.ones((6, 4, 5), bool)},
            "is_test": labels > 1,
        },
        fine={
            "name": "text, empty text",
            "classes": "text within",
            "attributes": "text as a key",
            "masks": "text as a key",
        }
        | dict.fromkeys(("licence", "citation", "description"), "text, empty text")
        | {"x": "one axis more"},
        called={"labels": "label", "is_test": "is_test"},
    ),
    Call(Dataset.take, {"self": data, "index": np.array([4, 1])}, fine={"index": "too short, one axis less, negative"}),
    Call(Dataset.__getitem__, {"self": data, "index": 2}, fine={"index": "negative"}),
    Call(
        Dataset.__getitem__,
        {"self": data, "index": np.array([4, 1])},
        fine={"index": "too short, one axis less, negative"},
    ),
    Call(Dataset.split, {"self": data, "test": 0.5, "rng": 0, "groups": "who"}, called={"groups": "attribute"}),
    Call(
        Dataset.split, {"self": data, "groups": labels}, fine={"groups": "truth values, negative, huge, array of text"}
    ),
    Call(datasets.load, {"spec": "letters:4"}, called={"spec": "data set"}),
    Call(digits.load, {"n": 3, "seed": 0}, called={"n": "images"}),
    Call(letters.load, {"n_per_class": 3, "seed": 0}),
    Call(faces.load, {"seed": 0, "planted": True}),
]
RESULTS = ("catalogue", "DataError", "FolderCheck")
