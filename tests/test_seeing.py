"""The commands that draw what a network sees, and their figures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import tinynet as tn
from tinynet import datasets, plots
from tinynet.cli import main


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A network of digits, and one with tanh, untrained; and an image."""
    folder = tmp_path_factory.mktemp("seeing")
    for name, kind in (("relu", tn.ReLU), ("tanh", tn.Tanh)):
        layers = [tn.Conv2D(3, 5), kind(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(10), tn.Softmax()]
        tn.Network(layers, (1, 28, 28)).save(folder / f"{name}.npz")
    pixels = (255 * datasets.load("digits:1").x[0, 0]).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "three.png")
    return folder


COMMANDS = {
    "picture": ["picture", "relu.npz", "--data", "digits:30", "--steps", "3"],
    "of a layer": ["picture", "tanh.npz", "--data", "digits:30", "--steps", "3", "--layer", "conv1", "--units", "2,0"],
    "project": ["project", "relu.npz", "--data", "digits:30", "--layer", "relu1"],
    "behind tanh": ["project", "tanh.npz", "--data", "digits:30", "--layer", "tanh1"],
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


def test_rows_show_images_maps_and_several_pictures_of_a_unit():
    rng = np.random.default_rng(0)
    rows = {"signed\nbelow": rng.normal(size=(3, 1, 4, 5)), "images": rng.random((3, 9, 3, 4, 4))}
    figure = plots.picture_rows(rows, ["a", "b", "c"], "t", ["signed\nbelow"], {"images": ["1", "2", "3"]})
    drawn = [axes.images[0] for axes in figure.axes if axes.images]
    assert len(drawn) == 6
    low, high = drawn[0].get_clim()
    assert low == -high == -np.abs(rows["signed\nbelow"][0]).max()
    assert drawn[3].get_array().shape[2] == 3  # colour stays


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
    with pytest.raises(ValueError, match="frames have shape"):
        plots.animated_gif(np.zeros((0, 1, 2, 2)))
