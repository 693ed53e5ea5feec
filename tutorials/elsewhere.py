"""What a notebook needs where nothing is installed, as on Colab: a cell that fetches the library, and badges.

Both are made only once setup.cfg names a public address, ``url`` under ``[metadata]``: until then there is nothing to
fetch. For Binder, ``.binder/requirements.txt`` says what is to be installed.
"""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import Any

SETUP = Path(__file__).resolve().parents[1] / "setup.cfg"
FETCH = """# Where tinynet is missing, as on Colab, this fetches it and lays out chapters and exercises.
import subprocess
import sys

try:
    from tinynet import Network
except ImportError:
    sys.modules.pop("tinynet", None)  # a folder of that name is no package, but would stand in its way
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "git+{address}", "pytest"], check=True)
    subprocess.run([sys.executable, "-m", "tinynet", "course", "."], check=True)
"""


def public_address(setup: Path = SETUP) -> str:
    """Return the address of the project's public repository; nothing if it has none yet."""
    settings = configparser.ConfigParser()
    settings.read(setup, encoding="utf-8")
    return settings.get("metadata", "url", fallback="").rstrip("/")


def badges(address: str, notebook: str) -> str:
    """Return links that open a notebook on Colab and on Binder, in Markdown; none if the address is not on GitHub."""
    host, _, repository = address.partition("github.com/")
    if not repository or not host.startswith("https://"):
        return ""
    place = repository.removesuffix(".git")
    colab = f"https://colab.research.google.com/github/{place}/blob/main/tutorials/{notebook}"
    binder = f"https://mybinder.org/v2/gh/{place}/main?labpath=tutorials/{notebook}"
    return f"[Open in Colab]({colab}) · [Open on Binder]({binder})"


def with_first_cells(notebook: dict[str, Any], name: str, address: str) -> dict[str, Any]:
    """Return a notebook that begins with badges and the cell that fetches the library, if there is an address."""
    if not address:
        return notebook
    first = [{"cell_type": "markdown", "id": "badges", "metadata": {}, "source": badges(address, name)}]
    fetch = {"id": "fetch", "metadata": {}, "source": FETCH.format(address=address).rstrip()}
    first.append({"cell_type": "code", "execution_count": None, "outputs": [], **fetch})
    return {**notebook, "cells": [cell for cell in first if cell["source"]] + notebook["cells"]}
