"""Data sets: what they hold, how they are split, and that whatever is wrong with a file is one clear error."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tinynet import datasets
from tinynet.datasets import DataError, Dataset, digits, folder, letters, mnist, muffins, npz, yale
from tinynet.datasets.read.pictures import read_images

REAL = Path(os.environ.get("TINYNET_DATA", "nowhere"))
# The files are written afresh for each example, under one name.
shared_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def real(name: str) -> Path:
    """Return the folder of a real data set, or skip the test."""
    if not (REAL / name).is_dir():
        pytest.skip(f"TINYNET_DATA names no folder that holds {name}")
    return REAL / name


def grey_pictures(n: int, height: int = 4, width: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(seed)).integers(0, 256, (n, height, width), dtype=np.uint8)


def small(n: int = 6, n_classes: int = 3, **more: object) -> Dataset:
    x = grey_pictures(n)[:, None] / np.float32(255)
    return Dataset("small", x, np.arange(n) % n_classes, tuple("abcdefghij"[:n_classes]), **more)


# ---------------------------------------------------------------------------------------------------------- Dataset


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": np.zeros((6, 4, 5), np.float32)}, r"shape \(6, 4, 5\).*images, channels, height, width"),
        ({"x": np.zeros((6, 1, 0, 5), np.float32)}, r"shape \(6, 1, 0, 5\)"),
        ({"x": np.zeros((6, 1, 4, 5), np.uint8)}, "uint8.*floating-point"),
        ({"x": np.zeros((0, 1, 4, 5), np.float32)}, "no image"),
        ({"labels": np.arange(5)}, r"labels has the shape \(5,\), expected \(6,\)"),
        ({"labels": np.arange(6.0)}, "labels are of type float64"),
        ({"labels": np.array([0, 1, 2, 0, 3, 1])}, "image 4 has the label 3, expected 0 to 2 for 3 classes"),
        ({"labels": np.array([0, -1, 2, 0, 3, 1])}, "image 1 has the label -1.*2 labels are out of range"),
        ({"attributes": {"glasses": np.ones(5, bool)}}, r"attribute 'glasses' has the shape \(5,\)"),
        ({"attributes": {"glasses": np.array([None] * 6)}}, "attribute 'glasses' holds Python objects"),
        ({"masks": {"nose": np.ones((6, 5, 4), bool)}}, r"mask 'nose' is bool of the shape \(6, 5, 4\)"),
        ({"masks": {"nose": np.ones((6, 4, 5))}}, "mask 'nose' is float64"),
        ({"is_test": np.ones((6, 1), bool)}, "is_test has the shape"),
        ({"is_test": np.arange(6)}, "is_test is of type int64, expected True or False for each image"),
        (
            {"labels": np.array(["a", "b", "c"] * 2)},
            r"labels are of type <U1, .* np.unique\(labels, ",
        ),
        ({"labels": np.array([1, 2, 3, 1, 2, 3])}, "image 2 has the label 3, .* labels are 1 to 3, subtract 1"),
        ({"labels": np.arange(6) > 2}, "labels are of type bool"),
        ({"classes": ("a", "b", "a")}, "two classes are called 'a'"),
        ({"classes": ("a", "b", " ")}, "class 2 is called ' ', expected a name"),
        ({"classes": "abc"}, "classes is 'abc', expected the name of each class"),
        ({"attributes": [1, 2]}, r"attributes is \[1, 2\], expected arrays by their names"),
    ],
)
def test_a_data_set_whose_parts_do_not_fit_says_which(change, words):
    parts = {"x": np.zeros((6, 1, 4, 5), np.float32), "labels": np.arange(6) % 3, "classes": ("a", "b", "c")}
    with pytest.raises(DataError, match=f"small: .*{words}"):
        Dataset("small", **{**parts, **change})


@given(
    value=st.sampled_from([np.nan, np.inf, -np.inf, 1e300]),
    place=st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(0, 3), st.integers(0, 4)),
)
def test_a_pixel_that_is_no_number_is_named(value, place):
    x = np.zeros((6, 2, 4, 5))
    x[place] = value
    image, channel, row, column = place
    with pytest.raises(DataError, match=f"image {image} .* channel {channel}, row {row}, column {column}"):
        Dataset("small", x, np.arange(6) % 3, ("a", "b", "c"))


def test_a_data_set_is_float32_and_int64_whatever_it_was_given():
    dataset = Dataset("small", np.ones((2, 1, 3, 3)), [0, 1], ["a", "b"])
    assert dataset.x.dtype == np.float32
    assert dataset.labels.dtype == np.int64
    assert dataset.classes == ("a", "b")


def test_taking_images_takes_all_that_is_known_of_them():
    n = 6
    masks = np.arange(n * 20).reshape(n, 4, 5) % 3 == 0
    dataset = small(
        n, attributes={"number": np.arange(n)}, masks={"nose": masks}, is_test=np.arange(n) > 3, licence="MIT"
    )
    part = dataset.take([5, 1, 1])
    np.testing.assert_array_equal(part.x, dataset.x[[5, 1, 1]])
    np.testing.assert_array_equal(part.attributes["number"], [5, 1, 1])
    np.testing.assert_array_equal(part.masks["nose"], masks[[5, 1, 1]])
    np.testing.assert_array_equal(part.is_test, [True, False, False])
    assert part.licence == "MIT"
    np.testing.assert_array_equal(dataset.take(dataset.labels == 2).attributes["number"], [2, 5])


@given(index=st.lists(st.integers(-6, 5), min_size=1))
def test_an_index_of_integers_is_as_in_numpy(index):
    np.testing.assert_array_equal(small(6).take(index).x, small(6).x[index])


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ([], "index chooses no image"),
        (np.zeros(6, bool), "index chooses no image"),
        ([True, False], "index is .*, expected numbers of images, or True or False for each of 6"),
        ([0.0, 1.0], "index is .*, expected numbers of images"),
        (np.ones((6, 1), bool), "index is .*, expected numbers of images"),
        (3, "index is 3, expected numbers of images"),
        ([0, 6], "index holds 6, expected 0 to 5 for 6 images"),
        ([-7], "index holds -7"),
        (["a"], "index is .*, expected numbers of images"),
    ],
)
def test_an_index_that_chooses_nothing_or_something_else_is_an_error(index, words):
    with pytest.raises(DataError, match=f"small: {words}"):
        small(6).take(index)
    if not isinstance(index, int):
        with pytest.raises(DataError, match=f"small: {words}"):
            small(6)[index]


@given(n=st.integers(1, 7), data=st.data())
def test_brackets_take_slices_lists_masks_and_single_images(n, data):
    """A slice, a list or a mask gives a data set as `take` does; a number one image with its label, as a loop does."""
    dataset = small(n, attributes={"number": np.arange(n)}, is_test=np.arange(n) > 3)
    part = data.draw(st.slices(n))
    chosen = np.arange(n)[part]
    mask = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    for index, numbers in ((part, chosen), (chosen.tolist(), chosen), (mask, np.flatnonzero(mask))):
        if not len(numbers):
            with pytest.raises(DataError, match="small: index chooses no image, expected at least one"):
                dataset[index]
            continue
        found = dataset[index]
        np.testing.assert_array_equal(found.attributes["number"], numbers)
        np.testing.assert_array_equal(found.x, dataset.x[numbers])
        np.testing.assert_array_equal(found.labels, dataset.labels[numbers])
    for number, (image, label) in enumerate(dataset):
        for place in (number, number - n, np.int64(number)):
            again, of_it = dataset[place]
            np.testing.assert_array_equal(again, image)
            assert of_it == label == dataset.labels[number] and type(of_it) is type(label) is int
    for place in (n, -n - 1):
        with pytest.raises(DataError, match=rf"index holds {place}, expected 0 to {n - 1} for {n} images"):
            dataset[place]


def test_a_data_set_prints_what_it_is_in_a_line():
    assert repr(small(6)) == f"Dataset('small': 6 images of 1 x 4 x 5, {len(small(6).classes)} classes)"
    assert repr(Dataset("one", np.zeros((1, 3, 2, 2)), [0], ("a",))) == "Dataset('one': 1 image of 3 x 2 x 2, 1 class)"


# ------------------------------------------------------------------------------------------------------------ split


def numbered(groups: list[int]) -> Dataset:
    """Return a set whose attribute "number" tells the images apart, and "group" who belongs together."""
    n = len(groups)
    return small(n, attributes={"number": np.arange(n), "group": np.array(groups)})


def check_split_laws(split: Callable[..., tuple[Dataset, Dataset]], groups: list[int], share: float, seed: int) -> None:
    dataset = numbered(groups)
    train, test = split(dataset, share, seed, "group")
    numbers = [part.attributes["number"].tolist() for part in (train, test)]
    assert sorted(numbers[0] + numbers[1]) == list(range(len(dataset))), "disjoint and covering"
    assert numbers == [sorted(part) for part in numbers], "in the order of the whole"
    assert 1 <= len(test) <= round(share * len(dataset)), "as many as were asked for, or fewer where groups do not fit"
    missing = round(share * len(dataset)) - len(test)
    sizes = np.bincount(groups)
    assert all(sizes[group] > missing for group in train.attributes["group"]), "no group that fits is left out"
    assert not set(train.attributes["group"]) & set(test.attributes["group"]), "groups are not parted"
    again = split(dataset, share, seed, "group")[1].attributes["number"]
    np.testing.assert_array_equal(again, numbers[1], err_msg="the same seed gives the same split")
    for part in (train, test):
        np.testing.assert_array_equal(part.x, dataset.x[part.attributes["number"]])
        np.testing.assert_array_equal(part.labels, dataset.labels[part.attributes["number"]])


def some_group_fits(groups: list[int], share: float) -> bool:
    counts = np.bincount(groups)
    room = round(share * len(groups))
    return counts[counts > 0].min() <= room < len(groups)


many_groups = st.lists(st.integers(0, 9), min_size=4, max_size=30)


@given(groups=many_groups, share=st.floats(0.05, 0.95), seed=st.integers(0, 99))
def test_split_laws(groups, share, seed):
    if not some_group_fits(groups, share):
        with pytest.raises(DataError, match=r"expected at least one each|expected between"):
            numbered(groups).split(share, seed, "group")
    else:
        check_split_laws(Dataset.split, groups, share, seed)


def parting_groups(dataset, share, seed, together):
    return dataset.split(share, seed)


def forgetting_the_seed(dataset, share, seed, together):
    return dataset.split(share, np.random.default_rng(), together)


def losing_an_image(dataset, share, seed, together):
    train, test = dataset.split(share, seed, together)
    return train.take(np.arange(len(train) - 1)), test


def reusing_training_images(dataset, share, seed, together):
    train, test = dataset.split(share, seed, together)
    return train, train.take(np.arange(len(test)))


def mixing_up_labels(dataset, share, seed, together):
    train, test = dataset.split(share, seed, together)
    return Dataset(train.name, train.x, train.labels[::-1], train.classes, train.attributes), test


def too_few(dataset, share, seed, together):
    return dataset.split(share / 2, seed, together)


@pytest.mark.parametrize(
    "wrong",
    [parting_groups, forgetting_the_seed, losing_an_image, reusing_training_images, mixing_up_labels, too_few],
)
def test_the_split_laws_catch_wrong_splits(wrong):
    groups = np.repeat(np.arange(10), 2).tolist()
    check_split_laws(Dataset.split, groups, 0.5, 3)
    with pytest.raises((AssertionError, ValueError)):
        check_split_laws(wrong, groups, 0.5, 3)


@given(n=st.integers(4, 400), share=st.sampled_from([0.1, 0.25, 0.5]), seed=st.integers(0, 99))
@example(n=165, share=0.25, seed=0)
def test_a_split_without_groups_has_the_very_size_asked_for(n, share, seed):
    if round(n * share) == 0:
        return
    dataset = Dataset("plain", np.zeros((n, 1, 1, 1), np.float32), np.arange(n) % 2, ("a", "b"))
    train, test = dataset.split(share, seed)
    assert (len(train), len(test)) == (n - round(share * n), round(share * n))


def test_a_quarter_of_165_is_41():
    dataset = Dataset("plain", np.zeros((165, 1, 1, 1), np.float32), np.arange(165) % 15, tuple("abcdefghijklmno"))
    assert len(dataset.split()[1]) == 41


def test_other_seeds_give_other_splits():
    dataset = numbered(list(range(40)))
    tests = {tuple(dataset.split(rng=seed)[1].attributes["number"]) for seed in range(10)}
    assert len(tests) == 10
    np.testing.assert_array_equal(dataset.split()[1].x, dataset.split(rng=0)[1].x)


def test_a_published_split_is_used_unless_another_is_asked_for():
    published = np.arange(12) % 4 == 1
    dataset = small(12, is_test=published, attributes={"number": np.arange(12)})
    train, test = dataset.split()
    np.testing.assert_array_equal(test.attributes["number"], np.flatnonzero(published))
    assert len(dataset.split(test=0.5)[1]) == 6
    assert len(train.split()[1]) == round(0.25 * len(train)), "a part of a published split is split at random"


def test_identical_images_stay_together():
    x = grey_pictures(20)[:, None] / np.float32(255)
    x[10:] = x[:10]
    dataset = Dataset("twins", x, np.arange(20) % 2, ("a", "b"), {"number": np.arange(20)})
    for seed in range(10):
        train, test = dataset.split(0.5, seed, groups="identical")
        assert len(test) == 10
        assert not set(train.attributes["number"] % 10) & set(test.attributes["number"] % 10)
    by_hand = dataset.split(0.5, 3, groups=np.arange(20) % 10)
    np.testing.assert_array_equal(by_hand[1].x, dataset.split(0.5, 3, groups="identical")[1].x)


def check_class_split_laws(split: Callable[[Dataset, float, int], tuple[Dataset, Dataset]], labels, share, seed):
    n_classes = max(labels) + 1
    dataset = Dataset(
        "classes",
        np.zeros((len(labels), 1, 1, 1), np.float32),
        np.array(labels),
        tuple(map(str, range(n_classes))),
        {"number": np.arange(len(labels))},
    )
    train, test = split(dataset, share, seed)
    numbers = [part.attributes["number"].tolist() for part in (train, test)]
    assert sorted(numbers[0] + numbers[1]) == list(range(len(labels))), "disjoint and covering"
    assert numbers == [sorted(part) for part in numbers], "in the order of the whole"
    for label in range(n_classes):
        count, tested = labels.count(label), int(np.sum(test.labels == label))
        assert abs(tested - share * count) <= 0.5 or tested in (min(count, 1), count - 1), "its share, rounded"
        assert count < 2 or 1 <= tested < count, "both sides have one"
        assert count != 1 or tested == 0, "a class of one image is trained on"
    np.testing.assert_array_equal(split(dataset, share, seed)[1].attributes["number"], numbers[1])


some_labels = st.lists(st.integers(0, 5), min_size=2, max_size=60).filter(lambda labels: len(set(labels)) < len(labels))


@given(labels=some_labels, share=st.floats(0.01, 0.99), seed=st.integers(0, 99))
@example(labels=[0, 0], share=0.01, seed=0)
@example(labels=[0, 0, 1], share=0.99, seed=0)
def test_a_split_by_class_tests_every_class(labels, share, seed):
    check_class_split_laws(lambda data, share, seed: data.split(share, seed, by_class=True), labels, share, seed)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda data, share, seed: data.split(share, seed),
        lambda data, share, seed: data.split(share, np.random.default_rng(), by_class=True),
        lambda data, share, seed: data.split(share / 2, seed, by_class=True),
        lambda data, share, seed: data.split(share, seed, by_class=True)[::-1],
    ],
)
def test_the_laws_of_splits_by_class_catch_wrong_ones(wrong):
    with pytest.raises(AssertionError):
        check_class_split_laws(wrong, [0] * 12 + [1] * 4 + [2] * 2 + [3], 0.25, 1)


def test_a_split_by_class_draws_within_the_classes_and_leaves_a_published_split_alone():
    dataset = small(60, attributes={"number": np.arange(60)})
    assert len({tuple(dataset.split(rng=seed, by_class=True)[1].attributes["number"]) for seed in range(10)}) == 10
    published = small(12, is_test=np.arange(12) < 2)
    assert len(published.split(by_class=True)[1]) == 2
    assert len(published.split(0.5, by_class=True)[1]) == 6


def test_groups_are_not_split_by_class():
    with pytest.raises(DataError, match="small: by_class=True with groups: expected one of them"):
        numbered([0, 0, 1, 1]).split(0.5, groups="group", by_class=True)
    with pytest.raises(DataError, match="small: by_class is 1, expected True or False"):
        small().split(0.5, by_class=1)


@pytest.mark.parametrize("share", [0, 1, -0.5, 2, 0.01, 0.999, float("nan"), True, "half"])
def test_a_split_with_an_empty_side_is_an_error(share):
    with pytest.raises(DataError, match="small: "):
        small().split(share)


def test_an_unknown_attribute_to_keep_together_is_an_error_that_names_the_nearest():
    with pytest.raises(DataError, match="groups: no attribute 'groop'; did you mean group"):
        numbered([0, 1, 2, 3]).split(groups="groop")


@pytest.mark.parametrize("rng", [None, True, -1, 1.5, "seed"])
def test_a_split_comes_from_a_seed_or_a_generator(rng):
    with pytest.raises(DataError, match=r"small: rng is .*, expected a whole number of at least 0"):
        small().split(0.5, rng)


# --------------------------------------------------------------------------------------------------- drawn by code


def fingerprint(dataset: Dataset) -> str:
    content = np.rint(255 * dataset.x).astype(np.int64).astype("<u2").tobytes() + dataset.labels.astype("<i8").tobytes()
    return hashlib.sha256(content).hexdigest()[:16]


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        (lambda: digits.load(500), "b829b10737558a54"),
        (lambda: digits.load(500, seed=1), "76c7adb427f3bde8"),
        (lambda: letters.load(100), "1f7f1bf6a2553294"),
        (lambda: letters.load(100, seed=1), "3fd23126a06822c2"),
        (lambda: muffins.load(20), "9a4eb0d070142c5e"),
    ],
)
def test_drawn_sets_are_the_same_everywhere(dataset, expected):
    assert fingerprint(dataset()) == expected


@pytest.mark.parametrize(("module", "large", "small_n"), [(digits, 300, 37), (letters, 50, 7), (muffins, 9, 4)])
def test_a_smaller_set_is_the_beginning_of_a_larger_one(module, large, small_n):
    whole, part = module.load(large, seed=4), module.load(small_n, seed=4)
    np.testing.assert_array_equal(part.x, whole.x[: len(part)])
    np.testing.assert_array_equal(part.labels, whole.labels[: len(part)])


@given(n=st.integers(1, 60), seed=st.integers(0, 2**32))
@settings(max_examples=20)  # each example draws images
def test_digits_are_balanced_and_inside_the_picture(n, seed):
    dataset = digits.load(n, seed)
    assert dataset.x.shape == (n, 1, 28, 28)
    assert dataset.x.dtype == np.float32
    assert np.ptp(np.bincount(dataset.labels, minlength=10)) <= 1
    np.testing.assert_array_equal(dataset.x, np.rint(dataset.x * 255).astype(np.float32) / np.float32(255))
    assert dataset.x.min() == 0
    brightest = dataset.x.max(axis=(1, 2, 3))
    assert brightest.min() > 0.8, "every digit is there"
    ink = dataset.x[:, 0] > 0.3
    edge = np.concatenate([ink[:, [0, -1]].ravel(), ink[:, :, [0, -1]].ravel()])
    assert not edge.any(), "no digit is cut off"


def test_digits_differ_within_a_class_and_resemble_it():
    dataset = digits.load(2000)
    flat = dataset.x.reshape(len(dataset), -1)
    assert len(np.unique(flat, axis=0)) == len(flat)
    train, test = np.arange(len(flat)) < 1500, np.arange(len(flat)) >= 1500
    means = np.stack([flat[train & (dataset.labels == k)].mean(axis=0) for k in range(10)])
    squared = ((flat[test, None] - means) ** 2).sum(axis=-1)
    right = np.mean(squared.argmin(axis=1) == dataset.labels[test])
    assert 0.6 < right < 0.95, "the nearest class mean tells most digits, and is no match for all of them"


def test_letters_are_strokes_and_noise_that_never_darkens():
    dataset = letters.load(200)
    assert dataset.x.shape == (600, 1, 28, 28)
    np.testing.assert_array_equal(dataset.labels, np.tile([0, 1, 2], 200))
    darkest = [dataset.x[dataset.labels == k, 0].min(axis=0) for k in range(3)]
    parts = {name: [masks[k] for k in range(3)] for name, masks in dataset.masks.items()}
    for k, strokes in enumerate([("stem", "upper legs", "bottom leg"), ("stem", "upper legs"), ("stem", "bottom leg")]):
        letter = np.any([parts[stroke][k] for stroke in strokes], axis=0)
        np.testing.assert_array_equal(darkest[k], letter.astype(np.float32))
    noise = dataset.x[:, 0] - np.stack([(d > 0) for d in darkest])[dataset.labels]
    assert abs((noise > 0).mean() - 0.5) < 0.01
    assert abs(np.sqrt(2 * np.mean(noise**2)) - 0.2) < 0.005, "half a normal law of standard deviation 0.2"


def test_letters_say_where_each_part_is():
    masks = letters.load(1).masks
    has = {name: mask.any(axis=(1, 2)).tolist() for name, mask in masks.items()}
    assert has == {
        "stem": [True, True, True],
        "top leg": [True, True, False],
        "middle leg": [True, True, False],
        "bottom leg": [True, False, True],
        "upper legs": [True, True, False],
    }
    np.testing.assert_array_equal(masks["upper legs"], masks["top leg"] | masks["middle leg"])
    assert not (masks["upper legs"] & masks["bottom leg"]).any()


@pytest.mark.parametrize("module", [digits, letters, muffins])
def test_no_images_and_more_than_ten_millions_cannot_be_asked_for(module):
    for count in (0, 10**7 + 1):
        with pytest.raises(DataError, match=rf"n\w* is {count}, expected a whole number from 1 to 10000000"):
            module.load(count)


# -------------------------------------------------------------------------------------------------------- IDX files


def idx_bytes(array: np.ndarray, code: int = 8) -> bytes:
    return bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def write_mnist(
    place: Path, ending: str = "", dot: bool = False, **replaced: np.ndarray | bytes
) -> dict[str, np.ndarray]:
    """Write the four files; `replaced` gives other contents for some of them."""
    parts = {
        "train_images": grey_pictures(30),
        "train_labels": (np.arange(30) % 10).astype(np.uint8),
        "t10k_images": grey_pictures(10, seed=1),
        "t10k_labels": (np.arange(10) % 10).astype(np.uint8),
    }
    for name, array in {**parts, **replaced}.items():
        part, kind = name.split("_")
        axes = 3 if kind == "images" else 1
        content = array if isinstance(array, bytes) else idx_bytes(array)
        file = place / f"{part}-{kind}{'.' if dot else '-'}idx{axes}-ubyte{ending}"
        file.write_bytes(gzip.compress(content, mtime=0) if ending == ".gz" else content)
    return parts


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("dot", [False, True])
def test_idx_files_come_back_as_they_were_written(tmp_path, ending, dot):
    parts = write_mnist(tmp_path, ending, dot)
    dataset = mnist.load(tmp_path)
    pixels = np.concatenate([parts["train_images"], parts["t10k_images"]])
    np.testing.assert_array_equal(dataset.x, pixels[:, None] / np.float32(255))
    np.testing.assert_array_equal(dataset.labels, [*parts["train_labels"], *parts["t10k_labels"]])
    np.testing.assert_array_equal(dataset.is_test, np.arange(40) >= 30)
    train, test = dataset.split()
    assert (len(train), len(test)) == (30, 10)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=4, max_size=4))
@shared_folder
def test_idx_files_are_unpacked_by_what_is_in_them_whatever_they_are_called(tmp_path, files):
    """Browsers unpack what they load and keep the name; some people pack what has none of the endings."""
    plain, place = tmp_path / "plain", tmp_path / "mixed"
    shutil.rmtree(place, ignore_errors=True)
    for folder_ in (plain, place):
        folder_.mkdir(exist_ok=True)
    write_mnist(plain)
    for file, (packed, named) in zip(sorted(plain.iterdir()), files, strict=True):
        content = file.read_bytes()
        name = f"{file.name}.gz" if named else file.name
        (place / name).write_bytes(gzip.compress(content) if packed else content)
    np.testing.assert_array_equal(mnist.load(place).x, mnist.load(plain).x)


@pytest.mark.parametrize(
    ("replaced", "words"),
    [
        ({"train_images": b""}, "train-images.*begins with nothing"),
        ({"train_images": b"not an IDX file"}, "begins with 6e 6f 74 20"),
        ({"train_labels": grey_pictures(30)}, "train-labels.*begins with 00 00 08 03, expected 00 00 08 01"),
        ({"t10k_images": idx_bytes(grey_pictures(10), code=13)}, "t10k-images.*begins with 00 00 0d 03"),
        ({"t10k_labels": np.zeros(9, np.uint8)}, "10 images, but .* 9 labels"),
        ({"t10k_images": grey_pictures(10, 5, 5)}, "4 x 5, those to test on 5 x 5"),
        ({"t10k_images": idx_bytes(grey_pictures(10)) + b"x"}, r"217 bytes long, expected 216"),
        ({"train_labels": np.full(30, 10, np.uint8)}, "image 0 has the label 10, expected 0 to 9"),
        (
            {"train_labels": np.zeros(30, np.uint8), "t10k_labels": np.zeros(10, np.uint8)},
            "every image is of class '0'",
        ),
        ({"train_images": bytes([0, 0, 8, 3]) + b"\xff" * 12}, "4294967295 images, but .* 30 labels"),
        (
            {"train_images": bytes([0, 0, 8, 3, 0, 0, 0, 30]) + b"\xff" * 8},
            r"too short for .* expected 55340232195\d+ for an array",
        ),
    ],
)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_idx_files_that_are_wrong_are_one_clear_error(tmp_path, replaced, words, ending):
    write_mnist(tmp_path, ending, **replaced)
    with pytest.raises(DataError, match=f"mnist: .*{words}"):
        mnist.load(tmp_path)


@given(data=st.data(), ending=st.sampled_from(["", ".gz"]), part=st.sampled_from(["images", "labels"]))
@shared_folder
def test_every_truncation_of_an_idx_file_is_an_error(tmp_path, data, ending, part):
    place = tmp_path / f"mnist{ending}"
    place.mkdir(exist_ok=True)
    write_mnist(place, ending)
    file = place / f"train-{part}-idx{3 if part == 'images' else 1}-ubyte{ending}"
    whole = file.read_bytes()
    file.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1), label="bytes kept")])
    with pytest.raises(DataError, match=f"mnist: .*train-{part}"):
        mnist.load(place)


@given(data=st.data())
@shared_folder
def test_a_corrupt_gzip_file_is_read_right_or_is_an_error(tmp_path, data):
    parts = write_mnist(tmp_path, ".gz")
    file = tmp_path / "train-images-idx3-ubyte.gz"
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    file.write_bytes(content)
    try:
        dataset = mnist.load(tmp_path)
    except DataError as error:
        assert "train-images" in str(error)
    else:
        np.testing.assert_array_equal(dataset.x[:30, 0], parts["train_images"] / np.float32(255))


@pytest.mark.parametrize("below", ["MNIST/raw", "raw"])
def test_idx_files_are_found_where_archives_put_them(tmp_path, below):
    (tmp_path / below).mkdir(parents=True)
    write_mnist(tmp_path / below)
    assert len(mnist.load(tmp_path)) == 40
    other = tmp_path / f"{below}2"
    other.mkdir()
    write_mnist(other)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte is in both .* and "):
        mnist.load(tmp_path)


def test_a_folder_around_each_idx_file_is_no_matter(tmp_path):
    write_mnist(tmp_path)
    for file in list(tmp_path.iterdir()):
        content = file.read_bytes()
        file.unlink()
        file.mkdir()
        (file / file.name).write_bytes(content)
    assert len(mnist.load(tmp_path)) == 40


def test_an_idx_file_that_unpacks_to_much_more_than_it_is_is_an_error(tmp_path):
    """30 images of 2000 x 2000 zeros are 120 MB in 120 kB."""
    shape = np.array([30, 2000, 2000], ">u4").tobytes()
    write_mnist(tmp_path, ".gz", train_images=bytes([0, 0, 8, 3]) + shape + bytes(30 * 2000 * 2000))
    with pytest.raises(DataError, match=r"train-images.* is too short for what it says it holds"):
        mnist.load(tmp_path)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("nowhere")], ids=["pipe", "link"])
def test_a_pipe_or_a_link_to_nothing_is_no_file(tmp_path, make):
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    make(tmp_path / "t10k-labels-idx1-ubyte")
    with pytest.raises(DataError, match=r"idx1-ubyte' is a (pipe or device|link to 'nowhere'), .*expected a file"):
        mnist.load(tmp_path)
    make(tmp_path / "set.npz")
    with pytest.raises(DataError, match=r"set.npz' is a (pipe|link).*, expected a file"):
        npz.load(tmp_path / "set.npz")
    write_pictures(tmp_path / "pictures")
    make(tmp_path / "pictures" / "cat" / "9.png")
    with pytest.raises(DataError, match=r"cat/9.png' is a (pipe|link)"):
        folder.load(tmp_path / "pictures")
    with pytest.raises(DataError, match=r"cat/9.png' is a (pipe|link).*, expected a file"):
        read_images([tmp_path / "pictures" / "cat" / "9.png"], (8, 8), grey=True, task="images")


def test_a_missing_idx_file_is_named(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match=r"has no file t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz"):
        mnist.load(tmp_path)


# ------------------------------------------------------------------------------------------------------------- Yale


def write_yale(place: Path, subjects: tuple[int, ...] = (1, 2), ending: str = "") -> None:
    for subject in subjects:
        for number, condition in enumerate(yale.CONDITIONS):
            picture = Image.fromarray(grey_pictures(1, 24, 32, seed=100 * subject + number)[0])
            picture.save(place / f"subject{subject:02}.{condition}{ending}", format="GIF")


def resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)) / np.float32(255)


def test_a_yale_folder_is_read_in_the_order_of_subjects_and_conditions(tmp_path):
    write_yale(tmp_path, (12, 3))
    (tmp_path / "Readme.txt").write_text("about the files")
    (tmp_path / "subject03.centerlight").unlink()
    Image.fromarray(grey_pictures(1, 24, 32, seed=300)[0]).save(tmp_path / "subject03.centerlight.png")
    dataset = yale.load(tmp_path, size=(6, 8))
    assert dataset.x.shape == (22, 1, 6, 8)
    assert dataset.classes == ("subject 03", "subject 12")
    np.testing.assert_array_equal(dataset.attributes["subject"], np.repeat([3, 12], 11))
    np.testing.assert_array_equal(dataset.labels, np.repeat([0, 1], 11))
    assert dataset.attributes["condition"][:11].tolist() == sorted(yale.CONDITIONS.values())
    for row, (subject, condition) in enumerate(
        zip(dataset.attributes["subject"], dataset.attributes["condition"], strict=True)
    ):
        number = list(yale.CONDITIONS.values()).index(condition)
        expected = resized(grey_pictures(1, 24, 32, seed=100 * subject + number)[0], 6, 8)
        np.testing.assert_array_equal(dataset.x[row, 0], expected)


@pytest.mark.parametrize("ending", [".gif", ".GIF"])
def test_yale_names_may_have_an_ending_of_any_case(tmp_path, ending):
    write_yale(tmp_path, ending=ending)
    (tmp_path / f"subject01.wink{ending}").rename(tmp_path / f"SUBJECT01.Wink{ending}")
    assert len(yale.load(tmp_path)) == 22


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("subject01.winck", b"", "subject01.winck.*no condition 'winck'; did you mean wink"),
        ("subject02.gif", b"", "no condition 'gif'"),
        ("subject01.gif", b"", "subject01.gif' is not an image"),
        ("subject02.sad", b"sad", "subject02.sad' is not an image"),
        ("subject02.sad", b"", "subject02.sad' is not an image"),
    ],
)
def test_a_yale_folder_that_is_wrong_is_one_clear_error(tmp_path, name, content, words):
    write_yale(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=words):
        yale.load(tmp_path)


def test_the_yale_archive_is_read_as_it_is_passed_around(tmp_path):
    """One picture has lost its name, one is there twice, and a text stands beside them."""
    write_yale(tmp_path)
    whole = yale.load(tmp_path)
    (tmp_path / "subject01.centerlight").rename(tmp_path / "subject01.gif")
    (tmp_path / "subject01.glasses.gif").write_bytes((tmp_path / "subject01.glasses").read_bytes())
    (tmp_path / "subject01.normal.txt").write_text("a text")
    check_equal(yale.load(tmp_path), whole)
    (tmp_path / "below" / "yalefaces").mkdir(parents=True)
    for file in tmp_path.glob("subject*"):
        file.rename(tmp_path / "below" / file.name)
    check_equal(yale.load(tmp_path), whole)
    Image.fromarray(grey_pictures(1, 24, 32, seed=5)[0]).save(tmp_path / "below" / "subject01.wink.png")
    with pytest.raises(
        DataError, match=r"wink, is there twice, as subject01.wink and subject01.wink.png, which differ"
    ):
        yale.load(tmp_path)


def test_a_yale_folder_needs_files_and_two_subjects(tmp_path):
    with pytest.raises(DataError, match=r"holds no file named like subject01.normal"):
        yale.load(tmp_path)
    write_yale(tmp_path, (4,))
    with pytest.raises(DataError, match="every image is of class 'subject 04', expected at least two"):
        yale.load(tmp_path)


# ------------------------------------------------------------------------------------------------ folder of folders


def write_pictures(place: Path, classes: tuple[str, ...] = ("cat", "dog"), n: int = 3) -> None:
    for number, name in enumerate(classes):
        (place / name).mkdir(parents=True)
        for k in range(n):
            picture = grey_pictures(1, 12, 9, seed=10 * number + k)[0]
            Image.fromarray(picture).save(place / name / f"{k}.png")


@given(
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    kind=st.sampled_from(["PNG", "GIF", "BMP", "TIFF", "PPM"]),
    named=st.booleans(),
)
@shared_folder
def test_lossless_pictures_come_back_resized_whatever_their_format(tmp_path, height, width, size, kind, named):
    ending = {"PNG": ".png", "GIF": ".gif", "BMP": ".bmp", "TIFF": ".TIF", "PPM": ".ppm"}[kind] if named else ""
    pictures = grey_pictures(2, height, width)
    place = tmp_path / f"{kind}{ending}"
    for name, picture in zip("ab", pictures, strict=True):
        (place / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(place / name / f"picture{ending}", format=kind)
    dataset = folder.load(place, size=size, fit="stretch")
    for image, picture in zip(dataset.x, pictures, strict=True):
        np.testing.assert_array_equal(image[0], resized(picture, *size))


def test_pictures_are_ordered_by_class_and_name_and_hidden_or_other_files_left_out(tmp_path):
    write_pictures(tmp_path, ("dog", "cat", "bird"))
    (tmp_path / "notes.txt").write_text("beside the classes")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "__MACOSX" / "cat").mkdir(parents=True)
    (tmp_path / "__MACOSX" / "cat" / "._0.png").write_bytes(b"\0")
    (tmp_path / "cat" / ".DS_Store").write_bytes(b"\0")
    (tmp_path / "cat" / ".thumbnail.png").write_bytes(b"\0")
    (tmp_path / "cat" / "notes.txt").write_text("no picture, and does not say so")
    dataset = folder.load(tmp_path)
    assert dataset.classes == ("bird", "cat", "dog")
    assert dataset.attributes["file"].tolist() == [f"{c}/{k}.png" for c in ("bird", "cat", "dog") for k in range(3)]
    np.testing.assert_array_equal(dataset.labels, np.repeat([0, 1, 2], 3))
    assert dataset.name == tmp_path.name


def test_colours_are_read_as_three_channels(tmp_path):
    colours = np.zeros((5, 7, 3), np.uint8)
    colours[..., 0], colours[..., 2] = 255, 51
    for name in "ab":
        (tmp_path / name).mkdir()
        Image.fromarray(colours).save(tmp_path / name / "1.png")
    x = folder.load(tmp_path, size=(4, 6), grey=False).x
    assert x.shape == (2, 3, 4, 6)
    np.testing.assert_array_equal(x[0, :, 2, 3], np.float32([1, 0, 0.2]))
    assert folder.load(tmp_path).x.shape == (2, 1, 43, 60)


def write_filled(file: Path, height: int, width: int, square: int = 255) -> None:
    """Write a white picture with another square of a third of the shorter side in its middle."""
    file.parent.mkdir(parents=True, exist_ok=True)
    picture, third = np.full((height, width), 255, np.uint8), min(height, width) // 3
    top, left = (height - third) // 2, (width - third) // 2
    picture[top : top + third, left : left + third] = square
    Image.fromarray(picture).save(file)


@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    fit=st.sampled_from(["crop", "pad", "stretch"]),
)
@example(height=90, width=1, size=(1, 40), fit="pad")
@shared_folder
def test_pictures_of_any_shape_are_brought_to_the_size_by_cropping_or_padding(tmp_path, height, width, size, fit):
    for name in "ab":
        write_filled(tmp_path / name / "1.png", height, width)
    x = folder.load(tmp_path, size=size, fit=fit).x[0, 0]
    assert x.shape == size
    assert fit == "pad" or x.all(), "no bars"
    if fit == "pad":
        scale = min(size[0] / height, size[1] / width)
        inside = np.flatnonzero(x.any(axis=1)), np.flatnonzero(x.any(axis=0))
        for side, places, whole in zip((height, width), inside, size, strict=True):
            assert len(places) == max(round(scale * side), 1), "the whole picture, undistorted"
            before, after = places[0], whole - 1 - places[-1]
            assert after - before in (0, 1), "in the middle"


@pytest.mark.parametrize("shape", [(90, 60), (60, 90), (90, 240)])
@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_a_square_in_a_picture_stays_a_square(tmp_path, shape, fit):
    for name in "ab":
        write_filled(tmp_path / name / "1.png", *shape, square=102)
    dark = np.abs(folder.load(tmp_path, size=(60, 60), fit=fit).x[0, 0] - 0.4) < 0.2
    length = min(shape) // 3 * 60 / (min if fit == "crop" else max)(shape)
    assert dark.any(axis=1).sum() == dark.any(axis=0).sum()
    assert abs(dark.any(axis=0).sum() - length) <= 1


@given(
    shapes=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=1, max_size=4),
    many=st.tuples(st.integers(1, 50), st.integers(1, 50)),
)
@shared_folder
def test_a_set_has_the_shape_of_most_pictures(tmp_path_factory, shapes, many):
    place = tmp_path_factory.mktemp("shapes")
    for number, shape in enumerate([*shapes, *[many] * 5]):
        write_filled(place / "ab"[number % 2] / f"{number}.png", *shape)
    height, width = folder.load(place).x.shape[2:]
    longest = max(many)
    assert (height, width) == tuple(max(round(60 * side / longest), 1) for side in many)


def test_pictures_that_lie_are_measured_as_they_stand(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in "ab":
        (tmp_path / name).mkdir()
        Image.new("L", (80, 40)).save(tmp_path / name / "1.jpg", exif=exif)
    assert folder.load(tmp_path).input_shape == (1, 60, 30)


@pytest.mark.parametrize("fit", ["cut", None, 1, ["crop"]])
def test_another_way_to_fit_is_an_error(tmp_path, fit):
    write_pictures(tmp_path)
    with pytest.raises(DataError, match=r"fit is .*crop"):
        folder.load(tmp_path, fit=fit)


def test_jpeg_pictures_stand_as_the_camera_says(tmp_path):
    lying = np.zeros((40, 80), np.uint8)
    lying[:, 40:] = 255
    for name, turn in (("as it is", 1), ("quarter", 6), ("half", 3)):
        (tmp_path / name).mkdir()
        exif = Image.Exif()
        exif[0x0112] = turn
        Image.fromarray(lying).save(tmp_path / name / "1.jpg", exif=exif)
    dataset = folder.load(tmp_path, size=(8, 8))
    bright = {name: image[0] > 0.5 for name, image in zip(dataset.classes, dataset.x, strict=True)}
    assert bright["as it is"][:, 5:].all() and not bright["as it is"][:, :3].any()
    assert bright["half"][:, :3].all() and not bright["half"][:, 5:].any()
    assert bright["quarter"][5:].all() and not bright["quarter"][:3].any()


def test_sixteen_bits_are_scaled_and_transparency_is_white(tmp_path):
    for name in ("deep", "clear"):
        (tmp_path / name).mkdir()
    Image.fromarray(np.full((4, 4), 257 * 100, np.uint16)).save(tmp_path / "deep" / "1.png")
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "clear" / "1.png")
    clear, deep = folder.load(tmp_path, size=(2, 2)).x
    np.testing.assert_array_equal(clear, 1)
    np.testing.assert_array_equal(deep, np.float32(100) / np.float32(255))


@given(names=st.lists(st.tuples(st.sampled_from(["s", "t", "S"]), st.integers(0, 120)), min_size=2, unique=True))
@shared_folder
def test_classes_with_numbers_stand_in_the_order_of_their_numbers(tmp_path_factory, names):
    place = tmp_path_factory.mktemp("classes")
    write_pictures(place, tuple(f"{letter}{number}" for letter, number in names), n=1)
    assert folder.load(place, size=(2, 2)).classes == tuple(f"{letter}{number}" for letter, number in sorted(names))


@pytest.mark.parametrize(
    ("parts", "for_testing"),
    [("train test", "test"), ("Train val test", "test"), ("train val", "val")],
)
def test_a_published_split_of_pictures_is_kept(tmp_path, parts, for_testing):
    for part in parts.split():
        write_pictures(tmp_path / part, ("cat", "dog", "eel")[: 2 if part == for_testing else 3])
    (tmp_path / "__MACOSX" / "train" / "cat").mkdir(parents=True)  # as archives of one system are unpacked by others
    dataset = folder.load(tmp_path, size=(2, 2))
    assert dataset.classes == ("cat", "dog", "eel")
    expected = [file.startswith(for_testing) for file in dataset.attributes["file"].tolist()]
    np.testing.assert_array_equal(dataset.is_test, expected)
    assert sum(expected) == 6


@given(
    depths=st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=2, max_size=4),
    hidden=st.sampled_from([".old", "__MACOSX", "@eaDir"]),
)
@shared_folder
def test_pictures_of_a_class_are_found_however_deep_they_lie(tmp_path_factory, depths, hidden):
    place = tmp_path_factory.mktemp("nested")
    wanted = set()
    for label, of_class in enumerate(depths):
        for number, depth in enumerate(of_class):
            below = place.joinpath(f"c{label}", *(f"session {number}{k}" for k in range(depth)))
            (below / hidden).mkdir(parents=True, exist_ok=True)
            (below / hidden / "1.png").write_bytes(b"no picture")
            Image.new("L", (3, 4)).save(below / f"{number}.png")
            wanted.add(f"{below.relative_to(place).as_posix()}/{number}.png")
    dataset = folder.load(place, size=(2, 2))
    found = dataset.attributes["file"].tolist()
    assert set(found) == wanted and len(found) == len(wanted) and dataset.is_test is None
    assert [f"c{label}" for label in dataset.labels.tolist()] == [file.partition("/")[0] for file in found]


@pytest.mark.parametrize("parts", ["train test", "Training val Testing", "train val", "left right", "train more"])
def test_a_split_within_each_class_is_kept(tmp_path, parts):
    for name in ("cat", "dog"):
        write_pictures(tmp_path / name, tuple(parts.split()), n=2)
    found = folder.load(tmp_path, size=(2, 2))
    if parts in ("left right", "train more"):
        assert found.is_test is None
    else:
        last = f"/{parts.split()[-1]}/"
        np.testing.assert_array_equal(found.is_test, [last in file for file in found.attributes["file"]])


def test_a_link_that_leads_back_up_is_named(tmp_path):
    write_pictures(tmp_path)
    (tmp_path / "dog" / "all").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(DataError, match=r"the link '.*dog/all' leads back to a folder that it is in"):
        folder.load(tmp_path)


def test_links_that_lead_to_each_other_are_named(tmp_path):
    write_pictures(tmp_path, ("cat", "dog"))
    (tmp_path / "cat" / "dogs").symlink_to(tmp_path / "dog", target_is_directory=True)
    (tmp_path / "dog" / "cats").symlink_to(tmp_path / "cat", target_is_directory=True)
    with pytest.raises(DataError, match=r"the link '.*cat/dogs/cats' leads back to a folder that it is in"):
        folder.load(tmp_path)


def test_class_folders_may_be_called_train_and_test(tmp_path):
    write_pictures(tmp_path, ("test", "train"))
    assert folder.load(tmp_path, size=(2, 2)).classes == ("test", "train")


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF"])
def test_a_picture_of_too_many_pixels_is_an_error_before_it_is_unpacked(tmp_path, kind):
    write_pictures(tmp_path)
    Image.new("1" if kind != "GIF" else "L", (8000, 8000)).save(tmp_path / "cat" / "9.png", format=kind)
    with pytest.raises(DataError, match=r"cat/9.png' is 8000 x 8000 pixels large, expected at most 40 million"):
        folder.load(tmp_path)


@pytest.mark.parametrize("claimed", [2**31 - 1, 2**32 - 1, 10**8])
def test_a_picture_that_claims_more_bytes_than_its_file_has_takes_no_room_for_them(tmp_path, claimed):
    write_pictures(tmp_path)
    file = tmp_path / "cat" / "0.png"
    content = file.read_bytes()
    place = content.index(b"IDAT")
    file.write_bytes(content[: place - 4] + claimed.to_bytes(4, "big") + content[place : place + 9])
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"cat/0.png"):
            folder.load(tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5e7


@given(low=st.floats(0, 0.25, width=32), high=st.floats(0.75, 1, width=32), beyond=st.booleans())
@shared_folder
def test_pictures_of_floats_reach_from_0_to_1(tmp_path, low, high, beyond):
    ramp = np.linspace(low, high + beyond, 64, dtype=np.float32).reshape(8, 8)
    for name in "ab":
        (tmp_path / name).mkdir(exist_ok=True)
        Image.fromarray(ramp).save(tmp_path / name / "1.tif")
    if beyond:
        with pytest.raises(DataError, match=r"a/1.tif' reaches from .*, expected 0 \(black\) to 1"):
            folder.load(tmp_path, size=(8, 8))
    else:
        np.testing.assert_allclose(folder.load(tmp_path, size=(8, 8)).x[0, 0], ramp, atol=0.51 / 255)


@pytest.mark.parametrize("value", [0, 255, 2**31 - 1])
def test_pictures_of_32_bits_are_refused_for_their_white_is_not_known(tmp_path, value):
    write_pictures(tmp_path)
    Image.fromarray(np.full((4, 4), value, np.int32)).save(tmp_path / "dog" / "1.tif")
    with pytest.raises(DataError, match=r"dog/1.tif' has 32 bits a pixel, expected 8 or 16 bits, or floats"):
        folder.load(tmp_path)


def test_formats_that_run_programs_are_no_pictures(tmp_path):
    write_pictures(tmp_path)
    (tmp_path / "dog" / "9.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    with pytest.raises(DataError, match=r"dog/9.png' is not an image"):
        folder.load(tmp_path)


def test_a_text_file_named_jpg_is_named(tmp_path):
    write_pictures(tmp_path)
    (tmp_path / "dog" / "9.JPG").write_text("this is no picture")
    with pytest.raises(DataError, match=r"dog/9\.JPG' is not an image"):
        folder.load(tmp_path)


@given(data=st.data(), kind=st.sampled_from(["PNG", "JPEG", "GIF"]))
@shared_folder
def test_a_truncated_picture_is_read_or_is_an_error_that_names_it(tmp_path, data, kind):
    file = tmp_path / "a" / "1.png"
    for name in "ab":
        (tmp_path / name).mkdir(exist_ok=True)
        Image.fromarray(grey_pictures(1, 16, 16)[0]).save(tmp_path / name / "1.png", format=kind)
    whole = file.read_bytes()
    kept = data.draw(st.integers(0, len(whole) - 1), label="bytes kept")
    file.write_bytes(whole[:kept])
    try:
        dataset = folder.load(tmp_path, size=(16, 16))
    except DataError as error:
        assert "a/1.png" in str(error)
    else:
        assert kept > len(whole) - 24, "only what stands after the pixels may be missing"
        np.testing.assert_array_equal(dataset.x[0], dataset.x[1])


@pytest.mark.parametrize("damage", [b"this is no picture", None], ids=["no picture", "truncated"])
@pytest.mark.parametrize("count", [2, 5, 6])
def test_all_damaged_pictures_are_named_at_once(tmp_path, count, damage):
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(7):
            Image.fromarray(grey_pictures(1, 16, 16)[0]).save(tmp_path / name / f"{number}.png")
    for number in range(count):
        file = tmp_path / "a" / f"{number}.png"
        file.write_bytes(file.read_bytes()[:60] if damage is None else damage)
    with pytest.raises(DataError, match=f"^{count} pictures: ") as error:
        folder.load(tmp_path)
    told = [f"a/{number}.png" in str(error.value) for number in range(7)]
    assert told == [number < min(count, 5) for number in range(7)]
    assert str(error.value).endswith("; ...") is (count > 5) and "\n" not in str(error.value)


def test_a_folder_of_pictures_needs_two_classes_that_hold_some(tmp_path):
    with pytest.raises(DataError, match="at least two classes, found none"):
        folder.load(tmp_path)
    write_pictures(tmp_path, ("cat",))
    with pytest.raises(DataError, match="at least two classes, found only 'cat'"):
        folder.load(tmp_path)
    (tmp_path / "dog").mkdir()
    with pytest.raises(DataError, match=r"class folder '.*dog' holds no image file"):
        folder.load(tmp_path)
    with pytest.raises(DataError, match="there is no folder"):
        folder.load(tmp_path / "nowhere")
    with pytest.raises(DataError, match="is a file, expected a folder"):
        folder.load(tmp_path / "cat" / "0.png")


def test_a_size_that_is_none_is_an_error(tmp_path):
    write_pictures(tmp_path)
    with pytest.raises(DataError, match=r"size of the images: height is 0, expected a whole number from 1"):
        folder.load(tmp_path, size=(0, 60))


# ------------------------------------------------------------------------------------------------------------- .npz


def check_equal(one: Dataset, other: Dataset) -> None:
    np.testing.assert_array_equal(one.x, other.x)
    np.testing.assert_array_equal(one.labels, other.labels)
    for kind in ("attributes", "masks"):
        first, second = getattr(one, kind), getattr(other, kind)
        assert first.keys() == second.keys()
        for name in first:
            np.testing.assert_array_equal(first[name], second[name])
            assert first[name].dtype == second[name].dtype
    assert (one.is_test is None) == (other.is_test is None)
    if one.is_test is not None:
        np.testing.assert_array_equal(one.is_test, other.is_test)
    for name in ("name", "classes", "licence", "citation", "description"):
        assert getattr(one, name) == getattr(other, name)


@given(n=st.integers(2, 9), published=st.booleans(), known=st.booleans())
@shared_folder
def test_a_saved_data_set_comes_back_as_it_was(tmp_path, n, published, known):
    dataset = small(
        n,
        n_classes=2,
        is_test=np.arange(n) > 0 if published else None,
        attributes={"mood": np.array(["sad", "happy"] * n)[:n], "left/right": np.arange(n) > 1} if known else {},
        masks={"nose": np.arange(20 * n).reshape(n, 4, 5) % 2 == 0} if known else {},
        licence="none at all",
        citation="nobody, 1999",
    )
    npz.save(dataset, tmp_path / "set.npz")
    check_equal(npz.load(tmp_path / "set.npz"), dataset)
    assert [file.name for file in tmp_path.iterdir()] == ["set.npz"], "nothing half-written is left"


@pytest.mark.parametrize("shape", [(4, 6, 5), (4, 1, 6, 5), (4, 3, 6, 5)])
@pytest.mark.parametrize("labels", ["labels", "y"])
def test_arrays_written_by_numpy_are_read(tmp_path, shape, labels):
    pixels = grey_pictures(1, 1, np.prod(shape)).reshape(shape)
    expected = pixels.reshape(4, -1, 6, 5) / np.float32(255)
    file = tmp_path / "mine.npz"
    np.savez(file, x=pixels, **{labels: np.array([0, 1, 1, 0], np.uint8)})
    dataset = npz.load(file)
    np.testing.assert_array_equal(dataset.x, expected)
    assert (dataset.classes, dataset.name) == (("0", "1"), "mine")
    np.savez(file, x=pixels / 255, classes=["no", "yes"], **{labels: [0, 1, 1, 0]})
    dataset = npz.load(file)
    np.testing.assert_allclose(dataset.x, expected, rtol=1e-6)
    assert dataset.classes == ("no", "yes")


GOOD = {"x": grey_pictures(4), "labels": np.array([0, 1, 1, 0])}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": None}, "has no array x, expected x and labels; it holds labels"),
        ({"x": None, "labels": None, "pixels": np.ones(3)}, "no array x, expected x and labels; it holds 'pixels'"),
        ({"labels": None}, "has no array labels or y, expected x and labels; it holds x"),
        ({"x": np.array([{}, {}, {}, {}])}, r"mine\.npz' cannot be read, .*: x\.npy holds no plain array"),
        ({"x": np.zeros((4, 5))}, r"shape \(4, 5\), expected \(N, H, W\) or \(N, C, H, W\)"),
        ({"x": np.zeros((4, 28, 28, 3))}, r"looks like \(N, H, W, C\).*transpose\(0, 3, 1, 2\)"),
        ({"x": grey_pictures(4).astype(np.int64)}, "x .* is of type int64, expected uint8"),
        ({"x": grey_pictures(4).astype(float)}, "x .* reaches .* expected 0 to 1"),
        ({"x": np.full((4, 2, 2), np.nan)}, "image 0 has the value nan in channel 0, row 0, column 0"),
        ({"x": np.full((4, 2, 2), np.inf)}, "image 0 has the value inf"),
        ({"x": np.zeros((0, 2, 2)), "labels": np.zeros(0, int)}, "there is no image"),
        ({"x": grey_pictures(5)}, r"labels has the shape \(4,\), expected \(5,\)"),
        ({"labels": np.array([0, 1, 2, 7])}, "image 3 has the label 7, expected 0 to 3"),
        ({"labels": np.array([0, 1, 1, 10**15])}, "image 3 has the label 1000000000000000, expected 0 to 2"),
        ({"labels": np.array([0, 1, 2, 0]), "classes": np.array(["a", "b"])}, "image 2 has the label 2"),
        ({"labels": np.array(["a", "b", "b", "a"])}, "labels are of type <U1"),
        ({"labels": np.array([0, 1, np.nan, 1])}, "labels are of type float64"),
        ({"labels": np.array([[0], [1], [1], [0]])}, r"labels has the shape \(4, 1\)"),
        ({"labels": np.zeros(4, int)}, "every image is of class '0', expected at least two"),
        ({"classes": np.array(["a", "b", "c"])}, "class 'c' has no image"),
        ({"mask nose": np.ones((4, 2, 2), bool)}, "mask 'nose' is bool of the shape"),
        ({"is_test": np.ones(3, bool)}, "is_test has the shape"),
        ({"is_test": np.array(["no", "yes", "no", "yes"])}, "is_test is of type <U3, expected True or False"),
        ({"labels": np.array([1, 2, 2, 1])}, "has the label 2, expected 0 to 1 .*: labels are 1 to 2, subtract 1"),
        ({"classes": np.array(["a", "a"])}, "two classes are called 'a'"),
        ({"classes": np.array([["a", "b"]])}, "classes is an array of <U1 of shape"),
        ({"name": np.array(["a", "b"])}, "name is an array of <U1 of shape"),
    ],
)
def test_arrays_that_are_wrong_are_one_clear_error(tmp_path, change, words):
    file = tmp_path / "mine.npz"
    np.savez(file, **{name: array for name, array in {**GOOD, **change}.items() if array is not None})
    with pytest.raises(DataError, match=words):
        npz.load(file)


@given(order=st.sampled_from("<>"), kinds=st.sampled_from(["f2 i2", "f4 u4", "f8 i8"]), columns=st.booleans())
@shared_folder
def test_arrays_of_another_machine_are_read(tmp_path, order, kinds, columns):
    pixels, numbers = kinds.split()
    x = (grey_pictures(4) / 255).astype(order + pixels)
    labels = np.array([0, 1, 1, 0], order + numbers)
    np.savez(tmp_path / "mine.npz", **{"x": np.asfortranarray(x) if columns else x, "y": labels, "attribute n": labels})
    dataset = npz.load(tmp_path / "mine.npz")
    np.testing.assert_array_equal(dataset.x[:, 0], x.astype(np.float32))
    np.testing.assert_array_equal(dataset.labels, labels)
    assert dataset.attributes["n"].dtype.isnative and dataset.x.dtype.isnative


def test_entries_that_are_not_of_a_data_set_are_not_read(tmp_path):
    file = tmp_path / "mine.npz"
    np.savez_compressed(file, **GOOD, junk=np.zeros(10**8, np.uint8), objects=np.array([{}]))
    assert len(npz.load(file)) == 4


def test_an_archive_that_unpacks_to_much_more_than_it_is_is_an_error(tmp_path):
    file = tmp_path / "mine.npz"
    np.savez_compressed(file, x=np.zeros((10**5, 1, 28, 28), np.uint8), labels=np.arange(10**5) % 2)
    with pytest.raises(DataError, match=r"mine.npz' cannot be read.*much larger than the file"):
        npz.load(file)


def test_an_archive_whose_shapes_lie_is_an_error(tmp_path):
    file, stream = tmp_path / "mine.npz", io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": (10**6, 10**6)})
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", stream.getvalue() + b"\0" * 100)
    with pytest.raises(DataError, match=r"x.npy is not as long as its array"):
        npz.load(file)


def test_files_that_are_no_archive_of_arrays_are_one_clear_error(tmp_path):
    file = tmp_path / "mine.npz"
    with file.open("wb") as stream:
        np.save(stream, np.zeros(3))
    with pytest.raises(DataError, match="is not a NumPy archive"):
        npz.load(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", b"no array")
        archive.writestr("labels", b"no array either")
    with pytest.raises(DataError, match="expected"):
        npz.load(file)
    with pytest.raises(DataError, match="there is no file"):
        npz.load(tmp_path / "nowhere.npz")
    with pytest.raises(DataError, match="is a folder, expected a file"):
        npz.load(tmp_path)


@given(data=st.data(), compressed=st.booleans())
@shared_folder
def test_every_truncation_of_an_archive_is_an_error(tmp_path, data, compressed):
    file = tmp_path / "mine.npz"
    (np.savez_compressed if compressed else np.savez)(file, **GOOD)
    whole = file.read_bytes()
    file.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1), label="bytes kept")])
    with pytest.raises(DataError, match=r"npz: .*mine\.npz"):
        npz.load(file)


@given(data=st.data(), compressed=st.booleans())
@shared_folder
def test_an_archive_with_a_changed_byte_is_read_or_is_an_error(tmp_path, data, compressed):
    file = tmp_path / "mine.npz"
    (np.savez_compressed if compressed else np.savez)(file, **GOOD)
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1), label="place")] ^= data.draw(st.integers(1, 255), label="bits")
    file.write_bytes(content)
    try:
        dataset = npz.load(file)
    except DataError:
        return
    np.testing.assert_array_equal(dataset.x[:, 0], GOOD["x"] / np.float32(255))
    np.testing.assert_array_equal(dataset.labels, GOOD["labels"])


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    file = tmp_path / "set.npz"
    npz.save(small(), file)
    before = file.read_bytes()

    def full_disk(stream, **arrays):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full_disk)
    with pytest.raises(DataError, match=r"set\.npz' cannot be written: No space left on device"):
        npz.save(small(), file)
    assert file.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["set.npz"]


# --------------------------------------------------------------------------------------------------------- registry


def test_sets_are_served_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MY_PICTURES", str(tmp_path))
    write_pictures(tmp_path)
    npz.save(small(), tmp_path / "set.npz")
    assert len(datasets.load("digits:30", seed=2)) == 30
    check_equal(datasets.load("digits:30", seed=2), digits.load(30, seed=2))
    assert len(datasets.load("letters:4")) == 12
    assert len(datasets.load("faces")) == 165
    assert len(datasets.load("npz:~/set.npz")) == 6
    assert datasets.load("folder:$MY_PICTURES", size=(5, 6)).input_shape == (1, 5, 6)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("digit", "no data set 'digit'; did you mean digits"),
        ("yales:somewhere", "no data set 'yales'; did you mean yale"),
        (
            "",
            "no data set ''; there are faces, crowd, digits, letters, muffins, yale, celeba, mnist, usps, folder and "
            "npz",
        ),
        ("yale", r"yale: no folder is given, write yale:DIR, such as yale:~/data"),
        ("mnist:", "no folder is given, write mnist:DIR"),
        ("npz", "no file is given, write npz:FILE"),
        ("faces:4", "'4' follows the colon, expected faces alone"),
        ("digits:many", "'many' follows the colon, expected a whole number"),
        ("digits:-4", "'-4' follows the colon, expected a whole number"),
        ("letters:0", "letters: '0' follows the colon, expected a whole number of at least 1"),
        ("yale:/nowhere/at/all", "yale: there is no folder '/nowhere/at/all'"),
        ("npz:/nowhere/at.all", "npz: there is no file '/nowhere/at.all'"),
    ],
)
def test_names_that_mean_nothing_are_one_clear_error(spec, words):
    with pytest.raises(DataError, match=words):
        datasets.load(spec)


def test_a_path_without_the_word_folder_is_explained(tmp_path):
    (tmp_path / "digits.npz").touch()
    with pytest.raises(DataError, match=f"write npz:{tmp_path}"):
        datasets.load(str(tmp_path / "digits.npz"))
    with pytest.raises(DataError, match=f"write folder:{tmp_path}"):
        datasets.load(str(tmp_path))


def test_an_option_that_a_set_does_not_take_is_named_with_those_that_do():
    with pytest.raises(DataError, match=r"^faces: takes no fit, which folder takes$"):
        datasets.load("faces", fit="crop")
    with pytest.raises(DataError, match=r"^muffins: takes no size, which yale, celeba and folder take$"):
        datasets.load("muffins", size=(64, 64))
    with pytest.raises(DataError, match=r"^letters: takes no colour, which no data set takes$"):
        datasets.load("letters", colour=True)


def test_the_catalogue_says_how_to_write_each_set_and_how_it_may_be_used():
    sources = datasets.catalogue()
    names = "faces crowd digits letters muffins yale celeba mnist usps folder npz"
    assert " ".join(source.name for source in sources) == names
    for source in sources:
        assert source.usage.startswith(source.name)
        assert source.description
        assert source.licence
    assert all(source.citation for source in sources if source.name in ("yale", "celeba", "mnist", "usps"))


def test_the_page_on_data_names_every_set_and_its_licence():
    page = (Path(__file__).parent.parent / "data" / "README.md").read_text(encoding="utf-8")
    rows = [row for row in page.splitlines() if row.startswith("| `")]
    for source in datasets.catalogue():  # sets in the same files have a row each
        assert any(f"| `{source.usage}` |" in row and source.licence in row for row in rows), source.usage


# -------------------------------------------------------------------------------------------------------- real files


@pytest.mark.realdata
def test_the_real_yale_faces():
    dataset = yale.load(real("yalefaces"))
    assert dataset.x.shape == (165, 1, 60, 60)
    assert len(dataset.classes) == 15
    np.testing.assert_array_equal(np.bincount(dataset.labels), 11)
    conditions, counts = np.unique(dataset.attributes["condition"], return_counts=True)
    assert sorted(conditions) == sorted(yale.CONDITIONS.values())
    np.testing.assert_array_equal(counts, 15)
    flat = dataset.x.reshape(165, -1)
    assert len(np.unique(flat, axis=0)) == 156
    twins = {
        (int(dataset.attributes["subject"][i]), *dataset.attributes["condition"][[i, j]].tolist())
        for i in range(165)
        for j in range(i + 1, 165)
        if (flat[i] == flat[j]).all()
    }
    assert twins == {
        *((subject, "no glasses", "normal") for subject in (2, 3, 6, 7, 9, 12, 14)),
        (4, "normal", "sad"),
        (8, "glasses", "normal"),
    }
    train, test = dataset.split(groups="identical")
    assert (len(train), len(test)) == (124, 41)
    assert not {image.tobytes() for image in train.x} & {image.tobytes() for image in test.x}


@pytest.mark.realdata
def test_the_real_mnist_digits():
    dataset = mnist.load(real("mnist"))
    assert dataset.x.shape == (70_000, 1, 28, 28)
    train, test = dataset.split()
    assert (len(train), len(test)) == (60_000, 10_000)
    assert train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert abs(train.x.mean() - 0.1307) < 1e-4


@pytest.mark.realdata
def test_real_photographs():
    dataset = folder.load(real("dog_muffin_chicken"), size=(32, 32), grey=False)
    assert dataset.classes == ("dog", "fried_chicken", "muffin")
    np.testing.assert_array_equal(np.bincount(dataset.labels), 300)
    assert dataset.x.shape == (900, 3, 32, 32)
