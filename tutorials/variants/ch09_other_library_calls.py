"""Accepted: norms in float64, copysign, masked arrays, the first True of a column; the step is pulled back, not x."""

import numpy as np

import tinynet as tn


def unit_directions(gradients):
    flat = gradients.reshape(len(gradients), -1).astype(np.float64)
    lengths = np.linalg.norm(flat, axis=1)[:, None]
    return np.divide(flat, lengths, out=np.zeros_like(flat), where=lengths > 0).reshape(gradients.shape)


def sign_step(x, gradients, eps):
    return np.minimum(1, np.maximum(0, x + np.where(gradients == 0, 0, np.copysign(eps, gradients))))


def success(predictions, labels, before):
    hits = predictions == np.arange(len(predictions))[:, None]
    others = np.arange(len(predictions))[:, None] != labels
    return np.ma.masked_array(hits, ~(others & (before == labels))).mean(axis=1).filled(np.nan)


def smallest_step(fooled, steps):
    return np.append(steps, np.inf)[np.where(fooled.any(axis=0), fooled.argmax(axis=0), len(steps))]


def expected_step(margins, gradients):
    falls = np.linalg.norm(gradients.reshape(len(gradients), -1), ord=1, axis=1)
    with np.errstate(divide="ignore"):
        return np.divide(margins, falls)


def small_steps(net, x, targets, eps, rate, count):
    step = np.zeros_like(x)
    for _ in range(count):
        slopes = tn.prediction_gradient(net, x + step, targets, of="log_probability", layers=["input"])["input"]
        step = np.clip(step + rate * np.sign(slopes), -eps, eps)
        step = np.clip(x + step, 0, 1) - x
    return x + step
