"""Where do the units of a layer of weights show? At its activation function, or at its own output if it has none."""

from __future__ import annotations

from tinynet.layers import AvgPool2D, Conv2D, Dense, Dropout, Flatten, KnockOut, Layer, MaxPool2D, Softmax
from tinynet.network import Network
from tinynet.signatures import checked

NO_ACTIVATION = (AvgPool2D, Dropout, Flatten, KnockOut, MaxPool2D, Softmax)


@checked
def unit_outputs(net: Network, kind: type[Layer] = Layer) -> list[str]:
    """Return the names of the outputs of the units: the activation of each layer of weights, or that layer itself.

    Parameters
    ----------
    net : Network
        Any network.
    kind : type of Layer
        Layers of weights of this class alone, such as `tn.Conv2D`.

    Notes
    -----
    An activation is a layer without weights that keeps the shape, directly behind the layer of weights; yours too.
    Softmax is none, because what it puts out is no longer a matter of one unit.
    """
    return [
        (layer if behind is None or not _is_activation(net, layer, behind) else behind).name
        for layer, behind in zip(net.layers, (*net.layers[1:], None), strict=True)
        if layer.params and isinstance(layer, kind)
    ]


@checked
def filter_outputs(net: Network) -> list[str]:
    """Return the names of the outputs of the filters: the activation of each convolution, or the convolution itself.

    Parameters
    ----------
    net : Network
        Any network; without convolutions there are none.
    """
    return unit_outputs(net, Conv2D)


@checked
def ranked_outputs(net: Network) -> list[str]:
    """Return the names of the outputs whose units are ranked: those of the filters or, without any, the hidden ones.

    Parameters
    ----------
    net : Network
        A classifier.

    Raises
    ------
    ValueError
        If it has neither filters nor hidden units.

    Examples
    --------
    >>> import tinynet as tn
    >>> ranked_outputs(tn.Network([tn.Dense(4), tn.Tanh(), tn.Dense(2), tn.Softmax()], input_shape=(3,)))
    ['tanh1']
    """
    in_front_of_logits = net.names[: net.names.index(net.logits)]
    names = filter_outputs(net) or [name for name in unit_outputs(net, Dense) if name in in_front_of_logits]
    if not names:
        raise ValueError("the network has neither filters nor hidden units, so there is nothing to rank")
    return names


def _is_activation(net: Network, layer: Layer, behind: Layer) -> bool:
    same_shape = net.shapes[behind.name] == net.shapes[layer.name]
    return same_shape and not behind.params and not isinstance(behind, NO_ACTIVATION)
