# %% [markdown]
# # Coming from Keras, PyTorch, scikit-learn or Captum
#
# What is called what. Most guesses are right, and a wrong one is answered with what to write:

# %%
import numpy as np

import tinynet as tn

for guess in (
    lambda: tn.Linear(784, 64),
    lambda: tn.Dense(64, activation="relu"),
    lambda: tn.Adam(lr=1e-3),
):
    try:
        guess()
    except (AttributeError, TypeError) as error:
        print(error)

# %% [markdown]
# ## Networks
#
# | Keras | PyTorch | here |
# | --- | --- | --- |
# | `Sequential([...])` | `Sequential(...)` | `tn.Network([...], input_shape=(1, 28, 28))` |
# | `Dense(64, activation="relu")` | `Linear(784, 64), ReLU()` | `tn.Dense(64), tn.ReLU()` |
# | `Conv2D(8, 3, padding="same")` | `Conv2d(1, 8, 3, padding=1)` | `tn.Conv2D(8, 3, padding="same")` |
# | `MaxPooling2D()` | `MaxPool2d(2)` | `tn.MaxPool2D(2)` |
# | `Dense(10, activation="softmax")` | `Linear(64, 10)` | `tn.Dense(10), tn.Softmax()` |
# | images of (N, H, W, C) | (N, C, H, W) | (N, C, H, W) |
# | `model.count_params()` | `sum(p.numel() for p in ...)` | `net.parameter_count` |
# | `model.get_weights()` | `model.state_dict()` | `net.weights()`, or `net.parameters()` to write to |
# | `model.set_weights(arrays)` | `model.load_state_dict(state)` | `net.load_weights(...)` |
#
# The number of inputs is never given: a network finds it. Mind `Conv2d(1, 8, 3)` of PyTorch: here the first number is
# that of the filters, the second their size.

# %%
data = tn.datasets.load("digits:600")
train, test = data.split(test=0.25, rng=0)
net = tn.Network(
    [tn.Conv2D(8, 3, padding="same"), tn.ReLU(), tn.MaxPool2D(4), tn.Flatten(), tn.Dense(10), tn.Softmax()],
    input_shape=(1, 28, 28),
)
assert net.parameter_count == sum(weights.size for weights in net.weights().values())

# %% [markdown]
# ## Training
#
# | Keras | PyTorch | scikit-learn | here |
# | --- | --- | --- | --- |
# | `model.fit(x, y)` | a loop of your own | `model.fit(X, y)` | `tn.fit(net, x, y, ...)` |
# | `loss="sparse_categorical_crossentropy"` | `CrossEntropyLoss()` | | `loss=tn.CrossEntropy()` |
# | `Adam(learning_rate=1e-3)` | `Adam(lr=1e-3)` | `learning_rate_init` | `optimizer=tn.Adam(rate=1e-3)` |
# | `epochs=5` | | `max_iter=5` | `epochs=5` |
# | `validation_data=(x, y)` | | `validation_fraction` | `validation=(x, y)` |
# | `verbose=0` | | `verbose=False` | `progress=False` |
# | `EarlyStopping` | | `early_stopping=True` | `callbacks=[tn.EarlyStopping(patience=3)]` |
# | `class_weight=...` | `weight=...` | `class_weight="balanced"` | `tn.CrossEntropy(tn.balanced_weights(y))` |
# | `history.history["val_loss"]` | | `model.loss_curve_` | `history["validation_loss"]` |
# | `model.predict(x)` | `model(x)` | `model.predict_proba(X)` | `net(x)` or `net.predict_proba(x)` |
# | `model.predict(x).argmax(1)` | `model(x).argmax(1)` | `model.predict(X)` | `net.predict(x)` |
# | `model.evaluate(x, y)` | | `model.score(X, y)` | `net.evaluate(x, y)` |
# | `model.save(file)` | `torch.save(...)` | `joblib.dump(...)` | `net.save(file)`, `tn.Network.load(file)` |
#
# There is no `train()` and `eval()` to forget: dropout is on in `tn.fit` and nowhere else. Data sets are given as their
# images and labels, `train.x` and `train.labels`.

# %%
history = tn.fit(
    net,
    train.x,
    train.labels,
    loss=tn.CrossEntropy(),
    optimizer=tn.Adam(rate=1e-2),
    epochs=5,
    batch_size=32,
    validation=(test.x, test.labels),
    callbacks=[tn.EarlyStopping(patience=3)],
    progress=False,
)
print(history)
assert history["validation_loss"][-1] < history["validation_loss"][0]
assert np.array_equal(net.predict(test.x), net(test.x).argmax(axis=1))
assert net.evaluate(test.x, test.labels)["accuracy"] == np.mean(net.predict(test.x) == test.labels)

# %% [markdown]
# ## Explanations
#
# | Captum | here |
# | --- | --- |
# | `Saliency(model).attribute(x, target)` | `tn.saliency(tn.prediction_gradient(net, x, target)["input"])` |
# | `InputXGradient` | `tn.explain.gradient_times_input(net, x, target)` |
# | `IntegratedGradients` | `tn.explain.integrated_gradients(net, x, target)` |
# | `NoiseTunnel` | `tn.explain.smooth_gradient(net, x, target)` |
# | `LayerGradCam(model, layer)` | `tn.explain.grad_cam(net, x, target, layer="relu1")` |
# | `LRP` | `tn.explain.relevance(net, x, target)` |
# | `Occlusion` | `tn.explain.occlusion(net, x, target)` |
# | `ShapleyValueSampling` | `tn.explain.shapley_values(net, x, target)` |
# | `LayerActivation(model, layer)` | `net.trace(x)["relu1"]` |
# | hooks, to silence a unit | `net.knocked_out({"relu1": 3})` |
#
# `target` is a class, a label for each image, or `"all"`. The gradients are those of the logit unless `of=` says
# otherwise, and no hook is ever set: `prediction_gradient` returns those of every layer at once.

# %%
x, target = test.x[:4], test.labels[:4]
gradient = tn.prediction_gradient(net, x, target)
tn.plots.saliency_maps(x, tn.saliency(gradient["input"]))
attribution = tn.explain.integrated_gradients(net, x, target)
assert np.asarray(attribution).shape == x.shape
assert gradient["relu1"].shape == net.trace(x)["relu1"].shape
silenced = net.knocked_out({"relu1": 3})
assert not silenced.trace(x)["knockout1"][:, 3].any()
