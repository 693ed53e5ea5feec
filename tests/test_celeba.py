"""CelebA as its original files have it, the cache of what was read, and the crowd that is drawn in its place."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tinynet import plots
from tinynet.datasets import DataError, celeba, crowd
from tinynet.datasets.read import cache

REAL = Path(os.environ.get("TINYNET_DATA", "nowhere")) / "celeba"
NAMES = ("Bald", "Eyeglasses", "Male", "Smiling")
COUNT = 12
HAS = np.random.Generator(np.random.PCG64(4)).random((COUNT, len(NAMES))) < 0.5
LABEL = NAMES[int(np.argmax(HAS[:4].any(axis=0) & ~HAS[:4].all(axis=0)))]  # which some of the first four have
POINTS = ("lefteye_x", "lefteye_y", "nose_x", "nose_y")


def row(number: int, values: np.ndarray) -> str:
    return f"{number:06}.jpg " + " ".join(f"{value:2}" for value in values)


def write_faces(place: Path, count: int = COUNT, *, below: bool = False, size: tuple[int, int] = (89, 109)) -> None:
    """Write as many faces as asked for: noise, with a white square where the nose is said to be."""
    images, lists = (place / "Img" / "img_align_celeba", place / "Anno") if below else (place / celeba.IMAGES, place)
    images.mkdir(parents=True)
    lists.mkdir(exist_ok=True)
    rng = np.random.Generator(np.random.PCG64(0))
    points = np.stack([rng.integers(40, 178 - 40, COUNT), rng.integers(60, 218 - 60, COUNT)] * 2, axis=1)
    for number in range(count):
        pixels = rng.integers(0, 100, (size[1], size[0], 3), dtype=np.uint8)
        x, y = (points[number, 2:] * size[0] / 178).astype(int)
        pixels[y - 2 : y + 3, x - 2 : x + 3] = 255
        Image.fromarray(pixels).save(images / f"{number + 1:06}.jpg", quality=95)
    rows = [row(k + 1, np.where(HAS[k], 1, -1)) for k in range(count)]
    (lists / celeba.ATTRIBUTES).write_text("\n".join([str(count), " ".join(NAMES) + " ", *rows]) + "\n")
    rows = [row(k + 1, points[k]) for k in range(count)]
    (lists / celeba.LANDMARKS).write_text("\n".join([str(count), " ".join(POINTS), *rows]) + "\n")
    (lists / celeba.PARTITION).write_text("".join(f"{k + 1:06}.jpg {min(k // 4, 2)}\n" for k in range(count)))


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    place = tmp_path_factory.mktemp("celeba")
    write_faces(place)
    return place


@given(
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    grey=st.booleans(),
    edges=st.none() | st.tuples(st.integers(0, 80), st.integers(0, 100), st.integers(90, 178), st.integers(110, 218)),
    images=st.none() | st.integers(8, COUNT) | st.lists(st.integers(1, COUNT), min_size=8, max_size=12, unique=True),
    label=st.sampled_from(NAMES),
)
@settings(max_examples=15)
def test_faces_are_what_the_pictures_show_and_the_list_says(faces, size, grey, edges, images, label):
    numbers = range(1, COUNT + 1) if images is None else range(1, images + 1) if isinstance(images, int) else images
    rows = np.array(numbers) - 1
    wanted = HAS[rows, NAMES.index(label)]
    if wanted.all() or not wanted.any():
        return
    data = celeba.load(faces, label, size, images=images, grey=grey, crop=edges)
    scale = min(178 / size[1], 218 / size[0])
    middle = [max((178 - scale * size[1]) / 2, 0.0), max((218 - scale * size[0]) / 2, 0.0)]
    left, upper, right, lower = edges or (*middle, 178 - middle[0], 218 - middle[1])
    for image, number in zip(data.x, numbers, strict=True):
        picture = Image.open(faces / celeba.IMAGES / f"{number:06}.jpg").convert("L" if grey else "RGB")
        box = (left * 89 / 178, upper * 109 / 218, right * 89 / 178, lower * 109 / 218)
        pixels = np.asarray(picture.resize(size[::-1], Image.Resampling.LANCZOS, box)).reshape(*size, -1)
        np.testing.assert_array_equal(image, np.moveaxis(pixels, 2, 0) / np.float32(255))
    np.testing.assert_array_equal(data.labels, wanted)
    assert data.classes == (f"not {label}", label)
    for column, name in enumerate(NAMES):
        np.testing.assert_array_equal(data.attributes[name], HAS[rows, column])
    assert data.attributes["file"].tolist() == [f"{number:06}.jpg" for number in numbers]


@pytest.mark.parametrize("crop", [None, (20, 40, 160, 200)])
@pytest.mark.parametrize("size", [(60, 60), (109, 89), (50, 70)])
def test_landmarks_lie_on_what_they_mark_in_the_images_as_they_are_read(faces, crop, size):
    data = celeba.load(faces, size=size, grey=True, crop=crop)
    for image, x, y in zip(data.x[:, 0], data.attributes["nose_x"], data.attributes["nose_y"], strict=True):
        bright = np.argwhere(image > 0.8).mean(axis=0)
        np.testing.assert_allclose(bright, [y, x], atol=1.6)


def test_the_partition_is_the_published_split(faces):
    data = celeba.load(faces)
    np.testing.assert_array_equal(data.is_test, np.arange(COUNT) >= 8)
    assert data.attributes["partition"].tolist() == ["training"] * 4 + ["validation"] * 4 + ["testing"] * 4
    assert celeba.load(faces, images=8).is_test is None, "none of these is tested on"


def test_the_original_archive_is_read_as_it_unpacks(faces, tmp_path):
    write_faces(tmp_path, below=True)
    np.testing.assert_array_equal(celeba.load(tmp_path).x, celeba.load(faces).x)


def test_only_asked_for_attributes_are_kept_and_any_of_them_labels_anew(faces):
    data = celeba.load(faces, "Male", attributes=["Smiling"])
    assert "Bald" not in data.attributes
    again = data.labelled_by("Smiling")
    np.testing.assert_array_equal(again.labels, celeba.load(faces, "Smiling").labels)
    assert again.classes == ("not Smiling", "Smiling")
    np.testing.assert_array_equal(again.x, data.x)
    parts = data.labelled_by("partition")
    assert parts.classes == ("testing", "training", "validation")
    assert [parts.classes[label] for label in parts.labels] == data.attributes["partition"].tolist()
    with pytest.raises(DataError, match="celeba: no attribute 'Smilin'; did you mean Smiling"):
        data.labelled_by("Smilin")


LINE = row(3, np.where(HAS[2], 1, -1))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("12\n", "13\n", "says that it has 13 images, but has 12 rows"),
        ("12\n", "twelve\n", "begins with 'twelve', expected the number of its images"),
        (LINE, LINE.rsplit(maxsplit=1)[0], r"line 5 \('000003.jpg'\) has 3 values, expected 4"),
        (LINE, LINE + " 1", r"line 5 \('000003.jpg'\) has 5 values, expected 4"),
        (LINE, LINE[:-2] + " x", r"line 5 \('000003.jpg'\) holds what is no whole number"),
        (LINE, LINE[:-2] + " 0", "'000003.jpg' has Smiling 0, expected 1 or -1"),
        (LINE, LINE.replace("000003.jpg", "../3.jpg"), "line 5 .* begins with no file's name"),
        (LINE, LINE.replace("000003.jpg", "000004.jpg"), "two rows for '000004.jpg', expected one"),
        (LINE, "", "line 5 .* has 0 values, expected 4"),
    ],
)
def test_a_list_that_is_wrong_is_one_clear_error(tmp_path, old, new, words):
    write_faces(tmp_path)
    file = tmp_path / celeba.ATTRIBUTES
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(DataError, match=f"celeba: .*list_attr_celeba.*{words}"):
        celeba.load(tmp_path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"label": "Smilling"}, "no attribute 'Smilling'; did you mean Smiling"),
        ({"attributes": ["Beard"]}, "no attribute 'Beard'; did you mean Bald"),
        ({"images": 13}, "images is 13, expected a whole number from 1 to 12"),
        ({"images": [1, 99]}, "images holds 99, expected numbers of 000001.jpg to 000012.jpg"),
        ({"images": [0.5]}, "images is .*, expected how many or their numbers"),
        ({"images": []}, "images is .*, expected how many or their numbers"),
        ({"size": 64}, "size is 64, expected a height and a width"),
        ({"crop": (0, 0, 200, 218)}, "crop is .*, expected edges within"),
        ({"crop": (50, 0, 50, 218)}, "crop is .*, expected edges within"),
        ({"crop": "middle"}, "crop is 'middle', expected the left, upper, right and lower edge"),
        ({"grey": 1}, "grey is 1, expected True or False"),
    ],
)
def test_what_cannot_be_asked_for_is_one_clear_error(faces, options, words):
    with pytest.raises(DataError, match=f"celeba: {words}"):
        celeba.load(faces, **options)


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(DataError, match=r"celeba: .* has no file list_attr_celeba.txt"):
        celeba.load(tmp_path)
    write_faces(tmp_path)
    (tmp_path / celeba.IMAGES / "000005.jpg").unlink()
    with pytest.raises(DataError, match=r"celeba: .*000005.jpg' is missing \(1 of 12 are\)"):
        celeba.load(tmp_path)
    assert len(celeba.load(tmp_path, LABEL, images=4)) == 4
    (tmp_path / celeba.IMAGES / "000005.jpg").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"000005.jpg' is not an image"):
        celeba.load(tmp_path)
    (tmp_path / celeba.LANDMARKS).write_text(f"1\n{' '.join(POINTS)}\n000001.jpg 1 2 3 4\n")
    with pytest.raises(DataError, match=r"landmarks.* has no row for '000002.jpg' \(11 are missing\)"):
        celeba.load(tmp_path)


def test_shares_are_counted_without_reading_a_picture(faces):
    shares = celeba.attribute_shares(faces)
    assert shares == {name: HAS[:, column].mean() for column, name in enumerate(NAMES)}
    figure = plots.attribute_shares(shares)
    by_share = sorted(NAMES, key=lambda name: -shares[name])
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == by_share


# ------------------------------------------------------------------------------------------------------------ cache


def test_faces_come_from_the_cache_until_a_file_or_an_option_changes(tmp_path, monkeypatch):
    write_faces(tmp_path)
    reads: list[int] = []
    each_image = celeba.each_image

    def counted(files, *rest, **options):
        reads.append(len(files))
        return each_image(files, *rest, **options)

    monkeypatch.setattr(celeba, "each_image", counted)
    monkeypatch.setattr(cache, "LARGE", 0)
    monkeypatch.setenv("TINYNET_CACHE", str(tmp_path / "kept"))
    first = celeba.load(tmp_path)
    np.testing.assert_array_equal(celeba.load(tmp_path).x, first.x)
    np.testing.assert_array_equal(celeba.load(tmp_path, "Male").x, first.x)
    assert reads == [COUNT], "another label is the same pictures"
    for options in ({"grey": True}, {"images": 10}, {"crop": (0, 0, 178, 178)}, {"size": (8, 8)}):
        celeba.load(tmp_path, **options)
    assert len(reads) == 5
    picture = tmp_path / celeba.IMAGES / "000001.jpg"
    picture.write_bytes((tmp_path / celeba.IMAGES / "000002.jpg").read_bytes())
    np.testing.assert_array_equal(celeba.load(tmp_path).x[0], first.x[1])


# ------------------------------------------------------------------------------------------------------------ crowd


def test_everybody_in_the_crowd_smiles_and_wears_glasses_half_of_the_time():
    data = crowd.load(3, seed=1)
    assert data.x.shape == (12, 1, 60, 60)
    np.testing.assert_array_equal(data.attributes["smile"], [0, 0, 1, 1] * 3)
    np.testing.assert_array_equal(data.attributes["glasses"], [0, 1, 0, 1] * 3)
    np.testing.assert_array_equal(data.labels, data.attributes["smile"])
    np.testing.assert_array_equal(data.masks["glasses"].any(axis=(1, 2)), data.attributes["glasses"])
    assert not data.masks["distinguishing"].any()
    assert len(np.unique(data.x.reshape(12, -1), axis=0)) == 12
    part = crowd.load(2, seed=1)
    np.testing.assert_array_equal(part.x, data.x[:8], err_msg="a smaller crowd is the beginning of a larger one")
    assert not np.array_equal(crowd.load(2, seed=0).x, part.x)
    train, test = data.split(0.34, groups="person")
    assert set(train.attributes["person"]).isdisjoint(test.attributes["person"])
    with pytest.raises(DataError, match="crowd: people is 0, expected a whole number from 1"):
        crowd.load(0)


# ------------------------------------------------------------------------------------------------------- real files


@pytest.mark.realdata
def test_the_real_faces_have_the_known_shares(tmp_path):
    if not REAL.is_dir():
        pytest.skip("TINYNET_DATA names no folder that holds celeba")
    shares = celeba.attribute_shares(REAL)
    assert len(shares) == 40
    assert (round(1 - shares["Smiling"], 3), round(1 - shares["Male"], 3)) == (0.519, 0.583)
    data = celeba.load(REAL, "Male", images=100)
    assert data.x.shape == (100, 3, 64, 64)
    np.testing.assert_array_equal(data.labels, data.attributes["Male"])
