"""The commands that draw what a network sees, and their figures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import tinynet as tn
from tinynet import datasets, plots
from tinynet.cli import main
from tinynet.report.seeing import Seen


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A network of digits, and one with tanh, untrained; and an image."""
    folder = tmp_path_factory.mktemp("seeing")
    ends = {
        "relu": [tn.Dense(10), tn.Softmax()],
        "tanh": [tn.Dense(10), tn.Softmax()],
        "one": [tn.Dense(1), tn.Sigmoid()],
    }
    for name, end in ends.items():
        kind = tn.Tanh() if name == "tanh" else tn.ReLU()
        layers = [tn.Conv2D(3, 5), kind, tn.MaxPool2D(2), tn.Flatten(), *end]
        tn.Network(layers, (1, 28, 28)).save(folder / f"{name}.npz")
    diverged = tn.Network.load(folder / "relu.npz")
    diverged["conv1"].params["W"][0, 0, 1, 1] = np.nan
    diverged.save(folder / "nan.npz")
    pixels = (255 * datasets.load("digits:1").x[0, 0]).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "three.png")
    colour = [tn.Conv2D(12, 3), tn.ReLU(), tn.Flatten(), tn.Dense(2), tn.Softmax()]
    tn.Network(colour, (3, 8, 8)).save(folder / "colour.npz")
    rng = np.random.default_rng(0)
    for name, size in (("a", (9, 12)), ("b", (14, 8))):
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(3):
            Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(folder / "photos" / name / f"{number}.png")
    return folder


PHOTOS = ["--data", "folder:photos", "--size", "8", "--colour"]
COMMANDS = {
    "picture": ["picture", "relu.npz", "--data", "digits:30", "--steps", "3"],
    "of a layer": ["picture", "tanh.npz", "--data", "digits:30", "--steps", "3", "--layer", "conv1", "--units", "2,0"],
    "project": ["project", "relu.npz", "--data", "digits:30", "--layer", "relu1"],
    "behind tanh": ["project", "tanh.npz", "--data", "digits:30", "--layer", "tanh1"],
    "of one output": ["picture", "one.npz", "--data", "letters:5", "--steps", "3"],
    "in colour": ["picture", "colour.npz", *PHOTOS, "--steps", "2", "--layer", "conv1"],
    "of colours": ["project", "colour.npz", *PHOTOS, "--layer", "relu1"],
    "dream": ["dream", "relu.npz", "--image", "three.png", "--layer", "relu1", "--steps", "2", "--size", "40"],
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("ending", ["png", "gif"])
def test_commands_draw(name, ending, saved, tmp_path, capsys, monkeypatch):
    if ending == "gif" and "project" in COMMANDS[name]:
        return
    monkeypatch.chdir(saved)
    out = tmp_path / f"drawn.{ending}"
    assert main([*COMMANDS[name], "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    with Image.open(out) as picture:
        assert (getattr(picture, "n_frames", 1) > 1) == (ending == "gif")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["picture", "relu.npz", "--data", "faces"], "takes inputs of shape (1, 28, 28), the images are (1, 60, 60)"),
        (["picture", "relu.npz", "--data", "digits:30", "--layer", "conv9"], "conv9"),
        (["project", "relu.npz", "--data", "digits:30", "--layer", "conv1", "--units", "7"], "no unit 7: there are 3"),
        (["picture", "nan.npz", "--data", "digits:30"], "conv1/W is nan at 0, 0, 1, 1, expected a finite number"),
        (["project", "nan.npz", "--data", "digits:30", "--layer", "relu1"], "conv1/W is nan"),
        (["inspect", "nan.npz", "--data", "digits:30"], "conv1/W is nan"),
        (["dream", "nan.npz", "--image", "three.png", "--layer", "relu1"], "conv1/W is nan"),
        (["dream", "relu.npz", "--image", "none.png", "--layer", "relu1"], "none.png"),
        (["dream", "relu.npz", "--image", "three.png", "--layer", "dense1", "--size", "50"], "dense1: has weights for"),
    ],
)
def test_mistakes_are_one_line(words, message, saved, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(saved)
    assert main([*words, "--out", str(tmp_path / "x.png")]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error and len(error.splitlines()) == 1
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize(("out", "message"), [("x.doc", "'x.doc' is no picture, expected an ending such as .png"),
                                              (".", "'.' is a folder")])  # fmt: skip
def test_a_file_that_cannot_be_drawn_to_is_refused_before_the_work(out, message, saved, capsys, monkeypatch):
    monkeypatch.chdir(saved)
    with pytest.raises(SystemExit):
        main([*COMMANDS["dream"], "--out", out])
    assert message in capsys.readouterr().err


def test_rows_show_images_maps_and_several_pictures_of_a_unit():
    rng = np.random.default_rng(0)
    rows = {"signed\nbelow": rng.normal(size=(3, 1, 4, 5)), "images": rng.random((3, 9, 3, 4, 4))}
    figure = plots.picture_rows(rows, ["a", "b", "c"], "t", ["signed\nbelow"], {"images": ["1", "2", "3"]})
    drawn = [axes.images[0] for axes in figure.axes if axes.images]
    assert len(drawn) == 6
    low, high = drawn[0].get_clim()
    assert low == -high == -np.abs(rows["signed\nbelow"][0]).max()
    assert drawn[3].get_array().shape[2] == 3  # colour stays


def texts(figure):
    return [text.get_text() for text in figure.texts]


def test_a_long_label_goes_on_in_the_next_line_and_white_pictures_have_a_frame():
    rows = {"guided backpropagation\nfrom each patch": np.ones((2, 1, 3, 3))}
    figure = plots.picture_rows(rows, ["a", "b"], "t")
    lines = {text.get_text(): text.get_position()[1] for text in figure.texts}
    assert lines["guided"] > lines["backpropagation"] > lines["from each patch"]
    assert all(axes.patches for axes in figure.axes if axes.images)


def test_units_go_on_in_bands_and_the_title_says_how_many_are_left_out():
    for count, shown in ((1, 1), (10, 10), (11, 11), (41, 40)):
        names = [f"unit {unit}" for unit in range(count)]
        figure = plots.picture_rows({"images": np.ones((count, 1, 2, 2))}, names, "All", (), {"images": names})
        assert len([axes for axes in figure.axes if axes.images]) == shown
        assert texts(figure).count(f"unit {shown - 1}") == 2 and f"unit {shown}" not in texts(figure)
        assert ("All (the first 40 of 41)" in texts(figure)) == (count > 40)


def test_a_single_output_is_asked_about_both_its_classes(saved):
    net, data = tn.Network.load(saved / "one.npz"), datasets.load("digits:40")
    data = data.take(np.flatnonzero(data.labels < 2))
    data = datasets.Dataset("two", data.x, data.labels, ("nought", "one"))
    seen = Seen(net, data)
    figure = seen.pictures(seen.raised(tn.explain.Recipe(steps=2)))
    logits = net.trace(data.x)[net.logits][:, 0]
    assert {"nought", "one", plots.number(-logits.min()), plots.number(logits.max())} <= set(texts(figure))
    assert Seen(net, data, units=[1]).names == ["one"]


def test_maps_of_a_layer_are_on_one_scale():
    net = tn.Network([tn.Conv2D(4, 3), tn.ReLU(), tn.Flatten(), tn.Dense(3)], (1, 8, 8))
    image = np.random.default_rng(0).random((1, 8, 8))
    for layer in net.names[1:]:
        figure = plots.map_sheet(net, image, layer)
        assert figure.axes[1].images[0].get_clim()[1] == pytest.approx(np.abs(net.trace(image)[layer]).max())


def test_animations_hold_the_frames():
    frames = np.linspace(0, 1, 4)[:, None, None, None] * np.ones((4, 1, 2, 3))
    with Image.open(io.BytesIO(plots.animated_gif(frames, scale=2))) as gif:
        assert gif.n_frames == 4 and gif.size == (6, 4)
    several = np.ones((2, 5, 1, 12, 12))  # in a square of three by three, with gaps of a pixel
    with Image.open(io.BytesIO(plots.animated_gif(several))) as gif:
        assert gif.size == (40 * 10, 27 * 10)
    with Image.open(io.BytesIO(plots.animated_gif(frames[..., :1, :1], scale=1))) as gif:
        assert gif.size == (1, 1)
    for shape in ((0, 1, 2, 2), (2, 2, 2, 2), (2, 2), (3, 0, 1, 2, 2), (3, 1, 2, 0)):
        with pytest.raises(ValueError, match=r"frames is .*expected at least one picture"):
            plots.animated_gif(np.zeros(shape))
    with pytest.raises(ValueError, match="frames is nan at 0, 0, 0, 0, 0"):
        plots.animated_gif(np.full((2, 2, 1, 3, 3), np.nan))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({}, "at least one row of pictures"),
        ({"a": np.zeros((0, 1, 2, 2))}, r"rows\['a'\] is .*expected at least one picture"),
        ({"a": np.zeros((3, 2, 2))}, r"\(3, 2, 2\), expected at least one picture"),
        ({"a": ["b"]}, r"rows\['a'\]"),
    ],
)
def test_rows_without_pictures_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        plots.picture_rows(rows, ["a"], "t")


def test_pictures_of_nothing_and_of_other_images_are_told_in_words():
    net = tn.Network([tn.Conv2D(4, 3), tn.ReLU(), tn.Flatten(), tn.Dense(3)], (1, 8, 8))
    x = np.random.default_rng(0).random((5, 1, 8, 8))
    plots.picture_rows({"a": np.full((2, 1, 3, 3), np.nan)}, ["1", "2"], "nothing known", ["a"])
    with pytest.raises(ValueError, match=r"image is .*expected an array .*\(1, 8, 8\)"):
        plots.map_sheet(net, x, "relu1")
    patches = tn.explain.strongest_patches(net, x, "relu1")
    with pytest.raises(ValueError, match="x has 2 images, but image 4 has one of the patches"):
        tn.explain.projected_patches(net, x[:2], patches)
    with pytest.raises(ValueError, match="expected at least one image"):
        tn.explain.strongest_patches(net, x[:0], "relu1")
    with pytest.raises(tn.UnknownLayerError, match="did you mean relu1"):
        tn.explain.deconvolution(net, x, "relu9", 0)


def test_a_filter_is_raised_where_its_best_patches_drive_it(saved):
    net, data = tn.Network.load(saved / "relu.npz"), datasets.load("digits:40")
    seen = Seen(net, data, "conv1", [2, 0])
    made = seen.raised(tn.explain.Recipe.of(data.x, steps=20))
    assert made.images.shape == (2, 1, 5, 5)
    weights, bias = net["conv1"].params["W"], net["conv1"].params["b"]
    by_hand = [(weights[unit] * picture).sum() + bias[unit] for unit, picture in zip((2, 0), made.images, strict=True)]
    np.testing.assert_allclose(by_hand, made.objective[-1], rtol=1e-4)
    assert (made.objective[-1] < 10 * seen._best()[1]).all(), "of a place, not of a whole map"
