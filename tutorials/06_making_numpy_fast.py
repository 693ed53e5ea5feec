# %% [markdown]
# # 6 Making NumPy fast
#
# | | |
# | --- | --- |
# | **You will do** | lay faces out in memory in two ways; turn a convolution into few large products; time each step |
# | **You will learn** | strides and views; runs and fresh pages; im2col; rows for free; Winograd's trick |
# | **You need** | chapters 1 to 3: batches, convolution and its two adjoints |
# | **Where you are** | Chapters 4 and 5 spent their minutes in convolutions. Why do they take so long, and must they? |
# | **Time** | 110 minutes with the exercises: 50 for the core, sections 6.1 to 6.4, 60 for the optional 6.5 to 6.9 |
#
# NumPy's own loops run at the speed of compiled code. Whether *your* program does depends on what you hand them: how
# the numbers lie in memory, how often they are copied, and in how large portions they are worked on. This chapter takes
# the convolution of chapter 3 from a textbook's version to the one in `tinynet/kernels/correlation.py`.
#
# The **core** is strides, im2col and rows for free. The **optional part** goes on to the adjoints, to what a layer
# costs, to Winograd's products, caches and threads; no later chapter needs it, and its exercises say so.
#
# You measure on your own machine, so every time below is a *ratio* of two times in one run. Yours will differ from
# those in this notebook, and from one run to the next. So whatever is said about a time is either printed from the
# measurement, or true of any. What must not differ is the results, and how many numbers are copied and multiplied:
# those are what the chapter asserts at its end.

# %%
import itertools
import time
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from exercises.grading import check
from numpy.lib.stride_tricks import as_strided

import tinynet as tn
from tinynet import datasets, kernels
from tinynet.kernels import plan
from tinynet.kernels.parallel import in_parallel, thread_count
from tinynet.kernels.windows import BLOCK_BYTES

faces = datasets.load("faces")
x = np.ascontiguousarray(faces.x, np.float32)
spectacles = faces.classes.index("Ben") * 11 + 1  # a face that wears some
print("images, channels, rows, columns:", x.shape)

PATIENCE = 2  # seconds for a comparison


def fastest(*programs, repeats=7):
    """Return the shortest time of each program, in seconds; they take turns, so that all meet the same disturbances."""
    rounds, start = [], time.perf_counter()
    while len(rounds) <= repeats and (len(rounds) < 2 or time.perf_counter() - start < PATIENCE):
        rounds.append([seconds_of(program) for program in programs])
    return np.min(rounds[1:], axis=0)  # the first round warms up


def seconds_of(program):
    """Return how long a program takes."""
    begin = time.perf_counter()
    program()
    return time.perf_counter() - begin


def verdict(ratio):
    """Return in words what a ratio of two times says, if a tenth more or less says nothing."""
    return "dearer" if ratio > 1.1 else "cheaper" if ratio < 0.9 else "neither dearer nor cheaper"


# %% [markdown]
# The shortest of several times is the fairest: whatever else the machine does can only make a program slower. Let it be
# at rest all the same. Matrix products may be shared out to several threads, which wait for each other; if another
# program holds a core, a small product can take many times as long. `OPENBLAS_NUM_THREADS=1`, set before Python starts,
# keeps to one thread.
#
# ## 6.1 Where a number lies
#
# Memory is one long line. An array is a piece of it with a rule that says where each number is: its *strides*, the
# steps in bytes from one index to the next along each axis. For an array with strides $s$,
#
# $$\text{address of } x[n, c, h, w] = \text{start} + n\,s_0 + c\,s_1 + h\,s_2 + w\,s_3 .$$
#
# Nothing says that the last axis must have the smallest stride. NumPy makes arrays so unless told otherwise, which is
# called C order; but a `transpose` merely permutes the strides, and copies nothing. So we may choose the order of the
# numbers and keep the order of the axes. Below, the axes are always (N, C, H, W): images, channels, rows, columns.

# %%
image_after_image = x
batch_innermost = kernels.batch_innermost(x)  # lies in memory as (H, C, W, N)

for name, array in (("image after image", image_after_image), ("batch innermost", batch_innermost)):
    print(f"{name:>17}: shape {array.shape}, strides {array.strides} bytes")


# %% [markdown]
# In the second order the smallest stride belongs to the image: the same pixel of all faces lies side by side, then the
# next pixel of the row in all faces. Here is a part of both memories, drawn in lines from left to right, top to bottom:


# %%
def memory_of(array):
    """Return the numbers of an array in the order of memory."""
    return as_strided(array, (array.size,), (array.itemsize,), writeable=False)


row = 30
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained", width_ratios=(1, 2.2))
left.imshow(memory_of(image_after_image)[: 100 * 60].reshape(100, 60), cmap="gray")
left.set(title="(N, C, H, W)", xlabel="60 numbers a line", ylabel="line of memory")
a_row = slice(row * 60 * len(x), (row + 1) * 60 * len(x))
right.imshow(memory_of(batch_innermost)[a_row].reshape(60, len(x)), cmap="gray", aspect="auto")
right.set(title=f"(H, C, W, N): row {row} of all faces", xlabel="face", ylabel="column of the image")
figure.suptitle("The same faces, as they lie in memory")
plt.show()

# %% [markdown]
# On the left you meet one face after another. On the right a single row of pixels fills the picture. Read a line from
# left to right: it is one place in all 165 faces, and it changes most where the eleven faces of a person end and those
# of the next begin.
#
# ## 6.2 Runs, and fresh pages
#
# Why should the order matter? When NumPy adds or copies arrays, its innermost loop, the compiled one, goes along *one*
# axis. Neighbouring axes without gaps between them are joined to one first. The piece that can be done without looking
# at the shape again is a **run**. What does it cost to begin one? Copy as many numbers as always, cut into runs of
# various lengths with gaps in between:

# %%
numbers = 1 << 16
run_lengths = 2 ** np.arange(2, 13)
run_times = []
for length in run_lengths:
    source = np.ones((numbers // length, 2 * length), np.float32)[:, :length]
    run_times.append(fastest(partial(np.copyto, np.empty_like(source), source), repeats=40)[0])
run_times = np.array(run_times) / run_times[-1]

figure, panel = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
panel.loglog(run_lengths, run_times, "o-", color="black", label="this machine")
model = (1 + plan.RUN / run_lengths) / (1 + plan.RUN / run_lengths[-1])
panel.loglog(run_lengths, model, "--", color="#0072B2", label=f"1 + {plan.RUN} / length")
panel.set(xlabel="numbers in a run", ylabel="time, relative to the longest runs", title="Copying a number")
panel.legend(frameon=False)
plt.show()
print(
    f"in runs of {run_lengths[0]}, a number takes {run_times[0]:.1f} times as long as in runs of {run_lengths[-1]}; "
    f"by the model {model[0]:.1f} times"
)

# %% [markdown]
# The dashed line is a simple model: to begin a run costs as much as to copy 16 numbers more. It is a round number. The
# line printed below the figure says by how much it is off here, for the shortest runs; a factor of a few is nothing
# unusual. Compare the shapes: how far do both fall, and from which length on is there nothing more to gain?
#
# Max pooling takes every second row and column of an image. If columns are innermost, the inner loop goes along 30
# numbers, and must skip one after each. If images are innermost, it goes along 165 numbers without a gap. The
# expression is the same, character by character, and so is the result:


# %%
def max_pool(x):
    """Return the maximum of each window of 2 x 2 pixels."""
    upper = np.maximum(x[..., ::2, ::2], x[..., ::2, 1::2])
    lower = np.maximum(x[..., 1::2, ::2], x[..., 1::2, 1::2])
    return np.maximum(upper, lower)


pooled = [max_pool(array) for array in (image_after_image, batch_innermost)]
slow, fast = fastest(lambda: max_pool(image_after_image), lambda: max_pool(batch_innermost), repeats=60)
print("same maxima:", np.array_equal(*pooled))
print(f"image after image takes {slow / fast:.1f} times as long as batch innermost: {verdict(slow / fast)} here")

# %% [markdown]
# By the runs alone, image after image should be dearer. Whether it is also depends on caches and on what the processor
# does with gaps, so the cell measures and says. NumPy gives a result the memory order of its operands, so a network
# whose first layer puts its output batch innermost stays so to the end. No layer needs to know.
#
# **Fresh pages.** The second hidden price is paid for memory itself. A large new array comes from the operating system,
# page by page, and each page is filled with zeros when it is first touched. Writing into an array that is there
# already, by `out=`, spares that:

# %%
for size in (1 << 14, 1 << 18, 1 << 23):
    a, out = np.ones(size, np.float32), np.empty(size, np.float32)
    fresh, reused = fastest(lambda a=a: np.add(a, a), lambda a=a, out=out: np.add(a, a, out=out), repeats=20)
    times = f"{fresh / reused:4.1f} times as long as memory used again"
    print(f"sums of {size:9,} numbers: fresh memory takes {times}, {verdict(fresh / reused)}")

# %% [markdown]
# Small arrays come from a stock that the process keeps. So if fresh memory is dearer anywhere, look for it in the last
# line. The library keeps large arrays that nobody can see any more for the next that are asked for
# (`tinynet/kernels/memory.py`), and works in parts that are not large (section 6.8).
#
# ## 6.3 Views: many shapes, one memory
#
# Since strides are only numbers, one piece of memory can be seen in many shapes. Slices, `transpose` and, where
# possible, `reshape` return **views**. `as_strided` lets you write down the strides yourself. It can even show the same
# number in several places: if two axes have the same stride, moving along one is moving along the other.
#
# A line of 6 numbers, seen as its 4 windows of 3, is a matrix with 12 entries and no memory of its own:

# %%
line = np.arange(6)
(step,) = line.strides
windows_of_line = as_strided(line, shape=(4, 3), strides=(step, step), writeable=False)
print(windows_of_line)
print("shares the line's memory:", np.shares_memory(line, windows_of_line))

# %% [markdown]
# Take care: `as_strided` believes you, and with a wrong stride it reads whatever lies there. `writeable=False` at least
# keeps you from writing there.
#
# A reshape is a view if strides can be found that do it, and otherwise copies without saying so.
#
# > **Before you run the next cell.** Three arrays of 165 faces are reshaped to one vector a face: image after image;
# > batch innermost, that is (H, C, W, N) in memory; and batch innermost with three channels. Which of them must be
# > copied?
# > <details><summary>One stride has to lead from each pixel of a face to the next. Where is there none?</summary>The
# > last one alone. With three channels, no single stride leads from the end of a channel to the beginning of the next,
# > because rows are outermost in memory. With one channel there is nothing to leap over.</details>

# %%
three_channels = kernels.batch_innermost(x.repeat(3, axis=1))
orders = {
    "image after image": image_after_image,
    "batch innermost": batch_innermost,
    "batch innermost, three channels": three_channels,
}
reshaped_by = {}
for name, array in orders.items():
    vectors = array.reshape(len(array), -1)
    reshaped_by[name] = "a view" if np.shares_memory(vectors, array) else "a copy"
    print(f"{name:>31}: as vectors of {vectors.shape[1]:,} numbers, {reshaped_by[name]}")

# %% [markdown]
# > **Exercise 6.1** (★★☆, 15 minutes) Windows without a copy: `windows` in `exercises/ch06.py`, in two dimensions.
# >
# > <details><summary>Hint 1</summary>The view has four axes. By how many bytes does one step along each of them lead on
# > in the image?</details>
# > <details><summary>Hint 2</summary>A step to the next window and a step within a window are the same step of the
# > image, along rows and along columns. The image says itself how long they are: <code>x.strides</code>.</details>
# > <details><summary>Hint 3</summary>as_strided with shape (rows - kh + 1, columns - kw + 1, kh, kw), and the two
# > strides of x given twice. <code>writeable=False</code> keeps you safe.</details>

# %%
check("6.1")

# %% [markdown]
# ## 6.4 Convolution as a product, and rows for free
#
# Matrix products are what a processor does best. Each number that was fetched is used many times, and the BLAS, the
# library behind `@`, was tuned for years. So make the convolution one:
#
# $$z_{noij} = \sum_{c,p,q} w_{ocpq}\; x_{n,c,i+p,j+q} .$$
#
# Collect the pixels under each window into one column of a matrix $P$, with a row for each $(c, p, q)$; write each
# filter as one row of a matrix $W$; then $Z = W P$. This is known as **im2col**, from image to columns.
#
# > **Before you run the next cell.** Images of 60 x 60 pixels meet filters of 5 x 5. How many times as many numbers
# > does P hold as the images?
# > <details><summary>5, or about 22, or 25?</summary>About 22. Each pixel is copied once for each window that it is in:
# > 25 times in the middle, and less often at the margins.</details>


# %%
def im2col_correlate(x, w):
    """Return the correlation of images (N, C, H, W) with filters (O, C, kh, kw), as most textbooks do it."""
    (count, channels, height, width), (filters, _, kh, kw) = x.shape, w.shape
    down, right = height - kh + 1, width - kw + 1
    n, c, h, v = x.strides
    seen = as_strided(x, (count, channels, kh, kw, down, right), (n, c, h, v, h, v), writeable=False)
    P = seen.reshape(count, channels * kh * kw, down * right)  # no strides can do this: here the pixels are copied
    return (w.reshape(filters, -1) @ P).reshape(count, filters, down, right), P.size


rng = np.random.default_rng(6)
w = rng.standard_normal((5, 1, 5, 5)).astype(np.float32) / 5
some = x[:32]
z, im2col_copies = im2col_correlate(some, w)
print(f"same as the library: {np.allclose(z, kernels.correlate(some, w), atol=1e-4)}")
print(f"numbers in the images {some.size:,}, in P {im2col_copies:,}: {im2col_copies / some.size:.1f} times as many")


# %% [markdown]
# The view `seen` cost nothing, but the reshape copies each pixel as often as there are windows over it. A small filter
# bank does little work with what was copied at such expense.
#
# **Most of the copies can be had for nothing.** Let the images lie as (H, C, W, N). Copy, for each image row $y$ and
# each shift $q$ of the columns, the row as it looks through that shift:
#
# $$G[y, q, c, j, n] = x[n, c, y, j + q] .$$
#
# $G$ lies in C order. What does the $i$-th row of outputs depend on? On the image rows $i, i+1, \dots, i + k_h - 1$:
# $G[i : i + k_h]$, a slice of the first axis. Nothing lies between its numbers, so it *is* a matrix with $k_h k_w C$
# rows and one column for each output of the row in each image. The next row of outputs uses the slice one further down.
# The two slices overlap, and nobody minds, for they are only read. Each pixel is copied $k_w$ times, not $k_h k_w$.
#
# > **Before you run the next cell.** Below, filters of 3 x 3 go over six rows of one face: four matrices, one for each
# > row of outputs, with 792 numbers in all. How many numbers were copied to make them?
# > <details><summary>792, or half of them, or a third?</summary>Half of them, 396. G holds each of the six rows three
# > times, once for each shift; the matrices are slices of it.</details>


# %%
def gather(rows, width, out=None):
    """Return G for images (H, C, W, N): G[y, q, c, j, n] = rows[y, c, j + q, n], for q below `width`."""
    height, channels, length, count = rows.shape
    places = length - width + 1
    if out is None:
        out = np.empty((height, width, channels, places, count), rows.dtype)
    for q in range(width):
        np.copyto(out[:, q], rows[:, :, q : q + places])
    return out


small = kernels.in_memory_order(kernels.batch_innermost(x[[spectacles], :, 24:30, 16:40]))
G = gather(small, 3)
lines = G.reshape(18, -1)

figure, (above, below) = plt.subplots(
    2, 1, figsize=(8, 5.4), layout="constrained", height_ratios=(1, 3), sharex=True, sharey=False
)
above.imshow(small[:, 0, :, 0], cmap="gray", aspect="auto", vmin=0, vmax=1)
above.set(title="Six rows of a face", ylabel="image row y")
below.imshow(lines, cmap="gray", aspect="auto", vmin=0, vmax=1)
below.set_yticks(range(18), [f"{y}, {q}" for y in range(6) for q in range(3)], fontsize=7)
below.set(title="G, and the patches of each row of outputs: slices of it", xlabel="column", ylabel="y, q")
for place in range(4):
    across = lines.shape[1] + 0.5 + 1.6 * place
    below.plot([across, across], [3 * place - 0.4, 3 * place + 8.4], color="black", lw=3, clip_on=False)
    below.text(across + 0.3, 3 * place + 4, f"$P_{place}$", va="center")
below.set(xlim=(-0.5, lines.shape[1] + 7), xticks=range(0, lines.shape[1], 5))
plt.show()

P = [G[place : place + 3].reshape(9, -1) for place in range(4)]
print("numbers in the four matrices:", sum(matrix.size for matrix in P), "- numbers copied:", G.size)
print("P_0 and P_1 share memory:", np.shares_memory(P[0], P[1]))

# %% [markdown]
# The runs are long besides: with the batch innermost a run is a whole image row of a whole batch.

# %% [markdown]
# > **Exercise 6.2** (★★★, 20 minutes) Rows for free: `all_patches`, every $P_i$ at once, as one view of $G$.
# >
# > <details><summary>Hint 1</summary>A view with three axes: which matrix, which line of it, which number of the line.
# > Which step of G is each of the three?</details>
# > <details><summary>Hint 2</summary>The next matrix begins <code>step</code> rows of G further on. A line of P is a
# > line (q, c) of G, and lines follow each other without gaps.</details>
# > <details><summary>Hint 3</summary>as_strided with the strides (step * row, line, number), where row, line and number
# > are G's strides along axes 0, 2 and 4; there are (rows - kh) // step + 1 matrices.</details>

# %%
check("6.2")

# %% [markdown]
# Here is the whole method. The argument `stack` says for how many rows of outputs $G$ is made at a time; never mind it
# until section 6.8.


# %%
def correlate_by_rows(rows, w, stack=None):
    """Return the correlation of images (H, C, W, N) with filters (O, C, kh, kw), as (H', O, W', N)."""
    (height, channels, width, count), (filters, _, kh, kw) = rows.shape, w.shape
    down, right = height - kh + 1, width - kw + 1
    stack = min(stack or down, down)
    W = np.ascontiguousarray(w.transpose(0, 2, 3, 1)).reshape(filters, -1)  # columns in the order (p, q, c), as in G
    z = np.empty((down, filters, right, count), rows.dtype)
    memory = np.empty((stack + kh - 1, kw, channels, right, count), rows.dtype)
    for first in range(0, down, stack):
        here = min(stack, down - first)
        G = gather(rows[first : first + here + kh - 1], kw, out=memory[: here + kh - 1])
        for i in range(here):
            P = G[i : i + kh].reshape(W.shape[1], -1)
            np.matmul(W, P, out=z[first + i].reshape(filters, -1))
    return z


rows = kernels.in_memory_order(kernels.batch_innermost(some))
wanted = kernels.in_memory_order(kernels.correlate(some, w))
rows_error = abs(correlate_by_rows(rows, w) - wanted).max()
G_numbers = gather(rows, 5).size
print(f"numbers a pixel: im2col copies {im2col_copies / some.size:.1f}, G holds {G_numbers / rows.size:.1f}")
print(f"largest difference from the library: {rows_error:.0e}")

# %% [markdown]
# Here ends the core. Its lesson is wider than convolutions. Before you reach for a faster language, ask: how often is
# each number copied? In what order do the numbers lie? Are they still there, close to the processor, when they are
# needed again? Then measure, for no model knows your machine.
#
# ## The optional part
#
# ## 6.5 The two adjoints
#
# > **Before you run the next cell.** Going forward, neighbouring matrices P overlap in memory, and nobody minds, for
# > they are only read. Going back, each has a gradient of its own. What must happen where they overlap?
# > <details><summary>Take the mean, keep the last, or add up?</summary>Add up: a pixel moves every output that it
# > stands under, and what the outputs ask of it adds up.</details>
#
# Both derivatives follow as for any product of matrices (chapter 2), one row of outputs $Z_i = W P_i$ at a time:
#
# $$dW = \sum_i dZ_i\, P_i^\top, \qquad dP_i = W^\top dZ_i .$$
#
# *To the filters.* The patches of the $i$-th row are the same slice of the same $G$ as before: rows for free once more.
#
# *To the images.* $dP_i$ has a delta for each pixel of each patch. Put back into their places, they add up: the rows
# that two slices of $G$ have in common, and then the columns that the shifts $q$ have in common. Chapter 3 showed
# another way to the same numbers, a correlation of the deltas, with zeros around them, with the filters turned round.


# %%
def put_back(dz, w, size):
    """Return the gradient with respect to images (H, C, W, N) of `size` (H, W), every patch put back in its place."""
    (down, filters, right, count), (_, channels, kh, kw) = dz.shape, w.shape
    W = w.transpose(0, 2, 3, 1).reshape(filters, -1)
    dG = np.zeros((size[0], kw, channels, right, count), dz.dtype)
    for i in range(down):
        dG[i : i + kh] += (W.T @ dz[i].reshape(filters, -1)).reshape(kh, *dG.shape[1:])
    dx = np.zeros((size[0], channels, size[1], count), dz.dtype)
    for q in range(kw):
        dx[:, :, q : q + right] += dG[:, q]
    return dx


few = rng.standard_normal((8, 2, 10, 3))  # as (H, C, W, N)
v = rng.standard_normal((4, 2, 3, 3))
dz = rng.standard_normal((6, 4, 8, 3))
images, deltas = (kernels.out_of_memory_order(array) for array in (few, dz))
dx = kernels.out_of_memory_order(put_back(dz, v, (8, 10)))
dw = kernels.correlate_kernel_adjoint(deltas, images, size=(3, 3))
adjoint_gaps = {
    "to the images, put back or correlated": abs(dx - kernels.correlate_input_adjoint(deltas, v, size=(8, 10))).max(),
    "to the filters, <dZ, W P> or <dW, W>": abs((dz * correlate_by_rows(few, v)).sum() - (dw * v).sum()),
}
for name, gap in adjoint_gaps.items():
    print(f"{name}: differ by {gap:.0e}")

# %% [markdown]
# The correlation is a forward pass once more, and it only reads where putting back adds up in place. So the library
# does that, and one method serves twice. Only if the images have few channels does it put rows back: then
# $W^\top dZ_i$ is small.

# %% [markdown]
# > **Exercise 6.3** (★★☆, 15 minutes) *Optional.* Back to the filters: `filter_gradient`, from $G$ and the deltas.
# >
# > <details><summary>Hint 1</summary>One row of outputs at a time, the gradient is a product of its deltas and its
# > matrix P, transposed. And all rows?</details>
# > <details><summary>Hint 2</summary>P of row i is <code>G[i : i + kh]</code>, reshaped to (kh * kw * C, places * N).
# > The products of all rows add up.</details>
# > <details><summary>Hint 3</summary>Each product has shape (O, kh * kw * C). Reshape the sum to (O, kh, kw, C), and
# > move the channel to the second place.</details>

# %%
check("6.3")

# %% [markdown]
# ## 6.6 What it costs: count before you measure
#
# For a layer with $C$ channels and $O$ filters of $k_h \times k_w$, let $K = C\,k_h k_w$ be the pixels of a patch.
# Three things take time, and each can be counted:
#
# - **Multiply-adds.** Each output of each image takes $O K$ of them for all filters, and fetching its $K$ pixels takes
#   as long as about $K$ more.
# - **Numbers copied.** All of im2col's $P$, or all of $G$.
# - **Runs.** To begin a run takes as long as copying `RUN` numbers. In $G$ a run is a row of the whole batch; in
#   im2col's $P$, image after image, it is a row of one image.
#
# To weigh them, say that copying a number takes as long as `COPY` multiply-adds. Both constants are 16 in the library:
# round numbers, since only their rough size matters for a choice.
#
# > **Before you run the next cell.** By this count, in which of the four layers below do rows for free save the largest
# > share of the time, and in which the smallest?
# > <details><summary>Ask how much is done with a pixel once it has been copied.</summary>The largest for the one filter
# > on one channel, for which copying is nearly all there is. The smallest for 64 filters on 64 channels. What the clock
# > says stands beside it.</details>


# %%
def predicted_cost(size, shape, copied, run):
    """Return what a correlation costs, in multiply-adds, if it copies so many numbers in runs of such a length."""
    (height, channels, width, count), (filters, _, kh, kw) = size, shape
    K = channels * kh * kw
    return (height - kh + 1) * (width - kw + 1) * count * (filters + 1) * K + plan.COPY * copied * (1 + plan.RUN / run)


LAYERS = {  # images as (H, C, W, N), filters as (O, C, kh, kw)
    "one 7 x 7 filter": ((62, 1, 62, 124), (1, 1, 7, 7)),
    "thesis, layer 2": ((28, 5, 28, 32), (8, 5, 5, 5)),
    "16 to 16 maps, 5 x 5": ((28, 16, 28, 32), (16, 16, 5, 5)),
    "64 to 64 maps, 3 x 3": ((18, 64, 18, 16), (64, 64, 3, 3)),
}
measured, predicted = {}, {}
for name, (size, shape) in LAYERS.items():
    pixels, weights = (rng.standard_normal(array).astype(np.float32) for array in (size, shape))
    one_by_one = np.ascontiguousarray(kernels.out_of_memory_order(pixels))
    textbook, free_rows = fastest(
        partial(im2col_correlate, one_by_one, weights), partial(correlate_by_rows, pixels, weights, stack=8)
    )
    (height, channels, width, count), (_, _, kh, kw) = size, shape
    right = width - kw + 1
    G_size = height * kw * channels * right * count
    P_size = (height - kh + 1) * kh * kw * channels * right * count
    ours, theirs = predicted_cost(size, shape, G_size, right * count), predicted_cost(size, shape, P_size, right)
    measured[name], predicted[name] = free_rows / textbook, ours / theirs
    print(f"{name:>20}: predicted {predicted[name]:.2f} of the time of im2col, measured {measured[name]:.2f}")
off = max(max(measured[name] / predicted[name], predicted[name] / measured[name]) for name in LAYERS)
alike = sorted(LAYERS, key=measured.get) == sorted(LAYERS, key=predicted.get)
order = "the same order" if alike else "another order"
print(f"the model is off by a factor of {off:.1f} at most, and puts the layers in {order}")

figure, panel = plt.subplots(figsize=(5, 4.4), layout="constrained")
panel.plot((0, 1), (0, 1), color="grey", lw=1)
for (name, across), colour, marker in zip(
    predicted.items(), ("#0072B2", "#D55E00", "#009E73", "#CC79A7"), "osD^", strict=True
):
    panel.plot(across, measured[name], marker, color=colour, markersize=8, label=name)
panel.legend(fontsize=8, loc="lower right")
panel.set(xlabel="predicted", ylabel="measured", xlim=(0, 1.3), ylim=(0, max(1.1, 1.1 * max(measured.values()))))
panel.set_title("Rows for free, in times of im2col")
plt.show()

# %% [markdown]
# A model of three counts cannot be exact; it knows nothing of caches, for one. The last line says how far it is off. It
# has to tell good choices from bad ones, and what it says can be understood. One filter on one channel does little with
# a pixel once it is copied, so by the model copying is what counts, and most of it is saved. The more filters use a
# pixel, the less its copying counts: the 64 filters of the last layer save least. There the multiply-adds are what is
# left to save, and the next section saves some. The library counts like this, in `plan.cost`, to choose between the two
# methods for each layer.

# %% [markdown]
# > **Exercise 6.4** (★☆☆, 10 minutes) *Optional.* What a layer costs: `count_work`.
# >
# > <details><summary>Hint 1</summary>How many outputs are there in a map? How many pixels does each of them
# > see?</details>
# > <details><summary>Hint 2</summary>Outputs: (height - kh + 1) * (width - kw + 1). Pixels under a window, in all
# > channels: C * kh * kw.</details>
# > <details><summary>Hint 3</summary>Products: outputs * O * pixels. im2col: outputs * pixels. G has axes (height, kw,
# > C, places): multiply their lengths.</details>

# %%
check("6.4")

# %% [markdown]
# ## 6.7 Winograd: fewer products
#
# For wide layers the copying counts little beside the products. Can there be fewer of these? Look at two outputs again:
#
# $$y_0 = w_0 x_0 + w_1 x_1 + w_2 x_2, \qquad y_1 = w_0 x_1 + w_1 x_2 + w_2 x_3 .$$
#
# These are six products. Write $a = w_0 + w_2$ and $b = w_1$, and take out of each line what spoils the symmetry:
#
# $$y_0 = w_0 (x_0 - x_2) + [\,b\,x_1 + a\,x_2\,], \qquad y_1 = [\,a\,x_1 + b\,x_2\,] - w_2 (x_1 - x_3) .$$
#
# The brackets have the sum $(a + b)(x_1 + x_2)$ and the difference $(a - b)(x_2 - x_1)$, so two products give both:
# half the sum plus or minus half the difference. In all, **four** products suffice:
#
# $$m_1 = w_0 (x_0 - x_2), \quad m_2 = \tfrac{a + b}{2} (x_1 + x_2), \quad m_3 = \tfrac{a - b}{2} (x_2 - x_1), \quad
#   m_4 = w_2 (x_1 - x_3)$$
#
# $$y_0 = m_1 + m_2 + m_3, \qquad y_1 = m_2 - m_3 - m_4 .$$
#
# It is called F(2, 3): two outputs, three weights. The sums seem to eat the gain, but in a layer they are shared. The
# sums of weights are done once for all patches, those of pixels once for all $O$ filters, and those of products once
# for all $C$ channels, after adding up. Only the products are done for each channel *and* filter, and they are matrix
# products once more. Applied to columns and then to rows, it takes 16 products for a tile of 2 x 2 instead of 36.
#
# The library takes four outputs at a time, F(4, 3), at six points. On both axes that is 36 products for a tile of 4 x 4
# instead of 144; the sums are done along one axis and then along the other, so each has 6 terms and not 36. With few
# images, though, what such a tile needs lies in short runs. So few images get F(4, 3) down the columns alone, 18
# products for a tile of 4 x 1 instead of 36. That multiplies twice as much, but its sums are sums of whole image rows,
# runs as long as there are, and what comes out are whole rows again.

# %%
pixels, weights = rng.standard_normal(4), rng.standard_normal(3)
a, b = weights[0] + weights[2], weights[1]
m1 = weights[0] * (pixels[0] - pixels[2])
m2 = (a + b) / 2 * (pixels[1] + pixels[2])
m3 = (a - b) / 2 * (pixels[2] - pixels[1])
m4 = weights[2] * (pixels[1] - pixels[3])
by_four, by_six = np.array([m1 + m2 + m3, m2 - m3 - m4]), np.correlate(pixels, weights)
print("by four products:", by_four, "by six:", by_six)

wide_size, wide_shape = LAYERS["64 to 64 maps, 3 x 3"]
pixels, weights = (rng.standard_normal(shape).astype(np.float32) for shape in (wide_size, wide_shape))
wide_images = kernels.out_of_memory_order(pixels)
plainly = correlate_by_rows(pixels, weights)
by_library = kernels.in_memory_order(kernels.correlate(wide_images, weights))
exact = correlate_by_rows(pixels.astype(np.float64), weights.astype(np.float64))
winograd_error, plain_error = (abs(z - exact).max() / abs(exact).max() for z in (by_library, plainly))
direct, winograd = fastest(
    lambda: correlate_by_rows(pixels, weights, stack=8), lambda: kernels.correlate(wide_images, weights)
)
ratio = winograd / direct
print(f"64 to 64 maps: the library's Winograd takes {ratio:.2f} of the time of the plain method, {verdict(ratio)} here")
print(f"rounding errors: {winograd_error:.0e} of the largest output, against {plain_error:.0e}")

# %% [markdown]
# The price is accuracy: sums and differences of large numbers that nearly cancel cost about a decimal digit.

# %% [markdown]
# > **Exercise 6.5** (★★★, 30 minutes) *Optional.* Sixteen products for thirty-six: `sixteen_products`, F(2, 3) on
# > columns and rows.
# >
# > <details><summary>Hint 1</summary>Write the four sums of weights as a matrix of shape (4, 3), those of pixels as one
# > of shape (4, 4), and how y is made of the products as one of shape (2, 4).</details>
# > <details><summary>Hint 2</summary>A matrix from the left works on the columns of w, its transpose from the right on
# > the rows. The same goes for x and for the products.</details>
# > <details><summary>Hint 3</summary>u = A w A.T, v = B x B.T, y = C (u * v) C.T. The first line of A is (1, 0, 0), its
# > second (1/2, 1/2, 1/2).</details>

# %%
check("6.5")

# %% [markdown]
# ## 6.8 Parts that fit the cache, and threads
#
# Between processor and memory are *caches*: small, fast memories with what was used last. A number that is still there
# when it is needed again costs little. If $G$ is made for all rows at once and is larger than the cache, its beginning
# has been pushed out again when its end is done. If it is made for a few rows of outputs, the products find it in the
# cache, and the next rows can use the same memory: no fresh pages either. Too few rows, and the rows of pixels that
# neighbouring stacks have in common are copied twice. `stack` of `correlate_by_rows` is that number. If a single row is
# too much already, because the batch is large, cut the batch as well.

# %%
many = kernels.in_memory_order(kernels.batch_innermost(x))
height_of_stack = np.array([1, 2, 4, 8, 14, 28, 56])
stack_results = [correlate_by_rows(many, w, stack=int(stack)) for stack in height_of_stack]
stack_times = fastest(*[partial(correlate_by_rows, many, w, stack=int(stack)) for stack in height_of_stack])
megabytes = gather(many, 5).nbytes / 60 * (height_of_stack + 4) / 2**20

figure, panel = plt.subplots(figsize=(6.5, 3.4), layout="constrained")
panel.semilogx(megabytes, stack_times / stack_times[-1], "o-", color="black")
for stack, across, up in zip(height_of_stack, megabytes, stack_times / stack_times[-1], strict=True):
    panel.annotate(f"{stack}", (across, up), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=8)
panel.set_xticks([1, 2, 4, 8], ["1", "2", "4", "8"])
panel.minorticks_off()
panel.axvline(BLOCK_BYTES / 2**20, color="grey", ls=":", label="the library's limit")
panel.set(xlabel="megabytes of G at a time", ylabel="time, relative to all at once")
panel.set_ylim(0, 1.2 * max(stack_times / stack_times[-1]))
panel.set_title("Layer 1, all faces; beside the points, rows of outputs at a time")
panel.legend(frameon=False, loc="lower right")
plt.show()
shares, best = stack_times / stack_times[-1], stack_times.argmin()
print(
    f"fastest with {height_of_stack[best]} rows at a time, {shares[best]:.2f} of the time of all at once; slowest with "
    f"{height_of_stack[stack_times.argmax()]}, {shares.max():.2f}"
)

# %% [markdown]
# Two prices pull in opposite directions: too few rows copy too much, too many leave the cache. Where both are felt, the
# curve has a valley. Where it is flat, or falls to one end, your machine feels only one of them, or neither; then parts
# save memory and no time. The limit in the library is half of a common second-level cache.
#
# **Threads.** Most of NumPy's loops let go of Python's global lock, so several threads may compute at once. The batch
# is cut into parts, each thread takes one, and as no part knows of another, the results are the same *bits* however
# many threads there are. That holds because the way of cutting does not depend on their number. And it is safe because
# the functions are pure: a layer that kept its last input on itself (chapter 2) would have two threads write to it.

# %%
batches = [kernels.in_memory_order(kernels.batch_innermost(x[first : first + 33])) for first in range(0, len(x), 33)]


def work_on(batch):
    """Return tanh of the first layer's responses to a part of the faces."""
    return np.tanh(correlate_by_rows(batch, w, 8))


one_thread, several_threads = [work_on(batch) for batch in batches], list(in_parallel(work_on, batches))
serial, parallel = fastest(lambda: [work_on(batch) for batch in batches], lambda: list(in_parallel(work_on, batches)))
print(f"threads: {thread_count()}; the parts shared among them take {parallel / serial:.2f} of the time of one after")
print(f"the other, {verdict(parallel / serial)}, for the same bits")

# %% [markdown]
# With one thread there is nobody to share with, and this notebook was made with one. If you have several, and that is
# near 1 or above, your machine is busy otherwise, or the BLAS already used all of them for its products. Setting
# `OPENBLAS_NUM_THREADS=1` limits both; the library obeys it.
#
# **Products in pieces.** BLAS has threads too. For a large product it copies both factors into panels, the order that
# suits its innermost loop, and wakes its threads, which afterwards stay awake for a while in case there is more. That
# pays if each panel is used often. In a convolution one factor is narrow, the filters, so panels are used only a few
# times; and threads that wait for work are in the way of ours. A small product BLAS does in place, on the thread that
# asks. So one may cut the large one: the same factor on the left, columns of the right one in pieces. NumPy does a
# whole stack of pieces in one call, without a copy, for a piece is only a view with other strides. If BLAS is kept to
# one thread, there is little for the pieces to gain.

# %%
left, right = (rng.standard_normal(shape).astype(np.float32) for shape in ((64, 192), (192, 8192)))
product = np.empty((64, 8192), np.float32)


def in_pieces(columns, width=64):
    """Write some columns of left @ right, so many at a time."""
    pieces, places = (matrix[:, columns].reshape(len(matrix), -1, width).swapaxes(0, 1) for matrix in (right, product))
    np.matmul(left, pieces, out=places)


everything, halves = slice(0, 8192), [slice(0, 4096), slice(4096, 8192)]
in_pieces(everything)
pieces_close = np.allclose(product, left @ right, atol=1e-3)
(whole,) = fastest(lambda: np.matmul(left, right, out=product))
time.sleep(0.1)  # until the threads of BLAS sleep again
one, two = fastest(lambda: in_pieces(everything), lambda: list(in_parallel(in_pieces, halves)))
count = min(2, thread_count())
for name, taken in {"one product": whole, "in pieces": one, f"and on {count} of our threads": two}.items():
    print(f"{name:>26}: {left.size * right.shape[1] / taken / 1e9:4.0f} G multiply-adds a second")
print(f"in pieces, the product is {verdict(one / whole)} here; on {count} of our threads, {verdict(two / whole)}")

# %% [markdown]
# The library cuts every product of its convolutions like this (`products.py`), and gives different rows of outputs of a
# large one to different threads (`parts_of` in `plan.py`). Waking a thread takes time too, so small layers stay with
# one.
#
# ## 6.9 All together
#
# One step at a time, on the second layer of the thesis' network and 124 faces:

# %%
net = tn.Network([tn.Conv2D(5, 5), tn.Tanh(), tn.MaxPool2D(2)], (1, 60, 60), rng=0)
maps = np.ascontiguousarray(net(x[:124]))
maps_rows = kernels.in_memory_order(kernels.batch_innermost(maps))
maps_innermost = kernels.out_of_memory_order(maps_rows)
filters = rng.standard_normal((8, 5, 5, 5)).astype(np.float32) / 10


def in_parts(stack):
    """Return the correlation of the maps, worked out for 31 images and `stack` rows of outputs at a time."""
    parts = [maps_rows[..., first : first + 31] for first in range(0, 124, 31)]
    return np.concatenate([correlate_by_rows(part, filters, stack) for part in parts], axis=-1)


steps = {
    "im2col, image after image": lambda: im2col_correlate(maps, filters)[0],
    "rows for free, batch innermost": lambda: correlate_by_rows(maps_rows, filters),
    "and parts that fit the cache": lambda: in_parts(4),
    "the library": lambda: kernels.correlate(maps_innermost, filters),
}
step_times = fastest(*steps.values())
for name, taken, before in zip(steps, step_times, [step_times[0], *step_times], strict=False):
    said = f", {verdict(taken / before)} than the step before" if taken != before else ""
    print(f"{name:>31}: {taken / step_times[0]:5.2f} of the time of im2col{said}")

# %% [markdown]
# A step that is dearer than the one before is no mistake in the program: which steps pay depends on the layer and on
# the machine, which is why the library counts before it chooses. What it adds is care in the corners: strides and
# padding, memory that is used again from one call to the next, and products that are neither too narrow nor too wide.
# The ideas are all in this chapter.
#
# ## In five lines
#
# - An array is a piece of memory and its strides. Transposing permutes them and copies nothing; a reshape copies
#   without saying so where no strides will do.
# - im2col turns a convolution into one product of matrices. For 5 x 5 filters on 60 x 60 pixels it copies 21.8 numbers
#   for each one.
# - Rows for free copy each pixel once for each shift of the columns, 4.7 for each one, since the patches of
#   neighbouring rows of outputs are slices of one array.
# - *Optional part:* what adds up on the way back are the places that patches share. Winograd makes a tile of 2 x 2 by
#   16 products instead of 36, for about a decimal digit of accuracy.
# - Counts and results are the same everywhere, and asserted. Times are your machine's: measure them.
#
# ## On your own
#
# 1. Time `x.sum(axis=0)` and `x.sum(axis=(1, 2, 3))` in both memory orders. Explain all four.
# 2. Fit `COPY` and `RUN` to your machine by least squares on the measurements of section 6.6. Then make the batch of
#    layer 2 four times as large, so that a row of $G$ leaves the cache. What does the model miss?
# 3. Give `correlate_by_rows` a stride. Which rows of $G$ does the $i$-th row of outputs use then, and how far apart are
#    the columns that are copied?
# 4. Find the four products of F(2, 3) again from polynomials: at which points are they evaluated? The docstring of
#    `winograd_factors` says how it goes on.
# 5. Run this chapter with `OPENBLAS_NUM_THREADS=1` and without. Which figures change?
# 6. Time products of 10 x 200 with 200 x $N$, for $N$ from 100 to 1,000 in steps of 50, as multiply-adds a second. Can
#    you see where BLAS begins to copy panels? `SMALL_PRODUCT` in `products.py` is where the library expects it. What
#    changes if the right factor is the transpose of an $N$ x 200 array?
#
# ## Further reading
#
# - `tinynet/kernels/`: the head of `correlation.py`, and the docstrings of `tiled` and `parts_of` (`plan.py`),
#   `multiply` (`products.py`) and `winograd_factors` (`winograd.py`).
# - K. Chellapilla, S. Puri and P. Simard, *High performance convolutional neural networks for document processing*,
#   2006: section 4 (convolution as a product of matrices).
# - S. Winograd, *Arithmetic complexity of computations*, 1980: chapter V; A. Lavin and S. Gray, *Fast algorithms for
#   convolutional neural networks*, 2016: section 4 (F(2x2, 3x3), F(4x4, 3x3)).
# - Lo 2016, section 2.2, for the network whose layers were timed.
#
# What this chapter claims, checked:

# %%
assert np.array_equal(image_after_image, batch_innermost) and image_after_image.strides != batch_innermost.strides
assert batch_innermost.strides[0] == x.itemsize, "the same pixel of all images lies side by side"
assert np.array_equal(*pooled), "the memory order does not change a result"
assert np.shares_memory(line, windows_of_line) and windows_of_line.size > line.size
assert list(reshaped_by.values()) == ["a view", "a view", "a copy"]
assert im2col_copies == 32 * 25 * 56 * 56, "im2col copies a pixel once for each window over it"
assert G_numbers * 56 * 5 == im2col_copies * 60, "G copies it once for each shift of the columns"
assert round(im2col_copies / some.size, 1) == 21.8 and round(G_numbers / rows.size, 1) == 4.7
assert 2 * G.size == sum(matrix.size for matrix in P) == 792, "half of what the four matrices hold"
assert all(np.shares_memory(matrix, other) for matrix, other in itertools.pairwise(P)), "rows of patches come for free"
assert rows_error < 1e-4, "and give the same outputs"
assert min(predicted, key=predicted.get) == "one 7 x 7 filter", "by the model, one filter on one channel saves most"
assert max(predicted, key=predicted.get) == "64 to 64 maps, 3 x 3", "and many filters on many channels save least"
assert max(adjoint_gaps.values()) < 1e-10
assert np.allclose(by_four, by_six)
assert 3 * plain_error < winograd_error < min(60 * plain_error, 1e-4), "about a decimal digit"
assert all(np.allclose(z, stack_results[0], atol=1e-5) for z in stack_results), "stacks do not change the outputs"
assert all(np.array_equal(a, b) for a, b in zip(one_thread, several_threads, strict=True)), "nor do threads, by a bit"
assert pieces_close, "pieces of a product make up the product"
results = [run() for run in steps.values()]
results[1:3] = [kernels.out_of_memory_order(z) for z in results[1:3]]
assert all(np.allclose(z, results[0], atol=1e-4) for z in results)
