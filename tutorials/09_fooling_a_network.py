# %% [markdown]
# # 9 Fooling a network
#
# | | |
# | --- | --- |
# | **You will do** | change faces so little that you hardly see it, and make a network predict somebody else |
# | **You will learn** | adversarial directions, the best step of a size, fair counts and controls, why it works |
# | **You need** | chapter 5: prediction gradients of logits and probabilities |
# | **Where you are** | Chapter 8 asked what makes you you. How little does it take to make you somebody else? |
# | **Time** | 110 minutes with the exercises |
#
# Chapter 5 asked which units a prediction hangs on. The first units of all are the pixels, and pixels can be changed.
# Moved along the prediction gradient of somebody else, a face becomes, for the network, that somebody. The thesis tries
# it for every face and every identity (section 4.4). We do the same, with controls, and find out why it works.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import datasets, explain, models

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"

everyone = datasets.load("faces")
names = everyone.classes
seen, unseen = everyone.split(rng=0)


def trained(seed):
    """Return the network of the thesis, trained on the seen faces from weights of its own."""
    net = models.build("thesis", everyone.input_shape, len(names), rng=seed)
    tn.fit(net, seen.x, seen.labels, loss=tn.CrossEntropy(), optimizer=tn.Adam(0.003), epochs=30, batch_size=10)
    return net


net = trained(0)
before = net(unseen.x).argmax(axis=1)
right = before == unseen.labels
print(f"of {len(unseen)} faces that the network has not seen, it recognises {right.sum()}; only these can be fooled")

# %% [markdown]
# ## 9.1 A face and a small step
#
# Take a face that is recognised, and the logit of its person less the largest other logit: the **margin**. While it is
# above zero, the face is read correctly. Its gradient at the pixels says which of them to darken and which to brighten
# to bring it down. Change every pixel by the same small amount $\varepsilon$ in that direction, and as a control by the
# same amount up or down at random. What comes out is an *adversarial example*, if it fools the network.
#
# > **Before you run the next cell.** Pixels have 256 grey levels. By how many must each pixel change, at least, until
# > half of the faces are read as somebody else?
# > <details><summary>About 6, or 25, or 100?</summary>About 6: hardly to be seen, and nobody would take it for another
# > person. Whether random changes of that size do the same is the question of section 9.5.</details>

# %%
x, labels = unseen.x[right], unseen.labels[right]
rng = np.random.default_rng(0)
away = -explain.adversarial_directions(net, x, labels, of="margin", norm="max")  # -1, 0 or 1 for each pixel
random_signs = rng.choice(np.float32([-1, 1]), x.shape)


def stepped(images, directions, size):
    """Return images moved along directions; a pixel stays between black, 0, and white, 1."""
    return np.clip(images + np.float32(size) * directions, 0, 1)


def misclassified(directions, size):
    """Return which images are misclassified after a step."""
    return net(stepped(x, directions, size)).argmax(axis=1) != labels


sizes = np.geomspace(0.0005, 0.5, 60)
fooled = np.array([misclassified(away, size) for size in sizes])
smallest = np.where(fooled, sizes[:, None], np.inf).min(axis=0)
shown = int(np.argsort(smallest)[len(x) // 2])
eps = smallest[shown]


def told(image):
    """Return whom the network takes an image for, and how sure it is."""
    p = net(image[None])[0]
    return f"{names[p.argmax()]}, {p.max():.0%}"


figure, axes = plt.subplots(1, 4, figsize=(9, 3), layout="constrained")
panels = (
    ("the face", x[shown], (0, 1)),
    ("the step, made visible", away[shown], (-1, 1)),
    ("face and step", stepped(x, away, eps)[shown], (0, 1)),
    ("face and random signs", stepped(x, random_signs, eps)[shown], (0, 1)),
)
for panel, (title, picture, limits) in zip(axes, panels, strict=True):
    panel.imshow(picture[0], cmap="gray", interpolation="nearest", vmin=limits[0], vmax=limits[1])
    panel.set(title=title, xticks=[], yticks=[])
    if title != panels[1][0]:
        panel.set_xlabel(f"read as {told(picture)}")
axes[1].set_xlabel(f"each pixel by {eps:.3f}")
figure.suptitle("The smallest step that fools the network, for a face of middling resistance")
plt.show()
print(f"{eps:.3f} of the range from black to white is {255 * eps:.1f} of 255 grey levels")

# %% [markdown]
# ## 9.2 The best step of a given size
#
# Which step raises a prediction $y$ most? To first order, a step $d$ adds $g \cdot d$, with $g = \nabla_x\, y$. The
# answer depends on what "size" means:
#
# 1. If the Euclidean length $\lVert d \rVert_2$ is bounded by $\varepsilon$, then $g \cdot d \le \varepsilon \lVert g
#    \rVert_2$ (Cauchy and Schwarz), and $d = \varepsilon\, g / \lVert g \rVert_2$ reaches it. This is the thesis'
#    step, scaled to a length that we choose.
# 2. If no pixel may change by more than $\varepsilon$, then $g \cdot d \le \varepsilon \sum_i |g_i| = \varepsilon
#    \lVert g \rVert_1$, and $d_i = \varepsilon\, \operatorname{sign}(g_i)$ reaches it: each pixel does all that it may.
#    This is the *fast gradient sign* step (FGSM) of Goodfellow et al.
#
# For $n = 3600$ pixels the second has the length $\varepsilon \sqrt n = 60\, \varepsilon$, if all pixels move.

# %% [markdown]
# > **Exercise 9.1** (★★☆, 10 minutes) The steepest way: `unit_directions` in `exercises/ch09.py`.
# >
# > <details><summary>Hint 1</summary>Each image is divided by its own length. What do you divide by if the length is 0?
# > And if the squares are too small for the number format?</details>
# > <details><summary>Hint 2</summary>Divide each image by its largest absolute value first: then no square is lost.
# > <code>keepdims=True</code> keeps the axes, so that the division fits.</details>
# > <details><summary>Hint 3</summary>Twice the same: a size of each image (first the largest absolute value, then the
# > root of the sum of squares), <code>np.where(size &gt; 0, size, 1)</code>, divide.</details>

# %%
check("9.1")

# %% [markdown]
# > **Exercise 9.2** (★☆☆, 5 minutes) A step that changes each pixel a little: `sign_step`.
# >
# > <details><summary>Hint 1</summary>Up, down or not at all: which NumPy function knows three such answers?</details>
# > <details><summary>Hint 2</summary><code>np.sign</code> gives 1, -1 or 0, and <code>np.clip</code> stops at two
# > ends.</details>
# > <details><summary>Hint 3</summary>Clip x plus eps times the signs, between 0 and 1. Do not write into x.</details>

# %%
check("9.2")

# %% [markdown]
# ## 9.3 Logit or probability?
#
# The thesis steps along the gradient of the target's probability. Chapter 5 derived it:
#
# $$\nabla_x\, p_c = p_c \Big( \nabla_x z_c - \sum_k p_k \nabla_x z_k \Big) = p_c\, \nabla_x \log p_c .$$
#
# The target is somebody whom the face does *not* look like, so $p_c$ is small. What follows for its gradient? Here are
# the lengths for all faces and all targets.
#
# > **Before you run the next cell.** Step along the gradient of the target's probability, exactly as long as it
# > is. Which share of the faces is misclassified then?
# > <details><summary>Nearly all, or about a third, or nearly none?</summary>Nearly none: the gradient of a small
# > probability is small, so the step is short as well. Scaled to the length 1, the same direction does it to more than
# > a third of them.</details>

# %%
p = net(x)
targets = np.arange(len(names))
is_other = targets[:, None] != labels
gradient_lengths = {}
figure, panel = plt.subplots(figsize=(6.3, 3.4), layout="constrained")
for of, colour, marker in (("log_probability", BLUE, "o"), ("probability", ORANGE, "^")):
    gradient = tn.prediction_gradient(net, x, "all", of=of, layers=["input"])["input"].astype(np.float64)
    gradient_lengths[of] = np.sqrt(np.square(gradient).sum(axis=(2, 3, 4)))[is_other]
    panel.loglog(p.T[is_other], gradient_lengths[of], marker, color=colour, markersize=3, label=of.replace("_", "-"))
panel.set(xlabel="probability of the target, before the step", ylabel="length of the gradient at the pixels")
panel.set_title("The gradient of a small probability is small")
panel.grid(alpha=0.3)
panel.legend()
plt.show()

one_step = {
    scaling: explain.attack(net, x, labels, [1.0, 100.0], "probability", scaling, limits=(0, 1))
    for scaling in ("none", "l2")
}
raw_error = one_step["none"].error().mean(axis=1)
scaled_error = one_step["l2"].error()[0].mean()
print(
    f"median length: {np.median(gradient_lengths['probability']):.1e} of a probability's gradient, "
    f"{np.median(gradient_lengths['log_probability']):.1f} of a log-probability's"
)
print(
    f"moved by the gradient of the probability as it is: {raw_error[0]:.0%} of the faces are misclassified; "
    f"by 100 times it: {raw_error[1]:.0%}; scaled to the length 1: {scaled_error:.0%}"
)

# %% [markdown]
# The equation says more: the gradients of $p_c$ and of $\log p_c$ differ by a positive number alone. They point the
# *same way*. So what vanishes is the length, not the direction. Scale it, or take $\log p_c$, whose gradient does not
# vanish and cannot be rounded to zero with $p_c$.
#
# The gradient of the logit $z_c$ points elsewhere. It asks to be more like the target. That of $\log p_c$ asks as well,
# by $-\sum_k p_k \nabla z_k$, to be less like whomever the network believes in. The next section sees what that is
# worth.
#
# ## 9.4 Every face towards everybody
#
# `explain.attack` moves each face towards each of the fifteen people, by steps of several lengths, and remembers
# whom it is then predicted as. Two numbers tell how that went (thesis, figures 4.6 and 4.7):
#
# - **success**: the share that is predicted as the target,
# - **error**: the share that is misclassified at all, as anybody else.
#
# Count with care. A face that *is* the target cannot be moved there. And a face that was misclassified before the step
# must not be counted as fooled by it.

# %% [markdown]
# > **Exercise 9.3** (★★☆, 15 minutes) What counts as a success: `success`.
# >
# > <details><summary>Hint 1</summary>Two conditions say which images count for class k. Then it is a share of
# > those.</details>
# > <details><summary>Hint 2</summary>The images that count for k: <code>(labels != k) &amp; (before == labels)</code>.
# > The mean of nothing is NaN, which is what is asked for.</details>
# > <details><summary>Hint 3</summary>For each k: among <code>predictions[k]</code>, take the images that count, and the
# > mean of what equals k; NaN if there is none.</details>

# %%
check("9.3")

# %%
lengths = 2.0 ** np.arange(-2, 6)
found = {
    of: explain.attack(net, unseen.x, unseen.labels, lengths, of, limits=(0, 1)) for of in ("logit", "probability")
}
best = found["probability"].success().mean(axis=0)
hardest, easiest = best.argmin(), best.argmax()
figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained", sharey=True)
for panel, shares, title in zip(
    axes,
    (found["probability"].success(), found["probability"].error()),
    ("predicted as the target", "misclassified"),
    strict=True,
):
    panel.semilogx(lengths, shares, color="0.75", linewidth=1)
    for target, colour, style in ((easiest, GREEN, "--"), (hardest, PURPLE, ":")):
        panel.semilogx(lengths, shares[:, target], style, color=colour, linewidth=2, label=f"towards {names[target]}")
    panel.semilogx(lengths, shares.mean(axis=1), color=ORANGE, linewidth=2.5, label="mean over the targets")
    panel.set(title=title, xlabel="length of the step", ylim=(-0.03, 1.03))
    panel.grid(alpha=0.3)
axes[0].set_ylabel("share of the faces that were right before")
axes[0].legend()
figure.suptitle("One step along the gradient of the target's probability (a line for each target)")
plt.show()

middle = 4
for of, attack in found.items():
    print(
        f"length {lengths[middle]:.0f}, {of:>11}: {attack.success()[middle].mean():.0%} predicted as the target, "
        f"{attack.error()[middle].mean():.0%} misclassified"
    )
naive = (found["probability"].predictions[middle] == targets[:, None]).mean()
print(f"counted over all faces and targets, it would seem that {naive:.0%} are predicted as the target")

# %% [markdown]
# Careful counting matters: to count all faces would add those that were the target already. Some targets are easier
# than others, as the thesis says. And the two predictions differ in one thing. The probability's steps make many more
# errors than the logit's, since they also lead away from whoever was believed in, but they hit no more targets: a face
# that leaves its person need not arrive where it was sent.
#
# The thesis concludes that to induce an error is easier than to hit a target. In these curves it has to be, by
# counting: every hit *is* an error, so the second curve cannot lie below the first.
#
# > **Before you run the next cell.** Give both the same: one try each. For the target, a step towards it; for the
# > error, a step *away* from the face's own class, along minus the gradient of its probability. Must the error still
# > win?
# > <details><summary>Must it?</summary>No: these are different steps, and a hit of the one is no error of the other. It
# > wins all the same, at every length.</details>

# %%
right = net(x).argmax(axis=1) == labels
up = explain.adversarial_directions(net, x, labels, "probability")
one_try = [(net(np.clip(x - length * up, 0, 1)).argmax(axis=1) != labels)[right].mean() for length in lengths]
for length, error, hit in zip(lengths, one_try, found["probability"].success().mean(axis=1), strict=True):
    print(f"length {length:5.2f}: one step away makes {error:4.0%} errors, one step towards a target hits {hit:4.0%}")

# %% [markdown]
# The error wins at every length, and this time it need not have: the thesis is right, on a comparison that it did not
# make. To lead a face away from one class is easier than to lead it to a given one of fourteen.
#
# The left panel above shows something else: longer steps soon stop helping. From the length 8 to 32 the mean hardly
# rises, two of three tries fail at every length, and towards some targets fewer faces arrive the further they go. The
# gradient is a statement about small steps; far from the face it leads nowhere in particular. Here is what long steps
# look like.

# %%
shown_lengths = (0, 2, 8, 32)
figure, axes = plt.subplots(3, 4, figsize=(7, 6.6), layout="constrained")
for row, (face, target) in zip(axes, ((2, 7), (12, 3), (25, 10)), strict=True):
    target = target if target != labels[face] else target + 1
    direction = explain.adversarial_directions(net, x[[face]], target, "probability")
    for panel, length in zip(row, shown_lengths, strict=True):
        image = stepped(x[[face]], direction, length)
        outputs = net(image)[0]
        panel.imshow(image[0, 0], cmap="gray", interpolation="nearest", vmin=0, vmax=1)
        panel.set(xticks=[], yticks=[])
        panel.set_xlabel(f"read as {told(image[0])}\n{names[target]} {outputs[target]:.0%}", fontsize=9)
    row[0].set_ylabel(f"{names[labels[face]]} towards {names[target]}")
for panel, length in zip(axes[0], shown_lengths, strict=True):
    panel.set_title(f"length {length}" if length else "the face")
figure.suptitle("Moved further and further: who is named, and the probability of the target")
plt.show()

# %% [markdown]
# Nothing about the fourth column resembles the target, and little about the third. They are noise laid over a face, and
# the network names somebody all the same.
#
# ## 9.5 Against chance
#
# Perhaps a network is just sensitive, and any change of that size would do? That needs a control: random directions of
# the same size. First for steps that only want to get *away*, as in section 9.1.

# %% [markdown]
# > **Exercise 9.4** (★★☆, 10 minutes) The smallest step that fools: `smallest_step`. One trap: a face that a step fools
# > may be read correctly again after a larger one.
# >
# > <details><summary>Hint 1</summary>Put the size where a step fools, and something larger than all sizes where it does
# > not.</details>
# > <details><summary>Hint 2</summary><code>np.where</code> chooses between the sizes, as a column, and infinity. Then
# > look down each column.</details>
# > <details><summary>Hint 3</summary>The minimum over axis 0 of <code>np.where(fooled, sizes of shape (S, 1),
# > np.inf)</code>.</details>

# %%
check("9.4")

# %%
tries = [rng.choice(np.float32([-1, 1]), x.shape) for _ in range(5)]
by_chance = np.array([np.mean([misclassified(signs, size) for signs in tries]) for size in sizes])
by_gradient = fooled.mean(axis=1)
figure, panel = plt.subplots(figsize=(6.3, 3.3), layout="constrained")
panel.semilogx(sizes, by_gradient, color=ORANGE, linewidth=2, label="signs of the gradient of the margin")
panel.semilogx(sizes, by_chance, "--", color="0.4", linewidth=2, label="random signs (5 tries)")
panel.set(xlabel="change of each pixel (black is 0, white is 1)", ylabel="share misclassified", ylim=(-0.03, 1.03))
panel.set_title("A direction makes the difference")
panel.grid(alpha=0.3)
panel.legend()
plt.show()

median = np.median(smallest)
at_median = np.abs(sizes - median).argmin()
print(
    f"half of the faces are misclassified after a step of {median:.3f} ({255 * median:.0f} of 255 grey levels) or "
    f"less; random signs of that size fool {by_chance[at_median]:.1%}"
)
again = [not fooled[sizes >= size, face].all() for face, size in enumerate(smallest)]
print(f"{np.mean(again):.0%} of the faces are fooled by some step and read correctly again after a larger one")

# %% [markdown]
# So it is not the size, it is the direction. Random signs have to be more than ten times as large until they fool a
# third of the faces.
#
# ## 9.6 Why so small a step suffices
#
# The first guess was that networks are wildly non-linear. Goodfellow et al. answered: it is enough that they are nearly
# *linear*, in many dimensions. Follow the margin $m$ along its tangent. A sign step of size $\varepsilon$ lowers it by
#
# $$\varepsilon \lVert g \rVert_1 = \varepsilon \sum_{i=1}^n |g_i| ,$$
#
# one small amount for each of $n$ pixels, all of the same sign. With random signs they come with either sign and mostly
# cancel: a sum with mean 0 and standard deviation
#
# $$\varepsilon \lVert g \rVert_2 = \varepsilon \sqrt{\sum_{i=1}^n g_i^2} .$$
#
# The ratio of the two grows like $\sqrt n$; it is $\sqrt n$ if all $|g_i|$ are equal, and less otherwise. A step may be
# small in each pixel and still go far, since it has so many pixels to go through. (A picture with twice the side has
# four times as many pixels: all else being equal, twice the ratio.)
#
# In the left panel below, look for the tangent: how far does the margin follow it? In the right one, each dot is a
# face, and the step that fools it stands against the one that its tangent foretells.

# %%
gradient = tn.prediction_gradient(net, x, labels, of="margin", layers=["input"])["input"].astype(np.float64)
norm_1 = abs(gradient).sum(axis=(1, 2, 3))
norm_2 = np.sqrt(np.square(gradient).sum(axis=(1, 2, 3)))
print(
    f"the gradient's signs go {np.mean(norm_1 / norm_2):.0f} standard deviations of random signs; at most "
    f"{np.sqrt(gradient[0].size):.0f} are possible"
)


def margins(images, owners):
    """Return the logit of each image's person, less the largest other logit."""
    logits = net.trace(images)[net.logits].astype(np.float64)
    own = logits[np.arange(len(owners)), owners]
    return own - np.where(np.eye(len(names))[owners] > 0, -np.inf, logits).max(axis=1)


margin = margins(x, labels)
path = np.linspace(0, 2.5 * eps, 60)
along, aside = (
    [margins(stepped(x[[shown]], d[[shown]], s), labels[[shown]])[0] for s in path] for d in (away, random_signs)
)
foretold = margin / norm_1

figure, (left, right_panel) = plt.subplots(1, 2, figsize=(9.3, 3.5), layout="constrained")
left.plot(path, along, color=ORANGE, linewidth=2, label="signs of the gradient")
left.plot(path, margin[shown] - path * norm_1[shown], ":", color="black", label="its tangent")
left.plot(path, aside, "--", color="0.4", label="random signs")
left.fill_between(
    path,
    *(margin[shown] + side * path * norm_2[shown] for side in (-2, 2)),
    color="0.85",
    label="foretold for random signs, two s.d.",
)
left.axhline(0, color="black", linewidth=0.8)
left.set(
    xlabel="change of each pixel",
    ylabel="margin",
    title=f"{names[labels[shown]]}, the face of 9.1",
    ylim=(min(along) - 1, margin[shown] + 2.5),
)
left.legend(fontsize=8)
measured = smallest > sizes[0]  # the others fall at the first size that was tried
right_panel.loglog(foretold[measured], smallest[measured], "o", color=BLUE, markersize=4)
ends = np.array([foretold[measured].min(), foretold[measured].max()])
right_panel.loglog(ends, ends, ":", color="black", label="as foretold")
right_panel.set(xlabel="foretold: margin / 1-norm of the gradient", ylabel="measured", title="Smallest step that fools")
right_panel.legend(fontsize=8)
for panel in (left, right_panel):
    panel.grid(alpha=0.3)
plt.show()
ratio = smallest[measured] / foretold[measured]
within_two = np.mean((ratio > 0.5) & (ratio < 2))
print(
    f"measured over foretold: median {np.median(ratio):.2f}, the middle half {np.quantile(ratio, 0.25):.2f} to "
    f"{np.quantile(ratio, 0.75):.2f}; within a factor of two for {within_two:.0%} of the faces"
)

# %% [markdown]
# The tangent foretells the step, from the margin and the gradient of the untouched face alone, for most faces to within
# a factor of two. That is the linear explanation, tested. It is no law: pixels stop at black and white, tanh saturates,
# another unit wins in a pool, another person becomes the nearest rival. Whoever lies far off the line shows it.

# %% [markdown]
# > **Exercise 9.5** (★★☆, 10 minutes) The step that a tangent foretells: `expected_step`.
# >
# > <details><summary>Hint 1</summary>How much does a sign step of size 1 lower a margin that is linear?</details>
# > <details><summary>Hint 2</summary>By the sum of the absolute values of the gradient, its 1-norm. Then the size is a
# > quotient.</details>
# > <details><summary>Hint 3</summary>Margin divided by <code>abs(gradients)</code> summed over axes 1, 2 and 3, and
# > <code>np.inf</code> where that sum is 0.</details>

# %%
check("9.5")

# %% [markdown]
# ## 9.7 Small steps, many of them
#
# In section 9.4 long steps went astray, because the gradient had changed on the way. So go a little, ask again, go on,
# and never leave the ball of a given length around the face. (This is *projected gradient descent*, PGD, after Madry et
# al.) Then one can see whether a target was out of reach, or only badly aimed at.
#
# > **Before you run the next cell.** One step of length 4 hits about a fifth of the targets. How many are hit by eight
# > small steps that end in the same ball?
# > <details><summary>A fifth as well, or a half, or nearly all?</summary>Nearly all. The targets were within reach; the
# > single step was badly aimed.</details>


# %%
def iterated(image_of, target_of, length, count=8):
    """Return images moved in small steps that each follow the gradient anew, within a ball around the start."""
    images = image_of
    for _ in range(count):
        directions = explain.adversarial_directions(net, images, target_of, "log_probability")
        far = images + np.float32(2 * length / count) * directions - image_of
        distance = np.sqrt(np.square(far).sum(axis=(1, 2, 3), keepdims=True))
        images = np.clip(image_of + far * np.minimum(1, np.float32(length) / distance), 0, 1)
    return images


face, target = np.nonzero(is_other.T)  # all pairs of a face and somebody else
few_lengths = np.array([0.5, 1, 2, 4])
single = explain.attack(net, x, labels, few_lengths, "log_probability", limits=(0, 1)).success().mean(axis=1)
walked = [iterated(x[face], target, length) for length in few_lengths]
steps_hit = np.array([(net(images).argmax(axis=1) == target).mean() for images in walked])
figure, panel = plt.subplots(figsize=(6.3, 3.2), layout="constrained")
panel.semilogx(few_lengths, steps_hit, "o-", color=BLUE, linewidth=2, label="eight small steps")
panel.semilogx(few_lengths, single, "^--", color=ORANGE, linewidth=2, label="one step")
panel.set_xticks(few_lengths, [f"{length:g}" for length in few_lengths])
panel.minorticks_off()
panel.set(xlabel="length (of one step, or of the ball)", ylabel="predicted as the target", ylim=(-0.03, 1.03))
panel.set_title("The targets were within reach")
panel.grid(alpha=0.3)
panel.legend()
plt.show()
for length, one, many in zip(few_lengths, single, steps_hit, strict=True):
    print(f"length {length:3.1f}: one step {one:.0%}, eight steps {many:.0%} predicted as the target")

# %% [markdown]
# The thesis finds it difficult to fool its network with differences that cannot be seen, and suspects the small grey
# images. On our drawn faces the difficulty is the single step: from the length 1 on, small steps hit at least three
# times as many targets in the same ball. What single steps measure is how far the tangent can be trusted, not how large
# the regions are in which the network says the target's name.

# %% [markdown]
# > **Exercise 9.6** (★★★, 20 minutes) Look again after each step: `small_steps`, for signs.
# >
# > <details><summary>Hint 1</summary>A loop: gradient, step, pull back. Which array does the gradient need, and which
# > one the pulling back?</details>
# > <details><summary>Hint 2</summary>The gradient is taken at the images as they are now. The bounds belong to x: no
# > lower than x - eps and 0, no higher than x + eps and 1.</details>
# > <details><summary>Hint 3</summary>In the loop: moved = clip(moved + rate * sign of the gradient at moved, the larger
# > of x - eps and 0, the smaller of x + eps and 1).</details>

# %%
check("9.6")

# %% [markdown]
# Does the same trick fool another network? Szegedy et al. found that large networks, trained on many images, are often
# fooled together. Here is a second network of the same kind, from other initial weights.

# %%
second = trained(1)
both = second(x).argmax(axis=1) == labels
pairs = both[face]
long = walked[3]
first_error = np.mean(net(long).argmax(axis=1)[pairs] != labels[face][pairs])
transferred = np.mean(second(long).argmax(axis=1)[pairs] != labels[face][pairs])
noise = rng.standard_normal(x.shape, np.float32)
noise *= few_lengths[3] / np.sqrt(np.square(noise).sum(axis=(1, 2, 3), keepdims=True))
second_by_noise = np.mean(second(np.clip(x + noise, 0, 1)).argmax(axis=1)[both] != labels[both])
print(
    f"small steps of length {few_lengths[3]:.0f}, made for the first network: it misclassifies {first_error:.0%}, "
    f"the second network {transferred:.0%} (of random steps: {second_by_noise:.0%})"
)

# %% [markdown]
# More often than noise of that length would, and much less often than the network they were made for. Part of what was
# found is shared by networks that learned from the same faces; most of it is a weakness of this one. (What is shared is
# called *transfer*.)
#
# ## 9.8 What the network thinks you look like
#
# The same gradient answers another question. Start from the average face instead of somebody's, and climb the logit of
# a class for a hundred steps, with a penalty on going far. Simonyan et al. called the result the network's image of the
# class.

# %%
average = seen.x.mean(axis=0)
untrained = models.build("thesis", everyone.input_shape, len(names), rng=5)
chosen = [names.index(name) for name in ("Ada", "Ben", "Otto")]
made = explain.class_images(net, start=average)
from_nothing = explain.class_images(untrained, start=average)
rows = (
    ("average of the person", np.stack([seen.x[seen.labels == c].mean(axis=0) for c in targets]), net),
    ("class image", made.images, net),
    ("class image less average", made.images - average, None),
    ("untrained network", from_nothing.images, untrained),
)
figure, axes = plt.subplots(3, 4, figsize=(8, 6.4), layout="constrained")
for column, (title, pictures, reader) in zip(axes.T, rows, strict=True):
    column[0].set_title(title, fontsize=10)
    limits = (0, 1) if reader else (-0.5, 0.5)
    for panel, c in zip(column, chosen, strict=True):
        panel.imshow(pictures[c, 0], cmap="gray", interpolation="nearest", vmin=limits[0], vmax=limits[1])
        panel.set(xticks=[], yticks=[])
        if reader:
            panel.set_xlabel(f"{names[c]} {reader(pictures[[c]])[0, c]:.2f}")
for panel, c in zip(axes[:, 0], chosen, strict=True):
    panel.set_ylabel(names[c])
figure.suptitle("Class images after Simonyan, and the probability that each is read as its person")
plt.show()
sure = net(made.images)[targets, targets]
sure_untrained = untrained(from_nothing.images)[targets, targets]
print(
    f"class images are read as their person with a probability of {sure.min():.2f} to {sure.max():.2f}; the untrained "
    f"network reads its own with {sure_untrained.min():.2f} to {sure_untrained.max():.2f}"
)
print(f"their pixels range from {made.images.min():.2f} to {made.images.max():.2f}; those of faces from 0 to 1")

# %% [markdown]
# The network is sure of these images, and it takes goodwill to recognise anyone in them. A class image and an
# adversarial image are one experiment with two starts, and they teach the same: high probability is no proof of
# likeness (Nguyen et al.).
#
# The last column is the control: a network that has learned nothing can be talked into a class too, far beyond the one
# in fifteen that it would give by chance. Its images are rougher, so what training put there is the smoother pattern.
# The outline of a head was put there by neither. It is that of the start.
#
# ## In five lines
#
# - Half of the faces are misread once each pixel moves by 6 of 255 grey levels along the signs of a gradient; of random
#   signs that large, one face in a hundred is.
# - The gradient of a probability is the probability times that of its logarithm. It points the same way and vanishes:
#   as it is, it fools 3 % of the faces, scaled to the length 1, 39 %.
# - A single step of length 4 makes errors of three quarters of the faces and hits a fifth of the targets. Eight small
#   steps in the same ball hit more than nine of ten.
# - The reason is not that networks bend, but that they are nearly linear in 3600 pixels: margin over 1-norm foretells
#   the smallest step, with a median ratio of 1.
# - What is made for one network fools its twin for about three of ten pairs: a part is shared, most is not.
#
# ## On your own
#
# 1. Repeat section 9.5 with single pixels: how many of the largest entries of $|g|$ must go all the way to black or
#    white?
# 2. Train on the faces together with their sign steps (adversarial training). How much larger is the smallest step
#    then, and what does it cost on clean faces?
# 3. Step away along the gradient of the loss instead of the margin. Which of the two needs the smaller step, and why?
# 4. Shrink the faces to 30 x 30 by averaging, with a network that fits them. Does the ratio of the norms in section 9.6
#    fall by half?
#
# ## Further reading
#
# - Lo 2016, section 4.4 (figures 4.5 to 4.7).
# - Szegedy et al. 2014, where it was discovered; Goodfellow, Shlens and Szegedy 2015, sections 3 and 4, for the linear
#   explanation and the sign step; Madry et al. 2018, for many small steps; Nguyen, Yosinski and Clune 2015, for images
#   of nothing.
# - Simonyan, Vedaldi and Zisserman 2014, section 2, for class images.
# - `tinynet/explain/synthesis/adversarial.py`; `python -m tinynet study lo` repeats this over ten networks (LO-15).
#
# What this chapter claims, checked:

# %%
log_lengths = gradient_lengths["log_probability"]
assert np.allclose(gradient_lengths["probability"], p.T[is_other] * log_lengths, rtol=1e-3), "p times the other"
assert np.median(gradient_lengths["probability"]) < 0.1 * np.median(log_lengths), "it vanishes with p"
assert raw_error[0] < 0.06 and 0.3 < scaled_error < 0.5, "so a step along it as it is leads nowhere"
for attack in found.values():
    assert (attack.error() >= attack.success()).all(), "a hit is an error"
assert (np.array(one_try) > 1.5 * found["probability"].success().mean(axis=1)).all(), "an error is easier, one try each"
assert naive > 1.2 * found["probability"].success()[middle].mean(), "careful counting matters"
assert abs(found["probability"].error()[middle].mean() - 0.75) < 0.08
assert found["probability"].error()[middle].mean() > found["logit"].error()[middle].mean() + 0.15, "more errors,"
assert found["probability"].success()[middle].mean() < found["logit"].success()[middle].mean() + 0.05, "no more hits"
assert best[easiest] > 1.3 * best[hardest], "some targets are easier"
by_length = found["probability"].success()
assert abs(by_length[-1] - by_length[-3]).mean() < 0.2 and abs((by_length[-1] - by_length[-3]).mean()) < 0.06
assert by_length.mean(axis=1).max() < 0.36 and (by_length[-1] < by_length.max(axis=0)).any(), "longer is not better"
assert abs(255 * median - 6) < 1.5 and by_chance[at_median] < 0.03 < 0.4 < by_gradient[at_median]
assert by_chance[sizes < 10 * median].max() < 1 / 3, "the direction makes the difference"
assert (norm_1 > 10 * norm_2).all() and (norm_1 <= 60.001 * norm_2).all()
assert along[np.abs(path - eps).argmin()] < 0.5 and np.corrcoef(along, path)[0, 1] < -0.9, "down along the tangent"
assert abs(np.median(ratio) - 1) < 0.15 and within_two > 0.7, "the tangent foretells the step"
assert abs(single[3] - 0.2) < 0.06 and steps_hit[3] > 0.9, "small steps hit what one step misses"
assert (steps_hit[1:] > 2.9 * single[1:]).all()
assert second_by_noise < transferred < 0.4 < 0.9 < first_error, "what fools one network fools another less"
assert (np.diff(made.objective, axis=0) >= 0).all() and sure.min() > 0.5
