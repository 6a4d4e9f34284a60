"""Scoring: every figure is scikit-learn's, every interval that of really putting the drawn weeks together."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
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

from briefbench.errors import UnknownNameError
from briefbench.evaluation.bootstrap import Interval, Method, bca_interval, percentile_interval
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.results import Evaluation, Score
from briefbench.evaluation.scoring import score
from briefbench.evaluation.slices import PROPERTIES
from briefbench.evaluation.spans import token_f1
from briefbench.schema import SOURCE_TYPE, STANCE, TASKS
from evaluation_support import Codes, everything, looped, reference_of, sklearn_macro_f1, weeks_of
from tests_support import ROOT

Floats = NDArray[np.float64]


@pytest.fixture(scope="module", params=[1, 2])
def case(request: pytest.FixtureRequest) -> tuple[Reference, Predictions]:
    return everything(request.param)


def found_by(evaluation: Evaluation) -> dict[tuple[str, str], Score]:
    return {(what, one.metric): one for what, one in evaluation.scores()}


def statistics(reference: Reference, predictions: Predictions, rows: Codes) -> dict[tuple[str, str], float]:
    """Return every score of some rows, from scikit-learn wherever it has it."""
    found: dict[tuple[str, str], float] = {}
    for task in TASKS:
        gold, predicted = reference.labels[task.name][rows], predictions.labels[task.name][rows]
        shares, table = reference.shares[task.name][rows], predictions.probabilities[task.name][rows]
        confidence, right = table.max(axis=1), table.argmax(axis=1) == gold
        bins = np.ceil(confidence * 15)
        labels = range(len(task))
        found |= {
            (task.name, "macro_f1"): sklearn_macro_f1(task, gold, predicted),
            (task.name, "accuracy"): accuracy_score(gold, predicted),
            (task.name, "mcc"): matthews_corrcoef(gold, predicted),
            (task.name, "vote_share"): np.mean([share[code] for share, code in zip(shares, predicted, strict=True)]),
            (task.name, "expected_calibration_error"): sum(
                abs((confidence - right)[bins == one].sum()) / len(rows) for one in range(1, 16)
            ),
            # Cross-entropy with shares is log loss with every label of a bullet weighted by its share.
            (task.name, "soft_cross_entropy"): log_loss(
                np.tile(labels, len(rows)),
                np.repeat(np.maximum(table, 1e-12), len(task), axis=0),
                labels=labels,
                sample_weight=shares.ravel(),
            ),
            (task.name, "brier"): brier_score_loss(gold, table, labels=labels, scale_by_half=False),
        }
    found["mean", "macro_f1"] = np.mean([found[task.name, "macro_f1"] for task in TASKS])
    assert predictions.spans is not None
    assert predictions.source_types is not None
    gold_spans, spans = reference.spans[rows], predictions.spans[rows]
    texts = [reference.texts[row] for row in rows]
    gold_types, types = reference.source_types[rows], predictions.source_types[rows]
    options = {"average": "macro", "zero_division": 0}
    return found | {
        ("span", "exact_match"): float((gold_spans == spans).all(axis=1).mean()),
        ("span", "token_f1"): float(token_f1(texts, gold_spans, spans).mean()),
        ("source_types", "macro_f1"): f1_score(gold_types, types, **options),
        ("source_types", "exact_match"): accuracy_score(gold_types, types),
    }


def test_every_score_is_the_one_that_scikit_learn_gives(case: tuple[Reference, Predictions]) -> None:
    found = found_by(score(case[1], case[0], resamples=10))
    expected = statistics(*case, np.arange(len(case[0])))
    assert found.keys() == expected.keys()
    for key, one in found.items():
        assert one.value == pytest.approx(expected[key], abs=1e-8), key


@pytest.fixture(scope="module")
def loop(case: tuple[Reference, Predictions]) -> tuple[Floats, Floats]:
    """Every score over resamples of rows and over the jackknife, a column each."""
    return looped(case[0], lambda rows: list(statistics(*case, rows).values()), resamples=40, seed=4)


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_every_interval_is_that_of_a_loop_over_rows(
    case: tuple[Reference, Predictions], loop: tuple[Floats, Floats], method: Method
) -> None:
    reference, predictions = case
    expected = statistics(*case, np.arange(len(reference)))
    found = found_by(score(predictions, reference, resamples=40, seed=4, interval=method))
    for column, (key, point) in enumerate(expected.items()):
        drawn, jackknife = loop[0][:, column], loop[1][:, column]
        plain = percentile_interval(drawn) if method == "percentile" else bca_interval(drawn, point, jackknife)
        ours = found[key].interval
        assert ours is not None
        assert [ours.low, ours.high] == pytest.approx([plain.low, plain.high], abs=2e-8), key
        assert ours.low < ours.high


def test_the_figures_of_every_label_are_scikit_learns(case: tuple[Reference, Predictions]) -> None:
    reference, predictions = case
    found = score(predictions, reference, resamples=10)
    for task in TASKS:
        gold, predicted, result = reference.labels[task.name], predictions.labels[task.name], found.task(task.name)
        theirs = precision_recall_fscore_support(gold, predicted, labels=range(len(task)), zero_division=0)
        ours = [(one.precision, one.recall, one.f1, one.support) for one in result.labels]
        np.testing.assert_allclose(np.array(ours).T, np.array(theirs), atol=1e-12)
        assert [one.label for one in result.labels] == list(task.names)
        assert [one.predicted for one in result.labels] == np.bincount(predicted, minlength=len(task)).tolist()
        table = confusion_matrix(gold, predicted, labels=range(len(task)))
        assert np.array(result.confusion).tolist() == table.tolist()
    assert found.source_types is not None
    theirs = precision_recall_fscore_support(reference.source_types, predictions.source_types, zero_division=0)
    ours = [(one.precision, one.recall, one.f1, one.support) for one in found.source_types.labels]
    np.testing.assert_allclose(np.array(ours).T, np.array(theirs), atol=1e-12)
    assert [one.label for one in found.source_types.labels] == list(SOURCE_TYPE.names)


def test_the_bins_add_up_to_the_calibration_error(case: tuple[Reference, Predictions]) -> None:
    for result in score(case[1], case[0], resamples=10).tasks:
        assert result.calibration_error is not None
        assert len(result.calibration) == 15
        assert sum(one.bullets for one in result.calibration) == len(case[0])
        error = sum(one.bullets * abs(one.confidence - one.accuracy) for one in result.calibration) / len(case[0])
        assert result.calibration_error.value == pytest.approx(error, abs=1e-8)
        for number, one in enumerate(result.calibration):
            assert one.bullets == 0 or number / 15 < one.confidence <= (number + 1) / 15


def test_without_votes_that_differ_the_share_of_the_votes_is_the_accuracy() -> None:
    random = np.random.default_rng(3)
    gold = random.integers(0, 4, 40)
    reference = reference_of({"stance": gold}, weeks_of(random.integers(1, 9, 40)))
    result = score(Predictions({"stance": random.integers(0, 4, 40)}), reference, resamples=50).task("stance")
    assert result.vote_share.value == result.accuracy.value
    assert result.vote_share.interval == result.accuracy.interval


@pytest.mark.parametrize("tasks", [("topic",), ("topic", "stance"), ("topic", "stance", "source_type")])
def test_what_was_not_predicted_has_no_score(case: tuple[Reference, Predictions], tasks: tuple[str, ...]) -> None:
    found = score(Predictions(case[1].only(tasks).labels), case[0], resamples=10)
    assert tuple(result.task for result in found.tasks) == tasks
    assert (found.headline is None) == (len(tasks) < 3)
    assert found.span is None
    assert found.source_types is None
    for result in found.tasks:
        assert result.calibration_error is result.soft_cross_entropy is result.brier is None
        assert result.calibration == ()
        assert len(result.scores) == 4
    with pytest.raises(KeyError):
        found.task("mood")


def test_a_single_week_has_scores_and_no_intervals() -> None:
    reference = reference_of({"stance": [0, 1, 2, 3, 3]}, ["2023-W01"] * 5)
    found = score(Predictions({"stance": np.array([0, 1, 2, 0, 3])}), reference)
    assert found.weeks == 1
    assert [one.interval for _, one in found.scores()] == [None] * 4
    assert str(found.task("stance").macro_f1) == "0.833"


def test_two_weeks_have_an_interval() -> None:
    reference = reference_of({"stance": [0, 1, 2, 3, 3, 0]}, weeks_of([1, 1, 1, 2, 2, 2]))
    interval = score(Predictions({"stance": np.array([0, 1, 2, 0, 3, 1])}), reference).task("stance").accuracy.interval
    assert interval == Interval(pytest.approx(1 / 3), pytest.approx(1.0))


def test_a_perfect_system_scores_one_without_doubt_where_every_week_has_every_label() -> None:
    gold = np.tile(np.arange(len(STANCE)), 6)
    reference = reference_of({"stance": gold}, weeks_of(np.repeat(np.arange(1, 7), 4)))
    result = score(Predictions({"stance": gold}), reference, resamples=100).task("stance")
    for one in (result.macro_f1, result.accuracy, result.mcc, result.vote_share):
        assert (one.value, one.interval) == (1.0, Interval(1.0, 1.0))


def test_a_label_without_a_bullet_bounds_what_can_be_attained() -> None:
    reference = reference_of({"stance": [0, 1, 3, 3]}, weeks_of([1, 2, 3, 4]))
    result = score(Predictions({"stance": np.array([0, 1, 3, 3])}), reference, resamples=10).task("stance")
    assert result.attainable == result.macro_f1.value == 0.75


def shuffled(reference: Reference, predictions: Predictions, order: Codes) -> tuple[Reference, Predictions]:
    assert predictions.spans is not None
    assert predictions.source_types is not None
    moved = Predictions(
        {name: codes[order] for name, codes in predictions.labels.items()},
        {name: table[order] for name, table in predictions.probabilities.items()},
        predictions.spans[order],
        predictions.source_types[order],
    )
    return replace(reference, table=reference.table.take(pa.array(order))), moved


def test_the_order_of_the_bullets_moves_no_score_and_no_interval(case: tuple[Reference, Predictions]) -> None:
    order = np.random.default_rng(9).permutation(len(case[0]))
    one = score(case[1], case[0], resamples=100)
    reference, predictions = shuffled(*case, order)
    other = score(predictions, reference, resamples=100)
    assert found_by(one) == found_by(other)
    for result in one.tasks:
        assert result.labels == other.task(result.task).labels
        assert result.confusion == other.task(result.task).confusion


def test_other_names_for_the_weeks_in_the_same_order_change_nothing(case: tuple[Reference, Predictions]) -> None:
    reference, predictions = case
    names = [f"week {week}" for week in reference.table["week"].to_pylist()]
    column = reference.table.column_names.index("week")
    renamed = replace(reference, table=reference.table.set_column(column, "week", pa.array(names)))
    assert score(predictions, renamed, resamples=100) == score(predictions, reference, resamples=100)


def test_a_seed_fixes_the_result_and_another_moves_only_intervals(case: tuple[Reference, Predictions]) -> None:
    reference, predictions = case
    first = score(predictions, reference, resamples=100)
    assert first == score(predictions, reference, resamples=100)
    other = score(predictions, reference, resamples=100, seed=1)
    for key, one in found_by(first).items():
        assert one.value == found_by(other)[key].value
        assert one.interval != found_by(other)[key].interval


def test_an_unknown_interval_is_refused(case: tuple[Reference, Predictions]) -> None:
    with pytest.raises(UnknownNameError, match="no interval 'wald'"):
        score(case[1], case[0], interval="wald")  # type: ignore[arg-type]


_SCRIPT = """
from evaluation_support import everything
from briefbench.evaluation.comparison import compare
from briefbench.evaluation.scoring import score
from briefbench.files import to_json

reference, predictions = everything(5, bullets=400, weeks=40)
_, other = everything(6, bullets=400, weeks=40)
print(to_json(score(predictions, reference, by=("month", "publisher"), resamples=2_000)))
print(to_json(compare({"a": predictions, "b": other}, reference, resamples=2_000)))
"""


def test_the_number_of_threads_changes_no_bit() -> None:
    outputs = []
    for threads in ("1", "4"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        places = {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "support"), str(ROOT / "src")])}
        environment = os.environ | places | dict.fromkeys(names, threads)
        run = subprocess.run([sys.executable, "-c", _SCRIPT], env=environment, capture_output=True, check=True)
        outputs.append(run.stdout)
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 10_000


def test_every_metric_and_property_is_scored(case: tuple[Reference, Predictions]) -> None:
    found = score(case[1], case[0], by=[*PROPERTIES[:-1], "2023-01-01"], resamples=10)
    assert len(found.slices) == len(PROPERTIES) * len(TASKS)
    assert len({one.signature for _, one in found.scores()}) == 3 * 7 + 1 + 2 + 2
