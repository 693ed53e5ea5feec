"""Known slips: what explains that a law is broken, in words, from the numbers alone."""

from tinynet.testing.diagnosis.arrays import in_words, of_array
from tinynet.testing.diagnosis.evidence import Evidence
from tinynet.testing.diagnosis.gradients import of_input_gradient, of_parameter_gradient
from tinynet.testing.diagnosis.slips import (
    CACHE,
    MEMORY,
    STATE,
    SUMS,
    WRITTEN,
    of_dtype,
    of_kink,
    of_nonlinearity,
    of_parameter_shape,
    of_stack,
    of_target,
)

__all__ = [
    "CACHE",
    "MEMORY",
    "STATE",
    "SUMS",
    "WRITTEN",
    "Evidence",
    "in_words",
    "of_array",
    "of_dtype",
    "of_input_gradient",
    "of_kink",
    "of_nonlinearity",
    "of_parameter_gradient",
    "of_parameter_shape",
    "of_stack",
    "of_target",
]
