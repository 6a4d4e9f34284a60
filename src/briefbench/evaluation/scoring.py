"""Scoring: predictions and a reference in, an `Evaluation` out. Every interval comes from per-week sums."""

from collections.abc import Sequence
from dataclasses import replace
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
    votes = setup.clusters.sums(*(_votes(task, predictions, reference) for task in tasks)) if tasks else ()
    results = [
        _task_result(task, tables[task.name], scores[task.name], shares, setup)
        for task, shares in zip(tasks, votes, strict=True)
    ]
    for i, task in enumerate(tasks):
        if task.name in predictions.probabilities:
            results[i] = _with_probabilities(results[i], task, predictions.probabilities[task.name], setup)
    return Evaluation(
        split=reference.split,
        data=reference.data,
        bullets=len(reference),
        weeks=len(weeks),
        predictions=predictions.digest(),
        tasks=tuple(results),
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


def cluster_tables(
    gold: Codes, predicted: Codes, cluster: Codes, clusters: int, labels: int, *, times: Codes | None = None
) -> Codes:
    """Return the confusion table of every cluster: ``(clusters, labels, labels)``, gold before predicted.

    ``times`` says how many bullets every row stands for, by default one.
    """
    cells = (cluster * labels + gold) * labels + predicted
    tables = np.bincount(cells, times, minlength=clusters * labels**2).astype(np.int64)
    return tables.reshape(clusters, labels, labels)


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


def _votes(task: Task, predictions: Predictions, reference: Reference) -> Floats:
    """Return the share of the votes that the predicted label of every bullet got."""
    codes, labels = predictions.labels[task.name], len(task)
    return reference.shares[task.name].ravel().take(np.arange(0, len(codes) * labels, labels) + codes)


def _task_result(task: Task, tables: Codes, scores: LabelScores, votes: Floats, setup: Setup) -> TaskResult:
    bullets = scores.gold.sum(axis=-1)
    return TaskResult(
        task=task.name,
        macro_f1=setup.score(task.name, "macro_f1", metrics.macro_f1(scores), len(task)),
        accuracy=setup.score(task.name, "accuracy", metrics.accuracy(scores), len(task)),
        mcc=setup.score(task.name, "mcc", metrics.mcc(scores), len(task)),
        vote_share=setup.score(task.name, "vote_share", metrics.ratio(votes, bullets), len(task)),
        labels=_label_results(task, scores),
        confusion=tuple(tuple(row) for row in tables.sum(axis=0).tolist()),
    )


def _with_probabilities(result: TaskResult, task: Task, probabilities: Floats, setup: Setup) -> TaskResult:
    gold, shares = setup.reference.labels[task.name], setup.reference.shares[task.name]
    bins, confidence = metrics.confidence_bins(probabilities)
    right = probabilities.argmax(axis=1) == gold
    bullets, entropy, squares, *gaps = setup.clusters.sums(
        np.ones(len(gold)),
        metrics.cross_entropy(probabilities, shares),
        metrics.brier(probabilities, gold),
        *((confidence - right) * (bins == one) for one in range(metrics.BINS)),
    )

    def mean(metric: str, sums: Floats) -> Score:
        return setup.score(task.name, metric, metrics.ratio(sums, bullets), len(task))

    return replace(
        result,
        calibration_error=mean("expected_calibration_error", np.abs(gaps).sum(axis=0)),
        soft_cross_entropy=mean("soft_cross_entropy", entropy),
        brier=mean("brier", squares),
        calibration=tuple(_calibration_bin(bins == one, confidence, right) for one in range(metrics.BINS)),
    )


def _calibration_bin(inside: NDArray[np.bool_], confidence: Floats, right: NDArray[np.bool_]) -> CalibrationBin:
    bullets = int(inside.sum())
    means = (round(float(values[inside].mean()), 12) if bullets else 0.0 for values in (confidence, right))
    return CalibrationBin(bullets, *means)


def _span_result(spans: Codes, setup: Setup) -> SpanResult:
    reference = setup.reference
    exact = (spans == reference.spans).all(axis=1).astype(np.float64)
    overlap = token_f1(reference.texts, reference.spans, spans)
    bullets, exact, overlap = setup.clusters.sums(np.ones(len(reference)), exact, overlap)
    return SpanResult(
        exact_match=setup.score("span", "exact_match", metrics.ratio(exact, bullets)),
        token_f1=setup.score("span", "token_f1", metrics.ratio(overlap, bullets)),
    )


def _set_result(predicted: NDArray[np.bool_], setup: Setup) -> SetResult:
    gold = setup.reference.source_types

    def count(sets: NDArray[np.bool_]) -> Floats:
        return setup.clusters.sums(*sets.T.astype(np.float64)).T

    scores = LabelScores(hits=count(gold & predicted), predicted=count(predicted), gold=count(gold))
    same = (gold == predicted).all(axis=1).astype(np.float64)
    bullets, exact = setup.clusters.sums(np.ones(len(gold)), same)
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
