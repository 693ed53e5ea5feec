"""What happens without some units: knock-outs, orders of knocking out, pruning, confusions."""

from tinynet.explain.ablation.confusions import Confusions, confusions
from tinynet.explain.ablation.knockouts import KnockoutCurve, knockout_curve, knockout_sweep
from tinynet.explain.ablation.orders import (
    OrderComparison,
    OrderErrors,
    area_under_curve,
    class_error_curves,
    compare_orders,
)
from tinynet.explain.ablation.pruning import pruned

__all__ = [
    "Confusions",
    "KnockoutCurve",
    "OrderComparison",
    "OrderErrors",
    "area_under_curve",
    "class_error_curves",
    "compare_orders",
    "confusions",
    "knockout_curve",
    "knockout_sweep",
    "pruned",
]
