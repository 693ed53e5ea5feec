"""Do the tests catch what is broken on purpose? ``python -m tests.mutation --changes 300``.

A change is one operator, bound or constant of one line, drawn by seed over the files in ROOMS. It is made in a copy of
the project, where the tests of the file's room run until the first failure; before the first change of a room they run
without any, and must pass. What no test catches is printed with its line: it wants a test, or a row in SAME that says
why it changes nothing. Results are kept in a file, and a run that was broken off goes on where it was. Needs
``pip install -e ".[mutation]"``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SECONDS, WAIT = 300, 3600  # of work and by the clock for the tests of one change; one that makes them hang is caught
# What tests import beside the project: once, in the process from which that of each change is forked.
BESIDE = ("hypothesis.extra.numpy", "matplotlib.pyplot", "PIL.Image", "pytest", "scipy.stats", "scipy.ndimage", "tqdm")
# Each room of the house with the tests that are to catch what breaks in it; the longest prefix of a path counts.
ROOMS = {
    "explain/gradients.py": ("test_gradients", "test_prediction"),
    "explain/prediction.py": ("test_prediction", "test_gradients"),
    "explain/norms.py": ("test_norms", "test_filters"),
    "explain/tracker.py": ("test_tracker",),
    "explain/class_sums.py": ("test_gradients", "test_tracker"),
    "explain/ablation": ("test_knockouts", "test_orders", "test_pruning", "test_confusions"),
    "explain/ablation/confusions.py": ("test_confusions",),
    "explain/ablation/orders.py": ("test_orders",),
    "explain/ablation/pruning.py": ("test_pruning",),
    "explain/attribution": ("test_attribution", "test_attribution_work"),
    "explain/attribution/targets.py": ("test_targets_features", "test_attribution"),
    "explain/metrics": ("test_audit", "test_pointing", "test_feature_match"),
    "explain/metrics/feature_match.py": ("test_feature_match",),
    "explain/metrics/localisation.py": ("test_truth",),
    "explain/metrics/pointing.py": ("test_pointing",),
    "explain/synthesis/adversarial.py": ("test_adversarial",),
    "explain/synthesis": ("test_synthesis", "test_pictures", "test_projections"),
    "explain/units": ("test_filters", "test_profiles", "test_contributions", "test_weakness", "test_features"),
    "explain/units/characteristic.py": ("test_features",),
    "explain/units/contributions.py": ("test_contributions",),
    "explain/units/filters.py": ("test_filters",),
    "explain/units/profiles.py": ("test_profiles",),
    "explain/units/weakness.py": ("test_weakness",),
    "losses.py": ("test_losses",),
    "network": ("test_network", "test_files", "test_knockouts"),
    "network/answers.py": ("test_classes",),
    "network/foreign.py": ("test_weights",),
    "targets": ("test_targets", "test_targets_features", "test_targets_difference"),
    "training": ("test_training", "test_tracker"),
    "training/weight_history.py": ("test_weight_history",),
    "studies/lo": ("test_lo_verdicts", "test_studies"),
    "studies/farias": ("test_verdicts", "test_farias"),
    "studies/truth": ("test_verdicts", "test_truth"),
    "studies/truth/mouth.py": ("test_mouth",),
    "studies/engine": ("test_engine", "test_studies"),
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
# {"line of code -> changed line", with "file: " in front if it is of that file alone: why nothing changes}
SAME = HERE / "mutation_same.json"


@dataclass(frozen=True)
class Change:
    """One change of one file: the n-th place of an operator."""

    path: str
    operator: str
    occurrence: int


def drawn(count: int, seed: int, only: str = "") -> list[Change]:
    """Return changes drawn by seed from all rooms, as far as they are of files whose path holds a text."""
    from cosmic_ray.ast import get_ast
    from cosmic_ray.plugins import get_operator

    every = []
    for path in sorted((ROOT / "tinynet").rglob("*.py")):
        name = path.relative_to(ROOT / "tinynet").as_posix()
        if tests_of(name):
            tree = get_ast(path.read_text(encoding="utf-8"))
            for operator in OPERATORS:
                made = get_operator(f"core/{operator}")()
                places = sum(len(list(made.mutation_positions(node))) for node in _nodes(tree))
                every += [Change(name, operator, occurrence) for occurrence in range(places)]
    return [change for change in random.Random(seed).sample(every, min(count, len(every))) if only in change.path]


def applied(text: str, change: Change) -> tuple[str, str]:
    """Return the changed text, and the line before and after."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    changed = mutate_code(text, get_operator(f"core/{change.operator}")(), change.occurrence)
    assert changed is not None, change
    pairs = zip(text.splitlines(), changed.splitlines(), strict=False)
    line = next((f"{old.strip()} -> {new.strip()}" for old, new in pairs if old != new), "")
    return changed, line


def tests_of(path: str) -> tuple[str, ...]:
    """Return the files of tests that are to catch what breaks in a file of the project."""
    rooms = [room for room in ROOMS if path == room or path.startswith(f"{room}/")]
    return ROOMS[max(rooms, key=len)] if rooms else ()


class ShortestFirst:
    """A plugin of pytest that runs the tests of each file from the shortest to the longest, as far as is known."""

    def __init__(self, path: Path) -> None:
        self.path, self.seconds = path, json.loads(path.read_text()) if path.exists() else {}
        self.now: dict[str, float] = {}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Sort, file by file: tests of one file share what they have made."""
        order = {item.path: place for place, item in reversed(list(enumerate(items)))}
        items.sort(key=lambda item: (order[item.path], self.seconds.get(item.nodeid, 0)))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Add up how long a test takes, with what it is given."""
        self.now[report.nodeid] = self.now.get(report.nodeid, 0) + report.duration

    def pytest_sessionfinish(self) -> None:
        """Keep the longest times: what tests share is counted to the first of them, which may be another next time."""
        longest = {name: max(now, self.seconds.get(name, 0)) for name, now in self.now.items()}
        self.path.write_text(json.dumps({**self.seconds, **longest}))


def caught(change: Change, copy: Path) -> tuple[bool, str]:
    """Make a change in a copy of the project and return whether a test fails, and the changed line."""
    path = copy / "tinynet" / change.path
    text = path.read_text(encoding="utf-8")
    changed, line = applied(text, change)
    try:
        _write(path, changed)
        return not passes(tests_of(change.path), copy), line
    finally:
        _write(path, text)


def passes(names: Sequence[str], copy: Path) -> bool:
    """Return whether files of tests pass in a copy of the project."""
    process = multiprocessing.get_context("fork").Process(target=_test, args=(names, copy))
    process.start()
    process.join(WAIT)
    if process.exitcode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
    return process.exitcode == 0


def _write(path: Path, text: str) -> None:
    """Write a module, and forget how it was compiled: a change within a second and of the same size looks the same."""
    path.write_text(text, encoding="utf-8")
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
        compiled.unlink()


def _test(names: Sequence[str], copy: Path) -> None:
    """Run tests in a process of their own, which knows nothing of the project yet."""
    import pytest

    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    os.chdir(copy)
    sys.path[:] = [str(copy), *(place for place in sys.path if place not in ("", str(ROOT)))]
    for module in [name for name in sys.modules if name.partition(".")[0] in ("tests", "tinynet")]:
        del sys.modules[module]
    os.environ |= {"HYPOTHESIS_PROFILE": "mutation", "PYTHONPATH": str(copy), "MPLBACKEND": "agg"}
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    arguments = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not slow"]
    arguments += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # BESIDE is imported already
    arguments += [f"tests/{name}.py" for name in names]
    os._exit(pytest.main(arguments, plugins=[ShortestFirst(copy.parent / "seconds.json")]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the changes and return 1 if one is neither caught nor known to change nothing."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.splitlines()[0])
    parser.add_argument("--changes", type=int, default=300, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="draws them (default: %(default)s)")
    parser.add_argument("--only", default="", help="those of files whose path holds this, such as explain/units")
    parser.add_argument("--results", type=Path, default=Path("mutation.jsonl"), help="kept here (default: %(default)s)")
    options = parser.parse_args(arguments)
    done = {_key(row): row for row in _read(options.results)}
    same = json.loads(SAME.read_text(encoding="utf-8")) if SAME.exists() else {}
    survivors, tried = [], 0

    def keep(row: dict[str, Any]) -> None:
        done[_key(row)] = row
        with options.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    for name in BESIDE:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "project"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".git", ".*cache", "__pycache__", "*.ipynb", "explained")
        )
        for change in drawn(options.changes, options.seed, options.only):
            names = tests_of(change.path)
            unchanged = Change(" ".join(names), "unchanged", 0)
            if _key(asdict(unchanged)) not in done:
                if not passes(names, copy):
                    print(f"{unchanged.path}: fail without any change", file=sys.stderr)
                    return 2
                keep({**asdict(unchanged), "caught": False})
            if _key(asdict(change)) not in done:
                was_caught, line = caught(change, copy)
                keep({**asdict(change), "line": line, "caught": was_caught})
            row = done[_key(asdict(change))]
            tried += 1
            if not row["caught"] and not {row["line"], f"{row['path']}: {row['line']}"} & same.keys():
                survivors.append(row)
                print(f"not caught: {row['path']}: {row['line']}", flush=True)
    print(f"{tried} changes, {tried - len(survivors)} caught or known to change nothing, {len(survivors)} not caught")
    return int(bool(survivors))


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["path"], row["operator"], row["occurrence"]


if __name__ == "__main__":
    sys.exit(main())
