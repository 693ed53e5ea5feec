# %% [markdown]
# # 16 Looking through filters
#
# | | |
# | --- | --- |
# | **You will do** | look at images through the filters of a network, and find out what each kind of picture ignores |
# | **You will learn** | feature maps, strongest patches, switches, deconvolution and guided backpropagation |
# | **You need** | chapter 2: the backward pass; chapter 3: receptive fields, pooling; chapter 15 |
# | **Where you are** | Chapter 15 read units off their weights. Deeper filters see no pixels: how are they read? |
# | **Time** | 110 minutes with the exercises |
#
# A unit that sees the whole image has weights that can be looked at (chapter 15). A filter of the second convolution
# has weights for maps of other filters, and these look like nothing. So look the other way round: give the filter an
# image, and ask what it makes of it, where, and because of which pixels.
#
# There are five kinds of such pictures. All are easily made, and each leaves something out. To know what, we need
# a second question for each: *what would have to change before this picture changes?*

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import datasets, explain
from tinynet.explain.attribution.relu import deconvolved, guided

plt.rcParams["image.interpolation"] = "nearest"

train, test = datasets.load("digits:1600").split(0.25, rng=0)
layers = [
    tn.Conv2D(8, 5, bias=False, initializer="he_normal"),
    tn.ReLU(),
    tn.MaxPool2D(2),
    tn.Conv2D(16, 5, bias=False, initializer="he_normal"),
    tn.ReLU(),
    tn.MaxPool2D(2),
    tn.Flatten(),
    tn.Dense(10),
    tn.Softmax(),
]
net = tn.Network(layers, train.input_shape, rng=0)
tn.fit(net, train.x, train.labels, loss=tn.CrossEntropy(), optimizer=tn.Adam(0.003), epochs=6, batch_size=20,
       rng=0, progress=False)  # fmt: skip
right = tn.accuracy(net, test.x, test.labels)
print(f"{right:.1%} of the digits not seen before are recognised")

# %% [markdown]
# ## 16.1 The image through each filter
#
# The output of a filter for one image is its **feature map**, and a map is a picture. Gulati and others (2017) call
# this a feature map projection. Nothing could be simpler, but for one decision: which grey is which number?
#
# > **Before you run the next cell.** Most programs draw each map on a scale of its own, from 0 to its largest value.
# > Suppose a filter hardly answers at all to this image. What does its map look like?
# > <details><summary>What is white on such a scale?</summary>The largest value is white, however small it is. A filter
# > that whispers looks like one that shouts.</details>

# %%
image = test.x[0]
maps = net.trace(image)["relu2"]
peaks = maps.max(axis=(1, 2))
figure = plt.figure(figsize=(7.6, 3.9), layout="constrained")
one_scale, own_scales = figure.subfigures(1, 2, wspace=0.05)
for part, tops, title in (
    (one_scale, np.full(len(maps), peaks.max()), "relu2, all maps on one scale"),
    (own_scales, peaks, "the same maps, each on a scale of its own"),
):
    for panel, each, top in zip(part.subplots(4, 4).flat, maps, tops, strict=True):
        panel.imshow(each, cmap="gray", vmin=0, vmax=top or 1)
        panel.axis("off")
    part.suptitle(title, fontsize=10)
plt.show()
print(f"highest answers of the filters: from {peaks.min():.2f} to {peaks.max():.2f}")

# %% [markdown]
# On one scale you see at once which filters answer: the loudest is more than three times as high as the quietest. On
# scales of their own you see better *where* each of them does. Both are right, so say below the figure which one it is.
#
# **What a map ignores:** other images. It says where this image drives the filter, not what the filter looks for.
#
# ## 16.2 The patches that drive a filter
#
# So look through many images, and keep what drives the filter most. A place of a map sees a square of the image, its
# receptive field. Walk down from the place, window by window: places *first* to *last* of a map of windows of size $k$
# in steps of $s$, with padding $p$, see
#
# $$ s\,\mathrm{first} - p \quad\text{to}\quad s\,\mathrm{last} - p + k - 1 $$
#
# of the map below. Chapter 3 went up to get the *size* of the square; this way down gives its place as well.
#
# > **Exercise 16.1** (★★☆, 10 minutes) What a place sees: `pixels_seen` in `exercises/ch16.py`.
# >
# > <details><summary>Hint 1</summary>A place of the highest map sees a row of places of the map below, from a first to
# > a last one. Keep these two numbers.</details>
# > <details><summary>Hint 2</summary>One window down: `first * stride - padding` and `last * stride - padding + size -
# > 1`. A window of one place begins and ends with that place.</details>
# > <details><summary>Hint 3</summary>Start with first and last both at `place`, go through `reversed(windows)`, and
# > replace both in each step.</details>

# %%
check("16.1")

# %% [markdown]
# `net.receptive_field("conv2").box(row, column)` returns both ranges of a place of `conv2`, the rows and the columns.

# %%
field = net.receptive_field("conv2")
patches = explain.strongest_patches(net, test.x, "conv2", count=9)
unit, index = 0, 0
row, column = patches.places[unit, index]
down, across = field.box(row, column)
cut = test.x[patches.images[unit, index], :, down, across]
same_patch = np.array_equal(cut, patches.pictures[unit, index])
print(f"place ({row}, {column}) sees rows {down.start} to {down.stop - 1}, ", end="")
print(f"columns {across.start} to {across.stop - 1}; cut out: {same_patch}")

figure, axes = plt.subplots(1, 2, figsize=(5, 2.6), layout="constrained")
axes[0].imshow(test.x[patches.images[unit, index], 0], cmap="gray")
axes[0].add_patch(plt.Rectangle((across.start - 0.5, down.start - 0.5), *field.size[::-1],
                                fill=False, edgecolor="#E69F00", linewidth=2))  # fmt: skip
axes[0].set_title("the image", fontsize=9)
axes[1].imshow(cut[0], cmap="gray")
axes[1].set_title("what the filter sees of it", fontsize=9)
for panel in axes:
    panel.axis("off")
plt.show()

# %% [markdown]
# One patch an image at most: the neighbours of the strongest place see nearly the same pixels, and nine times the same
# stroke would tell us nothing.
#
# > **Exercise 16.2** (★★☆, 15 minutes) Where a unit answers most: `best_places`.
# >
# > <details><summary>Hint 1</summary>First the best place of each image, then the best images: one after the other, and
# > no image comes twice.</details>
# > <details><summary>Hint 2</summary>`argmax` of a flat map gives the first of equal places in reading order; `divmod`
# > by the width turns it into row and column.</details>
# > <details><summary>Hint 3</summary>Flatten the maps; sort the images by minus their largest value with
# > `np.argsort(..., kind="stable")`; take `count` of them; make triples of whole numbers.</details>

# %%
check("16.2")

# %% [markdown]
# > **Before you run the next cell.** Nine patches of one filter stand together. Will they show the same digit?
# > <details><summary>How much of a digit does a filter see?</summary>A square of half the width of the image, which
# > holds a corner or a curve. Several digits have the same curve.</details>

# %%


def show(rows, title):
    """Show kinds of pictures of the first filters, a kind a row: of each filter one picture, or nine in a square."""
    figure, axes = plt.subplots(len(rows), 6, figsize=(9, 1.5 * len(rows) + 0.4), squeeze=False, layout="constrained")
    for line, (name, pictures) in zip(axes, rows.items(), strict=True):
        for k, panel in enumerate(line):
            side = int(len(pictures[k]) ** 0.5)
            sheet = np.block([[np.pad(pictures[k][side * i + j][0], 1) for j in range(side)] for i in range(side)])
            limit, is_patch = np.abs(sheet).max() or 1, name.startswith("patch")
            panel.imshow(sheet, cmap="gray" if is_patch else "RdBu_r", vmin=0 if is_patch else -limit, vmax=limit)
            panel.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, fontsize=8)
    for k, panel in enumerate(axes[0], start=1):
        panel.set_title(f"filter {k}", fontsize=9)
    figure.suptitle(title, fontsize=10)
    plt.show()


show({"patches": patches.pictures}, "The nine patches that drive each filter of conv2 most")
kinds = [len(set(test.labels[row])) for row in patches.images]
print(f"different digits among the nine patches of a filter: from {min(kinds)} to {max(kinds)}")

# %% [markdown]
# No filter is a detector of one digit: its nine patches come from at least three.
#
# **What patches ignore:** which of their pixels count. If every patch has a bright stroke on the left and one on the
# right, the filter may look for either. They are also the *extreme* cases: what it does with the other 98 % of the
# images does not show.
#
# ## 16.3 Back down: switches
#
# To know which pixels count, carry the filter's answer back to them. Seed the backward pass at the filter's net input
# in `conv2`: its value at the strongest place, and 0 everywhere else. Then go down through `pool1`, `relu1`, `conv1`.
#
# - A **convolution** goes down by its adjoint, as in chapter 3: the filter's footprint, put back in its place.
# - A **max pool** has forgotten three pixels of four. Zeiler and Fergus (2014) keep the place of the winner of each
#   window from the forward pass, and call it a **switch** (*location variable*). What comes down goes there. It is what
#   the gradient does.
# - For the **ReLU** there are three opinions. They are the subject of the next section.
#
# > **Exercise 16.3** (★★☆, 15 minutes) Unpooling with switches: `unpool`.
# >
# > <details><summary>Hint 1</summary>Two arrays are at work: the winners are found in `x`, the values come from
# > `signal`. The sign of a value does not matter.</details>
# > <details><summary>Hint 2</summary>The window of place (i, j) is `x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]`; its
# > `argmax` is 0 to 3, and the first of equal ones.</details>
# > <details><summary>Hint 3</summary>Start from zeros. For each place of the signal split the argmax by `divmod(...,
# > 2)` into down and across, and write the value there.</details>

# %%
check("16.3")

# %% [markdown]
# > **Before you run the next cell.** Throw the switches away and put each value into the top left corner of its window.
# > It moves by one pixel at most. Will that be seen?
# > <details><summary>Each value brings a footprint of 5 x 5 pixels, signs and all.</summary>Footprints that lay well on
# > each other now lie beside each other, by a pixel here and none there. Lines break up.</details>


# %%
def without_switches(layer, signal, x, y):
    """Carry a signal back as deconvolution does, but into the corner of each window."""
    if not isinstance(layer, tn.MaxPool2D):
        return deconvolved(layer, signal, x, y)
    found = np.zeros((*signal.shape[:-3], *x.shape[-3:]), signal.dtype)
    found[..., ::2, ::2] = signal
    return found


def projected(which, patches, step):
    """Return each patch's seed, carried down to the pixels that its place sees."""
    found = np.zeros_like(patches.pictures)
    for k, unit in enumerate(patches.units):
        rows, columns = patches.places[k].T
        seeds = np.zeros((len(rows), *which.shapes["conv2"]), which.dtype)
        seeds[np.arange(len(rows)), unit, rows, columns] = patches.outputs[k]
        pictures = which.carry_back(which.trace(test.x[patches.images[k]]), seeds, step, at="conv2").input
        for i, picture in enumerate(pictures):
            down, across = field.box(rows[i], columns[i])
            found[k, i] = picture[:, down, across]
    return found


def alike(one, other):
    """Return the mean correlation of pictures with those beside them."""
    a, b = (each.reshape(-1, each[0, 0].size).astype(float) for each in (one, other))
    a, b = (each - each.mean(axis=1, keepdims=True) for each in (a, b))
    return np.mean((a * b).sum(axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)))


with_switches, corners = (projected(net, patches, step) for step in (deconvolved, without_switches))
same_as_library = np.abs(with_switches - explain.projected_patches(net, test.x, patches, "deconvolution")).max()
rows = {
    "patch": patches.pictures[:, :1],
    "with\nswitches": with_switches[:, :1],
    "into the\ncorners": corners[:, :1],
}
show(rows, "Deconvolution, from the best patch of each filter (white is 0, red speaks for the filter)")
of_patches = alike(with_switches, patches.pictures), alike(corners, patches.pictures)
print(f"correlation with the patch: {of_patches[0]:.2f} with switches, {of_patches[1]:.2f} without")

# %% [markdown]
# Without the switches the likeness to the patch falls by about half: they know where the strokes were. Keep that in
# mind: some of what makes these pictures look right comes from the *image*, through the switches, and not from the
# filter.
#
# ## 16.4 Three rules for a ReLU
#
# Let $R$ be what comes down to a ReLU, and $u$ its net input in the forward pass.
#
# | | passed on | asks |
# | --- | --- | --- |
# | gradient | $R \cdot [u > 0]$ | was the unit on? |
# | deconvolution (*deconvnet*) | $\max(R, 0)$ | does it speak *for* what we ask about? |
# | guided backpropagation | $\max(R, 0) \cdot [u > 0]$ | both |
#
# The first is the chain rule. The second, of Zeiler and Fergus, uses a ReLU on the way down because there is one on the
# way up. The third, of Springenberg and others (2015), does both, and gives the sharpest pictures. Nothing is clipped
# below the lowest filter, so pixels can be negative.
#
# > **Exercise 16.4** (★★★, 25 minutes) Three ways back: `carried_back`.
# >
# > <details><summary>Hint 1</summary>Go up first and keep the net inputs of all layers. Then go down: the last matrix
# > gives a row of weights, and each ReLU below it is met before the matrix below it.</details>
# > <details><summary>Hint 2</summary>Clipping is `np.maximum(found, 0)`, for two of the rules; `found * (u > 0)` asks
# > whether units were on, for two of them; a matrix goes down as `found @ matrix`.</details>
# > <details><summary>Hint 3</summary>`found = weights[-1][unit]`; then for the other matrices from the last to the
# > first, each with its net input: clip if the rule says so, gate if it says so, multiply.</details>

# %%
check("16.4")

# %% [markdown]
# > **Before you run the next cell.** Our convolutions have no biases. Multiply a picture by its patch, pixel by pixel,
# > and add up. For one of the three the sum is the filter's answer, exactly (if the seed is 1). For which?
# > <details><summary>Chapter 15 had the path that an image takes.</summary>For the gradient: with its ReLUs and
# > switches held, the network is linear, and the gradient is its matrix. Guided backpropagation leaves out what speaks
# > against the filter, so its sum is never too small. Deconvolution leaves that out as well, but lets units through
# > that are off, whose net inputs are negative: nothing can be said beforehand.</details>

# %%
RULES = {
    "deconvolution": deconvolved,
    "guided": guided,
    "gradient": lambda layer, signal, x, y: layer.backward(signal, x, y),
}
own = {name: projected(net, patches, step) for name, step in RULES.items()}
show({"patches": patches.pictures, **own}, "Nine patches of each filter, and three ways back (white is 0)")

sums = {name: (pictures * patches.pictures).sum(axis=(2, 3, 4)) / patches.outputs**2 for name, pictures in own.items()}
for name, share in sums.items():
    print(f"{name}: picture times patch is {share.min():.2f} to {share.max():.2f} times the answer")

# %% [markdown]
# Deconvolution and guided backpropagation look like cleaned strokes, and the gradient looks rough. If you had to choose
# one for a talk, which? The only one whose numbers mean something that can be checked is the rough one: the sums of the
# others are up to twice the answer and more.
#
# ## 16.5 What each picture ignores
#
# A picture of a filter should depend on the filter. Adebayo and others (2018) ask just that (a *sanity check*): **draw
# the weights of a layer anew** and make the same picture. What stays cannot come from what those weights had learned.
#
# We take the same patches and the same seeds, and draw first the filter's own layer, then the one below, then both. One
# trap: seed at the *net input*. Seeded behind its own ReLU, a filter that happens to be off in the drawn network gives
# an empty picture under two of the rules, and an empty picture is no answer.
#
# > **Before you run the next cell.** After `conv2` is drawn anew, which pictures will still look like before? Order the
# > three rules by how much you think stays. And what stays if you do not draw anything, but ask about *another filter*
# > at the same place?
# > <details><summary>What does each rule take from the image?</summary>Switches and on-or-off in relu1 depend on the
# > image and on conv1 alone; they are not touched. Clipping makes everything that comes down positive, so whatever
# > conv2 says, what arrives are the filters of conv1, added up where the image switched them on.</details>

# %%
CHANGES = {"own layer": ["conv2"], "layer below": ["conv1"], "both": ["conv1", "conv2"]}
drawn = {change: [explain.randomised(net, layers, rng=seed) for seed in range(2)] for change, layers in CHANGES.items()}
stays = {
    change: {
        name: np.mean([alike(own[name], projected(other, patches, step)) for other in nets])
        for name, step in RULES.items()
    }
    for change, nets in drawn.items()
}
others = replace(patches, units=np.roll(patches.units, 1))
stays["other filter"] = {name: alike(own[name], projected(net, others, step)) for name, step in RULES.items()}
print(f"{'what is changed':16}" + "".join(f"{name:>16}" for name in RULES))
for change, row in stays.items():
    print(f"{change:16}" + "".join(f"{value:16.2f}" for value in row.values()))

rows = {"patch": patches.pictures[:, :1]}
for name, step in RULES.items():
    rows[f"{name},\ntrained"] = own[name][:, :1]
    rows[f"{name},\ndrawn anew"] = projected(drawn["own layer"][0], patches, step)[:, :1]
show(rows, "The best patches, before and after conv2 is drawn anew")

# %% [markdown]
# Read the table by rows. With its own layer drawn anew, hence with *another filter of no training at all*, the pictures
# of deconvolution and guided backpropagation still correlate by a half or so. Of the gradient's nothing stays. So the
# clean pictures are clean because they show the image, edges found by `conv1`, and less of the filter asked about.
# The last row says the same without any drawing: ask about a filter that is *not* the one these patches drive most, and
# the clean pictures stay about as much alike. When `conv1` is drawn anew, they do change, for it is what they show.
#
# Does that make them useless? They say which edges in the patch the network can see at all. They do not say which of
# them this filter uses.
#
# | picture | shows | ignores |
# | --- | --- | --- |
# | feature map | where one image drives the filter, and how strongly | all other images |
# | strongest patches | what drives it most | which pixels count; all weaker cases |
# | deconvolution | edges in a patch, at the switches | much of the filter's weights; what is off or against it |
# | guided backpropagation | the same, where units are on | much of the filter's weights; what speaks against it |
# | gradient | the path this image takes; adds up | what a larger change would do (chapter 13) |
#
# No picture alone is evidence of what a filter does. Patches *and* a projection *and* what stays when the weights are
# drawn anew, side by side, come close.
#
# ## In five lines
#
# - On scales of their own, maps of filters that answer by 1.3 and by 4.8 look alike: say which scale it is.
# - The nine patches that drive a filter most come from three digits or more; no filter here is a detector of one.
# - Switches carry the image down: without them the likeness to the patch falls from 0.51 to 0.27.
# - Only the gradient adds up to the filter's answer. The sums of the clean pictures come to 0.95 to 2.4 times that.
# - With the filter's own weights drawn anew the clean pictures correlate by 0.50 and 0.61 with what they were, and the
#   gradient not at all.
#
# ## On your own
#
# 1. Seed at `relu2` instead of `conv2` and repeat section 16.5. Count the empty pictures.
# 2. Keep trained weights but permute them within the layer. Does that differ from drawing them anew?
# 3. Project the *weakest* patches, where the net input is most negative. What does the filter dislike?
# 4. Put tanh for ReLU. `explain.deconvolution` refuses; what could it mean there?
#
# ## Further reading
#
# - Zeiler and Fergus 2014, section 2; Springenberg and others 2015, section 3.4; Adebayo and others 2018.
# - Nie, Zhang and Patel 2018: why guided backpropagation and deconvolution restore the image.
# - `tinynet/explain/attribution/relu.py`, `tinynet/explain/synthesis/patches.py`; `tinynet.plots.map_sheet` and
#   `picture_rows` draw such figures of any network.
# - `python -m tinynet study gulati`, rows GL-4 and GL-5, on several networks.
#
# What this chapter claims, checked:

# %%
assert right > 0.85
assert peaks.max() > 3 * peaks.min(), "filters answer unequally"
assert np.allclose([peaks.min(), peaks.max()], [1.3, 4.8], atol=0.3)
assert same_patch and cut.shape == (1, 14, 14)
assert min(kinds) >= 3, "patches of a filter are of several digits"
assert same_as_library < 1e-5
assert np.allclose(of_patches, [0.51, 0.27], atol=0.05), "switches carry the image"
assert np.abs(sums["gradient"] - 1).max() < 1e-3, "the gradient adds up"
assert sums["guided"].min() > 1 - 1e-3 and min(sums["guided"].max(), sums["deconvolution"].max()) > 1.8
clean = np.concatenate([sums["deconvolution"], sums["guided"]])
assert np.allclose([clean.min(), clean.max()], [0.95, 2.4], atol=0.1)
assert np.allclose(list(stays["own layer"].values()), [0.5, 0.61, 0], atol=0.06)
assert np.allclose(list(stays["other filter"].values()), [0.43, 0.54, 0], atol=0.08)
for rule in ("deconvolution", "guided"):
    assert stays["own layer"][rule] > 0.3 > abs(stays["own layer"]["gradient"]) + 0.1
    assert stays["layer below"][rule] < stays["own layer"][rule]
    assert stays["other filter"][rule] > stays["other filter"]["gradient"] + 0.1
