"""Labels in, classes out: each label names a class, each row of outputs predicts one."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinynet as tn
from tests.networks import cases, small_classifier
from tests.test_training import X, network
from tinynet.classes import as_targets, check_labels, class_count, predicted


def test_labels_of_a_single_output_are_its_targets():
    net = tn.Network([tn.Dense(1), tn.Sigmoid()], (2,), dtype=float)
    np.testing.assert_array_equal(as_targets([0, 1, 1], net), [[0], [1], [1]])
    np.testing.assert_array_equal(as_targets([False, True], net), [[0], [1]])
    with pytest.raises(ValueError, match="label of image 1 is 2, expected 0 to 1"):
        as_targets([0, 2], net)


def test_targets_have_the_type_of_the_network():
    for dtype in (np.float32, np.float64):
        net = small_classifier(dtype=dtype)
        assert as_targets([0, 2], net).dtype == as_targets(np.ones((2, 3)), net).dtype == dtype
        assert as_targets(np.zeros(0, int), net).shape == (0, 3)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1, 2, 3], r"^label of image 3 is 3, expected 0 to 2"),
        ([-1, 0], r"^label of image 0 is -1, expected 0 to 2: classes, labels = np.unique"),
        ([0.0, 1.0], r"^targets have shape \(2,\), expected \(N, 3\): y.astype\(int\), if these are labels$"),
        ([0.5, 1.0], r"^targets have shape \(2,\), expected \(N, 3\)$"),
        (np.zeros((2, 4)), r"^targets have shape \(2, 4\), expected \(N, 3\)$"),
        ([[0, 0, 1], [0, np.nan, 1]], r"^target is nan at 1, 1, expected a finite number$"),
        ([[0, 0, 1], [0, 1, -np.inf]], r"^target is -inf at 1, 2"),
        (["a", "b"], r"^labels are text of shape \(2,\), expected one integer an image: classes, labels = np.unique"),
    ],
)
def test_targets_that_cannot_be_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        as_targets(y, small_classifier())


@given(hnp.arrays(st.sampled_from([np.int8, np.uint8, np.int64, np.uint64]), st.integers(0, 5)), st.integers(1, 300))
def test_labels_are_checked_one_by_one(labels, classes):
    wrong = [index for index, label in enumerate(labels.tolist()) if not 0 <= label < classes]
    if wrong:
        with pytest.raises(ValueError, match=rf"^label of image {wrong[0]} is {labels[wrong[0]]}, expected 0 to"):
            check_labels(labels, classes)
    else:
        assert check_labels(labels, classes).dtype == np.int64
        assert check_labels(labels, classes).tolist() == labels.tolist()


@given(st.integers(2, 6), st.integers(1, 4), st.data())
def test_the_mend_mends(classes, times, data):
    """What an error proposes, done, gives labels that are taken: each class is there, in some order."""
    right = np.array(data.draw(st.permutations(list(range(classes)) * times)))
    wrong, mend, mended = data.draw(
        st.sampled_from(
            [
                (right + 1, f": labels are 1 to {classes}, subtract 1", lambda y: y - 1),
                (right.astype(float), ": labels.astype(int)", lambda y: y.astype(int)),
                (right[:, None], ": labels.ravel()", np.ravel),
                (np.eye(classes)[right], ": labels.argmax(axis=1)", lambda y: y.argmax(axis=1)),
                (right.astype(str), "np.unique", lambda y: np.unique(y, return_inverse=True)[1]),
                (right.astype(str).astype(object), "np.unique", lambda y: np.unique(y, return_inverse=True)[1]),
                (10 * right, "np.unique", lambda y: np.unique(y, return_inverse=True)[1]),
            ]
        )
    )
    with pytest.raises(ValueError, match=rf"{re.escape(mend)}.*$"):
        check_labels(wrong, classes)
    np.testing.assert_array_equal(check_labels(mended(wrong), classes), right)


def test_truth_values_are_labels_of_two_classes_and_elsewhere_told_what_to_write():
    assert check_labels([True, False], 2).tolist() == [1, 0]
    with pytest.raises(ValueError, match=r"labels are bool .*: labels\.astype"):
        check_labels([True, False], 3)


@pytest.mark.parametrize("labels", [[[0], [1]], 1, [0.5], ["0"], [None]])
def test_labels_are_one_integer_an_image(labels):
    with pytest.raises(ValueError, match="expected one integer an image"):
        check_labels(labels, 3)


@pytest.mark.parametrize(("loss", "last"), [(tn.CrossEntropy(), tn.Sigmoid), (tn.BinaryCrossEntropy(), tn.Softmax)])
def test_losses_name_the_last_layer_that_they_need(loss, last):
    with pytest.raises(ValueError, match=f"{type(loss).__name__} needs a network that ends in .*; the last layer is"):
        loss.at(small_classifier(last=last))
    with pytest.raises(ValueError, match="the last layer is dense1"):
        loss.at(small_classifier(last=None))


def test_predicted_is_the_strongest_output_or_whether_the_only_one_is_over_a_half():
    np.testing.assert_array_equal(predicted(np.array([[0.1, 0.9], [0.5, 0.5]])), [1, 0])
    np.testing.assert_array_equal(predicted(np.array([[[0.5]], [[0.51]]])), [[0], [1]])


@pytest.mark.parametrize(
    ("labels", "message"),
    [([0], "got 14 images and 1 labels"), ([3] * 14, "label of image 0 is 3"), ([[0]], "integer")],
)
def test_accuracy_needs_a_label_for_each_image(labels, message):
    with pytest.raises(ValueError, match=message):
        tn.accuracy(network(), X, labels)


def test_accuracy_of_no_images_is_no_number():
    assert np.isnan(tn.accuracy(network(), X[:0], np.zeros(0, int)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_images_that_are_no_numbers_have_no_accuracy(value):
    x = X.copy()
    x[3, 0, 1, 2] = value
    with pytest.raises(ValueError, match=r"^input is (nan|inf|-inf) at 3, 0, 1, 2, expected a finite number$"):
        tn.accuracy(network(), x, np.zeros(14, int))


def test_outputs_that_are_no_numbers_predict_nothing():
    with pytest.raises(ValueError, match=r"expected an array of shape .* without NaN$"):
        predicted(np.array([[0.5, 0.5], [0.1, np.nan]]))


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=1, max_dims=3), elements=st.floats(0, 1, width=32)))
def test_one_output_is_two_classes(p):
    both = np.stack([1 - p, p], axis=-1)
    np.testing.assert_array_equal(predicted(p[..., None]), predicted(np.where(both == 0.5, [1, 0], both)))


def test_a_network_has_a_class_for_each_output_or_two():
    def net(outputs):
        return tn.Network([tn.Dense(outputs), tn.Sigmoid()], (2,))

    assert [class_count(net(outputs)) for outputs in (1, 2, 3)] == [2, 2, 3]
    with pytest.raises(ValueError, match="a network that puts out a vector"):
        class_count(tn.Network([tn.Conv2D(2, 1)], (1, 4, 4)))


# --------------------------------------------------------------------------------------------- what a network answers


@given(cases(min_images=0))
def test_a_network_predicts_the_class_of_its_strongest_column(case):
    net, columns = case.net, case.net.predict_proba(case.x)
    labels = net.predict(case.x)
    assert columns.shape == (len(case.x), class_count(net)) and columns.dtype == net.dtype
    assert labels.dtype == np.int64 and labels.tolist() == columns.argmax(axis=1).tolist()
    if net.output_shape[0] == class_count(net):
        np.testing.assert_array_equal(columns, net(case.x))
    else:
        np.testing.assert_array_equal(columns, np.column_stack([1 - net(case.x), net(case.x)]))
    if len(case.x):
        assert tn.accuracy(net, case.x, labels) == net.evaluate(case.x, labels)["accuracy"] == 1


def test_a_single_output_and_a_softmax_of_one_class():
    two = tn.Network([tn.Dense(1), tn.Sigmoid()], (1,), dtype=float)
    two["dense1"].params["W"][...] = 1
    assert two.predict([[-1], [0], [1]]).tolist() == [0, 0, 1]
    np.testing.assert_allclose(two.predict_proba([[np.log(3)]]), [[0.25, 0.75]])
    one = tn.Network([tn.Dense(1), tn.Softmax()], (1,))
    assert one.predict([[-1], [1]]).tolist() == [0, 0] and one.predict_proba([[2]]).tolist() == [[1]]


@pytest.mark.parametrize("y", [np.arange(14) % 3, np.eye(3)[np.arange(14) % 3]])
def test_evaluation_is_what_training_says_of_validation_images(y):
    net, loss = network(), tn.CrossEntropy()
    history = tn.fit(
        net, X, y, loss=loss, optimizer=tn.SGD(0.1), epochs=1, batch_size=5, validation=(X, y), progress=False
    )
    found = net.evaluate(X, y, loss=loss)
    np.testing.assert_array_equal(list(found.values()), [history.validation_loss[-1], history.validation_accuracy[-1]])
    np.testing.assert_allclose(list(net.evaluate(X, y, loss=loss, batch_size=3).values()), list(found.values()), 1e-5)
    right = net(X).argmax(axis=1) == np.arange(14) % 3
    assert net.evaluate(X, y) == {"accuracy": pytest.approx(right.mean())} and not 2 * right.sum() == len(X)
    assert np.isnan(list(net.evaluate(X[:0], y[:0], loss=loss).values())).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [0]}, "got 14 images and 1 labels"),
        ({"y": [3] * 14}, "label of image 0 is 3"),
        ({"loss": tn.CrossEntropy}, r"^loss is .*CrossEntropy.*, expected a loss such as CrossEntropy\(\)$"),
        ({"loss": "mse"}, "^loss is 'mse', expected a loss such as"),
        ({"batch_size": 0}, "batch_size is 0"),
    ],
)
def test_evaluation_says_what_does_not_fit(change, message):
    with pytest.raises(ValueError, match=message):
        network().evaluate(**{"x": X, "y": np.arange(14) % 3, **change})


def test_layers_have_numbers_too():
    net = network()
    assert list(net) == list(net.layers) and len(net) == len(net.layers)
    assert all(net[i] is net[i - len(net)] is net[layer.name] is layer for i, layer in enumerate(net))
    assert "conv1" in net and net[0] in net and "conv9" not in net and tn.Tanh() not in net
    for number in (len(net), -len(net) - 1):
        with pytest.raises(ValueError, match=f"^layer is {number}, expected a whole number from -10 to 9$"):
            net[number]
