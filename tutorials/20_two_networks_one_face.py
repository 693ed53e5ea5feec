# %% [markdown]
# # 20 Two networks, one face
#
# | | |
# | --- | --- |
# | **You will do** | train two tasks on the same faces, and ask in five ways how the networks differ |
# | **You will learn** | mass over area, permutation tests, many tests at once, debiased CKA, crossed knock-outs |
# | **You need** | chapter 5: gradients; chapter 7: knock-outs, permutation tests; chapter 14: maps and controls |
# | **Where you are** | Chapter 19 watched one network. Would another seed have looked different, or another task? |
# | **Time** | 130 minutes with the exercises |
#
# Meniconi, Ramasamy and Prabakaran trained two networks of one design on the same faces. One learned who smiles, the
# other who is a man. By their feature maps the first looked at the mouth and the second at the eyes. Then they compared
# the weights, by mean and variance, and found "no significant differences".
#
# Both findings rest on *two* networks, and two networks always differ. Train one task twice, from two seeds, and these
# differ as well. So this is the question of the chapter: **which differences are of the task, and which of the seed?**
#
# Our tasks are: does this person smile, and do they wear glasses?

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import datasets, explain

plt.rcParams["image.interpolation"] = "nearest"
BLUE, ORANGE = "#0072B2", "#D55E00"
SEEDS = range(4)

crowd = datasets.load("crowd:60")
rows, columns = slice(12, 52), slice(12, 48)  # what is not background
pictures = crowd.x[:, :, rows, columns]
is_test = crowd.attributes["person"] >= 45
x = ((pictures - pictures[~is_test].mean()) / pictures[~is_test].std()).astype(np.float32)
labels = {task: crowd.attributes[task].astype(int) for task in ("smile", "glasses")}
regions = {
    "mouth": crowd.masks["mouth"],
    "eyes": crowd.masks["eyes"] | crowd.masks["glasses"],
    "hair": crowd.masks["hair"],
}
regions = {name: mask[is_test][:, rows, columns] for name, mask in regions.items()}


def untrained(seed):
    """Return a small network of the kind of VGG, as it is drawn."""
    layers = []
    for filters in (8, 12, 16):
        layers += [tn.Conv2D(filters, 3, padding="same", initializer="he_normal"), tn.ReLU(), tn.MaxPool2D(2)]
    layers += [tn.Flatten(), tn.Dense(24, initializer="he_normal"), tn.ReLU(), tn.Dense(2), tn.Softmax()]
    return tn.Network(layers, x.shape[1:], rng=seed)


def trained(task, seed):
    """Return a network that has learned a task from faces and their mirror images."""
    net = untrained(seed)
    faces, wanted = np.concatenate([x[~is_test], x[~is_test][..., ::-1]]), np.tile(labels[task][~is_test], 2)
    rule = {"loss": tn.CrossEntropy(), "optimizer": tn.Adam(0.002), "epochs": 12, "batch_size": 16}
    tn.fit(net, faces, wanted, **rule, rng=seed, progress=False)
    return net


seeds = {("smile", seed): seed for seed in SEEDS} | {("glasses", seed): 10 + seed for seed in SEEDS}
start = {key: untrained(seed) for key, seed in seeds.items()}
nets = {key: trained(key[0], seed) for key, seed in seeds.items()}
test = x[is_test]
known = {key: tn.accuracy(net, test, labels[key[0]][is_test]) for key, net in nets.items()}
for task in labels:
    print(f"{task:>8}, on people never seen:", ", ".join(f"{known[task, seed]:.0%}" for seed in SEEDS))

# %% [markdown]
# Four networks a task, each from weights of its own. Every face serves both tasks, so whatever differs between the
# groups comes from the labels or from chance.
#
# ## 20.1 Where do they look?
#
# The document shows **raw maps**: the mean of what the filters of a layer put out, scaled up to the image. There is
# another way to ask, by **attribution**: how steeply does the class depend on each output of the layer? Average either
# over all test faces, and draw it on the mean face.
#
# > **Before you run the next cell.** A raw map says where a layer is *active*. Does the second task have a reason to
# > make the first layer active elsewhere? In which of the two kinds of map would you look for the task?
# > <details><summary>What does a filter of 3x3 answer to?</summary>To edges, wherever they are. Nothing keeps it from
# > answering at the mouth though nobody asks for the mouth. What the layers behind make of it shows in the gradient
# > alone.</details>

# %%
layers = explain.filter_outputs(nets["smile", 0])


def look(net, method=None):
    """Return the heat maps of the test faces, for the class that smiles or wears glasses if there is a method."""
    return explain.heat_maps(net, test, None if method is None else 1, method=method, layers=layers)


raw = {key: look(net) for key, net in nets.items()}
steep = {key: look(net, explain.absolute_gradient) for key, net in nets.items()}
mean_face = pictures[is_test].mean(axis=0)[0]
rows_of = [("raw map", raw, task) for task in labels] + [("gradient", steep, task) for task in labels]
figure, axes = plt.subplots(4, 4, figsize=(7.4, 8.2), layout="constrained")
for of_row, (kind, maps, task) in zip(axes, rows_of, strict=True):
    of_row[0].imshow(mean_face, cmap="gray")
    of_row[0].set_ylabel(f"{kind}, {task}")
    for panel, layer in zip(of_row[1:], layers, strict=True):
        panel.imshow(maps[task, 2][layer].mean(axis=0), cmap="cividis")
        panel.set_title(layer, fontsize=9)
    for panel in of_row:
        for mask, colour in ((regions["mouth"], ORANGE), (regions["eyes"], "white")):
            panel.contour(mask.mean(axis=0), [0.3], colors=[colour], linewidths=0.9)
        panel.set(xticks=[], yticks=[])
figure.suptitle(
    f"One network a task, the mean over {len(test)} faces (mouth: orange, eyes: white; each map its own scale)"
)
plt.show()

# %% [markdown]
# The raw maps light up where there are edges, and in the corners, where nobody looks for a smile. The gradients are
# steepest at the mouth in the one network and at the eyes in the other. (Their checkerboards are the work of max
# pooling: of four places only the winner is asked.)
#
# Pictures persuade; let us count. The **mass** of a map in a region is the region's share of all its (absolute) values.
# A large region has a large share of anything. So divide by its share of the area: **mass over area** is 1 for a map
# that is the same everywhere, whatever the region.
#
# > **Exercise 20.1** (★☆☆, 10 minutes) Mass over area: `mass_over_area` in `exercises/ch20.py`.
# >
# > <details><summary>Hint 1</summary>Two shares: of the map's absolute values, and of the area. Positive and negative
# > places must not cancel.</details>
# > <details><summary>Hint 2</summary>`np.abs(heights)[mask].sum()` is the mass inside; the mean of a mask of bool is
# > its share of the area.</details>
# > <details><summary>Hint 3</summary>Mass inside over the whole mass, divided by the mean of the mask.</details>

# %%
check("20.1")

# %% [markdown]
# And 1 is not the control. Faces have their edges at eyes and mouth, and photographers put them in the middle. What do
# an edge detector, the centre, and a network that has learned nothing have there?


# %%
def masses(maps):
    """Return mass over area, the mean over the faces, of each map in each region."""
    return explain.region_masses(maps, regions)


def at_pixels(net):
    """Return how steeply the class depends on each pixel."""
    return np.abs(np.asarray(explain.absolute_gradient(net, test, 1))).sum(axis=1)


pixels = masses({f"{task} {seed}": at_pixels(net) for (task, seed), net in nets.items()})
controls = masses({"untrained": at_pixels(start["smile", 0]), **explain.control_maps(test)})
print(pixels)
print(controls)

# %% [markdown]
# The networks for smiles have about twice the area's share at the mouth; no control comes near. Those for glasses have
# most at the eyes. The controls are above 1 at both, up to 1.6. So the 1.5 that smile networks have at the eyes is
# nothing: an edge detector has it too.
#
# ## 20.2 Four against four
#
# Every smile network has more at the mouth than every glasses network. Is that chance? If the task did not matter, the
# eight numbers could have come to the two groups in any other way. There are 70 ways to choose four of eight. Go
# through all of them, and count how many give a difference of means at least as large, in either direction. This is a
# **permutation test**: no assumption on how the numbers are spread, only that they could have been exchanged.
#
# > **Exercise 20.2** (★★☆, 15 minutes) All splits: `permutation_p`.
# >
# > <details><summary>Hint 1</summary>A split is a choice of n of the n + m places. The rest is the other
# > group.</details>
# > <details><summary>Hint 2</summary>`itertools.combinations(range(n + m), n)` gives the choices; a mask of bool, with
# > its negation, gives both groups.</details>
# > <details><summary>Hint 3</summary>Put both arrays together; for each choice compare the size of the difference of
# > means with the observed one less 1e-9; return the share that reach it.</details>

# %%
check("20.2")

# %% [markdown]
# > **Before you run the next cell.** What is the smallest p-value that four against four can give? And three against
# > three?
# > <details><summary>The observed way counts too, and so does its mirror image.</summary>2 of 70, 0.029; and 2 of 20,
# > 0.1. With three networks a task, no difference however large would be significant at 5 %.</details>

# %%
smile, glasses = pixels.mean[:4].T, pixels.mean[4:].T
by_pixels = explain.compare_groups(smile, glasses)
for row, region in enumerate(regions):
    means = f"smile {smile[row].mean():.2f}, glasses {glasses[row].mean():.2f}"
    print(f"{region:>6}: {means}, d {by_pixels.effect[row]:+.1f}, p {by_pixels.p[row]:.3f}")
print(f"no p-value of these networks can be below {by_pixels.least_p:.3f}")

# %% [markdown]
# d is the difference in units of the standard deviation within a task, the **effect size** (*Cohen's d*). Unlike p it
# does not shrink or grow with the number of networks. Mouth and eyes each have the smallest p that there is; the hair,
# for which no task asks, has nothing.
#
# And the raw maps? Three layers and three regions are nine questions.

# %%
raw_masses = np.array(
    [masses({f"{task} {seed}": raw[task, seed][layer] for task, seed in nets}).mean for layer in layers]
)
by_raw = explain.compare_groups(raw_masses[:, :4].swapaxes(1, 2), raw_masses[:, 4:].swapaxes(1, 2))
print("layer  " + "  ".join(f"{region:>18}" for region in regions))
for layer, effect, p in zip(layers, by_raw.effect, by_raw.p, strict=True):
    print(f"{layer}  " + "  ".join(f"d {one:+.1f}, p {two:.3f}   " for one, two in zip(effect, p, strict=True)))
print(f"{(by_raw.p <= 0.05).sum()} of 9 have p of at most 0.05, {by_raw.found.sum()} survive the correction of 20.3")

# %% [markdown]
# One of the nine has the smallest p: the glasses networks are more active at the eyes, in `relu3`. Is that a
# finding? Nobody asked for this layer and this region beforehand. It is the best of nine tries.
#
# ## 20.3 Many questions at once
#
# Ask twenty questions of nothing, and on average one of them will have p < 0.05. There are two honest ways out.
#
# **The largest of all.** For each split, take not the difference of one statistic but the *largest over all of them*,
# each in units of its own spread. A statistic counts if it beats what the largest does in other splits. Then a false
# alarm anywhere has a chance of 5 % (the *family-wise error*; Westfall and Young).
#
# **A share of false alarms** (the *false discovery rate*). Sort the p-values, $p_1 \le \dots \le p_S$, and give the
# $k$-th the value $q_k = \min_{j \ge k} p_j S / j$. Believe all with $q \le 0.05$: of these, on average no more than
# one in twenty is chance (Benjamini and Hochberg).
#
# > **Exercise 20.3** (★★☆, 15 minutes) q-values: `q_values`.
# >
# > <details><summary>Hint 1</summary>Do it for sorted p-values first. Going back to the order of `p` is a step of its
# > own.</details>
# > <details><summary>Hint 2</summary>`order = np.argsort(p)`; `found[order] = ...` puts sorted values back.
# > `np.minimum.accumulate` is a running minimum, from the front.</details>
# > <details><summary>Hint 3</summary>Scale the sorted p-values by S over their rank; turn them round, take the running
# > minimum, turn it back; put it where `order` says.</details>

# %%
check("20.3")

# %% [markdown]
# The statistics are those of the document and one more: mean and variance of each layer's weights, and how far they
# have **moved** from where they started, as a share of their norm.
#
# > **Before you run the next cell.** Smiles were harder to learn: the accuracies above say so. Which statistics would
# > that change, whatever the task looks at?
# > <details><summary>How long does a network go on learning?</summary>As long as it makes mistakes. The harder task
# > moves its weights further, and weights that have moved further vary more.</details>


# %%
def statistics(key):
    """Return mean, variance and movement of the weights of each layer."""
    found = []
    for layer in ("conv1", "conv2", "conv3", "dense1"):
        weights, before = (which[key][layer].params["W"] for which in (nets, start))
        found += [weights.mean(), weights.var(), np.linalg.norm(weights - before) / np.linalg.norm(before)]
    return found


names = [f"{layer} {what}" for layer in ("conv1", "conv2", "conv3", "dense1") for what in ("mean", "variance", "moved")]
of_weights = {task: np.array([statistics((task, seed)) for seed in SEEDS]).T for task in labels}
by_weights = explain.compare_groups(*of_weights.values())
figure, panel = plt.subplots(figsize=(8.2, 3.8), layout="constrained")
every = np.concatenate(list(of_weights.values()), axis=1)
for (task, values), colour, marker in zip(of_weights.items(), (BLUE, ORANGE), "os", strict=True):
    scaled = (values - every.mean(axis=1, keepdims=True)) / every.std(axis=1, keepdims=True)
    panel.plot(scaled, np.arange(len(names)), marker, color=colour, markersize=5)
    panel.plot([], [], marker, color=colour, label=task)
for row, (p, p_max) in enumerate(zip(by_weights.p, by_weights.p_max, strict=True)):
    panel.text(2.7, row, f"p {p:.3f}   largest of all {p_max:.3f}", va="center", fontsize=8)
panel.set(
    yticks=range(len(names)),
    yticklabels=names,
    xlim=(-2.6, 5.2),
    xticks=range(-2, 3),
    xlabel="deviations from the mean of all eight",
)
panel.invert_yaxis()
panel.grid(alpha=0.3)
panel.legend(fontsize=8, loc="lower left")
figure.suptitle("Weights of two tasks, a mark a network")
plt.show()
found_by_max = [name for name, p in zip(names, by_weights.p_max, strict=True) if p <= 0.05]
print(f"believed by q: {by_weights.found.sum()} of {len(names)}; by the largest of all: {', '.join(found_by_max)}")
for count in range(3, 8):
    least = explain.compare_groups(np.arange(count), np.arange(count) + 100).least_p
    lone = len(names) * least
    print(f"{count} against {count}: p at least {least:.4f}, so q of a lone finding at least {min(lone, 1):.2f}")

# %% [markdown]
# Look at the marks. In several rows the two groups stand fully apart, and by q *nothing* is found. Both are true, and
# the last lines say why. With four networks a task p cannot be below 0.029. A finding that stands alone among twelve is
# multiplied by twelve, to a q of 0.34, however far apart the groups; several together have less, but here not little
# enough. It takes six networks a task before a lone difference could be believed. So an honest "no significant
# differences" says as well **what would have been found** (the *power* of the test); here, no lone difference of any
# size. (`compare_groups` says so: `detectable` is infinite.) The largest of all has no such floor, as one split is the
# same for all statistics. It believes how far the weights of the third layer moved, and neither mean nor variance.
#
# And what has been shown? *That* the tasks differ, not that it is because of mouths and eyes. All variances and
# movements point the same way, to the harder task. A third task, as hard as the first, would be the control for that
# ("On your own").
#
# ## 20.4 Are their layers alike?
#
# Filters have no order: filter 3 of one network may be filter 7 of another. So compare what layers make of *images*.
# Two layers are alike if images that are alike in one are alike in the other. With features centred, $X$ and $Y$, a row
# an image, **CKA** (*centred kernel alignment*) is
#
# $$ \frac{\lVert X^\top Y \rVert^2}{\lVert X^\top X \rVert\, \lVert Y^\top Y \rVert}, $$
#
# 1 for layers that differ by a rotation and a scale alone. ($\lVert A \rVert$ is the root of the sum of squares of all
# entries, the Frobenius norm.) But with more features than images, *any* two layers come out near 1: each image is
# alike to itself, and these terms of the sum drown the others. Leave them out and correct for it, and
# $\lVert X^\top Y \rVert^2$ becomes, with $n$ images and $r$ the squared lengths of the rows,
#
# $$ \lVert X^\top Y \rVert^2 - \frac{n}{n-2}\, r_X^\top r_Y + \frac{\sum r_X \sum r_Y}{(n-1)(n-2)}, $$
#
# and likewise below the line. This is the **debiased** CKA. It may come out below zero: that is what an estimate of
# zero has to do.
#
# > **Exercise 20.4** (★★★, 20 minutes) CKA: `cka`.
# >
# > <details><summary>Hint 1</summary>One function of two centred arrays is needed three times: of X and Y, of X and X,
# > of Y and Y.</details>
# > <details><summary>Hint 2</summary>`x.T @ y` squared and summed is the first term; `(x**2).sum(axis=1)` are the
# > squared lengths of the rows.</details>
# > <details><summary>Hint 3</summary>Centre each column. h is the first term, less n/(n-2) times the product of the two
# > vectors of lengths, plus the product of their sums over (n-1)(n-2). Then h(x, y) over the root of h(x, x) h(y,
# > y).</details>

# %%
check("20.4")

# %% [markdown]
# > **Before you run the next cell.** Sixty images, two layers of 400 random numbers that have nothing to do with each
# > other. What does the biased CKA say, and what the debiased one?
# > <details><summary>Are there more features here, or more images?</summary>Near 0.9, for there are many more
# > features than images; and near 0.</details>

# %%
rng = np.random.default_rng(0)
one, other = rng.normal(size=(2, 60, 400))
chance = {debiased: explain.cka(one, other, debiased=debiased) for debiased in (False, True)}
print(f"two layers of nothing: biased {chance[False]:.2f}, debiased {chance[True]:.2f}")
pairs = {
    "smile and smile": (nets["smile", 1], nets["smile", 2]),
    "smile and glasses": (nets["smile", 1], nets["glasses", 2]),
    "two untrained": (start["smile", 1], start["glasses", 2]),
}
similar = {name: explain.layer_similarity(*pair, test) for name, pair in pairs.items()}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.3), layout="constrained")
for panel, (name, each) in zip(axes, similar.items(), strict=True):
    image = panel.imshow(each.values, cmap="cividis", vmin=-0.1, vmax=1)
    for (row, column), value in np.ndenumerate(each.values):
        panel.text(column, row, f"{value:.2f}", ha="center", va="center", color="white" if value < 0.5 else "black",
                   fontsize=7)  # fmt: skip
    ticks = range(len(each.layers))
    panel.set(title=name, xticks=ticks, xticklabels=each.other_layers, yticks=ticks, yticklabels=each.layers)
    panel.tick_params(labelsize=8)
figure.colorbar(image, ax=axes, shrink=0.8)
figure.suptitle("Debiased CKA of the layers of two networks")
plt.show()

# %% [markdown]
# The first two layers are alike in *all* pairs, also in the two networks that have never learned anything. Likeness at
# the bottom is the images' and the architecture's. It shows nothing of the task, nor of learning. The last layers are
# another matter.
#
# All eight networks, layer by layer: how alike are two of the same task, and two of different ones? Again the tasks are
# handed out anew in all ways (the networks, not the pairs: one odd network makes seven odd pairs).

# %%
alike = {}
print(f"{'':>7}  glasses  smile  between  untrained  p")
for layer in similar["two untrained"].layers:
    found = explain.group_similarity([net.trace(test)[layer] for net in nets.values()], [task for task, _ in nets])
    nothing = explain.cka(*(start[key].trace(test)[layer] for key in (("smile", 0), ("glasses", 0))))
    alike[layer] = found, nothing
    numbers = "  ".join(f"{value:7.2f}" for value in (*found.within, found.between, nothing))
    print(f"{layer:>7}  {numbers}     {found.null.p_greater:.3f}")

# %% [markdown]
# In the last two layers, networks of one task are alike and networks of two tasks have nothing in common. (Two that
# were never trained have 0.81 and 0.34 here, another such pair in the figure above 0.50 and 0.10: of chance, one pair
# says little.) In the first two you cannot tell the tasks apart, though the networks look at different places there
# (section 20.1). That is no contradiction: the same features are *there*, but they are not asked for alike. The third
# layer is in between: too little for four against four.
#
# ## 20.5 Do they need the same filters?
#
# Knock out filters in the order of their importance (chapter 7), and a network fails. Now take the order from *another*
# network, whose filters are paired with ours by what they answer to. If both rest on the same filters, the other's
# order harms as fast.
#
# > **Exercise 20.5** (★★☆, 20 minutes) The other's order: `order_by_partner`.
# >
# > <details><summary>Hint 1</summary>Three steps: correlations of each own filter with each of the other's; each one's
# > partner; the order of the partners' scores.</details>
# > <details><summary>Hint 2</summary>`np.corrcoef(own.T, other.T)` has all filters of both in its rows; the block that
# > is wanted is `[:count, count:]`.</details>
# > <details><summary>Hint 3</summary>`argmax` along the other's filters gives partners; `scores[partners]` their
# > scores; sort by minus these, stably.</details>

# %%
check("20.5")

# %% [markdown]
# > **Before you run the next cell.** Whose order harms a smile network more: that of another smile network, or that of
# > a network for glasses?
# > <details><summary>What have sections 20.1 and 20.4 said of the filters?</summary>Filters of the first layers are
# > much the same for both. If few of them are of one task only, the two orders will do about the same.</details>


# %%
def strengths(key):
    """Return the length of the class gradient at each filter."""
    gradients = explain.class_gradient(nets[key], x[~is_test], labels[key[0]][~is_test])
    return {name: each.mean(axis=0) for name, each in explain.unit_scores(nets[key], gradients, layers).items()}


strength = {key: strengths(key) for key in nets}


def crossed(key, by):
    """Return what becomes of a network whose filters go in the order of another."""
    wanted = labels[key[0]][is_test]
    return explain.cross_knockouts(nets[key], nets[by], test, wanted, strength[key], strength[by], repeats=5)


of_smile = [crossed(("smile", seed), ("smile", (seed + 1) % 4)) for seed in SEEDS]
of_glasses = [crossed(("smile", seed), ("glasses", seed)) for seed in SEEDS]
figure, axes = plt.subplots(1, 2, figsize=(8.2, 2.9), layout="constrained", sharey=True)
for panel, found, whose in zip(
    axes, (of_smile[2], of_glasses[2]), ("another smile network", "a glasses network"), strict=True
):
    low, high = found.random.min(axis=0), found.random.max(axis=0)
    panel.fill_between(found.counts, low, high, color="0.85", label="random orders")
    panel.plot(found.counts, found.own, "o-", color=BLUE, markersize=3, label="its own order")
    panel.plot(found.counts, found.by_other, "s--", color=ORANGE, markersize=3, label="the other's order")
    panel.set(title=f"ranked by {whose}", xlabel="filters knocked out")
    panel.grid(alpha=0.3)
axes[0].set_ylabel("error")
axes[0].legend(fontsize=8)
figure.suptitle("A smile network loses its filters")
plt.show()


def area(curves, found):
    """Return the mean error on the way."""
    return float(np.mean(explain.area_under_curve(curves, found.counts)))


harm = {
    "its own order": [area(found.own, found) for found in of_smile],
    "another smile network's": [area(found.by_other, found) for found in of_smile],
    "a glasses network's": [area(found.by_other, found) for found in of_glasses],
    "random orders": [area(found.random, found) for found in (*of_smile, *of_glasses)],
}
for name, values in harm.items():
    print(f"{name:>24}: mean error {np.mean(values):.2f} ({min(values):.2f} to {max(values):.2f})")
by_order = explain.compare_groups(harm["another smile network's"], harm["a glasses network's"])
print(f"same task or other task: difference {by_order.difference:+.3f}, p {by_order.p:.2f}")

# %% [markdown]
# All three orders harm a little more than random ones do: a partner is worth something. But whose order it is makes no
# difference that these networks could show. As far as they can tell, the two tasks do not rest on other *filters*; they
# use the same kind of filters at other places. That is a finding about tasks that are both read from small parts of a
# face, and one about a test with four networks.
#
# ## 20.6 What tells two networks apart
#
# | asked of | two tasks told apart? | what a single pair would have shown |
# | --- | --- | --- |
# | raw maps | hardly | any difference you like |
# | gradients at the pixels | yes, each at its own place | the same |
# | mean and variance of weights | not with four networks a task | nothing to judge by |
# | how far weights have moved | yes, but difficulty would do that too | the same |
# | CKA of early layers | no; untrained networks are as alike | "they are alike!" |
# | CKA of late layers | yes | the same |
# | order of filters | not that we can see | any difference you like |
#
# ## In five lines
#
# - Two networks always differ. What is of the task shows only beside other seeds of the same task.
# - Smile networks have 2.2 times the area's share of gradient at the mouth, those for glasses 1.3, no control over 1.4.
# - Four against four cannot have a p below 0.029, nor a lone finding among twelve a q below 0.34.
# - The first two layers are alike (CKA over 0.9) whatever was learned, even nothing; the last two only within a task.
# - "No significant differences" is half a sentence. The other half says which differences would have been found.
#
# ## On your own
#
# 1. A third task, as hard as smiles (`crowd.attributes["open mouth"]`): do the weights still tell the tasks apart?
# 2. Start all eight from the *same* weights, so that seeds change the order of the images only. What becomes of CKA,
#    and of the weights?
# 3. Move five images far away (`test[:5] *= 20`). What becomes of CKA, and what does `tn.explain.leave_out_range` say?
# 4. Average the eight networks' profiles of gradients (`tn.explain.gradient_profiles`, `profile_cosine`) from a common
#    start: at which layer do they part?
# 5. `python -m tinynet study meniconi` asks all of this of more networks; with `--data celeba:DIR` of photographs.
#
# ## Further reading
#
# - Meniconi, Ramasamy and Prabakaran, *Exploring the mechanisms of feature extraction*: where the questions are from.
# - Kornblith et al. 2019 for CKA; Song et al. 2012 for the debiased estimate; Davari et al. 2023 for how it misleads.
# - Westfall and Young 1993; Benjamini and Hochberg 1995; Phipson and Smyth 2010, *Permutation p-values should never be
#   zero*.
# - `tinynet/explain/comparison/`: `groups.py`, `similarity.py`, `layers.py`, `knockouts.py`, `heat_maps.py`;
#   `tinynet.plots.layer_similarity`, `layer_heat_maps`, `group_statistics` and `cross_knockouts` draw what they return.
#
# What this chapter claims, checked:

# %%
assert min(known["glasses", seed] for seed in SEEDS) > 0.95 and np.mean([known["smile", seed] for seed in SEEDS]) > 0.75
assert smile[0].min() > glasses[0].max() and smile[0].min() > 1.3 * controls.mean[:, 0].max(), (
    "the mouth, and no control"
)
assert glasses[1].mean() > smile[1].mean() and by_pixels.p[0] == by_pixels.least_p and by_pixels.effect[0] > 3
assert (controls.mean[:, :2] > 1).all() and abs(controls.mean[:, :2].max() - 1.6) < 0.1, "1 is not what nothing has"
assert by_raw.found.sum() == 0 and np.abs(by_raw.effect[:, 0]).max() < by_pixels.effect[0]
moved = [row for row, name in enumerate(names) if not name.endswith("mean")]
assert (by_weights.difference[moved] > 0).all(), "the harder task moves further, in every layer"
assert not by_weights.found.any() and np.isinf(by_weights.detectable).all(), "no lone difference could be found"
assert found_by_max and all(name.endswith("moved") for name in found_by_max)
assert chance[False] > 0.85 and abs(chance[True]) < 0.1
for layer in ("relu1", "relu2"):
    assert min(*alike[layer][0].within, alike[layer][0].between, alike[layer][1]) > 0.9, "alike, learned or not"
    assert alike[layer][0].null.p_greater > 0.05
assert np.allclose([alike[layer][1] for layer in ("relu4", "dense2")], [0.81, 0.34], atol=0.04)
assert np.allclose(similar["two untrained"].values.diagonal()[3:], [0.5, 0.1], atol=0.04)
for layer in ("relu4", "dense2"):
    assert alike[layer][0].within.min() > alike[layer][0].between + 0.3 and alike[layer][0].null.p_greater < 0.05
assert abs(by_order.difference) < 0.1 and by_order.p > 0.05
assert np.allclose([smile[0].mean(), glasses[0].mean()], [2.2, 1.3], atol=0.1) and controls.mean[:, 0].max() < 1.45
assert by_pixels.p[1] == by_pixels.least_p and by_pixels.p[2] > 0.3 and abs(smile[1].mean() - 1.5) < 0.1
assert (by_raw.p <= 0.05).sum() == 1 and by_raw.p[2, 1] == by_raw.least_p and by_raw.effect[2, 1] < 0
assert 3 <= np.isclose(by_weights.p, by_weights.least_p).sum() <= 6 and "conv3 moved" in found_by_max
assert np.mean(harm["random orders"]) < min(np.mean(harm[name]) for name in list(harm)[:3])
