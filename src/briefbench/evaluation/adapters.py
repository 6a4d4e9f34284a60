"""Macro-F1 over the declared labels inside other libraries: a scikit-learn scorer, and metrics for a Trainer."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.errors import PredictionError
from briefbench.evaluation import metrics
from briefbench.evaluation.predictions import shown
from briefbench.schema import Task, listing, task_of


def scorer(task: str) -> Any:
    """Return a scikit-learn scorer: macro-F1 over the declared labels of a task.

    It goes where scikit-learn takes ``scoring``: ``cross_val_score(model, X, y, scoring=briefbench.scorer("topic"))``,
    ``GridSearchCV`` and their like; ``y`` holds label names or the released codes. A declared label that a fold does
    not have counts as 0, as it does in `briefbench.evaluate`. With ``error_score="raise"`` scikit-learn passes on the
    scorer's refusal of a label; by default it makes a warning and NaN of it.

    Raises:
        UnknownNameError: there is no such task.
        PredictionError: when it scores: a label is not one of the task.
    """
    from sklearn.metrics import make_scorer

    return make_scorer(_macro_f1, task=task_of(task).name)


def compute_metrics(task: str) -> Callable[[Any], dict[str, float]]:
    """Return the ``compute_metrics`` that a transformers ``Trainer`` takes, for a model with a logit for every label.

    What it returns takes an ``EvalPrediction``: ``predictions`` are the logits, shape ``(bullets, labels)``, or a tuple
    that begins with them; ``label_ids`` are the released codes, shape ``(bullets,)``. It gives ``macro_f1`` over the
    declared labels, ``accuracy`` and ``mcc``, for ``metric_for_best_model="macro_f1"`` and the like.

    Raises:
        UnknownNameError: there is no such task.
        PredictionError: when it scores: a shape is wrong, a code is not one of the task, or a bullet has no logit that
            is largest, as where one is NaN.
    """
    declared = task_of(task)

    def compute(prediction: Any) -> dict[str, float]:
        predicted = _most_likely(declared, prediction.predictions)
        gold = _codes(declared, prediction.label_ids, "label_ids")
        scores = _scores(declared, gold, predicted)
        measures: Mapping[str, Callable[[metrics.LabelScores], metrics.Floats]] = {
            "macro_f1": metrics.macro_f1,
            "accuracy": metrics.accuracy,
            "mcc": metrics.mcc,
        }
        return {name: float(measure(scores)) for name, measure in measures.items()}

    return compute


def _macro_f1(gold: Any, predicted: Any, *, task: str) -> float:
    declared = task_of(task)
    scores = _scores(declared, _codes(declared, gold, "y"), _codes(declared, predicted, "the prediction"))
    return float(metrics.macro_f1(scores))


def _scores(task: Task, gold: NDArray[np.int64], predicted: NDArray[np.int64]) -> metrics.LabelScores:
    if len(gold) != len(predicted):
        raise PredictionError(f"{task.name}: {len(predicted)} predictions for {len(gold)} labels; give one each")
    return metrics.label_scores(metrics.confusion(gold, predicted, len(task)))


def _most_likely(task: Task, predictions: Any) -> NDArray[np.int64]:
    """Return the codes of the largest logits, the first of equals."""
    logits = np.asarray(predictions[0] if isinstance(predictions, tuple) else predictions)
    if logits.ndim != 2 or logits.shape[1] != len(task) or not np.issubdtype(logits.dtype, np.floating):  # noqa: PLR2004
        raise PredictionError(
            f"{task.name}: predictions are {logits.dtype} of shape {logits.shape}; expected logits of shape "
            f"(bullets, {len(task)})"
        )
    largest = logits.max(axis=1, initial=-np.inf)
    if not np.isfinite(largest).all():
        row = int(np.flatnonzero(~np.isfinite(largest))[0])
        raise PredictionError(f"{task.name}: row {row} of the logits has no finite largest value; check the training")
    codes: NDArray[np.int64] = logits.argmax(axis=1)
    return codes


def _codes(task: Task, labels: Any, what: str) -> NDArray[np.int64]:
    """Return labels, given as names or codes, as codes."""
    given = np.asarray(labels)
    if given.ndim != 1 or not len(given):
        raise PredictionError(f"{task.name}: {what} has shape {given.shape}; expected one label for every bullet")
    if np.issubdtype(given.dtype, np.integer):
        if given.min() < 0 or given.max() >= len(task):
            wrong = given[(given < 0) | (given >= len(task))][0]
            raise PredictionError(f"{task.name}: {what} has the code {wrong}; expected 0 to {len(task) - 1}")
        return given.astype(np.int64)
    names = given.tolist()
    unknown = [name for name in names if not isinstance(name, str) or name not in task.codes]
    if unknown:
        raise PredictionError(
            f"{task.name}: {what} has the label {shown(unknown[0])}; expected {listing(task.names)}, or their codes"
        )
    return np.array([task.codes[name] for name in names], dtype=np.int64)
