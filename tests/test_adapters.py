"""Layers written in other styles are judged by the same laws: functions with a cache, objects, PyTorch's functions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tinynet.cli import main
from tinynet.testing import check_layer, from_autograd, from_functions, from_object, load_layer


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def pool_forward(x, param):
    size = param["size"]
    n, c, h, w = x.shape
    return x.reshape(n, c, h // size, size, w // size, size).mean(axis=(3, 5)), (x.shape, size)


def pool_backward(dout, cache):
    _, size = cache
    return (dout / size**2).repeat(size, 2).repeat(size, 3)


def batchnorm_forward(x, gamma, beta, param):
    mean, variance = x.mean(0), x.var(0)
    y = (x - mean) / np.sqrt(variance + 1e-5)
    return gamma * y + beta, (y, gamma, variance)


def batchnorm_backward(dout, cache):
    y, gamma, variance = cache
    d = dout * gamma
    return (d - d.mean(0) - y * (d * y).mean(0)) / np.sqrt(variance + 1e-5), (dout * y).sum(0), dout.sum(0)


def softmax_loss_forward(x, labels):
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return -np.log(p[np.arange(len(x)), labels]).mean(), (p, labels)


def softmax_loss_backward(dout, cache):
    p, labels = cache
    dx = p.copy()
    dx[np.arange(len(p)), labels] -= 1
    return dout * dx / dx.dtype.type(len(p))


def linear_forward(A, W, b):
    """One image a column, as a well-known course has it."""
    return W @ A + b, (A, W)


def linear_backward(dZ, cache):
    A, W = cache
    return W.T @ dZ, dZ @ A.T, dZ.sum(axis=1, keepdims=True)


def failing(report) -> set[str]:
    return {result.law for result in report.failures}


# ----------------------------------------------------------------------------------------------------------- functions


@given(st.integers(1, 5), st.integers(1, 4), st.booleans(), st.integers(0, 99))
def test_right_functions_pass_whatever_the_shapes(inputs: int, outputs: int, turned: bool, seed: int) -> None:
    params = {"b": outputs, "w": (inputs, outputs)} if turned else {"w": (inputs, outputs), "b": outputs}
    report = check_layer(from_functions(affine_forward, affine_backward, params), (inputs,), seed)
    assert report.ok, str(report)
    assert report["parameters"].cases == 6


@pytest.mark.parametrize("extra", [{"size": 2}, ({"size": 2},), {"param": {"size": 2}}])
def test_further_arguments_are_given_by_place_or_by_name(extra) -> None:
    report = check_layer(from_functions(pool_forward, pool_backward, extra=extra), (2, 4, 4))
    assert report.ok, str(report)


def test_arrays_are_parameters_as_they_are() -> None:
    w = np.arange(6.0).reshape(3, 2)
    layer = from_functions(affine_forward, affine_backward, {"w": w, "b": np.ones(2)})
    layer.build((3,), np.random.default_rng(0), np.float64)
    np.testing.assert_array_equal(layer.forward(np.ones((2, 5, 3))), np.full((2, 5, 2), [7.0, 10.0]))
    assert check_layer(layer, (3,)).ok


def test_batch_normalisation_is_right_for_a_whole_batch_and_mixes_single_inputs() -> None:
    params = {"gamma": 3, "beta": 3}
    whole = from_functions(batchnorm_forward, batchnorm_backward, params, [None], batch_axis=None)
    assert check_layer(whole, (7, 3)).ok
    single = check_layer(from_functions(batchnorm_forward, batchnorm_backward, params, [None]), (3,))
    assert failing(single) == {"batch axes"}
    assert "batch_axis=None" in str(single)


def test_a_loss_is_a_function_of_a_whole_batch() -> None:
    labels = np.array([0, 2, 1, 2])
    layer = from_functions(softmax_loss_forward, softmax_loss_backward, extra={"labels": labels}, batch_axis=None)
    report = check_layer(layer, (4, 3))
    assert report.ok, str(report)


def test_inputs_may_be_columns() -> None:
    layer = from_functions(linear_forward, linear_backward, {"W": (4, 3), "b": (4, 1)}, batch_axis=-1)
    report = check_layer(layer, (3,))
    assert report.ok, str(report)
    mean = from_functions(
        linear_forward,
        lambda dZ, cache: [g if i == 0 else g / dZ.shape[1] for i, g in enumerate(linear_backward(dZ, cache))],
        {"W": (4, 3), "b": (4, 1)},
        batch_axis=-1,
    )
    assert check_layer(mean, (3,))["parameters"].diagnosis.slip == "1/N in the layer"


def test_a_forward_that_returns_the_output_alone_hands_its_arguments_to_backward() -> None:
    layer = from_functions(lambda x: np.maximum(x, 0), lambda dout, x: dout * (x > 0))
    assert check_layer(layer, (5,)).ok


KEPT: dict[str, np.ndarray] = {}


def forward_with_global(x):
    KEPT["x"] = x.copy()
    return np.tanh(x), None


WRONG_FUNCTIONS = {
    "float64 out of forward": (lambda x: (np.tanh(x).astype(float), x), lambda dout, x: dout / np.cosh(x) ** 2),
    "x written to": (lambda x: (np.multiply(x, 2, out=x) * 1, None), lambda dout, cache: dout * 2),
    "dout written to": (lambda x: (np.tanh(x), x), lambda dout, x: np.divide(dout, np.cosh(x) ** 2, out=dout)),
    "a global kept": (forward_with_global, lambda dout, cache: dout / np.cosh(KEPT["x"]) ** 2),
    "the cache used up": (
        lambda x: (np.tanh(x), [x]),
        lambda dout, cache: dout / np.cosh(cache.pop() if cache else 0) ** 2,
    ),
    "x returned": (lambda x: (x, None), lambda dout, cache: dout),
    "a wrong slope": (lambda x: (np.tanh(x), x), lambda dout, x: dout * (1 - x * x)),
}


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("float64 out of forward", "shape and dtype"),
        ("x written to", "pure"),
        ("dout written to", "pure"),
        ("a global kept", "pure"),
        ("the cache used up", "pure"),
        ("x returned", "pure"),
        ("a wrong slope", "adjoint"),
    ],
)
def test_what_functions_return_keep_or_write_into_is_judged(name: str, law: str) -> None:
    report = check_layer(from_functions(*WRONG_FUNCTIONS[name]), (4,))
    assert failing(report) == {law}, str(report)


def test_a_running_mean_in_the_settings_is_a_write_into_an_argument() -> None:
    def forward(x, param):
        param["mean"] = x.mean()
        return x * 2, None

    result = check_layer(from_functions(forward, lambda dout, cache: dout * 2, extra=[{}]), (4,))["pure"]
    assert "further arguments" in str(result)


def test_a_wrong_number_of_gradients_is_told() -> None:
    layer = from_functions(affine_forward, lambda dout, cache: affine_backward(dout, cache)[:2], {"w": (3, 2), "b": 2})
    assert "backward returned 2 arrays, expected 3: dx, dw and db" in str(check_layer(layer, (3,)))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((None, affine_backward), "forward is None, expected a function"),
        ((affine_forward, "backward"), "backward is 'backward', expected a function"),
        ((affine_forward, affine_backward, [3, 4]), r"params is \[3, 4\], expected a dictionary"),
        ((affine_forward, affine_backward, {"w": (3, 2.5)}), r"params\['w'\] is 2.5, expected a whole number"),
        ((affine_forward, affine_backward, {"w": "3x4"}), r"params\['w'\] is '3x4', expected a whole number"),
    ],
)
def test_wrong_arguments_are_named(arguments, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        from_functions(*arguments)


# ------------------------------------------------------------------------------------------------------------- objects


class Affine:
    def __init__(self):
        self.W, self.b = np.random.default_rng(0).standard_normal((4, 3)), np.zeros(3)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class Listed(Affine):
    """params and grads are lists, filled in place."""

    def __init__(self):
        super().__init__()
        self.params = [self.W, self.b]
        self.grads = [np.zeros_like(self.W), np.zeros_like(self.b)]

    def forward(self, x):
        self.W, self.b = self.params
        return super().forward(x)

    def backward(self, dout):
        dx = super().backward(dout)
        self.grads = [self.dW, self.db]
        return dx


class Named(Affine):
    """params and grads are dictionaries."""

    def __init__(self):
        super().__init__()
        self.params = {"W": self.W, "b": self.b}

    def backward(self, dout):
        dx = super().backward(dout)
        self.grads = {"dW": self.dW, "b": self.db}
        return dx


class AddsUp(Affine):
    def __init__(self):
        super().__init__()
        self.dW, self.db = np.zeros((4, 3)), np.zeros(3)

    def backward(self, dout):
        self.dW += self.x.T @ dout
        self.db += dout.sum(axis=0)
        return dout @ self.W.T


class AddsUpFromZero(AddsUp):
    def zero_grad(self):
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)


class FirstMask:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        if self.mask is None or self.mask.shape != x.shape:
            self.mask = x > 0
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * self.mask


@pytest.mark.parametrize("kind", [Affine, Listed, Named, AddsUpFromZero])
def test_objects_that_keep_their_input_pass_and_stay_as_they_are(kind: type) -> None:
    made = kind()
    before = made.W.copy(), sorted(vars(made))
    report = check_layer(from_object(made), (4,))
    assert report.ok, str(report)
    assert report["parameters"].cases == 6
    assert sorted(vars(made)) == before[1]
    np.testing.assert_array_equal(made.W, before[0])
    assert str(report) == str(check_layer(from_object(made), (4,)))


def test_gradients_that_add_up_are_told() -> None:
    report = check_layer(from_object(AddsUp()), (4,))
    assert report["pure"].diagnosis.slip == "adds up over calls"


def test_a_mask_of_an_earlier_pass_is_caught() -> None:
    assert not check_layer(from_object(FirstMask()), (4,)).ok


@pytest.mark.parametrize("wrong", [Affine, None, np.tanh, 3])
def test_what_is_no_such_object_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match="expected an object with forward"):
        from_object(wrong)


# ------------------------------------------------------------------------------------------------------------- PyTorch


def test_functions_of_pytorch_are_judged() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")

    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w, factor):
            ctx.save_for_backward(x, w)
            ctx.factor = factor
            return factor * x * w

        @staticmethod
        def backward(ctx, dy):
            x, w = ctx.saved_tensors
            return ctx.factor * dy * w, (ctx.factor * dy * x).sum(dim=0), None

    class Forgotten(Scaled):
        @staticmethod
        def backward(ctx, dy):
            x, w = ctx.saved_tensors
            return dy * w, (ctx.factor * dy * x).sum(dim=0), None

    report = check_layer(from_autograd(Scaled, {"w": 4}, [3.0]), (4,))
    assert report.ok, str(report)
    report = check_layer(from_autograd(Forgotten, {"w": 4}, [3.0]), (4,))
    assert failing(report) == {"adjoint"}
    assert (
        str(report["adjoint"].diagnosis)
        == "0.333 times the true gradient everywhere: a mean in place of a sum, a 1/3 too many, or a forgotten 3?"
    )
    with pytest.raises(ValueError, match="expected a subclass"):
        from_autograd(Affine)


# ---------------------------------------------------------------------------------------------------- files, commands

FILE = """
from __future__ import annotations
from dataclasses import dataclass
import numpy as np
import tinynet as tn

def affine_forward(x, w, b):
    return x @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)

def scale_forward(x, param):
    return x * param["by"], param

def scale_backward(dout, param):
    return dout * param["by"] ** 2

class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask
    def backward(self, dout):
        return dout * self.mask

@dataclass
class Scale(tn.Layer):
    factor: float = 2.0
    def forward(self, x):
        return x * x.dtype.type(self.factor)
    def backward(self, dy, x, y):
        return dy * x.dtype.type(self.factor)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "layers.py").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["layers.py:affine_forward,affine_backward", "--params", "w=6x4,b=4", "--input-shape", "6"], 0),
        (["layers.py:scale_forward, scale_backward", "--extra", "[{'by': 1.0}]", "--input-shape", "3"], 0),
        (["layers.py:scale_forward,scale_backward", "--extra", "{'by': 3.0}", "--input-shape", "3"], 1),
        (["layers.py:Relu", "--input-shape", "2,3"], 0),
        (["layers.py:Relu", "--input-shape", "2,3", "--batch-axis", "none"], 0),
        (["layers.py:Scale(0.5)", "--input-shape", "3"], 0),
        (["layers.py:affine_forward,affine_backwards", "--input-shape", "3"], 2),
        (["layers.py:affine_forward,np", "--input-shape", "3"], 2),
        (["layers.py:Relu", "--input-shape", "2,3", "--params", "w=3"], 2),
    ],
)
def test_the_command_checks_layers_of_every_style(folder, capsys, words: list[str], code: int) -> None:
    assert main(["check", *words]) == code
    printed = capsys.readouterr()
    assert ("laws hold" in printed.out) if code < 2 else (printed.err.count("\n") == 1)


@pytest.mark.parametrize("words", [["--params", "w"], ["--params", "w=axb"], ["--extra", "print(1)"]])
def test_shapes_and_values_that_cannot_be_read_are_told(folder, capsys, words: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "layers.py:Relu", "--input-shape", "3", *words])
    assert words[0] in capsys.readouterr().err


def test_a_dataclass_with_annotations_of_the_future_loads(folder) -> None:
    layer = load_layer("layers.py:Scale(factor=3.0)")
    assert isinstance(layer, tn.Layer)
    assert layer.factor == 3.0
