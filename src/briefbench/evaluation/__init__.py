"""Evaluation: strict predictions in, scores with intervals and signatures out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from briefbench.errors import UnknownNameError
from briefbench.evaluation.bootstrap import RESAMPLES, SEED, Method
from briefbench.evaluation.predictions import Predictions, read_predictions
from briefbench.evaluation.reference import read_reference
from briefbench.evaluation.results import Evaluation
from briefbench.evaluation.scoring import score
from briefbench.schema import DEFAULT_SPLIT, task_of

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset

__all__ = ["Evaluation", "evaluate", "score"]


def evaluate(
    predictions: "str | Path | pa.Table | Dataset",
    *,
    task: str | Sequence[str] | None = None,
    split: str = DEFAULT_SPLIT,
    dataset: str | Path | None = None,
    by: str | Sequence[str] = (),
    resamples: int = RESAMPLES,
    seed: int = SEED,
    interval: Method = "bca",
) -> Evaluation:
    """Score predictions against a split of a release.

    Args:
        predictions: a Parquet, JSONL or CSV file, an Arrow table or a `datasets.Dataset` with ``bullet_id`` and at
            least one of: label names of a task, probabilities, spans, sets of source types; `read_predictions` has the
            columns.
        task: score only this task or these; by default everything that is predicted.
        split: protocol and part, such as ``weeks/test``.
        dataset: the folder of a release; by default the one that comes with BriefBench.
        by: properties to slice by: ``month``, ``year``, ``publisher``, ``section``, ``length``, ``quotation``,
            ``votes``, or a date.
        resamples: draws of the cluster bootstrap.
        seed: its seed.
        interval: ``bca`` or ``percentile``.

    Returns:
        the scores, each with its 95% cluster-bootstrap interval by ISO week and its signature.

    Raises:
        PredictionError: the predictions are refused; the message names row and id.
        UnknownNameError: no such split or property, or the task is not predicted.
        ReleaseError, ChecksumError: there is no release, or it was tampered with.
    """
    reference = read_reference(split, dataset)
    read = read_predictions(predictions, reference)
    if task is not None:
        read = _only([task] if isinstance(task, str) else task, read, predictions)
    properties = [by] if isinstance(by, str) else by
    return score(read, reference, by=properties, resamples=resamples, seed=seed, interval=interval)


def _only(tasks: Sequence[str], read: Predictions, source: object) -> Predictions:
    where = source if isinstance(source, str | Path) else "the predictions"
    for task in tasks:
        if task_of(task).name not in read.labels:
            raise UnknownNameError(f"{where}: no column for task {task!r}")
    return read.only(tasks)
