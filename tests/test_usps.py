"""USPS: what is written in its form comes back, packed or not, and whatever is wrong with it is one clear error."""

import bz2

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinynet import datasets
from tinynet.cli import main
from tinynet.datasets import DataError, usps

shared_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def lines(pixels, digits, sparse=False):
    """Write images as LIBSVM does: labels from 1, indices from 1, and zeros left out if they may be."""
    rows = zip(pixels.reshape(len(digits), -1), digits, strict=True)
    return "\n".join(
        f"{digit + 1} " + " ".join(f"{at + 1}:{value:.6g}" for at, value in enumerate(row) if value or not sparse)
        for row, digit in rows
    ).encode()


def write(place, *, packed=(True, True), sparse=False, seed=0, **replaced):
    rng, parts = np.random.default_rng(seed), {}
    for name, count, pack in zip(usps.FILES, (20, 10), packed, strict=True):
        pixels, digits = rng.integers(-4, 5, (count, 16, 16)) / 4, rng.permutation(count) % 10
        parts[name] = pixels, digits
        content = replaced.get(name.replace(".", "_"), lines(pixels, digits, sparse))
        for ending in ("", ".bz2"):
            (place / f"{name}{ending}").unlink(missing_ok=True)
        (place / f"{name}{'.bz2' if pack else ''}").write_bytes(bz2.compress(content) if pack else content)
    return parts


@given(st.tuples(st.booleans(), st.booleans()), st.booleans(), st.integers(0, 99))
@shared_folder
def test_images_come_back_as_they_were_written(tmp_path, packed, sparse, seed):
    parts = write(tmp_path, packed=packed, sparse=sparse, seed=seed)
    data = datasets.load(f"usps:{tmp_path}")
    pixels, digits = (np.concatenate(part) for part in zip(*parts.values(), strict=True))
    np.testing.assert_array_equal(data.x, (pixels[:, None] + 1) / np.float32(2))
    assert data.x.dtype == np.float32
    np.testing.assert_array_equal(data.labels, digits)
    np.testing.assert_array_equal(data.is_test, np.arange(30) >= 20)
    assert data.classes == tuple("0123456789")


@given(data=st.data())
@shared_folder
def test_every_truncation_of_a_packed_file_is_an_error(tmp_path, data):
    write(tmp_path)
    file = tmp_path / data.draw(st.sampled_from(["usps.bz2", "usps.t.bz2"]))
    content = file.read_bytes()
    file.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(DataError, match=f"^usps: '.*{file.name}'"):
        usps.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no image"),
        (b"11 1:0", "image 0: its label is '11', expected 1 to 10"),
        (b"1.5 1:0", r"image 0: its label is '1.5'"),
        (b"one 1:0", "image 0: its label is 'one'"),
        (b"1 1:0\n\n2 257:0", "image 1: '257:0', expected index:value, an index from 1 to 256"),
        (b"1 0:0", "'0:0', expected"),
        (b"1 1:0 1:0", "'1:0', expected index:value, .*each once"),
        (b"1 3", "'3', expected"),
        (b"1 3:1.5", "'3:1.5', expected .* a value from -1 to 1"),
        (b"1 3:nan", "'3:nan', expected"),
        (b"1 1e999:0", "'1e999:0', expected"),
        (b"\x1f\x8b\xff", "image 0: its label is"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_files_that_are_wrong_are_one_clear_error(tmp_path, content, words, packed):
    write(tmp_path, packed=(packed, packed), usps_t=content)
    with pytest.raises(DataError, match=rf"^usps: .*usps\.t(\.bz2)?.: .*{words}"):
        usps.load(tmp_path)


def test_a_file_that_unpacks_to_much_more_than_it_is_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(usps, "largest", lambda file: 1000)
    write(tmp_path)
    with pytest.raises(DataError, match="unpacks to more than 1,000 bytes"):
        usps.load(tmp_path)


def test_a_class_without_an_image_is_an_error(tmp_path):
    one = lines(np.zeros((2, 16, 16)), [3, 4])
    write(tmp_path, usps=one, usps_t=one)
    with pytest.raises(DataError, match="class '0' has no image"):
        usps.load(tmp_path)


def test_a_folder_is_checked(tmp_path, capsys):
    (tmp_path / "USPS").mkdir()
    write(tmp_path / "USPS")
    assert main(["data", "check", str(tmp_path)]) == 0
    first, train, test, read, last = capsys.readouterr().out.splitlines()
    assert (first, last) == (f"usps:{tmp_path}", "  as expected")
    assert train.startswith("  usps.bz2: ") and test.startswith("  usps.t.bz2: ")
    assert read == "  'usps': 30 images of 1 x 16 x 16, 10 classes"
    (tmp_path / "USPS" / "usps.bz2").unlink()
    assert main(["data", "check", f"usps:{tmp_path}"]) == 1
    assert "has no file usps.bz2 or usps" in capsys.readouterr().out
