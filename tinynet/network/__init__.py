"""Networks: layers in a row, the trace of one forward pass, and whatever is carried back through them."""

from tinynet.network.inputs import check_parameters
from tinynet.network.network import Network, Step, checked_network, own_threads, part_size
from tinynet.network.parts import chunks
from tinynet.network.receptive_field import ReceptiveField
from tinynet.network.trace import Deltas, LayerArrays, Targets, Trace, UnknownLayerError, frozen, read_only

__all__ = [
    "Deltas",
    "LayerArrays",
    "Network",
    "ReceptiveField",
    "Step",
    "Targets",
    "Trace",
    "UnknownLayerError",
    "check_parameters",
    "checked_network",
    "chunks",
    "frozen",
    "own_threads",
    "part_size",
    "read_only",
]
