"""How could the network be better? What does no work in it, advice as code, and designs compared."""

from tinynet.explain.design.advice import Advice
from tinynet.explain.design.comparison import DesignComparison, compare_designs
from tinynet.explain.design.inspection import Inspection, inspect_network
from tinynet.explain.design.units import UnitStates

__all__ = ["Advice", "DesignComparison", "Inspection", "UnitStates", "compare_designs", "inspect_network"]
