"""Accepted: divisions with remainder, marks that spread, a sort, means of sums; arrays without axes are returned."""

import numpy as np


def highest_place(gradient):
    unit, rest = divmod(gradient.argmax(), gradient[0].size)
    return unit, *divmod(rest, gradient.shape[2])


def pixels_seen(windows, place, side):
    seen = {place}
    for size, stride, padding in windows[::-1]:
        seen = {at * stride - padding + offset for at in seen for offset in range(size)}
    seen = [row for row in seen if 0 <= row < side]
    return min(seen), max(seen) + 1


def nearest_other(logits, label):
    first, second = np.argsort(logits)[::-1][:2]
    return np.array(second if first == label else first)


def pointing_hit(heights, mask):
    return np.average(mask, weights=heights >= heights.max())


def within_and_between(profiles, labels):
    directions = profiles / np.sqrt((profiles**2).sum(axis=1))[:, None]
    people = np.unique(labels)
    counts = np.array([(labels == person).sum() for person in people])
    sums = np.array([directions[labels == person].sum(axis=0) for person in people])
    of_one, of_all = (sums**2).sum(), (sums.sum(axis=0) ** 2).sum()
    return (
        (of_one - len(labels)) / (counts * (counts - 1)).sum(),
        (of_all - of_one) / (len(labels) ** 2 - (counts**2).sum()),
    )


def agreement(gradients):
    flat = gradients.reshape(len(gradients), -1)
    products = flat @ flat.T
    return np.sqrt(max(products.sum(), 0)) / np.sqrt(np.diag(products)).sum()
