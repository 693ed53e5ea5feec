"""What right calls are made of: a small network, its images and labels, and gradients and scores of it."""

from __future__ import annotations

import numpy as np

import tinynet as tn
from tests.networks import small_classifier
from tinynet.datasets import Dataset

rng = np.random.default_rng(0)
net = small_classifier(dtype=np.float32)  # conv1 tanh1 pool1 conv2 relu1 flatten1 dense1 softmax1
images = rng.random((6, 1, 8, 8)).astype(np.float32)
labels = np.arange(6) % 3
names = ("a", "b", "c")
data = Dataset("small", images, labels, names, masks={"nose": images[:, 0] > 0.5})
trace = net.trace(images)
deltas = net.backward(trace, np.eye(3)[labels])
gradients = tn.class_gradient(net, images, labels, layers=["tanh1", "relu1"])
scores = {name: np.abs(gradients[name]).sum(axis=(2, 3)) for name in ("tanh1", "relu1")}
units = {"tanh1": [0, 2]}
profiles = rng.random((6, 5)).astype(np.float32)
