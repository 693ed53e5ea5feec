# %% [markdown]
# # A layer of your own, checked
#
# A layer says what it puts out, and how a gradient at its output becomes one at its input. Whether the second fits the
# first is what `check_layer` finds out, on this layer and on any other.

# %%
import numpy as np
from scipy.special import expit

import tinynet as tn


class Swish(tn.Layer):
    """y = x s(x) with the sigmoid s, so dy/dx = s + x s (1 - s) = s + y (1 - s)."""

    def forward(self, x):
        return x * expit(x)

    def backward(self, dy, x, y):
        s = expit(x)
        return dy * (s + y * (1 - s))


report = tn.testing.check_layer(Swish(), input_shape=(3, 6, 6), rng=0)
print(report)
assert report.ok

# %% [markdown]
# A layer with a slip is told which law it breaks, where, and often why:

# %%


class Forgetful(Swish):
    """The second term of the product rule is missing."""

    def backward(self, dy, x, y):
        return dy * expit(x)


wrong = tn.testing.check_layer(Forgetful(), input_shape=(3, 6, 6), rng=0)
print(wrong)
assert [failure.law for failure in wrong.failures] == ["adjoint"]

# %% [markdown]
# With parameters, `build` draws them and `grads` returns their gradients, summed over the images. This one multiplies
# each feature map by a number that is learned:

# %%


class Scale(tn.Layer):
    """y_c = g_c x_c for each map c, so dx_c = g_c dy_c and dg_c = the sum of dy_c x_c over places and images."""

    def build(self, input_shape, rng, dtype):
        self.params = {"g": np.ones(input_shape[0], dtype)}

    def forward(self, x):
        return x * self.params["g"][:, None, None]

    def backward(self, dy, x, y):
        return dy * self.params["g"][:, None, None]

    def grads(self, dy, x, y):
        return {"g": (dy * x).sum(axis=(-1, -2)).reshape(-1, len(self.params["g"])).sum(axis=0)}


assert tn.testing.check_layer(Scale(), input_shape=(3, 6, 6), rng=0).ok

# %% [markdown]
# In a network they are layers like any other:

# %%
data = tn.datasets.load("digits:600")
train, test = data.split(rng=0)
net = tn.Network(
    [tn.Conv2D(6, 5), Scale(), Swish(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(10), tn.Softmax()],
    input_shape=data.input_shape,
    rng=0,
)
print(net.summary())
tn.fit(
    net,
    train.x,
    train.labels,
    loss=tn.CrossEntropy(),
    optimizer=tn.Adam(0.005),
    epochs=6,
    batch_size=20,
    progress=False,
)
print(net.evaluate(test.x, test.labels), net["scale1"].params["g"])
assert net.evaluate(test.x, test.labels)["accuracy"] > 0.5

# %% [markdown]
# `check_network` tests each layer of a network at the shapes that it meets there, and the network as a whole.

# %%
small = tn.Network([tn.Conv2D(2, 3), Scale(), Swish(), tn.Flatten(), tn.Dense(3)], input_shape=(1, 6, 6), rng=0)
assert tn.testing.check_network(small, rng=0).ok
