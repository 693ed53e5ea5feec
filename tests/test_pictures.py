"""How pictures are made: adjoint steps, honest penalties, objectives that add, and the same bits for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import image_cases, slope, small_classifier
from tinynet.explain import Objective, Recipe, amplitude_spectrum, class_images, maximised_images, unit_images
from tinynet.explain.synthesis.maximisation import _Climb
from tinynet.explain.synthesis.recipe import Canvas, from_pixels, to_pixels

SIZES = st.tuples(st.integers(1, 7), st.integers(1, 7))


def relu_net(dtype=np.float32, rng=0):
    layers = [tn.Conv2D(4, 3, initializer="he_normal"), tn.ReLU(), tn.MaxPool2D(2), tn.Conv2D(3, 2), tn.ReLU()]
    return tn.Network([*layers, tn.Flatten(), tn.Dense(3), tn.Softmax()], (1, 8, 8), rng=rng, dtype=dtype)


# -------------------------------------------------------------------------------------------------------------- steps


@given(SIZES, st.integers(0, 99))
def test_slopes_go_to_frequencies_by_the_adjoint(size, seed):
    rng = np.random.default_rng(seed)
    half = (size[0], size[1] // 2 + 1)
    coefficients = rng.normal(size=half) + 1j * rng.normal(size=half)
    slope_of_pixels = rng.normal(size=size)
    found = from_pixels(slope_of_pixels)
    wanted = (to_pixels(coefficients, size) * slope_of_pixels).sum()
    assert np.isclose((coefficients.real * found.real + coefficients.imag * found.imag).sum(), wanted, atol=1e-12)


@given(SIZES, st.sampled_from(["spectrum", "blur", "neither"]), st.integers(0, 99))
def test_steps_lead_uphill_and_have_the_size_one(size, way, seed):
    rng = np.random.default_rng(seed)
    net = tn.Network([tn.Flatten(), tn.Dense(1)], (2, *size), dtype=float)
    spectrum = rng.random((2, size[0], size[1] // 2 + 1)) + 0.1 if way == "spectrum" else None
    canvas = Canvas(Recipe(spectrum=spectrum, blur=0.7 if way == "blur" else 0.0), net)
    uphill = rng.normal(size=(3, 2, *size))
    step = canvas.step(np.zeros_like(uphill), uphill)
    assert ((step * uphill).sum(axis=(1, 2, 3)) > 0).all()
    np.testing.assert_allclose((step**2).mean(axis=(1, 2, 3)), 1)


@given(SIZES, st.floats(0, 1), st.floats(0, 1), st.integers(0, 99))
def test_penalties_have_the_slopes_that_they_say(size, penalty, variation, seed):
    rng = np.random.default_rng(seed)
    net = tn.Network([tn.Flatten(), tn.Dense(1)], (1, *size), dtype=float)
    canvas = Canvas(Recipe(start=0.3, penalty=penalty, variation=variation), net)
    picture, direction = rng.permutation(size[0] * size[1]).reshape(1, *size) * 1.0, rng.normal(size=(1, *size))
    wanted = slope(lambda x: canvas.cost(x[None])[0], picture, direction)
    assert np.isclose((canvas.cost_slope(picture[None])[0] * direction).sum(), wanted, rtol=1e-5, atol=1e-6)
    differences = np.abs(np.diff(picture, axis=1)).sum() + np.abs(np.diff(picture, axis=2)).sum()
    assert np.isclose(canvas.cost(picture[None])[0], penalty * ((picture - 0.3) ** 2).sum() + variation * differences)


def test_the_likeness_of_pictures_has_the_slope_that_it_says():
    net = relu_net(float)
    climb = _Climb(net, Objective.units(net, "conv1", [0, 0, 0, 1]), Canvas(Recipe(), net), 4)
    assert climb.same.sum() == 6
    rng = np.random.default_rng(0)
    pictures, direction = rng.normal(size=(4, 1, 8, 8)), rng.normal(size=(1, 8, 8))

    def likeness(first):
        rows = np.stack([first, *pictures[1:3]]).reshape(3, -1)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows[0] @ rows[1:].T).mean()

    assert np.isclose((climb.likeness_slope(pictures)[0] * direction).sum(), slope(likeness, pictures[0], direction))
    assert not climb.likeness_slope(pictures)[3].any()


def test_the_spectrum_is_the_mean_of_sizes():
    images = np.random.default_rng(0).random((3, 2, 4, 5))
    wanted = np.mean([np.abs(np.fft.rfft2(image, norm="ortho")) for image in images], axis=0)
    np.testing.assert_allclose(amplitude_spectrum(images), wanted)
    own = Recipe.of(images, steps=7)
    assert own.steps == 7 and own.limits == (images.min(), images.max())
    np.testing.assert_allclose(own.start, images.mean(axis=0))
    np.testing.assert_allclose(own.spectrum, amplitude_spectrum(images - images.mean(axis=0)))


# ---------------------------------------------------------------------------------------------------------- objectives


@settings(max_examples=10)
@given(image_cases(), st.data())
def test_objectives_add_subtract_and_are_weighted(case, data):
    net = case.net
    one, other = (data.draw(st.sampled_from(net.names[1:])) for _ in range(2))
    mixed = Objective.units(net, one, [0]) - 0.5 * Objective.squares(net, other)
    trace = net.trace(case.x[:1])
    unit, whole = trace[one][0, 0].sum(), 0.5 * (trace[other] ** 2).sum()
    assert np.isclose(mixed.value(trace)[0], unit - 0.5 * whole)
    direction = case.rng.normal(size=net.input_shape)
    wanted = slope(lambda x: mixed.value(net.trace(x[None]))[0], case.x[0], direction)
    assert np.isclose((mixed.slope(net, trace)[0] * direction).sum(), wanted, rtol=1e-5, atol=1e-7)


def test_one_objective_less_another_keeps_the_other_down():
    net = relu_net(float)
    alone = class_images(net, [0], steps=20, penalty=0.01).images
    apart = maximised_images(net, Objective.classes(net, [0]) - Objective.classes(net, [1]), steps=20, penalty=0.01)
    first, second = (net.trace(images)[net.logits][0] for images in (alone, apart.images))
    assert second[0] - second[1] > first[0] - first[1]


def test_places_channels_and_sets_are_objectives():
    net = relu_net(float)
    trace = net.trace(np.random.default_rng(1).random((1, 1, 8, 8)))
    for units, wanted in (
        ([(2, 1, 3)], trace["conv1"][0, 2, 1, 3]),
        ([2], trace["conv1"][0, 2].sum()),
        ([[0, (2, 1, 3)]], trace["conv1"][0, 0].sum() + trace["conv1"][0, 2, 1, 3]),
    ):
        assert np.isclose(Objective.units(net, "conv1", units).value(trace)[0], wanted)


# ----------------------------------------------------------------------------------------------------------------- ways


WAYS = {
    "jitter": {"jitter": 1},
    "noise": {"noise": 0.2},
    "spectrum": {"spectrum": np.ones((1, 8, 5)), "noise": 0.1, "blur": 0.5, "variation": 0.01},
    "diversity": {"diversity": 0.5, "noise": 0.1, "jitter": 1},
}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_seed_gives_the_same_bits_within_the_limits(way):
    net = relu_net()
    one, again, other = (
        unit_images(net, "conv2", [0, 0, 1], steps=6, limits=(0, 0.8), rng=seed, **WAYS[way]) for seed in (3, 3, 4)
    )
    assert one.images.tobytes() == again.images.tobytes() and one.images.dtype == np.float32
    assert not np.array_equal(one.images, other.images)
    assert one.images.min() >= 0 and one.images.max() <= np.float32(0.8)
    for image, unit, last in zip(one.images, (0, 0, 1), one.objective[-1], strict=True):
        cost = 1e-3 * (image**2).sum() + WAYS[way].get("variation", 0) * sum(
            np.abs(np.diff(image, axis=axis)).sum() for axis in (1, 2)
        )
        assert np.isclose(net.trace(image)["conv2"][unit].sum() - cost, last, rtol=1e-4)


def test_pictures_of_one_unit_differ_if_asked_to():
    net = relu_net()

    def likeness(diversity):
        found = unit_images(net, "conv2", [1] * 4, steps=30, noise=0.02, jitter=1, diversity=diversity, penalty=0)
        rows = found.images.reshape(4, -1)
        return np.corrcoef(rows)[np.triu_indices(4, 1)].mean()

    assert likeness(30.0) < likeness(0.0) - 0.2


def test_a_silent_unit_begins_elsewhere():
    net = relu_net()
    net["conv1"].params["b"][...] = -0.3  # black is nothing to it
    assert not net.trace(np.zeros((1, 8, 8)))["relu1"].any()
    found = unit_images(net, "relu1", range(4), steps=10)
    assert (found.objective[-1] > 0).all() and (found.objective[-1] > found.objective[0]).all()
    net["conv1"].params["W"][...] = 0  # nothing helps
    assert not unit_images(net, "relu1", [0], steps=3).images.any()


def test_frames_are_kept_for_an_animation():
    net = relu_net()
    found = unit_images(net, "conv1", [0, 1], steps=10, frames=4)
    assert found.frames.shape == (4, 2, 1, 8, 8) and not found.frames[0].any()
    np.testing.assert_array_equal(found.frames[-1], found.images)
    assert unit_images(net, "conv1", [0], steps=2).frames.shape == (0, 1, 1, 8, 8)
    np.testing.assert_array_equal(np.asarray(found), found.images)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jiter": 1}, r"setting is 'jiter', expected .* did you mean jitter"),
        ({"jitter": -1}, "jitter is -1, expected a whole number from 0 to 1000000"),
        ({"steps": 1.5}, "steps is 1.5, expected"),
        ({"rate": 0}, "rate is 0, expected a finite number above 0"),
        ({"limits": (1, 0)}, r"limits is \(1, 0\), expected the darkest and the brightest"),
        (
            {"spectrum": np.ones((2, 2))},
            r"spectrum is an array .* expected amplitudes of at least 0, of shape \(1, 8, 5\)",
        ),
        ({"rng": None}, "rng is None"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        class_images(relu_net(), **changes)


def test_other_mistakes_are_told():
    net = tn.Network([tn.Dense(3), tn.Softmax()], (4,))
    with pytest.raises(ValueError, match=r"jitter is for images of shape \(C, H, W\), the network's inputs are \(4,\)"):
        class_images(net, jitter=1)
    with pytest.raises(ValueError, match=r"objective is 3, expected an? Objective"):
        maximised_images(net, 3)
    with pytest.raises(ValueError, match="no unit 9: there are 4"):
        unit_images(relu_net(), "conv1", 9)
    with pytest.raises(tn.UnknownLayerError):
        Objective.squares(net, "conv1")
    with pytest.raises(ValueError, match=r"images is an array .* expected at least one image"):
        Recipe.of(np.zeros((0, 1, 2, 2)))
    assert small_classifier() is not None
