"""Grades chapter 9: fooling a network."""

import numpy as np
import pytest

import tinynet as tn

K = 4


@pytest.fixture
def net():
    """Return a network of one convolution for 6 x 6 images and K classes, in float64, that bends."""
    layers = [tn.Conv2D(3, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(K), tn.Softmax()]
    built = tn.Network(layers, input_shape=(1, 6, 6), rng=0, dtype=np.float64)
    for layer in built.layers:
        if layer.params:
            layer.params["W"] *= 3
    return built


@pytest.fixture
def x(rng):
    return rng.uniform(0.2, 0.8, (5, 1, 6, 6))


def gradient_of(net, x, targets):
    return tn.prediction_gradient(net, x, targets, of="log_probability", layers=["input"])["input"]


@pytest.mark.exercise("9.1")
def test_ch09_unit_directions_have_length_one(student, rng):
    """Each image's direction has the length 1 and points where its gradient points, whatever the others do."""
    gradients = rng.standard_normal((4, 2, 3, 5)) * np.array([1, 1e-3, 50, 7]).reshape(4, 1, 1, 1)
    found = np.asarray(student.unit_directions(gradients))
    assert found.shape == gradients.shape, f"shape {found.shape}, should be {gradients.shape}"
    for n in range(4):
        length = np.linalg.norm(gradients[n])
        np.testing.assert_allclose(found[n] * length, gradients[n], rtol=1e-9, err_msg=f"image {n}")


@pytest.mark.exercise("9.1")
def test_ch09_unit_directions_of_zeros(student):
    """A gradient of zeros stays zeros."""
    gradients = np.zeros((2, 1, 2, 2))
    gradients[1, 0, 1, 0] = -3
    np.testing.assert_array_equal(student.unit_directions(gradients), np.sign(gradients))


@pytest.mark.exercise("9.1")
def test_ch09_unit_directions_of_tiny_numbers(student):
    """Numbers whose squares float32 cannot hold still give a length of 1, beside another image's large ones too."""
    gradients = np.array([[3, -4], [0.3, 0.4]], np.float32).reshape(2, 1, 1, 2)
    gradients[0] *= np.float32(1e-30)
    wanted = np.array([[0.6, -0.8], [0.6, 0.8]]).reshape(2, 1, 1, 2)
    np.testing.assert_allclose(student.unit_directions(gradients[:1]), wanted[:1], rtol=1e-5)
    np.testing.assert_allclose(student.unit_directions(gradients), wanted, rtol=1e-5)


@pytest.mark.exercise("9.2")
def test_ch09_sign_step_by_hand(student):
    """Up where the gradient is above zero, down where it is below, still where it is zero, whatever its size."""
    x = np.full((1, 1, 1, 4), 0.5)
    gradients = np.array([2.0, -1e-9, 0.0, 1e-9]).reshape(x.shape)
    np.testing.assert_allclose(student.sign_step(x, gradients, 0.1).ravel(), [0.6, 0.4, 0.5, 0.6])


@pytest.mark.exercise("9.2")
def test_ch09_sign_step_stops_at_black_and_white(student):
    """A pixel stops at 0 and at 1."""
    x = np.array([0.05, 0.95, 0.95]).reshape(1, 1, 1, 3)
    gradients = np.array([-1.0, 1.0, -1.0]).reshape(x.shape)
    np.testing.assert_allclose(student.sign_step(x, gradients, 0.1).ravel(), [0, 1, 0.85])


@pytest.mark.exercise("9.2")
def test_ch09_sign_step_leaves_the_images(student, rng, x):
    """The images that were passed in stay as they are."""
    kept = x.copy()
    student.sign_step(x, rng.standard_normal(x.shape), 0.1)
    np.testing.assert_array_equal(x, kept, err_msg="x was written into")


@pytest.mark.exercise("9.3")
def test_ch09_success_by_hand(student):
    """Of the images of other classes that were right before, it is the share that is predicted as the target."""
    labels = np.array([0, 0, 1, 1, 2])
    before = np.array([0, 2, 1, 1, 2])  # the second was wrong before
    predictions = np.array([[0, 0, 0, 0, 2], [1, 1, 1, 1, 0], [0, 2, 0, 2, 2]])
    found = student.success(predictions, labels, before)
    np.testing.assert_allclose(found, [2 / 3, 1 / 2, 1 / 3], err_msg="share of the images that count, by target")


@pytest.mark.exercise("9.3")
def test_ch09_success_without_a_step(student, rng):
    """If nothing is moved, nothing succeeds, whatever was wrong before."""
    labels, before = rng.integers(0, K, 30), rng.integers(0, K, 30)
    np.testing.assert_array_equal(student.success(np.tile(before, (K, 1)), labels, before), np.zeros(K))


@pytest.mark.exercise("9.3")
def test_ch09_success_of_nobody(student):
    """If no image counts for a class, its share is NaN."""
    found = student.success(np.array([[0, 0], [1, 1]]), np.array([0, 0]), np.array([0, 0]))
    np.testing.assert_array_equal(found, [np.nan, 1])


@pytest.mark.exercise("9.4")
def test_ch09_smallest_step_by_hand(student):
    """It is the first size at which an image is misclassified, even if a larger one leaves it right."""
    fooled = np.array([[False, True, False, False], [True, False, False, True], [True, True, True, False]])
    np.testing.assert_allclose(student.smallest_step(fooled, [0.1, 0.2, 0.4]), [0.2, 0.1, 0.4, 0.2])


@pytest.mark.exercise("9.4")
def test_ch09_smallest_step_of_the_steadfast(student):
    """An image that no step fools has infinity."""
    fooled = np.array([[False, False], [False, True]])
    np.testing.assert_array_equal(student.smallest_step(fooled, [0.1, 0.2]), [np.inf, 0.2])


@pytest.mark.exercise("9.5")
def test_ch09_expected_step_ends_on_the_border(student, rng):
    """For margins that are linear, the step ends where the margin is 0."""
    gradients = rng.standard_normal((4, 2, 3, 3))
    margins = rng.uniform(0.5, 3, 4)
    eps = np.asarray(student.expected_step(margins, gradients))
    assert eps.shape == (4,), f"shape {eps.shape}, should be (4,)"
    step = -eps.reshape(4, 1, 1, 1) * np.sign(gradients)
    left = margins + (gradients * step).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(left, np.zeros(4), atol=1e-9, err_msg="margin that is left after the step")


@pytest.mark.exercise("9.5")
def test_ch09_expected_step_on_flat_ground(student):
    """Where the gradient is zero no step is foretold: infinity."""
    gradients = np.zeros((2, 1, 2, 2))
    gradients[1] = 0.5
    np.testing.assert_allclose(student.expected_step(np.array([1.0, 1.0]), gradients), [np.inf, 0.5])


@pytest.mark.exercise("9.6")
def test_ch09_small_steps_one_is_a_sign_step(student, net, x):
    """A single step as large as is allowed is a sign step."""
    targets = np.array([0, 1, 2, 3, 0])
    found = student.small_steps(net, x, targets, 0.05, 0.05, 1)
    np.testing.assert_allclose(found, x + 0.05 * np.sign(gradient_of(net, x, targets)))


@pytest.mark.exercise("9.6")
def test_ch09_small_steps_look_again(student, net, x):
    """The second step follows the gradient at the place where the first one ended."""
    targets = np.array([0, 1, 2, 3, 0])
    first = x + 0.1 * np.sign(gradient_of(net, x, targets))
    second = first + 0.1 * np.sign(gradient_of(net, first, targets))
    assert abs(np.sign(gradient_of(net, x, targets)) - np.sign(gradient_of(net, first, targets))).max() > 0
    np.testing.assert_allclose(student.small_steps(net, x, targets, 0.2, 0.1, 2), second, err_msg="after two steps")


@pytest.mark.exercise("9.6")
def test_ch09_small_steps_stay_near(student, net, x):
    """However many the steps, no pixel goes further than eps from where it was."""
    found = student.small_steps(net, x, np.array([0, 1, 2, 3, 0]), 0.03, 0.01, 12)
    assert abs(found - x).max() <= 0.03 + 1e-9, f"a pixel went {abs(found - x).max():.3f} away, allowed are 0.03"


@pytest.mark.exercise("9.6")
@pytest.mark.parametrize(("low", "high", "eps"), [(0.3, 0.7, 0.1), (0, 1, 0.4)])
def test_ch09_small_steps_pull_back_each_time(student, net, rng, low, high, eps):
    """Pixels are pulled back after each step, so that the next gradient is taken where they may be."""
    start, targets, steps = rng.uniform(low, high, (20, 1, 6, 6)), rng.integers(0, K, 20), 6
    each, once = start, start
    for _ in range(steps):
        each = np.clip(each + 0.09 * np.sign(gradient_of(net, each, targets)), start - eps, start + eps).clip(0, 1)
        once = once + 0.09 * np.sign(gradient_of(net, once, targets))
    assert not np.allclose(each, np.clip(once, start - eps, start + eps).clip(0, 1)), "it makes a difference here"
    away = abs(student.small_steps(net, start, targets, eps, 0.09, steps) - each) > 1e-9
    assert not away.any(), f"after {steps} steps, {away.sum()} of {away.size} pixels are not where they should be"


@pytest.mark.exercise("9.6")
def test_ch09_small_steps_stay_pixels(student, net, rng):
    """No pixel leaves the range 0 to 1."""
    x = rng.uniform(0, 1, (5, 1, 6, 6)).round()
    found = student.small_steps(net, x, np.array([0, 1, 2, 3, 0]), 0.3, 0.1, 3)
    assert 0 <= found.min() and found.max() <= 1, f"pixels from {found.min():.2f} to {found.max():.2f}"
