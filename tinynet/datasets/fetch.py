"""Data sets that may be fetched: file by file, each known by its hash, going on where an earlier attempt broke off.

By the standard library, since pooch, which others use for this, begins a broken download anew.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinynet.arguments import as_path, boolean, text, unknown
from tinynet.datasets.dataset import DataError, filled_in
from tinynet.progress import progress_bar

SECONDS = 30  # that a server may be silent
ATTEMPTS = 5  # at one file without a single byte more
PIECE = 1 << 16  # bytes


@dataclass(frozen=True)
class Remote:
    """A data set on other people's servers.

    Parameters
    ----------
    name : str
        What it is called, and the folder that it goes to.
    files : mapping of str to str
        The MD5 of each file, by its name.
    mirrors : tuple of str
        Addresses of folders that hold the files, tried in this order.
    licence, citation : str
    spec : str
        How it is read, such as ``"mnist:DIR"``.
    """

    name: str
    files: dict[str, str]
    mirrors: tuple[str, ...]
    licence: str
    citation: str
    spec: str = "mnist:DIR"


PARTS = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
IDX = tuple(f"{part}-ubyte.gz" for part in PARTS)


def _idx(*md5: str) -> dict[str, str]:
    return dict(zip(IDX, md5, strict=True))


REMOTE = {
    remote.name: remote
    for remote in (
        Remote(
            "mnist",
            _idx(
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "d53e105ee54ea40749a09fcbcd1e9432",
                "9fb629c4189551a2d022fa330f9573f3",
                "ec29112dd5afa0611ce80d1b7f02629c",
            ),
            ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
            "CC BY-SA 3.0",
            "LeCun, Cortes, Burges, The MNIST database of handwritten digits",
        ),
        Remote(
            "fashion",
            _idx(
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "25c81989df183df01b3e8a0aad5dffbe",
                "bef4ecab320f06d8554ea6380940ec79",
                "bb300cfdad3c16e7a12a480ee83cd310",
            ),
            ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
            "MIT",
            "Xiao, Rasul, Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking, 2017",
        ),
        Remote(
            "kmnist",
            _idx(
                "bdb82020997e1d708af4cf47b453dcf7",
                "e144d726b3acfaa3e44228e80efcd344",
                "5c965bf0a639b31b8f53240b1b52f4d7",
                "7320c461ea6c1c855c0b718fb2a4b134",
            ),
            ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
            "CC BY-SA 4.0",
            "Clanuwat et al., Deep learning for classical Japanese literature, 2018",
        ),
        Remote(
            "usps",
            {"usps.bz2": "ec16c51db3855ca6c91edd34d0e9b197", "usps.t.bz2": "8ea070ee2aca1ac39742fdd1ef5ed118"},
            ("https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/",),
            "not stated; used in research since 1989",
            "Hull, A database for handwritten text recognition research, 1994",
            spec="usps:DIR",
        ),
    )
}
BY_HAND = {
    "yale": "it is free for research alone; fetch yalefaces.zip from cvc.cs.yale.edu/cvc/projects/yalefaces or from "
    "who passes it on, unpack it, and write --data yale:DIR",
    "celeba": "agree to its terms at mmlab.ie.cuhk.edu.hk/projects/CelebA.html, fetch img_align_celeba.zip and "
    "list_attr_celeba.txt there, unpack them, and write --data celeba:DIR",
}


def get(
    name: str, folder: str | os.PathLike[str] = "data", *, mirror: str | None = None, progress: bool = True
) -> Path:
    """Fetch a data set, and return the folder that it is in.

    Parameters
    ----------
    name : str
        ``"mnist"``, ``"fashion"``, ``"kmnist"`` or ``"usps"``.
    folder : path
        A folder of the data set's name is made in it.
    mirror : str, optional
        Address of another folder that holds the files; their hashes say whether they are the same.
    progress : bool
        Whether to show a progress bar.

    Raises
    ------
    DataError
        If there is no such data set, no server answers, a file is not what it should be, or the disk is full: in one
        line. A file is there whole or not at all; what arrived of it stays beside it with the ending ``.part``, and the
        next attempt goes on from there.

    Notes
    -----
    A file that is there already with the right hash is not fetched again. Going on is a request for the rest (``Range:
    bytes=n-``); a server that sends the whole file instead is listened to from the start.
    """
    if text("name", name) in BY_HAND:
        raise DataError(f"{name}: has to be fetched by hand: {BY_HAND[name]}")
    if name not in REMOTE:
        raise DataError(unknown("data set to fetch:", name, [*REMOTE, *BY_HAND]).replace(": '", " '"))
    remote, target = REMOTE[name], filled_in(as_path("folder", folder)) / name
    mirrors = remote.mirrors if mirror is None else (text("mirror", mirror).rstrip("/") + "/",)
    boolean("progress", progress)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for file, md5 in remote.files.items():
            if not (target / file).exists() or md5_of(target / file) != md5:
                _fetch(name, mirrors, target / file, md5, show=progress)
    except OSError as error:
        raise DataError(
            f"{name}: {str(target)!r} cannot be written to: {error.strerror or error}; what has arrived is kept, and "
            "the same command goes on"
        ) from error
    finally:
        with suppress(OSError):
            target.rmdir()  # if nothing has arrived
    return target


def md5_of(file: Path) -> str:
    """Return the MD5 of a file, by which it is known from others that are not forged.

    Parameters
    ----------
    file : path
    """
    found = hashlib.md5(usedforsecurity=False)
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def _fetch(name: str, mirrors: Sequence[str], file: Path, md5: str, *, show: bool) -> None:
    """Fetch one file from the first server that has it, check it, and move it to its name."""
    part = file.with_name(f"{file.name}.part")
    for at, mirror in enumerate(mirrors):
        try:
            _download(mirror + file.name, part, show=show)
            break
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
            reason = getattr(error, "reason", None) or error or type(error).__name__
            if at == len(mirrors) - 1:
                kept = f"; {part.stat().st_size:,} bytes are kept, the same command goes on" if part.exists() else ""
                raise DataError(f"{name}: {mirror + file.name} cannot be fetched: {reason}{kept}") from error
    found = md5_of(part)
    if found != md5:
        part.unlink()
        raise DataError(
            f"{name}: {mirror + file.name} has the MD5 {found}, expected {md5}: not the file, so it is deleted"
        )
    os.replace(part, file)


def _download(address: str, part: Path, *, show: bool) -> None:
    """Bring a part of a file to its end, however often the connection breaks, as long as something arrives."""
    idle = 0
    while True:
        begin = part.stat().st_size if part.exists() else 0
        try:
            if _go_on(address, part, begin, show=show):
                return
            broken: Exception = ConnectionError("the connection broke off")
        except urllib.error.HTTPError:
            raise
        except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
            broken = error
        arrived = part.exists() and part.stat().st_size > begin
        idle = 0 if arrived else idle + 1
        if idle == ATTEMPTS:
            raise broken


def _go_on(address: str, part: Path, begin: int, *, show: bool) -> bool:
    """Fetch what is missing behind the first bytes; return whether that was all."""
    request = urllib.request.Request(address, headers={"Range": f"bytes={begin}-"} if begin else {})
    try:
        answer = urllib.request.urlopen(request, timeout=SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416 and begin:  # nothing behind these bytes: the hash says whether they are the file
                return True
            raise
    with answer:
        if answer.status != 206:
            begin = 0
        length = answer.headers.get("Content-Length")
        total = None if length is None else begin + int(length)
        if total is not None and shutil.disk_usage(part.parent).free < total - begin:
            raise OSError(28, f"No space left on device, {total - begin:,} bytes are needed")
        settings: dict[str, Any] = {"total": total, "initial": begin, "unit": "B", "unit_scale": True}
        with part.open("ab" if begin else "wb") as stream, progress_bar(show=show, desc=part.stem, **settings) as bar:
            while piece := answer.read(PIECE):
                stream.write(piece)
                bar.update(len(piece))
        return total is None or part.stat().st_size >= total
