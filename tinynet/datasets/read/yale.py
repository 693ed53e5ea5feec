"""The Yale face database: 15 people, each under 11 conditions of light, glasses and expression."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from tinynet.arguments import unknown
from tinynet.datasets.dataset import (
    DataError,
    Dataset,
    PathLike,
    check_classes,
    check_file,
    data_errors,
    existing,
    grey_levels,
)
from tinynet.datasets.read.pictures import has_image_ending, read_images

USAGE = "yale:DIR"
DESCRIPTION = "165 real faces, 15 people x 11 conditions, resized to 60 x 60, from the original files in the folder DIR"
LICENCE = "free for research use, not to be redistributed"
CITATION = (
    "Belhumeur, Hespanha, Kriegman, Eigenfaces vs. Fisherfaces: recognition using class specific linear projection, "
    "IEEE Transactions on Pattern Analysis and Machine Intelligence, 1997"
)

CONDITIONS = {
    "centerlight": "center-light",
    "glasses": "glasses",
    "happy": "happy",
    "leftlight": "left-light",
    "noglasses": "no glasses",
    "normal": "normal",
    "rightlight": "right-light",
    "sad": "sad",
    "sleepy": "sleepy",
    "surprised": "surprised",
    "wink": "wink",
}
"""The condition that each file name stands for."""

MISNAMED = {"subject01.gif": (1, "center-light")}
"""What stands under another name in the archive as it is passed around."""

SUBJECT_FILE = re.compile(r"subject(?P<subject>\d+)\.(?P<condition>[^.]*)(?P<ending>\.[^.]+)?", re.IGNORECASE)


SIZE = (60, 60)


def load(folder: PathLike, size: tuple[int, int] = SIZE) -> Dataset:
    """Read the faces of a folder.

    Parameters
    ----------
    folder : str or path
        Holds files named ``subjectNN.condition``, with or without the ending of an image format. Other files are left
        out. The archive as it is passed around is read too, with its ``subject01.gif`` and a picture that is there
        twice.
    size : tuple of int
        Height and width, in pixels, to which every picture is resized as a whole.

    Returns
    -------
    Dataset
        Images of shape (N, 1, *size), ordered by subject and condition; N is 165 for the whole database. Attributes:
        "condition" in the words of the database's description, "subject" its number.

    Raises
    ------
    DataError
        If the folder is missing or holds no such file, or a file has an unknown condition, is there twice and not the
        same, or cannot be read.

    Notes
    -----
    Nine pairs of pictures are identical to the pixel: `Dataset.split` keeps them on one side with
    ``groups="identical"``.

    References
    ----------
    Lo 2016, section 4.1 (60 x 60 pixels, 15 identities).
    """
    path = existing(folder, "yale")
    with data_errors("yale", path):
        files = find(path)
        order = sorted(files)
        subjects = sorted({subject for subject, _ in order})
        return check_classes(
            Dataset(
                name="yale",
                x=grey_levels(read_images([files[key] for key in order], size, grey=True, task="reading yale")),
                labels=np.array([subjects.index(subject) for subject, _ in order]),
                classes=tuple(f"subject {subject:02}" for subject in subjects),
                attributes={
                    "condition": np.array([condition for _, condition in order]),
                    "subject": np.array([subject for subject, _ in order]),
                },
                licence=LICENCE,
                citation=CITATION,
                description=DESCRIPTION,
            )
        )


def find(folder: Path) -> dict[tuple[int, str], Path]:
    """Return the file of each subject and condition, in the folder or the one below that an archive unpacks to."""
    for depth in ("*", "*/*"):
        found: defaultdict[tuple[int, str], list[Path]] = defaultdict(list)
        for file in sorted(folder.glob(depth)):
            key = None if file.is_dir() else _subject_and_condition(file)
            if key is not None:
                check_file(file)
                found[key].append(file)
        if found:
            return {key: _one_of(*key, files) for key, files in found.items()}
    raise DataError(f"yale: {str(folder)!r} holds no file named like subject01.normal")


def _subject_and_condition(file: Path) -> tuple[int, str] | None:
    """Return what a file shows by its name, or None if it is none of the pictures."""
    name = file.name.lower()
    if name in MISNAMED:
        return MISNAMED[name]
    match = SUBJECT_FILE.fullmatch(name)
    if not match or (match["ending"] and not has_image_ending(file)):
        return None
    condition = match["condition"]
    if condition not in CONDITIONS:
        raise DataError(f"yale: {str(file)!r}: {unknown('condition', condition, list(CONDITIONS))}")
    return int(match["subject"]), CONDITIONS[condition]


def _one_of(subject: int, condition: str, files: list[Path]) -> Path:
    """Return the first of the files of one picture, which must show the same: the archive holds one twice."""
    first, *others = files
    for other in others:
        one, same = read_images([first, other], SIZE, grey=True, task="comparing")
        if not np.array_equal(one, same):
            raise DataError(
                f"yale: subject {subject:02}, {condition}, is there twice, as {first.name} and {other.name}, which "
                "differ, expected one file: remove the other"
            )
    return first
