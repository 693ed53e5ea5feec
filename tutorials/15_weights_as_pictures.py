# %% [markdown]
# # 15 Weights as pictures
#
# | | |
# | --- | --- |
# | **You will do** | read what a network has learned from its weights, then check the reading by numbers |
# | **You will learn** | weight projection, its score, the response gap, the linear path and the path an image takes |
# | **You need** | chapter 4: training, and why a ReLU can be dead; chapter 2: the backward pass |
# | **Time** | 80 minutes with the exercises |
# | **Where you are** | Maps need an image, and many can mislead. What can be seen in the weights alone? |
#
# The maps of chapters 13 and 14 need an image. The oldest way of looking needs none: a unit that sees the whole image
# has one weight for each pixel, so its weights *are* a picture. Gulati and others (2017) draw such **weight
# projections** and call what they see self-evident. When does such a picture tell us what the unit does, and how would
# we notice if it did not?

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import explain, models
from tinynet.datasets.drawn import letters
from tinynet.studies.gulati.letters import gaps, region, shares

plt.rcParams["image.interpolation"] = "nearest"
seen, unseen = letters.load().split(rng=0)
BOTTOM, UPPER = region("bottom leg"), region("upper legs")

# %% [markdown]
# ## 15.1 Two units tell three letters apart
#
# The task is that of Gulati and others (2017): the letters E, F and L in noise, and a network of two hidden ReLU units
# **without biases**. E and L share the bottom leg, E and F the upper ones. Chapter 4 met this network, and found that
# with usual weights a unit is nearly always dead. So this time the weights of the hidden layer are positive at first.
#
# > **Before you run the next cell.** Two units for three classes, and no bias anywhere. What would you make each of
# > them look for?
# > <details><summary>Think of what two letters have and the third has not.</summary>One for the bottom leg, which F
# > lacks, one for the upper legs, which L lacks. E makes both of them speak. A unit for a whole letter would leave the
# > other unit with two letters to tell apart.</details>

# %%


def trained(seed):
    """Return the letters' network from one start."""
    net = models.build("letters", (1, 28, 28), 3, rng=seed)
    models.named("letters").train(net, seen.x, seen.labels, rng=seed, progress=False)
    return net


net = trained(0)
right = np.mean(net(unseen.x).argmax(axis=1) == unseen.labels)
print(f"{right:.1%} of the letters not seen before are recognised")


def show(pictures, titles, title):
    """Show signed pictures, each on a scale of its own: purple is above 0, orange below, white is 0."""
    figure, axes = plt.subplots(1, len(pictures), figsize=(1.9 * len(pictures), 2.5), layout="constrained")
    for panel, picture, name in zip(axes, pictures, titles, strict=True):
        limit = np.abs(picture).max() or 1
        panel.imshow(picture, cmap="PuOr", vmin=-limit, vmax=limit)
        panel.set_title(name, fontsize=9)
        panel.set(xticks=[], yticks=[])
    figure.suptitle(title)
    plt.show()


weights = explain.weight_projection(net, "relu1")
print(weights.kind)
means = [unseen.x[unseen.labels == label].mean(axis=0)[0] for label in range(3)]
show(
    [*means, *weights.pictures[:, 0]],
    ["mean E", "mean F", "mean L", "unit 1", "unit 2"],
    "Letters, and weights of two units",
)

# %% [markdown]
# This is as good as it gets: one look, and you can say what each unit does. Purple weights speak for a unit, orange
# ones against it. One unit wants the bottom leg and shuns the upper ones, and the other does the opposite. We have only
# one network, though, and eyes that want to see legs.
#
# ## 15.2 Self-evident, in numbers
#
# What did you look at? At where a picture is *purple*. So count that: of a unit's positive weight in the legs, which
# share lies in the bottom leg? Near 1 for a unit of the bottom leg, near 0 for one of the upper legs. (The *size* of
# weights would not do: a leg that a unit does not want gets large negative weights.)

# %% [markdown]
# > **Exercise 15.1** (★★☆, 15 minutes) Of the positive weight, the share in a region: write `share_in` in
# > `exercises/ch15.py`.
# >
# > <details><summary>Hint 1</summary>Make negative weights 0 first. Then two sums for each unit, one for each
# > region.</details>
# > <details><summary>Hint 2</summary>`pictures[:, inside]` takes the pixels of a region out of all pictures at once,
# > and has the shape (units, pixels of the region).</details>
# > <details><summary>Hint 3</summary>The first sum, divided by both together. Where both together are 0 the answer is
# > `np.nan`: divide by 1 there, and choose with `np.where`.</details>

# %%
check("15.1")

# %% [markdown]
# > **Before you run the next cell.** Five networks from five starts. Will the first unit be the one of the bottom leg
# > in all of them?
# > <details><summary>What tells the two units apart before training?</summary>Nothing but chance. Which unit takes
# > which leg changes from start to start; that each leg has a unit does not.</details>

# %%
nets = [net, *(trained(seed) for seed in range(1, 5))]
of_bottom = shares(np.array([explain.weight_projection(each, "relu1").pictures for each in nets]))
for seed, row in enumerate(of_bottom):
    print(f"start {seed}: share of the bottom leg {row[0]:.2f} and {row[1]:.2f}")

# %% [markdown]
# In every start one unit is below 0.1 and one above 0.9, and which of the two is which is a matter of chance. The
# study whose `shares` and `gaps` the cells take (`python -m tinynet study gulati`) does the same for twenty starts and
# two readings of the noise.
#
# ## 15.3 The same without looking
#
# A picture is a hypothesis about what a unit does. What it *does* can be measured: its mean output for each letter. The
# document foresees that a unit is "near zero" for the letter without its leg. In a number, the **response gap**: how
# far the second of the three means stands out from the third, in parts of the best.
#
# > **Before you run the next cell.** The bottom leg has 40 pixels, and the stem, which all letters have, twice as many.
# > There are no biases. Will the unit of the bottom leg be silent for F?
# > <details><summary>Think of what is left in an F.</summary>Its stem, and noise of 0.08 on average in every pixel.
# > The unit began with positive weights everywhere, and nothing has asked it to lose them all. It will be quieter, not
# > silent.</details>

# %%
hidden = net.trace(unseen.x)["relu1"]
responses = np.array([hidden[unseen.labels == label].mean(axis=0) for label in range(3)]).T
for unit, row in enumerate(responses, start=1):
    print(f"unit {unit}:", ", ".join(f"{letter} {value:.1f}" for letter, value in zip("EFL", row, strict=True)))
print("gaps:", gaps(responses).round(2))
third = responses.min(axis=1) / responses.max(axis=1)
print("the third letter, in parts of the best:", third.round(2))

# %% [markdown]
# The two letters that pass stand out, so the reading agrees with the picture. But the third letter still gets a tenth
# of the best response and more: *near zero* is not what this network does, and need not be, because the next layer
# compares the two units.

# %% [markdown]
# > **Exercise 15.2** (★★☆, 15 minutes) How far two classes stand out from the third: write `response_gap`.
# >
# > <details><summary>Hint 1</summary>First a table of mean outputs, of shape (3, units): the mean over a class's own
# > images, however many there are.</details>
# > <details><summary>Hint 2</summary>`np.sort(table, axis=0)` puts the three means of each unit in order, smallest
# > first.</details>
# > <details><summary>Hint 3</summary>Row 1 less row 0, divided by row 2. For a silent unit row 2 is 0, and so is its
# > gap: divide by 1 there.</details>

# %%
check("15.2")

# %% [markdown]
# Could it be silent at all, without a bias? Put a little negative weight on the stem, which all letters have, and it
# does a bias's work:

# %%
by_hand = models.build("letters", (1, 28, 28), 3)
for picture, leg in zip(by_hand["dense1"].params["W"].reshape(2, 28, 28), (BOTTOM, UPPER), strict=True):
    picture[...] = 40 / leg.sum() * leg - 0.15 * region("stem")
by_hand["dense2"].params["W"][...] = [[1, 1], [-5, 2], [2, -5]]
silent = by_hand.trace(unseen.x)["relu1"]
left_over = silent[unseen.labels == 1, 0].max(), silent[unseen.labels == 2, 1].max()
right_by_hand = np.mean(by_hand(unseen.x).argmax(axis=1) == unseen.labels)
print(f"set by hand: {right_by_hand:.0%} right, at most {max(left_over):g} for the letter without the leg")

# %% [markdown]
# So silence is possible; training did not go there, because nothing in the loss asks for it. The formulas of the
# trained network, with what a full stroke of ink adds, say it all:

# %%
places = {"stem": region("stem"), "bottom leg": BOTTOM, "upper legs": UPPER}
for unit, picture in enumerate(weights.pictures[:, 0], start=1):
    terms = " ".join(f"{picture[place].sum():+.1f} {name}" for name, place in places.items())
    print(f"h{unit} = max(0, {terms} + ground)")
for letter, (first, second) in zip("EFL", net["dense2"].params["W"], strict=True):
    print(f"{letter} = {first:+.2f} h1 {second:+.2f} h2")

# %% [markdown]
# ## 15.4 One layer further up
#
# A unit of the second hidden layer has a weight for each unit of the first, not for each pixel. The obvious picture
# multiplies the matrices, $W_2 W_1$: the **linear path**. It is what the unit would be if the ReLUs in between were not
# there. But they are. For an image $x$ only the units that are on pass anything, and the path that *this image* takes
# is $W_2\, \mathrm{diag}(u > 0)\, W_1$, with $u = W_1 x$. You know it: it is the gradient, the Jacobian at this image
# (`explain.unit_gradient`).

# %% [markdown]
# > **Exercise 15.3** (★☆☆, 10 minutes) The linear path: write `linear_path`.
# >
# > <details><summary>Hint 1</summary>What does one unit of the second layer see of the pixels, if all units below pass
# > everything on as it is?</details>
# > <details><summary>Hint 2</summary>Each further matrix is multiplied from the left onto the product so far.</details>
# > <details><summary>Hint 3</summary>Begin with the first matrix, walk over the others, and reshape each row of the
# > product to the size of the image.</details>

# %%
check("15.3")

# %% [markdown]
# > **Exercise 15.4** (★★★, 20 minutes) The path that an image takes: write `path_of`.
# >
# > <details><summary>Hint 1</summary>Carry two things up: the product of matrices, as in section 15.3, and the signal
# > of this image, which says who is on.</details>
# > <details><summary>Hint 2</summary>Before a product goes through the next matrix, the rows of the units that are off
# > become 0. A column of trues and falses does that: `(signal > 0)[:, None]`.</details>
# > <details><summary>Hint 3</summary>For each further matrix: the product becomes the matrix times the masked product,
# > the signal becomes the matrix times `np.maximum(signal, 0)`. Behind the last matrix nothing is masked.</details>

# %%
check("15.4")

# %% [markdown]
# > **Before you run the next cell.** For the image that drives a unit most, will the linear path and the path taken be
# > nearly the same picture?
# > <details><summary>How many units of the first layer are off for one image?</summary>Some are, and what they would
# > have added is missing. The two pictures are alike and not the same: cosines of about 0.7. Only the path taken gives
# > the unit's net input.</details>

# %%
layers = [
    tn.Flatten(),
    tn.Dense(24, bias=False, initializer="he_normal"),
    tn.ReLU(),
    tn.Dense(6, bias=False),
    tn.ReLU(),
]
deep = tn.Network([*layers, tn.Dense(3, bias=False), tn.Softmax()], (1, 28, 28), rng=2)
tn.fit(
    deep, seen.x, seen.labels, loss=tn.CrossEntropy(), optimizer=tn.Adam(1e-3), epochs=3, batch_size=50, progress=False
)
print(f"two hidden layers: {np.mean(deep(unseen.x).argmax(axis=1) == unseen.labels):.1%} right")

linear = explain.weight_projection(deep, "dense2")
print(linear.kind)
patches = explain.strongest_patches(deep, unseen.x, "relu2", count=20)
alive = patches.outputs[:, 0] > 0
best = patches.pictures[:, 0, 0].reshape(6, -1)  # the one image that drives each unit most
gradients = [explain.unit_gradient(deep, best[[unit]].reshape(1, 1, 28, 28), "dense2", unit) for unit in range(6)]
taken = np.array([gradient["input"].ravel() for gradient in gradients])
without = linear.pictures.reshape(6, -1)
print("linear path and path taken, cosines:", end=" ")
cosines = (taken * without).sum(axis=1) / np.linalg.norm(taken, axis=1) / np.linalg.norm(without, axis=1)
print(cosines.round(2))
exact, wrong = (np.abs((path * best).sum(axis=1) - deep.trace(best.reshape(-1, 1, 28, 28))["dense2"].diagonal())
                for path in (taken, without))  # fmt: skip
print(
    f"net inputs from the path taken are wrong by at most {exact.max():.1e}, from the linear path by {wrong.max():.2f}"
)
show([*without[:3].reshape(-1, 28, 28), *taken[:3].reshape(-1, 28, 28)],
     [f"linear path, unit {k}" for k in (1, 2, 3)] + [f"path taken, unit {k}" for k in (1, 2, 3)],
     "Second hidden layer: without the ReLUs, and as its best image finds them")  # fmt: skip

# %% [markdown]
# The path taken gives the unit's net input to the last digit, for its image and for no other. The linear path is for
# no image at all: it adds up what units do that are never on together. Both are pictures of the same weights. So say
# below each picture which one it is, as `explain.weight_projection(...).kind` does.
#
# What a picture of weights cannot show, whatever the path: how often the unit is on, and whether the purple pixels ever
# vary. Noise gives every pixel of the ground a little weight, and no letter ever inks it.
#
# ## In five lines
#
# - The weights of a unit that sees the whole image are a picture of what it looks for.
# - That can be counted: of the positive weight in the legs, over 0.9 of one unit's lies in the bottom leg and less
#   than 0.1 of the other's, from five starts of five.
# - Outputs agree with the picture, but the third letter still gets 0.1 to 0.25 of the best response: quiet, not
#   silent.
# - Two layers up the linear path is a picture for no image. The path taken is the gradient, and exact for one image.
# - Both can be drawn, and they differ (cosines of 0.6 to 0.8): say below each picture which one it is.
#
# ## On your own
#
# 1. Read the noise of 0.2 as a variance: `letters.load(noise=0.2**0.5)`. Are the units still separated?
# 2. Start with weights of both signs (`initializer="he_normal"`). How many of ten networks have a unit that is dead?
# 3. Add a bias. Does training now make the third letter silent?
# 4. Project the first layer of a network of digits. What do 5 x 5 pixels tell you?
#
# ## Further reading
#
# - Gulati, Lyrio, Pommer and Saboya 2017, section 1; the letters follow P. Orbanz's lecture notes.
# - `tinynet/explain/synthesis/projections.py`; `python -m tinynet study gulati`, rows GL-1 and GL-2.
# - `explain.strongest_patches` looks through filters, `explain.unit_images` makes pictures that units want.
#
# What this chapter claims, checked:

# %%
assert right > 0.99
assert (of_bottom.min(axis=1) < 0.1).all() and (of_bottom.max(axis=1) > 0.9).all()
assert len(set(of_bottom.argmax(axis=1))) == 2, "which unit takes which leg is a matter of chance"
assert (gaps(responses) > 0.3).all()
assert BOTTOM.sum() == 40 and region("stem").sum() == 80
assert (third > 0.08).all() and (third < 0.27).all(), "quieter, not silent"
assert right_by_hand == 1 and max(left_over) == 0, "silence needs no bias"
assert exact.max() < 1e-3 < wrong.max()
assert alive.any() and 0.55 < cosines.min() <= cosines.max() < 0.85, "alike, and not the same"
