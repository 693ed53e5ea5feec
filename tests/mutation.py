"""Do the tests catch what is broken on purpose? ``python -m tests.mutation --changes 300``.

A change is one operator, bound or constant of one line, drawn by seed over the files in ROOMS. It is made in a copy of
the project, where the tests of the file's room run until the first failure. What no test catches is printed with its
line: it wants a test, or a row in SAME that says why it changes nothing. Results are kept in a file, and a run that was
broken off goes on where it was. Needs ``pip install -e ".[mutation]"``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SECONDS = 300  # for the tests of one change; a change that makes them hang is caught
# Each room of the house with the tests that are to catch what breaks in it; the longest prefix of a path counts.
ROOMS = {
    "explain/gradients.py": ("test_gradients", "test_prediction"),
    "explain/prediction.py": ("test_prediction", "test_gradients"),
    "explain/norms.py": ("test_norms", "test_filters"),
    "explain/tracker.py": ("test_tracker",),
    "explain/class_sums.py": ("test_gradients", "test_tracker"),
    "explain/ablation": ("test_knockouts", "test_orders", "test_pruning", "test_confusions"),
    "explain/attribution": ("test_attribution",),
    "explain/metrics": ("test_audit", "test_pointing", "test_feature_match"),
    "explain/synthesis": ("test_synthesis", "test_adversarial"),
    "explain/units": ("test_filters", "test_profiles", "test_contributions", "test_weakness", "test_features"),
    "losses.py": ("test_losses",),
    "network": ("test_network", "test_files", "test_knockouts"),
    "targets": ("test_targets", "test_targets_features", "test_targets_difference"),
    "training": ("test_training",),
    "studies/lo": ("test_studies",),
    "studies/farias": ("test_farias",),
    "studies/engine": ("test_studies",),
}
OPERATORS = (
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_FloorDiv_Div",
    "ReplaceBinaryOperator_Mod_Sub",
    "ReplaceBinaryOperator_Pow_Mul",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Gt_Lt",
    "ReplaceComparisonOperator_Lt_Gt",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "NumberReplacer",
)
SAME = HERE / "mutation_same.json"  # {"file: line of code -> changed line": why nothing changes}


@dataclass(frozen=True)
class Change:
    """One change of one file: the n-th place of an operator."""

    path: str
    operator: str
    occurrence: int


def drawn(count: int, seed: int, only: str = "") -> list[Change]:
    """Return changes drawn by seed, at most one for each place in the code."""
    from cosmic_ray.ast import get_ast
    from cosmic_ray.plugins import get_operator

    every = []
    for path in sorted((ROOT / "tinynet").rglob("*.py")):
        name = path.relative_to(ROOT / "tinynet").as_posix()
        if _tests_of(name) and only in name:
            tree = get_ast(path.read_text(encoding="utf-8"))
            for operator in OPERATORS:
                made = get_operator(f"core/{operator}")()
                places = sum(len(list(made.mutation_positions(node))) for node in _nodes(tree))
                every += [Change(name, operator, occurrence) for occurrence in range(places)]
    return random.Random(seed).sample(every, min(count, len(every)))


def applied(text: str, change: Change) -> tuple[str, str]:
    """Return the changed text, and the line before and after."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    changed = mutate_code(text, get_operator(f"core/{change.operator}")(), change.occurrence)
    assert changed is not None, change
    pairs = zip(text.splitlines(), changed.splitlines(), strict=False)
    line = next((f"{old.strip()} -> {new.strip()}" for old, new in pairs if old != new), "")
    return changed, line


def caught(change: Change, copy: Path) -> tuple[bool, str]:
    """Make a change in a copy of the project and return whether a test fails, and the changed line."""
    path = copy / "tinynet" / change.path
    text = (ROOT / "tinynet" / change.path).read_text(encoding="utf-8")
    changed, line = applied(text, change)
    path.write_text(changed, encoding="utf-8")
    tests = [f"tests/{name}.py" for name in _tests_of(change.path) if (copy / "tests" / f"{name}.py").exists()]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", *tests]
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "dev", "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS
        )
        return done.returncode != 0, line
    except subprocess.TimeoutExpired:
        return True, line
    finally:
        path.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the changes and return 1 if one is neither caught nor known to change nothing."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.splitlines()[0])
    parser.add_argument("--changes", type=int, default=300, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="draws them (default: %(default)s)")
    parser.add_argument("--only", default="", help="files whose path holds this, such as explain/units")
    parser.add_argument("--results", type=Path, default=Path("mutation.jsonl"), help="kept here (default: %(default)s)")
    options = parser.parse_args(arguments)
    done = {_key(row): row for row in _read(options.results)}
    same = json.loads(SAME.read_text(encoding="utf-8")) if SAME.exists() else {}
    survivors, tried = [], 0
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "project"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".git", ".*cache", "__pycache__", "*.ipynb", "explained")
        )
        for change in drawn(options.changes, options.seed, options.only):
            row = done.get(_key(asdict(change)))
            if row is None:
                was_caught, line = caught(change, copy)
                row = {**asdict(change), "line": line, "caught": was_caught}
                with options.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
            tried += 1
            if not row["caught"] and f"{row['path']}: {row['line']}" not in same:
                survivors.append(row)
                print(f"not caught: {row['path']}: {row['line']}", flush=True)
    print(f"{tried} changes, {tried - len(survivors)} caught or known to change nothing, {len(survivors)} not caught")
    return int(bool(survivors))


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _tests_of(path: str) -> tuple[str, ...]:
    rooms = [room for room in ROOMS if path == room or path.startswith(f"{room}/")]
    return ROOMS[max(rooms, key=len)] if rooms else ()


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["path"], row["operator"], row["occurrence"]


if __name__ == "__main__":
    sys.exit(main())
