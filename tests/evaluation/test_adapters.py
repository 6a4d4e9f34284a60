"""The scorer inside scikit-learn and the metrics for a Trainer: macro-F1 over the declared labels, or a refusal."""

import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import Pipeline

import briefbench
from briefbench.errors import PredictionError, UnknownNameError
from briefbench.schema import STANCE, TASK_NAMES

_WORDS = {"pro_ukraine": "praised the defenders", "pro_russia": "blamed Kyiv loudly", "neutral": "counted the trains"}
TEXTS = [f"Speaker {i} {words if i % 4 else 'waited'}" for i in range(12) for words in _WORDS.values()]
NAMES = [name for _ in range(12) for name in _WORDS]
CODES = [STANCE.codes[name] for name in NAMES]
FOLDS = KFold(4)


class Prediction(NamedTuple):
    """What a Trainer passes on, in its shape; `tests/integrations/test_trainer.py` has its own class."""

    predictions: Any
    label_ids: Any


@pytest.fixture
def model() -> Pipeline:
    return Pipeline([("words", CountVectorizer()), ("fit", LogisticRegression())])


@pytest.mark.parametrize("labels", [NAMES, np.array(NAMES), CODES, np.array(CODES, dtype=np.int32)])
def test_cross_validation_scores_as_scikit_learn_over_the_declared_labels(model: Pipeline, labels: Any) -> None:
    found = cross_val_score(model, TEXTS, labels, scoring=briefbench.scorer("stance"), cv=FOLDS, error_score="raise")
    declared = STANCE.names if isinstance(labels[0], str) else range(len(STANCE))
    theirs = make_scorer(f1_score, labels=declared, average="macro", zero_division=0)
    np.testing.assert_allclose(found, cross_val_score(model, TEXTS, labels, scoring=theirs, cv=FOLDS), atol=1e-12)
    assert 0 < found.max() <= 0.75  # no bullet is mixed, and that counts


def test_a_grid_search_picks_by_it_also_in_processes_of_its_own(model: Pipeline) -> None:
    grid = {"fit": [DummyClassifier(), LogisticRegression()]}
    search = GridSearchCV(
        model, grid, scoring=briefbench.scorer("stance"), cv=FOLDS, refit=True, error_score="raise", n_jobs=2
    ).fit(TEXTS, NAMES)
    assert isinstance(search.best_params_["fit"], LogisticRegression)
    again = cross_val_score(search.best_estimator_, TEXTS, NAMES, scoring=briefbench.scorer("stance"), cv=FOLDS)
    assert search.best_score_ == pytest.approx(again.mean(), abs=1e-12)


def test_perfect_predictions_of_the_release_score_one() -> None:
    for task in TASK_NAMES:
        test = briefbench.load(task, split="test")
        codes = np.array(test["label"])
        logits = np.eye(len(test.features["label"].names))[codes]
        found = briefbench.compute_metrics(task)(Prediction(logits, codes))
        assert found == {"macro_f1": 1.0, "accuracy": 1.0, "mcc": 1.0}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["mixed", "sad"], "y has the label 'sad'; expected pro_ukraine"),
        (["mixed", None], "y has the label None"),
        (["mixed", float("nan")], "y has the label"),
        ([0.0, 1.0], "y has the label 0.0"),
        ([True, False], "y has the label True"),
        ([0, 4], "y has the code 4; expected 0 to 3"),
        ([-1, 0], "y has the code -1"),
        ([[0], [1]], r"y has shape \(2, 1\)"),
        ([], r"y has shape \(0,\)"),
        (["mixed", "mixed", "mixed"], "2 predictions for 3 labels"),
    ],
)
def test_labels_that_are_not_the_tasks_are_refused(labels: list[Any], message: str) -> None:
    model = DummyClassifier(strategy="constant", constant="mixed").fit(["a"], ["mixed"])
    with pytest.raises(PredictionError, match=f"^stance: .*{message}"):
        briefbench.scorer("stance")(model, ["a", "b"], np.array(labels, dtype=object if None in labels else None))


def test_without_raising_scikit_learn_shows_the_refusal_as_a_warning_and_nan(model: Pipeline) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scores = cross_val_score(model, TEXTS, NAMES, scoring=briefbench.scorer("topic"), cv=FOLDS)
    assert np.isnan(scores).all()
    assert "topic: y has the label 'pro_ukraine'" in str(caught[0].message)


@pytest.mark.parametrize(
    ("logits", "codes", "message"),
    [
        (
            np.zeros((2, 3)),
            [0, 1],
            r"predictions are float64 of shape \(2, 3\); expected logits of shape \(bullets, 4\)",
        ),
        (np.zeros(2), [0, 1], r"of shape \(2,\)"),
        (np.zeros((2, 4), dtype=int), [0, 1], "predictions are int64"),
        ([np.zeros((2, 4))] * 2, [0, 1], r"of shape \(2, 2, 4\)"),
        (np.array([[0.0] * 4, [0, np.nan, 0, 0]]), [0, 1], "row 1 of the logits has no finite largest value"),
        (np.full((2, 4), -np.inf), [0, 1], "row 0 of the logits"),
        (np.zeros((2, 4)), [0, -100], "label_ids has the code -100; expected 0 to 3"),
        (np.zeros((2, 4)), [0], "2 predictions for 1 labels"),
        (np.zeros((2, 4)), ([0, 1], [0, 1]), r"label_ids has shape \(2, 2\)"),
        (np.zeros((0, 4)), [], r"label_ids has shape \(0,\)"),
    ],
)
def test_a_trainers_prediction_of_a_wrong_shape_or_value_is_refused(logits: Any, codes: Any, message: str) -> None:
    with pytest.raises(PredictionError, match=f"^stance: .*{message}") as refusal:
        briefbench.compute_metrics("stance")(Prediction(logits, np.array(codes)))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("adapter", [briefbench.scorer, briefbench.compute_metrics])
def test_an_unknown_task_is_refused_at_once(adapter: Any) -> None:
    with pytest.raises(UnknownNameError, match="no task 'mood'"):
        adapter("mood")
