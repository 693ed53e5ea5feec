"""Grades chapter 1: neurons and layers."""

from itertools import product

import numpy as np
import pytest

import tinynet as tn
from tinynet import datasets


def outputs(network, points):
    """Put points through two layers of perceptrons."""
    W1, b1, W2, b2 = (np.asarray(part, dtype=float) for part in network)
    hidden = points @ W1.T + b1 > 0
    return hidden @ W2.T + b2 > 0


@pytest.mark.exercise("1.1")
def test_ch01_sigmoid_values(student, rng):
    """sigmoid(z) = 1 / (1 + exp(-z)), entry by entry."""
    z = 3 * rng.standard_normal((4, 5))
    np.testing.assert_allclose(student.sigmoid(z), 1 / (1 + np.exp(-z)), rtol=1e-12)


@pytest.mark.exercise("1.1")
def test_ch01_sigmoid_is_symmetric(student, rng):
    """sigmoid(-z) = 1 - sigmoid(z)."""
    z = 3 * rng.standard_normal(20)
    np.testing.assert_allclose(student.sigmoid(-z), 1 - np.asarray(student.sigmoid(z)), rtol=1e-12, atol=1e-12)


@pytest.mark.exercise("1.1")
def test_ch01_sigmoid_does_not_overflow(student):
    """sigmoid(-800) is 0 and sigmoid(800) is 1, without a warning about exp."""
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(student.sigmoid(np.array([-800.0, 800.0])), [0, 1], atol=1e-300)


@pytest.mark.exercise("1.2")
def test_ch01_net_input_of_one_vector(student):
    """z_i = sum_j W_ij a_j + b_i."""
    W, a, b = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]]), np.array([1.0, 10.0, 100.0]), np.array([0.5, -0.5])
    np.testing.assert_allclose(student.net_input(W, a, b), [321.5, 389.5])


@pytest.mark.exercise("1.2")
@pytest.mark.parametrize("batch", [(4,), (3,), (2, 5), (1,)])
def test_ch01_net_input_of_a_batch(student, rng, batch):
    """A batch a of shape (..., inputs) has net inputs of shape (..., units): those of its vectors, one by one."""
    W, b = rng.standard_normal((3, 3)), rng.standard_normal(3)
    a = rng.standard_normal((*batch, 3))
    z = np.asarray(student.net_input(W, a, b))
    assert z.shape == (*batch, 3), f"z has shape {z.shape}, should be {(*batch, 3)}"
    for place in np.ndindex(batch):
        np.testing.assert_allclose(z[place], W @ a[place] + b, err_msg=f"vector {place} of the batch")


@pytest.mark.exercise("1.3")
@pytest.mark.parametrize("bits", list(product((0, 1), repeat=3)))
def test_ch01_parity_truth_table(student, bits):
    """The output is 1 for one or three ones and 0 for none or two."""
    found = outputs(student.parity_network(), np.array([bits], float))
    assert found.item() == sum(bits) % 2, f"for {bits} the output is {int(found.item())}, should be {sum(bits) % 2}"


@pytest.mark.exercise("1.3")
def test_ch01_parity_shapes(student):
    """Three inputs, three hidden units, one output."""
    parts = list(student.parity_network())
    assert len(parts) == 4, f"there are {len(parts)} arrays, should be four: W1, b1, W2, b2"
    for name, part, wanted in zip(("W1", "b1", "W2", "b2"), parts, ((3, 3), (3,), (1, 3), (1,)), strict=True):
        assert np.shape(part) == wanted, f"{name} has shape {np.shape(part)}, should be {wanted}"


POLYGONS = {
    "triangle": [(0, 0), (1, 0), (0, 1)],
    "square": [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    "far from the origin": [(5, 5), (7, 5.5), (7.5, 7), (6, 8), (4.5, 6.5)],
}


@pytest.mark.exercise("1.4")
@pytest.mark.parametrize("name", POLYGONS)
def test_ch01_polygon_is_one_inside_alone(student, rng, name):
    """The output is 1 for a point if and only if it lies to the left of every edge."""
    corners = np.array(POLYGONS[name], float)
    low, high = corners.min(axis=0) - 1, corners.max(axis=0) + 1
    points = rng.uniform(low, high, (400, 2))
    edges, offsets = np.roll(corners, -1, axis=0) - corners, points[:, None] - corners
    inside = (edges[:, 0] * offsets[..., 1] - edges[:, 1] * offsets[..., 0] > 0).all(axis=1)
    assert 0 < inside.sum() < len(points)
    wrong = np.flatnonzero(outputs(student.polygon_network(corners), points)[:, 0] != inside)
    seen = [f"({points[i, 0]:.2f}, {points[i, 1]:.2f}) is {'inside' if inside[i] else 'outside'}" for i in wrong[:3]]
    assert not len(wrong), f"{name}: {len(wrong)} of {len(points)} points are wrong, such as {'; '.join(seen)}"


@pytest.fixture
def layers(rng):
    return tn.Network([tn.Dense(4), tn.Tanh(), tn.Dense(2)], input_shape=(3,), dtype=np.float64).layers


@pytest.mark.exercise("1.5")
def test_ch01_activations_are_kept_in_order(student, rng, layers):
    """The list holds the input and what each layer puts out, in order."""
    x = rng.standard_normal((5, 3))
    kept = student.activations(layers, x)
    assert len(kept) == len(layers) + 1, f"{len(kept)} arrays for {len(layers)} layers, should be {len(layers) + 1}"
    np.testing.assert_array_equal(kept[0], x, err_msg="the first is the input")
    for before, after, layer in zip(kept, kept[1:], layers, strict=False):
        np.testing.assert_array_equal(after, layer.forward(before), err_msg=f"what {layer.name} puts out")


@pytest.mark.exercise("1.5")
def test_ch01_activations_are_pure(student, rng, layers):
    """A second pass leaves the input, the layers and what the first pass returned as they were."""
    x, other = rng.standard_normal((2, 5, 3))
    copy, names = x.copy(), [set(vars(layer)) for layer in layers]
    first = student.activations(layers, x)
    values = [array.copy() for array in first]
    student.activations(layers, other)
    np.testing.assert_array_equal(x, copy, err_msg="the input was written to")
    assert len(first) == len(values), "the second pass added to the list of the first"
    for array, value in zip(first, values, strict=True):
        np.testing.assert_array_equal(array, value, err_msg="the second pass wrote into the first")
    assert [set(vars(layer)) for layer in layers] == names, "something is kept on a layer"


@pytest.mark.exercise("1.6")
def test_ch01_vectors_run_row_after_row(student):
    """Entry i * width + j is the pixel in row i and column j."""
    images = np.arange(24.0).reshape(2, 1, 3, 4)
    np.testing.assert_array_equal(student.as_vectors(images), np.arange(24.0).reshape(2, 12))


@pytest.mark.exercise("1.6")
def test_ch01_vectors_hold_faces(student):
    """Cut into rows again, each vector is the face that it was."""
    faces = datasets.load("letters:2").x
    vectors = student.as_vectors(faces)
    wanted = (len(faces), faces[0].size)
    assert np.shape(vectors) == wanted, f"shape {np.shape(vectors)}, should be {wanted}"
    np.testing.assert_array_equal(np.reshape(vectors, faces.shape), faces)
