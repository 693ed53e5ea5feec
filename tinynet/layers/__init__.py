"""Layers: each a pair of pure functions, forward and backward, beside their derivation."""

from tinynet.layers.activation import ReLU, Sigmoid, Softmax, Softplus, Step, Tanh
from tinynet.layers.base import Layer
from tinynet.layers.conv import Conv2D
from tinynet.layers.dense import Dense
from tinynet.layers.mask import Dropout, KnockOut
from tinynet.layers.pool import AvgPool2D, MaxPool2D
from tinynet.layers.shape import Flatten

__all__ = [
    "AvgPool2D",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "KnockOut",
    "Layer",
    "MaxPool2D",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Step",
    "Tanh",
]
