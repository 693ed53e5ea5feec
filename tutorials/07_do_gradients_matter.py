# %% [markdown]
# # 7 Do prediction gradients matter?
#
# | | |
# | --- | --- |
# | **You will do** | silence filters of a trained network, one by one and one after the other, and judge rankings |
# | **You will learn** | knock-outs; what a gradient says of them, and where exactly; controls; a test of chance |
# | **You need** | chapter 5: prediction gradients, class gradients, rankings; what a p-value is |
# | **Where you are** | Chapter 5's ranking held within a layer only. What does a gradient really say of a knock-out? |
# | **Time** | 110 minutes with the exercises |
#
# A prediction gradient gives every filter a number. Lo, Cohen and Ding (2015) and Lo's thesis (2016) say that the
# number is *importance*, and test it: without the important filters, the network should fail. This chapter takes that
# test apart. What does a gradient promise about a filter that is gone? And what would any other ranking have done? We
# train the network of the thesis as the thesis did, on the drawn faces.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check
from scipy import stats

import tinynet as tn
from tinynet import datasets, explain, models
from tinynet.explain import area_under_curve, class_error_curves, compare_orders

BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"

everyone = datasets.load("faces")
seen, unseen = everyone.split(rng=0)
model = models.named("thesis")
net = models.build("thesis", everyone.input_shape, len(everyone.classes), rng=0)
tn.fit(
    net,
    seen.x,
    seen.labels,
    loss=model.loss,
    optimizer=model.optimizer,
    epochs=model.epochs,
    batch_size=model.batch_size,
    progress=False,
)
x, labels, people = everyone.x, everyone.labels, range(len(everyone.classes))
layers = tn.filter_outputs(net)
filters = [(name, index) for name in layers for index in range(net.shapes[name][0])]
print(f"recognised: {tn.accuracy(net, seen.x, seen.labels):.1%} of the faces seen, ", end="")
print(f"{tn.accuracy(net, unseen.x, unseen.labels):.1%} of the others; {len(filters)} filters")

# %% [markdown]
# ## 7.1 Silence
#
# What a filter puts out for an image is its **feature map**. To **knock out** the filter (an *ablation*, or *lesion*)
# is to set its whole map to 0, whatever the image, and to run the layers behind it as they are. Nothing is trained
# again. All images are asked about, seen and unseen, as in the paper (section V.C).
#
# 0 is a good value to put there. What tanh puts out is around 0, and the next layer's sums simply lose the terms of
# this filter. (Behind a sigmoid, whose outputs are around 1/2, it would be an odd one.)
#
# Nothing changes in front of the filter. So one forward pass, kept, serves all knock-outs: each starts from what the
# layer put out. `tn.knockout_sweep` does that for a list of knock-outs, here for each filter alone and, first, for
# none.

# %% [markdown]
# > **Exercise 7.1** (★☆☆, 5 minutes) Silence filters of a layer's output: `silenced` in `exercises/ch07.py`.
# >
# > <details><summary>Hint 1</summary>The second axis counts the filters. What must not happen to the array that you are
# > given?</details>
# > <details><summary>Hint 2</summary>Work on a copy: <code>np.array(activation)</code> makes one.</details>
# > <details><summary>Hint 3</summary>A list can be an index: of the copy, all images and the filters in
# > <code>units</code> are set to 0.</details>

# %%
check("7.1")

# %% [markdown]
# > **Before you run the next cell.** The network has 23 filters, and reads nearly every face. Which share of the faces
# > is misclassified without the one filter that it misses most?
# > <details><summary>About 4 %, or 20 %, or 50 %?</summary>About 4 %. What this network knows is spread out. So look at
# > the lower panel as well: what does the logit of the right person lose?</details>

# %%
alone = [{}] + [{name: [index]} for name, index in filters]
to_logits = net.with_layers(net.layers[:-1])
logits = tn.knockout_sweep(to_logits, x, alone)
misclassified = (logits.argmax(axis=-1) != labels).mean(axis=1)
own = logits[:, np.arange(len(x)), labels]
fall, own_mean = (own[0] - own[1:]).mean(axis=1), own[0].mean()

figure, axes = plt.subplots(2, 1, figsize=(8, 3.8), layout="constrained", sharex=True)
for panel, heights in zip(axes, (misclassified[1:], fall), strict=True):
    for name, colour, hatch in zip(layers, (BLUE, ORANGE, GREEN), ("", "//", ".."), strict=True):
        places = [place for place, (layer, _) in enumerate(filters) if layer == name]
        panel.bar(places, heights[places], color=colour, hatch=hatch, edgecolor="white", label=name)
    panel.axhline(0, color="0.3", linewidth=0.8)
    panel.grid(alpha=0.3, axis="y")
axes[0].axhline(misclassified[0], color="0.2", linestyle="--", label="whole network")
axes[0].set(
    ylabel="share misclassified", ylim=(0, max(0.2, 1.1 * misclassified.max())), title="The network without one filter"
)
axes[0].legend(ncols=4)
axes[1].set_xticks(range(len(filters)), [index for _, index in filters])
axes[1].set(xlabel="filter that is silenced", ylabel="fall of own logit")
plt.show()
print(
    f"misclassified by the whole network: {misclassified[0]:.1%} of all faces; "
    f"without one filter {np.median(misclassified[1:]):.1%} ",
    end="",
)
print(f"(median), at most {misclassified.max():.1%}")
print(f"own logit: {own_mean:.1f} on average; without one filter it falls by {fall.min():.2f} to {fall.max():.2f}")

# %% [markdown]
# Whichever filter is missing, the network still knows nearly everybody: what it knows is spread out (thesis, section
# 4.2.4). So the error is too coarse to say what one filter is worth: the filter whose loss pulls the logit down most
# costs no more than a face or two. The logit of the right person is not too coarse. Without some filters it falls much,
# without others hardly, and for single faces it even rises. That is what a score should foresee.
#
# ## 7.2 What the gradient promises
#
# > **Before you run the next cell.** A gradient is a slope: it says what a small step does. A knock-out is a big step,
# > all the way from the map to 0. In which layer would you trust the slope most: beside the pixels, in the middle, or
# > beside the logits?
# > <details><summary>Think of where the rest of the network is nearly linear.</summary>Beside the logits. Behind tanh4
# > comes nothing but a dense layer, so there the slope is exactly right. With every layer that lies between, it gets
# > worse.</details>
#
# Call the feature map of filter $k$ $a_k$, and let $y$ be a prediction. Knocking the filter out changes its map by
# $-a_k$. Taylor's first term says what that does to $y$:
#
# $$y(a_k \to 0) - y \;\approx\; -\sum_{i,j} a_{kij} \frac{\partial y}{\partial a_{kij}} .$$
#
# In words: multiply activation and gradient place by place, add up, change the sign. Without the minus, this score is
# called **activation times gradient** (*gradient x activation*, or Taylor score).
#
# Two things follow. A filter with a steep gradient that happens to be silent costs nothing. So the *length* of the
# gradient, by which Lo (2016) ranks, can mislead. And the sum has a *sign*: a filter can argue against the class, and
# then the prediction is better off without it.
#
# When is the first term exact? When $y$ is linear in $a_k$. The logits are linear in what the last hidden layer puts
# out, $z = W a + b$, and in nothing before that. Below, every filter (and every hidden unit of the last layer, `tanh4`)
# is silenced alone, for every face: the change of the face's own logit as foreseen, and as measured.

# %% [markdown]
# > **Exercise 7.2** (★☆☆, 10 minutes) The change to first order: `first_order_change`.
# >
# > <details><summary>Hint 1</summary>The formula above, for every image and every filter. Which axes does the sum run
# > over?</details>
# > <details><summary>Hint 2</summary>Multiply the two arrays; the sum runs over rows and columns, the last two
# > axes.</details>
# > <details><summary>Hint 3</summary>Minus the sum of the product, with <code>axis=(2, 3)</code>.</details>

# %%
check("7.2")

# %%
all_layers = [*layers, "tanh4"]
rows = np.arange(len(x))
foreseen, measured = {}, {}
for name in all_layers:
    knockouts = [{}] + [{name: [index]} for index in range(net.shapes[name][0])]
    own_logit = tn.knockout_sweep(to_logits, x, knockouts)[:, rows, labels]
    measured[name] = (own_logit[1:] - own_logit[0]).T
    foreseen[name] = -explain.gradient_times_activation(net, x, labels, "logit", layers=[name])[name]

correlation, factor = {}, {}
figure, axes = plt.subplots(1, 4, figsize=(9.5, 2.8), layout="constrained")
for panel, name in zip(axes, all_layers, strict=True):
    here, there = foreseen[name].ravel(), measured[name].ravel()
    correlation[name] = np.corrcoef(here, there)[0, 1]
    factor[name] = here @ there / (here @ here)
    reach = np.array([min(here.min(), there.min()), max(here.max(), there.max())])
    panel.plot(here, there, ".", color=BLUE, markersize=2, alpha=0.5, rasterized=True)
    panel.plot(reach, reach, color=ORANGE, linewidth=1)
    panel.set(title=f"{name}: r = {correlation[name]:.2f}", xlabel="foreseen")
    panel.grid(alpha=0.3)
axes[0].set_ylabel("measured")
figure.suptitle("Change of a face's own logit without one unit (on the line: as foreseen)")
plt.show()
for name in all_layers:
    largest = abs(foreseen[name] - measured[name]).max()
    print(f"{name}: correlation {correlation[name]:.3f}, best factor {factor[name]:.2f}, largest gap {largest:.1e}")

# %% [markdown]
# Exact at `tanh4`, close at `tanh3`, and looser with every layer further down. The reasons are the ones that bent the
# curves of chapter 5: tanh, and max pooling, where another place wins once the winner is silent.
#
# The best factor lies above 1: a knock-out does more than the slope says. This has a reason too. A unit that is far out
# on its tanh feels little of a small change, so its gradient is small. A knock-out is large enough to pull it back to
# where the tanh is steep. Gradients underrate what keeps others saturated.
#
# If what fails is the size of the step, the gap must close when less is taken away. Leave the share $1 - s$ of a
# filter's output. The change foreseen is $s$ times the one above. What is missing is of second order, so *relative to
# the change* it should fall in proportion to $s$.

# %%
shares = np.array([0.05, 0.1, 0.2, 0.4, 0.7, 1.0])
some, mine = unseen.x, unseen.labels
trace = net.trace(some)
gaps = {name: np.zeros(len(shares)) for name in layers}
for name in layers:
    promised = -explain.gradient_times_activation(net, some, mine, "logit", layers=[name])[name]
    for at, share in enumerate(shares):
        changes = np.empty_like(promised)
        for index in range(net.shapes[name][0]):
            less = np.array(trace[name])
            less[:, index] *= 1 - share
            after = to_logits.forward_from(less, name) - trace[net.logits]
            changes[:, index] = after[np.arange(len(some)), mine]
        gaps[name][at] = np.linalg.norm(changes - share * promised) / np.linalg.norm(changes)

figure, panel = plt.subplots(figsize=(5.5, 3.2), layout="constrained")
for (name, gap), colour, marker in zip(gaps.items(), (BLUE, ORANGE, GREEN), "os^", strict=True):
    panel.loglog(shares, gap, marker + "-", color=colour, label=name)
panel.loglog(shares, shares * gaps["tanh3"][0] / shares[0], "--", color="0.4", label="in proportion")
panel.set(xlabel="share of the filter's output taken away", ylabel="gap / change")
panel.set_title("The first order is right for small knock-outs")
panel.grid(alpha=0.3, which="both")
panel.legend()
plt.show()
for name, gap in gaps.items():
    print(f"{name}: {gap[0]:.0%} of the change is missed if 5 % is taken away, {gap[-1]:.0%} if all is")

# %% [markdown]
# It does: the lines run beside the dashed one, until the knock-out is nearly whole. The slope is right about small
# steps in every layer. What fails, low down, is the leap from small to whole.
#
# ## 7.3 Which score knows best?
#
# For each person and filter we now have the truth: what the person's own logit loses, on average over the images,
# without the filter. Candidates for foreseeing it:
#
# - the length of the class gradient, $\lVert \nabla_a p_t \rVert$ (the documents) or $\lVert \nabla_a z_t \rVert$;
# - activation times gradient, $\sum a\, \partial z_t / \partial a$, which keeps its sign;
# - the length of the activation alone, which knows nothing of the prediction: the control.
#
# Scores have different units, and only their order is used. So compare *ranks*: Spearman's correlation is the
# correlation of the ranks, 1 if two scores order the filters alike, 0 if they have nothing to do with each other. It is
# computed for each person, over the filters of one layer, then over all 23, and averaged over the people.

# %% [markdown]
# > **Exercise 7.3** (★★☆, 10 minutes) Rank correlation: `rank_correlation`.
# >
# > <details><summary>Hint 1</summary>First give each value its rank. The correlation of two arrays is one entry of a
# > matrix.</details>
# > <details><summary>Hint 2</summary><code>np.argsort</code> says where the smallest value stands. That is not the rank
# > of the first value, but one more sort makes it so.</details>
# > <details><summary>Hint 3</summary>Ranks are the argsort of the argsort. Of <code>np.corrcoef</code> of the two
# > arrays of ranks, take the entry in row 0 and column 1.</details>

# %%
check("7.3")

# %% [markdown]
# > **Before you run the next cell.** Four scores are to order the filters. Which one does it best in the third layer,
# > where the first order is close? And in the first layer, where it is not?
# > <details><summary>Is it the same score in both?</summary>It is not. In the third layer activation times gradient
# > wins by far. In the first the order is reversed: the mere length of the gradient wins, and activation times gradient
# > comes last, behind even the activation alone.</details>

# %%
by_class = {of: tn.class_gradient(net, x, labels, of, layers=layers) for of in ("probability", "logit")}
scores = {
    "gradient of the probability": dict(tn.convolutional_gradient(by_class["probability"])),
    "gradient of the logit": dict(tn.convolutional_gradient(by_class["logit"])),
    "activation x gradient": explain.class_gradient_times_activation(net, x, labels, layers=layers),
    "activation alone": explain.activation_size(net, x, labels, layers=layers),
}
truth = {name: -np.stack([measured[name][labels == person].mean(axis=0) for person in people]) for name in layers}


def mean_rank_correlation(one, other):
    """Return Spearman's correlation of two arrays of shape (people, filters), averaged over the people."""
    return np.mean([stats.spearmanr(*pair).statistic for pair in zip(one, other, strict=True)])


def side_by_side(of_layers):
    """Return the filters of all layers beside each other, of shape (people, 23)."""
    return np.concatenate([of_layers[name] for name in layers], axis=1)


knows = {
    score: {name: mean_rank_correlation(values[name], truth[name]) for name in layers}
    | {"all filters": mean_rank_correlation(side_by_side(values), side_by_side(truth))}
    for score, values in scores.items()
}
figure, panel = plt.subplots(figsize=(8, 2.9), layout="constrained")
kinds = zip([*layers, "all filters"], (BLUE, ORANGE, GREEN, "black"), "os^D", strict=True)
for name, colour, marker in kinds:
    values = [found[name] for found in knows.values()]
    panel.plot(values, range(len(knows)), marker, color=colour, markersize=8, label=name)
panel.set_yticks(range(len(knows)), list(knows))
panel.axvline(0, color="0.4", linewidth=1)
panel.set(xlim=(-0.5, 1.05), ylim=(len(knows) - 0.5, -0.5), xlabel="rank correlation with what a knock-out costs")
panel.set_title("How well a score orders the filters, mean over 15 people")
panel.grid(alpha=0.3)
panel.legend(loc="lower left")
plt.show()
for score, found in knows.items():
    print(f"{score}: " + ", ".join(f"{name} {value:.2f}" for name, value in found.items()))

# %% [markdown]
# Over all filters, the score that says what it is asked, activation times gradient, orders best. (Molchanov et al. 2017
# pruned networks by it.) In the third layer, where the first order is close, it is nearly perfect, and the length of
# the gradient knows much less.
#
# **In the first layer the order is reversed.** The length of the gradient comes first, then the activation alone, and
# activation times gradient comes last. There the first order fails. A likely reason: places that speak for and against
# cancel in the sum, and after a whole knock-out they no longer do. A length counts both. So which score to trust
# depends on how far the filter is from the logits.
#
# ## 7.4 One after the other
#
# The experiment of the documents: the filters go one after the other, and what is silent stays silent. For each person,
# start with the strongest filters of that person (by the gradient of the probability), or with the weakest. And since
# *any* network fails when filters go: also in ten random orders, the same for everybody.

# %% [markdown]
# > **Exercise 7.4** (★★☆, 15 minutes) A knock-out curve: `knockout_curve`.
# >
# > <details><summary>Hint 1</summary>There is one entry more than there are filters. What does the first one
# > say?</details>
# > <details><summary>Hint 2</summary><code>net.knocked_out</code> wants a dict from a layer's name to a <em>list</em>
# > of filters. What if a layer comes twice?</details>
# > <details><summary>Hint 3</summary>For each count from 0 to M: collect the first <code>count</code> pairs in such a
# > dict of lists, run that network on x, take the argmax over axis 1, and note the mean of what differs from the
# > labels.</details>

# %%
check("7.4")

# %%
steps = np.arange(len(filters) + 1)
comparison = compare_orders(net, x, labels, scores["gradient of the probability"], counts=steps, repeats=10, rng=0)

figure, axes = plt.subplots(1, 2, figsize=(9, 3.3), layout="constrained", sharey=True)
looks = {"strongest": (ORANGE, "-"), "random": ("0.4", ":"), "weakest": (BLUE, "--")}
for panel, which in zip(axes, ("class_error", "error"), strict=True):
    for order, (colour, style) in looks.items():
        curves = getattr(getattr(comparison, order), which).mean(axis=0)
        panel.fill_between(steps, *np.quantile(curves, [0.25, 0.75], axis=0), color=colour, alpha=0.15, linewidth=0)
        panel.plot(steps, curves.mean(axis=0), style, color=colour, linewidth=2, label=f"{order} first")
    panel.set(xlabel="filters knocked out", ylim=(-0.03, 1.03))
    panel.grid(alpha=0.3)
axes[0].set(ylabel="share misclassified", title="images of the person")
axes[1].set_title("images of everybody")
axes[1].legend(axes[1].lines, ["strongest first", "random order", "weakest first"], loc="lower right")
figure.suptitle("Knock-outs by each person's ranking: mean and middle half of the 15 people")
plt.show()

# %% [markdown]
# Read off what the documents claim:

# %%
of_class, of_all = comparison.strongest.class_error[0], comparison.weakest.error[0]
print(f"strongest first, images of the person misclassified: {of_class[:, 2].mean():.0%} after 2 filters, ", end="")
print(", ".join(f"{of_class[:, count].mean():.0%} after {count}" for count in (3, 4, 10)))
print("(the paper: a strong effect from three on, near 100 % after ten)")
print(f"weakest first, images of everybody misclassified: {of_all[:, 10].mean():.0%} after 10, ", end="")
print(f"{of_all[:, 15].mean():.0%} after 15")
few, many = (of_all[:, 10] < 0.25).mean(), (of_all[:, 15] < 0.5).mean()
print(f"below 25 % after 10 for {few:.0%} of the rankings, below 50 % after 15 for {many:.0%}")
print("(the paper: below 25 % after ten, and for many below 50 % after fifteen)")

# %% [markdown]
# The first claim stands for this network, if one filter later than in the paper. (93 % is nearly all that can be lost:
# a ruined network takes everybody for the same person, and is right for one in fifteen.) Of the second claim, that most
# filters hardly matter, the half stands. Ten filters can mostly be spared. Without the fifteen that a ranking calls
# weakest, this network misreads more than half of all faces, by whichever person's ranking they go.
#
# One network is one draw, and the documents can be read in more than one way. Is a filter's strength the norm of the
# mean gradient (the thesis) or the mean of the norms (the paper says that it averages the values of images)? Is the
# gradient taken at the activation, or in front of it? Does a filter that goes take its bias along? Before you believe a
# verdict, see what each reading gives.

# %%
readings = {
    "norm of the mean (thesis)": ({}, "zero"),
    "mean of the norms (paper)": ({"mean_of": "norms"}, "zero"),
    "norm of the mean, at the net input": ({"layers": ["conv1", "conv2", "conv3"]}, "zero"),
    "norm of the mean, bias kept": ({}, "bias"),
}
lost_by_reading, left_by_reading = {}, {}


def misread_without(units, replace):
    """Return which images are misclassified without some filters."""
    silent = {name: [unit.unit for unit in units if unit.layer == name] for name in {unit.layer for unit in units}}
    return net.knocked_out(silent, replace)(x).argmax(axis=1) != labels


print(f"{'misclassified without the 10':>34}  strongest (of the person's images)  weakest (of all images)")
for words, (how, replace) in readings.items():
    strength = explain.class_scores(net, x, labels, "probability", **how)
    orders = [tn.rank_units({name: values[person] for name, values in strength.items()}) for person in range(15)]
    own = [misread_without(order[:10], replace)[labels == person] for person, order in enumerate(orders)]
    lost_by_reading[words] = np.mean(own)
    left_by_reading[words] = np.mean([misread_without(order[-10:], replace) for order in orders])
    print(f"{words:>34}: {lost_by_reading[words]:>34.0%} {left_by_reading[words]:>24.0%}")

# %% [markdown]
# For this network the strongest filters matter in each reading, while what the weakest ones cost hangs on the reading.
# A verdict that hangs on a reading must say so. `python -m tinynet study lo` shows ten of them for ten networks, on
# these and on real faces (rows LO-7 and LO-8).
#
# ### Is the difference chance?
#
# Call the *area under the ablation curve* of a person, as a share of the box, the **harm** of an order. Strongest first
# does more harm than weakest first for most people, but people differ. If the ranking meant nothing, "strongest" and
# "weakest" would be mere names, and for each person the difference of the two could as well have the other sign. So
# turn the signs round in all $2^{15}$ ways, and count in how many the mean difference is at least the one seen. Their
# share is the p-value. (This is a **permutation test** of paired differences, or *sign-flip test*.)

# %% [markdown]
# > **Exercise 7.5** (★★☆, 20 minutes) Is it chance: `sign_flip_p_value`.
# >
# > <details><summary>Hint 1</summary>Fifteen signs have 32,768 combinations: few enough to try them all.</details>
# > <details><summary>Hint 2</summary><code>itertools.product([1, -1], repeat=M)</code> lists the signs. Multiply them
# > with the sizes <code>abs(differences)</code>, and take the mean of each way.</details>
# > <details><summary>Hint 3</summary>An array of signs of shape (2**M, M), times the sizes, is one product of a matrix
# > and a vector. Return the share of the means that are at least the observed mean less 1e-12.</details>

# %%
check("7.5")

# %%
harm = {order: comparison.area_under_curve(getattr(comparison, order)) for order in looks}


def chance_of(differences):
    """Return the probability of a mean at least as large, if every sign could as well be the other."""
    signs = 1 - 2 * (np.arange(2 ** len(differences))[:, None] >> np.arange(len(differences)) & 1)
    return np.mean(signs @ abs(differences) >= differences.sum() - 1e-12)


pairs = [("strongest", "weakest"), ("strongest", "random"), ("random", "weakest")]
p_values = {(one, other): chance_of(harm[one] - harm[other]) for one, other in pairs}
print("mean harm:", ", ".join(f"{order} {values.mean():.2f}" for order, values in harm.items()))
for (one, other), p in p_values.items():
    print(f"{one} more than {other}: for {(harm[one] > harm[other]).sum()} of 15 people, p = {p:.5f}")

# %% [markdown]
# Strongest first does more harm than chance, and that is no accident. Weakest first does less than a random order, by a
# smaller margin. Both are said of *one* network, so the 15 people are no 15 networks: ten of them are asked by the
# study named above.
#
# ## 7.5 Controls
#
# That a ranking beats chance does not yet say that it beats something *simple*, nor that it does so for the reason one
# thinks. All scores of section 7.3 go through the same test: among them the activation alone, which has never heard of
# the person's logit. And so do the same gradients, divided by the size of the map (`per_pixel=True`: root of the *mean*
# of squares instead of the sum).
#
# > **Before you run the next cell.** Silence first the filters with the largest activations, whoever is asked about.
# > Does that do much less harm than to follow the person's gradient?
# > <details><summary>Much less, or as much? Think of which layer has the largest maps.</summary>As much. The largest
# > maps are those of the first layer, so its filters go first, and a network without its first layer is
# > blind.</details>

# %%
per_pixel = dict(tn.convolutional_gradient(by_class["probability"], per_pixel=True))
rankings = {**scores, "gradient of the probability, per pixel": per_pixel}
harms = {}
for score, values in rankings.items():
    curves = [class_error_curves(net, x, labels, values, steps, strongest_first=first) for first in (True, False)]
    harms[score] = area_under_curve(curves, steps).mean(axis=1)
random_harm = harm["random"].mean()


def draw_harms(panel, found):
    """Draw, for each ranking, the harm of its strongest units first and of its weakest first."""
    for row, (strongest, weakest) in enumerate(found.values()):
        panel.plot([strongest, weakest], [row, row], color="0.7", zorder=1)
        panel.plot(strongest, row, "o", color=ORANGE, markersize=8, label="strongest first" if row == 0 else None)
        panel.plot(weakest, row, "s", color=BLUE, markersize=7, label="weakest first" if row == 0 else None)
    panel.set_yticks(range(len(found)), list(found))
    panel.set(ylim=(len(found) - 0.5, -0.5), xlim=(0, 1), xlabel="harm (area under the class error)")
    panel.grid(alpha=0.3)


figure, panel = plt.subplots(figsize=(8, 2.9), layout="constrained")
draw_harms(panel, harms)
panel.axvline(random_harm, color="0.3", linestyle="--", label="random")
panel.legend(loc="lower left")
panel.set_title("A good ranking: circle far right of chance, square far left")
plt.show()
for score, (strongest, weakest) in harms.items():
    print(f"{score}: strongest first {strongest:.2f}, weakest first {weakest:.2f} (random {random_harm:.2f})")


def share_of_first_layer(score):
    """Return which share of everybody's five strongest filters lies in the first layer."""
    first_five = [tn.rank_units({name: rankings[score][name][person] for name in layers})[:5] for person in people]
    return np.mean([unit.layer == layers[0] for ranking in first_five for unit in ranking])


in_first = {score: share_of_first_layer(score) for score in rankings}
for score, share in in_first.items():
    print(f"{score}: {share:.0%} of the five strongest filters are in the first layer")

# %% [markdown]
# Three surprises.
#
# **Activation times gradient does about as much harm, by other filters.** Few of its five strongest are in the first
# layer; of the gradient's, most are.
#
# **The activation alone does as much harm** with its strongest first as the gradient does, and knows nothing. Maps of
# the first layer are the largest, so by *any* summed size its filters come first. What the activation cannot do is name
# the filters that can be spared: its weakest first (the square) do more harm than a random order.
#
# **Per pixel, the order breaks down.** With the very same gradients, strongest first does no more harm than weakest
# first. Small maps have large gradients in each place, so now the third layer goes first, and "weakest first" begins
# with the first layer.
#
# So most of the dramatic curve in section 7.4 is about *layers*, not about filters. To compare filters, compare them
# with others of their own layer, where all maps have the same size and sum and mean make no difference:

# %%
within = {}
for name in layers:
    count = np.arange(net.shapes[name][0] + 1)
    for score in scores:
        one_layer = {name: scores[score][name]}
        curves = [
            class_error_curves(net, x, labels, one_layer, count, strongest_first=first) for first in (True, False)
        ]
        within[name, score] = area_under_curve(curves, count).mean(axis=1)

figure, axes = plt.subplots(1, 3, figsize=(9.5, 2.9), layout="constrained", sharey=True)
for panel, name in zip(axes, layers, strict=True):
    draw_harms(panel, {score: within[name, score] for score in scores})
    panel.set(title=f"{name}, {net.shapes[name][0]} filters", xlim=(0, 0.7), xlabel="harm")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
figure.suptitle("The same test within one layer (strongest and weakest first)")
plt.show()
margin = {score: np.mean([within[name, score] @ [1, -1] for name in layers]) for score in scores}
for score, difference in margin.items():
    print(f"{score}: strongest first does {difference:+.3f} more harm than weakest first, mean of the layers")

# %% [markdown]
# Within a layer the gradient still finds filters that matter: the claim of the documents holds, with a smaller effect
# than their figures suggest. In the second and third layer activation times gradient finds them better, and the
# activation alone does not find them at all. In the first layer all four find them, the activation alone as well.
#
# **A curve that rises is no evidence. A curve that rises sooner than its control is.**
#
# ## 7.6 Predicted as whom?
#
# As filters go, faces are not just misclassified, they are predicted as somebody in particular. The paper's figure 3
# draws that: at each step, each person's line stands at whom most images of that person are predicted as. Here the
# strongest filters of one person, Ben, go first. The 15 people are five families of three look-alikes, and they are
# listed family by family.

# %% [markdown]
# > **Exercise 7.6** (★★☆, 15 minutes) Predicted as whom: `predicted_as`.
# >
# > <details><summary>Hint 1</summary>Take one step and one person: how often does each class come among the predictions
# > of that person's images?</details>
# > <details><summary>Hint 2</summary><code>np.bincount(values, minlength=classes)</code> counts, and
# > <code>argmax</code> takes the first of several largest, which is the lowest class.</details>
# > <details><summary>Hint 3</summary>Two loops, over the steps and over the classes; inside, the argmax of the counts
# > of <code>row[labels == label]</code>.</details>

# %%
check("7.6")

# %% [markdown]
# > **Before you run the next cell.** Ben's strongest filters go. Who is the first of whom most images are
# > misclassified: Ben, one of his look-alikes, or somebody else?
# > <details><summary>Are filters anybody's own?</summary>Somebody else is. A filter serves many people, and Ben has
# > more to spare than some. See below when his own line leaves its place.</details>

# %%
family = np.array([everyone.attributes["family"][labels == person][0] for person in people])
listed = np.argsort(family, kind="stable")
place = np.argsort(listed)
ben = everyone.classes.index("Ben")
order = tn.rank_units({name: values[ben] for name, values in scores["gradient of the probability"].items()})
curve = tn.knockout_curve(net, x, labels, order)
flow = explain.confusions(curve.predictions, labels, len(everyone.classes))

figure, panel = plt.subplots(figsize=(8.5, 4.4), layout="constrained")
for person in listed:
    mine = person == ben
    kin = family[person] == family[ben]
    shift = 0.5 * (place[person] / 14 - 0.5)  # so that lines which meet stay apart
    look = {"color": ORANGE if mine else BLUE if kin else "0.6", "linewidth": 2.4 if kin else 1.2}
    panel.plot(steps, place[flow.predicted_as[:, person]] + shift, zorder=3 if kin else 2, **look)
for row in range(3, 15, 3):
    panel.axhline(row - 0.5, color="0.85", linewidth=0.8, zorder=1)
panel.set_yticks(range(15), [everyone.classes[person] for person in listed])
settled = int(np.flatnonzero((flow.predicted_as != flow.predicted_as[-1]).any(axis=1))[-1]) + 1
panel.set(xlabel="filters knocked out, Ben's strongest first", ylabel="predicted as", ylim=(14.6, -0.6))
panel.set(xlim=(-0.3, settled + 1.3))
panel.set_title("What most images of each person are predicted as (Ben thick orange, his look-alikes blue)")
plt.show()

lost = flow.first_misclassified()
wrong = curve.predictions != labels
early = wrong.mean(axis=1) < 0.2
early_kin = (family[curve.predictions] == family[labels])[early][wrong[early]].mean()
print(
    f"Ben is misclassified from step {lost[ben]} on, the first of the others from step {np.delete(lost, ben).min()} on"
)
print(
    f"while less than a fifth of all faces are misclassified, {early_kin:.0%} of those are predicted as a look-alike ",
    end="",
)
print(f"(by chance {2 / 14:.0%})")
print(f"without any filter, everybody is predicted as {everyone.classes[flow.predicted_as[-1, 0]]}")

# %% [markdown]
# Damage is not silence: a damaged network still answers, and at first it errs within the family. The person whose
# filters go need not be the first to be lost, as the paper notes, since filters serve many. At the end only the biases
# are left, and they have one favourite.
#
# ## In five lines
#
# - Without any one of its 23 filters, this network misreads at most one face in twenty. The logit of the right person
#   tells more: it falls by up to 1.8, of 8.8.
# - Activation times gradient, with a minus, is what a knock-out does to first order. It is exact beside the logits, its
#   correlation with the truth is 0.9 in the third layer, and 0.6 in the first.
# - It orders the filters of the third layer best (rank correlation 0.9). In the first layer the order is reversed: the
#   length of the gradient 0.8, the activation alone 0.65, activation times gradient 0.5.
# - Strongest first does a harm of 0.8 where a random order does 0.5, and so does the activation alone: most of that is
#   about layers. Within a layer the gradient beats its reverse by 0.13, activation times gradient by 0.22.
# - A damaged network errs within the family at first: nine of ten early errors are look-alikes, by chance one of seven.
#
# ## On your own
#
# 1. Put each filter's *mean* output in its place instead of 0 (`replace="mean"` in `tn.knockout_curve`). Which claims
#    of this chapter change? Which of the two replacements would you call silence?
# 2. Repeat section 7.2 with `of="probability"`. Why is `tanh4` no longer exact?
# 3. Take the gradient not at $a$ but at several points on the way from $a$ to 0, and average. How many points does it
#    take until the first layer's points lie on the line? (This is integrated gradients, Sundararajan et al. 2017.)
# 4. Show that in a network of ReLU, max pooling and affine layers without biases, activation times gradient, summed
#    over all units of a layer, *is* the logit. (Euler's theorem on homogeneous functions.) Check it by code.
# 5. Train networks from other seeds. Which of the verdicts printed above change?
#
# ## Further reading
#
# - Lo, Cohen and Ding 2015, sections V.C and V.D, figures 2 and 3; Lo 2016, section 4.2.2 to 4.2.5.
# - Molchanov et al. 2017, *Pruning convolutional neural networks for resource efficient inference*, section 2.2.
# - `tinynet/explain/ablation/knockouts.py`, `orders.py`, `confusions.py`; `tinynet/explain/units/contributions.py`;
#   `python -m tinynet study lo` runs all of this on ten networks, on drawn or real faces.
#
# What this chapter claims, checked:

# %%
assert tn.accuracy(net, seen.x, seen.labels) > 0.95
assert misclassified.max() < 0.06, "no one filter is missed much"
assert fall.max() > 10 * max(fall.min(), 0), "filters differ in what they are worth"
assert misclassified[1 + fall.argmax()] - misclassified[0] < 2.5 / len(x), "what the logit misses, no face may miss"
assert abs(fall.max() - 1.8) < 0.2 and abs(own_mean - 8.8) < 0.5
assert max(measured[name].max() for name in layers) > 0.5, "for single faces the logit rises"
scale = abs(measured["tanh4"]).max()
assert abs(foreseen["tanh4"] - measured["tanh4"]).max() < 1e-4 * scale, "exact where the logits are linear"
assert correlation["tanh4"] > correlation["tanh3"] > correlation["tanh2"] > correlation["tanh1"]
assert abs(correlation["tanh3"] - 0.9) < 0.05 and abs(correlation["tanh1"] - 0.6) < 0.05
assert min(factor[name] for name in layers) > 1.1, "knock-outs do more than the first order says"
for gap in gaps.values():
    assert 1.5 < gap[1] / gap[0] < 2.5 and 1.5 < gap[2] / gap[1] < 2.5, "in proportion, as long as little is taken away"
    assert gap[0] < 0.1 < 0.4 < gap[-1], "right about small steps, not about whole ones"
best = "activation x gradient"
assert knows[best]["tanh3"] > 0.85 and max(knows[score]["tanh3"] for score in knows if score != best) < 0.6
assert knows[best]["all filters"] == max(found["all filters"] for found in knows.values())
in_first_layer = [knows[score]["tanh1"] for score in ("gradient of the probability", "activation alone", best)]
np.testing.assert_allclose(in_first_layer, [0.8, 0.65, 0.5], atol=0.05, err_msg="in the first layer it is reversed")
assert knows["gradient of the logit"]["tanh1"] > 0.75
assert of_class[:, 3].mean() < 0.4 < 0.6 < of_class[:, 4].mean() and of_class[:, 10].mean() > 0.85, "one filter later"
cost = left_by_reading.values()
assert min(lost_by_reading.values()) > 0.8 and max(cost) > min(cost) + 0.05, "the weakest hang on the reading"
assert 0.5 < few < 0.9 and many == 0, "this network can mostly spare ten, and never fifteen"
assert abs(of_class[:, -1].mean() - 14 / 15) < 1e-9, "a network without filters is right for one person"
assert p_values["strongest", "weakest"] < 0.01 and p_values["strongest", "random"] < 0.01
assert p_values["random", "weakest"] < 0.05
strongest, weakest = harms["gradient of the probability, per pixel"]
assert strongest < weakest, "per pixel, the order breaks down"
assert in_first["gradient of the probability"] > 0.6 > 0.3 > in_first["gradient of the probability, per pixel"]
harmful = [harms[score][0] for score in ("gradient of the probability", best, "activation alone")]
assert abs(random_harm - 0.5) < 0.05 and np.allclose(harmful, 0.8, atol=0.07), "about as much harm, by all three"
assert harms["activation alone"][1] > random_harm, "its weakest cannot be spared"
assert in_first[best] < 0.3
for name in layers:
    gained = {score: within[name, score] @ [1, -1] for score in scores}
    assert gained["gradient of the probability"] > 0.05, "the claim holds within layers"
    if name == "tanh1":
        assert min(gained.values()) > 0.1
    else:
        assert gained[best] == max(gained.values()) and gained["activation alone"] < 0.05
assert abs(margin["gradient of the probability"] - 0.13) < 0.03 and abs(margin[best] - 0.22) < 0.03
assert np.array_equal(flow.predicted_as[0], people) and len(np.unique(curve.predictions[-1])) == 1
assert early_kin > 0.85, "errors begin within the family"
assert lost[ben] > np.delete(lost, ben).min(), "somebody else is lost first"
