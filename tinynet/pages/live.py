"""A network that lives in the page: what the browser needs to run it, and why some networks cannot.

`engine.js` holds the mathematics, `drawing.js` the pictures and `parts.js` small parts; the live figures of the course
are made of them as well. `live.js` is what is shown here and `actions.js` what a person does with it, at the places of
`live.html`.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinynet.layers import Dropout, Layer
from tinynet.layers.base import Affine
from tinynet.layers.window import Window
from tinynet.network import Network
from tinynet.network.storage import LAYERS
from tinynet.plots import count_of, visible
from tinynet.types import Array

PAGE_BYTES = 10_000_000  # of a page, at most, with a live network in it
PICTURE_BYTES = 2_000_000  # of the pictures to choose from
FIGURE_BYTES = 3_000_000  # of its figures and words
MOST_WORK = 300_000_000  # multiplications of a forward pass that a browser does while one waits
SCRIPTS = ("engine.js", "drawing.js", "parts.js", "live.js", "actions.js")
LEVELS = 2**16 - 1  # that a pixel can have


@dataclass(frozen=True)
class Live:
    """A trained network and what one can do with it.

    Attributes
    ----------
    net : Network
        A classifier of images.
    classes : sequence of str
    units : sequence of str
        The outputs whose units are shown, from the image on.
    noun : str
        What a unit of the rankings is called.
    scores : mapping of (str, str) to mapping of str to ndarray of shape (K, units)
        Rankings by what their two ends are called: how much each unit of an output matters for each class.
    x : ndarray of shape (P, C, H, W)
        Pictures to choose from, in order.
    labels : ndarray of shape (P,)
        Their classes.
    fair : ndarray of shape (P,)
        Which of them are a fair sample, so that an error can be measured on them.
    planted : ndarray of shape (P, H, W), optional
        Where what was planted in each of them lies.
    """

    net: Network
    classes: Sequence[str]
    units: Sequence[str]
    noun: str
    scores: Mapping[tuple[str, str], Mapping[str, Array]]
    x: Array
    labels: NDArray[np.int64]
    fair: NDArray[np.bool_]
    planted: NDArray[np.bool_] | None = None


def pictures_that_fit(shape: Sequence[int]) -> int:
    """Return how many pictures a page has room for.

    Parameters
    ----------
    shape : (C, H, W)
        Of a picture.
    """
    return PICTURE_BYTES // _in_base64(2 * math.prod(shape))


def why_not(net: Network) -> str:
    """Return why a network cannot live in a page, as the rest of a sentence; nothing if it can."""
    for layer in net.layers:
        if LAYERS.get(type(layer).__name__) is not type(layer):
            return f"{layer.name} is a {visible(type(layer).__name__)}, a layer of your own, which it cannot compute"
        if isinstance(layer, Dropout) and layer.mask is not None:
            return f"{layer.name} holds the mask of a training step"
        with np.errstate(over="ignore"):
            if not all(np.isfinite(array.astype(np.float32)).all() for array in layer.params.values()):
                return f"{layer.name} has weights that are no numbers of single precision"
    weights = _in_base64(4 * net.parameter_count)
    if weights > PAGE_BYTES - PICTURE_BYTES - FIGURE_BYTES:
        return f"its {count_of(net.parameter_count, 'weight')} alone would take {weights / 1e6:,.0f} MB"
    if not pictures_that_fit(net.input_shape):
        return f"a single picture would take {_in_base64(2 * math.prod(net.input_shape)) / 1e6:,.1f} MB"
    if _work(net) > MOST_WORK:
        return f"each step would take {_work(net) / 1e6:,.0f} million multiplications"
    return ""


def described(net: Network) -> list[dict[str, Any]]:
    """Return the layers of a network as `engine.js` takes them.

    Parameters
    ----------
    net : Network
        One that can live in a page.
    """
    shapes = list(net.shapes.values())
    return [_described(layer, *ends) for layer, *ends in zip(net.layers, shapes[:-1], shapes[1:], strict=True)]


def _described(layer: Layer, before: Sequence[int], behind: Sequence[int]) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": type(layer).__name__, "name": layer.name, "from": before, "to": behind}
    window = getattr(layer, "window", None)
    if isinstance(window, Window):
        found |= {"size": window.size, "stride": window.stride, "pads": window.pads(*before[1:])}
    if found["kind"] == "KnockOut":
        found |= {"units": layer.settings()["units"], "values": _packed(vars(layer)["values"])}
    return found | {key: _packed(array) for key, array in layer.params.items()}


def script(live: Live) -> str:
    """Return the program of the page: the engine, what a person does with it, and what both work on.

    Returns
    -------
    str
        HTML.
    """
    data = json.dumps(_payload(live), separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c")
    program = "\n".join(text_of(name) for name in SCRIPTS)
    return (
        f'<script type="application/json" id="live-data">{data}</script>\n<script>(() => {{\n{program}}})();</script>\n'
    )


def text_of(name: str) -> str:
    """Return a file that lies beside this one."""
    return (files("tinynet.pages") / name).read_text(encoding="utf-8")


def _payload(live: Live) -> dict[str, Any]:
    low, high = min(float(live.x.min()), 0.0), max(float(live.x.max()), 1.0)
    levels = np.round((live.x.astype(np.float64) - low) / (high - low) * LEVELS)
    return {
        "layers": described(live.net),
        "classes": [visible(name) for name in live.classes],
        "units": list(live.units),
        "noun": live.noun,
        "scores": [
            {"ends": ends, "outputs": list(ranked), "values": _packed(np.concatenate(list(ranked.values()), axis=1))}
            for ends, ranked in live.scores.items()
        ],
        "pictures": {
            "low": low,
            "high": high,
            "levels": _packed(levels, "<u2"),
            "labels": live.labels.tolist(),
            "fair": live.fair.tolist(),
            "planted": None if live.planted is None else _packed(np.packbits(live.planted.reshape(-1)), "u1"),
        },
    }


def _packed(array: Array, dtype: str = "<f4") -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode("ascii")


def _in_base64(size: int) -> int:
    return -(-size // 3) * 4


def _work(net: Network) -> int:
    """Return the number of multiplications of a forward pass."""
    return sum(
        layer.params["W"].size * math.prod(net.shapes[layer.name][1:])
        for layer in net.layers
        if isinstance(layer, Affine)
    )
