"""Two networks, or one network at two times: what differs, and by how much more than by chance."""

from tinynet.explain.comparison.chance import LeaveOutRange, PermutationNull, leave_out_range, permutation_null
from tinynet.explain.comparison.groups import GroupComparison, GroupSimilarity, compare_groups, group_similarity
from tinynet.explain.comparison.heat_maps import heat_maps
from tinynet.explain.comparison.knockouts import CrossKnockouts, cross_knockouts
from tinynet.explain.comparison.layers import LayerSimilarity, layer_similarity
from tinynet.explain.comparison.matching import UnitMatching, match_units
from tinynet.explain.comparison.similarity import canonical_correlations, cka, procrustes, profile_cosine, svcca
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
    "CrossKnockouts",
    "GroupComparison",
    "GroupSimilarity",
    "LayerSimilarity",
    "LeaveOutRange",
    "PermutationNull",
    "Streaks",
    "UnitMatching",
    "WeightMovement",
    "WeightStatistics",
    "canonical_correlations",
    "cka",
    "combined_statistics",
    "compare_groups",
    "cross_knockouts",
    "group_similarity",
    "heat_maps",
    "layer_similarity",
    "leave_out_range",
    "match_units",
    "permutation_null",
    "procrustes",
    "profile_cosine",
    "streaks",
    "svcca",
    "weight_movement",
    "weight_statistics",
    "weight_streaks",
]
