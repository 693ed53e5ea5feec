# %% [markdown]
# # 8 What makes you you, and what makes you look like someone else?
#
# | | |
# | --- | --- |
# | **You will do** | find each person's most characteristic feature, and check the answers against the truth |
# | **You will learn** | from a unit back to pixels; look-alikes; the pointing game; how far a person's images agree |
# | **You need** | chapter 5: prediction gradients, class gradients, saliency; chapter 3: receptive fields |
# | **Where you are** | Chapter 7 judged filters by what is lost without them. Do gradients also know *where* to look? |
# | **Time** | 110 minutes with the exercises |
#
# *What is your most characteristic feature? What makes you seem most like someone else?* Lo's thesis (section 4.3) asks
# a network both, and finds a man's widow's peak and another's smile line. Are the answers true? On photographs nobody
# can say. On our drawn faces somebody can: the 15 people come in families of three who share nearly everything, and
# each person has one planted feature that tells them from their family. We know where it is, to the pixel.
#
# What one network says may be chance, so there are five, from five seeds, each with its own share of the faces.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check
from scipy import stats

import tinynet as tn
from tinynet import datasets, explain, models
from tinynet.datasets import faces

plt.rcParams["image.interpolation"] = "nearest"
BLUE, ORANGE, YELLOW = "#0072B2", "#D55E00", "#E69F00"

everyone = datasets.load("faces")
x, labels, names = everyone.x, everyone.labels, everyone.classes
people, mine = np.arange(len(names)), np.arange(len(labels))
family = np.array([everyone.attributes["family"][labels == person][0] for person in people])
planted = everyone.masks["distinguishing"]


def trained(seed):
    """Return a network of the thesis, trained on three quarters of the faces, and how many of the others it knows."""
    seen, unseen = everyone.split(rng=seed)
    net = models.build("thesis", everyone.input_shape, len(names), rng=seed)
    rule = {"loss": tn.CrossEntropy(), "optimizer": tn.Adam(0.003), "epochs": 40, "batch_size": 10}
    tn.fit(net, seen.x, seen.labels, **rule, progress=False)
    return net, tn.accuracy(net, unseen.x, unseen.labels)


networks, known = zip(*(trained(seed) for seed in range(5)), strict=True)
net = networks[0]
layers = tn.filter_outputs(net)
print("unseen faces recognised, network by network:", ", ".join(f"{share:.0%}" for share in known))

# %% [markdown]
# ## 8.1 The highest gradient
#
# The recipe of the thesis: take the gradient of the person's prediction with respect to the outputs of the first
# filters. Its highest entry says which filter, and where, a little more would help most. **Highest** means: with its
# sign. A large negative entry is a place where more would *harm*.
#
# Here it is for Ben, whose planted feature happens to be that of the thesis' figure 4.3: a widow's peak. A place
# counts as on the feature if it is within 2 pixels of it.

# %% [markdown]
# > **Exercise 8.1** (★☆☆, 5 minutes) The highest place: `highest_place` in `exercises/ch08.py`.
# >
# > <details><summary>Hint 1</summary><code>argmax</code> of an array with three axes is one number. Which entry is
# > meant?</details>
# > <details><summary>Hint 2</summary><code>np.unravel_index</code> turns that number into one index for each
# > axis.</details>
# > <details><summary>Hint 3</summary>Unravel the argmax of the gradient, with the shape of the gradient. No absolute
# > values: a large negative entry is not high.</details>

# %%
check("8.1")

# %% [markdown]
# > **Before you run the next cell.** There are eleven faces of Ben. On how many of them does the highest gradient lie
# > on his widow's peak?
# > <details><summary>None, or some, or all eleven?</summary>Some: on most of them, but not on all. Below is the first
# > face on which it does, and the first on which it does not.</details>

# %%
ben = names.index("Ben")
his = np.flatnonzero(labels == ben)
first = layers[0]
near = explain.dilated(planted, 2)


def of_first_layer(index, target):
    """Return the gradient of a class's probability with respect to the first filters' outputs, for one face."""
    return tn.prediction_gradient(net, x[[index]], target, "probability", layers=[first])[first][0]


def outline(panel, box, colour=YELLOW):
    """Draw the box of pixels that a unit sees."""
    rows, columns = box
    size = (columns.stop - columns.start, rows.stop - rows.start)
    corner = (columns.start - 0.5, rows.start - 0.5)
    panel.add_patch(plt.Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=1.8))


def draw_feature(index, gradient, feature, title):
    """Draw a face with a box, and below it what the first filters put out and their gradients, as in the thesis."""
    figure, axes = plt.subplots(2, 6, figsize=(9, 3.2), layout="constrained")
    axes[0, 0].imshow(x[index, 0], cmap="gray", vmin=0, vmax=1)
    outline(axes[0, 0], feature.box)
    axes[1, 0].imshow(x[index, 0], cmap="gray", vmin=0, vmax=1)
    axes[1, 0].contour(planted[index], levels=[0.5], colors=YELLOW)
    largest = abs(gradient).max()
    for unit, (above, below) in enumerate(axes[:, 1:].T):
        above.imshow(net.trace(x[[index]])[first][0, unit], cmap="gray", vmin=-1, vmax=1)
        below.imshow(gradient[unit], cmap="PuOr", vmin=-largest, vmax=largest)
        above.set_title(f"filter {unit}", fontsize=9)
    row, column = feature.place
    axes[1, 1 + feature.unit].plot(column, row, "o", markersize=9, fillstyle="none", color="black", markeredgewidth=1.5)
    for panel in axes.flat:
        panel.set_xticks([])
        panel.set_yticks([])
    axes[0, 0].set_ylabel("feature found")
    axes[1, 0].set_ylabel("planted")
    axes[0, 1].set_ylabel("outputs")
    axes[1, 1].set_ylabel("gradients")
    figure.suptitle(title)
    plt.show()


of_ben = [of_first_layer(index, ben) for index in his]
features = [tn.strongest_feature(net, {first: gradient}) for gradient in of_ben]
hits = [
    bool(explain.receptive_field_centres(net, first, near[index])[feature.place])
    for index, feature in zip(his, features, strict=True)
]
for face, words in ((hits.index(True), "a hit"), (hits.index(False), "a miss")):
    title = f"What makes Ben Ben, {words}: gradients of his probability (purple raises it, orange lowers it)"
    draw_feature(his[face], of_ben[face], features[face], title)
shown = his[hits.index(True)]
nonzero = np.mean(np.stack(of_ben) != 0)
print(f"on the widow's peak: {sum(hits)} of {len(hits)} faces; {nonzero:.0%} of all gradients are not zero")

# %% [markdown]
# On most of his faces the highest gradient lies on Ben's own feature. One person proves nothing; section 8.5 counts all
# fifteen.
#
# The maps of gradients are mostly white, that is zero. The next layer is a max pool: of four places it passes on the
# one with the highest output, so at most a quarter of the places has any gradient. The others could put out a little
# more, and nobody would notice.
#
# ## 8.2 From a unit to pixels
#
# A place of a map sees a box of pixels. Chapter 3 followed its side $r$ and the distance $j$ between neighbours through
# the layers. To know *where* the box is, follow a third number, the first pixel $a$ that the very first place sees. At
# the input $r = 1, j = 1, a = 0$. A window of size $k$, stride $s$ and padding $p$ begins $p$ places in front of the
# first one, which are $j$ pixels each:
#
# $$a' = a - p\, j, \qquad r' = r + (k - 1)\, j, \qquad j' = s\, j .$$
#
# The place $i$ sees the pixels $a + i j$ to $a + i j + r - 1$, as far as they exist. Convolutions and pools are windows
# alike.

# %% [markdown]
# > **Exercise 8.2** (★★★, 20 minutes) From a place to pixels: `pixels_seen`.
# >
# > <details><summary>Hint 1</summary>Three numbers go up through the layers: the first pixel seen by place 0, the side
# > of the box, the distance between neighbours. How do they begin at the input?</details>
# > <details><summary>Hint 2</summary>They begin with 0, 1 and 1. For each window, the formulas above; mind that all
# > three use the old distance.</details>
# > <details><summary>Hint 3</summary>After the loop, the box begins at start + place * distance and is as long as its
# > side. Cut it off at 0 and at <code>side</code>.</details>

# %%
check("8.2")

# %% [markdown]
# A derivation can be tested. Backpropagation from *one* unit says which pixels its output depends on, and how much.
# None may lie outside the box.

# %%
trace = net.trace(x[[shown]])
outside, half = {}, {}
figure, axes = plt.subplots(1, 3, figsize=(8, 3), layout="constrained")
for panel, name in zip(axes, layers, strict=True):
    middle = net.shapes[name][1] // 2
    seed = np.zeros((1, *net.shapes[name]))
    seed[0, 0, middle, middle] = 1
    slope = abs(net.backward(trace, seed, at=name)["input"][0, 0])
    box = net.receptive_field(name).box(middle, middle)
    within = np.sort(slope[box].ravel())[::-1]
    outside[name] = np.count_nonzero(slope) - np.count_nonzero(within)
    half[name] = np.mean(within.cumsum() < within.sum() / 2)
    panel.imshow(slope, cmap="cividis")
    panel.contour(x[shown, 0], levels=[0.45], colors="0.7", linewidths=0.4)
    outline(panel, box, ORANGE)
    panel.set_title(f"{name}: {outside[name]} pixels outside,\nhalf of it on {half[name]:.0%} of the box", fontsize=9)
    panel.set_xticks([])
    panel.set_yticks([])
figure.suptitle("What one unit of each layer depends on (bright: much), and its box")
plt.show()

# %% [markdown]
# Nothing lies outside. But a box says what a unit *could* look at, not what it depends on in this face. A quarter of
# its pixels, or fewer, have half of the say: those seen through large weights, in the higher layers by the winning
# places of the pools. So the higher the layer, the less a place tells about pixels.
#
# ## 8.3 Someone else
#
# Nothing binds us to the right label. For a face, take the *other* person with the highest logit, and ask for the
# highest gradient of *that* person's prediction: where would a little more make you most like them? That person is the
# face's **look-alike**.

# %% [markdown]
# > **Exercise 8.3** (★☆☆, 5 minutes) The nearest other: `nearest_other`.
# >
# > <details><summary>Hint 1</summary>One's own logit must not win, whatever it is. And no logit that you were given may
# > change.</details>
# > <details><summary>Hint 2</summary>On a copy, the own logit becomes minus infinity.</details>
# > <details><summary>Hint 3</summary>The argmax of <code>np.where(np.arange(len(logits)) == label, -np.inf,
# > logits)</code>, or of a copy with one entry changed.</details>

# %%
check("8.3")

# %%
to_logits = [each.with_layers(each.layers[:-1]) for each in networks]
nearest = []
for each in to_logits:
    logits = np.where(np.eye(len(names))[labels] > 0, -np.inf, each(x))
    nearest.append(logits.argmax(axis=1))
kin = np.array([np.mean(family[other] == family[labels]) for other in nearest])
kin_by_chance = 2 / 14
print("the nearest other is of the same family for", ", ".join(f"{share:.0%}" for share in kin), end=" ")
print(f"of the faces, network by network (by chance {kin_by_chance:.0%})")

chosen = [int(np.flatnonzero(labels == names.index(name))[5]) for name in ("Ben", "Cleo", "Hana", "Kai", "Otto")]
of_one_family = 0
figure, axes = plt.subplots(2, 5, figsize=(8, 3.7), layout="constrained")
for (above, below), index in zip(axes.T, chosen, strict=True):
    found = explain.look_alike_feature(net, x[index], int(labels[index]), of="probability")
    above.imshow(x[index, 0], cmap="gray", vmin=0, vmax=1)
    outline(above, found.feature.box)
    above.set_title(names[labels[index]])
    below.imshow(x[np.flatnonzero(labels == found.other)[5], 0], cmap="gray", vmin=0, vmax=1)
    below.set_title(f"like {names[found.other]}")
    of_one_family += family[found.other] == family[labels[index]]
for panel in axes.flat:
    panel.set_axis_off()
figure.suptitle("Where a little more would make the face above most like the face below")
plt.show()
print(f"of these five pairs, {of_one_family} are of one family")

# %% [markdown]
# The networks have found the families, which nobody told them about. Whether the box is *the* thing that makes the two
# alike cannot be checked here, since look-alikes share nearly everything. The first question is the one with a known
# answer.
#
# ## 8.4 Do the networks use what was planted?
#
# Before we blame an explanation for missing the planted feature, we must know that the network uses it. Take it away
# and see. The same faces can be drawn without their planted features, all else being equal to the pixel.
#
# > **Before you run the next cell.** A planted feature covers 22 of 3,600 pixels on average. The networks recognise
# > nearly all faces. Without those pixels, how many, and whom do they take the others for?
# > <details><summary>Nearly all, or about half, or hardly any?</summary>Between half and two thirds. All others are
# > taken for one of their family, which is what they look like without the feature.</details>

# %%
plain = faces.load(planted=False)
accuracy = {"with": [], "without": []}
to_family = []
for each in networks:
    accuracy["with"].append(tn.accuracy(each, x, labels))
    taken = each(plain.x).argmax(axis=1)
    accuracy["without"].append(np.mean(taken == labels))
    to_family.append(np.mean(family[taken] == family[labels], where=taken != labels))
for which, shares in accuracy.items():
    print(f"recognised {which} the planted feature: " + ", ".join(f"{share:.0%}" for share in shares))
print("of the others, predicted as one of the family: " + ", ".join(f"{share:.0%}" for share in to_family))
print(f"a planted feature covers {planted.sum(axis=(1, 2)).mean():.0f} of {x[0].size:,} pixels on average")

figure, axes = plt.subplots(3, 6, figsize=(8, 4), layout="constrained")
for column, person in zip(axes.T, (1, 5, 6, 9, 12, 14), strict=True):
    index = int(np.flatnonzero(labels == person)[5])
    pictures = x[index, 0], plain.x[index, 0], x[index, 0] - plain.x[index, 0]
    limits = (0, 1), (0, 1), (-0.4, 0.4)
    for panel, picture, (low, high) in zip(column, pictures, limits, strict=True):
        panel.imshow(picture, cmap="gray", vmin=low, vmax=high)
        panel.set_xticks([])
        panel.set_yticks([])
    taken = names[net(plain.x[[index]]).argmax()]
    column[0].set_title(f"{names[person]}:\n{everyone.attributes['distinguishing'][index]}", fontsize=9)
    column[1].set_title(f"now {taken}", fontsize=9)
for panel, words in zip(axes[:, 0], ("as drawn", "without", "difference"), strict=True):
    panel.set_ylabel(words)
figure.suptitle("The planted feature taken away")
plt.show()

# %% [markdown]
# That is as clear as experiments get. With so few pixels changed, a third to a half of the faces become unknown, and
# those are predicted as one of their family, hardly ever as anybody else. For many faces the planted feature *is* what
# makes you you, to the networks as well.
#
# Does the gradient at the pixels foretell this? To first order, taking the feature away changes the logit by the inner
# product of gradient and difference (chapter 7).

# %%
gradients = tn.prediction_gradient(net, x, labels, "logit", layers=["input"])["input"]
foreseen = (gradients * (plain.x - x)).sum(axis=(1, 2, 3))
measured = (to_logits[0](plain.x) - to_logits[0](x))[mine, labels]
agree = np.corrcoef(foreseen, measured)[0, 1]
print(f"own logit without the planted feature: {measured.mean():+.2f} on average, ", end="")
print(f"lower for {np.mean(measured < 0):.0%} of the faces")
print(f"foreseen to first order: {foreseen.mean():+.2f} on average, correlation with the measured {agree:.2f}")

# %% [markdown]
# Hardly. The sign is right on average, and the size a fifth of what it should be. The feature is a large change of its
# pixels, and where it is plain to see, the units that see it are saturated, so a *little* more or less of it does
# little. Keep that in mind when gradients are to point at it.
#
# ## 8.5 The pointing game
#
# Now the test: does the highest gradient lie on the planted feature? That is the **pointing game** (Zhang et al. 2018).
# Rules decide such games, so state them:
#
# - A hit is a highest place within 2 pixels of the feature (as far as a 5 x 5 filter sees from its middle). A place of
#   a map stands for the pixel in the middle of its box.
# - If several places are equally high, count the share of them that hits. A map that is the same everywhere then scores
#   what chance does, instead of whatever is at the top left.
# - Controls: *chance*, the mean share of places that would be hits; the *centre* of the picture; the steepest *edge* of
#   the face; and the gradient of a network with *random* weights, whose hits owe nothing to training.

# %% [markdown]
# > **Exercise 8.4** (★★☆, 10 minutes) Does it point there: `pointing_hit`.
# >
# > <details><summary>Hint 1</summary>Which places are as high as the highest? There may be several.</details>
# > <details><summary>Hint 2</summary><code>heights == heights.max()</code> marks them all. Of how many of these is the
# > mask true?</details>
# > <details><summary>Hint 3</summary>Index the mask with those places, and take the mean.</details>

# %%
check("8.4")

# %%
figure, axes = plt.subplots(2, 6, figsize=(9, 3.4), layout="constrained")
for panel, person in zip(axes.flat, (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14), strict=True):
    index = int(np.flatnonzero(labels == person)[5])
    found = tn.strongest_feature(net, {first: of_first_layer(index, person)})
    hit = explain.receptive_field_centres(net, first, near[index])[found.place]
    panel.imshow(x[index, 0], cmap="gray", vmin=0, vmax=1)
    panel.contour(planted[index], levels=[0.5], colors=BLUE)
    outline(panel, found.box)
    panel.set_title(f"{names[person]}: {'hit' if hit else 'miss'}", fontsize=9)
    panel.set_axis_off()
figure.suptitle("Most characteristic feature (box) and the planted one (blue), one face a person")
plt.show()

# %% [markdown]
# That was one face of each. Now all of them, in five networks.
#
# > **Before you run the next cell.** The highest gradient can be looked for at the pixels, or behind the filters of
# > each layer. Where does it hit most often?
# > <details><summary>At the input, in the first layer, or in the third?</summary>In the first layer, about twice as
# > often as at the pixels and three times as often as in the third. There it beats every control several times over,
# > and misses most faces all the same.</details>

# %%
places = ["input", *layers]
ways = {
    "highest gradient of the probability": ("probability", lambda g, a: g.max(axis=1)),
    "highest gradient of the logit": ("logit", lambda g, a: g.max(axis=1)),
    "saliency (length over filters)": ("probability", lambda g, a: tn.saliency(g)),
    "activation x gradient": ("probability", lambda g, a: (g * a).sum(axis=1)),
}


def hit_rates(each, fresh):
    """Return the hit rate of each way and control, one for each of the places."""
    trace = each.trace(x)
    asked = {of: tn.prediction_gradient(each, x, labels, of, layers=places) for of in ("probability", "logit")}
    random = tn.prediction_gradient(fresh, x, labels, "probability", layers=places)
    centre, edges = np.broadcast_to(explain.centre_map(60, 60), near.shape), explain.edge_map(x)
    rates = {way: [] for way in [*ways, "chance", "centre", "edges", "random network"]}
    for name in places:
        target = explain.receptive_field_centres(each, name, near)
        for way, (of, reduced) in ways.items():
            rates[way].append(explain.pointing_game(reduced(asked[of][name], trace[name]), target).mean())
        rates["chance"].append(target.mean())
        for control, pixels in (("centre", centre), ("edges", edges)):
            rates[control].append(
                explain.pointing_game(explain.receptive_field_centres(each, name, pixels), target).mean()
            )
        rates["random network"].append(explain.pointing_game(random[name].max(axis=1), target).mean())
    return rates


fresh = [models.build("thesis", everyone.input_shape, len(names), rng=100 + seed) for seed in range(5)]
found = [hit_rates(each, other) for each, other in zip(networks, fresh, strict=True)]
rates = {way: np.array([of_one[way] for of_one in found]) for way in found[0]}

figure, axes = plt.subplots(1, 4, figsize=(9.5, 3.2), layout="constrained", sharey=True)
for at, (panel, name) in enumerate(zip(axes, places, strict=True)):
    for row, (way, values) in enumerate(rates.items()):
        colour = ORANGE if way in ways else "0.5"
        panel.plot(values[:, at], np.full(len(values), row), "o", color=colour, fillstyle="none", markersize=5)
        panel.plot(values[:, at].mean(), row, "|", color="black", markersize=14, markeredgewidth=2)
    panel.set(title=name, xlim=(-0.03, 0.63), xlabel="hit rate")
    panel.axhline(len(ways) - 0.5, color="0.7", linewidth=0.8)
    panel.grid(alpha=0.3)
axes[0].set_yticks(range(len(rates)), list(rates))
axes[0].set_ylim(len(rates) - 0.5, -0.5)
figure.suptitle("How often the highest place lies on the planted feature: five networks, and their mean (bar)")
plt.show()
for way, values in rates.items():
    told = ", ".join(f"{name} {rate:.0%}" for name, rate in zip(places, values.mean(axis=0), strict=True))
    print(f"{way}: {told}")

# %% [markdown]
# In the first layer, the recipe of the thesis points at the planted feature more than four times as often as any
# control. So it does find what makes you you. It also misses it on most faces. Why?
#
# - It may be wrong: a gradient tells what *a little more* would do, not what the network would miss. Section 8.4 has
#   shown how far these are apart.
# - It may be right: the planted feature is not all that the network uses. Many faces are known without it.
# - And the map of a higher layer is too coarse: in the third, a place stands for a box of more than a quarter of the
#   picture, and the highest gradient hits little more often than chance.
#
# At the input there is one channel, so saliency is nothing but the absolute value of the gradient; it hits about twice
# as often as the highest gradient. The sign makes the difference: dark features want less brightness, not more. In the
# first layer there are filters for either sign. So which of these maps is best depends on the layer, and all of them
# look equally convincing. Only the numbers beside those of controls tell them apart.
#
# ## 8.6 Do images of one person agree?
#
# All of this was image by image. To speak of *a person's* feature, the images of the person must agree. The documents
# say that they do: each person has a profile of strong and weak filters, stable from image to image (the paper's table
# II). They saw it by eye, on nine images, each asked about its own person. Measure it: the cosine of the profiles of
# two images, of one person and of two.

# %% [markdown]
# > **Exercise 8.5** (★★☆, 20 minutes) Within a person and between two: `within_and_between`.
# >
# > <details><summary>Hint 1</summary>A cosine is an inner product of two directions of length 1. How do you get those
# > of all pairs at once?</details>
# > <details><summary>Hint 2</summary>Divide each profile by its length; the matrix product with the transpose holds all
# > cosines. Two masks choose among them.</details>
# > <details><summary>Hint 3</summary>Same person: <code>labels[:, None] == labels</code>. Within: same, but without the
# > diagonal. Between: not same.</details>

# %%
check("8.5")

# %%
profiles = explain.gradient_profiles(net, x, labels, "logit")
raw, centred = explain.consistency(profiles, labels), explain.consistency(profiles, labels, centred=True)
figure, axes = plt.subplots(1, 2, figsize=(8.5, 3.7), layout="constrained")
by_family = np.argsort(family, kind="stable")
titles = ("cosines of profiles", "after their mean is taken off")
for panel, is_centred, title in zip(axes, (False, True), titles, strict=True):
    alike = explain.cosines(profiles, centred=is_centred)
    np.fill_diagonal(alike, np.nan)
    blocks = [[np.nanmean(alike[np.ix_(labels == one, labels == other)]) for other in by_family] for one in by_family]
    picture = panel.imshow(blocks, cmap="RdBu", vmin=-1, vmax=1)
    panel.set_xticks(people, [names[person] for person in by_family], rotation=90, fontsize=8)
    panel.set_yticks(people, [names[person] for person in by_family], fontsize=8)
    panel.set_title(title)
figure.colorbar(picture, ax=axes, shrink=0.8, label="mean cosine")
figure.suptitle("Mean cosine over the pairs of images of two people, or of one (diagonal)")
plt.show()
for words, of_profiles in (("as they are", raw), ("centred", centred)):
    print(f"{words}: {of_profiles.within:.3f} within a person, {of_profiles.between:.3f} between two, ", end="")
    print(f"p = {of_profiles.p_value:.3f} (relabelled at random)")

# %% [markdown]
# Lengths are never negative, so all profiles point into the same corner and *everything* is alike: the picture on the
# left would convince nobody, though its tiny difference is no chance. (The test relabels the images at random, again
# and again, and counts how often the difference is as large.) Take off what all profiles have in common, and the
# diagonal appears. "Alike" must always be measured against those who should *not* be alike.
#
# So does the claim hold? A claim about the network has to fail where there is nothing to find.
#
# > **Before you run the next cell.** The same test on a network that was never trained, shown noise, each image asked
# > about its own made-up label: will the cosines within a label be near 0?
# > <details><summary>The gradient of person c's logit begins with row c of the last weights. Which images get the same
# > row?</summary>All images with one label get the same row, whatever they show. So the cosines are not near 0: they
# > are higher than those of the trained network on faces.</details>

# %%
noise = np.random.default_rng(0).random(x.shape)
shown = {"trained, faces": (net, x), "untrained, faces": (fresh[0], x), "untrained, noise": (fresh[0], noise)}
asked_own, asked_one = {}, {}
for words, (which, images) in shown.items():
    asked_own[words] = explain.consistency(explain.gradient_profiles(which, images, labels), labels, centred=True)
    each_asked = [
        explain.consistency(explain.gradient_profiles(which, images, person), labels, centred=True, resamples=1)
        for person in (6, 9, 11, 13, 14)
    ]
    asked_one[words] = {what: np.mean([getattr(one, what) for one in each_asked]) for what in ("within", "nearest")}
of_pixels = explain.consistency(x.reshape(len(x), -1), labels, centred=True)
for words, of_own in asked_own.items():
    of_one = asked_one[words]
    print(
        f"{words:>16}: asked about themselves {of_own.within:.2f} within a person, p = {of_own.p_value:.3f}; ", end=""
    )
    print(f"all asked about one {of_one['within']:.2f}, nearest is the same person {of_one['nearest']:.0%}")
print(f"    pixels alone: {of_pixels.within:.2f}, nearest is the same person {of_pixels.nearest:.0%}")

# %% [markdown]
# An untrained network on noise passes the documents' test, and better than the trained one on faces. The label that is
# asked about enters the profile; images of noise with one label share it. So the test cannot fail, and says nothing.
#
# Ask *one* person of all images instead (here five, one after the other), and noise fails, as it should. Of the faces,
# the untrained network's profiles are about as alike within a person as the trained one's: that much is in the pixels.
# What training adds shows in the nearest neighbour, which is the same person far more often. Whether profiles know more
# than the pixels do depends on the faces: `python -m tinynet study lo` asks ten networks, on these and on real ones
# (row LO-5).
#
# ## 8.7 The norm of the mean and the mean of the norms
#
# A class gradient averages, and signs cancel in averages. Write the gradient of image $n$ as $g_n = \bar g + e_n$. The
# deviations $e_n$ add up to zero, so that
#
# $$\frac{1}{N} \sum_n \lVert g_n \rVert^2 = \lVert \bar g \rVert^2 + \frac{1}{N} \sum_n \lVert e_n \rVert^2 .$$
#
# The norm of the mean is what images have in common; the mean of the norms holds the rest as well. Their ratio says how
# much the images agree. It is not 0 even if they have nothing in common: $N$ gradients at right angles and of one
# length have the ratio $1/\sqrt N$. So compare: with that, and with groups of as many faces drawn from everybody.

# %% [markdown]
# > **Exercise 8.6** (★★☆, 10 minutes) Do the images agree: `agreement`.
# >
# > <details><summary>Hint 1</summary>Two lengths in the other order: first the mean, then the length; first the
# > lengths, then the mean.</details>
# > <details><summary>Hint 2</summary>Make each gradient one row with <code>np.reshape(gradients, (N, -1))</code>;
# > <code>np.linalg.norm</code> measures lengths.</details>
# > <details><summary>Hint 3</summary>The norm of the mean over axis 0, divided by the mean of the norms along axis
# > 1.</details>

# %%
check("8.6")

# %%


def agreement(gradients):
    """Return the norm of the mean over the mean of the norms, for groups of images, shape (groups, N, units)."""
    return np.linalg.norm(gradients.mean(axis=1), axis=-1) / np.linalg.norm(gradients, axis=-1).mean(axis=1)


drawn = np.random.default_rng(0).permutation(len(labels)).reshape(len(names), -1)
grouped = np.stack([np.flatnonzero(labels == person) for person in people])
ratios, by_chance = {}, {}
for of in ("logit", "probability"):
    each = [tn.prediction_gradient(one, x, labels, of, layers=layers) for one in networks]
    for name in layers:
        flat = [gradients[name].reshape(len(labels), -1) for gradients in each]
        ratios[of, name] = np.array([agreement(rows[grouped]) for rows in flat])
        by_chance[of, name] = np.array([agreement(rows[drawn]) for rows in flat])

figure, axes = plt.subplots(1, 2, figsize=(8.5, 3.1), layout="constrained", sharey=True)
for panel, of in zip(axes, ("logit", "probability"), strict=True):
    for row, name in enumerate(layers):
        spread = np.linspace(-0.1, 0.1, ratios[of, name].size)
        panel.plot(row - 0.15 + spread, ratios[of, name].ravel(), "o", color=ORANGE, markersize=3)
        panel.plot(row + 0.15 + spread, by_chance[of, name].ravel(), "s", color="0.5", markersize=2.5)
    panel.axhline(1 / np.sqrt(grouped.shape[1]), color=BLUE, linestyle="--")
    panel.set_xticks(range(len(layers)), layers)
    panel.set(title=f"gradients of the {of}", ylim=(0, 1.05))
    panel.grid(alpha=0.3)
axes[0].set_ylabel("norm of mean / mean of norms")
axes[0].legend(axes[0].lines[-3:], ["a person", "11 faces of everybody", "right angles"], loc="lower left", fontsize=8)
figure.suptitle("Do the 11 images of a person agree? 15 people in five networks")
plt.show()
for (of, name), values in ratios.items():
    print(f"{of}, {name}: {values.mean():.2f} for a person, {by_chance[of, name].mean():.2f} mixed")

# %% [markdown]
# Images of a person agree, more so in higher layers: on *what* speaks for the person more than on *where* it is, since
# poses differ, and places with them. And see the panel on the right: with probabilities even faces of different people
# seem to agree. They do not. The unsure images have much longer gradients than the others (chapter 5), so that one of
# them can decide a mean alone, and one image always agrees with itself.
#
# Does it change a ranking? For each person, rank the filters of a layer by the norm of the mean (the documents' way),
# and by the mean of the norms:

# %%
each = tn.prediction_gradient(net, x, labels, "logit", layers=layers)
alike = {}
for name in layers:
    of_mean = tn.convolutional_gradient(np.stack([each[name][group].mean(axis=0) for group in grouped]))
    mean_of = tn.convolutional_gradient(each[name])[grouped].mean(axis=1)
    alike[name] = np.mean([stats.spearmanr(*pair).statistic for pair in zip(of_mean, mean_of, strict=True)])
    print(f"{name}: rank correlation of the two ways {alike[name]:.2f}")

# %% [markdown]
# Nearly the same ranking in the first layer, a similar one in the third. Say which one you use.
#
# ## In five lines
#
# - In the first layer the highest gradient lies on the planted feature for 38 % of the faces, over five networks. The
#   best control, a network with random weights, does so for 7 %.
# - The networks do use what was planted: without its 22 pixels they know 52 to 65 % of the faces instead of 96 % or
#   more, and take the others for one of their family.
# - The gradient at the pixels foretells a fifth of what the logit loses, for the feature is no small change.
# - A test needs a case that must fail. "The profiles of one person's images are alike" holds better for noise in an
#   untrained network (0.85) than for faces in the trained one (0.35). Asked about one person, noise gives 0.
# - The 11 images of a person agree (norm of the mean over mean of the norms 0.6 in the first layer, 0.75 in the third;
#   mixed faces 0.36), more on *what* than on *where*.
#
# ## On your own
#
# 1. Play the pointing game for the nose, the mouth, the glasses (`everyone.masks`). What do the networks look at, apart
#    from what was planted? Mind that large regions are easily hit: what is chance for each?
# 2. Train a network on `faces.load(planted=False)`. Whom can it tell apart? What do its most characteristic features
#    point at?
# 3. Play with `of="margin"`, the own logit less the nearest other's. Does asking *what tells you from your look-alike*
#    point at the planted feature more often?
# 4. Average the gradients over a few copies of each face with a little noise (SmoothGrad, Smilkov et al. 2017). Does
#    the saliency of pixels hit more often?
# 5. Hide the box that was found (fill it with the mean of its border) instead of the planted feature. How many faces
#    are still known? And a box of the same size anywhere else?
#
# ## Further reading
#
# - Lo 2016, sections 4.2.1 and 4.3, table 4.1, figures 4.3 and 4.4; Lo, Cohen and Ding 2015, section V.A, table II.
# - Zhang et al. 2018, *Top-down neural attention by excitation backprop*, section 4.2: the pointing game.
# - Adebayo et al. 2018, *Sanity checks for saliency maps*, for random networks as a control.
# - `tinynet/explain/units/characteristic.py`, `profiles.py`; `tinynet/explain/metrics/pointing.py`;
#   `tinynet/datasets/drawn/faces/` draws the faces; `python -m tinynet study lo` plays the game with ten networks (rows
#   LO-5, LO-13, LO-14).
#
# What this chapter claims, checked:

# %%
assert min(known) > 0.7
assert all(g[(feature.unit, *feature.place)] == g.max() for g, feature in zip(of_ben, features, strict=True))
assert nonzero <= 0.25 and len(hits) / 2 < sum(hits) < len(hits), "on most of Ben's faces, not on all"
assert not any(outside.values()), "a unit depends on no pixel outside its box"
assert max(half.values()) < 0.3, "a quarter of them, or fewer, have half of the say"
assert kin.min() > 3 * kin_by_chance, "the nearest other is a look-alike"
assert min(accuracy["with"]) > 0.95 and 0.48 < min(accuracy["without"]) and max(accuracy["without"]) < 0.7
assert min(to_family) > 0.98, "without the planted feature, you are one of your family"
assert round(planted.sum(axis=(1, 2)).mean()) == 22
assert np.mean(measured < 0) > 0.9 and abs(foreseen.mean() / measured.mean() - 0.2) < 0.1, "gradients underrate it"
rate = {way: values.mean(axis=0) for way, values in rates.items()}
recipe, controls = rate["highest gradient of the probability"], ("chance", "centre", "edges", "random network")
assert max(rate[way][1] for way in controls) == rate["random network"][1] < 0.1, "the best control"
assert abs(recipe[1] - 0.38) < 0.06 and recipe[1] > 4 * rate["random network"][1], "the recipe finds what was planted"
assert recipe[1] > 1.8 * recipe[0] and recipe[1] > 2.5 * recipe[3] and recipe[3] < 2 * rate["chance"][3]
assert 1.6 < rate["saliency (length over filters)"][0] / recipe[0] < 2.6, "about twice as often"
assert raw.between > 0.95 and raw.within - raw.between < 0.05, "all profiles look alike"
assert centred.within > centred.between + 0.15 and max(raw.p_value, centred.p_value) < 0.01
nothing, something, learned = (asked_own[words] for words in ("untrained, noise", "untrained, faces", "trained, faces"))
assert min(nothing.within, something.within) > learned.within and nothing.p_value < 0.01, "a test that cannot fail"
assert abs(nothing.within - 0.85) < 0.05 and abs(learned.within - 0.35) < 0.07
nothing, something, learned = (asked_one[words] for words in ("untrained, noise", "untrained, faces", "trained, faces"))
assert abs(nothing["within"]) < 0.05 < 0.2 < something["within"], "noise fails the other one"
assert abs(learned["within"] - something["within"]) < 0.15, "about as alike before training"
assert learned["nearest"] > 1.3 * something["nearest"], "training adds this"
for name in layers:
    assert (ratios["logit", name] < 1.0001).all()
    assert ratios["logit", name].mean() > by_chance["logit", name].mean() + 0.1, "images of a person agree"
    assert by_chance["probability", name].mean() > by_chance["logit", name].mean() + 0.03, "unsure images decide"
    assert abs(by_chance["logit", name].mean() - 0.36) < 0.04
in_first, in_third = (ratios["logit", layers[place]].mean() for place in (0, 2))
assert abs(in_first - 0.6) < 0.05 and abs(in_third - 0.75) < 0.05, "more agreement on what than on where"
assert alike[layers[0]] > 0.9 and 0.7 < alike[layers[2]] < alike[layers[0]]
