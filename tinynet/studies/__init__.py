"""Studies: one folder for each source document, which measures the document's claims and prints both side by side.

A folder here whose ``__init__.py`` holds a `STUDY` is a study: nothing else lists them. `engine` is what they run on.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from tinynet.arguments import one_of
from tinynet.signatures import checked

if TYPE_CHECKING:
    from tinynet.studies.engine.study import Study

NAMES = tuple(sorted(found.name for found in pkgutil.iter_modules(__path__) if found.name != "engine"))


@checked
def named(name: str) -> Study:
    """Return the study of a name.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Raises
    ------
    ValueError
        If there is none; the message names the nearest.
    """
    study: Study = importlib.import_module(f"{__name__}.{one_of('study', name, NAMES)}").STUDY
    return study
