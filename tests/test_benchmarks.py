"""The benchmark measures what it says: its classical network is right, wrong programs are refused, ratios are right."""

import json
import multiprocessing
import statistics
import sys
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tests.benchmarks import bounds, flat, im2col, measure, readme
from tests.benchmarks.__main__ import main
from tests.benchmarks.items import ITEMS, Item, Peer
from tests.benchmarks.measure import Comparison, Contestant, ResultsDifferError
from tests.benchmarks.report import Row, as_json, table
from tests.benchmarks.worker import match_result
from tests.networks import small_classifier
from tinynet import files

seeds = st.integers(0, 2**32 - 1)
small = st.integers(1, 3)
positive = st.floats(1e-3, 1e3)

# ----------------------------------------------------------------------------------------------- the classical network


@st.composite
def layers_with_input(draw):
    """Draw a layer that has a classical form, and images for it, with ties for the pool."""
    rng = np.random.default_rng(draw(seeds))
    shape = (draw(small), draw(st.integers(3, 8)), draw(st.integers(3, 8)))
    kernel = (draw(small), draw(small))
    layer = draw(
        st.sampled_from(
            [
                tn.Conv2D(draw(small), kernel, padding=(draw(st.integers(0, 2)), draw(st.integers(0, 2)))),
                tn.Conv2D(draw(small), kernel, bias=False),
                tn.MaxPool2D(kernel),
                tn.Flatten(),
                tn.Tanh(),
                tn.Sigmoid(),
                tn.ReLU(),
            ]
        )
    )
    layer.build(shape, rng, np.float64)
    x = rng.integers(-2, 3, (draw(small), *shape)).astype(np.float64)
    return layer, x, rng


@given(layers_with_input())
def test_the_classical_layers_are_the_same_functions(case):
    layer, x, rng = case
    classical = im2col.classical(layer)
    y = classical.forward(x)
    np.testing.assert_allclose(y, layer.forward(x), rtol=1e-12, atol=1e-12)
    dy = rng.normal(size=y.shape)
    np.testing.assert_allclose(classical.backward(dy), layer.backward(dy, x, y), rtol=1e-12, atol=1e-12)
    for name, gradient in layer.grads(dy, x, y).items():
        np.testing.assert_allclose(classical.grads[name], gradient, rtol=1e-12, atol=1e-12)


@given(st.integers(1, 7), seeds)
def test_the_classical_network_learns_the_same(batch_size, seed):
    net, rng = small_classifier(), np.random.default_rng(seed)
    x, labels = rng.normal(size=(7, *net.input_shape)), rng.integers(0, 3, 7)
    classical = im2col.Net(net)
    loss = classical.epoch(x, labels, 0.1, batch_size, np.random.default_rng(0).permutation(7))
    history = tn.fit(
        net,
        x,
        labels,
        loss=tn.CrossEntropy(),
        optimizer=tn.SGD(0.1),
        epochs=1,
        batch_size=batch_size,
        progress=False,
    )
    assert loss == pytest.approx(history.loss[0])
    for name, array in classical.parameters().items():
        np.testing.assert_allclose(array, net.parameters()[name], rtol=1e-9, atol=1e-12)
    classical.reset()
    assert all(np.array_equal(array, classical.initial[name]) for name, array in classical.parameters().items())


def test_the_classical_network_leaves_the_weights_of_its_model_alone():
    net = small_classifier()
    before = {name: array.copy() for name, array in net.parameters().items()}
    im2col.Net(net).step(np.ones((2, *net.input_shape)), np.array([0, 1]), 0.1)
    assert all(np.array_equal(array, before[name]) for name, array in net.parameters().items())


def test_what_the_classical_network_cannot_do_is_refused():
    net = tn.Network([tn.Conv2D(1, 3, stride=2), tn.Flatten(), tn.Dense(2), tn.Softmax()], (1, 7, 7))
    with pytest.raises(ValueError, match="conv1: only steps of one pixel"):
        im2col.Net(net)


# ---------------------------------------------------------------------------------------------- the same results first


def program(values=(1.0, 2.0), name="a", wrong=0.0, dtype=None, ran=None):
    """Return a maker of a program whose result is some values, wrong by a share of them."""

    def make(numbers):
        array = np.array(values, dtype or numbers) * np.array(1 + wrong, dtype or numbers)

        def run():
            if ran is not None:
                ran.append(numbers)
            return array

        return Contestant(run, lambda result: {name: result})

    return make


@given(st.lists(positive, min_size=1, max_size=5), st.floats(1e-3, 10))
def test_the_difference_is_a_share_of_the_norm(values, share):
    wanted = np.array(values)
    assert measure.difference(wanted, wanted) == 0
    assert measure.difference(wanted * (1 + share), wanted) == pytest.approx(share)
    assert measure.difference(1000 * wanted * (1 - share), 1000 * wanted) == pytest.approx(share)


@pytest.mark.parametrize("got, wanted", [([1.0], [0.0]), ([np.nan], [1.0]), ([1.0], [np.nan]), ([np.inf], [1.0])])
def test_what_has_no_share_is_infinitely_different(got, wanted):
    assert measure.difference(np.array(got), np.array(wanted)) == np.inf


def test_programs_that_agree_are_not_refused():
    found = measure.check_same_results(program(), program(wrong=1e-9), tolerance=1e-3)
    assert found["float64"] == pytest.approx(1e-9, rel=1e-3) and found["float32"] == 0


@pytest.mark.parametrize(
    "peer, message",
    [
        (program(wrong=1e-5), "float64 differ by 1.0e-05"),
        (program(values=(1.0, -2.0)), "float64 differ"),
        (program(values=(1.0, np.nan)), "float64 differ by inf"),
        (program(values=(1.0, 2.0, 3.0)), "a: ours is float64 of shape"),
        (program(dtype=np.float32), "the peer's float32"),
        (program(name="b"), "b: only the peer computes it"),
        (lambda dtype: Contestant(lambda: None, lambda _: {}), "no result"),
    ],
)
def test_programs_that_do_not_agree_are_refused(peer, message):
    with pytest.raises(ResultsDifferError, match=message):
        measure.check_same_results(program(), peer, tolerance=0.1)


def test_a_program_that_is_wrong_in_float32_alone_is_refused():
    def peer(dtype):
        return program(wrong=0.2 if dtype == np.float32 else 0.0)(dtype)

    with pytest.raises(ResultsDifferError, match="float32 differ by"):
        measure.check_same_results(program(), peer, tolerance=0.1)


def test_a_program_that_is_refused_is_not_timed():
    ran = []
    item = Item("some work", program(), {"wrong": Peer(program(wrong=0.01, ran=ran))})
    result = match_result(item, item.peers["wrong"], pairs=3)
    assert "float64 differ by 9.9e-03" in result["refused"] and "ours" not in result
    assert ran == [np.float64]


def test_a_peer_that_is_not_installed_is_named_so():
    def fails(dtype):
        raise AssertionError("a peer that is not installed was made")

    peer = Peer(fails, needs=("sys", "no_module_of_this_name"))
    assert match_result(Item("some work", fails, {"absent": peer}), peer, 3) == {"missing": "not installed"}
    assert Peer(fails, needs=("sys",)).installed and Peer(fails).installed


# ------------------------------------------------------------------------------------------------------ then the ratio


@given(st.lists(positive, min_size=2, max_size=30))
def test_the_spread_is_the_median_and_the_quartiles(values):
    low, median, high = statistics.quantiles(values, method="inclusive")
    assert measure.spread(values) == pytest.approx((median, low, high))


def test_a_single_ratio_has_no_spread():
    assert measure.spread([0.5]) == (0.5, 0.5, 0.5)


def test_the_ratio_is_ours_over_the_peers_pair_by_pair():
    found = Comparison(ours=(1.0, 8.0, 3.0), peers=(2.0, 4.0, 3.0)).ratio
    assert found == (1.0, 0.75, 1.5)


@pytest.mark.parametrize("pairs", [1, 2, 5])
def test_programs_run_in_turn_and_are_prepared_each_time(pairs, monkeypatch):
    monkeypatch.setattr(measure, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(measure, "PAUSE_SECONDS", 0.0)
    log = []

    def contestant(name):
        return Contestant(partial(log.append, name), dict, prepare=partial(log.append, f"prepare {name}"))

    found = measure.compare(contestant("ours"), contestant("peer"), pairs, warm_up=2)
    assert len(found.ours) == len(found.peers) == pairs
    assert min(found.ours + found.peers) > 0
    runs = [name for name in log if not name.startswith("prepare")]
    assert log == [entry for name in runs for entry in (f"prepare {name}", name)]
    timed = runs[4:]
    orders = [("ours", "peer"), ("peer", "ours")]
    assert timed == [name for pair in range(pairs) for name in orders[pair % 2]]


def test_short_programs_run_several_times_in_a_row(monkeypatch):
    monkeypatch.setattr(measure, "LEAST_SECONDS", 1e-3)
    runs = []
    measure.compare(Contestant(partial(runs.append, 0), None), Contestant(partial(runs.append, 1), None), pairs=2)
    assert len(runs) > 100


MEGABYTE = 1 << 20


def memory_of_a_run_of_64_megabytes_prepared_with_96(can_be_set_back):
    """What a fresh process measures; the peak of one that has run other tests may be high above both."""

    def refused(*_, **__):
        raise PermissionError

    if not can_be_set_back:
        measure.Path.write_text = refused
    kept = []
    contestant = Contestant(
        lambda: np.ones(64 * MEGABYTE, np.uint8), None, lambda: kept.append(np.ones(96 * MEGABYTE, np.uint8))
    )
    return measure.peak_memory(contestant)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak may be told in other units")
@pytest.mark.parametrize("can_be_set_back", [True, False], ids=["set back", "cannot be set back"])
def test_the_memory_of_a_run_is_seen_and_that_of_its_preparation_is_not(can_be_set_back):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        needed = pool.apply(memory_of_a_run_of_64_megabytes_prepared_with_96, (can_be_set_back,))
    assert 48 * MEGABYTE < needed < 80 * MEGABYTE


# ----------------------------------------------------------------------------------------------------- what is printed


def row(item="work", peer="PyTorch", limit=0.6, ours=0.5, **settings):
    times = {threads: Comparison((ours,) * 3, (1.0,) * 3) for threads in (1, 2)}
    return Row(item, peer, limit, times, **settings)


def test_the_table_says_whether_limits_are_kept():
    rows = [
        row(memory=(2_000_000, None)),
        row(peer="im2col", limit=None),
        row("other work", ours=0.7),
        Row("other work", "Captum", 0.1, trouble="not installed"),
        Row("wrong work", "PyTorch", trouble="output: differs", refused=True),
    ]
    text = table(rows, (1, 2))
    lines = {tuple(line.split()[:2]): line for line in text.splitlines() if line}
    assert "0.50 [0.50 0.50]  0.50 [0.50 0.50]  0.60   ok" in lines["work", "PyTorch"]
    assert "2 / ?" in lines["work", "PyTorch"] and "500 / 1e+03" in lines["work", "PyTorch"]
    assert "ok" not in lines["im2col", "0.50"]
    assert "missed" in lines["other", "work"]
    assert lines["Captum", "not"].count("not installed") == 2
    assert "results differ" in text and "NOT TIMED" in text
    assert text.splitlines()[-1] == "wrong work, PyTorch: output: differs; not timed"


def test_limits_are_for_two_threads():
    alone = Row("work", "PyTorch", 0.6, {1: Comparison((0.5,), (1.0,))})
    assert alone.verdict == "" and row().verdict == "ok" and row(ours=0.61).verdict == "missed"


def test_the_measurements_can_be_written_as_json():
    found = json.loads(json.dumps(as_json([row(differences={"float64": 1e-15})], {"pairs": 3})))
    assert found["rows"][0]["threads"]["2"]["median"] == 0.5
    assert found["rows"][0]["threads"]["1"]["seconds"]["tinynet"] == [0.5] * 3
    assert found["rows"][0]["verdict"] == "ok" and found["rows"][0]["differences"] == {"float64": 1e-15}
    assert found["settings"] == {"pairs": 3}
    assert {"numpy", "torch", "blas", "tinynet"} <= found["versions"].keys() and found["machine"]["cpu"]


def test_measurements_are_put_into_a_readme_and_nothing_else_is_touched(tmp_path, capsys):
    rows = [row(), Row("slow work", "PyTorch", 0.6, {1: Comparison((0.5,), (1.0,))}), row("other work", limit=None)]
    measured, text = tmp_path / "ratios.json", tmp_path / "README.md"
    measured.write_text(json.dumps(as_json(rows, {"pairs": 3, "dtype": "float32"})))
    begin, end = files.marks("benchmark")
    text.write_text(f"before\n{begin}\nstale\n{end}\nafter\n")
    for _ in range(2):
        assert readme.main([str(measured), "--into", str(text)]) == 0
    lines = text.read_text().splitlines()
    assert lines[:2] == ["before", begin] and lines[-2:] == [end, "after"] and "3 pairs, float32; " in lines[2]
    assert lines[4] == "| work | against | 1 thread | 2 threads | aim on 2 |  |"
    assert lines[6:-2] == [
        "| work | PyTorch | 0.50 [0.50 0.50] | 0.50 [0.50 0.50] | 0.60 | ok |",
        "| slow work | PyTorch | 0.50 [0.50 0.50] |  | 0.60 |  |",
        "| other work | PyTorch | 0.50 [0.50 0.50] | 0.50 [0.50 0.50] |  |  |",
    ]
    assert readme.main([str(measured)]) == 0 and capsys.readouterr().out.strip() in text.read_text()


@pytest.mark.parametrize("wrong", ["", "7", "[]", "{}", '{"rows": 3}'])
def test_what_holds_no_measurements_is_one_error(wrong, tmp_path, capsys):
    (tmp_path / "ratios.json").write_text(wrong)
    assert readme.main([str(tmp_path / "ratios.json")]) == 2
    assert "ratios.json: holds no measurements of a tinynet benchmark" in capsys.readouterr().err
    assert readme.main([str(tmp_path / "nothing.json")]) == 2


def test_the_list_names_all_items_and_peers(capsys):
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == len(ITEMS) == len({item.name for item in ITEMS})
    for line, item in zip(listed, ITEMS, strict=True):
        assert line.split("  ")[0] == item.name
        assert all(peer in line for peer in item.peers)


def test_the_list_can_be_narrowed(capsys):
    assert main(["--list", "--only", "^THESIS EPOCH, batch 1", "--against", "torch$"]) == 0
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == ["PyTorch"] * 3


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--only", "nothing of this name"], "no work item or peer of such a name"),
        (["--only", "("], "is no regular expression"),
        (["--threads", "1,0"], "expected a whole number of at least 1"),
        (["--pairs", "many"], "expected a whole number of at least 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(arguments, message, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert message in capsys.readouterr().err


def test_a_run_prints_one_table_and_writes_it(tmp_path, capsys):
    file = tmp_path / "ratios.json"
    arguments = ["--quick", "--only", "^thesis forward", "--against", "im2col", "--threads", "1", "--pairs", "2"]
    assert main([*arguments, "--json", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tinynet's time over the peer's")
    assert [line.split("  ")[0] for line in lines[4:]] == ["thesis forward, 124 images"]
    written = json.loads(file.read_text(encoding="utf-8"))
    (found,) = written["rows"]
    assert found["item"] == "thesis forward, 124 images" and found["against"] == "im2col"
    assert len(found["threads"]["1"]["seconds"]["peer"]) == written["settings"]["pairs"] == 2
    assert found["differences"]["float64"] < 1e-12 < found["differences"]["float32"] < 1e-3


def test_memory_is_measured_in_processes_of_their_own(capsys):
    arguments = ["--only", "^thesis forward", "--against", "im2col", "--threads", "1", "--pairs", "1"]
    assert main(arguments) == 0
    cells = capsys.readouterr().out.splitlines()[-1].split("  ")[-1]
    ours, peers = cells.split(" / ")
    assert sys.platform == "win32" or float(peers) > float(ours) > 0


def test_a_run_with_wrong_results_fails(monkeypatch, capsys):
    results = iter([{"refused": "output: differs by 1.0e-02"}])
    monkeypatch.setattr("tests.benchmarks.worker.compared", lambda *_: (result for result in results))
    item = Item("some work", program(), {"wrong": Peer(program(wrong=0.01))})
    assert main(["--quick", "--threads", "2"], [item]) == 1
    assert "some work, wrong: output: differs by 1.0e-02; not timed" in capsys.readouterr().out


# --------------------------------------------------------------------------------------------------------- what bounds


def test_the_work_of_a_pass_is_counted_literally():
    net = tn.Network([tn.Conv2D(2, 3), tn.Tanh(), tn.MaxPool2D(2), tn.Flatten(), tn.Dense(3), tn.Softmax()], (1, 6, 6))
    step = bounds.training_step(net, np.zeros((5, 1, 6, 6), np.float32), np.arange(5) % 3, tn.CrossEntropy())
    found = {part.name: part for part in bounds.passes(step)}
    assert found["conv1 forward"].products == found["conv1 gradients"].products == 5 * 2 * 4 * 4 * 1 * 3 * 3
    assert found["dense1 backward"].products == 5 * 3 * 8
    assert found["tanh1 backward"].products == 0
    maps, pooled = 5 * 2 * 4 * 4 * 4, 5 * 2 * 2 * 2 * 4
    assert found["tanh1 forward"].traffic == 2 * maps and found["tanh1 backward"].traffic == 3 * maps
    assert found["pool1 backward"].traffic == 2 * maps + 2 * pooled
    assert found["conv1 gradients"].traffic == maps + (5 * 36 + 18) * 4
    assert "conv1 backward" not in found
    units = 2 * 4 * 4 + 3
    tracking = bounds.tracking(step)
    assert tracking.products == 5 * units * 3 and tracking.traffic == (5 * units + 2 * 3 * units) * 4
    for part in (*found.values(), tracking):
        part.run()
    single = bounds.tracking(bounds.training_step(net, np.zeros((1, 1, 6, 6), np.float32), [2], tn.CrossEntropy()))
    assert single.products == units and single.traffic == (units + 2 * units) * 4


@pytest.fixture
def quick_bounds(monkeypatch):
    monkeypatch.setattr(bounds, "REPETITIONS", 1)
    monkeypatch.setattr(bounds, "rates", lambda: bounds.Rates(1e12, lambda size: 1e12))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")


def test_bounds_are_those_of_one_thread(quick_bounds, monkeypatch, capsys):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    assert bounds.main([]) == 2 and "OPENBLAS_NUM_THREADS=1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("net", "has"), [("thesis", "conv3 backward"), ("784-128-10", "sigmoid1 backward"), ("wide", "conv2 gradients")]
)
def test_the_bounds_of_each_network_are_printed_for_each_size_of_batch(quick_bounds, capsys, net, has):
    assert bounds.main(["--net", net, "--batch", "1,2"]) == 0
    printed = capsys.readouterr().out
    assert printed.count(has) == printed.count(bounds.STEP) == printed.count(bounds.ALL) == 2
    assert printed.count(bounds.TRACKER) == (0 if net == "784-128-10" else 2)


def test_bounds_go_into_a_text(quick_bounds, tmp_path):
    begin, end = files.marks("bounds")
    text = tmp_path / "text.md"
    text.write_text(f"before\n{begin}\n{end}\nafter\n", encoding="utf-8")
    assert bounds.main(["--net", "thesis", "--batch", "1,3", "--into", str(text)]) == 0
    before, *rows, after = text.read_text(encoding="utf-8").splitlines()
    assert (before, after) == ("before", "after") and len(rows) == 6
    assert rows[3].startswith("| thesis, 1 |") and rows[4].startswith("| thesis, 3 |")
    assert all(row.count("|") == rows[1].count("|") for row in rows[1:-1])


def test_a_text_without_marks_for_bounds_is_left_alone(quick_bounds, tmp_path, capsys):
    text = tmp_path / "text.md"
    text.write_text("no marks", encoding="utf-8")
    assert bounds.main(["--net", "784-128-10", "--batch", "1", "--into", str(text)]) == 2
    assert str(text) in capsys.readouterr().err and text.read_text(encoding="utf-8") == "no marks"


def test_the_bound_of_a_step_is_the_sum_of_those_of_its_passes(quick_bounds):
    found = bounds.measured(bounds.CASES["wide"], 2, bounds.Rates(1e9, lambda size: 1e9))
    tracker, all_passes, step = found.pop(bounds.TRACKER), found.pop(bounds.ALL), found.pop(bounds.STEP)
    assert all(one.bound == max(one.products, one.traffic) / 1e9 for one in (*found.values(), tracker))
    for column in ("taken", "products", "traffic", "arithmetic", "moving", "bound"):
        assert getattr(all_passes, column) == pytest.approx(sum(getattr(one, column) for one in found.values()))
    assert step.bound == all_passes.bound and step.share == step.bound / step.taken


def test_memory_is_measured_for_each_number_of_images(capsys):
    assert flat.main(["--thousands", "1"]) == 0
    images, size, more = capsys.readouterr().out.splitlines()[1].split()
    assert (images, size) == ("1,000", "3") and 0 < int(more) < 500
