"""Data sets: some drawn by code, some read from files, all of one form.

:func:`load` serves them by name; each module says what its data are and how they may be used.
"""

from tinynet.datasets.dataset import DataError, Dataset
from tinynet.datasets.drawn import digits, faces, letters, muffins
from tinynet.datasets.drawn.faces import crowd
from tinynet.datasets.expected import FolderCheck, check
from tinynet.datasets.fetch import get
from tinynet.datasets.read import celeba, folder, mnist, npz, usps, yale
from tinynet.datasets.registry import catalogue, load

__all__ = [
    "DataError",
    "Dataset",
    "FolderCheck",
    "catalogue",
    "celeba",
    "check",
    "crowd",
    "digits",
    "faces",
    "folder",
    "get",
    "letters",
    "load",
    "mnist",
    "muffins",
    "npz",
    "usps",
    "yale",
]
