"""Grades chapter 14: who explains the explanation?"""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest

import tinynet as tn
from tinynet import explain

assert_close = partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-5)  # single precision will do
PATCHES = ((slice(0, 3), slice(0, 3)), (slice(0, 3), slice(5, 8)), (slice(5, 8), slice(0, 3)))


@pytest.mark.exercise("14.1")
def test_ch14_alike_by_ranks(student):
    """Only the order counts: 1 for any map that rises with the other, -1 for one that falls, whatever the values."""
    one = np.array([[[-3.0, 1.0], [2.0, 4.0]]])
    assert_close(student.alike(one, np.exp(3 * one)), 1)
    assert_close(student.alike(one, -np.exp(one)), -1)


@pytest.mark.exercise("14.1")
def test_ch14_alike_with_ties(student):
    """Equal values share the mean of their ranks: (0, 0, 1, 2) and (0, 1, 2, 2) have the correlation 8/9."""
    one, other = np.array([[0.0, 0, 1, 2]]), np.array([[0.0, 1, 2, 2]])
    assert_close(student.alike(one, other), 8 / 9)


@pytest.mark.exercise("14.1")
def test_ch14_alike_leaves_out_what_is_no_answer(student):
    """Of five images three have the correlations 1, -1/2 and 1/2, and two have a flat map: the mean is 1/3."""
    one = np.array([[1.0, 2, 3], [1, 2, 3], [5, 5, 5], [1, 2, 3], [1, 2, 3]])
    other = np.array([[2.0, 4, 6], [2, 3, 1], [1, 2, 3], [1, 3, 2], [0, 0, 0]])
    assert_close(student.alike(one, other), 1 / 3)


def networks(count):
    """Return small networks with random weights, three classes of 1x8x8 images."""
    kinds = tn.Flatten, lambda: tn.Dense(6), tn.ReLU, lambda: tn.Dense(3), tn.Softmax
    return [tn.Network([make() for make in kinds], (1, 8, 8), rng=seed, dtype=np.float64) for seed in range(count)]


@pytest.mark.exercise("14.2")
def test_ch14_against_random_of_sizes(student, rng):
    """Both numbers are means of the rank correlation of sizes, over all networks drawn and all pairs of them."""
    net, *drawn = networks(4)
    x, target = rng.uniform(0, 1, (5, 1, 8, 8)), np.array([0, 1, 2, 0, 1])
    maps = [np.abs(np.asarray(explain.gradient_times_input(which, x, target))) for which in (net, *drawn)]
    value = np.mean([explain.rank_correlations(maps[0], other) for other in maps[1:]])
    control = np.mean([explain.rank_correlations(maps[i], maps[j]) for i, j in ((1, 2), (1, 3), (2, 3))])
    found = student.against_random(explain.gradient_times_input, net, drawn, x, target)
    assert_close(found[0], value, err_msg="the network and random ones")
    assert_close(found[1], control, err_msg="pairs of random ones")


@pytest.mark.exercise("14.2")
def test_ch14_against_random_of_an_edge_detector(student, rng):
    """A method that never looks at the network has 1 and 1."""
    net, *drawn = networks(3)
    x = rng.uniform(0, 1, (4, 1, 8, 8))
    found = student.against_random(lambda net, x, target: explain.edge_map(x)[:, None], net, drawn, x, np.zeros(4, int))
    assert_close(found, [1, 1])


@pytest.mark.exercise("14.3")
def test_ch14_deletion_by_hand(student, rng):
    """With the sum of the pixels for a prediction and the image for a map: 1 - 2 + 3 + 4 less 4, less 3, and so on."""
    x = np.array([[1.0, -2.0], [3.0, 4.0]])
    found = student.deletion_curve(lambda images: images.sum(axis=(1, 2)), x, x, 4, 0.0, rng)
    assert_close(found, [6, 2, -1, -2, 0])
    np.testing.assert_array_equal(x, [[1, -2], [3, 4]], err_msg="the image was changed")


@pytest.mark.exercise("14.3")
def test_ch14_deletion_in_parts(student, rng):
    """Whole parts at a time, replaced by what covers: 8 pixels in two steps of four, the highest first."""
    x = np.zeros((2, 4))
    heights = np.array([[5.0, 1, 6, 2], [7, 3, 8, 4]])
    weights = np.array([[1.0, 0, 1, 0], [1, 0, 1, 0]])
    found = student.deletion_curve(lambda images: (images * weights).sum(axis=(1, 2)), x, heights, 2, 0.5, rng)
    assert_close(found, [0, 2, 2])


@pytest.mark.exercise("14.3")
def test_ch14_deletion_rounds(student, rng):
    """Of 7 pixels in three steps 0, 2, 5 and 7 go: a third is rounded down, two thirds are rounded up."""
    x = np.ones((1, 7))
    found = student.deletion_curve(lambda images: images.sum(axis=(1, 2)), x, np.arange(7.0)[None], 3, 0.0, rng)
    assert_close(found, [7, 5, 2, 0])


@pytest.mark.exercise("14.3")
def test_ch14_deletion_breaks_ties_by_chance(student):
    """With a map that is the same everywhere, each pixel is as likely as any other to go first."""
    x, count, first = np.ones((3, 3)), 900, np.zeros((3, 3))

    def remember(images):
        nonlocal first
        gone = np.asarray(images) == 0
        first = first + gone[gone.sum(axis=(1, 2)) == 1][:1].sum(axis=0)
        return np.sum(images, axis=(1, 2))

    draw = np.random.default_rng(0)
    for _ in range(count):
        student.deletion_curve(remember, x, np.zeros((3, 3)), 9, 0.0, draw)
    assert abs(first - count / 9).max() < 50, f"how often each pixel went first: {first.astype(int).tolist()}"


@pytest.mark.exercise("14.3")
def test_ch14_deletion_takes_nothing_back(student, rng):
    """What has been replaced stays replaced, of equal pixels too."""
    gone = []

    def remember(images):
        gone.extend(np.asarray(images) == 0)
        return np.zeros(len(images))

    student.deletion_curve(remember, np.ones((3, 3)), np.zeros((3, 3)), 9, 0.0, rng)
    steps = pairwise(sorted(gone, key=np.sum))
    assert all((after >= before).all() for before, after in steps), "a pixel that had been replaced came back"


@pytest.mark.exercise("14.4")
def test_ch14_precision_by_hand(student):
    """Right guesses at places 1 and 4 of five: (1/1 + 2/4) / 2."""
    found = student.average_precision(
        np.array([[9.0, 5, 1], [7, 3, -2]])[:, :3], np.array([[1, 0, 0], [0, 1, 0]], bool)
    )
    assert_close(found, 0.75)


@pytest.mark.exercise("14.4")
def test_ch14_precision_of_a_flat_map(student):
    """A map that is the same everywhere guesses all at once: the mask's share of the area, wherever the mask is."""
    for corner in ((slice(0, 2), slice(0, 2)), (slice(2, 4), slice(3, 5))):
        mask = np.zeros((4, 5), bool)
        mask[corner] = True
        assert_close(student.average_precision(np.zeros((4, 5)), mask), 4 / 20)


@pytest.mark.exercise("14.4")
def test_ch14_precision_of_many(student, rng):
    """Whatever the map, with ties or without, of both signs, it is what tinynet measures."""
    for levels in (3, 1000):
        heights, mask = rng.integers(-levels, levels, (6, 7)).astype(float), rng.random((6, 7)) < 0.3
        wanted = explain.average_precision(heights[None], mask[None])[0]
        assert_close(student.average_precision(heights, mask), wanted, err_msg=f"{levels} heights")


@pytest.mark.exercise("14.5")
def test_ch14_passes_in_every_network(student):
    """Twice the edge detector, and twice itself on random weights, in each network: once below is not passed."""
    scores = np.array([[0.5, 0.4, 0.3], [0.9, 0.9, 0.15], [0.5, 0.4, 0.3], [0.1, 0.1, 0.1]])
    edges = np.array([0.1, 0.1, 0.1])
    random = np.array([[0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [0.1, 0.3, 0.1], [0.0, 0.0, 0.0]])
    found = [bool(passed) for passed in student.passes(scores, edges, random)]
    assert found == [True, False, False, False], f"{found}, should be [True, False, False, False]"


@pytest.mark.exercise("14.5")
def test_ch14_passes_needs_more(student):
    """Exactly twice is not more than twice; each network has its own bar."""
    found = student.passes(np.array([[0.2, 0.9], [0.3, 0.5]]), np.array([0.1, 0.2]), np.zeros((2, 2)))
    assert [bool(passed) for passed in found] == [False, True], f"{found}, should be [False, True]"


@pytest.mark.exercise("14.5")
def test_ch14_passes_network_by_network(student, rng):
    """Of many methods those pass that stand above both bars of each network, whatever they do on average."""
    scores, random, edges = rng.uniform(0.2, 1, (60, 3)), rng.uniform(0, 0.3, (60, 3)), rng.uniform(0, 0.2, 3)
    pairs = zip(scores, random, strict=True)
    wanted = [bool((row > 2 * np.maximum(edges, by_chance)).all()) for row, by_chance in pairs]
    found = [bool(passed) for passed in student.passes(scores, edges, random)]
    assert found == wanted, f"{sum(f != w for f, w in zip(found, wanted, strict=True))} of 60 methods are misjudged"


@pytest.fixture
def planted(rng):
    """Return a network each of whose classes looks at a patch of its own, images with a bright bar, and masks."""
    net = tn.Network([tn.Flatten(), tn.Dense(6), tn.ReLU(), tn.Dense(3), tn.Softmax()], (1, 8, 8), dtype=np.float64)
    first, second = (layer.params for layer in net.layers if layer.params)
    masks = np.zeros((3, 8, 8), bool)
    for number, patch in enumerate(PATCHES):
        masks[(number, *patch)] = True
        first["W"][2 * number], first["W"][2 * number + 1] = masks[number].ravel() / 9, masks[number].ravel() / -9
    first["b"][...], second["W"][...], second["b"][...] = 0.5, np.kron(np.eye(3), [2.0, -2.0]), 0.0
    x = rng.uniform(0.3, 0.6, (9, 1, 8, 8))
    x[:, :, 3:5] = 1.0
    return net, x, masks


@pytest.mark.exercise("14.6")
def test_ch14_my_method_finds_what_was_planted(student, planted):
    """For each class asked about, the sizes of the map find its patch, and not the bright bar beside it."""
    net, x, masks = planted
    for target in range(3):
        maps = np.abs(np.asarray(student.my_method(net, x, np.full(len(x), target))))
        assert maps.shape == x.shape, f"maps of shape {maps.shape}, should be {x.shape}, as the images"
        found = explain.average_precision(maps[:, 0], np.repeat(masks[[target]], len(x), axis=0)).mean()
        assert found > 0.6, f"class {target}: average precision {found:.2f}, should be over 0.6"


@pytest.mark.exercise("14.6")
def test_ch14_my_method_depends_on_the_weights(student, planted):
    """On random weights it says something else: the rank correlation of sizes is below 0.9."""
    net, x, _ = planted
    target = np.arange(9) % 3
    maps = [np.abs(np.asarray(student.my_method(which, x, target))) for which in (net, networks(1)[0])]
    found = np.nanmean(explain.rank_correlations(*maps))
    assert found < 0.9, f"rank correlation {found:.2f} with the map of a random network"


@pytest.mark.exercise("14.6")
def test_ch14_my_method_leaves_all_as_it_was(student, planted):
    """Network and images are not changed, and asked twice it says the same."""
    net, x, _ = planted
    seen, weights = x.copy(), {layer.name: {k: v.copy() for k, v in layer.params.items()} for layer in net.layers}
    maps = [np.array(student.my_method(net, x, np.zeros(9, int))) for _ in range(2)]
    np.testing.assert_array_equal(x, seen, err_msg="the images were changed")
    for layer in net.layers:
        for name, values in layer.params.items():
            np.testing.assert_array_equal(values, weights[layer.name][name], err_msg=f"{layer.name} was changed")
    assert_close(maps[0], maps[1], err_msg="two maps of the same images")
