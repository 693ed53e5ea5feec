"""The methods that are judged, each with how its map is read; a method of your own; and controls that know nothing."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import listed
from tinynet.explain import attribution as tried
from tinynet.explain.metrics.pointing import at_pixels, centre_map, edge_map
from tinynet.explain.units.outputs import filter_outputs
from tinynet.network import Network
from tinynet.testing.loading import load_function
from tinynet.testing.outcomes import FOREIGN
from tinynet.types import Array

LONGEST = 200  # characters of an error of somebody's function that are told

Baseline = Callable[[Array, Array], ArrayLike]  # from images and the mean image of training


@dataclass(frozen=True)
class Method:
    """A method of attribution, as the study asks it.

    Attributes
    ----------
    name : str
    maps : callable
        ``maps(net, x, target, mean)`` returns a map of each image: (N, C, H, W), or (N, H, W). `mean` is the mean image
        of training.
    by : {"value", "size"}
        How a map is read. A method that shares a prediction out among the pixels is read by value: the feature speaks
        for its class, so its pixels should be positive. A gradient's sign only says whether brighter or darker would
        help, so it is read by size.
    units : callable, optional
        ``units(net, x, target, layer)`` returns the same for the outputs of a layer.
    relu_only : bool
        Whether the method is defined for networks of ReLUs alone.
    """

    name: str
    maps: Callable[[Network, Array, Array, Array], ArrayLike]
    by: str = "value"
    units: Callable[[Network, Array, Array, str], ArrayLike] | None = None
    relu_only: bool = False

    def __call__(self, net: Network, x: Array, target: Array, mean: Array) -> Array:
        """Return one map an image, the higher the more a pixel is said to matter.

        Parameters
        ----------
        net : Network
        x : ndarray of shape (N, C, H, W)
        target : ndarray of shape (N,)
        mean : ndarray of shape (C, H, W)

        Returns
        -------
        ndarray of shape (N, H, W)

        Raises
        ------
        ValueError
            If the method returns another shape, or values that are no finite numbers.
        """
        values = np.asarray(self.maps(net, x, target, mean))
        plain = (len(x), *x.shape[2:])
        if values.shape not in (x.shape, plain) or values.dtype.kind not in "fiub":
            raise ValueError(
                f"{self.name}: returned an array of {values.dtype} of shape {values.shape}, expected numbers of shape "
                f"{x.shape}, as the images, or {plain}, one map an image"
            )
        if not np.isfinite(values).all():
            raise ValueError(f"{self.name}: returned values that are no finite numbers (NaN or infinite)")
        values = values.astype(np.float64)
        values = np.abs(values) if self.by == "size" else values
        return values if values.shape == plain else values.sum(axis=1)

    def of_units(self, net: Network, x: Array, target: Array, layer: str) -> Array | None:
        """Return one number for each filter of a layer and image; None if the method has no such form.

        Parameters
        ----------
        net : Network
        x : ndarray of shape (N, C, H, W)
        target : ndarray of shape (N,)
        layer : str

        Returns
        -------
        ndarray of shape (N, filters) or None
        """
        if self.units is None:
            return None
        values = np.asarray(self.units(net, x, target, layer), np.float64)
        return np.asarray((np.abs(values) if self.by == "size" else values).sum(axis=(2, 3)))


def named(name: str) -> Method:
    """Return the method of a name, or a function of somebody's file.

    Parameters
    ----------
    name : str
        Of one of `METHODS` or `CONTROLS`; or FILE.py:FUNCTION, where ``FUNCTION(net, x, target)`` returns one map an
        image, read by value.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such method, file or function.
    """
    if name in BY_NAME:
        return BY_NAME[name]
    if ".py:" in name:
        return own(load_function(name), name)
    raise ValueError(f"no method {name!r}; there are {listed(list(BY_NAME))}; your own is FILE.py:FUNCTION")


def program(names: Sequence[str]) -> str:
    """Return the text of this module and of somebody's files among the names of methods.

    Parameters
    ----------
    names : sequence of str
        As :func:`named` takes them.
    """
    files = [Path(name.rpartition(":")[0]) for name in names if ".py:" in name]
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    return "".join([inspect.getsource(sys.modules[__name__]), *texts])


def own(function: Callable[[Network, Array, Array], ArrayLike], name: str = "") -> Method:
    """Return somebody's function as a method.

    Parameters
    ----------
    function : callable
        ``function(net, x, target)`` returns one map an image, of shape (N, C, H, W) or (N, H, W); read by value.
    name : str
        What the table calls it; the function's name if not given.
    """
    called = name or str(getattr(function, "__name__", type(function).__name__))

    def maps(net: Network, x: Array, target: Array, mean: Array) -> ArrayLike:
        try:
            return function(net, x, target)
        except FOREIGN as error:
            raise ValueError(f"{called}: raised {type(error).__name__}: {str(error)[:LONGEST]}") from error

    return Method(called, maps)


def _black(x: Array, mean: Array) -> ArrayLike:
    return 0.0


def _mean(x: Array, mean: Array) -> ArrayLike:
    return mean


def _blurred(x: Array, mean: Array) -> ArrayLike:
    return tried.blurred(x)


def _method(
    name: str,
    function: Callable[..., ArrayLike],
    by: str = "value",
    *,
    units: bool = True,
    relu_only: bool = False,
    baselines: dict[str, Baseline] | None = None,
    **settings: Any,
) -> Method:
    """Return a method with its settings, and what stands for "absent" in the keyword that the method has for it."""

    def maps(net: Network, x: Array, target: Array, mean: Array) -> ArrayLike:
        absent = {keyword: baseline(x, mean) for keyword, baseline in (baselines or {}).items()}
        return function(net, x, target, **settings, **absent)

    def at(net: Network, x: Array, target: Array, layer: str) -> ArrayLike:
        return function(net, x, target, layer=layer, **settings)

    return Method(name, maps, by, at if units else None, relu_only)


def _cam(name: str, function: Callable[..., ArrayLike]) -> Method:
    def maps(net: Network, x: Array, target: Array, mean: Array) -> ArrayLike:
        return at_pixels(net, filter_outputs(net)[-1], function(net, x, target))

    return Method(name, maps)


def _patches(net: Network, x: Array, target: Array, mean: Array) -> ArrayLike:
    players = tried.grid(net.input_shape, PATCHES)
    return tried.shapley_values(net, x, target, players=players, baseline=mean, samples=ORDERS)


def _deconvolved(net: Network, x: Array, target: Array, mean: Array) -> ArrayLike:
    found = np.zeros_like(x)
    for label in np.unique(target):
        found[target == label] = tried.deconvolution(net, x[target == label], net.logits, int(label))
    return found


STEPS, SAMPLES, MASKS = 16, 16, 200  # of integrated gradients, SmoothGrad and RISE
PATCHES, ORDERS = 8, 2  # of Shapley values: rows and columns of patches, and pairs of orders
COMPOSITE = tried.Composite(
    first=tried.LRPBox(0, 1), conv=tried.LRPAlphaBeta(1, 0), dense=tried.LRPEpsilon(1e-2), default=tried.LRPZero()
)
METHODS = (
    _method("absolute gradient", tried.absolute_gradient, "size"),
    _method("SmoothGrad", tried.smooth_gradient, "size", samples=SAMPLES),
    _method("SmoothGrad squared", tried.smooth_gradient, "size", samples=SAMPLES, kind="square"),
    _method("target features", tried.target_features, "size", units=False),
    _method("gradient x input", tried.gradient_times_input),
    _method("gradient x (input - mean)", tried.gradient_times_input, units=False, baselines={"baseline": _mean}),
    _method("integrated gradients from black", tried.integrated_gradients, steps=STEPS),
    _method(
        "integrated gradients from the mean image",
        tried.integrated_gradients,
        units=False,
        baselines={"baseline": _mean},
        steps=STEPS,
    ),
    _method(
        "integrated gradients from blur",
        tried.integrated_gradients,
        units=False,
        baselines={"baseline": _blurred},
        steps=STEPS,
    ),
    _cam("Grad-CAM", tried.grad_cam),
    _cam("HiResCAM", tried.hires_cam),
    _cam("LayerCAM", tried.layer_cam),
    _method("LRP epsilon", tried.relevance, rule=tried.LRPEpsilon(1e-2)),
    _method("LRP gamma", tried.relevance, rule=tried.LRPGamma(0.25)),
    _method("LRP alpha-beta", tried.relevance, rule=tried.LRPAlphaBeta(2, 1)),
    _method("LRP composite", tried.relevance, rule=COMPOSITE),
    _method("excitation backprop", tried.excitation_backpropagation),
    _method("guided backprop", tried.guided_backpropagation, "size", units=False, relu_only=True),
    Method("deconvolution", _deconvolved, "size", relu_only=True),
    _method("occlusion", tried.occlusion, units=False, baselines={"replace": _mean}, size=6, stride=5),
    _method("RISE", tried.rise, units=False, baselines={"replace": _mean}, samples=MASKS, of="logit"),
    Method("Shapley values of patches", _patches),
)
EDGES, CENTRE, CHANCE = CONTROLS = (
    Method("edge detector", lambda net, x, target, mean: edge_map(x)),
    Method("centre", lambda net, x, target, mean: np.broadcast_to(centre_map(*x.shape[2:]), (len(x), *x.shape[2:]))),
    Method("chance", lambda net, x, target, mean: np.ones((len(x), *x.shape[2:]))),
)
BY_NAME = {method.name: method for method in (*METHODS, *CONTROLS)}
