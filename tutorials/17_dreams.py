# %% [markdown]
# # 17 Dreams
#
# | | |
# | --- | --- |
# | **You will do** | make pictures that a network wants to see, and ask other networks what they show |
# | **You will learn** | activation maximisation, bounds, Fourier parameters, their adjoint, jitter, deep dream |
# | **You need** | chapter 2: adjoints (VJPs); chapter 5: prediction gradients; a Fourier series and complex numbers |
# | **Where you are** | Chapter 16 looked at images that exist. What does a network draw if it is given none? |
# | **Time** | 100 minutes with the exercises |
#
# A gradient says how an image should change so that a class becomes more likely. Chapter 9 took one step along it.
# Take a hundred, from an image of nothing, and a picture arises that *the network* drew. It is easy to fall for such
# pictures. So these are judged: networks that had no part in them say what they see.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import datasets, explain
from tinynet.explain.synthesis.recipe import from_pixels

plt.rcParams["image.interpolation"] = "nearest"
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
seen, unseen = datasets.load("digits:1200").split(rng=0)


def untrained(seed):
    """Return a network of two convolutions that has learned nothing."""
    layers = [tn.Conv2D(8, 5, initializer="he_normal"), tn.ReLU(), tn.MaxPool2D(2)]
    layers += [tn.Conv2D(16, 5, initializer="he_normal"), tn.ReLU(), tn.MaxPool2D(2)]
    return tn.Network([*layers, tn.Flatten(), tn.Dense(10), tn.Softmax()], seen.input_shape, rng=seed)


def trained(seed):
    """Return such a network after five epochs of digits."""
    net = untrained(seed)
    rule = {"loss": tn.CrossEntropy(), "optimizer": tn.Adam(3e-3), "epochs": 5, "batch_size": 25}
    tn.fit(net, seen.x, seen.labels, **rule, rng=seed, progress=False)
    return net


net, *judges = (trained(seed) for seed in range(3))
right = [tn.accuracy(each, unseen.x, unseen.labels) for each in (net, *judges)]
print("unseen digits recognised by three networks:", ", ".join(f"{each:.1%}" for each in right))

# %% [markdown]
# ## 17.1 What is raised
#
# **Activation maximisation** (*feature visualisation*; Erhan et al. 2009) looks for $\arg\max_x z(x)$: the image for
# which a unit's output $z$ is largest. Which output? A network that is sure of a digit gives it a probability near 1,
# and the slope of the probability is $p_c \sum_j (\delta_{cj} - p_j)\, \partial z_j / \partial x$, next to nothing
# where $p_c \approx 1$. Behind a ReLU that is silent there is no slope at all. So climb the **net input**: for a class,
# the logit.

# %%
logits = net.trace(seen.x)[net.logits]
best = logits.argmax(axis=0)  # the data's best image for each class
lengths = {
    of: np.mean([
        np.linalg.norm(tn.prediction_gradient(net, seen.x[[image]], label, of, layers=["input"])["input"])
        for label, image in enumerate(best)
    ])
    for of in ("logit", "probability")
}  # fmt: skip
print("mean length of the slope at each class's best image:", ", ".join(f"{of} {v:.2g}" for of, v in lengths.items()))

# %% [markdown]
# > **Before you run the next cell.** We start at black and climb the logit of each class, a hundred steps. Nothing
# > else is asked for, but for a small penalty on the length of the picture. How large will the logits be, beside
# > those of the data's best image? And which values will the pixels have?
# > <details><summary>What is a ReLU network, far from the data?</summary>Linear along a ray: twice the picture is
# > about twice the logit. Nothing stops the climb, so the logit says more about the number of steps than about
# > digits.</details>

# %%
free = explain.class_images(net)
print(f"the data's best images: mean logit {logits[best, range(10)].mean():.1f}, pixels from 0 to 1")
darkest, brightest = free.images.min(), free.images.max()
left = np.ptp(free.images, axis=(1, 2, 3)) > 0.1
print(f"{left.sum()} of 10 pictures are no longer black")
height = net.trace(free.images)[net.logits].diagonal().mean()
print(f"the pictures: mean logit {height:.1f}, pixels from {darkest:.1f} to {brightest:.1f}")

# %% [markdown]
# Some never left black: there all places of a map are equal, every pool has a tie, and at such a kink the slope need
# not lead uphill. (A step that would lower the objective is refused, and the next one is half as long.)
#
# The others have pixels that no image has, and the network was never asked about such. Give the pixels the **bounds of
# the data** (*projected gradient ascent*). A pixel that stands at a bound and wants to cross it is left out of the
# slope before the step is scaled. Otherwise it would use up a part of the step and go nowhere.
#
# > **Exercise 17.1** (★★☆, 15 minutes) One step within bounds: `step_within` in `exercises/ch17.py`.
# >
# > <details><summary>Hint 1</summary>Two kinds of pixels are stuck: those at the lower bound with a negative slope, and
# > those at the upper bound with a positive one. A pixel at a bound that wants to come back is free.</details>
# > <details><summary>Hint 2</summary>`np.where(stuck, 0, slope)`, and the root mean square is
# > `np.sqrt(np.mean(slope**2))`, over all pixels.</details>
# > <details><summary>Hint 3</summary>Make the mask; put zeros into the slope; take its root mean square; if that is 0
# > return `x`, otherwise add `rate` times slope over root mean square and clip.</details>

# %%
check("17.1")

# %% [markdown]
# With such steps, thirty of them from black, see what becomes of a 3. The **judges**, the two networks that had no part
# in it, say what they take it for.

# %%
low, high = float(seen.x.min()), float(seen.x.max())
bounded = explain.class_images(net, [3], limits=(low, high), penalty=0, steps=30).images
opinions = [int(judge(bounded).argmax()) for judge in judges]
print(f"a 3 within bounds: logit {net.trace(bounded)[net.logits][0, 3]:.1f}, recognised as {opinions}")

# %% [markdown]
# ## 17.2 Every step has a spectrum
#
# Within bounds, the picture may still be a carpet of fine noise. Why? The steepest direction counts every pixel by
# itself, as if a change of one pixel were as likely as a change of all in a stroke. Digits are smooth: their Fourier
# coefficients are large for coarse patterns and small for fine ones. Use that. Write the picture as $x =
# \mathrm{irfft2}(S F)$, with the **mean amplitude spectrum** $S$ of the data, and climb in $F$: coarse patterns then
# move far, fine ones little.
#
# Libraries made for photographs take $S = 1/f$, colours as photographs have them, a start at mid-grey, and a jitter of
# eight pixels. A digit has 28 pixels, no colour, and ink on black. So **take $S$, the start and the bounds from your
# own images**: `explain.Recipe.of(images)` does.
#
# > **Exercise 17.2** (★☆☆, 5 minutes) The mean spectrum of images: `mean_spectrum`.
# >
# > <details><summary>Hint 1</summary>Two things do not commute: the size of a mean and the mean of sizes. An image and
# > its negative tell them apart.</details>
# > <details><summary>Hint 2</summary>`np.fft.rfft2` transforms the last two axes of a whole stack; `np.abs` of a
# > complex number is its size.</details>
# > <details><summary>Hint 3</summary>Transform all images with `norm="ortho"`, take sizes, then the mean along the
# > first axis.</details>

# %%
check("17.2")

# %% [markdown]
# To climb in $F$ one needs the slope in $F$: for the slope $g$ in pixels, $S A g$ with $A$ the adjoint of irfft2 (its
# *VJP*). It is *not* rfft2 alone. A real picture has $F_{-k} = \overline{F_k}$, so rfft2 keeps half of the columns, and
# each interior column stands for two. Move one of its coefficients, and two terms of the picture move:
#
# $$ x = \dots + F_k\, e_k + \overline{F_k}\; \overline{e_k}, \qquad \langle g, dx \rangle = 2\, \mathrm{Re}\,
# (dF_k\, \langle g, e_k \rangle). $$
#
# So interior columns are doubled. Column 0 is its own mirror, and for an even width so is the last one.
#
# For a width of 5, frequencies 0, 1, 2 are kept, and -1, -2 are not: 1 and 2 are doubled. In tinynet the adjoint is
# `from_pixels`. The cell behind the exercise holds it, and rfft2 alone, against the definition.
#
# > **Exercise 17.3** (★★★, 20 minutes) The adjoint of irfft2: `adjoint_of_irfft2`.
# >
# > <details><summary>Hint 1</summary>Begin with rfft2, and ask of each kept column whether its mirror image was kept as
# > well. Where it was not, the column stands for two.</details>
# > <details><summary>Hint 2</summary>Column 0 is its own mirror. The last column is only if the width is even: then its
# > frequency is half the width. What lies between is doubled.</details>
# > <details><summary>Hint 3</summary>`found = np.fft.rfft2(g, norm="ortho")`, then double the columns from 1 up to, not
# > including, `(width + 1) // 2`.</details>

# %%
check("17.3")

# %%
rng = np.random.default_rng(0)
worst = {"doubled": 0.0, "rfft2 alone": 0.0}
for width in (5, 6):
    g, there = rng.normal(size=(4, width)), (4, width // 2 + 1)
    coefficients = rng.normal(size=there) + 1j * rng.normal(size=there)
    wanted = np.sum(g * np.fft.irfft2(coefficients, s=g.shape, norm="ortho"))
    for name, found in (("doubled", from_pixels(g)), ("rfft2 alone", np.fft.rfft2(g, norm="ortho"))):
        error = abs(np.sum((coefficients.conj() * found).real) - wanted) / abs(wanted)
        worst[name] = max(worst[name], error)
print("<g, irfft2(F)> against <A g, F>, relative error:", ", ".join(f"{k} {v:.1e}" for k, v in worst.items()))

# %% [markdown]
# Now the pictures, one recipe a row. All but the first are within bounds, and each row adds one thing.
#
# > **Before you run the next cell.** Which row will have the highest logits, and which will look most like digits?
# > <details><summary>What does each condition take away?</summary>Every condition takes freedom away, so the freest
# > pictures should be highest. The logit of a picture is no measure of how well it shows a digit.</details>

# %%
own = explain.Recipe.of(seen.x)
recipes = {
    "free": explain.Recipe(),
    "bounds": explain.Recipe(limits=own.limits, penalty=0),
    "+ mean start": own.with_changes(spectrum=None),
    "+ spectrum": own,
    "+ jitter": own.with_changes(jitter=1),
}
made = {name: explain.class_images(net, recipe=recipe) for name, recipe in recipes.items()}


def show(rows, title):
    """Show rows of ten pictures, each picture on its own scale."""
    figure, axes = plt.subplots(len(rows), 10, figsize=(9, 0.95 * len(rows) + 0.4), layout="constrained")
    for line, (name, pictures) in zip(axes, rows.items(), strict=True):
        for panel, picture in zip(line, pictures, strict=True):
            panel.imshow(picture[0], cmap="gray", vmin=picture.min(), vmax=picture.max())
            panel.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
    figure.suptitle(title)
    plt.show()


show({"best image": seen.x[best], **{name: found.images for name, found in made.items()}}, "What raises each class")

# %%
mean = seen.x.mean(axis=0)
classes = np.array([seen.x[seen.labels == label].mean(axis=0) for label in range(10)]) - mean


def likeness(pictures):
    """Return the mean cosine between what distinguishes a picture, and its class, from the mean image."""
    away, wanted = (each.reshape(10, -1) for each in (pictures - mean, classes))
    return np.mean((away * wanted).sum(axis=1) / np.linalg.norm(away, axis=1) / np.linalg.norm(wanted, axis=1))


frequency = np.hypot(np.fft.fftfreq(28)[:, None], np.fft.rfftfreq(28)[None])


def fine_share(pictures):
    """Return which share of the power of pictures, less the mean image, is finer than four pixels a period."""
    power = np.square(explain.amplitude_spectrum(pictures - mean)[0])
    return power[frequency > 0.25].sum() / power.sum()


print(f"{'':14}   logit   like the class   fine patterns")
table = {}
for name, pictures in {"best image": seen.x[best], **{key: each.images for key, each in made.items()}}.items():
    height = net.trace(pictures)[net.logits].diagonal().mean()
    table[name] = height, likeness(pictures), fine_share(pictures)
    print(f"{name:14}{height:8.1f}{table[name][1]:14.2f}{table[name][2]:16.0%}")

# %%
figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
rings = np.minimum((frequency * 28).round().astype(int), 14)
lines = {"digits": seen.x, "pixels": made["+ mean start"].images, "spectrum": made["+ spectrum"].images}
for (name, pictures), colour in zip(lines.items(), ("black", ORANGE, BLUE), strict=True):
    amplitude = explain.amplitude_spectrum(pictures - mean)[0]
    axes.semilogy(range(1, 15), [amplitude[rings == ring].mean() for ring in range(1, 15)], color=colour, label=name)
axes.set(title="amplitudes, from coarse to fine", xlabel="periods a picture", ylabel="mean amplitude")
axes.legend()
plt.show()

# %% [markdown]
# Pictures made in pixels have three times as much of the fine patterns as digits have. Those made with the data's
# spectrum have even less than digits: a step in $F$ moves the picture by $\mathrm{irfft2}(S^2 A g)$, so that $S$ counts
# twice (it is a *preconditioner*, squared). The logits go the other way, and all are above the data's best: a high
# objective is what climbing gives, whatever the picture shows. Nor does each addition help: jitter makes the strokes
# bolder, and the pictures less like their class.
#
# ## 17.3 Other ways to be smooth
#
# - **Jitter** rolls the picture by a pixel or two before each step, and the slope back after it. A pattern that works
#   only at one exact place is no longer worth anything. Rolling back is the adjoint of rolling.
# - **Blur** smooths each step.
# - **Total variation** $\sum |x_{i+1,j} - x_{ij}| + |x_{i,j+1} - x_{ij}|$ is a penalty instead. Each pixel is in up to
#   four of the terms: its slope has a sign from each neighbour.
#
# > **Exercise 17.4** (★★☆, 20 minutes) Total variation and its slope: `total_variation`.
# >
# > <details><summary>Hint 1</summary>Each difference belongs to two pixels. If the lower one grows, the size of the
# > difference changes by its sign; if the upper one grows, by minus its sign.</details>
# > <details><summary>Hint 2</summary>`np.diff(x, axis=0)` holds the differences down, one row fewer than `x`; `np.sign`
# > of 0 is 0, which is what equal neighbours need.</details>
# > <details><summary>Hint 3</summary>Start from zeros. Add the signs of the differences down to the rows from 1 on,
# > subtract them from the rows up to the last but one; do the same across.</details>

# %%
check("17.4")

# %%
pixels = recipes["+ mean start"]
smooth = {
    "pixels": pixels,
    "blur 1": pixels.with_changes(blur=1.0),
    "variation": pixels.with_changes(variation=0.05),
    "jitter 1": pixels.with_changes(jitter=1),
    "jitter 8": pixels.with_changes(jitter=8),
}
smoothed = {name: explain.class_images(net, recipe=recipe).images for name, recipe in smooth.items()}
show(smoothed, "Without a spectrum: other ways to be smooth")
alike = {name: likeness(pictures) for name, pictures in smoothed.items()}
for name, pictures in smoothed.items():
    print(f"{name:10} like the class {alike[name]:.2f}, fine patterns {fine_share(pictures):.0%}")

# %% [markdown]
# Blur and total variation come near the spectrum (a likeness of about 0.5, where it has 0.58), each with a number
# that somebody has to choose; the spectrum comes from the data. A jitter of eight pixels leaves nothing of a digit of
# 28.
#
# ## 17.4 What do others see in them?
#
# Your eyes know which digit each column should be. The judges do not: two networks from other starts, which had no part
# in the pictures. And the control: the same recipe, with a network that **has learned nothing** (a *sanity check*,
# chapter 14). If its pictures were recognised too, the recipe would draw the digits, and not the network.
#
# > **Before you run the next cell.** Which share of pictures will be recognised: the free ones, those within bounds,
# > those of the untrained network? Chance is 0.1.
# > <details><summary>Do judges need smooth pictures?</summary>Judges are networks of the same kind, trained on the same
# > digits. They may well agree about patterns that you do not see. Recognised by networks is not yet recognised by
# > people.</details>

# %%


def recognised(pictures):
    """Return which share of ten pictures the judges take for the class that they were made for."""
    return np.mean([judge(pictures).argmax(axis=1) == np.arange(10) for judge in judges])


stranger = untrained(100)
scores = {}
for name, recipe in recipes.items():
    control = explain.class_images(stranger, recipe=recipe).images
    scores[name] = recognised(made[name].images), recognised(control)
figure, axes = plt.subplots(figsize=(7, 2.8), layout="constrained")
places = np.arange(len(scores))
for shift, (label, colour) in enumerate((("trained", BLUE), ("untrained", ORANGE))):
    axes.bar(places + 0.4 * shift - 0.2, [pair[shift] for pair in scores.values()], 0.4, color=colour, label=label)
axes.axhline(0.1, color="black", linestyle="--", linewidth=1)
axes.set(title="pictures recognised by other networks", ylim=(0, 1.05))
axes.set_xticks(places, list(scores))
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
for name, (ours, control) in scores.items():
    print(f"{name:14} trained {ours:.2f}   untrained {control:.2f}")

# %% [markdown]
# Of the untrained network's pictures at most one in five is recognised, with every recipe: what is recognised was
# learned. But look at the bars of "bounds". The judges recognise nearly all of these pictures, in which *you* see a
# carpet. The score shows that pictures carry what networks have in common, and cannot show that they look like digits;
# for that there were the likeness above, and your eyes. One number alone would have told half of it.
#
# ## 17.5 A dream
#
# **Deep dream** (Mordvintsev et al. 2015) starts at an image instead of nothing, and raises $\frac12 \sum a^2$ over a
# whole layer. Its slope at the layer is $a$ itself: whatever is there already is amplified. It does so at several
# sizes, the **octaves**: what was added to the small image is enlarged and added to the next, so that coarse shapes
# come first. Filters do not mind the size of an image; a dense layer would.
#
# > **Before you run the next cell.** We start at a cloud of 56 x 56 pixels. Will the dream of a network that learned
# > digits be full of digits?
# > <details><summary>How much does a filter of the second layer see?</summary>14 pixels of 28: strokes, bends and
# > crossings, no digit.</details>

# %%
wave = np.hypot(np.fft.fftfreq(56)[:, None], np.fft.rfftfreq(56)[None])
cloud = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(56, 56))) / np.maximum(wave, 1 / 28), s=(56, 56))
cloud = ((cloud - cloud.min()) / np.ptp(cloud))[None]
dreams = {
    "the cloud": cloud,
    "one size": explain.deep_dream(net, cloud, "relu2", octaves=1).image,
    "three octaves": explain.deep_dream(net, cloud, "relu2", octaves=3).image,
    "untrained": explain.deep_dream(stranger, cloud, "relu2", octaves=3).image,
}
again = explain.deep_dream(net, cloud, "relu2", octaves=3)
figure, axes = plt.subplots(1, 4, figsize=(9, 2.6), layout="constrained")
for panel, (name, picture) in zip(axes, dreams.items(), strict=True):
    panel.imshow(picture[0], cmap="gray", vmin=0, vmax=1)
    panel.set_title(name, fontsize=10)
    panel.axis("off")
plt.show()
grown = again.objective[:, -1] / again.objective[:, 0]
print("the objective at each size, after the dream in parts of before:", grown.round(1))
print("the same seed, the same bits:", again.image.tobytes() == dreams["three octaves"].tobytes())

# %% [markdown]
# Strokes at most, no digits. And mind the last picture: a network that learned nothing dreams too. That a dream is
# striking says nothing about training; what differs from this control does.
#
# ## In five lines
#
# - Climb the logit, not the probability: at the images it is surest of, the slope of the probability was 250 times
#   smaller.
# - Without bounds the logit rises to 30 times that of the data's best image, with pixels that no image has.
# - The adjoint of irfft2 is rfft2 with the interior columns doubled. Without the doubling the two inner products
#   differ.
# - With the data's own spectrum the pictures are like their class (0.58, where real images have 0.65), with less fine
#   pattern than digits have (3 % and 9 %).
# - Other networks recognise 95 % of pictures that look like noise to us, and 20 % or less of an untrained network's.
#
# ## On your own
#
# 1. Save the way as an animation: `explain.class_images(net, recipe=own, frames=30).frames` into
#    `tinynet.plots.animated_gif`.
# 2. Raise one class and lower another: `Objective.classes(net, [3]) - Objective.classes(net, [8])`.
# 3. Ask for the same unit several times, with `diversity`. How many different pictures has it?
# 4. Make pictures of the filters of `conv2`, at their centre place, beside `explain.strongest_patches`.
# 5. Take the spectrum of another data set, such as `"faces"`, cut to 28 pixels. What does it do to the digits?
#
# ## Further reading
#
# - Erhan, Bengio, Courville and Vincent 2009; Simonyan, Vedaldi and Zisserman 2014, section 2.
# - Mordvintsev, Olah and Tyka 2015; Olah, Mordvintsev and Schubert 2017, "Feature visualization"; Fel et al. 2023.
# - `tinynet/explain/synthesis/recipe.py`; `python -m tinynet study gulati`, row GL-7.
#
# What this chapter claims, checked:

# %%
assert min(right) > 0.8
assert lengths["probability"] < 0.1 * lengths["logit"]
assert table["free"][0] > 5 * table["best image"][0] and free.images.max() > 2 * high
assert worst["doubled"] < 1e-10 and worst["rfft2 alone"] > 0.01
assert max(table, key=lambda name: table[name][0]) == "free"
assert all(table[name][0] > table["best image"][0] for name in recipes)
assert table["+ mean start"][0] > table["+ spectrum"][0]
assert table["+ mean start"][2] > table["best image"][2] > table["+ spectrum"][2]
assert table["+ jitter"][1] < table["+ spectrum"][1]
assert left.any() and not left.all()
assert min(alike["blur 1"], alike["variation"]) > alike["pixels"] > alike["jitter 8"]
assert table["+ spectrum"][1] > max(table["free"][1], table["bounds"][1], table["+ mean start"][1])
assert scores["+ spectrum"][0] > 0.8
assert (grown > 1).all()
assert 100 < lengths["logit"] / lengths["probability"] < 600 and 20 < table["free"][0] / table["best image"][0] < 45
assert 2.5 < table["+ mean start"][2] / table["best image"][2] < 4.5
assert np.allclose([table["+ spectrum"][1], table["best image"][1]], [0.58, 0.65], atol=0.03)
assert np.allclose([table["+ spectrum"][2], table["best image"][2]], [0.03, 0.09], atol=0.015)
assert np.allclose([alike["blur 1"], alike["variation"]], 0.52, atol=0.07) and scores["bounds"][0] >= 0.85
assert max(control for _, control in scores.values()) <= 0.25
assert again.image.tobytes() == dreams["three octaves"].tobytes()
