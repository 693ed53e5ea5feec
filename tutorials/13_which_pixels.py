# %% [markdown]
# # 13 Which pixels?
#
# | | |
# | --- | --- |
# | **You will do** | share a prediction out among the pixels in five ways, each derived and checked by its sum |
# | **You will learn** | integrated gradients and their kinks, class activation maps, relevance (LRP), Shapley values |
# | **You need** | chapter 2: the chain rule; 5 and 8: prediction gradients, saturation; chapter 7: knock-outs |
# | **Time** | 120 minutes with the exercises |
# | **Where you are** | Chapter 12 asked a unit what it wants to see. Why does it give *this* answer to *this* image? |
#
# A network says "three". Which pixels made it say so? An answer is one number for each pixel, an **attribution**: how
# much that pixel counts for the prediction. Many methods give such numbers, and their pictures all look convincing.
#
# This chapter derives the main ones. For each we ask the same two things: what does it promise to *add up* to, and
# what is *left over*? Whether an answer is true is another question. It has chapter 14 to itself.

# %%
from itertools import product
from math import factorial

import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import datasets, explain, models

plt.rcParams["image.interpolation"] = "nearest"
BLUE, ORANGE, GREEN, PURPLE, YELLOW = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"

# %% [markdown]
# ## 13.1 Slope times step
#
# Begin where nobody can argue. A linear prediction is $f(x) = \sum_i w_i x_i + b$. Take pixel $i$ away, that is set it
# to 0, and the prediction loses $w_i x_i$. So this is what the pixel counts. "Away" need not mean black: in general a
# **baseline** $x'$ (a *reference*) stands for "nothing there", and pixel $i$ counts $w_i (x_i - x'_i)$. All these
# numbers add up to $f(x) - f(x')$, exactly.
#
# The slope $w_i$ is the gradient $g_i$. So a network that is not linear gets the same formula as a first guess:
#
# $$\text{gradient times input:} \quad A_i = g_i\, (x_i - x'_i) .$$
#
# The smallest network on which to try it has two inputs and one hidden ReLU:
# $f(x) = 1 - \mathrm{relu}(1 - x_1 - 2 x_2)$. This is $\min(1,\ x_1 + 2 x_2)$: a glass that holds 1, into which both
# inputs pour, the second one twice as fast. When it is full, more changes nothing.
#
# > **Before you run the next cell.** At $x = (1, 1)$ the prediction is 1, and at the baseline $(0, 0)$ it is 0. What
# > does gradient times input give each of the two inputs?
# > <details><summary>Choose: (1, 2), or (1/3, 2/3), or (1/2, 1/2), or (0, 0).</summary>It is (0, 0). The hidden unit
# > is off, so a *small* change of either input does nothing, and the gradient says no more than that.</details>


# %%
def with_weights(*weights):
    """Return a float64 network of dense layers, with ReLUs between them, from pairs of W and b."""
    layers = [layer for W, b in weights for layer in (tn.Dense(len(W), bias=b is not None), tn.ReLU())][:-1]
    net = tn.Network(layers, (np.shape(weights[0][0])[1],), dtype=np.float64)
    for layer, (W, b) in zip(net.layers[::2], weights, strict=True):
        layer.params["W"][...] = W
        if b is not None:
            layer.params["b"][...] = b
    return net


# The second output is minus the first, so that there are two classes to ask about.
full = with_weights(([[-1.0, -2.0]], [1.0]), ([[-1.0], [1.0]], [1.0, -1.0]))
one, nothing = np.array([[1.0, 1.0]]), np.zeros((1, 2))


def gradient(net, points, target):
    """Return the gradient of a logit at each point."""
    return tn.prediction_gradient(net, points, target, "logit", layers=["input"])["input"]


def logit(net, points, target):
    """Return a logit at each point."""
    return net.trace(points)[net.logits][:, target]


def told(values):
    """Return numbers for printing, without the minus of a zero."""
    return ", ".join(f"{value:.3f}" for value in np.ravel(values) + 0.0)


first_guess = gradient(full, one, 0) * (one - nothing)
rise = logit(full, one, 0) - logit(full, nothing, 0)
print(f"gradient times input: {told(first_guess)}; to be explained: {told(rise)}; ", end="")
print(f"left over: {told(rise - first_guess.sum())}")

along = np.linspace(0, 1, 201)
path = nothing + along[:, None] * (one - nothing)
slopes = gradient(full, path, 0)
figure, axes = plt.subplots(1, 2, figsize=(8, 2.9), layout="constrained")
axes[0].plot(along, logit(full, path, 0), color="black")
axes[0].set(title="the prediction", xlabel="way from (0, 0) to (1, 1)")
axes[1].step(along, slopes[:, 0], color=BLUE, label="input 1")
axes[1].step(along, slopes[:, 1], color=ORANGE, linestyle="--", label="input 2")
axes[1].set(title="its gradient", xlabel="way from (0, 0) to (1, 1)")
axes[1].legend()
figure.suptitle("The glass is full after a third of the way; from there on the gradient is zero")
plt.show()

# %% [markdown]
# The gradient at the end knows nothing of the rise at the beginning. Everything is left over. This is called
# **saturation**, and it is no rarity: section 8.4 has met it on faces.
#
# ## 13.2 Integrated gradients
#
# The figure says what to do: look at the gradient all along the way. Walk straight from $x'$ to $x$, by
# $x(a) = x' + a\,(x - x')$. The chain rule gives the slope of the prediction on the way,
#
# $$\frac{d}{da} f(x(a)) = \sum_i g_i(x(a))\, (x_i - x'_i) ,$$
#
# and its integral from 0 to 1 is $f(x) - f(x')$. So share that out, pixel by pixel (Sundararajan et al. 2017):
#
# $$\boxed{\; A_i = (x_i - x'_i) \int_0^1 g_i(x(a))\, da, \qquad \sum_i A_i = f(x) - f(x') \;}$$
#
# The sum is called **completeness**. For our little network, the gradient is $(1, 2)$ for a third of the way and
# $(0, 0)$ for the rest, so $A = (1/3, 2/3)$.
#
# A program needs a finite number of gradients. Cut the way into $n$ equal parts, take the gradient in the *middle* of
# each, and average.

# %% [markdown]
# > **Exercise 13.1** (★★☆, 10 minutes) A mean gradient: write `integrated_gradients` in `exercises/ch13.py`.
# >
# > <details><summary>Hint 1</summary>Which places between 0 and 1 are the middles of n equal parts? Write them down for
# > n = 2 first.</details>
# > <details><summary>Hint 2</summary>`(np.arange(steps) + 0.5) / steps`. At each, the point on the way is the baseline
# > plus that share of the difference.</details>
# > <details><summary>Hint 3</summary>The difference, times the mean over the places of `gradient(point)`: a list of the
# > gradients and `np.mean` along its first axis.</details>

# %%
check("13.1")

# %%
by_path = explain.integrated_gradients(full, one, 0, steps=300)[0]
print(f"min(1, x1 + 2 x2) at (1, 1): {told(by_path)}")

# %% [markdown]
# This is `tn.explain.integrated_gradients`, which does the same as yours for all images of a batch at once. Now a
# real network: drawn digits, and 32 hidden ReLUs.
#
# > **Before you run the next cell.** The prediction is a function of $a$ alone, on the way from black to the image.
# > What does its *slope* look like?
# > <details><summary>Smooth, or straight, or a staircase?</summary>A staircase. While no ReLU switches on or off, the
# > network is linear, and its gradient constant. Each switch is a *kink* of the prediction, and a stair of its
# > slope.</details>

# %%
digits = datasets.load("digits:3000")
seen, unseen = digits.split(rng=0)


def trained(layers, seed=0):
    """Return a network of some layers, trained on the drawn digits."""
    net = tn.Network(layers, digits.input_shape, rng=seed, dtype=np.float64)
    rule = {"loss": tn.CrossEntropy(), "optimizer": tn.Adam(0.003), "epochs": 6, "batch_size": 20}
    tn.fit(net, seen.x, seen.labels, **rule, progress=False)
    return net


def sure(net):
    """Return for which unseen digits a network gives the right answer more than 90 %."""
    return net(unseen.x)[np.arange(len(unseen)), unseen.labels] > 0.9


dense = trained([tn.Flatten(), tn.Dense(32), tn.ReLU(), tn.Dense(10), tn.Softmax()])
print(f"unseen digits recognised: {tn.accuracy(dense, unseen.x, unseen.labels):.0%}")
place = int(np.flatnonzero((unseen.labels == 3) & sure(dense))[0])
x, black = unseen.x[[place]].astype(np.float64), np.zeros((1, *digits.input_shape))

# Which of the hidden units are on, at 3201 places of the way?
way = np.linspace(0, 1, 3201)
on = dense.trace(black + way.reshape(-1, 1, 1, 1) * (x - black))["relu1"] > 0
switches = (on[1:] != on[:-1]).sum(axis=1)
kinks = np.repeat((way[1:] + way[:-1]) / 2, switches)

by_library = explain.integrated_gradients(dense, x, 3, steps="exact")
exact = by_library[0]
rise = (logit(dense, x, 3) - logit(dense, black, 3)).item()

counts = np.array([2, 5, 10, 20, 50, 100, 200, 500])
errors = np.array([abs(explain.integrated_gradients(dense, x, 3, steps=int(n))[0].sum() - rise) for n in counts])
figure, axes = plt.subplots(1, 2, figsize=(9, 3.1), layout="constrained")
way = way[way <= 0.25]
along = gradient(dense, black + way.reshape(-1, 1, 1, 1) * (x - black), 3)
axes[0].step(way, (along * x).sum(axis=(1, 2, 3)), color=BLUE, where="mid")
for kink in kinks:
    axes[0].axvline(kink, color="0.8", linewidth=0.8, zorder=0)
axes[0].set(
    title=f"slope of the logit, {len(kinks)} kinks (grey)", xlabel="first quarter of the way from black to the image"
)
axes[1].loglog(counts, errors, "o-", color=ORANGE, label="midpoints")
axes[1].axhline(max(abs(exact.sum() - rise), 1e-16), color=GREEN, linestyle="--", label="exact, from kink to kink")
axes[1].set(title="left over of the sum", xlabel="number of gradients", ylim=(1e-17, 10))
axes[1].legend()
figure.suptitle("Integrated gradients of a three")
plt.show()
print(f"to be explained {rise:.3f}; left over with 50 gradients {errors[4]:.1e}, exactly {abs(exact.sum() - rise):.0e}")

# %% [markdown]
# A staircase it is, and its stairs are close to black: biases are small, so a little light switches the units, and
# behind the first quarter of the way nothing changes any more. No clever rule of integration helps, for they all
# count on smooth functions. More gradients help slowly, and the error does not even fall each time.
#
# The grey lines were found by looking at thousands of places, and each is right to three digits only. Where *exactly*
# the kinks are can be written down, and then one gradient a stair is exact to rounding. In a deeper network the kinks
# of the second layer depend on those of the first. So `steps="exact"` cuts the way at the kinks of the first layer;
# on each part that layer is affine, and the kinks of the next can be written down. (To halve the way until both ends
# have the same gradient would not do: it misses what bends away in between and back again.)

# %% [markdown]
# > **Exercise 13.2** (★★☆, 15 minutes) Where the kinks are: write `kinks`.
# >
# > <details><summary>Hint 1</summary>On the way each net input is a straight line in a, from its value at the baseline
# > to its value at x.</details>
# > <details><summary>Hint 2</summary>Call the values at both ends s and e. The line is zero at a = s / (s - e), and it
# > switches strictly between the ends if s and e have opposite signs.</details>
# > <details><summary>Hint 3</summary>Both ends for all units at once; a mask, where the product of both is negative;
# > the formula for those units; `np.sort`.</details>

# %%
check("13.2")

# %% [markdown]
# Mind the factor $x_i - x'_i$: from a black baseline, black pixels get nothing, *whatever they mean*. But a digit is
# told by its empty places, too. Start at the mean image instead, and such pixels count as well. The baseline is a
# part of the question.

# %%
mean_image = seen.x.mean(axis=0, keepdims=True).astype(np.float64)


def draw(rows, title, columns):
    """Draw rows of maps of both signs: purple speaks for the class, orange against it; each has its own scale."""
    names = list(rows)
    count = len(rows[names[0]])
    figure, axes = plt.subplots(
        len(names), count, figsize=(1.35 * count + 1.2, 1.3 * len(names) + 0.4), layout="constrained", squeeze=False
    )
    for line, name in zip(axes, names, strict=True):
        line[0].set_ylabel(name, fontsize=8)
        for panel, picture, column in zip(line, rows[name], columns, strict=True):
            plain = "image" in (name, column)
            limit = abs(picture).max() or 1
            panel.imshow(picture, cmap="gray" if plain else "PuOr", vmin=0 if plain else -limit, vmax=limit)
            panel.set(xticks=[], yticks=[])
    for panel, name in zip(axes[0], columns, strict=True):
        panel.set_title(name, fontsize=9)
    figure.suptitle(title)
    plt.show()


from_mean = explain.integrated_gradients(dense, x, 3, baseline=mean_image[0], steps="exact")
pair = [np.asarray(by_library)[0, 0], np.asarray(from_mean)[0, 0]]
draw({"image": [x[0, 0]] * 2, "integrated\ngradients": pair}, "Two baselines", ["from black", "from the mean"])
dark = x[0, 0] == 0
on_dark = [np.abs(values[dark]).sum() / np.abs(values).sum() for values in pair]
print(f"share of the map on black pixels: {on_dark[0]:.0%} from black, {on_dark[1]:.0%} from the mean image")

# %% [markdown]
# In all maps purple is for the class and orange against it. From black the black pixels have nothing; from the mean
# image they have about half of the map.
#
# ## 13.3 Class activation maps
#
# The pixels are not the only place to ask. The last feature maps $a_k$ of a convolutional network are small pictures,
# and the slope times the step works there too. Let $g_k$ be the gradient of the logit with respect to map $k$. Add up
# over the maps and keep the places:
#
# $$\text{HiResCAM} = \sum_k g_k \odot a_k, \qquad \text{Grad-CAM} = \mathrm{relu}\Big(\sum_k \mathrm{mean}(g_k)\,
# a_k\Big) .$$
#
# HiResCAM (Draelos and Carin 2020) is gradient times input, with the maps for the input. Grad-CAM (Selvaraju et al.
# 2017) is older and used everywhere. It first averages each map's gradient over all places.
#
# > **Before you run the next cell.** Behind the maps of our network come only `flatten` and one dense layer. Which of
# > the two adds up to the logit, less the bias of that layer? (Without the ReLU around Grad-CAM.)
# > <details><summary>Think of what the rest of the network is.</summary>HiResCAM: the rest is affine, so gradient
# > times input is exact. The mean of a gradient is the gradient only if it is the same at all places. That is so if
# > the maps are averaged before the dense layer (*global average pooling*), and not here.</details>

# %%
FILTERS = [tn.Conv2D(8, 5, initializer="he_normal"), tn.ReLU(), tn.MaxPool2D(2)]
flat = trained([*FILTERS, tn.Flatten(), tn.Dense(10), tn.Softmax()])
print(f"unseen digits recognised by the convolutional network: {tn.accuracy(flat, unseen.x, unseen.labels):.0%}")
pooled = tn.Network(
    [tn.Conv2D(8, 5), tn.ReLU(), tn.MaxPool2D(2), tn.AvgPool2D(12), tn.Flatten(), tn.Dense(10), tn.Softmax()],
    digits.input_shape,
    rng=0,
    dtype=np.float64,
)


def two_maps(net, image, target):
    """Return HiResCAM and Grad-CAM, the latter not cut off, at the pooled maps."""
    ask = {"x": image, "target": target, "layer": "pool1"}
    return explain.hires_cam(net, **ask)[0], explain.grad_cam(net, **ask, clip=False)[0]


sums = {}
for name, net in (("flatten and dense", flat), ("average pool and dense", pooled)):
    place_by_place, averaged = two_maps(net, x, 3)
    wanted = logit(net, x, 3).item() - net["dense1"].params["b"][3]
    sums[name] = wanted, place_by_place.sum(), averaged.sum()
    print(f"{name}: logit less bias {wanted:.4f}, HiResCAM {sums[name][1]:.4f}, Grad-CAM {sums[name][2]:.4f}")
place_by_place, averaged = two_maps(flat, x, 3)
cut_off = explain.grad_cam(flat, x, 3, layer="pool1")[0]
print(f"largest value of Grad-CAM: {averaged.max():.3f}, cut off {cut_off.max():.3f}")
shown = [x[0, 0], place_by_place, averaged, cut_off]
titles = ["image", "HiResCAM", "Grad-CAM,\nnot cut off", "Grad-CAM"]
draw({"a three": shown}, "Maps of the convolutional network", titles)

# %% [markdown]
# HiResCAM adds up, Grad-CAM does only where the maps are averaged anyway. The rest of the time its places may be ones
# that the network does not use. For this three it is negative everywhere, although the logit is positive, and after the
# ReLU nothing is left: an empty map is no bug of the program. One slip is common. The ReLU is around the *sum*; to cut
# off the gradients is another method.

# %% [markdown]
# > **Exercise 13.3** (★☆☆, 10 minutes) Class activation maps: write `grad_cam`.
# >
# > <details><summary>Hint 1</summary>Three steps: one number for each map, a weighted sum of the maps, a ReLU around it
# > all.</details>
# > <details><summary>Hint 2</summary>The number is `slopes.mean(axis=(1, 2))`, of shape (K,).</details>
# > <details><summary>Hint 3</summary>With `keepdims=True` these numbers multiply the maps as they are. Sum along the
# > first axis, and take `np.maximum` with 0 last.</details>

# %%
check("13.3")

# %% [markdown]
# ## 13.4 Relevance, layer by layer
#
# Another idea: share the prediction out *on the way down*. Each unit $j$ of a layer holds some **relevance** $R_j$, and
# hands it to its inputs in proportion to what they add to its sum $z_j = \sum_i x_i w_{ij} + b_j$. This is layer-wise
# relevance propagation, LRP (Bach et al. 2015):
#
# $$R_i = \sum_j \frac{x_i\, w_{ij}}{z_j}\, R_j .$$
#
# It starts with the logit. A ReLU hands its relevance on as it is. Write $s_j = R_j / z_j$, and the sum is $x_i
# \sum_j w_{ij} s_j$: the layer's own *backward pass* of $s$, times $x$. So a rule is one line. `tn.explain.relevance`
# carries the prediction down by such a rule, and notes in `losses` what each layer *keeps*: what it got, less what it
# handed on.
#
# > **Before you run the next cell.** Three columns of the table tell where the logit went: kept by `dense2`, kept by
# > `dense1`, arrived at the pixels. In a network *without biases*, what do the layers keep?
# > <details><summary>What do the shares of one unit add up to?</summary>Nothing. Without a bias the terms $x_i w_{ij}$
# > of a unit add up to $z_j$, so that their shares of $R_j$ add up to $R_j$. With one they add up to
# > $(z_j - b_j) / z_j$.</details>

# %%
LAYERS = {bias: [tn.Flatten(), tn.Dense(32, bias=bias), tn.ReLU(), tn.Dense(10, bias=bias)] for bias in (False, True)}
unbiased = trained([*LAYERS[False], tn.Softmax()])
biased = trained([*LAYERS[True], tn.Softmax()], seed=1)
columns = {}
for name, net, eps in (
    ("no biases", unbiased, 0.0),
    ("biases", biased, 0.0),
    ("biases, epsilon 0.5", biased, 0.5),
):
    found = explain.relevance(net, x, 3, rule=explain.LRPEpsilon(eps))
    kept = {layer: loss.item() for layer, loss in found.losses.items()}
    columns[name] = {"logit": logit(net, x, 3).item(), "pixels": found[0].sum(), **kept}
    by_gradient = (gradient(net, x, 3) * x)[0]
    columns[name]["from gradient"] = abs(found[0] - by_gradient).max() / abs(by_gradient).max()
print(f"{'':<22}{'logit':>9}{'dense2 keeps':>14}{'dense1 keeps':>14}{'pixels':>9}   from gradient x input")
for name, row in columns.items():
    print(f"{name:<22}{row['logit']:>9.3f}{row['dense2']:>14.3f}{row['dense1']:>14.3f}{row['pixels']:>9.3f}", end="")
    print(f"   {row['from gradient']:.0e}")
print(found)

# %% [markdown]
# Read the table from left to right, as relevance goes down. Each row adds up: the logit is what the layers keep plus
# what arrives at the pixels. Three things can be seen.
#
# - Without biases nothing is kept. With them each layer keeps $\sum_j R_j b_j / z_j$. That is no error: a bias has a
#   share in the prediction, and it is no pixel.
# - The last column is rounding in the first two rows. So LRP of this kind *is* gradient times input, in all networks of
#   ReLUs. To see it, put $R_j = z_j g_j$ into the rule: $R_i = x_i \sum_j w_{ij} g_j$.
# - The rule **epsilon**, $R_j / (z_j + \epsilon\, \mathrm{sign}\, z_j)$, moves each sum away from 0, so that weak sums
#   blow nothing up. Its layers keep the difference, and their columns say how much.
#
# Other rules change the *terms* that are shared by, and then it is no gradient any more. The rule $\alpha\beta$ takes
# apart what speaks for a unit and what speaks against it. With $\alpha = 1$ and $\beta = 0$ only the first gets
# anything,
#
# $$R_i = \sum_j \frac{(x_i\, w_{ij})^+}{\sum_k (x_k\, w_{kj})^+ + b_j^+}\, R_j , \qquad v^+ = \max(v, 0) .$$
#
# The rule $\gamma$ favours what speaks for a unit less strictly, and the box rule is for pixels.
# `tn.explain.relevance` has them all, and what it calls left over is what all layers kept.

# %% [markdown]
# > **Exercise 13.4** (★★☆, 15 minutes) The rule epsilon: write `lrp_epsilon`, for one dense layer.
# >
# > <details><summary>Hint 1</summary>First the share s_j that each output has for each part of its sum: its relevance,
# > divided by its sum moved away from 0.</details>
# > <details><summary>Hint 2</summary>`np.sign` returns 0 for 0, which will not do. `np.where(z >= 0, eps, -eps)`
# > will.</details>
# > <details><summary>Hint 3</summary>x times the transposed weights applied to relevance / (z + what hint 2 adds). The
# > bias is in z and gets nothing itself.</details>

# %%
check("13.4")

# %% [markdown]
# ## 13.5 All orders
#
# Take pixels as players who join a team one after the other. Each adds something to the prediction when it comes. How
# much depends on who was there before, so average over all orders. This is the **Shapley value** (1953).
#
# > **Before you run the next cell.** Once more $\min(1,\ x_1 + 2 x_2)$ at $(1, 1)$. Integrated gradients gave
# > $(1/3, 2/3)$. What are the Shapley values?
# > <details><summary>There are two orders only. Who comes first fills the glass.</summary>(1/2, 1/2). Whoever comes
# > first takes the prediction from 0 to 1, and nothing is left for the other.</details>

# %%
by_orders = explain.shapley_values(full, one, 0)[0]
print(f"Shapley values of min(1, x1 + 2 x2) at (1, 1): {told(by_orders)}; by the path: {told(by_path)}")

# %% [markdown]
# Both add up to 1, with nothing left over, and yet they differ. So *to add up is not to be right*: it is a check of the
# arithmetic. The two answer different questions: what if all inputs fade in together, and what if they come one by one?

# %% [markdown]
# > **Exercise 13.5** (★★☆, 15 minutes) All orders: write `shapley`.
# >
# > <details><summary>Hint 1</summary>Follow one order from its first player to its last. What does each add to those
# > who are there already?</details>
# > <details><summary>Hint 2</summary>`itertools.permutations(range(players))` yields all orders. Who came before is
# > `frozenset(order[:place])`.</details>
# > <details><summary>Hint 3</summary>For each order and place: the worth with the player less the worth without, added
# > to that player's number. At the end divide all by the number of orders.</details>

# %%
check("13.5")

# %% [markdown]
# All orders of nine players are 362,880. But only who is there *before* player $i$ matters, not in which order. The
# coalition $S$ of the $m$ players comes before $i$ in $|S|!\,(m - |S| - 1)!$ orders, so $2^9 = 512$ predictions do:
#
# $$A_i = \sum_{S \not\ni i} \frac{|S|!\,(m - |S| - 1)!}{m!}\, \big(f(S \cup i) - f(S)\big) .$$
#
# Cut the three into nine patches. A patch that is absent is black.

# %%
players = explain.grid(digits.input_shape, 3)
there = np.array(list(product([False, True], repeat=9)))  # a row for each coalition, from nobody to all nine
heights = logit(flat, np.where(there[:, players], x, 0), 3)
size = there.sum(axis=1)
# A prediction counts for each who is in the coalition (as the last to come), and against each who is not (the next).
share = np.array([factorial(s) * factorial(8 - s) / factorial(9) for s in range(9)] + [0])
counted = np.where(there, share[size - 1, None], -share[size, None]).T @ heights
rise = heights[-1] - heights[0]
by_its = explain.shapley_values(flat, x, 3, players=players)
print(f"to be explained {rise:.4f}, sum of the nine {counted.sum():.4f}")
print(f"largest difference from tinynet's: {abs(counted[players] - by_its[0]).max():.0e}")
alone = heights[-1] - heights[size == 8]  # the first of these lacks the first player
pictures = [x[0, 0], counted[players][0], alone[players][0]]
draw({"a three": pictures}, "Nine patches as players", ["image", "Shapley values", "taken away\nalone"])
print(f"each patch taken away alone (occlusion): {alone.sum():.4f} in sum")

# %% [markdown]
# On the right is what the prediction loses when one patch is covered and all others stay, which is **occlusion**
# (chapter 7's knock-out, in pixels). It looks at one coalition for each player, Shapley values at all. Its sum promises
# nothing: here it is a quarter more than there is to explain, as a loss that needs two patches is counted for both.

# %% [markdown]
# ## 13.6 Side by side
#
# Four digits through the convolutional network, by all five ways: integrated gradients from both baselines, LRP by
# $\alpha = 1$. Above them stands the absolute gradient $|g_i|$ of chapter 5, which promises no sum. Look for what all
# rows share, and for places where they contradict each other.

# %%
clear = sure(dense) & sure(flat)
four = np.array([np.flatnonzero(clear & (unseen.labels == digit))[0] for digit in (0, 3, 4, 7)])
images, asked = unseen.x[four].astype(np.float64), unseen.labels[four]
methods = {
    "absolute\ngradient": explain.absolute_gradient(flat, images, asked),
    "gradient\ntimes input": explain.gradient_times_input(flat, images, asked),
    "integrated\ngradients": explain.integrated_gradients(flat, images, asked, steps=100),
    "integrated,\nfrom mean": explain.integrated_gradients(flat, images, asked, baseline=mean_image[0], steps=100),
    "LRP,\nalpha 1": explain.relevance(flat, images, asked, rule=explain.LRPAlphaBeta(1, 0)),
    "HiResCAM": explain.hires_cam(flat, images, asked, layer="pool1"),
    "Shapley,\n25 patches": explain.shapley_values(
        flat, images, asked, players=explain.grid((1, 28, 28), 5), samples=20
    ),
}
rows = {"image": images[:, 0]}
for name, found in methods.items():
    values = np.asarray(found)
    rows[name] = values[:, 0] if values.ndim == 4 else values
draw(rows, "Which pixels? (purple: for the class)", [f"a {digit}" for digit in asked])

print(f"{'method':<28}{'to be explained':>16}{'left over, at most':>20}")
for name, found in methods.items():
    title = name.replace("\n", " ")
    if found.explained is None:
        print(f"{title:<28}{'no promise':>16}")
    else:
        print(f"{title:<28}{found.explained.mean():>16.2f}{abs(found.remainder).max():>20.1e}")

# %% [markdown]
# Maps that start from black lie on the strokes, by their factor $x_i$, whatever the network thinks. (The absolute
# gradient has no such factor, and no sign: its purple is size alone.) LRP with alpha 1 is all purple, since it hands on
# what speaks *for* a unit alone; the rows above and below it are orange and purple side by side. So what a picture
# shows is the rule as much as the network.
#
# The table tells what the pictures hide. Shapley values hand out everything, even from a few random orders, since every
# single order adds up. Integrated gradients hand out all but the error of 100 gradients. Gradient times input and LRP
# leave over what biases had a share in. The absolute gradient promises nothing, and tinynet's HiResCAM does not either
# (at this layer it could, see section 13.3).
#
# One face last, of the thesis' network. Here the truth is known: one planted feature tells each person from their
# look-alikes (outlined). Players need not be patches: parts of a face will do.

# %%
everyone = datasets.load("faces")
planted = everyone.masks["distinguishing"]
thesis = models.build("thesis", everyone.input_shape, len(everyone.classes), rng=0)
some, others = everyone.split(rng=0)
rule = {"loss": tn.CrossEntropy(), "optimizer": tn.Adam(0.003), "epochs": 25, "batch_size": 10}
tn.fit(thesis, some.x, some.labels, **rule, progress=False)
known = tn.accuracy(thesis, others.x, others.labels)
print(f"unseen faces recognised: {known:.0%}")
mean_face = everyone.x.mean(axis=0)
index = int(np.flatnonzero(everyone.labels == everyone.classes.index("Ben"))[5])
face, person = everyone.x[[index]], int(everyone.labels[index])

parts = np.zeros(everyone.input_shape, int)
names = ["the rest"]
for name in ("hair", "eyes", "nose", "mouth", "distinguishing"):
    if name in everyone.masks and everyone.masks[name][index].any():
        parts[0][everyone.masks[name][index]] = len(names)
        names.append("planted" if name == "distinguishing" else name)
ask = {"x": face, "target": person, "of": "margin"}
of_parts = explain.shapley_values(thesis, **ask, players=parts, baseline=mean_face)
maps = {
    "gradient": explain.absolute_gradient(thesis, **ask),
    "gradient\ntimes input": explain.gradient_times_input(thesis, **ask),
    "integrated,\nfrom mean": explain.integrated_gradients(thesis, **ask, baseline=mean_face),
    "occlusion": explain.occlusion(thesis, **ask, stride=4, replace=mean_face),
    "Shapley,\nparts": of_parts,
}
figure, axes = plt.subplots(1, 6, figsize=(9.5, 2.3), layout="constrained")
axes[0].imshow(face[0, 0], cmap="gray", vmin=0, vmax=1)
axes[0].set_title("Ben", fontsize=9)
for panel, (name, found) in zip(axes[1:], maps.items(), strict=True):
    values = np.asarray(found)[0, 0]
    panel.imshow(values, cmap="PuOr", vmin=-abs(values).max(), vmax=abs(values).max())
    panel.set_title(name, fontsize=9)
for panel in axes:
    panel.contour(planted[index], levels=[0.5], colors=YELLOW, linewidths=1)
    panel.set(xticks=[], yticks=[])
figure.suptitle("Why Ben, and not his look-alike? (the planted feature outlined)")
plt.show()
worths = [np.asarray(of_parts)[0][parts == number][0] for number in range(len(names))]
print("Shapley values:", ", ".join(f"{name} {worth:+.2f}" for name, worth in zip(names, worths, strict=True)))
print(f"in sum {sum(worths):.2f}; to be explained {of_parts.explained[0]:.2f}")

# %% [markdown]
# All five maps answer one question, about the **margin**, Ben's logit less the largest of the others. The gradient,
# integrated gradients and occlusion have their highest place on his widow's peak, and of the parts of his face it
# counts for more than half of the margin. Gradient times input scatters its values all over the face. So the methods
# disagree, they cannot all be right, and one face proves nothing. The next chapter asks them for proof.
#
# ## In five lines
#
# - Slope times step is exact for a linear prediction. Where a prediction is full it gives 0: for $\min(1, x_1 + 2
#   x_2)$ at (1, 1) everything is left over.
# - Integrated gradients add up: (1/3, 2/3). From kink to kink they are exact to rounding, where 50 gradients leave
#   over a hundredth.
# - HiResCAM adds up to the logit less a bias, 6.9 for our three. Grad-CAM comes to -10.2, and its ReLU leaves nothing.
# - LRP with epsilon 0 is gradient times input; what it leaves over the biases had. Shapley values add up too, to
#   (1/2, 1/2): to add up is not to be right.
# - Occlusion promises no sum: 8.8 in all, of 7.1 to be explained.
#
# ## On your own
#
# 1. Show that on a network *without* biases, of ReLUs and max pools, integrated gradients from black are gradient times
#    input. (The path is $a\,x$; what does the gradient do along it?)
# 2. Blurred images as a baseline (`tn.explain.blurred`), and the mean over several digits as baselines. Which pixels
#    gain?
# 3. Two equal hidden units, a unit that nothing depends on: what does each method give them? Shapley values are the
#    only ones that add up, treat equals equally, give nothing for nothing, and are linear in the prediction.
# 4. Draw Shapley values from random orders. How many for an error of 1 %? Add each order's reverse: how many now?
# 5. Write the rule $\alpha = 1$ of section 13.4 beside your `lrp_epsilon`, and compare with `LRPAlphaBeta(1, 0)`.
#
# ## Further reading
#
# - Sundararajan, Taly and Yan 2017, *Axiomatic attribution for deep networks*; Sturmfels et al. 2020 for baselines.
# - Selvaraju et al. 2017 for Grad-CAM; Draelos and Carin 2020, *Use HiResCAM instead of Grad-CAM*, with the proof.
# - Bach et al. 2015 for LRP; Montavon et al. 2019 for its rules; Shrikumar et al. 2016: it is gradient times input.
# - Shapley 1953; Lundberg and Lee 2017 for attributions; Mitchell et al. 2022 for drawing orders.
# - `tinynet/explain/attribution/`: `path.py`, `cam.py`, `lrp.py`, `shapley.py` hold what was derived here.
#
# What this chapter claims, checked:

# %%
assert not first_guess.any(), "gradient times input sees nothing of a full glass"
assert np.allclose(by_path, [1 / 3, 2 / 3], atol=1e-6) and np.allclose(by_orders, 1 / 2)
assert abs(exact.sum() - by_library.explained[0]) < 1e-10 < 1e-6 < errors[4], "exact from kink to kink"
assert errors[-1] < errors[0]
assert (np.diff(errors) > 0).any() and 1e-3 < errors[4] < 5e-2, "slowly, and not even each time"
assert kinks.max() < 0.25, "behind the first quarter of the way nothing changes any more"
assert len(kinks) >= 5 and on_dark[0] == 0 and 0.35 < on_dark[1] < 0.65, "black pixels count from the mean alone"
wanted, placed, mean_of = sums["flatten and dense"]
assert np.isclose(wanted, placed) and abs(wanted - mean_of) > 0.05 * abs(wanted), "HiResCAM adds up, Grad-CAM does not"
assert np.allclose(sums["average pool and dense"][1:], sums["average pool and dense"][0])
assert np.isclose(wanted, 6.9, atol=0.2) and np.isclose(mean_of, -10.2, atol=0.5)
assert cut_off.max() == 0
for row in columns.values():
    assert np.isclose(row["logit"], row["pixels"] + row["dense1"] + row["dense2"]), "nothing is lost unseen"
assert abs(columns["no biases"]["dense1"]) + abs(columns["no biases"]["dense2"]) < 1e-9
assert max(columns["no biases"]["from gradient"], columns["biases"]["from gradient"]) < 1e-8
assert columns["biases, epsilon 0.5"]["from gradient"] > 1e-3
assert np.isclose(counted.sum(), rise) and abs(counted[players] - by_its[0]).max() < 1e-9
assert np.isclose(alone.sum(), 8.8, atol=0.3) and np.isclose(rise, 7.1, atol=0.2), "occlusion promises no sum"
assert abs(alone.sum() / rise - 1.25) < 0.1, "a quarter more"
assert abs(methods["Shapley,\n25 patches"].remainder).max() < 1e-8, "every single order adds up"
for name in ("integrated\ngradients", "integrated,\nfrom mean"):
    assert abs(methods[name].remainder).max() < 0.02 * methods[name].explained.mean(), "all but a small error"
assert abs(methods["gradient\ntimes input"].remainder).max() > 0.05
assert (np.asarray(methods["LRP,\nalpha 1"]) >= 0).all(), "all purple"
assert methods["absolute\ngradient"].explained is None and methods["HiResCAM"].explained is None
for name in ("gradient", "integrated,\nfrom mean", "occlusion"):
    highest = abs(np.asarray(maps[name])[0, 0])
    assert explain.dilated(planted[index], 2)[np.unravel_index(highest.argmax(), highest.shape)], name
assert worths[-1] == max(worths) and worths[-1] > 0.5 * sum(worths), "the planted feature counts most"
assert averaged.max() <= 0 < sums["flatten and dense"][0] and np.median(kinks) < 0.2
assert known > 0.7 and np.isclose(sum(worths), of_parts.explained[0], atol=1e-4)
