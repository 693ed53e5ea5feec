"""Data sets: some drawn by code, some read from files, all of one form.

:func:`load` serves them by name; each module says what its data are and how they may be used.
"""

from tinynet.datasets.dataset import DataError, Dataset
from tinynet.datasets.drawn import digits, faces, letters
from tinynet.datasets.read import folder, mnist, npz, yale
from tinynet.datasets.registry import catalogue, load

__all__ = ["DataError", "Dataset", "catalogue", "digits", "faces", "folder", "letters", "load", "mnist", "npz", "yale"]
