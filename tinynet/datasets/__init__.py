"""Data sets: some drawn by code, some read from files, all of one form.

:func:`load` serves them by name; each module says what its data are and how they may be used.
"""

from tinynet.datasets.dataset import DataError, Dataset
from tinynet.datasets.drawn import digits, faces, letters, muffins
from tinynet.datasets.drawn.faces import crowd
from tinynet.datasets.read import celeba, folder, mnist, npz, yale
from tinynet.datasets.registry import catalogue, load

__all__ = [
    "DataError",
    "Dataset",
    "catalogue",
    "celeba",
    "crowd",
    "digits",
    "faces",
    "folder",
    "letters",
    "load",
    "mnist",
    "muffins",
    "npz",
    "yale",
]
