"""The laws that every layer keeps, as tests: for the layers of this library, and for yours.

- :func:`check_layer` tests a layer and says in words what is wrong; :func:`assert_layer` raises instead.
- :func:`check_network` does the same for each layer of a network and for the whole.
- :func:`laws_of` makes one pytest case a law, and :mod:`tinynet.testing.strategies` draws layers, networks and inputs
  for Hypothesis (which is imported with that module, and only then).
- :func:`from_functions`, :func:`from_object` and :func:`from_autograd` make a layer for the laws of code written in
  other styles.
- :func:`load_layer` finds the layer of ``my_layers.py:Softplus``, :func:`load_function` a function.
"""

from importlib import import_module
from types import ModuleType

from tinynet.testing.adapters import from_autograd, from_functions, from_object
from tinynet.testing.check import assert_layer, check_layer, check_network, laws_of
from tinynet.testing.loading import load_function, load_layer
from tinynet.testing.report import Diagnosis, Report, Result, Status, Worst

__all__ = [
    "Diagnosis",
    "Report",
    "Result",
    "Status",
    "Worst",
    "assert_layer",
    "check_layer",
    "check_network",
    "from_autograd",
    "from_functions",
    "from_object",
    "laws_of",
    "load_function",
    "load_layer",
]


def __getattr__(name: str) -> ModuleType:
    """Import :mod:`tinynet.testing.strategies`, which needs Hypothesis, when it is asked for."""
    if name == "strategies":
        return import_module("tinynet.testing.strategies")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
