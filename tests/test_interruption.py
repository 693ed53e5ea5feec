"""Ctrl-C while the command line is being imported."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

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
