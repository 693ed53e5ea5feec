# %% [markdown]
# # In a notebook: a training history, and what a prediction hangs on
#
# What stands last in a cell shows itself: a network and its summary as tables, a history as curves, a figure once.

# %%
import tinynet as tn

data = tn.datasets.load("faces")
train, test = data.split(rng=0, by_class=True)
train

# %%
net = tn.models.build("thesis", data.input_shape, len(data.classes), rng=0)
net

# %%
history = tn.fit(
    net,
    train.x,
    train.labels,
    loss=tn.CrossEntropy(),
    optimizer=tn.Adam(3e-3),
    epochs=8,
    batch_size=10,
    validation=(test.x, test.labels),
    progress=False,
)
history

# %%
tn.plots.history(history)

# %% [markdown]
# The gradient of a class's logit with respect to each pixel says where a small change would matter most.

# %%
faces = test[:3]
gradients = tn.prediction_gradient(net, faces.x, faces.labels, layers=["input"])
maps = tn.saliency(gradients["input"])
print(maps.shape)
tn.plots.saliency_maps(faces.x, maps, [data.classes[label] for label in faces.labels])
