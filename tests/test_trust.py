"""What the page says of the trust that its rankings deserve: both ends of them, in one voice."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinynet as tn
from tinynet.explain.ablation.orders import OrderComparison, OrderErrors
from tinynet.report import findings
from tinynet.report.sections.knockouts import MOST, AgainstChance, against_chance, knockouts
from tinynet.report.trust import about, in_a_sentence

COUNTS = np.arange(6)


def errors(levels):
    """Return errors that are the same after each knock-out, one level for each class."""
    curves = np.repeat(np.asarray(levels, np.float64)[None, :, None], len(COUNTS), axis=2)
    return OrderErrors(curves, curves)


def run(strongest, weakest, random):
    """Return findings of knock-outs with these errors."""
    blank = dict.fromkeys((field.name for field in fields(findings.Findings)), None)
    parts = (errors(strongest), errors(weakest), errors(random))
    names = tuple(f"c{n}" for n in range(len(random)))
    data = type("Data", (), {"name": "pictures", "classes": names})
    compared = OrderComparison(COUNTS, tuple(range(len(random))), *parts)
    net = tn.Network([tn.Dense(2), tn.Softmax()], (1,), rng=0)
    changed = {"by_support": compared, "by_strength": compared, "data": data, "net": net, "tried": np.arange(9)}
    confusion = 9 * np.eye(len(names), dtype=int)
    changed |= {"of": "logit", "strength": {"a": np.zeros((1, 5))}, "confusion": confusion}
    return findings.Findings(**{**blank, **changed})


LEVELS = st.lists(st.tuples(*[st.sampled_from([0.0, 0.25, 0.5, 1.0])] * 3), min_size=1, max_size=6)


@given(LEVELS)
def test_both_ends_are_counted_and_told_alike_in_box_and_section(levels):
    found = run(*zip(*levels, strict=True))
    compared = against_chance(found)
    assert compared.sooner == sum(high > chance for high, _, chance in levels)
    assert compared.later == sum(low < chance for _, low, chance in levels)
    words = compared.in_words()
    assert f"makes {compared.sooner} of" in words and f"makes {compared.later} of" in words
    assert words.count(".") == 1


def test_the_section_says_what_the_box_says_and_that_the_right_plot_is_worse_than_chance(monkeypatch):
    monkeypatch.setattr("tinynet.plots.knockout_curves", lambda *_, **__: None)
    worse, better = run([1, 1], [0.5, 0], [0.1, 0.2]), run([1, 1], [0, 0], [0.1, 0.2])
    for found, is_worse in ((worse, True), (better, False)):
        text = " ".join(knockouts(found).found)
        compared = against_chance(found)
        assert compared.in_words() in text and compared.verdict() in text
        assert ("is worse than chance" in text) == is_worse


@pytest.mark.parametrize(
    ("sooner", "later", "words"),
    [
        (3, 3, "Yes, at both ends"),
        (2, 2, "No, at neither end"),
        (3, 2, "Only at the a end, not at the b"),
        (2, 3, "Only at the b end, not at the a"),
    ],
)
def test_each_end_has_its_own_verdict(sooner, later, words):
    assert MOST * 4 == 3
    assert AgainstChance(sooner, later, 4, "filter", "a", "b").verdict() == words


@given(LEVELS)
def test_the_first_sentences_say_what_was_trained_and_hold_two_numbers(levels):
    found = run(*zip(*levels, strict=True))
    first = about(found)
    assert first.startswith("A network with 5 units learned to tell")
    assert f"it misreads 0 of {count(levels)} test images" in first
    sentence = in_a_sentence(found)
    if not found.learned_little:
        assert sentence.startswith("Without a fifth of its units")
        assert sum(any(letter.isdigit() for letter in word) for word in sentence.split()) == 2


def count(levels):
    return 9 * len(levels)
