"""How strong each unit is for each class: the norm of the mean gradient and the mean of the norms, at any output."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tinynet as tn
from tests.networks import cases, small_classifier
from tinynet.explain import class_scores, ranked_outputs

OF = st.sampled_from(["logit", "probability", "log_probability", "margin"])
NORMS = {
    "frobenius": lambda numbers: np.sqrt(np.sum(np.square(numbers))),
    "l1": lambda numbers: np.sum(np.abs(numbers)),
    "max": lambda numbers: np.max(np.abs(numbers)),
}


@given(cases(last=[tn.Softmax], min_classes=2), OF, st.sampled_from(list(NORMS)), st.integers(1, 3))
def test_scores_are_those_of_single_images_put_together(case, of, norm, batch_size):
    net, labels = case.net, case.labels()
    assume(len(set(labels)) == net.output_shape[0])
    names = net.names[1 : net.names.index(net.logits) + 1]
    asked = {"norm": norm, "layers": names, "batch_size": batch_size}
    of_mean, of_norms = (
        class_scores(net, case.x, labels, of, mean_of=what, **asked) for what in ("gradients", "norms")
    )
    for name in names:
        for label in range(net.output_shape[0]):
            each = [tn.prediction_gradient(net, image[None], label, of)[name][0] for image in case.x[labels == label]]
            size = NORMS[norm] if each[0].ndim == 3 else np.abs
            for unit in range(net.shapes[name][0]):
                mean = sum(gradient[unit] for gradient in each) / len(each)
                norms = sum(size(gradient[unit]) for gradient in each) / len(each)
                np.testing.assert_allclose(of_mean[name][label, unit], size(mean), rtol=1e-9, atol=1e-12)
                np.testing.assert_allclose(of_norms[name][label, unit], norms, rtol=1e-9, atol=1e-12)
        assert (of_mean[name] <= of_norms[name] + 1e-12).all()


def test_images_that_pull_in_opposite_directions_cancel_in_the_mean_alone():
    net = tn.Network([tn.Dense(1), tn.Tanh(), tn.Dense(2), tn.Tanh(), tn.Dense(2), tn.Softmax()], (1,), dtype=float)
    parameters = net.parameters()
    parameters["dense1/W"][...], parameters["dense2/W"][...], parameters["dense2/b"][...] = 1, [[1], [1]], [-1, 1]
    parameters["dense3/W"][...] = [[1, -1], [-1, 1]]
    opposite, labels = np.array([[1.0], [-1.0], [1.0]]), [0, 0, 1]
    of_mean = class_scores(net, opposite, labels, layers=["tanh1"])["tanh1"][0, 0]
    of_norms = class_scores(net, opposite, labels, layers=["tanh1"], mean_of="norms")["tanh1"][0, 0]
    assert of_mean < 1e-9 < 0.1 < of_norms


def test_outputs_are_those_that_are_ranked_unless_others_are_asked_for():
    net, x = small_classifier(), np.random.default_rng(0).random((3, 1, 8, 8))
    assert list(class_scores(net, x, [0, 1, 2])) == ranked_outputs(net)
    assert {
        name: values.shape for name, values in class_scores(net, x, [0, 1, 2], layers=["conv1", "pool1"]).items()
    } == {
        "conv1": (3, 4),
        "pool1": (3, 4),
    }


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"mean_of": "sizes"}, "^mean_of is 'sizes', expected"),
        ({"labels": [0, 0, 1]}, "^class 2 has no images"),
        ({"labels": [0, 1]}, "^got 3 images and 2 labels"),
        ({"norm": "median"}, "^norm is 'median'"),
    ],
)
def test_scores_that_cannot_be_meant_are_refused(changed, message):
    for mean_of in ("gradients", "norms"):
        call = {"labels": [0, 1, 2], "mean_of": mean_of, **changed}
        with pytest.raises(ValueError, match=message):
            class_scores(small_classifier(), np.zeros((3, 1, 8, 8)), **call)
