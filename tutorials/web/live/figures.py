"""The live figures of the course: networks that run in a page of a chapter, where moving something teaches more.

Each has its places (``NAME.html``), its looks (``NAME.css``) and its script (``NAME.js``), which asks the engine of the
live page for every number. The site puts it at the end of a section; the notebook knows nothing of it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import tinynet as tn
from tinynet import datasets, models
from tinynet.pages import live

HERE = Path(__file__).resolve().parent
ENGINE = ("engine.js", "drawing.js", "parts.js")
SECTION = re.compile(r"^## ", re.MULTILINE)


class Figure(NamedTuple):
    """A live figure.

    Attributes
    ----------
    chapter : str
        The name of the notebook, without its ending.
    section : str
        The heading of the section at whose end it stands.
    data : callable
        Returns what its script works on, given a folder in which trained networks are kept.
    """

    chapter: str
    section: str
    data: Callable[[Path], dict[str, Any]]


def window(_kept: Path) -> dict[str, Any]:
    """Return a face, and filters to lay on it: those of section 3.1, and the one that the thesis prints."""
    faces = datasets.load("faces")
    net = tn.Network([tn.Conv2D(1, 3, bias=False)], faces.input_shape, rng=0)
    sobel_x = [-1, 0, 1, -2, 0, 2, -1, 0, 1]
    kernels = {
        "original": [0, 0, 0, 0, 1, 0, 0, 0, 0],
        "Sobel x": sobel_x,
        "Sobel x as printed": [*sobel_x[:6], 1, 0, 1],
        "Sobel y": np.reshape(sobel_x, (3, 3)).T.ravel().tolist(),
        "blur": [1 / 9] * 9,
        "sharpen": [0, -1, 0, -1, 5, -1, 0, -1, 0],
        "random": [-4, 1, -1, 2, -3, 4, 0, -2, 3],
    }
    return {
        "layers": live.described(net),
        "face": packed(faces.x[faces.classes.index("Ben") * 11]),
        "kernels": [{"name": name, "weights": weights} for name, weights in kernels.items()],
        "first": list(kernels).index("Sobel x"),
        "place": [30, 11],
    }


def sweep(_kept: Path) -> dict[str, Any]:
    """Return a network that is small enough to be drawn, with weights of one decimal, and an input for it."""
    net = tn.Network([tn.Dense(3), tn.Tanh(), tn.Dense(2), tn.Softmax()], (3,), rng=0)
    rng = np.random.default_rng(8)
    for array in net.parameters().values():
        array[...] = rng.normal(0, 0.8, array.shape).round(1)
    return {"layers": live.described(net), "x": [1.0, -0.5, 0.5], "truth": 1}


def rates(_kept: Path) -> dict[str, Any]:
    """Return small digits and a network of six layers for them, its weights drawn with variance 1."""
    digits = datasets.load("digits:2000")
    rows = np.concatenate([np.flatnonzero(digits.labels == label)[:20] for label in range(10)])
    rows = np.random.default_rng(0).permutation(rows)
    small = tn.AvgPool2D(4).forward(digits.x[rows]).reshape(len(rows), -1)
    hidden = [layer for _ in range(5) for layer in (tn.Dense(20), tn.Tanh())]
    net = tn.Network([*hidden, tn.Dense(10), tn.Softmax()], (small.shape[1],))
    rng = np.random.default_rng(0)
    for layer in net.layers[::2]:
        layer.params["W"][...] = rng.normal(size=layer.params["W"].shape)
    return {
        "layers": live.described(net),
        "levels": packed(np.round(255 * small), "u1"),
        "labels": digits.labels[rows].tolist(),
        "gains": [0.03, 0.1, 0.3, 1, 3, 10, 30],
        "rates": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
        "epochs": 15,
        "batch": 10,
    }


def towards(kept: Path) -> dict[str, Any]:
    """Return the network of chapter 9, trained once and kept, and a few faces that it has not seen and reads right."""
    everyone = datasets.load("faces")
    seen, unseen = everyone.split(rng=0)
    path = kept / "towards.npz"
    if not path.exists():
        net = models.build("thesis", everyone.input_shape, len(everyone.classes), rng=0)
        adam = tn.Adam(0.003)
        tn.fit(
            net, seen.x, seen.labels, loss=tn.CrossEntropy(), optimizer=adam, epochs=30, batch_size=10, progress=False
        )
        net.save(path)
    net = tn.Network.load(path)
    right = np.flatnonzero(net(unseen.x).argmax(axis=1) == unseen.labels)
    _, first = np.unique(unseen.labels[right], return_index=True)  # one face a person
    rows = right[first][:6]
    return {
        "layers": live.described(net),
        "names": everyone.classes,
        "levels": packed(np.round(255 * unseen.x[rows]), "u1"),
        "owners": unseen.labels[rows].tolist(),
        "target": everyone.classes.index("Otto"),
        "signs": packed(np.packbits(np.random.default_rng(0).integers(0, 2, unseen.x[0].size)), "u1"),
    }


FIGURES = {
    "sweep": Figure("02_backpropagation", "2.8 The chain rule as code", sweep),
    "rates": Figure("04_training", "4.4 Where to start", rates),
    "towards": Figure("09_fooling_a_network", "9.7 Small steps, many of them", towards),
    "window": Figure("03_convolution", "3.1 A filter looks at a face", window),
}


def packed(array: Any, dtype: str = "<f4") -> str:
    """Return an array as the engine unpacks it."""
    return base64.b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode("ascii")


def html(name: str, kept: Path) -> str:
    """Return a live figure: its places, its looks, what it works on, the engine and its script."""
    data = json.dumps(FIGURES[name].data(kept), separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c")
    places, looks = text_of(f"{name}.html"), text_of("figure.css") + text_of(f"{name}.css")
    program = "\n".join([*map(live.text_of, ENGINE), text_of("figure.js"), text_of(f"{name}.js")])
    body, end, rest = places.rpartition("</section>")
    return (
        f"<style>\n{looks}</style>\n{body}"
        f'<script type="application/json" class="data">{data}</script>\n{end}{rest}'
        f"<script>(() => {{\n{program}}})();</script>\n"
    )


def text_of(name: str) -> str:
    """Return a file that lies beside this one."""
    return (HERE / name).read_text(encoding="utf-8")


def write(folder: Path, kept: Path) -> None:
    """Write all live figures to a folder."""
    folder.mkdir(parents=True)
    kept.mkdir(parents=True, exist_ok=True)
    for name in FIGURES:
        (folder / f"{name}.html").write_text(html(name, kept), encoding="utf-8")


def placed(chapter: str, notebook: str, folder: str) -> str:
    """Return the text of a notebook with its live figures, each at the end of its section.

    Parameters
    ----------
    chapter : str
        Its name.
    notebook : str
        JSON.
    folder : str
        Where the figures lie, seen from the notebook.
    """
    wanted = {figure.section: name for name, figure in FIGURES.items() if figure.chapter == chapter}
    if not wanted:
        return notebook
    read = json.loads(notebook)
    waiting = ""
    for cell in read["cells"]:
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            before, *sections = SECTION.split(text)
            for section in sections:
                block = f"```{{raw}} html\n:file: {folder}/{waiting}.html\n```\n\n" if waiting else ""
                waiting = wanted.pop(section.partition("\n")[0].strip(), "")
                before += f"{block}## {section}"
            cell["source"] = before
    if wanted or waiting:
        raise ValueError(f"{chapter}: no end of a section {', '.join(wanted) or FIGURES[waiting].section}")
    return json.dumps(read)
