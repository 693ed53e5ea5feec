# %% [markdown]
# # 4 Training
#
# | | |
# | --- | --- |
# | **You will do** | write a training loop; break it with a bad rate and bad weights; learn letters, digits and faces |
# | **You will learn** | losses, mini-batches, learning rates, initialisation, autoencoders, overfitting, checkpoints |
# | **You need** | chapters 1 to 3; mean and variance; for sections 4.3 and 4.6 eigenvalues and singular vectors (SVD) |
# | **Time** | 160 minutes with the exercises |
# | **Where you are** | Chapter 2 finds every slope, and a wrong one trained as well. What makes training work, then? |
#
# Backpropagation says which way each weight should move. Training is the rest: away from what, how far, on how many
# images at once, from where to start, and when to stop. Each of these can be wrong in a way that shows nothing but a
# poor network, so this chapter breaks each of them once, on purpose.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import datasets

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

faces, unseen_faces = datasets.load("faces").split(rng=0)
digits, unseen_digits = datasets.load("digits:2000").split(rng=0)
letters, unseen_letters = datasets.load("letters").split(rng=0)

rng = np.random.default_rng(0)
figure, axes = plt.subplots(3, 10, figsize=(7.5, 2.5), layout="constrained")
for row, dataset in zip(axes, (faces, digits, letters), strict=True):
    for panel, image in zip(row, rng.choice(dataset.x, len(row), replace=False), strict=True):
        panel.imshow(image[0], cmap="gray", vmin=0, vmax=1)
        panel.set_xticks([])
        panel.set_yticks([])
    row[0].set_ylabel(dataset.name)
plt.show()
for dataset in (faces, digits, letters):
    print(f"{dataset.name:>8}: {len(dataset):4} images to learn from, {len(dataset.classes)} classes")

# %% [markdown]
# ## 4.1 What is to become small
#
# A **loss** $L(y, t)$ is one number for an output $y$ and a target $t$, the smaller the better; training makes its mean
# over the images small. Two of them matter here. For outputs that are numbers, the **squared error**
# $L = \tfrac12 \lVert y - t \rVert^2$, with $\partial L / \partial y = y - t$. For classes, with
# $p = \mathrm{softmax}(z)$, the **cross-entropy** $L = -\log p_t$, whose gradient at the logits is $p - t$ with $t$
# written as a one-hot vector (chapter 2).
#
# Why not the squared error for classes too? Take two classes. The network says $p$ for the right one, where
# $p = \sigma(m)$ and $m$ is how much the right logit leads. Look at the slopes where the network is *confidently
# wrong*, at the left end of the second panel:

# %%
lead = np.linspace(-8, 8, 401)
p = 1 / (1 + np.exp(-lead))
losses = {"cross-entropy": -np.log(p), "squared error": (1 - p) ** 2}
slopes = {"cross-entropy": -(1 - p), "squared error": -2 * p * (1 - p) ** 2}

figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for panel, curves, title in zip(axes, (losses, slopes), ("loss", "slope of the loss"), strict=True):
    for (name, curve), colour, style in zip(curves.items(), (BLUE, ORANGE), ("-", "--"), strict=True):
        panel.plot(lead, curve, style, color=colour, label=name)
    panel.set(xlabel="lead of the right logit", ylabel=title)
    panel.grid(alpha=0.3)
    panel.legend()
figure.suptitle("Two losses of a softmax: only one still pulls when the network is confidently wrong")
plt.show()

# %% [markdown]
# The squared error is flat there: the worse the mistake, the weaker the pull. Cross-entropy pulls at full strength,
# and its slope never has to divide by a tiny probability, because softmax and logarithm cancel on paper first.
#
# **Two slips in print that cancel.** The thesis writes cross-entropy without the minus sign (eq. 2.2), asks for its
# *minimum* (eq. 2.1), and then steps along $+\partial L / \partial w$ (eq. 2.3). With the minus in the loss and a step
# down, $w \leftarrow w - \lambda\, \partial L / \partial w$, all three fit together; that is what everybody does.
#
# > **Exercise 4.1** (★★★, 20 minutes) Value and seed of the cross-entropy, for a batch: `cross_entropy` in
# > `exercises/ch04.py`. The grader uses logits of a thousand, so do not compute $e^z$ before you have taken something
# > off.
# >
# > <details><summary>Hint 1</summary>Take the largest logit of each image off its logits, into a new array. Then work
# > with log p rather than with p.</details>
# > <details><summary>Hint 2</summary>log p is z minus the logarithm of the sum of e^z, along axis 1 with `keepdims`.
# > Pick the entry of each image's label by `log_p[np.arange(N), labels]`.</details>
# > <details><summary>Hint 3</summary>The value is minus the mean of those entries. The seed begins as e^(log p); take 1
# > off at the same entries, and divide everything by N.</details>

# %%
check("4.1")

# %% [markdown]
# ## 4.2 Mini-batches
#
# The mean loss has a gradient that takes *all* images to compute. The gradient over a random handful, a **mini-batch**,
# points roughly the same way and costs a fraction. How roughly? Here is the cosine between the two, for a small
# convolutional network on the faces at half their size (average pooling from chapter 3 does the halving).
#
# > **Before you run the next cell.** A direction at 90 degrees has nothing to do with the right one; one beyond that
# > leads uphill. How far off is the gradient of ten images out of 124, on average?
# > <details><summary>About 10 degrees, about 35, or about 65?</summary>About 65, and of 30 draws a few lead
# > uphill.</details>

# %%
half = tn.AvgPool2D(2)
x, x_unseen = half.forward(faces.x), half.forward(unseen_faces.x)


def face_network(rng=0):
    """Return an untrained network for faces of 30 x 30 pixels."""
    maps = [tn.Conv2D(8, 5), tn.Tanh(), tn.MaxPool2D(2), tn.Conv2D(10, 5), tn.Tanh(), tn.MaxPool2D(2), tn.Flatten()]
    head = [tn.Dense(20), tn.Tanh(), tn.Dense(len(faces.classes)), tn.Softmax()]
    return tn.Network([*maps, *head], input_shape=(1, 30, 30), rng=rng)


loss = tn.CrossEntropy()


def gradient(net, images, labels):
    """Return the gradient of the mean loss with respect to all parameters, as one long vector."""
    trace = net.trace(images)
    targets = np.eye(len(faces.classes), dtype=net.dtype)[labels]
    deltas = net.backward(trace, loss.seed(net, trace, targets), at=loss.at(net))
    return np.concatenate([g.ravel() for of_layer in net.grads(trace, deltas).values() for g in of_layer.values()])


rng = np.random.default_rng(0)
net = face_network()
whole = gradient(net, x, faces.labels)
sizes = [1, 2, 5, 10, 20, 50, 100]
cosines = []
for size in sizes:
    draws = [rng.choice(len(x), size, replace=False) for _ in range(30)]
    parts = [gradient(net, x[rows], faces.labels[rows]) for rows in draws]
    cosines.append([part @ whole / np.linalg.norm(part) / np.linalg.norm(whole) for part in parts])

figure, panel = plt.subplots(figsize=(6, 3), layout="constrained")
for size, values in zip(sizes, cosines, strict=True):
    panel.plot(np.full(len(values), size), values, ".", color="0.6")
panel.plot(sizes, np.mean(cosines, axis=1), "o-", color=BLUE, label="mean of 30 draws")
panel.set(xscale="log", xlabel="images in the mini-batch", ylabel="cosine with the whole gradient")
panel.set_xticks(sizes, labels=sizes)
panel.minorticks_off()
panel.axhline(0, color="0.5", linewidth=1)
panel.set_title("A few images roughly know the way")
panel.grid(alpha=0.3)
panel.legend()
plt.show()
angles = {size: np.degrees(np.arccos(np.mean(values))) for size, values in zip(sizes, cosines, strict=True)}
uphill = {size: int(np.sum(np.array(values) < 0)) for size, values in zip(sizes, cosines, strict=True)}
for size in (1, 10, 50):
    print(f"{size:2} images: {angles[size]:.0f} degrees off (by the mean cosine), {uphill[size]} of 30 lead uphill")


def after_an_epoch(batch_size):
    """Return the loss of all faces after one epoch at rate 0.1."""
    net, sgd = face_network(), tn.SGD(0.1)
    tn.fit(net, x, faces.labels, loss=loss, optimizer=sgd, epochs=1, batch_size=batch_size, progress=False)
    return float(loss.value(net, net.trace(x), np.eye(len(faces.classes), dtype=net.dtype)[faces.labels]))


one_step, many_steps = after_an_epoch(len(x)), after_an_epoch(10)
print(f"each image looked at once, at rate 0.1: the loss is {one_step:.2f} after one exact step,", end=" ")
print(f"{many_steps:.2f} after {-(-len(x) // 10)} rough ones")

# %% [markdown]
# A single image may point anywhere, and ten are 64 degrees off and lead uphill now and then. Yet a mini-batch of ten
# costs a twelfth of the whole set. For the price of one exact step there are thirteen rough ones, each taken where the
# last one led, and here they come further. An **epoch** is one tour through all images in random order, cut into
# mini-batches.
#
# Two rules keep the bookkeeping right. The $1/N$ of the mean stands in the loss alone, never in a layer. And the
# last mini-batch of an epoch may be smaller: divide by *its* size for the gradient, and weight its loss by its size
# when you report the epoch.
#
# Steps that zigzag can be smoothed by **momentum**: the velocity $v \leftarrow \mu v + g$ remembers earlier gradients,
# and the weights move by $w \leftarrow w - \lambda v$.
#
# > **Exercise 4.2** (★★☆, 10 minutes) Cut an epoch into random mini-batches: `minibatches`.
# >
# > <details><summary>Hint 1</summary>First a random order of all images, each of them once. Then cut.</details>
# > <details><summary>Hint 2</summary>`rng.permutation(count)` is such an order. `range(0, count, size)` are the places
# > where the pieces begin.</details>
# > <details><summary>Hint 3</summary>A list of slices order[begin : begin + size]. A slice that would go beyond the end
# > just ends there.</details>

# %%
check("4.2")

# %% [markdown]
# > **Exercise 4.3** (★★☆, 10 minutes) One step with momentum: `momentum_step`.
# >
# > <details><summary>Hint 1</summary>`weights = weights - ...` makes a new array, and the caller's stays as it was.
# > What changes the array itself?</details>
# > <details><summary>Hint 2</summary>`*=`, `+=` and `-=` do, and so does an assignment to `weights[...]`.</details>
# > <details><summary>Hint 3</summary>Three lines: velocity times momentum, velocity plus gradient, weights minus rate
# > times velocity.</details>

# %%
check("4.3")

# %% [markdown]
# > **Exercise 4.4** (★★★, 25 minutes) The whole loop: `train`, from a network's `trace`, `backward` and `grads`, as
# > above. The grader compares it with `tn.fit`.
# >
# > <details><summary>Hint 1</summary>Two loops, one inside the other: epochs, and the mini-batches of each. You have
# > written `minibatches` and `cross_entropy`.</details>
# > <details><summary>Hint 2</summary>For each mini-batch: trace, loss and seed from the logits, deltas, gradients, and
# > a step in place for each array of each layer.</details>
# > <details><summary>Hint 3</summary>Add loss times the number of images in the mini-batch to a sum. At the end of the
# > epoch append the sum divided by the number of all images.</details>

# %%
check("4.4")

# %% [markdown]
# ## 4.3 How far to go
#
# Near a minimum every loss looks like a parabola, $L = \tfrac12 c\, w^2$ with curvature $c$. There the step is
# $w \leftarrow w - \lambda c\, w = (1 - \lambda c)\, w$, so each step multiplies the distance to the minimum by
# $1 - \lambda c$:
#
# | rate $\lambda$ | factor $1 - \lambda c$ | what happens |
# | --- | --- | --- |
# | much less than $1/c$ | just below 1 | creeps |
# | $1/c$ | 0 | arrives at once |
# | between $1/c$ and $2/c$ | negative, above -1 | jumps across, and still arrives |
# | more than $2/c$ | below -1 | each jump is larger than the last: **diverges** |
#
# With many weights there is a curvature for every direction. The steepest one sets the limit $2/c$, and all the others
# creep. For one linear layer with the squared error, $c$ is the largest eigenvalue of the mean of $x x^\top$, so the
# theory can be put to the test: just below the limit, and well above it.

# %%
pixels = x.reshape(len(x), -1).astype(np.float64)
with_bias = np.hstack([pixels, np.ones((len(pixels), 1))])
steepest = np.linalg.eigvalsh(with_bias.T @ with_bias / len(with_bias))[-1]
limit = 2 / steepest


def linear_run(rate):
    """Train one linear layer on the faces, all images in each step."""
    net = tn.Network([tn.Flatten(), tn.Dense(len(faces.classes))], input_shape=(1, 30, 30))
    return tn.fit(net, x, faces.labels, loss=tn.SquaredError(), optimizer=tn.SGD(rate), epochs=100, batch_size=len(x))


below = linear_run(0.95 * limit)
print(f"the limit is {limit:.4f}; just below it the loss goes from {below.loss[0]:.3f} to {below.loss[-1]:.3f}")
try:
    linear_run(2.5 * limit)
    complaint = ""
except tn.DivergedError as error:
    complaint = str(error)
print("well above it:", complaint)

# %% [markdown]
# Just below the limit the loss falls. Well above it, the loss is infinite before the run is over. In deep networks
# nobody computes $c$: it changes as the weights move. One tries rates far apart, looks at the curves, and then tries
# some between. A tanh network on the digits, with the rates 0.001, 0.1 and 10:
#
# > **Before you run the next cell.** A network that knows nothing and says so, with a tenth for each digit, has the
# > loss log 10 = 2.3. Where will the loss of the largest rate stay?
# > <details><summary>Near 0, near 2.3, or far above?</summary>Far above, beyond 100. The network is not undecided: it
# > is confident, and wrong.</details>

# %%
rates = {"too small": 0.001, "right": 0.1, "too large": 10.0}
curves = {}
for name, rate in rates.items():
    layers = [tn.Flatten(), tn.Dense(30), tn.Tanh(), tn.Dense(10), tn.Softmax()]
    net = tn.Network(layers, input_shape=(1, 28, 28))
    curves[name] = tn.fit(
        net, digits.x, digits.labels, loss=loss, optimizer=tn.SGD(rate), epochs=12, batch_size=20
    ).loss

figure, panel = plt.subplots(figsize=(8, 3.2), layout="constrained")
for (name, curve), colour, style in zip(curves.items(), (GREEN, BLUE, ORANGE), (":", "-", "--"), strict=True):
    panel.semilogy(np.arange(1, 13), curve, style, color=colour, linewidth=2, label=f"{name}: {rates[name]:g}")
panel.axhline(np.log(10), color="0.5", linewidth=1)
panel.text(12, np.log(10) * 1.1, "guessing", ha="right", color="0.3")
panel.set(xlabel="epoch", ylabel="cross-entropy", title="Three learning rates, 10,000 times apart")
panel.grid(alpha=0.3)
panel.legend(title="rate", loc="upper left", bbox_to_anchor=(1.01, 1))
plt.show()
print("loss after 12 epochs:", ", ".join(f"{curve[-1]:.3g} ({name})" for name, curve in curves.items()))

# %% [markdown]
# Too small looks healthy and creeps. Too large is worse than guessing. The grey line is a useful mark to know: guessing
# among $K$ classes costs $\log K$.

# %% [markdown]
# ## 4.4 Where to start
#
# All weights zero will not do: then all units of a layer compute the same, receive the same delta, and stay the same
# for ever. Random weights break the tie. But how large? A net input $z = \sum_j w_j a_j$ of $n$ independent terms has
#
# $$\operatorname{Var} z = n \operatorname{Var}(w)\, \mathrm{E}[a^2] .$$
#
# With $\operatorname{Var} w = g / n$ the signal keeps its size if the **gain** $g$ makes up for what the activation
# takes away: $g = 1$ for tanh, which is nearly the identity for small inputs, and $g = 2$ for a ReLU, which drops half
# of the signal. ($n$ is the layer's *fan-in*. What PyTorch calls gain multiplies the standard deviation, so it is the
# root of ours.) Going back, deltas obey the same law with the number of outputs, the *fan-out*. Here are faces going
# through 15 tanh layers of 200 units, and deltas coming back:

# %%
gains = {"too small: 0.3": 0.3, "right: 1": 1.0, "too large: 10": 10.0}
standardised = (pixels - pixels.mean()) / pixels.std()
sizes_forward, sizes_back = {}, {}
for name, gain in gains.items():
    rng = np.random.default_rng(1)
    layers = []
    for width, inputs in zip([200] * 15, [900] + [200] * 14, strict=True):
        dense = tn.Dense(width, bias=False)
        dense.params["W"] = rng.normal(0, np.sqrt(gain / inputs), (width, inputs))
        layers += [dense, tn.Tanh()]
    deep = tn.Network(layers, input_shape=(900,), dtype=np.float64)
    trace = deep.trace(standardised)
    deltas = deep.backward(trace, rng.normal(size=trace.output.shape))
    depth = [f"tanh{number}" for number in range(1, 16)]
    sizes_forward[name] = [trace[layer].std() for layer in depth]
    sizes_back[name] = [deltas[layer].std() for layer in depth]
    near_one = np.mean(abs(trace["tanh15"]) > 0.9)
    print(f"gain {name:>14}: {sizes_forward[name][-1]:.4f} is left of a signal of 1 after 15 layers,", end=" ")
    print(f"{sizes_back[name][0]:.4f} of a delta; {near_one:.0%} of the last units are beyond 0.9 or -0.9")

figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
titles = ("activations, going forward", "deltas, coming back")
for panel, kept, title in zip(axes, (sizes_forward, sizes_back), titles, strict=True):
    for (name, values), colour, style in zip(kept.items(), (GREEN, BLUE, ORANGE), (":", "-", "--"), strict=True):
        panel.semilogy(range(1, 16), values, style, color=colour, linewidth=2, label=name)
    panel.set(xlabel="layer", ylabel="standard deviation", title=title)
    panel.grid(alpha=0.3)
axes[0].legend(title="gain g")
plt.show()

# %% [markdown]
# With gain 1 both shrink, but slowly: tanh takes a little off at each layer, and a fifth of the signal and a third of
# the delta are left in the end. With a gain too small both die out, and the first layers learn nothing. With a gain
# too large the forward picture looks fine, but most units sit near $\pm 1$, and the deltas *grow* on their way back: a
# rate that suits the last layer throws the first ones about. The layers of the library draw their weights by such laws;
# `tn.Dense(20, initializer="he_normal")` names one.
#
# > **Exercise 4.5** (★☆☆, 5 minutes) Draw weights of a given gain: `initial_weights`.
# >
# > <details><summary>Hint 1</summary>The generator draws normally distributed numbers, in any shape.</details>
# > <details><summary>Hint 2</summary>`rng.normal(mean, deviation, shape)` wants the standard deviation, which is the
# > root of the variance.</details>
# > <details><summary>Hint 3</summary>Mean 0, the root of gain / inputs, and the shape (units, inputs).</details>

# %%
check("4.5")

# %% [markdown]
# ## 4.5 Letters, digits, faces
#
# `tn.fit` is the loop of exercise 4.4, with checks. Three data sets, three networks: two hidden ReLU units without
# biases for the letters, one convolution for the digits, two for the faces.
#
# The smallest network is the hardest to train. All letters share their stem, so a unit whose weights happen to be
# negative there is silent for *every* image. A silent ReLU passes no delta back, so it never learns to speak: it is
# **dead**. With two units there is none to spare. Here are ten starts as usual, and ten with all weights of the first
# layer made positive, so that both units speak at first.
#
# > **Before you run the next cell.** How many of the ten usual starts will learn all three letters?
# > <details><summary>Nine, about half, or none?</summary>None. In each of them one of the two units is silent
# where it is needed.</details>


# %%
def letter_run(seed, positive):
    """Train the letters' network from one start; return it with its history."""
    hidden = tn.Dense(2, bias=False, initializer="he_normal")
    layers = [tn.Flatten(), hidden, tn.ReLU(), tn.Dense(3, bias=False), tn.Softmax()]
    net = tn.Network(layers, (1, 28, 28), rng=seed)
    if positive:
        weights = net["dense1"].params["W"]
        weights[...] = abs(weights)
    unseen = (unseen_letters.x, unseen_letters.labels)
    sgd = tn.SGD(0.01)
    history = tn.fit(
        net, letters.x, letters.labels, loss=loss, optimizer=sgd, epochs=5, batch_size=50, validation=unseen
    )
    return net, history


def spoken(net):
    """Return for which share of each letter's images each unit puts out more than zero, shape (letters, units)."""
    hidden = net.trace(letters.x)["relu1"] > 0
    return np.array([hidden[letters.labels == letter].mean(axis=0) for letter in range(3)])


recognised, speaking = {}, {}
for name, positive in (("as usual", False), ("positive", True)):
    starts = [letter_run(seed, positive) for seed in range(10)]
    recognised[name] = np.array([history.validation_accuracy[-1] for _, history in starts])
    speaking[name] = np.array([spoken(start) for start, _ in starts])
    shares = " ".join(f"{share:4.0%}" for share in recognised[name])
    alive = " ".join(f"{count:4}" for count in (speaking[name].max(axis=1) > 0.01).sum(axis=1))
    print(f"{name:>8}:", shares, f" -> {np.sum(recognised[name] > 0.99)} of 10 learn")
    print("   units:", alive, " that speak for more than 1 % of the images of some letter")

# %% [markdown]
# In most of the usual starts a unit is silent for nearly every image in the end, or both are. In the others both speak,
# but they are silent on the same letter, and two units that say the same are worth no more than one. One can tell two
# groups apart, so at best two letters out of three; none at all leaves guessing. Starts matter. Now all three data
# sets:

# %%
letter_net, letter_history = letter_run(0, positive=True)
digit_layers = [tn.Conv2D(8, 5), tn.Tanh(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(10), tn.Softmax()]
digit_net = tn.Network(digit_layers, input_shape=(1, 28, 28))
face_net = face_network()
runs = {
    "letters": letter_history,
    "digits": tn.fit(
        digit_net,
        digits.x,
        digits.labels,
        loss=loss,
        optimizer=tn.SGD(0.05, momentum=0.9),
        epochs=8,
        batch_size=20,
        validation=(unseen_digits.x, unseen_digits.labels),
    ),
    "faces": tn.fit(
        face_net,
        x,
        faces.labels,
        loss=loss,
        optimizer=tn.SGD(0.02, momentum=0.9),
        epochs=30,
        batch_size=10,
        validation=(x_unseen, unseen_faces.labels),
    ),
}

figure, axes = plt.subplots(1, 3, figsize=(9, 2.8), layout="constrained", sharey=True)
for panel, (name, history) in zip(axes, runs.items(), strict=True):
    epochs = np.arange(1, len(history) + 1)
    panel.plot(epochs, history.accuracy, color=BLUE, label="seen")
    panel.plot(epochs, history.validation_accuracy, "--", color=ORANGE, label="unseen")
    panel.set(title=name, xlabel="epoch", ylim=(0, 1.03))
    panel.grid(alpha=0.3)
axes[0].set_ylabel("share recognised")
axes[2].legend(loc="lower right")
plt.show()
for name, history in runs.items():
    seen, unseen = history.accuracy[-1], history.validation_accuracy[-1]
    print(f"{name:>8}: {seen:6.1%} of the images seen, {unseen:6.1%} of the others")

# %% [markdown]
# What is learned holds for the letters, mostly for the digits, and least for the faces: 124 of them for 15 people are
# few, and the gap between seen and unseen says so. (That the first unseen share of letters and digits lies *above* the
# seen one is no magic. The images seen are counted while the epoch still runs, the unseen ones at its end.)
#
# **What did the letters' network learn?** It has two hidden units with 784 weights each, so they can be looked at as
# images: blue where a unit wants ink, red where it does not. The letters differ in their legs: E and L have the
# bottom one, E and F have the upper ones.

# %%
weights = letter_net["dense1"].params["W"].reshape(-1, 28, 28)
figure, axes = plt.subplots(1, 5, figsize=(10, 2.3), layout="constrained")
for panel, name in zip(axes, letters.classes, strict=False):
    panel.imshow(letters.x[letters.labels == letters.classes.index(name)].mean(axis=0)[0], cmap="gray", vmin=0)
    panel.set_title(f"mean {name}")
for panel, unit, image in zip(axes[3:], (1, 2), weights, strict=True):
    shown = panel.imshow(image, cmap="RdBu", vmin=-abs(weights).max(), vmax=abs(weights).max())
    panel.set_title(f"weights of unit {unit}")
for panel in axes:
    panel.axis("off")
figure.colorbar(shown, ax=axes, label="weight")
plt.show()
hidden = letter_net.trace(unseen_letters.x)["relu1"]
for number, name in enumerate(letters.classes):
    print(name, "passes through units 1 and 2:", hidden[unseen_letters.labels == number].mean(axis=0).round(2))

# %% [markdown]
# Unit 1 speaks for the bottom leg: it is silent for F, which has none. Unit 2 looks for the upper legs, and Gulati and
# others (2017) expect "near-zero" output of such a unit for L. Here it speaks for L as well, half as loudly. So the
# picture of its weights told us what it *prefers*, not what it is silent on. Chapter 15 looks at more starts.
#
# **Whom did the faces' network mistake for whom?** The fifteen people come in families of look-alikes, who share
# nearly everything but one planted feature.

# %%
guesses = face_net(x_unseen).argmax(axis=1)
wrong = np.flatnonzero(guesses != unseen_faces.labels)
everyone = datasets.load("faces")
portraits = everyone.x[::11, 0]
family = everyone.attributes["family"][::11]
in_family = family[guesses[wrong]] == family[unseen_faces.labels[wrong]]
count = min(len(wrong), 7)

figure, axes = plt.subplots(2, count, figsize=(1.2 * count, 2.8), layout="constrained", squeeze=False)
for (above, below_), image in zip(axes.T, wrong, strict=False):
    above.imshow(unseen_faces.x[image, 0], cmap="gray", vmin=0, vmax=1)
    above.set_title(faces.classes[unseen_faces.labels[image]])
    below_.imshow(portraits[guesses[image]], cmap="gray", vmin=0, vmax=1)
    below_.set_title(f"as {faces.classes[guesses[image]]}")
    above.axis("off")
    below_.axis("off")
figure.suptitle(f"{count} of {len(wrong)} misclassified faces (above), and whom they were predicted as")
plt.show()
print(
    f"{len(wrong)} of {len(guesses)} faces are misclassified, {in_family.sum()} of them as somebody of the same family"
)

# %% [markdown]
# The mistakes stay in the family. The network has learned what families look like, and of people it is not sure: it
# makes the mistake that the unit for Ben made in chapter 1, only less often. Keep these look-alikes in mind. They are
# what makes the faces a test for explanations.
#
# ## 4.6 An autoencoder
#
# A network can learn without labels: let the target be the input (thesis, section 2.1.3). In between stands a
# narrow layer, so the network has to find a short description from which a face can be drawn again. Here 900 pixels
# go through 20 units. (`tn.Adam` divides each step by the recent size of the gradient, weight by weight, so that all
# directions move at about the same pace.)

# %%
targets, targets_unseen = x.reshape(len(x), -1), x_unseen.reshape(len(x_unseen), -1)
layers = [tn.Flatten(), tn.Dense(20), tn.Tanh(), tn.Dense(900)]
autoencoder = tn.Network(layers, input_shape=(1, 30, 30))
drawing = tn.fit(autoencoder, x, targets, loss=tn.SquaredError(), optimizer=tn.Adam(0.001), epochs=400, batch_size=10)
print(f"the squared error of a face falls from {drawing.loss[0]:.0f} to {drawing.loss[-1]:.2f}")

# %% [markdown]
# How good is it? There is a bound. The last layer is $W h + b$, so whatever comes before it, all its outputs lie in an
# affine space of 20 dimensions; and the best such space for a set of images is spanned by their first 20 principal
# components (Bourlard and Kamp 1988 make the point for the whole autoencoder). The bound holds for the faces that were
# learned from; on others, both have to show what they are worth.
#
# > **Before you run the next cell.** 400 epochs of training on one side, one call of `np.linalg.svd` on the other.
# > Which draws the *unseen* faces better?
# > <details><summary>The autoencoder, the components, or both about the same?</summary>The components, with half of the
# > autoencoder's error.</details>

# %%
mean_face = targets.mean(axis=0)
components = np.linalg.svd(targets - mean_face, full_matrices=False)[2][:20]


def best_linear(images):
    """Project images onto the best affine space of 20 dimensions."""
    return mean_face + (images - mean_face) @ components.T @ components


def error(drawn, wanted):
    """Return the mean squared error of a pixel."""
    return float(np.mean(np.square(drawn - wanted)))


errors = {
    "the mean face": [error(mean_face, targets), error(mean_face, targets_unseen)],
    "autoencoder": [error(autoencoder(x), targets), error(autoencoder(x_unseen), targets_unseen)],
    "principal components": [error(best_linear(targets), targets), error(best_linear(targets_unseen), targets_unseen)],
}
print("mean squared error of a pixel      seen   unseen")
for name, (seen, unseen) in errors.items():
    print(f"{name:>28}: {seen:9.5f}{unseen:9.5f}")

shown = np.arange(2, 38, 4)
rows = (targets_unseen[shown], autoencoder(x_unseen[shown]), best_linear(targets_unseen[shown]))
figure, axes = plt.subplots(3, len(shown), figsize=(7.5, 2.8), layout="constrained")
for row, images, name in zip(axes, rows, ("unseen face", "autoencoder", "components"), strict=True):
    for panel, image in zip(row, images, strict=True):
        panel.imshow(image.reshape(30, 30), cmap="gray", vmin=0, vmax=1)
        panel.set_xticks([])
        panel.set_yticks([])
    row[0].set_ylabel(name, fontsize=8)
plt.show()
kept = {name: 1 - of_unseen / errors["the mean face"][1] for name, (_, of_unseen) in errors.items()}
print(f"of what tells unseen faces from the mean, the autoencoder keeps {kept['autoencoder']:.0%},", end=" ")
print(f"the components {kept['principal components']:.0%}")

# %% [markdown]
# Twenty numbers keep nearly all of 900 pixels: faces are far from arbitrary pictures. But the training did not reach
# its bound. On the seen faces its error is twice the smallest possible, and on unseen faces it is twice that of the
# components as well. The tanh and the 400 epochs have bought nothing here that linear algebra does not give at once.
# **A network needs a simple rival to be judged by**, or its own numbers look better than they are.
#
# ## 4.7 When to stop
#
# A network with more weights than images can learn anything by heart, mistakes included. Real labels hold mistakes, so
# let us plant some: 200 digits, a fifth of whose labels are drawn at random. **Validation** images, which training
# never touches, tell learning from memorising.

# %%
rng = np.random.default_rng(0)
spoilt = digits.labels[:200].copy()
chosen = rng.choice(200, 40, replace=False)
spoilt[chosen] = rng.integers(0, 10, 40)
layers = [tn.Flatten(), tn.Dense(100), tn.Tanh(), tn.Dense(10), tn.Softmax()]
learner = tn.Network(layers, input_shape=(1, 28, 28))
history = tn.fit(
    learner,
    digits.x[:200],
    spoilt,
    loss=loss,
    optimizer=tn.SGD(0.05),
    epochs=80,
    batch_size=10,
    validation=(unseen_digits.x, unseen_digits.labels),
)
best = int(np.argmin(history.validation_loss))

figure, panel = plt.subplots(figsize=(6, 3), layout="constrained")
epochs = np.arange(1, len(history) + 1)
panel.plot(epochs, history.loss, color=BLUE, label="seen")
panel.plot(epochs, history.validation_loss, "--", color=ORANGE, label="unseen")
panel.axvline(epochs[best], color="0.5", linewidth=1)
panel.text(epochs[best] + 1, 0.1, "stop here", color="0.3")
panel.set(xlabel="epoch", ylabel="cross-entropy", ylim=(0, None), title="Learning, then learning by heart")
panel.grid(alpha=0.3)
panel.legend()
plt.show()
print(f"best epoch {epochs[best]}; the loss of unseen digits is {history.validation_loss[best]:.2f} there")
by_heart = history.accuracy[-1]
print(f"in the end it is {history.validation_loss[-1]:.2f}, and {by_heart:.0%} of the labels are known by heart")

# %% [markdown]
# Up to the line both losses fall: what is learned holds for other digits. Behind it the network learns the spoilt
# labels one by one, and the unseen digits pay for it. One cure is to stop (**early stopping**): remember the epoch of
# the best validation loss, and give up when it has not been beaten for some epochs. Others are weight decay
# (`tn.SGD(0.05, weight_decay=0.001)`), dropout (`tn.Dropout(0.5)`), and more data, which is the best one.
#
# Once validation images have chosen the epoch, they are no longer unseen. An honest test needs a third set.
#
# > **Exercise 4.6** (★★☆, 15 minutes) Early stopping: `epoch_to_keep`, from a list of validation losses.
# >
# > <details><summary>Hint 1</summary>Walk through the list as if you did not know what comes. What do you have to
# > remember?</details>
# > <details><summary>Hint 2</summary>The epoch of the best loss so far is enough: the failures in a row are the epochs
# > since then.</details>
# > <details><summary>Hint 3</summary>If the loss is *smaller* than the best one, this epoch is the best. Otherwise, if
# > epoch minus best has reached the patience, stop. Return the best.</details>

# %%
check("4.6")

# %% [markdown]
# ## 4.8 Saving and resuming
#
# Training runs break off. With `checkpoint=` all that the next epoch depends on is written after each epoch: weights,
# momenta, the history, and the state of the random generator. A resumed run then reaches *the same bits* as one that
# was never broken off. Weights alone would not do: the order of the images would start again.


# %%
def run(net, epochs, **files):
    """Train on the digits, some epochs long."""
    return tn.fit(
        net,
        digits.x[:300],
        digits.labels[:300],
        loss=loss,
        optimizer=tn.SGD(0.05, momentum=0.9),
        epochs=epochs,
        batch_size=20,
        **files,
    )


def small_net():
    """Return an untrained network for digits."""
    return tn.Network([tn.Flatten(), tn.Dense(20), tn.Tanh(), tn.Dense(10), tn.Softmax()], input_shape=(1, 28, 28))


unbroken, broken, copied = small_net(), small_net(), small_net()
run(unbroken, 6)
with tempfile.TemporaryDirectory() as folder:
    checkpoint = Path(folder) / "run.npz"
    run(broken, 3, checkpoint=checkpoint)
    resumed = small_net()
    run(resumed, 6, checkpoint=checkpoint, resume=True)
    broken.save(Path(folder) / "net.npz")
    loaded = tn.Network.load(Path(folder) / "net.npz")
for name, array in broken.parameters().items():
    copied.parameters()[name][...] = array
run(copied, 3)


def difference(one, other):
    """Return the largest difference between the parameters of two networks."""
    return max(abs(a - b).max() for a, b in zip(one.parameters().values(), other.parameters().values(), strict=True))


print("resumed from the checkpoint:  largest difference", difference(unbroken, resumed))
print("went on from the weights only: largest difference", difference(unbroken, copied))
print("saved and loaded:             largest difference", difference(broken, loaded))

# %% [markdown]
# Only the checkpoint goes on as if nothing had happened. Weights alone lack the momenta and the order of the images.
#
# ## In five lines
#
# - Cross-entropy pulls at full strength where the network is confidently wrong; there the squared error lets go.
# - Ten images of 124 are 64 degrees off the whole gradient, and thirteen such steps come further than one exact one.
# - A rate must stay below 2 over the steepest curvature. Guessing costs $\log K$, and too large a rate costs more.
# - Weights of variance $g / n$ keep signals and deltas alive. Of ten usual starts with two hidden units none learned
#   the letters; with both units awake at first nine did.
# - Faces that are misread are taken for one of the family, and an autoencoder has twice the error of 20 principal
#   components. Judge a network by its mistakes and by a simple rival, on images it has not seen.
#
# ## On your own
#
# 1. Train the digits' network with the squared error instead of cross-entropy, and with all weights zero. What do the
#    curves look like?
# 2. Batch size and rate go together. Find the best rate for batches of 5, 20 and 100 digits. Is there a rule?
# 3. Give the autoencoder no activation function. How close does it come to the principal components, and are its
#    20 units the components themselves?
# 4. How many images of each person do the faces need? Plot the accuracy on unseen faces against their number.
#
# ## Further reading
#
# - Lo 2016, sections 2.1.3 (outputs, autoencoders) and 2.1.5 (losses and gradient descent).
# - Gulati, Lyrio, Pommer and Saboya 2017, section 1, for the letters and their two hidden units.
# - Bourlard and Kamp 1988, for autoencoders and principal components; Glorot and Bengio 2010 and He et al. 2015, for
#   initialisation; Kingma and Ba 2015, for Adam.
# - `tinynet/losses.py`, `tinynet/initializers.py`, `tinynet/optimizers.py` and `tinynet/training/`.
#
# What this chapter claims, checked:

# %%
assert np.allclose(np.gradient(losses["squared error"], lead), slopes["squared error"], atol=1e-3)
assert slopes["cross-entropy"][0] < -0.99 and abs(slopes["squared error"][0]) < 0.01
assert np.all(np.diff(np.mean(cosines, axis=1)[::2]) > 0), "larger mini-batches are closer to the whole gradient"
assert abs(angles[10] - 64) < 1 and 3 <= uphill[10] <= 7, "ten images are 64 degrees off, and sometimes lead uphill"
assert many_steps < one_step, "thirteen rough steps come further than an exact one"
assert below.loss[-1] < below.loss[0] and "learning rate" in complaint
assert curves["right"][-1] < 0.3 < 1.5 < curves["too small"][-1] < np.log(10) < 100 < curves["too large"][-1] < 200
assert sizes_forward["too small: 0.3"][-1] < 0.01 < sizes_forward["right: 1"][-1]
assert sizes_back["too small: 0.3"][0] < 0.1 < 10 < sizes_back["too large: 10"][0]
assert abs(sizes_forward["right: 1"][-1] - 1 / 5) < 0.05 and abs(sizes_back["right: 1"][0] - 1 / 3) < 0.05
assert near_one > 0.5, "with a gain of 10 most units are near 1 or -1"
learned, awake = (np.sum(shares > 0.99) for shares in recognised.values())
assert learned == 0 and awake >= 8, "a start with both units awake learns"
usual = speaking["as usual"]
both_alive = (usual.max(axis=1) > 0.01).all(axis=1)
assert 0 < both_alive.sum() < 5 and (usual[both_alive].max(axis=2).min(axis=1) < 0.05).all(), "on the same letter"
mean_hidden = {name: hidden[unseen_letters.labels == number].mean(axis=0) for number, name in enumerate("EFL")}
assert mean_hidden["F"][0] < 0.1 * min(mean_hidden["E"][0], mean_hidden["L"][0]), "unit 1 is silent for F alone"
assert 0.3 < mean_hidden["L"][1] / mean_hidden["E"][1] < 0.7, "unit 2 speaks half as loudly for L, not near-zero"
assert runs["letters"].validation_accuracy[-1] > 0.99
assert runs["digits"].validation_accuracy[-1] > 0.8
assert runs["faces"].validation_accuracy[-1] > 0.7
assert 5 <= len(wrong) <= 13 and in_family.mean() > 0.85, "people are predicted as their look-alikes"
for of_network, bound in zip(errors["autoencoder"], errors["principal components"], strict=True):
    assert 1.7 < of_network / bound < 2.4, "the autoencoder has about twice the components' error, seen and unseen"
assert min(kept["autoencoder"], kept["principal components"]) > 0.9
assert history.validation_loss[-1] > history.validation_loss[best] and history.loss[-1] < history.loss[best]
assert difference(unbroken, resumed) == 0 and difference(broken, loaded) == 0 < difference(unbroken, copied)
