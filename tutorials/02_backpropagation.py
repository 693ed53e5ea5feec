# %% [markdown]
# # 2 Backpropagation by hand
#
# | | |
# | --- | --- |
# | **You will do** | find a mistake in a published program; derive and test the backward pass of every kind of layer |
# | **You will learn** | deltas; the chain rule as code; the adjoint law; what differences can and cannot tell |
# | **You need** | chapter 1; partial derivatives and their matrix, the Jacobian; the chain rule; transposes |
# | **Time** | 120 minutes with the exercises |
# | **Where you are** | Chapter 1 set all weights by hand. Which way should each of 72,000 weights move, all at once? |
#
# Training needs the derivative of one number, the loss, with respect to all weights; explaining a network needs the
# derivative of an output with respect to everything inside. Both come from one pass backwards through the layers. It is
# easy to get wrong, and a network with a wrong gradient still runs. So we derive each piece and test it at once.

# %%
import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check
from scipy.special import expit

import tinynet as tn
from tinynet import datasets
from tinynet.testing import check_layer

BLUE, ORANGE = "#0072B2", "#D55E00"
rng = np.random.default_rng(0)

# %% [markdown]
# ## 2.1 A published mistake
#
# A well-known tutorial shows how to recognise handwritten digits with NumPy alone. Its hidden layer has ReLUs, its
# slopes come from a function of the ReLU's *output*, and that function returns `output >= 0`. The program runs, and
# its loss falls. Here is the idea, as a layer:


# %%
class PublishedReLU(tn.Layer):
    """A ReLU whose slope is taken from its output, with >=."""

    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dy, x, y):
        return dy * (y >= 0)


report = check_layer(PublishedReLU(), input_shape=(5,))
print(report.failures[0])

# %% [markdown]
# One call, and the mistake is found and named. What a ReLU puts out is never negative, so `y >= 0` is *always* true:
# the derivative lets everything through, as if there were no ReLU. The slope must be 0 wherever the input is negative.
#
# Why did nobody see it? Section 2.10 has a surprise about that. First we learn what the check has done: what a backward
# pass is, and how it can be tested without knowing the right answer.

# %% [markdown]
# ## 2.2 Slopes by differences
#
# The derivative of $f$ at $x$ along a direction $v$ says how fast $f$ changes when we walk from $x$ in that direction.
# We can just walk a little and look:
#
# $$\frac{f(x + h v) - f(x)}{h} \qquad\text{or better}\qquad \frac{f(x + h v) - f(x - h v)}{2h}.$$
#
# Better, because of Taylor's series, $f(x \pm h) = f(x) \pm h f'(x) + \tfrac{h^2}{2} f''(x) \pm \tfrac{h^3}{6} f'''(x)
# + \dots$: the first formula is off by about $\tfrac h2 f''$. In the second, the *central difference*, the even terms
# cancel, and it is off by about $\tfrac{h^2}{6} f'''$.
#
# > **Before you run the next cell.** It tries steps from $10^{-12}$ to 1 on softplus, whose slope we know: it is the
# > sigmoid. The formulas say: the smaller $h$, the smaller the error. Where will the central difference in float64 be
# > best?
# > <details><summary>At the smallest step, near 1e-8, near 1e-5, or near 1e-2?</summary>Near 1e-5, far from the
# > smallest step. The computer has a word in it too.</details>

# %%
point = 0.7
steps = np.logspace(-12, 0, 49)
errors = {}
for dtype in (np.float64, np.float32):
    x, h = np.asarray(point, dtype), steps.astype(dtype)
    f = tn.Softplus().forward
    errors["one-sided", dtype] = np.abs((f(x + h) - f(x)) / h - expit(point))
    errors["central", dtype] = np.abs((f(x + h) - f(x - h)) / (2 * h) - expit(point))

fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
for ax, dtype in zip(axes, (np.float64, np.float32), strict=True):
    for kind, style in (("one-sided", "s--"), ("central", "o-")):
        color = ORANGE if kind == "one-sided" else BLUE
        ax.loglog(steps, np.maximum(errors[kind, dtype], 1e-16), style, ms=3, color=color, label=kind)
    best = np.finfo(dtype).eps ** (1 / 3)
    ax.axvline(best, color="0.4", lw=1, ls=":", label=r"$\varepsilon^{1/3}$")
    ax.set(title=np.dtype(dtype).name, xlabel="step h")
axes[0].set_ylabel("error of the slope")
axes[0].legend(frameon=False)
fig.suptitle("How wrong a difference is: too large a step on the right, rounding on the left")
plt.show()

for dtype in (np.float64, np.float32):
    found = errors["central", dtype]
    print(f"{np.dtype(dtype).name}: best central difference {found.min():.1e}, at h = {steps[found.argmin()]:.0e}")

# %% [markdown]
# The computer rounds $f$ to a relative precision $\varepsilon$ (about $10^{-16}$ in float64, $10^{-7}$ in float32). The
# difference of two nearly equal numbers keeps the rounding, which is then divided by $h$. So the error is about
# $h^2 + \varepsilon / h$, and that is smallest near $h = \varepsilon^{1/3}$, the dotted line.
#
# Two lessons. Test in float64 and train in float32: even the luckiest step leaves an error of $2 \cdot 10^{-6}$ in
# float32, hundreds of thousands of times that of float64. And a difference always has an error, so a test needs a
# tolerance; with $h = 10^{-5}$ or so and float64, a relative $10^{-6}$ is safe.
#
# > **Exercise 2.1** (★☆☆, 5 minutes) Write `central_difference(f, x, v, h)`.
# >
# > <details><summary>Hint 1</summary>Two calls of f: a little ahead of x, and as far behind it.</details>
# > <details><summary>Hint 2</summary>How far apart are the two points, in units of v?</details>
# > <details><summary>Hint 3</summary>The second formula above, letter by letter. `x + h * v` makes a new array, so x
# > stays as it is.</details>

# %%
check("2.1")

# %% [markdown]
# ## 2.3 What a layer sends back
#
# A network is a chain of functions, and behind it stands a number $L$ that we care about: a loss, or one of the
# outputs. For each value $a$ in the network we ask for $\partial L / \partial a$, and call it the **delta** of $a$
# (others say *upstream gradient*, or *error signal*). A delta says: if this value were a little larger, how much would
# $L$ grow?
#
# Look at one layer $y = f(x)$ inside the chain. Suppose that we know the delta of each of its outputs,
# $dy_i = \partial L / \partial y_i$. A small change of input $x_j$ changes $L$ through every output that depends on it,
# so by the chain rule
#
# $$dx_j = \frac{\partial L}{\partial x_j} = \sum_i \frac{\partial L}{\partial y_i}\frac{\partial y_i}{\partial x_j}
# = \sum_i J_{ij}\, dy_i, \qquad\text{that is}\qquad dx = J^T dy,$$
#
# with the **Jacobian** $J_{ij} = \partial y_i / \partial x_j$, the matrix of all derivatives of outputs by inputs. A
# product of this kind is called a *vector-Jacobian product* (VJP). Multiplied from the other side, $Jv$, the Jacobian
# says how the outputs change when the input moves by $v$. The map $dy \mapsto J^T dy$ is the **adjoint** of
# $v \mapsto Jv$. It is all that a layer has to know: nothing of the other layers, nothing of the loss. In code it is a
# method that takes the delta of the output, and the input and output that belong to it:
#
#     backward(dy, x, y)  ->  dx
#
# For an activation function, each output depends on its own input alone. $J$ is diagonal, and the product is entry by
# entry: $dx = f'(x)\, dy$. All we need is $f'$. For the hyperbolic tangent the quotient rule gives
#
# $$\tanh' = \left(\frac{\sinh}{\cosh}\right)' = \frac{\cosh^2 - \sinh^2}{\cosh^2} = 1 - \tanh^2 = 1 - y^2,$$
#
# which is cheap, since $y$ is there already:


# %%
class Tanh(tn.Layer):
    """y = tanh x."""

    def forward(self, x):
        return np.tanh(x)

    def backward(self, dy, x, y):
        return dy * (1 - y * y)


print(check_layer(Tanh(), input_shape=(5,)))

# %% [markdown]
# You can write layers like this one now. For softplus, $y = \log(1 + e^x)$, the chain rule gives
# $dy/dx = e^x / (1 + e^x)$, which you have met in chapter 1 under another name. For a ReLU the slope is 1 on one side
# and 0 on the other; take the side from $x$, and the published mistake cannot happen. At the kink itself no slope is
# the true one, and any number between the two is accepted.
#
# > **Exercise 2.2** (★★☆, 10 minutes) Write `Softplus` and get it through the laws.
# >
# > <details><summary>Hint 1</summary>For the forward pass look up what `np.logaddexp(a, b)` computes.</details>
# > <details><summary>Hint 2</summary>The slope e^x / (1 + e^x) is the sigmoid of x. SciPy has one that never overflows,
# > `expit`.</details>
# > <details><summary>Hint 3</summary>Forward: the logarithm of e^0 + e^x. Backward: dy times the sigmoid of the
# > *input*. </details>

# %%
check("2.2")

# %% [markdown]
# > **Exercise 2.3** (★★☆, 10 minutes) Write `LeakyReLU(slope)`, which lets a little through on the negative side.
# >
# > <details><summary>Hint 1</summary>What is the slope on each side, and which array says on which side we
# > are?</details>
# > <details><summary>Hint 2</summary>`np.where(condition, one, other)` takes each entry from one of two arrays and
# > makes a new one. The larger of x and slope x will not do: the slope may be above 1.</details>
# > <details><summary>Hint 3</summary>Forward chooses between x and slope times x, backward between dy and slope times
# > dy, both by x > 0. Two arrays of float32 give float32; `np.where` of two Python numbers gives float64.</details>

# %%
check("2.3")

# %% [markdown]
# ## 2.4 The dense layer
#
# With $z_i = \sum_j W_{ij} a_j + b_i$ three questions have an answer each. How does $L$ change with the inputs, with
# the weights, with the biases? Differentiate:
#
# $$\frac{\partial z_i}{\partial a_j} = W_{ij}, \qquad \frac{\partial z_i}{\partial W_{kj}} = a_j \text{ if } k = i
# \text{, else } 0, \qquad \frac{\partial z_i}{\partial b_i} = 1.$$
#
# Put into the chain rule, with $\delta_i = \partial L / \partial z_i$:
#
# $$da_j = \sum_i W_{ij}\, \delta_i \;\;\text{or}\;\; da = W^T \delta, \qquad dW_{ij} = \delta_i\, a_j, \qquad
# db_i = \delta_i.$$
#
# The delta travels back along the same weights, in the other direction. And the gradient of a weight is the product of
# what stands at its two ends: the delta above and the activation below.
#
# One more thing. All examples of a batch share the weights, so each adds its part: $dW$ and $db$ are *sums* over the
# batch. If the loss is a mean, its division by $N$ belongs to the loss and to nothing else; a layer that divides as
# well is one of the commonest slips.

# %%
W, b = rng.standard_normal((2, 3)), rng.standard_normal(2)
a, delta = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))  # a batch of 4 examples
da = delta @ W  # for each row: W^T delta
dW = delta.T @ a  # the sum over the batch of delta a^T
db = delta.sum(axis=0)
print("da", da.shape, " dW", dW.shape, " db", db.shape)

layer = tn.Dense(2)
layer.params = {"W": W, "b": b}
z = layer.forward(a)
grads = layer.grads(delta, a, z)
print("the library agrees:", all(np.allclose(*pair) for pair in ((da, layer.backward(delta, a, z)), (dW, grads["W"]))))

# %% [markdown]
# > **Exercise 2.4** (★★★, 20 minutes) Write `backward` and `grads` of `Dense`, for any number of batch axes.
# >
# > <details><summary>Hint 1</summary>Begin with a batch of one axis: the cell above has all three lines.</details>
# > <details><summary>Hint 2</summary>`backward` is right for any number of axes as it stands. For `grads`, make all
# > leading axes one by `reshape(-1, ...)`, of dy and of x.</details>
# > <details><summary>Hint 3</summary>If dy has more leading axes than x, stretch x first: `np.broadcast_to` with the
# > leading axes of dy and the inputs of x. Then deltas transposed times inputs, and the sum of the deltas over axis
# > 0.</details>

# %%
check("2.4")

# %% [markdown]
# ## 2.5 The adjoint law
#
# How can we test $J^T dy$ without knowing $J$? By differences we can get $J v$ for any direction $v$: how the outputs
# change as the input moves. The backward pass gives $J^T u$ for any $u$. And the two belong together:
#
# $$\langle u, J v\rangle = u^T J v = (J^T u)^T v = \langle J^T u, v\rangle \qquad\text{for all } u \text{ and } v.$$
#
# So draw $u$ and $v$ at random and compare two numbers. If any entry of the backward pass is wrong, the numbers differ,
# unless the errors happen to cancel for this $u$ and $v$, which for random ones they do not.
#
# > **Before you run the next cell.** It prints the difference of the two numbers for the library's ReLU, the published
# > one and our Tanh, each with a hundred inputs. What do you expect of each?
# > <details><summary>Which are zero, nearly zero, far from zero?</summary>The two right layers are off by a few
# > billionths at most, but not by exactly zero: a difference has an error. The published ReLU is off by 4.</details>


# %%
def adjoint_gap(layer, x, u, v, h=1e-5):
    """Return <u, Jv> by differences minus <J^T u, v> by the backward pass."""
    Jv = (layer.forward(x + h * v) - layer.forward(x - h * v)) / (2 * h)
    JTu = layer.backward(u, x, layer.forward(x))
    return np.vdot(u, Jv) - np.vdot(JTu, v)


u, x, v = rng.standard_normal((3, 100))
gaps = {type(layer).__name__: adjoint_gap(layer, x, u, v) for layer in (tn.ReLU(), PublishedReLU(), Tanh())}
for name, gap in gaps.items():
    print(f"{name:14} {gap: .1e}")

# %% [markdown]
# A hundred entries were tested by one number each. `check_layer` does this several times for the input and for each
# parameter, away from kinks, and tests the other things that we ask of a layer: that `backward` is linear in `dy`, that
# leading axes are batch axes, that no argument is written to and nothing is remembered, that float32 stays float32. The
# laws are listed in the report on `Tanh` above. You can run it on your own file:
#
#     python -m tinynet check tutorials/exercises/ch02.py:Softplus --input-shape 4
#
# Two warnings. The laws test that `backward` belongs to `forward`. If `forward` itself is wrong, they are content. And
# $u$ has to be random: there is a famous layer for which a $u$ of all ones sees nothing.

# %% [markdown]
# ## 2.6 Softmax, where the outputs compete
#
# Softmax turns any numbers $z$, the *logits*, into probabilities: $p_i = e^{z_i} / \sum_k e^{z_k}$. They add up to one,
# so if one grows, others must shrink: each output depends on every input. From
# $\log p_i = z_i - \log \sum_k e^{z_k}$ follows $\partial \log p_i / \partial z_j = [i = j] - p_j$, where $[i = j]$ is
# 1 if $i = j$ and 0 otherwise, and with $\partial p_i = p_i\, \partial \log p_i$
#
# $$J_{ij} = \frac{\partial p_i}{\partial z_j} = p_i\,([i = j] - p_j).$$

# %%
logits = np.array([2.0, 1.0, 0.0, -1.0])
softmax = tn.Softmax()
p = softmax.forward(logits)
J = softmax.backward(np.eye(4), logits, p)  # four seeds at once, one a row

fig, ax = plt.subplots(figsize=(4.6, 3.6), layout="constrained")
shown = ax.imshow(J, cmap="RdBu", vmin=-0.25, vmax=0.25)
for i in range(4):
    for j in range(4):
        ax.text(j, i, f"{J[i, j]:.3f}", ha="center", va="center", color="white" if abs(J[i, j]) > 0.14 else "black")
ax.set_xticks(range(4), [f"$z_{j}$" for j in range(1, 5)])
ax.set_yticks(range(4), [f"$p_{i}$ = {p[i - 1]:.2f}" for i in range(1, 5)])
ax.set(title="Jacobian of softmax: raise one logit,\none probability grows and the others shrink")
fig.colorbar(shown, ax=ax, shrink=0.8)
plt.show()

print("by the formula:", np.allclose(J, np.diag(p) - np.outer(p, p)))
print("along ones:", softmax.backward(np.ones(4), logits, p))

# %% [markdown]
# Every column adds up to zero, because the probabilities always add up to one. (What is put in at the top and carried
# back is called the *seed*.) So the seed $u = (1, 1, 1, 1)$ gives zero, whatever the network does: a test with ones
# would call a layer right that returns nothing but zeros.
#
# The matrix need not be written down. Multiply it out:
# $dz_j = \sum_i J_{ij}\, dp_i = p_j \left(dp_j - \sum_i p_i\, dp_i\right)$.
#
# > **Exercise 2.5** (★★☆, 10 minutes) Write `backward` of `Softmax` that way.
# >
# > <details><summary>Hint 1</summary>Which of the letters in the last formula is dy, and which is y?</details>
# > <details><summary>Hint 2</summary>The sum over i is one number for each example: a sum along the last axis of the
# > product of dy and y.</details>
# > <details><summary>Hint 3</summary>Keep that axis, by `keepdims=True`, so that the sum can be taken off dy. Then
# > multiply by y.</details>

# %%
check("2.5")

# %% [markdown]
# ## 2.7 Where the gradient starts
#
# Let $t$ be the true class as a vector, 1 for that class and 0 elsewhere. The cross-entropy loss is
#
# $$L = -\sum_k t_k \log p_k .$$
#
# (The thesis leaves out the minus sign in its eq. 2.2 and then climbs instead of descending; it is the same.) One could
# start at the probabilities, with $dp_k = -t_k / p_k$, and go back through softmax. But $p_k$ can be so small that it
# is rounded to 0. Start at the logits instead, with $\log p_k = z_k - \log\sum_j e^{z_j}$:
#
# $$\frac{\partial L}{\partial z_j} = -\sum_k t_k\,([k = j] - p_j) = p_j - t_j .$$
#
# What the network said minus what it should have said: the simplest delta of all, and nothing is divided.
#
# > **Before you run the next cell.** Two networks, both in float32. The first says the right class with 9 %, the second
# > is sure of a wrong one. Both ways of computing the delta are right on paper. Where will they differ?
# > <details><summary>For the first, for the second, for both or for neither?</summary>For the second. Its probability
# > of the right class is rounded to 0, and the way through the probabilities divides by it.</details>

# %%
t = np.array([0.0, 0.0, 1.0, 0.0])
for z in (logits, np.array([200.0, 1.0, 0.0, -1.0])):
    z = z.astype(np.float32)
    p = softmax.forward(z)
    with np.errstate(divide="ignore", invalid="ignore"):
        through_softmax = softmax.backward(-t / p, z, p)
    print("through the probabilities:", through_softmax.round(4), "  p - t:", (p - t).round(4))

# %% [markdown]
# The network of the second line is sure of a wrong class, the very case in which it should learn most. One route has
# lost the gradient; the other has it right.

# %% [markdown]
# ## 2.8 The chain rule as code
#
# Everything is in place. Go forward once and keep what each layer puts out. Then start with a seed at the top and go
# back, layer by layer:
#
#     for each layer, from the last to the first:
#         delta = layer.backward(delta, its input, its output)
#
# That is backpropagation. `net.trace` does the first half and `net.backward` the second. Our network has 3,600 inputs,
# the pixels of a face, and we ask how one logit changes with each of them:

# %%
faces = datasets.load("faces")
layers = [tn.Flatten(), tn.Dense(20), tn.Softplus(), tn.Dense(15), tn.Softmax()]
net = tn.Network(layers, input_shape=(1, 60, 60), rng=0, dtype=np.float64)
face = faces.x[16].astype(np.float64)
seed = np.zeros(15)
seed[1] = 1.0

trace = net.trace(face)
deltas = net.backward(trace, seed, at="dense2")
for name in net.names[: net.names.index("dense2") + 1]:
    print(f"{name:10} activation {trace[name].shape!s:12} delta {deltas[name].shape}")

# %% [markdown]
# By differences it takes two forward passes for each pixel. We do it for 300 of them and compare:

# %%
h = 1e-5
pixels = rng.choice(3600, 300, replace=False)
nudge = np.zeros((300, 1, 60, 60))
nudge.reshape(300, 3600)[np.arange(300), pixels] = h
ahead, behind = (net.trace(face + sign * nudge)["dense2"][:, 1] for sign in (1, -1))
by_difference = (ahead - behind) / (2 * h)
by_backward = deltas.input.ravel()[pixels]

fig, ax = plt.subplots(figsize=(4.4, 4), layout="constrained")
ax.axline((0, 0), slope=1, color="tab:blue", lw=1)
ax.plot(by_difference, by_backward, "o", ms=4, mfc="none", mec="black")
ax.set(title="300 pixels of a face", xlabel="by differences, 600 forward passes", ylabel="by one backward pass")
ax.set_aspect("equal")
plt.show()
print(f"largest disagreement: {np.abs(by_difference - by_backward).max():.1e}")

# %% [markdown]
# For all pixels, differences would take 7,200 passes; the backward pass is one, and costs about as much as a few
# forward passes, however many inputs there are. It gives the deltas of all layers in between, too. Training uses
# them for the gradients of the weights and throws them away. Chapter 5 keeps them: they say how much each unit matters.
#
# > **Exercise 2.6** (★★☆, 10 minutes) Write `deltas(layers, kept, seed)`, the loop above, for any list of layers.
# >
# > <details><summary>Hint 1</summary>Layer number k has the input kept[k]. Which entry is its output?</details>
# > <details><summary>Hint 2</summary>Start with a list that holds the seed alone, go through the layers from the last
# > to the first, and give each the delta found last.</details>
# > <details><summary>Hint 3</summary>You find the deltas from the top down; the list should begin at the bottom. Turn
# > it round at the end.</details>

# %%
check("2.6")

# %% [markdown]
# ## 2.9 Why our layers are forgetful
#
# Many programs spare the arguments `x` and `y` of `backward`: the layer keeps what it needs, and `backward(dy)` finds
# it there. It looks convenient:


# %%
class RememberingTanh(tn.Layer):
    """A tanh that keeps its last output for the backward pass."""

    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dy, x, y):
        return dy * (1 - self.y**2)


layer, dy = RememberingTanh(), np.ones(3)
x = np.array([0.0, 0.5, 1.0])
y = layer.forward(x)
right = layer.backward(dy, x, y)
layer.forward(np.array([9.0, 9.0, 9.0]))  # somebody looks at another input in between
wrong = layer.backward(dy, x, y)
print("right:", right.round(4))
print("wrong:", wrong.round(4))

# %% [markdown]
# No error, no warning, and other numbers. A layer used twice in one network, a validation pass in the middle of a
# training step, two threads: each of them gives silently wrong gradients. A pure layer cannot have this bug, because it
# has nowhere to keep anything. The laws look for it:

# %%
remembering = check_layer(RememberingTanh(), (3,))
print(remembering.failures[0])

# %% [markdown]
# ## 2.10 What the mistake costs
#
# Back to the published ReLU. We train the same network twice, from the same weights and with the same batches: once
# with the right ReLU, once with the published one. (`tn.fit` is the subject of chapter 4.) We also compare, before
# training, the gradients of the first layer's weights.
#
# > **Before you run the next cell.** Every gradient of the published network's hidden weights is wrong. What will its
# > loss do, beside that of the right one?
# > <details><summary>Rise, stay where it is, fall more slowly, or fall as well?</summary>Fall as well, and here even
# > a little faster: its gradients are longer, so its steps are.</details>


# %%
def network(relu):
    """Return a network with two hidden layers of one kind of ReLU."""
    layers = [tn.Flatten(), tn.Dense(60), relu(), tn.Dense(60), relu(), tn.Dense(15), tn.Softmax()]
    return tn.Network(layers, input_shape=(1, 60, 60), rng=0)


def gradient(net, x, labels):
    """Return the gradient of the loss with respect to the weights of the first layer."""
    trace = net.trace(x)
    seed = (trace.output - np.eye(15)[labels]) / len(x)
    deltas = net.backward(trace, seed.astype(np.float32), at=net.logits)
    return net.grads(trace, deltas)["dense1"]["W"].ravel()


x = faces.x - faces.x.mean(axis=0)
nets = {"right": network(tn.ReLU), "published": network(PublishedReLU)}
gradients = {name: gradient(net, x, faces.labels) for name, net in nets.items()}
losses = {}
for name, net in nets.items():
    history = tn.fit(
        net,
        x,
        faces.labels,
        loss=tn.CrossEntropy(),
        optimizer=tn.SGD(0.03),
        epochs=30,
        batch_size=15,
        progress=False,
    )
    losses[name] = np.array(history.loss)

lengths = {name: np.linalg.norm(g) for name, g in gradients.items()}
cosine = gradients["right"] @ gradients["published"] / (lengths["right"] * lengths["published"])
print(f"cosine of the two gradients: {cosine:.2f}")
print(f"the published one is {lengths['published'] / lengths['right']:.1f} times as long")
for name, loss in losses.items():
    print(f"{name:>9}: the loss falls from {loss[0]:.2f} to {loss[-1]:.2f}")

fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
some = rng.choice(gradients["right"].size, 3000, replace=False)
left.axline((0, 0), slope=1, color="tab:blue", lw=1)
left.plot(gradients["right"][some], gradients["published"][some], ".", ms=2, color="black")
left.set(title="Gradients of 3,000 weights, before training", xlabel="right", ylabel="published")
left.locator_params(axis="x", nbins=5)
for name, style in (("right", "-"), ("published", "--")):
    right.plot(range(1, 31), losses[name], style, color=BLUE if name == "right" else ORANGE, label=name)
right.set(title="And yet: the loss while training", xlabel="epoch", ylabel="cross-entropy", ylim=(0, None))
right.legend(frameon=False)
plt.show()

# %% [markdown]
# This is the surprise. The gradients are plainly different, in direction and in length, and yet the loss falls as well
# with the wrong ones as with the right ones. A step need not follow the gradient; a small one in any direction within a
# right angle of it goes downhill. **That a network learns does not show that its gradients are right.** Nobody who
# watched the loss could have found this mistake.
#
# It matters all the same. Whoever *reads* the deltas, as we shall in order to say which units and pixels matter, gets
# wrong answers from the published ReLU, and no curve will say so. Hence the laws.
#
# ## In five lines
#
# - A central difference is off by $h^2$ and by rounding over $h$: at best by 4e-12 in float64 and by 2e-6 in float32.
# - All that a layer has to know is how to turn the delta of its output into that of its input, $dx = J^T dy$.
# - The adjoint law $\langle u, Jv \rangle = \langle J^T u, v \rangle$ tests that without knowing the right answer: the
#   published ReLU misses it by 4, right layers by 2e-9 at most.
# - Start at the logits: there the seed of the cross-entropy is $p - t$, also where the way through $p$ gives `nan`.
# - A gradient at a cosine of 0.65 with the right one, and 2.3 times as long, trains a network all the same. Learning
#   proves nothing about gradients.
#
# ## On your own
#
# - The same tutorial has a second slip nearby. It applies dropout by multiplying the hidden layer with a mask of zeros
#   and ones, times 2; on the way back it multiplies with the mask alone. Write that layer with a fixed mask and let
#   `check_layer` tell you what is wrong with it.
# - Write a layer $y = x^3$ with `backward` returning `dy * x**2`. What does the report say of the factor?
# - Write `Normalize`, $y = x / \lVert x \rVert$ over the last axis. What does its Jacobian have in common with
#   softmax's?
# - Repeat the figure of section 2.2 for $f(x) = x^2$. Why does the central difference have no error on the right?
#
# ## Further reading
#
# - H. Z. Lo, *Querying deep neural networks with gradients*, University of Massachusetts Boston, 2016: section 2.1.5
#   (backpropagation, eqs. 2.1 to 2.5).
# - C. M. Bishop, *Neural Networks for Pattern Recognition*, Oxford University Press, 1995: section 4.8
#   (backpropagation, with the check by differences) and 6.9 (cross-entropy and softmax).
# - The tutorial of section 2.1: "Deep learning on MNIST", numpy-tutorials, the cells that define `relu2deriv` and the
#   training loop. It is a good tutorial, and that is the point.
#
# ## What this chapter claims

# %%
assert [failure.law for failure in report.failures] == ["adjoint"], "the published ReLU breaks the adjoint law"
assert check_layer(Tanh(), (5,)).ok
for dtype in (np.float64, np.float32):
    one_sided, central = errors["one-sided", dtype], errors["central", dtype]
    assert central.min() < one_sided.min()
    assert 0.01 < steps[central.argmin()] / np.finfo(dtype).eps ** (1 / 3) < 100
best = {dtype: errors["central", dtype].min() for dtype in (np.float64, np.float32)}
assert 1e-12 < best[np.float64] < 1e-11 and 1e-6 < best[np.float32] < 4e-6
assert 1e-6 < steps[errors["central", np.float64].argmin()] < 1e-4, "and the best step in float64 is near 1e-5"
assert abs(gaps["ReLU"]) < 2e-9 > abs(gaps["Tanh"]) and round(gaps["PublishedReLU"]) == -4
assert np.allclose(db, grads["b"]) and np.allclose(dW, grads["W"]) and np.allclose(da, delta @ W)
assert np.allclose(J.sum(axis=0), 0) and np.allclose(softmax.backward(np.ones(4), logits, softmax.forward(logits)), 0)
assert not np.isfinite(through_softmax).all() and np.isfinite(p - t).all()
assert np.abs(by_difference - by_backward).max() < 1e-8
assert [failure.law for failure in remembering.failures] == ["pure"]
assert 0.6 < cosine < 0.7, "the published gradient is another one, within a right angle of the right one"
assert 2.2 < lengths["published"] / lengths["right"] < 2.4, "and longer"
assert all(loss[-1] < loss[0] / 4 for loss in losses.values()), "and both networks learn"
assert losses["published"][-1] < losses["right"][-1], "the published one no less"
