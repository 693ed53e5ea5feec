# %% [markdown]
# # 7 Do prediction gradients matter?
#
# | | |
# | --- | --- |
# | **You will do** | silence filters of a trained network, one by one and one after the other, and judge rankings |
# | **You will learn** | knock-outs; what a gradient says of them, and where exactly; controls; a test of chance |
# | **You need** | chapter 5: prediction gradients, class gradients, convolutional gradients, rankings |
# | **Time** | 110 minutes with the exercises |
#
# A prediction gradient gives every filter a number. Lo, Cohen and Ding (2015) and Lo's thesis (2016) say that the
# number is *importance*, and test it: without the important filters, the network should fail. Chapter 5 ended with a
# first look at that test. This chapter takes it apart. What does a gradient promise about a filter that is gone? What
# would any other ranking have done? We train the network of the thesis as the thesis did, on the drawn faces.

# %%
import matplotlib.pyplot as plt
import numpy as np
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
# To **knock out** a filter is to set its whole map to 0, whatever the image, and to run the layers behind it as they
# are. Nothing is trained again. All images are asked about, seen and unseen, as in the paper (section V.C).
#
# 0 is a good value to put there: what tanh puts out is around 0, and the next layer's sums simply lose the terms of
# this filter. (Behind a sigmoid, whose outputs are around 1/2, it would be an odd one.)
#
# Nothing changes in front of the filter. So one forward pass, kept, serves all knock-outs: each starts from what the
# layer put out. `tn.knockout_sweep` does that for a list of knock-outs, here for each filter alone and, first, for
# none.
#
# > **Exercise 7.1** Silence filters of a layer's output: `silenced` in `exercises/ch07.py`.

# %%
alone = [{}] + [{name: [index]} for name, index in filters]
to_logits = net.with_layers(net.layers[:-1])
logits = tn.knockout_sweep(to_logits, x, alone)
misclassified = (logits.argmax(axis=-1) != labels).mean(axis=1)
own = logits[:, np.arange(len(x)), labels]
fall = (own[0] - own[1:]).mean(axis=1)

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
print(f"own logit: {own[0].mean():.1f} on average; without one filter it falls by {fall.min():.2f} to {fall.max():.2f}")

# %% [markdown]
# Without any one filter, the network still knows nearly everybody: what it knows is spread out (thesis, 4.2.4). The
# error is too coarse to see what one filter is worth. The logit of the right person is not: without some filters it
# falls much, without others hardly (and for single faces it even rises). That is what a score should foresee.
#
# ## 7.2 What the gradient promises
#
# Let filter $k$ put out the map $a_k$, and let $y$ be a prediction. Silencing moves $a_k$ to $a_k - a_k$. A gradient
# is a claim about moves: to first order,
#
# $$y(a_k \to 0) - y \;\approx\; -\sum_{i,j} a_{kij} \frac{\partial y}{\partial a_{kij}} .$$
#
# Mind what stands there. It is *not* the length of the gradient, which is what the documents rank by. A filter with a
# steep gradient that puts out nothing loses nothing. The inner product also has a *sign*: filters may speak against.
#
# When is this exact? When $y$ is linear in $a_k$. The logits are linear in what the last hidden layer puts out,
# $z = W a + b$, and in nothing before that. Below, every filter (and every hidden unit of the last layer, `tanh4`) is
# silenced alone, for every face: the change of the face's own logit as foreseen, and as measured.
#
# > **Exercise 7.2** The change to first order: `first_order_change`.

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
# Exact at `tanh4`, close at `tanh3`, and looser with every layer in between. The reasons are the ones that bent the
# curves of chapter 5: tanh, and max pooling, where another place wins once the winner is silent. The factor above 1
# has a reason too. A unit that is far out on its tanh feels little of a small change, so its gradient is small; a
# knock-out is large enough to pull it back to where the tanh is steep. Gradients underrate what keeps others saturated.
#
# If that is right, the gap must close when less is taken away. Leave the share $1 - s$ of a filter's output. The change
# foreseen is $s$ times the one above, and what is missing is of second order, so it should fall, *relative to the
# change*, in proportion to $s$.

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

# %% [markdown]
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
#
# > **Exercise 7.3** Rank correlation: `rank_correlation`.

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
# The length of the gradient does know something. But the score that says what it is asked, activation times gradient,
# orders all filters better, and those of the third layer, where the first order is nearly right, far better. In the
# first layer, where the first order fails, its advantage may be gone. (It is the Taylor score of Molchanov et al. 2017,
# who pruned networks by it.)
#
# ## 7.4 One after the other
#
# The experiment of the documents: the filters go one after the other, and what is silent stays silent. For each person,
# start with the strongest filters of that person (by the gradient of the probability), or with the weakest. And since
# *any* network fails when filters go: also in ten random orders, the same for everybody.
#
# > **Exercise 7.4** A knock-out curve: `knockout_curve`.

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
print(f"{of_class[:, 3].mean():.0%} after 3, {of_class[:, 10].mean():.0%} after 10")
print("(the paper: a strong effect from three on, near 100 % after ten)")
print(f"weakest first, images of everybody misclassified: {of_all[:, 10].mean():.0%} after 10, ", end="")
print(f"{of_all[:, 15].mean():.0%} after 15")
few, many = (of_all[:, 10] < 0.25).mean(), (of_all[:, 15] < 0.5).mean()
print(f"below 25 % after 10 for {few:.0%} of the rankings, below 50 % after 15 for {many:.0%}")
print("(the paper: below 25 % after ten, and for many below 50 % after fifteen)")

# %% [markdown]
# The first claim stands for this network. The second, that most filters hardly matter, does not: this network cannot
# spare fifteen of its filters, whichever they are.
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


for words, (how, replace) in readings.items():
    strength = explain.class_scores(net, x, labels, "probability", **how)
    orders = [tn.rank_units({name: values[person] for name, values in strength.items()}) for person in range(15)]
    own = [misread_without(order[:10], replace)[labels == person] for person, order in enumerate(orders)]
    lost_by_reading[words] = np.mean(own)
    left_by_reading[words] = np.mean([misread_without(order[-10:], replace) for order in orders])
    print(
        f"{words:>34}: without the 10 strongest {lost_by_reading[words]:.0%} of the person's images are lost, ", end=""
    )
    print(f"without the 10 weakest {left_by_reading[words]:.0%} of all")

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
# turn the signs round at random, in all $2^{15}$ ways, and count in how many the mean difference is at least the one
# seen.
#
# > **Exercise 7.5** Is it chance: `sign_flip_p_value`.

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
# Strongest first is no chance. Whether weakest first is any better than a random order is a closer call: other
# networks of the same kind differ about it.
#
# ## 7.5 Controls
#
# That a ranking beats chance does not yet say that it beats something *simple*, nor that it does so for the reason one
# thinks. Three more rankings go through the same test: activation times gradient; the activation alone, which has never
# heard of the person's logit; and the same gradients, divided by the size of the map (`per_pixel=True`: root of the
# *mean* of squares instead of the sum).

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
# **Activation times gradient does about as much harm, by other filters.** Few of its first five are in the first
# layer.
#
# **The activation alone does about as much harm** with its strongest first as the gradient does. It does so without
# knowing anything: maps of the first layer are the largest, so by *any* summed size its filters come first, and a
# network without its first layer is blind. What the activation cannot do is name the filters that can be spared: look
# at the squares.
#
# **Per pixel, the order breaks down**: its strongest first do hardly more harm than its weakest first, or even less,
# with the very same gradients. Small maps have large gradients in each place, so now the third layer goes first, and
# "weakest first" begins with the first layer.
#
# So most of the dramatic curve in 7.4 is about *layers*, not about filters. To compare filters, compare them with
# others of their own layer, where all maps have the same size and sum and mean make no difference:

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
# than their figures suggest. Activation times gradient finds them better in the layers near the logits; the activation
# alone hardly finds them. **A curve that falls is no evidence. A curve that falls sooner than its control is.**
#
# ## 7.6 Predicted as whom?
#
# As filters go, faces are not just misclassified, they are predicted as somebody in particular. The paper's figure 3
# draws that: at each step, each person's line stands at whom most images of that person are predicted as. Here the
# strongest filters of one person go. The 15 people are five families of three look-alikes, and they are listed family
# by family.
#
# > **Exercise 7.6** Predicted as whom: `predicted_as`.

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
# ## On your own
#
# 1. Put each filter's *mean* output in its place instead of 0 (`replace="mean"` in `tn.knockout_curve`). Which claims
#    of this chapter change? Which of the two replacements would you call silence?
# 2. Repeat 7.2 with `of="probability"`. Why is `tanh4` no longer exact?
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
assert np.median(misclassified[1:]) < misclassified[0] + 0.1, "hardly any one filter is missed"
assert fall.max() > 2 * fall.min(), "filters differ in what they are worth"
scale = abs(measured["tanh4"]).max()
assert abs(foreseen["tanh4"] - measured["tanh4"]).max() < 1e-4 * scale, "exact where the logits are linear"
assert correlation["tanh4"] > correlation["tanh3"] > max(correlation["tanh1"], correlation["tanh2"])
assert factor["tanh3"] > 1.1, "knock-outs do more than the first order says"
for gap in gaps.values():
    assert gap[0] < 0.4 * gap[-1], "the gap closes for small knock-outs"
assert knows["activation x gradient"]["tanh3"] > knows["gradient of the probability"]["tanh3"] + 0.2
assert knows["activation x gradient"]["all filters"] > knows["gradient of the probability"]["all filters"]
assert of_class[:, 10].mean() > 0.8 > 0.6 > of_class[:, 2].mean()
cost = left_by_reading.values()
assert min(lost_by_reading.values()) > 0.8 and max(cost) > min(cost) + 0.05, "the weakest hang on the reading"
assert few < 0.9 or many < 0.5, "this network cannot spare that many"
assert p_values["strongest", "weakest"] < 0.01 and p_values["strongest", "random"] < 0.05
strongest, weakest = harms["gradient of the probability, per pixel"]
assert strongest - weakest < 0.5 * (harm["strongest"] - harm["weakest"]).mean(), "per pixel, the order breaks down"
assert in_first["gradient of the probability"] > 0.6 > 0.3 > in_first["gradient of the probability, per pixel"]
assert harms["activation alone"][0] > random_harm, "activation alone does harm as well"
assert harms["activation x gradient"][0] > random_harm + 0.1 and in_first["activation x gradient"] < 0.5
assert margin["gradient of the probability"] > 0, "the claim holds within layers"
assert margin["activation x gradient"] > margin["activation alone"] + 0.05
assert within["tanh3", "activation x gradient"] @ [1, -1] > within["tanh3", "activation alone"] @ [1, -1]
assert np.array_equal(flow.predicted_as[0], people) and len(np.unique(curve.predictions[-1])) == 1
assert early_kin > 2 * 2 / 14, "errors begin within the family"
