"""Training: mini-batches, progress, checkpoints that resume to the same bits, and what can be watched on the way."""

from tinynet.training.callbacks import Callback, TrainingStep
from tinynet.training.early_stopping import EarlyStopping
from tinynet.training.fit import fit
from tinynet.training.history import History
from tinynet.training.run import DivergedError
from tinynet.training.weight_history import Snapshots, WeightHistory

__all__ = ["Callback", "DivergedError", "EarlyStopping", "History", "Snapshots", "TrainingStep", "WeightHistory", "fit"]
