# %% [markdown]
# # 12 Seeing by targets
#
# | | |
# | --- | --- |
# | **You will do** | ask units what they want to see, watch the answers become clear and fade, and find out why |
# | **You will learn** | Algorithm 1, features of any unit, match and overlap, a phase transition taken apart |
# | **You need** | chapter 11: targets and residuals; chapter 5: prediction gradients; cosines of vectors |
# | **Time** | 110 minutes with the exercises |
# | **Where you are** | Chapter 11 ended with a target for the *image*. What does it show us of the network? |
#
# Ask an output for the digit 3, and read in pixels what it would have liked to see. That picture is called a
# **feature** here (elsewhere, a *feature visualisation*). It is an old dream: to look into a network and see what it
# knows.
#
# De Souza Farias and Maziero drew such features of many networks, poor ones and good ones, and report that they change
# all at once somewhere on the way: a *phase transition*. We repeat that on drawn digits, measure it, and find out what
# is behind it.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check
from scipy.special import expit

import tinynet as tn
from tinynet import datasets, explain, models
from tinynet.studies.farias.knee import knee

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"

digits = datasets.load("digits:6000")
seen, unseen = digits.split(rng=0)
CLASSES = range(len(digits.classes))
RULE = tn.GradientTargets(tau=100, start="zero")


def network(seed=0):
    """Return an untrained network of 128 hidden sigmoid units without biases, as the authors draw it."""
    return tn.Network(models.sigmoid_layers([128], len(CLASSES)), digits.input_shape, rng=seed)


def train(net, rate=0.1, epochs=1, seed=0, rule=RULE, callbacks=()):
    """Train a network by target propagation."""
    tn.fit(
        net,
        seen.x,
        seen.labels,
        loss=tn.SquaredError(),
        optimizer=tn.SGD(rate),
        rule=rule,
        epochs=epochs,
        batch_size=20,
        rng=seed,
        callbacks=callbacks,
    )
    return net


early = train(network())
late = train(network(), epochs=20)
accuracies = {name: tn.accuracy(net, unseen.x, unseen.labels) for name, net in (("early", early), ("late", late))}
print(f"accuracy on unseen digits after 1 epoch: {accuracies['early']:.1%}, after 20: {accuracies['late']:.1%}")

# %% [markdown]
# ## 12.1 Algorithm 1
#
# 1. Take a trained network and show it an image of **zeros**.
# 2. At the layer that is asked, set a target: 1 for the unit, 0 for all others.
# 3. Carry the target down, block by block, as in section 11.1: $t_x = -\tau\, W^\top [\, f'(z) \odot (y - t) \,]$.
# 4. What arrives at the image is the feature. (Its scale means nothing; we look at the pattern.)
#
# In the cell below this is done by hand for two blocks, and by `tn.extract_feature` for all ten outputs at once.
#
# > **Before you run the next cell.** The *late* network has learned for twenty epochs, the *early* one for a single
# > one, and knows fewer digits. Whose features will look more like digits?
# > <details><summary>Choose: the late one's, the early one's, or both alike.</summary>The early one's. The rest of the
# > chapter is about why.</details>

# %%
first, second = (layer.params["W"].astype(np.float64) for layer in early.layers if layer.params)
hidden = expit(first @ np.zeros(784))
output = expit(second @ hidden)
target = -100 * second.T @ ((output - np.eye(10)[3]) * output * (1 - output))
by_hand = -100 * first.T @ ((hidden - target) * hidden * (1 - hidden))

features = tn.extract_feature(early, "sigmoid2", CLASSES, RULE)
off = abs(features[3].ravel() - by_hand).max() / abs(by_hand).max()
print(f"features {features.shape}; that of the 3, by hand and by tinynet: relative difference {off:.0e}")


def show(rows, title, names=digits.classes):
    """Draw a row of images for each entry, each scaled by its largest pixel: white is up, black is down."""
    figure, axes = plt.subplots(
        len(rows), len(names), figsize=(7.8, 0.5 + 0.84 * len(rows)), layout="constrained", squeeze=False
    )
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        line[0].set_ylabel(name, fontsize=8)
        for panel, image in zip(line, images, strict=True):
            limit = abs(image).max()
            panel.imshow(image[0], cmap="gray", vmin=-limit, vmax=limit, interpolation="nearest")
            panel.set(xticks=[], yticks=[])
    for panel, name in zip(axes[0], names, strict=True):
        panel.set_title(name, fontsize=9)
    figure.suptitle(title)
    plt.show()


directions = explain.class_directions(seen.x, seen.labels)
show(
    {
        "class less\nmean": directions,
        f"early\n{accuracies['early']:.0%}": features,
        f"late\n{accuracies['late']:.0%}": tn.extract_feature(late, "sigmoid2", CLASSES, RULE),
    },
    "What ten outputs want to see, by target propagation",
)

# %% [markdown]
# There it is, on our digits as in the paper's figure 2. The first row shows what tells each digit from the others.
# After one epoch the features look like it: light where a stroke of the class is, dark where strokes of others would
# be. The network that is *better* wants to see nearly the same thing ten times.

# %% [markdown]
# > **Exercise 12.1** (★★☆, 15 minutes) Algorithm 1: write `feature` in `exercises/ch12.py`, for any number of blocks.
# >
# > <details><summary>Hint 1</summary>Two walks. One goes up, from an image of zeros, and keeps the output of every
# > block. The other goes down and turns the target of each block's output into a target of its input.</details>
# > <details><summary>Hint 2</summary>For each block, from the last to the first, the new target is minus tau times the
# > transposed weights, applied to (y - t) y (1 - y). Here y is what that block put out on the way up.</details>
# > <details><summary>Hint 3</summary>With a list `outputs` that begins with the zeros, walk over the weights and
# > `outputs[1:]`, both reversed. The loop has one line, which puts the new t in the place of the old
# > one.</details>

# %%
check("12.1")

# %% [markdown]
# ## 12.2 How alike?
#
# "Look like" wants a number. Two of them, both from cosines, which do not care for the scale:
#
# - **match**: how like its own class is a feature? What tells a class from the others is its mean image *less the mean
#   of all images* (the first row above). Take the cosine of each feature with that, and the mean over the classes. A
#   feature is a **hit** if it is more like its own class than like any other.
# - **overlap**: how like each other are features? The mean size of the cosine of two of them.
#
# In the figure look at the squares off the diagonal: the deeper the orange, the more two outputs want the same.

# %%
matches = {
    name: explain.feature_match(tn.extract_feature(net, "sigmoid2", CLASSES, RULE), directions)
    for name, net in (("untrained", network()), ("early", early), ("late", late))
}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for panel, (name, found) in zip(axes, matches.items(), strict=True):
    picture = panel.imshow(found.to_each_other, cmap="PuOr_r", vmin=-1, vmax=1)
    panel.set(title=f"{name}: overlap {found.overlap:.2f}", xticks=CLASSES, yticks=CLASSES, xlabel="output")
axes[0].set_ylabel("output")
figure.colorbar(picture, ax=list(axes), label="cosine of two features", shrink=0.8)
plt.show()
for name, found in matches.items():
    print(f"{name:>9}: match {found.match:5.2f}, {found.hits:2d} of 10 hits, overlap {found.overlap:.2f}")

# %% [markdown]
# So the numbers say what the eye saw. Early features match their classes well, at about 0.7, and overlap little, by
# less than 0.3. The late ones hardly match, and overlap by more than 0.9: they are one image, ten times. The untrained
# network, which knows nothing, overlaps more than the early one. Sameness is where features begin.

# %% [markdown]
# > **Exercise 12.2** (★★☆, 10 minutes) Like its class: write `match`.
# >
# > <details><summary>Hint 1</summary>First the direction of each class, one a row: its mean image less the mean of all
# > images, not less the mean of the class means.</details>
# > <details><summary>Hint 2</summary>`images[labels == k].mean(axis=0)` is a class's mean image. A cosine is an inner
# > product, divided by both lengths (`np.linalg.norm` with an axis).</details>
# > <details><summary>Hint 3</summary>Multiply features and directions number by number, sum along the pixels, divide by
# > the product of the two columns of lengths, and take the mean of what is left, signs included.</details>

# %%
check("12.2")

# %% [markdown]
# > **Exercise 12.3** (★☆☆, 10 minutes) Like each other: write `overlap`.
# >
# > <details><summary>Hint 1</summary>Give all rows the length 1 first. Then inner products are cosines.</details>
# > <details><summary>Hint 2</summary>One matrix product, of the rows with themselves, makes the table of all cosines.
# > On its diagonal each feature meets itself, and that does not count.</details>
# > <details><summary>Hint 3</summary>Choose the places off the diagonal by a mask, the opposite of `np.eye(K,
# > dtype=bool)`. The size comes before the mean, so that signs do not cancel.</details>

# %%
check("12.3")

# %% [markdown]
# ## 12.3 Of any unit
#
# Nothing in Algorithm 1 asks for the *last* layer, or for a *single* unit. For a set of outputs the target is 1 for all
# of the set. For a hidden unit it is set at the hidden layer, 1 for the unit and 0 for the others.
#
# > **Before you run the next cell.** Ask ten of the 128 hidden units, one after the other, in this way. Will you see
# > ten different pictures?
# > <details><summary>Count who is asked for what.</summary>No, ten times the same. A target of 0 is an order too. It
# > tells 127 units to be silent, and 127 wishes drown the one.</details>
#
# The cell therefore asks a second time. There the others may stay as they are without an image, and one unit alone is
# asked to change.

# %%
pairs = [(0, 1), (0, 7), (1, 4), (2, 5), (3, 8), (4, 7), (5, 6), (6, 8), (7, 9), (1, 9)]
sets = tn.extract_feature(early, "sigmoid2", pairs, RULE)
units = np.arange(10)
one_hot = tn.extract_feature(early, "sigmoid1", units, RULE)
at_rest = early.trace(np.zeros(digits.input_shape))["sigmoid1"]
alone = np.tile(at_rest, (10, 1)).astype(np.float64)
alone[units, units] = 1
of_one = tn.extract_feature(early, "sigmoid1", alone, RULE)
show({"pairs of\noutputs": sets}, "Two outputs at once", [f"{a} and {b}" for a, b in pairs])
show({"one-hot": one_hot, "others\nas they are": of_one}, "Ten of the hidden units", [f"unit {unit}" for unit in units])
overlaps = [explain.feature_match(images, directions).overlap for images in (one_hot, of_one)]
of_weights = explain.cosines(np.concatenate([of_one.reshape(10, -1), first[units]]))[:10, 10:].diagonal()
print(f"overlap of hidden units' features: one-hot {overlaps[0]:.2f}, others as they are {overlaps[1]:.2f}")
print(f"cosine of a unit's feature, others as they are, with its weights: at least {of_weights.min():.6f}")

# %% [markdown]
# Asked rightly, each unit has a picture of its own, and in the first hidden layer it is simply the unit's weights: only
# one residual is not zero, and $W^\top$ turns it into a row of $W$. For deeper layers there is no such short cut.
#
# Next a **convolutional** network, with tanh and max pooling. It learns by targets from the activation. (From zero,
# each of the hundreds of places of a feature map pulls its few shared weights towards zero, and it hardly learns.) The
# steps that make the features start there too. At an image of zeros all places of a pool are equal, and the first of
# them wins, which draws a grid. Shown the mean image, the network has no such ties.

# %%
convolutional = tn.Network(
    [
        tn.Conv2D(8, 7, bias=False, initializer="farias_first"),
        tn.Tanh(),
        tn.MaxPool2D(2),
        tn.Flatten(),
        tn.Dense(10, bias=False, initializer="farias"),
        tn.Sigmoid(),
    ],
    digits.input_shape,
    rng=0,
)
gentle = tn.GradientTargets(3, "activation")
train(convolutional, rule=gentle)
mean_image = seen.x.mean(axis=0)
of_maps = {
    "from\nzeros": tn.extract_feature(convolutional, "sigmoid1", CLASSES, gentle),
    "from the\nmean image": tn.extract_feature(convolutional, "sigmoid1", CLASSES, gentle, mean_image) - mean_image,
}
share = tn.accuracy(convolutional, unseen.x, unseen.labels)
show(of_maps, f"Outputs of a convolutional network, {share:.0%} right")


def tell(name, images):
    """Print and return how like the classes features are, and each other."""
    found = explain.feature_match(images, directions)
    print(f"{name:>32}: match {found.match:5.2f}, {found.hits:2d} of 10 hits, overlap {found.overlap:.2f}")
    return found


of_convolutional = {name: tell(name.replace("\n", " "), images) for name, images in of_maps.items()}

# %% [markdown]
# So a convolutional network can be asked as well. The grid costs something: from zeros the features match less and
# overlap more than from the mean image.
#
# ## 12.4 Find the phase transition
#
# The paper draws features of networks that ended at different accuracies, and sees the change at about 90 %. We look
# at networks *while they learn*: three rates, two seeds each, and twenty looks on the way. At each look we also ask two
# other methods what the outputs want to see, for section 12.5.


# %%
class Looks(tn.Callback):
    """Looks at the features of a network while it learns, often at first, then less often."""

    def __init__(self):
        self.points, self.images, self.next = [], 0, 0

    def on_batch(self, step):
        """Look before some of the steps."""
        if self.images >= self.next:
            self.look(step.net)
            self.next = max(1.4 * self.images, 200)
        self.images += len(step.targets)

    def on_epoch(self, net, history):
        """Remember the network, for a last look."""
        self.last = net

    def look(self, net):
        """Measure the features, and their two parts (12.6)."""
        features = tn.extract_feature(net, "sigmoid2", CLASSES, RULE)
        gradients = explain.gradient_feature(net, "sigmoid2", CLASSES)
        background = tn.extract_feature(net, "sigmoid2", np.zeros(10), RULE)
        point = {"images": self.images, "accuracy": tn.accuracy(net, unseen.x, unseen.labels)}
        for name, images in (("targets", features), ("gradients", gradients)):
            found = explain.feature_match(images, directions)
            point |= {f"{name} match": found.match, f"{name} hits": found.hits, f"{name} overlap": found.overlap}
        point["background"] = np.linalg.norm(background)
        point["own"] = np.median(np.linalg.norm((features - background).reshape(10, -1).astype(np.float64), axis=1))
        self.points.append(point)


runs = {}
for rate in (0.03, 0.1, 0.3):
    for seed in (0, 1):
        looks = Looks()
        looks.look(train(network(seed), rate, 20, seed, callbacks=[looks]))
        runs[rate, seed] = {key: np.array([point[key] for point in looks.points]) for key in looks.points[0]}
everything = {key: np.concatenate([run[key] for run in runs.values()]) for key in runs[0.1, 0]}
print(f"{len(everything['accuracy'])} looks at {len(runs)} networks")

figure, axes = plt.subplots(1, 2, figsize=(9.3, 3.7), layout="constrained")
styles = {0.03: (BLUE, "o-"), 0.1: (ORANGE, "s--"), 0.3: (GREEN, "^:")}
for (rate, seed), run in runs.items():
    colour, style = styles[rate]
    label = f"rate {rate:g}" if seed == 0 else None
    for panel, what in zip(axes, ("match", "overlap"), strict=True):
        panel.plot(100 * run["accuracy"], run[f"targets {what}"], style, color=colour, markersize=3.5, label=label)
for panel, what in zip(axes, ("match", "overlap"), strict=True):
    panel.set(xlabel="accuracy on unseen digits, %", ylabel=what)
    panel.grid(alpha=0.3)
axes[0].legend()
figure.suptitle("Clear, and then not: target features while networks learn (a line for each network)")
plt.show()

# %% [markdown]
# All lines do the same. The features of the untrained network match nothing. At first, while the accuracy is poor, they
# are all alike. Then they part and come to look like digits; and then, within a few per cent of accuracy, they turn
# back. At the rate of 0.1 they end as one image, and at the other two they are on the way when we stop. So the paper's
# *random, clear, unclear* holds here, but for its beginning: what comes before the clear ones is sameness rather than
# chance.
#
# Where is the turn? Fit two straight lines that meet, from 60 % upwards. Looks at one network are not independent of
# each other, networks are. So to see how sure the place is, draw *networks* anew with replacement, not points, and fit
# again (the bootstrap). The study's `knee` does both.

# %% [markdown]
# > **Exercise 12.4** (★★☆, 15 minutes) Where a curve bends: write `bend`, the fit alone.
# >
# > <details><summary>Hint 1</summary>For one place k the height is a sum of three columns, with the factors a, b and c:
# > a column of ones, and one for each side of k. Such a fit is a linear one.</details>
# > <details><summary>Hint 2</summary>The columns are `np.ones_like(x)`, `np.minimum(x - k, 0)` and `np.maximum(x - k,
# > 0)`. `np.linalg.lstsq(columns, y, rcond=None)[0]` returns the best factors.</details>
# > <details><summary>Hint 3</summary>Write a function of k that returns the sum of squares of columns times factors
# > less y. Then return the place for which it is smallest: `min` takes such a function as its `key`.</details>

# %%
check("12.4")


# %%
def above(run, lowest=0.6):
    """Return accuracy and match of the looks at which a network was not poor any more."""
    good = run["accuracy"] > lowest
    return run["accuracy"][good], run["targets match"][good]


turn = knee([above(run) for run in runs.values()])
each = [knee([above(run)], resamples=1).place for run in runs.values()]
print(f"the match turns at {turn.place:.1%} of accuracy (95 % interval {turn.low:.1%} to {turn.high:.1%})")
print(f"network by network between {min(each):.1%} and {max(each):.1%}")

# %% [markdown]
# That is no constant of nature. The paper has about 90 %, on other digits; other widths and another $\tau$ have other
# turns. So a turn is told *for a given* $\tau$, and networks are compared at an equal one ([claims](claims.md), FM-8
# and FM-9).
#
# ## 12.5 Other ways to ask
#
# Do networks cease to know what digits look like? Ask them in two other ways.
#
# - **Gradient** (*input gradient*): $\nabla_x\, y_k$ at the image of zeros, one pass of plain backpropagation.
# - **Activation maximisation** (Erhan et al.): start at zeros and climb $y_k$ in small steps, with a small penalty on
#   the size of the image. That asks for an image that *really* makes the unit active.
#
# > **Before you run the next cell.** Asked by targets, the late network answered with one image for all ten outputs.
# > Asked by gradients, how many of the ten features will be hits?
# > <details><summary>It is right about nine digits in ten. Can it do that without knowing them?</summary>All ten, and
# > by activation maximisation as well. The late network knows its digits. It is the question by targets that does not
# > bring this out.</details>

# %%
asked = {
    "targets": lambda net: tn.extract_feature(net, "sigmoid2", CLASSES, RULE),
    "gradients": lambda net: explain.gradient_feature(net, "sigmoid2", CLASSES),
    "activation maximisation": lambda net: explain.unit_images(net, "sigmoid2", CLASSES).images,
}
show({name.replace(" ", "\n"): ask(late) for name, ask in asked.items()}, "The late network, asked in three ways")
by_way = {}
for when, net in (("early", early), ("late", late)):
    for name, ask in asked.items():
        by_way[when, name] = tell(f"{when}, {name}", ask(net))

figure, axes = plt.subplots(1, 3, figsize=(9.3, 3.3), layout="constrained")
for panel, what in zip(axes, ("match", "hits", "overlap"), strict=True):
    for name, colour, marker in (("targets", ORANGE, "s"), ("gradients", BLUE, "o")):
        panel.plot(100 * everything["accuracy"], everything[f"{name} {what}"], marker, color=colour, ms=3.5, label=name)
    panel.axvline(100 * turn.place, color="0.4", linewidth=1)
    panel.set(xlabel="accuracy, %", title=what)
    panel.grid(alpha=0.3)
axes[0].legend()
figure.suptitle("Target features and gradients of the same networks (line: the turn of 12.4)")
plt.show()
good = everything["accuracy"] > turn.place
print(f"beyond the turn, gradients keep {everything['gradients hits'][good].min()} hits or more of 10,", end=" ")
print(f"target features {everything['targets hits'][good].min()} or more")

# %% [markdown]
# Asked by gradients, the networks still know their classes. Their match falls too, perhaps because a good network looks
# at finer things than the mean of a class. But every output keeps its own class, and they do not become alike. The
# collapse is in the *target features* alone. So what do targets add?
#
# ## 12.6 Why
#
# Look at one block again. From zero,
#
# $$t_x = -\tau J^\top (y - t) = \underbrace{-\tau J^\top y}_{\text{whatever } t} + \tau J^\top t .$$
#
# $J$ is the block's Jacobian of section 11.1. It and $y$ come from the forward pass of zeros, the same for every unit
# that we ask about. So the target below is an *affine* function of the target above, and through $D$ blocks it stays
# one:
#
# $$\boxed{\; \text{feature}(t) = b + \tau^D J_1^\top J_2^\top \cdots J_D^\top\, t \;}$$
#
# For a one-hot target the second part is $\tau^D$ times the *gradient* of the unit: its **own part**. The first, the
# **background** $b$, is the feature of nobody, for a target of zeros. Both can be seen.
#
# > **Before you run the next cell.** The gradient of output $k$ carries its slope $f'(z_k) = y_k (1 - y_k)$, taken at
# > an image of zeros. What does a good network put out when it is shown nothing? And what does that do to the own part?
# > <details><summary>How sure is it that an empty image is no 3?</summary>Very sure. Its outputs are near 0, so the
# > slope is, and the own part is faint. The background has no such factor.</details>

# %%
nobody = np.zeros(10)
parts, remainder = {}, {}
for when, net in (("early", early), ("late", late)):
    features = tn.extract_feature(net, "sigmoid2", CLASSES, RULE)
    background = tn.extract_feature(net, "sigmoid2", nobody, RULE)
    own = RULE.tau**2 * explain.gradient_feature(net, "sigmoid2", CLASSES)
    parts[when] = background, own
    remainder[when] = abs(features - background - own).max() / abs(features).max()
    print(f"{when}: what is left of the features without both parts, relative to them: {remainder[when]:.0e}")

shown = {}
for when, (background, own) in parts.items():
    shown |= {f"{when}\nbackground": np.stack([background] * 10), f"{when}\nown part": own}
show(shown, "Target features are the sum of two parts")

sum_of_weights = [-net.layers[1].params["W"].sum(axis=0) for net in (early, late)]
like_the_sum = {
    when: explain.cosines(np.stack([background.ravel(), total]))[0, 1]
    for (when, (background, _)), total in zip(parts.items(), sum_of_weights, strict=True)
}
print("cosine of the background with minus the sum of all hidden units' weights:", end=" ")
print(", ".join(f"{when} {cosine:.2f}" for when, cosine in like_the_sum.items()))
resting = {when: net(np.zeros((1, *digits.input_shape))).mean() for when, net in (("early", early), ("late", late))}
print("mean output without an image:", ", ".join(f"{when} {output:.3f}" for when, output in resting.items()))

# %% [markdown]
# Now the story can be told in full.
#
# - The background asks the hidden units to be quiet: it is, mostly, minus the sum of all their weights. We have met it.
#   It is **Hebb's part** of section 11.5, which comes with the start at zero, now seen in pixels.
# - The own part carries the slope of the output at an image of zeros. The surer the network is that an empty image is
#   no digit, the fainter the voice of the unit. It is the same effect as in section 9.3, where the gradient of a small
#   probability was small: its length vanishes, its direction does not.
# - What we see is the sum. While the own part is longer than the background, features look like classes. When it is
#   shorter, they all look like the background.
#
# If own parts have the length $s$ and are at right angles to each other and to $b$, the cosine of two features is
#
# $$\frac{\lVert b \rVert^2}{\lVert b \rVert^2 + s^2} .$$
#
# Does this one ratio, measured, foretell the overlap of all networks at all times?

# %%
ratio = everything["own"] / everything["background"]
foretold = 1 / (1 + ratio**2)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.3, 3.6), layout="constrained")
for (rate, seed), run in runs.items():
    colour, style = styles[rate]
    label = f"rate {rate:g}" if seed == 0 else None
    lengths = run["own"] / run["background"]
    left.semilogy(100 * run["accuracy"], lengths, style, color=colour, markersize=3.5, label=label)
    right.semilogx(lengths, run["targets overlap"], style[0], color=colour, markersize=4, label=label)
left.axhline(1, color="0.4", linewidth=1)
left.set(xlabel="accuracy on unseen digits, %", ylabel="own part / background", title="Which part is longer")
line = np.geomspace(ratio.min(), ratio.max(), 200)
right.semilogx(line, 1 / (1 + line**2), color="black", linewidth=1.5, label="foretold")
ticks = (0.2, 0.5, 1, 2)
left.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
right.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
right.set(xlabel="own part / background", ylabel="overlap", title="It decides how alike features are")
for panel in (left, right):
    panel.minorticks_off()
    panel.grid(alpha=0.3)
    panel.legend(fontsize=8)
plt.show()
agreement = np.corrcoef(foretold, everything["targets overlap"])[0, 1]
below = np.mean(everything["targets overlap"] < foretold)
print(f"correlation of the overlap that the ratio foretells with the measured one: {agreement:.2f}")
print(f"below the line: {below:.0%} of the looks")

# %% [markdown]
# The points keep to the line, if more often below it than above, since the parts are not quite at right angles. The
# curves on the left cross 1 twice, and these are the two edges of the clear phase.

# %% [markdown]
# > **Exercise 12.5** (★★★, 20 minutes) Background and own part: write `two_parts`, for any number of blocks.
# >
# > <details><summary>Hint 1</summary>The background is the feature of a target of zeros: you have a function that
# > returns it. The own parts are Jacobians, multiplied block by block, and tau for each block.</details>
# > <details><summary>Hint 2</summary>A block's Jacobian is diag(y (1 - y)) W, with its output y at an image of zeros.
# > On the way up multiply each from the left onto the product of those below.</details>
# > <details><summary>Hint 3</summary>Begin with an identity of the size of the image. For each block: x becomes its
# > output, and the product becomes tau times the slopes (as a column) times W, applied to the product.</details>

# %%
check("12.5")

# %% [markdown]
# If the ratio of the two parts is the reason, there are three cures:
#
# - take the background away;
# - do not put it there, by steps that start at the activation;
# - or leave out the slope that makes the own part faint. Algorithm 1 says "a loss function" and does not name it. With
#   a cross-entropy at the output the residual there is $y - t$, without $f'(z_k)$ (section 11.6).

# %%
from_activation = tn.GradientTargets(RULE.tau, "activation")
cured = {
    "late, as it is": tn.extract_feature(late, "sigmoid2", CLASSES, RULE),
    "late, without background": parts["late"][1],
    "late, from the activation": tn.extract_feature(late, "sigmoid2", CLASSES, from_activation),
    "late, cross-entropy": tn.extract_feature(late, "sigmoid2", CLASSES, RULE, loss=tn.BinaryCrossEntropy()),
    "convolutional, without background": of_maps["from\nzeros"]
    - tn.extract_feature(convolutional, "sigmoid1", nobody, gentle),
}
labels = ("without\nbackground", "from the\nactivation", "cross-\nentropy", "convol., no\nbackground")
show(dict(zip(labels, list(cured.values())[1:], strict=True)), "Three cures")
after = {name: tell(name, images) for name, images in cured.items()}

# %% [markdown]
# All outputs of the late network are hits again, or nearly all, by each of the cures. (The last row is
# the convolutional network of section 12.3, asked from zeros, without its background.) To the eye they are fainter than
# the early features, and their match says so too. The phase transition is real: anyone who makes features by Algorithm
# 1 with the squared error will meet it. But it is one of the *method*. It says that the network became sure about empty
# images, not that it lost its idea of a digit.
#
# The paper proposes another reason: one-hot vectors are far from what data come to, from the *projections* of the
# images. That can be tried.
#
# > **Before you run the next cell.** The outputs' mean over the images of a class is as near to the data as a target
# > can be. Ask the late network with these means in the place of the one-hot vectors. What should happen if the paper
# > is right, and what if the two parts are the reason?
# > <details><summary>Look at where the target stands in the formula.</summary>If the paper is right, the digits come
# > back. If the two parts are the reason, nothing does: another target changes the own part, but not the small slope in
# > front of it, and the background has no target in it at all.</details>

# %%
class_means = {
    name: np.stack([net(seen.x[seen.labels == label]).mean(axis=0) for label in CLASSES]).astype(np.float64)
    for name, net in (("early", early), ("late", late))
}
by_means = {
    name: tell(f"{name}, class means", tn.extract_feature(net, "sigmoid2", class_means[name], RULE))
    for name, net in (("early", early), ("late", late))
}
own_mean = {name: float(means.diagonal().mean()) for name, means in class_means.items()}
print("mean output of a class's own unit:", ", ".join(f"{name} {value:.2f}" for name, value in own_mean.items()))

# %% [markdown]
# Nothing comes back. The means of a good network are nearly one-hot, so they ask for nearly the same; where they differ
# they ask for less, and the own part becomes fainter still. What collapses is not the target but the slope in front of
# it. The study (`python -m tinynet study farias`) asks the same of networks that were *trained* with class means, and
# tries penalties in the loss that keep features apart or near to their classes ([claims](claims.md), FM-11 and FM-12).
#
# One lesson is older than this chapter. An explanation is a measurement, and instruments have a background. Measure it,
# with nothing on the table, before you read the dial.
#
# ## In five lines
#
# - Carry a target for one unit down to the pixels, and you have a picture of what the unit would have liked to see.
# - After one epoch the features of our network look like digits (9 of 10 are hits). After twenty epochs it is right
#   more often, and its features are one image: 1 of 10 is a hit, and the overlap is 0.95.
# - The turn lies at an accuracy of about 86 % here. It depends on the width, on the data and on $\tau$.
# - A feature is the sum of a background that all units share and an own part, which is the gradient. Which of them is
#   longer foretells how alike features are: a correlation of 0.95, over all networks and times.
# - Without the background, or with a cross-entropy at the top, all ten features are hits again. The network had not
#   lost its digits.
#
# ## On your own
#
# 1. Repeat section 12.4 with 16 hidden units and $\tau = 30$. Few units are said to resist the transition longer. Do
#    they, compared with 128 at the same accuracy and the same $\tau$? Does the ratio of the parts say why?
# 2. Give the output units biases. What becomes of $f'(z_k)$ at an image of zeros, and of the transition?
# 3. Choose $\tau$ for the features otherwise than for training. How does the ratio of the parts depend on it, and how
#    late can you make the turn?
# 4. Show the network the mean image instead of zeros. Are the features better, and is the formula of section 12.6 still
#    exact?
# 5. With `period=2` the feature is no affine function of the target any more. What can be said then?
#
# ## Further reading
#
# - de Souza Farias and Maziero, *Feature extraction by target propagation*: algorithm 1, figures 1 to 3, section 3.1.
# - Erhan, Bengio, Courville and Vincent 2009, section 3, for activation maximisation; Simonyan, Vedaldi and Zisserman
#   2014, sections 2 and 3; Olah, Mordvintsev and Schubert 2018 for what became of it.
# - `tinynet/targets/features.py`, `tinynet/explain/metrics/feature_match.py`; `python -m tinynet study farias` repeats
#   this chapter with hundreds of networks, on MNIST if you have it.
#
# What this chapter claims, checked:

# %%
assert off < 1e-4, "by hand and by tinynet"
assert 0.6 < matches["early"].match < 0.8 and matches["early"].hits >= 8 and matches["early"].overlap < 0.3
assert matches["late"].match < 0.2 and matches["late"].hits <= 2 and matches["late"].overlap > 0.9
assert matches["untrained"].overlap > matches["early"].overlap, "sameness is where they begin"
assert np.isclose(matches["late"].overlap, 0.95, atol=0.03) and accuracies["late"] > 0.9
assert accuracies["late"] > accuracies["early"] + 0.03, "the worse features are the better network's"
assert matches["untrained"].hits <= 3 and matches["untrained"].match < 0.2
assert overlaps[0] > 0.99 and overlaps[1] < 0.3 and of_weights.min() > 0.999
assert of_convolutional["from the\nmean image"].hits >= 9, "convolutional units are seen as well"
assert of_convolutional["from\nzeros"].match < of_convolutional["from the\nmean image"].match, "a grid costs clarity"
assert of_convolutional["from\nzeros"].overlap > of_convolutional["from the\nmean image"].overlap
assert (
    np.isclose(turn.place, 0.86, atol=0.02)
    and 0.78 < turn.low <= turn.place <= turn.high < 0.92
    and max(each) - min(each) < 0.12
), "there is a turn"
for run in runs.values():
    assert run["targets overlap"][run["accuracy"] < 0.6].max() > 0.8, "at first all are alike"
    best = run["targets match"].argmax()
    lengths = run["own"] / run["background"]
    assert lengths[0] < 1 < lengths.max() and lengths[-1] < 1, "own parts outgrow the background, and fall behind again"
    assert 0 < best < len(run["accuracy"]) - 1 and run["targets match"][-1] < 0.75 * run["targets match"][best]
    assert 0 < run["accuracy"][-1] - run["accuracy"][best] < 0.1, "within a few per cent"
    assert run["targets overlap"][-1] > max(0.5, run["targets overlap"][best]), "they turn back"
assert min(runs[0.1, seed]["targets overlap"][-1] for seed in (0, 1)) > 0.85, "into one image, at one rate"
assert everything["gradients hits"][good].min() >= 8 and np.median(everything["gradients hits"][good]) == 10
assert everything["gradients overlap"][good].max() < 0.4, "gradients do not become alike"
assert by_way["late", "gradients"].hits == by_way["late", "activation maximisation"].hits == 10
assert by_way["late", "gradients"].match < by_way["early", "gradients"].match, "their match falls too"
assert max(remainder.values()) < 1e-3, "two parts, exactly"
assert like_the_sum["late"] > 0.9, "the background asks for silence"
assert resting["late"] < 0.05 < resting["early"], "and outputs are sure that nothing is no digit"
assert np.isclose(agreement, 0.95, atol=0.03) and below > 0.5, "the ratio of the parts foretells the overlap"
assert after["late, without background"].hits == 10 and after["late, as it is"].hits <= 2
assert after["late, from the activation"].hits >= 8 and after["convolutional, without background"].hits >= 8
assert after["late, cross-entropy"].hits == 10 and after["late, cross-entropy"].overlap < 0.3
assert all(after[name].match < matches["early"].match for name in list(after)[1:4]), "fainter than the early ones"
assert by_means["late"].hits <= 5 and by_means["late"].overlap > 0.7, "class means as targets do not help"
assert own_mean["late"] > 0.75, "they are nearly one-hot"
