"""The checker is checked: wrong layers fail by the law that they break, right ones pass, and its words are right."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

import tinynet as tn
from tests.mutants import MUTANTS, Mutant
from tests.right_layers import RIGHT, Case
from tests.slips import SLIPS, VICTIMS, Slip, find
from tests.wrong_layers import WRONG
from tinynet.testing import Status, assert_layer, check_layer, check_network, laws_of, load_layer
from tinynet.testing import strategies as some
from tinynet.testing.compare import changed, fingerprint, same_bits, worst_entry
from tinynet.testing.laws import LAWS
from tinynet.testing.numeric import directional, slope


class Softplus(tn.Layer):
    def forward(self, x):
        return np.logaddexp(0, x)

    def backward(self, dy, x, y):
        return dy * expit(x)


class Leaky(tn.Layer):
    def __init__(self, slope):
        self.slope = slope

    def forward(self, x):
        return np.where(x > 0, x, self.slope * x).astype(x.dtype)

    def backward(self, dy, x, y):
        return dy * np.where(x > 0, 1, self.slope).astype(x.dtype)


class Scaled(tn.Tanh):
    def __init__(self, factor):
        self.factor = factor

    def backward(self, dy, x, y):
        return (self.factor * super().backward(dy, x, y)).astype(dy.dtype)


def failing(report) -> set[str]:
    return {result.law for result in report.failures}


# ---------------------------------------------------------------------------------- wrong layers fail, right ones pass


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
@pytest.mark.parametrize("rng", [0, 1])
def test_every_mutant_fails_by_its_laws_and_no_others(mutant: Mutant, rng: int) -> None:
    report = check_layer(mutant.make(), mutant.input_shape, rng)
    assert failing(report) == mutant.laws, str(report)
    assert not report.ok
    assert mutant.slip in {result.diagnosis.slip if result.diagnosis else "" for result in report.failures}, str(report)


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_every_right_layer_is_accepted(case: Case) -> None:
    report = check_layer(case.layer, case.input_shape)
    assert report.ok, str(report)
    assert report["adjoint"].status is Status.HOLDS


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
def test_every_wrong_layer_is_caught(case: Case) -> None:
    assert not check_layer(case.layer, case.input_shape).ok


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_right_and_wrong_layers_are_told_apart_whatever_the_seed(seed: int) -> None:
    assert [case.name for case in RIGHT if not check_layer(case.layer, case.input_shape, seed).ok] == []
    assert [case.name for case in WRONG if check_layer(case.layer, case.input_shape, seed).ok] == []


def test_every_law_has_a_mutant_that_breaks_it() -> None:
    assert set().union(*(mutant.laws for mutant in MUTANTS)) == set(LAWS)


@pytest.mark.parametrize("made", SLIPS, ids=lambda made: made.name)
def test_every_slip_is_caught_and_diagnosed_in_every_layer(made: Slip) -> None:
    for victim in made.victims:
        finding = find(made, victim)
        assert finding.caught, f"{victim}\n{finding.report}"
        assert finding.diagnosed, f"{victim}\n{finding.report}"


@pytest.mark.parametrize("victim", VICTIMS)
def test_without_a_slip_nothing_is_found(victim: str) -> None:
    kind, arguments, input_shape = VICTIMS[victim]
    report = check_layer(kind(*arguments), input_shape)
    assert report.ok, str(report)


@pytest.mark.parametrize(
    ("layer", "input_shape"), [(Softplus(), (3, 8, 8)), (Leaky(0.1), (6,)), (Leaky(0.0), (2, 3)), (Leaky(-1.0), (4,))]
)
def test_a_students_five_lines_pass(layer: tn.Layer, input_shape: tuple[int, ...]) -> None:
    report = check_layer(layer, input_shape)
    assert report.ok, str(report)
    assert report["parameters"].status is Status.NOT_APPLICABLE
    assert report["target"].status is Status.NOT_APPLICABLE


@given(st.floats(-4, 4).filter(lambda factor: abs(factor - 1) > 0.01), some.seeds())
def test_any_factor_is_found_and_named(factor: float, seed: int) -> None:
    result = check_layer(Scaled(factor), (4,), seed)["adjoint"]
    assert result.status is Status.BROKEN
    expected = "zero" if abs(factor) < 1e-9 else "sign" if abs(factor + 1) < 1e-4 else "constant factor"
    near_batch = any(abs(factor - other) < 1e-3 for other in (1 / 3, 3))
    assert result.diagnosis.slip == expected or near_batch or abs(factor) < 1e-4


def test_one_wrong_entry_among_thousands_is_found() -> None:
    class OneWrong(tn.Tanh):
        def backward(self, dy, x, y):
            dx = super().backward(dy, x, y)
            dx[..., 0, 17, 3] *= x.dtype.type(1.01)
            return dx

    assert failing(check_layer(OneWrong(), (3, 20, 20))) == {"adjoint"}


def test_a_layer_for_positive_numbers_is_given_positive_numbers() -> None:
    class Log(tn.Layer):
        def forward(self, x):
            return np.log(x)

        def backward(self, dy, x, y):
            return dy / x

    report = check_layer(Log(), (4,))
    assert report.ok, str(report)


def test_squeezing_the_batch_away_is_found() -> None:
    class Squeezed(tn.Layer):
        def forward(self, x):
            return np.squeeze(np.sin(x)).copy()

        def backward(self, dy, x, y):
            return (dy.reshape(dy.shape[: dy.ndim - y.ndim] + x.shape) * np.cos(x)).copy()

    report = check_layer(Squeezed(), (4,))
    assert "the batch axis in front is lost" in str(report["batch axes"])


def test_arrays_that_fit_nothing_are_a_finding_not_a_traceback() -> None:
    class Odd(tn.Layer):
        def forward(self, x):
            return x[:, : len(x)].copy()

        def backward(self, dy, x, y):
            return np.ones(7)

    report = check_layer(Odd(), (5,))
    assert not report.ok


# ---------------------------------------------------------------------------- the layer that is checked stays as it is


@given(some.layers(), some.seeds())
def test_checking_leaves_the_layer_alone(case: some.LayerCase, seed: int) -> None:
    before = fingerprint(vars(case.layer))
    check_layer(case.layer, case.input_shape, seed)
    assert not changed(before, fingerprint(vars(case.layer)))


def test_an_unbuilt_layer_stays_unbuilt_and_a_built_one_is_checked_with_its_own_weights() -> None:
    layer = tn.Dense(3)
    assert check_layer(layer, (4,)).ok
    assert layer.params == {}
    layer.build((4,), np.random.default_rng(0))
    layer.params["W"][:] = np.nan
    assert "NaN" in check_layer(layer, (4,)).failures[0].detail


@given(some.layers(), some.seeds())
def test_the_same_seed_gives_the_same_report(case: some.LayerCase, seed: int) -> None:
    assert str(check_layer(*case, rng=seed)) == str(check_layer(*case, rng=np.random.default_rng(seed)))


# -------------------------------------------------------------------------------------------------------- what is said


def test_the_words_of_a_factor() -> None:
    report = check_layer(Scaled(2.0), (4,))
    assert str(report.failures[0].diagnosis) == "2.0 times the true gradient everywhere: a forgotten 1/2?"
    text = str(report)
    assert "FAIL  adjoint" in text
    assert "worst: dx[" in text
    assert "shapes: x (3, 4), dy (3, 4), dx (3, 4)" in text
    assert "1 is broken" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ReLU6, slope 1 above 6", "wrong only for x above about 6:"),
        ("clip at 10.0, slope 1 throughout", "wrong only for x below about -10 and above about 10:"),
        ("hard sigmoid, slope within 1 for 2.5", "wrong only for x from about -2.5 to about -1 and from about 1 to"),
        ("hard sigmoid, slope from -2.9 for -3 on", "wrong only for x from about -3 to about -2.9:"),
        ("tanh, 1 - x^2", ""),
    ],
)
def test_a_slope_that_is_wrong_in_some_places_is_said_where(name: str, words: str) -> None:
    (case,) = (case for case in WRONG if case.name == name)
    assert str(check_layer(case.layer, case.input_shape)["adjoint"].diagnosis or "").startswith(words)


def test_the_worst_entry_is_what_it_says() -> None:
    worst = check_layer(Scaled(2.0), (4,))["adjoint"].worst
    assert worst.got == pytest.approx(2 * worst.wanted, rel=1e-5)
    assert worst.wrong == worst.compared == 12
    assert len(worst.index) == 2


def test_a_target_uphill_is_called_so() -> None:
    class Uphill(tn.Tanh):
        def target(self, t, x, y, rule):
            return x + self.backward(y - t, x, y)

    result = check_layer(Uphill(), (4,))["target"]
    assert result.detail == "the target moves along the gradient, so the error grows"


def test_laws_that_do_not_apply_count_neither_way() -> None:
    report = check_layer(tn.Step(), (4,))
    assert report.ok
    assert report["adjoint"].status is Status.NOT_APPLICABLE
    assert "slope 0 everywhere" in report["adjoint"].detail
    assert "4 laws hold, 0 are broken, 6 do not apply." in str(report)


def test_a_layer_with_a_slope_may_not_decline_to_give_it() -> None:
    class Todo(tn.Tanh):
        def backward(self, dy, x, y):
            raise NotImplementedError("Exercise 2.1: the slope of tanh")

    report = check_layer(Todo(), (4,))
    assert failing(report) == {"runs"}
    assert "Exercise 2.1: the slope of tanh" in str(report)


def test_what_cannot_be_checked_says_what_it_waits_for() -> None:
    class Raising(tn.Layer):
        def forward(self, x):
            raise RuntimeError("no such thing")

    report = check_layer(Raising(), (4,))
    assert failing(report) == {"runs"}
    assert report["adjoint"].status is Status.NOT_CHECKED
    text = str(report)
    assert "forward raised RuntimeError: no such thing" in text
    assert "Traceback" not in text


def test_a_layer_that_does_not_fit_its_input_says_so_in_its_own_words() -> None:
    report = check_layer(tn.Conv2D(2, 5), (1, 3, 3))
    assert "build raised ValueError: input is 3x3, too small for a window of 5x5" in str(report)


def test_lines_are_short_enough_for_a_terminal() -> None:
    for mutant in MUTANTS:
        report = check_layer(mutant.make(), mutant.input_shape)
        assert all(len(line) <= 100 for line in str(report).splitlines()[1:])


def test_an_unknown_law_is_told_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="adjoint"):
        check_layer(tn.Tanh(), (4,))["adjunct"]


@pytest.mark.parametrize(
    ("layer", "input_shape", "words"),
    [
        (tn.Tanh, (4,), r"class Tanh, expected a layer made of it"),
        (np.tanh, (4,), r"expected a layer"),
        (tn.Network([tn.Tanh()], (4,)), (4,), r"^got a Network, expected a layer: check_network\(net\) checks each"),
        (None, (4,), r"got None"),
        (tn.Tanh(), 4, r"input_shape is 4"),
        (tn.Tanh(), (0,), r"input_shape is \(0,\)"),
        (tn.Tanh(), (2.5,), r"input_shape is \(2.5,\)"),
        (tn.Tanh(), (), r"at least one axis"),
    ],
)
def test_what_is_no_layer_or_no_shape_is_refused(layer: object, input_shape: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_layer(layer, input_shape)


def test_assert_layer_raises_with_the_report() -> None:
    assert_layer(tn.Tanh(), (4,))
    with pytest.raises(AssertionError, match="a forgotten 1/2"):
        assert_layer(Scaled(2.0), (4,))


# ------------------------------------------------------------------------------------------------------- within pytest


@pytest.mark.parametrize("law", laws_of(tn.MaxPool2D(2, 1), (1, 3, 3), rng=1)[:3])
def test_laws_of_makes_a_test_of_each_law(law) -> None:
    law()


def test_laws_of_names_each_law_and_fails_by_the_broken_ones() -> None:
    parameters = laws_of(Scaled(2.0), (4,))
    assert [parameter.id for parameter in parameters] == [name.replace(" ", "-") for name in LAWS]
    outcomes = {}
    for parameter in parameters:
        (law,) = parameter.values
        try:
            law()
            outcomes[parameter.id] = "holds"
        except AssertionError as error:
            assert "a forgotten 1/2?" in str(error)
            outcomes[parameter.id] = "broken"
        except pytest.skip.Exception:
            outcomes[parameter.id] = "does not apply"
    assert outcomes["adjoint"] == "broken"
    assert outcomes["parameters"] == outcomes["kinks"] == "does not apply"
    assert list(outcomes.values()).count("broken") == 1


# ------------------------------------------------------------------------------------------------------------ networks


@given(some.networks(np.float32), some.seeds())
def test_networks_of_right_layers_pass(net: tn.Network, seed: int) -> None:
    before = {name: array.copy() for name, array in net.parameters().items()}
    report = check_network(net, seed)
    assert report.ok, str(report)
    assert net.dtype == np.float32
    assert all(same_bits(array, before[name]) for name, array in net.parameters().items())


def test_a_wrong_layer_in_a_network_is_named() -> None:
    net = tn.Network([tn.Dense(5), tn.Tanh(), tn.Dense(4), Scaled(2.0), tn.Dense(3), tn.Softmax()], (4,))
    report = check_network(net)
    wrong = {(result.where, result.law) for result in report.failures}
    assert ("scaled1", "adjoint") in wrong
    assert ("network", "adjoint end to end") in wrong
    assert {("dense1", "parameters end to end"), ("dense2", "parameters end to end")} <= wrong
    assert "dense3" not in {where for where, _ in wrong}
    assert "FAIL  scaled1: broken: adjoint" in str(report)
    assert report["scaled1: adjoint"].diagnosis.slip == "constant factor"


def test_right_layers_put_together_wrongly_are_found() -> None:
    class Forgetful(tn.Network):
        def backward(self, trace, seed, at=None, down_to="input"):
            deltas = super().backward(trace, seed, at, down_to)
            return tn.Deltas({**deltas, "input": np.zeros_like(deltas["input"])}, deltas.at, trace)

    report = check_network(Forgetful([tn.Dense(3), tn.Tanh()], (4,)))
    assert {(result.where, result.law) for result in report.failures} == {("network", "adjoint end to end")}


def test_a_network_of_perceptrons_has_no_derivative_and_says_so() -> None:
    report = check_network(tn.Network([tn.Dense(5), tn.Step(), tn.Dense(1), tn.Step()], (2,)))
    assert report.ok, str(report)
    assert report["network: adjoint end to end"].status is Status.NOT_APPLICABLE


def test_zeros_behind_a_relu_do_not_stop_a_pool_from_being_checked() -> None:
    net = tn.Network([tn.Conv2D(2, 3), tn.ReLU(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(2)], (1, 8, 8))
    report = check_network(net)
    assert report["pool1: adjoint"].status is Status.HOLDS
    assert report.ok, str(report)


def test_only_a_network_is_a_network() -> None:
    with pytest.raises(ValueError, match="takes a Network, got a Tanh"):
        check_network(tn.Tanh())


# ----------------------------------------------------------------------------------------------------- layers in files

FILE = """
import numpy as np
import tinynet as tn
from neighbour import slope

class Softplus(tn.Layer):
    def forward(self, x):
        return np.logaddexp(0, x)
    def backward(self, dy, x, y):
        return dy * slope(x)

class Leaky(tn.Layer):
    def __init__(self, slope, *, sign=1):
        if slope > 1:
            raise ValueError("too steep")
        self.slope = slope

function = np.tanh
"""

LEAVING = """
import sys, tinynet as tn

class Forward(tn.Layer):
    def forward(self, x):
        sys.exit()
    def backward(self, dy, x, y):
        return dy

class Made(Forward):
    def __init__(self):
        sys.exit()

class Object:
    def forward(self, x):
        sys.exit()
    def backward(self, dout):
        return dout
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "my_layers.py").write_text(FILE)
    (tmp_path / "neighbour.py").write_text("from scipy.special import expit as slope\n")
    (tmp_path / "broken.py").write_text("x = 1\nimport no_such_module\n")
    (tmp_path / "unfinished.py").write_text("def f(:\n")
    (tmp_path / "leaving.py").write_text("import sys\nsys.exit('bye')\n")
    (tmp_path / "leaving_later.py").write_text(LEAVING)
    (tmp_path / "empty.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return tmp_path


def test_a_layer_is_made_from_a_file(folder) -> None:
    path = list(sys.path)
    assert check_layer(load_layer("my_layers.py:Softplus"), (3,)).ok
    assert load_layer(f"{folder}/my_layers.py:Leaky(0.5)").slope == 0.5
    assert load_layer("my_layers.py:Leaky(slope=-0.5, sign=(1, 2))").slope == -0.5
    assert sys.path == path


@pytest.mark.parametrize(
    ("spec", "error", "words"),
    [
        ("nowhere.py:Softplus", FileNotFoundError, r"nowhere.py: no such file"),
        ("my_layers:Softplus", ValueError, r"expected FILE.py:CLASS"),
        ("my_layers.py", ValueError, r"expected FILE.py:CLASS"),
        ("my_layers.py:", ValueError, r"expected FILE.py:CLASS"),
        ("my_layers.py:SoftPlus", ValueError, r"no class 'SoftPlus'; did you mean Softplus\?"),
        ("empty.py:Softplus", ValueError, r"it defines no layer"),
        ("my_layers.py:function", ValueError, r"function is not a layer"),
        ("my_layers.py:Leaky", ValueError, r"missing a required argument: 'slope'; it takes Leaky\(slope"),
        ("my_layers.py:Leaky(1, 2)", ValueError, r"too many positional arguments"),
        ("my_layers.py:Leaky(2)", ValueError, r"Leaky\(2\) raised ValueError: too steep"),
        ("my_layers.py:Leaky(print(1))", ValueError, r"plain values as arguments"),
        ("my_layers.py:Leaky(**{})", ValueError, r"plain values as arguments"),
        ("my_layers.py:Leaky(", ValueError, r"plain values as arguments"),
        ("my_layers.py:a.b(1)", ValueError, r"plain values as arguments"),
        (
            "broken.py:X",
            ValueError,
            r"does not import: ModuleNotFoundError: No module named 'no_such_module' \(line 2\)",
        ),
        ("unfinished.py:X", ValueError, r"does not import: SyntaxError.*line 1"),
        ("leaving.py:X", ValueError, r"does not import: SystemExit: bye"),
        ("leaving_later.py:Made", ValueError, r"leaving_later.py: Made raised SystemExit"),
    ],
)
def test_a_file_without_such_a_layer_gives_one_clear_line(folder, spec: str, error: type, words: str) -> None:
    with pytest.raises(error, match=words) as raised:
        load_layer(spec)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["Forward", "Object"])
def test_a_layer_that_ends_the_program_is_broken(folder, name: str) -> None:
    report = check_layer(load_layer(f"leaving_later.py:{name}"), (3,))
    assert [(result.law, result.detail) for result in report.failures] == [("runs", "forward raised SystemExit: ")]


def test_inputs_that_no_memory_holds_are_no_fault_of_the_layer() -> None:
    with pytest.raises(MemoryError):
        check_layer(tn.Tanh(), (2**45,))


# ------------------------------------------------------------------------------------------------- numbers and objects


@given(st.sampled_from([0, 1, -1]), st.floats(-6, -2), st.floats(0.01, 100), st.floats(-5, 5))
def test_a_kink_is_seen_and_beside_it_the_slope_is_right(side: int, power: float, bend: float, tilt: float) -> None:
    place = side * 10**power
    found = slope(lambda step: np.array([bend * max(step - place, 0) + tilt * step]))
    assert found.kinked == (side == 0)
    if side:
        np.testing.assert_allclose(found.values, [tilt + bend * (side < 0)], atol=1e-6 * (abs(tilt) + bend))


@given(st.floats(-3, 6), st.floats(-3, 3), st.sampled_from([np.tanh, np.sin, np.arctan]))
def test_a_smooth_function_however_steep_has_no_kink(power: float, place: float, function) -> None:
    steep = 10**power
    found = slope(lambda step: function(steep * np.array([step]) + place))
    analytic = {"tanh": 1 - np.tanh(place) ** 2, "sin": np.cos(place), "arctan": 1 / (1 + place**2)}
    assert not found.kinked
    off = np.abs(found.values - steep * analytic[function.__name__])
    assert off <= found.error + 1e-9 * steep


@given(st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_smooth_functions_have_their_slope_and_no_kink(coefficients: list[float]) -> None:
    found = slope(lambda step: np.array([np.polyval(coefficients, step), np.sin(1 + step), np.exp(step)]))
    assert not found.kinked
    np.testing.assert_allclose(found.values, [coefficients[-2], np.cos(1), 1], atol=1e-8)


def test_jumps_and_infinities_count_as_kinks() -> None:
    assert slope(lambda step: np.array([float(step > 0)])).kinked
    assert slope(lambda step: np.array([np.log(max(step, 0))]) if step > 0 else np.array([-np.inf])).kinked


@given(some.inputs((3,)), some.seeds())
def test_directional_derivatives_of_a_matrix_product(x: np.ndarray, seed: int) -> None:
    W = np.random.default_rng(seed).standard_normal((3, 2))
    v = np.random.default_rng(seed + 1).standard_normal(x.shape)
    np.testing.assert_allclose(directional(lambda point: point @ W, x, v).values, v @ W, atol=1e-8)


@given(st.integers(0, 11), st.floats(0.1, 5))
def test_the_worst_entry_is_found(place: int, off: float) -> None:
    wanted = np.linspace(-1, 1, 12).reshape(3, 4)
    got = wanted.copy()
    assert worst_entry("a", got, wanted) is None
    got.flat[place] += off
    worst = worst_entry("a", got, wanted)
    assert worst.index == (place // 4, place % 4)
    assert worst.wrong == 1
    got.flat[place] = np.nan
    assert worst_entry("a", got, wanted).index == (place // 4, place % 4)


def test_a_fingerprint_sees_every_write() -> None:
    class Box:
        pass

    box = Box()
    box.arrays = {"a": [np.zeros(3), (np.ones(2),)]}
    box.rng, box.number, box.names, box.itself, box.function = np.random.default_rng(0), 1.5, {"x"}, box, len
    before = fingerprint(vars(box))
    assert not changed(before, fingerprint(vars(box)))
    box.arrays["a"][1][0][1] = np.nan
    assert changed(before, fingerprint(vars(box))) == ["arrays"]
    box.rng.random()
    box.new = None
    del box.number
    box.names.add("y")
    assert changed(before, fingerprint(vars(box))) == ["arrays", "names", "new", "number", "rng"]


# ---------------------------------------------------------------------------------------------------------- strategies


@given(some.layers(), st.data())
def test_drawn_layers_fit_their_inputs(case: some.LayerCase, data) -> None:
    x = data.draw(some.inputs(case.input_shape))
    y = case.layer.forward(x)
    assert y.shape == (*x.shape[: x.ndim - len(case.input_shape)], *case.layer.output_shape(case.input_shape))
    assert all(array.dtype == np.float64 for array in case.layer.params.values())


@given(some.image_shapes().flatmap(some.inputs_away_from_kinks))
def test_inputs_away_from_kinks_differ_from_each_other_and_from_zero(x: np.ndarray) -> None:
    values = np.sort(np.append(x.ravel(), 0))
    assert np.diff(values).min(initial=np.inf) >= 0.999 * some.SPREAD / max(x.size, 1)


@given(some.inputs_with_ties((3, 3), batch=st.just((2,)), dtype=np.float32))
def test_inputs_with_ties_have_ties(x: np.ndarray) -> None:
    assert x.dtype == np.float32
    assert len(np.unique(x)) < x.size


def test_a_kind_without_strategy_is_named() -> None:
    with pytest.raises(ValueError, match="no strategy for Softplus; there are Dense"):
        some.layers([Softplus])


def test_hypothesis_and_pytest_are_imported_only_where_they_are_used() -> None:
    code = (
        "import sys, tinynet.testing as t; t.check_layer; "
        "assert not {'hypothesis', 'pytest', 'matplotlib'} & set(sys.modules); "
        "t.strategies.layers; assert 'hypothesis' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
