"""The mouth for smiling: where it is said to be, who finds it, and verdicts that can come out either way."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import tinynet as tn
from tinynet.datasets import Dataset, celeba
from tinynet.studies import truth
from tinynet.studies.engine import study
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.truth import methods, mouth
from tinynet.studies.truth.board import Board
from tinynet.studies.truth.methods import CONTROLS

COUNT = 48
SMILES = np.arange(COUNT) % 2 == 0


def photographs(size=(64, 64), count=4, **landmarks):
    """Noise that is said to be photographs."""
    x = np.random.Generator(np.random.PCG64(0)).random((count, 1, *size), dtype=np.float32)
    attributes = {name: np.asarray(values, float) for name, values in landmarks.items()}
    return Dataset("celeba", x, np.arange(count) % 2, ("not Smiling", "Smiling"), attributes)


def write_smiles(place, landmarks=False):
    """Write faces of 178 x 218 pixels: smiles are bright mouths where aligned mouths are, or where a file says."""
    (place / celeba.IMAGES).mkdir(parents=True)
    rng = np.random.Generator(np.random.PCG64(1))
    rows, points = [], []
    for number, smiles in enumerate(SMILES):
        pixels = rng.integers(60, 120, (218, 178, 3), dtype=np.uint8)
        up = 30 * (number % 3) if landmarks else 0
        pixels[150 - up : 164 - up, 74:104] = 250 if smiles else 10
        Image.fromarray(pixels).save(place / celeba.IMAGES / f"{number + 1:06}.jpg", quality=95)
        rows.append(f"{number + 1:06}.jpg {1 if smiles else -1:2}")
        points.append(f"{number + 1:06}.jpg 72 {152 - up} 105 {152 - up}")
    (place / celeba.ATTRIBUTES).write_text("\n".join([str(COUNT), "Smiling", *rows]) + "\n")
    if landmarks:
        (place / celeba.LANDMARKS).write_text("\n".join([str(COUNT), " ".join(celeba.MOUTH), *points]) + "\n")
    return place


# ------------------------------------------------------------------------------------------------ where mouths are


@pytest.mark.parametrize("landmarks", [False, True])
@pytest.mark.parametrize("options", [{}, {"size": (109, 89)}, {"crop": (20, 30, 160, 200)}])
def test_a_box_lies_around_the_mouth_from_landmarks_or_without(tmp_path, landmarks, options):
    data = celeba.load(write_smiles(tmp_path, landmarks), **options)
    boxes = celeba.boxes(data, options.get("crop"))["mouth"]
    bright = np.abs(data.x.mean(axis=1) - 0.35) > 0.25
    assert celeba.has_landmarks(data, "mouth") is landmarks and boxes.shape == bright.shape
    assert ("landmarks" in mouth.place(data)) is landmarks
    assert all((found & box).sum() > 0.97 * found.sum() for found, box in zip(bright, boxes, strict=True))
    assert (boxes.sum(axis=(1, 2)) < 6 * bright.sum(axis=(1, 2))).all()
    assert len({box.tobytes() for box in boxes}) == (3 if landmarks else 1)


def test_a_landmarks_file_of_mean_faces_gives_the_boxes_of_none():
    plain = photographs()
    scale, start = 64 / 178, {"x": 0, "y": 20}
    told = {name: [(place - start[name[-1]]) * scale] * 4 for name, place in (celeba.MOUTH | celeba.EYES).items()}
    for part in ("mouth", "eyes", "hair"):
        np.testing.assert_array_equal(celeba.boxes(photographs(**told))[part], celeba.boxes(plain)[part])
    without_one = dict(list(told.items())[:3])
    assert not celeba.has_landmarks(photographs(**without_one), "mouth"), "three of four say nothing"


@pytest.mark.parametrize("options", [{"size": (64, 64)}, {"size": (109, 89)}])
def test_boxes_of_aligned_faces_lie_one_above_the_other_and_hold_what_they_are_called(options):
    data = photographs(count=1, **options)
    found = {part: box[0] for part, box in celeba.boxes(data).items()}
    rows = {part: np.flatnonzero(box.any(axis=1)) for part, box in found.items()}
    assert list(found) == ["mouth", "eyes", "hair"]
    assert rows["hair"].max() < rows["eyes"].min() and rows["eyes"].max() < rows["mouth"].min()
    assert 0.5 < found["eyes"].sum() / found["mouth"].sum() < 2 < found["hair"].sum() / found["mouth"].sum()
    assert all(0.45 < np.flatnonzero(box.any(axis=0)).mean() / box.shape[1] < 0.55 for box in found.values())


@given(
    left=st.floats(10, 25), width=st.floats(6, 16), y=st.floats(10, 40), tilt=st.floats(-3, 3), by=st.integers(-5, 5)
)
def test_a_box_goes_where_the_mouth_goes_and_has_its_proportions(left, width, y, tilt, by):
    def box(shift):
        told = {"leftmouth_x": left + shift, "leftmouth_y": y, "rightmouth_x": left + width + shift}
        told["rightmouth_y"] = y + tilt
        return celeba.boxes(photographs(count=2, **{name: [value] * 2 for name, value in told.items()}))["mouth"][0]

    apart = np.hypot(width, tilt)
    assert abs(box(0).any(axis=1).sum() - apart) <= 1 and abs(box(0).any(axis=0).sum() - 1.5 * apart) <= 1
    lower = np.flatnonzero(box(0).any(axis=1))
    assert lower[0] - (y + tilt / 2) >= -apart / 3 - 1e-9 and lower[-1] - (y + tilt / 2) <= 2 * apart / 3 + 1e-9
    differs = box(by) != np.roll(box(0), by, axis=1)
    assert differs.sum() <= 2 * box(0).any(axis=1).sum(), "but for rounding at its two sides"


# --------------------------------------------------------------------------------------------------- who finds them


def reading(region):
    """A linear network on 8 x 8 images whose logit for Smiling is the brightness of a region."""
    net = tn.Network([tn.Flatten(), tn.Dense(2), tn.Softmax()], input_shape=(1, 8, 8))
    weights = net["dense1"].params["W"]
    weights[...] = 0
    weights[1] = region.ravel()
    net["dense1"].params["b"][0] = region.sum() / 2
    return net


def bright_mouths():
    test = photographs((8, 8), 40)
    box = np.zeros((8, 8), bool)
    box[5:7, 2:6] = True
    x = np.where(box, np.where(test.labels == 1, 0.9, 0.1)[:, None, None, None], test.x).astype(np.float32)
    return dataclasses.replace(test, x=x), np.broadcast_to(box, (40, 8, 8))


def test_who_knows_the_mouth_is_first_and_chance_has_its_share():
    test, masks = bright_mouths()
    told = methods.own(lambda net, x, target: masks[: len(x)].astype(float), "told")
    gradient = methods.named("absolute gradient")
    found = mouth.judged(
        reading(masks[0]), test, masks, test.x.mean(axis=0), [told, gradient, *CONTROLS], 5, np.random.default_rng(0)
    )
    share = masks.mean()
    for name in ("precision", "mass"):
        np.testing.assert_allclose(found[name][[0, 1, -1]], [1, 1, share])
    assert found["random"][0] == found["random mass"][0] == 1 and found["random mass"][1] < 0.5
    assert found["images"] == 5 and found["share"] == share
    assert found["accuracy"] == found["accuracy without eyes"] == 1 and found["accuracy without"] <= 0.5


def test_a_network_that_looks_elsewhere_cannot_be_judged():
    test, masks = bright_mouths()
    elsewhere = reading(np.roll(masks[0], -4, axis=0))
    with pytest.raises(ValueError, match="no prediction of Smiling rests on the mouth: train for longer"):
        mouth.judged(elsewhere, test, masks, test.x.mean(axis=0), CONTROLS, 5, np.random.default_rng(0))


# --------------------------------------------------------------------------------------------------------- verdicts

NAMES = ("good", "fair", *(control.name for control in CONTROLS))
GOOD = {
    "precision": [0.31, 0.2, 0.1, 0.15, 0.05],
    "mass": [0.25, 0.2, 0.1, 0.12, 0.05],
    "random": [0.1, 0.1, 0.1, 0.15, 0.05],
    "random mass": [0.1, 0.1, 0.1, 0.12, 0.05],
    "hits": [1, 0, 0, 0, 0],
    "accuracy": 0.9,
    "accuracy without": 0.6,
    "accuracy without eyes": 0.8,
    "images": 20,
    "share": 0.05,
}


def made(networks=3, last=None):
    """A board of made-up numbers, some of them different on the last network."""
    numbers = [dict(GOOD) for _ in range(networks)]
    numbers[-1] |= last or {}
    return Board("made-up", NAMES, [{f"pixels/{k}": np.asarray(v, float) for k, v in each.items()} for each in numbers])


@pytest.mark.parametrize(
    ("id", "last"),
    [
        ("TR-12", {"accuracy without": 0.7}),
        ("TR-12", {"accuracy without eyes": 0.6}),
        ("TR-13", {"precision": [0.3, *GOOD["precision"][1:]]}),
        ("TR-13", {"mass": [0.24, *GOOD["mass"][1:]]}),
        ("TR-13", {"random": [0.16, *GOOD["random"][1:]]}),
        ("TR-13", {"random mass": [0.13, *GOOD["random mass"][1:]]}),
        ("TR-13", {"precision": [*GOOD["precision"][:2], 0.2, *GOOD["precision"][3:]]}),
        ("TR-13", {"mass": [*GOOD["mass"][:3], 0.2, 0.05]}),
    ],
)
def test_each_verdict_can_come_out_either_way_and_one_network_is_enough_against_it(id, last):
    def of(board):
        return {row[0]: row[-1] for row in mouth.rows(board, "one box")}[id]

    assert of(made()) is True and of(made(last=last)) is False and of(made(2)) is None


def test_a_row_says_where_mouths_are_and_who_finds_them():
    needed, maps = (row[3] for row in mouth.rows(made(), "one box"))
    assert "one box, 5.0 %" in needed and "60.0 % (60.0 to 60.0) without mouths" in needed
    assert maps.startswith("1 of 2 do: good; 2 are ahead of all of these; precision and mass of good 0.31")
    assert maps.endswith("one box")
    assert mouth.rows(made(last={"precision": [0.1] * 5}), "one box")[1][3].startswith("0 of 2 do: no method; 0 are")


def test_a_small_study_of_photographs_from_end_to_end(tmp_path, monkeypatch):
    monkeypatch.setattr(truth, "QUICK_METHODS", ("absolute gradient", "integrated gradients from black"))
    monkeypatch.setattr(mouth, "QUICK_IMAGES", 2)
    mine = tmp_path / "mine.py"
    mine.write_text("def mine(net, x, target):\n    return x\n")
    data, told = celeba.load(write_smiles(tmp_path / "faces", landmarks=True)), []
    budget = Budget(1, 60, quick=True)
    found = study.run(
        truth.with_method(f"{mine}:mine"), data, tmp_path / "out", budget=budget, workers=1, tell=told.append
    )
    assert [claim.id for claim in found] == ["TR-12", "TR-13"] and all(claim.holds is None for claim in found)
    where = "a box from each image's landmarks"
    assert all(where in claim.measured and "nan" not in claim.measured for claim in found)
    (text,) = told
    assert "mine.py:mine" in text and "mark" not in text and "units" not in text
    assert where in (tmp_path / "out" / "study.html").read_text(encoding="utf-8").replace("&#x27;", "'")
