"""Training: mini-batches, progress, checkpoints that resume to the same bits, and what can be watched on the way."""

from tinynet.training.callbacks import Callback, TrainingStep, WeightHistory
from tinynet.training.fit import fit
from tinynet.training.history import History
from tinynet.training.run import DivergedError

__all__ = ["Callback", "DivergedError", "History", "TrainingStep", "WeightHistory", "fit"]
