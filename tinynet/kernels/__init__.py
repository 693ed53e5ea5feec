"""The engine room: arrays in, arrays out. Everything above can be read without it.

Read `reference.py` first: every kernel once more, as the loops that say what it means; the tests compare each with it.
Then, in this order: `windows.py` (sizes, strides, padding), `layout.py` (the order of numbers in memory), `pooling.py`
and `elementwise.py`; `correlation.py`, where the time goes, with `plan.py` (what is cut how), `gather.py`,
`products.py` (matrices in pieces) and `winograd.py` (fewer multiplications) under it; last `memory.py` (memory that is
used again), `parallel.py` (several threads), on which all stand, and `blas.py` (which keeps BLAS from starting more).
"""

from tinynet.kernels.correlation import correlate, correlate_input_adjoint, correlate_kernel_adjoint
from tinynet.kernels.elementwise import evaluate, only_where
from tinynet.kernels.layout import batch_innermost, empty_batch, in_memory_order, out_of_memory_order
from tinynet.kernels.pooling import average_pool, average_pool_adjoint, max_pool, max_pool_adjoint
from tinynet.kernels.precision import as_floats, at_least_single, underflow_is_meant
from tinynet.kernels.windows import output_size

__all__ = [
    "as_floats",
    "at_least_single",
    "average_pool",
    "average_pool_adjoint",
    "batch_innermost",
    "correlate",
    "correlate_input_adjoint",
    "correlate_kernel_adjoint",
    "empty_batch",
    "evaluate",
    "in_memory_order",
    "max_pool",
    "max_pool_adjoint",
    "only_where",
    "out_of_memory_order",
    "output_size",
    "underflow_is_meant",
]
