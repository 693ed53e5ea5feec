"""Attribution on the network of the thesis, beside Captum: integrated gradients, SmoothGrad, occlusion, Shapley values.

What is drawn at random is the same amount of work in both, but not the same numbers: only the first and the third are
compared before they are timed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

import tinynet as tn
from tests.benchmarks import pytorch
from tests.benchmarks.measure import Contestant
from tinynet import explain

STEPS, NOISY, PATCH, PAIRS, ROWS = 50, 25, 5, 12, 4
AT_A_TIME = 64  # covered images that Captum works through at once; one by one, its default, it takes longer


def read(values: object) -> dict[str, np.ndarray]:
    """Return a single result by a name."""
    return {"values": np.asarray(values)}


class Captum:
    """The same network and images for Captum."""

    def __init__(self, net: tn.Network, x: np.ndarray, labels: np.ndarray) -> None:
        import torch

        self.model = pytorch.model(net, trained=False)
        self.x, self.target = torch.tensor(x), torch.tensor(labels)
        self.players = torch.tensor(np.ascontiguousarray(explain.grid(net.input_shape, ROWS)))[None]

    def integrated_gradients(self) -> np.ndarray:
        from captum.attr import IntegratedGradients

        method = IntegratedGradients(self.model)
        return method.attribute(self.x, 0.0, self.target, n_steps=STEPS, method="riemann_middle").detach().numpy()

    def smooth_gradient(self) -> np.ndarray:
        from captum.attr import NoiseTunnel, Saliency

        tunnel = NoiseTunnel(Saliency(self.model))
        found = tunnel.attribute(self.x, nt_samples=NOISY, stdevs=0.15, target=self.target, abs=False)
        return found.detach().numpy()

    def occlusion(self) -> np.ndarray:
        from captum.attr import Occlusion

        patch = (self.x.shape[1], PATCH, PATCH)
        method = Occlusion(self.model)
        found = method.attribute(
            self.x, patch, (1, 1, 1), baselines=0.0, target=self.target, perturbations_per_eval=AT_A_TIME
        )
        return found.detach().numpy()

    def shapley_values(self) -> np.ndarray:
        from captum.attr import ShapleyValueSampling

        method = ShapleyValueSampling(self.model)
        return method.attribute(
            self.x,
            0.0,
            self.target,
            feature_mask=self.players,
            n_samples=2 * PAIRS,
            perturbations_per_eval=AT_A_TIME,
        ).numpy()


def ours(method: str, net: tn.Network, x: np.ndarray, labels: np.ndarray) -> Contestant:
    """Return our program for one of the methods."""
    settings = {
        "integrated_gradients": {"steps": STEPS},
        "smooth_gradient": {"samples": NOISY},
        "occlusion": {"size": PATCH},
        "shapley_values": {"players": explain.grid(net.input_shape, ROWS), "samples": PAIRS},
    }
    return Contestant(partial(getattr(explain, method), net, x, labels, **settings[method]), compared(method))


def captum(method: str, net: tn.Network, x: np.ndarray, labels: np.ndarray) -> Contestant:
    """Return Captum's program for one of the methods."""
    return Contestant(getattr(Captum(net, x, labels), method), compared(method))


def compared(method: str) -> Callable[[object], dict[str, np.ndarray]] | None:
    """Return how results are read, or nothing for what is drawn at random."""
    return read if method in ("integrated_gradients", "occlusion") else None
