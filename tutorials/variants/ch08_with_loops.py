"""Accepted: loops and Python's own tools in the place of NumPy's, lists in the place of tuples and arrays."""

import math


def highest_place(gradient):
    places = [(k, i, j) for k, maps in enumerate(gradient) for i, row in enumerate(maps) for j in range(len(row))]
    return list(max(places, key=lambda place: gradient[place]))


def pixels_seen(windows, place, side):
    first = last = place
    for size, stride, padding in reversed(windows):
        first, last = first * stride - padding, last * stride - padding + size - 1
    return [max(first, 0), min(last, side - 1) + 1]


def nearest_other(logits, label):
    others = [c for c in range(len(logits)) if c != label]
    return max(others, key=lambda c: logits[c])


def pointing_hit(heights, mask):
    top = max(height for row in heights for height in row)
    there = [mask[i, j] for i, row in enumerate(heights) for j, height in enumerate(row) if height == top]
    return sum(there) / len(there)


def within_and_between(profiles, labels):
    cosines = {True: [], False: []}
    for n, one in enumerate(profiles):
        for m, other in enumerate(profiles):
            if n != m:
                length = math.sqrt(sum(one * one)) * math.sqrt(sum(other * other))
                cosines[bool(labels[n] == labels[m])].append(sum(one * other) / length)
    return [sum(values) / len(values) for values in (cosines[True], cosines[False])]


def agreement(gradients):
    def length(one):
        return math.sqrt((one**2).sum())

    return length(sum(gradients) / len(gradients)) / (sum(map(length, gradients)) / len(gradients))
