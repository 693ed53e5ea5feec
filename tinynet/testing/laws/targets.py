"""Targets move against the gradient."""

from __future__ import annotations

import numpy as np

from tinynet.layers.base import Layer, TargetRule
from tinynet.targets import GradientTargets
from tinynet.testing import diagnosis
from tinynet.testing.compare import worst_entry
from tinynet.testing.numeric import largest, rounding
from tinynet.testing.outcomes import Broken, NotApplicableError
from tinynet.testing.under_test import BATCH, LayerUnderTest
from tinynet.types import Array


class _Watched(TargetRule):
    """A rule that notes whether a layer asks it for an affine step."""

    def __init__(self, rule: GradientTargets) -> None:
        self.rule = rule
        self.asked = False

    def affine_target(self, layer: Layer, t: Array, x: Array, y: Array) -> Array:
        """Pass the question on.

        Parameters
        ----------
        layer : Layer
            Who asks.
        t, x, y : ndarray
            Target, input and output.
        """
        self.asked = True
        return self.rule.affine_target(layer, t, x, y)


def target(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Compare targets with their closed form, and their side with the gradient's.

    Parameters
    ----------
    layer : LayerUnderTest
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    if not layer.defines("target"):
        raise NotApplicableError("the layer defines no target")
    layer.require_backward()
    rules = [GradientTargets(tau=0.7, start="activation"), GradientTargets(), GradientTargets(tau=3.0)]
    for attempt, rule in enumerate(rules):
        x = layer.inputs(rng, (BATCH,), attempt)
        y = layer.forward(x)
        t = y + rng.standard_normal(y.shape)
        gradient = layer.backward(y - t, x)
        watched = _Watched(rule)
        t_x = layer.target(t, x, watched)
        if t_x.shape != x.shape:
            raise Broken("t_x does not have the shape of x", shapes={"x": x.shape, "t_x": t_x.shape})
        start = 0 * x if watched.asked and rule.start == "zero" else x
        step = (rule.tau if watched.asked else 1.0) * gradient
        tolerance = rounding(t_x) * max(largest(start), largest(step))
        if worst := worst_entry("t_x", t_x, start - step, tolerance):
            uphill = np.vdot(start - t_x, gradient) < 0
            wanted = "-tau J^T (y - t)" if watched.asked else "-J^T (y - t)"
            raise Broken(
                "the target moves along the gradient, so the error grows"
                if uphill
                else f"the step from the start is not {wanted}",
                worst,
                {"x": x.shape, "t": t.shape, "t_x": t_x.shape},
                diagnosis.of_target(t_x - start, -step),
            )
    return len(rules)
