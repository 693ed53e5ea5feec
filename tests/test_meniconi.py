"""The study of two labels of the same faces: its jobs measure what they say, and verdicts come out either way."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import tinynet as tn
from tinynet import datasets
from tinynet.datasets import Dataset
from tinynet.studies.engine.experiment import Budget, Results
from tinynet.studies.meniconi import (
    STUDY,
    attributes,
    digits,
    faces,
    heads,
    looking,
    places,
    plan,
    telling,
    vgg,
    watching,
)
from tinynet.studies.meniconi.training import Common, Training

MORE, LESS = (lambda value, end=end: np.nextafter(value, end) for end in (np.inf, -np.inf))
BUDGET = Budget(2, 2, quick=True)


@pytest.fixture(scope="module")
def crowd():
    return datasets.load("crowd:8")


def photographs(count=10, size=16):
    """Coloured noise with the attributes that the study asks of photographs."""
    rng = np.random.default_rng(0)
    kind = faces.PHOTOGRAPHS
    known = {name: np.arange(count) % 2 == place % 2 for place, name in enumerate((*kind.labels, *kind.others))}
    x = rng.random((count, 3, size, size), dtype=np.float32)
    return Dataset("celeba", x, known["Smiling"].astype(int), ("not Smiling", "Smiling"), known)


@pytest.fixture(scope="module")
def measured(crowd):
    """All jobs of two seeds and two epochs on 32 faces, but for VGG-19 itself, which takes seconds and memory."""
    whole = {"parameters": np.array(vgg.PARAMETERS), "sum": np.array(1.0), "bytes": np.array(6e8)}
    found = {vgg.Whole(): whole}

    def of(job):
        if job not in found:
            found[job] = {name: np.asarray(value) for name, value in job.measure(crowd, *map(of, job.needs)).items()}
        return found[job]

    for module in (vgg, looking, heads, telling):
        for job in module.jobs(crowd, BUDGET):
            of(job)
    return found


def results(module, data, found):
    return Results(data, BUDGET, module.EXPERIMENT.jobs(data, BUDGET), found)


# ------------------------------------------------------------------------------------------------- faces and networks


def test_photographs_are_used_and_anything_else_is_drawn(crowd, monkeypatch):
    given = photographs()
    assert faces.faces(given) is given and faces.kind(given) is faces.PHOTOGRAPHS
    assert faces.faces(crowd) is crowd and faces.kind(crowd) is faces.DRAWN
    monkeypatch.setattr(faces, "_drawn", lambda: crowd)
    assert faces.faces(datasets.load("digits:20")) is crowd
    without = {name: values for name, values in given.attributes.items() if name != "Smiling"}
    ours = faces.faces(dataclasses.replace(given, attributes=without))
    np.testing.assert_array_equal(ours.attributes["Smiling"], given.labels == 1)


def test_images_are_seen_as_means_of_squares_of_pixels():
    x = photographs().x
    small = faces.seen(photographs(), 2)
    np.testing.assert_allclose(small[3, 1, 2, 5], x[3, 1, 4:6, 10:12].mean(), rtol=1e-6)
    assert small.shape == (10, 3, 8, 8)
    with pytest.raises(ValueError, match="cannot be shrunk by 3"):
        faces.seen(photographs(), 3)


def test_boxes_hold_what_is_drawn_and_lie_where_networks_see_it(crowd):
    found = places.places(crowd)
    for name in places.PLACES:
        inside = crowd.masks[name][:, faces.MIDDLE[0], faces.MIDDLE[1]]
        assert found[name].shape == inside.shape == (32, 40, 40)
        assert (found[name] | ~inside).all() and inside.sum() == crowd.masks[name].sum()
    assert (np.argwhere(found["mouth"])[:, 1].mean() - np.argwhere(found["eyes"])[:, 1].mean()) > 8
    covered = places.without(faces.seen(crowd), found["mouth"], np.full((1, 40, 40), 9.0, np.float32))
    np.testing.assert_array_equal((covered == 9.0)[:, 0], found["mouth"])


def test_a_common_start_is_the_same_for_all_labels_and_an_own_one_for_no_two_seeds(crowd, measured):
    start = {job: numbers for job, numbers in measured.items() if isinstance(job, Training)}
    common = [numbers for job, numbers in start.items() if job.start == "common"]
    own = {(job.label, job.seed): numbers["epochs/conv1/W"][0] for job, numbers in start.items() if job.start == "own"}
    (first,) = (numbers for job, numbers in measured.items() if isinstance(job, Common))
    assert len(common) == 6 and all(np.array_equal(each["epochs/conv1/W"][0], first["conv1/W"]) for each in common)
    assert all(np.array_equal(each["epochs/dense2/W"][0], common[0]["epochs/dense2/W"][0]) for each in common)
    assert not np.array_equal(common[0]["epochs/conv1/W"][1], common[-1]["epochs/conv1/W"][1])
    assert np.array_equal(own["smile", 0], own["glasses", 0]) and not np.array_equal(own["smile", 0], own["smile", 1])


def test_a_network_after_an_epoch_answers_as_it_did(crowd, measured):
    job = plan.pair(crowd, BUDGET)[0]
    numbers = measured[job]
    test = crowd.take(np.arange(26, 32)).labelled_by(job.label)
    for epoch in range(job.epochs + 1):
        right = (job.net(crowd, numbers, epoch)(faces.seen(test))[:, 0] > 0.5) == test.labels
        np.testing.assert_allclose(numbers["accuracy"][epoch], right.mean())
    again = job.measure(crowd)
    assert all(np.array_equal(again[name], numbers[name]) for name in numbers)


def test_of_many_networks_each_sees_fewer_images_and_all_see_the_same(monkeypatch):
    data = photographs()
    monkeypatch.setattr(plan, "MANY_IMAGES", 5)
    budget = Budget(6, 3)
    assert {job.images for job in plan.pair(data, budget)} == {10} and len(plan.pair(data, budget)) == 10
    many = plan.many(data, budget)
    assert {job.images for job in many} == {5} and len({job.name for job in many}) == len(many) == 36
    tuned = [job.common for job in vgg.jobs(data, budget) if isinstance(job, vgg.FineTuning)]
    assert set(tuned) == {need for job in many for need in job.needs}, "one common start"
    assert "MR-4 on 8" in STUDY.facts(data, budget)["Training"]


# ------------------------------------------------------------------------------------------------------------- measures


def test_statistics_of_weights_are_those_of_a_literal_replica():
    rng = np.random.default_rng(1)
    history = rng.normal(size=(1, 5, 6)) + np.cumsum(rng.normal(scale=0.1, size=(5, 5, 6)), axis=0)
    found = watching.weight_numbers(history, [1, 4])
    assert found.shape == (len(watching.MAPS) + len(watching.MOVES), 2)
    part = history[:5]
    mean, variance = part.mean(axis=0), part.var(axis=0)
    logs = np.log10(variance + watching.LEAST_VARIANCE)

    def streaks(matrix):
        return (matrix.mean(axis=0).var() + matrix.mean(axis=1).var()) / matrix.var()

    start, last, before = history[0], history[4], history[3]
    expected = [
        *(mean.mean(), abs(mean).mean(), mean.std(), streaks(mean)),
        *(np.median(logs), np.quantile(logs, 0.9), logs.std(), streaks(logs)),
        np.linalg.norm(last - start) / np.linalg.norm(start),
        np.linalg.norm(last - before) / np.linalg.norm(before),
        (last * start).sum() / np.linalg.norm(last) / np.linalg.norm(start),
        np.linalg.norm(last),
    ]
    np.testing.assert_allclose(found[:, 1], expected, rtol=1e-6)


def test_turned_features_have_the_similarities_of_the_outputs(crowd):
    net = tn.Network(faces.layers(crowd, 1), (1, 40, 40), rng=0)
    x = faces.seen(crowd)
    (found, units), trace = watching.answers_of(net, x), net.trace(x)
    assert [each.shape for each in found] == [(32, 32)] * 5
    for name, means in zip(("relu1", "relu5"), (units[0], units[4]), strict=True):
        straight = trace[name].reshape(32, trace[name].shape[1], -1).mean(axis=2)
        np.testing.assert_allclose(means[:, : straight.shape[1]], straight, rtol=1e-5)
        assert np.isnan(means[:, straight.shape[1] :]).all()
    assert watching.of_matched_units(units[0], units[0][:, ::-1]) == pytest.approx(
        np.mean(units[0][:, ~np.isnan(units[0][0])].std(axis=0) > 0)
    ), "whatever the order of the units; one that never changes correlates with none"
    for one, other, names in ((0, 2, ("relu1", "relu3")), (3, 4, ("relu4", "relu5"))):
        straight = tn.explain.cka(*(trace[name] for name in names))
        np.testing.assert_allclose(tn.explain.cka(found[one], found[other]), straight, rtol=1e-4)


def test_networks_of_two_kinds_are_told_apart_by_what_they_have_in_common():
    rng = np.random.default_rng(0)
    kinds = rng.normal(size=(2, 20, 6))
    features = np.array([kinds[at // 4] + 0.1 * rng.normal(size=(20, 6)) for at in range(8)])
    within, between, away, p = watching.compared(features, ["a"] * 4 + ["b"] * 4, tn.explain.cka)
    assert within > 0.9 > between and away > 2 and p < 0.06
    shuffled = watching.compared(features, ["a", "b"] * 4, tn.explain.cka)
    assert shuffled[3] > 0.2
    near = watching.compared(features, ["a"] * 4 + ["b"] * 4, tn.explain.procrustes)
    assert near[0] < near[1] and near[2] > 2 and near[3] < 0.06, "distances are less within a label"
    features[2] = 1.0
    assert np.isnan(watching.compared(features, ["a"] * 4 + ["b"] * 4, tn.explain.cka)).all()


@pytest.mark.parametrize(("epochs", "expected"), [(1, [1]), (2, [1, 2]), (6, [1, 3, 6]), (10, [1, 5, 10])])
def test_networks_are_looked_at_after_the_first_the_middle_and_the_last_epoch(epochs, expected):
    assert watching.marks(epochs) == expected


def test_blocks_of_a_picture_are_means():
    matrix = np.arange(600 * 3.0).reshape(600, 3)
    found = heads.reduced(matrix)
    assert found.shape == (200, 3)
    np.testing.assert_allclose(found[7], matrix[21:24].mean(axis=0))


def test_log_odds_are_of_the_true_answer(crowd):
    net = tn.Network(faces.layers(crowd, 1), (1, 40, 40), rng=0)
    x, labels = faces.seen(crowd)[:6], np.array([0, 1, 1, 0, 1, 0])
    p = net(x)[:, 0].astype(float)
    right = np.where(labels == 1, p, 1 - p)
    np.testing.assert_allclose(looking.log_odds(net, x, labels), np.log(right / (1 - right)), rtol=1e-4, atol=1e-5)


# ----------------------------------------------------------------------------------------------------------- the study


def test_every_claim_and_section_is_made_from_what_the_jobs_measured(crowd, measured, monkeypatch):
    monkeypatch.delenv("TINYNET_DATA", raising=False)
    made = {}
    for module in (attributes, vgg, looking, heads, telling):
        of = results(module, crowd, measured)
        made |= {claim.id: claim for claim in module.EXPERIMENT.claims(of)}
        for section in module.EXPERIMENT.sections(of):
            assert section.reading and section.title
            if section.figure is not None:
                section.figure.canvas.draw()
    assert set(made) >= {"MR-1", "MR-2", "MR-3", "MR-4, raw maps", "MR-6", "MR-7", "MR-7, own starts", "MR-8"}
    assert made["MR-4, covering"].holds is None and made["MR-7"].holds is None, "two networks cannot tell"
    assert made["MR-8"].holds is None and "Use " not in made["MR-8"].measured
    assert "0 of 40 statistics" in made["MR-7"].measured and "can tell nothing" in made["MR-7"].measured
    assert "a layer of 512 x 800" in made["MR-6"].measured and made["MR-6"].holds is None
    assert made["MR-1"].measured.startswith("5 attributes of 32 images")


def test_the_real_convolutions_of_vgg_are_read_in_order(tmp_path):
    net = tn.Network([tn.Conv2D(3, 1)], (3, 4, 4), rng=0)
    shapes = [(3, 3, 1, 1), (64, 3, 3, 3), (64, 64, 3, 3), (128, 64, 3, 3), (128, 128, 3, 3), (256, 128, 3, 3)]
    arrays = {f"{number}.weight": np.full(shape, number, np.float32) for number, shape in enumerate(shapes)}
    arrays |= {f"{number}.bias": np.zeros(shape[0], np.float32) for number, shape in enumerate(shapes)}
    np.savez(tmp_path / "vgg.npz", **{name: arrays[name] for name in sorted(arrays, key=lambda n: int(n[0]))})
    net = vgg.first_convolutions(tmp_path / "vgg.npz", (8, 8))
    assert [float(net[f"conv{number + 1}"].params["W"].flat[0]) for number in range(6)] == [0, 1, 2, 3, 4, 5]


@pytest.mark.realdata
def test_the_real_convolutions_put_out_what_they_were_scaled_to(crowd):
    means = vgg.pretrained(crowd)
    assert len(means) == 5 and all(0.3 < mean < 3 for mean in means.values())


# ------------------------------------------------------------------------------------------------------------- verdicts


def changed(found, kind, **arrays):
    """The same results with other arrays in all jobs of a kind; a function of the job gives them."""
    return {
        job: {**numbers, **{name: give(job) for name, give in arrays.items()}} if isinstance(job, kind) else numbers
        for job, numbers in found.items()
    }


def test_networks_have_learned_from_five_points_above_the_more_frequent_answer_on(crowd, measured):
    for right, holds in ((0.55, True), (LESS(0.55), False), (MORE(0.55), True)):
        found = changed(measured, Training, accuracy=lambda job, right=right: [0.5, right], majority=lambda job: 0.5)
        assert looking.learned(results(looking, crowd, found)).holds is holds


@pytest.mark.parametrize(
    ("change", "value", "holds"),
    [
        ("parameters", vgg.PARAMETERS, True),
        ("parameters", vgg.PARAMETERS - 1, False),
        ("bytes", vgg.MEMORY, True),
        ("bytes", MORE(vgg.MEMORY), False),
        ("sum", 0.5, False),
        ("accuracy", 0.5, False),
        ("moved", 1e-9, False),
    ],
)
def test_fine_tuning_works_if_all_its_parts_do(crowd, measured, monkeypatch, change, value, holds):
    monkeypatch.delenv("TINYNET_DATA", raising=False)
    good = {"accuracy": np.array(0.9), "majority": np.array(0.5), "moved": np.array(0.0)}
    found = changed(measured, vgg.FineTuning, **{name: lambda job, v=v: v for name, v in good.items()})
    kind = vgg.Whole if change in ("parameters", "bytes", "sum") else vgg.FineTuning
    found = changed(found, kind, **{change: lambda job: np.array(value)})
    assert vgg.claims(results(vgg, crowd, found))[0].holds is holds


def of_looking(crowd, measured, mouth, eyes, covered=None, controls=1.0, seeds=4):
    """Results of networks of which the first label has some mass in the mouth, the second in the eyes."""
    budget, found = Budget(seeds, 2, quick=True), dict(measured)
    jobs = looking.jobs(crowd, budget)
    names = looking.map_names(results(looking, crowd, measured))
    for job in jobs:
        own, first = 0.01 * job.training.seed, job.training.label == "smile"
        mass = np.ones((len(names), 2)) + own
        mass[:, 0] += mouth if first else 0
        mass[:, 1] += 0 if first else eyes
        mass[-3:] = controls
        falls = np.array(covered if first else covered[::-1]) if covered else mass[0]
        found[job.training] = measured[plan.pair(crowd, BUDGET)[0]]
        found[job] = {"mass": mass, "covered": falls + own}
    return Results(crowd, budget, jobs, found)


def test_networks_look_where_it_is_said_if_both_differences_are_sure_and_beyond_the_controls(crowd, measured):
    def verdicts(*args, **settings):
        return {c.id.partition(", ")[2]: c.holds for c in looking.looks(of_looking(crowd, measured, *args, **settings))}

    assert set(verdicts(1.0, 1.0).values()) == {True}
    assert set(verdicts(1.0, 0.0).values()) == {False}, "the eyes do not differ"
    assert set(verdicts(1.0, -1.0).values()) == {False}, "the eyes differ the other way"
    assert verdicts(1.0, 1.0, controls=5.0) == {"raw maps": False, "attribution": False, "covering": True}
    assert verdicts(1.0, 1.0, covered=[0.0, 1.0])["covering"] is False
    assert set(verdicts(1.0, 1.0, seeds=2).values()) == {None}, "two networks a label cannot tell"


def test_weights_grow_if_they_do_in_every_network():
    up, down = [[0, 1.0, 2.0], [0, 1.0, 1.5]], [[0, 1.0, 2.0], [0, 1.0, 1.0]]
    assert digits.grow(np.array(up), np.array(up)) == (True, True)
    assert digits.grow(-np.array(up), np.array(down)) == (True, False), "the size of a mean counts"
    assert digits.grow(np.array(down), np.array(up)) == (False, True)


def test_streaks_are_what_is_more_than_in_the_start_and_by_chance():
    at = 0.02 + digits.STREAKY
    assert digits.streaky(np.array([[at, 0.02, 0.01], [0.5, np.nan, 0.1]]))
    assert not digits.streaky(np.array([[LESS(LESS(at)), 0.02, 0.01]]))
    assert not digits.streaky(np.array([[0.5, 0.02, 0.49]])), "a shuffled matrix has as much"
    assert not digits.streaky(np.array([[0.5, 0.02, 0.01], [0.02, 0.02, 0.01]])), "one network has none"


def test_digits_are_judged_from_one_network():
    data = datasets.load("digits:60")
    jobs = digits.jobs(data, Budget(1, quick=True))
    found = Results(data, Budget(1, quick=True), jobs, {job: job.measure(data) for job in jobs})
    grows, streaks, maps = digits.claims(found)
    assert [grows.id, streaks.id, maps.id] == ["MR-5", "MR-5, streaks", "MR-6, digits"] and grows.data == "digits"
    (section,) = digits.sections(found)
    assert section.table[0][-1] == "epoch 5" and len(section.table) == 7
    numbers = {**found.numbers[0], "spread": -found.numbers[0]["spread"]}
    assert digits.claims(Results(data, Budget(1), jobs, {jobs[0]: numbers}))[0].holds is False


def told(crowd, measured, difference=0.0, seeds=6, third=0.5, looks=0.0, alike=None):
    """Results of many networks: one label's statistics lie higher than another's, the third's somewhere between."""
    budget, found, rng = Budget(seeds, 2, quick=True), dict(measured), np.random.default_rng(0)
    jobs = telling.jobs(crowd, budget)
    height = {"smile": 1.0, "glasses": 0.0, "long hair": third}
    for job in jobs:
        if isinstance(job, telling.Watching):
            at = height[job.training.label]
            found[job] = {
                "weights": rng.normal(size=(12, 5, 2)) + difference * at,
                "looks": rng.normal(size=2) + looks * at,
                "loss": np.array({"smile": 1.0, "glasses": 0.0, "long hair": 0.5}[job.training.label]),
            }
            found[job.training] = measured[plan.pair(crowd, BUDGET)[0]]
        else:
            chance = [0.5, 0.5, 0.0, 0.9] if alike is None else alike
            found[job] = {
                "features": np.tile(chance, (len(watching.SIMILARITIES), 5, 3, 1)),
                "profiles": np.tile([0.5, 0.5, 0.0, 0.9], (2, 1)),
            }
    return Results(crowd, budget, jobs, found)


def of_telling(*args, **settings):
    return {claim.id: claim for claim in telling.claims(told(*args, **settings))}


def test_maps_tell_two_labels_apart_or_they_do_not(crowd, measured):
    same = of_telling(crowd, measured)
    assert same["MR-7"].holds is same["MR-7, own starts"].holds is True
    assert same["MR-7, difficulty"].holds is None and same["MR-8"].holds is False
    assert "0 of 40 statistics of the maps tell smile and glasses apart" in same["MR-7"].measured
    other = of_telling(crowd, measured, 20.0)
    assert other["MR-7"].holds is False and "40 of 40 statistics" in other["MR-7"].measured
    found = tn.explain.compare_groups([[0.0, 1, 2, 3]] * 50, [[20.0, 21, 22, 23]] + [[0.5, 1.5, 2.5, 3.5]] * 49)
    assert not found.found.any() and telling.tells(found).tolist() == [True] + [False] * 49, "a lone one, by p_max"
    assert of_telling(crowd, measured, seeds=3)["MR-7"].holds is None, "three a label cannot show that nothing differs"


def test_difficulty_explains_what_puts_three_labels_in_its_order(crowd, measured):
    assert of_telling(crowd, measured, 20.0, third=0.5)["MR-7, difficulty"].holds is True
    assert of_telling(crowd, measured, 20.0, third=2.0)["MR-7, difficulty"].holds is False
    none, some = np.zeros(10, bool), np.arange(10) < 8
    assert telling.mere_difficulty(none, ~none) is None
    assert telling.mere_difficulty(~none, some) is True
    assert telling.mere_difficulty(~none, np.arange(10) < 7) is False


def test_other_statistics_are_named_if_they_tell_the_labels_apart(crowd, measured):
    by_looks = of_telling(crowd, measured, looks=20.0)["MR-8"]
    assert by_looks.holds is True and f"Use {watching.LOOKS}: 100%" in by_looks.measured
    by_cka = of_telling(crowd, measured, alike=[0.9, 0.2, 4.0, 0.001])["MR-8"]
    assert by_cka.holds is True and "Use CKA" in by_cka.measured
    assert "0.90/0.20" in by_cka.measured
