"""Fetching over a loopback server that breaks off, lies, is not there; and folders that are not what they should be."""

from __future__ import annotations

import gzip
import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tinynet import datasets
from tinynet.cli import main
from tinynet.datasets import DataError, fetch
from tinynet.datasets.read import yale

CONTENT = np.random.default_rng(0).bytes(200_000)
NAMES = ("one.gz", "two.gz")


class Server(ThreadingHTTPServer):
    """Serves the same bytes under both names, each connection no longer than the next of some lengths."""

    def __init__(self, content=CONTENT, lengths=(), *, ranges=True, status=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.lengths, self.ranges, self.status = content, list(lengths), ranges, status
        self.asked, self.sent = [], 0

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/files"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        server, begin = self.server, 0
        server.asked.append(self.headers.get("Range"))
        if server.status:
            self.send_error(server.status)
            return
        if server.ranges and self.headers.get("Range"):
            begin = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
            if begin >= len(server.content):
                self.send_error(416)
                return
        body = server.content[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        body = body[: server.lengths.pop(0)] if server.lengths else body
        server.sent += len(body)
        self.wfile.write(body)
        self.close_connection = True


@contextmanager
def serving(*arguments, **options):
    with Server(*arguments, **options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    md5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    remote = fetch.Remote("tiny", dict.fromkeys(NAMES, md5), ("http://127.0.0.1:9/",), "MIT", "")
    monkeypatch.setitem(fetch.REMOTE, "tiny", remote)


def get(folder, server, name="tiny"):
    return datasets.get(name, folder, mirror=server.address, progress=False)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@given(
    lengths=st.lists(st.integers(1, 90_000), max_size=6),
    begun=st.integers(0, len(CONTENT)),
    ranges=st.booleans(),
)
@settings(max_examples=12)
def test_however_often_it_breaks_off_the_file_arrives_and_nothing_twice(tmp_path_factory, lengths, begun, ranges):
    folder = tmp_path_factory.mktemp("data")
    (folder / "tiny").mkdir()
    (folder / "tiny" / "one.gz.part").write_bytes(CONTENT[:begun])
    with serving(lengths=lengths if ranges else (), ranges=ranges) as server:
        assert get(folder, server) == folder / "tiny"
        assert contents(folder / "tiny") == dict.fromkeys(NAMES, CONTENT)
        assert server.sent == 2 * len(CONTENT) - (begun if ranges else 0)
        asked = len(server.asked)
        get(folder, server)
        assert len(server.asked) == asked, "what is there is fetched again"


def test_a_server_that_sends_nothing_more_is_given_up_and_what_arrived_is_kept(tmp_path):
    with serving(lengths=[1000, *[0] * 20]) as server:
        with pytest.raises(
            DataError, match=r"^tiny: http://127\S+/files/one.gz cannot be fetched: .*; 1,000 bytes are kept"
        ):
            get(tmp_path, server)
        assert contents(tmp_path / "tiny") == {"one.gz.part": CONTENT[:1000]}
        server.lengths = []
        get(tmp_path, server)
        assert "bytes=1000-" in server.asked and contents(tmp_path / "tiny") == dict.fromkeys(NAMES, CONTENT)


def test_a_wrong_file_is_deleted_and_what_is_right_stays(tmp_path):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "one.gz").write_bytes(CONTENT)
    with serving(content=CONTENT[::-1]) as server:
        with pytest.raises(
            DataError, match=r"^tiny: \S+/two.gz has the MD5 \w{32}, expected \w{32}: not the file, so it"
        ):
            get(tmp_path, server)
    assert contents(tmp_path / "tiny") == {"one.gz": CONTENT}


@pytest.mark.parametrize(("status", "words"), [(404, "Not Found"), (500, "Internal Server Error")])
def test_a_server_without_the_file_is_one_clear_error(tmp_path, status, words):
    with (
        serving(status=status) as server,
        pytest.raises(DataError, match=f"^tiny: .*one.gz cannot be fetched: {words}$"),
    ):
        get(tmp_path, server)
    assert list(tmp_path.iterdir()) == []


def test_no_network_is_one_clear_error_and_the_next_mirror_is_tried(tmp_path, monkeypatch, capsys):
    assert main(["data", "get", "tiny", "--into", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("tinynet: error: tiny: http://127.0.0.1:9/one.gz cannot be fetched: ")
    assert list(tmp_path.iterdir()) == []
    with serving() as server:
        remote = fetch.REMOTE["tiny"]
        mirrors = (*remote.mirrors, f"{server.address}/")
        monkeypatch.setitem(fetch.REMOTE, "tiny", fetch.Remote("tiny", remote.files, mirrors, "MIT", ""))
        assert main(["data", "get", "tiny", "--into", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(tmp_path / "tiny"),
        f"read it with --data mnist:{tmp_path / 'tiny'}",
    ]
    assert contents(tmp_path / "tiny") == dict.fromkeys(NAMES, CONTENT)


def test_a_disk_that_is_full_or_becomes_so_is_one_clear_error(tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    with serving() as server:
        with monkeypatch.context() as patch:
            patch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
            with pytest.raises(
                DataError, match=r"^tiny: .* cannot be written to: No space left on device, 200,000 bytes"
            ):
                get(tmp_path, server)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))  # writes fail beyond
        try:
            with pytest.raises(
                DataError, match=r"^tiny: .* cannot be written to: File too large; what has arrived is kept"
            ):
                get(tmp_path, server)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert list(contents(tmp_path / "tiny")) == ["one.gz.part"]
        get(tmp_path, server)
    assert contents(tmp_path / "tiny") == dict.fromkeys(NAMES, CONTENT)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mnits", r"^no data set to fetch 'mnits'; did you mean mnist or kmnist\?$"),
        ("yale", "^yale: has to be fetched by hand: .*--data yale:DIR$"),
        ("celeba", "^celeba: has to be fetched by hand: agree to its terms .*--data celeba:DIR$"),
    ],
)
def test_what_is_not_fetched_says_why(tmp_path, name, message):
    with pytest.raises(DataError, match=message):
        datasets.get(name, tmp_path)


# -------------------------------------------------------------------------------------------------- is a folder right?


def idx(folder, missing=()):
    for name, shape in zip(fetch.IDX, ((20, 3, 2), (20,), (10, 3, 2), (10,)), strict=True):
        header = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
        if name not in missing:
            (folder / name).write_bytes(
                gzip.compress(header + (np.arange(np.prod(shape)) % 10).astype(np.uint8).tobytes())
            )


def test_a_folder_of_digits_is_checked(tmp_path, capsys):
    idx(tmp_path)
    assert main(["data", "check", str(tmp_path)]) == 0
    first, *files, read, last = capsys.readouterr().out.splitlines()
    assert first == f"mnist:{tmp_path}" and files[0].endswith("20 x 3 x 2") and len(files) == 4
    assert read == "  'mnist': 30 images of 1 x 3 x 2, 10 classes" and last == "  as expected"
    (tmp_path / fetch.IDX[1]).unlink()
    assert main(["data", "check", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "has no file train-labels-idx1-ubyte" in printed and printed.endswith("  not as expected\n")


def test_a_folder_of_faces_is_checked(tmp_path):
    for person in range(1, 16):
        for words in yale.CONDITIONS:
            Image.new("L", (4, 4)).save(tmp_path / f"subject{person:02}.{words}", "gif")
    found = datasets.check(tmp_path)
    assert found.ok and found.spec == f"yale:{tmp_path}" and found.found == ("165 of 165 pictures",)
    for words in ("sad", "wink"):
        (tmp_path / f"subject03.{words}").unlink()
    found = datasets.check(f"yale:{tmp_path}")
    assert found.missing == ("2 pictures missing: subject 03, sad; subject 03, wink",) and not found.ok


def test_celeba_and_pictures_of_ones_own_are_checked(tmp_path):
    faces = tmp_path / "faces"
    (faces / "img_align_celeba").mkdir(parents=True)
    assert datasets.check(faces).missing == (
        "no folder img_align_celeba with pictures",
        "no file list_attr_celeba.txt",
    )
    Image.new("RGB", (4, 4)).save(faces / "img_align_celeba" / "000001.jpg")
    (faces / "list_attr_celeba.txt").write_text("1\nSmiling Male\n000001.jpg 1 -1\n")
    found = datasets.check(faces)
    assert found.ok and "img_align_celeba: 1 of 202,599 pictures; fewer are fine" in found.found
    for name in ("mine/cats", "mine/dogs"):
        (tmp_path / name).mkdir(parents=True)
        Image.new("L", (4, 4)).save(tmp_path / name / "1.png")
    found = datasets.check(tmp_path / "mine")
    assert found.ok and found.spec.startswith("folder:") and "2 images" in found.found[0]
    (tmp_path / "mine" / "cats" / "1.png").unlink()
    assert not datasets.check(tmp_path / "mine").ok
    with pytest.raises(DataError, match="there is no folder"):
        datasets.check(tmp_path / "nowhere")
