"""Weights from elsewhere: the same outputs in every layout, and nothing taken over where something does not fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import Case, assert_same_bits, dense_cases, image_cases
from tinynet import models

LAYOUTS = ("torch", "keras")
cases = st.one_of(dense_cases(), image_cases())


def again(net: tn.Network) -> tn.Network:
    """Return a network of the same layers with other weights."""
    layers = [type(layer)(**layer.settings()) for layer in net.layers]
    for layer, of in zip(layers, net.layers, strict=True):
        layer.name = of.name
    other = tn.Network(layers, net.input_shape, rng=99, dtype=net.dtype)
    for array in other.parameters().values():
        array += 1
    return other


def biased(net: tn.Network) -> tn.Network:
    """Give the biases values: zeros would not tell one from another."""
    for number, layer in enumerate(net.layers):
        if "b" in layer.params:
            layer.params["b"][...] = np.random.default_rng(number).normal(size=layer.params["b"].shape)
    return net


# ---------------------------------------------------------------------------------------------------------------- laws


@given(
    case=cases, layout=st.sampled_from(LAYOUTS), how=st.sampled_from(["names", "others", "called", "order", "numbers"])
)
@settings(max_examples=40)
def test_what_was_laid_out_in_any_way_comes_back_as_it_was(case: Case, layout, how):
    net = biased(case.net)
    weights, other = net.weights(layout), again(net)
    places = {layer.name: f"net.{place}" for place, layer in enumerate(net.layers)}
    called = {layer.name: places[layer.name] for layer in net.layers if layer.params} if how == "called" else None
    if how in ("others", "called"):
        between = "." if layout == "torch" else "/"
        split = {name: name.split(between) for name in weights}
        weights = {f"{places[split[name][0]]}{between}{split[name][1]}:0": a for name, a in weights.items()}
    source = list(weights.values()) if how == "order" else weights
    if how == "numbers":
        source = {f"arr_{index}": array for index, array in reversed(list(enumerate(weights.values())))}
    other.load_weights(dict(reversed(source.items())) if called else source, layout, called)
    assert_same_bits(other.parameters(), net.parameters())
    np.testing.assert_array_equal(other(case.x), net(case.x))


@given(case=image_cases())
@settings(max_examples=20)
def test_keras_counts_channels_last_everywhere(case: Case):
    """The literal meaning of its layout: a network whose images, maps and vectors have the channels last."""
    net = biased(case.net)
    weights, x = net.weights("keras"), np.moveaxis(case.x, 1, 3)
    for layer in net.layers:
        if isinstance(layer, tn.Conv2D):
            x = channels_last_correlation(x, weights[f"{layer.name}/kernel"], weights.get(f"{layer.name}/bias"), layer)
        elif isinstance(layer, tn.Dense):
            x = x @ weights[f"{layer.name}/kernel"] + weights.get(f"{layer.name}/bias", 0)
        elif isinstance(layer, tn.Flatten):
            x = x.reshape(len(x), -1)
        else:
            x = layer.forward(np.moveaxis(x, 3, 1)) if x.ndim == 4 else layer.forward(x)
            x = np.moveaxis(x, 1, 3) if x.ndim == 4 else x
    np.testing.assert_allclose(net(case.x), x, rtol=1e-9, atol=1e-12)


def channels_last_correlation(x, kernel, bias, layer):
    height, width, _, filters = kernel.shape
    x = np.pad(x, ((0, 0), *layer.window.pads(*x.shape[1:3]), (0, 0)))
    down, across = layer.stride
    rows, columns = (x.shape[1] - height) // down + 1, (x.shape[2] - width) // across + 1
    y = np.zeros((len(x), rows, columns, filters))
    for i in range(rows):
        for j in range(columns):
            patch = x[:, i * down : i * down + height, j * across : j * across + width]
            y[:, i, j] = np.tensordot(patch, kernel, 3)
    return y if bias is None else y + bias


@given(case=cases, layout=st.sampled_from(LAYOUTS), data=st.data())
@settings(max_examples=30)
def test_where_one_array_does_not_fit_nothing_is_taken_over(case: Case, layout, data):
    net = case.net
    weights, other = net.weights(layout), again(net)
    before = {name: array.copy() for name, array in other.parameters().items()}
    name = data.draw(st.sampled_from(list(weights)))
    how = data.draw(st.sampled_from(["shape", "missing", "nan", "text", "more"]))
    source = dict(weights)
    if how == "missing":
        del source[name]
    elif how == "more":
        source["further.weight"] = np.ones((2, 2))
    else:
        wrong = {"shape": np.ones((*weights[name].shape, 2)), "nan": weights[name] * np.nan, "text": np.array("x")}
        source[name] = wrong[how]
    with pytest.raises(ValueError):
        other.load_weights(source, layout)
    assert_same_bits(other.parameters(), before)


# --------------------------------------------------------------------------------------------------------------- files


def small() -> tn.Network:
    layers = [tn.Conv2D(4, 3), tn.ReLU(), tn.MaxPool2D(2), tn.Flatten(), tn.Dropout(0.5), tn.Dense(5), tn.ReLU()]
    return biased(tn.Network([*layers, tn.Dense(2), tn.Softmax()], (3, 8, 8), rng=3))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_files_of_weights_are_read(tmp_path, layout, ending):
    net, other, path = small(), again(small()), tmp_path / f"weights{ending}"
    if ending == ".npz":
        np.savez_compressed(path, **net.weights(layout))
    else:
        pytest.importorskip("safetensors.numpy").save_file(net.weights(layout), path)
    other.load_weights(path, layout)
    assert_same_bits(other.parameters(), net.parameters())


def test_files_without_an_order_go_by_the_numbers_in_their_names(tmp_path):
    save_file = pytest.importorskip("safetensors.numpy").save_file
    layers = [tn.Dense(3), *(layer for _ in range(11) for layer in (tn.Tanh(), tn.Dense(3)))]
    net = biased(tn.Network(layers, (3,), rng=0))
    weights = net.weights()
    save_file({name.replace("dense", "stack."): array for name, array in weights.items()}, tmp_path / "w.safetensors")
    other = again(net)
    other.load_weights(tmp_path / "w.safetensors")
    assert_same_bits(other.parameters(), net.parameters())


@pytest.mark.parametrize("ending", [".pt", ".pth", ".h5", ".pkl", ".npy", ""])
def test_files_that_may_run_programs_are_not_opened(tmp_path, ending):
    path = tmp_path / f"weights{ending}"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"expected a .npz or .safetensors file; others may be pickled"):
        small().load_weights(path)


class Runs:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("something was unpickled",))


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_damaged_and_pickled_files_are_one_clear_error(tmp_path, ending):
    if ending == ".safetensors":
        pytest.importorskip("safetensors")
    net, path = small(), tmp_path / f"weights{ending}"
    before = {name: array.copy() for name, array in net.parameters().items()}
    with pytest.raises(FileNotFoundError, match="no such file"):
        net.load_weights(path)
    contents = [b"", b"nonsense" * 9]
    if ending == ".npz":
        np.savez(path, **{"conv1.weight": np.array([Runs()], object)})
        contents.append(path.read_bytes())
        np.savez(path, **net.weights())
        contents += [path.read_bytes()[:-100], path.read_bytes()[100:]]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=f"not a complete {ending} file of plain arrays"):
            net.load_weights(path)
    assert_same_bits(net.parameters(), before)


# --------------------------------------------------------------------------------------------------------------- cases


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"dense1.weight": np.ones((36, 5))},
            r"^dense1: weight has the shape \(36, 5\), expected \(5, 36\), as it would be with layout='keras'$",
        ),
        (
            {"conv1.weight": np.ones((4, 1, 3, 3))},
            r"^conv1: weight has the shape \(4, 1, 3, 3\), expected \(4, 3, 3, 3\)$",
        ),
        ({"conv1.bias": None}, r"^the weights have no bias for conv1, expected one of the shape \(4,\)$"),
        ({"conv1.running_mean": np.ones(4)}, "^conv1 has a running_mean, which the layer here has not$"),
        ({"dense2.bias": np.array([1.0, np.inf])}, "^dense2: bias is inf at 1, expected a finite number$"),
        ({"dense3.weight": np.ones((2, 2))}, "^holds the weights of 4 layers, expected those of 3$"),
        ({"dense1.weight": np.full((5, 36), 1e300)}, "^dense1: weight is .*, expected a number that float32 can hold$"),
    ],
)
def test_the_first_that_does_not_fit_is_named(change, message):
    weights = {**small().weights(), **change}
    with pytest.raises(ValueError, match=message):
        small().load_weights({name: array for name, array in weights.items() if array is not None})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layout": "tensorflow"}, "^layout is 'tensorflow', expected torch or keras"),
        ({"source": 3}, "^source is 3, expected a file, arrays by their names, or a list of arrays$"),
        ({"source": {1: np.ones(2)}}, "^source is .*, expected a file, arrays by their names"),
        ({"source": {"state": {}}}, r"^source holds a mapping 'state', expected arrays .*: pass source\['state'\]$"),
        ({"source": {"conv1.weight": 1}}, r"^conv1: weight has the shape \(\), expected \(4, 3, 3, 3\)$"),
        ({"source": []}, r"^the weights have no weight for conv1, expected one of the shape \(4, 3, 3, 3\)$"),
        ({"names": {"conv9": "features.0"}}, "^names is .*, expected what layers of conv1, dense1, dense2 are called"),
        (
            {"names": {"conv1": "features.0"}},
            "^holds no weights of 'features.0' for conv1, only of conv1, dense1, dense2$",
        ),
    ],
)
def test_calls_that_cannot_be_meant_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        small().load_weights(**{"source": small().weights(), **arguments})


def test_layers_that_are_named_are_loaded_alone():
    net, other = small(), again(small())
    before = {name: array.copy() for name, array in other.parameters().items()}
    source = {"f.0.weight": net.weights()["conv1.weight"], "f.0.bias": np.arange(4.0), "x.bias": [1.0]}
    other.load_weights(source, names={"conv1": "f.0"})
    np.testing.assert_array_equal(other["conv1"].params["W"], net["conv1"].params["W"])
    np.testing.assert_array_equal(other["conv1"].params["b"], np.arange(4))
    np.testing.assert_array_equal(other["dense1"].params["W"], before["dense1/W"])


class Tensor:
    """As much of a tensor as is looked at: on another device, taking part in differentiation, of a type of its own."""

    def __init__(self, array, dtype="torch.float32", steps=()):
        self.array, self.dtype, self.steps = array, dtype, steps

    def __getattr__(self, step):
        if step in ("detach", "cpu", "float"):
            return lambda: Tensor(self.array, self.dtype, (*self.steps, step))
        raise AttributeError(step)

    def __array__(self, dtype=None, copy=None):
        wanted = ("detach", "cpu") + (("float",) if self.dtype == "torch.bfloat16" else ())
        if self.steps != wanted:
            raise TypeError(f"{self.steps} of {self.dtype}")
        return self.array if dtype is None else self.array.astype(dtype)


@given(case=cases, dtype=st.sampled_from(["torch.float32", "torch.bfloat16"]), whole=st.booleans())
@settings(max_examples=20)
def test_tensors_in_memory_are_loaded_by_name_or_from_their_model(case: Case, dtype, whole):
    net, other = biased(case.net), again(case.net)
    state = {f"net.{name}": Tensor(array, dtype) for name, array in net.weights().items()}
    model = type("Model", (), {"state_dict": lambda self: state})
    other.load_weights(model() if whole else state)
    assert_same_bits(other.parameters(), net.parameters())
    if state:
        with pytest.raises(ValueError, match=r"^source is .*, expected a file, arrays by their names"):
            other.load_weights(model)


def test_exported_weights_are_copies():
    net = small()
    weights = net.weights()
    weights["conv1.bias"][...] = 7
    assert not (net["conv1"].params["b"] == 7).any()


@pytest.mark.slow
def test_the_small_vgg_computes_what_pytorch_does(tmp_path):
    torch = pytest.importorskip("torch")
    net = biased(models.build("vgg_small", (3, 16, 16), 5, rng=1))
    parts = {"features": [], "classifier": []}
    for layer in net.layers[:-1]:
        if isinstance(layer, tn.Conv2D):
            parts["features"].append(torch.nn.Conv2d(layer.params["W"].shape[1], layer.filters, 3, padding=1))
        elif isinstance(layer, tn.Dense):
            parts["classifier"].append(torch.nn.Linear(*layer.params["W"].shape[::-1]))
        elif isinstance(layer, tn.Flatten):
            continue
        else:
            other = {tn.ReLU: torch.nn.ReLU, tn.MaxPool2D: lambda: torch.nn.MaxPool2d(2), tn.Dropout: torch.nn.Dropout}
            parts["classifier" if parts["classifier"] else "features"].append(other[type(layer)]())
    theirs = torch.nn.ModuleDict({name: torch.nn.Sequential(*layers) for name, layers in parts.items()}).eval()
    x = np.random.default_rng(0).random((4, 3, 16, 16), np.float32)
    with torch.no_grad():
        wanted = theirs["classifier"](theirs["features"](torch.from_numpy(x)).flatten(1)).softmax(1).numpy()
    names = models.torchvision_names(net)
    assert set(names.values()) == {name.rpartition(".")[0] for name in theirs.state_dict()}
    for source in (theirs, theirs.state_dict(), dict(theirs.named_parameters())):
        loaded = again(net)
        loaded.load_weights(source)
        np.testing.assert_allclose(loaded(x), wanted, rtol=1e-5)
    loaded = again(net)
    loaded.load_weights(dict(reversed(theirs.state_dict().items())), names=names)
    np.testing.assert_allclose(loaded(x), wanted, rtol=1e-5)
    ours = dict(zip(theirs.state_dict(), net.weights().values(), strict=True))
    theirs.load_state_dict({name: torch.from_numpy(array) for name, array in ours.items()})
    with torch.no_grad():
        back = theirs["classifier"](theirs["features"](torch.from_numpy(x)).flatten(1)).softmax(1).numpy()
    np.testing.assert_allclose(net(x), back, rtol=1e-5)
