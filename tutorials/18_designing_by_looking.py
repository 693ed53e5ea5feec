# %% [markdown]
# # 18 Designing a better network by looking
#
# | | |
# | --- | --- |
# | **You will do** | find what does no work in a trained network, change its design, and compare fairly |
# | **You will learn** | dead, saturated and redundant units; aliasing; advice as code; a margin fixed beforehand |
# | **You need** | chapter 3: receptive fields; chapter 7: knock-outs, permutations; chapter 10: pruning |
# | **Where you are** | Chapters 15 to 17 looked, and left it at that. Can looking make a network better? |
# | **Time** | 120 minutes with the exercises |
#
# How many filters should a layer have? Most people copy the number from somebody else. Gulati et al. (2017) meant to
# end their report on seeing what filters see with "Application to CNN design", and left the page empty. Zeiler and
# Fergus (2014, section 4.1) had done it once: they looked at the first filters of a famous network, saw patterns that
# no photograph holds, halved the stride, and won.
#
# This chapter looks at a network that was designed in a hurry, step by step. At the end there is a new design, and the
# question that such stories leave out: *is it better, or would any smaller network have done?*

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import datasets, explain
from tinynet.explain.design.units import unit_states

plt.rcParams["image.interpolation"] = "nearest"
BLUE, ORANGE = "#0072B2", "#D55E00"

digits = datasets.load("digits:1600")
rest, test = digits.split(0.25, rng=0)
train, looked_at = rest.split(0.25, rng=1)
print(f"{len(train)} digits to train on, {len(looked_at)} to look at, {len(test)} to test on")


def careless(seed):
    """Return a network that somebody wrote down in a hurry."""
    layers = [
        tn.Conv2D(16, 5, stride=2, initializer="he_normal"),
        tn.ReLU(),
        tn.Conv2D(24, 3, initializer="he_normal"),
        tn.ReLU(),
        tn.MaxPool2D(2),
        tn.Flatten(),
        tn.Dense(40),
        tn.Tanh(),
        tn.Dense(10),
        tn.Softmax(),
    ]
    return tn.Network(layers, digits.input_shape, rng=seed)


def learn(net, x, labels, seed, rate=0.01):
    """Train a network, all designs alike."""
    rule = {"loss": tn.CrossEntropy(), "optimizer": tn.Adam(rate), "epochs": 5, "batch_size": 20}
    tn.fit(net, x, labels, **rule, rng=seed, progress=False)


net = careless(0)
learn(net, train.x, train.labels, 0)
recognised = tn.accuracy(net, looked_at.x, looked_at.labels)
print(net.summary())
print(f"digits recognised that it was not trained on: {recognised:.1%}")

# %% [markdown]
# Three parts of the digits, and each for one use: to train, to look, to test. Whoever looks at the test images and then
# changes the design has trained on them, by hand.
#
# ## 18.1 Units that say nothing
#
# Run the images through the network and keep what each unit puts out, over all images and all places. Three kinds of
# units say nothing:
#
# - a **dead** unit puts out 0 for every image (*dying ReLU*);
# - a **constant** unit puts out the same for every image, which a bias could do;
# - a **saturated** unit is nearly always near a bound of its activation function. It may well say something, but its
#   slope there is next to nothing, so what lies in front of it no longer learns.
#
# > **Exercise 18.1** (★★☆, 15 minutes) Dead and constant units: `silent_units` in `exercises/ch18.py`.
# >
# > <details><summary>Hint 1</summary>Everything is asked of a unit over images *and* places. Bring the axis of the
# > units to the front and make one long row of the rest.</details>
# > <details><summary>Hint 2</summary>`values.any(axis=1)` is False for a row of zeros; `np.ptp(values, axis=1)` is
# > largest less smallest.</details>
# > <details><summary>Hint 3</summary>Dead: no entry that is not 0. Constant: range at most 0.01 times the largest range
# > of all units, and not dead.</details>

# %%
check("18.1")

# %% [markdown]
# > **Before you run the next cell.** Which layer can have dead units, and which can have saturated ones?
# > <details><summary>What can a ReLU do that a tanh cannot?</summary>A ReLU is 0 on a whole half-line, so it can die,
# > and has no upper bound to saturate at. A tanh is 0 at one point alone, but flat at both ends.</details>

# %%
trace = net.trace(looked_at.x)
outputs = {
    name: np.moveaxis(trace[name], 1, 0).reshape(trace[name].shape[1], -1) for name in ("relu1", "relu2", "tanh1")
}
dead = {name: int(state.dead.sum()) for name, state in unit_states(net, looked_at.x).items()}
flat = np.mean(np.abs(outputs["tanh1"]) > 1 - 2 / 80, axis=1)
figure, axes = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
for name, colour in (("relu1", BLUE), ("relu2", ORANGE)):
    axes[0].plot(np.sort(np.mean(outputs[name] > 0, axis=1)), "o-", color=colour, markersize=3, label=name)
axes[0].set(title="how often each rectified unit is awake", xlabel="units, sorted", ylabel="share", ylim=(-0.03, 1.03))
axes[0].legend()
axes[1].bar(range(len(flat)), np.sort(flat), color=BLUE)
axes[1].axhline(0.95, color="black", linestyle="--", linewidth=1)
axes[1].set(title="how often each tanh unit is near a bound", xlabel="units, sorted", ylim=(0, 1))
plt.show()
saturated = int(np.sum(flat >= 0.95))
print("dead units:", ", ".join(f"{name} {count}" for name, count in dead.items()) + f"; saturated: tanh1 {saturated}")

# %% [markdown]
# On the left a point at 0 is a dead unit: a fifth of the second layer. A point at 1 would be a unit that rectifies
# nothing: it is linear. On the right the dashed line is the limit from which we call a unit saturated, 95 % of the time
# with a slope below 1/20; a tenth of them are. Limits of this kind are chosen. What matters is that they were chosen
# before looking.
#
# ## 18.2 Units that say what others say
#
# Two units are **redundant** if one foretells the other: the correlation of their outputs, over images and places, is
# nearly 1 or -1. Then the next layer can do with one of them, and nothing is lost. If $a_2 = s\,a_1 + c$, then
#
# $$ w_1 a_1 + w_2 a_2 + b = (w_1 + s\,w_2)\,a_1 + (b + c\,w_2). $$
#
# > **Exercise 18.2** (★★☆, 20 minutes) Copies: `copies`.
# >
# > <details><summary>Hint 1</summary>The order matters: only units that are *kept* can be copied. So nobody becomes a
# > copy of a copy.</details>
# > <details><summary>Hint 2</summary>`np.corrcoef(outputs)` has a row a unit; `np.argsort(-outputs.var(axis=1),
# > kind="stable")` is the order.</details>
# > <details><summary>Hint 3</summary>For each unit in that order: look at the sizes of its correlations with the kept
# > ones; if the largest reaches the limit write down whose it is, otherwise keep the unit.</details>

# %%
check("18.2")

# %% [markdown]
# > **Exercise 18.3** (★★☆, 10 minutes) Fold a copy into the next layer: `without_copy`.
# >
# > <details><summary>Hint 1</summary>Put `slope * a[kept] + shift` for `a[copy]` into the sum. What is multiplied by
# > `a[kept]`, and what is left?</details>
# > <details><summary>Hint 2</summary>The kept column gains `slope * w[:, copy]`, the biases gain `shift * w[:, copy]`.
# > `np.delete(w, copy, axis=1)` makes a new array.</details>
# > <details><summary>Hint 3</summary>Copy the weights, change the kept column, *then* delete the other one: after that
# > the numbers of columns have moved.</details>

# %%
check("18.3")

# %% [markdown]
# > **Before you run the next cell.** Compare *weights* instead of outputs, which is cheaper. Do two filters with a
# > cosine of 0.99 say the same? And two with a cosine of 0?
# > <details><summary>What else decides what a unit puts out?</summary>The biases, and the images. Filters that differ
# > in a pixel that is always black say the same; equal filters with different biases need not.</details>

# %%
awake = {name: values[values.std(axis=1) > 0] for name, values in outputs.items()}
alike = {name: np.corrcoef(values) for name, values in awake.items()}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.1), layout="constrained")
for panel, (name, table) in zip(axes, alike.items(), strict=True):
    drawn = panel.imshow(table, cmap="RdBu_r", vmin=-1, vmax=1)
    panel.set(title=f"{name}: {len(table)} units awake", xticks=[], yticks=[])
figure.colorbar(drawn, ax=axes, label="correlation of outputs", shrink=0.8)
plt.show()
closest = {name: np.abs(np.triu(table, 1)).max() for name, table in alike.items()}
for name, value in closest.items():
    print(f"{name}: the two units that are most alike have a correlation of {value:.2f} in size")
pair = np.unravel_index(np.abs(np.triu(alike["tanh1"], 1)).argmax(), alike["tanh1"].shape)
ranges = np.ptp(awake["tanh1"][list(pair)], axis=1)
print(f"the two of tanh1 range over {ranges[0]:.3f} and {ranges[1]:.3f}, where 2 would be possible")

# %% [markdown]
# A dark square off the diagonal is a pair of which one could go. By tinynet's limit, 0.95, there is one, in `tanh1`.
# But look at what the two say: they are saturated, and hardly move. A correlation does not see how *far* something
# moves. So constant units are taken out before copies are counted, and then there is none.
#
# ## 18.3 Filters that step over what they see
#
# The first layer moves in steps of 2 pixels. Sampled at every second place, a pattern that changes from pixel to pixel
# comes back as a coarser one that is not in the image: **aliasing**. A stride of $s$ can show frequencies up to
# $1/(2s)$ (the *Nyquist frequency*). So slide the same filter in steps of 1, take the spectrum of its response, and see
# how much lies above.
#
# > **Exercise 18.4** (★★☆, 15 minutes) What a stride folds: `folded_share`.
# >
# > <details><summary>Hint 1</summary>Power is the square of the size of a Fourier coefficient. Take the mean off each
# > row first: it has the frequency 0, and is no pattern.</details>
# > <details><summary>Hint 2</summary>`np.fft.fft(rows, axis=1)` with `np.fft.fftfreq(length)`, whose negative
# > frequencies count by their size.</details>
# > <details><summary>Hint 3</summary>Add the power of all rows, frequency by frequency; the sum where the frequency is
# > above `0.5 / stride`, over the whole sum.</details>

# %%
check("18.4")

# %%
report = explain.inspect_network(net, looked_at.x, looked_at.labels)
order = np.argsort(-report.folded)
filters = net["conv1"].params["W"][:, 0]
limit = np.abs(filters).max()
figure, axes = plt.subplots(2, 8, figsize=(9, 2.6), layout="constrained")
for panel, unit in zip(axes.flat, order, strict=True):
    panel.imshow(filters[unit], cmap="RdBu_r", vmin=-limit, vmax=limit)
    panel.set_title(f"{report.folded[unit]:.0%}", fontsize=9)
    panel.set(xticks=[], yticks=[])
figure.suptitle("First filters, by the share of their response that a stride of 2 folds")
plt.show()
frequency = np.abs(np.fft.fftfreq(28))
power = np.abs(np.fft.fft2(filters, s=(28, 28))) ** 2
power[:, 0, 0] = 0
alone = power[:, np.maximum.outer(frequency, frequency) > 1 / 4].sum(axis=1) / power.sum(axis=(1, 2))
print(f"folded on the mean: {report.folded.mean():.0%} of a response, {alone.mean():.0%} of a filter's own spectrum")
same_order = np.corrcoef(alone.argsort().argsort(), report.folded.argsort().argsort())[0, 1]
print(f"rank correlation of the two: {same_order:.2f}")

# %% [markdown]
# The order is nearly that of the filters' own spectra: those at the top change sign from pixel to pixel, the last one
# is smooth. But with digits, which are smooth themselves, far less is folded than the filters alone would suggest: we
# took the spectrum of the *response*, in which the images count.
#
# ## 18.4 What a knock-out costs
#
# Some units say something that nobody needs. Chapter 7 knocked units out one at a time. But units stand in for each
# other: each of two copies can go, not both. So `inspect_network` looks for units that can **all** go at once. It puts
# them in the order of gradient times activation, which foretells a knock-out to first order, and searches by halves for
# the longest beginning of that order that costs no more than one image in two hundred. The order is a guess, the
# verdict is an experiment.
#
# It also asks whether a layer can be skipped. And if it is told how large what matters is (`evidence=`, a size or
# masks), it asks whether a unit of the last maps *sees* all of that. We leave this out: here a dense layer stands
# behind the maps and sees everything.

# %%
print(report)

# %% [markdown]
# Each line is evidence, advice, and the change as code. `print(report.code)` builds the advised network, untrained, and
# so does `report.redesign()`. If you want to keep what was learned, `explain.pruned(net, report.removable)` takes dead
# and free units out of the trained network (chapter 10):

# %%
kept = explain.pruned(net, report.removable)
before, after = (tn.accuracy(which, looked_at.x, looked_at.labels) for which in (net, kept))
print(f"{net.parameter_count:,} parameters recognise {before:.1%}, {kept.parameter_count:,} recognise {after:.1%}")

# %% [markdown]
# Two fifths of the parameters, if not more, did nothing that these 300 images could show. How many it is hangs on the
# last bits of rounding: on another machine the search may find other units that can go together.
#
# ## 18.5 Is it better?
#
# The advised design has fewer units, and others. Before we compare, three things are settled.
#
# - *A margin.* "No significant difference" is easy: two seeds will do. So fix by how much less accuracy still counts as
#   equal, and test whether **worse by more than that** can be ruled out (a *non-inferiority test*). Here: two points.
# - *A control.* A network thinned evenly to the same size, without looking. If it does as well, why look?
# - *Pairs.* Each seed trains one network of every design on the same images in the same order, and the differences are
#   tested: if the truth were the margin, each difference plus the margin could as well have the other sign.
#
# > **Exercise 18.5** (★★☆, 15 minutes) As good within a margin: `p_worse`.
# >
# > <details><summary>Hint 1</summary>If the new design were worse by exactly the margin, new - old + margin would be 0
# > on the mean, and each seed's could as well have the other sign.</details>
# > <details><summary>Hint 2</summary>`itertools.product((-1, 1), repeat=n)` gives all choices of signs; the one that
# > was found is all +1.</details>
# > <details><summary>Hint 3</summary>For each choice take the mean of sign times difference; return the share of
# > choices whose mean is at least the one found, less 1e-12.</details>

# %%
check("18.5")

# %% [markdown]
# > **Before you run the next cell.** Write down three numbers: the mean accuracy that you expect of each design.
# > <details><summary>How much does a seed alone do?</summary>It moves the careless design from 91 to 96.5 %. Leave
# > yourself room: with six seeds a difference of a point between two means says nothing.</details>


# %%
def evenly(seed):
    """Return the careless network with the same share of units in all hidden layers, as large as the advised one."""
    sizes = []
    for share in np.linspace(0.1, 1.5, 141):
        units = [max(round(share * count), 1) for count in (16, 24, 40)]
        sizes.append((abs(of(units, seed).parameter_count - advised(seed).parameter_count), units))
    return of(min(sizes)[1], seed)


def of(units, seed):
    """Return the careless network with other numbers of units."""
    first, second, third = units
    layers = [tn.Conv2D(first, 5, stride=2, initializer="he_normal"), tn.ReLU()]
    layers += [tn.Conv2D(second, 3, initializer="he_normal"), tn.ReLU(), tn.MaxPool2D(2), tn.Flatten()]
    layers += [tn.Dense(third), tn.Tanh(), tn.Dense(10), tn.Softmax()]
    return tn.Network(layers, digits.input_shape, rng=seed)


def advised(seed):
    """Return the advised network."""
    return report.redesign(seed)


found = explain.compare_designs(
    {"careless": careless, "advised": advised, "thinned evenly": evenly},
    (train.x, train.labels),
    (test.x, test.labels),
    fit=learn,
    margin=0.02,
    seeds=6,
)
print(found)
figure, panel = plt.subplots(figsize=(8, 2.4), layout="constrained")
first = 100 * found.accuracy[0].mean()
panel.axvspan(first - 100 * found.margin, first, color="0.9", label="margin of equality")
for row, shares in enumerate(100 * found.accuracy):
    panel.plot(shares, np.full(len(shares), row), "o", color=BLUE, alpha=0.6, label="a seed" if row == 0 else None)
    panel.plot(shares.mean(), row, "D", color=ORANGE, label="mean" if row == 0 else None)
panel.set(yticks=range(3), yticklabels=found.names, xlabel="digits recognised, %", ylim=(2.5, -0.5))
panel.legend(fontsize=8, loc="lower left")
plt.show()
verdicts = {name: found.p_worse(at) <= 0.05 for at, name in enumerate(found.names) if at}
for at, (name, good) in enumerate(verdicts.items(), start=1):
    difference = 100 * found.differences[at].mean()
    words = "as good as the careless one, or better" if good else "not shown to be as good"
    share = found.parameters[at] / found.parameters[0]
    print(f"{name}: {difference:+.1f} points with {share:.0%} of the parameters, {words}")

# %% [markdown]
# A p-value below 0.05 in the last column would rule out that a design is worse by more than the margin. The advised
# design is far from it. It even does *worse* than the one that was thinned with closed eyes! Six seeds are few (no
# p-value can be below 1/64), but nobody would call this a better design.
#
# > **Before you run the next cell.** What went wrong? Think of which advice was about a *symptom*.
# > <details><summary>Look again, at the advised network.</summary>Saturated tanh units became rectified ones. Count the
# > dead.</details>

# %%
again = advised(0)
learn(again, train.x, train.labels, 0)
second = explain.inspect_network(again, looked_at.x, looked_at.labels)
for kind in ("dead", "constant", "copies", "saturated", "free"):
    print(f"{kind:>10}: {report.count(kind):3d} before, {second.count(kind):3d} in the advised network")

gently = advised(0)
learn(gently, train.x, train.labels, 0, rate=0.002)
dying = {"at first": advised(0), "at the rate of 0.01": again, "at a fifth of it": gently}
dying = {
    name: explain.inspect_network(each, looked_at.x, looked_at.labels).count("dead") for name, each in dying.items()
}
in_tanh = int(second.states["relu3"].dead.sum())
print("dead in the advised network:", ", ".join(f"{name} {count}" for name, count in dying.items()))
print(f"{in_tanh} of them in the layer that was tanh")

# %% [markdown]
# All of them are in the layer that was tanh, and it is training that killed most of them. A rectified unit dies when a
# long step carries it to where all images lie on its silent side, and at a fifth of the rate only about half as many
# do. So what looked like a fault of the *design* was to a good part one of *training*, and the advice gave that rate
# one layer more whose units it could kill. (A good design is no cure for a bad rate, and a fault that is seen is not
# yet a cause that is known.)
#
# Two more traps. The advice came from one trained network, and another seed would have been told something else: advice
# is a sample too. And had we left the control out, we might have blamed the smaller size.
#
# ## In five lines
#
# - A fifth of the filters were dead, a tenth of the tanh units saturated; 40 % of the parameters or more could go at no
#   cost.
# - A fault that shows in the images, as aliasing does, is measured in responses: 6 %, not the 58 % of the filters
#   alone.
# - "As good" needs a margin that is fixed first. The advised design was not shown to be as good, with six seeds.
# - It was two to four points worse than the careless one; the same size without looking, less than one and a half.
# - Dead units were a fault of the learning rate: few before training, many after it, about half as many at a fifth of
#   the rate.
#
# ## On your own
#
# 1. Compare all three designs at a fifth of the rate. What is left of the difference?
# 2. Follow the advice on numbers of units alone, and keep the tanh: which part of it was bad?
# 3. `datasets.load("muffins")`: a dog and a muffin differ only in how three spots lie. Inspect a network with windows
#    of 5 x 5 pixels and `evidence=data.masks["spots"]`. What is it told, and does following it help?
# 4. Leave the control out and write the report that one reads so often. Which sentence would have been wrong?
#
# ## Further reading
#
# - Zeiler and Fergus 2014, *Visualizing and understanding convolutional networks*, section 4.1.
# - Zhang 2019, *Making convolutional networks shift-invariant again*, for aliasing; Molchanov et al. 2017 for the
#   order.
# - Schuirmann 1987 for tests of equality within a margin.
# - `python -m tinynet inspect NET --data D` writes all this as a page, with figures; `python -m tinynet study gulati`
#   asks it of the document's networks (GL-8). The code is in `tinynet/explain/design/`.
#
# What this chapter claims, checked:

# %%
assert recognised > 0.6
assert closest["tanh1"] > 0.95 and ranges.max() < 0.1 and not report.count("copies")
assert dead["tanh1"] == 0 and abs(dead["relu2"] - 5) <= 1 and abs(saturated - 4) <= 1
assert saturated == report.count("saturated")
assert kept.parameter_count < 0.62 * net.parameter_count
assert np.allclose([report.folded.mean(), alone.mean()], [0.06, 0.58], atol=0.03) and same_order > 0.75
lost = -100 * found.differences[1:].mean(axis=1)
assert 1.5 < lost[0] < 4.5 and lost[1] < min(1.5, lost[0]), "looking did not pay"
assert np.allclose(found.accuracy[0].min(), 0.91, atol=0.01) and np.allclose(found.accuracy[0].max(), 0.965, atol=0.01)
assert report.folded.max() > report.folded.min() and report.count("dead") == sum(dead.values())
assert after >= before - 0.005 and kept.parameter_count <= net.parameter_count
assert report.advice and found.parameters[1] < found.parameters[0]
assert found.accuracy.shape == (3, 6) and abs(found.parameters[2] / found.parameters[1] - 1) < 0.1
assert eval(report.code, {"tn": tn}).parameter_count == found.parameters[1]
assert found.p_worse(1) > 0.05, "the advised design is not shown to be as good"
assert report.count("dead") and report.count("saturated") and second.count("dead") > 1.5 * report.count("dead")
assert dying["at first"] < 0.3 * in_tanh and in_tanh == second.count("dead"), "training kills"
assert dying["at a fifth of it"] < 0.75 * in_tanh, "the more, the longer its steps"
