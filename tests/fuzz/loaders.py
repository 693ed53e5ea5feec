"""Damaged files: each loader's own, changed by a few bytes, repacked with right checksums, cut, or put together.

A file is read right, or refused by one error of ours (a ValueError, or an OSError of the system) that names it.
Anything else is "foreign", a message without the file "unnamed".
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import tempfile
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import tinynet as tn
from tests.fuzz.sandbox import Clock, Verdict, attempts
from tinynet.datasets import Dataset, folder, mnist, npz, usps, yale
from tinynet.studies.engine import claims

Bytes = Callable[[bytes, np.random.Generator], bytes]
NUMBERS = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x10000, 0x40000000]
WORDS = [b"null", b"NaN", b"-1", b"1e999", b"true", b"[]", b"{}", b'""', b"9" * 5000, b"[" * 3000, b'{"a":' * 3000]


@dataclass(frozen=True)
class Subject:
    """A loader, and one of the files that it reads, which is damaged."""

    file: Path
    load: Callable[[], Any]
    repack: Callable[[bytes, np.random.Generator], bytes] | None = None


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Return bytes with one kind of damage, in a few places."""
    changed = bytearray(content)
    kind = rng.integers(8)
    for _ in range(rng.integers(1, 5)):
        place, length = (int(rng.integers(len(changed) + 1)) for _ in range(2)) if changed else (0, 0)
        some = slice(place, place + length % 64)
        if kind == 0 and changed:
            changed[place % len(changed)] ^= 1 << int(rng.integers(8))
        elif kind == 1 and changed:
            changed[place % len(changed)] = int(rng.integers(256))
        elif kind == 2:
            size = int(rng.choice([1, 2, 4, 8]))
            order = "little" if rng.random() < 0.5 else "big"
            value = NUMBERS[rng.integers(len(NUMBERS))] % 256**size
            changed[place : place + size] = value.to_bytes(size, order)
        elif kind == 3:
            del changed[some]
        elif kind == 4:
            changed[place:place] = changed[some] * int(rng.integers(1, 4))
        elif kind == 5:
            changed[place:place] = rng.bytes(length % 32)
        elif kind == 6:
            changed[some] = bytes(len(changed[some]))
        else:
            changed[place : place + int(rng.integers(8))] = WORDS[rng.integers(len(WORDS))]
    return bytes(changed[: int(rng.integers(len(changed) + 1))] if rng.random() < 0.1 else changed)


def repacked_gzip(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a gzip file of what was in it, damaged."""
    return gzip.compress(damaged(gzip.decompress(content), rng), mtime=0)


def repacked_zip(content: bytes, rng: np.random.Generator) -> bytes:
    """Return an archive with one entry damaged, renamed, doubled or left out, and right checksums."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    which = int(rng.integers(len(entries)))
    name, inside = entries[which]
    kind = rng.integers(5)
    if kind <= 1:
        entries[which] = name, damaged(inside, rng)
    elif kind == 2:
        entries[which] = name, _with_other_header(inside, rng)
    elif kind == 3:
        entries[which] = entries[int(rng.integers(len(entries)))][0], inside
    else:
        del entries[which]
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", int(rng.choice([0, 8, 12, 14]))) as archive:
        warnings.simplefilter("ignore")
        for name, inside in entries:
            archive.writestr(name, inside)
    return stream.getvalue()


def _with_other_header(array: bytes, rng: np.random.Generator) -> bytes:
    """Return an array file that says another shape or type of its array."""
    header = {"descr": "<f4", "fortran_order": bool(rng.integers(2)), "shape": (2, 2)}
    shapes = [(), (0,), (-1,), (10**6, 10**6), (2**63,), (4, 1, 8, 8), (1.5,), "x", (True,), ((1,),)]
    types = ["|O", "<f8", ">i4", "|b1", "<U9", "<M8[s]", "|V8", "<c8", "<f2", "|S0", "nonsense", [("a", "<i4")]]
    header["shape"], header["descr"] = shapes[rng.integers(len(shapes))], types[rng.integers(len(types))]
    text = (str(header) if rng.random() < 0.9 else "(" * 200 + str(header)).encode("latin1") + b"\n"
    version = bytes([int(rng.choice([1, 1, 1, 2, 3, 9])), 0])
    return b"\x93NUMPY" + version + len(text).to_bytes(2 if version[0] == 1 else 4, "little") + text + array[-256:]


def repacked_png(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a PNG picture with one chunk damaged, and right checksums."""
    start, chunks = 8, []
    while start + 8 <= len(content):
        length = int.from_bytes(content[start : start + 4], "big")
        chunks.append((content[start + 4 : start + 8], content[start + 8 : start + 8 + length]))
        start += 12 + length
    which = int(rng.integers(len(chunks)))
    kind, inside = chunks[which]
    if kind == b"IDAT" and rng.random() < 0.5:
        inside = zlib.compress(damaged(zlib.decompress(inside), rng))
    else:
        inside = damaged(inside, rng)
    chunks[which] = kind, inside
    parts = (
        len(body).to_bytes(4, "big") + tag + body + zlib.crc32(tag + body).to_bytes(4, "big") for tag, body in chunks
    )
    return content[:8] + b"".join(parts)


def subjects(place: Path) -> dict[str, Subject]:
    """Write small files of every kind below a folder, and return the loader of each."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (10, 8, 8), dtype=np.uint8)
    found: dict[str, Subject] = {}
    for ending, repack in (("", None), (".gz", repacked_gzip)):
        home = place / f"idx{ending}"
        home.mkdir()
        for part in ("train", "t10k"):
            for kind, array in (("images-idx3", pixels), ("labels-idx1", np.arange(10, dtype=np.uint8))):
                content = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()
                packed = gzip.compress(content, mtime=0) if ending else content
                (home / f"{part}-{kind}-ubyte{ending}").write_bytes(packed)
        for kind in ("images-idx3", "labels-idx1"):
            file = home / f"train-{kind}-ubyte{ending}"
            found[f"idx {kind[:6]}{ending}"] = Subject(file, partial(mnist.load, home), repack)
    for ending in ("", ".bz2"):
        home = place / f"usps{ending}"
        home.mkdir()
        for name in usps.FILES:
            lines = (f"{n + 1} " + " ".join(f"{at + 1}:{(at + n) % 3 - 1}" for at in range(256)) for n in range(10))
            content = "\n".join(lines).encode()
            (home / f"{name}{ending}").write_bytes(bz2.compress(content) if ending else content)
        found[f"usps{ending}"] = Subject(home / f"usps{ending}", partial(usps.load, home))
    pixels = pixels[:4]
    x, labels = pixels[:, None] / np.float32(255), np.arange(4) % 2
    data = Dataset(
        "small", x, labels, ("a", "b"), {"who": np.array(["x", "y"] * 2)}, {"nose": x[:, 0] > 0.5}, labels > 0
    )
    for name in ("npz", "npz stored", "npy"):
        file = place / f"{name}.npz"
        if name == "npz":
            npz.save(data, file)
        elif name == "npy":
            with file.open("wb") as stream:
                np.save(stream, x)
        else:
            np.savez(file, x=pixels, y=labels, classes=np.array(["a", "b"]), mask=x)
        found[name] = Subject(file, partial(npz.load, file), None if name == "npy" else repacked_zip)
    for form in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "PPM"):
        home = place / form
        for name, image in zip("ab", pixels, strict=False):
            (home / name).mkdir(parents=True)
            options = {"exif": _turned()} if form in ("JPEG", "PNG", "WEBP") else {}
            Image.fromarray(np.stack([image] * 3, axis=-1)).save(home / name / f"1.{form.lower()}", form, **options)
        file = home / "a" / f"1.{form.lower()}"
        found[form] = Subject(file, partial(folder.load, home, (8, 8)), repacked_png if form == "PNG" else None)
    home = place / "yale"
    home.mkdir()
    for subject in (1, 2):
        Image.fromarray(pixels[subject]).save(home / f"subject{subject:02}.normal", "GIF")
    found["yale"] = Subject(home / "subject01.normal", partial(yale.load, home, (8, 8)))
    net = tn.Network([tn.Conv2D(2, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(2), tn.Softmax()], (1, 8, 8))
    net.save(place / "net.npz")
    found["network"] = Subject(place / "net.npz", partial(tn.Network.load, place / "net.npz"), repacked_zip)
    run = partial(_train, net, x, labels, place / "run.npz")
    run(epochs=1)
    found["checkpoint"] = Subject(place / "run.npz", partial(run, epochs=2, resume=True), repacked_zip)
    claim = claims.Claim(**_claim())
    file = claims.save([claim], place)
    found["claims"] = Subject(file, partial(_table, file))
    return found


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def _train(net: tn.Network, x: Any, labels: Any, file: Path, *, epochs: int, resume: bool = False) -> tn.History:
    before = file.read_bytes() if resume else b""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = tn.fit(
            net, x, labels, loss=tn.CrossEntropy(), optimizer=tn.SGD(0.1), epochs=epochs, batch_size=4,
            progress=False, checkpoint=file, resume=resume,
        )  # fmt: skip
    if before:
        file.write_bytes(before)
    return run


def _claim() -> dict[str, Any]:
    kinds = {field: kind for field, kind in claims.Claim.__annotations__.items()}
    values = {"str": "text", "int": 1, "float": 0.5, "bool": True}
    made = {field: values.get(str(kind).split(" ")[0], "text") for field, kind in kinds.items()}
    return {**made, "id": "LO-1"}


def _table(file: Path) -> str:
    found = claims.load(file)
    json.dumps([claim.__dict__ for claim in found])
    return claims.table(found)


def attempt(names: list[str], found: dict[str, Subject], whole: dict[str, bytes], seed: int, key: int) -> Verdict:
    """Damage one file as a number says, load it, and put the whole one back."""
    rng = np.random.default_rng([seed, key])
    subject = found[names[key % len(names)]]
    content = whole[names[key % len(names)]]
    repack = subject.repack if subject.repack and rng.random() < 0.5 else damaged
    try:
        subject.file.write_bytes(repack(content, rng))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            subject.load()
    except (ValueError, OSError) as error:
        named = subject.file.name in str(error) or (isinstance(error, OSError) and error.filename)
        ours = isinstance(error, OSError) or type(error).__module__.startswith("tinynet") or type(error) is ValueError
        word = "refused" if named and ours else "unnamed" if ours else "foreign"
        return word, f"{type(error).__name__}: {error}"
    except Exception as error:
        return "foreign", f"{type(error).__name__}: {error}"
    finally:
        subject.file.write_bytes(content)
    return "read", ""


@dataclass
class Run:
    """What damaged files came to: for each kind of file how often each verdict fell, and what went wrong."""

    by_kind: dict[str, Counter[str]]
    bad: list[str]


def run(seconds: float, seed: int = 0, most: int = 10**9, kinds: str | None = None) -> Run:
    """Damage files until the time is over, or `most` were."""
    clock = Clock(seconds)
    result = Run({}, [])
    with tempfile.TemporaryDirectory() as place:
        found = subjects(Path(place))
        names = [name for name in found if kinds is None or name.startswith(kinds)]
        whole = {name: found[name].file.read_bytes() for name in names}
        for name in set(names) - {"npy"}:  # an array without its labels is no data set
            found[name].load()
        step = 1000
        for first in range(0, most, step):
            keys = range(first, min(first + step, most))
            for key, (word, detail) in zip(
                keys, attempts(partial(attempt, names, found, whole, seed), keys), strict=False
            ):
                name = names[key % len(names)]
                result.by_kind.setdefault(name, Counter())[word] += 1
                if word not in ("read", "refused"):
                    result.bad.append(
                        f"{name}, mutation {key}: {word}: {detail}"[:300].replace(os.sep.join([place, ""]), "")
                    )
                if clock.over:
                    return result
    return result
