"""Is a folder what we expect? Which files a data set has, how many pictures, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tinynet.arguments import as_path
from tinynet.datasets.dataset import DataError, Dataset, existing
from tinynet.datasets.fetch import REMOTE, md5_of
from tinynet.datasets.read import celeba, folder, mnist, usps, yale

IDX = dict(zip(REMOTE["mnist"].files, (3, 1, 3, 1), strict=True))
FACES = 202_599  # pictures of CelebA
PEOPLE = 15  # of Yale
MISSING = 5  # names that are listed


@dataclass(frozen=True)
class FolderCheck:
    """What a folder holds.

    Attributes
    ----------
    spec : str
        How it is read, such as ``"mnist:DIR"``.
    found : tuple of str
        What is there, a line each.
    missing : tuple of str
        What is not there or wrong; empty if the folder is what is expected.
    """

    spec: str
    found: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    def __str__(self) -> str:
        end = "as expected" if self.ok else "not as expected"
        return "\n".join([self.spec, *(f"  {line}" for line in self.found + self.missing), f"  {end}"])


def check(place: str | Path) -> FolderCheck:
    """Say whether a folder is what we expect: which files, how many pictures, what is missing.

    Parameters
    ----------
    place : path
        A folder of a data set that is read from files: MNIST and what has its form, USPS, Yale, CelebA, or pictures of
        yours in one folder a class. Which one is seen by the names of the files; ``"yale:DIR"`` says it.

    Returns
    -------
    FolderCheck

    Raises
    ------
    DataError
        If there is no such folder.
    """
    kind, colon, rest = str(as_path("place", place)).partition(":")
    if not colon or kind not in KINDS:
        kind, rest = "", str(place)
    path = existing(rest, "data")
    kind = kind or _kind(path)
    found, missing = KINDS[kind](path)
    return FolderCheck(f"{kind}:{path}", tuple(found), tuple(missing))


def _kind(path: Path) -> str:
    """Return which data set a folder holds, by the names in it."""
    names = [file.name.lower() for depth in ("*", "*/*") for file in path.glob(depth)]
    if any("idx3-ubyte" in name or "idx1-ubyte" in name for name in names):
        return "mnist"
    if "usps.t" in names or "usps.t.bz2" in names:
        return "usps"
    if any(name.startswith("subject") and "." in name for name in names):
        return "yale"
    return "celeba" if {celeba.ATTRIBUTES, celeba.IMAGES} & set(names) else "folder"


def _mnist(path: Path) -> tuple[list[str], list[str]]:
    found, missing, known = [], [], {md5: remote.name for remote in REMOTE.values() for md5 in remote.files.values()}
    for name, axes in IDX.items():
        try:
            file = mnist.find(path, name.partition("-idx")[0], axes)
            shape = " x ".join(f"{length:,}" for length in mnist.idx_shape(file, axes))
        except DataError as error:
            missing.append(str(error).removeprefix("mnist: "))
            continue
        is_known = known.get(md5_of(file))
        from_whom = f", {is_known}'s own file" if is_known else ""
        found.append(f"{file.name}: {file.stat().st_size:,} bytes, {shape}{from_whom}")
    return found, missing or _read(mnist.load, path, found)


def _usps(path: Path) -> tuple[list[str], list[str]]:
    found, missing = [], []
    for name in usps.FILES:
        try:
            file = usps.find(path, name)
        except DataError as error:
            missing.append(str(error).removeprefix("usps: "))
            continue
        is_known = md5_of(file) in REMOTE["usps"].files.values()
        found.append(f"{file.name}: {file.stat().st_size:,} bytes{', the file that all use' if is_known else ''}")
    return found, missing or _read(usps.load, path, found)


def _yale(path: Path) -> tuple[list[str], list[str]]:
    try:
        files = yale.find(path)
    except DataError as error:
        return [], [str(error).removeprefix("yale: ")]
    every = [(person, words) for person in range(1, PEOPLE + 1) for words in yale.CONDITIONS.values()]
    gone = [f"subject {person:02}, {words}" for person, words in every if (person, words) not in files]
    return [f"{len(files)} of {len(every)} pictures"], _some(gone, "picture")


def _celeba(path: Path) -> tuple[list[str], list[str]]:
    found, missing = [], []
    pictures = celeba.place_of(path, celeba.IMAGES)
    count = 0 if pictures is None else sum(1 for file in pictures.iterdir() if file.suffix.lower() in (".jpg", ".png"))
    if count:
        found.append(f"{celeba.IMAGES}: {count:,} of {FACES:,} pictures; fewer are fine")
    else:
        missing.append(f"no folder {celeba.IMAGES} with pictures")
    for name, is_needed in ((celeba.ATTRIBUTES, True), (celeba.PARTITION, False), (celeba.LANDMARKS, False)):
        file = celeba.place_of(path, name)
        if file is not None:
            found.append(f"{name}: {file.stat().st_size:,} bytes")
        elif is_needed:
            missing.append(f"no file {name}")
        else:
            found.append(f"{name}: not there, and not needed")
    try:
        if not missing:
            found.append(f"{len(celeba.attribute_shares(path))} attributes")
    except DataError as error:
        missing.append(str(error).removeprefix("celeba: "))
    return found, missing


def _folder(path: Path) -> tuple[list[str], list[str]]:
    found: list[str] = []
    return found, _read(folder.load, path, found)


def _read(load: Callable[[Path], Dataset], path: Path, found: list[str]) -> list[str]:
    """Read a folder, and say what there is, or return why it cannot be read."""
    try:
        data = load(path)
    except DataError as error:
        return [str(error)]
    found.append(repr(data).removeprefix("Dataset(").removesuffix(")"))
    return []


def _some(names: list[str], what: str) -> list[str]:
    """Return a line with the first of the names that are missing, if there are any."""
    if not names:
        return []
    rest = f" and {len(names) - MISSING} more" if len(names) > MISSING else ""
    return [f"{len(names)} {what}{'s' * (len(names) > 1)} missing: {'; '.join(names[:MISSING])}{rest}"]


KINDS = {"mnist": _mnist, "usps": _usps, "yale": _yale, "celeba": _celeba, "folder": _folder}
