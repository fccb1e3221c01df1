"""Scores and measures against values by hand, by scipy and by loops over thresholds."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import logsumexp, softmax
from scipy.stats import entropy

from common.strict import BadInputError
from experiments.novel_class_discovery.osr_closed_set.measures import accuracy, auroc, oscr
from experiments.novel_class_discovery.osr_closed_set.openmax import known_probability
from experiments.novel_class_discovery.osr_closed_set.outputs import Outputs
from experiments.novel_class_discovery.osr_closed_set.scores import SCORES, Question, scored

DRAWS = np.random.default_rng(0)
LOGITS = DRAWS.normal(0, 3, (50, 4))
SCORE_LISTS = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=12)


def outputs(logits: np.ndarray, features: np.ndarray | None = None) -> Outputs:
    labels = np.arange(len(logits)) % logits.shape[1]
    return Outputs(logits if features is None else features, logits, labels.astype(np.int64))


def question(logits: np.ndarray, features: np.ndarray | None = None) -> Question:
    return Question(outputs(logits, features), outputs(LOGITS), np.random.default_rng(0))


def test_two_logits_by_hand() -> None:
    asked = question(np.array([[0.0, math.log(3)]]))
    assert scored("msp", asked)[0] == pytest.approx(0.75)
    assert scored("mls", asked)[0] == pytest.approx(math.log(3))
    assert scored("energy", asked)[0] == pytest.approx(math.log(4))
    assert scored("entropy", asked)[0] == pytest.approx(0.75 * math.log(0.75) + 0.25 * math.log(0.25))


def test_logit_scores_agree_with_scipy_even_where_exponentials_overflow() -> None:
    logits = np.concatenate([LOGITS, 1000 + LOGITS, [[-5000.0, 0, 0, 5000.0]]])
    asked = question(logits)
    assert scored("msp", asked) == pytest.approx(softmax(logits, axis=1).max(axis=1))
    assert scored("energy", asked) == pytest.approx(logsumexp(logits, axis=1))
    assert scored("entropy", asked) == pytest.approx(-entropy(softmax(logits, axis=1), axis=1))


def test_softmax_cancels_what_the_logit_keeps() -> None:
    low, high = question(LOGITS), question(LOGITS + 7)
    assert scored("msp", low) == pytest.approx(scored("msp", high))
    assert scored("mls", high) - scored("mls", low) == pytest.approx(np.full(len(LOGITS), 7.0))


@pytest.mark.parametrize("name", ["msp", "mls", "energy", "entropy"])
def test_the_order_of_classes_does_not_matter(name: str) -> None:
    order = DRAWS.permutation(4)
    assert scored(name, question(LOGITS[:, order])) == pytest.approx(scored(name, question(LOGITS)))


def test_features_give_their_length_and_their_neighbours() -> None:
    features = np.array([[3.0, 4.0], [0.0, 2.0]])
    asked = Question(
        outputs(LOGITS[:2], features),
        outputs(LOGITS[:10], np.repeat([[6.0, 8.0]], 10, axis=0)),
        np.random.default_rng(0),
    )
    assert scored("feature_norm", asked).tolist() == [5.0, 2.0]
    # Of length one: the first is the training images' own direction, the second has the cosine 0.8 to it.
    assert scored("neighbour_distance", asked) == pytest.approx([0.0, -math.sqrt(2 - 1.6)], abs=1e-7)


def test_too_few_training_images_have_no_tenth_neighbour() -> None:
    few = Question(outputs(LOGITS), outputs(LOGITS[:9]), np.random.default_rng(0))
    with pytest.raises(BadInputError, match="9 training images have no 10th nearest; raise 'images'"):
        scored("neighbour_distance", few)


def test_a_misspelt_score_is_told() -> None:
    with pytest.raises(BadInputError, match=r"no score 'openmx'. Did you mean 'openmax'"):
        scored("openmx", question(LOGITS))


def test_openmax_takes_images_near_a_class_for_known_and_distant_ones_not() -> None:
    labels = np.repeat(np.arange(3), 40)
    training = 10 * np.eye(3)[labels] + DRAWS.normal(0, 0.5, (120, 3))
    asked = np.array([[10.0, 0.0, 0.0], [30.0, 28.0, 29.0]])
    near, far = known_probability(asked, Outputs(training, training, labels))
    assert near == pytest.approx(1 - 1 / (1 + math.exp(10) + 2), abs=2e-3)  # the unknown logit stays at 0
    assert far < 0.01


def test_openmax_by_a_loop() -> None:
    """Algorithm 2 for one image, with the fitted distributions read back from scipy."""
    from scipy.stats import weibull_min

    labels = np.arange(60) % 3
    training = 4 * np.eye(3)[labels] + DRAWS.normal(0, 0.3, (60, 3))
    image = np.array([3.0, 2.5, -0.5])
    revised, unknown = image.copy(), 0.0
    for rank, label in enumerate(np.argsort(-image)):
        members = training[labels == label]
        distances = np.linalg.norm(members - members.mean(axis=0), axis=1)
        shift = distances.min() - 1
        shape, _, scale = weibull_min.fit(distances - shift, floc=0)
        outside = weibull_min.cdf(np.linalg.norm(image - members.mean(axis=0)) - shift, shape, 0, scale)
        weight = 1 - (3 - rank) / 3 * outside
        revised[label] = image[label] * weight
        unknown += image[label] * (1 - weight)
    expected = 1 - softmax([*revised, unknown])[-1]
    found = known_probability(image[None], Outputs(training, training, labels))
    assert found[0] == pytest.approx(expected)


@pytest.mark.parametrize("name", SCORES)
def test_every_score_is_one_finite_number_for_each_image(name: str) -> None:
    values = scored(name, question(LOGITS, DRAWS.normal(size=(50, 4))))
    assert values.shape == (50,)
    assert np.isfinite(values).all()


def test_oscr_by_hand() -> None:
    known, unknown = np.array([3.0, 2.0, 1.0]), np.array([2.0, 0.0])
    correct = np.array([True, True, False])
    # Of six pairs the correct ones win 2 + 1, and one tie counts half.
    assert oscr(known, correct, unknown) == pytest.approx(100 * 3.5 / 6)
    assert auroc(known, unknown) == pytest.approx(100 * 4.5 / 6)
    assert accuracy(correct) == pytest.approx(200 / 3)


@given(SCORE_LISTS, SCORE_LISTS, st.data())
def test_oscr_is_the_area_under_its_curve(
    known: list[float], unknown: list[float], data: st.DataObject
) -> None:
    """By trapezoids over all thresholds, which count ties half."""
    right = np.array(data.draw(st.lists(st.booleans(), min_size=len(known), max_size=len(known))))
    scores, others = np.array(known), np.array(unknown)
    thresholds = [-np.inf, *sorted({*known, *unknown}), np.inf]
    points = [(np.mean(others > at), np.mean(right & (scores > at))) for at in reversed(thresholds)]
    area = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairwise(points))
    assert oscr(scores, right, others) == pytest.approx(100 * area)


@given(SCORE_LISTS, SCORE_LISTS)
def test_oscr_is_auroc_where_all_are_correct(known: list[float], unknown: list[float]) -> None:
    scores, others = np.array(known), np.array(unknown)
    everything = np.ones(len(known), dtype=bool)
    assert oscr(scores, everything, others) == pytest.approx(auroc(scores, others))


@given(arrays(np.bool_, 6), SCORE_LISTS)
def test_oscr_is_at_most_accuracy_and_auroc(correct: np.ndarray, unknown: list[float]) -> None:
    known, others = np.arange(6.0), np.array(unknown)
    found = oscr(known, correct, others)
    assert found <= min(accuracy(correct), auroc(known, others)) + 1e-9


def test_without_unknown_images_there_is_nothing_to_measure() -> None:
    with pytest.raises(BadInputError, match="3 known and 0 unknown images"):
        auroc(np.ones(3), np.array([]))


def test_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(BadInputError, match="not finite"):
        auroc(np.array([1.0, np.nan]), np.array([0.0]))
