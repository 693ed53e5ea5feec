# %% [markdown]
# # 10 Pruning what does not matter
#
# | | |
# | --- | --- |
# | **You will do** | look for filters that nobody needs, cut them out of the network, and train what is left |
# | **You will learn** | weak, dead and constant filters; which arrays shrink when one goes; controls |
# | **You need** | chapter 3: convolutions; chapter 5: class gradients, convolutional gradients; chapter 7: knock-outs |
# | **Where you are** | Chapter 7 silenced filters that still cost their work. Which of them can really go? |
# | **Time** | 110 minutes with the exercises |
#
# The paper of Lo, Cohen and Ding (2015) ranks filters by their gradients and finds that some are weak for everybody
# (section V.E). Lo's thesis (2016) ends with an idea for such filters: remove them, so that the network becomes faster.
# It leaves that to future work. Here it is (*structured pruning*), and with it the question that every method of
# pruning must answer: is it better than chance?

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check
from scipy.stats import rankdata, spearmanr

import tinynet as tn
from tinynet import datasets, explain, models

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"

everyone = datasets.load("faces")
people = everyone.classes
seen, unseen = everyone.split(rng=0)


def train(net, epochs):
    """Train a network, or train it on, and return it."""
    tn.fit(net, seen.x, seen.labels, loss=tn.CrossEntropy(), optimizer=tn.Adam(0.003), epochs=epochs, batch_size=10)
    return net


net = train(models.build("thesis", everyone.input_shape, len(people), rng=0), epochs=30)
layers = tn.filter_outputs(net)
filters = {name: net.shapes[name][0] for name in layers}
count = sum(filters.values())
print(f"{count} filters: {filters}; {net.parameter_count} parameters")
print(
    f"recognised: {tn.accuracy(net, seen.x, seen.labels):.1%} of the faces seen, "
    f"{tn.accuracy(net, unseen.x, unseen.labels):.1%} of the others"
)

# %% [markdown]
# ## 10.1 Who is weak?
#
# A filter's score for a person is the size of its map of gradients: the *convolutional gradient* of chapter 5. To draw
# many numbers together into one, something must be averaged over the images of a person, and a norm taken over the
# places of a map. Three ways, for the gradients $g_n$ of the person's images $n = 1 \dots N$:
#
# $$\text{norm of the mean: } \Big\lVert \tfrac1N \sum_n g_n \Big\rVert \qquad
#   \text{mean of the norms: } \tfrac1N \sum_n \lVert g_n \rVert \qquad
#   \text{per pixel: divided by } \sqrt{\text{places}}$$
#
# The first is the paper's. By the triangle inequality it is at most the second, and less where the images of a person
# disagree: a filter that every image uses in another way looks weak. The third takes out that maps of the first layer
# have many more places than those of the third, and so longer gradients.
#
# > **Before you run the next cell.** List the 8 weakest of the 23 filters for each of the 15 people. How many filters
# > are on all 15 lists?
# > <details><summary>None, or a few, or all eight?</summary>It depends on the ruler: one filter by the paper's, none by
# > the mean of the norms, four per pixel, and these four are of other layers.</details>

# %%
class_gradients = dict(tn.class_gradient(net, seen.x, seen.labels, layers=layers))
each = dict(tn.prediction_gradient(net, seen.x, seen.labels, layers=layers))


def mean_of_classes(values):
    """Return the mean over the images of each person."""
    return np.stack([values[seen.labels == person].mean(axis=0) for person in range(len(people))])


mean_of_norms = {name: mean_of_classes(sizes) for name, sizes in tn.convolutional_gradient(each).items()}
scores = {
    "norm of the mean": tn.convolutional_gradient(class_gradients),
    "mean of the norms": mean_of_norms,
    "norm of the mean, per pixel": tn.convolutional_gradient(class_gradients, per_pixel=True),
}
paper = "norm of the mean"
LISTED = 8
weak = {ruler: explain.weak_units(values, LISTED) for ruler, values in scores.items()}

figure, axes = plt.subplots(1, 3, figsize=(10, 3.5), layout="constrained", sharey=True)
for panel, (ruler, found) in zip(axes, weak.items(), strict=True):
    panel.imshow(found.weak, cmap="Blues", vmin=0, vmax=1.3, aspect="auto", interpolation="nearest")
    edges = np.cumsum([0, *filters.values()])
    for edge in edges[1:-1]:
        panel.axvline(edge - 0.5, color="black", linewidth=1.2)
    panel.set_xticks((edges[:-1] + edges[1:] - 1) / 2, layers)
    panel.set(title=ruler, xlabel="filters, by layer")
axes[0].set_yticks(range(len(people)), people, fontsize=8)
figure.suptitle(f"The {LISTED} weakest filters of each person, marked, by three rulers")
plt.show()
for ruler, found in weak.items():
    print(
        f"{ruler:>27}: {len(found.everywhere)} weak for everybody (by chance {found.everywhere_by_chance:.0e}, by "
        f"chance within layers {found.everywhere_by_layer:.2f}); two people share {found.shared:.1f} "
        f"(within layers by chance {found.shared_by_layer:.1f})"
    )

# %% [markdown]
# > **Exercise 10.1** (★★☆, 10 minutes) The weakest of each class: `weakest` in `exercises/ch10.py`.
# >
# > <details><summary>Hint 1</summary>Sort the numbers of the units, not the scores. Which kind of sort keeps equals in
# > order?</details>
# > <details><summary>Hint 2</summary><code>np.argsort(scores, axis=1, kind="stable")</code> gives the units of each
# > class, the weakest first.</details>
# > <details><summary>Hint 3</summary>Make an array of False; for each class, set it to True at the first
# > <code>count</code> of that order.</details>

# %%
check("10.1")

# %% [markdown]
# A full column would be a filter that is weak for everybody. How many would chance make? If each of $K$ people drew $m$
# of $n$ filters, a filter would be on all lists with the probability $(m / n)^K$: never, one would say. But if all
# lists prefer one layer, they agree for that reason alone. So let each person draw from each layer as many as there
# really are on the list, and add up the layers.

# %% [markdown]
# > **Exercise 10.2** (★★★, 15 minutes) How many by chance: `everywhere_by_chance`.
# >
# > <details><summary>Hint 1</summary>In one layer: with which probability is a given unit on a class's list? On the
# > lists of all classes?</details>
# > <details><summary>Hint 2</summary>Cut the columns into layers, as <code>np.split</code> does. In each, the mean of a
# > row is the probability for that class.</details>
# > <details><summary>Hint 3</summary>Add up over the layers: the number of its units times the product of the means of
# > its rows.</details>

# %%
check("10.2")

# %% [markdown]
# The result depends on the ruler. By the paper's own, hardly any filter is weak for all fifteen people, which is not
# what the paper leads one to expect. By the third there are several, in another layer. A list of weak filters without
# its norm says nothing. The paper names its weak filters from the lists of five people, and five agree more easily:

# %%
rng = np.random.default_rng(0)
fives = [rng.permutation(len(people))[:5] for _ in range(200)]
of_five = [len(explain.weak_units({n: v[five] for n, v in scores[paper].items()}, LISTED).everywhere) for five in fives]
print(f"{np.mean(of_five):.1f} filters are weak for all of five people, on average over {len(fives)} draws of the five")


def mean_ranks(values):
    """Return each filter's rank averaged over people, by layer: people differ too much in level to average scores."""
    flat = np.concatenate([values[name] for name in layers], axis=1)
    ranks = rankdata(flat, axis=1).mean(axis=0)
    return dict(zip(layers, np.split(ranks, np.cumsum(list(filters.values()))[:-1]), strict=True))


overall = {ruler: np.concatenate(list(mean_ranks(values).values())) for ruler, values in scores.items()}
agreement = {ruler: spearmanr(overall[paper], ranks).statistic for ruler, ranks in overall.items()}
for ruler in list(scores)[1:]:
    print(f"rank correlation over the filters, {paper} and {ruler}: {agreement[ruler]:.2f}")

# %% [markdown]
# Whether one takes the norm before or after the mean changes the order of the filters little. Dividing by the number of
# places turns it half round: the correlation is below zero.
#
# ## 10.2 Weak, dead, constant
#
# The paper suspects that weak units "may have become saturated". That is another matter, and the gradient cannot see
# it. Let us make two such filters in the third layer: one **dead**, whose weights have all shrunk to 0, and one
# **saturated**, whose bias is so low that tanh gives $-1$ whatever comes.
#
# > **Before you run the next cell.** Rank the ten filters of that layer by the gradient at their outputs. Where will
# > the two that never change stand?
# > <details><summary>At the bottom, in the middle, or at the top?</summary>At the top: the saturated one is first, the
# > dead one second. The gradient at an output does not know whether the output can change.</details>

# %%
numb = net.with_layers(
    [layer.with_params({key: value.copy() for key, value in layer.params.items()}) for layer in net.layers]
)
DEAD, SATURATED = 2, 4
numb["conv3"].params["W"][DEAD], numb["conv3"].params["b"][DEAD] = 0, 0
numb["conv3"].params["b"][SATURATED] -= 60
outputs = numb.trace(seen.x)["tanh3"]
lowest, highest = outputs.min(axis=(0, 2, 3)), outputs.max(axis=(0, 2, 3))
numb_gradients = tn.class_gradient(numb, seen.x, seen.labels, layers=["tanh3", "conv3"])
behind, before = (tn.convolutional_gradient(numb_gradients[name]).mean(axis=0) for name in ("tanh3", "conv3"))

figure, axes = plt.subplots(1, 3, figsize=(10, 2.9), layout="constrained")
places = np.arange(len(lowest))
axes[0].vlines(places, lowest, highest, color=BLUE, linewidth=6)
axes[0].plot(places, (lowest + highest) / 2, "k_", markersize=9)
axes[0].set(title="range of the output", ylabel="output of tanh")
for panel, size, title in zip(axes[1:], (behind, before), ("at the output", "at the input of tanh"), strict=True):
    panel.bar(places, size, color=[ORANGE if place in (DEAD, SATURATED) else BLUE for place in places])
    panel.set(title=f"gradient {title}", ylabel="mean over people")
for panel in axes:
    panel.set_xticks(places, [{DEAD: "dead", SATURATED: "sat."}.get(place, place) for place in places], fontsize=8)
    panel.set_xlabel("filter of the third layer")
figure.suptitle("Two filters that never change: their gradients at the output do not tell")
plt.show()
strength = rankdata(-behind).astype(int)
print(
    f"of ten filters, the dead one has the gradient number {strength[DEAD]} at the output, the saturated one number "
    f"{strength[SATURATED]}"
)

# %% [markdown]
# A prediction gradient at an output asks what a little more of it would do. It does not ask whether the output *can*
# give more. Only the slope of tanh knows that: at the *input* of tanh the gradient of the saturated filter is 0. The
# dead filter has slope 1 and a gradient at both; the only thing wrong with it is that nothing comes in.
#
# Why do the two lead? In part because nothing disperses. In a constant map all places tie, max pooling sends the
# gradient to the first place of each window for every image, and so little cancels in the mean. So for constant filters
# do not look at gradients. Look at what they put out.

# %% [markdown]
# > **Exercise 10.3** (★☆☆, 10 minutes) Filters that always say the same: `constant_filters`.
# >
# > <details><summary>Hint 1</summary>Same at all places and for all images: over which axes do you look? And is a
# > computed variance of equal numbers always 0?</details>
# > <details><summary>Hint 2</summary>Rounding makes the variance of many times 0.1 larger than 0. The largest and the
# > smallest output are not computed, they are taken.</details>
# > <details><summary>Hint 3</summary>The filters whose maximum over axes (0, 2, 3) equals their minimum, as a sorted
# > list of numbers.</details>

# %%
check("10.3")

# %%
spread = {name: np.sqrt(net.trace(seen.x)[name].astype(np.float64).var(axis=0).mean(axis=(1, 2))) for name in layers}
for name, deviation in spread.items():
    print(
        f"{name}: standard deviation over the images, from filter to filter, {deviation.min():.2f} to "
        f"{deviation.max():.2f}"
    )

# %% [markdown]
# Training has left no such filter in our network: every one of them tells images apart.
#
# ## 10.3 Out with it
#
# To knock a filter out is to put 0 in the place of its outputs; the work is done all the same. To **prune** it is to
# take its weights out. Which arrays shrink? Filter $k$ of a layer puts out $a_k$, and the next convolution computes
#
# $$z_l = b_l + \sum_k W_{lk} * a_k .$$
#
# If $a_k = 0$, its term adds nothing. So three things go: the filter's own weights $W_k$, its bias $b_k$, and from
# *every* filter $l$ of the next layer the slice $W_{lk}$ that reads it. If the next layer of weights is dense, behind a
# `Flatten`, then the slice is one column for each *place* of the map.

# %%
example = {"tanh2": [1, 6], "tanh3": [0, 5]}
figure, axes = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained", width_ratios=(5, 8, 12))
kernels_of = {name: np.linalg.norm(net[name].params["W"], axis=(2, 3)) for name in ("conv2", "conv3")}
blocks = {**kernels_of, "dense1": abs(net["dense1"].params["W"])}
places_of = net.shapes["flatten1"][0] // filters["tanh3"]
gone = {
    "conv2": (example["tanh2"], []),
    "conv3": (example["tanh3"], example["tanh2"]),
    "dense1": ([], example["tanh3"]),
}
for panel, (name, block) in zip(axes, blocks.items(), strict=True):
    panel.imshow(block, cmap="gray_r", aspect="auto", interpolation="nearest")
    width = places_of if name == "dense1" else 1
    for row in gone[name][0]:
        panel.axhspan(row - 0.5, row + 0.5, color=ORANGE, alpha=0.55, linewidth=0)
    for column in gone[name][1]:
        panel.axvspan(column * width - 0.5, (column + 1) * width - 0.5, color=BLUE, alpha=0.55, linewidth=0)
    panel.set(title=f"{name}: {net[name].params['W'].shape}", xlabel="reads", ylabel="unit")
figure.suptitle("Filters 1 and 6 of layer 2, 0 and 5 of layer 3: their own weights (orange), and the readers' (blue)")
plt.show()

smaller = explain.pruned(net, example)
silenced = net.knocked_out(example)
removal_error = abs(smaller(unseen.x) - silenced(unseen.x)).max()
print(
    f"knocked out or removed, the outputs differ by at most {removal_error:.1e}; {smaller.parameter_count} of "
    f"{net.parameter_count} parameters are left"
)

# %% [markdown]
# > **Exercise 10.4** (★☆☆, 10 minutes) A convolution without some of its filters: `without_filters`.
# >
# > <details><summary>Hint 1</summary>Three arrays shrink. Along which axis does each of them count the filters that
# > go?</details>
# > <details><summary>Hint 2</summary><code>np.delete(array, numbers, axis=...)</code> takes out several at once, and
# > leaves the array as it is.</details>
# > <details><summary>Hint 3</summary>W and b lose entries of axis 0, W_next loses entries of axis 1.</details>

# %%
check("10.4")

# %% [markdown]
# > **Exercise 10.5** (★★☆, 10 minutes) Behind flatten: `without_maps`.
# >
# > <details><summary>Hint 1</summary>One map is P columns side by side. What if the matrix had an axis for the
# > filters?</details>
# > <details><summary>Hint 2</summary>Reshape it to (units, filters, P): then a filter is one entry of axis 1.</details>
# > <details><summary>Hint 3</summary>Reshape, <code>np.delete</code> along axis 1, and reshape back to (units,
# > -1).</details>

# %%
check("10.5")

# %% [markdown]
# So a pruned network is the knocked-out one, up to rounding, provided that 0 stays 0 on its way: through tanh, ReLU and
# pools it does, through a sigmoid it does not. Whether it is also the *old* network is another question. That holds
# exactly if the filter was dead. For a filter with the constant output $c \ne 0$ it does not, because $c\, \sum W_{lk}$
# was part of each $z_l$, and is now missing. But it is a constant, and there is a place for constants: the bias.
#
# $$b_l \leftarrow b_l + c \sum_{i,j} W_{lk,ij}$$
#
# This is for a convolution without padding. With zeros around the map a window at the border sees fewer $c$'s, and no
# bias can be right for the border and the middle. Here the filters stand in front of the dense layer:

# %%
without_dead = explain.pruned(numb, {"tanh3": [DEAD]})
without_saturated = explain.pruned(numb, {"tanh3": [SATURATED]})
columns = slice(SATURATED * places_of, (SATURATED + 1) * places_of)
mended = explain.pruned(numb, {"tanh3": [SATURATED]})
mended["dense1"].params["b"] = numb["dense1"].params["b"] - numb["dense1"].params["W"][:, columns].sum(axis=1)
changes = {
    "without the dead filter": without_dead,
    "without the saturated filter": without_saturated,
    "without it, its constant in the bias": mended,
}
changes = {what: abs(other(unseen.x) - numb(unseen.x)).max() for what, other in changes.items()}
for what, change in changes.items():
    print(f"{what}: probabilities change by at most {change:.1e}")

# %% [markdown]
# > **Exercise 10.6** (★★☆, 10 minutes) A constant goes into the bias: `bias_with_constant`, for a convolution.
# >
# > <details><summary>Hint 1</summary>What does a window full of the same number add to the net input of filter
# > l?</details>
# > <details><summary>Hint 2</summary>The number times the sum of the weights <code>W_next[l, unit]</code> over the
# > window.</details>
# > <details><summary>Hint 3</summary>b_next plus value times <code>W_next[:, unit]</code> summed over its last two
# > axes. A new array, please.</details>

# %%
check("10.6")

# %% [markdown]
# ## 10.4 How many can go?
#
# Our filters are alive, so removing one costs something. How soon? Let the weakest go first, by the mean of their ranks
# over people, but let each layer keep one filter, or nothing would get through. The controls: random orders; the
# strongest first; and random filters *of the same layers*, as many from each as the ranking took. The last one asks
# whether it is the filters that are well chosen, or the layers. Errors are counted over all faces.
#
# > **Before you run the next cell.** Six of the 23 filters go: the weakest, or six at random, or as many at random from
# > the same layers. Which of the two controls comes close to the weakest?
# > <details><summary>Six at random, or six of the same layers?</summary>The six of the same layers: 9 % are
# > misclassified, against 5 % without the weakest and 21 % without any six. So much of what the ranking knows is the
# > layer.</details>

# %%


def removal(order, how_many):
    """Return the first filters of an order, by layer, except that each layer keeps at least one."""
    chosen = {name: [] for name in layers}
    for name, unit in order:
        if sum(map(len, chosen.values())) < how_many and len(chosen[name]) < filters[name] - 1:
            chosen[name].append(unit)
    return chosen


def share_misclassified(chosen, data=everyone):
    """Return the error of the network without some filters."""
    return 1 - tn.accuracy(explain.pruned(net, chosen), data.x, data.labels)


steps = np.arange(0, count - len(layers) + 1, 2)
orders = {ruler: tn.rank_units(mean_ranks(values), strongest_first=False) for ruler, values in scores.items()}
weakest_first = orders[paper]


def shuffled():
    """Return all filters in a random order."""
    return [weakest_first[at] for at in rng.permutation(count)]


def of_the_same_layers(chosen):
    """Return random filters, as many from each layer."""
    return {name: list(rng.permutation(filters[name])[: len(units)]) for name, units in chosen.items()}


REPEATS = 12
by_ruler = {ruler: np.array([share_misclassified(removal(order, n)) for n in steps]) for ruler, order in orders.items()}
strongest = np.array([share_misclassified(removal(weakest_first[::-1], n)) for n in steps])
random = np.array(
    [[share_misclassified(removal(order, n)) for n in steps] for order in (shuffled() for _ in range(REPEATS))]
)
same_layers = np.array(
    [[share_misclassified(of_the_same_layers(removal(weakest_first, n))) for n in steps] for _ in range(REPEATS)]
)

figure, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained", sharey=True)
axes[0].fill_between(steps, random.min(axis=0), random.max(axis=0), color="0.88", label="random, all tries")
for curve, label, colour, style in (
    (strongest, "strongest first", ORANGE, "-"),
    (random.mean(axis=0), "random, mean", "0.4", ":"),
    (same_layers.mean(axis=0), "random, of the same layers", GREEN, "-."),
    (by_ruler[paper], "weakest first", BLUE, "--"),
):
    axes[0].plot(steps, curve, style, color=colour, linewidth=2, label=label)
axes[0].set(title=f"by the {paper}", ylabel="share misclassified", ylim=(-0.03, 1.03))
axes[1].plot(steps, random.mean(axis=0), ":", color="0.4", linewidth=2, label="random, mean")
for (ruler, curve), colour, style in zip(by_ruler.items(), (BLUE, PURPLE, ORANGE), ("--", "-.", "-"), strict=True):
    axes[1].plot(steps, curve, style, color=colour, linewidth=2, label=ruler)
axes[1].set_title("weakest first, by three rulers")
for panel in axes:
    panel.set_xlabel("filters removed")
    panel.set_xticks(steps[::2])
    panel.grid(alpha=0.3)
    panel.legend(fontsize=8, loc="lower right")
figure.suptitle("Filters physically removed, nothing trained again")
plt.show()
SOME = 3  # the fourth number of filters
for what, curve in (
    ("weakest", by_ruler[paper]),
    ("random", random.mean(axis=0)),
    ("per pixel", by_ruler[list(scores)[2]]),
    ("random, of the same layers", same_layers.mean(axis=0)),
    ("strongest", strongest),
):
    print(
        f"without {steps[SOME]} filters, {what:>26}: {curve[SOME]:4.0%} misclassified; "
        f"without {steps[5]}: {curve[5]:4.0%}"
    )
taken = {name: len(units) for name, units in removal(weakest_first, steps[SOME]).items()}
print(f"the {steps[SOME]} weakest, by layer: {taken}")

# %% [markdown]
# The first few of the weakest filters go almost unnoticed, far better than by chance, and the strongest must not go at
# all. The ranking works. But look at the dash-dotted line: random filters of the *same layers* do nearly as well for
# the first few. Much of what the ranking knows is that the third layer has filters to spare, and the first has none.
# Only from about ten on do the weakest leave that control behind as well.
#
# And look right. By the ruler that corrects for the size of the maps, the first ten are, on average, chosen no better
# than by chance. It takes filters of the first layer, through which everything must pass. Its correction is fair to
# places and unfair to filters: all the places of a map go together. For pruning, the sum is the better ruler, though it
# looked like the flaw of chapter 5. Each question has its own.
#
# The paper took ten filters from each person's own list of the weakest, and found less than 25 % of all faces
# misclassified. The same here, knocked out as in the paper:

# %%
own_ten = []
for person in range(len(people)):
    order = tn.rank_units({name: values[person] for name, values in scores[paper].items()}, strongest_first=False)
    own_ten.append(tn.knockout_curve(net, everyone.x, everyone.labels, order[:10]).error[10])
print(
    f"without the ten weakest of a person: {min(own_ten):.0%} to {max(own_ten):.0%} misclassified, below 25 % for "
    f"{sum(error < 0.25 for error in own_ten)} of {len(people)} people"
)

# %% [markdown]
# On most people's lists, the ten weakest are more than this network can spare. Its 23 filters are few to begin with.
#
# ## 10.5 Train again
#
# A pruned network may learn to do without. Here is what five more epochs give, with two controls: random filters
# removed, and a network of the same smaller size that starts from new weights, once with the same five epochs and once
# with as many as the pruned one has had in its life.
#
# > **Before you run the next cell.** After five epochs of training, which pruned network is clearly better: the one
# > without its weakest filters, or those without random ones?
# > <details><summary>Or a new one that was born small, and trained as long in all?</summary>Neither is clearly better
# > than the other, and the new one that was trained as long is about as good. Only new weights with five epochs are far
# > behind.</details>


# %%
def built_small(chosen, seed):
    """Return a new network with as many filters as are left."""
    small = []
    for name in layers:
        small += [tn.Conv2D(filters[name] - len(chosen[name]), 5), tn.Tanh(), tn.MaxPool2D(2)]
    small += [tn.Flatten(), tn.Dense(20), tn.Tanh(), tn.Dense(len(people)), tn.Softmax()]
    return tn.Network(small, everyone.input_shape, rng=seed)


def error_of(other, data=unseen):
    """Return the error of a network on the faces that it has not seen."""
    return 1 - tn.accuracy(other, data.x, data.labels)


def multiplications(other):
    """Return how many multiplications one image costs: weights times the places at which each is used."""
    with_weights = [layer for layer in other.layers if layer.params]
    return sum(layer.params["W"].size * int(np.prod(other.shapes[layer.name][1:])) for layer in with_weights)


removed_counts = (5, 10, 15)
after = {
    name: []
    for name in (
        "not trained again",
        "weakest, trained again",
        "random, trained again",
        "new weights, 5 epochs",
        "new weights, 35 epochs",
    )
}
on_seen = []
left_over = []
for how_many in removed_counts:
    chosen = removal(weakest_first, how_many)
    again = train(explain.pruned(net, chosen), epochs=5)
    on_seen.append((share_misclassified(chosen, seen), error_of(again, seen)))
    others = [train(explain.pruned(net, removal(shuffled(), how_many)), epochs=5) for _ in range(4)]
    fresh = [built_small(chosen, seed) for seed in range(2)]
    errors = [[share_misclassified(chosen, unseen)], [error_of(again)], [error_of(other) for other in others]]
    errors += [
        [error_of(train(other, epochs=5)) for other in fresh],
        [error_of(train(other, epochs=30)) for other in fresh],
    ]
    for kept, values in zip(after.values(), errors, strict=True):
        kept.append(values)
    left_over.append((again.parameter_count / net.parameter_count, multiplications(again) / multiplications(net)))

figure, panel = plt.subplots(figsize=(7.4, 3.7), layout="constrained")
styles = (("0.4", "x"), (BLUE, "o"), (GREEN, "^"), (ORANGE, "v"), (PURPLE, "s"))
for shift, ((name, per_count), (colour, marker)) in enumerate(zip(after.items(), styles, strict=True)):
    for at, values in enumerate(per_count):
        where = at + (shift - 2) * 0.13
        panel.plot(np.full(len(values), where), values, marker, color=colour, label=None if at else name)
        panel.plot([where - 0.05, where + 0.05], [np.mean(values)] * 2, "-", color=colour)
panel.axhline(error_of(net), color="black", linewidth=0.8, linestyle=":", label="the whole network")
panel.set_xticks(range(len(removed_counts)), [f"{n} of {count} removed" for n in removed_counts])
panel.set(
    ylabel=f"share of {len(unseen)} unseen faces misclassified", ylim=(-0.03, 1.03), title="Pruned, and trained again"
)
panel.grid(axis="y", alpha=0.3)
panel.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
for at, (how_many, (parameters, work)) in enumerate(zip(removed_counts, left_over, strict=True)):
    print(
        f"without {how_many:>2}: {parameters:.0%} of the parameters, {work:.0%} of the multiplications;",
        ", ".join(f"{name} {np.mean(values[at]):.0%}" for name, values in after.items()),
    )

# %% [markdown]
# Five epochs make up for much of the loss. They do so for random filters too: with so few faces to count, weakest and
# random cannot be told apart any more, while both are far ahead of new weights after the same five epochs. And a
# network that was *born* small, and trained as long in all, does about as well, or better. For large networks the same
# was found by Mittal et al. and by Liu et al. What pruning saves here is training, not skill: the weights that are kept
# are a good start, and which ones they are matters less than one would think.
#
# Nor are parameters time. Most filters that went were in the third layer, where maps are small: a large share of the
# parameters and a small share of the multiplications.
#
# ## In five lines
#
# - Which filters are weak for everybody hangs on the norm: one by the norm of the mean, none by the mean of the norms,
#   four if it is taken per pixel.
# - A dead and a saturated filter have the two largest gradients of their layer. Constant filters are found by what they
#   put out.
# - To prune a filter is to knock it out, to rounding: its weights, its bias, and the slices that read it go. A constant
#   that goes with it belongs into the next bias.
# - Without the six weakest filters 5 % of the faces are misclassified, without six at random 21 %, without six of the
#   same layers 9 %, without the six strongest 58 %.
# - Trained again for five epochs, random filters may go as well as weak ones. Without ten, a third of the parameters is
#   left, and three quarters of the multiplications.
#
# ## On your own
#
# 1. Rank by `explain.class_gradient_times_activation`, gradient times activation (Molchanov et al.), and repeat section
#    10.4. Does it beat the gradient alone? In its own layers?
# 2. Put `tn.ReLU` for `tn.Tanh` and train with `tn.Adam(0.01)`. How many filters die? Remove them and compare outputs.
# 3. Prune in rounds: two filters, one epoch, rank again, and so on. Is that better than all at once?
# 4. Is a filter that is weak for fourteen people and strong for one a filter to keep? Find one, and remove it.
# 5. Time the networks of section 10.5 with `timeit`, and compare with the share of multiplications.
#
# ## Further reading
#
# - Lo, Cohen and Ding 2015, section V.E, for weak units; Lo 2016, section 4.2.5 (most units matter little) and 4.5.
# - LeCun, Denker and Solla 1990, *Optimal brain damage*; Molchanov et al. 2017, for filters and activation times
#   gradient.
# - Mittal et al. 2018, and Liu et al. 2019, *Rethinking the value of network pruning*, for the controls.
# - `tinynet/explain/units/weakness.py`, `tinynet/explain/ablation/pruning.py`; `python -m tinynet study lo` repeats
#   this over ten networks (LO-12, LO-17).
#
# What this chapter claims, checked:

# %%
for name in layers:
    assert (scores[paper][name] <= mean_of_norms[name] * 1.0001).all(), "the triangle inequality"
per_pixel = list(scores)[2]
everywhere = [len(found.everywhere) for found in weak.values()]
np.testing.assert_allclose(everywhere, [1, 0, 4], atol=1, err_msg="how many there are depends on the norm")
assert agreement["mean of the norms"] > 0.8 and agreement[per_pixel] < 0
assert set(strength[[DEAD, SATURATED]]) == {1, 2}, "the two largest gradients"
assert np.ptp(outputs[:, [DEAD, SATURATED]], axis=(0, 2, 3)).max() == 0, "they never change"
assert behind[[DEAD, SATURATED]].min() > 0.2 * np.median(behind), "and their gradients do not tell"
assert before[SATURATED] == 0, "but that at the input of tanh does"
assert min(deviation.min() for deviation in spread.values()) > 0.02, "our filters are alive"
assert removal_error < 1e-5, "to remove a filter is to knock it out"
dead, saturated, with_bias = changes.values()
assert max(dead, with_bias) < 1e-4 < 1e-2 < saturated, "exact if it was dead, or if its constant goes into the bias"
few, chance, in_layers = slice(1, SOME + 1), random.mean(axis=0), same_layers.mean(axis=0)
assert by_ruler[paper][few].mean() < 0.7 * chance[few].mean() < strongest[few].mean()
assert by_ruler[per_pixel][few].mean() > by_ruler[paper][few].mean(), "the size of the maps must not be taken out here"
assert by_ruler[per_pixel][1:6].mean() > 0.95 * chance[1:6].mean(), "no better than chance"
without_six = [curve[SOME] for curve in (by_ruler[paper], chance, in_layers, strongest)]
np.testing.assert_allclose(without_six, [0.05, 0.21, 0.09, 0.58], atol=0.05, err_msg="without six filters")
assert in_layers[few].mean() < by_ruler[paper][few].mean() + 0.06 and in_layers[5] > by_ruler[paper][5] + 0.1
assert sum(error < 0.25 for error in own_ten) < len(people) / 2, "most people's ten weakest are too many"
for untrained, trained in on_seen:
    assert trained <= untrained
first_two = {name: np.mean([np.mean(values) for values in per_count[:2]]) for name, per_count in after.items()}
again = [first_two[f"{which}, trained again"] for which in ("weakest", "random")]
assert max(again) < 0.5 * first_two["new weights, 5 epochs"], "the weights that are kept are a good start"
assert abs(again[0] - again[1]) < 0.1 and first_two["new weights, 35 epochs"] < max(again) + 0.05
assert abs(left_over[1][0] - 1 / 3) < 0.05 and abs(left_over[1][1] - 3 / 4) < 0.06, "parameters are not work"
