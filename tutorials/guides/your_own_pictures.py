# %% [markdown]
# # Pictures of your own
#
# One folder for each class, any size and format that Pillow reads, is all it takes. Here two classes are drawn into a
# temporary folder, so that this script runs anywhere; put the path of yours in its place.

# %%
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import tinynet as tn

folder = Path(tempfile.mkdtemp())
rng = np.random.default_rng(0)
for name in ("striped", "plain"):
    (folder / name).mkdir()
    for number in range(40):
        picture = rng.integers(90, 110, (24, 32, 3))
        if name == "striped":
            picture[:, rng.integers(4) :: 4] += 80
        Image.fromarray(picture.astype(np.uint8)).save(folder / name / f"{number}.png")

# %% [markdown]
# A square is cut from the middle of each picture and brought to the size asked for; `fit="pad"` adds black instead, and
# without `grey=False` they are read in grey. Reading large folders is kept on disk, so it is slow once.

# %%
data = tn.datasets.load(f"folder:{folder}", size=(16, 16), grey=False)
train, test = data.split(rng=0)
print(data)

# %%
net = tn.Network(
    [tn.Conv2D(4, 3), tn.ReLU(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(2), tn.Softmax()], data.input_shape, rng=0
)
tn.fit(net, train.x, train.labels, loss=tn.CrossEntropy(), optimizer=tn.Adam(1e-2), epochs=10, batch_size=10)
print(f"{tn.accuracy(net, test.x, test.labels):.0%} of the test pictures are right")
assert tn.accuracy(net, test.x, test.labels) > 0.9

# %% [markdown]
# The same from the command line, with a page that explains the network:
#
# ```bash
# python -m tinynet explain --data folder:DIR --size 16 --colour
# ```
