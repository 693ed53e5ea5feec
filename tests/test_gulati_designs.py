"""GL-6 and GL-8: what their verdicts rest on is what it says."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tinynet as tn
from tinynet import datasets, models
from tinynet.studies.engine import views
from tinynet.studies.gulati import designs, networks, photographs
from tinynet.studies.gulati.photographs import pair_accuracy


def test_a_quarter_of_the_drawn_bodies_is_held_out_whole():
    data = datasets.load("muffins:12")
    train, test = networks.split(data, 3)
    assert len(test) == 9
    assert not set(train.attributes["body"]) & set(test.attributes["body"])


@pytest.mark.parametrize("module", [networks, views])
def test_stored_results_are_checked_against_what_chose_and_changed_the_images(module):
    look = designs.Look("photographs", 4)
    for job in (look, designs.Design(look, 0, 0), photographs.Photographs(0, 1)):
        assert inspect.getsource(module) in job.program


def test_spots_are_painted_over_in_the_colour_of_their_body():
    data = datasets.load("muffins:4")
    dogs = data.labels == photographs.DOG
    x, spots = data.x[dogs], data.masks["spots"][dogs]
    found = photographs.painted_over(x, spots, spots)
    for before, after, dark in zip(x, found, spots, strict=True):
        np.testing.assert_array_equal(after[:, ~dark], before[:, ~dark])
        assert after[:, dark].mean() > before[:, dark].mean() + 0.1


def test_maps_are_added_up_over_squares():
    maps = np.random.default_rng(0).normal(size=(2, 2 * photographs.CELL, photographs.CELL + 1))
    found = photographs.by_cells(maps)
    assert found.shape == (2, 2, 2)
    np.testing.assert_allclose(found[:, 0, 0], maps[:, : photographs.CELL, : photographs.CELL].sum(axis=(1, 2)))
    np.testing.assert_allclose(found[:, 1, 1], maps[:, photographs.CELL :, photographs.CELL].sum(axis=1))
    assert photographs.by_cells(maps[:0]).shape == (0, 2, 2)


def test_the_control_sees_five_pixels_and_no_more():
    net = photographs.local_network((3, 32, 32), 3, 0)
    assert net.receptive_field("relu2").size == (5, 5)


def test_dogs_are_told_from_muffins_among_those_not_taken_for_chicken():
    assert pair_accuracy(np.array([[8, 1, 5], [1, 6, 0], [0, 0, 9]])) == pytest.approx(14 / 16)
    assert pair_accuracy(np.zeros((3, 3))) == 0


def test_a_thinned_network_is_as_large_as_asked_for_and_as_thin_everywhere():
    net = models.build("gulati", (1, 28, 28), 10)
    smaller = tn.Network(designs.thinned(net, 3000), net.input_shape)
    assert abs(smaller.parameter_count / 3000 - 1) < 0.1
    first, second = (smaller[name].filters for name in ("conv1", "conv2"))
    assert second / 16 == pytest.approx(first / 8, abs=0.1)
    same = tn.Network(designs.thinned(net, net.parameter_count), net.input_shape)
    assert [repr(layer) for layer in same.layers] == [repr(layer) for layer in net.layers]
