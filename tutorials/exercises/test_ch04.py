"""Grades chapter 4: training."""

from itertools import permutations, product

import numpy as np
import pytest

import tinynet as tn


def small_net(seed=0):
    """Return a network for vectors of length 5 and 3 classes, in float64."""
    layers = [tn.Dense(4), tn.Tanh(), tn.Dense(3), tn.Softmax()]
    return tn.Network(layers, input_shape=(5,), rng=seed, dtype=np.float64)


def same_parameters(net, other):
    """Compare all weights of two networks."""
    for name, array in net.parameters().items():
        np.testing.assert_allclose(array, other.parameters()[name], rtol=1e-6, atol=1e-9, err_msg=f"weights {name}")


def fitted(net, x, labels, rate, epochs, batch_size):
    """Train with the library; return the losses of the epochs."""
    settings = {"loss": tn.CrossEntropy(), "optimizer": tn.SGD(rate), "epochs": epochs, "batch_size": batch_size}
    return tn.fit(net, x, labels, progress=False, **settings).loss


def step(net, x, label, rate):
    """Go one step downhill for one image."""
    trace = net.trace(x)
    grads = net.grads(trace, net.backward(trace, trace.output - np.eye(3)[label], at=net.logits))
    for layer, of_layer in grads.items():
        for name, gradient in of_layer.items():
            net[layer].params[name] -= rate * gradient


def end_of_training(net):
    return np.concatenate([array.ravel() for array in net.parameters().values()])


@pytest.mark.exercise("4.1")
def test_ch04_cross_entropy_value(student):
    """The loss is the mean over the images of -log p_t."""
    z = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]))
    loss, _ = student.cross_entropy(z, np.array([1, 2]))
    np.testing.assert_allclose(loss, (np.log(4) - np.log(0.8)) / 2)


@pytest.mark.exercise("4.1")
def test_ch04_cross_entropy_seed(student, rng):
    """The seed is the derivative of the loss: compared with central differences, logit by logit."""
    z, labels = rng.standard_normal((4, 3)), np.array([0, 2, 1, 2])
    seed = np.asarray(student.cross_entropy(z, labels)[1])
    assert seed.shape == z.shape, f"the seed has shape {seed.shape}, should be {z.shape}"
    for place in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[place] = 1e-6
        rise = student.cross_entropy(z + step, labels)[0] - student.cross_entropy(z - step, labels)[0]
        np.testing.assert_allclose(seed[place], rise / 2e-6, atol=1e-7, err_msg=f"seed[{place[0]}, {place[1]}]")


@pytest.mark.exercise("4.1")
def test_ch04_cross_entropy_of_large_logits(student):
    """Logits of a thousand give finite numbers, and logits are the same afterwards."""
    z = np.array([[1000.0, 0.0], [0.0, 1000.0]])
    copy = z.copy()
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, seed = student.cross_entropy(z, np.array([0, 0]))
    np.testing.assert_allclose(loss, 500)
    np.testing.assert_allclose(seed, [[0, 0], [-0.5, 0.5]], atol=1e-12)
    np.testing.assert_array_equal(z, copy, err_msg="the logits were written to")


def in_order(student, count, size, rng):
    """Return the mini-batches, which may come from a generator, put together again."""
    return np.concatenate(list(student.minibatches(count, size, rng)))


@pytest.mark.exercise("4.2")
@pytest.mark.parametrize(("count", "size"), [(10, 5), (11, 4), (3, 7), (6, 1), (5, 5)])
def test_ch04_minibatches_meet_each_image_once(student, rng, count, size):
    """Put together again, the mini-batches hold each image exactly once."""
    found = in_order(student, count, size, rng)
    assert np.issubdtype(found.dtype, np.integer), f"the arrays hold {found.dtype}, should be integers"
    np.testing.assert_array_equal(np.sort(found), np.arange(count))


@pytest.mark.exercise("4.2")
@pytest.mark.parametrize(("count", "size"), [(10, 5), (11, 4), (3, 7), (6, 1)])
def test_ch04_minibatches_have_the_size(student, rng, count, size):
    """All mini-batches have the size asked for, but for the last, which takes what is left."""
    sizes = [len(rows) for rows in student.minibatches(count, size, rng)]
    wanted = [size] * (count // size) + [count % size] * (count % size > 0)
    assert sizes == wanted, f"{count} images in batches of {size}: sizes are {sizes}, should be {wanted}"


@pytest.mark.exercise("4.2")
def test_ch04_minibatches_are_random(student):
    """The order differs from epoch to epoch, and is the same again for the same seed."""
    rng, again = np.random.default_rng(5), np.random.default_rng(5)
    first, second = (in_order(student, 50, 10, rng) for _ in range(2))
    assert (first != np.arange(50)).any(), "the images are in order"
    assert (first != second).any(), "two epochs have the same order"
    repeated = in_order(student, 50, 10, again)
    assert (first == repeated).all(), "the same seed gives another order"


@pytest.mark.exercise("4.2")
def test_ch04_minibatches_come_in_any_order(student, rng):
    """Each of the 24 orders of four images comes up: none is ruled out, and a rotated list is not a shuffled one."""
    met = {tuple(in_order(student, 4, 2, rng).tolist()) for _ in range(400)}
    assert len(met) == 24, f"{len(met)} different orders of four images come up in 400 epochs, should be 24"


@pytest.mark.exercise("4.3")
@pytest.mark.in_place
def test_ch04_momentum_step_by_hand(student):
    """Two steps with the gradients 1 and 1, rate 0.1 and momentum 0.5 go 0.1 and 0.15 far."""
    weights, velocity, gradient = np.array([2.0, -2.0]), np.zeros(2), np.ones(2)
    student.momentum_step(weights, gradient, velocity, 0.1, 0.5)
    np.testing.assert_allclose(weights, [1.9, -2.1], err_msg="weights after one step")
    student.momentum_step(weights, gradient, velocity, 0.1, 0.5)
    np.testing.assert_allclose(velocity, [1.5, 1.5], err_msg="velocity after two steps")
    np.testing.assert_allclose(weights, [1.75, -2.25], err_msg="weights after two steps")


@pytest.mark.exercise("4.3")
@pytest.mark.in_place
def test_ch04_momentum_step_leaves_the_gradient_alone(student):
    """The gradient is the same afterwards."""
    gradient = np.array([1.0, 2.0])
    student.momentum_step(np.zeros(2), gradient, np.ones(2), 0.1, 0.5)
    np.testing.assert_array_equal(gradient, [1, 2])


@pytest.mark.exercise("4.4")
def test_ch04_train_on_whole_batches(student, rng):
    """With all images in one batch, weights and losses are those of tn.fit."""
    x, labels = rng.standard_normal((12, 5)), rng.integers(0, 3, 12)
    net, wanted = small_net(), small_net()
    losses = student.train(net, x, labels, 0.5, 5, 12, rng)
    np.testing.assert_allclose(losses, fitted(wanted, x, labels, 0.5, 5, 12), rtol=1e-6, err_msg="losses")
    same_parameters(net, wanted)


@pytest.mark.exercise("4.4")
def test_ch04_train_on_mini_batches(student, rng):
    """On equal images, whose order does not matter, mini-batches of 3, 3 and 2 do what tn.fit does."""
    x, labels = np.tile(rng.standard_normal(5), (8, 1)), np.full(8, 1)
    net, wanted = small_net(), small_net()
    losses = student.train(net, x, labels, 0.5, 2, 3, rng)
    np.testing.assert_allclose(losses, fitted(wanted, x, labels, 0.5, 2, 3), rtol=1e-6, err_msg="losses")
    same_parameters(net, wanted)


@pytest.mark.exercise("4.4")
def test_ch04_train_reports_the_mean_over_images(student, rng):
    """With rate 0, the loss of an epoch is the mean over all images, however they are cut into batches."""
    x, labels = rng.standard_normal((7, 5)), rng.integers(0, 3, 7)
    net = small_net()
    p = net(x)[np.arange(7), labels]
    np.testing.assert_allclose(student.train(net, x, labels, 0.0, 2, 3, rng), [-np.log(p).mean()] * 2, rtol=1e-6)


@pytest.mark.exercise("4.4")
def test_ch04_train_shuffles_each_epoch(student, rng):
    """Each epoch meets every image once, one after the other, in a random order of its own."""
    x, labels = rng.standard_normal((3, 5)), np.arange(3)
    ends = {}
    for orders in product(permutations(range(3)), repeat=2):
        net = small_net()
        for image in np.concatenate(orders):
            step(net, x[image], labels[image], 0.5)
        ends[orders] = end_of_training(net)
    met = set()
    for seed in range(8):
        net = small_net()
        student.train(net, x, labels, 0.5, 2, 1, np.random.default_rng(seed))
        found = [orders for orders, end in ends.items() if np.allclose(end, end_of_training(net), rtol=1e-6, atol=1e-9)]
        assert found, "no order of the images, one at a time, takes the weights to where they are"
        met.add(found[0])
    assert len({first for first, _ in met}) > 1, "with eight seeds, the first epoch always has the same order"
    assert any(first != second for first, second in met), "the second epoch always has the order of the first"


@pytest.mark.exercise("4.4")
def test_ch04_train_changes_weights_in_place(student, rng):
    """The arrays that the layers hold are changed, not replaced by others."""
    net = small_net()
    held = {layer.name: dict(layer.params) for layer in net.layers}
    student.train(net, rng.standard_normal((4, 5)), np.array([0, 1, 2, 0]), 0.5, 1, 2, rng)
    new = [
        f"{layer} {name}"
        for layer, of_layer in held.items()
        for name in of_layer
        if net[layer].params[name] is not of_layer[name]
    ]
    assert not new, f"there is another array now for {', '.join(new)}"


@pytest.mark.exercise("4.5")
@pytest.mark.parametrize(("units", "inputs", "gain"), [(400, 100, 1.0), (50, 900, 2.0)])
def test_ch04_initial_weights_variance(student, rng, units, inputs, gain):
    """Mean 0 and variance gain / inputs, up to chance."""
    weights = np.asarray(student.initial_weights(units, inputs, gain, rng))
    assert np.shape(weights) == (units, inputs), f"shape {np.shape(weights)}, should be {(units, inputs)}"
    wanted = gain / inputs
    assert abs(weights.mean()) < 5 * np.sqrt(wanted / weights.size), f"the mean is {weights.mean():.4g}, should be 0"
    np.testing.assert_allclose(weights.var(), wanted, rtol=5 * np.sqrt(2 / weights.size), err_msg="variance")


@pytest.mark.exercise("4.5")
@pytest.mark.parametrize(("deviations", "share"), [(1, 0.6827), (2, 0.9545), (3, 0.9973)])
def test_ch04_initial_weights_are_normal(student, rng, deviations, share):
    """Of normally distributed weights 68.3 % lie within one standard deviation, 95.4 % within two, 99.7 % in three."""
    weights = np.asarray(student.initial_weights(200, 200, 1.0, rng))
    found = (abs(weights) < deviations * weights.std()).mean()
    chance = 5 * np.sqrt(share * (1 - share) / weights.size)
    wanted = f"should be {share:.1%} if they are normal"
    assert abs(found - share) < chance, f"{found:.1%} of the weights lie within {deviations} deviations, {wanted}"


@pytest.mark.exercise("4.5")
def test_ch04_initial_weights_come_from_the_generator(student):
    """The same seed gives the same weights, and another seed others."""
    draw = [np.asarray(student.initial_weights(3, 4, 1.0, np.random.default_rng(seed))) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(draw[0], draw[1])
    assert (draw[0] != draw[2]).all()


@pytest.mark.exercise("4.6")
@pytest.mark.parametrize(
    ("losses", "patience", "wanted"),
    [
        ([3, 2, 1], 1, 2),
        ([1, 2, 3], 5, 0),
        ([3, 2, 2.5, 2.2, 1.0], 2, 1),
        ([3, 2, 2.5, 2.2, 1.0], 3, 4),
        ([3, 2, 2.5, 1.9, 2.4, 1.8, 2], 2, 5),
        ([4], 1, 0),
    ],
)
def test_ch04_epoch_to_keep_is_the_best_before_the_stop(student, losses, patience, wanted):
    """It is the epoch of the best loss among those met before patience ran out."""
    got = student.epoch_to_keep(losses, patience)
    assert got == wanted, f"losses {losses}, patience {patience}: epoch {got}, should be {wanted}"


@pytest.mark.exercise("4.6")
def test_ch04_epoch_to_keep_takes_the_first_of_equals(student):
    """An equal loss does not beat the best one, so it uses up patience."""
    assert student.epoch_to_keep([2, 1, 1, 1, 0.5], 2) == 1
