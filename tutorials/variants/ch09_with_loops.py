"""Accepted: image by image, pixel by pixel, with Python's own numbers; lists are returned."""

import math

import numpy as np

import tinynet as tn


def unit_directions(gradients):
    found = np.zeros(np.shape(gradients))
    for direction, gradient in zip(found, gradients, strict=True):
        length = math.hypot(*map(float, gradient.flat))
        if length:
            direction[...] = gradient.astype(np.float64) / length
    return found


def sign_step(x, gradients, eps):
    moved = []
    for pixel, slope in zip(x.flat, gradients.flat, strict=True):
        moved.append(min(max(pixel + (eps if slope > 0 else -eps if slope < 0 else 0), 0), 1))
    return np.reshape(moved, x.shape)


def success(predictions, labels, before):
    shares = []
    for target, found in enumerate(predictions):
        counted = [n for n in range(len(labels)) if before[n] == labels[n] != target]
        hits = sum(found[n] == target for n in counted)
        shares.append(hits / len(counted) if counted else float("nan"))
    return shares


def smallest_step(fooled, steps):
    return [
        min((size for size, hit in zip(steps, of_one, strict=True) if hit), default=math.inf) for of_one in fooled.T
    ]


def expected_step(margins, gradients):
    falls = [sum(map(abs, gradient.flat)) for gradient in gradients]
    return [margin / fall if fall else math.inf for margin, fall in zip(margins, falls, strict=True)]


def small_steps(net, x, targets, eps, rate, count):
    moved = []
    for image, target in zip(x, targets, strict=True):
        now = image[None].copy()
        for _ in range(count):
            slope = tn.prediction_gradient(net, now, int(target), of="log_probability", layers=["input"])["input"]
            now = np.clip(np.clip(now + rate * np.sign(slope), image - eps, image + eps), 0, 1)
        moved.append(now[0])
    return np.stack(moved)
