# %% [markdown]
# # 1 Neurons and layers
#
# | | |
# | --- | --- |
# | **You will do** | build neurons; set the weights of a network by hand; fold a plane; see a face as a network does |
# | **You will learn** | net input and activation; why XOR needs two layers; layers as pure functions; networks |
# | **You need** | Python, NumPy arrays and their axes, the product of a matrix and a vector |
# | **Time** | 100 minutes with the exercises |
# | **Where you are** | At the beginning. A network recognises a face: what is in there, and what does it look at? |
#
# A neural network is a list of simple functions, each applied to what the one before returned. This chapter takes one
# of them apart, puts it together again, and stacks a few. There is no learning yet: all numbers are set by hand, so
# that you can check each of them. At its end stands a unit that recognises a man for a reason that everybody can see,
# and the reason is wrong.
#
# **Five documents** run through the course. Their authors looked into networks and said what they found. The course
# rebuilds what they did, and asks of each claim what would have shown it to be false.
#
# - H. Z. Lo, J. P. Cohen and W. Ding, 2015, a paper: the slope of a prediction says how much a unit matters, and
#   recognition fails soonest without the units of the largest slopes.
# - H. Z. Lo, 2016, a master's thesis, here "the thesis": the same slopes find the most telling feature of a face, and a
#   small change that makes it somebody else's. (Both: chapters 5 and 7 to 10; the notation is the thesis' throughout.)
# - T. de Souza Farias and J. Maziero, a paper: targets that are carried down to the pixels show what a unit wants to
#   see, until the network gets too good. (Chapters 11 and 12)
# - A. Gulati, J. Lyrio, R. Pommer and H. Saboya, 2017, an unfinished course project: the weights of a tiny network are
#   pictures that explain themselves, and those of a larger one say much less. (Chapters 15 to 18)
# - N. Meniconi, G. Ramasamy and R. Prabakaran, a project: of two equal networks, one taught to see smiles and one to
#   see men, the first looks at the mouth and the second at the eyes, and yet their weights do not differ. (Chapters 19
#   and 20)

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check

import tinynet as tn
from tinynet import datasets

BLUE, ORANGE = "#0072B2", "#D55E00"

# %% [markdown]
# ## 1.1 One unit
#
# A unit, or neuron, receives numbers $a_1, a_2, \dots$, its inputs. It has a *weight* $w_j$ for each of them and one
# more number $b$, its *bias*. It computes two things in turn: the **net input** (or *pre-activation*)
#
# $$z = \sum_j w_j\, a_j + b$$
#
# and, with a function $f$ of one number, the **activation**
#
# $$a = f(z).$$
#
# That is all. The weights say how much each input speaks for the unit (positive) or against it (negative), and the
# bias says how easily the unit is convinced.

# %%
w, b = np.array([2.0, -1.0]), -0.5
a_before = np.array([1.0, 0.5])
z = w @ a_before + b
print("net input z =", z)
print("activation tanh(z) =", np.tanh(z).round(4))

# %% [markdown]
# The function $f$ is called the *activation function*. The perceptron of the 1950s used a step: the unit either fires
# or it does not. Others came later, and each has its use:
#
# | name | value $f(z)$ | range |
# | --- | --- | --- |
# | step (perceptron) | 1 if $z > 0$, else 0 | 0 or 1 |
# | sigmoid (logistic) | $1 / (1 + e^{-z})$ | 0 to 1 |
# | tanh | $(e^z - e^{-z}) / (e^z + e^{-z})$ | -1 to 1 |
# | ReLU | $\max(0, z)$ | 0 upwards |
# | softplus | $\log(1 + e^z)$ | above 0 |
#
# In this library each is a layer, and a layer is applied by its method `forward`. The dashed line in the figure is the
# slope $f'(z)$; chapter 2 lives on it.

# %%
z = np.linspace(-4, 4, 401)
activations = [tn.Step(), tn.Sigmoid(), tn.Tanh(), tn.ReLU(), tn.Softplus()]
fig, axes = plt.subplots(1, 5, figsize=(12, 2.8), sharex=True, sharey=True, layout="constrained")
for ax, layer in zip(axes, activations, strict=True):
    f = layer.forward(z)
    slope = np.zeros_like(z) if isinstance(layer, tn.Step) else layer.backward(np.ones_like(z), z, f)
    ax.axhline(0, color="0.85", lw=1)
    ax.axvline(0, color="0.85", lw=1)
    ax.plot(z, f, color="black", lw=2, label="f(z)")
    ax.plot(z, slope, color="tab:blue", lw=1.5, ls="--", label="slope f'(z)")
    ax.set(title=type(layer).__name__, xlabel="net input z", ylim=(-1.3, 3))
axes[0].set_ylabel("activation")
axes[0].legend(loc="upper left", frameon=False)
fig.suptitle("Five activation functions")
plt.show()

# %% [markdown]
# Two things to notice. Step, sigmoid and tanh *squash*: however large $z$ is, the activation stays within bounds. And
# the step's slope is 0 wherever there is one, which will turn out to be the end of the perceptron.
#
# The exercises are in `exercises/ch01.py`: replace the line that begins with `raise`, save the file, and run the cell
# below the exercise. It says whether your answer is right, and if not, what is wrong. (In a terminal, in the folder of
# this chapter, `python -m pytest exercises/test_ch01.py` says it for all of them.)
#
# > **Exercise 1.1** (★★☆, 10 minutes) Write `sigmoid` so that it never overflows: the formula in the table does, as
# > `np.exp(800)` shows.
# >
# > <details><summary>Hint 1</summary>For which sign of z is the formula in danger, and for which is it safe?</details>
# > <details><summary>Hint 2</summary>Multiply numerator and denominator by exp(z): that gives a second formula, which
# > is safe just where the first is not. `np.where` chooses between two arrays.</details>
# > <details><summary>Hint 3</summary>`np.where` computes both arrays first, the dangerous one too. So give `np.exp`
# > nothing but -abs(z), call the result e, and see that the formulas are 1 / (1 + e) and e / (1 + e).</details>

# %%
check("1.1")

# %% [markdown]
# ## 1.2 A layer of units
#
# Units that receive the same inputs form a layer. Number them by $i$ and the layers by $\ell$; then weight
# $w_{ij}^\ell$ connects unit $j$ of layer $\ell - 1$ with unit $i$ of layer $\ell$, and
#
# $$z_i^\ell = \sum_j w_{ij}^\ell\, a_j^{\ell-1} + b_i^\ell, \qquad a_i^\ell = f(z_i^\ell).$$
#
# The sum is the product of a matrix and a vector, so all units are done at once:
#
# $$\mathbf z^\ell = W^\ell\, \mathbf a^{\ell-1} + \mathbf b^\ell, \qquad \mathbf a^\ell = f(\mathbf z^\ell).$$
#
# $W$ has a row for each unit and a column for each input. The first half of this, the affine map, is the layer `Dense`
# (*fully connected*, or *linear*, elsewhere); the second half is an activation layer. We keep them apart because they
# will have derivatives of their own.

# %%
dense = tn.Dense(2)
dense.params = {"W": np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]]), "b": np.array([0.5, -0.5])}
a_before = np.array([1.0, 10.0, 100.0])
print("W a + b =", dense.forward(a_before))

# %% [markdown]
# Networks see many examples at a time. By convention the *last* axis holds the inputs of one example, and all axes in
# front of it are a batch. Every layer of this library keeps to that, with any number of batch axes:

# %%
batch = np.arange(12.0).reshape(4, 3)
print("one vector      ", a_before.shape, "->", dense.forward(a_before).shape)
print("a batch of 4    ", batch.shape, "->", dense.forward(batch).shape)
print("2 batches of 4  ", (2, *batch.shape), "->", dense.forward(np.stack([batch, batch])).shape)

# %% [markdown]
# > **Exercise 1.2** (★★☆, 10 minutes) Write `net_input(W, a, b)` for one vector and for batches of any shape. Mind the
# > order of the product: $W\mathbf a$ is written for one column vector, a batch is a stack of rows.
# >
# > <details><summary>Hint 1</summary>Write down the shapes: W is (units, inputs), a is (..., inputs), and the result
# > should be (..., units). Which axes have to meet?</details>
# > <details><summary>Hint 2</summary>A product of matrices sums over the last axis of the first factor. So `a` comes
# > first, and W has to be turned.</details>
# > <details><summary>Hint 3</summary>a times the transpose of W, plus b; NumPy adds b to every row by itself.</details>

# %%
check("1.2")

# %% [markdown]
# ## 1.3 A perceptron cuts the plane in two
#
# With two inputs we can draw everything. The points where $w_1 x_1 + w_2 x_2 + b = 0$ lie on a straight line. On the
# side to which the vector $(w_1, w_2)$ points, $z > 0$ and the perceptron says 1; on the other side it says 0.
#
# Can one perceptron compute "exclusive or", XOR, which is 1 if one of its two inputs is 1, but not both? Suppose it
# could. Then its four net inputs would have to satisfy
#
# $$b \le 0, \qquad w_1 + b > 0, \qquad w_2 + b > 0, \qquad w_1 + w_2 + b \le 0.$$
#
# Add the first to the last, and the second to the third: $w_1 + w_2 + 2b \le 0$ and $w_1 + w_2 + 2b > 0$. Both cannot
# be true. There is no such line: XOR is *not linearly separable*.
#
# > **Before you run the next cell.** It draws 20,000 lines at random and counts how many of the four points each gets
# > right. None gets four. How many points does the best line get right, and the worst?
# > <details><summary>Choose: 3 and 0, or 3 and 1, or 2 and 2.</summary>3 and 1. Change the signs of both weights and of
# > the bias, and every answer is turned round. So a line that got all four *wrong* would become one that gets all four
# > right, and there is none. Most lines get two.</details>

# %%
corners = np.array([[0.0, 0], [0, 1], [1, 1], [1, 0]])
xor = np.array([0, 1, 0, 1])

rng = np.random.default_rng(0)
W, b = rng.normal(size=(20_000, 2)), rng.normal(size=20_000)
points_right = ((corners @ W.T + b > 0) == xor[:, None]).sum(axis=0)
for count in range(5):
    print(f"{count} points right: {np.mean(points_right == count):6.1%} of the lines")

# %% [markdown]
# ## 1.4 Two layers solve it
#
# XOR is "the first but not the second, or the second but not the first". Each half of that sentence can be said by one
# perceptron, and so can the "or". That gives three units in two layers:
#
# $$W^1 = \begin{pmatrix} 1 & -2 \\ -2 & 1 \end{pmatrix},\quad \mathbf b^1 = \begin{pmatrix} -0.5 \\ -0.5 \end{pmatrix},
# \qquad W^2 = \begin{pmatrix} 1 & 1 \end{pmatrix},\quad b^2 = -0.5.$$
#
# Check the first hidden unit: $x_1 - 2 x_2 - 0.5$ is positive for $(1, 0)$ and for no other corner.
#
# A `Network` is a list of layers with an input shape. It draws random weights; we overwrite them with ours.

# %%
net = tn.Network([tn.Dense(2), tn.Step(), tn.Dense(1), tn.Step()], input_shape=(2,), dtype=np.float64)
net["dense1"].params.update(W=np.array([[1.0, -2.0], [-2.0, 1.0]]), b=np.array([-0.5, -0.5]))
net["dense2"].params.update(W=np.array([[1.0, 1.0]]), b=np.array([-0.5]))

trace = net.trace(corners)
print("  x1 x2 |   z1   z2 | a1 a2 |    z |  y")
for k in range(4):
    (x1, x2), (z1, z2), (a1, a2) = corners[k], trace["dense1"][k], trace["step1"][k]
    print(f"  {x1:.0f}  {x2:.0f} | {z1:4.1f} {z2:4.1f} | {a1:.0f}  {a2:.0f} |", end=" ")
    print(f"{trace['dense2'][k].item():4.1f} |  {trace.output[k].item():.0f}")


# %%
def unit(ax, place, name):
    """Draw one unit of a network."""
    ax.add_patch(plt.Circle(place, 0.22, facecolor="white", edgecolor="black", lw=1.5, zorder=2))
    ax.text(*place, name, ha="center", va="center", zorder=3)


def connect(ax, start, end, weight, share=0.4):
    """Draw a connection with its weight."""
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "0.5", "shrinkA": 17, "shrinkB": 17})
    place = np.add(np.multiply(start, 1 - share), np.multiply(end, share))
    ax.text(*place, f"{weight:g}", ha="center", va="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})


places = [[(0, 1.4), (0, 0)], [(2, 1.4), (2, 0)], [(4, 0.7)]]
names = [["$x_1$", "$x_2$"], ["$a_1^1$", "$a_2^1$"], ["$y$"]]
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for column, titles in zip(places, names, strict=True):
    for place, name in zip(column, titles, strict=True):
        unit(ax, place, name)
for before, after, name in ((0, 1, "dense1"), (1, 2, "dense2")):
    for i, end in enumerate(places[after]):
        for j, start in enumerate(places[before]):
            connect(ax, start, end, net[name].params["W"][i, j])
        above = (end[0], end[1] + 0.75)
        ax.annotate("", end, above, arrowprops={"arrowstyle": "-|>", "color": "0.5", "shrinkA": 0, "shrinkB": 17})
        ax.text(above[0], above[1] + 0.1, f"{net[name].params['b'][i]:g}", ha="center")
ax.set(xlim=(-0.4, 4.4), ylim=(-0.4, 2.45), aspect="equal", title="XOR out of three perceptrons: weights and biases")
ax.axis("off")
plt.show()

# %% [markdown]
# ## 1.5 What happens to the plane
#
# Follow the four corners through the first layer. First comes the affine map $\mathbf z = W^1 \mathbf x + \mathbf b^1$.
# It turns, stretches and shifts the plane but leaves straight lines straight, so it cannot help by itself. Then the
# step is applied to each coordinate. It *squashes* each quadrant of the $z$ plane into a single point.
#
# > **Before you run the next cell.** Four corners go in, and each of the two hidden units says 0 or 1. How many
# > different points are there after the step, and which corners have to share one?
# > <details><summary>Look at the columns a1 a2 of the table above.</summary>Three. The corners (0, 0) and (1, 1), which
# > both should give 0, fall together at the origin. What is left is easy: one line separates it.</details>


# %%
def draw_corners(ax, points):
    """Draw the four corners, filled where XOR is 1; the second of two equal points becomes a ring."""
    drawn = []
    for point, label in zip(points, xor, strict=True):
        again = any(np.allclose(point, other) for other in drawn)
        face = "black" if label else "white"
        ax.plot(*point, "o", ms=15 if again else 9, mfc="none" if again else face, mec="black", mew=1.5, zorder=4)
        drawn.append(point)


def draw_line(ax, w, b, **style):
    """Draw the line w x + b = 0."""
    along = np.array([-w[1], w[0]])
    foot = -b * w / (w @ w)
    ax.axline(foot, foot + along, **style)


line = {"color": "tab:blue", "lw": 2}
grid = np.linspace(-0.5, 1.5, 9)
W1, b1, W2, b2 = (net[name].params[key] for name in ("dense1", "dense2") for key in ("W", "b"))

fig, axes = plt.subplots(1, 4, figsize=(13, 3.6), layout="constrained")
for value in grid:
    for points in (np.stack([grid, np.full(9, value)], 1), np.stack([np.full(9, value), grid], 1)):
        axes[0].plot(*points.T, color="0.85", lw=0.8)
        axes[1].plot(*(points @ W1.T + b1).T, color="0.85", lw=0.8)
draw_line(axes[0], W1[0], b1[0], **line)
draw_line(axes[0], W1[1], b1[1], **line, ls="--")
draw_corners(axes[0], corners)
axes[0].set(title="input", xlabel="$x_1$", ylabel="$x_2$", xlim=(-0.6, 1.6), ylim=(-0.6, 1.6))

axes[1].axvline(0, **line)
axes[1].axhline(0, **line, ls="--")
draw_corners(axes[1], trace["dense1"])
axes[1].set(title="after $W^1 x + b^1$", xlabel="$z_1$", ylabel="$z_2$", xlim=(-4.2, 2.2), ylim=(-4.2, 2.2))

draw_line(axes[2], W2[0], b2[0], color="tab:red", lw=2)
draw_corners(axes[2], trace["step1"])
axes[2].set(title="after the step", xlabel="$a_1^1$", ylabel="$a_2^1$", xlim=(-0.6, 1.6), ylim=(-0.6, 1.6))

side = np.linspace(-0.6, 1.6, 221)
plane = np.stack(np.meshgrid(side, side), axis=-1)
axes[3].imshow(net(plane)[..., 0], extent=(-0.6, 1.6, -0.6, 1.6), origin="lower", cmap="Greys", vmin=0, vmax=2.5)
draw_corners(axes[3], corners)
axes[3].set(title="output: 1 where grey", xlabel="$x_1$", ylabel="$x_2$")
for ax in axes:
    ax.set_aspect("equal")
fig.suptitle("XOR: the plane before and after each layer (filled points should give 1)")
plt.show()

# %% [markdown]
# Read the pictures from left to right. The two blue lines are where the hidden units switch; the affine map makes them
# the axes of the second picture. The step moves everything in a quadrant to one point; the ring in the third picture
# marks the two white corners that have met. The red line is the output unit's. In the last picture all four corners
# are right, and the grey region, in two parts, is one that no single line could have cut out.
#
# This is what depth is for: a layer need not solve the problem, it need only make it easier for the next one.
#
# > **Exercise 1.3** (★★☆, 15 minutes) Three bits have odd *parity* if one or three of them are 1. Set the weights of
# > three hidden perceptrons and one output perceptron by hand: `parity_network`.
# >
# > <details><summary>Hint 1</summary>Only the *number* of ones counts. What can a perceptron say about it whose three
# > weights are all 1?</details>
# > <details><summary>Hint 2</summary>With weights 1 and bias -0.5 it says "at least one". Let the other two hidden
# > units say "at least two" and "at least three".</details>
# > <details><summary>Hint 3</summary>One says yes for 1, 2, 3 ones; two says yes for 2, 3; three for 3. The output
# > should be on for 1 and 3: give the three of them the weights +1, -1 and +1.</details>

# %%
check("1.3")

# %% [markdown]
# > **Exercise 1.4** (★★★, 15 minutes) A half-plane for each edge, and one unit that wants all of them:
# > `polygon_network` puts out 1 inside a convex polygon and 0 outside.
# >
# > <details><summary>Hint 1</summary>A point is inside if it lies to the left of *every* edge. Which vector points to
# > the left of the edge from p to q?</details>
# > <details><summary>Hint 2</summary>With q - p = (u, v) it is (-v, u). Those are the weights of the edge's unit. Its
# > bias makes z = 0 at the corner p. `np.roll` gives each corner the next one.</details>
# > <details><summary>Hint 3</summary>b1 is minus the product of weights and corner, summed over the two coordinates.
# > The output unit adds up n hidden units, and its bias lets it fire for n of them but not for n - 1.</details>

# %%
check("1.4")

# %% [markdown]
# ## 1.6 Folding gently
#
# The step tears the plane. A sigmoid does nearly the same but bends it instead, and if we multiply the weights and
# biases by a number, here called a gain, the bend becomes sharper. Below is the same grid of inputs after the first
# layer, with sigmoids in place of steps.
#
# > **Before you run the next cell.** The red line is the output unit's, the same as before. For which of the gains 1, 4
# > and 16 will it have the two filled points on one side and the two empty ones on the other?
# > <details><summary>All three, or the larger two, or 16 alone?</summary>The larger two. With gain 1 the fold is too
# > weak: an empty corner stays on the wrong side.</details>

# %%
gains = (1, 4, 16)
fine = np.linspace(-0.5, 1.5, 81)
fig, axes = plt.subplots(1, 3, figsize=(10, 3.7), sharex=True, sharey=True, layout="constrained")
folded = {}
for ax, gain in zip(axes, gains, strict=True):
    layer, f = tn.Dense(2), tn.Sigmoid()
    layer.params = {"W": gain * W1, "b": gain * b1}
    for value in grid:
        for points in (np.stack([fine, np.full(81, value)], 1), np.stack([np.full(81, value), fine], 1)):
            ax.plot(*f.forward(layer.forward(points)).T, color="0.75", lw=0.8)
    folded[gain] = f.forward(layer.forward(corners))
    draw_corners(ax, folded[gain])
    draw_line(ax, W2[0], b2[0], color="tab:red", lw=2)
    ax.set(title=f"gain {gain}", xlabel="$a_1^1$", xlim=(-0.1, 1.1), ylim=(-0.1, 1.1), aspect="equal")
axes[0].set_ylabel("$a_2^1$")
fig.suptitle("The plane after a layer of sigmoids: the larger the weights, the sharper the fold")
plt.show()

# %% [markdown]
# With gain 16 the picture is almost that of the step. (In chapter 4 *gain* will be about the
# spread of random weights.) The sigmoid has what the step lacks: a slope, so that a small change of a weight makes a
# small change of the output. Asked for its derivative, the step declines:

# %%
try:
    net.backward(trace, np.ones(1))
except NotImplementedError as refusal:
    print(refusal)

# %% [markdown]
# ## 1.7 Layers are pure functions
#
# `forward` is a function in the strict sense: the same input gives the same output, the input is left alone, and
# nothing is remembered. A layer stores its parameters and nothing else. Whoever needs the intermediate values later
# (we shall, in chapter 2) keeps them: that is a *trace*.

# %%
smooth = tn.Network([tn.Dense(2), tn.Sigmoid(), tn.Dense(1), tn.Sigmoid()], input_shape=(2,), rng=0, dtype=np.float64)
smooth["dense1"].params.update(W=16 * W1, b=16 * b1)
smooth["dense2"].params.update(W=16 * W2, b=16 * b2)

trace = smooth.trace(corners)
before = trace.output.copy()
smooth.trace(corners + 7)  # another pass: it disturbs nothing
print("the first trace is as it was:", np.array_equal(trace.output, before))
print("outputs:", trace.output.ravel().round(3))
print(trace)

# %% [markdown]
# `smooth(x)` predicts and keeps nothing; `smooth.trace(x)` keeps the output of each layer under the layer's name. And
# `summary()` tells what a network is made of (its last column is for images: how much of one a unit sees):

# %%
print(smooth.summary())

# %% [markdown]
# > **Exercise 1.5** (★☆☆, 5 minutes) Write `activations(layers, x)`, the heart of `trace`: the list of the input and of
# > what each layer puts out.
# >
# > <details><summary>Hint 1</summary>Begin with a list that holds x alone. What does the first layer need, and the
# > second?</details>
# > <details><summary>Hint 2</summary>Each layer takes the *last* entry of the list so far, by
# > `layer.forward`.</details>
# > <details><summary>Hint 3</summary>For each layer, append what it makes of `kept[-1]`. Make the list inside the
# > function, so that each call has one of its own.</details>

# %%
check("1.5")

# %% [markdown]
# ## 1.8 A face is a vector
#
# Two inputs are good for drawing. A picture has more. The course uses 165 drawn faces of 15 people, each under 11
# conditions, 60 x 60 grey pixels from 0 (black) to 1 (white). Images have the axes (image, channel, row, column):

# %%
faces = datasets.load("faces")
print("images:", faces.x.shape, faces.x.dtype)
print("people:", ", ".join(faces.classes))
conditions = faces.attributes["condition"]
print("conditions:", ", ".join(dict.fromkeys(conditions.tolist())))

# %%
people = [0, 1, 14]
fig, axes = plt.subplots(len(people), 11, figsize=(9, 2.8), layout="constrained")
for row, person in enumerate(people):
    for column, index in enumerate(np.flatnonzero(faces.labels == person)):
        axes[row, column].imshow(faces.x[index, 0], cmap="gray", vmin=0, vmax=1)
        axes[row, column].set(xticks=[], yticks=[])
        if row == 0:
            axes[row, column].set_title(conditions[index], fontsize=8)
    axes[row, 0].set_ylabel(faces.classes[person])
fig.suptitle("Three of the fifteen people under all eleven conditions")
plt.show()

# %% [markdown]
# A dense layer does not know about rows and columns. To it a face is a vector of 3,600 numbers, the rows of the picture
# laid end to end: pixel $(i, j)$ becomes entry $60 i + j$. The layer `Flatten` does that. Nothing is lost as long as we
# remember the order; a face is a good thing to test with, because you see at once when somebody has not:

# %%
ben = np.flatnonzero((faces.labels == 1) & (conditions == "normal"))[0]
vector = tn.Flatten().forward(faces.x[ben])
print("one face:", faces.x[ben].shape, "->", vector.shape)

views = {
    "rows of 60, as stored": vector.reshape(60, 60),
    "columns for rows": vector.reshape(60, 60, order="F"),
    "rows of 59": vector[: 59 * 61].reshape(61, 59),
    "rows of 120": vector.reshape(30, 120),
}
fig, axes = plt.subplots(1, 4, figsize=(11, 3), layout="constrained", width_ratios=[1, 1, 1, 2])
for ax, (title, image) in zip(axes, views.items(), strict=True):
    ax.imshow(image, cmap="gray", vmin=0, vmax=1)
    ax.set(title=title, xticks=[], yticks=[])
fig.suptitle("The same 3,600 numbers, read in four ways")
plt.show()

# %% [markdown]
# > **Exercise 1.6** (★☆☆, 5 minutes) Write `as_vectors(images)`. The grader reads your vectors as pictures again.
# >
# > <details><summary>Hint 1</summary>The images lie in memory row after row already.</details>
# > <details><summary>Hint 2</summary>`reshape` keeps that order. Which axis stays as it is?</details>
# > <details><summary>Hint 3</summary>Keep the first length, the number of images, and let -1 stand for the
# > other.</details>

# %%
check("1.6")

# %% [markdown]
# ## 1.9 A unit that looks for one person
#
# The weights of a unit that sees a face are 3,600 numbers as well, so they are a picture too. Let us make a unit for
# Ben by hand: take his mean face, subtract everybody's, and use the difference as weights. Where Ben is brighter than
# the mean, the weight is positive; where he is darker, negative. The net input is large for pictures that deviate from
# the mean as Ben does, and the bias makes it 0 half-way between the two mean faces. We use every other picture to set
# weights and bias, and look at the net inputs of the rest.
#
# > **Before you run the next cell.** There are 6 new pictures of Ben and 76 of others. For how many of each will the
# > unit fire?
# > <details><summary>Guess two numbers, then look.</summary>For 5 and for 15. So when it fires, it is right one time in
# > four. Who are the fifteen? The figure shows it.</details>

# %%
vectors = tn.Flatten().forward(faces.x.astype(np.float64))
vectors -= vectors.mean(axis=1, keepdims=True)  # take off each picture's own brightness
seen = np.arange(len(faces)) % 2 == 0
is_ben = faces.labels == 1
everybody = vectors[seen].mean(axis=0)
w = vectors[seen & is_ben].mean(axis=0) - everybody
b = -w @ (vectors[seen & is_ben].mean(axis=0) + everybody) / 2
z = vectors @ w + b

new = ~seen
family = faces.attributes["family"]  # who shares nearly all features with whom
alike = (family == family[is_ben][0]) & ~is_ben
lit_from_a_side = np.isin(conditions, ["left-light", "right-light"])

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained", width_ratios=[1, 2.2])
size = np.abs(w).max()
shown = left.imshow(w.reshape(60, 60), cmap="gray", vmin=-size, vmax=size)
left.set(title="weights of the unit for Ben", xticks=[], yticks=[])
fig.colorbar(shown, ax=left, shrink=0.8)
right.axhline(0, color="0.6", lw=1)
groups = {"Ben": (is_ben, "D", BLUE), "two who are like him": (alike, "s", ORANGE)}
groups["others"] = (~is_ben & ~alike, "o", "0.4")
for name, (group, marker, color) in groups.items():
    right.plot(faces.labels[new & group], z[new & group], marker, mfc="none", mec=color, label=name)
right.plot(faces.labels[new & lit_from_a_side], z[new & lit_from_a_side], "k.", ms=4, label="lit from a side")
right.set_xticks(range(15), faces.classes, rotation=60)
right.set(title="net inputs of pictures that it was not made from: it fires above 0", ylabel="z")
right.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(1, 0))
plt.show()

fires = z > 0
hits, false_alarms = fires & new & is_ben, fires & new & ~is_ben
print(f"of {np.sum(new & is_ben)} new pictures of Ben the unit fires for {hits.sum()};")
print(f"of {np.sum(new & ~is_ben)} new pictures of others for {false_alarms.sum()}, of which", end=" ")
print(f"{np.sum(false_alarms & alike)} show Dev and Ivo")
print(f"when it fires, it is right in {hits.sum() / (fires & new).sum():.0%} of the cases")

# %% [markdown]
# When the unit fires, it is right one time in four: its *precision* is 25 %. Light from the left brings it five false
# alarms, and light from the right costs it one picture of Ben. But the other ten are all Dev and Ivo, on ten of their
# eleven new pictures. Here they are:

# %%
fig, axes = plt.subplots(1, 3, figsize=(6, 2.3), layout="constrained")
for ax, name in zip(axes, ("Ben", "Dev", "Ivo"), strict=True):
    normal = np.flatnonzero((faces.labels == faces.classes.index(name)) & (conditions == "normal"))[0]
    ax.imshow(faces.x[normal, 0], cmap="gray", vmin=0, vmax=1)
    ax.set(title=name, xticks=[], yticks=[])
fig.suptitle("Ben, and two whom the unit takes for him")
plt.show()

# %% [markdown]
# They have Ben's head and hair. They do not have his *widow's peak*, the point of hair in the middle of the forehead.
# Now look once more at the picture of the weights: its darkest spot is that very peak. Whoever is shown the picture
# says at once what the unit does: it knows Ben by his widow's peak. There is a way to find out. Take the weights of the
# peak away, and see what the unit does without them.
#
# > **Before you run the next cell.** The weights within the peak are set to 0. For how many of the 82 new pictures will
# > the unit change its mind?
# > <details><summary>Nearly all of Ben's, about half of them, or none?</summary>None.</details>

# %%
peak = faces.masks["distinguishing"][is_ben].any(axis=0).ravel()
fires_without = vectors @ np.where(peak, 0, w) + b > 0
changed = (fires_without != fires) & new
print(f"the peak has {peak.sum()} of {peak.size:,} pixels, and {abs(w[peak]).sum() / abs(w).sum():.0%} of the weight")
print(f"without it the unit answers {changed.sum()} of the {new.sum()} new pictures differently")

# %% [markdown]
# The picture was convincing, the story was plausible, and the story is false. The peak is the darkest spot, but it is
# small, and thousands of other pixels outvote it: the unit looks for a head like Ben's. We could tell only because
# these faces are drawn, so that we know what is on them, and because we tried what happens *without* the peak.
#
# **This is the question of the course: what does a network really look at, and how would we notice if we were wrong?**
# Everybody whom you will meet here had pictures and a story too.
#
# To ask it, we need networks that are worth asking. Better weights can be *learned* (chapter 4), and better inputs than
# pixels can be computed by layers that know about rows and columns (chapter 3). There is another reason for those.
# Count the weights of one dense layer of 20 units on this small picture:

# %%
dense_net = tn.Network([tn.Flatten(), tn.Dense(20), tn.Tanh(), tn.Dense(15), tn.Softmax()], input_shape=(1, 60, 60))
print(dense_net.summary())
print("pictures of all people together:", len(faces))

# %% [markdown]
# The first dense layer alone has 72,020 numbers to set, and there are 165 pictures to set them by. Chapter 3 will need
# far fewer. But first: which way should each of them move? Chapter 2 finds that out for all at once.
#
# ## In five lines
#
# - A unit adds up weighted inputs and a bias to its net input $z$, and puts out $a = f(z)$; a layer is $f(W a + b)$.
# - One perceptron cuts the plane by a line, and of 20,000 lines none solves XOR; three perceptrons in two layers do.
# - A layer need not solve the problem, only fold the plane so that the next layer can. Only a smooth fold has a slope.
# - A layer is a pure function and keeps nothing; a trace keeps what each layer put out.
# - A unit made from Ben's mean face is right in 25 % of the cases in which it fires. Its weights show his widow's peak,
#   and without the peak it answers all 82 new pictures as before: a picture of weights is not yet an explanation.
#
# ## On your own
#
# - The hidden units of section 1.4 are not the only choice. Find another pair, such as OR and AND, and draw its planes.
#   What is special about the second picture when both rows of $W^1$ point the same way?
# - Replace both steps of the XOR network by ReLUs. Which weights make the output exactly XOR at the corners?
# - Make the unit of section 1.9 for every person. For whom does it work best, and for whom not at all? Whose weights
#   tell a story that taking them away does not bear out?
# - Stack two `Dense` layers without an activation in between and multiply it out: why is that no deeper than one?
#
# ## Further reading
#
# - H. Z. Lo, *Querying deep neural networks with gradients*, University of Massachusetts Boston, 2016: section 2.1.1
#   (structure), 2.1.2 (activation, figure 2.2), 2.1.4 (XOR, figures 2.3 and 2.4). The notation is from there.
# - C. M. Bishop, *Neural Networks for Pattern Recognition*, Oxford University Press, 1995: chapters 3 and 4.
# - M. Minsky and S. Papert, *Perceptrons*, MIT Press, 1969: what one layer cannot do.
#
# ## What this chapter claims
#
# Each chapter ends by checking, in code, what it said in words.

# %%
assert points_right.max() == 3, "no line gets all four points right"
assert np.array_equal(net(corners)[:, 0], xor), "three perceptrons compute XOR"
hidden = net.trace(corners)["step1"]
assert np.array_equal(hidden[0], hidden[2]), "two corners fall together after the first layer"
separated = {gain: np.array_equal((points @ W2.T + b2 > 0)[:, 0], xor) for gain, points in folded.items()}
assert separated == {1: False, 4: True, 16: True}
assert np.array_equal(smooth(corners).round()[:, 0], xor)
assert np.array_equal(trace.output, before), "a trace is not disturbed by another pass"
assert vector[60 * 20 + 30] == faces.x[ben, 0, 20, 30], "pixel (i, j) is entry 60 i + j"
assert points_right.min() == 1 and np.mean(points_right == 2) > 0.5, "the worst line gets one right, and most get two"
darkest = np.unravel_index(w.argmin(), (60, 60))
assert faces.masks["distinguishing"][ben][darkest], "the most negative weight lies in the widow's peak"
assert (hits.sum(), np.sum(new & is_ben), false_alarms.sum(), np.sum(new & ~is_ben)) == (5, 6, 15, 76)
assert np.sum(false_alarms & alike) == 10 and np.sum(new & alike) == 11, "look-alikes make most of the false alarms"
assert set(conditions[false_alarms & ~alike]) == {"left-light"}, "the others are lit from the left"
assert set(conditions[new & is_ben & ~fires]) == {"right-light"}, "and the face of Ben that is missed from the right"
assert set(np.unique(faces.labels[alike])) == {faces.classes.index(name) for name in ("Dev", "Ivo")}
assert not changed.any() and new.sum() == 82, "without the widow's peak all answers stay"
assert dense_net["dense1"].params["W"].size == 20 * 3600
