# %% [markdown]
# # 14 Who explains the explanation?
#
# | | |
# | --- | --- |
# | **You will do** | examine methods of attribution, rank them by a known truth, and enter a method of your own |
# | **You will learn** | checks that can fail, each with its control; planted truth; average precision; a leaderboard |
# | **You need** | chapter 13: attributions; 8: planted features; 7: rank correlation, permutation tests |
# | **Time** | 110 minutes with the exercises |
# | **Where you are** | Chapter 13 ended with five answers to one question. How do you find out which is true? |
#
# An explanation is a claim about a network, and claims can be false. People have believed maps because they showed
# outlines of the object. But an edge detector shows outlines too, and it has never seen the network.
#
# So we examine the methods themselves. First with checks that need no truth: an **audit**, whose questions any honest
# method should stand. Then with the truth, which we have, as the faces are drawn. Each number stands beside a
# **control**: what the same number would be if nothing were behind it.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check
from scipy import stats

import tinynet as tn
from tinynet import datasets, explain, models
from tinynet.datasets import faces

plt.rcParams["image.interpolation"] = "nearest"
BLUE, ORANGE, YELLOW = "#0072B2", "#D55E00", "#E69F00"

everyone, plain = datasets.load("faces"), faces.load(planted=False)
x, labels, names = everyone.x, everyone.labels, everyone.classes
planted = everyone.masks["distinguishing"]
mean_face = x.mean(axis=0)


def trained(seed):
    """Return a network of the thesis, trained on three quarters of the faces, and how many of the others it knows."""
    seen, unseen = everyone.split(rng=seed)
    net = models.build("thesis", everyone.input_shape, len(names), rng=seed)
    rule = {"loss": tn.CrossEntropy(), "optimizer": tn.Adam(0.003), "epochs": 25, "batch_size": 10}
    tn.fit(net, seen.x, seen.labels, **rule, progress=False)
    return net, tn.accuracy(net, unseen.x, unseen.labels)


networks, known = zip(*(trained(seed) for seed in range(3)), strict=True)
net = networks[0]
print("unseen faces recognised, network by network:", ", ".join(f"{share:.0%}" for share in known))

# %% [markdown]
# ## 14.1 The candidates
#
# A method is a function of three things, `f(net, x, target)`, which returns one map an image. That is all that this
# chapter asks of it. Four are from chapter 13, and we ask them about the **margin**: the own logit less the nearest
# other's, that is "why this person and not their look-alike?" The fifth is Sobel's edge detector, which is handed the
# network and ignores it.


# %%
def gradient(net, x, target):
    """Return the gradient of the margin."""
    return tn.prediction_gradient(net, x, target, "margin", layers=["input"])["input"]


def times_input(net, x, target):
    """Return gradient times input, from black."""
    return explain.gradient_times_input(net, x, target, "margin")


def integrated(net, x, target):
    """Return integrated gradients from the mean face."""
    return explain.integrated_gradients(net, x, target, "margin", baseline=mean_face, steps=15)


def relevance(net, x, target):
    """Return relevance by the rule epsilon."""
    return explain.relevance(net, x, target, "margin", rule=explain.LRPEpsilon(0.01))


def edges(net, x, target):
    """Return the edges of the image, whatever the network."""
    return explain.edge_map(x)[:, None]


methods = {
    "gradient": gradient,
    "gradient x input": times_input,
    "integrated gradients": integrated,
    "relevance": relevance,
    "edge detector": edges,
}
some = np.array([np.flatnonzero(labels == person)[5] for person in (1, 5, 9, 12)])
figure, axes = plt.subplots(4, 6, figsize=(8.4, 5.9), layout="constrained")
for column, panel in enumerate(axes[:, 0]):
    panel.imshow(x[some[column], 0], cmap="gray", vmin=0, vmax=1)
    panel.set_ylabel(names[labels[some[column]]])
for column, (name, method) in enumerate(methods.items(), start=1):
    for panel, values in zip(
        axes[:, column], np.abs(np.asarray(method(net, x[some], labels[some])))[:, 0], strict=True
    ):
        panel.imshow(values, cmap="magma", vmax=np.quantile(values, 0.995))
    axes[0, column].set_title(name, fontsize=9)
for panel in axes.flat:
    panel.set(xticks=[], yticks=[])
figure.suptitle("Five maps of the same network (their sizes; bright: large)")
plt.show()

# %% [markdown]
# Judge by eye. The edge detector draws the most convincing portrait of all.
#
# ## 14.2 Does the map depend on the class?
#
# Ask about another person, and the map should change. So make the map of the true class and that of another, and take
# the **rank correlation** of their values (chapter 7), image by image. At 1 the map tells nothing about the class.
#
# > **Before you run the next cell.** Which of the five will not notice that the question has changed?
# > <details><summary>One certainly.</summary>The edge detector: 1.00. Of the others each starts at a seed that depends
# > on the class; how much of that survives on the way down is for the numbers to say.</details>
#
# A map that is the same everywhere has no ranks. It is *no answer*, which is not the same as 0.

# %% [markdown]
# > **Exercise 14.1** (★★☆, 15 minutes) How alike are two maps: write `alike` in `exercises/ch14.py`.
# >
# > <details><summary>Hint 1</summary>Image by image: ranks of both maps, then the ordinary correlation of the ranks.
# > Which images must be left out?</details>
# > <details><summary>Hint 2</summary>`stats.rankdata` ranks all values of a map, and `np.corrcoef(a, b)[0, 1]`
# > correlates. A map is flat if its largest value is its smallest (`np.ptp` is 0), and either of the two may
# > be.</details>
# > <details><summary>Hint 3</summary>Loop over pairs of maps, skip those with a flat one, append the correlation of the
# > ranks as flat vectors, and take the mean of the list.</details>

# %%
check("14.1")


# %%
def alike(one, other):
    """Return the mean rank correlation of the maps of each image, over those that have an answer."""
    return np.nanmean(explain.rank_correlations(one, other))


tried = np.arange(5, len(labels), 11)  # one face of each person
images, asked = x[tried], labels[tried]
others = (asked + 7) % len(names)
by_class = {name: alike(method(net, images, asked), method(net, images, others)) for name, method in methods.items()}
for name, value in by_class.items():
    print(f"{name:>21}: rank correlation with the map of another class {value:+.2f}")

# %% [markdown]
# Four methods notice, and the edge detector does not. (The four are below zero for a good reason: what speaks for
# somebody else, against the person whom the network sees, is nearly the first question turned round.)
#
# ## 14.3 Does the map depend on what was learned?
#
# Draw all weights anew. The network now knows nobody. A map that stays as it was has explained something else than what
# was learned. This is the **randomisation test**, or *sanity check*, of Adebayo et al. (2018).
#
# Its control is less known. Layers have a structure before they learn anything: neighbouring pixels share filters, and
# a map times the input is zero where the input is. So even the maps of *two random networks* are alike. What matters is
# whether a trained network's map is closer to a random one's than two random ones' are to each other. We compare sizes,
# as signs are drawn anew as well.
#
# > **Before you run the next cell.** Integrated gradients multiply by what differs from the mean face, and that stays.
# > Will they be among the more alike, or the less?
# > <details><summary>Think of two random vectors, both multiplied by the same third one.</summary>More: where a face is
# > like the mean the map is small, whatever the network. And that shows in the control just as much.</details>

# %% [markdown]
# > **Exercise 14.2** (★★☆, 15 minutes) Against random weights: write `against_random`.
# >
# > <details><summary>Hint 1</summary>Make the sizes of the maps once for each network. What is left is a matter of
# > which pairs are compared.</details>
# > <details><summary>Hint 2</summary>The value takes the pairs (net, each of `drawn`). The control takes each pair of
# > two different networks in `drawn` once: `itertools.combinations(..., 2)`.</details>
# > <details><summary>Hint 3</summary>`np.abs(np.asarray(method(...)))` for each network, `explain.rank_correlations`
# > for each pair, and a mean over everything on either side.</details>

# %%
check("14.2")

# %%
by_chance = {}
for name, method in methods.items():
    found = explain.randomisation(net, method, images, asked, repeats=2)
    by_chance[name] = np.nanmean(found.absolute[:, -1]), np.nanmean(found.random_pair)  # all layers drawn anew
figure, axes = plt.subplots(1, 2, figsize=(9, 2.7), layout="constrained", sharey=True)
rows = np.arange(len(methods))
axes[0].barh(rows, list(by_class.values()), color=BLUE)
axes[0].set(title="with the map of another class", yticks=rows, yticklabels=list(methods), xlim=(-0.6, 1.05))
axes[1].barh(rows - 0.2, [pair[0] for pair in by_chance.values()], 0.38, color=ORANGE, label="trained and random")
axes[1].barh(rows + 0.2, [pair[1] for pair in by_chance.values()], 0.38, color="0.6", label="two random ones")
axes[1].set(title="of sizes, with random weights", xlim=(0, 1.6), xticks=(0, 0.5, 1))
axes[1].legend(fontsize=8, loc="center right")
axes[0].invert_yaxis()
figure.suptitle("Rank correlation of maps that should differ (1: the map does not notice)")
plt.show()
for name, (value, control) in by_chance.items():
    print(f"{name:>21}: with random weights {value:+.2f}; two random networks {control:+.2f}")

# %% [markdown]
# The edge detector fails both, at exactly 1. On the right see the control. Two random networks agree on integrated
# gradients by 0.7, so their likeness to a trained network's map is no failure by itself. A test without its control
# would have found them guilty.
#
# Passing is not much. Noise, drawn from the network's weights and the class, passes both tests with zero. They can show
# that a method is wrong, never that it is right.
#
# ## 14.4 Does the network need what the map points at?
#
# Take the pixels that the map calls important away, most important first, and watch the prediction fall; then the least
# important first. A good order puts the first curve low and the second high: **deletion** (Samek et al. 2017). "Away"
# means: replaced by the mean face. Three things decide whether such a curve means anything.
#
# - *Ties*: a map with equal values has no order, and a program then takes them from the top left. Break ties at random.
# - *Chance*: any deletion lowers the prediction. Draw a **band** of random orders beside it.
# - *Signs*: order by the signed value. What is large and negative speaks against the class.
#
# > **Before you run the next cell.** The edge detector never saw the network. Take pixels away in the order of its map.
# > Will the curve lie in the band of random orders?
# > <details><summary>What is at the edges of a face?</summary>No, below it, and with the least important first above.
# > Edges are where a face differs from the mean, so these pixels change it most.</details>

# %%
ask = {"target": asked, "of": "margin", "replace": mean_face, "steps": 12, "repeats": 4}
curves = {
    name: explain.deletion_curves(net, np.asarray(m(net, images, asked)), images, **ask) for name, m in methods.items()
}
figure, axes = plt.subplots(1, 5, figsize=(10, 3), layout="constrained", sharey=True)
for panel, (name, found) in zip(axes, curves.items(), strict=True):
    by_order = found.random.mean(axis=1)
    panel.fill_between(found.shares, by_order.min(axis=0), by_order.max(axis=0), color="0.8", label="random orders")
    panel.plot(found.shares, found.most_first.mean(axis=0), color=ORANGE, label="most first")
    panel.plot(found.shares, found.least_first.mean(axis=0), color=BLUE, linestyle="--", label="least first")
    panel.set(title=name, xlabel="share gone")
    panel.grid(alpha=0.3)
axes[0].set_ylabel("margin")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)
figure.suptitle("Pixels go in the order of a map")
plt.show()
gaps = {name: (found.gap.mean(), found.random_gap.mean(axis=1)) for name, found in curves.items()}
for name, (gap, chance) in gaps.items():
    print(f"{name:>21}: gap {gap:+.2f}, random orders {chance.min():+.2f} to {chance.max():+.2f}")

# %% [markdown]
# Three lessons.
#
# - Integrated gradients stand out. They say what each pixel *contributes, compared with the mean face*, and that is
#   what the deletion does.
# - The gradient has no gap, gradient times input hardly one, and relevance one that is small beside that of integrated
#   gradients. At both ends of their order the pixels matter more than random ones; the sign says little. That
#   does not make them wrong: the first says what a little more light would do, the others compare with black. The test
#   asks what they did not answer.
# - The edge detector beats the band by far. To beat chance is not enough; the next better control, one that knows the
#   image and not the network, does as well.
#
# There is a weakness besides: a face without half its pixels is like nothing that the network was trained on.

# %% [markdown]
# > **Exercise 14.3** (★★★, 20 minutes) A deletion curve: write `deletion_curve`.
# >
# > <details><summary>Hint 1</summary>An order of all pixels first, then steps + 1 copies of the image, the first with
# > nothing replaced and the last with everything.</details>
# > <details><summary>Hint 2</summary>Ties at random: shuffle the pixels first and sort the shuffled ones by a stable
# > sort, or let `np.lexsort` sort by a second key of random numbers.</details>
# > <details><summary>Hint 3</summary>`np.lexsort` takes its keys in a pair, and the *last* one counts first: random
# > numbers, then minus the heights. In copy number i replace the first np.round(i / steps * x.size) pixels of that
# > order by `cover`.</details>

# %%
check("14.3")

# %% [markdown]
# The library asks all of this, and more, in one call. The limits were fixed on methods that were made to be good or bad
# (the exact answer of a linear network, an edge detector, a constant, the right answer with its sign turned), before
# any real method was examined.

# %%
audits = {
    name: explain.audit(net, methods[name], images, asked, of="margin", cheap=True)
    for name in ("integrated gradients", "edge detector")
}
for name, report in audits.items():
    print(name)
    for asked_for in report.checks:
        verdict = {True: "passes", False: "FAILS", None: "does not apply"}[asked_for.passed]
        control = "" if asked_for.control is None else f", control {asked_for.control:.2f}"
        print(f"    {asked_for.name:<10} {asked_for.value:6.2f}  {verdict}{control}")

# %% [markdown]
# `print(report)` says in words what each row asks. The edge detector fails where the class or the weights matter. In
# "deletion" it beats random orders, as it did above, but by much less. Integrated gradients are weakest in "own class",
# near the limit of one half. In both, pixels become *black*, as an audit does it if not told otherwise, and not the
# mean face as above. With other faces these verdicts may turn. A check is a measurement on a few images: read the
# value, not only the verdict.
#
# ## 14.5 The truth
#
# The drawn people come in families of look-alikes, and one **planted feature** tells each from their family. We know
# its pixels, and section 8.4 has shown that networks use it. But *does this network use it on this face?* That must be
# true before a method is blamed for missing it. We can ask the network: the same face can be drawn without its feature,
# all else being equal. Count only the faces whose prediction *flips*: known with the feature, unknown without.

# %%
flips = [
    np.flatnonzero((one(x).argmax(axis=1) == labels) & (one(plain.x).argmax(axis=1) != labels)) for one in networks
]
for one, where in zip(networks, flips, strict=True):
    shares = [tn.accuracy(one, pictures, labels) for pictures in (x, plain.x)]
    print(f"recognised {shares[0]:.0%}, without the planted feature {shares[1]:.0%}; {len(where)} faces flip")
area = planted.mean()
print(f"the feature covers {area:.1%} of the pixels")

# %% [markdown]
# How near does a map come to the truth? Read it as a list of guesses, highest first. After each guess that is right,
# note the share of right ones so far, the *precision*. Their mean is the **average precision**: 1 if all pixels of the
# feature come first. A map that is the same everywhere makes all its guesses at once, and gets the feature's share of
# the area, which is chance. The pointing game of section 8.5 looks at the highest pixel alone. This looks at all of
# them, and is steadier.

# %% [markdown]
# > **Exercise 14.4** (★★☆, 15 minutes) Average precision: write `average_precision`.
# >
# > <details><summary>Hint 1</summary>The text says what happens for *one* pixel of the mask. Who is at least as high as
# > it is?</details>
# > <details><summary>Hint 2</summary>For a height h the guesses made so far are `heights >= h`. That is a mask too,
# > with which `mask` can be indexed.</details>
# > <details><summary>Hint 3</summary>The mean of `mask[heights >= h]` is the precision. Take it for each h in
# > `heights[mask]`, and the mean of them all.</details>

# %%
check("14.4")

# %% [markdown]
# We take maps by their sizes, as the planted feature may be dark or bright.
#
# > **Before you run the next cell.** Adding up is a promise of integrated gradients and relevance, not of the gradient.
# > Will those that promise a sum come nearer to the truth than those that do not?
# > <details><summary>Section 13.5 had a warning.</summary>Not for that reason: a sum checks arithmetic. Integrated
# > gradients come first, but relevance and gradient times input end below the bare gradient.</details>


# %%
def precision(method, which, where):
    """Return the mean average precision of a method's maps of some faces."""
    return explain.average_precision(
        np.abs(np.asarray(method(which, x[where], labels[where])))[:, 0], planted[where]
    ).mean()


def smoothed(net, x, target):
    """Return the mean size of the gradient over noisy copies (SmoothGrad, squared)."""
    return explain.smooth_gradient(net, x, target, "margin", samples=10, kind="square")


def occluded(net, x, target):
    """Return what covering patches by the mean face costs."""
    return explain.occlusion(net, x, target, "margin", stride=6, replace=mean_face)


def from_mean(net, x, target):
    """Return gradient times what differs from the mean face."""
    return explain.gradient_times_input(net, x, target, "margin", baseline=mean_face)


competitors = {**methods, "gradient x (x - mean)": from_mean, "SmoothGrad, squared": smoothed, "occlusion": occluded}
learned = [layer.name for layer in net.layers if layer.params]
fresh = [explain.randomised(one, learned, rng=50 + seed) for seed, one in enumerate(networks)]


def entry(method):
    """Return a method's average precision in each network, and its own on networks drawn anew."""
    judged = [where[::3] for where in flips]
    own = [precision(method, one, where) for one, where in zip(networks, judged, strict=True)]
    return own, [precision(method, one, where) for one, where in zip(fresh, judged, strict=True)]


entries = {name: entry(method) for name, method in competitors.items()}
board = sorted(entries, key=lambda name: -np.mean(entries[name][0]))
figure, panel = plt.subplots(figsize=(8.2, 3.5), layout="constrained")
for row, name in enumerate(board):
    own, anew_too = entries[name]
    panel.plot(
        anew_too, np.full(3, row), "x", color="0.5", label="the same method, random weights" if not row else None
    )
    panel.plot(own, np.full(3, row), "o", color=ORANGE, fillstyle="none", label="three networks" if not row else None)
    panel.plot(np.mean(own), row, "|", color="black", markersize=15, markeredgewidth=2)
panel.axvline(area, color=BLUE, linestyle="--", label="chance")
panel.set(yticks=range(len(board)), yticklabels=board, xlabel="average precision", xlim=(0, None))
panel.invert_yaxis()
panel.grid(alpha=0.3)
panel.legend(fontsize=8)
figure.suptitle("Leaderboard: where is what makes you you?")
plt.show()
print(f"{'':>22}  mean   networks             random weights")
for name in board:
    own, anew_too = ("  ".join(f"{value:.3f}" for value in values) for values in entries[name])
    print(f"{name:>22}  {np.mean(entries[name][0]):.3f}  {own}  {anew_too}")

# %% [markdown]
# Here is an order, with its spread. Read it carefully.
#
# - *Networks* differ more than neighbours on the board do. So compare methods within a network, not one method on this
#   network with another one on that. There, as the rank correlations below say, the order is much the same each time.
# - Gradient times input is near the bottom, far below the bare gradient. From *black* it multiplies by brightness, and
#   hides dark features. From the mean face the same method is far better: the baseline was the trouble.
# - The edge detector, which made the finest portrait, is last.
# - All of them are far from 1. Either the methods are poor, or the networks use more than the feature that flips them.
#
# A rule for passing, stated beforehand, spares us the argument on neighbours: *more than twice the edge detector, and
# more than twice the method's own answer on a random network, in every network*. Who passes? The table above tells.

# %% [markdown]
# > **Exercise 14.5** (★☆☆, 5 minutes) Who passes: write `passes`.
# >
# > <details><summary>Hint 1</summary>Each score has a bar of its own, the higher one of two. What shape has the table
# > of bars?</details>
# > <details><summary>Hint 2</summary>`np.maximum(edges, random)` stretches the edge detector's row over all
# > methods.</details>
# > <details><summary>Hint 3</summary>Compare with > against twice the bar, and ask for `all` along the
# > networks.</details>

# %%
check("14.5")

# %%
print(f"{'in the network where it is least':>32}   times the edge detector   times itself, random weights")
least = {}
for name in board:
    own, anew_too = entries[name]
    least[name] = [np.min(np.divide(own, control)) for control in (entries["edge detector"][0], anew_too)]
    print(f"{name:>32}{least[name][0]:>26.1f}{least[name][1]:>31.1f}")
scores = np.array([entries[name][0] for name in board]).T
agree = [stats.spearmanr(scores[i], scores[j]).statistic for i, j in ((0, 1), (0, 2), (1, 2))]
print("rank correlation of the order between two networks:", ", ".join(f"{value:.2f}" for value in agree))

# %% [markdown]
# Whoever passes has more than 2 in both columns. Mind how low that bar is: occlusion gets over it with a third of the
# best score, and gradient times input, which hides what is dark, comes right up to it. To pass says that a method sees
# something of the truth, not that it sees much.
#
# ## 14.6 Your own method
#
# A method is a function. So yours goes into the same bench, in three lines. This one takes integrated gradients from
# the mean face, and blurs their sizes a little: planted features are patches, not single pixels.
#
# > **Before you run the next cell.** What will the blur do to the place on the board, and what to the audit, which
# > integrated gradients have passed?
# > <details><summary>Choose for each: better or worse.</summary>On the board it is better than all others. In the audit
# > it is worse: it fails.</details>

# %%


def mine(net, x, target):
    """Return the sizes of integrated gradients, blurred."""
    return explain.blurred(np.abs(np.asarray(integrated(net, x, target))), sigma=1)


report = explain.audit(net, mine, images, asked, of="margin", cheap=True)
entries["mine"] = entry(mine)
print(report.short())
with_blur, without = (np.mean(entries[name][0]) for name in ("mine", "integrated gradients"))
print(f"average precision {with_blur:.3f}, without the blur {without:.3f}")

# %% [markdown]
# It leads the board, and it *fails* the audit: blurred sizes without signs are much alike for all classes and all
# networks, as they show where this face differs from the mean. Both are true. The audit asks whether a map changes when
# it should, the board whether its highest places are right, and neither stands for the other. A map for people to look
# at may want the blur. As evidence on the network, it has lost something.
#
# Beware of one thing more. We knew the truth when we thought of the blur. Whoever tries twenty widths and reports the
# best has fitted the method to these masks, as networks are fitted to their training faces. Choose on some people,
# judge on others.

# %% [markdown]
# > **Exercise 14.6** (★★☆, 20 minutes) A method of your own: write `my_method`. It must know the class, depend on the
# > weights, leave everything as it was, and find a truth that the grader has planted.
# >
# > <details><summary>Hint 1</summary>You need not invent anything. Which methods on the board look at the class, and do
# > not hide what is dark?</details>
# > <details><summary>Hint 2</summary>`tn.prediction_gradient(net, x, target, "logit", layers=["input"])["input"]` is
# > nearly enough. What is drawn at random needs a generator with a fixed seed.</details>
# > <details><summary>Hint 3</summary>`explain.smooth_gradient` or `explain.integrated_gradients` with a baseline that
# > is not black. Work on a copy of x if you change it.</details>

# %%
check("14.6")

# %% [markdown]
# What is it that we have done? We have explained explanations, by experiments: change one thing, foresee what must
# follow, and compare with what follows from nothing. That is no more than what chapter 2 asked of a backward pass.
#
# ## In five lines
#
# - A map that does not change with the class (edges: rank correlation 1.00) explains something else.
# - A sanity check needs its control: integrated gradients are alike at 0.73 on trained and random weights, and at 0.72
#   on two random networks.
# - Deletion asks what the network needs. An edge detector beats random orders there, by 2.1 against 0.2 at most.
# - Planted truth decides: average precision 0.36 for integrated gradients, 0.28 for the gradient, 0.10 for gradient
#   times input from black, 0.04 for edges. None is near 1.
# - A blur brings 0.50 and fails the audit: the board and the audit ask for different things.
#
# ## On your own
#
# 1. Give the audit bad methods: a constant, `-integrated`, the map of another class. Which check catches which?
# 2. Use `train=` of `tn.explain.audit`: a network that has learned random labels. What is the difference to random
#    weights?
# 3. Deletion with black instead of the mean face: does the order of the methods change?
# 4. Take the faces that do *not* flip for the truth. What becomes of the board, and why would that be unfair?
# 5. Plant a *shortcut*: a bright corner in all training faces of one person, and in random test faces. Which methods
#    show that the network uses it?
#
# ## Further reading
#
# - Adebayo et al. 2018, *Sanity checks for saliency maps*; Binder et al. 2023 for why likeness alone misleads.
# - Samek et al. 2017 for deletion; Hooker et al. 2019 for retraining after it; Yeh et al. 2019 for infidelity.
# - Zhang et al. 2018 for the pointing game; Arras, Osman and Samek 2022 for explanations with a known truth.
# - `tinynet/explain/metrics/`: `audit.py`, `randomisation.py`, `deletion.py`, `localisation.py` and `fidelity.py`;
#   `python -m tinynet study truth` is this chapter's board with more methods and more kinds of truth.
#
# What this chapter claims, checked:

# %%
assert min(known) > 0.7
real = [name for name in methods if name != "edge detector"]
assert by_class["edge detector"] > 0.999 and by_chance["edge detector"][0] > 0.999, "it never looks at the network"
assert max(by_class[name] for name in real) < 0.9 and max(by_chance[name][0] for name in real) < 0.9
assert max(by_class[name] for name in real) < 0, "the other question is nearly the first one turned round"
assert np.allclose(by_chance["integrated gradients"], (0.73, 0.72), atol=0.05)
assert by_chance["integrated gradients"][1] > 0.6 and by_chance["integrated gradients"][1] > by_chance["gradient"][1]
assert gaps["integrated gradients"][0] > gaps["integrated gradients"][1].max() + 0.5
assert gaps["edge detector"][0] > gaps["edge detector"][1].max() + 0.5, "beats chance, and never saw the network"
assert abs(gaps["gradient"][0]) < 0.25 and gaps["gradient x input"][0] < 0.5, "another question"
assert gaps["relevance"][0] < 0.3 * gaps["integrated gradients"][0]
for name in ("gradient", "gradient x input", "relevance"):
    by_map, by_lot = curves[name], curves[name].random.mean(axis=(0, 1))
    for order in (by_map.most_first, by_map.least_first):
        assert (order.mean(axis=0)[1:5] < by_lot[1:5]).all(), "both ends of the order matter more than random pixels"
assert np.isclose(gaps["edge detector"][0], 2.1, atol=0.3) and gaps["edge detector"][1].max() < 0.25
assert not audits["edge detector"]["class"].passed and not audits["edge detector"]["learning"].passed
assert all(audits["integrated gradients"][name].passed for name in ("class", "learning", "deletion", "fidelity"))
assert 0 < audits["edge detector"]["deletion"].value < gaps["edge detector"][0] / 2
assert audits["integrated gradients"]["own class"].value < 0.75
assert all(len(where) > 30 for where in flips), "the networks use what was planted"
means = {name: np.mean(own) for name, (own, _) in entries.items()}
assert means["integrated gradients"] > means["gradient x (x - mean)"] > means["gradient x input"]
assert means["gradient"] > max(means["relevance"], means["gradient x input"]), "no sum makes it right"
assert {"edge detector"} == {name for name in board if min(least[name]) <= 2} - {"gradient x input"}, "a low bar"
assert 1.4 < min(least["gradient x input"]) < 2.8, "right up to the bar"
assert np.isclose(means["occlusion"] / means["integrated gradients"], 1 / 3, atol=0.06)
assert means["edge detector"] < 0.25 * means["integrated gradients"] and max(means.values()) < 0.75
assert np.mean(agree) > 0.7, "networks agree on the order"
spread = np.ptp([entries[name][0] for name in board], axis=1)
assert np.median(spread) > np.median(-np.diff([means[name] for name in board])), "networks differ more than neighbours"
for name, told in (("integrated gradients", 0.36), ("gradient", 0.28), ("gradient x input", 0.10), ("mine", 0.50)):
    assert np.isclose(means[name], told, atol=0.05), name
assert np.isclose(means["edge detector"], 0.04, atol=0.01)
assert board[-1] == "edge detector" and means["gradient x (x - mean)"] > 2 * means["gradient x input"]
assert means["mine"] > means["integrated gradients"] and not report.passed, "the truth and the audit disagree"
