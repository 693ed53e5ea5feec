"""Every formula of the cheat-sheet is run as it stands: against differences, and against the library's layer."""

import re
from pathlib import Path

import numpy as np
import pytest

import tinynet as tn

TEXT = (Path(__file__).resolve().parents[1] / "tutorials" / "cheatsheet.md").read_text(encoding="utf-8")
H = 1e-6


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def windows(x):
    return np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(2, 3))


def rows(head):
    """Return the rows of all tables with these columns: the name and the code of each cell."""
    found = []
    for table in re.findall(rf"^\| {re.escape(head)} \|\n\|[ -|]+\n((?:\|.+\|\n)+)", TEXT, re.MULTILINE):
        for row in table.splitlines():
            name, *cells = row.strip("| ").split(" | ")
            found.append(
                (name.strip("`"), [code[0] if (code := re.findall("`(.+?)`", cell)) else "" for cell in cells])
            )
    return found


LAYERS = rows("layer | `y` | `dx`")
WEIGHTED = rows("layer | `y` | `dx` | `dW` | `db`")
LOSSES = rows("loss | value | seed")
by_name = {"ids": lambda row: row[0]}


def run(code, **names):
    return np.asarray(eval(code, {"np": np, "windows": windows, "softmax": softmax, **names}))


def slope(of, x, dy):
    """Return the slope of the sum of dy * of(x) in each entry of x, by differences."""
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = H
        found[place] = np.sum(dy * (of(x + step) - of(x - step))) / (2 * H)
    return found


def test_the_sheet_is_read():
    assert len(LAYERS) == 28 and len(WEIGHTED) == 2 and len(LOSSES) == 4
    assert len(TEXT.splitlines()) < 100, "one page"


@pytest.mark.parametrize("row", LAYERS, **by_name)
def test_a_derivative_is_that_of_differences_and_of_the_library(row):
    name, (forward, backward) = row
    rng = np.random.default_rng(0)
    images = "windows" in forward or "x.shape[2]" in forward or "(2, 3)" in forward
    x = rng.standard_normal((2, 3, 4, 6) if images else (3, 4))
    names = {"M": rng.standard_normal((5, 4)), "F": rng.standard_normal((2, 3, 2, 2))}
    y = run(forward, x=x, **names)
    dy = rng.standard_normal(y.shape)
    dx = run(backward, x=x, y=y, dy=dy, **names)
    np.testing.assert_allclose(dx, slope(lambda x: run(forward, x=x, **names), x, dy), rtol=1e-5, atol=1e-7)
    if "(" in name:
        layer = eval(f"tn.{name}", {"tn": tn})
        np.testing.assert_allclose(y, layer.forward(x), rtol=1e-12)
        np.testing.assert_allclose(dx, layer.backward(dy, x, y), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("row", WEIGHTED, **by_name)
def test_gradients_of_parameters_are_those_of_differences_and_of_the_library(row):
    name, (forward, backward, of_weights, of_biases) = row
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 2, 4, 5) if "Conv" in name else (4, 5))
    layer = eval(f"tn.{name}", {"tn": tn})
    layer.build(x.shape[1:], rng, np.float64)
    names = {key: rng.standard_normal(value.shape) for key, value in layer.params.items()}
    layer.params.update(names)
    y = run(forward, x=x, **names)
    dy = rng.standard_normal(y.shape)
    np.testing.assert_allclose(y, layer.forward(x), rtol=1e-12)
    if backward:
        np.testing.assert_allclose(run(backward, x=x, dy=dy, **names), layer.backward(dy, x, y), rtol=1e-10)
    found = layer.grads(dy, x, y)
    for key, code in (("W", of_weights), ("b", of_biases)):
        gradient = run(code, x=x, dy=dy)
        np.testing.assert_allclose(gradient, found[key], rtol=1e-10)
        by_differences = slope(lambda p, key=key: run(forward, x=x, **{**names, key: p}), names[key], dy)
        np.testing.assert_allclose(gradient, by_differences, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("row", LOSSES, **by_name)
def test_a_seed_is_that_of_differences_and_of_the_library(row):
    name, (value, seed) = row
    rng = np.random.default_rng(0)
    last = [tn.Softmax()] if name == "CrossEntropy()" else [tn.Sigmoid()] if "Binary" in name else []
    net = tn.Network([tn.Dense(3), *last], input_shape=(4,), rng=0, dtype=np.float64)
    trace = net.trace(rng.standard_normal((5, 4)))
    t = np.eye(3)[[0, 2, 1, 1, 0]] if last else rng.standard_normal((5, 3))
    loss = eval(f"tn.losses.{name}", {"tn": tn})
    at = "z" if last else "y"
    x = trace["dense1"]
    np.testing.assert_allclose(run(value, t=t, **{at: x}), loss.value(net, trace, t), rtol=1e-10)
    np.testing.assert_allclose(run(seed, t=t, **{at: x}), loss.seed(net, trace, t), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(
        run(seed, t=t, **{at: x}), slope(lambda x: run(value, t=t, **{at: x}), x, 1.0), atol=1e-7
    )
