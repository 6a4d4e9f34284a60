"""The metrics: whatever the labels, they are what scikit-learn says, and zero where a ratio has no denominator."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    log_loss,
    matthews_corrcoef,
    precision_recall_fscore_support,
)

from briefbench.evaluation import metrics
from briefbench.evaluation.metrics import LabelScores, confusion, label_scores
from briefbench.schema import TASKS

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

MEASURES = (metrics.macro_f1, metrics.accuracy, metrics.mcc)
Measure = Callable[[LabelScores], Floats]


@st.composite
def labellings(draw: st.DrawFn) -> tuple[Codes, Codes, int]:
    """Gold and predicted codes of one bullet or more, over more labels than may occur in either."""
    labels = draw(st.integers(2, 8))
    pairs = draw(st.lists(st.tuples(st.integers(0, labels - 1), st.integers(0, labels - 1)), min_size=1, max_size=40))
    gold, predicted = np.array(pairs, dtype=np.int64).T
    return gold, predicted, labels + draw(st.integers(0, 3))


@st.composite
def forecasts(draw: st.DrawFn) -> tuple[Floats, Codes]:
    """Probabilities that sum to 1, some of them 0, and gold codes."""
    labels = draw(st.integers(2, 6))
    row = st.lists(st.integers(0, 20), min_size=labels, max_size=labels).filter(any)
    counts = np.array(draw(st.lists(row, min_size=1, max_size=30)), dtype=np.float64)
    gold = draw(st.lists(st.integers(0, labels - 1), min_size=len(counts), max_size=len(counts)))
    return counts / counts.sum(axis=1, keepdims=True), np.array(gold)


def of(measure: Measure, gold: Codes, predicted: Codes, labels: int) -> float:
    return float(measure(label_scores(confusion(gold, predicted, labels))))


@given(labellings())
def test_macro_f1_is_scikit_learns_over_all_declared_labels(case: tuple[Codes, Codes, int]) -> None:
    gold, predicted, labels = case
    theirs = f1_score(gold, predicted, labels=range(labels), average="macro", zero_division=0)
    assert of(metrics.macro_f1, *case) == pytest.approx(theirs, abs=1e-12)


@given(labellings())
def test_precision_recall_f1_and_support_of_every_label_are_scikit_learns(case: tuple[Codes, Codes, int]) -> None:
    gold, predicted, labels = case
    scores = label_scores(confusion(gold, predicted, labels))
    theirs = precision_recall_fscore_support(gold, predicted, labels=range(labels), zero_division=0)
    for ours, expected in zip((scores.precision, scores.recall, scores.f1, scores.gold), theirs, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-12)
    assert scores.predicted.tolist() == np.bincount(predicted, minlength=labels).tolist()


@given(labellings())
def test_accuracy_and_confusion_are_scikit_learns(case: tuple[Codes, Codes, int]) -> None:
    gold, predicted, labels = case
    table = confusion(gold, predicted, labels)
    assert table.tolist() == confusion_matrix(gold, predicted, labels=range(labels)).tolist()
    assert of(metrics.accuracy, *case) == pytest.approx(accuracy_score(gold, predicted), abs=1e-12)


@given(labellings().filter(lambda case: len({*case[0].tolist(), *case[1].tolist()}) > 1))
def test_mcc_is_scikit_learns(case: tuple[Codes, Codes, int]) -> None:
    gold, predicted, _ = case
    assert of(metrics.mcc, *case) == pytest.approx(matthews_corrcoef(gold, predicted), abs=1e-12)


@given(forecasts())
def test_brier_is_scikit_learns_sum_over_labels(case: tuple[Floats, Codes]) -> None:
    probabilities, gold = case
    labels = range(probabilities.shape[1])
    theirs = brier_score_loss(gold, probabilities, labels=labels, scale_by_half=False)
    ours = metrics.brier(probabilities, gold)
    assert ours.mean() == pytest.approx(theirs, abs=1e-12)
    assert (ours >= -1e-12).all()
    assert (ours <= 2 + 1e-12).all()


@given(forecasts())
def test_cross_entropy_of_unanimous_votes_is_scikit_learns_log_loss(case: tuple[Floats, Codes]) -> None:
    probabilities, gold = case
    floored = np.maximum(probabilities, 1e-12)
    ours = metrics.cross_entropy(probabilities, np.eye(probabilities.shape[1])[gold])
    # log_loss wants rows that sum to 1; a floor of 1e-12 is far below its tolerance.
    theirs = log_loss(gold, floored, labels=range(probabilities.shape[1]))
    assert ours.mean() == pytest.approx(theirs, abs=1e-9)
    assert np.isfinite(ours).all()


@given(forecasts())
def test_cross_entropy_is_least_for_the_votes_own_shares(case: tuple[Floats, Codes]) -> None:
    shares, _ = case
    own = metrics.cross_entropy(shares, shares)
    uniform = np.full_like(shares, 1 / shares.shape[1])
    assert (own <= metrics.cross_entropy(uniform, shares) + 1e-9).all()
    assert (own >= -1e-9).all()


@given(forecasts())
def test_the_calibration_error_is_the_loop_over_bins_and_lies_between_zero_and_one(case: tuple[Floats, Codes]) -> None:
    probabilities, gold = case
    error = 0.0
    for lower in range(15):
        inside = [
            (max(row), int(np.argmax(row)) == code)
            for row, code in zip(probabilities.tolist(), gold, strict=True)
            if lower < round(max(row) * 15, 9) <= lower + 1
        ]
        if inside:
            gap = np.mean([confidence for confidence, _ in inside]) - np.mean([right for _, right in inside])
            error += len(inside) / len(gold) * abs(gap)
    assert metrics.expected_calibration_error(probabilities, gold) == pytest.approx(error, abs=1e-9)
    assert 0 <= error <= 1


@given(labellings(), st.randoms(use_true_random=False))
def test_the_order_of_the_bullets_changes_no_bit(case: tuple[Codes, Codes, int], shuffler: object) -> None:
    gold, predicted, labels = case
    order = list(range(len(gold)))
    shuffler.shuffle(order)  # type: ignore[attr-defined]
    for measure in MEASURES:
        assert of(measure, gold[order], predicted[order], labels) == of(measure, *case)


@given(labellings(), st.randoms(use_true_random=False))
def test_other_names_for_the_labels_change_nothing(case: tuple[Codes, Codes, int], shuffler: object) -> None:
    gold, predicted, labels = case
    names = list(range(labels))
    shuffler.shuffle(names)  # type: ignore[attr-defined]
    renamed = np.array(names)
    for measure in MEASURES:
        assert of(measure, renamed[gold], renamed[predicted], labels) == pytest.approx(of(measure, *case), abs=1e-12)


@given(labellings())
def test_scores_keep_their_bounds(case: tuple[Codes, Codes, int]) -> None:
    assert 0 <= of(metrics.macro_f1, *case) <= 1
    assert 0 <= of(metrics.accuracy, *case) <= 1
    assert -1 - 1e-12 <= of(metrics.mcc, *case) <= 1 + 1e-12


@given(labellings())
def test_a_perfect_system_has_the_greatest_score_there_is(case: tuple[Codes, Codes, int]) -> None:
    gold, _, labels = case
    present = len(set(gold.tolist()))
    assert of(metrics.macro_f1, gold, gold, labels) == pytest.approx(present / labels, abs=1e-12)
    assert of(metrics.macro_f1, *case) <= present / labels + 1e-12
    assert of(metrics.mcc, gold, gold, labels) == (1.0 if present > 1 else 0.0)


@given(st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(st.integers(0, 9), min_size=n * n, max_size=n * n))))
def test_a_stack_of_tables_gives_the_same_bits_as_one_table_after_the_other(flat: list[list[int]]) -> None:
    size = round(len(flat[0]) ** 0.5) if flat else 2
    stack = np.array(flat, dtype=np.int64).reshape(len(flat), size, size)
    together = label_scores(stack)
    for measure in MEASURES:
        assert measure(together).tolist() == [float(measure(label_scores(table))) for table in stack]
    for part in ("precision", "recall", "f1"):
        assert getattr(together, part).tolist() == [getattr(label_scores(table), part).tolist() for table in stack]


def test_rows_are_gold_and_columns_are_predictions() -> None:
    table = confusion(np.array([0, 0, 2]), np.array([1, 0, 1]), 3)
    assert table.tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_scores_without_a_denominator_are_zero_and_warn_of_nothing() -> None:
    with np.errstate(all="raise"):
        for table in (np.zeros((4, 4), dtype=np.int64), confusion(np.array([0, 0]), np.array([1, 1]), 4)):
            scores = label_scores(table)
            assert scores.precision.tolist() == scores.recall.tolist() == scores.f1.tolist() == [0, 0, 0, 0]
            assert [float(measure(scores)) for measure in MEASURES] == [0, 0, 0]


def test_a_label_that_no_bullet_has_pulls_macro_f1_down_and_leaves_accuracy_and_mcc() -> None:
    gold, predicted = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    for measure in (metrics.accuracy, metrics.mcc):
        assert of(measure, gold, predicted, 2) == of(measure, gold, predicted, 4)
    assert of(metrics.macro_f1, gold, predicted, 4) == pytest.approx(of(metrics.macro_f1, gold, predicted, 2) / 2)


@pytest.mark.parametrize("labels", [len(task) for task in TASKS])
def test_perfect_predictions_score_exactly_one(labels: int) -> None:
    codes = np.repeat(np.arange(labels), 3)
    assert [of(measure, codes, codes, labels) for measure in MEASURES] == [1, 1, 1]


def test_a_million_bullets_round_nothing_away() -> None:
    table = np.full((12, 12), 1_000, dtype=np.int64) + np.eye(12, dtype=np.int64) * 70_000
    share = 71_000 / 82_000
    scores = label_scores(table)
    assert float(metrics.macro_f1(scores)) == pytest.approx(share, abs=1e-15)
    assert float(metrics.mcc(scores)) == pytest.approx((12 * share - 1) / 11, abs=1e-14)
