# %% [markdown]
# # A network that was trained with PyTorch
#
# `load_weights` takes a state dict as it is in memory, or the module itself; PyTorch is not imported here, so that this
# script runs without it: the dictionary below has the names and shapes that `model.state_dict()` gives for
#
# ```python
# model = torch.nn.Sequential(
#     torch.nn.Conv2d(1, 6, 5), torch.nn.Tanh(), torch.nn.MaxPool2d(2), torch.nn.Flatten(), torch.nn.Linear(864, 10)
# )
# ```

# %%
import numpy as np

import tinynet as tn

rng = np.random.default_rng(0)
state = {
    "0.weight": rng.normal(0, 0.2, (6, 1, 5, 5)),
    "0.bias": np.zeros(6),
    "4.weight": rng.normal(0, 0.05, (10, 864)),
    "4.bias": np.zeros(10),
}

# %% [markdown]
# The same layers in the same order, with the softmax that PyTorch keeps in its loss:

# %%
net = tn.Network(
    [tn.Conv2D(6, 5), tn.Tanh(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(10), tn.Softmax()], input_shape=(1, 28, 28)
)
net.load_weights(state)  # or net.load_weights(model), or a .safetensors file
assert np.allclose(net["conv1"].params["W"], state["0.weight"])
assert np.allclose(net["dense1"].params["W"], state["4.weight"])

# %% [markdown]
# What does not fit is named before anything is changed:

# %%
try:
    net.load_weights({**state, "4.weight": state["4.weight"].T})
except ValueError as error:
    print(error)

# %% [markdown]
# From here on it is a network like any other: explained, taken apart, trained on, and handed back.

# %%
data = tn.datasets.load("digits:600")
train, test = data.split(rng=0)
before = net.evaluate(test.x, test.labels)["accuracy"]
tn.fit(
    net,
    train.x,
    train.labels,
    loss=tn.CrossEntropy(),
    optimizer=tn.Adam(0.003),
    epochs=6,
    batch_size=20,
    progress=False,
)
after = net.evaluate(test.x, test.labels)["accuracy"]
print(f"{before:.0%} of the test digits are right before, {after:.0%} after")
assert after > max(before, 0.5)
print(tn.explain_images(net, test.x[:3], test.labels[:3], classes=data.classes))

# %%
back = net.weights()  # for model.load_state_dict, in its order: dict(zip(model.state_dict(), back.values()))
print({name: array.shape for name, array in back.items()})
assert [array.shape for array in back.values()] == [array.shape for array in state.values()]
