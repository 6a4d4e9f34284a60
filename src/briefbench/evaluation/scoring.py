"""Scoring: predictions and a reference in, an `Evaluation` out. Every interval comes from per-week sums."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from briefbench.evaluation import metrics
from briefbench.evaluation.bootstrap import RESAMPLES, SEED, Clusters, Floats, Method
from briefbench.evaluation.metrics import LabelScores
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.results import (
    CalibrationBin,
    Evaluation,
    LabelResult,
    Score,
    SetResult,
    SpanResult,
    TaskResult,
)
from briefbench.evaluation.signature import Signature, resampling
from briefbench.evaluation.slices import slices
from briefbench.evaluation.spans import token_f1
from briefbench.schema import SOURCE_TYPE, TASKS, Task

Codes = NDArray[np.int64]


class Setup(NamedTuple):
    """What all scores of one evaluation share."""

    reference: Reference
    clusters: Clusters

    def score(self, task: str, metric: str, values: Floats, labels: int = 0) -> Score:
        """Return a score from its values over the point, the resamples and the jackknife."""
        signature = Signature(
            self.reference.data, self.reference.split, task, metric, labels, resampling(self.clusters)
        )
        return Score(metric, float(values[0]), self.clusters.interval(values), str(signature))


def score(
    predictions: Predictions,
    reference: Reference,
    *,
    by: Sequence[str] = (),
    resamples: int = RESAMPLES,
    seed: int = SEED,
    interval: Method = "bca",
) -> Evaluation:
    """Score predictions that are already in the order of the reference.

    Args:
        predictions: what was predicted.
        reference: the bullets with their gold.
        by: properties to slice by, as `slices.slices` takes them.
        resamples: draws of the cluster bootstrap.
        seed: its seed.
        interval: ``bca`` or ``percentile``.
    """
    codes, weeks = reference.weeks
    setup = Setup(reference, Clusters(codes, len(weeks), resamples, seed, interval))
    tasks = [task for task in TASKS if task.name in predictions.labels]
    tables = {task.name: week_tables(task, predictions, reference) for task in tasks}
    scores = {name: as_scores(setup.clusters.total(side_by_side(table))) for name, table in tables.items()}
    results = tuple(
        _task_result(task, tables[task.name].sum(axis=0), scores[task.name], predictions, setup) for task in tasks
    )
    return Evaluation(
        split=reference.split,
        data=reference.data,
        bullets=len(reference),
        weeks=len(weeks),
        predictions=predictions.digest(),
        tasks=results,
        headline=setup.score("mean", "macro_f1", mean_macro_f1(list(scores.values())), sum(map(len, TASKS)))
        if len(tasks) == len(TASKS)
        else None,
        span=None if predictions.spans is None else _span_result(predictions.spans, setup),
        source_types=None if predictions.source_types is None else _set_result(predictions.source_types, setup),
        slices=slices(by, predictions, reference, setup.clusters),
    )


def week_tables(task: Task, predictions: Predictions, reference: Reference) -> Codes:
    """Return the confusion table of every week: ``(weeks, labels, labels)``, gold before predicted."""
    weeks, names = reference.weeks
    return cluster_tables(reference.labels[task.name], predictions.labels[task.name], weeks, len(names), len(task))


def cluster_tables(gold: Codes, predicted: Codes, cluster: Codes, clusters: int, labels: int) -> Codes:
    """Return the confusion table of every cluster: ``(clusters, labels, labels)``, gold before predicted."""
    cells = (cluster * labels + gold) * labels + predicted
    return np.bincount(cells, minlength=clusters * labels**2).reshape(clusters, labels, labels)


def side_by_side(tables: Codes) -> Floats:
    """Return hits, predicted and gold bullets of every label by cluster, a row each: ``(clusters, 3 * labels)``."""
    scores = metrics.label_scores(tables)
    return np.concatenate([scores.hits, scores.predicted, scores.gold], axis=1)


def as_scores(counts: Floats) -> LabelScores:
    """Return counts that stand side by side, ``(..., 3 * labels)``, as `LabelScores`."""
    hits, predicted, gold = np.split(counts, 3, axis=-1)
    return LabelScores(hits, predicted, gold)


def mean_macro_f1(scores: Sequence[LabelScores]) -> Floats:
    """Return the mean of the tasks' macro-F1 over the point, the resamples and the jackknife."""
    total = metrics.macro_f1(scores[0])
    for one in scores[1:]:
        total = total + metrics.macro_f1(one)
    return total / len(scores)


def _task_result(task: Task, table: Codes, scores: LabelScores, predictions: Predictions, setup: Setup) -> TaskResult:
    gold, predicted = setup.reference.labels[task.name], predictions.labels[task.name]
    bullets = scores.gold.sum(axis=-1)
    votes = setup.reference.shares[task.name][np.arange(len(gold)), predicted]
    result = TaskResult(
        task=task.name,
        macro_f1=setup.score(task.name, "macro_f1", metrics.macro_f1(scores), len(task)),
        accuracy=setup.score(task.name, "accuracy", metrics.accuracy(scores), len(task)),
        mcc=setup.score(task.name, "mcc", metrics.mcc(scores), len(task)),
        vote_share=setup.score(task.name, "vote_share", metrics.ratio(setup.clusters.sums(votes), bullets), len(task)),
        labels=_label_results(task, scores),
        confusion=tuple(tuple(row) for row in table.tolist()),
    )
    probabilities = predictions.probabilities.get(task.name)
    return result if probabilities is None else _with_probabilities(result, task, probabilities, bullets, setup)


def _with_probabilities(
    result: TaskResult, task: Task, probabilities: Floats, bullets: Floats, setup: Setup
) -> TaskResult:
    gold, clusters = setup.reference.labels[task.name], setup.clusters
    shares = setup.reference.shares[task.name]
    bins, confidence = metrics.confidence_bins(probabilities)
    right = probabilities.argmax(axis=1) == gold
    gaps = np.stack([clusters.sums((confidence - right) * (bins == one)) for one in range(metrics.BINS)])

    def mean(metric: str, sums: Floats) -> Score:
        return setup.score(task.name, metric, metrics.ratio(sums, bullets), len(task))

    return TaskResult(
        **{name: getattr(result, name) for name in ("task", "macro_f1", "accuracy", "mcc", "vote_share")},
        labels=result.labels,
        confusion=result.confusion,
        calibration_error=mean("expected_calibration_error", np.abs(gaps).sum(axis=0)),
        soft_cross_entropy=mean("soft_cross_entropy", clusters.sums(metrics.cross_entropy(probabilities, shares))),
        brier=mean("brier", clusters.sums(metrics.brier(probabilities, gold))),
        calibration=tuple(_calibration_bin(bins == one, confidence, right) for one in range(metrics.BINS)),
    )


def _calibration_bin(inside: NDArray[np.bool_], confidence: Floats, right: NDArray[np.bool_]) -> CalibrationBin:
    bullets = int(inside.sum())
    means = (round(float(values[inside].mean()), 12) if bullets else 0.0 for values in (confidence, right))
    return CalibrationBin(bullets, *means)


def _span_result(spans: Codes, setup: Setup) -> SpanResult:
    reference, clusters = setup.reference, setup.clusters
    bullets = clusters.sums(np.ones(len(reference)))
    exact = (spans == reference.spans).all(axis=1).astype(np.float64)
    overlap = token_f1(reference.texts, reference.spans, spans)
    return SpanResult(
        exact_match=setup.score("span", "exact_match", metrics.ratio(clusters.sums(exact), bullets)),
        token_f1=setup.score("span", "token_f1", metrics.ratio(clusters.sums(overlap), bullets)),
    )


def _set_result(predicted: NDArray[np.bool_], setup: Setup) -> SetResult:
    gold, clusters = setup.reference.source_types, setup.clusters

    def count(sets: NDArray[np.bool_]) -> Floats:
        return np.stack([clusters.sums(column.astype(np.float64)) for column in sets.T], axis=1)

    scores = LabelScores(hits=count(gold & predicted), predicted=count(predicted), gold=count(gold))
    exact = clusters.sums((gold == predicted).all(axis=1).astype(np.float64))
    bullets = clusters.sums(np.ones(len(gold)))
    return SetResult(
        macro_f1=setup.score("source_types", "macro_f1", metrics.macro_f1(scores), len(SOURCE_TYPE)),
        exact_match=setup.score("source_types", "exact_match", metrics.ratio(exact, bullets), len(SOURCE_TYPE)),
        labels=_label_results(SOURCE_TYPE, scores),
    )


def _label_results(task: Task, scores: LabelScores) -> tuple[LabelResult, ...]:
    precision, recall, f1 = scores.precision[0], scores.recall[0], scores.f1[0]
    return tuple(
        LabelResult(
            label=name,
            precision=float(precision[code]),
            recall=float(recall[code]),
            f1=float(f1[code]),
            support=int(scores.gold[0, code]),
            predicted=int(scores.predicted[0, code]),
        )
        for code, name in enumerate(task.names)
    )
