"""GL-6 and GL-8: verdicts can come out either way, and what they rest on is what it says."""

from __future__ import annotations

import numpy as np
import pytest

import tinynet as tn
from tinynet import datasets, models
from tinynet.studies.engine.experiment import Budget, Results
from tinynet.studies.gulati import designs, photographs
from tinynet.studies.gulati.designs import Design, Look
from tinynet.studies.gulati.photographs import Photographs, pair_accuracy


def test_a_quarter_of_the_drawn_bodies_is_held_out_whole():
    data = datasets.load("muffins:12")
    train, test = photographs.split(data, 3)
    assert len(test) == 9
    assert not set(train.attributes["body"]) & set(test.attributes["body"])


def test_spots_are_painted_over_in_the_colour_of_their_body():
    data = datasets.load("muffins:4")
    dogs = data.labels == photographs.DOG
    x, spots = data.x[dogs], data.masks["spots"][dogs]
    found = photographs.painted_over(x, spots, spots)
    for before, after, dark in zip(x, found, spots, strict=True):
        np.testing.assert_array_equal(after[:, ~dark], before[:, ~dark])
        assert after[:, dark].mean() > before[:, dark].mean() + 0.1


def test_the_control_sees_five_pixels_and_no_more():
    net = photographs.local_network((3, 32, 32), 3, 0)
    assert net.receptive_field("relu2").size == (5, 5)


def test_dogs_are_told_from_muffins_among_those_not_taken_for_chicken():
    assert pair_accuracy(np.array([[8, 1, 5], [1, 6, 0], [0, 0, 9]])) == pytest.approx(14 / 16)
    assert pair_accuracy(np.zeros((3, 3))) == 0


def measured(seeds, right, whole, local, precision):
    """Return results in which as many networks as there are seeds measured the same."""
    confusion = {True: np.diag([whole, whole, 10]), False: np.diag([local, local, 10])}
    for pair, share in ((confusion[True], whole), (confusion[False], local)):
        pair[0, 1] = pair[1, 0] = 10 - share
    found = {}
    for seed in range(seeds):
        found[Photographs(seed, 1)] = {
            "right": np.array(right),
            "confusion": confusion[True],
            "mended": np.zeros(2),
            "spoilt": np.zeros(2),
            **{name: np.array(0.2) for name in ("erased", "beside", "random", "edges", "area")},
            "precision": np.array(precision),
        }
        found[Photographs(seed, 1, local=True)] = {"right": np.array(0.5), "confusion": confusion[False]}
    return Results(datasets.load("digits:20"), Budget(seeds, quick=True), list(found), found)


def test_verdicts_on_photographs_come_out_either_way():
    def verdicts(*numbers):
        return [claim.holds for claim in photographs.claims(measured(*numbers))]

    assert verdicts(3, 0.82, 9, 5, 0.3) == [True, True, True]
    assert verdicts(3, 0.81, 9, 9, 0.2) == [False, False, False]
    assert verdicts(2, 0.82, 9, 5, 0.3) == [None, None, None]


def compared(seeds, advised, parameters):
    """Return results in which the advised designs are better by a number, with as many parameters."""
    jobs, found = [], {}
    for model in designs.MARGINS:
        look = Look(model, 1)
        jobs.append(look)
        found[look] = {"report": np.array("")}
        for design in range(3):
            for seed in range(seeds):
                job = Design(look, design, seed)
                jobs.append(job)
                found[job] = {
                    "accuracy": np.array(0.9 + advised * (design == 1)),
                    "seconds": np.array(1.0),
                    "parameters": np.array(parameters if design else 100),
                    "dead": np.array(1),
                    "redundant": np.array(0),
                    "filters": np.array(9),
                }
    return Results(datasets.load("digits:20"), Budget(seeds), jobs, found)


def test_verdicts_on_designs_come_out_either_way():
    def verdict(*numbers):
        (claim,) = designs.claims(compared(*numbers))
        return claim.holds

    assert verdict(5, 0.0, 50) is True, "as good, and smaller"
    assert verdict(5, 0.0, 150) is False, "as good, but larger"
    assert verdict(5, -0.05, 50) is False, "smaller, but worse"
    assert verdict(4, 0.0, 50) is None, "four seeds cannot tell"


def test_a_thinned_network_is_as_large_as_asked_for_and_as_thin_everywhere():
    net = models.build("gulati", (1, 28, 28), 10)
    smaller = tn.Network(designs.thinned(net, 3000), net.input_shape)
    assert abs(smaller.parameter_count / 3000 - 1) < 0.1
    first, second = (smaller[name].filters for name in ("conv1", "conv2"))
    assert second / 16 == pytest.approx(first / 8, abs=0.1)
    same = tn.Network(designs.thinned(net, net.parameter_count), net.input_shape)
    assert [repr(layer) for layer in same.layers] == [repr(layer) for layer in net.layers]
