"""Two networks, or one network at two times: what differs, and by how much more than by chance."""

from tinynet.explain.comparison.weights import (
    Streaks,
    WeightMovement,
    WeightStatistics,
    combined_statistics,
    streaks,
    weight_movement,
    weight_statistics,
    weight_streaks,
)

__all__ = [
    "Streaks",
    "WeightMovement",
    "WeightStatistics",
    "combined_statistics",
    "streaks",
    "weight_movement",
    "weight_statistics",
    "weight_streaks",
]
