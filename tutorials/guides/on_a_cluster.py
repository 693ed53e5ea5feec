# %% [markdown]
# # On several processors, or on a cluster
#
# Class gradients of a data set are sums over its images, so they can be worked out in parts, anywhere. `executor=`
# takes whatever has the interface of `concurrent.futures`: threads, processes, or a Dask cluster by
# `Client(...).get_executor()`. The sum does not depend on who adds it up.

# %%
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import tinynet as tn

data = tn.datasets.load("digits:300")
net = tn.models.build("gulati", data.input_shape, len(data.classes), rng=0)
here = tn.class_gradient(net, data.x, data.labels)
with ThreadPoolExecutor(2) as executor:
    there = tn.class_gradient(net, data.x, data.labels, executor=executor)
print("largest difference:", max(float(abs(here[name] - there[name]).max()) for name in here))
assert all(np.allclose(here[name], there[name], atol=1e-5) for name in here)

# %% [markdown]
# Studies train hundreds of networks, each a job of its own. They use all processors of the machine, or those of a
# cluster whose workers need not share a disk; a worker that is lost costs no finished job, and the same command goes
# on.
#
# ```bash
# pip install -e ".[distributed]"
# python -m tinynet study farias --quick --workers 2
# dask scheduler                                     # prints its address
# dask worker tcp://10.0.0.1:8786                    # on each machine
# python -m tinynet study farias --dask tcp://10.0.0.1:8786
# ```
