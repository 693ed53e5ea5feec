"""Files: what is read is what was written, bit by bit, or there is one clear error and nothing else."""

from __future__ import annotations

import errno
import json
import os
import pickle
import signal
import stat
import subprocess
import sys
import textwrap
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinynet as tn
from tests.networks import assert_same_bits, cases, small_classifier
from tinynet import files, initializers

# Each example writes the same file anew.
one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
KIND = "test file"
ROOT = Path(__file__).parents[1]


class Scale(tn.Layer):
    """A layer of one's own, with a setting and a parameter."""

    def __init__(self, start=1.0):
        self.start = start

    def settings(self):
        return {"start": self.start}

    def build(self, input_shape, rng, dtype=np.float32):
        self.params["g"] = np.full(input_shape, self.start, dtype)

    def forward(self, x):
        return self.params["g"] * x

    def backward(self, dy, x, y):
        return self.params["g"] * dy


def every_kind_of_layer(dtype=np.float32):
    layers = [
        tn.Conv2D(4, (3, 2), stride=(1, 2), padding="same", initializer="he_normal"),
        tn.ReLU(),
        tn.MaxPool2D(3, stride=2, padding=1, ceil=True),
        tn.Conv2D(3, 2, padding=(1, 0), bias=False),
        tn.Softplus(),
        tn.AvgPool2D((1, 2)),
        tn.Dropout(0.25),
        tn.Flatten(),
        Scale(0.5),
        tn.Dense(6, bias=False),
        tn.Sigmoid(),
        tn.Dense(5),
        tn.Tanh(),
        tn.Step(),
        tn.Dense(3),
        tn.Softmax(),
    ]
    layers[4].name = "my layer/é"
    return tn.Network(layers, (2, 9, 8), rng=3, dtype=dtype)


def assert_same_network(got: tn.Network, wanted: tn.Network) -> None:
    assert json.dumps(got.description()) == json.dumps(wanted.description())
    assert got.shapes == wanted.shapes and got.dtype == wanted.dtype
    assert_same_bits(got.parameters(), wanted.parameters())


# ----------------------------------------------------------------------------------------------------- round trips


@one_folder
@given(
    st.dictionaries(
        st.text("abc/ é.", min_size=1).filter(lambda name: name != "description"),
        hnp.arrays(
            st.one_of(hnp.floating_dtypes(), hnp.integer_dtypes(), hnp.boolean_dtypes()),
            hnp.array_shapes(min_dims=0, min_side=0, max_side=4),
        ),
        max_size=4,
    ),
    st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.floats(allow_nan=False), st.text(), st.none())),
)
def test_arrays_and_their_description_come_back(tmp_path, arrays, description):
    path = tmp_path / "some.npz"
    files.save_arrays(path, {**description, "format": KIND}, arrays)
    read, found = files.load_arrays(path, KIND)
    assert read == {**description, "format": KIND}
    assert_same_bits(found, {name: array.astype(array.dtype.newbyteorder("=")) for name, array in arrays.items()})


@one_folder
@given(cases())
def test_networks_come_back(tmp_path, case):
    path = tmp_path / "net.npz"
    case.net.save(path)
    loaded = tn.Network.load(path)
    assert_same_network(loaded, case.net)
    assert loaded(case.x).tobytes() == case.net(case.x).tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_networks_of_every_kind_of_layer_come_back(tmp_path, dtype):
    net = every_kind_of_layer(dtype)
    for array in net.parameters().values():
        array += np.random.default_rng(0).normal(size=array.shape).astype(dtype)
    net = net.knocked_out({"relu1": [0, 2], "dense2": [1]}, {"relu1": 0.0, "dense2": [0.1]})
    net.save(tmp_path / "net.npz")
    loaded = tn.Network.load(tmp_path / "net.npz", layers=[Scale])
    assert_same_network(loaded, net)
    x = np.random.default_rng(1).normal(size=(3, 2, 9, 8))
    assert loaded(x).tobytes() == net(x).tobytes()


def test_mean_knock_outs_come_back(tmp_path):
    net = small_classifier(dtype=np.float32)
    x = np.random.default_rng(1).normal(size=(3, 1, 8, 8))
    silenced = net.knocked_out({"tanh1": [0, 3], "input": [0]}, "mean", x)
    silenced.save(tmp_path / "net.npz")
    loaded = tn.Network.load(tmp_path / "net.npz")
    assert_same_network(loaded, silenced)
    assert loaded(x).tobytes() == silenced(x).tobytes()


def test_a_loaded_network_owns_its_parameters(tmp_path):
    net = small_classifier()
    net.save(tmp_path / "net.npz")
    loaded = tn.Network.load(tmp_path / "net.npz")
    loaded["conv1"].params["W"][...] = 0
    assert net["conv1"].params["W"].any()


def test_the_same_network_gives_the_same_bytes(tmp_path):
    for name in ("one.npz", "two.npz"):
        small_classifier().save(tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.npz") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_files_are_ordinary_npz_files(tmp_path):
    net = small_classifier()
    net.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as archive:
        assert json.loads(str(archive["description"]))["format"] == "tinynet network"
        np.testing.assert_array_equal(archive["conv1/W"], net["conv1"].params["W"])


# --------------------------------------------------------------------------------------- written whole or not at all


def test_the_name_is_taken_as_it_is_and_the_folder_is_made(tmp_path):
    path = tmp_path / "new" / "folder" / "net"
    small_classifier().save(path)
    assert [file.name for file in path.parent.iterdir()] == ["net"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600
    assert_same_network(tn.Network.load(str(path)), small_classifier())


@pytest.mark.parametrize("existing", [None, b"the old file"])
def test_a_write_that_fails_leaves_what_was_there(tmp_path, existing):
    path = tmp_path / "net.npz"
    if existing is not None:
        path.write_bytes(existing)
    with pytest.raises(OSError, match="disk full"), files.written_whole(path) as temporary:
        temporary.write_bytes(b"half of the new fi")
        raise OSError("disk full")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == (
        {} if existing is None else {path.name: existing}
    )


@pytest.mark.parametrize("write", [files.workshop, lambda place: files.written_whole(place / "net.npz")])
def test_of_a_disk_that_is_full_one_is_told_which(tmp_path, write):
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}'"), write(tmp_path):
        raise full
    with pytest.raises(FileNotFoundError, match=r"elsewhere'$"), write(tmp_path):
        Path("elsewhere").open()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError, match=f"'{tmp_path}/nowhere'$"), files.workshop(tmp_path / "nowhere"):
        pass


def test_objects_are_never_pickled(tmp_path):
    path = tmp_path / "some.npz"
    files.save_arrays(path, {"format": KIND}, {"a": np.ones(2)})
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"[Oo]bject"):
        files.save_arrays(path, {"format": KIND}, {"fine": np.ones(3), "wrong": np.array([object()], dtype=object)})
    with pytest.raises(ValueError, match=r"^description: .*object"):
        files.save_arrays(path, {"format": KIND, "wrong": object()}, {})
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_is_a_file_is_an_error_of_the_system(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        small_classifier().save(tmp_path / "file" / "net.npz")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("length", [1, 100, 216, 217, 230, 255])
def test_any_name_that_the_system_takes_can_be_written(tmp_path, length):
    path = tmp_path / ("é" * (length // 2) + "a" * (length % 2))
    with files.written_whole(path) as temporary:
        temporary.write_bytes(b"new")
    assert contents(tmp_path) == {path.name: b"new"}


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing yet"])
@pytest.mark.parametrize("links", [1, 3])
def test_writing_through_links_keeps_them(tmp_path, links, there):
    (tmp_path / "runs").mkdir()
    target = tmp_path / "runs" / "file"
    if there:
        target.write_bytes(b"old")
    last = Path("runs/file")
    for number in range(links):
        (tmp_path / f"link{number}").symlink_to(last)
        last = Path(f"link{number}")
    with files.written_whole(tmp_path / last) as temporary:
        temporary.write_bytes(b"new")
    assert all((tmp_path / f"link{number}").is_symlink() for number in range(links))
    assert target.read_bytes() == b"new" and sorted(path.name for path in target.parent.iterdir()) == ["file"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755, 0o200])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)
    with files.written_whole(path) as temporary:
        temporary.write_bytes(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_has_the_permissions_that_open_gives(tmp_path):
    (tmp_path / "opened").open("w").close()
    with files.written_whole(tmp_path / "written"):
        pass
    assert (tmp_path / "written").stat().st_mode == (tmp_path / "opened").stat().st_mode


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o555])
@pytest.mark.parametrize("linked", [False, True])
def test_write_protected_files_stay_as_they_are(tmp_path, mode, linked):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    if linked:
        (tmp_path / "link").symlink_to(path)
    with pytest.raises(PermissionError, match=r"file: is write-protected$"):
        small_classifier().save(tmp_path / "link" if linked else path)
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1 + linked


def test_folders_pipes_and_devices_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("/dev/null")
    for name in ("pipe", "folder", "link"):
        with pytest.raises(OSError, match=r": is a (folder|pipe or a device), expected the path of a file$"):
            small_classifier().save(tmp_path / name)
        with pytest.raises(FileNotFoundError, match=rf"{name}: no such file \(it is a folder, a pipe or a device\)$"):
            tn.Network.load(tmp_path / name)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode) and stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "link", "pipe"]


@pytest.mark.parametrize("path", [None, 3, b"bytes", "", "null\0character", ["list"]])
def test_paths_that_are_none_are_told(path):
    for use in (small_classifier().save, tn.Network.load):
        with pytest.raises(ValueError, match=r"^path is .*, expected the path of a file$"):
            use(path)


KILLED = """
    import os, signal, sys
    from tinynet import files, initializers
    with files.written_whole(sys.argv[1]) as temporary:
        temporary.write_bytes(b"half of the new fi")
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_what_a_killed_program_left_is_cleared_by_the_next_that_writes_there(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    for _ in range(2):
        killed = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), str(path)], cwd=ROOT, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 2
    with files.written_whole(path) as temporary:
        temporary.write_bytes(b"new")
    assert contents(tmp_path) == {"file": b"new"}


@pytest.mark.parametrize("locks", ["none", "not on this disk"])
def test_where_there_are_no_locks_files_are_written_and_what_was_left_stays(tmp_path, monkeypatch, locks):
    def refused(handle, how):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(files, "fcntl", None) if locks == "none" else monkeypatch.setattr(files.fcntl, "flock", refused)
    left = tmp_path / f"{files.PREFIX}left"
    left.mkdir()
    small_classifier().save(tmp_path / "net.npz")
    assert_same_network(tn.Network.load(tmp_path / "net.npz"), small_classifier())
    assert sorted(path.name for path in tmp_path.iterdir()) == [left.name, "net.npz"]


def test_what_another_program_writes_at_the_moment_is_left_alone(tmp_path):
    (tmp_path / ".tinynet-of-mine").write_bytes(b"a file, not a folder that was left")
    with files.written_whole(tmp_path / "one") as first, files.written_whole(tmp_path / "two") as second:
        second.write_bytes(b"2")
        first.write_bytes(b"1")
    assert contents(tmp_path) == {"one": b"1", "two": b"2", ".tinynet-of-mine": b"a file, not a folder that was left"}


# -------------------------------------------------------------------------------------------------- damaged, foreign


@pytest.fixture(scope="module")
def original() -> tn.Network:
    return tn.Network([tn.Dense(5), tn.Tanh(), tn.Dense(2), tn.Softmax()], (9,), rng=1)


@pytest.fixture(scope="module")
def whole(original, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "net.npz"
    original.save(path)
    return path.read_bytes()


def assert_refused(path: Path, message: str = "not a complete tinynet network file") -> None:
    with pytest.raises(ValueError, match=message) as caught:
        tn.Network.load(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


@one_folder
@example(share=0.0)
@example(share=1.0)
@given(share=st.floats(0, 1))
def test_truncated_files_are_refused(tmp_path, whole, share):
    path = tmp_path / "net.npz"
    path.write_bytes(whole[: int(share * (len(whole) - 1))])
    assert_refused(path)


@one_folder
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_does_not_matter(tmp_path, whole, original, share, bit):
    path = tmp_path / "net.npz"
    for position in range(int(share * 211), len(whole), 211):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << bit
        path.write_bytes(damaged)
        try:
            loaded = tn.Network.load(path)
        except ValueError as error:
            assert str(error).startswith(f"{path}: ")
        else:
            assert_same_network(loaded, original)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"\x93NUMPY", b"not an archive at all" * 100, pickle.dumps({"a": 1}), b"\x1f\x8b" + b"0" * 50],
    ids=["empty", "zip magic", "npy magic", "text", "pickle", "gzip magic"],
)
def test_files_of_another_kind_are_refused(tmp_path, content):
    path = tmp_path / "net.npz"
    path.write_bytes(content)
    assert_refused(path)


def test_arrays_of_another_kind_are_refused(tmp_path):
    path = tmp_path / "net.npz"
    with path.open("wb") as stream:
        np.save(stream, np.ones(3))
    assert_refused(path)
    with path.open("wb") as stream:
        np.savez(stream, x=np.ones(3))
    assert_refused(path)
    files.save_arrays(path, {"format": "tinynet checkpoint"}, {})
    assert_refused(path, "holds a tinynet checkpoint, expected a tinynet network")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no arrays here")
    assert_refused(path)


@pytest.mark.parametrize("surplus", [b"", b"more"])
def test_an_entry_is_its_array_and_nothing_more(tmp_path, original, surplus):
    path = tmp_path / "net.npz"
    original.save(path)
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content + (surplus if name == "dense1/W.npy" else b""))
    if surplus:
        assert_refused(path)
    else:
        assert_same_network(tn.Network.load(path), original)


def test_pickled_objects_are_never_loaded(tmp_path):
    path = tmp_path / "net.npz"

    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was loaded",))

    with path.open("wb") as stream:
        np.savez(stream, **{"dense1/W": np.array([Bomb()], dtype=object)})
    assert_refused(path)


def test_files_that_are_not_there(tmp_path):
    for path in (tmp_path / "nothing.npz", tmp_path):
        with pytest.raises(FileNotFoundError, match=f"{path}: no such file"):
            tn.Network.load(path)


def test_files_that_must_not_be_read_say_so(tmp_path, monkeypatch):
    small_classifier().save(tmp_path / "net.npz")

    def forbid(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(files.zipfile, "ZipFile", forbid)
    with pytest.raises(PermissionError, match=r"net\.npz"):
        tn.Network.load(tmp_path / "net.npz")


@one_folder
@given(
    hnp.arrays(
        hnp.floating_dtypes() | hnp.integer_dtypes() | hnp.unicode_string_dtypes(min_len=1, max_len=3),
        hnp.array_shapes(min_side=0),
    ),
    st.sampled_from("CF"),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
def test_arrays_of_any_byte_order_and_order_in_memory_come_back(tmp_path, array, order, compression):
    path = tmp_path / "some.npz"
    files.save_arrays(path, {"format": KIND}, {"a": np.asarray(array, order=order)})
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    _, found = files.load_arrays(path, KIND)
    native = array.astype(array.dtype.newbyteorder("="))
    assert found["a"].dtype.isnative and found["a"].flags.writeable and found["a"].shape == array.shape
    assert found["a"].tobytes() == native.tobytes()


def npy(shape: str, dtype: str = "<f4", values: bytes = b"") -> bytes:
    """Return an array as files hold it, its shape said in any way."""
    head = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(head + b"\n").to_bytes(2, "little") + head + b"\n" + values


DESCRIPTION = npy("()", "<U23", np.array('{"format": "test file"}').tobytes())
ZEROS = bytes(1 << 27)


@pytest.mark.parametrize(
    "entries",
    [
        {"a.npy": npy("(1000000000000,)")},
        {"a.npy": npy("(1000000000000, 0)", values=b"more")},
        {"a.npy": npy("(-1,)")},
        {"a.npy": npy("(-1, -1)", values=bytes(4))},
        {"a.npy": npy("(True,)", values=bytes(8))},
        {"a.npy": npy("(1,)", "|O", bytes(8))},
        {"a.npy": npy("(9000000000,)", "|V0")},
        {"a.npy": npy("(1,)", [("x", "<f4")], bytes(4))},
        {"a.npy": npy("(33554432,)", values=ZEROS)},
        {f"{name}.npy": npy("(8388608,)", values=ZEROS[: 1 << 25]) for name in "abc"},
        {"a.npy": npy("(" * 2000)},
        {"a.npy": npy("(1,)" + " " * 20000, values=bytes(4))},
        {"a.npy": npy("(1j,)", values=bytes(4))},
        {"a.npy": npy("(1,", values=bytes(4))},
    ],
)
def test_what_an_array_is_said_to_be_is_compared_with_the_file_before_it_is_read(tmp_path, entries):
    path = tmp_path / "some.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"description.npy": DESCRIPTION, **entries}.items():
            archive.writestr(name, content)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=rf"^{path}: not a complete test file file"):
            files.load_arrays(path, KIND)
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()


def test_what_is_not_asked_for_is_not_read(tmp_path):
    path = tmp_path / "some.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("description.npy", DESCRIPTION)
        archive.writestr("a.npy", npy("(1,)", values=np.float32(7).tobytes()))
        archive.writestr("b.npy", npy("(8388608,)", values=ZEROS[: 1 << 25]))
        archive.writestr("no array", ZEROS)
    tracemalloc.start()
    try:
        with files.opened(path, KIND) as saved:
            assert {name: (header.shape, header.dtype) for name, header in saved.headers.items()} == {
                "a": ((1,), np.float32),
                "b": ((8388608,), np.float32),
            }
            assert saved["a"].tolist() == [7.0]
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()


def test_names_that_stand_there_twice_are_refused(tmp_path):
    path = tmp_path / "some.npz"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        for name, content in (("description", DESCRIPTION), ("a", npy("(0,)")), ("a", npy("(0,)"))):
            archive.writestr(f"{name}.npy", content)
    with pytest.raises(ValueError, match="not a complete test file file"):
        files.load_arrays(path, KIND)


@pytest.mark.parametrize(
    "error",
    [TokenError, SystemError, NotImplementedError, RecursionError, MemoryError, zlib.error, EOFError, IndexError],
)
@pytest.mark.parametrize("where", ["read_magic", "read_array_header_1_0"])
def test_whatever_goes_wrong_in_reading_is_one_error_with_the_name_of_the_file(tmp_path, monkeypatch, error, where):
    path = tmp_path / "some.npz"
    files.save_arrays(path, {"format": KIND}, {"a": np.ones(2)})

    def fail(*_):
        raise error("of the library")

    monkeypatch.setattr(files.npy, where, fail)
    with pytest.raises(ValueError, match=rf"^{path}: not a complete test file file"):
        files.load_arrays(path, KIND)


def test_a_checksum_that_is_wrong_is_found_when_the_array_is_read(tmp_path):
    path = tmp_path / "some.npz"
    files.save_arrays(path, {"format": KIND}, {"a": np.arange(10_000), "b": np.ones(2)})
    whole = path.read_bytes()
    place = whole.index(np.arange(10_000).tobytes()) + 70_000
    path.write_bytes(whole[:place] + b"!" + whole[place + 1 :])
    with files.opened(path, KIND) as saved:
        assert saved["b"].tolist() == [1, 1]
    with pytest.raises(ValueError, match=rf"^{path}: not a complete test file file"), files.opened(path, KIND) as saved:
        saved["a"]


def test_what_does_not_fit_together_is_one_error_with_the_name_of_the_file(tmp_path):
    path = tmp_path / "some.npz"
    files.save_arrays(path, {"format": KIND}, {})
    for error in (KeyError("a"), TypeError("a"), RecursionError("a")):
        with (
            pytest.raises(ValueError, match=rf"^{path}: the test file in it does not fit together \('?a'?\)$"),
            files.opened(path, KIND),
        ):
            raise error
    with pytest.raises(KeyboardInterrupt), files.opened(path, KIND):
        raise KeyboardInterrupt


# ----------------------------------------------------------------------------------------------------- tampered with


def rewritten(net: tn.Network, path: Path, change) -> None:
    """Write a file that is sound as an archive, but for what `change` does to the description and the arrays."""
    description = json.loads(json.dumps(net.description()))
    arrays = dict(net.parameters())
    change(description, arrays)
    files.save_arrays(path, description, arrays)


def put(*keys, to):
    def change(description, arrays):
        *path, last = keys
        for key in path:
            description = description[key]
        description[last] = to

    return change


def drop(*keys):
    def change(description, arrays):
        *path, last = keys
        for key in path:
            description = description[key]
        del description[last]

    return change


def array(name, to):
    return lambda description, arrays: arrays.update({name: to})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda description, arrays: arrays.pop("dense1/b"),
            r"dense1: parameters have the shapes {'W': \(5, 9\)}, exp",
        ),
        (lambda description, arrays: [arrays.pop(f"dense1/{key}") for key in "Wb"], "dense1 has no parameters"),
        (array("dense3/W", np.ones(3)), "dense3/W is a parameter of no layer; there are dense1"),
        (array("dense1/W", np.ones((5, 8), np.float32)), "dense1: input has 9 values, expected 8"),
        (array("dense1/b", np.ones((), np.float32)), "dense1: parameters have the shapes"),
        (array("dense1/W", np.ones((5, 9))), "dense1/W is float64, expected float32"),
        (array("dense1/W", np.full((5, 9), "1.0")), "dense1/W is <U3"),
        (put("layers", to=[]), "at least one layer"),
        (put("layers", to=None), "NoneType"),
        (put("layers", 0, "kind", to="Dance"), r"dense1 is a Dance, which is not a layer of tinynet: pass layers="),
        (put("layers", 0, "kind", to="Layer"), "is a Layer, which is not"),
        (put("layers", 0, "kind", to=["Dense"]), "unhashable"),
        (put("layers", 0, "name", to=7), ""),
        (put("layers", 0, "name", to="dense2"), "dense2"),
        (put("layers", 0, "settings", "units", to=6), r"dense1"),
        (put("layers", 0, "settings", "units", to="many"), "units"),
        (put("layers", 0, "settings", "units", to=10**30), ""),
        (put("layers", 0, "settings", "colour", to="red"), "colour"),
        (put("layers", 0, "settings", to=3), ""),
        (put("input_shape", to=[8]), "expected"),
        (put("input_shape", to=["x"]), ""),
        (put("input_shape", to=[float("inf")]), ""),
        (put("input_shape", to=9), ""),
        (put("dtype", to="float31"), ""),
        (put("dtype", to="object"), "floating-point"),
        (drop("dtype"), "dtype"),
        (drop("layers"), "layers"),
        (drop("layers", 0, "settings"), "settings"),
    ],
)
def test_networks_that_do_not_fit_together_are_refused(tmp_path, original, change, message):
    path = tmp_path / "net.npz"
    rewritten(original, path, lambda description, arrays: None)
    assert_same_network(tn.Network.load(path), original)
    rewritten(original, path, change)
    assert_refused(path, rf"the network in it does not fit together \(.*{message}")


@pytest.mark.parametrize(
    ("layers", "shape", "change"),
    [
        ([tn.Dense(5), tn.Tanh()], (9,), put("layers", 0, "settings", "units", to=10**9)),
        ([tn.Dense(5), tn.Tanh()], (9,), put("input_shape", to=[10**9])),
        (
            [tn.Dense(5), tn.Tanh()],
            (9,),
            lambda d, a: (put("layers", 0, "settings", "units", to=10**8)(d, a), a.clear()),
        ),
        ([tn.Conv2D(2, 3), tn.Tanh()], (1, 5, 5), put("layers", 0, "settings", "filters", to=10**8)),
        ([tn.Conv2D(2, 3), tn.Tanh()], (1, 5, 5), put("layers", 0, "settings", "size", to=[20_000, 20_000])),
        ([tn.Conv2D(2, 3), tn.Flatten(), tn.Dense(2)], (1, 5, 5), put("input_shape", to=[1, 30_000, 30_000])),
        ([tn.Tanh(), tn.Flatten(), tn.Softmax()], (1, 5, 5), put("input_shape", to=[1, 30_000, 30_000])),
        ([tn.MaxPool2D(2), tn.ReLU()], (1, 5, 5), put("input_shape", to=[1, 30_000, 30_000])),
    ],
)
def test_a_description_of_something_huge_takes_no_memory(tmp_path, layers, shape, change):
    path = tmp_path / "net.npz"
    rewritten(tn.Network(layers, shape), path, change)
    tracemalloc.start()
    try:
        tn.Network.load(path)
    except ValueError as error:
        assert str(error).startswith(f"{path}: the network in it does not fit together (")
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 2**22


def test_loading_draws_nothing(tmp_path, monkeypatch):
    net = every_kind_of_layer()
    net.save(tmp_path / "net.npz")

    def draw(*arguments):
        pytest.fail("weights were drawn")

    monkeypatch.setattr(initializers, "named", lambda name: draw)
    assert_same_network(tn.Network.load(tmp_path / "net.npz", layers=[Scale]), net)


@given(cases())
def test_networks_of_another_machine_are_read(tmp_path_factory, case):
    path = tmp_path_factory.mktemp("swapped") / "net.npz"
    swapped = {name: array.astype(array.dtype.newbyteorder("S")) for name, array in case.net.parameters().items()}
    files.save_arrays(path, case.net.description(), swapped)
    loaded = tn.Network.load(path)
    assert_same_network(loaded, case.net)
    assert all(array.dtype.isnative for array in loaded.parameters().values())


def test_settings_that_are_numpy_numbers_are_written(tmp_path):
    class Scaled(Scale):
        def settings(self):
            return {"start": np.float32(self.start)}

    net = tn.Network([Scaled(2.0), tn.Dense(2)], (3,))
    net.save(tmp_path / "net.npz")
    assert_same_network(tn.Network.load(tmp_path / "net.npz", layers=[Scaled]), net)


def test_no_file_makes_more_layers_or_a_longer_message_than_a_network_can_have(tmp_path, original):
    path, more = tmp_path / "net.npz", [{"kind": "Tanh", "name": f"tanh{n}", "settings": {}} for n in range(10_001)]
    rewritten(original, path, put("layers", to=more))
    assert_refused(path, "it has 10001 layers, expected at most 10000")
    rewritten(original, path, put("layers", 0, "name", to="x" * 100_000))
    with pytest.raises(ValueError, match=r"parameter of no layer; there are x+ \.\.\.\)$") as caught:
        tn.Network.load(path)
    assert len(str(caught.value)) < 1200 + len(str(path))


@pytest.mark.parametrize("name", [7, None, ["conv1"], {}, "", 1.5, True])
def test_names_that_are_no_text_are_refused(tmp_path, original, name):
    rewritten(original, tmp_path / "net.npz", put("layers", 1, "name", to=name))
    assert_refused(tmp_path / "net.npz", "the network in it does not fit together .name of a layer is")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-100, 100), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


@one_folder
@given(
    where=st.sampled_from(
        [
            ("dtype",),
            ("input_shape",),
            ("layers",),
            ("layers", 0),
            ("layers", 2, "name"),
            ("layers", 0, "settings", "initializer"),
            ("layers", 0, "settings", "bias"),
            ("layers", 1, "settings"),
        ]
    ),
    to=JSON,
)
def test_any_other_description_is_refused_or_loads_the_same_weights(tmp_path, original, where, to):
    path = tmp_path / "net.npz"
    rewritten(original, path, put(*where, to=to))
    try:
        loaded = tn.Network.load(path)
    except ValueError as error:
        assert str(error).startswith(f"{path}: ")
    else:
        assert {a.tobytes() for a in loaded.parameters().values()} == {
            a.tobytes() for a in original.parameters().values()
        }


def test_settings_that_are_missing_are_told(tmp_path):
    class Needy(tn.Layer):
        def __init__(self, need):
            self.need = need

        def forward(self, x):
            return x + self.need

        def backward(self, dy, x, y):
            return dy + 0

    tn.Network([Needy(1.0)], (3,)).save(tmp_path / "net.npz")
    with pytest.raises(ValueError, match=r"does not fit together \(.*need"):
        tn.Network.load(tmp_path / "net.npz", layers=[Needy])
    with pytest.raises(ValueError, match=r"needy1 is a Needy, which is not a layer of tinynet: pass layers=\[Needy\]"):
        tn.Network.load(tmp_path / "net.npz")
