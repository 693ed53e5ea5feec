"""Notebooks begin with what a machine needs that has nothing, once there is an address to fetch it from."""

import sys
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).resolve().parents[1] / "tutorials"
sys.path.insert(0, str(TUTORIALS))
import elsewhere  # noqa: E402

NOTEBOOK = {"cells": [{"cell_type": "markdown", "source": "# 1 Title"}], "nbformat": 4}


@pytest.mark.parametrize(
    "address, count", [("", 0), ("https://example.org/tinynet.git", 1), ("https://github.com/me/tinynet", 2)]
)
def test_first_cells_are_there_once_there_is_an_address(address, count):
    cells = elsewhere.with_first_cells(NOTEBOOK, "01_neurons.ipynb", address)["cells"]
    assert len(cells) == 1 + count and cells[-1] == NOTEBOOK["cells"][0]
    assert all(f'"git+{address}"' in cell["source"] for cell in cells if cell["cell_type"] == "code")


def test_badges_lead_to_the_notebook():
    text = elsewhere.badges("https://github.com/me/tinynet.git", "01_neurons.ipynb")
    assert "colab.research.google.com/github/me/tinynet/blob/main/tutorials/01_neurons.ipynb" in text
    assert "mybinder.org/v2/gh/me/tinynet/main?labpath=tutorials/01_neurons.ipynb" in text


def test_the_address_is_read_from_the_projects_settings(tmp_path):
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = x\nurl = https://example.org/x/\n")
    assert elsewhere.public_address(tmp_path / "setup.cfg") == "https://example.org/x"
    assert elsewhere.public_address(tmp_path / "nowhere.cfg") == ""


@pytest.mark.parametrize("installed", [True, False])
def test_the_first_cell_fetches_only_what_is_missing(installed, monkeypatch):
    ran = []
    monkeypatch.setattr("subprocess.run", lambda words, check: ran.append(words[1:]))
    if not installed:
        monkeypatch.setitem(sys.modules, "tinynet", None)
    exec(elsewhere.FETCH.format(address="ADDRESS"), {})
    fetched = [["-m", "pip", "install", "--quiet", "git+ADDRESS", "pytest"], ["-m", "tinynet", "course", "."]]
    assert ran == ([] if installed else fetched)
