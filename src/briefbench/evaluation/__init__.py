"""Evaluation: strict predictions in, scores with intervals and signatures out."""

from collections.abc import Sequence
from math import fsum
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from briefbench.errors import UnknownNameError
from briefbench.evaluation.bootstrap import RESAMPLES, SEED, draw_weights, percentile_interval, resample
from briefbench.evaluation.metrics import LabelScores, accuracy, confusion, label_scores, macro_f1
from briefbench.evaluation.predictions import Predictions, read_predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.results import Evaluation, Headline, LabelResult, TaskResult
from briefbench.evaluation.signature import Signature
from briefbench.schema import DEFAULT_SPLIT, TASKS, Task

__all__ = ["Evaluation", "evaluate", "score"]


class _Scored(NamedTuple):
    result: TaskResult
    resampled: NDArray[np.float64]


class _Setup(NamedTuple):
    """What the tasks share: the reference, each bullet's cluster, the drawn weights, and how they were drawn."""

    reference: Reference
    cluster: NDArray[np.intp]
    weights: NDArray[np.float64]
    resamples: int
    seed: int

    def signature(self, task: str, labels: int) -> str:
        return str(
            Signature(
                data=self.reference.data,
                split=self.reference.split,
                task=task,
                metric="macro_f1",
                labels=labels,
                resampling="cluster_week",
                resamples=self.resamples,
                seed=self.seed,
            )
        )


def evaluate(
    predictions: str | Path,
    *,
    task: str | None = None,
    split: str = DEFAULT_SPLIT,
    dataset: str | Path | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Evaluation:
    """Score a prediction file against a split of a release.

    Args:
        predictions: a Parquet, JSONL or CSV file with ``bullet_id`` and a column of label names for each task.
        task: score only this task; by default every task that the file predicts.
        split: protocol and part, such as ``weeks/test``.
        dataset: the folder of a release; by default the one that comes with BriefBench.
        resamples: draws of the cluster bootstrap.
        seed: its seed.

    Returns:
        macro-F1 over the declared labels with its 95% cluster-bootstrap interval by ISO week, accuracy, per-label
        figures, and a signature for every score.

    Raises:
        PredictionError: the predictions are refused; the message names row and id.
        UnknownNameError: no such split, or the task is not predicted.
        ReleaseError, ChecksumError: there is no release, or it was tampered with.
    """
    reference = read_reference(split, dataset)
    read = read_predictions(Path(predictions), reference)
    if task is not None:
        if task not in read.labels:
            raise UnknownNameError(f"{predictions}: has no column for task {task!r}")
        read = Predictions({task: read.labels[task]})
    return score(read, reference, resamples=resamples, seed=seed)


def score(
    predictions: Predictions, reference: Reference, *, resamples: int = RESAMPLES, seed: int = SEED
) -> Evaluation:
    """Score predictions that are already in the order of the reference."""
    weeks, cluster = np.unique(list(reference.weeks), return_inverse=True)
    weights = draw_weights(len(weeks), resamples=resamples, seed=seed)
    setup = _Setup(reference, cluster, weights, resamples, seed)
    scored = [
        _score_task(task, predictions.labels[task.name], setup) for task in TASKS if task.name in predictions.labels
    ]
    return Evaluation(
        split=reference.split,
        data=reference.data,
        bullets=len(reference.bullet_ids),
        weeks=len(weeks),
        tasks=tuple(one.result for one in scored),
        headline=_headline(scored, setup) if len(scored) == len(TASKS) else None,
    )


def _score_task(task: Task, predicted: NDArray[np.int64], setup: _Setup) -> _Scored:
    gold = setup.reference.labels[task.name]
    table = confusion(gold, predicted, len(task))
    scores = label_scores(table)
    resampled = macro_f1(_resampled_scores(gold, predicted, setup.cluster, len(task), setup.weights))
    result = TaskResult(
        task=task.name,
        macro_f1=float(macro_f1(scores)),
        interval=percentile_interval(resampled),
        accuracy=float(accuracy(table)),
        labels=tuple(_label_result(name, code, scores) for code, name in enumerate(task.names)),
        confusion=tuple(tuple(row) for row in table.tolist()),
        signature=setup.signature(task.name, len(task)),
    )
    return _Scored(result, resampled)


def _resampled_scores(
    gold: NDArray[np.int64],
    predicted: NDArray[np.int64],
    cluster: NDArray[np.intp],
    labels: int,
    weights: NDArray[np.float64],
) -> LabelScores:
    """Return per-label counts of every resample, from the sufficient statistics of every cluster."""
    clusters = weights.shape[1]

    def count(rows: NDArray[np.intp], codes: NDArray[np.int64]) -> NDArray[np.float64]:
        table = np.bincount(rows * labels + codes, minlength=clusters * labels).reshape(clusters, labels)
        return resample(weights, table)

    hits = gold == predicted
    return LabelScores(
        hits=count(cluster[hits], gold[hits]), predicted=count(cluster, predicted), gold=count(cluster, gold)
    )


def _label_result(name: str, code: int, scores: LabelScores) -> LabelResult:
    return LabelResult(
        label=name,
        precision=float(scores.precision[code]),
        recall=float(scores.recall[code]),
        f1=float(scores.f1[code]),
        support=int(scores.gold[code]),
        predicted=int(scores.predicted[code]),
    )


def _headline(scored: Sequence[_Scored], setup: _Setup) -> Headline:
    resampled = sum((one.resampled for one in scored), np.zeros(setup.resamples)) / len(scored)
    return Headline(
        value=fsum(one.result.macro_f1 for one in scored) / len(scored),
        interval=percentile_interval(resampled),
        signature=setup.signature("mean", sum(len(task) for task in TASKS)),
    )
