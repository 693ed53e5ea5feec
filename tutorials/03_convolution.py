# %% [markdown]
# # 3 Convolution and pooling
#
# | | |
# | --- | --- |
# | **You will do** | slide filters over a face; derive what comes back through a convolution; pool, and meet ties |
# | **You will learn** | correlation, stride, padding, receptive fields; the two adjoints of a convolution; pooling |
# | **You need** | chapters 1 and 2: net inputs, deltas, the adjoint law |
# | **Time** | 130 minutes with the exercises |
# | **Where you are** | To a dense layer a face is 3,600 numbers in a row. What does one gain that knows up from left? |
#
# A dense layer gives every unit a weight for every pixel. A convolutional layer gives a unit a small window, and gives
# all units of a *feature map* (or *channel*) the *same* weights. That is the whole idea. What follows from it, forwards
# and backwards, is this chapter. Our data are the 165 drawn faces, 60 x 60 pixels: if an axis is ever swapped or a
# picture flipped, you will see it.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import datasets, models
from tinynet.testing import check_layer

faces = datasets.load("faces")
face = faces.x[faces.classes.index("Ben") * 11, 0].astype(np.float64)  # rows, columns; 0 is black, 1 is white
print(face.shape)

# %% [markdown]
# ## 3.1 A filter looks at a face
#
# A *filter* (or *kernel*) is a small matrix $w$. Lay it on the image with its top left corner at row $i$ and column
# $j$, multiply each weight by the pixel under it, and add up:
#
# $$z_{ij} = \sum_{p,q} w_{pq}\, x_{i+p,\,j+q} \qquad\text{(thesis, eq. 2.6)}$$
#
# It is the net input $z = Wa + b$ of chapter 1 once more, with two things changed: a unit sees a window only, and the
# weights are *tied* (or *shared*): every unit of the map has the same ones. (The thesis centres the window at
# $(i, j)$; we anchor its corner there. The picture is the same, moved by half a window.)
#
# One place, by hand:

# %%
sobel_x = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
window = face[30:33, 11:14]
print("window\n", window.round(2))
print("z[30, 11] =", (sobel_x * window).sum().round(3))

# %% [markdown]
# This filter subtracts what is on the left from what is on the right. At this place, the rim of the face, they differ,
# so it answers. Now let it answer everywhere. `tn.Conv2D` holds a stack of filters of shape (filters, channels,
# height, width); we hand it ours instead of letting it draw some.


# %%
def respond(image, filters):
    """Return the response of each filter, shape (filters, height, width), to one grey image."""
    filters = np.asarray(filters, np.float64)
    layer = tn.Conv2D(len(filters), filters.shape[1:], bias=False)
    layer.params["W"] = filters[:, None]
    return layer.forward(image[None, None])[0]


filters = {
    "original": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "Sobel x": sobel_x,
    "Sobel y": sobel_x.T,
    "blur": np.full((3, 3), 1 / 9),
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "random": [[-4, 1, -1], [2, -3, 4], [0, -2, 3]],
}
responses = respond(face, list(filters.values()))

figure, axes = plt.subplots(1, 6, figsize=(11, 2.2), layout="constrained")
for panel, name, response in zip(axes, filters, responses, strict=True):
    signed = response.min() < -0.5
    limit = abs(response).max()
    panel.imshow(response, cmap="gray", vmin=-limit if signed else 0, vmax=limit if signed else 1)
    panel.set_title(name)
    panel.axis("off")
figure.suptitle("Six filters on a face (where a filter answers with both signs, mid-grey is zero)")
plt.show()

# %% [markdown]
# Sobel x finds where brightness changes *along x*, so it draws vertical edges; Sobel y draws horizontal ones. Blur
# averages. Sharpen takes the pixel and adds what makes it differ from its neighbours. And the random filter draws edges
# too. The thesis concludes: "Random filters usually detect edges."
#
# **A slip in print.** In the thesis' figure 2.5 the third row of Sobel x reads $(1, 0, 1)$ instead of $(-1, 0, 1)$.
# You need no second source to know that it is wrong. An edge detector must be silent where there is no edge. On a flat
# patch of brightness $c$ a filter answers $c \sum_{pq} w_{pq}$, so its weights must add up to zero:

# %%
printed = np.array([[-1.0, 0, 1], [-2, 0, 2], [1, 0, 1]])
flat = np.full((3, 3), 0.8)
for name, w in (("as printed", printed), ("as it should be", sobel_x)):
    print(f"{name:>16}: weights add up to {w.sum():+.0f}, response to a flat patch {(w * flat).sum():+.1f}")
print(f"{'random':>16}: weights add up to {np.sum(filters['random']):+.0f}")

# %% [markdown]
# The weights of the "random" filter add up to *exactly* zero. That is rare among random numbers, and it makes the
# filter an edge detector whatever else it is. So let us draw a thousand. The response of a filter has two parts: what
# it makes of the window's mean brightness, and what it makes of the differences within the window. The second part is
# what an edge detector is after.
#
# > **Before you run the next cell.** For how many of a thousand filters with normally distributed weights is the second
# > part, over the whole face, the larger one?
# > <details><summary>Nearly all, about half, or about a tenth?</summary>About a tenth, 12 %. Neighbouring pixels of a
# > face are nearly equal, so differences are small, and brightness is not.</details>

# %%
drawn = np.random.default_rng(0).normal(size=(1000, 3, 3))
of_brightness = drawn.sum(axis=(1, 2))[:, None, None] * respond(face, [np.full((3, 3), 1 / 9)])
of_differences = respond(face, drawn) - of_brightness
edge_detectors = np.mean(np.square(of_differences).sum(axis=(1, 2)) > np.square(of_brightness).sum(axis=(1, 2)))
print(f"{edge_detectors:.0%} of 1,000 random filters answer more to differences than to brightness")

# %% [markdown]
# On this face the sentence does not hold; the example was a lucky one. One picture of one filter could not have shown
# it either way.
#
# > **Exercise 3.1** (★★☆, 15 minutes) Slide a filter over an image: `correlate` in `exercises/ch03.py`. Loop over the
# > nine weights, not over the thousands of pixels: each weight multiplies a *shifted image*.
# >
# > <details><summary>Hint 1</summary>What is the shape of the output? Call it (n, m), and start with zeros.</details>
# > <details><summary>Hint 2</summary>Weight (p, q) meets the pixels whose row is p or more: the part of the image that
# > begins at (p, q) and has the shape of the output.</details>
# > <details><summary>Hint 3</summary>For each p and q, add w[p, q] times x[p : p + n, q : q + m] to z. Make a new
# > product each time; multiplying the slice in place would write into the image.</details>

# %%
check("3.1")

# %% [markdown]
# ## 3.2 Correlation or convolution?
#
# Mathematicians call $z_{ij} = \sum_{pq} w_{pq}\, x_{i+p,\,j+q}$ a **cross-correlation**. A **convolution** turns the
# filter by 180 degrees first, $z_{ij} = \sum_{pq} w_{pq}\, x_{i-p,\,j-q}$. The difference shows on the simplest image
# of all, a single white pixel.
#
# > **Before you run the next cell.** A filter in the shape of a cross with one long arm, to the right, slides over one
# > white pixel. Whereto does the long arm of the response point?
# > <details><summary>Follow the place whose window has the pixel under its *right* end.</summary>To the left, for a
# > correlation: that place lies to the left of the pixel. For a convolution it points to the right.</details>

# %%
arrow = np.array([[0.0, 1, 0, 0], [1, 1, 1, 1], [0, 1, 0, 0]])
point = np.zeros((9, 11))
point[4, 5] = 1
correlated = respond(point, [arrow])[0]
convolved = respond(point, [arrow[::-1, ::-1]])[0]

figure, axes = plt.subplots(1, 4, figsize=(9, 2.1), layout="constrained")
titles = ("filter", "image: one point", "correlation", "convolution")
for panel, picture, title in zip(axes, (arrow, point, correlated, convolved), titles, strict=True):
    rows, columns = picture.shape
    panel.imshow(picture, cmap="gray", vmin=0, vmax=1, extent=(-columns / 2, columns / 2, -rows / 2, rows / 2))
    panel.set(title=title, xlim=(-5.5, 5.5), ylim=(-4.5, 4.5), facecolor="0.75", xticks=[], yticks=[])
plt.show()

# %% [markdown]
# Correlation answers a point with the filter turned round; convolution stamps the filter itself on every point. The
# forward pass of every "convolutional" network is a correlation, and it does not matter: the weights are learned, and
# a network that needs the turned filter learns the turned filter. It will matter in section 3.5, where both appear, one
# going forwards and the other coming back.

# %% [markdown]
# ## 3.3 Sizes, stride and padding
#
# A filter of $k$ pixels on a line of $n$ fits at the corners $0, 1, \dots, n-k$: that is $n - k + 1$ places, two pixels
# less for $k = 3$. Two knobs change this. **Padding** lays $p$ zeros around the image, so $n$ becomes $n + 2p$.
# **Stride** $s$ moves the window $s$ pixels at a time, so only each $s$-th place is kept:
#
# $$n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# The floor says that pixels at the far end may be left out: no window hangs over the edge.

# %%
print(" n  k  p  s   places")
for n, k, p, s in ((60, 5, 0, 1), (60, 5, 2, 1), (60, 5, 0, 2), (61, 5, 0, 2), (56, 2, 0, 2)):
    _, places, _ = tn.Conv2D(1, k, stride=s, padding=p).output_shape((1, n, n))
    print(f"{n:2} {k:2} {p:2} {s:2} {places:8}")

# %% [markdown]
# A padding of 2 makes up for a filter of 5. With stride 2 a line of 60 has one place less than a line of 61: its last
# pixel is left out.
#
# > **Exercise 3.2** (★☆☆, 5 minutes) How many places: `output_size`. It is one line; the grader tries the awkward ones.
# >
# > <details><summary>Hint 1</summary>The formula stands above. What in NumPy or Python is the floor?</details>
# > <details><summary>Hint 2</summary>`//` divides whole numbers and rounds down.</details>
# > <details><summary>Hint 3</summary>(length, plus padding at both ends, minus size) // stride, and one more.</details>

# %%
check("3.2")

# %% [markdown]
# Here is the network of the thesis: three convolutions, each followed by tanh and by max pooling, which comes in
# section 3.6.

# %%
net = models.build("thesis", (1, 60, 60), 15)
print(net.summary())

# %% [markdown]
# It has 6,683 parameters; the two dense layers at the end of chapter 1 had 72,335.
#
# ## 3.4 Receptive fields
#
# The last column says how much of the image a unit *sees*. Follow two numbers through the layers: the side $r$ of what
# one place sees, and the distance $j$, in pixels, between what two neighbouring places see. At the input
# $r = 1, j = 1$. A window of size $k$ covers $k$ places of the layer below, which are $j$ apart, so
#
# $$r' = r + (k - 1)\, j, \qquad j' = s\, j .$$
#
# Pooling doubles $j$, and from then on each 5 x 5 filter reaches twice as far. That is how a unit of the third layer
# comes to see both eyes, nose and mouth through three small windows.

# %%
figure, axes = plt.subplots(1, 3, figsize=(8, 2.9), layout="constrained")
for panel, name in zip(axes, ("tanh1", "tanh2", "tanh3"), strict=True):
    field = net.receptive_field(name)
    middle = net.shapes[name][1] // 2
    panel.imshow(face, cmap="gray")
    for step, style in ((0, "-"), (1, ":")):
        rows, columns = field.box(middle, middle + step)
        box = plt.Rectangle(
            (columns.start - 0.5, rows.start - 0.5),
            columns.stop - columns.start,
            rows.stop - rows.start,
            fill=False,
            linewidth=2,
            linestyle=style,
            edgecolor="#E69F00",
        )
        panel.add_patch(box)
    panel.set_title(f"{name}: sees {field.size[0]} x {field.size[1]}, step {field.step[0]}")
    panel.axis("off")
figure.suptitle("What a unit sees (solid), and its right-hand neighbour (dotted)")
plt.show()

# %% [markdown]
# > **Exercise 3.3** (★★☆, 10 minutes) Follow $r$ and $j$: `receptive_field`, from a list of (size, stride).
# >
# > <details><summary>Hint 1</summary>Start with r = 1 and j = 1, and go through the list once.</details>
# > <details><summary>Hint 2</summary>Both formulas have the *old* j on the right.</details>
# > <details><summary>Hint 3</summary>In the loop, first add (size - 1) times j to r, then multiply j by the
# > stride.</details>

# %%
check("3.3")

# %% [markdown]
# ## 3.5 What comes back: two adjoints
#
# Correlation is linear in the image, so for one filter there is a matrix $T$ with $z = Tx$, if images are written as
# long columns. Each row of $T$ belongs to one place of the output and holds the same nine weights, moved along:

# %%
height, width = 5, 6
pixels = np.eye(height * width).reshape(-1, height, width)
T = np.stack([respond(pixel, [sobel_x])[0].ravel() for pixel in pixels], axis=1)

figure, panel = plt.subplots(figsize=(7, 3.2), layout="constrained")
picture = panel.imshow(T, cmap="RdBu", vmin=-2, vmax=2)
panel.set(xlabel="pixel of the 5 x 6 image, row by row", ylabel="place of the output", title="Sobel x as a matrix T")
figure.colorbar(picture, ax=panel, label="weight")
plt.show()
print(f"for a face and one 3 x 3 filter, T would have {face.size * responses[0].size:,} entries")

# %% [markdown]
# Most entries are zero, and the others are copies of the nine weights (of which Sobel x leaves six: its middle column
# is zero, too). From chapter 2 we know what comes back through
# $z = Tx$: the delta $\delta^x = T^\top \delta^z$. Nobody wants to build $T$, whose size is pixels times places, so
# read the sum off the indices instead.
#
# **Back to the image.** Pixel $(m, n)$ is used by place $(i, j)$ with the weight $w_{m-i,\,n-j}$, if there is such a
# weight. Hence $\partial z_{ij} / \partial x_{mn} = w_{m-i,\,n-j}$ and
#
# $$\delta^x_{mn} = \sum_{i,j} \delta^z_{ij}\; w_{m-i,\,n-j} .$$
#
# Each place puts the filter's footprint back onto the image, times its delta. The minus signs make it a true
# *convolution*, of the deltas with the filter (a *transposed convolution*, in the words of the field).
#
# **Back to the filter.** Weight $(p, q)$ is used at every place, where it meets the pixel $x_{i+p,\,j+q}$. Hence
#
# $$\delta^w_{pq} = \sum_{i,j} \delta^z_{ij}\; x_{i+p,\,j+q}, \qquad \delta^b = \sum_{i,j} \delta^z_{ij} .$$
#
# That is again a correlation, of the image with the deltas: tied weights collect from all their places. With several
# channels and filters nothing new happens: add the sums over those whose index is on the right but not on the left.
# With a stride, write $s i + p$ for $i + p$.

# %%
rng = np.random.default_rng(3)
x, dz = rng.normal(size=(height, width)), rng.normal(size=(height - 2, width - 2))
layer = tn.Conv2D(1, 3)
layer.params = {"W": sobel_x[None, None], "b": np.zeros(1)}
z = layer.forward(x[None, None])
dx = layer.backward(dz[None, None], x[None, None], z)[0, 0]
by_matrix = (T.T @ dz.ravel()).reshape(height, width)
print("largest difference between the layer's backward and T transposed:", abs(dx - by_matrix).max())

# %% [markdown]
# The same in a picture. The delta is 1 at three places and 0 elsewhere; what arrives at the image is three footprints,
# which add up where they overlap.

# %%
three = np.zeros((14, 14))
three[[2, 4, 9], [2, 3, 9]] = 1
disc = np.hypot(*np.mgrid[-2:3, -2:3]) < 2.4
stamp = tn.Conv2D(1, 5, bias=False)
stamp.params["W"] = disc[None, None].astype(np.float64)
nothing = np.zeros((1, 1, 18, 18))
footprints = stamp.backward(three[None, None], nothing, stamp.forward(nothing))[0, 0]

figure, axes = plt.subplots(1, 3, figsize=(8, 2.8), layout="constrained")
panels = (("filter w", disc), ("deltas at the output", three), ("deltas at the image", footprints))
for panel, (title, picture) in zip(axes, panels, strict=True):
    shown = panel.imshow(picture, cmap="gray", vmin=0, vmax=2)
    panel.set(title=title, xlabel="column", ylabel="row")
    panel.locator_params(integer=True)
figure.colorbar(shown, ax=axes, label="value")
plt.show()

# %% [markdown]
# Now write both. They are graded by the adjoint law of chapter 2: for random $x, w$ and $\delta^z$,
# $\langle \delta^z, z(x, w) \rangle = \langle \delta^x, x \rangle = \langle \delta^w, w \rangle$, because $z$ is linear
# in the image and linear in the filter.
#
# > **Exercise 3.4** (★★★, 15 minutes) Back to the image: `input_adjoint`.
# >
# > <details><summary>Hint 1</summary>Take your `correlate` and run it backwards: each line that *reads* a shifted part
# > of the image now *adds* to it.</details>
# > <details><summary>Hint 2</summary>Start with zeros in the shape of the image, and loop over the weights.</details>
# > <details><summary>Hint 3</summary>To dx[p : p + n, q : q + m] add w[p, q] times dz. Here += on a slice is just what
# > is wanted.</details>

# %%
check("3.4")

# %% [markdown]
# > **Exercise 3.5** (★★☆, 10 minutes) Back to the filter: `filter_adjoint`.
# >
# > <details><summary>Hint 1</summary>One number for each weight. Which pixels did weight (p, q) meet, and what delta
# > does each of them bring?</details>
# > <details><summary>Hint 2</summary>The shape of the filter is what is missing between image and output: height - n +
# > 1 and width - m + 1.</details>
# > <details><summary>Hint 3</summary>dw[p, q] is the sum of dz times x[p : p + n, q : q + m]: the sum, not the
# > mean.</details>

# %%
check("3.5")

# %% [markdown]
# The layer of the library, with stride and padding, under all the laws:

# %%
report = check_layer(tn.Conv2D(3, (3, 2), stride=2, padding=1), (2, 7, 8))
print(report)

# %% [markdown]
# ## 3.6 Pooling, and ties
#
# A pooling layer replaces each window of a map by one number, usually with windows that do not overlap: size and stride
# are equal. It has no weights.
#
# **Average pooling** is a correlation with the filter $w_{pq} = 1/k^2$, so it hands each delta back in equal shares:
# $\delta^x = \delta^y / k^2$ at each pixel of the window.
#
# **Max pooling** keeps the largest value. As long as one pixel is strictly the largest, the output moves with that
# pixel and with no other, so the delta goes to the winner alone.

# %%
edges = abs(respond(face, [sobel_x]))
largest, mean = tn.MaxPool2D(4), tn.AvgPool2D(4)
figure, axes = plt.subplots(1, 3, figsize=(8, 2.9), layout="constrained")
panels = (("|Sobel x|", edges), ("maximum of 4 x 4", largest.forward(edges)), ("mean of 4 x 4", mean.forward(edges)))
for panel, (title, picture) in zip(axes, panels, strict=True):
    shown = panel.imshow(picture[0], cmap="gray", vmin=0, vmax=edges.max())
    panel.set_title(title)
    panel.axis("off")
figure.colorbar(shown, ax=axes, label="response")
plt.show()

# %% [markdown]
# The maximum says *is there an edge in this window?*, the mean *how much edge is there?* Now look closely at a part
# of the picture, where the neck meets the bright wall. A dot marks each winner, the pixel to which max pooling would
# send a delta.
#
# > **Before you run the next cell.** The face has 900 windows of 2 x 2 pixels. In how many of them do two or more
# > pixels share the largest value?
# > <details><summary>None, about one in a hundred, or about one in ten?</summary>One in ten: 92.</details>

# %%
pool = tn.MaxPool2D(2)
pooled = pool.forward(face[None])
winners = pool.backward(np.ones_like(pooled), face[None], pooled)[0]
blocks = face.reshape(30, 2, 30, 2).swapaxes(1, 2).reshape(30, 30, 4)
tied = (blocks == blocks.max(axis=2, keepdims=True)).sum(axis=2) > 1

top, left = 44, 12
figure, panel = plt.subplots(figsize=(7, 4.6), layout="constrained")
picture = panel.imshow(face, cmap="gray", vmin=0, vmax=1)
for row, column in np.argwhere(winners > 0):
    panel.plot(column, row, "o", color="#E69F00", markeredgecolor="black")
for row, column in np.argwhere(tied):
    label = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    panel.text(2 * column + 0.5, 2 * row + 0.5, "tie", ha="center", va="center", clip_on=True, bbox=label)
panel.set_xticks(np.arange(left - 0.5, left + 14, 2), minor=True)
panel.set_yticks(np.arange(top - 0.5, top + 10, 2), minor=True)
panel.grid(which="minor", color="white")
panel.set(xlim=(left - 0.5, left + 13.5), ylim=(top + 9.5, top - 0.5))
panel.set(xlabel="column", ylabel="row", title="Beside the neck: windows of 2 x 2, their winners, and ties")
figure.colorbar(picture, ax=panel, label="brightness")
plt.show()
print(f"{tied.sum()} of the {tied.size} windows of this face have two or more largest pixels")

# %% [markdown]
# **Ties are common**, that is, equal maxima. Pixels come in 256 levels, skies and walls are flat, and a ReLU
# makes whole regions exactly zero. At a tie the maximum has a kink, and any way to share the delta among the largest
# pixels is a fair answer, as long as the shares are not negative and add up to one. We give it to the first in reading
# order. What is *not* fair is the line that looks so natural in NumPy, to compare the input with the output.
#
# > **Before you run the next cell.** A delta of 1 is sent into each of the 900 windows. How much comes out at the
# > pixels, all together?
# > <details><summary>Less than 900, 900, or more? In the library, and in the careless version?</summary>900 in the
# > library, 1,008 in the careless version: each of 92 windows hands out its delta twice or more.</details>


# %%
def careless_backward(dy, x, y):
    """Send the delta to *each* pixel that equals the maximum: wrong at ties."""
    return over_windows(dy) * (x == over_windows(y))


def over_windows(values):
    """Repeat each value over the four pixels of its window."""
    return values.repeat(2, axis=-2).repeat(2, axis=-1)


ones = np.ones_like(pooled)
mass = {
    "deltas sent in": ones.sum(),
    "come out (library)": pool.backward(ones, face[None], pooled).sum(),
    "come out (careless)": careless_backward(ones, face[None], pooled).sum(),
}
for name, total in mass.items():
    print(f"{name:>20}: {total:6.0f}")

# %% [markdown]
# The careless version makes gradient from nothing wherever the image is flat. On random numbers, which never tie, it
# passes every test. That is why the laws draw ties on purpose:


# %%
class CarelessPool(tn.Layer):
    """Max pooling of 2 x 2 that forgets about ties."""

    def forward(self, x):
        return pool.forward(x)

    def backward(self, dy, x, y):
        return careless_backward(dy, x, y)


careless_report = check_layer(CarelessPool(), (1, 4, 6))
print(careless_report)

# %% [markdown]
# > **Exercise 3.6** (★★★, 25 minutes) Write max pooling of 2 x 2 windows as a layer, `MaxPool`, and get it through the
# > laws, with ties. dy may have more axes in front than x: to one image many questions can be put at once, one delta
# > for each class, say, and each gets its own answer.
# >
# > <details><summary>Hint 1</summary>`x.reshape(..., height // 2, 2, width // 2, 2)` gives each window two axes of its
# > own. Which two are they?</details>
# > <details><summary>Hint 2</summary>Forward: the maximum over these two. Backward: swap axes so that they stand side
# > by side at the end, make them one of length 4, and `argmax` finds the first largest.</details>
# > <details><summary>Hint 3</summary>`np.arange(4) == argmax[..., None]` is True for the winner alone; times dy, with a
# > new last axis, it is the share of each pixel. Then undo the reshape and the swap, with the leading axes of
# > dy.</details>

# %%
check("3.6")

# %% [markdown]
# ## In five lines
#
# - A filter answers with the sum of weight times pixel, at every place the same nine weights: a correlation.
# - $n' = \lfloor (n + 2p - k) / s \rfloor + 1$ places; a place sees $r' = r + (k - 1) j$ pixels: 32 x 32 in the third
#   layer.
# - Back to the image goes a convolution, the filter's footprint at each place; back to the filter a correlation.
# - Max pooling hands its delta to the winner. 92 of 900 windows of a face have ties, and a careless version makes 1,008
#   out of 900.
# - The thesis' random filter detects edges because its weights add up to 0. Of a thousand others 12 % do.
#
# ## On your own
#
# 1. Which calls of `scipy.signal.correlate2d` and `convolve2d`, with which `mode`, are the forward pass and its two
#    adjoints?
# 2. Give your adjoints a stride. Where do the zeros go?
# 3. Move the face one pixel to the right. By how much do the responses to Sobel x change, relative to their size?
#    And after max pooling, and after average pooling? Which of the two is more tolerant?
# 4. Take the face's own mean off before the thousand random filters look at it. How many of them detect edges now, and
#    how many of 5 x 5? Is there a preparation of the images for which the thesis' sentence holds?
#
# ## Further reading
#
# - Lo 2016, sections 2.2.1 (filters; eq. 2.6, figures 2.5 and 2.6), 2.2.2 (tied weights), 2.2.3 (pooling).
# - Gulati, Lyrio, Pommer and Saboya 2017, section 2, for what filters of a trained network look like.
# - `tinynet/layers/conv.py` and `tinynet/layers/pool.py` hold the same derivations beside the code, and
#   `tinynet/kernels/correlation.py` makes them fast; `tinynet/kernels/reference.py` has them as plain loops.
#
# What this chapter claims, checked:

# %%
assert (responses[0] == face[1:-1, 1:-1]).all(), "the filter with a single 1 in its middle gives the image back"
assert sobel_x.sum() == 0 and printed.sum() == 2, "the printed Sobel x answers to flat patches"
assert np.sum(filters["random"]) == 0 and 0.1 < edge_detectors < 0.13, "random filters seldom detect edges"
assert (correlated[1:6, 2:6] != convolved[1:6, 2:6]).any() and (correlated == convolved[::-1, ::-1]).all()
assert net.shapes["pool3"] == (10, 4, 4) and net.receptive_field("tanh3").size == (32, 32)
assert net.parameter_count == 6683
assert np.allclose(dx, by_matrix), "what comes back through a correlation is the transposed matrix"
assert np.allclose(layer.grads(dz[None, None], x[None, None], z)["b"], dz.sum())
assert report.ok, report
assert tied.sum() == 92 and tied.size == 900, "faces have ties"
assert list(mass.values()) == [900, 900, 1008], "the careless pool makes gradient from nothing"
assert not careless_report.ok, "the laws find the careless pool"
