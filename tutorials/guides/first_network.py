# %% [markdown]
# # A first network: digits, validation, and when to stop
#
# For somebody who comes from Keras or scikit-learn. The digits here are drawn by code, so nothing is downloaded; for
# MNIST, run `python -m tinynet data get mnist` once and load `"mnist:data/mnist"`.

# %%
import tempfile
from pathlib import Path

import numpy as np

import tinynet as tn

data = tn.datasets.load("digits:1200")
train, test = data.split(test=0.25, rng=0)
train, validation = train.split(test=0.2, rng=0)
print(train, validation, test, sep="\n")

# %%
net = tn.Network(
    [tn.Flatten(), tn.Dense(64, initializer="he_normal"), tn.ReLU(), tn.Dense(10), tn.Softmax()],
    input_shape=data.input_shape,
    rng=0,
)
print(net.summary())

# %% [markdown]
# Training ends once the validation loss has not improved for three epochs, and the weights of the best epoch are put
# back. The rate falls from epoch to epoch; a plain number would do as well.

# %%
history = tn.fit(
    net,
    train.x,
    train.labels,
    loss=tn.CrossEntropy(),
    optimizer=tn.Adam(tn.CosineDecay(3e-3, epochs=30)),
    epochs=30,
    batch_size=32,
    validation=(validation.x, validation.labels),
    callbacks=[tn.EarlyStopping(patience=3)],
    progress=False,
)
print(f"ended after {len(history)} epochs")
tn.plots.history(history)  # a notebook shows it; .savefig("history.png") keeps it

# %%
found = net.evaluate(test.x, test.labels, loss=tn.CrossEntropy())
print(f"accuracy {found['accuracy']:.1%}, loss {found['loss']:.3f}")
labels, probabilities = net.predict(test.x[:5]), net.predict_proba(test.x[:5])
print(labels, np.round(probabilities.max(axis=1), 2))
assert found["accuracy"] > 0.8

# %% [markdown]
# Which ones are wrong, and what in them speaks for the digit that the network takes them for?

# %%
wrong = test[net.predict(test.x) != test.labels][:6]
explained = tn.explain_images(net, wrong.x, wrong.labels, classes=data.classes)
print(explained)
explained.figure()

# %%
file = Path(tempfile.mkdtemp()) / "digits.npz"
net.save(file)
again = tn.Network.load(file)
assert np.array_equal(again(test.x), net(test.x))
