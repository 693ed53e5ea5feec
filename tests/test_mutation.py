"""The mutation tester: the same seed draws the same changes, each changes a line, and every room has its tests."""

from __future__ import annotations

import pytest

from tests import mutation

pytest.importorskip("cosmic_ray", reason="needs cosmic-ray: pip install -e '.[mutation]'")


def test_a_change_is_one_line_that_still_parses():
    changes = mutation.drawn(12, seed=3, only="losses")
    assert changes == mutation.drawn(12, seed=3, only="losses") != mutation.drawn(12, seed=4, only="losses")
    for change in changes:
        text = (mutation.ROOT / "tinynet" / change.path).read_text()
        changed, line = mutation.applied(text, change)
        compile(changed, change.path, "exec")
        old, new = line.split(" -> ", 1)
        assert old != new and old in text


def test_every_room_has_tests_that_exist():
    for names in mutation.ROOMS.values():
        for name in names:
            assert (mutation.HERE / f"{name}.py").exists(), name
