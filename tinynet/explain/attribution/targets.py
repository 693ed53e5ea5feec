"""The target of each pixel: what target propagation would have it be for a class to be predicted."""

from __future__ import annotations

from numpy.typing import ArrayLike

from tinynet.explain.attribution.question import Question
from tinynet.explain.attribution.result import Attribution
from tinynet.layers.base import TargetRule
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.targets import GradientTargets
from tinynet.types import Array

STEP = GradientTargets(tau=1.0, start="activation")


@checked
def target_features(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    rule: TargetRule = STEP,
    batch_size: int | None = None,
) -> Attribution:
    """Return how each pixel would have to change for a prediction to rise, by target propagation.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int, array_like of shape (N,) or "all"
        The class asked about.
    of : {"logit", "probability", "log_probability", "margin"}
        Which prediction.
    rule : TargetRule
        How targets are carried back, such as ``GradientTargets(tau=30)`` or ``DifferenceTargets()``.
    batch_size : int, optional
        Images worked through at a time.

    Returns
    -------
    Attribution
        The target for the image less the image.

    Notes
    -----
    The logits z are to become z + s, where s is the gradient of the prediction with respect to them. With gradient
    targets that start at the activations this is tau^d times the gradient, d layers of weights down; a rule that starts
    at zero, or takes several steps, or inverts layers, says something else.

    References
    ----------
    de Souza Farias and Maziero, section 2; Lee et al. 2015, for difference targets.
    """
    question = Question(net, x, target, of, batch_size=batch_size)

    def work(rows: slice) -> tuple[Array]:
        trace = question.trace(rows)
        wanted = trace[net.logits] + question.at_logits(trace, question.classes(rows))
        return (net.propagate_targets(trace, wanted, rule, at=net.logits).input - trace.input,)

    (values,) = question.collected(work)
    return Attribution(values, f"target features by {rule}", of)
