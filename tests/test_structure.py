"""The house: imports run downwards and in no circle, no file is too long to be read at a sitting, each says what it is.

An import inside a function counts, and so does one for type checkers alone.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import tinynet

HOUSE = Path(tinynet.__file__).parent
FLOORS = [
    {
        "interruption",
        "progress",
        "arguments",
        "parsing",
        "foreign_names",
        "signatures",
        "types",
        "kernels",
        "initializers",
        "optimizers",
        "files",
        "course",
        "notebook",
    },
    {"layers"},
    {"classes"},
    {"network"},
    {"targets", "losses"},
    {"training", "testing"},
    {"explain"},
    {"datasets", "models", "tinynet"},  # "tinynet" is the package's own __init__, which gathers what lies below
    {"plots"},
    {"pages"},
    {"report", "studies"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
LONGEST = 600


class Import(NamedTuple):
    """A module, one that it imports, and the line."""

    importer: str
    imported: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def modules(root: Path) -> dict[str, Path]:
    """Return the files of a package by the names of their modules."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(files: dict[str, Path]) -> list[Import]:
    """Return who imports whom: `from package import name` means the module of that name if there is one."""
    found = []
    for module, path in files.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name in _named(node, module, path.name == "__init__.py", files):
                if name != module:
                    found.append(Import(module, name, node.lineno))
    return found


def _named(node: ast.AST, module: str, is_package: bool, files: dict[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in files)
    elif isinstance(node, ast.ImportFrom):
        above = module.split(".")[: len(module.split(".")) + is_package - node.level] if node.level else []
        package = ".".join([*above, *(node.module or "").split(".")]).strip(".")
        for alias in node.names:
            inner = f"{package}.{alias.name}"
            yield from (name for name in [inner if inner in files else package] if name in files)


def floor(module: str) -> int:
    """Return how high a module of the package stands."""
    package, *below = module.split(".")
    room = below[0] if below else package
    found = [height for height, rooms in enumerate(FLOORS) if room in rooms]
    assert found, f"{module}: give it a floor"
    return found[0]


def upwards(found: list[Import]) -> list[Import]:
    """Return the imports that run upwards."""
    return [one for one in found if floor(one.imported) > floor(one.importer)]


def circles(found: list[Import]) -> list[list[str]]:
    """Return the groups of modules each of which reaches the others (Tarjan 1972: strongly connected components)."""
    below: dict[str, list[str]] = {}
    for one in found:
        below.setdefault(one.importer, []).append(one.imported)
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    groups = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        stack.append(module)
        for other in below.get(module, []):
            if other not in order:
                visit(other)
            if other in stack:
                lowest[module] = min(lowest[module], lowest[other])
        if lowest[module] == order[module]:
            group = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            groups.append(group)

    for module in below:
        if module not in order:
            visit(module)
    return [sorted(group) for group in groups if len(group) > 1]


def too_long(root: Path) -> set[str]:
    """Return the files of more lines than can be read at a sitting."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in root.rglob("*.py")}
    return {path.relative_to(root).as_posix() for path, count in lines.items() if count > LONGEST}


def nameless(files: dict[str, Path]) -> list[str]:
    """Return the modules that do not say what they are."""
    return [name for name, path in files.items() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]


# ------------------------------------------------------------------------------------------------------- the house


def test_imports_run_downwards():
    assert [str(one) for one in upwards(imports(modules(HOUSE)))] == []


def test_no_circle():
    assert circles(imports(modules(HOUSE))) == []


def test_no_file_is_too_long():
    assert sorted(too_long(HOUSE)) == []


def test_every_module_says_what_it_is():
    assert nameless(modules(HOUSE)) == []


def test_progress_bars_are_made_in_one_place():
    importing = [name for name, path in modules(HOUSE).items() if "import tqdm" in path.read_text(encoding="utf-8")]
    assert importing == ["tinynet.progress"]


def test_importing_is_light_and_the_rest_comes_when_asked_for():
    program = """
import sys, tinynet as tn
rooms = {f"tinynet.explain.{room}" for room in ("attribution", "comparison", "design", "metrics", "synthesis")}
heavy = {"matplotlib", "PIL", "tinynet.plots", "tinynet.models", "tinynet.datasets", *rooms} & set(sys.modules)
assert not heavy, heavy
assert not hasattr(tn.explain, "sense") and all(getattr(tn.explain, name) for name in tn.explain.__all__)
assert rooms <= set(sys.modules) and set(tn.explain.__all__) <= set(dir(tn.explain))
assert tn.plots.Panel and tn.models.MODELS and tn.datasets.Dataset and not hasattr(tn, "plot")
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=HOUSE.parent, check=True)


# ------------------------------------------------------------------------------------------------------- the tester


@pytest.fixture
def house(tmp_path):
    """Return a function that builds a package of the files given by name, without their ending."""

    def build(**texts: str) -> dict[str, Path]:
        for name, text in {"__init__": '"""The top."""\n', **texts}.items():
            path = tmp_path / "tinynet" / f"{name.replace('__of__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return modules(tmp_path / "tinynet")

    return build


@pytest.mark.parametrize(
    "statement",
    [
        "import tinynet.explain",
        "from tinynet import explain",
        "from tinynet.explain import saliency",
        "from tinynet.explain.units import rank",
        "from tinynet.explain.units.rank import first",
        "from ..explain import units",
        "def f():\n    from tinynet import explain\n",
        "class C:\n    def f(self):\n        import tinynet.explain as e\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from tinynet.explain import saliency\n",
        "try:\n    import tinynet.explain\nexcept ImportError:\n    pass\n",
    ],
)
def test_an_import_upwards_is_caught(house, statement):
    files = house(
        layers__of____init__="",
        layers__of__dense=statement,
        explain__of____init__="",
        explain__of__units__of____init__="",
        explain__of__units__of__rank="from tinynet.layers import dense",
    )
    (found,) = upwards(imports(files))
    assert found.importer == "tinynet.layers.dense"
    assert found.imported.startswith("tinynet.explain")
    assert str(found).startswith("tinynet.layers.dense:")


def test_a_room_without_a_floor_is_caught(house):
    with pytest.raises(AssertionError, match=r"tinynet\.utils: give it a floor"):
        upwards(imports(house(utils="", cli="from tinynet import utils")))


def test_circles_are_caught(house):
    files = house(
        layers__of____init__="from tinynet.layers.a import A",
        layers__of__a="def f():\n    from tinynet.layers import b",
        layers__of__b="from .c import C",
        layers__of__c="from tinynet.layers.a import A\nfrom . import d",
        layers__of__d="",
    )
    assert circles(imports(files)) == [["tinynet.layers.a", "tinynet.layers.b", "tinynet.layers.c"]]
    files = house(layers__of__b="from tinynet import layers", layers__of__c="")
    assert circles(imports(files)) == [["tinynet.layers", "tinynet.layers.a", "tinynet.layers.b"]]
    assert circles(imports(house(layers__of__b=""))) == []


def test_what_runs_downwards_is_no_circle(house):
    files = house(
        cli="from tinynet import explain, layers\nimport numpy as np",
        explain="from tinynet.layers import dense\nfrom json import loads",
        layers__of____init__="from tinynet.layers.dense import Dense",
        layers__of__dense="import tinynet_of_others",
    )
    found = imports(files)
    assert {(one.importer.split(".")[-1], one.imported.split(".")[-1]) for one in found} == {
        ("cli", "explain"),
        ("cli", "layers"),
        ("explain", "dense"),
        ("layers", "dense"),
    }
    assert upwards(found) == circles(found) == []


def test_long_and_nameless_files_are_caught(house):
    files = house(short='"""Short."""\n' + "\n" * (LONGEST - 1), long='"""Long."""\n' + "\n" * LONGEST, mute="x = 1\n")
    assert too_long(files["tinynet"].parent) == {"long.py"}
    assert nameless(files) == ["tinynet.mute"]
