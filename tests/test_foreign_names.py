"""What newcomers write first: each guess gets an error of one line that says what to write, and that exists."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

import tinynet as tn
from tinynet import datasets
from tinynet.foreign_names import ARGUMENTS, IN_ORDER, METHODS, NAMES, plain, written_here

data = datasets.load("letters:2")
net = tn.Network([tn.Flatten(), tn.Dense(3), tn.Softmax()], data.input_shape)
how = {"loss": tn.CrossEntropy(), "optimizer": tn.SGD(0.1), "epochs": 1, "batch_size": 4, "progress": False}


@pytest.mark.parametrize(
    ("guess", "message"),
    [
        (lambda: tn.Adam(lr=1e-3), r"^Adam: no argument 'lr'; in tinynet write rate$"),
        (lambda: tn.SGD(learning_rate=0.1), "write rate$"),
        (lambda: tn.SGD(0.1, beta=0.9), "SGD: .*'beta'; there are rate, momentum, weight_decay, frozen and nesterov"),
        (lambda: tn.Conv2D(8, kernel_size=3), "^Conv2D: .*'kernel_size'; in tinynet write size$"),
        (lambda: tn.MaxPool2D(pool_size=2), "^MaxPool2D: .* write size$"),
        (lambda: tn.Dense(64, activation="relu"), r"a layer of its own: tn.Dense\(64\), then tn.ReLU\(\)$"),
        (lambda: tn.Dense(64, unit=3), "'unit'; in tinynet write units$"),
        (lambda: tn.Dense(784, 64), r"^Dense: too many positional arguments; in tinynet write tn.Dense\(64\): the"),
        (lambda: tn.Dense(in_features=784, out_features=64), "write nothing: the network finds the size"),
        (lambda: tn.Softmax(dim=1), "^Softmax: .*'dim'; in tinynet write nothing: "),
        (lambda: tn.ReLU(0.1), "^ReLU: too many positional arguments$"),
        (lambda: tn.Dropout(p=0.5), "write rate$"),
        (lambda: tn.Network([tn.Dense(3)]), "^Network: missing a required argument: 'input_shape'$"),
        (lambda: tn.fit(net, data.x, data.labels, validation_split=0.1, **how), r"train, val = data.split\(test=0.1\)"),
        (lambda: tn.fit(net, data.x, data.labels, verbose=0, **how), "write progress=False$"),
        (lambda: tn.fit(net, data.x, data.labels, how["loss"]), r"^fit: too many .* write tn.fit\(net, x, y, loss="),
        (lambda: tn.fit(net, data, **how), "^fit: missing .* 'y'; of a data set write data.x, data.labels$"),
        (lambda: net.evaluate(data), "^evaluate: missing .* 'y'; of a data set write data.x, data.labels$"),
        (lambda: net.evaluate(data.x), "^evaluate: missing a required argument: 'y'$"),
        (lambda: tn.saliency(gradients={}), "^saliency: .*'gradients'; in tinynet write gradient$"),
    ],
)
def test_arguments_of_other_libraries_are_answered(guess, message):
    with pytest.raises(TypeError, match=message) as caught:
        guess()
    assert caught.value.__cause__ is None and caught.value.__context__ is None  # one error, not two
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("guess", "message"),
    [
        (lambda: tn.fit(net, data.x, data.labels, **how | {"loss": "cross_entropy"}), r"Loss: .* tn.CrossEntropy\(\)$"),
        (lambda: tn.fit(net, data.x, data.labels, **how | {"optimizer": "adam"}), r"Optimizer: .* tn.Adam\(1e-3\)$"),
        (lambda: tn.fit(net, data.x, data.labels, validation=data, **how), r"such as \(val.x, val.labels\)$"),
        (lambda: net.predict(data), "^input is a whole data set, .*: write data.x, or data.labels$"),
        (lambda: net.predict_proba(data), "^input is a whole data set"),
        (lambda: net.trace(data), "^input is a whole data set"),
        (lambda: net.evaluate(data.x, data), "^y is a whole data set"),
        (lambda: tn.accuracy(net, data, data.labels), "^input is a whole data set"),
        (
            lambda: tn.saliency(net, data.x),
            r"^gradient is Network.*prediction_gradient\(net, x, target\)\[\"input\"\]$",
        ),
        (
            lambda: tn.saliency(tn.prediction_gradient(net, data.x, 0)),
            r"^gradient: flatten1 has no maps; pass those of one output, such as gradient\['input'\]$",
        ),
        (lambda: tn.prediction_gradient(net, data, 0), "^x is a whole data set"),
    ],
)
def test_values_of_other_libraries_are_answered(guess, message):
    with pytest.raises(ValueError, match=message):
        guess()


NEWCOMERS = (
    "Linear Sequential CrossEntropyLoss MSE MSELoss BatchNorm BatchNorm2d BatchNormalization load MaxPooling2D "
    "MaxPool2d Conv2d NLLLoss BCEWithLogitsLoss IntegratedGradients GradCam integrated_gradients Saliency adam nn optim"
)


@pytest.mark.parametrize("name", NEWCOMERS.split())
def test_names_of_other_libraries_are_answered(name):
    with pytest.raises(AttributeError, match=rf"^there is no tn.{name}; in tinynet write \w") as caught:
        getattr(tn, name)
    assert_exists(str(caught.value).partition("write ")[2])


@pytest.mark.parametrize("name", ["fit", "state_dict", "count_params", "compile", "to"])
def test_methods_of_other_libraries_are_answered(name):
    with pytest.raises(AttributeError, match=rf"^a Network has no {name}; in tinynet write \w"):
        getattr(net, name)


@pytest.mark.parametrize("thing", [tn, net])
def test_other_names_are_missing_as_ever(thing):
    with pytest.raises(AttributeError, match="has no attribute 'sumary'") as caught:
        thing.sumary  # noqa: B018
    assert caught.value.name == "sumary" and caught.value.obj is thing  # from which Python makes its own suggestion
    assert not hasattr(thing, "__wrapped__")


@pytest.mark.parametrize(("name", "meant"), [("val_loss", "validation_loss"), ("acc", "accuracy"), ("los", "loss")])
def test_a_curve_of_a_history_is_found_by_its_name(name, meant):
    history = tn.fit(net.replaced({}), data.x, data.labels, **how)
    assert history[meant] is getattr(history, meant)
    with pytest.raises(KeyError, match=f"no curve '{name}'; did you mean {meant}\\?"):
        history[name]
    with pytest.raises(AttributeError, match=f"no curve '{name}'; did you mean {meant}\\?"):
        getattr(history, name)
    with pytest.raises(AttributeError, match="no curve 'history'; there are loss, accuracy, validation_loss and"):
        history.history["loss"]
    assert copy.deepcopy(history) == history == pickle.loads(pickle.dumps(history))


@pytest.mark.parametrize("give", [tn.Network.predict, lambda net, x: tn.fit(net, x, np.zeros(len(x), int), **how)])
@pytest.mark.parametrize(
    ("arrange", "mend"),
    [
        (lambda x: np.moveaxis(x, -3, -1), "; channels come first: np.moveaxis(x, -1, -3)"),
        (lambda x: x.reshape(len(x), -1), "; x.reshape(-1, 2, 6, 6) has it"),
        (lambda x: np.repeat(x, 2, axis=1), ""),
    ],
    ids=["channels last", "in rows", "twice as many"],
)
def test_right_numbers_in_other_axes_are_told_what_to_write(give, arrange, mend):
    two = tn.Network([tn.Flatten(), tn.Dense(3), tn.Softmax()], (2, 6, 6), rng=0)
    right = np.random.default_rng(0).random((4, 2, 6, 6), np.float32)
    given = arrange(right)
    with pytest.raises(ValueError, match=r"expected \((N|\.\.\.), 2, 6, 6\)" + re.escape(mend) + "$"):
        give(two, given)
    if mend:
        [written] = re.findall(r"np.moveaxis\(.*\)|x.reshape\(.*\)", mend)
        assert np.array_equal(eval(written, {"np": np, "x": given}), right)


@pytest.mark.parametrize(
    ("history", "shown"),
    [
        (tn.History(), "History: 0 epochs"),
        (tn.History([1.23456], [0.5]), "History: 1 epoch, loss 1.23, accuracy 0.5"),
        (tn.History([0.5], [float("nan")], [0.25], [float("nan")]), "History: 1 epoch, loss 0.5, validation loss 0.25"),
        (tn.History([0.5] * 900, [0.5] * 900), "History: 900 epochs, loss 0.5, accuracy 0.5"),
    ],
)
def test_a_history_is_shown_in_a_line(history, shown):
    assert repr(history) == shown


# ------------------------------------------------------------------------------------------------------------ the table


def assert_exists(words):
    """Assert that what a hint says to write is there: of ``tn.explain.relevance(net, ...)`` each name."""
    for root, path in re.findall(r"\b(tn|net)((?:\.[a-zA-Z]\w*)+)", words):
        thing = {"tn": tn, "net": net}[root]
        for part in path[1:].split("."):
            thing = getattr(thing, part)
    for call in re.findall(r"tn\.[A-Z]\w+\((?:[^()]|\(\d*,?\))*\)", words):
        if "..." not in call and "layers" not in call:
            eval(call, {"tn": tn})


@pytest.mark.parametrize("table", [NAMES, METHODS, ARGUMENTS, IN_ORDER], ids=["names", "methods", "arguments", "order"])
def test_what_is_to_be_written_exists(table):
    for words in table.values():
        assert_exists(words)


def test_the_last_column_of_the_guide_exists():
    guide = Path(__file__).parents[1] / "tutorials/guides/coming_from_elsewhere.py"
    cells = re.findall(r"^# \|.*\| ([^|]+) \|$", guide.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(cells) > 30
    for cell in cells:
        assert_exists(cell)


def test_an_argument_stands_for_one_that_somebody_takes():
    kinds = [getattr(tn, name) for name in tn.__all__ if isinstance(getattr(tn, name), type)]
    takers = [tn.fit, *(kind.__init__ for kind in kinds)]
    taken = {name for taker in takers for name in inspect.signature(taker).parameters} | set(tn.History().to_dict())
    meant = {words.partition("=")[0] for words in ARGUMENTS.values() if " " not in words.partition("=")[0]}
    assert meant <= taken, meant - taken


def test_a_row_of_the_table_hides_no_name_of_ours():
    assert all(name == plain(name) and written_here(name) for name in NAMES)
    assert not [name for name in METHODS if hasattr(net, name)]


# ------------------------------------------------------------------------------------------------- what stays as it was


class Scale(tn.Layer):
    """A student's layer, whose argument has a name of other libraries."""

    def __init__(self, kernel_size, *more, lr=1.0):
        self.kernel_size, self.more, self.lr = kernel_size, more, lr


def test_a_layer_of_ones_own_has_the_arguments_that_it_has():
    layer = Scale(3, 4, 5, lr=2.0)
    assert (layer.kernel_size, layer.more, layer.lr) == (3, (4, 5), 2.0)
    with pytest.raises(TypeError, match=r"^Scale: missing a required argument: 'kernel_size'"):
        Scale(lr=2.0)


def test_what_is_copied_or_pickled_stays_what_it_was():
    for thing in (tn.Dense(3), tn.Dropout(0.5), tn.SGD(0.1), net):
        for other in (copy.copy(thing), copy.deepcopy(thing), pickle.loads(pickle.dumps(thing))):
            assert type(other) is type(thing) and repr(other) == repr(thing)


def test_an_error_inside_stays_what_it_was():
    def rate(epoch):
        return None + epoch

    with pytest.raises(TypeError, match="unsupported operand"):
        tn.fit(net, data.x, data.labels, **how | {"optimizer": tn.SGD(rate)})


def test_an_argument_of_a_layer_may_be_called_as_layers_themselves_are():
    class Own(tn.Layer):
        def __init__(self, cls=2, layer=3):
            self.sum = cls + layer

    assert (Own().sum, Own(5).sum, Own(cls=5, layer=7).sum) == (5, 8, 12)


def test_a_frozen_layer_is_refused_in_one_line():
    @dataclasses.dataclass(frozen=True)
    class Scaled(tn.Layer):
        by: float = 2.0

    with pytest.raises(TypeError, match=r"^Scaled: a layer cannot be frozen, it gets parameters and a name$"):
        Scaled()
