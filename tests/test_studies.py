"""Studies: what they measure, on a few faces; that nothing is measured twice; and the table that comes out."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.small_studies import few_faces
from tinynet import datasets, files, models
from tinynet.cli import main
from tinynet.studies.engine import claims, study, writing
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Results
from tinynet.studies.engine.statistics import paired_p_value, percents, rank_correlation, spread
from tinynet.studies.engine.trials import Measurement, Training
from tinynet.studies.lo import (
    STUDY,
    basics,
    error,
    features,
    gradients,
    harms,
    knockouts,
    profiles,
    rankings,
    unresponsive,
    weakness,
)
from tinynet.studies.lo.readings import READINGS, THESIS, filter_scores, five_of, outputs_at

NUMBERS = st.integers(-5, 5).map(float)


TRAINING = Training("thesis", 0, 4)


@pytest.fixture(scope="module")
def trial():
    """A network trained briefly on three people."""
    data = few_faces()
    return TRAINING.trial(data, TRAINING.measure(data))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a whole study of three people, and its claims."""
    folder = tmp_path_factory.mktemp("study")
    return folder, study.run(STUDY, few_faces(), folder, budget=Budget(2, 2), workers=1, command="study <lo>")


# ------------------------------------------------------------------------------------------------------ the whole


def test_every_row_of_the_documents_is_there(finished):
    _, found = finished
    ids = [claim.id for claim in found]
    assert [f"LO-{number}" for number in range(1, 24)] == [id for id in ids if "," not in id]
    assert all(claim.n_seeds == 2 and claim.data == "faces" for claim in found)
    assert all(claim.measured and "nan" not in claim.measured for claim in found)


def test_the_page_and_the_figures_are_written(finished):
    folder, found = finished
    page = (folder / writing.PAGE).read_text(encoding="utf-8")
    assert "study &lt;lo&gt;" in page and all(claim.id in page for claim in found)
    pictures = {path.stem for path in (folder / "figures").iterdir()}
    assert len(pictures) >= 20 and all(f'id="{name}"' in page for name in pictures)
    assert json.loads((folder / "claims.json").read_text()) == [dataclasses.asdict(claim) for claim in found]


def test_a_finished_study_measures_nothing_again(finished, monkeypatch):
    folder, found = finished
    monkeypatch.setattr(Training, "measure", lambda *_: pytest.fail("trained again"))
    monkeypatch.setattr(Measurement, "measure", lambda *_: pytest.fail("measured again"))
    monkeypatch.setattr("tinynet.studies.engine.jobs.save_arrays", lambda *_: pytest.fail("written again"))
    assert study.run(STUDY, few_faces(), folder, budget=Budget(2, 2), workers=1) == found


def test_on_faces_of_which_nothing_is_known_the_figures_are_drawn_all_the_same(trial):
    data = dataclasses.replace(trial.data, masks={}, attributes={})
    (job,) = features.EXPERIMENT.jobs(data, Budget(1, 4))
    trained = {**trial.net.parameters()}
    results = Results(data, Budget(1, 4), [job], {job.training: trained, job: job.measure(data, trained)})
    thirteen, fourteen = features.claims(results)
    assert thirteen.holds is None and "not known" in thirteen.measured and "not known" in fourteen.measured
    assert "truth" not in {section.name for section in features.sections(results)}


# ---------------------------------------------------------------------------------------------------- measurements


def test_knock_outs_are_those_of_the_network_itself(trial):
    numbers = knockouts.measure(trial)
    net, data = trial.net, trial.data
    scores = filter_scores(trial)
    for label in range(3):
        ranked = tn.rank_units({name: values[label] for name, values in scores.items()})
        for name, order in (("strongest", ranked), ("weakest", ranked[::-1])):
            for count in (0, 1, 3, 20):
                changed = net
                for layer, unit in order[:count]:
                    changed = changed.knocked_out({layer: [unit]})
                wrong = changed(data.x).argmax(axis=1) != data.labels
                assert numbers[f"{THESIS.name}/{name}/class"][label, count] == wrong[data.labels == label].mean()
                assert numbers[f"{THESIS.name}/{name}/all"][label, count] == wrong.mean()
                tested = np.array([image.tobytes() in {x.tobytes() for x in trial.test.x} for image in data.x])
                assert numbers[f"{THESIS.name}/{name}/all of test images"][label, count] == wrong[tested].mean()
    compared = rankings.measure(trial)
    areas = [*compared[f"area/{rankings.THESIS}"], compared["chance"]]
    for area, which in zip(areas, ("strongest", "weakest", "random"), strict=True):
        curve = numbers["random/class" if which == "random" else f"{THESIS.name}/{which}/class"]
        np.testing.assert_allclose(area, (curve[:, 1:] + curve[:, :-1]).mean(axis=1) / 2)


def test_each_reading_knocks_out_where_it_ranks_as_it_says(trial):
    numbers = knockouts.measure(trial)
    net, data = trial.net, trial.data
    for reading in READINGS[1:]:
        scores = filter_scores(trial, reading)
        assert list(scores) == outputs_at(net, reading.place)
        for name, strongest_first in (("strongest", True), ("weakest", False)):
            mine = {layer: values[1] for layer, values in scores.items()}
            order = tn.rank_units(mine, strongest_first=strongest_first)
            curve = tn.knockout_curve(net, data.x, data.labels, order[:15], reading.replace)
            for what, errors in (("class", curve.class_error[:, 1]), ("all", curve.error)):
                found = numbers[f"{reading.name}/{name}/{what}"][1]
                judged = knockouts.JUDGED[name]
                np.testing.assert_allclose(found[judged], errors[judged], err_msg=reading.name)
                assert np.isnan(np.delete(found, judged)).all()


def test_harms_are_those_of_single_knock_outs(trial):
    net, data = trial.net, trial.data
    found, at = harms.harms(trial), 0
    for layer, filters in (("tanh1", 5), ("tanh2", 8), ("tanh3", 10)):
        for unit in range(filters):
            own = [
                which(data.x)[np.arange(len(data)), data.labels] for which in (net, net.knocked_out({layer: [unit]}))
            ]
            fall = np.log(own[0].astype(float)) - np.log(own[1].astype(float))
            for label in range(3):
                assert found[label, at] == pytest.approx(fall[data.labels == label].mean(), abs=1e-4)
            at += 1
    one, other = np.random.default_rng(0).integers(0, 4, (2, 5, 9))
    slow = [rank_correlation(*rows) for rows in zip(one, other, strict=True)]
    np.testing.assert_allclose(harms.correlations(one, other), slow)


def test_the_least_responsive_filter_of_a_layer_is_placed_among_its_gradients(trial):
    outputs, scores = trial.net.trace(trial.data.x), filter_scores(trial)
    for at, (name, values) in enumerate(scores.items()):
        maps = outputs[name].astype(float)
        places = list(np.ndindex(maps.shape[2:]))
        varies = [np.sqrt(np.mean([filters[:, r, c].var() for r, c in places])) for filters in maps.swapaxes(0, 1)]
        np.testing.assert_allclose(unresponsive.variation(trial)[name], varies, rtol=1e-3)
        least = int(np.argmin(varies))
        below = np.mean([np.mean(np.delete(row, least) < row[least]) for row in values])
        assert unresponsive.places(trial, THESIS)[at] == pytest.approx(below)


def test_hits_are_counted_image_by_image(trial):
    net, data = trial.net, trial.data.take([0, 11, 22])
    numbers = features.measure(dataclasses.replace(trial, data=data))
    for at, layer in enumerate(features.places(net)):
        field = net.receptive_field(layer)
        gradients = tn.prediction_gradient(net, data.x, data.labels, "probability")[layer]
        hits, chances = [], []
        for gradient, mask in zip(gradients, data.masks["distinguishing"], strict=True):
            near = np.zeros(gradient.shape[1:], bool)
            for place in np.ndindex(near.shape):
                middle = [(seen.start + seen.stop - 1) // 2 for seen in field.box(*place)]
                near[place] = np.abs(np.argwhere(mask) - middle).max(axis=1).min() <= features.NEAR
            highest = gradient.max(axis=0)
            hits.append(near[highest == highest.max()].mean())
            chances.append(near.mean())
        assert numbers["hits"][features.ROWS.index("probability"), at, 0] == pytest.approx(np.mean(hits))
        assert numbers["chance"][at] == pytest.approx(np.mean(chances))


def test_pruning_keeps_a_filter_in_each_layer(trial):
    numbers = weakness.measure(trial)
    assert numbers["difference"] < 1e-5 and (np.diff(numbers["parameters"]) < 0).all() and numbers["parameters"][0] == 1
    assert (
        numbers["weakest, before"][0]
        == numbers["random, before"][0]
        == 1 - tn.accuracy(trial.net, trial.test.x, trial.test.labels)
    )


def test_what_is_pruned_first_is_weakest_over_the_classes_and_the_rest_trains_for_a_tenth(trial, monkeypatch):
    asked, trained = [], []
    prune, model = weakness.pruned, type(models.named("thesis"))
    train = model.train
    monkeypatch.setattr(weakness, "pruned", lambda net, units: asked.append(units) or prune(net, units))
    monkeypatch.setattr(model, "train", lambda *args, **given: trained.append(given["epochs"]) or train(*args, **given))
    for epochs, again in ((4, 1), (30, 3)):
        asked.clear(), trained.clear()
        scores = filter_scores(trial)
        weakness._pruning(dataclasses.replace(trial, epochs=epochs), scores)
        assert set(trained) == {again}
    everyone = np.concatenate(list(scores.values()), axis=1)
    ranks = everyone.argsort(axis=1).argsort(axis=1).mean(axis=0)
    names = [(layer, unit) for layer, values in scores.items() for unit in range(values.shape[1])]
    order = [names[at] for at in np.argsort(ranks, kind="stable")]
    first = {(layer, unit) for layer, units in asked[1].items() for unit in units}
    assert len(first) == weakness.REMOVED[1] and max(map(order.index, first)) <= weakness.REMOVED[1] + len(scores)


def test_confusions_count_each_test_image_once(trial):
    confusion = error.measure(trial)["confusion"]
    assert confusion.sum() == len(trial.test)
    np.testing.assert_array_equal(confusion.sum(axis=1), np.bincount(trial.test.labels, minlength=3))


def test_what_filters_are_to_a_class_is_held_against_what_they_are_to_the_others(trial):
    net, data = trial.net, trial.data
    scores, falls = filter_scores(trial), []
    found = rankings._importance(trial, scores)
    for layer, values in scores.items():
        for unit in range(values.shape[1]):
            own = [
                which(data.x)[np.arange(len(data)), data.labels] for which in (net, net.knocked_out({layer: [unit]}))
            ]
            falls.append(np.log(own[0].astype(float)) - np.log(own[1].astype(float)))
    falls, strength = np.array(falls), np.concatenate(list(scores.values()), axis=1)
    for label in range(3):
        others = [row for at, row in enumerate(strength) if at != label]
        pair = [falls[:, data.labels == label].mean(axis=1), falls[:, data.labels != label].mean(axis=1)]
        assert found["importance/effects"][label] == pytest.approx(rank_correlation(*pair), abs=0.02)
        assert found["importance/scores"][label] == pytest.approx(
            rank_correlation(strength[label], np.mean(others, axis=0))
        )


def test_gradients_are_timed_up_to_the_logits(trial, monkeypatch):
    asked = []
    monkeypatch.setattr(gradients, "REPEATS", 1)
    monkeypatch.setattr(gradients, "prediction_gradient", lambda *_, layers, **__: asked.append(list(layers)))
    gradients._times(trial)
    names = trial.net.names
    every = names[1 : names.index(trial.net.logits) + 1]
    assert asked == [every, every, ["input", *every]]


def test_ways_to_a_gradient_are_compared_by_its_own_size(trial, monkeypatch):
    own = gradients.class_gradient
    monkeypatch.setattr(
        gradients, "class_gradient", lambda *args, **given: {name: 2 * a for name, a in own(*args, **given).items()}
    )
    found = gradients._from_training(trial)
    assert found["read off training"] == pytest.approx(0.5, rel=1e-3)
    assert found["in other batches"] == pytest.approx(0.5, rel=0.1)


def test_the_slope_of_the_mean_is_off_by_a_share_of_the_gradient(trial, monkeypatch):
    assert gradients._of_the_mean(trial)["slope of the mean"] < 1e-3
    own, off = gradients.prediction_gradient, []
    for factor in (1e3, 1e6):
        monkeypatch.setattr(
            gradients,
            "prediction_gradient",
            lambda *args, factor=factor, **given: {name: factor * g for name, g in own(*args, **given).items()},
        )
        off.append(gradients._of_the_mean(trial)["slope of the mean"])
    assert off[1] == pytest.approx(off[0], rel=0.01) and off[0] < 1


def test_kin_are_counted_among_the_others(trial):
    data = datasets.load("faces")
    family = [data.attributes["family"][data.labels == label][0] for label in range(len(data.classes))]
    people = sorted(
        label for label in range(len(family)) if family[label] in family[:2] and family[:label].count(family[label]) < 2
    )
    few = data.take(np.isin(data.labels, people))
    few = dataclasses.replace(
        few, labels=np.searchsorted(people, few.labels), classes=tuple(data.classes[at] for at in people)
    )
    net = tn.Network([tn.Flatten(), tn.Dense(4), tn.Softmax()], data.input_shape)
    logits = net.trace(few.x)["dense1"]
    families = [few.attributes["family"][few.labels == label][0] for label in range(4)]
    kin = []
    for row, label in zip(logits, few.labels, strict=True):
        other = max((at for at in range(4) if at != label), key=lambda at: row[at])
        kin.append(families[other] == families[label])
    found = features._kin(dataclasses.replace(trial, net=net, data=few))
    assert found["kin"] == pytest.approx(np.mean(kin)) and 0 < np.mean(kin) < 1


def test_three_images_of_three_people_are_shown(trial, monkeypatch):
    shown = []
    monkeypatch.setattr(profiles.plots, "network_circles", lambda rows, x, *_, **__: shown.append(x))
    job = Measurement(profiles.__name__, TRAINING)
    results = Results(trial.data, Budget(1, 4), [job], {job: {}, TRAINING: dict(trial.net.parameters())})
    next(profiles.sections(results))
    assert len(shown[0]) == 9


@given(st.permutations([("a", 0), ("a", 1), ("b", 0), ("b", 1), ("b", 2), ("c", 0)]), st.integers(0, 6))
def test_removal_takes_the_first_that_may_go(order, count):
    units = [tn.explain.Unit(*unit) for unit in order]
    sizes = {"a": 2, "b": 3, "c": 1}
    chosen = weakness.removal(units, sizes, count)
    taken = [(layer, unit) for layer, found in chosen.items() for unit in found]
    assert len(taken) == min(count, 3) and all(len(found) < sizes[layer] for layer, found in chosen.items())
    left, wanted = dict(sizes), []
    for layer, unit in order:
        if len(wanted) < count and left[layer] > 1:
            left[layer] -= 1
            wanted.append((layer, unit))
    assert sorted(taken) == sorted(wanted)


def test_perceptrons_solve_exclusive_or_and_printed_sobel_sees_an_edge_where_none_is(trial):
    numbers = basics.measure(trial)
    np.testing.assert_array_equal(numbers["answers"], [0, 1, 1, 0])
    even = dict(zip(basics.FILTERS, numbers["even"], strict=True))
    assert even["sobel x"] == even["sobel y"] == 0 != even["sobel x as printed"]
    assert even["blur"] == pytest.approx(1) and even["sharpen"] == even["original"] == 1
    image = np.random.default_rng(0).random((1, 5, 6))
    for output, weights in zip(basics.filtered(image), basics.FILTERS.values(), strict=True):
        for row, column in np.ndindex(3, 4):
            window = image[0, row : row + 3, column : column + 3]
            assert output[row, column] == pytest.approx((window * np.array(weights)).sum())


def test_filters_set_by_hand_are_what_they_are_called():
    filters = {name: np.array(weights) for name, weights in basics.FILTERS.items()}
    image = np.random.default_rng(0).random((1, 5, 6))
    np.testing.assert_array_equal(basics.filtered(image)[list(filters).index("original")], image[0, 1:-1, 1:-1])
    np.testing.assert_array_equal(filters["sobel y"], filters["sobel x"].T)
    np.testing.assert_array_equal(filters["sobel x"], np.outer([1, 2, 1], [-1, 0, 1]))
    np.testing.assert_allclose(filters["blur"], np.full((3, 3), 1 / 9))
    for even in ("original", "blur", "sharpen"):
        for turned in (filters[even].T, filters[even][::-1]):
            np.testing.assert_array_equal(filters[even], turned)
    printed = np.argwhere(filters["sobel x as printed"] != filters["sobel x"])
    assert printed.tolist() == [[2, 0]]
    assert sorted(map(tuple, basics.POINTS)) == list(itertools.product((0.0, 1.0), repeat=2))


def test_ten_networks_are_trained_unless_asked_otherwise():
    assert STUDY.full.seeds == 10 and STUDY.full.epochs == models.named("thesis").epochs


def test_five_classes_are_spread_over_all():
    assert five_of(15).tolist() == five_of(20).tolist() == [6, 9, 11, 13, 14]
    assert five_of(9).tolist() == [0, 2, 4, 6, 8]
    assert five_of(3).tolist() == [0, 1, 2] and five_of(1).tolist() == [0]


@pytest.mark.realdata
def test_identical_images_of_real_faces_are_kept_together():
    faces = datasets.load(f"yale:{os.environ['TINYNET_DATA']}/yalefaces")
    data = dataclasses.replace(faces.take(faces.labels < 3), classes=faces.classes[:3])
    usual, together = error.jobs(data, Budget(1, 1))
    found = {}
    for job in (usual, together):
        found[job.training] = job.training.measure(data)
        found[job] = job.measure(data, found[job.training])
    train, test = together.training.split(data)
    assert not {image.tobytes() for image in train.x} & {image.tobytes() for image in test.x}
    one, other = error.claims(Results(data, Budget(1, 1), [usual, together], found))
    table = found[usual]["confusion"]
    assert table.sum() == 8 and one.measured.startswith(f"{8 - np.trace(table)} of 8 images for 1 random splits")
    assert "keep identical images on one side" in other.measured and other.holds is None


# ------------------------------------------------------------------------------------------------------ statistics


@given(st.lists(NUMBERS, min_size=2, max_size=7))
def test_the_paired_test_turns_every_difference_round(differences):
    signs = itertools.product((1, -1), repeat=len(differences))
    means = [np.mean([s * d for s, d in zip(turned, differences, strict=True)]) for turned in signs]
    wanted = np.mean([mean >= np.mean(differences) - 1e-12 for mean in means]) if any(differences) else 1
    assert paired_p_value([*differences, np.nan]) == pytest.approx(wanted)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=7))
def test_rank_correlation_is_that_of_the_ranks(pairs):
    one, other = np.array(pairs).T
    ranks = [[(side < v).sum() + ((side == v).sum() + 1) / 2 for v in side] for side in (one, other)]
    if np.ptp(one) and np.ptp(other):
        assert rank_correlation(one, other) == pytest.approx(np.corrcoef(ranks)[0, 1])
    else:
        assert np.isnan(rank_correlation(one, other))


def test_spread_is_the_median_and_the_range():
    assert spread([3, 1, 2, np.nan], "g", " units") == "2 units (1 to 3)"
    assert spread(0.5) == "0.5" and percents([0.1, 0.25]) == "17.5 % (10.0 to 25.0)"
    assert spread([np.nan]) == "nothing to measure"


# ----------------------------------------------------------------------------------------------------- the table


def a_claim(**changed):
    return Claim(
        **{**dataclasses.asdict(Claim("LO-1", "c", "d", "7 | 3; more. And more", True, 2, "faces")), **changed}
    )


def test_claims_are_read_as_they_were_written(tmp_path):
    found = [a_claim(), a_claim(id="LO-2", holds=None), a_claim(holds=False, measured="größer")]
    assert claims.load(claims.save(found, tmp_path)) == found
    fields = {"id": 1, "claim": 1, "measured": None, "holds": 1, "n_seeds": "2", "data": ["faces"]}
    wrong = [json.dumps([{**dataclasses.asdict(a_claim()), name: value}]) for name, value in fields.items()]
    wrong += [json.dumps([{**dataclasses.asdict(a_claim()), "id": id}]) for id in ("", "LO", "LO-x", "-1")]
    for text in ("[{}]", "{", "7", '[{"id": 1}]', "[" * 10000, *wrong):
        (tmp_path / "claims.json").write_text(text)
        with pytest.raises(ValueError, match=r"claims\.json: holds no claims"):
            claims.load(tmp_path / "claims.json")


def test_the_summary_has_a_column_for_each_data_set():
    here = [a_claim(), a_claim(id="LO-2", holds=None, measured="1.5 of 2. Then")]
    there = [a_claim(id="LO-2", data="yale", n_seeds=10, holds=False), a_claim(id="LO-3", data="yale")]
    head, rule, *rows = claims.summary([here, there]).splitlines()
    assert "faces, 2 networks | yale, 10 networks" in head and set(rule) == set("| -")
    assert rows[0] == r"| LO-1 | c | d | **holds**: 7 \| 3 |  |  |"
    assert rows[1] == r"| LO-2 | c | d | **reported**: 1.5 of 2 | **does not hold**: 7 \| 3 |  |"
    assert rows[2].startswith("| LO-3 |") and len(rows) == 3


def test_the_summary_has_a_row_for_each_data_set_where_a_study_has_several():
    drawn = [a_claim(id="GL-1", data="letters"), a_claim(id="GL-3", data="digits", holds=None)]
    real = [a_claim(id="GL-1", data="letters", holds=False), a_claim(id="GL-3", data="mnist", n_seeds=1)]
    head, _, *rows = claims.summary([drawn, real]).splitlines()
    assert head == "|  | claim | document | images | measured | settings and program |"
    assert [row.split(" | ")[3] for row in rows] == ["letters, 2 networks", "digits, 2 networks", "mnist, 1 network"]
    assert [row.split("**")[1] for row in rows] == ["holds", "reported", "holds"]  # what two measured stands once


def test_the_summary_shows_the_control_and_where_settings_and_program_are():
    here = a_claim(control="4 by chance", settings="none chosen", code="tinynet/studies/lo/error.py")
    row = claims.summary([[here]]).splitlines()[2]
    assert "**holds**: 7 \\| 3<br>*control:* 4 by chance |" in row
    assert row.endswith("| none chosen; [error.py](../tinynet/studies/lo/error.py) |")
    assert "  control   4 by chance\n  settings  none chosen" in claims.table([here])


def test_a_block_is_filled_and_nothing_else_touched(tmp_path, capsys):
    claims.save([a_claim()], tmp_path)
    begin, end = files.marks("claims LO")
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{begin}\nstale\n{end}\nafter\n")
    words = ["claims", str(tmp_path / "claims.json")]
    for _ in range(2):
        assert main([*words, "--into", str(readme)]) == 0
        text = readme.read_text()
        assert text.startswith(f"before\n{begin}\n| ") and text.endswith(f" |\n{end}\nafter\n")
        assert "stale" not in text
    assert main(words) == 0 and capsys.readouterr().out.strip() in text
    for wrong in ("nothing", begin, f"{end}\n{begin}", f"{begin}{end}{end}"):
        readme.write_text(wrong)
        assert main([*words, "--into", str(readme)]) == 2
        assert begin in capsys.readouterr().err and readme.read_text() == wrong


@pytest.mark.parametrize(
    ("measured", "headline"),
    [
        ("7 of 9", "7 of 9"),
        ("1.5 of 2. Then 3; 4", "1.5 of 2"),
        ("5 (of 6; or 7. Or 8); 9", "5 (of 6; or 7. Or 8)"),
        ("(a; b", "(a; b"),
    ],
)
def test_a_headline_ends_where_its_sentence_does(measured, headline):
    assert a_claim(measured=measured).headline == headline


def test_a_table_has_the_claims_of_one_document(tmp_path, capsys):
    claims.save([a_claim(), a_claim(id="FM-1")], tmp_path)
    assert main(["claims", str(tmp_path / "claims.json")]) == 2
    assert "got those of FM and LO" in capsys.readouterr().err
    claims.save([], tmp_path)
    assert main(["claims", str(tmp_path / "claims.json")]) == 2
    assert "got those of none" in capsys.readouterr().err
