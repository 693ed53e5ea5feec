"""The mutation tester: the same seed draws the same changes, each changes a line, and every room has its tests."""

from __future__ import annotations

import pytest

from tests import mutation

pytest.importorskip("cosmic_ray", reason="needs cosmic-ray: pip install -e '.[mutation]'")


def test_a_change_is_one_line_that_still_parses(monkeypatch):
    monkeypatch.setattr(mutation, "ROOMS", {room: mutation.ROOMS[room] for room in ("losses.py", "training")})
    changes = mutation.drawn(20, seed=3, only="losses")
    assert changes == [change for change in mutation.drawn(20, seed=3) if change.path == "losses.py"]
    assert 0 < len(changes) < 20 and changes != mutation.drawn(20, seed=4, only="losses")
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


def test_what_is_changed_is_forgotten_and_a_hanging_test_is_caught(tmp_path, monkeypatch):
    copy = tmp_path / "project"
    for folder in ("tests", "tinynet"):
        (copy / folder).mkdir(parents=True)
        (copy / folder / "__init__.py").touch()
    test = "from tinynet.losses import TWO\ndef test_two():\n    while TWO == 0: pass\n    assert TWO == 2\n"
    (copy / "tests" / "test_losses.py").write_text(test)
    monkeypatch.setattr(mutation, "ROOT", copy)
    monkeypatch.setattr(mutation, "SECONDS", 5)
    path = copy / "tinynet" / "losses.py"
    path.write_text("TWO = 2\n")
    assert mutation.passes(("test_losses",), copy)
    for occurrence in range(2):
        assert mutation.caught(mutation.Change("losses.py", "NumberReplacer", occurrence), copy)[0]
    assert mutation.passes(("test_losses",), copy) and path.read_text() == "TWO = 2\n"
    mutation._write(path, "TWO = 0\n")
    assert not mutation.passes(("test_losses",), copy)
