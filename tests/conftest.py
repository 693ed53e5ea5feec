"""How the tests run: how many examples Hypothesis draws, and what is skipped where the real data are absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

if "PYTEST_XDIST_WORKER" in os.environ:  # as many of these as processors: more threads would wait for each other
    for library in ("OMP", "OPENBLAS"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")

settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=25, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("deep", max_examples=1000, deadline=None)
# For tests that are meant to fail: a small example is of no use.
settings.register_profile("mutation", settings.get_profile("ci"), phases=[Phase.explicit, Phase.generate])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of real data sets unless TINYNET_DATA names a folder of them, and long ones unless asked for."""
    skipped = {}
    if not Path(os.environ.get("TINYNET_DATA") or "nowhere").is_dir():
        skipped["realdata"] = "TINYNET_DATA names no folder of real data sets"
    if not os.environ.get("TINYNET_LONG"):
        skipped["long"] = "takes minutes; TINYNET_LONG=1 runs it"
    for item in items:
        for marker, reason in skipped.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
