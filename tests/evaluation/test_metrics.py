"""The metrics: counted by hand, they are what scikit-learn says, and zero where a ratio has no denominator."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from briefbench.evaluation.metrics import accuracy, confusion, label_scores, macro_f1
from briefbench.schema import TASKS

Codes = NDArray[np.int64]


@st.composite
def labellings(draw: st.DrawFn) -> tuple[Codes, Codes, int]:
    """Gold and predicted codes of one bullet or more, over more labels than may occur."""
    labels = draw(st.integers(2, 8))
    pairs = draw(st.lists(st.tuples(st.integers(0, labels - 1), st.integers(0, labels - 1)), min_size=1, max_size=40))
    gold, predicted = np.array(pairs, dtype=np.int64).T
    return gold, predicted, labels + draw(st.integers(0, 3))


@given(labellings())
def test_macro_f1_is_scikit_learns_over_all_declared_labels(case: tuple[Codes, Codes, int]) -> None:
    gold, predicted, labels = case
    ours = macro_f1(label_scores(confusion(gold, predicted, labels)))
    theirs = f1_score(gold, predicted, labels=range(labels), average="macro", zero_division=0)
    assert float(ours) == pytest.approx(theirs, abs=1e-12)


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
    assert float(accuracy(table)) == pytest.approx(accuracy_score(gold, predicted), abs=1e-12)


@given(st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(st.integers(0, 9), min_size=n * n, max_size=n * n))))
def test_a_stack_of_tables_gives_the_same_bits_as_one_table_after_the_other(flat: list[list[int]]) -> None:
    size = round(len(flat[0]) ** 0.5) if flat else 2
    stack = np.array(flat, dtype=np.int64).reshape(len(flat), size, size)
    together = label_scores(stack)
    assert macro_f1(together).shape == accuracy(stack).shape == (len(flat),)
    for i, table in enumerate(stack):
        alone = label_scores(table)
        assert macro_f1(together)[i] == macro_f1(alone)
        assert accuracy(stack)[i] == accuracy(table)
        assert together.precision[i].tolist() == alone.precision.tolist()
        assert together.recall[i].tolist() == alone.recall.tolist()
        assert together.f1[i].tolist() == alone.f1.tolist()


def test_rows_are_gold_and_columns_are_predictions() -> None:
    table = confusion(np.array([0, 0, 2]), np.array([1, 0, 1]), 3)
    assert table.tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_scores_without_a_denominator_are_zero_and_warn_of_nothing() -> None:
    scores = label_scores(confusion(np.array([0, 0]), np.array([1, 1]), 4))
    with np.errstate(all="raise"):
        assert scores.precision.tolist() == scores.recall.tolist() == scores.f1.tolist() == [0, 0, 0, 0]
        assert float(macro_f1(scores)) == 0.0
        assert float(accuracy(np.zeros((4, 4), dtype=np.int64))) == 0.0


def test_a_label_that_no_bullet_has_pulls_the_mean_down() -> None:
    gold = np.array([0, 0, 1])
    assert float(macro_f1(label_scores(confusion(gold, gold, 2)))) == 1.0
    assert float(macro_f1(label_scores(confusion(gold, gold, 4)))) == 0.5


@pytest.mark.parametrize("labels", [len(task) for task in TASKS])
def test_perfect_predictions_score_exactly_one(labels: int) -> None:
    codes = np.arange(labels)
    assert float(macro_f1(label_scores(confusion(codes, codes, labels)))) == 1.0
