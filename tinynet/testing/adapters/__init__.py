"""Layers written elsewhere, made layers for the laws: pairs of functions, objects that keep their input, PyTorch's.

Nothing that they do is smoothed over: what they return in float64, write into, or keep beside the cache is judged.
"""

from tinynet.testing.adapters.autograd import from_autograd
from tinynet.testing.adapters.base import Adapted, Params
from tinynet.testing.adapters.functions import from_functions
from tinynet.testing.adapters.objects import from_object

__all__ = ["Adapted", "Params", "from_autograd", "from_functions", "from_object"]
