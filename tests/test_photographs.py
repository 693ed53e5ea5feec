"""Pictures in colour: the drawn dogs, muffins and chicken, whose evidence is known, and folders that are kept."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tinynet import datasets
from tinynet.cli import main
from tinynet.datasets import DataError, folder, muffins
from tinynet.datasets.dataset import PLANTED
from tinynet.datasets.read import cache

DOG, MUFFIN, CHICKEN = range(3)


def spots_of(mask):
    """Return the connected parts of a mask as sets of places: a flood from each place not yet reached."""
    left, parts = set(map(tuple, np.argwhere(mask).tolist())), []
    while left:
        part, edge = set(), [left.pop()]
        while edge:
            row, column = edge.pop()
            part.add((row, column))
            near = {(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
            left -= near
            edge += near
        parts.append(part)
    return parts


# ------------------------------------------------------------------------------------------------------------ muffins


@given(seed=st.integers(0, 2**32))
def test_a_dog_and_its_muffin_differ_in_nothing_but_the_places_of_three_spots(seed):
    data = muffins.load(2, seed)
    assert data.x.shape == (6, 3, 32, 32)
    assert data.labels.tolist() == [0, 1, 2] * 2
    assert data.attributes["body"].tolist() == [0, 0, 0, 1, 1, 1]
    for dog in (0, 3):
        spots = data.masks["spots"][dog : dog + 2]
        wide = np.stack([_wider(mask) for mask in spots])
        same = ~wide.any(axis=0)
        np.testing.assert_array_equal(data.x[dog][:, same], data.x[dog + 1][:, same])
        assert [len(spots_of(mask)) for mask in spots] == [3, 3]
        for mask, image in zip(spots, data.x[dog : dog + 2], strict=True):
            assert max(image[:, mask].mean(axis=0).min(), 0) < image[:, ~_wider(mask)].mean(axis=0).mean() / 2


def _wider(mask):
    wide = mask.copy()
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            wide |= np.roll(mask, (down, across), (0, 1))
    return wide


def test_a_window_of_five_pixels_sees_one_spot_at_a_time():
    data = muffins.load(40)
    spotted = data.labels != CHICKEN
    for mask in data.masks["spots"][spotted]:
        middles = [np.mean(list(part), axis=0) for part in spots_of(mask)]
        apart = [np.abs(a - b).max() for at, a in enumerate(middles) for b in middles[:at]]
        assert min(apart) > 3.5


def test_evidence_is_spots_or_crumbs():
    data = muffins.load(5)
    has = {name: mask.any(axis=(1, 2)) for name, mask in data.masks.items()}
    np.testing.assert_array_equal(has["spots"], data.labels != CHICKEN)
    np.testing.assert_array_equal(has["crumbs"], data.labels == CHICKEN)
    np.testing.assert_array_equal(data.masks[PLANTED], data.masks["spots"] | data.masks["crumbs"])


@given(
    size=st.floats(0.5, 2),
    tilt=st.floats(-muffins.TILT, muffins.TILT),
    at=st.complex_numbers(max_magnitude=9),
    order=st.permutations(range(3)),
)
def test_a_face_is_one_wherever_and_however_large_it_is(size, tilt, at, order):
    face = (size * np.exp(1j * tilt) * muffins.FACE + at)[list(order)]
    assert muffins.face_distance(face) == pytest.approx(0, abs=1e-9)
    assert muffins.face_distance(np.stack([face, -face]))[1] > 0.3, "upside down it is none"


def test_the_distance_from_a_face_is_that_of_a_search():
    places = np.array([1 + 2j, -4 + 1j, 3 - 3j])
    tilts, sizes = np.meshgrid(np.linspace(-muffins.TILT, muffins.TILT, 61), np.linspace(0, 3, 301))
    factors = (sizes * np.exp(1j * tilts))[..., None]
    moved, face = places - places.mean(), muffins.FACE - muffins.FACE.mean()
    tried = [np.linalg.norm(moved[order] - factors * face, axis=-1) for order in muffins.ORDERS]
    assert muffins.face_distance(places) == pytest.approx(np.min(tried) / np.linalg.norm(moved), abs=1e-3)


# ------------------------------------------------------------------------------------------------------ kept pictures


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """Write two classes of two pictures each, and keep all that is read."""
    monkeypatch.setattr(cache, "LARGE", 0)
    monkeypatch.setenv("TINYNET_CACHE", str(tmp_path / "kept"))
    for name in ("cat", "dog"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(2):
            _write(tmp_path / "pictures" / name / f"{number}.png", number)
    return tmp_path / "pictures"


def _write(path, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), np.uint8)
    Image.fromarray(pixels).save(path)


def test_what_is_kept_is_what_would_be_read(pictures, monkeypatch):
    ways = [{"size": (6, 8), "grey": grey, "fit": fit} for grey in (True, False) for fit in ("crop", "pad", "stretch")]
    read = [folder.load(pictures, **way).x for way in ways]
    monkeypatch.setattr(folder, "each_image", None)  # nothing is read a second time
    for way, images in zip(ways, read, strict=True):
        np.testing.assert_array_equal(folder.load(pictures, **way).x, images)
    assert len(list(cache.place().glob("*.npy"))) == len(ways)
    notes = [json.loads(file.read_text()) for file in cache.place().glob("*.json")]
    assert sorted((note["grey"], note["fit"]) for note in notes) == sorted((way["grey"], way["fit"]) for way in ways)


def test_a_picture_that_changes_is_read_again(pictures):
    first = folder.load(pictures).x
    _write(pictures / "dog" / "1.png", 7)
    second = folder.load(pictures).x
    np.testing.assert_array_equal(first[:3], second[:3])
    assert (first[3] != second[3]).any()


@pytest.mark.parametrize("lost", ["the end", "the beginning", "the array", "the note", "the type"])
def test_what_is_not_whole_in_the_cache_is_read_anew(pictures, lost):
    first = folder.load(pictures).x
    (array,) = cache.place().glob("*.npy")
    content = array.read_bytes()
    if lost in ("the array", "the note"):
        (array if lost == "the array" else array.with_suffix(".json")).unlink()
    else:
        array.write_bytes(
            {"the end": content[:-9], "the beginning": content[9:]}.get(lost, content.replace(b"f4", b"i4"))
        )
    np.testing.assert_array_equal(folder.load(pictures).x, first)
    assert array.read_bytes() == content
    assert len(list(cache.place().iterdir())) == 2, "nothing else is left"


def test_a_cache_that_cannot_be_written_is_no_matter(pictures, monkeypatch):
    monkeypatch.setenv("TINYNET_CACHE", str(pictures / "cat" / "0.png"))
    assert len(folder.load(pictures)) == 4


def test_a_picture_that_cannot_be_read_leaves_nothing_in_the_cache(pictures):
    (pictures / "dog" / "1.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"1\.png"):
        folder.load(pictures, size=(6, 6))
    assert not list(cache.place().iterdir())


def test_large_arrays_are_mapped_and_their_consecutive_parts_are_not_copied(pictures, monkeypatch):
    monkeypatch.setattr(cache, "MAPPED", 10)
    data = folder.load(pictures)
    assert not data.x.flags.writeable
    assert np.shares_memory(data.take([1, 2, 3]).x, data.x)
    assert not np.shares_memory(data.take([0, 2]).x, data.x)
    np.testing.assert_array_equal(data.take([-1, 0]).x, data.x[[-1, 0]])


def test_small_folders_are_not_kept(pictures, monkeypatch):
    monkeypatch.setattr(cache, "LARGE", 10**6)
    folder.load(pictures)
    assert not cache.place().exists()


# ------------------------------------------------------------------------------------------------------ on the command


def test_a_folder_is_shown_in_colour_and_of_a_size(pictures, tmp_path, capsys):
    out = tmp_path / "sample.png"
    words = ["data", "show", f"folder:{pictures}", "--size", "8x10", "--colour", "--fit", "pad", "--out", str(out)]
    assert main(words) == 0
    assert out.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "faces", "--size", "30"], "faces: takes no size, which yale, celeba and folder take"),
        (["--data", "muffins:4", "--colour"], "muffins: takes no grey, which celeba and folder take"),
    ],
)
def test_options_for_folders_are_for_folders(capsys, words, message):
    assert main(["explain", *words]) == 2
    assert capsys.readouterr().err == f"tinynet: error: {message}\n"


@pytest.mark.parametrize("size", ["0", "3x4x5", "x", "big"])
def test_a_size_that_is_none_is_an_error_of_usage(capsys, size):
    with pytest.raises(SystemExit, match="2"):
        main(["data", "show", "folder:.", "--size", size])
    assert "--size" in capsys.readouterr().err


def test_an_empty_picture_and_a_single_class_are_one_clear_line(pictures, capsys):
    (pictures / "dog" / "1.png").write_bytes(b"")
    assert main(["data", "show", f"folder:{pictures}"]) == 2
    message = capsys.readouterr().err
    assert "dog/1.png" in message and message.count("\n") == 1
    for file in (pictures / "dog").iterdir():
        file.unlink()
    (pictures / "dog").rmdir()
    with pytest.raises(DataError, match="at least two classes, found only 'cat'"):
        datasets.load(f"folder:{pictures}", size=(6, 6))
