"""Every figure, one function each: arrays in, a matplotlib Figure out, which the caller shows or saves.

Figures are sorted by subject; all of them are here by name: ``from tinynet import plots; plots.history(run)``.

In a notebook a figure shows itself, as the last line of a cell. A script writes it, ``figure.savefig("run.png")``, or
hands it to pyplot for a window: ``plt.figure(figure); plt.show()`` (matplotlib 3.11 and later). By itself pyplot does
not know these figures: it would keep every one alive, and a study draws hundreds, in processes without a screen.
"""

from tinynet.plots.adversarial import adversarial_curves, adversarial_panels
from tinynet.plots.canvas import SHOWN, WIDTH, Panel, Sheet
from tinynet.plots.comparison import cross_knockouts, effect_table, group_statistics, layer_heat_maps, layer_similarity
from tinynet.plots.controls import beside_controls
from tinynet.plots.data import attribute_shares, data_sample, image_grid
from tinynet.plots.design import design_comparison, inspection
from tinynet.plots.features import MOST_AT_A_GLANCE, characteristic_features, feature_boxes, feature_sheet, hit_rates
from tinynet.plots.gradients import network_circles, profile_similarity, ranking_table, saliency_maps
from tinynet.plots.knockouts import (
    confusion_lines,
    knockout_curve,
    knockout_curves,
    knockouts_by_class,
    order_harms,
    pruning_curves,
    ranking_curves,
    weak_lists,
)
from tinynet.plots.outputs import activation_functions, feature_maps, filter_sheet, planes
from tinynet.plots.seeing import animated_gif, map_sheet, picture_rows
from tinynet.plots.targets import (
    against_accuracy,
    at_equal_accuracy,
    bend_places,
    feature_similarity,
    network_accuracies,
    phases,
    unit_features,
)
from tinynet.plots.training import confusion, history
from tinynet.plots.truth import attribution_maps, leaderboard
from tinynet.plots.weights import weight_film, weight_maps, weight_movement
from tinynet.plots.words import PREDICTIONS, count_of, gradient_of, number, short, visible

__all__ = [
    "MOST_AT_A_GLANCE",
    "PREDICTIONS",
    "SHOWN",
    "WIDTH",
    "Panel",
    "Sheet",
    "activation_functions",
    "adversarial_curves",
    "adversarial_panels",
    "against_accuracy",
    "animated_gif",
    "at_equal_accuracy",
    "attribute_shares",
    "attribution_maps",
    "bend_places",
    "beside_controls",
    "characteristic_features",
    "confusion",
    "confusion_lines",
    "count_of",
    "cross_knockouts",
    "data_sample",
    "design_comparison",
    "effect_table",
    "feature_boxes",
    "feature_maps",
    "feature_sheet",
    "feature_similarity",
    "filter_sheet",
    "gradient_of",
    "group_statistics",
    "history",
    "hit_rates",
    "image_grid",
    "inspection",
    "knockout_curve",
    "knockout_curves",
    "knockouts_by_class",
    "layer_heat_maps",
    "layer_similarity",
    "leaderboard",
    "map_sheet",
    "network_accuracies",
    "network_circles",
    "number",
    "order_harms",
    "phases",
    "picture_rows",
    "planes",
    "profile_similarity",
    "pruning_curves",
    "ranking_curves",
    "ranking_table",
    "saliency_maps",
    "short",
    "unit_features",
    "visible",
    "weak_lists",
    "weight_film",
    "weight_maps",
    "weight_movement",
]
