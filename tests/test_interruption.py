"""Ctrl-C and the signal to end: while the command line is being imported, and later on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tinynet.cli import main
from tinynet.interruption import Terminated, held_back, terminable

ROOT = Path(__file__).parents[1]

INTERRUPTED = """
    import runpy, sys

    class Interrupt:
        def find_spec(self, name, path=None, target=None):
            if name == sys.argv[1]:
                raise KeyboardInterrupt

    sys.meta_path.insert(0, Interrupt())
    program, sys.argv[0] = sys.argv[0], "-m"
    runpy.run_module("tinynet", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    "module", ["numpy", "scipy.special", "tinynet.layers", "tinynet.cli", "argparse", "tinynet.datasets"]
)
def test_ctrl_c_while_importing_is_one_line(module):
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), module]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("", "\ntinynet: interrupted\n")
    assert ended.returncode in (-signal.SIGINT, 130)


@pytest.mark.parametrize("name", ["numpy", "random"])
def test_a_file_that_hides_a_module_is_named(tmp_path, name):
    (tmp_path / f"{name}.py").write_text("x = 1\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tinynet", "--version"]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1 and ended.stdout == ""
    assert ended.stderr.startswith(f"tinynet: error: {tmp_path / name}.py is imported in place of the module")
    assert ended.stderr.count("\n") == 1


ENDS = """
import os, signal, tempfile
import tinynet as tn

class Ends(tn.Layer):
    def forward(self, x):
        with tempfile.TemporaryDirectory(dir=os.path.dirname(__file__)):
            os.kill(os.getpid(), signal.{how})
            for _ in range(10**8):  # until it is heard
                pass
"""


@pytest.fixture
def as_in_a_terminal():
    """Take signals as a program in a terminal does: what runs tests in parallel ignores Ctrl-C in its workers."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.usefixtures("as_in_a_terminal")
@pytest.mark.parametrize(("how", "code", "word"), [("SIGINT", 130, "interrupted"), ("SIGTERM", 143, "terminated")])
def test_a_signal_to_end_is_one_line_and_what_is_temporary_is_removed(tmp_path, capsys, how, code, word):
    (tmp_path / "ends.py").write_text(ENDS.format(how=how))
    assert main(["check", f"{tmp_path}/ends.py:Ends", "--input-shape", "3"]) == code
    assert capsys.readouterr().err == f"\ntinynet: {word}\n"
    assert [path.name for path in tmp_path.iterdir() if path.is_dir() and path.name != "__pycache__"] == []
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.usefixtures("as_in_a_terminal")
def test_what_must_not_be_left_half_done_is_done_first():
    done = []
    with pytest.raises(Terminated), terminable():
        with held_back():
            for number in (signal.SIGINT, signal.SIGTERM):
                os.kill(os.getpid(), number)
            done.append("all of it")
        done.append("what follows")
    assert done == ["all of it"]
    with pytest.raises(KeyboardInterrupt), held_back():
        os.kill(os.getpid(), signal.SIGINT)
