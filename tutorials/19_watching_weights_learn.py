# %% [markdown]
# # 19 Watching weights learn
#
# | | |
# | --- | --- |
# | **You will do** | keep the weights of a network through its training, and ask what each of them did |
# | **You will learn** | mean and variance in one pass, update ratios, streaks beside their controls |
# | **You need** | chapter 1: layers; chapter 4: training; chapter 7: controls and permutation tests |
# | **Where you are** | Chapter 18 found units that training had killed. So what does training do to each weight? |
# | **Time** | 100 minutes with the exercises |
#
# A loss curve says *that* a network learns. Where the learning happens, in which layer and in which weights, it does
# not say. So keep the weights themselves, and look.
#
# Meniconi, Ramasamy and Prabakaran did so with a small dense network of digits. They drew the matrix of the first
# layer's weights after one epoch and after five, and saw three things: the mean and the variance of all weights grow;
# dark and bright spots lie in horizontal and vertical *streaks*; and some neighbourhoods of weights change more than
# others. In this chapter you see the same pictures. For each of the three you find a number, and something to hold it
# against.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import datasets, explain, models

plt.rcParams["image.interpolation"] = "nearest"
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

# %% [markdown]
# ## 19.1 A history of weights
#
# `tn.WeightHistory` is a callback of `tn.fit`. Here it takes a *snapshot* of all weights before training and after
# every twelfth step. A history is a mapping: `history["dense1/W"]` are the snapshots of the first layer's weights, a
# list of matrices of 128 units (rows) by 784 pixels (columns).

# %%
digits = datasets.load("digits:2000")
seen, unseen = digits.split(rng=0)
net = models.build("meniconi", digits.input_shape, len(digits.classes), rng=0)
history = tn.WeightHistory(every=12)
models.named("meniconi").train(net, seen.x, seen.labels, rng=0, callbacks=[history], progress=False)
recognised = tn.accuracy(net, unseen.x, unseen.labels)
print(net.summary())
print(f"unseen digits recognised after {models.named('meniconi').epochs} epochs: {recognised:.0%}")
print(f"{len(history.steps)} snapshots, of steps {history.steps[0]} to {history.steps[-1]}")

layers = ("dense1", "dense2", "dense3")
weights = {name: history[f"{name}/W"] for name in layers}
early = next(k for k, step in enumerate(history.steps) if step >= history.steps[-1] / 5)  # after one epoch

# %% [markdown]
# The document's first observation can be read off: after one epoch and after five, take the mean and the variance of
# all weights of a layer.
#
# > **Before you run the next cell.** The initial weights were drawn around 0. Why should their variance grow, and will
# > it grow much?
# > <details><summary>Think of the sum of a weight and its change, as if they had nothing to do with each
# > other.</summary>Variances of unrelated things add up. What training adds is small beside what was drawn, and its
# > square is smaller still: expect a little more variance, not a lot.</details>

# %%
print(f"{'':<8}{'mean of all weights':^36}{'variance of all weights':^36}")
print(f"{'layer':<8}" + f"{'start':>12}{'epoch 1':>12}{'epoch 5':>12}" * 2)
moved = {name: explain.weight_movement(kept) for name, kept in weights.items()}
for name, of in moved.items():
    cells = [*of.mean[[0, early, -1]], *of.variance[[0, early, -1]]]
    print(f"{name:<8}" + "".join(f"{value:>12.5f}" for value in cells))

part = (slice(0, 64), slice(252, 532))  # half of the units, and ten rows of pixels: what can be seen on a page
figure, axes = plt.subplots(2, 1, figsize=(8, 4.4), layout="constrained")
for line, place, when in zip(axes, (early, -1), ("after epoch 1", "after epoch 5"), strict=True):
    line.imshow(weights["dense1"][place][part], cmap="gray", vmin=-0.2, vmax=0.2, extent=(252, 532, 64, 0))
    line.set(title=when, ylabel="unit")
axes[-1].set_xlabel("pixel")
figure.suptitle("A part of the first layer's weights: dark is negative, bright positive")
plt.show()

# %% [markdown]
# Both grow in size, as the document says. But look at the numbers: over the whole training the variances gain 15 to
# 22 %, and no mean comes near the width of its distribution. The pictures look alike, and they should: most of
# what one sees in the second is what was drawn at the start.
#
# ## 19.2 What each weight did, in one pass
#
# The document then takes every weight by itself: what were its mean and its variance over the history? Both are
# matrices of the shape of the layer, *maps*. The obvious way is to stack all snapshots. For a layer of 4096 x 4096 and
# fifty snapshots that is 3.4 GB. The obvious way around that is to add up $w$ and $w^2$ as they come, and take
#
# $$\mathrm{var} = \overline{w^2} - \bar w^2 .$$
#
# > **Before you run the next cell.** A weight near 100 moves by about 0.01. In float32, which has seven digits, what
# > does this formula make of its variance of 0.0001?
# > <details><summary>How many digits does $w^2$ need in front of those that matter?</summary>$w^2$ is near 10,000, and
# > its seventh digit is worth 0.001: ten times what we look for. Nothing is left, not even the sign.</details>

# %%
rng = np.random.default_rng(0)
wandering = (100 + 0.01 * rng.standard_normal((1000, 200))).astype(np.float32)
true_variance = wandering.astype(np.float64).var(axis=0)
of_squares = (wandering**2).sum(axis=0) / np.float32(1000) - (wandering.sum(axis=0) / np.float32(1000)) ** 2
by_pass = explain.weight_statistics(wandering).variance
print(f"true variances {true_variance.min():.1e} to {true_variance.max():.1e}")
print(f"mean of squares less square of the mean: {of_squares.min():.1e} to {of_squares.max():.1e}, ", end="")
print(f"{np.mean(of_squares < 0):.0%} negative")
print(f"one pass, largest relative error: {abs(by_pass / true_variance - 1).max():.0e}")

# %% [markdown]
# The third way, that of `explain.weight_statistics`, is one pass too (*Welford's algorithm*). Let $\bar w_n$ be the
# mean of the first $n$ values and $d = w_n - \bar w_{n-1}$ the distance of the next one from the mean so far. The mean
# moves by $d / n$. And the sum $M$ of squared distances from the mean grows by
#
# $$\boxed{\; M_n = M_{n-1} + d^2\, \frac{n-1}{n} \;}$$
#
# To see it, move the mean by $d/n$: each of the $n - 1$ old values is now further away, together by
# $(n-1)\, d^2/n^2$ (the mixed terms cancel: distances from a mean add up to 0), and the new one is
# $d - d/n$ away, which adds $d^2 (n-1)^2/n^2$. The sum of both is $d^2 (n-1)/n$. Only distances are squared, never
# the weights themselves.
#
# > **Exercise 19.1** (★★☆, 15 minutes) One pass: `moments` in `exercises/ch19.py`.
# >
# > <details><summary>Hint 1</summary>What has to be kept between two snapshots? A count and two arrays are
# > enough.</details>
# > <details><summary>Hint 2</summary>Mean: $\bar w + d/n$. Sum of squared distances: $M + d^2 (n-1)/n$, with $d$ the
# > distance from the mean *so far*.</details>
# > <details><summary>Hint 3</summary>Count from 1. Turn the snapshot into float64 and take its distance from the mean;
# > move the mean; add to the sum; at the end divide the sum by the count.</details>

# %%
check("19.1")

# %% [markdown]
# Two halves of a history, each with its own mean and $M$, go together in the same way: with $n$ and $m$ snapshots and
# the distance $d$ of their means, $M = M_a + M_b + d^2\, nm/(n + m)$ (Chan, Golub and LeVeque 1983). With $m = 1$ this
# is the formula above.
#
# > **Exercise 19.2** (★★☆, 15 minutes) Two parts of a history: `combined`.
# >
# > <details><summary>Hint 1</summary>The sum of squared distances of a part is its count times its variance.</details>
# > <details><summary>Hint 2</summary>$M = M_a + M_b + d^2\, nm/(n + m)$, and the mean of all is the mean of the means,
# > weighted with the counts.</details>
# > <details><summary>Hint 3</summary>Turn both variances into sums, add the two and the term with the distance, divide
# > by the new count.</details>

# %%
check("19.2")

# %% [markdown]
# `explain.weight_statistics` does this block by block, from memory or from disk, and notes the range too. Our layer is
# small enough to be stacked, so the obvious way is its control. Here are the two maps of the document.

# %%
statistics = explain.weight_statistics(weights["dense1"])
stacked = np.stack([np.asarray(snapshot, np.float64) for snapshot in weights["dense1"]])
difference = abs(stacked.var(axis=0) - statistics.variance).max()
largest = statistics.variance.max()
print(f"largest difference from all snapshots stacked: {difference:.0e}, of variances up to {largest:.1e}")
figure, axes = plt.subplots(2, 1, figsize=(8, 4.4), layout="constrained")
axes[0].imshow(statistics.mean[part], cmap="gray", vmin=-0.2, vmax=0.2, extent=(252, 532, 64, 0))
axes[0].set(title="mean of each weight over training", ylabel="unit")
shown = np.log10(statistics.variance + 1e-12)
axes[1].imshow(shown[part], cmap="cividis", vmin=-7, extent=(252, 532, 64, 0))
axes[1].set(title="log variance of each weight over training: dark changes little", xlabel="pixel", ylabel="unit")
for line, label in zip(axes, ("mean", "log10 of variance"), strict=True):
    figure.colorbar(line.images[0], ax=line, label=label)
figure.suptitle("Two maps of the same part")
plt.show()

# %% [markdown]
# The mean map looks like the weights. The variance map does not: it has dark stripes, and some rows are brighter than
# others. Section 19.4 asks where they come from.
#
# ## 19.3 How far, and which way
#
# How much does a whole layer change? A change of 0.1 is a lot for weights of 0.05 and nothing for weights of 10, so
# divide by the norm: the **update ratio** of two snapshots is $\|w_{t} - w_{t-1}\| / \|w_{t-1}\|$. And how far has it
# come from its start, and in which direction? The **cosine** of the angle between the weights now and at the start is 1
# at first; for weights that have nothing to do with their start any more it is 0.
#
# > **Before you run the next cell.** Which layer moves most, beside its own norm: the one at the pixels, or the one at
# > the classes? And is the cosine of its weights to their start after training rather 0.1, 0.5 or 0.9?
# > <details><summary>Adam moves every weight by about the same step. The layers have different fan-ins, and so initial
# > weights of different sizes.</summary>The first one: it has 784 inputs, so its weights were drawn small, and equal
# > steps go further. Still it comes nowhere near forgetting its start: the cosine stays about 0.9.</details>

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 3.1), layout="constrained")
for (name, of), colour, mark in zip(moved.items(), (BLUE, ORANGE, GREEN), "os^", strict=True):
    axes[0].plot(history.steps[1:], of.update_ratio[1:], mark + "-", markersize=3, color=colour, label=name)
    axes[1].plot(history.steps, of.cosine_to_start, mark + "-", markersize=3, color=colour, label=name)
axes[0].set(title="update ratio, every 12 steps", xlabel="steps", ylim=(0, None))
axes[1].set(title="cosine to the start", xlabel="steps")
axes[0].legend()
plt.show()
for name, of in moved.items():
    print(f"{name}: {of.distance[-1] / of.norm[0]:.2f} of its initial norm away, ", end="")
    print(f"cosine {of.cosine_to_start[-1]:.2f}, {weights[name][0].shape[1]} inputs")

# %% [markdown]
# The order of the layers is that of their numbers of inputs (their *fan-in*). Five epochs turn none of them far from
# where it was drawn: the solution lies close to the start. Theory expects that of wide networks (*lazy training*); a
# short training alone would do it too.
#
# > **Exercise 19.3** (★☆☆, 10 minutes) Update ratios: `update_ratios`.
# >
# > <details><summary>Hint 1</summary>A list of T snapshots has T - 1 steps. Each needs a pair of neighbours.</details>
# > <details><summary>Hint 2</summary>`itertools.pairwise(snapshots)` gives the pairs. `np.linalg.norm` of a matrix,
# > without an order, is the root of the sum of squares.</details>
# > <details><summary>Hint 3</summary>For each pair: norm of the difference, over the norm of the earlier one.</details>

# %%
check("19.3")

# %% [markdown]
# ## 19.4 Streaks
#
# "Dark spots and bright spots are arranged in horizontal and vertical streaks", says the document of the weights. A
# streak in a row means that the *mean* of this row stands out. So put a number to it: which share of the variance of
# all entries lies between the means of the rows (the *explained variance* of an analysis of variance), and which
# between those of the columns?
#
# $$\text{rows: } \frac{\mathrm{var}_r\, \overline{w_{r\cdot}}}{\mathrm{var}\, w}, \qquad
# \text{columns: } \frac{\mathrm{var}_c\, \overline{w_{\cdot c}}}{\mathrm{var}\, w}$$
#
# The eye sees streaks in noise too, so two controls stand beside: the initial weights, which have learned nothing, and
# the same weights in random order. By chance the rows of an $R \times C$ matrix have $(R - 1)/(RC - 1)$, about one
# over the number of columns.
#
# > **Exercise 19.4** (★☆☆, 10 minutes) Streaks as a number: `streak_shares`.
# >
# > <details><summary>Hint 1</summary>First the means, then the variance of these means: the other way round gives what
# > lies *within* rows.</details>
# > <details><summary>Hint 2</summary>The mean of each row is `matrix.mean(axis=1)`: the axis that is averaged away is
# > that of the columns.</details>
# > <details><summary>Hint 3</summary>Variance of the row means over the variance of all entries; the same with the
# > means of the columns.</details>

# %%
check("19.4")

# %% [markdown]
# > **Before you run the next cell.** For which is the share largest: the weights $w$, their sizes $|w|$, their variance
# > over training, or its logarithm? Is there any for $w$?
# > <details><summary>Which of the two maps above had stripes?</summary>The log variance by far. In $w$ there is hardly
# > anything: a per cent or two.</details>


# %%
def draw_streaks(found, title):
    """Draw the shares of rows and columns beside those of the controls, and print them."""
    figure, axes = plt.subplots(1, len(found), figsize=(9, 2.9), layout="constrained", sharey=True)
    for line, (quantity, by_time) in zip(axes, found.items(), strict=True):
        for place, (when, share) in enumerate(by_time.items()):
            line.bar(place - 0.2, share.rows, 0.4, color=BLUE, label="rows" if place == 0 else None)
            line.bar(place + 0.2, share.columns, 0.4, color=ORANGE, hatch="//", label="columns" if place == 0 else None)
            print(f"{quantity:<13}{when:<10}rows {share.rows:.3f}, columns {share.columns:.3f}")
        line.set(title=quantity, xticks=range(len(by_time)))
        line.set_xticklabels(list(by_time), fontsize=8)
    axes[0].set_ylabel("share of the variance")
    axes[0].legend()
    figure.suptitle(title)
    plt.show()


everywhere = explain.weight_streaks(weights["dense1"], rng=0)
draw_streaks(everywhere, "Streaks in the first layer, all pixels")

# %% [markdown]
# In the weights the eye was wrong: rows have half a per cent and columns one, where the initial weights have 0.1 and
# 0.8. In the log variance nine tenths lie between the columns. (Weights that never moved have no logarithm; they take
# the least of the others.) A column is a pixel. So *which* pixels are these?
#
# > **Before you run the next cell.** The gradient of a weight is the delta of its unit times the brightness of its
# > pixel. What does that say about pixels near the border?
# > <details><summary>How bright are they?</summary>They are always black, so the gradient is 0 and the weight never
# > moves. Its variance is 0, and with it the whole column.</details>

# %%
lit = (seen.x > 0.25).mean(axis=0).reshape(-1)
often = lit >= 0.05
never = (statistics.variance == 0).all(axis=0)
figure, axes = plt.subplots(1, 3, figsize=(9, 3.0), layout="constrained")
for line, picture, title in zip(
    axes,
    (lit.reshape(28, 28), shown.mean(axis=0).reshape(28, 28), often.reshape(28, 28)),
    ("how often a pixel is lit", "log variance of its weights", "often lit"),
    strict=True,
):
    line.imshow(picture, cmap="cividis")
    line.set(title=title, xticks=[], yticks=[])
plt.show()
print(
    f"{never.mean():.0%} of the pixels have weights that never moved; {often.mean():.0%} are lit in 5 % of the images"
)
print(f"of the pixels that never moved, {lit[never].max():.1%} of the images light the brightest one")
inside = explain.weight_streaks(weights["dense1"], rng=0, columns=often)
draw_streaks(inside, "Streaks in the first layer, pixels that are often lit")

# %% [markdown]
# So the streaks are real, and they are the border. What looks like "neighbourhoods of neurons that change more" is, for
# the most part, a picture of where digits have ink. Without the seldom lit pixels the columns fall from 0.90 to 0.04,
# and the rows rise from 0.02 to 0.21: some *units* learn faster than others, at all pixels. That is left to explain,
# and it is a finding about the network, not about the data.
#
# Is a small share more than chance? Put the entries into random order many times and count.
#
# > **Exercise 19.5** (★★☆, 15 minutes) More than chance?: `p_of_rows`.
# >
# > <details><summary>Hint 1</summary>All entries are shuffled together, not row by row: under chance no entry belongs
# > to a row.</details>
# > <details><summary>Hint 2</summary>`rng.permutation(matrix.ravel()).reshape(matrix.shape)`. The variance of all
# > entries stays the same, so the variance of the row means is enough.</details>
# > <details><summary>Hint 3</summary>Count the shuffled matrices with at least as much, add 1 for the matrix itself,
# > and divide by the number of orders plus 1.</details>

# %%
check("19.5")


# %%
def in_random_order(matrix):
    """Return the share between rows, beside those of the same entries in random order."""
    of_row = np.repeat(np.arange(len(matrix)), matrix.shape[1])[:, None]

    def between_rows(_, entries):
        return explain.streaks(entries.reshape(matrix.shape)).rows

    return explain.permutation_null(between_rows, of_row, matrix.reshape(-1, 1), permutations=99, rng=draws)


draws = np.random.default_rng(1)
last, start = (np.asarray(weights["dense1"][place])[:, often] for place in (-1, 0))
p = {}
for name, matrix in {"initial weights": start, "trained weights": last}.items():
    found = in_random_order(matrix)
    p[name] = found.p_greater
    print(f"{name}: rows {found.value:.4f}, in random order {found.mean:.4f}, p = {p[name]:.2f}")

# %% [markdown]
# *Significant* and *large* are two things. The rows of the trained weights do stand out more than chance allows (no
# smaller p is possible with 99 orders), and yet they hold 1.5 % of the variance: nobody could see that. A picture is
# judged by the size, and a small p is no excuse for a faint streak.
#
# What does any of this say of *another* network? Do two tasks leave different maps, or do two seeds differ just as
# much? That takes more than one network of each kind, and it is the question of chapter 20.
#
# ## In five lines
#
# - Mean and variance of the weights grow, as the document says; the variances by 15 to 22 %.
# - Variance in one pass squares distances, never weights. From squares, float32 gave 44 % negative variances.
# - The layer with most inputs moved furthest, 0.44 of its norm, and still has a cosine of 0.92 to its start.
# - Streaks in the weights: 1 % of the variance or less. In the log variance: 90 %, nearly all of it from pixels that
#   are seldom lit.
# - With 99 orders p is 0.01, for rows that hold 1.5 %: significant, and too faint for any eye.
#
# ## On your own
#
# 1. Keep the history on disk (`tn.WeightHistory(folder=...)`) and make a film of the first layer with
#    `tn.plots.weight_film`, once of the weights and once with `change=True`. Which of them is worth watching?
# 2. Train with `tn.SGD(0.1)` in place of Adam. Which layer moves most now, and why?
# 3. Shift all images by 0.5, so that black is -0.5. What becomes of the streaks? Foretell it first.
# 4. Which units are the bright rows? Compare the log variance of a row with how often its unit is switched on.
#
# ## Further reading
#
# - Meniconi, Ramasamy and Prabakaran, *Exploring the mechanisms of feature extraction*, section 3, figures 3.3 to 3.6.
# - Chan, Golub and LeVeque 1983, *Algorithms for computing the sample variance*.
# - Jacot, Gabriel and Hongler 2018, *Neural tangent kernel*, for networks that stay close to their start.
# - `python -m tinynet study meniconi`, rows MR-5 and MR-6; the code is in `tinynet/explain/comparison/weights.py`.
#
# What this chapter claims, checked:

# %%
assert recognised > 0.7
gains = [of.variance[-1] / of.variance[0] - 1 for of in moved.values()]
assert np.allclose([min(gains), max(gains)], [0.15, 0.22], atol=0.02)
assert max(abs(of.mean[-1]) / of.variance[-1] ** 0.5 for of in moved.values()) < 0.1
assert 0.35 < np.mean(of_squares < 0) < 0.5
assert abs(moved["dense1"].distance[-1] / moved["dense1"].norm[0] - 0.44) < 0.05
assert abs(moved["dense1"].cosine_to_start[-1] - 0.92) < 0.02
shares = [everywhere["w"][when] for when in ("trained", "initial")]
assert np.allclose([[each.rows, each.columns] for each in shares], [[0.005, 0.01], [0.001, 0.008]], atol=0.002)
shares = [which["log variance"]["trained"] for which in (everywhere, inside)]
assert np.allclose([[each.rows, each.columns] for each in shares], [[0.02, 0.9], [0.21, 0.04]], atol=0.04)
for of in moved.values():
    assert abs(of.mean[-1]) > abs(of.mean[early]) and of.variance[-1] > of.variance[early] > of.variance[0]
assert (of_squares < 0).any() and abs(by_pass / true_variance - 1).max() < 1e-6 and difference < 1e-9
ways = [moved[name].distance[-1] / moved[name].norm[0] for name in layers]
assert ways[0] > ways[1] > ways[2] and min(moved[name].cosine_to_start[-1] for name in layers) > 0.85
assert everywhere["w"]["trained"].rows + everywhere["w"]["trained"].columns < 0.03
assert everywhere["log variance"]["trained"].columns > 0.7 > 0.1 > everywhere["log variance"]["shuffled"].columns
assert inside["log variance"]["trained"].columns < 0.15 < inside["log variance"]["trained"].rows
assert never.any() and lit[never].max() < 0.005 and not (never & often).any()
assert p["trained weights"] == 0.01 and p["initial weights"] > 0.05 and abs(explain.streaks(last).rows - 0.015) < 0.004
