"""Single images explained: what they are taken for, in words and as a figure, from Python and on the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import tinynet as tn
from tests.networks import small_classifier
from tinynet import datasets, explain
from tinynet.cli import main
from tinynet.datasets.read import npz

X = np.random.default_rng(0).random((4, 1, 8, 8))


@given(
    channels=st.sampled_from([1, 3]),
    outputs=st.sampled_from([1, 3]),
    count=st.integers(0, 3),
    of=st.sampled_from(["logit", "probability"]),
    seed=st.integers(0, 9),
)
@settings(max_examples=12)
def test_images_are_explained_by_what_the_methods_say_of_the_class_predicted(channels, outputs, count, of, seed):
    last = tn.Sigmoid() if outputs == 1 else tn.Softmax()
    net = tn.Network([tn.Conv2D(2, 3), tn.Tanh(), tn.Flatten(), tn.Dense(outputs), last], (channels, 7, 9), rng=seed)
    rng = np.random.default_rng(seed)
    x, classes = rng.random((count, channels, 7, 9), np.float32), ["ant", "bee", "cow"][: max(outputs, 2)]
    labels = rng.integers(0, len(classes), count)
    found = tn.explain_images(net, x, labels, classes=classes, of=of)
    np.testing.assert_array_equal(found.predicted, net.predict(x))
    np.testing.assert_array_equal(found.outputs, net.predict_proba(x))
    np.testing.assert_array_equal(found.sizes, explain.absolute_gradient(net, x, found.predicted, of))
    cover = np.broadcast_to(x.mean(axis=(2, 3), keepdims=True), x.shape)
    for maps, target in ((found.support, found.predicted), (found.support_of_truth, labels)):
        if maps is not None:
            wanted = explain.occlusion(net, x, target, of, size=1, stride=1, replace=cover)
            np.testing.assert_array_equal(maps, wanted)
    assert (found.support_of_truth is None) == (net.predict(x) == labels).all()
    lines = str(found).splitlines()
    assert len(lines) == count
    for at, line in enumerate(lines):
        assert line.startswith(f"image {at}: {classes[found.predicted[at]]} (")
        assert line.endswith(f"; it is {classes[labels[at]]}") == (found.predicted[at] != labels[at])


def test_one_image_needs_no_batch_axis_and_a_notebook_shows_it():
    net = small_classifier()
    found = tn.explain_images(net, X[0])
    assert found.classes == ("0", "1", "2") and found.labels is None and len(str(found).splitlines()) == 1
    assert found._repr_png_().startswith(b"\x89PNG")
    assert tn.explain_images(net, X, [0, 1, 2, 0])._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": X[:, 0]}, r"^input: got an array of shape \(1, 4, 8, 8\), expected \(N, 1, 8, 8\)$"),
        ({"labels": [0]}, "^got 4 images and 1 labels"),
        ({"labels": [1, 2, 3, 1]}, "^label of image 2 is 3, expected 0 to 2: labels are 1 to 3, subtract 1$"),
        ({"classes": ["a", "b"]}, "^classes are 2 names, expected one for each of 3 classes$"),
        ({"of": "loss"}, "^of is 'loss', expected logit"),
        ({"net": tn.Network([tn.Dense(2)], (4,))}, r"^net takes inputs of shape \(4,\), expected images \(C, H, W\)$"),
    ],
)
def test_what_cannot_be_explained_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        tn.explain_images(**{"net": small_classifier(), "x": X, **arguments})


def width(file):
    with Image.open(file) as picture:
        return picture.size[0]


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """A folder with a network for letters of 12 x 12 pixels, their file, and a picture in colour."""
    folder = tmp_path_factory.mktemp("letters")
    data = datasets.load("letters:6")
    small = datasets.Dataset("small", data.x[:, :, 4:16, 4:16], data.labels, data.classes)
    npz.save(small, folder / "data.npz")
    net = tn.Network([tn.Conv2D(2, 5), tn.Tanh(), tn.Flatten(), tn.Dense(3), tn.Softmax()], small.input_shape, rng=0)
    net.save(folder / "net.npz")
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)).save(folder / "picture.png")
    return folder, net, small


def test_the_command_explains_pictures_and_misclassified_images(letters, capsys):
    folder, net, data = letters
    base = ["explain", "--net", str(folder / "net.npz"), "--data", f"npz:{folder / 'data.npz'}", "--out"]
    assert main([*base, str(folder / "one.png"), "--image", *[str(folder / "picture.png")] * 2]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in printed[:2]] == [["image", "0:"], ["image", "1:"]]
    assert printed[2] == str(folder / "one.png") and width(folder / "one.png") > 500
    assert main([*base, str(folder / "wrong.png"), "--misclassified"]) == 0
    _, test = data.split(rng=0, by_class=True)
    wrong = int((net.predict(test.x) != test.labels).sum())
    assert capsys.readouterr().out.startswith(f"{wrong} of {len(test)} test images are misclassified\nimage 0: ")
    assert width(folder / "wrong.png") > 500
    assert main([*base, str(folder / "none.png"), "--image", str(folder / "missing.png")]) == 2
    assert "missing.png" in capsys.readouterr().err and not (folder / "none.png").exists()
    assert main([*base, str(folder), "--image", str(folder / "picture.png")]) == 2
    assert "is a folder, expected a file" in capsys.readouterr().err


def test_a_network_is_explained_in_one_line(letters, tmp_path):
    _, net, data = letters
    summary = tn.explain_network(net, data, tmp_path / "out", progress=False)
    values = json.loads((tmp_path / "out" / "summary.json").read_text())
    train, test = data.split(rng=0, by_class=True)
    assert (values["n_train"], values["n_test"]) == (len(train), len(test))
    assert f'href="{(tmp_path / "out" / "report.html").as_posix()}"' in summary._repr_html_()
    assert str(summary).splitlines()[-1] == f"report     {tmp_path / 'out' / 'report.html'}"
    with pytest.raises(ValueError, match=r"^train is not given, expected both train and test"):
        tn.explain_network(net, data, tmp_path / "out", test=test)
