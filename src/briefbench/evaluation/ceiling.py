"""The ceiling: what the annotators themselves score, each against the others' majority (leave one out)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from briefbench.dataset.load import read_tables
from briefbench.evaluation import metrics
from briefbench.evaluation.bootstrap import Clusters, Floats
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.results import Score
from briefbench.evaluation.scoring import Setup, as_scores, cluster_tables, side_by_side
from briefbench.schema import TASKS, Task

_MODEL = (
    "The ceiling is one pass of the annotating language model scored against the other passes: its self-consistency, "
    "not agreement between people, who may agree less or otherwise."
)
_MODELS = (
    "The ceiling is one language model's labels scored against those of the others: agreement between models, not "
    "between people, who may agree less or otherwise."
)
_MIXED = "The ceiling is one annotator against the majority of the others; some are people, some language models."
_PEOPLE = "The ceiling is one annotator, a person, scored against the majority of the others."


@dataclass(frozen=True)
class Ceiling:
    """Macro-F1 by task and ``mean``, averaged over the annotators who count toward the gold; and what it is.

    ``scores`` is empty where no two of them labelled the same bullet.
    """

    scores: Mapping[str, Score]
    note: str


def ceiling(reference: Reference, dataset: str | Path | None = None) -> Ceiling:
    """Score every counted annotator against the majority of the other counted ones, on the bullets of ``reference``.

    The majority is the label that most of the others chose. An annotator's bullets are those that they and at least one
    other labelled, and on which the others have one such label. An annotator without any is left out. With two
    annotators this is the F1 between them, which is the same both ways.

    Raises:
        ReleaseError, ChecksumError, UnknownNameError: as `briefbench.load`.
    """
    protocol, _, part = reference.split.partition("/")
    votes = read_tables("votes", protocol=protocol, dataset=dataset)[part]
    votes = votes.filter(votes["counts_toward_gold"])
    codes, weeks = reference.weeks
    setup = Setup(reference, Clusters(codes, len(weeks)))
    values = {
        task.name: leave_one_out(_ballots(votes, task, reference), codes, setup.clusters, len(task)) for task in TASKS
    }
    found = {name: value for name, value in values.items() if value is not None}
    if len(found) < len(TASKS):
        return Ceiling({}, "")
    mean = sum(found.values(), np.zeros(1)) / len(found)
    scores = {task.name: setup.score(task.name, "ceiling_macro_f1", found[task.name], len(task)) for task in TASKS}
    scores["mean"] = setup.score("mean", "ceiling_macro_f1", mean, sum(map(len, TASKS)))
    who = set(zip(votes["annotator_kind"].to_pylist(), votes["annotator_model"].to_pylist(), strict=True))
    return Ceiling(scores, note_on(who))


def leave_one_out(
    ballots: Mapping[str, NDArray[np.int64]],
    cluster: NDArray[np.int64],
    clusters: Clusters,
    labels: int,
    *,
    times: NDArray[np.int64] | None = None,
) -> Floats | None:
    """Return the mean over annotators of their macro-F1 against the majority of the others, as `ceiling` defines it.

    Args:
        ballots: every annotator's codes, each ``(rows,)``, -1 where there is no vote.
        cluster: the cluster of every row.
        clusters: the draws over them.
        labels: how many labels the task has.
        times: how many bullets every row stands for, by default one.

    Returns:
        the values over the point, the resamples and the jackknife; ``None`` where no two share a bullet.
    """
    found = []
    for name, own in ballots.items():
        others = _majority([other for key, other in ballots.items() if key != name], labels)
        both = (own >= 0) & (others >= 0)
        if both.any():
            many = None if times is None else times[both]
            tables = cluster_tables(others[both], own[both], cluster[both], clusters.count, labels, times=many)
            found.append(metrics.macro_f1(as_scores(clusters.total(side_by_side(tables)))))
    return sum(found, np.zeros(1)) / len(found) if found else None


def note_on(who: Collection[tuple[str, str]]) -> str:
    """Return the sentence that says what annotators, as kind and model, are, so that nobody takes models for people."""
    kinds = {kind for kind, _ in who}
    if kinds == {"human"}:
        return _PEOPLE
    if kinds == {"model"}:
        return _MODEL if len(set(who)) == 1 else _MODELS
    return _MIXED


def _ballots(votes: pa.Table, task: Task, reference: Reference) -> dict[str, NDArray[np.int64]]:
    """Return every annotator's codes in the order of the reference; -1 where there is no vote."""
    row = {identifier: i for i, identifier in enumerate(reference.bullet_ids)}
    columns = [votes[name].to_pylist() for name in ("bullet_id", "annotator", task.name)]
    ballots = {name: np.full(len(reference), -1, dtype=np.int64) for name in sorted(set(columns[1]))}
    for identifier, annotator, code in zip(*columns, strict=True):
        ballots[annotator][row[identifier]] = code
    return ballots


def _majority(ballots: Iterable[NDArray[np.int64]], labels: int) -> NDArray[np.int64]:
    """Return the code with the most votes on every bullet, -1 where there is none or more than one."""
    counts = sum((ballot[:, None] == np.arange(labels) for ballot in ballots), np.zeros((1, labels)))
    top = counts.max(axis=1, keepdims=True)
    alone = ((counts == top).sum(axis=1) == 1) & (top[:, 0] > 0)
    return np.where(alone, counts.argmax(axis=1), -1)
