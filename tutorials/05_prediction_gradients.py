# %% [markdown]
# # 5 Prediction gradients
#
# | | |
# | --- | --- |
# | **You will do** | ask a trained network which of its units matter for whom, and check the answer by silencing them |
# | **You will learn** | prediction gradients: definition, seeds, averages, norms, rankings; what they cannot tell |
# | **You need** | chapters 2 to 4: deltas and seeds, convolutions, the cross-entropy seed $p - t$ |
# | **Time** | 130 minutes with the exercises |
# | **Where you are** | You can train a network to know faces. What by? A picture misled us in section 1.9. |
#
# A trained network answers *who is it?*. This chapter makes it answer *how do you know?*. The idea is that of Lo's
# thesis, chapter 3, and it costs next to nothing: backpropagation carries the derivative of one number back to every
# unit. In training that number is the loss. Let it be the prediction instead.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check
from scipy.stats import spearmanr

import tinynet as tn
from tinynet import datasets, models

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

everyone = datasets.load("faces")
seen, unseen = everyone.split(rng=0)
net = models.build("thesis", everyone.input_shape, len(everyone.classes), rng=0)
history = tn.fit(net, seen.x, seen.labels, loss=tn.CrossEntropy(), optimizer=tn.Adam(0.003), epochs=30, batch_size=10)
layers = tn.filter_outputs(net)
right = net(unseen.x).argmax(axis=1) == unseen.labels
print(f"recognised: {tn.accuracy(net, seen.x, seen.labels):.1%} of the faces seen, {right.mean():.1%} of the others")
print("the outputs of the filters:", ", ".join(f"{name} {net.shapes[name]}" for name in layers))

# %% [markdown]
# ## 5.1 Looking is not enough
#
# The straightforward way into a network is to look at what its filters put out (thesis, figure 3.1).

# %%
ben = int(np.flatnonzero((unseen.labels == unseen.classes.index("Ben")) & right)[0])
image = unseen.x[ben : ben + 1]
trace = net.trace(image)
figure, axes = plt.subplots(3, 11, figsize=(8.5, 2.7), layout="constrained")
for panel in axes.flat:
    panel.axis("off")
for row, name in zip(axes, layers, strict=True):
    for panel, picture in zip(row[1:], trace[name][0], strict=False):
        panel.imshow(picture, cmap="gray", vmin=-1, vmax=1)
    row[1].set_title(name, fontsize=9, loc="left")
axes[0, 0].imshow(image[0, 0], cmap="gray", vmin=0, vmax=1)
figure.suptitle("A face, and what the filters of each layer make of it (black is -1, white is +1)")
plt.show()

# %% [markdown]
# Edges, patches of light, and further up nothing that has a name. Worse, the picture does not say what *matters*. A map
# may be bright, and the next layer may multiply it by nearly zero. High activation is not high importance.
#
# ## 5.2 The definition
#
# Ask instead: if this unit put out a little more, what would happen to the prediction? That is a derivative. For a unit
# with output $a$ and the prediction $y$ of a class,
#
# $$PG(a) = \nabla_a\, y \qquad\text{(thesis, eq. 3.1)}$$
#
# Chapter 2 computed $\nabla_a L$ by a seed $\partial L / \partial z$ at the logits, carried back layer by layer.
# Nothing in the layers knew that it was a loss. With the seed $\partial y / \partial z$ the same sweep carries back
# $PG(a)$, for *all* units of the network at once. If $y$ is the logit $z_c$ of class $c$, the seed is the one-hot
# vector $e_c$:

# %%
c = unseen.classes.index("Ben")
deltas = net.backward(trace, np.eye(15)[c], at=net.logits)
gradients = tn.prediction_gradient(net, image, c, of="logit")
print("largest difference:", max(abs(deltas[name] - gradients[name]).max() for name in gradients))

# %% [markdown]
# A derivative is a claim about a small step, and can be tested by taking one. Here is the unit with the largest
# gradient in each layer. We change its output by $h$, run the rest of the network, and compare with the tangent.

# %%
to_logits = net.with_layers(net.layers[:-1])
steps = np.linspace(-0.5, 0.5, 41)
figure, axes = plt.subplots(1, 3, figsize=(9, 2.9), layout="constrained")
tangents, rises = [], []
for panel, name in zip(axes, layers, strict=True):
    gradient = gradients[name][0]
    filter_, row, column = np.unravel_index(gradient.argmax(), gradient.shape)
    changed = np.repeat(trace[name], len(steps), axis=0)
    changed[:, filter_, row, column] += steps
    rises.append(to_logits.forward_from(changed, name)[:, c] - trace[net.logits][0, c])
    tangents.append(gradient[filter_, row, column] * steps)
    panel.plot(steps, rises[-1], color=BLUE, linewidth=2, label="network")
    panel.plot(steps, tangents[-1], "--", color=ORANGE, label="tangent")
    panel.set(title=f"{name}: filter {filter_}, place ({row}, {column})", xlabel="change of the output")
    panel.grid(alpha=0.3)
axes[0].set_ylabel("change of Ben's logit")
axes[0].legend()
plt.show()

# %% [markdown]
# Near zero the two agree: the gradient is right. Further out they part where the network bends, and where another unit
# wins in max pooling. **A prediction gradient is local.** It says what a little more of a unit would do, not what the
# network would be without it. We come back to this in section 5.7.
#
# > **Exercise 5.1** (★☆☆, 10 minutes) The gradients of all units, from `trace` and `backward`: `logit_gradients` in
# > `exercises/ch05.py`.
# >
# > <details><summary>Hint 1</summary>Forwards first. Then one sweep back does all layers.</details>
# > <details><summary>Hint 2</summary>The seed is the derivative of the chosen logit with respect to all logits: 1 for
# > itself, 0 for the others.</details>
# > <details><summary>Hint 3</summary>Row `target` of `np.eye` is that seed; hand it to `net.backward` with
# > `at=net.logits`.</details>

# %%
check("5.1")

# %% [markdown]
# ## 5.3 Logit or probability?
#
# The thesis differentiates the probability $p_c$. From $\partial p_c / \partial z_k = p_c([c = k] - p_k)$ (chapter 2),
# the seed at the logits is $p_c\,(e_c - p)$, and
#
# $$\nabla_a\, p_c = p_c \Big( \nabla_a z_c - \sum_k p_k \nabla_a z_k \Big) .$$
#
# Two things follow. Probabilities add up to one, so over the classes these gradients add up to *zero* for every unit:
# whatever speaks for one person speaks against the others. And the bracket, which has a factor $p_c$ in front, goes to
# zero when $p$ goes to $e_c$: the surer the network is, the smaller the gradient. It is not that nothing matters any
# more; the probability just has no room to rise.
#
# > **Before you run the next cell.** For each face it plots the length of the two gradients, and then it ranks the
# > units of that face by either. Will logit and probability put the units of *one* image into the same order?
# > <details><summary>Always, by and large, or hardly ever?</summary>By and large, and for some faces hardly. The
# > bracket takes the other people's gradients off, and where somebody else is nearly as likely, it takes off a
# > lot.</details>

# %%
all_classes = tn.prediction_gradient(net, unseen.x, "all", of="probability", layers=["tanh3"])["tanh3"]
print(
    "largest probability gradient:",
    abs(all_classes).max(),
    " largest sum over the classes:",
    abs(all_classes.sum(0)).max(),
)

p_true = net(seen.x)[np.arange(len(seen)), seen.labels].astype(np.float64)
figure, panel = plt.subplots(figsize=(6, 3.2), layout="constrained")
lengths = {}
for of, colour, marker in (("logit", BLUE, "o"), ("probability", ORANGE, "^")):
    g = tn.prediction_gradient(net, seen.x, seen.labels, of=of, layers=["tanh3"])["tanh3"]
    lengths[of] = np.linalg.norm(g.reshape(len(g), -1), axis=1)
    panel.loglog(1 - p_true, lengths[of], marker, color=colour, markersize=4, label=of)
panel.set(xlabel="1 - probability of the right person", ylabel="length of the gradient at tanh3")
panel.set_title("The surer the network, the smaller the gradient of its probability")
panel.set_xticks([0.02, 0.05, 0.1], ["0.02", "0.05", "0.1"])
panel.minorticks_off()
panel.grid(alpha=0.3)
panel.legend()
plt.show()

of_logit, of_probability = (
    tn.prediction_gradient(net, unseen.x, unseen.labels, of=of, layers=["tanh3"])["tanh3"]
    for of in ("logit", "probability")
)
same_order = {
    "units": [
        spearmanr(one.ravel(), other.ravel()).statistic for one, other in zip(of_logit, of_probability, strict=True)
    ],
    "filters": [
        spearmanr(tn.convolutional_gradient(one), tn.convolutional_gradient(other)).statistic
        for one, other in zip(of_logit, of_probability, strict=True)
    ],
}
for what, correlations in same_order.items():
    print(f"rank correlation of the {what} of one face: {np.min(correlations):.2f}", end=" ")
    print(f"to {np.max(correlations):.2f}, median {np.median(correlations):.2f}")

# %% [markdown]
# Even for one face the choice matters. By and large the two orders are alike; for some faces they have little
# in common, with a rank correlation (1 for the same order, -1 for the opposite one) down to about 0.2 for the units and
# below 0 for the filters. For anything that compares or adds up images it matters more still, because the unsure images
# outweigh the others many times over. So always say which one it is. In this library `of="logit"` is the default, and
# every result remembers what it is of.
#
# > **Exercise 5.2** (★★☆, 10 minutes) The seed of a probability: `probability_seed`.
# >
# > <details><summary>Hint 1</summary>One row for each image. What is the same in all rows, and what is not?</details>
# > <details><summary>Hint 2</summary>`p[:, [target]]` keeps the axis, so that it can be multiplied with (N,
# > K).</details>
# > <details><summary>Hint 3</summary>That column times the difference of row `target` of `np.eye(K)` and p.</details>

# %%
check("5.2")

# %% [markdown]
# ## 5.4 Why not the gradient of the loss?
#
# It is there anyway, so why not use it? Its seed is $p - t$, hence
#
# $$-\nabla_a L = \sum_k (t_k - p_k)\, \nabla_a z_k = \nabla_a z_t - \sum_k p_k \nabla_a z_k .$$
#
# A unit scores high if it speaks *for* the right person or *against* the wrong ones, and the two cannot be told apart
# (thesis, section 3.2.1). Nor can it answer a question about anybody but the label: *what in my face makes me look like
# you?* needs $\nabla_a z_{\text{you}}$.
#
# Compare with section 5.3: for the true label, $\nabla_a\, p_t = -p_t \nabla_a L$, *exactly*. For one image the two
# rank units alike. So whoever takes gradients of the probability of the true label has taken loss gradients, weighted
# by $p_t$.

# %%
trace_all = net.trace(unseen.x)
one_hot = np.eye(15, dtype=np.float32)[unseen.labels]
loss_gradient = net.backward(trace_all, trace_all.output - one_hot, at=net.logits)["tanh3"]
logit = tn.prediction_gradient(net, unseen.x, unseen.labels, of="logit", layers=["tanh3"])["tanh3"]
probability = tn.prediction_gradient(net, unseen.x, unseen.labels, of="probability", layers=["tanh3"])["tanh3"]


def cosines(one, other):
    """Return the cosine between two gradients, image by image."""
    one, other = one.reshape(len(one), -1).astype(np.float64), other.reshape(len(other), -1).astype(np.float64)
    return (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)


with_probability, with_logit = cosines(-loss_gradient, probability), cosines(-loss_gradient, logit)
print(f"-loss and probability: cosine {with_probability.min():.4f} to {with_probability.max():.4f}")
print(f"-loss and logit:       cosine {with_logit.min():.4f} to {with_logit.max():.4f}")

# %% [markdown]
# The first line is the identity: the same direction, image by image. The second line says that the loss asks another
# question than the logit does, and for some faces a very different one, at a cosine of about 0.3.
#
# ## 5.5 Training has computed them already
#
# The equation $\nabla_a\, p_t = -p_t \nabla_a L$ can be read the other way round. In every step, training computes
# $\delta = \nabla_a L / N$ for all units and all images of the mini-batch, uses it for the weights, and throws it away.
# Multiply it by $-p_t N$ before it goes, and prediction gradients have cost *no further backward pass*. A callback
# does that here. With rate 0 the weights stand still, so that the two can be compared; in a real run the gradients of
# an epoch belong to weights that moved a little meanwhile.

# %%
tracker = tn.ClassGradientTracker()
tn.fit(
    net,
    seen.x,
    seen.labels,
    loss=tn.CrossEntropy(),
    optimizer=tn.SGD(0.0),
    epochs=1,
    batch_size=10,
    callbacks=[tracker],
)
separate = tn.class_gradient(net, seen.x, seen.labels, of="probability")
agreement = {name: abs(tracker.gradients[name] - separate[name]).max() for name in layers}
for name, difference in agreement.items():
    print(f"{name}: largest value {abs(separate[name]).max():.5f}, largest difference {difference:.1e}")

# %% [markdown]
# They agree to rounding, and nobody had to go back a second time.
#
# > **Exercise 5.3** (★★☆, 15 minutes) Read them off: `from_training_deltas`.
# >
# > <details><summary>Hint 1</summary>Each image has a factor of its own. Which three things stand in it?</details>
# > <details><summary>Hint 2</summary>Minus N times p of the image's own label; `p[np.arange(N), labels]` picks
# > them.</details>
# > <details><summary>Hint 3</summary>Give the factors as many axes as the deltas have, by `reshape(-1, 1, 1, ...)`, and
# > multiply, name by name.</details>

# %%
check("5.3")

# %% [markdown]
# ## 5.6 From images to classes, from units to filters
#
# **Averaging.** A gradient belongs to one image. What holds for a person is the mean over the images of that person,
# the **class gradient** (Lo, Cohen and Ding 2015, eq. 3). Since a derivative is linear, it is also the gradient of the
# mean prediction. Mind the order: gradients that differ in sign cancel in the mean, so the length of the mean is at
# most the mean of the lengths. Their ratio says how much the images of a person agree.
#
# **Collapsing.** A filter has one output a place. One number for the filter is the length of its map of gradients, the
# **convolutional gradient**; one number for the place is the length across the filters, the **saliency**:
#
# $$\text{filter } k:\ \sqrt{\sum_{i,j} g_{kij}^2} \qquad\qquad \text{place } (i, j):\ \sqrt{\sum_k g_{kij}^2}$$
#
# (or the largest absolute value, or the sum of absolute values).

# %%
class_gradients = tn.class_gradient(net, seen.x, seen.labels, of="logit", layers=layers)
each = tn.prediction_gradient(net, seen.x, seen.labels, of="logit", layers=layers)
people = range(len(everyone.classes))
shrunk = {}
for name in layers:
    length_of_mean = np.linalg.norm(class_gradients[name].reshape(len(people), -1), axis=1)
    lengths_of_each = np.linalg.norm(each[name].reshape(len(seen), -1), axis=1)
    mean_length = np.array([lengths_of_each[seen.labels == person].mean() for person in people])
    ratios = length_of_mean / mean_length
    shrunk[name] = ratios.min(), ratios.max()
    print(f"{name}: length of the mean / mean length is {ratios.min():.2f} to {ratios.max():.2f} over the 15 people")

# %% [markdown]
# The lengths do shrink: in the first layer, by a third or so for one person and by nearly half for another. What the
# images of one person have in common is only a part of what each of them says.
#
# > **Exercise 5.4** (★☆☆, 5 minutes) The mean of each class: `class_means`.
# >
# > <details><summary>Hint 1</summary>Which images belong to class c?</details>
# > <details><summary>Hint 2</summary>`labels == c` picks them, and `mean(axis=0)` leaves the axes of the
# > units.</details>
# > <details><summary>Hint 3</summary>`np.stack` of those means, for each c in range(classes).</details>

# %%
check("5.4")

# %% [markdown]
# > **Exercise 5.5** (★☆☆, 5 minutes) One number a filter: `convolutional_gradient`.
# >
# > <details><summary>Hint 1</summary>Over which axes does the sum run, counted from the end?</details>
# > <details><summary>Hint 2</summary>Height and width are the last two, whatever stands in front.</details>
# > <details><summary>Hint 3</summary>The root of the sum of squares over `axis=(-2, -1)`.</details>

# %%
check("5.5")

# %% [markdown]
# Now the network can be drawn as in the thesis' table 4.1: one circle for each of its 23 filters, one row for each
# layer, brighter where the gradient is larger. Compare circles within a row only, where the brightest is white: maps of
# the first layer have far more places than those of the third, so their sums of squares are larger for that reason
# alone.


# %%
def profile(gradients, index):
    """Return the convolutional gradients of one image or class, one array a layer."""
    return [tn.convolutional_gradient(gradients[name][index]) for name in layers]


def draw_network(panel, scores):
    """Draw one circle for each filter, as bright as its score, the largest of its layer being white."""
    for row, of_layer in enumerate(scores):
        places = np.arange(len(of_layer)) - (len(of_layer) - 1) / 2
        panel.scatter(places, np.full(len(of_layer), -row), s=42, c=of_layer, cmap="gray", vmin=0)
    panel.set(facecolor="#303030", xlim=(-5.2, 5.2), ylim=(-2.6, 0.6), xticks=[], yticks=[])


names = ("Ada", "Ben", "Otto")
figure, axes = plt.subplots(4, 6, figsize=(8.5, 4.6), layout="constrained")
for (pictures, networks), name in zip(axes.T.reshape(3, 2, 4), names, strict=True):
    person = everyone.classes.index(name)
    mine = np.flatnonzero(seen.labels == person)
    for picture, network, member in zip(pictures, networks, mine, strict=False):
        picture.imshow(seen.x[member, 0], cmap="gray", vmin=0, vmax=1)
        draw_network(network, profile(each, member))
    pictures[3].imshow(seen.x[mine].mean(axis=0)[0], cmap="gray", vmin=0, vmax=1)
    draw_network(networks[3], profile(class_gradients, person))
    pictures[0].set_title(name)
for panel in axes[:, ::2].flat:
    panel.set_xticks([])
    panel.set_yticks([])
for panel, label in zip(axes[:, 0], ("image", "image", "image", "class"), strict=True):
    panel.set_ylabel(label)
figure.suptitle("The network as circles: which filters matter for whom (logit gradients)")
plt.show()

# %% [markdown]
# The rows of one person look alike, and the documents conclude that each person has a pattern.
#
# > **Before you run the next cell.** Each image was asked about its *own* person. Ask the same of a network that was
# > never trained: how alike will two images of one person be there?
# > <details><summary>Less alike than in the trained network, as alike, or more?</summary>More alike: on the scale of
# > the next cell about 0.9, where the trained network has little more than 0.4.</details>

# %%
same_person = seen.labels[:, None] == seen.labels
other_image = ~np.eye(len(seen), dtype=bool)


def how_alike(which, asked):
    """Return the mean cosine of two images' patterns, less the mean pattern: within a person, and between two."""
    gradients = tn.prediction_gradient(which, seen.x, asked, layers=layers)
    patterns = [np.concatenate([row / row.max() for row in profile(gradients, index)]) for index in range(len(seen))]
    patterns -= np.mean(patterns, axis=0)
    patterns /= np.linalg.norm(patterns, axis=1, keepdims=True)
    alike = patterns @ patterns.T
    return alike[same_person & other_image].mean(), alike[~same_person].mean()


untrained = models.build("thesis", everyone.input_shape, len(everyone.classes), rng=100)
questions = {"each about its own person": seen.labels, f"all about {everyone.classes[0]}": 0}
found = {
    (kind, asked): how_alike(which, target)
    for kind, which in (("trained", net), ("untrained", untrained))
    for asked, target in questions.items()
}
for (kind, asked), (within, between) in found.items():
    print(f"{kind:>9}, images asked {asked}: {within:.2f} within a person, {between:.2f} between two")

# %% [markdown]
# The untrained network has the clearer patterns. The gradient of a person's logit begins with that person's row of
# weights, so images that are asked about the same person agree, whatever they show. The picture above is mostly one of
# the *question*. Asked about one and the same person, images of a face still agree, in both networks, because they are
# images of one face. How much of it training adds is the question of chapter 8. Everybody uses many filters: what the
# network knows of a person is spread out.
#
# ## 5.7 Does it matter? Knock it out
#
# The scores claim to be importance. So silence filters, one after the other, and see whom the network still knows
# (thesis, section 4.2.2; *ablation* is the word of the field). If the claim holds, starting with a person's strongest
# filters must hurt that person sooner than starting with the weakest; random orders are the control.
#
# > **Exercise 5.6** (★★☆, 15 minutes) All filters of all layers in one ranking: `rank_filters`.
# >
# > <details><summary>Hint 1</summary>First make one list of all pairs (name, index), in the order in which they
# > come.</details>
# > <details><summary>Hint 2</summary>`sorted` takes a `key`, and keeps equals in their order.</details>
# > <details><summary>Hint 3</summary>The key is *minus* the score. Sorting upwards and turning the list round would
# > turn equals round as well.</details>

# %%
check("5.6")

# %% [markdown]
# There is a second control, and it knows nothing of gradients or people: the first layer's filters first, then the
# second's, then the third's.
#
# > **Before you run the next cell.** Strongest first, random, weakest first, or the first layer first, without
# > any score: which order spoils recognition soonest, if the filters of all layers may go?
# > <details><summary>Rank the four.</summary>First layer first and strongest first, with next to no difference: from
# > the first knock-out to the last, nearly 80 % of the faces are misread on average. Random orders and weakest first
# > come far behind.</details>

# %%
rng = np.random.default_rng(0)


def knockout_curves(chosen):
    """Return the mean error over 15 people as filters of the chosen layers are silenced, in three orders."""
    curves = {"strongest first": [], "random": [], "weakest first": []}
    if len(chosen) > 1:
        curves["first layer first"] = []
    from_below = [(name, index) for name in chosen for index in range(net.shapes[name][0])]
    for person in people:
        mine = everyone.take(everyone.labels == person)
        scores = dict(zip(layers, profile(class_gradients, person), strict=True))
        strongest = tn.rank_units({name: scores[name] for name in chosen})
        orders = (strongest, [strongest[i] for i in rng.permutation(len(strongest))], strongest[::-1], from_below)
        for kept, order in zip(curves.values(), orders, strict=False):
            kept.append(tn.knockout_curve(net, mine.x, mine.labels, order).error)
    return {name: np.mean(kept, axis=0) for name, kept in curves.items()}


curves = {"all 23 filters": knockout_curves(layers), "the 10 of the third layer": knockout_curves(layers[2:])}
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.3), layout="constrained", sharey=True)
for panel, (which, kept) in zip(axes, curves.items(), strict=True):
    styles = ((ORANGE, "-"), ("0.4", ":"), (BLUE, "--"), (GREEN, "-."))
    for (name, curve), (colour, style) in zip(kept.items(), styles, strict=False):
        panel.plot(curve, style, color=colour, linewidth=2, label=name)
    panel.set(xlabel="filters knocked out", ylim=(-0.03, 1.03), title=which)
    panel.grid(alpha=0.3)
axes[0].set_ylabel("share misclassified")
axes[0].legend()
figure.suptitle("Knock-outs, mean over 15 people (all their images)")
plt.show()
areas = {which: {name: curve.mean() for name, curve in kept.items()} for which, kept in curves.items()}
for which, kept in areas.items():
    print(f"mean share misclassified, {which}:", ", ".join(f"{name} {area:.2f}" for name, area in kept.items()))

# %% [markdown]
# On the left, strongest first does spoil recognition much sooner than weakest first, as the thesis found. But it is no
# worse than going up layer by layer, an order that anybody can write down without a gradient. Look at *which* filters
# the strongest are:

# %%
first_five = [tn.rank_units(dict(zip(layers, profile(class_gradients, person), strict=True)))[:5] for person in people]
of_first_layer = np.mean([unit.layer == layers[0] for ranking in first_five for unit in ranking])
print(f"{of_first_layer:.0%} of everybody's five strongest filters are in the first layer, which has five in all")

# %% [markdown]
# Sums over large maps are large, so the first layer goes first; and a network whose first layer is silent is blind,
# whatever the scores were. The panel on the right is the fair test: it ranks and silences filters of *one* layer, all
# of the same size. There the claim stands, and less dramatically. **Never believe a ranking without a control.**
#
# One more caution. The gradient $\nabla_a y$ says what a *little* more of a unit does; a knock-out takes away *all* of
# it. To first order that changes $y$ by $-a\, \nabla_a y$. A filter with a large gradient and a tiny output loses
# nothing when it is silenced. The second exercise of your own compares the two rankings.
#
# ## 5.8 What makes you you?
#
# Two questions that prediction gradients answer (thesis, section 4.3). *Where* is a person's most characteristic
# feature? Find the place of the highest gradient in the first layer, and map it back to the pixels that it sees
# (chapter 3, receptive fields). And *what makes you seem most like someone else?* The same with the other person's
# logit. On drawn faces the true answer is known for the first question: each person has one planted feature, outlined
# in the third row.

# %%
chosen = [int(np.flatnonzero(unseen.labels == person)[0]) for person in (1, 5, 9, 12, 14)]
images, labels = unseen.x[chosen], unseen.labels[chosen]
own = tn.prediction_gradient(net, images, labels, of="logit", layers=["tanh1", "input"])
rivals = np.where(np.eye(15)[labels] > 0, -np.inf, net.trace(images)[net.logits]).argmax(axis=1)
other = tn.prediction_gradient(net, images, rivals, of="logit", layers=["tanh1"])


def outline(panel, feature, colour):
    """Draw the box that a unit sees."""
    rows, columns = feature.box
    corner = (columns.start - 0.5, rows.start - 0.5)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    panel.add_patch(plt.Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=2))


figure, axes = plt.subplots(3, 5, figsize=(7.2, 4.9), layout="constrained")
for index, column in enumerate(axes.T):
    for panel, gradient, who in zip(column, (own, other), (labels, rivals), strict=False):
        panel.imshow(images[index, 0], cmap="gray", vmin=0, vmax=1)
        outline(panel, tn.strongest_feature(net, {"tanh1": gradient["tanh1"][index]}), "#E69F00")
        panel.set_title(("most " if panel is column[0] else "a bit of ") + everyone.classes[who[index]])
    saliency = tn.saliency(own["input"][index])
    column[2].imshow(saliency, cmap="gray")
    column[2].contour(unseen.masks["distinguishing"][chosen[index]], levels=[0.5], colors="#E69F00")
    for panel in column:
        panel.set_xticks([])
        panel.set_yticks([])
for panel, label in zip(axes[:, 0], ("own logit", "nearest rival", "saliency of pixels"), strict=True):
    panel.set_ylabel(label)
figure.suptitle("The place of the highest gradient; saliency, and where the planted feature is (outlined)")
plt.show()

# %% [markdown]
# Does the saliency find the planted feature? Do not judge by five pictures, and not without a control. For all unseen
# faces: which share of the saliency falls inside the outline, against the share of the *area* that lies inside, which
# is what a map that knows nothing would score?
#
# > **Before you run the next cell.** The outline holds 0.6 % of the area. How much of the saliency of the person's own
# > logit lies inside?
# > <details><summary>About 0.6 %, a few per cent, or most of it?</summary>2.6 %, four times the share of the area, and
# > the other 97 % lie elsewhere.</details>

# %%
masks = unseen.masks["distinguishing"]
visible = masks.any(axis=(1, 2))
area = masks.mean(axis=(1, 2))[visible]


def share_inside(which, asked):
    """Return the share of the saliency that lies inside the outline, for each face that shows its planted feature."""
    maps = tn.saliency(tn.prediction_gradient(which, unseen.x, asked, of="logit", layers=["input"])["input"])
    return (maps * masks).sum(axis=(1, 2))[visible] / maps.sum(axis=(1, 2))[visible]


z = net.trace(unseen.x)[net.logits]
nearest = np.where(np.eye(15)[unseen.labels] > 0, -np.inf, z).argmax(axis=1)
inside = {
    "own logit": share_inside(net, unseen.labels),
    "nearest rival's logit": share_inside(net, nearest),
    "next person's logit": share_inside(net, (unseen.labels + 1) % 15),
    "own logit, untrained network": share_inside(untrained, unseen.labels),
}
print(f"inside the outline: {area.mean():.1%} of the area, and of the saliency")
for name, share in inside.items():
    print(f"{name:>29}: {share.mean():.1%}, more than of the area on {np.mean(share > area):.0%} of the faces")

# %% [markdown]
# The saliency of the person's own logit lies on the planted feature four times as much as chance would
# have it. That sounds like success. Read the other lines. A network that was *never trained* has nearly twice as much
# as chance; for one thing, fewer windows see the pixels at the border, and planted features do not lie there. Asked
# about the next person on the list, who nearly always looks quite different, the trained network still has almost three
# times the share of the area. And the nearest rival's logit points at the feature as much as the person's own, which
# makes sense: what makes you you keeps you from being your look-alike. So training moved saliency towards the planted
# features, but a map with "more than chance" inside does not yet say *for whom* it speaks, and 97 % of it lie
# elsewhere. Chapters 8 and 14 judge maps by this truth, with such controls.
#
# ## In five lines
#
# - A prediction gradient is a delta whose seed is the prediction: one backward pass has it for all units, and training
#   has computed it already, up to the factor $-p_t N$.
# - Say of what: the gradients of logit and probability rank the units of one face alike mostly (median rank correlation
#   about 0.75), but for some faces hardly (about 0.2).
# - Patterns of images that are asked about their own person agree even more in an untrained network (about 0.9, not
#   0.4): they are patterns of the question.
# - Knocked out strongest first, nearly 80 % of the faces are misread on average; first layer first, without any score,
#   as many. Within one layer the ranking holds: about 30 %, against 20 to 25 % in random order and 15 % weakest first.
# - Of the saliency 2.6 % lie on the planted feature, four times its share of the area; in an untrained network it is
#   twice that share.
#
# ## On your own
#
# 1. Repeat section 5.6 with `of="probability"`. Which images decide a class gradient now?
# 2. Rank the filters by $|a\, \nabla_a y|$, summed over the map, instead of $|\nabla_a y|$. Which ranking predicts
#    knock-outs better? And the ranking by the filters' mean activation alone?
# 3. Add to a face a small step along $\nabla_x z_c$ for another person $c$. How small a step fools the network, and can
#    you see it? (thesis, section 4.4)
# 4. Train a second network from another seed. Do the two agree about the saliency of a face? About the filters?
#
# ## Further reading
#
# - Lo 2016, chapter 3 (definition, the loss gradient, variants) and sections 4.2 to 4.4 (averages, knock-outs,
#   features, adversarial images); Lo, Cohen and Ding 2015, sections III and V.
# - Simonyan, Vedaldi and Zisserman 2014, for saliency of pixels; Adebayo et al. 2018, for how saliency maps mislead.
# - `tinynet/explain/` has one file for each question; `python -m tinynet explain` asks them all.
#
# What this chapter claims, checked:

# %%
assert right.mean() > 0.7
for rise, tangent in zip(rises, tangents, strict=True):
    assert np.allclose(rise[19:22], tangent[19:22], rtol=0.15, atol=1e-4), "the tangent is right for small steps"
assert abs(all_classes.sum(axis=0)).max() < 1e-5 * max(abs(all_classes).max(), 1), (
    "probability gradients add up to zero"
)
sure = p_true > np.median(p_true)
ratio = lengths["probability"] / lengths["logit"]
assert ratio[sure].mean() < 0.8 * ratio[~sure].mean(), "the gradient of the probability vanishes as it goes to 1"
assert with_probability.min() > 0.999 > with_logit.min()
assert abs(min(same_order["units"]) - 0.2) < 0.15 and abs(np.median(same_order["units"]) - 0.75) < 0.07
assert min(same_order["filters"]) < 0, "the filters of one face, in another order"
for name, difference in agreement.items():
    assert difference < 1e-4 * abs(separate[name]).max(), "training deltas are prediction gradients"
assert (length_of_mean <= mean_length * 1.0001).all()
assert all(0.5 < low and high < 0.9 for low, high in shrunk.values()) and shrunk["tanh1"][1] < 0.75
assert sum(len(of_layer) for of_layer in profile(each, 0)) == 23
own, one = ([found[kind, asked] for kind in ("trained", "untrained")] for asked in questions)
assert own[1][0] > own[0][0] > own[0][1] + 0.1, "asked about their own person, images agree even untrained"
assert np.allclose([within for within, _ in own], [0.42, 0.87], atol=0.05)
assert all(within > between + 0.1 for within, between in one), "asked about one person, too, in both networks"
for kept in areas.values():
    assert kept["strongest first"] > kept["random"] > kept["weakest first"], "the strongest filters matter most"
everywhere, in_one_layer = areas.values()
assert everywhere["strongest first"] > everywhere["random"] + 0.2
assert np.allclose(list(in_one_layer.values()), [0.3, 0.22, 0.15], atol=0.06)
assert np.allclose([everywhere[name] for name in ("strongest first", "first layer first")], 0.78, atol=0.04)
chance = {name: share.mean() / area.mean() for name, share in inside.items()}
assert 3.5 < chance["own logit"] < 4.5 and 3.5 < chance["nearest rival's logit"] < 4.5
assert 2.5 < chance["next person's logit"] < 3 and 1.6 < chance["own logit, untrained network"] < 2.2
