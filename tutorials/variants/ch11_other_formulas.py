"""Accepted: einsum, recursion, a generator, the Gram matrix for the pseudo-inverse."""

import numpy as np
from scipy.special import expit


def slope(z):
    return 0.25 / np.cosh(z / 2) ** 2


def target_below(W, x, t, tau, start):
    z = np.einsum("ni,ui->nu", x, W)
    step = np.einsum("nu,nu,ui->ni", expit(z) - t, slope(z), tau * W)
    return {"zero": 0, "activation": x}[start] - step


def look_again(W, x, t, tau, period):
    if period == 1:
        return target_below(W, x, t, tau, "zero")
    return target_below(W, look_again(W, x, t, tau, period - 1), t, tau, "activation")


def weight_gradients(weights, x, wanted, tau):
    def down(x, below):
        W, *above = below
        z = x @ W.T
        y = expit(z)
        rest, t = down(y, above) if above else ([], wanted)
        error = (y - t) * slope(z)
        return [np.einsum("nu,ni->ui", error, x) / len(x), *rest], -tau * error @ W

    return down(x, weights)[0]


def targets_from_deltas(outputs, deltas, tau):
    powers = tau ** np.arange(len(outputs))[::-1]
    return (y - power * delta for y, power, delta in zip(outputs, powers, deltas, strict=True))


def hebbian_part(below, y):
    return np.mean((y**2 - y**3)[:, :, None] * below[:, None, :], axis=0)


def difference_target(W, x, t, margin=1e-3):
    t = np.where(t < margin, margin, np.where(t > 1 - margin, 1 - margin, t))
    return x + np.linalg.solve(W @ W.T, (np.log(t) - np.log1p(-t) - x @ W.T).T).T @ W
