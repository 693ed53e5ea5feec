"""Grades chapter 17: dreams."""

import numpy as np
import pytest

from tinynet import explain


@pytest.mark.exercise("17.1")
def test_ch17_step_inside(student, rng):
    """Away from the bounds the step points along the slope and has the root mean square that was asked for."""
    x, slope = np.full((4, 5), 0.5), rng.normal(size=(4, 5))
    step = student.step_within(x, slope, 0.01, 0.0, 1.0) - x
    np.testing.assert_allclose(step, 0.01 * slope / np.sqrt(np.mean(slope**2)), atol=1e-6)


@pytest.mark.exercise("17.1")
def test_ch17_step_at_a_bound(student):
    """Pixels that would cross a bound are left out before the step is scaled; those that come back are not."""
    x = np.array([[0.0, 0.0], [1.0, 0.5]])
    slope = np.array([[-50.0, 3.0], [7.0, 4.0]])
    found = student.step_within(x, slope, 0.25, 0.0, 1.0)
    np.testing.assert_allclose(found, [[0.0, 0.3], [1.0, 0.9]], atol=1e-6)


@pytest.mark.exercise("17.1")
def test_ch17_step_stays_within(student):
    """A long step ends at the bounds, and where no pixel can move the picture stays as it is."""
    x = np.array([[-1.0, 0.0, 2.0]])
    np.testing.assert_allclose(student.step_within(x, np.array([[1.0, -1.0, -1.0]]), 9.0, -1.0, 2.0), [[2, -1, -1]])
    np.testing.assert_allclose(student.step_within(x, np.array([[-1.0, 0.0, 1.0]]), 9.0, -1.0, 2.0), x)


@pytest.mark.exercise("17.2")
def test_ch17_spectrum_of_opposites(student, rng):
    """An image and its negative have the spectrum of the image: their mean is black, their spectrum is not."""
    image = rng.normal(size=(4, 6))
    found = student.mean_spectrum(np.array([image, -image]))
    np.testing.assert_allclose(found, np.abs(np.fft.rfft2(image, norm="ortho")), rtol=1e-5)


@pytest.mark.exercise("17.2")
def test_ch17_spectrum_is_tinynets(student, rng):
    """It is the mean of sizes, that of tinynet's amplitude_spectrum, for even and odd widths."""
    for width in (5, 6):
        images = rng.normal(size=(7, 4, width)) * np.arange(1, 8)[:, None, None]
        wanted = explain.amplitude_spectrum(images[:, None])[0]
        np.testing.assert_allclose(student.mean_spectrum(images), wanted, rtol=1e-5)


@pytest.mark.exercise("17.3")
def test_ch17_adjoint_of_an_odd_width(student, rng):
    """For widths 1, 3 and 5: sum(g * irfft2(F)) = sum(Re(conj(F) * A g)) for every F."""
    check_adjoint(student, rng, (1, 3, 5))


@pytest.mark.exercise("17.3")
def test_ch17_adjoint_of_an_even_width(student, rng):
    """For widths 2, 4 and 6: sum(g * irfft2(F)) = sum(Re(conj(F) * A g)) for every F."""
    check_adjoint(student, rng, (2, 4, 6))


def check_adjoint(student, rng, widths):
    """Compare the two inner products."""
    for width in widths:
        g, shape = rng.normal(size=(3, width)), (3, width // 2 + 1)
        found = student.adjoint_of_irfft2(g.copy())
        assert found.shape == shape, f"the adjoint of {g.shape} has shape {found.shape}, should be {shape}"
        for _ in range(3):
            coefficients = rng.normal(size=shape) + 1j * rng.normal(size=shape)
            wanted = np.sum(g * np.fft.irfft2(coefficients, s=g.shape, norm="ortho"))
            np.testing.assert_allclose(np.sum((coefficients.conj() * found).real), wanted, atol=1e-10)


@pytest.mark.exercise("17.4")
def test_ch17_variation_by_hand(student):
    """The picture 0 2 / 1 5 varies by 1 + 3 down and 2 + 4 across."""
    value, _ = student.total_variation(np.array([[0.0, 2.0], [1.0, 5.0]]))
    np.testing.assert_allclose(value, 10)


@pytest.mark.exercise("17.4")
def test_ch17_variation_slope(student, rng):
    """The derivative is what small changes of each pixel say; for a flat picture it is 0."""
    x, h = rng.permutation(20).reshape(4, 5).astype(float), 0.25  # less than half of any difference
    _, slope = student.total_variation(x)
    wanted = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        move = np.zeros_like(x)
        move[index] = h
        wanted[index] = (student.total_variation(x + move)[0] - student.total_variation(x - move)[0]) / (2 * h)
    np.testing.assert_allclose(slope, wanted, atol=1e-6)
    np.testing.assert_allclose(student.total_variation(np.ones((3, 2)))[1], 0)
