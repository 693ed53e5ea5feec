"""What an array is off by is told in a line or two: of gradients of layers, and of answers to exercises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tinynet.testing import check_layer, diagnosis
from tinynet.testing import strategies as some

SHAPES = st.sampled_from([(5,), (3, 4), (4, 4), (2, 4, 3)])
SLIPS = {
    "not finite": lambda a: np.where(a == a.max(), np.nan, a),
    "zero": np.zeros_like,
    "sign": np.negative,
    "constant factor": lambda a: a / 20,
    "constant difference": lambda a: a + 0.5,
    "rounded": lambda a: a.astype(np.float32).astype(float),
    "flipped": lambda a: a[..., ::-1],
    "moved": lambda a: np.roll(a.ravel(), 2).reshape(a.shape),
    "moved by one": lambda a: np.roll(a, 1, 0) if len(a) > 3 else np.roll(a, 1, 1),
    "factor in part": lambda a: np.where(a < np.quantile(a, 0.7), 3 * a, a),
}


def slip_of(got, wanted):
    found = diagnosis.of_array("z", got, wanted)
    return found and found.slip


@given(SHAPES, st.sampled_from(list(SLIPS)), st.sampled_from([1.0, 1e-9, 1e6]), some.seeds())
def test_a_slip_is_recognised_and_told_in_two_lines(shape, slip, size, seed):
    wanted = np.random.default_rng(seed).standard_normal(shape) * (size if "difference" not in slip else 1)
    got = SLIPS[slip](wanted)
    assert slip_of(got, wanted) == slip
    worst, likely = diagnosis.in_words("z", got, wanted)
    assert worst.startswith("z[") and ", should be " in worst and likely.startswith("likely: ")
    assert max(len(worst), len(likely)) < 160


@given(SHAPES, some.seeds(), st.sampled_from([np.float64, np.float32, np.int64, bool]))
def test_where_nothing_is_known_nothing_is_said_and_where_nothing_is_wrong_no_line(shape, seed, dtype):
    one, other = np.random.default_rng(seed).standard_normal((2, *shape))
    assert diagnosis.of_array("z", one, other) is None
    array = (10 * one).astype(dtype)
    assert diagnosis.in_words("z", array, array.copy()) == []


def test_axes_that_are_swapped_and_filters_that_are_turned_round():
    wanted = np.random.default_rng(0).standard_normal((4, 3, 3))
    assert slip_of(wanted.swapaxes(1, 2), wanted) == "transpose"
    turned = diagnosis.of_array("dw", wanted[:, ::-1, ::-1], wanted)
    assert turned.words.startswith("dw is turned by 180 degrees")
    assert slip_of(wanted[0, :2].T, wanted[0, :2]) == "transpose"
    assert slip_of(wanted.ravel(), wanted) == "shape"
    assert diagnosis.in_words("", wanted[0], wanted[:2])[0] == "it has shape (3, 3), should be (2, 3, 3)"


@pytest.mark.parametrize(
    ("got", "wanted", "told"),
    [
        ([2.0], [1.0], None),  # by hand anything is twice something
        ([10.0, 0], [3.0, 0], None),
        ([4.0, 1], [3.0, 0], None),
        (2.0, 1.0, None),
        (-0.25, 0.25, "sign"),
        (-0.0232717, -0.465434, "constant factor"),
        (0.31, 0.7123, None),
        ([np.inf, 1.0], [2.0, 1.0], "not finite"),
        ([np.nan, np.inf, 2, 4, 6], [np.nan, np.inf, 1, 2, 3], "constant factor"),
        ([0.0, 0.5], [np.nan, 1.0], None),
        ([1, 0, 0, 1], [0, 1, 1, 0], None),
    ],
)
def test_numbers_worked_out_by_hand_are_not_overinterpreted(got, wanted, told):
    assert slip_of(np.array(got, float), np.array(wanted, float)) == told


def test_the_entry_that_is_told_is_wrong_and_seen_to_be():
    wanted = np.array([1e6, 1.0])
    assert diagnosis.in_words("losses", np.array([1e6 + 0.1, 1.01]), wanted, 1e-6 * wanted)[0] == (
        "losses[1] is 1.01, should be 1; 1 of 2 entries compared are wrong"
    )
    assert diagnosis.in_words("after two steps", np.array(1 + 1e-8), np.array(1.0)) == [
        "after two steps: it is 1.00000001, should be 1",
        "likely: right to about five digits: is something rounded, or worked out in float32?",
    ]
    assert diagnosis.in_words("", np.array([np.inf, np.nan]), np.array([np.inf, np.nan])) == []
    assert diagnosis.in_words("", np.array(3.0), np.array([3.0, 4.0]))[0].startswith("entry[1] is 3, should be 4;")


# ------------------------------------------------------------------------------------------- layers of a newcomer's own


class SquaredSoftplus(tn.Layer):
    """Its outer factor is forgotten."""

    def forward(self, x):
        return np.logaddexp(0, x) ** 2

    def backward(self, dy, x, y):
        return dy / (1 + np.exp(-x))


class TanhOfACubic(tn.Layer):
    """Its outer factor is forgotten."""

    def forward(self, x):
        return np.tanh(x * x * x + x)

    def backward(self, dy, x, y):
        return dy * (3 * x * x + 1)


class Blocks(tn.Layer):
    """Windows of 2 x 2."""

    def output_shape(self, shape):
        return (shape[0] // 2, shape[1] // 2)

    def windows(self, x):
        *batch, height, width = x.shape
        return x.reshape(*batch, height // 2, 2, width // 2, 2).swapaxes(-3, -2).reshape(*batch, height // 2, -1, 4)


class LeakyPool(Blocks):
    """The largest and a tenth of the mean, whose leak is not divided by 4."""

    def forward(self, x):
        return self.windows(x).max(-1) + 0.1 * self.windows(x).mean(-1)

    def backward(self, dy, x, y):
        wins = np.arange(4) == self.windows(x).argmax(-1)[..., None]
        shares = (wins + 0.1) * dy[..., None]
        shares = shares.reshape(*dy.shape, 2, 2).swapaxes(-3, -2)
        return shares.reshape(*dy.shape[: dy.ndim - 2], *x.shape[-2:])


class BlocksAsVectors(Blocks):
    """Windows side by side, put back in the wrong order."""

    def output_shape(self, shape):
        return (shape[0] // 2, shape[1] // 2, 4)

    def forward(self, x):
        return self.windows(x)

    def backward(self, dy, x, y):
        return dy.reshape(*dy.shape[:-3], *x.shape[-2:]).copy()


class TwoThirds(tn.Layer):
    """A third of the square."""

    def forward(self, x):
        return x * x / 3

    def backward(self, dy, x, y):
        return dy * x


class Length(tn.Layer):
    """The length of a vector, three times, whose slope is not divided by it."""

    def forward(self, x):
        return np.sqrt((x * x).sum(-1, keepdims=True)) * np.ones_like(x)

    def backward(self, dy, x, y):
        return x * dy.sum(-1, keepdims=True)


class AxesOfX(tn.Layer):
    """Gives its answer the axes of x."""

    def forward(self, x):
        return np.tanh(x)

    def backward(self, dy, x, y):
        return (dy * (1 - y * y)).reshape(x.shape)


class BooleanTimesFloat(tn.Layer):
    """A leaky ReLU that makes float64 of a mask."""

    def forward(self, x):
        return x * (0.9 * (x > 0) + 0.1)

    def backward(self, dy, x, y):
        return dy * (0.9 * (x > 0) + 0.1)


@pytest.mark.parametrize(
    ("layer", "input_shape", "law", "words"),
    [
        (SquaredSoftplus(), (5,), "adjoint", "right when multiplied by 2.0 * sqrt(y): is the outer factor"),
        (TanhOfACubic(), (5,), "adjoint", "right when multiplied by (1 - y**2): is the outer factor"),
        (LeakyPool(), (4, 4), "adjoint", "dx is 4.0 times what it should be in 36 of 48 wrong entries"),
        (BlocksAsVectors(), (4, 6), "adjoint", "dx holds the right values at other places"),
        (TwoThirds(), (4,), "adjoint", "1.5 times the true gradient everywhere: a forgotten 2/3?"),
        (Length(), (4,), "adjoint", "times the true gradient for the first two inputs: is a factor forgotten"),
        (AxesOfX(), (4,), "batch axes", "reshape with dy.shape[: dy.ndim - y.ndim] + x.shape"),
        (BooleanTimesFloat(), (4,), "shape and dtype", "(write 0.1 * (x > 0).astype(x.dtype))"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, tn.Layer) else "",
)
def test_a_newcomers_slip_is_named(layer, input_shape, law, words):
    report = check_layer(layer, input_shape)
    assert words in str(report[law].diagnosis), str(report)
