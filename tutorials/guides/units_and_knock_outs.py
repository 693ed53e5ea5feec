# %% [markdown]
# # What does one hidden unit see, and what happens without it?
#
# For somebody who comes from Captum or TransformerLens: no hooks. A gradient is asked for by the name of a layer, and a
# knock-out is a network that shares the weights.

# %%
import tinynet as tn

data = tn.datasets.load("digits:900")
train, test = data.split(rng=0)
net = tn.Network(
    [tn.Conv2D(8, 5), tn.Tanh(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(20), tn.Tanh(), tn.Dense(10), tn.Softmax()],
    input_shape=data.input_shape,
    rng=0,
)
tn.fit(
    net,
    train.x,
    train.labels,
    loss=tn.CrossEntropy(),
    optimizer=tn.Adam(0.004),
    epochs=8,
    batch_size=20,
    progress=False,
)
print(net.evaluate(test.x, test.labels))

# %% [markdown]
# The gradient of hidden unit 3 at every layer in front of it, down to the pixels:

# %%
threes = test[test.labels == 3]
gradient = tn.unit_gradient(net, threes.x, layer="tanh2", unit=3)
print({name: array.shape for name, array in gradient.items()})
tn.plots.saliency_maps(threes.x[:5], tn.saliency(gradient["input"][:5]), [f"three {n}" for n in range(5)])

# %% [markdown]
# Which filters speak most for the threes? Rank them, knock them out one after the other, and see how many threes are
# lost. What `rank_units` returns goes into `knockout_curve` and `knocked_out` as it is.

# %%
scores = tn.explain.class_scores(net, test.x, test.labels, layers=["tanh1"])
order = tn.rank_units(scores, label=3)
curve = tn.knockout_curve(net, test.x, test.labels, order)
for count, (error, of_threes) in enumerate(zip(curve.error, curve.class_error[:, 3], strict=True)):
    print(f"without {count} filters: {error:.0%} of all images are misclassified, {of_threes:.0%} of the threes")
assert curve.error[-1] > curve.error[0]

# %%
without = net.knocked_out(order[:3])
print(without.evaluate(test.x, test.labels), without.layers[2])
assert without.evaluate(test.x, test.labels)["accuracy"] == 1 - curve.error[3]
alone = net.knocked_out({"tanh2": [3]}, replace="mean", x=train.x)
print(f"without hidden unit 3: {alone.evaluate(test.x, test.labels)['accuracy']:.0%}")
